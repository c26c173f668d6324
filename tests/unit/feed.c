/* Calendars behind an address, against a small server of our own that says what a row tells it to:
 * good answers, hostile ones, slow ones, none. The real servers stand in tests/talk/feed_servers.c.
 */
#include "schedules/feed.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "schedules/calendar.h"

#include "adapters/wire/http.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define ICS \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nNAME:Lịch\r\nREFRESH-INTERVAL;VALUE=DURATION:" \
	"PT2H\r\nBEGIN:VEVENT\r\nUID:a\r\n" \
	"DTSTART:20260302T010000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
#define OKAY(more, body) "HTTP/1.1 200 OK\r\n" more "Connection: close\r\n\r\n" body
enum { HOUR = 3600000 };
#define NOW (INT64_C(1767225600000))

struct server {
	int fd, port;
	pthread_t thread;
	_Atomic int asked;
	pthread_mutex_t lock; /* of last */
	char last[4096];      /* the last request */
	_Atomic(const char *)
		say; /* "auth", "slow", "big", or the answer's bytes; %d is the port of `other` */
	int other;
};

static void
send_all(int fd, const char *s, size_t n)
{
	while (n) {
		ssize_t k = send(fd, s, n, MSG_NOSIGNAL);
		if (k <= 0)
			return;
		s += k;
		n -= (size_t)k;
	}
}

static void
send_text(int fd, const char *s)
{
	send_all(fd, s, strlen(s));
}

static void
answer(struct server *s, int fd)
{
	const char *say = s->say;
	if (str_eq(say, "auth")) {
		/* "user:secret" */
		bool good = strstr(s->last, "Authorization: Basic dXNlcjpzZWNyZXQ=") != NULL;
		send_text(
			fd, good ? OKAY("", ICS)
				 : "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic "
				   "realm=\"x\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
	} else if (str_eq(say, "slow")) {
		send_text(fd, OKAY("", "BEGIN:VCALENDAR\r\n"));
		for (int i = 0; i < 100; i++) {
			struct pollfd p = { .fd = fd, .events = POLLRDHUP };
			if (poll(&p, 1, 50) > 0)
				return;
			send_text(fd, "X-A:1\r\n");
		}
	} else if (str_eq(say, "big")) {
		send_text(fd, OKAY("", "BEGIN:VCALENDAR\r\n"));
		char *block = calloc(1, 65536);
		memset(block, 'x', 65536);
		for (int i = 0; i < 300; i++)
			send_all(fd, block, 65536);
		free(block);
	} else if (str_eq(say, "once")) {
		/* The same calendar, unless the asker has it. */
		send_text(fd, strstr(s->last, "If-None-Match: \"v1\"")
				      ? "HTTP/1.1 304 Same\r\nConnection: close\r\n\r\n"
				      : OKAY("ETag: \"v1\"\r\n", ICS));
	} else if (strstr(say, "PORT")) {
		struct buf b = { 0 };
		const char *at = strstr(say, "PORT");
		buf_printf(&b, "%.*s%d%s", (int)(at - say), say, s->other, at + 4);
		send_text(fd, buf_str(&b));
		buf_free(&b);
	} else {
		send_text(fd, say);
	}
}

static void *
serve(void *arg)
{
	struct server *s = arg;
	int fd;
	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		size_t n = 0;
		ssize_t k;
		char got[sizeof s->last] = "";
		while (n + 1 < sizeof got && !strstr(got, "\r\n\r\n") &&
			(k = recv(fd, got + n, sizeof got - 1 - n, 0)) > 0)
			n += (size_t)k;
		pthread_mutex_lock(&s->lock);
		memcpy(s->last, got, sizeof got);
		pthread_mutex_unlock(&s->lock);
		if (n) {
			s->asked++;
			answer(s, fd);
		}
		close(fd);
	}
	return NULL;
}

/* Whether the last request holds these words. */
static bool
heard(struct server *s, const char *words)
{
	pthread_mutex_lock(&s->lock);
	bool yes = strstr(s->last, words) != NULL;
	pthread_mutex_unlock(&s->lock);
	return yes;
}

static void
server_start(struct server *s, const char *say)
{
	memset(s, 0, sizeof *s);
	pthread_mutex_init(&s->lock, NULL);
	s->say = say;
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	assert_int_equal(bind(s->fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(s->fd, 16), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &len), 0);
	s->port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void
server_stop(struct server *s)
{
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
}

struct world {
	struct server server;
	struct feed_source source;
	char url[128], dir[64];
	struct task task;
	struct feed_state state;
};

static void
ask(struct world *w, int64_t now, int64_t deadline_ms)
{
	arena_free(w->task.arena);
	w->task = (struct task){
		.arena = arena_new(), .cancel_fd = -1, .deadline = clock_mono() + deadline_ms
	};
	enum err code = feed_refresh(&w->task, &w->source, w->dir, now, &w->state);
	assert_int_equal(code, w->state.code);
}

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	server_start(&w->server,
		OKAY("ETag: \"v1\"\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n", ICS));
	snprintf(w->url, sizeof w->url, "http://127.0.0.1:%d/a/ubnd.ics?key=1", w->server.port);
	snprintf(w->dir, sizeof w->dir, "/tmp/td-feed-XXXXXX");
	if (!mkdtemp(w->dir))
		return -1;
	w->source = (struct feed_source){ .id = "ubnd", .url = w->url };
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;
	server_stop(&w->server);
	feed_remove(&w->source, w->dir);
	int rc = rmdir(w->dir); /* nothing else was left there */
	arena_free(w->task.arena);
	free(w);
	return rc;
}

static char *
copy_of(struct world *w)
{
	static char text[4096];
	memset(text, 0, sizeof text);
	assert_non_null(w->state.files[0]);
	FILE *f = fopen(w->state.files[0], "r");
	assert_non_null(f);
	assert_true(fread(text, 1, sizeof text - 1, f) > 0);
	fclose(f);
	return text;
}

static void
test_good(void **state)
{
	struct world *w = *state;
	ask(w, NOW, 5000);
	assert_int_equal(w->state.code, OK);
	assert_true(w->state.changed);
	assert_string_equal(w->state.name, "Lịch");
	assert_string_equal(w->state.why, "");
	assert_int_equal(w->state.fetched_at, NOW);
	assert_int_equal(w->state.next_at, NOW + 2 * HOUR); /* as the calendar suggests */
	assert_string_equal(copy_of(w), ICS);
	assert_true(heard(&w->server, "GET /a/ubnd.ics?key=1 HTTP/1.1"));
	/* Asked again, it says what it has and hears that nothing changed. */
	w->server.say = "HTTP/1.1 304 Same\r\nConnection: close\r\n\r\n";
	w->source.every_ms = HOUR;
	ask(w, NOW + HOUR, 5000);
	assert_int_equal(w->state.code, OK);
	assert_false(w->state.changed);
	assert_int_equal(w->state.fetched_at, NOW + HOUR);
	assert_int_equal(w->state.next_at, NOW + 2 * HOUR);
	assert_true(heard(&w->server, "If-None-Match: \"v1\""));
	assert_true(heard(&w->server, "If-Modified-Since: Thu, 01 Jan 2026"));
	/* A copy that was lost is asked for whole. */
	unlink(w->state.files[0]);
	w->server.say = "once";
	ask(w, NOW + HOUR, 5000);
	assert_int_equal(w->state.code, OK);
	assert_string_equal(copy_of(w), ICS);
	struct feed_state last;
	feed_last(&w->source, w->dir, NOW + 3 * HOUR, w->task.arena, &last);
	assert_int_equal(last.fetched_at, NOW + HOUR);
	assert_int_equal(last.next_at, NOW + 2 * HOUR);
	/* Another address under the same id does not inherit the copy. */
	w->source.url = "http://127.0.0.1:1/other.ics";
	feed_last(&w->source, w->dir, NOW, w->task.arena, &last);
	assert_null(last.files[0]);
	assert_int_equal(last.next_at, NOW);
	w->source.url = w->url;
}

/* Whatever the server does, the last good copy stays and its age is said. */
static void
test_bad_answers(void **state)
{
	static const struct {
		const char *say;
		enum err code;
		const char *why;
	} t[] = {
		{ OKAY("", "<html>Log in</html>"), ERR_PROTOCOL, "a web page" },
		{ OKAY("", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\n"), ERR_PROTOCOL,
			"cut off" },
		{ OKAY("Content-Length: 9000\r\n", ICS), ERR_TIMEOUT, "" },
		{ OKAY("", ""), ERR_PROTOCOL, "empty" },
		{ OKAY("", "hello"), ERR_PROTOCOL, "not a calendar" },
		{ "HTTP/1.1 404 No\r\nConnection: close\r\n\r\n", ERR_GONE, "404" },
		{ "HTTP/1.1 403 No\r\nConnection: close\r\n\r\n", ERR_REFUSED, "403" },
		{ "HTTP/1.1 503 Later\r\nConnection: close\r\n\r\n", ERR_BUSY, "503" },
		{ "HTTP/1.1 304 Same\r\nConnection: close\r\n\r\n", OK, "" },
		{ "HTTP/1.1 302 Go\r\nLocation: /again\r\nConnection: close\r\n\r\n", ERR_PROTOCOL,
			"redirects more than 5 times" },
		{ "HTTP/1.1 302 Go\r\nLocation: file:///etc/passwd\r\nConnection: close\r\n\r\n",
			ERR_PROTOCOL, "redirects to a place" },
		{ "HTTP/1.1 302 Go\r\nConnection: close\r\n\r\n", ERR_PROTOCOL,
			"redirects to a place" },
		{ "big", ERR_PROTOCOL, "more than" },
		{ "\x01\x02\x03\r\n\r\n", ERR_PROTOCOL, "" },
	};
	struct world *w = *state;
	ask(w, NOW, 5000);
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		w->server.say = t[i].say;
		ask(w, NOW + 3 * HOUR, 5000);
		if (w->state.code != t[i].code || !strstr(w->state.why, t[i].why))
			fail_msg("row %zu: %s, \"%s\"", i, err_name(w->state.code), w->state.why);
		assert_string_equal(copy_of(w), ICS);
		assert_false(w->state.changed);
		if (t[i].code == OK) { /* back to the old age */
			ask(w, NOW, 5000);
			continue;
		}
		if (!strstr(w->state.why, "the copy of 3 hours ago is used"))
			fail_msg("row %zu says no age: %s", i, w->state.why);
		assert_int_equal(w->state.next_at, NOW + 3 * HOUR + 300000);
	}
	/* A calendar that was never read has no copy, and says so. */
	feed_remove(&w->source, w->dir);
	w->server.say = t[0].say;
	ask(w, NOW, 5000);
	assert_null(w->state.files[0]);
	assert_non_null(strstr(w->state.why, "there is no earlier copy"));
}

static void
test_slow(void **state)
{
	struct world *w = *state;
	w->server.say = "slow";
	int64_t before = clock_mono();
	ask(w, NOW, 600);
	assert_int_equal(w->state.code, ERR_TIMEOUT);
	assert_in_range(clock_mono() - before, 500, 3000);
	w->source.url = "http://127.0.0.1:1/x.ics";
	ask(w, NOW, 600);
	assert_int_equal(w->state.code, ERR_UNREACHABLE);
	w->source.url = "gopher://x/";
	ask(w, NOW, 600);
	assert_int_equal(w->state.code, ERR_INPUT);
	w->source.url = w->url;
}

static void
test_redirect(void **state)
{
	struct world *w = *state;
	struct server other;
	server_start(&other, OKAY("", ICS));
	w->server.other = other.port;
	w->server.say = "HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:PORT/there\r\nConnection: "
			"close\r\n\r\n";
	w->source.user = "user";
	w->source.password = "secret";
	ask(w, NOW, 5000);
	assert_int_equal(w->state.code, OK);
	assert_true(heard(&other, "GET /there "));
	assert_false(heard(&other, "Authorization")); /* another server never sees the login */
	assert_string_equal(copy_of(w), ICS);
	server_stop(&other);
}

static void
test_login(void **state)
{
	struct world *w = *state;
	w->server.say = "auth";
	w->source.user = "user";
	w->source.password = "wrong";
	ask(w, NOW, 5000);
	assert_int_equal(w->state.code, ERR_AUTH);
	assert_int_equal(w->state.next_at, INT64_MAX);
	assert_null(strstr(w->state.why, "ubnd.ics")); /* a secret may be part of the address */
	assert_non_null(strstr(w->state.why, "http://127.0.0.1:"));
	int asked = w->server.asked;
	/* Never again with the same login, also after a restart. */
	ask(w, NOW + HOUR, 5000);
	assert_int_equal(w->state.code, ERR_AUTH);
	assert_int_equal(w->server.asked, asked);
	struct feed_state last;
	feed_last(&w->source, w->dir, NOW, w->task.arena, &last);
	assert_int_equal(last.next_at, INT64_MAX);
	/* A person changes the password, or says so. */
	w->source.password = "secret";
	ask(w, NOW, 5000);
	assert_int_equal(w->state.code, OK);
	assert_string_equal(copy_of(w), ICS);
	asked = w->server.asked;
	ask(w, NOW, 5000);
	assert_int_equal(w->server.asked, asked + 1); /* the way that worked is remembered */
	w->source.password = "wrong";
	ask(w, NOW, 5000);
	asked = w->server.asked;
	feed_forgive(&w->source, w->dir);
	ask(w, NOW, 5000);
	assert_true(w->server.asked > asked);
	assert_string_equal(copy_of(w), ICS);
	/* The password is nowhere on disk. */
	char path[128], text[4096] = "";
	snprintf(path, sizeof path, "%s/ubnd.json", w->dir);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	assert_true(fread(text, 1, sizeof text - 1, f) > 0);
	fclose(f);
	assert_null(strstr(text, "secret"));
	assert_null(strstr(text, "wrong"));
}

static void
touch(const char *dir, const char *name)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
}

static void
test_folder(void **state)
{
	char dir[] = "/tmp/td-folder-XXXXXX", path[256];
	assert_non_null(mkdtemp(dir));
	struct arena *a = arena_new();
	struct err_text e = { 0 };
	int fd = feed_watch(dir, &e);
	assert_true(fd >= 0);
	assert_false(feed_watch_changed(fd));
	static const char *const others[] = { ".a.ics", "b.ics.part", "c.txt", "d.ics~", ".ics" };
	for (size_t i = 0; i < 5; i++)
		touch(dir, others[i]);
	assert_false(feed_watch_changed(fd));
	touch(dir, "b.ics");
	touch(dir, "a.ICS");
	assert_true(feed_watch_changed(fd));
	assert_false(feed_watch_changed(fd));
	const char *const *files = feed_folder(dir, a);
	assert_non_null(files);
	assert_true(str_ends(files[0], "/a.ICS"));
	assert_true(str_ends(files[1], "/b.ics"));
	assert_null(files[2]);
	static const char *const all[] = { ".a.ics", "b.ics.part", "c.txt", "d.ics~", ".ics",
		"a.ICS", "b.ics" };
	for (size_t i = 0; i < 7; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, all[i]);
		unlink(path);
	}
	assert_true(feed_watch_changed(fd));
	assert_int_equal(rmdir(dir), 0);
	assert_true(feed_watch_changed(fd));
	close(fd);
	assert_null(feed_folder(dir, a));
	assert_int_equal(feed_watch(dir, &e), -1);
	assert_non_null(strstr(e.text, dir));
	arena_free(a);
}

int
main(void)
{
	http_global_init();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_good, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_slow, setup, teardown),
		cmocka_unit_test_setup_teardown(test_redirect, setup, teardown),
		cmocka_unit_test_setup_teardown(test_login, setup, teardown),
		cmocka_unit_test(test_folder),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
