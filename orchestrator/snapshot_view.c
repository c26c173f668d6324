/* The picture of a living run in a terminal: head, progress, sites in as many columns as fit, legend, newest notes.
 *
 * Called by `tongduyet watch`, `status` and the demo with a parsed snapshot. Owns nothing. It must never draw beyond the size
 * it was given, let a name steer the terminal, or say by colour alone what is not also said by a sign. */
#include "snapshot.h"

#include "report/words.h"

#include "adapters/wire/json.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/utf8.h"
#include "table.h"
#include "text.h"

#include <string.h>

enum { HEAD = 5, GAP = 2, NOTES = 3 };
enum { TINY = 11, SMALL = 14, MARKED = 24, WORDED = 38, SHEET = 76 }; /* least columns of a cell, by how much it says */
enum { RANK_BAD, RANK_BUSY, RANK_WAITING, RANK_UNPROVEN, RANK_GOOD, RANK_N };

struct cell {
	const struct json *site;
	const char *name, *phase, *roll, *sign;
	enum tri media[4];
	bool any_media;
	int rank;
	enum colour colour;
};

struct view {
	const struct json *json;
	const char *lang;
	size_t width, height, rows; /* rows: for sites */
	bool colour;
	struct buf *out;
	struct arena *a;
	int64_t now;
	struct cell *cells;
	size_t n, lines;
};

static int64_t
instant_at(const struct json *j, const char *key)
{
	const char *text = json_text(j, key);
	int64_t at = 0;
	return text && instant_parse(text, &at) ? at : 0;
}

static const char *
clock_text(const struct view *v, int64_t at)
{
	struct buf b = { 0 };
	if (at)
		words_clock(&b, at, v->now);
	const char *text = arena_strdup(v->a, buf_str(&b));
	buf_free(&b);
	return text;
}

/* Ends a line; false once the picture is full. */
static bool
line_end(struct view *v)
{
	if (v->colour)
		buf_puts(v->out, "\033[K");
	if (++v->lines >= v->height)
		return false;
	buf_putc(v->out, '\n');
	return true;
}

static void
put(struct view *v, const char *text, size_t width, enum colour c, bool pad)
{
	colour_begin(v->out, v->colour, c);
	table_cell(v->out, text, width, ALIGN_LEFT, pad);
	colour_end(v->out, v->colour, c);
}

static void
put_sign(struct view *v, const char *sign, enum colour c)
{
	colour_begin(v->out, v->colour, c);
	buf_puts(v->out, sign);
	colour_end(v->out, v->colour, c);
}

/* ---- what one site looks like ------------------------------------------------------------------------------- */

static int
rank_of(const struct cell *c)
{
	bool no = false, all = true;
	for (int i = 0; i < 4; i++) {
		no = no || c->media[i] == NO;
		all = all && c->media[i] == YES;
	}
	if (str_eq(c->phase, "away") || str_eq(c->phase, "left") || no || str_eq(c->roll, "no-answer") ||
		!str_empty(json_text(c->site, "note")))
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
	static const char *const signs[][2] = { { "up", "●" }, { "dialing", "◌" }, { "ringing", "◍" }, { "away", "✗" },
		{ "left", "✗" }, { 0 } };
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
	case RANK_WAITING: return str_empty(json_text(c->site, "sub_reason")) ? COLOUR_DIM : COLOUR_YELLOW;
	case RANK_UNPROVEN: return COLOUR_BLUE;
	case RANK_GOOD: return COLOUR_GREEN;
	}
	return COLOUR_NONE;
}

static void
read_cell(struct cell *c, const struct json *site)
{
	c->site = site;
	c->name = json_text(site, "name") ? json_text(site, "name") : "";
	c->phase = json_text(site, "phase") ? json_text(site, "phase") : "waiting";
	c->roll = json_text(site, "roll") ? json_text(site, "roll") : "";
	const struct json *media = json_get(site, "media");
	int i = 0;
	for (const struct json *m = media ? media->first : NULL; m && i < 4; m = m->next, i++) {
		c->media[i] = m->text ? tri_from_name(m->text) : UNKNOWN;
		c->any_media = true;
	}
	c->rank = rank_of(c);
	c->colour = colour_of(c);
	c->sign = sign_of(c->phase);
}

static const char *
phase_text(const struct view *v, const char *phase)
{
	if (str_eq(phase, "up"))
		return text_get(v->lang, T("present"));
	if (str_eq(phase, "dialing"))
		return text_get(v->lang, T("calling"));
	if (str_eq(phase, "ringing"))
		return text_get(v->lang, T("ringing"));
	if (str_eq(phase, "away"))
		return text_get(v->lang, T("away"));
	if (str_eq(phase, "left"))
		return text_get(v->lang, T("gone"));
	return text_get(v->lang, T("waiting"));
}

static const char *
roll_text(const struct view *v, const char *roll)
{
	if (str_eq(roll, "calling"))
		return text_get(v->lang, T("being called"));
	if (str_eq(roll, "answered"))
		return text_get(v->lang, T("answered"));
	if (str_eq(roll, "no-answer"))
		return text_get(v->lang, T("no answer"));
	if (str_eq(roll, "not-made"))
		return text_get(v->lang, T("not called"));
	return "";
}

/* One short word on how it stands. */
static const char *
status_text(const struct view *v, const struct cell *c)
{
	if (str_eq(c->phase, "up"))
		return *c->roll ? roll_text(v, c->roll)
		       : c->rank == RANK_GOOD ? text_get(v->lang, T("two-way"))
					      : phase_text(v, c->phase);
	if (str_eq(c->phase, "away") || str_eq(c->phase, "left"))
		return arena_printf(v->a, "%s %s", phase_text(v, c->phase), clock_text(v, instant_at(c->site, "since")));
	if (str_eq(c->phase, "waiting") && !str_empty(json_text(c->site, "sub_reason")))
		return words_reason(v->lang, json_text(c->site, "sub_reason"));
	return phase_text(v, c->phase);
}

static const char *
remark_text(const struct view *v, const struct cell *c)
{
	const char *note = json_text(c->site, "note");
	if (!str_empty(note))
		return words_flag(v->lang, note);
	const char *headline = json_text(c->site, "headline"), *reason = json_text(c->site, "sub_reason");
	bool settled = str_eq(headline, "good") || str_eq(headline, "late") || str_eq(headline, "one-way") ||
		str_eq(headline, "poor");
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
		put_sign(v, t == YES ? "✓" : t == NO ? "✗" : c->any_media || str_eq(c->phase, "up") ? "·" : " ",
			t == YES ? COLOUR_GREEN : t == NO ? COLOUR_RED : COLOUR_DIM);
	}
}

/* Where room is short, what most names begin with tells the least. */
static const char *
short_name(const char *name, size_t room)
{
	static const char *const prefixes[] = { "Xã ", "xã ", "Phường ", "phường ", "Thị trấn ", "thị trấn " };
	for (size_t i = 0; utf8_width(name) > room && i < sizeof prefixes / sizeof *prefixes; i++)
		if (str_starts(name, prefixes[i]))
			return name + strlen(prefixes[i]);
	return name;
}

static void
put_cell(struct view *v, const struct cell *c, size_t width)
{
	put_sign(v, c->sign, c->colour);
	buf_putc(v->out, ' ');
	enum colour name = c->rank == RANK_GOOD || c->rank == RANK_UNPROVEN ? COLOUR_NONE : c->colour;
	if (width < MARKED) {
		put(v, short_name(c->name, width - 2), width - 2, name, true);
		return;
	}
	size_t status = width >= WORDED ? (width - 8) / 2 : 0;
	size_t room = width - 2 - 6 - (status ? status + 1 : 0);
	put(v, short_name(c->name, room), room, name, true);
	buf_putc(v->out, ' ');
	put_marks(v, c, 0, 4);
	if (status) {
		buf_putc(v->out, ' ');
		put(v, status_text(v, c), status, c->colour, true);
	}
}

/* ---- the head ----------------------------------------------------------------------------------------------- */

static const char *
phase_of_run(const struct view *v)
{
	const char *phase = json_text(v->json, "phase");
	for (int p = PHASE_REHEARSAL; p <= PHASE_DRILL; p++)
		if (str_eq(phase_name(p), phase))
			return words_phase(v->lang, p);
	return "";
}

static bool
draw_title(struct view *v)
{
	const char *summary = json_text(v->json, "summary"), *title = json_text(v->json, "title");
	const char *left = arena_printf(v->a, " %s · %s", phase_of_run(v),
		!str_empty(summary) ? summary : !str_empty(title) ? title : "");
	const char *right = clock_text(v, v->now);
	size_t keep = utf8_width(right) + 2;
	put(v, left, v->width > keep ? v->width - keep : v->width, COLOUR_REVERSE, true);
	if (v->width > keep)
		put(v, arena_printf(v->a, " %s ", right), keep, COLOUR_REVERSE, true);
	return line_end(v);
}

static bool
draw_step(struct view *v)
{
	struct buf b = { 0 };
	buf_putc(&b, ' ');
	const struct json *step = json_get(v->json, "step"), *next = json_get(v->json, "next");
	if (json_text(v->json, "held"))
		text_printf(&b, v->lang, T("HELD since %s"), clock_text(v, instant_at(v->json, "held")));
	else if (json_bool(v->json, "finished", false))
		buf_puts(&b, text_get(v->lang, T("finished")));
	else if (step)
		text_printf(&b, v->lang, T("Now: %s"), words_step(v->lang, json_text(step, "kind")));
	int shown = 0;
	for (const struct json *s = next ? next->first : NULL; s && shown < 2; s = s->next, shown++)
		buf_printf(&b, "  → %s %s", clock_text(v, instant_at(s, "at")), words_step(v->lang, json_text(s, "kind")));
	put(v, buf_str(&b), v->width, COLOUR_BOLD, false);
	buf_free(&b);
	return line_end(v);
}

static const char *
allclear_text(const struct view *v)
{
	const struct json *a = json_get(v->json, "allclear");
	struct buf b = { 0 };
	if (instant_at(a, "at"))
		text_printf(&b, v->lang, T("Completion announced at %s"), clock_text(v, instant_at(a, "at")));
	else if (json_bool(a, "not_given", false))
		buf_puts(&b, text_get(v->lang, T("Completion of the trial was not announced")));
	else if (instant_at(a, "latest"))
		text_printf(&b, v->lang, T("Completion to be announced by %s"), clock_text(v, instant_at(a, "latest")));
	const char *text = arena_strdup(v->a, buf_str(&b));
	buf_free(&b);
	return text;
}

static bool
draw_progress(struct view *v)
{
	int64_t from = instant_at(v->json, "from"), to = instant_at(v->json, "to");
	size_t bar = v->width >= 100 ? 40 : v->width / 3;
	int64_t done = to > from ? (v->now - from) * 100 / (to - from) : 0;
	done = done < 0 ? 0 : done > 100 ? 100 : done;
	size_t full = bar * (size_t)done / 100;
	buf_putc(v->out, ' ');
	colour_begin(v->out, v->colour, COLOUR_GREEN);
	for (size_t i = 0; i < bar; i++)
		buf_puts(v->out, i < full ? "█" : "░");
	colour_end(v->out, v->colour, COLOUR_GREEN);
	struct buf b = { 0 };
	buf_printf(&b, " %3d %%  %s", (int)done, allclear_text(v));
	put(v, buf_str(&b), v->width > bar + 1 ? v->width - bar - 1 : 0, COLOUR_NONE, false);
	buf_free(&b);
	return line_end(v);
}

/* Adds "sign what n" if it still fits. */
static void
count(struct view *v, size_t *used, const char *sign, enum colour c, const char *what, int64_t n)
{
	const char *text = arena_printf(v->a, "%s%s %d", sign, what, (int)n);
	size_t w = utf8_width(text) + (*used > 1 ? 2 : 0);
	if (*used + w > v->width)
		return;
	if (*used > 1)
		buf_puts(v->out, "  ");
	put_sign(v, text, c);
	*used += w;
}

static bool
draw_counts(struct view *v)
{
	const struct json *c = json_get(v->json, "counts");
	size_t used = 1;
	buf_putc(v->out, ' ');
	int64_t calling = json_int(c, "dialing", 0) + json_int(c, "ringing", 0);
	int64_t gone = json_int(c, "away", 0) + json_int(c, "left", 0);
	struct buf present = { 0 };
	text_printf(&present, v->lang, T("present %d of"), (int)json_int(c, "up", 0));
	count(v, &used, "● ", COLOUR_GREEN, buf_str(&present), json_int(c, "expected", 0));
	buf_free(&present);
	count(v, &used, "◌ ", COLOUR_YELLOW, text_get(v->lang, T("calling")), calling);
	count(v, &used, "○ ", COLOUR_DIM, text_get(v->lang, T("waiting")), json_int(c, "waiting", 0));
	count(v, &used, "✗ ", gone ? COLOUR_RED : COLOUR_DIM, text_get(v->lang, T("gone")), gone);
	count(v, &used, "", COLOUR_GREEN, text_get(v->lang, T("two-way")), json_int(c, "two_way", 0));
	count(v, &used, "", COLOUR_GREEN, text_get(v->lang, T("answered")), json_int(c, "answered", 0));
	return line_end(v);
}

static bool
draw_rule(struct view *v)
{
	colour_begin(v->out, v->colour, COLOUR_DIM);
	for (size_t i = 0; i < v->width; i++)
		buf_puts(v->out, "─");
	colour_end(v->out, v->colour, COLOUR_DIM);
	return line_end(v);
}

/* ---- the sites ---------------------------------------------------------------------------------------------- */

/* One line per site, all words. */
static bool
draw_sheet(struct view *v)
{
	size_t name = v->width / 4, rest = v->width - name - 2 - 12 - 10 - 7 - 7 - 16 - 2;
	const char *titles[] = { text_get(v->lang, T("Site")), text_get(v->lang, T("State")), text_get(v->lang, T("Since")),
		text_get(v->lang, T("Sound")), text_get(v->lang, T("Picture")), text_get(v->lang, T("Roll call")),
		text_get(v->lang, T("Remark")) };
	size_t widths[] = { name + 2, 12, 10, 7, 7, 16, rest };
	buf_putc(v->out, ' ');
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
		put(v, titles[i], widths[i], COLOUR_BOLD, true);
	if (!line_end(v))
		return false;
	for (size_t i = 0; i < v->n; i++) {
		const struct cell *c = &v->cells[i];
		buf_putc(v->out, ' ');
		put_sign(v, c->sign, c->colour);
		buf_putc(v->out, ' ');
		put(v, c->name, name - 1, c->rank < RANK_UNPROVEN ? c->colour : COLOUR_NONE, true);
		buf_putc(v->out, ' ');
		put(v, phase_text(v, c->phase), 12, c->colour, true);
		put(v, clock_text(v, instant_at(c->site, "since")), 10, COLOUR_DIM, true);
		buf_putc(v->out, ' ');
		put_marks(v, c, 0, 2);
		buf_puts(v->out, "    ");
		buf_putc(v->out, ' ');
		put_marks(v, c, 2, 2);
		buf_puts(v->out, "    ");
		put(v, roll_text(v, c->roll), 16, str_eq(c->roll, "no-answer") ? COLOUR_RED : COLOUR_NONE, true);
		put(v, remark_text(v, c), rest, c->colour, false);
		if (!line_end(v))
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
draw_columns(struct view *v)
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
				put(v, buf_str(&more), width, COLOUR_DIM, true);
			buf_free(&more);
		}
		if (!line_end(v))
			return false;
	}
	return true;
}

/* ---- the foot ----------------------------------------------------------------------------------------------- */

static size_t
notes_count(const struct view *v)
{
	const struct json *notes = json_get(v->json, "notes");
	size_t most = v->height >= 20 ? NOTES : 1;
	return notes && notes->count < most ? notes->count : notes ? most : 0;
}

static bool
draw_foot(struct view *v)
{
	put(v, text_get(v->lang, T(" sound from, to; picture from, to the site:  (+) yes  (-) no  (.) not known yet")), v->width,
		COLOUR_DIM, false);
	const struct json *notes = json_get(v->json, "notes");
	size_t skip = notes ? notes->count - notes_count(v) : 0;
	for (const struct json *n = notes ? notes->first : NULL; n; n = n->next) {
		if (skip) {
			skip--;
			continue;
		}
		if (!line_end(v))
			return false;
		struct buf b = { 0 };
		buf_printf(&b, " ! %s %s: ", clock_text(v, instant_at(n, "at")), words_note(v->lang, json_text(n, "kind")));
		words_note_text(&b, v->lang, json_text(n, "text") ? json_text(n, "text") : "");
		put(v, buf_str(&b), v->width, COLOUR_YELLOW, false);
		buf_free(&b);
	}
	if (v->colour)
		buf_puts(v->out, "\033[K");
	return true;
}

static bool
draw_gap(struct view *v, size_t until)
{
	while (v->lines < until)
		if (!line_end(v))
			return false;
	return true;
}

void
snapshot_render(const struct json *snapshot, const char *lang, int width, int height, bool colour, struct buf *out)
{
	struct view v = { .json = snapshot, .lang = lang ? lang : json_text(snapshot, "lang"), .colour = colour, .out = out };
	v.width = width < 40 ? 40 : (size_t)width;
	v.height = height < HEAD + 4 ? HEAD + 4 : (size_t)height;
	v.a = arena_new();
	v.now = instant_at(snapshot, "now");
	const struct json *sites = json_get(snapshot, "sites");
	v.cells = arena_alloc(v.a, ((sites ? sites->count : 0) + 1) * sizeof *v.cells);
	for (const struct json *s = sites ? sites->first : NULL; s; s = s->next)
		read_cell(&v.cells[v.n++], s);
	size_t foot = 1 + notes_count(&v);
	v.rows = v.height - HEAD - foot;
	if (draw_title(&v) && draw_step(&v) && draw_progress(&v) && draw_counts(&v) && draw_rule(&v)) {
		bool sheet = v.n < v.rows && v.width >= SHEET + 14;
		if ((sheet ? draw_sheet(&v) : draw_columns(&v)) && draw_gap(&v, v.height - foot))
			draw_foot(&v);
	}
	arena_free(v.a);
}
