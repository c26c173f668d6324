/* Unicode text: validity, cutting, columns, normal form, comparable forms; and Windows zone names.
 *
 * Called wherever text of a device, a calendar or a person comes in or is compared. The only file
 * that knows ICU. Results live on the caller's arena. Input is hostile: nothing here may read past
 * n or trust a lead byte, and every function gives valid UTF-8 but utf8_nfc(), which hands invalid
 * text back as it came. */
#include "base/utf8.h"

#include "base/buf.h"
#include "base/vis.h"

#include <unicode/ucal.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

/* UTF-16 with a length, on the heap while it is worked on. */
struct wide {
	UChar *at;
	int32_t n;
};

typedef int32_t step_fn(UChar *out, int32_t cap, const UChar *s, int32_t n, UErrorCode *status);

enum { LONGEST = INT32_MAX / 8 };

size_t
utf8_char(const char *s, size_t n, uint32_t *out)
{
	const unsigned char *u = (const unsigned char *)s;
	uint32_t c = u[0];
	if (c < 0x80) {
		*out = c;
		return 1;
	}
	size_t len = c >= 0xf0 && c <= 0xf4  ? 4
		     : c >= 0xe0 && c < 0xf0 ? 3
		     : c >= 0xc2 && c < 0xe0 ? 2
					     : 0;
	if (!len || n < len)
		return 0;
	c &= 0xffu >> (len + 1);
	for (size_t i = 1; i < len; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (u[i] & 0x3f);
	}
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*out = c;
	return len;
}

bool
utf8_valid(const char *s, size_t n)
{
	uint32_t c;
	for (size_t len; n; s += len, n -= len)
		if (!(len = utf8_char(s, n, &c)))
			return false;
	return true;
}

char *
utf8_repair(struct arena *a, const char *s, size_t n)
{
	if (!s)
		return NULL;
	struct buf b = { 0 };
	uint32_t c;
	for (size_t len; n; s += len, n -= len) {
		len = utf8_char(s, n, &c);
		if (len && c) {
			buf_add(&b, s, len);
		} else {
			buf_puts(&b, REPLACEMENT);
			len = 1;
		}
	}
	char *out = arena_memdup(a, buf_str(&b), b.n + 1);
	buf_free(&b);
	return out;
}

size_t
utf8_cut(const char *s, size_t max)
{
	size_t n = strnlen(s, max);
	if (n < max || !s[n])
		return n;
	/* s[max] exists. If it continues a code point, step back to where that began. */
	size_t back = 0;
	while (back < 3 && back < n && ((unsigned char)s[n - back] & 0xc0) == 0x80)
		back++;
	uint32_t c;
	size_t from = n - back;
	return back && utf8_char(s + from, strnlen(s + from, 4), &c) > back ? from : n;
}

size_t
utf8_whole(const char *s, size_t n)
{
	for (size_t back = 1; back <= 3 && back <= n; back++) {
		unsigned char c = (unsigned char)s[n - back];
		if ((c & 0xc0) == 0x80)
			continue;
		size_t len = c > 0xf4 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 1;
		return len > back ? n - back : n;
	}
	return n;
}

void
utf8_mend(char *s)
{
	char *to = s;
	uint32_t c;
	for (size_t len, n = strlen(s); n; s += len, n -= len) {
		len = utf8_char(s, n, &c);
		if (len) {
			memmove(to, s, len);
			to += len;
			continue;
		}
		if (utf8_whole(s, n) == 0)
			break;
		for (len = 1; len < 3 && len < n && ((unsigned char)s[len] & 0xc0) == 0x80;)
			len++;
		*to++ = '?';
	}
	*to = '\0';
}

static size_t
columns(uint32_t c)
{
	if (c < 0x300)
		return 1;
	int type = u_charType((UChar32)c);
	if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR)
		return 0;
	if (c >= 0x1160 && c <= 0x11ff) /* medial and final jamo join the syllable before */
		return 0;
	int width = u_getIntPropertyValue((UChar32)c, UCHAR_EAST_ASIAN_WIDTH);
	return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

size_t
utf8_width(const char *s)
{
	size_t width = 0, n = s ? strlen(s) : 0;
	uint32_t c;
	for (size_t len; n; s += len, n -= len) {
		len = utf8_char(s, n, &c);
		if (!len) {
			width += 4;
			len = 1;
		} else {
			width += vis_is_control(c) ? 4 * len : columns(c);
		}
	}
	return width;
}

/* A mark behind a mark behind a mark ...: normal forms sort them, in a time that grows with the
 * square of their number. As the Stream-Safe Text Process of UAX #15 has it, U+034F stands behind
 * so many, and sorting ends there. */
static void
break_runs(struct wide *w)
{
	enum { RUN_MOST = 30, JOINER = 0x34f };
	int32_t run = 0, more = 0;
	for (int pass = 0; pass < 2; pass++) {
		UChar *out = pass ? xalloc((size_t)(w->n + more + 1) * sizeof *out) : NULL;
		int32_t n = 0;
		run = more = 0;
		for (int32_t i = 0; i < w->n;) {
			UChar32 c;
			int32_t from = i;
			U16_NEXT(w->at, i, w->n, c);
			run = c >= 0x300 && u_getCombiningClass(c) ? run + 1 : 0;
			if (run > RUN_MOST) {
				run = 1;
				more++;
				if (out)
					out[n++] = JOINER;
			}
			while (out && from < i)
				out[n++] = w->at[from++];
		}
		if (!more)
			return;
		if (out) {
			free(w->at);
			w->at = out;
			w->n = n;
		}
	}
}

/* Invalid bytes become U+FFFD. False: too long to be worked on. */
static bool
widen(const char *s, struct wide *out)
{
	size_t n = strlen(s);
	if (n > LONGEST)
		return false;
	UErrorCode status = U_ZERO_ERROR;
	out->at = xalloc((n + 1) * sizeof *out->at);
	u_strFromUTF8WithSub(
		out->at, (int32_t)n + 1, &out->n, s, (int32_t)n, 0xfffd, NULL, &status);
	if (U_SUCCESS(status)) {
		break_runs(out);
		return true;
	}
	free(out->at);
	return false;
}

/* Frees the text. */
static char *
narrow(struct arena *a, struct wide *w)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t n = 0;
	u_strToUTF8(NULL, 0, &n, w->at, w->n, &status);
	char *out = arena_alloc(a, (size_t)n + 1);
	status = U_ZERO_ERROR;
	u_strToUTF8(out, n + 1, NULL, w->at, w->n, &status);
	free(w->at);
	*w = (struct wide){ 0 };
	return out;
}

/* Replaces the text by what the step makes of it; leaves it where ICU cannot. */
static void
apply(struct wide *w, step_fn *step)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t cap = w->n + 32;
	UChar *out = xalloc((size_t)cap * sizeof *out);
	int32_t n = step(out, cap, w->at, w->n, &status);
	if (status == U_BUFFER_OVERFLOW_ERROR) {
		cap = n + 1;
		out = xrealloc(out, (size_t)cap * sizeof *out);
		status = U_ZERO_ERROR;
		n = step(out, cap, w->at, w->n, &status);
	}
	if (U_FAILURE(status)) {
		free(out);
		return;
	}
	free(w->at);
	w->at = out;
	w->n = n;
}

static int32_t
step_nfc(UChar *out, int32_t cap, const UChar *s, int32_t n, UErrorCode *status)
{
	return unorm2_normalize(unorm2_getNFCInstance(status), s, n, out, cap, status);
}

static int32_t
step_nfd(UChar *out, int32_t cap, const UChar *s, int32_t n, UErrorCode *status)
{
	return unorm2_normalize(unorm2_getNFDInstance(status), s, n, out, cap, status);
}

/* The root locale: the same everywhere, whatever the environment says. */
static int32_t
step_lower(UChar *out, int32_t cap, const UChar *s, int32_t n, UErrorCode *status)
{
	return u_strToLower(out, cap, s, n, "", status);
}

/* Every Unicode blank lies in the BMP, so units may be looked at one by one. */
static void
fold_blanks(struct wide *w)
{
	int32_t n = 0;
	bool blank = false;
	for (int32_t i = 0; i < w->n; i++) {
		if (u_isUWhiteSpace(w->at[i])) {
			blank = n > 0;
			continue;
		}
		if (blank)
			w->at[n++] = ' ';
		blank = false;
		w->at[n++] = w->at[i];
	}
	w->n = n;
}

/* Old Vietnamese texts carry Icelandic eth or African d where đ is meant: they look alike in
 * capitals. */
static void
strip_marks(struct wide *w)
{
	int32_t n = 0;
	for (int32_t i = 0; i < w->n;) {
		UChar32 c;
		int32_t from = i;
		U16_NEXT(w->at, i, w->n, c);
		if (u_charType(c) == U_NON_SPACING_MARK)
			continue;
		if (c == 0x111 || c == 0xf0 || c == 0x256) {
			w->at[n++] = 'd';
			continue;
		}
		while (from < i)
			w->at[n++] = w->at[from++];
	}
	w->n = n;
}

static bool
is_ascii(const char *s)
{
	while (*s && (unsigned char)*s < 0x80)
		s++;
	return !*s;
}

/* What fold and plain come to where nothing is beyond ASCII, as most ids and words are. */
static char *
fold_ascii(struct arena *a, const char *s)
{
	char *out = arena_alloc(a, strlen(s) + 1), *to = out;
	bool blank = false;
	for (; *s; s++) {
		if (*s == ' ' || (*s >= '\t' && *s <= '\r')) {
			blank = to > out;
			continue;
		}
		if (blank)
			*to++ = ' ';
		blank = false;
		*to++ = *s >= 'A' && *s <= 'Z' ? (char)(*s | 32) : *s;
	}
	return out;
}

char *
utf8_nfc(struct arena *a, const char *s)
{
	struct wide w;
	if (!s || is_ascii(s) || !utf8_valid(s, strlen(s)) || !widen(s, &w))
		return arena_strdup(a, s);
	apply(&w, step_nfc);
	return narrow(a, &w);
}

char *
utf8_fold(struct arena *a, const char *s)
{
	struct wide w;
	if (s && is_ascii(s))
		return fold_ascii(a, s);
	if (!s || !widen(s, &w))
		return s ? utf8_repair(a, s, strlen(s)) : NULL;
	apply(&w, step_nfc);
	apply(&w, step_lower);
	apply(&w, step_nfc); /* lower case may decompose */
	fold_blanks(&w);
	return narrow(a, &w);
}

char *
utf8_plain(struct arena *a, const char *s)
{
	struct wide w;
	if (s && is_ascii(s))
		return fold_ascii(a, s);
	if (!s || !widen(s, &w))
		return s ? utf8_repair(a, s, strlen(s)) : NULL;
	apply(&w, step_nfc);
	apply(&w, step_lower);
	apply(&w, step_nfd);
	strip_marks(&w);
	apply(&w, step_nfc); /* what is no mark, such as Hangul, comes together again */
	fold_blanks(&w);
	return narrow(a, &w);
}

char *
utf8_zone_from_windows(struct arena *a, const char *windows)
{
	struct wide w;
	if (!windows || strlen(windows) > 128 || !widen(windows, &w))
		return NULL;
	UChar id[128];
	UErrorCode status = U_ZERO_ERROR;
	int32_t n = ucal_getTimeZoneIDForWindowsID(w.at, w.n, NULL, id, 128, &status);
	free(w.at);
	if (U_FAILURE(status) || n <= 0)
		return NULL;
	struct wide zone = { xalloc((size_t)n * sizeof *id), n };
	memcpy(zone.at, id, (size_t)n * sizeof *id);
	return narrow(a, &zone);
}
