/* A byte string that grows. Always NUL-terminated once something was added. */
#ifndef TD_BASE_BUF_H
#define TD_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *at; /* NULL while empty */
	size_t n, cap;
};

void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
void buf_clear(struct buf *b); /* keeps the memory */
void buf_free(struct buf *b);
/* The text, never NULL. */
const char *buf_str(const struct buf *b);
/* Removes the first n bytes. */
void buf_drop(struct buf *b, size_t n);
/* Gives the bytes away: caller frees. Never NULL. */
char *buf_take(struct buf *b);

#endif
