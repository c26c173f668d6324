/* Names to addresses for tcp.c and udp.c.
 *
 * getaddrinfo() has no deadline and cannot be stopped: numeric hosts go through it at once (no
 * I/O), names in a detached thread that shares one small block with the waiting worker. Whoever
 * lets go last frees the block, so a cancelled worker leaves at once and the thread ends by itself
 * when the resolver gives up. Must never block but in task_wait(). */
#include "adapters/wire/lookup.h"

#include "base/arena.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct lookup {
	char *host;
	char port[8];
	struct addrinfo hints;
	int done_fd; /* readable when rc and found are set */
	int rc;
	struct addrinfo *found;
	atomic_int users;
};

static void
leave(struct lookup *l)
{
	if (atomic_fetch_sub(&l->users, 1) > 1)
		return;
	if (l->found)
		freeaddrinfo(l->found);
	if (l->done_fd >= 0)
		close(l->done_fd);
	free(l->host);
	free(l);
}

static void *
run(void *of)
{
	struct lookup *l = of;
	l->rc = getaddrinfo(l->host, l->port, &l->hints, &l->found);
	eventfd_write(l->done_fd, 1);
	leave(l);
	return NULL;
}

static bool
start(struct lookup *l)
{
	pthread_t thread;
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	atomic_store(&l->users, 2);
	bool good = pthread_create(&thread, &attr, run, l) == 0;
	pthread_attr_destroy(&attr);
	if (!good)
		atomic_store(&l->users, 1);
	return good;
}

/* Waiting for a name is silence before anything was said: unreachable, not unknown. */
static enum err
by_name(struct task *t, struct lookup *l, const char *host)
{
	l->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->done_fd < 0)
		return task_fail(t, ERR_SYSTEM, T("look up %s: %s"), host, strerrordesc_np(errno));
	if (!start(l))
		return task_fail(t, ERR_SYSTEM, T("look up %s: no thread"), host);
	struct pollfd p = { .fd = l->done_fd, .events = POLLIN };
	bool first = t->code == OK;
	enum err e = task_wait(t, &p, 1, -1);
	if (e == ERR_TIMEOUT && first)
		task_forgive(t);
	if (e && e != ERR_TIMEOUT)
		return e;
	eventfd_t done;
	if (e || eventfd_read(l->done_fd, &done) != 0)
		return task_fail(
			t, ERR_UNREACHABLE, T("look up %s: no answer in the time given"), host);
	if (l->rc != 0)
		return task_fail(
			t, ERR_UNREACHABLE, T("look up %s: %s"), host, gai_strerror(l->rc));
	return OK;
}

enum err
lookup_all(struct task *t, const char *host, int port, int socktype, struct addrinfo **out)
{
	struct lookup *l = xalloc(sizeof *l);
	enum err e = OK;
	*out = NULL;
	l->host = xstrdup(host);
	l->done_fd = -1;
	snprintf(l->port, sizeof l->port, "%d", port);
	l->hints = (struct addrinfo){ .ai_family = AF_UNSPEC, .ai_socktype = socktype };
	atomic_store(&l->users, 1);
	struct addrinfo digits = l->hints;
	digits.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
	if (getaddrinfo(host, l->port, &digits, &l->found) != 0) {
		l->found = NULL;
		e = by_name(t, l, host);
	}
	if (e == OK) { /* the thread, if there was one, is done with it */
		*out = l->found;
		l->found = NULL;
	}
	leave(l);
	return e;
}

enum err
lookup_host(struct task *t, const char *host, int port, int socktype, struct sockaddr_storage *out,
	socklen_t *out_size)
{
	struct addrinfo *found;
	*out = (struct sockaddr_storage){ 0 };
	*out_size = 0;
	enum err e = lookup_all(t, host, port, socktype, &found);
	if (found && found->ai_addrlen <= sizeof *out) {
		memcpy(out, found->ai_addr, found->ai_addrlen);
		*out_size = found->ai_addrlen;
	} else if (e == OK) {
		e = task_fail(t, ERR_UNREACHABLE, T("look up %s: no address"), host);
	}
	if (found)
		freeaddrinfo(found);
	return e;
}
