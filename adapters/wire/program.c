/* External programs for exec.c.
 *
 * One socket pair is both its input and its output: a write to a program that has ended is an error
 * here and never a signal. The program leads a process group of its own, so that what it started
 * dies with it; it inherits no other descriptor, no environment but PATH and a UTF-8 locale, no
 * ignored signal. Owns the process until program_stop(), which waits for it. Must never run a
 * shell, or block but in task_wait() (and at most half a second in program_stop()). */
#include "adapters/wire/program.h"

#include "base/buf.h"
#include "base/str.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GRACE_MS = 500, CHUNK = 16 << 10, ARGS_MOST = 16 };

struct program {
	pid_t pid;
	int fd;
	char *path;
	struct buf in;
	size_t looked; /* of these, already searched for a line end */
};

static const char *const environment[] = { "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8",
	"LC_ALL=C.UTF-8", NULL };

/* 0, or why not. */
static int
spawn(const char *path, char *const argv[], int fd, pid_t *out)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t all, none;
	sigfillset(&all);
	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(
		&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawn_file_actions_adddup2(&actions, fd, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	posix_spawn_file_actions_addchdir_np(&actions, "/");
	int rc = posix_spawn(out, path, &actions, &attr, argv, (char *const *)environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return rc;
}

enum err
program_start(struct task *t, const char *path, const char *const *args, struct program **out)
{
	char *argv[ARGS_MOST + 2] = { arena_strdup(t->arena, path) };
	int pair[2], n = 1;
	pid_t pid;
	*out = NULL;
	if (!path || *path != '/')
		return task_fail(t, ERR_INPUT, T("run %s: not an absolute path"), path ? path : "");
	for (; args && *args && n <= ARGS_MOST; args++)
		argv[n++] = arena_strdup(t->arena, *args);
	if (args && *args)
		return task_fail(
			t, ERR_INPUT, T("run %s: more than %d arguments"), path, ARGS_MOST);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return task_fail(t, ERR_SYSTEM, T("run %s: %s"), path, strerrordesc_np(errno));
	/* Only our end never blocks: programs do not expect that of theirs. */
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	int rc = spawn(path, argv, pair[1], &pid);
	close(pair[1]);
	if (rc != 0) {
		close(pair[0]);
		bool ours = rc == EAGAIN || rc == ENOMEM || rc == EMFILE || rc == ENFILE;
		return task_fail(t, ours ? ERR_SYSTEM : ERR_INPUT, T("run %s: %s"), path,
			strerrordesc_np(rc));
	}
	struct program *p = xalloc(sizeof *p);
	*p = (struct program){ .pid = pid, .fd = pair[0], .path = xstrdup(path) };
	*out = p;
	return OK;
}

/* It is not waited for here: program_stop() does. */
static enum err
ended(struct task *t, const struct program *p)
{
	return task_fail(t, ERR_TIMEOUT, T("%s ended before it answered"), p->path);
}

enum err
program_say(struct task *t, struct program *p, const char *line)
{
	struct buf b = { 0 };
	buf_puts(&b, line);
	buf_putc(&b, '\n');
	enum err e = OK;
	for (size_t sent = 0; e == OK && sent < b.n;) {
		ssize_t n = send(p->fd, b.at + sent, b.n - sent, MSG_NOSIGNAL);
		struct pollfd f = { .fd = p->fd, .events = POLLOUT };
		if (n > 0)
			sent += (size_t)n;
		else if (n < 0 && (errno == EAGAIN || errno == EINTR))
			e = task_wait(t, &f, 1, -1);
		else
			e = ended(t, p);
	}
	explicit_bzero(b.at, b.n);
	buf_free(&b);
	return e;
}

/* A whole line is in the buffer. */
static bool
take_line(struct task *t, struct program *p, const char **out)
{
	char *end = p->in.n > p->looked ? memchr(p->in.at + p->looked, '\n', p->in.n - p->looked)
					: NULL;
	p->looked = p->in.n;
	if (!end)
		return false;
	size_t n = (size_t)(end - p->in.at);
	*out = str_trim(utf8_repair(t->arena, p->in.at, n));
	buf_drop(&p->in, n + 1);
	p->looked = 0;
	return true;
}

enum err
program_hear(struct task *t, struct program *p, int64_t at_most_ms, const char **out)
{
	char chunk[CHUNK];
	*out = NULL;
	enum err room = task_room(t);
	if (room)
		return room;
	while (!take_line(t, p, out)) {
		struct pollfd f = { .fd = p->fd, .events = POLLIN };
		if (p->in.n > PROGRAM_LINE_MOST)
			return task_fail(t, ERR_PROTOCOL, T("%s: a line of more than %d bytes"),
				p->path, PROGRAM_LINE_MOST);
		enum err e = task_wait(t, &f, 1, at_most_ms);
		if (e || !f.revents)
			return e;
		ssize_t n = recv(p->fd, chunk, sizeof chunk, 0);
		if (n > 0)
			buf_add(&p->in, chunk, (size_t)n);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			return ended(t, p);
	}
	return OK;
}

void
program_stop(struct program *p)
{
	if (!p)
		return;
	shutdown(p->fd, SHUT_WR);
	int watch = pidfd_open(p->pid, 0);
	struct pollfd f = { .fd = watch, .events = POLLIN };
	if (watch >= 0) {
		poll(&f, 1, GRACE_MS);
		close(watch);
	}
	/* The leader is not reaped yet, so its group is still its own. */
	kill(-p->pid, SIGKILL);
	while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(p->fd);
	buf_free(&p->in);
	free(p->path);
	free(p);
}
