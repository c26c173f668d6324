/* Tables in columns for a terminal or a printed page. Cells are text from anywhere: shown through
 * vis_terminal(), measured in columns, cut with an ellipsis. Colours are only written when asked
 * for. */
#ifndef TD_TABLE_H
#define TD_TABLE_H

#include "base/arena.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum colour {
	COLOUR_NONE,
	COLOUR_GREEN,
	COLOUR_RED,
	COLOUR_YELLOW,
	COLOUR_BLUE,
	COLOUR_DIM,
	COLOUR_BOLD,
	COLOUR_REVERSE
};

/* Switches a colour on; colour_end() off. Nothing if !on or COLOUR_NONE. */
void colour_begin(struct buf *out, bool on, enum colour c);
void colour_end(struct buf *out, bool on, enum colour c);

enum align { ALIGN_LEFT, ALIGN_RIGHT, ALIGN_CENTRE };

/* Text in exactly `width` columns: cut with an ellipsis or filled with blanks. Returns the columns
 * the text itself took. pad false: not filled at its right. */
size_t table_cell(struct buf *out, const char *text, size_t width, enum align align, bool pad);

struct table_column {
	const char *title; /* already translated; "" in all columns: no head */
	enum align align;
	size_t min, max; /* columns; max 0 = as wide as its widest cell */
	bool shrink;	 /* gives way when the table is wider than asked */
	bool wrap;	 /* breaks at blanks into further lines instead of being cut */
};

struct table;

/* Columns and cells are copied on the arena; the titles are borrowed. */
struct table *table_new(struct arena *a, const struct table_column *columns, size_t n);
/* A new row; cells n as in table_new, NULL = "". colours may be NULL, else one per cell. */
void table_row(struct table *t, const char *const *cells, const enum colour *colours);
/* A line drawn through all columns. */
void table_rule(struct table *t);
size_t table_rows(const struct table *t);
/* width 0 = unlimited; indent in blanks. Every line ends with a newline and has no blanks at its
 * end. */
void table_write(const struct table *t, size_t width, size_t indent, bool colour, struct buf *out);
/* Text broken at blanks into lines of at most `width` columns; the first line begins where the
 * writer stands (`at` columns already used), the following ones after `indent` blanks. Ends with a
 * newline. */
void table_paragraph(struct buf *out, const char *text, size_t width, size_t at, size_t indent);

#endif
