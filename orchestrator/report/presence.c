/* How long a site was there.
 *
 * Called by the builders of documents. Owns nothing. It must never count an instant twice, count
 * beyond the window, or give a figure for a site that could not be tested. */
#include "report/presence.h"

#include <stdlib.h>

struct span {
	int64_t from, to;
};

struct presence_window
presence_window(const struct report *r)
{
	const struct run *run = r->run;
	const struct spec *s = r->spec;
	struct presence_window w = { 0 };
	if (run->missed || !run->begun)
		return w;
	int64_t over = run->closed_at ? run->closed_at : run->ended ? run->ended : run->now;
	w.from = s->planned_start;
	w.to = over;
	if (s->phase != PHASE_SESSION && run->allclear_at)
		w.to = run->allclear_at;
	else if (s->phase != PHASE_SESSION && run->allclear_latest && run->allclear_latest < over)
		w.to = run->allclear_latest;
	if (w.to < w.from)
		w.to = w.from;
	return w;
}

int64_t
presence_end(const struct report *r, const struct interval *i)
{
	if (i->ended_by != ENDED_OPEN)
		return i->to;
	const struct run *run = r->run;
	int64_t end = run->ended ? run->ended : run->now;
	return end > i->from ? end : i->from;
}

static int
by_from(const void *a, const void *b)
{
	int64_t x = ((const struct span *)a)->from, y = ((const struct span *)b)->from;
	return (x > y) - (x < y);
}

/* Milliseconds of the union within the window; sorts the spans. */
static int64_t
union_ms(struct span *at, size_t n, const struct presence_window *w)
{
	int64_t sum = 0, reached = w->from;
	qsort(at, n, sizeof *at, by_from);
	for (size_t i = 0; i < n; i++) {
		int64_t from = at[i].from > reached ? at[i].from : reached;
		int64_t to = at[i].to < w->to ? at[i].to : w->to;
		if (to <= from)
			continue;
		sum += to - from;
		reached = to;
	}
	return sum;
}

static int
permille_of(int64_t ms, const struct presence_window *w)
{
	return w->to > w->from ? (int)(ms * 1000 / (w->to - w->from)) : -1;
}

/* A stretch without the silences in it, in which nobody knows whether it was there; behind the
 * others.
 */
static size_t
seen_spans(const struct report *r, const struct run_site *s, struct span whole, struct span *out)
{
	size_t n = 0;
	for (size_t i = 0; i < s->silences.n; i++) {
		const struct silence *z = &s->silences.at[i];
		int64_t from = run_silence_from(r->run, z);
		if (!from || from < whole.from || from >= whole.to)
			continue;
		out[n++] = (struct span){ .from = whole.from, .to = from };
		whole.from = z->to < whole.to ? z->to : whole.to;
	}
	out[n++] = whole;
	return n;
}

void
presence_of(const struct report *r, const struct report_site *s, struct presence *out)
{
	struct presence_window w = presence_window(r);
	size_t n = s->site->intervals.n;
	*out = (struct presence){ .least_permille = -1, .most_permille = -1 };
	if (!w.from || (!n && s->verdict->headline == UNTESTED))
		return;
	size_t seen_n = 0;
	struct span *least = xalloc((n + s->site->silences.n + 1) * sizeof *least),
		    *most = xalloc((n + 1) * sizeof *most);
	for (size_t i = 0; i < n; i++) {
		const struct interval *t = &s->site->intervals.at[i];
		int64_t end = presence_end(r, t);
		struct span seen = { .from = t->from, .to = judge_seen_until(t, end) };
		most[i] = (struct span){ .from = t->from, .to = end };
		if (i + 1 == n && s->verdict->silent_since)
			seen.to = s->verdict->silent_since;
		seen_n += seen_spans(r, s->site, seen, least + seen_n);
	}
	int64_t least_ms = union_ms(least, seen_n, &w), most_ms = union_ms(most, n, &w);
	free(least);
	free(most);
	out->known = true;
	out->least_s = least_ms / 1000;
	out->most_s = (most_ms + 999) / 1000;
	if (most_ms - least_ms < 1000) { /* as the instants beside it are shown */
		least_ms = most_ms;
		out->least_s = out->most_s = most_ms / 1000;
	}
	out->least_permille = permille_of(least_ms, &w);
	out->most_permille = permille_of(most_ms, &w);
}
