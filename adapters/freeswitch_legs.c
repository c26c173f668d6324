/* FreeSWITCH: one leg. Dialling without ever making a second one, why it ended, hanging it up.
 *
 * Called through the operations in freeswitch.c. Owns nothing. Must never give a reason that the
 * device did not give, or an order to dial before the device was asked for the uuid of that order.
 */
#include "adapters/freeswitch.h"

#include "base/str.h"

#include <string.h>

static bool
is_leg(const struct leg *leg)
{
	return fs_is_word(leg->id) && strlen(leg->id) < FS_UUID_SIZE;
}

enum err
fs_check_leg(struct task *t, const struct lane *l, const struct leg *leg, const char *what)
{
	if (is_leg(leg))
		return OK;
	return task_fail(t, ERR_INPUT, "%s on %s: \"%s\" is no leg of this MCU", what,
		l->device->name, leg->id);
}

/* ---- dial ---- */

/*  > uuid_exists U       < true | false. A user who may not ask this makes it "no": the uuid itself
 * forbids a second leg. */
static enum err
exists(struct task *t, struct lane *l, const char *uuid, bool *out)
{
	const char *text;
	*out = false;
	enum err e = fs_ask(t, l, true, "uuid_exists", uuid, "ask for a leg", &text);
	if (e == ERR_REFUSED || e == ERR_UNSUPPORTED || e == ERR_GONE) {
		task_forgive(t);
		return OK;
	}
	*out = e == OK && str_eq(text, "true");
	return e;
}

static enum err
check_dial(struct task *t, const struct lane *l, const struct conference *c, const struct dial *d)
{
	const char *why;
	enum err class, e = fs_check_conference(t, l, c);
	if (e)
		return e;
	if (!fs_target(d->address, &class, &why))
		return task_fail(t, class, "dial %s on %s: %s", d->address ? d->address : "",
			l->device->name, why);
	if (!fs_is_word(d->leg_name) || strlen(d->leg_name) > 60)
		return task_fail(t, ERR_INPUT, "dial %s on %s: \"%s\" is no handle of a leg",
			d->address, l->device->name, d->leg_name ? d->leg_name : "");
	return OK;
}

/*  > conference NAME bgdial ...       < +OK Job-UUID: J: the order was taken, no more */
static enum err
order_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	const char *uuid)
{
	struct fs_session *s = l->session;
	struct buf order = { 0 };
	const char *text;
	char job[40];
	buf_printf(&order, "%s bgdial ", c->id);
	fs_dial_string(&order, &s->where, uuid, d);
	enum err e = fs_ask(t, l, false, "conference", buf_str(&order), d->address, &text);
	buf_free(&order);
	if (e == OK && !fs_job(text, job, sizeof job))
		return task_fail(t, fs_says_ok(text) ? ERR_PROTOCOL : ERR_REFUSED,
			"dial %s on %s: %.120s", d->address, l->device->name,
			*text ? text : "an empty answer");
	if (e)
		return e;
	struct fs_leg *f = leg_table_add(&s->table.legs, uuid);
	leg_table_reset(&s->table.legs, &f->k);
	str_copy(f->job, sizeof f->job, job);
	return OK;
}

/* the table or the device knows the uuid -> that is the leg
 * bgdial -> +OK Job-UUID -> done
 *        -> cut off -> uuid_exists -> true: done
 *                                  -> false: bgdial, this once: the uuid cannot become two legs */
enum err
freeswitch_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out)
{
	char uuid[FS_UUID_SIZE];
	bool there = false;
	enum err e = check_dial(t, l, c, d);
	if (e == OK)
		e = fs_listen(t, l);
	if (e)
		return e;
	struct fs_session *s = l->session;
	fs_uuid(uuid,
		str_empty(d->attempt) ? arena_printf(t->arena, "%s %s", d->leg_name, d->address)
				      : d->attempt,
		c->id);
	struct fs_leg *f = leg_table_find(&s->table.legs, uuid);
	if (!f || f->k.ended || f->k.state == LEG_GONE || f->k.state == LEG_NEW) {
		if (f)
			f->job[0] = '\0'; /* of an order before this one */
		e = exists(t, l, uuid, &there);
		if (e == OK && !there)
			e = leg_order(t, l, c, d, uuid, order_dial, exists);
		if (e)
			return e;
		f = leg_table_add(&s->table.legs, uuid);
	}
	known_leg_dialled(&f->k, c, d);
	known_leg_put(&f->k, true, out);
	return OK;
}

/* ---- its end ---- */

enum err
freeswitch_reason(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct ending *out)
{
	*out = (struct ending){ 0 };
	enum err e = fs_check_leg(t, l, leg, "ask for an end");
	if (e == OK)
		e = fs_listen(t, l);
	if (e)
		return e;
	struct fs_session *s = l->session;
	return leg_table_reason(t, l, &s->table.legs, fs_listen_for, exists, leg, out);
}

/*  > uuid_kill U       < +OK | -ERR No such channel!  */
enum err
fs_kill(struct task *t, struct lane *l, const char *uuid, const char *what)
{
	struct fs_session *s = l->session;
	struct fs_leg *f = leg_table_find(&s->table.legs, uuid);
	const char *text;
	if (f)
		f->k.hung_up_by_us = true;
	enum err e = fs_ask(t, l, true, "uuid_kill", uuid, what, &text);
	if (e == OK && !fs_says_ok(text))
		return task_fail(t, ERR_REFUSED, "%s on %s: %.120s", what, l->device->name, text);
	return e;
}

enum err
freeswitch_hangup(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	enum err e = fs_check_leg(t, l, leg, "hang up");
	if (e == OK)
		e = fs_listen(t, l);
	return e ? e : fs_kill(t, l, leg->id, "hang up");
}
