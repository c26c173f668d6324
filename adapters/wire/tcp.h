/* A TCP connection for the line protocols (HTTP has its own in libcurl). */
#ifndef TD_WIRE_TCP_H
#define TD_WIRE_TCP_H

#include "base/task.h"

/* Connects, at most 10 s per address and until the task's deadline; *out is non-blocking,
 * close-on-exec, with TCP_NODELAY and keep-alive, and belongs to the caller: close().
 * ERR_UNREACHABLE (also when the time ran out: nothing was said yet), ERR_CANCELED, ERR_SYSTEM.
 * Names are looked up in a thread of their own, so that a silent name server cannot hold the worker
 * beyond its deadline or a cancel. */
enum err tcp_connect(struct task *t, const char *host, int port, int *out);

#endif
