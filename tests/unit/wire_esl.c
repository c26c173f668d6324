/* adapters/wire/esl.c against a thread that says bytes: login, subscription, events, and what is
 * none of them. How messages are taken apart is in tests/talk/freeswitch_words.c. */
#include "tests/unit/wire_test.h"

#include "adapters/wire/esl.h"
#include "base/buf.h"
#include "base/str.h"
#include "tests/talk/loopback.h"

#include <string.h>

#define ASKS "Content-Type: auth/request\n\n"
#define OKAY "Content-Type: command/reply\nReply-Text: +OK accepted\n\n"
#define NO "Content-Type: command/reply\nReply-Text: -ERR invalid\n\n"
#define EVENT "Content-Length: 18\nContent-Type: text/event-plain\n\nEvent-Name: A%20B\n"

/* What is said when somebody comes, and after each word of his; `endless` behind all of it. */
struct server {
	struct loopback at;
	const char *say[4];
	const char *endless;
	bool hang_up;
	int port;
	struct buf heard;
};

static bool
put(int fd, const char *s)
{
	return send(fd, s, strlen(s), MSG_NOSIGNAL) == (ssize_t)strlen(s);
}

static void *
play(void *of)
{
	struct server *s = of;
	int fd = accept(s->at.listener, NULL, NULL);
	char in[4096];
	bool good = fd >= 0 && put(fd, s->say[0] ? s->say[0] : "");
	for (int i = 1; good && i < 4 && s->say[i]; i++) {
		ssize_t k = recv(fd, in, sizeof in, 0);
		good = k > 0;
		if (good)
			buf_add(&s->heard, in, (size_t)k);
		good = good && put(fd, s->say[i]);
	}
	while (good && s->endless)
		good = put(fd, s->endless);
	if (good && s->hang_up)
		shutdown(fd, SHUT_WR);
	for (ssize_t k; good && (k = recv(fd, in, sizeof in, 0)) > 0;)
		buf_add(&s->heard, in, (size_t)k);
	if (fd >= 0)
		close(fd);
	return NULL;
}

static enum err
open_at(struct task *t, struct server *s, int at_most_ms, struct esl **out)
{
	s->port = loopback_start(&s->at, play, s);
	return esl_open(t,
		&(struct esl_options){ .host = "127.0.0.1",
			.port = s->port,
			.password = "ClueCon",
			.events = "HEARTBEAT",
			.at_most_ms = at_most_ms },
		out);
}

static void
server_end(struct server *s)
{
	loopback_stop(&s->at);
	buf_free(&s->heard);
}

static void
logs_in_and_tells_events(void **state)
{
	struct server s = { .say = { ASKS, OKAY, OKAY EVENT OKAY EVENT
					"Content-Type: text/disconnect-notice\n\n" } };
	struct fixture f;
	struct task *t = task_begin(&f, 5000);
	struct esl *e;
	struct esl_message m;
	char name[16];
	bool any;
	assert_int_equal(open_at(t, &s, 0, &e), OK);
	for (int i = 0; i < 2; i++) { /* the reply in between is nobody's */
		assert_int_equal(esl_next(t, e, 2000, &m, &any), OK);
		assert_true(any && esl_value(&m, "Event-Name", name, sizeof name));
		assert_string_equal(name, "A B");
	}
	assert_int_equal(esl_next(t, e, 2000, &m, &any), ERR_GONE);
	esl_close(e);
	assert_lacks(f.trace.out.at, "ClueCon");
	task_end(&f);
	server_end(&s);
}

/* One password, said once, and to nobody who does not ask for it. */
static void
refused_is_refused(void **state)
{
	static const struct {
		const char *first, *second;
		enum err code;
		bool said;
	} t[] = { { ASKS, NO, ERR_AUTH, true },
		{ "Content-Type: text/rude-rejection\n\n", NULL, ERR_AUTH, false },
		{ "SSH-2.0-OpenSSH_9.2\r\n\r\n", NULL, ERR_PROTOCOL, false },
		{ "Content-Length: 2000000\nContent-Type: auth/request\n\n", NULL, ERR_PROTOCOL,
			false } };
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct server s = { .say = { t[i].first, t[i].second } };
		struct fixture f;
		struct esl *e;
		assert_int_equal(open_at(task_begin(&f, 5000), &s, 0, &e), t[i].code);
		assert_null(e);
		loopback_stop(&s.at);
		const char *once = strstr(buf_str(&s.heard), "auth ClueCon\n\n");
		assert_int_equal(once != NULL, t[i].said);
		assert_null(once ? strstr(once + 1, "auth") : NULL);
		buf_free(&s.heard);
		task_end(&f);
	}
}

/* Neither deadline nor memory is the other side's. */
static void
what_has_no_end_ends(void **state)
{
	static char lines[65537], junk[65537];
	memset(lines, '\n', sizeof lines - 1);
	memset(junk, 'x', sizeof junk - 1);
	const char *const floods[] = { lines, junk, OKAY };
	for (size_t i = 0; i < sizeof floods / sizeof *floods; i++) {
		struct server s = { .say = { ASKS, OKAY, OKAY }, .endless = floods[i] };
		struct fixture f;
		struct task *t = task_begin(&f, 20000);
		struct esl *e;
		struct esl_message m;
		bool any;
		alarm(60);
		assert_int_equal(open_at(t, &s, 0, &e), OK);
		assert_int_equal(esl_next(t, e, 10000, &m, &any), ERR_PROTOCOL);
		alarm(0);
		esl_close(e);
		task_end(&f);
		server_end(&s);
	}
}

static void
silence_and_a_cut_are_told_apart(void **state)
{
	struct server silent = { .say = { "Content-Type: auth/req" } },
		      cut = { .say = { ASKS, "Content-Type: comm" }, .hang_up = true };
	struct fixture f;
	struct task *t = task_begin(&f, 20000);
	struct esl *e;
	assert_int_equal(open_at(t, &silent, 200, &e), ERR_TIMEOUT);
	assert_true(task_left(t) > 10000); /* the task has its own time again */
	server_end(&silent);
	task_forgive(t);
	assert_int_equal(open_at(t, &cut, 0, &e), ERR_TIMEOUT);
	assert_has(t->why, "closed");
	server_end(&cut);
	pthread_t thread;
	struct server again = { .say = { NULL } };
	task_forgive(t);
	pthread_create(&thread, NULL, cancel_soon, &t->cancel_fd);
	assert_int_equal(open_at(t, &again, 0, &e), ERR_CANCELED);
	pthread_join(thread, NULL);
	server_end(&again);
	task_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logs_in_and_tells_events),
		cmocka_unit_test(refused_is_refused),
		cmocka_unit_test(what_has_no_end_ends),
		cmocka_unit_test(silence_and_a_cut_are_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
