/* From many judgements to the record of each site.
 *
 * Called by `sites --record` and by summaries of a period, which read the journal. Owns its map
 * only. What was not tested counts neither for nor against a site. It must never look at a clock:
 * the order of the runs is what it is given. */
#include "record.h"

#include "advice.h"
#include "base/str.h"
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
	static const char *const titles[] = { T("not enough runs"), T("stable"),
		T("works, but not stable"), T("no longer fit") };
	return titles[c];
}

const char *
record_rule(void)
{
	return T("Class: of the last 10 tested runs (at least 3), stable = at most one in ten "
		 "failed and at most one in five had a dropped "
		 "connection; no longer fit = at least half failed by a technical fault; else "
		 "works, but not stable. Runs that were not "
		 "tested do not count, nor those in which the address in our directory was "
		 "wrong.");
}

/* People who do not come, or leave, are no fault of the equipment. */
/* Its address in our directory was wrong: whether it would have come nobody knows. */
static bool
ours_to_put_right(const struct record_run *r)
{
	return str_eq(r->sub_reason, "wrong-address");
}

static bool
failed_technically(const struct record_run *r)
{
	return headline_failed(r->headline) && !str_eq(r->fault, "none") &&
	       !str_eq(r->fault, "unattended") && !str_eq(r->fault, "left-early") &&
	       !str_eq(r->cause, "operation");
}

void
record_new(struct records *r, struct arena *a)
{
	*r = (struct records){
		.arena = a, .by_id = map_new(), .by_run = map_new(), .words = map_new()
	};
}

void
record_free(struct records *r)
{
	map_free(r->by_id);
	map_free(r->by_run);
	map_free(r->words);
	r->by_id = r->by_run = r->words = NULL;
}

/* Few words, many runs: each is kept once. */
static const char *
word(struct records *r, const char *text)
{
	if (!text)
		return NULL;
	const char *found = map_get(r->words, text);
	if (!found) {
		char *kept = arena_strdup(r->arena, text);
		map_set(r->words, kept, kept);
		found = kept;
	}
	return found;
}

static struct record_site *
site_of(struct records *r, const char *id)
{
	struct record_site *found = map_get(r->by_id, id);
	if (!found) {
		found = arena_alloc(r->arena, sizeof *found);
		found->id = arena_strdup(r->arena, id);
		found->name = found->id;
		found->district = found->provider = found->tier = "";
		map_set(r->by_id, found->id, found);
		*vec_add_in(r->arena, &r->sites) = found;
	}
	return found;
}

static struct record_run *
entry_of(struct records *r, struct record_site *s, const char *run)
{
	for (size_t i = s->runs.n; i > 0; i--)
		if (str_eq(s->runs.at[i - 1].run, run))
			return &s->runs.at[i - 1];
	return vec_add_in(r->arena, &s->runs);
}

static void
count_run(struct records *r, const struct record_run *run)
{
	if (map_has(r->by_run, run->run))
		return;
	map_set(r->by_run, run->run, r);
	if (run->phase == PHASE_DRILL) {
		r->drills_n++;
		return;
	}
	r->sessions_n += run->session;
	r->rehearsals_n += !run->session;
}

void
record_put(struct records *r, const char *site, const struct record_run *run)
{
	if (run->phase == PHASE_DRILL) { /* counted as such, and nowhere else */
		struct record_run drill = { .run = arena_strdup(r->arena, run->run),
			.phase = PHASE_DRILL };
		count_run(r, &drill);
		return;
	}
	struct record_run *o = entry_of(r, site_of(r, site), run->run);
	*o = *run;
	o->run = word(r, run->run);
	o->fault = word(r, run->fault);
	o->cause = word(r, run->cause);
	o->fault_proposed = word(r, run->fault_proposed);
	o->cause_proposed = word(r, run->cause_proposed);
	o->sub_reason = word(r, run->sub_reason);
	o->name = word(r, run->name);
	o->district = word(r, run->district);
	o->provider = word(r, run->provider);
	o->tier = word(r, run->tier);
	count_run(r, o);
}

void
record_add(struct records *r, const struct report *report)
{
	for (size_t i = 0; i < report->n; i++) {
		struct record_run run;
		record_of(report, &report->sites[i], &run);
		record_put(r, report->sites[i].spec->id, &run);
	}
}

/* ---- figures --------------------------------------------------------------------------------- */

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

void
record_count(struct record_counts *c, const struct record_run *r)
{
	c->expected++;
	c->untested += r->headline == UNTESTED || ours_to_put_right(r);
	c->good += r->headline == GOOD;
	c->late += r->headline == LATE;
	c->unverified += r->headline == UNVERIFIED;
	c->failed += headline_failed(r->headline) && !ours_to_put_right(r);
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
	return r->headline != UNTESTED && r->headline != UNVERIFIED && !ours_to_put_right(r);
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
		failed += headline_failed(r->headline);
		technical += failed_technically(r);
		drops += r->drops > 0;
	}
	s->class_tested = tested;
	s->class_failed = failed;
	s->class_drops = drops;
	s->class = tested < RECORD_LEAST			  ? RECORD_UNKNOWN
		   : 2 * technical >= tested			  ? RECORD_UNFIT
		   : 10 * failed <= tested && 5 * drops <= tested ? RECORD_STABLE
								  : RECORD_UNSTABLE;
}

/* Sums of the measured ones among the last, and those before. */
struct side {
	int n;
	int64_t sum;
};

static int64_t
figure_of_run(const struct record_run *r, unsigned what)
{
	return what == TREND_LOSS     ? r->loss_permille
	       : what == TREND_JITTER ? r->jitter_ms
	       : is_tested(r)	      ? r->drops
				      : -1;
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
	return now.n == RECORD_TREND && before.n >= RECORD_TREND &&
	       now.sum * before.n >= 2 * before.sum * now.n &&
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
		if (!headline_failed(r->headline))
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

/* Failing now before all others, then those that failed; important ones first, long-running faults
 * first. */
static int
by_rank(const void *x, const void *y)
{
	const struct record_site *a = *(struct record_site *const *)x,
				 *b = *(struct record_site *const *)y;
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

static int
by_start(const void *x, const void *y)
{
	const struct record_run *a = x, *b = y;
	return a->start != b->start ? (a->start > b->start) - (a->start < b->start)
				    : strcmp(a->run, b->run);
}

/* As it is called now: as its newest run has it. */
static void
call_it(struct record_site *s)
{
	const struct record_run *last = s->runs.n ? &s->runs.at[s->runs.n - 1] : NULL;
	if (!last || !last->name)
		return;
	s->name = last->name;
	s->district = last->district ? last->district : "";
	s->provider = last->provider ? last->provider : "";
	s->tier = last->tier ? last->tier : "";
	s->importance = last->importance;
}

void
record_finish(struct records *r)
{
	for (size_t i = 0; i < r->sites.n; i++) {
		struct record_site *s = r->sites.at[i];
		if (s->runs.n)
			qsort(s->runs.at, s->runs.n, sizeof *s->runs.at, by_start);
		call_it(s);
		s->rehearsals = s->sessions = s->all = (struct record_counts){ 0 };
		for (size_t k = 0; k < s->runs.n; k++) {
			const struct record_run *run = &s->runs.at[k];
			record_count(run->session ? &s->sessions : &s->rehearsals, run);
			if (run->headline != UNTESTED)
				count_fault(s, run->fault);
		}
		record_counts_add(&s->all, &s->rehearsals);
		record_counts_add(&s->all, &s->sessions);
		classify(s);
		look_back(s);
		s->trend = (grows(s, TREND_LOSS, 10) ? TREND_LOSS : 0u) |
			   (grows(s, TREND_JITTER, 10) ? TREND_JITTER : 0u) |
			   (grows(s, TREND_DROPS, 1) ? TREND_DROPS : 0u);
	}
	if (r->sites.n)
		qsort(r->sites.at, r->sites.n, sizeof *r->sites.at, by_rank);
}
