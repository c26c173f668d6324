/* What is known of legs whose device forgets them: who goes when the table is full, how often an
 * end is told, how long one that nobody lists is waited for, and an order whose answer was lost. */
#include "adapters/legtable.h"

#include "base/clock.h"
#include "base/str.h"
#include "base/task.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct own { /* a family's leg */
	struct known_leg k;
	int extra;
};

struct stage {
	struct task task;
	struct device device;
	struct lane lane;
	struct leg_table table;
};

static void
begin(struct stage *s)
{
	*s = (struct stage){ .device = { .name = "huyen" } };
	s->task = (struct task){
		.arena = arena_new(), .cancel_fd = -1, .deadline = clock_mono() + 5000
	};
	s->lane = (struct lane){ .device = &s->device };
	leg_table_init(&s->table, s->task.arena, sizeof(struct own));
}

/* A full table keeps what is under way and lets go of what was told. */
static void
the_table_is_bounded(void **unused)
{
	struct stage s;
	char id[16];
	begin(&s);
	for (int i = 0; i < LEG_TABLE_MOST; i++) {
		snprintf(id, sizeof id, "%d", i);
		struct own *own = leg_table_add(&s.table, id);
		own->k.state = i == 7 ? LEG_GONE : LEG_UP;
		own->k.told = i == 7 ? 2 : 0;
		own->extra = i;
	}
	struct own *new = leg_table_add(&s.table, "new-one");
	assert_int_equal(new->extra, 0); /* nothing of the one that stood there */
	assert_int_equal(s.table.n, LEG_TABLE_MOST);
	assert_null(leg_table_find(&s.table, "7"));
	assert_int_equal(((struct own *)leg_table_find(&s.table, "8"))->extra, 8);
	assert_non_null(leg_table_find(&s.table, "new-one"));
	/* all alike: the one that was not asked about for longest, which is no longer 0 */
	new->k.state = LEG_UP;
	leg_table_find(&s.table, "0");
	leg_table_add(&s.table, "newer");
	assert_non_null(leg_table_find(&s.table, "0"));
	assert_null(leg_table_find(&s.table, "1"));
	arena_free(s.task.arena);
}

static void
an_end_is_told_twice(void **unused)
{
	struct stage s;
	struct leg out;
	begin(&s);
	struct own *own = leg_table_add(&s.table, "a");
	known_leg_listed(&own->k, LEG_UP);
	own->k.hung_up_by_us = true;
	known_leg_ended(&own->k, (struct ending){ .cause = CAUSE_UNKNOWN });
	for (int i = 0; i < 2; i++) {
		assert_true(known_leg_put_absent(&own->k, false, true, &out));
		assert_int_equal(out.state, LEG_GONE);
		assert_int_equal(out.ending.cause, CAUSE_OUR_HANGUP);
		assert_true(out.configured);
	}
	assert_false(known_leg_put_absent(&own->k, false, true, &out));
	known_leg_ended(&own->k, (struct ending){ .cause = CAUSE_BUSY }); /* news: told again */
	assert_true(known_leg_put_absent(&own->k, false, true, &out));
	assert_int_equal(out.ending.cause, CAUSE_BUSY);
	arena_free(s.task.arena);
}

/* Ordered a moment ago it has no channel yet; after two lists without it, it is gone, and nobody
 * knows why. */
static void
one_that_nobody_lists_has_a_grace(void **unused)
{
	struct stage s;
	struct leg out;
	const struct conference c = { .id = "room" };
	const struct dial d = { .leg_name = "chu-tuc", .address = "sip:a@10.2.0.5" };
	begin(&s);
	struct own *own = leg_table_add(&s.table, "a");
	known_leg_dialled(&own->k, &c, &d);
	for (int i = 0; i < 3; i++) {
		assert_true(known_leg_put_absent(&own->k, false, true, &out));
		assert_int_equal(out.state, i < 2 ? LEG_DIALING : LEG_GONE);
	}
	assert_int_equal(out.ending.cause, CAUSE_UNKNOWN);
	assert_string_equal(out.name, "chu-tuc");
	assert_string_equal(out.address, "sip:a@10.2.0.5");
	/* a list that shows it on the way counts more */
	known_leg_listed(&own->k, LEG_RINGING);
	for (int i = 0; i < 5; i++) {
		assert_true(known_leg_put_absent(&own->k, true, true, &out));
		assert_int_equal(out.state, LEG_RINGING);
	}
	arena_free(s.task.arena);
}

/* ---- events that come a little later ---- */

static struct stage *on; /* the callbacks' */
static int listened, ordered, asked, cut;
static bool it_exists;

static enum err
listens(struct task *t, struct lane *l, int64_t at_most_ms, bool *out_any)
{
	*out_any = ++listened == 3;
	if (*out_any)
		known_leg_ended(leg_table_find(&on->table, "a"),
			(struct ending){ .cause = CAUSE_REJECTED });
	return OK;
}

static enum err
exists(struct task *t, struct lane *l, const char *id, bool *out)
{
	asked++;
	*out = it_exists;
	return OK;
}

static enum err
orders(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	const char *id)
{
	return ordered++ < cut ? task_fail(t, ERR_TIMEOUT, "cut off") : OK;
}

static void
an_end_is_waited_for(void **unused)
{
	struct stage s;
	struct ending why;
	const struct leg a = { .id = "a", .name = "An" }, b = { .id = "b", .name = "Bo" };
	begin(&s);
	on = &s;
	listened = 0;
	it_exists = true;
	leg_table_add(&s.table, "a");
	leg_table_add(&s.table, "b");
	assert_int_equal(
		leg_table_reason(&s.task, &s.lane, &s.table, listens, exists, &a, &why), OK);
	assert_int_equal(why.cause, CAUSE_REJECTED);
	assert_int_equal(listened, 3);
	assert_int_equal(
		leg_table_reason(&s.task, &s.lane, &s.table, listens, exists, &b, &why), ERR_BUSY);
	assert_string_equal(s.task.why, "why Bo ended on huyen: it has not ended");
	assert_in_range(listened, 10, 30); /* and no longer */
	task_forgive(&s.task);
	it_exists = false;
	assert_int_equal(
		leg_table_reason(&s.task, &s.lane, &s.table, listens, exists, &b, &why), ERR_GONE);
	arena_free(s.task.arena);
}

static void
an_order_cut_off_is_looked_up(void **unused)
{
	static const struct {
		int cut;
		bool there;
		int ordered, asked;
		enum err e;
	} cases[] = {
		{ 0, false, 1, 0, OK },
		{ 1, true, 1, 1, OK },
		{ 1, false, 2, 1, OK },
		{ 2, false, 2, 2, ERR_TIMEOUT },
	};
	const struct conference c = { .id = "room" };
	const struct dial d = { .leg_name = "chu-tuc", .address = "sip:a@10.2.0.5" };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct stage s;
		begin(&s);
		ordered = asked = 0;
		cut = cases[i].cut;
		it_exists = cases[i].there;
		assert_int_equal(
			leg_order(&s.task, &s.lane, &c, &d, "a", orders, exists), cases[i].e);
		assert_int_equal(ordered, cases[i].ordered);
		assert_int_equal(asked, cases[i].asked);
		arena_free(s.task.arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_bounded),
		cmocka_unit_test(an_end_is_told_twice),
		cmocka_unit_test(one_that_nobody_lists_has_a_grace),
		cmocka_unit_test(an_end_is_waited_for),
		cmocka_unit_test(an_order_cut_off_is_looked_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
