/* A document for the terminal: headings, sentences, tables in columns. What only programs read,
 * recipients and signatures are left out.
 *
 * Called by `report --from --to`, `report --document --format text` and `sites --record`. Owns
 * nothing. It must never let a text steer the terminal. */
#include "report/period.h"

#include "base/str.h"
#include "base/utf8.h"

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
pad(struct buf *out, const char *text, size_t width, bool right)
{
	size_t n = utf8_width(text);
	for (size_t i = n; right && i < width; i++)
		buf_putc(out, ' ');
	buf_puts(out, text);
	for (size_t i = n; !right && i < width; i++)
		buf_putc(out, ' ');
	buf_puts(out, "  ");
}

static void
put_grid(struct buf *out, const struct grid *g)
{
	struct arena *a = arena_new();
	struct buf clean = { 0 };
	size_t *width = arena_alloc(a, (g->columns_n + 1) * sizeof *width);
	const char **cells = arena_alloc(a, (g->rows * g->columns_n + 1) * sizeof *cells);
	for (size_t k = 0; k < g->columns_n; k++) {
		width[k] = utf8_width(g->columns[k].title);
		for (size_t i = 0; i < g->rows; i++) {
			const char *text = cells[i * g->columns_n + k] =
				shown(&g->cells[i * g->columns_n + k], &clean, a);
			size_t n = utf8_width(text);
			width[k] = n > width[k] ? n : width[k];
		}
		width[k] = width[k] > WIDE ? WIDE : width[k];
	}
	buf_printf(out, "\n%s\n", g->title);
	for (size_t k = 0; k < g->columns_n; k++)
		if (!g->columns[k].data)
			pad(out, g->columns[k].title, width[k],
				g->columns[k].align == COLUMN_RIGHT);
	buf_putc(out, '\n');
	for (size_t i = 0; i < g->rows; i++) {
		for (size_t k = 0; k < g->columns_n; k++)
			if (!g->columns[k].data)
				pad(out, cells[i * g->columns_n + k], width[k],
					g->columns[k].align == COLUMN_RIGHT);
		buf_putc(out, '\n');
	}
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
		pad(out, document_clean(&clean, f->rows.at[i].label), widest, false);
		buf_printf(out, "%s\n", document_clean(&clean, f->rows.at[i].text));
	}
	buf_free(&clean);
}

void
plain_write(const struct document *d, struct buf *out)
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
		case BLOCK_NOTE: buf_printf(out, "%s\n", document_clean(&clean, b->text)); break;
		case BLOCK_ITEM:
			buf_printf(out, "%d. %s\n", b->number, document_clean(&clean, b->text));
			break;
		case BLOCK_GRID: put_grid(out, b->grid); break;
		case BLOCK_FACTS: put_facts(out, b->facts); break;
		case BLOCK_CHART: case BLOCK_SIGNATURES: break;
		}
	}
	buf_free(&clean);
}
