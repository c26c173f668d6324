/* Cisco TelePresence Server: legs. Inviting without ever making a second leg, the roster, and
 * figures, which it posts.
 *
 * Called through the operations in cisco_mcu.c. Owns what was posted and not yet told, on the
 * lane's arena. Must never invite an address again without having asked what became of the last
 * order, and never tell a figure twice as if it were new. */
#include "adapters/cisco_mcu.h"

#include "adapters/connect.h"
#include "adapters/wire/trace.h"
#include "base/buf.h"
#include "base/str.h"

#include <string.h>

enum { MOST_LEGS = 5000 };

static bool
take_posted(const struct lane *l, const char *id, struct media_sample *out)
{
	struct cisco_known *p = cisco_known(l, id);
	if (!p || !p->fresh)
		return false;
	*out = p->media;
	p->fresh = false;
	return true;
}

/*  < participantDiagnosticResponse { sourceIdentifier: what we gave, audioRx [ {} ], ... }  */
enum err
tps_take(struct task *t, struct lane *l, const struct xmlrpc *posted)
{
	struct cisco_session *s = l->session;
	struct media_sample media = { 0 };
	const char *id = xmlrpc_text(posted, "sourceIdentifier", "");
	if (!s || str_empty(id) || strlen(id) >= sizeof s->known->id)
		return task_fail(
			t, ERR_PROTOCOL, "a diagnosis of %s names nobody", l->device->name);
	struct cisco_known *p = cisco_known(l, id);
	/* Only what we asked for: who posts must not fill our memory. */
	if (!p || !p->asked)
		return task_fail(t, ERR_PROTOCOL, "a diagnosis of %s that nobody asked for",
			l->device->name);
	if (!tps_media(posted, &media))
		return OK;
	p->media = media;
	p->fresh = true;
	return OK;
}

/* Without what was posted: that is told once, to who asks for it.
 *  > conference.status { conferenceGUID [, enumerateID] }
 *  < { [participantList [ {} ]] [, enumerateID: more] }  */
static enum err
list(struct task *t, struct lane *l, const struct conference *c, struct roster *out)
{
	struct cisco_pages pages = { 0 };
	size_t cap = 0;
	bool more = true;
	*out = (struct roster){ 0 };
	while (more) {
		struct buf call = { 0 };
		const struct xmlrpc *i;
		cisco_begin(l, &call, "conference.status");
		xmlrpc_add_string(&call, "conferenceGUID", c->id);
		enum err e =
			cisco_page(t, l, &pages, &call, "participantList", "list legs", &i, &more);
		if (e)
			return e;
		for (; i; i = i->next) {
			struct leg leg;
			if (tps_leg(i, &leg))
				cisco_roster_add(t->arena, out, &cap, &leg);
		}
		if (more && out->n >= MOST_LEGS)
			return cisco_endless(t, l, "list legs");
	}
	return OK;
}

/*  > participant.set { participantGUID, rxAudioMute }: what the box receives from it  */
enum err
tps_mute(struct task *t, struct lane *l, const struct leg *leg, bool on)
{
	struct buf call = { 0 };
	cisco_begin(l, &call, "participant.set");
	xmlrpc_add_string(&call, "participantGUID", leg->id);
	xmlrpc_add_bool(&call, "rxAudioMute", on);
	return cisco_again(t, l, &call, on ? "mute" : "unmute", NULL);
}

/* Dialled to be muted, and up now: the invitation has no word for it. Then what was posted. */
static void
seen_up(struct task *t, struct lane *l, const struct conference *c, struct leg *leg)
{
	struct cisco_known *k = cisco_known(l, leg->id);
	if (!k || leg->state != LEG_UP)
		return;
	leg->sampled = take_posted(l, leg->id, &leg->media);
	if (!k->to_mute)
		return;
	k->to_mute = false;
	if (leg->muted == YES)
		return;
	if (tps_mute(t, l, leg, true) == OK)
		leg->muted = YES;
	else
		task_forgive(t); /* its list says how it is, where it does */
}

enum err
tps_roster(struct task *t, struct lane *l, const struct conference *c, struct roster *out)
{
	enum err e = list(t, l, c, out);
	for (size_t i = 0; e == OK && i < out->n; i++) {
		cisco_settle(l, &out->legs[i]);
		seen_up(t, l, c, &out->legs[i]);
	}
	return e;
}

enum err
tps_look(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct leg *out)
{
	struct roster all;
	enum err e = list(t, l, c, &all);
	for (size_t i = 0; e == OK && i < all.n; i++) {
		if (!str_eq(all.legs[i].id, leg->id))
			continue;
		*out = all.legs[i];
		seen_up(t, l, c, out);
		return OK;
	}
	return e ? e
		 : task_fail(t, ERR_GONE, "ask for %s on %s: it is not listed", leg->name,
			   l->device->name);
}

static enum err
uninvite(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	const char *what)
{
	struct buf call = { 0 };
	cisco_begin(l, &call, "conference.uninvite");
	xmlrpc_add_string(&call, "conferenceGUID", c->id);
	xmlrpc_add_string(&call, "participantListGUID", leg->id);
	return cisco_again(t, l, &call, what, NULL);
}

enum err
tps_hangup(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg)
{
	return uninvite(t, l, c, leg, "hang up");
}

/* What is listed may lack the scheme that we dial with: the rest counts. */
static bool
is_at(const struct leg *leg, const char *address)
{
	const char *protocol, *own, *want;
	cisco_address(leg->address, &protocol, &own);
	cisco_address(address, &protocol, &want);
	return str_eq_nocase(own, want);
}

/* The leg at this address; ERR_GONE: none. */
static enum err
at_address(struct task *t, struct lane *l, const struct conference *c, const char *address,
	struct leg *out)
{
	struct roster all;
	enum err e = list(t, l, c, &all);
	if (e)
		return e;
	for (size_t i = 0; i < all.n; i++)
		if (is_at(&all.legs[i], address)) {
			*out = all.legs[i];
			return OK;
		}
	return task_fail(t, ERR_GONE, "no leg at %s on %s", address, l->device->name);
}

/*  > conference.invite { conferenceGUID, participants [ { address, deferConnect 0,
 *                        autoReconnect 0 [, maxBitRate kbps] } ] }
 *  < { participantList [ { participantGUID, address } ] }  */
static enum err
invite(struct task *t, struct lane *l, const struct conference *c, const char *address,
	const struct dial *d, struct leg *out, struct xmlrpc_fault *fault)
{
	struct buf call = { 0 };
	const struct xmlrpc *v;
	cisco_begin(l, &call, "conference.invite");
	xmlrpc_add_string(&call, "conferenceGUID", c->id);
	xmlrpc_open_array(&call, "participants");
	xmlrpc_open_struct(&call, NULL);
	xmlrpc_add_string(&call, "address", address);
	xmlrpc_add_bool(&call, "deferConnect", false);
	xmlrpc_add_bool(&call, "autoReconnect", false);
	if (d->kbps > 0)
		xmlrpc_add_int(&call, "maxBitRate", d->kbps);
	xmlrpc_close_struct(&call);
	xmlrpc_close_array(&call);
	enum err e = cisco_once(t, l, &call, &v, fault);
	buf_free(&call);
	if (e || fault->code)
		return e;
	const struct xmlrpc *made = xmlrpc_get(v, "participantList");
	if (!made || !made->first || !tps_leg(made->first, out))
		return at_address(t, l, c, address, out);
	out->state = LEG_DIALING;
	str_copy(out->address, sizeof out->address, address);
	return OK;
}

static enum err
to_mute(const struct lane *l, const struct dial *d, const struct leg *leg, enum err e)
{
	struct cisco_known *k = e == OK && d->muted ? cisco_keep(l, leg->id) : NULL;
	if (k)
		k->to_mute = true;
	return e;
}

/* This box knows no names of ours and calls whatever it is told to, twice if told twice: so the
 * list is asked first.
 * list -> connected at this address: that is the leg
 *      -> listed, not known to be up: taken away, invited anew
 *      -> nobody: invite -> cut off -> list -> there: that is the leg
 *                                           -> nobody: invite, this once */
enum err
tps_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out)
{
	char address[TPS_ADDRESS_MAX + 1];
	struct xmlrpc_fault fault;
	if (!tps_address(d->address, address))
		return task_fail(t, ERR_INPUT,
			"dial %s on %s: no one address of %d characters at most", d->address,
			l->device->name, TPS_ADDRESS_MAX);
	if (d->audio_only)
		return task_fail(t, ERR_UNSUPPORTED,
			"dial %s on %s: this server cannot dial without video", d->address,
			l->device->name);
	enum err e = at_address(t, l, c, address, out);
	if (e == OK && out->state == LEG_UP)
		return OK;
	if (e == OK)
		e = uninvite(t, l, c, out, "replace a leg");
	if (e && e != ERR_GONE)
		return e;
	for (int round = 0; round < 2; round++) {
		task_forgive(t);
		e = invite(t, l, c, address, d, out, &fault);
		if (!device_cut_off(t, e))
			return e == OK && fault.code ? cisco_deny(t, l, &fault, d->address)
						     : to_mute(l, d, out, e);
		task_forgive(t);
		e = at_address(t, l, c, address, out);
		if (e != ERR_GONE)
			return to_mute(l, d, out, e);
	}
	return task_fail(t, ERR_TIMEOUT, "dial %s on %s: the device did not keep the order",
		d->address, l->device->name);
}

/* Where the device has one session (width 1): the same figures told by two would look like counters
 * that stand still. The answer says only that figures will come; they are posted to our listener a
 * moment later, and told by the next question or list, each once. A version that answers at once is
 * taken at its word.
 *  > participant.diagnostics { participantGUID, receiverURI U/RPC2, sourceIdentifier: that GUID }
 *  < {}  */
enum err
tps_sample(struct task *t, struct lane *l, const struct leg *leg, struct media_sample *out)
{
	const char *url = l->device->push_url, *secret = url ? strrchr(url, '/') : NULL;
	struct buf call = { 0 };
	const struct xmlrpc *v;
	*out = (struct media_sample){ 0 };
	if (!url)
		return task_fail(t, ERR_UNSUPPORTED,
			"measure %s on %s: it posts its figures, and there is no <listen>",
			leg->name, l->device->name);
	if (l->device->width > 1) /* a post goes to every session */
		return task_fail(t, ERR_UNSUPPORTED,
			"measure %s on %s: it posts its figures, which wants width=\"1\"",
			leg->name, l->device->name);
	trace_secret(t->trace, secret ? secret + 1 : url);
	trace_secret(t->trace, l->device->password);
	struct cisco_known *k = cisco_keep(l, leg->id);
	if (!k)
		return task_fail(
			t, ERR_BUSY, "measure %s on %s: too many legs", leg->name, l->device->name);
	k->asked = true;
	cisco_begin(l, &call, "participant.diagnostics");
	xmlrpc_add_string(&call, "participantGUID", leg->id);
	xmlrpc_add_string(&call, "receiverURI", arena_printf(t->arena, "%s/RPC2", url));
	xmlrpc_add_string(&call, "sourceIdentifier", leg->id);
	enum err e = cisco_again(t, l, &call, "measure a leg", &v);
	if (e == OK && !tps_media(v, out))
		take_posted(l, leg->id, out);
	return e;
}

enum err
tps_reason(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct ending *out)
{
	struct leg now;
	*out = (struct ending){ 0 };
	enum err e = tps_look(t, l, c, leg, &now);
	const struct cisco_known *k = cisco_known(l, leg->id);
	if (e == OK && (now.state == LEG_UP || !k || k->was_up))
		return device_not_ended(t, l, leg);
	if (e && e != ERR_GONE)
		return e;
	task_forgive(t);
	return task_fail(t, ERR_GONE, "why %s ended on %s: this server tells no reasons", leg->name,
		l->device->name);
}
