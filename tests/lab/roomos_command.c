/* The orders of a simulated Cisco codec. Called by roomos_http.c and roomos_tsh.c under the fleet's
 * lock. Owns nothing. An order that is accepted is not yet obeyed: a call is seen in the status
 * only, and later. */
#include "roomos.h"

#include "codec.h"
#include "log.h"

#include "base/instant.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>

struct order {
	struct site *site;
	xmlNode *args, *result;
	int64_t now;
};

static void
verdict(struct order *o, const char *status)
{
	xmlSetProp(o->result, BAD_CAST "status", BAD_CAST status);
}

static bool
argument(const struct order *o, const char *name, char *out, size_t size)
{
	for (xmlNode *c = o->args ? xmlFirstElementChild(o->args) : NULL; c;
		c = xmlNextElementSibling(c))
		if (str_eq_nocase((const char *)c->name, name)) {
			xmlChar *v = xmlNodeGetContent(c);
			str_copy(out, size, (const char *)v);
			xmlFree(v);
			return true;
		}
	out[0] = '\0';
	return false;
}

static void
dial(struct order *o)
{
	char number[300];
	if (!argument(o, "Number", number, sizeof number) || !number[0]) {
		verdict(o, "ParameterError");
		return;
	}
	int id = o->site->leg ? o->site->leg->call_id + 1 : o->site->calls + 1;
	codec_dial(o->site, number, o->now);
	roomos_put_n(o->result, "CallId",
		o->site->leg && o->site->leg->call_id >= id ? o->site->leg->call_id : id);
	roomos_put_n(o->result, "ConferenceId", 1);
}

static void
no_call(struct order *o)
{
	verdict(o, "Error");
	roomos_put_n(o->result, "Cause", 3);
	roomos_put(o->result, "Description", "No active call");
}

static void
disconnect(struct order *o)
{
	char id[32];
	int64_t want = 0;
	bool named = argument(o, "CallId", id, sizeof id);
	if (named && !str_to_int(id, 0, INT32_MAX, &want)) {
		verdict(o, "ParameterError");
		return;
	}
	if (!o->site->leg || (want && want != o->site->leg->call_id))
		no_call(o);
	else
		codec_hang_up(o->site, o->now);
}

/* Ringing is answered by the plan of the scenario alone, so only its refusal is obeyed. */
static void
reject(struct order *o)
{
	if (!o->site->leg || codec_in_call(o->site))
		no_call(o);
	else
		codec_hang_up(o->site, o->now);
}

static void
mute(struct order *o)
{
	codec_set_mic(o->site, true, o->now);
}

static void
unmute(struct order *o)
{
	codec_set_mic(o->site, false, o->now);
}

static void
set_volume(struct order *o)
{
	char level[16];
	int64_t v;
	if (!argument(o, "Level", level, sizeof level) || !str_to_int(level, 0, 100, &v))
		verdict(o, "ParameterError");
}

static bool
slot_number(struct order *o, int64_t *out)
{
	char text[16];
	if (argument(o, "FeedbackSlot", text, sizeof text) &&
		str_to_int(text, 1, ROOMOS_SLOTS, out))
		return true;
	verdict(o, "ParameterError");
	return false;
}

/* Guide: it takes the slot it is told, whoever had it; from 1 to 15 expressions, as
 * <Expression item="1"> or Expression[1]: */
static void
register_feedback(struct order *o)
{
	enum { MOST = 15 };
	char url[256];
	xmlChar *text[MOST];
	int n = 0;
	int64_t slot;
	if (!slot_number(o, &slot))
		return;
	if (!argument(o, "ServerUrl", url, sizeof url) || !url[0]) {
		verdict(o, "ParameterError");
		return;
	}
	for (xmlNode *c = xmlFirstElementChild(o->args); c && n < MOST;
		c = xmlNextElementSibling(c))
		if (str_starts((const char *)c->name, "Expression"))
			text[n++] = xmlNodeGetContent(c);
	if (n)
		roomos_slot_set(o->site, (int)slot, url, (const char *const *)text, n, o->now);
	else
		verdict(o, "ParameterError");
	while (n)
		xmlFree(text[--n]);
}

static void
deregister_feedback(struct order *o)
{
	int64_t slot;
	if (slot_number(o, &slot))
		roomos_slot_set(o->site, (int)slot, "", NULL, 0, o->now);
}

/* SX20 API Reference Guide TC7.0 (D14949.08), CE8.3 (D15316.05): Text up to 255 (read as bytes),
 * Duration 0 to 3600 seconds; without one, or with 0, it stays. */
static void
show_text(struct order *o)
{
	char text[1100], duration[16];
	int64_t s;
	bool said = argument(o, "Text", text, sizeof text);
	bool timed = argument(o, "Duration", duration, sizeof duration);
	if (!said || strlen(text) > 255 || (timed && !str_to_int(duration, 0, 3600, &s))) {
		verdict(o, "ParameterError");
		return;
	}
	lab_log(o->now, "codec-message", o->site->plan->id, "text", text, NULL);
}

static void
nothing(struct order *o)
{
}

/* ---- CallHistory ---- */

static void
losses(xmlNode *in, const char *way, int64_t lost, int64_t got)
{
	char text[64];
	int64_t all = lost + got;
	xmlNode *n = xmlNewChild(in, NULL, BAD_CAST way, NULL);
	roomos_put_n(n, "MaxJitter", got ? 12 : 0);
	/* captured: "0/350", lost of all */
	snprintf(text, sizeof text, "%lld/%lld", (long long)lost, (long long)all);
	roomos_put(n, "PacketLoss", text);
	roomos_put_n(n, "PacketLossPercent", all ? lost * 100 / all : 0);
}

/* Guide: Local, the room ended it; Remote, the other side; Network, the path between */
static void
cause(xmlNode *e, const char *why, bool sip)
{
	bool room = str_eq(why, "remoteTeardown"), path = str_eq(why, "networkError");
	bool nobody = str_eq(why, "noAnswer");
	roomos_put(e, "DisconnectCause",
		room	 ? ""
		: path	 ? "Media timeout"
		: nobody ? "No answer"
			 : "Normal disconnect");
	roomos_put_n(e, "DisconnectCauseCode",
		room	 ? 0
		: path	 ? 408
		: nobody ? 480
		: sip	 ? 200
			 : 16);
	roomos_put(e, "DisconnectCauseOrigin", room ? "Internal" : sip ? "SIP" : "Q850");
	roomos_put(e, "DisconnectCauseType",
		room	 ? "LocalDisconnect"
		: path	 ? "NetworkRejected"
		: nobody ? "OtherLocal"
			 : "RemoteDisconnect");
}

static void
write_entry(struct order *o, int i, const struct past_call *p, int64_t days, bool full)
{
	char text[16], when[INSTANT_SIZE];
	bool sip = str_starts(o->site->plan->address, "sip:");
	xmlNode *e = xmlNewChild(o->result, NULL, BAD_CAST "Entry", NULL);
	snprintf(text, sizeof text, "%d", i);
	xmlNewProp(e, BAD_CAST "item", BAD_CAST text);
	xmlNewProp(e, BAD_CAST "maxOccurrence", BAD_CAST "n");
	roomos_put_n(e, "CallHistoryId", 500 + p->call_id + days);
	roomos_put_n(e, "CallId", p->call_id);
	roomos_put_n(e, "DaysAgo", days);
	roomos_put(e, "Direction", p->incoming ? "Outgoing" : "Incoming");
	roomos_put(e, "DisplayName", p->name ? p->name : "");
	roomos_put_n(e, "Duration", p->connected ? (p->ended - p->connected) / 1000 : 0);
	roomos_put(
		e, "OccurrenceType", p->connected ? p->incoming ? "Placed" : "Received" : "Missed");
	roomos_put(e, "Protocol", sip ? "SIP" : "H323");
	roomos_put(e, "RemoteNumber", p->host ? p->host : "");
	/* read so by drivers in use; by the box's own clock */
	roomos_put(e, "StartTime",
		instant_local(
			roomos_clock(o->site, p->dialed), "%Y-%m-%dT%H:%M:%S", when, sizeof when));
	roomos_put(e, "StartTimeUTC", instant_utc(roomos_clock(o->site, p->dialed), when));
	roomos_put(e, "EndTime",
		instant_local(
			roomos_clock(o->site, p->ended), "%Y-%m-%dT%H:%M:%S", when, sizeof when));
	roomos_put(e, "EndTimeUTC", instant_utc(roomos_clock(o->site, p->ended), when));
	cause(e, p->why, sip);
	static const char *const media[2] = { "Audio", "Video" };
	for (int m = 0; full && p->connected && m < 2; m++) {
		xmlNode *n = xmlNewChild(e, NULL, BAD_CAST media[m], NULL);
		losses(n, "Incoming", p->media.lost[m][1], p->media.packets[m][1]);
		losses(n, "Outgoing", p->media.lost[m][0],
			p->media.packets[m][0] + p->media.lost[m][0]);
	}
}

/* Captured: the newest first; call ids repeat over the days */
static void
call_history(struct order *o)
{
	const struct site *s = o->site;
	char level[16], limit[16];
	int i = 0;
	int64_t most = INT32_MAX;
	argument(o, "DetailLevel", level, sizeof level);
	if (argument(o, "Limit", limit, sizeof limit) && !str_to_int(limit, 0, INT32_MAX, &most)) {
		verdict(o, "ParameterError");
		return;
	}
	unsigned kept = s->past_n < LAB_PAST_CALLS ? s->past_n : LAB_PAST_CALLS;
	for (unsigned k = 0; k < kept && i < most; k++) {
		const struct past_call *p = &s->past[(s->past_n - 1 - k) % LAB_PAST_CALLS];
		write_entry(
			o, i++, p, (o->now - p->dialed) / 86400000, str_eq_nocase(level, "Full"));
	}
	struct past_call old = { .call_id = 34,
		.dialed = s->lab_start - 2 * 86400000LL,
		.why = "remoteTeardown",
		.name = "phien cu",
		.host = "127.0.0.1" };
	old.connected = old.dialed + 4000;
	old.ended = old.connected + 600000;
	if (i < most)
		write_entry(o, i, &old, 2, false);
}

static const struct order_word {
	const char *path;
	void (*run)(struct order *o);
} orders[] = {
	{ "Dial", dial },
	{ "Call/Disconnect", disconnect },
	{ "Call/DisconnectAll", disconnect },
	{ "Call/Reject", reject },
	{ "Call/Accept", nothing },
	{ "Audio/Microphones/Mute", mute },
	{ "Audio/Microphones/Unmute", unmute },
	{ "Audio/Volume/Set", set_volume },
	{ "Audio/Sound/Play", nothing },
	{ "CallHistory/Get", call_history },
	{ "HttpFeedback/Register", register_feedback },
	{ "HttpFeedback/Deregister", deregister_feedback },
	{ "Standby/Deactivate", nothing },
	{ "Standby/Activate", nothing },
	{ "Message/Alert/Display", show_text },
	{ "UserInterface/Message/Alert/Display", show_text },
};

/* Captured: a result is named after the last two words of its path */
static void
result_name(const char *path, char *out, size_t size)
{
	const char *last = strrchr(path, '/'), *before = last;
	while (before && before > path && before[-1] != '/')
		before--;
	if (last)
		snprintf(out, size, "%.*s%sResult", (int)(last - before), before, last + 1);
	else
		snprintf(out, size, "%sResult", path);
}

/* Guides: DisconnectAll is TC's alone; texts moved below UserInterface with CE. */
static bool
is_there(const struct order_word *w, bool old_tc)
{
	if (str_eq(w->path, "Call/DisconnectAll"))
		return old_tc;
	return w->run != show_text || str_starts(w->path, "Message") == old_tc;
}

xmlDoc *
roomos_command(struct site *s, const char *path, xmlNode *args, int64_t now)
{
	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
		if (!str_eq_nocase(orders[i].path, path) || !is_there(&orders[i], s->plan->old_tc))
			continue;
		char name[80];
		result_name(orders[i].path, name, sizeof name);
		xmlDoc *d = xmlNewDoc(BAD_CAST "1.0");
		xmlNode *r = xmlNewDocNode(d, NULL, BAD_CAST "Command", NULL);
		xmlDocSetRootElement(d, r);
		struct order o = { s, args, xmlNewChild(r, NULL, BAD_CAST name, NULL), now };
		verdict(&o, "OK");
		orders[i].run(&o);
		return d;
	}
	return NULL;
}
