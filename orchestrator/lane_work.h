/* The worker's side of a lane: one job on a seat (the place of one session), run by the pool. Used
 * by lane.c only.
 * While a job runs, seat and job belong to the worker; they return to the coordinator with the
 * answer, or where that says `closing` with LANE_CLOSED. */
#ifndef TD_LANE_WORK_H
#define TD_LANE_WORK_H

#include "mailbox.h"
#include "order.h"

#include "base/vec.h"

struct lane_post { /* what the device posted to us; heap */
	int64_t at; /* clock_now(): it came */
	size_t n;
	char bytes[];     /* n of them, and a NUL */
};

struct lane_posts {
	struct lane_post **at;
	size_t n, cap;
};

struct seat {
	struct lane face;  /* face.device: as it was when the session was opened */
	bool opened;
	const struct mcu_adapter *mcu;           /* of the open session; one of the two */
	const struct endpoint_adapter *endpoint;
	int64_t subscribe_at;  /* clock_mono(): when the device is asked to post to us, next */
	bool subscribe_failed; /* last time, and told */
};

struct lane_job {
	struct seat *seat;
	void *slot;        /* the coordinator's, handed back in answer and notices */
	struct order order;
	const struct device *device;
	const struct mcu_adapter *mcu;
	const struct endpoint_adapter *endpoint;
	struct lane_posts posts;   /* to be worked off before the order */
	int cancel_fd;
	struct mailbox *answers, *notices;
};

enum lane_event {
	LANE_OPENED, /* the login went well: others may log in too */
	LANE_CLOSED, /* the session that was being closed is closed */
	LANE_DONE,   /* the worker has left: nothing of the lanes is touched any more */
};

struct lane_notice { /* heap, the taker frees */
	void *slot;
	enum lane_event event;
};

void lane_job_run(void *job);   /* does the order; posts the answer, then LANE_DONE */
void lane_posts_clear(struct lane_posts *p);
void lane_job_close(void *job); /* closes the session; posts LANE_CLOSED, LANE_DONE */

#endif
