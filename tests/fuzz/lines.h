/* Any bytes as lines the way lines_next() gives them: valid UTF-8, without NUL. */
#ifndef TD_TESTS_FUZZ_LINES_H
#define TD_TESTS_FUZZ_LINES_H

#include "base/arena.h"
#include "tests/fuzz/text.h"

static inline int
fuzz_lines(const uint8_t *bytes, size_t n, void (*each)(struct arena *, const char *))
{
	struct arena *a = arena_new();
	char *text = utf8_repair(a, (const char *)bytes, n);
	for (char *line = text, *end; line; line = end ? end + 1 : NULL) {
		end = strchr(line, '\n');
		if (end)
			*end = '\0';
		each(a, line);
	}
	arena_free(a);
	return 0;
}

#endif
