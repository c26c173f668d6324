/* Talks with a Cisco TelePresence MCU that refuses, falls silent, breaks off or talks garbage, and
 * the traps of its dialling. */
#include "tests/talk/cisco_mcu.h"

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

/* A cursor that always leads on, and nobody new behind it. */
static void
an_endless_list_is_left(void **unused)
{
	OPENED({ CALL("participant.enumerate"), .endless = true,
		.body = REPLY(LIST("participants",
			ITEM(WHO("a") S("conferenceName", "giao ban") STATE("connected", "")))
				S("enumerateID", "more")) });
	mcu_lists_without_end(&k);
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
		{ CALL("participant.enumerate"), .how = PEER_GARBAGE },
		/* what answers something else, or somebody else's question, empties no room */
		{ CALL("participant.enumerate"), .body = REPLY(S("participants", "nobody")) },
		{ CALL("participant.enumerate"),
			.body = "<methodResponse><params><param><value>hello</value></param></"
				"params></methodResponse>" });
	mcu_talks_garbage(&k, 5);
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

/* The answer to the removal was lost: at the second time nobody is there, which is what was
 * wanted. */
static void
a_removal_without_answer_keeps_nobody(void **unused)
{
	OPENED({ CALL("participant.add"), .body = FAULT("3", "duplicate participant name") },
		{ CALL("participant.status"),
			.body = REPLY(STATE("disconnected", S("address", "old@10.9.9.9"))) },
		{ CALL("participant.remove"), .how = PEER_DROP },
		{ CALL("participant.remove"), .body = FAULT("5", "no such participant") },
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_password_is_tried_once),
		cmocka_unit_test(an_old_version_says_fault_15_for_it),
		cmocka_unit_test(another_dialect_is_refused_by_name),
		cmocka_unit_test(a_refusal_keeps_the_words),
		cmocka_unit_test(an_endless_list_is_left),
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
		cmocka_unit_test(a_removal_without_answer_keeps_nobody),
		cmocka_unit_test(a_lost_create_is_looked_up),
		cmocka_unit_test(nobody_listens),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
