/* The silent round on devices that tell of a muted leg only whether it has spoken since it was
 * muted: what is an answer to the text, and what is not. Devices that tell levels: law.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "world.h"

static const char book[] =
	"<playbook name='tong-duyet' title='T' phase='rehearsal' anchor='event'>\n"
	"<open at='PT0S' muted='yes'/>\n"
	"<dial at='PT0S' attempts='3' every='PT1M' probe-every='PT30S'/>\n"
	"<verify at='PT4M' within='PT4M'/>\n"
	"<watch at='PT8M' redial='yes' until='allclear'/>\n"
	"<rollcall at='PT9M' silent='yes' answer-within='PT20S' calls='1'/>\n"
	"<allclear at='PT25M' by='rule' latest='PT30M'/>\n"
	"<close at='PT36M'/>\n"
	"<report at='PT38M'/>\n"
	"</playbook>\n";

static void
prepare(struct world *w, const struct behaviour *b, size_t n)
{
	struct spec_mcu *m;

	world_new(w, book, b, n, true);
	m = w->spec.mcus;
	m->evidence =
		(m->evidence & ~(unsigned)EVIDENCE_LEVEL) | EVIDENCE_SPEECH | EVIDENCE_LEVEL_MUTED;
	world_begin(w);
}

static void
test_who_spoke_behind_the_text_has_answered(void **state)
{
	static const struct behaviour b[] = {
		{ .id = "answers", .talks = true, .told_muted = true, .answers_alone = 4 },
		/* It spoke before: muted anew when the round begins, so that what it says then can
		   be told. */
		{ .id = "spoke",
			.talks = true,
			.told_muted = true,
			.answers_alone = 4,
			.coughs_at = 6 * MINUTE },
		{ .id = "nobody", .talks = true, .silent = true, .told_muted = true },
		/* Before the list that was asked for behind the text: whether it read that is not
		   known. */
		{ .id = "just-then",
			.talks = true,
			.silent = true,
			.told_muted = true,
			.coughs_at = 9 * MINUTE + 400 },
	};
	struct world w;
	struct judgement j;

	prepare(&w, b, N(b));
	world_until(&w, 9 * MINUTE + 19000);
	static const bool answered[] = { true, true, false, false };

	for (size_t i = 0; i < N(b); i++) {
		const struct rollcall_mark *roll = &w.run->sites[i].roll;

		assert_int_equal(roll->answered && roll->silent, answered[i]);
		assert_int_equal(roll->called, 0); /* all of it under mute */
		assert_true(w.sites[i].muted);
	}
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_int_equal(j.verdicts[0].answered, YES);
	assert_int_equal(j.verdicts[1].answered, YES);
	assert_int_equal(j.verdicts[2].headline, UNATTENDED);
	assert_int_equal(
		j.verdicts[3].headline, UNATTENDED); /* called aloud, and nobody answered */
	assert_true(w.run->sites[2].roll.first_called < w.run->sites[0].roll.answered_at ||
		    w.run->sites[2].roll.called == 1);
	for (size_t i = 0; i < w.run->notes.n; i++)
		assert_string_not_equal(w.run->notes.at[i].kind, "step-not-done");
	world_free(&w);
}

/* Nobody was asked: nothing of the round counts, it is said, and the roll is called aloud. */
static void
test_without_the_text_there_is_no_round(void **state)
{
	static const struct behaviour b[] = { { .id = "talks-anyway",
		.talks = true,
		.silent = true,
		.told_muted = true,
		.coughs_at = 9 * MINUTE + 4000 } };
	struct world w;
	struct judgement j;

	prepare(&w, b, N(b));
	w.message = ERR_UNSUPPORTED;
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_int_equal(j.verdicts[0].answered, UNKNOWN); /* nor by the text of the call */
	bool said = false;

	for (size_t i = 0; i < w.run->notes.n; i++)
		said = said || str_eq(w.run->notes.at[i].text,
				       "rollcall: no silent round, the text could not be shown");
	assert_true(said);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_spoke_behind_the_text_has_answered),
		cmocka_unit_test(test_without_the_text_there_is_no_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
