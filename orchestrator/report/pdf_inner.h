/* What pdf.c, pdf_table.c and pdf_chart.c share: a page that is being filled. Private to them;
 * these are the only files that know Pango and cairo. Lengths in points. */
#ifndef TD_REPORT_PDF_INNER_H
#define TD_REPORT_PDF_INNER_H

#include "report/documents.h"

#include <pango/pangocairo.h>

enum pdf_style { PDF_PLAIN = 0, PDF_BOLD = 1, PDF_ITALIC = 2 };

struct pdf {
	const struct document *d;
	cairo_surface_t *surface;
	cairo_t *cr;
	PangoFontMap *map;
	PangoContext *context;
	const char *family;
	double width, height, left, right, top, bottom; /* page, margins */
	double y;
	double keep; /* room that what follows needs on the same page: below the last row of a table
		      */
	int page;
	struct buf clean;
};

/* Between the margins. */
double pdf_width(const struct pdf *p);
/* Room left on this page. */
double pdf_room(const struct pdf *p);
/* Ends the page and begins the next. */
void pdf_page(struct pdf *p);
/* The caller unrefs. width 0: one line as long as it is. */
PangoLayout *pdf_layout(struct pdf *p, double size, unsigned style, double width);
/* Bold besides its own weight; a broken word gets no hyphen. */
void pdf_weight(PangoLayout *l, bool bold);
/* Cleaned as in every writer. */
void pdf_text(struct pdf *p, PangoLayout *l, const char *text);
double pdf_height(PangoLayout *l);
/* Draws at x, y; the place stays. */
void pdf_draw(struct pdf *p, PangoLayout *l, double x, double y);

/* How much room its head and its first row take, at most half a page: a title stays with that
 * much. */
double pdf_grid_least(struct pdf *p, const struct grid *g, double size);
void pdf_grid(struct pdf *p, const struct grid *g, double size);
void pdf_facts(struct pdf *p, const struct facts *f, double size);
void pdf_chart(struct pdf *p, const struct chart *c);

#endif
