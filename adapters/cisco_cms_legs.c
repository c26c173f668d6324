/* Cisco Meeting Server: legs. Dialling without ever making a second leg, the roster out of a list
 * of names and one request per leg, and the legs that are no longer there.
 *
 * Called through the operations in cisco_cms.c. Owns nothing. Must never call a leg up that was
 * not seen up, or give a reason that no record gave. */
#include "adapters/cisco_cms.h"

#include "adapters/connect.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

enum { RESERVE_MS = 1500, TOLD_MOST = 2 };

/* ---- one leg ------------------------------------------------------------------------------- */

/* What is known of a leg that was not asked for this time: no figures. */
static void
put_known(struct leg *out, const struct cms_known *k)
{
	*out = k->leg;
	out->sampled = false;
}

static void
learn(struct cms_session *s, struct cms_known *k, const struct leg *told, const char *owner)
{
	char name[sizeof k->leg.name];
	str_copy(name, sizeof name, k->leg.name);
	bool named = k->ours && *name;
	k->leg = *told;
	k->leg.sampled = false;
	memset(&k->leg.media, 0, sizeof k->leg.media);
	str_copy(k->owner, sizeof k->owner, owner);
	k->ours |= told->configured;
	k->leg.configured = k->ours;
	if (named) /* the name we dialled it under, where the owner's word has no room for it */
		str_copy(k->leg.name, sizeof k->leg.name, name);
	k->looked = s->round;
	k->looked_once = true;
}

/*  > GET /callLegs/L        < <callLeg> | 404: it is over  */
static enum err
ask_leg(struct task *t, struct lane *l, const char *id, const char *call, struct leg *out)
{
	struct cms_session *s = l->session;
	struct cms_reply r;
	char owner[CMS_ID_SIZE];
	enum err e = cms_ask(t, l, "GET", arena_printf(t->arena, "/callLegs/%s", id), NULL, true,
		"ask for a leg", &r);
	if (e)
		return e;
	if (!cms_leg(r.xml, out, owner) || !str_eq_nocase(out->id, id))
		return task_fail(t, ERR_PROTOCOL, "ask for a leg on %s: <%.40s> is not that leg",
			l->device->name, r.xml->name);
	const char *in = xml_text(r.xml, "call");
	if (!str_empty(in) && *call && !str_eq_nocase(in, call))
		return task_fail(t, ERR_GONE, "ask for a leg on %s: it was moved to another call",
			l->device->name);
	struct cms_known *k = cms_know(s, id, call);
	k->link = cms_is_link(r.xml);
	if (k->link)
		return task_fail(
			t, ERR_GONE, "ask for a leg on %s: it joins two bridges", l->device->name);
	/* No state, or one of a newer version: it is as it was. */
	if (out->state == LEG_NEW)
		out->state = k->leg.state == LEG_NEW || k->leg.state == LEG_GONE ? LEG_DIALING
										 : k->leg.state;
	learn(s, k, out, owner);
	str_copy(out->name, sizeof out->name, k->leg.name);
	out->configured = k->leg.configured;
	/* Muted here its voice goes nowhere: that says nothing about the room. */
	if (out->state == LEG_UP && out->muted == NO)
		out->media.speech = cms_voice(s, id, true);
	return OK;
}

/* ---- the whole list ------------------------------------------------------------------------ */

/* Marks who is listed, and makes known who is new. */
static enum err
list_legs(struct task *t, struct lane *l, const char *call)
{
	struct cms_session *s = l->session;
	struct cms_list all;
	enum err e = cms_all(t, l, arena_printf(t->arena, "/calls/%s/callLegs", call), "callLeg",
		"list legs", &all);
	if (e)
		return e;
	s->round++;
	s->partial = all.partial;
	for (size_t i = 0; i < all.n; i++) {
		struct cms_known *k = cms_know(s, xml_attr(all.items[i], "id"), call);
		const char *name = xml_text(all.items[i], "name");
		str_copy(k->call, sizeof k->call, call);
		k->seen = s->round;
		k->told = 0;
		if (k->leg.state == LEG_GONE)
			k->leg.state = LEG_DIALING;
		if (!k->looked_once && !k->ours && name)
			str_copy(k->leg.name, sizeof k->leg.name, name);
	}
	return OK;
}

static bool
is_listed(const struct cms_session *s, const struct cms_known *k, const char *call)
{
	return k->seen == s->round && str_eq(k->call, call) && !k->link;
}

/* New ones first, then those under way, then who was not looked at for longest. */
static int
by_need(const void *a, const void *b)
{
	const struct cms_known *x = *(struct cms_known *const *)a,
			       *y = *(struct cms_known *const *)b;
	int need_x = !x->looked_once ? 0 : x->leg.state != LEG_UP ? 1 : 2;
	int need_y = !y->looked_once ? 0 : y->leg.state != LEG_UP ? 1 : 2;
	if (need_x != need_y)
		return need_x - need_y;
	if (x->looked != y->looked)
		return x->looked < y->looked ? -1 : 1;
	return strcmp(x->id, y->id);
}

/* Legs of the list that nobody asked about yet: their owner is what tells a lost dial's leg. */
static enum err
learn_new(struct task *t, struct lane *l, const char *call)
{
	struct cms_session *s = l->session;
	enum err e = list_legs(t, l, call);
	for (size_t i = 0; e == OK && i < s->n; i++) {
		struct leg leg;
		if (!is_listed(s, &s->legs[i], call) || s->legs[i].looked_once)
			continue;
		e = ask_leg(t, l, s->legs[i].id, call, &leg);
		if (e == ERR_GONE) {
			s->legs[i].seen = 0;
			task_forgive(t);
			e = OK;
		}
	}
	if (e == OK && !s->partial)
		str_copy(s->synced, sizeof s->synced, call);
	return e;
}

/* ---- dial ---------------------------------------------------------------------------------- */

static struct cms_known *
leg_of(struct cms_session *s, const char *call, const char *owner)
{
	for (size_t i = 0; i < s->n; i++) {
		struct cms_known *k = &s->legs[i];
		if (str_eq(k->call, call) && str_eq_nocase(k->owner, owner) && !k->ended &&
			!k->hung_up && k->leg.state != LEG_GONE)
			return k;
	}
	return NULL;
}

/* The leg that this order made before, if it is still there. *out_there tells. */
static enum err
made_before(struct task *t, struct lane *l, const char *call, const char *owner, struct leg *out,
	bool *out_there)
{
	struct cms_session *s = l->session;
	*out_there = false;
	if (!str_eq(s->synced, call)) {
		enum err e = learn_new(t, l, call);
		if (e)
			return e;
	}
	for (struct cms_known *k; (k = leg_of(s, call, owner));) {
		char id[CMS_ID_SIZE];
		str_copy(id, sizeof id, k->id);
		enum err e = ask_leg(t, l, id, call, out);
		*out_there = e == OK;
		if (e != ERR_GONE)
			return e;
		task_forgive(t);
		cms_known(s, id)->leg.state = LEG_GONE;
	}
	return OK;
}

/* confirmation=false: an automatic answer must not wait for a key to be pressed. */
static void
put_dial(struct task *t, struct buf *form, const struct dial *d, const char *target,
	const char *owner)
{
	char label[CMS_LABEL_MAX + 1];
	cms_put(form, "remoteParty", target);
	cms_put(form, "ownerId", owner);
	cms_put(form, "confirmation", "false");
	cms_put(form, "rxAudioMute", d->muted ? "true" : "false");
	str_copy(label, sizeof label, d->site_name ? d->site_name : "");
	if (*label)
		cms_put(form, "nameLabelOverride", label);
	if (d->kbps > 0)
		cms_put(form, "bandwidth",
			arena_printf(t->arena, "%lld", (long long)d->kbps * 1000));
}

static void
put_dialled(struct cms_session *s, const char *id, const char *call, const char *owner,
	const struct dial *d, struct leg *out)
{
	struct cms_known *k = cms_know(s, id, call);
	*k = (struct cms_known){ .ours = true, .seen = s->round };
	str_copy(k->id, sizeof k->id, id);
	str_copy(k->call, sizeof k->call, call);
	str_copy(k->owner, sizeof k->owner, owner);
	k->leg =
		(struct leg){ .state = LEG_DIALING, .configured = true, .muted = tri_of(d->muted) };
	str_copy(k->leg.id, sizeof k->leg.id, id);
	str_copy(k->leg.name, sizeof k->leg.name, d->leg_name);
	str_copy(k->leg.address, sizeof k->leg.address, d->address);
	str_copy(k->leg.protocol, sizeof k->leg.protocol, "sip");
	*out = k->leg;
}

/*  > POST /calls/C/callLegs  remoteParty=&ownerId=&...     < Location: /api/v1/callLegs/L
 * cut off -> who is in the list with our owner: that is the leg; nobody: once more */
enum err
cms_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out)
{
	struct cms_where w;
	const char *why;
	char owner[CMS_ID_SIZE];
	bool there;
	enum err class, e = cms_check(t, l, c, "dial", &w);
	const char *target = cms_target(d->address, &class, &why);
	if (e)
		return e;
	if (!target || str_empty(d->leg_name))
		return task_fail(t, target ? ERR_INPUT : class, "dial %s on %s: %s",
			d->address ? d->address : "", l->device->name, target ? "no name" : why);
	if (d->audio_only)
		return task_fail(t, ERR_UNSUPPORTED,
			"dial %s on %s: this MCU cannot dial without video", d->address,
			l->device->name);
	cms_owner(d->leg_name, owner);
	e = made_before(t, l, w.call, owner, out, &there);
	if (e || there)
		return e;
	for (int round = 0; round < 2; round++) {
		struct buf form = { 0 };
		struct cms_reply r;
		put_dial(t, &form, d, target, owner);
		e = cms_ask(t, l, "POST", arena_printf(t->arena, "/calls/%s/callLegs", w.call),
			&form, false, arena_printf(t->arena, "dial %s", target), &r);
		buf_free(&form);
		if (e == OK && !*r.id)
			return task_fail(t, ERR_PROTOCOL,
				"dial %s on %s: the id of the leg was not told", target,
				l->device->name);
		if (e == OK)
			put_dialled(l->session, r.id, w.call, owner, d, out);
		if (!device_cut_off(t, e))
			return e;
		task_forgive(t);
		((struct cms_session *)l->session)->synced[0] = '\0';
		e = made_before(t, l, w.call, owner, out, &there);
		if (e || there)
			return e;
	}
	return task_fail(t, ERR_TIMEOUT, "dial %s on %s: the device closed the connection twice",
		target, l->device->name);
}

/* ---- roster -------------------------------------------------------------------------------- */

/* A leg of the list: asked for while there is time, else as it was. false: it went meanwhile. */
static enum err
put_listed(struct task *t, struct lane *l, struct cms_known *k, const char *call, bool *asking,
	struct leg *out, bool *out_there)
{
	char id[CMS_ID_SIZE];
	str_copy(id, sizeof id, k->id);
	*out_there = true;
	put_known(out, k);
	*asking &= task_left(t) > RESERVE_MS;
	if (!*asking)
		return OK;
	enum err e = ask_leg(t, l, id, call, out);
	if (e == ERR_GONE)
		*out_there = false;
	else if (e != ERR_BUSY)
		return e;
	else
		put_known(out, k); /* busy: the others may still be told */
	task_forgive(t);
	return OK;
}

/* Of a list that leaves some out nobody is known to be gone: who is not on it is asked for. */
static enum err
ask_left_out(struct task *t, struct lane *l, const char *call, bool *asking, struct roster *out)
{
	struct cms_session *s = l->session;
	enum err e = OK;
	for (size_t i = 0; s->partial && e == OK && i < s->n; i++) {
		struct cms_known *k = &s->legs[i];
		bool there;
		if (!str_eq(k->call, call) || k->seen == s->round || k->told || k->ended ||
			k->link || k->hung_up || k->leg.state == LEG_GONE)
			continue;
		e = put_listed(t, l, k, call, asking, &out->legs[out->n], &there);
		if (e == OK && there) {
			s->legs[i].seen = s->round;
			out->n++;
		}
	}
	return e;
}

/* Not listed any more: told twice, in case the first time was not heard, and then forgotten. */
static void
put_gone(struct cms_session *s, const char *call, struct roster *out)
{
	for (size_t i = 0; i < s->n; i++) {
		struct cms_known *k = &s->legs[i];
		if (!str_eq(k->call, call) || k->seen == s->round || k->link)
			continue;
		k->leg.state = LEG_GONE;
		if (!k->ended)
			k->leg.ending = (struct ending){ .cause = k->hung_up ? CAUSE_OUR_HANGUP
									     : CAUSE_UNKNOWN };
		if (k->told >= TOLD_MOST)
			continue;
		k->told++;
		put_known(&out->legs[out->n++], k);
	}
}

enum err
cms_roster(struct task *t, struct lane *l, const struct conference *c, struct roster *out)
{
	struct cms_session *s = l->session;
	struct cms_where w;
	bool asking = true;
	size_t n = 0;
	*out = (struct roster){ 0 };
	enum err e = cms_check(t, l, c, "list legs", &w);
	if (e == OK && !s)
		e = task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	if (e == OK)
		e = list_legs(t, l, w.call);
	if (e)
		return e;
	cms_hear(t, l, w.call, NULL);
	struct cms_known **order = arena_alloc(t->arena, (s->n + 1) * sizeof *order);
	for (size_t i = 0; i < s->n; i++)
		if (is_listed(s, &s->legs[i], w.call))
			order[n++] = &s->legs[i];
	qsort(order, n, sizeof *order, by_need);
	out->legs = arena_alloc(t->arena, (s->n + 1) * sizeof *out->legs);
	for (size_t i = 0; i < n; i++) {
		bool there;
		e = put_listed(t, l, order[i], w.call, &asking, &out->legs[out->n], &there);
		if (e)
			return e;
		if (there)
			out->n++;
		else
			order[i]->seen = 0;
	}
	e = ask_left_out(t, l, w.call, &asking, out);
	if (e)
		return e;
	put_gone(s, w.call, out);
	if (asking && !s->partial)
		str_copy(s->synced, sizeof s->synced, w.call);
	return OK;
}

/* ---- one leg ------------------------------------------------------------------------------- */

enum err
cms_look(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct leg *out)
{
	struct cms_where w;
	*out = (struct leg){ 0 };
	enum err e = cms_check(t, l, c, "ask for a leg", &w);
	if (e == OK)
		e = cms_check_leg(t, l, leg, "ask for a leg");
	if (e == OK && l->session)
		cms_hear(t, l, w.call, leg->address);
	return e ? e : ask_leg(t, l, leg->id, w.call, out);
}

enum err
cms_media(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct media_sample *out)
{
	struct leg now;
	enum err e = cms_look(t, l, c, leg, &now);
	*out = now.media;
	return e;
}

enum err
cms_reason(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct ending *out)
{
	struct cms_session *s = l->session;
	struct leg now;
	*out = (struct ending){ 0 };
	const struct cms_known *k = s ? cms_known(s, leg->id) : NULL;
	if (k && k->ended) {
		*out = k->leg.ending;
		return OK;
	}
	enum err e = cms_look(t, l, c, leg, &now);
	if (e == OK)
		return device_not_ended(t, l, leg);
	if (e != ERR_GONE)
		return e;
	task_forgive(t);
	return task_fail(
		t, ERR_GONE, "why %s ended on %s: no record told", leg->name, l->device->name);
}

/*  > DELETE /callLegs/L     < 200 | 404  */
enum err
cms_hangup(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	struct cms_session *s = l->session;
	enum err e = cms_check_leg(t, l, leg, "hang up");
	if (e)
		return e;
	e = cms_ask(t, l, "DELETE", arena_printf(t->arena, "/callLegs/%s", leg->id), NULL, true,
		"hang up", NULL);
	struct cms_known *k = e == OK ? cms_known(s, leg->id) : NULL;
	if (k)
		k->hung_up = true;
	return e;
}
