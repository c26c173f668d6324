/* Zones: system zones through the C library, VTIMEZONEs as tables of changes, Windows names as
 * aliases. Called by the parser and the expander, in the child only: system zones are asked by
 * setting TZ. A zone that is not known is NULL, never UTC; a TZID never becomes a path outside the
 * zone directory. */
#include "schedules/calendar_internal.h"

#include "base/buf.h"
#include "base/str.h"
#include "base/utf8.h"

#include <fcntl.h>
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TZID_MAX = 128, CHANGES_MAX = 20000, LAST_YEAR = 2200 };

static bool
safe_name(const char *name)
{
	if (!*name || *name == '/' || *name == '.' || strlen(name) > TZID_MAX ||
		strstr(name, "..") || strstr(name, "//"))
		return false;
	for (const char *c = name; *c; c++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/",
			    *c))
			return false;
	/* Leap seconds and the machine's own choices are no places. */
	return !str_starts(name, "right/") && !str_starts(name, "posix/") &&
	       !str_eq(name, "localtime") && !str_eq(name, "posixrules") &&
	       !str_eq(name, "Factory");
}

/* Whether the zone directory holds a compiled zone of that name: without one the C library would
 * say UTC. */
static bool
system_has(const char *name)
{
	char path[256];
	const char *dir = getenv("TZDIR");
	snprintf(path, sizeof path, "%s/%s", dir && *dir ? dir : "/usr/share/zoneinfo", name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return false;
	char magic[4] = "";
	struct stat st;
	bool ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && read(fd, magic, 4) == 4 &&
		  memcmp(magic, "TZif", 4) == 0;
	close(fd);
	return ok;
}

const struct cal_zone *
cal_zone_system(const char *name, struct arena *a)
{
	if (!safe_name(name) || !system_has(name))
		return NULL;
	struct cal_zone *z = arena_alloc(a, sizeof *z);
	z->name = z->tzid = arena_strdup(a, name);
	z->utc = str_eq(name, "UTC") || str_eq(name, "Etc/UTC");
	return z;
}

int
cal_zone_offset(const struct cal_zone *z, int64_t utc)
{
	if (z->utc)
		return 0;
	if (z->name) {
		const char *now = getenv("TZ");
		if (!now || *now != ':' || !str_eq(now + 1, z->name)) {
			char value[TZID_MAX + 2];
			snprintf(value, sizeof value, ":%s", z->name);
			setenv("TZ", value, 1);
			tzset();
		}
		time_t t = (time_t)utc;
		struct tm tm;
		return localtime_r(&t, &tm) ? (int)tm.tm_gmtoff : 0;
	}
	size_t low = 0, high = z->n; /* the last change at or before utc */
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (z->at[mid].at <= utc)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? z->at[low - 1].offset : z->before;
}

int64_t
cal_zone_utc(const struct cal_zone *z, int64_t civil)
{
	int before = cal_zone_offset(z, civil - DAY_S), after = cal_zone_offset(z, civil + DAY_S);
	if (before == after)
		return civil - before;
	if (cal_zone_offset(z, civil - before) == before)
		return civil - before;
	if (cal_zone_offset(z, civil - after) == after)
		return civil - after;
	return civil - before; /* inside the gap */
}

/* One STANDARD or DAYLIGHT part: every instant at which it begins. */
static const char *
add_part(struct cal *c, struct cal_zone *z, icalcomponent *part, bool *first, int64_t *earliest)
{
	icalproperty *from = icalcomponent_get_first_property(part, ICAL_TZOFFSETFROM_PROPERTY);
	icalproperty *to = icalcomponent_get_first_property(part, ICAL_TZOFFSETTO_PROPERTY);
	icalproperty *start = icalcomponent_get_first_property(part, ICAL_DTSTART_PROPERTY);
	if (!from || !to || !start)
		return T("a part lacks DTSTART, TZOFFSETFROM or TZOFFSETTO");
	int before = icalproperty_get_tzoffsetfrom(from), offset = icalproperty_get_tzoffsetto(to);
	struct icaltimetype t = icalproperty_get_dtstart(start);
	if (abs(before) > 86400 || abs(offset) > 86400 || t.year < 1 || t.month < 1 ||
		t.month > 12 || t.day < 1)
		return T("a part has an impossible offset or start");
	int64_t civil = cal_civil(t), limit = civil_days(LAST_YEAR, 1, 1) * DAY_S;
	if (*first || civil - before < *earliest) {
		*first = false;
		*earliest = civil - before;
		z->before = before;
	}
	*vec_add_in(c->arena, z) = (struct cal_change){ .at = civil - before, .offset = offset };
	for (icalproperty *p = icalcomponent_get_first_property(part, ICAL_RDATE_PROPERTY);
		p && z->n < CHANGES_MAX;
		p = icalcomponent_get_next_property(part, ICAL_RDATE_PROPERTY)) {
		struct icaldatetimeperiodtype d = icalproperty_get_rdate(p);
		if (!icaltime_is_null_time(d.time))
			*vec_add_in(c->arena, z) =
				(struct cal_change){ .at = cal_civil(d.time) - before,
					.offset = offset };
	}
	icalproperty *rule = icalcomponent_get_first_property(part, ICAL_RRULE_PROPERTY);
	if (!rule)
		return NULL;
	struct icalrecurrencetype recur = icalproperty_get_rrule(rule);
	struct rule r;
	const char *why = NULL;
	if (!cal_rule(&recur, &r, &why) || r.freq < RULE_MONTHLY)
		return why ? why : T("a part repeats more often than monthly");
	struct rule_iter it;
	rule_begin(&it, &r, civil, INT64_MIN, &c->budget);
	for (int64_t at; z->n < CHANGES_MAX && rule_next(&it, limit, &at) == 1;) {
		int64_t until = r.until_kind == UNTIL_UTC ? r.until + before : r.until;
		if (r.until_kind != UNTIL_NONE &&
			at > until + (r.until_kind == UNTIL_DATE ? DAY_S - 1 : 0))
			break;
		*vec_add_in(c->arena, z) =
			(struct cal_change){ .at = at - before, .offset = offset };
	}
	rule_end(&it);
	return NULL;
}

static int
by_time(const void *x, const void *y)
{
	const struct cal_change *a = x, *b = y;
	return (a->at > b->at) - (a->at < b->at);
}

const struct cal_zone *
cal_zone_parse(struct cal *c, const struct cal_block *b, const char *file)
{
	struct cal_zone *z = arena_alloc(c->arena, sizeof *z);
	z->file = file;
	struct buf text = { 0 };
	buf_puts(&text, "BEGIN:VTIMEZONE\r\n");
	for (size_t i = 0; i < b->n; i++)
		buf_printf(&text, "%s\r\n", b->at[i].text);
	buf_puts(&text, "END:VTIMEZONE\r\n");
	icalcomponent *comp = icalparser_parse_string(buf_str(&text));
	buf_free(&text);
	icalproperty *id = comp ? icalcomponent_get_first_property(comp, ICAL_TZID_PROPERTY) : NULL;
	if (!id) {
		if (comp)
			icalcomponent_free(comp);
		faults_add(c->faults, file, b->line, T("this VTIMEZONE has no TZID"));
		return NULL;
	}
	z->tzid = arena_strdup(c->arena, icalproperty_get_tzid(id));
	bool first = true;
	int64_t earliest = 0;
	for (icalcomponent *p = icalcomponent_get_first_component(comp, ICAL_ANY_COMPONENT);
		p && !z->wrong; p = icalcomponent_get_next_component(comp, ICAL_ANY_COMPONENT))
		z->wrong = add_part(c, z, p, &first, &earliest);
	if (!z->n && !z->wrong)
		z->wrong = T("it has no STANDARD or DAYLIGHT part");
	icalcomponent_free(comp);
	if (z->wrong)
		faults_add(c->faults, file, b->line, T("VTIMEZONE \"%s\" cannot be used: %s"),
			z->tzid, z->wrong);
	if (z->n)
		qsort(z->at, z->n, sizeof *z->at, by_time);
	return z;
}

/* Globally unique ids begin with "/" and end with an IANA name:
 * /mozilla.org/20050126_1/Asia/Ho_Chi_Minh. */
static const struct cal_zone *
find_unprefixed(struct cal *c, const char *tzid)
{
	for (const char *p = tzid + 1; (p = strchr(p, '/'));) {
		const struct cal_zone *z = cal_zone_system(++p, c->arena);
		if (z)
			return z;
	}
	return NULL;
}

const struct cal_zone *
cal_zone_find(struct cal *c, const char *tzid, const char *file)
{
	for (size_t i = 0; i < c->zones.n; i++)
		if (str_eq(c->zones.at[i]->tzid, tzid) && c->zones.at[i]->name)
			return c->zones.at[i];
	if (strlen(tzid) > TZID_MAX)
		return NULL;
	const struct cal_zone *z =
		*tzid == '/' ? find_unprefixed(c, tzid) : cal_zone_system(tzid, c->arena);
	if (!z) {
		const char *windows = utf8_zone_from_windows(c->arena, tzid);
		z = windows ? cal_zone_system(windows, c->arena) : NULL;
	}
	if (z) {
		struct cal_zone *alias = arena_memdup(c->arena, z, sizeof *z);
		alias->tzid = arena_strdup(c->arena, tzid);
		*vec_add_in(c->arena, &c->zones) = alias;
		return alias;
	}
	for (size_t i = 0; i < c->zones.n; i++)
		if (str_eq(c->zones.at[i]->tzid, tzid) && c->zones.at[i]->file &&
			str_eq(c->zones.at[i]->file, file))
			return c->zones.at[i]->wrong ? NULL : c->zones.at[i];
	return NULL;
}
