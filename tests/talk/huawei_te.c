/* Talks with a Huawei TE or Box: the adapter against a scripted HTTP peer on loopback, one test per
 * way in which such a talk goes, and one per trap of this family. */
#include "adapters/adapter.h"

#include "adapters/huawei_te.h"
#include "adapters/internal.h"
#include "adapters/wire/http.h"
#include "base/str.h"
#include "tests/talk/peer.h"
#include "tests/talk/codec_talk.h"

static const struct endpoint_adapter *const box = &huawei_te_adapter;

#define PLAIN "200 OK\r\nContent-Type: text/plain"
#define GOOD(data) "{\"success\":1,\"data\":\"" data "\"}"
#define BAD "{\"success\":0,\"error\":{\"id\":100666995,\"code\":33558532,\"params\":[]}}"
#define V(key, value) "\\\"" key "\\\":" value
#define Q(text) "\\\"" text "\\\""
#define ACT(name) "POST /action.cgi?ActionID=" name " "
#define ASK(name, data) \
	{ \
		.expect = { ACT(name), "Cookie: SessionID=two", "Sessionid: two", \
			"\"acCSRFToken\":\"tok1\"" }, \
		.head = PLAIN, .body = GOOD(data) \
	}
#define NO(name) { .expect = { ACT(name) }, .head = PLAIN, .body = BAD }
#define SESSION(id) \
	{ .expect = { ACT("WEB_RequestSessionIDAPI"), "\r\n\r\n{}" }, \
		.head = PLAIN "\r\nSet-Cookie: SessionID=" id "; Path=/; Secure; HttpOnly", \
		.body = GOOD("{" V("acSessionId", Q("")) "," V("szTermType", Q("TE40")) "}") }
#define CERTIFICATE(token) \
	{ \
		.expect = { ACT("WEB_RequestCertificateAPI"), \
			"{\"user\":\"api\",\"password\":\"s3cret\"}" }, \
		.head = PLAIN, .body = GOOD("{" V("acCSRFToken", Q(token)) "}") \
	}
#define CHANGE \
	{ \
		.expect = { ACT("WEB_ChangeSessionIDAPI"), "SessionID=one", \
			"\"acCSRFToken\":\"tok1\"" }, \
		.head = PLAIN "\r\nSet-Cookie: SessionID=two; Path=/", .body = GOOD("{}") \
	}
#define LOGIN SESSION("one"), CERTIFICATE("tok1"), CHANGE
#define MAILBOX(kind, mic) \
	ASK("WEB_GetMailboxDataAPI", "{" V("state", "{" V("callstate", "2") "," V("conftype", \
							    kind) "," V("mic", mic) "}") "}")
#define FIGURES \
	"{" V("sendRate", Q("65.64k")) "," V("revRate", Q("733.31k")) "," V( \
		"videoRateSend", Q("2.08k")) "," V("videoFrameSend", "25") "," V("videoRateRev", \
		Q("655.24k")) "," V("videoFrameRev", "25") "," V("mainFormatRev", \
		Q("720p")) "," V("mainFormatSend", Q("1080p")) "," V("auxVideoRateSend", \
		Q("--")) "," V("auxAudioRateSend", Q("--")) "," V("auxAudioRateRev", \
		Q("78.06k")) "," V("videoLossPerSend", Q("9.00%")) "," V("videoLossPerRev", \
		Q("1.25%")) "," V("videoLossNumRev", "7") "," V("audioLossPerRev", \
		Q("0.00%")) "," V("audioLossNumRev", "0") "," V("AuxVideoLossPerRev", \
		Q("5.00%")) "}"
#define SWITCH(mic) \
	ASK("WEB_InitAudioCtrlParamsAPI", "{" V("MicSwitch", mic) "," V("SpeakerSwitch", "0") "}")
#define SETTINGS \
	SWITCH("0"), ASK("WEB_GetLineStateInfoAPI", \
			     "{" V("sipState", Q("SIP_STATE_OK")) "," V("runDay", "2") "," V( \
				     "runHour", Q("3")) "," V("runMin", "4") "}")

static const struct device codec = { .name = "site:chu-tuc",
	.adapter = "huawei-te",
	.url = "http://127.0.0.1:PORT/",
	.user = "api",
	.password = "s3cret" };

CODEC_STAGE(box, codec)

#define OPENED(...) \
	BEGIN(LOGIN, __VA_ARGS__); \
	if (box->open(&k.task, &k.lane)) \
		fail_msg("open: %s", k.task.why)

/* ---- it works -------------------------------------------------------------------------------- */

static void
introduces_itself(void **unused)
{
	OPENED(ASK("WEB_GetVersionInfoAPI",
		       "{" V("model", Q("TE40")) "," V("softVersion", Q("V600R006C10")) "," V(
			       "lisence", Q("2102311000000013")) "}"),
		ASK("WEB_GetLineStateInfoAPI",
			"{" V("sip", Q("SIP_STATE_FAIL")) "," V(
				"h323", Q("H323_STATE_DISABLE")) "," V("runDay",
				"1") "," V("runHour", "0") "," V("runMin", "1") "}"),
		ASK("WEB_GetSystemMacAddrAPI",
			"{" V("system_wanMAC_addr", Q("")) "," V(
				"system_lanMAC_addr", Q("02-00-00-01-00-0a")) "}"));
	struct identity who;
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.vendor, "Huawei");
	assert_string_equal(who.model, "TE40");
	assert_string_equal(who.software, "V600R006C10");
	assert_string_equal(who.serial, "2102311000000013"); /* spelt "lisence" */
	assert_int_equal(who.uptime_s.v, 86460);
	assert_string_equal(who.alarms, "SIP_STATE_FAIL");
	assert_string_equal(who.mac, "02:00:00:01:00:0A");
	finish(&k);
}

static void
tells_its_status_in_a_call(void **unused)
{
	OPENED(MAILBOX("2", "1"),
		{ .expect = { ACT("WEB_GetCallStatusInfoAPI"),
			  "{\"siteHandle\":255,\"acCSRFToken\":\"tok1\"}" },
			.head = PLAIN,
			.body = GOOD(FIGURES) },
		ASK("WEB_GetCallInInfoAPI",
			"{" V("peerName", Q("hop")) "," V("peerNum", Q("10.1.2.3")) "}"),
		SETTINGS);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, YES); /* whatever callstate says */
	assert_string_equal(s.far_address, "10.1.2.3");
	assert_int_equal(s.mic_muted, YES); /* its switch is 0, and outweighs the mailbox */
	assert_int_equal(s.auto_answer, UNKNOWN);
	assert_int_equal(s.uptime_s.v, 2 * 86400 + 3 * 3600 + 4 * 60);
	assert_int_equal(s.uptime_step_s, 60);
	assert_true(s.sampled);
	const struct stream *heard = &s.media.s[AUDIO][TO_SITE], *seen = &s.media.s[VIDEO][TO_SITE];
	assert_int_equal(heard->open, YES);
	assert_int_equal(heard->kbps.v, 78); /* the aux rate is the sound's */
	assert_int_equal(heard->loss_permille.v, 0);
	assert_true(heard->loss_permille.known);
	assert_int_equal(seen->kbps.v, 655);
	assert_int_equal(seen->loss_permille.v, 13);
	assert_int_equal(seen->lost.v, 7);
	assert_int_equal(seen->width.v, 1280);
	assert_int_equal(seen->fps.v, 25);
	assert_int_equal(s.media.s[AUDIO][FROM_SITE].open, NO);
	assert_false(s.media.s[AUDIO][FROM_SITE].kbps.known);
	assert_int_equal(s.media.s[VIDEO][FROM_SITE].kbps.v, 2);
	assert_false(s.media.s[VIDEO][FROM_SITE].loss_permille.known);
	finish(&k);
}

static void
asks_no_media_outside_a_call(void **unused)
{
	OPENED(MAILBOX("0", "0"), NO("WEB_InitAudioCtrlParamsAPI"),
		{ .expect = { ACT("WEB_GetLineStateInfoAPI") }, .head = "404 Not Found" });
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, NO);
	assert_false(s.sampled);
	assert_int_equal(s.mic_muted, YES); /* the mailbox's word, where there is no other */
	assert_false(s.uptime_s.known);
	assert_int_equal(k.task.code, OK);
	finish(&k);
}

static void
dials_answers_mutes_and_hangs_up(void **unused)
{
	OPENED(MAILBOX("0", "1"),
		{ .expect = { ACT("WEB_CallNumberAPI"),
			  "{\"szNumber\":\"7001@10.1.1.1\",\"acCSRFToken\":\"tok1\"}" },
			.head = PLAIN,
			.body = GOOD("{}") },
		MAILBOX("2", "1"), MAILBOX("0", "1"),
		{ .expect = { ACT("WEB_IncomingCallProcAPI"),
			  "{\"ucValue\":1,\"ucMediaType\":0,\"ucSiteHandle\":1," },
			.body = "{\"success\":1}" },
		MAILBOX("2", "1"), ASK("WEB_CloseMicAPI", "{}"), SWITCH("0"), MAILBOX("2", "0"),
		ASK("WEB_OpenMicAPI", ""), NO("WEB_InitAudioCtrlParamsAPI"), MAILBOX("2", "1"),
		MAILBOX("2", "1"), ASK("WEB_HangupCallAPI", "0"), MAILBOX("0", "1"),
		MAILBOX("0", "1"), NO("WEB_CallNumberAPI"));
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:7001@10.1.1.1", 1024), OK);
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:7001@10.1.1.1", 1024), ERR_BUSY);
	task_forgive(&k.task);
	assert_int_equal(box->answer(&k.task, &k.lane), OK);
	assert_int_equal(box->mute(&k.task, &k.lane, true), OK);
	assert_int_equal(box->mute(&k.task, &k.lane, false), OK);
	assert_int_equal(box->hangup(&k.task, &k.lane), OK);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	task_forgive(&k.task);
	assert_int_equal(box->dial(&k.task, &k.lane, "sip:a@b", 0), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "33558532"));
	finish(&k);
}

/* ---- traps ----------------------------------------------------------------------------------- */

/* The Bar does without the third step, and an older one names its session in the body only. */
static void
the_third_step_may_fail(void **unused)
{
	BEGIN({ .expect = { ACT("WEB_RequestSessionIDAPI") },
		      .body = GOOD("{" V("acSessionId", Q("body")) "}") },
		CERTIFICATE("tok1"), NO("WEB_ChangeSessionIDAPI"),
		{ .expect = { ACT("WEB_GetMailboxDataAPI"), "SessionID=body" },
			.body = GOOD("{" V("conftype", Q("0")) "}") });
	assert_int_equal(box->open(&k.task, &k.lane), OK);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	finish(&k);
}

/* The box restarted: it refuses what it answers otherwise. */
static void
a_forgotten_session_is_begun_anew(void **unused)
{
	OPENED(NO("WEB_GetMailboxDataAPI"), LOGIN, MAILBOX("0", "1"),
		{ .expect = { ACT("WEB_GetMailboxDataAPI") }, .head = "401 Unauthorized" }, LOGIN,
		MAILBOX("0", "1"));
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	task_forgive(&k.task);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	finish(&k);
}

/* Nor is it an order's end: the session may have died of silence a minute after the last status. */
static void
a_forgotten_session_takes_orders_all_the_same(void **unused)
{
	OPENED(NO("WEB_GetMailboxDataAPI"), LOGIN, MAILBOX("2", "1"), ASK("WEB_CloseMicAPI", "{}"),
		SWITCH("0"), NO("WEB_GetMailboxDataAPI"), LOGIN, MAILBOX("0", "1"),
		ASK("WEB_IncomingCallProcAPI", "{}"));
	assert_int_equal(box->mute(&k.task, &k.lane, true), OK);
	assert_int_equal(box->answer(&k.task, &k.lane), OK);
	finish(&k);
}

/* A user who may not ask for the mailbox, say: no logout is known, so each login more is a session
 * less for everybody. */
static void
a_refusal_that_stays_is_no_reason_to_log_in(void **unused)
{
	OPENED(NO("WEB_GetMailboxDataAPI"), LOGIN, NO("WEB_GetMailboxDataAPI"),
		NO("WEB_GetMailboxDataAPI"), NO("WEB_GetMailboxDataAPI"),
		NO("WEB_GetMailboxDataAPI"), MAILBOX("0", "1"), NO("WEB_GetMailboxDataAPI"), LOGIN,
		MAILBOX("0", "1"));
	for (int i = 0; i < 4; i++) {
		assert_int_equal(box->hangup(&k.task, &k.lane), ERR_REFUSED);
		task_forgive(&k.task);
	}
	for (int i = 0; i < 2; i++) { /* good once, it is worth a login again */
		assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
		task_forgive(&k.task);
	}
	finish(&k);
}

/* "success" and a microphone that stayed as it was, or of which nothing is told. */
static void
a_mute_that_does_not_hold(void **unused)
{
	OPENED(MAILBOX("2", "1"), ASK("WEB_CloseMicAPI", "{}"), SWITCH("1"), MAILBOX("2", "9"),
		ASK("WEB_CloseMicAPI", "{}"), NO("WEB_InitAudioCtrlParamsAPI"), MAILBOX("2", "9"));
	assert_int_equal(box->mute(&k.task, &k.lane, true), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "stayed off"));
	task_forgive(&k.task);
	assert_int_equal(box->mute(&k.task, &k.lane, true), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "unknown"));
	finish(&k);
}

static void
a_call_that_just_ended_has_no_figures(void **unused)
{
	OPENED(MAILBOX("2", "1"), NO("WEB_GetCallStatusInfoAPI"), NO("WEB_GetCallInInfoAPI"),
		SETTINGS, MAILBOX("2", "1"), NO("WEB_GetCallStatusInfoAPI"),
		ASK("WEB_GetCallInInfoAPI", "{" V("peerNum", Q("10.1.2.3")) "}"), SETTINGS);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_false(s.sampled);
	/* a model that has no such figures knows with whom it speaks all the same */
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_false(s.sampled);
	assert_string_equal(s.far_address, "10.1.2.3");
	assert_int_equal(k.task.code, OK);
	finish(&k);
}

static void
no_session_is_left(void **unused)
{
	BEGIN(NO("WEB_RequestSessionIDAPI"));
	assert_int_equal(box->open(&k.task, &k.lane), ERR_BUSY);
	finish(&k);
}

static void
an_order_is_not_given_twice(void **unused)
{
	OPENED({ .expect = { ACT("WEB_GetMailboxDataAPI") }, .how = PEER_DROP }, MAILBOX("0", "1"),
		{ .expect = { ACT("WEB_CallNumberAPI") }, .how = PEER_DROP });
	assert_int_equal(box->dial(&k.task, &k.lane, "7001", 0), ERR_TIMEOUT);
	finish(&k);
}

/* ---- it does not work ------------------------------------------------------------------------ */

static void
a_wrong_password_is_tried_once(void **unused)
{
	BEGIN(SESSION("one"),
		{ .expect = { ACT("WEB_RequestCertificateAPI"), "SessionID=one" }, .body = BAD });
	codec_refuses_login(&k, box, "s3cret");
	finish(&k);
}

static void
silence_ends_at_the_deadline(void **unused)
{
	OPENED({ .expect = { ACT("WEB_GetMailboxDataAPI") }, .how = PEER_HANG });
	codec_is_silent(&k, box);
	finish(&k);
}

static void
a_cancelled_dial_comes_back(void **unused)
{
	OPENED(MAILBOX("0", "1"), { .expect = { ACT("WEB_CallNumberAPI") }, .how = PEER_CANCEL });
	assert_int_equal(box->dial(&k.task, &k.lane, "7001", 0), ERR_CANCELED);
	finish(&k);
}

static void
the_line_drops_in_the_middle(void **unused)
{
	OPENED({ .expect = { ACT("WEB_GetMailboxDataAPI") }, .how = PEER_CUT, .body = GOOD("{}") },
		{ .expect = { ACT("WEB_GetMailboxDataAPI") },
			.how = PEER_CUT,
			.body = GOOD("{}") });
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_TIMEOUT);
	finish(&k);
}

static void
garbage_is_not_understood(void **unused)
{
	OPENED({ .expect = { ACT("WEB_GetMailboxDataAPI") }, .body = "<html>" },
		{ .expect = { ACT("WEB_GetMailboxDataAPI") }, .body = "{\"data\":\"{}\"}" },
		{ .expect = { ACT("WEB_GetMailboxDataAPI") },
			.body = "{\"success\":1,\"data\":\"{half\"}" },
		{ .expect = { ACT("WEB_GetMailboxDataAPI") }, .head = "500 Oops" });
	codec_talks_garbage(&k, box, 4);
	finish(&k);
}

/* ---- figures --------------------------------------------------------------------------------- */

/* A kind that no guide numbers proves no call, and no idle room either. */
static void
conftype_tells_a_call(void **unused)
{
	static const struct {
		const char *json;
		enum tri in_call;
	} t[] = { { "{\"conftype\":0}", NO }, { "{\"conftype\":\"2\"}", YES },
		{ "{\"state\":{\"conftype\":4}}", YES }, { "{\"conftype\":5}", UNKNOWN },
		{ "{\"conftype\":-1}", UNKNOWN }, { "{\"conftype\":99999999999}", UNKNOWN },
		{ "{\"conftype\":true}", UNKNOWN }, { "{}", UNKNOWN }, { "[]", UNKNOWN } };
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		const struct json *j;
		assert_int_equal(json_parse(a, t[i].json, strlen(t[i].json), &j, NULL), OK);
		assert_int_equal(huawei_in_call(j), t[i].in_call);
	}
	arena_free(a);
}

static void
units_stand_behind_the_number(void **unused)
{
	static const struct {
		const char *json;
		double by;
		int64_t v; /* -1: unknown */
	} t[] = { { "{\"k\":\"655.24k\"}", 1, 655 }, { "{\"k\":\"1.92M\"}", 1, 1920 },
		{ "{\"k\":\"0.31k\"}", 1, 1 }, { "{\"k\":\"0.00k\"}", 1, 0 },
		{ "{\"k\":\"0.04%\"}", 10, 0 }, { "{\"k\":\"0.00%\"}", 10, 0 },
		{ "{\"k\":\"1.25%\"}", 10, 13 }, { "{\"k\":\"5ms\"}", 1, 5 },
		{ "{\"k\":\"5 ms\"}", 1, 5 }, { "{\"k\":25}", 1, 25 }, { "{\"k\":2.5}", 10, 25 },
		{ "{\"k\":\"--\"}", 1, -1 }, { "{\"k\":\"\"}", 1, -1 }, { "{\"k\":\"k\"}", 1, -1 },
		{ "{\"k\":\"5 apples\"}", 1, -1 }, { "{\"k\":-5}", 1, -1 },
		{ "{\"k\":\"1.2.3k\"}", 1, -1 }, { "{\"k\":true}", 1, -1 },
		{ "{\"k\":1e300}", 1, -1 }, { "{}", 1, -1 } };
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		const struct json *j;
		assert_int_equal(json_parse(a, t[i].json, strlen(t[i].json), &j, NULL), OK);
		struct figure f = huawei_figure(j, "k", t[i].by);
		assert_int_equal(f.known, t[i].v >= 0);
		assert_int_equal(f.v, t[i].v >= 0 ? t[i].v : 0);
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(introduces_itself),
		cmocka_unit_test(tells_its_status_in_a_call),
		cmocka_unit_test(asks_no_media_outside_a_call),
		cmocka_unit_test(dials_answers_mutes_and_hangs_up),
		cmocka_unit_test(the_third_step_may_fail),
		cmocka_unit_test(a_forgotten_session_is_begun_anew),
		cmocka_unit_test(a_forgotten_session_takes_orders_all_the_same),
		cmocka_unit_test(a_refusal_that_stays_is_no_reason_to_log_in),
		cmocka_unit_test(a_mute_that_does_not_hold),
		cmocka_unit_test(a_call_that_just_ended_has_no_figures),
		cmocka_unit_test(no_session_is_left),
		cmocka_unit_test(an_order_is_not_given_twice),
		cmocka_unit_test(a_wrong_password_is_tried_once),
		cmocka_unit_test(silence_ends_at_the_deadline),
		cmocka_unit_test(a_cancelled_dial_comes_back),
		cmocka_unit_test(the_line_drops_in_the_middle),
		cmocka_unit_test(garbage_is_not_understood),
		cmocka_unit_test(conftype_tells_a_call),
		cmocka_unit_test(units_stand_behind_the_number),
	};
	http_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
