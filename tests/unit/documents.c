/* The documents of the Văn Quan run as HTML, CSV and XLSX, their arithmetic and their letterhead:
 * read back by other programs, with hostile names, unknown figures and faulty templates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "documents.h"

#include "adapters/wire/xml.h"

static const char *const plain_kinds[] = { "minutes", "attendance", "site:yen-phuc",
	"consolidated" };
enum { KINDS = sizeof plain_kinds / sizeof *plain_kinds };

static const char *const sentences[] = {
	"Các điểm cầu không bật hệ thống kết nối (02 điểm cầu): Chu Túc, Xuân Mai.",
	"Các điểm cầu chỉ bật máy nhưng không trực để chạy thử mic và loa (03 điểm cầu): Tri Lễ, "
	"Văn An, Tràng Cúc.",
	"Các điểm cầu tự ý tắt hệ thống khi chưa có thông báo hoàn thành việc chạy thử (02 điểm "
	"cầu): Bình Phúc (tự ngắt kết nối lúc 07:18:05), Yên Phúc (tắt máy giữa 07:20:00 và "
	"07:20:30).",
};

/* The page as a tree: it is well-formed XML behind its first line. */
static const struct xml *
html_of(struct vanquan *f, const char *kind, const char *lang)
{
	struct buf b = written(f, kind, "html", lang);
	assert_true(str_starts(b.at, "<!DOCTYPE html>\n"));
	assert_has_not(b.at, "<script");
	assert_has_not(b.at, "http-equiv=\"refresh\"");
	assert_has_not(b.at, "src=");
	char *copy = arena_strdup(f->arena, b.at + strlen("<!DOCTYPE html>\n"));
	struct err_text e = { 0 };
	struct xml *root = NULL;
	if (xml_parse(f->arena, copy, strlen(copy), 4 << 20, &root, &e))
		fail_msg("%s is not well-formed: %s", kind, e.text);
	buf_free(&b);
	return root;
}

/* All elements of a name below n, in order. */
static void
collect(const struct xml *n, const char *name, const struct xml **out, size_t *found, size_t max)
{
	for (const struct xml *c = xml_child(n, NULL); c; c = xml_next(c, NULL)) {
		if (str_eq(c->name, name) && *found < max)
			out[(*found)++] = c;
		collect(c, name, out, found, max);
	}
}

static size_t
count_of(const struct xml *root, const char *name, const struct xml **out, size_t max)
{
	size_t n = 0;
	collect(root, name, out, &n, max);
	return n;
}

static void
minutes_as_a_page(void **state)
{
	struct vanquan f;
	const struct xml *at[2000];
	vanquan_open(&f);
	const struct xml *root = html_of(&f, "minutes", "vi");
	assert_string_equal(xml_attr(root, "lang"), "vi");
	assert_string_equal(xml_text(root, "body/h1"), "BIÊN BẢN");
	assert_int_equal(count_of(xml_at(root, "body/header"), "p", at, 2000), 6);
	assert_string_equal(at[0]->text, "ỦY BAN NHÂN DÂN TỈNH");
	assert_string_equal(at[1]->text, "SỞ KHOA HỌC VÀ CÔNG NGHỆ");
	assert_string_equal(at[2]->text, "Số: ....../BB-SKHCN"); /* left blank */
	assert_string_equal(at[3]->text, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM");
	assert_string_equal(at[4]->text, "Độc lập - Tự do - Hạnh phúc");
	assert_string_equal(at[5]->text, "Tỉnh lỵ, ngày 10 tháng 02 năm 2019");
	size_t items = count_of(xml_at(root, "body/ol"), "li", at, 2000);
	assert_int_equal(items, 3);
	for (size_t i = 0; i < items; i++)
		assert_string_equal(at[i]->text, sentences[i]);
	assert_int_equal(count_of(root, "section", at, 2000), 2);
	assert_string_equal(xml_text(root, "body/section/p"),
		"(Kèm theo văn bản số ....../BB-SKHCN ngày 10 tháng 02 năm 2019)");
	size_t lines = count_of(root, "p", at, 2000), ends = 0;
	for (size_t i = 0; i < lines; i++)
		ends += str_ends(at[i]->text, "năm 2019./.");
	assert_int_equal(ends, 1); /* the end of the text, once */
	assert_int_equal(count_of(xml_at(root, "body/section"), "tr", at, 2000), 25);
	assert_int_equal(count_of(at[1], "td", at, 2000), 9);
	assert_string_equal(at[1]->text, "Chu Túc");
	assert_string_equal(at[2]->text, "không bật");
	assert_string_equal(xml_attr(at[0], "class"), "r");
	vanquan_close(&f);
}

/* For a terminal: what it says, nothing that steers, and the seal. */
static void
documents_as_text(void **state)
{
	static const char *const kinds[] = { "minutes", "attendance", "consolidated",
		"site:yen-phuc" };
	struct vanquan f;
	vanquan_open(&f);
	f.spec.sites[6].name = "Yên \x1b[31mPhúc";
	for (int i = 0; i < 4; i++) {
		struct buf b = written(&f, kinds[i], "text", "vi");
		assert_non_null(strstr(buf_str(&b), report_of(&f)->seal));
		assert_non_null(strstr(buf_str(&b), "Phúc"));
		assert_null(strchr(buf_str(&b), '\x1b'));
		assert_null(strchr(buf_str(&b), '<'));
		buf_free(&b);
	}
	assert_null(document_format("text")); /* not kept beside report.json, not sent */
	vanquan_close(&f);
}

static void
every_site_has_a_line_in_the_chart(void **state)
{
	struct vanquan f;
	const struct xml *at[4000];
	vanquan_open(&f);
	const struct xml *root = html_of(&f, "minutes", "vi");
	size_t texts = count_of(root, "text", at, 4000), names = 0;
	for (size_t i = 0; i < texts; i++)
		for (size_t k = 0; k < VANQUAN_N; k++)
			names += str_eq(at[i]->text, vanquan_names[k]);
	assert_int_equal(names, VANQUAN_N);
	size_t rects = count_of(root, "rect", at, 4000), up = 0, expected = 0, maybe = 0;
	for (size_t i = 0; i < rects; i++) {
		up += str_eq(xml_attr(at[i], "class"), "u");
		expected += str_eq(xml_attr(at[i], "class"), "e");
		maybe += str_eq(xml_attr(at[i], "class"), "m");
	}
	assert_int_equal(up, 22 + 1); /* and one in the legend */
	assert_int_equal(expected, 24 + 1);
	assert_int_equal(maybe, 1 + 1); /* Yên Phúc: between two looks */
	size_t paths = count_of(root, "path", at, 4000), answered = 0, silent = 0, left = 0;
	for (size_t i = 0; i < paths; i++) {
		const char *class = xml_attr(at[i], "class");
		answered += str_eq(class, "a");
		silent += str_eq(class, "s");
		left += str_eq(class, "l");
	}
	assert_int_equal(answered, 19 + 1);
	assert_int_equal(silent, 3 + 1);
	assert_int_equal(left, 2 + 1);
	vanquan_close(&f);
}

/* One cell of a CSV without quoted line ends; on the arena. */
static char *
csv_cell(struct vanquan *f, const char *csv, size_t row, size_t column)
{
	const char *p = csv + 3;
	for (size_t i = 0; i < row; i++)
		p = strstr(p, "\r\n") + 2;
	struct buf b = { 0 };
	for (size_t k = 0; k <= column; k++) {
		bool quoted = *p == '"';
		buf_clear(&b);
		p += quoted;
		for (; quoted ? !(*p == '"' && p[1] != '"') : *p != ',' && *p != '\r'; p++) {
			p += quoted && *p == '"';
			buf_putc(&b, *p);
		}
		p += quoted;
		p += *p == ',';
	}
	char *text = arena_strdup(f->arena, buf_str(&b));
	buf_free(&b);
	return text;
}

static void
csv_is_one_table_for_programs(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	struct buf b = written(&f, "minutes", "csv", "en");
	assert_memory_equal(b.at, "\xef\xbb\xbfNo.,Site,Result", 16);
	assert_true(str_ends(b.at, "\r\n"));
	assert_int_equal(times_in(b.at, "\n"), 25);
	assert_int_equal(times_in(b.at, "\r\n"), 25);
	assert_string_equal(csv_cell(&f, b.at, 1, 1), "Chu Túc");
	assert_string_equal(csv_cell(&f, b.at, 1, 3), ""); /* does not apply */
	assert_string_equal(csv_cell(&f, b.at, 0, 9), "id");
	assert_string_equal(csv_cell(&f, b.at, 24, 9), "dong-giap");
	assert_string_equal(csv_cell(&f, b.at, 7, 13), "left-early");
	assert_string_equal(csv_cell(&f, b.at, 7, 15), "4");
	for (size_t i = 0; i < 25; i++)
		assert_true(strlen(csv_cell(&f, b.at, i, 1)) > 0);
	buf_free(&b);
	vanquan_close(&f);
}

static void
attendance_says_what_is_not_known(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	f.run.sites[7].people_actual = 8;
	f.run.sites[7].people_by = "truc";
	f.run.sites[7].people_chair = "Ông A";
	f.spec.sites[7].people = 10;
	f.judgement.verdicts[8].late_s = (struct figure){ 0 };
	f.judgement.verdicts[1].headline = UNTESTED;
	f.judgement.verdicts[1].sub_reason = "mcu-unreachable";
	struct buf b = written(&f, "attendance", "csv", "vi");
	assert_string_equal(csv_cell(&f, b.at, 0, 5), "Thời gian có mặt");
	assert_string_equal(csv_cell(&f, b.at, 8, 8), "10 / 8");
	assert_string_equal(csv_cell(&f, b.at, 8, 9), "Ông A");
	assert_string_equal(csv_cell(&f, b.at, 10, 8), "? / ?");
	assert_string_equal(csv_cell(&f, b.at, 8, 6), "99,7 %");
	assert_string_equal(csv_cell(&f, b.at, 7, 5), "19:56–20:26");
	assert_string_equal(csv_cell(&f, b.at, 7, 4), "07:20:00–07:20:30");
	assert_string_equal(csv_cell(&f, b.at, 9, 3), "?"); /* was up, lateness not known */
	assert_string_equal(csv_cell(&f, b.at, 2, 6), "?"); /* our failure: no share */
	assert_string_equal(csv_cell(&f, b.at, 1, 6), "0,0 %");
	buf_free(&b);
	const struct xml *at[50];
	const struct xml *root = html_of(&f, "attendance", "vi");
	size_t n = count_of(root, "p", at, 50);
	bool said = false;
	for (size_t i = 0; i < n; i++)
		said = said || str_starts(at[i]->text,
				       "Trong 24 điểm cầu được mời: 21 điểm cầu kết nối đúng giờ, "
				       "0 điểm cầu muộn, 1 điểm cầu không kết nối; 2 điểm cầu");
	assert_true(said);
	vanquan_close(&f);
}

static void
what_is_beyond_us_is_marked(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	f.judgement.verdicts[6].common_cause = "power-cut";
	vanquan_list(&f, LIST_WRONG_NETWORK, f.spec.sites[12].id);
	f.judgement.verdicts[12].network_ip = "203.0.113.7";
	f.spec.mcus[0].foreign = true;
	f.run.mcus[0].ever_ready = false;
	snprintf(f.run.mcus[0].why, sizeof f.run.mcus[0].why, "no route");
	const struct xml *at[400];
	const struct xml *root = html_of(&f, "consolidated", "vi");
	size_t n = count_of(root, "li", at, 400), power = 0, network = 0, mcu = 0;
	for (size_t i = 0; i < n; i++) {
		power += str_eq(
			at[i]->text, "Mất điện, đề nghị ngành điện xử lý (01 điểm cầu): Yên Phúc.");
		network += str_starts(
			at[i]->text, "Các điểm cầu ngoài mạng truyền số liệu chuyên dùng");
		mcu += str_ends(at[i]->text, "chưa kiểm tra được chặng kết nối: “no route”./.");
	}
	assert_int_equal(power, 1);
	assert_int_equal(network, 1);
	assert_int_equal(mcu, 1);
	size_t marks = 0;
	n = count_of(root, "td", at, 400);
	for (size_t i = 0; i < n; i++)
		marks += str_ends(at[i]->text, " (*)");
	assert_int_equal(marks, 2);
	vanquan_close(&f);
}

static void
a_chief_sees_the_own_site_only(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	f.spec.sites[6].contact = "Đầu mối";
	f.spec.sites[6].contact_phone = "0123";
	for (int i = 0; i < 2; i++) {
		struct buf b = written(&f, "site:YEN-PHUC", "html", i ? "vi" : "en");
		assert_has(b.at, "Yên Phúc");
		assert_has(b.at, "Đầu mối, 0123");
		assert_has(b.at, "07:20:00–07:20:30");
		assert_has(b.at, "31, 90");
		for (size_t k = 0; k < VANQUAN_N; k++)
			if (k != 6 && k != 7) /* the district is called as site 7 */
				assert_has_not(b.at, vanquan_names[k]);
		buf_free(&b);
	}
	vanquan_close(&f);
}

static void
make_hostile(struct vanquan *f)
{
	f->spec.sites[0].name = "=cmd|' /C calc'!A0";
	f->spec.sites[1].name = "<script>alert(1)</script>\"&'";
	f->spec.sites[2].name = "+1\r\n,\"x\"\t";
	f->spec.sites[3].name = "@SUM(A1)";
	f->spec.sites[4].name = "\t=1+1";
	f->spec.sites[5].name = "-2+3\xff\033[2J\xe2\x80\xae";
	f->spec.sites[5].district = "-";
	f->spec.summary = "</title><script>x</script>]]>";
	snprintf(f->run.sites[0].attempts.at[0].words, 64, "=HYPERLINK(\"x\")");
	vanquan_note(f, "extra", "<b>=1");
}

static void
names_are_only_text(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	make_hostile(&f);
	for (int k = 0; k < KINDS; k++) {
		const struct xml *at[10];
		const struct xml *root = html_of(&f, plain_kinds[k], "vi");
		assert_int_equal(count_of(root, "script", at, 10), 0);
		assert_int_equal(count_of(root, "b", at, 10), 0);
	}
	struct buf b = written(&f, "minutes", "html", "vi");
	assert_has(b.at, "&lt;script&gt;alert(1)&lt;/script&gt;");
	assert_has(b.at, "-2+3\\xff\\x1b[2J\\xe2\\x80\\xae");
	buf_free(&b);
	b = written(&f, "minutes", "csv", "vi");
	assert_string_equal(csv_cell(&f, b.at, 1, 1), "'=cmd|' /C calc'!A0");
	assert_string_equal(csv_cell(&f, b.at, 2, 1), "<script>alert(1)</script>\"&'");
	assert_string_equal(csv_cell(&f, b.at, 3, 1), "'+1\\x0d\\x0a,\"x\"\\x09");
	assert_string_equal(csv_cell(&f, b.at, 4, 1), "'@SUM(A1)");
	assert_string_equal(csv_cell(&f, b.at, 5, 1), "'\\x09=1+1");
	assert_true(str_starts(csv_cell(&f, b.at, 6, 1), "'-2+3"));
	assert_int_equal(times_in(b.at, "\n"), 25);
	for (const char *p = b.at; (p = strpbrk(p, ",\n")); p++)
		assert_null(strchr("=+@-", p[1] == '"' ? p[2] : p[1] ? p[1] : 'x'));
	buf_free(&b);
	b = written(&f, "site:chu-tuc", "csv", "vi");
	assert_has(b.at, "\"'=HYPERLINK(\"\"x\"\")\"");
	buf_free(&b);
	vanquan_close(&f);
}

static void
workbook_is_read_by_others(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	make_hostile(&f);
	struct buf b = written(&f, "minutes", "xlsx", "vi");
	read_by(&f, &b, (const char *const[]){ "unzip", "-tqq", "@", NULL });
	char *strings = read_by(
		&f, &b, (const char *const[]){ "unzip", "-p", "@", "xl/sharedStrings.xml", NULL });
	assert_has(strings, "có 17 điểm cầu kết nối thông suốt");
	assert_has(strings, "Các điểm cầu không bật hệ thống kết nối (02 điểm cầu): ");
	const struct xml *at[2000];
	struct xml *root = NULL;
	assert_int_equal(xml_parse(f.arena, strings, strlen(strings), 1 << 20, &root, NULL), OK);
	size_t n = count_of(root, "t", at, 2000), hostile = 0, script = 0;
	for (size_t i = 0; i < n; i++) {
		hostile += str_eq(at[i]->text, "=cmd|' /C calc'!A0");
		script += str_eq(at[i]->text, "<script>alert(1)</script>\"&'");
	}
	assert_int_equal(hostile, 1); /* as a text */
	assert_int_equal(script, 1);
	static const char *const sheets[] = { "xl/worksheets/sheet1.xml",
		"xl/worksheets/sheet2.xml", "xl/worksheets/sheet3.xml" };
	for (size_t i = 0; i < 3; i++) {
		char *sheet = read_by(
			&f, &b, (const char *const[]){ "unzip", "-p", "@", sheets[i], NULL });
		assert_has_not(sheet, "<f>"); /* no formula */
		assert_has(sheet, "<sheetData>");
		if (i == 1) /* head, sites, a note below */
			assert_int_equal(times_in(sheet, "<row "), 26);
	}
	char *core = read_by(
		&f, &b, (const char *const[]){ "unzip", "-p", "@", "docProps/core.xml", NULL });
	assert_has(core, ">2019-02-10T00:40:00Z<"); /* the run's end, not today */
	char *book = read_by(
		&f, &b, (const char *const[]){ "unzip", "-p", "@", "xl/workbook.xml", NULL });
	assert_has(book, "name=\"1. BIÊN BẢN\"");
	assert_has(book, "_xlnm.Print_Titles");
	buf_free(&b);
	vanquan_close(&f);
}

static void
same_report_same_bytes(void **state)
{
	for (int k = 0; k < KINDS; k++)
		for (const struct document_format *t = document_formats; t->name; t++) {
			struct vanquan f, g;
			vanquan_open(&f);
			struct buf a = written(&f, plain_kinds[k], t->name, "vi");
			vanquan_close(&f);
			usleep(1000);
			vanquan_open(&g);
			struct buf b = written(&g, plain_kinds[k], t->name, "vi");
			struct buf en = written(&g, plain_kinds[k], t->name, "en");
			vanquan_close(&g);
			assert_int_equal(a.n, b.n);
			assert_memory_equal(a.at, b.at, a.n);
			assert_false(a.n == en.n && memcmp(a.at, en.at, a.n) == 0);
			buf_free(&a);
			buf_free(&b);
			buf_free(&en);
		}
}

static void
english_has_no_vietnamese_words(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	for (int k = 0; k < KINDS; k++) {
		struct buf b = written(&f, plain_kinds[k], "html", "en");
		assert_has_not(b.at, "điểm cầu");
		assert_has_not(b.at, "Nơi nhận");
		assert_has(b.at, "SOCIALIST REPUBLIC OF VIET NAM");
		buf_free(&b);
	}
	vanquan_close(&f);
}

static void
a_session_and_a_missed_run(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	f.spec.phase = PHASE_SESSION;
	struct buf b = written(&f, "attendance", "html", "vi");
	assert_has(b.at, "Tham dự và đúng giờ tại phiên họp chính thức");
	assert_has(b.at, "từ 07:00:00 đến 07:40:00");
	assert_has_not(b.at, "chạy thử hệ thống");
	buf_free(&b);
	f.spec.phase = PHASE_REHEARSAL;
	f.run.missed = true;
	f.run.missed_why = "the program was not running";
	f.run.begun = f.run.ended = f.run.allclear_at = 0;
	for (int i = 0; i < VANQUAN_N; i++)
		f.judgement.verdicts[i].headline = UNTESTED;
	for (const struct document_format *t = document_formats; t->name; t++)
		for (int k = 0; k < KINDS; k++) {
			b = written(&f, plain_kinds[k], t->name, "vi");
			buf_free(&b);
		}
	b = written(&f, "attendance", "html", "vi");
	assert_has(b.at, "Không tính lỗi cho điểm cầu nào");
	assert_has_not(b.at, "<svg");
	assert_has_not(b.at, "Không có điểm cầu nào cần chấn chỉnh");
	buf_free(&b);
	vanquan_close(&f);
}

static void
unknown_words_write_nothing(void **state)
{
	static const struct {
		const char *kind, *format, *why;
	} table[] = {
		{ "letter", "pdf", "document letter: unknown" },
		{ "minutes", "doc", "format doc: unknown" },
		{ "minutes", "", "format : unknown" },
		{ "minutes:", "pdf", "document minutes:: unknown" },
		{ "minutes:x", "pdf", "document minutes:x: unknown" },
		{ "site", "pdf", "document site: unknown" },
		{ "site:", "pdf", "document site:: unknown" },
		{ "site:nobody", "pdf", "document site:nobody: no such site in run 2019" },
		{ "mi", "pdf", "document mi: unknown" },
		{ NULL, "pdf", "document : unknown" },
		{ "minutes", NULL, "format : unknown" },
	};
	struct vanquan f;
	vanquan_open(&f);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct buf b = { 0 };
		struct err_text e = { 0 };
		buf_puts(&b, "kept");
		assert_int_equal(documents_write(report_of(&f), NULL, table[i].kind,
					 table[i].format, "vi", &b, &e),
			ERR_INPUT);
		assert_has(e.text, table[i].why);
		assert_string_equal(b.at, "kept");
		buf_free(&b);
	}
	struct buf b = { 0 };
	assert_int_equal(
		documents_write(report_of(&f), NULL, "minutes", "html", NULL, &b, NULL), OK);
	assert_has(b.at, "MINUTES"); /* no language is English, no letterhead the default one */
	assert_has(b.at, "HEAD OF THE OFFICE");
	buf_free(&b);
	vanquan_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(minutes_as_a_page),
		cmocka_unit_test(documents_as_text),
		cmocka_unit_test(every_site_has_a_line_in_the_chart),
		cmocka_unit_test(csv_is_one_table_for_programs),
		cmocka_unit_test(attendance_says_what_is_not_known),
		cmocka_unit_test(what_is_beyond_us_is_marked),
		cmocka_unit_test(a_chief_sees_the_own_site_only),
		cmocka_unit_test(names_are_only_text),
		cmocka_unit_test(workbook_is_read_by_others),
		cmocka_unit_test(same_report_same_bytes),
		cmocka_unit_test(english_has_no_vietnamese_words),
		cmocka_unit_test(a_session_and_a_missed_run),
		cmocka_unit_test(unknown_words_write_nothing),
	};
	xml_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
