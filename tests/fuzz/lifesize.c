/* Any bytes as lines of a LifeSize command line, through every function that recognises one. What
 * comes out is bounded and terminated; a line that is taken for a call has a number; a code has a
 * class; a command is one line. */
#include "adapters/lifesize.h"

#include "tests/fuzz/lines.h"

static void
one_line(struct arena *a, const char *raw)
{
	char *line = lifesize_clean(arena_strdup(a, raw));
	struct lifesize_call call;
	char word[40], command[256];
	int code;
	int64_t s;
	static const char delimiters[] = { ',', '|' };
	if (lifesize_parse_verdict(line, &code) &&
		(code < 0 || code > 255 || !lifesize_error(code)[0] ||
			(code == 0) != (lifesize_class(code) == OK)))
		abort();
	for (int d = 0; d < 2; d++) {
		if (lifesize_parse_call(line, delimiters[d], &call) && call.id < 0)
			abort();
		fuzz_text(call.remote, sizeof call.remote);
		for (int n = 0; lifesize_column(line, delimiters[d], n, word, sizeof word); n++)
			fuzz_text(word, sizeof word);
	}
	struct past_call past;
	if (lifesize_parse_past(line, &s, &past) && (s < 0 || past.duration_s.v < 0))
		abort();
	fuzz_text(past.far_address, sizeof past.far_address);
	fuzz_text(past.ending.device_words, sizeof past.ending.device_words);
	if (lifesize_parse_uptime(line, &s) && s < 0)
		abort();
	lifesize_unasked(line);
	lifesize_on(line);
	if (lifesize_dial_command(command, sizeof command, line) && strpbrk(command, "\r\n\""))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	return fuzz_lines(bytes, n, one_line);
}
