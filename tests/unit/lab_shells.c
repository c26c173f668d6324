/* The simulated codecs that speak lines in the clear, without their sockets: what they write, their
 * logins, and that their figures are those of the leg which the MCU shows. */
#include "tests/lab/codec_parts.c"
#include "tests/lab/fleet.c"
#include "tests/lab/lifesize.c"
#undef EOL
#undef PROMPT
#include "tests/lab/log.c"
#define say_medium mxp_say_medium
#define say_call mxp_say_call
#define obey mxp_obey
#define dial mxp_dial
#include "tests/lab/mxp.c"
#undef EOL
#undef obey
#undef dial
#include "tests/lab/scenario.c"
#include "tests/lab/scenario_mcu.c"
#include "tests/lab/shell_parts.c"
#include "tests/lab/words.c"
#define obey sony_obey
#define dial sony_dial
#include "tests/lab/sony.c"
#undef EOL
#undef PROMPT
#undef obey
#undef dial
#define obey yealink_obey
#define dial yealink_dial
#define state_of yealink_state_of
#include "tests/lab/yealink.c"

#include "tests/unit/lab_stage.h"

#define MCU "mcu m cisco-mcu https://127.10.0.1:8443\n"

bool (*cli_dial)(struct site *s, const char *address, int64_t now);

static struct shell shell;

/* One site, called at START and connected 3 s later; the session begins at START. */
static void
lab(const char *site)
{
	lab_opens(arena_printf(arena, MCU "%s", site));
	shell = (struct shell){ .site = fleet_site(0), .seen = PHASE_DISCONNECTED };
	shell_kind_of(shell.site)->greet(&shell, START, &told);
}

static void
called(void)
{
	leg_dial(&leg, shell.site, START, false);
	shell.site->call_name = "họp, xã";
	shell.site->call_host = "127.10.0.1";
}

static const char *
line(const char *text, int64_t ms)
{
	leg_advance(&leg, START + ms);
	buf_clear(&told);
	shell_kind_of(shell.site)->line(&shell, text, START + ms, &told);
	return buf_str(&told);
}

static const char *
unasked(int64_t ms)
{
	leg_advance(&leg, START + ms);
	buf_clear(&told);
	shell_kind_of(shell.site)->unasked(&shell, START + ms, &told);
	return buf_str(&told);
}

static void
kinds(void **state)
{
	static const struct {
		const char *line;
		bool ok, plain;
		int port, ssh_port;
		enum codec_kind kind;
	} table[] = {
		{ "codec telnet://127.20.0.1 lifesize", true, true, 23, 0, CODEC_LIFESIZE },
		{ "codec ssh://127.20.0.1:2222 lifesize user auto", true, false, 2222, 2222,
			CODEC_LIFESIZE },
		{ "codec telnet://127.20.0.1:2323 tandberg-mxp", true, true, 2323, 0, CODEC_MXP },
		{ "codec tcp://127.20.0.1 yealink-vc", true, true, 6024, 0, CODEC_YEALINK },
		{ "codec telnet://127.20.0.1 sony-pcs", true, true, 23, 0, CODEC_SONY },
		{ "codec telnet://127.20.0.1 yealink-vc", false },
		{ "codec tcp://127.20.0.1 lifesize", false },
		{ "codec ssh://127.20.0.1 tandberg-mxp", false },
		{ "codec telnet://127.20.0.1", true, true, 23, 0, CODEC_POLY_CLI },
		{ "codec telnet://10.0.0.1 sony-pcs", false },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct faults faults = { .arena = arena };
		bool ok = scenario_parse(arena, "x.lab",
			arena_printf(arena, MCU "site a on %s\n", table[i].line), &scenario,
			&faults);
		assert_int_equal(ok, table[i].ok);
		if (!ok)
			continue;
		const struct lab_codec *c = &scenario.sites.at[0].codec;
		assert_int_equal(c->plain, table[i].plain);
		assert_int_equal(c->port, table[i].port);
		assert_int_equal(c->ssh_port, table[i].ssh_port);
		assert_int_equal(c->kind, table[i].kind);
	}
	assert_string_equal(scenario_adapter(CODEC_SONY), "sony-pcs");
}

static void
a_login_is_right_or_wrong(void **state)
{
	static const struct {
		const char *site;
		int stage_of_wrong;
	} table[] = {
		{ "site a on codec telnet://127.20.0.1 lifesize user auto password x", SHELL_USER },
		{ "site a on codec telnet://127.20.0.1 sony-pcs user auto password x", SHELL_USER },
		{ "site a on codec telnet://127.20.0.1 tandberg-mxp password x", SHELL_PASSWORD },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		lab(table[i].site);
		if (shell.stage == SHELL_USER)
			line("auto", 0);
		assert_int_equal(shell.stage, SHELL_PASSWORD);
		line("y", 0);
		assert_int_equal(shell.stage, table[i].stage_of_wrong);
		if (shell.stage == SHELL_USER)
			line("auto", 0);
		line("x", 0);
		assert_int_equal(shell.stage, SHELL_IN);
	}
	lab("site a on codec-password-wrong codec telnet://127.20.0.1 tandberg-mxp password x");
	line("x", 0);
	assert_int_equal(shell.stage, SHELL_PASSWORD);
}

static void
lifesize_answers(void **state)
{
	lab("site a on codec telnet://127.20.0.1 lifesize user auto password x");
	line("auto", 0);
	assert_string_equal(line("x", 0), "\r\n$ ");
	assert_string_equal(line("get system model", 0),
		"get system model\r\nLifeSize,Room 220\r\n\r\nok,00\r\n$ ");
	assert_string_equal(
		line("status call active -D |", 0), "status call active -D |\r\n\r\nok,00\r\n$ ");
	assert_string_equal(
		line("control call hangup -a", 0), "control call hangup -a\r\n\r\nerror,0e\r\n$ ");
	assert_string_equal(line("get nothing", 0), "get nothing\r\n\r\nerror,09\r\n$ ");
	called();
	assert_string_equal(unasked(2000), "");
	/* what waited stands before the echo, with an "ok,00" of its own */
	line("get audio mute", 2000);
	assert_string_equal(buf_str(&told), arena_printf(arena,
		"\r\nIC,%d,1,Ringing,Video,127.10.0.1,127.10.0.1\r\n\r\nok,00\r\n"
		"$ get audio mute\r\noff\r\n\r\nok,00\r\n$ ", leg.call_id));
}

static void
lifesize_shows_its_call(void **state)
{
	lab("site a on codec telnet://127.20.0.1 lifesize user auto password x");
	line("auto", 0), line("x", 0);
	called();
	const char *text = line("status call active", 9000);
	assert_non_null(
		strstr(text, ",1,Connected,Yes,Video,127.10.0.1,họp, xã,1920,h323,,00:00:0"));
	assert_non_null(strstr(line("status call active -D |", 9000),
		"|1|Connected|Yes|Video|127.10.0.1|họp, xã|1920|h323||"));
	assert_null(strstr(line("status call active -C 7777", 9000), "Connected"));
	line("set audio mute on", 9000);
	assert_false(shell.site->mic_muted); /* not the active microphone */
	line("set audio mute-device all", 9000), line("set audio mute on", 9000);
	assert_true(shell.site->mic_muted);
	assert_non_null(strstr(line("", 9000), "MS,true\r\n"));
	line("set audio mute off", 9000); /* every third command tells behind its echo */
	assert_string_equal(line("get audio mute", 9000),
		"get audio mute\r\n\r\nMS,false\r\noff\r\n\r\nok,00\r\n$ ");
}

static void
lifesize_keeps_its_calls(void **state)
{
	lab("site a on codec telnet://127.20.0.1 lifesize user auto password x");
	line("auto", 0), line("x", 0);
	assert_non_null(strstr(line("status call history -f -X -D |", 0), "error,0d"));
	called();
	line("", 9000);
	line("control call hangup -a", 63000);
	/* behind the echo */
	const char *p = strstr(line("status call history -f -X -D |", 64000), "-D |\r\n");
	char row[400];
	assert_non_null(p);
	p += strlen("-D |\r\n");
	snprintf(row, sizeof row, "%.*s", (int)strcspn(p, "\r"), p);
	int strokes = 0;
	for (const char *c = row; *c; c++)
		strokes += *c == '|';
	assert_int_equal(strokes, 28); /* TermCode is the 25th column, four figures follow */
	int lasted = (int)((leg.ended - leg.connected) / 1000);
	assert_true(lasted > 50 && lasted < 70);
	assert_non_null(
		strstr(row, arena_printf(arena, "|00:%02d:%02d|", lasted / 60, lasted % 60)));
	assert_non_null(strstr(row, "|In|h323|No|1920|1920||||||||||1|"));
}

static void
mxp_shows_its_call(void **state)
{
	lab("site a on loss 10% codec telnet://127.20.0.1 tandberg-mxp password x");
	line("x", 0);
	assert_string_equal(
		line("xstatus call", 0), "xstatus call\r\n*s Call 1 (status=Idle): /\r\n*s Call 2 "
					 "(status=Idle): /\r\n*s/end\r\n\r\nOK\r\n");
	assert_string_equal(line("nonsense", 0), "nonsense\r\n\r\nCommand not recognized.\r\n");
	line("echo off", 0);
	called();
	const char *text = line("xstatus call", 23000);
	assert_non_null(strstr(text, "*s Call 1 (status=Synced, type=Vtlph, protocol=H323, "
				     "direction=Incoming, logTag="));
	struct media md;
	leg_media(&leg, START + 23000, &md);
	assert_true(md.packets[1][1] > 0 && md.lost[1][1] > 0);
	assert_non_null(strstr(
		text, arena_printf(arena,
			      "TotalPackets: %" PRId64 "\r\n      PacketLoss: %" PRId64 "\r\n",
			      md.packets[1][1], md.lost[1][1])));
	assert_string_equal(
		line("xConfiguration Audio Microphones Mode: off", 23000), "\r\nOK\r\n");
	assert_string_equal(line("xconfiguration audio microphones mode", 23000),
		"*c xConfiguration Audio Microphones Mode: Off\r\n*c/end\r\n\r\nOK\r\n");
	assert_string_equal(unasked(23000), ""); /* nobody registered */
}

static const char *
document(const char *location, const char *password, struct codec_reply *r)
{
	struct codec_box box = { .site = shell.site };
	struct codec_request rq = {
		.method = "GET", .path = "/getxml", .login = true, .user = "admin"
	};
	str_copy(rq.location, sizeof rq.location, location);
	str_copy(rq.password, sizeof rq.password, password);
	*r = (struct codec_reply){ .status = 200 };
	mxp_answer(&box, &rq, START + 23000, 0, r);
	buf_free(&told);
	told = r->body;
	return buf_str(&told);
}

static void
mxp_writes_the_same_as_xml(void **state)
{
	struct codec_reply r;
	lab("site a on codec https://127.20.0.1 tandberg-mxp password x");
	called();
	leg_advance(&leg, START + 23000);
	const char *text = document("/Status/Call", "x", &r);
	assert_non_null(strstr(
		text, "<Call item=\"1\" status=\"Synced\" type=\"Vtlph\" protocol=\"H323\""));
	assert_non_null(strstr(
		text, "<Channels item=\"2\" type=\"Outgoing\"><Rate item=\"1\">1920</Rate>"));
	assert_non_null(
		strstr(text, "<Data item=\"1\" status=\"Inactive\"/></Channels></Call><Call "
			     "item=\"2\" status=\"Idle\"/></Status>"));
	assert_non_null(strstr(document("/Status/SystemUnit", "x", &r),
		"<Hardware item=\"1\"><SerialNumber item=\"1\">24A00001<"));
	assert_non_null(strstr(document("/Status/Nonsense", "x", &r), "<Fault><XPathError>"));
	document("/Status/Call", "y", &r);
	assert_int_equal(r.status, 401);
}

static void
yealink_shows_its_call(void **state)
{
	lab("site a on one-way video to-site codec tcp://127.20.0.1 yealink-vc");
	assert_string_equal(line("sysstatus get", 0), "sysstatus get idle\r\n");
	assert_string_equal(line("Sysstatus get", 0), "error: command not found\r\n");
	assert_string_equal(line("mute near", 0),
		"storage get unavailable\r\nerror: command has illegal parameters\r\n");
	assert_string_equal(line("dial manual x", 0), "error: command has illegal parameters\r\n");
	called();
	assert_non_null(strstr(unasked(2500), "sysstatus get ringing \"dialstr:127.10.0.1\""));
	assert_non_null(strstr(unasked(9000), "sysstatus get talking"));
	const char *text = line("callinfo all", 9000);
	assert_non_null(strstr(text, "callinfo video \"callid:"));
	assert_non_null(strstr(text, "\"VBwRecv:1748\""));
	assert_non_null(strstr(text, "\"devInfo:họp, xã\""));
	assert_non_null(strstr(text, "\"ABwRecv:48\""));
}

static void
sony_tells_only_what_changes(void **state)
{
	lab("site a on codec telnet://127.20.0.1 sony-pcs user u password x");
	line("u", 0);
	assert_string_equal(line("x", 0), "\r\r\nCNTR>");
	assert_string_equal(
		line("status power", 0), "status power\r\r\nstatus power power-on\r\r\nCNTR>");
	assert_string_equal(line("disconnect", 0), "disconnect\r\r\nnot communication\r\r\nCNTR>");
	called();
	assert_string_equal(unasked(2500), "ring manual\r\r\n127.10.0.1\r\r\n\r\nCNTR>");
	assert_string_equal(unasked(9000), "connect complete\r\r\nCNTR>");
	assert_string_equal(unasked(9100), "");
	assert_string_equal(line("disconnect", 9200), "disconnect\r\r\nCNTR>");
	assert_string_equal(unasked(9300), "disconnect\r\r\nCNTR>");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(kinds, setup, teardown),
		cmocka_unit_test_setup_teardown(a_login_is_right_or_wrong, setup, teardown),
		cmocka_unit_test_setup_teardown(lifesize_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(lifesize_shows_its_call, setup, teardown),
		cmocka_unit_test_setup_teardown(lifesize_keeps_its_calls, setup, teardown),
		cmocka_unit_test_setup_teardown(mxp_shows_its_call, setup, teardown),
		cmocka_unit_test_setup_teardown(mxp_writes_the_same_as_xml, setup, teardown),
		cmocka_unit_test_setup_teardown(yealink_shows_its_call, setup, teardown),
		cmocka_unit_test_setup_teardown(sony_tells_only_what_changes, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
