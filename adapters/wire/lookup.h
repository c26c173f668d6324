/* Names of hosts to addresses, within a task's deadline and cancel. */
#ifndef TD_WIRE_LOOKUP_H
#define TD_WIRE_LOOKUP_H

#include "base/task.h"

#include <netdb.h>
#include <sys/socket.h>

/* All addresses of the host; one written in digits is taken at once. The caller frees the list with
 * freeaddrinfo(); NULL with every error. ERR_UNREACHABLE name unknown or no answer (nothing was
 * said to anybody yet); ERR_CANCELED; ERR_SYSTEM. */
enum err lookup_all(
	struct task *t, const char *host, int port, int socktype, struct addrinfo **out);
/* The first address of the host, with the errors of lookup_all(). */
enum err lookup_host(struct task *t, const char *host, int port, int socktype,
	struct sockaddr_storage *out, socklen_t *out_size);

#endif
