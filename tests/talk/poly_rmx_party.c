/* Talks with a Polycom RMX about one party: what its states mean, whose mutes they are, and what of
 * its figures counts. */
#include "tests/talk/poly_rmx.h"

/* 8: in the room without a picture. 10: in the room, and the device says that something is
 * wrong. */
static void
states_8_and_10_are_failures(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("10", "true", PARTIES(PARTY("1", "8") PARTY("2", "10"))) },
		{ MEASURE("1"), .body = FIGURES(BOTH_WAYS) },
		{ MEASURE("2"), .body = FIGURES(BOTH_WAYS) });
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

/* Figures of whoever it is are not his who was asked for. */
static void
figures_of_another_party_are_not_taken(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("10", "true", PARTIES(PARTY("1", "1"))) },
		{ MEASURE("1"),
			.body = OKAY("TRANS_PARTY",
				"<GET>" PARTY("2", "1") "<IP_MONITOR_CHANNELS>" BOTH_WAYS
				"</IP_MONITOR_CHANNELS></GET>") });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), ERR_PROTOCOL);
	finish(&k);
}

/* Who is measured is told in few words: what the list said of him stays, and an order about his
 * microphone leaves his picture as it was. A picture that he turned off himself is not the MCU's to
 * turn off. */
static void
what_is_measured_keeps_what_the_list_told(void **unused)
{
#define SHORT(id) \
	OKAY("TRANS_PARTY", \
		"<GET><ONGOING_PARTY><PARTY><NAME>p" id "</NAME><ID>" id \
		"</ID><INTERFACE>sip</INTERFACE><NET_CHANNEL_NUMBER>auto</NET_CHANNEL_NUMBER>" \
		"</PARTY><IP_MONITOR_CHANNELS>" BOTH_WAYS "</IP_MONITOR_CHANNELS>" \
		"</ONGOING_PARTY></GET>")
#define PICTURE(any, self, own) \
	"<AUDIO_MUTE>true</AUDIO_MUTE><AUDIO_SELF_MUTE>false</AUDIO_SELF_MUTE>" \
	"<AUDIO_MCU_MUTE>false</AUDIO_MCU_MUTE><VIDEO_MUTE>" any "</VIDEO_MUTE>" \
	"<VIDEO_SELF_MUTE>" self "</VIDEO_SELF_MUTE><VIDEO_MCU_MUTE>" own "</VIDEO_MCU_MUTE>"
#define ORDERED(id, picture) \
	{ \
		.expect = { "<AUDIO_MUTE>false</AUDIO_MUTE><VIDEO_MUTE>" picture \
			    "</VIDEO_MUTE><PARTY_ID>" id "</PARTY_ID>" }, \
		DONE \
	}
	OPENED({ GET("-1"), .body = CONF("10", "true",
				    PARTIES(CAUSED("1", "1", "0", "None",
					    PICTURE("true", "false", "false")) CAUSED("2", "1",
					    "0", "None", PICTURE("true", "true", "false")))) },
		{ MEASURE("1"), .body = SHORT("1") }, { MEASURE("2"), .body = SHORT("2") },
		{ GET("10"), .body = CONF("10", "false", "") }, ORDERED("1", "true"),
		{ GET("10"), .body = CONF("10", "false", "") }, ORDERED("2", "false"));
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(all.legs[i].state, LEG_UP);
		assert_true(all.legs[i].sampled);
		assert_int_equal(all.legs[i].muted, YES);
		assert_string_equal(all.legs[i].address, i ? "sip:s2@10.2.0.5" : "sip:s1@10.2.0.5");
		assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &all.legs[i], false),
			OK);
	}
	finish(&k);
}

/* A picture that never came is 0 by 0, which is no size. */
static void
a_size_of_nought_is_not_told(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("10", "true", PARTIES(PARTY("1", "1"))) },
		{ MEASURE("1"), .body = FIGURES(CHANNEL("ADVANCED_VIDEO_PARAM", "video_in", "1",
					"0", "0", "0</PACKET_LOSS><RESOLUTION_WIDTH>0"
						 "</RESOLUTION_WIDTH><RESOLUTION_HEIGHT>0"
						 "</RESOLUTION_HEIGHT><PACKET_LOSS>0")
					CHANNEL("ADVANCED_VIDEO_PARAM", "video_out", "7", "5000",
						"7", "0")) });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	const struct media_sample *m = &all.legs[0].media;
	assert_false(m->s[VIDEO][FROM_SITE].width.known || m->s[VIDEO][FROM_SITE].height.known);
	assert_int_equal(m->s[VIDEO][FROM_SITE].open, YES);
	assert_int_equal(m->s[VIDEO][TO_SITE].open, UNKNOWN); /* only 0 and 1 are recorded */
	finish(&k);
}

/* It stood, and the MCU calls it again by itself: that is an end, told once; then it is a call, and
 * an order to dial it finds it under way. */
static void
a_drop_that_the_mcu_redials_is_an_end_first(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("1", "true", PARTIES(PARTY("7", "1"))) },
		{ MEASURE("7"), .body = FIGURES(BOTH_WAYS) },
		{ GET("1"), .body = CONF("2", "true", PARTIES(PARTY("7", "11"))) },
		{ GET("2"), .body = CONF("2", "false", "") },
		{ GET("2"), .body = CONF("2", "false", "") },
		{ GET("2"), .body = CONF("3", "true", PARTIES(PARTY("7", "4"))) },
		{ GET("3"), .body = CONF("4", "true",
				    "<ONGOING_PARTY_LIST><ONGOING_PARTY><PARTY><ID>7</ID></PARTY>"
				    "<ONGOING_PARTY_STATUS><ID>1</ID></ONGOING_PARTY_STATUS>"
				    "</ONGOING_PARTY></ONGOING_PARTY_LIST>") },
		{ MEASURE("7"), .body = FIGURES(BOTH_WAYS) },
		{ GET("4"), .body = CONF("5", "true", PARTIES(PARTY("7", "11"))) },
		{ GET("5"), .body = CONF("6", "true", PARTIES(PARTY("7", "1"))) },
		{ GET("6"), .body = CONF("6", "false", "") },
		{ MEASURE("7"), .body = FIGURES(BOTH_WAYS) },
		{ GET("6"), .body = CONF("7", "true", PARTIES(PARTY("7", "11"))) },
		{ GET("7"), .body = CONF("7", "false", "") });
	struct roster all;
	struct leg leg;
	struct ending why;
	struct dial d = a_dial;
	d.muted = false;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].state, LEG_UP);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].state, LEG_GONE);
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), OK);
	assert_string_equal(leg.id, "7");
	assert_int_equal(leg.state, LEG_DIALING);
	for (int i = 0; i < 2; i++) { /* nothing new, then a new state: not the old end */
		assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
		assert_int_equal(all.legs[0].state, LEG_DIALING);
	}
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].state, LEG_UP);
	/* An increment that leaves it out does not take it away. */
	assert_string_equal(all.legs[0].address, "sip:s7@10.2.0.5");
	/* Seen by another question, and over before the next list: the list tells it all the
	 * same. */
	assert_int_equal(
		mcu->reason(&k.task, &k.lane, &k.conference, &all.legs[0], &why), ERR_BUSY);
	task_forgive(&k.task);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].state, LEG_GONE);
	assert_false(all.legs[0].sampled);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].state, LEG_UP);
	/* Who orders a call knows that it ended: another session told it. */
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), OK);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].state, LEG_DIALING);
	finish(&k);
}

static void
a_closed_channel_is_no_missing_medium(void **unused)
{
	OPENED({ GET("-1"), .body = CONF("10", "true", PARTIES(PARTY("1", "1"))) },
		{ MEASURE("1"), .body = FIGURES(CHANNEL("ADVANCED_AUDIO_PARAM", "audio_in", "1",
					"-1", "5", "-1") CHANNEL("ADVANCED_VIDEO_PARAM", "video_in",
					"0", "-1", "0", "0") CHANNEL("ADVANCED_VIDEO_PARAM",
					"video_out", "1", "500", "0", "0")) });
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
	"<AUDIO_MUTE>" any "</AUDIO_MUTE><AUDIO_SELF_MUTE>" self \
	"</AUDIO_SELF_MUTE><AUDIO_MCU_MUTE>" own "</AUDIO_MCU_MUTE>"
	OPENED({ GET("-1"), .body = CONF("10", "true",
				    PARTIES(CAUSED("1", "4", "0", "None",
					    MUTES("true", "false", "false")) CAUSED("2", "4", "0",
					    "None", MUTES("true", "true", "false")) CAUSED("3", "4",
					    "0", "None", MUTES("true", "true", "true")) CAUSED("4",
					    "4", "0", "None", MUTES("false", "false", "false"))
						    CAUSED("5", "4", "0", "None", ""))) });
	static const enum tri expected[] = { YES, UNKNOWN, YES, NO, UNKNOWN };
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(all.legs[i].muted, expected[i]);
	finish(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_8_and_10_are_failures),
		cmocka_unit_test(figures_of_another_party_are_not_taken),
		cmocka_unit_test(what_is_measured_keeps_what_the_list_told),
		cmocka_unit_test(a_size_of_nought_is_not_told),
		cmocka_unit_test(a_drop_that_the_mcu_redials_is_an_end_first),
		cmocka_unit_test(a_closed_channel_is_no_missing_medium),
		cmocka_unit_test(whose_mute_it_is),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
