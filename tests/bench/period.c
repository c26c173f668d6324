/* A year: 250 runs of 170 sites in a real journal, and its summary in each format, with time and
 * memory; the history of one site, as its sheet needs it. The floor of reading is the same rows
 * fetched through the SQLite command line's own way: a plain scan without looking into them. Each
 * part is a process of its own, so that its peak memory is its own. */
#include "base/clock.h"
#include "base/str.h"
#include "journal.h"
#include "record.h"
#include "report/documents.h"
#include "report/period.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 250, SITES = 170, OTHER_ROWS = 400 /* of a run, between the records of two */ };
#define START INT64_C(1549756800000)
#define DAY INT64_C(86400000)

struct figures { /* shared with the parent */
	int64_t us, bytes;
	long peak_kib;
	int64_t rows;
};

static int64_t
cpu_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
die(const struct err_text *e)
{
	fprintf(stderr, "bench period: %s\n", e->text);
	exit(1);
}

static void
add(struct journal *j, const char *run, int64_t at, const char *kind, const char *site,
	const char *body)
{
	struct err_text e = { 0 };
	int64_t seq;
	if (journal_append(j, run, at, kind, site, body, NULL, &seq, &e) != OK)
		die(&e);
}

static void
fill_run(struct journal *j, int n, struct buf *b)
{
	static const enum headline headlines[] = { GOOD, GOOD, GOOD, GOOD, GOOD, GOOD, LATE, ABSENT,
		UNATTENDED, POOR };
	char run[80], site[40], name[60], district[60];
	int64_t start = START + n * DAY;
	snprintf(run, sizeof run, "%08d-0700-tong-duyet-%06x", 20190000 + n, (unsigned)n);
	for (int i = 0; i < OTHER_ROWS; i++)
		add(j, run, start, i ? "event" : "spec", "",
			"{\"kind\":\"roster\",\"device\":\"huyen\",\"code\":\"ok\",\"legs\":[],"
			"\"gone\":[]}");
	for (int i = 0; i < SITES; i++) {
		enum headline h = headlines[(n * 7 + i * 3) % 10];
		snprintf(site, sizeof site, "xa-%03d", i);
		snprintf(name, sizeof name, "Xã số %d", i);
		snprintf(district, sizeof district, "Huyện %d", i / 17);
		struct record_run r = { .run = run,
			.revision = 1,
			.phase = n % 2 ? PHASE_SESSION : PHASE_REHEARSAL,
			.session = n % 2,
			.start = start,
			.headline = h,
			.fault = h == ABSENT ? "no-connection"
				 : h == POOR ? "noisy-audio"
					     : "",
			.cause = h == ABSENT ? "operation"
				 : h == POOR ? "line"
					     : "",
			.sub_reason = "",
			.name = name,
			.district = district,
			.provider = i % 2 ? "VNPT" : "Viettel",
			.tier = "commune",
			.late_s = figure_of(i % 60),
			.late_uncertainty_s = figure_of(30),
			.share_least = 980,
			.share_most = 1000,
			.drops = i % 50 == 0,
			.loss_permille = i % 20,
			.jitter_ms = 5 + n % 10 };
		struct json_out w = { .out = b };
		buf_clear(b);
		record_write(&r, &w);
		add(j, run, start + 3600000, "record", site, buf_str(b));
	}
}

static void
fill(const char *path)
{
	struct journal *j;
	struct err_text e = { 0 };
	struct buf b = { 0 };
	if (journal_open(path, &j, &e) != OK)
		die(&e);
	for (int n = 0; n < RUNS; n++) {
		fill_run(j, n, &b);
		if (journal_commit(j, &e) != OK)
			die(&e);
	}
	buf_free(&b);
	journal_close(j);
}

static bool
count_bytes(const char *run, const struct row *row, void *arg)
{
	struct figures *f = arg;
	f->rows++;
	f->bytes += (int64_t)strlen(row->body);
	return true;
}

static struct journal_reader *
reader(const char *path)
{
	struct journal_reader *r;
	struct err_text e = { 0 };
	if (journal_reader_open(path, &r, &e) != OK)
		die(&e);
	return r;
}

/* Every row of every run hashed again, as `verify` does. */
static void
verify(struct journal_reader *j, struct arena *a, struct figures *f)
{
	for (int n = 0; n < RUNS; n++) {
		char head[65] = "";
		struct err_text e = { 0 };
		const char *run = arena_printf(a, "%08d-0700-tong-duyet-%06x", 20190000 + n, n);
		if (journal_verify(j, run, 0, head, &e) != OK)
			die(&e);
		f->rows += head[0] != '\0';
	}
}

/* what: "rows" "site" "verify", or a format */
static void
measure(const char *path, const char *what, struct figures *f)
{
	struct arena *a = arena_new();
	struct records r;
	struct err_text e = { 0 };
	struct buf out = { 0 };
	struct rusage own;
	struct journal_reader *j = reader(path);
	int64_t before = cpu_us();
	bool site = str_eq(what, "site");
	record_new(&r, a);
	if (str_eq(what, "verify")) {
		verify(j, a, f);
	} else if (str_eq(what, "rows")) {
		if (journal_records(j, "", 0, 0, count_bytes, f, &e) != OK)
			die(&e);
	} else {
		if (record_read(j, site ? "xa-007" : "", 0, INT64_MAX, 0, &r, &e) != OK)
			die(&e);
		record_finish(&r);
		f->rows = (int64_t)(r.rehearsals_n + r.sessions_n) * (int64_t)r.sites.n;
	}
	struct period p = { .from = START, .to = START + RUNS * DAY, .scope = "", .records = &r };
	const struct document_format *format = document_format(what);
	if (str_eq(what, "json"))
		period_json(&p, &out);
	else if (format && format->write(period_build(&p, NULL, "vi", a), &out, &e) != OK)
		die(&e);
	f->us = cpu_us() - before;
	f->bytes = out.n ? (int64_t)out.n : f->bytes;
	getrusage(RUSAGE_SELF, &own);
	f->peak_kib = own.ru_maxrss;
}

int
main(int argc, char **argv)
{
	static const char *const parts[] = { "rows", "added up", "site", "verify", "json", "html",
		"csv", "xlsx", "pdf" };
	enum { PARTS = sizeof parts / sizeof *parts };
	struct figures *f = mmap(
		NULL, PARTS * sizeof *f, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct err_text e = { 0 };
	char path[400];
	if (f == MAP_FAILED || argc < 2) {
		fputs("usage: period FOLDER\n", stderr);
		return 2;
	}
	snprintf(path, sizeof path, "%s/period-%ld.db", argv[1], (long)getpid());
	clock_set_zone("Asia/Ho_Chi_Minh", &e);
	fill(path);
	for (int i = 0; i < PARTS; i++) {
		int status = 0;
		pid_t child = fork();
		if (child == 0) {
			measure(path, parts[i], &f[i]);
			_exit(0);
		}
		if (child < 0 || waitpid(child, &status, 0) != child || status) {
			fprintf(stderr, "bench period: %s: no result\n", parts[i]);
			return 1;
		}
	}
	printf("%-34s %12s %12s %14s %8s\n", "250 runs of 170 sites", "ms of cpu", "KiB out",
		"peak KiB", "x floor");
	for (int i = 0; i < PARTS; i++)
		printf("%-34s %12.1f %12lld %14ld %8.2f\n",
			i == 0	 ? "floor: the rows, not looked into"
			: i == 2 ? "history of one site"
			: i == 3 ? "verify, every row of every run"
				 : parts[i],
			(double)f[i].us / 1000, (long long)(f[i].bytes / 1024), f[i].peak_kib,
			(double)f[i].us / (double)(f[0].us ? f[0].us : 1));
	bool right = f[0].rows == RUNS * SITES && f[1].rows == RUNS * SITES && f[2].rows == RUNS &&
		     f[3].rows == RUNS;
	if (!right)
		fputs("bench period: not the year that is meant\n", stderr);
	for (const char *const *tail = (const char *const[]){ "", "-wal", "-shm", ".lock", NULL };
		*tail; tail++) {
		char file[420];
		snprintf(file, sizeof file, "%s%s", path, *tail);
		unlink(file);
	}
	return right ? 0 : 1;
}
