/* Where calendars come from: files, watched folders, HTTP(S), CalDAV. A source behind an address is
 * asked once per call; what was read last stays on disk, whole, and is used when the server is
 * away. Asks no clock: now is given. */
#ifndef TD_FEED_H
#define TD_FEED_H

#include "base/arena.h"
#include "base/err.h"
#include "base/task.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct feed_source {
	const char *id;	 /* of the <calendar> */
	const char *url; /* http(s), webcal(s), caldav(s); a CalDAV server behind http(s) is
			    recognised */
	const char *user, *password; /* NULL = none */
	const char *pin, *ca_file;   /* as in wire/http.h, NULL = none */
	int64_t every_ms; /* between questions; 0 = what the calendar suggests (REFRESH-INTERVAL) */
};

struct feed_state {
	const char *const *files; /* NULL-terminated: the last good copy, for calendar_read(); none:
				     empty list */
	const char *name;	  /* of the calendar, "" */
	int64_t fetched_at; /* when the copy was last known to be what the server holds; 0 = never
			     */
	int64_t next_at;    /* when to ask again; INT64_MAX: not before a person acts */
	bool changed;	    /* the copy is another one than before the call */
	enum err code;	    /* of the last question */
	const char *why;    /* "" or one sentence, with the age of the copy that is used */
};

/* What is on disk, without asking anybody. dir: of the copies, made if missing. */
void feed_last(const struct feed_source *s, const char *dir, int64_t now, struct arena *a,
	struct feed_state *out);
/* Asks the server once, within the task's deadline; the answer lives on the task's arena. Returns
 * out->code. A refused login is remembered: the server is not asked again with the same name and
 * password. A file that is not a whole calendar never replaces the last good copy. */
enum err feed_refresh(struct task *t, const struct feed_source *s, const char *dir, int64_t now,
	struct feed_state *out);
/* Forgets a refused login: a person has acted. */
void feed_forgive(const struct feed_source *s, const char *dir);
/* The copy and what is known about it go. */
void feed_remove(const struct feed_source *s, const char *dir);

/* The .ics files of a folder, sorted; hidden and half-written ones (.part, .tmp, ~) left out. NULL:
 * not readable, errno. */
const char *const *feed_folder(const char *folder, struct arena *a);
/* A descriptor that becomes readable when a calendar of that folder changes; -1 with a sentence.
 * Caller closes it. */
int feed_watch(const char *folder, struct err_text *e);
/* Reads what happened; true: some calendar was written, moved or removed, or the folder itself is
 * gone. */
bool feed_watch_changed(int fd);

#endif
