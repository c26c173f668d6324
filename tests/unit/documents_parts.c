/* What the documents are made of: presence and its chart, sums, and the letterhead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "documents.h"
#include "report/say.h"
#include "report/chart.h"
#include "report/presence.h"

#include "adapters/wire/xml.h"

static void
a_drop_and_an_open_end_are_drawn(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	struct run_site *s = &f.run.sites[9];
	struct interval *back = vec_add_in(f.arena, &s->intervals);
	*back = s->intervals.at[0];
	s->intervals.at[0].to = s->intervals.at[0].seen = vanquan_at("07:14:00");
	s->intervals.at[0].ended_by = ENDED_NETWORK;
	back->from = vanquan_at("07:17:00");
	back->to = 0;
	back->ended_by = ENDED_OPEN;
	const struct report *r = report_of(&f);
	const struct chart *c = chart_build(r, &r->sites[9], f.arena);
	assert_int_equal(c->n, 1);
	const struct chart_line *l = &c->lines[0];
	assert_int_equal(l->items.n, 5);
	assert_int_equal(l->items.at[1].shape, CHART_UP);
	assert_int_equal(l->items.at[2].shape, CHART_DROP);
	assert_int_equal(l->items.at[2].to, vanquan_at("07:17:00"));
	assert_int_equal(l->items.at[3].to, f.run.ended);
	assert_true(c->used[CHART_DROP]);
	assert_true(c->ticks_n > 2 && c->ticks_n <= 12);
	assert_string_equal(c->ticks[1].text, "07:05");
	assert_true(chart_place(c, c->to + 1) <= 1 && chart_place(c, c->from - 1) >= 0);
	vanquan_close(&f);
}

/* The mark of a roll call, and of leaving, says what the judgement says and no more. */
static void
marks_say_what_was_judged(void **state)
{
	static const struct {
		enum tri answered;
		enum chart_shape shape;
	} cases[] = { { YES, CHART_ANSWERED }, { NO, CHART_SILENT }, { UNKNOWN, CHART_CALLED } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct vanquan f;
		vanquan_open(&f);
		f.run.sites[9].roll.first_called = vanquan_at("07:12:00");
		f.judgement.verdicts[9].answered = cases[i].answered;
		f.judgement.verdicts[9].left_at = vanquan_at("07:20:00"); /* by a person */
		const struct report *r = report_of(&f);
		const struct chart *c = chart_build(r, &r->sites[9], f.arena);
		for (int s = CHART_ANSWERED; s <= CHART_CALLED; s++)
			assert_int_equal(c->used[s], s == (int)cases[i].shape);
		assert_false(c->used[CHART_LEFT]);
		assert_true(chart_build(r, &r->sites[5], f.arena)->used[CHART_LEFT]);
		vanquan_close(&f);
	}
}

static struct presence
present(struct vanquan *f, size_t i)
{
	struct presence p;
	const struct report *r = report_of(f);
	presence_of(r, &r->sites[i], &p);
	return p;
}

static void
presence_is_a_union_within_the_window(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	struct presence_window w = presence_window(report_of(&f));
	assert_int_equal(w.from, vanquan_at("07:00:00"));
	assert_int_equal(w.to, vanquan_at("07:30:00")); /* all-clear, not the end */
	struct presence p = present(&f, 7);
	assert_true(p.known);
	assert_int_equal(p.least_s, 29 * 60 + 56);
	assert_int_equal(p.most_s, p.least_s);
	assert_int_equal(p.least_permille, 997);
	p = present(&f, 6); /* gone between 07:20:00 and 07:20:30 */
	assert_int_equal(p.least_s, 19 * 60 + 56);
	assert_int_equal(p.most_s, 20 * 60 + 26);
	p = present(&f, 0);
	assert_true(p.known && p.most_s == 0 && p.most_permille == 0);
	/* Two stretches that overlap, given out of order, count once. */
	struct run_site *s = &f.run.sites[8];
	struct interval *more = vec_add_in(f.arena, &s->intervals);
	*more = s->intervals.at[0];
	more->from = vanquan_at("06:50:00");
	more->to = more->seen = vanquan_at("07:10:00");
	p = present(&f, 8);
	assert_int_equal(p.least_s, 30 * 60);
	assert_int_equal(p.least_permille, 1000);
	f.judgement.verdicts[0].headline = UNTESTED;
	assert_false(present(&f, 0).known);
	f.spec.phase = PHASE_SESSION; /* a session counts until its close */
	assert_int_equal(presence_window(report_of(&f)).to, vanquan_at("07:40:00"));
	f.run.missed = true;
	assert_false(present(&f, 7).known);
	assert_null(chart_build(report_of(&f), NULL, f.arena));
	vanquan_close(&f);
}

/* Sums of the table of that title in a CSV of several: the rows must make the total. */
static void
check_sums(struct vanquan *f, const char *csv, const char *title, int64_t expected)
{
	int64_t sum[13] = { 0 }, n = 0;
	const char *p = strstr(csv, title);
	assert_non_null(p);
	p = strstr(strstr(p, "\r\n") + 2, "\r\n") + 2;
	for (;; p = strstr(p, "\r\n") + 2) {
		char *line = arena_strndup(f->arena, p, (size_t)(strstr(p, "\r\n") - p));
		size_t columns;
		char **cell = str_split(f->arena, line, ",", &columns);
		bool total = str_eq(cell[0], "Total");
		int64_t row = 0;
		assert_int_equal(columns, 13);
		for (size_t k = 1; k < columns; k++) {
			int64_t v = 0;
			assert_true(str_to_int(cell[k], 0, 1 << 20, &v));
			row += k > 1 ? v : 0;
			if (total)
				assert_int_equal(v, sum[k]);
			sum[k] += v;
		}
		int64_t all = 0;
		assert_true(str_to_int(cell[1], 0, 1 << 20, &all));
		assert_int_equal(row, all); /* each expected site under exactly one headline */
		if (total) {
			assert_int_equal(all, expected);
			break;
		}
		n++;
	}
	assert_true(n > 0);
}

static void
communes_add_up(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	f.spec.sites[7].tier = "province";
	f.spec.sites[8].tier = "central";
	f.spec.sites[9].tier = "unheard-of";
	for (int i = 10; i < 20; i++)
		f.spec.sites[i].parent = i < 15 ? f.spec.sites[7].id : "mcu-tinh";
	for (int i = 15; i < 20; i++) /* an MCU names a unit where no district is given */
		f.spec.sites[i].district = "";
	f.spec.sites[20].district = "";
	f.spec.sites[20].mcu = -1;
	vanquan_note(&f, "extra", "not invited"); /* is in no sum */
	struct buf b = written(&f, "consolidated", "csv", "en");
	check_sums(&f, b.at, "By level\r\n", 24);
	check_sums(&f, b.at, "By unit\r\n", 24);
	assert_has(b.at, "\r\ncommune level,21,");
	assert_has(b.at, "\r\nother sites,1,1,");
	/* 13 of that district, and five below the site of that name */
	assert_has(b.at, "\r\nVăn Quan,18,");
	assert_has(b.at, "\r\nmcu-tinh,5,5,");
	assert_has(b.at, "\r\nno unit given,1,1,");
	buf_free(&b);
	vanquan_close(&f);
}

static enum err
read_letterhead(struct vanquan *f, const char *xml, struct letterhead *out, struct buf *why)
{
	struct faults faults = { .arena = f->arena };
	enum err code = letterhead_read(xml, strlen(xml), "letterhead.xml", f->arena, &faults, out);
	buf_clear(why);
	faults_print(&faults, why);
	assert_int_equal(code == OK, faults.n == 0);
	return code;
}

static void
letterhead_is_checked_and_spoken_in_both_languages(void **state)
{
	struct vanquan f;
	struct letterhead l;
	struct buf why = { 0 };
	vanquan_open(&f);
	assert_int_equal(
		read_letterhead(&f,
			"<letterhead><issuer en=\"A &amp; B\">Đơn vị</issuer><place>Hà Nội</place>"
			"<document><copy>X</copy></document>"
			"<document kind=\"site\" symbol=\"S\"/></letterhead>",
			&l, &why),
		OK);
	assert_string_equal(letterhead_say(&l.issuer, "vi"), "Đơn vị");
	assert_string_equal(letterhead_say(&l.issuer, "en"), "A & B");
	assert_string_equal(letterhead_say(&l.place, "en"), "Hà Nội");
	assert_string_equal(letterhead_say(&l.state, "vi"), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM");
	assert_string_equal(letterhead_paper(&l, "site")->symbol, "S");
	assert_int_equal(letterhead_paper(&l, "minutes")->copies.n, 1);
	assert_int_equal(letterhead_paper(&l, "minutes")->signatures.n, 0);
	struct buf b = { 0 };
	assert_int_equal(documents_write(report_of(&f), &l, "minutes", "html", "en", &b, NULL), OK);
	assert_has(b.at, ">A &amp; B<");
	assert_has(b.at, ">No: ......<");
	buf_free(&b);
	assert_int_equal(
		read_letterhead(&f,
			"<letterhead>\n<issuer>A</issuer>\n<number>17</number>\n<place>B</place>\n"
			"<document kind=\"poster\"/>\n</letterhead>",
			&l, &why),
		ERR_INPUT);
	assert_has(buf_str(&why), "letterhead.xml:3:"); /* a number is not ours to give */
	assert_has(buf_str(&why), "letterhead.xml:5:");
	assert_int_equal(read_letterhead(&f,
				 "<letterhead><issuer>A</issuer><place>B</place><document "
				 "kind=\"site\"/><document kind=\"site\"/></letterhead>",
				 &l, &why),
		ERR_INPUT);
	assert_has(buf_str(&why), "two <document> of kind \"site\"");
	assert_int_equal(read_letterhead(&f, "<letterhead>", &l, &why), ERR_INPUT);
	assert_int_equal(read_letterhead(&f, "", &l, &why), ERR_INPUT);
	assert_int_equal(
		read_letterhead(&f, "<!DOCTYPE a [<!ENTITY b \"c\">]><letterhead/>", &l, &why),
		ERR_INPUT);
	buf_free(&why);
	vanquan_close(&f);
}

/* A letter that goes out while a run is under way names no revision: there is no report yet. */
static void
a_run_under_way_has_no_revision(void **state)
{
	struct arena *a = arena_new();
	struct spec spec = { .id = "20190210-0700-tong-duyet-20f360" };
	struct report r = { .spec = &spec };
	assert_string_equal(say_run(&r, "vi", a), "20190210-0700-tong-duyet-20f360");
	r.revision = 2;
	assert_string_equal(say_run(&r, "vi", a), "20190210-0700-tong-duyet-20f360, bản số 2");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_drop_and_an_open_end_are_drawn),
		cmocka_unit_test(marks_say_what_was_judged),
		cmocka_unit_test(presence_is_a_union_within_the_window),
		cmocka_unit_test(communes_add_up),
		cmocka_unit_test(letterhead_is_checked_and_spoken_in_both_languages),
		cmocka_unit_test(a_run_under_way_has_no_revision),
	};
	xml_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
