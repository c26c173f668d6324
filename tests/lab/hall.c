/* Conferences and legs of the simulated management platforms. Called by pexip.c, smc3.c, smc2.c,
 * bbb.c and hall_doors.c under the fleet's lock. Owns rooms and legs until the process ends. Must
 * never open a socket or ask the time. */
#include "hall.h"

#include "base/str.h"
#include "base/vis.h"
#include "log.h"

#include <stdlib.h>
#include <string.h>

static void
changed(struct bridge *b, struct bridge_leg *l, int64_t now)
{
	struct hall *h = (struct hall *)b;
	/* a restart forgets all of them */
	if (l->leg.phase == PHASE_DISCONNECTED && !h->kind->keeps_ended)
		l->dead = true;
}

static struct hall_leg *
leg_add(struct hall *h, struct hall_room *r, const char *address, const char *label)
{
	struct hall_leg *l = xalloc(sizeof *l);
	bridge_id(&h->b, l->id);
	l->room = r;
	l->b.room = r->name;
	str_copy(l->address, sizeof l->address, address);
	str_copy(l->b.address, sizeof l->b.address, address);
	str_copy(l->label, sizeof l->label, label);
	str_copy(l->b.name, sizeof l->b.name, label);
	*vec_add(&h->b.legs) = &l->b;
	return l;
}

/* The newest conference that is not the one kept for people who were moved. */
static struct bridge_leg *
adopt(struct bridge *b, struct site *s, struct bridge_leg *from, int64_t now)
{
	static const char other[] = "phong khac";
	struct hall *h = (struct hall *)b;
	struct hall_room *r = NULL;
	for (size_t i = h->rooms.n; i-- > 0 && !r;)
		if (!h->rooms.at[i]->gone && str_eq(h->rooms.at[i]->name, other) == (from != NULL))
			r = h->rooms.at[i];
	if (from && !r)
		r = hall_room_add(h, other, now);
	return r ? &leg_add(h, r, s->plan->address, s->plan->name)->b : NULL;
}

static void
restarted(struct bridge *b, int64_t now)
{
	struct hall *h = (struct hall *)b;
	memset(h->sessions, 0, sizeof h->sessions);
}

static const struct bridge_kind kind_of_bridge = {
	.changed = changed,
	.adopt = adopt,
	.restarted = restarted,
	.by_person = HALL_BY_PERSON,
	.moved = HALL_MOVED,
};

void
hall_open(struct hall *h, const struct hall_kind *kind, const struct lab_mcu *plan, int64_t now)
{
	h->kind = kind;
	h->b.plan = plan;
	h->b.kind = &kind_of_bridge;
	h->b.started = now - 9 * 86400000LL;
	if (!kind->room)
		return;
	struct hall_room *r = hall_room_add(h, kind->room, h->b.started);
	str_copy(r->alias, sizeof r->alias, kind->room);
}

void
hall_free(struct hall *h)
{
	for (size_t i = 0; i < h->b.legs.n; i++)
		free(h->b.legs.at[i]);
	for (size_t i = 0; i < h->rooms.n; i++)
		free(h->rooms.at[i]);
	vec_free(&h->b.legs);
	vec_free(&h->rooms);
	free(h);
}

/* ---- rooms ---- */

struct hall_room *
hall_room(struct hall *h, const char *id)
{
	for (size_t i = 0; i < h->rooms.n; i++)
		if (!h->rooms.at[i]->gone && str_eq_nocase(h->rooms.at[i]->id, id))
			return h->rooms.at[i];
	return NULL;
}

struct hall_room *
hall_room_named(struct hall *h, const char *name)
{
	for (size_t i = 0; i < h->rooms.n; i++)
		if (!h->rooms.at[i]->gone && str_eq(h->rooms.at[i]->name, name))
			return h->rooms.at[i];
	return NULL;
}

struct hall_room *
hall_room_numbered(struct hall *h, int64_t number)
{
	for (size_t i = 0; i < h->rooms.n; i++)
		if (!h->rooms.at[i]->gone && h->rooms.at[i]->number == number)
			return h->rooms.at[i];
	return NULL;
}

struct hall_room *
hall_room_add(struct hall *h, const char *name, int64_t now)
{
	struct hall_room *r = xalloc(sizeof *r);
	bridge_id(&h->b, r->id);
	r->number = ++h->numbers;
	r->made = now;
	str_copy(r->name, sizeof r->name, name);
	*vec_add(&h->rooms) = r;
	lab_log(now, "conference", h->b.plan->name, "conference", name, NULL);
	return r;
}

void
hall_room_empty(struct hall *h, struct hall_room *r, int64_t now)
{
	for (size_t i = 0; i < h->b.legs.n; i++) {
		struct hall_leg *l = (struct hall_leg *)h->b.legs.at[i];
		if (l->room == r && hall_is_live(l))
			bridge_hang(&h->b, &l->b, now, HALL_ALL_ENDED);
	}
	lab_log(now, "conference-end", h->b.plan->name, "conference", r->name, NULL);
}

/* ---- legs ---- */

bool
hall_is_live(const struct hall_leg *l)
{
	enum phase p = l->b.leg.phase;
	return p == PHASE_PROCEEDING || p == PHASE_ALERTING || p == PHASE_CONNECTED;
}

struct hall_leg *
hall_leg_at(struct hall *h, const struct hall_room *r, size_t i)
{
	for (size_t k = 0; k < h->b.legs.n; k++) {
		struct hall_leg *l = (struct hall_leg *)h->b.legs.at[k];
		if (!l->b.dead && !l->removed && (!r || l->room == r) && i-- == 0)
			return l;
	}
	return NULL;
}

struct hall_leg *
hall_leg(struct hall *h, const char *id)
{
	for (size_t i = 0; i < h->b.legs.n; i++) {
		struct hall_leg *l = (struct hall_leg *)h->b.legs.at[i];
		if (str_eq_nocase(l->id, id))
			return l;
	}
	return NULL;
}

struct hall_leg *
hall_dial(struct hall *h, struct hall_room *r, const char *address, const char *label, bool muted,
	int64_t now)
{
	struct hall_leg *l = leg_add(h, r, address, label);
	l->b.leg.muted = muted; /* so from the beginning: nobody was muted */
	bridge_dial(&h->b, &l->b, now);
	return l;
}

/* ---- sessions ---- */

struct hall_session *
hall_session_add(struct hall *h, const char *user, int64_t mono)
{
	struct hall_session *s = &h->sessions[0];
	for (size_t i = 1; i < HALL_SESSIONS; i++) /* a free one, else the one silent for longest */
		if (h->sessions[i].last < s->last)
			s = &h->sessions[i];
	*s = (struct hall_session){ .last = mono };
	bridge_id(&h->b, s->id);
	str_copy(s->user, sizeof s->user, user);
	return s;
}

struct hall_session *
hall_session(struct hall *h, const char *id, int64_t patience, int64_t mono)
{
	for (size_t i = 0; *id && i < HALL_SESSIONS; i++) {
		struct hall_session *s = &h->sessions[i];
		if (!str_eq(s->id, id))
			continue;
		if (mono - s->last > patience) {
			*s = (struct hall_session){ 0 };
			return NULL;
		}
		s->last = mono;
		return s;
	}
	return NULL;
}

/* ---- JSON ---- */

static void
put_key(struct buf *b, const char *key)
{
	if (b->n && !strchr("{[:", b->at[b->n - 1]))
		buf_putc(b, ',');
	if (key)
		buf_printf(b, "\"%s\":", key);
}

void
hall_text(struct buf *b, const char *key, const char *value)
{
	put_key(b, key);
	if (!value) {
		buf_puts(b, "null");
		return;
	}
	buf_putc(b, '"');
	vis_json(b, value);
	buf_putc(b, '"');
}

void
hall_number(struct buf *b, const char *key, int64_t value)
{
	put_key(b, key);
	buf_printf(b, "%lld", (long long)value);
}

void
hall_bool(struct buf *b, const char *key, bool value)
{
	put_key(b, key);
	buf_puts(b, value ? "true" : "false");
}

void
hall_open_part(struct buf *b, const char *key, char bracket)
{
	put_key(b, key);
	buf_putc(b, bracket);
}

const char *
hall_string(json_t *from, const char *key)
{
	const char *s = json_string_value(json_object_get(from, key));
	return s ? s : "";
}

/* ---- Huawei ---- */

/* Of the vendor's texts for SMC 3.0 and its reference for SMC 2.0; not known which one a dead line
 * or a restart really gets */
int
hall_huawei_number(const char *why)
{
	static const struct {
		const char *why;
		int number;
	} table[] = {
		{ "busy", 117 },
		{ "rejected", 115 },
		{ "noAnswer", 129 },
		{ "destinationUnreachable", 131081 },
		{ "dnsFailed", 110 },
		{ "noGatekeeperForDN", 110 },
		{ "capabilityNegotiationError", 131088 },
		{ "portAllocationExceeded", 111 },
		{ "remoteTeardown", 196622 },
		{ "networkError", 196634 },
		{ HALL_BY_ORDER, 196619 },
		{ HALL_BY_PERSON, 196620 },
		{ HALL_MOVED, 196614 },
		{ "restart", 196626 },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (str_eq(why, table[i].why))
			return table[i].number;
	return 224;
}
