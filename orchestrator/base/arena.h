/* Memory that is released all at once. Allocation never returns NULL: without memory the process
 * ends with one line on stderr, and the journal makes the next start safe. Not thread-safe: one
 * owner. */
#ifndef TD_BASE_ARENA_H
#define TD_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a); /* NULL is fine */
/* After much was freed: what the heap keeps goes back to the system, where it can tell how. */
void arena_give_back(void);
/* Zeroed and aligned for any type. */
void *arena_alloc(struct arena *a, size_t size);
void *arena_memdup(struct arena *a, const void *bytes, size_t n);
/* NULL stays NULL. */
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
/* Bytes handed out so far. */
size_t arena_used(const struct arena *a);

/* Heap twins for memory with one named owner; they end the process rather than return NULL. */
void *xalloc(size_t size); /* zeroed */
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s); /* NULL stays NULL */

#endif
