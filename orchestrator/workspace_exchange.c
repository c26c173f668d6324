/* The workspace's part of the exchange between offices: its signing key, who may send, and what was
 * imported, as it came.
 *
 * Called by init, check, the paper writer and the import job. It must never write over a key or a
 * document, nor use a key that others may read. */
#include "workspace.h"
#include "workspace_files.h"

#include "base/hash.h"
#include "base/str.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

const struct workspace_sender *
workspace_sender(const struct workspace *w, const char *key)
{
	for (size_t i = 0; i < w->senders_n; i++)
		if (!w->senders[i].disabled && str_eq(w->senders[i].key, key))
			return &w->senders[i];
	return NULL;
}

enum err
workspace_key(const struct workspace *w, struct sign_key *out, struct err_text *e)
{
	struct arena *a = arena_new();
	const char *bytes;
	size_t n;
	int mode;
	enum err code = workspace_file(w->key_path, a, &bytes, &n, &mode, e);
	if (code == OK && mode & 077)
		code = err_set(e, ERR_INPUT,
			T("exchange.key can be read by others: chmod 600 exchange.key"));
	else if (code == OK && !sign_key_read(bytes, n, out))
		code = err_set(e, ERR_INPUT, T("exchange.key holds no Ed25519 secret in PEM"));
	arena_free(a);
	return code;
}

enum err
workspace_key_new(const struct workspace *w, struct sign_key *out, struct err_text *e)
{
	struct buf pem = { 0 };
	enum err code = sign_key_new(out, &pem)
				? workspace_create(w->key_path, buf_str(&pem), pem.n, 0600, e)
				: err_set(e, ERR_SYSTEM, T("no new Ed25519 key from libcrypto"));
	if (pem.at)
		explicit_bzero(pem.at, pem.n);
	buf_free(&pem);
	return code;
}

const char *
workspace_import_path(const struct workspace *w, const char *sha256, struct arena *a)
{
	return arena_printf(a, "%s/%s.json", w->imports_dir, sha256);
}

enum err
workspace_import_keep(const struct workspace *w, const char *sha256, const char *bytes, size_t n,
	struct err_text *e)
{
	struct arena *a = arena_new();
	enum err code = OK;
	if (mkdir(w->imports_dir, 0700) && errno != EEXIST)
		code = err_set(
			e, ERR_SYSTEM, T("make folder %s: %s"), w->imports_dir, strerror(errno));
	if (code == OK)
		code = workspace_create(workspace_import_path(w, sha256, a), bytes, n, 0600, e);
	if (code == ERR_REFUSED) {
		const char *kept;
		char sha[HASH_HEX_SIZE];
		size_t kept_n;
		int mode;
		code = workspace_file(
			workspace_import_path(w, sha256, a), a, &kept, &kept_n, &mode, e);
		if (code == OK) /* a crash may have left half of it */
			hash_hex(kept, kept_n, sha);
		if (code == OK && !str_eq(sha, sha256))
			code = workspace_replace(
				workspace_import_path(w, sha256, a), bytes, n, 0600, e);
	}
	arena_free(a);
	return code;
}
