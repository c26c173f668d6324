/* TCP connections for ssh.c. Never blocks but in task_wait(). Names become addresses in lookup.c.
 * Owns the socket until it is connected. Must never: try another host, or say anything on the
 * connection. */
#include "adapters/wire/tcp.h"

#include "adapters/wire/lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_MS = 10000, ADDRESSES_MOST = 8 };

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
			       ? task_fail(t, ERR_SYSTEM, T("no more sockets"))
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
	return task_fail(t, ERR_UNREACHABLE, T("connect %s port %d: %s"), host, port,
		why == ETIMEDOUT ? "no connection in the time given" : strerrordesc_np(why));
}

enum err
tcp_connect(struct task *t, const char *host, int port, int *out)
{
	struct addrinfo *found;
	*out = -1;
	enum err rc = lookup_all(t, host, port, SOCK_STREAM, &found);
	if (rc == OK)
		rc = connect_any(t, found, host, port, out);
	if (found)
		freeaddrinfo(found);
	return rc;
}
