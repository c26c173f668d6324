/* What devices post to us, in the lanes: asked for once per session and again in time, handed over
 * before the next order, to every session, and never an error of the order. */
#include "lane.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct {
	pthread_mutex_t lock;
	struct buf log;
	atomic_int refuses, again_s, gate, inside;
} toy = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void __attribute__((format(printf, 1, 2)))
note(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	pthread_mutex_lock(&toy.lock);
	buf_vprintf(&toy.log, fmt, ap);
	buf_putc(&toy.log, ' ');
	pthread_mutex_unlock(&toy.lock);
	va_end(ap);
}

static enum err
toy_open(struct task *t, struct lane *l)
{
	note("open");
	return OK;
}

static void
toy_close(struct task *t, struct lane *l)
{
	note("close");
}

static enum err
toy_layout(struct task *t, struct lane *l, const struct conference *c, const char *what)
{
	note("%s", what);
	atomic_fetch_add(&toy.inside, 1);
	while (str_eq(what, "gate") && !atomic_load(&toy.gate) && !task_sleep(t, 1))
		;
	atomic_fetch_sub(&toy.inside, 1);
	return str_eq(what, "broken") ? task_fail(t, ERR_PROTOCOL, "broken") : OK;
}

static enum err
toy_subscribe(struct task *t, struct lane *l, int *out_again_s)
{
	note("subscribe:%s", l->device->push_url);
	*out_again_s = atomic_load(&toy.again_s);
	return atomic_load(&toy.refuses) ? task_fail(t, ERR_REFUSED, "no place") : OK;
}

static enum err
toy_pushed(struct task *t, struct lane *l, const char *bytes, size_t n)
{
	note("post:%.*s", (int)n, bytes);
	return str_eq(bytes, "bad") ? task_fail(t, ERR_PROTOCOL, "not understood") : OK;
}

static const struct mcu_adapter toy_adapter = { .name = "toy",
	.open = toy_open,
	.close = toy_close,
	.layout = toy_layout,
	.subscribe = toy_subscribe,
	.pushed = toy_pushed };
static enum err
codec_status(struct task *t, struct lane *l, struct endpoint_status *out)
{
	note("status");
	return OK;
}

static enum err
codec_probe(struct task *t, struct lane *l, struct identity *out)
{
	note("probe");
	return OK;
}

static enum err
codec_pushed(struct task *t, struct lane *l, const char *bytes, size_t n, int64_t ago_ms)
{
	note("post:%.*s:%s", (int)n, bytes, ago_ms >= 0 && ago_ms < 60000 ? "now" : "long ago");
	return str_eq(bytes, "bad") ? task_fail(t, ERR_PROTOCOL, "not understood") : OK;
}

static const struct endpoint_adapter codec_adapter = { .name = "codec",
	.open = toy_open,
	.close = toy_close,
	.probe = codec_probe,
	.status = codec_status,
	.subscribe = toy_subscribe,
	.pushed = codec_pushed };
static const struct endpoint_adapter *const codecs[] = { &codec_adapter, NULL };
static const struct mcu_adapter *const adapters[] = { &toy_adapter, NULL };

struct stage {
	struct pool *pool;
	struct mailbox *answers;
	struct lanes *lanes;
	int64_t number;
};

static void
begin(struct stage *s, int width, const char *url)
{
	*s = (struct stage){ .pool = pool_new(8, 2), .answers = mailbox_new() };
	buf_clear(&toy.log);
	toy.refuses = toy.gate = 0;
	toy.again_s = 300;
	s->lanes = lanes_new(s->pool, s->answers, 60000);
	lanes_adapters(s->lanes, adapters, codecs);
	lanes_device(s->lanes,
		&(struct device){
			.name = "tinh", .adapter = "toy", .width = width, .push_url = url });
}

static void
end(struct stage *s)
{
	lanes_free(s->lanes);
	pool_free(s->pool);
	mailbox_free(s->answers, NULL);
}

static void
order(struct stage *s, const char *what, bool urgent)
{
	struct order o = { .verb = VERB_LAYOUT, .number = ++s->number, .urgent = urgent };
	str_copy(o.device, sizeof o.device, "tinh");
	str_copy(o.run, sizeof o.run, "run");
	str_copy(o.layout, sizeof o.layout, what);
	lanes_submit(s->lanes, &o);
}

static enum err
answered(struct stage *s)
{
	for (int64_t until = clock_mono() + 5000; clock_mono() < until;) {
		struct pollfd p = { .fd = mailbox_fd(s->answers), .events = POLLIN };
		poll(&p, 1, 1000);
		struct answer *a = mailbox_take(s->answers);
		lanes_tick(s->lanes, clock_mono());
		if (!a)
			continue;
		lanes_answered(s->lanes, a);
		enum err code = a->code;
		answer_free(a);
		return code;
	}
	fail_msg("no answer");
	return ERR_SYSTEM;
}

static enum err
does(struct stage *s, const char *what)
{
	order(s, what, false);
	return answered(s);
}

static void
post(struct stage *s, const char *text)
{
	lanes_push(s->lanes, "tinh", text, strlen(text));
}

static const char *
heard(void)
{
	return buf_str(&toy.log);
}

static void
posts_come_before_the_next_order(void **state)
{
	struct stage s;
	begin(&s, 1, "http://x/push/1");
	assert_int_equal(does(&s, "a"), OK);
	post(&s, "one");
	post(&s, "two");
	lanes_push(s.lanes, "nobody", "x", 1);
	assert_int_equal(does(&s, "b"), OK);
	assert_int_equal(does(&s, "c"), OK);
	assert_string_equal(heard(), "open subscribe:http://x/push/1 a post:one post:two b c ");
	end(&s);
}

/* Before the first login, and after a session that broke. */
static void
posts_wait_for_a_session(void **state)
{
	struct stage s;
	begin(&s, 1, "u");
	post(&s, "early");
	assert_int_equal(does(&s, "broken"), ERR_PROTOCOL);
	while (!strstr(heard(), "close"))
		lanes_tick(s.lanes, clock_mono());
	post(&s, "between");
	assert_int_equal(does(&s, "b"), OK);
	assert_string_equal(heard(),
		"open subscribe:u post:early broken close open subscribe:u post:between b ");
	end(&s);
}

static void
a_post_that_is_not_understood_costs_nothing(void **state)
{
	struct stage s;
	begin(&s, 1, "u");
	post(&s, "bad");
	post(&s, "good");
	assert_int_equal(does(&s, "a"), OK);
	assert_string_equal(heard(), "open subscribe:u post:bad post:good a ");
	end(&s);
}

static void
a_refused_subscription_is_no_error(void **state)
{
	struct stage s;
	begin(&s, 1, "u");
	toy.refuses = 1;
	assert_int_equal(does(&s, "a"), OK);
	assert_int_equal(does(&s, "b"), OK); /* it is asked again later, not at once */
	assert_string_equal(heard(), "open subscribe:u a b ");
	end(&s);
}

static void
it_is_asked_again_in_time(void **state)
{
	struct stage s;
	begin(&s, 1, "u");
	toy.again_s = 1;
	assert_int_equal(does(&s, "a"), OK);
	assert_int_equal(does(&s, "b"), OK);
	poll(NULL, 0, 1100);
	order(&s, "hurry", true); /* an urgent order does not wait for it */
	assert_int_equal(answered(&s), OK);
	assert_int_equal(does(&s, "c"), OK);
	assert_string_equal(heard(), "open subscribe:u a b hurry subscribe:u c ");
	end(&s);
}

static void
without_an_address_nothing_is_asked(void **state)
{
	struct stage s;
	begin(&s, 1, NULL);
	assert_int_equal(does(&s, "a"), OK);
	/* It is there now: another configuration, another session. */
	lanes_device(s.lanes,
		&(struct device){ .name = "tinh", .adapter = "toy", .width = 1, .push_url = "u" });
	assert_int_equal(does(&s, "b"), OK);
	assert_non_null(strstr(heard(), "subscribe:u b "));
	end(&s);
}

static int
count(const char *text, const char *word)
{
	int n = 0;
	for (; (text = strstr(text, word)); text++)
		n++;
	return n;
}

static void
every_session_gets_it(void **state)
{
	struct stage s;
	begin(&s, 2, "u");
	assert_int_equal(does(&s, "a"), OK);
	order(&s, "gate", false);
	order(&s, "gate", false);
	while (toy.inside < 2)
		lanes_tick(s.lanes, clock_mono());
	post(&s, "news"); /* both are at work */
	toy.gate = 1;
	assert_int_equal(answered(&s), OK);
	assert_int_equal(answered(&s), OK);
	assert_int_equal(count(heard(), "post:news"), 0);
	order(&s, "gate", false);
	order(&s, "gate", false);
	assert_int_equal(answered(&s), OK);
	assert_int_equal(answered(&s), OK);
	assert_int_equal(count(heard(), "post:news"), 2);
	end(&s);
}

static void
the_inbox_is_bounded(void **state)
{
	struct stage s;
	char text[16];
	begin(&s, 1, "u");
	assert_int_equal(does(&s, "a"), OK);
	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof text, "n%d.", i);
		post(&s, text);
	}
	assert_int_equal(does(&s, "b"), OK);
	assert_int_equal(count(heard(), "post:"), 200);
	assert_null(strstr(heard(), "post:n799. "));
	assert_non_null(strstr(heard(), "post:n800. "));
	assert_non_null(strstr(heard(), "post:n999. b "));
	/* What nobody asks for any more goes with the lanes. */
	post(&s, "left");
	end(&s);
}

/* A codec is registered with, and hands over what it posted, with the question for its status
 * alone: that is the answer which shows it. */
static void
a_codec_tells_with_its_status(void **state)
{
	struct stage s;
	char text[16];
	begin(&s, 1, "u");
	lanes_device(s.lanes,
		&(struct device){
			.name = "site:a", .adapter = "codec", .width = 1, .push_url = "v" });
	struct order o = { .verb = VERB_IDENTIFY, .number = 1, .device = "site:a" };
	lanes_push(s.lanes, "site:a", "early", 5);
	lanes_submit(s.lanes, &o);
	assert_int_equal(answered(&s), OK);
	o.verb = VERB_STATUS;
	lanes_submit(s.lanes, &o);
	assert_int_equal(answered(&s), OK);
	lanes_push(s.lanes, "site:a", "bad", 3);
	lanes_push(s.lanes, "site:a", "good", 4);
	o.verb = VERB_IDENTIFY;
	lanes_submit(s.lanes, &o);
	assert_int_equal(answered(&s), OK);
	o.verb = VERB_STATUS;
	lanes_submit(s.lanes, &o);
	assert_int_equal(answered(&s), OK);
	assert_string_equal(heard(), "open probe subscribe:v post:early:now status probe "
				     "post:bad:now post:good:now status ");
	/* Nobody asks it: the oldest go. */
	buf_clear(&toy.log);
	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof text, "n%d.", i);
		lanes_push(s.lanes, "site:a", text, strlen(text));
	}
	lanes_submit(s.lanes, &o);
	assert_int_equal(answered(&s), OK);
	assert_int_equal(count(heard(), "post:"), 24);
	assert_non_null(strstr(heard(), "post:n99.:now status "));
	end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(posts_come_before_the_next_order),
		cmocka_unit_test(posts_wait_for_a_session),
		cmocka_unit_test(a_post_that_is_not_understood_costs_nothing),
		cmocka_unit_test(a_refused_subscription_is_no_error),
		cmocka_unit_test(it_is_asked_again_in_time),
		cmocka_unit_test(without_an_address_nothing_is_asked),
		cmocka_unit_test(every_session_gets_it),
		cmocka_unit_test(the_inbox_is_bounded),
		cmocka_unit_test(a_codec_tells_with_its_status),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	buf_free(&toy.log);
	return rc;
}
