/* Any bytes as an answer of a Huawei SMC 3.0, through every reader: every text is bounded and
 * valid, an id can stand in a path, a page that is empty is the last. */
#include "adapters/huawei_smc3.h"

#include "adapters/connect.h"

#include "tests/fuzz/text.h"

static void
check_leg(struct arena *a, struct leg_notes *notes, const struct json *j)
{
	struct leg leg;
	for (int round = 0; round < 4; round++) {
		if (!smc3_leg(j, notes, &leg))
			return;
		fuzz_text(leg.name, sizeof leg.name);
		fuzz_text(leg.address, sizeof leg.address);
		fuzz_text(leg.ending.device_words, sizeof leg.ending.device_words);
		if (!device_is_id(leg.id, sizeof leg.id) || leg.ending.cause >= CAUSE_N ||
			leg.sampled)
			abort();
		enum leg_state told = leg.state;
		struct leg_note *note = leg_note_make(a, notes, leg.id);
		if (round == 1)
			leg_note_dialled(
				note, &(struct dial){ .leg_name = "x", .address = "sip:x" });
		leg_note_apply(note, &leg);
		if (leg.state == LEG_UP && told != LEG_UP)
			abort(); /* a note never makes it stand */
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct leg_notes notes = { 0 };
	const struct json *j = NULL;
	const char *words;
	struct smc3_page p;
	bool again;
	if (json_parse(a, (const char *)bytes, n, &j, NULL) != OK)
		j = NULL;
	if (smc3_page(j, (int64_t)n, &p))
		for (const struct json *x = p.first; x; x = x->next)
			check_leg(a, &notes, x);
	if (p.n == 0 && !p.last)
		abort();
	check_leg(a, &notes, j);
	if (smc3_refusal(a, j, 400 + (int)(n % 200), &words, &again) == OK || strlen(words) > 200)
		abort();
	arena_free(a);
	return 0;
}
