/* Sony PCS-XG55, 77, 80, 100, XA, XL55, G60: control lines on telnet.
 *
 * Called by lanes on worker threads. Owns the connection in the lane's session, and what was heard
 * of the call since it was opened. Must never say "no call" because nothing was heard.
 *
 *   < IAC DO TERMINAL-TYPE ...  login: _       > user
 *   < Password:                                > s3cret
 *   < CNTR>_
 *   > status power\r\n
 *   < CNTR>status power          echo; lines end CR CR LF
 *   < status power power-on      or stand-by
 *   < CNTR>_
 *   > dial /10.1.2.3/
 *   < (echo)  CNTR>_             or an error word on a line of its own: busy, not power on ...
 *
 *   unasked: ring manual, then who calls; connect status, then 2 outgoing or 3 connecting;
 *   connect complete; disconnect; dial cancel; each with a prompt behind it
 *
 * No command asks for the call, for media, uptime, model or auto-answer: the call is known from
 * what is told, and unknown until then. Whether "mic-on" means heard or muted is not settled, so
 * there is no order to mute.
 *
 * Source: a public Extron driver for this family; AMX for the mode of the connection. */
#include "adapters/adapter.h"

#include "adapters/dialogue.h"
#include "adapters/internal.h"
#include "adapters/sony_pcs.h"
#include "base/str.h"

#include <string.h>

enum { SILENCE_MS = 15000, SETTLE_MS = 1500 };

static const struct way ways[] = { { "telnet://", 23, CARRIER_TELNET }, { NULL } };

static const struct manners manners = {
	.ways = ways,
	.ready = "CNTR>",
	.end = "\r\n",
	.telnet_end = "\r\n",
	.silence_ms = SILENCE_MS,
	.settle_ms = SETTLE_MS,
	.clean = sony_clean,
	.refusal = sony_refusal,
};

struct session {
	struct dialogue line; /* first */
	struct sony_call call;
};

/* ---- what answers look like ------------------------------------------------------------------ */

static const char ask_power[] = "status power";

struct power {
	struct sony_call *call;
	enum tri on;
};

/* Its echo is no name of a caller, which may be missing. */
static enum look
look_power(const char *line, void *into)
{
	struct power *p = into;
	enum tri said = sony_power(line);
	if (str_eq(line, ask_power)) {
		sony_echoed(p->call);
		return LOOK_MORE;
	}
	if (said == UNKNOWN)
		return LOOK_NOT_MINE;
	p->on = said;
	return LOOK_DONE;
}

struct order {
	struct sony_call *call;
	const char *command;
	bool echoed;
};

/* Its echo, and then no error word. The second "disconnect" is news. */
static enum look
look_order(const char *line, void *into)
{
	struct order *o = into;
	if (o->echoed || !str_eq(line, o->command))
		return LOOK_NOT_MINE;
	o->echoed = true;
	sony_echoed(o->call);
	return LOOK_ENOUGH;
}

static enum err
no_session(struct task *t, const struct lane *l)
{
	return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
}

static enum err
order(struct task *t, struct lane *l, const char *command)
{
	struct session *s = l->session;
	if (!s)
		return no_session(t, l);
	struct order o = { .call = &s->call, .command = command };
	return dialogue_ask(t, l, command, look_order, &o, 0);
}

static void
hear(void *of, const char *line)
{
	sony_hear(of, line);
}

/* ---- session and questions ------------------------------------------------------------------- */

static enum err
sony_open(struct task *t, struct lane *l)
{
	enum err e = dialogue_open(t, l, &manners, sizeof(struct session));
	if (e)
		return e;
	struct session *s = l->session;
	s->line.hear = hear;
	s->line.hear_of = &s->call;
	return OK;
}

static enum err
power(struct task *t, struct lane *l, enum tri *out)
{
	struct session *s = l->session;
	if (!s)
		return no_session(t, l);
	struct power p = { .call = &s->call };
	enum err e = dialogue_ask(t, l, ask_power, look_power, &p, 0);
	*out = p.on;
	return e;
}

static enum err
sony_probe(struct task *t, struct lane *l, struct identity *out)
{
	enum tri on = UNKNOWN;
	*out = (struct identity){ .vendor = "Sony" };
	enum err e = power(t, l, &on);
	if (e == OK && on == NO)
		str_copy(out->alarms, sizeof out->alarms, "in stand-by: it takes no call");
	return e;
}

/* The question brings to light what was told meanwhile. In stand-by it takes no call: one that was
 * heard of then ended without a word, or the word is not what we think. */
static enum err
sony_status(struct task *t, struct lane *l, struct endpoint_status *out)
{
	enum tri on = UNKNOWN;
	*out = (struct endpoint_status){ 0 };
	enum err e = power(t, l, &on);
	if (e)
		return e;
	struct session *s = l->session;
	if (on == NO && s->call.up == YES)
		s->call = (struct sony_call){ .up = UNKNOWN };
	out->in_call = s->call.up;
	str_copy(out->far_address, sizeof out->far_address, s->call.far_address);
	return OK;
}

/* ---- orders ---------------------------------------------------------------------------------- */

static enum err
sony_dial(struct task *t, struct lane *l, const char *address, int kbps)
{
	char command[256];
	const struct session *s = l->session;
	bool there = false;
	if (!sony_dial_command(command, sizeof command, address))
		return dialogue_undiallable(t, l, address);
	enum err e = OK;
	if (s && s->call.up == YES)
		e = dialogue_free(t, l, address, s->call.far_address, &there);
	return e || there ? e : order(t, l, command);
}

static enum err
sony_answer(struct task *t, struct lane *l)
{
	return order(t, l, "answer accept");
}

/* Accepted, and the goodbye not told yet: then the call is as unknown as before. */
static enum err
sony_hangup(struct task *t, struct lane *l)
{
	enum err e = order(t, l, "disconnect");
	struct session *s = l->session;
	if (e == OK && s->call.up == YES)
		s->call.up = UNKNOWN;
	return e;
}

/* This is everything we export. */
const struct endpoint_adapter sony_pcs_adapter = {
	.name = "sony-pcs",
	.title = "Sony PCS-XG, XA, XL, G (telnet)",
	.grade = GRADE_DRAFT,
	.open = sony_open,
	.close = dialogue_close,
	.probe = sony_probe,
	.status = sony_status,
	.dial = sony_dial,
	.answer = sony_answer,
	.hangup = sony_hangup,
};
