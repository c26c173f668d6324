/* FreeSWITCH mod_conference, over mod_xml_rpc and the event socket; proven with 1.11.3
 * (tests/interop).
 *
 * Called by lanes on worker threads, one at a time: the width of this device is 1. Owns one HTTP
 * connection and one event socket in the lane's session, and the table of legs
 * (freeswitch_table.c). Must never take "+OK" for proof, hold more than one request open (16 open
 * ones, idle or not, block the device), or dial without having looked whether the same order is
 * under way.
 *
 *   POST /RPC2  freeswitch.api(command, arguments)     < one string, whatever happened; HTTP Basic
 *   refusals are strings: UNAUTHORIZED!, ERROR!, -ERR ..., -USAGE ...; a fault only for a malformed
 * call
 *
 *   conference NAME bgdial {origination_uuid=U,...}sofia/PROFILE/sip:...   < +OK Job-UUID: J
 * (before anything is known) conference NAME json_list         < members, by uuid;        -ERR
 * Conference NAME not found: it has none show channels as json             < channels, also those
 * that ring json {"command":"mediaStats",...} < counters of one leg uuid_exists U, uuid_kill U <
 * true | false; +OK | -ERR No such channel! events: CHANNEL_HANGUP_COMPLETE (why),
 * conference::maintenance (bgdial-result, start-talking), RECV_RTCP_MESSAGE
 *
 * A conference exists as long as it has members, so start() makes nothing. The socket is read
 * without waiting at the beginning of an operation; where it is lost, what vanishes meanwhile has
 * no reason. The socket's password is the device's own, or esl-secret in the URL; esl=0 does
 * without. A limited user needs the commands above and status.
 *
 * Sources: recordings of 1.11.1; mod_conference, mod_xml_rpc and mod_event_socket as published. */
#include "adapters/freeswitch.h"

#include "adapters/connect.h"
#include "adapters/internal.h"
#include "adapters/wire/trace.h"
#include "adapters/wire/xmlrpc.h"
#include "base/str.h"
#include "base/vis.h"

#include <inttypes.h>

enum { MOST_BODY = 8 << 20, DRAIN_MOST = 5000, PAUSE = 8, REOPEN_MS = 2000, TEXT_MOST = 240 };

static const char events[] =
	"HEARTBEAT CHANNEL_HANGUP_COMPLETE RECV_RTCP_MESSAGE CUSTOM conference::maintenance";

/* ---- one request ---- */

static enum err
ask_once(struct task *t, struct lane *l, const char *command, const char *arguments,
	const char *what, const char **out_text)
{
	struct fs_session *s = l->session;
	struct buf call = { 0 };
	const struct xmlrpc *v;
	struct xmlrpc_fault fault;
	buf_puts(&call, "<?xml "
			"version=\"1.0\"?><methodCall><methodName>freeswitch.api</"
			"methodName><params><param>"
			"<value><string>");
	vis_xml(&call, command);
	buf_puts(&call, "</string></value></param><param><value><string>");
	vis_xml(&call, arguments);
	buf_puts(&call, "</string></value></param></params></methodCall>");
	enum err e = xmlrpc_ask(t, s->http, "/RPC2", &call, &v, &fault);
	buf_free(&call);
	if (e)
		return e;
	if (fault.code)
		return task_fail(t, fault.code == -506 ? ERR_UNSUPPORTED : ERR_PROTOCOL,
			"%s on %s: %s (fault %d)", what, l->device->name,
			str_empty(fault.text) ? "no reason given" : fault.text, fault.code);
	if (v->kind == XMLRPC_STRUCT || v->kind == XMLRPC_ARRAY)
		return task_fail(
			t, ERR_PROTOCOL, "%s on %s: no text came back", what, l->device->name);
	*out_text = v->text ? v->text : "";
	return OK;
}

enum err
fs_ask(struct task *t, struct lane *l, bool again, const char *command, const char *arguments,
	const char *what, const char **out_text)
{
	*out_text = "";
	if (!l->session)
		return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	enum err e = ask_once(t, l, command, arguments, what, out_text);
	if (again && device_cut_off(t, e)) {
		task_forgive(t);
		e = ask_once(t, l, command, arguments, what, out_text);
	}
	if (e)
		return e;
	e = fs_said(*out_text);
	return e ? task_fail(t, e, "%s on %s: %.120s", what, l->device->name, *out_text) : OK;
}

/* ---- events ---- */

static enum err
connect_events(struct task *t, struct lane *l, int at_most_ms)
{
	struct fs_session *s = l->session;
	const char *secret = *s->where.esl_secret ? s->where.esl_secret : l->device->password;
	return esl_open(t,
		&(struct esl_options){ .host = s->where.host,
			.port = s->where.esl_port,
			.password = secret,
			.events = events,
			.at_most_ms = at_most_ms },
		&s->esl);
}

/* Lost: try again now and then, never after a refusal. */
static enum err
reconnect_events(struct task *t, struct lane *l)
{
	struct fs_session *s = l->session;
	if (s->esl || s->esl_final || (s->esl_pause > 0 && s->esl_pause-- > 0))
		return OK;
	enum err e = connect_events(t, l, REOPEN_MS);
	if (e == OK)
		return OK;
	if (e == ERR_CANCELED || task_left(t) == 0)
		return e;
	s->esl_final = e == ERR_AUTH;
	s->esl_pause = PAUSE;
	task_forgive(t);
	return OK;
}

enum err
fs_listen_for(struct task *t, struct lane *l, int64_t at_most_ms, bool *out_any)
{
	struct fs_session *s = l->session;
	struct esl_message m;
	bool any = false;
	*out_any = false;
	for (int i = 0; s->esl && i < DRAIN_MOST; i++) {
		enum err e = esl_next(t, s->esl, *out_any ? 0 : at_most_ms, &m, &any);
		if (e == ERR_CANCELED || e == ERR_TIMEOUT)
			return e;
		if (e) {
			task_forgive(t);
			esl_close(s->esl);
			s->esl = NULL;
			s->esl_pause = 0;
			return OK;
		}
		if (!any)
			return OK;
		*out_any = true;
		fs_table_event(&s->table, &m);
	}
	return OK;
}

enum err
fs_listen(struct task *t, struct lane *l)
{
	bool any;
	if (!l->session)
		return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	enum err e = fs_listen_for(t, l, 0, &any);
	return e ? e : reconnect_events(t, l);
}

/* ---- session ---- */

static void
freeswitch_close(struct task *t, struct lane *l)
{
	struct fs_session *s = l->session;
	if (!s)
		return;
	esl_close(s->esl);
	http_close(s->http);
	l->session = NULL;
}

/*  > status        < UP 0 years, ... \n FreeSWITCH (Version 1.11.1-release ...) is ready | HTTP 401
 * | UNAUTHORIZED!  */
static enum err
hello(struct task *t, struct lane *l, struct identity *out)
{
	const char *text;
	enum err e = fs_ask(t, l, true, "status", "", "ask for the status", &text);
	if (e == ERR_REFUSED && str_starts(text, "UNAUTHORIZED!")) {
		task_forgive(t);
		return task_fail_as(t, ERR_AUTH, "login-refused",
			"log in to %s: the user may not ask for the status", l->device->name);
	}
	if (e == OK && !fs_status(text, out))
		return task_fail(t, ERR_PROTOCOL,
			"log in to %s: no FreeSWITCH answers there: %.80s", l->device->name, text);
	return e;
}

static enum err
freeswitch_open(struct task *t, struct lane *l)
{
	const struct device *d = l->device;
	struct fs_session *s = arena_alloc(l->arena, sizeof *s);
	struct identity who;
	char why[120];
	if (!fs_where(d->url, &s->where, why, sizeof why))
		return task_fail(t, ERR_INPUT, "log in to %s: %s", d->name, why);
	leg_table_init(&s->table.legs, l->arena, sizeof(struct fs_leg));
	s->esl_final = s->where.esl_port == 0;
	if (t->trace && *s->where.esl_secret)
		trace_secret(t->trace, s->where.esl_secret);
	enum err e = device_http(t, l, HTTP_AUTH_BASIC, MOST_BODY, &s->http);
	if (e)
		return e;
	l->session = s;
	e = hello(t, l, &who);
	if (e == OK && !s->esl_final)
		e = connect_events(t, l, 0);
	if (e)
		freeswitch_close(t, l);
	return e;
}

static enum err
freeswitch_probe(struct task *t, struct lane *l, struct identity *out)
{
	*out = (struct identity){ 0 };
	return hello(t, l, out);
}

/* ---- conferences ---- */

enum err
fs_check_conference(struct task *t, const struct lane *l, const struct conference *c)
{
	if (fs_is_word(c->id))
		return OK;
	return task_fail(t, ERR_INPUT, "\"%s\" is no conference of %s", c->id, l->device->name);
}

/*  > conference NAME json_list        < [ { ... } ] | -ERR Conference NAME not found  */
enum err
fs_list(struct task *t, struct lane *l, const char *conference_id, struct fs_member **out,
	size_t *out_n)
{
	const char *text;
	struct err_text why = { 0 };
	*out = NULL;
	*out_n = 0;
	enum err e = fs_ask(t, l, true, "conference",
		arena_printf(t->arena, "%s json_list", conference_id), "list members", &text);
	if (e)
		return e;
	if (str_starts(text, "+OK No active conferences"))
		text = "[]";
	e = fs_members(t->arena, text, conference_id, out, out_n, &why);
	if (e)
		return task_fail(t, e, "list members on %s: %s", l->device->name, why.text);
	if (!*out)
		return task_fail(t, ERR_GONE, "list members on %s: no conference %s",
			l->device->name, conference_id);
	return OK;
}

static enum err
freeswitch_find(struct task *t, struct lane *l, const char *conference, struct conference *out)
{
	struct fs_member *members;
	size_t n;
	*out = (struct conference){ 0 };
	if (str_empty(conference))
		return task_fail(t, ERR_INPUT, "find on %s: no name", l->device->name);
	fs_conference_id(out->id, sizeof out->id, conference);
	str_copy(out->name, sizeof out->name, conference);
	enum err e = fs_listen(t, l);
	return e ? e : fs_list(t, l, out->id, &members, &n);
}

/* It comes about with its first member: nothing is made here. Mute and rate go with each dial. */
static enum err
freeswitch_start(
	struct task *t, struct lane *l, const struct conference_spec *spec, struct conference *out)
{
	char room[80];
	if (spec->layout && !fs_layout(spec->layout, room, sizeof room))
		return task_fail(t, ERR_UNSUPPORTED, "open %s on %s: no layout \"%s\"", spec->name,
			l->device->name, spec->layout);
	enum err e = freeswitch_find(t, l, spec->name, out);
	if (e != ERR_GONE)
		return e;
	task_forgive(t);
	out->created = true;
	return OK;
}

/*  > conference NAME hup all       < +OK hup 6\n+OK hup 2 | -ERR Conference NAME not found: nobody
 * was in  */
static enum err
freeswitch_end(struct task *t, struct lane *l, const struct conference *c)
{
	const char *text;
	enum err e = fs_check_conference(t, l, c);
	if (e == OK)
		e = freeswitch_hangup_dialling(t, l, c);
	if (e)
		return e;
	struct fs_session *s = l->session;
	for (size_t i = 0; i < s->table.legs.n; i++) {
		struct known_leg *k = leg_table_at(&s->table.legs, i);
		if (str_eq(k->conference, c->id))
			k->hung_up_by_us = true;
	}
	e = fs_ask(t, l, true, "conference", arena_printf(t->arena, "%s hup all", c->id),
		"end conference", &text);
	if (e == ERR_GONE) {
		task_forgive(t);
		return OK;
	}
	if (e == OK && !fs_says_ok(text))
		return task_fail(
			t, ERR_REFUSED, "end %s on %s: %.120s", c->id, l->device->name, text);
	return e;
}

/* ---- in the conference ---- */

/* The member at this moment: numbers are global, grow for ever, and are another one after a
 * redial. */
static enum err
member_now(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	const char *what, struct fs_member *out)
{
	struct fs_member *all;
	size_t n;
	enum err e = fs_check_conference(t, l, c);
	if (e == OK)
		e = fs_listen(t, l);
	if (e == OK)
		e = fs_list(t, l, c->id, &all, &n);
	if (e)
		return e;
	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i].uuid, leg->id)) {
			*out = all[i];
			return OK;
		}
	return task_fail(t, ERR_GONE, "%s %s on %s: not in the conference", what, leg->name,
		l->device->name);
}

static enum err
member_of(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	const char *what, int64_t *out_id)
{
	struct fs_member m;
	enum err e = member_now(t, l, c, leg, what, &m);
	if (e == OK)
		*out_id = m.id;
	return e;
}

/*  > conference NAME mute 2       < +OK mute 2 | -ERR Non-Existant ID 99  */
static enum err
freeswitch_mute(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg, bool on)
{
	const char *what = on ? "mute" : "unmute", *text;
	struct fs_member m;
	enum err e = member_now(t, l, c, leg, what, &m);
	if (e)
		return e;
	/* What a muted one once said still stands in its flag, and only "mute" takes it out: it
	 * would look like an answer. */
	if (!on && m.can_speak == NO && m.talking == YES)
		e = fs_ask(t, l, true, "conference",
			arena_printf(t->arena, "%s mute %" PRId64 " quiet", c->id, m.id), "mute",
			&text);
	if (e)
		return e;
	e = fs_ask(t, l, true, "conference",
		arena_printf(t->arena, "%s %s %" PRId64, c->id, what, m.id), what, &text);
	if (e == OK && !fs_says_ok(text))
		return task_fail(t, ERR_REFUSED, "%s %s on %s: %.120s", what, leg->name,
			l->device->name, text);
	return e;
}

static bool
freeswitch_has_layout(const char *value)
{
	char room[80];
	return fs_layout(value, room, sizeof room) != NULL;
}

/*  > conference NAME vid-layout 2x2       < +OK Change canvas 1 to layout [2x2] | -ERR ... not in
 * mixing mode  */
static enum err
freeswitch_layout(struct task *t, struct lane *l, const struct conference *c, const char *value)
{
	char room[80];
	const char *text, *word = fs_layout(value ? value : "", room, sizeof room);
	enum err e = fs_check_conference(t, l, c);
	if (e)
		return e;
	if (!word)
		return task_fail(t, ERR_UNSUPPORTED, "set the layout on %s: no layout \"%s\"",
			l->device->name, value ? value : "");
	e = fs_listen(t, l);
	if (e)
		return e;
	e = fs_ask(t, l, true, "conference",
		arena_printf(t->arena, "%s vid-layout %s", c->id, word), "set the layout", &text);
	if (e == OK && !fs_says_ok(text))
		return task_fail(
			t, ERR_REFUSED, "set the layout on %s: %.120s", l->device->name, text);
	return e;
}

/*  > conference NAME vid-floor 3 force        < +OK video floor ...
 *  > conference NAME clear-vid-floor          < (nothing)
 * Without "force" a second order for the same member would give the floor free. */
static enum err
freeswitch_focus(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	const char *text;
	int64_t id = 0;
	enum err e = leg ? member_of(t, l, c, leg, "focus", &id) : fs_check_conference(t, l, c);
	if (e == OK && !leg)
		e = fs_listen(t, l);
	if (e)
		return e;
	const char *order =
		leg ? arena_printf(t->arena, "%s vid-floor %" PRId64 " force", c->id, id)
		    : arena_printf(t->arena, "%s clear-vid-floor", c->id);
	e = fs_ask(t, l, false, "conference", order, "focus", &text);
	if (e == OK && leg && !fs_says_ok(text))
		return task_fail(t, ERR_REFUSED, "focus %s on %s: %.120s", leg->name,
			l->device->name, *text ? text : "no picture of it");
	return e;
}

/*  > conference NAME vid-banner 3 Xin%20ch%C3%A0o      < +OK | Channel ... is not in a video layer
 * (no -ERR before it) The device knows no duration: a text stays until the next one. */
static enum err
freeswitch_message(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, const char *text, int seconds)
{
	char cut[TEXT_MOST + 1];
	struct buf order = { 0 };
	const char *said;
	int64_t id = 0;
	enum err e = leg ? member_of(t, l, c, leg, "show a message to", &id)
			 : fs_check_conference(t, l, c);
	if (e == OK && !leg)
		e = fs_listen(t, l);
	if (e == OK && str_empty(text))
		e = task_fail(t, ERR_UNSUPPORTED, "show a message on %s: no text", l->device->name);
	if (e)
		return e;
	str_copy(cut, sizeof cut, text);
	if (leg)
		buf_printf(&order, "%s vid-banner %" PRId64 " ", c->id, id);
	else
		buf_printf(&order, "%s vid-banner all ", c->id);
	fs_escape(&order, cut);
	e = fs_ask(t, l, true, "conference", buf_str(&order), "show a message", &said);
	buf_free(&order);
	if (e == OK && !fs_says_ok(said))
		return task_fail(t, ERR_UNSUPPORTED, "show a message on %s: %.120s",
			l->device->name, *said ? said : "nobody has a picture");
	return e;
}

/*  > conference NAME play tone_stream://%(1000,0,800) 3
 *                                                         < +OK (play) Playing file ... to member 3
 * Longer ones are a second of tone and a second of quiet, in turn. Not asked twice: two would
 * sound. */
static enum err
freeswitch_play(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	int seconds)
{
	const char *text;
	int64_t id = 0;
	enum err e = leg ? member_of(t, l, c, leg, "play a tone to", &id)
			 : fs_check_conference(t, l, c);
	if (e == OK && !leg)
		e = fs_listen(t, l);
	if (e)
		return e;
	const char *tone = seconds <= 2
		? arena_printf(t->arena, "tone_stream://%%(%d,0,800)", seconds * 1000)
		: arena_printf(t->arena, "tone_stream://%%(1000,1000,800);loops=%d", seconds / 2);
	const char *order = leg ? arena_printf(t->arena, "%s play %s %" PRId64, c->id, tone, id)
				: arena_printf(t->arena, "%s play %s", c->id, tone);
	e = fs_ask(t, l, false, "conference", order, "play a tone", &text);
	if (e == OK && !fs_says_ok(text))
		return task_fail(
			t, ERR_UNSUPPORTED, "play a tone on %s: %.120s", l->device->name, text);
	return e;
}

/* This is everything we export. The energy in the lists is a threshold, no level: not claimed.
 * Of a muted leg that was dialled with mute-detect it tells whether it spoke. The remote address is
 * the one that signalling came from.
 */
const struct mcu_adapter freeswitch_mcu_adapter = {
	.name = "freeswitch",
	.title = "FreeSWITCH mod_conference",
	.causes = freeswitch_causes,
	.grade = GRADE_PROVEN,
	.met = "FreeSWITCH 1.11.3",
	.evidence = EVIDENCE_RX_COUNTERS | EVIDENCE_FAR_REPORTS | EVIDENCE_SPEECH |
		    EVIDENCE_LEVEL_MUTED | EVIDENCE_END_REASON | EVIDENCE_REMOTE_IP |
		    EVIDENCE_UPTIME | EVIDENCE_RINGING | EVIDENCE_ONE_LEG,
	.open = freeswitch_open,
	.close = freeswitch_close,
	.probe = freeswitch_probe,
	.find = freeswitch_find,
	.start = freeswitch_start,
	.dial = freeswitch_dial,
	.roster = freeswitch_roster,
	.look = freeswitch_look,
	.media = freeswitch_media,
	.reason = freeswitch_reason,
	.hangup = freeswitch_hangup,
	.end = freeswitch_end,
	.mute = freeswitch_mute,
	.layout = freeswitch_layout,
	.has_layout = freeswitch_has_layout,
	.layouts = "equal, speaker, 1+5, 1+7, or a layout, or group:NAME, of its configuration",
	.focus = freeswitch_focus,
	.message = freeswitch_message,
	.play = freeswitch_play,
};
