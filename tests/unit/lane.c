/* Lanes against a toy device: width, order, cancelling, urgent work, slow devices, many lanes at
 * once. */
#include "tests/unit/lane_toy.h"

static void
width_is_respected(void **state)
{
	struct house *h = *state;
	device(h, "m1", 4, "right", "u");
	for (int i = 0; i < 24; i++)
		submit(h, "m1", "gate", "x", false);
	wait_for(h, &toy.inside, 4);
	poll(NULL, 0, 30);
	assert_int_equal(toy.inside, 4);
	assert_int_equal(lanes_running(h->lanes), 4);
	atomic_store(&toy.gate, true);
	take_all(h, 24, OK);
	assert_int_equal(toy.most_inside, 4);
	assert_int_equal(toy.logins, 4);
	assert_int_equal(toy.most_login_inside, 1);
}

static void
cancel_wakes_what_runs_and_drops_what_waits(void **state)
{
	struct house *h = *state;
	device(h, "m1", 1, "right", "u");
	submit(h, "m1", "wait", "a", false);
	submit(h, "m1", "ok", "b", false);
	struct order other = order("m1", VERB_LAYOUT);
	str_copy(other.run, sizeof other.run, "other");
	str_copy(other.layout, sizeof other.layout, "ok");
	str_copy(other.conference.name, sizeof other.conference.name, "c");
	lanes_submit(h->lanes, &other);
	wait_for(h, &toy.inside, 1);
	lanes_cancel(h->lanes, "nobody");
	poll(NULL, 0, 20);
	assert_int_equal(toy.inside, 1);
	lanes_cancel(h->lanes, "run");
	struct answer *a = take(h); /* never begun: at once */
	assert_int_equal(a->code, ERR_CANCELED);
	assert_int_equal(a->order.number, 2);
	answer_free(a);
	a = take(h); /* the task sleeps a minute: only cancelling ends it */
	assert_int_equal(a->code, ERR_CANCELED);
	assert_int_equal(a->order.number, 1);
	answer_free(a);
	assert_int_equal(take_code(h), OK);
	assert_string_equal(toy.order, "a c ");
}

static void
urgent_goes_first(void **state)
{
	struct house *h = *state;
	device(h, "m1", 1, "right", "u");
	submit(h, "m1", "gate", "1", false);
	wait_for(h, &toy.inside, 1);
	submit(h, "m1", "ok", "2", false);
	submit(h, "m1", "ok", "3", false);
	submit(h, "m1", "ok", "A", true);
	submit(h, "m1", "ok", "B", true);
	atomic_store(&toy.gate, true);
	take_all(h, 5, OK);
	assert_string_equal(toy.order, "1 A B 2 3 ");
}

/* Every common worker is taken and the device's own order waits for one: the urgent one uses a kept
 * worker. */
static void
urgent_goes_through_a_full_pool(void **state)
{
	struct house h = { 0 };
	build(&h, 2, 1);
	device(&h, "m1", 1, "right", "u");
	device(&h, "m2", 1, "right", "u");
	submit(&h, "m1", "gate", "busy", false);
	wait_for(&h, &toy.inside, 1);
	submit(&h, "m2", "ok", "later", false);
	submit(&h, "m2", "ok", "last", false);
	submit(&h, "m2", "ok", "hangup", true);
	struct answer *a = take(&h);
	assert_string_equal(a->order.conference.name, "hangup");
	answer_free(a);
	atomic_store(&toy.gate, true);
	take_all(&h, 3, OK);
	assert_string_equal(toy.order, "busy hangup later last ");
	lanes_free(h.lanes);
	mailbox_free(h.mail, free_answer);
	pool_free(h.pool);
}

/* Devices that timed out share a quarter of the workers until they answer. */
static void
a_device_that_timed_out_is_slow(void **state)
{
	struct house h = { 0 };
	build(&h, 4, 0);
	static const char *const names[] = { "m1", "m2", "m3" };
	for (int i = 0; i < 3; i++) {
		device(&h, names[i], 1, "right", "u");
		submit(&h, names[i], "timeout", "t", false);
	}
	take_all(&h, 3, ERR_TIMEOUT);
	for (int i = 0; i < 3; i++)
		submit(&h, names[i], "gate", "s", false);
	wait_for(&h, &toy.inside, 1);
	poll(NULL, 0, 30);
	assert_int_equal(toy.inside, 1);
	device(&h, "m4", 1, "right", "u");
	submit(&h, "m4", "ok", "n", false);
	assert_int_equal(take_code(&h), OK); /* a live one is not held up */
	atomic_store(&toy.gate, true);
	take_all(&h, 3, OK);
	atomic_store(&toy.gate, false);
	for (int i = 0; i < 3; i++)
		submit(&h, names[i], "gate", "s", false);
	wait_for(&h, &toy.inside, 3); /* they answered: as quick as others again */
	atomic_store(&toy.gate, true);
	take_all(&h, 3, OK);
	lanes_free(h.lanes);
	mailbox_free(h.mail, free_answer);
	pool_free(h.pool);
}

static void
a_new_configuration_waits_for_the_task_at_work(void **state)
{
	struct house *h = *state;
	device(h, "m1", 1, "right", "u");
	submit(h, "m1", "gate", "x", false);
	wait_for(h, &toy.inside, 1);
	device(h, "m1", 1, "right", "another");
	submit(h, "m1", "ok", "y", false);
	atomic_store(&toy.gate, true);
	take_all(h, 2, OK);
	assert_int_equal(toy.logins, 2);
	assert_int_equal(toy.logouts, 1);
	assert_int_equal(toy.most_sessions, 1);
}

static void
the_end_cancels_and_logs_out(void **state)
{
	struct house h = { 0 };
	build(&h, 8, 2);
	device(&h, "m1", 2, "right", "u");
	device(&h, "m2", 1, "right", "u");
	submit(&h, "m2", "ok", "idle", false);
	take_all(&h, 1, OK);
	for (int i = 0; i < 5; i++)
		submit(&h, "m1", "wait", "w", false);
	wait_for(&h, &toy.inside, 2);
	lanes_free(h.lanes);
	assert_int_equal(toy.inside, 0);
	assert_int_equal(toy.logins, 3);
	assert_int_equal(toy.logouts, 3);
	int canceled = 0;
	for (struct answer *a; (a = mailbox_take(h.mail)); answer_free(a))
		canceled += a->code == ERR_CANCELED;
	assert_int_equal(canceled, 5);
	mailbox_free(h.mail, free_answer);
	pool_free(h.pool);
}

static void
many_lanes_at_once(void **state)
{
	static const char *const what[] = { "ok", "refused", "timeout", "ok", "protocol", "ok",
		"busy" };
	struct house *h = *state;
	int per_device[40] = { 0 };
	for (int d = 0; d < 40; d++) {
		char name[16];
		snprintf(name, sizeof name, "m%d", d);
		device(h, name, 1 + d % 3, "right", "u");
	}
	for (int i = 0; i < 1000; i++) {
		char name[16];
		snprintf(name, sizeof name, "m%d", i % 40);
		submit(h, name, what[i % 7], "x", i % 11 == 0);
		struct answer *a = i % 3 == 0 ? mailbox_take(h->mail) : NULL;
		if (a) {
			lanes_answered(h->lanes, a);
			per_device[(a->order.number - 1) % 40]++;
			answer_free(a);
		}
	}
	int got = 0;
	for (int d = 0; d < 40; d++)
		got += per_device[d];
	for (; got < 1000; got++) {
		struct answer *a = take(h);
		per_device[(a->order.number - 1) % 40]++;
		answer_free(a);
	}
	for (int d = 0; d < 40; d++)
		assert_int_equal(per_device[d], 25);
	assert_int_equal(lanes_running(h->lanes), 0);
	lanes_free(h->lanes);
	assert_int_equal(toy.logins, toy.logouts);
	h->lanes = NULL;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(width_is_respected, setup, teardown),
		cmocka_unit_test_setup_teardown(
			cancel_wakes_what_runs_and_drops_what_waits, setup, teardown),
		cmocka_unit_test_setup_teardown(urgent_goes_first, setup, teardown),
		cmocka_unit_test_setup_teardown(urgent_goes_through_a_full_pool, setup, teardown),
		cmocka_unit_test_setup_teardown(a_device_that_timed_out_is_slow, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_new_configuration_waits_for_the_task_at_work, setup, teardown),
		cmocka_unit_test_setup_teardown(the_end_cancels_and_logs_out, setup, teardown),
		cmocka_unit_test_setup_teardown(many_lanes_at_once, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
