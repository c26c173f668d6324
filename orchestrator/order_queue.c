/* Orders that wait for a device: two linked lists, one of them urgent.
 *
 * Each lane owns one and uses it on the coordinator's thread. Orders are copied in and out. It
 * knows nothing of devices, slots or time. */
#include "order_queue.h"

#include "base/str.h"

#include <stdlib.h>

struct waiting {
	struct waiting *next;
	struct order order;
};

static struct waiting *
copy(const struct order *o)
{
	struct waiting *w = xalloc(sizeof *w);
	w->order = *o;
	return w;
}

bool
order_queue_empty(const struct order_queue *q)
{
	return !q->urgent && !q->normal;
}

void
order_queue_add(struct order_queue *q, const struct order *o)
{
	struct waiting **first = o->urgent ? &q->urgent : &q->normal;
	struct waiting **last = o->urgent ? &q->urgent_last : &q->normal_last;
	struct waiting *w = copy(o);
	if (*first)
		(*last)->next = w;
	else
		*first = w;
	*last = w;
}

void
order_queue_return(struct order_queue *q, const struct order *o)
{
	struct waiting **first = o->urgent ? &q->urgent : &q->normal;
	struct waiting **last = o->urgent ? &q->urgent_last : &q->normal_last;
	struct waiting *w = copy(o);
	w->next = *first;
	*first = w;
	if (!w->next)
		*last = w;
}

/* w goes, its order into *out; before: its neighbour, NULL for the first. */
static void
unlink_from(struct waiting **first, struct waiting **last, struct waiting *before,
	struct waiting *w, struct order *out)
{
	*out = w->order;
	*(before ? &before->next : first) = w->next;
	if (*last == w)
		*last = before;
	free(w);
}

static bool
remove_from(struct waiting **first, struct waiting **last, const char *run, struct order *out)
{
	struct waiting *before = NULL;
	for (struct waiting *w = *first; w; before = w, w = w->next) {
		if (run && !str_eq(w->order.run, run))
			continue;
		unlink_from(first, last, before, w, out);
		return true;
	}
	return false;
}

bool
order_queue_remove(struct order_queue *q, const char *run, struct order *out)
{
	return remove_from(&q->urgent, &q->urgent_last, run, out) ||
	       remove_from(&q->normal, &q->normal_last, run, out);
}

/* Undone by the next of its kind: the last one given must be the last one done. */
static bool
sets_a_switch(const struct order *o)
{
	return o->site[0] && o->verb == VERB_MUTE;
}

static bool
must_wait(const struct order *o, const struct order *const *busy, size_t n)
{
	for (size_t i = 0; sets_a_switch(o) && i < n; i++)
		if (sets_a_switch(busy[i]) && str_eq(busy[i]->site, o->site) &&
			str_eq(busy[i]->run, o->run))
			return true;
	return false;
}

static bool
take_from(struct waiting **first, struct waiting **last, const struct order *const *busy, size_t n,
	struct order *out)
{
	struct waiting *before = NULL;
	/* Who must wait lets nobody of its own site pass: the same orders are at work for all of
	 * them. */
	for (struct waiting *w = *first; w; before = w, w = w->next) {
		if (must_wait(&w->order, busy, n))
			continue;
		unlink_from(first, last, before, w, out);
		return true;
	}
	return false;
}

bool
order_queue_take(
	struct order_queue *q, const struct order *const *busy, size_t n, struct order *out)
{
	return take_from(&q->urgent, &q->urgent_last, busy, n, out) ||
	       take_from(&q->normal, &q->normal_last, busy, n, out);
}

void
order_queue_clear(struct order_queue *q)
{
	struct waiting *lists[] = { q->urgent, q->normal };
	for (int i = 0; i < 2; i++)
		for (struct waiting *w = lists[i], *next; w; w = next) {
			next = w->next;
			free(w);
		}
	*q = (struct order_queue){ 0 };
}
