/* Names and values as a query or a form body brings them. Called by web.c, cms_objects.c and a unit
 * test. Owns what a form holds until web_form_free(). Must never trust a length: what is too much
 * is left out. */
#include "web.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

enum { PAIRS_MAX = 100 };

void
web_form_add(struct web_form *f, const char *name, size_t name_n, const char *value, size_t value_n)
{
	if (f->n >= PAIRS_MAX)
		return;
	struct web_pair *p = vec_add(f);
	p->name = strndup(name, name_n);
	p->value = strndup(value, value_n);
}

static int
hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* Plus and percent signs, in place. */
static void
unescape(char *s)
{
	char *to = s;
	for (; *s; s++)
		if (*s == '+') {
			*to++ = ' ';
		} else if (*s == '%' && hex(s[1]) >= 0 && hex(s[2]) >= 0) {
			*to++ = (char)(hex(s[1]) * 16 + hex(s[2]));
			s += 2;
		} else {
			*to++ = *s;
		}
	*to = '\0';
}

void
web_form_parse(struct web_form *f, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "&"), name = strcspn(text, "=&");
		if (n) {
			size_t before = f->n;
			web_form_add(
				f, text, name, text + name + (name < n), n - name - (name < n));
			if (f->n > before) {
				unescape(f->at[before].name);
				unescape(f->at[before].value);
			}
		}
		text += n + (text[n] == '&');
	}
}

const char *
web_form_get(const struct web_form *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_eq(f->at[i].name, name))
			return f->at[i].value;
	return NULL;
}

void
web_form_free(struct web_form *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->at[i].name);
		free(f->at[i].value);
	}
	vec_free(f);
}
