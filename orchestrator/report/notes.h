/* The notes of a run in the reader's language: our own sentences are said in it, what devices,
 * files and people said is quoted. Pure. */
#ifndef TD_REPORT_NOTES_H
#define TD_REPORT_NOTES_H

#include "base/buf.h"

/* kind as in struct run_note; text may be any: what is not known stands as it is. */
void notes_say(struct buf *out, const char *lang, const char *kind, const char *text);
/* What was not written by us, between the quotation marks of the language; bare in English, where
 * it reads on. */
void notes_quote(struct buf *out, const char *lang, const char *text);
/* "contact" "chief" "provider" "department" "upper"; another word stands as it is. */
const char *notes_role(const char *lang, const char *role);
/* Words that a run put in the place of a device's ("no longer listed"), or NULL: the device's own. */
const char *notes_own_words(const char *lang, const char *words);

#endif
