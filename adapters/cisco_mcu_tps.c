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
