/* The forms of the simulated CMS: pages, paths, records, media sections at chosen instants. */
#include "tests/lab/cms_text.c"
#include "tests/lab/fleet.c"
#include "tests/lab/scenario.c"
#include "tests/lab/web_form.c"
#include "tests/lab/words.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define START 1550000000000LL

static void
pages(void **state)
{
	static const struct {
		size_t total;
		const char *offset, *limit;
		size_t cap, from, count;
	} table[] = { { 24, NULL, NULL, 10, 0, 10 }, { 24, "0", "100", 10, 0, 10 }, { 24, "20", "100", 10, 20, 4 },
		{ 24, "24", "10", 10, 24, 0 }, { 24, "99", NULL, 10, 24, 0 }, { 24, "3", "2", 10, 3, 2 },
		{ 24, "x", "-1", 10, 0, 10 }, { 0, NULL, NULL, 10, 0, 0 } };
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct cms_window w = cms_page(table[i].total, table[i].offset, table[i].limit, table[i].cap);
		assert_int_equal(w.offset, table[i].from);
		assert_int_equal(w.count, table[i].count);
	}
}

static void
paths(void **state)
{
	char ids[2][80];
	assert_true(cms_path("calls/@/callLegs", "calls/ab-c/calllegs", ids));
	assert_string_equal(ids[0], "ab-c");
	assert_true(cms_path("calls/@/participants/*", "calls/7/participants/*", ids));
	assert_false(cms_path("participants/@", "participants/*", ids));
	assert_false(cms_path("calls/@", "calls/7/callLegs", ids));
	assert_false(cms_path("calls/@/callLegs", "calls/7", ids));
	assert_false(cms_path("calls/@", "calls/", ids));
	assert_true(cms_path("calls", "calls/", ids));
	assert_false(cms_path("calls", "callsign", ids));
}

static void
forms(void **state)
{
	struct web_form f = { 0 };
	web_form_parse(&f, "a=xin+ch%C3%A0o&b=&c&d=1%2&=z&&e=%26");
	assert_string_equal(web_form_get(&f, "a"), "xin chào");
	assert_string_equal(web_form_get(&f, "b"), "");
	assert_string_equal(web_form_get(&f, "c"), "");
	assert_string_equal(web_form_get(&f, "d"), "1%2");
	assert_string_equal(web_form_get(&f, "e"), "&");
	assert_null(web_form_get(&f, "x"));
	web_form_free(&f);
	assert_int_equal(f.n, 0);
}

static void
reasons(void **state)
{
	assert_string_equal(cms_reason("busy", "a@x"), "remoteBusy");
	assert_string_equal(cms_reason("noAnswer", "a@x"), "ringingTimeout");
	assert_string_equal(cms_reason("dnsFailed", "sip:a@nowhere.vn"), "dnsFailure");
	assert_string_equal(cms_reason("dnsFailed", "sip:a@127.0.0.9"), "unknownDestination");
	assert_string_equal(cms_reason("callMoved", "a@x"), "callMoved");
}

static void
records(void **state)
{
	struct cms_record r[2] = { { .index = 4, .correlator = 9, .missing = 2, .xml = (char[]){ "<record type=\"a\"\0<x/>" } },
		{ .index = 5, .correlator = 10, .xml = (char[]){ "<record type=\"b\"\0<y/>" } } };
	struct cms_receiver v = { .queue = { r, 2, 2 } };
	struct buf b = { 0 };
	cms_write_records(&v, "S", 2, &b);
	assert_string_equal(buf_str(&b), "<?xml version=\"1.0\"?>\n<records session=\"S\">\n"
		"<record type=\"a\" recordIndex=\"4\" correlatorIndex=\"9\" numPreceedingRecordsMissing=\"2\"><x/></record>\n"
		"<record type=\"b\" recordIndex=\"5\" correlatorIndex=\"10\"><y/></record>\n</records>\n");
	buf_clear(&b);
	cms_write_records(&v, "S", 1, &b);
	assert_null(strstr(buf_str(&b), "type=\"b\""));
	buf_free(&b);
}

static void
receivers(void **state)
{
	char host[64];
	const char *path;
	int port;
	assert_true(cms_receiver_uri("http://127.0.0.1:8099/cdr?x=1", host, &port, &path));
	assert_string_equal(host, "127.0.0.1");
	assert_int_equal(port, 8099);
	assert_string_equal(path, "/cdr?x=1");
	assert_true(cms_receiver_uri("http://127.0.0.1", host, &port, &path));
	assert_int_equal(port, 80);
	assert_string_equal(path, "/");
	assert_false(cms_receiver_uri("http://192.0.2.1/cdr", host, &port, &path));
	assert_false(cms_receiver_uri("https://127.0.0.1/cdr", host, &port, &path));
	assert_false(cms_receiver_uri("http://127.0.0.1:0/", host, &port, &path));
}

static int
bits(const char *text, const char *section)
{
	const char *at = strstr(text, section), *b = at ? strstr(at, "<bitRate>") : NULL;
	int64_t v = -1;
	char digits[16] = "";
	if (b)
		snprintf(digits, sizeof digits, "%.*s", (int)strcspn(b + 9, "<"), b + 9);
	return b && str_to_int(digits, 0, INT32_MAX, &v) ? (int)v : -1;
}

static void
media(void **state)
{
	static const struct {
		const char *behaviour;
		int64_t ms;
		const char *has;
		bool sections, audio, picture; /* sections at all; receives sound; receives a picture */
	} table[] = {
		{ "on", 500, "<state>initial</state>", false, false, false },
		{ "on", 1500, "<state>ringing</state>", false, false, false },
		{ "on", 9000, "<state>connected</state>", true, true, true },
		{ "loss 4%", 9000, "<packetLossPercentage>4.0<", true, true, true },
		{ "one-way audio to-site", 9000, "<rxAudio>", true, false, true },
		{ "one-way video to-site", 9000, "<txVideo role", true, true, false },
		{ "frozen +2s", 9000, "<state>connected</state>", true, false, false },
		{ "poweroff +2s", 9000, "<state>connected</state>", true, false, false },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct arena *a = arena_new();
		struct faults faults = { .arena = a };
		struct scenario s;
		assert_true(scenario_parse(a, "x.lab",
			arena_printf(a, "mcu m cisco-cms https://127.10.0.1\nsite a %s\n", table[i].behaviour), &s, &faults));
		assert_string_equal(s.sites.at[0].address, "sip:a@127.20.0.1");
		fleet_open(&s, a, START);
		struct cms_leg l = { .b.leg.mcu = &s.mcus.at[0], .id = "0123456789" };
		leg_dial(&l.b.leg, fleet_find(s.sites.at[0].address), START, false);
		for (int64_t t = 0; t <= table[i].ms; t += 100)
			leg_advance(&l.b.leg, START + t);
		struct buf b = { 0 };
		cms_write_status(&l, "allEqual", START + table[i].ms, &b);
		const char *x = buf_str(&b);
		assert_non_null(strstr(x, table[i].has));
		assert_int_equal(strstr(x, "<txAudio>") != NULL, table[i].sections);
		assert_int_equal(bits(x, "<rxAudio>") > 0, table[i].audio);
		assert_int_equal(bits(x, "<rxVideo role=\"main\">") > 0, table[i].picture);
		if (i == 5) /* no stream, no section */
			assert_null(strstr(x, "<rxVideo"));
		buf_free(&b);
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(pages), cmocka_unit_test(paths), cmocka_unit_test(forms),
		cmocka_unit_test(reasons), cmocka_unit_test(records), cmocka_unit_test(receivers), cmocka_unit_test(media) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
