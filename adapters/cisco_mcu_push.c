/* Cisco TelePresence MCU (Codian): feedback posted to our listener. It tells that something
 * happened, never what: the list is asked at once, so a site that leaves is noticed within a second
 * and not with the next round.
 *
 * Called through the operations in cisco_mcu.c. Owns nothing. Must never touch a receiver of
 * somebody else's: slot 1 of the twenty is overwritten by whoever names none.
 *
 *   > feedbackReceiver.query                                             < { receivers [ { index,
 *     receiverURI, sourceIdentifier } ] }
 *   > feedbackReceiver.configure { receiverURI U/RPC2, receiverIndex -1 }     < { receiverIndex }
 *   > feedbackReceiver.remove { receiverIndex }
 *                                                      for one of an earlier life of this workspace
 *   < eventNotification { sourceIdentifier, events [ "participantLeft" ] }
 *                                                                 posted; > an empty methodResponse
 *
 * Without an events struct all but activeSpeakerChanged are told: which there are depends on the
 * version. Sources: MCU API 2.9 and 2.10, "Feedback receivers", "Feedback messages". How long an
 * address it takes is not told; strings of this family are often cut at 31 characters or refused
 * with fault 35. */
#include "adapters/cisco_mcu.h"

#include "adapters/wire/trace.h"
#include "base/str.h"

#include <string.h>

enum { AGAIN_S = 300 };

/* "http://10.1.1.2:8091/push/SECRET": the same listener, whatever the secret. */
static bool
is_ours(const char *uri, const char *url)
{
	const char *secret = strrchr(url, '/');
	return secret && strncmp(uri, url, (size_t)(secret - url) + 1) == 0;
}

static enum err
take_away(struct task *t, struct lane *l, int64_t index)
{
	struct buf call = { 0 };
	const struct xmlrpc *v;
	cisco_begin(l, &call, "feedbackReceiver.remove");
	xmlrpc_add_int(&call, "receiverIndex", index);
	return cisco_again(t, l, &call, "take an old receiver away", &v);
}

static enum err
add(struct task *t, struct lane *l, const char *uri)
{
	struct buf call = { 0 };
	const struct xmlrpc *v;
	struct xmlrpc_fault fault;
	cisco_begin(l, &call, "feedbackReceiver.configure");
	xmlrpc_add_string(&call, "receiverURI", uri);
	xmlrpc_add_int(&call, "receiverIndex", -1);
	xmlrpc_add_string(&call, "sourceIdentifier", "tongduyet");
	enum err e = cisco_once(t, l, &call, &v, &fault);
	buf_free(&call);
	return e == OK && fault.code ? cisco_deny(t, l, &fault, "register for feedback") : e;
}

enum err
cisco_subscribe(struct task *t, struct lane *l, int *out_again_s)
{
	const char *url = l->device->push_url, *secret = strrchr(url, '/');
	const char *uri = arena_printf(t->arena, "%s/RPC2", url);
	struct buf call = { 0 };
	const struct xmlrpc *v;
	bool there = false;
	trace_secret(t->trace, secret ? secret + 1 : url);
	trace_secret(t->trace, l->device->password);
	*out_again_s = AGAIN_S;
	/* What a TelePresence Server calls its table of receivers is not told: once a session, else
	 * it could fill it. */
	struct cisco_session *s = l->session;
	if (cisco_is_tps(l) && s->receiver)
		return OK;
	cisco_begin(l, &call, "feedbackReceiver.query");
	enum err e = cisco_again(t, l, &call, "list receivers of feedback", &v);
	const struct xmlrpc *list = e == OK ? xmlrpc_get(v, "receivers") : NULL;
	for (const struct xmlrpc *r = list ? list->first : NULL; e == OK && r; r = r->next) {
		const char *known = xmlrpc_text(r, "receiverURI", "");
		struct figure index = xmlrpc_figure(r, "index");
		if (str_eq(known, uri))
			there = true;
		else if (is_ours(known, url) && index.known)
			e = take_away(t, l, index.v);
	}
	if (e == OK && !there)
		e = add(t, l, uri);
	if (s)
		s->receiver = e == OK;
	return e;
}

enum err
cisco_pushed(struct task *t, struct lane *l, const char *bytes, size_t n)
{
	const char *method;
	const struct xmlrpc *v;
	enum err e = xmlrpc_parse_call(t, bytes, n, &method, &v);
	if (e == OK && cisco_is_tps(l) && tps_is_diagnosis(method))
		return tps_take(t, l, v);
	if (e == OK && !str_eq(method, "eventNotification"))
		e = task_fail(t, ERR_PROTOCOL, "feedback of %s: %.60s is no notification",
			l->device->name, method);
	return e; /* what happened tells the list */
}
