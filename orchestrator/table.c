/* Column-aligned tables and paragraphs.
 *
 * Called by the text report, the live view and the verbs of the command line that list something.
 * Owns the copied cells on the caller's arena. It must never let a byte of a cell steer the
 * terminal, cut inside a character, or count bytes where columns are meant. */
#include "table.h"

#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "base/vis.h"

#include <assert.h>
#include <string.h>

struct row {
	const char **cells; /* NULL: a rule */
	enum colour *colours;
};

struct table {
	struct arena *arena;
	const struct table_column *columns;
	size_t n;
	VEC(struct row) rows;
};

enum { GAP = 2 };

static const char *
colour_code(enum colour c)
{
	switch (c) {
	case COLOUR_NONE: return "";
	case COLOUR_GREEN: return "\033[32m";
	case COLOUR_RED: return "\033[31;1m";
	case COLOUR_YELLOW: return "\033[33m";
	case COLOUR_BLUE: return "\033[36m";
	case COLOUR_DIM: return "\033[2m";
	case COLOUR_BOLD: return "\033[1m";
	case COLOUR_REVERSE: return "\033[7m";
	}
	return "";
}

void
colour_begin(struct buf *out, bool on, enum colour c)
{
	if (on)
		buf_puts(out, colour_code(c));
}

void
colour_end(struct buf *out, bool on, enum colour c)
{
	if (on && c != COLOUR_NONE)
		buf_puts(out, "\033[0m");
}

static void
blanks(struct buf *out, size_t n)
{
	while (n--)
		buf_putc(out, ' ');
}

/* Bytes of the longest beginning of s, already safe, that takes at most `width` columns; marks stay
 * with their letter. */
static size_t
fitting(const char *s, size_t width, size_t *out_columns)
{
	size_t at = 0, used = 0, n = strlen(s);
	while (at < n) {
		uint32_t c;
		char one[8] = "";
		size_t len = utf8_char(s + at, n - at, &c);
		len = len ? len : 1;
		memcpy(one, s + at, len);
		size_t w = utf8_width(one);
		if (used + w > width)
			break;
		used += w;
		at += len;
	}
	*out_columns = used;
	return at;
}

size_t
table_cell(struct buf *out, const char *text, size_t width, enum align align, bool pad)
{
	struct buf safe = { 0 };
	vis_terminal(&safe, text ? text : "");
	size_t used = utf8_width(buf_str(&safe)), take = safe.n;
	bool cut = used > width;
	if (cut) {
		take = fitting(buf_str(&safe), width ? width - 1 : 0, &used);
		used += width ? 1 : 0;
	}
	size_t left = align == ALIGN_RIGHT    ? width - used
		      : align == ALIGN_CENTRE ? (width - used) / 2
					      : 0;
	blanks(out, left);
	buf_add(out, buf_str(&safe), take);
	if (cut && width)
		buf_puts(out, "…");
	if (pad)
		blanks(out, width - used - left);
	buf_free(&safe);
	return used;
}

/* One line's worth of s, at most `width` columns, broken at a blank where there is one. *out_next:
 * where the next line begins. s is already safe. */
static size_t
line_of(const char *s, size_t width, size_t *out_next)
{
	size_t columns, take = fitting(s, width, &columns);
	if (!s[take]) {
		*out_next = take;
		return take;
	}
	size_t end = take;
	while (end && s[end] != ' ')
		end--;
	if (!end) { /* one word longer than the line */
		uint32_t c;
		end = take ? take : utf8_char(s, strlen(s), &c);
		end = end ? end : 1;
	}
	size_t next = end;
	while (s[next] == ' ')
		next++;
	while (end && s[end - 1] == ' ')
		end--;
	*out_next = next;
	return end;
}

void
table_paragraph(struct buf *out, const char *text, size_t width, size_t at, size_t indent)
{
	struct buf safe = { 0 };
	vis_terminal(&safe, text);
	const char *s = buf_str(&safe);
	size_t room = width > at ? width - at : 1;
	while (true) {
		size_t next, n = line_of(s, room, &next);
		buf_add(out, s, n);
		buf_putc(out, '\n');
		s += next;
		if (!*s)
			break;
		blanks(out, indent);
		room = width > indent + 8 ? width - indent : 8;
	}
	buf_free(&safe);
}

struct table *
table_new(struct arena *a, const struct table_column *columns, size_t n)
{
	struct table *t = arena_alloc(a, sizeof *t);
	t->arena = a;
	struct table_column *own = arena_alloc(a, n * sizeof *own);
	memcpy(own, columns, n * sizeof *own);
	t->columns = own;
	t->n = n;
	return t;
}

void
table_row(struct table *t, const char *const *cells, const enum colour *colours)
{
	struct row *r = vec_add_in(t->arena, &t->rows);
	r->cells = arena_alloc(t->arena, t->n * sizeof *r->cells);
	for (size_t i = 0; i < t->n; i++)
		r->cells[i] = arena_strdup(t->arena, cells[i] ? cells[i] : "");
	if (colours)
		r->colours = arena_memdup(t->arena, colours, t->n * sizeof *colours);
}

void
table_rule(struct table *t)
{
	vec_add_in(t->arena, &t->rows);
}

size_t
table_rows(const struct table *t)
{
	return t->rows.n;
}

/* Natural widths, then the columns that may shrink give way one column of the widest at a time. */
static size_t *
widths_of(const struct table *t, size_t width, size_t indent)
{
	size_t *w = arena_alloc(t->arena, t->n * sizeof *w), total = indent;
	for (size_t i = 0; i < t->n; i++) {
		const struct table_column *c = &t->columns[i];
		w[i] = utf8_width(c->title);
		for (size_t k = 0; k < t->rows.n; k++) {
			size_t cell = t->rows.at[k].cells ? utf8_width(t->rows.at[k].cells[i]) : 0;
			w[i] = cell > w[i] ? cell : w[i];
		}
		w[i] = c->max && w[i] > c->max ? c->max : w[i];
		w[i] = w[i] < c->min ? c->min : w[i];
		total += w[i] + (i ? GAP : 0);
	}
	for (; width && total > width; total--) {
		size_t widest = t->n;
		for (size_t i = 0; i < t->n; i++)
			if (t->columns[i].shrink && w[i] > t->columns[i].min && w[i] > 4 &&
				(widest == t->n || w[i] > w[widest]))
				widest = i;
		if (widest == t->n)
			break;
		w[widest]--;
	}
	return w;
}

static void
trim_line(struct buf *out, size_t from)
{
	while (out->n > from && out->at[out->n - 1] == ' ')
		out->at[--out->n] = '\0';
	buf_putc(out, '\n');
}

/* One printed line of a row; cells[i] is advanced past what was shown. False: nothing is left for
 * another one. */
static bool
write_line(const struct table *t, const struct row *r, const char **cells, const size_t *w,
	size_t indent, bool colour, struct buf *out)
{
	bool more = false;
	size_t from = out->n;
	blanks(out, indent);
	for (size_t i = 0; i < t->n; i++) {
		const struct table_column *c = &t->columns[i];
		enum colour hue = r->colours ? r->colours[i] : COLOUR_NONE;
		const char *part = cells[i];
		size_t next = strlen(part);
		if (c->wrap)
			part = arena_strndup(t->arena, part, line_of(part, w[i], &next));
		cells[i] += next;
		more = more || *cells[i];
		blanks(out, i ? GAP : 0);
		hue = *part ? hue : COLOUR_NONE;
		colour_begin(out, colour, hue);
		table_cell(out, part, w[i], c->align, i + 1 < t->n);
		colour_end(out, colour, hue);
	}
	trim_line(out, from);
	return more;
}

static void
write_rule(const struct table *t, const size_t *w, size_t indent, struct buf *out)
{
	blanks(out, indent);
	for (size_t i = 0; i < t->n; i++)
		for (size_t k = 0; k < w[i] + (i ? GAP : 0); k++)
			buf_puts(out, "─");
	buf_putc(out, '\n');
}

static const char *
safe_on(struct arena *a, const char *s)
{
	struct buf b = { 0 };
	vis_terminal(&b, s);
	const char *safe = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return safe;
}

static void
write_row(const struct table *t, const struct row *r, const size_t *w, size_t indent, bool colour,
	struct buf *out)
{
	const char **cells = arena_alloc(t->arena, t->n * sizeof *cells);
	for (size_t i = 0; i < t->n; i++) /* made safe before it is broken, so that nothing is
					     escaped twice or cut in an escape */
		cells[i] = t->columns[i].wrap ? safe_on(t->arena, r->cells[i]) : r->cells[i];
	while (write_line(t, r, cells, w, indent, colour, out))
		;
}

void
table_write(const struct table *t, size_t width, size_t indent, bool colour, struct buf *out)
{
	size_t *w = widths_of(t, width, indent);
	bool head = false;
	for (size_t i = 0; i < t->n; i++)
		head = head || !str_empty(t->columns[i].title);
	if (head) {
		struct row titles = { 0 };
		titles.cells = arena_alloc(t->arena, t->n * sizeof *titles.cells);
		titles.colours = arena_alloc(t->arena, t->n * sizeof *titles.colours);
		for (size_t i = 0; i < t->n; i++) {
			titles.cells[i] = t->columns[i].title;
			titles.colours[i] = COLOUR_BOLD;
		}
		write_row(t, &titles, w, indent, colour, out);
		write_rule(t, w, indent, out);
	}
	for (size_t i = 0; i < t->rows.n; i++)
		if (t->rows.at[i].cells)
			write_row(t, &t->rows.at[i], w, indent, colour, out);
		else
			write_rule(t, w, indent, out);
}
