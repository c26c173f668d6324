/* Cisco Meeting Server: the event stream, the only place where it says who speaks.
 *
 * Called by cisco_cms_legs.c before it tells legs. Owns the stream, in the session. Never an error
 * of what was asked: without the stream a voice is unknown. Must never wait for an event, or take a
 * voice under mute for a silent room.
 *
 *   > POST /api/v1/authTokens                    < 200, X-Cisco-CMS-Auth-Token: T | 404: too old
 *   > GET  /events/v1?authToken=T (WebSocket)    < 101
 *   > {"type":"message","message":{"messageId":1,"type":"subscribeRequest","subscriptions":
 *        [{"index":1,"type":"callRoster","call":C,"elements":["state","uri","activeSpeaker"]}]}}
 *   < {"type":"messageAck",..}    <
 *     {..,"type":"subscriptionUpdate","subscriptions":[{"index":1,"state":"active"}]}
 *   < {"type":"message","message":{"messageId":7,"type":"rosterUpdate","subscriptionIndex":1,
 *        "updates":[{"updateType":"update","participant":P,"activeSpeaker":true}]}}
 *   > {"type":"messageAck","messageAck":{"messageId":7,"status":"success"}}
 *                                                              (each message is to be acknowledged)
 *
 * A roster names participants; whose leg one is, GET /participants/P/callLegs tells, once each.
 * Sources: Cisco Meeting Server Events guide 2.4; captures of a public client. How updates are
 * nested is not certain: one alone is read as well. */
#include "adapters/cisco_cms.h"

#include "adapters/wire/json.h"
#include "adapters/wire/query.h"
#include "adapters/wire/trace.h"
#include "adapters/wire/ws.h"
#include "base/str.h"

#include <string.h>

enum {
	OPEN_MS = 3000,
	HEAR_MS = 4000,       /* for all of it: what was asked must not wait for a stream */
	RESERVE_MS = 3000,    /* left for what was asked */
	AGAIN_ROUNDS = 12,    /* lists until a stream that broke is tried again */
	MESSAGES_A_TIME = 500,
	ASKED_A_TIME = 20,    /* participants, of one list */
	VOICES_MOST = CMS_LEGS_MOST,
	MESSAGE_MOST = 1 << 20,
};

struct cms_voice {
	char participant[CMS_ID_SIZE], leg[CMS_ID_SIZE]; /* leg "": not known yet */
	char uri[160];
	bool asked, spoke; /* spoke: since it was told last */
	enum tri speaks;
};

struct cms_events {
	struct ws *ws;
	char call[CMS_ID_SIZE];
	bool active;
	int64_t message;
	unsigned next_try; /* round */
	bool never;        /* this server has no event stream */
	struct cms_voice *voices;
	size_t n;
};

/* ---- pure: one message ----------------------------------------------------------------------- */

/* true, false, or a text that says so. */
static enum tri
claim(const struct json *j, const char *key)
{
	const char *text = json_text(j, key);
	enum tri t = json_tri(j, key);
	return !text			      ? t
	       : str_eq_nocase(text, "true")  ? YES
	       : str_eq_nocase(text, "false") ? NO
					      : t;
}

static void
take_update(const struct json *u, struct cms_news *out)
{
	const char *id = json_text(u, "participant");
	if (!cms_is_id(id) || out->n == CMS_NEWS_MOST)
		return;
	struct cms_told *t = &out->told[out->n++];
	*t = (struct cms_told){ .gone = str_eq(json_text(u, "updateType"), "remove"),
		.speaks = claim(u, "activeSpeaker") };
	str_copy(t->participant, sizeof t->participant, id);
	json_text_in(u, "uri", t->uri, sizeof t->uri);
}

static void
take_state(const struct json *m, struct cms_news *out)
{
	const struct json *all = json_get(m, "subscriptions");
	for (const struct json *s = all ? all->first : NULL; s; s = s->next)
		if (json_text(s, "state"))
			out->state = str_eq_nocase(json_text(s, "state"), "active") ? YES : NO;
}

enum err
cms_news(struct arena *a, const char *text, size_t n, struct cms_news *out, struct err_text *why)
{
	const struct json *j;
	*out = (struct cms_news){ .state = UNKNOWN };
	enum err e = json_parse(a, text, n, &j, why);
	if (e)
		return e;
	const struct json *m = json_get(j, "message");
	if (!str_eq(json_text(j, "type"), "message") || !m || m->kind != JSON_IS_OBJECT) {
		const struct json *ack = json_get(j, "messageAck");
		const char *status = json_text(ack, "status");
		out->refused = status && !str_eq(status, "success");
		return OK;
	}
	const struct json *id = json_get(m, "messageId");
	out->acknowledge = id && id->kind == JSON_IS_INT;
	out->id = json_int(m, "messageId", 0);
	if (str_eq(json_text(m, "type"), "subscriptionUpdate"))
		take_state(m, out);
	if (!str_eq(json_text(m, "type"), "rosterUpdate"))
		return OK;
	const struct json *updates = json_get(m, "updates");
	size_t most = updates && updates->kind == JSON_IS_ARRAY ? updates->count : 1;
	most = most < CMS_NEWS_MOST ? most : CMS_NEWS_MOST;
	out->told = arena_alloc(a, (most + 1) * sizeof *out->told);
	if (updates && updates->kind == JSON_IS_ARRAY)
		for (const struct json *u = updates->first; u && out->n < most; u = u->next)
			take_update(u, out);
	else
		take_update(m, out);
	return OK;
}

/* ---- who speaks ------------------------------------------------------------------------------ */

static struct cms_voice *
voice_of(struct cms_events *ev, const char *participant)
{
	for (size_t i = 0; i < ev->n; i++)
		if (str_eq_nocase(ev->voices[i].participant, participant))
			return &ev->voices[i];
	return NULL;
}

static void
take_told(struct cms_events *ev, const struct cms_told *t)
{
	struct cms_voice *v = voice_of(ev, t->participant);
	if (t->gone) {
		if (v)
			*v = ev->voices[--ev->n];
		return;
	}
	if (!v && ev->n < VOICES_MOST) {
		v = &ev->voices[ev->n++];
		*v = (struct cms_voice){ .speaks = UNKNOWN };
		str_copy(v->participant, sizeof v->participant, t->participant);
	}
	if (v && *t->uri)
		str_copy(v->uri, sizeof v->uri, t->uri);
	if (!v || t->speaks == UNKNOWN) /* an update tells only what changed */
		return;
	v->speaks = t->speaks;
	v->spoke = v->spoke || t->speaks == YES;
}

enum tri
cms_voice(struct cms_session *s, const char *leg, bool told)
{
	struct cms_events *ev = s->events;
	for (size_t i = 0; ev && ev->active && i < ev->n; i++) {
		struct cms_voice *v = &ev->voices[i];
		if (!*v->leg || !str_eq_nocase(v->leg, leg))
			continue;
		enum tri speaks = v->spoke ? YES : v->speaks;
		v->spoke = v->spoke && !told;
		return speaks;
	}
	return UNKNOWN;
}

/* ---- the stream ------------------------------------------------------------------------------ */

static void
forget(struct task *t, struct cms_session *s)
{
	struct cms_events *ev = s->events;
	ws_close(t, ev->ws);
	ev->ws = NULL;
	ev->active = false;
	ev->n = 0;
	ev->next_try = s->round + AGAIN_ROUNDS;
}

/* *out NULL with OK: it has no tokens, so no stream. */
static enum err
token(struct task *t, struct lane *l, const char **out)
{
	struct cms_session *s = l->session;
	struct http_reply r;
	struct http_request q = { .method = "POST",
		.path = "/api/v1/authTokens",
		.body = "",
		.content_type = "application/x-www-form-urlencoded" };
	enum err e = http_ask(t, s->http, &q, &r);
	*out = e == OK && r.status >= 200 && r.status < 300
		       ? http_header(&r, "X-Cisco-CMS-Auth-Token")
		       : NULL;
	if (e == OK && r.status >= 500)
		return task_fail(t, ERR_BUSY, "event stream of %s: HTTP status %d", l->device->name,
			r.status);
	return e;
}

/* One message; b is freed. */
static enum err
say(struct task *t, struct cms_events *ev, struct buf *b)
{
	enum err e = ws_say(t, ev->ws, b->at, b->n);
	buf_free(b);
	return e;
}

static enum err
subscribe(struct task *t, struct cms_events *ev)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	json_open(&w, NULL, '{');
	json_put_text(&w, "type", "message");
	json_open(&w, "message", '{');
	json_put_int(&w, "messageId", ++ev->message);
	json_put_text(&w, "type", "subscribeRequest");
	json_open(&w, "subscriptions", '[');
	json_open(&w, NULL, '{');
	json_put_int(&w, "index", 1);
	json_put_text(&w, "type", "callRoster");
	json_put_text(&w, "call", ev->call);
	json_open(&w, "elements", '[');
	json_put_text(&w, NULL, "state");
	json_put_text(&w, NULL, "uri");
	json_put_text(&w, NULL, "activeSpeaker");
	json_close(&w, ']');
	json_close(&w, '}');
	json_close(&w, ']');
	json_close(&w, '}');
	json_close(&w, '}');
	return say(t, ev, &b);
}

static enum err
acknowledge(struct task *t, struct cms_events *ev, int64_t id)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	json_open(&w, NULL, '{');
	json_put_text(&w, "type", "messageAck");
	json_open(&w, "messageAck", '{');
	json_put_int(&w, "messageId", id);
	json_put_text(&w, "status", "success");
	json_close(&w, '}');
	json_close(&w, '}');
	return say(t, ev, &b);
}

static enum err
open_stream(struct task *t, struct lane *l)
{
	struct cms_session *s = l->session;
	struct cms_events *ev = s->events;
	const struct device *d = l->device;
	const char *word;
	struct buf path = { 0 };
	enum err e = token(t, l, &word);
	if (e)
		return e;
	ev->never = !word;
	if (!word)
		return OK;
	buf_puts(&path, "/events/v1?authToken=");
	query_escape(&path, word);
	struct http_options h = {
		.url = d->url, .pin = d->pin, .ca_file = d->ca_file, .legacy = d->legacy
	};
	struct ws_options o = { .http = &h,
		.path = arena_strdup(t->arena, buf_str(&path)),
		.secret = word,
		.max_message = MESSAGE_MOST,
		.at_most_ms = OPEN_MS };
	buf_free(&path);
	trace_secret(t->trace, d->password);
	e = ws_open(t, &o, &ev->ws);
	return e ? e : subscribe(t, ev);
}

/* Everything that lies there, without waiting. */
static enum err
drain(struct task *t, struct cms_events *ev)
{
	for (int i = 0; i < MESSAGES_A_TIME; i++) {
		const char *text;
		size_t n;
		struct cms_news news;
		struct err_text why = { 0 };
		enum err e = ws_next(t, ev->ws, 0, &text, &n);
		if (e || !text)
			return e;
		e = cms_news(t->arena, text, n, &news, &why);
		if (e)
			return task_fail(t, e, "event stream: %s", why.text);
		if (news.refused)
			return task_fail(
				t, ERR_REFUSED, "event stream: the subscription was refused");
		if (news.state != UNKNOWN)
			ev->active = news.state == YES;
		for (size_t k = 0; k < news.n; k++)
			take_told(ev, &news.told[k]);
		ev->active = ev->active || news.n > 0;
		if (news.acknowledge)
			e = acknowledge(t, ev, news.id);
		if (e)
			return e;
	}
	return OK;
}

static const char *
bare(const char *address)
{
	return strncasecmp(address, "sip:", 4) == 0 ? address + 4 : address;
}

/* Whose leg each participant is; address not NULL: only of those who may be at it.
 *  > GET /participants/P/callLegs      < <callLegs total="1"><callLeg id="L">  */
static void
learn_legs(struct task *t, struct lane *l, const char *address)
{
	struct cms_session *s = l->session;
	struct cms_events *ev = s->events;
	int asked = 0;
	for (size_t i = 0; i < ev->n && asked < ASKED_A_TIME && task_left(t) > 0; i++) {
		struct cms_voice *v = &ev->voices[i];
		struct cms_list legs;
		if (*v->leg || v->asked || (address && !str_eq_nocase(bare(address), bare(v->uri))))
			continue;
		asked++;
		enum err e = cms_all(t, l,
			arena_printf(t->arena, "/participants/%s/callLegs", v->participant),
			"callLeg", "ask whose voice it is", &legs);
		v->asked = e == OK || e == ERR_GONE || e == ERR_REFUSED || e == ERR_UNSUPPORTED;
		/* One that has several legs tells for none of them. */
		if (e == OK && legs.n == 1)
			str_copy(v->leg, sizeof v->leg, xml_attr(legs.items[0], "id"));
		if (e == OK && legs.n == 0)
			v->asked = false; /* made a moment ago */
		task_forgive(t);
		if (e && !v->asked)
			return;
	}
}

void
cms_hear(struct task *t, struct lane *l, const char *call, const char *address)
{
	struct cms_session *s = l->session;
	if (!s->events) {
		s->events = arena_alloc(l->arena, sizeof *s->events);
		s->events->voices = arena_alloc(l->arena, VOICES_MOST * sizeof *s->events->voices);
	}
	struct cms_events *ev = s->events;
	if (ev->ws && !str_eq(ev->call, call)) { /* another conference */
		forget(t, s);
		ev->next_try = s->round;
	}
	enum err e = OK;
	int64_t deadline = t->deadline, left = task_left(t);
	if (left > HEAR_MS)
		t->deadline -= left - HEAR_MS;
	if (!ev->ws && !ev->never && s->round >= ev->next_try && left > RESERVE_MS) {
		str_copy(ev->call, sizeof ev->call, call);
		e = open_stream(t, l);
	}
	if (e == OK && ev->ws)
		e = drain(t, ev);
	if (e == OK && ev->ws)
		learn_legs(t, l, address);
	t->deadline = deadline;
	if (e == ERR_CANCELED)
		return;
	ev->never = ev->never || e == ERR_AUTH; /* a right that the account has not: asked no
						 * more */
	if (e)
		forget(t, s);
	task_forgive(t);
}

void
cms_deafen(struct task *t, struct cms_session *s)
{
	if (s->events)
		ws_close(t, s->events->ws);
	s->events = NULL;
}
