/* What every fuzz target demands of a text it is given. */
#ifndef TD_TESTS_FUZZ_TEXT_H
#define TD_TESTS_FUZZ_TEXT_H

#include "base/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* A field that must be terminated and valid. */
static inline void
fuzz_text(const char *text, size_t size)
{
	if (!memchr(text, '\0', size) || !utf8_valid(text, strlen(text)))
		abort();
}

#endif
