/* Tables of calendars: each row is read through the real child, which is the test program itself.
 * Expected instances are civil times of the row's workspace zone. */
#ifndef TD_CALENDAR_TEST_H
#define TD_CALENDAR_TEST_H

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
#define EV(body) \
	"BEGIN:VEVENT\nUID:a@x\nDTSTAMP:20260101T000000Z\nSUMMARY:Họp\n" body "END:VEVENT\n"
#define CAL(body) "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n" body "END:VCALENDAR\n"
#define NYS(start, rule) CAL(EV("DTSTART;TZID=" NY ":" start "\nDURATION:PT1H\nRRULE:" rule "\n"))
#define VNS(start, more) CAL(EV("DTSTART;TZID=" VN ":" start "\nDURATION:PT1H\n" more))

struct row {
	const char *name, *ics, *zone; /* zone NULL = VN */
	const char *from, *to;	       /* days; NULL = the year 2026 */
	const char *want;  /* "20260302", "20260302T0700", "20260302T0700+60" (minutes), "c"
			      cancelled (then all) */
	const char *fault; /* words of a fault that must be there; NULL: there must be none */
	int line;	   /* of that fault, 0 = any */
};

struct result {
	struct arena *a;
	struct faults faults;
	struct occurrences o;
	enum err code;
	char *shown; /* the faults */
};

static inline void
write_file(const char *path, const char *bytes, size_t n)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

static inline int64_t
day(const char *s)
{
	char text[32];
	int64_t at;
	snprintf(text, sizeof text, "%sT00:00:00", s);
	assert_true(instant_parse(text, &at));
	return at;
}

/* Each ics is one file of one calendar. */
static inline void
read_all(struct result *r, const char *const *ics, const size_t *sizes, size_t n, const char *zone,
	const char *from, const char *to, bool all)
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
	r->code = calendar_read(&source, 1, day(from ? from : "2026-01-01"),
		day(to ? to : "2027-01-01"), zone ? zone : VN, all, r->a, &r->faults, &r->o);
	for (size_t i = 0; i < n; i++)
		unlink(files[i]);
	struct buf b = { 0 };
	faults_print(&r->faults, &b);
	r->shown = arena_strdup(r->a, buf_str(&b));
	buf_free(&b);
}

static inline char *
show(struct result *r, const char *like)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < r->o.n; i++) {
		const struct occurrence *o = &r->o.at[i];
		char text[32];
		instant_local(
			o->start, strchr(like, 'T') ? "%Y%m%dT%H%M" : "%Y%m%d", text, sizeof text);
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

static inline void
check_rows(const struct row *rows, size_t n)
{
	int bad = 0;
	for (size_t i = 0; i < n; i++) {
		const struct row *w = &rows[i];
		struct result r;
		read_all(&r, &w->ics, NULL, 1, w->zone, w->from, w->to,
			strchr(w->want, 'c') != NULL);
		const char *got = show(&r, w->want);
		bool told = !w->fault ? r.faults.n == 0 : strstr(r.shown, w->fault) != NULL;
		for (size_t k = 0; told && w->line && k < r.faults.n; k++)
			told = !strstr(r.faults.at[k].text, w->fault) ||
			       r.faults.at[k].line == w->line;
		if (r.code != OK || strcmp(got, w->want) != 0 || !told) {
			print_error("%s\n  want %s\n  got  %s\n  fault wanted: %s (line %d)\n  "
				    "faults: %s\n",
				w->name, w->want, got, w->fault ? w->fault : "none", w->line,
				r.shown);
			bad++;
		}
		arena_free(r.a);
	}
	assert_int_equal(bad, 0);
}
#define CHECK(rows) check_rows(rows, sizeof rows / sizeof *rows)

#endif
