/* Over three years a calendar gives the same run keys after a restart, when it is imported twice,
 * when a server writes its properties, events and folds in another order, and beside an older copy
 * of itself. Random calendars, fixed seeds. */
#include "schedules/occurrence.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/vec.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define VN "Asia/Ho_Chi_Minh"
enum { LINES_MAX = 12, EVENTS = 25, EXCEPTIONS = 10 };

struct event {
	char lines[LINES_MAX][160];
	int n;
};

static uint32_t
draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % below;
}

static void __attribute__((format(printf, 2, 3))) put(struct event *e, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(e->lines[e->n++], sizeof e->lines[0], fmt, ap);
	va_end(ap);
}

static void
make_events(uint32_t seed, struct event *out)
{
	static const char *const rules[] = { "FREQ=WEEKLY;BYDAY=MO",
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR", "FREQ=MONTHLY;BYDAY=1MO",
		"FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=DAILY;COUNT=40", "FREQ=YEARLY;UNTIL=20271231" };
	for (int i = 0; i < EVENTS; i++) {
		struct event *e = &out[i];
		uint32_t month = 1 + draw(&seed, 12), day = 1 + draw(&seed, 28),
			 hour = 7 + draw(&seed, 10);
		put(e, "UID:hop-%d@x", i);
		put(e, "DTSTAMP:20250101T000000Z");
		put(e, "SEQUENCE:1");
		put(e,
			"SUMMARY:Cuộc họp số %d về một việc dài dòng để dòng này phải được gấp lại "
			"nhiều lần",
			i);
		put(e, "DTSTART;TZID=" VN ":2025%02u%02uT%02u0000", month, day, hour);
		put(e, "DURATION:PT90M");
		put(e, "DESCRIPTION:Điểm cầu: a\\nSố người: 3");
		if (draw(&seed, 4)) {
			put(e, "RRULE:%s", rules[draw(&seed, 6)]);
			put(e, "EXDATE;VALUE=DATE:2026%02u%02u", month, day);
		}
	}
	for (int i = 0; i < EXCEPTIONS; i++) { /* of the weekly series below */
		struct event *e = &out[EVENTS + i];
		put(e, "UID:tuan@x");
		put(e, "DTSTAMP:20250102T000000Z");
		if (i == 0) {
			put(e, "DTSTART;TZID=" VN ":20250106T080000");
			put(e, "DURATION:PT1H");
			put(e, "RRULE:FREQ=WEEKLY");
			continue;
		}
		put(e, "RECURRENCE-ID:202501%02uT010000Z", 6u + 7u * (uint32_t)(i % 4));
		put(e, "SEQUENCE:%d", i);
		put(e, "DTSTART;TZID=" VN ":202501%02uT%02d0000", 7u + 7u * (uint32_t)(i % 4),
			8 + i % 3);
		put(e, "DURATION:PT1H");
	}
}

/* Any order of events and properties, any fold. */
static char *
write_calendar(const struct event *events, int n, uint32_t seed)
{
	struct buf b = { 0 };
	int order[EVENTS + EXCEPTIONS];
	for (int i = 0; i < n; i++)
		order[i] = i;
	for (int i = n - 1; seed && i > 0; i--) {
		int k = (int)draw(&seed, (uint32_t)i + 1), swap = order[i];
		order[i] = order[k];
		order[k] = swap;
	}
	buf_puts(&b, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n");
	for (int i = 0; i < n; i++) {
		const struct event *e = &events[order[i]];
		int start = seed ? (int)draw(&seed, (uint32_t)e->n) : 0;
		size_t fold = seed ? 20 + draw(&seed, 60) : 75;
		buf_puts(&b, "BEGIN:VEVENT\r\n");
		for (int k = 0; k < e->n; k++) {
			const char *s = e->lines[(start + k) % e->n];
			for (size_t at = 0; s[at]; at++) {
				/* Folding may cut a character in two: readers must join bytes
				 * first. */
				if (at && at % fold == 0)
					buf_puts(&b, "\r\n ");
				buf_putc(&b, s[at]);
			}
			buf_puts(&b, "\r\n");
		}
		buf_puts(&b, "END:VEVENT\r\n");
	}
	buf_puts(&b, "END:VCALENDAR\r\n");
	return buf_take(&b);
}

static int64_t
at(const char *text)
{
	int64_t out;
	assert_true(instant_parse(text, &out));
	return out;
}

/* All keys with their instants, as one digest; how many in *n. */
static void
digest(const char *const *files, char out[HASH_HEX_SIZE], size_t *n)
{
	struct arena *a = arena_new();
	struct faults faults = { .arena = a };
	struct sites sites;
	char path[64];
	snprintf(path, sizeof path, "/tmp/td-keys-%d.csv", (int)getpid());
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs("id,name,tier,mcu\na,A,commune,m\n", f);
	fclose(f);
	assert_int_equal(sites_read(path, NULL, a, &faults, &sites), OK);
	unlink(path);
	struct occurrences o;
	struct calendar_source source = { .id = "ubnd", .files = files };
	assert_int_equal(calendar_read(&source, 1, at("2025-01-01T00:00:00"),
				 at("2028-01-01T00:00:00"), VN, false, a, &faults, &o),
		OK);
	assert_int_equal(faults.n, 0);
	struct plan_rule rule = { .calendar = "ubnd",
		.sites = "all",
		.rehearsal = { .name = "tong-duyet", .commit = "c", .first_at = -3600000 },
		.session = { .name = "phien-hop", .commit = "c", .session_phase = true } };
	struct plan plan;
	plan_make(&o, &rule, 1, &sites, at("2025-01-01T00:00:00"), at("2028-01-01T00:00:00"), a,
		&plan);
	struct buf b = { 0 };
	for (size_t i = 0; i < plan.runs_n; i++) {
		buf_printf(&b, "%s %lld %lld\n", plan.runs[i].key, (long long)plan.runs[i].start,
			(long long)plan.runs[i].end);
		for (size_t k = 0; k < i && plan.runs_n < 3000; k++)
			if (str_eq(plan.runs[k].key, plan.runs[i].key))
				fail_msg("key %s stands twice", plan.runs[i].key);
	}
	hash_hex(buf_str(&b), b.n, out);
	buf_free(&b);
	*n = plan.runs_n;
	sites_free(&sites);
	arena_free(a);
}

static void
save(const char *path, char *text)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	free(text);
}

static void
test_same_keys(void **state)
{
	for (uint32_t seed = 1; seed <= 8; seed++) {
		struct event *events = calloc(EVENTS + EXCEPTIONS, sizeof *events),
			     *old = calloc(EVENTS, sizeof *old);
		assert_true(events && old);
		make_events(seed, events);
		for (int i = 0; i < EVENTS; i++) { /* an older copy says other hours */
			old[i] = events[i];
			str_copy(old[i].lines[2], sizeof old[i].lines[2], "SEQUENCE:0");
			str_copy(old[i].lines[4], sizeof old[i].lines[4],
				"DTSTART:20250505T050000Z");
		}
		char one[64], two[64], older[64];
		snprintf(one, sizeof one, "/tmp/td-keys-%d-1.ics", (int)getpid());
		snprintf(two, sizeof two, "/tmp/td-keys-%d-2.ics", (int)getpid());
		snprintf(older, sizeof older, "/tmp/td-keys-%d-3.ics", (int)getpid());
		save(one, write_calendar(events, EVENTS + EXCEPTIONS, 0));
		save(two, write_calendar(events, EVENTS + EXCEPTIONS, seed * 7919));
		save(older, write_calendar(old, EVENTS, seed * 31));
		const char *const variants[][4] = { { one }, { one }, { one, one }, { two },
			{ two, one }, { older, two }, { one, older } };
		char first[HASH_HEX_SIZE], next[HASH_HEX_SIZE];
		size_t n, first_n = 0;
		for (size_t v = 0; v < sizeof variants / sizeof *variants; v++) {
			digest(variants[v], v ? next : first, v ? &n : &first_n);
			if (v && (n != first_n || !str_eq(first, next)))
				fail_msg("seed %u, variant %zu: %zu runs, not the same %zu", seed,
					v, n, first_n);
		}
		assert_true(first_n > 500);
		unlink(one);
		unlink(two);
		unlink(older);
		free(events);
		free(old);
	}
}

int
main(int argc, char **argv)
{
	if (argc > 1 && str_eq(argv[1], "calendar-child"))
		return calendar_child(argc, argv);
	struct err_text e = { 0 };
	if (clock_set_zone(VN, &e) != OK)
		return 1;
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_same_keys) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
