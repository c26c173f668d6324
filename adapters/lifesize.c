/* LifeSize 200 and 220 series, Team, Room, Express: the automation command line over SSH, or
 * telnet.
 *
 * Called by lanes on worker threads. Owns the connection in the lane's session. Must never take
 * "ok,00" for its answer before the echo of its command, nor a figure from a column whose meaning
 * no source tells.
 *
 *   < $ _
 *   > get audio mute\n
 *   < $ get audio mute             the echo, which cannot be switched off
 *   < off                          lines of data, or none
 *   <                              an empty line
 *   < ok,00                        or error,0e: two hexadecimal digits
 *
 * What happened meanwhile is told when the next command comes: CS,1,1,Connected,... and at times an
 * "ok,00" that answers nothing. Whatever stands before the echo is passed over; behind it an
 * "ok,00" that follows such a line may be one or the other, so it ends the answer only if no more
 * comes.
 *
 * Active calls come as columns; "-D |" asks for another delimiter than the comma, which names may
 * hold. A version that does not know the option is asked without. The columns of "status call
 * statistics" are only known where a sum of losses stands, and not whose: media stay unknown. The
 * order to mute reaches what "audio mute-device" names, so that is set to all for the time of the
 * order.
 *
 * A call that is over stays in a list with its duration and a code of its end, whose numbers no
 * source explains: the code is kept as a word.
 *
 * Sources: LifeSize Automation Command Line Interface, v4.6.0 and technical note 4.8; CESNET
 * shongo, LifeSizeConnector (public driver: verdicts, columns, states, mute, message); a public
 * monitoring program (auto-answer, auto-mute, columns of the history). */
#include "adapters/adapter.h"

#include "adapters/dialogue.h"
#include "adapters/internal.h"
#include "adapters/lifesize.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>

enum {
	SILENCE_MS = 15000,
	SETTLE_MS = 500,
	PROMPT_MS = 10000,
	LINES_MOST = 32,
	COMMAND_MOST = 400
};

static const struct way ways[] = {
	{ "ssh://", 22, CARRIER_SSH },
	{ "telnet://", 23, CARRIER_TELNET },
	{ NULL },
};

static const struct manners manners = {
	.ways = ways,
	.ready = "$",
	.end = "\n",
	.telnet_end = "\r\n",
	.silence_ms = SILENCE_MS,
	.settle_ms = SETTLE_MS,
	.clean = lifesize_clean,
};

struct session {
	struct dialogue line; /* first */
	bool comma;	      /* "-D" is not known here */
};

/* ---- one command ----------------------------------------------------------------------------- */

struct answer {
	const char *command;
	bool echoed;
	bool told; /* something unasked, and no line of data since */
	int code;
	const char *line[LINES_MOST]; /* of data, on the task's arena */
	size_t n;
	bool cut;
	void (*take)(void *of, const char *line); /* instead of line[]: of many */
	void *of;
};

static enum look
look_answer(const char *line, void *into)
{
	struct answer *a = into;
	if (str_eq(line, a->command)) {
		a->echoed = true;
		return LOOK_MORE;
	}
	if (lifesize_unasked(line))
		a->told = a->echoed;
	if (!a->echoed || !*line || lifesize_unasked(line))
		return LOOK_NOT_MINE;
	if (lifesize_parse_verdict(line, &a->code)) {
		bool doubtful = a->told && !a->code;
		a->told = false;
		return doubtful ? LOOK_ENOUGH : LOOK_DONE;
	}
	a->told = false;
	a->cut |= !a->take && a->n == LINES_MOST;
	if (a->take)
		a->take(a->of, line);
	else if (a->n < LINES_MOST)
		a->line[a->n++] = line;
	return LOOK_MORE;
}

static enum err
ask_each(struct task *t, struct lane *l, struct answer *out)
{
	const char *command = out->command;
	enum err e = dialogue_ask(t, l, command, look_answer, out, 0);
	if (e == OK && out->code)
		return task_fail(t, lifesize_class(out->code), "%s on %s: %s (error,%02x)", command,
			l->device->name, lifesize_error(out->code), (unsigned)out->code);
	if (e == OK && out->cut)
		return task_fail(
			t, ERR_PROTOCOL, "%s on %s: lines without end", command, l->device->name);
	return e;
}

static enum err
ask(struct task *t, struct lane *l, const char *command, struct answer *out)
{
	*out = (struct answer){ .command = command };
	return ask_each(t, l, out);
}

/* The first line of an answer; "" when this model or version has none. */
static enum err
ask_word(struct task *t, struct lane *l, const char *command, const char **out)
{
	struct answer a;
	enum err e = dialogue_may_lack(t, ask(t, l, command, &a));
	*out = e == OK && !a.code && a.n ? a.line[0] : "";
	return e;
}

/* ---- session --------------------------------------------------------------------------------- */

static enum err
lifesize_open(struct task *t, struct lane *l)
{
	struct answer unused;
	bool prompt = true;
	enum err e = dialogue_open(t, l, &manners, sizeof(struct session));
	if (e)
		return e;
	struct session *s = l->session;
	if (s->line.ssh)
		e = lines_prompt(t, &s->line.lines, "$ ", PROMPT_MS, &prompt);
	if (e == OK && !prompt)
		e = task_fail(t, ERR_PROTOCOL, "log in to %s: no prompt", l->device->name);
	if (e == OK)
		e = dialogue_may_lack(t, ask(t, l, "set help-mode off", &unused));
	if (e)
		dialogue_close(t, l);
	return e;
}

/* ---- questions ------------------------------------------------------------------------------- */

static enum err
lifesize_probe(struct task *t, struct lane *l, struct identity *out)
{
	const char *model, *software, *serial, *uptime;
	int64_t s;
	*out = (struct identity){ 0 };
	enum err e = ask_word(t, l, "get system model", &model);
	if (e == OK)
		e = ask_word(t, l, "get system version", &software);
	if (e == OK)
		e = ask_word(t, l, "get system serial-number", &serial);
	if (e == OK)
		e = ask_word(t, l, "get system uptime", &uptime);
	if (e)
		return e;
	str_copy(out->vendor, sizeof out->vendor, "LifeSize");
	lifesize_column(model, ',', 1, out->model, sizeof out->model);
	lifesize_column(software, ',', 1, out->software, sizeof out->software);
	lifesize_column(serial, ',', 1, out->serial, sizeof out->serial);
	if (lifesize_parse_uptime(uptime, &s))
		out->uptime_s = figure_of(s);
	return OK;
}

struct calls {
	size_t n;
	struct lifesize_call call; /* the one that is connected, else the last one */
};

static enum err
ask_calls(struct task *t, struct lane *l, struct calls *out)
{
	struct session *s = l->session;
	struct answer a = { 0 };
	enum err e = OK;
	*out = (struct calls){ 0 };
	if (s && !s->comma) {
		e = ask(t, l, "status call active -D |", &a);
		s->comma = (e == ERR_REFUSED || e == ERR_UNSUPPORTED) && a.code;
		if (s->comma)
			e = dialogue_may_lack(t, e);
	}
	if (e == OK && (!s || s->comma))
		e = ask(t, l, "status call active", &a);
	for (size_t i = 0; e == OK && i < a.n; i++) {
		struct lifesize_call one;
		if (!lifesize_parse_call(a.line[i], s->comma ? ',' : '|', &one))
			return task_fail(t, ERR_PROTOCOL,
				"%s on %s: a line of it was not understood", a.command,
				l->device->name);
		bool unsure = out->n && out->call.state == LIFESIZE_OTHER;
		if (one.state == LIFESIZE_CONNECTED ||
			(out->call.state != LIFESIZE_CONNECTED && !unsure))
			out->call = one;
		out->n++;
	}
	return e;
}

static enum err
lifesize_status(struct task *t, struct lane *l, struct endpoint_status *out)
{
	const char *mute, *answer, *answer_muted, *uptime;
	struct calls now;
	int64_t s;
	*out = (struct endpoint_status){ 0 };
	enum err e = ask_calls(t, l, &now);
	if (e == OK)
		e = ask_word(t, l, "get audio mute", &mute);
	if (e == OK)
		e = ask_word(t, l, "get call auto-answer", &answer);
	if (e == OK)
		e = ask_word(t, l, "get call auto-mute", &answer_muted);
	if (e == OK)
		e = ask_word(t, l, "get system uptime", &uptime);
	if (e)
		return e;
	bool up = now.call.state == LIFESIZE_CONNECTED;
	out->in_call = up ? YES : now.n && now.call.state == LIFESIZE_OTHER ? UNKNOWN : NO;
	str_copy(out->far_address, sizeof out->far_address, now.call.remote);
	out->mic_muted = lifesize_on(mute);
	out->auto_answer = lifesize_on(answer);
	out->auto_answer_muted = lifesize_on(answer_muted);
	if (lifesize_parse_uptime(uptime, &s)) {
		out->uptime_s = figure_of(s);
		out->uptime_step_s = 1;
	}
	return OK;
}

/* ---- past calls ---------------------------------------------------------------------------------
 */

enum { NO_DATA = 0x0d };

struct past {
	struct history *out;
	int64_t id[HISTORY_MOST];
};

/* In which order the list comes is not told: ids grow, so the highest ones are the newest. */
static void
take_past(void *of, const char *line)
{
	struct past *p = of;
	struct past_call one;
	int64_t id;
	if (!lifesize_parse_past(line, &id, &one))
		return;
	size_t at = p->out->n;
	while (at && p->id[at - 1] < id)
		at--;
	if (at == HISTORY_MOST)
		return;
	size_t moved = (p->out->n < HISTORY_MOST ? p->out->n : HISTORY_MOST - 1) - at;
	memmove(&p->out->at[at + 1], &p->out->at[at], moved * sizeof one);
	memmove(&p->id[at + 1], &p->id[at], moved * sizeof id);
	p->out->at[at] = one;
	p->id[at] = id;
	p->out->n = at + 1 + moved;
}

/* When they ended is told by the box's own clock in a zone of its own, and so not taken. */
static enum err
lifesize_history(struct task *t, struct lane *l, struct history *out)
{
	*out = (struct history){ .at = arena_alloc(t->arena, HISTORY_MOST * sizeof *out->at) };
	struct past p = { .out = out };
	struct answer a = {
		.command = "status call history -f -X -D |", .take = take_past, .of = &p
	};
	enum err e = ask_each(t, l, &a);
	return a.code == NO_DATA ? dialogue_may_lack(t, e) : e;
}

/* ---- orders ---------------------------------------------------------------------------------- */

static enum err
lifesize_dial(struct task *t, struct lane *l, const char *address, int kbps)
{
	char command[COMMAND_MOST];
	struct answer a;
	struct calls now;
	bool there = false;
	if (!lifesize_dial_command(command, sizeof command, address))
		return dialogue_undiallable(t, l, address);
	enum err e = ask_calls(t, l, &now);
	if (e == OK && now.n && now.call.state != LIFESIZE_ENDING)
		e = dialogue_free(t, l, address, now.call.remote, &there);
	return e || there ? e : ask(t, l, command, &a);
}

static enum err
lifesize_hangup(struct task *t, struct lane *l)
{
	struct answer a;
	return ask(t, l, "control call hangup -a", &a);
}

/* Sets mute-device back even when the order itself was refused, and then asks: the order's own "ok"
 * may have reached a microphone that nobody speaks into. */
static enum err
lifesize_mute(struct task *t, struct lane *l, bool on)
{
	const char *before, *now;
	char back[COMMAND_MOST];
	struct answer a;
	enum err e = ask_word(t, l, "get audio mute-device", &before);
	bool switched = e == OK && *before && !str_eq(before, "all") && dialogue_sayable(before);
	if (switched)
		e = ask(t, l, "set audio mute-device all", &a);
	if (e)
		return e;
	e = ask(t, l, on ? "set audio mute on" : "set audio mute off", &a);
	snprintf(back, sizeof back, "set audio mute-device %s", switched ? before : "all");
	if (switched && (e == OK || a.code)) {
		enum err restored = ask(t, l, back, &a);
		e = e ? e : restored;
	}
	if (e == OK)
		e = ask_word(t, l, "get audio mute", &now);
	return e ? e : dialogue_muted(t, l, on, lifesize_on(now));
}

static enum err
lifesize_message(struct task *t, struct lane *l, const char *text, int seconds)
{
	char command[COMMAND_MOST];
	struct answer a;
	int n = snprintf(command, sizeof command, "set system message \"%s\" -t %d", text, seconds);
	if (!dialogue_sayable(text) || n < 0 || (size_t)n >= sizeof command)
		return task_fail(
			t, ERR_INPUT, "message on %s: this text cannot be said", l->device->name);
	return ask(t, l, command, &a);
}

/* This is everything we export. To answer by command is not told by our sources. */
const struct endpoint_adapter lifesize_adapter = {
	.name = "lifesize",
	.title = "LifeSize 200, 220, Team, Room, Express (SSH, telnet)",
	.grade = GRADE_DRAFT,
	.evidence = EVIDENCE_UPTIME,
	.open = lifesize_open,
	.close = dialogue_close,
	.probe = lifesize_probe,
	.status = lifesize_status,
	.dial = lifesize_dial,
	.hangup = lifesize_hangup,
	.mute = lifesize_mute,
	.message = lifesize_message,
	.history = lifesize_history,
};
