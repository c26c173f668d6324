/* Text made safe for the place where it is shown, at the last moment before output.
 *
 * Called by the log, the command line and every writer of JSON and XML. Owns nothing. It must let
 * no byte through that a terminal, a JSON parser or an XML parser would take for more than text. */
#include "base/vis.h"

#include "base/utf8.h"

#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

bool
vis_is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

void
vis_terminal(struct buf *out, const char *s)
{
	size_t n = s ? strlen(s) : 0;
	uint32_t c;
	for (size_t len; n; s += len, n -= len) {
		len = utf8_char(s, n, &c);
		if (len && !vis_is_control(c)) {
			buf_add(out, s, len);
			continue;
		}
		len = len ? len : 1;
		for (size_t i = 0; i < len; i++)
			buf_printf(out, "\\x%02x", (unsigned char)s[i]);
	}
}

static void
json_char(struct buf *out, uint32_t c)
{
	static const char letters[] = "\bb\ff\nn\rr\tt\"\"\\\\";
	for (const char *p = letters; *p; p += 2)
		if ((uint32_t)*p == c) {
			buf_printf(out, "\\%c", p[1]);
			return;
		}
	buf_printf(out, "\\u%04x", (unsigned)c);
}

/* Bytes at the beginning that JSON takes as they are: printable ASCII but the quote and the
 * backslash. */
static size_t
json_plain(const char *s, size_t n)
{
	size_t len = 0;
	while (len < n && s[len] >= 0x20 && s[len] < 0x7f && s[len] != '"' && s[len] != '\\')
		len++;
	return len;
}

void
vis_json(struct buf *out, const char *s)
{
	size_t n = s ? strlen(s) : 0;
	uint32_t c;
	for (size_t len; n; s += len, n -= len) {
		if ((len = json_plain(s, n))) {
			buf_add(out, s, len);
			continue;
		}
		len = utf8_char(s, n, &c);
		if (!len) {
			buf_puts(out, REPLACEMENT);
			len = 1;
		} else if (c == '"' || c == '\\' || vis_is_control(c)) {
			json_char(out, c);
		} else {
			buf_add(out, s, len);
		}
	}
}

/* Line ends and tabs as references: a reader would turn them into blanks in an attribute. */
static const char *
xml_name(uint32_t c)
{
	switch (c) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	case '\t': return "&#9;";
	case '\n': return "&#10;";
	case '\r': return "&#13;";
	}
	return c < 0x20 || c == 0xfffe || c == 0xffff ? REPLACEMENT : NULL;
}

void
vis_xml(struct buf *out, const char *s)
{
	size_t n = s ? strlen(s) : 0;
	uint32_t c;
	for (size_t len; n; s += len, n -= len) {
		len = utf8_char(s, n, &c);
		const char *name = len ? xml_name(c) : REPLACEMENT;
		len = len ? len : 1;
		if (name)
			buf_puts(out, name);
		else
			buf_add(out, s, len);
	}
}
