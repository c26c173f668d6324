/* The pool's promises: order, limits of the classes, urgent work through a full house, taking a job
 * back; and the mailbox between threads. */
#include "pool.h"

#include "mailbox.h"

#include "base/arena.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Jobs that stay inside until the gate opens. */
struct gate {
	pthread_mutex_t lock;
	pthread_cond_t change;
	bool open;
	int inside, most_inside, done;
	char order[64];
};

struct visitor {
	struct gate *gate;
	char name;
};

static void
gate_init(struct gate *g)
{
	*g = (struct gate){ 0 };
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->change, NULL);
}

static void
visit(void *arg)
{
	struct visitor *v = arg;
	struct gate *g = v->gate;
	pthread_mutex_lock(&g->lock);
	size_t n = strlen(g->order);
	if (n + 1 < sizeof g->order)
		g->order[n] = v->name;
	if (++g->inside > g->most_inside)
		g->most_inside = g->inside;
	pthread_cond_broadcast(&g->change);
	while (!g->open)
		pthread_cond_wait(&g->change, &g->lock);
	g->inside--;
	g->done++;
	pthread_cond_broadcast(&g->change);
	pthread_mutex_unlock(&g->lock);
}

static void
wait_for(struct gate *g, const int *value, int wanted)
{
	pthread_mutex_lock(&g->lock);
	while (*value < wanted)
		pthread_cond_wait(&g->change, &g->lock);
	pthread_mutex_unlock(&g->lock);
}

static void
open_gate(struct gate *g)
{
	pthread_mutex_lock(&g->lock);
	g->open = true;
	pthread_cond_broadcast(&g->change);
	pthread_mutex_unlock(&g->lock);
}

static void
order_is_kept_with_one_worker(void **state)
{
	struct pool *p = pool_new(1, 0);
	struct gate g;
	gate_init(&g);
	assert_int_equal(pool_threads(p), 0);
	struct visitor v[20];
	for (int i = 0; i < 20; i++) {
		v[i] = (struct visitor){ &g, (char)('a' + i) };
		pool_submit(p, i % 2 ? JOB_SLOW : JOB_NORMAL, visit, &v[i]);
	}
	open_gate(&g);
	wait_for(&g, &g.done, 20);
	assert_string_equal(g.order, "abcdefghijklmnopqrst");
	assert_int_equal(g.most_inside, 1);
	assert_int_equal(pool_threads(p), 1);
	pool_free(p);
}

static void
threads_start_when_needed_and_no_more(void **state)
{
	struct pool *p = pool_new(8, 2);
	struct gate g;
	gate_init(&g);
	struct visitor v[30];
	for (int i = 0; i < 3; i++) {
		v[i] = (struct visitor){ &g, 'n' };
		pool_submit(p, JOB_NORMAL, visit, &v[i]);
	}
	wait_for(&g, &g.inside, 3);
	assert_int_equal(pool_threads(p), 3);
	for (int i = 3; i < 30; i++) {
		v[i] = (struct visitor){ &g, 'n' };
		pool_submit(p, JOB_NORMAL, visit, &v[i]);
	}
	wait_for(&g, &g.inside, 6);
	assert_int_equal(pool_threads(p), 6); /* two are kept */
	struct visitor u[2] = { { &g, 'u' }, { &g, 'u' } };
	pool_submit(p, JOB_URGENT, visit, &u[0]);
	pool_submit(p, JOB_URGENT, visit, &u[1]);
	wait_for(&g, &g.inside, 8); /* would wait for ever behind the others */
	assert_int_equal(pool_threads(p), 8);
	assert_string_equal(g.order, "nnnnnnuu");
	open_gate(&g);
	wait_for(&g, &g.done, 32);
	assert_int_equal(g.most_inside, 8);
	pool_free(p);
}

static void
slow_ones_get_a_quarter(void **state)
{
	struct pool *p = pool_new(8, 2);
	struct gate g;
	gate_init(&g);
	struct visitor v[10], n[4];
	for (int i = 0; i < 10; i++) {
		v[i] = (struct visitor){ &g, 's' };
		pool_submit(p, JOB_SLOW, visit, &v[i]);
	}
	wait_for(&g, &g.inside, 2);
	for (int i = 0; i < 4; i++) {
		n[i] = (struct visitor){ &g, 'n' };
		pool_submit(p, JOB_NORMAL, visit, &n[i]);
	}
	wait_for(&g, &g.inside, 6);
	assert_string_equal(g.order, "ssnnnn");
	assert_int_equal(pool_threads(p), 6);
	open_gate(&g);
	wait_for(&g, &g.done, 14);
	pool_free(p);
}

static void
a_job_not_begun_can_be_taken_back(void **state)
{
	struct pool *p = pool_new(1, 0);
	struct gate g;
	gate_init(&g);
	struct visitor a = { &g, 'a' }, b = { &g, 'b' }, c = { &g, 'c' }, d = { &g, 'd' };
	pool_submit(p, JOB_NORMAL, visit, &a);
	wait_for(&g, &g.inside, 1);
	pool_submit(p, JOB_NORMAL, visit, &b);
	pool_submit(p, JOB_NORMAL, visit, &c);
	assert_false(pool_withdraw(p, visit, &a)); /* at work */
	assert_true(pool_withdraw(p, visit, &c));  /* the last: the list's end moves back */
	assert_false(pool_withdraw(p, visit, &c));
	pool_submit(p, JOB_NORMAL, visit, &d);
	open_gate(&g);
	wait_for(&g, &g.done, 3);
	assert_string_equal(g.order, "abd");
	pool_free(p);
}

static void
the_end_waits_for_what_was_given(void **state)
{
	struct pool *p = pool_new(3, 1);
	struct gate g;
	gate_init(&g);
	struct visitor v[50];
	open_gate(&g);
	for (int i = 0; i < 50; i++) {
		v[i] = (struct visitor){ &g, 'x' };
		pool_submit(p, (enum job_class)(i % 3), visit, &v[i]);
	}
	pool_free(p);
	assert_int_equal(g.done, 50);
}

static bool
is_readable(const struct mailbox *m)
{
	struct pollfd fd = { .fd = mailbox_fd(m), .events = POLLIN };
	return poll(&fd, 1, 0) == 1;
}

static void
the_mailbox_is_readable_while_something_waits(void **state)
{
	struct mailbox *m = mailbox_new();
	int a, b;
	assert_false(is_readable(m));
	assert_null(mailbox_take(m));
	mailbox_post(m, &a);
	mailbox_post(m, &b);
	assert_true(is_readable(m));
	assert_ptr_equal(mailbox_take(m), &a);
	assert_true(is_readable(m));
	assert_ptr_equal(mailbox_take(m), &b);
	assert_false(is_readable(m));
	mailbox_wake(m);
	assert_true(is_readable(m));
	assert_null(mailbox_take(m));
	assert_false(is_readable(m));
	mailbox_post(m, xalloc(1));
	mailbox_post(m, xalloc(1));
	mailbox_free(m, free);
}

struct letter {
	int sender, number;
};

struct sender {
	struct mailbox *to;
	int id;
};

static void *
send_many(void *arg)
{
	struct sender *s = arg;
	for (int i = 0; i < 2000; i++) {
		struct letter *l = xalloc(sizeof *l);
		*l = (struct letter){ s->id, i };
		mailbox_post(s->to, l);
	}
	return NULL;
}

static void
the_mailbox_loses_nothing_between_threads(void **state)
{
	struct mailbox *m = mailbox_new();
	struct sender s[4];
	pthread_t ids[4];
	int next[4] = { 0 };
	for (int i = 0; i < 4; i++) {
		s[i] = (struct sender){ m, i };
		pthread_create(&ids[i], NULL, send_many, &s[i]);
	}
	for (int got = 0; got < 8000;) {
		struct pollfd fd = { .fd = mailbox_fd(m), .events = POLLIN };
		assert_int_equal(poll(&fd, 1, 20000), 1);
		for (struct letter *l; (l = mailbox_take(m)); got++) {
			assert_int_equal(l->number, next[l->sender]++); /* of one sender in order */
			free(l);
		}
	}
	for (int i = 0; i < 4; i++)
		pthread_join(ids[i], NULL);
	assert_false(is_readable(m));
	mailbox_free(m, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_is_kept_with_one_worker),
		cmocka_unit_test(threads_start_when_needed_and_no_more),
		cmocka_unit_test(slow_ones_get_a_quarter),
		cmocka_unit_test(a_job_not_begun_can_be_taken_back),
		cmocka_unit_test(the_end_waits_for_what_was_given),
		cmocka_unit_test(the_mailbox_is_readable_while_something_waits),
		cmocka_unit_test(the_mailbox_loses_nothing_between_threads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
