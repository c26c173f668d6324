/* Verdicts that random fleets (run_truth.c) showed to be refuted by what really was, each as a
 * small scenario of its own. See LAW.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "law.h"

static const char toned[] =
	BOOK("<rollcall at='PT9M' sound='yes' answer-within='PT20S' calls='2'/>\n", DIAL);
/* Redialled by hand and by rule, the all-clear at its latest instant. */
static const char timed[] =
	"<playbook name='tong-duyet' title='T' phase='rehearsal' anchor='event' "
	"handover='PT60M'>\n"
	"<open at='PT0S' muted='yes'/>\n" DIAL "<verify at='PT2M' within='PT4M'/>\n"
	"<watch at='PT6M' redial='yes' until='allclear'/>\n"
	"<allclear at='PT15M' by='operator' latest='PT15M'/>\n"
	"<close at='PT22M'/>\n"
	"<report at='PT24M'/>\n"
	"</playbook>\n";

static const struct interval *
stretch(const struct world *w, size_t site, size_t n)
{
	assert_true(n < w->run->sites[site].intervals.n);
	return &w->run->sites[site].intervals.at[n];
}

/* ---- the roll call --------------------------------------------------------------------------- */

/* A person gave the all-clear early: whoever went home then does not answer, and need not. */
static void
test_nobody_is_called_after_the_allclear(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .silent = true }, { .id = "b" } };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, b, N(b), true);
	world_begin(&w);
	world_until(&w, 5 * MINUTE);
	world_command(&w, COMMAND_ALLCLEAR, "", "operator", "", 0);
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_int_equal(w.run->sites[0].roll.called, 0);
	assert_int_equal(j.verdicts[0].answered, UNKNOWN);
	assert_int_equal(j.lists[LIST_UNATTENDED].n, 0);
	assert_int_equal(noted(w.run, "step-not-done"), 1);
	world_free(&w);
}

/* Its line was cut a moment before it was called, and its MCU still listed it. */
static void
test_a_call_down_a_dead_line_is_no_call(void **state)
{
	static const struct behaviour b = {
		.id = "a", .network_down_at = 8 * MINUTE + 30000, .network_back_at = 30 * MINUTE
	};

	for (int endpoints = 0; endpoints < 2; endpoints++) {
		struct world w;
		struct judgement j;

		play_one(&w, &b, endpoints, &j);
		assert_true(w.run->sites[0].roll.called > 0);
		assert_int_equal(j.verdicts[0].answered, UNKNOWN);
		assert_false(listed(&j, LIST_UNATTENDED, "a"));
		assert_int_equal(j.verdicts[0].headline, LOST);
		world_free(&w);
	}
}

/* Called by a tone alone, and its codec tells that no sound comes to it. */
static void
test_who_hears_no_tone_was_not_asked(void **state)
{
	static const struct behaviour b[] = {
		{ .id = "a", .silent = true, .one_way_audio_to = true },
		{ .id = "b", .silent = true }
	};
	struct world w;
	struct judgement j;

	world_new(&w, toned, b, N(b), true);
	((struct spec_mcu *)w.spec.mcus)[0].plays = true;
	w.message = ERR_UNSUPPORTED;
	play(&w, &j);
	assert_int_equal(j.verdicts[0].answered, UNKNOWN);
	assert_int_equal(j.verdicts[0].headline, ONE_WAY);
	assert_int_equal(j.verdicts[1].headline, UNATTENDED);
	world_free(&w);
}

/* It begins to speak as the call ends: one sample is no answer, and no silence either. */
static void
test_a_voice_cut_by_the_end_of_its_call_is_not_none(void **state)
{
	static const struct behaviour b = { .id = "a", .hears = 16 };
	struct world w;
	struct judgement j;

	world_new(&w, toned, &b, 1, true);
	((struct spec_mcu *)w.spec.mcus)[0].plays = true;
	w.latency = 1800;
	play(&w, &j);
	assert_int_equal(j.verdicts[0].answered, UNKNOWN);
	assert_int_equal(j.verdicts[0].headline, UNVERIFIED);
	world_free(&w);
}

/* ---- coming ---------------------------------------------------------------------------------- */

/* Our own line was down: that a control port did not answer then tells nothing of its box. */
static void
test_our_own_line_makes_nobody_late(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .on_at = 40000 }, { .id = "b" } };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, b, N(b), true);
	w.line_down_from = WORLD_START + 30000;
	w.line_down_to = WORLD_START + 6 * MINUTE;
	w.mcu_down_from = w.line_down_from;
	w.mcu_down_to = WORLD_START + 8 * MINUTE;
	play(&w, &j);
	assert_true(j.verdicts[0].reached == YES && j.verdicts[0].late_s.v <= 40);
	assert_false(listed(&j, LIST_LATE, "a"));
	world_free(&w);
}

/* A dial had failed before the program was away, and the list told it afterwards. */
static void
test_a_failure_read_late_makes_nobody_late(void **state)
{
	static const struct behaviour b = { .id = "a", .on_at = 30000 };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, &b, 1, false);
	world_begin(&w);
	world_until(&w, 9000);
	assert_int_equal(w.sites[0].dials, 1);
	w.pending.n = 0;
	while (w.now < WORLD_START + 2 * MINUTE) {
		devices_step(&w);
		w.now += 500;
	}
	world_feed(&w, &(struct event){ .kind = EVENT_RESTART });
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_true(j.verdicts[0].late_s.known && j.verdicts[0].late_s.v <= 30);
	assert_true(j.verdicts[0].late_uncertainty_s.v >= 90);
	world_free(&w);
}

/* It woke while the run was held, and nobody called it any more. */
static void
test_who_woke_while_held_is_not_accused(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .on_at = 3 * MINUTE }, { .id = "b" } };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, b, N(b), true);
	world_begin(&w);
	world_until(&w, 90000);
	world_command(&w, COMMAND_HOLD, "", "operator", "", 0);
	world_until(&w, 20 * MINUTE);
	world_command(&w, COMMAND_ALLCLEAR, "", "operator", "", 0);
	world_command(&w, COMMAND_RELEASE, "", "operator", "", 0);
	world_until(&w, 90 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_int_equal(j.verdicts[0].alive, YES);
	assert_int_equal(j.verdicts[0].headline, UNTESTED);
	assert_false(listed(&j, LIST_UNCONNECTED, "a"));
	world_free(&w);
}

/* ---- presence and leaving -------------------------------------------------------------------- */

/* The all-clear fell into minutes in which nothing came from it, and its codec was not there. */
static void
test_silent_at_the_allclear_is_not_present(void **state)
{
	static const struct behaviour b[] = {
		{ .id = "a", .network_down_at = 11 * MINUTE, .network_back_at = 17 * MINUTE },
		{ .id = "b" }
	};

	for (int endpoints = 0; endpoints < 2; endpoints++) {
		struct world w;
		struct judgement j;

		world_new(&w, timed, b, N(b), endpoints);
		w.keep_alive = 60 * MINUTE;
		play(&w, &j);
		assert_int_equal(w.run->sites[0].intervals.n, 1);
		assert_int_equal(j.verdicts[0].stayed, UNKNOWN);
		assert_int_equal(j.verdicts[0].headline, UNVERIFIED);
		assert_int_equal(j.verdicts[1].stayed, YES);
		world_free(&w);
	}
}

/* Its sound and picture stop, its codec is in the call, then its MCU is started again: they had
 * stopped all the same. */
static void
test_a_restart_does_not_prove_what_had_stopped(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .frozen_at = 6 * MINUTE },
		{ .id = "b" } };
	struct world w;
	struct judgement j;

	world_new(&w, timed, b, N(b), true);
	w.mcu_forgets_at = WORLD_START + 14 * MINUTE;
	w.mcu_booted = WORLD_START - MINUTE;
	w.line_down_from = w.mcu_forgets_at + 20000;
	w.line_down_to = WORLD_START + 70 * MINUTE;
	play(&w, &j);
	assert_int_equal(stretch(&w, 0, 0)->ended_by, ENDED_MCU);
	assert_int_equal(fact(&j.verdicts[0], AUDIO, FROM_SITE)->value, NO);
	assert_int_equal(fact(&j.verdicts[1], AUDIO, FROM_SITE)->value, YES);
	world_free(&w);
}

/* It hung up while its MCU could not be asked; the conference was the session's when we learnt it.
 */
static void
test_what_nobody_saw_is_not_presence(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .hangup_at = 8 * MINUTE },
		{ .id = "b" } };
	struct world w;
	struct judgement j;

	world_new(&w, timed, b, N(b), false);
	w.mcu_down_from = WORLD_START + 5 * MINUTE;
	w.mcu_down_to = WORLD_START + 23 * MINUTE;
	w.spec.session_start = WORLD_START + 30 * MINUTE;
	w.spec.session_key = "s";
	play(&w, &j);
	const struct interval *k = stretch(&w, 0, 0);

	assert_int_equal(k->ended_by, ENDED_SITE);
	assert_true(judge_seen_until(k, k->to) < WORLD_START + 6 * MINUTE);
	assert_int_equal(j.verdicts[0].stayed, UNKNOWN); /* when it went, nobody knows */
	assert_int_equal(j.verdicts[0].headline, UNVERIFIED);
	world_free(&w);
}

/* Dialled before the all-clear, it answered two seconds behind it. */
static void
test_back_a_moment_after_the_allclear_is_a_drop(void **state)
{
	static const struct behaviour b = { .id = "a", .hangup_at = 14 * MINUTE + 40000 };
	struct world w;
	struct judgement j;
	bool met = false;

	for (int64_t ms = 14 * MINUTE + 30000; ms < 15 * MINUTE && !met; ms += 1000) {
		struct behaviour one = b;

		one.hangup_at = ms;
		one.mcu_knows_not = true;
		world_new(&w, timed, &one, 1, false);
		play(&w, &j);
		met = w.run->sites[0].intervals.n == 2 &&
		      stretch(&w, 0, 1)->from > w.run->allclear_latest &&
		      w.run->sites[0].attempts.at[1].at < w.run->allclear_latest;
		if (met) {
			assert_int_equal(j.verdicts[0].stayed, YES);
			assert_true(flagged(&j.verdicts[0], "drop"));
			assert_int_equal(j.lists[LIST_LOST].n, 0);
		}
		world_free(&w);
	}
	assert_true(met);
}

/* A person takes down a leg that has been dead for long: it was not there until then. */
static void
test_a_dead_leg_that_a_person_ends(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .network_down_at = 8 * MINUTE },
		{ .id = "b" } };
	struct world w;
	struct judgement j;

	world_new(&w, timed, b, N(b), true);
	w.keep_alive = 60 * MINUTE;
	world_begin(&w);
	world_until(&w, 18 * MINUTE);
	world_command(&w, COMMAND_HANGUP, "a", "operator", "", 0);
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_int_equal(stretch(&w, 0, 0)->ended_by, ENDED_OPERATOR);
	assert_int_equal(j.verdicts[0].headline, LOST);
	assert_true(j.verdicts[0].silent_since < WORLD_START + 9 * MINUTE);
	world_free(&w);
}

/* A person's order to hang up never came to its MCU; later the room hangs up by itself. */
static void
test_a_hangup_that_failed_excuses_nobody(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .hangup_at = 12 * MINUTE },
		{ .id = "b" } };
	struct world w;
	struct judgement j;

	world_new(&w, timed, b, N(b), true);
	w.line_down_from = WORLD_START + 8 * MINUTE;
	w.line_down_to = WORLD_START + 9 * MINUTE;
	world_begin(&w);
	world_until(&w, 8 * MINUTE + 5000);
	world_command(&w, COMMAND_HANGUP, "a", "operator", "", 0);
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_int_equal(stretch(&w, 0, 0)->ended_by, ENDED_SITE);
	assert_int_equal(j.verdicts[0].headline, LEFT_EARLY);
	assert_false(flagged(&j.verdicts[0], "ended-by-person"));
	world_free(&w);
}

/* Its packets had stopped minutes before its MCU was started again. */
static void
test_who_died_before_the_restart_is_not_excused_by_it(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .network_down_at = 8 * MINUTE },
		{ .id = "b" }, { .id = "c" } };
	struct world w;
	struct judgement j;

	world_new(&w, timed, b, N(b), false);
	w.keep_alive = 60 * MINUTE;
	w.mcu_forgets_at = WORLD_START + 11 * MINUTE;
	w.mcu_booted = WORLD_START - MINUTE;
	play(&w, &j);
	assert_int_equal(stretch(&w, 0, 0)->ended_by, ENDED_UNKNOWN);
	assert_int_equal(j.verdicts[0].headline, LOST);
	assert_int_equal(stretch(&w, 1, 0)->ended_by, ENDED_MCU);
	assert_int_equal(j.verdicts[1].stayed, YES);
	world_free(&w);
}

/* Its MCU could not be asked for half a minute and had not been started again; meanwhile the room
 * hung up, which the MCU does not tell. */
static void
test_an_mcu_that_stood_takes_no_blame(void **state)
{
	static const struct behaviour b[] = {
		{ .id = "a", .hangup_at = 8 * MINUTE, .mcu_knows_not = true }, { .id = "b" }
	};
	struct world w;
	struct judgement j;

	world_new(&w, timed, b, N(b), true);
	for (size_t i = 0; i < N(b); i++)
		w.spec.sites[i].history = false;
	w.mcu_down_from = WORLD_START + 7 * MINUTE + 50000;
	w.mcu_down_to = w.mcu_down_from + 2 * MINUTE;
	play(&w, &j);
	assert_string_equal(stretch(&w, 0, 0)->ending.device_words, "its codec is in no call");
	assert_int_equal(stretch(&w, 0, 0)->ended_by, ENDED_UNKNOWN);
	assert_true(flagged(&j.verdicts[0], "drop"));
	world_free(&w);
}

/* Its MCU dials it again by itself, between two lists, and does not reach it any more. */
static void
test_dialled_again_by_its_mcu_it_was_gone(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" } };
	struct world w;
	int64_t fell;

	world_new(&w, timed, b, N(b), true);
	world_begin(&w);
	world_until(&w, 10 * MINUTE);
	w.cut_off = true;
	w.sites[0].state = LEG_DIALING;
	w.sites[0].since = fell = w.now;
	world_until(&w, 60 * MINUTE);
	assert_true(stretch(&w, 0, 0)->to >= fell && stretch(&w, 0, 0)->to <= fell + 10000);
	assert_int_equal(stretch(&w, 1, 0)->ended_by, ENDED_US);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_is_called_after_the_allclear),
		cmocka_unit_test(test_a_call_down_a_dead_line_is_no_call),
		cmocka_unit_test(test_who_hears_no_tone_was_not_asked),
		cmocka_unit_test(test_a_voice_cut_by_the_end_of_its_call_is_not_none),
		cmocka_unit_test(test_our_own_line_makes_nobody_late),
		cmocka_unit_test(test_a_failure_read_late_makes_nobody_late),
		cmocka_unit_test(test_who_woke_while_held_is_not_accused),
		cmocka_unit_test(test_silent_at_the_allclear_is_not_present),
		cmocka_unit_test(test_a_restart_does_not_prove_what_had_stopped),
		cmocka_unit_test(test_what_nobody_saw_is_not_presence),
		cmocka_unit_test(test_back_a_moment_after_the_allclear_is_a_drop),
		cmocka_unit_test(test_a_dead_leg_that_a_person_ends),
		cmocka_unit_test(test_a_hangup_that_failed_excuses_nobody),
		cmocka_unit_test(test_who_died_before_the_restart_is_not_excused_by_it),
		cmocka_unit_test(test_an_mcu_that_stood_takes_no_blame),
		cmocka_unit_test(test_dialled_again_by_its_mcu_it_was_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
