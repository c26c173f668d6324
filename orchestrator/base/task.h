/* One piece of work on a worker thread: memory, a real deadline, a way to be cancelled, and the
 * first error. task_wait() is the only place where a worker sleeps. */
#ifndef TD_BASE_TASK_H
#define TD_BASE_TASK_H

#include "base/arena.h"
#include "base/err.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

struct trace; /* adapters/wire/trace.h */

struct task {
	struct arena *arena;  /* lives as long as the task and its answer */
	int cancel_fd;        /* eventfd, readable = cancelled; -1 = cannot be cancelled */
	int64_t deadline;     /* clock_mono() ms */
	enum err code;        /* the first error */
	const char *word;     /* its machine word for reports ("bad-certificate"), or NULL */
	char why[480];        /* its sentence */
	struct trace *trace;  /* NULL = off */
};

/* Records the first error; later ones are ignored. Returns the code given. */
enum err task_fail(struct task *t, enum err code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same with a machine word that reports use as sub-reason. */
enum err task_fail_as(struct task *t, enum err code, const char *word, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Forgets the recorded error: for an adapter that has a second way. */
void task_forgive(struct task *t);
/* Waits for any of the descriptors, at most at_most_ms (-1 = until the deadline). OK: one is ready
 * (revents set) or at_most_ms passed; ERR_CANCELED; ERR_TIMEOUT: the deadline passed. The two
 * errors are recorded in the task. */
enum err task_wait(struct task *t, struct pollfd *fds, int n, int64_t at_most_ms);
/* Real milliseconds; same errors. */
enum err task_sleep(struct task *t, int64_t ms);
/* Asked by whoever is about to take in more of what a peer says: lists without end must not take
 * the memory of all. ERR_PROTOCOL, recorded: the task's arena holds TASK_BYTES_MOST by now. */
enum { TASK_BYTES_MOST = 256 << 20 };
enum err task_room(struct task *t);
bool task_canceled(const struct task *t);
int64_t task_left(const struct task *t); /* real ms to the deadline, >= 0 */

#endif
