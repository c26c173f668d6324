/* Talks with a Poly G7500 or Studio X: the adapter against a scripted HTTP peer on loopback, one
 * test per way in which such a talk goes, and one per trap of this family. */
#include "adapters/adapter.h"

#include "adapters/internal.h"
#include "adapters/poly_rest.h"
#include "adapters/wire/cookies.h"
#include "adapters/wire/http.h"
#include "base/str.h"
#include "tests/talk/peer.h"
#include "tests/talk/codec_talk.h"

static const struct endpoint_adapter *const box = &poly_rest_adapter;

#define JSON_HEAD "200 OK\r\nContent-Type: application/json"
#define LOGIN(id) \
	{ \
		.expect = { "POST /rest/session ", "application/json", \
			"{\"user\":\"admin\",\"password\":\"s3cret\"}" }, \
		.head = JSON_HEAD "\r\nSet-Cookie: XSRF-TOKEN=tok" id "; Path=/; Secure", \
		.body = "{\"success\":true,\"session\":{\"sessionId\":\"PSN" id \
			"\",\"role\":\"ADMIN\"}}" \
	}
#define LOGOUT(id) { .expect = { "DELETE /rest/session ", "session_id=PSN" id } }
#define ASK(path, answer) { .expect = { "GET /rest/" path " " }, .head = JSON_HEAD, .body = answer }
#define CALL \
	"[{\"id\":0,\"isActive\":true,\"startTime\":1,\"duration\":9,\"isMute\":false," \
	"\"connections\":[{\"id\":1," \
	"\"callType\":\"SIP\"}],\"terminals\":[{\"address\":\"10.1.2.3\",\"systemID\":\"hop\"}]}]"
#define SYSTEM \
	"{\"model\":\"StudioX30\",\"serialNumber\":\"8L0000000000AA\",\"softwareVersion\":\"3.12." \
	"0\",\"build\":\"366027\"," \
	"\"uptime\":693845.31,\"rebootNeeded\":true}"
#define STATE(name, word) "{\"name\":\"system.status." name "\",\"stateList\":[\"" word "\"]}"
#define STATES(answers) \
	"[" STATE("ipnetwork", "up") "," STATE("autoanswerp2p", answers) "," STATE("mr.audio", \
		"all_up") "," STATE("calendar", "off") "," STATE("gatekeeper", "down") "]"
#define STREAM(way, type, name, more) \
	"{\"mediaDirection\":\"" way "\",\"mediaType\":\"" type "\",\"mediaStream\":\"" name \
	"\"," more "}"
#define MEDIA \
	"[" STREAM("RX", "AUDIO", "audioRx", \
		"\"mediaAlgorithm\":\"G.722.1C\",\"actualBitRate\":48,\"jitter\":2.6," \
		"\"packetLoss\":3,\"percentPacketLoss\":0.15") "," STREAM("TX", "AUDIO", \
		"audioTx", \
		"\"mediaAlgorithm\":\"G.722.1C\",\"actualBitRate\":48,\"packetLoss\":7") "," STREAM("RX", \
		"VIDEO", "videoRx", \
		"\"mediaAlgorithm\":\"H.264\",\"mediaFormat\":\"1080p\",\"bitRate\":1920," \
		"\"actualBitRate\":0,\"actualFrameRate\":29.97") "," STREAM("RX", "VIDEO", \
		"contentRx", "\"mediaAlgorithm\":\"H.264\",\"actualBitRate\":900") "]"
#define SETTINGS \
	ASK("audio", \
		"{\"muteLocked\":false,\"muted\":true,\"numOfMicsConnected\":1,\"volume\":39}"), \
		ASK("system", SYSTEM), ASK("system/status", STATES("up"))

static const struct device codec = { .name = "site:chu-tuc",
	.adapter = "poly-rest",
	.url = "http://127.0.0.1:PORT/",
	.user = "admin",
	.password = "s3cret" };

CODEC_STAGE(box, codec)

/* A talk inside a session that is begun and ended. */
#define OPENED(...) \
	BEGIN(LOGIN("1"), __VA_ARGS__, LOGOUT("1")); \
	if (box->open(&k.task, &k.lane)) \
		fail_msg("open: %s", k.task.why)

/* ---- it works -------------------------------------------------------------------------------- */

static void
introduces_itself_in_a_session(void **unused)
{
	OPENED({ .expect = { "GET /rest/system ", "session_id=PSN1", "XSRF-TOKEN=tok1",
			 "x-xsrf-token: tok1" },
		       .head = JSON_HEAD,
		       .body = SYSTEM },
		ASK("system/status", STATES("off")));
	struct identity who;
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.vendor, "Poly");
	assert_string_equal(who.model, "StudioX30");
	assert_string_equal(who.serial, "8L0000000000AA");
	assert_string_equal(who.software, "3.12.0");
	assert_int_equal(who.uptime_s.v, 693845);
	assert_string_equal(who.alarms, "reboot needed; gatekeeper: down");
	finish(&k);
}

static void
tells_its_status_in_a_call(void **unused)
{
	OPENED(ASK("conferences", CALL), ASK("conferences/0/mediastats", MEDIA), SETTINGS);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, YES);
	assert_string_equal(s.far_address, "10.1.2.3");
	assert_int_equal(s.mic_muted, YES);
	assert_int_equal(s.auto_answer, YES);
	assert_int_equal(s.auto_answer_muted, UNKNOWN);
	assert_int_equal(s.uptime_s.v, 693845);
	assert_true(s.sampled);
	const struct stream *heard = &s.media.s[AUDIO][TO_SITE], *seen = &s.media.s[VIDEO][TO_SITE];
	assert_int_equal(heard->open, YES);
	assert_int_equal(heard->kbps.v, 48);
	assert_int_equal(heard->jitter_ms.v, 3);
	assert_int_equal(heard->lost.v, 3);
	assert_int_equal(heard->loss_permille.v, 2);
	assert_false(heard->packets.known);
	assert_int_equal(seen->kbps.v, 0); /* agreed on, and nothing comes: the presentation's rate
					    * is another's */
	assert_true(seen->kbps.known);
	assert_int_equal(seen->width.v, 1920);
	assert_int_equal(seen->height.v, 1080);
	assert_int_equal(seen->fps.v, 30);
	assert_false(s.media.s[AUDIO][FROM_SITE].lost.known);
	assert_int_equal(s.media.s[VIDEO][FROM_SITE].open, UNKNOWN); /* not listed is not told */
	finish(&k);
}

/* Captured entries: what causeCode counts is not told, nor the box's own now. */
/* As captured from a Studio X30: ids are texts, an empty conference stands beside the call, and
 * what only rings is in one that is none yet. */
#define PENDING(connections) \
	"{\"connections\":[" connections \
	"],\"terminals\":[],\"id\":\"PENDING\",\"startTime\":null," \
	"\"isActive\":false,\"isPendingConference\":true}"
#define RINGS "{\"address\":\"hdx9000@a\",\"answerable\":true,\"id\":\"2\",\"state\":\"RINGING\"}"
#define CONNECTION(media) \
	"{\"address\":\"hop@a\",\"state\":\"CONNECTED\",\"id\":\"6\",\"mediaType\":\"" media "\"}"
#define CAPTURED(media) \
	"[{\"connections\":[" CONNECTION(media) "],\"terminals\":[{\"address\":\"hop@a\"}]," \
						"\"id\":\"0\",\"isActive\":true}," PENDING("") "]"
#define QUIET_BOX \
	ASK("audio", "{\"muted\":false}"), ASK("system", "{\"uptime\":3068321.1}"), \
		ASK("system/status", "[]")
#define SOUND \
	"[{\"mediaDirection\":\"RX\",\"mediaType\":\"AUDIO\",\"mediaAlgorithm\":\"Opus\"," \
	"\"actualBitRate\":48}]"

static void
ids_may_be_texts(void **unused)
{
	OPENED(ASK("conferences", CAPTURED("AUDIOONLY")), ASK("conferences/0/mediastats", SOUND),
		QUIET_BOX, ASK("conferences", CAPTURED("AUDIOVIDEO")),
		ASK("conferences/0/mediastats", SOUND), QUIET_BOX,
		ASK("conferences", "[" PENDING(RINGS) "]"), QUIET_BOX,
		ASK("conferences", "[" PENDING("") "]"), QUIET_BOX,
		ASK("conferences", "[" PENDING(RINGS) "]"), ASK("conferences", CAPTURED("x")),
		{ .expect = { "DELETE /rest/conferences/0 " }, .head = "204 No Content" });
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, YES);
	assert_string_equal(s.far_address, "hop@a");
	assert_int_equal(s.media.s[AUDIO][TO_SITE].kbps.v, 48);
	assert_int_equal(s.media.s[VIDEO][TO_SITE].open, NO); /* none was agreed on */
	assert_int_equal(s.uptime_s.v, 3068321);
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.media.s[VIDEO][TO_SITE].open, UNKNOWN);
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, NO); /* it rings */
	assert_string_equal(s.far_address, "hdx9000@a");
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, NO);
	assert_string_equal(s.far_address, "");
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_BUSY);
	task_forgive(&k.task);
	assert_int_equal(box->hangup(&k.task, &k.lane), OK);
	finish(&k);
}

/* It goes into a path: nothing else does. */
static void
an_id_is_a_word(void **unused)
{
	static const char *const bad[] = { "[{\"id\":\"../system\"}]", "[{\"id\":\"\"}]",
		"[{\"id\":-1}]", "[{\"id\":null}]", "[{}]", "[{\"id\":\"0?x=1\"}]",
		"[{\"id\":\"0123456789012345678901234567890\"}]" };
	struct poly_rest_conferences c;
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(
			poly_rest_read_conferences(poly_rest_parse(a, bad[i], strlen(bad[i])), &c));
	arena_free(a);
}

/* One of two ended by itself before its turn. */
static void
every_call_is_hung_up(void **unused)
{
	OPENED(ASK("conferences", "[{\"id\":0,\"isActive\":true},{\"id\":3,\"isActive\":true}]"),
		{ .expect = { "DELETE /rest/conferences/0 " }, .head = "404 Not Found" },
		{ .expect = { "DELETE /rest/conferences/3 " }, .head = "204 No Content" });
	assert_int_equal(box->hangup(&k.task, &k.lane), OK);
	assert_int_equal(k.task.code, OK);
	finish(&k);
}

/* Whatever order the list comes in: the newest call is the one that may be meant. */
static void
the_newest_call_comes_first(void **unused)
{
	static const char text[] = "[{\"address\":\"old\",\"endTime\":1000,\"duration\":1},{"
				   "\"address\":\"mid\",\"endTime\":"
				   "2000},{\"address\":\"new\",\"endTime\":3000},{\"address\":"
				   "\"when\"},{\"address\":\"x\","
				   "\"endTime\":9000}]";
	static const char *const order[] = { "new", "mid", "old", "when", "x" };
	struct arena *a = arena_new();
	struct history h;
	assert_true(poly_rest_read_history(
		a, poly_rest_parse(a, text, sizeof text - 1), figure_of(5000), &h));
	assert_int_equal(h.n, 5);
	for (size_t i = 0; i < h.n; i++)
		assert_string_equal(h.at[i].far_address, order[i]);
	assert_int_equal(h.at[2].duration_s.v, 1);
	assert_int_equal(h.at[0].ended_ago_s.v, 2); /* by its own clock, whatever that shows */
	assert_int_equal(h.at[2].ended_ago_s.v, 4);
	assert_false(h.at[3].ended_ago_s.known);
	assert_false(h.at[4].ended_ago_s.known); /* not over yet, by that clock */
	arena_free(a);
}

static void
tells_how_long_its_calls_were(void **unused)
{
	OPENED(ASK("calllog/entries?limit=5", "[{\"address\":\"a@b\",\"causeCode\":0,\"connected\":"
					      "true,\"duration\":29,\"endTime\":1664470183000},"
					      "{\"address\":7,\"causeCode\":\"x\"}]"),
		ASK("system", "{\"systemTime\":1664470190500,\"timeOffset\":7200000}"),
		ASK("calllog/entries?limit=5", "{\"reason\":\"no\"}"),
		{ .expect = { "GET /rest/system " }, .head = "404 Not Found" },
		{ .expect = { "GET /rest/calllog/entries?limit=5 " }, .head = "404 Not Found" });
	struct history h;
	assert_int_equal(box->history(&k.task, &k.lane, &h), OK);
	assert_int_equal(h.n, 2);
	assert_string_equal(h.at[0].far_address, "a@b");
	assert_int_equal(h.at[0].duration_s.v, 29);
	assert_int_equal(h.at[0].ended_ago_s.v, 7);
	assert_false(h.at[1].ended_ago_s.known);
	assert_int_equal(h.at[0].ending.cause, CAUSE_UNKNOWN);
	assert_string_equal(h.at[0].ending.device_words, "causeCode 0");
	assert_false(h.at[1].duration_s.known);
	assert_int_equal(box->history(&k.task, &k.lane, &h), ERR_PROTOCOL);
	task_forgive(&k.task);
	assert_int_equal(box->history(&k.task, &k.lane, &h), ERR_UNSUPPORTED);
	finish(&k);
}

static void
asks_no_media_outside_a_call(void **unused)
{
	OPENED(ASK("conferences", "[]"), SETTINGS,
		ASK("conferences", "[{\"id\":4,\"isActive\":true,\"connections\":[{\"state\":"
				   "\"RINGING\",\"address\":\"a@b\"}]}]"),
		SETTINGS,
		ASK("conferences", "[{\"id\":4,\"isActive\":true,\"connections\":[{\"state\":"
				   "\"DISCONNECTED\"},{\"state\":\"HIBERNATING\"}]}]"),
		SETTINGS);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, NO);
	assert_false(s.sampled);
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, NO); /* a conference stands while it still rings */
	assert_string_equal(s.far_address, "a@b");
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, UNKNOWN); /* a word that is not known is no no */
	finish(&k);
}

static void
dials_mutes_and_hangs_up(void **unused)
{
	OPENED(ASK("conferences", "[]"),
		{ .expect = { "POST /rest/conferences ",
			  "{\"address\":\"7001@10.1.1.1\",\"rate\":1024,\"dialType\":\"H323\"}" },
			.head = "201 Created",
			.body = "[{\"href\":\"/rest/conferences/0/connections/1\"}]" },
		ASK("conferences", "[]"),
		{ .expect = { "POST /rest/conferences ", "\"rate\":1920,\"dialType\":\"SIP\"" },
			.head = "400 Bad Request",
			.body = "{\"reason\":\"SIP is off\"}" },
		{ .expect = { "POST /rest/audio/muted ", "\r\n\r\ntrue" } },
		ASK("audio", "{\"muted\":true}"),
		{ .expect = { "POST /rest/audio/muted ", "\r\n\r\nfalse" } },
		ASK("audio", "{\"muted\":true,\"muteLocked\":true}"), ASK("conferences", CALL),
		{ .expect = { "DELETE /rest/conferences/0 " }, .head = "204 No Content" },
		ASK("conferences", "[]"));
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:7001@10.1.1.1", 1024), OK);
	assert_int_equal(box->dial(&k.task, &k.lane, "sip:a@b", 0), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "SIP is off"));
	task_forgive(&k.task);
	assert_int_equal(box->mute(&k.task, &k.lane, true), OK);
	assert_int_equal(box->mute(&k.task, &k.lane, false), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "locked"));
	task_forgive(&k.task);
	assert_int_equal(box->hangup(&k.task, &k.lane), OK);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	finish(&k);
}

/* ---- traps ----------------------------------------------------------------------------------- */

static void
does_not_dial_into_a_call(void **unused)
{
	OPENED(ASK("conferences", CALL), ASK("conferences", CALL));
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:10.1.2.3", 0), OK); /* it is there */
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:10.1.2.4", 0), ERR_BUSY);
	finish(&k);
}

/* The session is gone: one login more, the request once more. */
static void
a_refused_cookie_is_replaced(void **unused)
{
	BEGIN(LOGIN("1"),
		{ .expect = { "GET /rest/conferences ", "PSN1" }, .head = "403 Forbidden" },
		{ .expect = { "DELETE /rest/session ", "session_id=PSN1" },
			.head = "403 Forbidden" },
		LOGIN("2"),
		{ .expect = { "GET /rest/conferences ", "PSN2", "x-xsrf-token: tok2" },
			.body = "[]" },
		LOGOUT("2"));
	assert_int_equal(box->open(&k.task, &k.lane), OK);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	finish(&k);
}

/* A user who may not: no third login. */
static void
a_right_that_is_missing_is_no_login(void **unused)
{
	BEGIN(LOGIN("1"), { .expect = { "POST /rest/audio/muted " }, .head = "403 Forbidden" },
		LOGOUT("1"), LOGIN("2"),
		{ .expect = { "POST /rest/audio/muted " }, .head = "403 Forbidden" },
		/* and not a session more for each time it is asked */
		{ .expect = { "POST /rest/audio/muted ", "PSN2" }, .head = "403 Forbidden" },
		/* another request may have lost its session all the same */
		{ .expect = { "GET /rest/conferences ", "PSN2" }, .head = "403 Forbidden" },
		LOGOUT("2"), LOGIN("3"), ASK("conferences", "[]"), LOGOUT("3"));
	assert_int_equal(box->open(&k.task, &k.lane), OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(box->mute(&k.task, &k.lane, true), ERR_REFUSED);
		task_forgive(&k.task);
	}
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	finish(&k);
}

/* Any answer may change the token. */
static void
the_token_changes_under_way(void **unused)
{
	OPENED({ .expect = { "GET /rest/conferences ", "x-xsrf-token: tok1" },
		       .head = JSON_HEAD "\r\nSet-Cookie: XSRF-TOKEN=fresh; Path=/",
		       .body = "[]" },
		{ .expect = { "GET /rest/conferences ", "x-xsrf-token: fresh", "XSRF-TOKEN=fresh" },
			.never = "tok1",
			.body = "[]" });
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	task_forgive(&k.task);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	finish(&k);
}

/* Before 4.0 there is no token, and the session's name comes in the body only. */
static void
an_old_release_has_no_token(void **unused)
{
	BEGIN({ .expect = { "POST /rest/session " },
		      .body = "{\"success\":true,\"session\":{\"sessionId\":\"PSN7\"}}" },
		{ .expect = { "GET /rest/conferences ", "Cookie: session_id=PSN7" },
			.never = "x-xsrf-token",
			.body = "[]" },
		{ .expect = { "DELETE /rest/session " } });
	assert_int_equal(box->open(&k.task, &k.lane), OK);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	finish(&k);
}

/* Just hung up: the statistics are gone first. A body may begin with a byte order mark, or be a
 * bare word. */
static void
what_is_gone_or_odd_stays_unknown(void **unused)
{
	OPENED(ASK("conferences", "\xef\xbb\xbf" CALL),
		{ .expect = { "GET /rest/conferences/0/mediastats " }, .head = "404 Not Found" },
		ASK("audio", "true"),
		{ .expect = { "GET /rest/system " }, .head = "404 Not Found" },
		ASK("system/status", "\"UP\""));
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, YES);
	assert_false(s.sampled);
	assert_int_equal(s.mic_muted, UNKNOWN);
	assert_false(s.uptime_s.known);
	assert_int_equal(s.auto_answer, UNKNOWN);
	assert_int_equal(k.task.code, OK);
	finish(&k);
}

static void
no_session_is_left(void **unused)
{
	BEGIN({ .expect = { "POST /rest/session " },
		      .body = "{\"success\":false,\"reason\":\"Maximum sessions reached\"}" },
		{ .expect = { "POST /rest/session " }, .head = "503 Service Unavailable" });
	assert_int_equal(box->open(&k.task, &k.lane), ERR_BUSY);
	task_forgive(&k.task);
	assert_int_equal(box->open(&k.task, &k.lane), ERR_BUSY);
	finish(&k);
}

static void
an_order_is_not_given_twice(void **unused)
{
	OPENED({ .expect = { "GET /rest/conferences " }, .how = PEER_DROP },
		ASK("conferences", "[]"),
		{ .expect = { "POST /rest/conferences " }, .how = PEER_DROP });
	assert_int_equal(box->dial(&k.task, &k.lane, "10.1.1.1", 0), ERR_TIMEOUT);
	finish(&k);
}

/* ---- it does not work ------------------------------------------------------------------------ */

static void
a_wrong_password_is_tried_once(void **unused)
{
	static const char *const heads[] = { "200 OK", "401 Unauthorized", "403 Forbidden" };
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		struct peer_step steps[] = { { .expect = { "POST /rest/session " },
			.head = heads[i],
			.body = "{\"success\":false,\"reason\":\"bad password\"}" } };
		struct talk k;
		begin(&k, steps, 1);
		codec_refuses_login(&k, box, "s3cret");
		finish(&k);
	}
}

static void
silence_ends_at_the_deadline(void **unused)
{
	OPENED({ .expect = { "GET /rest/conferences " }, .how = PEER_HANG });
	codec_is_silent(&k, box);
	finish(&k);
}

static void
a_cancelled_dial_comes_back(void **unused)
{
	OPENED(ASK("conferences", "[]"),
		{ .expect = { "POST /rest/conferences " }, .how = PEER_CANCEL });
	assert_int_equal(box->dial(&k.task, &k.lane, "sip:a@b", 0), ERR_CANCELED);
	finish(&k);
}

static void
the_line_drops_in_the_middle(void **unused)
{
	OPENED({ .expect = { "GET /rest/conferences " }, .how = PEER_CUT, .body = CALL },
		{ .expect = { "GET /rest/conferences " }, .how = PEER_CUT, .body = CALL });
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_TIMEOUT);
	finish(&k);
}

static void
garbage_is_not_understood(void **unused)
{
	OPENED(ASK("conferences", "<html>Sign in</html>"), ASK("conferences", "{\"id\":0}"),
		ASK("conferences", "[{\"isActive\":true}]"),
		{ .expect = { "GET /rest/conferences " }, .head = "500 Oops" });
	codec_talks_garbage(&k, box, 4);
	finish(&k);
}

/* ---- words and cookies ----------------------------------------------------------------------- */

static void
pictures_have_sizes(void **unused)
{
	static const struct {
		const char *word;
		int width, height;
	} t[] = { { "1080p", 1920, 1080 }, { "720P60", 1280, 720 }, { "4CIF", 704, 576 },
		{ "1920x1080", 1920, 1080 }, { "1280*720", 1280, 720 }, { "CIFfy", 0, 0 },
		{ "--", 0, 0 }, { "", 0, 0 }, { NULL, 0, 0 }, { "99999999999x9", 0, 0 },
		{ "12x", 0, 0 }, { "640", 0, 0 } };
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct figure w, h;
		picture_size(t[i].word, &w, &h);
		assert_int_equal(w.v, t[i].width);
		assert_int_equal(h.v, t[i].height);
		assert_int_equal(w.known, t[i].width != 0);
	}
}

static void
cookies_are_kept_and_replaced(void **unused)
{
	struct arena *a = arena_new();
	struct cookies c = { 0 };
	struct http_header set[] = { { "set-cookie", "a=1; Path=/" }, { "Set-Cookie", "b=x=y" },
		{ "Set-Cookie", "bad" }, { "Set-Cookie", "c=2 3" }, { "Set-Cookie", "a=2;Secure" },
		{ "X", "d=4" } };
	assert_int_equal(
		cookies_take(a, &c, &(struct http_reply){ .headers = set, .headers_n = 6 }), 4);
	assert_string_equal(cookies_line(a, &c), "Cookie: a=2; b=x=y");
	cookies_set(a, &c, "a", "");
	assert_null(cookies_value(&c, "a"));
	assert_string_equal(cookies_value(&c, "b"), "x=y");
	for (int i = 0; i < 20; i++)
		cookies_set(a, &c, arena_printf(a, "n%d", i), "1");
	assert_int_equal(c.n, COOKIES_MOST);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(introduces_itself_in_a_session),
		cmocka_unit_test(tells_its_status_in_a_call),
		cmocka_unit_test(the_newest_call_comes_first),
		cmocka_unit_test(every_call_is_hung_up),
		cmocka_unit_test(ids_may_be_texts),
		cmocka_unit_test(an_id_is_a_word),
		cmocka_unit_test(tells_how_long_its_calls_were),
		cmocka_unit_test(asks_no_media_outside_a_call),
		cmocka_unit_test(dials_mutes_and_hangs_up),
		cmocka_unit_test(does_not_dial_into_a_call),
		cmocka_unit_test(a_refused_cookie_is_replaced),
		cmocka_unit_test(a_right_that_is_missing_is_no_login),
		cmocka_unit_test(the_token_changes_under_way),
		cmocka_unit_test(an_old_release_has_no_token),
		cmocka_unit_test(what_is_gone_or_odd_stays_unknown),
		cmocka_unit_test(no_session_is_left),
		cmocka_unit_test(an_order_is_not_given_twice),
		cmocka_unit_test(a_wrong_password_is_tried_once),
		cmocka_unit_test(silence_ends_at_the_deadline),
		cmocka_unit_test(a_cancelled_dial_comes_back),
		cmocka_unit_test(the_line_drops_in_the_middle),
		cmocka_unit_test(garbage_is_not_understood),
		cmocka_unit_test(pictures_have_sizes),
		cmocka_unit_test(cookies_are_kept_and_replaced),
	};
	http_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
