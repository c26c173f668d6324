/* A command-line device that plays a script over SSH on loopback, for one connection. The host key
 * is made anew for each talk. One thread; peer_stop() joins it and tells whether the talk went as
 * written. */
#ifndef TD_TESTS_TALK_SSH_PEER_H
#define TD_TESTS_TALK_SSH_PEER_H

#include "base/arena.h"
#include "base/buf.h"
#include "tests/talk/loopback.h"

#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>

enum ssh_how {
	SSH_ANSWER,
	SSH_HANG,   /* reads, echoes, says nothing */
	SSH_CANCEL, /* the same, and the operator cancels the task */
	SSH_DROP,   /* sends the reply and closes */
};

struct peer_step {
	const char *expect; /* the whole command */
	const char *reply;  /* lines end in \n here, in \r\r\n on the wire */
	enum ssh_how how;
	int delay_ms;       /* before the reply */
	bool no_prompt;
};

struct peer {
	struct loopback at;
	int port, cancel_fd;
	const char *password, *greeting; /* greeting NULL: silence after login */
	bool tsh; /* commands end in \n, nothing is echoed, there is no prompt */
	const struct peer_step *steps;
	size_t n, done;
	int logins, byes; /* a "bye" of a tsh ends it and is no step */
	char fault[512];
	struct buf log; /* all commands, in order */
	ssh_key key;
};

static inline bool
peer_stopped(struct peer *p)
{
	struct pollfd f = { .fd = p->at.stop, .events = POLLIN };
	return poll(&f, 1, 0) == 1;
}

static inline void
peer_write(ssh_channel c, const char *lines)
{
	struct buf out = { 0 };
	for (; *lines; lines++) {
		if (*lines == '\n')
			buf_puts(&out, "\r\r\n");
		else
			buf_putc(&out, *lines);
	}
	if (out.n)
		ssh_channel_write(c, out.at, (uint32_t)out.n);
	buf_free(&out);
}

/* Login, channel, terminal, shell. libssh would rather be called back, which needs an event
 * loop. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static inline ssh_channel
peer_login(struct peer *p, ssh_session s)
{
	ssh_channel c = NULL;
	for (ssh_message m; (m = ssh_message_get(s)); ssh_message_free(m)) {
		int type = ssh_message_type(m), sub = ssh_message_subtype(m);
		if (type == SSH_REQUEST_AUTH && sub == SSH_AUTH_METHOD_PASSWORD) {
			p->logins++;
			if (strcmp(ssh_message_auth_password(m), p->password) == 0) {
				ssh_message_auth_reply_success(m, 0);
				continue;
			}
		}
		if (type == SSH_REQUEST_AUTH) {
			ssh_message_auth_set_methods(m, SSH_AUTH_METHOD_PASSWORD);
			ssh_message_reply_default(m);
		} else if (type == SSH_REQUEST_CHANNEL_OPEN) {
			c = ssh_message_channel_request_open_reply_accept(m);
		} else if (type == SSH_REQUEST_CHANNEL) {
			ssh_message_channel_request_reply_success(m);
			if (sub == SSH_CHANNEL_REQUEST_SHELL) {
				ssh_message_free(m);
				return c;
			}
		} else {
			ssh_message_reply_default(m);
		}
	}
	return NULL;
}
#pragma GCC diagnostic pop

/* false: the talk is over. */
static inline bool
peer_play(struct peer *p, ssh_channel c, const char *command)
{
	char echo[600];
	buf_printf(&p->log, "%s\n", command);
	snprintf(echo, sizeof echo, "%s\n\r", command);
	if (!p->tsh)
		ssh_channel_write(c, echo, (uint32_t)strlen(echo));
	if (p->done == p->n) {
		snprintf(p->fault, sizeof p->fault, "a command too many: %.300s", command);
		return false;
	}
	const struct peer_step *s = &p->steps[p->done++];
	if (strcmp(command, s->expect) != 0 && !*p->fault)
		snprintf(p->fault, sizeof p->fault, "step %zu: \"%.200s\" and not \"%s\"", p->done,
			command, s->expect);
	if (s->how == SSH_CANCEL)
		eventfd_write(p->cancel_fd, 1);
	if (s->how == SSH_HANG || s->how == SSH_CANCEL)
		return true;
	usleep((useconds_t)s->delay_ms * 1000);
	peer_write(c, s->reply);
	if (s->how == SSH_ANSWER && !s->no_prompt && !p->tsh)
		peer_write(c, "-> ");
	return s->how == SSH_ANSWER;
}

/* libssh has the last bytes before a goodbye only for who takes them at once. */
static inline int
peer_hear(ssh_session s, ssh_channel c, void *bytes, uint32_t n, int is_stderr, void *in)
{
	buf_add(in, bytes, n);
	return (int)n;
}

/* false: the talk is over. */
static inline bool
peer_take_commands(struct peer *p, ssh_channel c, struct buf *in)
{
	for (char *end; in->n && (end = strchr(in->at, p->tsh ? '\n' : '\r')) != NULL;) {
		size_t n = (size_t)(end - in->at), from = strspn(in->at, p->tsh ? "\r" : "\n");
		char *command = strndup(in->at + from, n - from);
		buf_drop(in, n + 1);
		bool bye = p->tsh && strcmp(command, "bye") == 0;
		p->byes += bye;
		bool on = !bye && peer_play(p, c, command);
		free(command);
		if (!on)
			return false;
	}
	return true;
}

static inline void
peer_serve(struct peer *p, ssh_session s)
{
	struct buf in = { 0 };
	struct ssh_channel_callbacks_struct calls = { .userdata = &in,
		.channel_data_function = peer_hear };
	ssh_channel c = peer_login(p, s);
	if (!c)
		return;
	ssh_callbacks_init(&calls);
	ssh_set_channel_callbacks(c, &calls);
	if (p->greeting)
		peer_write(c, p->greeting);
	bool on = true, there = true;
	while (on && there && !peer_stopped(p)) {
		there = ssh_channel_poll_timeout(c, 5, 0) >= 0 && ssh_channel_is_open(c) &&
			!ssh_channel_is_eof(c);
		on = peer_take_commands(p, c, &in);
	}
	ssh_remove_channel_callbacks(c, &calls);
	ssh_channel_close(c);
	buf_free(&in);
}

static inline void *
peer_main(void *arg)
{
	struct peer *p = arg;
	struct pollfd f[2] = { { .fd = p->at.stop, .events = POLLIN },
		{ .fd = p->at.listener, .events = POLLIN } };
	if (poll(f, 2, 10000) <= 0 || f[0].revents)
		return NULL;
	int fd = accept(p->at.listener, NULL, NULL);
	ssh_bind b = ssh_bind_new();
	ssh_session s = ssh_new();
	ssh_bind_options_set(b, SSH_BIND_OPTIONS_IMPORT_KEY, p->key);
	p->key = NULL; /* the bind frees it */
	bool quiet = false;
	ssh_bind_options_set(b, SSH_BIND_OPTIONS_PROCESS_CONFIG, &quiet);
	if (ssh_bind_accept_fd(b, s, fd) == SSH_OK && ssh_handle_key_exchange(s) == SSH_OK)
		peer_serve(p, s);
	ssh_disconnect(s);
	ssh_free(s);
	ssh_bind_free(b);
	return NULL;
}

/* Password, greeting and kind of shell are set before. */
static inline void
peer_start(struct peer *p, const struct peer_step *steps, size_t n, int cancel_fd)
{
	p->steps = steps;
	p->n = n;
	p->cancel_fd = cancel_fd;
	if (ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &p->key) != SSH_OK)
		abort();
	p->port = loopback_start(&p->at, peer_main, p);
}

/* NULL: the talk went as written. The text is p's. */
static inline const char *
peer_stop(struct peer *p)
{
	loopback_stop(&p->at);
	return loopback_verdict(p->fault, sizeof p->fault, p->done, p->n);
}

static inline void
peer_free(struct peer *p)
{
	ssh_key_free(p->key);
	buf_free(&p->log);
}

#endif
