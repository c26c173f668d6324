/* The tree of a document and what is the same in each: head, foot, recipients, signatures.
 *
 * Called by the builders (minutes.c ...) and the writers (html.c ...). Owns nothing but what it
 * puts on the document's arena. It must never fill in the number of a document, or escape a text
 * before the writer does. */
#include "report/document.h"

#include "report/say.h"
#include "report/words.h"

#include "base/instant.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vis.h"
#include "text.h"

#include <assert.h>

static struct block *
add(struct document *d, enum block_kind kind, const char *text)
{
	struct block *b = vec_add_in(d->arena, &d->blocks);
	b->kind = kind;
	b->text = text ? text : "";
	return b;
}

void
document_heading(struct document *d, const char *text)
{
	add(d, BLOCK_HEADING, text);
}

void
document_paragraph(struct document *d, const char *text)
{
	add(d, BLOCK_PARAGRAPH, text);
}

void
document_item(struct document *d, int number, const char *text)
{
	add(d, BLOCK_ITEM, text)->number = number;
}

void
document_note(struct document *d, const char *text)
{
	add(d, BLOCK_NOTE, text);
}

/* The text of an official Vietnamese document ends with "./.". */
static void
end_text(struct document *d)
{
	size_t n = d->blocks.n;
	while (n && d->blocks.at[n - 1].kind == BLOCK_NOTE)
		n--;
	struct block *last = n ? &d->blocks.at[n - 1] : NULL;
	if (last && str_eq(d->lang, "vi") && str_ends(last->text, ".") &&
		(last->kind == BLOCK_PARAGRAPH || last->kind == BLOCK_ITEM))
		last->text = arena_printf(d->arena, "%s/.", last->text);
}

void
document_signatures(struct document *d)
{
	end_text(d);
	add(d, BLOCK_SIGNATURES, NULL);
}

void
document_appendix(struct document *d, bool wide, const char *title)
{
	add(d, BLOCK_APPENDIX, title)->wide = wide;
}

void
document_chart(struct document *d, const struct chart *c)
{
	if (c)
		add(d, BLOCK_CHART, NULL)->chart = c;
}

struct facts *
document_facts(struct document *d)
{
	struct facts *f = arena_alloc(d->arena, sizeof *f);
	add(d, BLOCK_FACTS, NULL)->facts = f;
	return f;
}

void
facts_add(struct document *d, struct facts *f, const char *label, const char *text)
{
	if (!str_empty(text))
		*vec_add_in(d->arena, &f->rows) =
			(struct fact){ .label = text_get(d->lang, label), .text = text };
}

struct grid *
document_grid(struct document *d, const char *title, const struct column *columns, size_t columns_n,
	size_t rows)
{
	struct grid *g = arena_alloc(d->arena, sizeof *g);
	*g = (struct grid){ .title = title,
		.columns = columns,
		.columns_n = columns_n,
		.cells_max = columns_n * rows };
	g->cells = arena_alloc(d->arena, (g->cells_max + 1) * sizeof *g->cells);
	for (size_t i = 0; i < g->cells_max; i++)
		g->cells[i] = (struct cell){ .kind = CELL_NONE, .text = "" };
	add(d, BLOCK_GRID, title)->grid = g;
	return g;
}

struct cell *
grid_row(struct grid *g)
{
	assert((g->rows + 1) * g->columns_n <= g->cells_max && "more rows than announced");
	return &g->cells[g->rows++ * g->columns_n];
}

struct cell
cell_text(const char *text)
{
	if (str_empty(text) || str_eq(text, "-"))
		return (struct cell){ .kind = CELL_NONE, .text = "" };
	return (struct cell){ .kind = CELL_TEXT, .text = text };
}

struct cell
cell_number(int64_t n)
{
	return (struct cell){ .kind = CELL_NUMBER, .text = "", .number = n };
}

struct cell
cell_figure(struct figure f)
{
	return f.known ? cell_number(f.v) : cell_text("?");
}

const char *
document_clean(struct buf *b, const char *text)
{
	struct arena *a = arena_new();
	buf_clear(b);
	vis_terminal(b, text);
	const char *nfc = utf8_nfc(a, buf_str(b));
	if (!str_eq(nfc, buf_str(b))) {
		buf_clear(b);
		buf_puts(b, nfc);
	}
	arena_free(a);
	return buf_str(b);
}

/* ngày 10 tháng 02 năm 2019 */
static const char *
dated_of(const struct document *d, int64_t at)
{
	char day[8], month[8], year[12];
	struct buf b = { 0 };
	if (!at)
		return text_get(d->lang, T("dated ....../....../............"));
	text_printf(&b, d->lang, T("dated %s/%s/%s"), instant_local(at, "%d", day, sizeof day),
		words_month(d->lang, at, month, sizeof month),
		instant_local(at, "%Y", year, sizeof year));
	const char *text = arena_strdup(d->arena, buf_str(&b));
	buf_free(&b);
	return text;
}

/* at 0: the day is left to the office, as the number is. */
static void
date(struct document *d, const struct letterhead *l, const char *symbol, int64_t at)
{
	const char *place = letterhead_say(&l->place, d->lang), *day = dated_of(d, at);
	struct buf b = { 0 };
	d->dated = arena_printf(d->arena, "%s, %s", str_empty(place) ? "............" : place, day);
	text_printf(&b, d->lang, T("(With document no. ......%s%s, %s)"),
		str_empty(symbol) ? "" : "/", symbol, day);
	d->attached = arena_strdup(d->arena, buf_str(&b));
	buf_free(&b);
}

static void
fill_head(struct document *d, const struct letterhead *l, const struct letterhead_paper *p)
{
	d->state = letterhead_say(&l->state, d->lang);
	d->motto = letterhead_say(&l->motto, d->lang);
	d->above = letterhead_say(&l->above, d->lang);
	d->issuer = letterhead_say(&l->issuer, d->lang);
	d->number = arena_printf(d->arena, "%s%s%s", text_get(d->lang, T("No: ......")),
		str_empty(p->symbol) ? "" : "/", p->symbol);
	date(d, l, p->symbol, 0);
	d->to_label = text_get(d->lang, T("To:"));
	d->copies_label = text_get(d->lang, T("Recipients:"));
	for (size_t i = 0; i < p->to.n; i++)
		*vec_add_in(d->arena, &d->to) = letterhead_say(&p->to.at[i], d->lang);
	for (size_t i = 0; i < p->copies.n; i++)
		*vec_add_in(d->arena, &d->copies) = letterhead_say(&p->copies.at[i], d->lang);
	for (size_t i = 0; i < p->signatures.n; i++) {
		const struct letterhead_signature *s = &p->signatures.at[i];
		*vec_add_in(d->arena, &d->signatures) = (struct document_signature){
			.authority = letterhead_say(&s->authority, d->lang),
			.role = letterhead_say(&s->role, d->lang),
			.note = letterhead_say(&s->note, d->lang),
			.name = letterhead_say(&s->name, d->lang),
		};
	}
}

struct document *
document_blank(int64_t made, const char *origin, const struct letterhead *l, const char *kind,
	const char *lang, struct arena *a)
{
	struct document *d = arena_alloc(a, sizeof *d);
	d->arena = a;
	d->lang = str_eq(lang, "vi") ? "vi" : "en";
	d->made = made;
	d->title = d->subject = "";
	d->origin = origin;
	const struct letterhead *head = l ? l : letterhead_default("", "", a);
	fill_head(d, head, letterhead_paper(head, kind));
	return d;
}

struct document *
document_new(const struct report *r, const struct letterhead *l, const char *kind, const char *lang,
	struct arena *a)
{
	const char *in = str_eq(lang, "vi") ? "vi" : "en", *run = say_run(r, in, a);
	const char *origin = str_empty(r->seal) ? run
						: arena_printf(a, "%s – %s %s", run,
							  text_get(in, T("seal")), r->seal);
	int64_t at = r->run->ended ? r->run->ended : r->spec->planned_start;
	const struct letterhead *head = l ? l : letterhead_default("", "", a);
	struct document *d = document_blank(at, origin, head, kind, lang, a);
	date(d, head, letterhead_paper(head, kind)->symbol, at);
	return d;
}
