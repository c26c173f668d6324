/* Any bytes as posted call detail records, twice: the second time nothing is new. Ids and words are
 * valid text within their bounds; what was not understood leaves the receiver's memory as it
 * was. */
#include "adapters/cisco_cms.h"

#include "base/str.h"
#include "base/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct cms_cdr_seen seen = { .session = "before", .index = 3 };
	struct cms_cdr first, second;
	struct err_text why = { 0 };
	if (cms_cdr(a, (const char *)bytes, n, &seen, &first, &why) == OK) {
		for (size_t i = 0; i < first.n; i++) {
			const struct cms_ended *e = &first.ended[i];
			if (!cms_is_id(e->leg) || e->ending.cause >= CAUSE_N ||
				!utf8_valid(e->ending.device_words, strlen(e->ending.device_words)))
				abort();
		}
		if (first.n > first.records || (first.restarted && !first.gap))
			abort();
		int64_t index = seen.index;
		if (cms_cdr(a, (const char *)bytes, n, &seen, &second, &why) != OK ||
			seen.index != index || second.restarted || second.records > first.records)
			abort();
	} else if (!str_eq(seen.session, "before") || seen.index != 3) {
		abort();
	}
	arena_free(a);
	return 0;
}
