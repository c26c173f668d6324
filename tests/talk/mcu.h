/* The talk of an MCU over HTTP. Its program defines before: `mcu` (the adapter), `box` (the
 * device), `room` (the conference it is about), TALK_MS (the time of a talk) and HELLO (the step of
 * a login). */
#ifndef TD_TESTS_TALK_MCU_H
#define TD_TESTS_TALK_MCU_H

#include "tests/talk/peer.h"
#include "tests/talk/talk.h"

#include <string.h>

static inline void
begin(struct talk *k, const struct peer_step *steps, size_t n)
{
	talk_begin(k, &box, &(struct peer){ .steps = steps, .n = n }, TALK_MS);
	k->conference = room;
}

static inline void
finish(struct talk *k)
{
	talk_end(k, mcu->close);
}

#define BEGIN(...) \
	TALK(__VA_ARGS__); \
	begin(&k, steps, STEPS_N)

#define OPENED(...) \
	BEGIN(HELLO, __VA_ARGS__); \
	assert_int_equal(mcu->open(&k.task, &k.lane), OK)

/* The ends that every family must come to, whatever is spoken. Each one finishes the talk. */

/* The password is wrong: said, not told, and no session is kept. */
static inline void
mcu_refuses_login(struct talk *k)
{
	assert_int_equal(mcu->open(&k->task, &k->lane), ERR_AUTH);
	assert_string_equal(k->task.word, "login-refused");
	assert_null(strstr(k->task.why, k->device.password));
	assert_null(k->lane.session);
	finish(k);
}

/* It says nothing when its list is asked for: the deadline holds, and it is not asked again. */
static inline void
mcu_is_silent(struct talk *k)
{
	struct roster all;
	k->task.deadline = clock_mono() + 1500;
	assert_int_equal(mcu->roster(&k->task, &k->lane, &k->conference, &all), ERR_TIMEOUT);
	finish(k);
}

/* The operator cancels the dial. */
static inline void
mcu_dial_is_cancelled(struct talk *k, const struct dial *d)
{
	struct leg leg;
	assert_int_equal(mcu->dial(&k->task, &k->lane, &k->conference, d, &leg), ERR_CANCELED);
	finish(k);
}

/* So many lists that are none. */
static inline void
mcu_talks_garbage(struct talk *k, int times)
{
	struct roster all;
	for (int i = 0; i < times; i++) {
		enum err e = mcu->roster(&k->task, &k->lane, &k->conference, &all);
		assert_int_equal(e, ERR_PROTOCOL);
		task_forgive(&k->task);
	}
	finish(k);
}

/* A list was cut off and came at the second time; the next one is cut off twice. */
static inline void
mcu_is_cut_off(struct talk *k)
{
	struct roster all;
	assert_int_equal(mcu->roster(&k->task, &k->lane, &k->conference, &all), OK);
	assert_int_equal(mcu->roster(&k->task, &k->lane, &k->conference, &all), ERR_TIMEOUT);
	finish(k);
}

/* Its list of legs has no last page, whatever is on them: the last step, for ever. */
static inline void
mcu_lists_without_end(struct talk *k)
{
	struct roster all;
	k->task.deadline = clock_mono() + 60000;
	assert_int_equal(mcu->roster(&k->task, &k->lane, &k->conference, &all), ERR_PROTOCOL);
	assert_non_null(strstr(k->task.why, "does not end"));
	finish(k);
}

#endif
