/* Talks with a Polycom command line: the adapter against a scripted SSH peer on loopback, one test
 * per way in which such a talk goes, and one per trap of this family. */
#include "adapters/adapter.h"

#include "adapters/internal.h"
#include "adapters/poly_cli.h"
#include "adapters/wire/ssh.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/task.h"
#include "tests/talk/ssh_peer.h"

#define INTRO \
	"Hi, my name is :    Chu Tuc\n" \
	"Here is what I know about myself:\n" \
	"Model: RealPresence Group 700\n" \
	"Serial Number: 8L1234        Software Version: 6.2.2      Build Information: root\n" \
	"Time In Last Call: 0:43:50\n" \
	"SNMP Enabled: True\n"
#define CALL_UP \
	"callinfo begin\n" \
	"callinfo:43:Phong hop tinh:192.168.1.101:384:connected:notmuted:outgoing:videocall\n" \
	"callinfo end\n"
#define STATS \
	"call:0 tar:16 K rar:16 K tvr:48 K rvr:48 K\n" \
	"tvru:42 K rvru:43 K tvfr:29 rvfr:30 vfe:0\n" \
	"tapl:1 rapl:2 taj:3 ms raj:4 ms tvpl:5 rvpl:6\n" \
	"tvj:7 ms rvj:9 ms dc:Disabled rsid:100001@vc.example ccaps:---\n"

#define IDLE \
	{ \
		"callinfo all", "system is not in a call\n" \
	}
#define HEALTHY \
	{ \
		"status", "inacall offline\nmicrophones online\nstatus end\n" \
	}
#define SETTINGS \
	{ "autoanswer get", "autoanswer yes\n" }, \
	{ \
		"muteautoanswer get", "muteautoanswercalls no\n" \
	}

static const struct endpoint_adapter *const box = &poly_cli_adapter;

static const struct device codec = { .name = "site:chu-tuc",
	.adapter = "poly-cli",
	.url = "ssh://127.0.0.1:PORT",
	.user = "admin",
	.password = "s3cret" };

static const struct peer far_end = { .password = "s3cret" };

#include "tests/talk/ssh_stage.h"

#define OPENED(...) \
	BEGIN(INTRO "-> ", __VA_ARGS__); \
	open_it(&k)

/* ---- it works -------------------------------------------------------------------------------- */

static void
introduces_itself_and_is_pinned(void **unused)
{
	OPENED(IDLE, { "uptime get", "1 Hour, 10 Minutes\n" },
		{ "status", "inacall offline\nnotification:mutestatus:near:near:near:near:muted\n"
			    "microphones offline\nsipserver offline\nipnetwork offline\n"
			    "gatekeeper offline\nstatus end\n" },
		IDLE, { "uptime get", "1 Hour, 10 Minutes\n" },
		{ "status", "error: command not found\n" }, IDLE,
		{ "uptime get", "1 Hour, 10 Minutes\n" }, { "status", "" });
	struct identity who;
	assert_true(str_starts(k.lane.learned_pin, "SHA256:"));
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.model, "RealPresence Group 700");
	assert_string_equal(who.serial, "8L1234");
	assert_string_equal(who.software, "6.2.2");
	assert_int_equal(who.uptime_s.v, 4200);
	/* servers may be none, and no call is no fault */
	assert_string_equal(who.alarms, "microphones offline; ipnetwork offline");
	for (int i = 0; i < 2; i++) { /* unknown there, or silent */
		assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
		assert_string_equal(who.alarms, "");
	}
	finish(&k);
}

static void
tells_its_status_in_a_call(void **unused)
{
	OPENED({ "callinfo all", CALL_UP }, { "advnetstats", STATS },
		{ "mute near get", "mute near on\n" }, { "uptime get", "2 Days, 1 Hour\n" });
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, YES);
	assert_string_equal(s.far_address, "192.168.1.101");
	assert_int_equal(s.mic_muted, YES); /* callinfo says notmuted: whose, is not settled */
	assert_int_equal(s.auto_answer, UNKNOWN);
	assert_int_equal(s.uptime_s.v, 2 * 86400 + 3600);
	assert_int_equal(s.uptime_step_s, 3600);
	assert_true(s.sampled);
	assert_int_equal(s.media.s[AUDIO][FROM_SITE].kbps.v, 16);
	assert_int_equal(s.media.s[VIDEO][FROM_SITE].kbps.v, 42);
	assert_int_equal(s.media.s[VIDEO][TO_SITE].kbps.v, 43);
	assert_int_equal(s.media.s[VIDEO][TO_SITE].fps.v, 30);
	assert_int_equal(s.media.s[AUDIO][TO_SITE].lost.v, 2);
	assert_int_equal(s.media.s[AUDIO][FROM_SITE].far_lost.v, 1);
	assert_int_equal(s.media.s[VIDEO][TO_SITE].jitter_ms.v, 9);
	assert_int_equal(s.media.s[VIDEO][TO_SITE].open, YES);
	assert_false(s.media.s[VIDEO][TO_SITE].packets.known);
	finish(&k);
}

static void
asks_no_media_outside_a_call(void **unused)
{
	OPENED({ "callinfo all", "system is not in a call\n" },
		{ "mute near get", "mute near off\n" }, { "uptime get", "5 Minutes\n" },
		{ "autoanswer get", "autoanswer donotdisturb\n" },
		{ "muteautoanswer get", "muteautoanswercalls yes\n" },
		{ "callinfo all", "system is not in a call\n" },
		{ "mute near get", "mute near off\n" }, { "uptime get", "5 Minutes\n" }, IDLE,
		{ "uptime get", "5 Minutes\n" }, HEALTHY,
		{ "callinfo all", "system is not in a call\n" },
		{ "mute near get", "mute near off\n" }, { "uptime get", "5 Minutes\n" }, SETTINGS);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, NO);
	assert_int_equal(s.mic_muted, NO);
	assert_int_equal(s.uptime_step_s, 60);
	assert_int_equal(s.auto_answer, NO); /* nobody is answered, not even by a person */
	assert_int_equal(s.auto_answer_muted, YES);
	assert_false(s.sampled);
	/* Settings seldom change: not at every look. */
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.auto_answer, UNKNOWN);
	/* Who asks what the box is wants them too. */
	struct identity who;
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.auto_answer, YES);
	finish(&k);
}

/* Nothing may be sent while a call comes up: not even the rest of the questions. */
static void
is_silent_while_a_call_is_set_up(void **unused)
{
	OPENED({ "callinfo all", "callinfo begin\n"
				 "callinfo:2::10.1.1.9:1920:ringing:notmuted:incoming:videocall\n"
				 "callinfo end\n" },
		{ "callinfo all",
			"callinfo "
			"begin\ncallinfo:2:10.1.1.9:1920:connecting:notmuted:incoming:videocall\n"
			"callinfo end\n" },
		{ "callinfo all",
			"callinfo "
			"begin\ncallinfo:2:10.1.1.9:1920:opened:notmuted:outgoing:videocall\n"
			"callinfo end\n" },
		{ "callinfo all", "callinfo begin\n"
				  "callinfo:2:10.1.1.9:1920:allocated:notmuted:outgoing:videocall\n"
				  "callinfo end\n" });
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, NO);
	assert_string_equal(s.far_address, "10.1.1.9");
	assert_int_equal(s.mic_muted, UNKNOWN);
	assert_int_equal(box->dial(&k.task, &k.lane, "10.1.1.1", 0), ERR_BUSY);
	task_forgive(&k.task);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_BUSY); /* not even to break it off */
	task_forgive(&k.task);
	struct identity who;
	assert_int_equal(box->probe(&k.task, &k.lane, &who), ERR_BUSY);
	finish(&k);
}

/* Dialled twice, a room howls. */
static void
does_not_dial_into_a_call(void **unused)
{
	OPENED({ "callinfo all", CALL_UP }, { "callinfo all", CALL_UP },
		{ "callinfo all", "callinfo begin\n"
				  "callinfo:4::10.1.1.9:384:held:notmuted:outgoing:"
				  "videocall\ncallinfo end\n" },
		{ "callinfo all",
			"callinfo begin\n"
			"callinfo:4::10.1.1.9:384:disconnecting:notmuted:outgoing:videocall\n"
			"callinfo end\n" },
		{ "dial manual 1920 \"10.1.1.1\" h323", "dialing manual\n" });
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:192.168.1.101", 0), OK);
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:10.1.1.1", 0), ERR_BUSY);
	assert_non_null(strstr(k.task.why, "192.168.1.101"));
	task_forgive(&k.task);
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:10.1.1.1", 0), ERR_BUSY);
	task_forgive(&k.task);
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:10.1.1.1", 0), OK);
	finish(&k);
}

/* advnetstats numbers from 0, callinfo otherwise: whose figures these would be, nobody tells. */
static void
figures_of_two_calls_are_nobodys(void **unused)
{
	OPENED({ "callinfo all",
		       "callinfo begin\n"
		       "callinfo:43:A:192.168.1.101:384:connected:notmuted:outgoing:videocall\n"
		       "callinfo:44:B:192.168.1.102:384:connected:notmuted:incoming:videocall\n"
		       "callinfo end\n" },
		{ "mute near get", "mute near off\n" }, { "uptime get", "1 Minute\n" });
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, YES);
	assert_false(s.sampled);
	assert_int_equal(s.media.s[VIDEO][TO_SITE].open, UNKNOWN);
	finish(&k);
}

static void
dials_hangs_up_and_mutes(void **unused)
{
	OPENED({ "callinfo all", "system is not in a call\n" },
		{ "dial manual 1024 \"10.1.2.3\" h323", "dialing manual\n" },
		{ "callinfo all", "system is not in a call\n" },
		{ "dial manual 1920 \"a@b\" sip", "info: IP line (SIP) not enabled.\n" },
		{ "callinfo all", CALL_UP }, { "hangup all", "hanging up all\n" },
		{ "callinfo all", "system is not in a call\n" },
		{ "hangup all", "system is not in a call\n" }, { "callinfo all", CALL_UP },
		{ "mute near on", "mute near on\n" }, { "mute near get", "mute near on\n" });
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:10.1.2.3", 1024), OK);
	assert_int_equal(box->dial(&k.task, &k.lane, "sip:a@b", 0), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "not enabled"));
	task_forgive(&k.task);
	assert_int_equal(box->hangup(&k.task, &k.lane), OK);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	task_forgive(&k.task);
	assert_int_equal(box->mute(&k.task, &k.lane, true), OK);
	finish(&k);
}

/* An echo comes for orders that were not carried out as well. */
static void
an_echo_proves_no_mute(void **unused)
{
	OPENED({ "callinfo all", CALL_UP }, { "mute near on", "" },
		{ "mute near get", "mute near off\n" });
	assert_int_equal(box->mute(&k.task, &k.lane, true), ERR_REFUSED);
	finish(&k);
}

/* ---- traps ----------------------------------------------------------------------------------- */

/* The introduction comes once more, in the middle of an answer, and notifications as well. */
static void
other_lines_stand_in_between(void **unused)
{
	OPENED({ "callinfo all",
		       INTRO "callinfo begin\n"
			     "notification:mutestatus:near:near:near:near:muted\n" INTRO
			     "callinfo:1::1330378709@vc.example:384:connected:notmuted:outgoing:"
			     "videocall\n"
			     "cs: call[34] chan[0] dialstr[192.168.1.103] state[CONNECTED]\n"
			     "callinfo end\n" },
		{ "advnetstats",
			"listen video ringing\ncall:0 tar:16 K rar:---\n" INTRO "ccaps:---\n" },
		{ "mute near get",
			"popupinfo: question: The far site is busy\n-> -> mute near off\n" },
		{ "uptime get", INTRO "1 Minute\n" });
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, YES);
	assert_string_equal(s.far_address, "1330378709@vc.example");
	assert_int_equal(s.media.s[AUDIO][TO_SITE].open, NO);
	assert_false(s.media.s[AUDIO][TO_SITE].kbps.known);
	assert_int_equal(s.uptime_s.v, 60);
	finish(&k);
}

/* The answer to "mute near get" comes only after the next command was sent. */
static void
an_answer_lags_behind(void **unused)
{
	OPENED({ "callinfo all", "system is not in a call\n" },
		{ "mute near get", "mute near off\n" },
		{ "uptime get", "mute near off\nsystem is not in a call\n3 Hours, 1 Minute\n",
			.delay_ms = 300 },
		SETTINGS);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.uptime_s.v, 3 * 3600 + 60);
	finish(&k);
}

/* A leftover of the same shape is heard out before the next command. */
static void
an_answer_comes_twice(void **unused)
{
	OPENED({ "callinfo all", CALL_UP }, { "advnetstats", STATS },
		{ "mute near get", "mute near on\n" }, { "uptime get", "1 Minute\n-> " CALL_UP },
		{ "callinfo all", "system is not in a call\n" },
		{ "mute near get", "mute near off\n" }, { "uptime get", "2 Minutes\n" }, SETTINGS);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, YES);
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, NO);
	finish(&k);
}

static void
a_command_that_is_missing_leaves_its_figure_unknown(void **unused)
{
	OPENED({ "callinfo all", "system is not in a call\n" },
		{ "mute near get", "error:command not found\n" },
		{ "uptime get", "error: command not found\n" },
		{ "autoanswer get", "error: command not found\n" },
		{ "muteautoanswer get", "error:command not found\n" });
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.mic_muted, UNKNOWN);
	assert_false(s.uptime_s.known);
	assert_int_equal(s.auto_answer, UNKNOWN);
	assert_int_equal(k.task.code, OK);
	finish(&k);
}

static void
a_prompt_alone_is_good_enough(void **unused)
{
	BEGIN("Welcome\n-> ", IDLE, { "whoami", INTRO }, { "uptime get", "1 Minute\n" }, HEALTHY);
	struct identity who;
	assert_int_equal(box->open(&k.task, &k.lane), OK);
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.serial, "8L1234");
	finish(&k);
}

/* ---- it does not work ------------------------------------------------------------------------ */

static void
a_wrong_password_is_tried_once(void **unused)
{
	BEGIN(NULL, { 0 });
	has_a_wrong_password(&k);
}

static void
a_changed_host_key_gets_no_password(void **unused)
{
	BEGIN(NULL, { 0 });
	has_another_key(&k);
}

static void
silence_ends_at_the_deadline(void **unused)
{
	OPENED({ "callinfo all", "", SSH_HANG });
	k.task.deadline = clock_mono() + 1500;
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), ERR_TIMEOUT);
	finish(&k);
}

static void
a_cancelled_dial_comes_back(void **unused)
{
	OPENED({ "callinfo all", "system is not in a call\n" },
		{ "dial manual 1920 \"10.1.2.3\" h323", "", SSH_CANCEL });
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:10.1.2.3", 0), ERR_CANCELED);
	finish(&k);
}

static void
the_line_drops_in_the_middle(void **unused)
{
	OPENED({ "callinfo all", "callinfo begin\ncallinfo:43:Ph", SSH_DROP });
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), ERR_GONE);
	finish(&k);
}

static void
garbage_is_not_understood(void **unused)
{
	OPENED({ "callinfo all", "callinfo begin\ncallinfo:what:is:this\ncallinfo end\n" });
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), ERR_PROTOCOL);
	finish(&k);
}

static void
no_other_transport_is_pretended(void **unused)
{
	BEGIN(NULL, { 0 });
	k.peer.n = 0;
	k.device.url = "http://127.0.0.1:24";
	assert_int_equal(box->open(&k.task, &k.lane), ERR_UNSUPPORTED);
	task_forgive(&k.task);
	k.device.url = "ssh://127.0.0.1:ssh";
	assert_int_equal(box->open(&k.task, &k.lane), ERR_INPUT);
	task_forgive(&k.task);
	k.device.url = "ssh://127.0.0.1:1";
	assert_int_equal(box->open(&k.task, &k.lane), ERR_UNREACHABLE);
	finish(&k);
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* Of several calls the connected one counts, then one in a state that is not known: whatever is
 * said of the others, the room is not known to be idle. */
static void
a_state_that_is_not_known_is_no_idle_room(void **unused)
{
#define ONE(id, state) "callinfo:" id ":a:10.1.1.1:384:" state ":notmuted:outgoing:videocall\n"
	OPENED({ "callinfo all", "callinfo begin\n" ONE("1", "hibernating")
					 ONE("2", "disconnected") "callinfo end\n" },
		{ "mute near get", "mute near off\n" }, { "uptime get", "5 Minutes\n" },
		{ "callinfo all", "callinfo begin\n" ONE("1", "hibernating") ONE("2", "connected")
					  ONE("3", "inactive") "callinfo end\n" },
		{ "advnetstats", STATS }, { "mute near get", "mute near off\n" },
		{ "uptime get", "5 Minutes\n" });
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, UNKNOWN);
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, YES);
	finish(&k);
}

static void
callinfo_has_three_shapes(void **unused)
{
#define TAIL ":384:connected:notmuted:outgoing:videocall"
	static const struct {
		const char *line, *name, *number;
	} t[] = {
		{ "callinfo:43:Demo room:192.168.1.101" TAIL, "Demo room", "192.168.1.101" },
		{ "callinfo:43:192.168.1.101" TAIL, "", "192.168.1.101" },
		{ "callinfo:1::1330378709@vc.example" TAIL, "", "1330378709@vc.example" },
		{ "callinfo:1:sip:a@b.example;gruu;opaque=app:conf:1" TAIL, "",
			"sip:a@b.example;gruu;opaque=app:conf:1" },
		{ "callinfo:1:Room:sip:a@b.example" TAIL, "Room", "sip:a@b.example" },
		{ "callinfo:1:2001:db8::7" TAIL, "", "2001:db8::7" },
		{ "callinfo:1:Room:2001:db8::7" TAIL, "Room", "2001:db8::7" },
		{ "callinfo:1:Room 2: upstairs:5551" TAIL, "Room 2: upstairs", "5551" },
		{ "callinfo:1:10.1.1.1:5060" TAIL, "", "10.1.1.1:5060" },
		{ "callinfo:1:Phòng họp:a@b;opaque=x:y" TAIL, "Phòng họp", "a@b;opaque=x:y" },
	};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct poly_call c;
		assert_true(poly_parse_callinfo(t[i].line, &c));
		assert_string_equal(c.name, t[i].name);
		assert_string_equal(c.number, t[i].number);
		assert_int_equal(c.kbps, 384);
		assert_int_equal(c.state, POLY_CALL_CONNECTED);
		assert_false(c.incoming);
	}
	static const char *const wrong[] = { "", "callinfo:", "callinfo begin", "callinfo:1" TAIL,
		"callinfo:x:a" TAIL, "callinfo:1:a:384:connected:notmuted:sideways:videocall" };
	struct poly_call c;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(poly_parse_callinfo(wrong[i], &c));
}

/* "1 M" is not 1 kbit/s. */
static void
units_that_are_not_known(void **unused)
{
	static const char line[] = "call:0 tar:1 M rar:16.5 K tvr:99999999999 K rvr:--- tvru:7 "
				   "rvru:48 K tvfr:30 rvfr:2 apples raj:3 ms rapl:4";
	struct media_sample m = { 0 };
	const struct stream *out = m.s[AUDIO];
	assert_true(poly_parse_netstats(line, &m) > 0);
	assert_false(out[FROM_SITE].kbps.known);
	assert_int_equal(out[FROM_SITE].open, UNKNOWN);
	assert_int_equal(out[TO_SITE].kbps.v, 16);
	assert_int_equal(out[TO_SITE].jitter_ms.v, 3);
	assert_int_equal(out[TO_SITE].lost.v, 4);
	assert_int_equal(m.s[VIDEO][FROM_SITE].kbps.v, 7);
	assert_int_equal(m.s[VIDEO][FROM_SITE].open, UNKNOWN);
	assert_int_equal(m.s[VIDEO][FROM_SITE].fps.v, 30);
	assert_int_equal(m.s[VIDEO][TO_SITE].open, NO);
	assert_int_equal(m.s[VIDEO][TO_SITE].kbps.v, 48);
	assert_false(m.s[VIDEO][TO_SITE].fps.known);
}

static void
uptime_tells_its_resolution(void **unused)
{
	static const struct {
		const char *line;
		int64_t s;
		int step;
	} t[] = {
		{ "1 Hour, 10 Minutes", 4200, 60 },
		{ "1 Minute", 60, 60 },
		{ "3 Days", 3 * 86400, 86400 },
		{ "2 Days, 3 Hours, 4 Minutes", 2 * 86400 + 3 * 3600 + 240, 60 },
	};
	int64_t s;
	int step;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		assert_true(poly_parse_uptime(t[i].line, &s, &step));
		assert_int_equal(s, t[i].s);
		assert_int_equal(step, t[i].step);
	}
	static const char *const wrong[] = { "", "Minutes", "10", "1 Fortnight", "uptime get",
		"9999999 Days" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(poly_parse_uptime(wrong[i], &s, &step));
}

/* An address comes from a file people write: no second command rides on it. */
static void
an_address_stays_an_address(void **unused)
{
	char out[256];
	assert_true(poly_dial_command(out, sizeof out, "h323:7001@10.1.1.1", 768));
	assert_string_equal(out, "dial manual 768 \"7001@10.1.1.1\" h323");
	assert_false(poly_dial_command(out, sizeof out, "sip:a\" h323\rreboot now", 768));
	assert_false(poly_dial_command(out, sizeof out, "sip:", 768));
	assert_false(poly_dial_command(out, 20, "sip:a@b.example", 768));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(introduces_itself_and_is_pinned),
		cmocka_unit_test(tells_its_status_in_a_call),
		cmocka_unit_test(asks_no_media_outside_a_call),
		cmocka_unit_test(is_silent_while_a_call_is_set_up),
		cmocka_unit_test(does_not_dial_into_a_call),
		cmocka_unit_test(figures_of_two_calls_are_nobodys),
		cmocka_unit_test(dials_hangs_up_and_mutes),
		cmocka_unit_test(an_echo_proves_no_mute),
		cmocka_unit_test(other_lines_stand_in_between),
		cmocka_unit_test(an_answer_lags_behind),
		cmocka_unit_test(an_answer_comes_twice),
		cmocka_unit_test(a_command_that_is_missing_leaves_its_figure_unknown),
		cmocka_unit_test(a_prompt_alone_is_good_enough),
		cmocka_unit_test(a_wrong_password_is_tried_once),
		cmocka_unit_test(a_changed_host_key_gets_no_password),
		cmocka_unit_test(silence_ends_at_the_deadline),
		cmocka_unit_test(a_cancelled_dial_comes_back),
		cmocka_unit_test(the_line_drops_in_the_middle),
		cmocka_unit_test(garbage_is_not_understood),
		cmocka_unit_test(no_other_transport_is_pretended),
		cmocka_unit_test(a_state_that_is_not_known_is_no_idle_room),
		cmocka_unit_test(callinfo_has_three_shapes),
		cmocka_unit_test(units_that_are_not_known),
		cmocka_unit_test(uptime_tells_its_resolution),
		cmocka_unit_test(an_address_stays_an_address),
	};
	ssh_init();
	ssh_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	ssh_finalize();
	return rc;
}
