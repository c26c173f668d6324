/* Talks with a Cisco Meeting Server about its legs: in which order they are asked for, what becomes
 * of one that moves or goes in between, and what an order to dial says. */
#include "tests/talk/cisco_cms.h"

#define UP(id) { GET_LEG(id), .body = LEG(id, "connected", "<rxAudio/>") }
#define LISTS(total, items) { .expect = { LEGS_OF_CALL }, .body = LIST(total, items) }

/* A list tells names only, and each leg is a question: who is new is asked for first, then who is
 * on the way, then who was not asked for longest. */
static void
who_matters_most_is_asked_for_first(void **unused)
{
	OPENED(LISTS("1", LISTED(LEG_1)), UP(LEG_1), LISTS("2", LISTED(LEG_1) LISTED(LEG_3)),
		{ GET_LEG(LEG_3), .body = LEG(LEG_3, "ringing", "") }, UP(LEG_1),
		LISTS("3", LISTED(LEG_1) LISTED(LEG_2) LISTED(LEG_3)), UP(LEG_2),
		{ GET_LEG(LEG_3), .body = LEG(LEG_3, "ringing", "") }, UP(LEG_1),
		LISTS("3", LISTED(LEG_1) LISTED(LEG_2) LISTED(LEG_3)), UP(LEG_3), UP(LEG_1),
		{ GET_LEG(LEG_2), .head = "503 Service Unavailable" },
		LISTS("3", LISTED(LEG_1) LISTED(LEG_2) LISTED(LEG_3)), UP(LEG_2), UP(LEG_1),
		UP(LEG_3));
	struct roster all;
	for (int i = 0; i < 5; i++)
		assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 3);
	finish(&k);
}

/* Too little time for all: who was not asked for is told as he was, without figures. */
static void
little_time_is_for_the_list(void **unused)
{
	OPENED(LISTS("1", LISTED(LEG_1)), UP(LEG_1), LISTS("2", LISTED(LEG_1) LISTED(LEG_2)));
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_true(all.legs[0].sampled);
	k.task.deadline = clock_mono() + 1000;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 2);
	for (size_t i = 0; i < 2; i++) {
		bool first = str_eq(all.legs[i].id, LEG_1);
		assert_int_equal(all.legs[i].state, first ? LEG_UP : LEG_DIALING);
		assert_false(all.legs[i].sampled);
	}
	finish(&k);
}

/* In another call by now: it is gone from this one. */
static void
a_leg_that_was_moved_is_gone(void **unused)
{
	OPENED(LISTS("1", LISTED(LEG_1)), UP(LEG_1), LISTS("1", LISTED(LEG_1)),
		{ GET_LEG(LEG_1),
			.body = "<callLeg id=\"" LEG_1 "\"><call>" SPACE_ID
				"</call><status><state>connected</state></status></callLeg>" });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 1);
	assert_int_equal(all.legs[0].state, LEG_GONE);
	finish(&k);
}

/* One of the strangers that are looked through before a dial goes away meanwhile: that keeps
 * nobody. */
static void
who_goes_before_a_dial_keeps_nobody(void **unused)
{
	OPENED(LISTS("2", LISTED(LEG_2) LISTED(LEG_3)),
		{ GET_LEG(LEG_2), NO("404 Not Found", "<callLegDoesNotExist/>") },
		{ GET_LEG(LEG_3),
			.body = "<callLeg id=\"" LEG_3 "\"><call>" CALL_ID
				"</call><status><state>connected</state></status></callLeg>" },
		{ .expect = { DIAL_1 }, MADE("/callLegs/" LEG_1) });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, LEG_1);
	finish(&k);
}

/* The leg of this order was there and is gone: asked for, and dialled anew. */
static void
an_order_whose_leg_is_gone_is_given_again(void **unused)
{
	OPENED(LISTS("1", LISTED(LEG_1)), { GET_LEG(LEG_1), .body = LEG(LEG_1, "initial", "") },
		{ GET_LEG(LEG_1), NO("404 Not Found", "<callLegDoesNotExist/>") },
		{ .expect = { DIAL_1, "ownerId=" OWNER }, MADE("/callLegs/" LEG_2) });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, LEG_2);
	finish(&k);
}

/* bandwidth is bit/s and left out where it is the device's own; so is a label of nothing; without
 * video it cannot dial. A name too long for the owner's word is kept by the session. */
static void
an_order_says_what_it_must(void **unused)
{
#define LONG_NAME "mot-ten-dai-hon-hai-muoi-mot-chu"
	OPENED(EMPTY_CALL,
		{ .expect = { DIAL_1, "bandwidth=1024000", "rxAudioMute=true",
			  "confirmation=false" },
			MADE("/callLegs/" LEG_1) },
		{ .expect = { DIAL_1, "rxAudioMute=false" }, .never = "bandwidth",
			MADE("/callLegs/" LEG_2) },
		LISTS("1", LISTED(LEG_2)),
		{ GET_LEG(LEG_2), .body = LEG(LEG_2, "connected", "") });
	struct leg leg;
	struct roster all;
	struct dial d = a_dial;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), OK);
	d.kbps = 0;
	d.muted = false;
	d.site_name = "";
	d.leg_name = LONG_NAME;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), OK);
	d.audio_only = true;
	d.leg_name = "khac";
	assert_int_equal(
		mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), ERR_UNSUPPORTED);
	task_forgive(&k.task);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	for (size_t i = 0; i < all.n; i++)
		if (str_eq(all.legs[i].id, LEG_2))
			assert_string_equal(all.legs[i].name, LONG_NAME);
	assert_null(strstr(talk_requests(&k), "nameLabelOverride=&"));
	finish(&k);
}

/* Several pictures of one leg: their rates add up, the worst of the rest counts; what is shown
 * beside them is not counted. What goes one way only is a rate of nothing the other way. */
static void
pictures_of_one_leg_add_up(void **unused)
{
	OPENED(LISTS("1", LISTED(LEG_1)),
		{ GET_LEG(LEG_1),
			.body = LEG(LEG_1, "connected",
				"<rxAudio><codec>aac</codec><bitRate>600</bitRate></rxAudio>"
				"<rxVideo "
				"role=\"main\"><codec>h264</codec><bitRate>700000</bitRate>"
				"<packetLossPercentage>0.4</packetLossPercentage><jitter>20</"
				"jitter>"
				"</rxVideo><rxVideo role=\"main\"><codec>h265</codec>"
				"<bitRate>300000</bitRate><packetLossPercentage>0.1"
				"</packetLossPercentage><jitter>9</jitter></rxVideo>"
				"<rxVideo role=\"presentation\"><bitRate>5000000</bitRate>"
				"<packetLossPercentage>50.0</packetLossPercentage></rxVideo>") });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	const struct stream *v = &all.legs[0].media.s[VIDEO][FROM_SITE];
	assert_int_equal(v->kbps.v, 1000);
	assert_int_equal(v->loss_permille.v, 4);
	assert_int_equal(v->jitter_ms.v, 20);
	assert_string_equal(v->codec, "h264");
	assert_int_equal(all.legs[0].media.s[AUDIO][FROM_SITE].kbps.v, 1); /* what flows is not 0 */
	for (int m = 0; m < MEDIA_N; m++) {
		const struct stream *to = &all.legs[0].media.s[m][TO_SITE];
		assert_int_equal(to->open, UNKNOWN);
		assert_true(to->kbps.known);
		assert_int_equal(to->kbps.v, 0);
	}
	finish(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_matters_most_is_asked_for_first),
		cmocka_unit_test(little_time_is_for_the_list),
		cmocka_unit_test(a_leg_that_was_moved_is_gone),
		cmocka_unit_test(who_goes_before_a_dial_keeps_nobody),
		cmocka_unit_test(an_order_whose_leg_is_gone_is_given_again),
		cmocka_unit_test(an_order_says_what_it_must),
		cmocka_unit_test(pictures_of_one_leg_add_up),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
