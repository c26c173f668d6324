/* A document for the terminal: headings, sentences, tables in columns. What only programs read,
 * recipients and signatures are left out.
 *
 * Called by `report --from --to`, `report --document --format text` and `sites --record`. Owns
 * nothing. It must never let a text steer the terminal. */
#include "report/period.h"

#include "base/str.h"
#include "base/utf8.h"
#include "table.h"

#include <string.h>

enum { WIDE = 40 };

static const char *
shown(const struct cell *c, struct buf *clean, struct arena *a)
{
	if (c->kind == CELL_NUMBER)
		return arena_printf(a, "%lld", (long long)c->number);
	const char *text = c->kind == CELL_NONE ? "-" : document_clean(clean, c->text);
	return arena_strdup(a, text);
}

static void
pad(struct buf *out, const char *text, size_t width)
{
	buf_puts(out, text);
	for (size_t i = utf8_width(text); i < width; i++)
		buf_putc(out, ' ');
	buf_puts(out, "  ");
}

/* The longest word: what a column cannot do without. */
static size_t
word_width(struct arena *a, const char *text)
{
	size_t most = 0;
	for (const char *p = text; *p;) {
		size_t n = strcspn(p, " "), w = utf8_width(arena_strndup(a, p, n));
		most = w > most ? w : most;
		p += n + (p[n] == ' ');
	}
	return most;
}

/* As wide as its cells and titles are. */
static size_t
natural_width(const struct grid *g, struct arena *a)
{
	struct buf clean = { 0 };
	size_t sum = 0;
	for (size_t k = 0; k < g->columns_n; k++) {
		size_t most = utf8_width(g->columns[k].title);
		for (size_t i = 0; !g->columns[k].data && i < g->rows; i++) {
			size_t w = utf8_width(shown(&g->cells[i * g->columns_n + k], &clean, a));
			most = w > most ? w : most;
		}
		sum += g->columns[k].data ? 0 : 2 + (most > WIDE ? WIDE : most);
	}
	buf_free(&clean);
	return sum;
}

static bool
is_number_column(const struct grid *g, size_t k)
{
	return k == 0 && g->rows && g->cells[0].kind == CELL_NUMBER;
}

/* A table that the terminal is far too narrow for: a paragraph for each row, without its noughts
 * and empty cells. */
static void
put_rows(struct buf *out, const struct grid *g, size_t width, struct arena *a)
{
	struct buf clean = { 0 };
	for (size_t i = 0; i < g->rows; i++) {
		struct buf line = { 0 };
		const char *sep = "";
		for (size_t k = 0; k < g->columns_n; k++) {
			const struct cell *c = &g->cells[i * g->columns_n + k];
			if (g->columns[k].data || c->kind == CELL_NONE ||
				(k && c->kind == CELL_NUMBER && !c->number))
				continue;
			const char *text = shown(c, &clean, a);
			if (is_number_column(g, k))
				buf_printf(&line, "%s. ", text);
			else if (k == 0 || (k == 1 && is_number_column(g, 0)))
				buf_printf(&line, "%s: ", text);
			else
				buf_printf(&line, "%s%s %s", sep, g->columns[k].title, text);
			sep = k > 1 || (k == 1 && !is_number_column(g, 0)) ? "; " : sep;
		}
		table_paragraph(out, buf_str(&line), width, 0, 4);
		buf_free(&line);
	}
	buf_free(&clean);
}

/* Columns give way to the terminal down to their longest word, and break between words; figures
 * stay whole. */
static void
put_grid(struct buf *out, const struct grid *g, size_t width)
{
	struct arena *a = arena_new();
	struct buf clean = { 0 };
	struct table_column *columns = arena_alloc(a, (g->columns_n + 1) * sizeof *columns);
	const char **cells = arena_alloc(a, (g->columns_n + 1) * sizeof *cells);
	size_t n = 0;
	buf_printf(out, "\n%s\n", g->title);
	if (width && natural_width(g, a) > width + width / 3) {
		put_rows(out, g, width, a);
		arena_free(a);
		return;
	}
	for (size_t k = 0; k < g->columns_n; k++) {
		if (g->columns[k].data)
			continue;
		struct table_column *c = &columns[n++];
		*c = (struct table_column){ .title = g->columns[k].title,
			.align = g->columns[k].align == COLUMN_RIGHT ? ALIGN_RIGHT : ALIGN_LEFT,
			.min = word_width(a, g->columns[k].title),
			.max = WIDE,
			.shrink = true,
			.wrap = true };
		for (size_t i = 0; i < g->rows; i++) {
			const struct cell *one = &g->cells[i * g->columns_n + k];
			size_t w = word_width(a, shown(one, &clean, a));
			c->min = w > c->min ? w : c->min;
		}
		c->min = c->min > WIDE ? WIDE : c->min;
	}
	struct table *t = table_new(a, columns, n);
	for (size_t i = 0; i < g->rows; i++) {
		n = 0;
		if (g->totals && i + g->totals == g->rows)
			table_rule(t);
		for (size_t k = 0; k < g->columns_n; k++)
			if (!g->columns[k].data)
				cells[n++] = shown(&g->cells[i * g->columns_n + k], &clean, a);
		table_row(t, cells, NULL);
	}
	table_write(t, width, 0, false, out);
	buf_free(&clean);
	arena_free(a);
}

static void
put_facts(struct buf *out, const struct facts *f)
{
	struct buf clean = { 0 };
	size_t widest = 0;
	for (size_t i = 0; i < f->rows.n; i++) {
		size_t n = utf8_width(f->rows.at[i].label);
		widest = n > widest ? n : widest;
	}
	widest = widest > WIDE ? WIDE : widest;
	for (size_t i = 0; i < f->rows.n; i++) {
		pad(out, document_clean(&clean, f->rows.at[i].label), widest);
		buf_printf(out, "%s\n", document_clean(&clean, f->rows.at[i].text));
	}
	buf_free(&clean);
}

static void
put_text(struct buf *out, const char *text, size_t width, size_t at)
{
	table_paragraph(out, text, width ? width : SIZE_MAX / 2, at, at);
}

void
plain_write(const struct document *d, size_t width, struct buf *out)
{
	struct buf clean = { 0 };
	buf_printf(out, "%s\n", document_clean(&clean, d->title));
	buf_printf(out, "%s\n", document_clean(&clean, d->subject));
	for (size_t i = 0; i < d->blocks.n; i++) {
		const struct block *b = &d->blocks.at[i];
		switch (b->kind) {
		case BLOCK_HEADING:
		case BLOCK_APPENDIX:
			buf_printf(out, "\n%s\n", document_clean(&clean, b->text));
			break;
		case BLOCK_PARAGRAPH:
		case BLOCK_NOTE: put_text(out, document_clean(&clean, b->text), width, 0); break;
		case BLOCK_ITEM:
			buf_printf(out, "%2d. ", b->number);
			put_text(out, document_clean(&clean, b->text), width, 4);
			break;
		case BLOCK_GRID: put_grid(out, b->grid, width); break;
		case BLOCK_FACTS: put_facts(out, b->facts); break;
		case BLOCK_CHART: case BLOCK_SIGNATURES: break;
		}
	}
	buf_free(&clean);
}
