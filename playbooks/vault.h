/* The playbooks' git repository: read at a commit without a work tree, commit, log, diff, revert;
 * pull and push run in a child of our own binary. Only vault*.c know libgit2. All functions:
 * borrowed strings, results on the arena.
 * `author` is "Name <mail>" or a name. A vault belongs to one thread; writers of other processes
 * (git itself too) are waited for, a few seconds at most: ERR_BUSY. */
#ifndef TD_VAULT_H
#define TD_VAULT_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vault;

struct vault_entry {
	const char *path;
};
struct vault_commit {
	const char *id;      /* 40 hex */
	const char *author, *subject;
	int64_t at;          /* UTC ms */
};

/* Counted; vault_open() and vault_init() do it themselves, a daemon holds it to spare the
 * repetition. */
void vault_global_init(void);
void vault_global_done(void);
/* Opens DIR (a work tree with .git, or bare). ERR_GONE: not a repository. ERR_REFUSED: it belongs
 * to another user. */
enum err vault_open(const char *dir, struct vault **out, struct err_text *e);
/* Makes a repository with one first commit of the files in dir. ERR_REFUSED: it is one already. */
enum err vault_init(const char *dir, const char *author, int64_t now, struct err_text *e);
void vault_close(struct vault *v);
/* The commit id HEAD (or a revision, prefix, branch) names. ERR_GONE. */
enum err vault_resolve(struct vault *v, const char *revision, struct arena *a,
	const char **out_commit, struct err_text *e);
/* Bytes of a path at a commit. ERR_GONE: no such path. */
enum err vault_read(struct vault *v, const char *commit, const char *path, struct arena *a,
	const char **out, size_t *out_n, struct err_text *e);
enum err vault_list(struct vault *v, const char *commit, struct arena *a, struct vault_entry **out,
	size_t *out_n, struct err_text *e);
/* path NULL = all. Newest first, at most `most`. */
enum err vault_log(struct vault *v, const char *path, int most, struct arena *a,
	struct vault_commit **out, size_t *out_n, struct err_text *e);
/* Unified diff; to NULL = the work tree. */
enum err vault_diff(struct vault *v, const char *from, const char *to, const char *path,
	struct arena *a, const char **out, struct err_text *e);
/* Commits the work tree's files (new, changed and deleted). ERR_REFUSED: nothing to commit. */
enum err vault_commit_all(struct vault *v, const char *author, const char *message, int64_t now,
	struct arena *a, const char **out_commit, struct err_text *e);
/* Commits one path without touching anything else (bytes NULL: deletes it); works in a bare
 * repository too, and the work tree follows. ERR_REFUSED: nothing changes, or the file has changes
 * that are not committed. */
enum err vault_commit_file(struct vault *v, const char *path, const char *bytes, size_t n,
	const char *author, const char *message, int64_t now, struct arena *a,
	const char **out_commit, struct err_text *e);
/* A new commit that takes back one commit; the work tree follows. ERR_REFUSED on conflict. */
enum err vault_revert(struct vault *v, const char *commit, const char *author, int64_t now,
	struct arena *a, const char **out_commit, struct err_text *e);
/* Fast-forward only pull, and push of the current branch, with the remote "origin" (also for NULL)
 * or a URL or path: file, ssh, https. Run in a child that is killed after deadline_ms real
 * milliseconds from now (ERR_TIMEOUT: outcome unknown).
 * ERR_REFUSED: not fast-forward. ERR_AUTH: host key unknown or changed, login refused. out_text
 * says what happened or why not. Host keys are pinned in .git/tongduyet/known_hosts (OpenSSH's
 * form); keys: .git/tongduyet/id_ed25519, id_ecdsa, id_rsa, else the agent; https logins:
 * .git/tongduyet/credentials, lines https://user:password@host. */
enum err vault_pull(const char *dir, const char *remote, int64_t deadline_ms, struct arena *a,
	const char **out_text, struct err_text *e);
enum err vault_push(const char *dir, const char *remote, int64_t deadline_ms, struct arena *a,
	const char **out_text, struct err_text *e);
/* The program started as child with the hidden verb "vault-child"; NULL = our own binary. For
 * tests; call before threads. */
void vault_set_program(const char *path);
/* The child's body: "pull"|"push" DIR REMOTE among argv. Prints the error class, a newline and the
 * text. */
int vault_child(int argc, char **argv);
/* True if the work tree differs from HEAD. */
bool vault_dirty(struct vault *v);

#endif
