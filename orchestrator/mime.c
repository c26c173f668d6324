/* Writing a mail.
 *
 * Called by the outbox' worker. Owns nothing. It must never let a control character of a name into
 * a header: curl does not stop it, and a header that somebody else writes is a mail that somebody
 * else sends. */
#include "mime.h"

#include "base/hash.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/utf8.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_BYTES = 42 /* of an encoded word of at most 75 */, LINE_BYTES = 57 /* 76 in base64 */ };

static void
put_base64(struct buf *out, const char *bytes, size_t n)
{
	char line[4 * ((LINE_BYTES + 2) / 3) + 1];
	for (size_t i = 0; i < n; i += LINE_BYTES) {
		hash_base64(bytes + i, n - i < LINE_BYTES ? n - i : LINE_BYTES, line);
		buf_printf(out, "%s\r\n", line);
	}
}

static bool
is_plain(const char *s)
{
	for (; *s; s++)
		if (*s < 0x20 || *s > 0x7e)
			return false;
	return true;
}

/* Control characters become blanks; what is no UTF-8 is repaired. */
static char *
one_line(struct arena *a, const char *text)
{
	char *s = utf8_repair(a, text, strlen(text));
	for (char *p = s; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	return str_trim(s);
}

/* RFC 2047: words of at most 75 characters, none of which cuts a letter. */
static void
put_header(struct buf *out, const char *name, const char *text, struct arena *a)
{
	const char *s = one_line(a, text);
	char word[4 * ((WORD_BYTES + 2) / 3) + 1];
	if (is_plain(s) && strlen(s) + strlen(name) < 76 && !strstr(s, "=?")) {
		buf_printf(out, "%s: %s\r\n", name, s);
		return;
	}
	buf_printf(out, "%s:", name);
	for (size_t n; *s; s += n) {
		n = strlen(s) > WORD_BYTES ? utf8_cut(s, WORD_BYTES) : strlen(s);
		hash_base64(s, n, word);
		buf_printf(out, " =?UTF-8?B?%s?=\r\n", word);
	}
}

/* A name that a simple reader understands, and the whole one as RFC 2231 has it. */
static void
put_file_name(struct buf *out, const char *name, struct arena *a)
{
	const char *s = one_line(a, name);
	for (const char *p = utf8_plain(a, s); *p; p++)
		buf_putc(out, isalnum((unsigned char)*p) || *p == '.' || *p == '-' || *p == '_'
				      ? *p
				      : '-');
	buf_puts(out, "\";\r\n filename*=UTF-8''");
	for (const unsigned char *p = (const unsigned char *)s; *p; p++)
		if (*p < 0x80 && (isalnum(*p) || strchr(".-_", *p)))
			buf_putc(out, (char)*p);
		else
			buf_printf(out, "%%%02X", *p);
	buf_puts(out, "\r\n");
}

bool
mime_address(const char *text)
{
	const char *at = text ? strchr(text, '@') : NULL;
	if (!at || at == text || !at[1] || strchr(at + 1, '@') || strlen(text) > 254)
		return false;
	for (const char *p = text; *p; p++)
		if (*p <= 0x20 || *p > 0x7e || strchr("<>()[],;:\\\"", *p))
			return false;
	return true;
}

/* A text with bare line feeds becomes one with CR LF before it is encoded. */
static void
put_text(struct buf *out, const char *text)
{
	struct buf lines = { 0 };
	for (const char *p = text; *p; p++) {
		if (*p == '\n')
			buf_putc(&lines, '\r');
		if (*p != '\r')
			buf_putc(&lines, *p);
	}
	buf_puts(out, "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
		      "base64\r\n\r\n");
	put_base64(out, buf_str(&lines), lines.n);
	buf_free(&lines);
}

static void
put_part(struct buf *out, const struct mail_part *p, const char *boundary, struct arena *a)
{
	buf_printf(out,
		"--%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: base64\r\n"
		"Content-Disposition: attachment; filename=\"",
		boundary, one_line(a, p->media));
	put_file_name(out, p->name, a);
	buf_puts(out, "\r\n");
	put_base64(out, p->bytes, p->n);
}

void
mime_write(const struct mail *m, struct buf *out)
{
	struct arena *a = arena_new();
	char when[64], boundary[HASH_HEX_SIZE];
	hash_hex(m->message_id, strlen(m->message_id), boundary);
	boundary[32] = '\0';
	put_header(out, "From", m->from, a);
	put_header(out, "To", m->to, a);
	if (!str_empty(m->reply_to))
		put_header(out, "Reply-To", m->reply_to, a);
	put_header(out, "Subject", m->subject, a);
	buf_printf(out, "Date: %s\r\n",
		instant_local(m->date, "%a, %d %b %Y %H:%M:%S %z", when, sizeof when));
	buf_printf(out, "Message-ID: <%s>\r\n", one_line(a, m->message_id));
	buf_puts(out, "MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n");
	if (m->parts_n)
		buf_printf(out, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n--%s\r\n",
			boundary, boundary);
	put_text(out, m->text);
	for (size_t i = 0; i < m->parts_n; i++)
		put_part(out, &m->parts[i], boundary, a);
	if (m->parts_n)
		buf_printf(out, "--%s--\r\n", boundary);
	arena_free(a);
}
