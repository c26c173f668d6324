/* Sessions with a Cisco codec over HTTP: begun, forgotten, refused, silent, broken off. */
#include "tests/talk/cisco_roomos.h"

/* An old TC redirects whoever begins a session: it gets the login with each request, and ends
 * none. */
static void
an_old_release_has_no_sessions(void **unused)
{
	BEGIN({ .expect = { "POST /xmlapi/session/begin " },
		      .head = "302 Found\r\nLocation: /web/signin" },
		{ .expect = { "GET /getxml?location=/Status/SystemUnit/Software ",
			  "Authorization: Basic YWRtaW46czNjcmV0" },
			.body = DOC("<SystemUnit/>") },
		{ .expect = { "GET /getxml?location=/Status/Call ", "Authorization: Basic" },
			.never = "Cookie",
			.body = NOBODY });
	assert_int_equal(box->open(&k.task, &k.lane), OK);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	finish(&k);
}

static void
an_old_release_takes_a_wrong_password_once(void **unused)
{
	BEGIN({ .expect = { "POST /xmlapi/session/begin " }, .head = "303 See Other" },
		{ .expect = { "/Status/SystemUnit/Software " }, .head = "401 Unauthorized" });
	assert_int_equal(box->open(&k.task, &k.lane), ERR_AUTH);
	assert_string_equal(k.task.word, "login-refused");
	finish(&k);
}

/* The box restarted and forgot its sessions: that is no wrong password. */
static void
a_forgotten_session_is_begun_anew(void **unused)
{
	BEGIN(BEGIN_SESSION("old"),
		{ .expect = { "/Status/Call ", "SessionId=old" }, .head = "401 Unauthorized" },
		BEGIN_SESSION("new"),
		{ .expect = { "/Status/Call ", "SessionId=new" }, .body = NOBODY },
		END_SESSION("new"));
	assert_int_equal(box->open(&k.task, &k.lane), OK);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	finish(&k);
}

static void
no_session_is_left(void **unused)
{
	BEGIN({ .expect = { "POST /xmlapi/session/begin " }, .head = "503 Service Unavailable" });
	assert_int_equal(box->open(&k.task, &k.lane), ERR_BUSY);
	finish(&k);
}

/* Newer releases give two cookies and want both back. */
static void
every_cookie_goes_back(void **unused)
{
	BEGIN({ .expect = { "POST /xmlapi/session/begin " },
		      .head = "204 No Content\r\nSet-Cookie: SessionId=a; Path=/\r\nSet-Cookie: "
			      "SecureSessionId=b; Secure" },
		{ .expect = { "/Status/Call ", "Cookie: SessionId=a; SecureSessionId=b" },
			.body = NOBODY },
		{ .expect = { "/session/end" } });
	assert_int_equal(box->open(&k.task, &k.lane), OK);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	finish(&k);
}

/* A box that closed an idle connection is asked again; an order is not given again. */
static void
an_order_is_not_given_twice(void **unused)
{
	OPENED({ .expect = { "/Status/Call " }, .how = PEER_DROP }, ASK("Status/Call", NOBODY),
		{ .expect = { "POST /putxml " }, .how = PEER_DROP });
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	task_forgive(&k.task);
	assert_int_equal(box->mute(&k.task, &k.lane, true), ERR_TIMEOUT);
	finish(&k);
}

static void
a_wrong_password_is_tried_once(void **unused)
{
	BEGIN({ .expect = { "POST /xmlapi/session/begin " },
		.head = "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"CISCO-Endpoint\"" });
	codec_refuses_login(&k, box, "YWRtaW46");
	finish(&k);
}

static void
silence_ends_at_the_deadline(void **unused)
{
	OPENED({ .expect = { "/Status/Call " }, .how = PEER_HANG });
	codec_is_silent(&k, box);
	finish(&k);
}

static void
a_cancelled_dial_comes_back(void **unused)
{
	OPENED(ASK("Status/Call", NOBODY), ASK("Status/SystemUnit", UNIT("0")),
		{ .expect = { "POST /putxml ", "<Dial " }, .how = PEER_CANCEL });
	assert_int_equal(box->dial(&k.task, &k.lane, "sip:hop@mcu.example", 0), ERR_CANCELED);
	finish(&k);
}

static void
the_line_drops_in_the_middle(void **unused)
{
	OPENED({ .expect = { "/Status/Call " }, .how = PEER_CUT, .body = DOC(UP) },
		{ .expect = { "/Status/Call " }, .how = PEER_CUT, .body = DOC(UP) });
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), ERR_TIMEOUT);
	finish(&k);
}

static void
garbage_is_not_understood(void **unused)
{
	OPENED(ASK("Status/Call", "<html><body>Sign in</html>"),
		ASK("Status/Call", XML "<html><p>Sign in</p></html>"),
		{ .expect = { "/Status/Call " }, .how = PEER_GARBAGE });
	codec_talks_garbage(&k, box, 3);
	finish(&k);
}

static void
no_other_transport_is_pretended(void **unused)
{
	BEGIN({ .body = NULL });
	k.peer.n = 0;
	k.device.url = "telnet://127.0.0.1:23";
	assert_int_equal(box->open(&k.task, &k.lane), ERR_UNSUPPORTED);
	task_forgive(&k.task);
	k.device.url = "http://127.0.0.1:1/";
	assert_int_equal(box->open(&k.task, &k.lane), ERR_UNREACHABLE);
	task_forgive(&k.task);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), ERR_SYSTEM);
	finish(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_old_release_has_no_sessions),
		cmocka_unit_test(an_old_release_takes_a_wrong_password_once),
		cmocka_unit_test(a_forgotten_session_is_begun_anew),
		cmocka_unit_test(no_session_is_left),
		cmocka_unit_test(every_cookie_goes_back),
		cmocka_unit_test(an_order_is_not_given_twice),
		cmocka_unit_test(a_wrong_password_is_tried_once),
		cmocka_unit_test(silence_ends_at_the_deadline),
		cmocka_unit_test(a_cancelled_dial_comes_back),
		cmocka_unit_test(the_line_drops_in_the_middle),
		cmocka_unit_test(garbage_is_not_understood),
		cmocka_unit_test(no_other_transport_is_pretended),
	};
	http_global_init();
	xml_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
