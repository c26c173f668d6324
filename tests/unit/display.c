/* Layout and focus: steps and commands reach every MCU that is meant; what a device does not have
 * or does not do is said, and keeps nobody from meeting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "adapters/adapter.h"
#include "world.h"

#define BOOK(open, steps) \
	"<playbook name='t' title='T' phase='rehearsal' anchor='event'>\n" open \
	"<dial at='PT0S' attempts='3' every='PT1M' probe-every='PT30S'/>\n" \
	"<verify at='PT2M' within='PT2M'/>\n" steps \
	"<watch at='PT11M' redial='yes' until='allclear'/>\n" \
	"<allclear at='PT25M' by='rule' latest='PT30M'/>\n" \
	"<close at='PT36M'/>\n" \
	"<report at='PT38M'/>\n" \
	"</playbook>\n"
#define OPEN "<open at='PT0S' muted='yes'/>\n"

static const struct behaviour sites[] = { { .id = "a" }, { .id = "off", .kind = W_OFF } };

static void
play(struct world *w, const char *xml, enum err layout)
{
	world_new(w, xml, sites, N(sites), true);
	w->layout = layout;
	world_begin(w);
	world_until(w, 60 * MINUTE);
	assert_true(w->run->finished);
}

static const struct order *
ordered(const struct world *w, enum verb verb, int *out_n)
{
	const struct order *first = NULL;

	*out_n = 0;
	for (size_t i = 0; i < w->orders.n; i++)
		if (w->orders.at[i].verb == verb) {
			first = first ? first : &w->orders.at[i];
			++*out_n;
		}
	return first;
}

static bool
noted(const struct world *w, const char *kind, const char *part)
{
	for (size_t i = 0; i < w->run->notes.n; i++)
		if (str_eq(w->run->notes.at[i].kind, kind) &&
			strstr(w->run->notes.at[i].text, part))
			return true;
	return false;
}

static enum headline
headline(struct world *w)
{
	struct judgement j;

	judge(w->run, w->arena, &j);
	return j.verdicts[0].headline;
}

static void
a_layout_it_does_not_have_keeps_nobody_from_meeting(void **state)
{
	static const char xml[] = BOOK("<open at='PT0S' muted='yes' layout='odd'/>\n", "");
	struct world w;
	int n;

	play(&w, xml, ERR_UNSUPPORTED);
	assert_int_equal(headline(&w), GOOD);
	assert_true(noted(&w, "unsupported", "no layout"));
	assert_false(noted(&w, "mcu-unreachable", ""));
	assert_string_equal(ordered(&w, VERB_START, &n)->layout, "odd");
	assert_int_equal(n, 2); /* and once without it */
	world_free(&w);
	play(&w, xml, OK);
	ordered(&w, VERB_START, &n);
	assert_int_equal(n, 1);
	world_free(&w);
}

static void
what_was_not_done_is_said_whatever_the_reason(void **state)
{
	static const char xml[] =
		BOOK(OPEN, "<layout at='PT5M' value='odd'/>\n<focus at='PT6M' value='a'/>\n");
	static const struct {
		enum err answer;
		const char *kind;
	} rows[] = { { ERR_UNSUPPORTED, "unsupported" }, { ERR_REFUSED, "order-failed" },
		{ ERR_TIMEOUT, "order-failed" } };

	for (size_t i = 0; i < N(rows); i++) {
		struct world w;

		play(&w, xml, rows[i].answer);
		assert_true(noted(&w, rows[i].kind, "huyen: layout: no layout"));
		assert_true(noted(&w, rows[i].kind, "huyen: focus: "));
		assert_int_equal(headline(&w), GOOD);
		world_free(&w);
	}
}

static void
steps_and_commands_reach_whom_they_mean(void **state)
{
	static const char xml[] =
		BOOK(OPEN, "<layout at='PT5M' value='equal'/>\n<focus at='PT6M' "
			   "value='a'/>\n<focus at='PT7M' value='normal'/>\n"
			   "<focus at='PT8M' value='off'/>\n<focus at='PT9M' value='nobody'/>\n");
	struct world w;
	int n;

	world_new(&w, xml, sites, N(sites), true);
	world_begin(&w);
	world_until(&w, 10 * MINUTE);
	assert_string_equal(ordered(&w, VERB_LAYOUT, &n)->layout, "equal");
	assert_int_equal(n, 1);
	assert_string_equal(ordered(&w, VERB_FOCUS, &n)->leg.id, "a");
	assert_int_equal(n, 2);
	assert_true(noted(&w, "step-not-done", "focus: off is not connected"));
	assert_true(noted(&w, "step-not-done", "focus: no site \"nobody\""));
	world_command(&w, COMMAND_FOCUS, "a", "x", "", 0);
	world_command(&w, COMMAND_FOCUS, "", "x", "", 0);
	world_command(&w, COMMAND_LAYOUT, "", "x", "speaker", 0);
	ordered(&w, VERB_FOCUS, &n);
	assert_int_equal(n, 4);
	ordered(&w, VERB_LAYOUT, &n);
	assert_int_equal(n, 2);
	assert_string_equal(w.orders.at[w.orders.n - 1].layout, "speaker");
	world_free(&w);
}

static void
every_adapter_says_what_it_lacks(void **state)
{
	for (size_t i = 0; mcu_adapters[i]; i++) {
		unsigned can = mcu_adapter_can(mcu_adapters[i]);

		assert_int_equal((can & CAN_LAYOUT) != 0, mcu_adapters[i]->layout != NULL);
		assert_int_equal((can & CAN_FOCUS) != 0, mcu_adapters[i]->focus != NULL);
		assert_int_equal((can & CAN_MESSAGE) != 0, mcu_adapters[i]->message != NULL);
		assert_int_equal((can & CAN_PLAY) != 0, mcu_adapters[i]->play != NULL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_layout_it_does_not_have_keeps_nobody_from_meeting),
		cmocka_unit_test(what_was_not_done_is_said_whatever_the_reason),
		cmocka_unit_test(steps_and_commands_reach_whom_they_mean),
		cmocka_unit_test(every_adapter_says_what_it_lacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
