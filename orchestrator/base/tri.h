/* Yes, no, and not known; and a figure that may not have been told. Zero is "unknown" in both. */
#ifndef TD_BASE_TRI_H
#define TD_BASE_TRI_H

#include <stdbool.h>
#include <stdint.h>

enum tri { UNKNOWN = 0, NO, YES };

const char *tri_name(enum tri t); /* "unknown" "no" "yes" */
enum tri tri_from_name(const char *name);
static inline enum tri tri_of(bool b) { return b ? YES : NO; }

struct figure {
	int64_t v;
	bool known;
};

static inline struct figure
figure_of(int64_t v)
{
	return (struct figure){ .v = v, .known = true };
}

#endif
