/* Any bytes as an answer to our SIP OPTIONS, and as the name a stack gives itself. */
#include "adapters/probe.h"

#include "base/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void
check(const char *text, size_t size)
{
	if (!memchr(text, '\0', size) || !utf8_valid(text, strlen(text)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct sip_answer answer;
	struct identity who;
	if (sip_read(a, (const char *)bytes, n, "abc", &answer) && (answer.status < 100 || answer.status > 699))
		abort();
	check(answer.agent, sizeof answer.agent);
	const char *names[] = { answer.agent, utf8_repair(a, (const char *)bytes, n) };
	for (int i = 0; i < 2; i++) {
		sip_agent(names[i], &who);
		check(who.vendor, sizeof who.vendor);
		check(who.model, sizeof who.model);
		check(who.software, sizeof who.software);
	}
	arena_free(a);
	return 0;
}
