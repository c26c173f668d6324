/* The append-only truth, in SQLite: WAL, synchronous FULL, one writing connection, group commit,
 * rows hash-chained per run.
 * Rows are never changed. The only file that knows SQLite (journal*.c). Coordinator thread only,
 * but for readers. */
#ifndef TD_JOURNAL_H
#define TD_JOURNAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct journal;        /* the writer */
struct journal_reader; /* a read-only connection, any thread of its own */

#define JOURNAL_HOUSE "" /* the run id of the house's own chain: runs begun, ended, missed, devices refused ... */

struct row {
	int64_t seq;       /* per run, from 1 */
	int64_t at;        /* scaled UTC ms */
	const char *kind;  /* "spec" "event" "order" "note" "report" ... */
	const char *site;  /* "" */
	const char *body;  /* JSON */
	const char *hash;  /* hex SHA-256 over the previous hash and this row */
};

/* The chain: SHA-256, as 64 hex digits, over seven fields, each written as its length in bytes in
 * decimal, ':' and the bytes: hash of the row before ("" for the first), run, seq, at (both
 * decimal), kind, site, body. r->hash is not read; scratch is overwritten. */
void journal_hash(
	const char *prev, const char *run, const struct row *r, struct buf *scratch, char out[65]);

/* Opens or creates; takes an exclusive flock on path.lock (ERR_BUSY: another process has it). Any
 * later I/O error of a commit is final: ERR_SYSTEM, the process must end. */
enum err journal_open(const char *path, struct journal **out, struct err_text *e);
void journal_close(struct journal *j);
/* Adds a row to the open transaction (begun by itself). idem: unique word or NULL; a second row
 * with the same word is not written: ERR_REFUSED. *out_seq the row's seq. */
enum err journal_append(struct journal *j, const char *run, int64_t at, const char *kind,
	const char *site, const char *body, const char *idem, int64_t *out_seq, struct err_text *e);
/* Makes everything appended durable. No-op when nothing is open. */
enum err journal_commit(struct journal *j, struct err_text *e);
bool journal_pending(const struct journal *j);
/* Checkpoint when idle. */
void journal_rest(struct journal *j);

enum err journal_reader_open(const char *path, struct journal_reader **out, struct err_text *e);
void journal_reader_close(struct journal_reader *r);
/* Calls fn for every row of a run in order of seq from `from`; strings valid during the call; stops
 * early if fn returns false. ERR_GONE: the run has no rows. */
enum err journal_rows(struct journal_reader *r, const char *run, int64_t from,
	bool (*fn)(const struct row *, void *), void *arg, struct err_text *e);
/* Run ids that begin with prefix ("" = all), newest begin first, NULL-terminated on the arena;
 * "last" = newest only. */
enum err journal_runs(struct journal_reader *r, const char *prefix, struct arena *a,
	const char *const **out, struct err_text *e);
/* Rows of kind "record" with since <= at < before (0: no end), of one site ("" = of all, one site
 * after the other), oldest first. As journal_rows(); no rows is OK. */
typedef bool journal_record_fn(const char *run, const struct row *row, void *arg);
enum err journal_records(struct journal_reader *r, const char *site, int64_t since, int64_t before,
	journal_record_fn *fn, void *arg, struct err_text *e);
/* Recomputes the chain up to upto_seq (0 = to the end; a chain that ends before is broken too).
 * ERR_GONE: no rows. OK, or ERR_PROTOCOL with the first broken seq in the sentence. *out_head: hash
 * of the last row. */
enum err journal_verify(struct journal_reader *r, const char *run, int64_t upto_seq,
	char out_head[65], struct err_text *e);

#endif
