/* What a device tells on its own: news hurry the list, and a reason that comes after the end is
 * still the reason. */
#include "tests/unit/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char playbook[] =
	"<playbook name=\"t\" title=\"T\" phase=\"rehearsal\" anchor=\"event\" handover=\"PT0S\">"
	"<open at=\"PT0S\" conference=\"tong-duyet\" muted=\"yes\"/>"
	"<dial at=\"PT0S\" sites=\"invited\" attempts=\"3\" every=\"PT20S\" probe-every=\"PT30S\"/>"
	"<verify at=\"PT3M\" audio=\"yes\" video=\"yes\" within=\"PT3M\"/>"
	"<watch at=\"PT9M\"/>"
	"<allclear at=\"PT20M\" by=\"rule\" latest=\"PT24M\"/>"
	"<report at=\"PT25M\" to=\"department\"/>"
	"<close at=\"PT26M\"/></playbook>";

static size_t
lists_ordered(const struct world *w, size_t from)
{
	size_t n = 0;
	for (size_t i = from; i < w->orders.n; i++)
		n += w->orders.at[i].verb == VERB_ROSTER;
	return n;
}

static void
news_hurry_the_list(void **state)
{
	static const struct behaviour b[] = { { .id = "a" } };
	struct world w;
	struct event news = { .kind = EVENT_NEWS };

	world_new(&w, playbook, b, 1, false);
	world_begin(&w);
	world_until(&w, 5 * MINUTE);
	str_copy(news.device, sizeof news.device, w.spec.mcus[0].name);
	struct run_mcu *m = &w.run->mcus[0];
	while (m->poll_under_way || m->next_poll <= w.now + 1000 || w.now < m->polled_at + 2000)
		world_until(&w, w.now - WORLD_START + 100);
	size_t before = w.orders.n;
	world_feed(&w, &news);
	assert_int_equal(lists_ordered(&w, before), 1);
	assert_true(m->poll_under_way);
	/* Told again while that list is read: what changed since may not be in it. */
	world_feed(&w, &news);
	world_feed(&w, &news);
	assert_int_equal(lists_ordered(&w, before), 1);
	/* not in a row: a list is many questions to some */
	world_until(&w, w.now - WORLD_START + 1000);
	assert_int_equal(lists_ordered(&w, before), 1);
	world_until(&w, w.now - WORLD_START + 2500);
	assert_int_equal(lists_ordered(&w, before), 2);
	/* However much it tells, every two seconds is enough; without news it was every five. */
	before = w.orders.n;
	int64_t begun = w.now;
	for (int i = 0; i < 200; i++) {
		world_feed(&w, &news);
		world_until(&w, w.now - WORLD_START + 100);
	}
	int64_t lists = (int64_t)lists_ordered(&w, before), seconds = (w.now - begun) / 1000;
	assert_true(lists <= seconds / 2 + 1);
	assert_true(lists >= seconds / 4);
	/* Of somebody unknown, and of an MCU that has no conference: nothing. */
	before = w.orders.n;
	str_copy(news.device, sizeof news.device, "nobody");
	world_feed(&w, &news);
	assert_int_equal(w.orders.n, before);
	world_free(&w);

	world_new(&w, playbook, b, 1, false);
	str_copy(news.device, sizeof news.device, w.spec.mcus[0].name);
	world_feed(&w, &(struct event){ .kind = EVENT_BEGIN });
	size_t asked = lists_ordered(&w, 0);
	world_feed(&w, &news);
	assert_int_equal(lists_ordered(&w, 0), asked);
	world_free(&w);
}

static void
news_are_kept_and_read_back(void **state)
{
	struct event news = { .kind = EVENT_NEWS, .at = 5 }, back;
	struct buf text = { 0 };
	struct json_out out = { .out = &text };
	const struct json *json;
	struct err_text e = { 0 };
	struct arena *a = arena_new();

	str_copy(news.device, sizeof news.device, "huyen");
	event_write(&news, &out);
	assert_int_equal(json_parse(a, text.at, text.n, &json, &e), OK);
	assert_int_equal(event_read(json, 5, 1, a, &back, &e), OK);
	assert_int_equal(back.kind, EVENT_NEWS);
	assert_string_equal(back.device, "huyen");
	buf_free(&text);
	arena_free(a);
}

/* The list tells why a leg ended six seconds after it told that it did: the reason counts. */
static void
told_late(struct world *w, const struct behaviour *b, enum headline headline,
	const char *sub_reason)
{
	struct judgement j;

	world_new(w, playbook, b, 1, false);
	w->list_reason_late = 6000;
	world_begin(w);
	world_until(w, 40 * MINUTE);
	judge(w->run, w->arena, &j);
	assert_int_equal(j.verdicts[0].headline, headline);
	assert_string_equal(j.verdicts[0].sub_reason, sub_reason);
}

/* The list says that the leg is gone, and only the next one why. */
static void
a_late_reason_counts(void **state)
{
	static const struct {
		struct behaviour b;
		enum headline headline;
		const char *sub_reason;
		enum ended_by by;
	} rows[] = {
		{ { .id = "hangup", .hangup_at = 12 * MINUTE }, LEFT_EARLY, "hang-up", ENDED_SITE },
		{ { .id = "gone", .network_down_at = 12 * MINUTE }, LOST, "", ENDED_NETWORK },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct world w;

		told_late(&w, &rows[i].b, rows[i].headline, rows[i].sub_reason);
		const struct interval *k = &w.run->sites[0].intervals.at[0];
		assert_int_equal(k->ended_by, rows[i].by);
		/* seen gone when it was, not when it was told why */
		assert_true(k->to - w.run->sites[0].first_up < 14 * MINUTE);
		world_free(&w);
	}
}

static void
a_late_reason_of_a_dial_counts(void **state)
{
	static const struct {
		struct behaviour b;
		enum headline headline;
		const char *sub_reason;
	} rows[] = {
		{ { .id = "busy", .kind = W_BUSY }, UNCONNECTED, "busy" },
		{ { .id = "wrong", .kind = W_WRONG_ADDRESS }, UNCONNECTED, "wrong-address" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct world w;

		told_late(&w, &rows[i].b, rows[i].headline, rows[i].sub_reason);
		world_free(&w);
	}
}

/* The list never says why a dial came to nothing; the MCU does when it is asked. One that never
 * does is not asked for it. */
static void
a_failed_dial_is_asked_for_its_reason(void **state)
{
	static const struct behaviour b = { .id = "rings", .kind = W_UNANSWERED };

	for (int tells = 0; tells < 2; tells++) {
		struct world w;
		struct judgement j;
		size_t asked = 0;

		world_new(&w, playbook, &b, 1, false);
		struct spec_mcu *mcu = (struct spec_mcu *)w.spec.mcus;
		mcu->evidence = tells ? mcu->evidence | EVIDENCE_END_REASON
				      : mcu->evidence & ~(unsigned)EVIDENCE_END_REASON;
		w.list_reason_late = INT64_MAX;
		w.reason = CAUSE_NO_ANSWER;
		world_begin(&w);
		world_until(&w, 40 * MINUTE);
		judge(w.run, w.arena, &j);
		for (size_t i = 0; i < w.orders.n; i++)
			asked += w.orders.at[i].verb == VERB_REASON;
		assert_int_equal(asked > 0, tells);
		assert_int_equal(w.run->sites[0].attempts.at[0].cause,
			tells ? CAUSE_NO_ANSWER : CAUSE_UNKNOWN);
		assert_int_equal(j.verdicts[0].headline, tells ? UNATTENDED : UNCONNECTED);
		world_free(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(news_hurry_the_list),
		cmocka_unit_test(news_are_kept_and_read_back),
		cmocka_unit_test(a_late_reason_counts),
		cmocka_unit_test(a_late_reason_of_a_dial_counts),
		cmocka_unit_test(a_failed_dial_is_asked_for_its_reason),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
