/* The journal's group commit next to what the disk allows: the same bytes appended to a plain file
 * with one fdatasync per group, in the same run, in turns, so that a busy disk slows both.
 *
 * tests/bench/run calls it: journal FOLDER. Prints a table; asserts nothing about time. Owns its
 * files and removes them. */
#include "journal.h"


#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TURNS = 6, TURN_MS = 250, BODY = 420, ROW_EXTRA = 160 /* key, kind, site and two hashes of a row */ };

struct measure {
	int64_t rows, commits, us;
};

static int64_t
now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static void
stop(const char *what, const char *why)
{
	fprintf(stderr, "bench journal: %s: %s\n", what, why);
	exit(1);
}

static void
plain(int fd, int group, const char *bytes, size_t n, struct measure *m)
{
	int64_t begin = now_us(), end = begin + TURN_MS * 1000;
	do {
		for (int i = 0; i < group; i++)
			if (write(fd, bytes, n) != (ssize_t)n)
				stop("append", "short write");
		if (fdatasync(fd) != 0)
			stop("append", "fdatasync");
		m->rows += group;
		m->commits++;
	} while (now_us() < end);
	m->us += now_us() - begin;
}

static void
ours(struct journal *j, int group, const char *body, struct measure *m)
{
	struct err_text e = { 0 };
	int64_t begin = now_us(), end = begin + TURN_MS * 1000, seq;
	do {
		for (int i = 0; i < group; i++)
			if (journal_append(j, "20190210-0700-tong-duyet-bench0", 1549756800000,
				    "event", "xa-001", body, NULL, &seq, &e) != OK)
				stop("journal", e.text);
		if (journal_commit(j, &e) != OK)
			stop("journal", e.text);
		m->rows += group;
		m->commits++;
	} while (now_us() < end);
	m->us += now_us() - begin;
	journal_rest(j);
}

static double
per_second(const struct measure *m)
{
	return m->us ? (double)m->rows * 1e6 / (double)m->us : 0;
}

int
main(int argc, char **argv)
{
	static const int groups[] = { 1, 8, 64, 256 };
	static const char *const ends[] = { "", "-wal", "-shm", ".lock" };
	char path[600], flat[600], body[BODY + 1], row[BODY + ROW_EXTRA];
	struct journal *j;
	struct err_text e = { 0 };
	if (argc != 2)
		stop("usage", "journal FOLDER");
	snprintf(path, sizeof path, "%s/journal-%d.db", argv[1], (int)getpid());
	snprintf(flat, sizeof flat, "%s/journal-%d.flat", argv[1], (int)getpid());
	memset(body, 'x', BODY);
	memcpy(body, "{\"kind\":\"answer\",\"text\":\"", 25);
	memcpy(body + BODY - 2, "\"}", 3);
	memset(row, 'x', sizeof row);
	int fd = open(flat, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0 || journal_open(path, &j, &e) != OK)
		stop("open", e.text);
	printf("%-28s %12s %12s %12s %9s\n", "journal, rows per commit", "rows/s", "floor rows/s",
		"commits/s", "x floor");
	for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++) {
		struct measure a = { 0 }, b = { 0 };
		for (int turn = 0; turn < TURNS; turn++) {
			plain(fd, groups[g], row, sizeof row, &b);
			ours(j, groups[g], body, &a);
		}
		printf("%-28d %12.0f %12.0f %12.0f %9.2f\n", groups[g], per_second(&a),
			per_second(&b), per_second(&a) / groups[g],
			per_second(&b) / per_second(&a));
	}
	journal_close(j);
	close(fd);
	unlink(flat);
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		char one[620];
		snprintf(one, sizeof one, "%s%s", path, ends[i]);
		unlink(one);
	}
	return 0;
}
