/* The sessions of lanes against a toy device: one login for many orders, a refused password, when a
 * session is closed, and the key that is learned. */
#include "tests/unit/lane_toy.h"

static void
order_is_kept_and_the_session_too(void **state)
{
	struct house *h = *state;
	device(h, "m1", 1, "right", "u");
	char wanted[200] = "";
	for (int i = 0; i < 20; i++) {
		char tag[8];
		snprintf(tag, sizeof tag, "%d", i);
		submit(h, "m1", "ok", tag, false);
		size_t n = strlen(wanted);
		snprintf(wanted + n, sizeof wanted - n, "%s ", tag);
	}
	for (int i = 0; i < 20; i++) {
		struct answer *a = take(h);
		assert_int_equal(a->code, OK);
		assert_int_equal(a->order.number, i + 1);
		answer_free(a);
	}
	assert_string_equal(toy.order, wanted);
	assert_int_equal(toy.logins, 1);
	assert_int_equal(toy.most_inside, 1);
	assert_int_equal(toy.logouts, 0);
}

static void
a_wrong_password_is_tried_once(void **state)
{
	struct house *h = *state;
	device(h, "m1", 4, "wrong", "u");
	const char *word;
	for (int i = 0; i < 24; i++)
		submit(h, "m1", "ok", "x", i % 5 == 4);
	assert_null(lanes_refused(h->lanes, "m1", &word));
	for (int i = 0; i < 24; i++) {
		struct answer *a = take(h);
		assert_int_equal(a->code, ERR_AUTH);
		assert_string_equal(a->why, "log in: password refused");
		answer_free(a);
	}
	submit(h, "m1", "ok", "x", true);
	take_all(h, 1, ERR_AUTH);
	assert_int_equal(toy.contacts, 1);
	assert_string_equal(lanes_refused(h->lanes, "m1", &word), "log in: password refused");
	assert_string_equal(word, "login-refused");
	device(h, "m1", 4, "right", "u"); /* a new password alone is no pardon */
	submit(h, "m1", "ok", "x", false);
	take_all(h, 1, ERR_AUTH);
	lanes_pardon(h->lanes, "m1");
	assert_null(lanes_refused(h->lanes, "m1", &word));
	assert_null(word);
	submit(h, "m1", "ok", "x", false);
	take_all(h, 1, OK);
	assert_int_equal(toy.logins, 2);
}

static void
a_refusal_in_the_middle_or_from_before_counts_too(void **state)
{
	struct house *h = *state;
	device(h, "m1", 1, "right", "u");
	submit(h, "m1", "auth", "a", false);
	submit(h, "m1", "ok", "b", false);
	take_all(h, 2, ERR_AUTH);
	assert_string_equal(toy.order, "a ");
	device(h, "m2", 1, "right", "u");
	lanes_refuse(h->lanes, "m2", "host-key-changed", "seen yesterday");
	int before = toy.contacts;
	submit(h, "m2", "ok", "c", false);
	struct answer *a = take(h);
	assert_int_equal(a->code, ERR_AUTH);
	assert_string_equal(a->word, "host-key-changed");
	assert_string_equal(a->why, "seen yesterday");
	answer_free(a);
	assert_int_equal(toy.contacts, before);
}

static void
errors_close_the_session_or_leave_it(void **state)
{
	static const struct {
		const char *what;
		enum err code;
		bool kept;
	} cases[] = {
		{ "ok", OK, true },
		{ "refused", ERR_REFUSED, true },
		{ "gone", ERR_GONE, true },
		{ "busy", ERR_BUSY, true },
		{ "unsupported", ERR_UNSUPPORTED, true },
		{ "input", ERR_INPUT, true },
		{ "unreachable", ERR_UNREACHABLE, false },
		{ "timeout", ERR_TIMEOUT, false },
		{ "protocol", ERR_PROTOCOL, false },
		{ "system", ERR_SYSTEM, false },
		{ "canceled", ERR_CANCELED, false },
	};
	struct house *h = *state;
	device(h, "m1", 1, "right", "u");
	submit(h, "m1", "ok", "x", false);
	take_all(h, 1, OK);
	int logins = 1;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		submit(h, "m1", cases[i].what, "x", false);
		take_all(h, 1, cases[i].code);
		submit(h, "m1", "ok", "x", false);
		take_all(h, 1, OK);
		logins += !cases[i].kept;
		assert_int_equal(toy.logins, logins);
		assert_int_equal(toy.logouts, logins - 1);
	}
	assert_int_equal(toy.most_sessions, 1);
}

/* The answer does not wait for the logout; the next login does. */
static void
a_slow_logout_delays_only_its_own_lane(void **state)
{
	struct house *h = *state;
	device(h, "m1", 1, "right", "slow-logout");
	submit(h, "m1", "protocol", "x", false);
	assert_int_equal(take_code(h), ERR_PROTOCOL);
	assert_int_equal(toy.logouts, 0);
	submit(h, "m1", "ok", "x", false);
	take_all(h, 1, OK);
	assert_int_equal(toy.logouts, 1);
	assert_int_equal(toy.most_sessions, 1);
}

static void
an_unused_session_is_closed(void **state)
{
	struct house *h = *state;
	device(h, "m1", 2, "right", "u");
	submit(h, "m1", "ok", "x", false);
	take_all(h, 1, OK);
	int64_t now = clock_mono();
	int ms = lanes_tick(h->lanes, now);
	assert_in_range(ms, 1, IDLE_MS);
	lanes_tick(h->lanes, now + IDLE_MS - 5000);
	poll(NULL, 0, 20);
	assert_int_equal(toy.logouts, 0);
	lanes_tick(h->lanes, now + IDLE_MS + 5000);
	wait_for(h, &toy.logouts, 1);
	submit(h, "m1", "ok", "x", false);
	take_all(h, 1, OK);
	assert_int_equal(toy.logins, 2);
}

static void
a_learned_pin_is_told_once(void **state)
{
	struct house *h = *state;
	struct device d = {
		.name = "m1", .adapter = "toy", .user = "u", .password = "right", .width = 1
	};
	lanes_device(h->lanes, &d);
	submit(h, "m1", "ok", "x", false);
	struct answer *a = take(h);
	assert_string_equal(a->learned_pin, "SHA256:toy");
	answer_free(a);
	submit(h, "m1", "ok", "x", false);
	a = take(h);
	assert_string_equal(a->learned_pin, "");
	answer_free(a);
	d.pin = "SHA256:toy"; /* the coordinator kept it: the session is opened again with it */
	lanes_device(h->lanes, &d);
	submit(h, "m1", "ok", "x", false);
	a = take(h);
	assert_int_equal(a->code, OK);
	assert_string_equal(a->learned_pin, "");
	answer_free(a);
	lanes_device(h->lanes, &d); /* the same again changes nothing */
	submit(h, "m1", "ok", "x", false);
	take_all(h, 1, OK);
	assert_int_equal(toy.logins, 2);
	assert_int_equal(toy.logouts, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(order_is_kept_and_the_session_too, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wrong_password_is_tried_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_refusal_in_the_middle_or_from_before_counts_too, setup, teardown),
		cmocka_unit_test_setup_teardown(
			errors_close_the_session_or_leave_it, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_slow_logout_delays_only_its_own_lane, setup, teardown),
		cmocka_unit_test_setup_teardown(an_unused_session_is_closed, setup, teardown),
		cmocka_unit_test_setup_teardown(a_learned_pin_is_told_once, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
