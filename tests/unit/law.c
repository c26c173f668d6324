/* The law of the judgement, one test per sentence: DESIGN.md section 5, and what issue 3 says of bad input and faults. Each test is
 * named after the sentence that it shows; sentences shown elsewhere: run.c, run_random.c, dry.c, tests/e2e/60 to 63. Which sentence is held by which test: LAW.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "world.h"

#define N(table) (sizeof table / sizeof table[0])
#define BOOK(roll, dial) \
	"<playbook name='tong-duyet' title='T' phase='rehearsal' anchor='event'>\n" \
	"<open at='PT0S' muted='yes'/>\n" dial \
	"<verify at='PT4M' within='PT4M'/>\n" \
	"<watch at='PT8M' redial='yes' until='allclear'/>\n" roll \
	"<allclear at='PT25M' by='rule' latest='PT30M'/>\n" \
	"<close at='PT36M'/>\n" \
	"<report at='PT38M'/>\n" \
	"</playbook>\n"
#define DIAL "<dial at='PT0S' attempts='3' every='PT1M' probe-every='PT30S'/>\n"

static const char playbook[] = BOOK("<rollcall at='PT9M' answer-within='PT20S' calls='2'/>\n", DIAL);

static void
play(struct world *w, struct judgement *j)
{
	world_begin(w);
	world_until(w, 60 * MINUTE);
	assert_true(w->run->finished);
	judge(w->run, w->arena, j);
}

static bool
flagged(const struct verdict *v, const char *flag)
{
	for (int i = 0; i < v->flags_n; i++)
		if (str_eq(v->flags[i], flag))
			return true;
	return false;
}

static bool
listed(const struct judgement *j, enum list l, const char *id)
{
	for (size_t i = 0; i < j->lists[l].n; i++)
		if (str_eq(j->lists[l].ids[i], id))
			return true;
	return false;
}

static int
noted(const struct run *r, const char *kind)
{
	int n = 0;

	for (size_t i = 0; i < r->notes.n; i++)
		n += str_eq(r->notes.at[i].kind, kind);
	return n;
}

static int
ordered(const struct world *w, enum verb verb, const char *site)
{
	int n = 0;

	for (size_t i = 0; i < w->orders.n; i++)
		n += w->orders.at[i].verb == verb && str_eq(w->orders.at[i].site, site);
	return n;
}

static const struct media_fact *
fact(const struct verdict *v, enum medium medium, enum direction d)
{
	for (int i = 0; i < v->media_n; i++)
		if (v->media[i].medium == medium && v->media[i].direction == d)
			return &v->media[i];
	return NULL;
}

/* One site, one verdict. */
static void
play_one(struct world *w, const struct behaviour *b, bool endpoints, struct judgement *j)
{
	world_new(w, playbook, b, 1, endpoints);
	play(w, j);
}

/* ---- headline ---------------------------------------------------------------------------------------------------- */

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
	static const struct behaviour wrong = { .id = "a", .kind = W_WRONG_ADDRESS }, other = { .id = "b", .kind = W_INCOMPATIBLE };
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
	static const struct behaviour b = { .id = "a", .on_at = 5 * MINUTE, .silent = true, .one_way_video_from = true };
	struct world w;
	struct judgement j;

	play_one(&w, &b, true, &j);
	assert_int_equal(j.verdicts[0].headline, UNATTENDED);
	assert_true(listed(&j, LIST_UNATTENDED, "a") && listed(&j, LIST_LATE, "a") && listed(&j, LIST_ONE_WAY, "a"));
	world_free(&w);
}

/* ---- two-way ----------------------------------------------------------------------------------------------------- */

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
	static const struct behaviour b = { .id = "a" }; /* the MCU's counters of what it sends grow */
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
	static const struct behaviour b[] = { { .id = "from", .one_way_video_from = true, .sends_kbps = 512 },
		{ .id = "to", .one_way_audio_to = true }, { .id = "quiet", .one_way_video_from = true }, { .id = "fine", .sends_kbps = 512 } };
	struct world w;
	struct judgement j;

	world_new(&w, playbook, b, N(b), true);
	play(&w, &j);
	assert_true(fact(&j.verdicts[0], VIDEO, FROM_SITE)->contradiction);
	assert_int_equal(j.verdicts[0].headline, ONE_WAY);
	assert_true(fact(&j.verdicts[1], AUDIO, TO_SITE)->contradiction);
	assert_false(fact(&j.verdicts[2], VIDEO, FROM_SITE)->contradiction); /* its codec does not say that it sends */
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
	static const struct behaviour bad[] = { { .id = "a" }, { .id = "b" }, { .id = "mcu:huyen", .kind = W_OFF } };
	static const struct behaviour fine[] = { { .id = "a" }, { .id = "b" }, { .id = "mcu:huyen" } };

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

/* ---- grades ------------------------------------------------------------------------------------------------------ */

static void
test_grades(void **state)
{
	static const struct { int loss_permille, jitter_ms, rtt_ms; enum grade_value grade; } rows[] = {
		{ 5, 0, 0, GRADE_GOOD }, { 20, 0, 0, GRADE_FAIR }, { 60, 0, 0, GRADE_POOR }, { 150, 0, 0, GRADE_BAD },
		{ 5, 60, 0, GRADE_FAIR }, { 20, 60, 0, GRADE_POOR }, { 150, 60, 0, GRADE_BAD }, { 5, 30, 0, GRADE_GOOD },
		{ 5, 0, 150, GRADE_GOOD }, { 5, 0, 250, GRADE_FAIR }, { 5, 0, 400, GRADE_BAD },
	};

	for (size_t i = 0; i < N(rows); i++) {
		struct behaviour b = { .id = "a", .loss_permille = rows[i].loss_permille, .jitter_ms = rows[i].jitter_ms, .rtt_ms = rows[i].rtt_ms };
		struct world w;
		struct judgement j;

		play_one(&w, &b, true, &j);
		assert_int_equal(fact(&j.verdicts[0], VIDEO, FROM_SITE)->grade, rows[i].grade);
		assert_int_equal(j.verdicts[0].headline, rows[i].grade >= GRADE_POOR ? POOR : GOOD);
		world_free(&w);
	}
}

/* ---- roll call --------------------------------------------------------------------------------------------------- */

static void
test_levels_are_judged_by_the_rise_above_the_sites_own_floor(void **state)
{
	for (int shift = -30000; shift <= 24000; shift += 18000) {
		struct behaviour b[] = { { .id = "a", .level_shift = shift }, { .id = "b", .level_shift = shift, .silent = true } };
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

static const char short_roll[] = BOOK("<rollcall at='PT9M' answer-within='PT20S' calls='1'/><mute at='PT9M50S' value='on'/>\n", DIAL);

static void
test_a_call_that_would_run_into_the_next_step_is_not_made(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .silent = true }, { .id = "b", .silent = true }, { .id = "c", .silent = true } };
	struct world w;
	struct judgement j;

	world_new(&w, short_roll, b, N(b), true);
	play(&w, &j);
	assert_int_equal(j.verdicts[0].headline, UNATTENDED);
	assert_int_equal(w.run->sites[2].roll.called, 0);
	assert_true(w.run->sites[2].roll.not_made);
	assert_int_equal(j.verdicts[2].answered, UNKNOWN); /* never called: unknown, never unattended */
	assert_int_equal(j.verdicts[2].headline, UNVERIFIED);
	world_free(&w);
}

static void
test_one_at_a_time_per_conference(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b", .silent = true }, { .id = "c" }, { .id = "d" }, { .id = "e" } };
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

static const char silent_roll[] = BOOK("<rollcall at='PT9M' silent='yes' answer-within='PT20S' calls='1'/>\n", DIAL);

static void
test_first_a_silent_round_then_aloud_who_did_not_answer(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .answers_alone = 3 }, { .id = "b", .silent = true }, { .id = "c" } };
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

/* ---- fallback ---------------------------------------------------------------------------------------------------- */

static const char exercised[] = BOOK("", "<dial at='PT0S' attempts='2' every='PT1M' probe-every='PT30S' fallback='second-address audio-only' exercise='yes'/>\n");

static void
test_a_fallback_is_exercised_when_the_playbook_says_so(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" }, { .id = "off", .kind = W_OFF } };
	struct world w;
	struct judgement j;

	world_new(&w, exercised, b, N(b), true);
	w.spec.sites[0].address[1] = "sip:10.9.9.9";
	play(&w, &j);
	const struct attempt *a = &w.run->sites[0].attempts.at[0], *alone = &w.run->sites[1].attempts.at[0];

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

/* ---- rang, left, late -------------------------------------------------------------------------------------------- */

static void
test_rang_to_the_end(void **state)
{
	static const struct behaviour rang = { .id = "a", .kind = W_UNANSWERED }, off = { .id = "a", .kind = W_UNANSWERED, .auto_answer_off = true };
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

static void
test_a_box_is_asked_after_the_allclear_without_dialling(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .poweroff_at = 20 * MINUTE, .on_again_at = 32 * MINUTE }, { .id = "b" } };
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
	static const struct { int64_t up_ms; enum ended_by by; } rows[] = {
		{ 60 * MINUTE, ENDED_NETWORK }, { 2 * MINUTE, ENDED_POWER }, { 10 * MINUTE, ENDED_UNKNOWN },
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
		struct event e = { .kind = EVENT_ANSWER, .verb = VERB_STATUS, .site = "a", .device = "site:a",
			.status = { .uptime_s = figure_of(rows[i].up_ms / 1000), .uptime_step_s = 60 } };

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
		/* Not its word, not a call of that time, or nothing that it calls a cause: the
		   uptime stays what there is. */
		{ { .hangup_at = 20 * MINUTE, .codec_says = CAUSE_UNKNOWN }, ENDED_NETWORK, GOOD,
			"", false },
		{ { .hangup_at = 20 * MINUTE,
			  .codec_says = CAUSE_SITE_HANGUP,
			  .codec_off = 5 * MINUTE },
			ENDED_NETWORK, GOOD, "", false },
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
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b", .hangup_at = 22 * MINUTE } };
	struct world w;
	struct judgement j;

	/* The MCU is away from the 20th minute on, beyond the all-clear; the second time it comes back and the legs are there. */
	for (int back = 0; back < 2; back++) {
		world_new(&w, playbook, b, N(b), true);
		w.mcu_down_from = WORLD_START + 20 * MINUTE;
		w.mcu_down_to = back ? WORLD_START + 33 * MINUTE : INT64_MAX;
		play(&w, &j);
		assert_int_equal(j.verdicts[0].stayed, back ? YES : UNKNOWN);
		assert_int_equal(j.verdicts[0].headline, back ? GOOD : UNVERIFIED);
		assert_int_equal(j.verdicts[1].stayed, UNKNOWN); /* gone before or after the all-clear: nobody saw */
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
		struct behaviour b[] = { { .id = "a", .kind = W_UNANSWERED, .dials_in = true, .dials_in_at = 3 * MINUTE + at }, { .id = "b" } };
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
	static const struct behaviour b = { .id = "a", .kind = W_WRONG_ADDRESS, .dials_in = true, .dials_in_at = 6 * MINUTE };
	struct world w;
	struct judgement j;

	play_one(&w, &b, true, &j);
	assert_int_equal(j.verdicts[0].late_s.v, 0);
	assert_int_equal(j.verdicts[0].headline, GOOD);
	world_free(&w);
}

/* ---- people win -------------------------------------------------------------------------------------------------- */

static void
test_what_a_person_muted_is_left_so(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .person_mutes_at = 6 * MINUTE }, { .id = "b" } };
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

/* ---- bad input and faults ---------------------------------------------------------------------------------------- */

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

/* The clock is set forward by an hour, or back by one, at any moment: nothing good that was not seen, and the run ends. */
static void
test_a_clock_that_jumps_makes_nothing_good(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "off", .kind = W_OFF }, { .id = "silent", .silent = true } };

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
				print_error("jump %s at %lld\n", back ? "back" : "forward", (long long)at);
			assert_true(w.run->finished);
			judge(w.run, w.arena, &j);
			assert_true(j.verdicts[0].headline == GOOD || j.verdicts[0].headline == UNVERIFIED || j.verdicts[0].headline == UNTESTED);
			if (!back && !answered)
				assert_true(j.verdicts[0].headline != GOOD);
			assert_true(j.verdicts[1].headline == ABSENT || j.verdicts[1].headline == UNTESTED);
			assert_true(j.verdicts[2].headline != GOOD);
			for (int i = 0; i < j.verdicts[0].media_n; i++)
				assert_true(j.verdicts[0].media[i].value != NO);
			world_free(&w);
		}
}

/* Two looks a moment apart, the clock set by an hour between them: that nothing came meanwhile is not known. */
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
		l.media.s[m][FROM_SITE].packets = w.run->sites[0].proof[BY_MCU][m][FROM_SITE].base.packets;
	struct event e = { .kind = EVENT_ROSTER, .verb = VERB_ROSTER, .device = "huyen", .legs = &l, .legs_n = 1 };

	w.skew = 60 * MINUTE;
	world_feed(&w, &e);
	judge(w.run, w.arena, &j);
	for (int i = 0; i < j.verdicts[0].media_n; i++)
		assert_true(j.verdicts[0].media[i].value != NO);
	world_free(&w);
}

/* ---- sessions ---------------------------------------------------------------------------------------------------- */

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
	static const struct behaviour b[] = { { .id = "a", .dials_in = true }, { .id = "late", .dials_in = true, .dials_in_at = 9 * MINUTE },
		{ .id = "early", .dials_in = true, .hangup_at = 10 * MINUTE }, { .id = "missing", .kind = W_OFF } };
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
	assert_true(j.verdicts[1].late_s.known && j.verdicts[1].late_uncertainty_s.known); /* from the anchor: nobody is dialled */
	assert_int_equal(j.verdicts[2].headline, LEFT_EARLY);
	assert_int_equal(j.verdicts[3].headline, UNTESTED);
	assert_int_equal(j.verdicts[3].reached, UNKNOWN);
	for (size_t i = 0; i < N(b); i++)
		assert_int_equal(ordered(&w, VERB_HANGUP, b[i].id), 0); /* they came by themselves */
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
	static const struct behaviour b[] = { { .id = "good" }, { .id = "late", .on_at = 9 * MINUTE }, { .id = "missing", .kind = W_OFF },
		{ .id = "early", .hangup_at = 10 * MINUTE }, { .id = "back", .network_down_at = 10 * MINUTE, .network_back_at = 15 * MINUTE },
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
		cmocka_unit_test(test_levels_are_judged_by_the_rise_above_the_sites_own_floor),
		cmocka_unit_test(test_a_call_without_a_sound_leaves_heard_unknown),
		cmocka_unit_test(test_a_call_that_would_run_into_the_next_step_is_not_made),
		cmocka_unit_test(test_one_at_a_time_per_conference),
		cmocka_unit_test(test_first_a_silent_round_then_aloud_who_did_not_answer),
		cmocka_unit_test(test_no_silent_round_where_levels_under_mute_are_not_told),
		cmocka_unit_test(test_the_operator_marks_by_hand),
		cmocka_unit_test(test_a_fallback_is_exercised_when_the_playbook_says_so),
		cmocka_unit_test(test_rang_to_the_end),
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
		cmocka_unit_test(test_counters_that_run_backwards_prove_nothing),
		cmocka_unit_test(test_counters_that_wrap_cost_one_window),
		cmocka_unit_test(test_a_wrong_list_makes_no_second_leg),
		cmocka_unit_test(test_of_two_legs_of_one_site_one_is_kept),
		cmocka_unit_test(test_a_clock_that_jumps_makes_nothing_good),
		cmocka_unit_test(test_a_window_across_a_set_clock_says_no_nothing),
		cmocka_unit_test(test_a_running_conference_is_watched_and_left_running),
		cmocka_unit_test(test_a_session_says_who_is_late_missing_early_interrupted),
		cmocka_unit_test(test_a_tone_that_cannot_be_played_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
