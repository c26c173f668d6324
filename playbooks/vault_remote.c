/* Starts the child that pulls or pushes, listens to it, and kills it at the deadline.
 *
 * Called by `playbook pull|push`. Owns the child from start to wait. Must never wait without a
 * deadline, nor hand the child more of our environment than git and an ssh agent need. */
#include "playbooks/vault.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/task.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SAID_MOST = 64 << 10 };

static const char *program; /* NULL: our own binary */

void
vault_set_program(const char *path)
{
	program = path;
}

static int
spawn(char *const argv[], struct arena *a, int out_fd, pid_t *out_pid)
{
	static const char *const kept[] = { "PATH", "HOME", "SSH_AUTH_SOCK", "XDG_CONFIG_HOME",
		"ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS" };
	char *env[sizeof kept / sizeof *kept + 1] = { 0 };
	for (size_t i = 0, n = 0; i < sizeof kept / sizeof *kept; i++) {
		const char *value = getenv(kept[i]);
		if (value)
			env[n++] = arena_printf(a, "%s=%s", kept[i], value);
	}
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out_fd, 1);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	int rc = posix_spawn(
		out_pid, program ? program : "/proc/self/exe", &files, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return rc;
}

/* Everything the child says, until it closes its output. */
static enum err
listen_to(struct task *t, int fd, struct buf *said)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		char chunk[4096];
		enum err code = task_wait(t, &p, 1, -1);
		if (code)
			return code;
		ssize_t n = read(fd, chunk, sizeof chunk);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return OK;
		if (n > 0 && said->n + (size_t)n <= SAID_MOST)
			buf_add(said, chunk, (size_t)n);
	}
}

/* Waits for the end; kills what does not end. The status as waitpid() gives it. */
static int
end_child(struct task *t, pid_t pid, bool kill_now)
{
	int status = 0;
	while (!kill_now) {
		pid_t got = waitpid(pid, &status, WNOHANG);
		if (got == pid || (got < 0 && errno != EINTR))
			return status;
		kill_now = task_sleep(t, 5) != OK;
	}
	kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return status;
}

/* https://user:password@host would stand in the process list. */
static bool
carries_password(const char *remote)
{
	const char *authority = remote ? strstr(remote, "://") : NULL;
	if (!authority)
		return false;
	size_t n = strcspn(authority + 3, "/");
	const char *at = memchr(authority + 3, '@', n);
	return at && memchr(authority + 3, ':', (size_t)(at - authority - 3));
}

static enum err
run(const char *verb, const char *dir, const char *remote, int64_t deadline_ms, struct arena *a,
	const char **out_text, struct err_text *e)
{
	int pipe_fd[2];
	pid_t pid;
	char *argv[] = { "tongduyet", "vault-child", arena_strdup(a, verb), arena_strdup(a, dir),
		arena_strdup(a, str_empty(remote) ? "origin" : remote), NULL };
	struct task t = { .arena = a, .cancel_fd = -1, .deadline = clock_mono() + deadline_ms };
	if (carries_password(remote))
		return err_set(e, ERR_INPUT,
			T("%s: no password in an address, it belongs into "
			  ".git/tongduyet/credentials"),
			verb);
	if (pipe2(pipe_fd, O_CLOEXEC) != 0)
		return err_set(e, ERR_SYSTEM, "%s %s: %s", verb, dir, strerror(errno));
	int rc = spawn(argv, a, pipe_fd[1], &pid);
	close(pipe_fd[1]);
	if (rc) {
		close(pipe_fd[0]);
		return err_set(
			e, ERR_SYSTEM, T("%s %s: start the child: %s"), verb, dir, strerror(rc));
	}
	struct buf said = { 0 };
	fcntl(pipe_fd[0], F_SETFL, O_NONBLOCK);
	enum err code = listen_to(&t, pipe_fd[0], &said);
	close(pipe_fd[0]);
	int status = end_child(&t, pid, code != OK);
	const char *line = said.n ? strchr(said.at, '\n') : NULL;
	const char *text = line ? utf8_repair(a, line + 1, strlen(line + 1)) : "";
	if (code) {
		err_set(e, code, T("%s %s: no end after %lld s, stopped"), verb, dir,
			(long long)(deadline_ms + 999) / 1000);
	} else if (!line || !WIFEXITED(status) || WEXITSTATUS(status) > 1) {
		code = err_set(
			e, ERR_SYSTEM, T("%s %s: the child ended without an answer"), verb, dir);
	} else {
		code = err_from_name(arena_strndup(a, said.at, (size_t)(line - said.at)));
		if (code)
			err_set(e, code, "%s", text);
	}
	*out_text = text;
	buf_free(&said);
	return code;
}

enum err
vault_pull(const char *dir, const char *remote, int64_t deadline_ms, struct arena *a,
	const char **out_text, struct err_text *e)
{
	*out_text = "";
	return run("pull", dir, remote, deadline_ms, a, out_text, e);
}

enum err
vault_push(const char *dir, const char *remote, int64_t deadline_ms, struct arena *a,
	const char **out_text, struct err_text *e)
{
	*out_text = "";
	return run("push", dir, remote, deadline_ms, a, out_text, e);
}
