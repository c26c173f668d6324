/* TCP connections for ssh.c. Never blocks but in task_wait().
 * getaddrinfo() has no deadline and cannot be stopped: numeric hosts go through it at once (no
 * I/O), names in a detached thread that shares one small block with the waiting worker. Whoever
 * lets go last frees the block, so a cancelled worker leaves at once and the thread ends by itself
 * when the resolver gives up. Owns the socket until it is connected. Must never: try another host,
 * or say anything on the connection. */
#include "adapters/wire/tcp.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_MS = 10000, ADDRESSES_MOST = 8 };

struct lookup {
	char *host;
	char port[8];
	int done_fd; /* readable when rc and found are set */
	int rc;
	struct addrinfo *found;
	atomic_int users;
};

static const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };

static void
lookup_leave(struct lookup *l)
{
	if (atomic_fetch_sub(&l->users, 1) > 1)
		return;
	if (l->found)
		freeaddrinfo(l->found);
	close(l->done_fd);
	free(l->host);
	free(l);
}

static void *
lookup_run(void *of)
{
	struct lookup *l = of;
	l->rc = getaddrinfo(l->host, l->port, &hints, &l->found);
	uint64_t one = 1;
	ssize_t ignored = write(l->done_fd, &one, sizeof one);
	(void)ignored;
	lookup_leave(l);
	return NULL;
}

/* Starts the thread. On failure only the caller's own share is left. */
static bool
lookup_start(struct lookup *l)
{
	pthread_t thread;
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	atomic_store(&l->users, 2);
	bool good = pthread_create(&thread, &attr, lookup_run, l) == 0;
	pthread_attr_destroy(&attr);
	if (!good)
		atomic_store(&l->users, 1);
	return good;
}

/* Waiting for a connection is silence before anything was said: unreachable, not unknown. */
static enum err
wait_for(struct task *t, int fd, short events, int64_t ms, bool *out_ready)
{
	struct pollfd p = { .fd = fd, .events = events };
	bool first = t->code == OK;
	enum err rc = task_wait(t, &p, 1, ms);
	*out_ready = rc == OK && p.revents != 0;
	if (rc != ERR_TIMEOUT)
		return rc;
	if (first)
		task_forgive(t);
	return OK;
}

static enum err
resolve_name(struct task *t, struct lookup *l, const char *host)
{
	bool ready;
	l->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->done_fd < 0)
		return task_fail(t, ERR_SYSTEM, "look up %s: %s", host, strerrordesc_np(errno));
	if (!lookup_start(l))
		return task_fail(t, ERR_SYSTEM, "look up %s: no thread", host);
	enum err rc = wait_for(t, l->done_fd, POLLIN, -1, &ready);
	if (rc != OK)
		return rc;
	uint64_t done;
	if (!ready || read(l->done_fd, &done, sizeof done) != sizeof done)
		return task_fail(
			t, ERR_UNREACHABLE, "look up %s: no answer in the time given", host);
	if (l->rc != 0)
		return task_fail(t, ERR_UNREACHABLE, "look up %s: %s", host, gai_strerror(l->rc));
	return OK;
}

static int
open_socket(const struct addrinfo *to)
{
	int yes = 1, idle = 30;
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	/* Before the SSH handshake: Nagle and delayed answers make it three times as long. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &idle, sizeof idle);
	return fd;
}

/* *out -1 with OK: this address did not answer, *out_errno says how (ETIMEDOUT: silence). */
static enum err
connect_one(struct task *t, const struct addrinfo *to, int *out, int *out_errno)
{
	*out = -1;
	int fd = open_socket(to);
	if (fd < 0) {
		*out_errno = errno;
		return errno == EMFILE || errno == ENFILE
			       ? task_fail(t, ERR_SYSTEM, "no more sockets")
			       : OK;
	}
	*out_errno = 0;
	if (connect(fd, to->ai_addr, to->ai_addrlen) < 0)
		*out_errno = errno;
	if (*out_errno == EINPROGRESS) {
		bool ready;
		socklen_t size = sizeof *out_errno;
		enum err rc = wait_for(t, fd, POLLOUT, CONNECT_MS, &ready);
		if (rc != OK) {
			close(fd);
			return rc;
		}
		if (!ready)
			*out_errno = ETIMEDOUT;
		else
			getsockopt(fd, SOL_SOCKET, SO_ERROR, out_errno, &size);
	}
	if (*out_errno == 0)
		*out = fd;
	else
		close(fd);
	return OK;
}

static enum err
connect_any(struct task *t, const struct addrinfo *list, const char *host, int port, int *out)
{
	int why = EHOSTUNREACH, tried = 0;
	for (; list && tried < ADDRESSES_MOST; list = list->ai_next, tried++) {
		enum err rc = connect_one(t, list, out, &why);
		if (rc != OK || *out >= 0)
			return rc;
		if (task_left(t) == 0)
			break;
	}
	return task_fail(t, ERR_UNREACHABLE, "connect %s port %d: %s", host, port,
		why == ETIMEDOUT ? "no connection in the time given" : strerrordesc_np(why));
}

enum err
tcp_connect(struct task *t, const char *host, int port, int *out)
{
	struct lookup *l = xalloc(sizeof *l);
	struct addrinfo numeric = hints;
	enum err rc = OK;
	*out = -1;
	l->host = xstrdup(host);
	l->done_fd = -1;
	snprintf(l->port, sizeof l->port, "%d", port);
	atomic_store(&l->users, 1);
	numeric.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
	if (getaddrinfo(host, l->port, &numeric, &l->found) != 0) {
		l->found = NULL;
		rc = resolve_name(t, l, host);
	}
	if (rc == OK)
		rc = connect_any(t, l->found, host, port, out);
	lookup_leave(l);
	return rc;
}
