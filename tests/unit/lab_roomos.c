/* The simulated RoomOS codec without its sockets: what it writes over HTTP and in its shell, its
 * sessions, what it posts, and that its figures are those of the leg which the MCU shows. */
#include "tests/unit/lab_codecs.h"

static const char *
get_path(const char *location, int64_t ms)
{
	struct codec_reply r;
	struct codec_request rq = { .method = "GET",
		.path = "/getxml",
		.login = true,
		.user = "admin",
		.password = "codec" };
	str_copy(rq.location, sizeof rq.location, location);
	const char *text = ask(roomos_answer, rq, NULL, ms, 0, &r);
	assert_int_equal(r.status, 200);
	return text;
}

static const char *
put_body(const char *body, int64_t ms)
{
	struct codec_reply r;
	struct codec_request rq = {
		.path = "/putxml", .login = true, .user = "admin", .password = "codec"
	};
	return ask(roomos_answer, rq, body, ms, 0, &r);
}

/* ---- RoomOS ---- */

static void
roomos_call(void **state)
{
	lab("site a on loss 10% codec https://127.20.0.1 roomos");
	assert_true(has(get_path("/Status/Call", 2 * S), "<Status>Ringing</Status>"));
	assert_true(
		has(get_path("/Status/Call", 13 * S), "<Call item=\"34\" maxOccurrence=\"n\">"));
	assert_true(has(buf_str(&told), "<DisplayName>họp</DisplayName>"));
	assert_true(has(buf_str(&told), "<Duration>10</Duration>"));
	/* incoming: what arrives; outgoing: what is sent, lost or not */
	get_path("/Status/MediaChannels", 12800);
	assert_true(has(buf_str(&told), "<Packets>450</Packets>"));
	assert_true(has(buf_str(&told), "<Loss>50</Loss>"));
	assert_true(has(buf_str(&told), "<Packets>500</Packets>"));
	assert_true(has(get_path("/Status/Call[34]/Status", 13 * S), "<Status>Connected</Status>"));
	assert_null(strstr(buf_str(&told), "Duration"));
	assert_null(strstr(get_path("/Status/Call[99]/Status", 13 * S), "Connected"));
	assert_true(has(get_path("/Nix", 13 * S), "<EmptyResult"));
	assert_true(has(get_path("", 13 * S), "<XPathError>"));
}

static void
roomos_shapes(void **state)
{
	lab("site a on old-tc one-way video from-site codec https://127.20.0.1 roomos");
	assert_true(has(get_path("/Status/MediaChannels", 13 * S), "<IncomingVideoChannel item"));
	assert_null(strstr(buf_str(&told), "<Direction>"));
	leg = (struct leg){ 0 };
	lab("site a on one-way video from-site codec https://127.20.0.1 roomos");
	get_path("/Status/MediaChannels", 13 * S);
	assert_true(has(buf_str(&told), "<Protocol>Off</Protocol>"));
	assert_true(has(buf_str(&told), "<Packets>0</Packets>"));
	leg = (struct leg){ 0 };
	lab("site a on teams-mode codec https://127.20.0.1 roomos");
	assert_true(has(get_path("/Status", 13 * S), "<InCall>True</InCall>"));
	assert_true(has(buf_str(&told), "<NumberOfActiveCalls>1<"));
	assert_null(strstr(buf_str(&told), "<MediaChannels>"));
	assert_null(strstr(buf_str(&told), "<Call "));
}

static void
roomos_orders(void **state)
{
	lab("site a on codec https://127.20.0.1 roomos");
	until(13 * S);
	assert_true(has(put_body("<Command><Dila command=\"True\"/></Command>", 13 * S),
		"No action detected in document"));
	assert_true(has(put_body("<Command><Dial command=\"True\"/></Command>", 13 * S),
		"<DialResult status=\"ParameterError\"/>"));
	assert_true(has(put_body("<Command><Audio><Microphones><Mute "
				 "command=\"True\"/></Microphones></Audio></Command>",
				13 * S),
		"<MicrophonesMuteResult status=\"OK\"/>"));
	assert_true(box.site->mic_muted);
	struct media md;
	leg_media(&leg, START + 13 * S, &md);
	assert_int_equal(md.energy_mdb, -30000); /* and the MCU hears nothing */
	assert_true(
		has(put_body("<Command><Call><Disconnect "
			     "command=\"True\"><CallId>7</CallId></Disconnect></Call></Command>",
			    13 * S),
			"<CallDisconnectResult status=\"Error\">"));
	assert_true(has(put_body("<Command><Call><Disconnect/></Call></Command>", 13 * S),
		"<CallDisconnectResult status=\"OK\"/>"));
	assert_string_equal(leg.why, "remoteTeardown");
	put_body("<Command><CallHistory><Get><DetailLevel>Full</DetailLevel></Get></CallHistory></"
		 "Command>",
		14 * S);
	assert_true(has(buf_str(&told), "<PacketLoss>0/510</PacketLoss>"));
	assert_true(has(buf_str(&told), "<DisconnectCauseType>LocalDisconnect<"));
	assert_true(has(buf_str(&told), "<DaysAgo>2<")); /* the same call id on another day */
	assert_true(has(buf_str(&told), "<EndTimeUTC>"));
	put_body("<Command><CallHistory><Get><Limit>1</Limit></Get></CallHistory></Command>",
		14 * S);
	assert_false(has(buf_str(&told), "<DaysAgo>2<"));
	struct codec_reply r;
	struct codec_request rq = {
		.path = "/putxml", .login = true, .user = "admin", .password = "codec"
	};
	ask(roomos_answer, rq, "<Command><Dial", 14 * S, 0, &r);
	assert_int_equal(r.status, 400);
}

/* TC: Message/Alert/Display; CE: the same below UserInterface. */
static void
roomos_texts(void **state)
{
	static const char *const plain = "<Command><Message><Alert><Display><Text>Xin chào</Text>"
					 "<Duration>10</Duration></Display></Alert></Message>"
					 "</Command>",
				 *const below = "<Command><UserInterface><Message><Alert><Display>"
						"<Text>Xin chào</Text><Duration>10</Duration>"
						"</Display></Alert></Message></UserInterface>"
						"</Command>";
	lab("site a on codec https://127.20.0.1 roomos");
	put_body(below, S);
	assert_true(has(buf_str(&told), "<AlertDisplayResult status=\"OK\""));
	put_body(plain, S);
	assert_false(has(buf_str(&told), "AlertDisplayResult"));
	lab("site a on old-tc codec https://127.20.0.1 roomos");
	put_body(plain, S);
	assert_true(has(buf_str(&told), "<AlertDisplayResult status=\"OK\""));
	put_body(below, S);
	assert_false(has(buf_str(&told), "AlertDisplayResult"));
	put_body("<Command><Message><Alert><Display><Duration>10</Duration></Display></Alert>"
		 "</Message></Command>",
		S);
	assert_true(has(buf_str(&told), "ParameterError"));
}

static void
roomos_sessions(void **state)
{
	struct codec_reply r;
	struct codec_request in = {
		.path = "/xmlapi/session/begin", .login = true, .user = "admin", .password = "codec"
	};
	struct codec_request out = { .path = "/xmlapi/session/end" },
			     look = { .method = "GET", .path = "/status.xml" };
	lab("site a on codec https://127.20.0.1 roomos");
	ask(roomos_answer, look, NULL, 0, 0, &r);
	assert_int_equal(r.status, 401);
	assert_string_equal(r.realm, "CISCO-Endpoint");
	char first[160];
	for (int i = 0; i < CODEC_SESSIONS; i++) {
		ask(roomos_answer, in, NULL, 0, 0, &r);
		assert_int_equal(r.status, 204);
		if (!i)
			str_copy(first, sizeof first, r.cookies[0]);
	}
	ask(roomos_answer, in, NULL, 0, 0, &r); /* never ended: full, though an hour goes by */
	assert_int_equal(r.status, 503);
	ask(roomos_answer, in, NULL, 0, 3600 * S, &r);
	assert_int_equal(r.status, 503);
	str_copy(look.cookie, sizeof look.cookie, first);
	str_copy(out.cookie, sizeof out.cookie, first);
	ask(roomos_answer, look, NULL, 0, 0, &r);
	assert_int_equal(r.status, 200);
	ask(roomos_answer, out, NULL, 0, 0, &r);
	assert_int_equal(r.status, 204);
	ask(roomos_answer, look, NULL, 0, 0, &r);
	assert_int_equal(r.status, 401);
	ask(roomos_answer, in, NULL, 0, 0, &r);
	assert_int_equal(r.status, 204);
	str_copy(in.password, sizeof in.password, "wrong");
	ask(roomos_answer, in, NULL, 0, 0, &r);
	assert_int_equal(r.status, 401);
	lab("site a on old-tc codec https://127.20.0.1 roomos");
	ask(roomos_answer, in, NULL, 0, 0, &r);
	assert_int_equal(r.status, 302);
}

static const char *
type_line(struct tsh *t, const char *line, int64_t ms)
{
	until(ms);
	buf_clear(&told);
	tsh_line(t, line, START + ms, &told);
	return buf_str(&told);
}

static void
tsh_lines(void **state)
{
	struct tsh t;
	lab("site a on codec ssh://127.20.0.1 roomos");
	tsh_open(&t, box.site, START, &told);
	assert_true(has(buf_str(&told), "*r Login successful\r\n\r\nOK\r\n"));
	assert_true(str_starts(
		type_line(&t, "xStatus Standby State", S), "xStatus Standby State\r\n\r\nOK\r\n"));
	assert_true(has(buf_str(&told), "*s Standby State: Off\r\n** end\r\n"));
	assert_true(str_starts(type_line(&t, "echo off", S), "echo off\r\n\x1b[?1034h"));
	assert_true(
		str_starts(type_line(&t, "xstatus call 34 displayname | resultId=\"a b\"", 13 * S),
			"\r\nOK\r\n"));
	assert_true(has(buf_str(&told),
		"*s Call 34 DisplayName: \"họp\"\r\n** resultId: \"a b\"\r\n** end\r\n"));
	assert_true(has(type_line(&t, "xCommand Audio Microphones Mute", 13 * S),
		"*r MicrophonesMuteResult (status=OK):\r\n** end"));
	assert_true(has(type_line(&t, "xCommand Dila Number: \"a\"", 13 * S),
		"*r Result Reason: \"Unknown command\""));
	assert_true(has(type_line(&t, "dial", 13 * S), "Command not recognized.\r\nERROR"));
	assert_string_equal(type_line(&t, "xPreferences outputmode json", 13 * S), "");
	assert_string_equal(type_line(&t, "xStatus Audio Microphones | resultId=\"1\"", 13 * S),
		"{\"Status\":{\"Audio\":{\"Microphones\":{\"Mute\":{\"Value\":\"On\"}}}},"
		"\"ResultId\":\"1\"}\r\n");
	assert_string_equal(type_line(&t, "xCommand Dila | resultId=\"1\"", 13 * S),
		"{\"CommandResponse\":{\"Result\":"
		"{\"status\":\"Error\",\"Reason\":{\"Value\":\"Unknown "
		"command\"},\"XPath\":{\"Value\":\"/Dila\"}}},\"ResultId\":\"1\"}\r\n");
	assert_true(str_starts(type_line(&t, "xStatus Call", 13 * S),
		"{\"Status\":{\"Call\":[{\"id\":\"34\",\"AnswerState\""));
	assert_string_equal(type_line(&t, "xPreferences outputmode xml", 13 * S), "");
	assert_string_equal(type_line(&t, "xCommand Dial | resultId=\"2\"", 13 * S),
		"<XmlDoc resultId=\"2\">\r\n<DialResult "
		"status=\"ParameterError\"/>\n</XmlDoc>\r\n");
	type_line(&t, "bye", 13 * S);
	assert_true(t.bye);
}

static void
tsh_feedback(void **state)
{
	struct tsh t;
	lab("site a on codec ssh://127.20.0.1 roomos");
	until(13 * S);
	tsh_open(&t, box.site, START + 13 * S, &told);
	type_line(&t, "xFeedback register /Status/Call", 13 * S);
	type_line(&t, "xFeedback register Event/CallDisconnect", 13 * S);
	assert_true(has(type_line(&t, "xFeedback list", 13 * S), "/Event/CallDisconnect\r\n"));
	buf_clear(&told);
	tsh_unasked(&t, START + 13 * S, &told);
	assert_int_equal(told.n, 0); /* nothing has changed */
	leg_hang(&leg, START + 14 * S, "disconnectAll");
	tsh_unasked(&t, START + 14 * S, &told);
	assert_true(has(buf_str(&told), "*e CallDisconnect CauseType: \"RemoteDisconnect\"\r\n"));
	assert_true(has(buf_str(&told), "*s Call 34 (ghost=True):\r\n** end"));
	buf_clear(&told);
	tsh_unasked(&t, START + 15 * S, &told);
	assert_int_equal(told.n, 0);
}

/* ---- HttpFeedback ---- */

static const char register_all[] =
	"<Command><HttpFeedback><Register command=\"True\"><FeedbackSlot>2</FeedbackSlot>"
	"<ServerUrl>http://127.0.0.1:9/push/x</ServerUrl>"
	"<Expression item=\"1\">/Event/CallDisconnect</Expression>"
	"<Expression item=\"2\">/Status/Call</Expression>"
	"<Expression item=\"3\">/Status/Audio/Microphones/Mute</Expression>"
	"</Register></HttpFeedback></Command>";

/* The next body of slot 2, answered; "": none. */
static const char *
next_post(int64_t ms)
{
	char url[256];
	buf_clear(&told);
	until(ms);
	roomos_feedback_watch(box.site, START + ms);
	if (roomos_feedback_due(box.site, 2, START + ms, url, &told))
		roomos_feedback_posted(box.site, 2, true, START + ms);
	return buf_str(&told);
}

static void
feedback_is_posted(void **state)
{
	lab("site chu-tuc on hangup +20s codec https://127.20.0.1:443 roomos");
	assert_true(
		has(put_body(register_all, 1 * S), "<HttpFeedbackRegisterResult status=\"OK\"/>"));
	assert_true(has(get_path("/Status/HttpFeedback", 1 * S), "<HttpFeedback item=\"2\""));
	assert_true(has(
		get_path("/Status/HttpFeedback", 1 * S), "<URL>http://127.0.0.1:9/push/x</URL>"));
	assert_true(has(next_post(13 * S), "<Status>Connected</Status>"));
	codec_set_mic(box.site, true, START + 14 * S);
	assert_true(has(next_post(14 * S), "<Mute>On</Mute>"));
	assert_string_equal(next_post(15 * S), "");
	assert_true(has(next_post(40 * S), "ghost=\"True\""));
	const char *event = next_post(40 * S);
	assert_true(has(event, "<Event>"));
	assert_true(has(event, "<SerialNumber>FOC26410001</SerialNumber>"));
	assert_true(has(event, "<CauseType item=\"1\">LocalDisconnect</CauseType>"));
	assert_null(strstr(event, "<?xml"));
	assert_string_equal(next_post(41 * S), "");
	/* nobody takes it: ten times more, then the address is forgotten */
	codec_set_mic(box.site, false, START + 50 * S);
	roomos_feedback_watch(box.site, START + 50 * S);
	for (int i = 0; i <= 10; i++) {
		assert_true(roomos_feedback_due(box.site, 2, START + (50 + i) * S, NULL, NULL));
		roomos_feedback_posted(box.site, 2, false, START + (50 + i) * S);
		assert_false(roomos_feedback_due(box.site, 2, START + (50 + i) * S, NULL, NULL));
	}
	assert_false(roomos_feedback_due(box.site, 2, START + 99 * S, NULL, NULL));
	assert_null(strstr(get_path("/Status/HttpFeedback", 99 * S), "push/x"));
}

static void
feedback_slots_of_others(void **state)
{
	lab("site a on codec https://127.20.0.9:443 roomos\n"
	    "site b on old-tc feedback-full codec https://127.20.0.1:443 roomos");
	assert_null(strstr(get_path("/Status", 1 * S), "HttpFeedback"));
	box.site = fleet_site(1);
	const char *all = get_path("/Status/HttpFeedback", 1 * S);
	assert_true(has(all, "<URL>http://khac.example/feedback/1</URL>"));
	assert_true(has(all, "<URL>http://tms.example/feedback/3</URL>"));
	assert_true(has(put_body("<Command><HttpFeedback><Deregister><FeedbackSlot>4</FeedbackSlot>"
				 "</Deregister></HttpFeedback></Command>",
				1 * S),
		"status=\"OK\""));
	assert_null(strstr(get_path("/Status/HttpFeedback", 1 * S), "feedback/4"));
	assert_true(has(put_body("<Command><HttpFeedback><Register><FeedbackSlot>5</FeedbackSlot>"
				 "</Register></HttpFeedback></Command>",
				1 * S),
		"ParameterError"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(roomos_call, setup, close_lab),
		cmocka_unit_test_setup_teardown(roomos_shapes, setup, close_lab),
		cmocka_unit_test_setup_teardown(roomos_orders, setup, close_lab),
		cmocka_unit_test_setup_teardown(roomos_texts, setup, close_lab),
		cmocka_unit_test_setup_teardown(roomos_sessions, setup, close_lab),
		cmocka_unit_test_setup_teardown(tsh_lines, setup, close_lab),
		cmocka_unit_test_setup_teardown(tsh_feedback, setup, close_lab),
		cmocka_unit_test_setup_teardown(feedback_is_posted, setup, close_lab),
		cmocka_unit_test_setup_teardown(feedback_slots_of_others, setup, close_lab),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
