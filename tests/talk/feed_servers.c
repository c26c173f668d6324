/* Calendars from the servers people have: nginx with a file, Radicale with CalDAV, and Radicale
 * behind a lighttpd that wants a digest login; all on loopback and ours to stop. Skipped where they
 * are not installed (Debian: nginx-light, radicale, lighttpd). */
#include "schedules/feed.h"

#include "adapters/wire/http.h"
#include "base/clock.h"
#include "base/str.h"
#include "schedules/calendar.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/free_port.h"

extern char **environ;

#define EVENT(uid, day) \
	"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//VI\r\nBEGIN:VEVENT\r\nUID:" uid "\r\n" \
	"DTSTAMP:20260101T000000Z\r\nDTSTART:202603" day "T010000Z\r\nDTEND:202603" day \
	"T020000Z\r\nSUMMARY:Họp\r\nEND:VEVENT\r\n" \
	"END:VCALENDAR\r\n"

struct world {
	pid_t pid;
	int port;
	char dir[64], url[128];
	struct task task;
	struct feed_state state;
	struct feed_source source;
};

static const char *
installed(const char *const *paths)
{
	for (int i = 0; paths[i]; i++)
		if (access(paths[i], X_OK) == 0)
			return paths[i];
	return NULL;
}

static void __attribute__((format(printf, 3, 4)))
write_file(struct world *w, const char *name, const char *fmt, ...)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", w->dir, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	va_list ap;
	va_start(ap, fmt);
	vfprintf(f, fmt, ap);
	va_end(ap);
	fclose(f);
}

static void
start(struct world *w, char **argv)
{
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	assert_int_equal(posix_spawn(&w->pid, argv[0], &actions, NULL, argv, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	for (int i = 0; i < 200; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		struct sockaddr_in at = { .sin_family = AF_INET,
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
			.sin_port = htons((uint16_t)w->port) };
		int rc = connect(fd, (struct sockaddr *)&at, sizeof at);
		close(fd);
		if (rc == 0)
			return;
		usleep(50000);
	}
	fail_msg("%s does not listen", argv[0]);
}

static void
begin(struct world *w)
{
	*w = (struct world){ .port = free_port() };
	snprintf(w->dir, sizeof w->dir, "/tmp/td-servers-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->source = (struct feed_source){ .id = "ubnd", .url = w->url };
}

static void
end(struct world *w)
{
	kill(w->pid, SIGTERM);
	waitpid(w->pid, NULL, 0);
	arena_free(w->task.arena);
	char *argv[] = { "/bin/rm", "-rf", w->dir, NULL };
	pid_t pid;
	assert_int_equal(posix_spawn(&pid, argv[0], NULL, NULL, argv, environ), 0);
	waitpid(pid, NULL, 0);
}

static void
fresh_task(struct world *w)
{
	arena_free(w->task.arena);
	w->task = (struct task){
		.arena = arena_new(), .cancel_fd = -1, .deadline = clock_mono() + 15000
	};
}

/* Refreshes and says how many events the copy holds. */
static size_t
refresh(struct world *w)
{
	fresh_task(w);
	char copies[80];
	snprintf(copies, sizeof copies, "%s/copies", w->dir);
	enum err code =
		feed_refresh(&w->task, &w->source, copies, INT64_C(1767225600000), &w->state);
	if (code != OK) {
		print_message("%s\n", w->state.why);
		return 0;
	}
	struct faults faults = { .arena = w->task.arena };
	struct occurrences o;
	struct calendar_source source = { .id = "ubnd", .files = w->state.files };
	code = calendar_read(&source, 1, INT64_C(1767225600000), INT64_C(1798761600000), "UTC",
		false, w->task.arena, &faults, &o);
	assert_int_equal(code, OK);
	assert_int_equal(faults.n, 0);
	return o.n;
}

static void
test_nginx(void **state)
{
	static const char *const paths[] = { "/usr/sbin/nginx", NULL };
	const char *nginx = installed(paths);
	if (!nginx)
		skip();
	struct world w;
	begin(&w);
	char conf[128];
	snprintf(conf, sizeof conf, "%s/nginx.conf", w.dir);
	write_file(&w, "ubnd.ics", "%s", EVENT("a", "02"));
	write_file(&w, "users", "user:{PLAIN}secret\n");
	chmod(w.dir, 0755);
	write_file(&w, "nginx.conf",
		"daemon off; master_process off; pid %s/pid; error_log /dev/null;\nevents {}\nhttp "
		"{ access_log off;\n"
		"client_body_temp_path %s/b; proxy_temp_path %s/p; fastcgi_temp_path %s/f; "
		"uwsgi_temp_path %s/u; scgi_temp_path %s/s;\n"
		"types { text/calendar ics; }\nserver { listen 127.0.0.1:%d; root %s;\n"
		"location /moved { return 301 /ubnd.ics; }\nlocation /page { return 200 "
		"'<html></html>'; }\n"
		"location /closed/ { alias %s/; auth_basic x; auth_basic_user_file %s/users; } } "
		"}\n",
		w.dir, w.dir, w.dir, w.dir, w.dir, w.dir, w.port, w.dir, w.dir, w.dir);
	char *argv[] = { (char *)(uintptr_t)nginx, "-p", w.dir, "-c", conf, NULL };
	start(&w, argv);
	snprintf(w.url, sizeof w.url, "http://127.0.0.1:%d/moved", w.port);
	assert_int_equal(refresh(&w), 1);
	assert_true(w.state.changed);
	assert_int_equal(refresh(&w), 1); /* 304 by its own ETag */
	assert_false(w.state.changed);
	write_file(&w, "ubnd.ics", "%s%s", EVENT("a", "02"), EVENT("b", "03"));
	assert_int_equal(refresh(&w), 2);
	assert_true(w.state.changed);
	snprintf(w.url, sizeof w.url, "http://127.0.0.1:%d/page", w.port);
	assert_int_equal(refresh(&w), 0);
	assert_int_equal(w.state.code, ERR_PROTOCOL);
	snprintf(w.url, sizeof w.url, "http://127.0.0.1:%d/closed/ubnd.ics", w.port);
	assert_int_equal(refresh(&w), 0);
	assert_int_equal(w.state.code, ERR_AUTH);
	w.source.user = "user";
	w.source.password = "secret";
	assert_int_equal(refresh(&w), 2);
	end(&w);
}

static int
send_to(struct world *w, const char *method, const char *path, const char *body)
{
	fresh_task(w);
	char origin[64];
	snprintf(origin, sizeof origin, "http://127.0.0.1:%d", w->port);
	struct http_options o = {
		.url = origin, .auth = HTTP_AUTH_BASIC, .user = "user", .password = "secret"
	};
	struct http *h;
	assert_int_equal(http_open(&w->task, &o, &h), OK);
	struct http_request q = { .method = method,
		.path = path,
		.body = body,
		.body_len = body ? strlen(body) : 0,
		.content_type = body ? "text/calendar; charset=utf-8" : NULL };
	struct http_reply r;
	assert_int_equal(http_ask(&w->task, h, &q, &r), OK);
	http_close(h);
	return r.status;
}

static void
start_radicale(struct world *w, const char *program)
{
	begin(w);
	char conf[128];
	snprintf(conf, sizeof conf, "%s/radicale.conf", w->dir);
	write_file(w, "users", "user:secret\n");
	write_file(w, "radicale.conf",
		"[server]\nhosts = 127.0.0.1:%d\n[auth]\ntype = htpasswd\nhtpasswd_filename = "
		"%s/users\n"
		"htpasswd_encryption = plain\n[storage]\nfilesystem_folder = %s/store\n",
		w->port, w->dir, w->dir);
	char *argv[] = { (char *)(uintptr_t)program, "--config", conf, NULL };
	start(w, argv);
}

static void
test_radicale(void **state)
{
	static const char *const paths[] = { "/usr/bin/radicale", NULL };
	const char *radicale = installed(paths);
	if (!radicale)
		skip();
	struct world w;
	start_radicale(&w, radicale);
	assert_int_equal(send_to(&w, "MKCALENDAR", "/user/hop/", NULL), 201);
	assert_int_equal(send_to(&w, "PUT", "/user/hop/a.ics", EVENT("a", "02")), 201);
	assert_int_equal(send_to(&w, "PUT", "/user/hop/b.ics", EVENT("b", "03")), 201);
	w.source.user = "user";
	w.source.password = "secret";
	/* From the server's root: principal, home, calendar. */
	snprintf(w.url, sizeof w.url, "caldav://127.0.0.1:%d/", w.port);
	assert_int_equal(refresh(&w), 2);
	assert_true(w.state.changed);
	assert_int_equal(refresh(&w), 2);
	assert_false(w.state.changed);
	/* One more, one moved, one gone. */
	assert_int_equal(send_to(&w, "PUT", "/user/hop/c.ics", EVENT("c", "04")), 201);
	assert_int_equal(refresh(&w), 3);
	assert_true(w.state.changed);
	assert_int_equal(send_to(&w, "DELETE", "/user/hop/a.ics", NULL), 200);
	assert_int_equal(send_to(&w, "PUT", "/user/hop/b.ics", EVENT("b", "05")), 201);
	assert_int_equal(refresh(&w), 2);
	assert_true(w.state.changed);
	/* A second calendar of the same person, and an empty one. */
	assert_int_equal(send_to(&w, "MKCALENDAR", "/user/empty/", NULL), 201);
	assert_int_equal(send_to(&w, "MKCALENDAR", "/user/other/", NULL), 201);
	assert_int_equal(send_to(&w, "PUT", "/user/other/z.ics", EVENT("z", "09")), 201);
	assert_int_equal(refresh(&w), 3);
	assert_int_equal(send_to(&w, "DELETE", "/user/other/", NULL), 200);
	assert_int_equal(refresh(&w), 2);
	assert_true(w.state.changed);
	/* The collection itself, and the same as a plain file. */
	snprintf(w.url, sizeof w.url, "caldav://127.0.0.1:%d/user/hop/", w.port);
	assert_int_equal(refresh(&w), 2);
	snprintf(w.url, sizeof w.url, "http://127.0.0.1:%d/user/hop/", w.port);
	assert_int_equal(refresh(&w), 2);
	/* Behind http, what is no calendar but speaks CalDAV is recognised. */
	snprintf(w.url, sizeof w.url, "http://127.0.0.1:%d/user/", w.port);
	assert_int_equal(refresh(&w), 2);
	w.source.password = "wrong";
	assert_int_equal(refresh(&w), 0);
	assert_int_equal(w.state.code, ERR_AUTH);
	assert_non_null(w.state.files[0]); /* the last good copy */
	end(&w);
}

/* CalDAV whose door wants a digest: the proxy knows MD5("user:lich:secret"), and tells Radicale who
 * it was. */
static void
test_digest(void **state)
{
	static const char *const radicales[] = { "/usr/bin/radicale", NULL },
				 *const proxies[] = { "/usr/sbin/lighttpd", NULL };
	const char *radicale = installed(radicales), *proxy = installed(proxies);
	if (!radicale || !proxy)
		skip();
	struct world back, w;
	start_radicale(&back, radicale);
	assert_int_equal(send_to(&back, "MKCALENDAR", "/user/hop/", NULL), 201);
	assert_int_equal(send_to(&back, "PUT", "/user/hop/a.ics", EVENT("a", "02")), 201);
	begin(&w);
	char conf[128];
	snprintf(conf, sizeof conf, "%s/lighttpd.conf", w.dir);
	write_file(&w, "digests", "user:lich:4b1b20147b91692727e97abeca386ad9\n");
	write_file(&w, "lighttpd.conf",
		"server.modules = (\"mod_auth\", \"mod_authn_file\", \"mod_setenv\", "
		"\"mod_proxy\")\n"
		"server.document-root = \"%s\"\nserver.bind = \"127.0.0.1\"\nserver.port = %d\n"
		"auth.backend = \"htdigest\"\nauth.backend.htdigest.userfile = \"%s/digests\"\n"
		"auth.require = (\"/\" => (\"method\" => \"digest\", \"realm\" => \"lich\", "
		"\"require\" => "
		"\"valid-user\"))\n"
		"setenv.set-request-header = (\"Authorization\" => \"Basic dXNlcjpzZWNyZXQ=\")\n"
		"proxy.server = (\"/\" => ((\"host\" => \"127.0.0.1\", \"port\" => %d)))\n",
		w.dir, w.port, w.dir, back.port);
	char *argv[] = { (char *)(uintptr_t)proxy, "-D", "-f", conf, NULL };
	start(&w, argv);
	w.source.user = "user";
	w.source.password = "secret";
	snprintf(w.url, sizeof w.url, "caldav://127.0.0.1:%d/", w.port);
	assert_int_equal(refresh(&w), 1);
	assert_true(w.state.changed);
	assert_int_equal(send_to(&back, "PUT", "/user/hop/b.ics", EVENT("b", "03")), 201);
	assert_int_equal(refresh(&w), 2);
	assert_true(w.state.changed);
	assert_int_equal(refresh(&w), 2);
	assert_false(w.state.changed);
	w.source.password = "wrong";
	assert_int_equal(refresh(&w), 0);
	assert_int_equal(w.state.code, ERR_AUTH);
	assert_non_null(w.state.files[0]); /* the last good copy */
	end(&w);
	end(&back);
}

int
main(int argc, char **argv)
{
	if (argc > 1 && str_eq(argv[1], "calendar-child"))
		return calendar_child(argc, argv);
	http_global_init();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nginx),
		cmocka_unit_test(test_radicale),
		cmocka_unit_test(test_digest),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
