/* run.c and judge.c against a small world: the Văn Quan case, every headline, people, crashes, and
 * the rule that the same events give the same orders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "run_play.h"

static void
test_van_quan(void **state)
{
	struct world w;
	struct judgement j;

	world_new(&w, world_playbook, van_quan, N(van_quan), true);
	play(&w, &j);
	assert_list(&j, LIST_ABSENT, "chu-tuc xuan-mai");
	assert_list(&j, LIST_UNATTENDED, "tri-le van-an trang-cuc");
	assert_list(&j, LIST_LEFT_EARLY, "binh-phuc yen-phuc");
	assert_list(&j, LIST_LOST, "");
	assert_list(&j, LIST_UNVERIFIED, "");
	assert_list(&j, LIST_UNTESTED, "");
	assert_int_equal(j.count[GOOD], 17);
	assert_string_equal(world_verdict(&w, &j, "binh-phuc")->sub_reason, "hang-up");
	assert_string_equal(world_verdict(&w, &j, "yen-phuc")->sub_reason, "switched-off");
	assert_string_equal(world_verdict(&w, &j, "chu-tuc")->sub_reason, "no-sign-of-life");
	assert_true(w.run->allclear_at >= WORLD_START + 25 * MINUTE);
	assert_string_equal(w.run->allclear_by, "rule");
	world_free(&w);
}

/* Facts rest on rows of the journal, and every expected site stands in exactly one headline. */
static void
test_every_fact_has_rows(void **state)
{
	struct world w;
	struct judgement j;
	size_t sum = 0;

	world_new(&w, world_playbook, van_quan, N(van_quan), true);
	play(&w, &j);
	for (int h = 0; h < HEADLINE_N; h++)
		sum += j.count[h];
	assert_int_equal(sum, N(van_quan));
	for (size_t i = 0; i < j.n; i++) {
		const struct verdict *v = &j.verdicts[i];

		assert_true(v->alive == UNKNOWN || v->alive_rows.n > 0);
		assert_true(v->answered == UNKNOWN || v->answered_rows.n > 0);
		assert_true(v->stayed != NO || v->stayed_rows.n > 0);
		for (int m = 0; m < v->media_n; m++)
			assert_true(v->media[m].value == UNKNOWN || v->media[m].evidence.n > 0);
	}
	world_free(&w);
}

static void
test_without_endpoints(void **state)
{
	struct world w;
	struct judgement j;

	world_new(&w, world_playbook, van_quan, N(van_quan), false);
	play(&w, &j);
	assert_list(&j, LIST_ABSENT, "chu-tuc xuan-mai");
	assert_list(&j, LIST_UNATTENDED, "tri-le van-an trang-cuc");
	assert_list(&j, LIST_LEFT_EARLY, "binh-phuc");
	assert_list(&j, LIST_LOST, "yen-phuc");
	assert_int_equal(j.count[UNVERIFIED], 17);
	const struct verdict *v = world_verdict(&w, &j, "a");

	for (int m = 0; m < v->media_n; m++)
		assert_int_equal(
			v->media[m].value, v->media[m].direction == FROM_SITE ? YES : UNKNOWN);
	world_free(&w);
}

static void
test_wrong_password(void **state)
{
	struct world w;
	struct judgement j;

	world_new(&w, world_playbook, van_quan, N(van_quan), false);
	w.mcu_open = ERR_AUTH;
	w.mcu_word = "login-refused";
	play(&w, &j);
	assert_int_equal(w.logins, 1);
	assert_int_equal(j.count[UNTESTED], 24);
	for (size_t i = 0; i < j.n; i++) {
		assert_string_equal(j.verdicts[i].sub_reason, "login-refused");
		assert_int_equal(j.verdicts[i].alive, UNKNOWN);
	}
	assert_string_equal(w.run->notes.at[0].kind, "mcu-login-refused");
	world_free(&w);
}

static void
test_mcu_away_all_the_time(void **state)
{
	struct world w;
	struct judgement j;

	world_new(&w, world_playbook, van_quan, N(van_quan), false);
	w.mcu_down_from = WORLD_START - 1;
	w.mcu_down_to = INT64_MAX;
	play(&w, &j);
	assert_int_equal(j.count[UNTESTED], 24);
	assert_string_equal(j.verdicts[0].sub_reason, "mcu-unreachable");
	world_free(&w);
}

/* An outage of the MCU in the middle accuses nobody, and legs that stood through it are one stretch
 * of presence. */
static void
test_mcu_away_for_a_while(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" } };
	struct world w;
	struct judgement j;

	world_new(&w, world_playbook, b, N(b), true);
	w.mcu_down_from = WORLD_START + 15 * MINUTE;
	w.mcu_down_to = WORLD_START + 17 * MINUTE;
	play(&w, &j);
	assert_int_equal(j.count[GOOD], 2);
	assert_int_equal(w.run->sites[0].intervals.n, 1);
	world_free(&w);
}

/* An MCU that restarts forgets the conference, and its list does not say so: it is made again, and
 * the sites are called again. */
static void
test_mcu_restarts(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" }, { .id = "c" } };
	struct world w;
	struct judgement j;
	int starts = 0;

	world_new(&w, world_playbook, b, N(b), true);
	w.mcu_down_from = w.mcu_forgets_at = WORLD_START + 15 * MINUTE;
	w.mcu_down_to = WORLD_START + 16 * MINUTE;
	play(&w, &j);
	for (size_t i = 0; i < w.orders.n; i++)
		starts += w.orders.at[i].verb == VERB_START;
	assert_int_equal(starts, 2);
	assert_int_equal(j.count[GOOD], 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(w.run->sites[i].intervals.n, 2);
	world_free(&w);
}

/* An MCU that says "later" is asked again to end the conference; one that never does is noted, and
 * the report comes all the same. */
static void
test_end_is_repeated(void **state)
{
	static const struct behaviour b[] = { { .id = "a" } };

	for (int busy = 2; busy <= 50; busy += 48) {
		struct world w;
		struct judgement j;
		int ends = 0;
		bool noted = false;

		world_new(&w, world_playbook, b, N(b), true);
		w.busy_ends = busy;
		play(&w, &j);
		for (size_t i = 0; i < w.orders.n; i++)
			ends += w.orders.at[i].verb == VERB_END;
		for (size_t i = 0; i < w.run->notes.n; i++)
			noted = noted || str_eq(w.run->notes.at[i].kind, "conference-not-ended");
		assert_true(w.run->finished);
		assert_int_equal(ends, busy == 2 ? 3 : 6);
		assert_int_equal(noted, busy != 2);
		world_free(&w);
	}
}

struct headline_row {
	struct behaviour b;
	enum headline headline;
	const char *sub_reason;
	enum tri alive, reached, answered;
};

static void
test_headlines(void **state)
{
	static const struct headline_row rows[] = {
		{ { .id = "good" }, GOOD, "", YES, YES, YES },
		{ { .id = "off", .kind = W_OFF }, ABSENT, "no-sign-of-life", NO, NO, UNKNOWN },
		{ { .id = "unanswered", .kind = W_UNANSWERED }, UNATTENDED, "rang-unanswered", YES,
			NO, UNKNOWN },
		{ { .id = "busy", .kind = W_BUSY }, UNCONNECTED, "busy", YES, NO, UNKNOWN },
		{ { .id = "rejected", .kind = W_REJECTED }, UNCONNECTED, "rejected", YES, NO,
			UNKNOWN },
		{ { .id = "silent", .silent = true }, UNATTENDED, "no-answer-to-call", YES, YES,
			NO },
		{ { .id = "noisy", .noisy = true }, UNATTENDED, "no-answer-to-call", YES, YES, NO },
		{ { .id = "hangup", .hangup_at = 12 * MINUTE }, LEFT_EARLY, "hang-up", YES, YES,
			YES },
		{ { .id = "power", .poweroff_at = 15 * MINUTE, .on_again_at = 30 * MINUTE },
			LEFT_EARLY, "switched-off", YES, YES, YES },
		{ { .id = "network",
			  .network_down_at = 15 * MINUTE,
			  .network_back_at = 31 * MINUTE },
			LOST, "", YES, YES, YES },
		{ { .id = "gone", .network_down_at = 15 * MINUTE }, LOST, "", YES, YES, YES },
		{ { .id = "returns",
			  .network_down_at = 14 * MINUTE,
			  .network_back_at = 17 * MINUTE },
			GOOD, "", YES, YES, YES },
		{ { .id = "one-way-to", .one_way_audio_to = true }, ONE_WAY, "", YES, YES, YES },
		{ { .id = "no-uplink", .one_way_audio_from = true, .silent = true }, ONE_WAY, "",
			YES, YES, UNKNOWN },
		{ { .id = "one-way-from", .one_way_video_from = true }, ONE_WAY, "", YES, YES,
			YES },
		{ { .id = "lossy", .loss_permille = 60 }, POOR, "", YES, YES, YES },
		{ { .id = "late", .on_at = 5 * MINUTE }, LATE, "", YES, YES, YES },
		{ { .id = "dials-in", .kind = W_ON, .dials_in = true, .dials_in_at = 0 }, GOOD, "",
			YES, YES, YES },
		{ { .id = "frozen", .frozen_at = 12 * MINUTE }, ONE_WAY, "", YES, YES, YES },
	};

	for (size_t i = 0; i < N(rows); i++) {
		struct world w;
		struct judgement j;

		world_new(&w, world_playbook, &rows[i].b, 1, true);
		play(&w, &j);
		const struct verdict *v = &j.verdicts[0];

		if (v->headline != rows[i].headline)
			print_error("%s: %s\n", rows[i].b.id, headline_name(v->headline));
		assert_int_equal(v->headline, rows[i].headline);
		assert_string_equal(v->sub_reason, rows[i].sub_reason);
		assert_int_equal(v->alive, rows[i].alive);
		assert_int_equal(v->reached, rows[i].reached);
		assert_int_equal(v->answered, rows[i].answered);
		world_free(&w);
	}
}

static void
test_lateness_has_both_bounds(void **state)
{
	static const struct behaviour b[] = { { .id = "late", .on_at = 6 * MINUTE } };
	struct world w;
	struct judgement j;

	world_new(&w, world_playbook, b, 1, true);
	play(&w, &j);
	const struct verdict *v = &j.verdicts[0];

	assert_true(v->late_s.known);
	assert_true(v->late_s.v <= 6 * 60);
	assert_true(v->late_s.v + v->late_uncertainty_s.v >= 6 * 60);
	assert_true(v->late_uncertainty_s.v <= 60);
	w.spec.short_notice = true;
	judge(w.run, w.arena, &j);
	assert_false(j.verdicts[0].late_s.known);
	assert_int_equal(j.verdicts[0].headline, GOOD);
	world_free(&w);
}

/* What a person ends at the MCU is left so, and not charged to the site. */
static void
test_person_at_the_mcu_wins(void **state)
{
	static const struct behaviour b[] = {
		{ .id = "a", .person_hangs_up = true, .person_at = 12 * MINUTE }, { .id = "b" }
	};
	struct world w;
	struct judgement j;

	world_new(&w, world_playbook, b, N(b), true);
	play(&w, &j);
	assert_int_equal(w.sites[0].dials, 1);
	assert_true(j.verdicts[0].headline != LEFT_EARLY && j.verdicts[0].headline != LOST);
	assert_int_equal(w.run->sites[0].intervals.at[0].ended_by, ENDED_OPERATOR);
	bool flagged = false;

	for (int i = 0; i < j.verdicts[0].flags_n; i++)
		flagged = flagged || str_eq(j.verdicts[0].flags[i], "ended-by-person");
	assert_true(flagged);
	world_free(&w);
}

static void
test_operator_commands(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b", .silent = true } };
	struct world w;
	struct judgement j;

	world_new(&w, world_playbook, b, N(b), true);
	world_begin(&w);
	world_until(&w, 3 * MINUTE);
	world_command(&w, COMMAND_HANGUP, "a", "operator", "", 0);
	world_until(&w, 4 * MINUTE);
	assert_int_equal(w.sites[0].state, LEG_GONE);
	world_until(&w, 7 * MINUTE);
	assert_int_equal(w.sites[0].dials, 1);
	world_command(&w, COMMAND_DIAL, "a", "operator", "", 0);
	world_until(&w, 8 * MINUTE);
	assert_int_equal(w.sites[0].state, LEG_UP);
	world_command(&w, COMMAND_HOLD, "", "operator", "", 0);
	world_until(&w, 18 * MINUTE);
	assert_false(w.run->rolling);
	world_command(&w, COMMAND_RELEASE, "", "operator", "", 0);
	world_command(&w, COMMAND_MARK, "b", "Cán bộ trực", "answered by telephone", 1);
	world_until(&w, 90 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_true(w.run->allclear_at >= WORLD_START + 35 * MINUTE);
	assert_int_equal(j.verdicts[1].answered, YES);
	assert_int_equal(j.count[GOOD], 2);
	world_free(&w);
}

/* A person's order to dial goes out whatever automation may not do any more; nobody dials again by
 * itself. */
static void
test_a_person_dials_while_held_and_after_the_allclear(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b", .kind = W_OFF } };
	struct world w;

	world_new(&w, world_playbook, b, N(b), true);
	world_begin(&w);
	world_until(&w, 5 * MINUTE);
	world_command(&w, COMMAND_HANGUP, "a", "operator", "", 0);
	world_until(&w, 7 * MINUTE);
	world_command(&w, COMMAND_HOLD, "", "operator", "", 0);
	world_until(&w, 8 * MINUTE);
	assert_int_equal(w.sites[0].dials, 1);
	world_command(&w, COMMAND_DIAL, "a", "operator", "", 0);
	world_until(&w, 9 * MINUTE);
	assert_int_equal(w.sites[0].state, LEG_UP);
	world_command(&w, COMMAND_RELEASE, "", "operator", "", 0);
	world_until(&w, 12 * MINUTE);
	world_command(&w, COMMAND_ALLCLEAR, "", "operator", "", 0);
	world_command(&w, COMMAND_HANGUP, "a", "operator", "", 0);
	world_until(&w, 14 * MINUTE);
	int dials = w.sites[1].dials;
	world_command(&w, COMMAND_DIAL, "a", "operator", "", 0);
	world_command(&w, COMMAND_DIAL, "b", "operator", "", 0);
	world_until(&w, 15 * MINUTE);
	assert_int_equal(w.sites[0].state, LEG_UP);
	assert_int_equal(w.sites[0].dials, 3);
	assert_int_equal(w.sites[1].dials, dials + 1);
	world_until(&w, 25 * MINUTE);
	assert_int_equal(w.sites[1].dials, dials + 1);
	world_free(&w);
}

static void
test_stop_leaves_untried_sites_untested(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b", .kind = W_OFF } };
	struct world w;
	struct judgement j;

	world_new(&w, world_playbook, b, N(b), false);
	world_begin(&w);
	world_until(&w, 2000);
	world_command(&w, COMMAND_STOP, "", "operator", "wrong day", 0);
	world_until(&w, 2 * MINUTE);
	assert_true(w.run->finished);
	judge(w.run, w.arena, &j);
	assert_int_equal(j.verdicts[1].headline, UNTESTED);
	assert_string_equal(j.verdicts[1].sub_reason, "cancelled");
	world_free(&w);
}

/* A crash between the order and its answer: no attempt twice, no second leg, the same lists. */
static void
test_restart_at_any_moment(void **state)
{
	for (int64_t at = 1000; at < 30 * MINUTE; at += 97 * 1000 + 500) {
		struct world w;
		struct judgement j;

		world_new(&w, world_playbook, van_quan, N(van_quan), true);
		world_begin(&w);
		world_until(&w, at);
		/* Half of what was under way reached the device, none of the answers came back. */
		for (size_t i = 0; i < w.pending.n; i++)
			if (i % 2)
				order_effect(&w, &w.pending.at[i].order);
		w.pending.n = 0;
		for (int64_t back = w.now + 20000; w.now < back; w.now += 500)
			devices_step(&w);
		world_feed(&w, &(struct event){ .kind = EVENT_RESTART });
		world_until(&w, 60 * MINUTE);
		judge(w.run, w.arena, &j);
		assert_list(&j, LIST_ABSENT, "chu-tuc xuan-mai");
		assert_list(&j, LIST_UNATTENDED, "tri-le van-an trang-cuc");
		assert_list(&j, LIST_LEFT_EARLY, "binh-phuc yen-phuc");
		assert_int_equal(j.count[GOOD], 17);
		for (size_t i = 0; i < w.n; i++)
			assert_true(w.sites[i].legs_made <= 1);
		for (size_t i = 0; i < w.orders.n; i++)
			for (size_t k = i + 1; k < w.orders.n; k++)
				if (w.orders.at[i].verb == VERB_DIAL &&
					w.orders.at[k].verb == VERB_DIAL)
					assert_string_not_equal(w.orders.at[i].attempt_word,
						w.orders.at[k].attempt_word);
		world_free(&w);
	}
}

/* The same events, written to JSON and read back, give the same orders and the same judgement. */
static void
test_replay(void **state)
{
	struct world w;
	struct judgement j, again;
	struct err_text e = { 0 };
	size_t at = 0;

	world_new(&w, world_playbook, van_quan, N(van_quan), true);
	play(&w, &j);
	struct run *r = run_new(&w.spec);

	for (size_t i = 0; i < w.events.n; i++) {
		struct buf b = { 0 };
		struct json_out out = { .out = &b };
		const struct json *json;
		struct event back;
		struct orders orders = { 0 };

		event_write(&w.events.at[i], &out);
		assert_int_equal(json_parse(w.arena, b.at, b.n, &json, &e), OK);
		assert_int_equal(
			event_read(json, w.events.at[i].at, w.events.at[i].seq, w.arena, &back, &e),
			OK);
		run_step(r, &back, &orders);
		for (size_t k = 0; k < orders.n; k++, at++) {
			assert_true(at < w.orders.n);
			assert_int_equal(orders.at[k].number, w.orders.at[at].number);
			assert_int_equal(orders.at[k].verb, w.orders.at[at].verb);
			assert_string_equal(orders.at[k].device, w.orders.at[at].device);
			assert_string_equal(orders.at[k].leg.id, w.orders.at[at].leg.id);
		}
		free(orders.at);
		buf_free(&b);
	}
	assert_int_equal(at, w.orders.n);
	judge(r, w.arena, &again);
	for (size_t i = 0; i < j.n; i++) {
		assert_int_equal(j.verdicts[i].headline, again.verdicts[i].headline);
		assert_string_equal(j.verdicts[i].sub_reason, again.verdicts[i].sub_reason);
	}
	run_free(r);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_van_quan),
		cmocka_unit_test(test_every_fact_has_rows),
		cmocka_unit_test(test_without_endpoints),
		cmocka_unit_test(test_wrong_password),
		cmocka_unit_test(test_mcu_away_all_the_time),
		cmocka_unit_test(test_mcu_away_for_a_while),
		cmocka_unit_test(test_headlines),
		cmocka_unit_test(test_lateness_has_both_bounds),
		cmocka_unit_test(test_person_at_the_mcu_wins),
		cmocka_unit_test(test_operator_commands),
		cmocka_unit_test(test_a_person_dials_while_held_and_after_the_allclear),
		cmocka_unit_test(test_stop_leaves_untried_sites_untested),
		cmocka_unit_test(test_restart_at_any_moment),
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_end_is_repeated),
		cmocka_unit_test(test_mcu_restarts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
