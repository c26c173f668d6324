/* From many judgements to the record of each site.
 *
 * Called by `sites --record` and by summaries of a period, which read the journal. Owns its map only. What was not tested
 * counts neither for nor against a site. It must never look at a clock: the order of the runs is what it is given. */
#include "record.h"

#include "advice.h"
#include "base/str.h"
#include "report/presence.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

const char *
record_class_name(enum record_class c)
{
	static const char *const names[] = { "unknown", "stable", "unstable", "unfit" };
	return names[c];
}

const char *
record_class_title(enum record_class c)
{
	static const char *const titles[] = { T("not enough runs"), T("stable"), T("works, but not stable"), T("no longer fit") };
	return titles[c];
}

const char *
record_rule(void)
{
	return T("Class: of the last 10 tested runs (at least 3), stable = at most one in ten failed and at most one in five had a dropped "
		 "connection; no longer fit = at least half failed by a technical fault; else works, but not stable. Runs that were not "
		 "tested do not count.");
}

bool
record_failed(enum headline h)
{
	switch (h) {
	case ABSENT: case UNCONNECTED: case LEFT_EARLY: case LOST: case UNATTENDED: case ONE_WAY: case POOR: return true;
	case UNTESTED: case UNVERIFIED: case LATE: case GOOD: case HEADLINE_N: return false;
	}
	return false;
}

/* People who do not come, or leave, are no fault of the equipment. */
static bool
failed_technically(const struct record_run *r)
{
	return record_failed(r->headline) && !str_eq(r->fault, "unattended") && !str_eq(r->fault, "left-early") &&
		!str_eq(r->cause, "operation");
}

void
record_new(struct records *r, struct arena *a)
{
	*r = (struct records){ .arena = a, .by_id = map_new() };
}

void
record_free(struct records *r)
{
	map_free(r->by_id);
	r->by_id = NULL;
}

static struct record_site *
site_of(struct records *r, const struct report_site *s)
{
	struct record_site *found = map_get(r->by_id, s->spec->id);
	if (!found) {
		found = arena_alloc(r->arena, sizeof *found);
		found->id = arena_strdup(r->arena, s->spec->id);
		map_set(r->by_id, found->id, found);
		*vec_add_in(r->arena, &r->sites) = found;
	}
	found->name = arena_strdup(r->arena, s->name); /* as it is called now */
	found->district = arena_strdup(r->arena, s->spec->district ? s->spec->district : "");
	found->provider = arena_strdup(r->arena, s->spec->provider ? s->spec->provider : "");
	found->tier = arena_strdup(r->arena, s->spec->tier ? s->spec->tier : "");
	found->importance = s->spec->importance;
	return found;
}

static void
worst_media(const struct verdict *v, struct record_run *out)
{
	out->loss_permille = out->jitter_ms = -1;
	for (int i = 0; i < v->media_n; i++) {
		const struct media_fact *m = &v->media[i];
		out->loss_permille = m->loss_permille > out->loss_permille ? m->loss_permille : out->loss_permille;
		out->jitter_ms = m->jitter_ms > out->jitter_ms ? m->jitter_ms : out->jitter_ms;
	}
}

void
record_add(struct records *r, const struct report *report)
{
	const char *run = arena_strdup(r->arena, report->spec->id);
	bool session = report->spec->phase == PHASE_SESSION;
	if (report->spec->drill || report->spec->phase == PHASE_DRILL)
		return;
	r->runs_n++;
	r->sessions_n += session;
	r->rehearsals_n += !session;
	for (size_t i = 0; i < report->n; i++) {
		const struct report_site *s = &report->sites[i];
		struct record_site *site = site_of(r, s);
		struct record_run *o = vec_add_in(r->arena, &site->runs);
		struct presence p;
		presence_of(report, s, &p);
		*o = (struct record_run){ .run = run,
			.session = session,
			.start = report->spec->planned_start,
			.headline = s->verdict->headline,
			.fault = advice_fault_settled(s->verdict),
			.cause = advice_cause_settled(s->verdict),
			.late = s->lists & 1u << LIST_LATE,
			.late_s = s->verdict->late_s,
			.late_uncertainty_s = s->verdict->late_uncertainty_s,
			.share_least = p.known ? p.least_permille : -1,
			.share_most = p.known ? p.most_permille : -1,
			.drops = s->drops };
		worst_media(s->verdict, o);
	}
}

/* ---- figures ------------------------------------------------------------------------------------------------ */

void
record_counts_add(struct record_counts *to, const struct record_counts *c)
{
	to->expected += c->expected;
	to->untested += c->untested;
	to->good += c->good;
	to->late += c->late;
	to->unverified += c->unverified;
	to->failed += c->failed;
	to->drops += c->drops;
}

static void
count(struct record_counts *c, const struct record_run *r)
{
	c->expected++;
	c->untested += r->headline == UNTESTED;
	c->good += r->headline == GOOD;
	c->late += r->headline == LATE;
	c->unverified += r->headline == UNVERIFIED;
	c->failed += record_failed(r->headline);
	c->drops += r->drops;
}

static void
count_fault(struct record_site *s, const char *fault)
{
	for (int i = 0; advice_faults[i] && i < RECORD_FAULTS_MOST; i++)
		s->faults[i] += str_eq(advice_faults[i], fault);
}

static bool
is_tested(const struct record_run *r)
{
	return r->headline != UNTESTED && r->headline != UNVERIFIED;
}

static void
classify(struct record_site *s)
{
	int tested = 0, failed = 0, technical = 0, drops = 0;
	for (size_t i = s->runs.n; i > 0 && tested < RECORD_LAST; i--) {
		const struct record_run *r = &s->runs.at[i - 1];
		if (!is_tested(r))
			continue;
		tested++;
		failed += record_failed(r->headline);
		technical += failed_technically(r);
		drops += r->drops > 0;
	}
	s->class_tested = tested;
	s->class_failed = failed;
	s->class_drops = drops;
	s->class = tested < RECORD_LEAST ? RECORD_UNKNOWN : 2 * technical >= tested ? RECORD_UNFIT
		: 10 * failed <= tested && 5 * drops <= tested ? RECORD_STABLE : RECORD_UNSTABLE;
}

/* Sums of the measured ones among the last, and those before. */
struct side {
	int n;
	int64_t sum;
};

static int64_t
figure_of_run(const struct record_run *r, unsigned what)
{
	return what == TREND_LOSS ? r->loss_permille : what == TREND_JITTER ? r->jitter_ms : is_tested(r) ? r->drops : -1;
}

static bool
grows(const struct record_site *s, unsigned what, int64_t least)
{
	struct side now = { 0 }, before = { 0 };
	for (size_t i = s->runs.n; i > 0 && before.n < RECORD_LAST - RECORD_TREND; i--) {
		int64_t v = figure_of_run(&s->runs.at[i - 1], what);
		struct side *to = now.n < RECORD_TREND ? &now : &before;
		if (v < 0)
			continue;
		to->n++;
		to->sum += v;
	}
	/* Means compared without dividing: at least twice, and by `least`. */
	return now.n == RECORD_TREND && before.n >= RECORD_TREND && now.sum * before.n >= 2 * before.sum * now.n &&
		now.sum * before.n - before.sum * now.n >= least * now.n * before.n;
}

static void
look_back(struct record_site *s)
{
	s->failing = 0;
	s->failing_since = 0;
	for (size_t i = s->runs.n; i > 0; i--) {
		const struct record_run *r = &s->runs.at[i - 1];
		if (!is_tested(r))
			continue;
		if (!record_failed(r->headline))
			return;
		s->failing++;
		s->failing_since = r->start;
	}
}

const char *
record_again(const struct record_site *s, int *out_times)
{
	int most = -1;
	for (int i = 0; advice_faults[i] && i < RECORD_FAULTS_MOST; i++)
		if (s->faults[i] >= RECORD_AGAIN && (most < 0 || s->faults[i] > s->faults[most]))
			most = i;
	*out_times = most < 0 ? 0 : s->faults[most];
	return most < 0 ? NULL : advice_faults[most];
}

/* Failing now before all others, then those that failed; important ones first, long-running faults first. */
static int
by_rank(const void *x, const void *y)
{
	const struct record_site *a = *(struct record_site *const *)x, *b = *(struct record_site *const *)y;
	if ((a->failing > 0) != (b->failing > 0))
		return a->failing ? -1 : 1;
	if ((a->all.failed > 0) != (b->all.failed > 0))
		return a->all.failed ? -1 : 1;
	if (a->importance != b->importance)
		return a->importance > b->importance ? -1 : 1;
	if (a->failing != b->failing)
		return a->failing > b->failing ? -1 : 1;
	if (a->all.failed != b->all.failed)
		return a->all.failed > b->all.failed ? -1 : 1;
	if ((a->trend != 0) != (b->trend != 0))
		return a->trend ? -1 : 1;
	return str_eq(a->id, b->id) ? 0 : strcmp(a->id, b->id);
}

void
record_finish(struct records *r)
{
	for (size_t i = 0; i < r->sites.n; i++) {
		struct record_site *s = r->sites.at[i];
		s->rehearsals = s->sessions = s->all = (struct record_counts){ 0 };
		for (size_t k = 0; k < s->runs.n; k++) {
			const struct record_run *run = &s->runs.at[k];
			count(run->session ? &s->sessions : &s->rehearsals, run);
			if (run->headline != UNTESTED)
				count_fault(s, run->fault);
		}
		record_counts_add(&s->all, &s->rehearsals);
		record_counts_add(&s->all, &s->sessions);
		classify(s);
		look_back(s);
		s->trend = (grows(s, TREND_LOSS, 10) ? TREND_LOSS : 0u) | (grows(s, TREND_JITTER, 10) ? TREND_JITTER : 0u) |
			(grows(s, TREND_DROPS, 1) ? TREND_DROPS : 0u);
	}
	if (r->sites.n)
		qsort(r->sites.at, r->sites.n, sizeof *r->sites.at, by_rank);
}
