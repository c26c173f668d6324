/* Orders that wait for a device of several sessions: urgent ones first, and one site muted and
 * unmuted in the order of its coming. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "order_queue.h"

static struct order
order(int64_t number, enum verb verb, const char *site, bool urgent)
{
	struct order o = { .number = number, .verb = verb, .urgent = urgent };

	str_copy(o.site, sizeof o.site, site);
	str_copy(o.run, sizeof o.run, "r");
	return o;
}

static void
add(struct order_queue *q, int64_t number, enum verb verb, const char *site, bool urgent)
{
	struct order o = order(number, verb, site, urgent);

	order_queue_add(q, &o);
}

static int64_t
take(struct order_queue *q, const struct order *a, const struct order *b)
{
	const struct order *busy[] = { a, b };
	struct order out;

	return order_queue_take(q, busy, b ? 2 : a ? 1 : 0, &out) ? out.number : 0;
}

/* Muted behind its call and unmuted for the next one: the other way round it would be called
 * muted. */
static void
of_two_orders_to_mute_the_last_one_is_done_last(void **state)
{
	struct order_queue q = { 0 };
	struct order mute = order(1, VERB_MUTE, "a", true), other = order(9, VERB_MUTE, "b", true);

	add(&q, 2, VERB_MUTE, "a", true);
	add(&q, 3, VERB_MUTE, "a", true);
	add(&q, 4, VERB_HANGUP, "a", false);
	add(&q, 5, VERB_MUTE, "c", false);
	assert_int_equal(take(&q, &mute, &other), 4); /* to hang up waits for nobody */
	assert_int_equal(take(&q, &mute, NULL), 5);
	assert_int_equal(take(&q, &mute, NULL), 0);
	assert_false(order_queue_empty(&q));
	assert_int_equal(take(&q, &other, NULL), 2);
	assert_int_equal(take(&q, NULL, NULL), 3);
	assert_true(order_queue_empty(&q));
	add(&q, 6, VERB_MUTE, "a", true); /* the end of the list is where it was */
	add(&q, 7, VERB_MUTE, "b", true);
	assert_int_equal(take(&q, &mute, NULL), 7);
	add(&q, 8, VERB_MUTE, "c", true);
	assert_int_equal(take(&q, NULL, NULL), 6);
	assert_int_equal(take(&q, NULL, NULL), 8);
	order_queue_clear(&q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(
		of_two_orders_to_mute_the_last_one_is_done_last) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
