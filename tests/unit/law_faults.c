/* The law of the judgement: bad input and faults accuse nobody and make nothing good; sessions. See
 * LAW.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "law.h"

/* ---- bad input and faults -------------------------------------------------------------------- */

static void
test_counters_that_run_backwards_prove_nothing(void **state)
{
	static const struct behaviour b = { .id = "a", .from_backwards = true };
	struct world w;
	struct judgement j;

	play_one(&w, &b, true, &j);
	assert_int_equal(fact(&j.verdicts[0], AUDIO, FROM_SITE)->value, UNKNOWN);
	assert_int_equal(j.verdicts[0].headline, UNVERIFIED);
	world_free(&w);
}

static void
test_counters_that_wrap_cost_one_window(void **state)
{
	static const struct behaviour b = { .id = "a", .from_wraps = true };
	struct world w;
	struct judgement j;

	play_one(&w, &b, true, &j);
	assert_int_equal(j.verdicts[0].headline, GOOD);
	world_free(&w);
}

/* A list that leaves everybody out, once: nobody is dialled a second time, nobody is accused. */
static void
test_a_wrong_list_makes_no_second_leg(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" }, { .id = "c" } };
	struct world w;
	struct judgement j;

	for (int64_t at = 0; at < 5000; at += 500) {
		world_new(&w, playbook, b, N(b), true);
		w.blind_from = WORLD_START + 12 * MINUTE + at;
		w.blind_to = w.blind_from + 5500; /* at least one list */
		play(&w, &j);
		for (size_t i = 0; i < N(b); i++) {
			assert_int_equal(ordered(&w, VERB_DIAL, b[i].id), 1);
			assert_int_equal(j.verdicts[i].headline, GOOD);
		}
		world_free(&w);
	}
}

static void
test_of_two_legs_of_one_site_one_is_kept(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" } };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, b, N(b), true);
	world_begin(&w);
	world_until(&w, 6 * MINUTE);
	w.two_legs = 1;
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_int_equal(w.two_legs, 0);
	assert_int_equal(ordered(&w, VERB_HANGUP, "a"), 1);
	assert_int_equal(noted(w.run, "second-leg"), 1);
	assert_int_equal(w.run->sites[0].intervals.n, 1);
	assert_int_equal(j.count[GOOD], 2);
	world_free(&w);
}

/* The clock is set forward by an hour, or back by one, at any moment: nothing good that was not
 * seen, and the run ends. */
static void
test_a_clock_that_jumps_makes_nothing_good(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "off", .kind = W_OFF },
		{ .id = "silent", .silent = true } };

	for (int64_t at = 0; at < 26 * MINUTE; at += 47000)
		for (int back = 0; back < 2; back++) {
			struct world w;
			struct judgement j;

			world_new(&w, playbook, b, N(b), true);
			world_begin(&w);
			world_until(&w, at);
			bool answered = w.run->sites[0].roll.answered;
			w.skew = back ? -60 * MINUTE : 60 * MINUTE;
			world_until(&w, 200 * MINUTE);
			if (!w.run->finished)
				print_error("jump %s at %lld\n", back ? "back" : "forward",
					(long long)at);
			assert_true(w.run->finished);
			judge(w.run, w.arena, &j);
			assert_true(j.verdicts[0].headline == GOOD ||
				    j.verdicts[0].headline == UNVERIFIED ||
				    j.verdicts[0].headline == UNTESTED);
			if (!back && !answered)
				assert_true(j.verdicts[0].headline != GOOD);
			assert_true(j.verdicts[1].headline == ABSENT ||
				    j.verdicts[1].headline == UNTESTED);
			assert_true(j.verdicts[2].headline != GOOD);
			for (int i = 0; i < j.verdicts[0].media_n; i++)
				assert_true(j.verdicts[0].media[i].value != NO);
			world_free(&w);
		}
}

/* Two looks a moment apart, the clock set by an hour between them: that nothing came meanwhile is
 * not known. */
static void
test_a_window_across_a_set_clock_says_no_nothing(void **state)
{
	static const struct behaviour b = { .id = "a" };
	struct world w;
	struct judgement j;
	struct leg l;

	world_new(&w, playbook, &b, 1, true);
	world_begin(&w);
	world_until(&w, 6 * MINUTE);
	l = leg_of(&w, 0);
	for (int m = 0; m < MEDIA_N; m++)
		l.media.s[m][FROM_SITE].packets =
			w.run->sites[0].proof[BY_MCU][m][FROM_SITE].base.packets;
	struct event e = { .kind = EVENT_ROSTER,
		.verb = VERB_ROSTER,
		.device = "huyen",
		.legs = &l,
		.legs_n = 1 };

	w.skew = 60 * MINUTE;
	world_feed(&w, &e);
	judge(w.run, w.arena, &j);
	for (int i = 0; i < j.verdicts[0].media_n; i++)
		assert_true(j.verdicts[0].media[i].value != NO);
	world_free(&w);
}

/* ---- sessions -------------------------------------------------------------------------------- */

static const char session[] =
	"<playbook name='phien-hop' title='T' phase='session' anchor='event'>\n"
	"<open at='PT0S' attach='yes'/>\n"
	"<watch at='PT1M' redial='yes' until='end'/>\n"
	"<close at='PT36M'/>\n"
	"<report at='PT38M'/>\n"
	"</playbook>\n";

static void
test_a_running_conference_is_watched_and_left_running(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .dials_in = true },
		{ .id = "late", .dials_in = true, .dials_in_at = 9 * MINUTE },
		{ .id = "early", .dials_in = true, .hangup_at = 10 * MINUTE },
		{ .id = "missing", .kind = W_OFF } };
	struct world w;
	struct judgement j;

	world_new(&w, session, b, N(b), true);
	w.found = "Giao ban";
	w.reason = CAUSE_SITE_HANGUP; /* asked for legs that are no longer listed */
	world_begin(&w);
	world_until(&w, 60 * MINUTE);
	assert_true(w.run->finished);
	judge(w.run, w.arena, &j);
	assert_int_equal(ordered(&w, VERB_START, ""), 0);
	assert_int_equal(ordered(&w, VERB_END, ""), 0);
	assert_string_equal(w.run->mcus[0].conference.name, "Giao ban");
	assert_int_equal(j.verdicts[0].headline, GOOD);
	/* from the anchor: nobody is dialled */
	assert_true(j.verdicts[1].late_s.known && j.verdicts[1].late_uncertainty_s.known);
	assert_int_equal(j.verdicts[2].headline, LEFT_EARLY);
	assert_int_equal(j.verdicts[3].headline, UNTESTED);
	assert_int_equal(j.verdicts[3].reached, UNKNOWN);
	for (size_t i = 0; i < N(b); i++)
		/* they came by themselves */
		assert_int_equal(ordered(&w, VERB_HANGUP, b[i].id), 0);
	world_free(&w);
}

static const char session_dial[] =
	"<playbook name='phien-hop' title='T' phase='session' anchor='event'>\n"
	"<open at='PT0S' muted='yes'/>\n"
	DIAL
	"<watch at='PT1M' redial='yes' until='end'/>\n"
	"<close at='PT36M'/>\n"
	"<report at='PT38M'/>\n"
	"</playbook>\n";

static void
test_a_session_says_who_is_late_missing_early_interrupted(void **state)
{
	static const struct behaviour b[] = { { .id = "good" },
		{ .id = "late", .on_at = 9 * MINUTE }, { .id = "missing", .kind = W_OFF },
		{ .id = "early", .hangup_at = 10 * MINUTE },
		{ .id = "back", .network_down_at = 10 * MINUTE, .network_back_at = 15 * MINUTE },
		{ .id = "person", .person_hangs_up = true, .person_at = 10 * MINUTE } };
	struct world w;
	struct judgement j;

	world_new(&w, session_dial, b, N(b), true);
	play(&w, &j);
	assert_int_equal(j.verdicts[0].headline, GOOD);
	assert_int_equal(j.verdicts[0].stayed, YES);
	assert_int_equal(j.verdicts[1].headline, LATE);
	assert_true(listed(&j, LIST_ABSENT, "missing"));
	assert_true(listed(&j, LIST_LEFT_EARLY, "early"));
	assert_int_equal(j.verdicts[4].headline, GOOD);
	assert_true(flagged(&j.verdicts[4], "drop"));
	assert_int_equal(w.run->sites[4].intervals.n, 2);
	assert_int_equal(w.run->sites[4].intervals.at[0].ended_by, ENDED_NETWORK);
	assert_true(flagged(&j.verdicts[5], "ended-by-person"));
	assert_int_equal(ordered(&w, VERB_DIAL, "person"), 1);
	world_free(&w);
}

static void
test_what_others_ended_is_no_drop_of_the_site(void **state)
{
	static const struct {
		enum ended_by by;
		int drops;
	} cases[] = { { ENDED_NETWORK, 1 }, { ENDED_SITE, 1 }, { ENDED_POWER, 1 },
		{ ENDED_UNKNOWN, 1 }, { ENDED_MCU, 0 }, { ENDED_OPERATOR, 0 }, { ENDED_US, 0 } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct interval at[2] = { { .from = 1, .to = 2, .ended_by = cases[i].by },
			{ .from = 3, .ended_by = ENDED_OPEN } };
		struct run_site s = { .intervals = { .at = at, .n = 2 } };
		assert_int_equal(judge_drops(&s), cases[i].drops);
		s.intervals.n = 1; /* gone and not back is no drop */
		assert_int_equal(judge_drops(&s), 0);
	}
}

static void
test_a_tone_that_cannot_be_played_is_said(void **state)
{
	static const char tone[] = BOOK("", DIAL "<verify at='PT3M' within='PT1M' sound='yes'/>\n");
	static const struct behaviour b = { .id = "a" };
	struct world w;
	struct judgement j;

	world_new(&w, tone, &b, 1, true);
	play(&w, &j);
	assert_int_equal(noted(w.run, "step-not-done"), 1);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counters_that_run_backwards_prove_nothing),
		cmocka_unit_test(test_counters_that_wrap_cost_one_window),
		cmocka_unit_test(test_a_wrong_list_makes_no_second_leg),
		cmocka_unit_test(test_of_two_legs_of_one_site_one_is_kept),
		cmocka_unit_test(test_a_clock_that_jumps_makes_nothing_good),
		cmocka_unit_test(test_a_window_across_a_set_clock_says_no_nothing),
		cmocka_unit_test(test_a_running_conference_is_watched_and_left_running),
		cmocka_unit_test(test_a_session_says_who_is_late_missing_early_interrupted),
		cmocka_unit_test(test_what_others_ended_is_no_drop_of_the_site),
		cmocka_unit_test(test_a_tone_that_cannot_be_played_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
