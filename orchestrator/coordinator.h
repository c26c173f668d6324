/* The daemon: one thread that owns all live state. Runs begin when the plan says so, or a person;
 * every event is a row before it counts, every order a row before it leaves. */
#ifndef TD_COORDINATOR_H
#define TD_COORDINATOR_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct coordinator;

/* Reads the workspace, takes the journal's lock, listens on the control socket, rebuilds runs that
 * were under way. ERR_BUSY:
 * another process has the workspace. ERR_INPUT: the workspace cannot be used. Blocks SIGTERM and
 * SIGINT: before threads. */
enum err coordinator_open(const char *dir, struct coordinator **out, struct err_text *e);
/* Serves until SIGTERM or SIGINT. ERR_SYSTEM: the journal could not be written, the process must
 * end. */
enum err coordinator_serve(struct coordinator *c, struct err_text *e);
/* Begins the run that a key or a UID means, and serves until it has ended. again: although it began
 * before.
 * *out_good: every site is good. report: where it is (at most n bytes). */
enum err coordinator_run(struct coordinator *c, const char *key, bool again, bool *out_good,
	char *report, size_t n, struct err_text *e);
/* Asks a device, or all of them (""), who they are, without a daemon; rows as with one. out: one
 * line of JSON, as the daemon answers "probe". Interrupted runs are left as they are. ERR_BUSY: a
 * daemon has the workspace. */
enum err coordinator_probe(
	const char *dir, const char *device, struct buf *out, struct err_text *e);
void coordinator_close(struct coordinator *c); /* NULL is fine */

#endif
