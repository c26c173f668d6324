/* The reader of lab scenarios: what an operator may write, and that each fault is named with its
 * line. */
#include "tests/lab/scenario.c"
#include "tests/lab/scenario_mcu.c"
#include "tests/lab/words.c"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define MCU "mcu huyen cisco-mcu https://127.10.0.1:8443\n"

static struct arena *arena;
static struct faults faults;

static int
setup(void **state)
{
	arena = arena_new();
	faults = (struct faults){ .arena = arena };
	return 0;
}

static int
teardown(void **state)
{
	arena_free(arena);
	return 0;
}

static struct scenario
good(const char *text)
{
	struct scenario s;
	bool ok = scenario_parse(arena, "x.lab", text, &s, &faults);
	for (size_t i = 0; i < faults.n; i++)
		print_error("%s:%d: %s\n", faults.at[i].file, faults.at[i].line, faults.at[i].text);
	assert_true(ok);
	return s;
}

static void
durations(void **state)
{
	static const struct {
		const char *word;
		bool ok;
		int64_t ms;
	} table[] = { { "50ms", true, 50 }, { "+18m", true, 1080000 }, { "3s", true, 3000 },
		{ "1.5h", true, 5400000 }, { "-3m", true, -180000 }, { "3", false, 0 },
		{ "", false, 0 }, { "s", false, 0 }, { "3 s", false, 0 }, { "9e99h", false, 0 } };
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		int64_t ms = 0;
		assert_int_equal(scenario_duration(table[i].word, &ms), table[i].ok);
		assert_int_equal(ms, table[i].ms);
	}
}

static void
mcu_line(void **state)
{
	struct scenario s = good("lab province van-quan # for people\n"
				 "mcu huyen cisco-mcu https://127.10.0.1:8443 latency 50ms user a "
				 "password \"b c\" ports 8 page 3 drop-idle"
				 " reset-sockets reboot +10m uplink-down +1m back +2m api-down +5m "
				 "name-max 20 fault 203 every 50"
				 " api 2.7 clock-off -2m width 6 cut-off\n");
	assert_string_equal(s.name, "van-quan");
	const struct lab_mcu *m = &s.mcus.at[0];
	assert_true(m->tls && m->drop_idle && m->reset_sockets);
	assert_string_equal(m->host, "127.10.0.1");
	assert_string_equal(m->password, "b c");
	assert_int_equal(m->port, 8443);
	assert_int_equal(m->latency_ms, 50);
	assert_int_equal(m->reboot_at, 600000);
	assert_int_equal(m->uplink_down.at[0].to, 120000);
	assert_true(m->api_down.at[0].to == INT64_MAX);
	assert_int_equal(m->fault_code, 203);
	assert_int_equal(m->fault_every, 50);
	assert_int_equal(m->clock_off, -120000);
	assert_int_equal(m->name_max, 20);
	assert_int_equal(m->width, 6);
	assert_true(m->cut_off);
}

static void
site_behaviours(void **state)
{
	struct scenario s = good(MCU
		"site chu-tuc off\n"
		"site yen-phuc on speaks 2s for 40s poweroff +20m on +32m name \"Yên Phúc\"\n"
		"site x on speaks 2s one-way video from-site loss 4% drop +5m back +7m drop +9m\n"
		"site y on +6m silent noise -22dB frozen +5m hangup +18m operator moves +9m "
		"dials-in +2m every 5m\n"
		"site z address sip:1001@127.44.0.9 codec ssh://127.44.0.9:2022 user u password p\n"
		"site t unanswered no-codec\n"
		"site u on still +2m kbps 256 no-picture mute-ignored moved class xa\n");
	assert_int_equal(s.sites.n, 7);
	const struct lab_site *p = s.sites.at;
	assert_int_equal(p[0].answer, ANSWER_OFF);
	assert_string_equal(p[0].address, "h323:127.20.0.1");
	assert_string_equal(p[0].codec.url, "ssh://127.20.0.1:2222");
	assert_string_equal(p[0].mcu, "huyen");
	assert_string_equal(p[1].name, "Yên Phúc");
	assert_int_equal(p[1].speaks_ms, 2000);
	assert_int_equal(p[1].speech_ms, 40000);
	assert_int_equal(p[1].power.at[0].from, 1200000);
	assert_int_equal(p[1].power.at[0].to, 1920000);
	assert_int_equal(p[1].on_at, LAB_NEVER);
	assert_true(p[2].blocked[1][1] && !p[2].blocked[1][0] && !p[2].blocked[0][1]);
	assert_int_equal(p[2].loss_permille, 40);
	assert_int_equal(p[2].drop.n, 2);
	assert_int_equal(p[3].on_at, 360000);
	assert_int_equal(p[3].speaks_ms, LAB_NEVER);
	assert_int_equal(p[3].floor_mdb, -22000);
	assert_int_equal(p[3].act, OPERATOR_MOVES);
	assert_int_equal(p[3].dials_in_every, 300000);
	assert_string_equal(p[4].ip, "127.44.0.9");
	assert_string_equal(p[4].codec.user, "u");
	assert_int_equal(p[4].codec.port, 2022);
	assert_int_equal(p[5].answer, ANSWER_NOBODY);
	assert_false(p[5].codec.exists);
	assert_int_equal(p[6].still_at, 120000);
	assert_int_equal(p[6].kbps, 256);
	assert_true(p[6].no_picture && p[6].mute_ignored && p[6].moved);
	assert_string_equal(p[6].class, "xa");
}

static void
fleets_and_shift(void **state)
{
	struct scenario s = good(MCU "fleet 260 xa on\n");
	assert_int_equal(s.sites.n, 260);
	assert_string_equal(s.sites.at[259].id, "xa-260");
	for (size_t i = 0; i < s.sites.n; i++)
		for (size_t j = i + 1; j < s.sites.n; j++)
			assert_string_not_equal(s.sites.at[i].ip, s.sites.at[j].ip);
	scenario_shift(&s, arena, 5);
	assert_string_equal(s.mcus.at[0].url, "https://127.15.0.1:8443");
	assert_string_equal(s.sites.at[0].address, "h323:127.25.0.1");
	assert_string_equal(s.sites.at[0].codec.url, "ssh://127.25.0.1:2222");
	assert_string_equal(s.sites.at[0].codec.host, "127.25.0.1");
}

/* Each wrong text, and what its one fault must say. */
static void
faults_are_named(void **state)
{
	static const struct {
		const char *text, *fault;
	} table[] = {
		{ "site a on\n", "x.lab: no mcu line" },
		{ MCU "\nsit a on\n", "x.lab:3: a line begins with lab, mcu, site or fleet, not "
				      "\"sit\", perhaps \"site\"" },
		{ MCU "site a unansered\n",
			"x.lab:2: unknown word \"unansered\" for a site, perhaps \"unanswered\"" },
		{ "mcu h cisco-mcu https://127.1.0.1 lateny 5ms\n",
			"x.lab:1: unknown word \"lateny\"" },
		{ "mcu h cisco-mcu https://10.1.1.1\n",
			"x.lab:1: the lab listens on 127.x.y.z only" },
		{ "mcu h cisco-mc https://127.1.1.1\n",
			"x.lab:1: the lab has no MCU of the kind \"cisco-mc\"" },
		{ MCU "site a on hangup\n", "x.lab:2: \"hangup\" wants a word" },
		{ MCU "site a on hangup 18\n",
			"x.lab:2: \"18\" after \"hangup\" is not a duration" },
		{ MCU "site a on poweroff +9m on +3m\n", "x.lab:2: on comes before poweroff" },
		{ MCU "site a loss 400%\n", "x.lab:2: \"400%\" after \"loss\"" },
		{ MCU "site a one-way audio up\n", "x.lab:2: one-way wants" },
		{ MCU "site a operator sings +3m\n", "x.lab:2: an operator hangs-up" },
		{ MCU "site Chu on\n", "x.lab:2: a site's id is lower-case" },
		{ MCU "site a on\nsite a on\n", "x.lab:3: a second site with the id \"a\"" },
		{ MCU MCU, "x.lab:2: a second mcu named \"huyen\"" },
		{ MCU "site a mcu tinh\n", "x.lab: site a: there is no mcu \"tinh\"" },
		{ MCU "site a name \"x\n", "x.lab:2: a quote is never closed" },
		{ MCU "site a codec telnet://x\n",
			"x.lab:2: the lab listens on 127.x.y.z only, not on \"x\"" },
		{ MCU "site a codec gopher://127.1.0.1:70\n",
			"x.lab:2: \"gopher://127.1.0.1:70\" is not an address" },
		{ MCU "site a codec ssh://8.8.8.8:22\n",
			"x.lab:2: the lab listens on 127.x.y.z only" },
		{ MCU "site a address 1.2.3.4\n", "x.lab:2: \"1.2.3.4\" is not an address" },
		{ MCU "fleet 5000 a nonsens\n", "x.lab:2: unknown word \"nonsens\"" },
		{ "mcu h cisco-mcu http://127.1.0.1 fault 203\n",
			"x.lab:1: \"fault 203\" wants \"every N\"" },
		{ MCU "site a name \xff\n", "not UTF-8" },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct scenario s;
		struct buf b = { 0 };
		faults = (struct faults){ .arena = arena };
		assert_false(scenario_parse(arena, "x.lab", table[i].text, &s, &faults));
		faults_print(&faults, &b);
		if (!strstr(buf_str(&b), table[i].fault))
			fail_msg("case %zu: \"%s\" is not in:\n%s", i, table[i].fault, buf_str(&b));
		buf_free(&b);
	}
}

/* All faults of a text come at once. */
static void
all_faults(void **state)
{
	struct scenario s;
	assert_false(scenario_parse(
		arena, "x.lab", MCU "site a nonsense\nsite b loss x%\nsite c on\n", &s, &faults));
	assert_int_equal(faults.n, 2);
	assert_int_equal(faults.at[0].line, 2);
	assert_int_equal(faults.at[1].line, 3);
	assert_int_equal(s.sites.n, 3);
}

static void
missing_file(void **state)
{
	struct scenario s;
	assert_false(scenario_read(arena, "/nonexistent/x.lab", &s, &faults));
	assert_non_null(strstr(faults.at[0].text, "No such file"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(durations, setup, teardown),
		cmocka_unit_test_setup_teardown(mcu_line, setup, teardown),
		cmocka_unit_test_setup_teardown(site_behaviours, setup, teardown),
		cmocka_unit_test_setup_teardown(fleets_and_shift, setup, teardown),
		cmocka_unit_test_setup_teardown(faults_are_named, setup, teardown),
		cmocka_unit_test_setup_teardown(all_faults, setup, teardown),
		cmocka_unit_test_setup_teardown(missing_file, setup, teardown),
	};
	return cmocka_run_group_tests_name("lab_scenario", tests, NULL, NULL);
}
