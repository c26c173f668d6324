/* The child process that reads calendars: limits first, then files to events to instances, JSON
 * lines on stdout. Called by main for the hidden verb. Owns its whole process: whatever a hostile
 * calendar does ends with it. Must never write anything but the pipe it was given, nor open
 * anything but the files named and the zone directory.
 *
 *   {"reading":0}                    the file that is being read, for the fault if we die
 *   {"fault":{"file":0,"line":12,"text":"..."}}
 *   {"event":{"file":0,"line":7,"uid":"..."...}}   numbered from 0 in order
 *   [event,start,end,recurrence,cancelled]          UTC ms; recurrence null when the event does not
 * recur
 *   {"done":true}
 */
#include "schedules/calendar.h"
#include "schedules/calendar_internal.h"

#include "adapters/wire/json.h"
#include "base/buf.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <libical/ical.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CPU_SECONDS = 20, MEMORY_MAX = 1 << 30, FLUSH_AT = 1 << 16 };

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
	__has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

struct child {
	struct buf out;
	char **files;
	int files_n;
	bool all, full;
	int shown;
	size_t instances, faults_shown;
	struct faults faults;
};

static void
limit(int what, rlim_t most)
{
	struct rlimit r = { .rlim_cur = most, .rlim_max = most };
	setrlimit(what, &r);
}

static void
set_limits(void)
{
	limit(RLIMIT_CPU, CPU_SECONDS);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_NOFILE, 32);
#ifndef SANITIZED
	limit(RLIMIT_AS, MEMORY_MAX);
#endif
	signal(SIGPIPE, SIG_DFL);
}

static void
flush(struct child *ch)
{
	for (size_t at = 0; at < ch->out.n;) {
		ssize_t n = write(STDOUT_FILENO, ch->out.at + at, ch->out.n - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(3); /* nobody listens */
		at += (size_t)n;
	}
	buf_clear(&ch->out);
}

static int
file_number(const struct child *ch, const char *file)
{
	for (int i = 0; i < ch->files_n; i++)
		if (str_eq(ch->files[i], file))
			return i;
	return 0;
}

static void
show_faults(struct child *ch)
{
	for (; ch->faults_shown < ch->faults.n; ch->faults_shown++) {
		const struct fault *f = &ch->faults.at[ch->faults_shown];
		struct json_out w = { .out = &ch->out };
		json_open(&w, NULL, '{');
		json_open(&w, "fault", '{');
		json_put_int(&w, "file", file_number(ch, f->file));
		json_put_int(&w, "line", f->line);
		json_put_text(&w, "text", f->text);
		json_close(&w, '}');
		json_close(&w, '}');
		buf_putc(&ch->out, '\n');
	}
}

static void
put_list(struct json_out *w, const char *key, const char *const *list)
{
	json_open(w, key, '[');
	for (size_t i = 0; list[i]; i++)
		json_put_text(w, NULL, list[i]);
	json_close(w, ']');
}

static void
show_event(struct child *ch, const struct cal_event *e)
{
	struct json_out w = { .out = &ch->out };
	json_open(&w, NULL, '{');
	json_open(&w, "event", '{');
	json_put_int(&w, "file", file_number(ch, e->file));
	json_put_int(&w, "line", e->line);
	json_put_text(&w, "uid", e->uid);
	json_put_bool(&w, "all_day", e->start.kind == CAL_DATE);
	json_put_text(&w, "summary", e->summary);
	json_put_text(&w, "description", e->description);
	json_put_text(&w, "location", e->location);
	json_put_text(&w, "status", e->status);
	json_put_text(&w, "related_to", e->related_to);
	put_list(&w, "categories", e->categories);
	put_list(&w, "attendees", e->attendees);
	json_put_int(&w, "known_since", e->created ? e->created : e->stamp);
	json_put_bool(&w, "rehearsal", e->rehearsal);
	json_close(&w, '}');
	json_close(&w, '}');
	buf_putc(&ch->out, '\n');
}

static void
show_instance(void *arg, const struct cal_instance *i)
{
	struct child *ch = arg;
	if (i->cancelled && !ch->all)
		return;
	if (ch->instances >= CAL_TOTAL_MAX) {
		if (!ch->full)
			faults_add(&ch->faults, i->event->file, 0,
				T("more than %d instances in the window: the rest is not planned"),
				CAL_TOTAL_MAX);
		ch->full = true;
		return;
	}
	ch->instances++;
	if (!i->event->shown) {
		i->event->shown = ++ch->shown;
		show_event(ch, i->event);
	}
	char recid[32] = "null";
	if (i->recid != OCCURRENCE_NO_RECURRENCE)
		snprintf(recid, sizeof recid, "%lld", (long long)i->recid);
	buf_printf(&ch->out, "[%d,%lld,%lld,%s,%d]\n", i->event->shown - 1, (long long)i->start,
		(long long)i->end, recid, i->cancelled);
	if (ch->out.n >= FLUSH_AT)
		flush(ch);
}

static void
read_file(struct child *ch, struct cal *c, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) != 0) {
		faults_add(&ch->faults, path, 0, T("cannot be read: %s"), strerror(errno));
		if (fd >= 0)
			close(fd);
		return;
	}
	if (!S_ISREG(st.st_mode) || st.st_size > CAL_FILE_MAX) {
		faults_add(&ch->faults, path, 0,
			S_ISREG(st.st_mode) ? T("is larger than 10 MB: it is not read")
					    : T("is not a file"));
		close(fd);
		return;
	}
	struct buf bytes = { 0 };
	char chunk[65536];
	ssize_t n;
	while (bytes.n <= CAL_FILE_MAX && (n = read(fd, chunk, sizeof chunk)) > 0)
		buf_add(&bytes, chunk, (size_t)n);
	close(fd);
	struct cal_scan scan;
	cal_scan(buf_str(&bytes), bytes.n, path, c->arena, &ch->faults, &scan);
	buf_free(&bytes);
	cal_parse(c, &scan, path);
}

int
calendar_child(int argc, char **argv)
{
	int at = argc > 1 && str_eq(argv[1], "calendar-child") ? 2 : 1;
	int64_t from, to;
	if (argc < at + 4 || !str_to_int(argv[at], INT64_MIN, INT64_MAX, &from) ||
		!str_to_int(argv[at + 1], INT64_MIN, INT64_MAX, &to))
		return 2;
	set_limits();
	struct child ch = {
		.files = argv + at + 4, .files_n = argc - at - 4, .all = str_eq(argv[at + 3], "1")
	};
	struct arena *a = arena_new();
	ch.faults.arena = a;
	struct cal c = { .arena = a, .faults = &ch.faults, .budget = CAL_STEPS };
	c.local = cal_zone_system(argv[at + 2], a);
	if (!c.local) {
		fprintf(stderr, "time zone %s is not installed\n", argv[at + 2]);
		return 2;
	}
	for (int i = 0; i < ch.files_n; i++) {
		buf_printf(&ch.out, "{\"reading\":%d}\n", i);
		flush(&ch);
		read_file(&ch, &c, ch.files[i]);
		show_faults(&ch);
	}
	buf_puts(&ch.out, "{\"reading\":-1}\n");
	flush(&ch);
	cal_expand(&c, from, to, show_instance, &ch);
	show_faults(&ch);
	buf_puts(&ch.out, "{\"done\":true}\n");
	flush(&ch);
	icaltimezone_free_builtin_timezones();
	buf_free(&ch.out);
	arena_free(a);
	return 0;
}
