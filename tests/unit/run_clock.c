/* A run whose clock is told to have jumped: set back it goes on as if nothing had been, and its
 * report says it. law.c has clocks that jump without a word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/world_read.h"

static const struct behaviour b[] = { { .id = "a" }, { .id = "off", .kind = W_OFF },
	{ .id = "silent", .silent = true }, { .id = "leaves", .hangup_at = 18 * MINUTE } };

static void
assert_as_ever(struct world *w)
{
	struct judgement j;

	assert_true(w->run->finished);
	assert_true(w->now < WORLD_START + 40 * MINUTE); /* not an hour later */
	judge(w->run, w->arena, &j);
	assert_int_equal(j.verdicts[0].headline, GOOD);
	assert_int_equal(j.verdicts[1].headline, ABSENT);
	assert_int_equal(j.verdicts[2].headline, UNATTENDED);
	assert_int_equal(j.verdicts[3].headline, LEFT_EARLY);
}

static void
set_clock(struct world *w, int64_t by)
{
	w->skew += by;
	world_feed(w, &(struct event){ .kind = EVENT_CLOCK,
			      .value = by,
			      .word = "clock-set",
			      .text = "from - to" });
}

static void
test_set_back_it_goes_on(void **state)
{
	for (int64_t at = 0; at < 36 * MINUTE; at += 47000) {
		struct world w;

		world_new(&w, world_playbook, b, N(b), true);
		world_begin(&w);
		world_until(&w, at);
		set_clock(&w, -60 * MINUTE);
		world_until(&w, 200 * MINUTE);
		assert_as_ever(&w);
		assert_int_equal(noted(w.run, "clock-set"), 1);
		world_free(&w);
	}
}

/* Set back while the program was away. */
static void
test_set_back_during_a_restart(void **state)
{
	struct world w;

	world_new(&w, world_playbook, b, N(b), true);
	world_begin(&w);
	world_until(&w, 12 * MINUTE);
	w.pending.n = 0;
	w.skew = -60 * MINUTE;
	world_feed(&w, &(struct event){ .kind = EVENT_RESTART });
	world_until(&w, 200 * MINUTE);
	assert_as_ever(&w);
	world_free(&w);
}

/* The journal's rows have the clock's times: fed again they give the same run. */
static void
test_the_same_events_give_the_same_run(void **state)
{
	struct world w;

	world_new(&w, world_playbook, b, N(b), true);
	world_begin(&w);
	world_until(&w, 5 * MINUTE);
	set_clock(&w, -60 * MINUTE);
	world_until(&w, 20 * MINUTE);
	set_clock(&w, 7 * MINUTE);
	world_until(&w, 200 * MINUTE);
	struct run *again = run_new(&w.spec);
	struct orders out = { 0 };

	for (size_t i = 0; i < w.events.n; i++)
		run_step(again, &w.events.at[i], &out);
	assert_int_equal(out.n, w.orders.n);
	for (size_t i = 0; i < out.n; i++)
		assert_int_equal(out.at[i].verb, w.orders.at[i].verb);
	assert_int_equal(again->now, w.run->now);
	assert_int_equal(noted(again, "clock-set"), 1); /* once per kind and text */
	free(out.at);
	run_free(again);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set_back_it_goes_on),
		cmocka_unit_test(test_set_back_during_a_restart),
		cmocka_unit_test(test_the_same_events_give_the_same_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
