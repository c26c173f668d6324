/* Any bytes as an answer of a Huawei SMC 2.0, through every reader: every text is bounded and
 * valid, a refusal is never OK, a note never makes a leg stand. */
#include "adapters/huawei_smc2.h"

#include "tests/fuzz/text.h"

static void
check_leg(struct arena *a, struct leg_notes *notes, const struct xml *x)
{
	struct leg leg;
	if (!smc2_leg(x, notes, &leg))
		return;
	fuzz_text(leg.id, sizeof leg.id);
	fuzz_text(leg.name, sizeof leg.name);
	fuzz_text(leg.address, sizeof leg.address);
	fuzz_text(leg.ending.device_words, sizeof leg.ending.device_words);
	if (!*leg.id || leg.ending.cause >= CAUSE_N || leg.sampled)
		abort();
	enum leg_state told = leg.state;
	leg_note_apply(leg_note_make(a, notes, leg.id), &leg);
	if (leg.state == LEG_UP && told != LEG_UP)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct leg_notes notes = { 0 };
	struct smc2_answer said;
	struct err_text why = { 0 };
	struct xml *root = NULL;
	const char *text = utf8_repair(a, (const char *)bytes, n);
	char proof[48] = "";
	if (smc2_read(a, (const char *)bytes, n, "queryConfSitesStatusEx", &said, &why) == OK) {
		if (!said.fault && said.code < 0)
			abort();
		for (const struct xml *x = xml_child(said.in, NULL); x; x = xml_next(x, NULL))
			check_leg(a, &notes, x);
		if (said.code > 0 && smc2_class(said.code) == OK)
			abort();
	}
	if (xml_parse(a, (const char *)bytes, n, 0, &root, NULL) == OK)
		for (const struct xml *x = root; x; x = x->first)
			check_leg(a, &notes, x);
	if (smc2_proof("x", text, proof) && strlen(proof) != 44)
		abort();
	struct ending e = smc2_ending((int64_t)n - 5, text);
	fuzz_text(e.device_words, sizeof e.device_words);
	arena_free(a);
	return 0;
}
