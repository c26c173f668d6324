/* Reading the playbooks' repository: any file at any commit, without a work tree, so that a run
 * follows the version it was planned with whatever people edit meanwhile. Also what all vault*.c
 * share: opening, locks, errors.
 *
 * Called by the planner and runs (resolve, read), by `playbook` (list, log, diff) and by `init`.
 * Owns the git_repository. Must never use git_repository_open_bare(), which skips the check of who
 * owns the repository, nor trust a pointer that libgit2 was asked to fill and did not: every one
 * begins as NULL. */
#include "playbooks/vault_git.h"

#include "base/str.h"
#include "base/vec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum { BLOB_MOST = 16 << 20, DIFF_MOST = 4 << 20, WALK_MOST = 200000, LIST_MOST = 20000 };

void
vault_global_init(void)
{
	git_libgit2_init();
	git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
}

void
vault_global_done(void)
{
	git_libgit2_shutdown();
}

static enum err
class_of(int rc, const git_error *last)
{
	switch (rc) {
	case GIT_ENOTFOUND:
	case GIT_EUNBORNBRANCH: return ERR_GONE;
	case GIT_EAMBIGUOUS:
	case GIT_EINVALIDSPEC: return ERR_INPUT;
	case GIT_EAUTH:
	case GIT_ECERTIFICATE: return ERR_AUTH;
	case GIT_ELOCKED:
	case GIT_EMODIFIED: return ERR_BUSY;
	case GIT_ENONFASTFORWARD:
	case GIT_ECONFLICT:
	case GIT_EMERGECONFLICT:
	case GIT_EOWNER: return ERR_REFUSED;
	}
	if (last && (last->klass == GIT_ERROR_NET || last->klass == GIT_ERROR_HTTP))
		return ERR_UNREACHABLE;
	if (last && (last->klass == GIT_ERROR_SSH || last->klass == GIT_ERROR_SSL))
		return ERR_UNREACHABLE;
	return ERR_SYSTEM;
}

enum err
vault_fail(struct err_text *e, int rc, const char *fmt, ...)
{
	const git_error *last = git_error_last();
	char what[300];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	enum err code = class_of(rc, last);
	return err_set(e, code, "%s: %s", what,
		last && last->message ? last->message : "git gives no reason");
}

static enum err
open_repository(const char *dir, git_repository **out, struct err_text *e)
{
	git_repository *repo = NULL;
	int rc = git_repository_open_ext(&repo, dir, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);
	const git_error *last = rc ? git_error_last() : NULL;
	if (rc == GIT_EOWNER || (last && last->message && strstr(last->message, "safe.directory")))
		return err_set(e, ERR_REFUSED,
			T("repository %s belongs to another user, and git does not trust it: chown "
			  "-R it "
			  "to the user who runs this program, or: git config --global --add "
			  "safe.directory %s"),
			dir, dir);
	if (rc == GIT_ENOTFOUND)
		return err_set(e, ERR_GONE, T("%s is not a git repository"), dir);
	if (rc)
		return vault_fail(e, rc, "open repository %s", dir);
	*out = repo;
	return OK;
}

enum err
vault_open(const char *dir, struct vault **out, struct err_text *e)
{
	git_repository *repo = NULL;
	*out = NULL;
	vault_global_init(); /* counted: verbs of the command line need not think of it */
	enum err code = open_repository(dir, &repo, e);
	if (code) {
		vault_global_done();
		return code;
	}
	struct vault *v = xalloc(sizeof *v);
	v->repo = repo;
	v->dir = xstrdup(dir);
	*out = v;
	return OK;
}

void
vault_close(struct vault *v)
{
	if (!v)
		return;
	git_repository_free(v->repo);
	free(v->dir);
	free(v);
	vault_global_done();
}

/* ---- shared by the writers ---- */

/* A branch that cannot be found beside others is not unborn: another program may be packing
 * references. */
static int
really_unborn(git_repository *repo)
{
	git_strarray refs = { 0 };
	int rc = git_reference_list(&refs, repo);
	for (size_t i = 0; !rc && i < refs.count; i++) {
		if (str_starts(refs.strings[i], "refs/heads/"))
			rc = GIT_EMODIFIED;
	}
	git_strarray_dispose(&refs);
	return rc;
}

int
vault_head_read(git_repository *repo, struct vault_head *out)
{
	git_reference *ref = NULL;
	*out = (struct vault_head){ .born = false };
	int rc = git_reference_lookup(&ref, repo, "HEAD");
	if (rc)
		return rc;
	if (git_reference_type(ref) == GIT_REFERENCE_DIRECT) {
		str_copy(out->ref, sizeof out->ref, "HEAD");
		git_oid_cpy(&out->id, git_reference_target(ref));
		out->born = true;
	} else if (!str_copy(out->ref, sizeof out->ref, git_reference_symbolic_target(ref))) {
		rc = GIT_EINVALIDSPEC;
	} else {
		rc = git_reference_name_to_id(&out->id, repo, out->ref);
		out->born = rc == 0;
		rc = rc == GIT_ENOTFOUND ? really_unborn(repo) : rc;
	}
	git_reference_free(ref);
	return rc;
}

int
vault_head_advance(
	git_repository *repo, const struct vault_head *head, const git_oid *id, const char *message)
{
	git_reference *ref = NULL;
	int rc = head->born ? git_reference_create_matching(
				      &ref, repo, head->ref, id, 1, &head->id, message)
			    : git_reference_create(&ref, repo, head->ref, id, 0, message);
	git_reference_free(ref);
	return rc;
}

bool
vault_try_again(int rc)
{
	return rc == GIT_ELOCKED || rc == GIT_EMODIFIED || rc == GIT_EEXISTS;
}

void
vault_pause(int try)
{
	int ms = 5 + (try < 15 ? try * 5 : 75);
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000L }, NULL);
}

int
vault_follow(git_repository *repo, git_tree *old, git_tree *new, const char *path)
{
	if (git_repository_is_bare(repo))
		return 0;
	git_checkout_options o = GIT_CHECKOUT_OPTIONS_INIT;
	char *paths[1] = { (char *)(uintptr_t)path };
	o.checkout_strategy = GIT_CHECKOUT_SAFE | GIT_CHECKOUT_DISABLE_PATHSPEC_MATCH;
	o.baseline = old;
	if (path)
		o.paths = (git_strarray){ .strings = paths, .count = 1 };
	int rc = GIT_ELOCKED;
	for (int try = 0; rc == GIT_ELOCKED && try < VAULT_TRIES; try++) {
		if (try)
			vault_pause(try);
		rc = git_checkout_tree(repo, (git_object *)new, &o);
	}
	return rc;
}

enum err
vault_lock(git_repository *repo, const char *dir, int *out_fd, struct err_text *e)
{
	char path[4096];
	int n = snprintf(path, sizeof path, "%stongduyet.lock", git_repository_commondir(repo));
	if (n < 0 || (size_t)n >= sizeof path)
		return err_set(e, ERR_INPUT, T("repository %s: path too long"), dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_set(
			e, ERR_SYSTEM, T("write to repository %s: %s"), dir, strerror(errno));
	for (int try = 0; try < VAULT_TRIES; try++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
			*out_fd = fd;
			return OK;
		}
		vault_pause(try);
	}
	close(fd);
	return err_set(e, ERR_BUSY, T("repository %s: another program is changing it"), dir);
}

/* ---- reading ---- */

static enum err
find_commit(struct vault *v, const char *revision, git_commit **out, struct err_text *e)
{
	git_object *object = NULL, *commit = NULL;
	int rc = git_revparse_single(&object, v->repo, str_empty(revision) ? "HEAD" : revision);
	if (!rc)
		rc = git_object_peel(&commit, object, GIT_OBJECT_COMMIT);
	git_object_free(object);
	*out = (git_commit *)commit;
	if (rc == GIT_ENOTFOUND || rc == GIT_EUNBORNBRANCH)
		return err_set(e, ERR_GONE, T("no version \"%s\" in %s"), revision, v->dir);
	return rc ? vault_fail(e, rc, "find version \"%s\" in %s", revision, v->dir) : OK;
}

enum err
vault_resolve(struct vault *v, const char *revision, struct arena *a, const char **out_commit,
	struct err_text *e)
{
	git_commit *commit = NULL;
	enum err rc = find_commit(v, revision, &commit, e);
	if (!rc)
		*out_commit = arena_strdup(a, git_oid_tostr_s(git_commit_id(commit)));
	git_commit_free(commit);
	return rc;
}

static enum err
find_tree(struct vault *v, const char *revision, git_tree **out, struct err_text *e)
{
	git_commit *commit = NULL;
	enum err code = find_commit(v, revision, &commit, e);
	int rc = code ? 0 : git_commit_tree(out, commit);
	git_commit_free(commit);
	return rc ? vault_fail(e, rc, "version \"%s\" in %s", revision, v->dir) : code;
}

enum err
vault_read(struct vault *v, const char *commit, const char *path, struct arena *a, const char **out,
	size_t *out_n, struct err_text *e)
{
	git_tree *tree = NULL;
	git_tree_entry *entry = NULL;
	git_blob *blob = NULL;
	enum err code = find_tree(v, commit, &tree, e);
	if (code)
		goto out;
	int rc = git_tree_entry_bypath(&entry, tree, path);
	if (rc == GIT_ENOTFOUND || (!rc && git_tree_entry_type(entry) != GIT_OBJECT_BLOB)) {
		code = err_set(e, ERR_GONE, T("no file %s at version %.12s"), path, commit);
		goto out;
	}
	if (!rc)
		rc = git_blob_lookup(&blob, v->repo, git_tree_entry_id(entry));
	if (rc) {
		code = vault_fail(e, rc, "read %s at version %.12s", path, commit);
		goto out;
	}
	if (git_blob_rawsize(blob) > BLOB_MOST) {
		code = err_set(
			e, ERR_INPUT, T("%s at version %.12s is larger than 16 MiB"), path, commit);
		goto out;
	}
	*out_n = (size_t)git_blob_rawsize(blob);
	char *copy = arena_alloc(a, *out_n + 1); /* always terminated, and may hold NUL bytes */
	memcpy(copy, git_blob_rawcontent(blob), *out_n);
	*out = copy;
out:
	git_blob_free(blob);
	git_tree_entry_free(entry);
	git_tree_free(tree);
	return code;
}

struct listing {
	struct arena *a;
	struct vault_entry *at;
	size_t n, cap;
};

static int
list_entry(const char *root, const git_tree_entry *entry, void *data)
{
	struct listing *l = data;
	if (git_tree_entry_type(entry) != GIT_OBJECT_BLOB || l->n >= LIST_MOST)
		return 0;
	struct vault_entry *item = vec_add_in(l->a, l);
	item->path = arena_printf(l->a, "%s%s", root, git_tree_entry_name(entry));
	return 0;
}

enum err
vault_list(struct vault *v, const char *commit, struct arena *a, struct vault_entry **out,
	size_t *out_n, struct err_text *e)
{
	git_tree *tree = NULL;
	struct listing l = { .a = a };
	enum err code = find_tree(v, commit, &tree, e);
	int rc = code ? 0 : git_tree_walk(tree, GIT_TREEWALK_PRE, list_entry, &l);
	git_tree_free(tree);
	*out = l.at;
	*out_n = l.n;
	return rc ? vault_fail(e, rc, "list version %.12s", commit) : code;
}

/* Id of a path in a commit; all zero if it is not there. */
static int
path_id(git_commit *commit, const char *path, git_oid *out)
{
	git_tree *tree = NULL;
	git_tree_entry *entry = NULL;
	memset(out, 0, sizeof *out);
	int rc = git_commit_tree(&tree, commit);
	if (!rc)
		rc = git_tree_entry_bypath(&entry, tree, path);
	if (!rc)
		git_oid_cpy(out, git_tree_entry_id(entry));
	git_tree_entry_free(entry);
	git_tree_free(tree);
	return rc == GIT_ENOTFOUND ? 0 : rc;
}

/* A commit touches a path if it differs from every parent's. */
static int
touches(git_commit *commit, const char *path, bool *out)
{
	git_oid own, theirs;
	int rc = path_id(commit, path, &own);
	unsigned parents = git_commit_parentcount(commit);
	*out = parents > 0 || !git_oid_is_zero(&own);
	for (unsigned i = 0; !rc && i < parents; i++) {
		git_commit *parent = NULL;
		rc = git_commit_parent(&parent, commit, i);
		if (!rc)
			rc = path_id(parent, path, &theirs);
		git_commit_free(parent);
		if (!rc && git_oid_equal(&own, &theirs))
			*out = false;
	}
	return rc;
}

enum err
vault_log(struct vault *v, const char *path, int most, struct arena *a, struct vault_commit **out,
	size_t *out_n, struct err_text *e)
{
	VEC(struct vault_commit) list = { 0 };
	git_revwalk *walk = NULL;
	git_oid id;
	struct vault_head head;
	int rc = vault_head_read(v->repo, &head);
	if (!rc && head.born)
		rc = git_revwalk_new(&walk, v->repo);
	if (!rc && walk)
		rc = git_revwalk_sorting(walk, GIT_SORT_TOPOLOGICAL | GIT_SORT_TIME);
	if (!rc && walk)
		rc = git_revwalk_push(walk, &head.id);
	for (int i = 0; !rc && walk && i < WALK_MOST && list.n < (size_t)(most < 0 ? 0 : most);
		i++) {
		git_commit *commit = NULL;
		bool wanted = true;
		rc = git_revwalk_next(&id, walk);
		if (!rc)
			rc = git_commit_lookup(&commit, v->repo, &id);
		if (!rc && path)
			rc = touches(commit, path, &wanted);
		if (!rc && wanted) {
			struct vault_commit *c = vec_add_in(a, &list);
			c->id = arena_strdup(a, git_oid_tostr_s(&id));
			c->author = arena_strdup(a, git_commit_author(commit)->name);
			const char *subject = git_commit_summary(commit);
			c->subject = arena_strdup(a, subject ? subject : "");
			c->at = git_commit_time(commit) * INT64_C(1000);
		}
		git_commit_free(commit);
	}
	git_revwalk_free(walk);
	*out = list.at;
	*out_n = list.n;
	return rc && rc != GIT_ITEROVER ? vault_fail(e, rc, "history of %s", v->dir) : OK;
}

enum err
vault_diff(struct vault *v, const char *from, const char *to, const char *path, struct arena *a,
	const char **out, struct err_text *e)
{
	git_tree *old = NULL, *new = NULL;
	git_diff *diff = NULL;
	git_buf text = { 0 };
	git_diff_options o = GIT_DIFF_OPTIONS_INIT;
	char *paths[1] = { (char *)(uintptr_t)path };
	o.flags = GIT_DIFF_DISABLE_PATHSPEC_MATCH | GIT_DIFF_INCLUDE_UNTRACKED |
		  GIT_DIFF_RECURSE_UNTRACKED_DIRS | GIT_DIFF_SHOW_UNTRACKED_CONTENT;
	if (path)
		o.pathspec = (git_strarray){ .strings = paths, .count = 1 };
	enum err code = find_tree(v, from, &old, e);
	if (!code && to)
		code = find_tree(v, to, &new, e);
	if (!code && !to && git_repository_is_bare(v->repo))
		code = err_set(
			e, ERR_UNSUPPORTED, T("%s has no work tree to compare with"), v->dir);
	if (code)
		goto out;
	int rc = to ? git_diff_tree_to_tree(&diff, v->repo, old, new, &o)
		    : git_diff_tree_to_workdir_with_index(&diff, v->repo, old, &o);
	if (!rc)
		rc = git_diff_to_buf(&text, diff, GIT_DIFF_FORMAT_PATCH);
	if (rc)
		code = vault_fail(e, rc, "compare versions of %s", v->dir);
	else if (text.size > DIFF_MOST)
		*out = arena_printf(
			a, "%.*s\n... the rest is left out\n", (int)DIFF_MOST, text.ptr);
	else
		*out = arena_strdup(a, text.ptr ? text.ptr : "");
out:
	git_buf_dispose(&text);
	git_diff_free(diff);
	git_tree_free(new);
	git_tree_free(old);
	return code;
}

bool
vault_dirty(struct vault *v)
{
	git_status_list *list = NULL;
	git_status_options o = GIT_STATUS_OPTIONS_INIT;
	o.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
	o.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS;
	if (git_repository_is_bare(v->repo))
		return false;
	bool dirty = git_status_list_new(&list, v->repo, &o) != 0 ||
		     git_status_list_entrycount(list) > 0;
	git_status_list_free(list);
	return dirty;
}
