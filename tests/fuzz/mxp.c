/* Any bytes as lines of a Tandberg MXP, one after the other as the cursor of its call wants them.
 * What comes out is bounded and terminated, also out of a document; figures are not negative, the
 * cursor stays inside, a command is one line. */
#include "adapters/tandberg_mxp.h"

#include "tests/fuzz/lines.h"

#include "adapters/wire/xml.h"
#include "base/str.h"

static struct mxp_calls calls;
static struct mxp_unit unit;

static void
one_line(struct arena *a, const char *raw)
{
	char *line = str_trim(arena_strdup(a, raw)), command[256];
	mxp_read_call(&calls, line);
	mxp_read_unit(&unit, line);
	if (calls.n > MXP_CALLS_MOST ||
		(calls.at && (calls.at < calls.call || calls.at >= calls.call + calls.n)))
		abort();
	mxp_muted(line);
	mxp_refusal(line);
	if (mxp_dial_command(command, sizeof command, line, 768) && strpbrk(command, "\r\n\""))
		abort();
}

static void
walked(void *of, const char *line)
{
	if (strpbrk(line, "\n") && !strchr(line, ':'))
		abort();
	one_line(of, line);
}

/* The same bytes as a document. */
static void
one_document(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct err_text why = { 0 };
	struct xml *root;
	if (xml_parse(a, (const char *)bytes, n, 0, &root, &why) == OK)
		mxp_walk(root, walked, a);
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	calls = (struct mxp_calls){ .direction = -1, .medium = -1 };
	unit = (struct mxp_unit){ 0 };
	fuzz_lines(bytes, n, one_line);
	one_document(bytes, n);
	for (size_t i = 0; i < calls.n; i++) {
		const struct mxp_call *c = &calls.call[i];
		fuzz_text(c->number, sizeof c->number);
		for (int m = 0; m < MEDIA_N; m++)
			for (int d = 0; d < DIRECTIONS_N; d++) {
				const struct stream *s = &c->media.s[m][d];
				fuzz_text(s->codec, sizeof s->codec);
				if (s->packets.v < 0 || s->lost.v < 0 || s->kbps.v < 0 ||
					s->jitter_ms.v < 0)
					abort();
			}
	}
	mxp_main_call(&calls);
	fuzz_text(unit.who.model, sizeof unit.who.model);
	fuzz_text(unit.who.software, sizeof unit.who.software);
	fuzz_text(unit.who.serial, sizeof unit.who.serial);
	return 0;
}
