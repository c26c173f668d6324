/* baresip 1.0 as a site: its control port (module ctrl_tcp), the test suite's real endpoint and a
 * software codec for a room that has none.
 *
 * Called by lanes on worker threads, one at a time: baresip serves one control connection, and a
 * second one throws the first out. Owns that connection in the lane's session, and the newest
 * report that came on it. Must never send `params` that is no text (it kills baresip), nor a
 * command in a call without having made that call the current one.
 *
 *   > 38:{"command":"listcalls","token":"td1"},
 *   < 148:{"response":true,"ok":true,"data":"\n--- Active calls (1) ---\n> [line 1]
 * ...","token":"td1"}, <
 * 284:{"event":true,"type":"CALL_RTCP","id":"5967","param":"audio","rtcp_stats":{...}},
 *
 * Events and answers share the stream, in any order. "ok":true means that the word was understood,
 * no more: a dial that cannot work says so in a later event, a hangup without a call says nothing.
 * Words of a call ("mute", "audio_debug") exist only while there is one: "command not found".
 * Whether it is muted cannot be asked; `mute` turns it round and then tells.
 *
 * There is no login: who reaches the port may do everything. Keep it on loopback or behind a
 * firewall. Sources: baresip 1.0.0 of Debian 12, recorded. */
#include "adapters/adapter.h"

#include "adapters/baresip.h"
#include "adapters/internal.h"
#include "adapters/wire/tcp.h"
#include "adapters/wire/trace.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DEFAULT_PORT = 4444, SILENCE_MS = 5000, STRAYS_MOST = 2000, CHUNK = 16 << 10 };

struct session {
	int fd;
	struct buf in;
	unsigned tokens;
	bool reported[MEDIA_N];
	struct baresip_report report[MEDIA_N];
};

/* ---- the connection ------------------------------------------------------------------------ */

/* "tcp://host[:port]", [v6] too */
static enum err
place_of(struct task *t, const struct device *d, char *host, size_t size, int *out_port)
{
	int64_t port = DEFAULT_PORT;
	char whole[256];
	if (!str_starts(d->url ? d->url : "", "tcp://"))
		return task_fail(t, ERR_UNSUPPORTED, "connect to %s: %s: only tcp:// is spoken",
			d->name, d->url ? d->url : "no address");
	bool fits = str_copy(whole, sizeof whole, d->url + 6);
	whole[strcspn(whole, "/")] = '\0';
	char *from = whole, *colon = strrchr(whole, ':');
	if (*whole == '[') {
		char *end = strchr(whole, ']');
		from = whole + 1;
		colon = end && end[1] == ':' ? end + 1 : NULL;
		fits = fits && end;
		if (end)
			*end = '\0';
	}
	if (colon)
		*colon = '\0';
	if (!fits || !*from || (colon && !str_to_int(colon + 1, 1, 65535, &port)))
		return task_fail(
			t, ERR_INPUT, "connect to %s: %s is no tcp://host:port", d->name, d->url);
	str_copy(host, size, from);
	*out_port = (int)port;
	return OK;
}

static void
baresip_close(struct task *t, struct lane *l)
{
	struct session *s = l->session;
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	buf_free(&s->in);
	l->session = NULL;
}

static enum err
baresip_open(struct task *t, struct lane *l)
{
	char host[256];
	int port = 0, fd = -1;
	enum err e = place_of(t, l->device, host, sizeof host, &port);
	if (e == OK)
		e = tcp_connect(t, host, port, &fd);
	if (e)
		return e;
	struct session *s = arena_alloc(l->arena, sizeof *s);
	*s = (struct session){ .fd = fd };
	l->session = s;
	return OK;
}

static enum err
cut_off(struct task *t, const struct lane *l)
{
	return task_fail(t, ERR_TIMEOUT, "%s closed the control connection", l->device->name);
}

/* The next message, of any kind, until that instant. */
static enum err
next_message(struct task *t, struct lane *l, int64_t until, const struct json **out)
{
	struct session *s = l->session;
	struct err_text why = { 0 };
	enum err room = task_room(t);
	if (room)
		return room;
	for (;;) {
		const char *text;
		size_t n, used;
		enum baresip_taken took = baresip_take(buf_str(&s->in), s->in.n, &text, &n, &used);
		if (took == BARESIP_GARBAGE)
			return task_fail(t, ERR_PROTOCOL, "%s: not a control port of baresip",
				l->device->name);
		if (took == BARESIP_WHOLE) {
			trace_bytes(t->trace, '<', text, n);
			enum err e = json_parse(t->arena, text, n, out, &why);
			buf_drop(&s->in, used);
			return e ? task_fail(t, ERR_PROTOCOL, "%s: %s", l->device->name, why.text)
				 : OK;
		}
		int64_t now = clock_mono();
		if (now >= until)
			return task_fail(t, ERR_TIMEOUT, "%s: no answer", l->device->name);
		struct pollfd p = { .fd = s->fd, .events = POLLIN };
		enum err e = task_wait(t, &p, 1, until - now);
		if (e)
			return e;
		char chunk[CHUNK];
		ssize_t k = recv(s->fd, chunk, sizeof chunk, MSG_DONTWAIT);
		if (k > 0)
			buf_add(&s->in, chunk, (size_t)k);
		else if (k == 0 || (errno != EAGAIN && errno != EINTR))
			return cut_off(t, l);
	}
}

static enum err
send_command(
	struct task *t, struct lane *l, const char *command, const char *params, const char *token)
{
	struct session *s = l->session;
	struct buf body = { 0 }, out = { 0 };
	struct json_out w = { .out = &body };
	json_open(&w, NULL, '{');
	json_put_text(&w, "command", command);
	if (params)
		json_put_text(&w, "params", params);
	json_put_text(&w, "token", token);
	json_close(&w, '}');
	trace_bytes(t->trace, '>', body.at, body.n);
	buf_printf(&out, "%zu:%s,", body.n, buf_str(&body));
	enum err e = body.n > BARESIP_COMMAND_MOST ? task_fail(t, ERR_INPUT, "%s on %s: too long",
							     command, l->device->name)
						   : OK;
	for (size_t sent = 0; e == OK && sent < out.n;) {
		ssize_t k = send(s->fd, out.at + sent, out.n - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
		struct pollfd p = { .fd = s->fd, .events = POLLOUT };
		if (k > 0)
			sent += (size_t)k;
		else if (k < 0 && (errno == EAGAIN || errno == EINTR))
			e = task_wait(t, &p, 1, -1);
		else
			e = cut_off(t, l);
	}
	buf_free(&body);
	buf_free(&out);
	return e;
}

/* What is said unasked is kept where it tells something. */
static void
hear(struct session *s, const struct json *message)
{
	enum medium m;
	struct baresip_report r;
	if (!json_bool(message, "event", false) || !baresip_event(message, &m, &r))
		return;
	s->report[m] = r;
	s->reported[m] = true;
}

static enum err
ask_once(struct task *t, struct lane *l, const char *command, const char *params, const char **out)
{
	struct session *s = l->session;
	*out = "";
	if (!s)
		return task_fail(
			t, ERR_SYSTEM, "%s on %s: not connected", command, l->device->name);
	const char *token = arena_printf(t->arena, "td%u", ++s->tokens);
	enum err e = send_command(t, l, command, params, token);
	int64_t until = clock_mono() + SILENCE_MS;
	for (int i = 0; e == OK && i < STRAYS_MOST; i++) {
		const struct json *m = NULL;
		e = next_message(t, l, until, &m);
		if (e)
			break;
		hear(s, m);
		if (!json_bool(m, "response", false) || !str_eq(json_text(m, "token"), token))
			continue;
		*out = json_text(m, "data") ? json_text(m, "data") : "";
		if (json_bool(m, "ok", false))
			return OK;
		if (str_starts(*out, "command not found"))
			return task_fail(t, ERR_GONE, "%s on %s: no call, or no such command",
				command, l->device->name);
		return task_fail(
			t, ERR_REFUSED, "%s on %s: %.120s", command, l->device->name, *out);
	}
	return e ? e
		 : task_fail(t, ERR_PROTOCOL, "%s on %s: events without end, and no answer",
			   command, l->device->name);
}

/* `again`: the command only reads. A connection that somebody else's threw out, or that died with
 * the program, is opened once more for it. */
static enum err
ask(struct task *t, struct lane *l, bool again, const char *command, const char *params,
	const char **out)
{
	int64_t before = clock_mono();
	enum err e = ask_once(t, l, command, params, out);
	bool closed = e == ERR_TIMEOUT && clock_mono() - before < SILENCE_MS;
	if (!again || !closed || task_left(t) == 0 || task_canceled(t))
		return e;
	task_forgive(t);
	baresip_close(t, l);
	e = baresip_open(t, l);
	return e ? e : ask_once(t, l, command, params, out);
}

/* ---- what it tells --------------------------------------------------------------------------- */

static enum err
baresip_probe(struct task *t, struct lane *l, struct identity *out)
{
	const char *text;
	int64_t up;
	*out = (struct identity){ 0 };
	enum err e = ask(t, l, true, "sysinfo", NULL, &text);
	if (e)
		return e;
	str_copy(out->vendor, sizeof out->vendor, "baresip");
	str_copy(out->model, sizeof out->model, "baresip");
	baresip_version(text, out->software, sizeof out->software);
	if (baresip_uptime(text, &up))
		out->uptime_s = figure_of(up);
	return OK;
}

static enum err
ask_calls(struct task *t, struct lane *l, struct baresip_calls *out)
{
	const char *text;
	enum err e = ask(t, l, true, "listcalls", NULL, &text);
	if (e == OK && !baresip_calls(text, out))
		return task_fail(t, ERR_PROTOCOL, "listcalls on %s: not understood: %.80s",
			l->device->name, text);
	return e;
}

/* Commands in a call mean the current one, and there may be several. */
static enum err
make_current(struct task *t, struct lane *l, const struct baresip_calls *calls)
{
	const char *text;
	if (calls->current)
		return OK;
	return ask(t, l, true, "line", arena_printf(t->arena, "%d", calls->line), &text);
}

/* Ended between two questions, or a build without that module: not told. */
static enum err
may_lack(struct task *t, enum err e)
{
	if (e != ERR_GONE && e != ERR_REFUSED)
		return e;
	task_forgive(t);
	return OK;
}

static enum err
ask_media(
	struct task *t, struct lane *l, enum medium m, const char *id, struct endpoint_status *out)
{
	struct session *s;
	struct stream *streams = out->media.s[m];
	const char *text;
	enum err e = ask(t, l, true, m == AUDIO ? "audio_debug" : "video_debug", NULL, &text);
	if (e)
		return may_lack(t, e);
	s = l->session;
	if (baresip_debug(text, streams)) {
		out->sampled = true;
		if (s->reported[m] && str_eq(s->report[m].id, id))
			baresip_join(&s->report[m], streams);
	} else if (!*text) { /* recorded: a call without this medium answers with nothing */
		streams[FROM_SITE].open = streams[TO_SITE].open = NO;
	}
	return OK;
}

static enum err
ask_call(struct task *t, struct lane *l, const struct baresip_calls *calls,
	struct endpoint_status *out)
{
	char id[64] = "";
	const char *text = "";
	enum err e = make_current(t, l, calls);
	if (e == OK)
		e = ask(t, l, true, "callstat", NULL, &text);
	if (e)
		return may_lack(t, e);
	baresip_call_id(text, id, sizeof id);
	e = ask_media(t, l, AUDIO, id, out);
	return e ? e : ask_media(t, l, VIDEO, id, out);
}

static enum err
baresip_status(struct task *t, struct lane *l, struct endpoint_status *out)
{
	struct baresip_calls calls;
	const char *text = "";
	int64_t up;
	*out = (struct endpoint_status){ .uptime_step_s = 1 };
	enum err e = ask_calls(t, l, &calls);
	if (e)
		return e;
	out->in_call = calls.up;
	str_copy(out->far_address, sizeof out->far_address, calls.peer);
	if (calls.established)
		e = ask_call(t, l, &calls, out);
	if (e == OK)
		e = may_lack(t, ask(t, l, true, "sysinfo", NULL, &text));
	if (e == OK && baresip_uptime(text, &up))
		out->uptime_s = figure_of(up);
	if (e == OK)
		e = may_lack(t, ask(t, l, true, "apistate", NULL, &text));
	if (e == OK)
		out->auto_answer = baresip_auto_answer(t->arena, text);
	return e;
}

/* ---- orders ---------------------------------------------------------------------------------- */

static bool
can_be_dialled(const char *address)
{
	if (!str_starts(address, "sip:") || !address[4] || strlen(address) > 200)
		return false;
	for (const char *p = address; *p; p++)
		if ((unsigned char)*p <= ' ' || (unsigned char)*p == 0x7f)
			return false;
	return true;
}

/* "sip:a@h;transport=udp" and "sip:a@h" */
static bool
same_peer(const char *a, const char *b)
{
	size_t n = strcspn(a, ";");
	return n == strcspn(b, ";") && strncasecmp(a, b, n) == 0;
}

/* It takes as many calls as it is let: a second one into the same conference would howl. */
static enum err
baresip_dial(struct task *t, struct lane *l, const char *address, int kbps)
{
	const char *text;
	struct baresip_calls calls;
	if (!address || !can_be_dialled(address))
		return task_fail(t,
			address && str_starts(address, "h323:") ? ERR_UNSUPPORTED : ERR_INPUT,
			"dial %s on %s: not a SIP address", address ? address : "",
			l->device->name);
	enum err e = ask_calls(t, l, &calls);
	if (e || (calls.n && same_peer(calls.peer, address)))
		return e;
	if (calls.n)
		return task_fail(t, ERR_BUSY, "dial %s on %s: it is in a call with %s", address,
			l->device->name, calls.peer);
	return ask(t, l, false, "dial", address, &text);
}

static enum err
set_up_first(struct task *t, struct lane *l, const char *what, struct baresip_calls *out)
{
	enum err e = ask_calls(t, l, out);
	if (e == OK && !out->n)
		return task_fail(t, ERR_GONE, "%s on %s: no call", what, l->device->name);
	return e ? e : make_current(t, l, out);
}

static enum err
baresip_answer(struct task *t, struct lane *l)
{
	struct baresip_calls calls;
	const char *text;
	enum err e = set_up_first(t, l, "answer", &calls);
	return e ? e : ask(t, l, false, "accept", NULL, &text);
}

/* It answers "ok" without a call as well. */
static enum err
baresip_hangup(struct task *t, struct lane *l)
{
	struct baresip_calls calls;
	const char *text;
	enum err e = set_up_first(t, l, "hang up", &calls);
	return e ? e : ask(t, l, false, "hangup", NULL, &text);
}

/*  > mute      < "\ncall muted\n" | "\ncall un-muted\n" */
static enum err
baresip_mute(struct task *t, struct lane *l, bool on)
{
	struct baresip_calls calls;
	const char *text = "";
	enum err e = set_up_first(t, l, on ? "mute" : "unmute", &calls);
	for (int i = 0; e == OK && i < 2; i++) {
		e = ask(t, l, false, "mute", NULL, &text);
		if (e)
			return e;
		bool off_now = strstr(text, "un-muted") != NULL;
		if (!off_now && !strstr(text, "muted"))
			return task_fail(t, ERR_PROTOCOL, "mute on %s: not understood: %.80s",
				l->device->name, text);
		if (off_now != on)
			return OK;
	}
	return e ? e
		 : task_fail(t, ERR_REFUSED, "%s on %s: it stayed as it was",
			   on ? "mute" : "unmute", l->device->name);
}

/* This is everything we export. The microphone's state cannot be asked, and it shows no texts. */
const struct endpoint_adapter baresip_adapter = {
	.name = "baresip",
	.title = "baresip (control port)",
	.grade = GRADE_PROVEN,
	.met = "baresip 1.0.0",
	.evidence = EVIDENCE_RX_COUNTERS | EVIDENCE_FAR_REPORTS | EVIDENCE_UPTIME |
		    EVIDENCE_ABSENT_IS_NONE,
	.open = baresip_open,
	.close = baresip_close,
	.probe = baresip_probe,
	.status = baresip_status,
	.dial = baresip_dial,
	.answer = baresip_answer,
	.hangup = baresip_hangup,
	.mute = baresip_mute,
};
