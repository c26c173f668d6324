/* A document's tables as CSV for spreadsheets and programs: UTF-8 with BOM, comma, CRLF (RFC 4180).
 *
 * Called through documents_write(). Owns nothing. It must never let a cell become a formula: a text
 * that begins with = + - @ tab or CR gets an apostrophe in front. */
#include "report/documents.h"

#include "base/str.h"

#include <string.h>

static void
put_text(struct buf *out, struct buf *clean, const char *text)
{
	bool guard = *text && strchr("=+-@\t\r", *text);
	const char *shown = document_clean(clean, text);
	guard = guard || (*shown && strchr("=+-@", *shown));
	bool quote = strpbrk(shown, ",;\"'\n\r\t") || *shown == ' ';
	if (quote)
		buf_putc(out, '"');
	if (guard)
		buf_putc(out, '\'');
	for (const char *p = shown; *p; p++) {
		if (*p == '"')
			buf_putc(out, '"');
		buf_putc(out, *p);
	}
	if (quote)
		buf_putc(out, '"');
}

static void
put_cell(struct buf *out, struct buf *clean, const struct cell *c)
{
	switch (c->kind) {
	case CELL_NUMBER: buf_printf(out, "%lld", (long long)c->number); break;
	case CELL_TEXT: put_text(out, clean, c->text); break;
	case CELL_NONE: break;
	}
}

static void
put_grid(struct buf *out, struct buf *clean, const struct grid *g)
{
	for (size_t k = 0; k < g->columns_n; k++) {
		buf_puts(out, k ? "," : "");
		put_text(out, clean, g->columns[k].title);
	}
	buf_puts(out, "\r\n");
	for (size_t i = 0; i < g->rows; i++) {
		for (size_t k = 0; k < g->columns_n; k++) {
			buf_puts(out, k ? "," : "");
			put_cell(out, clean, &g->cells[i * g->columns_n + k]);
		}
		buf_puts(out, "\r\n");
	}
}

enum err
csv_write(const struct document *d, struct buf *out, struct err_text *e)
{
	struct buf clean = { 0 };
	size_t grids = 0, written = 0;
	for (size_t i = 0; i < d->blocks.n; i++)
		grids += d->blocks.at[i].kind == BLOCK_GRID;
	buf_puts(out, "\xef\xbb\xbf");
	for (size_t i = 0; i < d->blocks.n; i++) {
		const struct grid *g = d->blocks.at[i].grid;
		if (d->blocks.at[i].kind != BLOCK_GRID)
			continue;
		if (written++)
			buf_puts(out, "\r\n");
		if (grids > 1) { /* one table alone needs no title: programs read it as it is */
			put_text(out, &clean, g->title);
			buf_puts(out, "\r\n");
		}
		put_grid(out, &clean, g);
	}
	buf_free(&clean);
	return OK;
}
