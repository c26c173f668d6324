/* The forms in which the simulated RMX speaks: states, causes, parties, media channels, dirty text.
 * Called by the other rmx*.c and by a unit test. Owns nothing, pure. Facts follow captures of a box
 * and its guide's appendix on call detail records. */
#include "rmx.h"

#include "base/instant.h"
#include "base/str.h"
#include "base/vis.h"

#include <stdio.h>
#include <string.h>

enum { PARTY_BYTES = 1100, DOCUMENT_BYTES = 38000 };

xmlNode *
rmx_child(xmlNode *n, const char *name)
{
	for (xmlNode *c = n ? n->children : NULL; c; c = c->next)
		if (c->type == XML_ELEMENT_NODE && (!name || str_eq((const char *)c->name, name)))
			return c;
	return NULL;
}

const char *
rmx_get(xmlNode *n, const char *path, char *out, size_t size)
{
	while (n && *path) {
		char name[48];
		size_t k = strcspn(path, "/");
		snprintf(name, sizeof name, "%.*s", (int)k, path);
		n = rmx_child(n, name);
		path += k + (path[k] == '/');
	}
	xmlChar *s = n ? xmlNodeGetContent(n) : NULL;
	str_copy(out, size, s ? (const char *)s : "");
	xmlFree(s);
	return out;
}

bool
rmx_is_true(xmlNode *n, const char *path)
{
	char text[8];
	return str_eq_nocase(rmx_get(n, path, text, sizeof text), "true");
}

void
rmx_response_name(const char *request, char *out, size_t size)
{
	size_t n = strlen(request);
	if (n > 2 && request[n - 2] == '_' && (request[n - 1] == '1' || request[n - 1] == '2'))
		n -= 2;
	snprintf(out, size, "RESPONSE_%.*s", (int)n, request);
}

/* RMX guide: 8 is a call whose video failed, 10 one with a problem; both look like calls and are
 * failures */
enum rmx_status
rmx_status(const struct rmx_party *p, int64_t now)
{
	const struct leg *l = &p->b.leg;
	if (p->gone)
		return RMX_DELETED;
	switch (l->phase) {
	case PHASE_DORMANT:
		return p->dial_in ? RMX_WAITING : RMX_IDLE;
	case PHASE_PROCEEDING:
	case PHASE_ALERTING:
		return RMX_CONNECTING;
	case PHASE_DISCONNECTED:
		return p->by_order && now < l->ended + RMX_LEAVE_MS ? RMX_DISCONNECTING
								    : RMX_DISCONNECTED;
	case PHASE_CONNECTED:
		break;
	}
	const struct lab_site *s = l->site->plan;
	if (now < l->connected + RMX_SETTLE_MS)
		return RMX_PARTIAL;
	if (s->blocked[1][0] && s->blocked[1][1])
		return RMX_SECONDARY;
	return s->loss_permille >= RMX_BAD_PERMILLE ? RMX_PROBLEM : RMX_CONNECTED;
}

static const char *
status_text(enum rmx_status s)
{
	switch (s) {
	case RMX_IDLE: return "idle";
	case RMX_CONNECTED: return "connected";
	case RMX_DISCONNECTED: return "disconnected";
	case RMX_WAITING: return "waiting for dial-in";
	case RMX_CONNECTING: return "connecting";
	case RMX_DISCONNECTING: return "disconnecting";
	case RMX_PARTIAL: return "partially connected";
	case RMX_DELETED: return "deleted by user";
	case RMX_SECONDARY: return "secondary";
	case RMX_PROBLEM: return "connected with problem";
	}
	return "";
}

struct cause {
	int id;
	const char *text;
};

/* RMX guide: numbers up to 154, then texts of SIP whose numbers are not known (900 and up here);
 * H.323 calls that are busy, not answered or unreachable have no text there: 0 */
static struct cause
cause_of(const char *why, const char *interface)
{
	static const struct {
		const char *why;
		struct cause sip, h323;
	} table[] = {
		{ "busy", { 900, "SIP busy here" }, { 0, "Unknown" } },
		{ "rejected", { 901, "SIP global failure 603" }, { 0, "Unknown" } },
		{ "noAnswer", { 902, "SIP request timeout" }, { 0, "Unknown" } },
		{ "destinationUnreachable", { 903, "SIP remote unreachable" }, { 0, "Unknown" } },
		{ "dnsFailed", { 904, "SIP not found" },
			{ 141, "Called party is not registered" } },
		{ "noGatekeeperForDN", { 904, "SIP not found" },
			{ 141, "Called party is not registered" } },
		{ "capabilityNegotiationError", { 905, "SIP capabilities don't match" },
			{ 0, "Unknown" } },
		{ "remoteTeardown", { 906, "SIP remote closed call" },
			{ 1, "Participant hung up" } },
		{ "networkError", { 907, "SIP remote stopped responding" }, { 0, "Unknown" } },
		{ "portAllocationExceeded", { 5, "Resources deficiency" },
			{ 5, "Resources deficiency" } },
		{ "user", { 2, "Disconnected by user" }, { 2, "Disconnected by user" } },
	};
	for (size_t i = 0; why && i < sizeof table / sizeof *table; i++)
		if (str_eq(table[i].why, why))
			return str_eq(interface, "sip") ? table[i].sip : table[i].h323;
	return (struct cause){ 0, "None" };
}

const char *
rmx_return_text(enum rmx_return code)
{
	switch (code) {
	case RMX_OK: return "Status OK";
	case RMX_IN_PROGRESS: return "In progress";
	case RMX_NO_SESSION: return "User token is not valid";
	case RMX_LOGIN_FAILED: return "Login failed";
	case RMX_LOCKED: return "User is locked";
	case RMX_NO_CONFERENCE: return "Conference not found";
	case RMX_NO_PARTY: return "Participant not found";
	case RMX_NAME_TAKEN: return "Conference name already exists";
	case RMX_MALFORMED: return "Document not understood";
	case RMX_UNKNOWN_ACTION: return "Action not known";
	case RMX_BAD_VALUE: return "Value not valid";
	}
	return "Failure";
}

void
rmx_element(struct buf *out, const char *name, const char *text)
{
	buf_printf(out, "<%s>", name);
	vis_xml(out, text);
	buf_printf(out, "</%s>\n", name);
}

static void
number(struct buf *out, const char *name, int64_t v)
{
	buf_printf(out, "<%s>%lld</%s>\n", name, (long long)v, name);
}

static void
flag(struct buf *out, const char *name, bool v)
{
	rmx_element(out, name, v ? "true" : "false");
}

/* RMX capture: capability texts with raw line ends and a mu; every third party's is a lone byte of
 * ISO-8859-1 */
static void
write_dirty(const struct rmx_party *p, size_t bytes, struct buf *out)
{
	static const char *const caps[] = { "G722_1_C 48k", "siren22 stereo", "h264 base",
		"h264 high", "h263 cif", "fecc", "bfcp udp" };
	size_t from = out->n;
	for (int i = 0; out->n - from < bytes; i++)
		buf_printf(out, "  cap %d\t%s\r\n   a-law %s-law 64k, max %d\n", i, caps[i % 7],
			p->id % 3 == 0 ? "\xb5" : "\xc2\xb5", 100 * i);
}

static int64_t
rate(const struct rmx_party *p, const struct media *md, int medium, int direction)
{
	static const int bps[2] = { 48000, 1720000 };
	int64_t up = bps[medium] + p->b.leg.site->plan->ordinal % 7 * 100;
	if (direction == 1) /* what it sends goes on into a dead line */
		return up;
	return md->flowing[medium][0] ? up - up * md->loss_permille / 1000 : 0;
}

static void
write_address(const struct rmx_party *p, struct buf *out)
{
	char ip[80] = "";
	const char *at = strchr(p->b.address, '@'), *colon = strchr(p->b.address, ':');
	str_copy(ip, sizeof ip, at ? at + 1 : colon ? colon + 1 : p->b.address);
	ip[strcspn(ip, ":;")] = '\0';
	bool sip = str_eq(p->interface, "sip");
	rmx_element(out, "IP", ip);
	number(out, "SIGNALING_PORT", sip ? 5060 : 1720);
	rmx_element(out, "SIP_ADDRESS",
		sip ? p->b.address + (str_starts(p->b.address, "sip:") ? 4 : 0) : "");
	rmx_element(out, "SIP_ADDRESS_TYPE", "uri_type");
}

/* Video that could not be established; RMX guide, secondary cause */
static void
write_state(const struct rmx_party *p, int64_t now, struct buf *out)
{
	enum rmx_status s = rmx_status(p, now);
	buf_printf(out,
		"<ONGOING_PARTY_STATUS><ID>%d</ID><DESCRIPTION>%s</DESCRIPTION></"
		"ONGOING_PARTY_STATUS>\n",
		(int)s, status_text(s));
	number(out, "SECONDARY_CAUSE", s == RMX_SECONDARY ? 18 : 0);
	struct cause c =
		cause_of(p->b.leg.phase == PHASE_DISCONNECTED ? p->b.leg.why : NULL, p->interface);
	buf_printf(out, "<DISCONNECTION_CAUSE><ID>%d</ID><DESCRIPTION>", c.id);
	vis_xml(out, c.text);
	buf_puts(out, "</DESCRIPTION><DESCRIPTION_EX/></DISCONNECTION_CAUSE>\n");
}

void
rmx_write_party(const struct rmx_party *p, const char *change, int64_t now, struct buf *out)
{
	const struct leg *l = &p->b.leg;
	struct media md;
	bool up = l->phase == PHASE_CONNECTED;
	char when[INSTANT_SIZE] = "";
	leg_media(l, now, &md);
	if (l->connected) { /* RMX capture: UTC without its sign */
		instant_utc(l->connected + l->mcu->clock_off, when);
		when[strcspn(when, "Z")] = '\0';
	}
	buf_puts(out, "<ONGOING_PARTY>\n<PARTY>\n");
	rmx_element(out, "NAME", p->b.name);
	number(out, "ID", p->id);
	rmx_element(out, "INTERFACE", p->interface);
	rmx_element(out, "CONNECTION", p->dial_in ? "dial_in" : "dial_out");
	rmx_element(out, "VIDEO_PROTOCOL", "auto");
	buf_puts(out, "<ALIAS><NAME/><ALIAS_TYPE>323_id</ALIAS_TYPE></ALIAS>\n");
	write_address(p, out);
	buf_puts(out, "<LAYOUT_TYPE>conference</LAYOUT_TYPE>\n<NODE_TYPE>terminal</NODE_TYPE>\n"
		"<ENCRYPTION_EX>auto</ENCRYPTION_EX>\n</PARTY>\n");
	rmx_element(out, "ONGOING_PARTY_CHANGE", change);
	write_state(p, now, out);
	rmx_element(out, "CONNECT_RETRY", "0/0");
	rmx_element(out, "ATTENDING_STATE", "inconf");
	rmx_element(out, "CONNECT_TIME", when);
	/* RMX capture: true may be from the site itself, the box or an operator; the operator's
	 * has no flag of its own */
	bool self = up && l->site->mic_muted;
	flag(out, "AUDIO_MUTE", l->muted || self);
	flag(out, "AUDIO_SELF_MUTE", self);
	flag(out, "AUDIO_MCU_MUTE", false);
	flag(out, "AUDIO_BLOCK", false);
	flag(out, "VIDEO_MUTE", p->video_mute);
	flag(out, "VIDEO_SELF_MUTE", false);
	flag(out, "VIDEO_MCU_MUTE", false);
	number(out, "TX_BAUD_RATE", up ? rate(p, &md, 0, 1) + rate(p, &md, 1, 1) : 0);
	number(out, "RX_BAUD_RATE", up ? rate(p, &md, 0, 0) + rate(p, &md, 1, 0) : 0);
	/* RMX capture: these four are numbers */
	number(out, "L_SYNC_LOSS", 0);
	number(out, "R_SYNC_LOSS", up && !md.flowing[0][0]);
	number(out, "L_VIDEO_SYNC_LOSS", 0);
	number(out, "R_VIDEO_SYNC_LOSS", up && !md.flowing[1][0]);
	flag(out, "IS_RV_SYNC_LOSS", false);
	buf_puts(out, "<REMOTE_CAP>");
	write_dirty(p, PARTY_BYTES / 3, out);
	buf_puts(out, "</REMOTE_CAP>\n<REMOTE_COMM_MODE>");
	write_dirty(p, PARTY_BYTES / 6, out);
	buf_puts(out, "</REMOTE_COMM_MODE>\n");
	buf_puts(out, "</ONGOING_PARTY>\n");
}

struct channel {
	const char *type, *protocol;
	int medium, direction; /* -1: no media, or none that this call has */
};

static void
write_basic(const struct rmx_party *p, const struct channel *c, int64_t bps, struct buf *out)
{
	bool open = !str_starts(c->type, "video_content");
	buf_puts(out, "<BASIC_PARAM>\n");
	number(out, "BIT_RATE", c->medium < 0 ? -1 : bps); /* RMX capture: -1 is not applicable */
	rmx_element(out, "PROTOCOL", c->protocol);
	rmx_element(out, "CHANNEL_TYPE", c->type);
	rmx_element(out, "PARTY_ADDRESS", p->b.leg.site->plan->ip);
	rmx_element(out, "MCU_ADDRESS", p->b.leg.mcu->host);
	number(out, "CONNECTION_STATUS", open);
	buf_puts(out, "</BASIC_PARAM>\n");
}

static void
write_rtp(const struct rmx_party *p, const struct channel *c, const struct media *md, int64_t now,
	struct buf *out)
{
	const struct leg *l = &p->b.leg;
	static const int per_s[2] = { 50, 100 };
	int m = c->medium, d = c->direction;
	int64_t sent = (now - l->connected) * per_s[m] / 1000;
	bool flows = md->flowing[m][d];
	number(out, "NUMBER_OF_PACKETS", d ? sent : md->packets[m][0]);
	number(out, "LATENCY", 10 + l->site->plan->ordinal % 9);
	number(out, "PACKET_LOSS", md->lost[m][d]);
	number(out, "JITTER", flows ? 4 + l->site->plan->ordinal % 5 : 0);
	number(out, "JITTER_PEAK", flows ? 9 + l->site->plan->ordinal % 5 : 0);
	number(out, "FRACTION_LOSS", flows ? md->loss_permille * 256 / 1000 : 0);
	number(out, "FRACTION_LOSS_PEAK", flows ? md->loss_permille * 256 / 1000 : 0);
	buf_puts(out, "</GLOBAL_PARAM>\n");
	if (m == 1) { /* RMX capture: 0 by 0, "unknown", where no picture has come */
		bool shown = d || flows;
		buf_puts(out, "<ANNEXES/>\n");
		rmx_element(out, "RESOLUTION", shown ? "720p" : "unknown");
		number(out, "VIDEO_FRAME_RATE", shown ? 30 : 0);
		number(out, "RESOLUTION_WIDTH", shown ? 1280 : 0);
		number(out, "RESOLUTION_HEIGHT", shown ? 720 : 0);
	}
}

/* RMX capture: of what arrives only, and the percentage is mostly -1 */
static void
write_rtp_info(const struct media *md, int medium, struct buf *out)
{
	buf_printf(out,
		"<RTP_INFO><RTP_PACKET_LOSS><ACCUMULATE>%lld</ACCUMULATE>"
		"<ACCUMULATE_PERCENT>-1</ACCUMULATE_PERCENT></RTP_PACKET_LOSS></RTP_INFO>\n",
		(long long)md->lost[medium][0]);
}

/* RMX capture: eleven kinds of channel in five shapes */
static void
write_channels(const struct rmx_party *p, int64_t now, struct buf *out)
{
	static const struct channel all[] = { { "h225", "h225", -1, 0 }, { "h245", "h245", -1, 0 },
		{ "audio_in", "g722_1_c", 0, 0 }, { "audio_out", "g722_1_c", 0, 1 },
		{ "video_in", "h264", 1, 0 }, { "video_out", "h264", 1, 1 },
		{ "video_content_in", "h264", -1, 0 }, { "video_content_out", "h264", -1, 1 },
		{ "fecc_in", "annexq", -1, 0 }, { "fecc_out", "annexq", -1, 1 },
		{ "bfcp_udp", "bfcp", -1, 0 } };
	struct media md;
	leg_media(&p->b.leg, now, &md);
	if (!md.open)
		return;
	buf_puts(out, "<IP_MONITOR_CHANNELS>\n");
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		const struct channel *c = &all[i];
		const char *medium = c->medium ? "VIDEO" : "AUDIO";
		buf_puts(out, "<IP_MONITOR_CHANNEL>\n");
		if (c->medium >= 0) {
			if (!c->direction)
				buf_printf(out, "<ADVANCED_%s_IN>\n", medium);
			buf_printf(out, "<ADVANCED_%s_PARAM>\n<GLOBAL_PARAM>\n", medium);
			write_basic(p, c, rate(p, &md, c->medium, c->direction), out);
			write_rtp(p, c, &md, now, out);
			buf_printf(out, "</ADVANCED_%s_PARAM>\n", medium);
			if (!c->direction) {
				write_rtp_info(&md, c->medium, out);
				buf_printf(out, "</ADVANCED_%s_IN>\n", medium);
			}
		} else {
			write_basic(p, c, -1, out);
		}
		buf_puts(out, "</IP_MONITOR_CHANNEL>\n");
	}
	buf_puts(out, "</IP_MONITOR_CHANNELS>\n");
}

/* RMX capture, TRANS_PARTY: who it is in few words, what the far end can, and the channels. No
 * state, no mutes, no address: those are in the list of the conference alone. */
void
rmx_write_monitored(const struct rmx_party *p, int64_t now, struct buf *out)
{
	buf_puts(out, "<ONGOING_PARTY>\n<PARTY>\n");
	rmx_element(out, "NAME", p->b.name);
	number(out, "ID", p->id);
	rmx_element(out, "INTERFACE", p->interface);
	buf_puts(out, "<NET_CHANNEL_NUMBER>auto</NET_CHANNEL_NUMBER>\n"
		      "<ENDPOINT_MEDIA_TYPE>avc</ENDPOINT_MEDIA_TYPE>\n</PARTY>\n"
		      "<LOCAL_COMM_MODE/>\n<REMOTE_COMM_MODE/>\n<REMOTE_CAP>");
	write_dirty(p, DOCUMENT_BYTES / 2, out);
	buf_puts(out, "</REMOTE_CAP>\n<H323_REMOTE_COMM_MODE>");
	write_dirty(p, DOCUMENT_BYTES / 3, out);
	buf_puts(out, "</H323_REMOTE_COMM_MODE>\n");
	write_channels(p, now, out);
	buf_puts(out, "</ONGOING_PARTY>\n");
}
