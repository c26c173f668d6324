/* Cisco TelePresence Server: its nouns. What turns one XML-RPC value into a leg or a sample.
 *
 * Called by cisco_mcu_tps.c, cisco_mcu_tps_legs.c, the talks and the fuzzer. Owns nothing, does no
 * I/O. Must never read a word as good that no source explains: of connectionState only "connected"
 * is known, so everything else is a leg on its way. */
#include "adapters/cisco_mcu.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>

bool
tps_address(const char *address, char out[TPS_ADDRESS_MAX + 1])
{
	const char *protocol, *rest;
	cisco_address(address, &protocol, &rest);
	int n = snprintf(out, TPS_ADDRESS_MAX + 1, "%s:%s", protocol, rest);
	return *rest && n <= TPS_ADDRESS_MAX && !strchr(rest, ',');
}

bool
tps_is_diagnosis(const char *method)
{
	return str_eq(method, "participantDiagnosticResponse") ||
	       str_eq(method, "participantDiagnosticsResponse");
}

bool
tps_is_standalone(const char *mode)
{
	return str_empty(mode) || str_eq_nocase(mode, "standalone");
}

/*  { participantGUID, address [, displayName] [, connectionState "connected"] [, rxAudioMute]
 *    [, calls [ { incoming } ]] }  */
bool
tps_leg(const struct xmlrpc *item, struct leg *out)
{
	*out = (struct leg){ 0 };
	const char *id = xmlrpc_text(item, "participantGUID", "");
	const char *address = xmlrpc_text(item, "address", ""), *protocol, *rest;
	const struct xmlrpc *calls = xmlrpc_get(item, "calls");
	if (str_empty(id) || !str_copy(out->id, sizeof out->id, id))
		return false;
	cisco_address(address, &protocol, &rest);
	str_copy(out->protocol, sizeof out->protocol, *rest ? protocol : "");
	if (*rest) {
		char whole[sizeof out->address + 8];
		snprintf(whole, sizeof whole, "%s:%s", protocol, rest);
		str_copy(out->address, sizeof out->address, whole);
	}
	str_copy(out->name, sizeof out->name, xmlrpc_text(item, "displayName", rest));
	out->incoming = calls && calls->first && xmlrpc_tri(calls->first, "incoming") == YES;
	out->configured = !out->incoming;
	out->muted = xmlrpc_tri(item, "rxAudioMute");
	out->state = str_eq_nocase(xmlrpc_text(item, "connectionState", ""), "connected")
			     ? LEG_UP
			     : LEG_DIALING;
	return true;
}

static struct figure
positive(const struct xmlrpc *from, const char *name, int divide)
{
	struct figure f = xmlrpc_figure(from, name);
	if (!f.known || f.v < 0)
		return (struct figure){ 0 };
	f.v /= divide;
	return f;
}

/* The first of an array: of a room with several screens the one that the box counts first. An empty
 * array is not told to mean a closed channel. The unit of energy and what packetErrors counts are
 * told nowhere: both are left. */
static const struct xmlrpc *
first_of(const struct xmlrpc *from, const char *name)
{
	const struct xmlrpc *all = xmlrpc_get(from, name);
	return all && all->kind == XMLRPC_ARRAY ? all->first : all;
}

static bool
take_stream(const struct xmlrpc *from, bool received, struct stream *out)
{
	if (!from || from->kind != XMLRPC_STRUCT)
		return false;
	const char *codec = xmlrpc_text(from, "codec", "");
	if (!str_empty(codec))
		out->open = tri_of(!str_eq_nocase(codec, "none"));
	str_copy(out->codec, sizeof out->codec, codec);
	out->packets = positive(from, received ? "packetsReceived" : "packetsSent", 1);
	if (received)
		out->lost = positive(from, "packetsMissing", 1);
	else
		out->far_lost = positive(from, "packetsLost", 1);
	out->kbps = positive(from, "actualBitRate", 1000);
	out->jitter_ms = positive(from, "jitter", 1);
	out->width = positive(from, "width", 1);
	out->height = positive(from, "height", 1);
	out->fps = positive(from, "frameRate", 1);
	return true;
}

bool
tps_media(const struct xmlrpc *from, struct media_sample *out)
{
	static const struct {
		const char *name;
		enum medium medium;
		enum direction direction; /* the box's receiver stands on the site's side */
	} streams[] = {
		{ "audioRx", AUDIO, FROM_SITE },
		{ "audioTx", AUDIO, TO_SITE },
		{ "videoRx", VIDEO, FROM_SITE },
		{ "videoTx", VIDEO, TO_SITE },
	};
	bool any = false;
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
		any |= take_stream(first_of(from, streams[i].name),
			streams[i].direction == FROM_SITE,
			&out->s[streams[i].medium][streams[i].direction]);
	return any;
}
