/* adapters/wire/http.c against a small server in a thread: what a reply gives, which class each
 * failure has, that a request is never sent twice, and that deadline and cancel are kept. */
#include "tests/unit/wire_test.h"

#include "adapters/wire/http.h"
#include "adapters/wire/xml.h"
#include "adapters/wire/xmlrpc.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
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
	char last[8192]; /* the last request: read by the test after its answer came, in last_request() */
};

struct peer {
	struct server *server;
	int fd;
	SSL *ssl;
	char head[8192];
	const char *body;
};

/* ---- the server
 * --------------------------------------------------------------------------------------------- */

static ssize_t
peer_read(struct peer *p, char *into, size_t n)
{
	struct pollfd w = { .fd = p->fd, .events = POLLIN };
	if (p->ssl && SSL_pending(p->ssl) == 0 && poll(&w, 1, 10000) != 1)
		return -1;
	if (!p->ssl && poll(&w, 1, 10000) != 1)
		return -1;
	return p->ssl ? SSL_read(p->ssl, into, (int)n) : recv(p->fd, into, n, 0);
}

static void
peer_write(struct peer *p, const char *s)
{
	size_t n = strlen(s);
	if (p->ssl)
		SSL_write(p->ssl, s, (int)n);
	else
		send(p->fd, s, n, MSG_NOSIGNAL);
}

static bool
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

static void
peer_reply(struct peer *p, const char *status, const char *headers, const char *body)
{
	struct buf b = { 0 };
	buf_printf(&b, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n%s", status, strlen(body),
		headers, body);
	peer_write(p, b.at);
	buf_free(&b);
}

static void
reset(struct peer *p)
{
	struct linger now = { .l_onoff = 1 };
	setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/* false: close the connection. */
static bool
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

static void *
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

static void
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

static void
server_stop(struct server *s)
{
	shutdown(s->listen_fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listen_fd);
	pthread_mutex_destroy(&s->lock);
}

static const char *
last_request(struct server *s)
{
	static char copy[sizeof s->last];
	pthread_mutex_lock(&s->lock);
	str_copy(copy, sizeof copy, s->last);
	pthread_mutex_unlock(&s->lock);
	return copy;
}

/* ---- asking
 * -------------------------------------------------------------------------------------------------
 */

static struct http *
open_at(struct task *t, const struct server *s, struct http_options o)
{
	struct http *h = NULL;
	o.url = arena_printf(t->arena, "%s://127.0.0.1:%d/", s->tls ? "https" : "http", s->port);
	assert_int_equal(http_open(t, &o, &h), OK);
	return h;
}

static enum err
get(struct task *t, struct http *h, const char *path, struct http_reply *r)
{
	task_forgive(t);
	enum err rc = http_ask(t, h, &(struct http_request){ .path = path }, r);
	assert_int_equal(rc, t->code);
	return rc;
}

static void
replies(void **state)
{
	struct server s;
	struct fixture f;
	struct http_reply r;
	server_start(&s, NULL);
	struct task *t = task_begin(&f, 20000);
	struct http *h = open_at(t, &s, (struct http_options){ .cookies = true });
	assert_int_equal(get(t, h, "/ok", &r), OK);
	assert_int_equal(r.status, 200);
	assert_int_equal(r.len, 5);
	assert_string_equal(r.body, "hello");
	assert_string_equal(http_header(&r, "x-word"), "a b");
	assert_string_equal(http_header(&r, "X-Empty"), "");
	assert_null(http_header(&r, "x-none"));
	assert_has(last_request(&s), "GET /ok HTTP/1.1\r\n");
	assert_int_equal(get(t, h, "/missing", &r), OK);
	assert_int_equal(r.status, 404);
	assert_int_equal(get(t, h, "/away", &r), OK); /* not followed */
	assert_int_equal(r.status, 302);
	assert_string_equal(http_header(&r, "location"), "/ok");
	assert_int_equal(r.len, 0);
	assert_int_equal(get(t, h, "/cookie", &r), OK);
	assert_int_equal(get(t, h, "/ok", &r), OK);
	assert_has(last_request(&s), "Cookie: sid=t0psecret");
	assert_lacks(f.trace.out.at, "t0psecret");

	struct http_request q = { .path = "/echo",
		.body = "a\0b",
		.body_len = 3,
		.content_type = "text/xml",
		.headers = (const char *const[]){ "SOAPAction: \"\"", NULL } };
	assert_int_equal(http_ask(t, h, &q, &r), OK);
	assert_has(last_request(&s), "POST /echo");
	assert_has(last_request(&s), "Content-Type: text/xml\r\n");
	assert_has(last_request(&s), "SOAPAction: \"\"\r\n");
	assert_null(strcasestr(last_request(&s), "Expect:"));
	q = (struct http_request){ .path = "/echo", .method = "PUT", .body = "xyz", .body_len = 3 };
	assert_int_equal(http_ask(t, h, &q, &r), OK);
	assert_has(last_request(&s), "PUT /echo");
	assert_string_equal(r.body, "xyz");
	assert_int_equal(get(t, h, "/ok", &r), OK);
	assert_has(last_request(&s), "GET /ok");
	assert_null(strcasestr(last_request(&s), "content-type"));
	assert_int_equal(s.connections, 1); /* one connection for all */

	struct buf call = { 0 };
	const struct xmlrpc *v;
	struct xmlrpc_fault fault;
	xmlrpc_call(&call, "x");
	xmlrpc_end(&call);
	assert_int_equal(xmlrpc_ask(t, h, "/rpc", &call, &v, &fault), OK);
	assert_string_equal(v->text, "7");
	assert_int_equal(xmlrpc_ask(t, h, "/missing", &call, &v, &fault), ERR_PROTOCOL);
	assert_has(t->why, "404");
	buf_free(&call);
	http_close(h);
	task_end(&f);
	server_stop(&s);
}

static void
wrong_input(void **state)
{
	static const char *const urls[] = { "", "ssh://127.0.0.1/", "file:///etc/passwd", "http://",
		"http://u:p@127.0.0.1/", "127.0.0.1:80", "ht tp://x/", NULL };
	struct fixture f;
	struct task *t = task_begin(&f, 5000);
	struct http *h;
	struct http_reply r;
	for (size_t i = 0; urls[i]; i++) {
		task_forgive(t);
		if (http_open(t, &(struct http_options){ .url = urls[i] }, &h) != ERR_INPUT)
			fail_msg("%s was accepted", urls[i]);
		assert_null(h);
	}
	/* A pin that curl would read as the name of a key file; a pin that would protect nothing.
	 */
	assert_int_equal(http_open(t,
				 &(struct http_options){
					 .url = "https://127.0.0.1/", .pin = "/etc/key.pem" },
				 &h),
		ERR_INPUT);
	assert_int_equal(
		http_open(t,
			&(struct http_options){ .url = "http://127.0.0.1/", .pin = "sha256//x" },
			&h),
		ERR_INPUT);
	assert_int_equal(
		http_open(t, &(struct http_options){ .url = "http://127.0.0.1:9/" }, &h), OK);
	static const char *const paths[] = { "ok", "/a b", "/a\r\nX: y", "/a\n", NULL };
	for (size_t i = 0; paths[i]; i++)
		assert_int_equal(get(t, h, paths[i], &r), ERR_INPUT);
	struct http_request q = { .path = "/",
		.headers = (const char *const[]){ "X: a\r\nY: b", NULL } };
	assert_int_equal(http_ask(t, h, &q, &r), ERR_INPUT);
	q = (struct http_request){ .path = "/", .method = "GET / HTTP/1.1\r\n" };
	assert_int_equal(http_ask(t, h, &q, &r), ERR_INPUT);
	http_close(h);
	task_end(&f);
}

static void
failures(void **state)
{
	struct server s;
	struct fixture f;
	struct http_reply r;
	server_start(&s, NULL);
	struct task *t = task_begin(&f, 20000);
	struct http *h = open_at(t, &s, (struct http_options){ .max_body = 2999 });
	assert_int_equal(get(t, h, "/big", &r), ERR_PROTOCOL);
	assert_has(t->why, "2999");
	assert_int_equal(get(t, h, "/many-headers", &r), ERR_PROTOCOL);
	assert_int_equal(get(t, h, "/cut", &r), ERR_TIMEOUT);
	assert_int_equal(get(t, h, "/garbage", &r), ERR_PROTOCOL);
	assert_int_equal(get(t, h, "/ok", &r), OK); /* the handle is still good */
	assert_int_equal(get(t, h, "/login", &r), ERR_AUTH);
	assert_string_equal(t->word, "login-refused");
	http_close(h);
	h = open_at(t, &s, (struct http_options){ .max_body = 3000 });
	assert_int_equal(get(t, h, "/big", &r), OK);
	http_close(h);
	server_stop(&s);

	/* Nobody listens there any more. */
	h = NULL;
	char url[64];
	snprintf(url, sizeof url, "http://127.0.0.1:%d/", s.port);
	task_forgive(t);
	assert_int_equal(http_open(t, &(struct http_options){ .url = url }, &h), OK);
	assert_int_equal(get(t, h, "/ok", &r), ERR_UNREACHABLE);
	http_close(h);
	assert_int_equal(
		http_open(t, &(struct http_options){ .url = "http://no-such-name.invalid/" }, &h),
		OK);
	task_forgive(t);
	t->deadline = clock_mono() + 3000;
	assert_int_equal(get(t, h, "/ok", &r), ERR_UNREACHABLE);
	t->deadline = clock_mono() - 1;
	assert_int_equal(get(t, h, "/ok", &r), ERR_UNREACHABLE);
	http_close(h);
	task_end(&f);
}

/* A kept-alive connection that dies: before the request is sent it is replaced, after that the
 * outcome is unknown. curl alone would send the request again. */
static void
never_twice(void **state)
{
	static const char *const dying[] = { "/drop", "/reset", NULL };
	struct server s;
	struct fixture f;
	struct http_reply r;
	server_start(&s, NULL);
	struct task *t = task_begin(&f, 20000);
	for (size_t i = 0; dying[i]; i++) {
		struct http *h = open_at(t, &s, (struct http_options){ 0 });
		assert_int_equal(get(t, h, "/ok", &r), OK);
		int hits = s.hits, connections = s.connections;
		struct http_request q = { .path = dying[i], .body = "dial", .body_len = 4 };
		task_forgive(t);
		assert_int_equal(http_ask(t, h, &q, &r), ERR_TIMEOUT);
		assert_has(t->why, "connection was closed by the device");
		assert_int_equal(s.hits, hits + 1);
		assert_int_equal(s.connections, connections);
		assert_int_equal(get(t, h, "/ok", &r), OK);
		/* And on a new connection. */
		http_close(h);
		h = open_at(t, &s, (struct http_options){ 0 });
		hits = s.hits;
		assert_int_equal(get(t, h, dying[i], &r), ERR_TIMEOUT);
		assert_int_equal(s.hits, hits + 1);
		http_close(h);
	}
	struct http *h = open_at(t, &s, (struct http_options){ 0 });
	for (int i = 0; i < 3; i++) {
		int hits = s.hits;
		assert_int_equal(get(t, h, "/ok-then-close", &r), OK);
		assert_int_equal(s.hits, hits + 1);
		usleep(50 * 1000); /* the close has come: known before anything is sent */
	}
	http_close(h);
	task_end(&f);
	server_stop(&s);
}

static void
login(void **state)
{
	struct server s;
	struct fixture f;
	struct http_reply r;
	server_start(&s, NULL);
	struct task *t = task_begin(&f, 20000);
	struct http_options o = {
		.auth = HTTP_AUTH_BASIC, .user = "admin", .password = "s3cret Word"
	};
	struct http *h = open_at(t, &s, o);
	assert_int_equal(get(t, h, "/ok", &r), OK);
	assert_has(last_request(&s), "Authorization: Basic YWRtaW46czNjcmV0IFdvcmQ=");
	struct http_request q = { .path = "/echo", .body = "<p>s3cret Word</p>", .body_len = 18 };
	assert_int_equal(http_ask(t, h, &q, &r), OK);
	assert_string_equal(r.body, "<p>s3cret Word</p>");
	assert_has(f.trace.out.at, "> Authorization: ***\n");
	assert_has(f.trace.out.at, "> <p>***</p>\n");
	assert_has(f.trace.out.at, "< <p>***</p>\n");
	assert_lacks(f.trace.out.at, "s3cret");
	assert_lacks(f.trace.out.at, "YWRtaW4");
	http_close(h);

	o.auth = HTTP_AUTH_DIGEST;
	h = open_at(t, &s, o);
	q = (struct http_request){ .path = "/digest", .body = "once", .body_len = 4 };
	assert_int_equal(http_ask(t, h, &q, &r), OK);
	assert_string_equal(r.body, "once"); /* nothing of the first half */
	assert_int_equal(s.login_hits, 1);
	http_close(h);
	o.user = "other";
	h = open_at(t, &s, o);
	assert_int_equal(get(t, h, "/digest", &r), ERR_AUTH);
	assert_string_equal(t->word, "login-refused");
	assert_int_equal(s.login_hits, 2); /* one attempt is one attempt */
	http_close(h);
	task_end(&f);
	server_stop(&s);
}

static void
time_is_kept(void **state)
{
	struct server s;
	struct fixture f;
	struct http_reply r;
	pthread_t thread;
	server_start(&s, NULL);
	struct task *t = task_begin(&f, 300);
	struct http *h = open_at(t, &s, (struct http_options){ 0 });
	int64_t before = clock_mono();
	assert_int_equal(get(t, h, "/silent", &r), ERR_TIMEOUT);
	assert_in_range(clock_mono() - before, 250, 5000);

	t->deadline = clock_mono() + 30000;
	before = clock_mono();
	pthread_create(&thread, NULL, cancel_soon, &t->cancel_fd);
	assert_int_equal(get(t, h, "/silent", &r), ERR_CANCELED);
	assert_true(clock_mono() - before < 5000);
	pthread_join(thread, NULL);
	int hits = s.hits;
	assert_int_equal(get(t, h, "/ok", &r),
		ERR_CANCELED); /* cancelled stays cancelled, nothing is sent */
	assert_int_equal(s.hits, hits);
	http_close(h);
	task_end(&f);
	server_stop(&s);

	/* A socket whose queue accepts but whose owner never speaks TLS: nothing of a request was
	 * sent. */
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	listen(fd, 1);
	getsockname(fd, (struct sockaddr *)&at, &size);
	t = task_begin(&f, 20000);
	struct http_options o = { .connect_ms = 200,
		.pin = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" };
	o.url = arena_printf(t->arena, "https://127.0.0.1:%d", ntohs(at.sin_port));
	assert_int_equal(http_open(t, &o, &h), OK);
	assert_int_equal(get(t, h, "/ok", &r), ERR_UNREACHABLE);
	assert_true(task_left(t) > 10000);
	http_close(h);
	close(fd);
	task_end(&f);
}

/* ---- TLS
 * ----------------------------------------------------------------------------------------------------
 */

static X509 *
make_certificate(EVP_PKEY *key, const EVP_MD *digest)
{
	X509 *x = X509_new();
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	X509_NAME *name = X509_get_subject_name(x);
	X509_NAME_add_entry_by_txt(
		name, "CN", MBSTRING_ASC, (const unsigned char *)"device", -1, -1, 0);
	X509_set_issuer_name(x, name);
	assert_true(X509_sign(x, key, digest) > 0);
	return x;
}

static char *
pin_of(struct task *t, EVP_PKEY *key)
{
	unsigned char *der = NULL;
	uint8_t raw[32];
	char text[64];
	int n = i2d_PUBKEY(key, &der);
	hash_raw(der, (size_t)n, raw);
	hash_base64(raw, 32, text);
	OPENSSL_free(der);
	return arena_printf(t->arena, "sha256//%s", text);
}

static SSL_CTX *
make_tls(EVP_PKEY *key, const EVP_MD *digest, bool old)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_security_level(tls, 0);
	if (old) {
		SSL_CTX_set_min_proto_version(tls, TLS1_VERSION);
		SSL_CTX_set_max_proto_version(tls, TLS1_VERSION);
		SSL_CTX_set_cipher_list(tls, "ALL:@SECLEVEL=0");
	}
	X509 *x = make_certificate(key, digest);
	assert_int_equal(SSL_CTX_use_certificate(tls, x), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(tls, key), 1);
	X509_free(x);
	return tls;
}

static void
certificates(void **state)
{
	struct server s;
	struct fixture f;
	struct http_reply r;
	struct task *t = task_begin(&f, 30000);
	EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
	SSL_CTX *tls = make_tls(key, EVP_sha256(), false);
	server_start(&s, tls);
	struct http *h = open_at(t, &s, (struct http_options){ 0 });
	assert_int_equal(get(t, h, "/ok", &r), ERR_AUTH); /* self-signed */
	assert_string_equal(t->word, "bad-certificate");
	http_close(h);
	h = open_at(t, &s, (struct http_options){ .pin = pin_of(t, other) });
	assert_int_equal(get(t, h, "/ok", &r), ERR_AUTH);
	assert_string_equal(t->word, "bad-certificate");
	assert_has(t->why, "pinned");
	http_close(h);
	/* Legacy widens algorithms, never trust. */
	h = open_at(t, &s, (struct http_options){ .legacy = true });
	assert_int_equal(get(t, h, "/ok", &r), ERR_AUTH);
	http_close(h);
	assert_int_equal(s.hits, 0);
	h = open_at(t, &s, (struct http_options){ .pin = pin_of(t, key) });
	assert_int_equal(get(t, h, "/ok", &r), OK);
	assert_int_equal(get(t, h, "/ok", &r), OK);
	assert_int_equal(s.hits, 2);
	int connections = s.connections;
	assert_int_equal(get(t, h, "/drop", &r), ERR_TIMEOUT);
	assert_has(t->why, "connection was closed by the device");
	assert_int_equal(s.hits, 3);
	assert_int_equal(s.connections, connections);
	http_close(h);
	h = open_at(t, &s, (struct http_options){ .ca_file = "/nonexistent/ca.pem" });
	assert_int_equal(get(t, h, "/ok", &r), ERR_INPUT);
	http_close(h);
	server_stop(&s);
	SSL_CTX_free(tls);

	/* A server that speaks no TLS at all: nothing is sent, and it will be the same tomorrow. */
	server_start(&s, NULL);
	struct http_options o = { .pin = pin_of(t, key) };
	o.url = arena_printf(t->arena, "https://127.0.0.1:%d", s.port);
	assert_int_equal(http_open(t, &o, &h), OK);
	assert_int_equal(get(t, h, "/ok", &r), ERR_PROTOCOL);
	assert_int_equal(s.hits, 0);
	http_close(h);
	server_stop(&s);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
	task_end(&f);
}

/* The key met first is demanded from then on; a word is said to that key only. */
static void
key_learned(void **state)
{
	struct server s;
	struct fixture f;
	struct http_reply r;
	char learned[HTTP_PIN_SIZE] = "";
	struct task *t = task_begin(&f, 30000);
	EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
	SSL_CTX *tls = make_tls(key, EVP_sha256(), false),
		*new_tls = make_tls(other, EVP_sha256(), false);
	server_start(&s, tls);
	struct http *h = open_at(t, &s,
		(struct http_options){ .learned = learned,
			.auth = HTTP_AUTH_BASIC,
			.user = "u",
			.password = "p" });
	assert_string_equal(learned, "");
	assert_int_equal(get(t, h, "/ok", &r), OK);
	assert_string_equal(learned, pin_of(t, key));
	assert_int_equal(s.hits, 1); /* nothing went over the connection that only looked */
	assert_int_equal(s.connections, 2);
	assert_int_equal(get(t, h, "/ok", &r), OK);
	assert_int_equal(s.connections, 2);
	/* The box comes back with another key, while the handle lives: nothing is said to it. */
	assert_int_equal(get(t, h, "/drop", &r), ERR_TIMEOUT);
	int hits = s.hits;
	s.tls = new_tls;
	assert_int_equal(get(t, h, "/ok", &r), ERR_AUTH);
	assert_string_equal(t->word, "bad-certificate");
	assert_has(t->why, pin_of(t, other)); /* so that a person can compare it */
	assert_int_equal(s.hits, hits);
	assert_string_equal(learned, pin_of(t, key));
	http_close(h);
	/* A pin that was given is never learned anew. */
	learned[0] = 0;
	h = open_at(t, &s, (struct http_options){ .learned = learned, .pin = pin_of(t, key) });
	assert_int_equal(get(t, h, "/ok", &r), ERR_AUTH);
	assert_string_equal(learned, "");
	http_close(h);
	server_stop(&s);
	/* Nobody there: unreachable, as without learning. */
	h = open_at(t, &s, (struct http_options){ .learned = learned });
	assert_int_equal(get(t, h, "/ok", &r), ERR_UNREACHABLE);
	assert_string_equal(learned, "");
	http_close(h);
	server_start(&s, NULL); /* no TLS at all */
	h = open_at(t, &s, (struct http_options){ .learned = learned });
	assert_int_equal(http_ask(t, h, &(struct http_request){ .path = "/ok" }, &r), OK);
	assert_string_equal(learned, "");
	http_close(h);
	server_stop(&s);
	SSL_CTX_free(tls);
	SSL_CTX_free(new_tls);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
	task_end(&f);
}

/* A handshake that the device breaks off while we speak must not end the process (SIGPIPE). */
static void
broken_pipes(void **state)
{
	struct server s;
	struct fixture f;
	struct http_reply r;
	struct sigaction now;
	sigaction(SIGPIPE, NULL, &now);
	assert_ptr_equal(now.sa_handler, SIG_IGN);
	struct task *t = task_begin(&f, 30000);
	EVP_PKEY *key = EVP_EC_gen("P-256");
	SSL_CTX *tls = make_tls(key, EVP_sha256(), false);
	server_start(&s, tls);
	struct http *h = open_at(t, &s, (struct http_options){ .pin = pin_of(t, key) });
	for (int i = 0; i < 5; i++) {
		assert_int_equal(get(t, h, "/ok", &r), OK);
		struct http_request q = { .path = "/reset", .body = "x", .body_len = 1 };
		task_forgive(t);
		assert_int_equal(http_ask(t, h, &q, &r), ERR_TIMEOUT);
	}
	assert_int_equal(s.hits, 10);
	http_close(h);
	server_stop(&s);
	SSL_CTX_free(tls);
	EVP_PKEY_free(key);
	task_end(&f);
}

static void
old_devices(void **state)
{
	struct server s;
	struct fixture f;
	struct http_reply r;
	struct task *t = task_begin(&f, 30000);
	EVP_PKEY *key = EVP_RSA_gen(1024);
	SSL_CTX *tls = make_tls(key, EVP_sha1(), true);
	server_start(&s, tls);
	char *pin = pin_of(t, key);
	struct http *h = open_at(t, &s, (struct http_options){ .pin = pin });
	assert_int_equal(get(t, h, "/ok", &r), ERR_PROTOCOL);
	struct http *old = open_at(t, &s, (struct http_options){ .pin = pin, .legacy = true });
	assert_int_equal(get(t, old, "/ok", &r), OK);
	assert_string_equal(r.body, "hello");
	http_close(old);
	assert_int_equal(get(t, h, "/ok", &r), ERR_PROTOCOL); /* the other handle stays strict */
	http_close(h);
	server_stop(&s);
	SSL_CTX_free(tls);
	EVP_PKEY_free(key);
	task_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies),
		cmocka_unit_test(wrong_input),
		cmocka_unit_test(failures),
		cmocka_unit_test(never_twice),
		cmocka_unit_test(login),
		cmocka_unit_test(time_is_kept),
		cmocka_unit_test(certificates),
		cmocka_unit_test(key_learned),
		cmocka_unit_test(broken_pipes),
		cmocka_unit_test(old_devices),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
