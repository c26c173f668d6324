/* The sites of a living run in a terminal: a sheet of one line each where there is room, else as
 * many columns as fit.
 *
 * Called by snapshot_view.c. Owns nothing but what it puts on the view's arena. It must never leave
 * a site out without counting it, and must put those that need somebody first when not all can be
 * shown. */
#include "snapshot_inner.h"

#include "report/words.h"

#include "base/str.h"
#include "base/utf8.h"
#include "text.h"

#include <string.h>

enum { GAP = 2 };
enum {
	TINY = 11,
	SMALL = 14,
	MARKED = 24,
	WORDED = 38,
	NEEDED = 38
}; /* least columns of a cell, by how much it says */

static int
rank_of(const struct cell *c)
{
	bool no = false, all = true;
	for (int i = 0; i < 4; i++) {
		no = no || c->media[i] == NO;
		all = all && (c->media[i] == YES || c->none[i]);
	}
	if (str_eq(c->phase, "away") || str_eq(c->phase, "left") || no ||
		str_eq(c->roll, "no-answer") || !str_empty(json_text(c->site, "note")))
		return RANK_BAD;
	if (str_eq(c->phase, "dialing") || str_eq(c->phase, "ringing"))
		return RANK_BUSY;
	if (!str_eq(c->phase, "up"))
		return RANK_WAITING;
	return all ? RANK_GOOD : RANK_UNPROVEN;
}

static const char *
sign_of(const char *phase)
{
	static const char *const signs[][2] = { { "up", "●" }, { "dialing", "◌" },
		{ "ringing", "◍" }, { "away", "✗" }, { "left", "✗" },
		{ "ended", "■" }, { 0 } };
	for (size_t i = 0; signs[i][0]; i++)
		if (str_eq(signs[i][0], phase))
			return signs[i][1];
	return "○";
}

static enum colour
colour_of(const struct cell *c)
{
	switch (c->rank) {
	case RANK_BAD: return COLOUR_RED;
	case RANK_BUSY: return COLOUR_YELLOW;
	case RANK_WAITING:
		return str_empty(json_text(c->site, "sub_reason")) ? COLOUR_DIM : COLOUR_YELLOW;
	case RANK_UNPROVEN: return COLOUR_BLUE;
	case RANK_GOOD: return COLOUR_GREEN;
	}
	return COLOUR_NONE;
}

void
view_read_cell(struct cell *c, const struct json *site)
{
	c->site = site;
	c->name = json_text(site, "name") ? json_text(site, "name") : "";
	c->phase = json_text(site, "phase") ? json_text(site, "phase") : "waiting";
	c->roll = json_text(site, "roll") ? json_text(site, "roll") : "";
	const struct json *media = json_get(site, "media");
	int i = 0;
	for (const struct json *m = media ? media->first : NULL; m && i < 4; m = m->next, i++) {
		c->media[i] = m->text ? tri_from_name(m->text) : UNKNOWN;
		c->none[i] = m->kind == JSON_IS_NULL;
		c->any_media = true;
	}
	c->rank = rank_of(c);
	c->colour = colour_of(c);
	c->sign = sign_of(c->phase);
}

const char *
snapshot_phase(const char *lang, const char *phase)
{
	if (str_eq(phase, "up"))
		return text_get(lang, T("present"));
	if (str_eq(phase, "dialing"))
		return text_get(lang, T("calling"));
	if (str_eq(phase, "ringing"))
		return text_get(lang, T("ringing"));
	if (str_eq(phase, "away"))
		return text_get(lang, T("away"));
	if (str_eq(phase, "left"))
		return text_get(lang, T("gone"));
	if (str_eq(phase, "ended"))
		return text_get(lang, T("ended"));
	return text_get(lang, T("waiting"));
}

const char *
snapshot_roll(const char *lang, const char *roll)
{
	if (str_eq(roll, "calling"))
		return text_get(lang, T("being called"));
	if (str_eq(roll, "answered"))
		return text_get(lang, T("answered"));
	if (str_eq(roll, "no-answer"))
		return text_get(lang, T("no answer"));
	if (str_eq(roll, "not-known"))
		return text_get(lang, T("not known"));
	if (str_eq(roll, "not-made"))
		return text_get(lang, T("not called"));
	return "";
}

/* One short word on how it stands. */
static const char *
status_text(const struct view *v, const struct cell *c)
{
	if (str_eq(c->phase, "up"))
		return *c->roll		      ? snapshot_roll(v->lang, c->roll)
		       : c->rank == RANK_GOOD ? text_get(v->lang, T("two-way"))
					      : snapshot_phase(v->lang, c->phase);
	if (str_eq(c->phase, "away") || str_eq(c->phase, "left"))
		return arena_printf(v->a, "%s %s", snapshot_phase(v->lang, c->phase),
			view_clock(v, view_instant(c->site, "since")));
	if (str_eq(c->phase, "waiting") && !str_empty(json_text(c->site, "sub_reason")))
		return words_reason(v->lang, json_text(c->site, "sub_reason"));
	return snapshot_phase(v->lang, c->phase);
}

static const char *
remark_text(const struct view *v, const struct cell *c)
{
	const char *note = json_text(c->site, "note");
	if (!str_empty(note))
		return words_flag(v->lang, note);
	const char *headline = json_text(c->site, "headline"),
		   *reason = json_text(c->site, "sub_reason");
	bool settled = str_eq(headline, "good") || str_eq(headline, "late") ||
		       str_eq(headline, "one-way") || str_eq(headline, "poor");
	if (str_eq(c->phase, "up") && !settled && !str_eq(headline, "unattended"))
		return "";
	if (!str_empty(reason))
		return words_reason(v->lang, reason);
	for (int h = 0; h < HEADLINE_N; h++)
		if (settled && str_eq(headline_name(h), headline))
			return words_headline(v->lang, h);
	return "";
}

static void
put_marks(struct view *v, const struct cell *c, int from, int n)
{
	for (int i = from; i < from + n; i++) {
		if (i == 2 && from == 0)
			buf_putc(v->out, ' ');
		enum tri t = c->media[i];
		view_sign(v,
			t == YES				 ? "✓"
			: t == NO				 ? "✗"
			: c->none[i]				 ? "–"
			: c->any_media || str_eq(c->phase, "up") ? "·"
								 : " ",
			t == YES  ? COLOUR_GREEN
			: t == NO ? COLOUR_RED
				  : COLOUR_DIM);
	}
}

/* Where room is short, what most names begin with tells the least. */
static const char *
short_name(const char *name, size_t room)
{
	static const char *const prefixes[] = { "Xã ", "xã ", "Phường ", "phường ", "Thị trấn ",
		"thị trấn " };
	for (size_t i = 0; utf8_width(name) > room && i < sizeof prefixes / sizeof *prefixes; i++)
		if (str_starts(name, prefixes[i]))
			return name + strlen(prefixes[i]);
	return name;
}

static void
put_cell(struct view *v, const struct cell *c, size_t width)
{
	view_sign(v, c->sign, c->colour);
	buf_putc(v->out, ' ');
	enum colour name =
		c->rank == RANK_GOOD || c->rank == RANK_UNPROVEN ? COLOUR_NONE : c->colour;
	if (width < MARKED) {
		view_put(v, short_name(c->name, width - 2), width - 2, name, true);
		return;
	}
	size_t status = width >= WORDED ? (width - 8) / 2 : 0;
	size_t room = width - 2 - 6 - (status ? status + 1 : 0);
	view_put(v, short_name(c->name, room), room, name, true);
	buf_putc(v->out, ' ');
	put_marks(v, c, 0, 4);
	if (status) {
		buf_putc(v->out, ' ');
		view_put(v, status_text(v, c), status, c->colour, true);
	}
}

/* One line per site, all words. */
bool
view_sheet(struct view *v)
{
	size_t name = v->width / 4, rest = v->width - name - 2 - 12 - 10 - 8 - 8 - 16 - 2;
	const char *titles[] = { text_get(v->lang, T("Site")), text_get(v->lang, T("State")),
		text_get(v->lang, T("Since")), text_get(v->lang, T("Sound")),
		text_get(v->lang, T("Picture")), text_get(v->lang, T("Roll call")),
		text_get(v->lang, T("Remark")) };
	size_t widths[] = { name + 2, 12, 10, 8, 8, 16, rest };
	buf_putc(v->out, ' ');
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
		view_put(v, titles[i], widths[i], COLOUR_BOLD, true);
	if (!view_line_end(v))
		return false;
	for (size_t i = 0; i < v->n; i++) {
		const struct cell *c = &v->cells[i];
		buf_putc(v->out, ' ');
		view_sign(v, c->sign, c->colour);
		buf_putc(v->out, ' ');
		view_put(v, c->name, name - 1, c->rank < RANK_UNPROVEN ? c->colour : COLOUR_NONE,
			true);
		buf_putc(v->out, ' ');
		view_put(v, snapshot_phase(v->lang, c->phase), 12, c->colour, true);
		view_put(v, view_clock(v, view_instant(c->site, "since")), 10, COLOUR_DIM, true);
		buf_putc(v->out, ' ');
		put_marks(v, c, 0, 2);
		buf_puts(v->out, "     ");
		buf_putc(v->out, ' ');
		put_marks(v, c, 2, 2);
		buf_puts(v->out, "     ");
		view_put(v, snapshot_roll(v->lang, c->roll), 16,
			str_eq(c->roll, "no-answer") ? COLOUR_RED : COLOUR_NONE, true);
		view_put(v, remark_text(v, c), rest, c->colour, false);
		if (!view_line_end(v))
			return false;
	}
	return true;
}

/* When not all fit: those that need somebody first, each rank in the directory's order. */
static void
sort_by_rank(struct view *v)
{
	struct cell *sorted = arena_alloc(v->a, v->n * sizeof *sorted);
	size_t n = 0;
	for (int rank = 0; rank < RANK_N; rank++)
		for (size_t i = 0; i < v->n; i++)
			if (v->cells[i].rank == rank)
				sorted[n++] = v->cells[i];
	v->cells = sorted;
}

static size_t
columns_of(const struct view *v, size_t least)
{
	size_t columns = (v->width - 1 + GAP) / (least + GAP);
	return columns ? columns : 1;
}

static bool
needs_somebody(const struct cell *c)
{
	if (c->rank == RANK_BAD)
		return true;
	return (c->rank == RANK_BUSY || c->rank == RANK_WAITING) &&
	       !str_empty(json_text(c->site, "sub_reason"));
}

/* Name and why; when, of one that is gone. */
static void
put_needed(struct view *v, const struct cell *c, size_t width)
{
	const char *status = status_text(v, c), *why = remark_text(v, c);
	bool gone = str_eq(c->phase, "away") || str_eq(c->phase, "left") || !*why;
	bool both = gone && *why;
	view_sign(v, c->sign, c->colour);
	buf_putc(v->out, ' ');
	view_put(v,
		arena_printf(v->a, "%s: %s%s%s", c->name, gone ? status : "", both ? "; " : "",
			*why ? why : ""),
		width - 2, c->colour, true);
}

/* Where rows are left under the columns, those that need somebody stand there with the reason,
 * which the columns have no room for. */
static bool
view_needed(struct view *v, size_t free_rows)
{
	size_t n = 0, columns = columns_of(v, NEEDED), width = (v->width - 1 + GAP) / columns - GAP,
	       at = 0;
	for (size_t i = 0; i < v->n; i++)
		n += needs_somebody(&v->cells[i]);
	if (free_rows < 4 || !n)
		return true;
	size_t room = (free_rows - 2) * columns, shown = n > room ? room - 1 : n, put = 0;
	if (!view_line_end(v))
		return false;
	view_put(v, arena_printf(v->a, " %s", text_get(v->lang, T("Need somebody:"))), v->width,
		COLOUR_BOLD, false);
	for (size_t i = 0; i < v->n && put < shown; i++) {
		if (!needs_somebody(&v->cells[i]))
			continue;
		if (put++ % columns == 0) {
			if (!view_line_end(v))
				return false;
			buf_putc(v->out, ' ');
			at = 0;
		}
		if (at++)
			buf_puts(v->out, "  ");
		put_needed(v, &v->cells[i], width);
	}
	if (shown < n) {
		struct buf more = { 0 };
		text_printf(&more, v->lang, T("+ %d more"), (int)(n - shown));
		if (put % columns == 0 && !view_line_end(v)) {
			buf_free(&more);
			return false;
		}
		view_put(v, arena_printf(v->a, "%s%s", put % columns ? "  " : " ", buf_str(&more)),
			width, COLOUR_DIM, false);
		buf_free(&more);
	}
	return view_line_end(v);
}

bool
view_columns(struct view *v)
{
	size_t least = WORDED;
	if (columns_of(v, least) * v->rows < v->n)
		least = MARKED;
	if (columns_of(v, least) * v->rows < v->n)
		least = SMALL;
	if (columns_of(v, least) * v->rows < v->n)
		least = TINY;
	size_t columns = columns_of(v, least), room = columns * v->rows;
	bool over = room < v->n;
	if (over)
		sort_by_rank(v);
	size_t rows = over ? v->rows : (v->n + columns - 1) / columns;
	size_t width = (v->width - 1 + GAP) / columns - GAP;
	size_t shown = over ? room - 1 : v->n;
	for (size_t y = 0; y < rows; y++) {
		buf_putc(v->out, ' ');
		for (size_t x = 0; x < columns; x++) {
			size_t i = x * rows + y;
			if (i >= (over ? room : v->n))
				break;
			if (x)
				buf_puts(v->out, "  ");
			struct buf more = { 0 };
			text_printf(&more, v->lang, T("+ %d more"), (int)(v->n - shown));
			if (i < shown)
				put_cell(v, &v->cells[i], width);
			else
				view_put(v, buf_str(&more), width, COLOUR_DIM, true);
			buf_free(&more);
		}
		if (!view_line_end(v))
			return false;
	}
	return over || view_needed(v, v->rows - rows);
}
