/* Any bytes as lines of a Polycom command line, through every function that recognises one. What
 * comes out is bounded and terminated, and a line that is taken for a call has a number, or none,
 * but never half a name. */
#include "adapters/poly_cli.h"

#include "tests/fuzz/lines.h"

static void
one_line(struct arena *a, const char *raw)
{
	char *line = poly_clean(arena_strdup(a, raw));
	struct poly_call call;
	struct media_sample sample = { 0 };
	struct identity who = { 0 };
	char command[256];
	int64_t s = 0;
	int step = 0;
	if (poly_parse_callinfo(line, &call)) {
		fuzz_text(call.name, sizeof call.name);
		fuzz_text(call.number, sizeof call.number);
		if (call.id < 0 || call.kbps < 0)
			abort();
	}
	poly_parse_netstats(line, &sample);
	for (int m = 0; m < MEDIA_N; m++)
		for (int d = 0; d < DIRECTIONS_N; d++)
			if (sample.s[m][d].kbps.v < 0 || sample.s[m][d].lost.v < 0)
				abort();
	if (poly_parse_uptime(line, &s, &step) && (s < 0 || step <= 0))
		abort();
	poly_parse_intro(line, &who);
	fuzz_text(who.model, sizeof who.model);
	fuzz_text(who.serial, sizeof who.serial);
	fuzz_text(who.software, sizeof who.software);
	poly_refusal(line);
	if (poly_dial_command(command, sizeof command, line, 0) && strpbrk(command, "\r\n"))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	return fuzz_lines(bytes, n, one_line);
}
