/* Writes one meeting as a calendar. Called by `meeting add`. Pure: the caller chooses the file's
 * name and keeps it. What a person typed is escaped or refused, so that no answer can add a
 * property of its own. */
#include "schedules/meeting.h"

#include "base/hash.h"
#include "base/instant.h"
#include "base/str.h"
#include "schedules/ics_write.h"

#include <string.h>

/* A value that stands unescaped. */
static bool
one_line(const char *s)
{
	for (; s && *s; s++)
		if ((unsigned char)*s < ' ' || *s == 127)
			return false;
	return true;
}

static enum err
check(const struct meeting_new *m, struct err_text *e)
{
	if (str_empty(m->summary))
		return err_set(e, ERR_INPUT, T("the meeting has no title"));
	if (m->end <= m->start)
		return err_set(e, ERR_INPUT, T("the meeting ends before it begins"));
	if (m->rule && str_empty(m->zone))
		return err_set(e, ERR_INPUT, T("a series needs the zone whose clock it follows"));
	const char *const lines[] = { m->uid, m->zone, m->rule, m->sites, m->playbook, m->chair,
		m->related_to };
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		if (!one_line(lines[i]))
			return err_set(e, ERR_INPUT,
				T("\"%.40s\" holds a line break or control character"), lines[i]);
	if (m->zone && strpbrk(m->zone, ":;,\""))
		return err_set(e, ERR_INPUT, T("\"%.40s\" is no zone"), m->zone);
	return OK;
}

/* "+0700" in the zone that is set. */
static void
offset_of(int64_t at, char out[8])
{
	instant_local(at, "%z", out, 8);
}

/* Readers that do not know the zone get its offset; a zone that changes its clock is known to all
 * by name. */
static void
put_zone(struct buf *out, const struct meeting_new *m)
{
	enum { QUARTERS = 8 };
	char first[8], other[8];
	offset_of(m->start, first);
	for (int i = 1; i <= QUARTERS; i++) {
		offset_of(m->start + INT64_C(7889400000) * i, other);
		if (!str_eq(first, other))
			return;
	}
	buf_puts(out, "BEGIN:VTIMEZONE\r\n");
	ics_line(out, "TZID", m->zone);
	buf_puts(out, "BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n");
	ics_line(out, "TZOFFSETFROM", first);
	ics_line(out, "TZOFFSETTO", first);
	buf_puts(out, "END:STANDARD\r\nEND:VTIMEZONE\r\n");
}

static void
put_start_end(struct buf *out, const struct meeting_new *m)
{
	if (!m->rule) {
		ics_utc(out, "DTSTART", m->start);
		ics_utc(out, "DTEND", m->end);
		return;
	}
	char local[20];
	struct buf name = { 0 };
	buf_printf(&name, "DTSTART;TZID=%s", m->zone);
	ics_line(
		out, buf_str(&name), instant_local(m->start, "%Y%m%dT%H%M%S", local, sizeof local));
	buf_clear(&name);
	buf_printf(&name, "DTEND;TZID=%s", m->zone);
	ics_line(out, buf_str(&name), instant_local(m->end, "%Y%m%dT%H%M%S", local, sizeof local));
	buf_free(&name);
	ics_line(out, "RRULE", m->rule);
}

static void
put_description(struct buf *out, const struct meeting_new *m)
{
	struct buf b = { 0 };
	if (!str_empty(m->sites))
		buf_printf(&b, "Điểm cầu: %s\n", m->sites);
	if (!str_empty(m->playbook))
		buf_printf(&b, "Kịch bản: %s\n", m->playbook);
	if (!str_empty(m->chair))
		buf_printf(&b, "Chủ trì: %s\n", m->chair);
	if (m->people > 0)
		buf_printf(&b, "Số người: %d\n", m->people);
	if (!str_empty(m->notes))
		buf_puts(&b, m->notes);
	if (b.n)
		ics_text(out, "DESCRIPTION", buf_str(&b));
	buf_free(&b);
}

enum err
meeting_ics(const struct meeting_new *m, int64_t now, struct buf *out, struct err_text *e)
{
	enum err code = check(m, e);
	if (code != OK)
		return code;
	struct buf uid = { 0 };
	if (str_empty(m->uid)) {
		char hex[HASH_HEX_SIZE];
		buf_printf(&uid, "%s|%lld|%lld|%s", m->summary, (long long)m->start, (long long)now,
			m->rule ? m->rule : "");
		hash_hex(buf_str(&uid), uid.n, hex);
		buf_clear(&uid);
		buf_printf(&uid, "%.20s@tongduyet", hex);
	} else {
		buf_puts(&uid, m->uid);
	}
	buf_puts(out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tongduyet//meeting//VI\r\n");
	if (m->rule)
		put_zone(out, m);
	buf_puts(out, "BEGIN:VEVENT\r\n");
	ics_text(out, "UID", buf_str(&uid));
	ics_utc(out, "DTSTAMP", now);
	ics_utc(out, "CREATED", now);
	ics_text(out, "SUMMARY", m->summary);
	put_start_end(out, m);
	put_description(out, m);
	if (!str_empty(m->location))
		ics_text(out, "LOCATION", m->location);
	if (!str_empty(m->related_to))
		ics_text(out, "RELATED-TO", m->related_to);
	if (m->rehearsal)
		ics_text(out, "CATEGORIES", "Tổng duyệt");
	buf_puts(out, "STATUS:CONFIRMED\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
	buf_free(&uid);
	return OK;
}
