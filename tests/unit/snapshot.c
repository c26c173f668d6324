/* The live state as JSON and its picture: what is told, and that no picture is ever larger than its
 * terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "snapshot.h"
#include "vanquan.h"

#include "adapters/wire/json.h"
#include "base/str.h"

#include <stdlib.h>

/* The case at 07:19, all kinds of states in it: the roll call is under way. */
static void
live(struct vanquan *f)
{
	vanquan_open(f);
	f->run.ended = f->run.allclear_at = 0;
	f->run.allclear_by = NULL;
	f->run.allclear_until = vanquan_at("07:35:00");
	f->run.finished = false;
	f->run.step_next = 4;
	f->run.rolling = true;
	f->run.mcus[0].roll_site = 7;
	f->run.sites[1].phase = SITE_DIALING;
	f->run.sites[1].leg_state = LEG_RINGING;
	f->run.sites[6].phase = SITE_AWAY;
	f->run.sites[9].open_microphone_seq = 99;
	f->judgement.verdicts[10].media[1].value = NO;
	for (int i = 0; i < 4; i++)
		f->judgement.verdicts[11].media[i].value = UNKNOWN;
	f->judgement.verdicts[12].media[3].value = UNKNOWN;
	f->judgement.verdicts[13].answered = UNKNOWN; /* called, and nobody could tell */
	f->run.sites[13].roll.answered = false;
	vanquan_note(f, "step-not-done", "escalate: not done by this version");
}

static const struct json *
told(struct vanquan *f)
{
	struct buf b = { 0 };
	snapshot_json(&f->run, &f->judgement, vanquan_at("07:19:00"), &b);
	assert_null(strchr(buf_str(&b), '\n')); /* one line */
	const struct json *j = NULL;
	struct err_text e = { 0 };
	if (json_parse(f->arena, buf_str(&b), b.n, &j, &e))
		fail_msg("%s", e.text);
	buf_free(&b);
	return j;
}

static char *
picture(struct vanquan *f, const struct json *j, const char *lang, int width, int height,
	bool colour)
{
	struct buf b = { 0 };
	snapshot_render(j, lang, width, height, colour, &b);
	char *copy = arena_strdup(f->arena, buf_str(&b));
	buf_free(&b);
	return copy;
}

static void
assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static const struct json *
site_at(const struct json *j, int i)
{
	const struct json *s = json_get(j, "sites")->first;
	while (i-- && s)
		s = s->next;
	assert_non_null(s);
	return s;
}

static void
tells_run_steps_and_counts(void **state)
{
	struct vanquan f;
	live(&f);
	const struct json *j = told(&f), *counts = json_get(j, "counts");
	assert_string_equal(json_text(j, "run"), f.spec.id);
	assert_string_equal(json_text(j, "now"), "2019-02-10T07:19:00+07:00");
	assert_string_equal(json_text(json_get(j, "step"), "kind"), "rollcall");
	assert_string_equal(json_text(json_get(j, "step"), "at"), "2019-02-10T07:10:00+07:00");
	assert_string_equal(json_text(json_get(j, "next")->first, "kind"), "allclear");
	assert_string_equal(
		json_text(json_get(j, "allclear"), "latest"), "2019-02-10T07:35:00+07:00");
	assert_int_equal(json_int(counts, "expected", -1), 24);
	int64_t sum = 0;
	static const char *const phases[] = { "waiting", "dialing", "ringing", "up", "away",
		"left" };
	static const int expected[] = { 1, 0, 1, 20, 1, 1 };
	for (int i = 0; i < 6; i++) {
		assert_int_equal(json_int(counts, phases[i], -1), expected[i]);
		sum += json_int(counts, phases[i], 0);
	}
	assert_int_equal(sum, 24);
	assert_int_equal(json_int(counts, "two_way", -1), 17); /* two of them have gone since */
	assert_int_equal(json_int(counts, "proven", -1), 19);
	assert_string_equal(json_text(json_get(j, "notes")->first, "kind"), "step-not-done");
	f.run.shift_ms = 600000;
	assert_string_equal(
		json_text(json_get(told(&f), "next")->first, "at"), "2019-02-10T07:40:00+07:00");
	vanquan_close(&f);
}

/* Whom our own end of the conference took down has neither dropped nor gone. */
static void
ended_by_us(void **state)
{
	struct vanquan f;
	live(&f);
	for (int i = 14; i < 16; i++) {
		struct run_site *s = &f.run.sites[i];
		s->phase = SITE_AWAY;
		s->intervals.at[s->intervals.n - 1].to = vanquan_at("07:18:40");
		s->intervals.at[s->intervals.n - 1].ended_by = i == 14 ? ENDED_US : ENDED_UNKNOWN;
	}
	const struct json *j = told(&f), *counts = json_get(j, "counts");
	assert_string_equal(json_text(site_at(j, 14), "phase"), "ended");
	assert_string_equal(json_text(site_at(j, 14), "since"), "2019-02-10T07:18:40+07:00");
	assert_string_equal(json_text(site_at(j, 15), "phase"), "away");
	assert_int_equal(json_int(counts, "ended", -1), 1);
	assert_int_equal(json_int(counts, "away", -1), 2);
	const char *text = picture(&f, j, "vi", 120, 45, false);
	assert_non_null(strstr(text, "■ đã kết thúc 1"));
	vanquan_close(&f);
}

static void
tells_each_site(void **state)
{
	struct vanquan f;
	live(&f);
	const struct json *j = told(&f);
	assert_string_equal(json_text(site_at(j, 0), "phase"), "waiting");
	assert_string_equal(json_text(site_at(j, 0), "sub_reason"), "no-sign-of-life");
	assert_null(json_get(site_at(j, 0), "media"));
	assert_null(json_get(site_at(j, 0), "muted"));
	assert_string_equal(json_text(site_at(j, 1), "phase"), "ringing");
	assert_string_equal(json_text(site_at(j, 2), "roll"), "no-answer");
	assert_string_equal(json_text(site_at(j, 5), "phase"), "left");
	assert_string_equal(json_text(site_at(j, 5), "since"), "2019-02-10T07:18:05+07:00");
	assert_string_equal(json_text(site_at(j, 6), "phase"), "away");
	assert_string_equal(json_text(site_at(j, 13), "roll"), "not-known");
	assert_string_equal(json_text(site_at(j, 7), "roll"), "calling");
	assert_string_equal(json_text(site_at(j, 8), "roll"), "answered");
	assert_true(json_bool(site_at(j, 8), "muted", false));
	assert_string_equal(json_text(site_at(j, 9), "note"), "open-microphone");
	assert_string_equal(json_get(site_at(j, 10), "media")->first->next->text, "no");
	assert_string_equal(
		json_get(site_at(j, 12), "media")->first->next->next->next->text, "unknown");
	vanquan_close(&f);
}

/* Lines, and the columns of the widest. */
static void
measure(struct vanquan *f, const char *text, size_t *out_lines, size_t *out_columns)
{
	*out_lines = 1;
	*out_columns = 0;
	while (true) {
		size_t n = strcspn(text, "\n"), w = utf8_width(arena_strndup(f->arena, text, n));
		*out_columns = w > *out_columns ? w : *out_columns;
		if (!text[n])
			return;
		text += n + 1;
		++*out_lines;
	}
}

/* A run of n sites, every one up. */
static const struct json *
crowd(struct vanquan *f, int n)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	json_open(&w, NULL, '{');
	json_put_text(&w, "summary",
		"Một hội nghị có tên rất dài để chiếm hết cả dòng đầu của màn hình và còn hơn thế "
		"nữa");
	json_put_text(&w, "now", "2019-02-10T07:19:00+07:00");
	json_open(&w, "sites", '[');
	for (int i = 0; i < n; i++) {
		json_open(&w, NULL, '{');
		json_put_text(&w, "name", arena_printf(f->arena, "Xã Nguyễn Huệ số %d", i));
		json_put_text(&w, "phase", i == n - 1 ? "left" : i % 3 ? "up" : "waiting");
		json_close(&w, '}');
	}
	json_close(&w, ']');
	json_close(&w, '}');
	const struct json *j = NULL;
	struct err_text e = { 0 };
	assert_int_equal(json_parse(f->arena, buf_str(&b), b.n, &j, &e), OK);
	buf_free(&b);
	return j;
}

static void
never_larger_than_the_terminal(void **state)
{
	static const int sizes[][2] = { { 80, 24 }, { 120, 40 }, { 40, 10 }, { 61, 17 }, { 90, 25 },
		{ 200, 60 }, { 1, 1 } };
	static const int crowds[] = { 0, 1, 24, 98, 170, 1000 };
	struct vanquan f;
	live(&f);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		for (size_t k = 0; k < sizeof crowds / sizeof *crowds; k++) {
			size_t lines, columns;
			int w = sizes[i][0] < 40 ? 40 : sizes[i][0],
			    h = sizes[i][1] < 9 ? 9 : sizes[i][1];
			const char *text = picture(
				&f, crowd(&f, crowds[k]), "vi", sizes[i][0], sizes[i][1], false);
			measure(&f, text, &lines, &columns);
			if (lines > (size_t)h || columns > (size_t)w)
				fail_msg("%d sites at %dx%d: %zu lines of %zu columns:\n%s",
					crowds[k], w, h, lines, columns, text);
			measure(&f, picture(&f, told(&f), "en", sizes[i][0], sizes[i][1], false),
				&lines, &columns);
			assert_true(lines <= (size_t)h && columns <= (size_t)w);
		}
	vanquan_close(&f);
}

static void
all_sites_are_seen_or_counted(void **state)
{
	struct vanquan f;
	live(&f);
	const char *small = picture(&f, told(&f), "vi", 80, 24, false),
		   *large = picture(&f, told(&f), "vi", 120, 40, false);
	for (int i = 0; i < VANQUAN_N; i++) {
		assert_has(small, vanquan_names[i]);
		assert_has(large, vanquan_names[i]);
	}
	const struct json *many = crowd(&f, 1000);
	const char *crowded = picture(&f, many, "en", 80, 24, false);
	assert_has(crowded, "✗ Nguyễn H"); /* the one that left comes first */
	const char *more = strstr(crowded, "+ ");
	assert_non_null(more);
	size_t shown = 0;
	for (const char *p = crowded; (p = strstr(p, "Nguyễn")); p++)
		shown++;
	assert_int_equal(shown + (size_t)strtol(more + 2, NULL, 10), 1000);
	vanquan_close(&f);
}

/* Rows that the columns leave free name those that need somebody, whole. */
static void
who_needs_somebody_is_named_below(void **state)
{
	struct vanquan f;
	live(&f);
	const char *text = picture(&f, crowd(&f, 40), "vi", 80, 24, false);
	const char *below = strstr(text, "Cần người giúp:");
	assert_non_null(below);
	assert_has(below, "✗ Xã Nguyễn Huệ số 39: đã rời");
	assert_null(strstr(below, "số 38"));
	assert_null(strstr(picture(&f, crowd(&f, 170), "vi", 80, 24, false), "Cần người giúp:"));
	vanquan_close(&f);
}

static void
says_it_in_words_and_signs(void **state)
{
	struct vanquan f;
	live(&f);
	const char *vi = picture(&f, told(&f), "vi", 80, 24, false),
		   *en = picture(&f, told(&f), NULL, 120, 40, false);
	assert_has(vi, "07:19:00");
	assert_has(vi, "Đang: điểm danh");
	assert_has(vi, "→ 07:30:00 thông báo hoàn thành");
	assert_has(vi, " 47 %");
	assert_has(vi, "● có mặt 20 / 24");
	assert_has(vi, "trả lời 17");
	assert_has(vi, "✗ Bình Phúc");
	assert_has(vi, "đã rời 07:18:05");
	assert_has(vi, "không trả lời");
	assert_has(vi, "đang điểm danh");
	assert_has(vi, "Chưa thực hiện");
	assert_null(strchr(vi, '\033'));
	assert_has(en, "không tín hiệu"); /* NULL: the run's own language */
	assert_has(picture(&f, told(&f), "en", 120, 40, false), "Now: roll call");
	assert_has(picture(&f, told(&f), "en", 120, 40, true), "\033[K\n");
	vanquan_close(&f);
}

/* Nobody looks for a picture that was not negotiated. */
static void
sound_alone_is_whole(void **state)
{
	struct vanquan f;
	live(&f);
	f.judgement.verdicts[13].media_n = 2; /* sound both ways, and no more */
	const struct json *j = told(&f), *media = json_get(site_at(j, 13), "media");
	assert_string_equal(media->first->text, "yes");
	assert_int_equal(media->first->next->next->kind, JSON_IS_NULL);
	assert_int_equal(media->first->next->next->next->kind, JSON_IS_NULL);
	assert_has(picture(&f, j, "vi", 160, 50, false), "✓✓      ––");
	vanquan_close(&f);
}

static void
names_do_not_steer_the_terminal(void **state)
{
	struct vanquan f;
	live(&f);
	f.spec.sites[0].name = "\033[2J\n\xff";
	f.spec.summary = "\033]0;x\007";
	vanquan_note(&f, "\033[H", "\r\033[31m");
	const char *text = picture(&f, told(&f), "vi", 120, 40, false);
	assert_null(strchr(text, '\033'));
	assert_null(strchr(text, '\r'));
	assert_null(strchr(text, '\007'));
	assert_has(text, "\\x1b[2J\\x0a");
	size_t lines, columns;
	measure(&f, text, &lines, &columns);
	assert_true(lines <= 40 && columns <= 120);
	vanquan_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_run_steps_and_counts),
		cmocka_unit_test(tells_each_site),
		cmocka_unit_test(ended_by_us),
		cmocka_unit_test(never_larger_than_the_terminal),
		cmocka_unit_test(all_sites_are_seen_or_counted),
		cmocka_unit_test(who_needs_somebody_is_named_below),
		cmocka_unit_test(says_it_in_words_and_signs),
		cmocka_unit_test(sound_alone_is_whole),
		cmocka_unit_test(names_do_not_steer_the_terminal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
