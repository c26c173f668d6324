/* What people read, in their language: the English source text is the key, orchestrator/po/LANG.po
 * holds the translations, compiled in. The language is an argument, because one process writes
 * both. Pure. */
#ifndef TD_TEXT_H
#define TD_TEXT_H

#include "base/buf.h"
#include "base/err.h"

/* T("...") marks a text for translation: text_get(lang, T("sites")), or in a table that is looked
 * up later, or in an error that sentence.h recognizes. A test finds every T("...") in the sources
 * and asks for its translation in every language. Keys are ASCII. */

/* The translation, or msgid itself if the language or the text is not known. lang NULL = "en". The
 * result carries the same printf directives in the same order, or numbered ones (tested). */
const char *text_get(const char *lang, const char *msgid) __attribute__((format_arg(2)));
/* Like buf_printf(out, text_get(lang, msgid), ...). */
void text_printf(struct buf *out, const char *lang, const char *msgid, ...)
	__attribute__((format(printf, 3, 4)));

/* A machine word and what people read in its place; in a table word NULL ends. */
struct text_word {
	const char *word, *msgid;
};
/* What people read for that word; one that is not in the table stands as it is (NULL: ""). */
const char *text_word(const char *lang, const struct text_word *table, const char *word);

/* What po2c.awk makes of one .po file: sorted by length of the key. */
struct text_entry {
	const char *msgid;
	unsigned n; /* bytes of msgid */
	const char *text;
};
struct text_language {
	const char *lang;
	const struct text_entry *at;
	unsigned n;
};
extern const struct text_language text_languages[]; /* lang NULL ends */

#endif
