/* Talks with a Cisco Meeting Server, shared by their programs: its device, its conference and the
 * shapes of its answers. */
#ifndef TD_TESTS_TALK_CISCO_CMS_H
#define TD_TESTS_TALK_CISCO_CMS_H

/* The event stream has talks of its own. */
#define PEER_ASIDE "POST /api/v1/authTokens "

#include "adapters/adapter.h"
#include "adapters/cisco_cms.h"
#include "adapters/internal.h"
#include "adapters/wire/http.h"
#include "adapters/wire/xml.h"
#include "tests/talk/peer.h"
#include "tests/talk/talk.h"

#define API "/api/v1"
#define CALL_ID "c0000000-0000-4000-8000-000000000001"
#define SPACE_ID "50000000-0000-4000-8000-000000000001"
#define LEG_1 "10000000-0000-4000-8000-000000000001"
#define LEG_2 "10000000-0000-4000-8000-000000000002"
#define LEG_3 "10000000-0000-4000-8000-000000000003"
#define MADE(path) .head = "200 OK\r\nLocation: " API path "\r\nContent-Type: text/xml"
#define NO(status, tag) \
	.head = status "\r\nContent-Type: text/xml", \
	.body = "<failureDetails>" tag "</failureDetails>"
#define BASIC "Authorization: Basic YXBpOnMzY3JldA==" /* api:s3cret */
#define STATUS \
	"<status><softwareVersion>2.9.5</softwareVersion><uptimeSeconds>86400</uptimeSeconds></" \
	"status>"
#define HELLO \
	{ \
		.expect = { "GET " API "/system/status ", BASIC }, .body = STATUS \
	}
#define LIST(total, items) "<callLegs total=\"" total "\">" items "</callLegs>"
#define LISTED(id) "<callLeg id=\"" id "\"><name>x</name><call>" CALL_ID "</call></callLeg>"
#define LEGS_OF_CALL "GET " API "/calls/" CALL_ID "/callLegs?offset=0"
#define LEG(id, state, more) \
	"<?xml version=\"1.0\"?><callLeg id=\"" id \
	"\"><name>Shown</name><remoteParty>a@10.2.0.5</remoteParty>" \
	"<originalRemoteParty>chutuc@10.2.0.5</originalRemoteParty><call>" CALL_ID \
	"</call><type>sip</type>" \
	"<direction>outgoing</direction><configuration><rxAudioMute>true</rxAudioMute>" \
	"<ownerId>" OWNER "</ownerId></configuration><status><state>" state "</state>" more \
	"</status></callLeg>"
/* "chu-tuc" */
#define OWNER "74640000-0000-0000-0000-00035fca6683"
#define GET_LEG(id) .expect = { "GET " API "/callLegs/" id " " }
#define EMPTY_CALL \
	{ \
		.expect = { LEGS_OF_CALL }, .body = LIST("0", "") \
	}
#define DIAL_1 "POST " API "/calls/" CALL_ID "/callLegs "

static const struct mcu_adapter *const mcu = &cisco_cms_adapter;

static const struct device box = { .name = "tinh",
	.adapter = "cisco-cms",
	.url = "http://127.0.0.1:PORT/",
	.user = "api",
	.password = "s3cret" };

static const struct conference room = { .id = CALL_ID "/" SPACE_ID, .name = "giao ban" };

enum { TALK_MS = 30000 };

#include "tests/talk/mcu.h"

static const struct dial a_dial = { .site_name = "Xã Chu Túc",
	.leg_name = "chu-tuc",
	.address = "sip:chutuc@10.2.0.5",
	.attempt = "run/chu-tuc/1",
	.muted = true,
	.kbps = 1024 };

#endif
