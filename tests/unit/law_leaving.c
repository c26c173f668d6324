/* The law of the judgement: who rang, left, came late, and what people do at the MCU. See
 * LAW.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "law.h"

/* ---- rang, left, late ------------------------------------------------------------------------ */

static void
test_rang_to_the_end(void **state)
{
	static const struct behaviour rang = { .id = "a", .kind = W_UNANSWERED }, off = {
		.id = "a", .kind = W_UNANSWERED, .auto_answer_off = true
	};
	struct world w;
	struct judgement j;

	play_one(&w, &rang, true, &j);
	assert_int_equal(j.verdicts[0].headline, UNATTENDED);
	assert_string_equal(j.verdicts[0].sub_reason, "rang-unanswered");
	assert_int_equal(w.run->sites[0].roll.called, 0);
	world_free(&w);
	play_one(&w, &off, true, &j);
	assert_int_equal(j.verdicts[0].headline, UNCONNECTED);
	assert_string_equal(j.verdicts[0].sub_reason, "auto-answer-off");
	world_free(&w);
}

/* An MCU, or a person, that tells no ringing says with "no answer" itself that it rang to the end:
 * nobody who was rung is called switched off. Where ringing is told, no answer without it is none
 * of a box that is on. */
static void
test_no_answer_says_that_it_rang_where_nothing_else_does(void **state)
{
	static const struct behaviour rings = { .id = "a", .kind = W_UNANSWERED };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, &rings, 1, false);
	struct spec_mcu *mcu = (struct spec_mcu *)w.spec.mcus;
	mcu->evidence &= ~(unsigned)EVIDENCE_RINGING;
	play(&w, &j);
	assert_int_equal(w.run->sites[0].attempts.at[0].cause, CAUSE_NO_ANSWER);
	assert_int_equal(j.verdicts[0].alive, YES);
	assert_int_equal(j.verdicts[0].headline, UNATTENDED);
	assert_string_equal(j.verdicts[0].sub_reason, "rang-unanswered");
	world_free(&w);
}

static void
test_a_box_is_asked_after_the_allclear_without_dialling(void **state)
{
	static const struct behaviour b[] = {
		{ .id = "a", .poweroff_at = 20 * MINUTE, .on_again_at = 32 * MINUTE }, { .id = "b" }
	};
	struct world w;
	struct judgement j;
	bool asked = false;

	world_new(&w, playbook, b, N(b), true);
	play(&w, &j);
	for (size_t i = 0; i < w.events.n; i++) {
		const struct event *e = &w.events.at[i];

		if (e->kind != EVENT_ANSWER || e->at <= w.run->allclear_at + 1000)
			continue;
		assert_true(e->verb != VERB_DIAL);
		asked = asked || (e->verb == VERB_STATUS && str_eq(e->site, "a") && e->code == OK);
	}
	assert_true(asked);
	assert_string_equal(j.verdicts[0].sub_reason, "switched-off");
	assert_true(w.run->sites[0].intervals.at[0].uptime_seq > 0);
	world_free(&w);
}

/* An uptime in whole minutes that fits both stories proves neither. */
static void
test_uptime_is_compared_with_its_resolution(void **state)
{
	static const struct { int64_t up_ms; enum ended_by by;
	} rows[] = {
		{ 60 * MINUTE, ENDED_NETWORK },
		{ 2 * MINUTE, ENDED_POWER },
		{ 10 * MINUTE, ENDED_UNKNOWN },
	};

	for (size_t i = 0; i < N(rows); i++) {
		static const struct behaviour b = { .id = "a", .network_down_at = 15 * MINUTE };
		struct world w;

		world_new(&w, playbook, &b, 1, true);
		world_begin(&w);
		world_until(&w, 20 * MINUTE);
		struct run_site *s = &w.run->sites[0];
		struct interval *k = &s->intervals.at[0];

		k->ended_by = ENDED_UNKNOWN;
		/* Seen last 10 and a half minutes ago. */
		k->seen = w.now - 10 * MINUTE - 30000;
		struct event e = { .kind = EVENT_ANSWER,
			.verb = VERB_STATUS,
			.site = "a",
			.device = "site:a",
			.status = { .uptime_s = figure_of(rows[i].up_ms / 1000),
				.uptime_step_s = 60 } };

		world_feed(&w, &e);
		assert_int_equal(k->ended_by, rows[i].by);
		world_free(&w);
	}
}

/* The MCU does not know how the leg ended; the codec keeps it in its history. */
static void
test_the_codec_tells_how_its_call_ended(void **state)
{
	static const struct {
		struct behaviour b;
		enum ended_by by;
		enum headline headline;
		const char *sub_reason;
		bool told; /* the verdict rests on the codec's word */
	} rows[] = {
		{ { .hangup_at = 20 * MINUTE, .codec_says = CAUSE_SITE_HANGUP }, ENDED_SITE,
			LEFT_EARLY, "hang-up", true },
		{ { .hangup_at = 20 * MINUTE, .codec_says = CAUSE_SITE_HANGUP, .undated = true },
			ENDED_SITE, LEFT_EARLY, "hang-up", true },
		/* Not its word, not a call of that time, or nothing that it calls a cause: that it
		   was on all the time does not make it the line. */
		{ { .hangup_at = 20 * MINUTE, .codec_says = CAUSE_UNKNOWN }, ENDED_UNKNOWN, GOOD,
			"", false },
		{ { .hangup_at = 20 * MINUTE,
			  .codec_says = CAUSE_SITE_HANGUP,
			  .codec_off = 5 * MINUTE },
			ENDED_UNKNOWN, GOOD, "", false },
		/* An MCU that gives a dead leg up says goodbye to it. */
		{ { .network_down_at = 20 * MINUTE,
			  .network_back_at = 27 * MINUTE,
			  .codec_says = CAUSE_MCU },
			ENDED_NETWORK, LOST, "", false },
		{ { .network_down_at = 20 * MINUTE,
			  .network_back_at = 27 * MINUTE,
			  .codec_says = CAUSE_NETWORK },
			ENDED_NETWORK, LOST, "", true },
	};

	for (size_t i = 0; i < N(rows); i++) {
		struct behaviour b = rows[i].b;
		struct world w;
		struct judgement j;

		b.id = "a";
		b.mcu_knows_not = true;
		world_new(&w, playbook, &b, 1, true);
		play(&w, &j);
		const struct interval *k = &w.run->sites[0].intervals.at[0];

		if (k->ended_by != rows[i].by || j.verdicts[0].headline != rows[i].headline ||
			(k->history_seq != 0) != rows[i].told)
			fail_msg("row %zu: ended by %s, %s, told in row %lld, %zu stretches", i,
				ended_by_name(k->ended_by), headline_name(j.verdicts[0].headline),
				(long long)k->history_seq, w.run->sites[0].intervals.n);
		assert_string_equal(j.verdicts[0].sub_reason, rows[i].sub_reason);
		if (rows[i].by == ENDED_SITE) {
			assert_int_equal(
				w.run->sites[0].intervals.n, 1); /* it was not called again */
			assert_int_equal(j.verdicts[0].stayed, NO);
		}
		world_free(&w);
	}
}

/* The MCU's side ended the call, says the codec, and its sound and picture had come until then:
 * nobody in the room left. */
static void
test_who_was_dropped_by_the_other_side_did_not_leave(void **state)
{
	static const struct behaviour b = { .id = "a",
		.hangup_at = 24 * MINUTE + 30000,
		.mcu_knows_not = true,
		.codec_says = CAUSE_MCU };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, &b, 1, true);
	play(&w, &j);
	assert_int_equal(w.run->sites[0].intervals.at[0].ended_by, ENDED_MCU);
	assert_true(j.verdicts[0].headline != LEFT_EARLY && j.verdicts[0].headline != LOST);
	assert_false(listed(&j, LIST_LEFT_EARLY, "a"));
	world_free(&w);
}

/* A codec is asked for its past calls only when the MCU does not know, and no oftener than needed.
 */
static void
test_history_is_asked_when_the_mcu_does_not_know(void **state)
{
	static const struct behaviour b[] = { { .id = "a",
						      .hangup_at = 20 * MINUTE,
						      .mcu_knows_not = true,
						      .codec_says = CAUSE_SITE_HANGUP },
		{ .id = "b", .hangup_at = 20 * MINUTE, .codec_says = CAUSE_SITE_HANGUP },
		{ .id = "c", .mcu_knows_not = true },
		{ .id = "d",
			.network_down_at = 20 * MINUTE,
			.network_back_at = 23 * MINUTE,
			.mcu_knows_not = true,
			.codec_off = 9 * MINUTE } };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, b, N(b), true);
	play(&w, &j);
	assert_int_equal(ordered(&w, VERB_HISTORY, "a"), 1);
	assert_int_equal(ordered(&w, VERB_HISTORY, "b"), 0);
	assert_int_equal(ordered(&w, VERB_HISTORY, "c"), 0);
	assert_int_equal(ordered(&w, VERB_HISTORY, "d"), 3); /* it keeps no call of that time */
	world_free(&w);
}

static void
test_staying_must_have_been_seen(void **state)
{
	static const struct behaviour b[] = { { .id = "a" },
		{ .id = "b", .hangup_at = 22 * MINUTE } };
	struct world w;
	struct judgement j;

	/* The MCU is away from the 20th minute on, beyond the all-clear; then it comes back and the
	 * legs are there. A codec that is asked meanwhile says that it is in no call: then the
	 * MCU's late word of a hang-up has its time. */
	for (int round = 0; round < 4; round++) {
		bool back = round & 1, asked = round & 2;

		world_new(&w, playbook, b, N(b), asked);
		w.mcu_down_from = WORLD_START + 20 * MINUTE;
		w.mcu_down_to = back ? WORLD_START + 33 * MINUTE : INT64_MAX;
		play(&w, &j);
		assert_int_equal(j.verdicts[0].stayed, back ? YES : UNKNOWN);
		if (asked || !back)
			assert_int_equal(j.verdicts[0].headline, back ? GOOD : UNVERIFIED);
		/* else before or after the all-clear: nobody saw */
		assert_int_equal(j.verdicts[1].stayed, back && asked ? NO : UNKNOWN);
		assert_true(j.verdicts[1].headline != GOOD);
		assert_int_equal(j.verdicts[0].answered, YES); /* proven before */
		world_free(&w);
	}
}

static void
test_a_site_that_dials_in_counts_as_its_leg(void **state)
{
	/* Also while it is being dialled, at any half second of it. */
	for (int64_t at = 0; at < 6000; at += 500) {
		struct behaviour b[] = { { .id = "a",
						 .kind = W_UNANSWERED,
						 .dials_in = true,
						 .dials_in_at = 3 * MINUTE + at },
			{ .id = "b" } };
		struct world w;
		struct judgement j;

		world_new(&w, playbook, b, N(b), true);
		play(&w, &j);
		assert_int_equal(j.verdicts[0].headline, LATE);
		assert_int_equal(w.sites[0].legs_made, 1);
		assert_int_equal(w.run->sites[0].intervals.n, 1);
		world_free(&w);
	}
}

static void
test_a_wrong_address_is_no_lateness(void **state)
{
	static const struct behaviour b = {
		.id = "a", .kind = W_WRONG_ADDRESS, .dials_in = true, .dials_in_at = 6 * MINUTE
	};
	struct world w;
	struct judgement j;

	play_one(&w, &b, true, &j);
	assert_int_equal(j.verdicts[0].late_s.v, 0);
	assert_int_equal(j.verdicts[0].headline, GOOD);
	world_free(&w);
}

/* ---- people win ------------------------------------------------------------------------------ */

static void
test_what_a_person_muted_is_left_so(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .person_mutes_at = 6 * MINUTE },
		{ .id = "b" } };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, b, N(b), true);
	play(&w, &j);
	assert_int_equal(noted(w.run, "changed-by-person"), 1);
	assert_int_equal(ordered(&w, VERB_MUTE, "a"), 0);
	assert_false(w.sites[0].muted);
	assert_false(flagged(&j.verdicts[0], "open-microphone"));
	world_free(&w);
}

/* The MCU tells late that a person ended it: no dial leaves before. */
static void
test_no_dial_before_the_reason_is_known(void **state)
{
	static const struct behaviour b = { .id = "a" };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, &b, 1, true);
	w.reason = CAUSE_OUR_HANGUP;
	w.reason_late_s = 25;
	world_begin(&w);
	world_until(&w, 12 * MINUTE);
	w.sites[0].exists = false; /* hung up by a person: no longer listed */
	w.sites[0].state = LEG_NEW;
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_int_equal(ordered(&w, VERB_DIAL, "a"), 1);
	assert_int_equal(w.run->sites[0].intervals.at[0].ended_by, ENDED_OPERATOR);
	assert_true(flagged(&j.verdicts[0], "ended-by-person"));
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rang_to_the_end),
		cmocka_unit_test(test_no_answer_says_that_it_rang_where_nothing_else_does),
		cmocka_unit_test(test_a_box_is_asked_after_the_allclear_without_dialling),
		cmocka_unit_test(test_uptime_is_compared_with_its_resolution),
		cmocka_unit_test(test_the_codec_tells_how_its_call_ended),
		cmocka_unit_test(test_who_was_dropped_by_the_other_side_did_not_leave),
		cmocka_unit_test(test_history_is_asked_when_the_mcu_does_not_know),
		cmocka_unit_test(test_staying_must_have_been_seen),
		cmocka_unit_test(test_a_site_that_dials_in_counts_as_its_leg),
		cmocka_unit_test(test_a_wrong_address_is_no_lateness),
		cmocka_unit_test(test_what_a_person_muted_is_left_so),
		cmocka_unit_test(test_no_dial_before_the_reason_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
