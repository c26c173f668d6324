/* A document as a small tree that every writer prints: head of the letter, then blocks in order.
 * Texts are as people wrote them: each writer cleans and escapes them at the last moment. Pure; on
 * the arena. */
#ifndef TD_REPORT_DOCUMENT_H
#define TD_REPORT_DOCUMENT_H

#include "report/chart.h"
#include "report/letterhead.h"

enum cell_kind { CELL_TEXT, CELL_NUMBER, CELL_NONE /* does not apply */ };

struct cell {
	enum cell_kind kind;
	const char *text;
	int64_t number;
};

struct column {
	const char *title;
	int width; /* on paper, relative to the other columns */
	enum { COLUMN_LEFT, COLUMN_CENTER, COLUMN_RIGHT } align;
	bool data; /* only where a program reads it: csv, xlsx */
};

struct grid {
	const char *title; /* above it; also the name of its sheet */
	const struct column *columns;
	size_t columns_n;
	struct cell *cells; /* row by row */
	size_t rows;
	size_t totals; /* the last rows are sums */
	size_t cells_max;
};

struct fact {
	const char *label, *text;
};

struct facts {
	VEC(struct fact) rows;
};

enum block_kind {
	BLOCK_HEADING,
	BLOCK_PARAGRAPH,
	BLOCK_ITEM,  /* a numbered sentence */
	BLOCK_NOTE,  /* small print */
	BLOCK_FACTS, /* label and value */
	BLOCK_GRID,
	BLOCK_CHART,
	BLOCK_SIGNATURES, /* recipients and signatures of the head */
	BLOCK_APPENDIX,	  /* a new page with a title; wide = landscape */
};

struct block {
	enum block_kind kind;
	const char *text;
	int number;
	bool wide;
	const struct facts *facts;
	const struct grid *grid;
	const struct chart *chart;
};

struct document_signature {
	const char *authority, *role, *note, *name;
};

struct document {
	struct arena *arena;
	const char *lang;
	const char *state, *motto, *above, *issuer, *number, *dated; /* head */
	const char *attached; /* under the title of an annex: of which document */
	const char *title, *subject;				     /* "BIÊN BẢN", what of */
	const char *to_label, *copies_label;
	VEC(const char *) to;
	VEC(const char *) copies;
	VEC(struct document_signature) signatures;
	const char *origin; /* at the foot of each page: run, revision, seal */
	int64_t made;	    /* of the file: the run's end, so that the same bytes come again */
	VEC(struct block) blocks;
};

/* What the builders build with. document_blank: of no single run, its day left blank as the number
 * is; origin stands at the foot. */
struct document *document_blank(int64_t made, const char *origin, const struct letterhead *l,
	const char *kind, const char *lang, struct arena *a);
struct document *document_new(const struct report *r, const struct letterhead *l, const char *kind,
	const char *lang, struct arena *a);
void document_heading(struct document *d, const char *text);
void document_paragraph(struct document *d, const char *text);
void document_item(struct document *d, int number, const char *text);
void document_note(struct document *d, const char *text);
void document_signatures(struct document *d);
void document_appendix(struct document *d, bool wide, const char *title);
void document_chart(struct document *d, const struct chart *c); /* NULL: nothing */
struct facts *document_facts(struct document *d);
/* Left out where the value is empty. */
void facts_add(struct document *d, struct facts *f, const char *label, const char *text);
/* columns outlive the document; rows = how many at most. */
struct grid *document_grid(struct document *d, const char *title, const struct column *columns,
	size_t columns_n, size_t rows);
/* The next row, of columns_n empty cells. */
struct cell *grid_row(struct grid *g);
/* "-" becomes CELL_NONE. */
struct cell cell_text(const char *text);
struct cell cell_number(int64_t n);
struct cell cell_figure(struct figure f); /* unknown: "?" */

/* As every writer prints a text: control characters and invalid bytes shown, NFC. The result is
 * valid until the next call with the same buffer. */
const char *document_clean(struct buf *b, const char *text);

#endif
