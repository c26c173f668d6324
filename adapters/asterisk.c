/* Asterisk as a conference bridge, by its REST interface (ARI); proven with 22.10.1
 * (tests/interop).
 *
 * Called by lanes on worker threads, one at a time: the width of this device is 1. Owns one HTTP
 * connection and one WebSocket in the lane's session, and the table of legs (asterisk_table.c).
 * Must never let a leg into the bridge unmuted that was to be muted, put back one that a person
 * took out, or dial while nobody listens to its application: such a call is hung up as soon as it
 * is answered.
 *
 *   GET    /ari/asterisk/info, ping          < version, start; its own clock
 *                                                                          401: exactly one attempt
 *   WS     /ari/events?app=A                 < StasisStart, ChannelDestroyed { cause, tech_cause },
 *     ...
 *   PUT    /ari/applications/A/eventFilter   the types above and no other: each join would be n
 *     events
 *   GET    /ari/bridges                      < [ { "id", "name", "channels" } ]
 *   POST   /ari/bridges/B?type=mixing,proxy_media&name=N       < 200 | 409: it is there
 *   POST   /ari/channels/C?endpoint=PJSIP/sites/sip:..&app=A&appArgs=B,leg
 *                                                                        < 200 | 409: that order is
 *   GET    /ari/channels                     < all of them, also those that ring
 *   POST   /ari/bridges/B/addChannel?channel=C                 a leg that answered is let in by us
 *   GET    /ari/channels/C/rtp_statistics    < counters of the sound
 *   DELETE /ari/channels/C, /ari/bridges/B   a bridge that ends leaves its channels
 *   a no is {"message"} or {"error"}
 *
 * The id of a channel carries conference, mute wish and leg, so that any session knows its legs.
 * Who calls in gets here by the dialplan: Stasis(A,B) with the bridge's id as argument.
 * "proxy_media" keeps the sound passing through, else there is nothing to count; it must stand
 * behind "mixing".
 *
 * Sources: ARI as the program describes it itself (rest-api/api-docs), and a running 22.10.1. */
#include "adapters/asterisk.h"

#include "adapters/connect.h"
#include "adapters/internal.h"
#include "adapters/wire/query.h"
#include "base/str.h"

#include <string.h>

enum { MOST_BODY = 8 << 20, MOST_EVENT = 1 << 20, DRAIN_MOST = 5000, PAUSE = 4, REOPEN_MS = 2000 };

/* ---- one request ---- */

enum err
ari_ask(struct task *t, struct lane *l, const char *method, const char *path, const char *body,
	bool again, const char *what, const struct json **out)
{
	struct ari_session *s = l->session;
	struct http_reply r;
	struct err_text why = { 0 };
	const struct json *j = NULL;
	if (out)
		*out = NULL;
	if (!s)
		return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	struct http_request q = { .method = method,
		.path = arena_printf(t->arena, "/ari/%s", path),
		.body = body ? body : "",
		.body_len = body ? strlen(body) : 0,
		.content_type = body ? "application/json" : NULL };
	enum err e = device_ask(t, s->http, &q, again, &r);
	if (e)
		return e;
	bool read = r.len && json_parse(t->arena, r.body, r.len, &j, &why) == OK;
	if (r.status < 200 || r.status > 299) {
		e = r.status == 500 || r.status == 422 ? ERR_REFUSED : device_refusal(r.status);
		return task_fail(t, e, "%s on %s: %.120s", what, l->device->name,
			ari_words(read ? j : NULL,
				arena_printf(t->arena, "HTTP status %d", r.status)));
	}
	/* An order may come back without a word, but not with one of somebody in between. */
	if (!read && (out || r.len))
		return task_fail(t, ERR_PROTOCOL, "%s on %s: %s", what, l->device->name,
			r.len ? why.text : "nothing came back");
	if (out)
		*out = j;
	return OK;
}

/* ---- events ---- */

static enum err
connect_events(struct task *t, struct lane *l, int at_most_ms)
{
	static const char *const types[] = { "StasisStart", "ChannelStateChange",
		"ChannelDestroyed", "ChannelHangupRequest", "ChannelTalkingStarted",
		"ChannelTalkingFinished", "ApplicationReplaced" };
	struct ari_session *s = l->session;
	const struct device *d = l->device;
	struct http_options h = { .url = d->url,
		.auth = HTTP_AUTH_BASIC,
		.user = d->user,
		.password = d->password,
		.pin = d->pin,
		.ca_file = d->ca_file,
		.legacy = d->legacy };
	enum err e = ws_open(t,
		&(struct ws_options){ .http = &h,
			.path = arena_printf(t->arena, "/ari/events?app=%s", s->where.app),
			.max_message = MOST_EVENT,
			.at_most_ms = at_most_ms },
		&s->ws);
	if (e)
		return e;
	struct buf b = { 0 };
	buf_puts(&b, "{\"allowed\":[");
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		buf_printf(&b, "%s{\"type\":\"%s\"}", i ? "," : "", types[i]);
	buf_puts(&b, "]}");
	e = ari_ask(t, l, "PUT",
		arena_printf(t->arena, "applications/%s/eventFilter", s->where.app), buf_str(&b),
		true, "choose events", NULL);
	buf_free(&b);
	if (e == ERR_CANCELED || e == ERR_TIMEOUT || e == ERR_AUTH)
		return e;
	if (e)
		task_forgive(t); /* it then tells all of them */
	return OK;
}

/* Lost: try again now and then; never where another session took the application. */
static enum err
reconnect_events(struct task *t, struct lane *l)
{
	struct ari_session *s = l->session;
	if (s->ws || s->taken || (s->ws_pause > 0 && s->ws_pause-- > 0))
		return OK;
	enum err e = connect_events(t, l, REOPEN_MS);
	if (e == OK)
		return OK;
	if (s->ws)
		ws_close(t, s->ws);
	s->ws = NULL;
	if (e == ERR_CANCELED || task_left(t) == 0)
		return e;
	s->ws_pause = PAUSE;
	task_forgive(t);
	return OK;
}

enum err
ari_listen_for(struct task *t, struct lane *l, int64_t at_most_ms, bool *out_any)
{
	struct ari_session *s = l->session;
	*out_any = false;
	for (int i = 0; s->ws && i < DRAIN_MOST; i++) {
		const char *text;
		size_t n;
		const struct json *j;
		struct err_text why = { 0 };
		enum err e = ws_next(t, s->ws, *out_any ? 0 : at_most_ms, &text, &n);
		if (e == ERR_CANCELED || e == ERR_TIMEOUT)
			return e;
		if (e == OK && !text)
			return OK;
		if (e == OK && json_parse(t->arena, text, n, &j, &why) != OK)
			continue; /* one event that is none: the lists tell the rest */
		if (e == OK && ari_table_event(&s->table, j)) {
			*out_any = true;
			continue;
		}
		s->taken = e == OK;
		if (e)
			task_forgive(t);
		ws_close(t, s->ws);
		s->ws = NULL;
		s->ws_pause = 0;
	}
	return OK;
}

enum err
ari_listen(struct task *t, struct lane *l)
{
	bool any;
	if (!l->session)
		return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	enum err e = ari_listen_for(t, l, 0, &any);
	return e ? e : reconnect_events(t, l);
}

/* ---- session ---- */

static void
asterisk_close(struct task *t, struct lane *l)
{
	struct ari_session *s = l->session;
	if (!s)
		return;
	ws_close(t, s->ws);
	http_close(s->http);
	l->session = NULL;
}

/* Its own clock tells how long it has been up. */
static enum err
asterisk_probe(struct task *t, struct lane *l, struct identity *out)
{
	const struct json *j, *ping;
	int64_t began, now;
	*out = (struct identity){ 0 };
	enum err e = ari_ask(t, l, "GET", "asterisk/info", NULL, true, "ask for the version", &j);
	if (e)
		return e;
	const struct json *system = json_get(j, "system");
	if (!json_text(system, "version"))
		return task_fail(t, ERR_PROTOCOL,
			"ask for the version of %s: no Asterisk answers there", l->device->name);
	json_text_in(system, "version", out->software, sizeof out->software);
	json_text_in(system, "entity_id", out->serial, sizeof out->serial);
	str_copy(out->vendor, sizeof out->vendor, "Sangoma");
	str_copy(out->model, sizeof out->model, "Asterisk");
	e = ari_ask(t, l, "GET", "asterisk/ping", NULL, true, "ask for the time", &ping);
	if (e == ERR_GONE) { /* before 16 */
		task_forgive(t);
		return OK;
	}
	if (e == OK && ari_instant(json_text(json_get(j, "status"), "startup_time"), &began) &&
		ari_instant(json_text(ping, "timestamp"), &now) && now >= began)
		out->uptime_s = figure_of((now - began) / 1000);
	return e;
}

static enum err
asterisk_open(struct task *t, struct lane *l)
{
	struct ari_session *s = arena_alloc(l->arena, sizeof *s);
	struct identity who;
	char why[120];
	if (!ari_where(l->device->url, &s->where, why, sizeof why))
		return task_fail(t, ERR_INPUT, "log in to %s: %s", l->device->name, why);
	leg_table_init(&s->table, l->arena, sizeof(struct ari_leg));
	enum err e = device_http(t, l, HTTP_AUTH_BASIC, MOST_BODY, &s->http);
	if (e)
		return e;
	l->session = s;
	e = asterisk_probe(t, l, &who);
	if (e == OK)
		e = connect_events(t, l, 0);
	if (e)
		asterisk_close(t, l);
	return e;
}

/* ---- conferences ---- */

enum err
ari_check_conference(struct task *t, const struct lane *l, const struct conference *c)
{
	if (!str_empty(c->id))
		return OK;
	return task_fail(t, ERR_INPUT, "\"%s\" is no conference of %s", c->id, l->device->name);
}

/* By the id that we give, or by the name that somebody gave. */
static enum err
asterisk_find(struct task *t, struct lane *l, const char *conference, struct conference *out)
{
	const struct json *all;
	char id[sizeof out->id];
	*out = (struct conference){ 0 };
	if (str_empty(conference))
		return task_fail(t, ERR_INPUT, "find on %s: no name", l->device->name);
	ari_bridge_id(id, sizeof id, conference);
	enum err e = ari_listen(t, l);
	if (e == OK)
		e = ari_ask(t, l, "GET", "bridges", NULL, true, "list bridges", &all);
	if (e)
		return e;
	for (const struct json *b = all->first; b; b = b->next) {
		const char *own = json_text(b, "id");
		if (str_empty(own) || strlen(own) >= sizeof out->id ||
			(!str_eq(own, id) && !str_eq(json_text(b, "name"), conference)))
			continue;
		str_copy(out->id, sizeof out->id, own);
		str_copy(out->name, sizeof out->name, conference);
		return OK;
	}
	return task_fail(t, ERR_GONE, "find on %s: no bridge %s", l->device->name, conference);
}

enum err
ari_make_bridge(struct task *t, struct lane *l, const char *id, const char *name, bool *out_made)
{
	const struct json *j;
	const char *one = ari_path(t->arena, "bridges/", id, "");
	*out_made = false;
	enum err e = ari_ask(t, l, "GET", one, NULL, true, "look at a bridge", &j);
	if (e == ERR_GONE) {
		struct buf path = { 0 };
		task_forgive(t);
		buf_puts(&path, one);
		query_put(&path, "type", "mixing,proxy_media");
		query_put(&path, "name", name);
		e = ari_ask(t, l, "POST", buf_str(&path), NULL, false, "make a bridge", NULL);
		*out_made = e == OK;
		if (device_cut_off(t, e)) { /* what became of it? */
			task_forgive(t);
			e = ari_ask(t, l, "GET", one, NULL, true, "look at a bridge", &j);
			*out_made = e == OK;
		}
		buf_free(&path);
	}
	return e;
}

static enum err
asterisk_start(struct task *t, struct lane *l, const struct conference_spec *spec,
	struct conference *out)
{
	if (spec->layout && !str_eq(spec->layout, "speaker"))
		return task_fail(t, ERR_UNSUPPORTED, "open %s on %s: no layout \"%s\"", spec->name,
			l->device->name, spec->layout);
	enum err e = asterisk_find(t, l, spec->name, out);
	if (e != ERR_GONE)
		return e;
	task_forgive(t);
	ari_bridge_id(out->id, sizeof out->id, spec->name);
	str_copy(out->name, sizeof out->name, spec->name);
	return ari_make_bridge(t, l, out->id, spec->name, &out->created);
}

/*  > POST bridges/B/videoSource/C | DELETE bridges/B/videoSource: back to who talks  */
static enum err
asterisk_focus(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	enum err e = ari_check_conference(t, l, c);
	if (e == OK)
		e = ari_listen(t, l);
	if (e)
		return e;
	const char *path =
		ari_path(t->arena, "bridges/", c->id, leg ? "/videoSource/" : "/videoSource");
	if (leg)
		path = ari_path(t->arena, path, leg->id, "");
	return ari_ask(t, l, leg ? "POST" : "DELETE", path, NULL, true, "focus", NULL);
}

/* This is everything we export. All see who talks, or the one in focus: there are no layouts, and
 * no text on the screen. Only the sound is counted. */
const struct mcu_adapter asterisk_mcu_adapter = {
	.name = "asterisk",
	.title = "Asterisk (ARI)",
	.grade = GRADE_PROVEN,
	.met = "Asterisk 22.10.1",
	.evidence = EVIDENCE_RX_COUNTERS | EVIDENCE_SPEECH | EVIDENCE_END_REASON |
		    EVIDENCE_REMOTE_IP | EVIDENCE_UPTIME | EVIDENCE_RINGING | EVIDENCE_ONE_LEG,
	.open = asterisk_open,
	.close = asterisk_close,
	.probe = asterisk_probe,
	.find = asterisk_find,
	.start = asterisk_start,
	.dial = asterisk_dial,
	.roster = asterisk_roster,
	.look = asterisk_look,
	.media = asterisk_media,
	.reason = asterisk_reason,
	.hangup = asterisk_hangup,
	.end = asterisk_end,
	.mute = asterisk_mute,
	.focus = asterisk_focus,
};
