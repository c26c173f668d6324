/* Any bytes as lines of a Sony PCS, one after the other as what it tells of its call wants them.
 * The call stays a claim with a terminated address, "up" only after its word, a command is one line
 * with two strokes. */
#include "adapters/sony_pcs.h"

#include "tests/fuzz/lines.h"

#include "base/str.h"

static struct sony_call call;

static void
one_line(struct arena *a, const char *raw)
{
	char *line = sony_clean(arena_strdup(a, raw)), command[256];
	enum tri was = call.up;
	bool mine = sony_hear(&call, line);
	fuzz_text(call.far_address, sizeof call.far_address);
	if (call.up != was && !mine)
		abort();
	if (call.up == YES && was != YES && !str_eq(line, "connect complete"))
		abort();
	sony_refusal(line);
	sony_power(line);
	if (!sony_dial_command(command, sizeof command, line))
		return;
	int strokes = 0;
	for (const char *p = command; *p; p++)
		strokes += *p == '/';
	if (strokes != 2 || strpbrk(command, "\r\n"))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	call = (struct sony_call){ 0 };
	return fuzz_lines(bytes, n, one_line);
}
