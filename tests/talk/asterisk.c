/* Talks with Asterisk: one test per way in which logging in, dialling and ending go, and what
 * becomes of it when the device fails. */
#include "tests/talk/asterisk.h"

#define NO_BRIDGE \
	{ \
		.expect = { "GET /ari/bridges/giao-ban HTTP" }, NO("404 Not Found"), \
		.body = "{\"message\":\"Bridge not found\"}" \
	}
#define MAKE \
	{ \
		.expect = { "POST /ari/bridges/giao-ban?", "type=mixing%2Cproxy_media", \
			"name=giao-ban" }, \
		.body = "{\"id\":\"giao-ban\"}" \
	}

static void
opens_and_tells_who_it_is(void **unused)
{
	OPENED(HELLO);
	struct identity who;
	assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.software, "22.10.1");
	assert_string_equal(who.model, "Asterisk");
	assert_int_equal(who.uptime_s.v, 86405); /* by its own clock */
	assert_int_equal(events.opened, 1);
	assert_int_equal(events.filtered, 1);
	finish(&k);
}

static void
a_wrong_password_is_tried_once(void **unused)
{
	BEGIN({ .expect = { "GET /ari/asterisk/info" },
		NO("401 Unauthorized"),
		.body = "{\"message\":\"Authentication required\"}" });
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_AUTH);
	assert_string_equal(k.task.word, "login-refused");
	assert_int_equal(events.opened, 0);
	finish(&k);
}

static void
without_events_it_is_not_open(void **unused)
{
	BEGIN(HELLO);
	events.refuse = true;
	assert_int_not_equal(mcu->open(&k.task, &k.lane), OK);
	assert_null(k.lane.session);
	finish(&k);
}

static void
dials_and_never_twice(void **unused)
{
	OPENED(NOBODY_YET, NO_BRIDGE, MAKE, ORDER);
	struct leg leg, again;
	assert_int_equal(dial(&k, &leg), OK);
	assert_int_equal(leg.state, LEG_DIALING);
	assert_string_equal(leg.name, "chu-tuc");
	assert_string_equal(leg.address, "sip:chutuc@10.2.0.5");
	assert_true(leg.configured);
	assert_int_equal(dial(&k, &again), OK);
	assert_string_equal(again.id, leg.id);
	assert_null(strstr(talk_requests(&k), "Chu Túc"));
	finish(&k);
}

static void
an_order_of_before_a_restart_of_ours_stands(void **unused)
{
	OPENED({ .expect = { "GET /ari/channels/td-" }, .body = DIALLED("x", "Ringing") });
	struct leg leg;
	assert_int_equal(dial(&k, &leg), OK);
	finish(&k);
}

static void
a_dropped_order_is_asked_for_first(void **unused)
{
	OPENED(NOBODY_YET, BRIDGE(""), { .expect = { "POST /ari/channels/td-" }, .how = PEER_DROP },
		{ .expect = { "GET /ari/channels/td-" }, .body = DIALLED("x", "Down") });
	struct leg leg;
	assert_int_equal(dial(&k, &leg), OK); /* it had been taken: no second one */
	finish(&k);
}

static void
a_refused_order_says_why(void **unused)
{
	OPENED(NOBODY_YET, BRIDGE(""),
		{ .expect = { "POST /ari/channels/td-" },
			NO("500 Internal Server Error"),
			.body = "{\"error\":\"Allocation failed\"}" });
	struct leg leg;
	assert_int_equal(dial(&k, &leg), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "Allocation failed"));
	finish(&k);
}

static void
a_canceled_dial_comes_back_at_once(void **unused)
{
	OPENED(NOBODY_YET, BRIDGE(""),
		{ .expect = { "POST /ari/channels/td-" }, .how = PEER_CANCEL });
	struct leg leg;
	assert_int_equal(dial(&k, &leg), ERR_CANCELED);
	finish(&k);
}

static void
what_cannot_be_dialled_is_not_asked(void **unused)
{
	OPENED({ .expect = { "GET /ari/asterisk/info" },
		       .body = "{\"system\":{\"version\":\"1\"}}" },
		{ .expect = { "GET /ari/asterisk/ping" }, NOT_FOUND });
	struct identity who;
	struct leg leg;
	struct dial d = a_dial;
	d.address = "h323:10.2.0.5";
	assert_int_equal(mcu->dial(&k.task, &k.lane, &room, &d, &leg), ERR_UNSUPPORTED);
	task_forgive(&k.task);
	d.address = "sip:a@b&PJSIP/other"; /* would ring two */
	assert_int_equal(mcu->dial(&k.task, &k.lane, &room, &d, &leg), ERR_INPUT);
	task_forgive(&k.task);
	assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK);
	assert_false(who.uptime_s.known); /* an old one has no ping */
	finish(&k);
}

/* Two programs with one application would take each other's calls: the one that was thrown out
 * stays out. */
static void
a_taken_application_is_left_alone(void **unused)
{
	OPENED(BRIDGE(""), CHANNELS(""), BRIDGE(""), CHANNELS(""));
	struct leg leg;
	event("{\"type\":\"ApplicationReplaced\",\"application\":\"tongduyet\"}");
	assert_int_equal(dial(&k, &leg), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "another program"));
	task_forgive(&k.task);
	for (int i = 0; i < 2; i++)
		assert_int_equal(list(&k).n, 0);
	assert_int_equal(events.opened, 1);
	finish(&k);
}

static void
a_lost_stream_is_opened_again(void **unused)
{
	OPENED(BRIDGE(""), CHANNELS(""), BRIDGE(""), CHANNELS(""));
	shutdown(events.fd, SHUT_RDWR);
	usleep(20000);
	list(&k);
	for (int i = 0; i < 100 && events.opened < 2; i++)
		usleep(5000);
	assert_int_equal(events.opened, 2);
	list(&k);
	finish(&k);
}

static void
ends_channels_before_the_bridge(void **unused)
{
	OPENED(BRIDGE("\"1.1\""),
		CHANNELS(CHANNEL_WITH("1.1", "Up", "a", "Stasis", "tongduyet,giao-ban") "," DIALLED(
			MINE, "Ringing") "," CHANNEL_WITH("2.2", "Up", "b", "Stasis", "other")),
		{ .expect = { "DELETE /ari/channels/1.1 " }, DONE },
		{ .expect = { "DELETE /ari/channels/" MINE " " }, NOT_FOUND },
		{ .expect = { "DELETE /ari/bridges/giao-ban " }, DONE });
	assert_int_equal(mcu->end(&k.task, &k.lane, &k.conference), OK);
	finish(&k);
}

static void
silence_is_a_timeout(void **unused)
{
	OPENED({ .expect = { "GET /ari/bridges/giao-ban" }, .how = PEER_HANG });
	mcu_is_silent(&k);
}

static void
a_cut_list_is_asked_for_again(void **unused)
{
	OPENED({ .expect = { "GET /ari/bridges/giao-ban" },
		       .how = PEER_CUT,
		       .body = "{\"id\":\"giao-ban\",\"channels\":[]}" },
		BRIDGE(""), CHANNELS(""));
	assert_int_equal(list(&k).n, 0);
	finish(&k);
}

static void
garbage_is_not_understood(void **unused)
{
	OPENED({ .expect = { "GET /ari/bridges/giao-ban" }, .body = "{\"id\":" });
	struct roster r;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &r), ERR_PROTOCOL);
	finish(&k);
}

/* What is no list of members empties no room; a list is looked through for each of its members. */
static void
lists_are_lists(void **unused)
{
	enum { MANY = 20000 };
	static char many[3 * MANY + 2];
	for (size_t i = 0; i < MANY; i++)
		memcpy(many + 1 + 3 * i, i + 1 < MANY ? "{}," : "{}]", 3);
	many[0] = '[';
	OPENED({ .expect = { "GET /ari/bridges/giao-ban HTTP" }, .body = "{\"id\":\"giao-ban\"}" },
		CHANNELS(""), BRIDGE(""), { .expect = { "GET /ari/channels HTTP" }, .body = many },
		BRIDGE(""),
		{ .expect = { "GET /ari/channels HTTP" }, .body = "{\"message\":\"hello\"}" });
	for (int i = 0; i < 3; i++) {
		struct roster r;
		assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &r), ERR_PROTOCOL);
		task_forgive(&k.task);
	}
	finish(&k);
}

static void
an_event_that_is_none_costs_nothing(void **unused)
{
	OPENED(BRIDGE(""), CHANNELS(""));
	event("{\"type\":");
	event("[]");
	event("{\"type\":\"ChannelDestroyed\",\"channel\":{\"id\":\"9.9\"},\"cause\":16}");
	assert_int_equal(list(&k).n, 0);
	assert_int_equal(events.opened, 1);
	finish(&k);
}

static void
words(void **unused)
{
	struct ari_where w;
	struct ari_own own;
	char why[120], id[ARI_ID_SIZE], out[160];
	int64_t at, later;
	assert_true(ari_where("http://a:8088/?app=td&endpoint=xa", &w, why, sizeof why));
	assert_string_equal(w.app, "td");
	assert_string_equal(w.endpoint, "xa");
	assert_false(ari_where("http://a/?endpoint=a%2Fb", &w, why, sizeof why));
	ari_channel_id(id, "run/chu-tuc/1", "giao-ban", true, "chu-tuc");
	assert_string_equal(id, MINE);
	assert_true(ari_is_ours_in(id, "giao-ban", &own));
	assert_true(own.muted);
	assert_string_equal(own.leg_name, "chu-tuc");
	assert_false(ari_is_ours_in(id, "khac", &own));
	assert_false(ari_is_ours("td-"));
	assert_false(ari_is_ours(OTHER));
	ari_bridge_id(out, 80, "Giao ban Tổng duyệt");
	assert_true(ari_is_word(out));
	assert_true(ari_instant("2026-11-20T17:48:34.014+0000", &at));
	assert_true(ari_instant("2026-11-21T00:48:34.015+0700", &later));
	assert_int_equal(later - at, 1);
	assert_false(ari_instant("yesterday", &at));
	ari_uri("\"An\" <sip:s3@127.0.1.3>", out, sizeof out);
	assert_string_equal(out, "sip:s3@127.0.1.3");
	ari_uri("tel:1", out, sizeof out);
	assert_string_equal(out, "");
	ari_host("[::1]:20060", out, sizeof out);
	ari_host("0.0.0.0:0", out, sizeof out);
	assert_string_equal(out, "");
	assert_int_equal(ari_picture("(nothing)"), NO);
	assert_int_equal(ari_picture("(h264|vp8)"), YES);
	assert_int_equal(ari_picture(""), UNKNOWN);
	assert_ptr_equal(mcu_adapter_find("asterisk"), mcu);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_and_tells_who_it_is),
		cmocka_unit_test(a_wrong_password_is_tried_once),
		cmocka_unit_test(without_events_it_is_not_open),
		cmocka_unit_test(dials_and_never_twice),
		cmocka_unit_test(an_order_of_before_a_restart_of_ours_stands),
		cmocka_unit_test(a_dropped_order_is_asked_for_first),
		cmocka_unit_test(a_refused_order_says_why),
		cmocka_unit_test(a_canceled_dial_comes_back_at_once),
		cmocka_unit_test(what_cannot_be_dialled_is_not_asked),
		cmocka_unit_test(a_taken_application_is_left_alone),
		cmocka_unit_test(a_lost_stream_is_opened_again),
		cmocka_unit_test(ends_channels_before_the_bridge),
		cmocka_unit_test(silence_is_a_timeout),
		cmocka_unit_test(a_cut_list_is_asked_for_again),
		cmocka_unit_test(garbage_is_not_understood),
		cmocka_unit_test(lists_are_lists),
		cmocka_unit_test(an_event_that_is_none_costs_nothing),
		cmocka_unit_test(words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
