/* Talks with a Pexip Infinity Management Node, shared by their programs: its device, its conference
 * and the shapes of its answers. */
#ifndef TD_TESTS_TALK_PEXIP_H
#define TD_TESTS_TALK_PEXIP_H

#include "adapters/pexip.h"

#include "adapters/internal.h"
#include "adapters/wire/http.h"
#include "tests/talk/peer.h"
#include "tests/talk/talk.h"

#define API "/api/admin/"
#define PAGE0 "limit=200&offset=0 "
#define JSON .head = "200 OK\r\nContent-Type: application/json"
#define TAKEN .head = "202 Accepted\r\nContent-Type: application/json"
#define NO(status, text) .head = status "\r\nContent-Type: application/json", .body = text
#define BASIC "Authorization: Basic YXBpOnMzY3JldA==" /* api:s3cret */
#define LIST(total, items) \
	"{\"meta\":{\"limit\":20,\"next\":null,\"offset\":0,\"previous\":null,\"total_" \
	"count\":" total "},\"objects\":[" items "]}"
#define HELLO { .expect = { "GET " API "status/v1/management_vm/?" PAGE0, BASIC }, JSON, \
	.body = LIST("1", "{\"id\":1,\"name\":\"mgr\",\"version\":\"36 (77777.0.0)\"}") }
#define LEG_1 "a94332fc-7a07-4935-9f78-000000000001"
#define LEG_2 "a94332fc-7a07-4935-9f78-000000000002"
#define PERSON(id, service, more) \
	"{\"id\":\"" id \
	"\",\"call_direction\":\"out\",\"conference\":\"giao ban\",\"destination_alias\":" \
	"\"chutuc@10.2.0.5\",\"source_alias\":\"giao ban\",\"display_name\":\"Chu " \
	"T\\u00fac\",\"protocol\":\"SIP\"," \
	"\"remote_address\":\"10.2.0.5\",\"service_type\":\"" service \
	"\",\"has_media\":true,\"is_muted\":" more "}"
#define LEGS "GET " API "status/v1/participant/?conference=giao%20ban&" PAGE0
#define ROOM \
	{ \
		.expect = { "GET " API "configuration/v1/conference/7/ " }, JSON, \
		.body = "{\"id\":7,\"name\":\"giao " \
			"ban\",\"aliases\":[{\"alias\":\"gb@tinh\"},{\"alias\":\"x\"}]}" \
	}
#define PLACE { .expect = { "GET " API "configuration/v1/system_location/?" }, JSON, \
	.body = LIST("1", "{\"id\":3,\"name\":\"Noi bo\"}") }
#define NOBODY { .expect = { LEGS }, JSON, .body = LIST("0", "") }
#define DIAL_1 "POST " API "command/v1/participant/dial/ "
#define DIALLED(id) \
	TAKEN, .body = "{\"status\":\"success\",\"data\":{\"participant_id\":\"" id \
		       "\",\"participant_ids\":[\"" id "\"]}}"
#define STREAMS(id) "GET " API "status/v1/participant/" id "/media_stream/ "
#define HISTORY(id) "GET " API "history/v1/participant/" id "/ "

static const struct mcu_adapter *const mcu = &pexip_adapter;

static const struct device box = { .name = "tinh",
	.adapter = "pexip",
	.url = "http://127.0.0.1:PORT/",
	.user = "api",
	.password = "s3cret" };
static const struct conference room = { .id = "7", .name = "giao ban" };
enum { TALK_MS = 30000 };

#include "tests/talk/mcu.h"

static const struct dial a_dial = { .site_name = "Xã Chu Túc", .leg_name = "chu-tuc",
	.address = "sip:chutuc@10.2.0.5", .attempt = "run/chu-tuc/1", .muted = true, .kbps = 1024 };

#endif
