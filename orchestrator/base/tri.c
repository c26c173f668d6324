/* The words of the three-valued answer, for JSON, the journal and reports. Owns nothing. */
#include "base/tri.h"

#include <string.h>

const char *
tri_name(enum tri t)
{
	return t == YES ? "yes" : t == NO ? "no" : "unknown";
}

enum tri
tri_from_name(const char *name)
{
	if (name && !strcmp(name, "yes"))
		return YES;
	return name && !strcmp(name, "no") ? NO : UNKNOWN;
}
