/* Talks with a Cisco Meeting Server that go wrong: refusals, silence, garbage, and dials whose
 * answer was lost. */
#include "tests/talk/cisco_cms.h"

static void
a_wrong_password_is_tried_once(void **unused)
{
	BEGIN({ .expect = { "/system/status", BASIC },
		.head = "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"" });
	mcu_refuses_login(&k);
}

static void
a_refusal_keeps_the_words(void **unused)
{
	OPENED(EMPTY_CALL,
		{ .expect = { DIAL_1 },
			NO("400 Bad Request", "<parameterError parameter=\"remoteParty\" "
					      "error=\"invalidValue\"/>") },
		{ .expect = { DIAL_1 }, NO("400 Bad Request", "<participantLimitReached/>") },
		{ .expect = { DIAL_1 }, NO("400 Bad Request", "<somethingNew/>") });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_REFUSED);
	assert_string_equal(k.task.word, "wrong-address");
	assert_non_null(strstr(k.task.why, "parameterError remoteParty invalidValue"));
	task_forgive(&k.task);
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_BUSY);
	task_forgive(&k.task);
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "somethingNew"));
	task_forgive(&k.task);
	struct dial d = a_dial;
	d.address = "h323:10.2.0.5";
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), ERR_UNSUPPORTED);
	finish(&k);
}

static void
an_endless_list_is_left(void **unused)
{
	OPENED({ .expect = { "/callLegs?offset=" },
		.endless = true,
		.body = LIST("1000000", LISTED(LEG_1)) });
	mcu_lists_without_end(&k);
}

static void
silence_ends_at_the_deadline_and_is_not_asked_twice(void **unused)
{
	OPENED({ .expect = { LEGS_OF_CALL }, .how = PEER_HANG });
	mcu_is_silent(&k);
}

static void
a_cancelled_dial_comes_back(void **unused)
{
	OPENED(EMPTY_CALL, { .expect = { DIAL_1 }, .how = PEER_CANCEL });
	mcu_dial_is_cancelled(&k, &a_dial);
}

static void
garbage_is_not_understood(void **unused)
{
	OPENED({ .expect = { LEGS_OF_CALL }, .body = "<html>please log in</html>" },
		{ .expect = { LEGS_OF_CALL }, .body = "<callLegs total=\"1\"><callLeg" },
		{ .expect = { LEGS_OF_CALL }, .how = PEER_GARBAGE },
		{ .expect = { LEGS_OF_CALL }, .body = "" });
	mcu_talks_garbage(&k, 4);
}

static void
an_answer_cut_off_is_asked_again_once(void **unused)
{
	OPENED({ .expect = { LEGS_OF_CALL }, .how = PEER_CUT, .body = LIST("0", "") }, EMPTY_CALL,
		{ .expect = { LEGS_OF_CALL }, .how = PEER_DROP },
		{ .expect = { LEGS_OF_CALL }, .how = PEER_DROP });
	mcu_is_cut_off(&k);
}

static void
no_meeting_server_is_no_login(void **unused)
{
	BEGIN({ .expect = { "/system/status" }, .body = "<html><body>router</body></html>" });
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_PROTOCOL);
	finish(&k);
}

/* The order was taken, its answer was lost: the owner tells whose leg it is, and nobody is called
 * twice. */
static void
a_dial_without_answer_is_looked_up(void **unused)
{
	OPENED(EMPTY_CALL, { .expect = { DIAL_1 }, .how = PEER_DROP },
		{ .expect = { LEGS_OF_CALL }, .body = LIST("1", LISTED(LEG_1)) },
		{ GET_LEG(LEG_1), .body = LEG(LEG_1, "initial", "") },
		{ GET_LEG(LEG_1), .body = LEG(LEG_1, "ringing", "") });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, LEG_1);
	assert_int_equal(leg.state, LEG_RINGING);
	finish(&k);
}

static void
a_dial_that_never_arrived_is_made_once_more(void **unused)
{
	OPENED(EMPTY_CALL, { .expect = { DIAL_1 }, .how = PEER_DROP }, EMPTY_CALL,
		{ .expect = { DIAL_1 }, MADE("/calllegs/" LEG_1) });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, LEG_1);
	finish(&k);
}

/* A new session after a restart: the first dial looks who is there. */
static void
a_leg_of_before_our_restart_is_found(void **unused)
{
	OPENED({ .expect = { LEGS_OF_CALL }, .body = LIST("1", LISTED(LEG_1)) },
		{ GET_LEG(LEG_1), .body = LEG(LEG_1, "connected", "") },
		{ GET_LEG(LEG_1), .body = LEG(LEG_1, "connected", "") });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, LEG_1);
	assert_int_equal(leg.state, LEG_UP);
	finish(&k);
}

static void
a_dial_without_location_is_not_understood(void **unused)
{
	OPENED(EMPTY_CALL, { .expect = { DIAL_1 } });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_PROTOCOL);
	finish(&k);
}

static void
an_idle_socket_is_reset(void **unused)
{
	BEGIN({ .expect = { "/system/status" }, .how = PEER_ANSWER_RESET, .body = STATUS },
		EMPTY_CALL);
	assert_int_equal(mcu->open(&k.task, &k.lane), OK);
	usleep(80000);
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	finish(&k);
}

static void
a_lost_call_is_looked_up(void **unused)
{
	OPENED({ .expect = { "/coSpaces?filter=" },
		       .body = "<coSpaces total=\"1\"><coSpace id=\"" SPACE_ID
			       "\"><name>giao ban</name></coSpace></coSpaces>" },
		{ .expect = { "/calls?coSpaceFilter=" }, .body = "<calls total=\"0\"/>" },
		{ .expect = { "POST " API "/calls " }, .how = PEER_DROP },
		{ .expect = { "/calls?coSpaceFilter=" },
			.body = "<calls total=\"1\"><call id=\"" CALL_ID
				"\"><name>giao ban</name></call></calls>" });
	struct conference c;
	assert_int_equal(
		mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "giao ban" }, &c),
		OK);
	assert_true(c.created);
	finish(&k);
}

/* A list that leaves some out, twice, does not say that there is none: no second space, no second
 * call is made for it. */
static void
a_list_that_leaves_some_out_makes_nothing(void **unused)
{
#define SPACES \
	{ .expect = { "GET " API "/coSpaces?filter=giao%20ban&offset=0" }, \
		.body = "<coSpaces total=\"2\"><coSpace id=\"5-x\"><name>khac</name></coSpace>" \
			"</coSpaces>" }, \
		{ .expect = { "offset=1" }, .body = "<coSpaces total=\"2\"/>" }
#define CALLS \
	{ \
		.expect = { "GET " API "/calls?coSpaceFilter=" SPACE_ID }, \
		.body = "<calls total=\"1\"/>" \
	}
	OPENED(SPACES, SPACES,
		{ .expect = { "GET " API "/coSpaces?" },
			.body = "<coSpaces total=\"1\"><coSpace id=\"" SPACE_ID
				"\"><name>giao ban</name></coSpace></coSpaces>" },
		CALLS, CALLS);
	struct conference c;
	const struct conference_spec spec = { .name = "giao ban" };
	for (int i = 0; i < 2; i++) {
		assert_int_equal(mcu->start(&k.task, &k.lane, &spec, &c), ERR_BUSY);
		task_forgive(&k.task);
	}
	finish(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_password_is_tried_once),
		cmocka_unit_test(a_refusal_keeps_the_words),
		cmocka_unit_test(an_endless_list_is_left),
		cmocka_unit_test(silence_ends_at_the_deadline_and_is_not_asked_twice),
		cmocka_unit_test(a_cancelled_dial_comes_back),
		cmocka_unit_test(garbage_is_not_understood),
		cmocka_unit_test(an_answer_cut_off_is_asked_again_once),
		cmocka_unit_test(no_meeting_server_is_no_login),
		cmocka_unit_test(a_dial_without_answer_is_looked_up),
		cmocka_unit_test(a_dial_that_never_arrived_is_made_once_more),
		cmocka_unit_test(a_leg_of_before_our_restart_is_found),
		cmocka_unit_test(a_dial_without_location_is_not_understood),
		cmocka_unit_test(an_idle_socket_is_reset),
		cmocka_unit_test(a_lost_call_is_looked_up),
		cmocka_unit_test(a_list_that_leaves_some_out_makes_nothing),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
