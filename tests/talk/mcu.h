/* The talk of an MCU over HTTP. Its program defines before: `mcu` (the adapter), `box` (the device), `room` (the
 * conference it is about), TALK_MS (the time of a talk) and HELLO (the step of a login). */
#ifndef TD_TESTS_TALK_MCU_H
#define TD_TESTS_TALK_MCU_H

#include "tests/talk/peer.h"
#include "tests/talk/talk.h"

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

#endif
