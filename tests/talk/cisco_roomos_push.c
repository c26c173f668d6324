/* Talks with a Cisco codec about its feedback: how a slot is found and taken, and what may be
 * posted. */
#include "tests/talk/cisco_roomos.h"

#include "base/str.h"

#define SECRET "00112233445566778899aabbccddeeff"
#define URL "http://10.1.1.2:8091/push/" SECRET
#define ALL \
	"<Expression item=\"1\">/Event/CallDisconnect</Expression>" \
	"<Expression item=\"2\">/Status/Call</Expression>" \
	"<Expression item=\"3\">/Status/Audio/Microphones/Mute</Expression>"
#define SLOT(n, inside, url) \
	"<HttpFeedback item=\"" n "\" maxOccurrence=\"n\">" inside "<URL>" url \
	"</URL></HttpFeedback>"
#define TMS SLOT("3", "<Expression item=\"1\">/Event</Expression>", "http://tms.example/x")
#define OTHERS(n) SLOT(n, ALL, "http://khac.example/push/" SECRET)
#define MODULE \
	ASK("Status/SystemUnit/Hardware/Module", \
		DOC("<SystemUnit><Hardware><Module><SerialNumber>FOC12345678</SerialNumber>" \
		    "</Module></Hardware></SystemUnit>"))
#define SLOTS(answer) ASK("Status/HttpFeedback", answer)
#define ORDER(...) .expect = { "POST /putxml ", __VA_ARGS__ }
#define RESULT(name, status) \
	XML "<Command><HttpFeedback" name "Result status=\"" status "\"/></Command>"
#define GIVE_BACK(n) \
	{ \
		ORDER("<HttpFeedback><Deregister command=\"True\"><FeedbackSlot>" n \
		      "</FeedbackSlot></Deregister></HttpFeedback>"), \
			.body = RESULT("Deregister", "OK") \
	}
#define REGISTER(n) \
	{ \
		ORDER("<HttpFeedback><Register command=\"True\"><FeedbackSlot>" n \
		      "</FeedbackSlot><ServerUrl>" URL "</ServerUrl><Expression item=\"1\">", \
			"<Expression item=\"3\">/Status/Audio/Microphones/Mute</Expression>" \
			"</Register></HttpFeedback></Command>"), \
			.body = RESULT("Register", "OK") \
	}

static const struct device posting = { .name = "site:chu-tuc",
	.adapter = "cisco-roomos",
	.url = "http://127.0.0.1:PORT/",
	.user = "admin",
	.password = "s3cret",
	.push_url = URL };

static void
begin_posting(struct talk *k, const struct peer_step *steps, size_t n)
{
	talk_begin(k, &posting, &(struct peer){ .steps = steps, .n = n }, 8000);
}

#define POSTING(...) \
	TALK(BEGIN_SESSION("abc"), __VA_ARGS__, END_SESSION("abc")); \
	begin_posting(&k, steps, STEPS_N); \
	if (box->open(&k.task, &k.lane)) \
	fail_msg("open: %s", k.task.why)

/* ---- slots ----------------------------------------------------------------------------------- */

static void
registers_once_and_looks_again(void **unused)
{
	int again = 0;
	struct trace trace = { 0 };
	POSTING(MODULE, SLOTS(DOC(TMS)), REGISTER("2"),
		SLOTS(DOC(SLOT("2", ALL "<Format>XML</Format><Status>OK</Status>", URL) TMS)),
		GIVE_BACK("2"));
	k.task.trace = &trace;
	assert_int_equal(box->subscribe(&k.task, &k.lane, &again), OK);
	assert_in_range(again, 30, 600);
	assert_int_equal(box->subscribe(&k.task, &k.lane, &again), OK);
	assert_non_null(strstr(buf_str(&trace.out), "/push/"));
	assert_null(strstr(buf_str(&trace.out), SECRET));
	assert_null(strstr(buf_str(&trace.out), "s3cret"));
	k.task.trace = NULL;
	trace_free(&trace);
	finish(&k);
}

/* After a restart of the box there is none: it is registered anew. */
static void
a_rebooted_box_is_registered_anew(void **unused)
{
	int again;
	POSTING(MODULE, SLOTS(DOC(SLOT("2", ALL, URL))), SLOTS(NOBODY), REGISTER("2"),
		SLOTS(DOC("")), REGISTER("2"), GIVE_BACK("2"));
	for (int i = 0; i < 3; i++)
		assert_int_equal(box->subscribe(&k.task, &k.lane, &again), OK);
	finish(&k);
}

static void
takes_no_slot_of_others(void **unused)
{
	static const struct {
		const char *slots;
		int chosen; /* 0: none */
		bool there, odd;
	} cases[] = {
		{ "", 2, false, false },
		{ TMS, 2, false, false },
		{ OTHERS("2"), 4, false, false },
		{ OTHERS("2") OTHERS("4"), 1, false, false },
		/* the third is free, and stays so */
		{ OTHERS("1") OTHERS("2") OTHERS("4"), 0, false, false },
		{ OTHERS("1") OTHERS("2") TMS OTHERS("4"), 0, false, false },
		{ SLOT("1", ALL, URL) OTHERS("2"), 1, true, false },
		{ SLOT("1", ALL "<Status>OK</Status>", URL), 1, true, false },
		{ SLOT("1", ALL "<Status>Failed</Status>", URL), 1, false, false },
		{ SLOT("4", "<Expression item=\"1\">/Status/Call</Expression>", URL), 4, false,
			false },
		/* of our listener, from another life: its slot, not one more */
		{ SLOT("4", ALL, "http://10.1.1.2:8091/push/ffff"), 4, false, false },
		/* not ours: another port */
		{ SLOT("2", ALL, "http://10.1.1.2:809/push/" SECRET), 4, false, false },
		/* expressions without an address: somebody's */
		{ SLOT("2", ALL, ""), 4, false, false },
		{ SLOT("2", "", ""), 2, false, false },
		{ "<HttpFeedback><URL>http://x.example/</URL></HttpFeedback>", 0, false, true },
		{ SLOT("9", ALL, "http://x.example/"), 0, false, true },
	};
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct xml *root;
		enum roomos_slot slots[ROOMOS_SLOTS];
		bool there = false;
		const char *text = arena_printf(a, "<Status>%s</Status>", cases[i].slots);
		assert_int_equal(xml_parse(a, text, strlen(text), 0, &root, NULL), OK);
		assert_int_equal(roomos_read_slots(root, URL, slots), !cases[i].odd);
		for (int k = 0; k < ROOMOS_SLOTS; k++)
			there |= slots[k] == ROOMOS_OURS;
		assert_int_equal(there && !cases[i].odd, cases[i].there);
		if (!cases[i].odd && !there && roomos_choose_slot(slots) != cases[i].chosen)
			fail_msg("row %zu: %d", i, roomos_choose_slot(slots));
	}
	arena_free(a);
}

static void
no_free_slot_is_said(void **unused)
{
	int again;
	struct endpoint_status s;
	POSTING(MODULE, SLOTS(DOC(OTHERS("1") OTHERS("2") TMS OTHERS("4"))),
		ASK("Status/Call", NOBODY), ASK("Status/SystemUnit", UNIT("0")),
		ASK("Status/Audio/Microphones/Mute", NOBODY),
		ASK("Configuration/Conference/AutoAnswer", NOBODY));
	assert_int_equal(box->subscribe(&k.task, &k.lane, &again), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "no slot is free"));
	task_forgive(&k.task);
	/* and it is asked as before */
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.told.posts, 0);
	finish(&k);
}

/* Two of our own from other lives: one is used again, the other given back. */
static void
old_slots_are_given_back(void **unused)
{
	int again;
	POSTING(MODULE,
		SLOTS(DOC(SLOT("1", ALL, "http://10.1.1.2:8091/push/aa") OTHERS("2")
				SLOT("4", ALL, "http://10.1.1.2:8091/push/bb"))),
		{ ORDER("<Deregister command=\"True\"><FeedbackSlot>4</FeedbackSlot>"),
			.body = RESULT("Deregister", "OK") },
		REGISTER("1"), GIVE_BACK("1"));
	assert_int_equal(box->subscribe(&k.task, &k.lane, &again), OK);
	finish(&k);
}

/* The box has four for all who want one. Whether it takes ours back or not, the session ends. */
static void
its_slot_is_given_back_with_the_session(void **unused)
{
	int again;
	POSTING(MODULE, SLOTS(NOBODY), REGISTER("2"),
		{ ORDER("<Deregister command=\"True\"><FeedbackSlot>2</FeedbackSlot>"),
			.body = RESULT("Deregister", "Error") });
	assert_int_equal(box->subscribe(&k.task, &k.lane, &again), OK);
	finish(&k);
	assert_int_equal(k.task.code, OK);
}

/* A password that is good no longer is said once, and not again to give a slot back. */
static void
a_refused_login_gives_nothing_back(void **unused)
{
	int again;
	struct endpoint_status s;
	TALK(BEGIN_SESSION("abc"), MODULE, SLOTS(NOBODY), REGISTER("2"),
		{ .expect = { "/Status/Call ", "Cookie: " }, .head = "401 Unauthorized" },
		{ .expect = { "POST /xmlapi/session/begin " }, .head = "401 Unauthorized" });
	begin_posting(&k, steps, STEPS_N);
	assert_int_equal(box->open(&k.task, &k.lane), OK);
	assert_int_equal(box->subscribe(&k.task, &k.lane, &again), OK);
	assert_int_equal(box->status(&k.task, &k.lane, &s), ERR_AUTH);
	finish(&k);
}

static void
a_refusal_is_told(void **unused)
{
	int again;
	POSTING(MODULE, { .expect = { "/Status/HttpFeedback " }, .head = "403 Forbidden" },
		SLOTS(NOBODY),
		{ ORDER("<Register "),
			.body = XML "<Command><HttpFeedbackRegisterResult status=\"Error\"><Error>"
				    "not for this user</Error></HttpFeedbackRegisterResult>"
				    "</Command>" },
		SLOTS(NOBODY),
		{ ORDER("<Register "),
			.body = XML "<ActionError><Reason>No action detected in document</Reason>"
				    "</ActionError>" });
	assert_int_equal(box->subscribe(&k.task, &k.lane, &again), ERR_REFUSED);
	task_forgive(&k.task);
	assert_int_equal(box->subscribe(&k.task, &k.lane, &again), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "not for this user"));
	task_forgive(&k.task);
	assert_int_equal(box->subscribe(&k.task, &k.lane, &again), ERR_UNSUPPORTED);
	finish(&k);
}

static void
registration_fails_in_its_class(void **unused)
{
	static const struct {
		struct peer_step answer;
		enum err expected;
	} cases[] = {
		{ { .how = PEER_HANG }, ERR_TIMEOUT },
		{ { .how = PEER_CANCEL }, ERR_CANCELED },
		{ { .how = PEER_DROP }, ERR_TIMEOUT },
		{ { .how = PEER_CUT, .body = RESULT("Register", "OK") }, ERR_TIMEOUT },
		{ { .body = "<html>no</html>" }, ERR_PROTOCOL },
		{ { .how = PEER_GARBAGE }, ERR_PROTOCOL },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct peer_step steps[] = { BEGIN_SESSION("abc"), MODULE, SLOTS(NOBODY),
			cases[i].answer };
		struct talk k;
		int again;
		begin_posting(&k, steps, STEPS_N);
		assert_int_equal(box->open(&k.task, &k.lane), OK);
		k.task.deadline = clock_mono() + 1500;
		enum err e = box->subscribe(&k.task, &k.lane, &again);
		if (e != cases[i].expected)
			fail_msg("row %zu: %s, %s", i, err_name(e), k.task.why);
		struct roomos *s = k.lane.session;
		s->cookie = NULL; /* the peer has gone: no goodbye */
		s->slot = 0;
		finish(&k);
	}
}

/* ---- bodies ---------------------------------------------------------------------------------- */

#define WHO(serial) \
	"<Identification><SystemName>Ph\xc3\xb2ng h\xe1\xbb\x8dp</SystemName><IPAddress>10.2.0.4" \
	"</IPAddress><ProductType>Cisco Codec</ProductType><SerialNumber>" serial \
	"</SerialNumber></Identification>"
#define ENDED(id, type, more) \
	"<CallDisconnect item=\"1\"><CauseValue item=\"1\">1</CauseValue><CauseType " \
	"item=\"1\">" type \
	"</CauseType><CauseString item=\"1\"></CauseString><RemoteURI item=\"1\">" \
	"sip:hop@mcu.example</RemoteURI><CallId item=\"1\">" id "</CallId>" more \
	"</CallDisconnect>"
#define EVENT(inside) "<Event>" inside "</Event>"

static void
posts_are_read(void **unused)
{
	static const struct {
		const char *body;
		enum err e;
		enum tri in_call, muted;
		size_t ends;
		enum cause cause;
		int lasted; /* -1: not told */
		const char *words, *serial;
	} cases[] = {
		{ EVENT(WHO("FOC1") ENDED("456", "LocalDisconnect",
			  "<CauseCode item=\"1\">0</CauseCode><CauseOrigin item=\"1\">Internal"
			  "</CauseOrigin><Duration item=\"1\">26</Duration>")),
			OK, UNKNOWN, UNKNOWN, 1, CAUSE_SITE_HANGUP, 26,
			"LocalDisconnect (Internal 0)", "FOC1" },
		{ EVENT(ENDED("3", "RemoteDisconnect", "<CauseCode>16</CauseCode>")), OK, UNKNOWN,
			UNKNOWN, 1, CAUSE_MCU, -1, "RemoteDisconnect (16)", "" },
		{ EVENT(ENDED("3", "NetworkRejected", "")), OK, UNKNOWN, UNKNOWN, 1, CAUSE_NETWORK,
			-1, "NetworkRejected", "" },
		{ EVENT(ENDED("3", "OtherRemote", "")), OK, UNKNOWN, UNKNOWN, 1, CAUSE_UNKNOWN, -1,
			"OtherRemote", "" },
		{ EVENT(ENDED("3", "LocalDisconnect", "<Duration>-5</Duration>")), OK, UNKNOWN,
			UNKNOWN, 1, CAUSE_SITE_HANGUP, -1, "LocalDisconnect", "" },
		/* A hang-up without a word of who: nothing is told. */
		{ EVENT(WHO("FOC1") "<CallDisconnect>     </CallDisconnect>"), OK, UNKNOWN, UNKNOWN,
			0, 0, 0, "", "FOC1" },
		{ EVENT("<UserInterface item=\"1\"><Extensions item=\"1\"/></UserInterface>"), OK,
			UNKNOWN, UNKNOWN, 0, 0, 0, "", "" },
		{ "<Status>" WHO("FOC1") "<Call item=\"24\" maxOccurrence=\"n\"><Status>Connected"
					 "</Status></Call></Status>",
			OK, YES, UNKNOWN, 0, 0, 0, "", "FOC1" },
		{ "<Status><Call item=\"24\"><Status>Dialling</Status></Call></Status>", OK,
			UNKNOWN, UNKNOWN, 0, 0, 0, "", "" },
		{ "<Status><Call item=\"24\"><Status>Idle</Status></Call></Status>", OK, NO,
			UNKNOWN, 0, 0, 0, "", "" },
		{ "<Status><Call ghost=\"True\" item=\"8\" maxOccurrence=\"n\"/></Status>", OK, NO,
			UNKNOWN, 0, 0, 0, "", "" },
		{ "<Status><Call item=\"8\"><Duration>7</Duration></Call></Status>", OK, UNKNOWN,
			UNKNOWN, 0, 0, 0, "", "" },
		{ "<Status><Audio><Microphones><Mute>On</Mute></Microphones></Audio></Status>", OK,
			UNKNOWN, YES, 0, 0, 0, "", "" },
		/* JSON, where it was registered so: values in objects, numbers as texts */
		{ "{\"Event\":{\"Identification\":{\"SerialNumber\":{\"Value\":\"FOC1\"}},"
		  "\"CallDisconnect\":{\"id\":\"1\",\"CauseType\":{\"id\":\"1\",\"Value\":"
		  "\"LocalDisconnect\"},\"CallId\":{\"Value\":\"9\"},\"Duration\":{\"Value\":"
		  "\"31\"}}}}",
			OK, UNKNOWN, UNKNOWN, 1, CAUSE_SITE_HANGUP, 31, "LocalDisconnect", "FOC1" },
		{ " {\"Status\":{\"Call\":[{\"id\":\"2\",\"Status\":{\"Value\":\"Connected\"}}]}}",
			OK, YES, UNKNOWN, 0, 0, 0, "", "" },
		{ "{\"Status\":{\"Call\":[{\"ghost\":\"True\",\"id\":\"2\"}]}}", OK, NO, UNKNOWN, 0,
			0, 0, "", "" },
		/* none of ours */
		{ "", ERR_PROTOCOL, 0, 0, 0, 0, 0, "", "" },
		{ "garbage", ERR_PROTOCOL, 0, 0, 0, 0, 0, "", "" },
		{ "<Event>", ERR_PROTOCOL, 0, 0, 0, 0, 0, "", "" },
		{ "<html><body/></html>", ERR_PROTOCOL, 0, 0, 0, 0, 0, "", "" },
		{ "<!DOCTYPE a [<!ENTITY b \"c\">]><Event>&b;</Event>", ERR_PROTOCOL, 0, 0, 0, 0, 0,
			"", "" },
		{ "{}", ERR_PROTOCOL, 0, 0, 0, 0, 0, "", "" },
		{ "{\"Event\":{},\"Status\":{}}", ERR_PROTOCOL, 0, 0, 0, 0, 0, "", "" },
		{ "{\"Event\":[]}", ERR_PROTOCOL, 0, 0, 0, 0, 0, "", "" },
		{ "{\"Event\":", ERR_PROTOCOL, 0, 0, 0, 0, 0, "", "" },
	};
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct roomos_post p;
		struct err_text why = { 0 };
		enum err e = roomos_read_post(a, cases[i].body, strlen(cases[i].body), &p, &why);
		if (e != cases[i].e || (!e && (p.told.in_call != cases[i].in_call ||
						      p.told.mic_muted != cases[i].muted ||
						      p.told.ends_n != cases[i].ends)))
			fail_msg("row %zu: %s, %s", i, err_name(e), why.text);
		if (e)
			continue;
		assert_string_equal(p.serial, cases[i].serial);
		if (!p.told.ends_n)
			continue;
		const struct past_call *c = &p.told.ends[0].call;
		assert_int_equal(c->ending.cause, cases[i].cause);
		assert_string_equal(c->ending.device_words, cases[i].words);
		assert_int_equal(c->duration_s.known ? c->duration_s.v : -1, cases[i].lasted);
	}
	arena_free(a);
}

static enum err
pushed(struct talk *k, const char *body, int64_t ago_ms)
{
	enum err e = box->pushed(&k->task, &k->lane, body, strlen(body), ago_ms);
	task_forgive(&k->task);
	return e;
}

/* What was told goes with the next status, and with that one only. */
static void
the_next_status_brings_it(void **unused)
{
	int again;
	struct endpoint_status s;
	POSTING(MODULE, SLOTS(DOC(SLOT("2", ALL, URL))), ASK("Status/Call", NOBODY),
		ASK("Status/SystemUnit", UNIT("0")), ASK("Status/Audio/Microphones/Mute", NOBODY),
		ASK("Configuration/Conference/AutoAnswer", NOBODY), ASK("Status/Call", NOBODY),
		ASK("Status/SystemUnit", UNIT("0")), ASK("Status/Audio/Microphones/Mute", NOBODY),
		ASK("Configuration/Conference/AutoAnswer", NOBODY), GIVE_BACK("2"));
	assert_int_equal(box->subscribe(&k.task, &k.lane, &again), OK);
	assert_int_equal(
		pushed(&k, EVENT(WHO("FOC12345678") ENDED("7", "RemoteDisconnect", "")), 9000), OK);
	assert_int_equal(
		pushed(&k, EVENT(WHO("FOC12345678") ENDED("8", "LocalDisconnect", "")), 2500), OK);
	assert_int_equal(
		pushed(&k, EVENT(WHO("FOC12345678") ENDED("8", "LocalDisconnect", "")), 1500), OK);
	assert_int_equal(pushed(&k,
				 "<Status><Audio><Microphones><Mute>On</Mute></Microphones>"
				 "</Audio></Status>",
				 1000),
		OK);
	/* of another device, and of nobody */
	assert_int_equal(pushed(&k, EVENT(WHO("FOC999") ENDED("9", "LocalDisconnect", "")), 0),
		ERR_PROTOCOL);
	assert_int_equal(pushed(&k, "\xff\xfe", 0), ERR_PROTOCOL);
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, NO);
	assert_int_equal(s.told.posts, 4);
	assert_int_equal(s.told.mic_muted, YES);
	assert_int_equal(s.told.ends_n, 2);
	assert_string_equal(s.told.ends[0].call_id, "8");
	assert_int_equal(s.told.ends[0].call.ending.cause, CAUSE_SITE_HANGUP);
	assert_int_equal(s.told.ends[0].call.ended_ago_s.v, 2);
	assert_string_equal(s.told.ends[0].call.far_address, "sip:hop@mcu.example");
	assert_string_equal(s.told.ends[1].call_id, "7");
	assert_int_equal(s.told.ends[1].call.ended_ago_s.v, 9);
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.told.posts, 0);
	assert_int_equal(s.told.ends_n, 0);
	finish(&k);
}

/* An answer that did not come took nothing along. */
static void
what_was_posted_waits_for_an_answer(void **unused)
{
	struct endpoint_status s;
	POSTING(ASK("Status/Call", NOBODY), ASK("Status/SystemUnit", UNIT("0")),
		{ .expect = { "/Status/Audio/Microphones/Mute " },
			.head = "503 Service Unavailable" },
		ASK("Status/Call", NOBODY), ASK("Status/SystemUnit", UNIT("0")),
		ASK("Status/Audio/Microphones/Mute", NOBODY),
		ASK("Configuration/Conference/AutoAnswer", NOBODY));
	assert_int_equal(pushed(&k, EVENT(ENDED("7", "LocalDisconnect", "")), 0), OK);
	assert_int_equal(box->status(&k.task, &k.lane, &s), ERR_BUSY);
	task_forgive(&k.task);
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.told.ends_n, 1);
	finish(&k);
}

static void
many_ends_are_bounded(void **unused)
{
	char body[400];
	POSTING(ASK("Status/Call", NOBODY), ASK("Status/SystemUnit", UNIT("0")),
		ASK("Status/Audio/Microphones/Mute", NOBODY),
		ASK("Configuration/Conference/AutoAnswer", NOBODY));
	struct endpoint_status s;
	for (int i = 0; i < 50; i++) {
		snprintf(body, sizeof body,
			"<Event><CallDisconnect><CauseType>LocalDisconnect</CauseType><CallId>%d"
			"</CallId></CallDisconnect></Event>",
			i);
		assert_int_equal(pushed(&k, body, 0), OK);
	}
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.told.ends_n, TOLD_ENDS_MOST);
	assert_string_equal(s.told.ends[0].call_id, "49");
	finish(&k);
}

int
main(void)
{
	http_global_init();
	xml_global_init();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers_once_and_looks_again),
		cmocka_unit_test(a_rebooted_box_is_registered_anew),
		cmocka_unit_test(takes_no_slot_of_others),
		cmocka_unit_test(no_free_slot_is_said),
		cmocka_unit_test(old_slots_are_given_back),
		cmocka_unit_test(its_slot_is_given_back_with_the_session),
		cmocka_unit_test(a_refused_login_gives_nothing_back),
		cmocka_unit_test(a_refusal_is_told),
		cmocka_unit_test(registration_fails_in_its_class),
		cmocka_unit_test(posts_are_read),
		cmocka_unit_test(the_next_status_brings_it),
		cmocka_unit_test(what_was_posted_waits_for_an_answer),
		cmocka_unit_test(many_ends_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
