/* Which operation of an adapter a verb becomes, and what comes back where there is none. */
#include "tests/unit/lane_toy.h"

static void
verbs_have_names(void **state)
{
	for (int v = 0; v < VERB_N; v++)
		assert_int_equal(verb_from_name(verb_name((enum verb)v)), v);
	assert_int_equal(verb_from_name("juggle"), VERB_N);
	assert_int_equal(verb_from_name(NULL), VERB_N);
	assert_true(verb_acts(VERB_DIAL) && verb_acts(VERB_HANGUP) && verb_acts(VERB_MESSAGE) &&
		    verb_acts(VERB_PLAY));
	assert_false(verb_acts(VERB_ROSTER) || verb_acts(VERB_STATUS) || verb_acts(VERB_FIND));
}

static void
what_nobody_knows_is_answered(void **state)
{
	struct house *h = *state;
	submit(h, "m9", "ok", "x", false);
	struct answer *a = take(h);
	assert_int_equal(a->code, ERR_INPUT);
	assert_string_equal(a->why, "layout m9: no such device");
	answer_free(a);
	struct device d = { .name = "m8", .adapter = "fairy", .width = 1 };
	lanes_device(h->lanes, &d);
	assert_true(lanes_has(h->lanes, "m8"));
	assert_false(lanes_has(h->lanes, "m9"));
	submit(h, "m8", "ok", "x", false);
	a = take(h);
	assert_int_equal(a->code, ERR_INPUT);
	assert_string_equal(a->why, "layout m8: no adapter named fairy");
	answer_free(a);
}

static struct answer *
ask(struct house *h, const struct order *o)
{
	toy.called[0] = '\0';
	lanes_submit(h->lanes, o);
	return take(h);
}

static void
verbs_reach_their_operation(void **state)
{
	struct house *h = *state;
	device(h, "m1", 1, "right", "two-ways");
	struct order o = order("m1", VERB_START);
	str_copy(o.conference.id, sizeof o.conference.id, "c7");
	str_copy(o.conference_name, sizeof o.conference_name, "TD-1");
	str_copy(o.site_name, sizeof o.site_name, "An");
	str_copy(o.leg_name, sizeof o.leg_name, "an");
	str_copy(o.address, sizeof o.address, "sip:1");
	str_copy(o.attempt_word, sizeof o.attempt_word, "r.an.1");
	str_copy(o.text, sizeof o.text, "hello");
	o.kbps = 768;
	o.ports = 9;
	o.on = true;
	o.seconds = 5;
	static const struct {
		enum verb verb;
		const char *leg, *layout, *called;
		enum err code;
	} cases[] = {
		{ VERB_PROBE, "", "", "probe ", OK },
		{ VERB_IDENTIFY, "", "", "probe ", OK },
		{ VERB_START, "", "", "start/TD-1/1/-/768/9 ", OK },
		{ VERB_START, "", "equal", "start/TD-1/1/equal/768/9 ", OK },
		{ VERB_FIND, "", "", "find/TD-1 ", OK },
		{ VERB_DIAL, "", "", "dial/c7/An/an/sip:1/r.an.1/768/1/0 ", OK },
		{ VERB_ROSTER, "", "", "roster/c7 ", OK },
		{ VERB_HANGUP, "l1", "", "hangup/c7/l1 ", OK },
		{ VERB_HANGUP, "", "", "", ERR_INPUT },
		{ VERB_FOCUS, "l1", "", "focus/l1 ", OK },
		{ VERB_FOCUS, "", "", "focus/none ", OK },
		{ VERB_MESSAGE, "l1", "", "message/l1/hello/5 ", OK },
		{ VERB_MESSAGE, "", "", "message/all/hello/5 ", OK },
		{ VERB_PLAY, "l1", "", "play/l1/5 ", OK },
		{ VERB_PLAY, "", "", "play/all/5 ", OK },
		{ VERB_MEDIA, "l1", "", "", ERR_UNSUPPORTED },
		{ VERB_REASON, "l1", "", "", ERR_UNSUPPORTED },
		{ VERB_MUTE, "l1", "", "", ERR_UNSUPPORTED },
		{ VERB_END, "", "", "", ERR_UNSUPPORTED },
		{ VERB_STATUS, "", "", "", ERR_UNSUPPORTED },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		o.verb = cases[i].verb;
		str_copy(o.leg.id, sizeof o.leg.id, cases[i].leg);
		str_copy(o.layout, sizeof o.layout, cases[i].layout);
		struct answer *a = ask(h, &o);
		if (a->code != cases[i].code)
			fail_msg("case %zu: %s %s", i, err_name(a->code), a->why);
		assert_string_equal(toy.called, cases[i].called);
		if (a->code == ERR_UNSUPPORTED)
			assert_non_null(strstr(a->why, "toy cannot do this"));
		if (o.verb == VERB_ROSTER) {
			assert_int_equal(a->roster.n, 3);
			assert_string_equal(
				a->roster.legs[2].name, "third"); /* lives with the answer */
		}
		if (o.verb == VERB_PROBE)
			assert_string_equal(a->identity.model, "Toy 1");
		if (o.verb == VERB_DIAL)
			assert_string_equal(a->leg.id, "leg9");
		answer_free(a);
	}
	assert_int_equal(toy.logins, 1);
}

static void
endpoints_have_their_own_operations(void **state)
{
	struct house *h = *state;
	device(h, "site:an", 1, "right", "u");
	struct order o = order("site:an", VERB_STATUS);
	struct answer *a = ask(h, &o);
	assert_int_equal(a->code, OK);
	assert_int_equal(a->status.in_call, YES);
	assert_string_equal(toy.called, "box-status ");
	answer_free(a);
	o.verb = VERB_MUTE;
	o.on = true;
	a = ask(h, &o);
	assert_int_equal(a->code, OK);
	assert_string_equal(toy.called, "box-mute/1 ");
	answer_free(a);
	static const enum verb none[] = { VERB_ROSTER, VERB_HANGUP, VERB_DIAL, VERB_IDENTIFY,
		VERB_MESSAGE, VERB_PLAY };
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		o.verb = none[i];
		a = ask(h, &o);
		assert_int_equal(a->code, ERR_UNSUPPORTED);
		answer_free(a);
	}
}

static void
errors_tell_what_came_back(void **state)
{
	struct house *h = *state;
	device(h, "m1", 1, "right", "u");
	submit(h, "m1", "garbage", "x", false);
	struct answer *a = take(h);
	assert_int_equal(a->code, ERR_PROTOCOL);
	assert_string_equal(a->word, "bad-xml");
	assert_string_equal(a->why, "layout: answer is no XML");
	assert_non_null(a->trace);
	assert_non_null(strstr(a->trace, "<what>"));
	assert_null(strstr(a->trace, "right")); /* the password */
	answer_free(a);
	submit(h, "m1", "refused", "x", false);
	a = take(h);
	assert_string_equal(a->why, "layout: refused said the device m1");
	assert_null(a->trace);
	answer_free(a);
	submit(h, "m1", "silence", "x", false); /* a code without a sentence */
	a = take(h);
	assert_int_equal(a->code, ERR_BUSY);
	assert_string_equal(a->why, "layout: busy");
	answer_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verbs_have_names),
		cmocka_unit_test_setup_teardown(what_nobody_knows_is_answered, setup, teardown),
		cmocka_unit_test_setup_teardown(verbs_reach_their_operation, setup, teardown),
		cmocka_unit_test_setup_teardown(
			endpoints_have_their_own_operations, setup, teardown),
		cmocka_unit_test_setup_teardown(errors_tell_what_came_back, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
