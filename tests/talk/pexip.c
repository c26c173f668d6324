/* Talks with a Pexip Infinity Management Node that works: opening, rooms, dialling, figures, and
 * legs that are gone with their reasons. */
#include "tests/talk/pexip.h"

/* ---- it works -------------------------------------------------------------------------------- */

static void
opens_and_introduces_itself(void **unused)
{
	OPENED(HELLO, { .expect = { "GET " API "status/v1/alarm/?" },
			      JSON,
			      .body = LIST("2", "{\"name\":\"connectivity_lost\",\"level\":"
						"\"error\"},{\"name\":\"licenses_expired\"}") });
	struct identity who;
	assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.vendor, "Pexip");
	assert_string_equal(who.software, "36 (77777.0.0)");
	assert_string_equal(who.alarms, "connectivity_lost, licenses_expired");
	assert_false(who.uptime_s.known);
	finish(&k);
}

/* A filter may tell another of nearly the same name; the number of what was made is asked for by
 * name. */
static void
makes_a_room_and_removes_it_again(void **unused)
{
	OPENED({ .expect = { "GET " API "configuration/v1/conference/?name=giao%20ban&" PAGE0 },
		       JSON,
		       .body = LIST("1", "{\"id\":6,\"name\":\"Giao Ban\"}") },
		{ .expect = { "POST " API "configuration/v1/conference/ ",
			  "\"service_type\":\"conference\"",
			  "\"aliases\":[{\"alias\":\"giao ban\"}]",
			  "\"host_view\":\"one_main_seven_pips\"" },
			.head = "201 Created\r\nLocation: " API "configuration/v1/conference/7/" },
		{ .expect = { "configuration/v1/conference/?name=giao%20ban" },
			JSON,
			.body = LIST("1", "{\"id\":7,\"name\":\"giao ban\"}") },
		{ .expect = { "GET " API "status/v1/conference/?name=giao%20ban" },
			JSON,
			.body = LIST("0", "") },
		{ .expect = { "DELETE " API "configuration/v1/conference/7/ " },
			.head = "204 No Content" });
	struct conference c;
	assert_int_equal(mcu->start(&k.task, &k.lane,
				 &(struct conference_spec){
					 .name = "giao ban", .muted = true, .layout = "1+7" },
				 &c),
		OK);
	assert_string_equal(c.id, "7/n");
	assert_true(c.created);
	assert_int_equal(mcu->end(&k.task, &k.lane, &c), OK);
	finish(&k);
}

/* Somebody is in: it is not ours to end, and its room is never removed. */
static void
leaves_a_room_that_was_there(void **unused)
{
	OPENED({ .expect = { "configuration/v1/conference/?name=" },
		       JSON,
		       .body = LIST("1", "{\"id\":7,\"name\":\"giao ban\"}") },
		{ .expect = { "status/v1/conference/?name=" },
			JSON,
			.body = LIST("1", "{\"id\":\"c-1\",\"name\":\"giao ban\"}") },
		{ .expect = { "status/v1/conference/?name=" },
			JSON,
			.body = LIST("1", "{\"id\":\"c-1\",\"name\":\"giao ban\"}") },
		{ .expect = { "POST " API "command/v1/conference/transform_layout/ ",
			  "\"conference_id\":\"c-1\"", "\"layout\":\"25:0\"" },
			TAKEN,
			.body = "{\"status\":\"success\"}" },
		{ .expect = { "status/v1/conference/?name=" },
			JSON,
			.body = LIST("1", "{\"id\":\"c-1\",\"name\":\"giao ban\"}") },
		{ .expect = { "POST " API "command/v1/conference/disconnect/ ",
			  "\"conference_id\":\"c-1\"" },
			TAKEN });
	struct conference c;
	assert_int_equal(
		mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "giao ban" }, &c),
		OK);
	assert_false(c.created);
	assert_int_equal(mcu->layout(&k.task, &k.lane, &c, "equal"), OK);
	assert_int_equal(mcu->end(&k.task, &k.lane, &c), OK);
	finish(&k);
}

static void
an_empty_room_is_no_conference(void **unused)
{
	OPENED({ .expect = { "configuration/v1/conference/?name=" },
		       JSON,
		       .body = LIST("1", "{\"id\":7,\"name\":\"giao ban\"}") },
		{ .expect = { "status/v1/conference/?name=" }, JSON, .body = LIST("0", "") });
	struct conference c;
	assert_int_equal(mcu->find(&k.task, &k.lane, "giao ban", &c), ERR_GONE);
	finish(&k);
}

/* Alias and location are asked for once; the order names a host, so that nobody waits for one. */
static void
dials_and_returns_at_once(void **unused)
{
	OPENED(ROOM, PLACE, NOBODY,
		{ .expect = { DIAL_1,
			  "\"conference_alias\":\"gb@tinh\",\"destination\":\"chutuc@10.2.0.5\","
			  "\"protocol\":\"sip\"",
			  "\"role\":\"chair\",\"call_type\":\"video\",\"system_location\":\"Noi "
			  "bo\"",
			  "Chu Túc" },
			DIALLED(LEG_1) },
		{ .expect = { "GET " API "status/v1/participant/" LEG_1 "/ " },
			JSON,
			.body = PERSON(LEG_1, "connecting", "false") });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, LEG_1);
	assert_int_equal(leg.state, LEG_DIALING);
	assert_int_equal(leg.muted, UNKNOWN);
	/* the same order again: it is there */
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, LEG_1);
	assert_string_equal(leg.name, "chu-tuc");
	finish(&k);
}

#define FLOWING \
	LIST("4", "{\"type\":\"audio\",\"end_time\":\"\",\"rx_bitrate\":34,\"rx_codec\":\"opus\"," \
		  "\"rx_jitter\":0.62," \
		  "\"rx_packet_loss\":0.0,\"rx_packets_lost\":2,\"rx_packets_received\":58823," \
		  "\"rx_resolution\":\"\"," \
		  "\"tx_bitrate\":78,\"tx_packets_lost\":9,\"tx_packets_sent\":58862}," \
		  "{\"type\":\"video\",\"end_time\":\"2020-12-21T08:59:31.1\",\"rx_bitrate\":900," \
		  "\"rx_packets_received\":1}," \
		  "{\"type\":\"video\",\"rx_bitrate\":388,\"rx_codec\":\"VP9\",\"rx_fps\":31.5," \
		  "\"rx_windowed_packet_loss\":1.5," \
		  "\"rx_packet_loss\":0.1,\"rx_packets_received\":66813,\"rx_resolution\":" \
		  "\"1280x720\",\"tx_bitrate\":402," \
		  "\"tx_packet_loss\":0.02}," \
		  "{\"type\":\"presentation\",\"rx_bitrate\":5000,\"rx_packets_received\":9}")

/* What ended and what is shown beside does not count; a counter of what was sent is no proof. Muted
 * late. */
static void
measures_and_mutes_who_came_up(void **unused)
{
	OPENED(ROOM, PLACE, NOBODY, { .expect = { DIAL_1 }, DIALLED(LEG_1) },
		{ .expect = { LEGS },
			JSON,
			.body = LIST("2",
				PERSON(LEG_1, "conference",
					"false") ","
						 "{\"id\":\"" LEG_2
						 "\",\"call_direction\":\"in\",\"source_alias\":"
						 "\"h323:10.2.0.9\",\"protocol\":\"H323\","
						 "\"conference\":\"giao "
						 "ban\",\"service_type\":\"waiting_room\"}") },
		{ .expect = { "POST " API "command/v1/participant/mute/ ",
			  "\"participant_id\":\"" LEG_1 "\"" },
			TAKEN },
		{ .expect = { STREAMS(LEG_1) }, JSON, .body = FLOWING },
		{ .expect = { STREAMS(LEG_2) }, NO("404 Not Found", "") });
	struct leg leg;
	struct roster all;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 2);
	const struct leg *one = &all.legs[0], *two = &all.legs[1];
	assert_string_equal(one->name, "chu-tuc");
	assert_string_equal(one->address, "sip:chutuc@10.2.0.5");
	assert_string_equal(one->remote_ip, "10.2.0.5");
	assert_int_equal(one->state, LEG_UP);
	assert_int_equal(one->muted, YES);
	assert_true(one->configured && one->sampled);
	const struct stream *a = &one->media.s[AUDIO][FROM_SITE],
			    *v = &one->media.s[VIDEO][FROM_SITE];
	assert_int_equal(a->packets.v, 58823);
	assert_int_equal(a->lost.v, 2);
	assert_int_equal(a->jitter_ms.v, 1);
	assert_string_equal(a->codec, "opus");
	assert_int_equal(v->kbps.v, 388);
	assert_int_equal(v->loss_permille.v, 15);
	assert_int_equal(v->width.v, 1280);
	assert_int_equal(v->packets.v, 66813);
	const struct stream *to = &one->media.s[AUDIO][TO_SITE];
	assert_int_equal(to->kbps.v, 78);
	assert_int_equal(to->far_lost.v, 9);
	assert_false(to->packets.known || to->far_received.known);
	assert_true(two->incoming && !two->configured && !two->sampled);
	assert_string_equal(two->address, "h323:10.2.0.9");
	assert_int_equal(two->state, LEG_UP);
	finish(&k);
}

/* An answer without its state, or with an older one, takes nobody out: what is not told is as it
 * was. Who was never up is on his way. */
static void
half_an_answer_ends_nothing(void **unused)
{
#define HALF(id) \
	"{\"id\":\"" id \
	"\",\"call_direction\":\"in\",\"source_alias\":\"a@b\",\"conference\":\"giao ban\"}"
	OPENED({ .expect = { LEGS },
		       JSON,
		       .body = LIST("2", PERSON(LEG_1, "conference", "false") "," HALF(LEG_2)) },
		{ .expect = { STREAMS(LEG_1) }, JSON, .body = FLOWING },
		{ .expect = { LEGS },
			JSON,
			.body = LIST("2", HALF(LEG_1) "," PERSON(LEG_2, "connecting", "false")) },
		{ .expect = { STREAMS(LEG_1) }, JSON, .body = LIST("0", "") });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 2);
	assert_int_equal(all.legs[0].state, LEG_UP);
	assert_int_equal(all.legs[1].state, LEG_DIALING);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	for (size_t i = 0; i < all.n; i++)
		assert_int_equal(
			all.legs[i].state, str_eq(all.legs[i].id, LEG_1) ? LEG_UP : LEG_DIALING);
	assert_false(all.legs[0].sampled);
	finish(&k);
}

/* ---- legs that are gone ---------------------------------------------------------------------- */

/* Gone from the status at once, in the history later: as it was until then, and then with its
 * reason, twice. */
static void
a_leg_that_vanished_waits_for_its_reason(void **unused)
{
	OPENED(ROOM, PLACE, NOBODY, { .expect = { DIAL_1 }, DIALLED(LEG_1) }, NOBODY,
		{ .expect = { HISTORY(LEG_1) }, NO("404 Not Found", "") }, NOBODY,
		{ .expect = { HISTORY(LEG_1) },
			JSON,
			.body = "{\"id\":\"" LEG_1
				"\",\"disconnect_reason\":\"SIP 486: Busy here\"}" },
		NOBODY, NOBODY);
	struct leg leg;
	struct roster all;
	struct ending why;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].state, LEG_DIALING);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
		assert_int_equal(all.n, 1);
		assert_int_equal(all.legs[0].state, LEG_GONE);
		assert_int_equal(all.legs[0].ending.cause, CAUSE_BUSY);
		assert_string_equal(all.legs[0].ending.device_words, "SIP 486: Busy here");
	}
	/* known already */
	assert_int_equal(mcu->reason(&k.task, &k.lane, &k.conference, &leg, &why), OK);
	assert_int_equal(why.cause, CAUSE_BUSY);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 0);
	finish(&k);
}

/* The history never tells: gone, and why is not known. */
static void
a_reason_may_never_come(void **unused)
{
#define NOTHING NOBODY, { .expect = { HISTORY(LEG_1) }, NO("404 Not Found", "") }
	OPENED({ .expect = { LEGS },
		       JSON,
		       .body = LIST("1", PERSON(LEG_1, "conference", "false")) },
		{ .expect = { STREAMS(LEG_1) }, JSON, .body = LIST("0", "") }, NOTHING, NOTHING,
		NOTHING, NOTHING);
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_false(all.legs[0].sampled);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
		assert_int_equal(all.n, 1);
		assert_int_equal(all.legs[0].state, i < 3 ? LEG_UP : LEG_GONE);
		assert_false(all.legs[0].sampled);
	}
	assert_int_equal(all.legs[0].ending.cause, CAUSE_UNKNOWN);
	finish(&k);
}

static void
a_leg_we_hung_up_is_ours(void **unused)
{
	OPENED({ .expect = { LEGS }, JSON, .body = LIST("1", PERSON(LEG_1, "conference", "true")) },
		{ .expect = { STREAMS(LEG_1) }, JSON, .body = LIST("0", "") },
		{ .expect = { "POST " API "command/v1/participant/disconnect/ ", LEG_1 }, TAKEN },
		NOTHING, { .expect = { HISTORY(LEG_1) }, NO("404 Not Found", "") },
		{ .expect = { "participant/disconnect/" },
			NO("404 Not Found", "{\"error\":\"no participant\"}") });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	struct leg leg = all.legs[0];
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &k.conference, &leg), OK);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].state, LEG_GONE);
	assert_int_equal(all.legs[0].ending.cause, CAUSE_OUR_HANGUP);
	struct ending why; /* the history does not tell yet, and need not */
	assert_int_equal(mcu->reason(&k.task, &k.lane, &k.conference, &leg, &why), OK);
	assert_int_equal(why.cause, CAUSE_OUR_HANGUP);
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &k.conference, &leg), ERR_GONE);
	assert_string_equal(k.task.why, "hang up on tinh: no participant");
	finish(&k);
}

static void
reasons_have_causes(void **unused)
{
	static const struct {
		const char *words;
		bool up;
		enum cause cause;
	} cases[] = {
		{ "Call disconnected", true, CAUSE_SITE_HANGUP },
		{ "Call disconnected", false, CAUSE_UNKNOWN },
		{ "User initiated disconnect", true, CAUSE_SITE_HANGUP },
		{ "Disconnected by an administrator", true, CAUSE_OUR_HANGUP },
		{ "Conference terminated by a Host participant", true, CAUSE_OUR_HANGUP },
		{ "Timeout waiting for conference host to join or permit access to locked "
		  "conference",
			true, CAUSE_MCU },
		{ "Call rejected", false, CAUSE_REJECTED },
		{ "404 Not Found", false, CAUSE_WRONG_ADDRESS },
		{ "Not Acceptable Here", false, CAUSE_INCOMPATIBLE },
		{ "Request Timeout", false, CAUSE_UNREACHABLE },
		{ "Temporarily Unavailable", false,
			CAUSE_UNKNOWN }, /* RFC 3261 21.4.18: contacted or not, it does not say */
		{ "Call failed", false, CAUSE_UNKNOWN },
		{ "Media timeout", true, CAUSE_NETWORK },
		{ "", false, CAUSE_UNKNOWN },
		{ NULL, true, CAUSE_UNKNOWN },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(pexip_ending(cases[i].words, cases[i].up).cause, cases[i].cause);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_and_introduces_itself),
		cmocka_unit_test(makes_a_room_and_removes_it_again),
		cmocka_unit_test(leaves_a_room_that_was_there),
		cmocka_unit_test(an_empty_room_is_no_conference),
		cmocka_unit_test(dials_and_returns_at_once),
		cmocka_unit_test(measures_and_mutes_who_came_up),
		cmocka_unit_test(half_an_answer_ends_nothing),
		cmocka_unit_test(a_leg_that_vanished_waits_for_its_reason),
		cmocka_unit_test(a_reason_may_never_come),
		cmocka_unit_test(a_leg_we_hung_up_is_ours),
		cmocka_unit_test(reasons_have_causes),
	};
	http_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
