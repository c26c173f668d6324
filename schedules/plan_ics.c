/* The rehearsals of a plan as a calendar that sites subscribe to. Called by `plan --ics` and the
 * board. Pure. Keeps to RFC 5545: lines folded at 75 octets between characters, text escaped, CR
 * LF. */
#include "schedules/occurrence.h"

#include "schedules/ics_write.h"

void
plan_ics(const struct plan *p, const char *name, int64_t stamp, struct buf *out)
{
	buf_puts(out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tongduyet//plan//"
		      "VI\r\nMETHOD:PUBLISH\r\n");
	ics_text(out, "NAME", name);
	ics_text(out, "X-WR-CALNAME", name);
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
		ics_text(out, "UID", buf_str(&text));
		ics_utc(out, "DTSTAMP", stamp);
		ics_utc(out, "DTSTART", r->start);
		ics_utc(out, "DTEND", end > r->start ? end : r->start);
		buf_clear(&text);
		buf_printf(&text, "%s%s", r->from_event ? "" : "Tổng duyệt: ", r->summary);
		ics_text(out, "SUMMARY", buf_str(&text));
		buf_clear(&text);
		buf_puts(&text, "Điểm cầu: ");
		for (size_t k = 0; k < r->sites.n; k++)
			buf_printf(&text, "%s%s", k ? "; " : "", r->sites.at[k]->name);
		ics_text(out, "DESCRIPTION", buf_str(&text));
		ics_text(out, "CATEGORIES", "Tổng duyệt");
		if (r->session_start && !r->from_event)
			ics_text(out, "RELATED-TO", r->uid);
		buf_puts(out, "STATUS:CONFIRMED\r\nEND:VEVENT\r\n");
		buf_free(&text);
	}
	buf_puts(out, "END:VCALENDAR\r\n");
}
