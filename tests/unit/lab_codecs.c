/* The simulated VideoOS and Huawei codecs without their sockets, and what a scenario says of codecs:
 * what they write, their sessions, and that their figures are those of the leg which the MCU shows. */
#include "tests/unit/lab_codecs.h"

/* ---- scenario ---- */

static void
kinds(void **state)
{
	static const struct {
		const char *line;
		bool ok;
		enum codec_kind kind;
		int ssh_port;
	} table[] = {
		{ "site a on", true, CODEC_POLY_CLI, 2222 },
		{ "site a on codec ssh://127.20.0.1:22", true, CODEC_POLY_CLI, 22 },
		{ "site a on codec ssh://127.20.0.1:22 roomos", true, CODEC_ROOMOS, 22 },
		{ "site a on codec https://127.20.0.1:443 roomos", true, CODEC_ROOMOS, 0 },
		{ "site a on codec https://127.20.0.1:443 roomos ssh 2222 user u password p old-tc",
			true, CODEC_ROOMOS, 2222 },
		{ "site a on codec https://127.20.0.1 poly-rest user u", true, CODEC_POLY_REST, 0 },
		{ "site a on codec https://127.20.0.1 huawei-te teams-mode", true, CODEC_HUAWEI,
			0 },
		{ "site a on codec https://127.20.0.1", false, 0, 0 },
		{ "site a on codec ssh://127.20.0.1 huawei-te", false, 0, 0 },
		{ "site a on codec https://10.0.0.1 huawei-te", false, 0, 0 },
		{ "site a on codec https://127.20.0.1 poly-rest ssh 22", false, 0, 0 },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct faults faults = { .arena = arena };
		bool ok = scenario_parse(arena, "x.lab",
			arena_printf(arena, MCU "%s\n", table[i].line), &scenario, &faults);
		assert_int_equal(ok, table[i].ok);
		if (!ok)
			continue;
		assert_int_equal(scenario.sites.at[0].codec.kind, table[i].kind);
		assert_int_equal(scenario.sites.at[0].codec.ssh_port, table[i].ssh_port);
	}
	assert_string_equal(scenario_adapter(CODEC_ROOMOS), "cisco-roomos");
	assert_string_equal(scenario_adapter(CODEC_HUAWEI), "huawei-te");
}

static void
cookies(void **state)
{
	static const struct {
		const char *header, *value;
	} table[] = { { "SessionId=abc", "abc" }, { "a=b; SessionId=abc; c=d", "abc" },
		{ "xSessionId=abc", NULL }, { "SessionId", NULL }, { "", NULL },
		{ ";;; SessionId=;", "" } };
	char out[8];
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		assert_int_equal(codec_cookie(table[i].header, "SessionId", out, sizeof out),
			table[i].value != NULL);
		assert_string_equal(out, table[i].value ? table[i].value : "");
	}
	assert_true(codec_cookie("SessionId=0123456789", "SessionId", out, sizeof out));
	assert_string_equal(out, "0123456");
}

/* ---- VideoOS ---- */

/* As captured from a Studio X30: ids are texts, what rings is PENDING, and so is an empty one. */
static void
poly_rest_pending(void **state)
{
	struct buf b = { 0 };
	lab("site a on codec https://127.20.0.1 poly-rest");
	scenario.sites.at[0].ordinal = 2;
	until(2 * S);
	put_conferences(box.site, START + 2 * S, &b);
	assert_true(has(buf_str(&b), "[{\"id\":\"PENDING\",\"isActive\":false"));
	assert_true(has(buf_str(&b), "\"state\":\"RINGING\""));
	assert_true(has(buf_str(&b), "\"terminals\":[]}]"));
	buf_clear(&b);
	until(13 * S);
	put_conferences(box.site, START + 13 * S, &b);
	assert_true(has(buf_str(&b), "[{\"id\":\"0\",\"isActive\":true"));
	assert_true(has(buf_str(&b), ",{\"connections\":[],\"terminals\":[],\"id\":\"PENDING\""));
	buf_clear(&b);
	put_system(box.site, START + 13 * S, &b);
	assert_true(has(buf_str(&b), ".1,\"systemTime\":"));
	buf_free(&b);
}

static void
poly_rest(void **state)
{
	struct codec_reply r;
	struct codec_request rq = { .path = "/rest/session" };
	lab("site a on one-way audio from-site muted-by-setting codec https://127.20.0.1 "
	    "poly-rest");
	ask(poly_rest_answer, rq, "{\"user\":\"admin\",\"password\":\"no\"}", 13 * S, 0, &r);
	assert_int_equal(r.status, 401);
	ask(poly_rest_answer, rq, "{\"user\":\"admin\",\"password\":\"codec\"}", 13 * S, 0, &r);
	assert_int_equal(r.status, 200);
	char id[60], token[60];
	assert_true(codec_cookie(r.cookies[0], "session_id", id, sizeof id));
	assert_true(codec_cookie(r.cookies[1], "XSRF-TOKEN", token, sizeof token));
	rq = (struct codec_request){ .method = "GET", .path = "/rest/audio/muted" };
	snprintf(rq.cookie, sizeof rq.cookie, "session_id=%s; XSRF-TOKEN=%s", id, token);
	ask(poly_rest_answer, rq, NULL, 13 * S, 0, &r);
	assert_int_equal(r.status, 403); /* the cookie alone is not enough */
	str_copy(rq.xsrf, sizeof rq.xsrf, token);
	assert_string_equal(ask(poly_rest_answer, rq, NULL, 13 * S, 0, &r), "true");
	rq.path = "/rest/conferences/0/mediastats";
	json_t *stats = json_loads(ask(poly_rest_answer, rq, NULL, 13 * S, 0, &r), 0, NULL);
	assert_int_equal(json_array_size(stats), 4);
	for (size_t i = 0; i < 4; i++) {
		json_t *s = json_array_get(stats, i);
		bool dead = str_eq(json_string_value(json_object_get(s, "mediaStream")), "audioRx");
		assert_int_equal(
			json_integer_value(json_object_get(s, "actualBitRate")) == 0, dead);
	}
	json_decref(stats);
	rq.path = "/rest/conferences";
	stats = json_loads(ask(poly_rest_answer, rq, NULL, 13 * S, 0, &r), 0, NULL);
	assert_true(json_is_true(json_object_get(json_array_get(stats, 0), "isActive")));
	json_decref(stats);
	rq.path = "/rest/conferences/0";
	rq.method = "DELETE";
	ask(poly_rest_answer, rq, NULL, 13 * S, 0, &r);
	assert_string_equal(leg.why, "remoteTeardown");
	rq.method = "GET";
	rq.path = "/rest/conferences/0/mediastats";
	ask(poly_rest_answer, rq, NULL, 13 * S, 0, &r);
	assert_int_equal(r.status, 404);
	rq.path = "/rest/conferences";
	assert_string_equal(ask(poly_rest_answer, rq, NULL, 13 * S, 0, &r), "[]");
	rq.path = "/rest/calllog/entries";
	assert_true(has(ask(poly_rest_answer, rq, NULL, 13 * S, 0, &r),
		"\"causeCode\":0,\"connected\":true,\"duration\":"));
}

static void
poly_rest_boots(void **state)
{
	struct codec_reply r;
	struct codec_request rq = { .method = "GET", .path = "/rest/system" };
	lab("site a on poweroff +10s on +60s codec https://127.20.0.1 poly-rest");
	until(13 * S);
	ask(poly_rest_answer, rq, NULL, 70 * S, 0, &r);
	assert_int_equal(r.status, 503);
	ask(poly_rest_answer, rq, NULL, 300 * S, 0, &r);
	assert_int_equal(r.status, 403);
	assert_int_equal(box.site->past_n, 0); /* it never saw the end of that call */
}

/* ---- Huawei ---- */

static json_t *
inside(const char *answer)
{
	json_t *o = json_loads(answer, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(o, "success")), 1);
	json_t *d = json_loads(json_string_value(json_object_get(o, "data")), 0, NULL);
	json_decref(o);
	assert_non_null(d);
	return d;
}

static const char *
order(const char *action, const char *cookie, const char *token, int64_t mono,
	struct codec_reply *r)
{
	struct codec_request rq = { .path = "/action.cgi" };
	str_copy(rq.action, sizeof rq.action, action);
	str_copy(rq.cookie, sizeof rq.cookie, cookie);
	char body[120];
	snprintf(body, sizeof body,
		"{\"user\":\"admin\",\"password\":\"codec\",\"acCSRFToken\":\"%s\"}", token);
	return ask(huawei_answer, rq, body, 13 * S, mono, r);
}

static void
huawei(void **state)
{
	struct codec_reply r;
	char cookie[160], token[60], changed[160];
	lab("site a on loss 4% codec https://127.20.0.1 huawei-te");
	assert_true(has(order("WEB_GetMailboxDataAPI", "", "", 0, &r),
		"{\"success\":0,\"error\":{\"id\":"));
	assert_true(has(order("WEB_RequestSessionIDAPI", "", "", 0, &r),
		"\"data\":\"{\\\"acSessionId\\\":\\\"\\\""));
	str_copy(cookie, sizeof cookie, r.cookies[0]);
	json_t *d = inside(order("WEB_RequestCertificateAPI", cookie, "", 0, &r));
	str_copy(token, sizeof token, json_string_value(json_object_get(d, "acCSRFToken")));
	json_decref(d);
	json_decref(inside(order("WEB_ChangeSessionIDAPI", cookie, token, 0, &r)));
	str_copy(changed, sizeof changed, r.cookies[0]);
	assert_true(has(order("WEB_GetMailboxDataAPI", cookie, token, 0, &r),
		"\"success\":0")); /* the old name is gone */
	assert_true(has(order("WEB_GetMailboxDataAPI", changed, "", 0, &r),
		"\"success\":0")); /* no token */
	d = inside(order("WEB_GetMailboxDataAPI", changed, token, 0, &r));
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(d, "state"), "conftype")), 2);
	json_decref(d);
	d = inside(order("WEB_GetCallStatusInfoAPI", changed, token, 0, &r));
	assert_string_equal(json_string_value(json_object_get(d, "videoLossPerRev")), "4.00%");
	assert_string_equal(json_string_value(json_object_get(d, "auxAudioRateSend")), "63.56k");
	assert_string_equal(json_string_value(json_object_get(d, "auxVideoRateRev")), "--");
	assert_non_null(json_object_get(d, "AuxVideoLossPerSend"));
	json_decref(d);
	d = inside(order("WEB_GetVersionInfoAPI", changed, token, 0, &r));
	assert_non_null(json_object_get(d, "lisence"));
	json_decref(d);
	/* only the mailbox keeps the session alive */
	json_decref(inside(order("WEB_GetMailboxDataAPI", changed, token, 59 * S, &r)));
	json_decref(inside(order("WEB_GetVersionInfoAPI", changed, token, 110 * S, &r)));
	assert_true(
		has(order("WEB_GetMailboxDataAPI", changed, token, 120 * S, &r), "\"success\":0"));
}

static void
huawei_call(void **state)
{
	struct buf b = { 0 };
	lab("site a on frozen +20s one-way video from-site codec https://127.20.0.1 huawei-te");
	until(13 * S);
	huawei_call_status(box.site, START + 13 * S, &b);
	assert_true(has(buf_str(&b),
		"\"videoRateRev\":\"0.00k\",\"videoFrameRev\":0,\"mainFormatRev\":\"--\""));
	assert_true(has(buf_str(&b), "\"videoRateSend\":\"1764.08k\""));
	buf_clear(&b);
	huawei_call_status(box.site, START + 40 * S, &b);
	assert_true(has(buf_str(&b), "\"sendRate\":\"0.00k\",\"revRate\":\"0.00k\""));
	buf_clear(&b);
	huawei_wrap("{\"a\":\"\\\"\"}", &b);
	assert_string_equal(
		buf_str(&b), "{\"success\":1,\"data\":\"{\\\"a\\\":\\\"\\\\\\\"\\\"}\"}");
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(kinds, setup, close_lab),
		cmocka_unit_test_setup_teardown(cookies, setup, close_lab),
		cmocka_unit_test_setup_teardown(poly_rest, setup, close_lab),
		cmocka_unit_test_setup_teardown(poly_rest_pending, setup, close_lab),
		cmocka_unit_test_setup_teardown(poly_rest_boots, setup, close_lab),
		cmocka_unit_test_setup_teardown(huawei, setup, close_lab),
		cmocka_unit_test_setup_teardown(huawei_call, setup, close_lab),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
