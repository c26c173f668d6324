/* The sessions of the simulated codecs that speak SSH (Polycom's line, Cisco's tsh): libssh as
 * server. Called by main(), and by door.c, which owns the sockets, on a thread per session. Owns
 * host keys and sessions. Must never answer for a site that has no power or no network: the session
 * falls silent without a goodbye and is reset when the site is back. */
#include "polycom.h"

#include "door.h"
#include "log.h"
#include "roomos.h"
#include "shell.h"
#include "tls.h"

#include "base/clock.h"
#include "base/str.h"

#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SESSIONS_MAX = 8, LOGIN_MS = 20000, LINE_MAX_BYTES = 2000 };

enum key { KEY_FIRST, KEY_CHANGED, KEY_LEGACY, KEYS_N };

struct session {
	struct door *door;
	ssh_session ssh;
	ssh_channel channel;
	int fd;
	struct cli cli;
	struct tsh tsh; /* of a Cisco codec, instead of cli */
	struct shell shell; /* of a LifeSize */
	char user[80]; /* as the first message of a keyboard-interactive login names it */
	struct buf line;
};

static bool
is_tsh(const struct session *s)
{
	return s->door->site->plan->codec.kind == CODEC_ROOMOS;
}

static ssh_bind binds[KEYS_N];
static pthread_mutex_t accepting = PTHREAD_MUTEX_INITIALIZER; /* the binds are shared */

/* ---- keys ---- */

static bool
make_key(const char *path, enum ssh_keytypes_e type, int bits, const char *pin_path)
{
	ssh_key key = NULL;
	if (access(path, R_OK) != 0) {
		if (ssh_pki_generate(type, bits, &key) != SSH_OK)
			return false;
		int rc = ssh_pki_export_privkey_file(key, NULL, NULL, NULL, path);
		ssh_key_free(key);
		if (rc != SSH_OK)
			return false;
	}
	if (ssh_pki_import_privkey_file(path, NULL, NULL, NULL, &key) != SSH_OK)
		return false;
	unsigned char *hash = NULL;
	size_t n = 0;
	bool ok = ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &n) == 0;
	ssh_key_free(key);
	if (!ok)
		return false;
	char *text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, n);
	ssh_clean_pubkey_hash(&hash);
	ok = text && write_small_file(pin_path, text, 0644);
	ssh_string_free_char(text);
	return ok;
}

static bool
make_bind(enum key k, const char *dir)
{
	static const char *const names[KEYS_N] = { "codec", "codec-changed", "codec-legacy" };
	char path[600], pin[600];
	bool process = false;
	snprintf(path, sizeof path, "%s/%s.key", dir, names[k]);
	snprintf(pin, sizeof pin, "%s/%s.pin", dir, names[k]);
	bool old = k == KEY_LEGACY;
	if (!make_key(
		    path, old ? SSH_KEYTYPE_RSA : SSH_KEYTYPE_ECDSA_P256, old ? 2048 : 256, pin)) {
		fprintf(stderr, "lab: %s: no SSH host key could be made\n", path);
		return false;
	}
	ssh_bind b = binds[k] = ssh_bind_new();
	ssh_bind_options_set(b, SSH_BIND_OPTIONS_PROCESS_CONFIG, &process);
	int rc = ssh_bind_options_set(b, SSH_BIND_OPTIONS_HOSTKEY, path);
	if (old) { /* field report: a Group 700 offers only an ssh-rsa (SHA-1) host key */
		rc |= ssh_bind_options_set(b, SSH_BIND_OPTIONS_HOSTKEY_ALGORITHMS, "ssh-rsa");
		rc |= ssh_bind_options_set(
			b, SSH_BIND_OPTIONS_KEY_EXCHANGE, "diffie-hellman-group14-sha1");
		rc |= ssh_bind_options_set(b, SSH_BIND_OPTIONS_CIPHERS_C_S, "aes128-cbc");
		rc |= ssh_bind_options_set(b, SSH_BIND_OPTIONS_CIPHERS_S_C, "aes128-cbc");
		rc |= ssh_bind_options_set(b, SSH_BIND_OPTIONS_HMAC_C_S, "hmac-sha1");
		rc |= ssh_bind_options_set(b, SSH_BIND_OPTIONS_HMAC_S_C, "hmac-sha1");
	}
	if (rc)
		fprintf(stderr, "lab: %s: %s\n", path, ssh_get_error(b));
	return rc == 0;
}

static enum key
key_of(const struct site *s, int64_t now)
{
	if (s->plan->legacy_ssh)
		return KEY_LEGACY;
	bool changed = s->plan->hostkey_changes_at != LAB_NEVER && s->first_connect
		&& now >= s->first_connect + s->plan->hostkey_changes_at;
	return changed ? KEY_CHANGED : KEY_FIRST;
}

/* ---- one session ---- */

static bool
password_right(const struct session *s, const char *user, const char *password)
{
	const struct lab_site *p = s->door->site->plan;
	/* the directory believes one password, the box has another */
	return !p->password_wrong && str_eq(user, p->codec.user) &&
	       str_eq(password, p->codec.password) &&
	       atomic_load(&s->door->sessions) <=
		       SESSIONS_MAX; /* field report: leaked sessions lock a box */
}

/* The password of either kind of login; NULL: not told yet, an answer was sent. */
static const char *
password_of(struct session *s, ssh_message msg)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations" /* the message interface fits a thread per session */
	static const char *prompts[] = { "Password: " };
	static char echo[] = { 0 };
	int way = ssh_message_type(msg) == SSH_REQUEST_AUTH ? ssh_message_subtype(msg) : -1;
	if (way == SSH_AUTH_METHOD_PASSWORD)
		return ssh_message_auth_password(msg);
	if (way == SSH_AUTH_METHOD_INTERACTIVE && is_tsh(s)) {
		if (!ssh_message_auth_kbdint_is_response(msg)) {
			str_copy(s->user, sizeof s->user, ssh_message_auth_user(msg));
			ssh_message_auth_interactive_request(msg, "", "", 1, prompts, echo);
		} else if (ssh_userauth_kbdint_getnanswers(s->ssh) == 1)
			return ssh_userauth_kbdint_getanswer(s->ssh, 0);
		else
			ssh_message_reply_default(msg);
		return NULL;
	}
	ssh_message_auth_set_methods(
		msg, SSH_AUTH_METHOD_PASSWORD | (is_tsh(s) ? SSH_AUTH_METHOD_INTERACTIVE : 0));
	ssh_message_reply_default(msg);
	return NULL;
#pragma GCC diagnostic pop
}

/* True when the message was a right password. */
static bool
try_login(struct session *s, ssh_message msg)
{
	const char *id = s->door->site->plan->id, *password = password_of(s, msg);
	if (!password)
		return false;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
	const char *user = ssh_message_auth_user(msg);
#pragma GCC diagnostic pop
	if (!user)
		user = s->user;
	bool right = password_right(s, user, password);
	lab_log(clock_now(), right ? "login" : "login-refused", id, "user", user, NULL);
	if (right)
		ssh_message_auth_reply_success(msg, 0);
	else {
		ssh_message_auth_set_methods(msg,
			SSH_AUTH_METHOD_PASSWORD | (is_tsh(s) ? SSH_AUTH_METHOD_INTERACTIVE : 0));
		ssh_message_reply_default(msg);
	}
	return right;
}

/* True when the shell was asked for. */
static bool
try_shell(struct session *s, ssh_message msg)
{
	int type = ssh_message_type(msg), sub = ssh_message_subtype(msg);
	if (type == SSH_REQUEST_CHANNEL_OPEN && sub == SSH_CHANNEL_SESSION && !s->channel) {
		s->channel = ssh_message_channel_request_open_reply_accept(msg);
		return false;
	}
	if (type == SSH_REQUEST_CHANNEL && s->channel
		&& (sub == SSH_CHANNEL_REQUEST_PTY || sub == SSH_CHANNEL_REQUEST_SHELL)) {
		ssh_message_channel_request_reply_success(msg);
		return sub == SSH_CHANNEL_REQUEST_SHELL;
	}
	ssh_message_reply_default(msg);
	return false;
}

static bool
open_shell(struct session *s)
{
	int64_t deadline = clock_mono() + LOGIN_MS;
	bool in = false, shell = false;
	while (!shell && clock_mono() < deadline && !doors_closing()) {
		ssh_message msg = ssh_message_get(s->ssh);
		if (!msg)
			return false;
		if (!in)
			in = try_login(s, msg);
		else
			shell = try_shell(s, msg);
		ssh_message_free(msg);
	}
	return shell;
}

static bool
say(struct session *s, struct buf *b)
{
	const char *at = buf_str(b);
	size_t left = b->n;
	while (left) {
		int n = ssh_channel_write(s->channel, at, (uint32_t)left);
		if (n <= 0)
			break;
		at += n;
		left -= (size_t)n;
	}
	bool ok = left == 0;
	buf_clear(b);
	return ok;
}

/* A whole line came to a Cisco codec; false: it was the last. */
static bool
obey_tsh(struct session *s)
{
	struct buf out = { 0 };
	fleet_lock();
	tsh_line(&s->tsh, buf_str(&s->line), clock_now(), &out);
	fleet_unlock();
	buf_clear(&s->line);
	bool ok = say(s, &out);
	buf_free(&out);
	return ok && !s->tsh.bye;
}

/* A whole line came to a LifeSize. */
static bool
obey_shell(struct session *s)
{
	struct buf out = { 0 };
	fleet_lock();
	shell_kind_of(s->door->site)->line(&s->shell, buf_str(&s->line), clock_now(), &out);
	fleet_unlock();
	buf_clear(&s->line);
	bool ok = say(s, &out);
	buf_free(&out);
	return ok;
}

/* A whole line came: echo, answer, prompt. */
static bool
obey(struct session *s)
{
	if (is_tsh(s))
		return obey_tsh(s);
	if (shell_kind_of(s->door->site))
		return obey_shell(s);
	struct buf out = { 0 };
	char line[LINE_MAX_BYTES + 1];
	str_copy(line, sizeof line, buf_str(&s->line));
	buf_clear(&s->line);
	char *order = str_trim(line);
	/* Group API: what was typed is echoed, known or not */
	buf_printf(&out, "%s\r\r\n", order);
	bool ok = say(s, &out);
	fleet_lock();
	cli_command(&s->cli, order, clock_now(), &out);
	fleet_unlock();
	if (s->cli.late_ms)
		door_nap(s->cli.late_ms);
	s->cli.late_ms = 0;
	buf_puts(&out, "-> ");
	ok = ok && say(s, &out);
	buf_free(&out);
	return ok;
}

static bool
take_bytes(struct session *s, const char *bytes, int n)
{
	for (int i = 0; i < n; i++) {
		if (bytes[i] == '\r' || (bytes[i] == '\n' && s->line.n)) {
			if (!obey(s))
				return false;
		} else if (bytes[i] != '\n' && s->line.n < LINE_MAX_BYTES) {
			buf_putc(&s->line, bytes[i]);
		}
	}
	return true;
}

static void
serve_shell(struct session *s)
{
	struct buf out = { 0 };
	char bytes[512];
	fleet_lock();
	const struct leg *l = s->door->site->leg;
	s->cli.seen = l ? l->phase : PHASE_DISCONNECTED;
	s->cli.seen_call = l ? l->call_id : 0;
	if (is_tsh(s)) {
		tsh_open(&s->tsh, s->door->site, clock_now(), &out);
	} else if (shell_kind_of(s->door->site)) {
		s->shell = (struct shell){ .site = s->door->site,
			.stage = SHELL_IN,
			.seen = s->cli.seen,
			.seen_call = s->cli.seen_call,
			.seen_mic = s->door->site->mic_muted };
		shell_kind_of(s->door->site)->greet(&s->shell, clock_now(), &out);
	} else {
		cli_intro(s->door->site, &out);
		buf_puts(&out, "-> ");
	}
	fleet_unlock();
	bool up = say(s, &out);
	while (up && !doors_closing()) {
		int n = ssh_channel_read_timeout(s->channel, bytes, sizeof bytes, 0, DOOR_POLL_MS);
		if (n == SSH_ERROR || ssh_channel_is_eof(s->channel) ||
			ssh_channel_is_closed(s->channel))
			break;
		if (!door_reachable(s->door)) {
			door_fall_silent(s->door, s->fd);
			break;
		}
		if (n > 0 && !take_bytes(s, bytes, n))
			break;
		fleet_lock();
		if (is_tsh(s))
			tsh_unasked(&s->tsh, clock_now(), &out);
		else if (!shell_kind_of(s->door->site)) /* a LifeSize waits until it is asked something */
			cli_unasked(&s->cli, clock_now(), &out);
		fleet_unlock();
		if (out.n)
			up = say(s, &out);
	}
	buf_free(&out);
}

/* NULL: said. */
static ssh_session
take_over(struct door *d, int fd)
{
	fleet_lock();
	enum key k = key_of(d->site, clock_now());
	fleet_unlock();
	ssh_session ssh = ssh_new();
	pthread_mutex_lock(&accepting);
	bool ok = ssh && ssh_bind_accept_fd(binds[k], ssh, fd) == SSH_OK;
	if (!ok)
		fprintf(stderr, "lab: %s: ssh: %s\n", d->site->plan->id, ssh_get_error(binds[k]));
	pthread_mutex_unlock(&accepting);
	if (ok)
		return ssh;
	if (ssh)
		ssh_free(ssh);
	close(fd);
	return NULL;
}

static void
serve_session(struct door *d, int fd)
{
	struct session s = { .door = d, .fd = fd, .cli.site = d->site };
	long timeout_s = LOGIN_MS / 1000;
	s.ssh = take_over(d, fd);
	if (!s.ssh)
		return;
	ssh_options_set(s.ssh, SSH_OPTIONS_TIMEOUT, &timeout_s);
	if (ssh_handle_key_exchange(s.ssh) == SSH_OK && open_shell(&s))
		serve_shell(&s);
	ssh_disconnect(s.ssh);
	ssh_free(s.ssh);
	buf_free(&s.line);
}

bool
polycom_start(const struct scenario *s, const char *dir)
{
	bool legacy = false;
	size_t n = 0;
	for (size_t i = 0; i < s->sites.n; i++) {
		const struct lab_site *p = &s->sites.at[i];
		legacy = legacy || p->legacy_ssh;
		if (!p->codec.exists || !p->codec.ssh_port)
			continue;
		door_add(fleet_site(i), p->codec.ssh_port, serve_session);
		n++;
	}
	if (!n)
		return true;
	ssh_init();
	return make_bind(KEY_FIRST, dir) && make_bind(KEY_CHANGED, dir) &&
	       (!legacy || make_bind(KEY_LEGACY, dir));
}
