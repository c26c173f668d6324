/* A roll call by tones: who answered the tone has heard us, who answered the text only has not
 * shown it, and a tone that comes back through a microphone is no answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/world_read.h"

#define BOOK(verify, roll) \
	"<playbook name='tong-duyet' title='T' phase='rehearsal' anchor='event'>\n" \
	"<open at='PT0S' muted='yes'/>\n" \
	"<dial at='PT0S' attempts='3' every='PT1M' probe-every='PT30S'/>\n" \
	"<verify at='PT4M' within='PT4M'" verify "/>\n" \
	"<watch at='PT8M' redial='yes' until='allclear'/>\n" \
	"<rollcall at='PT9M' answer-within='PT20S' calls='2'" roll "/>\n" \
	"<allclear at='PT25M' by='rule' latest='PT30M'/>\n" \
	"<close at='PT36M'/>\n" \
	"<report at='PT38M'/>\n" \
	"</playbook>\n"

static const char by_sound[] = BOOK("", " sound='yes'"), by_verify[] = BOOK(" sound='yes'", ""),
		  by_text[] = BOOK("", "");

static void
play(struct world *w, const char *book, const struct behaviour *b, size_t n, bool plays, bool flags,
	struct judgement *j)
{
	world_new(w, book, b, n, true);
	w->spec.mcus[0].plays = plays;
	if (flags)
		w->spec.mcus[0].evidence =
			(w->spec.mcus[0].evidence & ~(unsigned)EVIDENCE_LEVEL) | EVIDENCE_SPEECH;
	world_begin(w);
	world_until(w, 60 * MINUTE);
	judge(w->run, w->arena, j);
}

static size_t
texts(const struct world *w, const char *site)
{
	size_t n = 0;

	for (size_t i = 0; i < w->orders.n; i++)
		n += w->orders.at[i].verb == VERB_MESSAGE && str_eq(w->orders.at[i].site, site);
	return n;
}

static void
assert_heard(const struct world *w, const struct verdict *v, enum tri answered, enum tri heard)
{
	assert_int_equal(v->answered, answered);
	assert_int_equal(v->heard, heard);
	assert_false(flagged(v, "called-without-sound"));
}

/* Levels and voice flags alike. */
static void
test_who_answers_the_tone_has_heard_it(void **state)
{
	static const struct behaviour levels[] = { { .id = "hears", .hears = 4 },
		{ .id = "nobody", .silent = true },
		{ .id = "echo", .silent = true, .echoes = true },
		{ .id = "deaf", .hears = 4, .one_way_audio_to = true },
		{ .id = "both", .hears = 3, .echoes = true } };
	struct behaviour flags[N(levels)];
	struct world w;
	struct judgement j;

	memcpy(flags, levels, sizeof flags);
	for (size_t i = 0; i < N(flags); i++)
		flags[i].talks = true;
	for (int by_flag = 0; by_flag < 2; by_flag++) {
		play(&w, by_sound, by_flag ? flags : levels, N(levels), true, by_flag, &j);
		assert_heard(&w, &j.verdicts[0], YES, YES);
		assert_int_equal(j.verdicts[0].headline, GOOD);
		assert_int_equal(texts(&w, "hears"), 0); /* the tone was enough */
		assert_heard(&w, &j.verdicts[1], NO, UNKNOWN);
		assert_int_equal(texts(&w, "nobody"), 2); /* each call ended with a text */
		assert_int_equal(w.sites[1].tones, 2);
		assert_heard(&w, &j.verdicts[2], NO, UNKNOWN);
		assert_heard(&w, &j.verdicts[3], NO, UNKNOWN);
		assert_heard(&w, &j.verdicts[4], YES, YES);
		world_free(&w);
	}
}

/* Answered late, when the text stood on the screen already: an answer, and no proof that it heard.
 */
static void
test_an_answer_to_the_text_is_no_proof_of_hearing(void **state)
{
	static const struct behaviour b[] = { { .id = "late", .hears = 12 } };
	struct world w;
	struct judgement j;

	play(&w, by_sound, b, N(b), true, false, &j);
	assert_int_equal(texts(&w, "late"), 1);
	assert_heard(&w, &j.verdicts[0], YES, UNKNOWN);
	world_free(&w);
}

static void
test_sound_of_the_verify_step_is_played_and_calls(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .hears = 4 } };
	struct world w;
	struct judgement j;

	play(&w, by_verify, b, N(b), true, false, &j);
	assert_int_equal(w.tones_to_all, 1);
	assert_heard(&w, &j.verdicts[0], YES, YES);
	for (size_t i = 0; i < w.run->notes.n; i++)
		assert_string_not_equal(w.run->notes.at[i].kind, "step-not-done");
	world_free(&w);
	/* An MCU without tones: said, and called by text as ever. */
	static const struct behaviour speaks[] = { { .id = "a" } };

	play(&w, by_verify, speaks, N(speaks), false, false, &j);
	assert_int_equal(w.tones_to_all + w.sites[0].tones, 0);
	assert_int_equal(j.verdicts[0].answered, YES);
	assert_int_equal(j.verdicts[0].heard, UNKNOWN);
	assert_true(flagged(&j.verdicts[0], "called-without-sound"));
	assert_string_equal(w.run->notes.at[0].text, "verify: no tone can be played on these MCUs");
	world_free(&w);
}

/* No playbook asks for it: nothing is played. An order that fails is followed by the text at once.
 */
static void
test_no_tone_unasked_and_a_text_where_it_fails(void **state)
{
	static const struct behaviour b[] = { { .id = "a" } };
	struct world w;
	struct judgement j;

	play(&w, by_text, b, N(b), true, false, &j);
	assert_int_equal(w.sites[0].tones, 0);
	world_free(&w);
	world_new(&w, by_sound, b, N(b), true);
	w.spec.mcus[0].plays = true;
	w.play = ERR_UNSUPPORTED;
	world_begin(&w);
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_int_equal(texts(&w, "a"), 1);
	assert_int_equal(j.verdicts[0].answered, YES);
	assert_int_equal(j.verdicts[0].heard, UNKNOWN);
	assert_true(flagged(&j.verdicts[0], "called-without-sound"));
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_answers_the_tone_has_heard_it),
		cmocka_unit_test(test_an_answer_to_the_text_is_no_proof_of_hearing),
		cmocka_unit_test(test_sound_of_the_verify_step_is_played_and_calls),
		cmocka_unit_test(test_no_tone_unasked_and_a_text_where_it_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
