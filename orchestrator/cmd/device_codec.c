/* The operations of an endpoint, asked by `device test` and `trace`.
 *
 * Called by device_ask.c. What a codec answers to "dial" and "hang up" is only that it heard: what
 * became of it is looked at in its status. It must never touch the room's own microphone: muting is
 * done at the MCU. */
#include "cmd/device_ask.h"

#include "base/str.h"

enum { GONE_LOOKS = 15 };

bool
codec_can(const struct endpoint_adapter *p, enum op op)
{
	switch (op) {
	case OP_OPEN: return true;
	case OP_PROBE: return p->probe;
	case OP_STATUS: return p->status;
	case OP_HISTORY: return p->history;
	case OP_DIAL: return p->dial;
	case OP_UP:
	case OP_MEDIA: return p->dial && p->status;
	case OP_MESSAGE: return p->message;
	case OP_HANGUP: return p->hangup;
	case OP_FIND:
	case OP_START:
	case OP_ROSTER:
	case OP_MUTE:
	case OP_UNMUTE:
	case OP_PLAY:
	case OP_REASON:
	case OP_END:
	case OP_N: break;
	}
	return false;
}

/* A box that is busy setting up the call is asked again. */
static enum err
look(struct bench *b, struct task *t)
{
	enum err code = b->endpoint->status(t, &b->lane, &b->status);
	if (code != ERR_BUSY || t->word)
		return code;
	task_forgive(t);
	b->status = (struct endpoint_status){ 0 };
	return OK;
}

static enum err
wait_up(struct bench *b, struct task *t)
{
	for (;;) {
		enum err code = look(b, t);
		if (code != OK || b->status.in_call == YES)
			return code;
		person_forget(b);
		if (task_left(t) <= BENCH_LOOK_MS)
			return task_fail(t, ERR_REFUSED, T("no call to %s came up in %d s%s"),
				b->address, BENCH_UP_MS / 1000,
				b->status.in_call == UNKNOWN ? ", or it does not tell" : "");
		if ((code = task_sleep(t, BENCH_LOOK_MS)) != OK)
			return code;
	}
}

static enum err
media(struct bench *b, struct task *t)
{
	enum err code = look(b, t);
	if (code == OK && b->status.in_call == NO)
		return task_fail(t, ERR_GONE, T("the call ended"));
	if (code == OK && !b->status.sampled)
		return task_fail(t, ERR_UNSUPPORTED, T("it shows no figures of a call"));
	b->media_before = b->status.media;
	if (code == OK)
		code = task_sleep(t, BENCH_MEDIA_APART_MS);
	if (code == OK)
		code = look(b, t);
	b->media = b->status.media;
	return code;
}

/* Nobody is left in a call: it is looked at, not believed. */
static enum err
hang_up(struct bench *b, struct task *t)
{
	enum err code = b->endpoint->hangup(t, &b->lane);
	if (code == ERR_GONE) { /* there is none any more */
		task_forgive(t);
		code = OK;
	}
	for (int i = 0; code == OK && i < GONE_LOOKS; i++) {
		code = look(b, t);
		if (code != OK || b->status.in_call != YES)
			return code;
		person_forget(b);
		code = task_sleep(t, BENCH_LOOK_MS);
	}
	return code ? code
		    : task_fail(t, ERR_REFUSED, T("it is still in the call: end it in the room"));
}

enum err
codec_ask(struct bench *b, enum op op, struct task *t)
{
	const struct endpoint_adapter *m = b->endpoint;
	struct lane *l = &b->lane;
	switch (op) {
	case OP_OPEN: return m->open ? m->open(t, l) : OK;
	case OP_PROBE: return m->probe(t, l, &b->identity);
	case OP_STATUS: return m->status(t, l, &b->status);
	case OP_HISTORY: return m->history(t, l, &b->history);
	case OP_DIAL: return m->dial(t, l, b->address, 0);
	case OP_UP: return wait_up(b, t);
	case OP_MEDIA: return media(b, t);
	case OP_MESSAGE: return m->message(t, l, bench_text, BENCH_SHOW_S);
	case OP_HANGUP: return hang_up(b, t);
	case OP_FIND:
	case OP_START:
	case OP_ROSTER:
	case OP_MUTE:
	case OP_UNMUTE:
	case OP_PLAY:
	case OP_REASON:
	case OP_END:
	case OP_N: break;
	}
	return task_fail(t, ERR_UNSUPPORTED, "%s: %s", m->name, op_name(op));
}
