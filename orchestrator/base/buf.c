/* A byte string that grows on the heap: messages, files being written, answers being read.
 *
 * Used by every writer and every wire module. The owner of the struct owns the bytes until
 * buf_take(). It must never contain an unterminated string once something was added. */
#include "base/buf.h"

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST = 64 };

/* Room for n more bytes and the NUL. */
static void
reserve(struct buf *b, size_t n)
{
	if (b->at && n < b->cap - b->n)
		return;
	size_t need, cap = b->cap ? b->cap : FIRST;
	if (__builtin_add_overflow(b->n, n, &need) || need > SIZE_MAX / 4)
		need = SIZE_MAX / 4; /* refused by the allocator */
	while (cap <= need)
		cap *= 2;
	b->at = xrealloc(b->at, cap);
	b->cap = cap;
}

void
buf_add(struct buf *b, const void *bytes, size_t n)
{
	/* A piece of the buffer itself may be added: its place moves when the buffer grows. */
	uintptr_t from = (uintptr_t)bytes, start = (uintptr_t)b->at;
	bool inside = b->at && from >= start && from < start + b->cap;
	reserve(b, n);
	if (inside)
		bytes = b->at + (from - start);
	if (n)
		memmove(b->at + b->n, bytes, n);
	b->n += n;
	b->at[b->n] = '\0';
}

void
buf_puts(struct buf *b, const char *s)
{
	if (s)
		buf_add(b, s, strlen(s));
}

void
buf_putc(struct buf *b, char c)
{
	if (b->n + 1 >= b->cap)
		reserve(b, 1);
	b->at[b->n++] = c;
	b->at[b->n] = '\0';
}

void
buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	if (n >= 0) {
		reserve(b, (size_t)n);
		vsnprintf(b->at + b->n, (size_t)n + 1, fmt, again);
		b->n += (size_t)n;
	}
	va_end(again);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void
buf_clear(struct buf *b)
{
	b->n = 0;
	if (b->at)
		b->at[0] = '\0';
}

void
buf_free(struct buf *b)
{
	free(b->at);
	*b = (struct buf){ 0 };
}

const char *
buf_str(const struct buf *b)
{
	return b->at ? b->at : "";
}

void
buf_drop(struct buf *b, size_t n)
{
	if (n >= b->n) {
		buf_clear(b);
		return;
	}
	memmove(b->at, b->at + n, b->n - n + 1);
	b->n -= n;
}

char *
buf_take(struct buf *b)
{
	char *at = b->at ? b->at : xstrdup("");
	*b = (struct buf){ 0 };
	return at;
}
