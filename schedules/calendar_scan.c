/* Bytes of an .ics file cut into VEVENT and VTIMEZONE blocks of unfolded lines. Called by the child
 * for each file. Knows nothing of libical: it bounds what libical is shown (line length, nesting)
 * and gives every fault its line. Must never give up a file because of one bad event. */
#include "schedules/calendar_internal.h"

#include "base/buf.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"

#include <string.h>
#include <strings.h>

struct scanner {
	const char *p, *end;
	int line; /* of the next physical line */
	const char *file;
	struct arena *a;
	struct faults *faults;
	size_t faults_before;
	struct cal_scan *out;
	struct cal_block block; /* being collected */
	bool in_block, spoiled;
	int skip;      /* nested components left out of the block */
	int calendars; /* BEGIN:VCALENDAR seen */
	bool open;     /* inside a VCALENDAR */
};

static void __attribute__((format(printf, 3, 4)))
complain(struct scanner *s, int line, const char *fmt, ...)
{
	size_t n = s->faults->n - s->faults_before;
	if (n > CAL_FAULTS_MAX)
		return;
	va_list ap;
	va_start(ap, fmt);
	const char *text = arena_vprintf(s->a, fmt, ap);
	va_end(ap);
	faults_add(s->faults, s->file, line, "%s",
		n == CAL_FAULTS_MAX ? "more faults in this file are not listed" : text);
}

/* What of a text line is shown in a fault. */
static const char *
shown(struct scanner *s, const struct cal_line *l)
{
	return arena_strndup(s->a, l->text, utf8_cut(l->text, 40));
}

bool
cal_line_is(const struct cal_line *l, const char *name)
{
	size_t n = strlen(name);
	return strncasecmp(l->text, name, n) == 0 && (l->text[n] == ':' || l->text[n] == ';');
}

const char *
cal_line_value(const struct cal_line *l)
{
	bool quoted = false;
	for (const char *c = l->text; *c; c++) {
		quoted ^= *c == '"';
		if (*c == ':' && !quoted)
			return c + 1;
	}
	return "";
}

/* One physical line without its end; CR LF, LF and CR all end lines. */
static bool
next_physical(struct scanner *s, const char **text, size_t *n)
{
	if (s->p >= s->end)
		return false;
	const char *at = s->p;
	while (s->p < s->end && *s->p != '\n' && *s->p != '\r')
		s->p++;
	*text = at;
	*n = (size_t)(s->p - at);
	if (s->p < s->end && *s->p == '\r')
		s->p++;
	if (s->p < s->end && *s->p == '\n' && (s->p == at + *n || s->p[-1] == '\r'))
		s->p++;
	s->line++;
	return true;
}

/* Properties without which the hours of an event cannot be trusted. */
static bool
is_about_time(const struct cal_line *l)
{
	static const char *const names[] = { "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE",
		"EXDATE", "EXRULE", "RECURRENCE-ID", "UID", NULL };
	for (int i = 0; names[i]; i++)
		if (cal_line_is(l, names[i]))
			return true;
	return false;
}

/* The next unfolded line, cleaned; false at the end. A line too long is cut and says so. */
static bool
next_line(struct scanner *s, struct cal_line *out, bool *too_long)
{
	const char *text;
	size_t n;
	do {
		out->line = s->line + 1;
		if (!next_physical(s, &text, &n))
			return false;
	} while (n == 0);
	struct buf b = { 0 };
	*too_long = false;
	for (;;) {
		size_t room = CAL_LINE_MAX - b.n;
		*too_long = *too_long || n > room;
		buf_add(&b, text, n < room ? n : room);
		if (s->p >= s->end || (*s->p != ' ' && *s->p != '\t'))
			break;
		next_physical(s, &text, &n);
		text++;
		n--;
	}
	bool valid = utf8_valid(buf_str(&b), b.n);
	out->text =
		valid ? arena_strndup(s->a, buf_str(&b), b.n) : utf8_repair(s->a, buf_str(&b), b.n);
	out->n = strlen(out->text);
	if (!valid)
		complain(s, out->line,
			T("is not UTF-8 (\"%s\"): read with signs lost; save the calendar as "
			  "UTF-8"),
			shown(s, out));
	else if (out->n < b.n)
		complain(s, out->line, T("holds a NUL byte: the rest of the line is not read"));
	buf_free(&b);
	return true;
}

static void
close_block(struct scanner *s)
{
	if (!s->spoiled)
		*vec_add_in(s->a, s->out) = s->block;
	s->in_block = false;
}

static void
begin(struct scanner *s, const struct cal_line *l, const char *what)
{
	bool event = strcasecmp(what, "VEVENT") == 0, zone = strcasecmp(what, "VTIMEZONE") == 0;
	if (strcasecmp(what, "VCALENDAR") == 0) {
		if (s->in_block)
			complain(s, s->block.line, T("this %s has no END"),
				s->block.zone ? "VTIMEZONE" : "VEVENT");
		s->in_block = false;
		s->skip = 0;
		s->calendars++;
		s->open = true;
		return;
	}
	if (s->in_block && (event || zone)) {
		complain(s, s->block.line, T("this %s has no END: it is not read"),
			s->block.zone ? "VTIMEZONE" : "VEVENT");
		s->in_block = false;
		s->skip = 0;
	}
	if (s->in_block) {
		/* The parts of a time zone are needed, alarms inside an event are not. */
		if (s->block.zone && s->skip == 0 &&
			(strcasecmp(what, "STANDARD") == 0 || strcasecmp(what, "DAYLIGHT") == 0))
			*vec_add_in(s->a, &s->block) = *l;
		else
			s->skip++;
		return;
	}
	if (!event && !zone)
		return;
	s->in_block = true;
	s->spoiled = false;
	s->skip = 0;
	s->block = (struct cal_block){ .line = l->line, .zone = zone };
}

static void
end(struct scanner *s, const struct cal_line *l, const char *what)
{
	if (strcasecmp(what, "VCALENDAR") == 0) {
		if (s->in_block)
			complain(s, s->block.line, T("this %s has no END: it is not read"),
				s->block.zone ? "VTIMEZONE" : "VEVENT");
		s->in_block = false;
		s->open = false;
		return;
	}
	if (!s->in_block)
		return;
	if (strcasecmp(what, s->block.zone ? "VTIMEZONE" : "VEVENT") == 0) {
		close_block(s);
		return;
	}
	if (s->skip > 0)
		s->skip--;
	else if (s->block.zone)
		*vec_add_in(s->a, &s->block) = *l;
}

static void
property(struct scanner *s, const struct cal_line *l, bool too_long)
{
	if (!s->in_block) {
		if (!s->open)
			return;
		if (cal_line_is(l, "METHOD"))
			s->out->cancel = strcasecmp(cal_line_value(l), "CANCEL") == 0;
		else if (cal_line_is(l, "NAME") ||
			 (cal_line_is(l, "X-WR-CALNAME") && !*s->out->name))
			s->out->name = cal_line_value(l);
		else if (cal_line_is(l, "REFRESH-INTERVAL") ||
			 (cal_line_is(l, "X-PUBLISHED-TTL") && !*s->out->refresh))
			s->out->refresh = cal_line_value(l);
		return;
	}
	if (s->skip > 0)
		return;
	if (!strchr(l->text, ':')) {
		complain(s, l->line,
			T("\"%s\" is no property: perhaps a folded line without the blank before "
			  "it"),
			shown(s, l));
		return;
	}
	if (too_long) {
		bool fatal = is_about_time(l) || s->block.zone;
		complain(s, l->line, T("\"%s\" is longer than 64 KiB: %s is not read"), shown(s, l),
			fatal ? "its event" : "the line");
		s->spoiled = s->spoiled || fatal;
		return;
	}
	*vec_add_in(s->a, &s->block) = *l;
}

/* What is no calendar at all gets one line. */
static bool
refuse(struct scanner *s, size_t n)
{
	const char *c = s->p;
	if (n >= 2 && (memcmp(c, "\xFF\xFE", 2) == 0 || memcmp(c, "\xFE\xFF", 2) == 0)) {
		complain(s, 1, T("is UTF-16: save the calendar as UTF-8"));
		return true;
	}
	while (c < s->end && strchr(" \t\r\n", *c) && *c)
		c++;
	if (c == s->end) {
		complain(s, 0, T("is empty"));
		return true;
	}
	if (*c == '<') {
		complain(s, 1,
			T("is a web page, not a calendar: the address perhaps asks for a login"));
		return true;
	}
	return false;
}

void
cal_scan(const char *bytes, size_t n, const char *file, struct arena *a, struct faults *faults,
	struct cal_scan *out)
{
	*out = (struct cal_scan){ .name = "", .refresh = "" };
	struct scanner s = { .p = bytes,
		.end = bytes + n,
		.file = file,
		.a = a,
		.faults = faults,
		.out = out,
		.faults_before = faults->n };
	if (n > CAL_FILE_MAX) {
		complain(&s, 0, T("is larger than 10 MB: it is not read"));
		return;
	}
	if (n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
		s.p += 3;
	if (refuse(&s, (size_t)(s.end - s.p)))
		return;
	struct cal_line l;
	bool too_long;
	while (next_line(&s, &l, &too_long)) {
		const char *value = cal_line_value(&l);
		if (strncasecmp(l.text, "BEGIN:", 6) == 0)
			begin(&s, &l, str_trim(arena_strdup(a, value)));
		else if (strncasecmp(l.text, "END:", 4) == 0)
			end(&s, &l, str_trim(arena_strdup(a, value)));
		else
			property(&s, &l, too_long);
	}
	if (s.calendars == 0)
		complain(&s, 1, T("has no BEGIN:VCALENDAR: it is not a calendar"));
	if (s.in_block)
		complain(&s, s.block.line, T("the file ends inside this %s: it is not read"),
			s.block.zone ? "VTIMEZONE" : "VEVENT");
	else if (s.calendars && s.open)
		complain(&s, s.line,
			T("the file ends without END:VCALENDAR: it is perhaps cut off"));
}
