/* Talks with a Cisco TelePresence MCU, shared by their programs: its device, its conference and the
 * shapes of its answers. */
#ifndef TD_TESTS_TALK_CISCO_MCU_H
#define TD_TESTS_TALK_CISCO_MCU_H

#include "adapters/adapter.h"
#include "adapters/cisco_mcu.h"
#include "adapters/internal.h"
#include "adapters/wire/http.h"
#include "adapters/wire/xml.h"
#include "base/str.h"
#include "base/utf8.h"
#include "tests/talk/peer.h"
#include "tests/talk/talk.h"
#include "tests/talk/xmlrpc.h"

#define WHO(name) \
	S("participantName", name) \
	S("participantProtocol", "sip") S("participantType", "by_address")
#define STATE(ex, more) STRUCT("currentState", S("callState", ex) S("callStateEx", ex) more)
#define HELLO \
	{ \
		.expect = { "POST /RPC2", "device.query", "<string>admin</string>", \
			"<string>s3cret</string>" }, \
		.body = REPLY(S("model", "Codian MCU 4520") S("serial", "M1") S( \
			"softwareVersion", "4.5") S("apiVersion", "2.9") I("uptime", "86400")) \
	}

static const struct mcu_adapter *const mcu = &cisco_mcu_adapter;

static const struct device box = { .name = "huyen",
	.adapter = "cisco-mcu",
	.url = "http://127.0.0.1:PORT/",
	.user = "admin",
	.password = "s3cret" };
static const struct conference room = { .id = "giao ban", .name = "giao ban" };
enum { TALK_MS = 30000 };

#include "tests/talk/mcu.h"

static const struct dial a_dial = { .site_name = "Xã Chu Túc", .leg_name = "chu-tuc",
	.address = "sip:chutuc@10.2.0.5", .attempt = "run/chu-tuc/1", .muted = true };

#endif
