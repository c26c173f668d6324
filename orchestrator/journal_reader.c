/* Reading the journal: a connection that can neither write nor checkpoint.
 *
 * Reports, the command line and the checks of the chain read here, each with a connection of its
 * own, in any process, while the daemon writes. A reader sees what was committed when a query
 * began. It must never be opened for writing, and never checkpoint when it closes: only the one
 * writer does that. */
#include "journal.h"

#include "base/hash.h"
#include "base/str.h"
#include "base/vec.h"

#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct journal_reader {
	sqlite3 *db;
	char *path;
};

static enum err
fail(struct journal_reader *r, const char *what, struct err_text *e)
{
	return err_set(e, ERR_SYSTEM, "%s %s: %s", what, r->path, sqlite3_errmsg(r->db));
}

enum err
journal_reader_open(const char *path, struct journal_reader **out, struct err_text *e)
{
	*out = NULL;
	if (access(path, F_OK))
		return err_set(e, errno == ENOENT ? ERR_GONE : ERR_SYSTEM, T("open %s: %s"), path,
			strerror(errno));
	struct journal_reader *r = xalloc(sizeof *r);
	r->path = xstrdup(path);
	enum err rc = OK;
	if (sqlite3_open_v2(path, &r->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
		SQLITE_OK)
		rc = fail(r, "open", e);
	else if (sqlite3_db_config(r->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) != SQLITE_OK)
		rc = fail(r, "set up", e);
	else
		sqlite3_busy_timeout(r->db, 5000);
	if (rc) {
		journal_reader_close(r);
		return rc;
	}
	*out = r;
	return OK;
}

void
journal_reader_close(struct journal_reader *r)
{
	if (!r)
		return;
	sqlite3_close(r->db);
	free(r->path);
	free(r);
}

static const char *
column(sqlite3_stmt *s, int i)
{
	const char *text = (const char *)sqlite3_column_text(s, i);
	return text ? text : "";
}

/* One row and the hash of the row before it, as the row says. */
typedef bool each_row_fn(const struct row *r, const char *prev, void *arg);

/* Of a statement that selects seq, at, kind, site, body, hash first. */
static struct row
row_of(sqlite3_stmt *s)
{
	return (struct row){ .seq = sqlite3_column_int64(s, 0),
		.at = sqlite3_column_int64(s, 1),
		.kind = column(s, 2),
		.site = column(s, 3),
		.body = column(s, 4),
		.hash = column(s, 5) };
}

static enum err
each_row(struct journal_reader *r, const char *run, int64_t from, each_row_fn *fn, void *arg,
	struct err_text *e)
{
	sqlite3_stmt *s = NULL;
	const char *sql = "SELECT seq, at, kind, site, body, hash, prev FROM rows"
			  " WHERE run = ?1 AND seq >= ?2 ORDER BY seq";
	if (sqlite3_prepare_v2(r->db, sql, -1, &s, NULL) != SQLITE_OK)
		return fail(r, "read", e);
	sqlite3_bind_text(s, 1, run, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s, 2, from);
	int rc;
	bool wanted = true;
	while (wanted && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		struct row row = row_of(s);
		wanted = fn(&row, column(s, 6), arg);
	}
	enum err result = wanted && rc != SQLITE_DONE ? fail(r, "read", e) : OK;
	sqlite3_finalize(s);
	return result;
}

static enum err
run_exists(struct journal_reader *r, const char *run, struct err_text *e)
{
	sqlite3_stmt *s = NULL;
	if (sqlite3_prepare_v2(r->db, "SELECT 1 FROM rows WHERE run = ?1 LIMIT 1", -1, &s, NULL) !=
		SQLITE_OK)
		return fail(r, "read", e);
	sqlite3_bind_text(s, 1, run, -1, SQLITE_STATIC);
	int rc = sqlite3_step(s);
	enum err result = OK;
	if (rc == SQLITE_DONE)
		result = err_set(e, ERR_GONE, T("journal %s: no rows of run %s"), r->path,
			*run ? run : "(house)");
	else if (rc != SQLITE_ROW)
		result = fail(r, "read", e);
	sqlite3_finalize(s);
	return result;
}

struct visit {
	bool (*fn)(const struct row *, void *);
	void *arg;
	bool any;
};

static bool
visit_row(const struct row *r, const char *prev, void *arg)
{
	struct visit *v = arg;
	v->any = true;
	return v->fn(r, v->arg);
}

enum err
journal_rows(struct journal_reader *r, const char *run, int64_t from,
	bool (*fn)(const struct row *, void *), void *arg, struct err_text *e)
{
	struct visit v = { .fn = fn, .arg = arg };
	enum err rc = each_row(r, run, from, visit_row, &v, e);
	return rc || v.any ? rc : run_exists(r, run, e);
}

enum err
journal_runs(struct journal_reader *r, const char *prefix, struct arena *a, const char *const **out,
	struct err_text *e)
{
	bool last = str_eq(prefix, "last");
	sqlite3_stmt *s = NULL;
	const char *sql =
		"SELECT run FROM rows WHERE seq = 1 AND run <> ''"
		" AND substr(run, 1, length(?1)) = ?1 ORDER BY at DESC, run DESC LIMIT ?2";
	*out = NULL;
	if (sqlite3_prepare_v2(r->db, sql, -1, &s, NULL) != SQLITE_OK)
		return fail(r, "list the runs of", e);
	sqlite3_bind_text(s, 1, last || !prefix ? "" : prefix, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s, 2, last ? 1 : -1);
	VEC(const char *) runs = { 0 };
	int rc;
	while ((rc = sqlite3_step(s)) == SQLITE_ROW)
		*vec_add_in(a, &runs) = arena_strdup(a, column(s, 0));
	*vec_add_in(a, &runs) = NULL;
	enum err result = rc == SQLITE_DONE ? OK : fail(r, "list the runs of", e);
	sqlite3_finalize(s);
	*out = result ? NULL : runs.at;
	return result;
}

enum err
journal_records(struct journal_reader *r, const char *site, int64_t since, int64_t before,
	journal_record_fn *fn, void *arg, struct err_text *e)
{
	sqlite3_stmt *s = NULL;
	/* kind stands in the text: the index is of these rows only */
	const char *all = "SELECT seq, at, kind, site, body, hash, run FROM rows"
			  " WHERE kind = 'record' AND at >= ?2 AND at < ?3 AND site >= ?1"
			  " ORDER BY site, at, run, seq";
	const char *one = "SELECT seq, at, kind, site, body, hash, run FROM rows"
			  " WHERE kind = 'record' AND at >= ?2 AND at < ?3 AND site = ?1"
			  " ORDER BY site, at, run, seq";
	if (sqlite3_prepare_v2(r->db, *site ? one : all, -1, &s, NULL) != SQLITE_OK)
		return fail(r, "read the records of", e);
	sqlite3_bind_text(s, 1, site, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s, 2, since);
	sqlite3_bind_int64(s, 3, before ? before : INT64_MAX);
	int rc = SQLITE_DONE;
	bool wanted = true;
	while (wanted && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		struct row row = row_of(s);
		wanted = fn(column(s, 6), &row, arg);
	}
	enum err result = wanted && rc != SQLITE_DONE ? fail(r, "read the records of", e) : OK;
	sqlite3_finalize(s);
	return result;
}

struct proof {
	const char *run;
	int64_t upto, seq;
	char head[HASH_HEX_SIZE];
	struct buf scratch;
	struct err_text fault;
};

static bool
prove_row(const struct row *r, const char *prev, void *arg)
{
	struct proof *p = arg;
	if (r->seq != p->seq + 1) {
		err_set(&p->fault, ERR_PROTOCOL, "run %s: row %" PRId64 " is missing", p->run,
			p->seq + 1);
		return false;
	}
	char hash[HASH_HEX_SIZE];
	journal_hash(p->head, p->run, r, &p->scratch, hash);
	if (!str_eq(prev, p->head) || !str_eq(r->hash, hash)) {
		err_set(&p->fault, ERR_PROTOCOL, "run %s: row %" PRId64 " was changed", p->run,
			r->seq);
		return false;
	}
	p->seq = r->seq;
	memcpy(p->head, hash, sizeof p->head);
	return !p->upto || p->seq < p->upto;
}

enum err
journal_verify(struct journal_reader *r, const char *run, int64_t upto_seq,
	char out_head[HASH_HEX_SIZE], struct err_text *e)
{
	struct proof p = { .run = run, .upto = upto_seq > 0 ? upto_seq : 0 };
	enum err rc = run_exists(r, run, e);
	if (!rc)
		rc = each_row(r, run, INT64_MIN, prove_row, &p, e);
	if (!rc && p.fault.code)
		rc = err_set(e, p.fault.code, "%s", p.fault.text);
	if (!rc && p.seq < p.upto)
		rc = err_set(e, ERR_PROTOCOL, "run %s: row %" PRId64 " is missing", run, p.seq + 1);
	memcpy(out_head, p.head, sizeof p.head);
	buf_free(&p.scratch);
	return rc;
}
