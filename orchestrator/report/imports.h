/* Results of other offices inside a report of ours: beside our own figures, and added up. Pure. */
#ifndef TD_REPORT_IMPORTS_H
#define TD_REPORT_IMPORTS_H

#include "imported.h"
#include "report/document.h"

struct import_sum {
	const struct imported *from;
	int expected, by[HEADLINE_N]; /* without the sites that are expected in our run as well */
	const char **also_ours;       /* names of those */
	size_t also_n;
};

/* One per imported result, as many as the run has. A site of the same name and tier as one of ours
 * is counted once, with ours. On the arena. */
struct import_sum *imports_sums(const struct report *r, struct arena *a);
/* The table that adds up, and the sites to be named; nothing where nothing was imported. */
void imports_write(struct document *d, const struct report *r);

#endif
