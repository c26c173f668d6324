/* A person on the MCU below dials upward: above it is the cascade leg, proven at both ends, and
 * neither an extra site nor the reason for a second dial. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "world.h"

#define BOOK(dial) \
	"<playbook name='tong-duyet' title='T' phase='rehearsal' anchor='event'>\n" \
	"<open at='PT0S' muted='yes'/>\n" \
	"<dial at='" dial "' attempts='3' every='PT1M' probe-every='PT30S'/>\n" \
	"<verify at='PT4M' within='PT4M'/>\n" \
	"<watch at='PT8M' redial='yes' until='allclear'/>\n" \
	"<rollcall at='PT9M' answer-within='PT20S' calls='2'/>\n" \
	"<allclear at='PT25M' by='rule' latest='PT30M'/>\n" \
	"<close at='PT36M'/>\n" \
	"<report at='PT38M'/>\n" \
	"</playbook>\n"

static int
ordered(const struct world *w, enum verb verb, const char *site)
{
	int n = 0;

	for (size_t i = 0; i < w->orders.n; i++)
		n += w->orders.at[i].verb == verb && str_eq(w->orders.at[i].site, site);
	return n;
}

static void
play(struct world *w, const char *book, const struct behaviour *b, size_t n, struct judgement *j)
{
	world_new(w, book, b, n, true);
	world_two_mcus(w, 1);
	world_begin(w);
	world_until(w, 60 * MINUTE);
	assert_true(w->run->finished);
	judge(w->run, w->arena, j);
}

static void
assert_no_guests(const struct run *r)
{
	assert_int_equal(r->extras.n, 0);
	for (size_t i = 0; i < r->notes.n; i++)
		assert_string_not_equal(r->notes.at[i].kind, "extra");
}

static void
test_a_leg_from_below_is_the_cascade_leg(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" }, { .id = "c" },
		{ .id = "mcu:huyen", .dials_in = true, .dials_in_at = MINUTE } };
	struct world w;
	struct judgement j;

	play(&w, BOOK("PT2M"), b, N(b), &j);
	assert_no_guests(w.run);
	assert_int_equal(ordered(&w, VERB_DIAL, "mcu:huyen"), 0);
	assert_int_equal(j.hops_n, 1);
	assert_int_equal(j.hops[0].verdict.reached, YES);
	assert_int_equal(j.hops[0].verdict.media_n, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(j.hops[0].verdict.media[i].value, YES);
	assert_false(w.sites[3].muted); /* what comes from below is heard above */
	assert_int_equal(j.count[GOOD], 3);
	world_free(&w);
}

/* Its hang-up is a person's as well: it is not dialled behind his back. */
static void
test_who_ends_it_below_has_ended_it(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" }, { .id = "c" },
		{ .id = "mcu:huyen",
			.dials_in = true,
			.dials_in_at = MINUTE,
			.hangup_at = 10 * MINUTE } };
	struct world w;

	world_new(&w, BOOK("PT2M"), b, N(b), true);
	world_two_mcus(&w, 1);
	w.reason = CAUSE_SITE_HANGUP; /* what the MCU above says of it */
	world_begin(&w);
	world_until(&w, 60 * MINUTE);
	assert_no_guests(w.run);
	assert_int_equal(ordered(&w, VERB_DIAL, "mcu:huyen"), 0);
	assert_int_equal(w.run->sites[3].intervals.n, 1);
	world_free(&w);
}

/* He dials while ours is up: the later one is hung up, above, and is nobody's guest. */
static void
test_a_second_one_is_hung_up(void **state)
{
	static const struct behaviour b[] = { { .id = "a" }, { .id = "b" }, { .id = "c" },
		{ .id = "mcu:huyen" } };
	struct world w;
	struct judgement j;

	world_new(&w, BOOK("PT0S"), b, N(b), true);
	world_two_mcus(&w, 1);
	world_begin(&w);
	world_until(&w, 6 * MINUTE);
	w.upward = true;
	world_until(&w, 60 * MINUTE);
	judge(w.run, w.arena, &j);
	assert_no_guests(w.run);
	assert_int_equal(ordered(&w, VERB_HANGUP, "mcu:huyen"), 1);
	assert_false(w.upward);
	for (int i = 0; i < 4; i++)
		assert_int_equal(j.hops[0].verdict.media[i].value, YES);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_leg_from_below_is_the_cascade_leg),
		cmocka_unit_test(test_who_ends_it_below_has_ended_it),
		cmocka_unit_test(test_a_second_one_is_hung_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
