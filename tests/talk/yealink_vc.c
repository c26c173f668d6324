/* Talks with a Yealink VC on its port without a login: what it answers, and the traps of its
 * sources: the same lines come unasked, "finished" only so, a list without an end, orders whose
 * answer nobody tells, figures without units. */
#include "adapters/adapter.h"

#include "adapters/internal.h"
#include "adapters/yealink_vc.h"

#include "tests/talk/line_talk.h"

#include <signal.h>

static const struct endpoint_adapter *const box = &yealink_vc_adapter;
static const struct device codec = {
	.name = "site:chu-tuc", .adapter = "yealink-vc", .url = "tcp://127.0.0.1:PORT"
};

#define VERSION \
	"version \"model:VC800\" \"firmware:63.345.0.30\" \"hardware:63.1.0.0\" \"productId:63\" " \
	"\"cc_version:1.8\"\n"
#define IN { "version", VERSION }
#define STATE(state) { "sysstatus get", "sysstatus get " state "\n" }
#define TALKING \
	"talking \"dialstr:10.1.2.3\" \"callid:3\" \"calltype:video\" \"protocol:h323\" " \
	"\"direction:in\""
#define MUTE(word) { "mute near get", "mute near get " word "\n" }
#define VIDEO_CALL \
	"callinfo video \"callid:3\" \"RemoteStr:10.1.2.3\" \"devInfo:Phòng họp: xã\" " \
	"\"TotalBwRecv:1796\"" \
	" \"VResRecv:1280x720\" \"VResSend:640x360\" \"VCodecRecv:H264\" \"VCodecSend:H264\" " \
	"\"VBwRecv:1748\"" \
	" \"VBwSend:900\" \"VFrRecv:30\" \"VJrRecv:6\" \"VJrSend:99\" \"VtplRecv:12\" " \
	"\"VtplSend:99\" \"VtplpRecv:0.5%\"" \
	" \"AcodecRecv:G722\" \"AcodecSend:--\" \"ABwRecv:48 kb/s\" \"ABwSend:48\" " \
	"\"AJrRecv:3ms\" \"AtplRecv:0\"\n"

static const struct peer far_end = { .greeting = VERSION, .eol = "\r\n" };

#include "tests/talk/line_stage.h"

/* ---- it works -------------------------------------------------------------------------------- */

static void
tells_what_it_is_and_warns(void **unused)
{
	OPENED(IN, { "donotdisturb global get", "donotdisturb global get off\n" }, IN,
		{ "donotdisturb global get", "donotdisturb global get on\n" }, IN,
		{ "donotdisturb global get", "error: command not found\n" });
	struct identity who;
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.vendor, "Yealink");
	assert_string_equal(who.model, "VC800");
	assert_string_equal(who.software, "63.345.0.30");
	assert_string_equal(who.alarms, "the control port asks for no login");
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_non_null(strstr(who.alarms, "do not disturb is on"));
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_null(strstr(who.alarms, "do not disturb"));
	finish(&k);
}

static void
tells_its_call(void **unused)
{
	OPENED(STATE(TALKING), { "callinfo all", VIDEO_CALL }, MUTE("on"));
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, YES);
	assert_string_equal(s.far_address, "10.1.2.3");
	assert_int_equal(s.mic_muted, YES);
	assert_int_equal(s.auto_answer, UNKNOWN);
	assert_false(s.uptime_s.known);
	assert_true(s.sampled);
	const struct stream *v = &s.media.s[VIDEO][TO_SITE], *a = &s.media.s[AUDIO][TO_SITE];
	assert_int_equal(v->kbps.v, 1748);
	assert_int_equal(v->fps.v, 30);
	assert_int_equal(v->jitter_ms.v, 6);
	assert_int_equal(v->lost.v, 12);
	assert_int_equal(v->loss_permille.v, 5);
	assert_int_equal(v->height.v, 720);
	assert_int_equal(v->open, YES);
	assert_false(v->packets.known);
	assert_int_equal(a->kbps.v, 48);
	assert_int_equal(a->jitter_ms.v, 3);
	assert_int_equal(s.media.s[VIDEO][FROM_SITE].kbps.v, 900);
	/* whose count it would be, nobody says */
	assert_false(s.media.s[VIDEO][FROM_SITE].lost.known);
	assert_false(s.media.s[VIDEO][FROM_SITE].jitter_ms.known);
	assert_int_equal(s.media.s[AUDIO][FROM_SITE].open, UNKNOWN);
	finish(&k);
}

static void
asks_no_media_outside_a_call(void **unused)
{
	OPENED(STATE("sleeping"), MUTE("off"), STATE("ringing \"dialstr:77\""), MUTE("off"),
		STATE("dreaming"), MUTE("off"));
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, NO);
	assert_false(s.sampled);
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, NO);
	assert_string_equal(s.far_address, "77");
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, UNKNOWN);
	finish(&k);
}

static void
orders_are_followed(void **unused)
{
	OPENED(STATE("sleeping"),
		{ "dial manual video h323 \"1024\" \"10.1.2.3\"",
			"sysstatus get outgoing \"dialstr:10.1.2.3\"\n" },
		STATE("ringing"), { "answer yes", "sysstatus get talking\n" }, STATE("talking max"),
		{ "button hangup", "sysstatus get finished\nsysstatus get idle\n" },
		{ "mute near on", "mute near get on\n" }, MUTE("on"));
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:10.1.2.3", 1024), OK);
	assert_int_equal(box->answer(&k.task, &k.lane), OK);
	assert_int_equal(box->hangup(&k.task, &k.lane), OK);
	assert_int_equal(box->mute(&k.task, &k.lane, true), OK);
	finish(&k);
}

/* ---- its traps ------------------------------------------------------------------------------- */

/* Nothing came back: it is asked, and believed. */
static void
an_order_without_an_answer(void **unused)
{
	OPENED(STATE("idle"), { "dial manual video auto \"auto\" \"77\"", "" }, STATE("outgoing"),
		STATE("idle"),
		{ "dial manual video auto \"auto\" \"77\"", "storage get unavailable\n" },
		STATE("idle"));
	assert_int_equal(box->dial(&k.task, &k.lane, "77", 0), OK);
	assert_int_equal(box->dial(&k.task, &k.lane, "77", 0), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "nothing came of it"));
	finish(&k);
}

/* Dialled twice, a room howls; and a call that stands is no fruit of an order that was lost. */
static void
does_not_dial_into_a_call(void **unused)
{
	OPENED(STATE(TALKING), STATE(TALKING), STATE("ringing"));
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:10.1.2.3", 0), OK);
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:10.1.2.4", 0), ERR_BUSY);
	assert_non_null(strstr(k.task.why, "10.1.2.3"));
	task_forgive(&k.task);
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:10.1.2.4", 0), ERR_BUSY);
	finish(&k);
}

#define OTHER_CALL \
	"callinfo video \"callid:2\" \"RemoteStr:10.9.9.9\" \"VBwRecv:9999\" " \
	"\"VCodecRecv:H264\"\n"
#define NAMELESS "callinfo video \"RemoteStr:10.9.9.9\" \"VBwRecv:9\"\n"

/* Figures belong to the call that sysstatus names; of two without a name nobody knows. */
static void
figures_belong_to_their_call(void **unused)
{
	OPENED(STATE(TALKING), { "callinfo all", OTHER_CALL VIDEO_CALL }, MUTE("off"),
		STATE(TALKING), { "callinfo all", OTHER_CALL }, MUTE("off"), STATE(TALKING),
		{ "callinfo all", NAMELESS NAMELESS }, MUTE("off"), STATE("talking"),
		{ "callinfo all", NAMELESS }, MUTE("off"));
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.media.s[VIDEO][TO_SITE].kbps.v, 1748);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
		assert_int_equal(s.in_call, YES);
		assert_false(s.sampled);
		assert_false(s.media.s[VIDEO][TO_SITE].kbps.known);
	}
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.media.s[VIDEO][TO_SITE].kbps.v, 9);
	assert_string_equal(s.far_address, "10.9.9.9");
	finish(&k);
}

static void
finished_is_no_answer(void **unused)
{
	OPENED({ "sysstatus get", "sysstatus get finished\nincoming \"num:77\" "
				  "\"name:x\"\nsysstatus get ringing \"dialstr:77\"\n" },
		MUTE("off"));
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_string_equal(s.far_address, "77");
	finish(&k);
}

static void
told_between_the_lines(void **unused)
{
	OPENED({ "sysstatus get",
		       "storage get available\nmute near get on\nsysstatus get " TALKING "\n" },
		{ "callinfo all", "donotdisturb talk get off\n" VIDEO_CALL
				  "callinfo audio \"callid:4\" \"RemoteStr:66\"\n" },
		MUTE("off"));
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.media.s[VIDEO][TO_SITE].kbps.v, 1748); /* of the call it names */
	assert_int_equal(s.mic_muted, NO);
	finish(&k);
}

static void
a_call_of_sound_has_no_picture(void **unused)
{
	OPENED(STATE("talking"),
		{ "callinfo all",
			"callinfo audio \"RemoteStr:66\" \"ABwRecv:0\" \"AcodecRecv:G722\"\n" },
		MUTE("off"));
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_string_equal(s.far_address, "66");
	assert_int_equal(s.media.s[VIDEO][TO_SITE].open, NO);
	assert_true(s.media.s[AUDIO][TO_SITE].kbps.known);
	assert_int_equal(s.media.s[AUDIO][TO_SITE].kbps.v, 0);
	finish(&k);
}

/* A number with a unit that nobody told is not a number of ours. */
static void
units_that_are_not_known(void **unused)
{
	static const char line[] =
		"callinfo video \"VBwRecv:2 Mb/s\" \"VFrRecv:x\" \"VtplRecv:-3\" \"VtplpRecv:1,5%\""
		" \"VJrRecv:99999999999999999999\" \"ABwRecv\" \"AcodecRecv:\" \"VResRecv:big";
	struct yealink_call c;
	assert_true(yealink_read_callinfo(line, &c));
	assert_int_equal(c.figures, 0);
	assert_int_equal(c.media.s[AUDIO][TO_SITE].open, UNKNOWN);
	assert_false(c.media.s[VIDEO][TO_SITE].height.known);
}

/* ---- it does not work ------------------------------------------------------------------------ */

static void
it_says_no(void **unused)
{
	OPENED(STATE("idle"),
		{ "dial manual video auto \"auto\" \"77\"",
			"error: command has illegal parameters\n" },
		{ "mute near off", "error: command not found\n" }, STATE("idle"), STATE("idle"));
	assert_int_equal(box->dial(&k.task, &k.lane, "77", 0), ERR_REFUSED);
	task_forgive(&k.task);
	assert_int_equal(box->mute(&k.task, &k.lane, false), ERR_UNSUPPORTED);
	task_forgive(&k.task);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	task_forgive(&k.task);
	assert_int_equal(box->answer(&k.task, &k.lane), ERR_GONE);
	finish(&k);
}

static void
a_mute_that_does_not_hold(void **unused)
{
	OPENED({ "mute near on", "mute near get on\n" }, MUTE("off"));
	assert_int_equal(box->mute(&k.task, &k.lane, true), ERR_REFUSED);
	finish(&k);
}

static void
an_address_cannot_carry_a_command(void **unused)
{
	static const char *const bad[] = { "", "sip:", "7\" \"8", "7\r\nbutton power" };
	char out[256];
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(yealink_dial_command(out, sizeof out, bad[i], 0));
	assert_false(yealink_dial_command(out, 30, "10.1.2.3", 0));
}

static void
another_box_on_that_port(void **unused)
{
	TALK({ "version", "400 Bad Request\nsysstatus get idle\n" });
	line_talk_begin(&k, &codec,
		&(struct peer){
			.greeting = "HTTP/1.1\n", .eol = "\r\n", .steps = steps, .n = STEPS_N });
	k.task.deadline = clock_mono() + 1500;
	assert_int_equal(box->open(&k.task, &k.lane), ERR_TIMEOUT);
	finish(&k);
}

/* Bare TCP has no key: whoever pinned one does not want it. */
static void
a_pin_forbids_it(void **unused)
{
	BEGIN({ 0 });
	k.peer.n = 0;
	k.device.pin = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	assert_int_equal(box->open(&k.task, &k.lane), ERR_INPUT);
	finish(&k);
}

static void
garbage_is_no_answer(void **unused)
{
	OPENED({ "sysstatus get", "\x01\xc3(sysstatus get idle\nSysstatus get idle\nsysstatus\n" });
	line_talk_status(&k, box, 600, ERR_TIMEOUT);
}

static void
a_silent_box_ends_at_the_deadline(void **unused)
{
	OPENED({ "sysstatus get", "", SILENT });
	line_talk_status(&k, box, 500, ERR_TIMEOUT);
}

static void
the_line_drops_in_the_middle(void **unused)
{
	OPENED(STATE("talking"), { "callinfo all", "callinfo video \"callid:3\" \"Remo", HANG_UP });
	line_talk_status(&k, box, 0, ERR_GONE);
}

static void
a_cancelled_dial_ends_at_once(void **unused)
{
	OPENED(STATE("idle"), { "dial manual video auto \"auto\" \"10.1.2.3\"", "", CANCEL });
	line_talk_cancelled(&k, box);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_what_it_is_and_warns),
		cmocka_unit_test(tells_its_call),
		cmocka_unit_test(asks_no_media_outside_a_call),
		cmocka_unit_test(orders_are_followed),
		cmocka_unit_test(an_order_without_an_answer),
		cmocka_unit_test(does_not_dial_into_a_call),
		cmocka_unit_test(figures_belong_to_their_call),
		cmocka_unit_test(finished_is_no_answer),
		cmocka_unit_test(told_between_the_lines),
		cmocka_unit_test(a_call_of_sound_has_no_picture),
		cmocka_unit_test(units_that_are_not_known),
		cmocka_unit_test(it_says_no),
		cmocka_unit_test(a_mute_that_does_not_hold),
		cmocka_unit_test(an_address_cannot_carry_a_command),
		cmocka_unit_test(another_box_on_that_port),
		cmocka_unit_test(a_pin_forbids_it),
		cmocka_unit_test(garbage_is_no_answer),
		cmocka_unit_test(a_silent_box_ends_at_the_deadline),
		cmocka_unit_test(the_line_drops_in_the_middle),
		cmocka_unit_test(a_cancelled_dial_ends_at_once),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
