/* Any bytes as what a WebSocket server sends: frames lie inside what was given and within the
 * limit, and a frame that was cut is asked for again, never taken. The first four bytes are also a
 * mask for the rest: what we write can be read. */
#include "adapters/wire/ws.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { MOST = 4096 };

static void
read_frames(const char *at, size_t n)
{
	while (n > 0) {
		struct ws_frame f, again;
		size_t used, less;
		const char *why;
		enum ws_taken taken = ws_take(at, n, MOST, &f, &used, &why);
		if ((taken == WS_GARBAGE) != (*why != '\0'))
			abort();
		if (taken != WS_WHOLE)
			return;
		if (used > n || used < 2 || f.n > MOST || f.payload < at ||
			f.payload + f.n != at + used)
			abort();
		if (ws_take(at, used - 1, MOST, &again, &less, &why) != WS_PART)
			abort();
		at += used;
		n -= used;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	read_frames((const char *)bytes, n);
	if (n < 4)
		return 0;
	struct buf b = { 0 };
	ws_put(&b, WS_TEXT, bytes, bytes + 4, n - 4);
	size_t head = b.n - (n - 4);
	for (size_t i = head; i < b.n; i++)
		if (((uint8_t)b.at[i] ^ bytes[(i - head) % 4]) != bytes[4 + i - head])
			abort();
	buf_free(&b);
	return 0;
}
