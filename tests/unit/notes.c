/* Notes in both languages: every sentence a run or a plan writes is said in Vietnamese, what others
 * said is quoted whole, and what is not known stands as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "report/notes.h"
#include "report/words.h"

#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
assert_says(const char *lang, const char *kind, const char *text, const char *want)
{
	struct buf b = { 0 };
	notes_say(&b, lang, kind, text);
	if (!str_eq(buf_str(&b), want))
		fail_msg("%s %s \"%s\":\nsays  \"%s\"\nwants \"%s\"", lang, kind, text, buf_str(&b),
			want);
	buf_free(&b);
}

static void
our_sentences_are_vietnamese(void **state)
{
	static const struct {
		const char *kind, *text, *vi;
	} cases[] = {
		{ "mcu-back", "tinh answers again", "tinh" },
		{ "begun-late", "begun 75 s after the planned instant",
			"muộn 75 giây so với kế hoạch" },
		{ "changed-by-person", "Tri Lễ: unmuted on the MCU", "Tri Lễ: mở micro trên MCU" },
		{ "second-leg", "Xã: Một: a second leg was hung up",
			"Xã: Một: đã ngắt kết nối thừa" },
		{ "stopped", "stopped by truc: mất điện", "do truc dừng: mất điện" },
		{ "stopped", "stopped by truc", "do truc dừng" },
		{ "step-not-done", "focus: Tri Lễ is not connected",
			"đưa điểm cầu lên hình: Tri Lễ chưa kết nối" },
		{ "step-not-done", "report: not sent to chief upper, kept in the reports folder",
			"lập báo cáo: chưa gửi: thủ trưởng điểm cầu, cấp trên; lưu tại thư mục báo "
			"cáo" },
		{ "escalated", "contact provider: Chu Túc, Tri Lễ",
			"đầu mối kỹ thuật, doanh nghiệp viễn thông: Chu Túc, Tri Lễ" },
		{ "cut-short", "the session begins", "phiên họp chính thức bắt đầu" },
		{ "missed", "the program was not running at 2026-03-02T07:00:00+07:00",
			"chương trình không hoạt động vào lúc 02/03/2026 07:00" },
		{ "missed",
			"it came into the calendar after its start at 2026-03-02T07:00:00+07:00; "
			"tong-duyet at 2026-03-02T08:00:00+07:00 stands for it",
			"lịch được đưa vào sau giờ bắt đầu 02/03/2026 07:00; được thay bằng "
			"tong-duyet lúc 02/03/2026 08:00" },
		{ "sleep", "2026-03-02T07:00:00+07:00 - 2026-03-02T09:30:00+07:00",
			"từ 02/03/2026 07:00 đến 02/03/2026 09:30" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_says("vi", cases[i].kind, cases[i].text, cases[i].vi);
}

static void
what_others_said_is_quoted_whole(void **state)
{
	assert_says("vi", "mcu-unreachable", "tinh: POST https://10.0.0.1/RPC2: Couldn't connect",
		"tinh (thông báo kỹ thuật: “POST https://10.0.0.1/RPC2: Couldn't connect”)");
	assert_says("en", "mcu-unreachable", "tinh: POST https://10.0.0.1/RPC2: Couldn't connect",
		"tinh: POST https://10.0.0.1/RPC2: Couldn't connect");
	assert_says("vi", "order-failed", "tinh: message: too many requests (fault 203)",
		"tinh: hiện dòng chữ trên màn hình (thông báo kỹ thuật: “too many requests (fault "
		"203)”)");
	assert_says("vi", "unsupported", "tinh: layout", "tinh: đặt bố cục hình");
	assert_says("vi", "unsupported", "tinh: no such box: gone",
		"tinh (thông báo kỹ thuật: “no such box: gone”)");
	assert_says("vi", "input", "sites.csv:4: no tier", "“sites.csv:4: no tier”");
	assert_says("vi", "input", "sites.csv:4: site x has no name",
		"“sites.csv:4: điểm cầu x không có tên”");
	assert_says("vi", "stopped", "stopped by rule: the meeting was cancelled",
		"do rule dừng: cuộc họp đã bị hủy");
	assert_says("en", "input", "sites.csv:4: no tier", "sites.csv:4: no tier");
}

static void
what_is_not_known_stands(void **state)
{
	static const char *const texts[] = { "", ":", ": ", "%s", "%n%n", "tinh", "a: b", " - ",
		"not sent to , kept in the reports folder", "not sent to ", "stopped by ",
		"begun  s after the planned instant" };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		assert_says("vi", "held", texts[i], texts[i]);
		assert_says("en", "stopped", texts[i], texts[i]);
		struct buf b = { 0 };
		for (int k = 0; k < 4; k++)
			notes_say(&b, "vi",
				(const char *const[]){ "escalated", "order-failed", "sleep",
					"step-not-done" }[k],
				texts[i]);
		buf_free(&b);
	}
	char *name = malloc(5000);
	assert_non_null(name);
	memset(name, 'x', 4999);
	memcpy(name, "stopped by ", 11);
	name[4999] = '\0';
	assert_says("vi", "stopped", name, name); /* too long to be taken apart: not cut */
	free(name);
}

static void
words_of_ours_are_not_a_device_s(void **state)
{
	assert_string_equal(notes_own_words("vi", "no longer listed"),
		"không còn trong danh sách kết nối");
	assert_null(notes_own_words("vi", "RemoteTeardown"));
	assert_null(notes_own_words("vi", ""));
}

/* Decree 30/2020/ND-CP, annex I: 0 before days below ten and before January and February. */
static void
months_are_written_the_official_way(void **state)
{
	char b[8];
	assert_string_equal(words_month("vi", 1549756800000, b, sizeof b), "02");
	assert_string_equal(words_month("vi", 1567296000000, b, sizeof b), "9");
	assert_string_equal(words_month("vi", 1575158400000, b, sizeof b), "12");
	assert_string_equal(words_month("en", 1567296000000, b, sizeof b), "09");
}

int
main(void)
{
	setenv("TZ", "Asia/Ho_Chi_Minh", 1);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_sentences_are_vietnamese),
		cmocka_unit_test(what_others_said_is_quoted_whole),
		cmocka_unit_test(what_is_not_known_stands),
		cmocka_unit_test(words_of_ours_are_not_a_device_s),
		cmocka_unit_test(months_are_written_the_official_way),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
