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

static enum look
look_power(const char *line, void *into)
{
	enum tri *on = into, said = sony_power(line);
	if (said == UNKNOWN)
		return LOOK_NOT_MINE;
	*on = said;
	return LOOK_DONE;
}

struct order {
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
	return LOOK_ENOUGH;
}

static enum err
order(struct task *t, struct lane *l, const char *command)
{
	struct order o = { .command = command };
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
sony_probe(struct task *t, struct lane *l, struct identity *out)
{
	enum tri on = UNKNOWN;
	*out = (struct identity){ .vendor = "Sony" };
	enum err e = dialogue_ask(t, l, "status power", look_power, &on, 0);
	if (e == OK && on == NO)
		str_copy(out->alarms, sizeof out->alarms, "in stand-by: it takes no call");
	return e;
}

/* The question brings to light what was told meanwhile. */
static enum err
sony_status(struct task *t, struct lane *l, struct endpoint_status *out)
{
	enum tri on = UNKNOWN;
	*out = (struct endpoint_status){ 0 };
	enum err e = dialogue_ask(t, l, "status power", look_power, &on, 0);
	if (e)
		return e;
	const struct session *s = l->session;
	out->in_call = s->call.up;
	str_copy(out->far_address, sizeof out->far_address, s->call.far_address);
	return OK;
}

/* ---- orders ---------------------------------------------------------------------------------- */

static enum err
sony_dial(struct task *t, struct lane *l, const char *address, int kbps)
{
	char command[256];
	if (!sony_dial_command(command, sizeof command, address))
		return dialogue_undiallable(t, l, address);
	return order(t, l, command);
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
