/* Talks with a Cisco TelePresence Server in standalone mode that refuses, falls silent, breaks off
 * or talks garbage, and the traps of its dialling. */
#include "tests/talk/cisco_mcu_tps.h"

/* ---- it does not work ------------------------------------------------------------------------ */

static void
a_wrong_password_is_tried_once(void **unused)
{
	BEGIN(QUERY, { CALL("system.info"), .body = FAULT("14", "authorization failed") });
	mcu_refuses_login(&k);
}

static void
an_endless_list_is_left(void **unused)
{
	OPENED({ CALL("conference.status", IN_ROOM), .endless = true,
		.body = REPLY(LIST("participantList", PERSON(ONE, "sip:a@b", UP))
				S("enumerateID", "more")) });
	mcu_lists_without_end(&k);
}

/* Faults by number, and by number in the place of a value as an emulator answers them. */
static void
a_refusal_keeps_the_words(void **unused)
{
	OPENED(NOBODY, { INVITE, .body = FAULT("17", "Port reservation failure") }, NOBODY,
		{ INVITE, .body = REPLY(I("faultCode", "34") S("faultString", "Internal error")) },
		{ CALL("participant.set"), .body = REPLY(I("faultCode", "5") S(
						   "faultString", "No such participant")) },
		{ CALL("conference.enumerate"),
			.body = FAULT("203", "Too many asynchronous requests") });
	struct leg leg;
	struct conference c;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_BUSY);
	task_forgive(&k.task);
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "Internal error (fault 34)"));
	task_forgive(&k.task);
	assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &one, true), ERR_GONE);
	task_forgive(&k.task);
	assert_int_equal(mcu->find(&k.task, &k.lane, "x", &c), ERR_BUSY);
	finish(&k);
}

static void
what_is_told_nowhere_is_not_tried(void **unused)
{
	OPENED(QUERY);
	struct identity who;
	struct conference c;
	struct leg leg;
	struct dial d = a_dial;
	assert_int_equal(mcu->layout(&k.task, &k.lane, &k.conference, "1"), ERR_UNSUPPORTED);
	assert_int_equal(mcu->focus(&k.task, &k.lane, &k.conference, &one), ERR_UNSUPPORTED);
	assert_int_equal(mcu->start(&k.task, &k.lane,
				 &(struct conference_spec){ .name = "x", .layout = "1" }, &c),
		ERR_UNSUPPORTED);
	d.audio_only = true;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), ERR_UNSUPPORTED);
	/* a comma would call four machines as one room */
	static const char *const wrong[] = {
		"sip:a@b,sip:c@d", "sip:", "",
		"sip:012345678901234567890123456789012345678901234567890123456789012345678901234567"
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		d = a_dial;
		d.address = wrong[i];
		assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), ERR_INPUT);
	}
	task_forgive(&k.task);
	assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK);
	finish(&k);
}

static void
silence_ends_at_the_deadline_and_is_not_asked_twice(void **unused)
{
	OPENED({ CALL("conference.status"), .how = PEER_HANG });
	mcu_is_silent(&k);
}

static void
a_cancelled_dial_comes_back(void **unused)
{
	OPENED(NOBODY, { CALL("conference.invite"), .how = PEER_CANCEL });
	mcu_dial_is_cancelled(&k, &a_dial);
}

static void
garbage_is_not_understood(void **unused)
{
	OPENED({ CALL("conference.status"), .body = "<html>please log in</html>" },
		{ CALL("conference.status"), .body = "<methodResponse><params>" },
		{ CALL("conference.status"), .how = PEER_GARBAGE },
		{ CALL("conference.status"), .body = REPLY(I("participantList", "0")) });
	mcu_talks_garbage(&k, 4);
}

static void
an_answer_cut_off_is_asked_again_once(void **unused)
{
	OPENED({ CALL("conference.status"), .how = PEER_CUT,
		       .body = REPLY(S("conferenceName", "giao ban")) },
		NOBODY, { CALL("conference.status"), .how = PEER_DROP },
		{ CALL("conference.status"), .how = PEER_DROP });
	mcu_is_cut_off(&k);
}

/* ---- never a second leg ---------------------------------------------------------------------- */

static void
an_address_that_is_up_is_that_leg(void **unused)
{
	OPENED(STATUS(REPLY(LIST("participantList", PERSON(TWO, "sip:ChuTuc@10.2.0.5", UP)))));
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_int_equal(leg.state, LEG_UP);
	assert_string_equal(leg.id, TWO);
	finish(&k);
}

static void
an_address_that_is_not_up_is_invited_anew(void **unused)
{
	OPENED(STATUS(REPLY(LIST("participantList", PERSON(TWO, "sip:chutuc@10.2.0.5", "")))),
		{ CALL("conference.uninvite", "<string>" TWO "</string>"), .body = REPLY("") },
		{ INVITE, .body = INVITED });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, ONE);
	finish(&k);
}

/* The order was taken, its answer was lost: the list is asked, and nobody is called twice. */
static void
an_invitation_without_answer_is_looked_up(void **unused)
{
	OPENED(NOBODY, { INVITE, .how = PEER_DROP },
		STATUS(REPLY(LIST("participantList", PERSON(ONE, "sip:chutuc@10.2.0.5", "")))));
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, ONE);
	assert_int_equal(leg.state, LEG_DIALING);
	finish(&k);
}

static void
an_invitation_that_never_arrived_is_made_once_more(void **unused)
{
	OPENED(NOBODY, { INVITE, .how = PEER_DROP }, NOBODY, { INVITE, .how = PEER_DROP }, NOBODY);
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_TIMEOUT);
	finish(&k);
}

static void
a_lost_create_is_looked_up(void **unused)
{
	OPENED({ CALL("conference.enumerate"), .body = REPLY("") },
		{ CALL("conference.create"), .how = PEER_DROP },
		{ CALL("conference.enumerate"),
			.body = REPLY(LIST("conferences", ITEM(S("conferenceName", "giao ban") S(
								  "conferenceGUID", ROOM)))) });
	struct conference c;
	assert_int_equal(
		mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "giao ban" }, &c),
		OK);
	assert_true(c.created);
	assert_string_equal(c.id, ROOM);
	finish(&k);
}

static void
somebody_was_quicker_to_create(void **unused)
{
	OPENED({ CALL("conference.enumerate"), .body = REPLY("") },
		{ CALL("conference.create"), .body = FAULT("2", "duplicate") },
		{ CALL("conference.enumerate"),
			.body = REPLY(LIST("conferences", ITEM(S("conferenceName", "giao ban") S(
								  "conferenceGUID", ROOM)))) });
	struct conference c;
	assert_int_equal(
		mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "giao ban" }, &c),
		OK);
	assert_false(c.created);
	finish(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_password_is_tried_once),
		cmocka_unit_test(a_refusal_keeps_the_words),
		cmocka_unit_test(an_endless_list_is_left),
		cmocka_unit_test(what_is_told_nowhere_is_not_tried),
		cmocka_unit_test(silence_ends_at_the_deadline_and_is_not_asked_twice),
		cmocka_unit_test(a_cancelled_dial_comes_back),
		cmocka_unit_test(garbage_is_not_understood),
		cmocka_unit_test(an_answer_cut_off_is_asked_again_once),
		cmocka_unit_test(an_address_that_is_up_is_that_leg),
		cmocka_unit_test(an_address_that_is_not_up_is_invited_anew),
		cmocka_unit_test(an_invitation_without_answer_is_looked_up),
		cmocka_unit_test(an_invitation_that_never_arrived_is_made_once_more),
		cmocka_unit_test(a_lost_create_is_looked_up),
		cmocka_unit_test(somebody_was_quicker_to_create),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
