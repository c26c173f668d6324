/* Our own sentences in the reader's language. An error or a fault is said once, in English, where
 * it happens: so it stands in the log, the journal and in JSON. Where a person reads it, it is
 * recognized by the formats of orchestrator/po and said in that person's language. Pure. */
#ifndef TD_SENTENCE_H
#define TD_SENTENCE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/faults.h"

/* Appends `english` in the language: the format of text_languages[] that it was made from and that
 * has most letters of its own gives the translation, what stood for its directives is put in, each
 * looked at in the same way. What no format fits is parted at ", perhaps ", "; ", ": " and
 * "> ". What is
 * not ours (a device's words, names, paths) stays as it is. lang NULL or unknown: unchanged. */
void sentence_put(struct buf *out, const char *lang, const char *english);
/* The same on an arena. */
const char *sentence_say(struct arena *a, const char *lang, const char *english);
/* Like faults_print, in that language. */
void sentence_faults(const struct faults *f, const char *lang, struct buf *out);

#endif
