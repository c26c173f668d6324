/* What the files of the calendar share among themselves: from bytes to blocks (scan), blocks to
 * events (parse), events to instances (expand). All of it runs in the child only: it changes TZ and
 * is single-threaded. */
#ifndef TD_CALENDAR_INTERNAL_H
#define TD_CALENDAR_INTERNAL_H

#include "base/arena.h"
#include "base/faults.h"
#include "base/vec.h"
#include "schedules/rule.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CAL_FILE_MAX = 10 * 1024 * 1024,
	CAL_LINE_MAX = 64 * 1024,   /* unfolded */
	CAL_FAULTS_MAX = 500,	    /* per file */
	CAL_PER_EVENT_MAX = 100000, /* instances within the window */
	CAL_PER_EVENT_SMALL = 2000,
	CAL_TOTAL_MAX = 2000000,
	CAL_STEPS = 40000000, /* of all rules together */
};

struct cal_line { /* one unfolded content line */
	int line;
	const char *text;
	size_t n;
};

struct cal_block { /* BEGIN:VEVENT or BEGIN:VTIMEZONE to its END */
	int line;
	bool zone;
	struct cal_line *at;
	size_t n, cap;
};

struct cal_scan {
	struct cal_block *at;
	size_t n, cap;
	bool cancel;	     /* METHOD:CANCEL */
	const char *name;    /* NAME or X-WR-CALNAME, "" */
	const char *refresh; /* REFRESH-INTERVAL or X-PUBLISHED-TTL, "" */
};

/* Bytes to blocks; what is wrong is named with its line, what is sound is kept. */
void cal_scan(const char *bytes, size_t n, const char *file, struct arena *a, struct faults *faults,
	struct cal_scan *out);
/* The name of a line: the text before ';' or ':'. */
bool cal_line_is(const struct cal_line *l, const char *name);
/* Behind the first ':' outside quotes, or "". */
const char *cal_line_value(const struct cal_line *l);

struct cal_change {
	int64_t at; /* UTC seconds */
	int offset; /* from then on */
};

struct cal_zone {
	const char *name; /* IANA name of a system zone; NULL = table */
	bool utc;
	struct cal_change *at;
	size_t n, cap;
	int before; /* offset ahead of the first change */
	const char *tzid;
	const char *file;
	const char *wrong; /* not NULL: cannot be used, and why */
};

/* System zone of that name or NULL; never a path outside the zone directory. */
const struct cal_zone *cal_zone_system(const char *name, struct arena *a);
int cal_zone_offset(const struct cal_zone *z, int64_t utc);
/* Civil seconds to UTC seconds: an hour that comes twice is the first, one that does not exist is
 * read with the offset before the gap (RFC 5545 3.3.5). */
int64_t cal_zone_utc(const struct cal_zone *z, int64_t civil);

enum cal_kind { CAL_DATE, CAL_FLOATING, CAL_UTC, CAL_ZONED };
struct cal_time {
	enum cal_kind kind;
	int64_t civil;		     /* as written */
	const struct cal_zone *zone; /* CAL_ZONED */
};

struct cal_rdate {
	struct cal_time at;
	bool period;
	int64_t length; /* ms, with period */
};

struct cal_event {
	const char *file;
	int line;
	const char *uid;
	struct cal_time start;
	bool has_recid, future; /* future: RANGE=THISANDFUTURE */
	struct cal_time recid;
	bool nominal; /* DURATION: days by the calendar, then seconds; else exact seconds */
	int64_t days, seconds;
	VEC(struct rule) rules;
	VEC(struct cal_rdate) rdates;
	VEC(struct cal_time) exdates;
	int64_t sequence, stamp, modified, created; /* UTC ms, 0 = not given */
	bool cancelled, rehearsal;
	const char *summary, *description, *location, *status, *related_to;
	const char *const *categories, *const *attendees;
	size_t order; /* position among all events read */
	bool refused;
	int shown; /* number of its record in the output, 0 = not yet */
};

struct cal {
	struct arena *arena;
	struct faults *faults;
	const struct cal_zone *local; /* the workspace's zone */
	struct cal_event **at;
	size_t n, cap;
	VEC(const struct cal_zone *) zones;
	int64_t budget; /* steps left for all rules together */
	int64_t instances; /* so far */
};

/* One file's blocks to events. */
void cal_parse(struct cal *c, const struct cal_scan *scan, const char *file);
int64_t cal_instant(const struct cal *c, struct cal_time t); /* UTC ms; CAL_DATE: local midnight */

struct cal_instance {
	struct cal_event *event;
	int64_t start, end, recid; /* UTC ms; recid OCCURRENCE_NO_RECURRENCE */
	bool cancelled;
};
typedef void (*cal_emit_fn)(void *arg, const struct cal_instance *i);
/* Everything that touches [from, to); in no promised order. */
void cal_expand(struct cal *c, int64_t from, int64_t to, cal_emit_fn emit, void *arg);

/* libical's dates and rules to ours; civil seconds. */
struct icalrecurrencetype;
struct icaltimetype;
bool cal_real_date(struct icaltimetype t);
int64_t cal_civil(struct icaltimetype t);
bool cal_rule(const struct icalrecurrencetype *from, struct rule *out, const char **why);
/* A VTIMEZONE block to a table of changes. */
const struct cal_zone *cal_zone_parse(struct cal *c, const struct cal_block *b, const char *file);
/* The zone of a TZID in that file: system, Windows alias, VTIMEZONE; NULL = unknown. */
const struct cal_zone *cal_zone_find(struct cal *c, const char *tzid, const char *file);

#endif
