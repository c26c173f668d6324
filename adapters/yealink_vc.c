/* Yealink VC110, 120, 200, 400, 500, 800, 880: command lines on TCP 6024.
 *
 * Called by lanes on worker threads. Owns the connection in the lane's session. Must never take an
 * order's silence for its success, nor keep quiet that whoever reaches this port commands the room:
 * it has no login, and the inventory says so.
 *
 *   < version "model:VC800" "firmware:..." ...     on connecting, unasked
 *   > sysstatus get\r\n                            case matters
 *   < sysstatus get talking "dialstr:10.1.2.3" "callid:3" ...
 *   > callinfo all
 *   < callinfo video "callid:3" ... "VBwRecv:1748" "VBwSend:1748" ... (a line per call, no end)
 *   > mute near get
 *   < mute near get off
 *   < error: command not found | error: command has illegal parameters
 *
 * The same lines come unasked when something changes, so each of them is true whenever it comes;
 * "finished" comes only so. What an order answers is not told: it is followed until the state shows
 * it, and asked for if nothing comes. Units of the figures are not told either: a number without
 * one is read in the unit of the box's own pages (kbit/s, frames/s, ms, %). Received packets are
 * not counted, auto-answer cannot be asked.
 *
 * Sources: descriptions of Yealink, API Commands Introduction, V1.06 and V1.08. */
#include "adapters/adapter.h"

#include "adapters/dialogue.h"
#include "adapters/internal.h"
#include "adapters/yealink_vc.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>

enum { SILENCE_MS = 10000, SETTLE_MS = 400, FOLLOW_MS = 3000 };

static const struct way ways[] = { { "tcp://", 6024, CARRIER_TCP }, { NULL } };

static const struct manners manners = {
	.ways = ways,
	.end = "\r\n",
	.telnet_end = "\r\n",
	.silence_ms = SILENCE_MS,
	.settle_ms = SETTLE_MS,
	.refusal = yealink_refusal,
};

/* ---- what answers look like ------------------------------------------------------------------ */

static enum look
look_version(const char *line, void *into)
{
	return yealink_read_version(line, into) ? LOOK_DONE : LOOK_NOT_MINE;
}

static enum look
look_status(const char *line, void *into)
{
	struct yealink_status *s = into, one;
	if (!yealink_read_status(line, &one) || one.state == YEALINK_FINISHED)
		return LOOK_NOT_MINE;
	*s = one;
	return LOOK_DONE;
}

struct calls {
	const char *wanted; /* the id that sysstatus named, or "" */
	size_t n;
	bool found;
	struct yealink_call call;
};

/* Of several calls the one that sysstatus speaks of. */
static enum look
look_callinfo(const char *line, void *into)
{
	struct calls *c = into;
	struct yealink_call one;
	if (!yealink_read_callinfo(line, &one))
		return LOOK_NOT_MINE;
	bool named = *c->wanted && *one.id;
	bool mine = named ? str_eq(c->wanted, one.id) : !c->found;
	if (mine)
		c->call = one;
	c->found |= mine;
	c->n += !named; /* calls of which nothing tells which is meant */
	return LOOK_ENOUGH;
}

static enum look
look_mute(const char *line, void *into)
{
	enum tri *muted = into, said = yealink_switch(line, "mute near get");
	if (said == UNKNOWN)
		return LOOK_NOT_MINE;
	*muted = said;
	return LOOK_DONE;
}

static enum look
look_disturb(const char *line, void *into)
{
	enum tri *on = into, said = yealink_switch(line, "donotdisturb global get");
	if (said == UNKNOWN)
		return LOOK_NOT_MINE;
	*on = said;
	return LOOK_DONE;
}

/* ---- questions ------------------------------------------------------------------------------- */

static enum err
ask(struct task *t, struct lane *l, const char *command, look_fn look, void *into)
{
	return dialogue_ask(t, l, command, look, into, 0);
}

/* Anything may listen on a port: what does not tell its version is not one of these. */
static enum err
yealink_open(struct task *t, struct lane *l)
{
	struct identity who;
	enum err e = dialogue_open(t, l, &manners, sizeof(struct dialogue));
	if (e)
		return e;
	e = ask(t, l, "version", look_version, &who);
	if (e)
		dialogue_close(t, l);
	return e;
}

static enum err
yealink_probe(struct task *t, struct lane *l, struct identity *out)
{
	enum tri disturb = UNKNOWN;
	enum err e = ask(t, l, "version", look_version, out);
	if (e == OK)
		e = dialogue_may_lack(
			t, ask(t, l, "donotdisturb global get", look_disturb, &disturb));
	if (e)
		return e;
	snprintf(out->alarms, sizeof out->alarms, "the control port asks for no login%s",
		disturb == YES ? "; do not disturb is on: calls are refused" : "");
	return OK;
}

static enum err
yealink_state_of(struct task *t, struct lane *l, struct endpoint_status *out)
{
	struct yealink_status now = { 0 };
	struct calls all = { .wanted = now.call_id };
	*out = (struct endpoint_status){ 0 };
	enum err e = ask(t, l, "sysstatus get", look_status, &now);
	bool up = now.state == YEALINK_TALKING;
	if (e == OK && up)
		e = dialogue_may_lack(t, ask(t, l, "callinfo all", look_callinfo, &all));
	if (e == OK)
		e = dialogue_may_lack(t, ask(t, l, "mute near get", look_mute, &out->mic_muted));
	if (e)
		return e;
	const struct yealink_call *call = all.found && all.n < 2 ? &all.call : NULL;
	out->in_call = up ? YES : now.state == YEALINK_OTHER ? UNKNOWN : NO;
	str_copy(out->far_address, sizeof out->far_address,
		*now.far_address || !call ? now.far_address : call->far_address);
	out->sampled = call && call->figures > 0;
	if (call)
		out->media = call->media;
	return OK;
}

/* ---- orders ---------------------------------------------------------------------------------- */

struct follow {
	bool (*reached)(enum yealink_state s);
};

static enum look
look_follow(const char *line, void *into)
{
	struct follow *f = into;
	struct yealink_status s;
	return yealink_read_status(line, &s) && f->reached(s.state) ? LOOK_DONE : LOOK_NOT_MINE;
}

/* Silence is no answer: then it is asked what became of the order. */
static enum err
order(struct task *t, struct lane *l, const char *command, bool (*reached)(enum yealink_state))
{
	struct follow f = { .reached = reached };
	struct yealink_status now = { 0 };
	enum err e = dialogue_ask(t, l, command, look_follow, &f, FOLLOW_MS);
	if (e != ERR_TIMEOUT || task_left(t) == 0)
		return e;
	task_forgive(t);
	e = ask(t, l, "sysstatus get", look_status, &now);
	if (e == OK && !reached(now.state))
		return task_fail(
			t, ERR_REFUSED, "%s on %s: nothing came of it", command, l->device->name);
	return e;
}

static bool
calls(enum yealink_state s)
{
	return s == YEALINK_OUTGOING || s == YEALINK_RINGING || s == YEALINK_TALKING;
}

static bool
talks(enum yealink_state s)
{
	return s == YEALINK_TALKING;
}

static bool
rests(enum yealink_state s)
{
	return s == YEALINK_IDLE || s == YEALINK_FINISHED;
}

static enum err
yealink_dial(struct task *t, struct lane *l, const char *address, int kbps)
{
	char command[256];
	struct yealink_status now = { 0 };
	bool there = false;
	if (!yealink_dial_command(command, sizeof command, address, kbps))
		return dialogue_undiallable(t, l, address);
	enum err e = ask(t, l, "sysstatus get", look_status, &now);
	if (e == OK && calls(now.state))
		e = dialogue_free(t, l, address, now.far_address, &there);
	return e || there ? e : order(t, l, command, calls);
}

static enum err
yealink_hangup(struct task *t, struct lane *l)
{
	struct yealink_status now = { 0 };
	enum err e = ask(t, l, "sysstatus get", look_status, &now);
	if (e == OK && now.state == YEALINK_IDLE)
		return task_fail(t, ERR_GONE, "hang up on %s: no call", l->device->name);
	return e ? e : order(t, l, "button hangup", rests);
}

static enum err
yealink_answer(struct task *t, struct lane *l)
{
	struct yealink_status now = { 0 };
	enum err e = ask(t, l, "sysstatus get", look_status, &now);
	if (e == OK && now.state != YEALINK_RINGING)
		return task_fail(t, ERR_GONE, "answer on %s: it does not ring", l->device->name);
	return e ? e : order(t, l, "answer yes", talks);
}

static enum err
yealink_mute(struct task *t, struct lane *l, bool on)
{
	enum tri now = UNKNOWN;
	enum err e = dialogue_ask(
		t, l, on ? "mute near on" : "mute near off", look_mute, &now, FOLLOW_MS);
	e = dialogue_may_be_silent(t, e);
	if (e == OK)
		e = ask(t, l, "mute near get", look_mute, &now);
	return e ? e : dialogue_muted(t, l, on, now);
}

/* This is everything we export. To show a text is not in our sources. */
const struct endpoint_adapter yealink_vc_adapter = {
	.name = "yealink-vc",
	.title = "Yealink VC110 to VC880 (TCP, no login)",
	.grade = GRADE_DRAFT,
	.evidence = EVIDENCE_RX_RATE,
	.open = yealink_open,
	.close = dialogue_close,
	.probe = yealink_probe,
	.status = yealink_state_of,
	.dial = yealink_dial,
	.answer = yealink_answer,
	.hangup = yealink_hangup,
	.mute = yealink_mute,
};
