/* Cisco TelePresence MCU (Codian): legs. Dialling without ever making a second leg, the roster, one
 * leg's figures and end.
 *
 * Called through the operations in cisco_mcu.c. Owns nothing. Must never add a participant again
 * without having asked the device what became of the last order. */
#include "adapters/cisco_mcu.h"

#include "adapters/connect.h"
#include "base/buf.h"
#include "base/str.h"

enum { MOST_LEGS = 5000 };

/* ---- what a session remembers -------------------------------------------------------------- */

struct cisco_known *
cisco_known(const struct lane *l, const char *id)
{
	struct cisco_session *s = l->session;
	for (struct cisco_known *p = s ? s->known : NULL; p; p = p->next)
		if (str_eq(p->id, id))
			return p;
	return NULL;
}

struct cisco_known *
cisco_keep(const struct lane *l, const char *id)
{
	struct cisco_session *s = l->session;
	struct cisco_known *p = cisco_known(l, id);
	if (p || !s || s->known_n >= MOST_LEGS)
		return p;
	p = arena_alloc(l->arena, sizeof *p);
	*p = (struct cisco_known){ .next = s->known };
	str_copy(p->id, sizeof p->id, id);
	s->known = p;
	s->known_n++;
	return p;
}

/* An MCU's leg keeps its id when it is dialled again, by whichever session: what one of several saw
 * last says nothing then. */
void
cisco_settle(const struct lane *l, struct leg *leg)
{
	struct cisco_known *k = cisco_known(l, leg->id);
	if (leg->state == LEG_UP)
		k = cisco_keep(l, leg->id);
	bool dropped = k && k->was_up && leg->state != LEG_UP && leg->state != LEG_GONE &&
		       (cisco_is_tps(l) || l->device->width <= 1);
	if (k)
		k->was_up = leg->state == LEG_UP;
	if (!dropped)
		return;
	leg->state = LEG_GONE;
	leg->ending = (struct ending){ 0 };
}

/* ---- one leg ------------------------------------------------------------------------------- */

/*  > participant.status { who, operationScope [currentState, configuredState] }
 *  < { currentState {}, configuredState {} }  |  fault 5: nobody of that name  */
static enum err
status_of(struct task *t, struct lane *l, const struct conference *c, const char *id,
	struct leg *out, const struct xmlrpc **out_answer)
{
	static const char *const scope[] = { "currentState", "configuredState", NULL };
	struct leg asked = { 0 };
	struct cisco_party who;
	struct buf call = { 0 };
	const struct xmlrpc *v;
	str_copy(asked.id, sizeof asked.id, id);
	enum err e = cisco_begin_leg(t, l, &call, "participant.status", c, &asked);
	if (e)
		return e;
	xmlrpc_add_strings(&call, "operationScope", scope);
	e = cisco_again(t, l, &call, "ask for a leg", &v);
	if (e)
		return e;
	const struct xmlrpc *now = xmlrpc_get(v, "currentState");
	cisco_leg_party(asked.id, &who);
	cisco_leg_name(out, &who);
	cisco_leg_state(out, now ? now : v);
	if (out_answer)
		*out_answer = v;
	return OK;
}

static bool
under_way(const struct leg *leg)
{
	return leg->state == LEG_UP || leg->state == LEG_DIALING || leg->state == LEG_RINGING;
}

/* What the device would dial again on participant.connect is not what is asked now. */
static bool
other_order(const struct xmlrpc *status, const struct leg *there, const struct dial *d)
{
	const struct xmlrpc *kept = xmlrpc_get(status, "configuredState");
	const char *protocol, *want, *has;
	cisco_address(d->address, &protocol, &want);
	cisco_address(xmlrpc_text(kept, "address", there->address), &protocol, &has);
	if (!str_empty(has) && !str_eq_nocase(has, want))
		return true;
	enum tri muted = xmlrpc_tri(kept, "audioRxMuted");
	if (muted && muted != tri_of(d->muted))
		return true;
	struct figure kbps = xmlrpc_figure(kept, "maxBitRateToMCU");
	return d->kbps && kbps.known && kbps.v != d->kbps;
}

static void
put_dial(struct buf *call, const struct dial *d)
{
	char shown[CISCO_NAME_MAX + 1];
	const char *protocol, *rest;
	cisco_address(d->address, &protocol, &rest);
	cisco_cut(shown, sizeof shown, CISCO_NAME_MAX, d->site_name);
	xmlrpc_add_string(call, "address", rest);
	xmlrpc_add_bool(call, "deferConnection", false);
	xmlrpc_add_bool(call, "addResponse", true);
	xmlrpc_add_bool(call, "audioRxMuted", d->muted);
	if (*shown) {
		xmlrpc_add_string(call, "displayNameOverrideValue", shown);
		xmlrpc_add_bool(call, "displayNameOverrideStatus", true);
	}
	if (d->kbps > 0) {
		xmlrpc_add_int(call, "maxBitRateToMCU", d->kbps);
		xmlrpc_add_int(call, "maxBitRateFromMCU", d->kbps);
	}
}

/*  > participant.add { who, address, deferConnection 0, addResponse 1, audioRxMuted, ... }
 *  < { participant { participantName, participantProtocol, participantType } }
 *  | fault 3: a participant of that name is there already  */
static enum err
add(struct task *t, struct lane *l, const struct conference *c, const struct cisco_party *who,
	const struct dial *d, struct leg *out, struct xmlrpc_fault *fault)
{
	struct buf call = { 0 };
	const struct xmlrpc *v;
	cisco_begin(l, &call, "participant.add");
	cisco_put_party(&call, c, who);
	put_dial(&call, d);
	enum err e = cisco_once(t, l, &call, &v, fault);
	buf_free(&call);
	if (e || fault->code)
		return e;
	struct cisco_party made = *who;
	const struct xmlrpc *told = xmlrpc_get(v, "participant");
	str_copy(made.name, sizeof made.name, xmlrpc_text(told, "participantName", who->name));
	str_copy(made.protocol, sizeof made.protocol,
		xmlrpc_text(told, "participantProtocol", who->protocol));
	str_copy(made.type, sizeof made.type, xmlrpc_text(told, "participantType", who->type));
	cisco_leg_name(out, &made);
	out->state = LEG_DIALING;
	out->muted = tri_of(d->muted);
	str_copy(out->address, sizeof out->address, d->address);
	return OK;
}

/* A disconnected participant that was added before is dialled again under its name.
 *  > participant.connect { who }        < {} | fault  */
static enum err
connect_again(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *leg)
{
	struct buf call = { 0 };
	const struct xmlrpc *v;
	struct xmlrpc_fault fault;
	enum err e = cisco_begin_leg(t, l, &call, "participant.connect", c, leg);
	if (e)
		return e;
	e = cisco_once(t, l, &call, &v, &fault);
	buf_free(&call);
	if (device_cut_off(t, e)) {
		task_forgive(t);
		struct leg now;
		e = status_of(t, l, c, leg->id, &now, NULL);
		if (e == OK && !under_way(&now))
			return task_fail(t, ERR_TIMEOUT,
				"dial %s on %s: the device closed the connection, and it is not "
				"dialling",
				d->address, l->device->name);
		*leg = now;
		return e;
	}
	if (e)
		return e;
	if (fault.code)
		return cisco_deny(t, l, &fault, "dial again");
	leg->state = LEG_DIALING;
	leg->ending = (struct ending){ 0 };
	return OK;
}

static enum err
remove_leg(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	struct buf call = { 0 };
	enum err e = cisco_begin_leg(t, l, &call, "participant.remove", c, leg);
	if (e == OK)
		e = cisco_again(t, l, &call, "replace a leg", NULL);
	if (e != ERR_GONE)
		return e;
	task_forgive(t); /* removed by the order whose answer was lost */
	return OK;
}

/* add -> done
 *     -> fault 3, or cut off -> status -> under way: that is the leg
 *                                      -> ended: the same order: connect; another: remove, add
 *                                      -> nobody: add, this once */
static enum err
dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out)
{
	struct cisco_party who = { .type = "by_address" };
	const char *protocol, *rest;
	cisco_address(d->address, &protocol, &rest);
	cisco_cut(who.name, sizeof who.name, CISCO_NAME_MAX, d->leg_name);
	str_copy(who.protocol, sizeof who.protocol, protocol);
	if (str_empty(rest) || str_empty(who.name))
		return task_fail(t, ERR_INPUT, "dial on %s: no address", l->device->name);
	if (d->audio_only)
		return task_fail(t, ERR_UNSUPPORTED,
			"dial %s on %s: this MCU cannot dial without video", d->address,
			l->device->name);

	struct xmlrpc_fault fault;
	for (int round = 0; round < 2; round++) {
		enum err e = add(t, l, c, &who, d, out, &fault);
		bool cut = device_cut_off(t, e);
		if (e && !cut)
			return e;
		if (!cut && !fault.code)
			return OK;
		if (!cut && fault.code != 3)
			return cisco_deny(t, l, &fault, d->address);

		task_forgive(t);
		char id[sizeof out->id];
		const struct xmlrpc *status;
		struct leg there;
		cisco_leg_id(id, sizeof id, &who);
		e = status_of(t, l, c, id, &there, &status);
		if (e == ERR_GONE) {
			task_forgive(t);
			continue;
		}
		if (e)
			return e;
		*out = there;
		if (under_way(&there) || (cut && there.state == LEG_NEW))
			return OK;
		if (!other_order(status, &there, d))
			return connect_again(t, l, c, d, out);
		e = remove_leg(t, l, c, &there);
		if (e)
			return e;
	}
	return task_fail(t, ERR_TIMEOUT, "dial %s on %s: the device did not keep the order",
		d->address, l->device->name);
}

enum err
cisco_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out)
{
	if (cisco_is_tps(l))
		return tps_dial(t, l, c, d, out);
	enum err e = dial(t, l, c, d, out);
	struct cisco_known *k = e == OK ? cisco_known(l, out->id) : NULL;
	if (k) /* what comes now is this call */
		k->was_up = out->state == LEG_UP;
	return e;
}

/* The list holds every participant of the whole MCU. Without lastRevision it is a full list, so the
 * revision of the first page matters for nothing here; a leg that moves between two pages while we
 * read is kept once.
 *  > participant.enumerate { operationScope [currentState] [, enumerateID] }
 *  < { [participants [...],] currentRevision [, enumerateID: more] }  */
enum err
cisco_list(struct task *t, struct lane *l, const struct conference *c, struct roster *out)
{
	static const char *const scope[] = { "currentState", NULL };
	struct cisco_pages pages = { 0 };
	size_t cap = 0;
	bool more = true;
	*out = (struct roster){ 0 };
	while (more) {
		struct buf call = { 0 };
		const struct xmlrpc *i;
		cisco_begin(l, &call, "participant.enumerate");
		xmlrpc_add_strings(&call, "operationScope", scope);
		enum err e =
			cisco_page(t, l, &pages, &call, "participants", "list legs", &i, &more);
		if (e)
			return e;
		for (; i; i = i->next) {
			struct leg leg;
			enum cisco_item kind = cisco_leg(i, c->id, &leg);
			if (kind == CISCO_NOT_OURS)
				continue;
			if (kind == CISCO_STUB)
				e = status_of(t, l, c, leg.id, &leg, NULL);
			if (e == ERR_GONE) {
				task_forgive(t);
				e = OK;
				continue;
			}
			if (e)
				return e;
			cisco_roster_add(t->arena, out, &cap, &leg);
		}
		if (more && out->n >= MOST_LEGS)
			return cisco_endless(t, l, "list legs");
	}
	return OK;
}

enum err
cisco_roster(struct task *t, struct lane *l, const struct conference *c, struct roster *out)
{
	if (cisco_is_tps(l))
		return tps_roster(t, l, c, out);
	enum err e = cisco_list(t, l, c, out);
	for (size_t i = 0; e == OK && i < out->n; i++)
		cisco_settle(l, &out->legs[i]);
	return e;
}

enum err
cisco_look(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct leg *out)
{
	if (cisco_is_tps(l))
		return tps_look(t, l, c, leg, out);
	*out = (struct leg){ 0 };
	return status_of(t, l, c, leg->id, out, NULL);
}

/*  > participant.diagnostics { who }     < { videoRxFrameRate, videoRxActualBitRate (bit/s), ...
 *    } */
enum err
cisco_media(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct media_sample *out)
{
	if (cisco_is_tps(l))
		return tps_sample(t, l, leg, out);
	struct buf call = { 0 };
	const struct xmlrpc *v;
	*out = (struct media_sample){ 0 };
	enum err e = cisco_begin_leg(t, l, &call, "participant.diagnostics", c, leg);
	if (e)
		return e;
	e = cisco_again(t, l, &call, "measure a leg", &v);
	if (e)
		return e;
	cisco_diagnostics(v, out);
	return OK;
}

enum err
cisco_reason(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct ending *out)
{
	if (cisco_is_tps(l))
		return tps_reason(t, l, c, leg, out);
	struct leg now;
	*out = (struct ending){ 0 };
	enum err e = status_of(t, l, c, leg->id, &now, NULL);
	if (e)
		return e;
	if (now.state != LEG_GONE)
		return device_not_ended(t, l, leg);
	*out = now.ending;
	return OK;
}

enum err
cisco_hangup(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	if (cisco_is_tps(l))
		return tps_hangup(t, l, c, leg);
	struct buf call = { 0 };
	enum err e = cisco_begin_leg(t, l, &call, "participant.disconnect", c, leg);
	return e ? e : cisco_again(t, l, &call, "hang up", NULL);
}
