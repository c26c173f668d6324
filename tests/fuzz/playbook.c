/* Playbooks and profiles from any bytes: whatever a person or a pull brings, the answer is a
 * playbook or a list of faults, and a playbook that is accepted can be walked. */
#include "playbooks/playbook.h"

#include "adapters/wire/xml.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	xml_global_init();
	struct arena *a = arena_new();
	struct faults faults = { .arena = a };
	const struct playbook *p = playbook_parse((const char *)bytes, n, "fuzz.xml", a, &faults);
	if ((p != NULL) == (faults.n > 0))
		abort(); /* usable and faulty, or neither */
	if (p && (p->n == 0 || playbook_first(p) > playbook_last(p)))
		abort();
	struct profile profile;
	faults.n = 0;
	profile_parse((const char *)bytes, n, "fuzz.xml", a, &faults, &profile);
	if (profile.loss_good >= profile.loss_fair || profile.window_ms <= 0)
		abort();
	arena_free(a);
	return 0;
}
