/* Talks with a LifeSize command line over telnet: what it answers, and the traps of its sources: an
 * "ok,00" that answers nothing, lines told unasked before the echo, names with commas, an order to
 * mute that reaches another microphone. Over SSH only the way in differs:
 * tests/talk/lifesize_ssh.c. */
#include "adapters/adapter.h"

#include "adapters/internal.h"
#include "adapters/lifesize.h"

#include "tests/talk/line_talk.h"

#include <signal.h>

static const struct endpoint_adapter *const box = &lifesize_adapter;
static const struct device codec = { .name = "site:chu-tuc",
	.adapter = "lifesize",
	.url = "telnet://127.0.0.1:PORT",
	.user = "auto",
	.password = "s3cret" };

/* The answer to one command: echo, data, verdict, prompt. */
#define SAYS(command, data) { command, command "\n" data "\nok,00\n$ " }
#define FAILS(command, code) { command, command "\n\nerror," code "\n$ " }
#define IN { "auto", "auto\nPassword: " }, { "s3cret", "\n$ " }, SAYS("set help-mode off", "")
#define ACTIVE "status call active -D |"

static const struct peer far_end = { .greeting = "\xff\xfd\x18login: ", .eol = "\r\n" };

#include "tests/talk/line_stage.h"

/* ---- it works -------------------------------------------------------------------------------- */

static void
tells_what_it_is(void **unused)
{
	OPENED(SAYS("get system model", "LifeSize,Room 220\n"),
		SAYS("get system version", "x,LS_RM2_4.7.22 (19)\n"),
		SAYS("get system serial-number", "C1,S2\n"),
		SAYS("get system uptime", "1,2,3,4\n"));
	struct identity who;
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.vendor, "LifeSize");
	assert_string_equal(who.model, "Room 220");
	assert_string_equal(who.software, "LS_RM2_4.7.22 (19)");
	assert_string_equal(who.serial, "S2");
	assert_int_equal(who.uptime_s.v, 86400 + 2 * 3600 + 3 * 60 + 4);
	finish(&k);
}

#define SETTINGS \
	SAYS("get audio mute", "on\n"), SAYS("get call auto-answer", "off\n"), \
		SAYS("get call auto-mute", "on\n"), SAYS("get system uptime", "0,0,5,0\n")

/* A name with both delimiters, a call beside it that has ended. */
static void
tells_its_call(void **unused)
{
	OPENED(SAYS(ACTIVE,
		       "3|1|Terminated|No|Video|10.9.9.9|||sip|\n"
		       "4|1|Call Encrypted|Yes|Video|10.1.2.3|Phòng họp, xã|1920|h323||00:10:02\n"),
		SETTINGS);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, YES);
	assert_string_equal(s.far_address, "10.1.2.3");
	assert_int_equal(s.mic_muted, YES);
	assert_int_equal(s.auto_answer, NO);
	assert_int_equal(s.auto_answer_muted, YES);
	assert_int_equal(s.uptime_s.v, 300);
	assert_int_equal(s.uptime_step_s, 1);
	assert_false(s.sampled); /* whose the losses are is not told */
	finish(&k);
}

static void
no_call_is_no_line(void **unused)
{
	OPENED(SAYS(ACTIVE, ""), SETTINGS);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, NO);
	assert_string_equal(s.far_address, "");
	finish(&k);
}

static void
a_call_being_set_up_is_none_yet(void **unused)
{
	OPENED(SAYS(ACTIVE, "4|1|Ringing|Yes|Unknown|10.1.2.3|||h323|\n"), SETTINGS);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, NO);
	assert_string_equal(s.far_address, "10.1.2.3");
	finish(&k);
}

/* "Remote Pres Begin" and what nobody has listed. */
static void
a_state_without_a_meaning_is_unknown(void **unused)
{
	OPENED(SAYS(ACTIVE, "4|1|Remote Pres Begin|Yes|Video|10.1.2.3|||h323|\n"), SETTINGS,
		SAYS(ACTIVE, "4|1|Remote Pres Begin|Yes|Video|10.1.2.3|||h323|\n"
			     "5|1|Terminated|No|Video|10.9.9.9|||sip|\n"),
		SETTINGS);
	struct endpoint_status s;
	for (int i = 0; i < 2; i++) { /* whatever ended beside it */
		assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
		assert_int_equal(s.in_call, UNKNOWN);
	}
	finish(&k);
}

/* An older version: the option is refused once and not tried again. */
static void
asks_without_the_delimiter_where_it_is_not_known(void **unused)
{
	OPENED(FAILS(ACTIVE, "08"),
		SAYS("status call active",
			"4,1,Connected,No,Video,10.1.2.3,Phòng họp, xã,1920,h323,,00:10:02\n"),
		SETTINGS, SAYS("status call active", ""), SETTINGS);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, YES);
	assert_string_equal(s.far_address, "10.1.2.3");
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, NO);
	finish(&k);
}

static void
orders_reach_it(void **unused)
{
	OPENED(SAYS(ACTIVE, "3|1|Terminated|No|Video|10.9.9.9|||sip|\n"),
		SAYS("control call dial 10.1.2.3", ""), SAYS("control call hangup -a", ""),
		SAYS("set system message \"Xin chào\" -t 30", ""));
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:10.1.2.3", 1920), OK);
	assert_int_equal(box->hangup(&k.task, &k.lane), OK);
	assert_int_equal(box->message(&k.task, &k.lane, "Xin chào", 30), OK);
	finish(&k);
}

#define PAST(id, number, lasted, code) \
	id "|1|Xã|10.0.0.1|Hội trường|" number "|" number \
	   "|2026-02-03 07:00:00|2026-02-03 07:10:00|" lasted \
	   "|In|h323|no|1920|1920|a|b|c|d|e|f|g|h|i|" code "|0|0|0|0\n"

/* In whatever order; the newest five; a line that is none is passed over. */
static void
tells_past_calls(void **unused)
{
	OPENED(SAYS("status call history -f -X -D |",
		PAST("7", "77", "00:00:07", "16") PAST("9", "99", "01:00:09", "") PAST("2", "22",
			"00:00:02", "31") PAST("8", "88", "00:00:08", "17") "10|1|a|b\n" PAST("11",
			"x", "ten minutes", "1") PAST("4", "44", "00:00:04", "1")
			PAST("5", "55", "00:00:05", "1") PAST("12", "12", "00:59:59", "-1")));
	struct history h;
	static const char *const far[] = { "12", "99", "88", "77", "55" };
	assert_int_equal(box->history(&k.task, &k.lane, &h), OK);
	assert_int_equal(h.n, 5);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(h.at[i].far_address, far[i]);
	assert_int_equal(h.at[0].duration_s.v, 3599);
	assert_string_equal(h.at[0].ending.device_words, "TermCode -1");
	assert_int_equal(h.at[0].ending.cause, CAUSE_UNKNOWN);
	assert_false(h.at[0].ended_ago_s.known);
	assert_int_equal(h.at[1].duration_s.v, 3609);
	assert_string_equal(h.at[1].ending.device_words, "");
	finish(&k);
}

static void
a_version_without_a_history(void **unused)
{
	OPENED(FAILS("status call history -f -X -D |", "0d"),
		FAILS("status call history -f -X -D |", "09"));
	struct history h;
	/* "no data": it has had no call */
	assert_int_equal(box->history(&k.task, &k.lane, &h), OK);
	assert_int_equal(h.n, 0);
	assert_int_equal(box->history(&k.task, &k.lane, &h), ERR_UNSUPPORTED);
	finish(&k);
}

/* ---- its traps ------------------------------------------------------------------------------- */

/* All of it stands between the last prompt and the echo, an "ok,00" for nobody included. */
static void
what_comes_before_the_echo_answers_nothing(void **unused)
{
	OPENED({ ACTIVE, "\nCS,4,1,Connected,Video,10.1.2.3,x\n\nok,00\n$ "
			 "\nMS,true\n\nerror,0c\n$ " ACTIVE
			 "\n4|1|Connected|Yes|Video|10.1.2.3|||h323||00:00:02\n\nok,00\n$ " },
		SETTINGS);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, YES);
	finish(&k);
}

/* The answer to a command before this one, late and whole. */
static void
a_late_answer_is_not_this_one(void **unused)
{
	OPENED({ ACTIVE, "get audio mute\non\n\nok,00\n$ " ACTIVE "\n\nok,00\n$ " }, SETTINGS);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, NO);
	finish(&k);
}

static void
told_between_the_lines_of_an_answer(void **unused)
{
	OPENED({ ACTIVE, ACTIVE "\nIC,5,1,Ringing,Video,10.7.7.7\n4|1|Connected|Yes|Video|10.1.2.3|"
				"||h323||00:00:02\n"
				"SS,false\n\nok,00\n$ " },
		SETTINGS);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_string_equal(s.far_address, "10.1.2.3");
	finish(&k);
}

/* Told behind the echo, with an "ok,00" of its own: the answer is still to come. Where nothing
 * more comes it was the answer's. */
static void
an_ok_behind_news_may_be_the_news(void **unused)
{
	OPENED({ ACTIVE, ACTIVE "\nCS,4,1,Connected,Video,10.1.2.3,x\n\nok,00\n"
				"4|1|Connected|Yes|Video|10.1.2.3|||h323||00:00:02\n\nok,00\n$ " },
		SETTINGS, { ACTIVE, ACTIVE "\nMS,true\n\nok,00\n$ " }, SETTINGS);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, YES);
	assert_int_equal(s.mic_muted, YES);
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, NO);
	finish(&k);
}

/* Dialled twice, a room howls. */
static void
does_not_dial_into_a_call(void **unused)
{
	OPENED(SAYS(ACTIVE, "4|1|Connected|Yes|Video|10.1.2.3|||h323||00:00:02\n"),
		SAYS(ACTIVE, "4|1|Ringing|Yes|Unknown|10.1.2.3|||h323|\n"));
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:10.1.2.3", 0), OK);
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:10.1.2.4", 0), ERR_BUSY);
	finish(&k);
}

static void
mutes_every_microphone(void **unused)
{
	OPENED(SAYS("get audio mute-device", "active-mic\n"), SAYS("set audio mute-device all", ""),
		SAYS("set audio mute on", ""), SAYS("set audio mute-device active-mic", ""),
		SAYS("get audio mute", "on\n"));
	assert_int_equal(box->mute(&k.task, &k.lane, true), OK);
	finish(&k);
}

static void
an_ok_that_did_not_mute(void **unused)
{
	OPENED(SAYS("get audio mute-device", "all\n"), SAYS("set audio mute on", ""),
		SAYS("get audio mute", "off\n"));
	assert_int_equal(box->mute(&k.task, &k.lane, true), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "it stayed off"));
	finish(&k);
}

static void
a_refused_mute_leaves_the_setting_as_it_was(void **unused)
{
	OPENED(SAYS("get audio mute-device", "active-mic\n"), SAYS("set audio mute-device all", ""),
		FAILS("set audio mute off", "0c"), SAYS("set audio mute-device active-mic", ""));
	assert_int_equal(box->mute(&k.task, &k.lane, false), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "operational error"));
	finish(&k);
}

/* ---- it does not work ------------------------------------------------------------------------ */

static void
codes_have_classes(void **unused)
{
	OPENED(FAILS("control call hangup -a", "0e"), SAYS(ACTIVE, ""),
		FAILS("control call dial x", "04"), SAYS(ACTIVE, ""),
		FAILS("control call dial x", "12"), SAYS(ACTIVE, ""),
		FAILS("control call dial x", "7f"));
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	task_forgive(&k.task);
	assert_int_equal(box->dial(&k.task, &k.lane, "x", 0), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "invalid parameter"));
	task_forgive(&k.task);
	assert_int_equal(box->dial(&k.task, &k.lane, "x", 0), ERR_UNSUPPORTED);
	task_forgive(&k.task);
	assert_int_equal(box->dial(&k.task, &k.lane, "x", 0), ERR_REFUSED);
	finish(&k);
}

static void
what_a_version_lacks_is_unknown(void **unused)
{
	OPENED(SAYS(ACTIVE, ""), FAILS("get audio mute", "12"), FAILS("get call auto-answer", "09"),
		SAYS("get call auto-mute", "perhaps\n"), SAYS("get system uptime", "5 minutes\n"));
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.mic_muted, UNKNOWN);
	assert_int_equal(s.auto_answer, UNKNOWN);
	assert_int_equal(s.auto_answer_muted, UNKNOWN);
	assert_false(s.uptime_s.known);
	finish(&k);
}

static void
an_address_cannot_carry_a_command(void **unused)
{
	OPENED(SAYS("get audio mute", "off\n"));
	static const char *const bad[] = { "", "sip:", "10.1.2.3 -x", "10.1.2.3\ncontrol reboot 1",
		"-a", "\"" };
	const char *text;
	k.peer.n--;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(box->dial(&k.task, &k.lane, bad[i], 0), ERR_INPUT);
		task_forgive(&k.task);
	}
	text = "say \"x\"";
	assert_int_equal(box->message(&k.task, &k.lane, text, 5), ERR_INPUT);
	finish(&k);
}

static void
a_line_that_is_no_call(void **unused)
{
	OPENED(SAYS(ACTIVE, "4|1|Connected|Maybe|Video|10.1.2.3\n"));
	line_talk_status(&k, box, 0, ERR_PROTOCOL);
}

static void
garbage_is_no_answer(void **unused)
{
	OPENED({ ACTIVE, "\x01\xff\xff\xc3(\n" ACTIVE "\n\xc3\x28\x80\x81\n\nok,00\n$ " });
	line_talk_status(&k, box, 0, ERR_PROTOCOL);
}

static void
a_silent_box_ends_at_the_deadline(void **unused)
{
	OPENED({ ACTIVE, "", SILENT });
	line_talk_status(&k, box, 500, ERR_TIMEOUT);
}

static void
the_line_drops_in_the_middle(void **unused)
{
	OPENED({ ACTIVE, ACTIVE "\n4|1|Conn", HANG_UP });
	line_talk_status(&k, box, 0, ERR_GONE);
}

static void
a_cancelled_dial_ends_at_once(void **unused)
{
	OPENED(SAYS(ACTIVE, ""), { "control call dial 10.1.2.3", "", CANCEL });
	line_talk_cancelled(&k, box);
}

static void
a_wrong_password_is_said_once(void **unused)
{
	BEGIN({ "auto", "auto\nPassword: " }, { "wr0ng", "\nLogin incorrect\nlogin: " });
	line_talk_refused(&k, box);
}

static void
another_scheme_is_not_spoken(void **unused)
{
	BEGIN({ 0 });
	k.peer.n = 0;
	k.device.url = "https://127.0.0.1/";
	assert_int_equal(box->open(&k.task, &k.lane), ERR_UNSUPPORTED);
	finish(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_what_it_is),
		cmocka_unit_test(tells_its_call),
		cmocka_unit_test(no_call_is_no_line),
		cmocka_unit_test(a_call_being_set_up_is_none_yet),
		cmocka_unit_test(a_state_without_a_meaning_is_unknown),
		cmocka_unit_test(asks_without_the_delimiter_where_it_is_not_known),
		cmocka_unit_test(orders_reach_it),
		cmocka_unit_test(tells_past_calls),
		cmocka_unit_test(a_version_without_a_history),
		cmocka_unit_test(what_comes_before_the_echo_answers_nothing),
		cmocka_unit_test(a_late_answer_is_not_this_one),
		cmocka_unit_test(told_between_the_lines_of_an_answer),
		cmocka_unit_test(an_ok_behind_news_may_be_the_news),
		cmocka_unit_test(does_not_dial_into_a_call),
		cmocka_unit_test(mutes_every_microphone),
		cmocka_unit_test(an_ok_that_did_not_mute),
		cmocka_unit_test(a_refused_mute_leaves_the_setting_as_it_was),
		cmocka_unit_test(codes_have_classes),
		cmocka_unit_test(what_a_version_lacks_is_unknown),
		cmocka_unit_test(an_address_cannot_carry_a_command),
		cmocka_unit_test(a_line_that_is_no_call),
		cmocka_unit_test(garbage_is_no_answer),
		cmocka_unit_test(a_silent_box_ends_at_the_deadline),
		cmocka_unit_test(the_line_drops_in_the_middle),
		cmocka_unit_test(a_cancelled_dial_ends_at_once),
		cmocka_unit_test(a_wrong_password_is_said_once),
		cmocka_unit_test(another_scheme_is_not_spoken),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
