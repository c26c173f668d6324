/* Conflicts between runs that overlap: a site wanted twice, an MCU shared, ports short. Called by
 * plan_make() and by whoever knows the MCUs. Pure. Work per run is bounded: a calendar may hold any
 * number of meetings at one hour. */
#include "schedules/plan_conflicts.h"

#include "base/str.h"
#include "base/vec.h"

enum { CONFLICTS_MAX = 20, COMPARED_MAX = 300 };

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
add_conflict(struct plan_run *r, struct arena *a, const char *kind, const char *with,
	const char *const *sites)
{
	if (r->conflicts_n >= CONFLICTS_MAX)
		return;
	r->conflicts =
		vec_grow(a, r->conflicts, r->conflicts_n, &r->conflicts_cap, sizeof *r->conflicts);
	r->conflicts[r->conflicts_n++] = (struct plan_conflict){
		.kind = kind, .with = arena_strdup(a, with), .sites = sites
	};
}

/* Ids of the sites in both; both stand in directory order. NULL: none. */
static const char *const *
common_sites(const struct plan_run *x, const struct plan_run *y, struct arena *a)
{
	VEC(const char *) out = { 0 };
	for (size_t i = 0, k = 0; i < x->sites.n && k < y->sites.n;) {
		if (x->sites.at[i] == y->sites.at[k]) {
			*vec_add_in(a, &out) = x->sites.at[i]->id;
			i++, k++;
		} else if (x->sites.at[i] < y->sites.at[k]) {
			i++;
		} else {
			k++;
		}
	}
	if (!out.n)
		return NULL;
	*vec_add_in(a, &out) = NULL;
	return out.at;
}

/* Ids of the sites that hang on an MCU, or on any MCU of another run (mcu NULL). NULL: none. */
static const char *const *
sites_on(const struct plan_run *r, const char *mcu, const struct plan_run *other, struct arena *a)
{
	VEC(const char *) out = { 0 };
	const char *last = NULL; /* directories are mostly sorted by MCU: remember the answer */
	bool last_hit = false;
	for (size_t i = 0; i < r->sites.n; i++) {
		const char *own = r->sites.at[i]->mcu;
		bool hit = mcu ? str_eq(own, mcu) : last && str_eq(own, last) ? last_hit : false;
		if (!mcu && !(last && str_eq(own, last)))
			for (size_t k = 0; k < other->sites.n && !hit && *own; k++)
				hit = str_eq(own, other->sites.at[k]->mcu);
		last = own;
		last_hit = hit;
		if (hit)
			*vec_add_in(a, &out) = r->sites.at[i]->id;
	}
	if (!out.n)
		return NULL;
	*vec_add_in(a, &out) = NULL;
	return out.at;
}

void
plan_conflicts(struct plan *p, struct arena *a)
{
	for (size_t i = 0; i < p->runs_n; i++) {
		struct plan_run *x = &p->runs[i];
		int64_t end = end_of(x);
		size_t compared = 0;
		for (size_t k = i + 1;
			k < p->runs_n && p->runs[k].start < end && compared < COMPARED_MAX;
			k++, compared++) {
			struct plan_run *y = &p->runs[k];
			if (!overlap(x, y))
				continue;
			const char *const *common = common_sites(x, y, a);
			if (common) {
				add_conflict(x, a, "site-twice", y->key, common);
				add_conflict(y, a, "site-twice", x->key, common);
				continue;
			}
			const char *const *on_x = sites_on(x, NULL, y, a);
			if (on_x) {
				add_conflict(x, a, "mcu-twice", y->key, on_x);
				add_conflict(y, a, "mcu-twice", x->key, sites_on(y, NULL, x, a));
			}
		}
	}
}

static size_t
count_on(const struct plan_run *r, const char *mcu)
{
	size_t n = 0;
	for (size_t i = 0; i < r->sites.n; i++)
		n += str_eq(r->sites.at[i]->mcu, mcu);
	return n;
}

void
plan_ports(struct plan *p, const struct plan_mcu *mcus, size_t n, struct arena *a)
{
	for (size_t m = 0; m < n; m++) {
		if (mcus[m].ports <= 0)
			continue;
		for (size_t i = 0; i < p->runs_n; i++) {
			struct plan_run *x = &p->runs[i];
			size_t own = x->disabled ? 0 : count_on(x, mcus[m].name), total = own,
			       compared = 0;
			const char *with = "";
			for (size_t k = 0; own && k < p->runs_n && p->runs[k].start < end_of(x) &&
					   compared < COMPARED_MAX;
				k++) {
				if (k == i || !overlap(x, &p->runs[k]))
					continue;
				compared++;
				size_t more = count_on(&p->runs[k], mcus[m].name);
				total += more;
				with = more && !*with ? p->runs[k].key : with;
			}
			if (own && total > (size_t)mcus[m].ports)
				add_conflict(x, a, "ports-short", with,
					sites_on(x, mcus[m].name, NULL, a));
		}
	}
}
