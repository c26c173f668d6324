/* Bytes both ways, whatever carries them: what lines.c needs of ssh.c and telnet.c. */
#ifndef TD_WIRE_STREAM_H
#define TD_WIRE_STREAM_H

#include "base/task.h"

#include <stddef.h>

struct byte_stream {
	void *of; /* borrowed: the shell or the connection */
	/* Some bytes, at least one; waits at most at_most_ms (-1: until the deadline). *out_n 0
	 * with OK: nothing came within at_most_ms. ERR_GONE at the end of the stream. */
	enum err (*read)(struct task *t, void *of, void *into, size_t cap, int64_t at_most_ms,
		size_t *out_n);
	/* All of them. ERR_GONE: the other side closed. */
	enum err (*send)(struct task *t, void *of, const void *bytes, size_t n);
};

#endif
