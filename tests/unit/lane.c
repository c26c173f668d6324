/* Lanes against a toy device that does what the layout's name says: width, order, logins, sessions,
 * cancelling, urgent work, and which operation a verb becomes. */
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

/* ---- the toy --------------------------------------------------------------------------------- */

static struct {
	atomic_int logins, logouts, most_sessions, inside, most_inside, contacts, login_inside,
		most_login_inside;
	atomic_bool gate;
	pthread_mutex_t lock;
	char order[400];
	char called[200];
} toy;

static void
raise_to(atomic_int *most, int v)
{
	for (int old = atomic_load(most); v > old && !atomic_compare_exchange_weak(most, &old, v);)
		;
}

static void
note(char *into, size_t size, const char *text)
{
	pthread_mutex_lock(&toy.lock);
	size_t n = strlen(into);
	snprintf(into + n, size - n, "%s ", text);
	pthread_mutex_unlock(&toy.lock);
}

static enum err
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

static void
toy_close(struct task *t, struct lane *l)
{
	atomic_fetch_add(&toy.contacts, 1);
	if (str_eq(l->device->user, "slow-logout"))
		task_sleep(t, 300);
	if (str_eq(l->session, "session"))
		atomic_fetch_add(&toy.logouts, 1);
}

static enum err
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

static enum err
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

static enum err __attribute__((format(printf, 1, 2))) called(const char *fmt, ...)
{
	char line[100];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	note(toy.called, sizeof toy.called, line);
	return OK;
}

static enum err
toy_probe(struct task *t, struct lane *l, struct identity *out)
{
	str_copy(out->model, sizeof out->model, "Toy 1");
	return called("probe");
}

static enum err
toy_find(struct task *t, struct lane *l, const char *name, struct conference *out)
{
	str_copy(out->id, sizeof out->id, "c7");
	return called("find/%s", name);
}

static enum err
toy_start(struct task *t, struct lane *l, const struct conference_spec *s, struct conference *out)
{
	out->created = true;
	return called("start/%s/%d/%s/%d/%d", s->name, s->muted, s->layout ? s->layout : "-",
		s->kbps, s->ports);
}

static enum err
toy_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out)
{
	str_copy(out->id, sizeof out->id, "leg9");
	return called("dial/%s/%s/%s/%s/%s/%d/%d/%d", c->id, d->site_name, d->leg_name, d->address,
		d->attempt, d->kbps, d->muted, d->audio_only);
}

static enum err
toy_roster(struct task *t, struct lane *l, const struct conference *c, struct roster *out)
{
	out->legs = arena_alloc(t->arena, 3 * sizeof *out->legs);
	out->n = 3;
	str_copy(out->legs[2].name, sizeof out->legs[2].name, "third");
	return called("roster/%s", c->id);
}

static enum err
toy_hangup(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	return called("hangup/%s/%s", c->id, leg->id);
}

static enum err
toy_focus(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	return called("focus/%s", leg ? leg->id : "none");
}

static enum err
toy_message(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	const char *text, int seconds)
{
	return called("message/%s/%s/%d", leg ? leg->id : "all", text, seconds);
}

static enum err
toy_play(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg, int seconds)
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

static enum err
box_status(struct task *t, struct lane *l, struct endpoint_status *out)
{
	out->in_call = YES;
	return called("box-status");
}

static enum err
box_mute(struct task *t, struct lane *l, bool on)
{
	return called("box-mute/%d", on);
}

static const struct endpoint_adapter toy_box = {
	.name = "toy", .open = toy_open, .close = toy_close, .status = box_status, .mute = box_mute
};

static const struct mcu_adapter *const mcus[] = { &toy_mcu, NULL };
static const struct endpoint_adapter *const boxes[] = { &toy_box, NULL };

/* ---- the house ------------------------------------------------------------------------------- */

struct house {
	struct pool *pool;
	struct mailbox *mail;
	struct lanes *lanes;
	int64_t numbers;
};

enum { IDLE_MS = 1000 * 1000 };

static void
build(struct house *h, size_t workers, size_t kept)
{
	h->pool = pool_new(workers, kept);
	h->mail = mailbox_new();
	h->lanes = lanes_new(h->pool, h->mail, IDLE_MS);
	lanes_adapters(h->lanes, mcus, boxes);
}

static int
setup(void **state)
{
	memset(&toy, 0, sizeof toy);
	pthread_mutex_init(&toy.lock, NULL);
	struct house *h = xalloc(sizeof *h);
	build(h, 8, 2);
	*state = h;
	return 0;
}

static void
free_answer(void *a)
{
	answer_free(a);
}

static int
teardown(void **state)
{
	struct house *h = *state;
	lanes_free(h->lanes);
	mailbox_free(h->mail, free_answer);
	pool_free(h->pool);
	free(h);
	return 0;
}

static void
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

static struct order
order(const char *device_name, enum verb v)
{
	struct order o = { .verb = v };
	str_copy(o.device, sizeof o.device, device_name);
	str_copy(o.run, sizeof o.run, "run");
	return o;
}

/* A layout order; tag shows in toy.order. */
static void
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
static struct answer *
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

static enum err
take_code(struct house *h)
{
	struct answer *a = take(h);
	enum err code = a->code;
	answer_free(a);
	return code;
}

static void
take_all(struct house *h, int n, enum err code)
{
	for (int i = 0; i < n; i++)
		assert_int_equal(take_code(h), code);
	assert_null(mailbox_take(h->mail));
	assert_int_equal(lanes_running(h->lanes), 0);
}

static void
wait_for(struct house *h, atomic_int *value, int wanted)
{
	for (int64_t until = clock_mono() + 20000; atomic_load(value) != wanted;) {
		assert_true(clock_mono() < until);
		lanes_tick(h->lanes, clock_mono()); /* news of logins arrive here */
		poll(NULL, 0, 1);
	}
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void
verbs_have_names(void **state)
{
	for (int v = 0; v < VERB_N; v++)
		assert_int_equal(verb_from_name(verb_name((enum verb)v)), v);
	assert_int_equal(verb_from_name("juggle"), VERB_N);
	assert_int_equal(verb_from_name(NULL), VERB_N);
	assert_true(verb_acts(VERB_DIAL) && verb_acts(VERB_HANGUP) && verb_acts(VERB_MESSAGE) && verb_acts(VERB_PLAY));
	assert_false(verb_acts(VERB_ROSTER) || verb_acts(VERB_STATUS) || verb_acts(VERB_FIND));
}

static void
width_is_respected(void **state)
{
	struct house *h = *state;
	device(h, "m1", 4, "right", "u");
	for (int i = 0; i < 24; i++)
		submit(h, "m1", "gate", "x", false);
	wait_for(h, &toy.inside, 4);
	poll(NULL, 0, 30);
	assert_int_equal(toy.inside, 4);
	assert_int_equal(lanes_running(h->lanes), 4);
	atomic_store(&toy.gate, true);
	take_all(h, 24, OK);
	assert_int_equal(toy.most_inside, 4);
	assert_int_equal(toy.logins, 4);
	assert_int_equal(toy.most_login_inside, 1);
}

static void
order_is_kept_and_the_session_too(void **state)
{
	struct house *h = *state;
	device(h, "m1", 1, "right", "u");
	char wanted[200] = "";
	for (int i = 0; i < 20; i++) {
		char tag[8];
		snprintf(tag, sizeof tag, "%d", i);
		submit(h, "m1", "ok", tag, false);
		size_t n = strlen(wanted);
		snprintf(wanted + n, sizeof wanted - n, "%s ", tag);
	}
	for (int i = 0; i < 20; i++) {
		struct answer *a = take(h);
		assert_int_equal(a->code, OK);
		assert_int_equal(a->order.number, i + 1);
		answer_free(a);
	}
	assert_string_equal(toy.order, wanted);
	assert_int_equal(toy.logins, 1);
	assert_int_equal(toy.most_inside, 1);
	assert_int_equal(toy.logouts, 0);
}

static void
a_wrong_password_is_tried_once(void **state)
{
	struct house *h = *state;
	device(h, "m1", 4, "wrong", "u");
	const char *word;
	for (int i = 0; i < 24; i++)
		submit(h, "m1", "ok", "x", i % 5 == 4);
	assert_null(lanes_refused(h->lanes, "m1", &word));
	for (int i = 0; i < 24; i++) {
		struct answer *a = take(h);
		assert_int_equal(a->code, ERR_AUTH);
		assert_string_equal(a->why, "log in: password refused");
		answer_free(a);
	}
	submit(h, "m1", "ok", "x", true);
	take_all(h, 1, ERR_AUTH);
	assert_int_equal(toy.contacts, 1);
	assert_string_equal(lanes_refused(h->lanes, "m1", &word), "log in: password refused");
	assert_string_equal(word, "login-refused");
	device(h, "m1", 4, "right", "u"); /* a new password alone is no pardon */
	submit(h, "m1", "ok", "x", false);
	take_all(h, 1, ERR_AUTH);
	lanes_pardon(h->lanes, "m1");
	assert_null(lanes_refused(h->lanes, "m1", &word));
	assert_null(word);
	submit(h, "m1", "ok", "x", false);
	take_all(h, 1, OK);
	assert_int_equal(toy.logins, 2);
}

static void
a_refusal_in_the_middle_or_from_before_counts_too(void **state)
{
	struct house *h = *state;
	device(h, "m1", 1, "right", "u");
	submit(h, "m1", "auth", "a", false);
	submit(h, "m1", "ok", "b", false);
	take_all(h, 2, ERR_AUTH);
	assert_string_equal(toy.order, "a ");
	device(h, "m2", 1, "right", "u");
	lanes_refuse(h->lanes, "m2", "host-key-changed", "seen yesterday");
	int before = toy.contacts;
	submit(h, "m2", "ok", "c", false);
	struct answer *a = take(h);
	assert_int_equal(a->code, ERR_AUTH);
	assert_string_equal(a->word, "host-key-changed");
	assert_string_equal(a->why, "seen yesterday");
	answer_free(a);
	assert_int_equal(toy.contacts, before);
}

static void
errors_close_the_session_or_leave_it(void **state)
{
	static const struct {
		const char *what;
		enum err code;
		bool kept;
	} cases[] = {
		{ "ok", OK, true },
		{ "refused", ERR_REFUSED, true },
		{ "gone", ERR_GONE, true },
		{ "busy", ERR_BUSY, true },
		{ "unsupported", ERR_UNSUPPORTED, true },
		{ "input", ERR_INPUT, true },
		{ "unreachable", ERR_UNREACHABLE, false },
		{ "timeout", ERR_TIMEOUT, false },
		{ "protocol", ERR_PROTOCOL, false },
		{ "system", ERR_SYSTEM, false },
		{ "canceled", ERR_CANCELED, false },
	};
	struct house *h = *state;
	device(h, "m1", 1, "right", "u");
	submit(h, "m1", "ok", "x", false);
	take_all(h, 1, OK);
	int logins = 1;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		submit(h, "m1", cases[i].what, "x", false);
		take_all(h, 1, cases[i].code);
		submit(h, "m1", "ok", "x", false);
		take_all(h, 1, OK);
		logins += !cases[i].kept;
		assert_int_equal(toy.logins, logins);
		assert_int_equal(toy.logouts, logins - 1);
	}
	assert_int_equal(toy.most_sessions, 1);
}

/* The answer does not wait for the logout; the next login does. */
static void
a_slow_logout_delays_only_its_own_lane(void **state)
{
	struct house *h = *state;
	device(h, "m1", 1, "right", "slow-logout");
	submit(h, "m1", "protocol", "x", false);
	assert_int_equal(take_code(h), ERR_PROTOCOL);
	assert_int_equal(toy.logouts, 0);
	submit(h, "m1", "ok", "x", false);
	take_all(h, 1, OK);
	assert_int_equal(toy.logouts, 1);
	assert_int_equal(toy.most_sessions, 1);
}

static void
an_unused_session_is_closed(void **state)
{
	struct house *h = *state;
	device(h, "m1", 2, "right", "u");
	submit(h, "m1", "ok", "x", false);
	take_all(h, 1, OK);
	int64_t now = clock_mono();
	int ms = lanes_tick(h->lanes, now);
	assert_in_range(ms, 1, IDLE_MS);
	lanes_tick(h->lanes, now + IDLE_MS - 5000);
	poll(NULL, 0, 20);
	assert_int_equal(toy.logouts, 0);
	lanes_tick(h->lanes, now + IDLE_MS + 5000);
	wait_for(h, &toy.logouts, 1);
	submit(h, "m1", "ok", "x", false);
	take_all(h, 1, OK);
	assert_int_equal(toy.logins, 2);
}

static void
cancel_wakes_what_runs_and_drops_what_waits(void **state)
{
	struct house *h = *state;
	device(h, "m1", 1, "right", "u");
	submit(h, "m1", "wait", "a", false);
	submit(h, "m1", "ok", "b", false);
	struct order other = order("m1", VERB_LAYOUT);
	str_copy(other.run, sizeof other.run, "other");
	str_copy(other.layout, sizeof other.layout, "ok");
	str_copy(other.conference.name, sizeof other.conference.name, "c");
	lanes_submit(h->lanes, &other);
	wait_for(h, &toy.inside, 1);
	lanes_cancel(h->lanes, "nobody");
	poll(NULL, 0, 20);
	assert_int_equal(toy.inside, 1);
	lanes_cancel(h->lanes, "run");
	struct answer *a = take(h); /* never begun: at once */
	assert_int_equal(a->code, ERR_CANCELED);
	assert_int_equal(a->order.number, 2);
	answer_free(a);
	a = take(h); /* the task sleeps a minute: only cancelling ends it */
	assert_int_equal(a->code, ERR_CANCELED);
	assert_int_equal(a->order.number, 1);
	answer_free(a);
	assert_int_equal(take_code(h), OK);
	assert_string_equal(toy.order, "a c ");
}

static void
urgent_goes_first(void **state)
{
	struct house *h = *state;
	device(h, "m1", 1, "right", "u");
	submit(h, "m1", "gate", "1", false);
	wait_for(h, &toy.inside, 1);
	submit(h, "m1", "ok", "2", false);
	submit(h, "m1", "ok", "3", false);
	submit(h, "m1", "ok", "A", true);
	submit(h, "m1", "ok", "B", true);
	atomic_store(&toy.gate, true);
	take_all(h, 5, OK);
	assert_string_equal(toy.order, "1 A B 2 3 ");
}

/* Every common worker is taken and the device's own order waits for one: the urgent one uses a kept
 * worker. */
static void
urgent_goes_through_a_full_pool(void **state)
{
	struct house h = { 0 };
	build(&h, 2, 1);
	device(&h, "m1", 1, "right", "u");
	device(&h, "m2", 1, "right", "u");
	submit(&h, "m1", "gate", "busy", false);
	wait_for(&h, &toy.inside, 1);
	submit(&h, "m2", "ok", "later", false);
	submit(&h, "m2", "ok", "last", false);
	submit(&h, "m2", "ok", "hangup", true);
	struct answer *a = take(&h);
	assert_string_equal(a->order.conference.name, "hangup");
	answer_free(a);
	atomic_store(&toy.gate, true);
	take_all(&h, 3, OK);
	assert_string_equal(toy.order, "busy hangup later last ");
	lanes_free(h.lanes);
	mailbox_free(h.mail, free_answer);
	pool_free(h.pool);
}

/* Devices that timed out share a quarter of the workers until they answer. */
static void
a_device_that_timed_out_is_slow(void **state)
{
	struct house h = { 0 };
	build(&h, 4, 0);
	static const char *const names[] = { "m1", "m2", "m3" };
	for (int i = 0; i < 3; i++) {
		device(&h, names[i], 1, "right", "u");
		submit(&h, names[i], "timeout", "t", false);
	}
	take_all(&h, 3, ERR_TIMEOUT);
	for (int i = 0; i < 3; i++)
		submit(&h, names[i], "gate", "s", false);
	wait_for(&h, &toy.inside, 1);
	poll(NULL, 0, 30);
	assert_int_equal(toy.inside, 1);
	device(&h, "m4", 1, "right", "u");
	submit(&h, "m4", "ok", "n", false);
	assert_int_equal(take_code(&h), OK); /* a live one is not held up */
	atomic_store(&toy.gate, true);
	take_all(&h, 3, OK);
	atomic_store(&toy.gate, false);
	for (int i = 0; i < 3; i++)
		submit(&h, names[i], "gate", "s", false);
	wait_for(&h, &toy.inside, 3); /* they answered: as quick as others again */
	atomic_store(&toy.gate, true);
	take_all(&h, 3, OK);
	lanes_free(h.lanes);
	mailbox_free(h.mail, free_answer);
	pool_free(h.pool);
}

static void
what_nobody_knows_is_answered(void **state)
{
	struct house *h = *state;
	submit(h, "m9", "ok", "x", false);
	struct answer *a = take(h);
	assert_int_equal(a->code, ERR_INPUT);
	assert_string_equal(a->why, "layout m9: no such device");
	answer_free(a);
	struct device d = { .name = "m8", .adapter = "fairy", .width = 1 };
	lanes_device(h->lanes, &d);
	assert_true(lanes_has(h->lanes, "m8"));
	assert_false(lanes_has(h->lanes, "m9"));
	submit(h, "m8", "ok", "x", false);
	a = take(h);
	assert_int_equal(a->code, ERR_INPUT);
	assert_string_equal(a->why, "layout m8: no adapter named fairy");
	answer_free(a);
}

static struct answer *
ask(struct house *h, const struct order *o)
{
	toy.called[0] = '\0';
	lanes_submit(h->lanes, o);
	return take(h);
}

static void
verbs_reach_their_operation(void **state)
{
	struct house *h = *state;
	device(h, "m1", 1, "right", "two-ways");
	struct order o = order("m1", VERB_START);
	str_copy(o.conference.id, sizeof o.conference.id, "c7");
	str_copy(o.conference_name, sizeof o.conference_name, "TD-1");
	str_copy(o.site_name, sizeof o.site_name, "An");
	str_copy(o.leg_name, sizeof o.leg_name, "an");
	str_copy(o.address, sizeof o.address, "sip:1");
	str_copy(o.attempt_word, sizeof o.attempt_word, "r.an.1");
	str_copy(o.text, sizeof o.text, "hello");
	o.kbps = 768;
	o.ports = 9;
	o.on = true;
	o.seconds = 5;
	static const struct {
		enum verb verb;
		const char *leg, *layout, *called;
		enum err code;
	} cases[] = {
		{ VERB_PROBE, "", "", "probe ", OK },
		{ VERB_IDENTIFY, "", "", "probe ", OK },
		{ VERB_START, "", "", "start/TD-1/1/-/768/9 ", OK },
		{ VERB_START, "", "equal", "start/TD-1/1/equal/768/9 ", OK },
		{ VERB_FIND, "", "", "find/TD-1 ", OK },
		{ VERB_DIAL, "", "", "dial/c7/An/an/sip:1/r.an.1/768/1/0 ", OK },
		{ VERB_ROSTER, "", "", "roster/c7 ", OK },
		{ VERB_HANGUP, "l1", "", "hangup/c7/l1 ", OK },
		{ VERB_HANGUP, "", "", "", ERR_INPUT },
		{ VERB_FOCUS, "l1", "", "focus/l1 ", OK },
		{ VERB_FOCUS, "", "", "focus/none ", OK },
		{ VERB_MESSAGE, "l1", "", "message/l1/hello/5 ", OK },
		{ VERB_MESSAGE, "", "", "message/all/hello/5 ", OK },
		{ VERB_PLAY, "l1", "", "play/l1/5 ", OK },
		{ VERB_PLAY, "", "", "play/all/5 ", OK },
		{ VERB_MEDIA, "l1", "", "", ERR_UNSUPPORTED },
		{ VERB_REASON, "l1", "", "", ERR_UNSUPPORTED },
		{ VERB_MUTE, "l1", "", "", ERR_UNSUPPORTED },
		{ VERB_END, "", "", "", ERR_UNSUPPORTED },
		{ VERB_STATUS, "", "", "", ERR_UNSUPPORTED },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		o.verb = cases[i].verb;
		str_copy(o.leg.id, sizeof o.leg.id, cases[i].leg);
		str_copy(o.layout, sizeof o.layout, cases[i].layout);
		struct answer *a = ask(h, &o);
		if (a->code != cases[i].code)
			fail_msg("case %zu: %s %s", i, err_name(a->code), a->why);
		assert_string_equal(toy.called, cases[i].called);
		if (a->code == ERR_UNSUPPORTED)
			assert_non_null(strstr(a->why, "toy cannot do this"));
		if (o.verb == VERB_ROSTER) {
			assert_int_equal(a->roster.n, 3);
			assert_string_equal(
				a->roster.legs[2].name, "third"); /* lives with the answer */
		}
		if (o.verb == VERB_PROBE)
			assert_string_equal(a->identity.model, "Toy 1");
		if (o.verb == VERB_DIAL)
			assert_string_equal(a->leg.id, "leg9");
		answer_free(a);
	}
	assert_int_equal(toy.logins, 1);
}

static void
endpoints_have_their_own_operations(void **state)
{
	struct house *h = *state;
	device(h, "site:an", 1, "right", "u");
	struct order o = order("site:an", VERB_STATUS);
	struct answer *a = ask(h, &o);
	assert_int_equal(a->code, OK);
	assert_int_equal(a->status.in_call, YES);
	assert_string_equal(toy.called, "box-status ");
	answer_free(a);
	o.verb = VERB_MUTE;
	o.on = true;
	a = ask(h, &o);
	assert_int_equal(a->code, OK);
	assert_string_equal(toy.called, "box-mute/1 ");
	answer_free(a);
	static const enum verb none[] = { VERB_ROSTER, VERB_HANGUP, VERB_DIAL, VERB_IDENTIFY,
		VERB_MESSAGE, VERB_PLAY };
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		o.verb = none[i];
		a = ask(h, &o);
		assert_int_equal(a->code, ERR_UNSUPPORTED);
		answer_free(a);
	}
}

static void
errors_tell_what_came_back(void **state)
{
	struct house *h = *state;
	device(h, "m1", 1, "right", "u");
	submit(h, "m1", "garbage", "x", false);
	struct answer *a = take(h);
	assert_int_equal(a->code, ERR_PROTOCOL);
	assert_string_equal(a->word, "bad-xml");
	assert_string_equal(a->why, "layout: answer is no XML");
	assert_non_null(a->trace);
	assert_non_null(strstr(a->trace, "<what>"));
	assert_null(strstr(a->trace, "right")); /* the password */
	answer_free(a);
	submit(h, "m1", "refused", "x", false);
	a = take(h);
	assert_string_equal(a->why, "layout: refused said the device m1");
	assert_null(a->trace);
	answer_free(a);
	submit(h, "m1", "silence", "x", false); /* a code without a sentence */
	a = take(h);
	assert_int_equal(a->code, ERR_BUSY);
	assert_string_equal(a->why, "layout: busy");
	answer_free(a);
}

static void
a_learned_pin_is_told_once(void **state)
{
	struct house *h = *state;
	struct device d = {
		.name = "m1", .adapter = "toy", .user = "u", .password = "right", .width = 1
	};
	lanes_device(h->lanes, &d);
	submit(h, "m1", "ok", "x", false);
	struct answer *a = take(h);
	assert_string_equal(a->learned_pin, "SHA256:toy");
	answer_free(a);
	submit(h, "m1", "ok", "x", false);
	a = take(h);
	assert_string_equal(a->learned_pin, "");
	answer_free(a);
	d.pin = "SHA256:toy"; /* the coordinator kept it: the session is opened again with it */
	lanes_device(h->lanes, &d);
	submit(h, "m1", "ok", "x", false);
	a = take(h);
	assert_int_equal(a->code, OK);
	assert_string_equal(a->learned_pin, "");
	answer_free(a);
	lanes_device(h->lanes, &d); /* the same again changes nothing */
	submit(h, "m1", "ok", "x", false);
	take_all(h, 1, OK);
	assert_int_equal(toy.logins, 2);
	assert_int_equal(toy.logouts, 1);
}

static void
a_new_configuration_waits_for_the_task_at_work(void **state)
{
	struct house *h = *state;
	device(h, "m1", 1, "right", "u");
	submit(h, "m1", "gate", "x", false);
	wait_for(h, &toy.inside, 1);
	device(h, "m1", 1, "right", "another");
	submit(h, "m1", "ok", "y", false);
	atomic_store(&toy.gate, true);
	take_all(h, 2, OK);
	assert_int_equal(toy.logins, 2);
	assert_int_equal(toy.logouts, 1);
	assert_int_equal(toy.most_sessions, 1);
}

static void
the_end_cancels_and_logs_out(void **state)
{
	struct house h = { 0 };
	build(&h, 8, 2);
	device(&h, "m1", 2, "right", "u");
	device(&h, "m2", 1, "right", "u");
	submit(&h, "m2", "ok", "idle", false);
	take_all(&h, 1, OK);
	for (int i = 0; i < 5; i++)
		submit(&h, "m1", "wait", "w", false);
	wait_for(&h, &toy.inside, 2);
	lanes_free(h.lanes);
	assert_int_equal(toy.inside, 0);
	assert_int_equal(toy.logins, 3);
	assert_int_equal(toy.logouts, 3);
	int canceled = 0;
	for (struct answer *a; (a = mailbox_take(h.mail)); answer_free(a))
		canceled += a->code == ERR_CANCELED;
	assert_int_equal(canceled, 5);
	mailbox_free(h.mail, free_answer);
	pool_free(h.pool);
}

static void
many_lanes_at_once(void **state)
{
	static const char *const what[] = { "ok", "refused", "timeout", "ok", "protocol", "ok",
		"busy" };
	struct house *h = *state;
	int per_device[40] = { 0 };
	for (int d = 0; d < 40; d++) {
		char name[16];
		snprintf(name, sizeof name, "m%d", d);
		device(h, name, 1 + d % 3, "right", "u");
	}
	for (int i = 0; i < 1000; i++) {
		char name[16];
		snprintf(name, sizeof name, "m%d", i % 40);
		submit(h, name, what[i % 7], "x", i % 11 == 0);
		struct answer *a = i % 3 == 0 ? mailbox_take(h->mail) : NULL;
		if (a) {
			lanes_answered(h->lanes, a);
			per_device[(a->order.number - 1) % 40]++;
			answer_free(a);
		}
	}
	int got = 0;
	for (int d = 0; d < 40; d++)
		got += per_device[d];
	for (; got < 1000; got++) {
		struct answer *a = take(h);
		per_device[(a->order.number - 1) % 40]++;
		answer_free(a);
	}
	for (int d = 0; d < 40; d++)
		assert_int_equal(per_device[d], 25);
	assert_int_equal(lanes_running(h->lanes), 0);
	lanes_free(h->lanes);
	assert_int_equal(toy.logins, toy.logouts);
	h->lanes = NULL;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verbs_have_names),
		cmocka_unit_test_setup_teardown(width_is_respected, setup, teardown),
		cmocka_unit_test_setup_teardown(order_is_kept_and_the_session_too, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wrong_password_is_tried_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_refusal_in_the_middle_or_from_before_counts_too, setup, teardown),
		cmocka_unit_test_setup_teardown(
			errors_close_the_session_or_leave_it, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_slow_logout_delays_only_its_own_lane, setup, teardown),
		cmocka_unit_test_setup_teardown(an_unused_session_is_closed, setup, teardown),
		cmocka_unit_test_setup_teardown(
			cancel_wakes_what_runs_and_drops_what_waits, setup, teardown),
		cmocka_unit_test_setup_teardown(urgent_goes_first, setup, teardown),
		cmocka_unit_test_setup_teardown(urgent_goes_through_a_full_pool, setup, teardown),
		cmocka_unit_test_setup_teardown(a_device_that_timed_out_is_slow, setup, teardown),
		cmocka_unit_test_setup_teardown(what_nobody_knows_is_answered, setup, teardown),
		cmocka_unit_test_setup_teardown(verbs_reach_their_operation, setup, teardown),
		cmocka_unit_test_setup_teardown(
			endpoints_have_their_own_operations, setup, teardown),
		cmocka_unit_test_setup_teardown(errors_tell_what_came_back, setup, teardown),
		cmocka_unit_test_setup_teardown(a_learned_pin_is_told_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_new_configuration_waits_for_the_task_at_work, setup, teardown),
		cmocka_unit_test_setup_teardown(the_end_cancels_and_logs_out, setup, teardown),
		cmocka_unit_test_setup_teardown(many_lanes_at_once, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
