/* A toy device that does what the layout's name says, and a house of lanes around it: shared by the
 * tests of lanes. */
#ifndef TD_TESTS_UNIT_LANE_TOY_H
#define TD_TESTS_UNIT_LANE_TOY_H

#include "lane.h"

#include "base/clock.h"
#include "base/str.h"

#include "adapters/wire/trace.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- the toy ------------------------------------------------------- */

static struct {
	atomic_int logins, logouts, most_sessions, inside, most_inside, contacts, login_inside,
		most_login_inside;
	atomic_bool gate;
	pthread_mutex_t lock;
	char order[400];
	char called[200];
} toy;

static inline void
raise_to(atomic_int *most, int v)
{
	for (int old = atomic_load(most); v > old && !atomic_compare_exchange_weak(most, &old, v);)
		;
}

static inline void
note(char *into, size_t size, const char *text)
{
	pthread_mutex_lock(&toy.lock);
	size_t n = strlen(into);
	snprintf(into + n, size - n, "%s ", text);
	pthread_mutex_unlock(&toy.lock);
}

static inline enum err
toy_open(struct task *t, struct lane *l)
{
	raise_to(&toy.most_login_inside, atomic_fetch_add(&toy.login_inside, 1) + 1);
	atomic_fetch_add(&toy.contacts, 1);
	int logins = atomic_fetch_add(&toy.logins, 1) + 1;
	task_sleep(t, 2); /* others could slip in here */
	atomic_fetch_sub(&toy.login_inside, 1);
	if (t->code)
		return t->code;
	if (!str_eq(l->device->password, "right"))
		return task_fail(t, ERR_AUTH, "log in: password refused");
	if (str_eq(l->device->user, "two-ways"))
		task_fail(t, ERR_PROTOCOL, "the first way"); /* and the second one works */
	l->session = arena_strdup(l->arena, "session");
	if (!l->device->pin)
		str_copy(l->learned_pin, sizeof l->learned_pin, "SHA256:toy");
	raise_to(&toy.most_sessions, logins - atomic_load(&toy.logouts));
	return OK;
}

static inline void
toy_close(struct task *t, struct lane *l)
{
	atomic_fetch_add(&toy.contacts, 1);
	if (str_eq(l->device->user, "slow-logout"))
		task_sleep(t, 300);
	if (str_eq(l->session, "session"))
		atomic_fetch_add(&toy.logouts, 1);
}

static inline enum err
act(struct task *t, const struct lane *l, const char *what)
{
	if (str_eq(what, "gate"))
		while (!atomic_load(&toy.gate) && !task_sleep(t, 1))
			;
	if (str_eq(what, "wait"))
		return task_sleep(t, 60000) ? t->code : OK;
	if (str_eq(what, "silence"))
		return task_fail(t, ERR_UNSUPPORTED, "never seen"), t->code = OK, ERR_BUSY;
	if (str_eq(what, "garbage")) {
		const char *said = "<what> right </what>";
		trace_bytes(t->trace, '<', said, strlen(said));
		return task_fail_as(t, ERR_PROTOCOL, "bad-xml", "layout: answer is no XML");
	}
	enum err code = err_from_name(what);
	if (!t->code && code && str_eq(err_name(code), what))
		return task_fail(t, code, "layout: %s said the device %s", what, l->device->name);
	return t->code;
}

static inline enum err
toy_layout(struct task *t, struct lane *l, const struct conference *c, const char *what)
{
	atomic_fetch_add(&toy.contacts, 1);
	if (!str_eq(l->session, "session"))
		return task_fail(t, ERR_SYSTEM, "called without a session");
	raise_to(&toy.most_inside, atomic_fetch_add(&toy.inside, 1) + 1);
	note(toy.order, sizeof toy.order, c->name);
	enum err rc = act(t, l, what);
	atomic_fetch_sub(&toy.inside, 1);
	return rc;
}

static inline enum err __attribute__((format(printf, 1, 2))) called(const char *fmt, ...)
{
	char line[100];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	note(toy.called, sizeof toy.called, line);
	return OK;
}

static inline enum err
toy_probe(struct task *t, struct lane *l, struct identity *out)
{
	str_copy(out->model, sizeof out->model, "Toy 1");
	return called("probe");
}

static inline enum err
toy_find(struct task *t, struct lane *l, const char *name, struct conference *out)
{
	str_copy(out->id, sizeof out->id, "c7");
	return called("find/%s", name);
}

static inline enum err
toy_start(struct task *t, struct lane *l, const struct conference_spec *s, struct conference *out)
{
	out->created = true;
	return called("start/%s/%d/%s/%d/%d", s->name, s->muted, s->layout ? s->layout : "-",
		s->kbps, s->ports);
}

static inline enum err
toy_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out)
{
	str_copy(out->id, sizeof out->id, "leg9");
	return called("dial/%s/%s/%s/%s/%s/%d/%d/%d", c->id, d->site_name, d->leg_name, d->address,
		d->attempt, d->kbps, d->muted, d->audio_only);
}

static inline enum err
toy_roster(struct task *t, struct lane *l, const struct conference *c, struct roster *out)
{
	out->legs = arena_alloc(t->arena, 3 * sizeof *out->legs);
	out->n = 3;
	str_copy(out->legs[2].name, sizeof out->legs[2].name, "third");
	return called("roster/%s", c->id);
}

static inline enum err
toy_hangup(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	return called("hangup/%s/%s", c->id, leg->id);
}

static inline enum err
toy_focus(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	return called("focus/%s", leg ? leg->id : "none");
}

static inline enum err
toy_message(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	const char *text, int seconds)
{
	return called("message/%s/%s/%d", leg ? leg->id : "all", text, seconds);
}

static inline enum err
toy_play(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	int seconds)
{
	return called("play/%s/%d", leg ? leg->id : "all", seconds);
}

static const struct mcu_adapter toy_mcu = { .name = "toy",
	.open = toy_open,
	.close = toy_close,
	.probe = toy_probe,
	.find = toy_find,
	.start = toy_start,
	.dial = toy_dial,
	.roster = toy_roster,
	.hangup = toy_hangup,
	.layout = toy_layout,
	.focus = toy_focus,
	.message = toy_message,
	.play = toy_play };

static inline enum err
box_status(struct task *t, struct lane *l, struct endpoint_status *out)
{
	out->in_call = YES;
	return called("box-status");
}

static inline enum err
box_mute(struct task *t, struct lane *l, bool on)
{
	return called("box-mute/%d", on);
}

static const struct endpoint_adapter toy_box = {
	.name = "toy", .open = toy_open, .close = toy_close, .status = box_status, .mute = box_mute
};

static const struct mcu_adapter *const mcus[] = { &toy_mcu, NULL };

static const struct endpoint_adapter *const boxes[] = { &toy_box, NULL };

/* ---- the house ----------------------------------------------------- */

struct house {
	struct pool *pool;
	struct mailbox *mail;
	struct lanes *lanes;
	int64_t numbers;
};

enum { IDLE_MS = 1000 * 1000 };

static inline void
build(struct house *h, size_t workers, size_t kept)
{
	h->pool = pool_new(workers, kept);
	h->mail = mailbox_new();
	h->lanes = lanes_new(h->pool, h->mail, IDLE_MS);
	lanes_adapters(h->lanes, mcus, boxes);
}

static inline int
setup(void **state)
{
	memset(&toy, 0, sizeof toy);
	pthread_mutex_init(&toy.lock, NULL);
	struct house *h = xalloc(sizeof *h);
	build(h, 8, 2);
	*state = h;
	return 0;
}

static inline void
free_answer(void *a)
{
	answer_free(a);
}

static inline int
teardown(void **state)
{
	struct house *h = *state;
	lanes_free(h->lanes);
	mailbox_free(h->mail, free_answer);
	pool_free(h->pool);
	free(h);
	return 0;
}

static inline void
device(struct house *h, const char *name, int width, const char *password, const char *user)
{
	struct device d = { .name = name,
		.adapter = "toy",
		.url = "toy://",
		.user = user,
		.password = password,
		.pin = "known",
		.width = width };
	lanes_device(h->lanes, &d);
}

static inline struct order
order(const char *device_name, enum verb v)
{
	struct order o = { .verb = v };
	str_copy(o.device, sizeof o.device, device_name);
	str_copy(o.run, sizeof o.run, "run");
	return o;
}

/* A layout order; tag shows in toy.order. */
static inline void
submit(struct house *h, const char *device_name, const char *what, const char *tag, bool urgent)
{
	struct order o = order(device_name, VERB_LAYOUT);
	o.number = ++h->numbers;
	o.urgent = urgent;
	o.timeout_ms = str_eq(what, "wait") ? 30000 : 5000;
	str_copy(o.layout, sizeof o.layout, what);
	str_copy(o.conference.name, sizeof o.conference.name, tag);
	lanes_submit(h->lanes, &o);
}

/* As the coordinator's loop does it. */
static inline struct answer *
take(struct house *h)
{
	for (int64_t until = clock_mono() + 20000; clock_mono() < until;) {
		struct answer *a = mailbox_take(h->mail);
		if (a) {
			lanes_answered(h->lanes, a);
			return a;
		}
		int ms = lanes_tick(h->lanes, clock_mono());
		struct pollfd fd = { .fd = mailbox_fd(h->mail), .events = POLLIN };
		poll(&fd, 1, ms < 1000 ? ms : 1000);
	}
	fail_msg("no answer comes");
	return NULL;
}

static inline enum err
take_code(struct house *h)
{
	struct answer *a = take(h);
	enum err code = a->code;
	answer_free(a);
	return code;
}

static inline void
take_all(struct house *h, int n, enum err code)
{
	for (int i = 0; i < n; i++)
		assert_int_equal(take_code(h), code);
	assert_null(mailbox_take(h->mail));
	assert_int_equal(lanes_running(h->lanes), 0);
}

static inline void
wait_for(struct house *h, atomic_int *value, int wanted)
{
	for (int64_t until = clock_mono() + 20000; atomic_load(value) != wanted;) {
		assert_true(clock_mono() < until);
		lanes_tick(h->lanes, clock_mono()); /* news of logins arrive here */
		poll(NULL, 0, 1);
	}
}

#endif
