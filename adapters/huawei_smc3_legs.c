/* Huawei SMC 3.0: the participants of a conference, called, listed, muted, hung up.
 *
 * Called through the table in huawei_smc3.c, which has the dialogue and its sources. Owns nothing:
 * the notes on legs are the session's. Must never add a site that is in the list, or take an old
 * reason for the end of a new call. */
#include "adapters/huawei_smc3.h"

#include "adapters/connect.h"
#include "base/buf.h"
#include "base/str.h"

#include <string.h>

struct people {
	struct lane *lane;
	struct arena *arena;
	struct leg *legs;
	size_t n, most;
	bool keep; /* the notes as they are: somebody looks before an order */
};

static bool
take_leg(void *to, const struct json *item)
{
	struct people *p = to;
	struct smc3_session *s = p->lane->session;
	struct leg leg;
	if (!smc3_leg(item, &s->notes, &leg))
		return true;
	struct leg_note *n = leg_note_make(p->lane->arena, &s->notes, leg.id);
	if (!p->keep)
		leg_note_apply(n, &leg);
	for (size_t i = 0; i < p->n; i++)
		if (str_eq(p->legs[i].id, leg.id)) { /* it moved to a later page: that one counts */
			p->legs[i] = leg;
			return true;
		}
	if (p->n == p->most) {
		size_t most = p->most ? 2 * p->most : 64;
		struct leg *more = arena_alloc(p->arena, most * sizeof *more);
		if (p->n)
			memcpy(more, p->legs, p->n * sizeof *more);
		p->legs = more;
		p->most = most;
	}
	p->legs[p->n++] = leg;
	return p->n < LEG_NOTES_MOST;
}

static enum err
list_people(
	struct task *t, struct lane *l, const struct conference *c, bool keep, struct people *out)
{
	*out = (struct people){ .lane = l, .arena = t->arena, .keep = keep };
	return smc3_all(t, l, arena_printf(t->arena, "/online/conferences/%s/participants", c->id),
		"list legs", take_leg, out);
}

/*  > PATCH .../participants/PID/status { "isMute": true }  */
static enum err
patch(struct task *t, struct lane *l, const struct conference *c, const char *leg, const char *key,
	bool on, const char *what)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	json_open(&w, NULL, '{');
	json_put_bool(&w, key, on);
	json_close(&w, '}');
	enum err e = smc3_ask(t, l, "PATCH",
		arena_printf(t->arena, "/online/conferences/%s/participants/%s/status", c->id, leg),
		&b, true, what, NULL);
	buf_free(&b);
	return e;
}

static enum err
mute_one(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	return patch(t, l, c, leg->id, "isMute", true, "mute");
}

enum err
smc3_roster(struct task *t, struct lane *l, const struct conference *c, struct roster *out)
{
	struct smc3_session *s = l->session;
	struct people p;
	*out = (struct roster){ 0 };
	enum err e = smc3_check(t, l, c, NULL, "list legs");
	if (e == OK)
		e = list_people(t, l, c, false, &p);
	if (e == OK)
		e = leg_notes_mute_late(t, l, &s->notes, c, p.legs, p.n, mute_one);
	if (e == OK)
		*out = (struct roster){ .legs = p.legs, .n = p.n };
	return e;
}

/* It is in the list already: its leg, or NULL. */
static const struct leg *
listed(const struct people *p, const char *target)
{
	bool h323;
	for (size_t i = 0; i < p->n; i++) {
		const char *own = device_target(p->legs[i].address, &h323);
		if (own && str_eq_nocase(own, target))
			return &p->legs[i];
	}
	return NULL;
}

static enum err
add(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	const char *target, bool h323)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	json_open(&w, NULL, '[');
	json_open(&w, NULL, '{');
	json_put_text(&w, "name", str_empty(d->site_name) ? d->leg_name : d->site_name);
	json_put_text(&w, "uri", target);
	/* 0 is H.323 by one reading of the client and automatic by another: it calls by both */
	json_put_int(&w, "ipProtocolType", h323 ? 0 : 1);
	json_put_text(&w, "dialMode", "OUT");
	if (d->kbps > 0)
		json_put_int(&w, "rate", d->kbps);
	if (d->audio_only)
		json_put_bool(&w, "voice", true);
	json_close(&w, '}');
	json_close(&w, ']');
	enum err e = smc3_ask(t, l, "POST",
		arena_printf(t->arena, "/online/conferences/%s/participants", c->id), &b, false,
		arena_printf(t->arena, "dial %s", target), NULL);
	buf_free(&b);
	return e;
}

/* Looks first. Listed and in or being called: that is it. Listed and out: called again. Not listed:
 * added, which calls it, and looked up for its id. An added one that nobody calls is called. */
enum err
smc3_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out)
{
	struct people p;
	bool h323;
	const char *target = device_target(d->address, &h323);
	enum err e = smc3_check(t, l, c, NULL, "dial");
	if (e)
		return e;
	if (target && strlen(target) > SMC3_URI_MOST)
		target = NULL;
	if (!target || str_empty(d->leg_name))
		return task_fail(t, ERR_INPUT, "dial %s on %s: %s", d->address ? d->address : "",
			l->device->name, target ? "no name" : "no address that it takes");
	struct smc3_session *s = l->session;
	const struct leg *leg = NULL;
	bool added = false;
	for (int round = 0; round < 3; round++) {
		e = list_people(t, l, c, true, &p);
		if (e)
			return e;
		leg = listed(&p, target);
		if (leg || (round && added))
			break;
		e = add(t, l, c, d, target, h323);
		added = e == OK;
		if (e && !device_cut_off(t, e))
			return e;
		if (e)
			task_forgive(t);
	}
	if (!leg)
		return task_fail(t, ERR_TIMEOUT, "dial %s on %s: %s", target, l->device->name,
			added ? "it was added and is not listed"
			      : "the device closed the connection twice");
	bool live = leg_is_live(leg);
	if (!live && !(added && leg->state == LEG_GONE)) {
		e = patch(t, l, c, leg->id, "isOnline", true,
			arena_printf(t->arena, "dial %s", target));
		if (e)
			return e;
	}
	struct leg_note *n = leg_note_make(l->arena, &s->notes, leg->id);
	bool known = n->ours && live;
	if (!known)
		leg_note_dialled(n, d);
	if (added && leg->state == LEG_GONE)
		n->grace = 0; /* it failed at once: that is this call's end */
	leg_dialled(leg, d, out);
	return OK;
}

/* The list keeps it. */
enum err
smc3_reason(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct ending *out)
{
	struct people p;
	*out = (struct ending){ 0 };
	enum err e = smc3_check(t, l, c, leg, "ask why a leg ended");
	if (e == OK)
		e = list_people(t, l, c, true, &p);
	return e ? e : leg_listed_ending(t, l, p.legs, p.n, leg, out);
}

enum err
smc3_hangup(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	enum err e = smc3_check(t, l, c, leg, "hang up");
	if (e == OK)
		e = patch(t, l, c, leg->id, "isOnline", false, "hang up");
	if (e == OK)
		leg_note_hung_up(&((struct smc3_session *)l->session)->notes, leg->id);
	return e;
}

enum err
smc3_mute(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg, bool on)
{
	enum err e = smc3_check(t, l, c, leg, on ? "mute" : "unmute");
	if (e)
		return e;
	leg_note_mute_given(&((struct smc3_session *)l->session)->notes, leg->id);
	return patch(t, l, c, leg->id, "isMute", on, on ? "mute" : "unmute");
}
