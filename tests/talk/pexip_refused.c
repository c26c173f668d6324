/* Talks with a Pexip Infinity Management Node that refuses, falls silent, breaks off, lies or talks
 * garbage, and the traps of its dialling. */
#include "tests/talk/pexip.h"

/* ---- it refuses, hangs, drops, lies ---------------------------------------------------------- */

static void
a_wrong_password_is_tried_once(void **unused)
{
	BEGIN({ .expect = { "management_vm/", BASIC },
		.head = "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"Pexip Infinity\"" });
	mcu_refuses_login(&k);
}

/* Of a refusal the field and its reason are kept, whatever the shape. */
static void
a_refusal_keeps_the_words(void **unused)
{
	OPENED(ROOM, PLACE, NOBODY,
		{ .expect = { DIAL_1 },
			NO("400 Bad Request",
				"{\"dial\":{\"destination\":[\"This field is required.\"]}}") });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_REFUSED);
	assert_string_equal(k.task.why,
		"dial chutuc@10.2.0.5 on tinh: dial: destination: This field is required.");
	finish(&k);
}

static void
success_may_be_a_failure(void **unused)
{
	OPENED(ROOM, PLACE, NOBODY,
		{ .expect = { DIAL_1 },
			TAKEN,
			.body = "{\"status\":\"failure\",\"error\":\"no capacity\"}" });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "no capacity"));
	finish(&k);
}

/* A room of ours that its nodes do not know yet: later. One that was there before is refused. */
static void
a_young_room_is_later(void **unused)
{
#define UNKNOWN_ROOM NO("400 Bad Request", "{\"error\":\"Neither conference nor gateway found\"}")
	OPENED(ROOM, PLACE, NOBODY, { .expect = { DIAL_1 }, UNKNOWN_ROOM },
		{ .expect = { DIAL_1 }, UNKNOWN_ROOM }, { .expect = { DIAL_1 }, DIALLED(LEG_1) });
	struct conference ours = { .id = "7/n", .name = "giao ban", .created = true };
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_REFUSED);
	task_forgive(&k.task);
	assert_int_equal(mcu->dial(&k.task, &k.lane, &ours, &a_dial, &leg), ERR_BUSY);
	task_forgive(&k.task);
	assert_int_equal(mcu->dial(&k.task, &k.lane, &ours, &a_dial, &leg), OK);
	finish(&k);
}

static void
the_place_must_be_said_where_there_are_two(void **unused)
{
	OPENED(ROOM, { .expect = { "system_location/" },
			     JSON,
			     .body = LIST("2", "{\"name\":\"a\"},{\"name\":\"b\"}") });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_INPUT);
	assert_non_null(strstr(k.task.why, "?location=NAME"));
	finish(&k);
}

static void
silence_ends_at_the_deadline(void **unused)
{
	OPENED({ .expect = { LEGS }, .how = PEER_HANG });
	mcu_is_silent(&k);
}

static void
a_cancelled_dial_comes_back(void **unused)
{
	OPENED(ROOM, PLACE, NOBODY, { .expect = { DIAL_1 }, .how = PEER_CANCEL });
	mcu_dial_is_cancelled(&k, &a_dial);
}

static void
garbage_is_not_understood(void **unused)
{
	OPENED({ .expect = { LEGS }, .body = "<html>502</html>" },
		{ .expect = { LEGS }, JSON, .body = "[]" },
		{ .expect = { LEGS },
			JSON,
			.body = "{\"meta\":{\"total_count\":1},\"objects\":{}}" },
		{ .expect = { LEGS }, JSON, .body = "" },
		{ .expect = { LEGS }, .how = PEER_GARBAGE });
	mcu_talks_garbage(&k, 5);
}

static void
an_answer_cut_off_is_asked_again_once(void **unused)
{
	OPENED({ .expect = { LEGS }, .how = PEER_CUT, .body = LIST("0", "") }, NOBODY,
		{ .expect = { LEGS }, .how = PEER_DROP }, { .expect = { LEGS }, .how = PEER_DROP });
	mcu_is_cut_off(&k);
}

/* An order to dial is not given again before the status was asked what became of it. */
static void
a_dial_without_answer_is_looked_up(void **unused)
{
	OPENED(ROOM, PLACE, NOBODY, { .expect = { DIAL_1 }, .how = PEER_DROP },
		{ .expect = { LEGS },
			JSON,
			.body = LIST("1", PERSON(LEG_1, "connecting", "false")) },
		{ .expect = { "status/v1/participant/" LEG_1 "/ " },
			JSON,
			.body = PERSON(LEG_1, "connecting", "false") });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, LEG_1);
	assert_string_equal(leg.name, "chu-tuc");
	assert_true(leg.configured);
	finish(&k);
}

static void
a_dial_that_never_arrived_is_made_once_more(void **unused)
{
	OPENED(ROOM, PLACE, NOBODY, { .expect = { DIAL_1 }, .how = PEER_DROP }, NOBODY,
		{ .expect = { DIAL_1 }, .how = PEER_DROP }, NOBODY);
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_TIMEOUT);
	finish(&k);
}

static void
an_answer_to_another_question_is_refused(void **unused)
{
	OPENED({ .expect = { HISTORY(LEG_1) },
		       JSON,
		       .body = "{\"id\":\"" LEG_2 "\",\"disconnect_reason\":\"Busy\"}" },
		{ .expect = { "participant/" LEG_1 "/ " },
			JSON,
			.body = PERSON(LEG_2, "conference", "false") },
		{ .expect = { LEGS },
			JSON,
			.body = LIST("1",
				"{\"id\":\"" LEG_2
				"\",\"conference\":\"khac\",\"service_type\":\"conference\"}") });
	struct leg leg = { .id = LEG_1 }, out;
	struct ending why;
	struct roster all;
	assert_int_equal(mcu->reason(&k.task, &k.lane, &k.conference, &leg, &why), ERR_PROTOCOL);
	task_forgive(&k.task);
	assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference, &leg, &out), ERR_PROTOCOL);
	task_forgive(&k.task);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 0); /* somebody in another conference */
	str_copy(leg.id, sizeof leg.id, "../../x");
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &k.conference, &leg), ERR_INPUT);
	finish(&k);
}

static void
busy_and_moved(void **unused)
{
	OPENED({ .expect = { LEGS }, NO("503 Service Unavailable", "") },
		{ .expect = { "participant/" LEG_1 "/ " },
			JSON,
			.body = "{\"id\":\"" LEG_1
				"\",\"conference\":\"khac\",\"service_type\":\"conference\"}" });
	struct roster all;
	struct leg leg = { .id = LEG_1 }, out;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), ERR_BUSY);
	task_forgive(&k.task);
	assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference, &leg, &out), ERR_GONE);
	finish(&k);
}

/* A list that promises more than it has ends with the first empty page; the next page begins behind
 * what came. */
static void
a_list_that_lies_ends(void **unused)
{
	OPENED({ .expect = { LEGS },
		       JSON,
		       .body = LIST("500", PERSON(LEG_1, "connecting", "false")) },
		{ .expect = { "participant/?conference=giao%20ban&limit=200&offset=1 " },
			JSON,
			.body = LIST("500", PERSON(LEG_2, "connecting", "false")) },
		{ .expect = { "&offset=2 " }, JSON, .body = LIST("500", "") },
		{ .expect = { LEGS },
			JSON,
			.body = LIST("-1", PERSON(LEG_1, "connecting", "false")) });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 2);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), ERR_PROTOCOL);
	finish(&k);
}

/* Figures beyond reason are not told; a text that is a number is one. */
static void
figures_beyond_reason_are_not_told(void **unused)
{
	struct arena *a = arena_new();
	static const char text[] = LIST("1", "{\"type\":\"audio\",\"rx_packets_received\":-5,\"rx_"
					     "bitrate\":\"34\",\"rx_jitter\":1e300,"
					     "\"rx_packet_loss\":\"x\",\"tx_bitrate\":null,\"tx_"
					     "packets_lost\":99999999999999999}");
	const struct json *j;
	struct media_sample m;
	assert_int_equal(json_parse(a, text, strlen(text), &j, NULL), OK);
	assert_true(pexip_media(j, &m));
	const struct stream *s = &m.s[AUDIO][FROM_SITE];
	assert_false(s->packets.known || s->jitter_ms.known || s->loss_permille.known);
	assert_int_equal(s->kbps.v, 34);
	assert_false(m.s[AUDIO][TO_SITE].kbps.known || m.s[AUDIO][TO_SITE].far_lost.known);
	arena_free(a);
}

static void
conference_ids_are_checked(void **unused)
{
	static const char *const wrong[] = { "", "x", "7/", "7/x", "7/nn", "-1", "0",
		"99999999999999999999999" };
	int64_t number;
	bool own;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(pexip_conference(wrong[i], &number, &own));
	assert_true(pexip_conference("7/n", &number, &own) && own && number == 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_password_is_tried_once),
		cmocka_unit_test(a_refusal_keeps_the_words),
		cmocka_unit_test(success_may_be_a_failure),
		cmocka_unit_test(a_young_room_is_later),
		cmocka_unit_test(the_place_must_be_said_where_there_are_two),
		cmocka_unit_test(silence_ends_at_the_deadline),
		cmocka_unit_test(a_cancelled_dial_comes_back),
		cmocka_unit_test(garbage_is_not_understood),
		cmocka_unit_test(an_answer_cut_off_is_asked_again_once),
		cmocka_unit_test(a_dial_without_answer_is_looked_up),
		cmocka_unit_test(a_dial_that_never_arrived_is_made_once_more),
		cmocka_unit_test(an_answer_to_another_question_is_refused),
		cmocka_unit_test(busy_and_moved),
		cmocka_unit_test(a_list_that_lies_ends),
		cmocka_unit_test(figures_beyond_reason_are_not_told),
		cmocka_unit_test(conference_ids_are_checked),
	};
	http_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
