/* Poly G7500 and Studio X (VideoOS): REST over HTTPS.
 *
 * Called by lanes on worker threads, one at a time. Owns the HTTP handle and the session's cookies
 * in the lane's session; what the box says is read in poly_rest_parse.c. Must never leave a session
 * behind (the list is finite), nor take an accepted order for a call.
 *
 *   > POST /rest/session {"user","password"}       one attempt
 *   < {"success":true,"session":{"sessionId":...}}
 *   from then on Cookie: session_id=..., since 4.0 also XSRF-TOKEN=... and the header x-xsrf-token;
 *   any answer may change that token
 *   > GET /rest/conferences
 *   < [] | [{"id":0,"isActive":true,"terminals":[{"address"}]}]   or texts as ids: "0"; what rings
 * is "PENDING", and an empty conference of that name may stand beside a call > GET
 * /rest/conferences/0/mediastats < [{"mediaDirection":"RX",...}] | 404 just hung up > GET
 * /rest/audio, /rest/system, /rest/system/status, /rest/calllog/entries > POST /rest/conferences
 * {"address","rate","dialType"} < [{"href":"/rest/conferences/0/connections/1"}] > DELETE
 * /rest/conferences/0    > POST /rest/audio/muted true    > DELETE /rest/session
 *
 * 403 is "log in again": nothing was done, so one new session is begun and the request said once
 * more. The old one is given back first: it may be alive, and the right is missing. What a new
 * session is refused as well, no third one is begun for. Counters of packets do not exist: rates
 * and losses do. After a restart the box has another certificate, and a pin no longer fits.
 * Sources: vendor's REST references 3.0 to 3.8; answers of a Studio X30 with 3.12; a driver in use
 * with 4.x. */
#include "adapters/adapter.h"

#include "adapters/connect.h"
#include "adapters/internal.h"
#include "adapters/poly_rest.h"
#include "adapters/wire/cookies.h"
#include "adapters/wire/trace.h"
#include "base/buf.h"
#include "base/str.h"

#include <string.h>
#include <strings.h>

enum { DEFAULT_KBPS = 1920, DENIED_MOST = 8, PATH_MOST = 80 };

struct session {
	struct http *http;
	struct cookies cookies;
	char denied[DENIED_MOST][PATH_MOST]; /* what this user may not, whatever the session */
	size_t denied_n;
};

/* ---- one request ----------------------------------------------------------------------------- */

static enum err
once(struct task *t, struct lane *l, const char *method, const char *path, const char *body,
	bool again, struct http_reply *out)
{
	struct session *s = l->session;
	const char *token = cookies_value(&s->cookies, "XSRF-TOKEN"), *headers[4] = { 0 };
	size_t n = 0;
	if (s->cookies.n)
		headers[n++] = cookies_line(t->arena, &s->cookies);
	trace_secret(t->trace, token);
	if (token)
		headers[n++] = arena_printf(t->arena, "x-xsrf-token: %s", token);
	headers[n] = "X-Requested-With: XMLHttpRequest";
	struct http_request q = { .method = method, .path = path, .headers = headers };
	if (body) {
		q.content_type = "application/json";
		q.body = body;
		q.body_len = strlen(body);
	}
	enum err e = device_ask(t, s->http, &q, again, out);
	if (e == OK)
		cookies_take(l->arena, &s->cookies, out);
	return e;
}

/* No session is left, as far as its words tell. */
static bool
is_full(const char *words)
{
	return strcasestr(words, "session") &&
	       (strcasestr(words, "max") || strcasestr(words, "limit") ||
		       strcasestr(words, "too many"));
}

static enum err
log_in(struct task *t, struct lane *l)
{
	const struct device *d = l->device;
	struct session *s = l->session;
	struct http_reply r;
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	json_open(&w, NULL, '{');
	json_put_text(&w, "user", d->user ? d->user : "");
	json_put_text(&w, "password", d->password ? d->password : "");
	json_close(&w, '}');
	s->cookies.n = 0;
	enum err e = once(t, l, "POST", "/rest/session", b.at, false, &r);
	explicit_bzero(b.at, b.n);
	buf_free(&b);
	if (e == ERR_AUTH && str_eq(t->word, "bad-certificate")) {
		const char *why = arena_strdup(t->arena, t->why);
		task_forgive(t);
		return task_fail_as(t, e, "bad-certificate",
			"%.250s; this kind makes itself a new certificate at a restart: accept it "
			"with "
			"`devices pardon %s`, or install one of yours",
			why, d->name);
	}
	if (e)
		return e;
	const struct json *j = poly_rest_parse(t->arena, r.body, r.len);
	const char *words = poly_rest_reason(j),
		   *id = json_text(json_get(j, "session"), "sessionId");
	bool no = r.status == 403 || (j && json_tri(j, "success") == NO);
	if (r.status == 503 || r.status == 429 || r.status == 409 || (no && is_full(words)))
		return task_fail(t, ERR_BUSY,
			"log in to %s: no session left (HTTP status %d): %.100s", d->name, r.status,
			words);
	if (no)
		return task_fail_as(
			t, ERR_AUTH, "login-refused", "log in to %s: %.100s", d->name, words);
	if (r.status < 200 || r.status > 299 || json_tri(j, "success") != YES)
		return task_fail(t, ERR_PROTOCOL, "log in to %s: not understood (HTTP status %d)",
			d->name, r.status);
	if (!str_empty(id) && !cookies_value(&s->cookies, "session_id"))
		cookies_set(l->arena, &s->cookies, "session_id", id);
	if (!s->cookies.n)
		return task_fail(
			t, ERR_PROTOCOL, "log in to %s: a session without a cookie", d->name);
	return OK;
}

/* Conferences are numbered, and the right to see one is the right to see them all. */
static const char *
right_of(struct arena *a, const char *method, const char *path)
{
	char *right = arena_printf(a, "%s %s", method, path);
	for (char *p = right; *p; p++)
		if (*p >= '0' && *p <= '9')
			*p = '#';
	return right;
}

static bool
is_denied(const struct session *s, const char *right)
{
	for (size_t i = 0; i < s->denied_n; i++)
		if (str_eq(s->denied[i], right))
			return true;
	return false;
}

static void
deny(struct session *s, const char *right)
{
	if (s->denied_n == DENIED_MOST || strlen(right) >= PATH_MOST)
		return;
	str_copy(s->denied[s->denied_n++], PATH_MOST, right);
}

static void
log_out(struct task *t, struct lane *l)
{
	struct session *s = l->session;
	struct http_reply r;
	if (s->cookies.n)
		once(t, l, "DELETE", "/rest/session", NULL, false, &r);
	s->cookies.n = 0;
}

/* `again`: the request only reads, or sets. */
static enum err
ask(struct task *t, struct lane *l, const char *method, const char *path, const char *body,
	bool again, struct http_reply *out)
{
	if (!l->session)
		return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	struct session *s = l->session;
	const char *right = right_of(t->arena, method, path);
	enum err e = once(t, l, method, path, body, again, out);
	bool refused = e == OK && out->status == 403 && !is_denied(s, right);
	if ((e == ERR_AUTH && out->status == 401) || refused) {
		task_forgive(t);
		log_out(t, l);
		task_forgive(t);
		e = log_in(t, l);
		if (e == OK)
			e = once(t, l, method, path, body, false, out);
		if (e == OK && out->status == 403)
			deny(s, right);
	}
	if (e)
		return e;
	int status = out->status;
	if (status >= 200 && status <= 299)
		return OK;
	const char *words = poly_rest_reason(poly_rest_parse(t->arena, out->body, out->len));
	enum err no = status == 404		       ? ERR_GONE
		      : status == 405 || status == 501 ? ERR_UNSUPPORTED
		      : status == 503 || status == 429 ? ERR_BUSY
		      : status >= 400 && status < 500  ? ERR_REFUSED
						       : ERR_PROTOCOL;
	return task_fail(t, no, "%s %s on %s: HTTP status %d: %.100s", method, path,
		l->device->name, status, words);
}

static enum err
get(struct task *t, struct lane *l, const char *path, const struct json **out)
{
	struct http_reply r;
	*out = NULL;
	enum err e = ask(t, l, "GET", path, NULL, true, &r);
	if (e)
		return e;
	*out = poly_rest_parse(t->arena, r.body, r.len);
	return *out ? OK
		    : task_fail(t, ERR_PROTOCOL, "GET %s on %s: not JSON", path, l->device->name);
}

/* What this release lacks, or what is no longer there, stays unknown. */
static enum err
get_if_there(struct task *t, struct lane *l, const char *path, const struct json **out)
{
	enum err e = get(t, l, path, out);
	if (e != ERR_GONE && e != ERR_UNSUPPORTED && e != ERR_REFUSED)
		return e;
	task_forgive(t);
	return OK;
}

/* ---- session --------------------------------------------------------------------------------- */

static void
rest_close(struct task *t, struct lane *l)
{
	struct session *s = l->session;
	if (!s)
		return;
	log_out(t, l);
	http_close(s->http);
	l->session = NULL;
}

static enum err
rest_open(struct task *t, struct lane *l)
{
	struct session *s = arena_alloc(l->arena, sizeof *s);
	return device_session(t, l, HTTP_AUTH_NONE, 0, s, log_in, rest_close);
}

static enum err
rest_probe(struct task *t, struct lane *l, struct identity *out)
{
	const struct json *j;
	*out = (struct identity){ 0 };
	enum err e = get(t, l, "/rest/system", &j);
	if (e)
		return e;
	poly_rest_read_system(j, out);
	e = get_if_there(t, l, "/rest/system/status", &j);
	poly_rest_read_status(j, out->alarms, sizeof out->alarms);
	return e;
}

/* ---- status ---------------------------------------------------------------------------------- */

static enum err
ask_conferences(struct task *t, struct lane *l, struct poly_rest_conferences *out)
{
	const struct json *j;
	*out = (struct poly_rest_conferences){ 0 };
	enum err e = get(t, l, "/rest/conferences", &j);
	if (e == OK && !poly_rest_read_conferences(j, out))
		return task_fail(t, ERR_PROTOCOL, "GET /rest/conferences on %s: not a list of them",
			l->device->name);
	return e;
}

static enum err
ask_media(struct task *t, struct lane *l, const struct poly_rest_conference *c,
	struct endpoint_status *out)
{
	const struct json *j;
	enum err e = get_if_there(
		t, l, arena_printf(t->arena, "/rest/conferences/%s/mediastats", c->id), &j);
	if (e == OK)
		out->sampled = poly_rest_read_media(j, &out->media);
	if (out->sampled && c->sound_only)
		poly_rest_sound_only(&out->media);
	return e;
}

static enum err
rest_status(struct task *t, struct lane *l, struct endpoint_status *out)
{
	struct poly_rest_conferences now;
	struct identity box;
	const struct json *j = NULL;
	char unused[8] = "";
	*out = (struct endpoint_status){ .uptime_step_s = 1 };
	enum err e = ask_conferences(t, l, &now);
	if (e)
		return e;
	out->in_call = now.n ? now.at[0].up : NO;
	str_copy(out->far_address, sizeof out->far_address, now.at[0].far);
	if (out->in_call == YES)
		e = ask_media(t, l, &now.at[0], out);
	if (e == OK)
		e = get_if_there(t, l, "/rest/audio", &j);
	out->mic_muted = json_tri(j, "muted");
	if (e == OK)
		e = get_if_there(t, l, "/rest/system", &j);
	if (e == OK) {
		poly_rest_read_system(j, &box);
		out->uptime_s = box.uptime_s;
		e = get_if_there(t, l, "/rest/system/status", &j);
	}
	out->auto_answer = e == OK ? poly_rest_read_status(j, unused, sizeof unused) : UNKNOWN;
	return e;
}

static enum err
rest_history(struct task *t, struct lane *l, struct history *out)
{
	const struct json *j, *system = NULL;
	*out = (struct history){ 0 };
	enum err e = get_if_there(
		t, l, arena_printf(t->arena, "/rest/calllog/entries?limit=%d", HISTORY_MOST), &j);
	if (e == OK && !j)
		return task_fail(t, ERR_UNSUPPORTED,
			"history on %s: this release keeps no call log", l->device->name);
	if (e == OK)
		e = get_if_there(t, l, "/rest/system", &system);
	if (e == OK && !poly_rest_read_history(t->arena, j, poly_rest_own_time(system), out))
		return task_fail(
			t, ERR_PROTOCOL, "history on %s: not a list of calls", l->device->name);
	return e;
}

/* ---- orders ---------------------------------------------------------------------------------- */

/* The address as the box shows it has no scheme. */
static const char *
plain_address(const char *address, const char **out_type)
{
	bool sip = strncasecmp(address, "sip:", 4) == 0,
	     h323 = strncasecmp(address, "h323:", 5) == 0;
	*out_type = sip ? "SIP" : h323 ? "H323" : "AUTO";
	return address + (sip ? 4 : h323 ? 5 : 0);
}

static enum err
rest_dial(struct task *t, struct lane *l, const char *address, int kbps)
{
	struct poly_rest_conferences now;
	struct http_reply r;
	const char *type, *unused, *number = plain_address(address ? address : "", &type);
	if (!*number || strpbrk(number, " \t\r\n\""))
		return task_fail(t, ERR_INPUT, "dial %s on %s: this address cannot be dialled",
			address ? address : "", l->device->name);
	enum err e = ask_conferences(t, l, &now);
	if (e)
		return e;
	for (size_t i = 0; i < now.n; i++)
		if (str_eq_nocase(plain_address(now.at[i].far, &unused), number))
			return OK; /* given twice, it is one call */
	if (now.n)
		return task_fail(t, ERR_BUSY, "dial %s on %s: it is in a call with %s", address,
			l->device->name, *now.at[0].far ? now.at[0].far : "somebody");
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	json_open(&w, NULL, '{');
	json_put_text(&w, "address", number);
	json_put_int(&w, "rate", kbps > 0 ? kbps : DEFAULT_KBPS);
	json_put_text(&w, "dialType", type);
	json_close(&w, '}');
	e = ask(t, l, "POST", "/rest/conferences", b.at, false, &r);
	buf_free(&b);
	if (e)
		return e;
	const struct json *j = poly_rest_parse(t->arena, r.body, r.len);
	if (json_tri(j, "success") == NO)
		return task_fail(t, ERR_REFUSED, "dial %s on %s: %.100s", address, l->device->name,
			poly_rest_reason(j));
	return OK;
}

/* Every call; one may end by itself before its turn, and is what was wanted then. How one is broken
 * off that only rings is not told. */
static enum err
rest_hangup(struct task *t, struct lane *l)
{
	struct poly_rest_conferences now;
	struct http_reply r;
	enum err e = ask_conferences(t, l, &now);
	if (e == OK && !now.n)
		return task_fail(t, ERR_GONE, "hang up on %s: no call", l->device->name);
	bool rings = false;
	for (size_t i = 0; e == OK && i < now.n; i++) {
		rings |= now.at[i].pending;
		if (now.at[i].pending)
			continue;
		e = ask(t, l, "DELETE",
			arena_printf(t->arena, "/rest/conferences/%s", now.at[i].id), NULL, false,
			&r);
		if (e != ERR_GONE)
			continue;
		task_forgive(t);
		e = OK;
	}
	if (e == OK && rings)
		return task_fail(
			t, ERR_BUSY, "hang up on %s: a call is being set up", l->device->name);
	return e;
}

/* A locked mute takes the order and stays as it was: what counts is what it says then. */
static enum err
rest_mute(struct task *t, struct lane *l, bool on)
{
	struct http_reply r;
	const struct json *j = NULL;
	enum err e = ask(t, l, "POST", "/rest/audio/muted", on ? "true" : "false", true, &r);
	if (e == OK)
		e = get(t, l, "/rest/audio", &j);
	if (e == OK && json_tri(j, "muted") != tri_of(on))
		return task_fail(t, ERR_REFUSED, "%s on %s: %s%s", on ? "mute" : "unmute",
			l->device->name,
			json_tri(j, "muted") == UNKNOWN ? "whether it did is not told"
							: "it stayed as it was",
			json_bool(j, "muteLocked", false) ? ", locked" : "");
	return e;
}

/* This is everything we export. To answer by order and to show a text are not in the references at
 * hand. */
const struct endpoint_adapter poly_rest_adapter = {
	.name = "poly-rest",
	.title = "Poly G7500, Studio X (HTTPS)",
	.grade = GRADE_TESTED,
	.evidence = EVIDENCE_RX_RATE | EVIDENCE_UPTIME,
	.open = rest_open,
	.close = rest_close,
	.probe = rest_probe,
	.status = rest_status,
	.dial = rest_dial,
	.hangup = rest_hangup,
	.mute = rest_mute,
	.history = rest_history,
};
