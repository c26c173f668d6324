/* A growing array of any type: VEC(struct foo) foos; struct foo *f = vec_add(&foos);
 * vec_add() returns a new zeroed item on the heap (vec_free() releases), vec_add_in() one on an
 * arena. */
#ifndef TD_BASE_VEC_H
#define TD_BASE_VEC_H

#include "base/arena.h"

#include <stddef.h>
#include <stdlib.h>

#define VEC(type) \
	struct { \
		type *at; \
		size_t n, cap; \
	}

/* Grows `at` so that item n exists and is zero; used through the macros only. */
void *vec_grow(struct arena *a, void *at, size_t n, size_t *cap, size_t item);

#define vec_add_in(a, v) \
	((v)->at = vec_grow((a), (v)->at, (v)->n, &(v)->cap, sizeof *(v)->at), &(v)->at[(v)->n++])
#define vec_add(v) vec_add_in(NULL, v)
#define vec_free(v) (free((v)->at), (v)->at = NULL, (v)->n = (v)->cap = 0)

#endif
