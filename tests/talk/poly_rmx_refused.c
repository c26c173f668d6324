/* Talks with a Polycom RMX that go wrong: refusals, lost tokens, silence, garbage, and the traps of
 * dialling. */
#include "tests/talk/poly_rmx.h"

static void
a_wrong_password_is_tried_once(void **unused)
{
	BEGIN({ .expect = { "<LOGIN>" },
		.body = SAYS("TRANS_MCU", "4", "User name or password is incorrect", "") });
	mcu_refuses_login(&k);
}

static void
a_device_that_starts_up_is_busy(void **unused)
{
	BEGIN({ .expect = { "<LOGIN>" }, .body = SAYS("TRANS_MCU", "9", "MCU is in startup", "") });
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_BUSY);
	finish(&k);
}

/* "In progress" is accepted and no refusal: the account is not given up for it. */
static void
a_login_in_progress_is_no_refusal(void **unused)
{
	BEGIN({ .expect = { "<LOGIN>" }, .body = SAYS("TRANS_MCU", "1", "In progress", "") });
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_BUSY);
	finish(&k);
}

/* 0 is what stands in a document before there is a token. */
static void
a_token_of_nought_is_none(void **unused)
{
	BEGIN({ .expect = { "<LOGIN>" },
		.body = OKAY("TRANS_MCU", "<LOGIN><MCU_TOKEN>0</MCU_TOKEN></LOGIN>") });
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_PROTOCOL);
	finish(&k);
}

/* Nothing is opened because a list was not told: there would be two. */
static void
a_list_of_conferences_that_is_not_told_makes_none(void **unused)
{
	OPENED({ .expect = { "<GET_LS>" },
		       .body = SAYS("TRANS_CONF_LIST", "1", "In progress", "") },
		{ .expect = { "<GET_LS>" }, .body = OKAY("TRANS_CONF_LIST", "<GET_LS/>") });
	struct conference c;
	const struct conference_spec spec = { .name = "giao ban" };
	assert_int_equal(mcu->start(&k.task, &k.lane, &spec, &c), ERR_BUSY);
	task_forgive(&k.task);
	assert_int_equal(mcu->start(&k.task, &k.lane, &spec, &c), ERR_PROTOCOL);
	finish(&k);
}

/* A refusal is looked into: the session is good, so it was the order. */
static void
a_refusal_keeps_the_words(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("1", "true", PARTIES("")) },
		{ .expect = { "<ADD_PARTY>" },
			.body = SAYS("TRANS_CONF", "35", "Not enough resources", "") },
		ALIVE);
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
		{ .expect = { "<GET_STATE/>" },
			.body = SAYS("TRANS_MCU", "11", "Illegal token", "") },
		HELLO, { GET("1"), .body = CONF("9", "true", PARTIES("")) },
		{ GET("-1"), .body = CONF("9", "true", PARTIES(PARTY("1", "4"))) },
		{ GET("9"), .body = SAYS("TRANS_CONF", "11", "Illegal token", "") },
		{ .expect = { "<GET_STATE/>" },
			.body = SAYS("TRANS_MCU", "11", "Illegal token", "") },
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
	OPENED({ GET("-1"), .body = SAYS("TRANS_CONF", "20", "Conference does not exist", "") },
		ALIVE, LISTS(SUMMARY("other", "99")));
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), ERR_GONE);
	finish(&k);
}

static void
silence_ends_at_the_deadline_and_is_not_asked_twice(void **unused)
{
	OPENED({ GET("-1"), .how = PEER_HANG });
	mcu_is_silent(&k);
}

static void
a_cancelled_dial_comes_back(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("1", "true", PARTIES("")) },
		{ .expect = { "<ADD_PARTY>" }, .how = PEER_CANCEL });
	mcu_dial_is_cancelled(&k, &a_dial);
}

static void
garbage_is_not_understood(void **unused)
{
	OPENED({ GET("-1"), .body = "<html>please log in</html>" },
		{ GET("-1"), .body = "<RESPONSE_TRANS_CONF><RET" },
		{ GET("-1"), .how = PEER_GARBAGE },
		{ GET("-1"), .body = STATE_OK }, /* an answer to another question */
		{ GET("-1"), .body = "<RESPONSE_TRANS_CONF/>" },
		{ GET("-1"), .body = OKAY("TRANS_CONF", "") });
	mcu_talks_garbage(&k, 6);
}

static void
an_answer_cut_off_is_asked_again_once(void **unused)
{
	OPENED({ GET("-1"), .how = PEER_CUT, .body = CONF("1", "true", "") },
		{ GET("-1"), .body = CONF("1", "true", "") }, { GET("1"), .how = PEER_DROP },
		{ GET("1"), .how = PEER_DROP });
	mcu_is_cut_off(&k);
}

static void
a_dial_without_answer_is_looked_up(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("1", "true", PARTIES("")) },
		{ .expect = { "<ADD_PARTY>" }, .how = PEER_DROP },
		{ GET("1"), .body = CONF("2", "true", PARTIES(PARTY("7", "4"))) });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, "7");
	finish(&k);
}

static void
a_dial_that_never_arrived_is_made_once_more(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("1", "true", PARTIES("")) },
		{ .expect = { "<ADD_PARTY>" }, .how = PEER_DROP },
		{ GET("1"), .body = CONF("1", "false", "") },
		{ .expect = { "<ADD_PARTY>" },
			.body = OKAY("TRANS_CONF", "<ADD_PARTY><ID>7</ID></ADD_PARTY>") },
		{ .expect = { "<SET_AUDIO_VIDEO_MUTE>" }, DONE });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	finish(&k);
}

static void
a_name_that_ended_is_connected_again(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("1", "true",
				    PARTIES(CAUSED("7", "2", "0", "SIP busy here", ""))) },
		{ .expect = { "<SET_CONNECT><ID>100</ID><CONNECT>true</CONNECT><PARTY_ID>7</"
			      "PARTY_ID>" },
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

/* Cut off: the list tells whether it is being called; it is not called a second time unseen. */
static void
a_call_without_answer_is_looked_up(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("1", "true", PARTIES(PARTY("7", "2"))) },
		{ .expect = { "<SET_CONNECT>" }, .how = PEER_DROP },
		{ GET("1"), .body = CONF("2", "true", PARTIES(PARTY("7", "4"))) });
	struct dial d = a_dial;
	d.muted = false;
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), OK);
	assert_int_equal(leg.state, LEG_DIALING);
	finish(&k);
}

/* The answer to the deletion was lost: at the second time nobody is there, which is what was
 * wanted. */
static void
a_deletion_without_answer_keeps_nobody(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("1", "true", PARTIES(PARTY("7", "2"))) },
		{ .expect = { "<DELETE_PARTY>" }, .how = PEER_DROP },
		{ .expect = { "<DELETE_PARTY>" },
			.body = SAYS("TRANS_CONF", "22", "Party does not exist", "") },
		ALIVE,
		{ GET("1"), .body = CONF("2", "true",
				    "<ONGOING_PARTY_LIST/><DELETED_PARTIES><PARTY_ID>7</PARTY_ID>"
				    "</DELETED_PARTIES>") },
		{ .expect = { "<ADD_PARTY>" },
			.body = OKAY("TRANS_CONF", "<ADD_PARTY><ID>8</ID></ADD_PARTY>") });
	struct dial d = a_dial;
	d.muted = false;
	d.address = "h323:2005@gk";
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), OK);
	assert_string_equal(leg.id, "8");
	finish(&k);
}

static void
a_name_with_another_address_is_replaced(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("1", "true",
				    PARTIES(CAUSED("7", "2", "0", "SIP busy here", ""))) },
		{ .expect = { "<DELETE_PARTY><ID>100</ID><PARTY_ID>7</PARTY_ID>" }, DONE },
		{ .expect = { "<ADD_PARTY>", "<INTERFACE>h323</INTERFACE>",
			  "<ALIAS><NAME>2005</NAME><ALIAS_TYPE>e164</ALIAS_TYPE>",
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

/* The number of the conference comes back, and the party's beside it or not at all; lists without
 * the step in between. */
static void
other_shapes_are_read(void **unused)
{
#define BARE(token, inside) \
	OKAY("TRANS_CONF", "<GET><ID>100</ID><OBJ_TOKEN>" token \
			   "</OBJ_TOKEN><CHANGED>true</CHANGED>" inside "</GET>")
	OPENED({ GET("-1"), .body = BARE("1", PARTIES("")) },
		{ .expect = { "<ADD_PARTY>" },
			.body = OKAY("TRANS_CONF", "<ADD_PARTY><ID>100</ID><PARTY><NAME>p7</"
						   "NAME><ID>7</ID></PARTY></ADD_PARTY>") },
		{ GET("1"), .body = BARE("2", PARTIES(PARTY("7", "4"))) },
		{ .expect = { "<NAME>p8</NAME>" },
			.body = OKAY("TRANS_CONF", "<ADD_PARTY><ID>100</ID></ADD_PARTY>") },
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
	OPENED({ .expect = { "<SET_CONNECT>" },
		       .body = SAYS("TRANS_CONF", "22", "Party does not exist", "") },
		ALIVE, { GET("-1"), .body = CONF("1", "true", PARTIES("")) });
	assert_int_equal(
		mcu->hangup(&k.task, &k.lane, &k.conference, &(struct leg){ .id = "7" }), ERR_GONE);
	finish(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_password_is_tried_once),
		cmocka_unit_test(a_device_that_starts_up_is_busy),
		cmocka_unit_test(a_login_in_progress_is_no_refusal),
		cmocka_unit_test(a_token_of_nought_is_none),
		cmocka_unit_test(a_list_of_conferences_that_is_not_told_makes_none),
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
		cmocka_unit_test(a_call_without_answer_is_looked_up),
		cmocka_unit_test(a_deletion_without_answer_keeps_nobody),
		cmocka_unit_test(a_name_with_another_address_is_replaced),
		cmocka_unit_test(other_shapes_are_read),
		cmocka_unit_test(an_order_for_a_party_that_went_is_gone),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
