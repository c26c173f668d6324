/* One piece of work of a worker: its first error, and the only place where it sleeps.
 *
 * Called by adapters and adapters/wire. The task and its arena belong to the pool. Deadlines are
 * real and absolute, so a peer that drips one byte at a time gains nothing. It must never consume
 * what makes cancel_fd readable: every later wait of the same task has to see it again. */
#include "base/task.h"

#include "base/clock.h"
#include "base/str.h"
#include "base/utf8.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEW = 16 };

static enum err fail(struct task *t, enum err code, const char *word, const char *fmt, va_list ap)
	__attribute__((format(printf, 4, 0)));

static enum err
fail(struct task *t, enum err code, const char *word, const char *fmt, va_list ap)
{
	if (!t || t->code != OK || code == OK)
		return code;
	/* The arguments may point into t->why; room to see whether a last letter is whole. */
	char why[sizeof t->why + 4];
	vsnprintf(why, sizeof why, fmt, ap);
	str_copy(t->why, sizeof t->why, why);
	utf8_mend(t->why);
	t->code = code;
	t->word = word;
	return code;
}

enum err
task_fail(struct task *t, enum err code, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fail(t, code, NULL, fmt, ap);
	va_end(ap);
	return code;
}

enum err
task_fail_as(struct task *t, enum err code, const char *word, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fail(t, code, word, fmt, ap);
	va_end(ap);
	return code;
}

void
task_forgive(struct task *t)
{
	t->code = OK;
	t->word = NULL;
	t->why[0] = '\0';
}

enum err
task_room(struct task *t)
{
	if (arena_used(t->arena) < TASK_BYTES_MOST)
		return OK;
	return task_fail(
		t, ERR_PROTOCOL, "more than %d MiB were told, and no end", TASK_BYTES_MOST >> 20);
}

int64_t
task_left(const struct task *t)
{
	int64_t now = clock_mono();
	return t->deadline > now ? t->deadline - now : 0;
}

bool
task_canceled(const struct task *t)
{
	struct pollfd p = { .fd = t->cancel_fd, .events = POLLIN };
	return t->cancel_fd >= 0 && poll(&p, 1, 0) == 1;
}

/* The loop of task_wait(): `all` is the caller's n descriptors and the cancel descriptor behind
 * them. */
static enum err
wait_all(struct task *t, struct pollfd *all, int n, int64_t at_most_ms)
{
	int64_t now = clock_mono();
	int64_t until = t->deadline;
	if (at_most_ms >= 0 && at_most_ms < until - now)
		until = now + at_most_ms;
	for (;;) {
		int64_t left = until > now ? until - now : 0;
		/* At the deadline one look remains, for the cancel descriptor only. */
		bool late = now >= t->deadline;
		int timeout = late ? 0 : left > INT_MAX ? INT_MAX : (int)left;
		int ready = poll(all, (nfds_t)n + 1, timeout);
		if (ready < 0 && errno != EINTR)
			return task_fail(t, ERR_SYSTEM, "wait: %s", strerrordesc_np(errno));
		if (ready > 0 && all[n].revents)
			return task_fail(t, ERR_CANCELED, "canceled");
		if (late)
			return task_fail(t, ERR_TIMEOUT, "no answer in the time given");
		if (ready > 0)
			return OK;
		now = clock_mono();
		if (ready == 0 && now >= until && until < t->deadline)
			return OK;
	}
}

enum err
task_wait(struct task *t, struct pollfd *fds, int n, int64_t at_most_ms)
{
	struct pollfd few[FEW] = { 0 };
	struct pollfd *all = n < FEW ? few : xalloc(((size_t)n + 1) * sizeof *all);
	for (int i = 0; i < n; i++)
		all[i] = (struct pollfd){ .fd = fds[i].fd, .events = fds[i].events };
	all[n] = (struct pollfd){ .fd = t->cancel_fd, .events = POLLIN };
	enum err code = wait_all(t, all, n, at_most_ms);
	for (int i = 0; i < n; i++)
		fds[i].revents = code == OK ? all[i].revents : 0;
	if (all != few)
		free(all);
	return code;
}

enum err
task_sleep(struct task *t, int64_t ms)
{
	return task_wait(t, NULL, 0, ms > 0 ? ms : 0);
}
