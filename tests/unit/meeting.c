/* A new meeting, written and read back. */
#include "calendar_test.h"

#include "schedules/meeting.h"

static void
read_back(const struct meeting_new *m, struct result *r)
{
	struct buf b = { 0 };
	struct err_text e = { 0 };
	struct err_text zone_e = { 0 };
	assert_int_equal(clock_set_zone(VN, &zone_e), OK);
	assert_int_equal(meeting_ics(m, day("2026-01-01"), &b, &e), OK);
	const char *text = buf_str(&b);
	read_all(r, &text, NULL, 1, NULL, NULL, NULL, false);
	assert_string_equal(r->shown, "");
	buf_free(&b);
}

static void
test_meeting(void **state)
{
	struct result r;
	struct err_text e = { 0 };
	assert_int_equal(clock_set_zone(VN, &e), OK);
	struct meeting_new m = { .summary = "Họp, gấp; \\ \"xã\"\nEND:VEVENT",
		.start = day("2026-03-02") + INT64_C(28800000),
		.end = day("2026-03-02") + INT64_C(36000000),
		.sites = "Tri Lễ; Văn An",
		.playbook = "tong-duyet",
		.chair = "Lãnh đạo xã",
		.people = 5,
		.location = "Hội trường, tầng 2" };
	read_back(&m, &r);
	assert_string_equal(show(&r, "T+"), "20260302T0800+120");
	assert_string_equal(
		r.o.at[0].summary, m.summary); /* nothing typed becomes a line of its own */
	assert_string_equal(r.o.at[0].location, "Hội trường, tầng 2");
	assert_string_equal(r.o.at[0].description,
		"Điểm cầu: Tri Lễ; Văn An\nKịch bản: tong-duyet\n"
		"Chủ trì: Lãnh đạo xã\nSố người: 5\n");
	assert_true(str_ends(r.o.at[0].uid, "@tongduyet"));
	assert_false(r.o.at[0].rehearsal);
	arena_free(r.a);
	m.rule = "FREQ=WEEKLY;COUNT=3";
	m.zone = VN;
	m.uid = "x,1@y";
	m.related_to = "z";
	m.rehearsal = true;
	read_back(&m, &r);
	assert_string_equal(
		show(&r, "T+"), "20260302T0800+120 20260309T0800+120 20260316T0800+120");
	assert_string_equal(r.o.at[0].uid, "x,1@y");
	assert_string_equal(r.o.at[0].related_to, "z");
	assert_true(r.o.at[0].rehearsal);
	arena_free(r.a);
}

static void
test_refused(void **state)
{
	const struct meeting_new good = { .summary = "a", .start = 0, .end = 1 };
	struct meeting_new t[6];
	for (int i = 0; i < 6; i++)
		t[i] = good;
	t[0].summary = "";
	t[1].end = 0;
	t[2].rule = "FREQ=DAILY"; /* without a zone */
	t[3].rule = "FREQ=DAILY\r\nATTENDEE:mailto:x";
	t[3].zone = VN;
	t[4].chair = "a\nb";
	t[5].rule = "FREQ=DAILY";
	t[5].zone = "A:B";
	for (int i = 0; i < 6; i++) {
		struct buf b = { 0 };
		struct err_text e = { 0 };
		assert_int_equal(meeting_ics(&t[i], 0, &b, &e), ERR_INPUT);
		assert_int_equal(b.n, 0);
		assert_true(e.text[0] != '\0');
	}
}

int
main(int argc, char **argv)
{
	if (argc > 1 && str_eq(argv[1], "calendar-child"))
		return calendar_child(argc, argv);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meeting),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
