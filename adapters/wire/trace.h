/* What went over the wire of one device, redacted: for `trace`, for talks, and kept when an answer was not
 * understood. Bytes of secrets that were registered never reach it. */
#ifndef TD_WIRE_TRACE_H
#define TD_WIRE_TRACE_H

#include "base/buf.h"

#include <stddef.h>

struct trace {
	struct buf out;         /* "> " sent, "< " received, one line each, control bytes as \xNN; capped at 256 KiB */
	const char *secrets[8]; /* replaced by ***: raw, XML-escaped, URL-escaped and base64 forms as well */
	size_t secrets_n;
};

void trace_secret(struct trace *t, const char *secret);
/* direction '>' or '<'; NULL trace is fine. */
void trace_bytes(struct trace *t, char direction, const void *bytes, size_t n);
void trace_free(struct trace *t);

#endif
