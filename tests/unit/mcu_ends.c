/* Why a leg ended: every word and number that the documents of MCUs give for it, and what it means
 * for a site. Written from the documents that adapters name, not from their tables: a word that is
 * missing there, one of another class, and one that no document gives all fail. UNKNOWN: it is
 * documented, and does not say whose doing it was. */
#include "adapters/asterisk.h"
#include "adapters/cisco_cms.h"
#include "adapters/cisco_mcu.h"
#include "adapters/freeswitch.h"
#include "adapters/huawei_smc2.h"
#include "adapters/huawei_smc3.h"
#include "adapters/internal.h"
#include "adapters/pexip.h"
#include "adapters/poly_rmx.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static size_t
count(const struct cause_word *table)
{
	size_t n = 0;
	while (table[n].word)
		n++;
	return n;
}

/* Both say the same, in any case of letters. */
static void
says(const struct cause_word *adapter, const struct cause_word *documented)
{
	size_t classed = 0;
	for (const struct cause_word *w = documented; w->word; w++) {
		char upper[80];
		size_t i = 0;
		for (; w->word[i] && i + 1 < sizeof upper; i++)
			upper[i] = (char)(w->word[i] >= 'a' && w->word[i] <= 'z' ? w->word[i] - 32
										 : w->word[i]);
		upper[i] = '\0';
		classed += w->cause != CAUSE_UNKNOWN;
		if (cause_lookup(adapter, w->word) != w->cause ||
			cause_lookup(adapter, upper) != w->cause)
			fail_msg("%s: %s, not %s", w->word,
				cause_name(cause_lookup(adapter, w->word)), cause_name(w->cause));
	}
	assert_int_equal(count(adapter), classed);
}

/* disconnectReason, MCU API 2.8 to 2.10. */
static void
codian(void **unused)
{
	static const struct cause_word documented[] = {
		{ "authenticationFailed", CAUSE_AUTH },
		{ "busy", CAUSE_BUSY },
		{ "capabilityNegotiationError", CAUSE_INCOMPATIBLE },
		{ "destinationUnreachable", CAUSE_UNREACHABLE },
		{ "disconnectAll", CAUSE_OUR_HANGUP },
		{ "dnsFailed", CAUSE_WRONG_ADDRESS },
		{ "failedToConnectToServer", CAUSE_UNREACHABLE },
		{ "gatekeeperEnded", CAUSE_GATEKEEPER },
		{ "gatekeeperError", CAUSE_GATEKEEPER },
		{ "gatekeeperForced", CAUSE_GATEKEEPER },
		{ "gatekeeperRequiredButAbsent", CAUSE_GATEKEEPER },
		{ "h225DecodeError", CAUSE_INCOMPATIBLE },
		{ "h225ProtocolError", CAUSE_INCOMPATIBLE },
		{ "h225SocketError", CAUSE_NETWORK },
		{ "h245DecodeError", CAUSE_INCOMPATIBLE },
		{ "moved", CAUSE_OUR_HANGUP },
		{ "networkError", CAUSE_NETWORK },
		{ "noAnswer", CAUSE_NO_ANSWER },
		{ "noGatekeeperForDN", CAUSE_WRONG_ADDRESS },
		{ "portAllocationExceeded", CAUSE_MCU },
		{ "protocolError", CAUSE_INCOMPATIBLE },
		{ "q931DecodeError", CAUSE_INCOMPATIBLE },
		{ "q931ProtocolError", CAUSE_INCOMPATIBLE },
		{ "rejected", CAUSE_REJECTED },
		{ "rejectedImmediately", CAUSE_REJECTED },
		{ "remoteGatekeeperRefused", CAUSE_GATEKEEPER },
		{ "remoteGatekeeperUnreachable", CAUSE_GATEKEEPER },
		{ "remoteGatewayResources", CAUSE_GATEKEEPER },
		{ "remoteTeardown", CAUSE_SITE_HANGUP },
		{ "serviceUnavailable", CAUSE_UNKNOWN },
		{ NULL, CAUSE_UNKNOWN },
	};
	says(cisco_mcu_causes, documented);
}

/* callLegEnd reason, Call Detail Records guide. */
static void
meeting_server(void **unused)
{
	static const struct cause_word documented[] = {
		{ "apiInitiatedTeardown", CAUSE_OUR_HANGUP },
		{ "callDeactivated", CAUSE_UNKNOWN },
		{ "callEnded", CAUSE_OUR_HANGUP },
		{ "callMoved", CAUSE_OUR_HANGUP },
		{ "clientInitiatedTeardown", CAUSE_OUR_HANGUP },
		{ "confirmationTimeOut", CAUSE_UNKNOWN },
		{ "dnsFailure", CAUSE_WRONG_ADDRESS },
		{ "encryptionRequired", CAUSE_INCOMPATIBLE },
		{ "error", CAUSE_UNKNOWN },
		{ "incorrectPasscode", CAUSE_UNKNOWN },
		{ "ivrTimeout", CAUSE_UNKNOWN },
		{ "ivrUnknownCall", CAUSE_WRONG_ADDRESS },
		{ "localTeardown", CAUSE_UNKNOWN },
		{ "participantLimitReached", CAUSE_MCU },
		{ "remoteBusy", CAUSE_BUSY },
		{ "remoteRejected", CAUSE_REJECTED },
		{ "remoteTeardown", CAUSE_SITE_HANGUP },
		{ "ringingTimeout", CAUSE_NO_ANSWER },
		{ "tenantParticipantLimitReached", CAUSE_MCU },
		{ "timeout", CAUSE_UNKNOWN }, /* what stands beside it decides, below */
		{ "unknownDestination", CAUSE_WRONG_ADDRESS },
		{ NULL, CAUSE_UNKNOWN },
	};
	says(cisco_cms_causes, documented);
	assert_int_equal(cms_ending("timeout", 57).cause, CAUSE_NETWORK);
	assert_int_equal(cms_ending("timeout", 0).cause, CAUSE_UNREACHABLE);
}

/* DISCONNECTION_CAUSE, administrator's guide, appendix on call detail records. Of the SIP words the
 * numbers are not published. */
static void
rmx(void **unused)
{
	static const struct {
		int64_t id;
		enum cause cause;
	} numbers[] = {
		{ 0, CAUSE_UNKNOWN },	   /* none */
		{ 1, CAUSE_SITE_HANGUP },  /* participant hung up */
		{ 2, CAUSE_OUR_HANGUP },   /* by user */
		{ 5, CAUSE_MCU },	   /* resources */
		{ 6, CAUSE_UNKNOWN },	   /* password, of one who calls in */
		{ 20, CAUSE_MCU },	   /* audio, video, FECC, control, content port */
		{ 21, CAUSE_MCU },
		{ 22, CAUSE_MCU },
		{ 23, CAUSE_MCU },
		{ 24, CAUSE_UNKNOWN },
		{ 25, CAUSE_MCU },
		{ 51, CAUSE_INCOMPATIBLE }, /* encryption */
		{ 53, CAUSE_INCOMPATIBLE },
		{ 59, CAUSE_INCOMPATIBLE },
		{ 141, CAUSE_UNREACHABLE }, /* called party not registered */
		{ 145, CAUSE_GATEKEEPER },
		{ 152, CAUSE_GATEKEEPER },
		{ 153, CAUSE_GATEKEEPER },
		{ 154, CAUSE_GATEKEEPER },
	};
	static const struct cause_word words[] = {
		{ "SIP busy here", CAUSE_BUSY },
		{ "SIP busy everywhere", CAUSE_BUSY },
		{ "SIP capabilities don't match", CAUSE_INCOMPATIBLE },
		{ "SIP client error 403", CAUSE_REJECTED },
		{ "SIP client error 404", CAUSE_WRONG_ADDRESS },
		{ "SIP client error 408", CAUSE_UNREACHABLE },
		{ "SIP client error 410", CAUSE_WRONG_ADDRESS },
		{ "SIP client error 480", CAUSE_UNKNOWN },
		{ "SIP client error 484", CAUSE_WRONG_ADDRESS },
		{ "SIP client error 486", CAUSE_BUSY },
		{ "SIP client error 487", CAUSE_UNKNOWN },
		{ "SIP client error 488", CAUSE_INCOMPATIBLE },
		{ "SIP forbidden", CAUSE_REJECTED },
		{ "SIP global failure 603", CAUSE_REJECTED },
		{ "SIP global failure 604", CAUSE_WRONG_ADDRESS },
		{ "SIP global failure 606", CAUSE_INCOMPATIBLE },
		{ "SIP gone", CAUSE_WRONG_ADDRESS },
		{ "SIP not found", CAUSE_WRONG_ADDRESS },
		{ "SIP remote cancelled call", CAUSE_SITE_HANGUP },
		{ "SIP remote closed call", CAUSE_SITE_HANGUP },
		{ "SIP remote stopped responding", CAUSE_NETWORK },
		{ "SIP remote unreachable", CAUSE_UNREACHABLE },
		{ "SIP request terminated", CAUSE_UNKNOWN },
		{ "SIP request timeout", CAUSE_UNREACHABLE },
	};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (rmx_ending(numbers[i].id, "", "0").cause != numbers[i].cause)
			fail_msg("cause %lld", (long long)numbers[i].id);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (rmx_ending(9999, words[i].word, "0").cause != words[i].cause)
			fail_msg("%s", words[i].word);
}

/* Hangup-Cause: names of Q.850 and FreeSWITCH's own, where nothing stands beside them. */
static void
freeswitch(void **unused)
{
	static const struct cause_word documented[] = {
		{ "UNALLOCATED_NUMBER", CAUSE_WRONG_ADDRESS },
		{ "NO_ROUTE_DESTINATION", CAUSE_WRONG_ADDRESS },
		{ "INVALID_NUMBER_FORMAT", CAUSE_WRONG_ADDRESS },
		{ "NUMBER_CHANGED", CAUSE_WRONG_ADDRESS },
		{ "INVALID_URL", CAUSE_WRONG_ADDRESS },
		{ "USER_BUSY", CAUSE_BUSY },
		{ "NO_USER_RESPONSE", CAUSE_UNKNOWN }, /* 480: of a registrar or of the codec */
		{ "NO_ANSWER", CAUSE_NO_ANSWER },
		{ "CALL_REJECTED", CAUSE_REJECTED },
		{ "INCOMPATIBLE_DESTINATION", CAUSE_INCOMPATIBLE },
		{ "BEARERCAPABILITY_NOTIMPL", CAUSE_INCOMPATIBLE },
		{ "NORMAL_CLEARING", CAUSE_UNKNOWN },
		{ "NORMAL_TEMPORARY_FAILURE", CAUSE_UNREACHABLE },
		{ "RECOVERY_ON_TIMER_EXPIRE", CAUSE_UNREACHABLE },
		{ "NETWORK_OUT_OF_ORDER", CAUSE_UNREACHABLE },
		{ "PROGRESS_TIMEOUT", CAUSE_UNREACHABLE },
		{ "USER_NOT_REGISTERED", CAUSE_UNREACHABLE },
		{ "SUBSCRIBER_ABSENT", CAUSE_UNREACHABLE },
		{ "MEDIA_TIMEOUT", CAUSE_NETWORK },
		{ "ORIGINATOR_CANCEL", CAUSE_OUR_HANGUP },
		{ "MANAGER_REQUEST", CAUSE_OUR_HANGUP },
		{ "GATEWAY_DOWN", CAUSE_GATEKEEPER },
		{ "INVALID_GATEWAY", CAUSE_MCU },
		{ "INVALID_PROFILE", CAUSE_MCU },
		{ "CHAN_NOT_IMPLEMENTED", CAUSE_MCU },
		{ "DESTINATION_OUT_OF_ORDER", CAUSE_MCU },
		{ "REQUESTED_CHAN_UNAVAIL", CAUSE_MCU },
		{ "NORMAL_CIRCUIT_CONGESTION", CAUSE_MCU },
		{ "SWITCH_CONGESTION", CAUSE_MCU },
		{ "SYSTEM_SHUTDOWN", CAUSE_MCU },
		{ "CRASH", CAUSE_MCU },
		{ NULL, CAUSE_UNKNOWN },
	};
	says(freeswitch_causes, documented);
}

/* ChannelDestroyed cause (Q.850) of one that was never up, and what the SIP answer or the end of a
 * leg that was up makes of it. */
static void
asterisk(void **unused)
{
	static const struct {
		struct ari_end end;
		enum cause cause;
	} documented[] = {
		{ { .q850 = 1 }, CAUSE_WRONG_ADDRESS },
		{ { .q850 = 3 }, CAUSE_WRONG_ADDRESS },
		{ { .q850 = 16 }, CAUSE_UNKNOWN },
		{ { .q850 = 17 }, CAUSE_BUSY },
		{ { .q850 = 18 }, CAUSE_UNREACHABLE },
		{ { .q850 = 19 }, CAUSE_UNREACHABLE },
		{ { .q850 = 19, .rang = true }, CAUSE_NO_ANSWER },
		{ { .q850 = 20 }, CAUSE_UNREACHABLE },
		{ { .q850 = 21 }, CAUSE_REJECTED },
		{ { .q850 = 22 }, CAUSE_WRONG_ADDRESS },
		{ { .q850 = 28 }, CAUSE_WRONG_ADDRESS },
		{ { .q850 = 34 }, CAUSE_MCU },
		{ { .q850 = 38 }, CAUSE_MCU },
		{ { .q850 = 41 }, CAUSE_MCU },
		{ { .q850 = 42 }, CAUSE_MCU },
		{ { .q850 = 44 }, CAUSE_MCU },
		{ { .q850 = 34, .sip = 503 }, CAUSE_REJECTED },
		{ { .q850 = 38, .sip = 500 }, CAUSE_REJECTED },
		{ { .q850 = 41, .sip = 503 }, CAUSE_REJECTED },
		{ { .q850 = 42, .sip = 503 }, CAUSE_REJECTED },
		{ { .q850 = 44, .up = true }, CAUSE_NETWORK },
		{ { .q850 = 58 }, CAUSE_INCOMPATIBLE },
		{ { .q850 = 65 }, CAUSE_INCOMPATIBLE },
		{ { .q850 = 88 }, CAUSE_INCOMPATIBLE },
		{ { .q850 = 102 }, CAUSE_UNREACHABLE },
		{ { .q850 = 102, .up = true }, CAUSE_NETWORK },
		{ { .q850 = 127 }, CAUSE_UNKNOWN },
		{ { .q850 = 0, .sip = 407 }, CAUSE_AUTH },
		{ { .q850 = 0, .up = true, .bye = true }, CAUSE_SITE_HANGUP },
	};
	for (size_t i = 0; i < sizeof documented / sizeof *documented; i++)
		if (ari_ending(&documented[i].end).cause != documented[i].cause)
			fail_msg("%zu: %lld %lld", i, (long long)documented[i].end.q850,
				(long long)documented[i].end.sip);
}

/* disconnect_reason, of the vendor's page, with words around them. */
static void
pexip(void **unused)
{
	static const struct cause_word documented[] = {
		{ "Disconnected by an administrator", CAUSE_OUR_HANGUP },
		{ "Disconnected by another participant", CAUSE_OUR_HANGUP },
		{ "Conference terminated by a Host participant", CAUSE_OUR_HANGUP },
		{ "Disconnected with a DTMF command", CAUSE_OUR_HANGUP },
		{ "Call transferred", CAUSE_OUR_HANGUP },
		{ "Timeout waiting for conference host to join", CAUSE_MCU },
		{ "Insufficient capacity", CAUSE_MCU },
		{ "No license available", CAUSE_MCU },
		{ "No direct route between Edge and Transcoding", CAUSE_MCU },
		{ "Neither conference nor gateway found", CAUSE_MCU },
		{ "Busy Here", CAUSE_BUSY },
		{ "Decline", CAUSE_REJECTED },
		{ "Call rejected", CAUSE_REJECTED },
		{ "Forbidden", CAUSE_REJECTED },
		{ "Not Found", CAUSE_WRONG_ADDRESS },
		{ "Does Not Exist Anywhere", CAUSE_WRONG_ADDRESS },
		{ "Address Incomplete", CAUSE_WRONG_ADDRESS },
		{ "Not Acceptable Here", CAUSE_INCOMPATIBLE },
		{ "Unsupported Media Type", CAUSE_INCOMPATIBLE },
		{ "No answer", CAUSE_NO_ANSWER },
		{ "Request Timeout", CAUSE_UNREACHABLE },
		{ "Media timeout", CAUSE_NETWORK },
		{ "Call disconnected", CAUSE_SITE_HANGUP },
		{ "Participant disconnected", CAUSE_SITE_HANGUP },
		{ "User initiated disconnect", CAUSE_SITE_HANGUP },
		{ "Call failed", CAUSE_UNKNOWN },
		{ "Temporarily Unavailable", CAUSE_UNKNOWN },
	};
	size_t classed = 0;
	for (size_t i = 0; i < sizeof documented / sizeof *documented; i++) {
		classed += documented[i].cause != CAUSE_UNKNOWN;
		if (pexip_ending(documented[i].word, true).cause != documented[i].cause)
			fail_msg("%s", documented[i].word);
	}
	assert_int_equal(count(pexip_causes), classed);
}

/* callFailReason: the vendor's texts of call reasons. */
static const struct {
	int64_t first, last;
	enum cause cause;
} reasons[] = {
	{ 106, 106, CAUSE_GATEKEEPER },	      /* registrar busy */
	{ 107, 107, CAUSE_WRONG_ADDRESS },    /* illegal IP */
	{ 109, 109, CAUSE_UNREACHABLE },      /* called one not online */
	{ 110, 110, CAUSE_WRONG_ADDRESS },    /* no such number */
	{ 111, 111, CAUSE_MCU },	      /* no resource */
	{ 113, 113, CAUSE_UNREACHABLE },      /* network unreachable */
	{ 114, 114, CAUSE_GATEKEEPER },	      /* the signalling server hung up */
	{ 115, 115, CAUSE_REJECTED },
	{ 116, 116, CAUSE_GATEKEEPER },	      /* its resources or licence */
	{ 117, 117, CAUSE_BUSY },
	{ 118, 118, CAUSE_UNREACHABLE },
	{ 121, 122, CAUSE_MCU },	      /* no such conference, IP dialling forbidden */
	{ 125, 126, CAUSE_MCU },	      /* no resource */
	{ 127, 127, CAUSE_UNREACHABLE },      /* out of service */
	{ 129, 129, CAUSE_NO_ANSWER },
	{ 130, 130, CAUSE_OUR_HANGUP },	      /* cancelled by user */
	{ 132, 132, CAUSE_MCU },	      /* not started */
	{ 224, 224, CAUSE_UNKNOWN },
	{ 309, 309, CAUSE_MCU },
	{ 10086, 10086, CAUSE_MCU },	      /* MCU offline */
	{ 65537, 65542, CAUSE_GATEKEEPER },   /* number registration */
	{ 131073, 131073, CAUSE_GATEKEEPER }, /* ARQ timeout */
	{ 131075, 131075, CAUSE_MCU },
	{ 131076, 131076, CAUSE_UNREACHABLE },	/* called one not registered */
	{ 131077, 131077, CAUSE_GATEKEEPER },	/* MCU not registered */
	{ 131081, 131081, CAUSE_UNREACHABLE },	/* network or peer does not respond */
	{ 131082, 131084, CAUSE_MCU },		/* resource, bandwidth, duplicate call */
	{ 131085, 131085, CAUSE_WRONG_ADDRESS },/* address mismatch */
	{ 131088, 131091, CAUSE_INCOMPATIBLE }, /* capability negotiation */
	{ 131092, 131096, CAUSE_NETWORK },	/* link set-up */
	{ 131097, 131097, CAUSE_MCU },		/* routing loop */
	{ 131113, 131114, CAUSE_MCU },		/* line bandwidth, port configuration */
	{ 131121, 131121, CAUSE_NETWORK },	/* network break */
	{ 131122, 131122, CAUSE_GATEKEEPER },
	{ 131123, 131123, CAUSE_INCOMPATIBLE }, /* address families */
	{ 131127, 131127, CAUSE_GATEKEEPER },	/* flow control */
	{ 196609, 196609, CAUSE_REJECTED },	/* do not disturb */
	{ 196612, 196613, CAUSE_NETWORK },	/* round trip; nothing received */
	{ 196614, 196614, CAUSE_MCU },		/* cleared for a new one */
	{ 196619, 196620, CAUSE_OUR_HANGUP },	/* by administrator, by chair */
	{ 196622, 196622, CAUSE_SITE_HANGUP },	/* the called one hung up */
	{ 196626, 196627, CAUSE_MCU },
	{ 196628, 196628, CAUSE_NETWORK },	/* line out of sync */
	{ 196630, 196630, CAUSE_MCU },
	{ 196632, 196633, CAUSE_MCU },
	{ 196634, 196634, CAUSE_NETWORK },	/* keep-alive timeout */
	{ 196689, 196689, CAUSE_GATEKEEPER },
	{ 262149, 262151, CAUSE_GATEKEEPER },	/* registration signalling */
	{ 262155, 262155, CAUSE_UNKNOWN },	/* call signalling incomplete: whose is not told */
	{ 262161, 262161, CAUSE_GATEKEEPER },
	{ 262165, 262169, CAUSE_UNKNOWN },
	{ 262184, 262184, CAUSE_GATEKEEPER },
	{ 262188, 262188, CAUSE_UNKNOWN },
	{ 262194, 262194, CAUSE_GATEKEEPER },
	{ 262199, 262199, CAUSE_GATEKEEPER },
	{ 262228, 262228, CAUSE_GATEKEEPER },
	{ 262230, 262230, CAUSE_SITE_HANGUP },	/* the called one hung up */
	{ 262231, 262231, CAUSE_GATEKEEPER },
	{ 262233, 262233, CAUSE_GATEKEEPER },
	{ 262245, 262245, CAUSE_MCU },
	{ 16711681, 16711681, CAUSE_GATEKEEPER },
	{ 16711682, 16711685, CAUSE_UNKNOWN },	/* call failed; hung up after connect */
	{ 50331672, 50331672, CAUSE_WRONG_ADDRESS }, /* no such site */
	{ 50331674, 50331674, CAUSE_MCU },
	{ 50331703, 50331703, CAUSE_MCU },
	{ 50331733, 50331733, CAUSE_MCU },
	{ 50331735, 50331735, CAUSE_MCU },
	{ 50331740, 50331740, CAUSE_UNKNOWN },	/* request timeout */
	{ 50331788, 50331788, CAUSE_INCOMPATIBLE },
};

static void
smc3(void **unused)
{
	size_t classed = 0;
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		for (int64_t n = reasons[i].first; n <= reasons[i].last; n++) {
			classed += reasons[i].cause != CAUSE_UNKNOWN;
			if (smc3_ending(n, true).cause != reasons[i].cause ||
				smc2_ending(n, "").cause != reasons[i].cause)
				fail_msg("%lld: %s", (long long)n,
					cause_name(smc3_ending(n, true).cause));
		}
	assert_int_equal(count(huawei_smc3_causes), classed);
	/* The caller hung up: that is the platform where it called. */
	assert_int_equal(smc3_ending(196623, true).cause, CAUSE_OUR_HANGUP);
	assert_int_equal(smc3_ending(262229, true).cause, CAUSE_OUR_HANGUP);
	assert_int_equal(smc3_ending(262229, false).cause, CAUSE_UNKNOWN);
}

/* Codes of the eSDK beyond those, interface reference. */
static void
smc2(void **unused)
{
	static const struct {
		int64_t code;
		enum cause cause;
	} documented[] = {
		{ 1345323009, CAUSE_WRONG_ADDRESS }, /* no such site */
		{ 1346371585, CAUSE_MCU },	     /* no such MCU, MCU timeout, not connected .. */
		{ 1346371607, CAUSE_MCU },
		{ 1346379777, CAUSE_MCU },
		{ 1346379779, CAUSE_MCU },
		{ 1346379780, CAUSE_MCU },
		{ 1347424259, CAUSE_MCU },
		{ 1347444739, CAUSE_MCU },
		{ 16711686, CAUSE_WRONG_ADDRESS },
		{ 100663411, CAUSE_REJECTED },
		{ 100663413, CAUSE_BUSY },
		{ 117375016, CAUSE_WRONG_ADDRESS },
		{ 117375018, CAUSE_UNREACHABLE },
		{ 117375024, CAUSE_BUSY },
		{ 117375025, CAUSE_NO_ANSWER },
		{ 117375026, CAUSE_NO_ANSWER },
		{ 117375027, CAUSE_REJECTED },
		{ 117375031, CAUSE_WRONG_ADDRESS },
		{ 117375060, CAUSE_INCOMPATIBLE },
	};
	for (size_t i = 0; i < sizeof documented / sizeof *documented; i++)
		if (smc2_ending(documented[i].code, "").cause != documented[i].cause)
			fail_msg("%lld", (long long)documented[i].code);
	assert_int_equal(count(huawei_smc2_causes), sizeof documented / sizeof *documented);
	assert_int_equal(smc2_ending(1350566001, "").cause, CAUSE_UNKNOWN); /* the eSDK's timeout */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codian),
		cmocka_unit_test(meeting_server),
		cmocka_unit_test(rmx),
		cmocka_unit_test(freeswitch),
		cmocka_unit_test(asterisk),
		cmocka_unit_test(pexip),
		cmocka_unit_test(smc3),
		cmocka_unit_test(smc2),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
