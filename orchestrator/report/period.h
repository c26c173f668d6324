/* The summary of a period: sums by level, district and provider, every site once with its class,
 * and how fast faults were taken. Pure: from records and figures to a document. */
#ifndef TD_REPORT_PERIOD_H
#define TD_REPORT_PERIOD_H

#include "incident.h"
#include "record.h"
#include "report/document.h"

struct period_end { /* a site of the summary that ended, as the directory has it */
	const char *site, *name;
	int64_t last_day;      /* an instant of it */
	const char *successor; /* name; "" closed */
};

struct period {
	int64_t from, to;  /* [from, to) */
	const char *scope; /* "Huyện Văn Quan", "" = everything */
	const struct records *records;
	const struct incident_figures *figures;
	size_t figures_n;
	const struct period_end *ends;
	size_t ends_n;
};

struct document *period_build(
	const struct period *p, const struct letterhead *l, const char *lang, struct arena *a);
/* The record of the sites alone, with the rule. */
struct document *period_sites(const struct period *p, const char *lang, struct arena *a);
void period_json(const struct period *p, struct buf *out);
/* For a terminal of so many columns; width 0: as wide as its tables are. */
void plain_write(const struct document *d, size_t width, struct buf *out);

/* "loss jitter" as words of a language, "" none. */
const char *period_trend(const char *lang, unsigned trend, struct arena *a);

#endif
