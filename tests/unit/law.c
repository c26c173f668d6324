/* The law of the judgement: headline, two-way, grades. Each test is named after the sentence that
 * it shows; which sentence is held by which test, here and elsewhere: LAW.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "law.h"

/* ---- headline -------------------------------------------------------------------------------- */

static void
test_our_failure_is_untested_and_proven_facts_stay(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b", .kind = W_OFF } };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, b, N(b), true);
	w.mcu_open = ERR_REFUSED;
	play(&w, &j);
	assert_int_equal(j.count[UNTESTED], 2);
	assert_int_equal(j.verdicts[0].reached, UNKNOWN);
	assert_int_equal(j.lists[LIST_ABSENT].n, 0);
	world_free(&w);
}

static void
test_a_wrong_address_is_unconnected(void **state)
{
	static const struct behaviour wrong = { .id = "a", .kind = W_WRONG_ADDRESS },
				      other = { .id = "b", .kind = W_INCOMPATIBLE };
	struct world w;
	struct judgement j;

	for (int endpoints = 0; endpoints < 2; endpoints++) {
		play_one(&w, &wrong, endpoints, &j);
		assert_int_equal(j.verdicts[0].headline, UNCONNECTED);
		assert_string_equal(j.verdicts[0].sub_reason, "wrong-address");
		assert_int_equal(j.verdicts[0].alive, endpoints ? YES : UNKNOWN);
		world_free(&w);
		play_one(&w, &other, endpoints, &j);
		assert_int_equal(j.verdicts[0].headline, UNCONNECTED);
		assert_string_equal(j.verdicts[0].sub_reason, "incompatible");
		world_free(&w);
	}
}

static void
test_a_wrong_control_password_is_never_the_sites(void **state)
{
	static const struct behaviour b = { .id = "a", .other_password = true };
	struct world w;
	struct judgement j;

	play_one(&w, &b, true, &j);
	assert_int_equal(j.verdicts[0].headline, UNVERIFIED);
	assert_int_equal(noted(w.run, "endpoint-refused"), 1);
	assert_int_equal(ordered(&w, VERB_STATUS, "a"), 1); /* a refused login is final */
	world_free(&w);
}

static void
test_lists_are_built_from_facts(void **state)
{
	static const struct behaviour b = {
		.id = "a", .on_at = 5 * MINUTE, .silent = true, .one_way_video_from = true
	};
	struct world w;
	struct judgement j;

	play_one(&w, &b, true, &j);
	assert_int_equal(j.verdicts[0].headline, UNATTENDED);
	assert_true(listed(&j, LIST_UNATTENDED, "a") && listed(&j, LIST_LATE, "a") &&
		    listed(&j, LIST_ONE_WAY, "a"));
	world_free(&w);
}

/* ---- two-way --------------------------------------------------------------------------------- */

static void
test_yes_needs_two_moments(void **state)
{
	static const struct behaviour b = { .id = "a" };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, &b, 1, true);
	world_begin(&w);
	while (!w.run->sites[0].first_up)
		world_until(&w, w.now - WORLD_START + 500);
	world_until(&w, w.now - WORLD_START + 1000);
	judge(w.run, w.arena, &j);
	assert_int_equal(fact(&j.verdicts[0], AUDIO, FROM_SITE)->value, UNKNOWN);
	world_until(&w, w.now - WORLD_START + 30000);
	judge(w.run, w.arena, &j);
	const struct media_fact *f = fact(&j.verdicts[0], AUDIO, FROM_SITE);

	assert_int_equal(f->value, YES);
	assert_int_equal(f->evidence.n, 2);
	world_free(&w);
}

static void
test_a_transmit_figure_alone_is_unknown(void **state)
{
	/* the MCU's counters of what it sends grow */
	static const struct behaviour b = { .id = "a" };
	struct world w;
	struct judgement j;

	play_one(&w, &b, false, &j);
	assert_int_equal(fact(&j.verdicts[0], AUDIO, TO_SITE)->value, UNKNOWN);
	assert_int_equal(fact(&j.verdicts[0], VIDEO, TO_SITE)->value, UNKNOWN);
	assert_int_equal(j.verdicts[0].headline, UNVERIFIED);
	world_free(&w);
}

static void
test_only_negotiated_media_are_judged(void **state)
{
	static const struct behaviour b = { .id = "a", .no_video = true };
	static const struct site_class class = { .name = "xa", .video = true };
	struct world w;
	struct judgement j;

	play_one(&w, &b, true, &j);
	assert_null(fact(&j.verdicts[0], VIDEO, FROM_SITE));
	assert_int_equal(j.verdicts[0].headline, GOOD);
	world_free(&w);
	world_new(&w, playbook, &b, 1, true);
	w.spec.profile.classes = (struct site_class *)&class;
	w.spec.profile.classes_n = 1;
	w.spec.sites[0].class = "xa";
	play(&w, &j);
	assert_int_equal(j.verdicts[0].headline, POOR);
	assert_true(flagged(&j.verdicts[0], "audio-only"));
	world_free(&w);
}

static void
test_contradictions_of_the_two_ends_are_reported(void **state)
{
	static const struct behaviour b[] = {
		{ .id = "from", .one_way_video_from = true, .sends_kbps = 512 },
		{ .id = "to", .one_way_audio_to = true },
		{ .id = "quiet", .one_way_video_from = true }, { .id = "fine", .sends_kbps = 512 }
	};
	struct world w;
	struct judgement j;

	world_new(&w, playbook, b, N(b), true);
	play(&w, &j);
	assert_true(fact(&j.verdicts[0], VIDEO, FROM_SITE)->contradiction);
	assert_int_equal(j.verdicts[0].headline, ONE_WAY);
	assert_true(fact(&j.verdicts[1], AUDIO, TO_SITE)->contradiction);
	/* its codec does not say that it sends */
	assert_false(fact(&j.verdicts[2], VIDEO, FROM_SITE)->contradiction);
	for (int i = 0; i < j.verdicts[3].media_n; i++)
		assert_false(j.verdicts[3].media[i].contradiction);
	world_free(&w);
}

static void
test_a_hop_to_a_foreign_mcu_is_unknown(void **state)
{
	static const struct behaviour b = { .id = "a" };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, &b, 1, true);
	((struct spec_mcu *)w.spec.mcus)[0].parent = "trung-uong";
	play(&w, &j);
	assert_int_equal(j.hops_n, 1);
	assert_true(j.hops[0].foreign);
	assert_int_equal(j.hops[0].verdict.reached, UNKNOWN);
	assert_int_equal(j.hops[0].verdict.media_n, 0);
	assert_int_equal(j.verdicts[0].headline, GOOD);
	world_free(&w);
}

static void
test_an_upper_hop_is_never_charged_to_the_commune(void **state)
{
	static const struct behaviour bad[] = { { .id = "a" }, { .id = "b" },
		{ .id = "mcu:huyen", .kind = W_OFF } };
	static const struct behaviour fine[] = { { .id = "a" }, { .id = "b" },
		{ .id = "mcu:huyen" } };

	for (int up = 0; up < 2; up++) {
		struct world w;
		struct judgement j;

		world_new(&w, playbook, up ? fine : bad, 3, true);
		world_two_mcus(&w, 1);
		play(&w, &j);
		assert_int_equal(j.n, 2);
		assert_int_equal(j.count[GOOD], 2);
		assert_int_equal(j.hops_n, 1);
		assert_string_equal(j.hops[0].name, "huyen-tinh");
		assert_int_equal(j.hops[0].verdict.reached, up ? YES : NO);
		if (up) { /* told by the receiver at each end */
			assert_int_equal(fact(&j.hops[0].verdict, AUDIO, FROM_SITE)->value, YES);
			assert_int_equal(fact(&j.hops[0].verdict, AUDIO, TO_SITE)->value, YES);
		}
		assert_int_equal(noted(w.run, "extra"), 0);
		world_free(&w);
	}
}

/* ---- grades ---------------------------------------------------------------------------------- */

static void
test_grades(void **state)
{
	static const struct {
		int loss_permille, jitter_ms, rtt_ms;
		enum grade_value grade;
	} rows[] = {
		{ 5, 0, 0, GRADE_GOOD },
		{ 20, 0, 0, GRADE_FAIR },
		{ 60, 0, 0, GRADE_POOR },
		{ 150, 0, 0, GRADE_BAD },
		{ 5, 60, 0, GRADE_FAIR },
		{ 20, 60, 0, GRADE_POOR },
		{ 150, 60, 0, GRADE_BAD },
		{ 5, 30, 0, GRADE_GOOD },
		{ 5, 0, 150, GRADE_GOOD },
		{ 5, 0, 250, GRADE_FAIR },
		{ 5, 0, 400, GRADE_BAD },
	};

	for (size_t i = 0; i < N(rows); i++) {
		struct behaviour b = { .id = "a",
			.loss_permille = rows[i].loss_permille,
			.jitter_ms = rows[i].jitter_ms,
			.rtt_ms = rows[i].rtt_ms };
		struct world w;
		struct judgement j;

		play_one(&w, &b, true, &j);
		assert_int_equal(fact(&j.verdicts[0], VIDEO, FROM_SITE)->grade, rows[i].grade);
		assert_int_equal(j.verdicts[0].headline, rows[i].grade >= GRADE_POOR ? POOR : GOOD);
		world_free(&w);
	}
}

/* ---- fallback -------------------------------------------------------------------------------- */

static const char exercised[] =
	BOOK("", "<dial at='PT0S' attempts='2' every='PT1M' probe-every='PT30S' "
		 "fallback='second-address audio-only' exercise='yes'/>\n");

static void
test_a_fallback_is_exercised_when_the_playbook_says_so(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" },
		{ .id = "off", .kind = W_OFF } };
	struct world w;
	struct judgement j;

	world_new(&w, exercised, b, N(b), true);
	w.spec.sites[0].address[1] = "sip:10.9.9.9";
	play(&w, &j);
	const struct attempt *a = &w.run->sites[0].attempts.at[0],
			     *alone = &w.run->sites[1].attempts.at[0];

	assert_string_equal(a->address, "sip:10.9.9.9");
	assert_int_equal(a->fallback, 1 + FALLBACK_SECOND_ADDRESS);
	assert_int_equal(alone->fallback, 1 + FALLBACK_AUDIO_ONLY); /* it has no second address */
	assert_true(flagged(&j.verdicts[0], "fallback"));
	/* Where it fails the planned attempts follow, all of them. */
	const struct run_site *off = &w.run->sites[2];

	assert_int_equal(off->attempts.at[0].fallback, 1 + FALLBACK_AUDIO_ONLY);
	assert_int_equal(off->attempts.at[1].fallback, 0);
	assert_int_equal(off->attempts.at[2].fallback, 0);
	assert_int_equal(j.verdicts[2].headline, ABSENT);
	world_free(&w);
}

static const char late_fallback[] =
	BOOK("", "<dial at='PT0S' attempts='3' every='PT1M30S' probe-every='PT30S' "
		 "fallback='second-address'/>\n");

/* It was there all the time, at its other address. */
static void
test_the_way_that_failed_makes_nobody_late(void **state)
{
	static const struct behaviour b[] = { { .id = "moved", .moved = true },
		{ .id = "late", .moved = true, .on_at = 10 * MINUTE } };

	for (int endpoints = 0; endpoints < 2; endpoints++) {
		struct world w;
		struct judgement j;

		world_new(&w, late_fallback, b, N(b), endpoints);
		w.spec.sites[0].address[1] = "h323:10.9.9.8";
		w.spec.sites[1].address[1] = "h323:10.9.9.9";
		play(&w, &j);
		assert_true(w.run->sites[0].first_up > WORLD_START + 3 * MINUTE);
		assert_int_equal(j.verdicts[0].late_s.v, 0);
		assert_true(j.verdicts[0].headline != LATE);
		/* Nobody at the second address either, or a silent control port. */
		assert_true(j.verdicts[1].late_s.v > 120 && j.verdicts[1].late_s.v <= 600);
		world_free(&w);
	}
}

static const char every_way[] =
	BOOK("", "<dial at='PT0S' attempts='1' every='PT1M' probe-every='PT30S' "
		 "fallback='second-address other-protocol lower-rate audio-only'/>\n");

/* Each once and in turn, then the planned way again; a box without a sign of life is not helped by
 * a lower rate. */
static void
test_fallbacks_in_turn(void **state)
{
	static const struct behaviour b[] = { { .id = "busy", .kind = W_BUSY },
		{ .id = "off", .kind = W_OFF } };
	static const struct {
		const char *address;
		int kbps;
		bool audio_only;
	} ways[] = { { "h323:127.20.0.1", 0, false }, { "sip:10.9.9.9", 0, false },
		{ "sip:127.20.0.1", 0, false }, { "h323:127.20.0.1", 256, false },
		{ "h323:127.20.0.1", 0, true }, { "h323:127.20.0.1", 0, false } };
	static const int dead[] = { 0, 1 + FALLBACK_OTHER_PROTOCOL, 0 };
	struct world w;
	struct judgement j;
	size_t n = 0;

	world_new(&w, every_way, b, N(b), false);
	w.spec.sites[0].address[1] = "sip:10.9.9.9";
	play(&w, &j);
	for (size_t i = 0; i < w.orders.n && n < N(ways); i++) {
		const struct order *o = &w.orders.at[i];

		if (o->verb != VERB_DIAL || !str_eq(o->site, "busy"))
			continue;
		assert_string_equal(o->address, ways[n].address);
		assert_int_equal(o->kbps, ways[n].kbps);
		assert_int_equal(o->audio_only, ways[n].audio_only);
		n++;
	}
	assert_int_equal(n, N(ways));
	for (size_t i = 0; i < N(dead); i++)
		assert_int_equal(w.run->sites[1].attempts.at[i].fallback, dead[i]);
	assert_int_equal(j.verdicts[0].headline, UNCONNECTED);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_our_failure_is_untested_and_proven_facts_stay),
		cmocka_unit_test(test_a_wrong_address_is_unconnected),
		cmocka_unit_test(test_a_wrong_control_password_is_never_the_sites),
		cmocka_unit_test(test_lists_are_built_from_facts),
		cmocka_unit_test(test_yes_needs_two_moments),
		cmocka_unit_test(test_a_transmit_figure_alone_is_unknown),
		cmocka_unit_test(test_only_negotiated_media_are_judged),
		cmocka_unit_test(test_contradictions_of_the_two_ends_are_reported),
		cmocka_unit_test(test_a_hop_to_a_foreign_mcu_is_unknown),
		cmocka_unit_test(test_an_upper_hop_is_never_charged_to_the_commune),
		cmocka_unit_test(test_grades),
		cmocka_unit_test(test_a_fallback_is_exercised_when_the_playbook_says_so),
		cmocka_unit_test(test_the_way_that_failed_makes_nobody_late),
		cmocka_unit_test(test_fallbacks_in_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
