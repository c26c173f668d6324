/* What talks about registering for news have in common. Include mcu.h first: HELLO is one step. */
#ifndef TD_TESTS_TALK_PUSH_TALK_H
#define TD_TESTS_TALK_PUSH_TALK_H

struct registration {
	struct peer_step answer; /* to the first question */
	enum err expected;
};

/* Each ends in its own class, within the time. */
static inline void
registrations_end(const struct registration *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct peer_step steps[] = { HELLO, cases[i].answer };
		struct talk k;
		int again;
		begin(&k, steps, STEPS_N);
		assert_int_equal(mcu->open(&k.task, &k.lane), OK);
		k.task.deadline = clock_mono() + 1500;
		assert_int_equal(mcu->subscribe(&k.task, &k.lane, &again), cases[i].expected);
		finish(&k);
	}
}

#endif
