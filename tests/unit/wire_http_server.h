/* A small server in a thread, plain or with TLS, for the tests of adapters/wire/http.c. */
#ifndef TD_TESTS_UNIT_WIRE_HTTP_SERVER_H
#define TD_TESTS_UNIT_WIRE_HTTP_SERVER_H

#include "tests/unit/wire_test.h"

#include "adapters/wire/http.h"
#include "adapters/wire/xml.h"
#include "base/buf.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct server {
	int listen_fd, port;
	_Atomic(SSL_CTX *) tls; /* NULL: plain */
	pthread_t thread;
	atomic_int hits, connections, login_hits;
	pthread_mutex_t lock;
	char last[8192]; /* the last request: read by the test after its answer came, in
			    last_request() */
};

struct peer {
	struct server *server;
	int fd;
	SSL *ssl;
	char head[8192];
	const char *body;
};

/* ---- the server ---------------------------------------------------- */

static inline ssize_t
peer_read(struct peer *p, char *into, size_t n)
{
	struct pollfd w = { .fd = p->fd, .events = POLLIN };
	if (p->ssl && SSL_pending(p->ssl) == 0 && poll(&w, 1, 10000) != 1)
		return -1;
	if (!p->ssl && poll(&w, 1, 10000) != 1)
		return -1;
	return p->ssl ? SSL_read(p->ssl, into, (int)n) : recv(p->fd, into, n, 0);
}

static inline void
peer_write(struct peer *p, const char *s)
{
	size_t n = strlen(s);
	if (p->ssl)
		SSL_write(p->ssl, s, (int)n);
	else
		send(p->fd, s, n, MSG_NOSIGNAL);
}

static inline bool
peer_request(struct peer *p)
{
	size_t n = 0;
	for (;;) {
		ssize_t got = peer_read(p, p->head + n, sizeof p->head - 1 - n);
		if (got <= 0)
			return false;
		n += (size_t)got;
		p->head[n] = 0;
		if (p->head[0] == 0x16) { /* TLS where none is spoken */
			peer_write(p, "HTTP/1.1 400 Bad Request\r\n\r\n");
			return false;
		}
		char *end = strstr(p->head, "\r\n\r\n");
		if (!end)
			continue;
		const char *length = strcasestr(p->head, "content-length:");
		size_t want = length && length < end ? strtoul(length + 15, NULL, 10) : 0;
		if (n < (size_t)(end + 4 - p->head) + want)
			continue;
		p->body = end + 4;
		return true;
	}
}

static inline void
peer_reply(struct peer *p, const char *status, const char *headers, const char *body)
{
	struct buf b = { 0 };
	buf_printf(&b, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n%s", status, strlen(body),
		headers, body);
	peer_write(p, b.at);
	buf_free(&b);
}

static inline void
reset(struct peer *p)
{
	struct linger now = { .l_onoff = 1 };
	setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/* false: close the connection. */
static inline bool
peer_answer(struct peer *p)
{
	struct server *s = p->server;
	char path[64] = "";
	sscanf(p->head, "%*s %63s", path);
	pthread_mutex_lock(&s->lock);
	str_copy(s->last, sizeof s->last, p->head);
	pthread_mutex_unlock(&s->lock);
	s->hits++;
	if (str_eq(path, "/ok"))
		peer_reply(p, "200 OK", "X-Word: a b \r\nx-empty:\r\n", "hello");
	else if (str_eq(path, "/echo"))
		peer_reply(p, "200 OK", "", p->body);
	else if (str_eq(path, "/rpc"))
		peer_reply(p, "200 OK", "",
			"<methodResponse><params><param><value>7</value></param></params></"
			"methodResponse>");
	else if (str_eq(path, "/ok-then-close"))
		peer_reply(p, "200 OK", "", "hello");
	else if (str_eq(path, "/cookie"))
		peer_reply(p, "200 OK", "Set-Cookie: sid=t0psecret; Path=/\r\n", "hello");
	else if (str_eq(path, "/missing"))
		peer_reply(p, "404 Not Found", "", "gone");
	else if (str_eq(path, "/away"))
		peer_reply(p, "302 Found", "Location: /ok\r\n", "");
	else if (str_eq(path, "/login"))
		peer_reply(p, "401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n", "no");
	else if (str_eq(path, "/digest")) {
		bool given = strcasestr(p->head, "authorization: digest") != NULL;
		s->login_hits += given;
		if (given && strstr(p->head, "username=\"admin\""))
			peer_reply(p, "200 OK", "", p->body);
		else
			peer_reply(p, "401 Unauthorized",
				"WWW-Authenticate: Digest realm=\"x\", qop=\"auth\", "
				"nonce=\"abc\"\r\n",
				"first half");
	} else if (str_eq(path, "/big")) {
		char big[3001];
		memset(big, 'x', 3000);
		big[3000] = 0;
		peer_reply(p, "200 OK", "", big);
	} else if (str_eq(path, "/many-headers")) {
		peer_write(p, "HTTP/1.1 200 OK\r\n");
		for (int i = 0; i < 300; i++)
			peer_write(p, "X-More: and more\r\n");
		peer_write(p, "Content-Length: 0\r\n\r\n");
	} else if (str_eq(path, "/cut")) {
		peer_write(p, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes.");
		return false;
	} else if (str_eq(path, "/garbage")) {
		peer_write(p, "login: ");
		return false;
	} else if (str_eq(path, "/silent")) {
		char c;
		peer_read(p, &c, 1);
		return false;
	} else if (str_eq(path, "/drop")) {
		return false;
	} else if (str_eq(path, "/reset")) {
		reset(p);
		return false;
	}
	return !str_eq(path, "/ok-then-close");
}

static inline void *
serve(void *of)
{
	struct server *s = of;
	for (;;) {
		struct peer p = { .server = s, .fd = accept(s->listen_fd, NULL, NULL) };
		if (p.fd < 0)
			return NULL;
		s->connections++;
		bool good = true;
		if (s->tls) {
			p.ssl = SSL_new(s->tls);
			SSL_set_fd(p.ssl, p.fd);
			good = SSL_accept(p.ssl) == 1;
		}
		while (good && peer_request(&p))
			if (!peer_answer(&p))
				break;
		SSL_free(p.ssl);
		close(p.fd);
	}
}

static inline void
server_start(struct server *s, SSL_CTX *tls)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;
	memset(s, 0, sizeof *s);
	s->tls = tls;
	pthread_mutex_init(&s->lock, NULL);
	s->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->listen_fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(s->listen_fd, 8), 0);
	getsockname(s->listen_fd, (struct sockaddr *)&at, &size);
	s->port = ntohs(at.sin_port);
	pthread_create(&s->thread, NULL, serve, s);
}

static inline void
server_stop(struct server *s)
{
	shutdown(s->listen_fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listen_fd);
	pthread_mutex_destroy(&s->lock);
}

/* ---- asking -------------------------------------------------------- */

static inline struct http *
open_at(struct task *t, const struct server *s, struct http_options o)
{
	struct http *h = NULL;
	o.url = arena_printf(t->arena, "%s://127.0.0.1:%d/", s->tls ? "https" : "http", s->port);
	assert_int_equal(http_open(t, &o, &h), OK);
	return h;
}

static inline enum err
get(struct task *t, struct http *h, const char *path, struct http_reply *r)
{
	task_forgive(t);
	enum err rc = http_ask(t, h, &(struct http_request){ .path = path }, r);
	assert_int_equal(rc, t->code);
	return rc;
}

#endif
