/* Any text as an operator's answer and as a pasted list of participants. Legs are valid text within
 * their bounds, one per line at most, none without a name; an end has a cause; what was said beyond
 * yes and no is valid text. */
#include "adapters/manual.h"

#include "tests/fuzz/text.h"

static size_t
lines_of(const char *text)
{
	size_t n = 1;
	for (; *text; text++)
		n += *text == '\n' || *text == '\r';
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	const char *text = utf8_repair(a, (const char *)bytes, n), *words;
	struct roster r;
	enum tri said = manual_verdict(a, text, &words);
	if (said > YES || !words || !utf8_valid(words, strlen(words)))
		abort();
	manual_roster(a, text, &r);
	if (r.n > lines_of(text) || r.n > 5000)
		abort();
	for (size_t i = 0; i < r.n; i++) {
		const struct leg *l = &r.legs[i];
		fuzz_text(l->id, sizeof l->id);
		fuzz_text(l->name, sizeof l->name);
		fuzz_text(l->ending.device_words, sizeof l->ending.device_words);
		if (!*l->name || l->state > LEG_GONE || l->ending.cause >= CAUSE_N ||
			(l->state != LEG_GONE && *l->ending.device_words))
			abort();
	}
	arena_free(a);
	return 0;
}
