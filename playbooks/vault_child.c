/* Pull and push, in a child of our own binary: networks hang, and TLS and SSH are large pieces of
 * code fed by strangers.
 *
 *   vault_remote.c  --posix_spawn-->  tongduyet vault-child pull|push DIR REMOTE
 *                   <--stdout-------  "ok\n" or "refused\n" ..., then the text for the operator
 *
 * Called by main for the hidden verb. Lives for one operation, dies with its parent, is killed at
 * the deadline. Must never accept a host key that no person accepted, try a login twice, or follow
 * a redirect. */
#include "playbooks/vault_git.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/str.h"
#include "playbooks/vault_hosts.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FILE_MOST = 1 << 20 };

struct talk {
	struct arena *a;
	struct vault *v;
	git_remote *remote;
	const char *url;
	struct vault_head head;
	struct err_text e;
	bool login_tried;
	const char *refusal; /* what the other side says about our branch */
};

/* ---- files beside the repository ---- */

static const char *
state_path(struct talk *t, const char *name)
{
	return arena_printf(t->a, "%stongduyet/%s", git_repository_commondir(t->v->repo), name);
}

/* "" if there is none. */
static const char *
state_file(struct talk *t, const char *name)
{
	struct buf b = { 0 };
	char chunk[4096];
	int fd = open(state_path(t, name), O_RDONLY | O_CLOEXEC);
	ssize_t n = 0;
	while (fd >= 0 && b.n < FILE_MOST && (n = read(fd, chunk, sizeof chunk)) > 0)
		buf_add(&b, chunk, (size_t)n);
	if (fd >= 0)
		close(fd);
	const char *out = arena_strdup(t->a, buf_str(&b));
	buf_free(&b);
	return out;
}

/* ---- who are they ---- */

static const char *
key_type(git_cert_ssh_raw_type_t type)
{
	switch (type) {
	case GIT_CERT_SSH_RAW_TYPE_RSA: return "ssh-rsa";
	case GIT_CERT_SSH_RAW_TYPE_DSS: return "ssh-dss";
	case GIT_CERT_SSH_RAW_TYPE_KEY_ECDSA_256: return "ecdsa-sha2-nistp256";
	case GIT_CERT_SSH_RAW_TYPE_KEY_ECDSA_384: return "ecdsa-sha2-nistp384";
	case GIT_CERT_SSH_RAW_TYPE_KEY_ECDSA_521: return "ecdsa-sha2-nistp521";
	case GIT_CERT_SSH_RAW_TYPE_KEY_ED25519: return "ssh-ed25519";
	case GIT_CERT_SSH_RAW_TYPE_UNKNOWN: return NULL;
	}
	return NULL;
}

/* ssh://user@host:2222/path: 2222; 22 by default and for user@host:path. */
static int
port_of(struct talk *t)
{
	int64_t port;
	const char *host = str_starts(t->url, "ssh://") ? t->url + 6 : NULL;
	if (!host)
		return 22;
	char *authority = arena_strndup(t->a, host, strcspn(host, "/"));
	char *colon = strrchr(authority, ':');
	return colon && str_to_int(colon + 1, 1, 65535, &port) ? (int)port : 22;
}

static int
check_host_key(struct talk *t, const git_cert_hostkey *cert, bool valid, const char *host)
{
	const char *type = cert->type & GIT_CERT_SSH_RAW ? key_type(cert->raw_type) : NULL;
	if (!type) {
		err_set(&t->e, ERR_AUTH, T("%s shows a host key of a kind that cannot be checked"),
			host);
		return GIT_ECERTIFICATE;
	}
	char *key = arena_alloc(t->a, 4 * ((cert->hostkey_len + 2) / 3) + 1);
	hash_base64(cert->hostkey, cert->hostkey_len, key);
	uint8_t digest[32];
	char print[48];
	hash_raw(cert->hostkey, cert->hostkey_len, digest);
	hash_base64(digest, sizeof digest, print);
	print[strcspn(print, "=")] = 0;
	int port = port_of(t);
	const char *file = state_path(t, "known_hosts");
	switch (vault_host_check(state_file(t, "known_hosts"), host, port, type, key)) {
	case HOST_KNOWN: return 0;
	case HOST_CHANGED:
		err_set(&t->e, ERR_AUTH,
			T("the host key of %s is not the one in %s: it shows %s SHA256:%s, ask its "
			  "administrator before you change the file"),
			host, file, type, print);
		return GIT_ECERTIFICATE;
	case HOST_UNKNOWN: break;
	}
	if (valid) /* in the user's own known_hosts */
		return 0;
	const char *name = port == 22 ? host : arena_printf(t->a, "[%s]:%d", host, port);
	err_set(&t->e, ERR_AUTH,
		T("the host key of %s is not known: SHA256:%s; if that is right, add this line to "
		  "%s: "
		  "%s %s %s"),
		host, print, file, name, type, key);
	return GIT_ECERTIFICATE;
}

static int
check_certificate(git_cert *cert, int valid, const char *host, void *payload)
{
	struct talk *t = payload;
	if (cert->cert_type == GIT_CERT_HOSTKEY_LIBSSH2)
		return check_host_key(t, (const git_cert_hostkey *)cert, valid != 0, host);
	if (valid)
		return 0;
	err_set(&t->e, ERR_AUTH, T("the certificate of %s is not trusted"), host);
	return GIT_ECERTIFICATE;
}

/* ---- who are we ---- */

static int
login_ssh(struct talk *t, const char *user, git_credential **out)
{
	static const char *const files[] = { "id_ed25519", "id_ecdsa", "id_rsa" };
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		const char *path = state_path(t, files[i]);
		const char *public = arena_printf(t->a, "%s.pub", path);
		if (access(path, R_OK) == 0)
			return git_credential_ssh_key_new(
				out, user, access(public, R_OK) == 0 ? public : NULL, path, NULL);
	}
	return git_credential_ssh_key_from_agent(out, user);
}

/* "https://user:password@host" lines; %XX stands for itself: passwords with @ or : are
 * percent-encoded. */
static void
unescape(char *s)
{
	char *to = s;
	for (; *s; s++) {
		char hex[3] = { s[0] == '%' ? s[1] : 0, 0, 0 };
		if (hex[0])
			hex[1] = s[2];
		char *end;
		long c = strtol(hex, &end, 16);
		bool escaped = hex[0] && hex[1] && end == hex + 2 && c > 0;
		*to++ = escaped ? (char)c : *s;
		s += escaped ? 2 : 0;
	}
	*to = 0;
}

static int
login_https(struct talk *t, const char *url, git_credential **out)
{
	char **lines = str_split(t->a, state_file(t, "credentials"), "\r\n", NULL);
	for (; *lines; lines++) {
		char *at = strrchr(*lines, '@'), *colon;
		if (!str_starts(*lines, "https://") || !at)
			continue;
		*at = 0;
		char *user = *lines + 8, *host = at + 1;
		size_t n = strcspn(host, "/");
		const char *theirs = strstr(url, "://");
		theirs = theirs ? theirs + 3 : url;
		const char *behind = memchr(theirs, '@', strcspn(theirs, "/"));
		theirs = behind ? behind + 1 : theirs;
		if (strcspn(theirs, "/") != n || strncasecmp(theirs, host, n) != 0 ||
			!(colon = strchr(user, ':')))
			continue;
		*colon = 0;
		unescape(user);
		unescape(colon + 1);
		return git_credential_userpass_plaintext_new(out, user, colon + 1);
	}
	err_set(&t->e, ERR_AUTH, T("%s asks for a login, and %s has none for it"), t->url,
		state_path(t, "credentials"));
	return GIT_EAUTH;
}

static int
login(git_credential **out, const char *url, const char *user, unsigned allowed, void *payload)
{
	struct talk *t = payload;
	if (str_empty(user))
		user = "git";
	if (allowed & GIT_CREDENTIAL_USERNAME)
		return git_credential_username_new(out, user);
	if (t->login_tried) {
		err_set(&t->e, ERR_AUTH, T("%s refuses our login"), t->url);
		return GIT_EAUTH;
	}
	t->login_tried = true;
	if (allowed & GIT_CREDENTIAL_SSH_KEY)
		return login_ssh(t, user, out);
	if (allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT)
		return login_https(t, url, out);
	err_set(&t->e, ERR_AUTH, T("%s offers no way to log in that we know"), t->url);
	return GIT_EAUTH;
}

/* ---- the two operations ---- */

static bool
way_allowed(const char *url)
{
	if (strstr(url, "://"))
		return str_starts(url, "https://") || str_starts(url, "ssh://") ||
		       str_starts(url, "file://");
	return true; /* a path, or user@host:path */
}

static enum err
find_remote(struct talk *t, const char *name)
{
	bool is_name = !strchr(name, '/') && !strchr(name, ':');
	int rc = is_name ? git_remote_lookup(&t->remote, t->v->repo, name)
			 : git_remote_create_anonymous(&t->remote, t->v->repo, name);
	if (rc == GIT_ENOTFOUND)
		return err_set(&t->e, ERR_INPUT, T("no remote \"%s\": git -C %s remote add %s URL"),
			name, t->v->dir, name);
	if (rc)
		return vault_fail(&t->e, rc, "remote \"%s\"", name);
	const char *push = git_remote_pushurl(t->remote);
	t->url = git_remote_url(t->remote);
	if (!t->url || !way_allowed(t->url) || (push && !way_allowed(push)))
		return err_set(&t->e, ERR_INPUT,
			T("remote \"%s\": only paths, file://, ssh:// and https:// are used"),
			name);
	if (!strchr(t->url, ':') && access(t->url, F_OK) != 0)
		return err_set(&t->e, ERR_UNREACHABLE, T("remote %s: no such folder"), t->url);
	/* What people read carries no password. */
	const char *authority = strstr(t->url, "://"),
		   *at = authority ? strrchr(authority, '@') : NULL;
	if (at && str_starts(t->url, "https://"))
		t->url = arena_printf(t->a, "https://%s", at + 1);
	return OK;
}

static int
refused(const char *ref, const char *status, void *payload)
{
	struct talk *t = payload;
	if (status)
		t->refusal = arena_strdup(t->a, status);
	return 0;
}

static git_remote_callbacks
callbacks(struct talk *t)
{
	git_remote_callbacks c = GIT_REMOTE_CALLBACKS_INIT;
	c.certificate_check = check_certificate;
	c.credentials = login;
	c.push_update_reference = refused;
	c.payload = t;
	return c;
}

static enum err
find_branch(struct talk *t)
{
	int rc = vault_head_read(t->v->repo, &t->head);
	if (rc)
		return vault_fail(&t->e, rc, "head of %s", t->v->dir);
	if (!str_starts(t->head.ref, "refs/heads/"))
		return err_set(&t->e, ERR_REFUSED, T("%s is not on a branch"), t->v->dir);
	return OK;
}

/* The branch steps forward to `to`; files a person changed stop it before anything moves. */
static enum err
forward(struct talk *t, const git_oid *to, struct buf *text)
{
	git_repository *repo = t->v->repo;
	git_commit *from_commit = NULL, *to_commit = NULL;
	git_tree *old = NULL, *new = NULL;
	int rc = git_commit_lookup(&to_commit, repo, to);
	if (!rc)
		rc = git_commit_tree(&new, to_commit);
	if (!rc && t->head.born)
		rc = git_commit_lookup(&from_commit, repo, &t->head.id);
	if (!rc && from_commit)
		rc = git_commit_tree(&old, from_commit);
	if (!rc)
		rc = vault_follow(repo, old, new, NULL);
	if (rc == GIT_ECONFLICT)
		err_set(&t->e, ERR_REFUSED,
			T("%s has changes that are not committed, where %.12s has others"),
			t->v->dir, git_oid_tostr_s(to));
	for (int try = 0; !rc && try < VAULT_TRIES; try++) {
		rc = vault_head_advance(repo, &t->head, to, "pull: fast-forward");
		if (rc != GIT_ELOCKED)
			break;
		rc = 0;
		vault_pause(try);
	}
	if (rc && !t->e.code)
		vault_fail(&t->e, rc, "step forward to %.12s", git_oid_tostr_s(to));
	if (!rc)
		buf_printf(text, "%s is now at %.12s: %s", t->head.ref + 11, git_oid_tostr_s(to),
			git_commit_summary(to_commit) ? git_commit_summary(to_commit) : "");
	git_tree_free(new);
	git_tree_free(old);
	git_commit_free(from_commit);
	git_commit_free(to_commit);
	return rc ? t->e.code : OK;
}

static enum err
pull(struct talk *t, struct buf *text)
{
	git_repository *repo = t->v->repo;
	const char *branch = t->head.ref + 11;
	const char *seen = "refs/tongduyet/pulled";
	char *specs[1] = { arena_printf(t->a, "+%s:%s", t->head.ref, seen) };
	git_fetch_options o = GIT_FETCH_OPTIONS_INIT;
	o.callbacks = callbacks(t);
	o.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
	o.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
	git_reference *old = NULL;
	if (git_reference_lookup(&old, repo, seen) == 0)
		git_reference_delete(old);
	git_reference_free(old);
	int rc = git_remote_fetch(t->remote, &(git_strarray){ specs, 1 }, &o, "pull");
	if (rc)
		return t->e.code ? t->e.code : vault_fail(&t->e, rc, "pull from %s", t->url);
	git_oid theirs;
	rc = git_reference_name_to_id(&theirs, repo, seen);
	if (rc == GIT_ENOTFOUND)
		return err_set(&t->e, ERR_GONE, T("%s has no branch %s"), t->url, branch);
	if (rc)
		return vault_fail(&t->e, rc, "pull from %s", t->url);
	if (!t->head.born)
		return forward(t, &theirs, text);
	if (git_oid_equal(&theirs, &t->head.id)) {
		buf_printf(text, "%s is up to date at %.12s", branch, git_oid_tostr_s(&theirs));
		return OK;
	}
	size_t ahead = 0, behind = 0;
	rc = git_graph_ahead_behind(&ahead, &behind, repo, &t->head.id, &theirs);
	if (rc)
		return vault_fail(&t->e, rc, "compare with %s", t->url);
	if (behind == 0) {
		buf_printf(text, "nothing new; %zu commits here are not pushed yet", ahead);
		return OK;
	}
	if (ahead > 0)
		return err_set(&t->e, ERR_REFUSED,
			T("both sides changed: %zu commits here, %zu at %s; join them with git by "
			  "hand"),
			ahead, behind, t->url);
	return forward(t, &theirs, text);
}

static enum err
push(struct talk *t, struct buf *text)
{
	char *specs[1] = { arena_printf(t->a, "%s:%s", t->head.ref, t->head.ref) };
	git_push_options o = GIT_PUSH_OPTIONS_INIT;
	o.callbacks = callbacks(t);
	o.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
	if (!t->head.born)
		return err_set(
			&t->e, ERR_REFUSED, T("nothing to push: %s has no commit"), t->v->dir);
	int rc = git_remote_push(t->remote, &(git_strarray){ specs, 1 }, &o);
	if (rc == GIT_ENONFASTFORWARD)
		return err_set(&t->e, ERR_REFUSED,
			T("%s has commits that are not here: pull first"), t->url);
	if (rc)
		return t->e.code ? t->e.code : vault_fail(&t->e, rc, "push to %s", t->url);
	if (t->refusal)
		return err_set(&t->e, ERR_REFUSED, T("%s refuses %s: %s"), t->url, t->head.ref + 11,
			t->refusal);
	buf_printf(text, "%s at %.12s is at %s now", t->head.ref + 11, git_oid_tostr_s(&t->head.id),
		t->url);
	return OK;
}

int
vault_child(int argc, char **argv)
{
	int i = 0;
	while (i < argc && !str_eq(argv[i], "pull") && !str_eq(argv[i], "push"))
		i++;
	if (i + 2 >= argc)
		return 2;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	vault_global_init();
	struct talk t = { .a = arena_new() };
	struct buf text = { 0 };
	int lock = -1;
	bool pulls = str_eq(argv[i], "pull");
	enum err code = vault_open(argv[i + 1], &t.v, &t.e);
	if (!code)
		code = find_remote(&t, argv[i + 2]);
	if (!code && pulls)
		code = vault_lock(t.v->repo, t.v->dir, &lock, &t.e);
	if (!code)
		code = find_branch(&t);
	if (!code)
		code = pulls ? pull(&t, &text) : push(&t, &text);
	printf("%s\n%s", err_name(code), code ? t.e.text : buf_str(&text));
	fflush(stdout);
	if (lock >= 0)
		close(lock);
	buf_free(&text);
	git_remote_free(t.remote);
	vault_close(t.v);
	arena_free(t.a);
	vault_global_done();
	return code ? 1 : 0;
}
