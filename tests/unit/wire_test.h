/* A task for the tests of adapters/wire: an arena, a deadline from now, a cancel descriptor, a
 * trace. */
#ifndef TD_TEST_WIRE_H
#define TD_TEST_WIRE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/wire/trace.h"
#include "base/clock.h"
#include "base/task.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct fixture {
	struct task task;
	struct trace trace;
};

static inline struct task *
task_begin(struct fixture *f, int64_t ms)
{
	*f = (struct fixture){ 0 };
	f->task.arena = arena_new();
	f->task.cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	f->task.deadline = clock_mono() + ms;
	f->task.trace = &f->trace;
	return &f->task;
}

static inline void
task_end(struct fixture *f)
{
	close(f->task.cancel_fd);
	trace_free(&f->trace);
	arena_free(f->task.arena);
}

static inline void *
cancel_soon(void *fd)
{
	uint64_t one = 1;
	usleep(100 * 1000);
	assert_int_equal(write(*(int *)fd, &one, sizeof one), sizeof one);
	return NULL;
}

#define assert_has(text, part) \
	do { \
		if (!strstr((text), (part))) \
			fail_msg("\"%s\" is not in \"%s\"", (part), (text)); \
	} while (0)
#define assert_lacks(text, part) assert_null(strstr((text), (part)))

#endif
