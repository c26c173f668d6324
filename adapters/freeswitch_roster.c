/* FreeSWITCH: the roster, out of two lists of the device and the table of what its events told; one
 * leg of it alone.
 *
 * Called through the operations in freeswitch.c. Owns nothing. Must never report a leg as ended
 * while a list shows it. */
#include "adapters/freeswitch.h"

#include "base/str.h"

#include <string.h>

/* ---- lists ---- */

struct view { /* what one roster is made of */
	const char *conference_id;
	struct fs_member *members;
	struct fs_channel *channels;
	size_t members_n, channels_n;
};

/*  > show channels as json       < { "rows": [...] }. A user who may not ask: what rings is then
 * known from events only. */
static enum err
list_channels(struct task *t, struct lane *l, const char *conference_id, struct view *out)
{
	const char *text;
	struct err_text why = { 0 };
	enum err e = fs_ask(t, l, true, "show", "channels as json", "list channels", &text);
	if (e == ERR_REFUSED || e == ERR_UNSUPPORTED) {
		task_forgive(t);
		return OK;
	}
	if (e)
		return e;
	e = fs_channels(t->arena, text, conference_id, &out->channels, &out->channels_n, &why);
	return e ? task_fail(t, e, "list channels on %s: %s", l->device->name, why.text) : OK;
}

static enum err
look(struct task *t, struct lane *l, const char *conference_id, struct view *out)
{
	*out = (struct view){ .conference_id = conference_id };
	enum err e = fs_list(t, l, conference_id, &out->members, &out->members_n);
	if (e == ERR_GONE) {
		task_forgive(t); /* nobody is in, somebody may be on the way */
		e = OK;
	}
	return e ? e : list_channels(t, l, conference_id, out);
}

static const struct fs_channel *
channel_of(const struct view *v, const char *uuid)
{
	for (size_t i = 0; i < v->channels_n; i++)
		if (str_eq(v->channels[i].uuid, uuid))
			return &v->channels[i];
	return NULL;
}

static const struct fs_member *
member_of(const struct view *v, const char *uuid)
{
	for (size_t i = 0; i < v->members_n; i++)
		if (str_eq(v->members[i].uuid, uuid))
			return &v->members[i];
	return NULL;
}

/* "sofia/lab/site01@127.0.1.1:5060" -> "sip:site01@127.0.1.1:5060" */
static void
learn_channel(struct fs_leg *f, const struct fs_channel *ch)
{
	f->k.incoming = ch->incoming;
	if (*ch->ip)
		str_copy(f->k.remote_ip, sizeof f->k.remote_ip, ch->ip);
	if (!*f->k.name && fs_is_ours(f->k.id))
		str_copy(f->k.name, sizeof f->k.name, ch->shown);
	const char *rest = str_starts(ch->name, "sofia/") ? strchr(ch->name + 6, '/') : NULL;
	if (*f->k.address || !rest)
		return;
	str_copy(f->k.address, sizeof f->k.address, "sip:");
	str_copy(f->k.address + 4, sizeof f->k.address - 4, rest + 1);
}

static void
learn_member(struct fs_leg *f, const struct fs_member *m)
{
	bool told = *m->name && !str_eq(m->name, "Outbound Call");
	if (!*f->k.name)
		str_copy(f->k.name, sizeof f->k.name, told ? m->name : m->number);
}

/*  > json {"command":"mediaStats","data":{"uuid":U}}  */
static enum err
measure(struct task *t, struct lane *l, const char *uuid, bool *out_any, struct media_sample *out)
{
	const char *text;
	*out_any = false;
	*out = (struct media_sample){ 0 };
	enum err e = fs_ask(t, l, true, "json",
		arena_printf(
			t->arena, "{\"command\":\"mediaStats\",\"data\":{\"uuid\":\"%s\"}}", uuid),
		"measure a leg", &text);
	if (e == OK)
		*out_any = fs_media(t->arena, text, out);
	return e;
}

/* What of a sample the lists and events tell. */
static void
join_media(const struct lane *l, struct fs_leg *f, const struct fs_member *m,
	const struct fs_channel *ch, struct media_sample *out)
{
	const struct fs_session *s = l->session;
	for (int d = 0; m && d < DIRECTIONS_N; d++)
		if (out->s[VIDEO][d].open == UNKNOWN)
			out->s[VIDEO][d].open = m->has_video;
	if (ch)
		str_copy(out->s[AUDIO][TO_SITE].codec, sizeof out->s[AUDIO][TO_SITE].codec,
			ch->codec);
	fs_table_reports(&s->table, f, out);
	/* Muted, a leg that was not dialled by us is read half as often: what it skips is not
	 * lost. */
	f->was_muted = f->was_muted || (m && m->can_speak == NO);
	if (f->was_muted && !fs_is_ours(f->k.id))
		out->s[AUDIO][FROM_SITE].lost = (struct figure){ 0 };
	/* A muted leg "talks" with mute-detect only, and then until it is muted again: it has
	 * spoken since. */
	if (m && m->can_speak == YES)
		out->speech = f->k.spoke ? YES : m->talking;
	else if (m && m->can_speak == NO && m->mute_detect == YES)
		out->speech = m->talking;
}

static enum err
put_member(struct task *t, struct lane *l, const struct view *v, const struct fs_member *m,
	const struct conference *c, bool alone, bool *measuring, struct leg *out)
{
	struct fs_session *s = l->session;
	struct fs_leg *f = leg_table_add(&s->table.legs, m->uuid);
	const struct fs_channel *ch = channel_of(v, m->uuid);
	struct media_sample sample = { 0 };
	bool any = false;
	enum err e = OK;
	str_copy(f->k.conference, sizeof f->k.conference, c->id);
	known_leg_listed(&f->k, LEG_UP);
	if (ch)
		learn_channel(f, ch);
	learn_member(f, m);
	/* One question a leg: in every other list is enough, and whoever is called in the roll call
	 * waits behind this list. */
	bool now = *measuring && (alone || !f->k.measured);
	f->k.measured = now;
	if (now)
		e = measure(t, l, m->uuid, &any, &sample);
	if (e == ERR_REFUSED || e == ERR_UNSUPPORTED || e == ERR_GONE) {
		*measuring = e == ERR_GONE;
		task_forgive(t);
		e = OK;
	}
	known_leg_put(&f->k, fs_is_ours(f->k.id), out);
	out->muted = m->can_speak == UNKNOWN ? UNKNOWN : tri_of(m->can_speak == NO);
	join_media(l, f, m, ch, &sample);
	out->sampled = any;
	out->media = sample;
	if (any)
		f->k.spoke = false; /* told now */
	return e;
}

static enum leg_state
state_of(const char *callstate)
{
	return str_eq(callstate, "RINGING") || str_eq(callstate, "EARLY") ? LEG_RINGING
									  : LEG_DIALING;
}

/* Has a channel that is on its way into this conference, or was in it a moment ago. */
static bool
is_alive(const struct fs_channel *ch)
{
	return ch && !ch->elsewhere && !str_eq(ch->callstate, "HANGUP");
}

/* What the channels tell about legs that are no members. One that was in and is elsewhere now was
 * moved by somebody. */
static void
adopt(struct fs_session *s, const struct view *v, const struct conference *c)
{
	for (size_t i = 0; i < v->channels_n; i++) {
		const struct fs_channel *ch = &v->channels[i];
		struct fs_leg *f = leg_table_find(&s->table.legs, ch->uuid);
		bool known = f && *f->k.conference;
		if (member_of(v, ch->uuid) ||
			!(known ? str_eq(f->k.conference, c->id) : fs_is_ours_in(ch->uuid, c->id)))
			continue;
		f = leg_table_add(&s->table.legs, ch->uuid);
		str_copy(f->k.conference, sizeof f->k.conference, c->id);
		learn_channel(f, ch);
		if (is_alive(ch) && f->k.state != LEG_UP) {
			known_leg_listed(&f->k, state_of(ch->callstate));
		} else if (ch->elsewhere && !f->k.ended) {
			known_leg_moved(&f->k);
		}
	}
}

/* It was there, it is not there any more, and its end has not been told. */
static bool
is_ending(const struct known_leg *k, const void *view)
{
	const struct view *v = view;
	if (!str_eq(k->conference, v->conference_id) || k->ended || member_of(v, k->id))
		return false;
	return k->state == LEG_UP || (k->state == LEG_RINGING && !is_alive(channel_of(v, k->id)));
}

static void
put_others(
	struct fs_session *s, const struct view *v, const struct conference *c, struct roster *out)
{
	for (size_t i = 0; i < s->table.legs.n; i++) {
		struct known_leg *k = leg_table_at(&s->table.legs, i);
		if (!*k->conference && fs_is_ours_in(k->id, c->id))
			str_copy(k->conference, sizeof k->conference, c->id);
		if (!str_eq(k->conference, c->id) || k->state == LEG_NEW || member_of(v, k->id))
			continue;
		if (known_leg_put_absent(k, is_alive(channel_of(v, k->id)), fs_is_ours(k->id),
			    &out->legs[out->n]))
			out->n++;
	}
}

enum err
freeswitch_roster(struct task *t, struct lane *l, const struct conference *c, struct roster *out)
{
	struct view v;
	bool measuring = true;
	*out = (struct roster){ 0 };
	enum err e = fs_check_conference(t, l, c);
	if (e == OK)
		e = fs_listen(t, l);
	if (e == OK)
		e = look(t, l, c->id, &v);
	if (e)
		return e;
	struct fs_session *s = l->session;
	out->legs = arena_alloc(t->arena, (v.members_n + LEG_TABLE_MOST) * sizeof *out->legs);
	for (size_t i = 0; e == OK && i < v.members_n; i++)
		e = put_member(t, l, &v, &v.members[i], c, false, &measuring,
			&out->legs[out->n++]);
	if (e)
		return e;
	adopt(s, &v, c);
	e = leg_table_await(t, l, &s->table.legs, fs_listen_for, is_ending, &v);
	if (e)
		return e;
	put_others(s, &v, c, out);
	return OK;
}

/* An order to end is for those on the way as well. */
enum err
freeswitch_hangup_dialling(struct task *t, struct lane *l, const struct conference *c)
{
	struct view v;
	enum err e = fs_listen(t, l);
	if (e == OK)
		e = look(t, l, c->id, &v);
	for (size_t i = 0; e == OK && i < v.channels_n; i++) {
		const struct fs_channel *ch = &v.channels[i];
		if (!fs_is_ours_in(ch->uuid, c->id) || member_of(&v, ch->uuid) || ch->elsewhere)
			continue;
		e = fs_kill(t, l, ch->uuid, "hang up");
		if (e == ERR_GONE) {
			task_forgive(t);
			e = OK;
		}
	}
	return e;
}

/* ---- one of them ---- */

static enum err
one_member(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct view *out)
{
	enum err e = fs_check_leg(t, l, leg, "look at a leg");
	if (e == OK)
		e = fs_check_conference(t, l, c);
	if (e == OK)
		e = fs_listen(t, l);
	if (e == OK)
		e = fs_list(t, l, c->id, &out->members, &out->members_n);
	if (e == OK && !member_of(out, leg->id))
		e = task_fail(t, ERR_GONE, "look at %s on %s: not in the conference", leg->name,
			l->device->name);
	return e;
}

/* Who is called is looked at alone and often: two requests, whatever else is in the conference. */
enum err
freeswitch_look(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct leg *out)
{
	struct view v = { 0 };
	bool measuring = true;
	enum err e = one_member(t, l, c, leg, &v);
	return e ? e : put_member(t, l, &v, member_of(&v, leg->id), c, true, &measuring, out);
}

enum err
freeswitch_media(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct media_sample *out)
{
	struct leg one;
	*out = (struct media_sample){ 0 };
	enum err e = freeswitch_look(t, l, c, leg, &one);
	if (e == OK)
		*out = one.media;
	return e;
}
