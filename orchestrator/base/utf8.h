/* Unicode text: validity, length, normal form, comparable form, and Windows zone names. The only
 * file that knows ICU. */
#ifndef TD_BASE_UTF8_H
#define TD_BASE_UTF8_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool utf8_valid(const char *s, size_t n);
/* Bytes of the code point at s, of which n > 0 bytes may be read; 0: the first byte is invalid. */
size_t utf8_char(const char *s, size_t n, uint32_t *out);
/* A copy on the arena with every invalid byte, and NUL, replaced by U+FFFD. */
char *utf8_repair(struct arena *a, const char *s, size_t n);
/* Longest length <= max bytes that does not cut a code point. */
size_t utf8_cut(const char *s, size_t max);
/* The same of n bytes behind which nothing may be read: without a code point begun at their end. */
size_t utf8_whole(const char *s, size_t n);
/* Makes a sentence valid in place, it never grows: a code point begun at the end is left out, for
 * other invalid bytes stands '?'. For texts that "%.80s" has cut. */
void utf8_mend(char *s);
/* Columns on a terminal after vis_terminal() (combining marks 0, wide 2, an escaped byte 4). */
size_t utf8_width(const char *s);
/* NFC on the arena (the input itself if it is not valid UTF-8). */
char *utf8_nfc(struct arena *a, const char *s);
/* For comparing names: NFC, lower case (all Unicode), blanks folded to one, ends trimmed. Marks
 * stay. */
char *utf8_fold(struct arena *a, const char *s);
/* Without any diacritic, lower case, đ as d: "Chu Túc" -> "chu tuc". Blanks as in
 * utf8_fold(). For near matches and ASCII names. */
char *utf8_plain(struct arena *a, const char *s);
/* IANA zone for a Windows zone name ("SE Asia Standard Time"), or NULL. */
char *utf8_zone_from_windows(struct arena *a, const char *windows);

#endif
