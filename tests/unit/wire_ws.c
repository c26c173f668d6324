/* adapters/wire/ws.c: frames as RFC 6455 draws them, and whole dialogues with a scripted server in
 * a thread: handshake, fragments, pings, goodbye, and everything that must be refused. The
 * independent peer is tests/interop/websocket. */
#include "tests/unit/wire_test.h"

#include "adapters/wire/ws.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* ---- frames ---- */

#define BYTES(s) (s), sizeof(s) - 1

static void
frames_of_the_rfc(void **state)
{
	struct ws_frame f;
	size_t used;
	const char *why;
	/* 5.7 */
	assert_int_equal(ws_take(BYTES("\x81\x05Hello"), 100, &f, &used, &why), WS_WHOLE);
	assert_true(f.last && f.opcode == WS_TEXT && f.n == 5 && used == 7 &&
		    memcmp(f.payload, "Hello", 5) == 0);
	assert_int_equal(ws_take(BYTES("\x01\x03Hel\x80\x02lo"), 100, &f, &used, &why), WS_WHOLE);
	assert_true(!f.last && f.opcode == WS_TEXT && f.n == 3 && used == 5);
	assert_int_equal(ws_take(BYTES("\x89\x05Hello"), 100, &f, &used, &why), WS_WHOLE);
	assert_int_equal(f.opcode, WS_PING);
	struct buf b = { 0 };
	ws_put(&b, WS_TEXT, (const uint8_t *)"\x37\xfa\x21\x3d", "Hello", 5);
	assert_int_equal(b.n, 11);
	assert_memory_equal(b.at, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11);
	buf_free(&b);
	/* 1.3 */
	char accept[32];
	ws_accept("dGhlIHNhbXBsZSBub25jZQ==", accept);
	assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

static void
lengths(void **state)
{
	static const size_t sizes[] = { 0, 125, 126, 127, 65535, 65536, 70000 };
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		size_t n = sizes[i], used;
		struct ws_frame f;
		struct buf b = { 0 }, bare = { 0 };
		const char *why;
		char *text = calloc(1, n + 1);
		memset(text, 'x', n);
		ws_put(&b, WS_TEXT, (const uint8_t *)"\0\0\0\0", text, n);
		/* As a server would send it: without the mask. */
		size_t head = b.n - n - 4;
		buf_add(&bare, b.at, head);
		bare.at[1] &= 0x7f;
		buf_add(&bare, text, n);
		assert_int_equal(ws_take(bare.at, bare.n, 100000, &f, &used, &why), WS_WHOLE);
		assert_true(f.n == n && used == bare.n && memcmp(f.payload, text, n) == 0);
		for (size_t cut = 0; cut < bare.n; cut += cut < 12 ? 1 : 4999)
			assert_int_equal(ws_take(bare.at, cut, 100000, &f, &used, &why), WS_PART);
		if (n)
			assert_int_equal(
				ws_take(bare.at, bare.n, n - 1, &f, &used, &why), WS_GARBAGE);
		buf_free(&b);
		buf_free(&bare);
		free(text);
	}
}

static void
what_is_no_frame(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *why;
	} bad[] = {
		{ BYTES("\xc1\x01x"), "extension" },
		{ BYTES("\x83\x01x"), "no known kind" },
		{ BYTES("\x8b\x01x"), "no known kind" },
		{ BYTES("\x81\x81\x01\x01\x01\x01x"), "masked" },
		{ BYTES("\x09\x01x"), "control" },
		{ BYTES("\x89\x7e\x01\x00"), "control" },
		{ BYTES("\x81\x7e\x00\x05Hello"), "too many bytes" },
		{ BYTES("\x81\x7f\x00\x00\x00\x00\x00\x00\x00\x05Hello"), "too many bytes" },
		{ BYTES("\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff"), "limit" },
		{ BYTES("\x81\x7f\x00\x00\x00\x00\x00\x20\x00\x00"), "limit" },
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct ws_frame f;
		size_t used;
		const char *why;
		assert_int_equal(
			ws_take(bad[i].bytes, bad[i].n, 1 << 20, &f, &used, &why), WS_GARBAGE);
		assert_has(why, bad[i].why);
	}
}

/* ---- a server that follows a script ---- */

struct script {
	const char *answer;	/* to the request: NULL = 101 as it must be; "%s" stands for the
				 * right accept word */
	const char *bytes;	/* sent behind it */
	size_t n;
	bool drip;		/* one byte at a time */
	bool stay;		/* does not close until the client does */
	int listen_fd, port;
	pthread_t thread;
	char request[4096];
	struct buf heard;	/* frames of the client, unmasked: opcode byte and payload, each
				 * ended by '\n' */
};

static bool
whole_request(struct script *s, int fd)
{
	size_t n = 0;
	while (n < sizeof s->request - 1) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t k = poll(&p, 1, 5000) == 1 ? recv(fd, s->request + n, 1, 0) : 0;
		if (k <= 0)
			return false;
		n += (size_t)k;
		s->request[n] = '\0';
		if (str_ends(s->request, "\r\n\r\n"))
			return true;
	}
	return false;
}

static void
say(int fd, const char *at, size_t n, bool drip)
{
	for (size_t i = 0; drip && i < n; i++) {
		send(fd, at + i, 1, MSG_NOSIGNAL);
		usleep(2000);
	}
	if (!drip)
		send(fd, at, n, MSG_NOSIGNAL);
}

static bool
read_n(int fd, void *into, size_t n)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	for (size_t got = 0; got < n;) {
		ssize_t k = poll(&p, 1, 5000) == 1 ? recv(fd, (char *)into + got, n - got, 0) : 0;
		if (k <= 0)
			return false;
		got += (size_t)k;
	}
	return true;
}

static void
listen_to_client(struct script *s, int fd)
{
	uint8_t head[6], payload[256];
	while (read_n(fd, head, 6)) {
		size_t n = head[1] & 0x7f;
		if (!(head[1] & 0x80) || n > 125 || !read_n(fd, payload, n))
			return;
		for (size_t i = 0; i < n; i++)
			payload[i] ^= head[2 + i % 4];
		buf_putc(&s->heard, (char)head[0]);
		buf_add(&s->heard, payload, n);
		buf_putc(&s->heard, '\n');
	}
}

static void *
serve(void *of)
{
	struct script *s = of;
	char key[64] = "", accept[32] = "";
	int fd = accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (whole_request(s, fd)) {
		const char *at = strstr(s->request, "Sec-WebSocket-Key: ");
		if (at)
			sscanf(at + 19, "%63s", key);
		ws_accept(key, accept);
		struct buf b = { 0 };
		const char *answer =
			s->answer ? s->answer
				  : "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\n"
				    "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: "
				    "%s\r\n\r\n";
		const char *hole = strstr(answer, "%s");
		buf_add(&b, answer, hole ? (size_t)(hole - answer) : strlen(answer));
		if (hole) {
			buf_puts(&b, accept);
			buf_puts(&b, hole + 2);
		}
		buf_add(&b, s->bytes, s->n);
		say(fd, b.at, b.n, s->drip);
		buf_free(&b);
		if (s->stay)
			listen_to_client(s, fd);
	}
	close(fd);
	return NULL;
}

static void
script_start(struct script *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof a;
	s->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->listen_fd, (struct sockaddr *)&a, size), 0);
	assert_int_equal(listen(s->listen_fd, 4), 0);
	getsockname(s->listen_fd, (struct sockaddr *)&a, &size);
	s->port = ntohs(a.sin_port);
	pthread_create(&s->thread, NULL, serve, s);
}

static void
script_end(struct script *s)
{
	pthread_join(s->thread, NULL);
	close(s->listen_fd);
	buf_free(&s->heard);
}

static enum err
open_ws(struct task *t, const struct script *s, size_t max_message, struct ws **out)
{
	char url[64];
	snprintf(url, sizeof url, "http://127.0.0.1:%d/base/", s->port);
	struct http_options h = {
		.url = url, .auth = HTTP_AUTH_BASIC, .user = "u", .password = "geheim"
	};
	struct ws_options o = { .http = &h,
		.path = "/events?token=tok-99",
		.protocol = "events",
		.secret = "tok-99",
		.max_message = max_message };
	return ws_open(t, &o, out);
}

/* Opens, reads one message; the error or OK with it. */
static enum err
first_message(
	struct script *s, size_t max_message, char *out, size_t size, char *why, size_t why_size)
{
	struct fixture f;
	struct task *t = task_begin(&f, 3000);
	struct ws *w;
	const char *text;
	size_t n;
	out[0] = '\0';
	script_start(s);
	enum err e = open_ws(t, s, max_message, &w);
	if (e == OK) {
		e = ws_next(t, w, -1, &text, &n);
		if (e == OK)
			str_copy(out, size, text);
		ws_close(t, w);
	}
	str_copy(why, why_size, t->why);
	task_end(&f);
	script_end(s);
	return e;
}

/* ---- dialogues ---- */

static void
shakes_hands(void **state)
{
	struct script s = { .stay = true, .bytes = "\x81\x02hi", .n = 4 };
	struct fixture f;
	struct task *t = task_begin(&f, 5000);
	struct ws *w;
	const char *text;
	size_t n;
	script_start(&s);
	assert_int_equal(open_ws(t, &s, 0, &w), OK);
	/* What came in one piece with the answer is not lost. */
	assert_int_equal(ws_next(t, w, -1, &text, &n), OK);
	assert_string_equal(text, "hi");
	/* Nothing is there, and it does not wait for it. */
	int64_t before = clock_mono();
	assert_int_equal(ws_next(t, w, 0, &text, &n), OK);
	assert_null(text);
	assert_int_equal(ws_next(t, w, 50, &text, &n), OK);
	assert_null(text);
	assert_true(clock_mono() - before < 4000); /* of five */
	assert_int_equal(ws_say(t, w, "ask", 3), OK);
	ws_close(t, w);
	pthread_join(s.thread, NULL);
	assert_has(s.request, "GET /base/events?token=tok-99 HTTP/1.1\r\n");
	char host[64];
	snprintf(host, sizeof host, "\r\nHost: 127.0.0.1:%d\r\n", s.port);
	assert_has(s.request, host);
	assert_has(s.request, "\r\nSec-WebSocket-Version: 13\r\n");
	assert_has(s.request, "\r\nSec-WebSocket-Protocol: events\r\n");
	assert_has(s.request, "\r\nAuthorization: Basic dTpnZWhlaW0=\r\n");
	assert_int_equal(s.heard.n, 9);
	assert_memory_equal(s.heard.at, "\x81"
					"ask\n\x88\x03\xe8\n",
		9);
	/* Neither password nor token is in the trace. */
	const char *trace = buf_str(&f.trace.out);
	assert_lacks(trace, "geheim");
	assert_lacks(trace, "dTpnZWhlaW0");
	assert_lacks(trace, "tok-99");
	assert_has(trace, "< hi");
	close(s.listen_fd);
	buf_free(&s.heard);
	task_end(&f);
}

static void
puts_fragments_together(void **state)
{
	char out[64], why[300];
	/* A ping between two fragments, an empty one among them, a cut letter across two. */
	struct script s = { .bytes = "\x01\x03T\xe1\xbb\x89\x01p\x00\x00\x8a\x00\x80\x02\x91t",
		.n = 16,
		.stay = true,
		.drip = true };
	assert_int_equal(first_message(&s, 0, out, sizeof out, why, sizeof why), OK);
	assert_string_equal(out, "T\u1ed1t");
}

static void
answers_a_ping(void **state)
{
	struct script s = { .bytes = "\x89\x04word\x82\x01z\x81\x01x", .n = 12, .stay = true };
	struct fixture f;
	struct task *t = task_begin(&f, 5000);
	struct ws *w;
	const char *text;
	size_t n;
	script_start(&s);
	assert_int_equal(open_ws(t, &s, 0, &w), OK);
	assert_int_equal(ws_next(t, w, -1, &text, &n), OK);
	assert_string_equal(text, "x"); /* the binary message is passed over */
	ws_close(t, w);
	pthread_join(s.thread, NULL);
	assert_memory_equal(s.heard.at, "\x8aword\n", 6);
	close(s.listen_fd);
	buf_free(&s.heard);
	task_end(&f);
}

static void
what_is_refused(void **state)
{
	static const struct {
		const char *name, *answer, *bytes;
		size_t n, max;
		enum err e;
		const char *why;
	} cases[] = {
		{ "login", "HTTP/1.1 401 Unauthorized\r\n\r\n", "", 0, 0, ERR_AUTH,
			"login refused" },
		{ "refusal", "HTTP/1.1 404 Not Found\r\n\r\n", "", 0, 0, ERR_REFUSED,
			"status 404" },
		{ "busy", "HTTP/1.1 503 Later\r\n\r\n", "", 0, 0, ERR_BUSY, "status 503" },
		{ "redirect", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.9/\r\n\r\n", "", 0, 0,
			ERR_REFUSED, "302" },
		{ "garbage", "SSH-2.0-x\r\n\r\n", "", 0, 0, ERR_PROTOCOL, "not HTTP" },
		{ "nothing", "", "", 0, 0, ERR_TIMEOUT, "closed" },
		{ "half an answer", "HTTP/1.1 101 Switching Protocols\r\nUpgr", "", 0, 0,
			ERR_TIMEOUT, "closed" },
		{ "another key's word",
			"HTTP/1.1 101 Y\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
			"", 0, 0, ERR_PROTOCOL, "no WebSocket" },
		{ "an extension",
			"HTTP/1.1 101 Y\r\nUpgrade: websocket\r\nConnection: "
			"Upgrade\r\nSec-WebSocket-Accept: %s\r\n"
			"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
			"", 0, 0, ERR_PROTOCOL, "no WebSocket" },
		{ "no upgrade", "HTTP/1.1 101 Y\r\nSec-WebSocket-Accept: %s\r\n\r\n", "", 0, 0,
			ERR_PROTOCOL, "no WebSocket" },
		{ "drops mid-frame", NULL, BYTES("\x81\x05He"), 0, ERR_GONE, "closed" },
		{ "goodbye", NULL,
			BYTES("\x88\x06\x03\xe9"
			      "full"),
			0, ERR_GONE, "1001 full" },
		{ "too much", NULL, BYTES("\x81\x05Hello"), 4, ERR_PROTOCOL, "limit" },
		{ "too much in pieces", NULL, BYTES("\x01\x03Hel\x80\x02lo"), 4, ERR_PROTOCOL,
			"limit" },
		{ "no text", NULL, BYTES("\x81\x02\xc3\x28"), 0, ERR_PROTOCOL, "UTF-8" },
		{ "a piece of nothing", NULL, BYTES("\x80\x01x"), 0, ERR_PROTOCOL, "order" },
		{ "a message inside another", NULL, BYTES("\x01\x01x\x81\x01y"), 0, ERR_PROTOCOL,
			"order" },
		{ "masked", NULL, BYTES("\x81\x81\0\0\0\0x"), 0, ERR_PROTOCOL, "masked" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char out[64], why[300];
		struct script s = {
			.answer = cases[i].answer, .bytes = cases[i].bytes, .n = cases[i].n
		};
		enum err e = first_message(&s, cases[i].max, out, sizeof out, why, sizeof why);
		if (e != cases[i].e || !strstr(why, cases[i].why))
			fail_msg("%s: %s: %s", cases[i].name, err_name(e), why);
	}
}

static void
an_endless_head_is_refused(void **state)
{
	char out[8], why[300];
	struct buf b = { 0 };
	buf_puts(&b, "HTTP/1.1 101 Y\r\n");
	while (b.n < 40000)
		buf_puts(&b, "X-More: and more\r\n");
	struct script s = { .answer = buf_str(&b), .stay = true };
	assert_int_equal(first_message(&s, 0, out, sizeof out, why, sizeof why), ERR_PROTOCOL);
	buf_free(&b);
}

static void
pings_without_end_are_refused(void **state)
{
	char out[8], why[300];
	struct buf b = { 0 };
	for (int i = 0; i < 20000; i++)
		buf_add(&b, "\x8a\x00", 2);
	struct script s = { .bytes = b.at, .n = b.n };
	assert_int_equal(first_message(&s, 0, out, sizeof out, why, sizeof why), ERR_PROTOCOL);
	assert_has(why, "many frames");
	buf_free(&b);
}

static void
keeps_deadline_and_cancel(void **state)
{
	for (int canceled = 0; canceled < 2; canceled++) {
		struct script s = { .stay = true };
		struct fixture f;
		struct task *t = task_begin(&f, canceled ? 10000 : 400);
		struct ws *w;
		const char *text;
		size_t n;
		pthread_t canceler;
		script_start(&s);
		assert_int_equal(open_ws(t, &s, 0, &w), OK);
		int64_t before = clock_mono();
		if (canceled)
			pthread_create(&canceler, NULL, cancel_soon, &t->cancel_fd);
		assert_int_equal(
			ws_next(t, w, -1, &text, &n), canceled ? ERR_CANCELED : ERR_TIMEOUT);
		assert_true(clock_mono() - before < 3000);
		if (canceled)
			pthread_join(canceler, NULL);
		ws_close(t, w);
		task_end(&f);
		script_end(&s);
	}
}

static void
a_bad_path_is_ours(void **state)
{
	static const char *const paths[] = { "events", "/a b", "/a\r\nX: y", "/a\x7f" };
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct fixture f;
		struct task *t = task_begin(&f, 1000);
		struct ws *w;
		struct http_options h = { .url = "http://127.0.0.1:1/" };
		struct ws_options o = { .http = &h, .path = paths[i] };
		assert_int_equal(ws_open(t, &o, &w), ERR_INPUT);
		task_end(&f);
	}
	struct fixture f;
	struct task *t = task_begin(&f, 1000);
	struct ws *w;
	struct http_options h = { .url = "http://127.0.0.1:1/" };
	struct ws_options o = { .http = &h, .path = "/" };
	assert_int_equal(ws_open(t, &o, &w), ERR_UNREACHABLE);
	task_end(&f);
}

int
main(void)
{
	http_global_init();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_of_the_rfc),
		cmocka_unit_test(lengths),
		cmocka_unit_test(what_is_no_frame),
		cmocka_unit_test(shakes_hands),
		cmocka_unit_test(puts_fragments_together),
		cmocka_unit_test(answers_a_ping),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(an_endless_head_is_refused),
		cmocka_unit_test(pings_without_end_are_refused),
		cmocka_unit_test(keeps_deadline_and_cancel),
		cmocka_unit_test(a_bad_path_is_ours),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
