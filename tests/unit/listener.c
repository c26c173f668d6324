/* orchestrator/listener.c over real sockets: who gets in, what is refused and how, and that
 * everything has an end. */
#include "listener.h"

#include "adapters/wire/http.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/task.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/free_port.h"

extern char **environ;

#define SECRET "0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210"
#define POST(path, n) \
	"POST " path " HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: " n \
	"\r\n\r\n"

struct stage {
	struct mailbox *box;
	struct listener *l;
	int port;
};

static void
doors(struct stage *s, const char *address, const char *secret)
{
	struct listener_door d[] = {
		{ .device = "elsewhere", .address = "192.0.2.7", .secret = OTHER },
		{ .device = "tinh", .address = address, .secret = secret, .answer = "<thanks/>" }
	};
	listener_doors(s->l, d, 2);
}

static void
stage_begin(struct stage *s, int given_s)
{
	struct err_text e = { 0 };
	s->box = mailbox_new();
	s->port = free_port();
	struct listener_options o = { .host = "127.0.0.1", .port = s->port, .given_s = given_s };
	if (listener_open(&o, s->box, &s->l, &e) != OK)
		fail_msg("%s", e.text);
	doors(s, "127.0.0.1", SECRET);
}

static void
stage_end(struct stage *s)
{
	listener_close(s->l);
	mailbox_free(s->box, free);
}

static int
dial(const struct stage *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)s->port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	return fd;
}

/* What came until the other side said no more, or ms passed. */
static const char *
hear(int fd, int ms, char *out, size_t size)
{
	size_t n = 0;
	int64_t until = clock_mono() + ms;
	for (int64_t now; n < size - 1 && (now = clock_mono()) < until;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t k = poll(&p, 1, (int)(until - now)) == 1
				    ? recv(fd, out + n, size - 1 - n, 0)
				    : 0;
		if (k <= 0)
			break;
		n += (size_t)k;
		out[n] = '\0';
		if (strstr(out, "\r\n\r\n") && !strstr(out, " 100 "))
			break;
	}
	out[n] = '\0';
	return out;
}

static int
status_of(const struct stage *s, const char *request)
{
	char out[2048];
	int64_t status = 0;
	int fd = dial(s);
	send(fd, request, strlen(request), MSG_NOSIGNAL);
	hear(fd, 3000, out, sizeof out);
	close(fd);
	char digits[4] = "";
	if (strlen(out) > 12)
		str_copy(digits, sizeof digits, out + 9);
	str_to_int(digits, 100, 599, &status);
	return (int)status;
}

static struct push *
taken(struct stage *s)
{
	struct pollfd p = { .fd = mailbox_fd(s->box), .events = POLLIN };
	return poll(&p, 1, 2000) == 1 ? mailbox_take(s->box) : NULL;
}

/* ---- tests ---- */

static void
a_whole_body_of_a_known_device_comes_through(void **state)
{
	struct stage s;
	char out[2048];
	stage_begin(&s, 0);
	int fd = dial(&s);
	/* In pieces, and a second one on the same connection. */
	static const char head[] = POST("/push/" SECRET "/RPC2", "10");
	send(fd, head, 20, MSG_NOSIGNAL);
	usleep(20000);
	send(fd, head + 20, sizeof head - 21, MSG_NOSIGNAL);
	send(fd, "<a>\0", 4, MSG_NOSIGNAL);
	usleep(20000);
	send(fd, "b</a>x", 6, MSG_NOSIGNAL);
	hear(fd, 3000, out, sizeof out);
	assert_true(str_starts(out, "HTTP/1.1 200"));
	if (!strstr(out, "<thanks/>"))
		hear(fd, 3000, out, sizeof out);
	assert_non_null(strstr(out, "<thanks/>"));
	struct push *p = taken(&s);
	assert_non_null(p);
	assert_string_equal(p->device, "tinh");
	assert_int_equal(p->n, 10);
	assert_memory_equal(p->bytes, "<a>\0b</a>x", 11);
	listener_taken(s.l, p);
	static const char again[] = POST("/push/" SECRET, "2") "ok";
	send(fd, again, sizeof again - 1, MSG_NOSIGNAL);
	p = taken(&s);
	assert_non_null(p);
	assert_string_equal(p->bytes, "ok");
	listener_taken(s.l, p);
	close(fd);
	stage_end(&s);
}

static void
the_rest_is_refused(void **state)
{
	static const struct {
		const char *request;
		int status;
	} cases[] = {
		{ POST("/push/" OTHER, "1") "x", 404 }, /* the secret of a device elsewhere */
		{ POST("/push/" SECRET "x", "1") "x", 404 },
		{ POST("/push/0123456789abcdef", "1") "x", 404 },
		{ POST("/push/", "1") "x", 404 },
		{ POST("/", "1") "x", 404 },
		{ POST("/push/0123456789abcdef0123456789abcdeF", "1") "x", 404 },
		{ "GET /push/" SECRET " HTTP/1.1\r\nHost: x\r\n\r\n", 405 },
		{ "PUT /push/" SECRET " HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", 405 },
		{ "POST /push/" SECRET " HTTP/1.1\r\nHost: x\r\n\r\n", 411 },
		{ "POST /push/" SECRET
		  " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
			411 },
		{ POST("/push/" SECRET, "9999999999"), 413 },
		{ POST("/push/" SECRET, "262145"), 413 },
	};
	struct stage s;
	stage_begin(&s, 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int got = status_of(&s, cases[i].request);
		if (got != cases[i].status)
			fail_msg("%d instead of %d: %s", got, cases[i].status, cases[i].request);
	}
	/* Where the library itself has something against it, any refusal will do. */
	static const char *const odd[] = {
		"POST /push/" SECRET
		" HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 5\r\n\r\nxxxxx",
		"POST /push/" SECRET " HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\nx",
		"POST /push/" SECRET " HTTP/1.1\r\nHost: x\r\nContent-Length: "
				     "1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
		"\x16\x03\x01 hello\r\n\r\n",
	};
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
		assert_int_not_equal(status_of(&s, odd[i]), 200);
	/* Headers without end. */
	struct buf b = { 0 };
	buf_puts(&b, "POST /push/" SECRET " HTTP/1.1\r\nHost: x\r\n");
	while (b.n < 100000)
		buf_puts(&b, "X-More: and more and more and more and more\r\n");
	buf_puts(&b, "Content-Length: 1\r\n\r\nx");
	assert_int_not_equal(status_of(&s, buf_str(&b)), 200);
	buf_free(&b);
	assert_null(mailbox_take(s.box));
	/* And a good one is still taken. */
	assert_int_equal(status_of(&s, POST("/push/" SECRET, "1") "x"), 200);
	stage_end(&s);
}

static void
a_stranger_is_not_read(void **state)
{
	struct stage s;
	char out[64];
	stage_begin(&s, 0);
	doors(&s, "192.0.2.8", SECRET);
	int fd = dial(&s);
	send(fd, POST("/push/" SECRET, "1") "x", sizeof POST("/push/" SECRET, "1"), MSG_NOSIGNAL);
	assert_string_equal(hear(fd, 3000, out, sizeof out), "");
	close(fd);
	assert_null(mailbox_take(s.box));
	/* Without any door nobody is let in; with an IPv4 address written as IPv6 somebody is. */
	listener_doors(s.l, NULL, 0);
	assert_int_equal(status_of(&s, POST("/push/" SECRET, "1") "x"), 0);
	doors(&s, "127.0.0.1", SECRET);
	assert_int_equal(status_of(&s, POST("/push/" SECRET, "1") "x"), 200);
	/* The secret changed. */
	doors(&s, "127.0.0.1", OTHER);
	assert_int_equal(status_of(&s, POST("/push/" SECRET, "1") "x"), 404);
	stage_end(&s);
}

static void
who_dawdles_is_cut_off(void **state)
{
	struct stage s;
	char out[256];
	stage_begin(&s, 1);
	int quiet = dial(&s), drips = dial(&s);
	int64_t begun = clock_mono();
	static const char head[] = POST("/push/" SECRET, "1000");
	send(drips, head, sizeof head - 1, MSG_NOSIGNAL);
	bool open = true;
	/* a byte now and then keeps no body open for ever */
	while (open && clock_mono() - begun < 8000) {
		struct pollfd p = { .fd = drips, .events = POLLIN };
		usleep(200000);
		open = send(drips, "x", 1, MSG_NOSIGNAL) == 1 &&
		       !(poll(&p, 1, 0) == 1 && recv(drips, out, sizeof out, 0) <= 0);
	}
	assert_false(open);
	assert_string_equal(hear(quiet, 6000, out, sizeof out), "");
	assert_true(clock_mono() - begun < 8000);
	close(quiet);
	close(drips);
	assert_null(mailbox_take(s.box));
	stage_end(&s);
}

static void
connections_and_the_queue_are_bounded(void **state)
{
	struct stage s;
	int fds[LISTENER_CONNECTIONS_EACH + 4];
	char out[64];
	size_t shut = 0;
	stage_begin(&s, 0);
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		fds[i] = dial(&s);
	/* Four too many are shut, soon. */
	for (int64_t until = clock_mono() + 5000; shut < 4 && clock_mono() < until;) {
		shut = 0;
		for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
			struct pollfd p = { .fd = fds[i], .events = POLLIN };
			shut += poll(&p, 1, 20) == 1 && recv(fds[i], out, sizeof out, 0) <= 0;
		}
	}
	assert_int_equal(shut, 4);
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		close(fds[i]);
	usleep(100000);
	/* Nobody takes them: the device is told to keep its posts. */
	int last = 200;
	size_t n = 0;
	for (; last == 200 && n < LISTENER_QUEUE_MOST + 10; n++)
		last = status_of(&s, POST("/push/" SECRET, "1") "x");
	assert_int_equal(last, 503);
	assert_int_equal(n, LISTENER_QUEUE_MOST + 1);
	listener_taken(s.l, taken(&s));
	assert_int_equal(status_of(&s, POST("/push/" SECRET, "1") "x"), 200);
	stage_end(&s);
}

static bool
make_certificate(const char *dir)
{
	char key[300], cert[300];
	pid_t pid;
	int status = 1;
	snprintf(key, sizeof key, "%s/key", dir);
	snprintf(cert, sizeof cert, "%s/cert", dir);
	char *args[] = { "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
		"ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=lab",
		"-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert, NULL };
	posix_spawn_file_actions_t quiet;
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", 1, 0);
	bool made = posix_spawnp(&pid, "openssl", &quiet, NULL, args, environ) == 0 &&
		    waitpid(pid, &status, 0) == pid && status == 0;
	posix_spawn_file_actions_destroy(&quiet);
	return made;
}

static void
speaks_tls_where_it_has_a_certificate(void **state)
{
	char dir[] = "/tmp/listener.XXXXXX", key[300], cert[300], url[64];
	struct err_text e = { 0 };
	struct listener *l;
	struct mailbox *box = mailbox_new();
	assert_non_null(mkdtemp(dir));
	snprintf(key, sizeof key, "%s/key", dir);
	snprintf(cert, sizeof cert, "%s/cert", dir);
	assert_true(make_certificate(dir));
	struct listener_options o = {
		.host = "127.0.0.1", .port = free_port(), .cert = cert, .key = key
	};
	if (listener_open(&o, box, &l, &e) != OK)
		fail_msg("%s", e.text);
	struct listener_door d = { .device = "tinh", .address = "127.0.0.1", .secret = SECRET };
	listener_doors(l, &d, 1);
	struct task t = { .arena = arena_new(), .cancel_fd = -1, .deadline = clock_mono() + 5000 };
	struct http *h;
	struct http_reply r;
	snprintf(url, sizeof url, "https://127.0.0.1:%d/", o.port);
	struct http_options ho = { .url = url, .ca_file = cert };
	struct http_request q = {
		.path = "/push/" SECRET, .body = "<a/>", .body_len = 4, .content_type = "text/xml"
	};
	assert_int_equal(http_open(&t, &ho, &h), OK);
	if (http_ask(&t, h, &q, &r) != OK)
		fail_msg("%s", t.why);
	assert_int_equal(r.status, 200);
	struct push *p = mailbox_take(box);
	assert_non_null(p);
	assert_string_equal(p->bytes, "<a/>");
	listener_taken(l, p);
	http_close(h);
	/* Plain HTTP at that port gets nothing. */
	struct stage plain = { .port = o.port };
	assert_int_not_equal(status_of(&plain, POST("/push/" SECRET, "1") "x"), 200);
	listener_close(l);
	/* The port is taken, a file is missing, key and certificate are no pair. */
	struct listener *second;
	o.key = "/nonexistent/key";
	assert_int_equal(listener_open(&o, box, &second, &e), ERR_INPUT);
	assert_non_null(strstr(e.text, "/nonexistent/key"));
	o.key = o.cert;
	assert_int_equal(listener_open(&o, box, &second, &e), ERR_INPUT);
	unlink(key);
	unlink(cert);
	rmdir(dir);
	arena_free(t.arena);
	mailbox_free(box, free);
}

static void
a_place_that_is_taken_is_told(void **state)
{
	struct stage s;
	struct listener *second;
	struct err_text e = { 0 };
	stage_begin(&s, 0);
	struct listener_options o = { .host = "127.0.0.1", .port = s.port };
	assert_int_equal(listener_open(&o, s.box, &second, &e), ERR_INPUT);
	assert_non_null(strstr(e.text, "127.0.0.1"));
	o.host = "name.example";
	assert_int_equal(listener_open(&o, s.box, &second, &e), ERR_INPUT);
	stage_end(&s);
}

int
main(void)
{
	http_global_init();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_body_of_a_known_device_comes_through),
		cmocka_unit_test(the_rest_is_refused),
		cmocka_unit_test(a_stranger_is_not_read),
		cmocka_unit_test(who_dawdles_is_cut_off),
		cmocka_unit_test(connections_and_the_queue_are_bounded),
		cmocka_unit_test(speaks_tls_where_it_has_a_certificate),
		cmocka_unit_test(a_place_that_is_taken_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
