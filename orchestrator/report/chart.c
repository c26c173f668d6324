/* Works out the presence chart.
 *
 * Called by the builders of documents. Owns nothing but what it puts on the caller's arena. It must
 * never draw presence that no row shows, nor hide that an instant is not known. */
#include "report/chart.h"

#include "report/presence.h"

#include "base/instant.h"
#include "text.h"

enum { TICKS_MAX = 12 };

const char *
chart_word(const char *lang, enum chart_shape s)
{
	static const char *const words[CHART_SHAPES_N] = {
		[CHART_EXPECTED] = T("expected"),
		[CHART_UP] = T("connected"),
		[CHART_MAYBE] = T("gone in this span, instant not known"),
		[CHART_DROP] = T("dropped"),
		[CHART_ANSWERED] = T("roll call: answered"),
		[CHART_SILENT] = T("roll call: no answer"),
		[CHART_CALLED] = T("roll call: not known whether answered"),
		[CHART_LEFT] = T("left before completion was announced"),
		[CHART_ALLCLEAR] = T("completion announced"),
		[CHART_END] = T("end"),
	};
	return (int)s >= 0 && s < CHART_SHAPES_N ? text_get(lang, words[s]) : "";
}

double
chart_place(const struct chart *c, int64_t at)
{
	if (at <= c->from)
		return 0;
	if (at >= c->to)
		return 1;
	return (double)(at - c->from) / (double)(c->to - c->from);
}

static void
add(struct chart *c, struct chart_line *l, struct arena *a, enum chart_shape shape, int64_t from,
	int64_t to)
{
	if (to < from)
		return;
	*vec_add_in(a, &l->items) = (struct chart_item){ .shape = shape, .from = from, .to = to };
	c->used[shape] = true;
}

static void
draw_roll(struct chart *c, struct chart_line *l, const struct report_site *s, struct arena *a)
{
	const struct rollcall_mark *m = &s->site->roll;
	int64_t at = m->answered_at ? m->answered_at : m->first_called;
	enum chart_shape shape = s->verdict->answered == YES  ? CHART_ANSWERED
				 : s->verdict->answered == NO ? CHART_SILENT
							      : CHART_CALLED;
	if (at)
		add(c, l, a, shape, at, at);
}

static void
draw_site(struct chart *c, struct chart_line *l, const struct report *r,
	const struct report_site *s, const struct presence_window *w, struct arena *a)
{
	l->name = s->name;
	if (w->to > w->from)
		add(c, l, a, CHART_EXPECTED, w->from, w->to);
	for (size_t i = 0; i < s->site->intervals.n; i++) {
		const struct interval *t = &s->site->intervals.at[i];
		int64_t end = presence_end(r, t), sure = judge_seen_until(t, end);
		if (end - sure < 1000 || sure < t->from)
			sure = end;
		if (i && t->from > presence_end(r, t - 1))
			add(c, l, a, CHART_DROP, presence_end(r, t - 1), t->from);
		add(c, l, a, CHART_UP, t->from, sure);
		if (end > sure)
			add(c, l, a, CHART_MAYBE, sure, end);
	}
	draw_roll(c, l, s, a);
	/* Who was put out by a person, or lost, has not left. */
	if (s->verdict->left_at && s->lists & 1u << LIST_LEFT_EARLY)
		add(c, l, a, CHART_LEFT, s->verdict->left_at, s->verdict->left_at);
}

static void
widen(struct chart *c, int64_t at)
{
	if (at && (!c->from || at < c->from))
		c->from = at;
	if (at > c->to)
		c->to = at;
}

static void
measure(struct chart *c, const struct report *r, const struct presence_window *w)
{
	widen(c, w->from);
	widen(c, w->to);
	widen(c, r->run->begun);
	widen(c, r->run->ended);
	widen(c, r->run->allclear_at);
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->sites[i].site->intervals.n; k++) {
			const struct interval *t = &r->sites[i].site->intervals.at[k];
			widen(c, t->from);
			widen(c, presence_end(r, t));
		}
	if (c->to - c->from < 60000)
		c->to = c->from + 60000;
}

/* Whole minutes of the clock, at most TICKS_MAX of them: local zones lie whole quarters of an hour
 * apart. */
static void
lay_ticks(struct chart *c, struct arena *a)
{
	static const int minutes[] = { 1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440, 10080 };
	enum { N = sizeof minutes / sizeof *minutes };
	int64_t step = 60000;
	for (int i = 0; i < N; i++) {
		step = minutes[i] * 60000LL;
		if ((c->to - c->from) / step < TICKS_MAX)
			break;
	}
	struct chart_tick *at = arena_alloc(a, (TICKS_MAX + 1) * sizeof *at);
	int64_t first = (c->from + step - 1) / step * step;
	for (int64_t t = first; t <= c->to && c->ticks_n < TICKS_MAX; t += step) {
		char text[16];
		at[c->ticks_n++] = (struct chart_tick){ .at = t,
			.text = arena_strdup(a, instant_local(t, "%H:%M", text, sizeof text)) };
	}
	c->ticks = at;
}

static void
rule(struct chart *c, enum chart_shape shape, int64_t at)
{
	if (!at)
		return;
	c->rules[c->rules_n++] = (struct chart_item){ .shape = shape, .from = at, .to = at };
	c->used[shape] = true;
}

const struct chart *
chart_build(const struct report *r, const struct report_site *only, struct arena *a)
{
	struct presence_window w = presence_window(r);
	if (!w.from)
		return NULL;
	struct chart *c = arena_alloc(a, sizeof *c);
	struct chart_line *lines = arena_alloc(a, ((only ? 1 : r->n) + 1) * sizeof *lines);
	measure(c, r, &w);
	if (only)
		draw_site(c, &lines[c->n++], r, only, &w, a);
	for (size_t i = 0; !only && i < r->n; i++)
		draw_site(c, &lines[c->n++], r, &r->sites[i], &w, a);
	c->lines = lines;
	rule(c, CHART_ALLCLEAR, r->run->allclear_at);
	rule(c, CHART_END, r->run->ended);
	lay_ticks(c, a);
	return c;
}
