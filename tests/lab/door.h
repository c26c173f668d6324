/* Where codecs that speak lines are called: a listening socket per device, a thread per session. */
#ifndef TD_LAB_DOOR_H
#define TD_LAB_DOOR_H

#include "fleet.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct door {
	struct site *site;
	int port;
	/* One session on a thread of its own; takes the descriptor. The host key or greeting is its
	 * own business. */
	void (*serve)(struct door *d, int fd);
	int fd; /* listening, -1 closed */
	bool watched;
	atomic_int sessions;
};

enum { DOOR_POLL_MS = 100 };

/* Before doors_start(). `most`: how many there may be at all. */
void doors_reserve(size_t most);
void door_add(struct site *s, int port, void (*serve)(struct door *, int));
/* Opens them all; false: said. */
bool doors_start(int64_t now);
/* Opens and closes sockets as power and network of the sites want it; called by the ticker without
 * the lock. */
void doors_follow(int64_t now);
void doors_stop(void);
/* The lab ends: sessions leave. */
bool doors_closing(void);

/* The site has power and network. */
bool door_reachable(const struct door *d);
/* A site that lost power or network says nothing more; when it is back the old connection is reset:
 * it waits for that, or until the client gives up. */
void door_fall_silent(struct door *d, int fd);
void door_nap(int ms);

#endif
