/* Cisco TelePresence MCU (Codian 4200/4500/5300, 8420/8510), management API 2.1 and later.
 *
 * Called by lanes on worker threads, one at a time per device unless its width says otherwise. Owns
 * the HTTP handle in the lane's session. Must never make a second leg for a site, and never add a
 * participant twice without having asked in between.
 *
 *   POST /RPC2, XML-RPC with one struct; user and password are members of every struct. HTTP 200
 *     even for a no:
 *   the no is a <fault>. Names are cut to 31. The box resets sockets that were idle or when it is
 *     busy, so
 *   - what only reads or sets is asked a second time, once, on a fresh connection (cisco_again());
 *   - what makes something (create, add, connect) is asked once, and the device itself tells the
 *     outcome.
 *
 * Sources: Cisco TelePresence MCU API guides 2.8 to 2.10. The TelePresence Server has the same door
 * and other methods: its model tells, and cisco_mcu_tps.c serves it; in its flexible mode (flex.*)
 * it tells who it is, and its conferences are refused by name. */
#include "adapters/adapter.h"

#include "adapters/cisco_mcu.h"
#include "adapters/connect.h"
#include "adapters/internal.h"
#include "adapters/wire/trace.h"
#include "adapters/wire/xmlrpc.h"
#include "base/buf.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>

enum { MOST_PAGES = 500, MOST_BODY = 4 << 20 };

enum quirk { QUIRK_TPS = 1 << 0 /* other methods behind the same door: cisco_mcu_tps.c */ };

static const struct model models[] = {
	{ "Cisco TelePresence Server", QUIRK_TPS },
	{ "TelePresence Server", QUIRK_TPS },
	{ "Telepresence Server", QUIRK_TPS }, /* as an 8710 spells itself */
	{ "Cisco TelePresence MCU", 0 },
	{ "TANDBERG Codian MCU", 0 },
	{ "Codian MCU", 0 },
	{ NULL, 0 },
};

/* ---- one request ----------------------------------------------------------------------------- */

void
cisco_begin(const struct lane *l, struct buf *call, const char *method)
{
	xmlrpc_call(call, method);
	xmlrpc_add_string(call, "authenticationUser", l->device->user ? l->device->user : "");
	xmlrpc_add_string(
		call, "authenticationPassword", l->device->password ? l->device->password : "");
}

void
cisco_put_party(struct buf *call, const struct conference *c, const struct cisco_party *who)
{
	if (c)
		xmlrpc_add_string(call, "conferenceName", c->id);
	xmlrpc_add_string(call, "participantName", who->name);
	xmlrpc_add_string(call, "participantProtocol", who->protocol);
	xmlrpc_add_string(call, "participantType", who->type);
}

/* A call that addresses one leg. */
enum err
cisco_begin_leg(struct task *t, const struct lane *l, struct buf *call, const char *method,
	const struct conference *c, const struct leg *leg)
{
	struct cisco_party who;
	if (!cisco_leg_party(leg->id, &who))
		return task_fail(t, ERR_INPUT, "%s on %s: \"%s\" is no leg of this MCU", method,
			l->device->name, leg->id);
	cisco_begin(l, call, method);
	cisco_put_party(call, c, &who);
	return OK;
}

bool
cisco_is_tps(const struct lane *l)
{
	const struct cisco_session *s = l->session;
	return s && *s->server;
}

/* A TelePresence Server in flexible mode answers for itself as an MCU does; what its flex.* methods
 * want is told in names only. */
static bool
same_in_all_dialects(const struct buf *call)
{
	static const char *const methods[] = { "device.query", "device.health.query",
		"system.info" };
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		char method[64];
		snprintf(method, sizeof method, "<methodName>%s</methodName>", methods[i]);
		if (strstr(buf_str(call), method))
			return true;
	}
	return false;
}

/* Sends once. A fault is OK with fault->code. The call stays the caller's. */
enum err
cisco_once(struct task *t, struct lane *l, struct buf *call, const struct xmlrpc **out,
	struct xmlrpc_fault *fault)
{
	struct cisco_session *s = l->session;
	if (!s)
		return task_fail(t, ERR_SYSTEM, "%s: not logged in", l->device->name);
	if (t->trace && l->device->password && !t->trace->secrets_n)
		trace_secret(t->trace, l->device->password);
	xmlrpc_end(call);
	*out = NULL;
	*fault = (struct xmlrpc_fault){ 0 };
	if (*s->mode && !same_in_all_dialects(call))
		return task_fail(t, ERR_UNSUPPORTED,
			"%s is a %s in %s mode, which is not spoken here: its conferences can be "
			"steered in standalone (locally managed) mode",
			l->device->name, s->server, s->mode);
	enum err e = xmlrpc_ask(t, s->http, "/RPC2", call, out, fault);
	struct figure code = xmlrpc_figure(e == OK ? *out : NULL, "faultCode");
	if (code.known && code.v) { /* in the place of a value, as an emulator of an 8710 answers */
		fault->code = code.v >= INT32_MIN && code.v <= INT32_MAX ? (int)code.v : -1;
		fault->text = xmlrpc_text(*out, "faultString", "");
	}
	return e;
}

enum err
cisco_deny(struct task *t, const struct lane *l, const struct xmlrpc_fault *f, const char *what)
{
	enum err e = cisco_fault(f->code);
	const char *text = str_empty(f->text) ? "no reason given" : f->text;
	if (e == ERR_AUTH)
		return task_fail_as(t, e, "login-refused", "%s on %s: %s (fault %d)", what,
			l->device->name, text, f->code);
	return task_fail(t, e, "%s on %s: %s (fault %d)", what, l->device->name, text, f->code);
}

/* Asks what may be asked twice: reads, and orders whose second time changes nothing. Takes the
 * call. */
enum err
cisco_again(struct task *t, struct lane *l, struct buf *call, const char *what,
	const struct xmlrpc **out)
{
	struct xmlrpc_fault fault;
	struct buf copy = { 0 };
	const struct xmlrpc *mine = NULL;
	buf_add(&copy, buf_str(call), call->n);
	enum err e = cisco_once(t, l, call, &mine, &fault);
	if (device_cut_off(t, e)) {
		task_forgive(t);
		e = cisco_once(t, l, &copy, &mine, &fault);
	}
	buf_free(&copy);
	buf_free(call);
	if (out)
		*out = mine;
	return e == OK && fault.code ? cisco_deny(t, l, &fault, what) : e;
}

enum err
cisco_endless(struct task *t, const struct lane *l, const char *what)
{
	return task_fail(t, ERR_PROTOCOL, "%s on %s: the list does not end", what, l->device->name);
}

enum err
cisco_page(struct task *t, struct lane *l, struct cisco_pages *p, struct buf *call,
	const char *list, const char *what, const struct xmlrpc **out_items, bool *out_more)
{
	const struct xmlrpc *v;
	if (p->next)
		xmlrpc_add_string(call, "enumerateID", p->next);
	enum err e = cisco_again(t, l, call, what, &v);
	if (e)
		return e;
	const struct xmlrpc *items = xmlrpc_get(v, list);
	if (v->kind != XMLRPC_STRUCT || (items && items->kind != XMLRPC_ARRAY))
		return task_fail(
			t, ERR_PROTOCOL, "%s on %s: no list came back", what, l->device->name);
	*out_items = items ? items->first : NULL;
	p->next = xmlrpc_text(v, "enumerateID", NULL);
	*out_more = !str_empty(p->next);
	if (*out_more && ++p->n == MOST_PAGES)
		return cisco_endless(t, l, what);
	return OK;
}

/* ---- session --------------------------------------------------------------------------------- */

static unsigned
quirks_of(const char *model)
{
	for (size_t i = 0; models[i].match; i++)
		if (str_starts(model, models[i].match))
			return models[i].quirks;
	return 0;
}

/*  > device.query                < { model, serial, softwareVersion, apiVersion, uptime, ... }
 *                                < fault 14 wrong password; before API 2.8 the same is fault 15  */
static enum err
hello(struct task *t, struct lane *l)
{
	struct buf call = { 0 };
	const struct xmlrpc *v;
	struct xmlrpc_fault fault;
	cisco_begin(l, &call, "device.query");
	enum err e = cisco_once(t, l, &call, &v, &fault);
	buf_free(&call);
	if (e)
		return e;
	if (fault.code == 14 || fault.code == 15)
		return task_fail_as(t, ERR_AUTH, "login-refused", "log in to %s: %s (fault %d)",
			l->device->name, str_empty(fault.text) ? "refused" : fault.text,
			fault.code);
	if (fault.code)
		return cisco_deny(t, l, &fault, "log in");
	const char *model = xmlrpc_text(v, "model", ""), *api = xmlrpc_text(v, "apiVersion", "");
	struct cisco_session *s = l->session;
	if (quirks_of(model) & QUIRK_TPS) {
		str_copy(s->server, sizeof s->server, model);
		return tps_mode(t, l);
	}
	if (str_starts(api, "1.") || str_starts(api, "2.0"))
		return task_fail(t, ERR_UNSUPPORTED,
			"log in to %s: its interface version is %s, 2.1 is the oldest we speak",
			l->device->name, api);
	return OK;
}

static enum err
cisco_open(struct task *t, struct lane *l)
{
	struct cisco_session *s = arena_alloc(l->arena, sizeof *s);
	enum err e = device_http(t, l, HTTP_AUTH_NONE, MOST_BODY, &s->http);
	if (e)
		return e;
	l->session = s;
	e = hello(t, l);
	if (device_cut_off(t, e)) {
		task_forgive(t);
		e = hello(t, l);
	}
	if (e)
		device_close(t, l);
	return e;
}

static enum err
cisco_probe(struct task *t, struct lane *l, struct identity *out)
{
	struct buf call = { 0 };
	const struct xmlrpc *v;
	cisco_begin(l, &call, "device.query");
	enum err e = cisco_again(t, l, &call, "probe", &v);
	if (e)
		return e;
	*out = (struct identity){ .uptime_s = xmlrpc_figure(v, "uptime"),
		.ports = xmlrpc_figure(v, "totalVideoPorts") };
	str_copy(out->vendor, sizeof out->vendor, "Cisco");
	str_copy(out->model, sizeof out->model, xmlrpc_text(v, "model", ""));
	str_copy(out->software, sizeof out->software, xmlrpc_text(v, "softwareVersion", ""));
	str_copy(out->serial, sizeof out->serial, xmlrpc_text(v, "serial", ""));
	return OK;
}

/* ---- in the conference ----------------------------------------------------------------------- */

/* participant.modify wants its scope as a string, and in other words than status does. */
static enum err
begin_modify(struct task *t, struct lane *l, struct buf *call, const struct conference *c,
	const struct leg *leg)
{
	enum err e = cisco_begin_leg(t, l, call, "participant.modify", c, leg);
	if (e == OK)
		xmlrpc_add_string(call, "operationScope", "activeState");
	return e;
}

static enum err
cisco_mute(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg, bool on)
{
	if (cisco_is_tps(l))
		return tps_mute(t, l, leg, on);
	struct buf call = { 0 };
	enum err e = begin_modify(t, l, &call, c, leg);
	if (e)
		return e;
	xmlrpc_add_bool(&call, "audioRxMuted", on);
	return cisco_again(t, l, &call, on ? "mute" : "unmute", NULL);
}

/* What is done to each leg that is up, for the operations this family has per participant only. A
 * leg that goes away meanwhile is no error; one that refuses is named after the others were
 * served. */
typedef enum err (*leg_fn)(struct task *, struct lane *, const struct conference *,
	const struct leg *, const char *text, int number);

static enum err
each_up(struct task *t, struct lane *l, const struct conference *c, leg_fn fn, const char *text,
	int number)
{
	struct roster all;
	struct err_text no = { 0 };
	enum err e = cisco_list(t, l, c, &all);
	for (size_t i = 0; e == OK && i < all.n; i++) {
		if (all.legs[i].state != LEG_UP)
			continue;
		e = fn(t, l, c, &all.legs[i], text, number);
		if (e != ERR_GONE && e != ERR_REFUSED && e != ERR_BUSY)
			continue;
		/* This one cannot: the others still can. */
		if (e != ERR_GONE)
			err_set(&no, e, "%s: %s", all.legs[i].name, t->why);
		task_forgive(t);
		e = OK;
	}
	return e == OK && no.code ? task_fail(t, no.code, "%s", no.text) : e;
}

static enum err
layout_one(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	const char *word, int unused)
{
	struct buf call = { 0 };
	enum err e = begin_modify(t, l, &call, c, leg);
	if (e)
		return e;
	xmlrpc_add_string(&call, "cpLayout", word);
	return cisco_again(t, l, &call, "set the layout", NULL);
}

static bool
cisco_has_layout(const char *value)
{
	char word[CISCO_LAYOUT_SIZE];
	return cisco_layout(value, word);
}

/* A numbered layout becomes the conference's own first, so that those who come later get it as
 * well. */
static enum err
cisco_set_layout(struct task *t, struct lane *l, const struct conference *c, const char *value)
{
	if (cisco_is_tps(l))
		return task_fail(t, ERR_UNSUPPORTED,
			"set the layout on %s: its layouts are told by name only", l->device->name);
	char word[CISCO_LAYOUT_SIZE];
	if (!cisco_layout(value, word))
		return task_fail(t, ERR_UNSUPPORTED, "set the layout on %s: no layout \"%s\"",
			l->device->name, value);
	if (cisco_custom_layout(value)) {
		struct buf call = { 0 };
		cisco_begin(l, &call, "conference.modify");
		xmlrpc_add_string(&call, "conferenceName", c->id);
		cisco_put_custom_layout(&call, cisco_custom_layout(value));
		enum err e = cisco_again(t, l, &call, "set the layout", NULL);
		if (e)
			return e;
	}
	return each_up(t, l, c, layout_one, word, 0);
}

/*  > conference.paneplacement.modify { enabled 1, panes [ { index 0, type participant, who } ] }
 *  < { panesModified 1 }  */
static enum err
cisco_focus(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	if (cisco_is_tps(l))
		return task_fail(t, ERR_UNSUPPORTED, "focus on %s: not told how", l->device->name);
	struct buf call = { 0 };
	struct cisco_party who;
	const struct xmlrpc *v;
	if (leg && !cisco_leg_party(leg->id, &who))
		return task_fail(t, ERR_INPUT, "focus on %s: \"%s\" is no leg of this MCU",
			l->device->name, leg->id);
	cisco_begin(l, &call, "conference.paneplacement.modify");
	xmlrpc_add_string(&call, "conferenceName", c->id);
	xmlrpc_add_bool(&call, "enabled", leg != NULL);
	if (leg) {
		xmlrpc_open_array(&call, "panes");
		xmlrpc_open_struct(&call, NULL);
		xmlrpc_add_int(&call, "index", 0);
		xmlrpc_add_string(&call, "type", "participant");
		cisco_put_party(&call, NULL, &who);
		xmlrpc_close_struct(&call);
		xmlrpc_close_array(&call);
	}
	enum err e = cisco_again(t, l, &call, "focus", &v);
	if (e)
		return e;
	struct figure moved = xmlrpc_figure(v, "panesModified");
	if (leg && moved.known && moved.v == 0)
		return task_fail(
			t, ERR_REFUSED, "focus on %s: the device placed nobody", l->device->name);
	return OK;
}

/* The same text once more on the same screen changes nothing, so it may be sent again when cut
 * off. */
static enum err
message_one(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	const char *text, int seconds)
{
	char cut[CISCO_MESSAGE_MAX + 1];
	struct buf call = { 0 };
	enum err e = cisco_begin_leg(t, l, &call, "participant.message", c, leg);
	if (e)
		return e;
	cisco_cut(cut, sizeof cut, CISCO_MESSAGE_MAX, text);
	xmlrpc_add_string(&call, "message", cut);
	xmlrpc_add_string(&call, "verticalPosition", "middle");
	if (seconds > 0)
		xmlrpc_add_int(&call, "durationSeconds", seconds);
	return cisco_again(t, l, &call, "show a message", NULL);
}

static enum err
cisco_message(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	const char *text, int seconds)
{
	if (cisco_is_tps(l))
		return tps_message(t, l, c, leg, text, seconds);
	return leg ? message_one(t, l, c, leg, text, seconds) :
		     each_up(t, l, c, message_one, text, seconds);
}

/* This is everything we export. A level is told, but not whether it is measured before the mute:
 * not claimed.
 * What the site receives is told as packets reported lost, never as received: no far reports
 * claimed. The address in the list is what was dialled or who called, no proof of a remote
 * address. */
const struct mcu_adapter cisco_mcu_adapter = {
	.name = "cisco-mcu",
	.title = "Cisco TelePresence MCU (Codian)",
	.grade = GRADE_TESTED,
	.causes = cisco_mcu_causes,
	.evidence = EVIDENCE_RX_COUNTERS | EVIDENCE_RX_RATE | EVIDENCE_LEVEL | EVIDENCE_END_REASON |
		    EVIDENCE_ABSENT_IS_NONE | EVIDENCE_UPTIME | EVIDENCE_RINGING | EVIDENCE_ONE_LEG,
	.name_max = CISCO_NAME_MAX,
	.open = cisco_open,
	.close = device_close,
	.probe = cisco_probe,
	.find = cisco_find,
	.start = cisco_start,
	.dial = cisco_dial,
	.roster = cisco_roster,
	.media = cisco_media,
	.look = cisco_look,
	.reason = cisco_reason,
	.hangup = cisco_hangup,
	.end = cisco_end,
	.mute = cisco_mute,
	.layout = cisco_set_layout,
	.has_layout = cisco_has_layout,
	.layouts = "1 to 59 or layout1 to layout59, family1 to family5, default, conferenceCustom",
	.focus = cisco_focus,
	.message = cisco_message,
	.subscribe = cisco_subscribe,
	.pushed = cisco_pushed,
	.push_answer = "<?xml version=\"1.0\"?>\n<methodResponse><params/></methodResponse>\n",
};
