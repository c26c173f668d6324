/* Talks with a Cisco TelePresence MCU that works: opening, conferences, dialling, the roster,
 * orders to a leg, and the words of this family. */
#include "tests/talk/cisco_mcu.h"

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

/* It stood and is being called again, by a person or by the box: that was an end, told once, also
 * when another question saw it first. What we dial ourselves is no end. With several sessions none
 * of them knows what another one dialled. */
static void
who_was_up_and_is_called_again_ended(void **unused)
{
#define LISTS(state) \
	{ \
		CALL("participant.enumerate"), \
			.body = REPLY(LIST("participants", ITEM(WHO("chu-tuc") S("conferenceName", \
								   "giao ban") STATE(state, "")))) \
	}
#define THERE(state) \
	{ \
		CALL("participant.status"), .body = REPLY(STATE(state, "")) \
	}
	static const struct peer_step steps[] = { HELLO, LISTS("connected"), LISTS("alerting"),
		LISTS("alerting"), LISTS("connected"), THERE("proceeding"), LISTS("proceeding"),
		LISTS("connected"), { CALL("participant.add"), .body = FAULT("3", "duplicate") },
		THERE("proceeding"), LISTS("proceeding") };
	static const enum leg_state told[] = { LEG_UP, LEG_GONE, LEG_RINGING, LEG_UP, LEG_GONE,
		LEG_UP, LEG_DIALING };
	for (int width = 1; width <= 2; width++) {
		struct talk k;
		struct roster all;
		struct leg leg;
		talk_begin(&k, &box, &(struct peer){ .steps = steps, .n = STEPS_N }, TALK_MS);
		k.conference = room;
		k.device.width = width;
		assert_int_equal(mcu->open(&k.task, &k.lane), OK);
		for (int i = 0; i < 7; i++) {
			if (i == 4)
				assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference,
							 &all.legs[0], &leg),
					OK);
			if (i == 6)
				assert_int_equal(
					mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg),
					OK);
			assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
			if (width == 1 || told[i] != LEG_GONE)
				assert_int_equal(all.legs[0].state, told[i]);
			else
				assert_true(all.legs[0].state != LEG_GONE);
		}
		finish(&k);
	}
}

/* Where neither the answer nor its header names an encoding it is UTF-8 if it can be, else
 * ISO-8859-1; named as UTF-8, one broken letter does not turn the others. */
static void
texts_without_an_encoding_are_read(void **unused)
{
#define NAMED(name) \
	"<?xml version=\"1.0\"?><methodResponse><params><param><value><struct>" LIST( \
		"participants", \
		ITEM(WHO("a") S("conferenceName", "giao ban") STATE("connected", \
			S("displayName", \
				name)))) "</struct></value></param></params></methodResponse>"
#define TEXT(name) { CALL("participant.enumerate"), .body = NAMED(name) }
	OPENED(TEXT("X\xe3 \xd0\xf4ng"),
		TEXT("X\xc3\xa3 Chu T\xc3\xba"
		     "c"),
		{ CALL("participant.enumerate"),
			.head = "200 OK\r\nContent-Type: text/xml; charset=UTF-8",
			.body = NAMED("X\xc3\xa3 T\xc3") });
	static const char *const names[] = { "Xã Ðông", "Xã Chu Túc", "Xã T\xef\xbf\xbd" };
	struct roster all;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
		assert_string_equal(all.legs[0].name, names[i]);
	}
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
		cmocka_unit_test(who_was_up_and_is_called_again_ended),
		cmocka_unit_test(texts_without_an_encoding_are_read),
		cmocka_unit_test(an_empty_roster_has_no_array),
		cmocka_unit_test(measures_in_kbps),
		cmocka_unit_test(tells_why_it_ended),
		cmocka_unit_test(mutes_places_and_tells),
		cmocka_unit_test(sets_a_layout_for_all),
		cmocka_unit_test(ids_go_both_ways),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
