/* Talks with a Polycom RMX, shared by their programs: its device, its conference and the shapes of
 * its answers. */
#ifndef TD_TESTS_TALK_POLY_RMX_H
#define TD_TESTS_TALK_POLY_RMX_H

#include "adapters/adapter.h"
#include "adapters/internal.h"
#include "adapters/poly_rmx.h"
#include "adapters/wire/http.h"
#include "adapters/wire/xml.h"
#include "tests/talk/peer.h"
#include "tests/talk/talk.h"

#define RETURN(id, words) \
	"<RETURN_STATUS><ID>" id "</ID><DESCRIPTION>" words \
	"</DESCRIPTION><YOUR_TOKEN1>0</YOUR_TOKEN1>" \
	"<YOUR_TOKEN2>0</YOUR_TOKEN2><MESSAGE_ID>2</MESSAGE_ID><DESCRIPTION_EX></" \
	"DESCRIPTION_EX></RETURN_STATUS>"
#define SAYS(trans, status, words, action) \
	"<RESPONSE_" trans ">" RETURN(status, words) "<ACTION>" action \
						     "</ACTION></RESPONSE_" trans ">"
#define OKAY(trans, action) SAYS(trans, "0", "Status OK", action)
#define LOGIN_OK \
	OKAY("TRANS_MCU", "<LOGIN><MCU_TOKEN>77</MCU_TOKEN><MCU_USER_TOKEN>78</" \
			  "MCU_USER_TOKEN><API_NUMBER>180" \
			  "</API_NUMBER><PRODUCT_TYPE>RMX_1800</PRODUCT_TYPE></LOGIN>")
#define HELLO \
	{ \
		.expect = { "<TRANS_MCU>", "<MCU_TOKEN>0</MCU_TOKEN>", \
			"<USER_NAME>admin</USER_NAME>", "<PASSWORD>s3cret</PASSWORD>" }, \
		.body = LOGIN_OK \
	}
#define STATE_OK \
	OKAY("TRANS_MCU", \
		"<GET_STATE><MCU_STATE><ID>1</ID><DESCRIPTION>Normal</DESCRIPTION>" \
		"<NUMBER_OF_ACTIVE_ALARMS>0</NUMBER_OF_ACTIVE_ALARMS></MCU_STATE></GET_STATE>")
#define ALIVE \
	{ \
		.expect = { "<TRANS_MCU>", "<GET_STATE/>" }, .body = STATE_OK \
	}
#define GET(token) \
	.expect = { "<TRANS_CONF_2>", "<MCU_TOKEN>77</MCU_TOKEN>", \
		"<GET><ID>100</ID><OBJ_TOKEN>" token "</OBJ_TOKEN>" }
#define CONF(token, changed, inside) \
	OKAY("TRANS_CONF", \
		"<GET><CONFERENCE><OBJ_TOKEN>" token "</OBJ_TOKEN><CHANGED>" changed "</CHANGED>" \
		"<RESERVATION><NAME>giao " \
		"ban</NAME><ID>100</ID><PASSWORD>847111</PASSWORD><LAYOUT>2x2</LAYOUT>" \
		"</RESERVATION>" inside "</CONFERENCE></GET>")
#define PARTIES(list) "<ONGOING_PARTY_LIST>" list "</ONGOING_PARTY_LIST>"
#define CAUSED(id, state, cause, words, mutes) \
	"<ONGOING_PARTY><ONGOING_PARTY_CHANGE>new</ONGOING_PARTY_CHANGE><PARTY><NAME>p" id \
	"</NAME><ID>" id "</ID>" \
	"<INTERFACE>sip</INTERFACE><CONNECTION>dial_out</CONNECTION><ALIAS><NAME>s" id \
	"@10.2.0.5</NAME>" \
	"<ALIAS_TYPE>323_id</ALIAS_TYPE></ALIAS><IP>0.0.0.0</IP><SIP_ADDRESS>s" id \
	"@10.2.0.5</SIP_ADDRESS></PARTY>" \
	"<ONGOING_PARTY_STATUS><ID>" state \
	"</ID><DESCRIPTION>some words</DESCRIPTION></ONGOING_PARTY_STATUS>" \
	"<DISCONNECTION_CAUSE><ID>" cause "</ID><DESCRIPTION>" words \
	"</DESCRIPTION><DESCRIPTION_EX>0</DESCRIPTION_EX>" \
	"</DISCONNECTION_CAUSE>" mutes "</ONGOING_PARTY>"
#define PARTY(id, state) CAUSED(id, state, "0", "None", "")
#define SUMMARIES(list) \
	OKAY("TRANS_CONF_LIST", "<GET_LS><CONF_SUMMARY_LS><OBJ_TOKEN>5</OBJ_TOKEN>" list \
				"</CONF_SUMMARY_LS></GET_LS>")
#define SUMMARY(name, id) \
	"<CONF_SUMMARY><NAME>x_" id "</NAME><ID>" id "</ID><DISPLAY_NAME>" name \
	"</DISPLAY_NAME></CONF_SUMMARY>"
#define LISTS(list) \
	{ \
		.expect = { "<TRANS_CONF_LIST>", "<GET_LS><OBJ_TOKEN>-1</OBJ_TOKEN></GET_LS>" }, \
		.body = SUMMARIES(list) \
	}
#define DONE .body = OKAY("TRANS_CONF", "")

#define CHANNEL(shape, type, status, rate, packets, lost) \
	"<IP_MONITOR_CHANNEL><" shape "><GLOBAL_PARAM><BASIC_PARAM><BIT_RATE>" rate \
	"</BIT_RATE><PROTOCOL>h264</PROTOCOL>" \
	"<CHANNEL_TYPE>" type \
	"</CHANNEL_TYPE><PARTY_ADDRESS>10.2.0.5</PARTY_ADDRESS><CONNECTION_STATUS>" status \
	"</CONNECTION_STATUS></BASIC_PARAM><NUMBER_OF_PACKETS>" packets \
	"</NUMBER_OF_PACKETS><PACKET_LOSS>" lost \
	"</PACKET_LOSS><JITTER>4</JITTER></GLOBAL_PARAM></" shape "></IP_MONITOR_CHANNEL>"
#define SIGNALLING \
	"<IP_MONITOR_CHANNEL><BASIC_PARAM><BIT_RATE>-1</BIT_RATE><PROTOCOL>UnknownAlgorithm</" \
	"PROTOCOL>" \
	"<CHANNEL_TYPE>h225</CHANNEL_TYPE><PARTY_ADDRESS>10.9.9.9</" \
	"PARTY_ADDRESS><CONNECTION_STATUS>1</CONNECTION_STATUS>" \
	"</BASIC_PARAM></IP_MONITOR_CHANNEL>"
#define FIGURES(channels) \
	OKAY("TRANS_PARTY", \
		"<GET><SIP_PARTY><H323_REMOTE_CAP>H264 \xb5 & more\x01\n* G722</H323_REMOTE_CAP>" \
		"<IP_MONITOR_CHANNELS>" SIGNALLING channels \
		"</IP_MONITOR_CHANNELS></SIP_PARTY></GET>")
#define BOTH_WAYS \
	CHANNEL("ADVANCED_AUDIO_PARAM", "audio_in", "1", "48000", "567250", "7") \
	CHANNEL("ADVANCED_AUDIO_PARAM", "audio_out", "1", "48000", "567260", "9") \
	CHANNEL("ADVANCED_VIDEO_PARAM", "video_in", "1", "760779", "1011979", "0") \
	CHANNEL("ADVANCED_VIDEO_PARAM", "video_out", "1", "768000", "900000", "0")
#define MEASURE(id) \
	.expect = { "<TRANS_PARTY>", "<CONF_ID>100</CONF_ID><PARTY_ID>" id "</PARTY_ID>" }

static const struct mcu_adapter *const mcu = &poly_rmx_adapter;

static const struct device box = { .name = "rmx",
	.adapter = "poly-rmx",
	.url = "http://127.0.0.1:PORT/?profile=3",
	.user = "admin",
	.password = "s3cret" };

static const struct conference room = { .id = "100", .name = "giao ban" };

enum { TALK_MS = 30000 };

#include "tests/talk/mcu.h"

static const struct dial a_dial = { .site_name = "Xã Chu Túc",
	.leg_name = "p7",
	.address = "sip:s7@10.2.0.5",
	.attempt = "run/chu-tuc/1",
	.muted = true };

#endif
