/* One headline per site, the first that holds, while the lists name a site for every fact; what
 * lateness is charged with; and that nobody's own microphone key is touched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "world.h"

static const char playbook[] =
	"<playbook name='tong-duyet' title='T' phase='rehearsal' anchor='event'>\n"
	"<open at='PT0S' muted='yes'/>\n"
	"<dial at='PT0S' attempts='3' every='PT1M' probe-every='PT30S'/>\n"
	"<verify at='PT4M' within='PT8M'/>\n"
	"<watch at='PT12M' redial='yes' until='allclear'/>\n"
	"<rollcall at='PT12M' answer-within='PT20S' calls='2'/>\n"
	"<allclear at='PT25M' by='rule' latest='PT30M'/>\n"
	"<close at='PT36M'/>\n"
	"<report at='PT38M'/>\n"
	"</playbook>\n";

static void
play(struct world *w, const struct behaviour *b, bool endpoints, struct judgement *j)
{
	world_new(w, playbook, b, 1, endpoints);
	world_begin(w);
	world_until(w, 60 * MINUTE);
	assert_true(w->run->finished);
	judge(w->run, w->arena, j);
}

static bool
listed(const struct judgement *j, enum list l)
{
	return j->lists[l].n > 0;
}

static void
test_the_first_that_holds(void **state)
{
	static const struct {
		struct behaviour b;
		bool endpoints;
		enum headline headline;
		enum list also[2]; /* it stands there as well */
	} rows[] = {
		{ { .id = "left and unattended", .hangup_at = 20 * MINUTE, .silent = true }, true,
			LEFT_EARLY, { LIST_UNATTENDED, LIST_N } },
		{ { .id = "left and one-way",
			  .hangup_at = 20 * MINUTE,
			  .one_way_video_from = true },
			true, LEFT_EARLY, { LIST_ONE_WAY, LIST_N } },
		{ { .id = "left and late", .hangup_at = 10 * MINUTE, .on_at = 7 * MINUTE }, true,
			LEFT_EARLY, { LIST_LATE, LIST_N } },
		{ { .id = "lost and unattended", .network_down_at = 20 * MINUTE, .silent = true },
			true, LOST, { LIST_UNATTENDED, LIST_N } },
		{ { .id = "lost and one-way",
			  .network_down_at = 20 * MINUTE,
			  .one_way_video_from = true },
			true, LOST, { LIST_ONE_WAY, LIST_N } },
		{ { .id = "unattended and one-way", .silent = true, .one_way_video_from = true },
			true, UNATTENDED, { LIST_ONE_WAY, LIST_N } },
		{ { .id = "unattended and late", .silent = true, .on_at = 7 * MINUTE }, true,
			UNATTENDED, { LIST_LATE, LIST_N } },
		{ { .id = "one-way and poor", .one_way_video_from = true, .loss_permille = 60 },
			true, ONE_WAY, { LIST_ONE_WAY, LIST_N } },
		{ { .id = "one-way and late", .one_way_video_from = true, .on_at = 7 * MINUTE },
			true, ONE_WAY, { LIST_LATE, LIST_ONE_WAY } },
		{ { .id = "poor and unverified", .loss_permille = 60 }, false, POOR,
			{ LIST_N, LIST_N } },
		{ { .id = "poor and late", .loss_permille = 60, .on_at = 7 * MINUTE }, true, POOR,
			{ LIST_LATE, LIST_N } },
		{ { .id = "unverified and late", .on_at = 7 * MINUTE }, false, UNVERIFIED,
			{ LIST_LATE, LIST_UNVERIFIED } },
		{ { .id = "late", .on_at = 7 * MINUTE }, true, LATE, { LIST_LATE, LIST_N } },
		{ { .id = "good" }, true, GOOD, { LIST_N, LIST_N } },
	};

	for (size_t i = 0; i < N(rows); i++) {
		struct world w;
		struct judgement j;
		int sum = 0;

		play(&w, &rows[i].b, rows[i].endpoints, &j);
		if (j.verdicts[0].headline != rows[i].headline)
			fail_msg("%s: %s", rows[i].b.id, headline_name(j.verdicts[0].headline));
		for (int h = 0; h < HEADLINE_N; h++)
			sum += (int)j.count[h];
		assert_int_equal(sum, 1);
		for (int k = 0; k < 2; k++)
			if (rows[i].also[k] != LIST_N && !listed(&j, rows[i].also[k]))
				fail_msg(
					"%s: not in %s", rows[i].b.id, list_names[rows[i].also[k]]);
		world_free(&w);
	}
}

/* Known not to be there until 1:08 and there at 2:04 may be 68 seconds: within the grace. */
static void
test_the_lower_bound_of_the_lateness_is_charged(void **state)
{
	static const struct {
		int64_t on_at;
		bool late;
	} rows[] = { { 0, false }, { 90000, false }, { 200000, true }, { 10 * MINUTE, true } };

	for (size_t i = 0; i < N(rows); i++) {
		struct behaviour b = { .id = "a", .on_at = rows[i].on_at };
		struct world w;
		struct judgement j;

		play(&w, &b, true, &j);
		const struct verdict *v = &j.verdicts[0];

		assert_true(v->late_s.known && v->late_uncertainty_s.known);
		assert_int_equal(v->late_s.v * 1000 > w.spec.profile.grace_ms, rows[i].late);
		assert_true(v->late_s.v * 1000 <= rows[i].on_at + 10000 &&
			    (v->late_s.v + v->late_uncertainty_s.v) * 1000 >= rows[i].on_at);
		assert_int_equal(v->headline, rows[i].late ? LATE : GOOD);
		world_free(&w);
	}
}

static void
test_short_notice_charges_nobody_with_lateness(void **state)
{
	static const struct behaviour b = { .id = "a", .on_at = 7 * MINUTE };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, &b, 1, true);
	w.spec.short_notice = true;
	world_begin(&w);
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_int_equal(j.verdicts[0].headline, GOOD);
	assert_false(j.verdicts[0].late_s.known);
	assert_false(listed(&j, LIST_LATE));
	world_free(&w);
}

static void
test_mute_is_done_at_the_mcu(void **state)
{
	static const struct behaviour b = { .id = "a" };
	struct world w;
	struct judgement j;
	int mutes = 0;

	play(&w, &b, true, &j);
	for (size_t i = 0; i < w.orders.n; i++) {
		if (w.orders.at[i].verb != VERB_MUTE)
			continue;
		assert_string_equal(w.orders.at[i].device, "huyen");
		mutes++;
	}
	assert_true(mutes >= 2); /* opened for its call, shut again */
	world_free(&w);
}

/* Fast attempts first, then cheap probes; the dial follows at once when its codec answers. */
static void
test_a_box_that_wakes_is_dialled_at_once(void **state)
{
	static const struct behaviour b = { .id = "a", .on_at = 15 * MINUTE + 5000 };
	struct world w;
	struct judgement j;
	int dials = 0, probes = 0;

	play(&w, &b, true, &j);
	for (size_t i = 0; i < w.orders.n; i++) {
		dials += w.orders.at[i].verb == VERB_DIAL;
		probes += w.orders.at[i].verb == VERB_STATUS;
	}
	assert_true(w.run->sites[0].first_up < WORLD_START + b.on_at + 45000);
	assert_true(dials < probes); /* the line is not rung every half minute */
	assert_int_equal(j.verdicts[0].headline, LATE);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_that_holds),
		cmocka_unit_test(test_the_lower_bound_of_the_lateness_is_charged),
		cmocka_unit_test(test_short_notice_charges_nobody_with_lateness),
		cmocka_unit_test(test_mute_is_done_at_the_mcu),
		cmocka_unit_test(test_a_box_that_wakes_is_dialled_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
