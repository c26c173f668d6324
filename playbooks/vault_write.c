/* Writing to the playbooks' repository: first commit, everything in the work tree, one path, taking
 * a commit back.
 *
 * Called by `init` and `playbook` (and the board). A commit is made in memory, then the branch is
 * moved only from the very commit it was based on; git's own locks and other writers mean another
 * try, a bounded number of times. The work tree follows with a safe checkout against the old tree,
 * so that what a person edited is never overwritten. Must never leave the branch moved without
 * saying so. */
#include "playbooks/vault_git.h"

#include "base/str.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

static int
signature(const char *author, int64_t now, git_signature **out)
{
	char name[200], mail[200];
	const char *open = strrchr(author, '<'), *close = open ? strchr(open, '>') : NULL;
	if (open && close && open > author) {
		str_copy_span(name, sizeof name, author, (size_t)(open - author));
		str_copy_span(mail, sizeof mail, open + 1, (size_t)(close - open - 1));
	} else {
		str_copy(name, sizeof name, str_empty(author) ? "tongduyet" : author);
		str_copy(mail, sizeof mail, "tongduyet@localhost");
	}
	return git_signature_new(out, str_trim(name), mail, now / 1000, 0);
}

/* A commit of a tree upon the head; the branch moves. GIT_EMODIFIED, GIT_ELOCKED: try again. */
static int
commit_tree(git_repository *repo, const struct vault_head *head, const git_tree *tree,
	const char *author, const char *message, int64_t now, git_oid *out)
{
	git_signature *who = NULL;
	git_commit *parent = NULL;
	int rc = signature(author, now, &who);
	if (!rc && head->born)
		rc = git_commit_lookup(&parent, repo, &head->id);
	const git_commit *parents[1] = { parent };
	if (!rc)
		rc = git_commit_create(
			out, repo, NULL, who, who, "UTF-8", message, tree, head->born, parents);
	if (!rc)
		rc = vault_head_advance(repo, head, out, message);
	git_commit_free(parent);
	git_signature_free(who);
	return rc;
}

static int
head_tree(git_repository *repo, const struct vault_head *head, git_tree **out)
{
	git_commit *commit = NULL;
	*out = NULL;
	if (!head->born)
		return 0;
	int rc = git_commit_lookup(&commit, repo, &head->id);
	if (!rc)
		rc = git_commit_tree(out, commit);
	git_commit_free(commit);
	return rc;
}

enum { NOTHING = 1, UNCOMMITTED = 2 }; /* beside libgit2's codes, which are negative */

struct change {
	const char *author, *message;
	int64_t now;
	bool empty;	  /* commit even if nothing changed */
	const char *path; /* one path only */
	const char *bytes;
	size_t n;
	git_commit *back; /* the commit to take back */
};

struct done {
	git_oid id;
	int follow; /* the commit stands, but the work tree could not follow: libgit2's reason */
};

/* Everything in the work tree: new, changed and deleted files. */
static int
try_all(git_repository *repo, const struct change *c, struct done *out)
{
	struct vault_head head;
	git_index *index = NULL;
	git_tree *old = NULL, *new = NULL;
	git_oid id;
	int rc = vault_head_read(repo, &head);
	if (!rc)
		rc = git_repository_index(&index, repo);
	if (!rc)
		rc = git_index_read(index, 1);
	if (!rc)
		rc = git_index_add_all(index, NULL, GIT_INDEX_ADD_DEFAULT, NULL, NULL);
	if (!rc)
		rc = git_index_update_all(index, NULL, NULL, NULL);
	if (!rc)
		rc = git_index_write_tree(&id, index);
	if (!rc)
		rc = git_tree_lookup(&new, repo, &id);
	if (!rc)
		rc = head_tree(repo, &head, &old);
	if (!rc && !c->empty &&
		(old ? git_oid_equal(git_tree_id(old), &id) : git_tree_entrycount(new) == 0))
		rc = NOTHING;
	if (!rc)
		rc = commit_tree(repo, &head, new, c->author, c->message, c->now, &out->id);
	/* The commit stands; an index that cannot be written now is only git's cache. */
	for (int try = 0; !rc && git_index_write(index) == GIT_ELOCKED && try < VAULT_TRIES; try++)
		vault_pause(try);
	git_tree_free(new);
	git_tree_free(old);
	git_index_free(index);
	return rc;
}

static bool
work_file_changed(git_repository *repo, const char *path)
{
	unsigned flags = 0;
	if (git_repository_is_bare(repo))
		return false;
	int rc = git_status_file(&flags, repo, path);
	return rc != GIT_ENOTFOUND && (rc || (flags & ~(unsigned)GIT_STATUS_IGNORED));
}

/* One path, without index or work tree. */
static int
try_file(git_repository *repo, const struct change *c, struct done *out)
{
	struct vault_head head;
	git_tree *old = NULL, *base = NULL, *new = NULL;
	git_treebuilder *builder = NULL;
	git_oid id;
	git_tree_update update = { .action = c->bytes ? GIT_TREE_UPDATE_UPSERT
						      : GIT_TREE_UPDATE_REMOVE,
		.filemode = GIT_FILEMODE_BLOB,
		.path = c->path };
	if (work_file_changed(repo, c->path))
		return UNCOMMITTED;
	int rc = vault_head_read(repo, &head);
	if (!rc)
		rc = head_tree(repo, &head, &old);
	if (!rc && !old) {
		rc = git_treebuilder_new(&builder, repo, NULL);
		if (!rc)
			rc = git_treebuilder_write(&id, builder);
		if (!rc)
			rc = git_tree_lookup(&base, repo, &id);
	}
	if (!rc && c->bytes)
		rc = git_blob_create_from_buffer(&update.id, repo, c->bytes, c->n);
	if (!rc)
		rc = git_tree_create_updated(&id, repo, old ? old : base, 1, &update);
	if (!rc && old && git_oid_equal(&id, git_tree_id(old)))
		rc = NOTHING;
	if (!rc)
		rc = git_tree_lookup(&new, repo, &id);
	if (!rc)
		rc = commit_tree(repo, &head, new, c->author, c->message, c->now, &out->id);
	if (!rc)
		out->follow = vault_follow(repo, old ? old : base, new, c->path);
	git_treebuilder_free(builder);
	git_tree_free(new);
	git_tree_free(base);
	git_tree_free(old);
	return rc;
}

/* The inverse of one commit, merged with what came after it. */
static int
try_revert(git_repository *repo, const struct change *c, struct done *out)
{
	struct vault_head head;
	git_commit *ours = NULL;
	git_index *index = NULL;
	git_tree *old = NULL, *new = NULL;
	git_oid id;
	int rc = vault_head_read(repo, &head);
	if (!rc)
		rc = git_commit_lookup(&ours, repo, &head.id);
	if (!rc)
		rc = git_revert_commit(&index, repo, c->back, ours, 0, NULL);
	if (!rc && git_index_has_conflicts(index))
		rc = GIT_ECONFLICT;
	if (!rc)
		rc = git_index_write_tree_to(&id, index, repo);
	if (!rc)
		rc = head_tree(repo, &head, &old);
	if (!rc && git_oid_equal(&id, git_tree_id(old)))
		rc = NOTHING;
	if (!rc)
		rc = git_tree_lookup(&new, repo, &id);
	if (!rc)
		rc = commit_tree(repo, &head, new, c->author, c->message, c->now, &out->id);
	if (!rc)
		out->follow = vault_follow(repo, old, new, NULL);
	git_tree_free(new);
	git_tree_free(old);
	git_index_free(index);
	git_commit_free(ours);
	return rc;
}

/* git gc beside us moves objects into packs and removes the folder we are about to write into: any
 * other failure may be that, and until the branch has moved another attempt changes nothing. */
enum { ODD_TRIES = 8 };

static void
forget_packs(git_repository *repo)
{
	git_odb *odb = NULL;
	if (git_repository_odb(&odb, repo) == 0)
		git_odb_refresh(odb);
	git_odb_free(odb);
}

static enum err
change(struct vault *v, int (*attempt)(git_repository *, const struct change *, struct done *),
	const struct change *c, const char *what, struct arena *a, const char **out_commit,
	struct err_text *e)
{
	int lock = -1;
	struct done done = { .follow = 0 };
	enum err code = vault_lock(v->repo, v->dir, &lock, e);
	if (code)
		return code;
	int rc = GIT_ELOCKED;
	for (int try = 0; try < VAULT_TRIES; try++) {
		rc = attempt(v->repo, c, &done);
		if (rc >= 0 || rc == GIT_ECONFLICT || (!vault_try_again(rc) && try >= ODD_TRIES))
			break;
		vault_pause(try);
		forget_packs(v->repo);
	}
	close(lock);
	if (rc == NOTHING)
		return err_set(e, ERR_REFUSED, T("%s: nothing to commit"), what);
	if (rc == UNCOMMITTED)
		return err_set(
			e, ERR_REFUSED, T("%s: the file has changes that are not committed"), what);
	if (rc == GIT_ECONFLICT && c->back)
		return err_set(e, ERR_REFUSED,
			T("%s: later commits changed the same lines, edit them by hand"), what);
	if (rc)
		return vault_fail(e, rc, "%s", what);
	if (out_commit)
		*out_commit = arena_strdup(a, git_oid_tostr_s(&done.id));
	if (done.follow)
		return vault_fail(e, done.follow,
			"%s: committed as %.12s, but the work tree stays behind", what,
			git_oid_tostr_s(&done.id));
	return OK;
}

static enum err
make_repository(const char *dir, struct err_text *e)
{
	git_repository *repo = NULL;
	git_repository_init_options o = GIT_REPOSITORY_INIT_OPTIONS_INIT;
	o.flags = GIT_REPOSITORY_INIT_NO_REINIT | GIT_REPOSITORY_INIT_MKDIR;
	o.initial_head = "main";
	int rc = git_repository_init_ext(&repo, dir, &o);
	git_repository_free(repo);
	if (rc == GIT_EEXISTS)
		return err_set(e, ERR_REFUSED, T("%s is a git repository already"), dir);
	return rc ? vault_fail(e, rc, "make repository %s", dir) : OK;
}

enum err
vault_init(const char *dir, const char *author, int64_t now, struct err_text *e)
{
	struct vault *v = NULL;
	const struct change c = { .author = author,
		.message = "playbooks: the shipped ones",
		.now = now,
		.empty = true };
	vault_global_init();
	enum err code = make_repository(dir, e);
	if (!code)
		code = vault_open(dir, &v, e);
	if (!code)
		code = change(v, try_all, &c, "first commit", NULL, NULL, e);
	vault_close(v);
	vault_global_done();
	return code;
}

enum err
vault_commit_all(struct vault *v, const char *author, const char *message, int64_t now,
	struct arena *a, const char **out_commit, struct err_text *e)
{
	if (git_repository_is_bare(v->repo))
		return err_set(e, ERR_UNSUPPORTED, T("%s has no work tree to commit"), v->dir);
	const struct change c = { .author = author, .message = message, .now = now };
	return change(v, try_all, &c, "commit", a, out_commit, e);
}

/* Relative, without empty, "." or ".." parts, backslashes or control characters, and never inside
 * .git. */
static bool
path_sound(const char *path)
{
	const char *part = path;
	for (const char *p = path;; p++) {
		if (*p && *p != '/') {
			if ((unsigned char)*p < 32 || *p == '\\' || *p == ':')
				return false;
			continue;
		}
		size_t n = (size_t)(p - part);
		if (n == 0 || (n == 1 && *part == '.') ||
			(n == 2 && part[0] == '.' && part[1] == '.') ||
			(n == 4 && strncasecmp(part, ".git", 4) == 0))
			return false;
		if (!*p)
			return p - path < 1000;
		part = p + 1;
	}
}

enum err
vault_commit_file(struct vault *v, const char *path, const char *bytes, size_t n,
	const char *author, const char *message, int64_t now, struct arena *a,
	const char **out_commit, struct err_text *e)
{
	if (!path_sound(path))
		return err_set(
			e, ERR_INPUT, T("\"%s\" cannot be the name of a playbook file"), path);
	const struct change c = { .author = author,
		.message = message,
		.now = now,
		.path = path,
		.bytes = bytes,
		.n = n };
	return change(v, try_file, &c, arena_printf(a, "commit %s", path), a, out_commit, e);
}

enum err
vault_revert(struct vault *v, const char *commit, const char *author, int64_t now, struct arena *a,
	const char **out_commit, struct err_text *e)
{
	const char *id;
	git_oid oid;
	struct change c = { .author = author, .now = now };
	enum err code = vault_resolve(v, commit, a, &id, e);
	if (code)
		return code;
	const char *what = arena_printf(a, "take back %.12s", id);
	if (vault_dirty(v))
		return err_set(
			e, ERR_REFUSED, T("%s: there are changes that are not committed"), what);
	int rc = git_oid_fromstr(&oid, id);
	if (!rc)
		rc = git_commit_lookup(&c.back, v->repo, &oid);
	if (rc)
		return vault_fail(e, rc, "%s", what);
	const char *subject = git_commit_summary(c.back);
	c.message = arena_printf(
		a, "Revert \"%s\"\n\nTakes back commit %s.\n", subject ? subject : "", id);
	if (git_commit_parentcount(c.back) > 1)
		code = err_set(e, ERR_REFUSED, T("%s: it joins two histories"), what);
	else
		code = change(v, try_revert, &c, what, a, out_commit, e);
	git_commit_free(c.back);
	return code;
}
