/* Any bytes as the answer of a Cisco MCU: parsed, taken for a roster, a diagnosis and an ending.
 * What comes out is valid text within its bounds, and each id leads back to its participant or is
 * refused. */
#include "adapters/cisco_mcu.h"

#include "base/arena.h"
#include "base/str.h"

#include "tests/fuzz/text.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct task t = { .arena = arena_new(), .cancel_fd = -1 };
	const struct xmlrpc *v = NULL;
	struct xmlrpc_fault fault = { 0 };
	struct roster all = { 0 };
	struct media_sample sample = { 0 };
	size_t cap = 0;
	if (xmlrpc_parse(&t, (const char *)bytes, n, &v, &fault) == OK && v) {
		const struct xmlrpc *list = xmlrpc_get(v, "participants");
		for (const struct xmlrpc *i = list ? list->first : NULL; i; i = i->next) {
			struct leg leg;
			if (cisco_leg(i, "c", &leg) == CISCO_NOT_OURS)
				continue;
			fuzz_text(leg.id, sizeof leg.id);
			fuzz_text(leg.name, sizeof leg.name);
			fuzz_text(leg.address, sizeof leg.address);
			fuzz_text(leg.protocol, sizeof leg.protocol);
			fuzz_text(leg.ending.device_words, sizeof leg.ending.device_words);
			if (leg.state > LEG_GONE || leg.ending.cause >= CAUSE_N)
				abort();
			struct cisco_party who;
			if (cisco_leg_party(leg.id, &who))
				fuzz_text(who.name, sizeof who.name);
			cisco_roster_add(t.arena, &all, &cap, &leg);
		}
		for (size_t i = 0; i < all.n; i++)
			for (size_t k = i + 1; k < all.n && k < i + 8; k++)
				if (str_eq(all.legs[i].id, all.legs[k].id))
					abort();
		cisco_diagnostics(v, &sample);
	}
	arena_free(t.arena);
	return 0;
}
