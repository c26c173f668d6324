/* A talk with a line_peer: nothing of the password may stand in the trace or in what the task says. */
#ifndef TD_TESTS_TALK_LINE_TALK_H
#define TD_TESTS_TALK_LINE_TALK_H

#include "tests/talk/line_peer.h"

#include "tests/talk/talk.h"

#include "adapters/wire/trace.h"

static struct trace trace; /* of the talk that is going on */

static inline void
line_talk_begin(struct talk *k, const struct device *d, const struct peer *as)
{
	trace = (struct trace){ 0 };
	talk_begin(k, d, as, 15000);
	k->task.trace = &trace;
}

static inline void
line_talk_end(struct talk *k, talk_close_fn *hang_up)
{
	const char *password = k->device.password;
	talk_end(k, hang_up);
	assert_true(!password || !strstr(buf_str(&trace.out), password));
	assert_true(!password || !strstr(k->task.why, password));
	trace_free(&trace);
}

#endif
