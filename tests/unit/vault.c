/* The playbooks' repository, with real repositories in a temporary folder: reading at a commit,
 * committing, taking back, two writers at once with git itself running beside them, pull and push
 * through the child. This program is its own child: main() answers the hidden verb. */
#include "playbooks/vault.h"

#include "base/buf.h"
#include "base/str.h"
#include "playbooks/vault_hosts.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW INT64_C(1549756800000)
#define WHO "Can Bo <can.bo@example.vn>"

extern char **environ;

struct fixture {
	struct arena *a;
	char dir[64]; /* temporary; repositories are made below it */
	const char *repo;
	struct vault *v;
	struct err_text e;
};

static pid_t
start(const char *const *argv)
{
	pid_t pid;
	posix_spawn_file_actions_t files;
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	if (!str_eq(argv[0], "/proc/self/exe"))
		posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
	int rc = posix_spawnp(&pid, argv[0], &files, NULL, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&files);
	return rc ? -1 : pid;
}

static int
finish(pid_t pid)
{
	int status = -1;
	if (pid > 0)
		waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define RUN(...) finish(start((const char *const[]){ __VA_ARGS__, NULL }))

static const char *
path(struct fixture *f, const char *name)
{
	return arena_printf(f->a, "%s/%s", f->dir, name);
}

static void
put(const char *name, const char *text)
{
	int fd = open(name, O_CREAT | O_TRUNC | O_WRONLY, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static const char *
get(struct fixture *f, const char *name)
{
	char text[4096] = "";
	int fd = open(name, O_RDONLY);
	if (fd < 0)
		return NULL;
	ssize_t n = read(fd, text, sizeof text - 1);
	close(fd);
	return arena_strndup(f->a, text, n > 0 ? (size_t)n : 0);
}

static const char *
work(struct fixture *f, const char *name)
{
	return arena_printf(f->a, "%s/%s", f->repo, name);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	f->a = arena_new();
	str_copy(f->dir, sizeof f->dir, "/tmp/vault-test-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	f->repo = path(f, "playbooks");
	mkdir(f->repo, 0755);
	put(work(f, "a.xml"), "one\n");
	put(work(f, "b.xml"), "other\n");
	if (vault_init(f->repo, WHO, NOW, &f->e) || vault_open(f->repo, &f->v, &f->e))
		return -1;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	vault_close(f->v);
	RUN("rm", "-rf", f->dir);
	arena_free(f->a);
	free(f);
	return 0;
}

#define DONE(f, call) \
	do { \
		enum err code_ = (call); \
		if (code_) \
			fail_msg("%s: %s", err_name(code_), (f)->e.text); \
	} while (0)

static const char *
at(struct fixture *f, const char *revision, const char *name)
{
	const char *bytes = NULL;
	size_t n = 0;
	enum err code = vault_read(f->v, revision, name, f->a, &bytes, &n, &f->e);
	return code ? NULL : bytes;
}

static void
test_read(void **state)
{
	struct fixture *f = *state;
	const char *first, *second, *id;
	DONE(f, vault_resolve(f->v, "HEAD", f->a, &first, &f->e));
	assert_int_equal(strlen(first), 40);
	put(work(f, "a.xml"), "two\n");
	mkdir(work(f, "sub"), 0755);
	put(work(f, "sub/c.xml"), "three\n");
	unlink(work(f, "b.xml"));
	assert_true(vault_dirty(f->v));
	DONE(f, vault_commit_all(f->v, WHO, "second\n\nbody", NOW + 60000, f->a, &second, &f->e));
	assert_false(vault_dirty(f->v));
	assert_string_equal(at(f, first, "a.xml"), "one\n");
	assert_string_equal(at(f, second, "a.xml"), "two\n");
	assert_string_equal(at(f, "main", "sub/c.xml"), "three\n");
	assert_null(at(f, second, "b.xml"));
	assert_int_equal(f->e.code, ERR_GONE);
	f->e.code = OK;
	assert_null(at(f, second, "sub")); /* a folder is not a file */
	f->e.code = OK;
	DONE(f, vault_resolve(f->v, arena_strndup(f->a, first, 8), f->a, &id, &f->e));
	assert_string_equal(id, first);
	assert_int_equal(vault_resolve(f->v, "no-such", f->a, &id, &f->e), ERR_GONE);

	struct vault_entry *files;
	size_t n;
	DONE(f, vault_list(f->v, second, f->a, &files, &n, &f->e));
	assert_int_equal(n, 2);
	assert_string_equal(files[0].path, "a.xml");
	assert_string_equal(files[1].path, "sub/c.xml");
}

static void
test_log(void **state)
{
	struct fixture *f = *state;
	struct vault_commit *log;
	size_t n;
	const char *id;
	DONE(f, vault_commit_file(
			f->v, "b.xml", "B\n", 2, "An", "change b", NOW + 1000, f->a, &id, &f->e));
	DONE(f, vault_commit_file(
			f->v, "a.xml", "A\n", 2, WHO, "change a", NOW + 2000, f->a, &id, &f->e));
	DONE(f, vault_commit_file(
			f->v, "a.xml", NULL, 0, WHO, "drop a", NOW + 3000, f->a, &id, &f->e));
	assert_string_equal(get(f, work(f, "b.xml")), "B\n"); /* the work tree follows */
	assert_null(get(f, work(f, "a.xml")));
	assert_false(vault_dirty(f->v));
	DONE(f, vault_log(f->v, NULL, 10, f->a, &log, &n, &f->e));
	assert_int_equal(n, 4);
	assert_string_equal(log[0].subject, "drop a");
	assert_string_equal(log[0].id, id);
	assert_string_equal(log[0].author, "Can Bo");
	assert_int_equal(log[0].at, NOW + 3000);
	assert_string_equal(log[2].author, "An");
	DONE(f, vault_log(f->v, "b.xml", 10, f->a, &log, &n, &f->e));
	assert_int_equal(n, 2);
	assert_string_equal(log[0].subject, "change b");
	DONE(f, vault_log(f->v, "a.xml", 2, f->a, &log, &n, &f->e));
	assert_int_equal(n, 2);
	assert_string_equal(log[0].subject, "drop a");
	assert_string_equal(log[1].subject, "change a");
	assert_int_equal(
		vault_commit_file(f->v, "b.xml", "B\n", 2, WHO, "same", NOW, f->a, &id, &f->e),
		ERR_REFUSED);
}

static void
test_diff(void **state)
{
	struct fixture *f = *state;
	const char *text, *id;
	DONE(f, vault_commit_file(
			f->v, "a.xml", "two\n", 4, WHO, "x", NOW + 1000, f->a, &id, &f->e));
	DONE(f, vault_diff(f->v, "HEAD~1", "HEAD", NULL, f->a, &text, &f->e));
	assert_non_null(strstr(text, "--- a/a.xml\n+++ b/a.xml\n@@ -1 +1 @@\n-one\n+two\n"));
	put(work(f, "b.xml"), "changed\n");
	put(work(f, "new.xml"), "new\n");
	DONE(f, vault_diff(f->v, "HEAD", NULL, NULL, f->a, &text, &f->e));
	assert_non_null(strstr(text, "-other\n+changed\n"));
	assert_non_null(strstr(text, "+new\n"));
	DONE(f, vault_diff(f->v, "HEAD", NULL, "a.xml", f->a, &text, &f->e));
	assert_string_equal(text, "");
}

static void
test_refusals(void **state)
{
	struct fixture *f = *state;
	const char *id;
	static const char *const bad[] = { "", "/a", "../a", "a/../b", "a//b", ".git/config",
		"x/.GIT/y", "a\nb", "./a", "a/" };
	assert_int_equal(vault_commit_all(f->v, WHO, "none", NOW, f->a, &id, &f->e), ERR_REFUSED);
	assert_non_null(strstr(f->e.text, "nothing to commit"));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		f->e.code = OK;
		assert_int_equal(
			vault_commit_file(f->v, bad[i], "x", 1, WHO, "m", NOW, f->a, &id, &f->e),
			ERR_INPUT);
	}
	put(work(f, "a.xml"), "a person is at it\n");
	f->e.code = OK;
	assert_int_equal(vault_commit_file(f->v, "a.xml", "x", 1, WHO, "m", NOW, f->a, &id, &f->e),
		ERR_REFUSED);
	assert_string_equal(get(f, work(f, "a.xml")), "a person is at it\n");
	f->e.code = OK;
	assert_int_equal(vault_init(f->repo, WHO, NOW, &f->e), ERR_REFUSED);
	struct vault *v;
	f->e.code = OK;
	assert_int_equal(vault_open(f->dir, &v, &f->e), ERR_GONE);
	assert_null(v);
}

static void
test_revert(void **state)
{
	struct fixture *f = *state;
	const char *first, *second, *id;
	DONE(f, vault_commit_file(
			f->v, "a.xml", "two\n", 4, WHO, "make it two", NOW, f->a, &first, &f->e));
	DONE(f, vault_commit_file(f->v, "b.xml", "b2\n", 3, WHO, "b", NOW, f->a, &second, &f->e));
	put(work(f, "b.xml"), "open work\n");
	assert_int_equal(vault_revert(f->v, first, WHO, NOW, f->a, &id, &f->e), ERR_REFUSED);
	put(work(f, "b.xml"), "b2\n");
	f->e.code = OK;
	DONE(f, vault_revert(f->v, first, WHO, NOW + 1000, f->a, &id, &f->e));
	assert_string_equal(at(f, id, "a.xml"), "one\n");
	assert_string_equal(at(f, id, "b.xml"), "b2\n"); /* what came later stays */
	assert_string_equal(get(f, work(f, "a.xml")), "one\n");
	assert_false(vault_dirty(f->v));
	struct vault_commit *log;
	size_t n;
	DONE(f, vault_log(f->v, NULL, 1, f->a, &log, &n, &f->e));
	assert_string_equal(log[0].subject, "Revert \"make it two\"");
	DONE(f, vault_commit_file(f->v, "b.xml", "b3\n", 3, WHO, "b", NOW, f->a, &id, &f->e));
	assert_int_equal(vault_revert(f->v, second, WHO, NOW, f->a, &id, &f->e), ERR_REFUSED);
	assert_non_null(strstr(f->e.text, "by hand"));
	assert_string_equal(get(f, work(f, "b.xml")), "b3\n");
}

enum { ROUNDS = 25 };

/* A writer in a process of its own: ROUNDS commits to its own file. */
static int
writer(const char *repo, const char *file)
{
	struct arena *a = arena_new();
	struct vault *v;
	struct err_text e = { .code = OK };
	if (vault_open(repo, &v, &e))
		return 1;
	for (int i = 0; i < ROUNDS; i++) {
		const char *id, *text = arena_printf(a, "%d\n", i);
		enum err rc;
		int busy = 0; /* on a busy machine the other one holds the lock for longer than we ask */
		do {
			e = (struct err_text){ .code = OK };
			rc = vault_commit_file(v, file, text, strlen(text), WHO,
				arena_printf(a, "%s %d", file, i), NOW, a, &id, &e);
		} while (rc == ERR_BUSY && busy++ < 20);
		if (rc) {
			fprintf(stderr, "writer %s: %s\n", file, e.text);
			return 1;
		}
	}
	vault_close(v);
	arena_free(a);
	return 0;
}

/* Two of ours commit to a shared bare repository; a clone commits and pushes with git, which packs
 * and prunes too. */
static void
test_concurrent(void **state)
{
	struct fixture *f = *state;
	const char *hub = path(f, "hub.git"), *clone = path(f, "clone");
	bool git = RUN("git", "clone", "-q", "--bare", f->repo, hub) == 0 &&
		   RUN("git", "clone", "-q", hub, clone) == 0;
	const char *repo = git ? hub : f->repo;
	pid_t one =
		start((const char *const[]){ "/proc/self/exe", "writer", repo, "w1.xml", NULL });
	pid_t two =
		start((const char *const[]){ "/proc/self/exe", "writer", repo, "w2.xml", NULL });
	int by_git = 0;
	for (int i = 0; git && i < 6; i++) {
		put(arena_printf(f->a, "%s/cli.xml", clone), arena_printf(f->a, "%d\n", i));
		RUN("git", "-C", clone, "add", "cli.xml");
		RUN("git", "-C", clone, "-c", "user.name=a", "-c", "user.email=a@example.vn",
			"commit", "-qm", "cli");
		RUN("git", "-C", hub, "gc", "-q");
	}
	int done_one = finish(one), done_two = finish(two);
	assert_int_equal(done_one, 0);
	assert_int_equal(done_two, 0);
	if (git) {
		RUN("git", "-C", clone, "-c", "user.name=a", "-c", "user.email=a@example.vn",
			"pull", "-q", "--rebase");
		by_git = RUN("git", "-C", clone, "push", "-q", "origin", "main") == 0 ? 6 : 0;
	}
	struct vault *v;
	struct vault_commit *log;
	size_t n;
	DONE(f, vault_open(repo, &v, &f->e));
	DONE(f, vault_log(v, "w1.xml", 1000, f->a, &log, &n, &f->e));
	assert_int_equal(n, ROUNDS);
	DONE(f, vault_log(v, "w2.xml", 1000, f->a, &log, &n, &f->e));
	assert_int_equal(n, ROUNDS);
	DONE(f, vault_log(v, NULL, 1000, f->a, &log, &n, &f->e));
	assert_int_equal(n, 1 + 2 * ROUNDS + by_git);
	vault_close(v);
	if (git) {
		assert_int_equal(by_git, 6);
		assert_int_equal(RUN("git", "-C", hub, "fsck", "--strict"), 0);
	}
}

/* The branch moves under git's own lock: ours waits for it and says so when it never goes away. */
static void
test_locked_by_git(void **state)
{
	struct fixture *f = *state;
	const char *id, *lock = work(f, ".git/refs/heads/main.lock");
	put(lock, "");
	pid_t pid =
		start((const char *const[]){ "/bin/sh", "-c", "sleep 0.3; rm \"$0\"", lock, NULL });
	DONE(f, vault_commit_file(f->v, "a.xml", "x\n", 2, WHO, "x", NOW, f->a, &id, &f->e));
	assert_int_equal(finish(pid), 0);
	put(lock, "");
	assert_int_equal(
		vault_commit_file(f->v, "a.xml", "y\n", 2, WHO, "y", NOW, f->a, &id, &f->e),
		ERR_BUSY);
	assert_string_equal(at(f, "HEAD", "a.xml"), "x\n");
	unlink(lock);
}

/* Stands before the C library's for libgit2 too. */
static int fsyncs;
int fsync(int fd);
int
fsync(int fd)
{
	fsyncs++;
	return (int)syscall(SYS_fsync, fd);
}

static void
test_fsync(void **state)
{
	struct fixture *f = *state;
	const char *id;
	fsyncs = 0;
	DONE(f, vault_commit_file(f->v, "s.xml", "s", 1, WHO, "s", NOW, f->a, &id, &f->e));
	assert_true(fsyncs >=
		    4); /* trap: libgit2 does not fsync unless asked; blob, tree, commit, branch */
}

static void
test_foreign_owner(void **state)
{
	struct fixture *f = *state;
	struct vault *v = NULL;
	if (geteuid() != 0)
		skip(); /* only root can give files away */
	/* trap: libgit2 1.5.1 answers "config value 'safe.directory' was not found" */
	setenv("HOME", f->dir, 1);
	assert_int_equal(RUN("chown", "-R", "12345", f->repo), 0);
	assert_int_equal(vault_open(f->repo, &v, &f->e), ERR_REFUSED);
	assert_null(v);
	assert_non_null(strstr(f->e.text, "belongs to another user"));
	assert_non_null(strstr(f->e.text, "safe.directory"));
	assert_int_equal(RUN("chown", "-R", "0", f->repo), 0);
}

static void
test_pull_push(void **state)
{
	struct fixture *f = *state;
	const char *text, *id, *mine;
	const char *hub = path(f, "hub.git"), *other = path(f, "other");
	if (RUN("git", "--version") != 0)
		skip(); /* only git makes the bare hub and the second clone */
	assert_int_equal(RUN("git", "init", "-q", "--bare", "-b", "main", hub), 0);
	assert_int_equal(vault_push(f->repo, NULL, 20000, f->a, &text, &f->e), ERR_INPUT);
	assert_non_null(strstr(f->e.text, "no remote \"origin\""));
	f->e.code = OK;
	assert_int_equal(
		vault_pull(f->repo, hub, 20000, f->a, &text, &f->e), ERR_GONE); /* empty hub */
	assert_int_equal(RUN("git", "-C", f->repo, "remote", "add", "origin", hub), 0);
	f->e.code = OK;
	DONE(f, vault_push(f->repo, "origin", 20000, f->a, &text, &f->e));
	assert_int_equal(RUN("git", "clone", "-q", hub, other), 0);

	struct vault *o;
	DONE(f, vault_open(other, &o, &f->e));
	DONE(f, vault_commit_file(
			o, "a.xml", "from the other\n", 15, WHO, "other", NOW, f->a, &id, &f->e));
	DONE(f, vault_push(other, NULL, 20000, f->a, &text, &f->e));
	DONE(f, vault_pull(
			f->repo, arena_printf(f->a, "file://%s", hub), 20000, f->a, &text, &f->e));
	assert_non_null(strstr(text, "main is now at"));
	DONE(f, vault_resolve(f->v, "HEAD", f->a, &mine, &f->e));
	assert_string_equal(mine, id);
	assert_string_equal(get(f, work(f, "a.xml")), "from the other\n");
	assert_false(vault_dirty(f->v));
	DONE(f, vault_pull(f->repo, NULL, 20000, f->a, &text, &f->e));
	assert_non_null(strstr(text, "up to date"));

	/* what a person is editing stops a pull before anything moves */
	DONE(f, vault_commit_file(o, "b.xml", "theirs\n", 7, WHO, "b", NOW, f->a, &id, &f->e));
	DONE(f, vault_push(other, NULL, 20000, f->a, &text, &f->e));
	put(work(f, "b.xml"), "mine, not committed\n");
	assert_int_equal(vault_pull(f->repo, NULL, 20000, f->a, &text, &f->e), ERR_REFUSED);
	assert_string_equal(get(f, work(f, "b.xml")), "mine, not committed\n");
	assert_non_null(strstr(f->e.text, "not committed"));

	/* both sides changed */
	f->e.code = OK;
	DONE(f, vault_commit_all(f->v, WHO, "mine", NOW, f->a, &id, &f->e));
	assert_int_equal(vault_pull(f->repo, NULL, 20000, f->a, &text, &f->e), ERR_REFUSED);
	assert_non_null(strstr(f->e.text, "both sides changed: 1 commits here, 1"));
	f->e.code = OK;
	assert_int_equal(vault_push(f->repo, NULL, 20000, f->a, &text, &f->e), ERR_REFUSED);
	assert_non_null(strstr(f->e.text, "pull first"));
	assert_string_equal(text, f->e.text);
	vault_close(o);
}

static void
test_remote_refused(void **state)
{
	struct fixture *f = *state;
	const char *text;
	static const char *const bad[] = { "http://example.vn/x.git", "git://example.vn/x.git",
		"ext::sh -c true", "https://user:secret@example.vn/x.git" };
	for (size_t i = 0; i < 4; i++) {
		f->e.code = OK;
		enum err code = vault_pull(f->repo, bad[i], 20000, f->a, &text, &f->e);
		assert_true(code != OK);
		if (i != 2)
			assert_int_equal(code, ERR_INPUT);
		assert_null(strstr(f->e.text, "secret"));
	}
	f->e.code = OK;
	assert_true(vault_pull(f->repo, path(f, "nowhere"), 20000, f->a, &text, &f->e) != OK);
}

static void
test_deadline(void **state)
{
	struct fixture *f = *state;
	const char *text, *script = path(f, "sleeper");
	put(script, "#!/bin/sh\nexec sleep 100\n");
	chmod(script, 0755);
	vault_set_program(script);
	assert_int_equal(vault_push(f->repo, NULL, 200, f->a, &text, &f->e), ERR_TIMEOUT);
	put(script, "#!/bin/sh\nexit 0\n");
	f->e.code = OK;
	assert_int_equal(vault_push(f->repo, NULL, 20000, f->a, &text, &f->e), ERR_SYSTEM);
	vault_set_program(path(f, "missing"));
	f->e.code = OK;
	assert_int_equal(vault_push(f->repo, NULL, 20000, f->a, &text, &f->e), ERR_SYSTEM);
	vault_set_program(NULL);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}

static void
test_hosts(void **state)
{
	static const char file[] =
		"# accepted\n\ngit.example.vn,10.0.0.9 ssh-ed25519 AAAA comment\n"
		"[git.example.vn]:2222 ssh-ed25519 BBBB\r\n"
		"|1|hash|hash ssh-ed25519 CCCC\n*.example.vn ssh-ed25519 DDDD\n"
		"@revoked old.example.vn ssh-ed25519 EEEE\nold.example.vn ssh-ed25519 EEEE\n"
		"old.example.vn ssh-ed25519 FFFF\nshort.example.vn ssh-ed25519\n";
	static const struct {
		const char *host;
		int port;
		const char *type, *key;
		enum host_key want;
	} cases[] = {
		{ "git.example.vn", 22, "ssh-ed25519", "AAAA", HOST_KNOWN },
		{ "GIT.example.vn", 22, "ssh-ed25519", "AAAA", HOST_KNOWN },
		{ "10.0.0.9", 22, "ssh-ed25519", "AAAA", HOST_KNOWN },
		{ "git.example.vn", 22, "ssh-ed25519", "XXXX", HOST_CHANGED },
		{ "git.example.vn", 22, "ssh-rsa", "XXXX", HOST_UNKNOWN },
		{ "git.example.vn", 2222, "ssh-ed25519", "BBBB", HOST_KNOWN },
		{ "git.example.vn", 2222, "ssh-ed25519", "AAAA", HOST_CHANGED },
		{ "git.example.vn", 2223, "ssh-ed25519", "BBBB", HOST_UNKNOWN },
		{ "a.example.vn", 22, "ssh-ed25519", "DDDD", HOST_UNKNOWN },
		{ "old.example.vn", 22, "ssh-ed25519", "EEEE", HOST_CHANGED },
		{ "old.example.vn", 22, "ssh-ed25519", "FFFF", HOST_KNOWN },
		{ "short.example.vn", 22, "ssh-ed25519", "", HOST_UNKNOWN },
		{ "", 22, "ssh-ed25519", "AAAA", HOST_UNKNOWN },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum host_key got = vault_host_check(
			file, cases[i].host, cases[i].port, cases[i].type, cases[i].key);
		if (got != cases[i].want)
			fail_msg("case %zu (%s %s): %d", i, cases[i].host, cases[i].key, got);
	}
}

/* libgit2 1.5.1 forgets a match of PCRE2 when it reads remotes; only the child does that. */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:libpcre2-8\n";
}

const char *__lsan_default_options(void);
const char *
__lsan_default_options(void)
{
	return "print_suppressions=0";
}

int
main(int argc, char **argv)
{
	if (argc > 1 && str_eq(argv[1], "vault-child"))
		return vault_child(argc, argv);
	vault_global_init();
	if (argc == 4 && str_eq(argv[1], "writer"))
		return writer(argv[2], argv[3]);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_read, setup, teardown),
		cmocka_unit_test_setup_teardown(test_log, setup, teardown),
		cmocka_unit_test_setup_teardown(test_diff, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_revert, setup, teardown),
		cmocka_unit_test_setup_teardown(test_concurrent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_locked_by_git, setup, teardown),
		cmocka_unit_test_setup_teardown(test_fsync, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pull_push, setup, teardown),
		cmocka_unit_test_setup_teardown(test_remote_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deadline, setup, teardown),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test_setup_teardown(test_foreign_owner, setup, teardown),
	};
	int failed = cmocka_run_group_tests_name("vault", tests, NULL, NULL);
	vault_global_done();
	return failed;
}
