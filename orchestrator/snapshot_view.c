/* The picture of a living run in a terminal: head, progress, the sites, legend, newest notes.
 *
 * Called by `tongduyet watch`, `status` and the demo with a parsed snapshot. Owns nothing. It must
 * never draw beyond the size it was given, let a name steer the terminal, or say by colour alone
 * what is not also said by a sign. */
#include "snapshot_inner.h"

#include "report/notes.h"
#include "report/words.h"

#include "base/instant.h"
#include "base/str.h"
#include "base/utf8.h"
#include "text.h"

#include <string.h>

enum { HEAD = 5, NOTES = 3, SHEET_MIN = 90 };

int64_t
view_instant(const struct json *j, const char *key)
{
	const char *text = json_text(j, key);
	int64_t at = 0;
	return text && instant_parse(text, &at) ? at : 0;
}

const char *
view_clock(const struct view *v, int64_t at)
{
	struct buf b = { 0 };
	if (at)
		words_clock(&b, at, v->now);
	const char *text = arena_strdup(v->a, buf_str(&b));
	buf_free(&b);
	return text;
}

/* Ends a line; false once the picture is full. */
bool
view_line_end(struct view *v)
{
	if (v->colour)
		buf_puts(v->out, "\033[K");
	if (++v->lines >= v->height)
		return false;
	buf_putc(v->out, '\n');
	return true;
}

void
view_put(struct view *v, const char *text, size_t width, enum colour c, bool pad)
{
	colour_begin(v->out, v->colour, c);
	table_cell(v->out, text, width, ALIGN_LEFT, pad);
	colour_end(v->out, v->colour, c);
}

void
view_sign(struct view *v, const char *sign, enum colour c)
{
	colour_begin(v->out, v->colour, c);
	buf_puts(v->out, sign);
	colour_end(v->out, v->colour, c);
}

/* ---- the head
 * -----------------------------------------------------------------------------------------------
 */

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
		!str_empty(summary) ? summary
		: !str_empty(title) ? title
				    : "");
	const char *right = view_clock(v, v->now);
	size_t keep = utf8_width(right) + 2;
	view_put(v, left, v->width > keep ? v->width - keep : v->width, COLOUR_REVERSE, true);
	if (v->width > keep)
		view_put(v, arena_printf(v->a, " %s ", right), keep, COLOUR_REVERSE, true);
	return view_line_end(v);
}

static bool
draw_step(struct view *v)
{
	struct buf b = { 0 };
	buf_putc(&b, ' ');
	const struct json *step = json_get(v->json, "step"), *next = json_get(v->json, "next");
	if (json_text(v->json, "held"))
		text_printf(&b, v->lang, T("HELD since %s"),
			view_clock(v, view_instant(v->json, "held")));
	else if (json_bool(v->json, "finished", false))
		buf_puts(&b, text_get(v->lang, T("finished")));
	else if (step)
		text_printf(
			&b, v->lang, T("Now: %s"), words_step(v->lang, json_text(step, "kind")));
	int shown = 0;
	for (const struct json *s = next ? next->first : NULL; s && shown < 2; s = s->next, shown++)
		buf_printf(&b, "  → %s %s", view_clock(v, view_instant(s, "at")),
			words_step(v->lang, json_text(s, "kind")));
	view_put(v, buf_str(&b), v->width, COLOUR_BOLD, false);
	buf_free(&b);
	return view_line_end(v);
}

static const char *
allclear_text(const struct view *v)
{
	const struct json *a = json_get(v->json, "allclear");
	struct buf b = { 0 };
	if (view_instant(a, "at"))
		text_printf(&b, v->lang, T("Completion announced at %s"),
			view_clock(v, view_instant(a, "at")));
	else if (json_bool(a, "not_given", false))
		buf_puts(&b, text_get(v->lang, T("Completion of the trial was not announced")));
	else if (view_instant(a, "latest"))
		text_printf(&b, v->lang, T("Completion to be announced by %s"),
			view_clock(v, view_instant(a, "latest")));
	const char *text = arena_strdup(v->a, buf_str(&b));
	buf_free(&b);
	return text;
}

static bool
draw_progress(struct view *v)
{
	int64_t from = view_instant(v->json, "from"), to = view_instant(v->json, "to");
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
	view_put(v, buf_str(&b), v->width > bar + 1 ? v->width - bar - 1 : 0, COLOUR_NONE, false);
	buf_free(&b);
	return view_line_end(v);
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
	view_sign(v, text, c);
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
	count(v, &used, "○ ", COLOUR_DIM, text_get(v->lang, T("waiting")),
		json_int(c, "waiting", 0));
	count(v, &used, "✗ ", gone ? COLOUR_RED : COLOUR_DIM, text_get(v->lang, T("gone")), gone);
	if (json_int(c, "ended", 0))
		count(v, &used, "■ ", COLOUR_DIM, text_get(v->lang, T("ended")),
			json_int(c, "ended", 0));
	count(v, &used, "", COLOUR_GREEN, text_get(v->lang, T("two-way")),
		json_int(c, "two_way", 0));
	if (json_int(c, "proven", 0) > json_int(c, "two_way", 0))
		count(v, &used, "", COLOUR_DIM, text_get(v->lang, T("proven")),
			json_int(c, "proven", 0));
	count(v, &used, "", COLOUR_GREEN, text_get(v->lang, T("answered")),
		json_int(c, "answered", 0));
	return view_line_end(v);
}

static bool
draw_rule(struct view *v)
{
	colour_begin(v->out, v->colour, COLOUR_DIM);
	for (size_t i = 0; i < v->width; i++)
		buf_puts(v->out, "─");
	colour_end(v->out, v->colour, COLOUR_DIM);
	return view_line_end(v);
}

/* ---- the foot
 * -----------------------------------------------------------------------------------------------
 */

static size_t
notes_count(const struct view *v)
{
	const struct json *notes = json_get(v->json, "notes");
	size_t most = v->height >= 20 ? NOTES : 1;
	return notes && notes->count < most ? notes->count : notes ? most : 0;
}

/* Which notes are shown: the newest, and the newest of whom to call by telephone in any case. */
static bool
is_shown(const struct view *v, const struct json *notes, size_t i)
{
	size_t most = notes_count(v), at = 0, call = notes->count;

	for (const struct json *n = notes->first; n; n = n->next, at++)
		if (str_eq(json_text(n, "kind"), "escalated"))
			call = at;
	if (call + most < notes->count)
		return i == call || i + most > notes->count;
	return i + most >= notes->count;
}

static bool
draw_foot(struct view *v)
{
	view_put(v,
		text_get(v->lang, T(" sound from, to; picture from, to the site:  (+) yes  (-) no  "
				    "(.) not known yet")),
		v->width, COLOUR_DIM, false);
	const struct json *notes = json_get(v->json, "notes");
	size_t i = 0;
	for (const struct json *n = notes ? notes->first : NULL; n; n = n->next, i++) {
		if (!is_shown(v, notes, i))
			continue;
		if (!view_line_end(v))
			return false;
		struct buf b = { 0 };
		buf_printf(&b, " ! %s %s: ", view_clock(v, view_instant(n, "at")),
			words_note(v->lang, json_text(n, "kind")));
		notes_say(&b, v->lang, json_text(n, "kind") ? json_text(n, "kind") : "",
			json_text(n, "text") ? json_text(n, "text") : "");
		view_put(v, buf_str(&b), v->width, COLOUR_YELLOW, false);
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
		if (!view_line_end(v))
			return false;
	return true;
}

void
snapshot_render(const struct json *snapshot, const char *lang, int width, int height, bool colour,
	struct buf *out)
{
	struct view v = { .json = snapshot,
		.lang = lang ? lang : json_text(snapshot, "lang"),
		.colour = colour,
		.out = out };
	v.width = width < 40 ? 40 : (size_t)width;
	v.height = height < HEAD + 4 ? HEAD + 4 : (size_t)height;
	v.a = arena_new();
	v.now = view_instant(snapshot, "now");
	const struct json *sites = json_get(snapshot, "sites");
	v.cells = arena_alloc(v.a, ((sites ? sites->count : 0) + 1) * sizeof *v.cells);
	for (const struct json *s = sites ? sites->first : NULL; s; s = s->next)
		view_read_cell(&v.cells[v.n++], s);
	size_t foot = 1 + notes_count(&v);
	v.rows = v.height - HEAD - foot;
	if (draw_title(&v) && draw_step(&v) && draw_progress(&v) && draw_counts(&v) &&
		draw_rule(&v)) {
		bool sheet = v.n < v.rows && v.width >= SHEET_MIN;
		if ((sheet ? view_sheet(&v) : view_columns(&v)) && draw_gap(&v, v.height - foot))
			draw_foot(&v);
	}
	arena_free(v.a);
}
