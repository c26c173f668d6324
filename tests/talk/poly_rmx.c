/* Talks with a Polycom RMX that go well: the adapter against a scripted peer on loopback, one test
 * per way in which such a talk goes. */
#include "tests/talk/poly_rmx.h"

static void
opens_and_introduces_itself(void **unused)
{
	OPENED(ALIVE,
		{ .expect = { "<GET_STATE/>" },
			.body = OKAY("TRANS_MCU",
				"<GET_STATE><MCU_STATE><ID>2</ID><DESCRIPTION>Major</DESCRIPTION>"
				"<NUMBER_OF_ACTIVE_ALARMS>3</NUMBER_OF_ACTIVE_ALARMS></MCU_STATE></"
				"GET_STATE>") });
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
	OPENED(LISTS(SUMMARY("giao ban tuan", "99")),
		{ .expect = { "<TRANS_RES_1>", "<DISPLAY_NAME>giao ban</DISPLAY_NAME>",
			  "<AUTO_TERMINATE><ON>false</ON>",
			  "<AD_HOC_PROFILE_ID>3</AD_HOC_PROFILE_ID>" },
			.body = OKAY("TRANS_RES", "<START><RESERVATION><NAME>giao "
						  "ban</NAME><ID>100</ID></RESERVATION></START>") },
		LISTS(SUMMARY("giao ban", "100")),
		{ .expect = { "<TRANS_CONF_2>", "<TERMINATE_CONF><ID>100</ID></TERMINATE_CONF>" },
			.body = SAYS("TRANS_CONF", "1", "In progress", "") });
	struct conference c;
	assert_int_equal(
		mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "giao ban" }, &c),
		OK);
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
	OPENED(LISTS(""),
		{ .expect = { "<TRANS_RES_1>" },
			.body = SAYS("TRANS_RES", "1", "In progress", "") },
		LISTS(""), LISTS(SUMMARY("giao ban", "100")));
	struct conference c;
	assert_int_equal(
		mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "giao ban" }, &c),
		OK);
	assert_true(c.created);
	assert_string_equal(c.id, "100");
	finish(&k);
}

static void
progress_without_end_is_bounded_by_the_deadline(void **unused)
{
	OPENED(LISTS(""),
		{ .expect = { "<TRANS_RES_1>" },
			.body = SAYS("TRANS_RES", "1", "In progress", "") },
		LISTS(""));
	struct conference c;
	k.task.deadline = clock_mono() + 250;
	assert_int_equal(
		mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "giao ban" }, &c),
		ERR_TIMEOUT);
	finish(&k);
}

static void
dials_and_returns_at_once(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("1", "true", PARTIES("")) },
		{ .expect = { "<TRANS_CONF_1>",
			  "<NAME>p7</NAME><ID/><INTERFACE>sip</INTERFACE><CONNECTION>dial_out",
			  "<SIGNALING_PORT>5060</SIGNALING_PORT>",
			  "<SIP_ADDRESS>s7@10.2.0.5</SIP_ADDRESS>" },
			.body = OKAY("TRANS_CONF", "<ADD_PARTY><ID>7</ID></ADD_PARTY>") },
		{ .expect = { "<SET_AUDIO_VIDEO_MUTE><ID>100</ID><AUDIO_MUTE>true</"
			      "AUDIO_MUTE><VIDEO_MUTE>false</VIDEO_MUTE>"
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
		{ GET("1"), .body = CONF("1", "false", "") },
		{ GET("1"), .body = CONF("2", "true", PARTIES(PARTY("7", "0"))) },
		{ .expect = { "<SET_AUDIO_VIDEO_MUTE>" },
			.body = SAYS("TRANS_CONF", "21", "Party is not connected", "") },
		ALIVE, { GET("2"), .body = CONF("2", "false", "") });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, "7");
	assert_int_equal(leg.state, LEG_DIALING);
	assert_int_equal(leg.muted, UNKNOWN); /* too early to mute: the list will tell */
	finish(&k);
}

/* All, then what changed, then nothing, then a removal. */
static void
adds_up_increments(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("10", "true",
				    PARTIES(PARTY("1", "1") PARTY("2", "4") PARTY("3", "3"))) },
		{ MEASURE("1"), .body = FIGURES(BOTH_WAYS) },
		{ GET("10"), .body = CONF("11", "true",
				     PARTIES(CAUSED("2", "2", "0", "SIP busy here", ""))) },
		{ MEASURE("1"), .body = FIGURES("") },
		{ GET("11"), .body = CONF("11", "false", "") },
		{ MEASURE("1"), .body = FIGURES(BOTH_WAYS) },
		{ GET("11"), .body = CONF("12", "true",
				     "<ONGOING_PARTY_LIST/><DELETED_PARTIES><PARTY_ID>1</"
				     "PARTY_ID></DELETED_PARTIES>") });
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

/* A count that went backwards is another one: the list from its beginning, and who is not in it is
 * gone. */
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
	assert_int_equal(all.legs[0].ending.cause, CAUSE_UNKNOWN); /* nobody said who took it out */
	assert_int_equal(all.legs[1].state, LEG_DIALING);
	finish(&k);
}

/* One that was dialled is deleted by a person; one that had called in goes from the list when it
 * hangs up, too. */
static void
who_had_called_in_and_is_deleted_went_somehow(void **unused)
{
	OPENED({ GET("-1"),
		       .body = CONF("1", "true",
			       PARTIES("<ONGOING_PARTY><PARTY><NAME>khach</NAME><ID>4</ID>"
				       "<INTERFACE>sip</INTERFACE><CONNECTION>dial_in</CONNECTION>"
				       "</PARTY><ONGOING_PARTY_STATUS><ID>1</ID>"
				       "</ONGOING_PARTY_STATUS></ONGOING_PARTY>")) },
		{ MEASURE("4"), .body = FIGURES(BOTH_WAYS) },
		{ GET("1"), .body = CONF("2", "true",
				    "<ONGOING_PARTY_LIST/><DELETED_PARTIES><PARTY_ID>4</"
				    "PARTY_ID></DELETED_PARTIES>") });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_true(all.legs[0].incoming);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].state, LEG_GONE);
	assert_int_equal(all.legs[0].ending.cause, CAUSE_UNKNOWN);
	assert_string_equal(all.legs[0].ending.device_words, "deleted");
	finish(&k);
}

/* A conference without a list of its parties does not say that nobody is in it. */
static void
a_list_that_is_not_told_empties_nothing(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("500", "true", PARTIES(PARTY("1", "4"))) },
		{ GET("500"), .body = CONF("3", "true", "") },
		{ GET("-1"), .body = CONF("3", "true", "") });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 1);
	assert_int_equal(all.legs[0].state, LEG_DIALING);
	finish(&k);
}

static void
the_list_of_another_conference_is_not_taken(void **unused)
{
	OPENED({ GET("-1"),
		.body = OKAY("TRANS_CONF",
			"<GET><CONFERENCE><OBJ_TOKEN>1</OBJ_TOKEN><RESERVATION><ID>101</ID>"
			"</RESERVATION>" PARTIES(PARTY("1", "1")) "</CONFERENCE></GET>") });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), ERR_PROTOCOL);
	assert_int_equal(all.n, 0);
	finish(&k);
}

static void
looks_and_tells_why(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("10", "true",
				    PARTIES(PARTY("1", "1") CAUSED(
					    "2", "2", "1", "Participant hung up", ""))) },
		{ MEASURE("1"), .body = FIGURES(BOTH_WAYS) },
		{ GET("10"), .body = CONF("10", "false", "") },
		{ GET("10"), .body = CONF("10", "false", "") },
		{ GET("10"), .body = CONF("10", "false", "") },
		{ GET("10"), .body = CONF("10", "false", "") });
	struct leg now;
	struct ending why;
	assert_int_equal(
		mcu->look(&k.task, &k.lane, &k.conference, &(struct leg){ .id = "1" }, &now), OK);
	assert_int_equal(now.media.s[VIDEO][FROM_SITE].packets.v, 1011979);
	assert_int_equal(
		mcu->reason(&k.task, &k.lane, &k.conference, &(struct leg){ .id = "2" }, &why), OK);
	assert_int_equal(why.cause, CAUSE_SITE_HANGUP);
	assert_string_equal(why.device_words, "Participant hung up (1)");
	assert_int_equal(
		mcu->reason(&k.task, &k.lane, &k.conference, &(struct leg){ .id = "1" }, &why),
		ERR_BUSY);
	task_forgive(&k.task);
	assert_int_equal(
		mcu->reason(&k.task, &k.lane, &k.conference, &(struct leg){ .id = "9" }, &why),
		ERR_GONE);
	task_forgive(&k.task);
	assert_int_equal(
		mcu->look(&k.task, &k.lane, &k.conference, &(struct leg){ .id = "9" }, &now),
		ERR_GONE);
	task_forgive(&k.task);
	assert_int_equal(
		mcu->look(&k.task, &k.lane, &k.conference, &(struct leg){ .id = "1</ID>" }, &now),
		ERR_INPUT);
	finish(&k);
}

static void
mutes_places_and_tells(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("10", "true",
				    PARTIES(CAUSED("1", "1", "0", "None",
					    "<VIDEO_MUTE>true</VIDEO_MUTE>"))) },
		{ .expect = { "<SET_AUDIO_VIDEO_MUTE><ID>100</ID><AUDIO_MUTE>false</"
			      "AUDIO_MUTE><VIDEO_MUTE>true</VIDEO_MUTE>"
			      "<PARTY_ID>1</PARTY_ID>" },
			DONE },
		{ .expect = { "<SET_AUTO_LAYOUT><ID>100</ID><AUTO_LAYOUT>false</AUTO_LAYOUT>" },
			DONE },
		{ .expect = { "<SET_VIDEO_LAYOUT><ID>100</ID><FORCE><LAYOUT>1and5</LAYOUT></"
			      "FORCE>" },
			DONE },
		{ GET("10"), .body = CONF("10", "false", "") },
		{ .expect = { "<FORCE><LAYOUT>2x2</LAYOUT><CELL><ID>1</ID><FORCE_STATE>forced</"
			      "FORCE_STATE><FORCE_ID>1</FORCE_ID>"
			      "<FORCE_NAME>p1</FORCE_NAME></CELL></FORCE>" },
			DONE },
		{ GET("10"), .body = CONF("10", "false", "") },
		{ .expect = { "<CELL><ID>1</ID><FORCE_STATE>auto</FORCE_STATE></CELL>" }, DONE },
		{ .expect = { "<SET_MESSAGE_OVERLAY><ID>100</ID><MESSAGE_OVERLAY><ON>true</"
			      "ON><MESSAGE_TEXT>Xin chào &lt;b&gt;"
			      "</MESSAGE_TEXT>",
			  "<NUM_OF_REPETITIONS>3</NUM_OF_REPETITIONS>" },
			DONE },
		{ .expect = { "<SET_CONNECT><ID>100</ID><CONNECT>false</CONNECT><PARTY_ID>1</"
			      "PARTY_ID>" },
			DONE });
	struct leg leg = { .id = "1" };
	assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &leg, false), OK);
	assert_int_equal(mcu->layout(&k.task, &k.lane, &k.conference, "1+5"), OK);
	assert_int_equal(mcu->focus(&k.task, &k.lane, &k.conference, &leg), OK);
	assert_int_equal(mcu->focus(&k.task, &k.lane, &k.conference, NULL), OK);
	assert_int_equal(
		mcu->message(&k.task, &k.lane, &k.conference, NULL, "Xin chào <b>", 25), OK);
	assert_int_equal(mcu->message(&k.task, &k.lane, &k.conference, &leg, "Xin chào", 25),
		ERR_UNSUPPORTED);
	task_forgive(&k.task);
	assert_int_equal(mcu->layout(&k.task, &k.lane, &k.conference, "9+9"), ERR_UNSUPPORTED);
	task_forgive(&k.task);
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &k.conference, &leg), OK);
	finish(&k);
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
		cmocka_unit_test(who_had_called_in_and_is_deleted_went_somehow),
		cmocka_unit_test(a_list_that_is_not_told_empties_nothing),
		cmocka_unit_test(the_list_of_another_conference_is_not_taken),
		cmocka_unit_test(looks_and_tells_why),
		cmocka_unit_test(mutes_places_and_tells),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
