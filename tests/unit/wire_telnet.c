/* adapters/wire/telnet.c, and lines.c on top of it, against a thread that says bytes and keeps what
 * it hears. */
#include "tests/unit/wire_test.h"

#include "adapters/wire/lines.h"
#include "adapters/wire/tcp.h"
#include "adapters/wire/telnet.h"
#include "base/buf.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* What is said, in pieces of `piece` bytes with a pause between them; then either silence until the
 * client leaves, or the connection is closed. */
struct peer {
	int listener, port;
	const char *say;
	size_t n, piece;
	int pause_ms;
	bool hang_up, forever, deaf; /* deaf: it reads nothing, and goes on for ever */
	struct buf heard;
	pthread_t thread;
};

static void *
play(void *of)
{
	struct peer *p = of;
	int fd = accept(p->listener, NULL, NULL);
	char in[4096];
	ssize_t k;
	size_t piece = p->piece ? p->piece : p->n;
	bool good = true;
	for (size_t at = 0; good && at < p->n; at += piece) {
		size_t n = p->n - at < piece ? p->n - at : piece;
		good = send(fd, p->say + at, n, MSG_NOSIGNAL) == (ssize_t)n;
		usleep((useconds_t)p->pause_ms * 1000);
	}
	while (good && p->forever) {
		good = send(fd, p->say, p->n, MSG_NOSIGNAL) > 0;
		while (!p->deaf && (k = recv(fd, in, sizeof in, MSG_DONTWAIT)) > 0)
			;
	}
	if (p->hang_up)
		shutdown(fd, SHUT_WR);
	while ((k = recv(fd, in, sizeof in, 0)) > 0)
		buf_add(&p->heard, in, (size_t)k);
	close(fd);
	return NULL;
}

static void
peer_start(struct peer *p)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;
	p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(p->listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(p->listener, 1), 0);
	getsockname(p->listener, (struct sockaddr *)&at, &size);
	p->port = ntohs(at.sin_port);
	pthread_create(&p->thread, NULL, play, p);
}

static void
peer_stop(struct peer *p)
{
	pthread_join(p->thread, NULL);
	close(p->listener);
	buf_free(&p->heard);
}

static struct telnet *
dial(struct task *t, const struct peer *p)
{
	struct telnet *tn;
	assert_int_equal(telnet_open(t, "127.0.0.1", p->port, &tn), OK);
	assert_non_null(tn);
	return tn;
}

/* All text until the peer closes or is silent. */
static enum err
hear(struct task *t, struct telnet *tn, struct buf *out)
{
	char some[7]; /* small, so that sequences are cut by the reader as well */
	size_t n = 1;
	enum err rc = OK;
	while (rc == OK && n > 0) {
		rc = telnet_read(t, tn, some, sizeof some, 3000, &n);
		buf_add(out, some, n);
	}
	return rc;
}

#define TEXT(s) .say = (s), .n = sizeof(s) - 1

static void
refuses_every_option(void **state)
{
	static const char said[] = "\xff\xfd\x18"	       /* DO TERMINAL-TYPE */
				   "\xff\xfb\x01"	       /* WILL ECHO */
				   "a\xff\xfc\x03\xff\xfe\x1f" /* WONT, DONT: no answer */
				   "b\xff\xfa\x18\x01\xff\xff\xff\xf0" /* SB with a 0xFF in it */
				   "c\xff\xf1" /* NOP */
				   "d\xff\xff"
				   "e\r\0f\r\ng\0h";
	static const char text[] = "abcd\xff"
				   "e\rf\r\ng\0h";
	static const char answers[] = "\xff\xfc\x18\xff\xfe\x01";
	for (size_t piece = 0; piece < 5; piece++) {
		struct fixture f;
		struct task *t = task_begin(&f, 20000);
		struct peer p = { .say = said,
			.n = sizeof said - 1,
			.piece = piece,
			.pause_ms = piece ? 3 : 0,
			.hang_up = true };
		struct buf heard = { 0 };
		peer_start(&p);
		struct telnet *tn = dial(t, &p);
		assert_int_equal(hear(t, tn, &heard), ERR_GONE);
		assert_has(t->why, "closed by the device");
		assert_int_equal(heard.n, sizeof text - 1);
		assert_memory_equal(heard.at, text, sizeof text - 1);
		telnet_close(tn);
		pthread_join(p.thread, NULL);
		assert_int_equal(p.heard.n, sizeof answers - 1);
		assert_memory_equal(p.heard.at, answers, sizeof answers - 1);
		close(p.listener);
		buf_free(&p.heard);
		buf_free(&heard);
		task_end(&f);
	}
}

static void
doubles_what_looks_like_a_command(void **state)
{
	struct fixture f;
	struct task *t = task_begin(&f, 20000);
	struct peer p = { 0 };
	peer_start(&p);
	struct telnet *tn = dial(t, &p);
	assert_int_equal(telnet_send(t, tn, "p\xff\xfe\x01\r\n", 6), OK);
	assert_int_equal(telnet_send(t, tn, "", 0), OK);
	telnet_close(tn);
	pthread_join(p.thread, NULL);
	assert_int_equal(p.heard.n, 7);
	assert_memory_equal(p.heard.at, "p\xff\xff\xfe\x01\r\n", 7);
	close(p.listener);
	buf_free(&p.heard);
	task_end(&f);
}

static void
silence_ends(void **state)
{
	struct fixture f;
	pthread_t thread;
	char some[64];
	size_t n;
	struct task *t = task_begin(&f, 20000);
	struct peer p = { 0 };
	peer_start(&p);
	struct telnet *tn = dial(t, &p);
	assert_int_equal(telnet_read(t, tn, some, sizeof some, 50, &n), OK);
	assert_int_equal(n, 0);
	assert_int_equal(telnet_read(t, tn, some, sizeof some, 0, &n), OK);
	assert_int_equal(n, 0);
	t->deadline = clock_mono() + 200;
	assert_int_equal(telnet_read(t, tn, some, sizeof some, -1, &n), ERR_TIMEOUT);
	task_forgive(t);
	t->deadline = clock_mono() + 20000;
	int64_t before = clock_mono();
	pthread_create(&thread, NULL, cancel_soon, &t->cancel_fd);
	assert_int_equal(telnet_read(t, tn, some, sizeof some, 15000, &n), ERR_CANCELED);
	assert_true(clock_mono() - before < 5000);
	pthread_join(thread, NULL);
	telnet_close(tn);
	peer_stop(&p);

	task_end(&f);
	t = task_begin(&f, 3000);
	assert_int_equal(telnet_open(t, "127.0.0.1", p.port, &tn), ERR_UNREACHABLE);
	assert_null(tn);
	telnet_close(tn);
	task_forgive(t);
	assert_int_equal(telnet_open(t, "", 23, &tn), ERR_INPUT);
	task_end(&f);
}

/* Negotiation is no text: it does not stretch the time that was given. */
static void
a_drip_of_options_is_no_text(void **state)
{
	struct fixture f;
	char some[64];
	size_t n;
	struct task *t = task_begin(&f, 20000);
	static char many[600 * 3];
	for (size_t i = 0; i < sizeof many; i++)
		many[i] = "\xff\xfd\x18"[i % 3];
	/* twelve seconds of them, or until we hang up */
	struct peer p = {
		.say = many, .n = sizeof many, .piece = 3, .pause_ms = 20, .hang_up = true
	};
	peer_start(&p);
	struct telnet *tn = dial(t, &p);
	int64_t before = clock_mono();
	assert_int_equal(telnet_read(t, tn, some, sizeof some, 200, &n), OK);
	assert_int_equal(n, 0);
	assert_in_range(clock_mono() - before, 150, 8000);
	telnet_close(tn);
	peer_stop(&p);

	p = (struct peer){ .say = many, .n = sizeof many, .forever = true };
	peer_start(&p);
	tn = dial(t, &p);
	assert_int_equal(telnet_read(t, tn, some, sizeof some, -1, &n), ERR_PROTOCOL);
	assert_has(t->why, "without end");
	telnet_close(tn);
	peer_stop(&p);
	task_end(&f);
}

/* Without it a question of three small messages waits 40 ms for a delayed acknowledgement. */
static void
small_writes_do_not_wait(void **state)
{
	struct fixture f;
	struct task *t = task_begin(&f, 20000);
	struct peer p = { TEXT("x") };
	int fd, on = 0;
	socklen_t size = sizeof on;
	peer_start(&p);
	assert_int_equal(tcp_connect(t, "127.0.0.1", p.port, &fd), OK);
	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, &size), 0);
	assert_true(on);
	close(fd);
	peer_stop(&p);
	task_end(&f);
}

/* It asks, with a word of text each time, and reads no answer: what waits for it stays small. */
static void
a_peer_that_never_reads_is_given_up(void **state)
{
	struct fixture f;
	char some[4096];
	size_t n, text = 0;
	enum err rc = OK;
	struct task *t = task_begin(&f, 30000);
	static char many[4096];
	for (size_t i = 0; i < sizeof many; i++)
		many[i] = "\xff\xfd\x18 text"[i % 8];
	struct peer p = { .say = many, .n = sizeof many, .forever = true, .deaf = true };
	peer_start(&p);
	struct telnet *tn = dial(t, &p);
	while (rc == OK && text < (256u << 20)) {
		rc = telnet_read(t, tn, some, sizeof some, -1, &n);
		text += n;
	}
	assert_int_equal(rc, ERR_PROTOCOL);
	assert_has(t->why, "reads no answer");
	telnet_close(tn);
	peer_stop(&p);
	task_end(&f);
}

/* ---- lines ---- */

static void
prompts_without_a_line_end(void **state)
{
	static const char *const prompts[] = { "username:", "password:", "->", NULL };
	struct fixture f;
	const char *line;
	int which;
	struct task *t = task_begin(&f, 20000);
	struct peer p = { TEXT("\xff\xfd\x18welcome\r\nPassword: "), .piece = 9, .pause_ms = 20 };
	struct lines l = { 0 };
	peer_start(&p);
	struct telnet *tn = dial(t, &p);
	l.stream = telnet_stream(tn);
	trace_secret(&f.trace, "s3cret");
	assert_int_equal(lines_prompt_of(t, &l, prompts, 3000, &which), OK);
	assert_int_equal(which, 1);
	assert_int_equal(lines_prompt_of(t, &l, prompts, 0, &which), OK);
	assert_int_equal(which, -1); /* it is consumed, */
	assert_int_equal(lines_next(t, &l, 0, &line), OK);
	assert_string_equal(line, "welcome"); /* what stood before it is not */
	assert_int_equal(lines_next(t, &l, 50, &line), OK);
	assert_null(line);
	assert_int_equal(lines_send(t, &l, "s3cret", "\r\n"), OK);
	assert_has(f.trace.out.at, "< Password: \n");
	assert_has(f.trace.out.at, "> ***");
	assert_lacks(f.trace.out.at, "s3cret");
	lines_free(&l);
	telnet_close(tn);
	peer_stop(&p);

	/* A line that ends is no prompt, one that only holds the word neither,
	 * nor one that may go on. */
	p = (struct peer){ TEXT("password:\r\nthe password: is wrong\r\n-> x\r\nTelnet password:"),
		.hang_up = true };
	peer_start(&p);
	tn = dial(t, &p);
	l = (struct lines){ .stream = telnet_stream(tn) };
	assert_int_equal(lines_prompt_of(t, &l, prompts, 3000, &which), ERR_GONE);
	task_forgive(t);
	assert_int_equal(lines_next(t, &l, 0, &line), OK);
	assert_string_equal(line, "password:");
	lines_free(&l);
	telnet_close(tn);
	peer_stop(&p);
	task_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_every_option),
		cmocka_unit_test(doubles_what_looks_like_a_command),
		cmocka_unit_test(silence_ends),
		cmocka_unit_test(a_drip_of_options_is_no_text),
		cmocka_unit_test(small_writes_do_not_wait),
		cmocka_unit_test(a_peer_that_never_reads_is_given_up),
		cmocka_unit_test(prompts_without_a_line_end),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
