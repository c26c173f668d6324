/* One letter on its way: the job that makes its documents and delivers it. */
#ifndef TD_COORDINATOR_POST_H
#define TD_COORDINATOR_POST_H

#include "notify.h"
#include "outbox.h"

struct mailbox;

struct post { /* the job; owns its arena, on which everything lies */
	struct arena *arena;
	struct mailbox *back, *wake;
	struct workspace ws;
	struct notify notify;
	struct outgoing letter;
	const char *reply_to, *folder, *lang; /* of the run's reports */
	int cancel_fd;
	enum err code;
	char why[480];
};

/* By a worker: fills code and why, and gives the job back. */
void post_work(void *post);

#endif
