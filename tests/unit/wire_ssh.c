/* adapters/wire/ssh.c and lines.c against a server in a thread (libssh): login once, host key
 * before password, old algorithms only on demand, silence, cut connections, lines and prompts. */
#include "tests/unit/wire_test.h"

#include "adapters/wire/lines.h"
#include "adapters/wire/ssh.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* The callback interface of the library is no shorter for one login. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

enum style { BY_PASSWORD = 1, BY_PROMPTS = 2, BY_KEY_ONLY = 4 };

struct server {
	int listen_fd, port;
	int style;
	const char *hmac; /* only this one, or NULL */
	ssh_key key;
	pthread_t thread;
	atomic_int attempts, connections, shells, gone;
	atomic_bool saw_password;
};

/* ---- the server
 * --------------------------------------------------------------------------------------------- */

static bool
good(struct server *s, const char *password)
{
	s->attempts++;
	s->saw_password = true;
	return str_eq(password, "s3cret");
}

static int
methods_of(const struct server *s)
{
	return (s->style & BY_PASSWORD ? SSH_AUTH_METHOD_PASSWORD : 0) |
	       (s->style & BY_PROMPTS ? SSH_AUTH_METHOD_INTERACTIVE : 0) |
	       (s->style & BY_KEY_ONLY ? SSH_AUTH_METHOD_PUBLICKEY : 0);
}

/* true: logged in. */
static bool
answer_login(struct server *s, ssh_session session, ssh_message m)
{
	static const char *prompts[] = { "User: ", "Password: " };
	static char echo[] = { 1, 0 };
	int kind = ssh_message_subtype(m);
	if (kind == SSH_AUTH_METHOD_PASSWORD && (s->style & BY_PASSWORD)) {
		if (good(s, ssh_message_auth_password(m))) {
			ssh_message_auth_reply_success(m, 0);
			return true;
		}
	} else if (kind == SSH_AUTH_METHOD_INTERACTIVE && (s->style & BY_PROMPTS)) {
		if (!ssh_message_auth_kbdint_is_response(m)) {
			ssh_message_auth_interactive_request(m, "", "", 2, prompts, echo);
			return false;
		}
		if (ssh_userauth_kbdint_getnanswers(session) == 2 &&
			str_empty(ssh_userauth_kbdint_getanswer(session, 0)) &&
			good(s, ssh_userauth_kbdint_getanswer(session, 1))) {
			ssh_message_auth_reply_success(m, 0);
			return true;
		}
	}
	ssh_message_auth_set_methods(m, methods_of(s));
	ssh_message_reply_default(m);
	return false;
}

static ssh_channel
until_shell(struct server *s, ssh_session session)
{
	ssh_channel channel = NULL;
	bool in = false, shell = false;
	while (!shell) {
		ssh_message m = ssh_message_get(session);
		if (!m)
			return NULL;
		int type = ssh_message_type(m), kind = ssh_message_subtype(m);
		if (type == SSH_REQUEST_AUTH && !in) {
			in = answer_login(s, session, m);
		} else if (type == SSH_REQUEST_CHANNEL_OPEN && in) {
			channel = ssh_message_channel_request_open_reply_accept(m);
		} else if (type == SSH_REQUEST_CHANNEL && in) {
			shell = kind == SSH_CHANNEL_REQUEST_SHELL;
			ssh_message_channel_request_reply_success(m);
		} else {
			ssh_message_reply_default(m);
		}
		ssh_message_free(m);
	}
	return channel;
}

static void
say(ssh_channel c, const char *s)
{
	ssh_channel_write(c, s, (uint32_t)strlen(s));
}

static void
flood(ssh_channel c)
{
	char many[4096];
	memset(many, 'x', sizeof many);
	for (int i = 0; i < 80; i++)
		if (ssh_channel_write(c, many, sizeof many) < 0)
			return;
}

/* One command per line; false: hang up. */
static bool
obey(ssh_channel c, const char *command)
{
	if (str_eq(command, "who")) {
		say(c, "who\r\nann\xff\r\r\n\r\nb");
		usleep(30 * 1000);
		say(c, "ob\n-> not the prompt\r\nlast\r\n-> ");
	} else if (str_eq(command, "half")) {
		say(c, "half a li");
		return false;
	} else if (str_eq(command, "drip")) {
		for (int i = 0; i < 20; i++) {
			say(c, ".");
			usleep(50 * 1000);
		}
	} else if (str_eq(command, "flood")) {
		flood(c);
	} else if (str_eq(command, "secret")) {
		say(c, "password is s3");
		usleep(50 * 1000);
		say(c, "cret\r\n-> ");
	}
	return true;
}

static void
talk(ssh_channel c)
{
	char line[256];
	size_t n = 0;
	say(c, "welcome\r\n-> ");
	for (;;) {
		char byte;
		if (ssh_channel_read_timeout(c, &byte, 1, 0, 10000) != 1)
			return;
		if (byte != '\r' && n < sizeof line - 1) {
			line[n++] = byte;
			continue;
		}
		line[n] = 0;
		n = 0;
		if (!obey(c, line))
			return;
	}
}

static void
serve_one(struct server *s, int fd)
{
	ssh_bind bind = ssh_bind_new();
	ssh_session session = ssh_new();
	ssh_key key = ssh_key_dup(s->key);
	ssh_bind_options_set(bind, SSH_BIND_OPTIONS_IMPORT_KEY, key);
	if (s->hmac) {
		ssh_bind_options_set(bind, SSH_BIND_OPTIONS_HMAC_C_S, s->hmac);
		ssh_bind_options_set(bind, SSH_BIND_OPTIONS_HMAC_S_C, s->hmac);
	}
	if (ssh_bind_accept_fd(bind, session, fd) == SSH_OK &&
		ssh_handle_key_exchange(session) == SSH_OK) {
		ssh_set_auth_methods(session, methods_of(s));
		ssh_channel c = until_shell(s, session);
		if (c) {
			s->shells++;
			talk(c);
		}
	}
	ssh_disconnect(session);
	ssh_free(session);
	ssh_bind_free(bind);
	s->gone++;
}

static void *
serve(void *of)
{
	struct server *s = of;
	for (;;) {
		int fd = accept(s->listen_fd, NULL, NULL);
		if (fd < 0)
			return NULL;
		s->connections++;
		serve_one(s, fd);
	}
}

static int
listen_somewhere(int *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(fd, 8), 0);
	getsockname(fd, (struct sockaddr *)&at, &size);
	*port = ntohs(at.sin_port);
	return fd;
}

static void
server_start(struct server *s, int style, const char *hmac)
{
	memset(s, 0, sizeof *s);
	s->style = style;
	s->hmac = hmac;
	assert_int_equal(ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &s->key), SSH_OK);
	s->listen_fd = listen_somewhere(&s->port);
	pthread_create(&s->thread, NULL, serve, s);
}

static void
server_stop(struct server *s)
{
	shutdown(s->listen_fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listen_fd);
	ssh_key_free(s->key);
}

/* As OpenSSH prints it. */
static void
pin_of(const struct server *s, char out[SSH_PIN_SIZE])
{
	unsigned char *hash = NULL;
	size_t n = 0;
	ssh_get_publickey_hash(s->key, SSH_PUBLICKEY_HASH_SHA256, &hash, &n);
	char *text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, n);
	snprintf(out, SSH_PIN_SIZE, "%s", text);
	ssh_string_free_char(text);
	ssh_clean_pubkey_hash(&hash);
}

/* ---- login
 * --------------------------------------------------------------------------------------------------
 */

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
	struct server s;
	struct fixture f;
	struct ssh *ssh;
	char pin[SSH_PIN_SIZE];
	struct task *t = task_begin(&f, 30000);
	server_start(&s, BY_PASSWORD | BY_PROMPTS, NULL);
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
	assert_int_equal(s.attempts, 3); /* one attempt, although prompts are offered as well */
	assert_lacks(t->why, "wrong");
	ssh_close(NULL);
	server_stop(&s);

	server_start(&s, BY_PROMPTS, NULL);
	assert_int_equal(open_at(t, &s, (struct ssh_options){ 0 }, &ssh), OK);
	ssh_close(ssh);
	assert_int_equal(
		open_at(t, &s, (struct ssh_options){ .password = "wrong" }, &ssh), ERR_AUTH);
	assert_string_equal(t->word, "login-refused");
	assert_int_equal(s.attempts, 2);
	server_stop(&s);

	server_start(&s, BY_KEY_ONLY, NULL);
	assert_int_equal(open_at(t, &s, (struct ssh_options){ 0 }, &ssh), ERR_AUTH);
	assert_has(t->why, "publickey");
	assert_false(s.saw_password);
	server_stop(&s);
	task_end(&f);
}

static void
host_key(void **state)
{
	struct server s;
	struct fixture f;
	struct ssh *ssh;
	struct task *t = task_begin(&f, 30000);
	server_start(&s, BY_PASSWORD, NULL);
	struct ssh_options o = { .pin = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
	assert_int_equal(open_at(t, &s, o, &ssh), ERR_AUTH);
	assert_string_equal(t->word, "host-key-changed");
	assert_has(t->why, "SHA256:");
	o.pin = "SHA256:";
	assert_int_equal(open_at(t, &s, o, &ssh), ERR_AUTH);
	o.pin = "aa:bb:cc";
	assert_int_equal(open_at(t, &s, o, &ssh), ERR_INPUT);
	for (int i = 0; i < 200 && s.gone < 2; i++)
		usleep(10 * 1000);
	assert_int_equal(s.connections, 2);
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
	struct task *t = task_begin(&f, 30000);
	server_start(&s, BY_PASSWORD, "hmac-sha1");
	assert_int_equal(open_at(t, &s, (struct ssh_options){ 0 }, &ssh), ERR_PROTOCOL);
	assert_has(t->why, "legacy");
	assert_int_equal(s.attempts, 0);
	assert_int_equal(open_at(t, &s, (struct ssh_options){ .legacy = true }, &ssh), OK);
	ssh_close(ssh);
	server_stop(&s);
	task_end(&f);
}

/* ---- peers that are no servers
 * ------------------------------------------------------------------------------ */

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

/* ---- lines
 * --------------------------------------------------------------------------------------------------
 */

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
	struct server s;
	struct fixture f;
	struct task *t = task_begin(&f, 30000);
	struct lines l = { 0 };
	bool seen;
	const char *line;
	server_start(&s, BY_PASSWORD, NULL);
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
	struct server s;
	struct fixture f;
	struct task *t = task_begin(&f, 30000);
	struct lines l = { 0 };
	const char *line;
	pthread_t thread;
	server_start(&s, BY_PASSWORD, NULL);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(login),
		cmocka_unit_test(host_key),
		cmocka_unit_test(algorithms),
		cmocka_unit_test(strange_peers),
		cmocka_unit_test(talking),
		cmocka_unit_test(hanging_up),
	};
	ssh_global_init();
	ssh_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
