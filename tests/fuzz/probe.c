/* Any bytes as an answer to our SIP OPTIONS, and as the name a stack gives itself. */
#include "adapters/probe.h"

#include "tests/fuzz/text.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct sip_answer answer;
	struct identity who;
	if (sip_read(a, (const char *)bytes, n, "abc", &answer) &&
		(answer.status < 100 || answer.status > 699))
		abort();
	fuzz_text(answer.agent, sizeof answer.agent);
	const char *names[] = { answer.agent, utf8_repair(a, (const char *)bytes, n) };
	for (int i = 0; i < 2; i++) {
		sip_agent(names[i], &who);
		fuzz_text(who.vendor, sizeof who.vendor);
		fuzz_text(who.model, sizeof who.model);
		fuzz_text(who.software, sizeof who.software);
	}
	arena_free(a);
	return 0;
}
