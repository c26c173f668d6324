/* Talks with Asterisk, shared by their programs: a scripted peer for its REST interface, which also
 * is the other end of its event stream. Numbers and words are those of 22.10.1. */
#ifndef TD_TESTS_TALK_ASTERISK_H
#define TD_TESTS_TALK_ASTERISK_H

#define PEER_ASIDE "GET /aside" /* nothing is passed over */
#define peer_start plain_peer_start
#include "tests/talk/peer.h"
#undef peer_start

#include "adapters/asterisk.h"
#include "adapters/internal.h"
#include "base/str.h"

#include <stdatomic.h>

/* ---- the peer: the script on one connection, events on another ---- */

enum { CONNECTIONS = 6 };

static struct stream_end { /* of the talk that is going on */
	atomic_int fd, opened, filtered;
	atomic_bool refuse;
} events;

static inline void
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
		buf_printf(&out,
			"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
			"Upgrade\r\n"
			"Sec-WebSocket-Accept: %s\r\n\r\n",
			accept);
	peer_send(fd, out.at, out.n);
	buf_free(&out);
	events.fd = events.refuse ? -1 : fd;
	events.opened++;
}

static inline void
serve(struct peer *p, int *fd, struct buf *in)
{
	for (size_t whole; *fd >= 0 && *fd != events.fd && (whole = peer_whole(in));) {
		char *request = strndup(in->at, whole);
		buf_drop(in, whole);
		if (str_starts(request, "GET /ari/events?app=tongduyet ")) {
			shake_hands(*fd, request);
		} else if (strstr(request, "/ari/applications/tongduyet/eventFilter")) {
			static const char yes[] = "HTTP/1.1 200 OK\r\nContent-Type: "
						  "application/json\r\nContent-Length: 2\r\n\r\n{}";
			events.filtered +=
				strstr(request, "{\"type\":\"ChannelDestroyed\"}") != NULL;
			peer_send(*fd, yes, sizeof yes - 1);
		} else {
			peer_play(p, fd, request);
		}
		free(request);
	}
}

static inline void *
both_main(void *arg)
{
	struct peer *p = arg;
	int fds[CONNECTIONS];
	struct buf in[CONNECTIONS] = { 0 };
	memset(fds, -1, sizeof fds);
	for (;;) {
		struct pollfd f[CONNECTIONS + 2] = { { .fd = p->at.stop, .events = POLLIN },
			{ .fd = p->at.listener, .events = POLLIN } };
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

static inline void
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

static const struct device box = { .name = "huyen",
	.adapter = "asterisk",
	.url = "http://127.0.0.1:PORT/",
	.user = "lab",
	.password = "labpass" };

static const struct conference room = { .id = "giao-ban", .name = "giao-ban" };

enum { TALK_MS = 30000 };
/* lab:labpass */
#define HELLO \
	{ .expect = { "GET /ari/asterisk/info", "Authorization: Basic bGFiOmxhYnBhc3M=" }, \
		.body = "{\"build\":{},\"system\":{\"version\":\"22.10.1\",\"entity_id\":\"00:00:" \
			"00:00:00:01\"},\"status\":{" \
			"\"startup_time\":\"2026-11-19T17:48:28.034+0000\"}}" }, \
	{ \
		.expect = { "GET /ari/asterisk/ping" }, \
		.body = "{\"ping\":\"pong\",\"timestamp\":\"2026-11-20T17:48:34.014+0000\"}" \
	}

#include "tests/talk/mcu.h"

#define NO(text) .head = text "\r\nContent-Type: application/json"
#define NOT_FOUND NO("404 Not Found"), .body = "{\"message\":\"Channel not found\"}"
#define DONE .head = "204 No Content", .body = ""
#define MINE "td-aa11d7b7-mac88c677d302-chu-tuc"
#define CHANNEL_WITH(id, state, number, app, data) \
	"{\"id\":\"" id "\",\"name\":\"PJSIP/sites-00000001\",\"state\":\"" state \
	"\",\"caller\":{\"name\":\"\",\"number\":\"" number \
	"\"},\"dialplan\":{\"context\":\"in\",\"exten\":\"s\",\"priority\":1,\"app_name\":\"" app \
	"\",\"app_data\":\"" data "\"}}"
#define DIALLED(id, state) CHANNEL_WITH(id, state, "", "AppDial2", "(Outgoing Line)")
#define CHANNELS(list) \
	{ \
		.expect = { "GET /ari/channels HTTP" }, .body = "[" list "]" \
	}
#define BRIDGE_OF(kind, ids) \
	{ \
		.expect = { "GET /ari/bridges/giao-ban HTTP" }, \
		.body = "{\"id\":\"giao-ban\",\"technology\":\"" kind \
			"\",\"name\":\"giao-ban\",\"channels\":[" ids "]}" \
	}
#define BRIDGE(ids) BRIDGE_OF("softmix", ids)
#define NOBODY_YET \
	{ \
		.expect = { "GET /ari/channels/td-", " HTTP" }, NOT_FOUND \
	}
#define ORDER \
	{ \
		.expect = { "POST /ari/channels/td-", \
			"endpoint=PJSIP%2Fsites%2Fsip%3Achutuc%4010.2.0.5", "app=tongduyet", \
			"appArgs=giao-ban%2Cchu-tuc" }, \
		.body = DIALLED("x", "Down") \
	}

static const struct dial a_dial = { .site_name = "Chu Túc",
	.leg_name = "chu-tuc",
	.address = "sip:chutuc@10.2.0.5",
	.attempt = "run/chu-tuc/1",
	.muted = true };

static void event(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static inline void
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

static inline enum err
dial(struct talk *k, struct leg *out)
{
	return mcu->dial(&k->task, &k->lane, &k->conference, &a_dial, out);
}

static inline struct roster
list(struct talk *k)
{
	struct roster r;
	enum err e = mcu->roster(&k->task, &k->lane, &k->conference, &r);
	if (e)
		fail_msg("%s", k->task.why);
	return r;
}

/* ---- rosters ---- */

#define OTHER "1795196960.7"

#endif
