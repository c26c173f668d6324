/* Talks with a Tandberg MXP over HTTP: the login it asks for, once, the documents that hold what
 * its command line shows, and what can only be ordered over telnet. What the lines mean:
 * tests/talk/tandberg_mxp.c. */
#include "adapters/adapter.h"

#include "adapters/internal.h"
#include "adapters/wire/http.h"
#include "adapters/wire/trace.h"
#include "adapters/wire/xml.h"

#include "tests/talk/peer.h"

#include "tests/talk/talk.h"

#include <signal.h>

static const struct endpoint_adapter *const box = &tandberg_mxp_adapter;
static const struct device codec = { .name = "site:chu-tuc",
	.adapter = "tandberg-mxp",
	.url = "http://127.0.0.1:PORT",
	.user = "admin",
	.password = "s3cret" };

#define XML "<?xml version=\"1.0\"?>"
#define DENY(how) "401 Unauthorized\r\nWWW-Authenticate: " how " realm=\"TANDBERG Codec\""
#define BASIC "Authorization: Basic YWRtaW46czNjcmV0"
#define AT(what) "GET /getxml?location=/Status/" what " "
#define UNIT_DOC \
	XML "<Status><SystemUnit item=\"1\"><ProductId item=\"1\">TANDBERG 6000 " \
	    "MXP</ProductId><Uptime item=\"1\">77</Uptime>" \
	    "<Software item=\"1\"><Version item=\"1\">F8.2</Version></Software>" \
	    "<Hardware item=\"1\"><Version item=\"1\">EP</Version><SerialNumber " \
	    "item=\"1\">24A1</SerialNumber></Hardware>" \
	    "</SystemUnit></Status>"
#define CALL_DOC \
	XML "<Status product=\"TANDBERG Codec\"><Call item=\"1\" status=\"Synced\" " \
	    "type=\"Vtlph\" protocol=\"H323\">" \
	    "<RemoteNumber item=\"1\">5020020</RemoteNumber><Channels item=\"1\" " \
	    "type=\"Incoming\"><Rate item=\"1\">384</Rate>" \
	    "<Audio item=\"1\" status=\"Active\"><DynamicRate " \
	    "item=\"1\">64</DynamicRate><Encryption item=\"1\" status=\"Off\"/>" \
	    "<TotalPackets item=\"1\">801748</TotalPackets><PacketLoss " \
	    "item=\"1\">2</PacketLoss></Audio>" \
	    "<Video item=\"1\" status=\"Inactive\"/><Video item=\"2\" " \
	    "status=\"Active\"><TotalPackets item=\"1\">6</TotalPackets>" \
	    "</Video></Channels></Call><Call item=\"2\" status=\"Idle\"/></Status>"
#define IN \
	{ { AT("SystemUnit") }, .head = DENY("Basic"), .never = "Authorization" }, \
	{ \
		{ AT("SystemUnit"), BASIC }, .body = UNIT_DOC \
	}

#define BEGIN(...) \
	TALK(__VA_ARGS__); \
	begin(&k, steps, STEPS_N)

#define OPENED(...) \
	BEGIN(IN, __VA_ARGS__); \
	if (box->open(&k.task, &k.lane)) \
		fail_msg("open: %s", k.task.why)

static struct trace trace;

static void
begin(struct talk *k, const struct peer_step *steps, size_t n)
{
	trace = (struct trace){ 0 };
	talk_begin(k, &codec, &(struct peer){ .steps = steps, .n = n }, 10000);
	k->task.trace = &trace;
}

static void
finish(struct talk *k)
{
	talk_end(k, box->close);
	assert_null(strstr(buf_str(&trace.out), "s3cret"));
	assert_null(strstr(buf_str(&trace.out), "YWRtaW46czNjcmV0"));
	trace_free(&trace);
}

static void
status_is(struct talk *k, enum err expected)
{
	struct endpoint_status s;
	assert_int_equal(box->status(&k->task, &k->lane, &s), expected);
	finish(k);
}

static void
tells_what_it_is_and_its_call(void **unused)
{
	OPENED({ { AT("SystemUnit"), BASIC }, .body = UNIT_DOC },
		{ { AT("Call"), BASIC }, .body = CALL_DOC },
		{ { AT("SystemUnit"), BASIC }, .body = UNIT_DOC });
	struct identity who;
	struct endpoint_status s;
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.model, "TANDBERG 6000 MXP");
	assert_string_equal(who.software, "F8.2");
	assert_string_equal(who.serial, "24A1");
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, YES);
	assert_string_equal(s.far_address, "5020020");
	assert_int_equal(s.mic_muted, UNKNOWN); /* a setting: only over telnet */
	assert_int_equal(s.uptime_s.v, 77);
	assert_true(s.sampled);
	const struct stream *a = &s.media.s[AUDIO][TO_SITE], *v = &s.media.s[VIDEO][TO_SITE];
	assert_int_equal(a->open, YES);
	assert_int_equal(a->packets.v, 801748);
	assert_int_equal(a->lost.v, 2);
	assert_int_equal(a->kbps.v, 64);
	assert_int_equal(v->open, NO);
	assert_false(v->packets.known); /* the second picture's */
	finish(&k);
}

static void
a_box_may_ask_for_nothing(void **unused)
{
	BEGIN({ { AT("SystemUnit") }, .body = UNIT_DOC, .never = "Authorization" },
		{ { AT("SystemUnit") }, .body = UNIT_DOC, .never = "Authorization" });
	struct identity who;
	assert_int_equal(box->open(&k.task, &k.lane), OK);
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	finish(&k);
}

static void
a_box_may_want_a_digest(void **unused)
{
	BEGIN({ { AT("SystemUnit") }, .head = DENY("Digest nonce=\"x\",") },
		{ { AT("SystemUnit") }, .head = DENY("Digest nonce=\"x\",") },
		{ { AT("SystemUnit"), "Authorization: Digest username=\"admin\"" },
			.body = UNIT_DOC, .never = "s3cret" });
	assert_int_equal(box->open(&k.task, &k.lane), OK);
	finish(&k);
}

static void
orders_are_given_over_telnet_only(void **unused)
{
	OPENED({ { AT("Call") },
		.body = XML "<Status><Call item=\"1\" status=\"Alerting\"/></Status>" });
	assert_int_equal(box->dial(&k.task, &k.lane, "10.1.2.3", 0), ERR_UNSUPPORTED);
	assert_non_null(strstr(k.task.why, "only over telnet"));
	task_forgive(&k.task);
	assert_int_equal(box->mute(&k.task, &k.lane, true), ERR_UNSUPPORTED);
	task_forgive(&k.task);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_UNSUPPORTED);
	finish(&k);
}

static void
a_wrong_password_is_said_once(void **unused)
{
	BEGIN({ { AT("SystemUnit") }, .head = DENY("Basic") },
		{ { AT("SystemUnit"), "Authorization: Basic" }, .head = DENY("Basic") });
	k.device.password = "wrong";
	assert_int_equal(box->open(&k.task, &k.lane), ERR_AUTH);
	assert_string_equal(k.task.word, "login-refused");
	finish(&k);
	assert_int_equal(k.peer.done, 2);
	assert_int_equal(k.peer.extra, 0);
}

static void
documents_that_are_none(void **unused)
{
	static const struct {
		const char *body;
		enum err class;
	} table[] = {
		{ XML "<Fault><XPathError>no such element</XPathError></Fault>", ERR_UNSUPPORTED },
		{ XML "<Configuration/>", ERR_PROTOCOL },
		{ XML "<Status/>", ERR_PROTOCOL },
		{ XML "<Status><Call item=\"1\" status=\"Syn", ERR_PROTOCOL },
		{ "<!DOCTYPE a [<!ENTITY b 'c'>]><Status>&b;</Status>", ERR_PROTOCOL },
		{ "\x01\x02\x03", ERR_PROTOCOL },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const struct peer_step steps[] = { IN, { { AT("Call") }, .body = table[i].body } };
		struct talk k;
		begin(&k, steps, STEPS_N);
		assert_int_equal(box->open(&k.task, &k.lane), OK);
		status_is(&k, table[i].class);
	}
}

static void
it_says_no(void **unused)
{
	OPENED({ { AT("Call") }, .head = "503 Busy" });
	status_is(&k, ERR_BUSY);
}

static void
a_silent_box_ends_at_the_deadline(void **unused)
{
	OPENED({ { AT("Call") }, PEER_HANG });
	k.task.deadline = clock_mono() + 1500;
	status_is(&k, ERR_TIMEOUT);
}

/* It only reads, so it is asked a second time. */
static void
an_answer_cut_in_the_middle_is_asked_again(void **unused)
{
	OPENED({ { AT("Call") }, PEER_CUT, .body = CALL_DOC }, { { AT("Call") }, .body = CALL_DOC },
		{ { AT("SystemUnit") }, .body = UNIT_DOC });
	status_is(&k, OK);
}

static void
cancelled_is_cancelled(void **unused)
{
	OPENED({ { AT("Call") }, PEER_CANCEL });
	status_is(&k, ERR_CANCELED);
}

static void
garbage_is_no_answer(void **unused)
{
	OPENED({ { AT("Call") }, PEER_GARBAGE });
	status_is(&k, ERR_PROTOCOL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_what_it_is_and_its_call),
		cmocka_unit_test(a_box_may_ask_for_nothing),
		cmocka_unit_test(a_box_may_want_a_digest),
		cmocka_unit_test(orders_are_given_over_telnet_only),
		cmocka_unit_test(a_wrong_password_is_said_once),
		cmocka_unit_test(documents_that_are_none),
		cmocka_unit_test(it_says_no),
		cmocka_unit_test(a_silent_box_ends_at_the_deadline),
		cmocka_unit_test(an_answer_cut_in_the_middle_is_asked_again),
		cmocka_unit_test(cancelled_is_cancelled),
		cmocka_unit_test(garbage_is_no_answer),
	};
	signal(SIGPIPE, SIG_IGN);
	http_global_init();
	xml_global_init();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return failed;
}
