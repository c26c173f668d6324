/* Cisco RoomOS, CE, TC over HTTP(S): a session where the release has them, else the login with each
 * request.
 *
 * Called by cisco_roomos.c. Owns the HTTP handle and the cookie in the lane's session. A session
 * that was begun is always ended: the box has few. Must never follow a redirect, or take the status
 * 200 for a yes.
 *
 *   > POST /xmlapi/session/begin  Authorization: Basic       one attempt
 *   < 204 Set-Cookie: SessionId=...    401 wrong password    302, 303, 307 an old TC: no sessions
 *   > GET /getxml?location=/Status/Call  Cookie: ...
 *   < 200 <Status>... | <EmptyResult/>    401 session unknown
 *   > POST /putxml <Command><Dial command="True">...
 *   < 200 <Command><DialResult status="OK">... | <ActionError>
 *   > POST /xmlapi/session/end  Cookie: ...
 *
 * A session is forgotten when the box restarts: then a cookie is refused that was good, nothing was
 * done, and one new session is begun for the same request. Sources: vendor's API guides, samples of
 * RoomOS 26. */
#include "adapters/cisco_roomos.h"

#include "adapters/connect.h"
#include "adapters/wire/cookies.h"
#include "base/str.h"

#include <string.h>

static enum err
once(struct task *t, struct roomos *s, const char *path, const struct buf *body, bool login,
	struct http_reply *out)
{
	const char *headers[] = { !login && s->cookie ? s->cookie : s->basic, NULL };
	struct http_request q = { .path = path, .headers = headers };
	if (body) {
		q.method = "POST";
		q.content_type = "text/xml";
		q.body = buf_str(body);
		q.body_len = body->n;
	}
	return http_ask(t, s->http, &q, out);
}

static enum err
begin(struct task *t, struct lane *l, struct roomos *s)
{
	struct http_reply r;
	struct cookies cookies = { 0 };
	struct buf nothing = { 0 };
	s->cookie = NULL;
	enum err e = once(t, s, "/xmlapi/session/begin", &nothing, true, &r);
	if (e)
		return e;
	const char *name = l->device->name;
	switch (r.status) {
	case 302:
	case 303:
	case 307:
	case 404:
	case 405: return OK;
	case 200:
	case 201:
	case 204:
		cookies_take(l->arena, &cookies, &r);
		s->cookie = cookies_line(l->arena, &cookies);
		return s->cookie ? OK
				 : task_fail(t, ERR_PROTOCOL,
					   "log in to %s: a session without a cookie", name);
	case 301:
	case 308:
		return task_fail(t, ERR_PROTOCOL,
			"log in to %s: it sends elsewhere, to %.100s: give that address", name,
			http_header(&r, "Location") ? http_header(&r, "Location") : "nowhere");
	case 403: return task_fail(t, ERR_REFUSED, "log in to %s: this user may not", name);
	default: break;
	}
	if (r.status >= 500 || r.status == 429)
		return task_fail(t, ERR_BUSY, "log in to %s: no session left (HTTP status %d)",
			name, r.status);
	return task_fail(t, ERR_PROTOCOL, "log in to %s: HTTP status %d", name, r.status);
}

/* `again`: the request only reads. */
static enum err
ask(struct task *t, struct lane *l, const char *path, const struct buf *body, bool again,
	const char *what, const struct xml **out)
{
	struct roomos *s = l->session;
	struct http_reply r;
	struct err_text why = { 0 };
	struct xml *root = NULL;
	enum err e = once(t, s, path, body, false, &r);
	if (again && device_cut_off(t, e)) {
		task_forgive(t);
		e = once(t, s, path, body, false, &r);
	}
	if (e == ERR_AUTH && r.status == 401 && s->cookie) {
		task_forgive(t);
		e = begin(t, l, s);
		if (e == OK)
			e = once(t, s, path, body, false, &r);
	}
	if (e == ERR_AUTH)
		s->slot = 0; /* no word more with this password, not even to give that back */
	if (e)
		return e;
	if (r.status == 503 || r.status == 429)
		return task_fail(
			t, ERR_BUSY, "%s on %s: HTTP status %d", what, l->device->name, r.status);
	if (r.status == 400 || r.status == 403)
		return task_fail(t, ERR_REFUSED, "%s on %s: HTTP status %d", what, l->device->name,
			r.status);
	if (r.status != 200)
		return task_fail(t, ERR_PROTOCOL, "%s on %s: HTTP status %d", what, l->device->name,
			r.status);
	e = xml_parse(t->arena, r.body, r.len, 0, &root, &why);
	if (e)
		return task_fail(t, e, "%s on %s: %s", what, l->device->name, why.text);
	*out = root;
	return OK;
}

enum err
roomos_http_get(struct task *t, struct lane *l, const char *path, const struct xml **out)
{
	return ask(t, l, arena_printf(t->arena, "/getxml?location=/%s", path), NULL, true,
		arena_printf(t->arena, "ask for %s", path), out);
}

enum err
roomos_http_order(
	struct task *t, struct lane *l, const struct roomos_command *c, const struct xml **out)
{
	struct buf body = { 0 };
	roomos_command_xml(&body, c);
	enum err e = ask(t, l, "/putxml", &body, false, c->path, out);
	buf_free(&body);
	return e;
}

enum err
roomos_http_open(struct task *t, struct lane *l, struct roomos *s)
{
	const struct xml *unused;
	enum err e = device_http(t, l, HTTP_AUTH_NONE, 0, &s->http);
	if (e)
		return e;
	s->basic = device_basic(t, l);
	e = begin(t, l, s);
	/* Without sessions nobody has looked at the password yet. */
	if (e == OK && !s->cookie)
		e = roomos_http_get(t, l, "Status/SystemUnit/Software", &unused);
	return e;
}

void
roomos_http_close(struct task *t, struct roomos *s)
{
	struct http_reply r;
	struct buf nothing = { 0 };
	if (s->cookie)
		once(t, s, "/xmlapi/session/end", &nothing, false, &r);
	s->cookie = NULL;
	http_close(s->http);
	s->http = NULL;
}
