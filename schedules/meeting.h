/* A new meeting as an .ics file: for people whose plan arrives as a letter. Pure. */
#ifndef TD_MEETING_H
#define TD_MEETING_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct meeting_new {	 /* texts may be NULL */
	const char *uid; /* NULL: made from the rest */
	const char *summary, *location, *notes;
	int64_t start, end;
	const char *zone;  /* the workspace's, for a series: its hours follow that clock */
	const char *rule;  /* "FREQ=WEEKLY;BYDAY=MO" */
	const char *sites; /* as after "Điểm cầu:" */
	const char *playbook, *chair;
	int people;		/* 0 = not said */
	const char *related_to; /* the session's UID, for a rehearsal */
	bool rehearsal;
};

/* ERR_INPUT: no title, an end before the start, a line break where none may be. What the file means
 * is best shown by reading it back with calendar_read() before it is kept. */
enum err meeting_ics(const struct meeting_new *m, int64_t now, struct buf *out, struct err_text *e);

#endif
