/* The report of the Văn Quan case: as data and in words, and what hostile or unknown input must not
 * do to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "report/letter.h"
#include "report/model.h"
#include "vanquan.h"

#include "adapters/wire/json.h"
#include "base/str.h"

#include <stdio.h>

static const struct json *
as_json(struct vanquan *f)
{
	struct buf b = { 0 };
	report_json(report_build(&f->run, &f->judgement, 1, "abc123", f->arena), &b);
	const struct json *j = NULL;
	struct err_text e = { 0 };
	enum err code = json_parse(f->arena, buf_str(&b), b.n, &j, &e);
	if (code)
		fail_msg("%s", e.text);
	assert_true(str_ends(buf_str(&b), "}\n"));
	buf_free(&b);
	return j;
}

static char *
as_text(struct vanquan *f, const char *lang)
{
	struct buf b = { 0 };
	report_text(report_build(&f->run, &f->judgement, 1, "abc123", f->arena), lang, &b);
	char *copy = arena_strdup(f->arena, buf_str(&b));
	buf_free(&b);
	return copy;
}

static const struct json *
site_of(const struct json *j, const char *id)
{
	for (const struct json *s = json_get(j, "sites")->first; s; s = s->next)
		if (str_eq(json_text(s, "id"), id))
			return s;
	fail_msg("no site %s", id);
	return NULL;
}

/* "a b c" of an array of texts. */
static const char *
joined(struct vanquan *f, const struct json *array)
{
	const char *all = "";
	assert_non_null(array);
	assert_int_equal(array->kind, JSON_IS_ARRAY);
	for (const struct json *i = array->first; i; i = i->next)
		all = arena_printf(f->arena, "%s%s%s", all, *all ? " " : "", i->text);
	return all;
}

/* On one line: every run of blanks and line ends is one blank. */
static char *
flat(struct vanquan *f, const char *text)
{
	char *copy = arena_strdup(f->arena, text), *out = copy;
	for (const char *p = copy; *p; p++)
		if (*p != ' ' && *p != '\n')
			*out++ = *p;
		else if (out == copy || out[-1] != ' ')
			*out++ = ' ';
	*out = '\0';
	return copy;
}

static void
assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void
assert_has_not(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" is in:\n%s", part, text);
}

static void
data_holds_the_three_lists(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	const struct json *j = as_json(&f), *lists = json_get(j, "lists");
	assert_string_equal(joined(&f, json_get(lists, "absent")), "chu-tuc xuan-mai");
	assert_string_equal(joined(&f, json_get(lists, "unattended")), "tri-le van-an trang-cuc");
	assert_string_equal(joined(&f, json_get(lists, "left_early")), "binh-phuc yen-phuc");
	for (int l = 0; l < LIST_N; l++)
		assert_non_null(json_get(lists, list_names[l]));
	assert_string_equal(joined(&f, json_get(lists, "untested")), "");
	const struct json *counts = json_get(j, "counts");
	assert_int_equal(json_int(counts, "expected", -1), 24);
	assert_int_equal(json_int(counts, "good", -1), 17);
	int64_t sum = 0;
	for (const struct json *c = counts->first; c; c = c->next)
		sum += str_eq(c->key, "expected") ? 0 : c->number;
	assert_int_equal(sum, 24);
	assert_int_equal(json_get(j, "sites")->count, 24);
	vanquan_close(&f);
}

static void
data_names_the_run(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	f.spec.notes =
		(const char *const[]){ "sites.csv:9: no address", "sites.csv:12: twice", NULL };
	vanquan_note(&f, "input", "sites.csv:12: twice");
	vanquan_note(&f, "step-not-done", "escalate: not done by this version");
	const struct json *run = json_get(as_json(&f), "run");
	static const char *const order[] = { "id", "key", "uid", "recurrence_id", "name", "phase",
		"planned_start", "started", "allclear_at", "ended", "playbook", "revision", "seal",
		"notes" };
	const struct json *at = run->first;
	for (size_t i = 0; i < sizeof order / sizeof *order; i++, at = at->next)
		assert_string_equal(at->key, order[i]);
	assert_string_equal(json_text(run, "planned_start"), "2019-02-10T07:00:00+07:00");
	assert_string_equal(json_text(run, "allclear_at"), "2019-02-10T07:30:00+07:00");
	assert_string_equal(json_text(json_get(run, "playbook"), "commit"), "0a1b2c3d4e5f");
	assert_string_equal(json_text(run, "seal"), "abc123");
	const struct json *notes = json_get(run, "notes");
	assert_int_equal(
		notes->count, 3); /* the fault that the run noted itself is not said twice */
	assert_string_equal(json_text(notes->first, "text"), "sites.csv:9: no address");
	assert_string_equal(json_text(notes->first->next->next, "kind"), "step-not-done");
	vanquan_close(&f);
}

static void
unknown_figures_are_null_and_what_does_not_apply_is_left_out(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	const struct json *j = as_json(&f), *absent = site_of(j, "chu-tuc"),
			  *facts = json_get(absent, "facts");
	assert_string_equal(json_text(facts, "alive"), "no");
	assert_string_equal(json_text(facts, "answered"), "unknown");
	assert_string_equal(json_text(facts, "heard"), "unknown");
	assert_int_equal(json_get(facts, "late_s")->kind, JSON_IS_NULL);
	assert_int_equal(json_get(facts, "late_uncertainty_s")->kind, JSON_IS_NULL);
	assert_int_equal(json_get(json_get(absent, "people"), "expected")->kind, JSON_IS_NULL);
	assert_int_equal(json_get(json_get(absent, "people"), "actual")->kind, JSON_IS_NULL);
	assert_int_equal(json_get(absent, "presence")->count, 0);
	assert_int_equal(
		json_get(json_get(absent, "facts_evidence"), "alive")->first->number, 1033);
	assert_null(json_get(json_get(absent, "facts_evidence"), "reached"));
	assert_null(json_get(json_get(absent, "rollcall"), "by"));
	assert_int_equal(json_get(absent, "attempts")->count, 3);
	assert_string_equal(json_text(json_get(absent, "attempts")->first, "cause"), "unreachable");
	const struct json *good = site_of(j, "khanh-khe");
	assert_null(json_get(good, "sub_reason"));
	assert_int_equal(json_int(json_get(good, "facts"), "late_s", -1), 4);
	assert_null(json_get(json_get(good, "attempts")->first, "cause"));
	assert_string_equal(json_text(json_get(good, "attempts")->first, "mcu"),
		json_text(json_get(good, "carried_by"), "mcu"));
	assert_null(json_get(absent, "carried_by"));
	const struct json *media = json_get(good, "media");
	assert_int_equal(media->count, 4);
	assert_string_equal(json_text(media->first, "direction"), "from-site");
	assert_string_equal(json_text(media->first, "grade"), "good");
	assert_int_equal(json_get(media->first, "evidence")->first->next->number, 77);
	assert_string_equal(json_text(json_get(good, "rollcall"), "by"), "device");
	assert_int_equal(json_int(json_get(good, "rollcall"), "after_s", -1), 3);
	vanquan_close(&f);
}

static void
presence_says_who_ended_it_and_nothing_of_an_open_end(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	f.run.sites[10].intervals.at[0].ended_by = ENDED_OPEN;
	const struct json *j = as_json(&f);
	const struct json *power = json_get(site_of(j, "yen-phuc"), "presence")->first;
	assert_string_equal(json_text(power, "ended_by"), "power");
	assert_string_equal(json_text(power, "to"), "2019-02-10T07:20:30+07:00");
	assert_string_equal(json_text(power, "last_seen"), "2019-02-10T07:20:00+07:00");
	assert_string_equal(
		json_text(json_get(site_of(j, "binh-phuc"), "presence")->first, "ended_by"),
		"site");
	const struct json *open = json_get(site_of(j, f.spec.sites[10].id), "presence")->first;
	assert_non_null(json_get(open, "from"));
	assert_null(json_get(open, "to"));
	assert_null(json_get(open, "ended_by"));
	vanquan_close(&f);
}

static void
letter_speaks_in_the_manner_of_the_letter(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	struct letter l;
	letter_write(report_build(&f.run, &f.judgement, 1, "", f.arena), "vi", f.arena, &l);
	assert_int_equal(l.n, 3);
	assert_string_equal(l.at[0].text,
		"Các điểm cầu không bật hệ thống kết nối (02 điểm cầu): Chu Túc, Xuân Mai.");
	assert_string_equal(l.at[1].text, "Các điểm cầu chỉ bật máy nhưng không trực để chạy thử "
					  "mic và loa (03 điểm cầu): Tri Lễ, Văn An, Tràng Cúc.");
	assert_string_equal(l.at[2].text, "Các điểm cầu tự ý tắt hệ thống khi chưa có thông báo "
					  "hoàn thành việc chạy thử (02 điểm cầu): "
					  "Bình Phúc (tự ngắt kết nối lúc 07:18:05), Yên Phúc (tắt "
					  "máy giữa 07:20:00 và 07:20:30).");
	assert_has(l.summary, "24 điểm cầu được mời, có 17 điểm cầu kết nối thông suốt");
	vanquan_close(&f);
}

static void
text_is_vietnamese_or_english(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	vanquan_note(&f, "step-not-done", "escalate: not done by this version");
	const char *vi = flat(&f, as_text(&f, "vi")), *en = flat(&f, as_text(&f, "en"));
	assert_has(vi, "07 giờ 00 phút, Chủ nhật, ngày 10 tháng 02 năm 2019");
	assert_has(vi, "tong-duyet @ 0a1b2c3d4e5f");
	assert_has(vi, "lúc 07:30:00 (theo quy tắc của kịch bản)");
	assert_has(vi, "Chưa thực hiện: báo người phụ trách: phiên bản này chưa thực hiện");
	assert_has(vi, "đã gọi 3 lần, từ 07:00:00 đến 07:02:00");
	assert_has(vi, "07:00:04 – 07:18:05");
	assert_has(en, "Sites that did not switch the system on (2): Chu Túc, Xuân Mai.");
	assert_has(en, "Not done: inform those in charge: not done by this version");
	assert_has_not(en, "điểm cầu (");
	vanquan_close(&f);
}

static void
same_bytes_again(void **state)
{
	struct vanquan f, g;
	vanquan_open(&f);
	vanquan_open(&g);
	struct buf a = { 0 }, b = { 0 };
	report_json(report_build(&f.run, &f.judgement, 2, "s", f.arena), &a);
	report_json(report_build(&g.run, &g.judgement, 2, "s", g.arena), &b);
	assert_int_equal(a.n, b.n);
	assert_memory_equal(a.at, b.at, a.n);
	assert_string_equal(as_text(&f, "vi"), as_text(&g, "vi"));
	buf_free(&a);
	buf_free(&b);
	vanquan_close(&f);
	vanquan_close(&g);
}

static void
names_do_not_steer_the_terminal_nor_break_the_data(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	f.spec.sites[0].name = "=cmd|' /C calc'!A0";
	f.spec.sites[1].name = "Xuân\033[2J\nMai\xff";
	f.spec.summary = "\033]0;title\007";
	snprintf(f.run.sites[0].attempts.at[0].words, sizeof f.run.sites[0].attempts.at[0].words,
		"\"\\\r\n");
	vanquan_note(&f, "extra", "leg \033[31m");
	const char *vi = flat(&f, as_text(&f, "vi"));
	assert_has_not(vi, "\033");
	assert_has_not(vi, "\007");
	assert_has_not(vi, "\xff");
	assert_has(vi, "=cmd|' /C calc'!A0, Xuân\\x1b[2J\\x0aMai\\xff.");
	const struct json *j = as_json(&f);
	assert_string_equal(json_text(site_of(j, "chu-tuc"), "name"), "=cmd|' /C calc'!A0");
	assert_string_equal(
		json_text(json_get(site_of(j, "chu-tuc"), "attempts")->first, "device_words"),
		"\"\\\r\n");
	vanquan_close(&f);
}

static void
same_names_are_told_apart(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	f.spec.sites[1].name = "Chu Túc";
	f.spec.sites[1].district = "Bình Gia";
	assert_has(as_text(&f, "vi"), ": Chu Túc (Văn Quan), Chu Túc (Bình Gia).");
	f.spec.sites[1].district = "Văn Quan";
	assert_has(as_text(&f, "vi"), ": Chu Túc (chu-tuc), Chu Túc (xuan-mai).");
	vanquan_close(&f);
}

/* Rewrites one site as something else; it leaves no list it stood in, so a site of the good ones is
 * taken. */
static struct verdict *
recast(struct vanquan *f, int i, enum headline h, const char *sub_reason, int list)
{
	f->judgement.verdicts[i].headline = h;
	f->judgement.verdicts[i].sub_reason = sub_reason;
	if (list < LIST_N)
		vanquan_list(f, list, f->spec.sites[i].id);
	return &f->judgement.verdicts[i];
}

static void
reasons_stand_with_the_sites(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	recast(&f, 7, UNCONNECTED, "busy", LIST_UNCONNECTED);
	recast(&f, 8, UNCONNECTED, "wrong-address", LIST_UNCONNECTED);
	recast(&f, 9, UNCONNECTED, "busy", LIST_UNCONNECTED);
	recast(&f, 10, ONE_WAY, "", LIST_ONE_WAY)->media[1].value = NO;
	struct verdict *v = recast(&f, 11, UNVERIFIED, "", LIST_UNVERIFIED);
	v->media[1].value = v->media[3].value = UNKNOWN;
	v->media[1].grade = v->media[3].grade = GRADE_NONE;
	recast(&f, 12, UNTESTED, "login-refused", LIST_UNTESTED);
	v = recast(&f, 13, LATE, "", LIST_LATE);
	v->late_s = figure_of(720);
	v->late_uncertainty_s = figure_of(30);
	f.run.sites[13].first_willing = vanquan_at("07:12:30");
	v = recast(&f, 14, POOR, "", LIST_N);
	v->media[0].grade = GRADE_POOR;
	v->media[0].loss_permille = 41;
	v = recast(&f, 15, UNVERIFIED, "", LIST_UNVERIFIED);
	v->answered = v->heard = UNKNOWN;
	f.run.sites[15].roll.answered = false;
	v = recast(&f, 16, UNVERIFIED, "", LIST_UNVERIFIED);
	v->answered = v->heard = UNKNOWN;
	f.run.sites[16].roll = (struct rollcall_mark){ 0 };
	f.judgement.verdicts[6].common_cause = "power-cut";
	struct phone_call *call = vec_add_in(f.arena, &f.run.sites[0].calls);
	*call = (struct phone_call){
		.at = vanquan_at("07:05:00"), .seq = 60, .by = "truc", .said = "no power"
	};
	const char *vi = flat(&f, as_text(&f, "vi"));
	assert_has(vi, "truc gọi điện thoại: no power");
	assert_has(vi, "khả năng mất điện");
	assert_string_equal(
		json_text(json_get(site_of(as_json(&f), "chu-tuc"), "calls")->first, "said"),
		"no power");
	assert_string_equal(
		json_text(site_of(as_json(&f), "yen-phuc"), "common_cause"), "power-cut");
	assert_has(vi, "chưa kết nối được (02 điểm cầu): máy bận (Văn Quan, Liên Hội).");
	assert_has(vi, "danh bạ của đơn vị điều hành bị sai, không tính lỗi cho điểm cầu (01 điểm "
		       "cầu): ");
	assert_has(vi, "Ngoài ra có 3 điểm cầu đã kết nối nhưng chưa đo được đầy đủ.");
	assert_has(vi, "một chiều (01 điểm cầu): không có âm thanh đến điểm cầu (Trấn Ninh).");
	assert_has(vi, "không đo được âm thanh đến điểm cầu, hình ảnh đến điểm cầu (Hòa Bình);");
	assert_has(vi,
		"đã gọi điểm danh nhưng không xác định được có người trả lời hay không (Tân Đoàn)");
	assert_has(vi, "chưa được gọi điểm danh (Tràng Phái)");
	assert_has(
		vi, "không tính lỗi cho điểm cầu (01 điểm cầu): đăng nhập bị từ chối (Tú Xuyên).");
	assert_has(vi, "Lương Năng (muộn từ 12 phút đến 12 phút 30 giây, bắt đầu kết nối giữa "
		       "07:12:00 và 07:12:30).");
	assert_has(vi, "12:00–12:30");
	assert_has(vi, "âm thanh từ điểm cầu kém, mất gói 4,1 %");
	assert_has(vi, "có / ?");
	assert_has(vi, "? = không đo được");
	vanquan_close(&f);
}

static void
a_missed_run_accuses_nobody(void **state)
{
	struct vanquan f;
	vanquan_open(&f);
	f.run.missed = true;
	f.run.missed_why = "the program was not running";
	f.run.begun = f.run.ended = f.run.allclear_at = 0;
	f.run.allclear_by = NULL;
	f.spec.short_notice = true;
	const struct json *run = json_get(as_json(&f), "run");
	assert_null(json_get(run, "started"));
	assert_null(json_get(run, "allclear_at"));
	assert_string_equal(json_text(run, "missed"), "the program was not running");
	const char *vi = flat(&f, as_text(&f, "vi"));
	assert_has(vi, "Không tính lỗi cho điểm cầu nào");
	assert_has(vi, "không tính đúng giờ");
	vanquan_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_holds_the_three_lists),
		cmocka_unit_test(data_names_the_run),
		cmocka_unit_test(unknown_figures_are_null_and_what_does_not_apply_is_left_out),
		cmocka_unit_test(presence_says_who_ended_it_and_nothing_of_an_open_end),
		cmocka_unit_test(letter_speaks_in_the_manner_of_the_letter),
		cmocka_unit_test(text_is_vietnamese_or_english),
		cmocka_unit_test(same_bytes_again),
		cmocka_unit_test(names_do_not_steer_the_terminal_nor_break_the_data),
		cmocka_unit_test(same_names_are_told_apart),
		cmocka_unit_test(reasons_stand_with_the_sites),
		cmocka_unit_test(a_missed_run_accuses_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
