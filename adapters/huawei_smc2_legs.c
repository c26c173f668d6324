/* Huawei SMC 2.0: the sites of a conference, called, listed, muted, hung up.
 *
 * Called through the table in huawei_smc2.c, which has the dialogue and its sources. Owns nothing:
 * the notes on legs are the session's. Must never add a site without dialingMode 0 (the default
 * lets the site call, and nobody is called), or take an old reason for the end of a new call. */
#include "adapters/huawei_smc2.h"

#include "adapters/connect.h"
#include "base/buf.h"
#include "base/str.h"

#include <string.h>

enum { MUTE_LOOKS = 3, MUTE_PAUSE_MS = 400 };

/* The sites of the conference; keep: the notes stay as they are, somebody looks before an order. */
static enum err
list_sites(
	struct task *t, struct lane *l, const struct conference *c, bool keep, struct roster *out)
{
	struct smc2_session *s = l->session;
	const struct xml *in;
	struct buf b = { 0 };
	size_t most = 0;
	*out = (struct roster){ 0 };
	enum err e = smc2_put_where(t, l, c, NULL, "list legs", &b);
	if (e == OK)
		e = smc2_ask(
			t, l, smc2_manager, "queryConfSitesStatusEx", &b, true, "list legs", &in);
	buf_free(&b);
	if (e)
		return e;
	for (const struct xml *x = xml_child(in, "siteStatuses"); x;
		x = xml_next(x, "siteStatuses"))
		most++;
	out->legs = arena_alloc(t->arena, (most + 1) * sizeof *out->legs);
	for (const struct xml *x = xml_child(in, "siteStatuses"); x && out->n < LEG_NOTES_MOST;
		x = xml_next(x, "siteStatuses")) {
		struct leg *leg = &out->legs[out->n];
		if (!smc2_leg(x, &s->notes, leg))
			continue;
		if (!keep)
			leg_note_apply(leg_note_make(l->arena, &s->notes, leg->id), leg);
		out->n++;
	}
	return OK;
}

/* Whether this site's microphone is closed, as the list has it. */
static enum err
look_muted(
	struct task *t, struct lane *l, const struct conference *c, const char *id, enum tri *out)
{
	struct roster all;
	enum err e = list_sites(t, l, c, true, &all);
	for (size_t i = 0; e == OK && i < all.n; i++)
		if (str_eq(all.legs[i].id, id)) {
			*out = all.legs[i].muted;
			return OK;
		}
	return e ? e
		 : task_fail(t, ERR_GONE, "mute on %s: \"%s\" is not listed", l->device->name, id);
}

/* Ordered, and looked at: nothing happened means that the other number is the one. A list that does
 * not tell is believed. is: as the list had it just now. */
static enum err
set_mute(struct task *t, struct lane *l, const struct conference *c, const char *id, enum tri is,
	enum tri want)
{
	struct smc2_session *s = l->session;
	enum err e = OK;
	for (int round = 0; round < 2 && is != want; round++) {
		bool one = (want == YES) != s->zero_mutes;
		e = smc2_order(t, l, smc2_control, "setSitesMuteEx", c, id,
			one ? "<isMute>1</isMute>" : "<isMute>0</isMute>",
			want == YES ? "mute" : "unmute");
		for (int look = 0; e == OK && look < MUTE_LOOKS && is != want; look++) {
			e = look ? task_sleep(t, MUTE_PAUSE_MS) : OK;
			e = e ? e : look_muted(t, l, c, id, &is);
			if (e == OK && is == UNKNOWN)
				return OK;
		}
		if (e)
			return e;
		s->zero_mutes ^= is != want;
	}
	return is == want ? OK
			  : task_fail(t, ERR_REFUSED, "mute on %s: taken, and nothing changed",
				    l->device->name);
}

static enum err
mute_one(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	return set_mute(t, l, c, leg->id, NO, YES);
}

enum err
smc2_roster(struct task *t, struct lane *l, const struct conference *c, struct roster *out)
{
	struct smc2_session *s = l->session;
	enum err e = list_sites(t, l, c, false, out);
	return e ? e : leg_notes_mute_late(t, l, &s->notes, c, out->legs, out->n, mute_one);
}

/*  > addSiteToConfEx { confId, siteInfo { name, uri, type, from, dialingMode 0, rate } }  */
static enum err
add(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	const char *target, bool h323)
{
	struct buf b = { 0 };
	const char *what = arena_printf(t->arena, "dial %s", target);
	enum err e = smc2_put_where(t, l, c, NULL, what, &b);
	buf_puts(&b, "<siteInfo>");
	smc2_element(&b, "name", smc2_cut(t, str_empty(d->site_name) ? d->leg_name : d->site_name));
	smc2_element(&b, "uri", target);
	buf_printf(&b, "<type>%d</type><from>1</from><dialingMode>0</dialingMode>", h323 ? 4 : 7);
	if (d->kbps > 0)
		buf_printf(&b, "<rate>%dk</rate>", d->kbps);
	buf_puts(&b, "</siteInfo>");
	if (e == OK)
		e = smc2_ask(t, l, smc2_manager, "addSiteToConfEx", &b, false, what, NULL);
	buf_free(&b);
	return e;
}

/* The one of that address; NULL: none. */
static const struct leg *
at_address(const struct roster *all, const char *target)
{
	for (size_t i = 0; i < all->n; i++)
		if (str_eq_nocase(all->legs[i].id, target))
			return &all->legs[i];
	return NULL;
}

/*  > connectSitesEx { confId, siteUris }  */
static enum err
connect_again(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	struct buf b = { 0 };
	const char *what = arena_printf(t->arena, "dial %s", leg->id);
	enum err e = smc2_put_where(t, l, c, leg->id, what, &b);
	if (e == OK)
		e = smc2_ask(t, l, smc2_manager, "connectSitesEx", &b, false, what, NULL);
	buf_free(&b);
	return e;
}

/* Looks first. Listed and in or being called: that is it. Listed and out: called again. Not listed:
 * added, and the MCU calls it. Cut off, the list is looked at again: who is being called may not be
 * called once more. */
enum err
smc2_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out)
{
	struct roster all;
	bool h323;
	const char *target = device_target(d->address, &h323);
	const struct leg *leg = NULL;
	enum err e;
	if (target && strlen(target) >= sizeof out->id) /* it is the leg's id */
		target = NULL;
	if (!target || str_empty(d->leg_name))
		return task_fail(t, ERR_INPUT, "dial %s on %s: %s", d->address ? d->address : "",
			l->device->name, target ? "no name" : "no address that it takes");
	if (d->audio_only)
		return task_fail(t, ERR_UNSUPPORTED,
			"dial %s on %s: this platform cannot dial without video", target,
			l->device->name);
	bool live = false;
	for (int round = 0; round < 2; round++) {
		e = list_sites(t, l, c, true, &all);
		leg = e ? NULL : at_address(&all, target);
		live = leg && leg_is_live(leg);
		if (e || live)
			break;
		e = leg ? connect_again(t, l, c, leg) : add(t, l, c, d, target, h323);
		if (!device_cut_off(t, e))
			break;
		task_forgive(t);
		e = round ? task_fail(t, ERR_TIMEOUT,
				    "dial %s on %s: the device closed the connection twice", target,
				    l->device->name)
			  : OK;
	}
	if (e)
		return e;
	struct smc2_session *s = l->session;
	struct leg_note *n = leg_note_make(l->arena, &s->notes, leg ? leg->id : target);
	if (!n->ours || !live)
		leg_note_dialled(n, d);
	leg_dialled(leg ? leg : &(struct leg){ .muted = UNKNOWN }, d, out);
	str_copy(out->id, sizeof out->id, n->id);
	str_copy(out->protocol, sizeof out->protocol, h323 ? "h323" : "sip");
	return OK;
}

/* The list keeps it. */
enum err
smc2_reason(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct ending *out)
{
	struct roster all;
	*out = (struct ending){ 0 };
	enum err e = list_sites(t, l, c, true, &all);
	return e ? e : leg_listed_ending(t, l, all.legs, all.n, leg, out);
}

enum err
smc2_hangup(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	enum err e = smc2_order(t, l, smc2_manager, "disconnectSitesEx", c, leg->id, "", "hang up");
	if (e == OK)
		leg_note_hung_up(&((struct smc2_session *)l->session)->notes, leg->id);
	return e;
}

enum err
smc2_mute(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg, bool on)
{
	struct smc2_session *s = l->session;
	if (s)
		leg_note_mute_given(&s->notes, leg->id);
	enum tri is = UNKNOWN;
	enum err e = look_muted(t, l, c, leg->id, &is);
	return e ? e : set_mute(t, l, c, leg->id, is, on ? YES : NO);
}
