/* The one function behind the macros of vec.h.
 *
 * Called through vec_add() and vec_add_in() everywhere. On the heap the array belongs to whoever
 * holds the struct; on an arena the outgrown arrays stay until the arena goes, so pointers into
 * them keep reading the old content: never keep an item's address across an addition. */
#include "base/vec.h"

#include <stdint.h>
#include <string.h>

enum { FIRST = 8 };

void *
vec_grow(struct arena *a, void *at, size_t n, size_t *cap, size_t item)
{
	if (n >= *cap) {
		size_t more = *cap ? *cap : FIRST;
		while (more <= n)
			more = more > SIZE_MAX / 2 ? SIZE_MAX : more * 2;
		size_t bytes;
		if (__builtin_mul_overflow(more, item, &bytes))
			bytes = SIZE_MAX; /* ends the process like any other lack of memory */
		if (a) {
			void *bigger = arena_alloc(a, bytes);
			if (n)
				memcpy(bigger, at, n * item);
			at = bigger;
		} else {
			at = xrealloc(at, bytes);
		}
		*cap = more;
	}
	/* A slot may have been used before: owners shrink n by hand. */
	memset((char *)at + n * item, 0, item);
	return at;
}
