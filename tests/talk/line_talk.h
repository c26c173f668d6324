/* A talk with a line_peer: nothing of the password may stand in the trace or in what the task
 * says. */
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

/* What every family must do when its status is asked and the script does not answer in full. */
static inline void
line_talk_status(
	struct talk *k, const struct endpoint_adapter *box, int64_t within_ms, enum err expected)
{
	struct endpoint_status s;
	if (within_ms)
		k->task.deadline = clock_mono() + within_ms;
	assert_int_equal(box->status(&k->task, &k->lane, &s), expected);
	line_talk_end(k, box->close);
}

/* The script cancels in the middle of a dial. */
static inline void
line_talk_cancelled(struct talk *k, const struct endpoint_adapter *box)
{
	int64_t from = clock_mono();
	assert_int_equal(box->dial(&k->task, &k->lane, "10.1.2.3", 0), ERR_CANCELED);
	assert_true(clock_mono() - from < 2000);
	line_talk_end(k, box->close);
}

/* The script refuses the password, after as many lines of the client as it has steps. */
static inline void
line_talk_refused(struct talk *k, const struct endpoint_adapter *box)
{
	k->device.password = "wr0ng";
	assert_int_equal(box->open(&k->task, &k->lane), ERR_AUTH);
	assert_string_equal(k->task.word, "login-refused");
	line_talk_end(k, box->close);
}

#endif
