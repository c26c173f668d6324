/* Lanes: one per device, its tasks one at a time (or `width` at a time, each in a slot with its own
 * session). A lane opens the device's session on the first task and keeps it across tasks; closes
 * it on error, after idleness and at the end.
 * A refused login, bad certificate or changed host key is final: later tasks are answered ERR_AUTH
 * without contacting the device, until lanes_pardon(). Coordinator thread only, but for the jobs
 * inside. */
#ifndef TD_LANE_H
#define TD_LANE_H

#include "mailbox.h"
#include "order.h"
#include "pool.h"

struct lanes;

/* Answers go to the mailbox as struct answer *. idle_ms: real time after which an unused session is
 * closed. */
struct lanes *lanes_new(struct pool *pool, struct mailbox *answers, int idle_ms);
/* Looks adapters up in these NULL-terminated lists instead of adapters/table.c (either may be NULL
 * = the table).
 * Call before lanes_device(). */
void lanes_adapters(struct lanes *l, const struct mcu_adapter *const *mcus,
	const struct endpoint_adapter *const *endpoints);
/* Makes a device known (copied) or replaces its configuration; borrowed strings must outlive the
 * lanes. */
void lanes_device(struct lanes *l, const struct device *d);
bool lanes_has(const struct lanes *l, const char *device);
/* Queues a copy of the order. Urgent ones go before the others of that lane. An unknown device
 * answers ERR_INPUT. */
void lanes_submit(struct lanes *l, const struct order *o);
/* To be called with each answer the mailbox gave, before it is used: frees the lane's slot and
 * starts its next task. */
void lanes_answered(struct lanes *l, const struct answer *a);
/* What the device posted to us: every session of it gets a copy before its next order (a codec's:
 * before its next VERB_STATUS); without one, the next session does. */
void lanes_push(struct lanes *l, const char *device, const char *bytes, size_t n);
/* Cancels running and drops queued tasks of a run (all of them: NULL); dropped ones are answered
 * ERR_CANCELED. */
void lanes_cancel(struct lanes *l, const char *run);
/* Why the device is refused for good: NULL if it is not. word: "login-refused" "bad-certificate"
 * "host-key-changed". */
const char *lanes_refused(const struct lanes *l, const char *device, const char **word);
/* Marks it so at start (remembered from before), or lifts it (a person acted). */
void lanes_refuse(struct lanes *l, const char *device, const char *word, const char *why);
void lanes_pardon(struct lanes *l, const char *device);
/* Closes idle sessions and goes on where a login or a logout has ended (mailbox_wake() tells);
 * returns real ms until it wants to be called again. */
int lanes_tick(struct lanes *l, int64_t mono_now);
size_t lanes_running(const struct lanes *l);
/* Cancels, waits, closes every session. Answers not yet taken stay in the mailbox. */
void lanes_free(struct lanes *l);

#endif
