/* Any bytes as a device of any kind and all that it answers (tests/talk/hostile.h), through every
 * operation of its adapter, from the login to the goodbye, without a socket. Whatever it says, the
 * adapter comes back in bounded memory with valid words, and asks no more often than that. Seeds
 * are the answers of the talks, one file for each kind. */
#include <stdlib.h>

#define HARM(text) abort()

#include "tests/talk/hostile_tour.h"

#include "adapters/wire/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static bool begun;
	struct hostile h;
	struct tour o = { 0 };
	if (!begun)
		xml_global_init();
	begun = true;
	hostile_now = 1000000;
	hostile_new(&h, (const char *)bytes, n);
	tour_of(&h, &o);
	if (o.memory > TASK_BYTES_MOST || h.asked > HOSTILE_ASKED_MOST + 1000)
		abort();
	hostile_free(&h);
	return 0;
}
