/* adapters/wire/ssh*.c and lines.c against a server in a thread (libssh): login once, host key
 * before password, old algorithms only on demand, silence, cut connections, lines and prompts. What
 * a talk is made of is tried through both libraries; with an RSA key through libssh, on the second
 * connection. */
#include "tests/unit/wire_ssh_server.h"

#include "adapters/wire/lines.h"
#include "adapters/wire/ssh.h"
#include "base/str.h"

static enum ssh_keytypes_e through_libssh2 = SSH_KEYTYPE_ED25519, through_libssh = SSH_KEYTYPE_RSA;

/* So many connections does one ssh_open() take. */
static int
each(enum ssh_keytypes_e type)
{
	return type == SSH_KEYTYPE_RSA ? 2 : 1;
}

static void *
cancel_late(void *fd)
{
	usleep(500 * 1000);
	return cancel_soon(fd);
}

/* ---- login ---- */

static enum err
open_at(struct task *t, const struct server *s, struct ssh_options o, struct ssh **out)
{
	task_forgive(t);
	o.host = "127.0.0.1";
	o.port = s->port;
	o.user = "admin";
	if (!o.password)
		o.password = "s3cret";
	enum err rc = ssh_open(t, &o, out);
	assert_int_equal(rc, t->code);
	assert_true((rc == OK) == (*out != NULL));
	return rc;
}

static void
login(void **state)
{
	enum ssh_keytypes_e type = *(enum ssh_keytypes_e *)*state;
	struct server s;
	struct fixture f;
	struct ssh *ssh;
	char pin[SSH_PIN_SIZE];
	struct task *t = task_begin(&f, 120000);
	server_start(&s, type, BY_PASSWORD | BY_PROMPTS, NULL);
	pin_of(&s, pin);
	assert_int_equal(open_at(t, &s, (struct ssh_options){ 0 }, &ssh), OK); /* first use */
	assert_string_equal(ssh_host_key(ssh), pin);
	ssh_close(ssh);
	assert_int_equal(open_at(t, &s, (struct ssh_options){ .pin = pin, .pty = true }, &ssh), OK);
	ssh_close(ssh);
	assert_int_equal(s.attempts, 2);

	assert_int_equal(
		open_at(t, &s, (struct ssh_options){ .pin = pin, .password = "wrong" }, &ssh),
		ERR_AUTH);
	assert_string_equal(t->word, "login-refused");
	assert_int_equal(s.connections, 3 * each(type)); /* through the library that is meant */
	assert_int_equal(s.attempts, 3); /* one attempt, although prompts are offered as well */
	assert_lacks(t->why, "wrong");
	ssh_close(NULL);
	server_stop(&s);

	server_start(&s, type, BY_PROMPTS, NULL);
	assert_int_equal(open_at(t, &s, (struct ssh_options){ 0 }, &ssh), OK);
	ssh_close(ssh);
	assert_int_equal(
		open_at(t, &s, (struct ssh_options){ .password = "wrong" }, &ssh), ERR_AUTH);
	assert_string_equal(t->word, "login-refused");
	assert_int_equal(s.attempts, 2);
	server_stop(&s);

	server_start(&s, type, BY_KEY_ONLY, NULL);
	assert_int_equal(open_at(t, &s, (struct ssh_options){ 0 }, &ssh), ERR_AUTH);
	assert_has(t->why, "publickey");
	assert_false(s.saw_password);
	server_stop(&s);
	task_end(&f);
}

static void
host_key(void **state)
{
	enum ssh_keytypes_e type = *(enum ssh_keytypes_e *)*state;
	struct server s;
	struct fixture f;
	struct ssh *ssh;
	struct task *t = task_begin(&f, 120000);
	server_start(&s, type, BY_PASSWORD, NULL);
	struct ssh_options o = { .pin = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
	assert_int_equal(open_at(t, &s, o, &ssh), ERR_AUTH);
	assert_string_equal(t->word, "host-key-changed");
	assert_has(t->why, "SHA256:");
	o.pin = "SHA256:";
	assert_int_equal(open_at(t, &s, o, &ssh), ERR_AUTH);
	o.pin = "aa:bb:cc";
	assert_int_equal(open_at(t, &s, o, &ssh), ERR_INPUT);
	for (int i = 0; i < 200 && s.gone < 2 * each(type); i++)
		usleep(10 * 1000);
	assert_int_equal(s.connections, 2 * each(type));
	assert_int_equal(s.attempts, 0);
	assert_false(s.saw_password);
	server_stop(&s);
	task_end(&f);
}

static void
algorithms(void **state)
{
	struct server s;
	struct fixture f;
	struct ssh *ssh;
	struct task *t = task_begin(&f, 120000);
	for (int i = 0; i < 2; i++) {
		server_start(
			&s, i ? SSH_KEYTYPE_RSA : SSH_KEYTYPE_ED25519, BY_PASSWORD, "hmac-sha1");
		assert_int_equal(open_at(t, &s, (struct ssh_options){ 0 }, &ssh), ERR_PROTOCOL);
		assert_has(t->why, "no common algorithm");
		/* Which one is missing is told unless the server hangs up before the library has
		 * looked. */
		if (!strstr(t->why, "not understood"))
			assert_has(t->why, "hmac-sha1");
		assert_has(t->why, "legacy");
		assert_int_equal(s.attempts, 0);
		assert_int_equal(s.connections, 2); /* both were asked, once */
		assert_int_equal(open_at(t, &s, (struct ssh_options){ .legacy = true }, &ssh), OK);
		ssh_close(ssh);
		assert_int_equal(s.connections, 2 + each(s.type));
		server_stop(&s);
	}
	task_end(&f);
}

/* The second connection is as bounded as the first, and its reason is the one that is told. */
static void
second_connection(void **state)
{
	struct server s;
	struct fixture f;
	struct ssh *ssh;
	pthread_t thread;
	struct task *t = task_begin(&f, 120000);
	server_start(&s, SSH_KEYTYPE_RSA, BY_PASSWORD, NULL);
	s.odd = ODD_SILENT;
	t->deadline = clock_mono() + 600;
	int64_t before = clock_mono();
	assert_int_equal(open_at(t, &s, (struct ssh_options){ 0 }, &ssh), ERR_TIMEOUT);
	assert_in_range(clock_mono() - before, 500, 5000);
	assert_int_equal(s.connections, 2);
	server_stop(&s);

	t->deadline = clock_mono() + 30000;
	server_start(&s, SSH_KEYTYPE_RSA, BY_PASSWORD, NULL);
	s.odd = ODD_SILENT;
	before = clock_mono();
	pthread_create(&thread, NULL, cancel_late, &t->cancel_fd);
	assert_int_equal(open_at(t, &s, (struct ssh_options){ 0 }, &ssh), ERR_CANCELED);
	assert_true(clock_mono() - before < 5000);
	pthread_join(thread, NULL);
	server_stop(&s);
	task_end(&f);

	t = task_begin(&f, 120000);
	for (int odd = ODD_DROP; odd <= ODD_BANNER_AND_DROP; odd++) {
		server_start(&s, SSH_KEYTYPE_RSA, BY_PASSWORD, NULL);
		s.odd = odd;
		before = clock_mono();
		assert_int_equal(
			open_at(t, &s, (struct ssh_options){ 0 }, &ssh), ERR_UNREACHABLE);
		assert_has(t->why, "closed by the device before login");
		assert_true(clock_mono() - before < 5000);
		assert_int_equal(s.attempts, 0);
		server_stop(&s);
	}
	task_end(&f);
}

/* ---- peers that are no servers ---- */

static void *
say_http(void *of)
{
	static const char text[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
	int fd = accept(*(int *)of, NULL, NULL);
	send(fd, text, sizeof text - 1, MSG_NOSIGNAL);
	close(fd);
	return NULL;
}

static void *
never_stop(void *of)
{
	static char text[64 << 10];
	memset(text, '\n', sizeof text);
	int fd = accept(*(int *)of, NULL, NULL);
	while (send(fd, text, sizeof text, MSG_NOSIGNAL) > 0)
		;
	close(fd);
	return NULL;
}

static void
strange_peers(void **state)
{
	struct fixture f;
	struct server s = { 0 };
	struct ssh *ssh;
	pthread_t thread;
	struct task *t = task_begin(&f, 400);
	int fd = listen_somewhere(&s.port);
	int64_t before = clock_mono();
	assert_int_equal(
		open_at(t, &s, (struct ssh_options){ 0 }, &ssh), ERR_TIMEOUT); /* silence */
	assert_in_range(clock_mono() - before, 300, 5000);
	close(fd);

	t->deadline = clock_mono() + 10000;
	assert_int_equal(
		open_at(t, &s, (struct ssh_options){ 0 }, &ssh), ERR_UNREACHABLE); /* refused */

	fd = listen_somewhere(&s.port);
	pthread_create(&thread, NULL, say_http, &fd);
	assert_int_equal(open_at(t, &s, (struct ssh_options){ 0 }, &ssh), ERR_PROTOCOL);
	assert_has(t->why, "does not speak SSH");
	pthread_join(thread, NULL);
	pthread_create(&thread, NULL, never_stop, &fd);
	enum err rc = open_at(t, &s, (struct ssh_options){ 0 }, &ssh);
	assert_true(rc == ERR_PROTOCOL || rc == ERR_TIMEOUT);
	pthread_join(thread, NULL);

	pthread_create(&thread, NULL, cancel_soon, &t->cancel_fd);
	t->deadline = clock_mono() + 30000;
	before = clock_mono();
	assert_int_equal(open_at(t, &s, (struct ssh_options){ 0 }, &ssh), ERR_CANCELED);
	assert_true(clock_mono() - before < 5000);
	pthread_join(thread, NULL);
	close(fd);
	task_end(&f);

	t = task_begin(&f, 3000);
	struct ssh_options o = { .host = "no-such-name.invalid", .user = "a", .password = "b" };
	assert_int_equal(ssh_open(t, &o, &ssh), ERR_UNREACHABLE);
	assert_has(t->why, "no-such-name.invalid");
	task_end(&f);
	t = task_begin(&f, 3000);
	o.host = "";
	assert_int_equal(ssh_open(t, &o, &ssh), ERR_INPUT);
	task_end(&f);
}

/* ---- lines ---- */

static const char *
next(struct task *t, struct lines *l)
{
	const char *line;
	assert_int_equal(lines_next(t, l, 3000, &line), OK);
	return line ? line : "(none)";
}

static void
talking(void **state)
{
	enum ssh_keytypes_e type = *(enum ssh_keytypes_e *)*state;
	struct server s;
	struct fixture f;
	struct task *t = task_begin(&f, 120000);
	struct lines l = { 0 };
	bool seen;
	const char *line;
	server_start(&s, type, BY_PASSWORD, NULL);
	assert_int_equal(open_at(t, &s, (struct ssh_options){ .pty = true }, &l.ssh), OK);
	assert_int_equal(lines_prompt(t, &l, "-> ", 3000, &seen), OK);
	assert_true(seen);
	assert_string_equal(
		next(t, &l), "welcome"); /* what came before the prompt is still there */
	assert_int_equal(lines_next(t, &l, 0, &line), OK);
	assert_null(line);

	assert_int_equal(lines_send(t, &l, "who", "\r"), OK);
	assert_string_equal(next(t, &l), "who");
	assert_string_equal(next(t, &l), "ann\xef\xbf\xbd");
	assert_string_equal(next(t, &l), "");
	assert_string_equal(next(t, &l), "bob");
	assert_int_equal(lines_prompt(t, &l, "-> ", 3000, &seen), OK);
	assert_true(seen);
	assert_string_equal(next(t, &l), "-> not the prompt");
	assert_string_equal(next(t, &l), "last");

	trace_secret(&f.trace, "s3cret");
	assert_int_equal(lines_send(t, &l, "secret", "\r"), OK);
	assert_string_equal(next(t, &l), "password is s3cret");
	assert_has(f.trace.out.at, "> who\\x0d\n< who\n< ann");
	assert_has(f.trace.out.at, "< password is ***\n");
	assert_lacks(f.trace.out.at, "cret\n< -> ");
	lines_clear(&l);

	/* A device that drips does not stretch the time that was given. */
	int64_t before = clock_mono();
	assert_int_equal(lines_send(t, &l, "drip", "\r"), OK);
	assert_int_equal(lines_next(t, &l, 200, &line), OK);
	assert_null(line);
	assert_int_equal(lines_prompt(t, &l, "-> ", 200, &seen), OK);
	assert_false(seen || clock_mono() - before > 5000);
	usleep(900 * 1000);
	assert_int_equal(lines_send(t, &l, "flood", "\r"), OK);
	assert_int_equal(lines_next(t, &l, 5000, &line), ERR_PROTOCOL);
	assert_has(t->why, "256 KiB");
	lines_free(&l);
	ssh_close(l.ssh);
	server_stop(&s);
	task_end(&f);
}

static void
hanging_up(void **state)
{
	enum ssh_keytypes_e type = *(enum ssh_keytypes_e *)*state;
	struct server s;
	struct fixture f;
	struct task *t = task_begin(&f, 120000);
	struct lines l = { 0 };
	const char *line;
	pthread_t thread;
	server_start(&s, type, BY_PASSWORD, NULL);
	assert_int_equal(open_at(t, &s, (struct ssh_options){ 0 }, &l.ssh), OK);
	assert_string_equal(next(t, &l), "welcome");
	assert_int_equal(lines_send(t, &l, "half", "\r"), OK);
	assert_int_equal(lines_next(t, &l, 5000, &line), ERR_GONE);
	assert_has(
		f.trace.out.at, "half a li"); /* what arrived is kept for whoever looks into it */
	task_forgive(t);
	assert_int_equal(lines_next(t, &l, 5000, &line), ERR_GONE);
	task_forgive(t);
	enum err rc = OK;
	for (int i = 0; i < 20 && rc == OK; i++)
		rc = lines_send(t, &l, "more", "\r");
	assert_int_equal(rc, ERR_GONE);
	ssh_close(l.ssh);
	lines_free(&l);

	/* Silence ends at the deadline or with a cancel. */
	assert_int_equal(open_at(t, &s, (struct ssh_options){ 0 }, &l.ssh), OK);
	assert_string_equal(next(t, &l), "welcome");
	t->deadline = clock_mono() + 300;
	assert_int_equal(lines_next(t, &l, -1, &line), ERR_TIMEOUT);
	task_forgive(t);
	t->deadline = clock_mono() + 30000;
	int64_t before = clock_mono();
	pthread_create(&thread, NULL, cancel_soon, &t->cancel_fd);
	assert_int_equal(lines_next(t, &l, 20000, &line), ERR_CANCELED);
	assert_true(clock_mono() - before < 5000);
	pthread_join(thread, NULL);
	before = clock_mono();
	ssh_close(l.ssh);
	assert_true(clock_mono() - before < 5000);
	lines_free(&l);
	server_stop(&s);
	task_end(&f);
}

#define BOTH(test) \
	{ #test ", libssh2", test, NULL, NULL, &through_libssh2 }, \
	{ \
		#test ", libssh", test, NULL, NULL, &through_libssh \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(login),
		BOTH(host_key),
		cmocka_unit_test(algorithms),
		cmocka_unit_test(second_connection),
		cmocka_unit_test(strange_peers),
		BOTH(talking),
		BOTH(hanging_up),
	};
	ssh_global_init();
	ssh_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
