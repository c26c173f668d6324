/* Asterisk: one leg. Dialling without ever making a second one, muting, why it ended, hanging it
 * up.
 *
 * Called through the operations in asterisk.c. Owns nothing. Must never give a reason that the
 * device did not give. */
#include "adapters/asterisk.h"

#include "adapters/connect.h"
#include "adapters/wire/query.h"
#include "base/str.h"

#include <string.h>

enum { DIAL_S = 40 };

void
ari_put_leg(struct leg *out, const struct ari_leg *f)
{
	known_leg_put(&f->k, ari_is_ours(f->k.id), out);
	out->muted = f->k.state == LEG_UP ? f->muted : UNKNOWN;
}

/* ---- dial ---- */

static enum err
check_dial(struct task *t, const struct lane *l, const struct conference *c, const struct dial *d)
{
	const struct ari_session *s = l->session;
	const char *why;
	enum err class, e = ari_check_conference(t, l, c);
	if (e)
		return e;
	if (!ari_target(d->address, &class, &why))
		return task_fail(t, class, "dial %s on %s: %s", d->address ? d->address : "",
			l->device->name, why);
	if (!ari_is_word(d->leg_name) || strlen(d->leg_name) > 80)
		return task_fail(t, ERR_INPUT, "dial %s on %s: \"%s\" is no handle of a leg",
			d->address, l->device->name, d->leg_name ? d->leg_name : "");
	if (s->taken)
		return task_fail(t, ERR_REFUSED,
			"dial %s on %s: another program listens to its application \"%s\"",
			d->address, l->device->name, s->where.app);
	if (!s->ws) /* what is answered now would be hung up at once */
		return task_fail(t, ERR_BUSY, "dial %s on %s: its event stream is lost", d->address,
			l->device->name);
	if (d->audio_only)
		return task_fail(t, ERR_UNSUPPORTED,
			"dial %s on %s: sound only is a matter of the endpoint", d->address,
			l->device->name);
	return OK;
}

static enum err
originate(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	const char *id)
{
	struct ari_session *s = l->session;
	struct buf b = { 0 };
	buf_puts(&b, ari_path(t->arena, "channels/", id, ""));
	query_put(&b, "endpoint",
		arena_printf(t->arena, "PJSIP/%s/%s", s->where.endpoint, d->address));
	query_put(&b, "app", s->where.app);
	query_put(&b, "appArgs", arena_printf(t->arena, "%s,%s", c->id, d->leg_name));
	query_put(&b, "timeout", arena_printf(t->arena, "%d", DIAL_S));
	query_put(&b, "callerId", c->id);
	enum err e = ari_ask(t, l, "POST", buf_str(&b), NULL, false, d->address, NULL);
	buf_free(&b);
	if (e == OK)
		leg_table_reset(&s->table, leg_table_add(&s->table, id));
	return e;
}

static enum err
exists(struct task *t, struct lane *l, const char *id, bool *out)
{
	const struct json *j;
	enum err e = ari_ask(t, l, "GET", ari_path(t->arena, "channels/", id, ""), NULL, true,
		"ask for a channel", &j);
	*out = e == OK;
	if (e == ERR_GONE) {
		task_forgive(t);
		e = OK;
	}
	return e;
}

/* the device knows the id -> that is the leg
 * POST channels/C -> 200; 409: it is there after all
 *                 -> cut off -> GET channels/C -> 404: POST, this once: an id is one channel */
enum err
asterisk_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out)
{
	char id[ARI_ID_SIZE];
	bool there = false, made;
	enum err e = l->session ? ari_listen(t, l) : OK;
	if (!l->session)
		return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	if (e == OK)
		e = check_dial(t, l, c, d);
	if (e)
		return e;
	struct ari_session *s = l->session;
	ari_channel_id(id,
		str_empty(d->attempt) ? arena_printf(t->arena, "%s %s", d->leg_name, d->address)
				      : d->attempt,
		c->id, d->muted, d->leg_name);
	struct ari_leg *f = leg_table_find(&s->table, id);
	if (!f || f->k.ended || f->k.state == LEG_GONE || f->k.state == LEG_NEW) {
		e = exists(t, l, id, &there);
		if (e == OK && !there)
			e = ari_make_bridge(t, l, c->id, c->name, &made); /* lost with a restart */
		if (e == OK && !there)
			e = leg_order(t, l, c, d, id, originate, exists);
		if (e)
			return e;
		f = leg_table_add(&s->table, id);
		if (f->k.ended)
			leg_table_reset(&s->table, &f->k);
	}
	known_leg_dialled(&f->k, c, d);
	ari_put_leg(out, f);
	return OK;
}

/* ---- mute ---- */

/* Talk detection stands still while a channel is muted, and its last word with it: it is taken off
 * first and set anew behind. */
enum err
ari_set_mute(struct task *t, struct lane *l, struct ari_leg *f, bool on, const char *what)
{
	enum err e = ari_ask(t, l, on ? "POST" : "DELETE",
		ari_path(t->arena, "channels/", f->k.id, "/mute?direction=in"), NULL, true, what,
		NULL);
	if (e)
		return e;
	f->muted = tri_of(on);
	f->talking = f->k.spoke = false;
	e = ari_ask(t, l, "POST",
		ari_path(t->arena, "channels/", f->k.id,
			on ? "/variable?variable=TALK_DETECT%28remove%29&value="
			   : "/variable?variable=TALK_DETECT%28set%29&value="),
		NULL, true, "detect speech", NULL);
	f->detects = e == OK && !on;
	if (e && e != ERR_CANCELED && e != ERR_TIMEOUT && e != ERR_AUTH && e != ERR_GONE) {
		task_forgive(t); /* without func_talkdetect it never speaks up */
		e = OK;
	}
	return e;
}

enum err
asterisk_mute(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg, bool on)
{
	const char *what = on ? "mute" : "unmute";
	enum err e = ari_listen(t, l);
	if (e)
		return e;
	struct ari_session *s = l->session;
	struct ari_leg *f = leg_table_find(&s->table, leg->id);
	if (!f || f->k.state != LEG_UP)
		return task_fail(t, ERR_GONE, "%s %s on %s: not in the conference", what, leg->name,
			l->device->name);
	return ari_set_mute(t, l, f, on, what);
}

/* ---- its end ---- */

enum err
asterisk_reason(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct ending *out)
{
	*out = (struct ending){ 0 };
	enum err e = ari_listen(t, l);
	if (e)
		return e;
	struct ari_session *s = l->session;
	return leg_table_reason(t, l, &s->table, ari_listen_for, exists, leg, out);
}

static enum err
kill_channel(struct task *t, struct lane *l, const char *id, const char *what)
{
	struct ari_session *s = l->session;
	struct ari_leg *f = leg_table_find(&s->table, id);
	if (f)
		f->k.hung_up_by_us = true;
	return ari_ask(
		t, l, "DELETE", ari_path(t->arena, "channels/", id, ""), NULL, true, what, NULL);
}

enum err
asterisk_hangup(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	enum err e = ari_listen(t, l);
	return e ? e : kill_channel(t, l, leg->id, "hang up");
}

/* A bridge that ends leaves its channels: they go first, and those that are still being dialled. */
enum err
asterisk_end(struct task *t, struct lane *l, const struct conference *c)
{
	const struct json *bridge, *all;
	struct ari_own own;
	enum err e = ari_check_conference(t, l, c);
	if (e == OK)
		e = ari_listen(t, l);
	if (e)
		return e;
	const char *one = ari_path(t->arena, "bridges/", c->id, "");
	e = ari_ask(t, l, "GET", one, NULL, true, "end conference", &bridge);
	if (e == ERR_GONE) {
		task_forgive(t);
		bridge = NULL;
		e = OK;
	}
	if (e == OK)
		e = ari_ask(t, l, "GET", "channels", NULL, true, "end conference", &all);
	if (e == OK && !ari_is_list(all))
		return task_fail(t, ERR_PROTOCOL, "end conference on %s: no list came back",
			l->device->name);
	for (const struct json *j = e == OK ? all->first : NULL; j; j = j->next) {
		const char *id = json_text(j, "id");
		const struct json *in = json_get(bridge, "channels");
		in = in ? in->first : NULL;
		while (in && !str_eq(in->text, id))
			in = in->next;
		if (str_empty(id) || (!in && !ari_is_ours_in(id, c->id, &own)))
			continue;
		e = kill_channel(t, l, id, "end conference");
		if (e == ERR_GONE) {
			task_forgive(t);
			e = OK;
		}
		if (e)
			return e;
	}
	if (e == OK && bridge)
		e = ari_ask(t, l, "DELETE", one, NULL, true, "end conference", NULL);
	if (e == ERR_GONE) {
		task_forgive(t);
		e = OK;
	}
	return e;
}
