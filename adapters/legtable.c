/* What a session knows of the legs of a device that forgets each with its end, and what such
 * families do alike with it: rosters of legs that are gone, orders to dial, reasons.
 *
 * Called by FreeSWITCH and Asterisk, which feed it with lists and events. Owns nothing: the legs
 * are on the lane's arena and go with the session. Must never grow, invent a reason, or know a
 * family. */
#include "adapters/legtable.h"

#include "adapters/connect.h"
#include "base/str.h"

#include <string.h>

enum { GRACE_ROSTERS = 2, WAIT_MS = 25, WAITS_MOST = 12, EVENTS_MOST = 400 };

/* ---- the table ---- */

void
leg_table_init(struct leg_table *t, struct arena *a, size_t size)
{
	*t = (struct leg_table){ .at = arena_alloc(a, LEG_TABLE_MOST * size), .size = size };
}

void *
leg_table_at(const struct leg_table *t, size_t i)
{
	return t->at + i * t->size;
}

void *
leg_table_find(struct leg_table *t, const char *id)
{
	for (size_t i = 0; i < t->n; i++) {
		struct known_leg *k = leg_table_at(t, i);
		if (str_eq(k->id, id)) {
			k->used = ++t->clock;
			return k;
		}
	}
	return NULL;
}

/* Lower goes first: what was told to its end, what has ended, what nobody asked about for long. */
static int
worth(const struct known_leg *k)
{
	return k->told >= 2 ? 0 : k->ended || k->state == LEG_GONE ? 1 : 2;
}

void *
leg_table_add(struct leg_table *t, const char *id)
{
	struct known_leg *k = leg_table_find(t, id);
	if (k)
		return k;
	if (t->n < LEG_TABLE_MOST) {
		k = leg_table_at(t, t->n++);
	} else {
		k = leg_table_at(t, 0);
		for (size_t i = 1; i < t->n; i++) {
			struct known_leg *other = leg_table_at(t, i);
			int a = worth(other), b = worth(k);
			if (a < b || (a == b && other->used < k->used))
				k = other;
		}
	}
	k->used = ++t->clock;
	str_copy(k->id, sizeof k->id, id);
	leg_table_reset(t, k);
	return k;
}

void
leg_table_reset(const struct leg_table *t, struct known_leg *k)
{
	struct known_leg fresh = { .used = k->used };
	str_copy(fresh.id, sizeof fresh.id, k->id);
	memset((void *)k, 0, t->size);
	*k = fresh;
}

/* ---- what becomes of a leg ---- */

void
known_leg_dialled(struct known_leg *k, const struct conference *c, const struct dial *d)
{
	str_copy(k->conference, sizeof k->conference, c->id);
	str_copy(k->name, sizeof k->name, d->leg_name);
	str_copy(k->address, sizeof k->address, d->address);
	if (k->state == LEG_NEW || k->state == LEG_GONE)
		k->state = LEG_DIALING;
	k->missed = 0;
}

void
known_leg_listed(struct known_leg *k, enum leg_state state)
{
	k->state = state;
	k->ended = false;
	k->told = k->missed = 0;
}

void
known_leg_ended(struct known_leg *k, struct ending why)
{
	k->ended = true;
	k->told = 0;
	k->ending = why;
	if (k->hung_up_by_us && k->ending.cause == CAUSE_UNKNOWN)
		k->ending.cause = CAUSE_OUR_HANGUP;
}

void
known_leg_moved(struct known_leg *k)
{
	k->ended = true;
	k->ending = (struct ending){ .cause = CAUSE_OUR_HANGUP };
	str_copy(k->ending.device_words, sizeof k->ending.device_words, "moved elsewhere");
}

/* ---- a roster ---- */

void
known_leg_put(const struct known_leg *k, bool ours, struct leg *out)
{
	*out = (struct leg){ .state = k->state, .incoming = k->incoming, .configured = ours };
	str_copy(out->id, sizeof out->id, k->id);
	str_copy(out->name, sizeof out->name, k->name);
	str_copy(out->address, sizeof out->address, k->address);
	str_copy(out->protocol, sizeof out->protocol, "sip");
	str_copy(out->remote_ip, sizeof out->remote_ip, k->remote_ip);
}

bool
known_leg_put_absent(struct known_leg *k, bool alive, bool ours, struct leg *out)
{
	if (!k->ended && (alive || (k->state == LEG_DIALING && k->missed++ < GRACE_ROSTERS))) {
		if (k->state == LEG_NEW)
			k->state = LEG_DIALING;
		known_leg_put(k, ours, out);
		return true;
	}
	if (!k->ended && k->state != LEG_GONE)
		k->ending = (struct ending){ .cause = k->hung_up_by_us ? CAUSE_OUR_HANGUP
								       : CAUSE_UNKNOWN };
	k->state = LEG_GONE;
	if (k->told >= 2)
		return false;
	k->told++;
	known_leg_put(k, ours, out);
	out->ending = k->ending;
	return true;
}

/* ---- waiting for an end ---- */

static bool
any_ending(const struct leg_table *t, leg_ending_fn *is_ending, const void *about)
{
	for (size_t i = 0; i < t->n; i++)
		if (is_ending(leg_table_at(t, i), about))
			return true;
	return false;
}

enum err
leg_table_await(struct task *t, struct lane *l, const struct leg_table *table,
	leg_listen_fn *listen, leg_ending_fn *is_ending, const void *about)
{
	int quiet = 0;
	for (int i = 0; quiet < WAITS_MOST && i < EVENTS_MOST; i++) {
		bool any;
		if (!any_ending(table, is_ending, about))
			return OK;
		enum err e = listen(t, l, WAIT_MS, &any);
		if (e)
			return e;
		quiet += !any;
	}
	return OK;
}

static bool
is_this(const struct known_leg *k, const void *id)
{
	return str_eq(k->id, id) && !k->ended;
}

enum err
leg_table_reason(struct task *t, struct lane *l, struct leg_table *table, leg_listen_fn *listen,
	leg_exists_fn *exists, const struct leg *leg, struct ending *out)
{
	bool there;
	enum err e = leg_table_await(t, l, table, listen, is_this, leg->id);
	if (e)
		return e;
	const struct known_leg *k = leg_table_find(table, leg->id);
	if (k && k->ended) {
		*out = k->ending;
		return OK;
	}
	e = exists(t, l, leg->id, &there);
	if (e)
		return e;
	return task_fail(t, there ? ERR_BUSY : ERR_GONE, "why %s ended on %s: %s", leg->name,
		l->device->name, there ? "it has not ended" : "not known");
}

/* ---- an order to dial ---- */

enum err
leg_order(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	const char *id, leg_order_fn *order, leg_exists_fn *exists)
{
	for (int round = 0; round < 2; round++) {
		bool there;
		enum err e = order(t, l, c, d, id);
		if (!device_cut_off(t, e))
			return e;
		task_forgive(t);
		e = exists(t, l, id, &there);
		if (e || there)
			return e;
	}
	return task_fail(t, ERR_TIMEOUT,
		"dial %s on %s: the device closed the connection, and it is not dialling",
		d->address, l->device->name);
}
