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

void
fs_put_leg(struct leg *out, const struct fs_leg *f)
{
	*out = (struct leg){
		.state = f->state, .incoming = f->incoming, .configured = fs_is_ours(f->uuid)
	};
	str_copy(out->id, sizeof out->id, f->uuid);
	str_copy(out->name, sizeof out->name, f->name);
	str_copy(out->address, sizeof out->address, f->address);
	str_copy(out->protocol, sizeof out->protocol, "sip");
	str_copy(out->remote_ip, sizeof out->remote_ip, f->remote_ip);
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

static void
remember(struct fs_leg *f, const struct conference *c, const struct dial *d)
{
	str_copy(f->conference, sizeof f->conference, c->id);
	str_copy(f->name, sizeof f->name, d->leg_name);
	str_copy(f->address, sizeof f->address, d->address);
	if (f->state == LEG_NEW || f->state == LEG_GONE)
		f->state = LEG_DIALING;
	f->missed = 0;
}

/*  > conference NAME bgdial ...       < +OK Job-UUID: J: the order was taken, no more */
static enum err
order_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	const char *uuid, char *out_job, size_t job_size)
{
	struct fs_session *s = l->session;
	struct buf order = { 0 };
	const char *text;
	buf_printf(&order, "%s bgdial ", c->id);
	fs_dial_string(&order, &s->where, uuid, d);
	enum err e = fs_ask(t, l, false, "conference", buf_str(&order), d->address, &text);
	buf_free(&order);
	if (e == OK && !fs_job(text, out_job, job_size))
		return task_fail(t, fs_says_ok(text) ? ERR_PROTOCOL : ERR_REFUSED,
			"dial %s on %s: %.120s", d->address, l->device->name,
			*text ? text : "an empty answer");
	return e;
}

/* the table or the device knows the uuid -> that is the leg
 * bgdial -> +OK Job-UUID -> done
 *        -> cut off -> uuid_exists -> true: done
 *                                  -> false: bgdial, this once: the uuid cannot become two legs */
enum err
freeswitch_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out)
{
	char uuid[FS_UUID_SIZE], job[40] = "";
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
	struct fs_leg *f = fs_table_find(&s->table, uuid);
	if (!f || f->ended || f->state == LEG_GONE || f->state == LEG_NEW) {
		e = exists(t, l, uuid, &there);
		for (int round = 0; e == OK && !there && round < 2; round++) {
			e = order_dial(t, l, c, d, uuid, job, sizeof job);
			if (!fs_cut_off(t, e))
				break;
			task_forgive(t);
			e = exists(t, l, uuid, &there);
			if (e == OK && !there && round == 1)
				e = task_fail(t, ERR_TIMEOUT,
					"dial %s on %s: the device closed the connection, and it "
					"is not dialling",
					d->address, l->device->name);
		}
		if (e)
			return e;
		f = fs_table_add(&s->table, uuid);
		if (*job)
			fs_table_reset(f);
		str_copy(f->job, sizeof f->job, job);
	}
	remember(f, c, d);
	fs_put_leg(out, f);
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
	struct fs_session *s = l->session;
	struct fs_leg *f = e == OK ? fs_table_find(&s->table, leg->id) : NULL;
	for (int quiet = 0, i = 0;
		f && s->esl && !f->ended && quiet < FS_WAITS_MOST && i < FS_EVENTS_MOST; i++) {
		bool any;
		e = fs_listen_for(t, l, FS_WAIT_MS, &any);
		if (e)
			return e;
		quiet += !any;
		f = fs_table_find(&s->table, leg->id);
	}
	if (e)
		return e;
	if (f && f->ended) {
		*out = f->ending;
		return OK;
	}
	bool there;
	e = exists(t, l, leg->id, &there);
	if (e)
		return e;
	return there ? task_fail(t, ERR_BUSY, "why %s ended on %s: it has not ended", leg->name,
			       l->device->name)
		     : task_fail(t, ERR_GONE, "why %s ended on %s: not known", leg->name,
			       l->device->name);
}

/*  > uuid_kill U       < +OK | -ERR No such channel!  */
enum err
fs_kill(struct task *t, struct lane *l, const char *uuid, const char *what)
{
	struct fs_session *s = l->session;
	struct fs_leg *f = fs_table_find(&s->table, uuid);
	const char *text;
	if (f)
		f->hung_up_by_us = true;
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
