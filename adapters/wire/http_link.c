/* A connection with libcurl's TLS, pins and deadlines, but without its HTTP: what begins as an HTTP
 * request and goes on as another protocol needs the bytes.
 *
 * Called by ws.c. Owns the handle of http.c with its one connection; the easy handle stays in its
 * multi as long as the connection is used, or curl closes it. Must never: speak HTTP, verify less
 * than http.c, wait but with the task's cancel descriptor. */
#include "adapters/wire/http_inner.h"

#include "adapters/wire/http_tls.h"
#include "base/clock.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

struct http_link {
	struct http *http;
	char *host, *path;
	int fd;
	bool added;
};

/* "https://host:1/a/b" into "host:1" and "/a/b". */
static void
take_place(struct http_link *k)
{
	const char *at = strstr(k->http->base, "://") + 3;
	size_t n = strcspn(at, "/");
	k->host = xalloc(n + 1);
	memcpy(k->host, at, n);
	k->path = xstrdup(at + n);
}

enum err
http_link_open(struct task *t, const struct http_options *o, struct http_link **out)
{
	*out = NULL;
	struct http_options bare = *o;
	bare.auth = HTTP_AUTH_NONE;
	bare.cookies = false;
	bare.learned = NULL; /* a key that nobody knows is learned by a request first */
	struct http_link *k = xalloc(sizeof *k);
	enum err rc = http_open(t, &bare, &k->http);
	if (rc != OK) {
		free(k);
		return rc;
	}
	struct http *h = k->http;
	take_place(k);
	http_reset(h, t);
	curl_easy_setopt(h->easy, CURLOPT_URL, arena_printf(t->arena, "%s/", h->base));
	curl_easy_setopt(h->easy, CURLOPT_CONNECT_ONLY, 1L);
	const char *what = arena_printf(t->arena, "connect %s", h->base);
	bool done = false;
	CURLcode code = CURLE_OPERATION_TIMEDOUT;
	k->added = curl_multi_add_handle(h->multi, h->easy) == CURLM_OK;
	if (!k->added)
		rc = task_fail(t, ERR_SYSTEM, T("%s: no HTTP handle"), what);
	if (rc == OK)
		rc = http_drive(t, h, &done, &code);
	if (rc == OK && code == CURLE_SSL_PINNEDPUBKEYNOTMATCH)
		http_tls_seen(h->easy, h->seen);
	if (rc == OK && (!done || code != CURLE_OK))
		rc = http_judge(t, h, what, code);
	curl_socket_t fd = CURL_SOCKET_BAD;
	if (rc == OK && (curl_easy_getinfo(h->easy, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK ||
				fd == CURL_SOCKET_BAD))
		rc = task_fail(t, ERR_UNREACHABLE, T("%s: closed by the device"), what);
	h->task = NULL;
	k->fd = (int)fd;
	if (rc != OK) {
		http_link_close(k);
		return rc;
	}
	*out = k;
	return OK;
}

static enum err
wait_for(struct task *t, struct http_link *k, short events, int64_t at_most_ms)
{
	struct pollfd p = { .fd = k->fd, .events = events };
	return task_wait(t, &p, 1, at_most_ms);
}

enum err
http_link_send(struct task *t, struct http_link *k, const void *bytes, size_t n)
{
	struct http *h = k->http;
	const char *at = bytes;
	enum err rc = OK;
	h->task = t;
	while (rc == OK && n > 0) {
		size_t sent = 0;
		CURLcode code = curl_easy_send(h->easy, at, n, &sent);
		if (code == CURLE_OK && sent > 0) {
			at += sent;
			n -= sent;
		} else if (code == CURLE_AGAIN || code == CURLE_OK) {
			rc = wait_for(t, k, POLLOUT, -1);
		} else {
			rc = task_fail(t, ERR_GONE, T("%s: closed by the device: %s"), k->host,
				curl_easy_strerror(code));
		}
	}
	h->task = NULL;
	return rc;
}

enum err
http_link_read(struct task *t, struct http_link *k, void *into, size_t cap, int64_t at_most_ms,
	size_t *out_n)
{
	struct http *h = k->http;
	int64_t until = at_most_ms < 0 ? INT64_MAX : clock_mono() + at_most_ms;
	enum err rc = OK;
	*out_n = 0;
	h->task = t;
	for (;;) {
		CURLcode code = curl_easy_recv(h->easy, into, cap, out_n);
		if (code == CURLE_OK && *out_n > 0)
			break;
		if (code != CURLE_AGAIN) {
			rc = task_fail(t, ERR_GONE, T("%s: closed by the device%s%s"), k->host,
				code ? ": " : "", code ? curl_easy_strerror(code) : "");
			break;
		}
		int64_t now = clock_mono();
		if (now >= until)
			break;
		rc = wait_for(t, k, POLLIN, until == INT64_MAX ? -1 : until - now);
		if (rc != OK)
			break;
	}
	h->task = NULL;
	return rc;
}

const char *
http_link_host(const struct http_link *k)
{
	return k->host;
}

const char *
http_link_path(const struct http_link *k)
{
	return k->path;
}

void
http_link_close(struct http_link *k)
{
	if (!k)
		return;
	struct task none = { .cancel_fd = -1 };
	k->http->task = &none;
	if (k->added)
		curl_multi_remove_handle(k->http->multi, k->http->easy);
	http_close(k->http);
	free(k->host);
	free(k->path);
	free(k);
}
