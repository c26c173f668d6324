/* The coordinator's side of the lanes: who waits for which device, and who may go now.
 *
 * The coordinator submits orders and hands back each answer; workers do the rest in lane_work.c.
 * Each device has a queue and up to `width` slots, each with a session of its own. Only one slot of
 * a device logs in at a time, and a refused login empties the queue without another contact:
 * devices lock accounts. Everything here belongs to the coordinator's thread but for the seat and
 * job of a slot that is at work. It must never block (lanes_free() apart) and never repeat an
 * order. */
#include "lane.h"

#include "lane_device.h"
#include "lane_work.h"
#include "order_queue.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
	INBOX_MOST = 200,
	INBOX_CODEC_MOST = 24,
	LOOK_AGAIN_MS = 250,
	CALM_MS = 60000,
	FAREWELL_MS = 60000
};

struct way;

struct slot {
	struct way *way;
	struct seat seat;
	struct lane_job job; /* order and cancel_fd are valid while busy */
	struct lane_posts inbox; /* since its last order */
	bool busy;	     /* its answer has not come back */
	bool opening;	     /* at work without a session */
	int closing;	     /* closings begun less LANE_CLOSED seen; either may be seen first */
	int inside;	     /* jobs whose LANE_DONE has not come */
	int64_t idle_since;
};

struct way { /* one device */
	struct lanes *lanes;
	char *name;
	const struct device *device;
	const struct mcu_adapter *mcu;
	const struct endpoint_adapter *endpoint;
	VEC(struct slot *) slots;
	struct order_queue queue;
	bool slow; /* timed out last time */
	bool refused;
	char refused_word[40], refused_why[480];
};

struct lanes {
	struct pool *pool;
	struct mailbox *answers, *notices;
	struct map *ways;    /* device name -> struct way */
	struct arena *arena; /* configurations: workers may still read a replaced one */
	const struct mcu_adapter *const *mcus;
	const struct endpoint_adapter *const *endpoints;
	int idle_ms;
	int64_t next_idle; /* when the first unused session may be due */
	size_t running, opening;
	size_t inside;
	bool ending;
};

static void
answer_unsent(
	struct lanes *l, const struct order *o, enum err code, const char *word, const char *why)
{
	struct answer *a = answer_new(o);
	a->code = code;
	str_copy(a->word, sizeof a->word, word);
	str_copy(a->why, sizeof a->why, why);
	mailbox_post(l->answers, a);
}

/* Answers what waits of a run (NULL: of all). */
static void
flush(struct way *w, const char *run, enum err code, const char *word, const char *why)
{
	for (struct order o; order_queue_remove(&w->queue, run, &o);)
		answer_unsent(w->lanes, &o, code, word, why);
}

/* ---- slots ----------------------------------------------------------------------------------- */

static bool
is_free(const struct slot *s)
{
	return !s->busy && s->closing == 0;
}

static void
enter(struct slot *s, enum job_class class, void (*run)(void *))
{
	s->inside++;
	s->way->lanes->inside++;
	pool_submit(s->way->lanes->pool, class, run, &s->job);
}

static void
close_session(struct slot *s, enum job_class class)
{
	s->closing++;
	enter(s, class, lane_job_close);
}

static struct slot *
slot_at(struct way *w, size_t i)
{
	if (i < w->slots.n)
		return w->slots.at[i];
	struct slot *s = xalloc(sizeof *s);
	s->way = w;
	s->job = (struct lane_job){ .seat = &s->seat,
		.slot = s,
		.cancel_fd = -1,
		.answers = w->lanes->answers,
		.notices = w->lanes->notices };
	*vec_add(&w->slots) = s;
	return s;
}

/* A free slot with a session, else one that may log in: nobody else of this device is doing so. */
static struct slot *
choose_slot(struct way *w)
{
	struct slot *empty = NULL;
	bool opening = false;
	size_t width = (size_t)w->device->width;
	for (size_t i = 0; i < w->slots.n; i++) {
		struct slot *s = w->slots.at[i];
		opening = opening || s->opening;
		if (i >= width || !is_free(s))
			continue;
		if (s->seat.opened && s->seat.face.device == w->device)
			return s;
		if (!empty)
			empty = s;
	}
	if (opening)
		return NULL;
	return empty || w->slots.n >= width ? empty : slot_at(w, w->slots.n);
}

/* The next order that the work under way leaves room for; false: none. */
static bool
next_order(struct way *w, struct order *out)
{
	const struct order *busy[64];
	size_t n = 0;
	for (size_t i = 0; i < w->slots.n && n < sizeof busy / sizeof *busy; i++)
		if (w->slots.at[i]->busy)
			busy[n++] = &w->slots.at[i]->job.order;
	return order_queue_take(&w->queue, busy, n, out);
}

static void
begin(struct way *w, struct slot *s, const struct order *o)
{
	struct lanes *l = w->lanes;
	s->job.order = *o;
	s->job.cancel_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (s->job.cancel_fd < 0) {
		answer_unsent(
			l, &s->job.order, ERR_SYSTEM, "", "no file descriptor left to cancel with");
		return;
	}
	/* What a codec posted goes with the answer that shows it. */
	for (size_t i = 0; i < s->inbox.n && (w->mcu || o->verb == VERB_STATUS); i++)
		*vec_add(&s->job.posts) = s->inbox.at[i];
	if (w->mcu || o->verb == VERB_STATUS)
		s->inbox.n = 0;
	s->job.device = w->device;
	s->job.mcu = w->mcu;
	s->job.endpoint = w->endpoint;
	s->busy = true;
	s->opening = !s->seat.opened || s->seat.face.device != w->device;
	l->opening += s->opening;
	l->running++;
	enter(s, s->job.order.urgent ? JOB_URGENT : w->slow ? JOB_SLOW : JOB_NORMAL, lane_job_run);
}

static void
go_on(struct way *w)
{
	if (w->refused)
		flush(w, NULL, ERR_AUTH, w->refused_word, w->refused_why);
	struct order o;
	for (struct slot *s; !order_queue_empty(&w->queue) && !w->lanes->ending &&
			     (s = choose_slot(w)) && next_order(w, &o);)
		begin(w, s, &o);
}

/* The slot has its order no longer. */
static void
release(struct slot *s)
{
	struct lanes *l = s->way->lanes;
	s->busy = false;
	l->opening -= s->opening;
	s->opening = false;
	l->running--;
	close(s->job.cancel_fd);
	s->job.cancel_fd = -1;
}

/* A job may wait in the pool for a common worker although an urgent order now waits behind it. */
static void
make_way(struct way *w)
{
	for (size_t i = 0; i < w->slots.n; i++) {
		struct slot *s = w->slots.at[i];
		if (!s->busy || s->job.order.urgent ||
			!pool_withdraw(w->lanes->pool, lane_job_run, &s->job))
			continue;
		s->inside--;
		w->lanes->inside--;
		order_queue_return(&w->queue, &s->job.order);
		release(s);
		return;
	}
}

/* ---- news from workers ----------------------------------------------------------------------- */

static void
read_notices(struct lanes *l)
{
	for (struct lane_notice *n; (n = mailbox_take(l->notices));) {
		struct slot *s = n->slot;
		switch (n->event) {
		case LANE_OPENED:
			l->opening -= s->opening;
			s->opening = false;
			break;
		case LANE_CLOSED: s->closing--; break;
		case LANE_DONE:
			s->inside--;
			l->inside--;
			break;
		}
		if (n->event != LANE_DONE)
			go_on(s->way);
		free(n);
	}
}

static void
mark_refused(struct way *w, const char *word, const char *why)
{
	if (w->refused)
		return;
	w->refused = true;
	str_copy(w->refused_word, sizeof w->refused_word, str_empty(word) ? "login-refused" : word);
	str_copy(w->refused_why, sizeof w->refused_why, why ? why : "");
	log_warn("lane", "%s is left alone until a person acts: %s: %s", w->name, w->refused_word,
		w->refused_why);
}

static void
learn(struct way *w, const struct answer *a)
{
	switch (a->code) {
	case ERR_TIMEOUT: w->slow = true; break;
	case ERR_AUTH: mark_refused(w, a->word, a->why); /* fall through */
	case OK:
	case ERR_REFUSED:
	case ERR_BUSY:
	case ERR_GONE:
	case ERR_PROTOCOL: w->slow = false; break;
	case ERR_UNREACHABLE:
	case ERR_UNSUPPORTED:
	case ERR_CANCELED:
	case ERR_INPUT:
	case ERR_SYSTEM: break;
	}
}

void
lanes_answered(struct lanes *l, const struct answer *a)
{
	struct slot *s = a->slot;
	if (s)
		learn(s->way, a); /* before anybody else is let in */
	read_notices(l);
	if (!s)
		return;
	struct way *w = s->way;
	release(s);
	s->closing += a->closing;
	s->idle_since = clock_mono();
	if (s->idle_since + l->idle_ms < l->next_idle)
		l->next_idle = s->idle_since + l->idle_ms;
	go_on(w);
}

/* ---- configuration --------------------------------------------------------------------------- */

struct lanes *
lanes_new(struct pool *pool, struct mailbox *answers, int idle_ms)
{
	struct lanes *l = xalloc(sizeof *l);
	l->pool = pool;
	l->answers = answers;
	l->notices = mailbox_new();
	l->ways = map_new();
	l->arena = arena_new();
	l->idle_ms = idle_ms;
	l->next_idle = INT64_MAX;
	return l;
}

void
lanes_adapters(struct lanes *l, const struct mcu_adapter *const *mcus,
	const struct endpoint_adapter *const *endpoints)
{
	l->mcus = mcus;
	l->endpoints = endpoints;
}

static struct way *
new_way(struct lanes *l, const char *name)
{
	struct way *w = xalloc(sizeof *w);
	w->lanes = l;
	w->name = xstrdup(name);
	map_set(l->ways, name, w);
	return w;
}

void
lanes_device(struct lanes *l, const struct device *d)
{
	struct way *w = map_get(l->ways, d->name);
	if (!w)
		w = new_way(l, d->name);
	if (w->device && lane_device_same(w->device, d))
		return;
	w->device = lane_device_copy(l->arena, d);
	bool site = str_starts(d->name, "site:");
	w->mcu = site ? NULL : lane_find_mcu(l->mcus, d->adapter);
	w->endpoint = site ? lane_find_endpoint(l->endpoints, d->adapter) : NULL;
	for (size_t i = 0; i < w->slots.n; i++)
		if (is_free(w->slots.at[i]) && w->slots.at[i]->seat.opened)
			close_session(w->slots.at[i], JOB_NORMAL);
}

bool
lanes_has(const struct lanes *l, const char *device)
{
	return map_has(l->ways, device);
}

const char *
lanes_refused(const struct lanes *l, const char *device, const char **word)
{
	const struct way *w = map_get(l->ways, device);
	bool refused = w && w->refused;
	if (word)
		*word = refused ? w->refused_word : NULL;
	return refused ? w->refused_why : NULL;
}

void
lanes_refuse(struct lanes *l, const char *device, const char *word, const char *why)
{
	struct way *w = map_get(l->ways, device);
	if (!w)
		return;
	mark_refused(w, word, why);
	go_on(w);
}

void
lanes_pardon(struct lanes *l, const char *device)
{
	struct way *w = map_get(l->ways, device);
	if (w)
		w->refused = false;
}

/* ---- orders ---------------------------------------------------------------------------------- */

void
lanes_submit(struct lanes *l, const struct order *o)
{
	read_notices(l);
	struct way *w = map_get(l->ways, o->device);
	char why[300];
	if (!w) {
		snprintf(why, sizeof why, "%s %s: no such device", verb_name(o->verb), o->device);
		answer_unsent(l, o, ERR_INPUT, "", why);
		return;
	}
	if (!w->mcu && !w->endpoint) {
		snprintf(why, sizeof why, "%s %s: no adapter named %s", verb_name(o->verb),
			o->device, w->device->adapter ? w->device->adapter : "(none)");
		answer_unsent(l, o, ERR_INPUT, "", why);
		return;
	}
	order_queue_add(&w->queue, o);
	if (o->urgent && !w->refused && !choose_slot(w))
		make_way(w);
	go_on(w);
}

static void
put_in(struct slot *s, const char *bytes, size_t n)
{
	struct lane_post *p = xalloc(sizeof *p + n + 1);
	p->at = clock_now();
	p->n = n;
	memcpy(p->bytes, bytes, n);
	if (s->inbox.n ==
		(s->way->mcu ? INBOX_MOST
			     : INBOX_CODEC_MOST)) { /* nobody asks this device anything: the oldest
						     * goes, the next list tells */
		free(s->inbox.at[0]);
		memmove(s->inbox.at, s->inbox.at + 1, --s->inbox.n * sizeof *s->inbox.at);
	}
	*vec_add(&s->inbox) = p;
}

void
lanes_push(struct lanes *l, const char *device, const char *bytes, size_t n)
{
	struct way *w = map_get(l->ways, device);
	bool taken = false;
	if (!w || !(w->mcu ? w->mcu->pushed != NULL : w->endpoint && w->endpoint->pushed))
		return;
	for (size_t i = 0; i < w->slots.n; i++) {
		struct slot *s = w->slots.at[i];
		if (!s->busy && (s->closing || !s->seat.opened))
			continue;
		put_in(s, bytes, n);
		taken = true;
	}
	if (!taken)
		put_in(slot_at(w, 0), bytes, n);
}

void
lanes_cancel(struct lanes *l, const char *run)
{
	size_t i = 0;
	void *value;
	for (const char *name; map_next(l->ways, &i, &name, &value);) {
		struct way *w = value;
		flush(w, run, ERR_CANCELED, "", "canceled before it began");
		for (size_t k = 0; k < w->slots.n; k++) {
			struct slot *s = w->slots.at[k];
			if (s->busy && (!run || str_eq(s->job.order.run, run)))
				eventfd_write(s->job.cancel_fd, 1);
		}
	}
}

size_t
lanes_running(const struct lanes *l)
{
	return l->running;
}

/* Closes what is unused since `before`; returns the earliest other one, or INT64_MAX. */
static int64_t
close_idle(struct lanes *l, int64_t before, enum job_class class)
{
	int64_t earliest = INT64_MAX;
	size_t i = 0;
	void *value;
	for (const char *name; map_next(l->ways, &i, &name, &value);) {
		struct way *w = value;
		for (size_t k = 0; k < w->slots.n; k++) {
			struct slot *s = w->slots.at[k];
			if (!is_free(s) || !s->seat.opened)
				continue;
			if (s->idle_since <= before)
				close_session(s, class);
			else if (s->idle_since < earliest)
				earliest = s->idle_since;
		}
	}
	return earliest;
}

int
lanes_tick(struct lanes *l, int64_t mono_now)
{
	read_notices(l);
	if (mono_now >= l->next_idle) {
		int64_t since = close_idle(l, mono_now - l->idle_ms, JOB_NORMAL);
		l->next_idle = since == INT64_MAX ? INT64_MAX : since + l->idle_ms;
	}
	int64_t ms = l->opening || l->inside > l->running ? LOOK_AGAIN_MS : CALM_MS;
	if (l->next_idle != INT64_MAX && l->next_idle - mono_now < ms)
		ms = l->next_idle - mono_now;
	return (int)ms;
}

/* ---- the end --------------------------------------------------------------------------------- */

static bool
wait_outside(struct lanes *l, int64_t until)
{
	read_notices(l);
	for (int64_t now; l->inside && (now = clock_mono()) < until;) {
		struct pollfd fd = { .fd = mailbox_fd(l->notices), .events = POLLIN };
		poll(&fd, 1, (int)(until - now));
		read_notices(l);
	}
	return !l->inside;
}

static void
free_way(struct way *w)
{
	for (size_t i = 0; i < w->slots.n; i++) {
		struct slot *s = w->slots.at[i];
		if (s->job.cancel_fd >= 0)
			close(s->job.cancel_fd);
		arena_free(s->seat.face.arena);
		lane_posts_clear(&s->inbox);
		lane_posts_clear(&s->job.posts);
		vec_free(&s->inbox);
		vec_free(&s->job.posts);
		free(s);
	}
	vec_free(&w->slots);
	order_queue_clear(&w->queue);
	free(w->name);
	free(w);
}

void
lanes_free(struct lanes *l)
{
	if (!l)
		return;
	l->ending = true;
	lanes_cancel(l, NULL);
	int64_t until = clock_mono() + FAREWELL_MS;
	bool outside = wait_outside(l, until);
	size_t i = 0;
	void *value;
	for (const char *name; map_next(l->ways, &i, &name, &value);) {
		struct way *w = value;
		for (size_t k = 0; k < w->slots.n; k++)
			if (w->slots.at[k]->inside == 0 && w->slots.at[k]->seat.opened)
				close_session(w->slots.at[k], JOB_URGENT);
	}
	outside = wait_outside(l, until) && outside;
	if (!outside) { /* an adapter that waits elsewhere than in task_wait(): what it uses must
			   stay */
		log_error("lane", "%zu tasks did not end when canceled", l->inside);
		return;
	}
	i = 0;
	for (const char *name; map_next(l->ways, &i, &name, &value);)
		free_way(value);
	map_free(l->ways);
	mailbox_free(l->notices, free);
	arena_free(l->arena);
	free(l);
}
