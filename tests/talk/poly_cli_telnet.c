/* Talks with a Polycom command line over telnet: the login dialogue of an HDX and of a Group, and
 * what can go wrong in it. What is said after the login is the same as over SSH:
 * tests/talk/poly_cli.c. */
#include "adapters/adapter.h"

#include "adapters/internal.h"

#include <signal.h>
#include <string.h>

#define OPTIONS "\xff\xfd\x18\xff\xfd\x20\xff\xfb\x01"
#define REFUSALS "\xff\xfc\x18\xff\xfc\x20\xff\xfe\x01"
#define INTRO \
	"Hi, my name is :    Chu Tuc\n" \
	"Here is what I know about myself:\n" \
	"Model: HDX 7000 HD\n" \
	"Serial Number: 8L1234        Software Version: Release - 3.1.10-51067      Build " \
	"Information: root\n" \
	"Telnet Password: set\n" \
	"SNMP Enabled: True\n"
#define PROMPT "-> "

#include "tests/talk/line_talk.h"

static const struct endpoint_adapter *const box = &poly_cli_adapter;
static const struct device codec = { .name = "site:chu-tuc", .adapter = "poly-cli",
	.url = "telnet://127.0.0.1:PORT", .user = "admin", .password = "s3cret" };

static void
begin(struct talk *k, const char *greeting, const struct peer_step *steps, size_t n)
{
	line_talk_begin(k, &codec, &(struct peer){ .greeting = greeting, .steps = steps, .n = n });
}

static void
finish(struct talk *k)
{
	line_talk_end(k, box->close);
}

#define BEGIN(greeting, ...) \
	TALK(__VA_ARGS__); \
	begin(&k, greeting, steps, STEPS_N)

#define IDLE \
	{ \
		"callinfo all", "callinfo all\nsystem is not in a call\n" PROMPT \
	}
#define HEALTHY \
	{ \
		"status", "status\nmicrophones online\nstatus end\n" PROMPT \
	}

/* ---- it works -------------------------------------------------------------------------------- */

static void
an_hdx_asks_only_for_a_password(void **unused)
{
	BEGIN(OPTIONS "Password: ", { "s3cret", "\n" INTRO PROMPT }, IDLE,
		{ "uptime get", "uptime get\n1 Hour, 10 Minutes\n" PROMPT }, HEALTHY,
		{ "callinfo all", "callinfo all\nsystem is not in a call\n" PROMPT },
		{ "mute near get", "mute near get\nmute near off\n" PROMPT },
		{ "uptime get", "uptime get\n5 Minutes\n" PROMPT },
		{ "autoanswer get", "autoanswer get\nautoanswer no\n" PROMPT },
		{ "muteautoanswer get", "muteautoanswer get\nmuteautoanswercalls no\n" PROMPT });
	struct identity who;
	struct endpoint_status s;
	if (box->open(&k.task, &k.lane))
		fail_msg("open: %s", k.task.why);
	assert_string_equal(k.lane.learned_pin, ""); /* there is nothing to pin */
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.model, "HDX 7000 HD");
	assert_string_equal(who.serial, "8L1234");
	assert_int_equal(who.uptime_s.v, 4200);
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, NO);
	assert_int_equal(s.mic_muted, NO);
	assert_int_equal(s.auto_answer, NO);
	k.peer.refuses = REFUSALS;
	finish(&k);
}

static void
a_group_asks_for_both(void **unused)
{
	BEGIN("Polycom Command Shell\nusername: ", { "admin", "admin\npassword: " },
		{ "s3cret", "\n" INTRO PROMPT }, IDLE, { "uptime get", "1 Minute\n" PROMPT },
		HEALTHY);
	struct identity who;
	if (box->open(&k.task, &k.lane))
		fail_msg("open: %s", k.task.why);
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.serial, "8L1234");
	finish(&k);
}

/* The API port of a box without a password. */
static void
a_box_may_ask_nothing(void **unused)
{
	BEGIN(OPTIONS INTRO PROMPT, IDLE, { "uptime get", "1 Minute\n" PROMPT }, HEALTHY);
	struct identity who;
	assert_int_equal(box->open(&k.task, &k.lane), OK);
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.serial, "8L1234");
	finish(&k);
}

static void
a_prompt_alone_is_good_enough(void **unused)
{
	BEGIN("Password:", { "s3cret", "\n" PROMPT }, IDLE, { "whoami", "whoami\n" INTRO PROMPT },
		{ "uptime get", "1 Minute\n" PROMPT }, HEALTHY);
	struct identity who;
	assert_int_equal(box->open(&k.task, &k.lane), OK);
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.serial, "8L1234");
	finish(&k);
}

/* ---- it does not work ------------------------------------------------------------------------ */

static void
a_wrong_password_is_said_once(void **unused)
{
	BEGIN("Password: ", { "wrong", "\nPassword incorrect\nPassword: " });
	k.device.password = "wrong";
	assert_int_equal(box->open(&k.task, &k.lane), ERR_AUTH);
	assert_string_equal(k.task.word, "login-refused");
	finish(&k);
	assert_int_equal(k.peer.done, 1);
}

static void
a_wrong_password_of_a_group_is_said_once(void **unused)
{
	BEGIN("username: ", { "admin", "\npassword: " },
		{ "wrong", "\nLogin incorrect\nusername: " });
	k.device.password = "wrong";
	assert_int_equal(box->open(&k.task, &k.lane), ERR_AUTH);
	assert_string_equal(k.task.word, "login-refused");
	finish(&k);
}

static void
hanging_up_on_the_password_is_a_no(void **unused)
{
	BEGIN("Password: ", { "s3cret", "\nbye\n", HANG_UP });
	assert_int_equal(box->open(&k.task, &k.lane), ERR_AUTH);
	assert_string_equal(k.task.word, "login-refused");
	assert_non_null(strstr(k.task.why, "hung up"));
	finish(&k);
}

static void
silence_after_the_password_ends_at_the_deadline(void **unused)
{
	BEGIN("Password: ", { "s3cret", "", SILENT });
	k.task.deadline = clock_mono() + 1500;
	assert_int_equal(box->open(&k.task, &k.lane), ERR_TIMEOUT);
	finish(&k);
}

/* Text that names a password is no question for it. */
static void
a_password_goes_to_a_question_only(void **unused)
{
	BEGIN("Enter your password:\n the password: is needed here\nPlease type: ", { 0 });
	k.peer.n = 0;
	k.task.deadline = clock_mono() + 1500;
	assert_int_equal(box->open(&k.task, &k.lane), ERR_TIMEOUT);
	finish(&k);
	assert_int_equal(k.peer.done, 0);
}

static void
a_pin_forbids_telnet(void **unused)
{
	BEGIN("Password: ", { 0 });
	k.peer.n = 0;
	k.device.pin = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	assert_int_equal(box->open(&k.task, &k.lane), ERR_INPUT);
	task_forgive(&k.task);
	k.device.pin = NULL;
	k.device.url = "telnet://127.0.0.1:telnet";
	assert_int_equal(box->open(&k.task, &k.lane), ERR_INPUT);
	task_forgive(&k.task);
	k.device.url = "telnet://127.0.0.1:1";
	assert_int_equal(box->open(&k.task, &k.lane), ERR_UNREACHABLE);
	finish(&k);
}

/* What the box says goes into a sentence that journals keep: not with the password in it, which
 * finish() looks for. */
static void
a_refusal_does_not_carry_the_password(void **unused)
{
	BEGIN("Password: ", { "s3cret", "\n" INTRO PROMPT },
		{ "callinfo all", "error: s3cret command failed\n" PROMPT });
	struct endpoint_status s;
	assert_int_equal(box->open(&k.task, &k.lane), OK);
	assert_int_equal(box->status(&k.task, &k.lane, &s), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "error: *** command failed"));
	finish(&k);
}

static void
the_line_drops_in_the_middle(void **unused)
{
	BEGIN("Password: ", { "s3cret", "\n" INTRO PROMPT },
		{ "callinfo all", "callinfo begin\ncallinfo:43:Ph", HANG_UP });
	struct endpoint_status s;
	assert_int_equal(box->open(&k.task, &k.lane), OK);
	assert_int_equal(box->status(&k.task, &k.lane, &s), ERR_GONE);
	finish(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_hdx_asks_only_for_a_password),
		cmocka_unit_test(a_group_asks_for_both),
		cmocka_unit_test(a_box_may_ask_nothing),
		cmocka_unit_test(a_prompt_alone_is_good_enough),
		cmocka_unit_test(a_wrong_password_is_said_once),
		cmocka_unit_test(a_wrong_password_of_a_group_is_said_once),
		cmocka_unit_test(hanging_up_on_the_password_is_a_no),
		cmocka_unit_test(silence_after_the_password_ends_at_the_deadline),
		cmocka_unit_test(a_password_goes_to_a_question_only),
		cmocka_unit_test(a_pin_forbids_telnet),
		cmocka_unit_test(a_refusal_does_not_carry_the_password),
		cmocka_unit_test(the_line_drops_in_the_middle),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
