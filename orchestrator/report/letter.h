/* The sentences of a report in the manner of an official letter: what is pasted into the letter to
 * the sites. Pure. */
#ifndef TD_REPORT_LETTER_H
#define TD_REPORT_LETTER_H

#include "report/model.h"

struct letter_sentence {
	const char *text; /* whole, names as they were written: to be escaped by the writer */
	bool ours;	  /* our own failure: accuses no site */
};

struct letter {
	const char *summary; /* how many of how many are good */
	struct letter_sentence *at;
	size_t n, cap;
};

void letter_write(const struct report *r, const char *lang, struct arena *a, struct letter *out);
/* Every call of the run was by message only: said once, not beside each site. */
bool letter_all_without_sound(const struct report *r);
/* What is to be said of one site beside its headline: reason, times, figures, flags. */
const char *letter_remark(
	const struct report *r, const struct report_site *s, const char *lang, struct arena *a);

#endif
