/* Small helpers for text. */
#ifndef TD_BASE_STR_H
#define TD_BASE_STR_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool str_eq(const char *a, const char *b);          /* NULL equals NULL only */
bool str_eq_nocase(const char *a, const char *b);   /* ASCII case */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
bool str_empty(const char *s); /* NULL or "" */
/* Letters and digits are those of ASCII, whatever the locale. */
static inline bool
str_is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
/* Nothing but letters, digits and characters of `others`; "" too. */
bool str_only(const char *s, const char *others);
/* Copies with truncation on a UTF-8 code point boundary; always terminated. Returns false if
 * cut. */
bool str_copy(char *out, size_t size, const char *s);
/* The same of the first n bytes at `at`, fewer if a NUL stands among them; nothing behind them is
 * read, and a code point they only begin is left out. */
bool str_copy_span(char *out, size_t size, const char *at, size_t n);
/* Trims blanks at both ends, in place; returns the first kept character. */
char *str_trim(char *s);
/* Splits at any of the characters in sep, trims the parts, drops empty ones. NULL-terminated, on
 * the arena. */
char **str_split(struct arena *a, const char *s, const char *sep, size_t *out_n);
/* Whole text as a decimal number within [min, max]; false otherwise. */
bool str_to_int(const char *s, int64_t min, int64_t max, int64_t *out);
bool str_to_double(const char *s, double *out);
/* The word of the NULL-terminated list nearest to `word` (edit distance at most a third of its
 * length, at least 2), or NULL. "What was perhaps meant". */
const char *str_nearest(const char *word, const char *const *list);
/* Edit distance in bytes, capped at `cap`. */
size_t str_distance(const char *a, const char *b, size_t cap);

#endif
