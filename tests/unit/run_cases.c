/* Single cases of a run, each of which once went wrong or could: what is muted, called, charged,
 * when something fails meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "run_play.h"

/* Stopped before the roll call: who was connected is not called good, because nobody heard him. */
static void
test_stopped_before_the_roll_call(void **state)
{
	static const struct behaviour b[] = { { .id = "a" } };
	struct world w;
	struct judgement j;

	world_new(&w, world_playbook, b, N(b), true);
	world_begin(&w);
	world_until(&w, 6 * MINUTE);
	world_command(&w, COMMAND_STOP, "", "operator", "", 0);
	world_until(&w, 8 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_int_equal(j.verdicts[0].headline, UNVERIFIED);
	assert_int_equal(j.verdicts[0].answered, UNKNOWN);
	world_free(&w);
}

/* A call that could not be listened to without gaps proves nothing against the site. */
static void
test_a_gap_in_listening_accuses_nobody(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .silent = true } };
	static const char brief[] =
		"<playbook name='tong-duyet' title='T' phase='rehearsal' anchor='event'>\n"
		"<open at='PT0S' muted='yes'/>\n"
		"<dial at='PT0S' attempts='3' every='PT1M' probe-every='PT30S'/>\n"
		"<verify at='PT4M' within='PT4M'/>\n"
		"<rollcall at='PT9M' answer-within='PT8S' calls='2'/>\n"
		"<allclear at='PT25M' by='rule' latest='PT30M'/>\n"
		"<close at='PT36M'/>\n"
		"<report at='PT38M'/>\n"
		"</playbook>\n";

	for (int is_brief = 0; is_brief < 2; is_brief++) {
		struct world w;
		struct judgement j;

		world_new(&w, is_brief ? brief : world_playbook, b, N(b), true);
		w.latency = is_brief ? 3800 : 7000; /* most of a brief call goes by unheard */
		play(&w, &j);
		assert_int_equal(j.verdicts[0].answered, UNKNOWN);
		assert_true(j.verdicts[0].headline != UNATTENDED);
		world_free(&w);
		world_new(&w, is_brief ? brief : world_playbook, b, N(b), true);
		play(&w, &j);
		assert_int_equal(j.verdicts[0].headline, UNATTENDED);
		world_free(&w);
	}
}

/* Who was called and answered is muted again, which takes a moment: that is no open microphone. Who
 * stays open is one. */
static void
test_right_after_a_call_nobody_is_open(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .talks = true },
		{ .id = "b", .talks = true } };

	for (int lose = 0; lose <= 5; lose += 5) {
		struct world w;
		struct judgement j;
		bool open = false;

		world_new(&w, world_playbook, b, N(b), true);
		w.lose_mutes = lose;
		play(&w, &j);
		for (size_t i = 0; i < j.n; i++) {
			assert_int_equal(j.verdicts[i].answered, YES);
			for (int k = 0; k < j.verdicts[i].flags_n; k++)
				open = open || str_eq(j.verdicts[i].flags[k], "open-microphone");
		}
		assert_int_equal(open, lose > 0);
		world_free(&w);
	}
}

/* An MCU that keeps a dead leg in its list for five minutes, beyond the all-clear: the box went
 * when its packets stopped. */
static void
test_dead_leg_that_stays_listed(void **state)
{
	static const struct behaviour b[] = {
		{ .id = "a", .poweroff_at = 22 * MINUTE, .on_again_at = 30 * MINUTE }, { .id = "b" }
	};
	struct world w;
	struct judgement j;

	world_new(&w, world_playbook, b, N(b), true);
	w.keep_alive = 5 * MINUTE;
	play(&w, &j);
	assert_int_equal(j.verdicts[0].headline, LEFT_EARLY);
	assert_string_equal(j.verdicts[0].sub_reason, "switched-off");
	assert_true(j.verdicts[0].left_at < WORLD_START + 23 * MINUTE);
	assert_int_equal(j.verdicts[1].headline, GOOD);
	world_free(&w);
}

/* A rehearsal that begins late gives way to its session: it is closed when that begins, and
 * reported. */
static void
test_never_into_the_session(void **state)
{
	static const struct behaviour b[] = { { .id = "a" } };
	struct world w;

	world_new(&w, world_playbook, b, 1, true);
	w.spec.session_start = WORLD_START + 40 * MINUTE;
	w.now = WORLD_START + 20 * MINUTE;
	world_begin(&w);
	world_until(&w, 90 * MINUTE);
	assert_true(w.run->finished);
	assert_true(w.run->report_due);
	assert_int_equal(w.run->closed_at, w.spec.session_start);
	world_free(&w);
}

/* A site that is added to the meeting while its run is under way is called like the others, and
 * charged for nothing before. */
static void
test_invited_while_under_way(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" } };
	struct world w;
	struct judgement j;
	struct buf text = { 0 };
	struct json_out out = { .out = &text };
	const struct json *json;
	struct err_text e = { 0 };
	struct event added = { .kind = EVENT_INVITED }, back;

	world_new(&w, world_playbook, b, N(b), true);
	run_free(w.run);
	w.spec.sites_n = 1;
	w.run = run_new(&w.spec);
	world_begin(&w);
	world_until(&w, 6 * MINUTE);
	assert_int_equal(w.sites[1].dials, 0);
	added.invited = &w.spec.sites[1];
	event_write(&added, &out);
	assert_int_equal(json_parse(w.arena, text.at, text.n, &json, &e), OK);
	assert_int_equal(event_read(json, w.now, w.seq + 1, w.arena, &back, &e), OK);
	world_feed(&w, &back);
	/* said twice */
	world_feed(&w, &(struct event){ .kind = EVENT_INVITED, .invited = &w.spec.sites[1] });
	world_until(&w, 60 * MINUTE);
	assert_true(w.run->finished);
	judge(w.run, w.arena, &j);
	assert_int_equal(j.n, 2);
	assert_int_equal(w.sites[1].dials, 1);
	assert_int_equal(j.verdicts[1].headline, GOOD);
	assert_false(j.verdicts[1].late_s.known);
	assert_int_equal(j.count[GOOD], 2);
	buf_free(&text);
	world_free(&w);
}

/* A playbook that verifies sound only does not judge the picture. */
static void
test_verify_names_the_media(void **state)
{
	static const char audio_only[] =
		"<playbook name='t' title='T' phase='rehearsal' anchor='event'>\n"
		"<open at='PT0S' muted='yes'/><dial at='PT0S'/><verify at='PT1M' within='PT2M' "
		"video='no'/>\n"
		"<allclear at='PT4M'/><close at='PT5M'/><report at='PT6M'/></playbook>\n";
	static const struct behaviour b[] = { { .id = "a", .one_way_video_from = true } };
	struct world w;
	struct judgement j;

	world_new(&w, audio_only, b, N(b), true);
	play(&w, &j);
	assert_int_equal(j.verdicts[0].headline, GOOD);
	assert_int_equal(j.verdicts[0].media_n, 2);
	world_free(&w);
}

/* An MCU that loses an order to mute is told again: no microphone stays open after its call. */
static void
test_mute_is_confirmed(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" } };
	struct world w;
	struct judgement j;

	world_new(&w, world_playbook, b, N(b), true);
	w.lose_mutes = 2;
	play(&w, &j);
	assert_int_equal(w.lose_mutes, 0);
	assert_true(w.sites[0].muted && w.sites[1].muted);
	assert_int_equal(j.count[GOOD], 2);
	world_free(&w);
}

/* Three boxes of one district lose power in the same minute: nobody switched them off by will. One
 * alone did. */
static void
test_power_cut_accuses_nobody(void **state)
{
	static const struct behaviour b[] = {
		{ .id = "a", .poweroff_at = 15 * MINUTE, .on_again_at = 30 * MINUTE },
		{ .id = "b", .poweroff_at = 15 * MINUTE, .on_again_at = 30 * MINUTE },
		{ .id = "c", .poweroff_at = 15 * MINUTE, .on_again_at = 30 * MINUTE },
		{ .id = "d", .poweroff_at = 19 * MINUTE, .on_again_at = 30 * MINUTE },
		{ .id = "e" }, { .id = "f" }, { .id = "g" },
	};
	struct world w;
	struct judgement j;

	world_new(&w, world_playbook, b, N(b), true);
	play(&w, &j);
	assert_list(&j, LIST_LEFT_EARLY, "d");
	assert_list(&j, LIST_LOST, "a b c");
	assert_string_equal(j.verdicts[0].common_cause, "power-cut");
	assert_null(j.verdicts[3].common_cause);
	world_free(&w);
}

/* The MCU answers and reaches nobody, while the codecs answer us: its own line. Where one codec
 * alone answers, nobody is excused. */
static void
test_an_uplink_is_found_before_its_sites_are_accused(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" },
		{ .id = "c", .kind = W_OFF } };
	static const struct behaviour one[] = { { .id = "a" }, { .id = "b", .kind = W_OFF },
		{ .id = "c", .kind = W_OFF } };
	struct world w;
	struct judgement j;
	int notes = 0;

	world_new(&w, world_playbook, b, N(b), true);
	w.cut_off = true;
	play(&w, &j);
	assert_int_equal(j.count[UNTESTED], 3);
	assert_string_equal(j.verdicts[2].sub_reason, "uplink");
	assert_int_equal(j.verdicts[0].alive, YES); /* proven facts stay */
	for (size_t i = 0; i < w.run->notes.n; i++)
		notes += str_eq(w.run->notes.at[i].kind, "uplink");
	assert_int_equal(notes, 1);
	world_free(&w);
	world_new(&w, world_playbook, one, N(one), true);
	w.cut_off = true;
	play(&w, &j);
	assert_list(&j, LIST_ABSENT, "b c");
	assert_list(&j, LIST_UNCONNECTED, "a");
	world_free(&w);
}

/* A voice flag that is up from the first moment of each call to its last tells noise: no answer,
 * and no silence either. */
static void
test_a_flag_that_never_changes_tells_nothing(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .talks = true, .noisy = true },
		{ .id = "b", .talks = true } };
	struct world w;
	struct judgement j;

	world_new(&w, world_playbook, b, N(b), true);
	play(&w, &j);
	assert_int_equal(j.verdicts[0].answered, UNKNOWN);
	assert_int_equal(j.verdicts[0].headline, UNVERIFIED);
	assert_int_equal(j.verdicts[1].answered, YES);
	world_free(&w);
}

/* A leg that stays listed while nothing arrives on it is not called; it is once it came back. */
static void
test_a_dead_leg_is_not_called(void **state)
{
	static const struct behaviour b[] = {
		{ .id = "a", .network_down_at = 5 * MINUTE, .network_back_at = 12 * MINUTE },
		{ .id = "b" }
	};
	struct world w;
	struct judgement j;

	world_new(&w, world_playbook, b, N(b), true);
	w.keep_alive = 6 * MINUTE;
	play(&w, &j);
	assert_int_equal(j.verdicts[0].answered, YES);
	assert_true(w.run->sites[0].roll.first_called > WORLD_START + 12 * MINUTE);
	assert_int_equal(j.verdicts[0].headline, GOOD);
	world_free(&w);
}

/* A stream that stops in the verify window loses nothing: it stopped. The device counts what was
 * due as lost, and tells of the dead leg for a while. One that goes on loses. */
static void
test_a_drop_is_no_loss(void **state)
{
	static const struct behaviour b[] = {
		{ .id = "a",
			.skips = true,
			.network_down_at = 5 * MINUTE + 8000,
			.network_back_at = 12 * MINUTE },
		{ .id = "b", .skips = true, .loss_permille = 60 },
		{ .id = "c", .skips = true },
	};
	struct world w;
	struct judgement j;

	for (int second = 0; second < 20; second += 3) {
		struct behaviour moved[N(b)] = { b[0], b[1], b[2] };

		moved[0].network_down_at = 5 * MINUTE + second * 1000;
		world_new(&w, world_playbook, moved, N(b), true);
		w.keep_alive = 3 * MINUTE;
		play(&w, &j);
		assert_int_equal(j.verdicts[0].headline, GOOD);
		assert_int_equal(j.verdicts[1].headline, POOR);
		assert_int_equal(j.verdicts[2].headline, GOOD);
		world_free(&w);
	}
}

/* Who dials in comes in unmuted and is muted at once: that is neither an open microphone nor a
 * person's act. */
static void
test_a_caller_is_muted(void **state)
{
	static const struct behaviour b[] = { { .id = "a",
						      .kind = W_UNANSWERED,
						      .dials_in = true,
						      .dials_in_at = 3 * MINUTE,
						      .talks = true },
		{ .id = "b" } };
	struct world w;
	struct judgement j;

	world_new(&w, world_playbook, b, N(b), true);
	w.sites[0].unmuted_in = true;
	play(&w, &j);
	assert_int_equal(j.verdicts[0].answered, YES);
	for (int k = 0; k < j.verdicts[0].flags_n; k++)
		assert_string_not_equal(j.verdicts[0].flags[k], "open-microphone");
	assert_false(w.run->sites[0].muted_by_person);
	assert_true(w.sites[0].muted);
	world_free(&w);
}

/* What a codec sends at most is an upper bound of what arrives: below the minimum of the class it
 * is below it. */
static void
test_a_codec_that_sends_too_little(void **state)
{
	static const struct behaviour b[] = { { .id = "a", .sends_kbps = 256 },
		{ .id = "b", .sends_kbps = 1024 }, { .id = "c" } };
	static const struct site_class class = { .name = "xa", .min_kbps = 512 };
	struct world w;
	struct judgement j;

	world_new(&w, world_playbook, b, N(b), true);
	w.spec.profile.classes = (struct site_class *)&class;
	w.spec.profile.classes_n = 1;
	for (size_t i = 0; i < N(b); i++)
		((struct spec_site *)w.spec.sites)[i].class = "xa";
	play(&w, &j);
	assert_int_equal(j.verdicts[0].headline, POOR);
	assert_string_equal(j.verdicts[0].flags[j.verdicts[0].flags_n - 1], "low-rate");
	assert_int_equal(j.verdicts[1].headline, GOOD);
	assert_int_equal(j.verdicts[2].headline, GOOD); /* not told is not below */
	world_free(&w);
}

static void
test_no_dial_after_allclear(void **state)
{
	struct world w;
	struct judgement j;

	world_new(&w, world_playbook, van_quan, N(van_quan), true);
	play(&w, &j);
	for (size_t i = 0; i < w.events.n; i++)
		if (w.events.at[i].kind == EVENT_ANSWER && w.events.at[i].verb == VERB_DIAL)
			assert_true(w.events.at[i].at <= w.run->allclear_at + 1000);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stopped_before_the_roll_call),
		cmocka_unit_test(test_a_gap_in_listening_accuses_nobody),
		cmocka_unit_test(test_right_after_a_call_nobody_is_open),
		cmocka_unit_test(test_dead_leg_that_stays_listed),
		cmocka_unit_test(test_never_into_the_session),
		cmocka_unit_test(test_invited_while_under_way),
		cmocka_unit_test(test_verify_names_the_media),
		cmocka_unit_test(test_mute_is_confirmed),
		cmocka_unit_test(test_power_cut_accuses_nobody),
		cmocka_unit_test(test_an_uplink_is_found_before_its_sites_are_accused),
		cmocka_unit_test(test_a_flag_that_never_changes_tells_nothing),
		cmocka_unit_test(test_a_dead_leg_is_not_called),
		cmocka_unit_test(test_a_codec_that_sends_too_little),
		cmocka_unit_test(test_a_drop_is_no_loss),
		cmocka_unit_test(test_a_caller_is_muted),
		cmocka_unit_test(test_no_dial_after_allclear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
