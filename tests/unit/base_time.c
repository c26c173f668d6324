/* Instants, zones, durations, the scaled clock, and the waits of a task. */
#include "base/clock.h"
#include "base/instant.h"
#include "base/task.h"

#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void
zone(const char *name)
{
	struct err_text e = { 0 };
	assert_int_equal(clock_set_zone(name, &e), OK);
}

static void
instants(void **state)
{
	static const struct {
		const char *zone, *s, *want; /* want NULL: refused */
	} rows[] = {
		{ "UTC", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00+00:00" },
		{ "Asia/Ho_Chi_Minh", "2019-02-10T07:00:00+07:00", "2019-02-10T07:00:00+07:00" },
		{ "Asia/Ho_Chi_Minh", "2019-02-10T00:00Z", "2019-02-10T07:00:00+07:00" },
		{ "Asia/Ho_Chi_Minh", "2019-02-10 07:00", "2019-02-10T07:00:00+07:00" },
		{ "Asia/Ho_Chi_Minh", "2019-02-10t07:00:59.999z", "2019-02-10T14:00:59+07:00" },
		{ "Asia/Ho_Chi_Minh", "2020-02-29T00:00:00-03:30", "2020-02-29T10:30:00+07:00" },
		{ "Asia/Ho_Chi_Minh", "2000-02-29T00:00", "2000-02-29T00:00:00+07:00" },
		{ "America/St_Johns", "2026-01-01T00:00Z", "2025-12-31T20:30:00-03:30" },
		{ "UTC", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59+00:00" },
		{ "UTC", "0000-03-01T00:00:00Z", "0000-03-01T00:00:00+00:00" },
		{ "UTC", "1969-12-31T23:59:59.001Z", "1969-12-31T23:59:59+00:00" },
		/* Skipped by the clocks: read with the offset before; twice: the first. */
		{ "Europe/Berlin", "2026-03-29T02:30", "2026-03-29T03:30:00+02:00" },
		{ "Europe/Berlin", "2026-10-25T02:30", "2026-10-25T02:30:00+02:00" },
		{ "Europe/Berlin", "2026-10-25T03:00", "2026-10-25T03:00:00+01:00" },
		{ "Europe/Berlin", "2026-03-29T01:59", "2026-03-29T01:59:00+01:00" },
		{ "Europe/Berlin", "2026-03-29T03:00", "2026-03-29T03:00:00+02:00" },
		{ "America/New_York", "2026-11-01T01:30", "2026-11-01T01:30:00-04:00" },
		{ "UTC", "2019-02-29T00:00:00Z", NULL },
		{ "UTC", "1900-02-29T00:00:00Z", NULL },
		{ "UTC", "2019-04-31T00:00:00Z", NULL },
		{ "UTC", "2019-00-10T00:00:00Z", NULL },
		{ "UTC", "2019-13-10T00:00:00Z", NULL },
		{ "UTC", "2019-01-00T00:00:00Z", NULL },
		{ "UTC", "2019-01-01T24:00:00Z", NULL },
		{ "UTC", "2019-01-01T00:60:00Z", NULL },
		{ "UTC", "2019-01-01T00:00:60Z", NULL },
		{ "UTC", "2019-01-01T00:00:00+24:00", NULL },
		{ "UTC", "2019-01-01T00:00:00+07", NULL },
		{ "UTC", "2019-01-01T00:00:00+0700", NULL },
		{ "UTC", "2019-01-01T00:00:00Zx", NULL },
		{ "UTC", "2019-01-01T00:00:00.Z", NULL },
		{ "UTC", "2019-01-01T00:00:", NULL },
		{ "UTC", "2019-01-01", NULL },
		{ "UTC", " 2019-01-01T00:00Z", NULL },
		{ "UTC", "2019-1-1T0:00Z", NULL },
		{ "UTC", "+2019-01-01T00:00Z", NULL },
		{ "UTC", "", NULL },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		zone(rows[i].zone);
		int64_t t = 0;
		char out[INSTANT_SIZE];
		bool good = instant_parse(rows[i].s, &t);
		if (good != (rows[i].want != NULL))
			fail_msg("%s: %s", rows[i].s, good ? "taken" : "refused");
		if (good)
			assert_string_equal(instant_rfc3339(t, out), rows[i].want);
	}
	assert_false(instant_parse(NULL, &(int64_t){ 0 }));
}

static void
instant_figures(void **state)
{
	int64_t t;
	char out[INSTANT_SIZE], small[4];
	zone("Asia/Ho_Chi_Minh");
	assert_true(instant_parse("2019-02-10T06:55:00.25+07:00", &t));
	assert_true(t == 1549756500250);
	assert_string_equal(instant_utc(t, out), "2019-02-09T23:55:00Z");
	assert_string_equal(
		instant_local(t, "%d/%m/%Y %H:%M", out, sizeof out), "10/02/2019 06:55");
	assert_string_equal(instant_local(t, "%d/%m/%Y", small, sizeof small), "");
	assert_string_equal(instant_utc(-1, out), "1969-12-31T23:59:59Z");
	/* Sun time of 1900 has seconds in its offset: said in UTC instead. */
	assert_true(instant_parse("1900-01-01T00:00:00Z", &t));
	assert_string_equal(instant_rfc3339(t, out), "1900-01-01T00:00:00Z");
	/* Every day of 400 years survives the way there and back. */
	zone("UTC");
	for (int64_t day = -80000; day < 70000; day += 1) {
		assert_true(instant_parse(instant_utc(day * 86400000, out), &t));
		assert_true(t == day * 86400000);
	}
}

static void
durations(void **state)
{
	static const struct {
		const char *s;
		bool good;
		int64_t ms;
		const char *iso;
	} rows[] = {
		{ "-PT60M", true, -3600000, "-PT1H" },
		{ "P1D", true, 86400000, "P1D" },
		{ "PT1H30M", true, 5400000, "PT1H30M" },
		{ "P2W", true, 1209600000, "P14D" },
		{ "PT0S", true, 0, "PT0S" },
		{ "+PT90S", true, 90000, "PT1M30S" },
		{ "P1DT12H", true, 129600000, "P1DT12H" },
		{ "PT0.5S", true, 500, "PT0.500S" },
		{ "PT1M0.25S", true, 60250, "PT1M0.250S" },
		{ "P1W1D", true, 691200000, "P8D" },
		{ "-P1DT1S", true, -86401000, "-P1DT1S" },
		{ "P0D", true, 0, "PT0S" },
		{ "P", false, 0, "" },
		{ "PT", false, 0, "" },
		{ "P1DT", false, 0, "" },
		{ "P1H", false, 0, "" },
		{ "PT1D", false, 0, "" },
		{ "P1Y", false, 0, "" },
		{ "P1M", false, 0, "" },
		{ "PT1M1H", false, 0, "" },
		{ "PT1S1S", false, 0, "" },
		{ "PT1", false, 0, "" },
		{ "PT1.5H", false, 0, "" },
		{ "PT1.S", false, 0, "" },
		{ "1H", false, 0, "" },
		{ "", false, 0, "" },
		{ "--PT1H", false, 0, "" },
		{ "PT1H ", false, 0, "" },
		{ "PT-1H", false, 0, "" },
		{ "PTT1H", false, 0, "" },
		{ "P99999999999999999W", false, 0, "" },
		{ "PT99999999999999999999S", false, 0, "" },
		{ "pt1h", false, 0, "" },
		{ NULL, false, 0, "" },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t ms = 0;
		char out[INSTANT_SIZE];
		if (duration_parse(rows[i].s, &ms) != rows[i].good)
			fail_msg("%s", rows[i].s);
		assert_true(ms == rows[i].ms);
		if (rows[i].good)
			assert_string_equal(duration_iso(ms, out), rows[i].iso);
	}
	static const int64_t ends[] = { INT64_MAX, -INT64_MAX };
	for (size_t i = 0; i < COUNT(ends); i++) {
		int64_t ms;
		char out[INSTANT_SIZE];
		assert_true(duration_parse(duration_iso(ends[i], out), &ms) && ms == ends[i]);
	}
	char out[INSTANT_SIZE];
	assert_string_equal(duration_iso(INT64_MIN, out), "-P106751991167DT7H12M55.808S");
}

static void
zones(void **state)
{
	static const char *const wrong[] = { "", "Asia", "Asia/Nowhere", "/etc/localtime",
		"../zoneinfo/UTC", "Asia/../UTC", "tzdata.zi", "UTC0", ":UTC", "Asia/Ho Chi Minh",
		"right/UTC", NULL };
	char out[INSTANT_SIZE], longest[200];
	zone("Asia/Ho_Chi_Minh");
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct err_text e = { 0 };
		assert_int_equal(clock_set_zone(wrong[i], &e), ERR_INPUT);
		assert_int_equal(e.code, ERR_INPUT);
	}
	memset(longest, 'A', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_int_equal(clock_set_zone(longest, NULL), ERR_INPUT);
	assert_string_equal(
		instant_rfc3339(0, out), "1970-01-01T08:00:00+08:00"); /* still that zone */
}

static void
scale(void **state)
{
	int64_t real = clock_real();
	assert_true(clock_now() - real >= 0 && clock_now() - real < 60000);
	int64_t start = 1549756500000;
	clock_scale(start, real - 1000, 60);
	assert_true(clock_speed() == 60);
	int64_t before = clock_real(), now = clock_now(), after = clock_real();
	assert_true(now >= start + (before - real + 1000) * 60);
	assert_true(now <= start + (after - real + 1000) * 60);
	/* An hour from then is a minute of real time, rounded up; waiting it out is enough. */
	int64_t to = clock_now() + 3600001;
	int64_t wait = clock_real_until(to);
	assert_true(wait > 0 && wait <= 60001);
	to = clock_now() + 1201; /* 20.02 ms */
	wait = clock_real_until(to);
	assert_true(wait <= 21);
	usleep((useconds_t)wait * 1000);
	assert_true(clock_now() >= to);
	assert_int_equal(clock_real_until(to), 0);
	assert_int_equal(clock_real_until(INT64_MIN), 0);
	assert_int_equal(clock_real_until(INT64_MAX), INT_MAX);
	for (int i = 1; i < 200; i++) { /* speeds that are no whole number of milliseconds */
		real = clock_real();
		clock_scale(start, real, i * 0.37);
		to = start + 100000 + i;
		wait = clock_real_until(to);
		/* as if it had been waited out; the questions took a while themselves */
		after = clock_real();
		clock_scale(start, clock_real() - (after - real) - wait, i * 0.37);
		assert_true(clock_now() >= to);
	}
	clock_scale(0, 0, 1);
	assert_int_equal(clock_real_until(INT64_MAX), INT_MAX);
}

static void
options(void **state)
{
	static const struct {
		const char *clock, *speed;
		bool good;
	} rows[] = {
		{ NULL, NULL, true },
		{ "2019-02-10T06:55:00+07:00", NULL, true },
		{ NULL, "60", true },
		{ "2019-02-10T06:55:00+07:00@1700000000.5", "60", true },
		{ "2019-02-10T06:55@1700000000", "0.5", true },
		{ "2019-02-10", NULL, false },
		{ "", NULL, false },
		{ "@1", NULL, false },
		{ "2019-02-10T06:55:00Z@", NULL, false },
		{ "2019-02-10T06:55:00Z@x", NULL, false },
		{ "2019-02-10T06:55:00Z@-1", NULL, false },
		{ "2019-02-10T06:55:00Z@1.2.3", NULL, false },
		{ "2019-02-10T06:55:00Z@1@2", NULL, false },
		{ NULL, "0", false },
		{ NULL, "-1", false },
		{ NULL, "nan", false },
		{ NULL, "fast", false },
		{ NULL, "", false },
	};
	zone("Asia/Ho_Chi_Minh");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err_text e = { 0 };
		enum err code = clock_options(rows[i].clock, rows[i].speed, &e);
		assert_int_equal(code, rows[i].good ? OK : ERR_INPUT);
		assert_int_equal(e.code, code);
	}
	/* All who are given the same origin share one time. */
	assert_int_equal(clock_options("2019-02-10T06:55:00+07:00@1700000000.5", "60", NULL), OK);
	int64_t want = 1549756500000 + (clock_real() - 1700000000500) * 60;
	assert_true(clock_now() - want >= 0 && clock_now() - want < 600000);
	/* Without an origin that is now. */
	assert_int_equal(clock_options("2019-02-10T06:55:00+07:00", "1", NULL), OK);
	assert_true(clock_now() - 1549756500000 >= 0 && clock_now() - 1549756500000 < 60000);
	clock_scale(0, 0, 1);
}

/* Another process keeps the time: it stands while that does not go on. */
static void
kept_by_another(void **state)
{
	char path[] = "/tmp/td-pace-XXXXXX", option[80];
	int64_t ms = 0, start = 1549756500000;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	snprintf(option, sizeof option, "2019-02-10T06:55:00+07:00@%s", path);
	assert_int_equal(clock_options(option, "20", NULL), ERR_INPUT); /* nothing in it */
	assert_int_equal(pwrite(fd, &ms, sizeof ms, 0), sizeof ms);
	assert_int_equal(clock_options(option, "20", NULL), OK);
	assert_int_equal(clock_now(), start);
	usleep(2000);
	assert_int_equal(clock_now(), start);
	assert_int_equal(clock_real_until(start), 0);
	assert_int_equal(clock_real_until(start + 20000), 1000);
	assert_true(clock_real_until(start + 1) > 1); /* not in ever smaller steps */
	assert_int_equal(clock_real_until(INT64_MAX), INT_MAX);
	ms = 1500;
	assert_int_equal(pwrite(fd, &ms, sizeof ms, 0), sizeof ms);
	assert_int_equal(clock_now(), start + 30000);
	assert_int_equal(clock_real_until(start + 20000), 0);
	clock_scale(0, 0, 1);
	assert_true(clock_now() > start);
	close(fd);
	unlink(path);
	assert_int_equal(clock_options(option, "20", NULL), ERR_INPUT);
	clock_scale(0, 0, 1);
}

/* Cancels after a while, from another thread. */
static void *
cancel_soon(void *fd)
{
	usleep(30000);
	assert_int_equal(eventfd_write(*(int *)fd, 1), 0);
	return NULL;
}

static void
task_cancel(void **state)
{
	int cancel = eventfd(0, EFD_CLOEXEC), ends[2];
	assert_int_equal(pipe(ends), 0);
	struct task t = { .cancel_fd = cancel, .deadline = clock_mono() + 60000 };
	struct pollfd p = { .fd = ends[0], .events = POLLIN };
	assert_false(task_canceled(&t));
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, cancel_soon, &cancel), 0);
	assert_int_equal(task_wait(&t, &p, 1, -1), ERR_CANCELED);
	pthread_join(thread, NULL);
	assert_true(task_left(&t) > 0);
	assert_int_equal(p.revents, 0);
	assert_int_equal(t.code, ERR_CANCELED);
	assert_true(task_canceled(&t));
	/* It stays cancelled, also when a descriptor is ready. */
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(task_wait(&t, &p, 1, 0), ERR_CANCELED);
	assert_int_equal(task_sleep(&t, 5000), ERR_CANCELED);
	close(cancel);
	close(ends[0]);
	close(ends[1]);
}

static void
task_deadline(void **state)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	struct task t = { .cancel_fd = -1, .deadline = clock_mono() + 60000 };
	struct pollfd p = { .fd = ends[0], .events = POLLIN };
	assert_int_equal(task_wait(&t, &p, 1, 5), OK); /* at most */
	assert_int_equal(p.revents, 0);
	assert_int_equal(t.code, OK);
	t.deadline = clock_mono() + 40;
	assert_int_equal(task_wait(&t, &p, 1, -1), ERR_TIMEOUT);
	assert_true(clock_mono() >= t.deadline);
	assert_int_equal(task_left(&t), 0);
	assert_int_equal(t.code, ERR_TIMEOUT);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(task_wait(&t, &p, 1, -1), ERR_TIMEOUT); /* a dripping peer gains nothing */
	t.deadline = clock_mono() + 60000;
	task_forgive(&t);
	assert_int_equal(task_wait(&t, &p, 1, -1), OK);
	assert_true(p.revents & POLLIN);
	t.deadline = INT64_MAX;
	int64_t start = clock_mono();
	assert_int_equal(task_sleep(&t, 20), OK);
	assert_true(clock_mono() >= start + 20);
	assert_int_equal(task_wait(&t, NULL, 0, 0), OK);
	t.deadline = clock_mono() + 10;
	assert_int_equal(task_sleep(&t, 60000), ERR_TIMEOUT);
	close(ends[0]);
	close(ends[1]);
}

/* More descriptors than the small table holds; the last one speaks. */
static void
task_many(void **state)
{
	struct pollfd p[40];
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	for (size_t i = 0; i < COUNT(p); i++)
		p[i] = (struct pollfd){ .fd = i + 1 == COUNT(p) ? ends[0] : -1, .events = POLLIN };
	struct task t = { .cancel_fd = -1, .deadline = clock_mono() + 60000 };
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(task_wait(&t, p, COUNT(p), -1), OK);
	assert_true(p[39].revents & POLLIN);
	assert_int_equal(p[0].revents, 0);
	close(ends[0]);
	close(ends[1]);
}

static void
task_errors(void **state)
{
	struct task t = { .cancel_fd = -1 };
	assert_int_equal(
		task_fail_as(&t, ERR_AUTH, "bad-certificate", "log in at %s", "mcu1"), ERR_AUTH);
	assert_int_equal(task_fail(&t, ERR_BUSY, "later"), ERR_BUSY);
	assert_int_equal(t.code, ERR_AUTH);
	assert_string_equal(t.word, "bad-certificate");
	assert_string_equal(t.why, "log in at mcu1");
	task_forgive(&t);
	assert_int_equal(t.code, OK);
	assert_null(t.word);
	assert_int_equal(task_fail(&t, ERR_BUSY, "%0477d\xe1\xbb\x99", 0), ERR_BUSY);
	assert_int_equal(strlen(t.why), 477); /* not half of a letter */
	task_forgive(&t);
	task_fail(&t, ERR_REFUSED, "dial x: %.3s on %.3s", "L\xe1\xbb\x85", "L\xe1\xbb\x85");
	assert_string_equal(t.why, "dial x: L? on L"); /* what %.Ns left of a letter */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(instants),
		cmocka_unit_test(instant_figures),
		cmocka_unit_test(durations),
		cmocka_unit_test(zones),
		cmocka_unit_test(scale),
		cmocka_unit_test(options),
		cmocka_unit_test(kept_by_another),
		cmocka_unit_test(task_cancel),
		cmocka_unit_test(task_deadline),
		cmocka_unit_test(task_many),
		cmocka_unit_test(task_errors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
