/* Small helpers for text, and the search for the word that was perhaps meant.
 *
 * Used by every parser and writer. Owns nothing. Bytes are compared as bytes: Unicode forms are the
 * business of utf8.c. Nothing here looks at the locale. */
#include "base/str.h"

#include "base/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
str_eq(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool
str_eq_nocase(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	for (;; a++, b++) {
		unsigned char x = (unsigned char)*a, y = (unsigned char)*b;
		if (x >= 'A' && x <= 'Z')
			x = (unsigned char)(x | 32);
		if (y >= 'A' && y <= 'Z')
			y = (unsigned char)(y | 32);
		if (x != y)
			return false;
		if (!x)
			return true;
	}
}

bool
str_starts(const char *s, const char *prefix)
{
	return s && prefix && !strncmp(s, prefix, strlen(prefix));
}

bool
str_ends(const char *s, const char *suffix)
{
	if (!s || !suffix)
		return false;
	size_t n = strlen(s), m = strlen(suffix);
	return n >= m && !memcmp(s + n - m, suffix, m);
}

bool
str_only(const char *s, const char *others)
{
	for (; *s; s++)
		if (!str_is_alnum(*s) && !strchr(others, *s))
			return false;
	return true;
}

bool
str_empty(const char *s)
{
	return !s || !*s;
}

bool
str_copy(char *out, size_t size, const char *s)
{
	if (!size)
		return false;
	if (!s)
		s = "";
	size_t n = utf8_cut(s, size - 1);
	memmove(out, s, n);
	bool whole = !s[n];
	out[n] = '\0';
	return whole;
}

bool
str_copy_span(char *out, size_t size, const char *at, size_t n)
{
	if (!size)
		return false;
	size_t all = at ? strnlen(at, n) : 0;
	size_t kept = utf8_whole(at, all < size ? all : size - 1);
	memmove(out, at ? at : "", kept);
	out[kept] = '\0';
	return kept == all;
}

char *
str_trim(char *s)
{
	if (!s)
		return NULL;
	while (is_blank(*s))
		s++;
	size_t n = strlen(s);
	while (n && is_blank(s[n - 1]))
		n--;
	s[n] = '\0';
	return s;
}

char **
str_split(struct arena *a, const char *s, const char *sep, size_t *out_n)
{
	char *copy = arena_strdup(a, s ? s : "");
	size_t most = 1, n = 0;
	for (const char *p = copy; *p; p++)
		most += strchr(sep, *p) != NULL;
	char **parts = arena_alloc(a, (most + 1) * sizeof *parts);
	for (char *p = copy, *next; p; p = next) {
		size_t len = strcspn(p, sep);
		next = p[len] ? p + len + 1 : NULL;
		p[len] = '\0';
		p = str_trim(p);
		if (*p)
			parts[n++] = p;
	}
	if (out_n)
		*out_n = n;
	return parts;
}

bool
str_to_int(const char *s, int64_t min, int64_t max, int64_t *out)
{
	if (!s)
		return false;
	const char *p = s + (*s == '-' || *s == '+');
	if (!is_digit(*p))
		return false;
	/* Collected below zero, where there is one number more. */
	int64_t v = 0;
	for (; is_digit(*p); p++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, *p - '0', &v))
			return false;
	if (*p || (*s != '-' && __builtin_sub_overflow(0, v, &v)) || v < min || v > max)
		return false;
	*out = v;
	return true;
}

bool
str_to_double(const char *s, double *out)
{
	if (!s)
		return false;
	/* strtod() also knows blanks, hexadecimal, infinities: none of them is a figure a person
	 * wrote. */
	const char *p = s + (*s == '-' || *s == '+');
	if (!is_digit(*p) && !(*p == '.' && is_digit(p[1])))
		return false;
	if (strspn(p, "0123456789.eE+-") != strlen(p))
		return false;
	char *end;
	double v = strtod(s, &end);
	if (*end || !isfinite(v))
		return false;
	*out = v;
	return true;
}

size_t
str_distance(const char *a, const char *b, size_t cap)
{
	size_t n = strlen(a), m = strlen(b);
	if ((n > m ? n - m : m - n) >= cap)
		return cap;
	size_t *row = xalloc((m + 1) * sizeof *row), best = 0;
	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n && best < cap; i++) {
		size_t diagonal = row[0];
		best = row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t v = diagonal + (a[i - 1] != b[j - 1]);
			if (row[j] + 1 < v)
				v = row[j] + 1;
			if (row[j - 1] + 1 < v)
				v = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = v;
			if (v < best)
				best = v;
		}
	}
	size_t d = best < cap && row[m] < cap ? row[m] : cap;
	free(row);
	return d;
}

const char *
str_nearest(const char *word, const char *const *list)
{
	if (str_empty(word) || !list)
		return NULL;
	size_t limit = strlen(word) / 3;
	if (limit < 2)
		limit = 2;
	size_t best = limit + 1;
	const char *nearest = NULL;
	for (; *list; list++) {
		size_t d = str_distance(word, *list, best);
		if (d < best) {
			best = d;
			nearest = *list;
		}
	}
	return nearest;
}
