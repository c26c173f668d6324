/* A document on A4 paper: head of the letter, text, tables, chart; page number above, origin below.
 *
 * Called through documents_write(). Owns its font map and the surface until it returns. It must
 * never print a box for a Vietnamese letter (a family without them is not taken), depend on the
 * time of day, or keep more than a page of drawing in mind. Pango counts points at 96 dpi unless
 * told: the context is set to 72. */
#include "report/pdf_inner.h"

#include "base/instant.h"
#include "base/str.h"

#include <cairo-pdf.h>
#include <stdio.h>

static const double a4_short = 595.276, a4_long = 841.890, mm = 72 / 25.4;
static const double body = 13, small = 9, indent = 28, gap = 4;

double
pdf_width(const struct pdf *p)
{
	return p->width - p->left - p->right;
}

double
pdf_room(const struct pdf *p)
{
	return p->height - p->bottom - p->y;
}

void
pdf_weight(PangoLayout *l, bool bold)
{
	PangoAttrList *list = pango_attr_list_new();
	pango_attr_list_insert(list, pango_attr_insert_hyphens_new(FALSE)); /* not Vietnamese */
	if (bold)
		pango_attr_list_insert(list, pango_attr_weight_new(PANGO_WEIGHT_BOLD));
	pango_layout_set_attributes(l, list);
	pango_attr_list_unref(list);
}

PangoLayout *
pdf_layout(struct pdf *p, double size, unsigned style, double width)
{
	PangoLayout *l = pango_layout_new(p->context);
	PangoFontDescription *f = pango_font_description_new();
	pango_font_description_set_family_static(f, p->family);
	pango_font_description_set_size(f, (int)(size * PANGO_SCALE));
	if (style & PDF_BOLD)
		pango_font_description_set_weight(f, PANGO_WEIGHT_BOLD);
	if (style & PDF_ITALIC)
		pango_font_description_set_style(f, PANGO_STYLE_ITALIC);
	pango_layout_set_font_description(l, f);
	pango_font_description_free(f);
	pdf_weight(l, false);
	if (width > 0) {
		pango_layout_set_width(l, (int)(width * PANGO_SCALE));
		pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
	}
	return l;
}

void
pdf_text(struct pdf *p, PangoLayout *l, const char *text)
{
	pango_layout_set_text(l, document_clean(&p->clean, text), -1);
}

double
pdf_height(PangoLayout *l)
{
	PangoRectangle r;
	pango_layout_get_extents(l, NULL, &r);
	return (double)r.height / PANGO_SCALE;
}

void
pdf_draw(struct pdf *p, PangoLayout *l, double x, double y)
{
	cairo_move_to(p->cr, x, y);
	pango_cairo_show_layout(p->cr, l);
}

/* A thin line. */
static void
thin_line(struct pdf *p, double x1, double y1, double x2, double y2)
{
	cairo_set_line_width(p->cr, 0.7);
	cairo_move_to(p->cr, x1, y1);
	cairo_line_to(p->cr, x2, y2);
	cairo_stroke(p->cr);
}

static void
draw_margins(struct pdf *p)
{
	PangoLayout *l = pdf_layout(p, body, PDF_PLAIN, pdf_width(p));
	char number[16];
	pango_layout_set_alignment(l, PANGO_ALIGN_CENTER);
	snprintf(number, sizeof number, "%d", p->page);
	pdf_text(p, l, number);
	if (p->page > 1) /* the first page of a letter carries none */
		pdf_draw(p, l, p->left, 10 * mm);
	g_object_unref(l);
	l = pdf_layout(p, 8, PDF_PLAIN, pdf_width(p));
	pango_layout_set_ellipsize(l, PANGO_ELLIPSIZE_MIDDLE);
	pdf_text(p, l, p->d->origin);
	thin_line(p, p->left, p->height - 14 * mm, p->width - p->right, p->height - 14 * mm);
	pdf_draw(p, l, p->left, p->height - 13.5 * mm);
	g_object_unref(l);
}

void
pdf_page(struct pdf *p)
{
	cairo_show_page(p->cr);
	p->page++;
	p->y = p->top;
	draw_margins(p);
}

static void
lay_page(struct pdf *p, bool wide)
{
	p->width = wide ? a4_long : a4_short;
	p->height = wide ? a4_short : a4_long;
	p->left = wide ? 20 * mm : 30 * mm;
	p->right = wide ? 20 * mm : 18 * mm;
	p->top = p->bottom = 20 * mm;
	cairo_pdf_surface_set_size(p->surface, p->width, p->height);
}

/* Text from margin to margin, over as many pages as it takes. */
static void
put_text(struct pdf *p, PangoLayout *l)
{
	PangoLayoutIter *i = pango_layout_get_iter(l);
	double top = 0; /* of the page's first line, in the layout */
	do {
		PangoRectangle r;
		pango_layout_iter_get_line_extents(i, NULL, &r);
		double y = (double)r.y / PANGO_SCALE, h = (double)r.height / PANGO_SCALE;
		if (y - top + h > pdf_room(p) && p->y > p->top) {
			pdf_page(p);
			top = y;
		} else if (y - top + h > pdf_room(p)) {
			p->y = p->top;
		}
		cairo_move_to(p->cr, p->left + (double)r.x / PANGO_SCALE,
			p->y + (double)pango_layout_iter_get_baseline(i) / PANGO_SCALE - top);
		pango_cairo_show_layout_line(p->cr, pango_layout_iter_get_line_readonly(i));
		p->y += h;
		top += h;
	} while (pango_layout_iter_next_line(i));
	pango_layout_iter_free(i);
}

static PangoLayout *
paragraph(struct pdf *p, const char *text, double size, unsigned style, double first)
{
	PangoLayout *l = pdf_layout(p, size, style, pdf_width(p));
	pango_layout_set_indent(l, (int)(first * PANGO_SCALE));
	pango_layout_set_justify(l, !(style & PDF_BOLD)); /* headings are not drawn apart */
	pdf_text(p, l, text);
	return l;
}

static void
put_paragraph(struct pdf *p, const char *text, double size, unsigned style, double first)
{
	PangoLayout *l = paragraph(p, text, size, style, first);
	put_text(p, l);
	p->y += gap;
	g_object_unref(l);
}

/* Text in the middle of [x, x + w]; returns what it takes. */
static double
put_middle(
	struct pdf *p, const char *text, double size, unsigned style, double x, double w, double y)
{
	if (str_empty(text))
		return 0;
	PangoLayout *l = pdf_layout(p, size, style, w);
	pango_layout_set_alignment(l, PANGO_ALIGN_CENTER);
	pdf_text(p, l, text);
	pdf_draw(p, l, x, y);
	double h = pdf_height(l);
	g_object_unref(l);
	return h;
}

static double
width_of(struct pdf *p, const char *text, double size, unsigned style)
{
	PangoLayout *l = pdf_layout(p, size, style, 0);
	PangoRectangle r;
	pdf_text(p, l, text);
	pango_layout_get_extents(l, NULL, &r);
	g_object_unref(l);
	return (double)r.width / PANGO_SCALE;
}

/* As put_middle, on one line: smaller where the font is wide. */
static double
put_line(struct pdf *p, const char *text, double size, unsigned style, double x, double w, double y)
{
	double natural = width_of(p, text, size, style) + 2;
	return put_middle(p, text, natural > w ? size * w / natural : size, style, x, w, y);
}

static void
put_rule(struct pdf *p, double x, double w, double length, double y)
{
	double half = (length < w ? length : w) / 2;
	thin_line(p, x + w / 2 - half, y, x + w / 2 + half, y);
}

static void
put_to(struct pdf *p)
{
	const struct document *d = p->d;
	if (!d->to.n)
		return;
	double x = p->left + 0.18 * pdf_width(p);
	double label = width_of(p, d->to_label, body, PDF_PLAIN) + 8;
	PangoLayout *l = pdf_layout(p, body, PDF_PLAIN, 0);
	pdf_text(p, l, d->to_label);
	pdf_draw(p, l, x, p->y);
	g_object_unref(l);
	l = pdf_layout(p, body, PDF_PLAIN, p->width - p->right - x - label);
	for (size_t i = 0; i < d->to.n; i++) {
		struct buf b = { 0 };
		buf_printf(&b, "%s%s", d->to.n > 1 ? "- " : "", d->to.at[i]);
		pdf_text(p, l, buf_str(&b));
		pdf_draw(p, l, x + label, p->y);
		p->y += pdf_height(l);
		buf_free(&b);
	}
	g_object_unref(l);
	p->y += 2 * gap;
}

/* Issuer and number on the left; state, motto, place and date on the right; then what it is. */
static void
put_head(struct pdf *p)
{
	const struct document *d = p->d;
	double half = pdf_width(p) * 0.42, x2 = p->left + half, w2 = pdf_width(p) - half;
	double y1 = p->y, y2 = p->y;
	y1 += put_middle(p, d->above, 12, PDF_PLAIN, p->left, half, y1);
	y1 += put_middle(p, d->issuer, 12, PDF_BOLD, p->left, half, y1) + 4;
	if (!str_empty(d->issuer))
		put_rule(p, p->left, half, half * 0.4, y1);
	y2 += put_line(p, d->state, 12, PDF_BOLD, x2, w2, y2);
	y2 += put_line(p, d->motto, 13, PDF_BOLD, x2, w2, y2) + 4;
	put_rule(p, x2, w2, width_of(p, d->motto, 13, PDF_BOLD), y2);
	p->y = (y1 > y2 ? y1 : y2) + 7;
	double left = put_middle(p, d->number, 13, PDF_PLAIN, p->left, half, p->y);
	double right = put_middle(p, d->dated, 13, PDF_ITALIC, x2, w2, p->y);
	p->y += (left > right ? left : right) + 18;
	p->y += put_middle(p, d->title, 14, PDF_BOLD, p->left, pdf_width(p), p->y);
	p->y += put_middle(p, d->subject, 14, PDF_BOLD, p->left, pdf_width(p), p->y) + 4;
	put_rule(p, p->left, pdf_width(p), pdf_width(p) * 0.25, p->y);
	p->y += 14;
	put_to(p);
}

static void
put_copies(struct pdf *p, double y)
{
	const struct document *d = p->d;
	if (!d->copies.n)
		return;
	double w = pdf_width(p) * (d->signatures.n > 1 ? 1 : 0.48);
	PangoLayout *l = pdf_layout(p, 12, PDF_BOLD | PDF_ITALIC, w);
	pdf_text(p, l, d->copies_label);
	pdf_draw(p, l, p->left, y);
	y += pdf_height(l);
	g_object_unref(l);
	l = pdf_layout(p, 11, PDF_PLAIN, w);
	for (size_t i = 0; i < d->copies.n; i++) {
		struct buf b = { 0 };
		buf_printf(&b, "- %s", d->copies.at[i]);
		pdf_text(p, l, buf_str(&b));
		pdf_draw(p, l, p->left, y);
		y += pdf_height(l);
		buf_free(&b);
	}
	g_object_unref(l);
	p->y = y > p->y ? y : p->y;
}

/* Height of the signatures with the recipients beside (one) or below them. */
static double
signatures_need(const struct document *d)
{
	double copies = 20 + 14 * (double)d->copies.n;
	return 2 * gap + (d->signatures.n > 1 ? 130 + copies : copies > 130 ? copies : 130);
}

static void
put_signatures(struct pdf *p)
{
	const struct document *d = p->d;
	double need = signatures_need(d);
	p->y += 2 * gap;
	if (need - 2 * gap > pdf_room(p))
		pdf_page(p);
	double top = p->y, w = pdf_width(p) / (d->signatures.n > 1 ? (double)d->signatures.n : 2);
	for (size_t i = 0; i < d->signatures.n; i++) {
		const struct document_signature *s = &d->signatures.at[i];
		double x = p->left + (d->signatures.n > 1 ? w * (double)i : w), y = top;
		y += put_middle(p, s->authority, body, PDF_BOLD, x, w, y);
		y += put_middle(p, s->role, body, PDF_BOLD, x, w, y);
		y += put_middle(p, s->note, body, PDF_ITALIC, x, w, y);
		y += 60;
		y += put_middle(p, s->name, body, PDF_BOLD, x, w, y);
		p->y = y > p->y ? y : p->y;
	}
	put_copies(p, d->signatures.n > 1 ? p->y + 6 : top);
	p->y += 10;
}

static void
put_appendix(struct pdf *p, const struct block *b)
{
	cairo_show_page(p->cr);
	lay_page(p, b->wide);
	p->page++;
	p->y = p->top;
	draw_margins(p);
	p->y += put_middle(p, b->text, 14, PDF_BOLD, p->left, pdf_width(p), p->y);
	p->y += put_middle(p, p->d->attached, 12, PDF_ITALIC, p->left, pdf_width(p), p->y);
	p->y += 2 * gap;
}

/* least: what follows and must stay with it. */
static void
put_heading(struct pdf *p, const char *text, double size, double least)
{
	if (pdf_room(p) < 5 * size || pdf_room(p) < 3 * size + least)
		pdf_page(p);
	else
		p->y += gap;
	put_paragraph(p, text, size, PDF_BOLD, 0);
}

static bool
is_kind(const struct document *d, size_t i, enum block_kind kind)
{
	return i < d->blocks.n && d->blocks.at[i].kind == kind;
}

static PangoLayout *
text_of(struct pdf *p, const struct block *b)
{
	struct buf line = { 0 };
	if (b->kind == BLOCK_NOTE)
		return paragraph(p, b->text, small + 1, PDF_ITALIC, 0);
	if (b->kind == BLOCK_PARAGRAPH)
		return paragraph(p, b->text, body, PDF_PLAIN, indent);
	buf_printf(&line, "%d. %s", b->number, b->text);
	PangoLayout *l = paragraph(p, buf_str(&line), body, PDF_PLAIN, indent);
	buf_free(&line);
	return l;
}

/* Room for the whole of a text with the signatures that follow it, at most half a page; 0: none
 * follow, or it is no text. Small print that stands between belongs to them. */
static double
closing_need(struct pdf *p, size_t i)
{
	double h = 0, page = p->height - p->top - p->bottom;
	bool text = is_kind(p->d, i, BLOCK_PARAGRAPH) || is_kind(p->d, i, BLOCK_ITEM) ||
		    is_kind(p->d, i, BLOCK_NOTE);
	for (size_t k = i; text && k < p->d->blocks.n; k++) {
		if (is_kind(p->d, k, BLOCK_SIGNATURES)) {
			h += signatures_need(p->d);
			return h < page / 2 ? h : page / 2;
		}
		if (k > i && !is_kind(p->d, k, BLOCK_NOTE))
			return 0;
		PangoLayout *l = text_of(p, &p->d->blocks.at[k]);
		h += pdf_height(l) + gap;
		g_object_unref(l);
	}
	return 0;
}

/* The last row of a table stays with what closes the document. */
static double
keep_after(struct pdf *p, size_t i)
{
	return is_kind(p->d, i + 1, BLOCK_SIGNATURES) ? signatures_need(p->d) + 2 * gap
						      : closing_need(p, i + 1);
}

/* What must stand on the page of a heading: the table or the closing that follows it. */
static double
need_after(struct pdf *p, size_t i)
{
	if (!is_kind(p->d, i, BLOCK_GRID))
		return closing_need(p, i);
	p->keep = keep_after(p, i);
	return 4 * small + pdf_grid_least(p, p->d->blocks.at[i].grid, small + 0.5);
}

static void
put_text_block(struct pdf *p, const struct block *b)
{
	PangoLayout *l = text_of(p, b);
	put_text(p, l);
	p->y += gap;
	g_object_unref(l);
}

static void
put_block(struct pdf *p, size_t i)
{
	const struct block *b = &p->d->blocks.at[i];
	bool after_title = i && p->d->blocks.at[i - 1].kind == BLOCK_APPENDIX;
	p->keep = keep_after(p, i);
	if (closing_need(p, i) > pdf_room(p))
		pdf_page(p);
	switch (b->kind) {
	case BLOCK_HEADING: put_heading(p, b->text, body, need_after(p, i + 1)); break;
	case BLOCK_PARAGRAPH:
	case BLOCK_ITEM:
	case BLOCK_NOTE: put_text_block(p, b); break;
	case BLOCK_FACTS:
		pdf_facts(p, b->facts, body);
		p->y += gap;
		break;
	case BLOCK_GRID:
		if (!after_title)
			put_heading(
				p, b->grid->title, 11.5, pdf_grid_least(p, b->grid, small + 0.5));
		pdf_grid(p, b->grid, small + 0.5);
		break;
	case BLOCK_CHART: pdf_chart(p, b->chart); break;
	case BLOCK_SIGNATURES: put_signatures(p); break;
	case BLOCK_APPENDIX: put_appendix(p, b); break;
	}
}

static cairo_status_t
take_bytes(void *arg, const unsigned char *bytes, unsigned n)
{
	buf_add(arg, bytes, n);
	return CAIRO_STATUS_SUCCESS;
}

/* Every letter of Vietnamese that is not ASCII lies in these ranges. */
static bool
has_letters(PangoFont *f)
{
	static const struct {
		gunichar from, to;
	} ranges[] = { { 0x102, 0x103 }, { 0x110, 0x111 }, { 0x1A0, 0x1A1 }, { 0x1AF, 0x1B0 },
		{ 0x1EA0, 0x1EF9 }, { 0x2013, 0x2013 }, { 0x2026, 0x2026 } };
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		for (gunichar c = ranges[i].from; c <= ranges[i].to; c++)
			if (!pango_font_has_char(f, c))
				return false;
	return true;
}

static bool
family_has_letters(struct pdf *p, const char *family)
{
	bool all = true;
	for (unsigned style = PDF_PLAIN; all && style <= (PDF_BOLD | PDF_ITALIC); style++) {
		p->family = family;
		PangoLayout *l = pdf_layout(p, body, style, 0);
		PangoFont *f = pango_font_map_load_font(
			p->map, p->context, pango_layout_get_font_description(l));
		all = f && has_letters(f);
		if (f)
			g_object_unref(f);
		g_object_unref(l);
	}
	return all;
}

/* Some systems have an old Liberation without Vietnamese: letters from two fonts in one word. */
static enum err
choose_family(struct pdf *p, struct err_text *e)
{
	static const char *const families[] = { "Liberation Serif", "Tinos", "Noto Serif",
		"DejaVu Serif", "Noto Sans", "DejaVu Sans" };
	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		if (family_has_letters(p, families[i]))
			return OK;
	return err_set(e, ERR_SYSTEM,
		"write the pdf: no font with Vietnamese letters, install fonts-dejavu-core");
}

static void
open_context(struct pdf *p)
{
	cairo_font_options_t *o = cairo_font_options_create();
	p->map = pango_cairo_font_map_new();
	p->context = pango_font_map_create_context(p->map);
	pango_cairo_context_set_resolution(p->context, 72);
	cairo_font_options_set_hint_style(o, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(o, CAIRO_HINT_METRICS_OFF);
	pango_cairo_context_set_font_options(p->context, o);
	cairo_font_options_destroy(o);
	pango_context_set_round_glyph_positions(p->context, FALSE);
	pango_context_set_language(p->context, pango_language_from_string(p->d->lang));
}

static void
set_metadata(struct pdf *p)
{
	char made[INSTANT_SIZE];
	instant_rfc3339(p->d->made, made);
	cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATE_DATE, made);
	cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_MOD_DATE, made);
	cairo_pdf_surface_set_metadata(
		p->surface, CAIRO_PDF_METADATA_TITLE, document_clean(&p->clean, p->d->title));
	cairo_pdf_surface_set_metadata(
		p->surface, CAIRO_PDF_METADATA_SUBJECT, document_clean(&p->clean, p->d->subject));
}

static void
put_document(struct pdf *p)
{
	set_metadata(p);
	lay_page(p, false);
	p->page = 1;
	p->y = p->top;
	draw_margins(p);
	put_head(p);
	for (size_t i = 0; i < p->d->blocks.n; i++)
		put_block(p, i);
	cairo_show_page(p->cr);
}

enum err
pdf_write(const struct document *d, struct buf *out, struct err_text *e)
{
	struct pdf p = { .d = d };
	open_context(&p);
	enum err code = choose_family(&p, e);
	if (code == OK) {
		p.surface = cairo_pdf_surface_create_for_stream(take_bytes, out, a4_short, a4_long);
		p.cr = cairo_create(p.surface);
		pango_cairo_update_context(p.cr, p.context);
		put_document(&p);
		cairo_status_t drawn = cairo_status(p.cr);
		cairo_destroy(p.cr);
		cairo_surface_finish(p.surface);
		cairo_status_t written = cairo_surface_status(p.surface);
		cairo_surface_destroy(p.surface);
		if (drawn != CAIRO_STATUS_SUCCESS || written != CAIRO_STATUS_SUCCESS)
			code = err_set(e, ERR_SYSTEM, "write the pdf: %s",
				cairo_status_to_string(drawn ? drawn : written));
	}
	g_object_unref(p.context);
	g_object_unref(p.map);
	buf_free(&p.clean);
	return code;
}
