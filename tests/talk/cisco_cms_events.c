/* Talks with a Cisco Meeting Server over its event stream: who speaks, and what becomes of it when
 * the stream is away, refuses, breaks or talks nonsense. The peer answers REST and the stream side
 * by side. */
#include "adapters/adapter.h"

#include "adapters/cisco_cms.h"
#include "adapters/internal.h"
#include "adapters/wire/http.h"
#include "adapters/wire/trace.h"
#include "adapters/wire/ws.h"
#include "adapters/wire/xml.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define API "/api/v1"
#define CALL_ID "c0000000-0000-4000-8000-000000000001"
#define LEG_1 "10000000-0000-4000-8000-000000000001"
#define LEG_2 "10000000-0000-4000-8000-000000000002"
#define PART_1 "20000000-0000-4000-8000-000000000001"
#define PART_2 "20000000-0000-4000-8000-000000000002"
#define TOKEN "t/k+9="
#define MESSAGE(id, rest) "{\"type\":\"message\",\"message\":{\"messageId\":" id "," rest "}}"
#define ACTIVE \
	MESSAGE("2", "\"type\":\"subscriptionUpdate\",\"subscriptions\":[{\"index\":1,\"state\":" \
		     "\"active\"}]")
#define UPDATES(id, list) \
	MESSAGE(id, "\"type\":\"rosterUpdate\",\"subscriptionIndex\":1,\"updates\":[" list "]")
#define IS(kind, who, uri, speaks) \
	"{\"updateType\":\"" kind "\",\"participant\":\"" who "\",\"uri\":\"" uri \
	"\",\"activeSpeaker\":" speaks "}"

/* ---- the peer -------------------------------------------------------------------------------- */

struct server {
	int listen_fd, port, stop;
	pthread_t thread;
	pthread_mutex_t lock;
	/* the script; under the lock */
	const char *token;           /* NULL: 404 */
	const char *handshake;       /* NULL: 101 as it must be; else this instead */
	const char *muted;           /* rxAudioMute of the legs */
	const char *says[8];         /* messages when the stream opens */
	size_t says_n;
	struct buf heard;            /* what the client said on the stream, one line each */
	struct buf asked;            /* first lines of its requests */
	int stream_fd;
	atomic_int streams;
};

static void
send_text(int fd, const char *s)
{
	send(fd, s, strlen(s), MSG_NOSIGNAL);
}

static void
send_message(int fd, const char *text)
{
	size_t n = strlen(text);
	unsigned char head[4] = { 0x81, (unsigned char)(n < 126 ? n : 126), (unsigned char)(n >> 8),
		(unsigned char)n };
	send(fd, head, n < 126 ? 2 : 4, MSG_NOSIGNAL);
	send_text(fd, text);
}

static void
leg_xml(struct buf *b, const char *id, const char *muted)
{
	buf_printf(b,
		"<callLeg "
		"id=\"%s\"><name>x</name><remoteParty>%s@10.2.0.5</remoteParty><call>" CALL_ID
		"</call><type>sip</type>"
		"<configuration><rxAudioMute>%s</rxAudioMute></"
		"configuration><status><state>connected</state><rxAudio><codec>aac</codec>"
		"<bitRate>38000</bitRate></rxAudio></status></callLeg>",
		id, str_eq(id, LEG_1) ? "a" : "b", muted);
}

static void
answer(struct server *s, int fd, const char *request)
{
	struct buf body = { 0 }, out = { 0 };
	const char *head = "200 OK\r\nContent-Type: text/xml";
	pthread_mutex_lock(&s->lock);
	if (strstr(request, "/system/status"))
		buf_puts(&body, "<status><softwareVersion>3.8</softwareVersion><uptimeSeconds>9</"
				"uptimeSeconds></status>");
	else if (strstr(request, "/participants/" PART_1 "/callLegs"))
		buf_puts(&body, "<callLegs total=\"1\"><callLeg id=\"" LEG_1 "\"/></callLegs>");
	else if (strstr(request, "/participants/" PART_2 "/callLegs"))
		buf_puts(&body, "<callLegs total=\"1\"><callLeg id=\"" LEG_2 "\"/></callLegs>");
	else if (strstr(request, "/calls/" CALL_ID "/callLegs"))
		buf_puts(&body, "<callLegs total=\"2\"><callLeg id=\"" LEG_1
				"\"/><callLeg id=\"" LEG_2 "\"/></callLegs>");
	else if (strstr(request, "/callLegs/" LEG_1))
		leg_xml(&body, LEG_1, s->muted);
	else if (strstr(request, "/callLegs/" LEG_2))
		leg_xml(&body, LEG_2, s->muted);
	else if (strstr(request, "POST " API "/authTokens ") && s->token)
		head = "200 OK\r\nX-Cisco-CMS-Auth-Token: " TOKEN;
	else
		head = "404 Not Found";
	buf_printf(
		&out, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", head, body.n, buf_str(&body));
	pthread_mutex_unlock(&s->lock);
	send_text(fd, buf_str(&out));
	buf_free(&body);
	buf_free(&out);
}

static void
take_frames(struct server *s, struct buf *in)
{
	while (in->n >= 6) {
		unsigned char *p = (unsigned char *)in->at;
		size_t n = p[1] & 0x7f, head = 6;
		if (n == 126) {
			if (in->n < 8)
				return;
			n = (size_t)p[2] << 8 | p[3];
			head = 8;
		}
		if (in->n < head + n)
			return;
		for (size_t i = 0; i < n; i++)
			p[head + i] ^= p[head - 4 + i % 4];
		pthread_mutex_lock(&s->lock);
		if ((p[0] & 15) == 1) {
			buf_add(&s->heard, p + head, n);
			buf_putc(&s->heard, '\n');
		}
		pthread_mutex_unlock(&s->lock);
		buf_drop(in, head + n);
	}
}

static void
upgrade(struct server *s, int fd, const char *request)
{
	char key[64] = "", accept[32];
	const char *at = strstr(request, "Sec-WebSocket-Key: ");
	if (at)
		sscanf(at + 19, "%63s", key);
	ws_accept(key, accept);
	pthread_mutex_lock(&s->lock);
	struct buf out = { 0 };
	if (s->handshake)
		buf_puts(&out, s->handshake);
	else
		buf_printf(&out,
			"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
			"Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
			accept);
	send_text(fd, buf_str(&out));
	for (size_t i = 0; !s->handshake && i < s->says_n; i++)
		send_message(fd, s->says[i]);
	s->streams++;
	s->stream_fd = fd;
	pthread_mutex_unlock(&s->lock);
	buf_free(&out);
}

struct connection {
	int fd;
	bool stream;
	struct buf in;
};

static bool
serve_one(struct server *s, struct connection *c)
{
	char bytes[4096];
	ssize_t k = recv(c->fd, bytes, sizeof bytes, 0);
	if (k <= 0)
		return false;
	buf_add(&c->in, bytes, (size_t)k);
	if (c->stream) {
		take_frames(s, &c->in);
		return true;
	}
	for (const char *end; (end = strstr(buf_str(&c->in), "\r\n\r\n"));) {
		char *request = strndup(c->in.at, (size_t)(end - c->in.at) + 4);
		buf_drop(&c->in, strlen(request));
		pthread_mutex_lock(&s->lock);
		buf_add(&s->asked, request, strcspn(request, "\r"));
		buf_putc(&s->asked, '\n');
		pthread_mutex_unlock(&s->lock);
		c->stream = strstr(request, "GET /events/v1") != NULL;
		if (c->stream)
			upgrade(s, c->fd, request);
		else
			answer(s, c->fd, request);
		free(request);
	}
	return true;
}

static void *
serve(void *of)
{
	struct server *s = of;
	struct connection all[8] = { 0 };
	for (size_t i = 0; i < 8; i++)
		all[i].fd = -1;
	for (;;) {
		struct pollfd p[10] = { { .fd = s->stop, .events = POLLIN },
			{ .fd = s->listen_fd, .events = POLLIN } };
		for (size_t i = 0; i < 8; i++)
			p[2 + i] = (struct pollfd){ .fd = all[i].fd, .events = POLLIN };
		if (poll(p, 10, 1000) < 0 || p[0].revents)
			break;
		for (size_t i = 0; i < 8; i++)
			if (all[i].fd >= 0 && p[2 + i].revents && !serve_one(s, &all[i])) {
				close(all[i].fd);
				buf_free(&all[i].in);
				all[i] = (struct connection){ .fd = -1 };
			}
		for (size_t i = 0; p[1].revents && i < 8; i++)
			if (all[i].fd < 0) {
				all[i].fd = accept(s->listen_fd, NULL, NULL);
				break;
			}
	}
	for (size_t i = 0; i < 8; i++) {
		if (all[i].fd >= 0)
			close(all[i].fd);
		buf_free(&all[i].in);
	}
	return NULL;
}

/* ---- the stage ------------------------------------------------------------------------------- */

struct stage {
	struct server server;
	struct task task;
	struct trace trace;
	struct lane lane;
	struct device device;
	char url[64];
};

static const struct mcu_adapter *const mcu = &cisco_cms_adapter;
static const struct conference room = { .id = CALL_ID "/50000000-0000-4000-8000-000000000001",
	.name = "giao ban" };

static void
begin(struct stage *k, const char *token, const char *const *says, size_t n)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof a;
	*k = (struct stage){ .server = { .token = token,
				     .muted = "false",
				     .stop = eventfd(0, EFD_CLOEXEC),
				     .says_n = n } };
	struct server *s = &k->server;
	pthread_mutex_init(&s->lock, NULL);
	for (size_t i = 0; i < n; i++)
		s->says[i] = says[i];
	s->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->listen_fd, (struct sockaddr *)&a, size), 0);
	listen(s->listen_fd, 8);
	getsockname(s->listen_fd, (struct sockaddr *)&a, &size);
	s->port = ntohs(a.sin_port);
	pthread_create(&s->thread, NULL, serve, s);
	snprintf(k->url, sizeof k->url, "http://127.0.0.1:%d/", s->port);
	k->device = (struct device){ .name = "tinh",
		.adapter = "cisco-cms",
		.url = k->url,
		.user = "api",
		.password = "s3cret",
		.width = 1 };
	k->task = (struct task){ .arena = arena_new(),
		.cancel_fd = eventfd(0, EFD_CLOEXEC),
		.deadline = clock_mono() + 20000,
		.trace = &k->trace };
	k->lane = (struct lane){ .device = &k->device, .arena = arena_new() };
	assert_int_equal(mcu->open(&k->task, &k->lane), OK);
}

static void
end(struct stage *k)
{
	mcu->close(&k->task, &k->lane);
	eventfd_write(k->server.stop, 1);
	pthread_join(k->server.thread, NULL);
	close(k->server.stop);
	close(k->server.listen_fd);
	close(k->task.cancel_fd);
	buf_free(&k->server.heard);
	buf_free(&k->server.asked);
	trace_free(&k->trace);
	arena_free(k->lane.arena);
	arena_free(k->task.arena);
}

static enum tri
speech(struct stage *k, const char *leg)
{
	struct roster list;
	assert_int_equal(mcu->roster(&k->task, &k->lane, &room, &list), OK);
	assert_int_equal(list.n, 2);
	for (size_t i = 0; i < list.n; i++)
		if (str_eq(list.legs[i].id, leg))
			return list.legs[i].media.speech;
	return UNKNOWN;
}

/* The stream is read when a list is asked for: until then its words are on their way. */
static enum tri
speech_in_time(struct stage *k, const char *leg, enum tri wanted)
{
	enum tri got = UNKNOWN;
	for (int i = 0; i < 40 && (got = speech(k, leg)) != wanted; i++)
		usleep(50000);
	return got;
}

static void
says(struct stage *k, const char *text)
{
	pthread_mutex_lock(&k->server.lock);
	send_message(k->server.stream_fd, text);
	pthread_mutex_unlock(&k->server.lock);
}

static bool
heard(struct stage *k, const char *text)
{
	bool yes = false;
	for (int i = 0; i < 60 && !yes; i++) {
		pthread_mutex_lock(&k->server.lock);
		yes = strstr(buf_str(&k->server.heard), text) != NULL;
		pthread_mutex_unlock(&k->server.lock);
		if (!yes)
			usleep(50000);
	}
	return yes;
}

static int
asked(struct stage *k, const char *text)
{
	int n = 0;
	pthread_mutex_lock(&k->server.lock);
	for (const char *at = buf_str(&k->server.asked); (at = strstr(at, text)); at++)
		n++;
	pthread_mutex_unlock(&k->server.lock);
	return n;
}

/* ---- it works -------------------------------------------------------------------------------- */

static void
a_voice_is_told(void **state)
{
	static const char *const first[] = {
		"{\"type\":\"messageAck\",\"messageAck\":{\"messageId\":1,\"status\":\"success\"}}",
		ACTIVE,
		UPDATES("3", IS("add", PART_1, "a@10.2.0.5", "false") "," IS(
				     "add", PART_2, "b@10.2.0.5", "true"))
	};
	struct stage k;
	begin(&k, TOKEN, first, 3);
	assert_int_equal(speech_in_time(&k, LEG_2, YES), YES);
	assert_int_equal(speech_in_time(&k, LEG_1, NO), NO);
	assert_true(heard(&k, "\"type\":\"subscribeRequest\""));
	assert_true(heard(&k, "\"call\":\"" CALL_ID "\""));
	assert_true(heard(&k, "{\"type\":\"messageAck\",\"messageAck\":{\"messageId\":3,\"status\":"
			      "\"success\"}}"));
	/* It spoke and was silent again before anybody looked: told once. */
	says(&k, UPDATES("4", "{\"updateType\":\"update\",\"participant\":\"" PART_1
			      "\",\"activeSpeaker\":true}"));
	says(&k, UPDATES("5", "{\"updateType\":\"update\",\"participant\":\"" PART_1
			      "\",\"activeSpeaker\":false}"));
	assert_true(speech_in_time(&k, LEG_1, YES) == YES);
	assert_int_equal(speech(&k, LEG_1), NO);
	/* An update without a word about it changes nothing. */
	says(&k, UPDATES("6", "{\"updateType\":\"update\",\"participant\":\"" PART_2
			      "\",\"state\":\"connected\"}"));
	assert_true(heard(&k, "\"messageId\":5,"));
	assert_int_equal(speech(&k, LEG_2), YES);
	/* One stream, whose owner was asked once each; neither token nor password in the trace. */
	assert_int_equal(k.server.streams, 1);
	assert_int_equal(asked(&k, "/participants/" PART_1 "/callLegs"), 1);
	assert_int_equal(asked(&k, "GET /events/v1?authToken=t%2Fk%2B9%3D "), 1);
	assert_null(strstr(buf_str(&k.trace.out), TOKEN));
	assert_null(strstr(buf_str(&k.trace.out), "t%2Fk%2B9%3D"));
	end(&k);
}

static void
a_leg_looked_at_alone_is_heard(void **state)
{
	static const char *const first[] = { ACTIVE,
		UPDATES("3", IS("add", PART_1, "a@10.2.0.5", "false") "," IS(
				     "add", PART_2, "b@10.2.0.5", "false")) };
	struct stage k;
	struct leg leg = { .id = LEG_1, .address = "sip:a@10.2.0.5" }, now;
	begin(&k, TOKEN, first, 2);
	enum tri got = UNKNOWN;
	for (int i = 0; i < 40 && got != NO; i++) {
		assert_int_equal(mcu->look(&k.task, &k.lane, &room, &leg, &now), OK);
		got = now.media.speech;
		usleep(50000);
	}
	assert_int_equal(got, NO);
	/* only who may be at that address */
	assert_int_equal(asked(&k, "/participants/" PART_2 "/callLegs"), 0);
	end(&k);
}

static void
under_mute_nothing_is_told(void **state)
{
	static const char *const first[] = { ACTIVE,
		UPDATES("3", IS("add", PART_1, "a@10.2.0.5", "false")) };
	struct stage k;
	begin(&k, TOKEN, first, 2);
	assert_int_equal(speech_in_time(&k, LEG_1, NO), NO);
	pthread_mutex_lock(&k.server.lock);
	k.server.muted = "true";
	pthread_mutex_unlock(&k.server.lock);
	assert_int_equal(speech(&k, LEG_1), UNKNOWN);
	end(&k);
}

/* ---- it does not work ------------------------------------------------------------------------ */

static void
an_old_server_is_asked_once(void **state)
{
	struct stage k;
	begin(&k, NULL, NULL, 0);
	for (int i = 0; i < 20; i++)
		assert_int_equal(speech(&k, LEG_1), UNKNOWN);
	assert_int_equal(asked(&k, "authTokens"), 1);
	end(&k);
}

/* Not active, refused, or not about us: unknown, never silent. */
static void
without_a_subscription_nothing_is_known(void **state)
{
	static const char *const cases[] = {
		MESSAGE("2", "\"type\":\"subscriptionUpdate\",\"subscriptions\":[{\"index\":1,"
			     "\"state\":\"pending\"}]"),
		"{\"type\":\"messageAck\",\"messageAck\":{\"messageId\":1,\"status\":\"failure\"}}",
		UPDATES("2", IS("add", "no id of ours!", "a@10.2.0.5", "true")),
		MESSAGE("2", "\"type\":\"somethingNew\",\"updates\":[1,2,{}]"),
		"{}",
		"[]",
		"null",
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct stage k;
		begin(&k, TOKEN, &cases[i], 1);
		for (int n = 0; n < 3; n++) {
			assert_int_equal(speech(&k, LEG_1), UNKNOWN);
			usleep(20000);
		}
		end(&k);
	}
}

static void
a_stream_that_fails_costs_nothing(void **state)
{
	static const char *const handshakes[] = {
		"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 404 Not Found\r\n\r\n", "hello\r\n\r\n",
		("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
		 "Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n"),
	};
	for (size_t i = 0; i < sizeof handshakes / sizeof *handshakes; i++) {
		struct stage k;
		begin(&k, TOKEN, NULL, 0);
		pthread_mutex_lock(&k.server.lock);
		k.server.handshake = handshakes[i];
		pthread_mutex_unlock(&k.server.lock);
		for (int n = 0; n < 5; n++)
			assert_int_equal(speech(&k, LEG_1), UNKNOWN);
		assert_int_equal(asked(&k, "GET /events/v1"), 1); /* not with every list */
		end(&k);
	}
}

/* It takes the connection and says nothing: the list is told all the same, in time. */
static void
a_silent_stream_does_not_hold_the_list(void **state)
{
	struct stage k;
	begin(&k, TOKEN, NULL, 0);
	pthread_mutex_lock(&k.server.lock);
	k.server.handshake = "";
	pthread_mutex_unlock(&k.server.lock);
	int64_t before = clock_mono();
	assert_int_equal(speech(&k, LEG_1), UNKNOWN);
	assert_true(clock_mono() - before < 10000);
	assert_int_equal(speech(&k, LEG_1), UNKNOWN);
	assert_int_equal(asked(&k, "GET /events/v1"), 1);
	end(&k);
}

static void
a_stream_that_breaks_is_opened_again_later(void **state)
{
	static const char *const first[] = { ACTIVE,
		UPDATES("3", IS("add", PART_1, "a@10.2.0.5", "false")) };
	struct stage k;
	begin(&k, TOKEN, first, 2);
	assert_int_equal(speech_in_time(&k, LEG_1, NO), NO);
	says(&k, "garbage");
	for (int i = 0; i < 60 && k.server.streams < 2; i++) {
		speech(&k, LEG_1); /* unknown in between, and no error */
		usleep(10000);
	}
	assert_int_equal(k.server.streams, 2);
	assert_int_equal(speech_in_time(&k, LEG_1, NO), NO);
	end(&k);
}

static void
who_left_has_no_voice(void **state)
{
	static const char *const first[] = { ACTIVE,
		UPDATES("3", IS("add", PART_1, "a@10.2.0.5", "true")) };
	struct stage k;
	begin(&k, TOKEN, first, 2);
	assert_int_equal(speech_in_time(&k, LEG_1, YES), YES);
	says(&k, UPDATES("4", "{\"updateType\":\"remove\",\"participant\":\"" PART_1
			      "\",\"reason\":\"remoteTeardown\"}"));
	assert_int_equal(speech_in_time(&k, LEG_1, UNKNOWN), UNKNOWN);
	end(&k);
}

int
main(void)
{
	http_global_init();
	xml_global_init();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_voice_is_told),
		cmocka_unit_test(a_leg_looked_at_alone_is_heard),
		cmocka_unit_test(under_mute_nothing_is_told),
		cmocka_unit_test(an_old_server_is_asked_once),
		cmocka_unit_test(without_a_subscription_nothing_is_known),
		cmocka_unit_test(a_stream_that_fails_costs_nothing),
		cmocka_unit_test(a_silent_stream_does_not_hold_the_list),
		cmocka_unit_test(a_stream_that_breaks_is_opened_again_later),
		cmocka_unit_test(who_left_has_no_voice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
