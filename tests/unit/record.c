/* The record of a site: sums that add up, the published rule as a table, what comes again, what
 * gets worse, and who comes first. */
#include "advice.h"
#include "base/str.h"
#include "record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct record_site *
site(struct records *r, const char *id, int importance)
{
	struct record_site *s = arena_alloc(r->arena, sizeof *s);
	*s = (struct record_site){ .id = id,
		.name = id,
		.district = "",
		.provider = "",
		.tier = "commune",
		.importance = importance };
	*vec_add_in(r->arena, &r->sites) = s;
	return s;
}

/* One letter per run: g good, l late, a absent, w incompatible (technical), m wrong address in our
 * directory, d drop but good, u untested, ? unverified. */
static void
runs(struct records *r, struct record_site *s, const char *letters)
{
	for (const char *c = letters; *c; c++) {
		struct record_run *o = vec_add_in(r->arena, &s->runs);
		*o = (struct record_run){ .run = "r",
			.start = 1000 * (int64_t)s->runs.n,
			.headline = *c == 'l'		     ? LATE
				    : *c == 'a'		     ? ABSENT
				    : *c == 'w' || *c == 'm' ? UNCONNECTED
				    : *c == 'u'		     ? UNTESTED
				    : *c == '?'		     ? UNVERIFIED
							     : GOOD,
			.sub_reason = *c == 'm' ? "wrong-address" : "",
			.fault = *c == 'a' || *c == 'w' || *c == 'm' ? "no-connection"
				 : *c == 'd'			     ? "drop"
								     : "",
			.cause = *c == 'a'		  ? "operation"
				 : *c == 'w' || *c == 'm' ? "configuration"
							  : "",
			.drops = *c == 'd',
			.loss_permille = -1,
			.jitter_ms = -1 };
	}
}

static void
the_rule_is_a_table(void **state)
{
	static const struct {
		const char *letters;
		enum record_class class;
	} rows[] = {
		{ "", RECORD_UNKNOWN },
		{ "gg", RECORD_UNKNOWN },
		{ "uuu??gg", RECORD_UNKNOWN },
		{ "ggg", RECORD_STABLE },
		{ "gggggggggg", RECORD_STABLE },
		{ "ggggggggga", RECORD_STABLE },
		{ "ggggggggaa", RECORD_UNSTABLE },
		{ "gga", RECORD_UNSTABLE },
		{ "aaaaa", RECORD_UNSTABLE /* switched off is no worn-out equipment */ },
		{ "gww", RECORD_UNFIT },
		{ "ggggwwww", RECORD_UNFIT },
		{ "gggggwwww", RECORD_UNSTABLE },
		{ "wwwwwwwwwwgggggggggg", RECORD_STABLE /* only the last ten count */ },
		{ "ggggggggdd", RECORD_STABLE },
		{ "gggggggddd", RECORD_UNSTABLE },
		{ "wwwuuuuuuuuu", RECORD_UNFIT },
		{ "llllll", RECORD_STABLE },
		{ "gggmmmmmmm", RECORD_STABLE /* our directory's fault */ },
		{ "mmmmmm", RECORD_UNKNOWN },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct arena *a = arena_new();
		struct records r;
		record_new(&r, a);
		struct record_site *s = site(&r, "x", 0);
		runs(&r, s, rows[i].letters);
		record_finish(&r);
		if (s->class != rows[i].class)
			fail_msg("%s: %s, not %s", rows[i].letters, record_class_name(s->class),
				record_class_name(rows[i].class));
		assert_int_equal(s->all.expected, strlen(rows[i].letters));
		assert_int_equal(s->all.expected, s->all.untested + s->all.good + s->all.late +
							  s->all.unverified + s->all.failed);
		record_free(&r);
		arena_free(a);
	}
}

static void
what_comes_again_and_since_when(void **state)
{
	struct arena *a = arena_new();
	struct records r;
	int times;
	record_new(&r, a);
	struct record_site *s = site(&r, "x", 0);
	runs(&r, s, "wgwguw?");
	record_finish(&r);
	assert_string_equal(record_again(s, &times), "no-connection");
	assert_int_equal(times, 3);
	assert_int_equal(s->failing, 1); /* not tested neither ends nor lengthens it */
	assert_int_equal(s->failing_since, 6000);
	runs(&r, s, "w");
	record_finish(&r); /* again, from the beginning */
	assert_int_equal(s->failing, 2);
	assert_int_equal(s->all.failed, 4);
	record_free(&r);
	arena_free(a);
}

static void
it_gets_worse_before_it_fails(void **state)
{
	struct arena *a = arena_new();
	struct records r;
	record_new(&r, a);
	struct record_site *s = site(&r, "x", 0), *even = site(&r, "y", 0),
			   *short_one = site(&r, "z", 0);
	runs(&r, s, "gggggg");
	runs(&r, even, "gggggg");
	runs(&r, short_one, "ggggg");
	for (int i = 0; i < 6; i++) {
		s->runs.at[i].loss_permille = i < 3 ? 4 : 20;
		s->runs.at[i].jitter_ms = i < 3 ? 10 : 15; /* less than twice */
		even->runs.at[i].loss_permille = i < 3 ? 1 : 5; /* less than 10 */
	}
	for (int i = 0; i < 5; i++)
		short_one->runs.at[i].loss_permille = i < 2 ? 0 : 500; /* too few before */
	record_finish(&r);
	assert_int_equal(s->trend, TREND_LOSS);
	assert_int_equal(s->class, RECORD_STABLE);
	assert_int_equal(even->trend, 0);
	assert_int_equal(short_one->trend, 0);
	record_free(&r);
	arena_free(a);
}

static void
the_most_urgent_comes_first(void **state)
{
	static const char *const order[] = { "important", "long", "short", "was", "fine" };
	struct arena *a = arena_new();
	struct records r;
	record_new(&r, a);
	runs(&r, site(&r, "fine", 9), "ggg");
	runs(&r, site(&r, "short", 1), "gga");
	runs(&r, site(&r, "was", 9), "agg");
	runs(&r, site(&r, "long", 1), "aaa");
	runs(&r, site(&r, "important", 5), "gga");
	record_finish(&r);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(r.sites.at[i]->id, order[i]);
	record_free(&r);
	arena_free(a);
}

static struct record_run
one(const char *run, int64_t start, enum headline h, const char *name, const char *district,
	const char *provider)
{
	return (struct record_run){ .run = run,
		.revision = 1,
		.phase = PHASE_REHEARSAL,
		.start = start,
		.headline = h,
		.fault = h == ABSENT ? "no-connection" : "",
		.cause = h == ABSENT ? "operation" : "",
		.fault_proposed = "",
		.cause_proposed = "",
		.sub_reason = "",
		.name = name,
		.district = district,
		.provider = provider,
		.tier = "commune",
		.share_least = -1,
		.share_most = -1,
		.loss_permille = -1,
		.jitter_ms = -1 };
}

/* As rows of the journal, in any order. */
static void
take(struct records *r, const char *site, const struct record_run *run, int64_t from, int64_t to)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	record_write(run, &w);
	record_take(r, run->run,
		&(struct row){ .kind = "record", .site = site, .body = buf_str(&b) }, from, to);
	buf_free(&b);
}

/* Renamed, moved to another district, given to another provider: one site, one history, called as
 * it is called now. */
static void
history_follows_the_id(void **state)
{
	struct arena *a = arena_new();
	struct records r;
	record_new(&r, a);
	struct record_run late = one("r3", 3000, GOOD, "Phường Mới", "Huyện B", "Viettel"),
			  first = one("r1", 1000, ABSENT, "Xã Cũ", "Huyện A", "VNPT"),
			  second = one("r2", 2000, ABSENT, "Xã Cũ", "Huyện A", "VNPT"),
			  outside = one("r4", 9000, GOOD, "Tên sau", "Huyện C", "FPT"),
			  corrected = first;
	take(&r, "x", &late, 0, 5000);
	take(&r, "x", &second, 0, 5000);
	take(&r, "x", &first, 0, 5000);
	take(&r, "x", &outside, 0, 5000);
	corrected.revision = 2; /* sealed last, of the oldest run */
	corrected.headline = GOOD;
	corrected.fault = corrected.cause = "";
	take(&r, "x", &corrected, 0, 5000);
	record_finish(&r);
	assert_int_equal(r.sites.n, 1);
	assert_int_equal(r.rehearsals_n + r.sessions_n, 3);
	const struct record_site *s = r.sites.at[0];
	assert_int_equal(s->runs.n, 3);
	assert_string_equal(s->runs.at[0].run, "r1");
	assert_int_equal(s->runs.at[0].revision, 2);
	assert_string_equal(s->name, "Phường Mới");
	assert_string_equal(s->district, "Huyện B");
	assert_int_equal(s->all.failed, 1);
	assert_int_equal(s->all.good, 2);
	assert_string_equal(s->runs.at[1].provider, "VNPT");
	record_free(&r);
	arena_free(a);
}

static void
a_row_says_all_that_counts(void **state)
{
	struct arena *a = arena_new();
	struct records r;
	record_new(&r, a);
	struct record_run full = one("r1", 1000, UNCONNECTED, "Tên \"lạ\"", "=1+1", "");
	full.sub_reason = "busy", full.fault = "none", full.cause = "power",
	full.fault_proposed = "no-connection";
	full.cause_proposed = "operation", full.importance = 7, full.late = true,
	full.late_s = figure_of(0);
	full.late_uncertainty_s = figure_of(31), full.share_least = 0, full.share_most = 1000,
	full.drops = 3;
	full.loss_permille = 0, full.jitter_ms = 44;
	take(&r, "x", &full, 0, 5000);
	record_finish(&r);
	const struct record_run *back = &r.sites.at[0]->runs.at[0];
	assert_int_equal(back->headline, UNCONNECTED);
	assert_string_equal(back->sub_reason, "busy");
	assert_string_equal(back->fault_proposed, "no-connection");
	assert_string_equal(back->cause_proposed, "operation");
	assert_string_equal(back->cause, "power");
	assert_string_equal(back->name, "Tên \"lạ\"");
	assert_int_equal(back->importance, 7);
	assert_true(back->late && back->late_s.known && back->late_s.v == 0 &&
		    back->late_uncertainty_s.v == 31);
	assert_int_equal(back->share_least, 0);
	assert_int_equal(back->loss_permille, 0);
	assert_int_equal(back->jitter_ms, 44);
	assert_int_equal(back->drops, 3);
	record_take(&r, "r2",
		&(struct row){
			.kind = "record", .site = "x", .body = "{\"headline\":\"splendid\"}" },
		0, 5000);
	record_take(&r, "r2", &(struct row){ .kind = "record", .site = "x", .body = "{" }, 0, 5000);
	assert_int_equal(r.sites.at[0]->runs.n, 1); /* what cannot be read is not guessed */
	record_free(&r);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rule_is_a_table),
		cmocka_unit_test(history_follows_the_id),
		cmocka_unit_test(a_row_says_all_that_counts),
		cmocka_unit_test(what_comes_again_and_since_when),
		cmocka_unit_test(it_gets_worse_before_it_fails),
		cmocka_unit_test(the_most_urgent_comes_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
