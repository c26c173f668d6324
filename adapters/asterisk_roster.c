/* Asterisk: the roster, out of the bridge, the channels and the table of what events told; and
 * letting those in that have answered.
 *
 * Called through the operations in asterisk.c. Owns nothing. Must never report a leg as ended while
 * a list shows it, or put back one that was in and was taken out. */
#include "adapters/asterisk.h"

#include "adapters/wire/query.h"
#include "base/str.h"

#include <string.h>

enum { GRACE_ROSTERS = 2, VAIN_MOST = 3, WAIT_MS = 25, WAITS_MOST = 12, EVENTS_MOST = 400 };

struct view { /* what one roster is made of */
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
	*out = (struct view){ 0 };
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
	enum err e = variable(t, l, f->id, "CHANNEL(rtp,dest)", &value);
	if (e == OK)
		ari_host(value, f->remote_ip, sizeof f->remote_ip);
	if (e == OK)
		e = variable(t, l, f->id, "CHANNEL(videonativeformat)", &value);
	if (e == OK)
		f->picture = ari_picture(value);
	if (e == OK && !*f->address) {
		e = variable(t, l, f->id, "CHANNEL(pjsip,remote_uri)", &value);
		ari_uri(value, f->address, sizeof f->address);
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
	bool ours = ari_is_ours_in(f->id, c->id, &own);
	if (ch->waits)
		e = ari_ask(t, l, "POST", ari_path(t->arena, "channels/", f->id, "/answer"), NULL,
			true, "answer", NULL);
	if (e == OK && f->muted != YES)
		e = ari_set_mute(t, l, f, ours && own.muted, "let in");
	if (e == OK) {
		buf_puts(&b, ari_path(t->arena, "bridges/", c->id, "/addChannel"));
		query_put(&b, "channel", f->id);
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
	enum err e = ari_ask(t, l, "GET", ari_path(t->arena, "channels/", f->id, "/rtp_statistics"),
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
	e = variable(t, l, f->id, "CHANNEL(rtcp,rxcount,video)", &value);
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
	struct ari_leg *f = ari_table_add(&s->table, ch->id);
	struct media_sample sample = { 0 };
	struct ari_own own = { 0 };
	bool any = false;
	enum err e = OK;
	bool ours = ari_is_ours_in(f->id, c->id, &own);
	str_copy(f->bridge, sizeof f->bridge, c->id);
	f->state = LEG_UP;
	f->joined = true;
	f->ended = false; /* a list is newer than every event read before it */
	f->told = f->missed = 0;
	f->incoming = !ours;
	if (!*f->name)
		str_copy(f->name, sizeof f->name,
			ours	     ? own.leg_name
			: *ch->shown ? ch->shown
				     : ch->number);
	if (!f->asked)
		e = ask_once(t, l, f);
	/* It was let in by another session of ours: whether it is muted nobody can tell. */
	if (e == OK && !f->detects && f->muted == UNKNOWN) {
		e = ari_ask(t, l, "POST",
			ari_path(t->arena, "channels/", f->id,
				"/variable?variable=TALK_DETECT%28set%29&value="),
			NULL, true, "detect speech", NULL);
		f->detects = true;
		if (e == ERR_REFUSED || e == ERR_GONE) {
			task_forgive(t);
			e = OK;
		}
	}
	bool now = alone || !f->measured;
	f->measured = now;
	if (e == OK && now)
		e = measure(t, l, f, v->mixed, &any, &sample);
	ari_put_leg(out, f);
	out->sampled = any;
	out->media = sample;
	if (f->muted == NO && f->detects && s->ws)
		out->media.speech = tri_of(f->spoke || f->talking);
	if (any)
		f->spoke = false; /* told now */
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
		struct ari_leg *f = ari_table_add(&s->table, ch->id);
		str_copy(f->bridge, sizeof f->bridge, c->id);
		if (!*f->name)
			str_copy(f->name, sizeof f->name,
				ari_is_ours_in(ch->id, c->id, &own) ? own.leg_name : ch->number);
		bool entered = str_eq(ch->app, s->where.app);
		if (f->joined && !f->ended && v->inside) { /* it was in, and lives elsewhere */
			f->ended = true;
			f->ending = (struct ending){ .cause = CAUSE_OUR_HANGUP };
			str_copy(f->ending.device_words, sizeof f->ending.device_words,
				"moved elsewhere");
		} else if (!f->joined && entered && v->inside && f->vain < VAIN_MOST &&
			   (ch->state == LEG_UP || ch->waits)) {
			enum err e = let_in(t, l, c, f, ch);
			if (e)
				return e;
			let = let || f->joined;
		} else if (!f->joined && f->state != LEG_UP) {
			f->state = ch->state == LEG_RINGING ? LEG_RINGING : LEG_DIALING;
			f->ended = false;
			f->told = f->missed = 0;
		}
	}
	return let ? look(t, l, c->id, v) : OK;
}

static bool
is_ending(const struct view *v, const struct ari_leg *f, const char *bridge_id)
{
	return str_eq(f->bridge, bridge_id) && !f->ended && f->state != LEG_GONE &&
	       f->state != LEG_NEW && !channel_of(v, f->id);
}

/* The event of an end comes some milliseconds behind the lists. */
static enum err
await_ends(struct task *t, struct lane *l, const struct view *v, const char *bridge_id)
{
	struct ari_session *s = l->session;
	int quiet = 0;
	for (int i = 0; s->ws && quiet < WAITS_MOST && i < EVENTS_MOST; i++) {
		bool waiting = false, any;
		for (size_t k = 0; k < s->table.n && !waiting; k++)
			waiting = is_ending(v, &s->table.legs[k], bridge_id);
		if (!waiting)
			return OK;
		enum err e = ari_listen_for(t, l, WAIT_MS, &any);
		if (e)
			return e;
		quiet += !any;
	}
	return OK;
}

/* A leg that is no member. false: nothing is to be told any more. */
static bool
put_absent(const struct view *v, struct ari_leg *f, struct leg *out)
{
	bool listed = channel_of(v, f->id) != NULL;
	if (!f->ended && (listed || (f->state == LEG_DIALING && f->missed++ < GRACE_ROSTERS))) {
		if (f->state == LEG_NEW)
			f->state = LEG_DIALING;
		ari_put_leg(out, f);
		return true;
	}
	if (!f->ended && f->state != LEG_GONE)
		f->ending = (struct ending){ .cause = f->hung_up_by_us ? CAUSE_OUR_HANGUP
								       : CAUSE_UNKNOWN };
	f->state = LEG_GONE;
	if (f->told >= 2)
		return false;
	f->told++;
	ari_put_leg(out, f);
	out->ending = f->ending;
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
	if (e == OK)
		e = await_ends(t, l, &v, c->id);
	if (e)
		return e;
	struct ari_session *s = l->session;
	out->legs = arena_alloc(t->arena, (v.n + s->table.n + 1) * sizeof *out->legs);
	for (size_t i = 0; i < v.n && e == OK; i++)
		if (is_inside(&v, v.channels[i].id) && str_starts(v.channels[i].name, "PJSIP/"))
			e = put_member(t, l, &v, c, &v.channels[i], false, &out->legs[out->n++]);
	for (size_t i = 0; i < s->table.n && e == OK; i++) {
		struct ari_leg *f = &s->table.legs[i];
		if (str_eq(f->bridge, c->id) && !is_inside(&v, f->id) &&
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
