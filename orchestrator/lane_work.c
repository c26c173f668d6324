/* What a worker does for a lane: open the session if there is none, carry out one order, close the
 * session if the device is no longer to be trusted with it.
 *
 * lane.c submits these jobs to the pool. A table leads from the verb to the adapter's operation,
 * once for MCUs and once for endpoints; an operation that is NULL is unsupported. The job owns the
 * answer until it is posted; seat and session are its own for as long as it runs. It must never
 * retry, decide, or touch the coordinator's queues: what others need to know goes through the two
 * mailboxes. */
#include "lane_work.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#include "adapters/manual.h"
#include "adapters/wire/trace.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_TIMEOUT_MS = 30000, CLOSE_MS = 2000, SUBSCRIBE_MS = 5000, SUBSCRIBE_AGAIN_S = 60 };

/* ---- verbs to operations --------------------------------------------------------------------- */

static enum err
cannot(struct task *t, const char *adapter, enum verb v)
{
	return task_fail(t, ERR_UNSUPPORTED, "%s: %s cannot do this", verb_name(v), adapter);
}

/* No leg given: for operations that may also mean "none" or "all". */
static const struct leg *
leg_or_all(const struct order *o)
{
	return str_empty(o->leg.id) ? NULL : &o->leg;
}

static bool
names_leg(enum verb v)
{
	return v == VERB_LOOK || v == VERB_MEDIA || v == VERB_REASON || v == VERB_HANGUP ||
	       v == VERB_MUTE;
}

static struct conference_spec
spec_of(const struct order *o)
{
	return (struct conference_spec){ .name = o->conference_name,
		.muted = o->on,
		.layout = str_empty(o->layout) ? NULL : o->layout,
		.kbps = o->kbps,
		.ports = o->ports };
}

static struct dial
dial_of(const struct order *o)
{
	return (struct dial){ .site_name = o->site_name,
		.leg_name = o->leg_name,
		.address = o->address,
		.attempt = o->attempt_word,
		.kbps = o->kbps,
		.muted = o->on,
		.audio_only = o->audio_only };
}

#define ASK(operation, ...) \
	(m->operation ? m->operation(t, l, __VA_ARGS__) : cannot(t, m->name, o->verb))

static enum err
ask_mcu(const struct mcu_adapter *m, struct task *t, struct lane *l, struct answer *a)
{
	const struct order *o = &a->order;
	const struct conference *c = &o->conference;
	if (names_leg(o->verb) && str_empty(o->leg.id) && str_empty(o->leg.name))
		return task_fail(t, ERR_INPUT, "%s: no leg given", verb_name(o->verb));
	struct conference_spec spec = spec_of(o);
	struct dial dial = dial_of(o);
	switch (o->verb) {
	case VERB_PROBE:
	case VERB_IDENTIFY: return ASK(probe, &a->identity);
	case VERB_START: return ASK(start, &spec, &a->conference);
	case VERB_FIND: return ASK(find, o->conference_name, &a->conference);
	case VERB_DIAL: return ASK(dial, c, &dial, &a->leg);
	case VERB_ROSTER: return ASK(roster, c, &a->roster);
	case VERB_LOOK: return ASK(look, c, &o->leg, &a->leg);
	case VERB_MEDIA: return ASK(media, c, &o->leg, &a->media);
	case VERB_REASON: return ASK(reason, c, &o->leg, &a->ending);
	case VERB_HANGUP: return ASK(hangup, c, &o->leg);
	case VERB_END: return ASK(end, c);
	case VERB_MUTE: return ASK(mute, c, &o->leg, o->on);
	case VERB_LAYOUT: return ASK(layout, c, o->layout);
	case VERB_FOCUS: return ASK(focus, c, leg_or_all(o));
	case VERB_MESSAGE: return ASK(message, c, leg_or_all(o), o->text, o->seconds);
	case VERB_PLAY: return ASK(play, c, leg_or_all(o), o->seconds);
	case VERB_STATUS:
	case VERB_HISTORY:
	case VERB_N: break;
	}
	return cannot(t, m->name, o->verb);
}

static enum err
ask_endpoint(const struct endpoint_adapter *m, struct task *t, struct lane *l, struct answer *a)
{
	const struct order *o = &a->order;
	switch (o->verb) {
	case VERB_PROBE:
	case VERB_IDENTIFY: return ASK(probe, &a->identity);
	case VERB_STATUS: return ASK(status, &a->status);
	case VERB_HISTORY: return ASK(history, &a->history);
	case VERB_DIAL: return ASK(dial, o->address, o->kbps);
	case VERB_HANGUP: return m->hangup ? m->hangup(t, l) : cannot(t, m->name, o->verb);
	case VERB_MUTE: return ASK(mute, o->on);
	case VERB_MESSAGE: return ASK(message, o->text, o->seconds);
	case VERB_START:
	case VERB_FIND:
	case VERB_ROSTER:
	case VERB_LOOK:
	case VERB_MEDIA:
	case VERB_REASON:
	case VERB_END:
	case VERB_LAYOUT:
	case VERB_FOCUS:
	case VERB_PLAY:
	case VERB_N: break;
	}
	return cannot(t, m->name, o->verb);
}

/* ---- the session ----------------------------------------------------------------------------- */

/* With time of its own: the task may be out of time or cancelled, and devices count sessions. */
static void
close_seat(struct seat *s)
{
	if (s->opened || s->face.session) {
		struct task t = {
			.arena = arena_new(), .cancel_fd = -1, .deadline = clock_mono() + CLOSE_MS
		};
		if (s->mcu && s->mcu->close)
			s->mcu->close(&t, &s->face);
		if (s->endpoint && s->endpoint->close)
			s->endpoint->close(&t, &s->face);
		arena_free(t.arena);
	}
	arena_free(s->face.arena);
	*s = (struct seat){ 0 };
}

static enum err
open_seat(struct lane_job *job, struct task *t)
{
	struct seat *s = job->seat;
	s->face = (struct lane){ .device = job->device, .arena = arena_new() };
	s->mcu = job->mcu;
	s->endpoint = job->endpoint;
	enum err rc = OK;
	if (s->mcu && s->mcu->open)
		rc = s->mcu->open(t, &s->face);
	if (s->endpoint && s->endpoint->open)
		rc = s->endpoint->open(t, &s->face);
	if (rc)
		return rc;
	s->opened = true;
	task_forgive(t); /* a first way that did not lead anywhere is no error of the order */
	return OK;
}

static bool
session_survives(enum err code)
{
	switch (code) {
	case OK:
	case ERR_REFUSED:
	case ERR_GONE:
	case ERR_BUSY:
	case ERR_UNSUPPORTED:
	case ERR_INPUT: return true;
	case ERR_UNREACHABLE:
	case ERR_TIMEOUT:
	case ERR_AUTH:
	case ERR_PROTOCOL:
	case ERR_CANCELED:
	case ERR_SYSTEM: break;
	}
	return false;
}

/* ---- what the device posts ------------------------------------------------------------------- */

void
lane_posts_clear(struct lane_posts *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->at[i]);
	p->n = 0;
}

/* Asks the device to post to us, in its turn. What comes of it is no error of the order: without
 * posts it is asked as any other. */
static void
subscribe(struct lane_job *job, struct task *t)
{
	struct seat *s = job->seat;
	int64_t now = clock_mono(), deadline = t->deadline;
	int again_s = 0;
	bool asks = s->mcu ? s->mcu->subscribe != NULL
			   : s->endpoint->subscribe && job->order.verb == VERB_STATUS;
	if (!asks || !s->face.device->push_url || job->order.urgent || now < s->subscribe_at)
		return;
	if (now + SUBSCRIBE_MS < deadline)
		t->deadline = now + SUBSCRIBE_MS;
	enum err rc = (s->mcu ? s->mcu->subscribe : s->endpoint->subscribe)(t, &s->face, &again_s);
	t->deadline = deadline;
	if (rc && !s->subscribe_failed && rc != ERR_CANCELED)
		log_warn("lane", "%s does not post to us: %s", s->face.device->name, t->why);
	else if (!rc && s->subscribe_failed)
		log_info("lane", "%s posts to us again", s->face.device->name);
	s->subscribe_failed = rc != OK && rc != ERR_CANCELED;
	task_forgive(t);
	s->subscribe_at = now + (rc || again_s <= 0 ? SUBSCRIBE_AGAIN_S : again_s) * 1000LL;
}

static enum err
work_off(struct seat *s, struct task *t, const struct lane_post *p)
{
	int64_t ago = clock_now() - p->at;
	if (s->mcu)
		return s->mcu->pushed ? s->mcu->pushed(t, &s->face, p->bytes, p->n) : OK;
	if (!s->endpoint->pushed)
		return OK;
	return s->endpoint->pushed(t, &s->face, p->bytes, p->n, ago > 0 ? ago : 0);
}

static void
work_off_posts(struct lane_job *job, struct task *t)
{
	struct seat *s = job->seat;
	for (size_t i = 0; i < job->posts.n; i++) {
		if (work_off(s, t, job->posts.at[i]) != OK)
			log_warn("lane", "what %s posted was not understood: %s",
				s->face.device->name, t->why);
		task_forgive(t);
	}
	lane_posts_clear(&job->posts);
}

/* ---- jobs ------------------------------------------------------------------------------------ */

static void
notify(struct mailbox *m, void *slot, enum lane_event event)
{
	struct lane_notice *n = xalloc(sizeof *n);
	*n = (struct lane_notice){ .slot = slot, .event = event };
	mailbox_post(m, n);
}

static enum err
carry_out(struct lane_job *job, struct task *t, struct answer *a)
{
	struct seat *s = job->seat;
	if (task_canceled(t))
		return task_fail(
			t, ERR_CANCELED, "%s: canceled before it began", verb_name(a->order.verb));
	if (s->opened && s->face.device != job->device)
		close_seat(s); /* the configuration was replaced since the login */
	if (!s->opened) {
		enum err rc = open_seat(job, t);
		if (rc)
			return rc;
		notify(job->notices, job->slot, LANE_OPENED);
		mailbox_wake(job->answers);
	}
	subscribe(job, t);
	work_off_posts(job, t);
	return s->mcu ? ask_mcu(s->mcu, t, &s->face, a) : ask_endpoint(s->endpoint, t, &s->face, a);
}

static void
fill_answer(struct answer *a, enum err code, const struct task *t, struct lane *face)
{
	a->code = code && t->code ? t->code : code; /* the first error is the cause */
	if (a->code && t->code) {
		str_copy(a->word, sizeof a->word, t->word ? t->word : "");
		str_copy(a->why, sizeof a->why, t->why);
	} else if (a->code) {
		struct buf why = { 0 };
		buf_printf(&why, "%s: %s", verb_name(a->order.verb), err_name(a->code));
		str_copy(a->why, sizeof a->why, buf_str(&why));
		buf_free(&why);
	}
	a->ask = a->code == ERR_BUSY ? arena_strdup(a->arena, manual_question(t)) : NULL;
	/* Told once; not the key of somebody who does not know us, or speaks otherwise. */
	if (a->code != ERR_AUTH && a->code != ERR_PROTOCOL)
		str_copy(a->learned_pin, sizeof a->learned_pin, face->learned_pin);
	face->learned_pin[0] = '\0';
	if (a->code == ERR_PROTOCOL)
		a->trace = arena_strdup(a->arena, buf_str(&t->trace->out));
}

void
lane_job_run(void *arg)
{
	struct lane_job *job = arg;
	struct mailbox *answers = job->answers, *notices = job->notices;
	struct seat *seat = job->seat;
	void *slot = job->slot;
	struct answer *a = answer_new(&job->order);
	int timeout_ms = a->order.timeout_ms > 0 ? a->order.timeout_ms : DEFAULT_TIMEOUT_MS;
	struct trace trace = { 0 };
	trace_secret(&trace, job->device->password);
	struct task t = { .arena = a->arena,
		.cancel_fd = job->cancel_fd,
		.deadline = clock_mono() + timeout_ms,
		.trace = &trace };
	enum err code = carry_out(job, &t, a);
	fill_answer(a, code, &t, &seat->face);
	trace_free(&trace);
	/* To a codec "gone" is the shell itself that closed; to an MCU a leg or a conference. */
	bool closing = !seat->opened || !session_survives(a->code) ||
		       (seat->endpoint && a->code == ERR_GONE);
	if (closing && !seat->opened && !seat->face.session) {
		close_seat(seat); /* nothing to say goodbye to */
		closing = false;
	}
	a->slot = slot;
	a->closing = closing;
	mailbox_post(answers, a); /* at once: a logout may take its time */
	if (closing) {
		close_seat(seat);
		notify(notices, slot, LANE_CLOSED);
		mailbox_wake(answers);
	}
	notify(notices, slot, LANE_DONE);
}

void
lane_job_close(void *arg)
{
	struct lane_job *job = arg;
	struct mailbox *answers = job->answers, *notices = job->notices;
	void *slot = job->slot;
	close_seat(job->seat);
	notify(notices, slot, LANE_CLOSED);
	mailbox_wake(answers);
	notify(notices, slot, LANE_DONE);
}
