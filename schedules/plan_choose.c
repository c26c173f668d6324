/* Who takes part in a run. Called by plan_make() for every run. Pure. An answer is made once for
 * all runs that ask for the same while no row of the directory begins or ends: an event may repeat
 * any number of times, and its sites are many. */
#include "schedules/plan_choose.h"

#include "base/str.h"

static struct plan_choice *
find(struct plan_chooser *c, const char *selector, const struct invitation *by, int64_t at)
{
	for (size_t i = c->choices.n; i-- > 0;) {
		struct plan_choice *known = &c->choices.at[i];
		if (at >= known->from && at < known->to && known->by == by &&
			str_eq(known->selector, selector))
			return known;
	}
	return NULL;
}

static struct plan_choice *
add(struct plan_chooser *c, const char *selector, const struct invitation *by, int64_t at)
{
	struct plan_choice *out = vec_add_in(c->a, &c->choices);
	out->selector = selector;
	out->by = by;
	out->from = INT64_MIN;
	out->to = INT64_MAX;
	for (size_t i = 0; i < c->sites->n; i++) {
		int64_t edges[2] = { c->sites->at[i].valid_from, c->sites->at[i].valid_to };
		for (int k = 0; k < 2; k++) {
			if (edges[k] && edges[k] <= at && edges[k] > out->from)
				out->from = edges[k];
			if (edges[k] > at && edges[k] < out->to)
				out->to = edges[k];
		}
	}
	return out;
}

static void
add_wrong(struct plan_chooser *c, struct plan_choice *out, const struct site *s, const char *why)
{
	*vec_add_in(c->a, &out->wrong) =
		(struct plan_wrong){ .file = c->sites->file, .line = s->csv_line, .why = why };
}

static void
add_disabled(struct plan_chooser *c, struct plan_choice *out)
{
	for (size_t i = 0; i < out->sites.n; i++)
		if (out->sites.at[i]->disabled)
			add_wrong(c, out, out->sites.at[i], out->sites.at[i]->disabled_why);
}

const struct plan_choice *
plan_choose(struct plan_chooser *c, const char *selector, int64_t at)
{
	struct plan_choice *out = find(c, selector, NULL, at);
	if (out)
		return out;
	out = add(c, selector, NULL, at);
	sites_select(c->sites, selector, at, c->a, &out->sites, &out->unknown);
	add_disabled(c, out);
	return out;
}

const struct plan_choice *
plan_choose_invited(struct plan_chooser *c, const struct invitation *by, int64_t at)
{
	struct plan_choice *out = find(c, NULL, by, at);
	if (out)
		return out;
	out = add(c, NULL, by, at);
	out->unknown = by->unknown;
	bool *seen = arena_alloc(c->a, c->sites->n + 1);
	for (size_t i = 0; i < by->sites.n; i++) {
		const struct site *s = by->sites.at[i], *now = sites_in_place_of(c->sites, s, at);
		if (!now) {
			add_wrong(c, out, s,
				arena_printf(c->a,
					T("%s is invited on a day outside valid_from and valid_to"),
					s->id));
			continue;
		}
		if (now != s)
			*vec_add_in(c->a, &out->merged) = s;
		if (!seen[now - c->sites->at])
			*vec_add_in(c->a, &out->sites) = now;
		seen[now - c->sites->at] = true;
	}
	add_disabled(c, out);
	return out;
}
