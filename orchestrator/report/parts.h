/* What several documents have in common. Pure. */
#ifndef TD_REPORT_PARTS_H
#define TD_REPORT_PARTS_H

#include "report/document.h"

/* Of the run: when, how long, by which playbook. */
struct facts *parts_facts(struct document *d, const struct report *r);
/* How many of how many are good. */
void parts_summary(struct document *d, const struct report *r);
/* The sentences of the letter, numbered: the sites' own. */
void parts_sentences(struct document *d, const struct report *r);
/* What was not done or measured at our end, and the notes. */
void parts_not_done(struct document *d, const struct report *r);
/* All sites as a grid; marked[i]: site i carries a *; NULL = none. */
void parts_sites(struct document *d, const struct report *r, const char *title, const bool *marked);
/* Who was there and not invited; nothing where there was nobody. */
void parts_extras(struct document *d, const struct report *r);
/* The chart on pages of its own. */
void parts_chart(struct document *d, const struct report *r, const char *title);
/* The run's own summary, or its title. */
const char *parts_event(const struct report *r);
/* A translated text on the document's arena. */
const char *parts_say(struct document *d, const char *msgid, ...)
	__attribute__((format(printf, 2, 3)));
/* The columns with their titles translated, but not those of data. */
const struct column *parts_columns(struct document *d, const struct column *columns, size_t n);
/* "from 01/07/2026 to 30/09/2026", or the one day; to is the first instant after it. */
const char *parts_period(struct document *d, int64_t from, int64_t to);
const char *parts_tier(const char *lang, const char *tier);
/* "98,3 %", "97,1–98,3 %", "?" */
const char *parts_share(struct document *d, int least_permille, int most_permille);
/* "30:00", "19:56–20:26" */
const char *parts_span(struct document *d, int64_t least_s, int64_t most_s);
/* "41, 77" */
const char *parts_rows(struct document *d, const int64_t *seq, int n);
/* The instant alone: "07:18:05", "07:20:00–07:20:30". */
const char *parts_time(struct document *d, struct report_time t, int64_t day);

/* What people corrected, with the old value, by whom and why; nothing where nobody did. only: one
 * site, NULL all. */
void parts_corrections(struct document *d, const struct report *r, const struct report_site *only);
/* "This is revision 2; it replaces revision 1." */
void parts_revision(struct document *d, const struct report *r);

#endif
