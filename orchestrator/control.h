/* The local socket between daemon and command line: one JSON object per line each way. The daemon
 * side runs in the coordinator's poll loop and never blocks; the client side is blocking with a
 * deadline.
 * Request {"verb":"status","args":["..."],"user":"..."}; answer {"code":"ok","text":"...", ...}, or
 * a stream of snapshots for "watch" until the client leaves. Socket mode 0660 in the state folder;
 * the peer's uid (SO_PEERCRED) is kept. */
#ifndef TD_CONTROL_H
#define TD_CONTROL_H

#include "base/buf.h"
#include "base/err.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct control;
struct control_client; /* one connection at the daemon */

/* Daemon side. ERR_BUSY: a live daemon already listens. A stale socket is removed. */
enum err control_listen(const char *path, struct control **out, struct err_text *e);
void control_close(struct control *c);
/* Fills descriptors to poll (at most max), returns how many. */
int control_fds(struct control *c, struct pollfd *fds, int max);
/* Handles what poll said; calls fn for each whole request line (bounded 64 KiB; more closes the
 * client). */
void control_ready(struct control *c, const struct pollfd *fds, int n,
	void (*fn)(struct control_client *, const char *line, void *), void *arg);
/* One line back (newline added). Bounded queue; a client that does not read is dropped. */
void control_answer(struct control_client *c, const char *line);
/* Keeps the connection for control_broadcast() (watchers); channel is a run id or "". */
void control_subscribe(struct control_client *c, const char *channel);
void control_broadcast(struct control *c, const char *channel, const char *line);
bool control_watched(const struct control *c, const char *channel);
/* Real uid of the peer and its user name (or the number as text). */
const char *control_peer(const struct control_client *c);

/* A number that is never used twice, to find a client again that may have left meanwhile (then
 * NULL). */
uint64_t control_number(const struct control_client *c);
struct control_client *control_find(struct control *c, uint64_t number);

/* Client side. ERR_UNREACHABLE: no daemon. */
struct control_call;
enum err control_connect(const char *path, struct control_call **out, struct err_text *e);
enum err control_send(struct control_call *c, const char *line, struct err_text *e);
/* Next line, at most ms real; ERR_TIMEOUT, ERR_GONE. Valid until the next call. */
enum err control_receive(struct control_call *c, int ms, const char **out, struct err_text *e);
void control_hangup(struct control_call *c);

#endif
