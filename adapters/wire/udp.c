/* Datagrams to one device, for probe.c.
 *
 * The socket is connected: what others send is dropped by the kernel, and "nobody listens there"
 * (ICMP) comes back as an error. Owns the socket. Must never block but in task_wait(), or send
 * again by itself: that is the protocol's. */
#include "adapters/wire/udp.h"

#include "adapters/wire/lookup.h"
#include "adapters/wire/trace.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void
udp_local(int fd, char *out_host, size_t size, int *out_port)
{
	struct sockaddr_storage at;
	socklen_t n = sizeof at;
	char host[64] = "", port[8] = "0";
	if (getsockname(fd, (struct sockaddr *)&at, &n) == 0)
		getnameinfo((struct sockaddr *)&at, n, host, sizeof host, port, sizeof port,
			NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(out_host, size, strchr(host, ':') ? "[%s]" : "%s", host);
	*out_port = (int)strtol(port, NULL, 10);
}

enum err
udp_open(struct task *t, const char *host, int port, struct udp *out)
{
	struct sockaddr_storage to;
	socklen_t size;
	*out = (struct udp){ .fd = -1 };
	enum err e = lookup_host(t, host, port, SOCK_DGRAM, &to, &size);
	if (e)
		return e;
	int fd = socket(to.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return task_fail(t, ERR_SYSTEM, T("ask %s port %d: no socket: %s"), host, port,
			strerrordesc_np(errno));
	if (connect(fd, (struct sockaddr *)&to, size) < 0) {
		int why = errno;
		close(fd);
		return task_fail(t, ERR_UNREACHABLE, T("ask %s port %d: %s"), host, port,
			strerrordesc_np(why));
	}
	out->fd = fd;
	udp_local(fd, out->local_host, sizeof out->local_host, &out->local_port);
	return OK;
}

static enum err
no_way(struct task *t, int why)
{
	return task_fail(t, ERR_UNREACHABLE, T("datagram: %s"), strerrordesc_np(why));
}

enum err
udp_send(struct task *t, struct udp *u, const void *bytes, size_t n)
{
	for (;;) {
		if (send(u->fd, bytes, n, MSG_NOSIGNAL) >= 0) {
			trace_bytes(t->trace, '>', bytes, n);
			return OK;
		}
		struct pollfd p = { .fd = u->fd, .events = POLLOUT };
		if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS)
			return no_way(t, errno);
		enum err e = errno == ENOBUFS ? task_sleep(t, 10) : task_wait(t, &p, 1, -1);
		if (e)
			return e;
	}
}

enum err
udp_read(struct task *t, struct udp *u, void *into, size_t cap, int64_t at_most_ms, size_t *out_n)
{
	struct pollfd p = { .fd = u->fd, .events = POLLIN };
	*out_n = 0;
	enum err e = task_wait(t, &p, 1, at_most_ms);
	if (e || !p.revents)
		return e;
	ssize_t n = recv(u->fd, into, cap, 0);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? OK : no_way(t, errno);
	trace_bytes(t->trace, '<', into, (size_t)n);
	*out_n = (size_t)n;
	return OK;
}

void
udp_close(struct udp *u)
{
	if (u->fd >= 0)
		close(u->fd);
	u->fd = -1;
}
