/* The door of a scripted device: a socket on loopback, a word to stop, the thread that plays. The
 * peers of the talks are built on it. */
#ifndef TD_TESTS_TALK_LOOPBACK_H
#define TD_TESTS_TALK_LOOPBACK_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

struct loopback {
	int listener, stop; /* stop is readable when the thread shall end */
	pthread_t thread;
};

/* The port; the thread runs `play` with the peer. */
static inline int
loopback_start(struct loopback *l, void *(*play)(void *), void *peer)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;
	l->stop = eventfd(0, 0);
	l->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(l->listener, (void *)&at, size) || listen(l->listener, 8) ||
		getsockname(l->listener, (void *)&at, &size) ||
		pthread_create(&l->thread, NULL, play, peer))
		abort();
	return ntohs(at.sin_port);
}

static inline void
loopback_stop(struct loopback *l)
{
	eventfd_write(l->stop, 1);
	pthread_join(l->thread, NULL);
	close(l->listener);
	close(l->stop);
}

/* NULL: all steps were played and nothing was wrong. */
static inline const char *
loopback_verdict(char *fault, size_t size, size_t done, size_t n)
{
	if (!*fault && done != n)
		snprintf(fault, size, "%zu of %zu steps were played", done, n);
	return *fault ? fault : NULL;
}

#endif
