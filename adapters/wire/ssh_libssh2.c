/* libssh2 behind ssh.c: the first choice, because it is the light one. Owns libssh2; one session
 * per struct ssh, used by one thread at a time, never blocking but in task_wait().
 *
 * libssh2 offers arcfour, 3des and group1 by default and knows no rsa-sha2: algorithms are listed
 * here, old ones only for a device marked legacy. Must never: try a login twice, keep the password
 * after login, read on without end while a peer never stops. */
#include "adapters/wire/ssh_backend.h"

#include "base/str.h"

#include <errno.h>
#include <libssh2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	CLOSE_TRIES = 50,
	READ_AT_ONCE = 1 << 20,	     /* then the deadline is looked at */
	HANDSHAKE_BYTES = 256 << 10, /* of a peer that may not be SSH at all */
};

struct link {
	int fd;		  /* borrowed, as is the host */
	const char *host; /* for messages */
	LIBSSH2_SESSION *session;
	LIBSSH2_CHANNEL *channel;
	const char *password; /* borrowed, while logging in with keyboard-interactive only */
	int prompts;	      /* answered so far: a second question means "wrong" */
	size_t burst;	      /* bytes read since the last wait */
	bool greeting;	      /* before the handshake is done: bursts add up */
	bool keyed;	      /* the handshake is done */
	bool cut; /* the connection is gone: only what libssh2 still holds can be read */
};

struct methods {
	int which;
	const char *modern, *legacy;
};

static const struct methods methods[] = {
	{ LIBSSH2_METHOD_KEX,
		"curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-"
		"nistp384,"
		"ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-"
		"sha512,"
		"diffie-hellman-group18-sha512,diffie-hellman-group14-sha256",
		",diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1,diffie-hellman-"
		"group1-sha1" },
	{ LIBSSH2_METHOD_HOSTKEY,
		"ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521",
		",ssh-rsa,ssh-dss" },
	{ LIBSSH2_METHOD_CRYPT_CS, "aes256-ctr,aes192-ctr,aes128-ctr",
		",aes256-cbc,aes128-cbc,3des-cbc" },
	{ LIBSSH2_METHOD_CRYPT_SC, "aes256-ctr,aes192-ctr,aes128-ctr",
		",aes256-cbc,aes128-cbc,3des-cbc" },
	{ LIBSSH2_METHOD_MAC_CS, "hmac-sha2-256,hmac-sha2-512", ",hmac-sha1,hmac-md5" },
	{ LIBSSH2_METHOD_MAC_SC, "hmac-sha2-256,hmac-sha2-512", ",hmac-sha1,hmac-md5" },
};

static void
init(void)
{
	libssh2_init(0);
}

/* ---- waiting and failing ---- */

/* libssh2 reads as long as there is something: a peer that never stops would keep it beyond every
 * deadline. */
static ssize_t
read_some(libssh2_socket_t fd, void *into, size_t n, int flags, void **abstract)
{
	struct link *s = *abstract;
	if (s->cut)
		return -EAGAIN;
	if (s->burst >= (s->greeting ? (size_t)HANDSHAKE_BYTES : (size_t)READ_AT_ONCE))
		return s->greeting ? -EPROTO : -EAGAIN;
	ssize_t got = recv(fd, into, n, flags | MSG_NOSIGNAL);
	if (got > 0)
		s->burst += (size_t)got;
	return got < 0 ? (errno == EINTR ? -EAGAIN : -errno) : got;
}

static enum err
wait_peer(struct task *t, struct link *s, int64_t at_most_ms)
{
	if (!s->greeting)
		s->burst = 0;
	int directions = libssh2_session_block_directions(s->session);
	struct pollfd p = { .fd = s->fd };
	if (directions & LIBSSH2_SESSION_BLOCK_OUTBOUND)
		p.events |= POLLOUT;
	if ((directions & LIBSSH2_SESSION_BLOCK_INBOUND) || !directions)
		p.events |= POLLIN;
	return task_wait(t, &p, 1, at_most_ms);
}

/* libssh2 said "again": wait, or stop the loop with the reason recorded. */
static bool
again(struct task *t, struct link *s, int rc, enum err *out)
{
	if (rc != LIBSSH2_ERROR_EAGAIN)
		return false;
	*out = wait_peer(t, s, -1);
	return *out == OK;
}

static const char *
last_error(struct link *s)
{
	char *text = NULL;
	int len = 0;
	libssh2_session_last_error(s->session, &text, &len, 0);
	return text && len > 0 ? text : "no reason given";
}

static bool
closed(int rc)
{
	return rc == LIBSSH2_ERROR_SOCKET_DISCONNECT || rc == LIBSSH2_ERROR_SOCKET_RECV ||
	       rc == LIBSSH2_ERROR_SOCKET_SEND || rc == LIBSSH2_ERROR_CHANNEL_CLOSED ||
	       rc == LIBSSH2_ERROR_CHANNEL_EOF_SENT || rc == LIBSSH2_ERROR_BAD_SOCKET;
}

/* ---- handshake and host key ---- */

static enum err
start_session(struct task *t, struct link *s, bool legacy)
{
	s->session = libssh2_session_init_ex(NULL, NULL, NULL, s);
	if (!s->session)
		return task_fail(t, ERR_SYSTEM, T("ssh %s: no session"), s->host);
	libssh2_session_set_blocking(s->session, 0);
	/* The library keeps functions as data pointers. */
	union {
		LIBSSH2_RECV_FUNC((*fn));
		void *p;
	} reader = { .fn = read_some };
	libssh2_session_callback_set(s->session, LIBSSH2_CALLBACK_RECV, reader.p);
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		const char *list = arena_printf(
			t->arena, "%s%s", methods[i].modern, legacy ? methods[i].legacy : "");
		if (libssh2_session_method_pref(s->session, methods[i].which, list) != 0)
			return task_fail(
				t, ERR_SYSTEM, T("ssh %s: algorithms: %s"), s->host, last_error(s));
	}
	return OK;
}

static enum err
shake_hands(struct task *t, const struct ssh *ssh, bool legacy, bool *out_no_common)
{
	struct link *s = ssh->link;
	enum err code = OK;
	int rc;
	s->greeting = true;
	do
		rc = libssh2_session_handshake(s->session, s->fd);
	while (again(t, s, rc, &code));
	s->greeting = false;
	if (code != OK || rc == 0)
		return code;
	const char *banner = libssh2_session_banner_get(s->session);
	if (banner && !str_starts(banner, "SSH-"))
		return task_fail(
			t, ERR_PROTOCOL, T("ssh %s: the other side does not speak SSH"), s->host);
	*out_no_common = rc == LIBSSH2_ERROR_KEX_FAILURE || rc == LIBSSH2_ERROR_METHOD_NONE;
	if (*out_no_common || rc == LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE)
		return ssh_no_common(t, s->host, last_error(s), legacy);
	return ssh_greet_failed(t, ssh, closed(rc), last_error(s));
}

static enum err
greet(struct task *t, struct ssh *ssh, bool legacy, unsigned char out_hash[SSH_HASH_SIZE],
	bool *out_no_common)
{
	struct link *s = ssh->link = xalloc(sizeof *s);
	s->fd = ssh->fd;
	s->host = ssh->host;
	enum err code = start_session(t, s, legacy);
	if (code == OK)
		code = shake_hands(t, ssh, legacy, out_no_common);
	if (code != OK)
		return code;
	const char *raw = libssh2_hostkey_hash(s->session, LIBSSH2_HOSTKEY_HASH_SHA256);
	if (!raw)
		return task_fail(t, ERR_PROTOCOL, T("ssh %s: the device showed no key"), s->host);
	memcpy(out_hash, raw, SSH_HASH_SIZE);
	s->keyed = true;
	return OK;
}

/* ---- login ---- */

/* Hidden questions get the password, once; anything else an empty answer. libssh2 frees the
 * answers. */
static void
answer_prompts(const char *name, int name_len, const char *instruction, int instruction_len, int n,
	const LIBSSH2_USERAUTH_KBDINT_PROMPT *prompts, LIBSSH2_USERAUTH_KBDINT_RESPONSE *answers,
	void **abstract)
{
	struct link *s = *abstract;
	for (int i = 0; i < n; i++) {
		const char *text = !prompts[i].echo && s->prompts++ == 0 ? s->password : "";
		answers[i].text = xstrdup(text);
		answers[i].length = (unsigned)strlen(text);
	}
}

static enum err
login_methods(struct task *t, struct link *s, const char *user, const char **out)
{
	enum err code = OK;
	char *list;
	do
		list = libssh2_userauth_list(s->session, user, (unsigned)strlen(user));
	while (!list && again(t, s, libssh2_session_last_errno(s->session), &code));
	*out = list ? arena_strdup(t->arena, list) : NULL;
	if (code != OK || list || libssh2_userauth_authenticated(s->session))
		return code;
	return task_fail(t,
		closed(libssh2_session_last_errno(s->session)) ? ERR_UNREACHABLE : ERR_PROTOCOL,
		T("ssh %s: login: %s"), s->host, last_error(s));
}

static bool
offers(const char *list, const char *method)
{
	size_t n = strlen(method);
	for (const char *p = list; (p = strstr(p, method)); p += n)
		if ((p == list || p[-1] == ',') && (p[n] == ',' || !p[n]))
			return true;
	return false;
}

static int
try_login(struct link *s, bool prompts, const char *user, const char *password)
{
	if (prompts)
		return libssh2_userauth_keyboard_interactive_ex(
			s->session, user, (unsigned)strlen(user), answer_prompts);
	return libssh2_userauth_password_ex(s->session, user, (unsigned)strlen(user), password,
		(unsigned)strlen(password), NULL);
}

static enum err
log_in(struct task *t, struct ssh *ssh, const char *user, const char *password)
{
	struct link *s = ssh->link;
	const char *list;
	enum err code = login_methods(t, s, user, &list);
	if (code != OK || libssh2_userauth_authenticated(s->session))
		return code;
	bool by_password = offers(list, "password"),
	     by_prompts = offers(list, "keyboard-interactive");
	if (!by_password && !by_prompts)
		return task_fail_as(t, ERR_AUTH, "login-refused",
			"ssh %s: the device takes no password, only %s", s->host, list);
	int rc;
	s->password = password;
	do
		rc = try_login(s, !by_password, user, password);
	while (again(t, s, rc, &code));
	s->password = NULL;
	if (code != OK || rc == 0)
		return code;
	if (rc == LIBSSH2_ERROR_AUTHENTICATION_FAILED || rc == LIBSSH2_ERROR_PASSWORD_EXPIRED)
		return ssh_login_refused(t, s->host, user);
	return ssh_login_failed(t, ssh, closed(rc), last_error(s));
}

/* ---- the shell ---- */

static enum err
shell_failed(struct task *t, const struct ssh *ssh, int rc, const char *what)
{
	return ssh_shell_failed(t, ssh, closed(rc), what, last_error(ssh->link));
}

static enum err
open_shell(struct task *t, struct ssh *ssh, bool pty)
{
	static const char term[] = "dumb";
	struct link *s = ssh->link;
	enum err code = OK;
	int rc = 0;
	do
		s->channel = libssh2_channel_open_session(s->session);
	while (!s->channel && again(t, s, rc = libssh2_session_last_errno(s->session), &code));
	if (code != OK)
		return code;
	if (!s->channel)
		return shell_failed(t, ssh, rc, "no channel");
	while (pty) {
		rc = libssh2_channel_request_pty_ex(s->channel, term, sizeof term - 1, NULL, 0,
			SSH_PTY_COLUMNS, SSH_PTY_ROWS, 0, 0);
		if (again(t, s, rc, &code))
			continue;
		if (code != OK)
			return code;
		if (rc != 0)
			return shell_failed(t, ssh, rc, "no terminal");
		break;
	}
	do
		rc = libssh2_channel_shell(s->channel);
	while (again(t, s, rc, &code));
	if (code == OK && rc != 0)
		return shell_failed(t, ssh, rc, "no shell");
	if (code == OK)
		libssh2_channel_handle_extended_data2(
			s->channel, LIBSSH2_CHANNEL_EXTENDED_DATA_MERGE);
	return code;
}

/* ---- bytes ---- */

static enum err
send_bytes(struct task *t, struct ssh *ssh, const void *bytes, size_t n)
{
	struct link *s = ssh->link;
	const char *p = bytes;
	while (n > 0) {
		enum err code = OK;
		ssize_t wrote = s->cut ? LIBSSH2_ERROR_SOCKET_DISCONNECT
				       : libssh2_channel_write(s->channel, p, n);
		if (wrote > 0) {
			p += wrote;
			n -= (size_t)wrote;
			continue;
		}
		if (wrote == 0)
			wrote = LIBSSH2_ERROR_EAGAIN;
		if (again(t, s, (int)wrote, &code))
			continue;
		if (code != OK)
			return code;
		return ssh_hung_up(t, s->host);
	}
	return OK;
}

static enum err
take(struct task *t, struct ssh *ssh, void *into, size_t cap, size_t *out_n)
{
	struct link *s = ssh->link;
	ssize_t n = libssh2_channel_read(s->channel, into, cap);
	/* It reports the end before it gives out the last bytes; told that there is no more to
	 * come, it gives them. */
	if (n < 0 && n != LIBSSH2_ERROR_EAGAIN && !s->cut) {
		s->cut = true;
		n = libssh2_channel_read(s->channel, into, cap);
	}
	if (n > 0) {
		*out_n = (size_t)n;
		return OK;
	}
	if (s->cut || (n == 0 && libssh2_channel_eof(s->channel)))
		return ssh_hung_up(t, s->host);
	return OK;
}

static enum err
wait_for_more(struct task *t, struct ssh *ssh, int64_t at_most_ms)
{
	return wait_peer(t, ssh->link, at_most_ms);
}

/* Says goodbye if that is possible at once, then cuts the connection: libssh2 frees its memory
 * without waiting for a device that may never answer. */
static void
end(struct ssh *ssh)
{
	struct link *s = ssh->link;
	if (!s)
		return;
	if (s->session) {
		if (s->keyed)
			libssh2_session_disconnect(s->session, "done");
		shutdown(s->fd, SHUT_RDWR);
		for (int i = 0; s->channel && i < CLOSE_TRIES; i++)
			if (libssh2_channel_free(s->channel) != LIBSSH2_ERROR_EAGAIN)
				break;
		for (int i = 0; i < CLOSE_TRIES; i++)
			if (libssh2_session_free(s->session) != LIBSSH2_ERROR_EAGAIN)
				break;
	}
	free(s);
	ssh->link = NULL;
}

/* This is everything we export. */
const struct ssh_backend ssh_libssh2 = {
	.init = init,
	.greet = greet,
	.log_in = log_in,
	.open_shell = open_shell,
	.send = send_bytes,
	.take = take,
	.wait = wait_for_more,
	.close = end,
};
