/* Rewrites what libxml2's schema checker says ("Element 'stpe': This element is not expected.
 * Expected is one of ( step, note ).") into a sentence for the person who wrote the file ("<stpe>
 * is not expected here: step or note, perhaps "step""). Called by xml.c for each fault; text in,
 * fault out. A message it does not know is kept word for word but for its frame. Must never lose a
 * fault: the one exception is the checker's own second message about a value it has just complained
 * of. */
#include "adapters/wire/xmlfault.h"

#include "base/buf.h"
#include "base/str.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { WORDS = 64 };

struct words { /* NULL-terminated for faults_hint() */
	const char *at[WORDS + 1];
	size_t n;
};

struct plain_type {
	const char *name, *meaning;
};

static const struct plain_type types[] = {
	{ "xs:integer", T("a whole number") },
	{ "xs:int", T("a whole number") },
	{ "xs:long", T("a whole number") },
	{ "xs:short", T("a whole number") },
	{ "xs:nonNegativeInteger", T("a whole number, 0 or more") },
	{ "xs:unsignedInt", T("a whole number, 0 or more") },
	{ "xs:unsignedShort", T("a whole number, 0 to 65535") },
	{ "xs:positiveInteger", T("a whole number, 1 or more") },
	{ "xs:decimal", T("a number") },
	{ "xs:double", T("a number") },
	{ "xs:boolean", T("true or false") },
	{ "xs:duration", T("a duration such as PT10M") },
	{ "xs:dateTime", T("an instant such as 2026-03-02T07:00:00+07:00") },
	{ "xs:date", T("a date such as 2026-03-02") },
	{ "xs:time", T("a time such as 07:00:00") },
	{ "xs:ID", T("a name used once in the file, beginning with a letter") },
	{ "xs:NCName", T("a name beginning with a letter") },
	{ "xs:NMTOKEN", T("one word") },
	{ "xs:anyURI", T("an address") },
	{ NULL, NULL },
};

char *
xmlfault_plain(struct arena *a, const char *message)
{
	struct buf b = { 0 };
	for (const char *p = message ? message : ""; *p; p++) {
		if (!isspace((unsigned char)*p))
			buf_putc(&b, *p);
		else if (b.n && b.at[b.n - 1] != ' ')
			buf_putc(&b, ' ');
	}
	size_t n = b.n;
	while (n > 0 && (b.at[n - 1] == ' ' || b.at[n - 1] == '.'))
		n--;
	char *s = arena_strndup(a, buf_str(&b), n);
	buf_free(&b);
	return s;
}

/* Names come as '{namespace}name' where there is one. */
static const char *
without_namespace(struct arena *a, const char *s)
{
	struct buf b = { 0 };
	for (; *s; s++) {
		const char *end = *s == '{' && s[1] != '\'' ? strchr(s, '}') : NULL;
		if (end)
			s = end;
		else
			buf_putc(&b, *s);
	}
	const char *out = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return out;
}

/* The text between the first `from` and the next `to` behind it, or NULL. */
static const char *
between(struct arena *a, const char *s, const char *from, const char *to)
{
	const char *begin = strstr(s, from);
	if (!begin)
		return NULL;
	begin += strlen(from);
	const char *end = strstr(begin, to);
	return end ? arena_strndup(a, begin, (size_t)(end - begin)) : NULL;
}

static void
add_word(struct words *w, const char *word)
{
	for (size_t i = 0; i < w->n; i++)
		if (str_eq(w->at[i], word))
			return;
	if (w->n < WORDS && *word)
		w->at[w->n++] = word;
}

/* "a, b" or "'a', 'b'" */
static void
split_words(struct arena *a, const char *list, struct words *out)
{
	size_t n;
	char **parts = str_split(a, list, ",", &n);
	for (size_t i = 0; i < n; i++) {
		char *p = str_trim(parts[i]);
		size_t len = strlen(p);
		if (len >= 2 && *p == '\'' && p[len - 1] == '\'') {
			p[len - 1] = 0;
			p++;
		}
		add_word(out, p);
	}
}

static const char *
join_words(struct arena *a, const struct words *w)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < w->n; i++)
		buf_printf(&b, "%s%s", i == 0 ? "" : i + 1 == w->n ? " or " : ", ", w->at[i]);
	const char *out = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return out;
}

/* All attribute names of the schema: the checker does not say which it would have taken. */
static void
schema_attributes(struct xmlfault_sink *to, struct words *out)
{
	const char *end = to->xsd ? to->xsd + to->xsd_n : NULL, *p = to->xsd;
	static const char tag[] = ":attribute ";
	while (p && (p = memmem(p, (size_t)(end - p), tag, sizeof tag - 1))) {
		p += sizeof tag - 1;
		const char *close = memchr(p, '>', (size_t)(end - p));
		const char *name = close ? memmem(p, (size_t)(close - p), "name=", 5) : NULL;
		if (!name || name + 6 >= close)
			continue;
		const char *quote = memchr(name + 6, name[5], (size_t)(close - name - 6));
		if (quote)
			add_word(out,
				arena_strndup(to->scratch, name + 6, (size_t)(quote - name - 6)));
	}
}

static void
tell(struct xmlfault_sink *to, int line, const char *text)
{
	for (size_t i = to->since; i < to->faults->n; i++)
		if (to->faults->at[i].line == line && str_eq(to->faults->at[i].text, text))
			return;
	if (to->told++ < to->most)
		faults_add(to->faults, to->file, line, "%s", text);
	else if (to->told == to->most + 1)
		faults_add(to->faults, to->file, line, T("and more: the rest is not listed"));
}

void
xmlfault_syntax(struct xmlfault_sink *to, int line, const char *text)
{
	char *s = arena_strdup(to->scratch, text);
	if (isupper((unsigned char)s[0]) && islower((unsigned char)s[1]))
		s[0] = (char)tolower((unsigned char)s[0]);
	tell(to, line, s);
}

static const char *
type_meaning(const char *name)
{
	for (const struct plain_type *t = types; name && t->name; t++)
		if (str_eq(t->name, name))
			return t->meaning;
	return NULL;
}

/* What was expected, from "( a, b )"; namespace wildcards are left out. */
static void
expected(struct arena *a, const char *rest, struct words *out)
{
	const char *list = between(a, rest, "( ", " )");
	if (list && !strchr(list, '*') && !strstr(list, "##"))
		split_words(a, list, out);
}

/* The sentence behind "<x>" or "<x y>", or NULL: not one of the known ones. */
static const char *
element_fault(struct xmlfault_sink *to, const char *element, const char *rest)
{
	struct arena *a = to->scratch;
	struct words w = { .n = 0 };
	if (str_starts(rest, "This element is not expected")) {
		expected(a, rest, &w);
		if (w.n == 0)
			return T("is not expected here");
		return arena_printf(a, T("is not expected here: %s%s"), join_words(a, &w),
			faults_hint(to->faults, element, w.at));
	}
	if (str_starts(rest, "Missing child element(s)")) {
		expected(a, rest, &w);
		return w.n ? arena_printf(a, T("lacks %s"), join_words(a, &w))
			   : T("lacks a child element");
	}
	const char *name = between(a, rest, "The attribute '", "' is required but missing");
	if (name)
		return arena_printf(a, T("lacks the attribute \"%s\""), name);
	name = between(a, rest, "The attribute '", "' is not allowed");
	if (name) {
		schema_attributes(to, &w);
		return arena_printf(a, T("has no attribute \"%s\"%s"), name,
			faults_hint(to->faults, name, w.at));
	}
	if (str_starts(rest, "No matching global declaration"))
		return T("is not the element this file begins with");
	if (str_starts(rest, "Character content other than whitespace"))
		return T("holds text where only elements are allowed");
	if (str_starts(rest, "Character content is not allowed"))
		return T("must be empty");
	if (str_starts(rest, "Element content is not allowed"))
		return T("holds elements where only text is allowed");
	name = between(a, rest, "Duplicate key-sequence [", "] in ");
	if (name)
		return arena_printf(a, T("%s is there twice"), name);
	name = between(a, rest, "No match found for key-sequence [", "] of ");
	if (name)
		return arena_printf(a, T("%s is named here but not defined"), name);
	return NULL;
}

/* The sentence about a value; *out_facet: it named the rule that was broken. */
static const char *
value_fault(struct xmlfault_sink *to, const char *rest, bool *out_facet)
{
	struct arena *a = to->scratch;
	const char *value = between(a, rest, "The value '", "' is not an element of the set {");
	*out_facet = str_starts(rest, "[facet '");
	if (value) {
		struct words w = { .n = 0 };
		const char *set = between(a, rest, " of the set {", "}");
		split_words(a, set ? set : "", &w);
		return arena_printf(a, T("\"%s\" is not one of %s%s"), value, join_words(a, &w),
			faults_hint(to->faults, value, w.at));
	}
	value = between(a, rest, "The value '", "' is not accepted by the pattern '");
	if (value)
		return arena_printf(a, T("\"%s\" has not the expected form"), value);
	if (*rest == '\'') {
		value = between(a, rest, "'", "' is not a valid value of the ");
		const char *type = strstr(rest, " type '");
		const char *name = type ? between(a, type, " type '", "'") : NULL;
		const char *meaning = type_meaning(name);
		if (value && meaning)
			return arena_printf(a, T("\"%s\" is not %s"), value, meaning);
		if (value && name)
			return arena_printf(a, T("\"%s\" is not a valid %s"), value, name);
		if (value)
			return arena_printf(a, T("\"%s\" is not a valid value"), value);
	}
	if (*out_facet) {
		const char *text = strstr(rest, "] ");
		return text ? text + 2 : rest;
	}
	return NULL;
}

void
xmlfault_schema(struct xmlfault_sink *to, int line, const char *message)
{
	struct arena *a = to->scratch;
	const char *s = without_namespace(a, xmlfault_plain(a, message));
	const char *element = str_starts(s, "Element '") ? between(a, s, "Element '", "'") : NULL;
	const char *rest = element ? strstr(s, "': ") : NULL;
	if (!rest) {
		xmlfault_syntax(to, line, s);
		return;
	}
	const char *attribute = between(a, s, "', attribute '", "': ");
	rest += 3;
	const char *where = attribute ? arena_printf(a, "<%s %s>", element, attribute)
				      : arena_printf(a, "<%s>", element);
	const char *said = element_fault(to, element, rest);
	if (said) {
		tell(to, line, arena_printf(a, "<%s> %s", element, said));
		return;
	}
	bool facet, repeated = line == to->last_line && str_eq(where, to->last_where);
	said = value_fault(to, rest, &facet);
	if (repeated && !facet && said)
		return;
	to->last_line = facet ? line : 0;
	to->last_where = facet ? where : NULL;
	if (!said)
		said = rest;
	char *text = arena_strdup(a, said);
	if (isupper((unsigned char)text[0]))
		text[0] = (char)tolower((unsigned char)text[0]);
	tell(to, line, arena_printf(a, "%s: %s", where, text));
}
