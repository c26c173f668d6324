/* The figures of FreeSWITCH's legs: what was received, lost and heard, and which of its numbers
 * mean nothing. */
#include "tests/talk/freeswitch.h"

#include "adapters/freeswitch.h"

#include <inttypes.h>

/* On a busy machine turns are skipped in which nothing was lost: numbers of what came have no
 * gaps. */
static void
what_is_late_is_not_lost(void **unused)
{
	struct arena *a = arena_new();
	struct media_sample m;
	assert_true(fs_media(a,
		"{\"status\":\"success\",\"response\":{\"audio\":{\"in_packet_count\":900,"
		"\"in_skip_packet_count\":120,\"in_cng_packet_count\":0,\"in_flaw_total\":2}}}",
		&m));
	assert_int_equal(m.s[AUDIO][FROM_SITE].lost.v, 2);
	assert_true(fs_media(a,
		"{\"status\":\"success\",\"response\":{\"audio\":{\"in_packet_count\":900,"
		"\"in_skip_packet_count\":100,\"in_cng_packet_count\":0,\"in_flaw_total\":234}}}",
		&m));
	assert_int_equal(m.s[AUDIO][FROM_SITE].lost.v, 100); /* a tenth of it filtered away */
	arena_free(a);
}

static void
measures_one_leg(void **unused)
{
	OPENED(ROOM(MEMBER("1", OTHER, "An", SPEAKS)), AUDIO_OF(OTHER, "585", "158", "740"),
		ROOM(MEMBER("1", OTHER, "An", QUIET)),
		{ CALL("json", "mediaStats"),
			.body = REPLY("{\"command\":\"mediaStats\",\"status\":\"error\","
				      "\"message\":\"The command returned an "
				      "error\",\"response\":{\"response\":\"Session does not "
				      "exist\"}}") },
		ROOM(MEMBER("1", OTHER, "An", MUTED)),
		STATS(OTHER, "\"audio\":" FIGURES("585", "9158", "3", "740")),
		ROOM(MEMBER("2", MINE, "An", MUTED)));
	struct leg leg = { .id = OTHER };
	struct media_sample m;
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
	assert_int_equal(m.s[AUDIO][FROM_SITE].packets.v, 585);
	assert_false(m.s[AUDIO][FROM_SITE].kbps.known);
	assert_int_equal(m.s[VIDEO][FROM_SITE].open, NO);
	assert_int_equal(m.speech, YES);
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
	assert_false(m.s[AUDIO][FROM_SITE].packets.known); /* its session is going away */
	assert_int_equal(m.speech, NO);
	/* Silence that is suppressed is skipped too, and is not lost. */
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
	assert_false(m.s[AUDIO][FROM_SITE].lost.known);
	assert_int_equal(m.speech, UNKNOWN);
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), ERR_GONE);
	finish(&k);
}

/* Without a media_timeout of its own a muted leg is read half as often, and each turn counts as
 * skipped: who was not dialled by us is heard of without losses once he has been muted. */
static void
what_a_muted_leg_skips_is_not_lost(void **unused)
{
	OPENED(ROOM(MEMBER("1", OTHER, "An", QUIET)), AUDIO_OF(OTHER, "585", "5", "740"),
		ROOM(MEMBER("1", OTHER, "An", MUTED)), AUDIO_OF(OTHER, "746", "309", "1060"),
		ROOM(MEMBER("1", OTHER, "An", QUIET)), AUDIO_OF(OTHER, "900", "310", "1220"),
		ROOM(MEMBER("2", MINE, "An", MUTED)), AUDIO_OF(MINE, "900", "100", "1000"));
	struct leg leg = { .id = OTHER };
	struct media_sample m;
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
	assert_int_equal(m.s[AUDIO][FROM_SITE].lost.v, 5);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
		assert_true(m.s[AUDIO][FROM_SITE].packets.known);
		assert_false(m.s[AUDIO][FROM_SITE].lost.known);
	}
	str_copy(leg.id, sizeof leg.id, MINE);
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
	assert_int_equal(m.s[AUDIO][FROM_SITE].lost.v, 100);
	finish(&k);
}

/* Trap 2: no packet came, and quality is 100 % with MOS 4.5. */
static void
a_silent_site_has_no_packets(void **unused)
{
	OPENED(ROOM(MEMBER("1", OTHER, "An", QUIET)),
		STATS(OTHER, "\"audio\":" FIGURES("0", "223", "0", "221")));
	struct leg leg = { .id = OTHER };
	struct media_sample m;
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
	assert_true(m.s[AUDIO][FROM_SITE].packets.known);
	assert_int_equal(m.s[AUDIO][FROM_SITE].packets.v, 0);
	assert_false(m.s[AUDIO][FROM_SITE].loss_permille.known);
	finish(&k);
}

/* Trap 3: killed without a goodbye it stays a member; only its counter stands still and it stops
 * talking. */
static void
a_killed_site_stays_up_with_frozen_counters(void **unused)
{
	OPENED(ROOM(MEMBER("1", OTHER, "An", SPEAKS)), NO_CHANNELS,
		AUDIO_OF(OTHER, "254", "58", "309"), ROOM(MEMBER("1", OTHER, "An", QUIET)),
		NO_CHANNELS, /* measured in every other list */
		ROOM(MEMBER("1", OTHER, "An", QUIET)), NO_CHANNELS,
		AUDIO_OF(OTHER, "254", "266", "517"));
	struct roster a = list(&k), between = list(&k), b = list(&k);
	assert_true(a.legs[0].sampled);
	assert_false(between.legs[0].sampled);
	assert_int_equal(between.legs[0].state, LEG_UP);
	assert_int_equal(b.legs[0].state, LEG_UP);
	assert_int_equal(a.legs[0].media.speech, YES);
	assert_int_equal(b.legs[0].media.speech, NO);
	assert_int_equal(b.legs[0].media.s[AUDIO][FROM_SITE].packets.v,
		a.legs[0].media.s[AUDIO][FROM_SITE].packets.v);
	finish(&k);
}

static void
report(struct talk *k, int64_t at_s, int64_t high, int64_t lost, const char *rtt)
{
	event(k,
		"Event-Name: RECV_RTCP_MESSAGE\nEvent-Date-Timestamp: %" PRId64
		"000000\nUnique-ID: " OTHER
		"\nRTP-Rate: 8000\nSource0-Fraction: 0\nSource0-Lost: %" PRId64
		"\nSource0-Highest-Sequence-Number-Received: %" PRId64
		"\nSource0-Jitter: 80\nRtt0-Avg: %s\n",
		at_s, lost, high, rtt);
}

/* What the site receives comes by RTCP; the sequence number wraps, the round trip settles, an old
 * report is none. */
static void
far_reports_count_what_the_site_receives(void **unused)
{
	OPENED(ROOM(MEMBER("1", OTHER, "An", QUIET)), NO_CHANNELS, AUDIO_OF(OTHER, "1", "0", "1"),
		ROOM(MEMBER("1", OTHER, "An", QUIET)), AUDIO_OF(OTHER, "1", "0", "1"),
		ROOM(MEMBER("1", OTHER, "An", QUIET)), AUDIO_OF(OTHER, "1", "0", "1"),
		ROOM(MEMBER("1", OTHER, "An", QUIET)), AUDIO_OF(OTHER, "1", "0", "1"),
		ROOM(MEMBER("1", OTHER, "An", QUIET)), AUDIO_OF(OTHER, "1", "0", "1"));
	struct leg leg = { .id = OTHER };
	struct media_sample m;
	const struct stream *to = &m.s[AUDIO][TO_SITE];
	assert_false(list(&k).legs[0].media.s[AUDIO][TO_SITE].far_received.known);
	report(&k, 1795175709, 65400, 93, "1.091979");
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
	assert_int_equal(to->far_received.v, 0);
	assert_int_equal(to->far_lost.v, 93);
	assert_int_equal(to->jitter_ms.v, 10);
	assert_false(to->rtt_ms.known);
	report(&k, 1795175714, 114, 95, "0.018000"); /* 250 on, of which two were lost */
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
	assert_int_equal(to->far_received.v, 248);
	assert_false(to->rtt_ms.known);
	report(&k, 1795175719, 364, 95, "0.018002");
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
	assert_int_equal(to->far_received.v, 498);
	assert_int_equal(to->rtt_ms.v, 18);
	event(&k, "Event-Name: HEARTBEAT\nEvent-Date-Timestamp: 1795175760000000\n");
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
	assert_false(to->far_received.known);
	finish(&k);
}

/* Who spoke between two looks was heard. */
static void
a_short_word_is_not_missed(void **unused)
{
	OPENED(ROOM(MEMBER("1", OTHER, "An", QUIET)), NO_CHANNELS, AUDIO_OF(OTHER, "1", "0", "1"),
		ROOM(MEMBER("1", OTHER, "An", QUIET)), NO_CHANNELS,
		ROOM(MEMBER("1", OTHER, "An", QUIET)), NO_CHANNELS, AUDIO_OF(OTHER, "1", "0", "1"),
		ROOM(MEMBER("1", OTHER, "An", QUIET)), NO_CHANNELS,
		ROOM(MEMBER("1", OTHER, "An", QUIET)), NO_CHANNELS, AUDIO_OF(OTHER, "1", "0", "1"));
	assert_int_equal(list(&k).legs[0].media.speech, NO);
	event(&k, "Event-Subclass: conference%%3A%%3Amaintenance\nEvent-Name: "
		  "CUSTOM\nUnique-ID: " OTHER "\nAction: start-talking\n");
	assert_false(list(&k).legs[0].sampled); /* kept until figures are told again */
	assert_int_equal(list(&k).legs[0].media.speech, YES);
	list(&k);
	assert_int_equal(list(&k).legs[0].media.speech, NO);
	finish(&k);
}

static void
the_address_that_answered(void **unused)
{
	OPENED(ROOM(MEMBER("1", OTHER, "An", QUIET)), NO_CHANNELS, AUDIO_OF(OTHER, "1", "0", "1"));
	event(&k, "Event-Subclass: conference%%3A%%3Amaintenance\nEvent-Name: "
		  "CUSTOM\nConference-Name: giao-ban\nUnique-ID: " OTHER
		  "\nCaller-Network-Addr: 127.0.1.1\nAction: add-member\n");
	assert_string_equal(list(&k).legs[0].remote_ip, "127.0.1.1");
	finish(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_late_is_not_lost),
		cmocka_unit_test(measures_one_leg),
		cmocka_unit_test(what_a_muted_leg_skips_is_not_lost),
		cmocka_unit_test(a_silent_site_has_no_packets),
		cmocka_unit_test(a_killed_site_stays_up_with_frozen_counters),
		cmocka_unit_test(far_reports_count_what_the_site_receives),
		cmocka_unit_test(a_short_word_is_not_missed),
		cmocka_unit_test(the_address_that_answered),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
