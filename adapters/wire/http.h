/* HTTP(S) to one device: keep-alive, verified TLS, byte cap, cancelled by the task. Owner of
 * libcurl (with orchestrator/notify.c for mail). Asks once: it never retries and never decides. */
#ifndef TD_WIRE_HTTP_H
#define TD_WIRE_HTTP_H

#include "base/task.h"

#include <stdbool.h>
#include <stddef.h>

struct http;

enum { HTTP_PIN_SIZE = 64 };

enum http_auth { HTTP_AUTH_NONE, HTTP_AUTH_BASIC, HTTP_AUTH_DIGEST };

struct http_options {
	const char *url;       /* "https://10.1.1.10:8443/": scheme, host and port; its path is put
			        * before each request's */
	enum http_auth auth;
	const char *user, *password;
	const char *pin;       /* "sha256//base64[;sha256//...]" of the server's public key:
			        * replaces the CA check; NULL */
	const char *ca_file;   /* PEM; NULL = the system's CA bundle */
	char *learned; /* not NULL, and no pin: the key met first is the pin of this handle from
			* then on, and is written here, HTTP_PIN_SIZE bytes that outlive the handle
			*/
	bool legacy;           /* TLS 1.0/1.1 and small keys allowed */
	bool cookies;          /* keep them for the life of this handle */
	size_t max_body;       /* 0 = 1 MiB; more is ERR_PROTOCOL */
	int connect_ms;        /* 0 = 10,000 real ms */
};

struct http_request {
	const char *method;        /* NULL = GET, or POST with a body */
	const char *path;          /* "/RPC2?x=y" */
	const char *content_type;  /* with a body */
	const void *body;
	size_t body_len;
	const char *const *headers; /* NULL-terminated "Name: value" list, or NULL */
};

struct http_header {
	const char *name, *value;
};

struct http_reply {
	int status;
	const char *body; /* NUL-terminated behind len bytes, on the task's arena */
	size_t len;
	const struct http_header *headers;
	size_t headers_n;
};

/* Once per process, before threads; and at the end. Ignores SIGPIPE from then on. */
void http_global_init(void);
void http_global_done(void);

/* No I/O yet. ERR_INPUT: the URL is no http(s) URL. The handle is used by one thread at a time. */
enum err http_open(struct task *t, const struct http_options *o, struct http **out);
/* One request, one answer of any status but 401.
 * ERR_UNREACHABLE nothing was sent (no route, refused, name unknown, connect timed out);
 * ERR_TIMEOUT sent, then silence, a reset or a cut answer: outcome unknown;
 * ERR_AUTH 401 (word "login-refused"), certificate or pin not good (word "bad-certificate", the key
 * seen in the text); ERR_PROTOCOL not HTTP, body over the cap; ERR_CANCELED. */
enum err http_ask(
	struct task *t, struct http *h, const struct http_request *q, struct http_reply *out);
/* Value of a header of the reply (name compared without case), or NULL. */
const char *http_header(const struct http_reply *r, const char *name);
void http_close(struct http *h); /* NULL is fine */

/* ---- a connection that goes on as something else (http_link.c; for ws.c) ---- */

struct http_link;

/* Connects to the place of these options and makes TLS, checked as for requests; nothing is said on
 * it yet. Login, cookies and max_body are not used. ERR_INPUT, ERR_UNREACHABLE, ERR_AUTH
 * "bad-certificate", ERR_PROTOCOL no common TLS, ERR_CANCELED. */
enum err http_link_open(struct task *t, const struct http_options *o, struct http_link **out);
/* All of them. ERR_GONE: the other side closed; ERR_TIMEOUT: it does not read. */
enum err http_link_send(struct task *t, struct http_link *k, const void *bytes, size_t n);
/* Some bytes, at least one; waits at most at_most_ms (-1: until the deadline, 0: only what is
 * there). *out_n 0 with OK:
 * nothing came within at_most_ms. ERR_GONE at the end of the stream. */
enum err http_link_read(struct task *t, struct http_link *k, void *into, size_t cap,
	int64_t at_most_ms, size_t *out_n);
/* "host" or "host:port" as a Host header says it, and the path of the address without its last
 * slash. */
const char *http_link_host(const struct http_link *k);
const char *http_link_path(const struct http_link *k);
void http_link_close(struct http_link *k); /* NULL is fine; bounded time */

#endif
