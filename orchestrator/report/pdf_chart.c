/* The presence chart on paper: one line per site, hatching and shapes instead of colours, the axis
 * again on each page.
 *
 * Called by pdf.c. Owns nothing. It must never rely on a colour, nor let a long name run into the
 * plot. */
#include "report/pdf_inner.h"

static const double row_h = 13, axis_h = 20, label_w = 130, legend_row = 15;

struct plot {
	struct pdf *p;
	const struct chart *c;
	PangoLayout *name, *small;
	double x, w; /* of the plot */
};

static double
x_of(const struct plot *t, int64_t at)
{
	return t->x + chart_place(t->c, at) * t->w;
}

static void
stroke(cairo_t *cr, double width, double grey)
{
	cairo_set_line_width(cr, width);
	cairo_set_source_rgb(cr, grey, grey, grey);
	cairo_stroke(cr);
	cairo_set_source_rgb(cr, 0, 0, 0);
}

static void
box(cairo_t *cr, double x, double y, double w, double h, double grey, double line)
{
	cairo_rectangle(cr, x, y, w, h);
	cairo_set_source_rgb(cr, grey, grey, grey);
	cairo_fill(cr);
	cairo_rectangle(cr, x, y, w, h);
	stroke(cr, 0.5, line);
}

static void
hatch(cairo_t *cr, double x, double y, double w, double h)
{
	box(cr, x, y, w, h, 1, 0);
	cairo_save(cr);
	cairo_rectangle(cr, x, y, w, h);
	cairo_clip(cr);
	for (double k = x - h; k < x + w; k += 2) {
		cairo_move_to(cr, k, y + h);
		cairo_line_to(cr, k + h, y);
	}
	stroke(cr, 0.5, 0);
	cairo_restore(cr);
}

static void
dashed(cairo_t *cr, double x, double y, double w, double h)
{
	static const double dash[] = { 1.5, 1.5 };
	cairo_rectangle(cr, x, y, w, h);
	cairo_set_source_rgb(cr, 1, 1, 1);
	cairo_fill(cr);
	cairo_rectangle(cr, x, y, w, h);
	cairo_set_dash(cr, dash, 2, 0);
	stroke(cr, 0.7, 0);
	cairo_set_dash(cr, NULL, 0, 0);
}

static void
diamond(cairo_t *cr, double x, double y)
{
	cairo_move_to(cr, x, y - 4);
	cairo_line_to(cr, x + 4, y);
	cairo_line_to(cr, x, y + 4);
	cairo_line_to(cr, x - 4, y);
	cairo_close_path(cr);
	cairo_set_source_rgb(cr, 1, 1, 1);
	cairo_fill_preserve(cr);
	stroke(cr, 0.8, 0);
}

static void
cross(cairo_t *cr, double x, double y)
{
	for (int k = 0; k < 2; k++) {
		cairo_move_to(cr, x - 3.2, y - 3.2);
		cairo_line_to(cr, x + 3.2, y + 3.2);
		cairo_move_to(cr, x + 3.2, y - 3.2);
		cairo_line_to(cr, x - 3.2, y + 3.2);
		stroke(cr, k ? 1.3 : 3.6, k ? 0 : 1);
	}
}

static void
circle(cairo_t *cr, double x, double y)
{
	cairo_new_sub_path(cr);
	cairo_arc(cr, x, y, 3.4, 0, 6.2832);
	cairo_set_source_rgb(cr, 1, 1, 1);
	cairo_fill_preserve(cr);
	stroke(cr, 0.8, 0);
}

static void
flag(cairo_t *cr, double x, double y)
{
	cairo_move_to(cr, x, y + 5);
	cairo_line_to(cr, x, y - 5);
	stroke(cr, 1, 0);
	cairo_move_to(cr, x, y - 5);
	cairo_line_to(cr, x + 6, y - 2.5);
	cairo_line_to(cr, x, y);
	cairo_close_path(cr);
	cairo_fill(cr);
}

static void
shape(cairo_t *cr, enum chart_shape s, double x1, double x2, double y)
{
	double w = x2 - x1 < 0.6 ? 0.6 : x2 - x1, wide = w < 3 ? 3 : w;
	switch (s) {
	case CHART_EXPECTED: box(cr, x1, y + 1.5, w, 10, 0.93, 0.6); return;
	case CHART_UP: box(cr, x1, y + 4.2, w, 4.6, 0.15, 0.15); return;
	case CHART_MAYBE: hatch(cr, x1, y + 4.2, wide, 4.6); return;
	case CHART_DROP: dashed(cr, x1, y + 4.2, wide, 4.6); return;
	case CHART_ANSWERED: diamond(cr, x1, y + 6.5); return;
	case CHART_SILENT: cross(cr, x1, y + 6.5); return;
	case CHART_CALLED: circle(cr, x1, y + 6.5); return;
	case CHART_LEFT: flag(cr, x1, y + 6.5); return;
	case CHART_ALLCLEAR:
	case CHART_END:
	case CHART_SHAPES_N: return;
	}
}

static void
rule(cairo_t *cr, enum chart_shape s, double x, double y1, double y2)
{
	static const double dash[] = { 5, 2.5 };
	cairo_move_to(cr, x, y1);
	cairo_line_to(cr, x, y2);
	if (s == CHART_ALLCLEAR)
		cairo_set_dash(cr, dash, 2, 0);
	stroke(cr, 1.1, 0);
	cairo_set_dash(cr, NULL, 0, 0);
}

static void
draw_axis(struct plot *t, double y, double bottom)
{
	struct pdf *p = t->p;
	for (size_t i = 0; i < t->c->ticks_n; i++) {
		double x = x_of(t, t->c->ticks[i].at);
		PangoRectangle r;
		pdf_text(p, t->small, t->c->ticks[i].text);
		pango_layout_get_extents(t->small, NULL, &r);
		pdf_draw(p, t->small, x - (double)r.width / PANGO_SCALE / 2, y);
		cairo_move_to(p->cr, x, y + axis_h - 6);
		cairo_line_to(p->cr, x, bottom);
		stroke(p->cr, 0.4, 0.7);
	}
}

static void
draw_lines(struct plot *t, size_t from, size_t to)
{
	struct pdf *p = t->p;
	double top = p->y, y = top + axis_h, bottom = y + (double)(to - from) * row_h;
	draw_axis(t, top, bottom);
	for (size_t i = from; i < to; i++, y += row_h) {
		const struct chart_line *l = &t->c->lines[i];
		pdf_text(p, t->name, l->name);
		pdf_draw(p, t->name, p->left, y + (row_h - pdf_height(t->name)) / 2);
		for (size_t k = 0; k < l->items.n; k++) {
			const struct chart_item *s = &l->items.at[k];
			shape(p->cr, s->shape, x_of(t, s->from), x_of(t, s->to), y);
		}
	}
	for (int i = 0; i < t->c->rules_n; i++)
		rule(p->cr, t->c->rules[i].shape, x_of(t, t->c->rules[i].from), top + axis_h - 8,
			bottom);
	p->y = bottom + 4;
}

static void
draw_legend(struct plot *t)
{
	struct pdf *p = t->p;
	int columns = pdf_width(p) > 600 ? 3 : 2, n = 0;
	double w = pdf_width(p) / columns, y = p->y;
	for (int s = 0; s < CHART_SHAPES_N; s++) {
		if (!t->c->used[s])
			continue;
		double x = p->left + n % columns * w;
		y = p->y + n / columns * legend_row;
		if (s == CHART_ALLCLEAR || s == CHART_END)
			rule(p->cr, s, x + 12, y, y + 13);
		else if (s >= CHART_ANSWERED)
			shape(p->cr, s, x + 12, x + 12, y);
		else
			shape(p->cr, s, x, x + 24, y);
		pdf_text(p, t->small, chart_word(p->d->lang, s));
		pdf_draw(p, t->small, x + 32, y + 1);
		n++;
	}
	p->y = y + legend_row + 4;
}

void
pdf_chart(struct pdf *p, const struct chart *c)
{
	struct plot t = { .p = p, .c = c };
	double legend = 4 * legend_row + 10;
	size_t done = 0;
	t.x = p->left + label_w;
	t.w = pdf_width(p) - label_w - 12;
	t.name = pdf_layout(p, 9, PDF_PLAIN, label_w - 8);
	pango_layout_set_ellipsize(t.name, PANGO_ELLIPSIZE_END);
	t.small = pdf_layout(p, 9, PDF_PLAIN, 0);
	if (pdf_room(p) < legend + axis_h + 3 * row_h)
		pdf_page(p);
	draw_legend(&t);
	while (done < c->n) {
		double room = pdf_room(p) - axis_h;
		size_t fit = room < row_h ? 0 : (size_t)(room / row_h);
		size_t n = c->n - done < fit ? c->n - done : fit;
		draw_lines(&t, done, done + n);
		done += n;
		if (done < c->n) {
			pdf_page(p);
			draw_legend(&t); /* a page may be read alone */
		}
	}
	g_object_unref(t.name);
	g_object_unref(t.small);
}
