/* Names of hosts to addresses, within a task's deadline and cancel. */
#ifndef TD_WIRE_LOOKUP_H
#define TD_WIRE_LOOKUP_H

#include "base/task.h"

#include <sys/socket.h>

/* The first address of the host; an address written in digits is taken at once. socktype:
 * SOCK_DGRAM. ERR_UNREACHABLE name unknown or no answer; ERR_CANCELED; ERR_SYSTEM. */
enum err lookup_host(struct task *t, const char *host, int port, int socktype,
	struct sockaddr_storage *out, socklen_t *out_size);

#endif
