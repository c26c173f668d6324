/* libssh behind ssh.c: the second choice, for servers that libssh2 has no algorithm in common with
 * (a host key that signs with rsa-sha2 only, MACs of the encrypt-then-mac kind only). Owns libssh
 * on the client's side; one session per struct ssh, used by one thread at a time, never blocking
 * but in task_wait().
 *
 * libssh closes its socket when it likes, so it gets a copy of the descriptor: ours stays ours to
 * wait on. It would read ~/.ssh and known_hosts: told not to. It has the last bytes before a
 * hang-up only for who takes them at once: they are collected by a callback. Must never: try a
 * login twice, keep the password, ask an agent or a key file, believe known_hosts. */
#include "adapters/wire/ssh_backend.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

#include <fcntl.h>
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	INBOX_MOST = 1 << 20, /* of a device that floods while we send */
	WRITE_MOST = 16 << 10,
	ROUNDS_MOST = 16, /* of questions in one login */
};

struct link {
	int fd;		  /* borrowed, as is the host */
	const char *host; /* for messages */
	ssh_session session;
	ssh_channel channel;
	struct ssh_channel_callbacks_struct calls;
	struct buf inbox; /* bytes of the shell, and of these already handed out */
	size_t given;
	bool flooded;
};

struct methods {
	enum ssh_options_e which;
	const char *modern, *legacy;
};

#define CIPHERS \
	"chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com," \
	"aes256-ctr,aes192-ctr,aes128-ctr"
#define MACS \
	"hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512"
#define OLD_CIPHERS ",aes256-cbc,aes128-cbc,3des-cbc"
#define OLD_MACS ",hmac-sha1-etm@openssh.com,hmac-sha1"

static const struct methods methods[] = {
	{ SSH_OPTIONS_KEY_EXCHANGE,
		"curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,"
		"ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,"
		"diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,"
		"diffie-hellman-group14-sha256",
		",diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1,"
		"diffie-hellman-group1-sha1" },
	{ SSH_OPTIONS_HOSTKEYS,
		"ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"
		"rsa-sha2-512,rsa-sha2-256",
		",ssh-rsa" },
	{ SSH_OPTIONS_CIPHERS_C_S, CIPHERS, OLD_CIPHERS },
	{ SSH_OPTIONS_CIPHERS_S_C, CIPHERS, OLD_CIPHERS },
	{ SSH_OPTIONS_HMAC_C_S, MACS, OLD_MACS },
	{ SSH_OPTIONS_HMAC_S_C, MACS, OLD_MACS },
};

static void
init(void)
{
	ssh_init();
}

/* ---- waiting and failing ---- */

static enum err
wait_peer(struct task *t, struct link *l, int64_t at_most_ms)
{
	bool writing = ssh_get_poll_flags(l->session) & SSH_WRITE_PENDING;
	struct pollfd p = { .fd = l->fd, .events = (short)(POLLIN | (writing ? POLLOUT : 0)) };
	return task_wait(t, &p, 1, at_most_ms);
}

/* libssh said "again": wait, or stop the loop with the reason recorded. */
static bool
again(struct task *t, struct link *l, bool unfinished, enum err *out)
{
	if (!unfinished)
		return false;
	*out = wait_peer(t, l, -1);
	return *out == OK;
}

/* The device has its say in these texts. */
static const char *
last_error(struct task *t, struct link *l)
{
	char *text = arena_strdup(t->arena, ssh_get_error(l->session));
	for (char *p = text; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	return *text ? text : "no reason given";
}

/* ---- key exchange ---- */

static bool
set(struct link *l, enum ssh_options_e which, const void *value)
{
	return ssh_options_set(l->session, which, value) == SSH_OK;
}

static enum err
start_session(struct task *t, struct link *l, bool legacy)
{
	const bool no = false;
	l->session = ssh_new();
	int copy = fcntl(l->fd, F_DUPFD_CLOEXEC, 0);
	if (!l->session || copy < 0) {
		if (copy >= 0)
			close(copy);
		return task_fail(t, ERR_SYSTEM, T("ssh %s: no session"), l->host);
	}
	/* Host and user are only names here: without them libssh looks them up. */
	bool good = set(l, SSH_OPTIONS_FD, &copy);
	if (!good)
		close(copy);
	good = good && set(l, SSH_OPTIONS_PROCESS_CONFIG, &no) &&
	       set(l, SSH_OPTIONS_HOST, "device") && set(l, SSH_OPTIONS_USER, "nobody") &&
	       set(l, SSH_OPTIONS_SSH_DIR, "/dev/null") &&
	       set(l, SSH_OPTIONS_KNOWNHOSTS, "/dev/null") &&
	       set(l, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
	for (size_t i = 0; good && i < sizeof methods / sizeof methods[0]; i++)
		good = set(l, methods[i].which,
			arena_printf(t->arena, "%s%s", methods[i].modern,
				legacy ? methods[i].legacy : ""));
	if (!good)
		return task_fail(
			t, ERR_SYSTEM, T("ssh %s: options: %s"), l->host, last_error(t, l));
	ssh_set_blocking(l->session, 0);
	return OK;
}

static enum err
shake_hands(struct task *t, const struct ssh *s, bool legacy, bool *out_no_common)
{
	struct link *l = s->link;
	enum err code = OK;
	int rc;
	do
		rc = ssh_connect(l->session);
	while (again(t, l, rc == SSH_AGAIN, &code));
	if (code != OK || rc == SSH_OK)
		return code;
	const char *why = last_error(t, l);
	*out_no_common = strstr(why, "no match for method") != NULL;
	if (*out_no_common)
		return ssh_no_common(t, l->host, why, legacy);
	return ssh_greet_failed(t, s, false, why);
}

static bool
hash_key(struct link *l, unsigned char out[SSH_HASH_SIZE])
{
	ssh_key key = NULL;
	unsigned char *hash = NULL;
	size_t n = 0;
	if (ssh_get_server_publickey(l->session, &key) != SSH_OK)
		return false;
	bool good = ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &n) == SSH_OK &&
		    n == SSH_HASH_SIZE;
	if (good)
		memcpy(out, hash, n);
	ssh_clean_pubkey_hash(&hash);
	ssh_key_free(key);
	return good;
}

static enum err
greet(struct task *t, struct ssh *s, bool legacy, unsigned char out_hash[SSH_HASH_SIZE],
	bool *out_no_common)
{
	struct link *l = s->link = xalloc(sizeof *l);
	l->fd = s->fd;
	l->host = s->host;
	enum err code = start_session(t, l, legacy);
	if (code == OK)
		code = shake_hands(t, s, legacy, out_no_common);
	if (code == OK && !hash_key(l, out_hash))
		return task_fail(t, ERR_PROTOCOL, T("ssh %s: the device showed no key"), l->host);
	return code;
}

/* ---- login ---- */

/* Hidden questions get the password, once; anything else an empty answer. */
static int
answer_prompts(
	struct task *t, struct link *l, const char *user, const char *password, enum err *out)
{
	int rc = SSH_AUTH_ERROR;
	bool given = false;
	for (int round = 0; round < ROUNDS_MOST; round++) {
		do
			rc = ssh_userauth_kbdint(l->session, user, NULL);
		while (again(t, l, rc == SSH_AUTH_AGAIN, out));
		if (rc != SSH_AUTH_INFO)
			return rc;
		int n = ssh_userauth_kbdint_getnprompts(l->session);
		for (int i = 0; i < n; i++) {
			char echo = 1;
			ssh_userauth_kbdint_getprompt(l->session, (unsigned)i, &echo);
			bool asked = !echo && !given;
			given |= asked;
			if (ssh_userauth_kbdint_setanswer(
				    l->session, (unsigned)i, asked ? password : "") != SSH_OK)
				return SSH_AUTH_ERROR;
		}
	}
	return rc;
}

static int
give_password(struct task *t, struct link *l, const char *user, const char *password, enum err *out)
{
	int rc;
	do
		rc = ssh_userauth_password(l->session, user, password);
	while (again(t, l, rc == SSH_AUTH_AGAIN, out));
	return rc;
}

static enum err
log_in(struct task *t, struct ssh *s, const char *user, const char *password)
{
	struct link *l = s->link;
	enum err code = OK;
	int rc;
	do
		rc = ssh_userauth_none(l->session, user);
	while (again(t, l, rc == SSH_AUTH_AGAIN, &code));
	if (code != OK || rc == SSH_AUTH_SUCCESS)
		return code;
	if (rc == SSH_AUTH_ERROR)
		return task_fail(t, ssh_peer_gone(l->fd) ? ERR_UNREACHABLE : ERR_PROTOCOL,
			T("ssh %s: login: %s"), l->host, last_error(t, l));
	int offered = ssh_userauth_list(l->session, user);
	if (offered & SSH_AUTH_METHOD_PASSWORD)
		rc = give_password(t, l, user, password, &code);
	else if (offered & SSH_AUTH_METHOD_INTERACTIVE)
		rc = answer_prompts(t, l, user, password, &code);
	else
		return task_fail_as(t, ERR_AUTH, "login-refused",
			"ssh %s: the device takes no password%s", l->host,
			offered & SSH_AUTH_METHOD_PUBLICKEY ? ", only publickey" : "");
	if (code != OK || rc == SSH_AUTH_SUCCESS)
		return code;
	if (rc == SSH_AUTH_DENIED || rc == SSH_AUTH_PARTIAL || rc == SSH_AUTH_INFO)
		return ssh_login_refused(t, l->host, user);
	return ssh_login_failed(t, s, !ssh_is_connected(l->session), last_error(t, l));
}

/* ---- the shell ---- */

/* Ordinary output and error output alike. */
static int
take_bytes(
	ssh_session session, ssh_channel channel, void *data, uint32_t n, int is_stderr, void *of)
{
	struct link *l = of;
	if (l->inbox.n - l->given + n > INBOX_MOST)
		l->flooded = true;
	else
		buf_add(&l->inbox, data, n);
	return (int)n;
}

static enum err
shell_failed(struct task *t, const struct ssh *s, const char *what)
{
	struct link *l = s->link;
	return ssh_shell_failed(t, s, !ssh_is_connected(l->session), what, last_error(t, l));
}

static enum err
open_shell(struct task *t, struct ssh *s, bool pty)
{
	struct link *l = s->link;
	enum err code = OK;
	int rc;
	l->channel = ssh_channel_new(l->session);
	if (!l->channel)
		return task_fail(t, ERR_SYSTEM, T("ssh %s: no channel"), l->host);
	l->calls = (struct ssh_channel_callbacks_struct){
		.userdata = l,
		.channel_data_function = take_bytes,
	};
	ssh_callbacks_init(&l->calls);
	if (ssh_set_channel_callbacks(l->channel, &l->calls) != SSH_OK)
		return task_fail(t, ERR_SYSTEM, T("ssh %s: no channel"), l->host);
	do
		rc = ssh_channel_open_session(l->channel);
	while (again(t, l, rc == SSH_AGAIN, &code));
	if (code == OK && rc != SSH_OK)
		return shell_failed(t, s, "no channel");
	while (code == OK && pty) {
		rc = ssh_channel_request_pty_size(
			l->channel, "dumb", SSH_PTY_COLUMNS, SSH_PTY_ROWS);
		if (again(t, l, rc == SSH_AGAIN, &code))
			continue;
		if (code == OK && rc != SSH_OK)
			return shell_failed(t, s, "no terminal");
		break;
	}
	while (code == OK) {
		rc = ssh_channel_request_shell(l->channel);
		if (!again(t, l, rc == SSH_AGAIN, &code))
			break;
	}
	return code == OK && rc != SSH_OK ? shell_failed(t, s, "no shell") : code;
}

/* ---- bytes ---- */

static enum err
send_bytes(struct task *t, struct ssh *s, const void *bytes, size_t n)
{
	struct link *l = s->link;
	const char *p = bytes;
	enum err code = OK;
	while (n > 0) {
		int wrote = ssh_channel_write(
			l->channel, p, (uint32_t)(n < WRITE_MOST ? n : WRITE_MOST));
		if (wrote > 0) {
			p += wrote;
			n -= (size_t)wrote;
			continue;
		}
		if (wrote < 0 || !ssh_is_connected(l->session))
			return ssh_hung_up(t, l->host);
		if (l->flooded)
			return task_fail(t, ERR_PROTOCOL,
				T("ssh %s: it talks without end and does not listen"), l->host);
		if (!again(t, l, true, &code))
			return code;
	}
	int rc;
	do
		rc = ssh_blocking_flush(l->session, 0);
	while (again(t, l, rc == SSH_AGAIN, &code));
	if (code == OK && (rc != SSH_OK || !ssh_is_connected(l->session)))
		return ssh_hung_up(t, l->host);
	return code;
}

static size_t
from_inbox(struct link *l, void *into, size_t cap)
{
	size_t n = l->inbox.n - l->given;
	if (n > cap)
		n = cap;
	if (n)
		memcpy(into, l->inbox.at + l->given, n);
	l->given += n;
	if (l->given == l->inbox.n) {
		buf_clear(&l->inbox);
		l->given = 0;
	}
	return n;
}

static enum err
take(struct task *t, struct ssh *s, void *into, size_t cap, size_t *out_n)
{
	struct link *l = s->link;
	/* Lets libssh look at the socket once; what there is comes by take_bytes(). */
	int rc = l->inbox.n ? 0 : ssh_channel_poll(l->channel, 0);
	if ((*out_n = from_inbox(l, into, cap)) > 0)
		return OK;
	if (l->flooded)
		return task_fail(t, ERR_PROTOCOL, T("ssh %s: it talks without end"), l->host);
	if (rc < 0 || !ssh_is_connected(l->session) || ssh_channel_is_eof(l->channel))
		return ssh_hung_up(t, l->host);
	return OK;
}

static enum err
wait_for_more(struct task *t, struct ssh *s, int64_t at_most_ms)
{
	return wait_peer(t, s->link, at_most_ms);
}

static void
end(struct ssh *s)
{
	struct link *l = s->link;
	if (!l)
		return;
	if (l->channel) {
		ssh_remove_channel_callbacks(l->channel, &l->calls);
		ssh_channel_free(l->channel);
	}
	if (l->session) {
		ssh_disconnect(l->session);
		shutdown(l->fd, SHUT_RDWR);
		ssh_free(l->session);
	}
	buf_free(&l->inbox);
	free(l);
	s->link = NULL;
}

/* This is everything we export. */
const struct ssh_backend ssh_libssh = {
	.init = init,
	.greet = greet,
	.log_in = log_in,
	.open_shell = open_shell,
	.send = send_bytes,
	.take = take,
	.wait = wait_for_more,
	.close = end,
};
