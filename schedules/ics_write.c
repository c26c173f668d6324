/* Content lines of RFC 5545: folded at 75 octets between characters, text escaped, CR LF. Called by
 * whoever writes a calendar: the feed of a plan, a new meeting. Pure. */
#include "schedules/ics_write.h"

#include "base/utf8.h"
#include "schedules/rule.h"

#include <string.h>

/* One content line, folded. */
void
ics_line(struct buf *out, const char *name, const char *value)
{
	struct buf line = { 0 };
	buf_printf(&line, "%s:%s", name, value);
	const char *s = buf_str(&line);
	for (size_t room = 75; strlen(s) > room; room = 74) {
		size_t n = utf8_cut(s, room);
		n = n ? n : room;
		buf_add(out, s, n);
		buf_puts(out, "\r\n ");
		s += n;
	}
	buf_puts(out, s);
	buf_puts(out, "\r\n");
	buf_free(&line);
}

void
ics_text(struct buf *out, const char *name, const char *text)
{
	struct buf b = { 0 };
	for (const char *c = text; *c; c++) {
		if (strchr("\\;,", *c))
			buf_putc(&b, '\\');
		if (*c == '\n')
			buf_puts(&b, "\\n");
		else if ((unsigned char)*c >= ' ')
			buf_putc(&b, *c);
	}
	ics_line(out, name, buf_str(&b));
	buf_free(&b);
}

void
ics_utc(struct buf *out, const char *name, int64_t ms)
{
	int64_t s = civil_div(ms, 1000), day = civil_div(s, DAY_S);
	struct civil c = civil_of(day);
	int second = (int)(s - day * DAY_S);
	buf_printf(out, "%s:%04d%02d%02dT%02d%02d%02dZ\r\n", name, c.year, c.month, c.day,
		second / 3600, second / 60 % 60, second % 60);
}
