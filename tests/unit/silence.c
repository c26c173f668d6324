/* A leg that an MCU lists to the end although nothing comes from it any more: dead, or only
 * unheard? Its codec tells; where nobody does, present is unknown and nobody is accused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "report/model.h"
#include "report/presence.h"
#include "snapshot.h"
#include "world.h"

static const struct report *
play(struct world *w, const struct behaviour *b, size_t n, bool endpoints)
{
	struct judgement *j;

	world_new(w, world_playbook, b, n, endpoints);
	w->keep_alive = 120 * MINUTE;
	world_begin(w);
	world_until(w, 60 * MINUTE);
	assert_true(w->run->finished);
	j = arena_alloc(w->arena, sizeof *j);
	judge(w->run, w->arena, j);
	return report_build(w->run, j, 1, "seal", w->arena);
}

static bool
listed(const struct report *r, enum list l, size_t site)
{
	return r->sites[site].lists & 1u << l;
}

static void
killed_with_a_silent_codec_is_lost(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .network_down_at = 18 * MINUTE },
		{ .id = "b" } };
	struct world w;
	const struct report *r = play(&w, b, N(b), true);
	const struct verdict *v = r->sites[0].verdict;
	struct presence p;

	assert_int_equal(v->headline, LOST);
	assert_int_equal(v->stayed, UNKNOWN);
	assert_true(listed(r, LIST_LOST, 0) && !listed(r, LIST_ONE_WAY, 0));
	for (int i = 0; i < v->media_n; i++) /* proven before: it stays */
		assert_int_equal(v->media[i].value, YES);
	assert_true(v->stayed_rows.n > 0);
	assert_true(
		v->left_at > WORLD_START + 17 * MINUTE && v->left_at < WORLD_START + 19 * MINUTE);
	presence_of(r, &r->sites[0], &p);
	assert_true(p.least_s < 19 * 60 && p.most_s > 24 * 60);
	assert_int_equal(r->by_headline[GOOD].n, 1);
	struct judgement j;
	struct buf live = { 0 };

	judge(w.run, w.arena, &j);
	snapshot_json(w.run, &j, w.now, &live);
	assert_non_null(strstr(buf_str(&live), "\"note\":\"silent\""));
	buf_free(&live);
	world_free(&w);
}

static void
where_nobody_can_tell_nobody_is_accused(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .network_down_at = 18 * MINUTE },
		{ .id = "b", .frozen_at = 18 * MINUTE }, { .id = "c" } };
	struct world w;
	const struct report *r = play(&w, b, N(b), false);

	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(r->sites[i].verdict->headline, UNVERIFIED);
		assert_true(r->sites[i].verdict->silent_since);
		for (int l = 0; l < LIST_N; l++)
			assert_int_equal(listed(r, l, i), l == LIST_UNVERIFIED);
	}
	assert_int_equal(r->sites[2].verdict->silent_since, 0);
	world_free(&w);
}

static void
a_codec_that_answers_from_its_call_is_there(void **state)
{
	static const struct behaviour b = { .id = "a", .frozen_at = 18 * MINUTE };
	struct world w;
	const struct report *r = play(&w, &b, 1, true);

	assert_int_equal(r->sites[0].verdict->headline, ONE_WAY);
	assert_int_equal(r->sites[0].verdict->silent_since, 0);
	assert_int_equal(r->sites[0].verdict->stayed, YES);
	world_free(&w);
}

/* Its box is on again, while the MCU would list the dead leg for ever: it is taken down there, and
 * the site is called again. */
static void
a_dead_leg_is_taken_down_and_the_site_called_again(void **state)
{
	static const struct behaviour b = {
		.id = "a", .poweroff_at = 14 * MINUTE, .on_again_at = 17 * MINUTE
	};
	struct world w;
	const struct report *r = play(&w, &b, 1, true);
	const struct run_site *s = &w.run->sites[0];
	int hangups = 0;

	assert_int_equal(s->intervals.n, 2);
	assert_int_equal(s->intervals.at[0].ended_by, ENDED_POWER);
	assert_true(s->intervals.at[0].seen < WORLD_START + 15 * MINUTE);
	assert_true(s->intervals.at[1].from < WORLD_START + 20 * MINUTE);
	assert_int_equal(r->sites[0].verdict->headline, GOOD);
	assert_true(verdict_has_flag(r->sites[0].verdict, "drop"));
	for (size_t i = 0; i < w.orders.n; i++)
		hangups += w.orders.at[i].verb == VERB_HANGUP && w.orders.at[i].leg.id[0];
	assert_int_equal(hangups, 1);
	assert_int_equal(w.double_dials, 0);
	world_free(&w);
}

/* On again only after the all-clear: nobody is called then, and its uptime tells. */
static void
its_uptime_tells_that_it_was_switched_off(void **state)
{
	static const struct behaviour b = {
		.id = "a", .poweroff_at = 18 * MINUTE, .on_again_at = 28 * MINUTE
	};
	struct world w;
	const struct report *r = play(&w, &b, 1, true);

	assert_int_equal(w.run->sites[0].intervals.n, 1);
	assert_int_equal(r->sites[0].verdict->headline, LEFT_EARLY);
	assert_string_equal(r->sites[0].verdict->sub_reason, "switched-off");
	world_free(&w);
}

/* Silent after the all-clear: it may go then. */
static void
silence_after_the_allclear_is_nothing(void **state)
{
	static const struct behaviour b = { .id = "a", .network_down_at = 27 * MINUTE };
	struct world w;

	assert_int_equal(play(&w, &b, 1, true)->by_headline[GOOD].n, 1);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_with_a_silent_codec_is_lost),
		cmocka_unit_test(where_nobody_can_tell_nobody_is_accused),
		cmocka_unit_test(a_codec_that_answers_from_its_call_is_there),
		cmocka_unit_test(a_dead_leg_is_taken_down_and_the_site_called_again),
		cmocka_unit_test(its_uptime_tells_that_it_was_switched_off),
		cmocka_unit_test(silence_after_the_allclear_is_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
