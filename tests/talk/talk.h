/* The stage of a talk: a task with a deadline, a lane, and the device at its far end, which a peer
 * plays. Include the peer first (peer.h, ssh_peer.h, or the program's own): it brings struct
 * peer_step and struct peer with its .steps, .n, .port and .log, and peer_start(), peer_stop(),
 * peer_free(). */
#ifndef TD_TESTS_TALK_TALK_H
#define TD_TESTS_TALK_TALK_H

#include "adapters/adapter.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/task.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

struct talk {
	struct task task;
	struct lane lane;
	struct device device;
	struct peer peer;
	bool stopped; /* the peer is, already */
	char url[120];
	struct conference conference;
};

typedef void talk_close_fn(struct task *, struct lane *);

/* The peer's port stands for PORT in the url of `d`. */
static inline void
talk_begin(struct talk *k, const struct device *d, const struct peer *as, int deadline_ms)
{
	*k = (struct talk){ .device = *d, .peer = *as };
	k->task = (struct task){ .arena = arena_new(),
		.cancel_fd = eventfd(0, 0),
		.deadline = clock_mono() + deadline_ms };
	peer_start(&k->peer, as->steps, as->n, k->task.cancel_fd);
	const char *gap = strstr(d->url, "PORT");
	assert_non_null(gap);
	snprintf(k->url, sizeof k->url, "%.*s%d%s", (int)(gap - d->url), d->url, k->peer.port,
		gap + 4);
	k->device.url = k->url;
	k->device.width = 1;
	k->lane = (struct lane){ .device = &k->device, .arena = arena_new() };
}

/* The lane closes with time of its own. The talk went as written, or the test fails. */
static inline void
talk_end(struct talk *k, talk_close_fn *hang_up)
{
	struct task t = { .arena = arena_new(),
		.cancel_fd = -1,
		.deadline = clock_mono() + 2000,
		.trace = k->task.trace };
	hang_up(&t, &k->lane);
	assert_null(k->lane.session);
	const char *fault = k->stopped ? NULL : peer_stop(&k->peer);
	if (fault)
		fail_msg("%s (task: %s)", fault, k->task.why);
	arena_free(t.arena);
	arena_free(k->task.arena);
	arena_free(k->lane.arena);
	close(k->task.cancel_fd);
	peer_free(&k->peer);
}

/* Ends the peer and gives what was asked of it. */
static inline const char *
talk_requests(struct talk *k)
{
	const char *fault = peer_stop(&k->peer);
	if (fault)
		fail_msg("%s (task: %s)", fault, k->task.why);
	k->stopped = true;
	return buf_str(&k->peer.log);
}

/* The script and the talk, both to be begun by the program's own begin(). */
#define TALK(...) \
	static const struct peer_step steps[] = { __VA_ARGS__ }; \
	struct talk k

#define STEPS_N (sizeof steps / sizeof *steps)

#endif
