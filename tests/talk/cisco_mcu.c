/* Talks with a Cisco TelePresence MCU: the adapter against a scripted peer on loopback, one test
 * per way in which such a talk goes, and one per trap of this family. */
#include "adapters/adapter.h"

#include "adapters/cisco_mcu.h"
#include "adapters/internal.h"
#include "adapters/wire/http.h"
#include "adapters/wire/xml.h"
#include "base/str.h"
#include "base/utf8.h"
#include "tests/talk/peer.h"
#include "tests/talk/talk.h"

#define S(name, value) \
	"<member><name>" name "</name><value><string>" value "</string></value></member>"
#define I(name, value) "<member><name>" name "</name><value><int>" value "</int></value></member>"
#define BARE(name, value) "<member><name>" name "</name><value>" value "</value></member>"
#define STRUCT(name, members) \
	"<member><name>" name "</name><value><struct>" members "</struct></value></member>"
#define LIST(name, items) \
	"<member><name>" name "</name><value><array><data>" items "</data></array></value></member>"
#define ITEM(members) "<value><struct>" members "</struct></value>"
#define REPLY(members) \
	"<?xml version=\"1.0\" " \
	"encoding=\"UTF-8\"?><methodResponse><params><param><value><struct>" members \
	"</struct></value></param></params></methodResponse>"
#define FAULT(code, text) \
	"<?xml version=\"1.0\"?><methodResponse><fault><value><struct>" I("faultCode", code) \
		S("faultString", text) "</struct></value></fault></methodResponse>"
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
#define CALL(method, ...) .expect = { "<methodName>" method "</methodName>", __VA_ARGS__ }

static const struct mcu_adapter *const mcu = &cisco_mcu_adapter;

static const struct device box = { .name = "huyen",
	.adapter = "cisco-mcu",
	.url = "http://127.0.0.1:PORT/",
	.user = "admin",
	.password = "s3cret" };
static const struct conference room = { .id = "giao ban", .name = "giao ban" };
enum { TALK_MS = 5000 };

#include "tests/talk/mcu.h"

static const struct dial a_dial = { .site_name = "Xã Chu Túc", .leg_name = "chu-tuc",
	.address = "sip:chutuc@10.2.0.5", .attempt = "run/chu-tuc/1", .muted = true };

/* ---- it works -------------------------------------------------------------------------------- */

static void
opens_and_introduces_itself(void **unused)
{
	OPENED(HELLO);
	struct identity who;
	assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.model, "Codian MCU 4520");
	assert_string_equal(who.serial, "M1");
	assert_int_equal(who.uptime_s.v, 86400);
	assert_false(who.ports.known);
	finish(&k);
}

static void
starts_a_conference_with_a_short_name(void **unused)
{
	/* 31 bytes would end inside the last letter: it is left out whole. */
	OPENED({ CALL("conference.enumerate"), .body = REPLY("") },
		{ CALL("conference.create", "<string>Hội nghị giao ban huyện</string>",
			  "joinAudioMuted", "<boolean>1</boolean>"),
			.body = REPLY("") });
	struct conference c;
	assert_int_equal(mcu->start(&k.task, &k.lane,
				 &(struct conference_spec){
					 .name = "Hội nghị giao ban huyện ủy", .muted = true },
				 &c),
		OK);
	assert_true(c.created);
	assert_true(strlen(c.id) <= 31 && utf8_valid(c.id, strlen(c.id)));
	assert_string_equal(c.name, "Hội nghị giao ban huyện ủy");
	finish(&k);
}

static void
finds_a_conference_on_the_second_page(void **unused)
{
	OPENED({ CALL("conference.enumerate"),
		       .body = REPLY(LIST("conferences", ITEM(S("conferenceName", "other")))
				       S("enumerateID", "p2")) },
		{ CALL("conference.enumerate",
			  "<name>enumerateID</name><value><string>p2</string>"),
			.body = REPLY(LIST("conferences", ITEM(S("conferenceName", "giao ban")))) },
		{ CALL("conference.enumerate"), .body = REPLY("") });
	struct conference c;
	assert_int_equal(mcu->find(&k.task, &k.lane, "giao ban", &c), OK);
	assert_string_equal(c.id, "giao ban");
	assert_false(c.created);
	assert_int_equal(mcu->find(&k.task, &k.lane, "giao ban", &c), ERR_GONE);
	finish(&k);
}

static void
dials_and_returns_at_once(void **unused)
{
	OPENED({ CALL("participant.add", "<string>chutuc@10.2.0.5</string>",
			 "<name>addResponse</name><value><boolean>1</boolean>",
			 "<name>deferConnection</name><value><boolean>0</boolean>"),
		.body = REPLY(STRUCT("participant", WHO("chu-tuc"))) });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, "sip/by_address/chu-tuc");
	assert_int_equal(leg.state, LEG_DIALING);
	assert_int_equal(leg.muted, YES);
	const char *sent = talk_requests(&k);
	assert_non_null(strstr(sent, "<string>Xã Chu Túc</string>"));
	assert_non_null(strstr(sent, "<name>audioRxMuted</name><value><boolean>1</boolean>"));
	finish(&k);
}

/* All 31 of a name go through and come back in the id. */
static void
names_of_31_characters(void **unused)
{
	OPENED({ CALL("participant.add", "<string>abcdefghijklmnopqrstuvwxyz01234</string>"),
		       .body = REPLY("") },
		{ CALL("participant.disconnect",
			  "<string>abcdefghijklmnopqrstuvwxyz01234</string>"),
			.body = REPLY("") });
	struct dial d = a_dial;
	d.leg_name = "abcdefghijklmnopqrstuvwxyz0123456789";
	d.site_name = "Thị trấn Văn Quan, huyện Văn Quan, tỉnh";
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), OK);
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &k.conference, &leg), OK);
	assert_null(strstr(talk_requests(&k), "huyện Văn Quan, tỉnh"));
	finish(&k);
}

/* ---- the roster ------------------------------------------------------------------------------ */

/* Two pages of the whole MCU: foreign conferences, dead items, bare texts, an item without a state,
 * a leg that is on both pages. */
static void
reads_the_roster_of_two_pages(void **unused)
{
	OPENED({ CALL("participant.enumerate",
			 "<name>operationScope</"
			 "name><value><array><data><value><string>currentState</string>"),
		       .never = "enumerateID",
		       .body = REPLY(LIST("participants",
			       ITEM(WHO("a") S("conferenceName", "giao ban") STATE("connected",
				       S("address", "a@10.2.0.5") I("audioRxReceived", "5000") I(
					       "audioRxLost", "7") I("audioTxSent",
					       "4900") I("audioTxReportedLost",
					       "3") I("videoRxReceived",
					       "90000") I("audioRxEnergyMillidB",
					       "-21000") S("audioRxCodec",
					       "G.722") S("audioTxCodec", "G.722") S("videoRxCodec",
					       "H.264") "<member><name>audioRxMuted</"
							"name><value><boolean>1</boolean></value></"
							"member>")) ITEM(WHO("foreign")
					       S("conferenceName", "other") STATE("connected",
						       "")) ITEM(WHO("dead") S("conferenceName",
				       "giao ban") "<member><name>dead</name><value><boolean>1</"
						   "boolean></value></member>")
				       ITEM(WHO("b") S("conferenceName", "giao ban")
						       STATE("alerting", "")))
				       I("currentRevision", "17") S("enumerateID", "next")) },
		{ CALL("participant.enumerate", "<string>next</string>"),
			.body = REPLY(LIST("participants",
				ITEM(WHO("b") S("conferenceName", "giao ban") STATE(
					"disconnected", S("disconnectReason", "noanswer")))
					ITEM(BARE("participantName", "c") BARE(
						"participantProtocol",
						"h323") BARE("participantType",
						"ad_hoc") BARE("conferenceName",
						"giao ban") STRUCT("currentState",
						BARE("callState", "connected") BARE("callDirection",
							"incoming") BARE("audioRxReceived", "12")))
						ITEM(WHO("d") S("conferenceName",
							"giao ban") "<member><name>changed</"
								    "name><value><boolean>0</"
								    "boolean></value></member>"))
					I("currentRevision", "18")) },
		{ CALL("participant.status", "<string>d</string>"),
			.body = REPLY(STATE("proceeding", "")) });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 4);

	const struct leg *a = &all.legs[0], *b = &all.legs[1], *c = &all.legs[2], *d = &all.legs[3];
	assert_int_equal(a->state, LEG_UP);
	assert_int_equal(a->muted, YES);
	assert_true(a->sampled);
	assert_string_equal(a->address, "sip:a@10.2.0.5");
	assert_int_equal(a->media.s[AUDIO][FROM_SITE].packets.v, 5000);
	assert_int_equal(a->media.s[AUDIO][FROM_SITE].lost.v, 7);
	assert_int_equal(a->media.s[AUDIO][TO_SITE].packets.v, 4900);
	assert_int_equal(a->media.s[AUDIO][TO_SITE].far_lost.v, 3);
	assert_int_equal(a->media.s[AUDIO][FROM_SITE].level_mdb.v, -21000);
	assert_int_equal(a->media.s[VIDEO][FROM_SITE].packets.v, 90000);
	assert_false(a->media.s[VIDEO][TO_SITE].packets.known);
	assert_int_equal(a->media.s[VIDEO][FROM_SITE].open, YES);
	/* the codec is left out: no channel */
	assert_int_equal(a->media.s[VIDEO][TO_SITE].open, NO);
	assert_string_equal(a->media.s[AUDIO][FROM_SITE].codec, "G.722");

	assert_string_equal(b->id, "sip/by_address/b"); /* the later page counts */
	assert_int_equal(b->state, LEG_GONE);
	assert_int_equal(b->ending.cause, CAUSE_NO_ANSWER); /* capitals differ between versions */
	assert_string_equal(b->ending.device_words, "noanswer");
	assert_true(b->configured);

	assert_int_equal(c->state, LEG_UP);
	assert_true(c->incoming);
	assert_false(c->configured);
	assert_int_equal(c->media.s[AUDIO][FROM_SITE].packets.v, 12);
	assert_int_equal(c->media.s[VIDEO][TO_SITE].open, UNKNOWN); /* no codec told at all */
	assert_string_equal(c->id, "h323/ad_hoc/c");

	assert_int_equal(d->state, LEG_DIALING);
	finish(&k);
}

static void
an_empty_roster_has_no_array(void **unused)
{
	OPENED({ CALL("participant.enumerate"), .body = REPLY(I("currentRevision", "1")) });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 0);
	finish(&k);
}

static void
measures_in_kbps(void **unused)
{
	OPENED({ CALL("participant.diagnostics", "<string>a</string>"),
		.body = REPLY(I("videoRxFrameRate", "25") I("videoRxActualBitRate", "768000")
				I("videoTxActualBitRate", "512999")) });
	struct leg leg = { .id = "sip/by_address/a" };
	struct media_sample m;
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
	assert_int_equal(m.s[VIDEO][FROM_SITE].fps.v, 25);
	assert_int_equal(m.s[VIDEO][FROM_SITE].kbps.v, 768);
	assert_int_equal(m.s[VIDEO][TO_SITE].kbps.v, 512);
	assert_false(m.s[VIDEO][TO_SITE].fps.known);
	assert_false(m.s[AUDIO][FROM_SITE].kbps.known);
	finish(&k);
}

static void
tells_why_it_ended(void **unused)
{
	OPENED({ CALL("participant.status"), .body = REPLY(STATE("disconnected",
						     S("disconnectReason", "remoteTeardown"))) },
		{ CALL("participant.status"),
			.body = REPLY(STATE("disconnected", S("disconnectReason", "sunspots"))) },
		{ CALL("participant.status"), .body = FAULT("5", "no such participant") });
	struct leg leg = { .id = "sip/by_address/a", .name = "a" };
	struct ending why;
	assert_int_equal(mcu->reason(&k.task, &k.lane, &k.conference, &leg, &why), OK);
	assert_int_equal(why.cause, CAUSE_SITE_HANGUP);
	assert_int_equal(mcu->reason(&k.task, &k.lane, &k.conference, &leg, &why), OK);
	assert_int_equal(why.cause, CAUSE_UNKNOWN);
	assert_string_equal(why.device_words, "sunspots");
	assert_int_equal(mcu->reason(&k.task, &k.lane, &k.conference, &leg, &why), ERR_GONE);
	finish(&k);
}

static void
mutes_places_and_tells(void **unused)
{
	OPENED({ CALL("participant.modify",
			 "<name>operationScope</name><value><string>activeState</string>",
			 "<name>audioRxMuted</name><value><boolean>0</boolean>"),
		       .body = REPLY("") },
		{ CALL("conference.paneplacement.modify", "<name>index</name><value><int>0</int>",
			  "<string>participant</string>"),
			.body = REPLY(I("panesModified", "1")) },
		{ CALL("conference.paneplacement.modify",
			  "<name>enabled</name><value><boolean>0</boolean>"),
			.never = "panes</name>", .body = REPLY(I("panesModified", "0")) },
		{ CALL("participant.enumerate"),
			.body = REPLY(LIST("participants",
				ITEM(WHO("a") S("conferenceName", "giao ban") STATE("connected",
					"")) ITEM(WHO("b") S("conferenceName", "giao ban")
						STATE("alerting", ""))
					ITEM(WHO("c") S("conferenceName", "giao ban")
							STATE("connected", "")))) },
		{ CALL("participant.message", "<string>a</string>", "Xin ch"),
			.body = FAULT("5", "gone") },
		{ CALL("participant.message", "<string>c</string>", "Xin ch"), .body = REPLY("") });
	struct leg leg = { .id = "sip/by_address/a" };
	assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &leg, false), OK);
	assert_int_equal(mcu->focus(&k.task, &k.lane, &k.conference, &leg), OK);
	assert_int_equal(mcu->focus(&k.task, &k.lane, &k.conference, NULL), OK);
	assert_int_equal(mcu->message(&k.task, &k.lane, &k.conference, NULL, "Xin chào", 10), OK);
	finish(&k);
}

static void
sets_a_layout_for_all(void **unused)
{
	OPENED({ CALL("conference.modify", "<name>customLayout</name><value><int>5</int>"),
		       .body = REPLY("") },
		{ CALL("participant.enumerate"),
			.body = REPLY(
				LIST("participants", ITEM(WHO("a") S("conferenceName", "giao ban")
								     STATE("connected", "")))) },
		{ CALL("participant.modify",
			  "<name>cpLayout</name><value><string>layout5</string>"),
			.body = REPLY("") });
	assert_int_equal(mcu->layout(&k.task, &k.lane, &k.conference, "5"), OK);
	static const char *const none[] = { "1+5", "1+7", "equal", "speaker", "layout60", "60", "0",
		"-1", "family6", "", "layout" };
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		task_forgive(&k.task);
		assert_int_equal(
			mcu->layout(&k.task, &k.lane, &k.conference, none[i]), ERR_UNSUPPORTED);
	}
	static const struct {
		const char *ours, *device;
	} words[] = { { "1", "layout1" }, { "59", "layout59" }, { "layout12", "layout12" },
		{ "family5", "family5" }, { "default", "default" },
		{ "conferenceCustom", "conferenceCustom" } };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		char word[CISCO_LAYOUT_SIZE];
		assert_true(cisco_layout(words[i].ours, word));
		assert_string_equal(word, words[i].device);
	}
	finish(&k);
}

/* ---- it does not work ------------------------------------------------------------------------ */

static void
a_wrong_password_is_tried_once(void **unused)
{
	BEGIN({ CALL("device.query"), .body = FAULT("14", "authorization failed") });
	mcu_refuses_login(&k);
}

static void
an_old_version_says_fault_15_for_it(void **unused)
{
	BEGIN({ CALL("device.query"), .body = FAULT("15", "insufficient privileges") });
	mcu_refuses_login(&k);
}

/* A TelePresence Server in flexible mode: for the inventory it is there; nothing of its conferences
 * is asked, or guessed. */
static void
another_dialect_is_refused_by_name(void **unused)
{
	static const char server[] = REPLY(S("model", "TelePresence Server 7010") S("serial", "T1")
			S("softwareVersion", "4.4") S("apiVersion", "4.4") I("uptime", "77"));
	BEGIN({ CALL("device.query"), .body = server },
		{ CALL("system.info"), .body = REPLY(S("operationMode", "flexible")) },
		{ CALL("device.query"), .body = server });
	struct identity who;
	struct conference c;
	struct roster list;
	struct leg leg;
	int again;
	assert_int_equal(mcu->open(&k.task, &k.lane), OK);
	assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.model, "TelePresence Server 7010");
	assert_int_equal(who.uptime_s.v, 77);
	assert_int_equal(mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "x" }, &c),
		ERR_UNSUPPORTED);
	assert_non_null(strstr(k.task.why, "huyen is a TelePresence Server 7010 in flexible mode"));
	task_forgive(&k.task);
	assert_int_equal(mcu->find(&k.task, &k.lane, "x", &c), ERR_UNSUPPORTED);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &list), ERR_UNSUPPORTED);
	assert_int_equal(
		mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_UNSUPPORTED);
	k.device.push_url = "http://10.1.1.2:8091/push/00";
	assert_int_equal(mcu->subscribe(&k.task, &k.lane, &again), ERR_UNSUPPORTED);
	finish(&k);
}

static void
a_refusal_keeps_the_words(void **unused)
{
	OPENED({ CALL("participant.add"), .body = FAULT("10", "no address") },
		{ CALL("participant.add"), .body = FAULT("17", "no ports") });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "no address (fault 10)"));
	task_forgive(&k.task);
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_BUSY);
	finish(&k);
}

static void
silence_ends_at_the_deadline_and_is_not_asked_twice(void **unused)
{
	OPENED({ CALL("participant.enumerate"), .how = PEER_HANG });
	mcu_is_silent(&k);
}

static void
a_cancelled_dial_comes_back(void **unused)
{
	OPENED({ CALL("participant.add"), .how = PEER_CANCEL });
	mcu_dial_is_cancelled(&k, &a_dial);
}

static void
garbage_is_not_understood(void **unused)
{
	OPENED({ CALL("participant.enumerate"), .body = "<html>please log in</html>" },
		{ CALL("participant.enumerate"), .body = "<methodResponse><params>" },
		{ CALL("participant.enumerate"), .how = PEER_GARBAGE });
	mcu_talks_garbage(&k, 3);
}

static void
an_answer_cut_off_is_asked_again_once(void **unused)
{
	OPENED({ CALL("participant.enumerate"), .how = PEER_CUT,
		       .body = REPLY(I("currentRevision", "1")) },
		{ CALL("participant.enumerate"), .body = REPLY("") },
		{ CALL("participant.enumerate"), .how = PEER_DROP },
		{ CALL("participant.enumerate"), .how = PEER_DROP });
	mcu_is_cut_off(&k);
}

/* ---- traps of dialling ----------------------------------------------------------------------- */

static void
an_idle_socket_is_reset(void **unused)
{
	BEGIN({ CALL("device.query"), .how = PEER_ANSWER_RESET,
		      .body = REPLY(S("model", "Codian MCU 4520")) },
		{ CALL("participant.enumerate"), .body = REPLY("") });
	assert_int_equal(mcu->open(&k.task, &k.lane), OK);
	usleep(80000);
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	finish(&k);
}

/* The order was taken, its answer was lost: the device is asked, and nobody is called twice. */
static void
a_dial_without_answer_is_looked_up(void **unused)
{
	OPENED({ CALL("participant.add"), .how = PEER_DROP },
		{ CALL("participant.status", "<string>chu-tuc</string>"),
			.body = REPLY(STATE("alerting", "")) });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_int_equal(leg.state, LEG_RINGING);
	finish(&k);
}

static void
a_dial_that_never_arrived_is_made_once_more(void **unused)
{
	OPENED({ CALL("participant.add"), .how = PEER_DROP },
		{ CALL("participant.status"), .body = FAULT("5", "no such participant") },
		{ CALL("participant.add"), .body = REPLY(STRUCT("participant", WHO("chu-tuc"))) });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_int_equal(leg.state, LEG_DIALING);
	finish(&k);
}

static void
a_name_that_is_up_is_that_leg(void **unused)
{
	OPENED({ CALL("participant.add"), .body = FAULT("3", "duplicate participant name") },
		{ CALL("participant.status"),
			.body = REPLY(STATE("connected", I("audioRxReceived", "9"))) });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_int_equal(leg.state, LEG_UP);
	assert_string_equal(leg.id, "sip/by_address/chu-tuc");
	finish(&k);
}

static void
a_name_that_ended_is_connected_again(void **unused)
{
	OPENED({ CALL("participant.add"), .body = FAULT("3", "duplicate participant name") },
		{ CALL("participant.status"),
			.body = REPLY(STATE("disconnected",
				S("disconnectReason", "busy") S("address", "chutuc@10.2.0.5"))) },
		{ CALL("participant.connect", "<string>chu-tuc</string>"), .body = REPLY("") });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_int_equal(leg.state, LEG_DIALING);
	assert_int_equal(leg.ending.cause, CAUSE_UNKNOWN);
	finish(&k);
}

/* Connecting would call the old address: the kept entry is replaced. */
static void
a_name_with_another_address_is_replaced(void **unused)
{
	OPENED({ CALL("participant.add"), .body = FAULT("3", "duplicate participant name") },
		{ CALL("participant.status"),
			.body = REPLY(STATE("disconnected", S("address", "old@10.9.9.9"))) },
		{ CALL("participant.remove", "<string>chu-tuc</string>"), .body = REPLY("") },
		{ CALL("participant.add", "chutuc@10.2.0.5"), .body = REPLY("") });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	finish(&k);
}

static void
a_lost_create_is_looked_up(void **unused)
{
	OPENED({ CALL("conference.enumerate"), .body = REPLY("") },
		{ CALL("conference.create"), .how = PEER_DROP },
		{ CALL("conference.enumerate"), .body = REPLY(LIST("conferences",
							ITEM(S("conferenceName", "giao ban")))) });
	struct conference c;
	assert_int_equal(
		mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "giao ban" }, &c),
		OK);
	assert_true(c.created);
	finish(&k);
}

static void
nobody_listens(void **unused)
{
	BEGIN({ CALL("device.query") });
	snprintf(k.url, sizeof k.url, "http://127.0.0.1:1/");
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_UNREACHABLE);
	assert_null(k.lane.session);
	assert_non_null(peer_stop(&k.peer)); /* nothing was played */
	arena_free(k.task.arena);
	arena_free(k.lane.arena);
	close(k.task.cancel_fd);
}

/* ---- words ----------------------------------------------------------------------------------- */

static void
ids_go_both_ways(void **unused)
{
	struct cisco_party who;
	assert_true(cisco_leg_party("h323/ad_hoc/a/b c", &who));
	assert_string_equal(who.name, "a/b c");
	char id[128];
	cisco_leg_id(id, sizeof id, &who);
	assert_string_equal(id, "h323/ad_hoc/a/b c");
	static const char *const wrong[] = { "", "a", "a/b", "a/b/", "/b/c", "a//c",
		"protocol-too-long/b/c" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(cisco_leg_party(wrong[i], &who));
	for (int c = 0; c < CAUSE_N; c++)
		assert_int_equal(cause_from_name(cause_name((enum cause)c)), c);
	assert_ptr_equal(mcu_adapter_find("cisco-mcu"), mcu);
	assert_null(mcu_adapter_find("skel"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_and_introduces_itself),
		cmocka_unit_test(starts_a_conference_with_a_short_name),
		cmocka_unit_test(finds_a_conference_on_the_second_page),
		cmocka_unit_test(dials_and_returns_at_once),
		cmocka_unit_test(names_of_31_characters),
		cmocka_unit_test(reads_the_roster_of_two_pages),
		cmocka_unit_test(an_empty_roster_has_no_array),
		cmocka_unit_test(measures_in_kbps),
		cmocka_unit_test(tells_why_it_ended),
		cmocka_unit_test(mutes_places_and_tells),
		cmocka_unit_test(sets_a_layout_for_all),
		cmocka_unit_test(a_wrong_password_is_tried_once),
		cmocka_unit_test(an_old_version_says_fault_15_for_it),
		cmocka_unit_test(another_dialect_is_refused_by_name),
		cmocka_unit_test(a_refusal_keeps_the_words),
		cmocka_unit_test(silence_ends_at_the_deadline_and_is_not_asked_twice),
		cmocka_unit_test(a_cancelled_dial_comes_back),
		cmocka_unit_test(garbage_is_not_understood),
		cmocka_unit_test(an_answer_cut_off_is_asked_again_once),
		cmocka_unit_test(an_idle_socket_is_reset),
		cmocka_unit_test(a_dial_without_answer_is_looked_up),
		cmocka_unit_test(a_dial_that_never_arrived_is_made_once_more),
		cmocka_unit_test(a_name_that_is_up_is_that_leg),
		cmocka_unit_test(a_name_that_ended_is_connected_again),
		cmocka_unit_test(a_name_with_another_address_is_replaced),
		cmocka_unit_test(a_lost_create_is_looked_up),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(ids_go_both_ways),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
