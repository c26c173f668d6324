/* A simulated cisco-mcu that is a TelePresence Server: the conference.* and participant.* methods
 * of its standalone (locally managed) mode. Called through codian_request() under the fleet's lock;
 * tps_post() by the posting thread without it. Owns nothing.
 *
 * Sources, all in public: TelePresence Server API 2.3 (table of contents) and 4.1 (operationMode of
 * system.info tells flexible from standalone; names of methods); "client": AIHash/mrbs-1,
 * com.wafersystems.mcu, written with the API guide 4.0 at hand (members, limits, what each answer
 * is called); "emulator": spicyramen/telepresence, an 8710 4.0 (faults, device.query, system.info,
 * connectionState "connected", the statistics posted by participantDiagnosticResponse).
 * What they leave open, here: a participant that is not up carries no connectionState; one whose
 * call ended is listed no more; nothing tells why. In flexible mode none of these methods
 * exists. */
#include "codian.h"

#include "base/clock.h"
#include "base/str.h"
#include "log.h"
#include "post.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { NAME_MAX_TPS = 80, ADDRESS_MAX = 80, MESSAGE_MAX_TPS = 500, GUID_SIZE = 40 };

static bool
flexible(const struct mcu *m)
{
	return str_eq(m->plan->tps, "flexible");
}

static void
guid(char out[GUID_SIZE], char kind, int64_t id)
{
	snprintf(out, GUID_SIZE, "%08llx-c6a3-11e1-9%c00-000d7c10cc70", (unsigned long long)id,
		kind);
}

/* client: everything of a conference is asked by conferenceGUID */
static struct conf *
find_conf(struct mcu *m, xmlNode *args, int *fault)
{
	char word[80], own[GUID_SIZE];
	*fault = FAULT_NO_CONFERENCE;
	if (flexible(m))
		*fault = FAULT_METHOD;
	else if (!rpc_text(args, "conferenceGUID", word, sizeof word))
		*fault = FAULT_MISSING;
	for (size_t i = 0; *fault == FAULT_NO_CONFERENCE && i < m->confs.n; i++) {
		guid(own, '8', m->confs.at[i]->id);
		if (m->confs.at[i]->name[0] && str_eq(own, word)) {
			*fault = FAULT_NONE;
			return m->confs.at[i];
		}
	}
	return NULL;
}

static struct part *
find_part(struct mcu *m, const char *word)
{
	char own[GUID_SIZE];
	for (size_t i = 0; i < m->parts.n; i++) {
		guid(own, 'a', m->parts.at[i]->uid);
		if (!m->parts.at[i]->dead && str_eq(own, word))
			return m->parts.at[i];
	}
	return NULL;
}

static struct part *
asked_part(struct mcu *m, xmlNode *args, int *fault)
{
	char word[80];
	*fault = flexible(m)						? FAULT_METHOD
		 : rpc_text(args, "participantGUID", word, sizeof word) ? FAULT_NONE
									: FAULT_MISSING;
	struct part *p = *fault ? NULL : find_part(m, word);
	if (!p && !*fault)
		*fault = FAULT_NO_PARTICIPANT;
	return p;
}

static int
system_info(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int used = 0;
	for (size_t i = 0; i < m->parts.n; i++)
		used += !m->parts.at[i]->dead;
	rpc_put_text(o, "platform", "8710");
	rpc_put_text(o, "operationMode", m->plan->tps);
	rpc_put_text(o, "clusterType", "unclustered");
	rpc_put_bool(o, "makeCallsOK", true);
	rpc_put_int(o, "portsVideoTotal", m->plan->ports);
	rpc_put_int(o, "portsVideoFree", m->plan->ports - used);
	return FAULT_NONE;
}

/* client: conferenceName, 80 long, is all it needs; conferenceGUID and the older conferenceID come
 * back */
static int
conference_create(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	char name[400], own[GUID_SIZE];
	if (flexible(m))
		return FAULT_METHOD;
	if (!rpc_text(args, "conferenceName", name, sizeof name) || !name[0])
		return FAULT_CONFERENCE_NAME;
	if (codian_length(name) > NAME_MAX_TPS)
		return FAULT_TOO_LONG;
	if (mcu_conf(m, name))
		return FAULT_DUP_CONFERENCE;
	struct conf *c = mcu_conf_add(m, name, now);
	guid(own, '8', c->id);
	rpc_put_int(o, "conferenceID", 10000 + c->id);
	rpc_put_text(o, "conferenceGUID", own);
	return FAULT_NONE;
}

static int
conference_delete(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int fault;
	struct conf *c = find_conf(m, args, &fault);
	if (!c)
		return fault;
	lab_log(now, "conference-destroy", m->plan->name, "conference", c->name, NULL);
	mcu_conf_end(m, c, now, true);
	return FAULT_NONE;
}

static int
page_from(xmlNode *args, int64_t *after)
{
	char text[64];
	*after = 0;
	return rpc_text(args, "enumerateID", text, sizeof text) &&
			       !str_to_int(text, 1, INT32_MAX, after)
		       ? FAULT_ENUMERATE_ID
		       : FAULT_NONE;
}

static void
page_end(struct rpc_out *o, int64_t last, bool more)
{
	char text[24];
	snprintf(text, sizeof text, "%lld", (long long)last);
	if (more)
		rpc_put_text(o, "enumerateID", text);
}

/* client: without conferences there is no array; more of them are asked for with the enumerateID of
 * the answer */
static int
conference_enumerate(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int64_t after, last = 0;
	int shown = 0, fault = flexible(m) ? FAULT_METHOD : page_from(args, &after);
	bool more = false;
	for (size_t i = 0; !fault && !more && i < m->confs.n; i++) {
		const struct conf *c = m->confs.at[i];
		char own[GUID_SIZE];
		if (!c->name[0] || c->id <= after)
			continue;
		more = shown == m->plan->page;
		if (more)
			break;
		if (!shown++)
			rpc_open_array(o, "conferences");
		guid(own, '8', c->id);
		rpc_open_struct(o, NULL);
		rpc_put_text(o, "conferenceName", c->name);
		rpc_put_int(o, "conferenceID", 10000 + c->id);
		rpc_put_text(o, "conferenceGUID", own);
		rpc_put_bool(o, "active", c->active);
		rpc_put_bool(o, "persistent", true);
		rpc_put_bool(o, "locked", false);
		rpc_close_struct(o, NULL);
		last = c->id;
	}
	if (shown)
		rpc_close_array(o, "conferences");
	page_end(o, last, more);
	return fault;
}

static void
write_part(const struct part *p, bool state, struct rpc_out *o)
{
	char own[GUID_SIZE];
	guid(own, 'a', p->uid);
	rpc_open_struct(o, NULL);
	rpc_put_text(o, "participantGUID", own);
	rpc_put_int(o, "participantID", p->uid);
	rpc_put_text(o, "address", p->address);
	if (state && p->leg.phase == PHASE_CONNECTED) {
		rpc_put_text(o, "displayName", p->display); /* emulator */
		rpc_put_text(o, "connectionState", "connected");
	}
	if (state)
		rpc_put_bool(o, "rxAudioMute", p->leg.muted);
	rpc_close_struct(o, NULL);
}

/* client: the address wants h323: or sip: before it, else it is H.323; 80 long with it. Each of the
 * list is called, whether or not that address is there already. */
static int
conference_invite(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int fault;
	struct conf *c = find_conf(m, args, &fault);
	xmlNode *list = c ? rpc_get(args, "participants") : NULL;
	char address[400];
	if (!c)
		return fault;
	if (!list || !rpc_is_array(list))
		return FAULT_MISSING;
	for (xmlNode *v = rpc_next(list, NULL); v; v = rpc_next(list, v)) {
		if (!rpc_text(rpc_struct(v), "address", address, sizeof address) || !address[0])
			return FAULT_ADDRESS;
		if (strlen(address) > ADDRESS_MAX)
			return FAULT_TOO_LONG;
	}
	rpc_open_array(o, "participantList");
	for (xmlNode *v = rpc_next(list, NULL); v; v = rpc_next(list, v)) {
		char name[32];
		rpc_text(rpc_struct(v), "address", address, sizeof address);
		snprintf(name, sizeof name, "%lld", (long long)m->next_uid + 1);
		struct part *p = mcu_part_add(m, c, name);
		bool scheme = strncasecmp(address, "sip:", 4) == 0 ||
			      strncasecmp(address, "h323:", 5) == 0;
		snprintf(p->address, sizeof p->address, "%s%s", scheme ? "" : "h323:", address);
		mcu_part_dial(m, p, now);
		write_part(p, false, o);
	}
	rpc_close_array(o, "participantList");
	return FAULT_NONE;
}

/* client: the state of a conference and all its participants, page by page */
static int
conference_status(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int fault, shown = 0;
	int64_t after, last = 0;
	bool more = false;
	struct conf *c = find_conf(m, args, &fault);
	if (!c || (fault = page_from(args, &after)))
		return fault;
	rpc_put_text(o, "conferenceName", c->name);
	for (size_t i = 0; i < m->parts.n; i++) {
		struct part *p = m->parts.at[i];
		if (p->dead || p->conf != c || p->uid <= after)
			continue;
		more = shown == m->plan->page;
		if (more)
			break;
		if (!shown++)
			rpc_open_array(o, "participantList");
		write_part(p, true, o);
		last = p->uid;
	}
	if (shown)
		rpc_close_array(o, "participantList");
	page_end(o, last, more);
	return FAULT_NONE;
}

/* client: participantListGUID names them with commas between */
static int
conference_uninvite(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int fault;
	char all[2000], *rest = all;
	if (!find_conf(m, args, &fault))
		return fault;
	if (!rpc_text(args, "participantListGUID", all, sizeof all) || !all[0])
		return FAULT_MISSING;
	for (char *word; (word = strsep(&rest, ","));) {
		struct part *p = find_part(m, str_trim(word));
		if (!p)
			return FAULT_NO_PARTICIPANT;
		mcu_part_remove(m, p, now);
	}
	return FAULT_NONE;
}

/* client: message of at most 500; without participantGUID to all; 30 s unless told */
static int
conference_sendmessage(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int fault;
	char text[2100], word[80] = "";
	struct conf *c = find_conf(m, args, &fault);
	if (!c)
		return fault;
	if (!rpc_text(args, "message", text, sizeof text) || !text[0])
		return FAULT_MISSING;
	if (codian_length(text) > MESSAGE_MAX_TPS)
		return FAULT_TOO_LONG;
	if (rpc_text(args, "participantGUID", word, sizeof word) && !find_part(m, word))
		return FAULT_NO_PARTICIPANT;
	for (size_t i = 0; i < m->parts.n; i++) {
		struct part *p = m->parts.at[i];
		if (p->dead || p->conf != c || (word[0] && p != find_part(m, word)))
			continue;
		leg_show(&p->leg, now);
		lab_log(now, "message", m->plan->name, "participant", p->name, "text", text, NULL);
	}
	return FAULT_NONE;
}

/* client: rxAudioMute, of what the box receives from it */
static int
participant_set(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int fault;
	bool on;
	struct part *p = asked_part(m, args, &fault);
	if (p && rpc_bool(args, "rxAudioMute", &on))
		mcu_part_mute(m, p, on, now, "api");
	return fault;
}

/* client: the figures go to receiverURI, each with this sourceIdentifier; emulator: the answer only
 * says that they will come */
static int
participant_diagnostics(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o)
{
	int fault;
	struct part *p = asked_part(m, args, &fault);
	if (!p)
		return fault;
	for (int i = 0; i < TPS_DUE; i++) {
		struct tps_due *d = &m->due[i];
		if (d->uid)
			continue;
		rpc_text(args, "sourceIdentifier", d->source, sizeof d->source);
		if (!rpc_text(args, "receiverURI", d->uri, sizeof d->uri) || !d->uri[0])
			return FAULT_MISSING;
		d->uid = p->uid;
		rpc_put_text(o, "status", "operation successful");
		return FAULT_NONE;
	}
	return FAULT_ASYNC;
}

const struct codian_method tps_methods[] = {
	{ "system.info", system_info },
	{ "conference.create", conference_create },
	{ "conference.delete", conference_delete },
	{ "conference.enumerate", conference_enumerate },
	{ "conference.invite", conference_invite },
	{ "conference.status", conference_status },
	{ "conference.uninvite", conference_uninvite },
	{ "conference.sendmessage", conference_sendmessage },
	{ "participant.set", participant_set },
	{ "participant.diagnostics", participant_diagnostics },
	{ NULL, NULL },
};

/* ---- what is posted ---- */

/* emulator: an array of structs for each medium and direction; channelBitRate and actualBitRate in
 * bit/s, jitter in ms */
static void
write_received(struct rpc_out *o, const struct media *md, int medium)
{
	rpc_open_array(o, medium ? "videoRx" : "audioRx");
	if (md->open && !(medium && md->no_picture)) {
		rpc_open_struct(o, NULL);
		rpc_put_text(o, "codec", medium ? "H.264" : "AAC-LD");
		rpc_put_bool(o, "encrypted", true);
		rpc_put_int(o, "channelBitRate", medium ? 4000000 : 64000);
		rpc_put_int(o, "jitter", 4);
		rpc_put_int(o, "packetsReceived", md->packets[medium][0]);
		rpc_put_int(o, "packetErrors", 0);
		rpc_put_int(o, "packetsMissing", md->lost[medium][0]);
		if (medium) {
			rpc_put_int(o, "width", 1280);
			rpc_put_int(o, "height", 720);
			rpc_put_int(o, "frameRate", md->flowing[1][0] && !md->still ? 30 : 0);
			rpc_put_int(o, "actualBitRate", md->flowing[1][0] ? md->kbps * 1000 : 0);
		} else {
			rpc_put_int(o, "energy", md->energy_mdb / 1000);
		}
		rpc_close_struct(o, NULL);
	}
	rpc_close_array(o, medium ? "videoRx" : "audioRx");
}

static void
write_sent(struct rpc_out *o, const struct part *p, const struct media *md, int medium, int64_t now)
{
	int64_t up = p->leg.connected ? now - p->leg.connected : 0;
	rpc_open_array(o, medium ? "videoTx" : "audioTx");
	if (md->open && !(medium && md->no_picture)) {
		rpc_open_struct(o, NULL);
		rpc_put_text(o, "codec", medium ? "H.264" : "AAC-LD");
		rpc_put_int(o, "packetsSent", up * (medium ? 100 : 50) / 1000);
		rpc_put_int(o, "packetsLost", md->lost[medium][1]);
		rpc_close_struct(o, NULL);
	}
	rpc_close_array(o, medium ? "videoTx" : "audioTx");
}

/* With the lock. */
static bool
write_diagnosis(struct mcu *m, const struct tps_due *d, int64_t now, struct buf *b)
{
	struct rpc_out o = { 0 };
	struct media md;
	const struct part *p = NULL;
	char own[GUID_SIZE];
	for (size_t i = 0; i < m->parts.n; i++)
		if (m->parts.at[i]->uid == d->uid && !m->parts.at[i]->dead)
			p = m->parts.at[i];
	if (!p)
		return false;
	guid(own, 'a', p->uid);
	leg_media(&p->leg, now, &md);
	rpc_put_text(&o, "participantGUID", own);
	rpc_put_text(&o, "sourceIdentifier", d->source);
	for (int medium = 0; medium < 2; medium++) {
		write_received(&o, &md, medium);
		write_sent(&o, p, &md, medium, now);
	}
	buf_puts(b, "<?xml "
		    "version=\"1.0\"?>\n<methodCall><methodName>participantDiagnosticResponse</"
		    "methodName><params><param>"
		    "<value><struct>");
	buf_puts(b, buf_str(&o.b));
	buf_puts(b, "</struct></value></param></params></methodCall>\n");
	buf_free(&o.b);
	return true;
}

void
tps_post(struct mcu *m)
{
	for (int i = 0; m->plan->tps && i < TPS_DUE; i++) {
		struct buf body = { 0 };
		char uri[256], own[64], status[16];
		int64_t now = clock_now();
		fleet_lock();
		bool due = m->due[i].uid && mcu_api_up(m, now) &&
			   write_diagnosis(m, &m->due[i], now, &body);
		str_copy(uri, sizeof uri, m->due[i].uri);
		str_copy(own, sizeof own, m->plan->host);
		m->due[i].uid = 0;
		fleet_unlock();
		if (due) {
			snprintf(status, sizeof status, "%d", lab_post(own, uri, &body));
			lab_log(clock_now(), "diagnosis", m->plan->name, "status", status, NULL);
		}
		buf_free(&body);
	}
}
