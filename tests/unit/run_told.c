/* What a codec posts by itself: it hurries the questions, it tells who ended a call where the MCU
 * does not know, and it is believed only together with the codec's own answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/law.h"

static size_t
asked(const struct world *w, size_t from, enum verb v)
{
	size_t n = 0;
	for (size_t i = from; i < w->orders.n; i++)
		n += w->orders.at[i].verb == v;
	return n;
}

static struct told
ended(enum cause c, int64_t ago_s, const char *call_id)
{
	struct told t = { .posts = 1, .ends_n = 1 };
	str_copy(t.ends[0].call_id, sizeof t.ends[0].call_id, call_id);
	t.ends[0].call.ended_ago_s = figure_of(ago_s);
	t.ends[0].call.ending.cause = c;
	str_copy(t.ends[0].call.ending.device_words, sizeof t.ends[0].call.ending.device_words,
		"by a post");
	return t;
}

/* It posts that now; the next answer of the codec of site 0 brings it. */
static void
posts(struct world *w, struct told t)
{
	struct event news = { .kind = EVENT_NEWS };
	str_copy(news.device, sizeof news.device, "site:a");
	w->told = t;
	world_feed(w, &news);
}

static void
until_it_is_up(struct world *w)
{
	while (!w->run->sites[0].first_up)
		world_until(w, w->now - WORLD_START + 100);
}

/* To an instant after its first connection. */
static void
until(struct world *w, int64_t ms)
{
	world_until(w, w->sites[0].first_up - WORLD_START + ms);
}

static void
finish(struct world *w, struct judgement *j)
{
	world_until(w, 45 * MINUTE);
	judge(w->run, w->arena, j);
}

/* A room hangs up; the MCU does not know; the codec posts it, and its past calls say one thing or
 * another. */
static void
a_post_tells_who_hung_up(void **state)
{
	static const struct {
		enum cause posted, kept; /* by its list of past calls */
		int64_t ago_s;
		enum ended_by by;
		bool told, kept_counts, contradicted;
	} rows[] = {
		{ CAUSE_SITE_HANGUP, CAUSE_SITE_HANGUP, 0, ENDED_SITE, true, true, false },
		{ CAUSE_SITE_HANGUP, CAUSE_UNKNOWN, 0, ENDED_SITE, true, false, false },
		{ CAUSE_SITE_HANGUP, CAUSE_MCU, 0, ENDED_MCU, true, true, true },
		/* of another call, or of another time: what it keeps decides */
		{ CAUSE_REJECTED, CAUSE_SITE_HANGUP, 0, ENDED_SITE, false, true, false },
		{ CAUSE_SITE_HANGUP, CAUSE_MCU, 240, ENDED_MCU, false, true, false },
		{ CAUSE_UNKNOWN, CAUSE_MCU, 0, ENDED_MCU, false, true, false },
	};

	for (size_t i = 0; i < N(rows); i++) {
		struct behaviour b = { .id = "a",
			.hangup_at = 20 * MINUTE,
			.mcu_knows_not = true,
			.codec_says = rows[i].kept };
		struct world w;
		struct judgement j;

		world_new(&w, playbook, &b, 1, true);
		world_begin(&w);
		until_it_is_up(&w);
		until(&w, 20 * MINUTE + 200);
		const struct run_site *s = &w.run->sites[0];
		const struct interval *k = &s->intervals.at[0];
		assert_int_equal(s->phase, SITE_UP); /* the list has not shown it yet */
		posts(&w, ended(rows[i].posted, rows[i].ago_s, "7"));
		until(&w, 20 * MINUTE + 3500);
		assert_int_equal(k->told_seq > 0, rows[i].told);
		if (rows[i].told && !rows[i].contradicted) {
			assert_int_equal(k->ended_by, ENDED_SITE);
			assert_string_equal(k->ending.device_words, "by a post");
			assert_int_equal(s->phase, SITE_LEFT);
		}
		finish(&w, &j);
		k = &w.run->sites[0].intervals.at[0];
		if (k->ended_by != rows[i].by || (k->told_seq > 0) != rows[i].told ||
			(k->history_seq > 0) != rows[i].kept_counts)
			fail_msg("row %zu: ended by %s, rows %lld and %lld", i,
				ended_by_name(k->ended_by), (long long)k->told_seq,
				(long long)k->history_seq);
		assert_int_equal(noted(w.run, "post-contradicted"), rows[i].contradicted);
		assert_int_equal(j.verdicts[0].headline == LEFT_EARLY, rows[i].by == ENDED_SITE);
		if (rows[i].by == ENDED_SITE)
			assert_int_equal(w.sites[0].dials, 1);
		world_free(&w);
	}
}

/* The leg is listed, and the codec says that it is in a call: whatever was posted, nobody left;
 * nor when the line fails later. */
static void
a_denied_post_accuses_nobody(void **state)
{
	static const struct behaviour rows[] = {
		{ .id = "a", .mcu_knows_not = true },
		{ .id = "a",
			.mcu_knows_not = true,
			.network_down_at = 20 * MINUTE,
			.network_back_at = 21 * MINUTE,
			.codec_says = CAUSE_NETWORK },
	};

	for (size_t i = 0; i < N(rows); i++) {
		struct world w;
		struct judgement j;

		world_new(&w, playbook, &rows[i], 1, true);
		world_begin(&w);
		until_it_is_up(&w);
		until(&w, 19 * MINUTE + 55000);
		posts(&w, ended(CAUSE_SITE_HANGUP, 0, "9"));
		until(&w, 19 * MINUTE + 58000);
		assert_int_equal(w.run->sites[0].posted_seq, 0);
		assert_int_equal(w.run->sites[0].phase, SITE_UP);
		finish(&w, &j);
		assert_int_not_equal(j.verdicts[0].headline, LEFT_EARLY);
		for (size_t k = 0; k < w.run->sites[0].intervals.n; k++)
			assert_int_equal(w.run->sites[0].intervals.at[k].told_seq, 0);
		world_free(&w);
	}
}

/* It does not say whether it is in a call: then its post is not enough to accuse anybody. */
static void
a_post_without_an_answer_accuses_nobody(void **state)
{
	static const struct behaviour b = {
		.id = "a", .mcu_knows_not = true, .hangup_at = 20 * MINUTE
	};

	for (int says = 0; says < 2; says++) {
		struct world w;
		struct judgement j;

		world_new(&w, playbook, &b, 1, true);
		w.hides_call = !says;
		world_begin(&w);
		until_it_is_up(&w);
		until(&w, 20 * MINUTE + 200);
		posts(&w, ended(CAUSE_SITE_HANGUP, 0, "7"));
		finish(&w, &j);
		assert_int_equal(w.run->sites[0].intervals.at[0].told_seq > 0, says);
		assert_int_equal(j.verdicts[0].headline == LEFT_EARLY, says);
		world_free(&w);
	}
}

/* The post of the first call comes once more when the second has ended: it is about the first. */
static void
a_repeated_post_is_about_the_first_call(void **state)
{
	static const struct behaviour b = { .id = "a",
		.mcu_knows_not = true,
		.network_down_at = 12 * MINUTE,
		.network_back_at = 14 * MINUTE,
		.hangup_at = 20 * MINUTE,
		.codec_says = CAUSE_UNKNOWN };

	for (int another = 0; another < 2; another++) {
		struct world w;
		struct judgement j;

		world_new(&w, playbook, &b, 1, true);
		world_begin(&w);
		until_it_is_up(&w);
		until(&w, 14 * MINUTE + 500);
		posts(&w, ended(CAUSE_SITE_HANGUP, 0, "3"));
		until(&w, 20 * MINUTE + 200);
		assert_int_equal(w.run->sites[0].phase, SITE_UP);
		posts(&w, ended(CAUSE_SITE_HANGUP, 0, another ? "4" : "3"));
		finish(&w, &j);
		const struct run_site *s = &w.run->sites[0];
		assert_true(s->intervals.n >= 2);
		assert_int_equal(s->intervals.at[0].told_seq, 0);
		assert_int_equal(s->intervals.at[1].told_seq > 0, another);
		assert_int_equal(j.verdicts[0].headline == LEFT_EARLY, another);
		world_free(&w);
	}
}

static void
posts_hurry_the_question_and_no_more(void **state)
{
	static const struct behaviour b = { .id = "a" };
	struct world w;

	world_new(&w, playbook, &b, 1, true);
	world_begin(&w);
	until_it_is_up(&w);
	until(&w, 16 * MINUTE);
	while (w.run->sites[0].status_under_way || w.run->sites[0].next_status < w.now + 20000 ||
		w.now < w.run->sites[0].status_asked + 5000)
		world_until(&w, w.now - WORLD_START + 100);
	size_t before = w.orders.n;
	int64_t begun = w.now;
	posts(&w, (struct told){ .posts = 1, .mic_muted = YES });
	assert_int_equal(asked(&w, before, VERB_STATUS), 1);
	world_until(&w, w.now - WORLD_START + 1000);
	/* what it is asked, it answers: not muted */
	assert_int_equal(w.run->sites[0].mic_muted, NO);
	for (int i = 0; i < 100; i++) {
		posts(&w, (struct told){ .posts = 1 });
		world_until(&w, w.now - WORLD_START + 100);
	}
	assert_true(asked(&w, before, VERB_STATUS) <= (size_t)((w.now - begun) / 2000 + 2));
	/* of nobody, and of a site without a codec of ours */
	before = w.orders.n;
	struct event news = { .kind = EVENT_NEWS, .device = "site:nobody" };
	world_feed(&w, &news);
	assert_int_equal(asked(&w, before, VERB_STATUS), 0);
	world_free(&w);
}

static void
what_was_told_is_kept_and_read_back(void **state)
{
	struct event e = { .kind = EVENT_ANSWER, .verb = VERB_STATUS, .at = 5 }, back;
	struct buf text = { 0 };
	struct json_out out = { .out = &text };
	const struct json *json;
	struct err_text why = { 0 };
	struct arena *a = arena_new();

	e.status.told = ended(CAUSE_SITE_HANGUP, 3, "12");
	e.status.told.mic_muted = YES;
	e.status.told.ends[0].call.duration_s = figure_of(60);
	event_write(&e, &out);
	assert_int_equal(json_parse(a, text.at, text.n, &json, &why), OK);
	assert_int_equal(event_read(json, 5, 1, a, &back, &why), OK);
	const struct told *was = &e.status.told, *is = &back.status.told;
	const struct past_call *call = &was->ends[0].call, *again = &is->ends[0].call;
	assert_int_equal(is->posts, was->posts);
	assert_int_equal(is->in_call, was->in_call);
	assert_int_equal(is->mic_muted, YES);
	assert_int_equal(is->ends_n, 1);
	assert_string_equal(is->ends[0].call_id, "12");
	assert_string_equal(again->far_address, call->far_address);
	assert_true(again->duration_s.known && again->duration_s.v == 60);
	assert_true(again->ended_ago_s.known && again->ended_ago_s.v == 3);
	assert_int_equal(again->ending.cause, CAUSE_SITE_HANGUP);
	assert_string_equal(again->ending.device_words, call->ending.device_words);
	struct buf written = { 0 };
	struct json_out anew = { .out = &written };
	event_write(&back, &anew);
	assert_int_equal(written.n, text.n);
	assert_memory_equal(written.at, text.at, text.n);
	buf_free(&written);
	buf_free(&text);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_post_tells_who_hung_up),
		cmocka_unit_test(a_denied_post_accuses_nobody),
		cmocka_unit_test(a_post_without_an_answer_accuses_nobody),
		cmocka_unit_test(a_repeated_post_is_about_the_first_call),
		cmocka_unit_test(posts_hurry_the_question_and_no_more),
		cmocka_unit_test(what_was_told_is_kept_and_read_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
