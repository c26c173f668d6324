/* The law of the judgement: the roll call. See LAW.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "law.h"

static void
test_levels_are_judged_by_the_rise_above_the_sites_own_floor(void **state)
{
	for (int shift = -30000; shift <= 24000; shift += 18000) {
		struct behaviour b[] = { { .id = "a", .level_shift = shift },
			{ .id = "b", .level_shift = shift, .silent = true } };
		struct world w;
		struct judgement j;

		world_new(&w, playbook, b, N(b), true);
		play(&w, &j);
		assert_int_equal(j.verdicts[0].answered, YES);
		assert_int_equal(j.verdicts[1].answered, NO);
		world_free(&w);
	}
}

static void
test_a_call_without_a_sound_leaves_heard_unknown(void **state)
{
	static const struct behaviour b = { .id = "a" };
	struct world w;
	struct judgement j;

	play_one(&w, &b, true, &j);
	assert_int_equal(j.verdicts[0].headline, GOOD); /* answered is needed, heard is not */
	assert_int_equal(j.verdicts[0].heard, UNKNOWN);
	assert_true(flagged(&j.verdicts[0], "called-without-sound"));
	world_free(&w);
}

static const char short_roll[] = BOOK(
	"<rollcall at='PT9M' answer-within='PT20S' calls='1'/><mute at='PT9M50S' value='on'/>\n",
	DIAL);

static void
test_a_call_that_would_run_into_the_next_step_is_not_made(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .silent = true },
		{ .id = "b", .silent = true }, { .id = "c", .silent = true } };
	struct world w;
	struct judgement j;

	world_new(&w, short_roll, b, N(b), true);
	play(&w, &j);
	assert_int_equal(j.verdicts[0].headline, UNATTENDED);
	assert_int_equal(w.run->sites[2].roll.called, 0);
	assert_true(w.run->sites[2].roll.not_made);
	/* never called: unknown, never unattended */
	assert_int_equal(j.verdicts[2].answered, UNKNOWN);
	assert_int_equal(j.verdicts[2].headline, UNVERIFIED);
	world_free(&w);
}

static void
test_one_at_a_time_per_conference(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b", .silent = true },
		{ .id = "c" }, { .id = "d" }, { .id = "e" } };
	struct world w;

	world_new(&w, playbook, b, N(b), true);
	world_begin(&w);
	while (!w.run->finished) {
		int open = 0;

		world_until(&w, w.now - WORLD_START + 500);
		for (size_t i = 0; i < N(b); i++)
			open += w.sites[i].state == LEG_UP && w.run->sites[i].wanted_muted == NO;
		assert_true(open <= 1);
	}
	world_free(&w);
}

static const char silent_roll[] =
	BOOK("<rollcall at='PT9M' silent='yes' answer-within='PT20S' calls='1'/>\n", DIAL);

static void
test_first_a_silent_round_then_aloud_who_did_not_answer(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .answers_alone = 3 },
		{ .id = "b", .silent = true }, { .id = "c" } };
	struct world w;
	struct judgement j;

	world_new(&w, silent_roll, b, N(b), true);
	((struct spec_mcu *)w.spec.mcus)[0].evidence |= EVIDENCE_LEVEL_MUTED;
	world_begin(&w);
	world_until(&w, 9 * MINUTE + 19000);
	assert_true(w.asked_all_at);
	for (size_t i = 0; i < N(b); i++) /* still muted in the mix */
		assert_true(w.sites[i].muted && !w.run->sites[i].roll.called);
	assert_true(w.run->sites[0].roll.answered && w.run->sites[0].roll.silent);
	assert_false(w.run->sites[1].roll.answered || w.run->sites[2].roll.answered);
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_int_equal(j.verdicts[0].headline, GOOD);
	assert_int_equal(j.verdicts[0].heard, UNKNOWN);
	assert_true(j.verdicts[0].answered_rows.n > 0);
	assert_int_equal(j.verdicts[1].headline, UNATTENDED); /* no answer aloud either */
	assert_int_equal(j.verdicts[2].headline, GOOD);
	/* Who answered silently is called last. */
	size_t last = 0, first_of[3] = { 0 };

	for (size_t i = 0; i < w.orders.n; i++)
		if (w.orders.at[i].verb == VERB_MUTE && !w.orders.at[i].on) {
			last++;
			for (size_t k = 0; k < N(b); k++)
				if (!first_of[k] && str_eq(w.orders.at[i].site, b[k].id))
					first_of[k] = last;
		}
	assert_true(first_of[1] == 1 && first_of[2] == 2 && first_of[0] == 3);
	assert_int_equal(noted(w.run, "step-not-done"), 0);
	world_free(&w);
}

static void
test_no_silent_round_where_levels_under_mute_are_not_told(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b", .silent = true } };
	struct world w;
	struct judgement j;

	world_new(&w, silent_roll, b, N(b), true);
	play(&w, &j);
	assert_int_equal(noted(w.run, "step-not-done"), 1);
	assert_int_equal(j.verdicts[0].headline, GOOD);
	assert_false(w.run->sites[0].roll.silent);
	assert_int_equal(j.verdicts[1].headline, UNATTENDED);
	world_free(&w);
}

static void
test_the_operator_marks_by_hand(void **state)
{
	static const struct behaviour b = { .id = "a" };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, &b, 1, true);
	world_begin(&w);
	world_until(&w, 7 * MINUTE);
	world_command(&w, COMMAND_MARK, "a", "Trực ban", "nobody in the picture", 0);
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_int_equal(j.verdicts[0].headline, UNATTENDED);
	assert_string_equal(w.run->sites[0].roll.person, "Trực ban");
	assert_string_equal(w.run->sites[0].roll.why, "nobody in the picture");
	assert_true(j.verdicts[0].answered_rows.n > 0);
	world_free(&w);
}

static const char by_importance[] =
	BOOK("<rollcall at='PT9M' answer-within='PT20S' calls='1' order='importance'/>\n", DIAL);

static void
test_the_roll_is_called_by_importance_or_as_the_directory_stands(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" }, { .id = "chief" } };

	for (int important = 0; important <= 1; important++) {
		struct world w;
		struct judgement j;

		world_new(&w, important ? by_importance : playbook, b, N(b), true);
		w.spec.sites[2].importance = 9;
		play(&w, &j);
		const struct run_site *s = w.run->sites;

		assert_true(s[0].roll.first_called < s[1].roll.first_called);
		assert_int_equal(s[2].roll.first_called < s[0].roll.first_called, important);
		assert_int_equal(j.count[GOOD], 3);
		world_free(&w);
	}
}

/* As entered, by whom, and what was entered before. */
static void
test_people_in_the_room_stand_as_entered(void **state)
{
	static const struct behaviour b = { .id = "a" };
	struct world w;

	world_new(&w, playbook, &b, 1, true);
	world_begin(&w);
	world_until(&w, 7 * MINUTE);
	assert_int_equal(w.run->sites[0].people_actual, -1);
	world_command(&w, COMMAND_PEOPLE, "a", "Trực ban", "Chủ tọa", 7);
	world_command(&w, COMMAND_PEOPLE, "a", "Trực ban", "Chủ tọa", 8);
	const struct run_site *s = &w.run->sites[0];

	assert_int_equal(s->people_actual, 8);
	assert_string_equal(s->people_chair, "Chủ tọa");
	assert_string_equal(s->people_by, "Trực ban");
	assert_int_equal(s->corrections.n, 1);
	assert_string_equal(s->corrections.at[0].value, "8");
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels_are_judged_by_the_rise_above_the_sites_own_floor),
		cmocka_unit_test(test_a_call_without_a_sound_leaves_heard_unknown),
		cmocka_unit_test(test_a_call_that_would_run_into_the_next_step_is_not_made),
		cmocka_unit_test(test_one_at_a_time_per_conference),
		cmocka_unit_test(test_first_a_silent_round_then_aloud_who_did_not_answer),
		cmocka_unit_test(test_no_silent_round_where_levels_under_mute_are_not_told),
		cmocka_unit_test(test_the_operator_marks_by_hand),
		cmocka_unit_test(test_the_roll_is_called_by_importance_or_as_the_directory_stands),
		cmocka_unit_test(test_people_in_the_room_stand_as_entered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
