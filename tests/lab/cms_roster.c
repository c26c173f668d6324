/* The event stream of the simulated CMS: a WebSocket that tells calls and rosters, activeSpeaker
 * among them. Called by web.c on a thread of its own for each listener. Owns what that listener was
 * told last. Takes the fleet's lock for moments only, and must never hold it while it sends. The
 * names of messages and fields follow captures; how updates are nested (subscriptionIndex,
 * updates), and what follows an ack that never comes, is not known. */
#include "cms.h"

#include "base/clock.h"
#include "base/str.h"
#include "log.h"

#include <jansson.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { SUBSCRIPTIONS = 16, ELEMENTS = 16, FRAME_MAX = 64 * 1024, BEAT_MS = 100, SEND_MS = 3000 };

struct told {
	char id[CMS_ID]; /* of a participant or a call */
	char *text;      /* its update as sent, sorted */
};

struct subscription {
	int64_t index;
	char type[16], call[CMS_ID], elements[ELEMENTS][24];
	size_t elements_n;
	bool fresh, active;
	VEC(struct told) told;
	char *info; /* of callInfo: what was told last */
};

struct listener {
	struct cms *m;
	int fd;
	bool gone;
	int64_t message_id;
	struct subscription subs[SUBSCRIPTIONS];
	size_t subs_n;
	struct buf in;
};

/* ---- frames ---- */

static void
send_frame(struct listener *l, int opcode, const char *text, size_t n)
{
	uint8_t head[10] = { (uint8_t)(0x80 | opcode), (uint8_t)(n < 126     ? n
								 : n < 65536 ? 126
									     : 127) };
	size_t head_n = n < 126 ? 2 : n < 65536 ? 4 : 10;
	for (size_t i = 2; i < head_n; i++)
		head[i] = (uint8_t)((uint64_t)n >> (8 * (head_n - 1 - i)));
	struct buf b = { 0 };
	buf_add(&b, head, head_n);
	buf_add(&b, text, n);
	for (size_t at = 0; at < b.n && !l->gone;) {
		struct pollfd p = { .fd = l->fd, .events = POLLOUT };
		ssize_t k = poll(&p, 1, SEND_MS) == 1
				    ? send(l->fd, b.at + at, b.n - at, MSG_NOSIGNAL | MSG_DONTWAIT)
				    : -1;
		l->gone = k <= 0;
		at += k > 0 ? (size_t)k : 0;
	}
	buf_free(&b);
}

/* One message; takes `message`. */
static void
send_message(struct listener *l, json_t *message)
{
	json_object_set_new(message, "messageId", json_integer(++l->message_id));
	json_t *all = json_pack("{s:s,s:o}", "type", "message", "message", message);
	char *text = json_dumps(all, JSON_COMPACT);
	send_frame(l, 1, text, strlen(text));
	free(text);
	json_decref(all);
}

/* ---- what is told ---- */

static bool
wants(const struct subscription *s, const char *element)
{
	for (size_t i = 0; i < s->elements_n; i++)
		if (str_eq(s->elements[i], element))
			return true;
	return s->elements_n == 0;
}

static const struct cms_leg *
speaking(struct cms *m, const char *call, int64_t now)
{
	const struct cms_leg *loudest = NULL;
	int best = 10000; /* so much above its own floor is a voice */
	for (size_t i = 0; i < m->b.legs.n; i++) {
		const struct cms_leg *l = (const struct cms_leg *)m->b.legs.at[i];
		struct media md;
		if (l->b.dead || l->b.leg.phase != PHASE_CONNECTED || l->b.leg.muted ||
			!str_eq_nocase(l->call->id, call))
			continue;
		leg_media(&l->b.leg, now, &md);
		int over = md.energy_mdb - l->b.leg.site->plan->floor_mdb;
		if (over > best) {
			best = over;
			loudest = l;
		}
	}
	return loudest;
}

static json_t *
participant(const struct subscription *s, const struct cms_leg *l, bool speaks)
{
	const struct leg *g = &l->b.leg;
	const char *state = g->phase == PHASE_CONNECTED	 ? "connected"
			    : g->phase == PHASE_ALERTING ? "ringing"
							 : "initial";
	json_t *all = json_pack("{s:s,s:s,s:s,s:s,s:b,s:b,s:i,s:s,s:b,s:b,s:b}", "name", l->b.name,
		"uri", l->b.address, "state", state, "direction",
		g->incoming ? "incoming" : "outgoing", "audioMuted", g->muted, "videoMuted",
		l->rx_video_mute, "importance", l->importance < 0 ? 0 : l->importance, "layout",
		l->layout[0] ? l->layout : l->call->layout, "activeSpeaker", speaks, "presenter",
		false, "canMove", true);
	json_t *out = json_pack("{s:s}", "participant", l->participant);
	const char *key;
	json_t *value;
	json_object_foreach(all, key, value)
		if (wants(s, key))
			json_object_set(out, key, value);
	json_decref(all);
	return out;
}

static struct told *
known(struct subscription *s, const char *id)
{
	for (size_t i = 0; i < s->told.n; i++)
		if (str_eq(s->told.at[i].id, id))
			return &s->told.at[i];
	return NULL;
}

/* Adds `u` to the updates if it is new or other than told; takes it. `t` NULL: never told. */
static void
note(struct subscription *s, struct told *t, const char *id, json_t *u, json_t *updates)
{
	char *text = json_dumps(u, JSON_COMPACT | JSON_SORT_KEYS);
	if (t && str_eq(t->text, text)) {
		free(text);
		json_decref(u);
		return;
	}
	json_object_set_new(u, "updateType", json_string(t ? "update" : "add"));
	json_array_append_new(updates, u);
	if (!t) {
		t = vec_add(&s->told);
		str_copy(t->id, sizeof t->id, id);
	}
	free(t->text);
	t->text = text;
}

/* What is another than told; with the lock. */
static json_t *
roster_updates(struct listener *l, struct subscription *s, int64_t now)
{
	json_t *updates = json_array();
	const struct cms_leg *voice = speaking(l->m, s->call, now);
	for (size_t i = 0; i < l->m->b.legs.n; i++) {
		const struct cms_leg *g = (const struct cms_leg *)l->m->b.legs.at[i];
		if (!str_eq_nocase(g->call->id, s->call))
			continue;
		struct told *t = known(s, g->participant);
		if (g->b.dead) {
			if (t) {
				json_array_append_new(updates,
					json_pack("{s:s,s:s,s:s}", "participant", g->participant,
						"updateType", "remove", "reason",
						cms_reason(g->b.leg.why, g->b.address)));
				free(t->text);
				*t = s->told.at[--s->told.n];
			}
			continue;
		}
		note(s, t, g->participant, participant(s, g, g == voice), updates);
	}
	return updates;
}

static int
legs_of(struct cms *m, const struct cms_call *c)
{
	int n = 0;
	for (size_t i = 0; i < m->b.legs.n; i++)
		n += !m->b.legs.at[i]->dead && ((struct cms_leg *)m->b.legs.at[i])->call == c;
	return n;
}

static json_t *
call_info(struct listener *l, const struct cms_call *c)
{
	return json_pack(
		"{s:s,s:s,s:i}", "call", c->id, "name", c->name, "participants", legs_of(l->m, c));
}

/* Calls that are other than told; with the lock. */
static json_t *
list_updates(struct listener *l, struct subscription *s)
{
	json_t *updates = json_array();
	for (size_t i = 0; i < l->m->calls.n; i++) {
		const struct cms_call *c = l->m->calls.at[i];
		struct told *t = known(s, c->id);
		if (c->over && t) {
			json_array_append_new(updates,
				json_pack("{s:s,s:s}", "call", c->id, "updateType", "remove"));
			free(t->text);
			*t = s->told.at[--s->told.n];
		} else if (!c->over) {
			note(s, t, c->id, call_info(l, c), updates);
		}
	}
	return updates;
}

/* The message a subscription has to send now; NULL: none. With the lock. */
static json_t *
news(struct listener *l, struct subscription *s, int64_t now)
{
	json_t *what = NULL, *message = NULL;
	if (str_eq(s->type, "callRoster")) {
		what = roster_updates(l, s, now);
		if (json_array_size(what))
			message = json_pack("{s:s,s:I,s:O}", "type", "rosterUpdate",
				"subscriptionIndex", (json_int_t)s->index, "updates", what);
		json_decref(what);
		return message;
	}
	if (str_eq(s->type, "calls")) {
		what = list_updates(l, s);
		if (json_array_size(what))
			message = json_pack("{s:s,s:I,s:O}", "type", "callListUpdate",
				"subscriptionIndex", (json_int_t)s->index, "updates", what);
		json_decref(what);
		return message;
	}
	const struct cms_call *c = cms_call(l->m, s->call);
	what = c ? call_info(l, c) : json_object();
	char *text = json_dumps(what, JSON_COMPACT | JSON_SORT_KEYS);
	if (!str_eq(text, s->info)) {
		message = json_pack("{s:s,s:I,s:O}", "type", "callInfoUpdate", "subscriptionIndex",
			(json_int_t)s->index, "callInfo", what);
		free(s->info);
		s->info = text;
	} else {
		free(text);
	}
	json_decref(what);
	return message;
}

static void
tell(struct listener *l)
{
	for (size_t i = 0; i < l->subs_n && !l->gone; i++) {
		struct subscription *s = &l->subs[i];
		if (s->fresh || !s->active) {
			/* captured: pending first, then active, then what there is */
			send_message(
				l, json_pack("{s:s,s:[{s:I,s:s}]}", "type", "subscriptionUpdate",
					   "subscriptions", "index", (json_int_t)s->index, "state",
					   s->fresh ? "pending" : "active"));
			s->active = !s->fresh;
			s->fresh = false;
			continue;
		}
		fleet_lock();
		l->gone = !bridge_api_up(&l->m->b, clock_now()); /* killed a moment ago */
		json_t *message = l->gone ? NULL : news(l, s, clock_now());
		fleet_unlock();
		if (message)
			send_message(l, message);
	}
}

/* ---- what is asked ---- */

static void
forget(struct listener *l)
{
	for (size_t i = 0; i < l->subs_n; i++) {
		for (size_t k = 0; k < l->subs[i].told.n; k++)
			free(l->subs[i].told.at[k].text);
		vec_free(&l->subs[i].told);
		free(l->subs[i].info);
	}
	l->subs_n = 0;
}

/* A request replaces all that was subscribed before; whether a real one does is not known. */
static void
subscribe(struct listener *l, json_t *list)
{
	size_t i, k;
	json_t *v, *e;
	forget(l);
	json_array_foreach(list, i, v) {
		const char *type = json_string_value(json_object_get(v, "type"));
		const char *call = json_string_value(json_object_get(v, "call"));
		if (!type || l->subs_n == SUBSCRIPTIONS)
			continue;
		struct subscription *s = &l->subs[l->subs_n++];
		*s = (struct subscription){ .fresh = true };
		s->index = json_integer_value(json_object_get(v, "index"));
		str_copy(s->type, sizeof s->type, type);
		str_copy(s->call, sizeof s->call, call ? call : "");
		json_array_foreach(json_object_get(v, "elements"), k,
			e) if (s->elements_n < ELEMENTS && json_is_string(e))
			str_copy(s->elements[s->elements_n++], sizeof s->elements[0],
				json_string_value(e));
	}
	lab_log(clock_now(), "subscribe", l->m->b.plan->name, NULL);
}

static void
take_text(struct listener *l, const char *text, size_t n)
{
	json_t *j = json_loadb(text, n, 0, NULL), *message = json_object_get(j, "message");
	if (message &&
		str_eq(json_string_value(json_object_get(message, "type")), "subscribeRequest")) {
		json_t *ack = json_pack("{s:s,s:{s:O?,s:s}}", "type", "messageAck", "messageAck",
			"messageId", json_object_get(message, "messageId"), "status", "success");
		char *out = json_dumps(ack, JSON_COMPACT);
		send_frame(l, 1, out, strlen(out));
		free(out);
		json_decref(ack);
		subscribe(l, json_object_get(message, "subscriptions"));
	}
	json_decref(j);
}

/* Takes whole frames off what came; RFC 6455: what a client sends is masked. */
static void
take_frames(struct listener *l)
{
	while (l->in.n >= 2 && !l->gone) {
		uint8_t *p = (uint8_t *)l->in.at;
		size_t n = p[1] & 0x7f, head = 6;
		if (n == 126 && l->in.n >= 4) {
			n = (size_t)p[2] << 8 | p[3];
			head = 8;
		} else if (n >= 126) {
			l->gone = n == 127;
			return;
		}
		if (!(p[1] & 0x80) || n > FRAME_MAX) {
			l->gone = true;
			return;
		}
		if (l->in.n < head + n)
			return;
		for (size_t i = 0; i < n; i++)
			p[head + i] ^= p[head - 4 + i % 4];
		switch (p[0] & 0xf) {
		case 1: take_text(l, (char *)p + head, n); break;
		case 8:
			send_frame(l, 8, (char *)p + head, n);
			l->gone = true;
			break;
		case 9: send_frame(l, 10, (char *)p + head, n); break;
		default: break;
		}
		buf_drop(&l->in, head + n);
	}
}

void
cms_listen(void *owner, int fd, const char *early, size_t early_n, const atomic_bool *stop)
{
	struct listener *l = xalloc(sizeof *l);
	l->m = owner;
	l->fd = fd;
	buf_add(&l->in, early, early_n);
	while (!l->gone && !atomic_load(stop)) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		char bytes[4096];
		take_frames(l);
		if (poll(&p, 1, BEAT_MS) == 1) {
			ssize_t k = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
			l->gone = l->gone || k <= 0;
			if (k > 0)
				buf_add(&l->in, bytes, (size_t)k);
			take_frames(l);
		}
		if (!l->gone)
			tell(l);
	}
	forget(l);
	buf_free(&l->in);
	free(l);
}
