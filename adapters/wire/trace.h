/* What went over the wire of one device, redacted: for `trace`, for talks, and kept when an answer
 * was not understood. Bytes of secrets that were registered never reach it. */
#ifndef TD_WIRE_TRACE_H
#define TD_WIRE_TRACE_H

#include "base/buf.h"

#include "base/arena.h"

#include <stddef.h>

struct trace {
	/* "> " sent, "< " received, one line each, control bytes and the backslash as \xNN, line
	 * ends not shown; "# " are remarks. The newest 256 KiB are kept, of one message the first
	 * 48 KiB. */
	struct buf out;
	/* Replaced by ***: raw, XML-, JSON-, URL-escaped and base64 forms. Copies; the newest
	 * eight. */
	const char *secrets[8];
	size_t secrets_n;
};

/* NULL trace, NULL and "" are fine. */
void trace_secret(struct trace *t, const char *secret);
/* A whole message: a secret cut in two by a call boundary is not seen. direction '>' or '<'; NULL
 * trace is fine. */
void trace_bytes(struct trace *t, char direction, const void *bytes, size_t n);
void trace_free(struct trace *t);

/* A device's words for a sentence that people and journals see, without the secret in any of those
 * forms. On the arena, or `text` itself when it is not in there. */
const char *trace_without(struct arena *a, const char *secret, const char *text);

#endif
