/* Query strings. Called by the adapters that speak HTTP and by what reads their options out of a
 * device's URL. Owns nothing. Must never take a text apart that it did not escape itself. */
#include "adapters/wire/query.h"

#include "base/str.h"

#include <string.h>

void
query_escape(struct buf *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (str_is_alnum(*p) || strchr("-._~", *p))
			buf_putc(out, *p);
		else
			buf_printf(out, "%%%02X", (unsigned char)*p);
	}
}

void
query_put(struct buf *path, const char *name, const char *value)
{
	buf_putc(path, strchr(buf_str(path), '?') ? '&' : '?');
	buf_puts(path, name);
	buf_putc(path, '=');
	query_escape(path, value);
}

static int
hex(char c)
{
	const char *digits = "0123456789abcdef",
		   *at = c ? strchr(digits, c | (c >= 'A' ? 0x20 : 0)) : NULL;
	return at ? (int)(at - digits) : -1;
}

bool
query_option(const char *url, const char *name, char *out, size_t size)
{
	const char *query = url ? strchr(url, '?') : NULL;
	query = query ? query + 1 : NULL;
	size_t name_n = strlen(name), k = 0;
	for (const char *p = query; p && *p; p = strchr(p, '&') ? strchr(p, '&') + 1 : NULL) {
		if (strncmp(p, name, name_n) != 0 || p[name_n] != '=')
			continue;
		for (p += name_n + 1; *p && *p != '&' && *p != '#' && k + 1 < size; p++) {
			bool coded = *p == '%' && hex(p[1]) >= 0 && hex(p[2]) >= 0;
			out[k++] = coded ? (char)(hex(p[1]) << 4 | hex(p[2])) : *p;
			p += coded ? 2 : 0;
		}
		out[k] = '\0';
		return true;
	}
	return false;
}
