/* `device test`: a real device is asked the questions of the contract, and what it can and cannot
 * do is said in a table.
 *
 * Nothing is changed on a device unless --conference names one to open, and nobody is called unless
 * --address says whom. What was begun here is ended here, also when a signal comes or an answer got
 * lost on the way; what stood before is left alone. */
#include "cmd/cmd.h"

#include "base/str.h"
#include "cmd/device_ask.h"
#include "table.h"
#include "text.h"

enum answer_kind { CAN, CANNOT, FAILED, NOT_ASKED };
static const char *const kinds[] = { T("can"), T("cannot"), T("failed"), T("not asked") };
static const enum colour colours[] = { COLOUR_GREEN, COLOUR_DIM, COLOUR_RED, COLOUR_DIM };

struct test {
	const struct cmd_line *l;
	struct bench *b;
	struct table *t;
	struct json_out w;
	const char *lang; /* of the table; JSON is English */
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
	table_row(s->t, (const char *const[]){ what, text_get(s->lang, kinds[kind]), took, found },
		(const enum colour[]){ COLOUR_NONE, colours[kind], COLOUR_NONE, COLOUR_NONE });
}

static const char *
identity_text(const struct identity *i, const char *lang, struct arena *a)
{
	struct buf b = { 0 };
	buf_puts(&b, cmd_device_is(i->vendor, i->model, i->software, i->serial, a));
	if (i->alarms[0])
		text_printf(&b, lang, T("; alarm: %s"), i->alarms);
	const char *text =
		arena_strdup(a, b.n ? buf_str(&b) : text_get(lang, T("it does not say who it is")));
	buf_free(&b);
	return text;
}

static void
put_yes(struct buf *b, const char *lang, const char *what, enum tri t)
{
	buf_printf(b, "%s%s: %s", b->n ? ", " : "", text_get(lang, what),
		text_get(lang, t == YES	 ? T("yes")
			       : t == NO ? T("no")
					 : T("not told")));
}

static const char *
status_text(const struct endpoint_status *st, const char *lang, struct arena *a)
{
	struct buf b = { 0 };
	put_yes(&b, lang, T("in a call"), st->in_call);
	put_yes(&b, lang, T("microphone muted"), st->mic_muted);
	put_yes(&b, lang, T("auto-answer"), st->auto_answer);
	put_yes(&b, lang, T("answers muted"), st->auto_answer_muted);
	if (st->uptime_s.known)
		text_printf(&b, lang, T(", on for %lld s"), (long long)st->uptime_s.v);
	const char *text = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return text;
}

/* How many calls, and how the newest ended. */
static const char *
history_text(const struct history *h, const char *lang, struct arena *a)
{
	const struct past_call *p = h->at;
	struct buf b = { 0 };
	text_printf(&b, lang, T("past calls: %zu"), h->n);
	if (h->n && p->duration_s.known)
		text_printf(&b, lang, T("; the newest lasted %lld s"), (long long)p->duration_s.v);
	if (h->n && p->ended_ago_s.known)
		text_printf(&b, lang, T(", ended %lld s ago"), (long long)p->ended_ago_s.v);
	if (h->n)
		buf_printf(&b, ": %s%s%s", cause_name(p->ending.cause),
			p->ending.device_words[0] ? ", " : "", p->ending.device_words);
	const char *text = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return text;
}

static void
put_stream(struct buf *b, const struct stream *was, const struct stream *is)
{
	if (is->open == NO)
		buf_puts(b, " none");
	if (is->packets.known)
		buf_printf(b, " %lld packets", (long long)is->packets.v);
	if (is->packets.known && was->packets.known)
		buf_printf(b, " (%+lld in %d s)", (long long)(is->packets.v - was->packets.v),
			BENCH_MEDIA_APART_MS / 1000);
	if (is->lost.known)
		buf_printf(b, " %lld lost", (long long)is->lost.v);
	if (is->kbps.known)
		buf_printf(b, " %lld kbit/s", (long long)is->kbps.v);
	buf_printf(b, "%s%s%s", is->jitter_ms.known ? " jitter" : "",
		is->level_mdb.known ? " level" : "", is->far_received.known ? " far-end" : "");
}

/* Which figures came, per medium and direction, and what grew between the two looks. */
static const char *
media_text(const struct media_sample *was, const struct media_sample *is, const char *lang,
	struct arena *a)
{
	static const char *const media[] = { "audio", "video" }, *const ways[] = { "from site",
		"to site" };
	struct buf b = { 0 };
	for (int i = 0; i < MEDIA_N; i++)
		for (int k = 0; k < DIRECTIONS_N; k++) {
			const struct stream *s = &is->s[i][k];
			if (s->open == UNKNOWN && !s->packets.known && !s->kbps.known)
				continue;
			buf_printf(&b, "%s%s %s:", b.n ? "; " : "", media[i], ways[k]);
			put_stream(&b, &was->s[i][k], s);
		}
	const char *text = arena_strdup(
		a, b.n ? buf_str(&b) : text_get(lang, T("it shows no figures of this call")));
	buf_free(&b);
	return text;
}

static const char *
found_by(const struct test *s, enum op op, struct arena *a)
{
	const struct bench *b = s->b;
	size_t up = 0;
	for (size_t i = 0; i < b->roster.n; i++)
		up += b->roster.legs[i].state == LEG_UP;
	switch (op) {
	case OP_PROBE: return identity_text(&b->identity, s->lang, a);
	case OP_FIND:
		return b->have_conference ? arena_printf(a, text_get(s->lang, T("%s is running")),
						    b->conference.name)
					  : "";
	case OP_START:
		return text_get(
			s->lang, b->conference.created ? T("made") : T("it was there already"));
	case OP_ROSTER:
		return arena_printf(a, text_get(s->lang, T("%zu legs, %zu up")), b->roster.n, up);
	case OP_UP: return b->mcu ? b->leg.name : b->status.far_address;
	case OP_MEDIA: return media_text(&b->media_before, &b->media, s->lang, a);
	case OP_REASON:
		return arena_printf(
			a, "%s: %s", cause_name(b->ending.cause), b->ending.device_words);
	case OP_STATUS: return status_text(&b->status, s->lang, a);
	case OP_HISTORY: return history_text(&b->history, s->lang, a);
	case OP_HANGUP:
		return !b->endpoint
			       ? ""
			       : text_get(s->lang,
					 b->status.in_call == NO
						 ? T("no call stands")
						 : T("it does not tell whether the call is over"));
	case OP_OPEN:
	case OP_DIAL:
	case OP_MUTE:
	case OP_UNMUTE:
	case OP_MESSAGE:
	case OP_PLAY:
	case OP_END:
	case OP_N: break;
	}
	return "";
}

static void
leave_out(struct test *s, enum op op, const char *why)
{
	say(s, op_name(op), bench_can(s->b, op) ? NOT_ASKED : CANNOT,
		bench_can(s->b, op) ? text_get(s->lang, why) : "");
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
	if (b->stopped && op != OP_HANGUP && op != OP_END) {
		say(s, op_name(op), NOT_ASKED, text_get(s->lang, T("interrupted")));
		b->code = ERR_CANCELED;
		return false;
	}
	cmd_doing(arena_printf(s->l->arena, "%s: %s", b->device.name, op_name(op)));
	enum err code = bench_ask(b, op);
	bool gone = op == OP_FIND && code == ERR_GONE;
	/* an end that nothing tells is an answer */
	if (code == ERR_UNSUPPORTED || (op == OP_REASON && code == ERR_GONE))
		say(s, op_name(op), CANNOT, b->why);
	else if (op == OP_MESSAGE && code == ERR_GONE) /* some live only while somebody is in */
		say(s, op_name(op), NOT_ASKED, text_get(s->lang, T("nobody is in it")));
	else if (code == OK || gone)
		say(s, op_name(op), CAN,
			gone ? text_get(s->lang, T("no such conference"))
			     : found_by(s, op, s->l->arena));
	else
		say(s, op_name(op), FAILED, b->why);
	return code == OK || gone || code == ERR_UNSUPPORTED ||
	       (op == OP_REASON && code == ERR_GONE);
}

/* Asked and done. */
static bool
did(struct test *s, enum op op)
{
	return question(s, op) && bench_can(s->b, op) && s->b->code == OK;
}

/* ---- an MCU ---------------------------------------------------------------------------------- */

/* Others are not disturbed by our texts and sounds. */
static bool
others_are_in(const struct bench *b, bool ours)
{
	for (size_t i = 0; i < b->roster.n; i++)
		if (b->roster.legs[i].state == LEG_UP &&
			!(ours && str_eq(b->roster.legs[i].id, b->leg.id)))
			return true;
	return false;
}

static void
test_leg(struct test *s)
{
	static const enum op asked[] = { OP_MEDIA, OP_MUTE, OP_UNMUTE, OP_PLAY };
	struct bench *b = s->b;
	bool called = false, up = false, there = bench_stands(b);
	const char *why = !b->address ? T("no --address")
			  : there     ? T("it is in this conference already")
				      : T("no leg came up");
	if (b->address && there)
		leave_out(s, OP_DIAL, why);
	if (b->address && !there) {
		/* Where nobody can be called, nobody is waited for. */
		bool dialled = did(s, OP_DIAL);
		called = dialled || bench_was_dialled(b);
		up = dialled && did(s, OP_UP);
		called = called && b->leg.state != LEG_GONE;
	}
	bool others = others_are_in(b, up);
	if (others)
		leave_out(s, OP_MESSAGE, T("others are in it"));
	else
		question(s, OP_MESSAGE);
	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
		if (!up || (others && asked[i] == OP_PLAY))
			leave_out(s, asked[i], up ? T("others are in it") : why);
		else
			question(s, asked[i]);
	if (called)
		bench_mend(b);
	if (called && did(s, OP_HANGUP) && up) {
		question(s, OP_REASON);
		return;
	}
	if (!called)
		leave_out(s, OP_HANGUP, why);
	leave_out(s, OP_REASON, why);
}

static void
test_mcu(struct test *s)
{
	struct bench *b = s->b;
	question(s, OP_PROBE);
	question(s, OP_FIND);
	if (!b->conference_name) {
		leave_out(s, OP_START, T("no --conference"));
		return;
	}
	bool was_there = b->have_conference, started = question(s, OP_START);
	if (!started && !was_there)
		bench_was_started(b);
	if (started && b->have_conference) {
		question(s, OP_ROSTER);
		test_leg(s);
	}
	if (!b->have_conference)
		return;
	bench_mend(b);
	if (b->conference.created)
		question(s, OP_END);
	else
		leave_out(s, OP_END, T("it was not made here"));
}

/* ---- a codec --------------------------------------------------------------------------------- */

/* Why nobody is called from there; NULL: the call may be made. */
static const char *
no_call(const struct bench *b)
{
	if (!b->address)
		return T("no --address");
	if (!bench_can(b, OP_HANGUP))
		return T("it could not hang up");
	if (b->status.in_call == YES)
		return T("it is in a call");
	return b->status.in_call == UNKNOWN ? T("it does not tell whether it is in a call") : NULL;
}

/* An outcome that is not known is taken for a call. */
static bool
may_have_called(enum err code)
{
	return code != ERR_UNSUPPORTED && code != ERR_INPUT && code != ERR_AUTH &&
	       code != ERR_REFUSED && code != ERR_UNREACHABLE;
}

static void
test_call(struct test *s)
{
	struct bench *b = s->b;
	const char *why = no_call(b), *down = why ? why : T("no call came up");
	bool called = false, up = false;
	if (why || !bench_can(b, OP_DIAL)) {
		leave_out(s, OP_DIAL, why);
	} else if (!b->stopped) {
		bool dialled = did(s, OP_DIAL);
		called = dialled || may_have_called(b->code);
		up = dialled && did(s, OP_UP);
	}
	if (up) {
		question(s, OP_MESSAGE);
		question(s, OP_MEDIA);
	} else {
		leave_out(s, OP_MESSAGE, down);
		leave_out(s, OP_MEDIA, down);
	}
	say(s, "mute", b->endpoint->mute ? NOT_ASKED : CANNOT,
		b->endpoint->mute ? text_get(s->lang, T("the room's own microphone: muting is done "
							"at the MCU"))
				  : "");
	say(s, "answer", b->endpoint->answer ? NOT_ASKED : CANNOT,
		b->endpoint->answer ? text_get(s->lang, T("nobody calls it here")) : "");
	if (!called) {
		leave_out(s, OP_HANGUP, down);
		return;
	}
	bench_mend(b);
	question(s, OP_HANGUP);
}

static void
test_codec(struct test *s)
{
	question(s, OP_PROBE);
	if (!did(s, OP_STATUS))
		s->b->status = (struct endpoint_status){ 0 };
	test_call(s);
	question(s, OP_HISTORY);
}

static int
test_device(const struct cmd_line *l, struct bench *b)
{
	const char *lang = l->json ? "en" : cmd_lang(l);
	const struct table_column columns[] = { { .title = text_get(lang, T("QUESTION")) },
		{ .title = text_get(lang, T("ANSWER")) },
		{ .title = text_get(lang, T("TOOK")), .align = ALIGN_RIGHT }, { .title = "" } };
	struct buf out = { 0 };
	struct test s = { .l = l,
		.lang = lang,
		.b = b,
		.t = table_new(l->arena, columns, 4),
		.w = { .out = &out, .pretty = true } };
	json_open(&s.w, NULL, '[');
	bool opened = question(&s, OP_OPEN);
	if (opened) {
		if (b->mcu)
			test_mcu(&s);
		else
			test_codec(&s);
	}
	json_close(&s.w, ']');
	if (!l->json) {
		buf_clear(&out);
		buf_printf(&out, "%s: %s\n", b->device.name,
			b->mcu ? b->mcu->title : b->endpoint->title);
		table_write(s.t, 0, 0, false, &out);
		if (!opened)
			cmd_device_hint(&out, lang, b->device.name, b->code, b->word);
	}
	cmd_doing(NULL);
	cmd_print(&out);
	buf_free(&out);
	return s.failed || b->stopped ? CMD_FAULTS : CMD_DONE;
}

static int
run_device(const struct cmd_line *l)
{
	struct bench b;
	if (!str_eq(l->words[0], "test"))
		return cmd_fail(ERR_INPUT, T("device %s: `device test NAME` is what there is"),
			l->words[0]);
	int exit = bench_open(l, l->words[1], &b);
	if (exit == CMD_DONE)
		exit = test_device(l, &b);
	bench_close(&b);
	return exit;
}

const struct cmd cmd_device = { .name = "device",
	.usage = "device test NAME [--conference NAME] [--address ADDRESS] [--json]",
	.help = T(
		"Asks a real device the questions of the contract and tells what it can do; opens "
		"a conference on an MCU, and calls an address, only when told to."),
	.values = "conference address",
	.min = 2,
	.max = 2,
	.run = run_device };
