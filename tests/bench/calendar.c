/* Five thousand recurring meetings over one year: time and memory of the child and of ourselves;
 * and two hundred of them next to python3-recurring-ical-events (Debian) in the same run, as a
 * ratio. */
#include "schedules/calendar.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define FROM INT64_C(1767225600000)
#define TO INT64_C(1798761600000)

static void
write_calendar(const char *path, int series)
{
	static const char *const rules[] = { "FREQ=WEEKLY;BYDAY=MO,WE,FR", "FREQ=DAILY",
		"FREQ=MONTHLY;BYDAY=1MO,-1FR", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
		"FREQ=MONTHLY;BYMONTHDAY=-1" };
	struct buf b = { 0 };
	buf_puts(&b, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:bench\r\n");
	for (int i = 0; i < series; i++) {
		/* 5 January 2026 is a Monday, a Tuesday for the fortnightly ones: DTSTART belongs
		 * to its rule. */
		const char *rule = rules[i % 5], *day = i % 5 == 3 ? "06" : "05";
		if (i % 5 == 4)
			day = "31";
		for (int k = 0; k < (i % 5 != 4 && i % 2 ? 2 : 1); k++) {
			buf_printf(&b,
				"BEGIN:VEVENT\r\nUID:hop-%d@bench\r\nDTSTAMP:"
				"20250101T000000Z\r\nSUMMARY:Họp số %d\r\n",
				i, i);
			if (k)
				buf_printf(&b,
					"SEQUENCE:1\r\nRECURRENCE-ID;TZID=Asia/"
					"Ho_Chi_Minh:202601%sT%02d0000\r\n",
					day, 7 + i % 9);
			else
				buf_printf(&b, "RRULE:%s\r\n", rule);
			buf_printf(&b,
				"DTSTART;TZID=Asia/"
				"Ho_Chi_Minh:202601%sT%02d%02d00\r\nDTEND;TZID=Asia/"
				"Ho_Chi_Minh:202601%sT%02d5900\r\n"
				"DESCRIPTION:Điểm cầu: tất cả các xã\r\nEND:VEVENT\r\n",
				day, 7 + i % 9, k ? 30 : 0, day, 7 + i % 9);
		}
	}
	buf_puts(&b, "END:VCALENDAR\r\n");
	FILE *f = fopen(path, "w");
	if (!f || fwrite(b.at, 1, b.n, f) != b.n || fclose(f) != 0) {
		perror(path);
		exit(1);
	}
	buf_free(&b);
}

static int64_t
expand(const char *path, size_t *n)
{
	struct arena *a = arena_new();
	struct faults faults = { .arena = a };
	struct occurrences o;
	const char *const files[] = { path, NULL };
	struct calendar_source source = { .id = "bench", .files = files };
	int64_t before = clock_mono();
	enum err code =
		calendar_read(&source, 1, FROM, TO, "Asia/Ho_Chi_Minh", false, a, &faults, &o);
	int64_t took = clock_mono() - before;
	if (code != OK || faults.n) {
		struct buf b = { 0 };
		faults_print(&faults, &b);
		fprintf(stderr, "%s: %s\n%s", path, err_name(code), buf_str(&b));
		exit(1);
	}
	*n = o.n;
	arena_free(a);
	return took;
}

/* Milliseconds, or -1 when the package is missing. */
static int64_t
python(const char *path, size_t want)
{
	char script[1024];
	snprintf(script, sizeof script,
		"import sys\ntry:\n import icalendar, recurring_ical_events\nexcept ImportError:\n "
		"sys.exit(77)\n"
		"import datetime as d\nu=d.timezone.utc\n"
		"c=icalendar.Calendar.from_ical(open(sys.argv[1]).read())\n"
		"e=recurring_ical_events.of(c).between(d.datetime(2026,1,1,tzinfo=u),d.datetime("
		"2027,1,1,tzinfo=u))\n"
		"sys.exit(0 if len(e)==int(sys.argv[2]) else 78)\n");
	char number[32];
	snprintf(number, sizeof number, "%zu", want);
	char *argv[] = { "/usr/bin/python3", "-c", script, (char *)(uintptr_t)path, number, NULL };
	pid_t pid;
	int status = 0;
	int64_t before = clock_mono();
	if (posix_spawn(&pid, argv[0], NULL, NULL, argv, environ) != 0 ||
		waitpid(pid, &status, 0) != pid)
		return -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 78)
		fprintf(stderr, "python3-recurring-ical-events counts other instances than %zu\n",
			want);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? clock_mono() - before : -1;
}

int
main(int argc, char **argv)
{
	if (argc > 1 && str_eq(argv[1], "calendar-child"))
		return calendar_child(argc, argv);
	char big[64], small[64];
	snprintf(big, sizeof big, "/tmp/td-bench-%d.ics", (int)getpid());
	snprintf(small, sizeof small, "/tmp/td-bench-%d-200.ics", (int)getpid());
	write_calendar(big, 5000);
	write_calendar(small, 200);
	size_t n, small_n;
	int64_t took = expand(big, &n);
	struct rusage child, own;
	getrusage(RUSAGE_CHILDREN, &child);
	getrusage(RUSAGE_SELF, &own);
	printf("calendar: 5000 series, one year: %zu instances in %lld ms; child %ld MiB, reader "
	       "%ld MiB\n",
		n, (long long)took, child.ru_maxrss / 1024, own.ru_maxrss / 1024);
	int64_t ours = expand(small, &small_n), theirs = python(small, small_n);
	if (theirs >= 0)
		printf("calendar: 200 series: %zu instances, ours %lld ms, python %lld ms: %.0f "
		       "times\n",
			small_n, (long long)ours, (long long)theirs,
			(double)theirs / (double)(ours ? ours : 1));
	else
		printf("calendar: 200 series: %zu instances, ours %lld ms; "
		       "python3-recurring-ical-events is not there\n",
			small_n, (long long)ours);
	unlink(big);
	unlink(small);
	return 0;
}
