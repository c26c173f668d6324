/* Cisco TelePresence Server (7010, MSE 8710, 310, 320, virtual), a variant of cisco-mcu in its
 * standalone mode, which its pages call locally managed.
 *
 * Called through the operations in cisco_mcu.c for a box that says it is one. Owns nothing: the
 * session is cisco_mcu.c's. Must never invite an address that is listed already: this box would
 * call it a second time.
 *
 *   conference.create, delete, enumerate, status, invite, uninvite, sendmessage
 *   participant.set, diagnostics
 *   all of it by conferenceGUID and participantGUID; POST /RPC2 and faults as on the MCU
 *
 * Sources, in public: API guide 2.3 (contents) and 4.1 (operationMode of system.info, names of
 * methods); AIHash/mrbs-1, com.wafersystems.mcu, a client written with guide 4.0 at hand (members
 * and limits); spicyramen/telepresence, an emulator of an 8710 (connectionState "connected",
 * faults, statistics). The flexible (remotely managed) mode has flex.* methods; what
 * flex.conference.create and flex.participant.create want is in none of them: it is refused by
 * name. */
#include "adapters/cisco_mcu.h"

#include "base/buf.h"
#include "base/str.h"

enum { MOST_PAGES = 500 };

/*  > system.info     < { operationMode standalone | flexible, ... }
 * Versions before there were modes name none. */
enum err
tps_mode(struct task *t, struct lane *l)
{
	struct cisco_session *s = l->session;
	struct buf call = { 0 };
	const struct xmlrpc *v;
	struct xmlrpc_fault fault;
	cisco_begin(l, &call, "system.info");
	enum err e = cisco_once(t, l, &call, &v, &fault);
	buf_free(&call);
	if (e)
		return e;
	if (fault.code && fault.code != 1)
		return cisco_deny(t, l, &fault, "log in");
	const char *mode = fault.code ? "" : xmlrpc_text(v, "operationMode", "");
	str_copy(s->mode, sizeof s->mode, tps_is_standalone(mode) ? "" : mode);
	return OK;
}

/*  > conference.enumerate { [enumerateID] }
 *  < { [conferences [ { conferenceName, conferenceGUID, ... } ]] [, enumerateID: more] }  */
enum err
tps_find(struct task *t, struct lane *l, const char *conference, struct conference *out)
{
	char name[TPS_NAME_MAX + 1];
	const char *cursor = NULL;
	cisco_cut(name, sizeof name, TPS_NAME_MAX, conference);
	for (int page = 0; page < MOST_PAGES; page++) {
		struct buf call = { 0 };
		const struct xmlrpc *v;
		cisco_begin(l, &call, "conference.enumerate");
		if (cursor)
			xmlrpc_add_string(&call, "enumerateID", cursor);
		enum err e = cisco_again(t, l, &call, "list conferences", &v);
		if (e)
			return e;
		const struct xmlrpc *list = xmlrpc_get(v, "conferences");
		for (const struct xmlrpc *i = list ? list->first : NULL; i; i = i->next) {
			const char *id = xmlrpc_text(i, "conferenceGUID", "");
			if (str_empty(id) || !str_eq(xmlrpc_text(i, "conferenceName", ""), name))
				continue;
			*out = (struct conference){ 0 };
			str_copy(out->id, sizeof out->id, id);
			str_copy(out->name, sizeof out->name, conference);
			return OK;
		}
		cursor = xmlrpc_text(v, "enumerateID", NULL);
		if (str_empty(cursor))
			return task_fail(t, ERR_GONE, "find %s on %s: no such conference", name,
				l->device->name);
	}
	return task_fail(
		t, ERR_PROTOCOL, "list conferences on %s: the list does not end", l->device->name);
}

/*  > conference.create { conferenceName, persistent 1 }
 *  < { conferenceGUID, ... } | fault 2: exists
 * Not persistent, it would end 30 s after the last site dropped. */
static enum err
create(struct task *t, struct lane *l, const char *name, char *out_id, size_t size,
	struct xmlrpc_fault *fault)
{
	struct buf call = { 0 };
	const struct xmlrpc *v;
	cisco_begin(l, &call, "conference.create");
	xmlrpc_add_string(&call, "conferenceName", name);
	xmlrpc_add_bool(&call, "persistent", true);
	enum err e = cisco_once(t, l, &call, &v, fault);
	buf_free(&call);
	str_copy(out_id, size, e == OK && !fault->code ? xmlrpc_text(v, "conferenceGUID", "") : "");
	return e;
}

enum err
tps_start(
	struct task *t, struct lane *l, const struct conference_spec *spec, struct conference *out)
{
	char name[TPS_NAME_MAX + 1];
	struct xmlrpc_fault fault;
	bool cut = false, created = false;
	cisco_cut(name, sizeof name, TPS_NAME_MAX, spec->name);
	if (spec->layout)
		return task_fail(t, ERR_UNSUPPORTED, "open %s on %s: no layout \"%s\"", name,
			l->device->name, spec->layout);
	enum err e = tps_find(t, l, spec->name, out);
	for (int round = 0; e == ERR_GONE && round < 2; round++) {
		task_forgive(t);
		*out = (struct conference){ 0 };
		e = create(t, l, name, out->id, sizeof out->id, &fault);
		cut = cisco_cut_off(t, e);
		if (e && !cut)
			return e;
		if (!cut && fault.code && fault.code != 2)
			return cisco_deny(t, l, &fault, "open conference");
		created = !fault.code;
		if (!cut && *out->id) {
			out->created = true;
			str_copy(out->name, sizeof out->name, spec->name);
			return OK;
		}
		/* Outcome unknown, somebody was quicker, or an answer without the id: the list
		 * tells. */
		task_forgive(t);
		e = tps_find(t, l, spec->name, out);
		if (e == OK)
			out->created = created;
		if (!cut)
			break;
	}
	if (e == ERR_GONE && cut)
		return task_fail(t, ERR_TIMEOUT,
			"open %s on %s: the device closed the connection twice", name,
			l->device->name);
	return e;
}

enum err
tps_end(struct task *t, struct lane *l, const struct conference *c)
{
	struct buf call = { 0 };
	cisco_begin(l, &call, "conference.delete");
	xmlrpc_add_string(&call, "conferenceGUID", c->id);
	return cisco_again(t, l, &call, "end conference", NULL);
}

/*  > conference.sendmessage { conferenceGUID, message [, participantGUID], position 5 (the middle)
 *                             [, duration s] }  */
enum err
tps_message(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	const char *text, int seconds)
{
	char cut[TPS_MESSAGE_MAX + 1];
	struct buf call = { 0 };
	cisco_cut(cut, sizeof cut, TPS_MESSAGE_MAX, text);
	cisco_begin(l, &call, "conference.sendmessage");
	xmlrpc_add_string(&call, "conferenceGUID", c->id);
	xmlrpc_add_string(&call, "message", cut);
	if (leg)
		xmlrpc_add_string(&call, "participantGUID", leg->id);
	xmlrpc_add_int(&call, "position", 5);
	if (seconds > 0)
		xmlrpc_add_int(&call, "duration", seconds);
	return cisco_again(t, l, &call, "show a message", NULL);
}
