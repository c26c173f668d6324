/* Calendars: one row per rule part of RFC 5545, per known fault of other readers, per way in which hours went wrong for
 * others. Everything goes through the real child: this program is its own child. Expected instances are civil times of
 * the row's workspace zone. */
#include "schedules/calendar.h"

#include "base/clock.h"
#include "base/instant.h"
#include "base/str.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define VN "Asia/Ho_Chi_Minh"
#define NY "America/New_York"
#define EV(body) "BEGIN:VEVENT\nUID:a@x\nDTSTAMP:20260101T000000Z\nSUMMARY:Họp\n" body "END:VEVENT\n"
#define CAL(body) "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n" body "END:VCALENDAR\n"
#define NYS(start, rule) CAL(EV("DTSTART;TZID=" NY ":" start "\nDURATION:PT1H\nRRULE:" rule "\n"))
#define VNS(start, more) CAL(EV("DTSTART;TZID=" VN ":" start "\nDURATION:PT1H\n" more))

struct row {
	const char *name, *ics, *zone; /* zone NULL = VN */
	const char *from, *to;         /* days; NULL = the year 2026 */
	const char *want;              /* "20260302", "20260302T0700", "20260302T0700+60" (minutes), "c" cancelled (then all) */
	const char *fault;             /* words of a fault that must be there; NULL: there must be none */
	int line;                      /* of that fault, 0 = any */
};

struct result {
	struct arena *a;
	struct faults faults;
	struct occurrences o;
	enum err code;
	char *shown; /* the faults */
};

static void
write_file(const char *path, const char *bytes, size_t n)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

static int64_t
day(const char *s)
{
	char text[32];
	int64_t at;
	snprintf(text, sizeof text, "%sT00:00:00", s);
	assert_true(instant_parse(text, &at));
	return at;
}

/* Each ics is one file of one calendar. */
static void
read_all(struct result *r, const char *const *ics, const size_t *sizes, size_t n, const char *zone, const char *from,
	const char *to, bool all)
{
	*r = (struct result){ .a = arena_new() };
	r->faults.arena = r->a;
	struct err_text e = { 0 };
	assert_int_equal(clock_set_zone(zone ? zone : VN, &e), OK);
	const char *files[8] = { 0 };
	for (size_t i = 0; i < n; i++) {
		files[i] = arena_printf(r->a, "/tmp/td-cal-%d-%zu.ics", (int)getpid(), i);
		write_file(files[i], ics[i], sizes ? sizes[i] : strlen(ics[i]));
	}
	struct calendar_source source = { .id = "ubnd", .files = files };
	r->code = calendar_read(&source, 1, day(from ? from : "2026-01-01"), day(to ? to : "2027-01-01"), zone ? zone : VN, all,
		r->a, &r->faults, &r->o);
	for (size_t i = 0; i < n; i++)
		unlink(files[i]);
	struct buf b = { 0 };
	faults_print(&r->faults, &b);
	r->shown = arena_strdup(r->a, buf_str(&b));
	buf_free(&b);
}

static char *
show(struct result *r, const char *like)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < r->o.n; i++) {
		const struct occurrence *o = &r->o.at[i];
		char text[32];
		instant_local(o->start, strchr(like, 'T') ? "%Y%m%dT%H%M" : "%Y%m%d", text, sizeof text);
		buf_printf(&b, "%s%s", i ? " " : "", text);
		if (strchr(like, '+'))
			buf_printf(&b, "+%lld", (long long)(o->end - o->start) / 60000);
		if (o->cancelled)
			buf_putc(&b, 'c');
	}
	char *out = arena_strdup(r->a, buf_str(&b));
	buf_free(&b);
	return out;
}

static void
check_rows(const struct row *rows, size_t n)
{
	int bad = 0;
	for (size_t i = 0; i < n; i++) {
		const struct row *w = &rows[i];
		struct result r;
		read_all(&r, &w->ics, NULL, 1, w->zone, w->from, w->to, strchr(w->want, 'c') != NULL);
		const char *got = show(&r, w->want);
		bool told = !w->fault ? r.faults.n == 0 : strstr(r.shown, w->fault) != NULL;
		for (size_t k = 0; told && w->line && k < r.faults.n; k++)
			told = !strstr(r.faults.at[k].text, w->fault) || r.faults.at[k].line == w->line;
		if (r.code != OK || strcmp(got, w->want) != 0 || !told) {
			print_error("%s\n  want %s\n  got  %s\n  fault wanted: %s (line %d)\n  faults: %s\n", w->name, w->want, got,
				w->fault ? w->fault : "none", w->line, r.shown);
			bad++;
		}
		arena_free(r.a);
	}
	assert_int_equal(bad, 0);
}
#define CHECK(rows) check_rows(rows, sizeof rows / sizeof *rows)

/* The examples of RFC 5545 3.8.5.3, which touch every rule part. */
static void
test_rfc_rules(void **state)
{
	static const struct row rows[] = {
		{ "daily, COUNT", NYS("19970902T090000", "FREQ=DAILY;COUNT=3"), NY, "1997-01-01", "1999-01-01",
			"19970902T0900+60 19970903T0900+60 19970904T0900+60" },
		{ "daily, UNTIL in UTC", NYS("19971221T090000", "FREQ=DAILY;UNTIL=19971224T000000Z"), NY, "1997-01-01", "1999-01-01",
			"19971221 19971222 19971223" },
		{ "every 10 days", NYS("19970902T090000", "FREQ=DAILY;INTERVAL=10;COUNT=5"), NY, "1997-01-01", "1999-01-01",
			"19970902 19970912 19970922 19971002 19971012" },
		{ "across the change of the clock", NYS("19971024T090000", "FREQ=DAILY;COUNT=4"), NY, "1997-01-01", "1999-01-01",
			"19971024T0900 19971025T0900 19971026T0900 19971027T0900" },
		{ "January daily by yearly", NYS("19980101T090000", "FREQ=YEARLY;UNTIL=19990103T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA"),
			NY, "1998-01-29", "2000-01-01", "19980129 19980130 19980131 19990101 19990102 19990103" },
		{ "January daily by daily", NYS("19980101T090000", "FREQ=DAILY;UNTIL=19990103T140000Z;BYMONTH=1"), NY, "1998-01-29",
			"2000-01-01", "19980129 19980130 19980131 19990101 19990102 19990103" },
		{ "weekly", NYS("19970902T090000", "FREQ=WEEKLY;COUNT=4"), NY, "1997-01-01", "1999-01-01",
			"19970902 19970909 19970916 19970923" },
		{ "every other week, endless", NYS("19970902T090000", "FREQ=WEEKLY;INTERVAL=2;WKST=SU"), NY, "1997-09-01", "1997-11-01",
			"19970902 19970916 19970930 19971014 19971028" },
		{ "TU and TH", NYS("19970902T090000", "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH"), NY, "1997-01-01", "1999-01-01",
			"19970902 19970904 19970909 19970911 19970916 19970918 19970923 19970925 19970930 19971002" },
		{ "MO WE FR every other week", NYS("19970901T090000", "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR"),
			NY, "1997-01-01", "1999-01-01", "19970901 19970903 19970905 19970915 19970917 19970919 19970929 19971001 19971003 "
			"19971013 19971015 19971017 19971027 19971029 19971031 19971110 19971112 19971114 19971124 19971126 19971128 "
			"19971208 19971210 19971212 19971222" },
		{ "BYDAY=1FR", NYS("19970905T090000", "FREQ=MONTHLY;COUNT=5;BYDAY=1FR"), NY, "1997-01-01", "1999-01-01",
			"19970905 19971003 19971107 19971205 19980102" },
		{ "BYDAY=1SU,-1SU", NYS("19970907T090000", "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU"), NY, "1997-01-01",
			"1999-01-01", "19970907 19970928 19971102 19971130 19980104 19980125 19980301 19980329 19980503 19980531" },
		{ "BYDAY=-2MO", NYS("19970922T090000", "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO"), NY, "1997-01-01", "1999-01-01",
			"19970922 19971020 19971117 19971222 19980119 19980216" },
		{ "BYMONTHDAY=-3", NYS("19970928T090000", "FREQ=MONTHLY;BYMONTHDAY=-3"), NY, "1997-09-01", "1998-03-01",
			"19970928 19971029 19971128 19971229 19980129 19980226" },
		{ "BYMONTHDAY=1,-1", NYS("19970930T090000", "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1"), NY, "1997-01-01", "1999-01-01",
			"19970930 19971001 19971031 19971101 19971130 19971201 19971231 19980101 19980131 19980201" },
		{ "every 18 months", NYS("19970910T090000", "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15"), NY,
			"1997-01-01", "2000-01-01", "19970910 19970911 19970912 19970913 19970914 19970915 19990310 19990311 19990312 19990313" },
		{ "months without the day are left out", NYS("20070115T090000", "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5"), NY, "2007-01-01",
			"2008-01-01", "20070115 20070130 20070215 20070315 20070330" },
		{ "BYMONTH", NYS("19970610T090000", "FREQ=YEARLY;COUNT=4;BYMONTH=6,7"), NY, "1997-01-01", "2002-01-01",
			"19970610 19970710 19980610 19980710" },
		{ "BYYEARDAY", NYS("19970101T090000", "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200"), NY, "1997-01-01",
			"2007-01-01", "19970101 19970410 19970719 20000101 20000409 20000718 20030101 20030410 20030719 20060101" },
		{ "BYDAY=20MO of the year", NYS("19970519T090000", "FREQ=YEARLY;BYDAY=20MO"), NY, "1997-01-01", "2000-01-01",
			"19970519 19980518 19990517" },
		{ "BYWEEKNO", NYS("19970512T090000", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO"), NY, "1997-01-01", "2000-01-01",
			"19970512 19980511 19990517" },
		{ "BYWEEKNO=1 begins in the old year", NYS("19971229T090000", "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO"), NY, "1997-01-01",
			"2002-01-01", "19971229 19990104 20000103 20010101 20011231" },
		{ "BYWEEKNO=-1, day from DTSTART", NYS("19971224T090000", "FREQ=YEARLY;BYWEEKNO=-1"), NY, "1997-01-01", "2000-01-01",
			"19971224 19981230 19991229" },
		{ "BYMONTH and BYDAY", NYS("19970313T090000", "FREQ=YEARLY;BYMONTH=3;BYDAY=TH"), NY, "1997-01-01", "1999-01-01",
			"19970313 19970320 19970327 19980305 19980312 19980319 19980326" },
		{ "Friday the 13th, DTSTART excluded", CAL(EV("DTSTART;TZID=" NY ":19970902T090000\nEXDATE;TZID=" NY
			":19970902T090000\nRRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13\n")), NY, "1997-01-01", "2001-01-01",
			"19980213 19980313 19981113 19990813 20001013" },
		{ "election day", NYS("19961105T090000", "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8"), NY,
			"1996-01-01", "2005-01-01", "19961105 20001107 20041102" },
		{ "BYSETPOS=3", NYS("19970904T090000", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3"), NY, "1997-01-01", "1999-01-01",
			"19970904 19971007 19971106" },
		{ "BYSETPOS=-2", NYS("19970929T090000", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2"), NY, "1997-09-01", "1998-02-01",
			"19970929 19971030 19971127 19971230 19980129" },
		{ "hourly, UNTIL", NYS("19970902T090000", "FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T190000Z"), NY, "1997-01-01",
			"1999-01-01", "19970902T0900 19970902T1200 19970902T1500" },
		{ "every 15 minutes", NYS("19970902T090000", "FREQ=MINUTELY;INTERVAL=15;COUNT=4"), NY, "1997-01-01", "1999-01-01",
			"19970902T0900 19970902T0915 19970902T0930 19970902T0945" },
		{ "BYHOUR, BYMINUTE", NYS("19970902T090000", "FREQ=DAILY;BYHOUR=9,16;BYMINUTE=0,20,40;COUNT=7"), NY, "1997-01-01",
			"1999-01-01", "19970902T0900 19970902T0920 19970902T0940 19970902T1600 19970902T1620 19970902T1640 19970903T0900" },
		{ "minutely within hours", NYS("19970902T090000", "FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,16;COUNT=7"), NY, "1997-01-01",
			"1999-01-01", "19970902T0900 19970902T0920 19970902T0940 19970902T1600 19970902T1620 19970902T1640 19970903T0900" },
		{ "secondly", NYS("19970902T090000", "FREQ=SECONDLY;INTERVAL=1800;COUNT=3"), NY, "1997-01-01", "1999-01-01",
			"19970902T0900 19970902T0930 19970902T1000" },
		{ "BYSECOND", NYS("19970902T090000", "FREQ=MINUTELY;BYSECOND=0,30;COUNT=3"), NY, "1997-01-01", "1999-01-01",
			"19970902T0900 19970902T0900 19970902T0901" },
		{ "WKST=MO", NYS("19970805T090000", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO"), NY, "1997-01-01",
			"1999-01-01", "19970805 19970810 19970819 19970824" },
		{ "WKST=SU", NYS("19970805T090000", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU"), NY, "1997-01-01",
			"1999-01-01", "19970805 19970817 19970819 19970831" },
		{ "leap day", VNS("20240229T080000", "RRULE:FREQ=YEARLY\n"), NULL, "2024-01-01", "2033-01-01",
			"20240229T0800 20280229T0800 20320229T0800" },
		{ "endless, far from its start", VNS("19700105T080000", "RRULE:FREQ=WEEKLY;BYDAY=MO\n"), NULL, "2026-03-01", "2026-03-15",
			"20260302T0800 20260309T0800" },
		{ "COUNT from 1970 reaches the window", VNS("19700101T080000", "RRULE:FREQ=DAILY;COUNT=20516\n"), NULL, "2026-03-01",
			"2026-04-01", "20260301T0800 20260302T0800 20260303T0800" },
		{ "COUNT counts a DTSTART outside the rule", VNS("20260303T080000", "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3\n"), NULL, NULL,
			NULL, "20260303 20260309 20260316" },
		{ "two rules and RDATE", VNS("20260302T080000", "RRULE:FREQ=WEEKLY;COUNT=2\nRRULE:FREQ=DAILY;COUNT=2\nRDATE;TZID=" VN
			":20260310T080000,20260303T080000\n"), NULL, NULL, NULL, "20260302 20260303 20260309 20260310" },
	};
	CHECK(rows);
}

/* What libical's own expansion gets wrong without a word. */
static void
test_silent_faults(void **state)
{
	static const struct row rows[] = {
		{ "override replaces, cancelled vanishes", CAL(
			EV("DTSTART;TZID=" VN ":20260302T080000\nDTEND;TZID=" VN ":20260302T100000\nRRULE:FREQ=WEEKLY;COUNT=4\n")
			EV("RECURRENCE-ID;TZID=" VN ":20260309T080000\nDTSTART;TZID=" VN ":20260310T140000\nDURATION:PT30M\n")
			EV("RECURRENCE-ID;TZID=" VN ":20260316T080000\nDTSTART;TZID=" VN ":20260316T080000\nSTATUS:CANCELLED\n")),
			NULL, NULL, NULL, "20260302T0800+120 20260310T1400+30 20260323T0800+120" },
		{ "the same with cancelled ones", CAL(EV("DTSTART;TZID=" VN ":20260302T080000\nRRULE:FREQ=WEEKLY;COUNT=2\n")
			EV("RECURRENCE-ID:20260309T010000Z\nDTSTART;TZID=" VN ":20260309T080000\nSTATUS:CANCELLED\n")),
			NULL, NULL, NULL, "20260302T0800 20260309T0800c" },
		{ "RDATE with TZID", VNS("20260302T080000", "RDATE;TZID=" VN ":20260305T080000\n"), "UTC", NULL, NULL,
			"20260302T0100 20260305T0100" },
		{ "RDATE PERIOD, end", VNS("20260302T080000", "RDATE;VALUE=PERIOD:20260305T010000Z/20260305T033000Z\n"), NULL, NULL, NULL,
			"20260302T0800+60 20260305T0800+150" },
		{ "RDATE PERIOD, duration, zone", VNS("20260302T080000", "RDATE;VALUE=PERIOD;TZID=" VN ":20260305T090000/PT15M\n"), NULL,
			NULL, NULL, "20260302T0800+60 20260305T0900+15" },
		{ "RDATE equal to an instance", VNS("20260302T080000", "RRULE:FREQ=DAILY;COUNT=2\nRDATE:20260303T010000Z\n"), NULL, NULL,
			NULL, "20260302T0800 20260303T0800" },
		{ "EXDATE as a date", VNS("20260302T030000", "RRULE:FREQ=DAILY;COUNT=3\nEXDATE;VALUE=DATE:20260303\n"), NULL, NULL, NULL,
			"20260302T0300 20260304T0300" },
		{ "EXDATE in UTC", VNS("20260302T030000", "RRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260302T200000Z\n"), NULL, NULL, NULL,
			"20260302T0300 20260304T0300" },
		{ "EXDATE with TZID, several", VNS("20260302T030000", "RRULE:FREQ=DAILY;COUNT=4\nEXDATE;TZID=" VN
			":20260303T030000,20260304T030000\n"), NULL, NULL, NULL, "20260302T0300 20260305T0300" },
		{ "EXDATE in another zone", VNS("20260302T080000", "RRULE:FREQ=DAILY;COUNT=2\nEXDATE;TZID=" NY ":20260302T200000\n"), NULL,
			NULL, NULL, "20260302T0800" },
		{ "EXDATE floating", VNS("20260302T080000", "RRULE:FREQ=DAILY;COUNT=2\nEXDATE:20260303T080000\n"), "UTC", NULL, NULL,
			"20260302T0100" },
		{ "COUNT and UNTIL", VNS("20260302T080000", "RRULE:FREQ=DAILY;COUNT=2;UNTIL=20260305\n"), NULL, NULL, NULL, "",
			"COUNT and UNTIL together", 10 },
		{ "UNTIL as a date keeps its day", VNS("20260302T080000", "RRULE:FREQ=DAILY;UNTIL=20260304\n"), NULL, NULL, NULL,
			"20260302 20260303 20260304" },
		{ "UNTIL local", VNS("20260302T080000", "RRULE:FREQ=DAILY;UNTIL=20260304T080000\n"), NULL, NULL, NULL,
			"20260302 20260303 20260304" },
		{ "Windows zone without VTIMEZONE", CAL(EV("DTSTART;TZID=SE Asia Standard Time:20260302T080000\n")), "UTC", NULL, NULL,
			"20260302T0100" },
		{ "Windows zone in quotes", CAL(EV("DTSTART;TZID=\"SE Asia Standard Time\":20260302T080000\n")), "UTC", NULL, NULL,
			"20260302T0100" },
		{ "EXRULE", VNS("20260302T080000", "RRULE:FREQ=DAILY;COUNT=5\nEXRULE:FREQ=DAILY;COUNT=2\n"), NULL, NULL, NULL, "", "EXRULE",
			11 },
		{ "all-day lasts a day", CAL(EV("DTSTART;VALUE=DATE:20260302\n")), NULL, NULL, NULL, "20260302T0000+1440" },
		{ "all-day with DTEND", CAL(EV("DTSTART;VALUE=DATE:20260302\nDTEND;VALUE=DATE:20260304\n")), NULL, NULL, NULL,
			"20260302T0000+2880" },
		{ "all-day with EXDATE at midnight", CAL(EV("DTSTART;VALUE=DATE:20260302\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260302T170000Z\n")),
			NULL, NULL, NULL, "20260302 20260304" },
		{ "a gap moves its own day only", CAL(EV("DTSTART;TZID=" NY ":20260307T023000\nRRULE:FREQ=DAILY;COUNT=3\n")), "UTC", NULL,
			NULL, "20260307T0730 20260308T0730 20260309T0630" },
		{ "an hour that comes twice is the first", CAL(EV("DTSTART;TZID=" NY ":20261031T013000\nRRULE:FREQ=DAILY;COUNT=3\n")), "UTC",
			NULL, NULL, "20261031T0530 20261101T0530 20261102T0630" },
		{ "hourly by 24 with another hour gives none", VNS("20260302T080000", "RRULE:FREQ=HOURLY;INTERVAL=24;BYHOUR=1\n"), NULL,
			NULL, NULL, "20260302T0800" },
		{ "secondly by 60 with another second gives none", VNS("20260302T080000", "RRULE:FREQ=SECONDLY;INTERVAL=60;BYSECOND=1\n"),
			NULL, NULL, NULL, "20260302T0800" },
		{ "DTSTART outside its rule is an instance", VNS("20260303T080000", "RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20260316\n"), NULL,
			NULL, NULL, "20260303 20260309 20260316" },
		{ "a false VTIMEZONE does not replace the system zone", CAL("BEGIN:VTIMEZONE\nTZID:" VN "\nBEGIN:STANDARD\n"
			"DTSTART:19700101T000000\nTZOFFSETFROM:+0900\nTZOFFSETTO:+0900\nEND:STANDARD\nEND:VTIMEZONE\n"
			EV("DTSTART;TZID=" VN ":20260302T080000\n")), "UTC", NULL, NULL, "20260302T0100" },
		{ "30 February every minute", VNS("20260302T080000", "RRULE:FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30\n"), NULL, NULL, NULL,
			"20260302T0800" },
		{ "30 February every second", VNS("20260302T080000", "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30\n"), NULL, NULL, NULL,
			"20260302T0800" },
		{ "every second", CAL(EV("DTSTART:20260302T010000Z\nRRULE:FREQ=SECONDLY\n")), NULL, NULL, NULL, "",
			"more than 100,000 instances", 4 },
		{ "a rule of seconds from the year 1", CAL(EV("DTSTART:00010101T010000Z\nRRULE:FREQ=SECONDLY;COUNT=2000000000\n")), NULL, NULL,
			NULL, "", "too many steps", 4 },
		{ "INTERVAL=0", VNS("20260302T080000", "RRULE:FREQ=DAILY;INTERVAL=0\n"), NULL, NULL, NULL, "", "RRULE", 10 },
		{ "BYSECOND=61", VNS("20260302T080000", "RRULE:FREQ=DAILY;BYSECOND=61\n"), NULL, NULL, NULL, "", "RRULE", 10 },
		{ "RSCALE", VNS("20260302T080000", "RRULE:RSCALE=ETHIOPIC;FREQ=DAILY\n"), NULL, NULL, NULL, "", "RSCALE", 10 },
		{ "BYWEEKNO in a monthly rule", VNS("20260302T080000", "RRULE:FREQ=MONTHLY;BYWEEKNO=3\n"), NULL, NULL, NULL, "", "RRULE", 10 },
	};
	CHECK(rows);
}

#define VTZ(id, from, to) "BEGIN:VTIMEZONE\nTZID:" id "\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:" from \
	"\nTZOFFSETTO:" to "\nEND:STANDARD\nEND:VTIMEZONE\n"
#define US_ZONE "BEGIN:VTIMEZONE\nTZID:Ours\nBEGIN:DAYLIGHT\nDTSTART:20070311T020000\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0400\n" \
	"RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\nEND:DAYLIGHT\nBEGIN:STANDARD\nDTSTART:20071104T020000\nTZOFFSETFROM:-0400\n" \
	"TZOFFSETTO:-0500\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\nEND:STANDARD\nEND:VTIMEZONE\n"

static void
test_zones(void **state)
{
	static const struct row rows[] = {
		{ "UTC", CAL(EV("DTSTART:20260302T010000Z\n")), NULL, NULL, NULL, "20260302T0800" },
		{ "floating is the workspace's", CAL(EV("DTSTART:20260302T080000\n")), NULL, NULL, NULL, "20260302T0800" },
		{ "old IANA name", CAL(EV("DTSTART;TZID=Asia/Saigon:20260302T080000\n")), "UTC", NULL, NULL, "20260302T0100" },
		{ "global prefix", CAL(EV("DTSTART;TZID=/freeassociation.sourceforge.net/Asia/Ho_Chi_Minh:20260302T080000\n")), "UTC", NULL,
			NULL, "20260302T0100" },
		{ "dated prefix", CAL(EV("DTSTART;TZID=/mozilla.org/20050126_1/America/Argentina/Ushuaia:20260302T080000\n")), "UTC", NULL,
			NULL, "20260302T1100" },
		{ "VTIMEZONE of its own", CAL(VTZ("Customized Time Zone", "+0700", "+0700")
			EV("DTSTART;TZID=Customized Time Zone:20260302T080000\n")), "UTC", NULL, NULL, "20260302T0100" },
		{ "VTIMEZONE with both nights", CAL(US_ZONE EV("DTSTART;TZID=Ours:20260307T023000\nRRULE:FREQ=DAILY;COUNT=3\n")), "UTC",
			NULL, NULL, "20260307T0730 20260308T0730 20260309T0630" },
		{ "VTIMEZONE, autumn", CAL(US_ZONE EV("DTSTART;TZID=Ours:20261031T013000\nRRULE:FREQ=DAILY;COUNT=3\n")), "UTC", NULL, NULL,
			"20261031T0530 20261101T0530 20261102T0630" },
		{ "unknown zone: that event only", CAL(EV("DTSTART;TZID=Mars/Base:20260302T080000\n")
			"BEGIN:VEVENT\nUID:b\nDTSTART:20260303T010000Z\nEND:VEVENT\n"), NULL, NULL, NULL, "20260303T0800", "Mars/Base", 8 },
		{ "TZID as a path", CAL(EV("DTSTART;TZID=../../../etc/passwd:20260302T080000\n")), NULL, NULL, NULL, "", "nobody knows", 8 },
		{ "TZID as an absolute path", CAL(EV("DTSTART;TZID=/etc/localtime:20260302T080000\n")), NULL, NULL, NULL, "", "nobody knows",
			8 },
		{ "unknown zone of an EXDATE", VNS("20260302T080000", "RRULE:FREQ=DAILY;COUNT=3\nEXDATE;TZID=Nowhere:20260303T080000\n"),
			NULL, NULL, NULL, "", "Nowhere", 11 },
		{ "DTEND in another zone", CAL(EV("DTSTART;TZID=" VN ":20260302T080000\nDTEND:20260302T023000Z\n")), NULL, NULL, NULL,
			"20260302T0800+90" },
		{ "DTEND keeps the exact length over the change", CAL(EV("DTSTART;TZID=" NY ":20260306T230000\nDTEND;TZID=" NY
			":20260307T070000\nRRULE:FREQ=DAILY;COUNT=2\n")), "UTC", NULL, NULL, "20260307T0400+480 20260308T0400+480" },
		{ "DURATION of a day is a day of the calendar", CAL(EV("DTSTART;TZID=" NY ":20260307T120000\nDURATION:P1D\n")), "UTC", NULL,
			NULL, "20260307T1700+1380" },
		{ "broken VTIMEZONE", CAL("BEGIN:VTIMEZONE\nTZID:Half\nBEGIN:STANDARD\nDTSTART:19700101T000000\nEND:STANDARD\nEND:VTIMEZONE\n"
			EV("DTSTART;TZID=Half:20260302T080000\n")), NULL, NULL, NULL, "", "Half" },
	};
	CHECK(rows);
}

/* What the users of other programs reported. */
static void
test_went_wrong(void **state)
{
	static const struct row rows[] = {
		{ "RECURRENCE-ID in UTC", CAL(EV("DTSTART;TZID=" VN ":20260302T080000\nRRULE:FREQ=DAILY;COUNT=2\n")
			EV("RECURRENCE-ID:20260303T010000Z\nDTSTART;TZID=" VN ":20260303T090000\n")), NULL, NULL, NULL,
			"20260302T0800 20260303T0900" },
		{ "RECURRENCE-ID in another zone", CAL(EV("DTSTART;TZID=" VN ":20260302T080000\nRRULE:FREQ=DAILY;COUNT=2\n")
			EV("RECURRENCE-ID;TZID=" NY ":20260302T200000\nDTSTART;TZID=" VN ":20260303T090000\n")), NULL, NULL, NULL,
			"20260302T0800 20260303T0900" },
		{ "RECURRENCE-ID as a date", CAL(EV("DTSTART;TZID=" VN ":20260302T050000\nRRULE:FREQ=DAILY;COUNT=2\n")
			EV("RECURRENCE-ID;VALUE=DATE:20260303\nDTSTART;TZID=" VN ":20260303T090000\n")), NULL, NULL, NULL,
			"20260302T0500 20260303T0900" },
		{ "moved out of the window", CAL(EV("DTSTART;TZID=" VN ":20260302T080000\nRRULE:FREQ=DAILY;COUNT=3\n")
			EV("RECURRENCE-ID:20260303T010000Z\nDTSTART:20270303T010000Z\n")), NULL, NULL, NULL, "20260302T0800 20260304T0800" },
		{ "moved into the window from far away", CAL(EV("DTSTART;TZID=" VN ":20200302T080000\nRRULE:FREQ=DAILY;COUNT=3\n")
			EV("RECURRENCE-ID:20200303T010000Z\nDTSTART:20260303T020000Z\n")), NULL, NULL, NULL, "20260303T0900" },
		{ "higher SEQUENCE wins, whatever the order", CAL(
			EV("SEQUENCE:2\nDTSTART:20260302T030000Z\n") EV("SEQUENCE:1\nDTSTART:20260302T010000Z\n")), NULL, NULL, NULL,
			"20260302T1000" },
		{ "then DTSTAMP", CAL("BEGIN:VEVENT\nUID:a\nDTSTAMP:20260105T000000Z\nDTSTART:20260302T030000Z\nEND:VEVENT\n"
			"BEGIN:VEVENT\nUID:a\nDTSTAMP:20260104T000000Z\nDTSTART:20260302T010000Z\nEND:VEVENT\n"), NULL, NULL, NULL,
			"20260302T1000" },
		{ "then LAST-MODIFIED", CAL(EV("LAST-MODIFIED:20260106T000000Z\nDTSTART:20260302T030000Z\n")
			EV("LAST-MODIFIED:20260105T000000Z\nDTSTART:20260302T010000Z\n")), NULL, NULL, NULL, "20260302T1000" },
		{ "an older copy of an exception", CAL(EV("DTSTART:20260302T010000Z\nRRULE:FREQ=DAILY;COUNT=1\n")
			EV("SEQUENCE:3\nRECURRENCE-ID:20260302T010000Z\nDTSTART:20260302T030000Z\n")
			EV("SEQUENCE:2\nRECURRENCE-ID;TZID=" VN ":20260302T080000\nDTSTART:20260302T050000Z\n")), NULL, NULL, NULL,
			"20260302T1000" },
		{ "a cancelled series", CAL(EV("DTSTART:20260302T010000Z\nRRULE:FREQ=DAILY;COUNT=2\nSTATUS:CANCELLED\n")), NULL, NULL, NULL,
			"20260302c 20260303c" },
		{ "METHOD:CANCEL of one instance", CAL("METHOD:CANCEL\n" EV("RECURRENCE-ID:20260303T010000Z\nDTSTART:20260303T010000Z\n")),
			NULL, NULL, NULL, "20260303c" },
		{ "THISANDFUTURE moves and renames", CAL(
			EV("DTSTART;TZID=" VN ":20260302T080000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4\n")
			EV("RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=" VN ":20260304T080000\nDTSTART;TZID=" VN ":20260304T093000\nDURATION:PT2H\n")),
			NULL, NULL, NULL, "20260302T0800+60 20260303T0800+60 20260304T0930+120 20260305T0930+120" },
		{ "THISANDFUTURE cancelled", CAL(EV("DTSTART;TZID=" VN ":20260302T080000\nRRULE:FREQ=DAILY;COUNT=4\n")
			EV("RECURRENCE-ID;RANGE=THISANDFUTURE:20260304T010000Z\nDTSTART:20260304T010000Z\nSTATUS:CANCELLED\n")), NULL, NULL, NULL,
			"20260302 20260303 20260304c 20260305c" },
		{ "THISANDFUTURE twice, and an exception behind", CAL(
			EV("DTSTART;TZID=" VN ":20260302T080000\nRRULE:FREQ=DAILY;COUNT=5\n")
			EV("RECURRENCE-ID;RANGE=THISANDFUTURE:20260303T010000Z\nDTSTART:20260303T020000Z\n")
			EV("RECURRENCE-ID;RANGE=THISANDFUTURE:20260305T010000Z\nDTSTART:20260305T030000Z\n")
			EV("RECURRENCE-ID:20260304T010000Z\nDTSTART:20260304T000000Z\n")), NULL, NULL, NULL,
			"20260302T0800 20260303T0900 20260304T0700 20260305T1000 20260306T1000" },
		{ "left over from before the series moved", CAL(EV("SEQUENCE:2\nDTSTART;TZID=" VN ":20260302T090000\nRRULE:FREQ=DAILY;COUNT=2\n")
			EV("SEQUENCE:1\nRECURRENCE-ID:20260303T010000Z\nDTSTART:20260303T030000Z\n")), NULL, NULL, NULL,
			"20260302T0900 20260303T0900" },
		{ "an exception that EXDATE took away", CAL(
			EV("DTSTART;TZID=" VN ":20260302T080000\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:20260303T010000Z\n")
			EV("RECURRENCE-ID:20260303T010000Z\nDTSTART:20260303T030000Z\n")), NULL, NULL, NULL, "20260302T0800" },
		{ "an exception without its series", CAL(EV("RECURRENCE-ID:20260303T010000Z\nDTSTART:20260303T030000Z\n")), NULL, NULL, NULL,
			"20260303T1000" },
		{ "over 100 instances", VNS("20260301T080000", "RRULE:FREQ=DAILY;COUNT=150\n"), NULL, "2026-07-26", "2027-01-01",
			"20260726 20260727 20260728" },
	};
	CHECK(rows);
}

static void
test_bad_input(void **state)
{
#define GOOD "BEGIN:VEVENT\nUID:good\nDTSTART:20260401T010000Z\nEND:VEVENT\n"
	static const struct row rows[] = {
		{ "BOM", "\xEF\xBB\xBF" CAL(GOOD), NULL, NULL, NULL, "20260401" },
		{ "CR alone", "BEGIN:VCALENDAR\rBEGIN:VEVENT\rUID:a\rDTSTART:20260401T010000Z\rEND:VEVENT\rEND:VCALENDAR\r", NULL, NULL, NULL,
			"20260401" },
		{ "folded", CAL("BEGIN:VEVENT\r\nUID:a\r\nDTSTART;TZID=Asia/H\r\n o_Chi_Minh:202603\r\n\t02T080000\r\nEND:VEVENT\r\n"), NULL, NULL,
			NULL, "20260302T0800" },
		{ "wrongly folded", CAL("BEGIN:VEVENT\nUID:a\nDTSTART:20260302T010000Z\nDESCRIPTION:one\ntwo three\nEND:VEVENT\n" GOOD), NULL,
			NULL, NULL, "20260302 20260401", "\"two three\" is no property", 8 },
		{ "truncated", "BEGIN:VCALENDAR\n" GOOD "BEGIN:VEVENT\nUID:b\nDTSTART:20260302T010000Z\n", NULL, NULL, NULL, "20260401",
			"the file ends inside this VEVENT", 6 },
		{ "without END:VCALENDAR", "BEGIN:VCALENDAR\n" GOOD, NULL, NULL, NULL, "20260401", "without END:VCALENDAR", 5 },
		{ "an event without END", CAL("BEGIN:VEVENT\nUID:b\nDTSTART:20260302T010000Z\n" GOOD), NULL, NULL, NULL, "20260401",
			"this VEVENT has no END", 4 },
		{ "Latin-1", CAL("BEGIN:VEVENT\nUID:b\nSUMMARY:H\xF6p\nDTSTART:20260302T010000Z\nEND:VEVENT\n"), NULL, NULL, NULL, "20260302",
			"is not UTF-8", 6 },
		{ "a web page", "<!DOCTYPE html><html><body>Log in</body></html>", NULL, NULL, NULL, "", "is a web page" },
		{ "empty", "", NULL, NULL, NULL, "", "is empty" },
		{ "some text", "hello\nworld\n", NULL, NULL, NULL, "", "has no BEGIN:VCALENDAR" },
		{ "impossible date", CAL(EV("DTSTART;TZID=" VN ":20260230T080000\n") GOOD), NULL, NULL, NULL, "20260401", "DTSTART", 8 },
		{ "month 13", CAL(EV("DTSTART:20261301T080000Z\n") GOOD), NULL, NULL, NULL, "20260401", "DTSTART", 8 },
		{ "garbage date", CAL(EV("DTSTART:tomorrow\n") GOOD), NULL, NULL, NULL, "20260401", "DTSTART", 8 },
		{ "no DTSTART", CAL("BEGIN:VEVENT\nUID:b\nEND:VEVENT\n" GOOD), NULL, NULL, NULL, "20260401", "has no DTSTART", 4 },
		{ "ends before it begins", CAL(EV("DTSTART:20260302T010000Z\nDTEND:20260302T000000Z\n") GOOD), NULL, NULL, NULL, "20260401",
			"ends before it begins", 9 },
		{ "DTEND and DURATION", CAL(EV("DTSTART:20260302T010000Z\nDTEND:20260302T020000Z\nDURATION:PT1H\n") GOOD), NULL, NULL, NULL,
			"20260401", "DTEND and DURATION together", 10 },
		{ "garbage rule", CAL(EV("DTSTART:20260302T010000Z\nRRULE:FREQ=OFTEN\n") GOOD), NULL, NULL, NULL, "20260401", "RRULE", 9 },
		{ "a bad property that tells no hour", CAL(EV("DTSTART:20260302T010000Z\nCREATED:yesterday\n")), NULL, NULL, NULL, "20260302",
			"CREATED \"yesterday\"", 9 },
		{ "no UID", CAL("BEGIN:VEVENT\nDTSTART:20260302T010000Z\nEND:VEVENT\n"), NULL, NULL, NULL, "20260302", "has no UID", 4 },
		{ "alarms do not matter", CAL(EV("DTSTART:20260302T010000Z\nBEGIN:VALARM\nTRIGGER:-PT15M\nUID:z\nDTSTART:20260305T010000Z\n"
			"BEGIN:X-DEEP\nEND:X-DEEP\nEND:VALARM\n")), NULL, NULL, NULL, "20260302" },
		{ "two calendars in a file", CAL(GOOD) CAL(EV("DTSTART:20260302T010000Z\n")), NULL, NULL, NULL, "20260302 20260401" },
		{ "tasks are no events", CAL("BEGIN:VTODO\nUID:t\nDTSTART:20260302T010000Z\nEND:VTODO\n" GOOD), NULL, NULL, NULL, "20260401" },
	};
	CHECK(rows);
}

static void
test_big_input(void **state)
{
	struct result r;
	struct buf b = { 0 };
	/* A line of 70 KiB costs its event only when it tells the hours. */
	buf_puts(&b, "BEGIN:VCALENDAR\n");
	for (int k = 0; k < 2; k++) {
		buf_printf(&b, "BEGIN:VEVENT\nUID:%d\nDTSTART:20260302T010000Z\n%s", k, k ? "EXDATE:" : "DESCRIPTION:");
		for (int i = 0; i < 70 * 1024; i++)
			buf_putc(&b, '1');
		buf_puts(&b, "\nEND:VEVENT\n");
	}
	buf_puts(&b, "END:VCALENDAR\n");
	const char *text = buf_str(&b);
	read_all(&r, &text, NULL, 1, NULL, NULL, NULL, false);
	assert_int_equal(r.o.n, 1);
	assert_string_equal(r.o.at[0].uid, "0");
	assert_int_equal(r.faults.n, 2);
	arena_free(r.a);
	/* UTF-16. */
	static const char utf16[] = "\xFF\xFE" "B\0E\0G\0I\0N\0";
	const char *u = utf16;
	size_t n = sizeof utf16 - 1;
	read_all(&r, &u, &n, 1, NULL, NULL, NULL, false);
	assert_non_null(strstr(r.shown, "UTF-16"));
	arena_free(r.a);
	/* Eleven megabytes beside a good file: the good one is planned. */
	buf_clear(&b);
	buf_puts(&b, "BEGIN:VCALENDAR\n");
	while (b.n < 11u * 1024 * 1024)
		buf_puts(&b, "BEGIN:VEVENT\nUID:x\nDTSTART:20260302T010000Z\nEND:VEVENT\n");
	const char *two[] = { buf_str(&b), CAL(EV("DTSTART:20260302T010000Z\n")) };
	read_all(&r, two, NULL, 2, NULL, NULL, NULL, false);
	assert_int_equal(r.o.n, 1);
	assert_non_null(strstr(r.shown, "larger than 10 MB"));
	arena_free(r.a);
	/* Deep nesting and many exclusions are read in bounded time. */
	buf_clear(&b);
	buf_puts(&b, "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:x\nDTSTART:20260302T010000Z\nRRULE:FREQ=DAILY;COUNT=3\n");
	for (int i = 0; i < 200000; i++)
		buf_puts(&b, "BEGIN:X\n");
	for (int i = 0; i < 200000; i++)
		buf_puts(&b, "END:X\n");
	for (int i = 0; i < 50000; i++)
		buf_printf(&b, "EXDATE:2026%02d%02dT010000Z\n", 4 + i % 8, 1 + i % 28);
	buf_puts(&b, "EXDATE:20260303T010000Z\nEND:VEVENT\nEND:VCALENDAR\n");
	text = buf_str(&b);
	read_all(&r, &text, NULL, 1, NULL, NULL, NULL, false);
	assert_string_equal(r.shown, "");
	assert_string_equal(show(&r, "d"), "20260302 20260304");
	arena_free(r.a);
	buf_free(&b);
}

/* Several files of one calendar are one calendar. */
static void
test_files(void **state)
{
	struct result r;
	const char *files[] = {
		CAL(EV("DTSTART;TZID=" VN ":20260302T080000\nRRULE:FREQ=DAILY;COUNT=3\n")),
		CAL("METHOD:CANCEL\n" EV("SEQUENCE:1\nRECURRENCE-ID:20260303T010000Z\nDTSTART:20260303T010000Z\n")),
		CAL(EV("DTSTART;TZID=" VN ":20260302T080000\nRRULE:FREQ=DAILY;COUNT=3\n")),
	};
	for (int turn = 0; turn < 2; turn++) {
		const char *order[] = { files[turn ? 2 : 0], files[1], files[turn ? 0 : 2] };
		read_all(&r, order, NULL, 3, NULL, NULL, NULL, false);
		assert_string_equal(show(&r, "d"), "20260302 20260304");
		assert_int_equal(r.faults.n, 0);
		assert_int_equal(r.o.at[1].recurrence_id, r.o.at[1].start);
		arena_free(r.a);
	}
	struct arena *a = arena_new();
	struct faults f = { .arena = a };
	struct occurrences o;
	const char *const missing[] = { "/nonexistent/x.ics", NULL };
	struct calendar_source s = { .id = "x", .files = missing };
	assert_int_equal(calendar_read(&s, 1, 0, 1, VN, false, a, &f, &o), OK);
	assert_int_equal(o.n, 0);
	assert_int_equal(f.n, 1);
	arena_free(a);
}

static void
test_texts(void **state)
{
	struct result r;
	const char *ics = CAL("BEGIN:VEVENT\nUID:k\nCREATED:20260102T000000Z\nDTSTAMP:20260103T000000Z\nDTSTART:20260302T010000Z\n"
		"SUMMARY:Ke\xCC\x82\xCC\x81t nối thử\\, lần 1\nDESCRIPTION:Một\\nHai\\; ba\nLOCATION:Hội trường\nSTATUS:CONFIRMED\n"
		"CATEGORIES:Họp,A\\,B\nCATEGORIES:C\nRESOURCES:Màn hình,Tri Lễ\nRELATED-TO:phien@x\n"
		"ATTENDEE;CUTYPE=ROOM;CN=\"Chu Túc\":mailto:ct@x\nATTENDEE;CN=A Person:mailto:p@x\n"
		"ATTENDEE;CUTYPE=RESOURCE:mailto:room2@x\nCONFERENCE;VALUE=URI;FEATURE=VIDEO:sip:hop@x\nSEQUENCE:4\nEND:VEVENT\n"
		"BEGIN:VEVENT\nUID:l\nDTSTART:20260303T010000Z\nSUMMARY:Họp giao ban\nCATEGORIES:TỔNG DUYỆT\nEND:VEVENT\n"
		"BEGIN:VEVENT\nUID:m\nDTSTART:20260304T010000Z\nSUMMARY:Hop giao ban, chay thu\nEND:VEVENT\n"
		"BEGIN:VEVENT\nUID:n\nDTSTART:20260305T010000Z\nSUMMARY:Kết nối thứ tư\nEND:VEVENT\n");
	read_all(&r, &ics, NULL, 1, NULL, NULL, NULL, false);
	assert_string_equal(r.shown, "");
	assert_int_equal(r.o.n, 4);
	const struct occurrence *o = r.o.at;
	assert_string_equal(o->calendar, "ubnd");
	assert_int_equal(o->line, 4);
	assert_string_equal(o->summary, "K\xE1\xBA\xBFt nối thử, lần 1");
	assert_string_equal(o->description, "Một\nHai; ba");
	assert_string_equal(o->location, "Hội trường");
	assert_string_equal(o->status, "CONFIRMED");
	assert_string_equal(o->categories[1], "A,B");
	assert_string_equal(o->categories[2], "C");
	assert_null(o->categories[3]);
	assert_string_equal(o->related_to, "phien@x");
	assert_string_equal(o->conference, "sip:hop@x");
	const char *all[5] = { 0 };
	for (int i = 0; i < 4; i++)
		assert_non_null(all[i] = o->attendees[i]);
	assert_null(o->attendees[4]);
	for (int i = 0; i < 4; i++)
		assert_true(str_eq(all[i], "Màn hình") || str_eq(all[i], "Tri Lễ") || str_eq(all[i], "Chu Túc") || str_eq(all[i], "room2@x"));
	char at[INSTANT_SIZE];
	assert_string_equal(instant_utc(o->known_since, at), "2026-01-02T00:00:00Z");
	assert_int_equal(o->sequence, 4);
	assert_int_equal(o->recurrence_id, OCCURRENCE_NO_RECURRENCE);
	assert_true(o[0].rehearsal);
	assert_true(o[1].rehearsal);
	assert_true(o[2].rehearsal);
	assert_false(o[3].rehearsal);
	arena_free(r.a);
}

static void
test_about(void **state)
{
	struct arena *a = arena_new();
	const char *name, *text = CAL("REFRESH-INTERVAL;VALUE=DURATION:PT12H\nNAME:Lịch tỉnh\n" EV("DTSTART:20260302T010000Z\n"));
	int64_t refresh;
	calendar_about(text, strlen(text), a, &name, &refresh);
	assert_string_equal(name, "Lịch tỉnh");
	assert_int_equal(refresh, 43200000);
	calendar_about("", 0, a, &name, &refresh);
	assert_string_equal(name, "");
	assert_int_equal(refresh, 0);
	arena_free(a);
}

/* A child that cannot start, or that is no child, is no calendar without events. */
static void
test_child_fails(void **state)
{
	struct arena *a = arena_new();
	struct faults f = { .arena = a };
	struct occurrences o;
	const char *const files[] = { "/dev/null", NULL };
	struct calendar_source s = { .id = "x", .files = files };
	calendar_set_program("/nonexistent/program");
	assert_int_equal(calendar_read(&s, 1, 0, 1, VN, false, a, &f, &o), ERR_SYSTEM);
	calendar_set_program("/bin/echo");
	assert_int_equal(calendar_read(&s, 1, 0, 1, VN, false, a, &f, &o), OK);
	assert_int_equal(f.n, 1);
	assert_int_equal(o.n, 0);
	calendar_set_program("/proc/self/exe");
	arena_free(a);
}

int
main(int argc, char **argv)
{
	if (argc > 1 && str_eq(argv[1], "calendar-child"))
		return calendar_child(argc, argv);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rfc_rules),
		cmocka_unit_test(test_silent_faults),
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_went_wrong),
		cmocka_unit_test(test_bad_input),
		cmocka_unit_test(test_big_input),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_about),
		cmocka_unit_test(test_child_fails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
