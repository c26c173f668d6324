/* Our own sentences in the reader's language: recognized by the format they were made from, parted
 * where two were joined, and left alone where they are not ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sentence.h"

#include "base/str.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

static void
says(const char *lang, const char *english, const char *expected)
{
	struct buf b = { 0 };
	sentence_put(&b, lang, english);
	if (!str_eq(buf_str(&b), expected))
		fail_msg("\"%s\" is said as \"%s\", not \"%s\"", english, buf_str(&b), expected);
	buf_free(&b);
}

static void
sentences_are_recognized_with_what_they_were_made_of(void **state)
{
	static const char *const table[][2] = {
		{ "extend by \"10\": a duration as PT10M, at most PT12H",
			"lùi \"10\": ghi thời lượng như PT10M (10 phút), nhiều nhất PT12H" },
		{ "no site \"xa-0021\" in 20190210-0700-tong-duyet-20f360, perhaps xa-002",
			"không có điểm cầu \"xa-0021\" trong 20190210-0700-tong-duyet-20f360, có "
			"lẽ là xa-002" },
		{ "no site \"x\" in r", "không có điểm cầu \"x\" trong r" },
		/* One within another, behind a colon, a semicolon, a system's word. */
		{ "calendar tinh: was never read from its server; `tongduyet calendar refresh` "
		  "does it now",
			"lịch tinh: chưa đọc được từ máy chủ lần nào; `tongduyet calendar refresh` "
			"để đọc ngay" },
		{ "write /srv/w/sites.csv: No space left on device",
			"ghi /srv/w/sites.csv: đĩa đầy" },
		{ "unheard of: No space left on device", "unheard of: đĩa đầy" },
		{ "<mcu> lacks the attribute \"name\"", "<mcu> thiếu thuộc tính \"name\"" },
		{ "<calendar every>: \"10\" is not a duration such as PT10M",
			"<calendar every>: \"10\" không phải thời lượng như PT10M" },
		{ "calendar tinh: GET http://x/...: no answer in the time given; the copy of 3 "
		  "hours ago is used",
			"lịch tinh: GET http://x/...: không trả lời trong thời gian cho phép; dùng "
			"bản sao cách đây 3 giờ" },
		/* The most telling format wins, and numbers are numbers. */
		{ "more than 7 words", "hơn 7 từ" },
		{ "more than many words", "more than many words" },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		says("vi", table[i][0], table[i][1]);
}

static void
what_is_not_ours_stays(void **state)
{
	static const char *const table[] = { "", "busy", "user unreachable", "No user responding",
		"Xã Đồng Đăng: 5 %", ": ", "; ", "%s %d %%", "> > > > >", "stopped by ", "no run ",
		"a: b: c: d: e: f: g: h: i: j; k; l; m> n> o" };
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		says("vi", table[i], table[i]);
		says("en", table[i], table[i]);
	}
	says("en", "no site \"x\" in r, perhaps y", "no site \"x\" in r, perhaps y");
	says(NULL, "no site \"x\" in r", "no site \"x\" in r");
	says("xx", "no site \"x\" in r", "no site \"x\" in r");
}

/* Long and hostile text costs a bounded time, and keeps every byte. */
static void
work_is_bounded(void **state)
{
	struct buf in = { 0 }, out = { 0 };
	for (int i = 0; i < 400; i++)
		buf_puts(&in, "no: site; in> ");
	sentence_put(&out, "vi", buf_str(&in));
	assert_string_equal(buf_str(&out), buf_str(&in));
	buf_clear(&in);
	buf_clear(&out);
	for (int i = 0; i < 120; i++)
		buf_puts(&in, ": \"\" is ; perhaps ");
	sentence_put(&out, "vi", buf_str(&in));
	assert_true(out.n > 0);
	buf_free(&in);
	buf_free(&out);
}

/* Every sentence that is marked and made of directives comes back when they are filled in. */
static void
what_was_filled_in_is_found_again(void **state)
{
	const struct text_language *l = text_languages;
	while (!str_eq(l->lang, "vi"))
		l++;
	size_t wrong = 0, seen = 0;
	for (unsigned i = 0; i < l->n; i++) {
		const char *format = l->at[i].msgid;
		if (strlen(format) < 30 || strstr(format, "%s%s") || !strstr(format, "%s") ||
			strstr(format, "%d") || strchr(format, '\n') || str_ends(format, ": %s"))
			continue;
		struct buf said = { 0 }, there = { 0 };
		const char *p = format;
		while (*p && p[strcspn(p, "%")]) {
			size_t n = strcspn(p, "%");
			buf_add(&said, p, n);
			p += n;
			if (strncmp(p, "%s", 2) != 0)
				break;
			buf_puts(&said, "Q7");
			p += 2;
		}
		if (!strchr(p, '%')) {
			buf_puts(&said, p);
			sentence_put(&there, "vi", buf_str(&said));
			seen++;
			wrong += str_eq(buf_str(&there), buf_str(&said));
		}
		buf_free(&said);
		buf_free(&there);
	}
	assert_true(seen > 150);
	assert_int_equal(wrong, 0);
}

static void
faults_keep_file_and_line(void **state)
{
	struct arena *a = arena_new();
	struct faults f = { .arena = a };
	struct buf b = { 0 };
	faults_add(&f, "sites.csv", 7, "site %s has no name", "x");
	faults_add(&f, "sites.csv", 2, "cell %d is not UTF-8: save the table as CSV UTF-8", 2);
	sentence_faults(&f, "vi", &b);
	assert_string_equal(buf_str(&b),
		"sites.csv:2: ô thứ 2 không phải UTF-8: hãy lưu bảng dạng CSV UTF-8\n"
		"sites.csv:7: điểm cầu x không có tên\n");
	assert_string_equal(f.at[0].text, "site x has no name"); /* data stays English */
	assert_string_equal(sentence_say(a, "vi", "no run \"x\""), "không có lượt chạy \"x\"");
	assert_null(sentence_say(a, "vi", NULL));
	buf_free(&b);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sentences_are_recognized_with_what_they_were_made_of),
		cmocka_unit_test(what_is_not_ours_stays),
		cmocka_unit_test(work_is_bounded),
		cmocka_unit_test(what_was_filled_in_is_found_again),
		cmocka_unit_test(faults_keep_file_and_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
