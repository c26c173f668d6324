/* Conflicts between runs that overlap: a site wanted twice, an MCU shared, ports short. Called by
 * plan_make() and by whoever knows the MCUs. Pure. Work per run and for all of them is bounded: a
 * calendar may hold any number of meetings at one hour. Where the bound is met, an alarm says so.
 */
#include "schedules/plan_conflicts.h"

#include "base/str.h"
#include "base/vec.h"

#include <stdlib.h>

enum {
	CONFLICTS_MAX = 20,
	COMPARED_MAX = 300,
	TOLD_MAX = 20000,	/* of all runs together */
	LISTED_MAX = 10000000,	/* ids in the lists of all conflicts */
	LOOKED_MAX = 400000000, /* sites looked at for them */
};

/* The last list that was made, and of whom: the runs of one event share their sites. */
struct listed {
	const struct site *const *x, *const *y;
	size_t x_n, y_n;
	const char *mcu;
	const char *const *ids; /* NULL: none */
};

struct search {
	struct arena *a;
	size_t told, listed, looked; /* so far */
	struct listed common, on_x, on_y;
};

/* When the last step is done: the event's end, the session's start for what leads to it, the last
 * step's instant. */
static int64_t
end_of(const struct plan_run *r)
{
	int64_t end = r->anchor + r->playbook.last_at;
	end = r->end > end ? r->end : end;
	return end > r->start ? end : r->start + 1;
}

static bool
belong_together(const struct plan_run *a, const struct plan_run *b)
{
	return (a->session_key && str_eq(a->session_key, b->key)) ||
	       (b->session_key && str_eq(b->session_key, a->key));
}

static bool
overlap(const struct plan_run *a, const struct plan_run *b)
{
	return !a->disabled && !b->disabled && a->start < end_of(b) && b->start < end_of(a) &&
	       !belong_together(a, b);
}

static void
add_conflict(struct search *s, struct plan_run *r, const char *kind, const char *with,
	const char *const *sites)
{
	if (r->conflicts_n >= CONFLICTS_MAX)
		return;
	s->told++;
	r->conflicts = vec_grow(
		s->a, r->conflicts, r->conflicts_n, &r->conflicts_cap, sizeof *r->conflicts);
	r->conflicts[r->conflicts_n++] = (struct plan_conflict){
		.kind = kind, .with = arena_strdup(s->a, with), .sites = sites
	};
}

/* Whether the list for these two was the last one made; else it is to be made now. */
static bool
known(struct search *s, struct listed *l, const struct plan_run *x, const struct plan_run *y,
	const char *mcu)
{
	struct listed now = { .x = x->sites.at,
		.x_n = x->sites.n,
		.y = y ? y->sites.at : NULL,
		.y_n = y ? y->sites.n : 0,
		.mcu = mcu };
	if (l->x == now.x && l->x_n == now.x_n && l->y == now.y && l->y_n == now.y_n &&
		l->mcu == now.mcu)
		return true;
	*l = now;
	s->looked += now.x_n + now.y_n;
	return false;
}

/* Ids of the sites in both; both stand in directory order. NULL: none. */
static const char *const *
common_sites(struct search *s, const struct plan_run *x, const struct plan_run *y)
{
	VEC(const char *) out = { 0 };
	if (known(s, &s->common, x, y, NULL))
		return s->common.ids;
	for (size_t i = 0, k = 0; i < x->sites.n && k < y->sites.n;) {
		if (x->sites.at[i] == y->sites.at[k]) {
			*vec_add_in(s->a, &out) = x->sites.at[i]->id;
			i++, k++;
		} else if (x->sites.at[i] < y->sites.at[k]) {
			i++;
		} else {
			k++;
		}
	}
	if (!out.n)
		return NULL;
	s->listed += out.n;
	*vec_add_in(s->a, &out) = NULL;
	return s->common.ids = out.at;
}

/* Ids of the sites that hang on an MCU, or on any MCU of another run (mcu NULL). NULL: none. */
static const char *const *
sites_on(struct search *s, struct listed *l, const struct plan_run *r, const char *mcu,
	const struct plan_run *other)
{
	VEC(const char *) out = { 0 };
	const char *last = NULL; /* directories are mostly sorted by MCU: remember the answer */
	bool last_hit = false;
	if (known(s, l, r, other, mcu))
		return l->ids;
	for (size_t i = 0; i < r->sites.n; i++) {
		const char *own = r->sites.at[i]->mcu;
		bool hit = mcu ? str_eq(own, mcu) : last && str_eq(own, last) ? last_hit : false;
		if (!mcu && !(last && str_eq(own, last)))
			for (size_t k = 0; k < other->sites.n && !hit && *own; k++, s->looked++)
				hit = str_eq(own, other->sites.at[k]->mcu);
		last = own;
		last_hit = hit;
		if (hit)
			*vec_add_in(s->a, &out) = r->sites.at[i]->id;
	}
	if (!out.n)
		return NULL;
	s->listed += out.n;
	*vec_add_in(s->a, &out) = NULL;
	return l->ids = out.at;
}

static bool
is_spent(const struct search *s)
{
	return s->told > TOLD_MAX || s->listed > LISTED_MAX || s->looked > LOOKED_MAX;
}

static void
say_spent(struct plan *p, struct arena *a)
{
	p->alarms = vec_grow(a, p->alarms, p->alarms_n, &p->alarms_cap, sizeof *p->alarms);
	p->alarms[p->alarms_n++] = (struct plan_alarm){ .kind = "conflicts-not-all",
		.uid = "",
		.why = "too many runs overlap: not all of them were compared" };
}

void
plan_conflicts(struct plan *p, struct arena *a)
{
	struct search s = { .a = a };
	for (size_t i = 0; i < p->runs_n; i++) {
		struct plan_run *x = &p->runs[i];
		int64_t end = end_of(x);
		size_t compared = 0;
		for (size_t k = i + 1;
			k < p->runs_n && p->runs[k].start < end && compared < COMPARED_MAX;
			k++, compared++) {
			struct plan_run *y = &p->runs[k];
			if (!overlap(x, y) || (x->conflicts_n >= CONFLICTS_MAX &&
						      y->conflicts_n >= CONFLICTS_MAX))
				continue;
			if (is_spent(&s)) {
				say_spent(p, a);
				return;
			}
			const char *const *common = common_sites(&s, x, y);
			if (common) {
				add_conflict(&s, x, "site-twice", y->key, common);
				add_conflict(&s, y, "site-twice", x->key, common);
				continue;
			}
			const char *const *on_x = sites_on(&s, &s.on_x, x, NULL, y);
			if (on_x) {
				add_conflict(&s, x, "mcu-twice", y->key, on_x);
				add_conflict(&s, y, "mcu-twice", x->key,
					sites_on(&s, &s.on_y, y, NULL, x));
			}
		}
	}
}

/* How many sites of each run hang on the MCU; a run that is disabled asks for none. */
static size_t *
count_on(const struct plan *p, const char *mcu)
{
	size_t *out = xalloc((p->runs_n + 1) * sizeof *out), n = 0;
	const struct selection *last = NULL;
	for (size_t i = 0; i < p->runs_n; i++) {
		const struct selection *own = &p->runs[i].sites;
		if (!last || own->at != last->at || own->n != last->n) {
			n = 0;
			for (size_t k = 0; k < own->n; k++)
				n += str_eq(own->at[k]->mcu, mcu);
			last = own;
		}
		out[i] = p->runs[i].disabled ? 0 : n;
	}
	return out;
}

/* For each run the last end of those up to it: what ended before needs not be looked at again. */
static int64_t *
ends_so_far(const struct plan *p)
{
	int64_t *out = xalloc((p->runs_n + 1) * sizeof *out);
	for (size_t i = 0; i < p->runs_n; i++) {
		out[i] = end_of(&p->runs[i]);
		if (i && out[i - 1] > out[i])
			out[i] = out[i - 1];
	}
	return out;
}

static void
check_ports(struct search *s, struct plan *p, const struct plan_mcu *mcu, const int64_t *ends)
{
	size_t *on = count_on(p, mcu->name), from = 0;
	for (size_t i = 0; i < p->runs_n; i++) {
		struct plan_run *x = &p->runs[i];
		size_t total = on[i], compared = 0;
		const char *with = "";
		while (from < i && ends[from] <= x->start)
			from++;
		for (size_t k = from; on[i] && k < p->runs_n && p->runs[k].start < end_of(x) &&
				      compared < COMPARED_MAX;
			k++) {
			if (k == i || !overlap(x, &p->runs[k]))
				continue;
			compared++;
			total += on[k];
			with = on[k] && !*with ? p->runs[k].key : with;
		}
		if (on[i] && total > (size_t)mcu->ports && !is_spent(s))
			add_conflict(s, x, "ports-short", with,
				sites_on(s, &s->on_x, x, mcu->name, NULL));
	}
	free(on);
}

void
plan_ports(struct plan *p, const struct plan_mcu *mcus, size_t n, struct arena *a)
{
	struct search s = { .a = a };
	int64_t *ends = ends_so_far(p);
	for (size_t m = 0; m < n; m++)
		if (mcus[m].ports > 0)
			check_ports(&s, p, &mcus[m], ends);
	if (is_spent(&s))
		say_spent(p, a);
	free(ends);
}
