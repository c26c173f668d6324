/* Cisco TelePresence MCU (Codian): its nouns. Tables of words, fields and faults, and the pure
 * functions that turn one XML-RPC value into a leg, a sample or an ending.
 *
 * Called by cisco_mcu.c, the talks and the fuzzer. Owns nothing, does no I/O. Must never trust a
 * type: this family sends numbers and booleans as bare text too, and leaves out what does not
 * apply. */
#include "adapters/cisco_mcu.h"

#include "adapters/internal.h"
#include "base/str.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- words of the device --------------------------------------------------------------------- */

/* disconnectReason. Capitals differ between versions, the list grows with them: unknown is no
 * error. */
const struct cause_word cisco_mcu_causes[] = {
	{ "remoteTeardown", CAUSE_SITE_HANGUP },
	{ "disconnectAll", CAUSE_OUR_HANGUP },
	{ "moved", CAUSE_OUR_HANGUP },
	{ "noAnswer", CAUSE_NO_ANSWER },
	{ "busy", CAUSE_BUSY },
	{ "rejected", CAUSE_REJECTED },
	{ "rejectedImmediately", CAUSE_REJECTED },
	{ "dnsFailed", CAUSE_WRONG_ADDRESS },
	{ "noGatekeeperForDN", CAUSE_WRONG_ADDRESS },
	{ "capabilityNegotiationError", CAUSE_INCOMPATIBLE },
	{ "h225DecodeError", CAUSE_INCOMPATIBLE },
	{ "h225ProtocolError", CAUSE_INCOMPATIBLE },
	{ "h245DecodeError", CAUSE_INCOMPATIBLE },
	{ "protocolError", CAUSE_INCOMPATIBLE },
	{ "q931DecodeError", CAUSE_INCOMPATIBLE },
	{ "q931ProtocolError", CAUSE_INCOMPATIBLE },
	{ "destinationUnreachable", CAUSE_UNREACHABLE },
	{ "failedToConnectToServer", CAUSE_UNREACHABLE },
	{ "h225SocketError", CAUSE_NETWORK },
	{ "networkError", CAUSE_NETWORK },
	{ "portAllocationExceeded", CAUSE_MCU },
	{ "remoteGatewayResources", CAUSE_GATEKEEPER },
	{ "gatekeeperEnded", CAUSE_GATEKEEPER },
	{ "gatekeeperError", CAUSE_GATEKEEPER },
	{ "gatekeeperForced", CAUSE_GATEKEEPER },
	{ "gatekeeperRequiredButAbsent", CAUSE_GATEKEEPER },
	{ "remoteGatekeeperRefused", CAUSE_GATEKEEPER },
	{ "remoteGatekeeperUnreachable", CAUSE_GATEKEEPER },
	{ "authenticationFailed", CAUSE_AUTH },
	/* serviceUnavailable: far end or registrar, the word alone does not tell: stays unknown. */
	{ NULL, CAUSE_UNKNOWN },
};

/* callStateEx tells ringing from proceeding, callState does not: its "alerting" proves no
 * ringing. */
static const struct {
	const char *word;
	enum leg_state state;
} states_ex[] = {
	{ "dormant", LEG_NEW },
	{ "proceeding", LEG_DIALING },
	{ "pending", LEG_DIALING },
	{ "alerting", LEG_RINGING },
	{ "connected", LEG_UP },
	{ "disconnected", LEG_GONE },
}, states[] = {
	{ "dormant", LEG_NEW },
	{ "alerting", LEG_DIALING },
	{ "connected", LEG_UP },
	{ "disconnected", LEG_GONE },
};

/* faultCode -> class. What is not listed is a plain no. */
static const struct {
	int code;
	enum err err;
} faults[] = {
	{ 1, ERR_UNSUPPORTED },   /* method not known */
	{ 4, ERR_GONE },          /* no such conference */
	{ 5, ERR_GONE },          /* no such participant */
	{ 6, ERR_BUSY },          /* too many conferences */
	{ 7, ERR_BUSY },          /* too many participants */
	{ 14, ERR_AUTH },         /* wrong user or password (API 2.8 and later) */
	{ 16, ERR_BUSY },         /* the list changed while we paged: ask again later */
	{ 17, ERR_BUSY },         /* no ports left */
	{ 20, ERR_UNSUPPORTED },  /* participant type */
	{ 103, ERR_PROTOCOL },    /* it did not understand us */
	{ 202, ERR_UNSUPPORTED }, /* needs a feature key */
	{ 203, ERR_BUSY },        /* too many requests at once */
};

/* currentState member -> field of the sample. The MCU's receiver stands on the FROM_SITE side. */
#define AT(medium, direction, field) \
	(offsetof(struct media_sample, s) + \
		((medium)*DIRECTIONS_N + (direction)) * sizeof(struct stream) + \
		offsetof(struct stream, field))
static const struct field {
	const char *name;
	size_t at;
	int divide; /* unit: device / divide */
	bool counter;
} state_fields[] = {
	{ "audioRxReceived", AT(AUDIO, FROM_SITE, packets), 1, true },
	{ "audioRxLost", AT(AUDIO, FROM_SITE, lost), 1, true },
	{ "audioTxSent", AT(AUDIO, TO_SITE, packets), 1, true },
	{ "audioTxReportedLost", AT(AUDIO, TO_SITE, far_lost), 1, true },
	{ "videoRxReceived", AT(VIDEO, FROM_SITE, packets), 1, true },
	{ "videoRxLost", AT(VIDEO, FROM_SITE, lost), 1, true },
	{ "videoTxSent", AT(VIDEO, TO_SITE, packets), 1, true },
	{ "videoTxReportedLost", AT(VIDEO, TO_SITE, far_lost), 1, true },
	{ "audioRxEnergyMillidB", AT(AUDIO, FROM_SITE, level_mdb), 1, false },
}, diagnostic_fields[] = {
	{ "videoRxFrameRate", AT(VIDEO, FROM_SITE, fps), 1, true },
	{ "videoTxFrameRate", AT(VIDEO, TO_SITE, fps), 1, true },
	{ "videoRxActualBitRate", AT(VIDEO, FROM_SITE, kbps), 1000, true },
	{ "videoTxActualBitRate", AT(VIDEO, TO_SITE, kbps), 1000, true },
	{ "audioRxActualBitRate", AT(AUDIO, FROM_SITE, kbps), 1000, true },
	{ "audioTxActualBitRate", AT(AUDIO, TO_SITE, kbps), 1000, true },
	{ "audioRxJitter", AT(AUDIO, FROM_SITE, jitter_ms), 1, true },
	{ "videoRxJitter", AT(VIDEO, FROM_SITE, jitter_ms), 1, true },
};

static const struct {
	const char *name;
	enum medium medium;
	enum direction direction;
} codecs[] = {
	{ "audioRxCodec", AUDIO, FROM_SITE },
	{ "audioTxCodec", AUDIO, TO_SITE },
	{ "videoRxCodec", VIDEO, FROM_SITE },
	{ "videoTxCodec", VIDEO, TO_SITE },
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* ---- names and ids --------------------------------------------------------------------------- */

const char *
cisco_cut(char *out, size_t size, size_t limit, const char *text)
{
	str_copy(out, limit + 1 < size ? limit + 1 : size, text ? text : "");
	/* A cut may end in a blank, and what comes back is trimmed: the names must stay equal. */
	for (size_t n = strlen(out); n && out[n - 1] == ' '; n--)
		out[n - 1] = '\0';
	return out;
}

void
cisco_leg_id(char *out, size_t size, const struct cisco_party *p)
{
	char whole[sizeof *p + 3];
	snprintf(whole, sizeof whole, "%s/%s/%s", p->protocol, p->type, p->name);
	str_copy(out, size, whole);
}

bool
cisco_leg_party(const char *id, struct cisco_party *out)
{
	const char *a = strchr(id, '/');
	const char *b = a ? strchr(a + 1, '/') : NULL;
	if (!b || !b[1] || a == id || (size_t)(a - id) >= sizeof out->protocol ||
		b == a + 1 || (size_t)(b - a - 1) >= sizeof out->type)
		return false;
	*out = (struct cisco_party){ 0 };
	memcpy(out->protocol, id, (size_t)(a - id));
	memcpy(out->type, a + 1, (size_t)(b - a - 1));
	return str_copy(out->name, sizeof out->name, b + 1);
}

void
cisco_address(const char *address, const char **out_protocol, const char **out_rest)
{
	static const struct {
		const char *scheme, *protocol;
	} schemes[] = { { "sip:", "sip" }, { "sips:", "sip" }, { "h323:", "h323" } };
	*out_protocol = "h323";
	*out_rest = address;
	for (size_t i = 0; i < COUNT(schemes); i++) {
		size_t n = strlen(schemes[i].scheme);
		if (strncasecmp(address, schemes[i].scheme, n) != 0)
			continue;
		*out_protocol = schemes[i].protocol;
		*out_rest = address + n;
		return;
	}
}

/* The guides (API 2.0 to 2.9, appendix on conference layouts) give the numbers in drawings only:
 * which of them is "1+5" cannot be read there, so no word stands for a number. */
bool
cisco_layout(const char *value, char out[CISCO_LAYOUT_SIZE])
{
	int64_t n;
	bool number = str_to_int(value, 1, 59, &n);
	bool word = (str_starts(value, "layout") && str_to_int(value + 6, 1, 59, &n)) ||
		    (str_starts(value, "family") && str_to_int(value + 6, 1, 5, &n)) ||
		    str_eq(value, "default") || str_eq(value, "conferenceCustom");
	if (number)
		snprintf(out, CISCO_LAYOUT_SIZE, "layout%d", (int)n);
	else
		str_copy(out, CISCO_LAYOUT_SIZE, word ? value : "");
	return number || word;
}

enum err
cisco_fault(int code)
{
	for (size_t i = 0; i < COUNT(faults); i++)
		if (faults[i].code == code)
			return faults[i].err;
	return ERR_REFUSED;
}

/* ---- values -> nouns ------------------------------------------------------------------------- */

static struct ending
ending_of(const char *disconnect_reason)
{
	struct ending e = { .cause = cause_lookup(cisco_mcu_causes, disconnect_reason) };
	str_copy(e.device_words, sizeof e.device_words, disconnect_reason ? disconnect_reason : "");
	return e;
}

static bool
take_fields(
	const struct xmlrpc *from, const struct field *fields, size_t n, struct media_sample *out)
{
	bool any = false;
	for (size_t i = 0; i < n; i++) {
		struct figure f = xmlrpc_figure(from, fields[i].name);
		if (!f.known || (fields[i].counter && f.v < 0))
			continue;
		f.v /= fields[i].divide;
		memcpy((char *)out + fields[i].at, &f, sizeof f);
		any = true;
	}
	return any;
}

/* A codec is left out when its channel is not open. That counts only where some codec is told at
 * all: an answer without any may come from a version that tells none. */
static bool
take_codecs(const struct xmlrpc *from, struct media_sample *out)
{
	bool any = false;
	for (size_t i = 0; i < COUNT(codecs); i++)
		any |= !str_empty(xmlrpc_text(from, codecs[i].name, ""));
	for (size_t i = 0; any && i < COUNT(codecs); i++) {
		const char *word = xmlrpc_text(from, codecs[i].name, "");
		struct stream *s = &out->s[codecs[i].medium][codecs[i].direction];
		s->open = tri_of(!str_empty(word) && !str_eq_nocase(word, "none"));
		str_copy(s->codec, sizeof s->codec, word);
	}
	return any;
}

static enum leg_state
call_state(const struct xmlrpc *from)
{
	const char *word = xmlrpc_text(from, "callStateEx", NULL);
	for (size_t i = 0; word && i < COUNT(states_ex); i++)
		if (str_eq_nocase(states_ex[i].word, word))
			return states_ex[i].state;
	word = xmlrpc_text(from, "callState", "dormant");
	for (size_t i = 0; i < COUNT(states); i++)
		if (str_eq_nocase(states[i].word, word))
			return states[i].state;
	return LEG_NEW;
}

static void
put_address(struct leg *out, const char *address)
{
	const char *protocol, *rest;
	cisco_address(address, &protocol, &rest);
	char whole[sizeof out->address + 8];
	snprintf(whole, sizeof whole, "%s:%s", out->protocol, rest);
	str_copy(out->address, sizeof out->address, *rest ? whole : "");
}

void
cisco_leg_name(struct leg *out, const struct cisco_party *who)
{
	*out = (struct leg){ 0 };
	cisco_leg_id(out->id, sizeof out->id, who);
	str_copy(out->protocol, sizeof out->protocol, who->protocol);
	str_copy(out->name, sizeof out->name, who->name);
	/* Only what was added by address keeps its reason after the end; dial-ins vanish. */
	out->configured = str_eq_nocase(who->type, "by_address");
}

/*  { callState, callStateEx, disconnectReason, address, displayName, callDirection, audioRxMuted,
 *    counters }  */
void
cisco_leg_state(struct leg *out, const struct xmlrpc *now)
{
	const char *shown = xmlrpc_text(now, "displayName", "");
	if (*shown)
		str_copy(out->name, sizeof out->name, shown);
	put_address(out, xmlrpc_text(now, "address", ""));
	str_copy(out->remote_ip, sizeof out->remote_ip, xmlrpc_text(now, "ipAddress", ""));
	out->state = call_state(now);
	out->incoming = str_eq_nocase(xmlrpc_text(now, "callDirection", ""), "incoming");
	out->configured &= !out->incoming;
	out->muted = xmlrpc_tri(now, "audioRxMuted");
	if (out->state == LEG_GONE)
		out->ending = ending_of(xmlrpc_text(now, "disconnectReason", ""));
	if (out->state == LEG_UP) {
		out->sampled = take_fields(now, state_fields, COUNT(state_fields), &out->media);
		out->sampled |= take_codecs(now, &out->media);
	}
}

/*  { participantName, participantProtocol, participantType, conferenceName | autoAttendantUniqueID,
 *    [dead | changed=false,] currentState { ... } }  */
enum cisco_item
cisco_leg(const struct xmlrpc *item, const char *conference, struct leg *out)
{
	*out = (struct leg){ 0 };
	struct cisco_party who = { 0 };
	str_copy(who.name, sizeof who.name, xmlrpc_text(item, "participantName", ""));
	str_copy(who.protocol, sizeof who.protocol,
		xmlrpc_text(item, "participantProtocol", "h323"));
	str_copy(who.type, sizeof who.type, xmlrpc_text(item, "participantType", "by_address"));
	if (!str_eq(xmlrpc_text(item, "conferenceName", NULL), conference) || str_empty(who.name) ||
		xmlrpc_tri(item, "dead") == YES)
		return CISCO_NOT_OURS;
	cisco_leg_name(out, &who);
	const struct xmlrpc *now = xmlrpc_get(item, "currentState");
	if (!now)
		return CISCO_STUB;
	cisco_leg_state(out, now);
	return CISCO_LEG;
}

void
cisco_roster_add(struct arena *a, struct roster *r, size_t *cap, const struct leg *leg)
{
	for (size_t i = 0; i < r->n; i++) {
		if (!str_eq(r->legs[i].id, leg->id))
			continue;
		r->legs[i] = *leg;
		return;
	}
	if (r->n == *cap) {
		size_t more = *cap ? *cap * 2 : 32;
		struct leg *bigger = arena_alloc(a, more * sizeof *bigger);
		if (r->n)
			memcpy(bigger, r->legs, r->n * sizeof *bigger);
		r->legs = bigger;
		*cap = more;
	}
	r->legs[r->n++] = *leg;
}

void
cisco_diagnostics(const struct xmlrpc *answer, struct media_sample *out)
{
	take_fields(answer, diagnostic_fields, COUNT(diagnostic_fields), out);
}
