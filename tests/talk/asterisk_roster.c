/* Rosters of Asterisk: who is let in, whose figures are told, who speaks, and why a leg ended. */
#include "tests/talk/asterisk.h"

#define ENTERED(id) CHANNEL_WITH(id, "Up", "", "Stasis", "tongduyet,giao-ban,chu-tuc")
#define ONCE(dest, video) \
	{ .expect = { "/variable?variable=CHANNEL%28rtp%2Cdest%29" }, \
		.body = "{\"value\":\"" dest "\"}" }, \
	{ \
		.expect = { "variable=CHANNEL%28videonativeformat%29" }, \
		.body = "{\"value\":\"" video "\"}" \
	}
#define STATS(rx, lost, tx, rtt) \
	{ \
		.expect = { "/rtp_statistics" }, \
		.body = "{\"txcount\":" tx ",\"rxcount\":" rx ",\"txploss\":4,\"rxploss\":" lost \
			",\"txjitter\":0.004875,\"rxjitter\":" \
			"0.002,\"rtt\":" rtt ",\"channel_uniqueid\":\"x\"}" \
	}
#define DETECT(word) \
	{ \
		.expect = { "POST /ari/channels/", "variable=TALK_DETECT%28" word "%29" }, DONE \
	}

static void
channel_event(const char *type, const char *id, const char *state, const char *more)
{
	event("{\"type\":\"%s\",%s\"channel\":{\"id\":\"%s\",\"state\":\"%s\"}}", type, more, id,
		state);
}

/* Who has answered is let in by us, muted before and not behind. */
static void
lets_in_who_has_answered(void **unused)
{
	OPENED(NOBODY_YET, BRIDGE(""), ORDER, BRIDGE(""), CHANNELS(DIALLED(MINE, "Ringing")),
		BRIDGE(""), CHANNELS(ENTERED(MINE)),
		{ .expect = { "POST /ari/channels/" MINE "/mute?direction=in" }, DONE },
		DETECT("remove"),
		{ .expect = { "POST /ari/bridges/giao-ban/addChannel?channel=" MINE }, DONE },
		BRIDGE("\"" MINE "\",\"a\",\"b\""), CHANNELS(ENTERED(MINE)),
		ONCE("10.2.0.5:20060", "(nothing)"), STATS("261", "3", "205", "0.0033"));
	struct leg leg;
	assert_int_equal(dial(&k, &leg), OK);
	assert_string_equal(leg.id, MINE);
	struct roster r = list(&k);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.legs[0].state, LEG_RINGING);
	r = list(&k);
	assert_int_equal(r.n, 1);
	const struct leg *a = &r.legs[0];
	assert_int_equal(a->state, LEG_UP);
	assert_int_equal(a->muted, YES);
	assert_string_equal(a->remote_ip, "10.2.0.5");
	assert_true(a->sampled);
	const struct stream *from = &a->media.s[AUDIO][FROM_SITE],
			    *to = &a->media.s[AUDIO][TO_SITE];
	assert_int_equal(from->packets.v, 261);
	assert_int_equal(from->lost.v, 3);
	assert_int_equal(from->jitter_ms.v, 5); /* "txjitter" is what was measured here */
	assert_int_equal(to->packets.v, 205);
	assert_int_equal(to->far_lost.v, 4);
	assert_int_equal(to->rtt_ms.v, 3);
	assert_false(to->far_received.known);
	assert_int_equal(a->media.s[VIDEO][FROM_SITE].open, NO);
	assert_int_equal(a->media.speech, UNKNOWN); /* muted: its detection stands still */
	finish(&k);
}

static void
a_leg_without_reports_says_nothing_of_the_far_end(void **unused)
{
	struct media_sample m = { 0 };
	struct arena *a = arena_new();
	struct err_text why = { 0 };
	const struct json *j;
	static const char text[] = "{\"txcount\":10,\"rxcount\":12,\"txploss\":0,\"rxploss\":0,"
				   "\"txjitter\":0.0,\"rxjitter\":0.0,\"rtt\":0.0}";
	assert_int_equal(json_parse(a, text, strlen(text), &j, &why), OK);
	ari_media(j, &m);
	assert_true(m.s[AUDIO][FROM_SITE].lost.known);
	assert_false(m.s[AUDIO][TO_SITE].far_lost.known);
	assert_false(m.s[AUDIO][TO_SITE].rtt_ms.known);
	arena_free(a);
}
#define CAME(state, data) CHANNEL_WITH(OTHER, state, "s3", "Stasis", data)

static void
who_dials_in_is_answered_and_let_in(void **unused)
{
	OPENED(BRIDGE(""), CHANNELS(CAME("Ring", "tongduyet,giao-ban")),
		{ .expect = { "POST /ari/channels/" OTHER "/answer" }, DONE },
		{ .expect = { "DELETE /ari/channels/" OTHER "/mute?direction=in" }, DONE },
		DETECT("set"),
		{ .expect = { "POST /ari/bridges/giao-ban/addChannel?channel=" OTHER }, DONE },
		BRIDGE_OF("simple_bridge", "\"" OTHER "\""),
		CHANNELS(CAME("Up", "tongduyet,giao-ban")), ONCE("127.0.1.3:20120", "(h264)"),
		{ .expect = { "CHANNEL%28pjsip%2Cremote_uri%29" },
			.body = "{\"value\":\"<sip:s3@127.0.1.3>\"}" },
		STATS("51", "0", "0", "0.0"),
		{ .expect = { "CHANNEL%28rtcp%2Crxcount%2Cvideo%29" },
			.body = "{\"value\":\"90\"}" });
	struct roster r = list(&k);
	assert_int_equal(r.n, 1);
	const struct leg *a = &r.legs[0];
	assert_true(a->incoming);
	assert_false(a->configured);
	assert_string_equal(a->name, "s3");
	assert_string_equal(a->address, "sip:s3@127.0.1.3");
	assert_int_equal(a->media.s[VIDEO][FROM_SITE].packets.v, 90);
	assert_int_equal(a->media.s[VIDEO][TO_SITE].open, YES);
	assert_int_equal(
		a->media.s[AUDIO][TO_SITE].open, UNKNOWN); /* alone, or two: nothing need be sent */
	assert_int_equal(a->media.speech, NO);
	finish(&k);
}

static void
who_came_for_another_bridge_is_not_ours(void **unused)
{
	OPENED(BRIDGE(""), CHANNELS(CAME("Ring", "tongduyet,khac") "," CHANNEL_WITH(
				   "9.9", "Up", "x", "Stasis", "other,giao-ban")));
	assert_int_equal(list(&k).n, 0);
	finish(&k);
}

#define LET_IN(...) \
	BRIDGE(""), CHANNELS(CAME("Up", "tongduyet,giao-ban")), \
		{ .expect = { "DELETE /ari/channels/" OTHER "/mute" }, DONE }, DETECT("set"), \
		{ .expect = { "/addChannel?channel=" OTHER }, DONE }, BRIDGE("\"" OTHER "\""), \
		CHANNELS(CAME("Up", "tongduyet,giao-ban")), ONCE("127.0.1.3:20120", "(nothing)"), \
		{ .expect = { "remote_uri" }, .body = "{\"value\":\"<sip:s3@127.0.1.3>\"}" }, \
		STATS("51", "0", "0", "0.0"), __VA_ARGS__

/* A person moved it to another bridge: it is not fetched back. */
static void
who_was_taken_out_is_left_out(void **unused)
{
	OPENED(LET_IN(BRIDGE("")), CHANNELS(CAME("Up", "tongduyet,giao-ban")), BRIDGE(""),
		CHANNELS(CAME("Up", "tongduyet,giao-ban")));
	assert_int_equal(list(&k).legs[0].state, LEG_UP);
	struct roster r = list(&k);
	assert_int_equal(r.legs[0].state, LEG_GONE);
	assert_int_equal(r.legs[0].ending.cause, CAUSE_OUR_HANGUP);
	assert_string_equal(r.legs[0].ending.device_words, "moved elsewhere");
	list(&k);
	finish(&k);
}

/* Talk detection stands still under mute, and would go on saying what was last. */
static void
speech_is_of_now(void **unused)
{
	OPENED(LET_IN(BRIDGE("\"" OTHER "\"")), CHANNELS(CAME("Up", "tongduyet,giao-ban")),
		STATS("60", "0", "0", "0.0"),
		{ .expect = { "POST /ari/channels/" OTHER "/mute" }, DONE }, DETECT("remove"),
		BRIDGE("\"" OTHER "\""), CHANNELS(CAME("Up", "tongduyet,giao-ban")),
		STATS("70", "0", "0", "0.0"),
		{ .expect = { "DELETE /ari/channels/" OTHER "/mute" }, DONE }, DETECT("set"),
		BRIDGE("\"" OTHER "\""), CHANNELS(CAME("Up", "tongduyet,giao-ban")),
		STATS("80", "0", "0", "0.0"));
	struct leg leg = list(&k).legs[0], seen;
	channel_event("ChannelTalkingStarted", OTHER, "Up", "");
	assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference, &leg, &seen), OK);
	assert_int_equal(seen.media.speech, YES);
	assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &leg, true), OK);
	assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference, &leg, &seen), OK);
	assert_int_equal(seen.media.speech, UNKNOWN);
	assert_int_equal(seen.muted, YES);
	assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &leg, false), OK);
	assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference, &leg, &seen), OK);
	assert_int_equal(seen.media.speech, NO);
	finish(&k);
}

/* Whether it is muted nobody can be asked, and a muted one would be quiet for ever. */
static void
what_another_session_let_in_is_known_by_its_id_alone(void **unused)
{
	OPENED(BRIDGE("\"" MINE "\",\"a\",\"b\""), CHANNELS(ENTERED(MINE)),
		ONCE("10.2.0.5:20060", "(nothing)"),
		{ .expect = { "remote_uri" }, .body = "{\"value\":\"<sip:chutuc@10.2.0.5>\"}" },
		DETECT("set"), STATS("261", "3", "205", "0.0"), BRIDGE("\"" MINE "\",\"a\",\"b\""),
		CHANNELS(ENTERED(MINE)), STATS("270", "3", "210", "0.0"));
	struct leg leg = list(&k).legs[0], seen;
	assert_string_equal(leg.name, "chu-tuc");
	assert_true(leg.configured);
	assert_int_equal(leg.muted, UNKNOWN);
	channel_event("ChannelTalkingStarted", MINE, "Up", "");
	assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference, &leg, &seen), OK);
	assert_int_equal(seen.media.speech, UNKNOWN);
	finish(&k);
}

static void
why_a_dial_failed_comes_by_event(void **unused)
{
	OPENED(NOBODY_YET, BRIDGE(""), ORDER, BRIDGE(""), CHANNELS(""));
	struct leg leg;
	struct ending end;
	assert_int_equal(dial(&k, &leg), OK);
	channel_event("ChannelHangupRequest", MINE, "Down", "\"cause\":17,\"tech_cause\":486,");
	channel_event("ChannelDestroyed", MINE, "Down",
		"\"cause\":17,\"cause_txt\":\"User busy\",\"tech_cause\":486,");
	assert_int_equal(mcu->reason(&k.task, &k.lane, &k.conference, &leg, &end), OK);
	assert_int_equal(end.cause, CAUSE_BUSY);
	assert_string_equal(end.device_words, "User busy 486");
	struct roster r = list(&k);
	assert_int_equal(r.n, 1);
	assert_int_equal(r.legs[0].state, LEG_GONE);
	assert_int_equal(r.legs[0].ending.cause, CAUSE_BUSY);
	finish(&k);
}

static void
who_said_goodbye(void **unused)
{
	OPENED(LET_IN({ .expect = { "DELETE /ari/channels/" OTHER " HTTP" }, DONE }));
	struct leg leg = list(&k).legs[0];
	struct ending end;
	channel_event("ChannelHangupRequest", OTHER, "Up", "");
	channel_event(
		"ChannelDestroyed", OTHER, "Up", "\"cause\":16,\"cause_txt\":\"Normal Clearing\",");
	assert_int_equal(mcu->reason(&k.task, &k.lane, &k.conference, &leg, &end), OK);
	assert_int_equal(end.cause, CAUSE_SITE_HANGUP);
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &k.conference, &leg), OK);
	finish(&k);
}

static void
causes_by_number(void **unused)
{
	static const struct {
		struct ari_end end;
		enum cause cause;
	} table[] = {
		{ { .q850 = 21, .sip = 603 }, CAUSE_REJECTED },
		{ { .q850 = 21, .sip = 401 }, CAUSE_AUTH },
		{ { .q850 = 1, .sip = 404 }, CAUSE_WRONG_ADDRESS },
		{ { .q850 = 58, .sip = 488 }, CAUSE_INCOMPATIBLE },
		{ { .q850 = 19, .sip = 480, .rang = true }, CAUSE_NO_ANSWER },
		{ { .q850 = 19, .sip = 480 },
			CAUSE_UNREACHABLE }, /* our time ran out, and it never rang */
		{ { .q850 = 18, .sip = 408 }, CAUSE_UNREACHABLE },
		{ { .q850 = 34, .sip = 503 }, CAUSE_REJECTED },
		{ { .q850 = 34 }, CAUSE_MCU },
		{ { .q850 = 16, .soft = true, .up = true }, CAUSE_OUR_HANGUP },
		{ { .q850 = 16, .bye = true, .up = true }, CAUSE_SITE_HANGUP },
		{ { .q850 = 16, .up = true }, CAUSE_UNKNOWN },
		{ { .q850 = 44, .up = true, .soft = true }, CAUSE_NETWORK }, /* rtp_timeout */
		{ { .q850 = 999, .sip = -4 }, CAUSE_UNKNOWN },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_int_equal(ari_ending(&table[i].end).cause, table[i].cause);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lets_in_who_has_answered),
		cmocka_unit_test(a_leg_without_reports_says_nothing_of_the_far_end),
		cmocka_unit_test(who_dials_in_is_answered_and_let_in),
		cmocka_unit_test(who_came_for_another_bridge_is_not_ours),
		cmocka_unit_test(who_was_taken_out_is_left_out),
		cmocka_unit_test(speech_is_of_now),
		cmocka_unit_test(what_another_session_let_in_is_known_by_its_id_alone),
		cmocka_unit_test(why_a_dial_failed_comes_by_event),
		cmocka_unit_test(who_said_goodbye),
		cmocka_unit_test(causes_by_number),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
