/* A clock that leaves nobody behind: tests/e2e/lib.sh starts it, lab and daemon read it
 * (`--clock INSTANT@FILE`, base/clock.c).
 *
 * A rehearsal at twenty times its speed makes a tenth of a second two. Where eight of them share
 * two cores, programs that are ready to run wait for a core now and then; to devices and daemon
 * that would be minutes in which everybody was slow, and the verdict, rightly, "unverified". So the
 * time in which a sibling (a process that our parent started) was ready and did not run is taken
 * off the clock, by what the kernel counts for each thread (/proc/PID/task/TID/schedstat:
 * nanoseconds on a core, nanoseconds ready and waiting). It goes at a fifth of its speed at least,
 * so that everything ends. Where the kernel does not tell, only our own lateness is taken off.
 * It must never go backwards, nor faster than real time. */
#include "pace.h"

#include "base/clock.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum {
	TICK_MS = 10,
	LOOK_MS = 40,      /* between two looks at the siblings */
	THREADS = 1 << 13,
	SLOWEST = 5,       /* one n-th of real time */
};

/* What was read of a thread last. */
static struct thread {
	int id;
	int64_t ran_us, waited_us;
} threads[THREADS];

static bool
read_all(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* Microseconds since the last look. */
struct times {
	int64_t ran, waited;
};

static void
add_thread(struct times *sum, int pid, int id)
{
	char path[80], text[128], *end;
	snprintf(path, sizeof path, "/proc/%d/task/%d/schedstat", pid, id);
	if (!read_all(path, text, sizeof text))
		return;
	int64_t ran = strtoll(text, &end, 10) / 1000, waited = strtoll(end, NULL, 10) / 1000;
	struct thread *t = &threads[(unsigned)id % THREADS];
	if (t->id == id && ran >= t->ran_us && waited >= t->waited_us) {
		sum->ran += ran - t->ran_us;
		sum->waited += waited - t->waited_us;
	}
	*t = (struct thread){ id, ran, waited };
}

static void
add_process(struct times *sum, int pid)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/task", pid);
	DIR *d = opendir(path);
	for (struct dirent *e; d && (e = readdir(d));)
		if (e->d_name[0] != '.')
			add_thread(sum, pid, (int)strtol(e->d_name, NULL, 10));
	if (d)
		closedir(d);
}

/* What the siblings lost of the last `period`: what they waited, shared by as many as wanted to run
 * at a time. */
static int64_t
lost_us(int parent, int64_t period)
{
	char path[80], text[1024];
	struct times sum = { 0 };
	snprintf(path, sizeof path, "/proc/%d/task/%d/children", parent, parent);
	if (!read_all(path, text, sizeof text))
		return 0;
	char *at = text;
	for (long pid; (pid = strtol(at, &at, 10)) > 0;)
		if (pid != getpid())
			add_process(&sum, (int)pid);
	int64_t wanted = sum.ran + sum.waited;
	return wanted > period ? sum.waited * period / wanted : sum.waited;
}

int
pace_run(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	void *p = fd >= 0 && !ftruncate(fd, sizeof(int64_t))
			  ? mmap(NULL, sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
			  : MAP_FAILED;
	if (p == MAP_FAILED) {
		fprintf(stderr, "lab: %s cannot be kept\n", path);
		return 3;
	}
	_Atomic int64_t *clock = p;
	int parent = (int)getppid();
	int64_t last = clock_mono(), looked = last, debt_us = 0, rest_us = 0;
	while (getppid() == parent) {
		struct timespec tick = { 0, TICK_MS * 1000000L };
		nanosleep(&tick, NULL);
		int64_t now = clock_mono();
		/* we were late ourselves: that does not count either */
		int64_t gained = (now - last < 2 * TICK_MS ? now - last : 2 * TICK_MS) * 1000;
		last = now;
		if (now - looked >= LOOK_MS) {
			debt_us += lost_us(parent, (now - looked) * 1000);
			looked = now;
		}
		int64_t paid = gained - gained / SLOWEST;
		paid = debt_us < paid ? debt_us : paid;
		debt_us -= paid;
		if (debt_us > 2 * LOOK_MS * 1000)
			debt_us = 2 * LOOK_MS * 1000;
		rest_us += gained - paid;
		atomic_fetch_add(clock, rest_us / 1000);
		rest_us %= 1000;
	}
	return 0;
}
