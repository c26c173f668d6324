/* The presence chart as inline SVG: shapes and hatching, black on white, told apart without
 * colours.
 *
 * Called by html.c. Owns nothing. It must never write a number that is not finite, or a name other
 * than through html_text(). */
#include "report/html_inner.h"

#include "base/str.h"
#include "base/utf8.h"

#include <string.h>

enum { LEFT = 190, PLOT = 720, ROW = 18, TOP = 30, LEGEND_ROW = 22, LEGEND_COLUMN = 300 };
enum { NAME_COLUMNS = 28, NAME_BYTES = 160, LINES = 32 };

static int
x_of(const struct chart *c, int64_t at)
{
	return LEFT + (int)(chart_place(c, at) * PLOT + 0.5);
}

static void
span(struct html *h, enum chart_shape s, int x1, int x2, int y)
{
	int w = x2 - x1 < 1 ? 1 : x2 - x1;
	switch (s) {
	case CHART_EXPECTED:
		buf_printf(h->out,
			"<rect class=\"e\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"14\"/>", x1,
			y + 2, w);
		return;
	case CHART_UP:
		buf_printf(h->out,
			"<rect class=\"u\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"6\"/>", x1,
			y + 6, w);
		return;
	case CHART_MAYBE:
		buf_printf(h->out,
			"<rect class=\"m\" fill=\"url(#hatch%d)\" x=\"%d\" y=\"%d\" width=\"%d\" "
			"height=\"6\"/>",
			h->pictures, x1, y + 6, w < 4 ? 4 : w);
		return;
	case CHART_DROP:
		buf_printf(h->out,
			"<rect class=\"d\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"6\"/>", x1,
			y + 6, w < 4 ? 4 : w);
		return;
	case CHART_ANSWERED:
		buf_printf(h->out, "<path class=\"a\" d=\"M%d %dl5 5-5 5-5-5z\"/>", x1, y + 4);
		return;
	case CHART_SILENT:
		for (int k = 0; k < 2; k++) /* black on a white edge: seen on a bar as well */
			buf_printf(h->out, "<path class=\"%s\" d=\"M%d %dl8 8m0-8l-8 8\"/>",
				k ? "s" : "h", x1 - 4, y + 5);
		return;
	case CHART_CALLED:
		buf_printf(h->out, "<circle class=\"a\" cx=\"%d\" cy=\"%d\" r=\"4\"/>", x1, y + 9);
		return;
	case CHART_LEFT:
		buf_printf(
			h->out, "<path class=\"l\" d=\"M%d %dv14m0-14l8 3.5-8 3.5\"/>", x1, y + 2);
		return;
	case CHART_ALLCLEAR:
	case CHART_END:
	case CHART_SHAPES_N: return;
	}
}

static void
rule(struct html *h, const char *class, int x, int y1, int y2)
{
	buf_printf(h->out, "<line class=\"%s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", class,
		x, y1, x, y2);
}

static void
label(struct html *h, int x, int y, const char *anchor, const char *text)
{
	buf_printf(h->out, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">", x, y, anchor);
	html_text(h, text);
	buf_puts(h->out, "</text>\n");
}

static void
put_axis(struct html *h, const struct chart *c, int bottom)
{
	for (size_t i = 0; i < c->ticks_n; i++) {
		int x = x_of(c, c->ticks[i].at);
		rule(h, "t", x, TOP - 6, bottom);
		label(h, x, TOP - 10, "middle", c->ticks[i].text);
	}
}

static void
put_rules(struct html *h, const struct chart *c, int bottom)
{
	for (int i = 0; i < c->rules_n; i++)
		rule(h, c->rules[i].shape == CHART_END ? "z" : "c", x_of(c, c->rules[i].from),
			TOP - 4, bottom);
}

static void
put_legend(struct html *h, const struct chart *c, const char *lang, int top)
{
	int n = 0;
	for (int s = 0; s < CHART_SHAPES_N; s++) {
		if (!c->used[s])
			continue;
		int x = 20 + n % 3 * LEGEND_COLUMN, y = top + n / 3 * LEGEND_ROW;
		if (s == CHART_ALLCLEAR || s == CHART_END)
			rule(h, s == CHART_END ? "z" : "c", x + 15, y + 1, y + 17);
		else if (s >= CHART_ANSWERED)
			span(h, s, x + 15, x + 15, y);
		else
			span(h, s, x, x + 30, y);
		label(h, x + 40, y + 13, "start", chart_word(lang, s));
		n++;
	}
}

/* A long name is cut: its whole stands in the tables. */
static void
put_name(struct html *h, const char *name, int y)
{
	char cut[NAME_BYTES];
	if (str_copy(cut, sizeof cut, name) && utf8_width(name) <= NAME_COLUMNS) {
		label(h, LEFT - 8, y, "end", name);
		return;
	}
	size_t n = strlen(cut);
	while (n && utf8_width(cut) >= NAME_COLUMNS) {
		n = utf8_cut(cut, n - 1);
		cut[n] = '\0';
	}
	struct buf b = { 0 };
	buf_printf(&b, "%s…", cut);
	label(h, LEFT - 8, y, "end", buf_str(&b));
	buf_free(&b);
}

static void
put_styles(struct html *h)
{
	static const char *const styles[] = {
		".e{fill:#eee;stroke:#999;stroke-width:.5}",
		".u{fill:#222}",
		".m{stroke:#000;stroke-width:.5}",
		".d{fill:#fff;stroke:#000;stroke-width:1;stroke-dasharray:2 2}",
		".a{fill:#fff;stroke:#000}",
		".h{fill:none;stroke:#fff;stroke-width:5}",
		".s{fill:none;stroke:#000;stroke-width:1.8}",
		".l{fill:#000;stroke:#000}",
		".t{stroke:#bbb;stroke-width:.5}",
		".c{stroke:#000;stroke-width:1.4;stroke-dasharray:6 3}",
		".z{stroke:#000;stroke-width:1.4}",
	};
	buf_puts(h->out, "<style>");
	for (size_t i = 0; i < sizeof styles / sizeof *styles; i++)
		buf_puts(h->out, styles[i]);
	buf_puts(h->out, "</style>\n");
}

static void
put_lines(struct html *h, const struct chart *c, size_t from, size_t to)
{
	int bottom = TOP + (int)(to - from) * ROW;
	put_axis(h, c, bottom);
	for (size_t i = from; i < to; i++) {
		const struct chart_line *l = &c->lines[i];
		int y = TOP + (int)(i - from) * ROW;
		put_name(h, l->name, y + 13);
		for (size_t k = 0; k < l->items.n; k++)
			span(h, l->items.at[k].shape, x_of(c, l->items.at[k].from),
				x_of(c, l->items.at[k].to), y);
		buf_putc(h->out, '\n');
	}
	put_rules(h, c, bottom);
}

/* A picture cannot be broken by a page: many lines are several pictures. */
void
html_chart(struct html *h, const struct chart *c, const char *lang)
{
	for (size_t from = 0; from < c->n; from += LINES) {
		size_t to = c->n - from < LINES ? c->n : from + LINES;
		bool last = to == c->n;
		int bottom = TOP + (int)(to - from) * ROW, used = 0;
		for (int s = 0; s < CHART_SHAPES_N; s++)
			used += c->used[s];
		int height = bottom + 14 + (last ? (used + 2) / 3 * LEGEND_ROW : 0);
		buf_printf(h->out,
			"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
			"role=\"img\" font-size=\"12\" font-family=\"'Times New Roman',"
			"'Liberation Serif','DejaVu Serif',serif\">\n",
			LEFT + PLOT + 24, height);
		buf_printf(h->out,
			"<defs><pattern id=\"hatch%d\" width=\"4\" height=\"4\" "
			"patternUnits=\"userSpaceOnUse\"><path d=\"M0 4L4 0\" stroke=\"#000\" "
			"stroke-width=\".8\"/></pattern></defs>\n",
			++h->pictures);
		put_styles(h);
		put_lines(h, c, from, to);
		if (last)
			put_legend(h, c, lang, bottom + 10);
		buf_puts(h->out, "</svg>\n");
	}
}
