/* A run's first row: written and read back whole; a damaged one is refused with a sentence. */
#include "spec.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PLAYBOOK \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- thử -->\n" \
	"<playbook name=\"thu\" title=\"Chạy thử\" phase=\"rehearsal\" anchor=\"event\">\n" \
	"\t<open at=\"PT0S\"/>\n\t<dial at=\"PT1M\" attempts=\"2\"/>\n\t<close " \
	"at=\"PT40M\"/>\n</playbook>\n"
#define PROFILE "<profile><grace late-after=\"PT5M\"/></profile>\n"

static struct spec
example(void)
{
	static struct spec_site sites[] = {
		{ .id = "chu-tuc",
			.name = "Chu Túc",
			.tier = "commune",
			.parent = "huyen",
			.district = "Văn Quan",
			.address = { "sip:1@10.0.0.1", "h323:1" },
			.mcu = 0,
			.mcu2 = 1,
			.endpoint = true,
			.leg_name = "chu-tuc",
			.class = "xa",
			.importance = 3,
			.people = 12,
			.chair = "bà chủ trì",
			.contact = "đầu mối",
			.contact_phone = "1",
			.provider = "p" },
		{ .id = "hong",
			.name = "Hỏng",
			.tier = "commune",
			.parent = "",
			.district = "",
			.address = { "", "" },
			.mcu = -1,
			.leg_name = "",
			.class = "",
			.people = -1,
			.chair = "",
			.contact = "",
			.contact_phone = "",
			.provider = "",
			.disabled = "sites.csv:3: no such MCU" },
	};
	static struct spec_mcu mcus[] = {
		{ .name = "huyen",
			.adapter = "fake",
			.evidence = 1 << 3,
			.width = 2,
			.name_max = 31,
			.plays = true },
		{ .name = "tw", .adapter = "", .foreign = true, .disabled = "" },
	};
	static const char *const notes[] = { "sites.csv:3: no such MCU", NULL };
	return (struct spec){
		.id = "20190210-0700-thu-abcdef",
		.key = "abcdef",
		.calendar = "tay",
		.uid = "u@x",
		.recurrence_id = "-",
		.name = "thu",
		.title = "Chạy thử",
		.summary = "Chạy thử \"xã\"",
		.phase = PHASE_REHEARSAL,
		.generation = 2,
		.anchor = 1549756800000,
		.planned_start = 1549756800000,
		.event_end = 1549759200000,
		.session_start = 1,
		.session_end = 2,
		.session_key = "k2",
		.short_notice = true,
		.conference = "thu-1",
		.commit = "0123",
		.playbook_xml = PLAYBOOK,
		.profile_xml = PROFILE,
		.lang = "vi",
		.sites = sites,
		.sites_n = 2,
		.mcus = mcus,
		.mcus_n = 2,
		.notes = notes,
	};
}

static void
test_round_trip(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct spec s = example(), *back;
	struct err_text e = { 0 };
	const char *text = spec_write(&s, a);
	assert_int_equal(spec_read(text, strlen(text), a, &back, &e), OK);
	assert_string_equal(spec_write(back, a), text);
	assert_string_equal(back->playbook_xml, PLAYBOOK);
	assert_string_equal(back->sites[0].name, "Chu Túc");
	assert_int_equal(back->sites[0].people, 12);
	assert_true(back->sites[0].endpoint);
	assert_int_equal(back->sites[1].mcu, -1);
	assert_int_equal(back->sites[0].mcu2, 1);
	assert_int_equal(back->sites[1].mcu2, 0);
	assert_true(back->mcus[0].plays);
	assert_int_equal(back->sites[1].people, -1);
	assert_string_equal(back->sites[1].disabled, "sites.csv:3: no such MCU");
	assert_null(back->sites[0].disabled);
	assert_null(back->mcus[0].disabled);
	assert_non_null(back->mcus[1].disabled);
	assert_int_equal(back->mcus[0].evidence, 8);
	assert_string_equal(back->notes[0], "sites.csv:3: no such MCU");
	assert_null(back->notes[1]);
	assert_int_equal(back->anchor, s.anchor);
	arena_free(a);
}

static void
test_files_are_parsed(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct spec s = example(), *back;
	struct err_text e = { 0 };
	const char *text = spec_write(&s, a);
	assert_int_equal(spec_read(text, strlen(text), a, &back, &e), OK);
	assert_int_equal(back->playbook->n, 3);
	assert_int_equal(back->playbook->steps[1].attempts, 2);
	assert_int_equal(back->profile.grace_ms, 300000);
	s.profile_xml = "";
	text = spec_write(&s, a);
	assert_int_equal(spec_read(text, strlen(text), a, &back, &e), OK);
	assert_int_equal(back->profile.grace_ms, 120000);
	arena_free(a);
}

static void
test_find_site(void **state)
{
	(void)state;
	struct spec s = example();
	int i = 7;
	assert_ptr_equal(spec_site(&s, "hong", &i), &s.sites[1]);
	assert_int_equal(i, 1);
	assert_null(spec_site(&s, "nobody", &i));
	assert_int_equal(i, -1);
	assert_ptr_equal(spec_site(&s, "chu-tuc", NULL), &s.sites[0]);
}

static void
test_damaged(void **state)
{
	(void)state;
	static const char *const damaged[] = {
		"",
		"{",
		"{}",
		"{\"id\":\"a\",\"key\":\"b\",\"phase\":\"lunch\"}",
		"{\"id\":\"a\",\"key\":\"b\",\"phase\":\"rehearsal\",\"playbook_xml\":\"<"
		"playbook\"}",
		"{\"id\":\"a\",\"key\":\"b\",\"phase\":\"rehearsal\",\"sites\":[{\"id\":\"x\","
		"\"mcu\":3}]}",
		"{\"id\":\"a\",\"key\":\"b\",\"phase\":\"rehearsal\",\"sites\":[{\"id\":\"x\","
		"\"mcu2\":2}]}",
		"{\"id\":\"a\",\"key\":\"b\",\"phase\":\"rehearsal\",\"sites\":[{}]}",
	};
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
		struct spec *back;
		struct err_text e = { 0 };
		assert_int_equal(
			spec_read(damaged[i], strlen(damaged[i]), a, &back, &e), ERR_PROTOCOL);
		assert_null(back);
		assert_true(e.text[0] != '\0');
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_files_are_parsed),
		cmocka_unit_test(test_find_site),
		cmocka_unit_test(test_damaged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
