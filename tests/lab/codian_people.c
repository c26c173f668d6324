/* The simulated MCU's participant.* methods. Called through codian_request() under the fleet's
 * lock.
 * Owns nothing. Which facts of the vendor's guides a behaviour follows stands beside it. */
#include "codian.h"

#include "base/str.h"
#include "log.h"

#include <stdio.h>
#include <string.h>

/* MCU API: a participant is named by conference, name, protocol and type together */
static struct part *
find_part(struct mcu *m, xmlNode *args, int *fault)
{
	char name[160] = "", protocol[16], type[16];
	struct conf *c = codian_conf(m, args, fault);
	if (!c)
		return NULL;
	*fault = codian_name(m, args, "participantName", FAULT_PARTICIPANT_NAME, name, sizeof name);
	if (*fault)
		return NULL;
	rpc_text(args, "participantProtocol", protocol, sizeof protocol);
	rpc_text(args, "participantType", type, sizeof type);
	struct part *p = mcu_part(m, c, name, protocol, type);
	if (!p)
		*fault = FAULT_NO_PARTICIPANT;
	return p;
}

static void
write_identity(const struct part *p, struct rpc_out *o)
{
	rpc_put_text(o, "participantName", p->name);
	rpc_put_text(o, "participantProtocol", p->protocol);
	rpc_put_text(o, "participantType", p->type);
	rpc_put_text(o, "conferenceName", p->conf->name);
}

/* The site's host without user, scheme and port. */
static void
host_of(const char *address, char *out, size_t size)
{
	const char *at = strchr(address, '@');
	str_copy(out, size, at ? at + 1 : address);
	out[strcspn(out, ":;")] = '\0';
}

/* MCU API, currentState: counters of packets; codec members only while a channel is open */
static void
write_media(const struct part *p, int64_t now, struct rpc_out *o)
{
	struct media md;
	leg_media(&p->leg, now, &md);
	int64_t end = p->leg.ended ? p->leg.ended : now;
	int64_t up = p->leg.connected ? end - p->leg.connected : 0;
	rpc_put_int(o, "audioRxReceived", md.packets[0][0]);
	rpc_put_int(o, "audioRxLost", md.lost[0][0]);
	/* what the MCU sends says nothing of what arrives: it goes on into a dead line */
	rpc_put_int(o, "audioTxSent", up * 50 / 1000);
	rpc_put_int(o, "audioTxReportedLost", md.lost[0][1]);
	rpc_put_int(o, "videoRxReceived", md.packets[1][0]);
	rpc_put_int(o, "videoRxLost", md.lost[1][0]);
	rpc_put_int(o, "videoTxSent", md.no_picture ? 0 : up * 100 / 1000);
	rpc_put_int(o, "videoTxReportedLost", md.lost[1][1]);
	if (!md.open)
		return;
	rpc_put_text(o, "audioRxCodec", "G.722.1C");
	rpc_put_text(o, "audioTxCodec", "G.722.1C");
	if (!md.no_picture) {
		rpc_put_text(o, "videoRxCodec", "H.264");
		rpc_put_text(o, "videoTxCodec", "H.264");
	}
	rpc_put_int(o, "audioRxEnergyMillidB", md.energy_mdb);
	rpc_put_bool(o, "packetLossWarning", md.loss_permille > 0);
	rpc_put_bool(o, "packetLossCritical", md.loss_permille > 50);
	rpc_put_text(o, "mediaEncryption", "unencrypted");
}

static void
write_current(const struct mcu *m, const struct part *p, int64_t now, struct rpc_out *o)
{
	const struct leg *l = &p->leg;
	char host[200];
	/* MCU API: callState knows fewer words than callStateEx; proceeding is still dormant
	 * there */
	rpc_put_text(o, "callState",
		phase_name(l->phase == PHASE_PROCEEDING ? PHASE_DORMANT : l->phase));
	rpc_put_text(o, "callStateEx", phase_name(l->phase));
	rpc_put_text(o, "displayName", p->display);
	rpc_put_text(o, "address", p->address);
	if (l->connected) {
		host_of(p->address, host, sizeof host);
		rpc_put_text(o, "ipAddress", host);
		rpc_put_date(o, "connectTime", l->connected + m->plan->clock_off);
	}
	if (l->phase != PHASE_DORMANT)
		rpc_put_text(o, "callDirection", l->incoming ? "incoming" : "outgoing");
	if (l->phase == PHASE_DISCONNECTED) {
		rpc_put_date(o, "disconnectTime", l->ended + m->plan->clock_off);
		/* MCU API, traps: the case of the words varies with the version */
		char why[48];
		str_copy(why, sizeof why, l->why ? l->why : "");
		if (p->uid % 4 == 1 && why[0] >= 'a' && why[0] <= 'z')
			why[0] = (char)(why[0] - 32);
		rpc_put_text(o, "disconnectReason", why);
	}
	rpc_put_bool(o, "audioRxMuted", l->muted);
	rpc_put_bool(o, "videoRxMuted", false);
	rpc_put_text(o, "cpLayout", p->layout);
	if (l->connected)
		write_media(p, now, o);
}

static void
write_configured(const struct part *p, struct rpc_out *o)
{
	rpc_put_text(o, "displayName", p->display);
	rpc_put_text(o, "address", p->address);
	rpc_put_bool(o, "audioRxMuted", p->muted_configured);
	rpc_put_bool(o, "videoRxMuted", false);
	rpc_put_text(o, "cpLayout", p->layout);
}

struct scope {
	bool current, configured;
};

/* MCU API, enumerate and status: operationScope is an ARRAY of currentState, configuredState */
static int
read_scope(xmlNode *args, struct scope *out)
{
	xmlNode *list = rpc_get(args, "operationScope");
	*out = (struct scope){ .current = !list };
	if (list && !rpc_is_array(list))
		return FAULT_INVALID;
	for (xmlNode *v = rpc_next(list, NULL); list && v; v = rpc_next(list, v)) {
		char word[32];
		rpc_scalar(v, word, sizeof word);
		if (str_eq(word, "currentState"))
			out->current = true;
		else if (str_eq(word, "configuredState"))
			out->configured = true;
		else
			return FAULT_INVALID;
	}
	return FAULT_NONE;
}

static void
write_part(const struct mcu *m, const struct part *p, int64_t now, struct scope scope,
	struct rpc_out *o)
{
	write_identity(p, o);
	if (scope.current) {
		rpc_open_struct(o, "currentState");
		write_current(m, p, now, o);
		rpc_close_struct(o, "currentState");
	}
	/* what was not added through the API has no configuration */
	if (scope.configured && p->by_api) {
		rpc_open_struct(o, "configuredState");
		write_configured(p, o);
		rpc_close_struct(o, "configuredState");
	}
}

static int
part_add(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int fault;
	struct conf *c = codian_conf(m, args, &fault);
	char name[160] = "", protocol[16], type[16], address[200] = "", display[160] = "",
	     layout[32];
	if (!c)
		return fault;
	fault = codian_name(m, args, "participantName", FAULT_PARTICIPANT_NAME, name, sizeof name);
	if (fault)
		return fault;
	rpc_text(args, "address", address, sizeof address);
	if (!address[0])
		return FAULT_ADDRESS;
	fault = codian_name(m, args, "displayNameOverrideValue", 0, display, sizeof display);
	if (fault)
		return fault;
	if (!rpc_text(args, "participantProtocol", protocol, sizeof protocol))
		str_copy(protocol, sizeof protocol, "h323");
	if (!str_eq(protocol, "h323") && !str_eq(protocol, "sip") && !str_eq(protocol, "vnc"))
		return FAULT_INVALID;
	if (!rpc_text(args, "participantType", type, sizeof type))
		str_copy(type, sizeof type, "by_address");
	/* MCU API: a participant of type ad_hoc cannot be added */
	if (!str_eq(type, "by_address") && !str_eq(type, "by_name"))
		return FAULT_TYPE;
	if (mcu_part(m, c, name, protocol, type))
		return FAULT_DUP_PARTICIPANT;
	int added = 0;
	for (size_t i = 0; i < m->parts.n; i++)
		added += m->parts.at[i]->by_api && !m->parts.at[i]->dead;
	if (added >= CODIAN_PARTICIPANTS_MAX)
		return FAULT_MANY_PARTICIPANTS;
	struct part *p = mcu_part_add(m, c, name);
	p->by_api = true;
	c->active = true;
	str_copy(p->protocol, sizeof p->protocol, protocol);
	str_copy(p->type, sizeof p->type, type);
	str_copy(p->address, sizeof p->address, address);
	if (display[0])
		str_copy(p->display, sizeof p->display, display);
	if (rpc_text(args, "cpLayout", layout, sizeof layout))
		str_copy(p->layout, sizeof p->layout, layout);
	rpc_bool(args, "audioRxMuted", &p->muted_configured);
	bool defer = false, tell = false;
	rpc_bool(args, "deferConnection", &defer);
	rpc_bool(args, "addResponse", &tell);
	if (!defer) /* MCU API: the call is set up after the answer */
		mcu_part_dial(m, p, now);
	if (tell) {
		rpc_open_struct(o, "participant");
		write_identity(p, o);
		rpc_close_struct(o, "participant");
	}
	return FAULT_NONE;
}

static int
part_connect(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int fault;
	struct part *p = find_part(m, args, &fault);
	if (!p)
		return fault;
	if (p->leg.phase != PHASE_DORMANT && p->leg.phase != PHASE_DISCONNECTED)
		return FAULT_FAILED;
	mcu_part_dial(m, p, now);
	return FAULT_NONE;
}

static int
part_disconnect(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int fault;
	struct part *p = find_part(m, args, &fault);
	if (!p)
		return fault;
	lab_log(now, "disconnect", m->plan->name, "participant", p->name, NULL);
	mcu_part_hang(m, p, now, "disconnectAll");
	return FAULT_NONE;
}

static int
part_remove(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int fault;
	struct part *p = find_part(m, args, &fault);
	if (!p)
		return fault;
	mcu_part_remove(m, p, now);
	return FAULT_NONE;
}

static bool
filter_word(const struct part *p, const char *word)
{
	bool no = word[0] == '!';
	enum phase ph = p->leg.phase;
	word += no;
	bool is = str_eq(word, "connected")    ? ph == PHASE_CONNECTED
		  : str_eq(word, "connecting") ? ph == PHASE_PROCEEDING || ph == PHASE_ALERTING
		  : str_eq(word, "disconnected") || str_eq(word, "completed")
			  ? ph == PHASE_DISCONNECTED
			  : false;
	return is != no;
}

/* MCU API, enumerateFilter: words joined by & and |; here from left to right, without brackets */
static bool
passes(const struct part *p, const char *filter)
{
	bool result = true, first = true;
	char join = '&';
	while (*filter) {
		char word[32];
		size_t n = strcspn(filter, "&|");
		snprintf(word, sizeof word, "%.*s", (int)(n < 31 ? n : 31), filter);
		bool is = filter_word(p, str_trim(word));
		result = first ? is : join == '&' ? result && is : result || is;
		first = false;
		filter += n;
		if (*filter)
			join = *filter++;
	}
	return result;
}

static bool
changed_since(const struct part *p, int64_t rev, int64_t now)
{
	struct media md;
	leg_media(&p->leg, now, &md);
	bool moving = md.flowing[0][0] || md.flowing[1][0]; /* its counters did */
	return p->rev > rev || moving;
}

static void
write_entry(const struct mcu *m, const struct part *p, int64_t now, int64_t rev, struct scope scope,
	struct rpc_out *o)
{
	rpc_open_struct(o, NULL);
	if (p->dead) {
		write_identity(p, o);
		rpc_put_bool(o, "dead", true);
	} else if (rev >= 0 && !changed_since(p, rev, now)) {
		write_identity(p, o);
		rpc_put_bool(o, "changed", false);
	} else {
		write_part(m, p, now, scope, o);
		if (rev >= 0)
			rpc_put_bool(o, "changed", true);
	}
	rpc_close_struct(o, NULL);
}

static int
part_enumerate(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	char text[64], filter[128];
	int64_t after = 0, rev = -1;
	bool all = false;
	struct scope scope;
	int fault = read_scope(args, &scope);
	if (fault)
		return fault;
	if (rpc_text(args, "enumerateID", text, sizeof text) &&
		!str_to_int(text, 1, INT32_MAX, &after))
		return FAULT_ENUMERATE_ID;
	rpc_text(args, "enumerateFilter", filter, sizeof filter);
	rpc_int(args, "lastRevision", &rev);
	rpc_bool(args, "listAll", &all);
	int shown = 0;
	int64_t last = 0;
	bool more = false;
	for (size_t i = 0; i < m->parts.n; i++) {
		const struct part *p = m->parts.at[i];
		if (p->uid <= after || !passes(p, filter))
			continue;
		/* MCU API, traps: removed ones come as dead for a while, with listAll too;
		 * lastRevision alone gives only the changed and the dead, with listAll the others
		 * are stubs */
		if (p->dead && (rev >= 0 ? p->rev <= rev
					 : !all || now > p->dead_at + CODIAN_DEAD_SHOWN_MS))
			continue;
		if (!p->dead && rev >= 0 && !all && !changed_since(p, rev, now))
			continue;
		if (shown == m->plan->page) {
			more = true;
			break;
		}
		if (!shown++)
			rpc_open_array(o, "participants");
		write_entry(m, p, now, rev, scope, o);
		last = p->uid;
	}
	if (shown) /* MCU API: with no entries the array is absent */
		rpc_close_array(o, "participants");
	if (more) {
		snprintf(text, sizeof text, "%lld", (long long)last);
		rpc_put_text(o, "enumerateID", text);
	}
	rpc_put_int(o, "currentRevision", m->revision);
	return FAULT_NONE;
}

static int
part_status(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int fault;
	struct scope scope;
	struct part *p = find_part(m, args, &fault);
	if (!p)
		return fault;
	fault = read_scope(args, &scope);
	if (!fault)
		write_part(m, p, now, scope, o);
	return fault;
}

/* MCU API, participant.modify: here operationScope is one STRING, and its words are others */
static int
part_modify(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int fault;
	char scope[32], layout[32], display[160] = "";
	struct part *p = find_part(m, args, &fault);
	if (!p)
		return fault;
	if (!rpc_get(args, "operationScope"))
		return FAULT_MISSING;
	if (!rpc_text(args, "operationScope", scope, sizeof scope)
		|| (!str_eq(scope, "activeState") && !str_eq(scope, "configuredState")))
		return FAULT_INVALID;
	fault = codian_name(m, args, "displayNameOverrideValue", 0, display, sizeof display);
	if (fault)
		return fault;
	bool muted, active = str_eq(scope, "activeState");
	if (active && p->leg.phase != PHASE_CONNECTED)
		return FAULT_FAILED;
	if (rpc_bool(args, "audioRxMuted", &muted)) {
		if (active)
			mcu_part_mute(m, p, muted, now, "api");
		else
			p->muted_configured = muted;
	}
	if (rpc_text(args, "cpLayout", layout, sizeof layout)) {
		str_copy(p->layout, sizeof p->layout, layout);
		lab_log(now, "layout", m->plan->name, "participant", p->name, "layout", layout,
			NULL);
	}
	if (display[0])
		str_copy(p->display, sizeof p->display, display);
	p->rev = ++m->revision;
	return FAULT_NONE;
}

static int
part_message(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int fault;
	char text[2048];
	struct part *p = find_part(m, args, &fault);
	if (!p)
		return fault;
	if (!rpc_text(args, "message", text, sizeof text))
		return FAULT_MISSING;
	/* MCU API: a message holds at most 255 characters */
	if (codian_length(text) > 255)
		return FAULT_TOO_LONG;
	if (p->leg.phase != PHASE_CONNECTED)
		return FAULT_FAILED;
	leg_show(&p->leg, now);
	lab_log(now, "message", m->plan->name, "site", p->leg.site->plan->id, "participant",
		p->name, "text", text, NULL);
	return FAULT_NONE;
}

static int
part_diagnostics(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int fault;
	struct media md;
	struct part *p = find_part(m, args, &fault);
	if (!p)
		return fault;
	leg_media(&p->leg, now, &md);
	write_identity(p, o);
	if (!md.open)
		return FAULT_NONE;
	bool in = md.flowing[1][0];
	/* MCU API, participant.diagnostics: frames a second, bits a second, jitter in ms */
	rpc_put_int(o, "videoTxFrameRate", 30);
	rpc_put_int(o, "videoRxFrameRate", in && !md.still ? 30 - md.loss_permille / 40 : 0);
	rpc_put_int(o, "videoRxFramesReceived", md.packets[1][0] * 3 / 10);
	rpc_put_int(o, "videoTxChannelBitRate", 1920000);
	rpc_put_int(o, "videoTxSelectedBitRate", 1920000);
	rpc_put_int(o, "videoTxActualBitRate", 1764000);
	rpc_put_text(o, "videoTxBitRateLimitReason", "notLimited");
	rpc_put_int(o, "videoRxChannelBitRate", 1920000);
	rpc_put_int(o, "videoRxSelectedBitRate", 1920000);
	rpc_put_int(o, "videoRxActualBitRate", in ? md.kbps * (1000 - md.loss_permille) : 0);
	rpc_put_int(o, "audioRxJitter", md.flowing[0][0] ? 4 + p->uid % 5 : 0);
	rpc_put_int(o, "videoRxJitter", in ? 6 + p->uid % 7 : 0);
	return FAULT_NONE;
}

/* MCU API 2.10: every part of the answer must be asked for in `filter`; without it the answer is
 * empty.
 * The members inside are not told in our notes: the counters of currentState are repeated. */
static int
part_statistics(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	static const char *const parts[] = { "audioMedia", "videoMedia" };
	int fault;
	struct media md;
	if (!str_eq(m->plan->api, "2.10"))
		return FAULT_METHOD;
	struct part *p = find_part(m, args, &fault);
	if (!p)
		return fault;
	leg_media(&p->leg, now, &md);
	write_identity(p, o);
	for (int i = 0; i < 2; i++) {
		bool on = false;
		rpc_bool(rpc_struct(rpc_get(args, "filter")), parts[i], &on);
		if (!on)
			continue;
		rpc_open_struct(o, parts[i]);
		rpc_put_int(o, "rxReceived", md.packets[i][0]);
		rpc_put_int(o, "rxLost", md.lost[i][0]);
		rpc_close_struct(o, parts[i]);
	}
	return FAULT_NONE;
}

/* This is everything we export. */
const struct codian_method codian_people[] = {
	{ "participant.add", part_add },
	{ "participant.connect", part_connect },
	{ "participant.disconnect", part_disconnect },
	{ "participant.remove", part_remove },
	{ "participant.enumerate", part_enumerate },
	{ "participant.status", part_status },
	{ "participant.modify", part_modify },
	{ "participant.message", part_message },
	{ "participant.diagnostics", part_diagnostics },
	{ "participant.statistics", part_statistics },
	{ NULL, NULL },
};
