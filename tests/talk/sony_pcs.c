/* Talks with a Sony PCS on telnet: what little it answers, what it tells unasked, and the traps of
 * its source: the first bytes are a negotiation (FF FD 18), prompts without a line end stick to
 * echoes and to news, the order to hang up and the news of it are one word, nothing asks for the
 * call. */
#include "adapters/adapter.h"

#include "adapters/internal.h"
#include "adapters/sony_pcs.h"

#include "tests/talk/line_talk.h"

#include <signal.h>

static const struct endpoint_adapter *const box = &sony_pcs_adapter;
static const struct device codec = { .name = "site:chu-tuc",
	.adapter = "sony-pcs",
	.url = "telnet://127.0.0.1:PORT",
	.user = "sony",
	.password = "s3cret" };

#define P "CNTR>"
#define IN { "sony", "sony\nPassword:" }, { "s3cret", "\n" P }
#define POWER(word) { "status power", "status power\nstatus power " word "\n" P }
/* The same, with news before the answer. */
#define NEWS(text) { "status power", text "\n" P "status power\nstatus power power-on\n" P }

static const struct peer far_end = {
	.greeting = "\xff\xfd\x18\xff\xfd\x20\xff\xfd\x23\xff\xfd\x27login: "
};

#include "tests/talk/line_stage.h"

static void
is_in_call(struct talk *k, enum tri expected, const char *far)
{
	struct endpoint_status s;
	if (box->status(&k->task, &k->lane, &s))
		fail_msg("status: %s", k->task.why);
	assert_int_equal(s.in_call, expected);
	assert_string_equal(s.far_address, far);
	assert_int_equal(s.mic_muted, UNKNOWN);
	assert_int_equal(s.auto_answer, UNKNOWN);
	assert_false(s.sampled);
	assert_false(s.uptime_s.known);
}

/* ---- it works -------------------------------------------------------------------------------- */

static void
tells_that_it_is_on(void **unused)
{
	OPENED(POWER("power-on"), POWER("stand-by"));
	struct identity who;
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.vendor, "Sony");
	assert_string_equal(who.alarms, "");
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.alarms, "in stand-by: it takes no call");
	k.peer.refuses = "\xff\xfc\x18\xff\xfc\x20\xff\xfc\x23\xff\xfc\x27";
	finish(&k);
}

/* Not "no call": nothing was heard. */
static void
a_call_is_unknown_until_it_is_told(void **unused)
{
	OPENED(POWER("power-on"), NEWS("connect status\n3"), NEWS("connect complete"),
		POWER("power-on"), NEWS("disconnect"));
	is_in_call(&k, UNKNOWN, "");
	is_in_call(&k, NO, "");
	is_in_call(&k, YES, "");
	is_in_call(&k, YES, "");
	is_in_call(&k, NO, "");
	finish(&k);
}

static void
it_rings_and_is_answered(void **unused)
{
	OPENED(NEWS("ring manual\n10.1.2.3\n"),
		{ "answer accept", "answer accept\n" P "connect complete\n" P }, POWER("power-on"),
		NEWS("dial cancel"));
	is_in_call(&k, NO, "10.1.2.3");
	assert_int_equal(box->answer(&k.task, &k.lane), OK);
	is_in_call(&k, YES, "10.1.2.3");
	is_in_call(&k, NO, "");
	finish(&k);
}

static void
it_dials_and_hangs_up(void **unused)
{
	OPENED({ "dial /10.1.2.3/",
		       "dial /10.1.2.3/\n" P "connect status\n2\n" P "connect complete\n" P },
		{ "disconnect", "disconnect\n" P "disconnect\n" P }, POWER("power-on"));
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:10.1.2.3", 1024), OK);
	assert_int_equal(box->hangup(&k.task, &k.lane), OK);
	is_in_call(&k, NO, "");
	finish(&k);
}

/* ---- its traps ------------------------------------------------------------------------------- */

/* The echo of our order is no news of the call. */
static void
an_echo_is_no_goodbye(void **unused)
{
	OPENED(NEWS("connect complete"), { "disconnect", "disconnect\n" P }, POWER("power-on"));
	is_in_call(&k, YES, "");
	assert_int_equal(box->hangup(&k.task, &k.lane), OK);
	is_in_call(&k, UNKNOWN, "");
	finish(&k);
}

static void
a_refused_goodbye_leaves_the_call(void **unused)
{
	OPENED(NEWS("connect complete"), { "disconnect", "disconnect\nexecute error\n" P },
		POWER("power-on"));
	is_in_call(&k, YES, "");
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "execute error"));
	task_forgive(&k.task);
	is_in_call(&k, YES, "");
	finish(&k);
}

/* It rings, and who it is was not told: our own echo is no caller. */
static void
a_caller_without_a_name(void **unused)
{
	OPENED(NEWS("ring manual\n"), NEWS("ring manual\n"),
		{ "answer accept", "answer accept\n" P "on hold\nconnect complete\n" P },
		POWER("power-on"));
	is_in_call(&k, NO, "");
	is_in_call(&k, NO, "");
	assert_int_equal(box->answer(&k.task, &k.lane), OK);
	is_in_call(&k, YES, "");
	finish(&k);
}

/* A call and stand-by do not go together. */
static void
in_stand_by_a_call_is_doubtful(void **unused)
{
	OPENED(NEWS("connect complete"), POWER("stand-by"), POWER("power-on"));
	is_in_call(&k, YES, "");
	is_in_call(&k, UNKNOWN, "");
	is_in_call(&k, UNKNOWN, "");
	finish(&k);
}

/* Dialled twice, a room howls. */
static void
does_not_dial_into_a_call(void **unused)
{
	OPENED(NEWS("ring manual\n10.1.2.3\n"),
		{ "answer accept", "answer accept\n" P "connect complete\n" P }, POWER("power-on"));
	is_in_call(&k, NO, "10.1.2.3");
	assert_int_equal(box->answer(&k.task, &k.lane), OK);
	is_in_call(&k, YES, "10.1.2.3");
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:10.1.2.3", 0), OK);
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:10.1.2.4", 0), ERR_BUSY);
	finish(&k);
}

/* News inside an answer, and before the login was over. */
static void
news_may_come_at_any_point(void **unused)
{
	BEGIN({ "sony", "sony\nPassword:" }, { "s3cret", "\nconnect complete\n" P },
		{ "status power",
			"status power\n" P "ring manual\n\n77\nstatus power power-on\n" P });
	assert_int_equal(box->open(&k.task, &k.lane), OK);
	is_in_call(&k, NO, "77");
	finish(&k);
}

/* Half of "connect complete" with one question, the rest with the next. */
static void
news_in_two_pieces(void **unused)
{
	OPENED({ "status power", "status power\nstatus power power-on\n" P "connect com" },
		{ "status power", "plete\n" P "status power\nstatus power power-on\n" P });
	is_in_call(&k, UNKNOWN, "");
	is_in_call(&k, YES, "");
	finish(&k);
}

static void
an_error_word_is_a_whole_line(void **unused)
{
	static const struct {
		const char *line;
		enum err class;
	} table[] = { { "busy", ERR_BUSY }, { "on update", ERR_BUSY },
		{ "syntax error", ERR_UNSUPPORTED }, { "not communication", ERR_GONE },
		{ "not power on", ERR_REFUSED }, { "error", ERR_REFUSED }, { "not busy", OK },
		{ "errors", OK }, { "", OK }, { "Busy", OK } };
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_int_equal(sony_refusal(table[i].line), table[i].class);
}

/* ---- it does not work ------------------------------------------------------------------------ */

static void
it_says_no(void **unused)
{
	OPENED({ "dial /77/", "dial /77/\nnot power on\n" P },
		{ "disconnect", "disconnect\nnot communication\n" P },
		{ "answer accept", "answer accept\nbusy\n" P });
	assert_int_equal(box->dial(&k.task, &k.lane, "77", 0), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "not power on"));
	task_forgive(&k.task);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	task_forgive(&k.task);
	assert_int_equal(box->answer(&k.task, &k.lane), ERR_BUSY);
	finish(&k);
}

static void
an_address_cannot_carry_a_command(void **unused)
{
	static const char *const bad[] = { "", "sip:", "7/8", "7\r\nstand-by", "\"" };
	char out[256];
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(sony_dial_command(out, sizeof out, bad[i]));
	assert_false(sony_dial_command(out, 10, "10.1.2.3"));
}

static void
it_cannot_be_muted_by_us(void **unused)
{
	assert_null(box->mute);
	assert_int_equal(box->evidence, 0);
}

static void
garbage_is_no_answer(void **unused)
{
	OPENED({ "status power",
		"\x01\xc3(status power power-on\nstatus power\nstatus power perhaps\n" P });
	line_talk_status(&k, box, 600, ERR_TIMEOUT);
}

static void
a_silent_box_ends_at_the_deadline(void **unused)
{
	OPENED({ "status power", "", SILENT });
	line_talk_status(&k, box, 500, ERR_TIMEOUT);
}

static void
the_line_drops_in_the_middle(void **unused)
{
	OPENED({ "status power", "status power\nstatus pow", HANG_UP });
	line_talk_status(&k, box, 0, ERR_GONE);
}

static void
a_cancelled_dial_ends_at_once(void **unused)
{
	OPENED({ "dial /10.1.2.3/", "", CANCEL });
	line_talk_cancelled(&k, box);
}

static void
a_wrong_password_is_said_once(void **unused)
{
	BEGIN({ "sony", "sony\nPassword:" }, { "wr0ng", "\nLogin incorrect\nlogin: " });
	line_talk_refused(&k, box);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_that_it_is_on),
		cmocka_unit_test(a_call_is_unknown_until_it_is_told),
		cmocka_unit_test(it_rings_and_is_answered),
		cmocka_unit_test(it_dials_and_hangs_up),
		cmocka_unit_test(an_echo_is_no_goodbye),
		cmocka_unit_test(a_refused_goodbye_leaves_the_call),
		cmocka_unit_test(a_caller_without_a_name),
		cmocka_unit_test(in_stand_by_a_call_is_doubtful),
		cmocka_unit_test(does_not_dial_into_a_call),
		cmocka_unit_test(news_may_come_at_any_point),
		cmocka_unit_test(news_in_two_pieces),
		cmocka_unit_test(an_error_word_is_a_whole_line),
		cmocka_unit_test(it_says_no),
		cmocka_unit_test(an_address_cannot_carry_a_command),
		cmocka_unit_test(it_cannot_be_muted_by_us),
		cmocka_unit_test(garbage_is_no_answer),
		cmocka_unit_test(a_silent_box_ends_at_the_deadline),
		cmocka_unit_test(the_line_drops_in_the_middle),
		cmocka_unit_test(a_cancelled_dial_ends_at_once),
		cmocka_unit_test(a_wrong_password_is_said_once),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
