/* An interactive shell over SSH. Called by lines.c and by the adapters of command-line codecs.
 * Owns the connection and the decision about the host key; the talking is a library's.
 *
 *   tcp, key exchange -> host key against the pin -> (only then) user, password -> channel [pty]
 *   shell -> bytes
 *
 * libssh2 of this distribution knows neither rsa-sha2 nor MACs of the encrypt-then-mac kind. When
 * it finds nothing in common with the server, libssh is tried once on a connection of its own; at
 * that time no name and no password has left. Must never: send a password to a key that is not the
 * pinned one, go to the second library after a login was begun, try a login twice. */
#include "adapters/wire/ssh.h"

#include "adapters/wire/ssh_backend.h"
#include "adapters/wire/tcp.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DEFAULT_PORT = 22 };

void
ssh_global_init(void)
{
	signal(SIGPIPE, SIG_IGN); /* libssh sends without MSG_NOSIGNAL */
	ssh_libssh2.init();
	ssh_libssh.init();
}

static enum err
check_key(struct task *t, struct ssh *s, const unsigned char hash[SSH_HASH_SIZE], const char *pin)
{
	char text[4 * ((SSH_HASH_SIZE + 2) / 3) + 1];
	hash_base64(hash, SSH_HASH_SIZE, text);
	text[strcspn(text, "=")] = 0;
	snprintf(s->key, sizeof s->key, "SHA256:%s", text);
	if (pin && !str_eq(pin, s->key))
		return task_fail_as(t, ERR_AUTH, "host-key-changed", "ssh %s: key %s, expected %s",
			s->host, s->key, pin);
	return OK;
}

/* A connection and the server's key on it, checked. */
static enum err
meet(struct task *t, struct ssh *s, const struct ssh_options *o, const struct ssh_backend *via,
	bool *out_no_common)
{
	unsigned char hash[SSH_HASH_SIZE];
	s->via = via;
	*out_no_common = false;
	enum err code = tcp_connect(t, o->host, o->port > 0 ? o->port : DEFAULT_PORT, &s->fd);
	if (code == OK)
		code = via->greet(t, s, o->legacy, hash, out_no_common);
	return code == OK ? check_key(t, s, hash, o->pin) : code;
}

static void
leave(struct ssh *s)
{
	if (s->via)
		s->via->close(s);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

enum err
ssh_open(struct task *t, const struct ssh_options *o, struct ssh **out)
{
	*out = NULL;
	if (str_empty(o->host))
		return task_fail(t, ERR_INPUT, T("ssh: no host"));
	if (o->pin && !str_starts(o->pin, "SHA256:"))
		return task_fail(
			t, ERR_INPUT, T("ssh %s: the pin does not begin with SHA256:"), o->host);
	struct ssh *s = xalloc(sizeof *s);
	s->fd = -1;
	s->host = xstrdup(o->host);
	bool first = t->code == OK, no_common;
	enum err code = meet(t, s, o, &ssh_libssh2, &no_common);
	if (no_common) {
		leave(s);
		if (first)
			task_forgive(t);
		code = meet(t, s, o, &ssh_libssh, &no_common);
		/* Cut off while it was told so: the first library's word stands. */
		if (code == ERR_PROTOCOL && !no_common && first) {
			char second[sizeof t->why];
			str_copy(second, sizeof second, t->why);
			task_forgive(t);
			task_fail(t, ERR_PROTOCOL, T("ssh %s: no common algorithm%s; %s"), o->host,
				o->legacy ? "" : " (an old device needs legacy)", second);
		}
	}
	if (code == OK)
		code = s->via->log_in(t, s, o->user ? o->user : "", o->password ? o->password : "");
	if (code == OK)
		code = s->via->open_shell(t, s, o->pty);
	if (code != OK) {
		ssh_close(s);
		return code;
	}
	*out = s;
	return OK;
}

const char *
ssh_host_key(const struct ssh *s)
{
	return s->key;
}

enum err
ssh_hung_up(struct task *t, const char *host)
{
	return task_fail(t, ERR_GONE, T("ssh %s: closed by the device"), host);
}

bool
ssh_peer_gone(int fd)
{
	char c;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	return recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) == 0 ||
	       (poll(&p, 1, 0) == 1 && (p.revents & (POLLHUP | POLLERR)));
}

enum err
ssh_no_common(struct task *t, const char *host, const char *why, bool legacy)
{
	return task_fail(t, ERR_PROTOCOL, T("ssh %s: no common algorithm: %s%s"), host, why,
		legacy ? "" : " (an old device needs legacy)");
}

enum err
ssh_greet_failed(struct task *t, const struct ssh *s, bool gone, const char *why)
{
	if (gone || ssh_peer_gone(s->fd))
		return task_fail(t, ERR_UNREACHABLE, T("ssh %s: closed by the device before login"),
			s->host);
	return task_fail(t, ERR_PROTOCOL, T("ssh %s: not understood: %s"), s->host, why);
}

enum err
ssh_login_refused(struct task *t, const char *host, const char *user)
{
	return task_fail_as(
		t, ERR_AUTH, "login-refused", "ssh %s: login as %s refused", host, user);
}

enum err
ssh_login_failed(struct task *t, const struct ssh *s, bool gone, const char *why)
{
	if (gone || ssh_peer_gone(s->fd))
		return task_fail(
			t, ERR_TIMEOUT, T("ssh %s: closed by the device during login"), s->host);
	return task_fail(t, ERR_PROTOCOL, T("ssh %s: login: %s"), s->host, why);
}

enum err
ssh_shell_failed(struct task *t, const struct ssh *s, bool gone, const char *what, const char *why)
{
	if (gone || ssh_peer_gone(s->fd))
		return ssh_hung_up(t, s->host);
	return task_fail(t, ERR_REFUSED, T("ssh %s: %s: %s"), s->host, what, why);
}

static enum err
stream_send(struct task *t, void *of, const void *bytes, size_t n)
{
	struct ssh *s = of;
	return s->via->send(t, s, bytes, n);
}

static enum err
stream_read(struct task *t, void *of, void *into, size_t cap, int64_t at_most_ms, size_t *out_n)
{
	struct ssh *s = of;
	int64_t until = at_most_ms < 0 ? INT64_MAX : clock_mono() + at_most_ms;
	bool waited_out = false;
	for (;;) {
		*out_n = 0;
		enum err code = s->via->take(t, s, into, cap, out_n);
		if (code != OK || *out_n > 0 || waited_out)
			return code;
		int64_t now = clock_mono(), left = until > now ? until - now : 0;
		code = s->via->wait(t, s, at_most_ms < 0 ? -1 : left);
		if (code != OK)
			return code;
		waited_out = at_most_ms >= 0 && clock_mono() >= until;
	}
}

struct byte_stream
ssh_stream(struct ssh *s)
{
	return (struct byte_stream){ .of = s, .read = stream_read, .send = stream_send };
}

void
ssh_close(struct ssh *s)
{
	if (!s)
		return;
	leave(s);
	free(s->host);
	free(s);
}
