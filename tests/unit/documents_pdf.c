/* The documents as PDF: read by pdftotext and looked at as pixels, because a mark that a font has
 * lost is still in the text; long cells, many pages, ten thousand sites. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "documents.h"

#include "base/utf8.h"

/* On one line: every run of blanks, line ends and page ends is one blank. */
static char *
flat(struct vanquan *f, const char *text)
{
	char *copy = arena_strdup(f->arena, text), *out = copy;
	for (const char *p = copy; *p; p++)
		if (!strchr(" \n\f\r\t", *p))
			*out++ = *p;
		else if (out == copy || out[-1] != ' ')
			*out++ = ' ';
	*out = '\0';
	return copy;
}

static char *
text_of_pdf(struct vanquan *f, const struct buf *b)
{
	return read_by(f, b, (const char *const[]){ "pdftotext", "-layout", "@", "-", NULL });
}

static void
pdf_says_what_the_letter_says(void **state)
{
	static const char *const parts[] = { "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
		"Độc lập - Tự do - Hạnh phúc", "Số: ....../BB-SKHCN",
		"Tỉnh lỵ, ngày 10 tháng 02 năm 2019", "BIÊN BẢN",
		"07 giờ 00 phút, Chủ nhật, ngày 10 tháng 02 năm 2019",
		"Các điểm cầu không bật hệ thống kết nối (02 điểm cầu): Chu Túc, Xuân Mai.",
		"(03 điểm cầu): Tri Lễ, Văn An, Tràng Cúc.",
		"Bình Phúc (tự ngắt kết nối lúc 07:18:05), Yên Phúc (tắt máy giữa 07:20:00 và "
		"07:20:30).",
		"1. 07:40:00 Chưa thực hiện: báo người phụ trách",
		"NGƯỜI LẬP BIÊN BẢN THỦ TRƯỞNG ĐƠN VỊ", "Nơi nhận:", "- Lưu: VT.",
		"PHỤ LỤC I. KẾT QUẢ TỪNG ĐIỂM CẦU", "thông báo hoàn thành", seal };
	struct vanquan f;
	vanquan_open(&f);
	vanquan_note(&f, "step-not-done", "escalate: not done by this version");
	struct buf b = written(&f, "minutes", "pdf", "vi");
	assert_true(str_starts(b.at, "%PDF-1."));
	char *pages = text_of_pdf(&f, &b), *text = flat(&f, pages);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		assert_has(text, parts[i]);
	for (size_t i = 0; i < VANQUAN_N; i++) /* in the table and in the chart */
		assert_true(times_in(text, vanquan_names[i]) >= 2);
	assert_in_range(times_in(pages, "\f"), 3, 4); /* a wider font needs one more */
	char *info = read_by(&f, &b, (const char *const[]){ "pdfinfo", "-isodates", "@", NULL });
	assert_has(info, "A4");
	assert_has(flat(&f, info), "CreationDate: 2019-02-10T");
	assert_has(flat(&f, info), "Title: BIÊN BẢN");
	char *fonts = read_by(&f, &b, (const char *const[]){ "pdffonts", "@", NULL });
	assert_has(fonts, "yes yes yes"); /* embedded, subset, with a map back to letters */
	assert_has_not(fonts, " no  ");
	buf_free(&b);
	b = written(&f, "minutes", "pdf", "en");
	text = flat(&f, text_of_pdf(&f, &b));
	assert_has(text, "Sites that did not switch the system on (2): Chu Túc, Xuân Mai.");
	assert_has_not(text, "điểm cầu");
	buf_free(&b);
	vanquan_close(&f);
}

struct picture {
	int w, h;
	const unsigned char *at;
};

/* First page, grey, 144 dots per inch: two per point. */
static struct picture
picture_of(struct vanquan *f, const struct buf *b)
{
	struct buf out = { 0 };
	char *path = put_file(b);
	run_program((const char *const[]){ "pdftoppm", "-r", "144", "-gray", "-f", "1", "-l", "1",
			    path, NULL },
		&out);
	unlink(path);
	free(path);
	struct picture p = { 0 };
	int used = 0;
	assert_int_equal(sscanf(buf_str(&out), "P5 %d %d 255%n", &p.w, &p.h, &used), 2);
	assert_int_equal(out.n, (size_t)used + 1 + (size_t)p.w * (size_t)p.h);
	p.at = arena_memdup(f->arena, out.at + used + 1, (size_t)p.w * (size_t)p.h);
	buf_free(&out);
	return p;
}

/* Blackness within a box given in points. */
static long
ink(const struct picture *p, double x1, double y1, double x2, double y2)
{
	long sum = 0;
	for (int y = (int)(2 * y1); y < (int)(2 * y2) && y < p->h; y++)
		for (int x = (int)(2 * x1); x < (int)(2 * x2) && x < p->w; x++)
			sum += 255 - p->at[y * p->w + x];
	return sum;
}

/* Every vowel with its marks, and đ: what a mark is put on comes first. */
static const char *const alphabet[][18] = {
	{ "a", "à", "á", "ả", "ã", "ạ" },
	{ "a", "â", "ă" },
	{ "â", "ầ", "ấ", "ẩ", "ẫ", "ậ" },
	{ "ă", "ằ", "ắ", "ẳ", "ẵ", "ặ" },
	{ "e", "è", "é", "ẻ", "ẽ", "ẹ", "ê" },
	{ "ê", "ề", "ế", "ể", "ễ", "ệ" },
	{ "i", "ì", "í", "ỉ", "ĩ", "ị" },
	{ "o", "ò", "ó", "ỏ", "õ", "ọ", "ô", "ơ" },
	{ "ô", "ồ", "ố", "ổ", "ỗ", "ộ" },
	{ "ơ", "ờ", "ớ", "ở", "ỡ", "ợ" },
	{ "u", "ù", "ú", "ủ", "ũ", "ụ", "ư" },
	{ "ư", "ừ", "ứ", "ử", "ữ", "ự" },
	{ "y", "ỳ", "ý", "ỷ", "ỹ", "ỵ" },
	{ "d", "đ" },
	{ "A", "À", "Á", "Ả", "Ã", "Ạ" },
	{ "Â", "Ầ", "Ấ", "Ẩ", "Ẫ", "Ậ" },
	{ "Ă", "Ằ", "Ắ", "Ẳ", "Ẵ", "Ặ" },
	{ "E", "È", "É", "Ẻ", "Ẽ", "Ẹ", "Ê" },
	{ "Ê", "Ề", "Ế", "Ể", "Ễ", "Ệ" },
	{ "I", "Ì", "Í", "Ỉ", "Ĩ", "Ị" },
	{ "O", "Ò", "Ó", "Ỏ", "Õ", "Ọ", "Ô", "Ơ" },
	{ "Ô", "Ồ", "Ố", "Ổ", "Ỗ", "Ộ" },
	{ "Ơ", "Ờ", "Ớ", "Ở", "Ỡ", "Ợ" },
	{ "U", "Ù", "Ú", "Ủ", "Ũ", "Ụ", "Ư" },
	{ "Ư", "Ừ", "Ứ", "Ử", "Ữ", "Ự" },
	{ "Y", "Ỳ", "Ý", "Ỷ", "Ỹ", "Ỵ" },
	{ "D", "Đ" },
};
enum { LINES = sizeof alphabet / sizeof *alphabet, MARK = 30 };

/* A page with nothing but the lines of the alphabet below its head. style: heading = bold, note =
 * italic. */
static struct buf
alphabet_page(struct vanquan *f, enum block_kind style, int from, int to)
{
	const struct letterhead_text none = { "", "" };
	struct letterhead l = {
		.state = none, .motto = none, .above = none, .issuer = none, .place = none
	};
	struct document *d = document_new(report_of(f), &l, "minutes", "vi", f->arena);
	struct buf b = { 0 };
	for (int i = from; i < to; i++) {
		struct buf line = { 0 };
		for (int k = 0; k < 18 && alphabet[i][k]; k++)
			buf_printf(&line, "%s%s", k ? "     " : "", alphabet[i][k]);
		if (style == BLOCK_HEADING)
			document_heading(d, arena_strdup(f->arena, buf_str(&line)));
		else if (style == BLOCK_NOTE)
			document_note(d, arena_strdup(f->arena, buf_str(&line)));
		else
			document_paragraph(d, arena_strdup(f->arena, buf_str(&line)));
		buf_free(&line);
	}
	assert_int_equal(pdf_write(d, &b, NULL), OK);
	return b;
}

struct word {
	double x1, y1, x2, y2;
	char text[64];
};

/* Line by line; words of a line stand within a point. */
static int
by_place(const void *a, const void *b)
{
	const struct word *p = a, *q = b;
	if (p->y1 - q->y1 > 1 || q->y1 - p->y1 > 1)
		return p->y1 < q->y1 ? -1 : 1;
	return p->x1 < q->x1 ? -1 : p->x1 > q->x1;
}

static size_t
words_of(struct vanquan *f, const struct buf *b, struct word *out, size_t max)
{
	size_t n = 0;
	const char *at =
		read_by(f, b, (const char *const[]){ "pdftotext", "-bbox", "@", "-", NULL });
	for (; n < max && (at = strstr(at, "<word")); at++) {
		struct word *w = &out[n++];
		assert_int_equal(sscanf(at,
					 "<word xMin=\"%lf\" yMin=\"%lf\" xMax=\"%lf\" "
					 "yMax=\"%lf\">%63[^<]",
					 &w->x1, &w->y1, &w->x2, &w->y2, w->text),
			5);
	}
	qsort(out, n, sizeof *out, by_place);
	return n;
}

static int
pixel(const struct picture *p, int x, int y)
{
	return x < 0 || y < 0 || x >= p->w || y >= p->h ? 255 : p->at[y * p->w + x];
}

/* How much two words differ as pictures, laid over each other as well as whole pixels allow, in
 * thousandths of the first one's ink. */
static long
difference(const struct picture *p, const struct word *a, const struct word *b)
{
	int w = (int)(2 * (a->x2 - a->x1)) + 8, h = (int)(2 * (a->y2 - a->y1)) + 8;
	long least = -1, black = ink(p, a->x1 - 1, a->y1 - 2, a->x2 + 3, a->y2 + 2);
	for (int dy = -2; dy <= 2; dy++)
		for (int dx = -2; dx <= 2; dx++) {
			long sum = 0;
			for (int y = -4; y < h; y++)
				for (int x = -2; x < w; x++)
					sum += labs((long)pixel(p, (int)(2 * a->x1) + x,
							    (int)(2 * a->y1) + y) -
						    pixel(p, (int)(2 * b->x1) + x + dx,
							    (int)(2 * b->y1) + y + dy));
			least = least < 0 || sum < least ? sum : least;
		}
	return least * 1000 / black;
}

static void
look_at_lines(enum block_kind style, int from, int to, bool *seen)
{
	struct vanquan f;
	struct word words[600];
	vanquan_open(&f);
	struct buf b = alphabet_page(&f, style, from, to);
	struct picture p = picture_of(&f, &b);
	const struct word *a = NULL;
	size_t n = words_of(&f, &b, words, 600), at = 0;
	while (at < n && !str_eq(words[at].text, alphabet[from][0]))
		at++;
	for (int i = from; i < to; i++) {
		long plain = 0;
		for (int k = 0; k < 18 && alphabet[i][k]; k++, at++) {
			const struct word *w = &words[at];
			assert_true(at < n);
			if (str_eq(w->text, "a") && a) /* the measure itself */
				assert_int_equal(difference(&p, a, w), 0);
			if (str_eq(w->text, "a"))
				a = w;
			if (!str_eq(utf8_nfc(f.arena, w->text), alphabet[i][k]))
				fail_msg("\"%s\" reads as \"%s\"", alphabet[i][k], w->text);
			uint32_t c = 0;
			utf8_char(alphabet[i][k], strlen(alphabet[i][k]), &c);
			if (c >= 0x1ea0 && c < 0x1efa)
				seen[c - 0x1ea0] = true;
			long black = ink(&p, w->x1 - 1, w->y1 - 2, w->x2 + 3, w->y2 + 2);
			if (!k)
				plain = black;
			assert_true(plain > 2000);
			long other = k ? difference(&p, &words[at - (size_t)k], w) : 0;
			/* A lost mark is no difference, a box much more ink. */
			if (k && (black < plain * 4 / 5 || black > 3 * plain || other < MARK))
				fail_msg("%s has %ld of ink, %s %ld, %ld apart", alphabet[i][k],
					black, alphabet[i][0], plain, other);
		}
	}
	buf_free(&b);
	vanquan_close(&f);
}

/* Small letters on one page, capitals on another. */
static void
marks_are_drawn(enum block_kind style)
{
	bool seen[0x1efa - 0x1ea0] = { 0 };
	look_at_lines(style, 0, LINES / 2, seen);
	look_at_lines(style, LINES / 2, LINES, seen);
	for (uint32_t c = 0x1ea0; c <= 0x1ef9; c++) /* the table is whole */
		assert_true(seen[c - 0x1ea0]);
}

static void
vietnamese_marks_are_drawn(void **state)
{
	marks_are_drawn(BLOCK_PARAGRAPH);
}

static void
vietnamese_marks_are_drawn_bold(void **state)
{
	marks_are_drawn(BLOCK_HEADING);
}

static void
vietnamese_marks_are_drawn_italic(void **state)
{
	marks_are_drawn(BLOCK_NOTE);
}

/* The same name in composed and decomposed letters is one picture. */
static void
unicode_forms_look_alike(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	f.spec.sites[6].name = "Y\xc3\xaan Ph\xc3\xba"
			       "c";
	struct buf a = written(&f, "site:yen-phuc", "pdf", "vi");
	f.spec.sites[6].name = "Ye\xcc\x82n Phu\xcc\x81"
			       "c";
	struct buf b = written(&f, "site:yen-phuc", "pdf", "vi");
	struct picture p = picture_of(&f, &a), q = picture_of(&f, &b);
	assert_int_equal(p.w * p.h, q.w * q.h);
	assert_memory_equal(p.at, q.at, (size_t)p.w * (size_t)p.h);
	buf_free(&a);
	buf_free(&b);
	vanquan_close(&f);
}

/* Text stays between the margins: points are points. */
static void
nothing_runs_off_the_page(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	f.spec.summary =
		"W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W W "
		"WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW";
	struct buf b = written(&f, "minutes", "pdf", "vi");
	struct picture p = picture_of(&f, &b);
	double w = p.w / 2.0, h = p.h / 2.0;
	assert_true(w > 594 && w < 597);
	assert_int_equal(ink(&p, 0, 0, 80, h), 0);
	assert_int_equal(ink(&p, w - 46, 0, w, h), 0);
	assert_int_equal(ink(&p, 0, 0, w, 50), 0);
	assert_int_equal(ink(&p, 0, h - 20, w, h), 0);
	assert_true(ink(&p, 80, 50, w - 46, h - 20) > 100000);
	buf_free(&b);
	vanquan_close(&f);
}

/* Wherever the text ends, the last paragraph, with the heading that names it, stands on the page of
 * the signatures. */
static void
signatures_never_stand_alone(void **state)
{
	const struct letterhead_text none = { "", "" };
	struct letterhead l = {
		.state = none, .motto = none, .above = none, .issuer = none, .place = none
	};
	int moved = 0;
	for (int lines = 15; lines < 40; lines++) {
		struct vanquan f;
		vanquan_open(&f);
		struct document *d = document_new(report_of(&f), &l, "minutes", "vi", f.arena);
		struct buf b = { 0 };
		*vec_add_in(f.arena, &d->signatures) = (struct document_signature){
			.authority = "", .role = "ROLE", .note = "", .name = ""
		};
		for (int i = 0; i < lines; i++)
			document_paragraph(d, "before");
		document_heading(d, "LASTHEAD");
		document_paragraph(d, "lastword");
		document_signatures(d);
		assert_int_equal(pdf_write(d, &b, NULL), OK);
		char *text = text_of_pdf(&f, &b);
		char *head = strstr(text, "LASTHEAD"), *word = strstr(text, "lastword"),
		     *role = strstr(text, "ROLE");
		assert_true(head && word && role && head < word && word < role);
		if (memchr(head, '\f', (size_t)(role - head)))
			fail_msg("%d lines: the signature stands alone", lines);
		moved += memchr(text, '\f', (size_t)(head - text)) != NULL;
		buf_free(&b);
		vanquan_close(&f);
	}
	assert_true(moved > 0 && moved < 25); /* both were seen */
}

/* Where a table is the last, its last row does. */
static void
signatures_stand_with_the_last_row(void **state)
{
	static const struct column columns[] = { { .title = "A" }, { .title = "B" } };
	const struct letterhead_text none = { "", "" };
	struct letterhead l = {
		.state = none, .motto = none, .above = none, .issuer = none, .place = none
	};
	for (size_t rows = 1; rows < 60; rows += 1 + rows / 20) {
		struct vanquan f;
		vanquan_open(&f);
		struct document *d = document_new(report_of(&f), &l, "minutes", "vi", f.arena);
		struct buf b = { 0 };
		*vec_add_in(f.arena, &d->signatures) = (struct document_signature){
			.authority = "", .role = "ROLE", .note = "", .name = ""
		};
		struct grid *g = document_grid(d, "TABLE", columns, 2, rows);
		for (size_t i = 0; i < rows; i++) {
			struct cell *c = grid_row(g);
			c[0] = c[1] = cell_text("rowword");
		}
		document_signatures(d);
		assert_int_equal(pdf_write(d, &b, NULL), OK);
		char *text = text_of_pdf(&f, &b), *last = NULL, *role = strstr(text, "ROLE");
		for (char *p = strstr(text, "rowword"); p; p = strstr(p + 1, "rowword"))
			last = p;
		assert_true(last && role && last < role);
		if (memchr(last, '\f', (size_t)(role - last)))
			fail_msg("%zu rows: the signature stands alone", rows);
		buf_free(&b);
		vanquan_close(&f);
	}
}

/* n sites made of the 24, each with its own id and name. */
static void
multiply(struct vanquan *f, size_t n)
{
	struct spec_site *specs = arena_alloc(f->arena, n * sizeof *specs);
	struct run_site *sites = arena_alloc(f->arena, n * sizeof *sites);
	struct verdict *verdicts = arena_alloc(f->arena, n * sizeof *verdicts);
	static const int list_of[] = { LIST_ABSENT, LIST_ABSENT, LIST_UNATTENDED, LIST_UNATTENDED,
		LIST_UNATTENDED, LIST_LEFT_EARLY, LIST_LEFT_EARLY };
	for (int l = 0; l < LIST_N; l++) {
		f->judgement.lists[l].ids =
			arena_alloc(f->arena, n * sizeof *f->judgement.lists[l].ids);
		f->judgement.lists[l].n = 0;
	}
	for (size_t i = 0; i < n; i++) {
		size_t k = i % VANQUAN_N;
		specs[i] = f->spec.sites[k];
		specs[i].id = arena_printf(f->arena, "%s-%zu", f->spec.sites[k].id, i);
		specs[i].name = arena_printf(f->arena, "%s %zu", f->spec.sites[k].name, i);
		specs[i].district = arena_printf(f->arena, "Huyện %zu", i / 98);
		sites[i] = f->run.sites[k];
		sites[i].spec = &specs[i];
		sites[i].index = (int)i;
		verdicts[i] = f->judgement.verdicts[k];
		verdicts[i].site = &sites[i];
		if (k < 7) {
			int l = list_of[k];
			size_t at = f->judgement.lists[l].n++;
			f->judgement.lists[l].ids[at] = specs[i].id;
		}
	}
	f->spec.sites = specs;
	f->spec.sites_n = n;
	f->run.sites = sites;
	f->judgement.verdicts = verdicts;
	f->judgement.n = n;
}

static void
heads_and_numbers_stand_on_every_page(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	multiply(&f, 170);
	struct buf b = written(&f, "attendance", "pdf", "vi");
	char *text = text_of_pdf(&f, &b);
	size_t pages = times_in(text, "\f"), heads = 0;
	assert_true(pages >= 8);
	size_t n = 0, page = 0;
	char *next = text;
	for (char *p = text; *p && page < pages; p = next) {
		next = strchr(p, '\f') + 1;
		next[-1] = '\0';
		page++;
		char *line = flat(&f, p);
		heads += times_in(line, "Điểm cầu Kết nối lúc Muộn") > 0;
		if (page > 1)
			assert_true(str_starts(
				line + (*line == ' '), arena_printf(f.arena, "%zu ", page)));
		assert_has(line, "niêm phong");
		n += times_in(line, "tự ý tắt");
	}
	assert_true(heads >= 4);
	assert_true(n >= 14);
	buf_free(&b);
	vanquan_close(&f);
}

static void
a_cell_higher_than_a_page_goes_on(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	struct buf long_text = { 0 };
	for (int i = 0; i < 3000; i++)
		buf_printf(&long_text, "w%d ", i);
	struct phone_call *call = vec_add_in(f.arena, &f.run.sites[3].calls);
	*call = (struct phone_call){
		.at = vanquan_at("07:05:00"), .by = "truc", .said = buf_str(&long_text)
	};
	static const char *const kinds[] = { "minutes", "site:van-an" };
	for (int k = 0; k < 2; k++) {
		struct buf b = written(&f, kinds[k], "pdf", "vi");
		char *text = read_by(
			&f, &b, (const char *const[]){ "pdftotext", "-raw", "@", "-", NULL });
		for (int i = 0; i < 3000; i += 7) /* no word is lost */
			assert_has(text, arena_printf(f.arena, "w%d", i));
		assert_has(text, "w2999");
		buf_free(&b);
	}
	buf_free(&long_text);
	vanquan_close(&f);
}

#if defined(__has_feature) /* clang */
#if __has_feature(address_sanitizer)
#define SLOW
#endif
#endif
#if defined(SLOW) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { N = 600 }; /* twenty times slower */
#else
enum { N = 10000 };
#endif

static void
ten_thousand_sites_in_every_format(void **state)
{
	static const char *const kinds[] = { "minutes", "attendance", "consolidated" };
	struct vanquan f;
	vanquan_open(&f);
	multiply(&f, N);
	const struct report *r = report_of(&f);
	for (int k = 0; k < 3; k++)
		for (const struct document_format *t = document_formats; t->name; t++) {
			struct buf b = { 0 };
			assert_int_equal(
				documents_write(r, NULL, kinds[k], t->name, "vi", &b, NULL), OK);
			assert_true(b.n > N * 10 && b.n < 64u << 20);
			if (str_eq(t->name, "csv") && k < 2)
				assert_int_equal(times_in(b.at, "\r\n"), N + 1);
			if (str_eq(t->name, "html"))
				assert_true(times_in(b.at, "<tr") > N);
			buf_free(&b);
		}
	struct buf b = { 0 };
	assert_int_equal(documents_write(r, NULL, "minutes", "pdf", "vi", &b, NULL), OK);
	char *text = read_by(&f, &b, (const char *const[]){ "pdftotext", "-raw", "@", "-", NULL });
	assert_has(text, "Đồng Giáp 23");
	assert_has(text, r->sites[N - 1].name);
	assert_true(times_in(text, "\f") > N / 40);
	buf_free(&b);
	vanquan_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pdf_says_what_the_letter_says),
		cmocka_unit_test(vietnamese_marks_are_drawn),
		cmocka_unit_test(vietnamese_marks_are_drawn_bold),
		cmocka_unit_test(vietnamese_marks_are_drawn_italic),
		cmocka_unit_test(unicode_forms_look_alike),
		cmocka_unit_test(nothing_runs_off_the_page),
		cmocka_unit_test(signatures_never_stand_alone),
		cmocka_unit_test(signatures_stand_with_the_last_row),
		cmocka_unit_test(heads_and_numbers_stand_on_every_page),
		cmocka_unit_test(a_cell_higher_than_a_page_goes_on),
		cmocka_unit_test(ten_thousand_sites_in_every_format),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
