/* Chunked memory for work that ends all at once, and the heap calls that never return NULL.
 *
 * Every room uses it. An arena owns its chunks: small pieces share one, a large piece gets its own,
 * so a big answer wastes nothing. Under AddressSanitizer every piece is a chunk, so that one byte
 * too many is seen. It must never hand out memory that is not zero, and never free a single piece.
 */
#include "base/arena.h"

#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PIECES_ALONE true
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define PIECES_ALONE true
#endif
#ifndef PIECES_ALONE
#define PIECES_ALONE false
#endif

enum {
	ALIGN = _Alignof(max_align_t),
	CHUNK_FIRST = 1024, /* thousands of small arenas live at once */
	CHUNK_LAST = 64 * 1024,
	EXIT_MEMORY = 3,
};

struct chunk {
	struct chunk *next;
	size_t used, size;
	_Alignas(max_align_t) char at[];
};

struct arena {
	struct chunk *chunks; /* the first one is being filled */
	size_t next_size, used;
};

/* printf and exit handlers may want memory themselves, so neither is used. */
static _Noreturn void
out_of_memory(void)
{
	static const char line[] = "tongduyet: out of memory\n";
	ssize_t n = write(STDERR_FILENO, line, sizeof line - 1);
	(void)n;
	_exit(EXIT_MEMORY);
}

void *
xalloc(size_t size)
{
	void *p = size > PTRDIFF_MAX ? NULL : calloc(1, size ? size : 1);
	if (!p)
		out_of_memory();
	return p;
}

void *
xrealloc(void *p, size_t size)
{
	void *q = size > PTRDIFF_MAX ? NULL : realloc(p, size ? size : 1);
	if (!q)
		out_of_memory();
	return q;
}

char *
xstrdup(const char *s)
{
	if (!s)
		return NULL;
	size_t n = strlen(s) + 1;
	return memcpy(xalloc(n), s, n);
}

struct arena *
arena_new(void)
{
	struct arena *a = xalloc(sizeof *a);
	a->next_size = CHUNK_FIRST;
	return a;
}

void
arena_give_back(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

void
arena_free(struct arena *a)
{
	if (!a)
		return;
	for (struct chunk *c = a->chunks, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	free(a);
}

/* A chunk of which nothing is used. */
static struct chunk *
chunk_new(size_t size)
{
	if (size > PTRDIFF_MAX - sizeof(struct chunk))
		out_of_memory();
	struct chunk *c = xalloc(sizeof *c + size);
	c->size = size;
	return c;
}

/* A piece of its own goes behind the chunk being filled. */
static void *
alloc_alone(struct arena *a, size_t size)
{
	struct chunk *c = chunk_new(size);
	c->used = size;
	if (a->chunks) {
		c->next = a->chunks->next;
		a->chunks->next = c;
	} else {
		a->chunks = c;
	}
	return c->at;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	a->used += size;
	if (PIECES_ALONE)
		return alloc_alone(a, size);
	if (size > PTRDIFF_MAX - ALIGN)
		out_of_memory();
	size_t want = ((size ? size : 1) + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	struct chunk *c = a->chunks;
	if (!c || c->size - c->used < want) {
		if (want > a->next_size / 4)
			return alloc_alone(a, want);
		c = chunk_new(a->next_size);
		c->next = a->chunks;
		a->chunks = c;
		if (a->next_size < CHUNK_LAST)
			a->next_size *= 2;
	}
	void *p = c->at + c->used;
	c->used += want;
	return p;
}

void *
arena_memdup(struct arena *a, const void *bytes, size_t n)
{
	void *p = arena_alloc(a, n);
	if (n)
		memcpy(p, bytes, n);
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_memdup(a, s, strlen(s) + 1) : NULL;
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	if (!s)
		return NULL;
	n = strnlen(s, n);
	char *p = arena_alloc(a, n + 1);
	memcpy(p, s, n);
	return p;
}

char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	char *p = arena_alloc(a, n < 0 ? 1 : (size_t)n + 1);
	if (n > 0)
		vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}
