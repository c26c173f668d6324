/* HTTP(S) to one device. Called by adapters, xmlrpc.c, feeds and webhooks; one thread at a time per
 * handle. Owns libcurl (mail has its own use of it in notify.c) and, per handle, one multi with one
 * easy handle: so a connection is kept alive between requests, and a wait can be cut short by the
 * task.
 *
 * A request goes out once. curl by itself sends a request again, on a new connection, when a
 * kept-alive one turns out dead before the first byte of an answer: for "dial this site" that may
 * be a second call. open_socket() below refuses the second connection then, and the caller learns
 * that the outcome is unknown. A connection already known to be dead before anything was sent is
 * replaced silently: nothing can have happened. Must never: retry, follow a redirect, use a proxy,
 * or verify less than a pin or the CA. */
#include "adapters/wire/http_inner.h"

#include "adapters/wire/http_tls.h"
#include "adapters/wire/trace.h"
#include "base/hash.h"
#include "base/str.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	BODY_BYTES = 1 << 20,
	CONNECT_MS = 10000,
	HEADERS_BYTES = 64 << 10,
	HEADERS_MOST = 128,
	REQUEST_TRACED = 64 << 10,
};

void
http_global_init(void)
{
	/* Without signals of its own curl leaves this to us: OpenSSL writes to a connection that a
	 * device has closed would end the process. */
	signal(SIGPIPE, SIG_IGN);
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

void
http_global_done(void)
{
	curl_global_cleanup();
}

/* ---- what curl calls ------------------------------------------------------------------------- */

static curl_socket_t
open_socket(void *of, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct http *h = of;
	if (h->sent_unheard > 0) {
		h->resend_refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static size_t
take_body(char *bytes, size_t one, size_t n, void *of)
{
	struct http *h = of;
	if (n > h->max_body - h->body.n) {
		h->body_over = true;
		return 0;
	}
	buf_add(&h->body, bytes, n);
	return n;
}

/* A status line begins anew: what came before was "100 Continue" or the first half of a digest
 * login. */
static size_t
take_header(char *bytes, size_t one, size_t n, void *of)
{
	struct http *h = of;
	if (n > 5 && memcmp(bytes, "HTTP/", 5) == 0) {
		h->headers.n = 0;
		buf_clear(&h->body);
		return n;
	}
	buf_add(&h->head, bytes, n); /* counted only */
	if (h->head.n > HEADERS_BYTES || h->headers.n == HEADERS_MOST) {
		h->head_over = true;
		return 0;
	}
	const char *colon = memchr(bytes, ':', n);
	if (!colon)
		return n;
	size_t at = (size_t)(colon - bytes) + 1;
	struct http_header *x = vec_add_in(h->task->arena, &h->headers);
	x->name = str_trim(arena_strndup(h->task->arena, bytes, at - 1));
	x->value = str_trim(arena_strndup(h->task->arena, bytes + at, n - at));
	return n;
}

static bool
carries_secret(const char *line, size_t n)
{
	static const char *const names[] = { "authorization:", "proxy-authorization:", "cookie:",
		"set-cookie:", "x-cisco-cms-auth-token:", NULL };
	for (size_t i = 0; names[i]; i++)
		if (n >= strlen(names[i]) && strncasecmp(line, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* Header lines without what logs in: password forms are known to the trace, session cookies are
 * not. */
static void
trace_head(struct task *t, char direction, const char *bytes, size_t n)
{
	struct buf b = { 0 };
	while (n > 0) {
		const char *end = memchr(bytes, '\n', n);
		size_t len = end ? (size_t)(end - bytes) + 1 : n;
		const char *colon = memchr(bytes, ':', len);
		if (colon && carries_secret(bytes, len)) {
			buf_add(&b, bytes, (size_t)(colon - bytes) + 1);
			buf_puts(&b, " ***\r\n");
		} else {
			buf_add(&b, bytes, len);
		}
		bytes += len;
		n -= len;
	}
	trace_bytes(t->trace, direction, b.at, b.n);
	buf_free(&b);
}

/* Counts what really left and came, which curl's own counters do not tell apart across a resend.
 * A body is traced whole when its first byte leaves, so that no secret is cut in two, and what never
 * left is not told. */
static int
watch(CURL *easy, curl_infotype type, char *bytes, size_t n, void *of)
{
	struct http *h = of;
	const struct http_request *q = h->untold;
	if (type == CURLINFO_HEADER_OUT || type == CURLINFO_DATA_OUT) {
		h->sent += n;
		h->sent_unheard += n;
	} else if (type == CURLINFO_HEADER_IN || type == CURLINFO_DATA_IN) {
		h->sent_unheard = 0;
	}
	if (h->task->trace && type == CURLINFO_HEADER_OUT)
		trace_head(h->task, '>', bytes, n);
	else if (h->task->trace && type == CURLINFO_HEADER_IN)
		trace_head(h->task, '<', bytes, n);
	if (q && q->body && type == CURLINFO_DATA_OUT) {
		trace_bytes(h->task->trace, '>', q->body,
			q->body_len < REQUEST_TRACED ? q->body_len : REQUEST_TRACED);
		h->untold = NULL;
	}
	return 0;
}

/* ---- opening
 * ------------------------------------------------------------------------------------------------
 */

static enum err
take_url(struct task *t, struct http *h, const char *url)
{
	enum err rc = ERR_INPUT;
	char *scheme = NULL, *host = NULL, *user = NULL, *whole = NULL;
	CURLU *u = curl_url();
	if (curl_url_set(u, CURLUPART_URL, url ? url : "", 0) != CURLUE_OK ||
		curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
		curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK || str_empty(host) ||
		!(str_eq(scheme, "http") || str_eq(scheme, "https"))) {
		task_fail(
			t, ERR_INPUT, T("\"%.100s\" is no http or https address"), url ? url : "");
		goto out;
	}
	if (curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_OK) {
		task_fail(t, ERR_INPUT, T("the address of %s holds a user name: give it apart"),
			host);
		goto out;
	}
	curl_url_set(u, CURLUPART_QUERY, NULL, 0);
	curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0);
	if (curl_url_get(u, CURLUPART_URL, &whole, 0) != CURLUE_OK) {
		task_fail(t, ERR_INPUT, T("\"%.100s\" is no http or https address"), url);
		goto out;
	}
	h->tls = str_eq(scheme, "https");
	h->base = xstrdup(whole);
	for (size_t n = strlen(h->base); n > 0 && h->base[n - 1] == '/'; n--)
		h->base[n - 1] = 0;
	rc = OK;
out:
	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	curl_free(whole);
	curl_url_cleanup(u);
	return rc;
}

static void
set_login(struct http *h, const struct http_options *o)
{
	if (o->auth == HTTP_AUTH_NONE)
		return;
	struct buf both = { 0 };
	buf_printf(&both, "%s:%s", o->user ? o->user : "", o->password ? o->password : "");
	h->login = xalloc(4 * ((both.n + 2) / 3) + 1);
	hash_base64(both.at, both.n, h->login);
	buf_free(&both);
	curl_easy_setopt(h->easy, CURLOPT_HTTPAUTH,
		o->auth == HTTP_AUTH_BASIC ? (long)CURLAUTH_BASIC : (long)CURLAUTH_DIGEST);
	curl_easy_setopt(h->easy, CURLOPT_USERNAME, o->user ? o->user : "");
	curl_easy_setopt(h->easy, CURLOPT_PASSWORD, o->password ? o->password : "");
}

static void
set_rest(struct http *h, const struct http_options *o)
{
	CURL *c = h->easy;
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(
		c, CURLOPT_QUICK_EXIT, 1L); /* do not wait for a name server when cancelled */
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "tongduyet");
	curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
		(long)(o->connect_ms > 0 ? o->connect_ms : CONNECT_MS));
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, h->why);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, h);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, h);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, h);
	curl_easy_setopt(c, CURLOPT_DEBUGFUNCTION, watch);
	curl_easy_setopt(c, CURLOPT_DEBUGDATA, h);
	curl_easy_setopt(c, CURLOPT_VERBOSE, 1L);
	if (o->cookies)
		curl_easy_setopt(c, CURLOPT_COOKIEFILE, "");
	curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, 1L);
	curl_multi_setopt(h->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
}

enum err
http_open(struct task *t, const struct http_options *o, struct http **out)
{
	*out = NULL;
	struct http *h = xalloc(sizeof *h);
	enum err rc = take_url(t, h, o->url);
	/* Anything else would be taken by curl for the name of a file with a key. */
	if (rc == OK && o->pin && !str_starts(o->pin, "sha256//"))
		rc = task_fail(
			t, ERR_INPUT, T("the pin of %s does not begin with sha256//"), h->base);
	if (rc == OK && o->pin && !h->tls)
		rc = task_fail(t, ERR_INPUT, T("%s has a pin, which needs https"), h->base);
	if (rc != OK) {
		http_close(h);
		return rc;
	}
	h->multi = curl_multi_init();
	h->easy = curl_easy_init();
	if (!h->multi || !h->easy) {
		http_close(h);
		return task_fail(t, ERR_SYSTEM, T("%s: no HTTP handle"), o->url);
	}
	h->learn = h->tls && !o->pin ? o->learned : NULL;
	h->max_body = o->max_body ? o->max_body : BODY_BYTES;
	h->secret = xstrdup(o->password);
	http_tls_set(h->easy, o);
	set_login(h, o);
	set_rest(h, o);
	*out = h;
	return OK;
}

/* ---- one request ----------------------------------------------------------------------------- */

static bool
one_line(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

static bool
add_line(struct curl_slist **list, const char *line)
{
	struct curl_slist *grown = curl_slist_append(*list, line);
	if (grown)
		*list = grown;
	return grown != NULL;
}

static enum err
set_headers(struct task *t, const struct http_request *q, struct curl_slist **list)
{
	bool good = add_line(list, "Expect:");
	if (q->content_type) {
		if (!one_line(q->content_type))
			return task_fail(t, ERR_INPUT, T("a content type of more than one line"));
		good &= add_line(list, arena_printf(t->arena, "Content-Type: %s", q->content_type));
	} else if (q->body) {
		good &= add_line(list, "Content-Type: application/octet-stream");
	}
	for (const char *const *s = q->headers; s && *s; s++) {
		if (!one_line(*s) || !strchr(*s, ':'))
			return task_fail(t, ERR_INPUT, T("a header that is not one line"));
		good &= add_line(list, *s);
	}
	return good ? OK : task_fail(t, ERR_SYSTEM, T("no memory for headers"));
}

static enum err
set_request(struct task *t, struct http *h, const struct http_request *q, const char *method)
{
	const char *path = q->path ? q->path : "/";
	if (*path != '/' || !one_line(path) || strchr(path, ' '))
		return task_fail(t, ERR_INPUT, T("\"%.100s\" is no path"), path);
	if (!*method || !str_only(method, "-"))
		return task_fail(t, ERR_INPUT, T("\"%.20s\" is no method"), method);
	curl_easy_setopt(h->easy, CURLOPT_URL, arena_printf(t->arena, "%s%s", h->base, path));
	curl_easy_setopt(h->easy, CURLOPT_HTTPGET, 1L);
	curl_easy_setopt(h->easy, CURLOPT_NOBODY, (long)str_eq(method, "HEAD"));
	curl_easy_setopt(h->easy, CURLOPT_POSTFIELDS, NULL);
	if (q->body || str_eq(method, "POST")) {
		curl_easy_setopt(h->easy, CURLOPT_POST, 1L);
		curl_easy_setopt(h->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body_len);
		curl_easy_setopt(h->easy, CURLOPT_POSTFIELDS, q->body ? q->body : "");
	} else if (!str_eq(method, "HEAD")) {
		curl_easy_setopt(h->easy, CURLOPT_HTTPGET, 1L);
	}
	curl_easy_setopt(h->easy, CURLOPT_CUSTOMREQUEST, str_eq(method, "HEAD") ? NULL : method);
	return OK;
}

enum err
http_drive(struct task *t, struct http *h, bool *out_done, CURLcode *out_code)
{
	struct curl_waitfd extra = { .fd = t->cancel_fd, .events = CURL_WAIT_POLLIN };
	unsigned extras = t->cancel_fd >= 0;
	*out_done = false;
	for (;;) {
		int running = 0, queued = 0;
		CURLMcode mc = curl_multi_perform(h->multi, &running);
		if (mc != CURLM_OK)
			return task_fail(t, ERR_SYSTEM, "%s: %s", h->base, curl_multi_strerror(mc));
		CURLMsg *m = curl_multi_info_read(h->multi, &queued);
		if (m && m->msg == CURLMSG_DONE) {
			*out_done = true;
			*out_code = m->data.result;
			return OK;
		}
		if (task_canceled(t))
			return task_fail(t, ERR_CANCELED, T("canceled"));
		int64_t left = task_left(t);
		if (left == 0)
			return OK;
		mc = curl_multi_poll(
			h->multi, &extra, extras, left < 1000 ? (int)left : 1000, NULL);
		if (mc != CURLM_OK)
			return task_fail(t, ERR_SYSTEM, "%s: %s", h->base, curl_multi_strerror(mc));
	}
}

static bool
bad_certificate(CURLcode code)
{
	return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_PINNEDPUBKEYNOTMATCH ||
	       code == CURLE_SSL_ISSUER_ERROR || code == CURLE_SSL_CERTPROBLEM ||
	       code == CURLE_SSL_INVALIDCERTSTATUS;
}

static bool
not_http(CURLcode code)
{
	return code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_UNSUPPORTED_PROTOCOL ||
	       code == CURLE_BAD_CONTENT_ENCODING;
}

enum err
http_judge(struct task *t, struct http *h, const char *what, CURLcode code)
{
	const char *why = h->why[0] ? h->why : curl_easy_strerror(code);
	if (h->body_over)
		return task_fail(
			t, ERR_PROTOCOL, T("%s: answer of more than %zu bytes"), what, h->max_body);
	if (h->head_over)
		return task_fail(t, ERR_PROTOCOL, T("%s: too many headers"), what);
	if (h->resend_refused)
		return task_fail(t, ERR_TIMEOUT,
			T("%s: outcome unknown, the connection was closed by the device"), what);
	if (bad_certificate(code))
		return task_fail_as(t, ERR_AUTH, "bad-certificate", "%s: %s%s", what,
			h->seen[0] ? "another key than the pinned one: " : why, h->seen);
	if (code == CURLE_OUT_OF_MEMORY)
		return task_fail(t, ERR_SYSTEM, "%s: %s", what, why);
	if (h->sent > 0) {
		if (not_http(code))
			return task_fail(t, ERR_PROTOCOL, T("%s: not understood: %s"), what, why);
		if (code == CURLE_OPERATION_TIMEDOUT)
			return task_fail(
				t, ERR_TIMEOUT, T("%s: no answer in the time given"), what);
		if (h->sent_unheard > 0)
			return task_fail(t, ERR_TIMEOUT,
				T("%s: outcome unknown, the connection was closed by the device: "
				  "%s"),
				what, why);
		return task_fail(t, ERR_TIMEOUT, T("%s: the answer was cut off: %s"), what, why);
	}
	if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
		code == CURLE_SSL_CACERT_BADFILE)
		return task_fail(t, ERR_INPUT, "%s: %s", what, why);
	/* A handshake that fails by what was said, not by a broken connection, fails tomorrow as
	 * well. */
	if (code == CURLE_SSL_CIPHER || (code == CURLE_SSL_CONNECT_ERROR && strstr(why, "error:")))
		return task_fail(t, ERR_PROTOCOL, T("%s: no common TLS: %s"), what, why);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return task_fail(
			t, ERR_UNREACHABLE, T("%s: no connection in the time given"), what);
	return task_fail(t, ERR_UNREACHABLE, "%s: %s", what, why);
}

void
http_reset(struct http *h, struct task *t)
{
	h->task = t;
	h->sent = h->sent_unheard = 0;
	h->resend_refused = h->body_over = h->head_over = false;
	h->why[0] = h->seen[0] = 0;
	buf_clear(&h->head);
	buf_clear(&h->body);
	h->headers.at = NULL; /* on the arena of the task before */
	h->headers.n = h->headers.cap = 0;
}

static void
take_reply(struct task *t, struct http *h, struct http_reply *out)
{
	long status = 0;
	curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &status);
	out->status = (int)status;
	out->body = arena_strndup(t->arena, "", 0);
	if (h->body.n)
		out->body = arena_memdup(t->arena, h->body.at, h->body.n + 1);
	out->len = h->body.n;
	out->headers = h->headers.at;
	out->headers_n = h->headers.n;
}

/* The easy handle is in the multi: runs it and takes it out. */
static enum err
exchange(struct task *t, struct http *h, const char *what, struct http_reply *out)
{
	bool done;
	CURLcode code = CURLE_OPERATION_TIMEDOUT;
	CURLMcode mc = curl_multi_add_handle(h->multi, h->easy);
	if (mc != CURLM_OK)
		return task_fail(t, ERR_SYSTEM, "%s: %s", what, curl_multi_strerror(mc));
	enum err rc = http_drive(t, h, &done, &code);
	trace_bytes(t->trace, '<', buf_str(&h->body), h->body.n);
	if (rc == OK && done && code == CURLE_OK)
		take_reply(t, h, out);
	if (rc == OK && code == CURLE_SSL_PINNEDPUBKEYNOTMATCH)
		http_tls_seen(h->easy, h->seen);
	if (rc == OK && !(done && code == CURLE_OK))
		rc = http_judge(t, h, what, code);
	curl_multi_remove_handle(h->multi, h->easy);
	if (rc == OK && out->status == 401)
		rc = task_fail_as(t, ERR_AUTH, "login-refused", "%s: login refused", what);
	return rc;
}

/* The first handshake demands a pin that no key has: it ends before a word was said and shows the
 * key, which is demanded from then on. So the login goes to the key that is kept, or nowhere. */
static enum err
learn(struct task *t, struct http *h, const char *what)
{
	struct http_reply none;
	http_tls_pin(h->easy, HTTP_PIN_OF_NOBODY);
	enum err rc = exchange(t, h, what, &none);
	if (rc == OK)
		return task_fail(t, ERR_SYSTEM, T("%s: the key was not looked at"), what);
	if (!h->seen[0])
		return rc;
	task_forgive(t);
	http_tls_pin(h->easy, h->seen);
	str_copy(h->learn, HTTP_PIN_SIZE, h->seen);
	h->seen[0] = 0;
	h->learn = NULL;
	return OK;
}

enum err
http_ask(struct task *t, struct http *h, const struct http_request *q, struct http_reply *out)
{
	struct curl_slist *list = NULL;
	const char *method = q->method ? q->method : q->body ? "POST" : "GET";
	*out = (struct http_reply){ .body = "" };
	http_reset(h, t);
	trace_secret(t->trace, h->secret);
	trace_secret(t->trace, h->login);
	enum err rc = set_request(t, h, q, method);
	if (rc == OK)
		rc = set_headers(t, q, &list);
	if (rc == OK && task_canceled(t))
		rc = task_fail(t, ERR_CANCELED, T("canceled"));
	const char *path = q->path ? q->path : "/";
	const char *what =
		arena_printf(t->arena, "%s %s%.*s", method, h->base, (int)strcspn(path, "?"), path);
	if (rc == OK && task_left(t) == 0)
		rc = task_fail(t, ERR_UNREACHABLE, T("%s: no time was left to ask"), what);
	if (rc == OK)
		rc = task_room(t);
	if (rc == OK) {
		curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, list);
		if (h->learn)
			rc = learn(t, h, what);
	}
	if (rc == OK) {
		h->untold = q;
		rc = exchange(t, h, what, out);
		h->untold = NULL;
	}
	curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(h->easy, CURLOPT_POSTFIELDS, NULL);
	curl_slist_free_all(list);
	h->task = NULL;
	return rc;
}

const char *
http_header(const struct http_reply *r, const char *name)
{
	for (size_t i = 0; i < r->headers_n; i++)
		if (str_eq_nocase(r->headers[i].name, name))
			return r->headers[i].value;
	return NULL;
}

void
http_close(struct http *h)
{
	if (!h)
		return;
	/* curl may still speak to its callbacks while it closes connections. */
	struct task none = { .cancel_fd = -1 };
	h->task = &none;
	if (h->easy)
		curl_easy_setopt(h->easy, CURLOPT_VERBOSE, 0L);
	curl_easy_cleanup(h->easy);
	if (h->multi)
		curl_multi_cleanup(h->multi);
	buf_free(&h->head);
	buf_free(&h->body);
	free(h->base);
	if (h->secret)
		explicit_bzero(h->secret, strlen(h->secret));
	if (h->login)
		explicit_bzero(h->login, strlen(h->login));
	free(h->secret);
	free(h->login);
	free(h);
}
