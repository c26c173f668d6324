/* Talks with a Cisco codec over HTTP, shared by their programs: the device and the shapes of its
 * documents. */
#ifndef TD_TESTS_TALK_CISCO_ROOMOS_H
#define TD_TESTS_TALK_CISCO_ROOMOS_H

#include "adapters/adapter.h"
#include "adapters/cisco_roomos.h"
#include "adapters/internal.h"
#include "adapters/wire/http.h"
#include "tests/talk/peer.h"
#include "tests/talk/codec_talk.h"

static const struct endpoint_adapter *const box = &cisco_roomos_adapter;

#define XML "<?xml version=\"1.0\"?>\n"
#define DOC(inner) \
	XML "<Status product=\"Cisco Codec\" version=\"ce26.7\" apiVersion=\"4\">" inner "</" \
											 "Status>"
#define UNIT(active) \
	DOC("<SystemUnit><Hardware><Module><SerialNumber>FOC12345678</SerialNumber></Module></" \
	    "Hardware>" \
	    "<ProductId>Cisco Room Bar</ProductId><Software><DisplayName>RoomOS 26.7.1.12 " \
	    "67c6e508983</DisplayName>" \
	    "<Version>ce26.7.1.12.67c6e508983</Version></" \
	    "Software><State><NumberOfActiveCalls>" active \
	    "</NumberOfActiveCalls><NumberOfInProgressCalls>0</NumberOfInProgressCalls></State>" \
	    "<Uptime>61273</Uptime></SystemUnit>")
#define CALL(n, state, extra) \
	"<Call item=\"" n "\" maxOccurrence=\"n\"><Status>" state "</Status>" extra "</Call>"
#define UP \
	CALL("3", "Connected", \
		"<AnswerState>Autoanswered</AnswerState><CallbackNumber>sip:hop@mcu.example</" \
		"CallbackNumber>" \
		"<Direction>Incoming</Direction><RemoteNumber>hop@mcu.example</RemoteNumber>")
#define NOBODY XML "<EmptyResult/>"
#define CHANNEL(n, type, direction, inside, packets, lost, rate) \
	"<Channel item=\"" n "\" maxOccurrence=\"n\"><" type ">" inside "</" type \
	"><Direction>" direction \
	"</Direction><Encryption>On</Encryption><Netstat><ChannelRate>" rate \
	"</ChannelRate><Jitter>4</Jitter><Loss>" lost "</Loss><Packets>" packets \
	"</Packets><RoundTripTime>12</RoundTripTime></Netstat><Type>" type "</Type></Channel>"
#define PICTURE(protocol) \
	"<ChannelRole>Main</ChannelRole><FrameRate>30</FrameRate><Protocol>" protocol \
	"</Protocol><ResolutionX>1920</ResolutionX><ResolutionY>1080</ResolutionY>"
#define ASK(path, answer) \
	{ \
		.expect = { "GET /getxml?location=/" path " " }, .body = answer \
	}
#define BEGIN_SESSION(cookie) \
	{ \
		.expect = { "POST /xmlapi/session/begin ", \
			"Authorization: Basic YWRtaW46czNjcmV0" }, \
		.head = "204 No Content\r\nSet-Cookie: SessionId=" cookie \
			"; Path=/; Secure; HttpOnly" \
	}
#define END_SESSION(cookie) \
	{ \
		.expect = { "POST /xmlapi/session/end ", "Cookie: SessionId=" cookie }, \
		.never = "Authorization", .head = "204 No Content" \
	}

static const struct device codec = { .name = "site:chu-tuc",
	.adapter = "cisco-roomos",
	.url = "http://127.0.0.1:PORT/",
	.user = "admin",
	.password = "s3cret" };

CODEC_STAGE(box, codec)

/* A talk inside a session that is begun and ended. */
#define OPENED(...) \
	BEGIN(BEGIN_SESSION("abc"), __VA_ARGS__, END_SESSION("abc")); \
	if (box->open(&k.task, &k.lane)) \
		fail_msg("open: %s", k.task.why)

#endif
