/* How long a site was there: union of its stretches of presence within the window in which it was
 * expected. Pure. */
#ifndef TD_REPORT_PRESENCE_H
#define TD_REPORT_PRESENCE_H

#include "report/model.h"

struct presence_window { /* when sites are expected; from 0: the run never began */
	int64_t from, to;
};

struct presence {
	bool known;		   /* false: no attempt that could have told */
	int64_t least_s, most_s;   /* equal: to the second */
	int least_permille, most_permille; /* of the window; -1: the window is empty */
};

/* From the planned instant until the all-clear (its latest instant where it was never given) of a
 * rehearsal, until the close of a session. */
struct presence_window presence_window(const struct report *r);
/* A stretch that is still open counts until the last thing the run heard of. */
void presence_of(const struct report *r, const struct report_site *s, struct presence *out);
/* Where a stretch ends for this report. */
int64_t presence_end(const struct report *r, const struct interval *i);

#endif
