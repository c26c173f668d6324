/* Golden documents of the Văn Quan run: every kind in every format, the report itself, and the
 * summary of a period, held against tests/unit/golden/. A change of wording, order or arithmetic
 * shows there as a difference that somebody reads.
 * TD_GOLDEN=write makes them anew; look at what git says then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "documents.h"

#include "paper.h"
#include "base/utf8.h"
#include "record.h"
#include "report/period.h"

#include <sys/stat.h>

static const char folder[] = "tests/unit/golden";

static bool
writes(void)
{
	const char *mode = getenv("TD_GOLDEN");
	return mode && str_eq(mode, "write");
}

static struct buf
file_of(const char *path)
{
	struct buf b = { 0 };
	char block[65536];
	FILE *f = fopen(path, "r");
	if (!f)
		fail_msg("%s is missing: TD_GOLDEN=write makes it", path);
	for (size_t n; (n = fread(block, 1, sizeof block, f)) > 0;)
		buf_add(&b, block, n);
	fclose(f);
	return b;
}

/* The line in which two texts begin to differ. */
static void
compare(const char *path, const struct buf *now, const struct buf *kept)
{
	const char *x = buf_str(now), *y = buf_str(kept);
	int line = 1;
	size_t i = 0;
	if (now->n == kept->n && memcmp(x, y, now->n) == 0)
		return;
	for (; x[i] && x[i] == y[i]; i++)
		line += x[i] == '\n';
	size_t from = i > 60 ? i - 60 : 0;
	fail_msg("%s, line %d: now \"%.120s\", kept \"%.120s\"", path, line, x + from, y + from);
}

static void
hold(const char *name, struct buf *now)
{
	char path[200];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	if (writes()) {
		FILE *f = fopen(path, "w");
		assert_non_null(f);
		assert_int_equal(fwrite(buf_str(now), 1, now->n, f), now->n);
		assert_int_equal(fclose(f), 0);
	} else {
		struct buf kept = file_of(path);
		compare(path, now, &kept);
		buf_free(&kept);
	}
	buf_free(now);
}

/* What another program reads in it: of a PDF its words, one to a line, because where lines break is
 * the font's business; of a workbook its sheets as XML, one element to a line. */
static struct buf
read_back(struct vanquan *f, const char *format, struct buf *b)
{
	struct buf out = { 0 };
	if (str_eq(format, "pdf")) {
		const char *text =
			read_by(f, b, (const char *const[]){ "pdftotext", "-raw", "@", "-", NULL });
		for (const char *p = text; *p; p++)
			if (!strchr(" \n\f\r\t", *p))
				buf_putc(&out, *p);
			else if (out.n && out.at[out.n - 1] != '\n')
				buf_putc(&out, '\n');
	} else {
		const char *text = read_by(f, b,
			(const char *const[]){ "unzip", "-p", "@", "xl/sharedStrings.xml",
				"xl/worksheets/*", NULL });
		for (const char *p = text; *p; p++) {
			if (*p == '<' && out.n && out.at[out.n - 1] == '>')
				buf_putc(&out, '\n');
			buf_putc(&out, *p);
		}
	}
	buf_free(b);
	return out;
}

static void
hold_document(struct vanquan *f, const char *kind, const char *format, const char *lang, struct buf *b)
{
	char name[120];
	bool text = str_eq(format, "html") || str_eq(format, "csv") || str_eq(format, "json");
	struct buf shown = text ? *b : read_back(f, format, b);
	snprintf(name, sizeof name, "%.*s.%s.%s%s", (int)strcspn(kind, ":"), kind, lang, format, text ? "" : ".txt");
	hold(name, &shown);
}

/* On a terminal no line runs over its edge, and no site is lost. */
static void
hold_narrow(const struct document *d)
{
	static const size_t widths[] = { 60, 80, 120 };
	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
		struct buf b = { 0 };
		plain_write(d, widths[i], &b);
		assert_non_null(strstr(buf_str(&b), "Vĩnh Lại"));
		const char *end;
		size_t body = 0;
		for (const char *p = buf_str(&b); (end = strchr(p, '\n')); p = end + 1, body++) {
			char line[1024];
			assert_true((size_t)(end - p) < sizeof line);
			memcpy(line, p, (size_t)(end - p));
			line[end - p] = '\0';
			if (body > 1 && utf8_width(line) > widths[i])
				fail_msg("%zu columns, not %zu: %s", utf8_width(line), widths[i],
					line);
		}
		buf_free(&b);
	}
}

/* A run that somebody corrected: the documents carry it. */
static void
correct(struct vanquan *f)
{
	struct run_site *s = &f->run.sites[1];
	s->cause_confirmed = "power";
	vanquan_note(f, "step-not-done", "report: not sent to upper, kept in the reports folder");
	*vec_add_in(f->arena, &s->corrections) = (struct correction){ .at = vanquan_at("08:15:00"),
		.seq = 240,
		.what = "cause",
		.old = "operation",
		.value = "power",
		.by = "Cán bộ Ví Dụ (operator)",
		.why = "trạm biến áp hỏng từ sáng" };
}

static void
every_kind_in_every_format(void **state)
{
	static const char *const kinds[] = { "minutes", "attendance", "site:yen-phuc",
		"consolidated" };
	static const char *const langs[] = { "vi", "en" };
	struct vanquan f;
	vanquan_open(&f);
	correct(&f);
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
		for (size_t l = 0; l < 2; l++)
			for (const struct document_format *d = document_formats; d->name; d++) {
				/* the same sheets, by the same code */
				if (l && str_eq(d->name, "xlsx"))
					continue;
				struct buf b = written(&f, kinds[k], d->name, langs[l]);
				hold_document(&f, kinds[k], d->name, langs[l], &b);
			}
	vanquan_close(&f);
}

static void
the_report_itself(void **state)
{
	struct vanquan f;
	struct buf b = { 0 };
	vanquan_open(&f);
	correct(&f);
	report_json(report_of(&f), &b);
	hold("report.json", &b);
	b = (struct buf){ 0 };
	report_text(report_of(&f), "vi", &b);
	hold("report.vi.txt", &b);
	b = (struct buf){ 0 };
	report_text(report_of(&f), "en", &b);
	hold("report.en.txt", &b);
	vanquan_close(&f);
}

/* Four runs of it on four days, the last one a session; an incident of each provider. */
static void
records_of(struct vanquan *f, struct records *r)
{
	static const char *const ids[] = { "20190210-0700-tong-duyet-3fa2c1",
		"20190211-0700-tong-duyet-3fa2c2", "20190212-0700-tong-duyet-3fa2c3",
		"20190212-0900-phien-hop-3fa2c4" };
	record_new(r, f->arena);
	for (int i = 0; i < 4; i++) {
		f->spec.id = ids[i];
		f->spec.planned_start = vanquan_at("07:00:00") + (int64_t)i * 86400000;
		f->spec.phase = i == 3 ? PHASE_SESSION : PHASE_REHEARSAL;
		record_add(r, report_of(f));
	}
	record_finish(r);
}

static void
the_summary_of_a_period(void **state)
{
	static const struct incident_figures figures[] = { { .provider = "VNPT",
								   .opened = 3,
								   .closed = 1,
								   .received_n = 2,
								   .responded_n = 2,
								   .fixed_n = 1,
								   .received_s = 900,
								   .responded_s = 2400,
								   .fixed_s = 7200,
								   .received_most_s = 600,
								   .responded_most_s = 1800,
								   .fixed_most_s = 7200 },
		{ .provider = "", .opened = 1 } };
	static const struct period_end ends[] = {
		{ .site = "chu-tuc", .name = "Chu Túc", .successor = "Tràng Sơn" }
	};
	static const char *const langs[] = { "vi", "en" };
	struct vanquan f;
	struct records r;
	vanquan_open(&f);
	records_of(&f, &r);
	struct period_end end = ends[0];
	end.last_day = vanquan_at("12:00:00");
	struct period p = { .from = vanquan_at("00:00:00"),
		.to = vanquan_at("00:00:00") + 4 * (int64_t)86400000,
		.scope = "",
		.records = &r,
		.figures = figures,
		.figures_n = 2,
		.ends = &end,
		.ends_n = 1 };
	for (size_t l = 0; l < 2; l++) {
		char name[40];
		struct buf b = { 0 };
		for (const struct document_format *d = document_formats; d->name; d++) {
			struct err_text e = { 0 };
			if (l && str_eq(d->name, "xlsx"))
				continue;
			assert_int_equal(
				d->write(period_build(&p, example(&f), langs[l], f.arena), &b, &e),
				OK);
			hold_document(&f, "period", d->name, langs[l], &b);
			b = (struct buf){ 0 };
		}
		plain_write(period_build(&p, example(&f), langs[l], f.arena), 0, &b);
		hold_narrow(period_build(&p, example(&f), langs[l], f.arena));
		snprintf(name, sizeof name, "period.%s.txt", langs[l]);
		hold(name, &b);
	}
	struct buf b = { 0 };
	period_json(&p, &b);
	hold("period.json", &b);
	record_free(&r);
	vanquan_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_in_every_format),
		cmocka_unit_test(the_report_itself),
		cmocka_unit_test(the_summary_of_a_period),
	};
	if (writes())
		mkdir(folder, 0755);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
