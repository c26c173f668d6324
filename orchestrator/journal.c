/* The writer of the journal: the only connection of the house that writes or checkpoints.
 *
 * The coordinator appends and commits; the row that says what is about to be done is durable before
 * the order leaves. SQLite keeps it with WAL and synchronous FULL (less loses acknowledged rows at
 * a power cut), never checkpoints inside a commit (the default does, and makes commits wait) and,
 * because two connections that write can damage a WAL file of this SQLite, a locked file beside it
 * keeps every second writer out. It owns the connection, the lock and the head of each run's chain.
 * It must never change a row, and never go on after an error of the disk: what was promised then is
 * not known. */
#include "journal.h"

#include "base/embed.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/map.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

EMBED(journal_sql, "orchestrator/journal.sql");

enum {
	SCHEMA_VERSION = 1,
	FILE_MODE = 0640,	 /* the owner writes, the group reads */
	REST_PAGES = 32,	 /* a smaller WAL is not worth two syncs */
	FORCED_PAGES = 50 * 1000 /* about 200 MB: checkpoint even if nobody ever rests */
};

struct head {
	int64_t seq;
	char hash[HASH_HEX_SIZE];
};

struct journal {
	sqlite3 *db;
	sqlite3_stmt *insert, *find_head, *begin, *commit;
	char *path;
	int lock;
	bool pending, broken;
	char why[160]; /* broken: what the first write that failed said */
	int wal_pages;
	struct map *heads; /* run -> struct head */
	struct buf scratch;
};

static void
add_field(struct buf *b, const char *s)
{
	size_t n = strlen(s);
	buf_printf(b, "%zu:", n);
	buf_add(b, s, n);
}

static void
add_number(struct buf *b, int64_t v)
{
	char text[24];
	snprintf(text, sizeof text, "%" PRId64, v);
	add_field(b, text);
}

void
journal_hash(const char *prev, const char *run, const struct row *r, struct buf *scratch,
	char out[HASH_HEX_SIZE])
{
	buf_clear(scratch);
	add_field(scratch, prev);
	add_field(scratch, run);
	add_number(scratch, r->seq);
	add_number(scratch, r->at);
	add_field(scratch, r->kind);
	add_field(scratch, r->site);
	add_field(scratch, r->body);
	hash_hex(scratch->at, scratch->n, out);
}

/* The end of writing: one line for the operator, and nothing is accepted from here on. */
static enum err
give_up(struct journal *j, const char *what, struct err_text *e)
{
	j->broken = true;
	str_copy(j->why, sizeof j->why, sqlite3_errmsg(j->db));
	log_error("journal", "%s %s: %s", what, j->path, sqlite3_errmsg(j->db));
	return err_set(e, ERR_SYSTEM, "%s %s: %s", what, j->path, sqlite3_errmsg(j->db));
}

static enum err
refuse_broken(const struct journal *j, struct err_text *e)
{
	return err_set(e, ERR_SYSTEM,
		T("journal %s: an earlier write was not completed: %s; see to the disk (df), then "
		  "start again: it goes on where it was"),
		j->path, j->why);
}

/* ---- opening --------------------------------------------------------------------------------- */

static enum err
take_lock(struct journal *j, struct err_text *e)
{
	struct buf name = { 0 };
	buf_printf(&name, "%s.lock", j->path);
	enum err rc = OK;
	char pid[24] = "";
	j->lock = open(buf_str(&name), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	if (j->lock < 0) {
		rc = err_set(e, ERR_SYSTEM, T("open %s: %s"), buf_str(&name), strerror(errno));
	} else if (flock(j->lock, LOCK_EX | LOCK_NB)) {
		ssize_t n = pread(j->lock, pid, sizeof pid - 1, 0);
		pid[n > 0 ? n : 0] = '\0';
		rc = err_set(e, ERR_BUSY,
			T("journal %s: another process writes it, the daemon of this workspace "
			  "perhaps: pid %s"),
			j->path, *str_trim(pid) ? str_trim(pid) : "unknown");
	} else {
		int n = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
		if (ftruncate(j->lock, 0) || pwrite(j->lock, pid, (size_t)n, 0) != n)
			rc = err_set(
				e, ERR_SYSTEM, T("write %s: %s"), buf_str(&name), strerror(errno));
	}
	buf_free(&name);
	return rc;
}

/* SQLite gives -wal and -shm the mode of the main file, so that is made first. */
static enum err
make_file(const char *path, struct err_text *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
	struct stat st;
	if (fd < 0 || fstat(fd, &st)) {
		enum err rc = err_set(e, ERR_SYSTEM, T("open %s: %s"), path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return rc;
	}
	if ((st.st_mode & 0777 & ~FILE_MODE) && fchmod(fd, st.st_mode & FILE_MODE))
		log_warn("journal", "chmod %s: %s", path, strerror(errno));
	close(fd);
	return OK;
}

static int
count_pages(void *arg, sqlite3 *db, const char *name, int pages)
{
	((struct journal *)arg)->wal_pages = pages;
	return SQLITE_OK;
}

static bool
run_sql(struct journal *j, const char *sql)
{
	return sqlite3_exec(j->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* First column of the first row, or `otherwise` without a row. */
static bool
ask_number(struct journal *j, const char *sql, int64_t otherwise, int64_t *out)
{
	sqlite3_stmt *s = NULL;
	bool fine = sqlite3_prepare_v2(j->db, sql, -1, &s, NULL) == SQLITE_OK;
	int rc = fine ? sqlite3_step(s) : SQLITE_ERROR;
	*out = rc == SQLITE_ROW ? sqlite3_column_int64(s, 0) : otherwise;
	sqlite3_finalize(s);
	return fine && (rc == SQLITE_ROW || rc == SQLITE_DONE);
}

static bool
is_wal(struct journal *j)
{
	sqlite3_stmt *s = NULL;
	bool wal =
		sqlite3_prepare_v2(j->db, "PRAGMA journal_mode=WAL", -1, &s, NULL) == SQLITE_OK &&
		sqlite3_step(s) == SQLITE_ROW &&
		str_eq_nocase((const char *)sqlite3_column_text(s, 0), "wal");
	sqlite3_finalize(s);
	return wal;
}

static enum err
make_schema(struct journal *j, struct err_text *e)
{
	int64_t version;
	if (!run_sql(j, "BEGIN IMMEDIATE") || !run_sql(j, journal_sql) ||
		!ask_number(j, "SELECT version FROM schema_version", 0, &version))
		return give_up(j, "make the tables of", e);
	if (version > SCHEMA_VERSION) {
		run_sql(j, "ROLLBACK");
		return err_set(e, ERR_INPUT,
			"journal %s: schema version %" PRId64 ", this program knows %d", j->path,
			version, SCHEMA_VERSION);
	}
	char insert[64];
	snprintf(insert, sizeof insert, "INSERT INTO schema_version VALUES (%d)", SCHEMA_VERSION);
	if ((!version && !run_sql(j, insert)) || !run_sql(j, "COMMIT"))
		return give_up(j, "make the tables of", e);
	return OK;
}

static bool
prepare(struct journal *j, const char *sql, sqlite3_stmt **out)
{
	return sqlite3_prepare_v3(j->db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL) ==
	       SQLITE_OK;
}

static enum err
open_database(struct journal *j, struct err_text *e)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
	if (sqlite3_open_v2(j->path, &j->db, flags, NULL) != SQLITE_OK)
		return give_up(j, "open", e);
	sqlite3_extended_result_codes(j->db, 1);
	sqlite3_busy_timeout(j->db, 5000); /* a reader may be rebuilding the index of the WAL */
	if (!is_wal(j))
		return give_up(j, "set the WAL mode of", e);
	if (!run_sql(j, "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0"))
		return give_up(j, "set up", e);
	sqlite3_wal_hook(j->db, count_pages, j);
	int keep = 1; /* readers of the group could not make the WAL themselves */
	sqlite3_file_control(j->db, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
	enum err rc = make_schema(j, e);
	if (rc)
		return rc;
	if (!prepare(j, "BEGIN IMMEDIATE", &j->begin) || !prepare(j, "COMMIT", &j->commit) ||
		!prepare(j, "SELECT seq, hash FROM rows WHERE run = ?1 ORDER BY seq DESC LIMIT 1",
			&j->find_head) ||
		!prepare(j,
			"INSERT INTO rows (run, seq, at, kind, site, body, prev, hash, idem)"
			" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (idem) DO "
			"NOTHING",
			&j->insert))
		return give_up(j, "prepare", e);
	return OK;
}

enum err
journal_open(const char *path, struct journal **out, struct err_text *e)
{
	struct journal *j = xalloc(sizeof *j);
	j->path = xstrdup(path);
	j->lock = -1;
	j->heads = map_new();
	enum err rc = take_lock(j, e);
	if (!rc)
		rc = make_file(path, e);
	if (!rc)
		rc = open_database(j, e);
	if (rc) {
		journal_close(j);
		j = NULL;
	}
	*out = j;
	return rc;
}

void
journal_close(struct journal *j)
{
	if (!j)
		return;
	if (j->pending && !j->broken)
		journal_commit(j, NULL);
	sqlite3_finalize(j->insert);
	sqlite3_finalize(j->find_head);
	sqlite3_finalize(j->begin);
	sqlite3_finalize(j->commit);
	sqlite3_close(j->db);
	if (j->lock >= 0)
		close(j->lock); /* the lock goes with it; the file stays, or two could lock two
				   files */
	size_t i = 0;
	void *head;
	for (const char *run; map_next(j->heads, &i, &run, &head);)
		free(head);
	map_free(j->heads);
	buf_free(&j->scratch);
	free(j->path);
	free(j);
}

/* ---- writing --------------------------------------------------------------------------------- */

static enum err
head_of(struct journal *j, const char *run, struct head **out, struct err_text *e)
{
	*out = map_get(j->heads, run);
	if (*out)
		return OK;
	struct head *h = xalloc(sizeof *h);
	sqlite3_bind_text(j->find_head, 1, run, -1, SQLITE_STATIC);
	int rc = sqlite3_step(j->find_head);
	if (rc == SQLITE_ROW) {
		h->seq = sqlite3_column_int64(j->find_head, 0);
		str_copy(h->hash, sizeof h->hash,
			(const char *)sqlite3_column_text(j->find_head, 1));
	}
	sqlite3_reset(j->find_head);
	sqlite3_clear_bindings(j->find_head);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
		free(h);
		return give_up(j, "read", e);
	}
	map_set(j->heads, run, h);
	*out = h;
	return OK;
}

static bool
step_once(sqlite3_stmt *s)
{
	int rc = sqlite3_step(s);
	sqlite3_reset(s);
	return rc == SQLITE_DONE;
}

static bool
insert_row(
	struct journal *j, const char *run, const struct row *r, const char *prev, const char *idem)
{
	sqlite3_stmt *s = j->insert;
	const char *const texts[] = { r->kind, r->site, r->body, prev, r->hash, idem };
	bool fine = sqlite3_bind_text(s, 1, run, -1, SQLITE_STATIC) == SQLITE_OK &&
		    sqlite3_bind_int64(s, 2, r->seq) == SQLITE_OK &&
		    sqlite3_bind_int64(s, 3, r->at) == SQLITE_OK;
	for (int i = 0; i < 6; i++) /* a NULL pointer binds NULL */
		fine = fine &&
		       sqlite3_bind_text(s, 4 + i, texts[i], -1, SQLITE_STATIC) == SQLITE_OK;
	fine = fine && step_once(s);
	sqlite3_clear_bindings(s);
	return fine;
}

enum err
journal_append(struct journal *j, const char *run, int64_t at, const char *kind, const char *site,
	const char *body, const char *idem, int64_t *out_seq, struct err_text *e)
{
	if (j->broken)
		return refuse_broken(j, e);
	struct head *h;
	enum err rc = head_of(j, run, &h, e);
	if (rc)
		return rc;
	if (!j->pending && !step_once(j->begin))
		return give_up(j, "begin a transaction of", e);
	j->pending = true;
	char hash[HASH_HEX_SIZE];
	struct row r = { .seq = h->seq + 1,
		.at = at,
		.kind = kind,
		.site = site ? site : "",
		.body = body,
		.hash = hash };
	journal_hash(h->hash, run, &r, &j->scratch, hash);
	if (!insert_row(j, run, &r, h->hash, idem))
		return give_up(j, "append to", e);
	if (!sqlite3_changes(j->db))
		return err_set(e, ERR_REFUSED, T("journal: %s is written already"), idem);
	h->seq = r.seq;
	memcpy(h->hash, hash, sizeof h->hash);
	if (out_seq)
		*out_seq = r.seq;
	return OK;
}

/* The one writer may checkpoint; readers only make it do less. */
static void
checkpoint(struct journal *j)
{
	int in_wal = 0, moved = 0;
	int rc = sqlite3_wal_checkpoint_v2(j->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &in_wal, &moved);
	if (rc == SQLITE_OK || rc == SQLITE_BUSY) {
		j->wal_pages = in_wal > moved ? in_wal - moved : 0;
		return;
	}
	struct err_text unused = { 0 };
	give_up(j, "checkpoint", &unused);
}

enum err
journal_commit(struct journal *j, struct err_text *e)
{
	if (j->broken)
		return refuse_broken(j, e);
	if (!j->pending)
		return OK;
	if (!step_once(j->commit))
		return give_up(j, "commit to", e);
	j->pending = false;
	if (j->wal_pages >= FORCED_PAGES)
		checkpoint(j);
	return j->broken ? refuse_broken(j, e) : OK;
}

bool
journal_pending(const struct journal *j)
{
	return j->pending;
}

void
journal_rest(struct journal *j)
{
	if (!j->broken && !j->pending && j->wal_pages >= REST_PAGES)
		checkpoint(j);
}
