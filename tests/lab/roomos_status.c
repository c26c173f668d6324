/* The status and configuration trees of a simulated Cisco codec. Called by roomos_http.c and
 * roomos_tsh.c under the fleet's lock. Owns nothing: each tree is the caller's. Names are those of
 * the vendor's schema (CE 9 to RoomOS 26); figures come from the same leg that the simulated MCU
 * shows, seen from the other end. */
#include "roomos.h"

#include "codec.h"

#include "base/instant.h"
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	AUDIO_BYTES = 120,
	VIDEO_BYTES = 1180,
	AUDIO_BPS = 48000,
	VIDEO_BPS = 944000,
	APPEARS_MS = 2000
};

const struct roomos_model *
roomos_model(const struct site *s)
{
	static const struct roomos_model old = { "Cisco TelePresence Codec C40", "C40",
		"TC7.3.3.c84180a", "TC 7.3.3", "1", false };
	static const struct roomos_model ce9 = { "Cisco TelePresence SX20", "SX20",
		"ce9.15.17.4.4a0c51a5b6b", "ce 9.15.17.4 4a0c51a5b6b", "4", false };
	static const struct roomos_model modern = { "Cisco Room Bar", "Room Bar",
		"ce26.7.1.12.67c6e508983", "RoomOS 26.7.1.12 67c6e508983", "4", true };
	return s->plan->old_tc ? &old : s->plan->ordinal % 2 ? &ce9 : &modern;
}

static xmlNode *
group(xmlNode *in, const char *name)
{
	return xmlNewChild(in, NULL, BAD_CAST name, NULL);
}

static xmlNode *
item(xmlNode *in, const char *name, int i, const char *most)
{
	char text[16];
	xmlNode *n = group(in, name);
	snprintf(text, sizeof text, "%d", i);
	xmlNewProp(n, BAD_CAST "item", BAD_CAST text);
	xmlNewProp(n, BAD_CAST "maxOccurrence", BAD_CAST most);
	return n;
}

void
roomos_put(xmlNode *in, const char *name, const char *value)
{
	xmlNewTextChild(in, NULL, BAD_CAST name, BAD_CAST(value ? value : ""));
}

void
roomos_put_n(xmlNode *in, const char *name, int64_t v)
{
	char text[32];
	snprintf(text, sizeof text, "%lld", (long long)v);
	roomos_put(in, name, text);
}

static xmlDoc *
tree(const char *root, const struct roomos_model *m)
{
	xmlDoc *d = xmlNewDoc(BAD_CAST "1.0");
	xmlNode *r = xmlNewDocNode(d, NULL, BAD_CAST root, NULL);
	xmlDocSetRootElement(d, r);
	xmlNewProp(r, BAD_CAST "product", BAD_CAST "Cisco Codec");
	xmlNewProp(r, BAD_CAST "version", BAD_CAST m->version);
	xmlNewProp(r, BAD_CAST "apiVersion", BAD_CAST m->api);
	return d;
}

/* Schema, Call: the item appears some seconds after the room has dialled; not at all in Teams mode
 */
bool
roomos_call_shown(const struct site *s, int64_t now)
{
	return s->leg && !s->plan->teams_mode &&
	       !(s->leg->incoming && now < s->leg->dialed + APPEARS_MS);
}

static void
write_call(xmlNode *r, const struct site *s, int64_t now)
{
	static const char *const sip[] = { "sip", "Sip", "SIP" }, *const h323[] = { "h323", "H323",
		"H323" };
	const struct leg *l = s->leg;
	bool up = codec_in_call(s), is_sip = str_starts(s->plan->address, "sip:");
	int spelling = roomos_model(s)->modern ? 1 : s->plan->ordinal % 3;
	char number[300];
	snprintf(number, sizeof number, "%s%s%s%s",
		is_sip ? "sip:" : "h323:", is_sip ? s->call_name : "", is_sip ? "@" : "",
		s->call_host);
	xmlNode *c = item(r, "Call", l->call_id, "n");
	roomos_put(c, "AnswerState",
		!up				      ? "Unanswered"
		: l->incoming || s->plan->ordinal % 2 ? "Answered"
						      : "Autoanswered");
	roomos_put(c, "CallType", s->plan->no_picture ? "Audio" : "Video");
	roomos_put(c, "CallbackNumber", number);
	roomos_put(c, "DeviceType", "MCU");
	roomos_put(c, "Direction", l->incoming ? "Outgoing" : "Incoming");
	roomos_put(c, "DisplayName", s->call_name);
	roomos_put_n(c, "Duration", up ? (now - l->connected) / 1000 : 0);
	roomos_put(group(c, "Encryption"), "Type", "None");
	roomos_put(c, "Protocol", is_sip ? sip[spelling] : h323[spelling]);
	roomos_put_n(c, "ReceiveCallRate", 1920);
	roomos_put(c, "RemoteNumber", strchr(number, ':') + 1);
	roomos_put(c, "Status", up ? "Connected" : l->incoming ? "Dialling" : "Ringing");
	roomos_put_n(c, "TransmitCallRate", 1920);
}

struct channel {
	int medium; /* 0 audio, 1 video */
	bool incoming;
	bool flows;
	int64_t packets, lost;
};

static void
write_netstat(xmlNode *c, const struct channel *ch, const struct site *s, int loss_permille)
{
	int rate = ch->medium ? 100 : 50, o = s->plan->ordinal;
	int64_t got = ch->flows ? rate * 5 * (1000 - (ch->incoming ? loss_permille : 0)) / 1000 : 0;
	xmlNode *n = group(c, "Netstat");
	roomos_put_n(n, "Bytes", ch->packets * (ch->medium ? VIDEO_BYTES : AUDIO_BYTES));
	/* schema: ChannelRate, in bit/s; the counters are totals since the channel began */
	roomos_put_n(n, "ChannelRate", ch->flows ? ch->medium ? VIDEO_BPS : AUDIO_BPS : 0);
	if (roomos_model(s)->modern)
		roomos_put_n(n, "EndToEndDelay", 40 + o % 9);
	roomos_put_n(n, "Jitter", ch->flows ? 2 + o % 5 : 0);
	roomos_put_n(n, "LastIntervalLost", ch->flows && ch->incoming ? rate * 5 - got : 0);
	roomos_put_n(n, "LastIntervalReceived", got);
	roomos_put_n(n, "Loss", ch->lost);
	roomos_put_n(n, "MaxJitter", ch->flows ? 9 + o % 7 : 0);
	roomos_put_n(n, "Packets", ch->packets);
	if (roomos_model(s)->modern)
		roomos_put_n(n, "RoundTripTime", 20 + o % 9);
}

/* A picture that never came is, by the box, a channel that is Off, or one whose counters stand. */
static const char *
codec_name(const struct channel *ch, const struct site *s)
{
	bool off = ch->incoming && !ch->packets && s->plan->ordinal % 2;
	return off ? "Off" : ch->medium ? "H264" : s->plan->ordinal % 2 ? "G7221C" : "AACLD";
}

static void
write_channel(
	xmlNode *call, int i, const struct channel *ch, const struct site *s, int loss_permille)
{
	const char *way = ch->incoming ? "Incoming" : "Outgoing",
		   *type = ch->medium ? "Video" : "Audio";
	char legacy[40];
	/* schema before CE 9: the direction and the type stand in the element's name */
	snprintf(legacy, sizeof legacy, "%s%sChannel", way, type);
	xmlNode *c = item(call, s->plan->old_tc ? legacy : "Channel", i, "n");
	xmlNode *m = group(c, type);
	if (ch->medium) {
		roomos_put(m, "ChannelRole", "Main");
		roomos_put_n(m, "FrameRate", ch->flows ? 30 : 0);
	} else {
		roomos_put_n(m, "Channels", 1);
		roomos_put(m, "Mute", ch->incoming ? "False" : s->mic_muted ? "True" : "False");
	}
	roomos_put(m, "Protocol", codec_name(ch, s));
	if (ch->medium) {
		roomos_put_n(m, "ResolutionX", ch->packets ? 1280 : 0);
		roomos_put_n(m, "ResolutionY", ch->packets ? 720 : 0);
	}
	if (!s->plan->old_tc)
		roomos_put(c, "Direction", way);
	roomos_put(c, "Encryption", "Off");
	write_netstat(c, ch, s, loss_permille);
	if (!s->plan->old_tc)
		roomos_put(c, "Type", type);
}

/* A presentation channel that carries nothing is there as well. */
static void
write_presentation(xmlNode *call, int i)
{
	xmlNode *c = item(call, "Channel", i, "n");
	xmlNode *v = group(c, "Video");
	roomos_put(v, "ChannelRole", "Presentation");
	roomos_put(v, "Protocol", "Off");
	roomos_put(c, "Direction", "Incoming");
	roomos_put(c, "Encryption", "Off");
	roomos_put(c, "Type", "Video");
}

static void
write_channels(xmlNode *r, const struct site *s, int64_t now)
{
	struct media md;
	leg_media(s->leg, now, &md);
	xmlNode *call = item(group(r, "MediaChannels"), "Call", s->leg->call_id, "n");
	int i = s->leg->call_id * 4; /* numbers are anything */
	if (!s->plan->old_tc)
		write_presentation(call, ++i);
	for (int m = 0; m < (s->plan->no_picture ? 1 : 2); m++) /* only what was negotiated */
		for (int in = 0; in < 2; in++) {
			struct channel ch = { .medium = m, .incoming = in };
			ch.packets = in ? md.packets[m][1] : codec_sent(s->leg, &md, m, now);
			ch.lost = in ? md.lost[m][1] : 0;
			ch.flows = in ? md.flowing[m][1] : codec_sends(s->leg, now);
			write_channel(call, ++i, &ch, s, md.loss_permille);
		}
}

int64_t
roomos_clock(const struct site *s, int64_t now)
{
	return now - s->plan->ordinal % 3 * 17 * 60000LL;
}

/* Guide: Time/SystemTime, with the zone's offset */
static void
write_time(xmlNode *r, const struct site *s, int64_t now)
{
	char when[INSTANT_SIZE];
	roomos_put(group(r, "Time"), "SystemTime", instant_rfc3339(roomos_clock(s, now), when));
}

static void
write_system(xmlNode *r, const struct site *s, int64_t now)
{
	const struct roomos_model *m = roomos_model(s);
	char serial[40];
	xmlNode *u = group(r, "SystemUnit");
	snprintf(serial, sizeof serial, "FOC%08d", 26410000 + s->plan->ordinal);
	roomos_put(group(group(u, "Hardware"), "Module"), "SerialNumber", serial);
	roomos_put(u, "ProductId", m->product);
	roomos_put(u, "ProductPlatform", m->platform);
	roomos_put(u, "ProductType", "Cisco Codec");
	xmlNode *sw = group(u, "Software");
	roomos_put(sw, "DisplayName", m->display);
	roomos_put(sw, "Version", m->version);
	xmlNode *st = group(u, "State");
	roomos_put_n(st, "NumberOfActiveCalls", codec_in_call(s));
	roomos_put_n(st, "NumberOfInProgressCalls", s->leg && !codec_in_call(s));
	roomos_put_n(st, "NumberOfSuspendedCalls", 0);
	roomos_put(st, "System", codec_in_call(s) ? "InCall" : "Initialized");
	roomos_put_n(u, "Uptime", (now - site_boot(s, now)) / 1000);
}

static void
write_room(xmlNode *r, const struct site *s)
{
	xmlNode *a = group(r, "Audio");
	xmlNode *mics = group(group(a, "Input"), "Connectors");
	for (int i = 1; i <= 2; i++)
		roomos_put(item(mics, "Microphone", i, "3"), "ConnectionStatus",
			i == 1 ? "Connected" : "NotConnected");
	roomos_put(group(a, "Microphones"), "Mute", s->mic_muted ? "On" : "Off");
	roomos_put_n(a, "Volume", 50 + s->plan->ordinal % 20);
	roomos_put(a, "VolumeMute", "Off");
	xmlNode *cam = item(group(r, "Cameras"), "Camera", 1, "7");
	roomos_put(cam, "Connected", "True");
	roomos_put(cam, "Model", "Precision 40");
	xmlNode *v = group(group(r, "Video"), "Input");
	xmlNode *in = item(v, "Connector", 1, "3");
	roomos_put(in, "Connected", "True");
	roomos_put(in, "SignalState", "OK");
	roomos_put(v, "MainVideoMute", "Off");
}

static void
write_network(xmlNode *r, const struct site *s)
{
	char mac[24];
	bool sip = str_starts(s->plan->address, "sip:");
	xmlNode *n = item(r, "Network", 1, "1");
	snprintf(mac, sizeof mac, "02:00:00:00:%02X:%02X", s->plan->ordinal / 256 % 256,
		s->plan->ordinal % 256);
	roomos_put(group(n, "Ethernet"), "MacAddress", mac);
	roomos_put(group(n, "IPv4"), "Address", s->plan->ip);
	roomos_put(group(group(r, "H323"), "Gatekeeper"), "Status", "Inactive");
	xmlNode *p = group(r, "SIP");
	roomos_put(item(p, "Proxy", 1, "4"), "Status", sip ? "Active" : "Off");
	roomos_put(item(p, "Registration", 1, "4"), "Status", sip ? "Registered" : "Inactive");
	roomos_put(group(r, "Standby"), "State", "Off");
}

xmlDoc *
roomos_status(struct site *s, int64_t now)
{
	xmlDoc *d = tree("Status", roomos_model(s));
	xmlNode *r = xmlDocGetRootElement(d);
	write_room(r, s);
	if (roomos_call_shown(s, now))
		write_call(r, s, now);
	if (roomos_call_shown(s, now) && codec_in_call(s))
		write_channels(r, s, now);
	if (s->plan->teams_mode) /* captured: the call is told here only, there are no channels */
		roomos_put(group(group(r, "MicrosoftTeams"), "Calling"), "InCall",
			codec_in_call(s) ? "True" : "False");
	roomos_write_slots(r, s, now);
	write_network(r, s);
	write_system(r, s, now);
	write_time(r, s, now);
	return d;
}

xmlDoc *
roomos_configuration(const struct site *s)
{
	xmlDoc *d = tree("Configuration", roomos_model(s));
	xmlNode *r = xmlDocGetRootElement(d);
	/* Not in our notes; the vendor's guide calls it so. */
	xmlNode *c = s->plan->old_tc ? item(r, "Conference", 1, "1") : group(r, "Conference");
	xmlNode *a = group(c, "AutoAnswer");
	roomos_put_n(a, "Delay", 0);
	roomos_put(a, "Mode", s->plan->auto_answer_off ? "Off" : "On");
	roomos_put(a, "Mute", "Off");
	xmlNode *u = group(r, "SystemUnit");
	roomos_put(u, "Name", s->plan->name);
	roomos_put(group(group(r, "NetworkServices"), "HTTP"), "Mode", "HTTPS");
	return d;
}
