/* Talks with FreeSWITCH, shared by their programs: a scripted peer for its XML-RPC and another for
 * its event socket. Numbers and words are those of a recorded 1.11.1. */
#ifndef TD_TESTS_TALK_FREESWITCH_H
#define TD_TESTS_TALK_FREESWITCH_H

#include "adapters/adapter.h"
#include "adapters/internal.h"
#include "adapters/wire/http.h"
#include "adapters/wire/xml.h"
#include "tests/talk/peer.h"
#include "tests/talk/talk.h"

#include <netinet/tcp.h>
#include <stdatomic.h>

#define REPLY(text) \
	"<?xml version=\"1.0\" " \
	"encoding=\"UTF-8\"?>\r\n<methodResponse>\r\n<params>\r\n<param><value><string>" text \
	"</string></value></param>\r\n</params>\r\n</methodResponse>\r\n"
#define CALL(command, ...) \
	.expect = { "<string>" command "</string></value></param><param><value><string>", \
		__VA_ARGS__ }
#define UP \
	"UP 0 years, 1 day, 2 hours, 3 minutes, 26 seconds, 43 milliseconds, 862 microseconds\n" \
	"FreeSWITCH (Version 1.11.1-release  64bit) is ready\n5 session(s) since startup\n" \
	"0 session(s) - peak 0, last 5min 0 \n0 session(s) per Sec out of max 100, peak 0, last " \
	"5min 0 \n" \
	"1000 session(s) max\nmin idle cpu 0.00/54.53\nCurrent Stack Size/Max 240K/8192K\n"
/* lab:labpass */
#define HELLO \
	{ \
		.expect = { "POST /RPC2", \
			"Authorization: Basic bGFiOmxhYnBhc3M=", "<string>status</string>" }, \
		.body = REPLY(UP) \
	}

#define MEMBER(id, uuid, name, flags) \
	"{\"type\":\"caller\",\"id\":" id ",\"flags\":{" flags "},\"uuid\":\"" uuid \
	"\",\"caller_id_name\":\"" name "\",\"caller_id_number\":\"site01\",\"energy\":100}"
#define SPEAKS "\"can_speak\":true,\"talking\":true,\"has_video\":false"
#define QUIET "\"can_speak\":true,\"talking\":false,\"has_video\":false"
#define MUTED "\"can_speak\":false,\"talking\":false,\"has_video\":true"
#define ROOM(members) \
	{ \
		CALL("conference", "giao-ban json_list"), \
			.body = REPLY("[{\"conference_name\":\"giao-ban\",\"member_count\":2," \
				      "\"members\":[" members "]}]") \
	}
#define NO_ROOM \
	{ \
		CALL("conference", "giao-ban json_list"), \
			.body = REPLY("-ERR Conference giao-ban not found\n") \
	}
#define ROW(uuid, who, callstate, app, shown) \
	"{\"uuid\":\"" uuid "\",\"direction\":\"outbound\",\"name\":\"sofia/lab/" who \
	"\",\"cid_name\":\"Outbound Call\",\"ip_addr\":\"\",\"application\":\"" app \
	"\",\"application_data\":\"giao-ban\",\"write_codec\":\"PCMU\",\"callstate\":\"" callstate \
	"\",\"initial_cid_name\":\"" shown "\"}"
#define CHANNELS(rows) \
	{ \
		CALL("show", "channels as json"), \
			.body = REPLY("{\"row_count\":2,\"rows\":[" rows "]}") \
	}
#define NO_CHANNELS \
	{ \
		CALL("show", "channels as json"), .body = REPLY("{\"row_count\": 0}\n") \
	}
#define FIGURES(in, skip, cng, out) \
	"{\"in_packet_count\":" in ",\"in_media_packet_count\":" in \
	",\"in_skip_packet_count\":" skip ",\"in_cng_packet_count\":" cng \
	",\"in_quality_percentage\":100,\"in_mos\":4.5,\"in_jitter_max_variance\":297.08" \
	",\"out_packet_count\":" out ",\"rtcp_packet_count\":0}"
#define STATS(uuid, streams) \
	{ \
		CALL("json", "mediaStats", uuid), \
			.body = REPLY("{\"command\":\"mediaStats\",\"status\":\"success\"," \
				      "\"response\":{" streams "}}") \
	}
#define AUDIO_OF(uuid, in, skip, out) STATS(uuid, "\"audio\":" FIGURES(in, skip, "0", out))
#define NOBODY_YET \
	{ \
		CALL("uuid_exists", ""), .body = REPLY("false") \
	}
#define TAKEN \
	{ \
		CALL("conference", "giao-ban bgdial "), .body = REPLY("+OK Job-UUID: " JOB "\n") \
	}

#define JOB "810bcfad-841f-41ae-b3c2-d2057f86c9ef"
/* What fs_uuid() makes of the dial below and of its next attempt: a change fails a talk. */
#define MINE "7464aa11-ac88-8677-9302-fa22d2f4770f"
#define SECOND "7464aa11-3203-8f98-90a5-a3e827f0d201"
#define OTHER "4554ebbb-bec7-4828-9e2f-23ddb12964a7"

/* ---- the event socket's peer --------------------------------------- */

/* Logs in as told, then plays events that the test hands it; counts what it heard. */
struct events {
	struct loopback at;
	int port, fd;
	atomic_int logins, refuse, silent;
	struct buf heard; /* under the lock, as fd */
	pthread_mutex_t lock;
};

static inline void
esl_send(int fd, const char *text)
{
	peer_send(fd, text, strlen(text));
}

static inline void
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
					"Content-Type: text/disconnect-notice\nContent-Length: "
					"12\n\nDisconnected");
			shutdown(e->fd, SHUT_WR);
		} else if (login) {
			esl_send(
				e->fd, "Content-Type: command/reply\nReply-Text: +OK accepted\n\n");
		} else {
			esl_send(e->fd, "Content-Type: command/reply\nReply-Text: +OK event "
					"listener enabled plain\n\n");
		}
		buf_drop(in, n);
	}
}

static inline void *
esl_main(void *arg)
{
	struct events *e = arg;
	struct buf in = { 0 };
	for (;;) {
		pthread_mutex_lock(&e->lock);
		struct pollfd f[3] = { { .fd = e->at.stop, .events = POLLIN },
			{ .fd = e->at.listener, .events = POLLIN },
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

static inline void
events_start(struct events *e)
{
	*e = (struct events){ .fd = -1 };
	pthread_mutex_init(&e->lock, NULL);
	e->port = loopback_start(&e->at, esl_main, e);
}

static inline void
events_stop(struct events *e)
{
	loopback_stop(&e->at);
	if (e->fd >= 0)
		close(e->fd);
	buf_free(&e->heard);
	pthread_mutex_destroy(&e->lock);
}

/* ---- a talk -------------------------------------------------------- */

static const struct mcu_adapter *const mcu = &freeswitch_mcu_adapter;

static const struct device box = { .name = "huyen",
	.adapter = "freeswitch",
	.url = "http://127.0.0.1:PORT/",
	.user = "lab",
	.password = "labpass" };

static struct events events; /* of the talk that is going on */

static inline void
aim(struct talk *k, int port)
{
	snprintf(k->url, sizeof k->url, "http://127.0.0.1:%d/?esl=%d&profile=lab", port,
		events.port);
}

static inline void
begin(struct talk *k, const struct peer_step *steps, size_t n, int deadline_ms)
{
	events_start(&events);
	talk_begin(k, &box, &(struct peer){ .steps = steps, .n = n }, deadline_ms);
	aim(k, k->peer.port);
	k->conference = (struct conference){ .id = "giao-ban", .name = "giao-ban" };
}

static inline void
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
static void event(struct talk *k, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static inline void
event(struct talk *k, const char *fmt, ...)
{
	struct buf body = { 0 }, all = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_vprintf(&body, fmt, ap);
	va_end(ap);
	buf_puts(&body, "\n");
	buf_printf(
		&all, "Content-Length: %zu\nContent-Type: text/event-plain\n\n%s", body.n, body.at);
	pthread_mutex_lock(&events.lock);
	if (events.fd >= 0)
		peer_send(events.fd, all.at, all.n);
	pthread_mutex_unlock(&events.lock);
	buf_free(&body);
	buf_free(&all);
	usleep(2000); /* it is on its way before the next question is asked */
}

static const struct dial a_dial = { .site_name = "Xã Chu Túc",
	.leg_name = "chu-tuc",
	.address = "sip:chutuc@10.2.0.5",
	.attempt = "run/chu-tuc/1",
	.muted = true };

static inline void
dial_it(struct talk *k, struct leg *leg)
{
	assert_int_equal(mcu->dial(&k->task, &k->lane, &k->conference, &a_dial, leg), OK);
	assert_string_equal(leg->id, MINE);
}

static inline struct roster
list(struct talk *k)
{
	struct roster all;
	if (mcu->roster(&k->task, &k->lane, &k->conference, &all) != OK)
		fail_msg("%s", k->task.why);
	return all;
}

#endif
