/* A telnet connection (RFC 854, 855) to a command-line device: a byte stream without any option.
 * The login is the device's own dialogue and therefore the adapter's; passwords go in the clear. */
#ifndef TD_WIRE_TELNET_H
#define TD_WIRE_TELNET_H

#include "adapters/wire/stream.h"
#include "base/task.h"

#include <stddef.h>

struct telnet;

/* ERR_UNREACHABLE, ERR_CANCELED, ERR_SYSTEM. port 0 = 23. */
enum err telnet_open(struct task *t, const char *host, int port, struct telnet **out);
/* 0xFF is doubled; line ends go as they are. ERR_GONE: the other side closed. */
enum err telnet_send(struct task *t, struct telnet *tn, const void *bytes, size_t n);
/* Some bytes without any negotiation, at least one; waits at most at_most_ms (-1: until the
 * deadline). *out_n 0 with OK: nothing came within at_most_ms. ERR_GONE at end of stream;
 * ERR_PROTOCOL: it negotiates without end. */
enum err telnet_read(struct task *t, struct telnet *tn, void *into, size_t cap, int64_t at_most_ms,
	size_t *out_n);
/* For struct lines; tn stays the caller's. */
struct byte_stream telnet_stream(struct telnet *tn);
void telnet_close(struct telnet *tn); /* NULL is fine */

#endif
