/* The rehearsals of a plan as a calendar that sites subscribe to. Called by `plan --ics` and the
 * board. Pure. Keeps to RFC 5545: lines folded at 75 octets between characters, text escaped, CR
 * LF. */
#include "schedules/occurrence.h"

#include "base/instant.h"
#include "base/str.h"
#include "base/utf8.h"
#include "schedules/rule.h"

#include <inttypes.h>
#include <string.h>

/* One content line, folded. */
static void
put_line(struct buf *out, const char *name, const char *value)
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

static void
put_text(struct buf *out, const char *name, const char *text)
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
	put_line(out, name, buf_str(&b));
	buf_free(&b);
}

static void
put_utc(struct buf *out, const char *name, int64_t ms)
{
	int64_t s = civil_div(ms, 1000), day = civil_div(s, DAY_S);
	struct civil c = civil_of(day);
	int second = (int)(s - day * DAY_S);
	buf_printf(out, "%s:%04d%02d%02dT%02d%02d%02dZ\r\n", name, c.year, c.month, c.day,
		second / 3600, second / 60 % 60, second % 60);
}

void
plan_ics(const struct plan *p, const char *name, int64_t stamp, struct buf *out)
{
	buf_puts(out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tongduyet//plan//"
		      "VI\r\nMETHOD:PUBLISH\r\n");
	put_text(out, "NAME", name);
	put_text(out, "X-WR-CALNAME", name);
	buf_puts(out, "REFRESH-INTERVAL;VALUE=DURATION:PT15M\r\n");
	for (size_t i = 0; i < p->runs_n; i++) {
		const struct plan_run *r = &p->runs[i];
		if (r->session || r->disabled)
			continue;
		struct buf text = { 0 };
		int64_t end = r->end			    ? r->end
			      : r->session_start > r->start ? r->session_start
							    : r->anchor + r->playbook.last_at;
		buf_puts(out, "BEGIN:VEVENT\r\n");
		buf_printf(&text, "%s@tongduyet", r->key);
		put_text(out, "UID", buf_str(&text));
		put_utc(out, "DTSTAMP", stamp);
		put_utc(out, "DTSTART", r->start);
		put_utc(out, "DTEND", end > r->start ? end : r->start);
		buf_clear(&text);
		buf_printf(&text, "%s%s", r->from_event ? "" : "Tổng duyệt: ", r->summary);
		put_text(out, "SUMMARY", buf_str(&text));
		buf_clear(&text);
		buf_puts(&text, "Điểm cầu: ");
		for (size_t k = 0; k < r->sites.n; k++)
			buf_printf(&text, "%s%s", k ? "; " : "", r->sites.at[k]->name);
		put_text(out, "DESCRIPTION", buf_str(&text));
		put_text(out, "CATEGORIES", "Tổng duyệt");
		if (r->session_start && !r->from_event)
			put_text(out, "RELATED-TO", r->uid);
		buf_puts(out, "STATUS:CONFIRMED\r\nEND:VEVENT\r\n");
		buf_free(&text);
	}
	buf_puts(out, "END:VCALENDAR\r\n");
}
