/* Calendars: zones, and one row per way in which hours went wrong for others; bad and hostile
 * input; the child. The rules have their own tables in calendar_rules.c. */
#include "calendar_test.h"

#define VTZ(id, from, to) \
	"BEGIN:VTIMEZONE\nTZID:" id \
	"\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:" from "\nTZOFFSETTO:" to \
	"\nEND:STANDARD\nEND:VTIMEZONE\n"
#define US_ZONE \
	"BEGIN:VTIMEZONE\nTZID:Ours\nBEGIN:DAYLIGHT\nDTSTART:20070311T020000\nTZOFFSETFROM:-" \
	"0500\nTZOFFSETTO:-0400\n" \
	"RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\nEND:DAYLIGHT\nBEGIN:STANDARD\nDTSTART:" \
	"20071104T020000\nTZOFFSETFROM:-0400\n" \
	"TZOFFSETTO:-0500\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\nEND:STANDARD\nEND:VTIMEZONE\n"

static void
test_zones(void **state)
{
	static const struct row rows[] = {
		{ "UTC", CAL(EV("DTSTART:20260302T010000Z\n")), NULL, NULL, NULL, "20260302T0800" },
		{ "floating is the workspace's", CAL(EV("DTSTART:20260302T080000\n")), NULL, NULL,
			NULL, "20260302T0800" },
		{ "old IANA name", CAL(EV("DTSTART;TZID=Asia/Saigon:20260302T080000\n")), "UTC",
			NULL, NULL, "20260302T0100" },
		{ "global prefix",
			CAL(EV("DTSTART;TZID=/freeassociation.sourceforge.net/Asia/"
			       "Ho_Chi_Minh:20260302T080000\n")),
			"UTC", NULL, NULL, "20260302T0100" },
		{ "dated prefix",
			CAL(EV("DTSTART;TZID=/mozilla.org/20050126_1/America/Argentina/"
			       "Ushuaia:20260302T080000\n")),
			"UTC", NULL, NULL, "20260302T1100" },
		{ "VTIMEZONE of its own",
			CAL(VTZ("Customized Time Zone", "+0700", "+0700")
					EV("DTSTART;TZID=Customized Time Zone:20260302T080000\n")),
			"UTC", NULL, NULL, "20260302T0100" },
		{ "VTIMEZONE with both nights",
			CAL(US_ZONE EV(
				"DTSTART;TZID=Ours:20260307T023000\nRRULE:FREQ=DAILY;COUNT=3\n")),
			"UTC", NULL, NULL, "20260307T0730 20260308T0730 20260309T0630" },
		{ "VTIMEZONE, autumn",
			CAL(US_ZONE EV(
				"DTSTART;TZID=Ours:20261031T013000\nRRULE:FREQ=DAILY;COUNT=3\n")),
			"UTC", NULL, NULL, "20261031T0530 20261101T0530 20261102T0630" },
		{ "unknown zone: that event only",
			CAL(EV("DTSTART;TZID=Mars/Base:20260302T080000\n") "BEGIN:VEVENT\nUID:"
									   "b\nDTSTART:"
									   "20260303T010000Z\nEND:"
									   "VEVENT\n"),
			NULL, NULL, NULL, "20260303T0800", "Mars/Base", 8 },
		{ "TZID as a path", CAL(EV("DTSTART;TZID=../../../etc/passwd:20260302T080000\n")),
			NULL, NULL, NULL, "", "nobody knows", 8 },
		{ "TZID as an absolute path",
			CAL(EV("DTSTART;TZID=/etc/localtime:20260302T080000\n")), NULL, NULL, NULL,
			"", "nobody knows", 8 },
		{ "unknown zone of an EXDATE",
			VNS("20260302T080000",
				"RRULE:FREQ=DAILY;COUNT=3\nEXDATE;TZID=Nowhere:20260303T080000\n"),
			NULL, NULL, NULL, "", "Nowhere", 11 },
		{ "DTEND in another zone",
			CAL(EV("DTSTART;TZID=" VN ":20260302T080000\nDTEND:20260302T023000Z\n")),
			NULL, NULL, NULL, "20260302T0800+90" },
		{ "DTEND keeps the exact length over the change",
			CAL(EV("DTSTART;TZID=" NY ":20260306T230000\nDTEND;TZID=" NY
			       ":20260307T070000\nRRULE:FREQ=DAILY;COUNT=2\n")),
			"UTC", NULL, NULL, "20260307T0400+480 20260308T0400+480" },
		{ "DURATION of a day is a day of the calendar",
			CAL(EV("DTSTART;TZID=" NY ":20260307T120000\nDURATION:P1D\n")), "UTC", NULL,
			NULL, "20260307T1700+1380" },
		{ "broken VTIMEZONE",
			CAL("BEGIN:VTIMEZONE\nTZID:Half\nBEGIN:STANDARD\nDTSTART:"
			    "19700101T000000\nEND:STANDARD\nEND:VTIMEZONE\n" EV(
				    "DTSTART;TZID=Half:20260302T080000\n")),
			NULL, NULL, NULL, "", "Half" },
	};
	CHECK(rows);
}

/* What the users of other programs reported. */
static void
test_went_wrong(void **state)
{
	static const struct row rows[] = {
		{ "RECURRENCE-ID in UTC",
			CAL(EV("DTSTART;TZID=" VN ":20260302T080000\nRRULE:FREQ=DAILY;COUNT=2\n")
					EV("RECURRENCE-ID:20260303T010000Z\nDTSTART;TZID=" VN
					   ":20260303T090000\n")),
			NULL, NULL, NULL, "20260302T0800 20260303T0900" },
		{ "RECURRENCE-ID in another zone",
			CAL(EV("DTSTART;TZID=" VN ":20260302T080000\nRRULE:FREQ=DAILY;COUNT=2\n")
					EV("RECURRENCE-ID;TZID=" NY
					   ":20260302T200000\nDTSTART;TZID=" VN
					   ":20260303T090000\n")),
			NULL, NULL, NULL, "20260302T0800 20260303T0900" },
		{ "RECURRENCE-ID as a date",
			CAL(EV("DTSTART;TZID=" VN ":20260302T050000\nRRULE:FREQ=DAILY;COUNT=2\n")
					EV("RECURRENCE-ID;VALUE=DATE:20260303\nDTSTART;TZID=" VN
					   ":20260303T090000\n")),
			NULL, NULL, NULL, "20260302T0500 20260303T0900" },
		{ "moved out of the window",
			CAL(EV("DTSTART;TZID=" VN ":20260302T080000\nRRULE:FREQ=DAILY;COUNT=3\n")
					EV("RECURRENCE-ID:20260303T010000Z\nDTSTART:"
					   "20270303T010000Z\n")),
			NULL, NULL, NULL, "20260302T0800 20260304T0800" },
		{ "moved into the window from far away",
			CAL(EV("DTSTART;TZID=" VN ":20200302T080000\nRRULE:FREQ=DAILY;COUNT=3\n")
					EV("RECURRENCE-ID:20200303T010000Z\nDTSTART:"
					   "20260303T020000Z\n")),
			NULL, NULL, NULL, "20260303T0900" },
		{ "higher SEQUENCE wins, whatever the order",
			CAL(EV("SEQUENCE:2\nDTSTART:20260302T030000Z\n")
					EV("SEQUENCE:1\nDTSTART:20260302T010000Z\n")),
			NULL, NULL, NULL, "20260302T1000" },
		{ "then DTSTAMP",
			CAL("BEGIN:VEVENT\nUID:a\nDTSTAMP:20260105T000000Z\nDTSTART:"
			    "20260302T030000Z\nEND:VEVENT\n"
			    "BEGIN:VEVENT\nUID:a\nDTSTAMP:20260104T000000Z\nDTSTART:"
			    "20260302T010000Z\nEND:VEVENT\n"),
			NULL, NULL, NULL, "20260302T1000" },
		{ "then LAST-MODIFIED",
			CAL(EV("LAST-MODIFIED:20260106T000000Z\nDTSTART:20260302T030000Z\n") EV(
				"LAST-MODIFIED:20260105T000000Z\nDTSTART:20260302T010000Z\n")),
			NULL, NULL, NULL, "20260302T1000" },
		{ "an older copy of an exception",
			CAL(EV("DTSTART:20260302T010000Z\nRRULE:FREQ=DAILY;COUNT=1\n")
					EV("SEQUENCE:3\nRECURRENCE-ID:20260302T010000Z\nDTSTART:"
					   "20260302T030000Z\n")
						EV("SEQUENCE:2\nRECURRENCE-ID;TZID=" VN
						   ":20260302T080000\nDTSTART:20260302T050000Z\n")),
			NULL, NULL, NULL, "20260302T1000" },
		{ "a cancelled series",
			CAL(EV("DTSTART:20260302T010000Z\nRRULE:FREQ=DAILY;COUNT=2\nSTATUS:"
			       "CANCELLED\n")),
			NULL, NULL, NULL, "20260302c 20260303c" },
		{ "METHOD:CANCEL of one instance",
			CAL("METHOD:CANCEL\n" EV(
				"RECURRENCE-ID:20260303T010000Z\nDTSTART:20260303T010000Z\n")),
			NULL, NULL, NULL, "20260303c" },
		{ "THISANDFUTURE moves and renames",
			CAL(EV("DTSTART;TZID=" VN
			       ":20260302T080000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4\n")
					EV("RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=" VN
					   ":20260304T080000\nDTSTART;TZID=" VN
					   ":20260304T093000\nDURATION:PT2H\n")),
			NULL, NULL, NULL,
			"20260302T0800+60 20260303T0800+60 20260304T0930+120 20260305T0930+120" },
		{ "THISANDFUTURE cancelled",
			CAL(EV("DTSTART;TZID=" VN ":20260302T080000\nRRULE:FREQ=DAILY;COUNT=4\n")
					EV("RECURRENCE-ID;RANGE=THISANDFUTURE:"
					   "20260304T010000Z\nDTSTART:20260304T010000Z\nSTATUS:"
					   "CANCELLED\n")),
			NULL, NULL, NULL, "20260302 20260303 20260304c 20260305c" },
		{ "THISANDFUTURE twice, and an exception behind",
			CAL(EV("DTSTART;TZID=" VN ":20260302T080000\nRRULE:FREQ=DAILY;COUNT=5\n")
					EV("RECURRENCE-ID;RANGE=THISANDFUTURE:"
					   "20260303T010000Z\nDTSTART:20260303T020000Z\n")
						EV("RECURRENCE-ID;RANGE=THISANDFUTURE:"
						   "20260305T010000Z\nDTSTART:20260305T030000Z\n")
							EV("RECURRENCE-ID:"
							   "20260304T010000Z\nDTSTART:"
							   "20260304T000000Z\n")),
			NULL, NULL, NULL,
			"20260302T0800 20260303T0900 20260304T0700 20260305T1000 20260306T1000" },
		{ "left over from before the series moved",
			CAL(EV("SEQUENCE:2\nDTSTART;TZID=" VN
			       ":20260302T090000\nRRULE:FREQ=DAILY;COUNT=2\n")
					EV("SEQUENCE:1\nRECURRENCE-ID:20260303T010000Z\nDTSTART:"
					   "20260303T030000Z\n")),
			NULL, NULL, NULL, "20260302T0900 20260303T0900" },
		{ "an exception that EXDATE took away",
			CAL(EV("DTSTART;TZID=" VN ":20260302T080000\nRRULE:FREQ=DAILY;COUNT="
			       "2\nEXDATE:20260303T010000Z\n")
					EV("RECURRENCE-ID:20260303T010000Z\nDTSTART:"
					   "20260303T030000Z\n")),
			NULL, NULL, NULL, "20260302T0800" },
		{ "an exception without its series",
			CAL(EV("RECURRENCE-ID:20260303T010000Z\nDTSTART:20260303T030000Z\n")), NULL,
			NULL, NULL, "20260303T1000" },
		{ "over 100 instances", VNS("20260301T080000", "RRULE:FREQ=DAILY;COUNT=150\n"),
			NULL, "2026-07-26", "2027-01-01", "20260726 20260727 20260728" },
	};
	CHECK(rows);
}

static void
test_bad_input(void **state)
{
#define GOOD "BEGIN:VEVENT\nUID:good\nDTSTART:20260401T010000Z\nEND:VEVENT\n"
	static const struct row rows[] = {
		{ "BOM", "\xEF\xBB\xBF" CAL(GOOD), NULL, NULL, NULL, "20260401" },
		{ "CR alone",
			"BEGIN:VCALENDAR\rBEGIN:VEVENT\rUID:a\rDTSTART:20260401T010000Z\rEND:"
			"VEVENT\rEND:VCALENDAR\r",
			NULL, NULL, NULL, "20260401" },
		{ "folded",
			CAL("BEGIN:VEVENT\r\nUID:a\r\nDTSTART;TZID=Asia/H\r\n "
			    "o_Chi_Minh:202603\r\n\t02T080000\r\nEND:VEVENT\r\n"),
			NULL, NULL, NULL, "20260302T0800" },
		{ "wrongly folded",
			CAL("BEGIN:VEVENT\nUID:a\nDTSTART:20260302T010000Z\nDESCRIPTION:one\ntwo "
			    "three\nEND:VEVENT\n" GOOD),
			NULL, NULL, NULL, "20260302 20260401", "\"two three\" is no property", 8 },
		{ "truncated",
			"BEGIN:VCALENDAR\n" GOOD "BEGIN:VEVENT\nUID:b\nDTSTART:20260302T010000Z\n",
			NULL, NULL, NULL, "20260401", "the file ends inside this VEVENT", 6 },
		{ "without END:VCALENDAR", "BEGIN:VCALENDAR\n" GOOD, NULL, NULL, NULL, "20260401",
			"without END:VCALENDAR", 5 },
		{ "an event without END",
			CAL("BEGIN:VEVENT\nUID:b\nDTSTART:20260302T010000Z\n" GOOD), NULL, NULL,
			NULL, "20260401", "this VEVENT has no END", 4 },
		{ "Latin-1",
			CAL("BEGIN:VEVENT\nUID:b\nSUMMARY:H\xF6p\nDTSTART:20260302T010000Z\nEND:"
			    "VEVENT\n"),
			NULL, NULL, NULL, "20260302", "is not UTF-8", 6 },
		{ "a web page", "<!DOCTYPE html><html><body>Log in</body></html>", NULL, NULL, NULL,
			"", "is a web page" },
		{ "empty", "", NULL, NULL, NULL, "", "is empty" },
		{ "some text", "hello\nworld\n", NULL, NULL, NULL, "", "has no BEGIN:VCALENDAR" },
		{ "impossible date", CAL(EV("DTSTART;TZID=" VN ":20260230T080000\n") GOOD), NULL,
			NULL, NULL, "20260401", "DTSTART", 8 },
		{ "month 13", CAL(EV("DTSTART:20261301T080000Z\n") GOOD), NULL, NULL, NULL,
			"20260401", "DTSTART", 8 },
		{ "garbage date", CAL(EV("DTSTART:tomorrow\n") GOOD), NULL, NULL, NULL, "20260401",
			"DTSTART", 8 },
		{ "no DTSTART", CAL("BEGIN:VEVENT\nUID:b\nEND:VEVENT\n" GOOD), NULL, NULL, NULL,
			"20260401", "has no DTSTART", 4 },
		{ "ends before it begins",
			CAL(EV("DTSTART:20260302T010000Z\nDTEND:20260302T000000Z\n") GOOD), NULL,
			NULL, NULL, "20260401", "ends before it begins", 9 },
		{ "DTEND and DURATION",
			CAL(EV("DTSTART:20260302T010000Z\nDTEND:20260302T020000Z\nDURATION:PT1H\n")
					GOOD),
			NULL, NULL, NULL, "20260401", "DTEND and DURATION together", 10 },
		{ "garbage rule", CAL(EV("DTSTART:20260302T010000Z\nRRULE:FREQ=OFTEN\n") GOOD),
			NULL, NULL, NULL, "20260401", "RRULE", 9 },
		{ "a bad property that tells no hour",
			CAL(EV("DTSTART:20260302T010000Z\nCREATED:yesterday\n")), NULL, NULL, NULL,
			"20260302", "CREATED \"yesterday\"", 9 },
		{ "no UID", CAL("BEGIN:VEVENT\nDTSTART:20260302T010000Z\nEND:VEVENT\n"), NULL, NULL,
			NULL, "20260302", "has no UID", 4 },
		{ "alarms do not matter",
			CAL(EV("DTSTART:20260302T010000Z\nBEGIN:VALARM\nTRIGGER:-PT15M\nUID:"
			       "z\nDTSTART:20260305T010000Z\n"
			       "BEGIN:X-DEEP\nEND:X-DEEP\nEND:VALARM\n")),
			NULL, NULL, NULL, "20260302" },
		{ "two calendars in a file", CAL(GOOD) CAL(EV("DTSTART:20260302T010000Z\n")), NULL,
			NULL, NULL, "20260302 20260401" },
		{ "tasks are no events",
			CAL("BEGIN:VTODO\nUID:t\nDTSTART:20260302T010000Z\nEND:VTODO\n" GOOD), NULL,
			NULL, NULL, "20260401" },
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
		buf_printf(&b, "BEGIN:VEVENT\nUID:%d\nDTSTART:20260302T010000Z\n%s", k,
			k ? "EXDATE:" : "DESCRIPTION:");
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
	static const char utf16[] = "\xFF\xFE"
				    "B\0E\0G\0I\0N\0";
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
	/* Two hundred rule bombs of each kind, and a meeting behind them. */
	static const char *const bombs[] = { "FREQ=SECONDLY", "FREQ=MINUTELY",
		"FREQ=SECONDLY;COUNT=2000000000", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30" };
	for (size_t k = 0; k < sizeof bombs / sizeof *bombs; k++) {
		buf_clear(&b);
		buf_puts(&b, "BEGIN:VCALENDAR\n");
		for (int i = 0; i < 200; i++)
			buf_printf(&b,
				"BEGIN:VEVENT\nUID:a%d\nDTSTART:20260302T010000Z\nRRULE:%s\nEND:"
				"VEVENT\n",
				i, bombs[k]);
		buf_puts(&b, "BEGIN:VEVENT\nUID:good\nDTSTART:20260401T010000Z\nEND:VEVENT\nEND:"
			     "VCALENDAR\n");
		text = buf_str(&b);
		read_all(&r, &text, NULL, 1, NULL, NULL, NULL, false);
		size_t good = 0;
		for (size_t i = 0; i < r.o.n; i++)
			good += str_eq(r.o.at[i].uid, "good");
		assert_int_equal(good, 1);
		/* each is named; the last kind never happens but once */
		assert_true(k == 3 || r.faults.n >= 180);
		arena_free(r.a);
	}
	/* Deep nesting and many exclusions are read in bounded time. */
	buf_clear(&b);
	buf_puts(&b, "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:x\nDTSTART:20260302T010000Z\nRRULE:FREQ="
		     "DAILY;COUNT=3\n");
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
		CAL("METHOD:CANCEL\n" EV(
			"SEQUENCE:1\nRECURRENCE-ID:20260303T010000Z\nDTSTART:20260303T010000Z\n")),
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
	const char *ics = CAL(
		"BEGIN:VEVENT\nUID:k\nCREATED:20260102T000000Z\nDTSTAMP:20260103T000000Z\nDTSTART:"
		"20260302T010000Z\n"
		"SUMMARY:Ke\xCC\x82\xCC\x81t nối thử\\, lần 1\nDESCRIPTION:Một\\nHai\\; "
		"ba\nLOCATION:Hội trường\nSTATUS:CONFIRMED\n"
		"CATEGORIES:Họp,A\\,B\nCATEGORIES:C\nRESOURCES:Màn hình,Tri "
		"Lễ\nRELATED-TO:phien@x\n"
		"ATTENDEE;CUTYPE=ROOM;CN=\"Chu Túc\":mailto:ct@x\nATTENDEE;CN=A Person:mailto:p@x\n"
		"ATTENDEE;CUTYPE=RESOURCE:mailto:room2@x\nCONFERENCE;VALUE=URI;FEATURE=VIDEO:sip:"
		"hop@x\nSEQUENCE:4\nEND:VEVENT\n"
		"BEGIN:VEVENT\nUID:l\nDTSTART:20260303T010000Z\nSUMMARY:Họp giao "
		"ban\nCATEGORIES:TỔNG DUYỆT\nEND:VEVENT\n"
		"BEGIN:VEVENT\nUID:m\nDTSTART:20260304T010000Z\nSUMMARY:Hop giao ban, chay "
		"thu\nEND:VEVENT\n"
		"BEGIN:VEVENT\nUID:n\nDTSTART:20260305T010000Z\nSUMMARY:Kết nối thứ "
		"tư\nEND:VEVENT\n");
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
	const char *all[5] = { 0 };
	for (int i = 0; i < 4; i++)
		assert_non_null(all[i] = o->attendees[i]);
	assert_null(o->attendees[4]);
	for (int i = 0; i < 4; i++)
		assert_true(str_eq(all[i], "Màn hình") || str_eq(all[i], "Tri Lễ") ||
			    str_eq(all[i], "Chu Túc") || str_eq(all[i], "room2@x"));
	char at[INSTANT_SIZE];
	assert_string_equal(instant_utc(o->known_since, at), "2026-01-02T00:00:00Z");
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
	const char *name, *text = CAL("REFRESH-INTERVAL;VALUE=DURATION:PT12H\nNAME:Lịch tỉnh\n" EV(
				  "DTSTART:20260302T010000Z\n"));
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
