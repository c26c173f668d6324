/* Talks with a Cisco TelePresence Server in standalone mode, a variant of cisco-mcu, shared by
 * their programs: its device, its conference and the shapes of its answers. */
#ifndef TD_TESTS_TALK_CISCO_MCU_TPS_H
#define TD_TESTS_TALK_CISCO_MCU_TPS_H

#include "adapters/adapter.h"
#include "adapters/cisco_mcu.h"
#include "adapters/internal.h"
#include "adapters/wire/http.h"
#include "adapters/wire/trace.h"
#include "adapters/wire/xml.h"
#include "base/str.h"
#include "tests/talk/peer.h"
#include "tests/talk/talk.h"
#include "tests/talk/xmlrpc.h"

#define SECRET "00112233445566778899aabbccddeeff"
#define URL "http://10.1.1.2:8091/push/" SECRET
#define QUERY \
	{ \
		CALL("device.query", "<string>admin</string>", "<string>s3cret</string>"), \
			.body = REPLY(S("model", "Telepresence Server 8710") S("serial", "T1") \
					S("softwareVersion", "4.0(1.57)") S("apiVersion", "4.0") \
						I("uptime", "77") I("totalVideoPorts", "48")) \
	}
#define HELLO \
	QUERY, \
	{ \
		CALL("system.info"), .body = REPLY(S("operationMode", "standalone")) \
	}
#define ROOM "6b30aed0-be06-11e2-af9d-000d7c112b10"
#define ONE "c8200c3f-49ce-4763-98e0-790b4f038995"
#define TWO "b1101410-6bb8-487e-9d6f-91e810e80651"
#define IN_ROOM "<name>conferenceGUID</name><value><string>" ROOM "</string>"
#define PERSON(id, address, more) ITEM(S("participantGUID", id) S("address", address) more)
#define STATUS(body_) \
	{ \
		CALL("conference.status", IN_ROOM), .body = body_ \
	}
#define NOBODY STATUS(REPLY(S("conferenceName", "giao ban")))
#define INVITED \
	REPLY(LIST("participantList", PERSON(ONE, "sip:chutuc@10.2.0.5", I("participantID", "7"))))
#define INVITE \
	CALL("conference.invite", IN_ROOM, \
		"<name>address</name><value><string>sip:chutuc@10.2.0.5</string>")
#define UP S("connectionState", "connected")

static const struct mcu_adapter *const mcu = &cisco_mcu_adapter;
static const struct device box = { .name = "tinh",
	.adapter = "cisco-mcu",
	.url = "http://127.0.0.1:PORT/",
	.user = "admin",
	.password = "s3cret",
	.push_url = URL,
	.width = 1 };
static const struct conference room = { .id = ROOM, .name = "giao ban" };
static const struct leg one = { .id = ONE, .name = "Xã Chu Túc" };
enum { TALK_MS = 30000 };

#include "tests/talk/mcu.h"

static const struct dial a_dial = { .site_name = "Xã Chu Túc",
	.leg_name = "chu-tuc",
	.address = "sip:chutuc@10.2.0.5",
	.attempt = "run/chu-tuc/1",
	.muted = true,
	.kbps = 1024 };

#endif
