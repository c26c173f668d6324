/* Pexip Infinity, Management API v1 (configuration, status, history, command).
 *
 * Called by lanes on worker threads, one at a time per session. Owns the HTTP handle and the table
 * of legs in the lane's session. Must never delete a room that it did not make, call a leg up that
 * is still "connecting", or take a leg that vanished for one that hung up.
 *
 *   GET  /api/admin/configuration/v1/conference/?name=N
 *                                                      < {"meta":{..},"objects":[{"id","aliases"}]}
 *   POST /api/admin/configuration/v1/conference/ {name,..}  < 201, Location: .../conference/7/
 *   POST /api/admin/command/v1/participant/dial/ {conference_alias,destination,..}
 *                                             < 202 {"status":"success","data":{"participant_id"}}
 *   GET  /api/admin/status/v1/participant/?conference=N     < who is there or being dialled
 *   GET  /api/admin/status/v1/participant/ID/media_stream/  < rates, counters, losses
 *   GET  /api/admin/history/v1/participant/ID/              < disconnect_reason | 404: not yet
 *   a no is 4xx with {"error"}, {"status":"failure","error"} or {"resource":{"field":["why"]}}
 *
 * Every path ends with a slash. 202 says that an order was taken. The manager's status lags behind
 * its nodes by seconds; a room that was made a moment ago is not known to them yet. The place from
 * which is dialled is named in the url (?location=NAME) unless there is only one.
 *
 * What is gone from the status only this session's table remembers: its device wants width="1".
 *
 * Sources: docs.pexip.com, Management API (api_manage, api_status, api_history, api_command,
 * disconnection_reasons) and the field tables that the API prints of itself, version 36 and older;
 * answers in public test data. No platform was at hand. */
#include "adapters/pexip.h"

#include "adapters/connect.h"
#include "adapters/internal.h"
#include "adapters/wire/query.h"
#include "base/str.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MOST_BODY = 8 << 20, MOST_PAGES = 300, MOST_ITEMS = 5000, PAGE = 200 };

/* ---- one request --------------------------------------------------------------------------- */

enum err
pexip_ask(struct task *t, struct lane *l, const char *method, const char *path,
	const struct buf *body, bool again, const char *what, const struct json **out)
{
	struct pexip_session *s = l->session;
	struct http_reply r;
	struct err_text why = { 0 };
	const struct json *j = NULL;
	if (out)
		*out = NULL;
	if (!s)
		return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	struct http_request q = { .method = method,
		.path = arena_printf(t->arena, "/api/admin/%s", path) };
	if (body) {
		q.body = buf_str(body);
		q.body_len = body->n;
		q.content_type = "application/json";
	}
	enum err e = device_ask(t, s->http, &q, again, &r);
	if (e)
		return e;
	bool read = r.len && json_parse(t->arena, r.body, r.len, &j, &why) == OK;
	if (r.status < 200 || r.status > 299)
		return task_fail(t, device_refusal(r.status), "%s on %s: %s", what, l->device->name,
			pexip_words(t->arena, read ? j : NULL, r.status));
	if (str_eq(json_text(j, "status"), "failure"))
		return task_fail(t, ERR_REFUSED, "%s on %s: %s", what, l->device->name,
			pexip_words(t->arena, j, r.status));
	/* An order may come back without a word, but not with one of somebody in between. */
	if (!read && (r.len || str_eq(method, "GET")))
		return task_fail(t, ERR_PROTOCOL, "%s on %s: %s", what, l->device->name,
			r.len ? why.text : "nothing came back");
	if (out)
		*out = j;
	return OK;
}

enum err
pexip_order(struct task *t, struct lane *l, const char *path, bool again, const char *what,
	const struct json **out, ...)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	va_list pairs;
	json_open(&w, NULL, '{');
	va_start(pairs, out);
	for (const char *key; (key = va_arg(pairs, const char *));)
		json_put_text(&w, key, va_arg(pairs, const char *));
	va_end(pairs);
	json_close(&w, '}');
	enum err e = pexip_ask(t, l, "POST", path, &b, again, what, out);
	buf_free(&b);
	return e;
}

/* ---- lists --------------------------------------------------------------------------------- */

static enum err
one_page(struct task *t, struct lane *l, const char *path, size_t offset, const char *what,
	struct pexip_list *out)
{
	const struct json *j;
	const char *at = arena_printf(t->arena, "%s%climit=%d&offset=%zu", path,
		strchr(path, '?') ? '&' : '?', PAGE, offset);
	enum err e = pexip_ask(t, l, "GET", at, NULL, true, what, &j);
	if (e == OK && !pexip_list(j, out))
		e = task_fail(
			t, ERR_PROTOCOL, "%s on %s: no list came back", what, l->device->name);
	return e;
}

enum err
pexip_all(struct task *t, struct lane *l, const char *path, const char *what,
	struct pexip_items *out)
{
	*out = (struct pexip_items){ .at = arena_alloc(t->arena, MOST_ITEMS * sizeof *out->at) };
	for (int page = 0; page < MOST_PAGES; page++) {
		struct pexip_list some;
		enum err e = one_page(t, l, path, out->n, what, &some);
		if (e)
			return e;
		for (const struct json *x = some.first; x; x = x->next) {
			if (out->n == MOST_ITEMS)
				return task_fail(t, ERR_PROTOCOL, "%s on %s: more than %d of them",
					what, l->device->name, MOST_ITEMS);
			out->at[out->n++] = x;
		}
		if (some.n == 0 || (int64_t)out->n >= some.total)
			return OK;
	}
	return task_fail(t, ERR_PROTOCOL, "%s on %s: the list does not end", what, l->device->name);
}

/* The object of that whole name: filters compare without case, and versions differ.
 *  > GET .../conference/?name=N  */
static enum err
by_name(struct task *t, struct lane *l, const char *list, const char *name, const char *what,
	const struct json **out)
{
	struct pexip_items all;
	struct buf path = { 0 };
	*out = NULL;
	buf_puts(&path, list);
	query_put(&path, "name", name);
	enum err e = pexip_all(t, l, arena_strdup(t->arena, buf_str(&path)), what, &all);
	buf_free(&path);
	for (size_t i = 0; e == OK && i < all.n && !*out; i++)
		if (str_eq(json_text(all.at[i], "name"), name))
			*out = all.at[i];
	return e;
}

/* ---- session ------------------------------------------------------------------------------- */

/*  > GET status/v1/management_vm/      < objects [ { "name", "version" } ]  | 401  */
static enum err
manager(struct task *t, struct lane *l, const char *what, const struct json **out)
{
	struct pexip_list some;
	enum err e = one_page(t, l, "status/v1/management_vm/", 0, what, &some);
	*out = e ? NULL : some.first;
	return e;
}

static enum err
pexip_open(struct task *t, struct lane *l)
{
	struct pexip_session *s = arena_alloc(l->arena, sizeof *s);
	const struct json *node;
	s->legs = arena_alloc(l->arena, PEXIP_LEGS_MOST * sizeof *s->legs);
	query_option(l->device->url, "location", s->location, sizeof s->location);
	enum err e = device_http(t, l, HTTP_AUTH_BASIC, MOST_BODY, &s->http);
	if (e)
		return e;
	l->session = s;
	e = manager(t, l, "log in", &node);
	if (e)
		device_close(t, l);
	return e;
}

/*  > GET status/v1/alarm/      < objects [ { "name", "level", "instance" } ]  */
static enum err
pexip_probe(struct task *t, struct lane *l, struct identity *out)
{
	const struct json *node;
	struct pexip_items all;
	struct buf words = { 0 };
	*out = (struct identity){ 0 };
	enum err e = manager(t, l, "probe", &node);
	if (e == OK)
		e = pexip_all(t, l, "status/v1/alarm/", "ask for alarms", &all);
	if (e)
		return e;
	str_copy(out->vendor, sizeof out->vendor, "Pexip");
	str_copy(out->model, sizeof out->model, "Infinity");
	json_text_in(node, "version", out->software, sizeof out->software);
	for (size_t i = 0; i < all.n; i++) {
		const char *name = json_text(all.at[i], "name");
		if (!str_empty(name))
			buf_printf(&words, "%s%.*s", words.n ? ", " : "", (int)utf8_cut(name, 60),
				name);
	}
	str_copy(out->alarms, sizeof out->alarms, buf_str(&words));
	buf_free(&words);
	return OK;
}

/* ---- conferences --------------------------------------------------------------------------- */

static void
put_conference(struct conference *out, int64_t room, bool own, const char *name)
{
	*out = (struct conference){ .created = own };
	snprintf(out->id, sizeof out->id, "%lld%s", (long long)room, own ? "/n" : "");
	str_copy(out->name, sizeof out->name, name);
}

/* The configuration of a room; *out_room 0: none of that name. */
static enum err
find_room(struct task *t, struct lane *l, const char *name, int64_t *out_room)
{
	const struct json *room;
	enum err e = by_name(t, l, "configuration/v1/conference/", name, "list rooms", &room);
	*out_room = e ? 0 : json_int(room, "id", 0);
	if (e == OK && room && *out_room <= 0)
		return task_fail(t, ERR_PROTOCOL, "list rooms on %s: a room without a number",
			l->device->name);
	return e;
}

/* A room is a conference while somebody is in it.
 *  > GET status/v1/conference/?name=N      < objects [ { "id": uuid, "name" } ]  */
static enum err
instance(struct task *t, struct lane *l, const char *name, const char *what, const char **out_id)
{
	const struct json *one;
	enum err e = by_name(t, l, "status/v1/conference/", name, what, &one);
	*out_id = e ? NULL : json_text(one, "id");
	if (e == OK && !device_is_id(*out_id, PEXIP_ID_SIZE))
		return task_fail(t, ERR_GONE, "%s on %s: nobody is in %s", what, l->device->name,
			name);
	return e;
}

static enum err
pexip_find(struct task *t, struct lane *l, const char *conference, struct conference *out)
{
	int64_t room;
	const char *id;
	enum err e = find_room(t, l, conference, &room);
	if (e == OK && !room)
		e = task_fail(t, ERR_GONE, "find %s on %s: no such room", conference,
			l->device->name);
	if (e == OK)
		e = instance(t, l, conference, "find", &id);
	if (e == OK)
		put_conference(out, room, false, conference);
	return e;
}

/*  > POST configuration/v1/conference/ { name, service_type, aliases: [{alias}] }
 *  < 201, Location: /api/admin/configuration/v1/conference/7/  */
static enum err
make_room(struct task *t, struct lane *l, const struct conference_spec *spec, const char *view)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	json_open(&w, NULL, '{');
	json_put_text(&w, "name", spec->name);
	json_put_text(&w, "service_type", "conference");
	if (view)
		json_put_text(&w, "host_view", view);
	json_open(&w, "aliases", '[');
	json_open(&w, NULL, '{');
	json_put_text(&w, "alias", spec->name);
	json_close(&w, '}');
	json_close(&w, ']');
	json_close(&w, '}');
	enum err e = pexip_ask(
		t, l, "POST", "configuration/v1/conference/", &b, false, "make a room", NULL);
	buf_free(&b);
	return e;
}

/* Cut off or not: its number is asked for by name, and if it was not made it is made once more. */
static enum err
new_room(struct task *t, struct lane *l, const struct conference_spec *spec, const char *view,
	int64_t *out_room)
{
	for (int round = 0; round < 2; round++) {
		enum err e = make_room(t, l, spec, view);
		if (e && !device_cut_off(t, e))
			return e;
		if (e)
			task_forgive(t);
		e = find_room(t, l, spec->name, out_room);
		if (e)
			return e;
		if (*out_room)
			return OK;
	}
	return task_fail(t, ERR_TIMEOUT, "make a room on %s: it was made and is not listed",
		l->device->name);
}

static enum err
transform(struct task *t, struct lane *l, const char *name, const char *layout)
{
	const char *id;
	enum err e = instance(t, l, name, "set the layout", &id);
	return e ? e
		 : pexip_order(t, l, "command/v1/conference/transform_layout/", true,
			   "set the layout", NULL, "conference_id", id, "layout", layout, NULL);
}

/* Layout and end belong to a conference that runs; a room of our own is made with its layout. */
static enum err
pexip_start(
	struct task *t, struct lane *l, const struct conference_spec *spec, struct conference *out)
{
	int64_t room;
	const char *view, *layout = pexip_layout(spec->layout, &view), *id;
	if (spec->layout && !layout)
		return task_fail(t, ERR_UNSUPPORTED, "open %s on %s: no layout \"%s\"", spec->name,
			l->device->name, spec->layout);
	enum err e = find_room(t, l, spec->name, &room);
	if (e)
		return e;
	if (!room) {
		if (layout && !view)
			return task_fail(t, ERR_UNSUPPORTED,
				"open %s on %s: layout \"%s\" can be set only while somebody is in",
				spec->name, l->device->name, spec->layout);
		e = new_room(t, l, spec, view, &room);
		if (e == OK)
			put_conference(out, room, true, spec->name);
		return e;
	}
	put_conference(out, room, false, spec->name);
	e = instance(t, l, spec->name, "open", &id);
	out->created = e == ERR_GONE; /* nobody was in: what runs from now on is ours to end */
	if (e != ERR_GONE)
		return e;
	task_forgive(t);
	return OK;
}

/*  > POST command/v1/conference/disconnect/ { conference_id }
 *  > DELETE configuration/v1/conference/7/      < 204  */
static enum err
pexip_end(struct task *t, struct lane *l, const struct conference *c)
{
	int64_t room;
	bool own;
	const char *id;
	if (!pexip_conference(c->id, &room, &own))
		return task_fail(t, ERR_INPUT, "end conference on %s: \"%s\" is no room of it",
			l->device->name, c->id);
	enum err e = instance(t, l, c->name, "end conference", &id);
	if (e == OK)
		e = pexip_order(t, l, "command/v1/conference/disconnect/", true, "end conference",
			NULL, "conference_id", id, NULL);
	if (e == ERR_GONE) { /* nobody is in it: there is nothing to end */
		task_forgive(t);
		e = OK;
	}
	if (e || !own)
		return e;
	e = pexip_ask(t, l, "DELETE",
		arena_printf(t->arena, "configuration/v1/conference/%lld/", (long long)room), NULL,
		true, "remove our room", NULL);
	if (e == ERR_GONE) {
		task_forgive(t);
		e = OK;
	}
	return e;
}

static bool
pexip_has_layout(const char *value)
{
	const char *view;
	return pexip_layout(value, &view) != NULL;
}

static enum err
pexip_set_layout(struct task *t, struct lane *l, const struct conference *c, const char *value)
{
	const char *view, *layout = pexip_layout(value, &view);
	if (!layout)
		return task_fail(t, ERR_UNSUPPORTED, "set the layout on %s: no layout \"%s\"",
			l->device->name, value);
	return transform(t, l, c->name, layout);
}

/*  > GET configuration/v1/conference/7/      < { "aliases": [ { "alias" } ] }  */
enum err
pexip_alias(struct task *t, struct lane *l, const struct conference *c)
{
	struct pexip_session *s = l->session;
	const struct json *room, *aliases;
	int64_t number;
	bool own;
	if (!pexip_conference(c->id, &number, &own))
		return task_fail(t, ERR_INPUT, "dial on %s: \"%s\" is no room of it",
			l->device->name, c->id);
	if (s && s->alias_of == number)
		return OK;
	enum err e = pexip_ask(t, l, "GET",
		arena_printf(t->arena, "configuration/v1/conference/%lld/", (long long)number),
		NULL, true, "ask for a room", &room);
	if (e)
		return e;
	aliases = json_get(room, "aliases");
	aliases = aliases && aliases->kind == JSON_IS_ARRAY ? aliases->first : NULL;
	const char *alias = json_text(aliases, "alias");
	if (str_empty(alias))
		return task_fail(t, ERR_REFUSED, "dial on %s: the room %s has no alias",
			l->device->name, c->name);
	str_copy(s->alias, sizeof s->alias, alias);
	s->alias_of = number;
	return OK;
}

/* This is everything we export. Ringing is not told; there is no text on screens, and nobody can be
 * made large, but by layouts; of the other end only losses are told, and 0 is told without a report
 * too; instants say no zone, and no uptime can be made of them without asking the time. */
const struct mcu_adapter pexip_adapter = {
	.name = "pexip",
	.title = "Pexip Infinity",
	.grade = GRADE_DRAFT,
	.evidence = EVIDENCE_RX_COUNTERS | EVIDENCE_RX_RATE | EVIDENCE_END_REASON |
		    EVIDENCE_REMOTE_IP | EVIDENCE_ONE_LEG,
	.causes = pexip_causes,
	.open = pexip_open,
	.close = device_close,
	.probe = pexip_probe,
	.find = pexip_find,
	.start = pexip_start,
	.dial = pexip_dial,
	.roster = pexip_roster,
	.look = pexip_look,
	.media = pexip_sample,
	.reason = pexip_reason,
	.hangup = pexip_hangup,
	.end = pexip_end,
	.mute = pexip_mute,
	.layout = pexip_set_layout,
	.has_layout = pexip_has_layout,
	.layouts = "equal, speaker, 1+7, or as the API has it (1:0, 1:7, 4:0 ...)",
};
