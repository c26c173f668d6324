/* Shared by vault*.c only: the repository behind a struct vault and libgit2's errors as ours. */
#ifndef TD_VAULT_GIT_H
#define TD_VAULT_GIT_H

#include "playbooks/vault.h"

#include <git2.h>

enum { VAULT_TRIES = 60 }; /* about 4 s altogether */

struct vault {
	git_repository *repo;
	char *dir;
};

struct vault_head {
	char ref[256]; /* refs/heads/main, or "HEAD" when detached */
	git_oid id;
	bool born;
};

/* Records "what: why libgit2 says"; the class comes from rc. Returns it, never OK. */
enum err vault_fail(struct err_text *e, int rc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* rc of libgit2. */
int vault_head_read(git_repository *repo, struct vault_head *out);
/* Moves the head from what was read to id, or GIT_EMODIFIED, GIT_ELOCKED. */
int vault_head_advance(git_repository *repo, const struct vault_head *head, const git_oid *id,
	const char *message);
/* Makes work tree and index follow from one tree to another; old NULL = nothing. path NULL = all.
 * GIT_ECONFLICT. */
int vault_follow(git_repository *repo, git_tree *old, git_tree *new, const char *path);
/* One writer of ours at a time, across processes. *out_fd is closed by the caller. */
enum err vault_lock(git_repository *repo, const char *dir, int *out_fd, struct err_text *e);
void vault_pause(int try);
bool vault_try_again(int rc);

#endif
