/* The law of the judgement against what people and machines really do: holds, late words, orders
 * that fail, an MCU that goes away early. Nobody is accused for our failure, nothing is cleared
 * without proof. See LAW.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "law.h"
#include "schedules/sites.h"

#define BY_OPERATOR \
	"<playbook name='tong-duyet' title='T' phase='rehearsal' anchor='event'>\n" \
	"<open at='PT0S' muted='yes'/>\n" DIAL "<verify at='PT4M' within='PT4M'/>\n" \
	"<watch at='PT8M' redial='yes' until='allclear'/>\n" \
	"<rollcall at='PT9M' answer-within='PT20S' calls='1'/>\n" \
	"<allclear at='PT12M' by='operator' latest='PT15M'/>\n" \
	"<close at='PT36M'/>\n" \
	"<report at='PT38M'/>\n" \
	"</playbook>\n"

static const char by_operator[] = BY_OPERATOR;
static const char read_aloud[] =
	BOOK("<rollcall at='PT9M' answer-within='PT20S' calls='1' spoken='yes'/>\n", DIAL);
/* The roll call may last a minute and no longer. */
static const char minute_roll[] =
	BOOK("<rollcall at='PT9M' answer-within='PT20S' calls='1'/><mute at='PT10M' value='on'/>\n",
		DIAL);

/* ---- the roll call --------------------------------------------------------------------------- */

static void
test_a_hold_moves_the_end_of_the_roll_call(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" }, { .id = "c" } };
	struct world w;
	struct judgement j;

	world_new(&w, minute_roll, b, N(b), true);
	world_begin(&w);
	world_until(&w, 9 * MINUTE + 2000);
	world_command(&w, COMMAND_HOLD, "", "operator", "the chair is late", 0);
	world_until(&w, 14 * MINUTE);
	world_command(&w, COMMAND_RELEASE, "", "operator", "", 0);
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	for (size_t i = 0; i < N(b); i++)
		assert_false(w.run->sites[i].roll.not_made);
	assert_int_equal(j.count[GOOD], 3);
	world_free(&w);
}

static void
test_a_person_calls_also_while_held(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" } };
	struct world w;

	world_new(&w, playbook, b, N(b), true);
	world_begin(&w);
	world_until(&w, 9 * MINUTE + 1000);
	world_command(&w, COMMAND_HOLD, "", "operator", "", 0);
	world_until(&w, 10 * MINUTE);
	assert_false(w.run->sites[1].roll.called);
	world_command(&w, COMMAND_CALL, "b", "operator", "", 0);
	world_until(&w, 11 * MINUTE);
	assert_true(w.run->sites[1].roll.answered);
	world_free(&w);
}

/* The text that calls could not be shown, and nobody spoke: the silence is no answer. */
static void
test_who_was_not_asked_is_not_accused(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .silent = true }, { .id = "b" } };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, b, N(b), true);
	w.message = ERR_UNSUPPORTED;
	play(&w, &j);
	assert_int_equal(j.verdicts[0].answered, UNKNOWN);
	assert_int_equal(j.verdicts[0].headline, UNVERIFIED);
	assert_int_equal(j.lists[LIST_UNATTENDED].n, 0);
	assert_int_equal(j.verdicts[1].answered, YES); /* a voice is one all the same */
	world_free(&w);
	/* The playbook says that the names are read aloud. */
	world_new(&w, read_aloud, b, N(b), true);
	w.message = ERR_UNSUPPORTED;
	play(&w, &j);
	assert_int_equal(j.verdicts[0].headline, UNATTENDED);
	world_free(&w);
	/* Called by hand, the operator speaks. */
	world_new(&w, playbook, b, N(b), true);
	w.message = ERR_UNSUPPORTED;
	world_begin(&w);
	world_until(&w, 9 * MINUTE + 1000);
	world_command(&w, COMMAND_CALL, "a", "operator", "", 0);
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_int_equal(j.verdicts[0].headline, UNATTENDED);
	world_free(&w);
}

/* A Meeting Server and an RMX show texts to all alone: whose turn it is stands in them. */
static void
test_a_text_that_can_only_be_shown_to_all_calls(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .silent = true }, { .id = "b" },
		{ .id = "c" } };
	struct world w;
	struct judgement j;
	int alone = 0, all = 0;

	world_new(&w, playbook, b, N(b), true);
	w.message_alone = ERR_UNSUPPORTED;
	play(&w, &j);
	for (size_t i = 0; i < w.orders.n; i++) {
		const struct order *o = &w.orders.at[i];

		if (o->verb != VERB_MESSAGE || !o->site[0])
			continue;
		alone += o->leg.id[0] != '\0';
		all += !o->leg.id[0] &&
		       strstr(o->text, w.spec.sites[site_index(&w, o->site)].name) != NULL;
	}
	assert_int_equal(alone, 1); /* it is not asked for again */
	assert_int_equal(all, 4); /* who does not answer is called twice */
	assert_int_equal(noted(w.run, "unsupported"), 0);
	assert_int_equal(j.verdicts[0].headline, UNATTENDED);
	assert_int_equal(j.verdicts[1].answered, YES);
	world_free(&w);
}

/* Its microphone was off when it was called, and on again later. */
static void
test_muted_by_its_setting_when_called_stays_so(void **state)
{
	static const struct behaviour b = {
		.id = "a", .silent = true, .mic_muted_to = 12 * MINUTE
	};
	struct world w;
	struct judgement j;

	play_one(&w, &b, true, &j);
	assert_int_equal(w.run->sites[0].mic_muted, NO);
	assert_int_equal(j.verdicts[0].answered, UNKNOWN);
	assert_true(flagged(&j.verdicts[0], "muted-by-setting"));
	assert_int_equal(j.verdicts[0].headline, UNVERIFIED);
	world_free(&w);
}

static void
test_an_answer_once_given_stays(void **state)
{
	static struct behaviour b[] = { { .id = "a" }, { .id = "b" } };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, b, N(b), true);
	world_begin(&w);
	world_until(&w, 12 * MINUTE);
	assert_true(w.run->sites[0].roll.answered);
	int64_t seq = w.run->sites[0].roll.seq, at = w.run->sites[0].roll.answered_at;

	b[0].silent = true; /* now nobody speaks */
	world_command(&w, COMMAND_REPEAT, "a", "operator", "once more", 0);
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_int_equal(w.run->sites[0].roll.called, 2);
	assert_int_equal(j.verdicts[0].answered, YES);
	assert_int_equal(j.verdicts[0].answered_rows.seq[0], seq);
	assert_true(w.run->sites[0].roll.answered_at == at);
	assert_int_equal(j.verdicts[0].headline, GOOD);
	world_free(&w);
}

static void
test_an_unmute_that_is_refused_holds_nobody_up(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" } };
	static const enum err codes[] = { ERR_REFUSED, ERR_TIMEOUT, ERR_PROTOCOL };

	for (size_t i = 0; i < N(codes); i++) {
		struct world w;
		struct judgement j;

		world_new(&w, playbook, b, N(b), true);
		w.unmute = codes[i];
		play(&w, &j);
		assert_true(ordered(&w, VERB_MUTE, "a") <= 12);
		assert_int_equal(j.verdicts[0].answered, UNKNOWN);
		assert_int_equal(j.verdicts[1].headline, GOOD);
		/* whatever became of it, it is to be muted */
		assert_int_equal(w.run->sites[0].wanted_muted, YES);
		world_free(&w);
	}
}

/* ---- leaving --------------------------------------------------------------------------------- */

static void
test_after_its_latest_instant_everybody_may_go(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .hangup_at = 18 * MINUTE },
		{ .id = "b", .hangup_at = 13 * MINUTE } };
	struct world w;
	struct judgement j;

	world_new(&w, by_operator, b, N(b), true);
	world_begin(&w);
	world_until(&w, 25 * MINUTE);
	assert_true(w.run->allclear_not_given);
	world_command(&w, COMMAND_ALLCLEAR, "", "operator", "", 0); /* ten minutes too late */
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_int_equal(noted(w.run, "allclear-not-given"), 1);
	assert_int_equal(j.verdicts[0].headline, GOOD);
	assert_int_equal(j.verdicts[1].headline, LEFT_EARLY);
	world_free(&w);
}

/* A person's word is about what had happened by then. */
static void
test_what_was_settled_before_clears_nothing_later(void **state)
{
	static const struct behaviour b = { .id = "a",
		.network_down_at = 8 * MINUTE,
		.network_back_at = 11 * MINUTE,
		.hangup_at = 18 * MINUTE };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, &b, 1, true);
	world_begin(&w);
	world_until(&w, 10 * MINUTE + 30000);
	assert_int_equal(w.run->sites[0].intervals.at[0].ended_by, ENDED_NETWORK);
	world_command(&w, COMMAND_SETTLE, "a", "operator", "stayed=yes: by telephone", 0);
	judge(w.run, w.arena, &j);
	assert_int_equal(j.verdicts[0].stayed, YES);
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_int_equal(w.run->sites[0].intervals.n, 2);
	assert_int_equal(j.verdicts[0].stayed, NO);
	assert_int_equal(j.verdicts[0].headline, LEFT_EARLY);
	world_free(&w);
}

/* ---- our failure ----------------------------------------------------------------------------- */

/* Off at the planned instant, and from then on our MCU was away: whether it was ever switched on
 * nobody could see. */
static void
test_who_could_be_looked_at_only_once_is_not_absent(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .kind = W_OFF },
		{ .id = "b", .on_at = 3 * MINUTE }, { .id = "c", .kind = W_UNANSWERED } };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, b, N(b), false);
	w.mcu_down_from = WORLD_START + 90000;
	w.mcu_down_to = WORLD_START + 90 * MINUTE;
	play(&w, &j);
	for (size_t i = 0; i < N(b); i++) {
		assert_int_equal(j.verdicts[i].headline, UNTESTED);
		assert_string_equal(j.verdicts[i].sub_reason, "mcu-unreachable");
	}
	assert_int_equal(j.verdicts[0].alive, NO); /* what was seen then stays */
	world_free(&w);
	/* It came back in time: everybody was tried again. */
	world_new(&w, playbook, b, 2, false);
	w.mcu_down_from = WORLD_START + 90000;
	w.mcu_down_to = WORLD_START + 15 * MINUTE;
	play(&w, &j);
	assert_int_equal(j.verdicts[0].headline, ABSENT);
	assert_int_equal(j.verdicts[1].reached, YES);
	world_free(&w);
	/* It went away when the trial was all but over: the facts stand. */
	world_new(&w, playbook, b, 1, false);
	w.mcu_down_from = WORLD_START + 24 * MINUTE;
	w.mcu_down_to = WORLD_START + 90 * MINUTE;
	play(&w, &j);
	assert_int_equal(j.verdicts[0].headline, ABSENT);
	world_free(&w);
}

/* Stopped within the grace that every site has. */
static void
test_a_run_stopped_at_its_beginning_accuses_nobody(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .kind = W_OFF },
		{ .id = "b", .kind = W_UNANSWERED } };

	for (int late = 0; late <= 1; late++) {
		struct world w;
		struct judgement j;

		world_new(&w, playbook, b, N(b), false);
		world_begin(&w);
		world_until(&w, late ? 10 * MINUTE : 80000);
		world_command(&w, COMMAND_STOP, "", "operator", "postponed", 0);
		world_until(&w, 60 * MINUTE);
		judge(w.run, w.arena, &j);
		assert_int_equal(j.verdicts[0].headline, late ? ABSENT : UNTESTED);
		assert_int_equal(j.verdicts[1].headline, late ? UNATTENDED : UNTESTED);
		if (!late)
			assert_string_equal(j.verdicts[0].sub_reason, "cancelled");
		world_free(&w);
	}
}

/* Our clock was put forward while a site was being called: the minutes that were skipped are not
 * its own. */
static void
test_a_clock_put_forward_makes_nobody_late(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .on_at = 15000 },
		{ .id = "b", .on_at = 5 * MINUTE } };
	struct world w;
	struct judgement j;
	struct event jump = { .kind = EVENT_CLOCK, .value = 150000 };

	world_new(&w, playbook, b, N(b), false);
	world_begin(&w);
	world_until(&w, 5000);
	w.skew = 150000;
	str_copy(jump.text, sizeof jump.text, "the clock was set forward by 150 s");
	world_feed(&w, &jump);
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_true(j.verdicts[0].late_s.known && j.verdicts[0].late_s.v < 120);
	assert_true(j.verdicts[0].late_s.v + j.verdicts[0].late_uncertainty_s.v >= 150);
	assert_false(listed(&j, LIST_LATE, "a"));
	assert_true(listed(&j, LIST_LATE, "b")); /* late by either clock */
	world_free(&w);
}

/* Its figures stand still for everybody at once, while the codecs are in their calls: an old list
 * after a restart. Three rooms do not fall silent together; one alone does. */
static void
test_an_old_list_accuses_nobody(void **state)
{
	static const struct behaviour all[] = { { .id = "a", .frozen_at = 13 * MINUTE },
		{ .id = "b", .frozen_at = 13 * MINUTE }, { .id = "c", .frozen_at = 13 * MINUTE },
		{ .id = "d", .frozen_at = 13 * MINUTE } };
	static const struct behaviour one[] = { { .id = "a", .frozen_at = 13 * MINUTE },
		{ .id = "b" }, { .id = "c" }, { .id = "d" } };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, all, N(all), true);
	play(&w, &j);
	assert_int_equal(j.lists[LIST_ONE_WAY].n, 0);
	assert_int_equal(j.lists[LIST_LEFT_EARLY].n + j.lists[LIST_LOST].n, 0);
	assert_int_equal(fact(&j.verdicts[0], AUDIO, FROM_SITE)->value, YES);
	world_free(&w);
	world_new(&w, playbook, one, N(one), true);
	play(&w, &j);
	assert_true(listed(&j, LIST_ONE_WAY, "a"));
	assert_int_equal(j.lists[LIST_ONE_WAY].n, 1);
	world_free(&w);
}

/* The MCU below restarts in the middle: its communes come back, and neither they nor the hop are
 * charged. */
static void
test_a_cascade_mcu_restarts_in_the_middle(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" }, { .id = "c" },
		{ .id = "d" }, { .id = "mcu:huyen" } };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, b, N(b), true);
	world_two_mcus(&w, 1);
	w.mcu_forgets_at = WORLD_START + 16 * MINUTE;
	play(&w, &j);
	assert_int_equal(j.count[GOOD], 4);
	assert_int_equal(j.lists[LIST_LEFT_EARLY].n + j.lists[LIST_LOST].n, 0);
	assert_int_equal(w.run->sites[0].intervals.n, 2);
	assert_int_equal(w.run->sites[0].intervals.at[0].ended_by, ENDED_MCU);
	assert_int_equal(j.hops_n, 1);
	assert_int_equal(j.hops[0].verdict.reached, YES);
	world_free(&w);
}

/* ---- people and their orders ----------------------------------------------------------------- */

/* The order to dial is on its way when a person hangs up: no leg stays behind. */
static void
test_a_hangup_overtakes_a_dial_under_way(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" } };

	for (int64_t latency = 300; latency <= 6300; latency += 3000) {
		struct world w;

		world_new(&w, playbook, b, N(b), true);
		w.latency = latency;
		world_begin(&w);
		while (!w.run->sites[0].dial_under_way)
			world_until(&w, w.now - WORLD_START + 500);
		world_command(&w, COMMAND_HANGUP, "a", "operator", "", 0);
		world_until(&w, 5 * MINUTE);
		assert_int_equal(w.sites[0].state == LEG_UP, 0);
		assert_int_equal(w.run->sites[0].phase, SITE_LEFT);
		assert_true(w.run->sites[0].ended_by_person);
		assert_int_equal(w.sites[1].state, LEG_UP);
		assert_int_equal(w.sites[0].dials, 1);
		world_free(&w);
	}
}

static const char attached[] =
	"<playbook name='phien-hop' title='T' phase='session' anchor='event'>\n"
	"<open at='PT0S' muted='yes' attach='yes'/>\n" DIAL
	"<watch at='PT1M' redial='yes' until='end'/>\n"
	"<close at='PT10M'/>\n"
	"<report at='PT11M'/>\n"
	"</playbook>\n";

/* In a conference that is not ours, a room is not left ringing behind us. */
static void
test_nobody_rings_after_the_end(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b", .kind = W_UNANSWERED } };
	struct world w;

	for (int64_t at = 0; at < 60000; at += 5000) {
		world_new(&w, attached, b, N(b), false);
		w.found = "Giao ban";
		world_begin(&w);
		world_until(&w, 5 * MINUTE + at);
		world_command(&w, COMMAND_STOP, "", "operator", "", 0);
		for (int i = 0; i < 10; i++) { /* the run is over, its last orders go out */
			w.run->finished = false;
			world_until(&w, w.now - WORLD_START + 500);
		}
		assert_true(w.sites[0].state == LEG_GONE);
		assert_true(w.sites[1].state != LEG_RINGING && w.sites[1].state != LEG_DIALING);
		world_free(&w);
	}
}

/* It came over the Internet first, and over the permitted line afterwards. */
static void
test_a_leg_from_elsewhere_stays_a_violation(void **state)
{
	static const struct behaviour b = { .id = "a",
		.network_down_at = 3 * MINUTE,
		.network_back_at = 6 * MINUTE,
		.from_ip = "203.0.113.7",
		.then_ip = "10.1.2.3" };
	struct world w;
	struct judgement j;
	struct spec_network n = { .tiers = 1u << TIER_COMMUNE, .cidr = "10.0.0.0/8" };

	world_new(&w, playbook, &b, 1, true);
	w.spec.networks = &n;
	w.spec.networks_n = 1;
	play(&w, &j);
	assert_int_equal(w.run->sites[0].intervals.n, 2);
	assert_string_equal(w.run->sites[0].remote_ip, "10.1.2.3");
	assert_int_equal(j.verdicts[0].network, NO);
	assert_string_equal(j.verdicts[0].network_ip, "203.0.113.7");
	assert_true(listed(&j, LIST_WRONG_NETWORK, "a"));
	world_free(&w);
}

static void
test_a_renamed_leg_is_still_its_own(void **state)
{
	static const struct behaviour b[] = {
		{ .id = "a", .renamed = "b", .renamed_at = 6 * MINUTE }, { .id = "b" }
	};
	struct world w;
	struct judgement j;

	world_new(&w, playbook, b, N(b), true);
	play(&w, &j);
	assert_int_equal(j.count[GOOD], 2);
	assert_int_equal(w.run->extras.n, 0);
	assert_int_equal(ordered(&w, VERB_HANGUP, "a") + ordered(&w, VERB_HANGUP, "b"), 0);
	world_free(&w);
}

/* A hold that everybody forgot. */
static void
test_a_hold_does_not_last_for_ever(void **state)
{
	static const struct behaviour b = { .id = "a" };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, &b, 1, true);
	world_begin(&w);
	world_until(&w, 20 * MINUTE);
	world_command(&w, COMMAND_HOLD, "", "operator", "", 0);
	world_until(&w, 13 * 60 * MINUTE);
	assert_true(w.run->finished && w.run->report_due);
	assert_int_equal(noted(w.run, "cut-short"), 1);
	judge(w.run, w.arena, &j);
	assert_int_equal(j.verdicts[0].headline, GOOD);
	world_free(&w);
}

/* Who has not heard the all-clear, because its MCU was away, is told of. */
static void
test_an_allclear_that_could_not_be_shown_is_said(void **state)
{
	static const struct behaviour b = { .id = "a" };
	struct world w;

	world_new(&w, by_operator, &b, 1, true);
	w.mcu_down_from = WORLD_START + 13 * MINUTE;
	w.mcu_down_to = WORLD_START + 16 * MINUTE;
	world_begin(&w);
	world_until(&w, 14 * MINUTE);
	world_command(&w, COMMAND_ALLCLEAR, "", "operator", "", 0);
	assert_int_equal(noted(w.run, "message-not-shown"), 1);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_hold_moves_the_end_of_the_roll_call),
		cmocka_unit_test(test_a_person_calls_also_while_held),
		cmocka_unit_test(test_who_was_not_asked_is_not_accused),
		cmocka_unit_test(test_a_text_that_can_only_be_shown_to_all_calls),
		cmocka_unit_test(test_muted_by_its_setting_when_called_stays_so),
		cmocka_unit_test(test_an_answer_once_given_stays),
		cmocka_unit_test(test_an_unmute_that_is_refused_holds_nobody_up),
		cmocka_unit_test(test_after_its_latest_instant_everybody_may_go),
		cmocka_unit_test(test_what_was_settled_before_clears_nothing_later),
		cmocka_unit_test(test_who_could_be_looked_at_only_once_is_not_absent),
		cmocka_unit_test(test_a_run_stopped_at_its_beginning_accuses_nobody),
		cmocka_unit_test(test_a_clock_put_forward_makes_nobody_late),
		cmocka_unit_test(test_an_old_list_accuses_nobody),
		cmocka_unit_test(test_a_cascade_mcu_restarts_in_the_middle),
		cmocka_unit_test(test_a_hangup_overtakes_a_dial_under_way),
		cmocka_unit_test(test_nobody_rings_after_the_end),
		cmocka_unit_test(test_a_leg_from_elsewhere_stays_a_violation),
		cmocka_unit_test(test_a_renamed_leg_is_still_its_own),
		cmocka_unit_test(test_a_hold_does_not_last_for_ever),
		cmocka_unit_test(test_an_allclear_that_could_not_be_shown_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
