/* What every fuzz target demands of a table of legs that any events have fed. */
#ifndef TD_TESTS_FUZZ_LEGS_H
#define TD_TESTS_FUZZ_LEGS_H

#include "adapters/legtable.h"
#include "tests/fuzz/text.h"

static inline void
fuzz_legs(const struct leg_table *t)
{
	if (t->n > LEG_TABLE_MOST)
		abort();
	for (size_t i = 0; i < t->n; i++) {
		const struct known_leg *k = leg_table_at(t, i);
		fuzz_text(k->id, sizeof k->id);
		fuzz_text(k->conference, sizeof k->conference);
		fuzz_text(k->name, sizeof k->name);
		fuzz_text(k->remote_ip, sizeof k->remote_ip);
		fuzz_text(k->ending.device_words, sizeof k->ending.device_words);
		if (k->ending.cause >= CAUSE_N)
			abort();
	}
}

#endif
