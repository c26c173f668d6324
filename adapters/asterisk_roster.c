/* Asterisk: the roster, out of the bridge, the channels and the table of what events told; and
 * letting those in that have answered.
 *
 * Called through the operations in asterisk.c. Owns nothing. Must never report a leg as ended while
 * a list shows it, or put back one that was in and was taken out. */
#include "adapters/asterisk.h"

#include "adapters/wire/query.h"
#include "base/str.h"

#include <string.h>

enum { VAIN_MOST = 3 };

struct view { /* what one roster is made of */
	const char *bridge_id;
	struct ari_channel *channels;
	size_t n;
	const struct json *inside; /* ids of the bridge; NULL: there is no bridge */
	bool mixed;
};

static bool
is_inside(const struct view *v, const char *id)
{
	for (const struct json *j = v->inside ? v->inside->first : NULL; j; j = j->next)
		if (str_eq(j->text, id))
			return true;
	return false;
}

static const struct ari_channel *
channel_of(const struct view *v, const char *id)
{
	for (size_t i = 0; i < v->n; i++)
		if (str_eq(v->channels[i].id, id))
			return &v->channels[i];
	return NULL;
}

/*  > GET bridges/B, GET channels  */
static enum err
look(struct task *t, struct lane *l, const char *bridge_id, struct view *out)
{
	const struct json *bridge, *all;
	*out = (struct view){ .bridge_id = bridge_id };
	enum err e = ari_ask(t, l, "GET", ari_path(t->arena, "bridges/", bridge_id, ""), NULL, true,
		"list members", &bridge);
	if (e == ERR_GONE) {
		task_forgive(t); /* nobody can be in; somebody may be on the way */
		bridge = NULL;
		e = OK;
	}
	if (e == OK)
		e = ari_ask(t, l, "GET", "channels", NULL, true, "list channels", &all);
	if (e)
		return e;
	out->inside = json_get(bridge, "channels");
	if (!ari_is_list(all) || (bridge && !ari_is_list(out->inside)))
		return task_fail(
			t, ERR_PROTOCOL, "list channels on %s: no list came back", l->device->name);
	out->mixed = str_eq(json_text(bridge, "technology"), "softmix");
	out->channels = arena_alloc(t->arena, (all->count + 1) * sizeof *out->channels);
	for (const struct json *j = all->first; j; j = j->next)
		out->n += ari_channel(t->arena, j, &out->channels[out->n]);
	return OK;
}

/* ---- what is asked of a leg ---- */

/*  > GET channels/C/variable?variable=CHANNEL(..)
 *                                                    < {"value"} | 500: it cannot be read | 404  */
static enum err
variable(struct task *t, struct lane *l, const char *id, const char *name, const char **out)
{
	struct buf b = { 0 };
	const struct json *j;
	buf_puts(&b, ari_path(t->arena, "channels/", id, "/variable"));
	query_put(&b, "variable", name);
	enum err e = ari_ask(t, l, "GET", buf_str(&b), NULL, true, "ask a channel", &j);
	buf_free(&b);
	*out = "";
	if (e == OK && json_text(j, "value"))
		*out = json_text(j, "value");
	if (e == ERR_REFUSED || e == ERR_GONE) {
		task_forgive(t);
		e = OK;
	}
	return e;
}

/* Once for each leg that is up. */
static enum err
ask_once(struct task *t, struct lane *l, struct ari_leg *f)
{
	const char *value;
	enum err e = variable(t, l, f->k.id, "CHANNEL(rtp,dest)", &value);
	if (e == OK)
		ari_host(value, f->k.remote_ip, sizeof f->k.remote_ip);
	if (e == OK)
		e = variable(t, l, f->k.id, "CHANNEL(videonativeformat)", &value);
	if (e == OK)
		f->picture = ari_picture(value);
	if (e == OK && !*f->k.address) {
		e = variable(t, l, f->k.id, "CHANNEL(pjsip,remote_uri)", &value);
		ari_uri(value, f->k.address, sizeof f->k.address);
	}
	f->asked = e == OK;
	return e;
}

/* Answered, and not in yet: muted first where it was to be. One that cannot be let in (it is in
 * another application by now) is tried so often and no more. */
static enum err
let_in(struct task *t, struct lane *l, const struct conference *c, struct ari_leg *f,
	const struct ari_channel *ch)
{
	struct ari_own own = { 0 };
	struct buf b = { 0 };
	enum err e = OK;
	bool ours = ari_is_ours_in(f->k.id, c->id, &own);
	if (ch->waits)
		e = ari_ask(t, l, "POST", ari_path(t->arena, "channels/", f->k.id, "/answer"), NULL,
			true, "answer", NULL);
	if (e == OK && f->muted != YES)
		e = ari_set_mute(t, l, f, ours && own.muted, "let in");
	if (e == OK) {
		buf_puts(&b, ari_path(t->arena, "bridges/", c->id, "/addChannel"));
		query_put(&b, "channel", f->k.id);
		e = ari_ask(t, l, "POST", buf_str(&b), NULL, true, "let in", NULL);
		buf_free(&b);
	}
	if (e == OK) {
		f->joined = true;
		return OK;
	}
	if (e == ERR_REFUSED || e == ERR_GONE || e == ERR_UNSUPPORTED) {
		f->vain++;
		task_forgive(t);
		return OK;
	}
	return e;
}

static enum err
measure(struct task *t, struct lane *l, const struct ari_leg *f, bool mixed, bool *out_any,
	struct media_sample *out)
{
	const struct json *j;
	const char *value;
	*out_any = false;
	*out = (struct media_sample){ 0 };
	enum err e =
		ari_ask(t, l, "GET", ari_path(t->arena, "channels/", f->k.id, "/rtp_statistics"),
			NULL, true, "measure a leg", &j);
	if (e == ERR_GONE || e == ERR_REFUSED) { /* nothing has passed yet, or no such kind of
						  * channel */
		task_forgive(t);
		return OK;
	}
	if (e)
		return e;
	*out_any = true;
	ari_media(j, out);
	/* Two are connected through: while one is silent the other is sent nothing, which is no
	 * fault. */
	if (!mixed)
		out->s[AUDIO][TO_SITE].open = UNKNOWN;
	out->s[VIDEO][FROM_SITE].open = out->s[VIDEO][TO_SITE].open = f->picture;
	if (f->picture != YES)
		return OK;
	e = variable(t, l, f->k.id, "CHANNEL(rtcp,rxcount,video)", &value);
	int64_t n;
	if (e == OK && str_to_int(value, 0, INT64_MAX / 2, &n))
		out->s[VIDEO][FROM_SITE].packets = figure_of(n);
	return e;
}

/* ---- one member ---- */

static enum err
put_member(struct task *t, struct lane *l, const struct view *v, const struct conference *c,
	const struct ari_channel *ch, bool alone, struct leg *out)
{
	struct ari_session *s = l->session;
	struct ari_leg *f = leg_table_add(&s->table, ch->id);
	struct media_sample sample = { 0 };
	struct ari_own own = { 0 };
	bool any = false;
	enum err e = OK;
	bool ours = ari_is_ours_in(f->k.id, c->id, &own);
	str_copy(f->k.conference, sizeof f->k.conference, c->id);
	known_leg_listed(&f->k, LEG_UP);
	f->joined = true;
	f->k.incoming = !ours;
	if (!*f->k.name)
		str_copy(f->k.name, sizeof f->k.name,
			ours	     ? own.leg_name
			: *ch->shown ? ch->shown
				     : ch->number);
	if (!f->asked)
		e = ask_once(t, l, f);
	/* It was let in by another session of ours: whether it is muted nobody can tell. */
	if (e == OK && !f->detects && f->muted == UNKNOWN) {
		e = ari_ask(t, l, "POST",
			ari_path(t->arena, "channels/", f->k.id,
				"/variable?variable=TALK_DETECT%28set%29&value="),
			NULL, true, "detect speech", NULL);
		f->detects = true;
		if (e == ERR_REFUSED || e == ERR_GONE) {
			task_forgive(t);
			e = OK;
		}
	}
	bool now = alone || !f->k.measured;
	f->k.measured = now;
	if (e == OK && now)
		e = measure(t, l, f, v->mixed, &any, &sample);
	ari_put_leg(out, f);
	out->sampled = any;
	out->media = sample;
	if (f->muted == NO && f->detects && s->ws)
		out->media.speech = tri_of(f->k.spoke || f->talking);
	if (any)
		f->k.spoke = false; /* told now */
	return e;
}

/* ---- the rest ---- */

/* A channel that belongs to this conference: ours by its id, or come in with the bridge as
 * argument. */
static bool
is_for(const struct ari_session *s, const struct ari_channel *ch, const char *bridge_id)
{
	struct ari_own own;
	return ari_is_ours_in(ch->id, bridge_id, &own) ||
	       (str_eq(ch->app, s->where.app) && str_eq(ch->argument, bridge_id));
}

static enum err
adopt(struct task *t, struct lane *l, const struct conference *c, struct view *v)
{
	struct ari_session *s = l->session;
	bool let = false;
	for (size_t i = 0; i < v->n; i++) {
		const struct ari_channel *ch = &v->channels[i];
		struct ari_own own;
		if (is_inside(v, ch->id) || !is_for(s, ch, c->id))
			continue;
		struct ari_leg *f = leg_table_add(&s->table, ch->id);
		str_copy(f->k.conference, sizeof f->k.conference, c->id);
		if (!*f->k.name)
			str_copy(f->k.name, sizeof f->k.name,
				ari_is_ours_in(ch->id, c->id, &own) ? own.leg_name : ch->number);
		bool entered = str_eq(ch->app, s->where.app);
		if (f->joined && !f->k.ended && v->inside) { /* it was in, and lives elsewhere */
			known_leg_moved(&f->k);
		} else if (!f->joined && entered && v->inside && f->vain < VAIN_MOST &&
			   (ch->state == LEG_UP || ch->waits)) {
			enum err e = let_in(t, l, c, f, ch);
			if (e)
				return e;
			let = let || f->joined;
		} else if (!f->joined && f->k.state != LEG_UP) {
			known_leg_listed(
				&f->k, ch->state == LEG_RINGING ? LEG_RINGING : LEG_DIALING);
		}
	}
	return let ? look(t, l, c->id, v) : OK;
}

static bool
is_ending(const struct known_leg *k, const void *view)
{
	const struct view *v = view;
	return str_eq(k->conference, v->bridge_id) && !k->ended && k->state != LEG_GONE &&
	       k->state != LEG_NEW && !channel_of(v, k->id);
}

/* A leg that is no member. false: nothing is to be told any more. */
static bool
put_absent(const struct view *v, struct ari_leg *f, struct leg *out)
{
	bool listed = channel_of(v, f->k.id) != NULL;
	if (!known_leg_put_absent(&f->k, listed, ari_is_ours(f->k.id), out))
		return false;
	out->muted = out->state == LEG_UP ? f->muted : UNKNOWN;
	return true;
}

enum err
asterisk_roster(struct task *t, struct lane *l, const struct conference *c, struct roster *out)
{
	struct view v;
	*out = (struct roster){ 0 };
	enum err e = ari_check_conference(t, l, c);
	if (e == OK)
		e = ari_listen(t, l);
	if (e == OK)
		e = look(t, l, c->id, &v);
	if (e == OK)
		e = adopt(t, l, c, &v);
	struct ari_session *s = l->session;
	if (e == OK)
		e = leg_table_await(t, l, &s->table, ari_listen_for, is_ending, &v);
	if (e)
		return e;
	out->legs = arena_alloc(t->arena, (v.n + s->table.n + 1) * sizeof *out->legs);
	for (size_t i = 0; i < v.n && e == OK; i++)
		if (is_inside(&v, v.channels[i].id) && str_starts(v.channels[i].name, "PJSIP/"))
			e = put_member(t, l, &v, c, &v.channels[i], false, &out->legs[out->n++]);
	for (size_t i = 0; i < s->table.n && e == OK; i++) {
		struct ari_leg *f = leg_table_at(&s->table, i);
		if (str_eq(f->k.conference, c->id) && !is_inside(&v, f->k.id) &&
			put_absent(&v, f, &out->legs[out->n]))
			out->n++;
	}
	return e;
}

/* Who is called is looked at alone and often. */
enum err
asterisk_look(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct leg *out)
{
	struct view v;
	enum err e = ari_check_conference(t, l, c);
	if (e == OK)
		e = ari_listen(t, l);
	if (e == OK)
		e = look(t, l, c->id, &v);
	if (e)
		return e;
	const struct ari_channel *ch = channel_of(&v, leg->id);
	if (!ch || !is_inside(&v, leg->id))
		return task_fail(t, ERR_GONE, "look at %s on %s: not in the conference", leg->name,
			l->device->name);
	return put_member(t, l, &v, c, ch, true, out);
}

enum err
asterisk_media(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct media_sample *out)
{
	struct leg one;
	*out = (struct media_sample){ 0 };
	enum err e = asterisk_look(t, l, c, leg, &one);
	if (e == OK)
		*out = one.media;
	return e;
}
