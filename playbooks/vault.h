/* The playbooks' git repository: read at a commit without a work tree, commit, log, diff, revert; pull and push run in
 * a child of our own binary. The only file that knows libgit2. All functions: borrowed strings, results on the arena. */
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

void vault_global_init(void);
void vault_global_done(void);
/* Opens DIR (a work tree with .git, or bare). ERR_GONE: not a repository. */
enum err vault_open(const char *dir, struct vault **out, struct err_text *e);
/* Makes a repository with one first commit of the files in dir. */
enum err vault_init(const char *dir, const char *author, int64_t now, struct err_text *e);
void vault_close(struct vault *v);
/* The commit id HEAD (or a revision, prefix, branch) names. ERR_GONE. */
enum err vault_resolve(struct vault *v, const char *revision, struct arena *a, const char **out_commit, struct err_text *e);
/* Bytes of a path at a commit. ERR_GONE: no such path. */
enum err vault_read(struct vault *v, const char *commit, const char *path, struct arena *a, const char **out, size_t *out_n, struct err_text *e);
enum err vault_list(struct vault *v, const char *commit, struct arena *a, struct vault_entry **out, size_t *out_n, struct err_text *e);
/* path NULL = all. Newest first, at most `most`. */
enum err vault_log(struct vault *v, const char *path, int most, struct arena *a, struct vault_commit **out, size_t *out_n, struct err_text *e);
/* Unified diff; to NULL = the work tree. */
enum err vault_diff(struct vault *v, const char *from, const char *to, const char *path, struct arena *a, const char **out, struct err_text *e);
/* Commits the work tree's files (new, changed and deleted). ERR_REFUSED: nothing to commit. */
enum err vault_commit_all(struct vault *v, const char *author, const char *message, int64_t now, struct arena *a, const char **out_commit, struct err_text *e);
/* A new commit that takes back one commit; the work tree follows. ERR_REFUSED on conflict. */
enum err vault_revert(struct vault *v, const char *commit, const char *author, int64_t now, struct arena *a, const char **out_commit, struct err_text *e);
/* Fast-forward only pull, and push of the current branch, with the remote "origin" or a URL; run in a child with a
 * deadline (real ms). ERR_REFUSED: not fast-forward. */
enum err vault_pull(const char *dir, const char *remote, int64_t deadline_ms, struct arena *a, const char **out_text, struct err_text *e);
enum err vault_push(const char *dir, const char *remote, int64_t deadline_ms, struct arena *a, const char **out_text, struct err_text *e);
/* The child's body. */
int vault_child(int argc, char **argv);
/* True if the work tree differs from HEAD. */
bool vault_dirty(struct vault *v);

#endif
