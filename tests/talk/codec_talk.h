/* What talks with codecs have in common whatever is spoken: the stage over HTTP, and the ends that
 * every family must come to. */
#ifndef TD_TESTS_TALK_CODEC_TALK_H
#define TD_TESTS_TALK_CODEC_TALK_H

#include "adapters/wire/trace.h"
#include "tests/talk/talk.h"

#include <string.h>

/* begin() and finish() of a program whose peer is peer.h, for this adapter and device. */
#define CODEC_STAGE(box, codec) \
	static inline void begin(struct talk *k, const struct peer_step *steps, size_t n) \
	{ \
		talk_begin(k, &(codec), &(struct peer){ .steps = steps, .n = n }, 8000); \
	} \
	static inline void finish(struct talk *k) \
	{ \
		talk_end(k, (box)->close); \
	}

#define BEGIN(...) \
	TALK(__VA_ARGS__); \
	begin(&k, steps, STEPS_N)

/* One attempt, and the password (or what stands for it on the wire) in no trace. */
static inline void
codec_refuses_login(struct talk *k, const struct endpoint_adapter *box, const char *secret)
{
	struct trace trace = { 0 };
	k->task.trace = &trace;
	assert_int_equal(box->open(&k->task, &k->lane), ERR_AUTH);
	assert_string_equal(k->task.word, "login-refused");
	assert_null(strstr(buf_str(&trace.out), secret));
	k->task.trace = NULL;
	trace_free(&trace);
}

/* It says nothing: the task's deadline holds. */
static inline void
codec_is_silent(struct talk *k, const struct endpoint_adapter *box)
{
	struct endpoint_status s;
	k->task.deadline = clock_mono() + 1500;
	assert_int_equal(box->status(&k->task, &k->lane, &s), ERR_TIMEOUT);
}

/* So many answers that are none. */
static inline void
codec_talks_garbage(struct talk *k, const struct endpoint_adapter *box, int times)
{
	for (int i = 0; i < times; i++) {
		assert_int_equal(box->hangup(&k->task, &k->lane), ERR_PROTOCOL);
		task_forgive(&k->task);
	}
}

#endif
