/* Any bytes as lines of a Yealink VC, through every function that recognises one. What comes out is
 * bounded and terminated, figures are not negative, a command is one line with its quotes in
 * pairs. */
#include "adapters/yealink_vc.h"

#include "tests/fuzz/lines.h"

static void
one_line(struct arena *a, const char *line)
{
	struct yealink_status s;
	struct identity who;
	struct yealink_call call;
	char command[256];
	if (yealink_read_status(line, &s))
		fuzz_text(s.far_address, sizeof s.far_address);
	if (yealink_read_version(line, &who)) {
		fuzz_text(who.model, sizeof who.model);
		fuzz_text(who.software, sizeof who.software);
	}
	yealink_read_callinfo(line, &call);
	fuzz_text(call.far_address, sizeof call.far_address);
	fuzz_text(call.id, sizeof call.id);
	for (int i = 0; i < MEDIA_N; i++)
		for (int d = 0; d < DIRECTIONS_N; d++) {
			const struct stream *x = &call.media.s[i][d];
			fuzz_text(x->codec, sizeof x->codec);
			if (x->kbps.v < 0 || x->fps.v < 0 || x->lost.v < 0 || x->jitter_ms.v < 0 ||
				x->loss_permille.v < 0)
				abort();
		}
	yealink_switch(line, "mute near get");
	yealink_refusal(line);
	if (!yealink_dial_command(command, sizeof command, line, 0))
		return;
	int quotes = 0;
	for (const char *p = command; *p; p++)
		quotes += *p == '"';
	if (quotes != 4 || strpbrk(command, "\r\n"))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	return fuzz_lines(bytes, n, one_line);
}
