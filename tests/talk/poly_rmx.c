/* Talks with a Polycom RMX: the adapter against a scripted peer on loopback, one test per way in which such a talk
 * goes, and one per trap of this family. */
#include "adapters/adapter.h"

#include "adapters/internal.h"
#include "adapters/poly_rmx.h"
#include "adapters/wire/http.h"
#include "adapters/wire/trace.h"
#include "adapters/wire/xml.h"
#include "base/str.h"
#include "base/utf8.h"
#include "tests/talk/peer.h"
#include "tests/talk/talk.h"

#define RETURN(id, words) \
	"<RETURN_STATUS><ID>" id "</ID><DESCRIPTION>" words "</DESCRIPTION><YOUR_TOKEN1>0</YOUR_TOKEN1>" \
	"<YOUR_TOKEN2>0</YOUR_TOKEN2><MESSAGE_ID>2</MESSAGE_ID><DESCRIPTION_EX></DESCRIPTION_EX></RETURN_STATUS>"
#define SAYS(trans, status, words, action) \
	"<RESPONSE_" trans ">" RETURN(status, words) "<ACTION>" action "</ACTION></RESPONSE_" trans ">"
#define OKAY(trans, action) SAYS(trans, "0", "Status OK", action)
#define LOGIN_OK \
	OKAY("TRANS_MCU", "<LOGIN><MCU_TOKEN>77</MCU_TOKEN><MCU_USER_TOKEN>78</MCU_USER_TOKEN><API_NUMBER>180" \
			  "</API_NUMBER><PRODUCT_TYPE>RMX_1800</PRODUCT_TYPE></LOGIN>")
#define HELLO \
	{ .expect = { "<TRANS_MCU>", "<MCU_TOKEN>0</MCU_TOKEN>", "<USER_NAME>admin</USER_NAME>", \
		  "<PASSWORD>s3cret</PASSWORD>" }, \
		.body = LOGIN_OK }
#define STATE_OK OKAY("TRANS_MCU", "<GET_STATE><MCU_STATE><ID>1</ID><DESCRIPTION>Normal</DESCRIPTION>" \
				   "<NUMBER_OF_ACTIVE_ALARMS>0</NUMBER_OF_ACTIVE_ALARMS></MCU_STATE></GET_STATE>")
#define ALIVE { .expect = { "<TRANS_MCU>", "<GET_STATE/>" }, .body = STATE_OK }
#define GET(token) .expect = { "<TRANS_CONF_2>", "<MCU_TOKEN>77</MCU_TOKEN>", "<GET><ID>100</ID><OBJ_TOKEN>" token "</OBJ_TOKEN>" }
#define CONF(token, changed, inside) \
	OKAY("TRANS_CONF", "<GET><CONFERENCE><OBJ_TOKEN>" token "</OBJ_TOKEN><CHANGED>" changed "</CHANGED>" \
			   "<RESERVATION><NAME>giao ban</NAME><ID>100</ID><PASSWORD>847111</PASSWORD><LAYOUT>2x2</LAYOUT>" \
			   "</RESERVATION>" inside "</CONFERENCE></GET>")
#define PARTIES(list) "<ONGOING_PARTY_LIST>" list "</ONGOING_PARTY_LIST>"
#define CAUSED(id, state, cause, words, mutes) \
	"<ONGOING_PARTY><ONGOING_PARTY_CHANGE>new</ONGOING_PARTY_CHANGE><PARTY><NAME>p" id "</NAME><ID>" id "</ID>" \
	"<INTERFACE>sip</INTERFACE><CONNECTION>dial_out</CONNECTION><ALIAS><NAME>s" id "@10.2.0.5</NAME>" \
	"<ALIAS_TYPE>323_id</ALIAS_TYPE></ALIAS><IP>0.0.0.0</IP><SIP_ADDRESS>s" id "@10.2.0.5</SIP_ADDRESS></PARTY>" \
	"<ONGOING_PARTY_STATUS><ID>" state "</ID><DESCRIPTION>some words</DESCRIPTION></ONGOING_PARTY_STATUS>" \
	"<DISCONNECTION_CAUSE><ID>" cause "</ID><DESCRIPTION>" words "</DESCRIPTION><DESCRIPTION_EX>0</DESCRIPTION_EX>" \
	"</DISCONNECTION_CAUSE>" mutes "</ONGOING_PARTY>"
#define PARTY(id, state) CAUSED(id, state, "0", "None", "")
#define CHANNEL(shape, type, status, rate, packets, lost) \
	"<IP_MONITOR_CHANNEL><" shape "><GLOBAL_PARAM><BASIC_PARAM><BIT_RATE>" rate "</BIT_RATE><PROTOCOL>h264</PROTOCOL>" \
	"<CHANNEL_TYPE>" type "</CHANNEL_TYPE><PARTY_ADDRESS>10.2.0.5</PARTY_ADDRESS><CONNECTION_STATUS>" status \
	"</CONNECTION_STATUS></BASIC_PARAM><NUMBER_OF_PACKETS>" packets "</NUMBER_OF_PACKETS><PACKET_LOSS>" lost \
	"</PACKET_LOSS><JITTER>4</JITTER></GLOBAL_PARAM></" shape "></IP_MONITOR_CHANNEL>"
#define SIGNALLING \
	"<IP_MONITOR_CHANNEL><BASIC_PARAM><BIT_RATE>-1</BIT_RATE><PROTOCOL>UnknownAlgorithm</PROTOCOL>" \
	"<CHANNEL_TYPE>h225</CHANNEL_TYPE><PARTY_ADDRESS>10.9.9.9</PARTY_ADDRESS><CONNECTION_STATUS>1</CONNECTION_STATUS>" \
	"</BASIC_PARAM></IP_MONITOR_CHANNEL>"
#define FIGURES(channels) \
	OKAY("TRANS_PARTY", "<GET><SIP_PARTY><H323_REMOTE_CAP>H264 \xb5 & more\x01\n* G722</H323_REMOTE_CAP>" \
			    "<IP_MONITOR_CHANNELS>" SIGNALLING channels "</IP_MONITOR_CHANNELS></SIP_PARTY></GET>")
#define BOTH_WAYS \
	CHANNEL("ADVANCED_AUDIO_PARAM", "audio_in", "1", "48000", "567250", "7") \
	CHANNEL("ADVANCED_AUDIO_PARAM", "audio_out", "1", "48000", "567260", "9") \
	CHANNEL("ADVANCED_VIDEO_PARAM", "video_in", "1", "760779", "1011979", "0") \
	CHANNEL("ADVANCED_VIDEO_PARAM", "video_out", "1", "768000", "900000", "0")
#define MEASURE(id) .expect = { "<TRANS_PARTY>", "<CONF_ID>100</CONF_ID><PARTY_ID>" id "</PARTY_ID>" }
#define SUMMARIES(list) OKAY("TRANS_CONF_LIST", "<GET_LS><CONF_SUMMARY_LS><OBJ_TOKEN>5</OBJ_TOKEN>" list "</CONF_SUMMARY_LS></GET_LS>")
#define SUMMARY(name, id) "<CONF_SUMMARY><NAME>x_" id "</NAME><ID>" id "</ID><DISPLAY_NAME>" name "</DISPLAY_NAME></CONF_SUMMARY>"
#define LISTS { .expect = { "<TRANS_CONF_LIST>", "<GET_LS><OBJ_TOKEN>-1</OBJ_TOKEN></GET_LS>" },
#define DONE .body = OKAY("TRANS_CONF", "")

static const struct mcu_adapter *const mcu = &poly_rmx_adapter;

static const struct device box = { .name = "rmx", .adapter = "poly-rmx", .url = "http://127.0.0.1:PORT/?profile=3",
	.user = "admin", .password = "s3cret" };
static const struct conference room = { .id = "100", .name = "giao ban" };
enum { TALK_MS = 8000 };

#include "tests/talk/mcu.h"

static const struct dial a_dial = { .site_name = "Xã Chu Túc", .leg_name = "p7",
	.address = "sip:s7@10.2.0.5", .attempt = "run/chu-tuc/1", .muted = true };

/* ---- it works ------------------------------------------------------------------------------------------- */

static void
opens_and_introduces_itself(void **unused)
{
	OPENED(ALIVE, { .expect = { "<GET_STATE/>" },
		.body = OKAY("TRANS_MCU", "<GET_STATE><MCU_STATE><ID>2</ID><DESCRIPTION>Major</DESCRIPTION>"
			"<NUMBER_OF_ACTIVE_ALARMS>3</NUMBER_OF_ACTIVE_ALARMS></MCU_STATE></GET_STATE>") });
	struct identity who;
	assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.model, "RMX_1800");
	assert_string_equal(who.software, "API 180");
	assert_string_equal(who.alarms, "");
	assert_false(who.uptime_s.known);
	assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.alarms, "state 2 Major, 3 active alarms");
	finish(&k);
}

static void
starts_a_conference(void **unused)
{
	OPENED(LISTS .body = SUMMARIES(SUMMARY("giao ban tuan", "99")) },
		{ .expect = { "<TRANS_RES_1>", "<DISPLAY_NAME>giao ban</DISPLAY_NAME>", "<AUTO_TERMINATE><ON>false</ON>",
			  "<AD_HOC_PROFILE_ID>3</AD_HOC_PROFILE_ID>" },
			.body = OKAY("TRANS_RES", "<START><RESERVATION><NAME>giao ban</NAME><ID>100</ID></RESERVATION></START>") },
		LISTS .body = SUMMARIES(SUMMARY("giao ban", "100")) },
		{ .expect = { "<TRANS_CONF_2>", "<TERMINATE_CONF><ID>100</ID></TERMINATE_CONF>" },
			.body = SAYS("TRANS_CONF", "1", "In progress", "") });
	struct conference c;
	assert_int_equal(mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "giao ban" }, &c), OK);
	assert_true(c.created);
	assert_string_equal(c.id, "100");
	assert_int_equal(mcu->find(&k.task, &k.lane, "giao ban", &c), OK);
	assert_false(c.created);
	assert_int_equal(mcu->end(&k.task, &k.lane, &c), OK); /* in progress is success */
	finish(&k);
}

static void
an_opening_in_progress_is_looked_up(void **unused)
{
	OPENED(LISTS .body = SUMMARIES("") },
		{ .expect = { "<TRANS_RES_1>" }, .body = SAYS("TRANS_RES", "1", "In progress", "") },
		LISTS .body = SUMMARIES("") }, LISTS .body = SUMMARIES(SUMMARY("giao ban", "100")) });
	struct conference c;
	assert_int_equal(mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "giao ban" }, &c), OK);
	assert_true(c.created);
	assert_string_equal(c.id, "100");
	finish(&k);
}

static void
progress_without_end_is_bounded_by_the_deadline(void **unused)
{
	OPENED(LISTS .body = SUMMARIES("") },
		{ .expect = { "<TRANS_RES_1>" }, .body = SAYS("TRANS_RES", "1", "In progress", "") },
		LISTS .body = SUMMARIES("") });
	struct conference c;
	k.task.deadline = clock_mono() + 250;
	assert_int_equal(mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "giao ban" }, &c), ERR_TIMEOUT);
	finish(&k);
}

static void
dials_and_returns_at_once(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("1", "true", PARTIES("")) },
		{ .expect = { "<TRANS_CONF_1>", "<NAME>p7</NAME><ID/><INTERFACE>sip</INTERFACE><CONNECTION>dial_out",
			  "<SIGNALING_PORT>5060</SIGNALING_PORT>", "<SIP_ADDRESS>s7@10.2.0.5</SIP_ADDRESS>" },
			.body = OKAY("TRANS_CONF", "<ADD_PARTY><ID>7</ID></ADD_PARTY>") },
		{ .expect = { "<SET_AUDIO_VIDEO_MUTE><ID>100</ID><AUDIO_MUTE>true</AUDIO_MUTE><VIDEO_MUTE>false</VIDEO_MUTE>"
			      "<PARTY_ID>7</PARTY_ID>" },
			DONE },
		{ GET("1"), .body = CONF("2", "true", PARTIES(PARTY("7", "4"))) });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, "7");
	assert_int_equal(leg.state, LEG_DIALING);
	assert_int_equal(leg.muted, YES);
	assert_string_equal(leg.protocol, "sip");
	/* The same order again: it is there. */
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, "7");
	finish(&k);
}

static void
a_dial_in_progress_is_looked_up(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("1", "true", PARTIES("")) },
		{ .expect = { "<ADD_PARTY>" }, .body = SAYS("TRANS_CONF", "1", "In progress", "") },
		{ GET("1"), .body = CONF("1", "false", "") }, { GET("1"), .body = CONF("2", "true", PARTIES(PARTY("7", "0"))) },
		{ .expect = { "<SET_AUDIO_VIDEO_MUTE>" }, .body = SAYS("TRANS_CONF", "21", "Party is not connected", "") },
		ALIVE, { GET("2"), .body = CONF("2", "false", "") });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, "7");
	assert_int_equal(leg.state, LEG_DIALING);
	assert_int_equal(leg.muted, UNKNOWN); /* too early to mute: the list will tell */
	finish(&k);
}

/* ---- the roster ------------------------------------------------------------------------------------------ */

/* All, then what changed, then nothing, then a removal. */
static void
adds_up_increments(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("10", "true", PARTIES(PARTY("1", "1") PARTY("2", "4") PARTY("3", "3"))) },
		{ MEASURE("1"), .body = FIGURES(BOTH_WAYS) },
		{ GET("10"), .body = CONF("11", "true", PARTIES(CAUSED("2", "2", "0", "SIP busy here", ""))) },
		{ MEASURE("1"), .body = FIGURES("") },
		{ GET("11"), .body = CONF("11", "false", "") }, { MEASURE("1"), .body = FIGURES(BOTH_WAYS) },
		{ GET("11"), .body = CONF("12", "true", "<ONGOING_PARTY_LIST/><DELETED_PARTIES><PARTY_ID>1</PARTY_ID></DELETED_PARTIES>") });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 3);
	assert_int_equal(all.legs[0].state, LEG_UP);
	assert_string_equal(all.legs[0].name, "p1");
	assert_string_equal(all.legs[0].address, "sip:s1@10.2.0.5");
	assert_true(all.legs[0].configured && all.legs[0].sampled);
	assert_string_equal(all.legs[0].remote_ip, "10.2.0.5");
	assert_int_equal(all.legs[0].media.s[AUDIO][FROM_SITE].packets.v, 567250);
	assert_int_equal(all.legs[0].media.s[AUDIO][FROM_SITE].lost.v, 7);
	assert_int_equal(all.legs[0].media.s[AUDIO][FROM_SITE].jitter_ms.v, 4);
	assert_int_equal(all.legs[0].media.s[VIDEO][FROM_SITE].kbps.v, 760);
	assert_int_equal(all.legs[0].media.s[AUDIO][TO_SITE].packets.v, 567260);
	assert_false(all.legs[0].media.s[AUDIO][TO_SITE].far_lost.known);
	assert_int_equal(all.legs[1].state, LEG_DIALING);
	assert_int_equal(all.legs[2].state, LEG_NEW);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 3);
	assert_false(all.legs[0].sampled); /* no media channel was told */
	assert_int_equal(all.legs[1].state, LEG_GONE);
	assert_int_equal(all.legs[1].ending.cause, CAUSE_BUSY);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[1].state, LEG_GONE);
	assert_true(all.legs[0].sampled);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].state, LEG_GONE);
	assert_int_equal(all.legs[0].ending.cause, CAUSE_OUR_HANGUP);
	finish(&k);
}

/* A count that went backwards is another one: the list from its beginning, and who is not in it is gone. */
static void
a_token_that_goes_back_means_all_anew(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("500", "true", PARTIES(PARTY("1", "4") PARTY("2", "4"))) },
		{ GET("500"), .body = CONF("3", "true", PARTIES("")) },
		{ GET("-1"), .body = CONF("3", "true", PARTIES(PARTY("2", "4"))) });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].state, LEG_GONE);
	assert_int_equal(all.legs[1].state, LEG_DIALING);
	finish(&k);
}

/* 8: in the room without a picture. 10: in the room, and the device says that something is wrong. */
static void
states_8_and_10_are_failures(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("10", "true", PARTIES(PARTY("1", "8") PARTY("2", "10"))) },
		{ MEASURE("1"), .body = FIGURES(BOTH_WAYS) }, { MEASURE("2"), .body = FIGURES(BOTH_WAYS) });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	const struct leg *a = &all.legs[0], *b = &all.legs[1];
	assert_int_equal(a->state, LEG_UP);
	assert_true(a->sampled);
	assert_false(a->media.s[VIDEO][FROM_SITE].packets.known); /* whatever its counters say */
	assert_true(a->media.s[VIDEO][FROM_SITE].kbps.known);
	assert_int_equal(a->media.s[VIDEO][FROM_SITE].kbps.v, 0);
	assert_true(a->media.s[VIDEO][FROM_SITE].open != NO); /* it was negotiated: it is judged */
	assert_int_equal(a->media.s[AUDIO][FROM_SITE].packets.v, 567250);
	assert_string_equal(a->ending.device_words, "some words");
	assert_int_equal(b->state, LEG_UP);
	assert_false(b->sampled);
	finish(&k);
}

static void
a_closed_channel_is_no_missing_medium(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("10", "true", PARTIES(PARTY("1", "1"))) },
		{ MEASURE("1"),
			.body = FIGURES(CHANNEL("ADVANCED_AUDIO_PARAM", "audio_in", "1", "-1", "5", "-1")
				CHANNEL("ADVANCED_VIDEO_PARAM", "video_in", "0", "-1", "0", "0")
				CHANNEL("ADVANCED_VIDEO_PARAM", "video_out", "1", "500", "0", "0")) });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	const struct media_sample *m = &all.legs[0].media;
	assert_int_equal(m->s[AUDIO][FROM_SITE].open, YES);
	assert_false(m->s[AUDIO][FROM_SITE].kbps.known); /* -1 is no figure */
	assert_false(m->s[AUDIO][FROM_SITE].lost.known);
	assert_int_equal(m->s[AUDIO][TO_SITE].open, UNKNOWN); /* not told */
	assert_int_equal(m->s[VIDEO][FROM_SITE].open, UNKNOWN);
	assert_int_equal(m->s[VIDEO][FROM_SITE].kbps.v, 0);
	assert_int_equal(m->s[VIDEO][TO_SITE].kbps.v, 1);
	finish(&k);
}

/* AUDIO_MUTE alone does not say who did it. */
static void
whose_mute_it_is(void **unused)
{
#define MUTES(any, self, own) \
	"<AUDIO_MUTE>" any "</AUDIO_MUTE><AUDIO_SELF_MUTE>" self "</AUDIO_SELF_MUTE><AUDIO_MCU_MUTE>" own "</AUDIO_MCU_MUTE>"
	OPENED({ GET("-1"), .body = CONF("10", "true", PARTIES(
		CAUSED("1", "4", "0", "None", MUTES("true", "false", "false"))
		CAUSED("2", "4", "0", "None", MUTES("true", "true", "false"))
		CAUSED("3", "4", "0", "None", MUTES("true", "true", "true"))
		CAUSED("4", "4", "0", "None", MUTES("false", "false", "false"))
		CAUSED("5", "4", "0", "None", ""))) });
	static const enum tri expected[] = { YES, UNKNOWN, YES, NO, UNKNOWN };
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(all.legs[i].muted, expected[i]);
	finish(&k);
}

static void
looks_and_tells_why(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("10", "true", PARTIES(PARTY("1", "1") CAUSED("2", "2", "1", "Participant hung up", ""))) },
		{ MEASURE("1"), .body = FIGURES(BOTH_WAYS) }, { GET("10"), .body = CONF("10", "false", "") },
		{ GET("10"), .body = CONF("10", "false", "") }, { GET("10"), .body = CONF("10", "false", "") },
		{ GET("10"), .body = CONF("10", "false", "") });
	struct leg now;
	struct ending why;
	assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference, &(struct leg){ .id = "1" }, &now), OK);
	assert_int_equal(now.media.s[VIDEO][FROM_SITE].packets.v, 1011979);
	assert_int_equal(mcu->reason(&k.task, &k.lane, &k.conference, &(struct leg){ .id = "2" }, &why), OK);
	assert_int_equal(why.cause, CAUSE_SITE_HANGUP);
	assert_string_equal(why.device_words, "Participant hung up (1)");
	assert_int_equal(mcu->reason(&k.task, &k.lane, &k.conference, &(struct leg){ .id = "1" }, &why), ERR_BUSY);
	task_forgive(&k.task);
	assert_int_equal(mcu->reason(&k.task, &k.lane, &k.conference, &(struct leg){ .id = "9" }, &why), ERR_GONE);
	task_forgive(&k.task);
	assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference, &(struct leg){ .id = "9" }, &now), ERR_GONE);
	task_forgive(&k.task);
	assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference, &(struct leg){ .id = "1</ID>" }, &now), ERR_INPUT);
	finish(&k);
}

/* ---- in the conference ----------------------------------------------------------------------------------- */

static void
mutes_places_and_tells(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("10", "true", PARTIES(CAUSED("1", "1", "0", "None", "<VIDEO_MUTE>true</VIDEO_MUTE>"))) },
		{ .expect = { "<SET_AUDIO_VIDEO_MUTE><ID>100</ID><AUDIO_MUTE>false</AUDIO_MUTE><VIDEO_MUTE>true</VIDEO_MUTE>"
			      "<PARTY_ID>1</PARTY_ID>" }, DONE },
		{ .expect = { "<SET_AUTO_LAYOUT><ID>100</ID><AUTO_LAYOUT>false</AUTO_LAYOUT>" }, DONE },
		{ .expect = { "<SET_VIDEO_LAYOUT><ID>100</ID><FORCE><LAYOUT>1and5</LAYOUT></FORCE>" }, DONE },
		{ GET("10"), .body = CONF("10", "false", "") },
		{ .expect = { "<FORCE><LAYOUT>2x2</LAYOUT><CELL><ID>1</ID><FORCE_STATE>forced</FORCE_STATE><FORCE_ID>1</FORCE_ID>"
			      "<FORCE_NAME>p1</FORCE_NAME></CELL></FORCE>" }, DONE },
		{ GET("10"), .body = CONF("10", "false", "") },
		{ .expect = { "<CELL><ID>1</ID><FORCE_STATE>auto</FORCE_STATE></CELL>" }, DONE },
		{ .expect = { "<SET_MESSAGE_OVERLAY><ID>100</ID><MESSAGE_OVERLAY><ON>true</ON><MESSAGE_TEXT>Xin chào &lt;b&gt;"
			      "</MESSAGE_TEXT>", "<NUM_OF_REPETITIONS>3</NUM_OF_REPETITIONS>" }, DONE },
		{ .expect = { "<SET_CONNECT><ID>100</ID><CONNECT>false</CONNECT><PARTY_ID>1</PARTY_ID>" }, DONE });
	struct leg leg = { .id = "1" };
	assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &leg, false), OK);
	assert_int_equal(mcu->layout(&k.task, &k.lane, &k.conference, "1+5"), OK);
	assert_int_equal(mcu->focus(&k.task, &k.lane, &k.conference, &leg), OK);
	assert_int_equal(mcu->focus(&k.task, &k.lane, &k.conference, NULL), OK);
	assert_int_equal(mcu->message(&k.task, &k.lane, &k.conference, NULL, "Xin chào <b>", 25), OK);
	assert_int_equal(mcu->message(&k.task, &k.lane, &k.conference, &leg, "Xin chào", 25), ERR_UNSUPPORTED);
	task_forgive(&k.task);
	assert_int_equal(mcu->layout(&k.task, &k.lane, &k.conference, "9+9"), ERR_UNSUPPORTED);
	task_forgive(&k.task);
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &k.conference, &leg), OK);
	finish(&k);
}

/* ---- it does not work ------------------------------------------------------------------------------------ */

static void
a_wrong_password_is_tried_once(void **unused)
{
	BEGIN({ .expect = { "<LOGIN>" }, .body = SAYS("TRANS_MCU", "4", "User name or password is incorrect", "") });
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_AUTH);
	assert_string_equal(k.task.word, "login-refused");
	assert_null(strstr(k.task.why, "s3cret"));
	finish(&k);
}

static void
a_device_that_starts_up_is_busy(void **unused)
{
	BEGIN({ .expect = { "<LOGIN>" }, .body = SAYS("TRANS_MCU", "9", "MCU is in startup", "") });
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_BUSY);
	finish(&k);
}

/* A refusal is looked into: the session is good, so it was the order. */
static void
a_refusal_keeps_the_words(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("1", "true", PARTIES("")) },
		{ .expect = { "<ADD_PARTY>" }, .body = SAYS("TRANS_CONF", "35", "Not enough resources", "") }, ALIVE);
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "Not enough resources (35)"));
	finish(&k);
}

/* The token was lost: one login, the order once more, and increments from their beginning. */
static void
a_lost_token_is_renewed_once(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("1", "true", PARTIES(PARTY("1", "4"))) },
		{ GET("1"), .body = SAYS("TRANS_CONF", "11", "Illegal token", "") },
		{ .expect = { "<GET_STATE/>" }, .body = SAYS("TRANS_MCU", "11", "Illegal token", "") }, HELLO,
		{ GET("1"), .body = CONF("9", "true", PARTIES("")) }, { GET("-1"), .body = CONF("9", "true", PARTIES(PARTY("1", "4"))) },
		{ GET("9"), .body = SAYS("TRANS_CONF", "11", "Illegal token", "") },
		{ .expect = { "<GET_STATE/>" }, .body = SAYS("TRANS_MCU", "11", "Illegal token", "") },
		{ .expect = { "<LOGIN>" }, .body = SAYS("TRANS_MCU", "4", "User is locked", "") });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 1);
	assert_int_equal(all.legs[0].state, LEG_DIALING);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), ERR_AUTH);
	finish(&k);
}

static void
a_conference_that_ended_is_gone(void **unused)
{
	OPENED({ GET("-1"), .body = SAYS("TRANS_CONF", "20", "Conference does not exist", "") }, ALIVE,
		LISTS .body = SUMMARIES(SUMMARY("other", "99")) });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), ERR_GONE);
	finish(&k);
}

static void
silence_ends_at_the_deadline_and_is_not_asked_twice(void **unused)
{
	OPENED({ GET("-1"), .how = PEER_HANG });
	k.task.deadline = clock_mono() + 200;
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), ERR_TIMEOUT);
	finish(&k);
}

static void
a_cancelled_dial_comes_back(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("1", "true", PARTIES("")) }, { .expect = { "<ADD_PARTY>" }, .how = PEER_CANCEL });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_CANCELED);
	finish(&k);
}

static void
garbage_is_not_understood(void **unused)
{
	OPENED({ GET("-1"), .body = "<html>please log in</html>" }, { GET("-1"), .body = "<RESPONSE_TRANS_CONF><RET" },
		{ GET("-1"), .how = PEER_GARBAGE }, { GET("-1"), .body = STATE_OK }, /* an answer to another question */
		{ GET("-1"), .body = "<RESPONSE_TRANS_CONF/>" }, { GET("-1"), .body = OKAY("TRANS_CONF", "") });
	struct roster all;
	for (int i = 0; i < 6; i++) {
		assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), ERR_PROTOCOL);
		task_forgive(&k.task);
	}
	finish(&k);
}

static void
an_answer_cut_off_is_asked_again_once(void **unused)
{
	OPENED({ GET("-1"), .how = PEER_CUT, .body = CONF("1", "true", "") }, { GET("-1"), .body = CONF("1", "true", "") },
		{ GET("1"), .how = PEER_DROP }, { GET("1"), .how = PEER_DROP });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), ERR_TIMEOUT);
	finish(&k);
}

/* ---- traps of dialling ----------------------------------------------------------------------------------- */

static void
a_dial_without_answer_is_looked_up(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("1", "true", PARTIES("")) }, { .expect = { "<ADD_PARTY>" }, .how = PEER_DROP },
		{ GET("1"), .body = CONF("2", "true", PARTIES(PARTY("7", "4"))) });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, "7");
	finish(&k);
}

static void
a_dial_that_never_arrived_is_made_once_more(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("1", "true", PARTIES("")) }, { .expect = { "<ADD_PARTY>" }, .how = PEER_DROP },
		{ GET("1"), .body = CONF("1", "false", "") },
		{ .expect = { "<ADD_PARTY>" }, .body = OKAY("TRANS_CONF", "<ADD_PARTY><ID>7</ID></ADD_PARTY>") },
		{ .expect = { "<SET_AUDIO_VIDEO_MUTE>" }, DONE });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	finish(&k);
}

static void
a_name_that_ended_is_connected_again(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("1", "true", PARTIES(CAUSED("7", "2", "0", "SIP busy here", ""))) },
		{ .expect = { "<SET_CONNECT><ID>100</ID><CONNECT>true</CONNECT><PARTY_ID>7</PARTY_ID>" },
			.body = SAYS("TRANS_CONF", "1", "In progress", "") },
		{ GET("1"), .body = CONF("1", "false", "") });
	struct dial d = a_dial;
	d.muted = false;
	struct leg leg;
	struct roster all;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), OK);
	assert_string_equal(leg.id, "7");
	assert_int_equal(leg.state, LEG_DIALING);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].state, LEG_DIALING); /* not the old end */
	finish(&k);
}

static void
a_name_with_another_address_is_replaced(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("1", "true", PARTIES(CAUSED("7", "2", "0", "SIP busy here", ""))) },
		{ .expect = { "<DELETE_PARTY><ID>100</ID><PARTY_ID>7</PARTY_ID>" }, DONE },
		{ .expect = { "<ADD_PARTY>", "<INTERFACE>h323</INTERFACE>", "<ALIAS><NAME>2005</NAME><ALIAS_TYPE>e164</ALIAS_TYPE>",
			  "<SIGNALING_PORT>1720</SIGNALING_PORT>" },
			.body = OKAY("TRANS_CONF", "<ADD_PARTY><ID>8</ID></ADD_PARTY>") });
	struct dial d = a_dial;
	d.muted = false;
	d.address = "h323:2005@gk";
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), OK);
	assert_string_equal(leg.id, "8");
	finish(&k);
}

/* The number of the conference comes back, and the party's beside it or not at all; lists without the step in between. */
static void
other_shapes_are_read(void **unused)
{
#define BARE(token, inside) \
	OKAY("TRANS_CONF", "<GET><ID>100</ID><OBJ_TOKEN>" token "</OBJ_TOKEN><CHANGED>true</CHANGED>" inside "</GET>")
	OPENED({ GET("-1"), .body = BARE("1", PARTIES("")) },
		{ .expect = { "<ADD_PARTY>" },
			.body = OKAY("TRANS_CONF", "<ADD_PARTY><ID>100</ID><PARTY><NAME>p7</NAME><ID>7</ID></PARTY></ADD_PARTY>") },
		{ GET("1"), .body = BARE("2", PARTIES(PARTY("7", "4"))) },
		{ .expect = { "<NAME>p8</NAME>" }, .body = OKAY("TRANS_CONF", "<ADD_PARTY><ID>100</ID></ADD_PARTY>") },
		{ GET("2"), .body = BARE("3", PARTIES(PARTY("8", "4"))) });
	struct dial d = a_dial;
	d.muted = false;
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), OK);
	assert_string_equal(leg.id, "7");
	d.leg_name = "p8";
	d.address = "sip:s8@10.2.0.5";
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), OK);
	assert_string_equal(leg.id, "8");
	finish(&k);
}

static void
an_order_for_a_party_that_went_is_gone(void **unused)
{
	OPENED({ .expect = { "<SET_CONNECT>" }, .body = SAYS("TRANS_CONF", "22", "Party does not exist", "") }, ALIVE,
		{ GET("-1"), .body = CONF("1", "true", PARTIES("")) });
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &k.conference, &(struct leg){ .id = "7" }), ERR_GONE);
	finish(&k);
}

/* ---- words ------------------------------------------------------------------------------------------------ */

/* Passwords of conferences come in clear, and tokens are as good as passwords. */
static void
traces_hold_no_secrets(void **unused)
{
	BEGIN(HELLO, { GET("-1"), .body = CONF("1", "true", PARTIES("")) });
	struct trace trace = { 0 };
	struct roster all;
	k.task.trace = &trace;
	assert_int_equal(mcu->open(&k.task, &k.lane), OK);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_non_null(strstr(buf_str(&trace.out), "<PASSWORD>***</PASSWORD>"));
	assert_non_null(strstr(buf_str(&trace.out), "<MCU_TOKEN>***</MCU_TOKEN>"));
	assert_non_null(strstr(buf_str(&trace.out), "<OBJ_TOKEN>-1</OBJ_TOKEN>"));
	assert_null(strstr(buf_str(&trace.out), "847111"));
	assert_null(strstr(buf_str(&trace.out), "s3cret"));
	assert_null(strstr(buf_str(&trace.out), "77"));
	trace_free(&trace);
	k.task.trace = NULL;
	finish(&k);
}

static void
states_become_legs(void **unused)
{
	static const struct {
		int64_t state;
		bool was_up;
		enum leg_state before, after;
	} cases[] = {
		{ 0, false, LEG_NEW, LEG_NEW }, { 1, false, LEG_DIALING, LEG_UP }, { 2, true, LEG_UP, LEG_GONE },
		{ 3, false, LEG_NEW, LEG_NEW }, { 4, false, LEG_NEW, LEG_DIALING },
		{ 4, true, LEG_UP, LEG_GONE }, /* it dropped, and is called again */
		{ 5, true, LEG_UP, LEG_UP }, { 5, false, LEG_DIALING, LEG_DIALING }, /* never reached: not up for a moment */
		{ 6, false, LEG_DIALING, LEG_DIALING }, { 6, true, LEG_UP, LEG_UP }, { 7, true, LEG_UP, LEG_GONE },
		{ 8, false, LEG_DIALING, LEG_UP }, { 9, false, LEG_DIALING, LEG_DIALING }, { 9, true, LEG_UP, LEG_UP },
		{ 10, false, LEG_DIALING, LEG_UP }, { 11, true, LEG_UP, LEG_GONE }, { 11, false, LEG_DIALING, LEG_DIALING },
		{ 99, false, LEG_NEW, LEG_DIALING }, { 99, false, LEG_GONE, LEG_GONE },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(rmx_leg_state(cases[i].state, cases[i].was_up, cases[i].before), cases[i].after);
}

static void
causes_go_by_number_then_by_words(void **unused)
{
	static const struct {
		int64_t id;
		const char *words;
		enum cause cause;
	} cases[] = {
		{ 1, "Participant hung up", CAUSE_SITE_HANGUP }, { 2, "Disconnected by user", CAUSE_OUR_HANGUP },
		{ 21, "no video port", CAUSE_MCU }, { 59, "", CAUSE_INCOMPATIBLE }, { 141, "", CAUSE_UNREACHABLE },
		{ 152, "ARQ timeout", CAUSE_GATEKEEPER }, { 403, "SIP busy everywhere", CAUSE_BUSY },
		{ 403, "sip NOT FOUND", CAUSE_WRONG_ADDRESS }, { 9, "SIP client error 404", CAUSE_WRONG_ADDRESS },
		{ 9, "SIP client error 499", CAUSE_UNKNOWN }, { 9, "SIP global failure 603", CAUSE_REJECTED },
		{ 9, "SIP remote stopped responding", CAUSE_NETWORK }, { 0, "None", CAUSE_UNKNOWN },
		{ 6, "password failure", CAUSE_UNKNOWN },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(rmx_ending(cases[i].id, cases[i].words, "0").cause, cases[i].cause);
	assert_string_equal(rmx_ending(0, "None", "0").device_words, "");
	assert_string_equal(rmx_ending(6, "password failure", "x").device_words, "password failure: x (6)");
	assert_true(strlen(rmx_ending(1, "a very long description of what happened to this call in the end", NULL).device_words) < 64);
}

static void
dirty_texts_are_cleaned(void **unused)
{
	static const struct {
		const char *dirty, *clean;
	} cases[] = {
		{ "<a>x & y</a>", "<a>x &amp; y</a>" }, { "<a>&amp;&#65;&#x41;</a>", "<a>&amp;&#65;&#x41;</a>" },
		{ "<a>&#0;&#x1f;&#xD800;&#1114112;</a>", "<a>    </a>" }, { "<a>\x01\x1b\t</a>", "<a>  \t</a>" },
		{ "<a>&nbsp;&</a>", "<a>&amp;nbsp;&amp;</a>" }, { "&#", "&amp;#" }, { "&#99999999999;", "&amp;#99999999999;" },
		{ "&#12x;", "&amp;#12x;" },
	};
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t n;
		assert_string_equal(rmx_clean(a, cases[i].dirty, strlen(cases[i].dirty), &n), cases[i].clean);
		assert_int_equal(n, strlen(cases[i].clean));
	}
	arena_free(a);
	assert_ptr_equal(mcu_adapter_find("poly-rmx"), mcu);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_and_introduces_itself),
		cmocka_unit_test(starts_a_conference),
		cmocka_unit_test(an_opening_in_progress_is_looked_up),
		cmocka_unit_test(progress_without_end_is_bounded_by_the_deadline),
		cmocka_unit_test(dials_and_returns_at_once),
		cmocka_unit_test(a_dial_in_progress_is_looked_up),
		cmocka_unit_test(adds_up_increments),
		cmocka_unit_test(a_token_that_goes_back_means_all_anew),
		cmocka_unit_test(states_8_and_10_are_failures),
		cmocka_unit_test(a_closed_channel_is_no_missing_medium),
		cmocka_unit_test(whose_mute_it_is),
		cmocka_unit_test(looks_and_tells_why),
		cmocka_unit_test(mutes_places_and_tells),
		cmocka_unit_test(a_wrong_password_is_tried_once),
		cmocka_unit_test(a_device_that_starts_up_is_busy),
		cmocka_unit_test(a_refusal_keeps_the_words),
		cmocka_unit_test(a_lost_token_is_renewed_once),
		cmocka_unit_test(a_conference_that_ended_is_gone),
		cmocka_unit_test(silence_ends_at_the_deadline_and_is_not_asked_twice),
		cmocka_unit_test(a_cancelled_dial_comes_back),
		cmocka_unit_test(garbage_is_not_understood),
		cmocka_unit_test(an_answer_cut_off_is_asked_again_once),
		cmocka_unit_test(a_dial_without_answer_is_looked_up),
		cmocka_unit_test(a_dial_that_never_arrived_is_made_once_more),
		cmocka_unit_test(a_name_that_ended_is_connected_again),
		cmocka_unit_test(a_name_with_another_address_is_replaced),
		cmocka_unit_test(other_shapes_are_read),
		cmocka_unit_test(an_order_for_a_party_that_went_is_gone),
		cmocka_unit_test(traces_hold_no_secrets),
		cmocka_unit_test(states_become_legs),
		cmocka_unit_test(causes_go_by_number_then_by_words),
		cmocka_unit_test(dirty_texts_are_cleaned),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
