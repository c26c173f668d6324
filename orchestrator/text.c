/* Look-up of translated texts with an explicit language.
 *
 * Called by every writer for people: reports, the live table, the command line, messages to sites.
 * Owns nothing: the tables are build/gen/po.c, made from orchestrator/po/ by po2c.awk. It must
 * never keep a current language, and never translate what came from a device, a calendar or a
 * person. */
#include "text.h"

#include "base/str.h"

#include <stdarg.h>
#include <string.h>

/* The first entry whose key is not shorter than n. */
static unsigned
first_of_length(const struct text_language *l, size_t n)
{
	unsigned low = 0, high = l->n;
	while (low < high) {
		unsigned middle = low + (high - low) / 2;
		if (l->at[middle].n < n)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const char *
text_get(const char *lang, const char *msgid)
{
	const struct text_language *l = text_languages;
	while (l->lang && !str_eq(l->lang, lang ? lang : "en"))
		l++;
	if (!l->lang)
		return msgid;
	size_t n = strlen(msgid);
	for (unsigned i = first_of_length(l, n); i < l->n && l->at[i].n == n; i++)
		if (memcmp(l->at[i].msgid, msgid, n) == 0)
			return l->at[i].text;
	return msgid;
}

void
text_printf(struct buf *out, const char *lang, const char *msgid, ...)
{
	va_list ap;
	va_start(ap, msgid);
	buf_vprintf(out, text_get(lang, msgid), ap);
	va_end(ap);
}

const char *
text_word(const char *lang, const struct text_word *table, const char *word)
{
	for (; table->word; table++)
		if (str_eq(table->word, word))
			return text_get(lang, table->msgid);
	return word ? word : "";
}
