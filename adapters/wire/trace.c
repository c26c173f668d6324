/* What went over the wire of one device, without its secrets. Filled by http.c and lines.c, read by
 * `trace`, by the recorder of talks and by whoever reports an answer that was not understood. Owns
 * its text and copies of the secrets. A secret is looked for in every form in which the wire
 * carries it; a caller must hand over whole messages, because a secret cut in two by a call
 * boundary would not be seen. Must never: hold a secret in its text, not even for a moment; print
 * anything by itself. */
#include "adapters/wire/trace.h"

#include "base/arena.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/vis.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { TRACE_BYTES = 256 << 10, MESSAGE_BYTES = 48 << 10, FORMS = 16, BASE64_LEAST = 4 };

struct form {
	struct buf text;
	bool base64; /* a match is widened to the whole run: its neighbours carry bits of the secret
		      */
	bool nocase; /* %2f and %2F */
};

struct forms {
	struct form at[FORMS];
	size_t n;
};

static const char digits[] = "0123456789ABCDEF";

static void
add_form(struct forms *f, struct buf *text, bool base64, bool nocase)
{
	bool known = text->n == 0 || f->n == FORMS;
	for (size_t i = 0; i < f->n && !known; i++)
		known = f->at[i].text.n == text->n &&
			memcmp(f->at[i].text.at, text->at, text->n) == 0;
	if (known)
		buf_free(text);
	else
		f->at[f->n++] = (struct form){ .text = *text, .base64 = base64, .nocase = nocase };
	*text = (struct buf){ 0 };
}

static void
url_form(struct buf *out, const char *s, bool all)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		bool plain = str_is_alnum(*s) || c == '-' || c == '.' || c == '_' || c == '~';
		if (plain || (!all && strchr("!*'()$,;:@", c))) {
			buf_putc(out, (char)c);
		} else {
			buf_putc(out, '%');
			buf_putc(out, digits[c >> 4]);
			buf_putc(out, digits[c & 15]);
		}
	}
}

static void
quoted_form(struct buf *out, const char *s, const char *quot, const char *apos)
{
	for (; *s; s++) {
		if (*s == '&')
			buf_puts(out, "&amp;");
		else if (*s == '<')
			buf_puts(out, "&lt;");
		else if (*s == '>')
			buf_puts(out, "&gt;");
		else if (*s == '"')
			buf_puts(out, quot);
		else if (*s == '\'')
			buf_puts(out, apos);
		else
			buf_putc(out, *s);
	}
}

/* Base64 of the secret behind 0, 1 or 2 other bytes, without the characters its neighbours have a
 * share in. */
static void
base64_form(struct buf *out, const char *secret, size_t n, size_t before)
{
	static const size_t shared[] = { 0, 2, 3 };
	char *raw = xalloc(n + before + 1), *text = xalloc(4 * ((n + before + 2) / 3) + 1);
	memcpy(raw + before, secret, n);
	hash_base64(raw, n + before, text);
	size_t end = (n + before) * 8 / 6;
	if (end >= shared[before] + BASE64_LEAST)
		buf_add(out, text + shared[before], end - shared[before]);
	free(raw);
	free(text);
}

static void
forms_make(struct forms *f, const char *secret)
{
	static const char *const quotes[][2] = { { "\"", "'" }, { "&quot;", "&apos;" },
		{ "&quot;", "&#39;" }, { "&#34;", "&#39;" }, { "&quot;", "'" } };
	struct buf b = { 0 };
	f->n = 0;
	buf_puts(&b, secret);
	add_form(f, &b, false, false);
	vis_xml(&b, secret);
	add_form(f, &b, false, false);
	for (size_t i = 0; i < sizeof quotes / sizeof quotes[0]; i++) {
		quoted_form(&b, secret, quotes[i][0], quotes[i][1]);
		add_form(f, &b, false, false);
	}
	vis_json(&b, secret);
	add_form(f, &b, false, false);
	url_form(&b, secret, true);
	add_form(f, &b, false, true);
	url_form(&b, secret, false);
	add_form(f, &b, false, true);
	url_form(&b, secret, true);
	for (char *p; (p = b.at ? strstr(b.at, "%20") : NULL);) {
		*p = '+';
		memmove(p + 1, p + 3, strlen(p + 3) + 1);
		b.n -= 2;
	}
	add_form(f, &b, false, true);
	for (size_t before = 0; before < 3; before++) {
		base64_form(&b, secret, strlen(secret), before);
		add_form(f, &b, true, false);
	}
}

static void
forms_free(struct forms *f)
{
	for (size_t i = 0; i < f->n; i++)
		buf_free(&f->at[i].text);
}

static bool
base64_char(char c)
{
	return str_is_alnum(c) || c == '+' || c == '/' || c == '=';
}

/* Where the form is found next, from i on; the text's length: nowhere. Every byte of every answer
 * comes by here. */
static size_t
find(const struct buf *b, size_t i, const struct form *f)
{
	if (!f->nocase) {
		const char *hit =
			i < b->n ? memmem(b->at + i, b->n - i, f->text.at, f->text.n) : NULL;
		return hit ? (size_t)(hit - b->at) : b->n;
	}
	while (i + f->text.n <= b->n && strncasecmp(b->at + i, f->text.at, f->text.n) != 0)
		i++;
	return i + f->text.n <= b->n ? i : b->n;
}

/* Replaces every occurrence of one form. The text is NUL-free or not: lengths rule. */
static void
redact(struct buf *b, const struct form *f)
{
	struct buf out = { 0 };
	size_t kept = 0, i = 0;
	while ((i = find(b, i, f)) < b->n) {
		size_t from = i, to = i + f->text.n;
		while (f->base64 && from > kept && base64_char(b->at[from - 1]))
			from--;
		while (f->base64 && to < b->n && base64_char(b->at[to]))
			to++;
		buf_add(&out, b->at + kept, from - kept);
		buf_puts(&out, "***");
		kept = i = to;
	}
	if (kept == 0) {
		buf_free(&out);
		return;
	}
	buf_add(&out, b->at + kept, b->n - kept);
	buf_free(b);
	*b = out;
}

/* Makes room by giving up the oldest half: the newest lines say why an answer was not understood.
 */
static void
make_room(struct trace *t, size_t need)
{
	static const char gone[] = "# older lines dropped\n";
	if (t->out.n + need <= TRACE_BYTES)
		return;
	size_t drop = t->out.n + need + sizeof gone - TRACE_BYTES;
	if (drop < TRACE_BYTES / 2)
		drop = TRACE_BYTES / 2;
	if (drop > t->out.n)
		drop = t->out.n;
	const char *line = drop < t->out.n ? memchr(t->out.at + drop, '\n', t->out.n - drop) : NULL;
	struct buf rest = { 0 };
	buf_puts(&rest, gone);
	if (line)
		buf_add(&rest, line + 1, t->out.n - (size_t)(line + 1 - t->out.at));
	buf_free(&t->out);
	t->out = rest;
}

/* One line of payload; the line end itself is not shown, anything else that is no printable text
 * is. */
static void
put_line(struct buf *out, char direction, const char *s, size_t n)
{
	buf_putc(out, direction);
	buf_putc(out, ' ');
	for (size_t i = 0, plain = 0; i <= n; i++) {
		unsigned char c = i < n ? (unsigned char)s[i] : 0;
		if (c >= 0x20 && c != 0x7f && c != '\\')
			continue;
		buf_add(out, s + plain, i - plain);
		plain = i + 1;
		if (i < n)
			buf_printf(out, "\\x%02x", c);
	}
	buf_putc(out, '\n');
}

static void
put_message(struct trace *t, char direction, const struct buf *b)
{
	struct buf lines = { 0 };
	size_t most = b->n < MESSAGE_BYTES ? b->n : MESSAGE_BYTES;
	for (size_t at = 0; at < most;) {
		const char *s = b->at + at, *end = memchr(s, '\n', most - at);
		size_t n = end ? (size_t)(end - s) : most - at;
		at += n + 1;
		put_line(&lines, direction, s, end && n > 0 && s[n - 1] == '\r' ? n - 1 : n);
	}
	if (b->n > most)
		buf_printf(&lines, "# and %zu bytes more\n", b->n - most);
	make_room(t, lines.n);
	if (lines.n <= TRACE_BYTES - t->out.n)
		buf_add(&t->out, lines.at, lines.n);
	buf_free(&lines);
}

void
trace_secret(struct trace *t, const char *secret)
{
	if (!t || str_empty(secret))
		return;
	for (size_t i = 0; i < t->secrets_n; i++)
		if (str_eq(t->secrets[i], secret))
			return;
	if (t->secrets_n == sizeof t->secrets / sizeof t->secrets[0]) {
		free((void *)(uintptr_t)t->secrets[0]);
		memmove(t->secrets, t->secrets + 1, sizeof t->secrets - sizeof t->secrets[0]);
		t->secrets_n--;
	}
	t->secrets[t->secrets_n++] = xstrdup(secret);
}

static void
redact_all(struct buf *b, const char *secret)
{
	struct forms f;
	forms_make(&f, secret);
	for (size_t k = 0; k < f.n; k++)
		redact(b, &f.at[k]);
	forms_free(&f);
}

const char *
trace_without(struct arena *a, const char *secret, const char *text)
{
	if (str_empty(secret) || str_empty(text))
		return text;
	struct buf b = { 0 };
	buf_puts(&b, text);
	redact_all(&b, secret);
	if (!str_eq(buf_str(&b), text))
		text = arena_strdup(a, buf_str(&b));
	explicit_bzero(b.at, b.n);
	buf_free(&b);
	return text;
}

void
trace_bytes(struct trace *t, char direction, const void *bytes, size_t n)
{
	if (!t || n == 0)
		return;
	struct buf b = { 0 };
	buf_add(&b, bytes, n);
	for (size_t i = 0; i < t->secrets_n; i++)
		redact_all(&b, t->secrets[i]);
	put_message(t, direction, &b);
	buf_free(&b);
}

void
trace_free(struct trace *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->secrets_n; i++)
		free((void *)(uintptr_t)t->secrets[i]);
	t->secrets_n = 0;
	buf_free(&t->out);
}
