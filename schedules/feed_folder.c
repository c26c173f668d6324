/* Calendars in a folder: which files count, and a descriptor that tells of changes. Called by the
 * workspace's reader and the coordinator's loop. Owns nothing: the caller closes the descriptor.
 * Must never take a file that is still being written for a calendar: writers rename, or finish, and
 * then the folder tells again. */
#include "schedules/feed.h"

#include "base/str.h"
#include "base/vec.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { FILES_MAX = 5000 };

static bool
is_calendar(const char *name)
{
	size_t n = strlen(name);
	return name[0] != '.' && n > 4 && strcasecmp(name + n - 4, ".ics") == 0;
}

static int
by_name(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

const char *const *
feed_folder(const char *folder, struct arena *a)
{
	VEC(const char *) files = { 0 };
	DIR *d = opendir(folder);
	if (!d)
		return NULL;
	for (struct dirent *e; files.n < FILES_MAX && (e = readdir(d));)
		if (is_calendar(e->d_name))
			*vec_add_in(a, &files) = arena_printf(a, "%s/%s", folder, e->d_name);
	closedir(d);
	if (files.n)
		qsort(files.at, files.n, sizeof *files.at, by_name);
	*vec_add_in(a, &files) = NULL;
	return files.at;
}

int
feed_watch(const char *folder, struct err_text *e)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	uint32_t what = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF |
			IN_MOVE_SELF | IN_ONLYDIR;
	if (fd >= 0 && inotify_add_watch(fd, folder, what) >= 0)
		return fd;
	err_set(e, ERR_SYSTEM, T("watch %s: %s"), folder, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

bool
feed_watch_changed(int fd)
{
	_Alignas(struct inotify_event) char bytes[16384];
	bool changed = false;
	ssize_t n;
	/* Bounded: what comes meanwhile is told by the next poll. */
	for (int turns = 0; turns < 64 && (n = read(fd, bytes, sizeof bytes)) > 0; turns++)
		for (char *at = bytes; at < bytes + n;) {
			struct inotify_event *e = (struct inotify_event *)(void *)at;
			changed = changed ||
				  (e->mask & (IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF |
						     IN_IGNORED)) ||
				  (e->len && is_calendar(e->name));
			at += sizeof *e + e->len;
		}
	return changed;
}
