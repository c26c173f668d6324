/* `device test`: a real device is asked the questions of the contract, and what it can and cannot
 * do is said in a table. `trace`: the dialogue of one operation, without its secrets, as text that
 * a talk can be made of.
 *
 * Nothing is changed on a device unless --conference names one to open, and nobody is called unless
 * --address says whom. A conference that was made here is ended here. */
#include "cmd/cmd.h"

#include "base/clock.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/vis.h"
#include "cmd/device_ask.h"
#include "table.h"

#include <stdio.h>
#include <string.h>

enum answer_kind { CAN, CANNOT, FAILED, NOT_ASKED };
static const char *const kinds[] = { "can", "cannot", "failed", "not asked" };
static const enum colour colours[] = { COLOUR_GREEN, COLOUR_DIM, COLOUR_RED, COLOUR_DIM };

struct test {
	const struct cmd_line *l;
	struct bench *b;
	struct table *t;
	struct json_out w;
	size_t failed;
};

static void
say(struct test *s, const char *what, enum answer_kind kind, const char *found)
{
	const char *took = kind == CAN || kind == FAILED
				   ? arena_printf(s->l->arena, "%lld ms", (long long)s->b->took_ms)
				   : "";
	s->failed += kind == FAILED;
	json_open(&s->w, NULL, '{');
	json_put_text(&s->w, "question", what);
	json_put_text(&s->w, "result", kinds[kind]);
	if (kind == FAILED)
		json_put_text(&s->w, "class", err_name(s->b->code));
	if (found[0])
		json_put_text(&s->w, kind == FAILED ? "why" : "found", found);
	if (took[0])
		json_put_int(&s->w, "took_ms", s->b->took_ms);
	json_close(&s->w, '}');
	table_row(s->t, (const char *const[]){ what, kinds[kind], took, found },
		(const enum colour[]){ COLOUR_NONE, colours[kind], COLOUR_NONE, COLOUR_NONE });
}

static const char *
identity_text(const struct identity *i, struct arena *a)
{
	return arena_printf(a, "%s %s %s%s%s%s%s", i->vendor, i->model, i->software,
		i->serial[0] ? " #" : "", i->serial, i->alarms[0] ? "; alarm: " : "", i->alarms);
}

static void
put_yes(struct buf *b, const char *what, enum tri t)
{
	buf_printf(b, "%s%s %s", b->n ? ", " : "", what,
		t == YES  ? "yes"
		: t == NO ? "no"
			  : "unknown");
}

static const char *
status_text(const struct endpoint_status *st, struct arena *a)
{
	struct buf b = { 0 };
	put_yes(&b, "in a call", st->in_call);
	put_yes(&b, "microphone muted", st->mic_muted);
	put_yes(&b, "auto-answer", st->auto_answer);
	put_yes(&b, "answers muted", st->auto_answer_muted);
	if (st->uptime_s.known)
		buf_printf(&b, ", up %lld s", (long long)st->uptime_s.v);
	const char *text = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return text;
}

/* How many calls, and how the newest ended. */
static const char *
history_text(const struct history *h, struct arena *a)
{
	const struct past_call *p = h->at;
	struct buf b = { 0 };
	buf_printf(&b, "%zu past calls", h->n);
	if (h->n && p->duration_s.known)
		buf_printf(&b, "; the newest lasted %lld s", (long long)p->duration_s.v);
	if (h->n && p->ended_ago_s.known)
		buf_printf(&b, ", ended %lld s ago", (long long)p->ended_ago_s.v);
	if (h->n)
		buf_printf(&b, ": %s%s%s", cause_name(p->ending.cause),
			p->ending.device_words[0] ? ", " : "", p->ending.device_words);
	const char *text = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return text;
}

/* Which figures came, per medium and direction. */
static const char *
media_text(const struct media_sample *m, struct arena *a)
{
	static const char *const media[] = { "audio", "video" }, *const ways[] = { "from site",
		"to site" };
	struct buf b = { 0 };
	for (int i = 0; i < MEDIA_N; i++)
		for (int k = 0; k < DIRECTIONS_N; k++) {
			const struct stream *s = &m->s[i][k];
			if (s->open == UNKNOWN && !s->packets.known && !s->kbps.known)
				continue;
			buf_printf(&b, "%s%s %s:%s%s%s%s%s", b.n ? "; " : "", media[i], ways[k],
				s->packets.known ? " packets" : "", s->lost.known ? " lost" : "",
				s->kbps.known ? " kbps" : "", s->jitter_ms.known ? " jitter" : "",
				s->level_mdb.known ? " level" : "");
		}
	const char *text = arena_strdup(a, b.n ? buf_str(&b) : "no figure");
	buf_free(&b);
	return text;
}

static const char *
found_by(const struct bench *b, enum op op, struct arena *a)
{
	size_t up = 0;
	for (size_t i = 0; i < b->roster.n; i++)
		up += b->roster.legs[i].state == LEG_UP;
	switch (op) {
	case OP_PROBE: return identity_text(&b->identity, a);
	case OP_FIND:
		return b->have_conference ? arena_printf(a, "%s is running", b->conference.name)
					  : "";
	case OP_START: return b->conference.created ? "made" : "it was there already";
	case OP_ROSTER: return arena_printf(a, "%zu legs, %zu up", b->roster.n, up);
	case OP_UP: return b->leg.name;
	case OP_MEDIA: return media_text(&b->media, a);
	case OP_REASON:
		return arena_printf(
			a, "%s: %s", cause_name(b->ending.cause), b->ending.device_words);
	case OP_STATUS: return status_text(&b->status, a);
	case OP_HISTORY: return history_text(&b->history, a);
	case OP_OPEN:
	case OP_DIAL:
	case OP_MUTE:
	case OP_UNMUTE:
	case OP_MESSAGE:
	case OP_PLAY:
	case OP_HANGUP:
	case OP_END:
	case OP_N: break;
	}
	return "";
}

/* False: it failed. No such conference is an answer, and a good one. */
static bool
question(struct test *s, enum op op)
{
	struct bench *b = s->b;
	if (!bench_can(b, op)) {
		say(s, op_name(op), CANNOT, "");
		return true;
	}
	enum err code = bench_ask(b, op);
	bool gone = op == OP_FIND && code == ERR_GONE;
	/* an end that nothing tells is an answer */
	if (code == ERR_UNSUPPORTED || (op == OP_REASON && code == ERR_GONE))
		say(s, op_name(op), CANNOT, b->why);
	else if (op == OP_MESSAGE && code == ERR_GONE) /* some live only while somebody is in */
		say(s, op_name(op), NOT_ASKED, "nobody is in it");
	else if (code == OK || gone)
		say(s, op_name(op), CAN,
			gone ? "no such conference" : found_by(b, op, s->l->arena));
	else
		say(s, op_name(op), FAILED, b->why);
	return code == OK || gone || code == ERR_UNSUPPORTED ||
	       (op == OP_REASON && code == ERR_GONE);
}

static void
test_leg(struct test *s)
{
	static const enum op asked[] = { OP_MEDIA, OP_MUTE, OP_UNMUTE, OP_PLAY, OP_HANGUP,
		OP_REASON };
	/* Where nobody can be called, nobody is waited for. */
	bool up = s->b->address && question(s, OP_DIAL) && bench_can(s->b, OP_DIAL) &&
		  s->b->code == OK && question(s, OP_UP);
	question(s, OP_MESSAGE);
	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
		if (up)
			question(s, asked[i]);
		else
			say(s, op_name(asked[i]), bench_can(s->b, asked[i]) ? NOT_ASKED : CANNOT,
				s->b->address ? "no leg came up" : "no --address");
}

static void
test_mcu(struct test *s)
{
	struct bench *b = s->b;
	question(s, OP_PROBE);
	question(s, OP_FIND);
	if (!b->conference_name) {
		say(s, op_name(OP_START), bench_can(b, OP_START) ? NOT_ASKED : CANNOT,
			"no --conference");
		return;
	}
	if (!question(s, OP_START) || !b->have_conference)
		return;
	question(s, OP_ROSTER);
	test_leg(s);
	if (b->conference.created)
		question(s, OP_END);
	else
		say(s, op_name(OP_END), NOT_ASKED, "it was not made here");
}

static int
test_device(const struct cmd_line *l, struct bench *b)
{
	static const struct table_column columns[] = { { .title = "QUESTION" },
		{ .title = "ANSWER" }, { .title = "TOOK", .align = ALIGN_RIGHT }, { .title = "" } };
	struct buf out = { 0 };
	struct test s = { .l = l,
		.b = b,
		.t = table_new(l->arena, columns, 4),
		.w = { .out = &out, .pretty = true } };
	json_open(&s.w, NULL, '[');
	if (question(&s, OP_OPEN)) {
		if (b->mcu) {
			test_mcu(&s);
		} else {
			question(&s, OP_PROBE);
			question(&s, OP_STATUS);
			question(&s, OP_HISTORY);
		}
	}
	json_close(&s.w, ']');
	if (!l->json) {
		buf_clear(&out);
		buf_printf(&out, "%s: %s\n", b->device.name,
			b->mcu ? b->mcu->title : b->endpoint->title);
		table_write(s.t, 0, 0, false, &out);
	}
	cmd_print(&out);
	buf_free(&out);
	return s.failed ? CMD_FAULTS : CMD_DONE;
}

static int
run_device(const struct cmd_line *l)
{
	struct bench b;
	if (!str_eq(l->words[0], "test"))
		return cmd_fail(
			ERR_INPUT, "device %s: `device test NAME` is what there is", l->words[0]);
	int exit = bench_open(l, l->words[1], &b);
	if (exit == CMD_DONE)
		exit = test_device(l, &b);
	bench_close(&b);
	return exit;
}

/* ---- trace
 * --------------------------------------------------------------------------------------------------
 */

/* What has to be there before an operation; it is not part of the dialogue shown. */
static enum err
prepare(struct bench *b, enum op op)
{
	enum err code = op == OP_OPEN ? OK : bench_ask(b, OP_OPEN);
	if (code == OK && (op == OP_ROSTER || op == OP_MEDIA || op == OP_MESSAGE || op == OP_END))
		code = bench_ask(b, OP_FIND);
	if (code == OK && op == OP_MEDIA) {
		code = bench_ask(b, OP_ROSTER);
		if (code == OK && !b->leg.id[0]) {
			b->why = "nobody is connected";
			code = b->code = ERR_GONE;
		}
	}
	return code;
}

static int
run_trace(const struct cmd_line *l)
{
	static const char *const can[] = { "open", "probe", "find", "start", "roster", "media",
		"message", "end", "status", "history", NULL };
	struct bench b;
	struct buf out = { 0 };
	char when[INSTANT_SIZE];
	enum op op = op_from_name(l->words[1]);
	size_t i = 0;
	while (can[i] && !str_eq(can[i], l->words[1]))
		i++;
	if (!can[i])
		return cmd_fail(ERR_INPUT,
			"trace %s: one of open probe find start roster media message end status "
			"history",
			l->words[1]);
	int exit = bench_open(l, l->words[0], &b);
	if (exit == CMD_DONE &&
		(op == OP_START || op == OP_ROSTER || op == OP_MEDIA || op == OP_MESSAGE ||
			op == OP_END) &&
		!b.conference_name)
		exit = cmd_fail(ERR_INPUT, "trace %s needs --conference NAME", l->words[1]);
	else if (exit == CMD_DONE && !bench_can(&b, op))
		exit = cmd_fail(ERR_UNSUPPORTED, "%s: this kind of device cannot %s", b.device.name,
			op_name(op));
	if (exit == CMD_DONE) {
		enum err code = prepare(&b, op);
		if (code == OK) {
			trace_free(&b.trace);
			code = bench_ask(&b, op);
		}
		buf_printf(&out, "# %s of %s (%s), %s\n", op_name(op), b.device.name,
			b.device.adapter, instant_rfc3339(clock_now(), when));
		buf_puts(&out, "# > sent, < received; secrets are ***\n");
		buf_puts(&out, buf_str(&b.trace.out));
		buf_puts(&out, "# result: ");
		buf_puts(&out, err_name(code));
		buf_puts(&out, b.why[0] ? ": " : "");
		vis_terminal(&out, b.why);
		buf_putc(&out, '\n');
		cmd_print(&out);
		exit = code == OK ? CMD_DONE : CMD_FAULTS;
	}
	buf_free(&out);
	bench_close(&b);
	return exit;
}

const struct cmd cmd_device = { .name = "device",
	.usage = "device test NAME [--conference NAME [--address ADDRESS]] [--json]",
	.help = T("Asks a real device the questions of the contract and tells what it can do; opens "
		"a conference, and calls, only when told to."),
	.values = "conference address",
	.min = 2,
	.max = 2,
	.run = run_device };
const struct cmd cmd_trace = { .name = "trace",
	.usage = "trace DEVICE OPERATION [--conference NAME]",
	.help = T("Prints the dialogue of one operation with a device, without its secrets: open "
		"probe find start roster media message end status history."),
	.values = "conference",
	.min = 2,
	.max = 2,
	.run = run_trace };
