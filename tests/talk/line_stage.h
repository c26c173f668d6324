/* The stage of a codec that speaks lines. Its program defines before: `box` (the adapter), `codec`
 * (the device), `far_end` (a struct peer with its greeting and line end) and IN (the steps of a
 * login). */
#ifndef TD_TESTS_TALK_LINE_STAGE_H
#define TD_TESTS_TALK_LINE_STAGE_H

#include "tests/talk/line_talk.h"

static inline void
begin(struct talk *k, const struct peer_step *steps, size_t n)
{
	struct peer as = far_end;
	as.steps = steps;
	as.n = n;
	line_talk_begin(k, &codec, &as);
}

static inline void
open_it(struct talk *k)
{
	if (box->open(&k->task, &k->lane))
		fail_msg("open: %s", k->task.why);
}

static inline void
finish(struct talk *k)
{
	line_talk_end(k, box->close);
}

#define BEGIN(...) \
	TALK(__VA_ARGS__); \
	begin(&k, steps, STEPS_N)

#define OPENED(...) \
	BEGIN(IN, __VA_ARGS__); \
	open_it(&k)

#endif
