/* A kind of MCU that only an external program can speak with: the verbs of an MCU on the same line
 * of JSON.
 *
 * Called by lanes on worker threads, one at a time. Owns nothing: the program and its session are
 * exec.c's. Must never take a leg without a handle or a state, nor a conference that the program
 * does not name.
 *
 *   > {"id":4,"verb":"find","left_ms":30000,"conference":{"name":"td-x"}}  <
 *     {"id":4,"result":"gone"}
 *   >
 *     {"id":5,"verb":"start",...,"conference":{"name":"td-x"},"muted":true,"layout":null,"kbps":0,"ports":24}
 *   < {"id":5,"result":"ok","conference":{"id":"7","name":"td-x","created":true}}
 *   >
 *     {"id":6,"verb":"dial",...,"conference":{"id":"7",..},"address":"sip:a@b","leg_name":"chu-tuc","attempt":"..",..}
 *   < {"id":6,"result":"ok","leg":{"id":"1","state":"dialing"}}
 *   > {"id":7,"verb":"roster",...}                <
 *     {"id":7,"result":"ok","legs":[{"id":"1","state":"up",..}]}
 *   media, reason, hangup, mute: a leg's id;  end;  layout: value;  focus, message: a leg's id or
 *     null for all
 *
 * The whole protocol is in FAMILIES.md. */
#include "adapters/exec.h"

#include "adapters/internal.h"
#include "base/str.h"

enum { LEGS_MOST = 1000 };

struct request {
	struct buf b;
	struct json_out w;
	struct exec_reply r;
};

/* `q` is open behind the conference. */
static enum err
about(struct task *t, struct lane *l, const char *verb, const struct conference *c,
	struct request *q)
{
	*q = (struct request){ 0 };
	enum err e = exec_begin(t, l, verb, &q->b, &q->w);
	if (e)
		return e;
	json_open(&q->w, "conference", '{');
	if (c->id[0])
		json_put_text(&q->w, "id", c->id);
	json_put_text(&q->w, "name", c->name);
	json_close(&q->w, '}');
	return OK;
}

static enum err
about_leg(struct task *t, struct lane *l, const char *verb, const struct conference *c,
	const struct leg *leg, struct request *q)
{
	enum err e = about(t, l, verb, c, q);
	if (e == OK)
		json_put_text(&q->w, "leg", leg ? leg->id : NULL);
	return e;
}

static enum err
conference_in(struct task *t, struct lane *l, const char *verb, const char *name, bool created,
	const struct exec_reply *r, struct conference *out)
{
	const struct json *c = json_get(r->all, "conference");
	const char *id = json_text(c, "id");
	enum tri told = json_tri(c, "created");
	*out = (struct conference){ .created = told == UNKNOWN ? created : told == YES };
	if (str_empty(id))
		return task_fail(t, ERR_PROTOCOL, "%s on %s: a conference without an id", verb,
			l->device->name);
	str_copy(out->id, sizeof out->id, id);
	str_copy(out->name, sizeof out->name, name);
	return OK;
}

static enum err
mcu_find(struct task *t, struct lane *l, const char *name, struct conference *out)
{
	struct conference wanted = { 0 };
	struct request q;
	str_copy(wanted.name, sizeof wanted.name, name);
	enum err e = about(t, l, "find", &wanted, &q);
	if (e == OK)
		e = exec_ask(t, l, "find", &q.w, &q.r);
	return e ? e : conference_in(t, l, "find", name, false, &q.r, out);
}

static enum err
mcu_start(struct task *t, struct lane *l, const struct conference_spec *s, struct conference *out)
{
	struct conference wanted = { 0 };
	struct request q;
	str_copy(wanted.name, sizeof wanted.name, s->name);
	enum err e = about(t, l, "start", &wanted, &q);
	if (e)
		return e;
	json_put_bool(&q.w, "muted", s->muted);
	json_put_text(&q.w, "layout", s->layout);
	json_put_int(&q.w, "kbps", s->kbps);
	json_put_int(&q.w, "ports", s->ports);
	e = exec_ask(t, l, "start", &q.w, &q.r);
	return e ? e : conference_in(t, l, "start", s->name, true, &q.r, out);
}

static enum err
mcu_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out)
{
	struct request q;
	enum err e = about(t, l, "dial", c, &q);
	if (e)
		return e;
	json_put_text(&q.w, "address", d->address);
	json_put_text(&q.w, "site_name", d->site_name);
	json_put_text(&q.w, "leg_name", d->leg_name);
	json_put_text(&q.w, "attempt", d->attempt);
	json_put_int(&q.w, "kbps", d->kbps);
	json_put_bool(&q.w, "muted", d->muted);
	json_put_bool(&q.w, "audio_only", d->audio_only);
	e = exec_ask(t, l, "dial", &q.w, &q.r);
	if (e == OK && !exec_leg(json_get(q.r.all, "leg"), out))
		return task_fail(t, ERR_PROTOCOL, "dial on %s: a leg without an id or a state",
			l->device->name);
	return e;
}

static enum err
mcu_roster(struct task *t, struct lane *l, const struct conference *c, struct roster *out)
{
	struct request q;
	*out = (struct roster){ 0 };
	enum err e = about(t, l, "roster", c, &q);
	if (e == OK)
		e = exec_ask(t, l, "roster", &q.w, &q.r);
	const struct json *legs = e == OK ? json_get(q.r.all, "legs") : NULL;
	if (e == OK && (!legs || legs->kind != JSON_IS_ARRAY || legs->count > LEGS_MOST))
		return task_fail(t, ERR_PROTOCOL, "roster on %s: no list of at most %d legs",
			l->device->name, LEGS_MOST);
	if (e)
		return e;
	out->legs = arena_alloc(t->arena, (legs->count + 1) * sizeof *out->legs);
	for (const struct json *j = legs->first; j; j = j->next)
		if (!exec_leg(j, &out->legs[out->n++]))
			return task_fail(t, ERR_PROTOCOL,
				"roster on %s: a leg without an id or a state", l->device->name);
	return OK;
}

static enum err
mcu_media(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct media_sample *out)
{
	struct request q;
	*out = (struct media_sample){ 0 };
	enum err e = about_leg(t, l, "media", c, leg, &q);
	if (e == OK)
		e = exec_ask(t, l, "media", &q.w, &q.r);
	if (e == OK)
		exec_media(json_get(q.r.all, "media"), out);
	return e;
}

static enum err
mcu_reason(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct ending *out)
{
	struct request q;
	*out = (struct ending){ 0 };
	enum err e = about_leg(t, l, "reason", c, leg, &q);
	if (e == OK)
		e = exec_ask(t, l, "reason", &q.w, &q.r);
	if (e == OK)
		exec_ending(json_get(q.r.all, "ending"), out);
	return e;
}

static enum err
mcu_hangup(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	struct request q;
	enum err e = about_leg(t, l, "hangup", c, leg, &q);
	return e ? e : exec_ask(t, l, "hangup", &q.w, &q.r);
}

static enum err
mcu_end(struct task *t, struct lane *l, const struct conference *c)
{
	struct request q;
	enum err e = about(t, l, "end", c, &q);
	return e ? e : exec_ask(t, l, "end", &q.w, &q.r);
}

static enum err
mcu_mute(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg, bool on)
{
	struct request q;
	enum err e = about_leg(t, l, "mute", c, leg, &q);
	if (e)
		return e;
	json_put_bool(&q.w, "on", on);
	return exec_ask(t, l, "mute", &q.w, &q.r);
}

static enum err
mcu_layout(struct task *t, struct lane *l, const struct conference *c, const char *value)
{
	struct request q;
	enum err e = about(t, l, "layout", c, &q);
	if (e)
		return e;
	json_put_text(&q.w, "value", value);
	return exec_ask(t, l, "layout", &q.w, &q.r);
}

static enum err
mcu_focus(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	struct request q;
	enum err e = about_leg(t, l, "focus", c, leg, &q);
	return e ? e : exec_ask(t, l, "focus", &q.w, &q.r);
}

static enum err
mcu_message(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	const char *text, int seconds)
{
	struct request q;
	enum err e = about_leg(t, l, "message", c, leg, &q);
	if (e)
		return e;
	json_put_text(&q.w, "text", text);
	json_put_int(&q.w, "seconds", seconds);
	return exec_ask(t, l, "message", &q.w, &q.r);
}

static enum err
mcu_play(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	int seconds)
{
	struct request q;
	enum err e = about_leg(t, l, "play", c, leg, &q);
	if (e)
		return e;
	json_put_int(&q.w, "seconds", seconds);
	return exec_ask(t, l, "play", &q.w, &q.r);
}

/* This is everything we export. What such a program can tell is not known before it is asked: no
 * evidence is promised. */
const struct mcu_adapter exec_mcu_adapter = {
	.name = "exec",
	.title = "An external program",
	.grade = GRADE_TESTED,
	.evidence = 0,
	.open = exec_open,
	.close = exec_close,
	.probe = exec_probe,
	.find = mcu_find,
	.start = mcu_start,
	.dial = mcu_dial,
	.roster = mcu_roster,
	.media = mcu_media,
	.reason = mcu_reason,
	.hangup = mcu_hangup,
	.end = mcu_end,
	.mute = mcu_mute,
	.layout = mcu_layout,
	.focus = mcu_focus,
	.message = mcu_message,
	.play = mcu_play,
};
