/* Why a leg ended or did not come about, for people: the class that an adapter made of its device's
 * word, what that word itself says where it says more, and the first thing to try.
 *
 * Called by the report, `calls`, letters and `adapters NAME`. Owns nothing but the tables. The
 * words are those of the adapters' own tables (struct cause_word); one that is not here is said by
 * its class. It must never turn a word into another class. */
#include "causes.h"

#include "base/str.h"
#include "text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct line {
	const char *word, *says, *first;
};

static const struct line classes[CAUSE_N] = {
	[CAUSE_SITE_HANGUP] = { NULL, T("hung up by the site"),
		T("Ask to stay until the end is announced.") },
	[CAUSE_OUR_HANGUP] = { NULL, T("ended by this program"), "" },
	[CAUSE_NO_ANSWER] = { NULL, T("rang to the end, nobody answered"),
		T("Ask that somebody be in the room, or that auto-answer be switched on.") },
	[CAUSE_BUSY] = { NULL, T("the line was busy"),
		T("Ask to end the other call at the equipment.") },
	[CAUSE_REJECTED] = { NULL, T("the call was rejected"),
		T("Ask to accept the call, or to switch on auto-answer.") },
	[CAUSE_WRONG_ADDRESS] = { NULL, T("wrong address in our directory"),
		T("Ask for the number or address shown on the equipment and correct sites.csv.") },
	[CAUSE_INCOMPATIBLE] = { NULL, T("incompatible equipment or settings"),
		T("Check protocol, encryption and call rate at the equipment.") },
	[CAUSE_UNREACHABLE] = { NULL, T("no sign of life"),
		T("Ask to switch on the equipment and to check power and network cable.") },
	[CAUSE_NETWORK] = { NULL, T("line interrupted"),
		T("Check the network cable; watch the line.") },
	[CAUSE_MCU] = { NULL, T("fault of the MCU"),
		T("Look at the MCU: alarms, ports in use, its own line.") },
	[CAUSE_GATEKEEPER] = { NULL, T("fault of the registrar"),
		T("Look at the gatekeeper, and at its address on the MCU.") },
	[CAUSE_AUTH] = { NULL, T("the login was refused"),
		T("Switch off the meeting password at the equipment.") },
};

static const struct line words[] = {
	{ "noGatekeeperForDN", T("the gatekeeper knows no such number"),
		T("Ask for the number shown on the equipment; check that it is registered at the "
		  "gatekeeper.") },
	{ "dnsFailed", T("the name in the address cannot be looked up"),
		T("Write the IP address of the equipment into sites.csv, or have the name put "
		  "right in DNS.") },
	{ "dnsFailure", T("the name in the address cannot be looked up"),
		T("Write the IP address of the equipment into sites.csv, or have the name put "
		  "right in DNS.") },
	{ "USER_NOT_REGISTERED",
		T("the equipment is not registered: off, or its SIP account is wrong"),
		T("Ask whether it is on; then check its SIP account and the registrar's "
		  "address.") },
	{ "SUBSCRIBER_ABSENT",
		T("the equipment is not registered: off, or its SIP account is wrong"),
		T("Ask whether it is on; then check its SIP account and the registrar's "
		  "address.") },
	{ "capabilityNegotiationError", T("both ends found no common sound or picture format"),
		T("Switch on H.264 and G.711 at the equipment, or lower its call rate.") },
	{ "SIP capabilities don't match", T("both ends found no common sound or picture format"),
		T("Switch on H.264 and G.711 at the equipment, or lower its call rate.") },
	{ "INCOMPATIBLE_DESTINATION", T("both ends found no common sound or picture format"),
		T("Switch on H.264 and G.711 at the equipment, or lower its call rate.") },
	{ "encryptionRequired", T("one end demands encryption, the other has none"),
		T("Set encryption to automatic at both ends.") },
	{ "InsufficientSecurity", T("one end demands encryption, the other has none"),
		T("Set encryption to automatic at both ends.") },
	{ "portAllocationExceeded", T("the MCU has no port left"),
		T("End what is not needed on the MCU, or use another MCU.") },
	{ "participantLimitReached", T("the licence of the MCU allows no further participant"),
		T("End what is not needed on the MCU, or use another MCU.") },
	{ "tenantParticipantLimitReached",
		T("the licence of the MCU allows no further participant"),
		T("End what is not needed on the MCU, or use another MCU.") },
	{ "gatekeeperRequiredButAbsent", T("a gatekeeper is demanded and does not answer"),
		T("Look at the gatekeeper, and at its address on the MCU.") },
	{ "remoteGatekeeperUnreachable", T("a gatekeeper is demanded and does not answer"),
		T("Look at the gatekeeper, and at its address on the MCU.") },
	{ "remoteGatekeeperRefused", T("the gatekeeper refused the call"),
		T("Ask who runs the gatekeeper whether calls to this number are allowed.") },
	{ "GATEWAY_DOWN", T("the line to the SIP provider is down"),
		T("Report the SIP line to the provider.") },
	{ "authenticationFailed", T("the other end demands a password that the MCU does not have"),
		T("Switch off the meeting password at the equipment.") },
	{ "rejectedImmediately", T("rejected at once, before it rang"),
		T("Switch off \"do not disturb\" at the equipment and allow calls from the MCU.") },
	{ "MEDIA_TIMEOUT", T("no sound or picture arrived any more"),
		T("Check the network cable; then the firewall for media ports.") },
	{ "SIP remote stopped responding", T("no sound or picture arrived any more"),
		T("Check the network cable; then the firewall for media ports.") },
	{ "NetworkRejected", T("the call was ended by the network on the way"),
		T("Check the network cable; watch the line.") },
	{ "RemoteDisconnect", T("the codec says that the other side ended it"),
		T("Look at the MCU: who ended it, or which limit it met.") },
	{ "callFailReason 109",
		T("the equipment is not registered: off, or its SIP account is wrong"),
		T("Ask whether it is on; then check its SIP account and the registrar's "
		  "address.") },
	{ "callFailReason 131076",
		T("the equipment is not registered: off, or its SIP account is wrong"),
		T("Ask whether it is on; then check its SIP account and the registrar's "
		  "address.") },
	{ "callFailReason 131077", T("the MCU itself is not registered"),
		T("Look at the gatekeeper, and at its address on the MCU.") },
	{ "callFailReason 131083", T("there is too little bandwidth for this call"),
		T("Lower the rate of the call, or ask who runs the line.") },
	{ "callFailReason 131113", T("there is too little bandwidth for this call"),
		T("Lower the rate of the call, or ask who runs the line.") },
	{ "callFailReason 196609", T("\"do not disturb\" is switched on"),
		T("Switch off \"do not disturb\" at the equipment and allow calls from the MCU.") },
	{ "callFailReason 196613", T("no sound or picture arrived any more"),
		T("Check the network cable; then the firewall for media ports.") },
	{ "callFailReason 10086", T("the MCU is not connected to its platform"),
		T("Look at the MCU: alarms, ports in use, its own line.") },
	{ "callFailReason 50331788", T("the secure connection could not be set up"),
		T("Set encryption to automatic at both ends.") },
	{ "1346379777", T("the MCU is not connected to its platform"),
		T("Look at the MCU: alarms, ports in use, its own line.") },
	{ "1347444739", T("the MCU has no port left"),
		T("End what is not needed on the MCU, or use another MCU.") },
	{ "insufficient", T("the MCU has no port left"),
		T("End what is not needed on the MCU, or use another MCU.") },
	{ "not acceptable", T("both ends found no common sound or picture format"),
		T("Switch on H.264 and G.711 at the equipment, or lower its call rate.") },
	{ "neither conference nor gateway", T("the platform does not know this room yet"),
		T("Make the room on the platform in advance: a new one takes up to a minute.") },
};

/* The device's word at the beginning of what it said: "NetworkRejected: Media timeout (SIP
 * 408)". */
static const struct line *
word_of(const char *said)
{
	for (size_t i = 0; said && i < sizeof words / sizeof words[0]; i++) {
		size_t n = strlen(words[i].word);
		if (strncasecmp(said, words[i].word, n) == 0 && !isalnum((unsigned char)said[n]) &&
			said[n] != '_')
			return &words[i];
	}
	return NULL;
}

const char *
causes_class(enum cause c)
{
	return (unsigned)c < CAUSE_N && classes[c].says ? classes[c].says : "";
}

const char *
causes_word(const char *said)
{
	const struct line *l = word_of(said);
	return l ? l->says : "";
}

const char *
causes_say(enum cause c, const char *said)
{
	const char *more = causes_word(said);
	return *more ? more : causes_class(c);
}

const char *
causes_first(enum cause c, const char *said)
{
	const struct line *l = word_of(said);
	return l ? l->first : (unsigned)c < CAUSE_N && classes[c].first ? classes[c].first : "";
}
