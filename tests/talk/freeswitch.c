/* Talks with FreeSWITCH: the adapter against a scripted peer for its XML-RPC and another for its event socket, one test
 * per way in which such a talk goes, and one per trap of this family. Numbers and words are those of a recorded 1.11.1. */
#include "adapters/adapter.h"

#include "adapters/freeswitch.h"
#include "adapters/internal.h"
#include "adapters/wire/http.h"
#include "adapters/wire/trace.h"
#include "adapters/wire/xml.h"
#include "base/str.h"
#include "base/utf8.h"
#include "tests/talk/peer.h"
#include "tests/talk/talk.h"

#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdatomic.h>

#define REPLY(text) \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<methodResponse>\r\n<params>\r\n<param><value><string>" text \
	"</string></value></param>\r\n</params>\r\n</methodResponse>\r\n"
#define FAULT(code, text) \
	"<?xml version=\"1.0\"?><methodResponse><fault><value><struct><member><name>faultCode</name><value><i4>" code \
	"</i4></value></member><member><name>faultString</name><value><string>" text \
	"</string></value></member></struct></value></fault></methodResponse>"
#define CALL(command, ...) \
	.expect = { "<string>" command "</string></value></param><param><value><string>", __VA_ARGS__ }
#define UP \
	"UP 0 years, 1 day, 2 hours, 3 minutes, 26 seconds, 43 milliseconds, 862 microseconds\n" \
	"FreeSWITCH (Version 1.11.1-release  64bit) is ready\n5 session(s) since startup\n" \
	"0 session(s) - peak 0, last 5min 0 \n0 session(s) per Sec out of max 100, peak 0, last 5min 0 \n" \
	"1000 session(s) max\nmin idle cpu 0.00/54.53\nCurrent Stack Size/Max 240K/8192K\n"
/* lab:labpass */
#define HELLO { .expect = { "POST /RPC2", "Authorization: Basic bGFiOmxhYnBhc3M=", "<string>status</string>" }, .body = REPLY(UP) }

#define MEMBER(id, uuid, name, flags) \
	"{\"type\":\"caller\",\"id\":" id ",\"flags\":{" flags "},\"uuid\":\"" uuid "\",\"caller_id_name\":\"" name \
	"\",\"caller_id_number\":\"site01\",\"energy\":100}"
#define SPEAKS "\"can_speak\":true,\"talking\":true,\"has_video\":false"
#define QUIET "\"can_speak\":true,\"talking\":false,\"has_video\":false"
#define MUTED "\"can_speak\":false,\"talking\":false,\"has_video\":true"
#define LISTENED(talks) "\"can_speak\":false,\"mute_detect\":true,\"talking\":" talks ",\"has_video\":true"
#define ROOM(members) \
	{ CALL("conference", "giao-ban json_list"), \
		.body = REPLY("[{\"conference_name\":\"giao-ban\",\"member_count\":2,\"members\":[" members "]}]") }
#define NO_ROOM { CALL("conference", "giao-ban json_list"), .body = REPLY("-ERR Conference giao-ban not found\n") }
#define ROW(uuid, who, callstate, app, shown) \
	"{\"uuid\":\"" uuid "\",\"direction\":\"outbound\",\"name\":\"sofia/lab/" who \
	"\",\"cid_name\":\"Outbound Call\",\"ip_addr\":\"\",\"application\":\"" app \
	"\",\"application_data\":\"giao-ban\",\"write_codec\":\"PCMU\",\"callstate\":\"" callstate \
	"\",\"initial_cid_name\":\"" shown "\"}"
#define CHANNELS(rows) \
	{ CALL("show", "channels as json"), .body = REPLY("{\"row_count\":2,\"rows\":[" rows "]}") }
#define NO_CHANNELS { CALL("show", "channels as json"), .body = REPLY("{\"row_count\": 0}\n") }
#define FIGURES(in, skip, cng, out) \
	"{\"in_packet_count\":" in ",\"in_media_packet_count\":" in ",\"in_skip_packet_count\":" skip \
	",\"in_cng_packet_count\":" cng ",\"in_quality_percentage\":100,\"in_mos\":4.5,\"in_jitter_max_variance\":297.08" \
	",\"out_packet_count\":" out ",\"rtcp_packet_count\":0}"
#define STATS(uuid, streams) \
	{ CALL("json", "mediaStats", uuid), \
		.body = REPLY("{\"command\":\"mediaStats\",\"status\":\"success\",\"response\":{" streams "}}") }
#define AUDIO_OF(uuid, in, skip, out) STATS(uuid, "\"audio\":" FIGURES(in, skip, "0", out))
#define NOBODY_YET { CALL("uuid_exists", ""), .body = REPLY("false") }
#define TAKEN { CALL("conference", "giao-ban bgdial "), .body = REPLY("+OK Job-UUID: " JOB "\n") }

#define JOB "810bcfad-841f-41ae-b3c2-d2057f86c9ef"
/* What fs_uuid() makes of the dial below and of its next attempt: a talk fails when that changes. */
#define MINE "7464aa11-ac88-8677-9302-fa22d2f4770f"
#define SECOND "7464aa11-3203-8f98-90a5-a3e827f0d201"
#define OTHER "4554ebbb-bec7-4828-9e2f-23ddb12964a7"

/* ---- the event socket's peer ---------------------------------------------------------------------------------- */

/* Logs in as told, then plays events that the test hands it; counts what it heard. */
struct events {
	struct loopback at;
	int port, fd;
	atomic_int logins, refuse, silent;
	struct buf heard; /* under the lock, as fd */
	pthread_mutex_t lock;
};

static void
esl_send(int fd, const char *text)
{
	peer_send(fd, text, strlen(text));
}

static void
esl_serve(struct events *e, struct buf *in)
{
	for (char *end; in->n && (end = strstr(in->at, "\n\n")) != NULL;) {
		size_t n = (size_t)(end - in->at) + 2;
		bool login = strncmp(in->at, "auth ", 5) == 0;
		buf_add(&e->heard, in->at, n);
		if (login)
			e->logins++;
		if (login && e->refuse) {
			esl_send(e->fd, "Content-Type: command/reply\nReply-Text: -ERR invalid\n\n"
					"Content-Type: text/disconnect-notice\nContent-Length: 12\n\nDisconnected");
			shutdown(e->fd, SHUT_WR);
		} else if (login) {
			esl_send(e->fd, "Content-Type: command/reply\nReply-Text: +OK accepted\n\n");
		} else {
			esl_send(e->fd, "Content-Type: command/reply\nReply-Text: +OK event listener enabled plain\n\n");
		}
		buf_drop(in, n);
	}
}

static void *
esl_main(void *arg)
{
	struct events *e = arg;
	struct buf in = { 0 };
	for (;;) {
		pthread_mutex_lock(&e->lock);
		struct pollfd f[3] = { { .fd = e->at.stop, .events = POLLIN }, { .fd = e->at.listener, .events = POLLIN },
			{ .fd = e->fd, .events = POLLIN } };
		pthread_mutex_unlock(&e->lock);
		if (poll(f, 3, 1000) < 0 || f[0].revents)
			break;
		pthread_mutex_lock(&e->lock);
		if (f[1].revents) {
			if (e->fd >= 0)
				close(e->fd);
			int now = 1;
			e->fd = accept(e->at.listener, NULL, NULL);
			setsockopt(e->fd, IPPROTO_TCP, TCP_NODELAY, &now, sizeof now);
			buf_clear(&in);
			if (!e->silent)
				esl_send(e->fd, "Content-Type: auth/request\n\n");
		} else if (f[2].revents) {
			char bytes[4096];
			ssize_t k = recv(e->fd, bytes, sizeof bytes, 0);
			if (k <= 0) {
				close(e->fd);
				e->fd = -1;
			} else {
				buf_add(&in, bytes, (size_t)k);
				esl_serve(e, &in);
			}
		}
		pthread_mutex_unlock(&e->lock);
	}
	buf_free(&in);
	return NULL;
}

static void
events_start(struct events *e)
{
	*e = (struct events){ .fd = -1 };
	pthread_mutex_init(&e->lock, NULL);
	e->port = loopback_start(&e->at, esl_main, e);
}

static void
events_stop(struct events *e)
{
	loopback_stop(&e->at);
	if (e->fd >= 0)
		close(e->fd);
	buf_free(&e->heard);
	pthread_mutex_destroy(&e->lock);
}

static void
events_drop(struct events *e)
{
	pthread_mutex_lock(&e->lock);
	if (e->fd >= 0) {
		shutdown(e->fd, SHUT_RDWR); /* the other thread may be waiting for it: close() alone does nothing then */
		close(e->fd);
	}
	e->fd = -1;
	pthread_mutex_unlock(&e->lock);
}

static bool
events_heard(struct events *e, const char *word)
{
	pthread_mutex_lock(&e->lock);
	bool heard = strstr(buf_str(&e->heard), word) != NULL;
	pthread_mutex_unlock(&e->lock);
	return heard;
}

/* ---- a talk -------------------------------------------------------------------------------------------------- */

static const struct mcu_adapter *const mcu = &freeswitch_mcu_adapter;

static const struct device box = { .name = "huyen", .adapter = "freeswitch", .url = "http://127.0.0.1:PORT/",
	.user = "lab", .password = "labpass" };
static struct events events; /* of the talk that is going on */

static void
aim(struct talk *k, int port)
{
	snprintf(k->url, sizeof k->url, "http://127.0.0.1:%d/?esl=%d&profile=lab", port, events.port);
}

static void
begin(struct talk *k, const struct peer_step *steps, size_t n, int deadline_ms)
{
	events_start(&events);
	talk_begin(k, &box, &(struct peer){ .steps = steps, .n = n }, deadline_ms);
	aim(k, k->peer.port);
	k->conference = (struct conference){ .id = "giao-ban", .name = "giao-ban" };
}

static void
finish(struct talk *k)
{
	talk_end(k, mcu->close);
	events_stop(&events);
}

#define BEGIN(...) \
	TALK(__VA_ARGS__); \
	begin(&k, steps, STEPS_N, 5000)

#define OPENED(...) \
	BEGIN(HELLO, __VA_ARGS__); \
	assert_int_equal(mcu->open(&k.task, &k.lane), OK)

/* An event as FreeSWITCH writes one. */
static void
event(struct talk *k, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void
event(struct talk *k, const char *fmt, ...)
{
	struct buf body = { 0 }, all = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_vprintf(&body, fmt, ap);
	va_end(ap);
	buf_puts(&body, "\n");
	buf_printf(&all, "Content-Length: %zu\nContent-Type: text/event-plain\n\n%s", body.n, body.at);
	pthread_mutex_lock(&events.lock);
	if (events.fd >= 0)
		peer_send(events.fd, all.at, all.n);
	pthread_mutex_unlock(&events.lock);
	buf_free(&body);
	buf_free(&all);
	usleep(2000); /* it is on its way before the next question is asked */
}

static void
hangup_event(struct talk *k, const char *uuid, const char *cause, const char *more)
{
	event(k, "Event-Name: CHANNEL_HANGUP_COMPLETE\nEvent-Date-Timestamp: 1795175108788607\nHangup-Cause: %s\n"
		 "Unique-ID: %s\nHangup-Cause: %s\n%s",
		cause, uuid, cause, more);
}

static const struct dial a_dial = { .site_name = "Xã Chu Túc", .leg_name = "chu-tuc",
	.address = "sip:chutuc@10.2.0.5", .attempt = "run/chu-tuc/1", .muted = true };


static void
dial_it(struct talk *k, struct leg *leg)
{
	assert_int_equal(mcu->dial(&k->task, &k->lane, &k->conference, &a_dial, leg), OK);
	assert_string_equal(leg->id, MINE);
}

static struct roster
list(struct talk *k)
{
	struct roster all;
	if (mcu->roster(&k->task, &k->lane, &k->conference, &all) != OK)
		fail_msg("%s", k->task.why);
	return all;
}

/* ---- it works -------------------------------------------------------------------------------------------------- */

static void
opens_and_introduces_itself(void **unused)
{
	OPENED(HELLO);
	struct identity who;
	assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.model, "FreeSWITCH");
	assert_string_equal(who.software, "1.11.1-release");
	assert_int_equal(who.uptime_s.v, 86400 + 2 * 3600 + 3 * 60 + 26);
	assert_int_equal(who.ports.v, 1000);
	assert_int_equal(events.logins, 1);
	assert_true(events_heard(&events, "auth labpass\n\n"));
	assert_true(events_heard(&events, "CHANNEL_HANGUP_COMPLETE"));
	finish(&k);
}

static void
start_makes_nothing(void **unused)
{
	OPENED({ CALL("conference", "giao-ban-thang-3-e96b859d json_list"),
		       .body = REPLY("-ERR Conference giao-ban-thang-3-e96b859d not found\n") },
		ROOM(MEMBER("7", OTHER, "An", QUIET)), NO_ROOM);
	struct conference c;
	assert_int_equal(
		mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "Giao ban tháng 3" }, &c), OK);
	assert_true(c.created);
	assert_string_equal(c.id, "giao-ban-thang-3-e96b859d");
	assert_string_equal(c.name, "Giao ban tháng 3");
	assert_int_equal(mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "giao-ban" }, &c), OK);
	assert_false(c.created);
	assert_int_equal(mcu->find(&k.task, &k.lane, "giao-ban", &c), ERR_GONE);
	finish(&k);
}

static void
dials_and_returns_at_once(void **unused)
{
	OPENED(NOBODY_YET,
		{ CALL("conference", "giao-ban bgdial {origination_uuid=" MINE ",ignore_early_media=true,",
			  "origination_caller_id_name=chu-tuc,", "conference_member_flags=mute|mute-detect}sofia/lab/sip:chutuc@10.2.0.5<"),
			.body = REPLY("+OK Job-UUID: " JOB "\n") });
	struct leg leg, again;
	dial_it(&k, &leg);
	assert_int_equal(leg.state, LEG_DIALING);
	assert_string_equal(leg.name, "chu-tuc");
	assert_string_equal(leg.address, "sip:chutuc@10.2.0.5");
	assert_int_equal(leg.muted, UNKNOWN);
	assert_true(leg.configured);
	dial_it(&k, &again); /* no second order */
	const char *sent = talk_requests(&k);
	assert_non_null(strstr(sent, "tongduyet_leg=chu-tuc,"));
	assert_null(strstr(sent, "Chu Túc")); /* a site's name never stands in a command */
	finish(&k);
}

static void
the_same_order_after_a_restart_of_ours_is_not_given_twice(void **unused)
{
	OPENED({ CALL("uuid_exists", MINE), .body = REPLY("true") });
	struct leg leg;
	dial_it(&k, &leg);
	finish(&k);
}

static void
reads_the_roster_of_two_lists(void **unused)
{
	OPENED(ROOM(MEMBER("5", MINE, "Outbound Call", MUTED) "," MEMBER("4", OTHER, "Outbound Call", SPEAKS)
			    ",{\"type\":\"recording_node\",\"record_path\":\"x\"}"),
		CHANNELS(ROW(MINE, "chutuc@10.2.0.5", "ACTIVE", "conference", "chu-tuc") "," ROW(
			OTHER, "site01@127.0.1.1:5060", "ACTIVE", "conference", "") "," ROW(SECOND, "chutuc@10.2.0.5",
			"RINGING", "", "chu-tuc~2") "," ROW("7464d929-0a2e-8013-9279-7ac1a4608971", "x@10.2.0.6", "RINGING",
			"", "foreign")),
		STATS(MINE, "\"audio\":" FIGURES("1867", "16", "0", "1872") ",\"video\":" FIGURES("90", "0", "0", "80")),
		AUDIO_OF(OTHER, "254", "58", "309"));
	/* Nothing was dialled in this session: it is another one than the one that gave the orders. */
	struct roster all = list(&k);
	assert_int_equal(all.n, 3);
	const struct leg *a = &all.legs[0], *b = &all.legs[1], *c = &all.legs[2];
	assert_string_equal(a->id, MINE);
	assert_string_equal(a->name, "chu-tuc");
	assert_string_equal(a->address, "sip:chutuc@10.2.0.5");
	assert_string_equal(a->protocol, "sip");
	assert_true(a->configured);
	assert_int_equal(a->state, LEG_UP);
	assert_int_equal(a->muted, YES);
	assert_int_equal(a->media.speech, UNKNOWN); /* a muted one never talks */
	assert_true(a->sampled);
	assert_int_equal(a->media.s[AUDIO][FROM_SITE].packets.v, 1867);
	assert_int_equal(a->media.s[AUDIO][FROM_SITE].lost.v, 16);
	assert_int_equal(a->media.s[AUDIO][TO_SITE].packets.v, 1872);
	assert_string_equal(a->media.s[AUDIO][TO_SITE].codec, "PCMU");
	assert_int_equal(a->media.s[VIDEO][FROM_SITE].open, YES);
	assert_int_equal(a->media.s[VIDEO][FROM_SITE].packets.v, 90);
	assert_false(a->media.s[AUDIO][TO_SITE].far_received.known);
	assert_false(a->media.s[AUDIO][FROM_SITE].level_mdb.known); /* energy 100 is a threshold */

	assert_false(b->configured);
	assert_string_equal(b->name, "site01");
	assert_int_equal(b->muted, NO);
	assert_int_equal(b->media.speech, YES);
	assert_int_equal(b->media.s[VIDEO][TO_SITE].open, NO);

	assert_string_equal(c->id, SECOND);
	assert_int_equal(c->state, LEG_RINGING);
	assert_string_equal(c->name, "chu-tuc~2");
	finish(&k);
}

/* On a busy machine turns are skipped in which nothing was lost: numbers of what came have no gaps. */
static void
what_is_late_is_not_lost(void **unused)
{
	struct arena *a = arena_new();
	struct media_sample m;
	assert_true(fs_media(a, "{\"status\":\"success\",\"response\":{\"audio\":{\"in_packet_count\":900,"
				"\"in_skip_packet_count\":120,\"in_cng_packet_count\":0,\"in_flaw_total\":2}}}", &m));
	assert_int_equal(m.s[AUDIO][FROM_SITE].lost.v, 2);
	assert_true(fs_media(a, "{\"status\":\"success\",\"response\":{\"audio\":{\"in_packet_count\":900,"
				"\"in_skip_packet_count\":100,\"in_cng_packet_count\":0,\"in_flaw_total\":234}}}", &m));
	assert_int_equal(m.s[AUDIO][FROM_SITE].lost.v, 100); /* a tenth of it filtered away */
	arena_free(a);
}

static void
measures_one_leg(void **unused)
{
	OPENED(ROOM(MEMBER("1", OTHER, "An", SPEAKS)), AUDIO_OF(OTHER, "585", "158", "740"),
		ROOM(MEMBER("1", OTHER, "An", QUIET)),
		{ CALL("json", "mediaStats"),
			.body = REPLY("{\"command\":\"mediaStats\",\"status\":\"error\",\"message\":\"The command returned an "
				      "error\",\"response\":{\"response\":\"Session does not exist\"}}") },
		ROOM(MEMBER("1", OTHER, "An", MUTED)), STATS(OTHER, "\"audio\":" FIGURES("585", "9158", "3", "740")),
		ROOM(MEMBER("2", MINE, "An", MUTED)));
	struct leg leg = { .id = OTHER };
	struct media_sample m;
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
	assert_int_equal(m.s[AUDIO][FROM_SITE].packets.v, 585);
	assert_false(m.s[AUDIO][FROM_SITE].kbps.known);
	assert_int_equal(m.s[VIDEO][FROM_SITE].open, NO);
	assert_int_equal(m.speech, YES);
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
	assert_false(m.s[AUDIO][FROM_SITE].packets.known); /* its session is going away */
	assert_int_equal(m.speech, NO);
	/* Silence that is suppressed is skipped too, and is not lost. */
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
	assert_false(m.s[AUDIO][FROM_SITE].lost.known);
	assert_int_equal(m.speech, UNKNOWN);
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), ERR_GONE);
	finish(&k);
}

/* Without a media_timeout of its own a muted leg is read half as often, and each turn counts as skipped: who was not
 * dialled by us is heard of without losses once he has been muted. */
static void
what_a_muted_leg_skips_is_not_lost(void **unused)
{
	OPENED(ROOM(MEMBER("1", OTHER, "An", QUIET)), AUDIO_OF(OTHER, "585", "5", "740"),
		ROOM(MEMBER("1", OTHER, "An", MUTED)), AUDIO_OF(OTHER, "746", "309", "1060"),
		ROOM(MEMBER("1", OTHER, "An", QUIET)), AUDIO_OF(OTHER, "900", "310", "1220"),
		ROOM(MEMBER("2", MINE, "An", MUTED)), AUDIO_OF(MINE, "900", "100", "1000"));
	struct leg leg = { .id = OTHER };
	struct media_sample m;
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
	assert_int_equal(m.s[AUDIO][FROM_SITE].lost.v, 5);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
		assert_true(m.s[AUDIO][FROM_SITE].packets.known);
		assert_false(m.s[AUDIO][FROM_SITE].lost.known);
	}
	str_copy(leg.id, sizeof leg.id, MINE);
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
	assert_int_equal(m.s[AUDIO][FROM_SITE].lost.v, 100);
	finish(&k);
}

/* Who is called is looked at without the rest: two requests. */
static void
looks_at_one_leg(void **unused)
{
	OPENED(ROOM(MEMBER("4", OTHER, "An", QUIET) "," MEMBER("5", MINE, "chu-tuc", SPEAKS)),
		AUDIO_OF(MINE, "100", "0", "99"), ROOM(MEMBER("4", OTHER, "An", QUIET)), NO_ROOM);
	struct leg leg = { .id = MINE }, out;
	assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference, &leg, &out), OK);
	assert_string_equal(out.id, MINE);
	assert_int_equal(out.state, LEG_UP);
	assert_int_equal(out.media.speech, YES);
	assert_true(out.sampled);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference, &leg, &out), ERR_GONE);
		task_forgive(&k.task);
	}
	finish(&k);
}

static void
mutes_places_and_tells(void **unused)
{
	OPENED(ROOM(MEMBER("12", OTHER, "An", QUIET)),
		{ CALL("conference", "giao-ban mute 12<"), .body = REPLY("+OK mute 12\n") },
		/* It was dialled again meanwhile: another number. */
		ROOM(MEMBER("13", OTHER, "An", MUTED)),
		{ CALL("conference", "giao-ban unmute 13<"), .body = REPLY("+OK unmute 13\n") },
		{ CALL("conference", "giao-ban vid-layout group grid<"), .body = REPLY("+OK Change canvas 1 to group [grid]\n") },
		ROOM(MEMBER("13", OTHER, "An", MUTED)),
		{ CALL("conference", "giao-ban vid-floor 13 force<"), .body = REPLY("+OK video floor 13 An\n") },
		{ CALL("conference", "giao-ban clear-vid-floor<"), .body = REPLY("") },
		{ CALL("conference", "giao-ban vid-banner all Xin%20ch%C3%A0o%7D<"), .body = REPLY("+OK\n+OK\n") });
	struct leg leg = { .id = OTHER, .name = "An" };
	assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &leg, true), OK);
	assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &leg, false), OK);
	assert_int_equal(mcu->layout(&k.task, &k.lane, &k.conference, "equal"), OK);
	assert_int_equal(mcu->focus(&k.task, &k.lane, &k.conference, &leg), OK);
	assert_int_equal(mcu->focus(&k.task, &k.lane, &k.conference, NULL), OK);
	assert_int_equal(mcu->message(&k.task, &k.lane, &k.conference, NULL, "Xin chào}", 10), OK);
	finish(&k);
}

/* A muted one that is listened to tells whether it spoke since; that is taken out before it is unmuted, or it would look like an
 * answer. */
static void
hears_a_muted_one(void **unused)
{
	OPENED(ROOM(MEMBER("4", OTHER, "An", LISTENED("false"))), AUDIO_OF(OTHER, "585", "158", "740"),
		ROOM(MEMBER("4", OTHER, "An", LISTENED("true"))), AUDIO_OF(OTHER, "685", "158", "840"),
		ROOM(MEMBER("4", OTHER, "An", LISTENED("true"))),
		{ CALL("conference", "giao-ban mute 4 quiet<"), .body = REPLY("+OK mute 4\n") },
		{ CALL("conference", "giao-ban unmute 4<"), .body = REPLY("+OK unmute 4\n") },
		ROOM(MEMBER("4", OTHER, "An", LISTENED("false"))),
		{ CALL("conference", "giao-ban unmute 4<"), .body = REPLY("+OK unmute 4\n") });
	struct leg leg = { .id = OTHER, .name = "An" }, out;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference, &leg, &out), OK);
		assert_int_equal(out.muted, YES);
		assert_int_equal(out.media.speech, tri_of(i));
	}
	for (int i = 0; i < 2; i++)
		assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &leg, false), OK);
	finish(&k);
}

static void
plays_tones(void **unused)
{
	OPENED({ CALL("conference", "giao-ban play tone_stream://%(1000,1000,800);loops=5<"),
		       .body = REPLY("+OK (play) Playing file tone_stream://%(1000,1000,800);loops=5\n") },
		ROOM(MEMBER("4", OTHER, "An", QUIET)),
		{ CALL("conference", "giao-ban play tone_stream://%(1000,0,800) 4<"),
			.body = REPLY("+OK (play) Playing file tone_stream://%(1000,0,800) to member 4\n") },
		{ CALL("conference", "giao-ban play"), .body = REPLY("-ERR (play) File: tone_stream://%(1000,0,800) not found.\n") },
		NO_ROOM);
	struct leg leg = { .id = OTHER, .name = "An" };
	assert_int_equal(mcu->play(&k.task, &k.lane, &k.conference, NULL, 10), OK);
	assert_int_equal(mcu->play(&k.task, &k.lane, &k.conference, &leg, 1), OK);
	assert_true(mcu->play(&k.task, &k.lane, &k.conference, NULL, 1) != OK);
	task_forgive(&k.task);
	assert_int_equal(mcu->play(&k.task, &k.lane, &k.conference, &leg, 1), ERR_GONE);
	finish(&k);
}

static void
ends_with_those_on_the_way(void **unused)
{
	OPENED(ROOM(MEMBER("1", OTHER, "An", QUIET)),
		CHANNELS(ROW(OTHER, "a@b", "ACTIVE", "conference", "") "," ROW(MINE, "a@b", "RINGING", "", "chu-tuc")),
		{ CALL("uuid_kill", MINE), .body = REPLY("+OK\n") },
		{ CALL("conference", "giao-ban hup all<"), .body = REPLY("+OK hup 1\n") },
		NO_ROOM, NO_CHANNELS,
		{ CALL("conference", "giao-ban hup all<"), .body = REPLY("-ERR Conference giao-ban not found\n") });
	assert_int_equal(mcu->end(&k.task, &k.lane, &k.conference), OK);
	assert_int_equal(mcu->end(&k.task, &k.lane, &k.conference), OK); /* it ended by itself */
	finish(&k);
}

/* ---- how a talk goes wrong ------------------------------------------------------------------------------------- */

static void
a_command_that_is_refused(void **unused)
{
	OPENED(ROOM(MEMBER("1", OTHER, "An", QUIET)),
		{ CALL("conference", "giao-ban mute 1<"), .body = REPLY("-ERR Non-Existant ID 1\n") },
		{ CALL("conference", "giao-ban vid-layout 2x2<"), .body = REPLY("-ERR Conference is not in mixing mode\n") },
		ROOM(MEMBER("1", OTHER, "An", QUIET)),
		{ CALL("conference", "giao-ban vid-floor 1 force<"), .body = REPLY("-ERR floor is held by 1\n") },
		{ CALL("uuid_kill", OTHER), .body = REPLY("-ERR No such channel!\n") },
		{ CALL("uuid_kill", OTHER), .body = FAULT("-501", "Value of type INT supplied") });
	struct leg leg = { .id = OTHER, .name = "An" };
	static const enum err want[] = { ERR_GONE, ERR_UNSUPPORTED, ERR_REFUSED, ERR_GONE, ERR_PROTOCOL };
	for (size_t i = 0; i < 5; i++) {
		enum err e = i == 0 ? mcu->mute(&k.task, &k.lane, &k.conference, &leg, true) :
			     i == 1 ? mcu->layout(&k.task, &k.lane, &k.conference, "2x2") :
			     i == 2 ? mcu->focus(&k.task, &k.lane, &k.conference, &leg) :
				      mcu->hangup(&k.task, &k.lane, &k.conference, &leg);
		assert_int_equal(e, want[i]);
		if (i == 2)
			assert_non_null(strstr(k.task.why, "floor is held by 1"));
		task_forgive(&k.task);
	}
	finish(&k);
}

/* Trap 8: a stopped FreeSWITCH takes connections and says nothing. */
static void
silence_ends_at_the_deadline_and_is_not_asked_twice(void **unused)
{
	static const struct peer_step steps[] = { HELLO, NOBODY_YET,
		{ CALL("conference", "giao-ban bgdial "), .how = PEER_HANG } };
	struct talk k;
	begin(&k, steps, 3, 600);
	assert_int_equal(mcu->open(&k.task, &k.lane), OK);
	struct leg leg;
	int64_t before = clock_mono();
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_TIMEOUT);
	assert_true(clock_mono() - before < 3000);
	finish(&k);
}

static void
a_silent_event_socket_ends_at_the_deadline(void **unused)
{
	static const struct peer_step steps[] = { HELLO };
	struct talk k;
	begin(&k, steps, 1, 500);
	events.silent = 1;
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_TIMEOUT);
	assert_null(k.lane.session);
	finish(&k);
}

static void
a_dial_without_answer_is_looked_up(void **unused)
{
	OPENED(NOBODY_YET, { CALL("conference", "giao-ban bgdial "), .how = PEER_DROP },
		{ CALL("uuid_exists", MINE), .body = REPLY("true") });
	struct leg leg;
	dial_it(&k, &leg);
	finish(&k);
}

static void
a_dial_that_never_arrived_is_made_once_more(void **unused)
{
	OPENED(NOBODY_YET, { CALL("conference", "giao-ban bgdial "), .how = PEER_CUT, .body = REPLY("+OK Job-UUID: x") },
		NOBODY_YET, TAKEN);
	struct leg leg;
	dial_it(&k, &leg);
	finish(&k);
}

static void
a_dial_cut_off_twice_is_unknown(void **unused)
{
	OPENED(NOBODY_YET, { CALL("conference", "giao-ban bgdial "), .how = PEER_DROP }, NOBODY_YET,
		{ CALL("conference", "giao-ban bgdial "), .how = PEER_DROP }, NOBODY_YET);
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_TIMEOUT);
	finish(&k);
}

static void
garbage_is_not_understood(void **unused)
{
	OPENED({ CALL("conference", "giao-ban json_list"), .how = PEER_GARBAGE },
		{ CALL("conference", "giao-ban json_list"), .body = REPLY("[{\"conference_name\":") },
		{ CALL("conference", "giao-ban json_list"), .body = REPLY("{}") },
		{ CALL("conference", "giao-ban json_list"), .body = "<html>what?</html>" }, NO_ROOM,
		{ CALL("show", "channels as json"), .body = REPLY("0 total.") });
	struct roster all;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), ERR_PROTOCOL);
		task_forgive(&k.task);
	}
	finish(&k);
}

static void
another_server_is_no_freeswitch(void **unused)
{
	BEGIN({ .expect = { "<string>status</string>" }, .body = REPLY("hello, this is a router") });
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_PROTOCOL);
	assert_int_equal(events.logins, 0);
	finish(&k);
}

/* A server with one answer, which counts: the peer of the other talks knows status 200 only. */
struct counter {
	const char *answer;
	int accepted, requests;
	struct loopback at;
};

static void *
count_requests(void *arg)
{
	struct counter *n = arg;
	char bytes[4096];
	struct pollfd f[2] = { { .fd = n->at.listener, .events = POLLIN }, { .fd = -1, .events = POLLIN } };
	while (poll(f, 2, 300) > 0) {
		if (f[0].revents) {
			if (f[1].fd >= 0)
				close(f[1].fd);
			f[1].fd = accept(n->at.listener, NULL, NULL);
			n->accepted++;
			continue;
		}
		ssize_t k = recv(f[1].fd, bytes, sizeof bytes, 0);
		if (k > 0 && memmem(bytes, (size_t)k, "</methodCall>", 13)) {
			n->requests++;
			esl_send(f[1].fd, n->answer);
		}
		if (k <= 0) {
			close(f[1].fd);
			f[1].fd = -1;
		}
	}
	if (f[1].fd >= 0)
		close(f[1].fd);
	return NULL;
}

static void
counter_start(struct talk *k, struct counter *n)
{
	aim(k, loopback_start(&n->at, count_requests, n));
	peer_stop(&k->peer);
	k->stopped = true;
}

/* Once nothing is asked any more. */
static void
counter_wait(struct counter *n)
{
	pthread_join(n->at.thread, NULL);
	close(n->at.listener);
	close(n->at.stop);
}

static void
a_wrong_password_is_tried_once(void **unused)
{
	BEGIN(HELLO);
	struct counter n = { .answer = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"127.0.0.1\"\r\n"
				       "Content-length: 6\r\n\r\n<HTML>" };
	counter_start(&k, &n);
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_AUTH);
	assert_string_equal(k.task.word, "login-refused");
	counter_wait(&n);
	assert_int_equal(n.requests, 1);
	assert_int_equal(events.logins, 0); /* and the other door is not tried with it */
	finish(&k);
}

static void
a_wrong_event_password_is_tried_once(void **unused)
{
	BEGIN(HELLO);
	events.refuse = 1;
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_AUTH);
	assert_string_equal(k.task.word, "login-refused");
	assert_null(k.lane.session);
	assert_int_equal(events.logins, 1);
	finish(&k);
}

static void
a_user_outside_the_allowed_commands(void **unused)
{
	BEGIN({ .expect = { "<string>status</string>" }, .body = REPLY("UNAUTHORIZED!") });
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_AUTH);
	assert_string_equal(k.task.word, "login-refused");
	finish(&k);
}

/* HTTP 200 and a text: what rings is then not listed, what speaks not measured, the rest goes on. */
static void
unauthorized_commands_are_done_without(void **unused)
{
	OPENED({ CALL("uuid_exists", MINE), .body = REPLY("UNAUTHORIZED!") }, TAKEN,
		ROOM(MEMBER("1", OTHER, "An", QUIET) "," MEMBER("2", SECOND, "chu-tuc", QUIET)),
		{ CALL("show", ""), .body = REPLY("UNAUTHORIZED!") }, { CALL("json", ""), .body = REPLY("ERROR!") },
		{ CALL("uuid_exists", "7464aa11-"), .body = REPLY("false") },
		{ CALL("conference", "giao-ban bgdial "), .body = REPLY("UNAUTHORIZED!") });
	struct leg leg;
	dial_it(&k, &leg);
	struct roster all = list(&k);
	assert_int_equal(all.n, 3);
	assert_false(all.legs[0].sampled);
	assert_string_equal(all.legs[1].name, "chu-tuc");
	assert_int_equal(all.legs[2].state, LEG_DIALING);
	struct dial d = a_dial;
	d.attempt = "run/chu-tuc/3";
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), ERR_REFUSED);
	finish(&k);
}

static void
a_cancelled_dial_comes_back(void **unused)
{
	OPENED(NOBODY_YET, { CALL("conference", "giao-ban bgdial "), .how = PEER_CANCEL });
	struct leg leg;
	int64_t before = clock_mono();
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_CANCELED);
	assert_true(clock_mono() - before < 2000);
	finish(&k);
}

static void
nobody_listens(void **unused)
{
	BEGIN(HELLO);
	peer_stop(&k.peer);
	k.stopped = true;
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_UNREACHABLE);
	finish(&k);
}

/* Keep-alive ends after 30 requests or 5 s: a connection that died idle costs nothing, and there is only one. */
static void
an_idle_connection_is_reset(void **unused)
{
	OPENED({ CALL("uuid_kill", OTHER), .how = PEER_ANSWER_RESET, .body = REPLY("+OK\n") },
		{ CALL("uuid_kill", OTHER), .body = REPLY("+OK\n") });
	struct leg leg = { .id = OTHER };
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &k.conference, &leg), OK);
	usleep(100000);
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &k.conference, &leg), OK);
	finish(&k);
}

/* ---- traps: ends that no list shows ------------------------------------------------------------------------------ */

/* +OK is told for a site that is busy; the leg is in no list; the reason comes as an event, and is told twice. */
static void
plus_ok_is_no_proof(void **unused)
{
	OPENED(NOBODY_YET, TAKEN, NO_ROOM, NO_CHANNELS, NO_ROOM, NO_CHANNELS, NO_ROOM, NO_CHANNELS);
	struct leg leg;
	struct ending why;
	dial_it(&k, &leg);
	event(&k, "Event-Subclass: conference%%3A%%3Amaintenance\nEvent-Name: CUSTOM\nConference-Name: giao-ban\n"
		  "Action: bgdial-result\nResult: USER_BUSY\nJob-UUID: " JOB "\n");
	for (int i = 0; i < 2; i++) {
		struct roster all = list(&k);
		assert_int_equal(all.n, 1);
		assert_int_equal(all.legs[0].state, LEG_GONE);
		assert_int_equal(all.legs[0].ending.cause, CAUSE_BUSY);
		assert_string_equal(all.legs[0].ending.device_words, "USER_BUSY");
		assert_string_equal(all.legs[0].name, "chu-tuc");
	}
	assert_int_equal(list(&k).n, 0);
	assert_int_equal(mcu->reason(&k.task, &k.lane, &k.conference, &leg, &why), OK);
	assert_int_equal(why.cause, CAUSE_BUSY);
	finish(&k);
}

/* An order for a conference without members: no bgdial-result is sent, only the channel's own end. */
static void
the_channel_tells_where_the_job_does_not(void **unused)
{
	OPENED(NOBODY_YET, TAKEN, NO_ROOM, NO_CHANNELS);
	struct leg leg;
	dial_it(&k, &leg);
	hangup_event(&k, MINE, "NO_ANSWER",
		"Caller-Channel-Progress-Time: 1795175108989234\nvariable_sip_hangup_disposition: send_cancel\n"
		"variable_sip_invite_failure_status: 487\n");
	struct roster all = list(&k);
	assert_int_equal(all.legs[0].ending.cause, CAUSE_NO_ANSWER);
	assert_string_equal(all.legs[0].ending.device_words, "NO_ANSWER 487");
	finish(&k);
}

/* An order that made no channel, and no word about it: not dialling for ever. */
static void
an_order_without_a_trace_ends_unknown(void **unused)
{
	OPENED(NOBODY_YET, TAKEN, NO_ROOM, NO_CHANNELS, NO_ROOM, NO_CHANNELS, NO_ROOM, NO_CHANNELS);
	struct leg leg;
	dial_it(&k, &leg);
	assert_int_equal(list(&k).legs[0].state, LEG_DIALING);
	assert_int_equal(list(&k).legs[0].state, LEG_DIALING);
	struct roster all = list(&k);
	assert_int_equal(all.legs[0].state, LEG_GONE);
	assert_int_equal(all.legs[0].ending.cause, CAUSE_UNKNOWN);
	finish(&k);
}

/* The second order with a uuid that lives is answered DESTINATION_OUT_OF_ORDER: the list is believed, not that. */
static void
a_list_is_believed_before_an_event(void **unused)
{
	OPENED(NOBODY_YET, TAKEN, ROOM(MEMBER("1", MINE, "chu-tuc", QUIET)), NO_CHANNELS,
		AUDIO_OF(MINE, "10", "0", "10"));
	struct leg leg;
	dial_it(&k, &leg);
	event(&k, "Event-Subclass: conference%%3A%%3Amaintenance\nEvent-Name: CUSTOM\nAction: bgdial-result\n"
		  "Result: DESTINATION_OUT_OF_ORDER\nJob-UUID: " JOB "\n");
	assert_int_equal(list(&k).legs[0].state, LEG_UP);
	finish(&k);
}

static void *
goodbye_later(void *arg)
{
	usleep(80000);
	hangup_event(arg, MINE, "NORMAL_CLEARING", "variable_sip_hangup_disposition: recv_bye\n"
						   "Caller-Channel-Answered-Time: 1795175108989234\n");
	return NULL;
}

/* The event of an end comes a little behind the lists. */
static void
an_end_is_awaited_for_a_moment(void **unused)
{
	OPENED(NOBODY_YET, TAKEN, ROOM(MEMBER("1", MINE, "chu-tuc", QUIET)), NO_CHANNELS,
		AUDIO_OF(MINE, "10", "0", "10"), NO_ROOM,
		CHANNELS(ROW(MINE, "a@b", "HANGUP", "conference", "chu-tuc")));
	struct leg leg;
	pthread_t thread;
	dial_it(&k, &leg);
	assert_int_equal(list(&k).legs[0].state, LEG_UP);
	pthread_create(&thread, NULL, goodbye_later, &k);
	struct roster all = list(&k);
	pthread_join(thread, NULL);
	assert_int_equal(all.legs[0].state, LEG_GONE);
	assert_int_equal(all.legs[0].ending.cause, CAUSE_SITE_HANGUP);
	finish(&k);
}

/* The socket was lost: what vanished has no reason, and none is made up. */
static void
a_lost_event_socket_leaves_ends_unknown(void **unused)
{
	OPENED(NOBODY_YET, TAKEN, ROOM(MEMBER("1", MINE, "chu-tuc", QUIET)), NO_CHANNELS,
		AUDIO_OF(MINE, "10", "0", "10"), NO_ROOM, NO_CHANNELS,
		{ CALL("uuid_exists", MINE), .body = REPLY("false") });
	struct leg leg;
	struct ending why;
	dial_it(&k, &leg);
	assert_int_equal(list(&k).legs[0].state, LEG_UP);
	events.refuse = 1;
	events_drop(&events);
	usleep(20000);
	struct roster all = list(&k);
	assert_int_equal(all.legs[0].state, LEG_GONE);
	assert_int_equal(all.legs[0].ending.cause, CAUSE_UNKNOWN);
	assert_int_equal(mcu->reason(&k.task, &k.lane, &k.conference, &leg, &why), ERR_GONE);
	assert_int_equal(events.logins, 2); /* once more, refused, and never again */
	finish(&k);
}

static void
a_lost_event_socket_is_opened_again(void **unused)
{
	OPENED(NO_ROOM, NO_CHANNELS, NOBODY_YET, TAKEN, NO_ROOM, NO_CHANNELS);
	struct leg leg;
	events_drop(&events);
	usleep(20000);
	assert_int_equal(list(&k).n, 0);
	assert_int_equal(events.logins, 2);
	dial_it(&k, &leg);
	hangup_event(&k, MINE, "CALL_REJECTED", "variable_sip_term_status: 603\n");
	assert_int_equal(list(&k).legs[0].ending.cause, CAUSE_REJECTED);
	finish(&k);
}

static void
hung_up_by_us(void **unused)
{
	OPENED(NOBODY_YET, TAKEN, { CALL("uuid_kill", MINE), .body = REPLY("+OK\n") }, NO_ROOM, NO_CHANNELS);
	struct leg leg;
	dial_it(&k, &leg);
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &k.conference, &leg), OK);
	hangup_event(&k, MINE, "NORMAL_CLEARING", "");
	assert_int_equal(list(&k).legs[0].ending.cause, CAUSE_OUR_HANGUP);
	finish(&k);
}

/* A person moved it into another conference by the device's own page. */
static void
moved_elsewhere(void **unused)
{
	OPENED(ROOM(MEMBER("1", MINE, "chu-tuc", QUIET)), NO_CHANNELS, AUDIO_OF(MINE, "10", "0", "10"), NO_ROOM,
		{ CALL("show", ""),
			.body = REPLY("{\"row_count\":1,\"rows\":[{\"uuid\":\"" MINE
				      "\",\"application\":\"conference\",\"application_data\":\"other\",\"callstate\":"
				      "\"ACTIVE\"}]}") });
	assert_int_equal(list(&k).legs[0].state, LEG_UP);
	struct roster all = list(&k);
	assert_int_equal(all.legs[0].state, LEG_GONE);
	assert_int_equal(all.legs[0].ending.cause, CAUSE_OUR_HANGUP);
	finish(&k);
}

/* The same, and the event of its arrival there comes before the lists. */
static void
moved_elsewhere_told_by_an_event(void **unused)
{
	OPENED(ROOM(MEMBER("1", MINE, "chu-tuc", QUIET)), NO_CHANNELS, AUDIO_OF(MINE, "10", "0", "10"), NO_ROOM,
		{ CALL("show", ""),
			.body = REPLY("{\"row_count\":1,\"rows\":[{\"uuid\":\"" MINE
				      "\",\"application\":\"conference\",\"application_data\":\"other\",\"callstate\":"
				      "\"ACTIVE\"}]}") });
	assert_int_equal(list(&k).legs[0].state, LEG_UP);
	event(&k, "Event-Subclass: conference%%3A%%3Amaintenance\nEvent-Name: CUSTOM\nConference-Name: other\nUnique-ID: " MINE
		  "\nAction: add-member\n");
	struct roster all = list(&k);
	assert_int_equal(all.n, 1);
	assert_int_equal(all.legs[0].state, LEG_GONE);
	assert_int_equal(all.legs[0].ending.cause, CAUSE_OUR_HANGUP);
	finish(&k);
}

/* ---- traps: figures ---------------------------------------------------------------------------------------------- */

/* Trap 2: no packet came, and quality is 100 % with MOS 4.5. */
static void
a_silent_site_has_no_packets(void **unused)
{
	OPENED(ROOM(MEMBER("1", OTHER, "An", QUIET)), STATS(OTHER, "\"audio\":" FIGURES("0", "223", "0", "221")));
	struct leg leg = { .id = OTHER };
	struct media_sample m;
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
	assert_true(m.s[AUDIO][FROM_SITE].packets.known);
	assert_int_equal(m.s[AUDIO][FROM_SITE].packets.v, 0);
	assert_false(m.s[AUDIO][FROM_SITE].loss_permille.known);
	finish(&k);
}

/* Trap 3: killed without a goodbye it stays a member; only its counter stands still and it stops talking. */
static void
a_killed_site_stays_up_with_frozen_counters(void **unused)
{
	OPENED(ROOM(MEMBER("1", OTHER, "An", SPEAKS)), NO_CHANNELS, AUDIO_OF(OTHER, "254", "58", "309"),
		ROOM(MEMBER("1", OTHER, "An", QUIET)), NO_CHANNELS, /* measured in every other list */
		ROOM(MEMBER("1", OTHER, "An", QUIET)), NO_CHANNELS, AUDIO_OF(OTHER, "254", "266", "517"));
	struct roster a = list(&k), between = list(&k), b = list(&k);
	assert_true(a.legs[0].sampled);
	assert_false(between.legs[0].sampled);
	assert_int_equal(between.legs[0].state, LEG_UP);
	assert_int_equal(b.legs[0].state, LEG_UP);
	assert_int_equal(a.legs[0].media.speech, YES);
	assert_int_equal(b.legs[0].media.speech, NO);
	assert_int_equal(b.legs[0].media.s[AUDIO][FROM_SITE].packets.v, a.legs[0].media.s[AUDIO][FROM_SITE].packets.v);
	finish(&k);
}

static void
report(struct talk *k, int64_t at_s, int64_t high, int64_t lost, const char *rtt)
{
	event(k, "Event-Name: RECV_RTCP_MESSAGE\nEvent-Date-Timestamp: %" PRId64 "000000\nUnique-ID: " OTHER
		 "\nRTP-Rate: 8000\nSource0-Fraction: 0\nSource0-Lost: %" PRId64
		 "\nSource0-Highest-Sequence-Number-Received: %" PRId64 "\nSource0-Jitter: 80\nRtt0-Avg: %s\n",
		at_s, lost, high, rtt);
}

/* What the site receives comes by RTCP; the sequence number wraps, the round trip settles, an old report is none. */
static void
far_reports_count_what_the_site_receives(void **unused)
{
	OPENED(ROOM(MEMBER("1", OTHER, "An", QUIET)), NO_CHANNELS, AUDIO_OF(OTHER, "1", "0", "1"),
		ROOM(MEMBER("1", OTHER, "An", QUIET)), AUDIO_OF(OTHER, "1", "0", "1"),
		ROOM(MEMBER("1", OTHER, "An", QUIET)), AUDIO_OF(OTHER, "1", "0", "1"),
		ROOM(MEMBER("1", OTHER, "An", QUIET)), AUDIO_OF(OTHER, "1", "0", "1"),
		ROOM(MEMBER("1", OTHER, "An", QUIET)), AUDIO_OF(OTHER, "1", "0", "1"));
	struct leg leg = { .id = OTHER };
	struct media_sample m;
	const struct stream *to = &m.s[AUDIO][TO_SITE];
	assert_false(list(&k).legs[0].media.s[AUDIO][TO_SITE].far_received.known);
	report(&k, 1795175709, 65400, 93, "1.091979");
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
	assert_int_equal(to->far_received.v, 0);
	assert_int_equal(to->far_lost.v, 93);
	assert_int_equal(to->jitter_ms.v, 10);
	assert_false(to->rtt_ms.known);
	report(&k, 1795175714, 114, 95, "0.018000"); /* 250 on, of which two were lost */
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
	assert_int_equal(to->far_received.v, 248);
	assert_false(to->rtt_ms.known);
	report(&k, 1795175719, 364, 95, "0.018002");
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
	assert_int_equal(to->far_received.v, 498);
	assert_int_equal(to->rtt_ms.v, 18);
	event(&k, "Event-Name: HEARTBEAT\nEvent-Date-Timestamp: 1795175760000000\n");
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
	assert_false(to->far_received.known);
	finish(&k);
}

/* Who spoke between two looks was heard. */
static void
a_short_word_is_not_missed(void **unused)
{
	OPENED(ROOM(MEMBER("1", OTHER, "An", QUIET)), NO_CHANNELS, AUDIO_OF(OTHER, "1", "0", "1"),
		ROOM(MEMBER("1", OTHER, "An", QUIET)), NO_CHANNELS,
		ROOM(MEMBER("1", OTHER, "An", QUIET)), NO_CHANNELS, AUDIO_OF(OTHER, "1", "0", "1"),
		ROOM(MEMBER("1", OTHER, "An", QUIET)), NO_CHANNELS,
		ROOM(MEMBER("1", OTHER, "An", QUIET)), NO_CHANNELS, AUDIO_OF(OTHER, "1", "0", "1"));
	assert_int_equal(list(&k).legs[0].media.speech, NO);
	event(&k, "Event-Subclass: conference%%3A%%3Amaintenance\nEvent-Name: CUSTOM\nUnique-ID: " OTHER
		  "\nAction: start-talking\n");
	assert_false(list(&k).legs[0].sampled); /* kept until figures are told again */
	assert_int_equal(list(&k).legs[0].media.speech, YES);
	list(&k);
	assert_int_equal(list(&k).legs[0].media.speech, NO);
	finish(&k);
}

static void
the_address_that_answered(void **unused)
{
	OPENED(ROOM(MEMBER("1", OTHER, "An", QUIET)), NO_CHANNELS, AUDIO_OF(OTHER, "1", "0", "1"));
	event(&k, "Event-Subclass: conference%%3A%%3Amaintenance\nEvent-Name: CUSTOM\nConference-Name: giao-ban\nUnique-ID: " OTHER
		  "\nCaller-Network-Addr: 127.0.1.1\nAction: add-member\n");
	assert_string_equal(list(&k).legs[0].remote_ip, "127.0.1.1");
	finish(&k);
}

/* Trap 5: a failure without -ERR before it. */
static void
a_refusal_without_a_prefix(void **unused)
{
	OPENED({ CALL("conference", "giao-ban vid-banner all hi<"),
		       .body = REPLY("Channel sofia/lab/site01 is not in a video layer\n") },
		ROOM(MEMBER("1", OTHER, "An", QUIET)),
		{ CALL("conference", "giao-ban mute 1<"), .body = REPLY("relate &lt;member_id&gt;[,&lt;member_id&gt;]") },
		NOBODY_YET, { CALL("conference", "giao-ban bgdial "), .body = REPLY("+OK Call Requested: result: [SUCCESS]\n") });
	struct leg leg = { .id = OTHER };
	assert_int_equal(mcu->message(&k.task, &k.lane, &k.conference, NULL, "hi", 5), ERR_UNSUPPORTED);
	task_forgive(&k.task);
	assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &leg, true), ERR_REFUSED);
	task_forgive(&k.task);
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_PROTOCOL); /* no job */
	finish(&k);
}

/* ---- words ------------------------------------------------------------------------------------------------------ */

/* Nothing that would split arguments or open a variable reaches the device: no request is made at all. */
static void
what_must_not_be_in_a_command(void **unused)
{
	OPENED(HELLO);
	static const struct {
		const char *address, *leg_name;
		enum err want;
	} rows[] = {
		{ "h323:1234@10.0.0.1", "a", ERR_UNSUPPORTED }, { "1234", "a", ERR_UNSUPPORTED }, { "", "a", ERR_INPUT },
		{ "sip:a b@c", "a", ERR_INPUT }, { "sip:a@b,sofia/lab/sip:c@d", "a", ERR_INPUT },
		{ "sip:a@b|error/x", "a", ERR_INPUT }, { "sip:${x}@b", "a", ERR_INPUT }, { "sip:a@b}c", "a", ERR_INPUT },
		{ "sip:a@b\nc", "a", ERR_INPUT }, { "sip:a@b'c", "a", ERR_INPUT }, { "sip:a@b:_:c", "a", ERR_INPUT },
		{ "sip:a@[b]", "a", ERR_INPUT }, { "sip:ã@b", "a", ERR_INPUT }, { "sip:", "a", ERR_INPUT },
		{ "sip:a@b", "a b", ERR_INPUT }, { "sip:a@b", "a,b=c", ERR_INPUT }, { "sip:a@b", "a}b", ERR_INPUT },
		{ "sip:a@b", "Chu Túc", ERR_INPUT }, { "sip:a@b", "", ERR_INPUT },
	};
	struct leg leg;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dial d = { .address = rows[i].address, .leg_name = rows[i].leg_name, .attempt = "x" };
		assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), rows[i].want);
		task_forgive(&k.task);
	}
	struct conference bad = { .id = "a b" };
	assert_int_equal(mcu->dial(&k.task, &k.lane, &bad, &a_dial, &leg), ERR_INPUT);
	task_forgive(&k.task);
	struct leg wrong = { .id = "x y" };
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &k.conference, &wrong), ERR_INPUT);
	task_forgive(&k.task);
	struct identity who;
	assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK);
	finish(&k);
}

static void
words_of_ends(void **unused)
{
	static const struct {
		struct fs_end end;
		enum cause want;
	} rows[] = {
		{ { .cause = "USER_BUSY", .sip = "486" }, CAUSE_BUSY },
		{ { .cause = "CALL_REJECTED", .sip = "603" }, CAUSE_REJECTED },
		{ { .cause = "CALL_REJECTED", .sip = "407" }, CAUSE_AUTH },
		{ { .cause = "NO_ANSWER", .rang = YES }, CAUSE_NO_ANSWER },
		{ { .cause = "NO_ANSWER" }, CAUSE_NO_ANSWER },
		{ { .cause = "NO_ANSWER", .rang = NO }, CAUSE_UNREACHABLE },
		{ { .cause = "UNALLOCATED_NUMBER", .sip = "404" }, CAUSE_WRONG_ADDRESS },
		/* 503 told by the other side, and 503 made here for a dead address. */
		{ { .cause = "NORMAL_TEMPORARY_FAILURE", .sip = "503", .replied = YES }, CAUSE_REJECTED },
		{ { .cause = "NORMAL_TEMPORARY_FAILURE", .sip = "503", .replied = NO }, CAUSE_UNREACHABLE },
		{ { .cause = "NORMAL_TEMPORARY_FAILURE" }, CAUSE_UNREACHABLE },
		{ { .cause = "INCOMPATIBLE_DESTINATION", .sip = "488" }, CAUSE_INCOMPATIBLE },
		{ { .cause = "NO_USER_RESPONSE", .sip = "480" }, CAUSE_UNKNOWN },
		{ { .cause = "NO_USER_RESPONSE", .sip = "480", .rang = YES }, CAUSE_NO_ANSWER },
		{ { .cause = "INVALID_PROFILE" }, CAUSE_MCU }, { { .cause = "CHAN_NOT_IMPLEMENTED" }, CAUSE_MCU },
		{ { .cause = "DESTINATION_OUT_OF_ORDER" }, CAUSE_MCU },
		{ { .cause = "RECOVERY_ON_TIMER_EXPIRE" }, CAUSE_UNREACHABLE },
		{ { .cause = "RECOVERY_ON_TIMER_EXPIRE", .answered = YES }, CAUSE_NETWORK },
		{ { .cause = "MEDIA_TIMEOUT" }, CAUSE_NETWORK },
		{ { .cause = "NORMAL_CLEARING", .disposition = "recv_bye" }, CAUSE_SITE_HANGUP },
		{ { .cause = "NORMAL_CLEARING", .disposition = "send_bye" }, CAUSE_OUR_HANGUP },
		{ { .cause = "NORMAL_CLEARING" }, CAUSE_UNKNOWN }, { { .cause = "SUNSPOTS" }, CAUSE_UNKNOWN },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (fs_ending(&rows[i].end).cause != rows[i].want)
			fail_msg("%s %s: %s", rows[i].end.cause, rows[i].end.sip,
				cause_name(fs_ending(&rows[i].end).cause));
}

static void
words_of_urls(void **unused)
{
	struct fs_where w;
	char why[120];
	assert_true(fs_where("http://10.1.1.1:8080/?esl=8022&profile=lab&esl-secret=Clue%20Con", &w, why, sizeof why));
	assert_string_equal(w.host, "10.1.1.1");
	assert_int_equal(w.esl_port, 8022);
	assert_string_equal(w.profile, "lab");
	assert_string_equal(w.esl_secret, "Clue Con");
	assert_true(fs_where("https://mcu.example", &w, why, sizeof why));
	assert_int_equal(w.esl_port, FS_ESL_PORT);
	assert_string_equal(w.profile, "internal");
	assert_true(fs_where("http://[::1]:8080?esl=0", &w, why, sizeof why));
	assert_string_equal(w.host, "::1");
	assert_int_equal(w.esl_port, 0);
	assert_int_equal(w.media_timeout_s, 300);
	assert_true(fs_where("http://a/?media-timeout=15", &w, why, sizeof why));
	assert_int_equal(w.media_timeout_s, 15);
	assert_false(fs_where("http://a/?media-timeout=4", &w, why, sizeof why));
	assert_false(fs_where("http://a/?media-timeout=5s", &w, why, sizeof why));
	assert_false(fs_where("http://a/?esl=x", &w, why, sizeof why));
	assert_false(fs_where("http://a/?profile=a/b", &w, why, sizeof why));
	assert_false(fs_where("http:///", &w, why, sizeof why));
	assert_false(fs_where(NULL, &w, why, sizeof why));
}

static void
uuids_carry_order_and_conference(void **unused)
{
	char a[FS_UUID_SIZE], b[FS_UUID_SIZE];
	fs_uuid(a, "run/chu-tuc/1", "giao-ban");
	assert_string_equal(a, MINE);
	fs_uuid(b, "run/chu-tuc/2", "giao-ban");
	assert_string_equal(b, SECOND);
	assert_true(fs_is_ours_in(a, "giao-ban") && fs_is_ours_in(b, "giao-ban"));
	assert_false(fs_is_ours_in(a, "other"));
	assert_false(fs_is_ours(OTHER));
	assert_false(fs_is_ours("7464"));
	assert_false(fs_is_ours(NULL));
	struct buf out = { 0 };
	struct dial d = a_dial;
	d.kbps = 768;
	d.audio_only = true;
	fs_dial_string(&out, &(struct fs_where){ .profile = "lab", .media_timeout_s = 300 }, a, &d);
	assert_non_null(strstr(out.at, "rtp_video_max_bandwidth_in=768kb,"));
	assert_non_null(strstr(out.at, "absolute_codec_string=^^:G722:PCMU:PCMA}")); /* no comma inside a value */
	/* A muted leg is counted right only with this; reports come only with those. */
	assert_non_null(strstr(out.at, ",media_timeout=300000,rtcp_audio_interval_msec=5000,rtcp_video_interval_msec=5000,"));
	buf_free(&out);
	assert_ptr_equal(mcu_adapter_find("freeswitch"), mcu);
}

/* A full table keeps what is under way and lets go of what was told. */
static void
the_table_is_bounded(void **unused)
{
	struct arena *a = arena_new();
	struct fs_table t = { .legs = arena_alloc(a, FS_LEGS_MOST * sizeof *t.legs) };
	char uuid[FS_UUID_SIZE];
	for (int i = 0; i < FS_LEGS_MOST; i++) {
		fs_uuid(uuid, arena_printf(a, "%d", i), "c");
		struct fs_leg *f = fs_table_add(&t, uuid);
		f->state = i == 7 ? LEG_GONE : LEG_UP;
		f->told = i == 7 ? 2 : 0;
	}
	fs_table_add(&t, "new-one");
	assert_int_equal(t.n, FS_LEGS_MOST);
	fs_uuid(uuid, "7", "c");
	assert_null(fs_table_find(&t, uuid));
	fs_uuid(uuid, "8", "c");
	assert_non_null(fs_table_find(&t, uuid));
	assert_non_null(fs_table_find(&t, "new-one"));
	arena_free(a);
}

/* Messages cut anywhere are a part, never a wrong message. */
static void
messages_in_pieces(void **unused)
{
	static const char whole[] = "\nContent-Length: 30\r\nContent-Type: text/event-plain\r\n\r\nEvent-Name: A%3Ab\nB: x%0Ay%FF\n\n..";
	struct esl_message m;
	size_t used;
	char text[32];
	size_t n = sizeof whole - 1, need = (size_t)(strstr(whole, "Event-Name") - whole) + 30;
	for (size_t i = 0; i < need; i++)
		assert_int_equal(esl_take(whole, i, &m, &used), ESL_PART);
	assert_int_equal(esl_take(whole, n, &m, &used), ESL_WHOLE);
	assert_int_equal(used, need);
	assert_true(esl_value(&m, "event-name", text, sizeof text));
	assert_string_equal(text, "A:b");
	assert_true(esl_value(&m, "B", text, sizeof text));
	assert_string_equal(text, "x y?");
	assert_false(esl_value(&m, "C", text, sizeof text));
	assert_int_equal(esl_take("Content-Length: -1\n\n", 20, &m, &used), ESL_GARBAGE);
	assert_int_equal(esl_take("Content-Length: 99999999999\n\n", 29, &m, &used), ESL_GARBAGE);
	assert_int_equal(esl_take("hello\n\n", 7, &m, &used), ESL_GARBAGE);
}

/* The password is in no trace, on neither wire. */
static void
secrets_stay_out_of_the_trace(void **unused)
{
	BEGIN(HELLO);
	struct trace trace = { 0 };
	k.task.trace = &trace;
	assert_int_equal(mcu->open(&k.task, &k.lane), OK);
	assert_non_null(strstr(buf_str(&trace.out), "auth ***"));
	assert_null(strstr(buf_str(&trace.out), "labpass"));
	k.task.trace = NULL;
	trace_free(&trace);
	finish(&k);
}

/* Trap 1: 16 connections block the device, idle ones too. Whatever is asked, ours is one. */
static void
one_connection_serves_all(void **unused)
{
	static const char body[] = REPLY(UP);
	BEGIN(HELLO);
	struct counter n = { .answer = arena_printf(k.task.arena,
				     "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %zu\r\n\r\n%s",
				     sizeof body - 1, body) };
	struct identity who;
	counter_start(&k, &n);
	assert_int_equal(mcu->open(&k.task, &k.lane), OK);
	for (int i = 0; i < 20; i++)
		assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK);
	counter_wait(&n);
	assert_int_equal(n.requests, 21);
	assert_int_equal(n.accepted, 1);
	assert_int_equal(events.logins, 1);
	finish(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_and_introduces_itself),
		cmocka_unit_test(start_makes_nothing),
		cmocka_unit_test(dials_and_returns_at_once),
		cmocka_unit_test(the_same_order_after_a_restart_of_ours_is_not_given_twice),
		cmocka_unit_test(reads_the_roster_of_two_lists),
		cmocka_unit_test(what_is_late_is_not_lost),
		cmocka_unit_test(measures_one_leg),
		cmocka_unit_test(what_a_muted_leg_skips_is_not_lost),
		cmocka_unit_test(looks_at_one_leg),
		cmocka_unit_test(mutes_places_and_tells),
		cmocka_unit_test(hears_a_muted_one),
		cmocka_unit_test(plays_tones),
		cmocka_unit_test(ends_with_those_on_the_way),
		cmocka_unit_test(a_command_that_is_refused),
		cmocka_unit_test(silence_ends_at_the_deadline_and_is_not_asked_twice),
		cmocka_unit_test(a_silent_event_socket_ends_at_the_deadline),
		cmocka_unit_test(a_dial_without_answer_is_looked_up),
		cmocka_unit_test(a_dial_that_never_arrived_is_made_once_more),
		cmocka_unit_test(a_dial_cut_off_twice_is_unknown),
		cmocka_unit_test(garbage_is_not_understood),
		cmocka_unit_test(another_server_is_no_freeswitch),
		cmocka_unit_test(a_wrong_password_is_tried_once),
		cmocka_unit_test(a_wrong_event_password_is_tried_once),
		cmocka_unit_test(a_user_outside_the_allowed_commands),
		cmocka_unit_test(unauthorized_commands_are_done_without),
		cmocka_unit_test(a_cancelled_dial_comes_back),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(an_idle_connection_is_reset),
		cmocka_unit_test(plus_ok_is_no_proof),
		cmocka_unit_test(the_channel_tells_where_the_job_does_not),
		cmocka_unit_test(an_order_without_a_trace_ends_unknown),
		cmocka_unit_test(a_list_is_believed_before_an_event),
		cmocka_unit_test(an_end_is_awaited_for_a_moment),
		cmocka_unit_test(a_lost_event_socket_leaves_ends_unknown),
		cmocka_unit_test(a_lost_event_socket_is_opened_again),
		cmocka_unit_test(hung_up_by_us),
		cmocka_unit_test(moved_elsewhere),
		cmocka_unit_test(moved_elsewhere_told_by_an_event),
		cmocka_unit_test(a_silent_site_has_no_packets),
		cmocka_unit_test(a_killed_site_stays_up_with_frozen_counters),
		cmocka_unit_test(far_reports_count_what_the_site_receives),
		cmocka_unit_test(a_short_word_is_not_missed),
		cmocka_unit_test(the_address_that_answered),
		cmocka_unit_test(a_refusal_without_a_prefix),
		cmocka_unit_test(what_must_not_be_in_a_command),
		cmocka_unit_test(words_of_ends),
		cmocka_unit_test(words_of_urls),
		cmocka_unit_test(uuids_carry_order_and_conference),
		cmocka_unit_test(the_table_is_bounded),
		cmocka_unit_test(messages_in_pieces),
		cmocka_unit_test(secrets_stay_out_of_the_trace),
		cmocka_unit_test(one_connection_serves_all),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
