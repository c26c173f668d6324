/* Datagrams to one device: a socket that takes answers from that device only. */
#ifndef TD_WIRE_UDP_H
#define TD_WIRE_UDP_H

#include "base/task.h"

#include <stddef.h>

struct udp {
	int fd;
	char local_host[64]; /* our end, as the device may answer to it; an IPv6 address in brackets
			      */
	int local_port;
};

/* ERR_UNREACHABLE name unknown, no route; ERR_CANCELED; ERR_SYSTEM. No I/O to the device. */
enum err udp_open(struct task *t, const char *host, int port, struct udp *out);
/* One datagram. ERR_UNREACHABLE: the device's host says that nobody listens, or there is no way to
 * it. */
enum err udp_send(struct task *t, struct udp *u, const void *bytes, size_t n);
/* One datagram, cut at cap; waits at most at_most_ms (-1: until the deadline). *out_n 0 with OK:
 * none came. ERR_UNREACHABLE as above; ERR_TIMEOUT the task's deadline; ERR_CANCELED. */
enum err udp_read(
	struct task *t, struct udp *u, void *into, size_t cap, int64_t at_most_ms, size_t *out_n);
void udp_close(struct udp *u); /* never opened is fine */

/* The name of our end of a connected socket. */
void udp_local(int fd, char *out_host, size_t size, int *out_port);

#endif
