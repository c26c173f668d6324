/* Talks with Asterisk: the adapter against a scripted peer for its REST interface, which also is the other end of its
 * event stream; one test per way in which such a talk goes, and one per trap. Numbers and words are those of 22.10.1. */
#define PEER_ASIDE "GET /aside" /* nothing is passed over */
#define peer_start plain_peer_start
#include "tests/talk/peer.h"
#undef peer_start

#include "adapters/asterisk.h"
#include "adapters/internal.h"
#include "base/str.h"
#include "base/utf8.h"

#include <stdatomic.h>

/* ---- the peer: the script on one connection, events on another ---- */

enum { CONNECTIONS = 6 };

static struct stream_end { /* of the talk that is going on */
	atomic_int fd, opened, filtered;
	atomic_bool refuse;
} events;

static void
shake_hands(int fd, const char *request)
{
	char key[64] = "", accept[32];
	const char *at = strstr(request, "Sec-WebSocket-Key: ");
	struct buf out = { 0 };
	if (at)
		sscanf(at + 19, "%63s", key);
	ws_accept(key, accept);
	if (events.refuse)
		buf_puts(&out, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
	else
		buf_printf(&out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
				 "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
	peer_send(fd, out.at, out.n);
	buf_free(&out);
	events.fd = events.refuse ? -1 : fd;
	events.opened++;
}

static void
serve(struct peer *p, int *fd, struct buf *in)
{
	for (size_t whole; *fd >= 0 && *fd != events.fd && (whole = peer_whole(in));) {
		char *request = strndup(in->at, whole);
		buf_drop(in, whole);
		if (str_starts(request, "GET /ari/events?app=tongduyet ")) {
			shake_hands(*fd, request);
		} else if (strstr(request, "/ari/applications/tongduyet/eventFilter")) {
			static const char yes[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
			events.filtered += strstr(request, "{\"type\":\"ChannelDestroyed\"}") != NULL;
			peer_send(*fd, yes, sizeof yes - 1);
		} else {
			peer_play(p, fd, request);
		}
		free(request);
	}
}

static void *
both_main(void *arg)
{
	struct peer *p = arg;
	int fds[CONNECTIONS];
	struct buf in[CONNECTIONS] = { 0 };
	memset(fds, -1, sizeof fds);
	for (;;) {
		struct pollfd f[CONNECTIONS + 2] = { { .fd = p->at.stop, .events = POLLIN }, { .fd = p->at.listener, .events = POLLIN } };
		for (int i = 0; i < CONNECTIONS; i++)
			f[i + 2] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
		if (poll(f, CONNECTIONS + 2, 1000) < 0 || f[0].revents)
			break;
		for (int i = 0; i < CONNECTIONS; i++) {
			char bytes[8192];
			if (fds[i] < 0 && f[1].revents) {
				fds[i] = accept(p->at.listener, NULL, NULL);
				buf_clear(&in[i]);
				f[1].revents = 0;
			} else if (fds[i] >= 0 && f[i + 2].revents) {
				ssize_t k = recv(fds[i], bytes, sizeof bytes, 0);
				if (k > 0)
					buf_add(&in[i], bytes, (size_t)k);
				if (k > 0) {
					serve(p, &fds[i], &in[i]);
					continue;
				}
				int mine = fds[i];
				atomic_compare_exchange_strong(&events.fd, &mine, -1);
				close(fds[i]);
				fds[i] = -1;
			}
		}
	}
	for (int i = 0; i < CONNECTIONS; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		buf_free(&in[i]);
	}
	return NULL;
}

static void
peer_start(struct peer *p, const struct peer_step *steps, size_t n, int cancel_fd)
{
	*p = (struct peer){ .steps = steps, .n = n, .cancel_fd = cancel_fd };
	events.fd = -1;
	events.opened = events.filtered = 0;
	events.refuse = false;
	p->port = loopback_start(&p->at, both_main, p);
}

#include "tests/talk/talk.h"

/* ---- a talk ---- */

static const struct mcu_adapter *const mcu = &asterisk_mcu_adapter;
static const struct device box = { .name = "huyen", .adapter = "asterisk", .url = "http://127.0.0.1:PORT/",
	.user = "lab", .password = "labpass" };
static const struct conference room = { .id = "giao-ban", .name = "giao-ban" };
enum { TALK_MS = 5000 };
/* lab:labpass */
#define HELLO \
	{ .expect = { "GET /ari/asterisk/info", "Authorization: Basic bGFiOmxhYnBhc3M=" }, \
		.body = "{\"build\":{},\"system\":{\"version\":\"22.10.1\",\"entity_id\":\"00:00:00:00:00:01\"},\"status\":{" \
			"\"startup_time\":\"2026-11-19T17:48:28.034+0000\"}}" }, \
	{ .expect = { "GET /ari/asterisk/ping" }, .body = "{\"ping\":\"pong\",\"timestamp\":\"2026-11-20T17:48:34.014+0000\"}" }
#include "tests/talk/mcu.h"

#define NO(text) .head = text "\r\nContent-Type: application/json"
#define NOT_FOUND NO("404 Not Found"), .body = "{\"message\":\"Channel not found\"}"
#define DONE .head = "204 No Content", .body = ""
#define MINE "td-aa11d7b7-mac88c677d302-chu-tuc"
#define CHANNEL_WITH(id, state, number, app, data) \
	"{\"id\":\"" id "\",\"name\":\"PJSIP/sites-00000001\",\"state\":\"" state "\",\"caller\":{\"name\":\"\",\"number\":\"" number \
	"\"},\"dialplan\":{\"context\":\"in\",\"exten\":\"s\",\"priority\":1,\"app_name\":\"" app "\",\"app_data\":\"" data "\"}}"
#define DIALLED(id, state) CHANNEL_WITH(id, state, "", "AppDial2", "(Outgoing Line)")
#define ENTERED(id) CHANNEL_WITH(id, "Up", "", "Stasis", "tongduyet,giao-ban,chu-tuc")
#define CHANNELS(list) { .expect = { "GET /ari/channels HTTP" }, .body = "[" list "]" }
#define BRIDGE_OF(kind, ids) \
	{ .expect = { "GET /ari/bridges/giao-ban HTTP" }, \
		.body = "{\"id\":\"giao-ban\",\"technology\":\"" kind "\",\"name\":\"giao-ban\",\"channels\":[" ids "]}" }
#define BRIDGE(ids) BRIDGE_OF("softmix", ids)
#define NO_BRIDGE { .expect = { "GET /ari/bridges/giao-ban HTTP" }, NO("404 Not Found"), .body = "{\"message\":\"Bridge not found\"}" }
#define NOBODY_YET { .expect = { "GET /ari/channels/td-", " HTTP" }, NOT_FOUND }
#define MAKE \
	{ .expect = { "POST /ari/bridges/giao-ban?", "type=mixing%2Cproxy_media", "name=giao-ban" }, .body = "{\"id\":\"giao-ban\"}" }
#define ORDER \
	{ .expect = { "POST /ari/channels/td-", "endpoint=PJSIP%2Fsites%2Fsip%3Achutuc%4010.2.0.5", "app=tongduyet", \
		  "appArgs=giao-ban%2Cchu-tuc" }, .body = DIALLED("x", "Down") }
#define ONCE(dest, video) \
	{ .expect = { "/variable?variable=CHANNEL%28rtp%2Cdest%29" }, .body = "{\"value\":\"" dest "\"}" }, \
	{ .expect = { "variable=CHANNEL%28videonativeformat%29" }, .body = "{\"value\":\"" video "\"}" }
#define STATS(rx, lost, tx, rtt) \
	{ .expect = { "/rtp_statistics" }, \
		.body = "{\"txcount\":" tx ",\"rxcount\":" rx ",\"txploss\":4,\"rxploss\":" lost ",\"txjitter\":0.004875,\"rxjitter\":" \
			"0.002,\"rtt\":" rtt ",\"channel_uniqueid\":\"x\"}" }
#define DETECT(word) { .expect = { "POST /ari/channels/", "variable=TALK_DETECT%28" word "%29" }, DONE }

static const struct dial a_dial = { .site_name = "Chu Túc", .leg_name = "chu-tuc", .address = "sip:chutuc@10.2.0.5",
	.attempt = "run/chu-tuc/1", .muted = true };

static void
event(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void
event(const char *fmt, ...)
{
	struct buf body = { 0 }, frame = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_vprintf(&body, fmt, ap);
	va_end(ap);
	buf_putc(&frame, (char)0x81);
	buf_putc(&frame, body.n < 126 ? (char)body.n : 126);
	if (body.n >= 126) {
		buf_putc(&frame, (char)(body.n >> 8));
		buf_putc(&frame, (char)body.n);
	}
	buf_add(&frame, body.at, body.n);
	assert_true(events.fd >= 0);
	peer_send(events.fd, frame.at, frame.n);
	buf_free(&body);
	buf_free(&frame);
	usleep(2000); /* it is on its way before the next question is asked */
}

static void
channel_event(const char *type, const char *id, const char *state, const char *more)
{
	event("{\"type\":\"%s\",%s\"channel\":{\"id\":\"%s\",\"state\":\"%s\"}}", type, more, id, state);
}

static enum err
dial(struct talk *k, struct leg *out)
{
	return mcu->dial(&k->task, &k->lane, &k->conference, &a_dial, out);
}

static struct roster
list(struct talk *k)
{
	struct roster r;
	enum err e = mcu->roster(&k->task, &k->lane, &k->conference, &r);
	if (e)
		fail_msg("%s", k->task.why);
	return r;
}

/* ---- logging in ---- */

static void
opens_and_tells_who_it_is(void **unused)
{
	OPENED(HELLO);
	struct identity who;
	assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.software, "22.10.1");
	assert_string_equal(who.model, "Asterisk");
	assert_int_equal(who.uptime_s.v, 86405); /* by its own clock */
	assert_int_equal(events.opened, 1);
	assert_int_equal(events.filtered, 1);
	finish(&k);
}

static void
a_wrong_password_is_tried_once(void **unused)
{
	BEGIN({ .expect = { "GET /ari/asterisk/info" }, NO("401 Unauthorized"), .body = "{\"message\":\"Authentication required\"}" });
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_AUTH);
	assert_string_equal(k.task.word, "login-refused");
	assert_int_equal(events.opened, 0);
	finish(&k);
}

static void
without_events_it_is_not_open(void **unused)
{
	BEGIN(HELLO);
	events.refuse = true;
	assert_int_not_equal(mcu->open(&k.task, &k.lane), OK);
	assert_null(k.lane.session);
	finish(&k);
}

/* ---- dialling ---- */

static void
dials_and_never_twice(void **unused)
{
	OPENED(NOBODY_YET, NO_BRIDGE, MAKE, ORDER);
	struct leg leg, again;
	assert_int_equal(dial(&k, &leg), OK);
	assert_int_equal(leg.state, LEG_DIALING);
	assert_string_equal(leg.name, "chu-tuc");
	assert_string_equal(leg.address, "sip:chutuc@10.2.0.5");
	assert_true(leg.configured);
	assert_int_equal(dial(&k, &again), OK);
	assert_string_equal(again.id, leg.id);
	assert_null(strstr(talk_requests(&k), "Chu Túc"));
	finish(&k);
}

static void
an_order_of_before_a_restart_of_ours_stands(void **unused)
{
	OPENED({ .expect = { "GET /ari/channels/td-" }, .body = DIALLED("x", "Ringing") });
	struct leg leg;
	assert_int_equal(dial(&k, &leg), OK);
	finish(&k);
}

static void
a_dropped_order_is_asked_for_first(void **unused)
{
	OPENED(NOBODY_YET, BRIDGE(""), { .expect = { "POST /ari/channels/td-" }, .how = PEER_DROP },
		{ .expect = { "GET /ari/channels/td-" }, .body = DIALLED("x", "Down") });
	struct leg leg;
	assert_int_equal(dial(&k, &leg), OK); /* it had been taken: no second one */
	finish(&k);
}

static void
a_refused_order_says_why(void **unused)
{
	OPENED(NOBODY_YET, BRIDGE(""), { .expect = { "POST /ari/channels/td-" }, NO("500 Internal Server Error"),
		.body = "{\"error\":\"Allocation failed\"}" });
	struct leg leg;
	assert_int_equal(dial(&k, &leg), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "Allocation failed"));
	finish(&k);
}

static void
a_canceled_dial_comes_back_at_once(void **unused)
{
	OPENED(NOBODY_YET, BRIDGE(""), { .expect = { "POST /ari/channels/td-" }, .how = PEER_CANCEL });
	struct leg leg;
	assert_int_equal(dial(&k, &leg), ERR_CANCELED);
	finish(&k);
}

static void
what_cannot_be_dialled_is_not_asked(void **unused)
{
	OPENED({ .expect = { "GET /ari/asterisk/info" }, .body = "{\"system\":{\"version\":\"1\"}}" },
		{ .expect = { "GET /ari/asterisk/ping" }, NOT_FOUND });
	struct identity who;
	struct leg leg;
	struct dial d = a_dial;
	d.address = "h323:10.2.0.5";
	assert_int_equal(mcu->dial(&k.task, &k.lane, &room, &d, &leg), ERR_UNSUPPORTED);
	task_forgive(&k.task);
	d.address = "sip:a@b&PJSIP/other"; /* would ring two */
	assert_int_equal(mcu->dial(&k.task, &k.lane, &room, &d, &leg), ERR_INPUT);
	task_forgive(&k.task);
	assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK);
	assert_false(who.uptime_s.known); /* an old one has no ping */
	finish(&k);
}

/* Two programs with one application would take each other's calls: the one that was thrown out stays out. */
static void
a_taken_application_is_left_alone(void **unused)
{
	OPENED(BRIDGE(""), CHANNELS(""), BRIDGE(""), CHANNELS(""));
	struct leg leg;
	event("{\"type\":\"ApplicationReplaced\",\"application\":\"tongduyet\"}");
	assert_int_equal(dial(&k, &leg), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "another program"));
	task_forgive(&k.task);
	for (int i = 0; i < 2; i++)
		assert_int_equal(list(&k).n, 0);
	assert_int_equal(events.opened, 1);
	finish(&k);
}

static void
a_lost_stream_is_opened_again(void **unused)
{
	OPENED(BRIDGE(""), CHANNELS(""), BRIDGE(""), CHANNELS(""));
	shutdown(events.fd, SHUT_RDWR);
	usleep(20000);
	list(&k);
	for (int i = 0; i < 100 && events.opened < 2; i++)
		usleep(5000);
	assert_int_equal(events.opened, 2);
	list(&k);
	finish(&k);
}

/* ---- rosters ---- */

/* Who has answered is let in by us, muted before and not behind. */
static void
lets_in_who_has_answered(void **unused)
{
	OPENED(NOBODY_YET, BRIDGE(""), ORDER, BRIDGE(""), CHANNELS(DIALLED(MINE, "Ringing")), BRIDGE(""), CHANNELS(ENTERED(MINE)),
		{ .expect = { "POST /ari/channels/" MINE "/mute?direction=in" }, DONE }, DETECT("remove"),
		{ .expect = { "POST /ari/bridges/giao-ban/addChannel?channel=" MINE }, DONE }, BRIDGE("\"" MINE "\",\"a\",\"b\""),
		CHANNELS(ENTERED(MINE)), ONCE("10.2.0.5:20060", "(nothing)"), STATS("261", "3", "205", "0.0033"));
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
	const struct stream *from = &a->media.s[AUDIO][FROM_SITE], *to = &a->media.s[AUDIO][TO_SITE];
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
	static const char text[] = "{\"txcount\":10,\"rxcount\":12,\"txploss\":0,\"rxploss\":0,\"txjitter\":0.0,\"rxjitter\":0.0,\"rtt\":0.0}";
	assert_int_equal(json_parse(a, text, strlen(text), &j, &why), OK);
	ari_media(j, &m);
	assert_true(m.s[AUDIO][FROM_SITE].lost.known);
	assert_false(m.s[AUDIO][TO_SITE].far_lost.known);
	assert_false(m.s[AUDIO][TO_SITE].rtt_ms.known);
	arena_free(a);
}

#define OTHER "1795196960.7"
#define CAME(state, data) CHANNEL_WITH(OTHER, state, "s3", "Stasis", data)

static void
who_dials_in_is_answered_and_let_in(void **unused)
{
	OPENED(BRIDGE(""), CHANNELS(CAME("Ring", "tongduyet,giao-ban")), { .expect = { "POST /ari/channels/" OTHER "/answer" }, DONE },
		{ .expect = { "DELETE /ari/channels/" OTHER "/mute?direction=in" }, DONE }, DETECT("set"),
		{ .expect = { "POST /ari/bridges/giao-ban/addChannel?channel=" OTHER }, DONE }, BRIDGE_OF("simple_bridge", "\"" OTHER "\""),
		CHANNELS(CAME("Up", "tongduyet,giao-ban")), ONCE("127.0.1.3:20120", "(h264)"),
		{ .expect = { "CHANNEL%28pjsip%2Cremote_uri%29" }, .body = "{\"value\":\"<sip:s3@127.0.1.3>\"}" },
		STATS("51", "0", "0", "0.0"), { .expect = { "CHANNEL%28rtcp%2Crxcount%2Cvideo%29" }, .body = "{\"value\":\"90\"}" });
	struct roster r = list(&k);
	assert_int_equal(r.n, 1);
	const struct leg *a = &r.legs[0];
	assert_true(a->incoming);
	assert_false(a->configured);
	assert_string_equal(a->name, "s3");
	assert_string_equal(a->address, "sip:s3@127.0.1.3");
	assert_int_equal(a->media.s[VIDEO][FROM_SITE].packets.v, 90);
	assert_int_equal(a->media.s[VIDEO][TO_SITE].open, YES);
	assert_int_equal(a->media.s[AUDIO][TO_SITE].open, UNKNOWN); /* alone, or two: nothing need be sent */
	assert_int_equal(a->media.speech, NO);
	finish(&k);
}

static void
who_came_for_another_bridge_is_not_ours(void **unused)
{
	OPENED(BRIDGE(""), CHANNELS(CAME("Ring", "tongduyet,khac") "," CHANNEL_WITH("9.9", "Up", "x", "Stasis", "other,giao-ban")));
	assert_int_equal(list(&k).n, 0);
	finish(&k);
}

#define LET_IN(...) \
	BRIDGE(""), CHANNELS(CAME("Up", "tongduyet,giao-ban")), { .expect = { "DELETE /ari/channels/" OTHER "/mute" }, DONE }, DETECT("set"), \
		{ .expect = { "/addChannel?channel=" OTHER }, DONE }, BRIDGE("\"" OTHER "\""), CHANNELS(CAME("Up", "tongduyet,giao-ban")), \
		ONCE("127.0.1.3:20120", "(nothing)"), { .expect = { "remote_uri" }, .body = "{\"value\":\"<sip:s3@127.0.1.3>\"}" }, \
		STATS("51", "0", "0", "0.0"), __VA_ARGS__

/* A person moved it to another bridge: it is not fetched back. */
static void
who_was_taken_out_is_left_out(void **unused)
{
	OPENED(LET_IN(BRIDGE("")), CHANNELS(CAME("Up", "tongduyet,giao-ban")), BRIDGE(""), CHANNELS(CAME("Up", "tongduyet,giao-ban")));
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
	OPENED(LET_IN(BRIDGE("\"" OTHER "\"")), CHANNELS(CAME("Up", "tongduyet,giao-ban")), STATS("60", "0", "0", "0.0"),
		{ .expect = { "POST /ari/channels/" OTHER "/mute" }, DONE }, DETECT("remove"), BRIDGE("\"" OTHER "\""),
		CHANNELS(CAME("Up", "tongduyet,giao-ban")), STATS("70", "0", "0", "0.0"),
		{ .expect = { "DELETE /ari/channels/" OTHER "/mute" }, DONE }, DETECT("set"), BRIDGE("\"" OTHER "\""),
		CHANNELS(CAME("Up", "tongduyet,giao-ban")), STATS("80", "0", "0", "0.0"));
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
	OPENED(BRIDGE("\"" MINE "\",\"a\",\"b\""), CHANNELS(ENTERED(MINE)), ONCE("10.2.0.5:20060", "(nothing)"),
		{ .expect = { "remote_uri" }, .body = "{\"value\":\"<sip:chutuc@10.2.0.5>\"}" }, DETECT("set"),
		STATS("261", "3", "205", "0.0"), BRIDGE("\"" MINE "\",\"a\",\"b\""), CHANNELS(ENTERED(MINE)), STATS("270", "3", "210", "0.0"));
	struct leg leg = list(&k).legs[0], seen;
	assert_string_equal(leg.name, "chu-tuc");
	assert_true(leg.configured);
	assert_int_equal(leg.muted, UNKNOWN);
	channel_event("ChannelTalkingStarted", MINE, "Up", "");
	assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference, &leg, &seen), OK);
	assert_int_equal(seen.media.speech, UNKNOWN);
	finish(&k);
}

/* ---- ends ---- */

static void
why_a_dial_failed_comes_by_event(void **unused)
{
	OPENED(NOBODY_YET, BRIDGE(""), ORDER, BRIDGE(""), CHANNELS(""));
	struct leg leg;
	struct ending end;
	assert_int_equal(dial(&k, &leg), OK);
	channel_event("ChannelHangupRequest", MINE, "Down", "\"cause\":17,\"tech_cause\":486,");
	channel_event("ChannelDestroyed", MINE, "Down", "\"cause\":17,\"cause_txt\":\"User busy\",\"tech_cause\":486,");
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
	channel_event("ChannelDestroyed", OTHER, "Up", "\"cause\":16,\"cause_txt\":\"Normal Clearing\",");
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
		{ { .q850 = 19, .sip = 480 }, CAUSE_UNREACHABLE }, /* our time ran out, and it never rang */
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

static void
ends_channels_before_the_bridge(void **unused)
{
	OPENED(BRIDGE("\"1.1\""), CHANNELS(CHANNEL_WITH("1.1", "Up", "a", "Stasis", "tongduyet,giao-ban") "," DIALLED(MINE, "Ringing")
		"," CHANNEL_WITH("2.2", "Up", "b", "Stasis", "other")), { .expect = { "DELETE /ari/channels/1.1 " }, DONE },
		{ .expect = { "DELETE /ari/channels/" MINE " " }, NOT_FOUND }, { .expect = { "DELETE /ari/bridges/giao-ban " }, DONE });
	assert_int_equal(mcu->end(&k.task, &k.lane, &k.conference), OK);
	finish(&k);
}

/* ---- a device that fails ---- */

static void
silence_is_a_timeout(void **unused)
{
	OPENED({ .expect = { "GET /ari/bridges/giao-ban" }, .how = PEER_HANG });
	struct roster r;
	k.task.deadline = clock_mono() + 300;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &r), ERR_TIMEOUT);
	finish(&k);
}

static void
a_cut_list_is_asked_for_again(void **unused)
{
	OPENED({ .expect = { "GET /ari/bridges/giao-ban" }, .how = PEER_CUT, .body = "{\"id\":\"giao-ban\",\"channels\":[]}" }, BRIDGE(""),
		CHANNELS(""));
	assert_int_equal(list(&k).n, 0);
	finish(&k);
}

static void
garbage_is_not_understood(void **unused)
{
	OPENED({ .expect = { "GET /ari/bridges/giao-ban" }, .body = "{\"id\":" });
	struct roster r;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &r), ERR_PROTOCOL);
	finish(&k);
}

static void
an_event_that_is_none_costs_nothing(void **unused)
{
	OPENED(BRIDGE(""), CHANNELS(""));
	event("{\"type\":");
	event("[]");
	event("{\"type\":\"ChannelDestroyed\",\"channel\":{\"id\":\"9.9\"},\"cause\":16}");
	assert_int_equal(list(&k).n, 0);
	assert_int_equal(events.opened, 1);
	finish(&k);
}

/* ---- words ---- */

static void
words(void **unused)
{
	struct ari_where w;
	struct ari_own own;
	char why[120], id[ARI_ID_SIZE], out[160];
	int64_t at, later;
	assert_true(ari_where("http://a:8088/?app=td&endpoint=xa", &w, why, sizeof why));
	assert_string_equal(w.app, "td");
	assert_string_equal(w.endpoint, "xa");
	assert_false(ari_where("http://a/?endpoint=a%2Fb", &w, why, sizeof why));
	ari_channel_id(id, "run/chu-tuc/1", "giao-ban", true, "chu-tuc");
	assert_string_equal(id, MINE);
	assert_true(ari_is_ours_in(id, "giao-ban", &own));
	assert_true(own.muted);
	assert_string_equal(own.leg_name, "chu-tuc");
	assert_false(ari_is_ours_in(id, "khac", &own));
	assert_false(ari_is_ours("td-"));
	assert_false(ari_is_ours(OTHER));
	ari_bridge_id(out, 80, "Giao ban Tổng duyệt");
	assert_true(ari_is_word(out));
	assert_true(ari_instant("2026-11-20T17:48:34.014+0000", &at));
	assert_true(ari_instant("2026-11-21T00:48:34.015+0700", &later));
	assert_int_equal(later - at, 1);
	assert_false(ari_instant("yesterday", &at));
	ari_uri("\"An\" <sip:s3@127.0.1.3>", out, sizeof out);
	assert_string_equal(out, "sip:s3@127.0.1.3");
	ari_uri("tel:1", out, sizeof out);
	assert_string_equal(out, "");
	ari_host("[::1]:20060", out, sizeof out);
	ari_host("0.0.0.0:0", out, sizeof out);
	assert_string_equal(out, "");
	assert_int_equal(ari_picture("(nothing)"), NO);
	assert_int_equal(ari_picture("(h264|vp8)"), YES);
	assert_int_equal(ari_picture(""), UNKNOWN);
	assert_ptr_equal(mcu_adapter_find("asterisk"), mcu);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_and_tells_who_it_is),
		cmocka_unit_test(a_wrong_password_is_tried_once),
		cmocka_unit_test(without_events_it_is_not_open),
		cmocka_unit_test(dials_and_never_twice),
		cmocka_unit_test(an_order_of_before_a_restart_of_ours_stands),
		cmocka_unit_test(a_dropped_order_is_asked_for_first),
		cmocka_unit_test(a_refused_order_says_why),
		cmocka_unit_test(a_canceled_dial_comes_back_at_once),
		cmocka_unit_test(what_cannot_be_dialled_is_not_asked),
		cmocka_unit_test(a_taken_application_is_left_alone),
		cmocka_unit_test(a_lost_stream_is_opened_again),
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
		cmocka_unit_test(ends_channels_before_the_bridge),
		cmocka_unit_test(silence_is_a_timeout),
		cmocka_unit_test(a_cut_list_is_asked_for_again),
		cmocka_unit_test(garbage_is_not_understood),
		cmocka_unit_test(an_event_that_is_none_costs_nothing),
		cmocka_unit_test(words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
