/* Tandberg MXP (3000, 6000, 1700, 990 ...): its command line on telnet, or its documents over
 * HTTP(S).
 *
 * Called by lanes on worker threads. Owns the connection in the lane's session. Must never take
 * feedback that somebody registered for the answer to another question, nor "Connected" for a call
 * whose channels are open.
 *
 *   < Welcome to ...  Password: _     no user name
 *   > s3cret
 *   < OK
 *   > xstatus call
 *   < *s Call 1 (status=Synced, type=Vtlph, protocol=H323, direction=Outgoing, logTag=1):
 *   <   RemoteNumber: "5020020"
 *   <   Channels 1 (type=Incoming):
 *   <     Audio (status=Active):
 *   <       Protocol: AAC-LD   DynamicRate: 64   TotalPackets: 801748   (a line each)
 *   < *s/end                          no blank in it; at the end of each element
 *   <
 *   < OK
 *   > xcommand dial number: 10.1.2.3 callrate: 768
 *   < *r Result (status=OK): ... *r/end OK      or ERROR, or "Command not recognized."
 *
 * In a call is Synced; Incoming is what the box receives. Packets stand only at detail level 2,
 * which is asked for after the login. Over HTTP(S) (tandberg_mxp_http.c) it is asked and not
 * ordered about. Auto-answer is unknown: no command to read it is in our sources.
 *
 * Sources: TANDBERG D13887 (reference guide for system integrators), D13639 (MPS API, p. 64: the
 * same call in full), D13926 (SystemUnit of a sibling); a public AMX driver for the MXP (login, OK,
 * ERROR, microphones mode). */
#include "adapters/adapter.h"

#include "adapters/dialogue.h"
#include "adapters/internal.h"
#include "adapters/tandberg_mxp.h"
#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SPACING_MS = 100, SILENCE_MS = 15000, SETTLE_MS = 400 };

static const struct way ways[] = { { "telnet://", 23, CARRIER_TELNET }, { NULL } };

static const struct manners manners = {
	.ways = ways,
	.ready_line = "OK",
	.end = "\r\n",
	.telnet_end = "\r\n",
	.spacing_ms = SPACING_MS,
	.silence_ms = SILENCE_MS,
	.settle_ms = SETTLE_MS,
	.refusal = mxp_refusal,
};

/* ---- what answers look like ------------------------------------------------------------------ */

static enum look
look_ok(const char *line, void *into)
{
	return str_eq(line, "OK") ? LOOK_DONE : LOOK_NOT_MINE;
}

/* "echo off" is answered by its last word. */
static enum look
look_echo(const char *line, void *into)
{
	return str_eq(line, "OK") || str_eq(line, "off") ? LOOK_DONE : LOOK_NOT_MINE;
}

/* An "OK" before any call belongs to a command before. */
static enum look
look_calls(const char *line, void *into)
{
	struct mxp_calls *c = into;
	if (str_eq(line, "OK") && c->n)
		return LOOK_DONE;
	if (mxp_read_call(c, line))
		return LOOK_MORE;
	return str_eq(line, "*s/end") && c->n ? LOOK_ENOUGH : LOOK_NOT_MINE;
}

static enum look
look_unit(const char *line, void *into)
{
	struct mxp_unit *u = into;
	if (mxp_read_unit(u, line))
		return LOOK_MORE;
	if (u->whole && str_eq(line, "OK"))
		return LOOK_DONE;
	return u->whole && str_eq(line, "*s/end") ? LOOK_ENOUGH : LOOK_NOT_MINE;
}

static enum look
look_muted(const char *line, void *into)
{
	enum tri *muted = into, said = mxp_muted(line);
	if (said == UNKNOWN)
		return *muted != UNKNOWN && str_eq(line, "OK") ? LOOK_DONE : LOOK_NOT_MINE;
	*muted = said;
	return LOOK_ENOUGH;
}

struct session {
	struct dialogue line;  /* first; not used when */
	struct mxp_http *http; /* there is this */
};

static enum err
ask(struct task *t, struct lane *l, const char *command, look_fn look, void *into)
{
	const struct session *s = l->session;
	if (s && s->http)
		return task_fail(
			t, ERR_UNSUPPORTED, "%s on %s: only over telnet", command, l->device->name);
	return dialogue_ask(t, l, command, look, into, 0);
}

/* ---- session --------------------------------------------------------------------------------- */

static void
mxp_close(struct task *t, struct lane *l)
{
	struct session *s = l->session;
	if (s)
		mxp_http_close(s->http);
	dialogue_close(t, l);
}

static enum err
mxp_open(struct task *t, struct lane *l)
{
	bool http = str_starts(l->device->url, "http://") || str_starts(l->device->url, "https://");
	enum err e;
	if (http) {
		struct session *s = l->session = arena_alloc(l->arena, sizeof *s);
		e = mxp_http_open(t, l, &s->http);
	} else {
		e = dialogue_open(t, l, &manners, sizeof(struct session));
	}
	if (e == OK && !http)
		e = dialogue_may_lack(t, ask(t, l, "echo off", look_echo, NULL));
	if (e == OK && !http)
		e = dialogue_may_lack(t, ask(t, l, "xpreferences detaillevel 2", look_ok, NULL));
	if (e)
		mxp_close(t, l);
	return e;
}

/* ---- questions ------------------------------------------------------------------------------- */

static void
call_line(void *of, const char *line)
{
	mxp_read_call(of, line);
}

static void
unit_line(void *of, const char *line)
{
	mxp_read_unit(of, line);
}

static enum err
ask_unit(struct task *t, struct lane *l, struct mxp_unit *out)
{
	const struct session *s = l->session;
	if (!s || !s->http)
		return ask(t, l, "xstatus systemunit", look_unit, out);
	enum err e = mxp_http_read(t, l, s->http, "SystemUnit", unit_line, out);
	if (e == OK && !out->whole)
		return task_fail(t, ERR_PROTOCOL, "SystemUnit of %s: it is not in the answer",
			l->device->name);
	return e;
}

static enum err
mxp_probe(struct task *t, struct lane *l, struct identity *out)
{
	struct mxp_unit unit = { 0 };
	enum err e = ask_unit(t, l, &unit);
	if (e)
		return e;
	*out = unit.who;
	str_copy(out->vendor, sizeof out->vendor, "Tandberg");
	return OK;
}

static enum err
ask_calls(struct task *t, struct lane *l, struct mxp_calls *out)
{
	*out = (struct mxp_calls){ .direction = -1, .medium = -1 };
	const struct session *s = l->session;
	bool http = s && s->http;
	enum err e = http ? mxp_http_read(t, l, s->http, "Call", call_line, out)
			  : ask(t, l, "xstatus call", look_calls, out);
	if (e == OK && !out->n)
		return task_fail(
			t, ERR_PROTOCOL, "calls of %s: not even an idle one", l->device->name);
	if (e == OK && out->too_many)
		return task_fail(t, ERR_PROTOCOL, "xstatus call on %s: more than %d calls",
			l->device->name, MXP_CALLS_MOST);
	return e;
}

static enum err
mxp_status(struct task *t, struct lane *l, struct endpoint_status *out)
{
	struct mxp_calls *calls = arena_alloc(t->arena, sizeof *calls);
	struct mxp_unit unit = { 0 };
	*out = (struct endpoint_status){ 0 };
	enum err e = ask_calls(t, l, calls);
	if (e == OK)
		e = dialogue_may_lack(t, ask(t, l, "xconfiguration audio microphones mode",
						 look_muted, &out->mic_muted));
	if (e == OK)
		e = dialogue_may_lack(t, ask_unit(t, l, &unit));
	if (e)
		return e;
	const struct mxp_call *one = mxp_main_call(calls);
	out->in_call = !one			 ? NO
		       : one->state == MXP_UP	 ? YES
		       : one->state == MXP_OTHER ? UNKNOWN
						 : NO;
	if (one)
		str_copy(out->far_address, sizeof out->far_address, one->number);
	out->sampled = one && one->state == MXP_UP && one->figures;
	if (out->sampled)
		out->media = one->media;
	out->uptime_s = unit.who.uptime_s;
	out->uptime_step_s = unit.who.uptime_s.known ? 1 : 0;
	return OK;
}

/* ---- orders ---------------------------------------------------------------------------------- */

static enum err
mxp_dial(struct task *t, struct lane *l, const char *address, int kbps)
{
	char command[256];
	struct mxp_calls *calls = arena_alloc(t->arena, sizeof *calls);
	bool there = false;
	if (!mxp_dial_command(command, sizeof command, address, kbps))
		return dialogue_undiallable(t, l, address);
	const struct session *s = l->session;
	enum err e = s && s->http ? OK : ask_calls(t, l, calls);
	const struct mxp_call *one = e == OK ? mxp_main_call(calls) : NULL;
	if (one && one->state != MXP_ENDING)
		e = dialogue_free(t, l, address, one->number, &there);
	return e || there ? e : ask(t, l, command, look_ok, NULL);
}

static enum err
mxp_hangup(struct task *t, struct lane *l)
{
	struct mxp_calls *calls = arena_alloc(t->arena, sizeof *calls);
	char command[64];
	const char *refused = NULL;
	bool any = false;
	enum err e = ask_calls(t, l, calls);
	for (size_t i = 0; e == OK && i < calls->n; i++) {
		if (calls->call[i].state == MXP_IDLE)
			continue;
		any = true;
		snprintf(command, sizeof command, "xcommand disconnectcall call: %" PRId64,
			calls->call[i].id);
		e = ask(t, l, command, look_ok, NULL);
		if (e != ERR_REFUSED)
			continue;
		refused = arena_strdup(t->arena, t->why); /* it may have ended by itself */
		task_forgive(t);
		e = OK;
	}
	if (e == OK && !any)
		return task_fail(t, ERR_GONE, "hang up on %s: no call", l->device->name);
	if (e || !refused)
		return e;
	e = ask_calls(t, l, calls);
	const struct mxp_call *left = e == OK ? mxp_main_call(calls) : NULL;
	return left && left->state != MXP_ENDING ? task_fail(t, ERR_REFUSED, "%s", refused) : e;
}

static enum err
mxp_mute(struct task *t, struct lane *l, bool on)
{
	enum tri now = UNKNOWN;
	enum err e = ask(t, l,
		on ? "xconfiguration audio microphones mode: off"
		   : "xconfiguration audio microphones mode: on",
		look_ok, NULL);
	if (e == OK)
		e = ask(t, l, "xconfiguration audio microphones mode", look_muted, &now);
	return e ? e : dialogue_muted(t, l, on, now);
}

/* This is everything we export. To answer by command and to show a text are not in our sources. */
const struct endpoint_adapter tandberg_mxp_adapter = {
	.name = "tandberg-mxp",
	.title = "Tandberg MXP (telnet; HTTPS to ask)",
	.grade = GRADE_DRAFT,
	.evidence = EVIDENCE_RX_COUNTERS | EVIDENCE_RX_RATE | EVIDENCE_UPTIME,
	.open = mxp_open,
	.close = mxp_close,
	.probe = mxp_probe,
	.status = mxp_status,
	.dial = mxp_dial,
	.hangup = mxp_hangup,
	.mute = mxp_mute,
};
