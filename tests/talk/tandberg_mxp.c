/* Talks with a Tandberg MXP on telnet: what it answers, and the traps of its sources: "*s/end"
 * without a blank, per answer or per call, with or without OK behind it; Synced and not Connected;
 * a negotiated rate beside the measured one; the second picture. */
#include "adapters/adapter.h"

#include "adapters/internal.h"
#include "adapters/tandberg_mxp.h"

#include "tests/talk/line_talk.h"

#include <signal.h>

static const struct endpoint_adapter *const box = &tandberg_mxp_adapter;
static const struct device codec = { .name = "site:chu-tuc",
	.adapter = "tandberg-mxp",
	.url = "telnet://127.0.0.1:PORT",
	.password = "s3cret" };

#define OK_LINE "\nOK\n"
#define IN \
	{ "s3cret", OK_LINE }, { "echo off", "echo off\noff\n" }, \
	{ \
		"xpreferences detaillevel 2", OK_LINE \
	}
#define HELLO \
	"\xff\xfd\x18\xff\xfb\x01Welcome to Chu Tuc\nTANDBERG Codec Release F8.2 " \
	"NTSC\n\nPassword: "
#define IDLE "*s Call 1 (status=Idle): /\n*s Call 2 (status=Idle): /\n"
#define MIC(word) \
	{ \
		"xconfiguration audio microphones mode", \
			"*c xConfiguration Audio Microphones Mode: " word "\n*c/end\n" OK_LINE \
	}
#define UNIT \
	{ \
		"xstatus systemunit", \
			"*s SystemUnit:\n  ProductType: \"TANDBERG Codec\"\n  ProductId: " \
			"\"TANDBERG 6000 MXP\"\n" \
			"  Uptime: 15123\n  Software:\n    Version: \"F8.2 NTSC\"\n  Hardware:\n" \
			"    Version: \"EP 1.0\"\n    SerialNumber: " \
			"\"24A00001\"\n*s/end\n" OK_LINE \
	}
#define MEDIUM(name, rate, packets, lost) \
	"    " name \
	" (status=Active):\n      Protocol: H264\n      Resolution: 720p\n      Rate: 9999\n" \
	"      Encryption (status=Off): /\n      RSVPRate: 0\n      DynamicRate: " rate \
	"\n      TotalPackets: " packets "\n      PacketLoss: " lost "\n      Jitter: 7\n"
#define CALL(status) \
	"*s Call 1 (status=" status \
	", type=Vtlph, protocol=H323, direction=Outgoing, logTag=1):\n" \
	"  CallRate: 384\n  RemoteNumber: \"5020020\"\n  Mute: Off\n"
#define CHANNELS \
	"  Channels 1 (type=Incoming):\n    Rate: 384\n    Encryption (status=Off): /\n" MEDIUM( \
		"Audio", "64", "801748", "2") MEDIUM("Video 1", "160", "1603496", \
		"9") "    Video 2 (status=Inactive): /\n    Data (status=Inactive): /\n" \
		     "  Channels 2 (type=Outgoing):\n    Rate: 384\n" MEDIUM("Audio", "63", \
			     "801000", "4") "    Video 1 (status=Inactive): /\n" MEDIUM("Video 2", \
			     "777", "777", "777")

static const struct peer far_end = { .greeting = HELLO, .eol = "\r\n" };

#include "tests/talk/line_stage.h"

/* ---- it works -------------------------------------------------------------------------------- */

static void
tells_what_it_is(void **unused)
{
	OPENED(UNIT);
	struct identity who;
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.vendor, "Tandberg");
	assert_string_equal(who.model, "TANDBERG 6000 MXP");
	assert_string_equal(who.software, "F8.2 NTSC");
	assert_string_equal(who.serial, "24A00001");
	assert_int_equal(who.uptime_s.v, 15123);
	k.peer.refuses = "\xff\xfc\x18\xff\xfe\x01";
	finish(&k);
}

static void
tells_its_call(void **unused)
{
	OPENED({ "xstatus call",
		       CALL("Synced") CHANNELS "*s Call 2 (status=Idle): /\n*s/end\n" OK_LINE },
		MIC("Off"), UNIT);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, YES);
	assert_string_equal(s.far_address, "5020020");
	assert_int_equal(s.mic_muted, YES);
	assert_int_equal(s.auto_answer, UNKNOWN);
	assert_int_equal(s.uptime_s.v, 15123);
	assert_int_equal(s.uptime_step_s, 1);
	assert_true(s.sampled);
	const struct stream *a = &s.media.s[AUDIO][TO_SITE], *v = &s.media.s[VIDEO][TO_SITE];
	assert_int_equal(a->packets.v, 801748);
	assert_int_equal(a->lost.v, 2);
	assert_int_equal(a->kbps.v, 64); /* what flows, not what was agreed */
	assert_int_equal(v->packets.v, 1603496);
	assert_int_equal(v->jitter_ms.v, 7);
	assert_int_equal(v->width.v, 1280);
	assert_int_equal(v->open, YES);
	assert_int_equal(s.media.s[AUDIO][FROM_SITE].packets.v, 801000);
	assert_false(s.media.s[AUDIO][FROM_SITE].lost.known); /* whose count it is, nobody says */
	assert_int_equal(s.media.s[VIDEO][FROM_SITE].open, NO);
	/* the second picture's are not its */
	assert_false(s.media.s[VIDEO][FROM_SITE].packets.known);
	finish(&k);
}

static void
orders_reach_it(void **unused)
{
	OPENED({ "xstatus call", IDLE "*s/end\n" OK_LINE },
		{ "xcommand dial number: 10.1.2.3 callrate: 768",
			"*r Result (status=OK): /\n*r/end\n" OK_LINE },
		{ "xstatus call",
			CALL("Alerting") "*s/end\n*s Call 2 (status=Idle): /\n*s/end\n" OK_LINE },
		{ "xcommand disconnectcall call: 1", OK_LINE },
		{ "xconfiguration audio microphones mode: on", OK_LINE }, MIC("On"));
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:10.1.2.3", 768), OK);
	assert_int_equal(box->hangup(&k.task, &k.lane), OK);
	assert_int_equal(box->mute(&k.task, &k.lane, false), OK);
	finish(&k);
}

/* ---- its traps ------------------------------------------------------------------------------- */

/* Dialled twice, a room howls. */
static void
does_not_dial_into_a_call(void **unused)
{
	OPENED({ "xstatus call", CALL("Synced") "*s/end\n" OK_LINE },
		{ "xstatus call", CALL("Alerting") "*s/end\n" OK_LINE },
		{ "xstatus call", CALL("ClearOut") "*s/end\n" OK_LINE },
		{ "xcommand dial number: 10.1.2.3", OK_LINE });
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:5020020", 0), OK);
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:10.1.2.3", 0), ERR_BUSY);
	task_forgive(&k.task);
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:10.1.2.3", 0), OK);
	finish(&k);
}

/* One of two ended by itself before its turn; then one that did not. */
static void
every_call_is_hung_up(void **unused)
{
	OPENED({ "xstatus call", CALL("Synced") "*s Call 2 (status=Synced): /\n*s/end\n" OK_LINE },
		{ "xcommand disconnectcall call: 1", "\nERROR\n" },
		{ "xcommand disconnectcall call: 2", OK_LINE },
		{ "xstatus call", CALL("Idle") "*s Call 2 (status=ClearOut): /\n*s/end\n" OK_LINE },
		{ "xstatus call", CALL("Synced") "*s/end\n" OK_LINE },
		{ "xcommand disconnectcall call: 1", "\nERROR\n" },
		{ "xstatus call", CALL("Synced") "*s/end\n" OK_LINE });
	assert_int_equal(box->hangup(&k.task, &k.lane), OK);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "disconnectcall"));
	finish(&k);
}

/* Feedback told the same call a moment before, and less of it: the answer replaces it. */
static void
a_call_told_twice_is_one(void **unused)
{
	struct mxp_calls c = { .direction = -1, .medium = -1 };
	static const char *const lines[] = {
		"*s Call 1 (status=Synced, type=Vtlph, protocol=H323, direction=Outgoing):",
		"  RemoteNumber: \"5020020\"", "*s/end", "*s Call 1 (status=Idle): /",
		"*s Call 2 (status=Idle): /", "*s/end"
	};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		mxp_read_call(&c, lines[i]);
	assert_int_equal(c.n, 2);
	assert_null(mxp_main_call(&c));
}

static void
connected_is_not_yet_synced(void **unused)
{
	static const struct {
		const char *word;
		enum tri in_call;
	} table[] = { { "Connected", NO }, { "EstablOut", NO }, { "ClearIn", NO },
		{ "Unframed", UNKNOWN }, { "Synced", YES }, { "synced", YES }, { "", UNKNOWN } };
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct mxp_calls c = { .direction = -1, .medium = -1 };
		char line[120];
		snprintf(line, sizeof line, "*s Call 3 (status=%s, type=Vtlph):", table[i].word);
		assert_true(mxp_read_call(&c, line));
		const struct mxp_call *one = mxp_main_call(&c);
		assert_non_null(one);
		assert_int_equal(one->id, 3);
		assert_int_equal(one->state == MXP_UP	   ? YES
				 : one->state == MXP_OTHER ? UNKNOWN
							   : NO,
			table[i].in_call);
	}
}

/* The end of one element is not the end of the answer, and no OK may come behind the last one. */
static void
an_end_per_call_and_no_ok(void **unused)
{
	OPENED({ "xstatus call",
		       "*s Call 1 (status=Idle): /\n*s/end\n*s Call 2 (status=Synced, type=Tlph):\n"
		       "  RemoteNumber: \"77\"\n*s/end\n" },
		MIC("On"), UNIT);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, YES);
	assert_string_equal(s.far_address, "77");
	assert_false(s.sampled);
	finish(&k);
}

/* Cisco's later codecs end with "** end": here it is a line without a meaning. */
static void
the_end_of_another_family(void **unused)
{
	OPENED({ "xstatus call", IDLE "** end\n" });
	line_talk_status(&k, box, 600, ERR_TIMEOUT);
}

/* An OK that came late, and feedback on something else, before the answer. */
static void
what_belongs_to_others_is_passed_over(void **unused)
{
	OPENED({ "xstatus call", "OK\n*s SystemUnit:\n  Uptime: 4\n*s/end\n*e DownSpeeding\n" CALL(
					 "Synced") "*s Video:\n"
						   "  RemoteNumber: \"666\"\n*s/end\n" OK_LINE },
		MIC("On"), UNIT);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_string_equal(s.far_address, "5020020");
	finish(&k);
}

static void
a_box_without_a_password(void **unused)
{
	TALK({ "echo off", "echo off\noff\n" }, { "xpreferences detaillevel 2", OK_LINE }, UNIT);
	line_talk_begin(&k, &codec,
		&(struct peer){ .greeting = "Welcome to X\n\nOK\n",
			.eol = "\r\n",
			.steps = steps,
			.n = STEPS_N });
	struct identity who;
	assert_int_equal(box->open(&k.task, &k.lane), OK);
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	finish(&k);
}

/* ---- it does not work ------------------------------------------------------------------------ */

static void
it_says_no(void **unused)
{
	OPENED({ "xstatus call", IDLE "*s/end\n" OK_LINE },
		{ "xcommand dial number: x", "ERROR\n" },
		{ "xstatus call", IDLE "*s/end\n" OK_LINE },
		{ "xcommand dial number: x", "*r Result (status=Error):\nOK\n" },
		{ "xstatus systemunit", "Command not recognized.\n" },
		{ "xstatus call", IDLE "*s/end\n" OK_LINE });
	struct identity who;
	assert_int_equal(box->dial(&k.task, &k.lane, "x", 0), ERR_REFUSED);
	task_forgive(&k.task);
	assert_int_equal(box->dial(&k.task, &k.lane, "x", 0), ERR_REFUSED);
	task_forgive(&k.task);
	assert_int_equal(box->probe(&k.task, &k.lane, &who), ERR_UNSUPPORTED);
	task_forgive(&k.task);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	finish(&k);
}

static void
a_mute_that_does_not_hold(void **unused)
{
	OPENED({ "xconfiguration audio microphones mode: off", OK_LINE }, MIC("On"));
	assert_int_equal(box->mute(&k.task, &k.lane, true), ERR_REFUSED);
	finish(&k);
}

static void
what_a_version_lacks_is_unknown(void **unused)
{
	OPENED({ "xstatus call", IDLE "*s/end\n" OK_LINE },
		{ "xconfiguration audio microphones mode", "Command not recognized.\n" },
		{ "xstatus systemunit", "ERROR\n" });
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, NO);
	assert_int_equal(s.mic_muted, UNKNOWN);
	assert_false(s.uptime_s.known);
	finish(&k);
}

static void
an_address_cannot_carry_a_command(void **unused)
{
	static const char *const bad[] = { "", "h323:", "1 callrate: 64", "1\r\nxcommand boot",
		"\"" };
	char out[256];
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(mxp_dial_command(out, sizeof out, bad[i], 0));
	assert_false(mxp_dial_command(out, 24, "10.1.2.3", 0));
	assert_true(mxp_dial_command(out, sizeof out, "sip:a@b.example", 0));
	assert_string_equal(out, "xcommand dial number: a@b.example");
}

static void
garbage_is_no_answer(void **unused)
{
	OPENED({ "xstatus call",
		"\x01\x02\xc3(\n*s Call\n*s Cal 1 (status=Synced):\n    TotalPackets: 1\n" });
	line_talk_status(&k, box, 600, ERR_TIMEOUT);
}

static void
more_calls_than_there_can_be(void **unused)
{
	static char many[2000];
	for (int i = 1; i <= MXP_CALLS_MOST + 1; i++)
		snprintf(many + strlen(many), sizeof many - strlen(many),
			"*s Call %d (status=Idle): /\n", i);
	snprintf(many + strlen(many), sizeof many - strlen(many), "*s/end\nOK\n");
	const struct peer_step steps[] = { IN, { "xstatus call", many } };
	struct talk k;
	struct endpoint_status s;
	begin(&k, steps, STEPS_N);
	open_it(&k);
	assert_int_equal(box->status(&k.task, &k.lane, &s), ERR_PROTOCOL);
	finish(&k);
}

static void
a_silent_box_ends_at_the_deadline(void **unused)
{
	OPENED({ "xstatus call", "", SILENT });
	line_talk_status(&k, box, 500, ERR_TIMEOUT);
}

static void
the_line_drops_in_the_middle(void **unused)
{
	OPENED({ "xstatus call", CALL("Synced") "  Channels 1 (type=Inc", HANG_UP });
	line_talk_status(&k, box, 0, ERR_GONE);
}

static void
a_cancelled_dial_ends_at_once(void **unused)
{
	OPENED({ "xstatus call", IDLE "*s/end\n" OK_LINE },
		{ "xcommand dial number: 10.1.2.3", "", CANCEL });
	line_talk_cancelled(&k, box);
}

static void
a_wrong_password_is_said_once(void **unused)
{
	BEGIN({ "wr0ng", "\nPassword incorrect\n\nPassword: " });
	line_talk_refused(&k, box);
}

static void
hanging_up_on_the_password_is_a_no(void **unused)
{
	BEGIN({ "s3cret", "Login incorrect\n", HANG_UP });
	assert_int_equal(box->open(&k.task, &k.lane), ERR_AUTH);
	assert_string_equal(k.task.word, "login-refused");
	finish(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_what_it_is),
		cmocka_unit_test(tells_its_call),
		cmocka_unit_test(orders_reach_it),
		cmocka_unit_test(does_not_dial_into_a_call),
		cmocka_unit_test(every_call_is_hung_up),
		cmocka_unit_test(a_call_told_twice_is_one),
		cmocka_unit_test(connected_is_not_yet_synced),
		cmocka_unit_test(an_end_per_call_and_no_ok),
		cmocka_unit_test(the_end_of_another_family),
		cmocka_unit_test(what_belongs_to_others_is_passed_over),
		cmocka_unit_test(a_box_without_a_password),
		cmocka_unit_test(it_says_no),
		cmocka_unit_test(a_mute_that_does_not_hold),
		cmocka_unit_test(what_a_version_lacks_is_unknown),
		cmocka_unit_test(an_address_cannot_carry_a_command),
		cmocka_unit_test(garbage_is_no_answer),
		cmocka_unit_test(more_calls_than_there_can_be),
		cmocka_unit_test(a_silent_box_ends_at_the_deadline),
		cmocka_unit_test(the_line_drops_in_the_middle),
		cmocka_unit_test(a_cancelled_dial_ends_at_once),
		cmocka_unit_test(a_wrong_password_is_said_once),
		cmocka_unit_test(hanging_up_on_the_password_is_a_no),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
