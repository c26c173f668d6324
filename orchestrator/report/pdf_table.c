/* Tables on paper: columns by weight, head repeated on each page, rows kept whole where they fit.
 *
 * Called by pdf.c. Owns the layouts of one row while it draws. It must never lose a line of a cell:
 * a row higher than a page goes on over the next ones. */
#include "report/pdf_inner.h"

#include <stdio.h>
#include <stdlib.h>

static const double pad_x = 3, pad_y = 1.6;
enum { WHOLE_ROWS = 8 }; /* a table of no more stands on one page */

struct row {
	struct pdf *p;
	const struct grid *g;
	size_t n;	/* columns shown */
	size_t *column; /* index into the grid */
	double *x, *w;	/* of each shown column */
	PangoLayout **cell, **head;
	int *line; /* next line of each cell to be drawn */
};

static void
measure_columns(struct row *t)
{
	int all = 0;
	for (size_t k = 0; k < t->g->columns_n; k++)
		if (!t->g->columns[k].data) {
			t->column[t->n++] = k;
			all += t->g->columns[k].width;
		}
	double x = t->p->left, total = pdf_width(t->p);
	for (size_t i = 0; i < t->n; i++) {
		t->x[i] = x;
		t->w[i] = total * t->g->columns[t->column[i]].width / (all ? all : 1);
		x += t->w[i];
	}
}

static void
make_layouts(struct row *t, double size)
{
	static const PangoAlignment align[] = { [COLUMN_LEFT] = PANGO_ALIGN_LEFT,
		[COLUMN_CENTER] = PANGO_ALIGN_CENTER,
		[COLUMN_RIGHT] = PANGO_ALIGN_RIGHT };
	for (size_t i = 0; i < t->n; i++) {
		const struct column *c = &t->g->columns[t->column[i]];
		t->cell[i] = pdf_layout(t->p, size, PDF_PLAIN, t->w[i] - 2 * pad_x);
		pango_layout_set_alignment(t->cell[i], align[c->align]);
		t->head[i] = pdf_layout(t->p, size, PDF_BOLD, t->w[i] - 2 * pad_x);
		pango_layout_set_alignment(t->head[i], PANGO_ALIGN_CENTER);
		pdf_text(t->p, t->head[i], c->title);
	}
}

static double
highest(const struct row *t, PangoLayout **layouts)
{
	double h = 0;
	for (size_t i = 0; i < t->n; i++) {
		double one = pdf_height(layouts[i]);
		h = one > h ? one : h;
	}
	return h + 2 * pad_y;
}

static void
frame(struct row *t, double y, double h)
{
	struct pdf *p = t->p;
	cairo_set_line_width(p->cr, 0.5);
	for (size_t i = 0; i < t->n; i++)
		cairo_rectangle(p->cr, t->x[i], y, t->w[i], h);
	cairo_stroke(p->cr);
}

static void
draw_head(struct row *t)
{
	struct pdf *p = t->p;
	double h = highest(t, t->head);
	cairo_set_source_rgb(p->cr, 0.92, 0.92, 0.92);
	cairo_rectangle(p->cr, p->left, p->y, pdf_width(p), h);
	cairo_fill(p->cr);
	cairo_set_source_rgb(p->cr, 0, 0, 0);
	for (size_t i = 0; i < t->n; i++)
		pdf_draw(p, t->head[i], t->x[i] + pad_x, p->y + (h - pdf_height(t->head[i])) / 2);
	frame(t, p->y, h);
	p->y += h;
}

static void
set_row(struct row *t, size_t row)
{
	bool sum = row + t->g->totals >= t->g->rows;
	for (size_t i = 0; i < t->n; i++) {
		const struct cell *c = &t->g->cells[row * t->g->columns_n + t->column[i]];
		char number[24];
		snprintf(number, sizeof number, "%lld", (long long)c->number);
		pdf_text(t->p, t->cell[i],
			c->kind == CELL_NUMBER ? number
			: c->kind == CELL_NONE ? "-"
					       : c->text);
		pdf_weight(t->cell[i], sum);
		t->line[i] = 0;
	}
}

/* Height of the lines of a cell that fit into `room`, from *from on; *to = the first that does not.
 * One line always fits: a page is higher than a line. */
static double
lines_within(PangoLayout *l, int from, double room, int *to)
{
	double sum = 0;
	int n = pango_layout_get_line_count(l), i = from;
	for (; i < n; i++) {
		PangoRectangle r;
		pango_layout_line_get_extents(pango_layout_get_line_readonly(l, i), NULL, &r);
		double h = (double)r.height / PANGO_SCALE;
		if (sum + h > room && i > from)
			break;
		sum += h;
	}
	*to = i;
	return sum;
}

static void
draw_lines(struct pdf *p, PangoLayout *l, int from, int to, double x, double y)
{
	double width = (double)pango_layout_get_width(l) / PANGO_SCALE;
	PangoAlignment align = pango_layout_get_alignment(l);
	for (int i = from; i < to; i++) {
		PangoLayoutLine *line = pango_layout_get_line_readonly(l, i);
		PangoRectangle r;
		pango_layout_line_get_extents(line, NULL, &r);
		double w = (double)r.width / PANGO_SCALE;
		double shift = align == PANGO_ALIGN_CENTER  ? (width - w) / 2
			       : align == PANGO_ALIGN_RIGHT ? width - w
							    : 0;
		cairo_move_to(p->cr, x + shift, y - (double)r.y / PANGO_SCALE);
		pango_cairo_show_layout_line(p->cr, line);
		y += (double)r.height / PANGO_SCALE;
	}
}

/* A slice of the row as high as the room allows. Returns whether lines are left. */
static bool
draw_slice(struct row *t, double room)
{
	double h = 0;
	bool left = false;
	for (size_t i = 0; i < t->n; i++) {
		int from = t->line[i];
		double one = lines_within(t->cell[i], from, room - 2 * pad_y, &t->line[i]);
		draw_lines(t->p, t->cell[i], from, t->line[i], t->x[i] + pad_x, t->p->y + pad_y);
		h = one > h ? one : h;
		left = left || t->line[i] < pango_layout_get_line_count(t->cell[i]);
	}
	frame(t, t->p->y, h + 2 * pad_y);
	t->p->y += h + 2 * pad_y;
	return left;
}

static void
next_page(struct row *t)
{
	pdf_page(t->p);
	draw_head(t);
}

static void
draw_row(struct row *t, size_t row)
{
	set_row(t, row);
	double h = highest(t, t->cell) + (row + 1 == t->g->rows ? t->p->keep : 0);
	double whole = t->p->height - t->p->top - t->p->bottom - highest(t, t->head);
	if (h > pdf_room(t->p) && (h <= whole || pdf_room(t->p) < 60))
		next_page(t);
	while (draw_slice(t, pdf_room(t->p)))
		next_page(t);
}

static struct row
open_row(struct pdf *p, const struct grid *g, double size)
{
	size_t n = g->columns_n + 1;
	struct row t = { .p = p, .g = g };
	t.column = xalloc(n * sizeof *t.column);
	t.x = xalloc(n * sizeof *t.x);
	t.w = xalloc(n * sizeof *t.w);
	t.cell = xalloc(n * sizeof *t.cell);
	t.head = xalloc(n * sizeof *t.head);
	t.line = xalloc(n * sizeof *t.line);
	measure_columns(&t);
	make_layouts(&t, size);
	return t;
}

static void
close_row(struct row *t)
{
	for (size_t i = 0; i < t->n; i++) {
		g_object_unref(t->cell[i]);
		g_object_unref(t->head[i]);
	}
	free(t->column);
	free(t->x);
	free(t->w);
	free(t->cell);
	free(t->head);
	free(t->line);
}

double
pdf_grid_least(struct pdf *p, const struct grid *g, double size)
{
	struct row t = open_row(p, g, size);
	double h = highest(&t, t.head);
	size_t rows = g->rows <= WHOLE_ROWS ? g->rows : 1;
	for (size_t i = 0; i < rows; i++) {
		set_row(&t, i);
		h += highest(&t, t.cell);
	}
	h += rows == g->rows ? p->keep : 0;
	close_row(&t);
	double page = p->height - p->top - p->bottom;
	return h < page / 2 ? h : page / 2;
}

void
pdf_grid(struct pdf *p, const struct grid *g, double size)
{
	struct row t = open_row(p, g, size);
	if (pdf_room(p) < highest(&t, t.head) + 3 * size)
		pdf_page(p);
	draw_head(&t);
	for (size_t i = 0; i < g->rows; i++)
		draw_row(&t, i);
	p->y += 6;
	close_row(&t);
}

void
pdf_facts(struct pdf *p, const struct facts *f, double size)
{
	double label = pdf_width(p) * 0.30;
	PangoLayout *a = pdf_layout(p, size, PDF_PLAIN, label - 8);
	PangoLayout *b = pdf_layout(p, size, PDF_PLAIN, pdf_width(p) - label);
	for (size_t i = 0; i < f->rows.n; i++) {
		pdf_text(p, a, f->rows.at[i].label);
		pdf_text(p, b, f->rows.at[i].text);
		double h = pdf_height(a) > pdf_height(b) ? pdf_height(a) : pdf_height(b);
		if (h > pdf_room(p) && h <= p->height - p->top - p->bottom)
			pdf_page(p);
		pdf_draw(p, a, p->left, p->y);
		int from = 0, to = 0, n = pango_layout_get_line_count(b);
		for (;;) {
			double done = lines_within(b, from, pdf_room(p), &to);
			draw_lines(p, b, from, to, p->left + label, p->y);
			p->y += done > h || to < n ? done : h;
			if (to >= n)
				break;
			from = to;
			pdf_page(p);
			h = 0;
		}
		p->y += 2;
	}
	g_object_unref(a);
	g_object_unref(b);
}
