/* Pexip Infinity: legs. Dialling without ever making a second leg, the roster out of one list and
 * one request per measured leg, and the legs that are no longer in the status.
 *
 * Called through the operations in pexip.c. Owns nothing. Must never call a leg up that was not
 * seen up, or give a reason that the history did not give. */
#include "adapters/connect.h"
#include "adapters/internal.h"
#include "adapters/pexip.h"
#include "adapters/wire/query.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

/* WAIT_LISTS: a leg that is gone from the status stands in the history some seconds later; for so
 * many lists it is told as it was. */
enum { RESERVE_MS = 1500, TOLD_MOST = 2, WAIT_LISTS = 3 };

/* ---- the table ----------------------------------------------------------------------------- */

static struct pexip_known *
known(struct pexip_session *s, const char *id)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq_nocase(s->legs[i].id, id))
			return &s->legs[i];
	return NULL;
}

/* When it is full one that was told as gone goes, else the one unseen for longest. */
static struct pexip_known *
know(struct pexip_session *s, const char *id, const char *room)
{
	struct pexip_known *k = known(s, id);
	if (!k && s->n < PEXIP_LEGS_MOST)
		k = &s->legs[s->n++];
	else if (!k)
		for (size_t i = 0; i < s->n; i++)
			if (!k || (s->legs[i].told >= TOLD_MOST) > (k->told >= TOLD_MOST) ||
				s->legs[i].seen < k->seen)
				k = &s->legs[i];
	if (str_eq_nocase(k->id, id))
		return k;
	*k = (struct pexip_known){ .leg.state = LEG_DIALING };
	str_copy(k->id, sizeof k->id, id);
	str_copy(k->room, sizeof k->room, room);
	return k;
}

/* What the status says of it now; the name under which we dialled it stays. */
static void
learn(struct pexip_session *s, const struct leg *told, const char *room)
{
	struct pexip_known *k = know(s, told->id, room);
	/* An id is one call: it does not ring again, and half an answer ends nothing. */
	enum leg_state state = k->was_up && told->state != LEG_UP ? LEG_UP : told->state;
	char name[sizeof k->leg.name], address[sizeof k->leg.address];
	str_copy(name, sizeof name, k->leg.name);
	str_copy(address, sizeof address, k->leg.address);
	k->leg = *told;
	if (k->ours && *name)
		str_copy(k->leg.name, sizeof k->leg.name, name);
	if (k->ours && *address)
		str_copy(k->leg.address, sizeof k->leg.address, address);
	k->leg.configured = k->ours;
	k->leg.state = state;
	k->was_up |= state == LEG_UP;
	k->seen = s->round;
	k->missing = k->told = 0;
}

/* ---- the status ---------------------------------------------------------------------------- */

static enum err
check_leg(struct task *t, const struct lane *l, const struct leg *leg, const char *what)
{
	if (device_is_id(leg->id, PEXIP_ID_SIZE))
		return OK;
	return task_fail(t, ERR_INPUT, "%s on %s: \"%s\" is no leg of it", what, l->device->name,
		leg->id);
}

/*  > GET status/v1/participant/?conference=N  */
static enum err
list_legs(struct task *t, struct lane *l, const struct conference *c)
{
	struct pexip_session *s = l->session;
	struct pexip_items all;
	struct buf path = { 0 };
	buf_puts(&path, "status/v1/participant/");
	query_put(&path, "conference", c->name);
	enum err e = pexip_all(t, l, arena_strdup(t->arena, buf_str(&path)), "list legs", &all);
	buf_free(&path);
	if (e)
		return e;
	s->round++;
	for (size_t i = 0; i < all.n; i++) {
		struct leg leg;
		const char *of = json_text(all.at[i], "conference");
		if (of && !str_eq(of, c->name)) /* a filter that was not understood */
			continue;
		if (pexip_leg(all.at[i], &leg))
			learn(s, &leg, c->name);
	}
	str_copy(s->synced, sizeof s->synced, c->name);
	return OK;
}

/*  > GET status/v1/participant/ID/media_stream/      | 404: it went meanwhile  */
static enum err
measure(struct task *t, struct lane *l, const char *id, struct media_sample *out, bool *out_any)
{
	struct pexip_session *s = l->session;
	const struct json *j;
	*out = (struct media_sample){ 0 };
	*out_any = false;
	enum err e = pexip_ask(t, l, "GET",
		arena_printf(t->arena, "status/v1/participant/%s/media_stream/", id), NULL, true,
		"ask for streams", &j);
	struct pexip_known *k = known(s, id);
	if (k)
		k->looked = s->round;
	if (e == OK)
		*out_any = pexip_media(j, out);
	return e;
}

/*  > GET status/v1/participant/ID/      < {..} | 404: it is over  */
static enum err
ask_leg(struct task *t, struct lane *l, const struct conference *c, const char *id, struct leg *out)
{
	const struct json *j;
	enum err e = pexip_ask(t, l, "GET", arena_printf(t->arena, "status/v1/participant/%s/", id),
		NULL, true, "ask for a leg", &j);
	if (e)
		return e;
	if (!pexip_leg(j, out) || !str_eq_nocase(out->id, id))
		return task_fail(t, ERR_PROTOCOL, "ask for a leg on %s: that leg did not come back",
			l->device->name);
	const char *of = json_text(j, "conference");
	if (of && !str_eq(of, c->name))
		return task_fail(t, ERR_GONE, "ask for a leg on %s: it was moved to %.80s",
			l->device->name, of);
	learn(l->session, out, c->name);
	*out = known(l->session, id)->leg;
	return OK;
}

enum err
pexip_look(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct leg *out)
{
	*out = (struct leg){ 0 };
	enum err e = check_leg(t, l, leg, "ask for a leg");
	if (e == OK)
		e = ask_leg(t, l, c, leg->id, out);
	if (e || out->state != LEG_UP)
		return e;
	return measure(t, l, leg->id, &out->media, &out->sampled);
}

enum err
pexip_sample(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct media_sample *out)
{
	bool any;
	enum err e = check_leg(t, l, leg, "ask for streams");
	*out = (struct media_sample){ 0 };
	return e ? e : measure(t, l, leg->id, out, &any);
}

/* ---- dial ---------------------------------------------------------------------------------- */

/* Not named by the url: the only one there is.
 *  > GET configuration/v1/system_location/  */
static enum err
find_location(struct task *t, struct lane *l)
{
	struct pexip_session *s = l->session;
	struct pexip_items all;
	if (*s->location)
		return OK;
	enum err e = pexip_all(t, l, "configuration/v1/system_location/", "list locations", &all);
	if (e)
		return e;
	const char *name = all.n == 1 ? json_text(all.at[0], "name") : NULL;
	if (str_empty(name))
		return task_fail(t, ERR_INPUT,
			"dial on %s: it has %zu locations: say in the url which one calls "
			"(?location=NAME)",
			l->device->name, all.n);
	str_copy(s->location, sizeof s->location, name);
	return OK;
}

static bool
is_that_dial(const struct pexip_known *k, const struct conference *c, const struct dial *d)
{
	bool h323;
	const char *want = device_target(d->address, &h323), *own;
	if (!str_eq(k->room, c->name) || k->leg.incoming || k->leg.state == LEG_GONE || k->ended ||
		k->hung_up || k->missing)
		return false;
	own = device_target(k->leg.address, &h323);
	return k->ours ? str_eq(k->leg.name, d->leg_name) : own && str_eq_nocase(own, want);
}

/* The leg that this order made before, if it is still there. */
static enum err
made_before(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out, bool *out_there)
{
	struct pexip_session *s = l->session;
	*out_there = false;
	enum err e = str_eq(s->synced, c->name) ? OK : list_legs(t, l, c);
	for (size_t i = 0; e == OK && i < s->n && !*out_there; i++) {
		struct pexip_known *k = &s->legs[i];
		if (!is_that_dial(k, c, d))
			continue;
		k->ours = true;
		str_copy(k->leg.name, sizeof k->leg.name, d->leg_name);
		str_copy(k->leg.address, sizeof k->leg.address, d->address);
		e = ask_leg(t, l, c, k->id, out);
		*out_there = e == OK;
		if (e == ERR_GONE) {
			task_forgive(t);
			k->missing = 1;
			e = OK;
		}
	}
	return e;
}

static void
put_dialled(struct pexip_session *s, const char *id, const struct conference *c,
	const struct dial *d, const char *protocol, struct leg *out)
{
	struct pexip_known *k = know(s, id, c->name);
	k->ours = true;
	k->to_mute = d->muted;
	k->seen = s->round;
	k->leg = (struct leg){ .state = LEG_DIALING, .configured = true };
	str_copy(k->leg.id, sizeof k->leg.id, id);
	str_copy(k->leg.name, sizeof k->leg.name, d->leg_name);
	str_copy(k->leg.address, sizeof k->leg.address, d->address);
	str_copy(k->leg.protocol, sizeof k->leg.protocol, protocol);
	*out = k->leg;
}

/* A host, so that nobody waits for one. Muting is an order of its own once it is up.
 *  > POST command/v1/participant/dial/ {..}      < 202 { "data": { "participant_id" } }  */
static enum err
order_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	const char *target, const char *protocol, struct leg *out)
{
	struct pexip_session *s = l->session;
	const struct json *j;
	int64_t room;
	bool own;
	enum err e = pexip_order(t, l, "command/v1/participant/dial/", false,
		arena_printf(t->arena, "dial %s", target), &j, "conference_alias", s->alias,
		"destination", target, "protocol", protocol, "routing", "manual", "role", "chair",
		"call_type", d->audio_only ? "audio" : "video", "system_location", s->location,
		"remote_display_name", str_empty(d->site_name) ? d->leg_name : d->site_name, NULL);
	/* Rooms reach the nodes within a minute; one of our own is there. */
	bool young = e == ERR_REFUSED && pexip_conference(c->id, &room, &own) && own &&
		     strcasestr(t->why, "neither conference");
	if (young) {
		task_forgive(t);
		return task_fail(t, ERR_BUSY,
			"dial %s on %s: the room was made for this and its nodes do not know it "
			"yet",
			target, l->device->name);
	}
	if (e)
		return e;
	const char *id = json_text(json_get(j, "data"), "participant_id");
	if (!device_is_id(id, PEXIP_ID_SIZE))
		return task_fail(t, ERR_PROTOCOL, "dial %s on %s: the id of the leg was not told",
			target, l->device->name);
	put_dialled(s, id, c, d, protocol, out);
	return OK;
}

enum err
pexip_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out)
{
	bool there, h323;
	const char *target = device_target(d->address, &h323), *protocol = h323 ? "h323" : "sip";
	if (!target || str_empty(d->leg_name))
		return task_fail(t, ERR_INPUT, "dial %s on %s: %s", d->address ? d->address : "",
			l->device->name, target ? "no name" : "no address");
	enum err e = pexip_alias(t, l, c);
	if (e == OK)
		e = find_location(t, l);
	if (e == OK)
		e = made_before(t, l, c, d, out, &there);
	if (e || there)
		return e;
	for (int round = 0; round < 2; round++) {
		e = order_dial(t, l, c, d, target, protocol, out);
		if (!device_cut_off(t, e))
			return e;
		task_forgive(t);
		((struct pexip_session *)l->session)->synced[0] = '\0';
		e = made_before(t, l, c, d, out, &there);
		if (e || there)
			return e;
	}
	return task_fail(t, ERR_TIMEOUT, "dial %s on %s: the device closed the connection twice",
		target, l->device->name);
}

/* ---- reason -------------------------------------------------------------------------------- */

/*  > GET history/v1/participant/ID/      < { "disconnect_reason" } | 404: not yet, or never  */
static enum err
ask_history(struct task *t, struct lane *l, const char *id, bool was_up, struct ending *out)
{
	const struct json *j;
	*out = (struct ending){ 0 };
	enum err e =
		pexip_ask(t, l, "GET", arena_printf(t->arena, "history/v1/participant/%s/", id),
			NULL, true, "ask why a leg ended", &j);
	if (e)
		return e;
	if (!str_eq_nocase(json_text(j, "id"), id))
		return task_fail(t, ERR_PROTOCOL, "ask why a leg ended on %s: it is another leg's",
			l->device->name);
	*out = pexip_ending(json_text(j, "disconnect_reason"), was_up);
	return OK;
}

enum err
pexip_reason(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct ending *out)
{
	enum err e = check_leg(t, l, leg, "ask why a leg ended");
	struct pexip_session *s = l->session;
	const struct pexip_known *k = e || !s ? NULL : known(s, leg->id);
	if (k && k->ended) {
		*out = k->leg.ending;
		return OK;
	}
	if (e == OK)
		e = ask_history(t, l, leg->id, !k || k->was_up, out);
	if (e != ERR_GONE || !k || !k->hung_up)
		return e;
	task_forgive(t); /* the history does not tell yet, and need not */
	*out = (struct ending){ .cause = CAUSE_OUR_HANGUP };
	return OK;
}

/* ---- roster -------------------------------------------------------------------------------- */

/* No longer in the status: why is told by the history, later. Until then, for some lists, it is as
 * it was; told twice as gone, in case the first time was not heard, and then forgotten. */
static enum err
put_missing(struct task *t, struct lane *l, struct pexip_known *k, struct roster *out)
{
	struct ending ending;
	if (k->told >= TOLD_MOST)
		return OK;
	if (!k->ended) {
		enum err e = ask_history(t, l, k->id, k->was_up, &ending);
		if (e && e != ERR_GONE)
			return e;
		if (e)
			task_forgive(t);
		k->ended = e == OK;
		k->leg.ending = k->ended ? ending
					 : (struct ending){ .cause = k->hung_up ? CAUSE_OUR_HANGUP
										: CAUSE_UNKNOWN };
		k->missing++;
	}
	if (k->ended || k->hung_up || k->missing > WAIT_LISTS) {
		k->leg.state = LEG_GONE;
		k->told++;
	}
	out->legs[out->n++] = k->leg;
	return OK;
}

/* Dialled to be muted, and up now: the order to dial has no word for it. */
static enum err
mute_late(struct task *t, struct lane *l, struct pexip_known *k)
{
	if (!k->to_mute || k->leg.state != LEG_UP)
		return OK;
	k->to_mute = false;
	if (k->leg.muted == YES)
		return OK;
	enum err e = pexip_order(t, l, "command/v1/participant/mute/", true, "mute", NULL,
		"participant_id", k->id, NULL);
	if (e == OK)
		k->leg.muted = YES;
	if (e != ERR_GONE && e != ERR_REFUSED)
		return e;
	task_forgive(t); /* it went, or cannot be muted: its list says how it is */
	return OK;
}

/* Those not measured for longest first. */
static int
by_need(const void *a, const void *b)
{
	const struct pexip_known *x = *(struct pexip_known *const *)a,
				 *y = *(struct pexip_known *const *)b;
	if (x->looked != y->looked)
		return x->looked < y->looked ? -1 : 1;
	return strcmp(x->id, y->id);
}

static enum err
put_listed(struct task *t, struct lane *l, struct pexip_known *k, struct roster *out)
{
	struct leg *leg = &out->legs[out->n];
	enum err e = mute_late(t, l, k);
	if (e)
		return e;
	*leg = k->leg;
	if (leg->state == LEG_UP && task_left(t) > RESERVE_MS)
		e = measure(t, l, k->id, &leg->media, &leg->sampled);
	if (e == ERR_GONE || e == ERR_BUSY) {
		task_forgive(t);
		e = OK;
	}
	out->n += e == OK;
	return e;
}

enum err
pexip_roster(struct task *t, struct lane *l, const struct conference *c, struct roster *out)
{
	struct pexip_session *s = l->session;
	size_t n = 0;
	*out = (struct roster){ 0 };
	enum err e = s ? list_legs(t, l, c)
		       : task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	if (e)
		return e;
	struct pexip_known **order = arena_alloc(t->arena, (s->n + 1) * sizeof *order);
	out->legs = arena_alloc(t->arena, (s->n + 1) * sizeof *out->legs);
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->legs[i].room, c->name) && s->legs[i].seen == s->round)
			order[n++] = &s->legs[i];
	qsort(order, n, sizeof *order, by_need);
	for (size_t i = 0; e == OK && i < n; i++)
		e = put_listed(t, l, order[i], out);
	for (size_t i = 0; e == OK && i < s->n; i++)
		if (str_eq(s->legs[i].room, c->name) && s->legs[i].seen != s->round)
			e = put_missing(t, l, &s->legs[i], out);
	return e;
}

/* ---- orders -------------------------------------------------------------------------------- */

/*  > POST command/v1/participant/disconnect/ { participant_id }      < 202 | 404  */
enum err
pexip_hangup(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	enum err e = check_leg(t, l, leg, "hang up");
	if (e == OK)
		e = pexip_order(t, l, "command/v1/participant/disconnect/", true, "hang up", NULL,
			"participant_id", leg->id, NULL);
	struct pexip_known *k = e ? NULL : known(l->session, leg->id);
	if (k)
		k->hung_up = true;
	return e;
}

enum err
pexip_mute(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg, bool on)
{
	enum err e = check_leg(t, l, leg, on ? "mute" : "unmute");
	struct pexip_known *k = e || !l->session ? NULL : known(l->session, leg->id);
	if (k)
		k->to_mute = false;
	return e ? e
		 : pexip_order(t, l,
			   on ? "command/v1/participant/mute/" : "command/v1/participant/unmute/",
			   true, on ? "mute" : "unmute", NULL, "participant_id", leg->id, NULL);
}
