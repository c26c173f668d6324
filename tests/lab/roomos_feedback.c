/* HttpFeedback of a simulated Cisco codec: four slots, each with an address and expressions, and
 * what is to be posted there. Called by roomos_command.c, roomos_status.c and roomos_post.c under
 * the fleet's lock. Owns the slots and the bodies that wait. Must never touch a socket.
 *
 *   API guides TC6 to CE9.2, "Feedback from codec over HTTP": slots 1 to 4, up to 15 expressions,
 * XML by POST; slot 3 is TMS's. SX20 administrator guide CE9.2, "Get a new HTTPFeedback address":
 * without a response an event is sent again up to 10 times, a second apart, then the address is
 * deleted. Captured: the bodies of CE 8.2 and 9.8, with Identification and item="1" throughout an
 * event; a call that goes is a ghost first, then CallDisconnect. Captured: xStatus HttpFeedback
 * with Expression, Format, Status, URL. Our own reading: bodies of TC have no Identification (the
 * event as drivers read it); the slots are gone after a restart. Format JSON is not spoken here. */
#include "codec.h"
#include "log.h"
#include "roomos.h"

#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { EXPRESSIONS = 15, POSTS = 24, TRIES = 10, TRY_MS = 1000 };

struct slot {
	char url[256];
	char expression[EXPRESSIONS][80];
	int n;
	struct buf post[POSTS];
	int posts, tries;
	int64_t next; /* the first of them, not before */
};

struct roomos_feedback {
	int64_t boot;
	struct slot slot[ROOMOS_SLOTS];
	enum phase seen; /* as last told */
	int seen_call;
	bool seen_mute;
};

static void
empty(struct slot *k)
{
	for (int i = 0; i < k->posts; i++)
		buf_free(&k->post[i]);
	*k = (struct slot){ 0 };
}

void
roomos_feedback_free(struct site *s)
{
	for (int i = 0; s->feedback && i < ROOMOS_SLOTS; i++)
		empty(&s->feedback->slot[i]);
	free(s->feedback);
	s->feedback = NULL;
}

/* Whoever was there before us: TMS in slot 3 of every second box; others in all of them. */
static void
preset(const struct site *s, struct roomos_feedback *f)
{
	for (int i = 0; i < ROOMOS_SLOTS; i++) {
		bool tms = i == 2 && s->plan->ordinal % 2 == 0;
		if (!tms && !s->plan->feedback_full)
			continue;
		snprintf(f->slot[i].url, sizeof f->slot[i].url, "http://%s.example/feedback/%d",
			tms ? "tms" : "khac", i + 1);
		str_copy(f->slot[i].expression[0], sizeof f->slot[i].expression[0],
			"/Event/CallDisconnect");
		f->slot[i].n = 1;
	}
}

static struct roomos_feedback *
slots_of(struct site *s, int64_t now)
{
	if (s->feedback && s->feedback->boot != site_boot(s, now))
		roomos_feedback_free(s);
	if (s->feedback)
		return s->feedback;
	struct roomos_feedback *f = s->feedback = xalloc(sizeof *f);
	*f = (struct roomos_feedback){
		.boot = site_boot(s, now), .seen = PHASE_DISCONNECTED, .seen_mute = s->mic_muted
	};
	if (roomos_call_shown(s, now)) {
		f->seen = s->leg->phase;
		f->seen_call = s->leg->call_id;
	}
	preset(s, f);
	return f;
}

void
roomos_slot_set(struct site *s, int slot, const char *url, const char *const *expressions, int n,
	int64_t now)
{
	struct slot *k = &slots_of(s, now)->slot[slot - 1];
	char number[8];
	empty(k);
	str_copy(k->url, sizeof k->url, url);
	for (k->n = 0; k->n < n && k->n < EXPRESSIONS; k->n++)
		str_copy(k->expression[k->n], sizeof k->expression[0], expressions[k->n]);
	snprintf(number, sizeof number, "%d", slot);
	lab_log(now, "feedback-receiver", s->plan->id, "slot", number, "uri", *url ? url : NULL,
		NULL);
}

static xmlNode *
numbered(xmlNode *in, const char *name, int i)
{
	char text[16];
	xmlNode *n = xmlNewChild(in, NULL, BAD_CAST name, NULL);
	snprintf(text, sizeof text, "%d", i);
	xmlNewProp(n, BAD_CAST "item", BAD_CAST text);
	xmlNewProp(n, BAD_CAST "maxOccurrence", BAD_CAST "n");
	return n;
}

void
roomos_write_slots(xmlNode *r, struct site *s, int64_t now)
{
	const struct roomos_feedback *f = slots_of(s, now);
	for (int i = 0; i < ROOMOS_SLOTS; i++) {
		const struct slot *k = &f->slot[i];
		if (!k->url[0])
			continue;
		xmlNode *n = numbered(r, "HttpFeedback", i + 1);
		for (int e = 0; e < k->n; e++)
			xmlNodeAddContent(
				numbered(n, "Expression", e + 1), BAD_CAST k->expression[e]);
		if (!s->plan->old_tc) {
			roomos_put(n, "Format", "XML");
			roomos_put(n, "Status", "OK");
		}
		roomos_put(n, "URL", k->url);
	}
}

/* ---- what is told ---- */

static void
leaf(xmlNode *in, bool items, const char *name, const char *value)
{
	xmlNode *n = xmlNewTextChild(in, NULL, BAD_CAST name, BAD_CAST value);
	if (items)
		xmlNewProp(n, BAD_CAST "item", BAD_CAST "1");
}

/* Guide: Type, Origin and Code tell who ended it; Value is the box's own */
xmlDoc *
roomos_disconnect(const struct site *s, int call, bool items)
{
	const struct past_call *p = s->past_n ? &s->past[(s->past_n - 1) % LAB_PAST_CALLS] : NULL;
	char id[16], lasted[24];
	bool room = p && str_eq(p->why, "remoteTeardown"),
	     sip = str_starts(s->plan->address, "sip:");
	const char *type = room					 ? "LocalDisconnect"
			   : p && str_eq(p->why, "networkError") ? "NetworkRejected"
								 : "RemoteDisconnect";
	xmlDoc *d = xmlNewDoc(BAD_CAST "1.0");
	xmlNode *r = xmlNewDocNode(d, NULL, BAD_CAST "Event", NULL);
	xmlDocSetRootElement(d, r);
	xmlNode *c = xmlNewChild(r, NULL, BAD_CAST "CallDisconnect", NULL);
	if (items)
		xmlNewProp(c, BAD_CAST "item", BAD_CAST "1");
	snprintf(id, sizeof id, "%d", call);
	snprintf(lasted, sizeof lasted, "%lld",
		p && p->connected ? (long long)(p->ended - p->connected) / 1000 : 0LL);
	leaf(c, items, "CauseValue", room ? "1" : "6");
	leaf(c, items, "CauseType", type);
	leaf(c, items, "CauseString", "");
	leaf(c, items, "OrigCallDirection", p && p->incoming ? "outgoing" : "incoming");
	leaf(c, items, "RemoteURI", p && p->host ? p->host : "");
	leaf(c, items, "CallId", id);
	leaf(c, items, "CauseCode", room ? "0" : "16");
	leaf(c, items, "CauseOrigin", room ? "Internal" : sip ? "SIP" : "Q850");
	if (!s->plan->old_tc) /* captured: of CE 9.8, not yet in the guide of TC7 */
		leaf(c, items, "Duration", lasted);
	return d;
}

static void
identify(xmlNode *root, const struct site *s)
{
	const struct roomos_model *m = roomos_model(s);
	char serial[40];
	snprintf(serial, sizeof serial, "FOC%08d", 26410000 + s->plan->ordinal);
	xmlNode *n = xmlNewNode(NULL, BAD_CAST "Identification");
	roomos_put(n, "SystemName", s->plan->name);
	roomos_put(n, "IPAddress", s->plan->ip);
	roomos_put(n, "ProductType", "Cisco Codec");
	roomos_put(n, "ProductID", m->product);
	roomos_put(n, "SWVersion", m->version);
	roomos_put(n, "SerialNumber", serial);
	if (root->children)
		xmlAddPrevSibling(root->children, n);
	else
		xmlAddChild(root, n);
}

/* Whether somebody asked for this, or for a part of it, or for what it is a part of. */
static bool
posts_about(const struct slot *k, const char *path)
{
	for (int i = 0; k->url[0] && i < k->n; i++) {
		const char *f = k->expression[i] + strspn(k->expression[i], "/");
		size_t a = strlen(f), b = strlen(path);
		if (strncasecmp(f, path, a < b ? a : b) == 0 &&
			(a == b || (a < b ? path[a] : f[b]) == '/'))
			return true;
	}
	return false;
}

/* Takes the document. */
static void
tell(struct site *s, const char *path, xmlDoc *d)
{
	if (!s->plan->old_tc)
		identify(xmlDocGetRootElement(d), s);
	for (int i = 0; i < ROOMOS_SLOTS; i++) {
		struct slot *k = &s->feedback->slot[i];
		if (posts_about(k, path) && k->posts < POSTS)
			roomos_write_xml(xmlDocGetRootElement(d), &k->post[k->posts++]);
	}
	xmlFreeDoc(d);
}

static xmlNode *
status(xmlDoc **out)
{
	*out = xmlNewDoc(BAD_CAST "1.0");
	xmlNode *r = xmlNewDocNode(*out, NULL, BAD_CAST "Status", NULL);
	xmlDocSetRootElement(*out, r);
	return r;
}

static void
tell_call(struct site *s, int call, const char *state)
{
	xmlDoc *d;
	xmlNode *c = numbered(status(&d), "Call", call);
	if (state)
		roomos_put(c, "Status", state);
	else
		xmlNewProp(c, BAD_CAST "ghost", BAD_CAST "True");
	tell(s, "Status/Call", d);
}

static void
tell_mute(struct site *s)
{
	xmlDoc *d;
	xmlNode *a = xmlNewChild(status(&d), NULL, BAD_CAST "Audio", NULL);
	roomos_put(xmlNewChild(a, NULL, BAD_CAST "Microphones", NULL), "Mute",
		s->mic_muted ? "On" : "Off");
	tell(s, "Status/Audio/Microphones/Mute", d);
}

void
roomos_feedback_watch(struct site *s, int64_t now)
{
	if (!s->feedback || !site_powered(s, now))
		return;
	struct roomos_feedback *f = slots_of(s, now);
	bool shown = roomos_call_shown(s, now);
	enum phase phase = shown ? s->leg->phase : PHASE_DISCONNECTED;
	bool other = shown && f->seen != PHASE_DISCONNECTED && s->leg->call_id != f->seen_call;
	if (s->mic_muted != f->seen_mute)
		tell_mute(s);
	f->seen_mute = s->mic_muted;
	if (f->seen != PHASE_DISCONNECTED && (phase == PHASE_DISCONNECTED || other)) {
		tell_call(s, f->seen_call, NULL);
		tell(s, "Event/CallDisconnect", roomos_disconnect(s, f->seen_call, true));
	}
	if (shown && (phase != f->seen || other))
		tell_call(s, s->leg->call_id,
			codec_in_call(s)   ? "Connected"
			: s->leg->incoming ? "Dialling"
					   : "Ringing");
	f->seen = phase;
	if (shown)
		f->seen_call = s->leg->call_id;
}

/* ---- posting ---- */

bool
roomos_feedback_due(struct site *s, int slot, int64_t now, char url[256], struct buf *body)
{
	if (!s->feedback || !site_powered(s, now))
		return false;
	const struct slot *k = &slots_of(s, now)->slot[slot - 1];
	if (!k->posts || now < k->next)
		return false;
	if (url) {
		str_copy(url, 256, k->url);
		buf_add(body, k->post[0].at, k->post[0].n);
	}
	return true;
}

void
roomos_feedback_posted(struct site *s, int slot, bool answered, int64_t now)
{
	struct slot *k = &slots_of(s, now)->slot[slot - 1];
	char number[8];
	if (!k->posts)
		return; /* it was registered anew meanwhile */
	k->next = now + TRY_MS;
	if (!answered && ++k->tries <= TRIES)
		return;
	if (!answered) {
		snprintf(number, sizeof number, "%d", slot);
		lab_log(now, "feedback-given-up", s->plan->id, "slot", number, NULL);
		empty(k);
		return;
	}
	buf_free(&k->post[0]);
	memmove(k->post, k->post + 1, (size_t)--k->posts * sizeof k->post[0]);
	k->post[k->posts] = (struct buf){ 0 };
	k->next = 0;
	k->tries = 0;
}
