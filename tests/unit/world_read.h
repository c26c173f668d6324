/* What is read of a run and of its judgement. */
#ifndef TD_TESTS_UNIT_WORLD_READ_H
#define TD_TESTS_UNIT_WORLD_READ_H

#include "world.h"

/* The site's verdict has this flag. */
static inline bool
flagged(const struct verdict *v, const char *flag)
{
	for (int i = 0; i < v->flags_n; i++)
		if (str_eq(v->flags[i], flag))
			return true;
	return false;
}

/* How many notes of this kind the run has. */
static inline int
noted(const struct run *r, const char *kind)
{
	int n = 0;

	for (size_t i = 0; i < r->notes.n; i++)
		n += str_eq(r->notes.at[i].kind, kind);
	return n;
}

#endif
