/* A site that has a second MCU (D20): when it is dialled from there, and that nothing of its leg is
 * ever asked of the wrong one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/world_read.h"

#define BOOK(roll, dial) \
	"<playbook name='tong-duyet' title='T' phase='rehearsal' anchor='event' " \
	"handover='PT60M'>\n" \
	"<open at='PT0S' muted='yes'/>\n" dial "<verify at='PT4M' within='PT4M'/>\n" \
	"<watch at='PT8M' redial='yes' until='allclear'/>\n" roll \
	"<allclear at='PT25M' by='rule' latest='PT30M'/>\n" \
	"<close at='PT36M'/>\n" \
	"<report at='PT38M'/>\n" \
	"</playbook>\n"

static const char playbook[] = BOOK("<rollcall at='PT9M' answer-within='PT20S' calls='2'/>\n",
	"<dial at='PT0S' attempts='2' every='PT1M' probe-every='PT30S'/>\n");
static const char second[] = BOOK("<rollcall at='PT9M' answer-within='PT20S' calls='2'/>\n",
	"<dial at='PT0S' attempts='2' every='PT1M' probe-every='PT30S' fallback='second-mcu'/>\n");

static void
play(struct world *w, struct judgement *j)
{
	world_begin(w);
	world_until(w, 60 * MINUTE);
	assert_true(w->run->finished);
	judge(w->run, w->arena, j);
}

static int
ordered(const struct world *w, enum verb verb, const char *device)
{
	int n = 0;

	for (size_t i = 0; i < w->orders.n; i++)
		n += w->orders.at[i].verb == verb && str_eq(w->orders.at[i].device, device);
	return n;
}

static void
assert_on_reserve(const struct world *w, const struct verdict *v)
{
	const struct run_site *s = v->site;

	assert_int_equal(v->headline, GOOD);
	assert_true(flagged(v, "fallback"));
	assert_string_equal(w->spec.mcus[s->mcu].name, "du-phong");
	assert_string_equal(w->spec.mcus[s->attempts.at[s->attempts.n - 1].mcu].name, "du-phong");
	assert_int_equal(s->attempts.at[s->attempts.n - 1].fallback, 1 + FALLBACK_SECOND_MCU);
	assert_int_equal(v->answered, YES);
}

/* Nobody is answered by the first MCU's attempts (its uplink is dead): the second one dials,
 * proves, calls, hangs up and closes. */
static void
test_second_mcu_carries_whom_the_first_does_not_reach(void **state)
{
	static const struct behaviour b[] = { { .id = "a" },
		{ .id = "b", .hangup_at = 12 * MINUTE }, { .id = "off", .kind = W_OFF } };
	struct world w;
	struct judgement j;

	world_new(&w, second, b, N(b), true);
	world_second_mcu(&w);
	w.cut_off = true;
	play(&w, &j);
	assert_on_reserve(&w, &j.verdicts[0]);
	assert_int_equal(j.verdicts[1].headline, LEFT_EARLY);
	assert_int_equal(j.verdicts[2].headline, ABSENT); /* the second one could have told */
	assert_true(noted(w.run, "uplink"));
	assert_int_equal(ordered(&w, VERB_START, "du-phong"), 1);
	assert_int_equal(ordered(&w, VERB_END, "du-phong"), 1);
	for (size_t i = 0; i < w.orders.n;
		i++) /* every order about its leg goes to the MCU that has it */
		if ((w.orders.at[i].verb == VERB_MUTE || w.orders.at[i].verb == VERB_MESSAGE ||
			    w.orders.at[i].verb == VERB_LOOK) &&
			str_eq(w.orders.at[i].site, "a"))
			assert_string_equal(w.orders.at[i].device, "du-phong");
	assert_int_equal(w.double_dials, 0);
	world_free(&w);
}

static void
test_second_mcu_is_not_opened_when_nobody_needs_it(void **state)
{
	static const struct behaviour b[] = { { .id = "a" } };
	struct world w;
	struct judgement j;

	world_new(&w, second, b, N(b), true);
	world_second_mcu(&w);
	play(&w, &j);
	assert_int_equal(j.verdicts[0].headline, GOOD);
	assert_false(flagged(&j.verdicts[0], "fallback"));
	assert_int_equal(
		ordered(&w, VERB_START, "du-phong") + ordered(&w, VERB_ROSTER, "du-phong"), 0);
	world_free(&w);
}

/* A refused login leads to the second MCU at once, and nobody is untested; without second-mcu in
 * the playbook nothing changes. */
static void
test_failed_mcu_leads_its_sites_to_the_second_one_at_once(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" },
		{ .id = "off", .kind = W_OFF } };
	struct world w;
	struct judgement j;

	for (int down = 0; down < 2; down++) {
		world_new(&w, second, b, N(b), true);
		world_second_mcu(&w);
		if (down)
			w.mcu_down_from = WORLD_START - 1, w.mcu_down_to = INT64_MAX;
		else
			w.mcu_open = ERR_AUTH, w.mcu_word = "login-refused";
		play(&w, &j);
		assert_on_reserve(&w, &j.verdicts[0]);
		assert_on_reserve(&w, &j.verdicts[1]);
		assert_int_equal(j.verdicts[2].headline, ABSENT);
		assert_true(w.run->sites[0].first_up < WORLD_START + MINUTE);
		assert_int_equal(j.verdicts[0].late_s.v, 0);
		assert_true(noted(w.run, down ? "mcu-unreachable" : "mcu-login-refused"));
		world_free(&w);
	}
	world_new(&w, playbook, b, N(b), true);
	world_second_mcu(&w);
	w.mcu_open = ERR_AUTH;
	w.mcu_word = "login-refused";
	play(&w, &j);
	assert_int_equal(j.verdicts[0].headline, UNTESTED);
	assert_int_equal(ordered(&w, VERB_DIAL, "du-phong"), 0);
	world_free(&w);
}

/* The answer to the dial is lost and the first MCU is silent from then on: what became of it is not
 * known, so nobody else dials before it has told. */
static void
test_unknown_outcome_is_asked_before_the_second_mcu_dials(void **state)
{
	static const struct behaviour b[] = { { .id = "a" } };
	struct world w;
	struct judgement j;

	world_new(&w, second, b, N(b), false);
	world_second_mcu(&w);
	w.lose_dial_answers = 1;
	world_begin(&w);
	world_until(&w, 5000);
	w.mcu_down_from = w.now;
	w.mcu_down_to = WORLD_START + 6 * MINUTE;
	world_until(&w, 6 * MINUTE - 1000);
	assert_int_equal(ordered(&w, VERB_DIAL, "huyen"), 1);
	assert_int_equal(ordered(&w, VERB_DIAL, "du-phong"), 0);
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_int_equal(ordered(&w, VERB_DIAL, "huyen") + ordered(&w, VERB_DIAL, "du-phong"), 1);
	assert_int_equal(w.run->sites[0].intervals.n, 1);
	assert_int_equal(w.double_dials, 0);
	world_free(&w);
}

/* The first MCU dies with its legs and never comes back: the codecs say that they are in no call,
 * and the second one dials. Whose codec nobody may ask stays as it was seen last. */
static void
test_second_mcu_takes_over_from_a_dead_one(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" } };
	struct world w;
	struct judgement j;

	for (int endpoints = 0; endpoints < 2; endpoints++) {
		world_new(&w, second, b, N(b), endpoints);
		world_second_mcu(&w);
		w.mcu_forgets_at = w.mcu_down_from = WORLD_START + 15 * MINUTE;
		w.mcu_down_to = INT64_MAX;
		play(&w, &j);
		assert_int_equal(ordered(&w, VERB_DIAL, "du-phong"), endpoints ? 2 : 0);
		if (endpoints) {
			assert_on_reserve(&w, &j.verdicts[0]);
			assert_true(
				w.run->sites[0].intervals.at[1].from < WORLD_START + 17 * MINUTE);
			assert_int_equal(w.run->sites[0].intervals.at[0].ended_by, ENDED_MCU);
		} else {
			assert_int_equal(j.verdicts[0].stayed, UNKNOWN);
		}
		assert_int_equal(w.double_dials, 0);
		world_free(&w);
	}
}

/* An MCU whose page is away while calls go on: the codecs are in their calls, and nobody moves. */
static void
test_nobody_moves_while_calls_go_on(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" } };
	struct world w;
	struct judgement j;

	world_new(&w, second, b, N(b), true);
	world_second_mcu(&w);
	w.mcu_down_from = WORLD_START + 12 * MINUTE;
	w.mcu_down_to = WORLD_START + 20 * MINUTE;
	play(&w, &j);
	assert_int_equal(j.count[GOOD], 2);
	assert_int_equal(ordered(&w, VERB_DIAL, "du-phong"), 0);
	assert_int_equal(w.run->sites[0].intervals.n, 1);
	world_free(&w);
}

/* Its conference was forgotten, so its legs are gone for sure: the second MCU takes over until the
 * first one is back. */
static void
test_second_mcu_takes_over_after_a_restart(void **state)
{
	static const struct behaviour b[] = { { .id = "a" } };
	struct world w;
	struct judgement j;

	world_new(&w, second, b, N(b), true);
	world_second_mcu(&w);
	w.mcu_forgets_at = WORLD_START + 12 * MINUTE;
	world_begin(&w);
	world_until(&w, 12 * MINUTE + 4000);
	w.mcu_open = ERR_AUTH; /* it came back with another password */
	w.mcu_word = "login-refused";
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_on_reserve(&w, &j.verdicts[0]);
	assert_int_equal(w.run->sites[0].intervals.n, 2);
	world_free(&w);
}

/* Crash while the second MCU dials: the same journal gives the same state, and its list is read
 * before anything is dialled. */
static void
test_second_mcu_is_asked_after_a_crash(void **state)
{
	static const struct behaviour b[] = { { .id = "a" } };
	struct world w;
	struct judgement j;

	world_new(&w, second, b, N(b), true);
	world_second_mcu(&w);
	w.mcu_open = ERR_AUTH;
	w.mcu_word = "login-refused";
	world_begin(&w);
	while (!ordered(&w, VERB_DIAL, "du-phong") && w.now < WORLD_START + MINUTE)
		world_until(&w, w.now - WORLD_START + 500);
	for (size_t i = 0; i < w.pending.n; i++)
		order_effect(&w, &w.pending.at[i].order);
	w.pending.n = 0;
	world_feed(&w, &(struct event){ .kind = EVENT_RESTART });
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_int_equal(ordered(&w, VERB_DIAL, "du-phong"), 1);
	assert_on_reserve(&w, &j.verdicts[0]);
	assert_int_equal(j.count[GOOD], 1);
	world_free(&w);
}

static const char exercised[] = BOOK("<rollcall at='PT9M' answer-within='PT20S' calls='2'/>\n",
	"<dial at='PT0S' attempts='2' every='PT1M' probe-every='PT30S' fallback='second-mcu' "
	"exercise='yes'/>\n");

/* The second MCU is rehearsed: who comes by it stays there; who does not is dialled as planned. */
static void
test_second_mcu_is_exercised(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "none" },
		{ .id = "off", .kind = W_OFF } };
	struct world w;
	struct judgement j;

	world_new(&w, exercised, b, N(b), true);
	world_second_mcu(&w);
	w.spec.sites[1].mcu2 = 0;
	play(&w, &j);
	assert_on_reserve(&w, &j.verdicts[0]);
	assert_int_equal(w.run->sites[0].attempts.n, 1);
	assert_int_equal(j.verdicts[0].late_s.v, 0);
	assert_int_equal(j.verdicts[1].headline, GOOD);
	assert_false(flagged(&j.verdicts[1], "fallback"));
	assert_int_equal(w.run->sites[2].attempts.at[0].mcu, 1);
	assert_int_equal(w.run->sites[2].attempts.at[1].mcu, 0);
	assert_int_equal(j.verdicts[2].headline, ABSENT);
	world_free(&w);
}

/* The session takes over what stands on the second MCU as well, and asks there. */
static void
test_second_mcu_is_handed_over(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" } };
	static const char session[] =
		"<playbook name='phien-hop' title='T' phase='session' anchor='event'>\n"
		"<open at='PT0S' attach='yes'/>\n"
		"<dial at='PT1M' attempts='1' every='PT1M' probe-every='PT1M'/>\n"
		"<mute at='PT2M' value='off'/>\n"
		"<watch at='PT3M' redial='yes' until='end'/>\n"
		"<close at='PT12M'/>\n"
		"<report at='PT13M'/>\n"
		"</playbook>\n";
	struct faults faults = { 0 };
	struct world w;
	struct judgement j;

	world_new(&w, second, b, N(b), true);
	world_second_mcu(&w);
	w.spec.session_start = WORLD_START + 40 * MINUTE;
	w.spec.session_key = "s";
	w.mcu_open = ERR_AUTH;
	w.mcu_word = "login-refused";
	play(&w, &j);
	assert_true(w.run->handed_over);
	assert_int_equal(ordered(&w, VERB_END, "du-phong"), 0);
	struct run *before = w.run;
	struct spec *next = arena_alloc(w.arena, sizeof *next);

	faults.arena = w.arena;
	*next = w.spec;
	next->phase = PHASE_SESSION;
	next->playbook_xml = session;
	next->playbook = playbook_parse(session, strlen(session), "session.xml", w.arena, &faults);
	next->anchor = next->planned_start = w.now;
	next->session_key = "";
	next->session_start = 0;
	w.pending.n = 0;
	w.spec = *next;
	w.run = run_new(next);
	size_t from = w.orders.n;

	world_begin(&w);
	for (size_t m = 0; m < w.spec.mcus_n; m++) {
		struct event e;

		if (run_handover(before, m, w.now, w.arena, &e))
			world_feed(&w, &e);
	}
	for (size_t i = 0; i < N(b); i++)
		assert_true(run_site_up(&w.run->sites[i]) &&
			    str_eq(w.spec.mcus[w.run->sites[i].mcu].name, "du-phong"));
	world_until(&w, 200 * MINUTE);
	int mutes = 0, ends = 0;

	for (size_t i = from; i < w.orders.n; i++) {
		assert_true(w.orders.at[i].verb != VERB_DIAL);
		mutes += w.orders.at[i].verb == VERB_MUTE &&
			 str_eq(w.orders.at[i].device, "du-phong");
		ends += w.orders.at[i].verb == VERB_END &&
			str_eq(w.orders.at[i].device, "du-phong");
	}
	assert_int_equal(mutes, 2);
	assert_int_equal(ends, 1); /* what the rehearsal made is ended with the session */
	run_free(before);
	world_free(&w);
}

/* A person brings a site in on the second MCU while the first one, which carried it, is silent: it
 * is there, once. */
static void
test_a_site_that_appears_on_the_other_mcu_has_moved(void **state)
{
	static const struct behaviour b[] = { { .id = "a" } };
	struct world w;
	struct judgement j;

	world_new(&w, exercised, b, N(b), true);
	world_second_mcu(&w);
	world_begin(&w);
	world_until(&w, 3 * MINUTE);
	assert_int_equal(w.run->sites[0].mcu, 1);
	/* The other way round: carried by the second one, it dials in at the first. */
	w.sites[0].mcu = 0;
	leg_connect(&w, &w.sites[0], true);
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_string_equal(w.spec.mcus[w.run->sites[0].mcu].name, "huyen");
	assert_int_equal(w.run->sites[0].attempts.at[w.run->sites[0].attempts.n - 1].result,
		ATTEMPT_INCOMING);
	assert_int_equal(j.verdicts[0].headline, GOOD);
	assert_int_equal(w.double_dials, 0);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_second_mcu_carries_whom_the_first_does_not_reach),
		cmocka_unit_test(test_second_mcu_is_not_opened_when_nobody_needs_it),
		cmocka_unit_test(test_failed_mcu_leads_its_sites_to_the_second_one_at_once),
		cmocka_unit_test(test_unknown_outcome_is_asked_before_the_second_mcu_dials),
		cmocka_unit_test(test_second_mcu_takes_over_from_a_dead_one),
		cmocka_unit_test(test_nobody_moves_while_calls_go_on),
		cmocka_unit_test(test_second_mcu_takes_over_after_a_restart),
		cmocka_unit_test(test_second_mcu_is_asked_after_a_crash),
		cmocka_unit_test(test_second_mcu_is_exercised),
		cmocka_unit_test(test_second_mcu_is_handed_over),
		cmocka_unit_test(test_a_site_that_appears_on_the_other_mcu_has_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
