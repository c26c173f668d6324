/* A command-line device of the tests of adapters/wire/ssh*.c: libssh as server in a thread, on
 * loopback. Its host key decides which library of ours can talk with it: ed25519 both, so libssh2
 * does; RSA, which signs with rsa-sha2 only, libssh. */
#ifndef TD_TEST_WIRE_SSH_SERVER_H
#define TD_TEST_WIRE_SSH_SERVER_H

#include "tests/unit/wire_test.h"

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

enum odd { ODD_NOT, ODD_SILENT, ODD_DROP, ODD_BANNER_AND_DROP };

enum style { BY_PASSWORD = 1, BY_PROMPTS = 2, BY_KEY_ONLY = 4 };

struct server {
	int listen_fd, port;
	int style;
	const char *hmac; /* only this one, or NULL */
	atomic_int odd;   /* from the second connection on it is no SSH server any more */
	enum ssh_keytypes_e type;
	ssh_key key;
	pthread_t thread;
	atomic_int attempts, connections, shells, gone;
	atomic_bool saw_password;
};


static inline bool
good(struct server *s, const char *password)
{
	s->attempts++;
	s->saw_password = true;
	return str_eq(password, "s3cret");
}

static inline int
methods_of(const struct server *s)
{
	return (s->style & BY_PASSWORD ? SSH_AUTH_METHOD_PASSWORD : 0) |
	       (s->style & BY_PROMPTS ? SSH_AUTH_METHOD_INTERACTIVE : 0) |
	       (s->style & BY_KEY_ONLY ? SSH_AUTH_METHOD_PUBLICKEY : 0);
}

/* true: logged in. */
static inline bool
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

static inline ssh_channel
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

static inline void
say(ssh_channel c, const char *s)
{
	ssh_channel_write(c, s, (uint32_t)strlen(s));
}

static inline void
flood(ssh_channel c)
{
	char many[4096];
	memset(many, 'x', sizeof many);
	for (int i = 0; i < 80; i++)
		if (ssh_channel_write(c, many, sizeof many) < 0)
			return;
}

/* One command per line; false: hang up. */
static inline bool
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

static inline void
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

static inline void
serve_one(struct server *s, int fd)
{
	ssh_bind bind = ssh_bind_new();
	ssh_session session = ssh_new();
	ssh_key key = ssh_key_dup(s->key);
	ssh_bind_options_set(bind, SSH_BIND_OPTIONS_IMPORT_KEY, key);
	if (s->hmac) {
		ssh_bind_options_set(bind, SSH_BIND_OPTIONS_HMAC_C_S, s->hmac);
		ssh_bind_options_set(bind, SSH_BIND_OPTIONS_HMAC_S_C, s->hmac);
		/* The others bring their own. */
		ssh_bind_options_set(bind, SSH_BIND_OPTIONS_CIPHERS_C_S, "aes128-ctr");
		ssh_bind_options_set(bind, SSH_BIND_OPTIONS_CIPHERS_S_C, "aes128-ctr");
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

static inline void
serve_oddly(struct server *s, int fd)
{
	static const char banner[] = "SSH-2.0-odd\r\n";
	char byte;
	if (s->odd == ODD_SILENT)
		while (recv(fd, &byte, 1, 0) > 0)
			;
	if (s->odd == ODD_BANNER_AND_DROP)
		send(fd, banner, sizeof banner - 1, MSG_NOSIGNAL);
	close(fd);
	s->gone++;
}

static inline void *
serve(void *of)
{
	struct server *s = of;
	for (;;) {
		int fd = accept(s->listen_fd, NULL, NULL);
		if (fd < 0)
			return NULL;
		if (s->connections++ == 0 || s->odd == ODD_NOT)
			serve_one(s, fd);
		else
			serve_oddly(s, fd);
	}
}

static inline int
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

static inline void
server_start(struct server *s, enum ssh_keytypes_e type, int style, const char *hmac)
{
	memset(s, 0, sizeof *s);
	s->type = type;
	s->style = style;
	s->hmac = hmac;
	assert_int_equal(
		ssh_pki_generate(type, type == SSH_KEYTYPE_RSA ? 2048 : 0, &s->key), SSH_OK);
	s->listen_fd = listen_somewhere(&s->port);
	pthread_create(&s->thread, NULL, serve, s);
}

static inline void
server_stop(struct server *s)
{
	shutdown(s->listen_fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listen_fd);
	ssh_key_free(s->key);
}

/* As OpenSSH prints it. */
static inline void
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

#endif
