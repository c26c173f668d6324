/* Calendars in: starts the child that reads them, watches its time, and turns its lines into
 * occurrences. Called by the coordinator's planner and the verbs plan, occurrences and calendar.
 * Owns the child: it is gone when calendar_read() returns. Must never parse a calendar here, and
 * never trust a line of the child unchecked. */
#include "schedules/calendar.h"
#include "schedules/calendar_internal.h"

#include "adapters/wire/json.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/instant.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	DEADLINE_MS = 60000,
	LINE_MAX_BYTES = 4 << 20,
	EVENTS_MAX = 500000,
	FAULTS_MAX = 20000,
	RESTARTS_MAX = 8
};

static const char *program = "/proc/self/exe";

struct event { /* what instances of one event share */
	struct occurrence common;
};

struct instance {
	int64_t event, start, end, recid;
	bool cancelled;
};

struct reading { /* one child's answer */
	const struct calendar_source *source;
	const char **files; /* those given to this child */
	size_t files_n;
	struct arena *a;
	struct faults *faults;
	VEC(struct event) events;
	VEC(struct instance) instances;
	int64_t at_file; /* being read; -1 expanding */
	size_t faults_n;
	bool done;
	const char *nonsense;
};

void
calendar_set_program(const char *path)
{
	program = path;
}

void
calendar_about(const char *bytes, size_t n, struct arena *a, const char **name, int64_t *refresh_ms)
{
	/* The calendar's own lines stand before its first component. */
	const char *event = n ? memmem(bytes, n, "BEGIN:VEVENT", 12) : NULL;
	struct faults ignored = { .arena = a };
	struct cal_scan scan;
	cal_scan(bytes,
		event	    ? (size_t)(event - bytes)
		: n < 65536 ? n
			    : 65536,
		"", a, &ignored, &scan);
	*name = scan.name;
	*refresh_ms = 0;
	if (*scan.refresh && (!duration_parse(scan.refresh, refresh_ms) || *refresh_ms < 0))
		*refresh_ms = 0;
}

static const char *const *
text_list(struct arena *a, const struct json *list)
{
	size_t n = list && list->kind == JSON_IS_ARRAY ? list->count : 0;
	const char **out = arena_alloc(a, (n + 1) * sizeof *out);
	size_t k = 0;
	for (const struct json *j = n ? list->first : NULL; j; j = j->next)
		if (j->kind == JSON_IS_TEXT)
			out[k++] = j->text;
	return out;
}

static const char *
text_of(const struct json *j, const char *key)
{
	const char *s = json_text(j, key);
	return s ? s : "";
}

static const char *
file_of(const struct reading *r, const struct json *j)
{
	int64_t n = json_int(j, "file", -1);
	return n >= 0 && (size_t)n < r->files_n ? r->files[n] : r->source->id;
}

static void
take_event(struct reading *r, const struct json *j)
{
	if (r->events.n >= EVENTS_MAX) {
		r->nonsense = "too many events";
		return;
	}
	struct event *e = vec_add(&r->events);
	e->common = (struct occurrence){
		.calendar = r->source->id,
		.file = file_of(r, j),
		.line = (int)json_int(j, "line", 0),
		.uid = text_of(j, "uid"),
		.all_day = json_bool(j, "all_day", false),
		.summary = text_of(j, "summary"),
		.description = text_of(j, "description"),
		.location = text_of(j, "location"),
		.status = text_of(j, "status"),
		.related_to = text_of(j, "related_to"),
		.categories = text_list(r->a, json_get(j, "categories")),
		.attendees = text_list(r->a, json_get(j, "attendees")),
		.known_since = json_int(j, "known_since", 0),
		.rehearsal = json_bool(j, "rehearsal", false),
	};
}

/* "[event,start,end,recurrence or null,cancelled]" and nothing else. */
static void
take_instance(struct reading *r, char *line)
{
	int64_t v[5] = { 0, 0, 0, OCCURRENCE_NO_RECURRENCE, 0 };
	size_t len = strlen(line);
	if (len < 2 || line[len - 1] != ']' || r->instances.n >= CAL_TOTAL_MAX) {
		r->nonsense = "an instance that is none";
		return;
	}
	line[len - 1] = '\0';
	char *p = line + 1;
	for (int i = 0; i < 5; i++) {
		char *end = strchr(p, ',');
		if ((end == NULL) != (i == 4)) {
			r->nonsense = "an instance that is none";
			return;
		}
		if (end)
			*end = '\0';
		if (!(i == 3 && str_eq(p, "null")) &&
			!str_to_int(p, INT64_MIN + 1, INT64_MAX, &v[i])) {
			r->nonsense = "an instance that is none";
			return;
		}
		p = end ? end + 1 : p;
	}
	if (v[0] < 0 || (size_t)v[0] >= r->events.n || v[2] < v[1]) {
		r->nonsense = "an instance of no event";
		return;
	}
	*vec_add(&r->instances) = (struct instance){ v[0], v[1], v[2], v[3], v[4] != 0 };
}

static void
take_line(struct reading *r, char *line)
{
	if (*line == '[') {
		take_instance(r, line);
		return;
	}
	const struct json *j = NULL, *part;
	if (json_parse(r->a, line, strlen(line), &j, NULL) != OK) {
		r->nonsense = "a line that is no JSON";
	} else if ((part = json_get(j, "event"))) {
		take_event(r, part);
	} else if ((part = json_get(j, "fault"))) {
		if (r->faults_n++ < FAULTS_MAX)
			faults_add(r->faults, file_of(r, part), (int)json_int(part, "line", 0),
				"%s", text_of(part, "text"));
	} else if (json_get(j, "reading")) {
		r->at_file = json_int(j, "reading", -1);
	} else if (json_bool(j, "done", false)) {
		r->done = true;
	} else {
		r->nonsense = "a line that says nothing";
	}
}

/* The few variables a child needs; everything else of ours stays with us. */
static char **
environment(struct arena *a)
{
	static const char *const names[] = { "TZDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS",
		"LSAN_OPTIONS", "TSAN_OPTIONS", "LLVM_PROFILE_FILE", NULL };
	char **env = arena_alloc(a, 16 * sizeof *env);
	int n = 0;
	env[n++] = arena_strdup(a, "LC_ALL=C.UTF-8");
	for (int i = 0; names[i]; i++)
		if (getenv(names[i]))
			env[n++] = arena_printf(a, "%s=%s", names[i], getenv(names[i]));
	return env;
}

static enum err
start(char **argv, char **env, pid_t *pid, int *fd)
{
	int p[2];
	if (pipe2(p, O_CLOEXEC) != 0)
		return ERR_SYSTEM;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(
		&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, p[1], 1);
	posix_spawn_file_actions_addclosefrom_np(&actions, 3);
	int rc = posix_spawn(pid, program, &actions, &attr, argv, env);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	close(p[1]);
	if (rc != 0) {
		close(p[0]);
		return ERR_SYSTEM;
	}
	fcntl(p[0], F_SETFL, O_NONBLOCK);
	*fd = p[0];
	return OK;
}

/* Read its lines until it ends, talks nonsense or the deadline passes. */
static const char *
listen_to(struct reading *r, int fd)
{
	int64_t deadline = clock_mono() + DEADLINE_MS;
	struct buf in = { 0 };
	size_t scanned = 0;
	const char *why = NULL;
	while (!why) {
		int64_t left = deadline - clock_mono();
		struct pollfd p = { .fd = fd, .events = POLLIN };
		if (left <= 0) {
			why = T("took longer than a minute");
			break;
		}
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		char chunk[65536];
		ssize_t n = read(fd, chunk, sizeof chunk);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			break;
		buf_add(&in, chunk, (size_t)n);
		size_t begin = 0;
		for (char *nl; (nl = memchr(in.at + scanned, '\n', in.n - scanned));) {
			*nl = '\0';
			take_line(r, in.at + begin);
			begin = scanned = (size_t)(nl - in.at) + 1;
			if (r->nonsense)
				break;
		}
		buf_drop(&in, begin);
		scanned = in.n;
		why = r->nonsense	      ? r->nonsense
		      : in.n > LINE_MAX_BYTES ? "wrote a line without end"
					      : NULL;
	}
	buf_free(&in);
	return why;
}

static const char *
how_it_ended(struct arena *a, int status)
{
	if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL))
		return "needs more time than a calendar may take";
	if (WIFSIGNALED(status))
		return arena_printf(a, T("makes the reader crash (signal %d)"), WTERMSIG(status));
	return arena_printf(
		a, T("cannot be read within the limits (exit %d)"), WEXITSTATUS(status));
}

static void
forget(struct reading *r)
{
	vec_free(&r->events);
	vec_free(&r->instances);
}

/* One child. OK: *r holds its answer, whole or with r->done false and *why saying what happened. */
static enum err
run_child(struct reading *r, int64_t from, int64_t to, const char *zone, bool all, const char **why)
{
	char **argv = arena_alloc(r->a, (r->files_n + 7) * sizeof *argv);
	size_t n = 0;
	argv[n++] = arena_strdup(r->a, "tongduyet");
	argv[n++] = arena_strdup(r->a, "calendar-child");
	argv[n++] = arena_printf(r->a, "%lld", (long long)from);
	argv[n++] = arena_printf(r->a, "%lld", (long long)to);
	argv[n++] = arena_strdup(r->a, zone);
	argv[n++] = arena_strdup(r->a, all ? "1" : "0");
	for (size_t i = 0; i < r->files_n; i++)
		argv[n++] = arena_strdup(r->a, r->files[i]);
	pid_t pid;
	int fd, status = 0;
	if (start(argv, environment(r->a), &pid, &fd) != OK)
		return ERR_SYSTEM;
	*why = listen_to(r, fd);
	close(fd);
	if (*why)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!*why && !r->done)
		*why = how_it_ended(r->a, status);
	return WIFEXITED(status) && (WEXITSTATUS(status) == 2 || WEXITSTATUS(status) == 127)
		       ? ERR_SYSTEM
		       : OK;
}

/* All files of one calendar; a file that kills the child is left out and named, and the rest read
 * again. */
static enum err
read_source(const struct calendar_source *source, int64_t from, int64_t to, const char *zone,
	bool all, struct arena *a, struct faults *faults, struct reading *out)
{
	size_t n = 0;
	while (source->files[n])
		n++;
	const char **files = arena_alloc(a, (n + 1) * sizeof *files);
	memcpy(files, source->files, n * sizeof *files);
	*out = (struct reading){ 0 };
	for (int restarts = 0; n; restarts++) {
		*out = (struct reading){
			.source = source, .files = files, .files_n = n, .a = a, .faults = faults
		};
		size_t faults_before = faults->n;
		const char *why = NULL;
		enum err code = run_child(out, from, to, zone, all, &why);
		if (code != OK || !why)
			return code;
		/* Its answer is not whole: nothing of it counts. */
		faults->n = faults_before;
		forget(out);
		bool one = out->at_file >= 0 && (size_t)out->at_file < n;
		for (size_t i = 0; i < n; i++)
			if (!one || i == (size_t)out->at_file)
				faults_add(faults, files[i], 0,
					T("this calendar %s: it is not planned"), why);
		if (!one || restarts >= RESTARTS_MAX)
			return OK;
		const char **rest = arena_alloc(a, (n + 1) * sizeof *rest);
		size_t kept = 0;
		for (size_t i = 0; i < n; i++)
			if (i != (size_t)out->at_file)
				rest[kept++] = files[i];
		files = rest;
		n = kept;
	}
	return OK;
}

static int
by_start(const void *x, const void *y)
{
	const struct occurrence *a = x, *b = y;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	int d = strcmp(a->uid, b->uid);
	if (d)
		return d;
	if (a->recurrence_id != b->recurrence_id)
		return a->recurrence_id < b->recurrence_id ? -1 : 1;
	d = strcmp(a->calendar, b->calendar);
	return d ? d : (a->end > b->end) - (a->end < b->end);
}

enum err
calendar_read(const struct calendar_source *sources, size_t n, int64_t from, int64_t to,
	const char *zone, bool all, struct arena *a, struct faults *faults, struct occurrences *out)
{
	struct reading *readings = arena_alloc(a, (n + 1) * sizeof *readings);
	enum err code = OK;
	size_t total = 0;
	for (size_t i = 0; i < n && code == OK; i++) {
		code = read_source(&sources[i], from, to, zone, all, a, faults, &readings[i]);
		total += readings[i].instances.n;
	}
	*out = (struct occurrences){ 0 };
	if (code == OK && total) {
		out->at = arena_alloc(a, total * sizeof *out->at);
		out->cap = total;
	}
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; out->cap && k < readings[i].instances.n; k++) {
			const struct instance *from_child = &readings[i].instances.at[k];
			struct occurrence *o = &out->at[out->n++];
			*o = readings[i].events.at[from_child->event].common;
			o->start = from_child->start;
			o->end = from_child->end;
			o->recurrence_id = from_child->recid;
			o->cancelled = from_child->cancelled;
		}
		forget(&readings[i]);
	}
	if (out->n)
		qsort(out->at, out->n, sizeof *out->at, by_start);
	return code;
}
