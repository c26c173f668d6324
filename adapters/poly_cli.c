/* Polycom HDX and RealPresence Group: the command line over SSH, or telnet where the box has
 * nothing else.
 *
 * Called by lanes on worker threads, one at a time: these boxes bear one session. Owns the
 * connection and its line buffer in the lane's session. Must never take "the next line" for an
 * answer, and never send a command while a call is being set up.
 *
 *   after login, unasked      Hi, my name is ...  (some forty lines)  SNMP Enabled: True
 *                                                                                        then "-> "
 *   > callinfo all\r          echo; callinfo begin; callinfo:43:Name:192.168.1.101:384:...;
 *     callinfo end
 *                             or: system is not in a call
 *   > mute near get\r         echo; mute near on|off
 *   > advnetstats\r           echo; call:0 tar:16 K ...; ... ccaps:---
 *   > uptime get\r            echo; 1 Hour, 10 Minutes
 *   > autoanswer get\r        echo; autoanswer yes, no or donotdisturb
 *   > status\r                echo; inacall offline; microphones online; ... status end
 *
 * Between any two of these lines others may stand: notifications, the introduction once more, an
 * answer that belongs to an earlier command. Each command therefore knows what its own answer looks
 * like; all else is passed over. An echo comes for wrong commands too and proves nothing. At least
 * 200 ms lie between commands.
 *
 * Sources: HDX and Group integrator's reference guides; field reports on late and repeated
 * output. */
#include "adapters/adapter.h"

#include "adapters/dialogue.h"
#include "adapters/internal.h"
#include "adapters/poly_cli.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SPACING_MS = 200,
	SILENCE_MS = 15000, /* an incoming call stalls the shell for more than 7 s */
	QUIET_MS = 500,
	STATUS_MS = 3000,
	INTRO_ROUNDS = 40,
	MOST_LINES = 4000, /* of an introduction */
	SETTINGS_EVERY = 5,
};

static const struct way ways[] = {
	{ "ssh://", 22, CARRIER_SSH },
	{ "telnet://", 24, CARRIER_TELNET },
	{ NULL },
};

static const struct manners manners = {
	.ways = ways,
	.ready = "->",
	.end = "\r",
	.telnet_end = "\r\n",
	.spacing_ms = SPACING_MS,
	.silence_ms = SILENCE_MS,
	.clean = poly_clean,
	.refusal = poly_refusal,
};

struct session {
	struct dialogue line; /* first */
	struct identity who; /* as it introduced itself */
	int settings_in;     /* so many more statuses until its settings are asked again */
};

/* ---- one command ----------------------------------------------------------------------------- */

static enum err
ask(struct task *t, struct lane *l, const char *command, look_fn look, void *into)
{
	return dialogue_ask(t, l, command, look, into, 0);
}

/* ---- what answers look like ------------------------------------------------------------------ */

struct calls {
	bool begun, garbled, setting_up;
	size_t n, connected;
	struct poly_call call; /* the one that is connected, else one in a state that is not known,
				* else the last one */
};

static enum look
look_callinfo(const char *line, void *into)
{
	struct calls *c = into;
	struct poly_call one;
	if (str_eq(line, "system is not in a call")) {
		*c = (struct calls){ 0 };
		return LOOK_DONE;
	}
	if (str_eq(line, "callinfo begin")) {
		*c = (struct calls){ .begun = true };
		return LOOK_MORE;
	}
	if (!c->begun)
		return LOOK_NOT_MINE;
	if (str_eq(line, "callinfo end"))
		return LOOK_DONE;
	if (!str_starts(line, "callinfo:"))
		return LOOK_NOT_MINE;
	if (!poly_parse_callinfo(line, &one)) {
		c->garbled = true;
		return LOOK_MORE;
	}
	c->setting_up |= one.state == POLY_CALL_SETTING_UP;
	c->connected += one.state == POLY_CALL_CONNECTED;
	bool unsure = c->n && c->call.state == POLY_CALL_OTHER;
	if (one.state == POLY_CALL_CONNECTED || (c->call.state != POLY_CALL_CONNECTED && !unsure))
		c->call = one;
	c->n++;
	return LOOK_MORE;
}

struct netstats {
	bool begun;
	int values;
	struct media_sample sample;
};

static enum look
look_netstats(const char *line, void *into)
{
	struct netstats *n = into;
	if (str_starts(line, "call:"))
		*n = (struct netstats){ .begun = true };
	if (!n->begun)
		return LOOK_NOT_MINE;
	int values = poly_parse_netstats(line, &n->sample);
	n->values += values;
	if (strstr(line, "ccaps:"))
		return LOOK_DONE;
	return values ? LOOK_MORE : LOOK_NOT_MINE;
}

static enum look
look_mute(const char *line, void *into)
{
	enum tri *muted = into;
	if (str_eq(line, "mute near on"))
		*muted = YES;
	else if (str_eq(line, "mute near off"))
		*muted = NO;
	else
		return LOOK_NOT_MINE;
	return LOOK_DONE;
}

struct uptime {
	int64_t s;
	int step_s;
};

static enum look
look_uptime(const char *line, void *into)
{
	struct uptime *u = into;
	if (str_starts(line, "uptime "))
		line += strlen("uptime ");
	return poly_parse_uptime(line, &u->s, &u->step_s) ? LOOK_DONE : LOOK_NOT_MINE;
}

static enum look
look_whoami(const char *line, void *into)
{
	return poly_parse_intro(line, into) ? LOOK_DONE : LOOK_NOT_MINE;
}

/* "microphones offline" ... "status end". Servers that are "offline" may only be none, and a box in
 * no call is "inacall offline": of those nothing is made. */
static enum look
look_alarms(const char *line, void *into)
{
	static const char *const watched[] = { "microphones", "ipnetwork" };
	struct identity *who = into;
	if (str_eq(line, "status end"))
		return LOOK_DONE;
	size_t n = strcspn(line, " "), used = strlen(who->alarms);
	bool offline = str_eq(line + n, " offline");
	if (!offline && !str_eq(line + n, " online"))
		return LOOK_NOT_MINE;
	for (size_t i = 0; offline && i < sizeof watched / sizeof *watched; i++)
		if (strlen(watched[i]) == n && strncmp(line, watched[i], n) == 0)
			snprintf(who->alarms + used, sizeof who->alarms - used, "%s%s",
				used ? "; " : "", line);
	return LOOK_MORE;
}

static enum look
look_dial(const char *line, void *into)
{
	return str_starts(line, "dialing ") ? LOOK_DONE : LOOK_NOT_MINE;
}

static enum look
look_hangup(const char *line, void *into)
{
	bool *nobody = into;
	*nobody = str_eq(line, "system is not in a call") || str_ends(line, " is not active");
	return *nobody || str_starts(line, "hanging up") ? LOOK_DONE : LOOK_NOT_MINE;
}

struct echo {
	const char *command;
	int seen;
};

/* Its acknowledgement is the command itself, and so is its echo: the second one counts. */
static enum look
look_twice(const char *line, void *into)
{
	struct echo *e = into;
	if (!str_eq(line, e->command))
		return LOOK_NOT_MINE;
	return ++e->seen == 2 ? LOOK_DONE : LOOK_MORE;
}

/* ---- session --------------------------------------------------------------------------------- */

/* The block that ends with "SNMP Enabled:", then the prompt unless it was seen already. A box that
 * shows only a prompt is good enough. */
static enum err
introduction(struct task *t, struct lane *l, struct session *s, bool prompted)
{
	int quiet = 0;
	for (int i = 0; i < MOST_LINES && quiet < INTRO_ROUNDS; i++) {
		const char *line;
		bool prompt = prompted;
		enum err e = dialogue_line(t, &s->line, QUIET_MS, &line);
		if (e)
			return e;
		if (line) {
			if (!poly_parse_intro(line, &s->who))
				continue;
			return prompt ? OK
				      : lines_prompt(
						t, &s->line.lines, "-> ", QUIET_MS * 4, &prompt);
		}
		quiet++;
		if (!prompt)
			e = lines_prompt(t, &s->line.lines, "-> ", 0, &prompt);
		if (e || prompt)
			return e;
	}
	return task_fail(
		t, ERR_PROTOCOL, "log in to %s: neither introduction nor prompt", l->device->name);
}

static enum err
poly_open(struct task *t, struct lane *l)
{
	enum err e = dialogue_open(t, l, &manners, sizeof(struct session));
	if (e)
		return e;
	struct session *s = l->session;
	e = introduction(t, l, s, s->line.telnet != NULL);
	if (e)
		dialogue_close(t, l);
	return e;
}

static enum err
ask_calls(struct task *t, struct lane *l, struct calls *out)
{
	*out = (struct calls){ 0 };
	enum err e = ask(t, l, "callinfo all", look_callinfo, out);
	if (e == OK && out->garbled)
		return task_fail(t, ERR_PROTOCOL,
			"callinfo all on %s: a line of it was not understood", l->device->name);
	return e;
}

static enum err
set_up_first(struct task *t, struct lane *l, const char *what, struct calls *out)
{
	enum err e = ask_calls(t, l, out);
	if (e == OK && out->setting_up)
		return task_fail(
			t, ERR_BUSY, "%s on %s: a call is being set up", what, l->device->name);
	return e;
}

static enum err
poly_probe(struct task *t, struct lane *l, struct identity *out)
{
	struct session *s = l->session;
	struct uptime up = { 0 };
	struct calls now;
	enum err e = set_up_first(t, l, "probe", &now);
	if (e)
		return e;
	s->settings_in = 0;
	if (!*s->who.model)
		e = ask(t, l, "whoami", look_whoami, &s->who);
	if (e == OK)
		e = dialogue_may_lack(t, ask(t, l, "uptime get", look_uptime, &up));
	struct identity told = { 0 };
	if (e == OK)
		e = dialogue_may_be_silent(t, dialogue_may_lack(t, dialogue_ask(t, l, "status", look_alarms,
								  &told, STATUS_MS)));
	if (e)
		return e;
	*out = s->who;
	str_copy(out->alarms, sizeof out->alarms, told.alarms);
	str_copy(out->vendor, sizeof out->vendor, "Polycom");
	if (up.step_s)
		out->uptime_s = figure_of(up.s);
	return OK;
}

/* "autoanswer yes", which its echo never is; donotdisturb answers nobody. */
static enum look
look_auto_answer(const char *line, void *into)
{
	enum tri *is = into;
	if (!str_eq(line, "autoanswer yes") && !str_eq(line, "autoanswer no") &&
		!str_eq(line, "autoanswer donotdisturb"))
		return LOOK_NOT_MINE;
	*is = tri_of(str_ends(line, "yes"));
	return LOOK_DONE;
}

static enum look
look_mute_auto_answer(const char *line, void *into)
{
	enum tri *is = into;
	if (!str_eq(line, "muteautoanswercalls yes") && !str_eq(line, "muteautoanswercalls no"))
		return LOOK_NOT_MINE;
	*is = tri_of(str_ends(line, "yes"));
	return LOOK_DONE;
}

/* How it answers concerns nobody while it is in a call, seldom changes, and each command costs 200
 * ms. Whose mute callinfo shows is not settled, so the microphone's word comes from "mute near get"
 * only. The figures are numbered from 0 and not as callinfo numbers calls: of two calls nobody
 * tells whose they are. */
static enum err
poly_status(struct task *t, struct lane *l, struct endpoint_status *out)
{
	struct calls now;
	*out = (struct endpoint_status){ 0 };
	enum err e = ask_calls(t, l, &now);
	if (e)
		return e;
	bool up = now.call.state == POLY_CALL_CONNECTED;
	out->in_call = up ? YES : now.n && now.call.state == POLY_CALL_OTHER ? UNKNOWN : NO;
	str_copy(out->far_address, sizeof out->far_address, now.call.number);
	if (now.setting_up)
		return OK;

	struct netstats stats = { 0 };
	struct uptime time = { 0 };
	if (up && now.connected == 1)
		e = dialogue_may_lack(t, ask(t, l, "advnetstats", look_netstats, &stats));
	if (e == OK)
		e = dialogue_may_lack(t, ask(t, l, "mute near get", look_mute, &out->mic_muted));
	if (e == OK)
		e = dialogue_may_lack(t, ask(t, l, "uptime get", look_uptime, &time));
	struct session *s = l->session;
	bool settings = out->in_call == NO && s->settings_in-- <= 0;
	if (e == OK && settings)
		e = dialogue_may_lack(
			t, ask(t, l, "autoanswer get", look_auto_answer, &out->auto_answer));
	if (e == OK && settings)
		e = dialogue_may_lack(t, ask(t, l, "muteautoanswer get", look_mute_auto_answer,
						 &out->auto_answer_muted));
	if (settings)
		s->settings_in = SETTINGS_EVERY;
	if (e)
		return e;
	out->sampled = stats.values > 0;
	out->media = stats.sample;
	if (time.step_s)
		out->uptime_s = figure_of(time.s);
	out->uptime_step_s = time.step_s;
	return OK;
}

/* ---- orders ---------------------------------------------------------------------------------- */

static enum err
poly_dial(struct task *t, struct lane *l, const char *address, int kbps)
{
	char command[256];
	if (!poly_dial_command(command, sizeof command, address, kbps))
		return dialogue_undiallable(t, l, address);
	struct calls now;
	bool there = false;
	enum err e = set_up_first(t, l, "dial", &now);
	if (e == OK && now.n && now.call.state != POLY_CALL_ENDING)
		e = dialogue_free(t, l, address, now.call.number, &there);
	return e || there ? e : ask(t, l, command, look_dial, NULL);
}

static enum err
poly_hangup(struct task *t, struct lane *l)
{
	struct calls now;
	bool nobody = false;
	enum err e = set_up_first(t, l, "hang up", &now);
	if (e == OK)
		e = ask(t, l, "hangup all", look_hangup, &nobody);
	if (e == OK && nobody)
		return task_fail(t, ERR_GONE, "hang up on %s: no call", l->device->name);
	return e;
}

/* The order's acknowledgement looks like its echo, so what counts is what the device says when
 * asked. */
static enum err
poly_mute(struct task *t, struct lane *l, bool on)
{
	struct echo order = { .command = on ? "mute near on" : "mute near off" };
	enum tri now = UNKNOWN;
	struct calls calls;
	enum err e = set_up_first(t, l, order.command, &calls);
	if (e)
		return e;
	e = dialogue_ask(t, l, order.command, look_twice, &order, QUIET_MS * 4);
	e = dialogue_may_be_silent(t, e);
	if (e == OK)
		e = ask(t, l, "mute near get", look_mute, &now);
	return e ? e : dialogue_muted(t, l, on, now);
}

/* This is everything we export. To answer by command and to show a text are not documented. */
const struct endpoint_adapter poly_cli_adapter = {
	.name = "poly-cli",
	.title = "Polycom HDX and RealPresence Group (SSH, telnet)",
	.grade = GRADE_TESTED,
	.evidence = EVIDENCE_RX_RATE | EVIDENCE_UPTIME | EVIDENCE_ABSENT_IS_NONE,
	.open = poly_open,
	.close = dialogue_close,
	.probe = poly_probe,
	.status = poly_status,
	.dial = poly_dial,
	.hangup = poly_hangup,
	.mute = poly_mute,
};
