/* A kind of device that only an external program can speak with: the same verbs, one line of JSON
 * each way.
 *
 * Called by lanes on worker threads, one at a time. Owns the program in the lane's session: it runs
 * from open to close, and is the device's session. Must never hand it a secret in its arguments or
 * environment, believe a figure it does not give, or read a second line for one question.
 *
 *   address exec:///path/to/program[#address of the device, handed on as "url"]
 *   >
 * {"id":1,"verb":"open","left_ms":30000,"device":{"name":"site:x","url":"...","user":"...","password":"..."}}
 *   < {"id":1,"result":"ok"}            | {"id":1,"result":"auth","word":"login-refused","why":"log
 * in: ..."} > {"id":2,"verb":"status","left_ms":30000} <
 * {"id":2,"result":"ok","status":{"in_call":"yes","media":{"audio":{"to_site":{"packets":812}}}}}
 *   > {"id":3,"verb":"dial","left_ms":30000,"address":"sip:a@b","kbps":1920}
 *   end of input: log out and end
 *
 * Results are the words of base/err.h and mean the same. A line with another id is a late answer
 * and passed over. The session is shared with exec_mcu.c. The whole protocol is in FAMILIES.md. */
#include "adapters/exec.h"

#include "adapters/internal.h"
#include "adapters/wire/program.h"
#include "adapters/wire/trace.h"
#include "base/buf.h"
#include "base/str.h"

#include <string.h>

enum { LATE_MOST = 100 };

struct session {
	struct program *program;
	int64_t ids;
};

/* `w` is open behind the verb: the caller has put what belongs to it. Takes the line. */
enum err
exec_ask(struct task *t, struct lane *l, const char *verb, struct json_out *w,
	struct exec_reply *out)
{
	struct session *s = l->session;
	const char *name = l->device->name, *secret = l->device->password;
	json_close(w, '}');
	trace_bytes(t->trace, '>', w->out->at, w->out->n);
	enum err e = program_say(t, s->program, buf_str(w->out));
	explicit_bzero(w->out->at, w->out->n);
	buf_free(w->out);
	for (int i = 0; e == OK && i < LATE_MOST; i++) {
		const char *line;
		e = program_hear(t, s->program, -1, &line);
		if (e || !line)
			break;
		trace_bytes(t->trace, '<', line, strlen(line));
		if (!exec_read(t->arena, line, out))
			return task_fail(t, ERR_PROTOCOL, "%s on %s: the program said: %.120s",
				verb, name, trace_without(t->arena, secret, line));
		if (out->id != s->ids)
			continue;
		if (out->result == OK)
			return OK;
		return task_fail_as(t, out->result, trace_without(t->arena, secret, out->word),
			"%s on %s: %s", verb, name, trace_without(t->arena, secret, out->why));
	}
	return e ? e
		 : task_fail(t, ERR_PROTOCOL, "%s on %s: lines without end, and no answer", verb,
			   name);
}

enum err
exec_begin(struct task *t, struct lane *l, const char *verb, struct buf *b, struct json_out *w)
{
	struct session *s = l->session;
	if (!s)
		return task_fail(
			t, ERR_SYSTEM, "%s on %s: the program does not run", verb, l->device->name);
	*w = (struct json_out){ .out = b };
	json_open(w, NULL, '{');
	json_put_int(w, "id", ++s->ids);
	json_put_text(w, "verb", verb);
	json_put_int(w, "left_ms", task_left(t));
	return OK;
}

static enum err
ask_plain(struct task *t, struct lane *l, const char *verb, struct exec_reply *out)
{
	struct buf b = { 0 };
	struct json_out w;
	enum err e = exec_begin(t, l, verb, &b, &w);
	return e ? e : exec_ask(t, l, verb, &w, out);
}

/* ---- session --------------------------------------------------------------------------------- */

void
exec_close(struct task *t, struct lane *l)
{
	struct session *s = l->session;
	if (!s)
		return;
	program_stop(s->program);
	l->session = NULL;
}

static enum err
introduce(struct task *t, struct lane *l, const char *address)
{
	const struct device *d = l->device;
	struct exec_reply r;
	struct buf b = { 0 };
	struct json_out w;
	enum err e = exec_begin(t, l, "open", &b, &w);
	if (e)
		return e;
	json_open(&w, "device", '{');
	json_put_text(&w, "name", d->name);
	json_put_text(&w, "url", address);
	json_put_text(&w, "user", d->user);
	json_put_text(&w, "password", d->password);
	json_put_text(&w, "pin", d->pin);
	json_put_bool(&w, "legacy", d->legacy);
	json_close(&w, '}');
	return exec_ask(t, l, "open", &w, &r);
}

enum err
exec_open(struct task *t, struct lane *l)
{
	const char *path, *address;
	struct program *p;
	if (!exec_url(t->arena, l->device->url, &path, &address))
		return task_fail(t, ERR_INPUT, "open %s: %s is no exec:///path/to/program",
			l->device->name, l->device->url ? l->device->url : "");
	trace_secret(t->trace, l->device->password);
	enum err e = program_start(t, path, NULL, &p);
	if (e)
		return e;
	struct session *s = arena_alloc(l->arena, sizeof *s);
	s->program = p;
	l->session = s;
	e = introduce(t, l, address);
	if (e)
		exec_close(t, l);
	return e;
}

/* ---- questions ------------------------------------------------------------------------------- */

enum err
exec_probe(struct task *t, struct lane *l, struct identity *out)
{
	struct exec_reply r;
	*out = (struct identity){ 0 };
	enum err e = ask_plain(t, l, "probe", &r);
	if (e == OK)
		exec_identity(json_get(r.all, "identity"), out);
	return e;
}

static enum err
exec_ask_status(struct task *t, struct lane *l, struct endpoint_status *out)
{
	struct exec_reply r;
	*out = (struct endpoint_status){ 0 };
	enum err e = ask_plain(t, l, "status", &r);
	if (e)
		return e;
	if (!json_get(r.all, "status"))
		return task_fail(
			t, ERR_PROTOCOL, "status on %s: none in the answer", l->device->name);
	exec_status(json_get(r.all, "status"), out);
	return OK;
}

static enum err
exec_ask_history(struct task *t, struct lane *l, struct history *out)
{
	struct exec_reply r;
	*out = (struct history){ 0 };
	enum err e = ask_plain(t, l, "history", &r);
	if (e == OK)
		exec_history(t->arena, json_get(r.all, "history"), out);
	return e;
}

/* ---- orders ---------------------------------------------------------------------------------- */

static enum err
exec_dial(struct task *t, struct lane *l, const char *address, int kbps)
{
	struct exec_reply r;
	struct buf b = { 0 };
	struct json_out w;
	enum err e = exec_begin(t, l, "dial", &b, &w);
	if (e)
		return e;
	json_put_text(&w, "address", address);
	if (kbps > 0)
		json_put_int(&w, "kbps", kbps);
	return exec_ask(t, l, "dial", &w, &r);
}

static enum err
exec_answer(struct task *t, struct lane *l)
{
	struct exec_reply r;
	return ask_plain(t, l, "answer", &r);
}

static enum err
exec_hangup(struct task *t, struct lane *l)
{
	struct exec_reply r;
	return ask_plain(t, l, "hangup", &r);
}

static enum err
exec_mute(struct task *t, struct lane *l, bool on)
{
	struct exec_reply r;
	struct buf b = { 0 };
	struct json_out w;
	enum err e = exec_begin(t, l, "mute", &b, &w);
	if (e)
		return e;
	json_put_bool(&w, "on", on);
	return exec_ask(t, l, "mute", &w, &r);
}

static enum err
exec_message(struct task *t, struct lane *l, const char *text, int seconds)
{
	struct exec_reply r;
	struct buf b = { 0 };
	struct json_out w;
	enum err e = exec_begin(t, l, "message", &b, &w);
	if (e)
		return e;
	json_put_text(&w, "text", text);
	json_put_int(&w, "seconds", seconds);
	return exec_ask(t, l, "message", &w, &r);
}

/* This is everything we export. What such a program can tell is not known before it is asked: no
 * evidence is promised. */
const struct endpoint_adapter exec_adapter = {
	.name = "exec",
	.title = "An external program",
	.grade = GRADE_TESTED,
	.evidence = 0,
	.open = exec_open,
	.close = exec_close,
	.probe = exec_probe,
	.status = exec_ask_status,
	.dial = exec_dial,
	.answer = exec_answer,
	.hangup = exec_hangup,
	.mute = exec_mute,
	.message = exec_message,
	.history = exec_ask_history,
};
