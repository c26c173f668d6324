/* Polycom RMX: legs. Dialling without ever making a second party, the roster out of increments,
 * one party's figures and end.
 *
 * Called through the operations in poly_rmx.c. Owns nothing. Must never report a party in state 8
 * or 10 as one whose media are well: it is in the room, and its picture or more is not. */
#include "adapters/poly_rmx.h"

#include "adapters/connect.h"
#include "base/str.h"
#include "base/vis.h"

#include <stdlib.h>

enum { RESERVE_MS = 1500, MEASURED_MOST = 16, TOLD_MOST = 2, POLL_MS = 250, POLLS_MOST = 100 };

static enum err
check_leg(struct task *t, const struct lane *l, const struct leg *leg, const char *what)
{
	if (rmx_is_id(leg->id))
		return OK;
	return task_fail(t, ERR_INPUT, "%s on %s: \"%s\" is no party of this MCU", what,
		l->device->name, leg->id);
}

/* An order about one party. A refusal of one that is no longer there says so. */
static enum err
order(struct task *t, struct lane *l, const struct conference *c, const char *party,
	const char *verb, const char *inside, bool again, const char *what)
{
	struct rmx_room *room;
	char why[sizeof t->why];
	enum err e = rmx_ask(t, l, "TRANS_CONF_2",
		arena_printf(t->arena, "<%s><ID>%s</ID>%s<PARTY_ID>%s</PARTY_ID></%s>", verb, c->id,
			inside, party, verb),
		again, what, NULL);
	if (e != ERR_REFUSED)
		return e;
	str_copy(why, sizeof why, t->why);
	task_forgive(t);
	e = rmx_refresh(t, l, c, &room);
	if (e)
		return e;
	const struct rmx_party *p = rmx_known(room, party);
	return task_fail(t, p && !p->removed ? ERR_REFUSED : ERR_GONE, "%s", why);
}

/* ---- dial ---------------------------------------------------------------------------------- */

static struct rmx_party *
named(struct rmx_room *room, const char *name)
{
	struct rmx_party *found = NULL;
	for (size_t i = 0; i < room->n; i++) {
		struct rmx_party *p = &room->parties[i];
		if (!p->removed && !p->leg.incoming && str_eq(p->leg.name, name) &&
			(!found || found->state == RMX_DISCONNECTED))
			found = p;
	}
	return found;
}

static bool
under_way(const struct rmx_party *p)
{
	switch (p->state) {
	case RMX_CONNECTED:
	case RMX_CONNECTING:
	case RMX_PARTIALLY:
	case RMX_SECONDARY:
	case RMX_PROBLEM:
	case RMX_REDIALING: return true;
	default: return false;
	}
}

static bool
same_address(struct arena *a, const char *kept, const char *wanted)
{
	struct rmx_target x, y;
	return rmx_target(a, kept, &x) && rmx_target(a, wanted, &y) &&
	       str_eq(x.interface, y.interface) && str_eq(x.ip, y.ip) &&
	       str_eq_nocase(x.alias, y.alias);
}

static void
put(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, "<%s>", name);
	vis_xml(b, value);
	buf_printf(b, "</%s>", name);
}

/* In the order of the recorded block. */
static void
put_party(struct buf *b, const struct conference *c, const char *name, const struct rmx_target *w)
{
	buf_puts(b, "<ADD_PARTY>");
	put(b, "ID", c->id);
	buf_puts(b, "<PARTY>");
	put(b, "NAME", name);
	buf_puts(b, "<ID/>");
	put(b, "INTERFACE", w->interface);
	buf_puts(b, "<CONNECTION>dial_out</CONNECTION><VIDEO_PROTOCOL>auto</VIDEO_PROTOCOL>"
		    "<CALL_CONTENT>framed</CALL_CONTENT><ALIAS>");
	put(b, "NAME", w->alias);
	put(b, "ALIAS_TYPE", w->alias_type);
	buf_puts(b, "</ALIAS>");
	put(b, "IP", w->ip);
	buf_printf(b,
		"<SIGNALING_PORT>%d</SIGNALING_PORT><VIDEO_BIT_RATE>automatic</VIDEO_BIT_RATE>"
		"<LAYOUT_TYPE>conference</LAYOUT_TYPE>",
		w->port);
	put(b, "SIP_ADDRESS", w->sip);
	buf_puts(b, "<SIP_ADDRESS_TYPE>uri_type</SIP_ADDRESS_TYPE><NODE_TYPE>terminal</NODE_TYPE>"
		    "<ENCRYPTION_EX>auto</ENCRYPTION_EX><CASCADE><CASCADE_ROLE>none</"
		    "CASCADE_ROLE></CASCADE>"
		    "<ENDPOINT_MEDIA_TYPE>avc</ENDPOINT_MEDIA_TYPE></PARTY></ADD_PARTY>");
}

static void
put_dialling(struct arena *a, const struct dial *d, const char *id, struct leg *out)
{
	struct rmx_target w;
	*out = (struct leg){ .state = LEG_DIALING, .configured = true };
	str_copy(out->id, sizeof out->id, id);
	str_copy(out->name, sizeof out->name, d->leg_name);
	str_copy(out->address, sizeof out->address, d->address);
	rmx_target(a, d->address, &w);
	str_copy(out->protocol, sizeof out->protocol, w.interface);
}

/* No element of the party mutes it: the order follows at once, and the list tells whether it was
 * taken. */
static enum err
mute_new(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *leg)
{
	if (!d->muted)
		return OK;
	enum err e = order(t, l, c, leg->id, "SET_AUDIO_VIDEO_MUTE",
		"<AUDIO_MUTE>true</AUDIO_MUTE><VIDEO_MUTE>false</VIDEO_MUTE>", true, "mute");
	if (e == OK)
		leg->muted = YES;
	if (e != ERR_REFUSED && e != ERR_GONE && e != ERR_BUSY)
		return e;
	task_forgive(t); /* too early: whoever watches the list mutes it again */
	return OK;
}

/* Accepted, and its number not told: the list shows it soon. */
static enum err
await(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out)
{
	for (int i = 0; i < POLLS_MOST; i++) {
		struct rmx_room *room;
		enum err e = rmx_refresh(t, l, c, &room);
		if (e)
			return e;
		const struct rmx_party *p = named(room, d->leg_name);
		if (p) {
			*out = p->leg;
			if (out->state == LEG_NEW)
				out->state = LEG_DIALING;
			return OK;
		}
		e = task_sleep(t, POLL_MS);
		if (e)
			return e;
	}
	return task_fail(t, ERR_TIMEOUT, "dial %s on %s: in progress, and not there yet",
		d->address, l->device->name);
}

/*  > SET_CONNECT { ID, CONNECT true, PARTY_ID }      < 0 | 1: in progress  */
static enum err
connect_again(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct rmx_party *p, struct leg *out)
{
	char id[RMX_ID_SIZE];
	str_copy(id, sizeof id, p->leg.id);
	/* Cut off, the list tells: a second order for one that is called already may be refused. */
	enum err e =
		order(t, l, c, id, "SET_CONNECT", "<CONNECT>true</CONNECT>", false, "dial again");
	if (e)
		return e;
	/* The list may tell nothing new until it changes. */
	p->was_up = p->dropped = false;
	p->leg.state = LEG_DIALING;
	p->state = RMX_CONNECTING;
	p->leg.ending = (struct ending){ 0 };
	put_dialling(t->arena, d, id, out);
	return OK;
}

static enum err
add(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	const struct rmx_target *w, struct leg *out)
{
	struct buf b = { 0 };
	struct rmx_answer a;
	put_party(&b, c, d->leg_name, w);
	enum err e = rmx_ask(t, l, "TRANS_CONF_1", buf_str(&b), false,
		arena_printf(t->arena, "dial %s", d->address), &a);
	buf_free(&b);
	if (e)
		return e;
	const struct xml *made = rmx_find(a.root, "ADD_PARTY");
	const char *inside = xml_text(made, "PARTY/ID"),
		   *id = rmx_is_id(inside) ? inside : xml_text(made, "ID");
	/* The number of the conference alone says nothing about the party. */
	if (a.status == 1 || !rmx_is_id(id) || (id != inside && str_eq(id, c->id)))
		return await(t, l, c, d, out);
	put_dialling(t->arena, d, id, out);
	return OK;
}

/* list -> under way: that is the leg
 *      -> ended: the same order: SET_CONNECT; another: DELETE_PARTY, ADD_PARTY
 *      -> nobody: ADD_PARTY; cut off: list again, and add once more only if nobody is there */
enum err
rmx_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out)
{
	struct rmx_target w;
	if (!rmx_target(t->arena, d->address, &w) || str_empty(d->leg_name))
		return task_fail(t, ERR_INPUT, "dial on %s: no address", l->device->name);
	if (d->audio_only)
		return task_fail(t, ERR_UNSUPPORTED,
			"dial %s on %s: this MCU cannot dial without video", d->address,
			l->device->name);
	enum err e = OK;
	for (int round = 0; round < 2; round++) {
		struct rmx_room *room;
		e = rmx_refresh(t, l, c, &room);
		if (e)
			return e;
		struct rmx_party *p = named(room, d->leg_name);
		if (p && under_way(p)) {
			p->dropped = false; /* who dials knows that it ended */
			*out = p->leg;
			return OK;
		}
		if (p && same_address(t->arena, p->leg.address, d->address)) {
			e = connect_again(t, l, c, d, p, out);
		} else {
			if (p)
				e = order(t, l, c, p->leg.id, "DELETE_PARTY", "", true,
					"replace a party");
			if (e == ERR_GONE) { /* deleted by the order whose answer was lost */
				task_forgive(t);
				e = OK;
			}
			if (e == OK)
				e = add(t, l, c, d, &w, out);
		}
		if (e == OK)
			return mute_new(t, l, c, d, out);
		if (!device_cut_off(t, e))
			return e;
		task_forgive(t);
	}
	return task_fail(t, ERR_TIMEOUT, "dial %s on %s: the device closed the connection twice",
		d->address, l->device->name);
}

/* ---- one party ----------------------------------------------------------------------------- */

/*  > TRANS_PARTY GET { CONF_ID, PARTY_ID }     < 40 kB: IP_MONITOR_CHANNELS, remote capabilities
 * .. */
static enum err
measure(struct task *t, struct lane *l, struct rmx_room *room, struct rmx_party *p, struct leg *out)
{
	struct rmx_answer a;
	struct media_sample sample;
	char ip[sizeof p->leg.remote_ip];
	enum err e = rmx_ask(t, l, "TRANS_PARTY",
		arena_printf(t->arena, "<GET><CONF_ID>%s</CONF_ID><PARTY_ID>%s</PARTY_ID></GET>",
			room->id, p->leg.id),
		true, "measure a party", &a);
	if (e)
		return e;
	p->measured = room->used;
	const struct xml *ongoing = rmx_find(a.root, "ONGOING_PARTY");
	const char *whose = xml_text(ongoing, "PARTY/ID");
	if (!str_empty(whose) && !str_eq(whose, p->leg.id))
		return task_fail(t, ERR_PROTOCOL, "measure %s on %s: it told of another party",
			p->leg.name, l->device->name);
	if (!str_empty(whose))
		rmx_party(ongoing, p);
	bool any = rmx_media(a.root, p->state, &sample, ip, sizeof ip);
	if (*ip)
		str_copy(p->leg.remote_ip, sizeof p->leg.remote_ip, ip);
	*out = p->leg;
	/* The device itself says that something is wrong with it: its figures prove nothing. */
	if (p->leg.state != LEG_UP || p->state == RMX_PROBLEM || !any)
		return OK;
	out->sampled = true;
	out->media = sample;
	return OK;
}

/* Brings the list up to date and finds the party in it. */
static enum err
party_of(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	const char *what, struct rmx_room **room, struct rmx_party **out)
{
	enum err e = check_leg(t, l, leg, what);
	if (e == OK)
		e = rmx_refresh(t, l, c, room);
	if (e)
		return e;
	*out = rmx_known(*room, leg->id);
	if (*out && !(*out)->removed)
		return OK;
	return task_fail(t, ERR_GONE, "%s %s on %s: not there", what, leg->name, l->device->name);
}

enum err
rmx_look(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct leg *out)
{
	struct rmx_room *room;
	struct rmx_party *p;
	*out = (struct leg){ 0 };
	enum err e = party_of(t, l, c, leg, "look at", &room, &p);
	if (e)
		return e;
	*out = p->leg;
	return p->leg.state == LEG_UP ? measure(t, l, room, p, out) : OK;
}

enum err
rmx_media_of(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct media_sample *out)
{
	struct leg now;
	enum err e = rmx_look(t, l, c, leg, &now);
	*out = now.media;
	return e;
}

enum err
rmx_reason(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct ending *out)
{
	struct rmx_room *room;
	*out = (struct ending){ 0 };
	enum err e = check_leg(t, l, leg, "ask for an end");
	if (e == OK)
		e = rmx_refresh(t, l, c, &room);
	if (e)
		return e;
	const struct rmx_party *p = rmx_known(room, leg->id);
	if (!p)
		return task_fail(
			t, ERR_GONE, "why %s ended on %s: not there", leg->name, l->device->name);
	if (p->leg.state != LEG_GONE)
		return device_not_ended(t, l, leg);
	*out = p->leg.ending;
	return OK;
}

/* The party stays in the list, with its reason. */
enum err
rmx_hangup(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	enum err e = check_leg(t, l, leg, "hang up");
	return e ? e
		 : order(t, l, c, leg->id, "SET_CONNECT", "<CONNECT>false</CONNECT>", true,
			   "hang up");
}

/* Both kinds go in one order: the picture stays as the list told it. */
enum err
rmx_mute(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg, bool on)
{
	struct rmx_room *room;
	struct rmx_party *p;
	enum err e = party_of(t, l, c, leg, on ? "mute" : "unmute", &room, &p);
	if (e)
		return e;
	return order(t, l, c, leg->id, "SET_AUDIO_VIDEO_MUTE",
		arena_printf(t->arena, "<AUDIO_MUTE>%s</AUDIO_MUTE><VIDEO_MUTE>%s</VIDEO_MUTE>",
			on ? "true" : "false", p->video_muted == YES ? "true" : "false"),
		true, on ? "mute" : "unmute");
}

/* ---- roster -------------------------------------------------------------------------------- */

static int
by_measured(const void *a, const void *b)
{
	const struct rmx_party *x = *(struct rmx_party *const *)a,
			       *y = *(struct rmx_party *const *)b;
	if (x->measured != y->measured)
		return x->measured < y->measured ? -1 : 1;
	return x < y ? -1 : 1;
}

/* One document of 40 kB per party: a few each time, those longest not asked for first. */
static enum err
measure_some(struct task *t, struct lane *l, struct rmx_room *room, struct roster *out)
{
	struct rmx_party **up = arena_alloc(t->arena, (room->n + 1) * sizeof *up);
	size_t n = 0;
	for (size_t i = 0; i < out->n; i++)
		if (out->legs[i].state == LEG_UP)
			up[n++] = rmx_known(room, out->legs[i].id);
	qsort(up, n, sizeof *up, by_measured);
	for (size_t i = 0; i < n && i < MEASURED_MOST && task_left(t) > RESERVE_MS; i++) {
		struct leg leg;
		enum err e = measure(t, l, room, up[i], &leg);
		if (e == ERR_REFUSED ||
			e == ERR_BUSY) { /* it went, or has no time: the others still tell */
			task_forgive(t);
			continue;
		}
		if (e)
			return e;
		for (size_t k = 0; k < out->n; k++)
			if (str_eq(out->legs[k].id, leg.id))
				out->legs[k] = leg;
	}
	return OK;
}

enum err
rmx_roster(struct task *t, struct lane *l, const struct conference *c, struct roster *out)
{
	struct rmx_room *room;
	*out = (struct roster){ 0 };
	enum err e = rmx_refresh(t, l, c, &room);
	if (e)
		return e;
	out->legs = arena_alloc(t->arena, (room->n + 1) * sizeof *out->legs);
	for (size_t i = 0; i < room->n; i++) {
		struct rmx_party *p = &room->parties[i];
		if (p->removed && p->told >= TOLD_MOST)
			continue;
		p->told += p->removed;
		struct leg *leg = &out->legs[out->n++];
		*leg = p->leg;
		if (p->dropped && leg->state != LEG_GONE) {
			leg->state = LEG_GONE;
			leg->ending = (struct ending){ 0 };
		}
		p->dropped = false;
	}
	return measure_some(t, l, room, out);
}
