/* Reading and writing whole files of the workspace. Used by workspace*.c and paper.c only. */
#ifndef TD_WORKSPACE_FILES_H
#define TD_WORKSPACE_FILES_H

#include "base/arena.h"
#include "base/err.h"
#include "base/faults.h"

#include <stddef.h>

/* At most 32 MiB, terminated. ERR_GONE: not there. mode: permission bits. */
enum err workspace_file(const char *path, struct arena *a, const char **out, size_t *out_n,
	int *out_mode, struct err_text *e);
/* Written beside, synced, renamed over: a crash leaves the old file or the new one. */
enum err workspace_replace(
	const char *path, const char *bytes, size_t n, int mode, struct err_text *e);
/* A new file, synced. ERR_REFUSED: it exists. */
enum err workspace_create(
	const char *path, const char *bytes, size_t n, int mode, struct err_text *e);

struct workspace;
struct workspace_listen;
/* url, cert and key are there; fills the rest. A sentence: what is wrong with them; NULL:
 * nothing. */
const char *workspace_listen_take(struct workspace_listen *l, const char *reach, struct arena *a);
/* secrets.xml into the workspace, which has its paths already. */
void workspace_secrets_read(struct workspace *w, struct faults *faults);

#endif
