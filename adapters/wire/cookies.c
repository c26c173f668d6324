/* Cookies of sessions, for adapters that log in over HTTP by hand.
 *
 * Owns nothing but what it puts on the caller's arena. Must never send a cookie by itself, or hold
 * one that could break a header line. */
#include "adapters/wire/cookies.h"

#include "base/buf.h"
#include "base/str.h"

#include <string.h>

static bool
may_stand(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || *s == ';' || *s == 0x7f)
			return false;
	return true;
}

void
cookies_set(struct arena *a, struct cookies *c, const char *name, const char *value)
{
	size_t i = 0;
	while (i < c->n && !str_eq(c->at[i].name, name))
		i++;
	bool good = *name && strlen(name) + strlen(value) <= COOKIE_BYTES && may_stand(name) &&
		    may_stand(value);
	if (!good || i == COOKIES_MOST)
		return;
	c->at[i].name = arena_strdup(a, name);
	c->at[i].value = arena_strdup(a, value);
	c->n += i == c->n;
	if (!*value)
		c->at[i] = c->at[--c->n];
}

size_t
cookies_take(struct arena *a, struct cookies *c, const struct http_reply *r)
{
	size_t set = 0;
	for (size_t i = 0; i < r->headers_n; i++) {
		const char *v = r->headers[i].value;
		size_t len = strcspn(v, ";");
		const char *equals = memchr(v, '=', len);
		if (!str_eq_nocase(r->headers[i].name, "Set-Cookie") || !equals)
			continue;
		char *name = str_trim(arena_strndup(a, v, (size_t)(equals - v)));
		char *value =
			str_trim(arena_strndup(a, equals + 1, (size_t)(v + len - equals - 1)));
		cookies_set(a, c, name, value);
		set += *value != '\0';
	}
	return set;
}

const char *
cookies_line(struct arena *a, const struct cookies *c)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < c->n; i++)
		buf_printf(&b, "%s%s=%s", i ? "; " : "Cookie: ", c->at[i].name, c->at[i].value);
	const char *line = c->n ? arena_strdup(a, buf_str(&b)) : NULL;
	buf_free(&b);
	return line;
}

const char *
cookies_value(const struct cookies *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (str_eq(c->at[i].name, name))
			return c->at[i].value;
	return NULL;
}
