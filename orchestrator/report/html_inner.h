/* What html.c and html_chart.c share: elements and text, escaped. Private to them. */
#ifndef TD_REPORT_HTML_INNER_H
#define TD_REPORT_HTML_INNER_H

#include "report/documents.h"

struct html {
	struct buf *out;
	struct buf clean;
	bool in_section;
	int pictures; /* charts so far */
};

/* The only way a text gets out. */
void html_text(struct html *h, const char *text);
void html_chart(struct html *h, const struct chart *c, const char *lang);

#endif
