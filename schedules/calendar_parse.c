/* Blocks to events: the values of the properties, read by libical's parser one event at a time.
 * Called by the child for each file. Owns the rules about what a broken property costs: one that
 * tells the hours costs its event, any other only itself. Must never hand a TZID to libical's zone
 * look-up, and never take an unknown zone for UTC. */
#include "schedules/calendar_internal.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/utf8.h"

#include <libical/ical.h>
#include <string.h>
#include <strings.h>

struct parser {
	struct cal *c;
	const struct cal_block *block;
	const char *file;
	struct cal_event *e;
};

/* Line of the first property of that name, else of the event. */
static int
line_of(const struct parser *p, const char *name)
{
	for (size_t i = 0; i < p->block->n; i++)
		if (cal_line_is(&p->block->at[i], name))
			return p->block->at[i].line;
	return p->block->line;
}

/* Name what is wrong; the event is not read. */
static void __attribute__((format(printf, 3, 4)))
refuse(struct parser *p, const char *property, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	const char *why = arena_vprintf(p->c->arena, fmt, ap);
	va_end(ap);
	faults_add(
		p->c->faults, p->file, line_of(p, property), T("%s: the event is not read"), why);
	p->e->refused = true;
}

/* A DATE or DATE-TIME with its property's TZID. False: refused. */
static bool
read_time(struct parser *p, icalproperty *prop, const char *name, struct icaltimetype t,
	struct cal_time *out)
{
	if (icaltime_is_null_time(t) || !cal_real_date(t)) {
		refuse(p, name, T("%s is no date of the calendar"), name);
		return false;
	}
	*out = (struct cal_time){ .kind = CAL_FLOATING, .civil = cal_civil(t) };
	if (t.is_date) {
		out->kind = CAL_DATE;
		return true;
	}
	if (icaltime_is_utc(t)) {
		out->kind = CAL_UTC;
		return true;
	}
	icalparameter *param = icalproperty_get_first_parameter(prop, ICAL_TZID_PARAMETER);
	const char *tzid = param ? icalparameter_get_tzid(param) : NULL;
	if (str_empty(tzid))
		return true;
	out->zone = cal_zone_find(p->c, tzid, p->file);
	out->kind = CAL_ZONED;
	if (!out->zone)
		refuse(p, name, T("%s has the time zone \"%.*s\", which nobody knows"), name,
			(int)utf8_cut(tzid, 60), tzid);
	return out->zone != NULL;
}

/* "P1DT2H" as days of the calendar and exact seconds. */
static bool
read_duration(struct icaldurationtype d, int64_t *days, int64_t *seconds)
{
	*days = (int64_t)d.weeks * 7 + d.days;
	*seconds = (int64_t)d.hours * 3600 + (int64_t)d.minutes * 60 + d.seconds;
	return !d.is_neg && *days <= 3660 && *seconds <= (int64_t)3660 * DAY_S;
}

static int64_t
utc_ms(struct icaltimetype t)
{
	return icaltime_is_null_time(t) || !cal_real_date(t) ? 0 : cal_civil(t) * 1000;
}

static void
read_rule(struct parser *p, icalproperty *prop)
{
	struct icalrecurrencetype recur = icalproperty_get_rrule(prop);
	struct rule r;
	const char *why = NULL;
	if (!cal_rule(&recur, &r, &why))
		refuse(p, "RRULE", "RRULE: %s", why);
	else if (p->e->rules.n >= 8)
		refuse(p, "RRULE", T("more than 8 RRULEs"));
	else
		*vec_add_in(p->c->arena, &p->e->rules) = r;
}

static void
read_rdate(struct parser *p, icalproperty *prop)
{
	struct icaldatetimeperiodtype d = icalproperty_get_rdate(prop);
	struct cal_rdate r = { 0 };
	bool period = icaltime_is_null_time(d.time);
	if (!read_time(p, prop, "RDATE", period ? d.period.start : d.time, &r.at))
		return;
	if (period) {
		r.period = true;
		int64_t days, seconds;
		struct cal_time end = r.at;
		if (!icaltime_is_null_time(d.period.end)) {
			if (!read_time(p, prop, "RDATE", d.period.end, &end))
				return;
			r.length = cal_instant(p->c, end) - cal_instant(p->c, r.at);
		} else if (read_duration(d.period.duration, &days, &seconds)) {
			r.length = (days * DAY_S + seconds) * 1000;
		} else {
			r.length = -1;
		}
		if (r.length < 0) {
			refuse(p, "RDATE", T("RDATE has a period that ends before it begins"));
			return;
		}
	}
	*vec_add_in(p->c->arena, &p->e->rdates) = r;
}

/* Text of the unescaped parts of a comma list. */
static void
add_parts(const char *value, struct buf *out)
{
	for (const char *c = value;; c++) {
		if (*c == '\\' && c[1]) {
			c++;
			buf_putc(out, *c == 'n' || *c == 'N' ? ' ' : *c);
		} else if (*c == ',' || !*c) {
			buf_putc(out, '\0');
			if (!*c)
				return;
		} else {
			buf_putc(out, *c);
		}
	}
}

/* Zero-separated parts to a NULL-terminated list, trimmed, empty ones dropped. */
static const char *const *
to_list(struct parser *p, struct buf *parts)
{
	VEC(const char *) list = { 0 };
	for (size_t i = 0; i < parts->n; i += strlen(parts->at + i) + 1) {
		const char *part = str_trim(arena_strdup(p->c->arena, parts->at + i));
		if (*part && list.n < 1000)
			*vec_add_in(p->c->arena, &list) = utf8_nfc(p->c->arena, part);
	}
	*vec_add_in(p->c->arena, &list) = NULL;
	buf_free(parts);
	return list.at;
}

/* Rooms and resources among the attendees: their name, or the address without "mailto:". */
static void
add_attendee(icalproperty *prop, struct buf *out)
{
	icalparameter *type = icalproperty_get_first_parameter(prop, ICAL_CUTYPE_PARAMETER);
	icalparameter_cutype kind = type ? icalparameter_get_cutype(type) : ICAL_CUTYPE_INDIVIDUAL;
	if (kind != ICAL_CUTYPE_ROOM && kind != ICAL_CUTYPE_RESOURCE)
		return;
	icalparameter *cn = icalproperty_get_first_parameter(prop, ICAL_CN_PARAMETER);
	const char *name = cn ? icalparameter_get_cn(cn) : NULL;
	const char *address = icalproperty_get_attendee(prop);
	if (str_empty(name))
		name = address && strncasecmp(address, "mailto:", 7) == 0 ? address + 7 : address;
	if (!str_empty(name)) {
		buf_puts(out, name);
		buf_putc(out, '\0');
	}
}

/* Titles and categories by which a rehearsal is known, folded; the second list for text typed
 * without marks. */
static bool
says_rehearsal(struct arena *a, const char *text)
{
	static const char *const words[] = { "tổng duyệt", "chạy thử", "kết nối thử", "rehearsal",
		NULL };
	static const char *const bare[] = { "tong duyet", "chay thu", "ket noi thu", NULL };
	const char *folded = utf8_fold(a, text);
	for (int i = 0; words[i]; i++)
		if (strstr(folded, words[i]))
			return true;
	if (!str_eq(folded, utf8_plain(a, text)))
		return false;
	for (int i = 0; bare[i]; i++)
		if (strstr(folded, bare[i]))
			return true;
	return false;
}

static void
read_property(
	struct parser *p, icalproperty *prop, struct cal_time *end, bool *has_end, bool *has_start)
{
	struct cal_event *e = p->e;
	struct arena *a = p->c->arena;
	int64_t days = 0, seconds = 0;
	switch ((int)icalproperty_isa(prop)) {
	case ICAL_UID_PROPERTY:
		e->uid = str_trim(arena_strdup(a, icalproperty_get_uid(prop)));
		break;
	case ICAL_DTSTART_PROPERTY:
		*has_start =
			read_time(p, prop, "DTSTART", icalproperty_get_dtstart(prop), &e->start);
		break;
	case ICAL_DTEND_PROPERTY:
		*has_end = read_time(p, prop, "DTEND", icalproperty_get_dtend(prop), end);
		break;
	case ICAL_DURATION_PROPERTY:
		if (!read_duration(icalproperty_get_duration(prop), &days, &seconds))
			refuse(p, "DURATION", T("DURATION is negative or longer than ten years"));
		e->nominal = true, e->days = days, e->seconds = seconds;
		break;
	case ICAL_RRULE_PROPERTY: read_rule(p, prop); break;
	case ICAL_EXRULE_PROPERTY:
		refuse(p, "EXRULE", T("EXRULE is not supported (RFC 5545 removed it); use EXDATE"));
		break;
	case ICAL_RDATE_PROPERTY: read_rdate(p, prop); break;
	case ICAL_EXDATE_PROPERTY: {
		struct cal_time t;
		if (read_time(p, prop, "EXDATE", icalproperty_get_exdate(prop), &t))
			*vec_add_in(a, &e->exdates) = t;
		break;
	}
	case ICAL_RECURRENCEID_PROPERTY: {
		e->has_recid = read_time(
			p, prop, "RECURRENCE-ID", icalproperty_get_recurrenceid(prop), &e->recid);
		icalparameter *range = icalproperty_get_first_parameter(prop, ICAL_RANGE_PARAMETER);
		e->future = range && icalparameter_get_range(range) == ICAL_RANGE_THISANDFUTURE;
		break;
	}
	case ICAL_SEQUENCE_PROPERTY: e->sequence = icalproperty_get_sequence(prop); break;
	case ICAL_DTSTAMP_PROPERTY: e->stamp = utc_ms(icalproperty_get_dtstamp(prop)); break;
	case ICAL_LASTMODIFIED_PROPERTY:
		e->modified = utc_ms(icalproperty_get_lastmodified(prop));
		break;
	case ICAL_CREATED_PROPERTY: e->created = utc_ms(icalproperty_get_created(prop)); break;
	case ICAL_STATUS_PROPERTY: {
		enum icalproperty_status s = icalproperty_get_status(prop);
		e->cancelled = e->cancelled || s == ICAL_STATUS_CANCELLED;
		e->status = s == ICAL_STATUS_CANCELLED	 ? "CANCELLED"
			    : s == ICAL_STATUS_TENTATIVE ? "TENTATIVE"
			    : s == ICAL_STATUS_CONFIRMED ? "CONFIRMED"
							 : "";
		break;
	}
	case ICAL_SUMMARY_PROPERTY:
		e->summary = utf8_nfc(a, arena_strdup(a, icalproperty_get_summary(prop)));
		break;
	case ICAL_DESCRIPTION_PROPERTY:
		e->description = utf8_nfc(a, arena_strdup(a, icalproperty_get_description(prop)));
		break;
	case ICAL_LOCATION_PROPERTY:
		e->location = utf8_nfc(a, arena_strdup(a, icalproperty_get_location(prop)));
		break;
	case ICAL_RELATEDTO_PROPERTY:
		if (!*e->related_to)
			e->related_to = str_trim(arena_strdup(a, icalproperty_get_relatedto(prop)));
		break;
	}
}

/* libical's account of what it could not read, for one line alone. NULL: it reads well. */
static const char *
line_error(struct parser *p, const struct cal_line *l)
{
	char *text = arena_printf(p->c->arena, "BEGIN:VEVENT\r\n%s\r\nEND:VEVENT\r\n", l->text);
	icalcomponent *comp = icalparser_parse_string(text);
	const char *why = comp ? NULL : "is not understood";
	icalproperty *error =
		comp ? icalcomponent_get_first_property(comp, ICAL_XLICERROR_PROPERTY) : NULL;
	if (error) {
		const char *said = icalproperty_get_xlicerror(error);
		why = arena_strdup(p->c->arena, said ? said : "is not understood");
	}
	if (comp)
		icalcomponent_free(comp);
	return why;
}

/* Every line that libical dropped is named; one that tells the hours costs the event. */
static void
name_errors(struct parser *p)
{
	static const char *const hours[] = { "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE",
		"EXDATE", "EXRULE", "RECURRENCE-ID", "UID", NULL };
	for (size_t i = 0; i < p->block->n; i++) {
		const struct cal_line *l = &p->block->at[i];
		const char *why = line_error(p, l);
		if (!why)
			continue;
		bool fatal = false;
		for (int k = 0; hours[k]; k++)
			fatal = fatal || cal_line_is(l, hours[k]);
		const char *value = cal_line_value(l);
		if (cal_line_is(l, "RRULE") && strcasestr(value, "COUNT=") &&
			strcasestr(value, "UNTIL="))
			why = T("COUNT and UNTIL together");
		const char *name = arena_strndup(p->c->arena, l->text, strcspn(l->text, ";:"));
		faults_add(p->c->faults, p->file, l->line, "%s \"%.*s\": %s%s", name,
			(int)utf8_cut(value, 60), value, why,
			fatal ? ": the event is not read" : ": left out");
		p->e->refused = p->e->refused || fatal;
	}
}

/* Only what we use is shown to libical. */
static bool
wanted(const struct cal_line *l)
{
	static const char *const names[] = { "UID", "DTSTART", "DTEND", "DURATION", "RRULE",
		"EXRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "SEQUENCE", "DTSTAMP",
		"LAST-MODIFIED", "CREATED", "STATUS", "SUMMARY", "DESCRIPTION", "LOCATION",
		"RELATED-TO", "ATTENDEE", NULL };
	for (int i = 0; names[i]; i++)
		if (cal_line_is(l, names[i]))
			return true;
	return false;
}

static void
finish(struct parser *p, bool has_start, bool has_end, struct cal_time end)
{
	struct cal_event *e = p->e;
	struct cal *c = p->c;
	if (!has_start && !e->refused)
		refuse(p, "BEGIN", T("this event has no DTSTART"));
	if (e->refused)
		return;
	if (!*e->uid) {
		char hex[HASH_HEX_SIZE];
		const char *text = arena_printf(
			c->arena, "%lld|%s", (long long)cal_instant(c, e->start), e->summary);
		hash_hex(text, strlen(text), hex);
		e->uid = arena_printf(c->arena, "no-uid-%.16s", hex);
		faults_add(c->faults, p->file, e->line,
			T("this event has no UID: it is known by its start and title, and a new "
			  "one when either changes"));
	}
	if (has_end && e->nominal) {
		refuse(p, "DURATION", T("DTEND and DURATION together"));
		return;
	}
	if (has_end) {
		bool days = e->start.kind == CAL_DATE && end.kind == CAL_DATE;
		int64_t length = days ? end.civil - e->start.civil
				      : (cal_instant(c, end) - cal_instant(c, e->start)) / 1000;
		if (length < 0) {
			refuse(p, "DTEND", T("the event ends before it begins"));
			return;
		}
		e->nominal = days;
		e->days = days ? (length / DAY_S ? length / DAY_S : 1) : 0;
		e->seconds = days ? 0 : length;
	} else if (!e->nominal && e->start.kind == CAL_DATE) {
		e->nominal = true;
		e->days = 1;
	}
	if (!e->has_recid)
		e->future = false;
	if (e->has_recid && (e->rules.n || e->rdates.n)) {
		faults_add(c->faults, p->file, line_of(p, "RRULE"),
			T("an exception cannot have a rule of its own: the rule is left out"));
		e->rules.n = e->rdates.n = 0;
	}
}

static void
parse_event(struct cal *c, const struct cal_block *b, const char *file, bool cancel)
{
	struct cal_event *e = arena_alloc(c->arena, sizeof *e);
	*e = (struct cal_event){ .file = file,
		.line = b->line,
		.uid = "",
		.summary = "",
		.description = "",
		.location = "",
		.status = cancel ? "CANCELLED" : "",
		.related_to = "",
		.cancelled = cancel,
		.order = c->n };
	struct parser p = { .c = c, .block = b, .file = file, .e = e };
	struct buf text = { 0 }, categories = { 0 }, attendees = { 0 };
	buf_puts(&text, "BEGIN:VEVENT\r\n");
	for (size_t i = 0; i < b->n; i++) {
		const struct cal_line *l = &b->at[i];
		if (wanted(l))
			buf_printf(&text, "%s\r\n", l->text);
		else if (cal_line_is(l, "CATEGORIES"))
			add_parts(cal_line_value(l), &categories);
		else if (cal_line_is(l, "RESOURCES"))
			add_parts(cal_line_value(l), &attendees);
	}
	buf_puts(&text, "END:VEVENT\r\n");
	icalcomponent *comp = icalparser_parse_string(buf_str(&text));
	buf_free(&text);
	struct cal_time end = { 0 };
	bool has_end = false, has_start = false;
	if (!comp) {
		refuse(&p, "BEGIN", T("this event is not understood"));
	} else {
		if (icalcomponent_count_errors(comp) > 0)
			name_errors(&p);
		for (icalproperty *prop = icalcomponent_get_first_property(comp, ICAL_ANY_PROPERTY);
			prop && !e->refused;
			prop = icalcomponent_get_next_property(comp, ICAL_ANY_PROPERTY)) {
			if (icalproperty_isa(prop) == ICAL_ATTENDEE_PROPERTY)
				add_attendee(prop, &attendees);
			else
				read_property(&p, prop, &end, &has_end, &has_start);
		}
		icalcomponent_free(comp);
	}
	e->categories = to_list(&p, &categories);
	e->attendees = to_list(&p, &attendees);
	if (cancel)
		e->status = "CANCELLED", e->cancelled = true;
	finish(&p, has_start, has_end, end);
	e->rehearsal = says_rehearsal(c->arena, e->summary);
	for (size_t i = 0; e->categories[i]; i++)
		e->rehearsal = e->rehearsal || says_rehearsal(c->arena, e->categories[i]);
	if (!e->refused)
		*vec_add_in(c->arena, c) = e;
}

void
cal_parse(struct cal *c, const struct cal_scan *scan, const char *file)
{
	size_t before = c->faults->n;
	for (size_t i = 0; i < scan->n; i++) {
		if (!scan->at[i].zone)
			continue;
		const struct cal_zone *z = cal_zone_parse(c, &scan->at[i], file);
		if (z)
			*vec_add_in(c->arena, &c->zones) = z;
	}
	for (size_t i = 0; i < scan->n; i++)
		if (!scan->at[i].zone)
			parse_event(c, &scan->at[i], file, scan->cancel);
	if (c->faults->n > before + CAL_FAULTS_MAX) {
		size_t more = c->faults->n - before - CAL_FAULTS_MAX;
		c->faults->n = before + CAL_FAULTS_MAX;
		faults_add(
			c->faults, file, 0, T("%zu more faults in this file are not listed"), more);
	}
}
