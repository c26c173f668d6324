/* iCalendar in, instances out: the only files that know libical are calendar*.c. Parsing runs in a
 * limited child of our own binary (hidden verb), because calendars come from anywhere. */
#ifndef TD_CALENDAR_H
#define TD_CALENDAR_H

#include "base/arena.h"
#include "base/err.h"
#include "base/faults.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct occurrence {	      /* one instance of one event */
	const char *calendar; /* id of the <calendar> it came from */
	const char *file;
	int line; /* of its BEGIN:VEVENT, 0 unknown */
	const char *uid;
	int64_t recurrence_id; /* instant; INT64_MIN = "-" (not recurring) */
	int64_t start, end;
	bool all_day, cancelled;
	const char *summary, *description, *location, *status; /* "" when absent */
	const char *const *categories;			       /* NULL-terminated */
	const char *const *attendees; /* ROOM/RESOURCE attendees (CN or address) and RESOURCES,
					 NULL-terminated */
	const char *related_to;	      /* "" */
	int64_t known_since; /* CREATED or DTSTAMP: when the event entered the calendar; 0 unknown
			      */
	bool rehearsal; /* by title or category: tổng duyệt, chạy thử, kết nối thử, rehearsal */
};
#define OCCURRENCE_NO_RECURRENCE INT64_MIN

struct occurrences {
	struct occurrence *at;
	size_t n, cap;
};

struct calendar_source {
	const char *id;
	const char *const *files; /* NULL-terminated paths of .ics files (several files and copies
				     of one UID are merged) */
};

/* Expands everything that touches [from, to). Broken events are faults (file:line) and the rest is
 * kept. Sorted by start, uid, recurrence_id. ERR_SYSTEM: the child could not be started. A child
 * that dies or runs out of its limits is a fault naming the file. all: cancelled instances too. */
enum err calendar_read(const struct calendar_source *sources, size_t n, int64_t from, int64_t to,
	const char *zone, bool all, struct arena *a, struct faults *faults,
	struct occurrences *out);
/* The program that is started as the child, "/proc/self/exe" by default: tests point it at
 * themselves. Borrowed; call before threads. */
void calendar_set_program(const char *path);
/* What the file says about itself: NAME or X-WR-CALNAME ("" if none) and REFRESH-INTERVAL in ms (0
 * if none). Looks at the calendar's own lines only and never parses events. */
void calendar_about(
	const char *bytes, size_t n, struct arena *a, const char **name, int64_t *refresh_ms);
/* The child's body: reads paths from argv, writes JSON lines to stdout. Called by main with its own
 * arguments for the hidden verb `calendar-child FROM TO ZONE ALL FILE...` (UTC ms, IANA name, 0 or
 * 1). */
int calendar_child(int argc, char **argv);

#endif
