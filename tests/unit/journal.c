/* The journal: the chain and what breaks it, words used once, opening again, readers beside the
 * writer, a writer killed in the middle, the lock, and the settings of SQLite that durability rests
 * on. */
#include "journal.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* SQLite's syncs come here: counted, and refused on wish. */
static atomic_int syncs;
static atomic_bool syncs_fail;

static int
sync_file(long call, int fd)
{
	atomic_fetch_add(&syncs, 1);
	if (!atomic_load(&syncs_fail))
		return (int)syscall(call, fd);
	errno = EIO;
	return -1;
}

int
fdatasync(int fd)
{
	return sync_file(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
	return sync_file(SYS_fsync, fd);
}

struct place {
	char folder[64], path[96], lock[104];
};

static int
setup(void **state)
{
	struct place *p = xalloc(sizeof *p);
	str_copy(p->folder, sizeof p->folder, "/tmp/journal-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->path, sizeof p->path, "%s/journal.db", p->folder);
	snprintf(p->lock, sizeof p->lock, "%s.lock", p->path);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;
	const char *ends[] = { "", "-wal", "-shm", ".lock" };
	for (size_t i = 0; i < 4; i++) {
		char name[128];
		snprintf(name, sizeof name, "%s%s", p->path, ends[i]);
		unlink(name);
	}
	rmdir(p->folder);
	free(p);
	return 0;
}

static struct journal *
open_writer(const struct place *p)
{
	struct err_text e = { 0 };
	struct journal *j = NULL;
	if (journal_open(p->path, &j, &e))
		fail_msg("%s", e.text);
	return j;
}

static struct journal_reader *
open_reader(const struct place *p)
{
	struct err_text e = { 0 };
	struct journal_reader *r = NULL;
	if (journal_reader_open(p->path, &r, &e))
		fail_msg("%s", e.text);
	return r;
}

static void
add(struct journal *j, const char *run, int64_t at, const char *body)
{
	struct err_text e = { 0 };
	if (journal_append(j, run, at, "note", "xa-an", body, NULL, NULL, &e))
		fail_msg("%s", e.text);
}

static enum err
verify(const struct place *p, const char *run, int64_t upto, struct err_text *e)
{
	struct journal_reader *r = open_reader(p);
	char head[65];
	enum err rc = journal_verify(r, run, upto, head, e);
	journal_reader_close(r);
	return rc;
}

static void
tamper(const struct place *p, const char *sql)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

struct seen {
	size_t n, stop_after;
	int64_t first, last;
	char text[1000];
};

static bool
see(const struct row *r, void *arg)
{
	struct seen *s = arg;
	if (!s->n++)
		s->first = r->seq;
	s->last = r->seq;
	size_t used = strlen(s->text);
	snprintf(s->text + used, sizeof s->text - used, "%d %s %s %s;", (int)r->at, r->kind,
		r->site, r->body);
	return !s->stop_after || s->n < s->stop_after;
}

static void
rows_come_back_in_order(void **state)
{
	struct journal *j = open_writer(*state);
	struct journal_reader *r = open_reader(*state);
	struct seen s = { 0 };
	assert_int_equal(journal_rows(r, "a", 1, see, &s, NULL), ERR_GONE);
	assert_false(journal_pending(j));
	int64_t seq = 0;
	struct err_text e = { 0 };
	assert_int_equal(journal_append(j, "a", 10, "spec", "", "{}", NULL, &seq, &e), OK);
	assert_int_equal(seq, 1);
	assert_int_equal(
		journal_append(j, "a", 11, "event", "s1", "{\"x\":\"';--\"}", NULL, &seq, &e), OK);
	assert_int_equal(seq, 2);
	assert_int_equal(journal_append(j, "b", 12, "spec", "", "{}", NULL, &seq, &e), OK);
	assert_int_equal(seq, 1);
	assert_true(journal_pending(j));
	assert_int_equal(journal_rows(r, "a", 1, see, &s, NULL), ERR_GONE); /* not committed yet */
	assert_int_equal(journal_commit(j, &e), OK);
	assert_false(journal_pending(j));
	assert_int_equal(journal_commit(j, &e), OK);
	assert_int_equal(journal_rows(r, "a", 1, see, &s, NULL), OK);
	assert_string_equal(s.text, "10 spec  {};11 event s1 {\"x\":\"';--\"};");
	s = (struct seen){ 0 };
	assert_int_equal(journal_rows(r, "a", 2, see, &s, NULL), OK);
	assert_int_equal(s.first, 2);
	s = (struct seen){ .stop_after = 1 };
	assert_int_equal(journal_rows(r, "a", 1, see, &s, NULL), OK);
	assert_int_equal(s.n, 1);
	s = (struct seen){ 0 };
	assert_int_equal(journal_rows(r, "a", 9, see, &s, NULL), OK); /* known run, nothing new */
	assert_int_equal(s.n, 0);
	journal_reader_close(r);
	journal_close(j);
}

/* The formula as the header has it, written out by hand. */
static void
chain_is_what_the_header_says(void **state)
{
	struct journal *j = open_writer(*state);
	add(j, "r1", 5, "{}");
	add(j, "r1", 6, "ấ");
	assert_int_equal(journal_commit(j, NULL), OK);
	char first[65], second[65], head[65], text[300];
	int n = snprintf(text, sizeof text, "0:2:r11:11:54:note5:xa-an2:{}");
	hash_hex(text, (size_t)n, first);
	n = snprintf(text, sizeof text, "64:%s2:r11:21:64:note5:xa-an3:ấ", first);
	hash_hex(text, (size_t)n, second);
	struct journal_reader *r = open_reader(*state);
	assert_int_equal(journal_verify(r, "r1", 1, head, NULL), OK);
	assert_string_equal(head, first);
	assert_int_equal(journal_verify(r, "r1", 0, head, NULL), OK);
	assert_string_equal(head, second);
	assert_int_equal(journal_verify(r, "r2", 0, head, NULL), ERR_GONE);
	journal_reader_close(r);
	journal_close(j);
}

static void
tampering_is_found(void **state)
{
	static const struct {
		const char *sql, *word;
		int64_t upto;
	} cases[] = {
		{ "UPDATE rows SET body = '{\"late\":0}' WHERE run = 'r' AND seq = 3",
			"row 3 was changed", 0 },
		{ "UPDATE rows SET at = at + 1 WHERE run = 'r' AND seq = 2", "row 2 was changed",
			0 },
		{ "UPDATE rows SET kind = 'nota' WHERE run = 'r' AND seq = 1", "row 1 was changed",
			0 },
		{ "UPDATE rows SET site = 'xa-an2' WHERE run = 'r' AND seq = 5",
			"row 5 was changed", 0 },
		{ "UPDATE rows SET prev = hash WHERE run = 'r' AND seq = 4", "row 4 was changed",
			0 },
		{ "UPDATE rows SET hash = prev WHERE run = 'r' AND seq = 4", "row 4 was changed",
			0 },
		{ "DELETE FROM rows WHERE run = 'r' AND seq = 3", "row 3 is missing", 0 },
		{ "DELETE FROM rows WHERE run = 'r' AND seq = 1", "row 1 is missing", 0 },
		{ "DELETE FROM rows WHERE run = 'r' AND seq > 4", "row 5 is missing", 5 },
		{ "UPDATE rows SET seq = seq + 10 WHERE run = 'r' AND seq = 5", "row 5 is missing",
			0 },
		{ "UPDATE rows SET run = 'q' WHERE run = 'r'; UPDATE rows SET run = 'r' WHERE run "
		  "= 's'",
			"row 1 was changed", 0 },
		{ "INSERT INTO rows SELECT run, 0, at, kind, site, body, '', '', NULL FROM rows"
		  " WHERE run = 'r' AND seq = 1",
			"row 1 is missing", 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		void *here;
		setup(&here);
		struct journal *j = open_writer(here);
		for (int n = 1; n <= 5; n++) {
			add(j, "r", n, "{\"late\":9}");
			add(j, "s", n, "{}");
		}
		journal_close(j);
		assert_int_equal(verify(here, "r", 5, NULL), OK);
		tamper(here, cases[i].sql);
		struct err_text e = { 0 };
		assert_int_equal(verify(here, "r", cases[i].upto, &e), ERR_PROTOCOL);
		if (!strstr(e.text, cases[i].word))
			fail_msg("case %zu: %s", i, e.text);
		teardown(&here);
	}
}

static void
a_word_is_used_once(void **state)
{
	struct journal *j = open_writer(*state);
	int64_t seq = 0;
	struct err_text e = { 0 };
	assert_int_equal(journal_append(j, "a", 1, "order", "", "{}", "a/s/1", &seq, &e), OK);
	assert_int_equal(
		journal_append(j, "a", 2, "order", "", "{}", "a/s/1", &seq, &e), ERR_REFUSED);
	assert_non_null(strstr(e.text, "a/s/1"));
	assert_int_equal(
		journal_append(j, "b", 2, "order", "", "{}", "a/s/1", &seq, NULL), ERR_REFUSED);
	assert_int_equal(journal_append(j, "a", 3, "order", "", "{}", "a/s/2", &seq, NULL), OK);
	assert_int_equal(seq, 2); /* the refused one left no hole */
	journal_close(j);
	assert_int_equal(verify(*state, "a", 2, NULL), OK);
	j = open_writer(*state);
	assert_int_equal(
		journal_append(j, "a", 4, "order", "", "{}", "a/s/2", &seq, NULL), ERR_REFUSED);
	assert_int_equal(journal_append(j, "a", 4, "order", "", "{}", NULL, &seq, NULL), OK);
	assert_int_equal(journal_append(j, "a", 5, "order", "", "{}", NULL, &seq, NULL), OK);
	assert_int_equal(seq, 4);
	journal_close(j);
}

static void
opening_again_continues_the_chain(void **state)
{
	for (int i = 0; i < 3; i++) {
		struct journal *j = open_writer(*state);
		add(j, "a", i, "{}");
		add(j, JOURNAL_HOUSE, i, "{}");
		journal_close(j);
	}
	assert_int_equal(verify(*state, "a", 3, NULL), OK);
	assert_int_equal(verify(*state, JOURNAL_HOUSE, 3, NULL), OK);
}

static void
runs_are_listed_newest_first(void **state)
{
	struct journal *j = open_writer(*state);
	add(j, JOURNAL_HOUSE, 1, "{}");
	add(j, "m1/old", 10, "{}");
	add(j, "m2/new", 30, "{}");
	add(j, "m1/mid", 20, "{}");
	add(j, "m1/old", 99, "{}"); /* a late row does not make it new */
	assert_int_equal(journal_commit(j, NULL), OK);
	struct journal_reader *r = open_reader(*state);
	struct arena *a = arena_new();
	const char *const *runs;
	assert_int_equal(journal_runs(r, "", a, &runs, NULL), OK);
	const char *all[] = { "m2/new", "m1/mid", "m1/old" };
	for (int i = 0; i < 3; i++)
		assert_string_equal(runs[i], all[i]);
	assert_null(runs[3]);
	assert_int_equal(journal_runs(r, "m1/", a, &runs, NULL), OK);
	assert_string_equal(runs[0], "m1/mid");
	assert_string_equal(runs[1], "m1/old");
	assert_null(runs[2]);
	assert_int_equal(journal_runs(r, "last", a, &runs, NULL), OK);
	assert_string_equal(runs[0], "m2/new");
	assert_null(runs[1]);
	assert_int_equal(journal_runs(r, "m%", a, &runs, NULL), OK); /* a prefix, not a pattern */
	assert_null(runs[0]);
	arena_free(a);
	journal_reader_close(r);
	journal_close(j);
}

static void
a_second_writer_is_kept_out(void **state)
{
	struct place *p = *state;
	struct journal *j = open_writer(p), *other = NULL;
	struct err_text e = { 0 };
	assert_int_equal(journal_open(p->path, &other, &e), ERR_BUSY);
	assert_null(other);
	char pid[32] = "", text[32];
	snprintf(text, sizeof text, "pid %ld", (long)getpid());
	assert_non_null(strstr(e.text, text));
	int fd = open(p->lock, O_RDONLY);
	assert_true(read(fd, pid, sizeof pid - 1) > 0);
	assert_int_equal(strtol(pid, NULL, 10), getpid());
	close(fd);
	journal_close(j);
	j = open_writer(p);
	journal_close(j);
}

static void
files_are_not_for_everybody(void **state)
{
	struct place *p = *state;
	mode_t before = umask(0);
	struct journal *j = open_writer(p);
	add(j, "a", 1, "{}");
	assert_int_equal(journal_commit(j, NULL), OK);
	umask(before);
	const char *ends[] = { "", "-wal", "-shm", ".lock" };
	for (size_t i = 0; i < 4; i++) {
		char name[128];
		struct stat st;
		snprintf(name, sizeof name, "%s%s", p->path, ends[i]);
		assert_int_equal(stat(name, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0640);
	}
	journal_close(j);
	assert_int_equal(chmod(p->path, 0666), 0);
	j = open_writer(p);
	struct stat st;
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	journal_close(j);
}

static off_t
size_of(const struct place *p, const char *end)
{
	char name[128];
	struct stat st;
	snprintf(name, sizeof name, "%s%s", p->path, end);
	return stat(name, &st) ? -1 : st.st_size;
}

/* Trap: the default checkpoint of SQLite runs inside a commit. Here only journal_rest() moves
 * pages. */
static void
checkpoints_wait_for_rest(void **state)
{
	struct journal *j = open_writer(*state);
	char body[2000];
	memset(body, 'x', sizeof body - 1);
	body[sizeof body - 1] = '\0';
	off_t before = size_of(*state, "");
	for (int i = 0; i < 3000; i++) { /* far more than the 1,000 pages of the default */
		add(j, "a", i, body);
		if (i % 10 == 9)
			assert_int_equal(journal_commit(j, NULL), OK);
	}
	assert_int_equal(size_of(*state, ""), before);
	assert_true(size_of(*state, "-wal") > 4 * 1000 * 1000);
	add(j, "a", 0, "{}");
	journal_rest(j);
	assert_int_equal(size_of(*state, ""), before); /* not idle: a transaction is open */
	assert_int_equal(journal_commit(j, NULL), OK);
	journal_rest(j);
	assert_true(size_of(*state, "") > 4 * 1000 * 1000);
	off_t wal = size_of(*state, "-wal");
	add(j, "a", 0, "{}");
	assert_int_equal(journal_commit(j, NULL), OK);
	assert_int_equal(size_of(*state, "-wal"), wal); /* begun again from its start, not grown */
	journal_close(j);
}

/* Trap: a reader that closes last must not checkpoint, or there are two writers. */
static void
a_reader_never_checkpoints(void **state)
{
	struct place *p = *state;
	pid_t child = fork();
	if (!child) { /* a writer that leaves a WAL behind */
		struct journal *j = NULL;
		if (journal_open(p->path, &j, NULL) ||
			journal_append(j, "a", 1, "note", "", "{}", NULL, NULL, NULL) ||
			journal_commit(j, NULL))
			_exit(1);
		kill(getpid(), SIGKILL);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	off_t wal = size_of(p, "-wal"), main_file = size_of(p, "");
	assert_true(wal > 0);
	assert_int_equal(verify(p, "a", 1, NULL), OK);
	assert_int_equal(size_of(p, "-wal"), wal);
	assert_int_equal(size_of(p, ""), main_file);
}

static void
a_missing_or_foreign_file_is_an_error(void **state)
{
	struct place *p = *state;
	struct journal_reader *r = NULL;
	struct journal *j = NULL;
	struct err_text e = { 0 };
	assert_int_equal(journal_reader_open(p->path, &r, &e), ERR_GONE);
	assert_null(r);
	int fd = open(p->path, O_WRONLY | O_CREAT, 0600);
	for (int i = 0; i < 200; i++)
		assert_int_equal(write(fd, "this is no database at all\n", 27), 27);
	close(fd);
	e = (struct err_text){ 0 };
	assert_int_equal(journal_open(p->path, &j, &e), ERR_SYSTEM);
	assert_null(j);
	assert_non_null(strstr(e.text, p->path));
	assert_int_equal(verify(p, "a", 0, NULL), ERR_SYSTEM);
}

static void
a_newer_schema_is_refused(void **state)
{
	struct journal *j = open_writer(*state);
	journal_close(j);
	tamper(*state, "UPDATE schema_version SET version = 2");
	struct err_text e = { 0 };
	assert_int_equal(journal_open(((struct place *)*state)->path, &j, &e), ERR_INPUT);
	assert_non_null(strstr(e.text, "schema version 2"));
}

/* An error of the disk is final: nothing is taken after it, although the next write would succeed.
 */
static void
a_sync_error_is_final(void **state)
{
	struct journal *j = open_writer(*state);
	add(j, "a", 1, "{}");
	assert_int_equal(journal_commit(j, NULL), OK);
	add(j, "a", 2, "{}");
	atomic_store(&syncs_fail, true);
	struct err_text e = { 0 };
	assert_int_equal(journal_commit(j, &e), ERR_SYSTEM);
	atomic_store(&syncs_fail, false);
	assert_non_null(strstr(e.text, ((struct place *)*state)->path));
	assert_int_equal(journal_append(j, "a", 2, "note", "", "{}", NULL, NULL, NULL), ERR_SYSTEM);
	assert_int_equal(journal_commit(j, NULL), ERR_SYSTEM);
	journal_rest(j);
	journal_close(j);
	assert_int_equal(verify(*state, "a", 1, NULL), OK);
	j = open_writer(*state); /* a new process goes on from what is there */
	add(j, "a", 3, "{}");
	journal_close(j);
	assert_int_equal(verify(*state, "a", 0, NULL), OK);
}

/* Trap: WAL with less than FULL does not sync at a commit and loses acknowledged rows at a power
 * cut. */
static void
every_commit_is_synced(void **state)
{
	struct journal *j = open_writer(*state);
	for (int i = 0; i < 10; i++) {
		add(j, "a", i, "{}");
		add(j, "b", i, "{}");
		int before = atomic_load(&syncs);
		assert_int_equal(journal_commit(j, NULL), OK);
		assert_true(atomic_load(&syncs) > before);
		before = atomic_load(&syncs);
		assert_int_equal(journal_commit(j, NULL), OK); /* nothing to do: nothing synced */
		assert_int_equal(atomic_load(&syncs), before);
	}
	journal_close(j);
}

struct reading {
	struct place *place;
	atomic_bool stop;
	int passes;
	int64_t most;
	bool wrong;
};

static void *
read_on(void *arg)
{
	struct reading *g = arg;
	struct journal_reader *r = NULL;
	if (journal_reader_open(g->place->path, &r, NULL)) {
		g->wrong = true;
		return NULL;
	}
	while (!atomic_load(&g->stop)) {
		char head[65];
		struct seen s = { 0 };
		enum err rc = journal_verify(r, "a", 0, head, NULL);
		if (rc == ERR_GONE)
			continue;
		g->wrong = g->wrong || rc || journal_rows(r, "a", 1, see, &s, NULL) ||
			   s.last < g->most || s.n != (size_t)s.last || s.n % 5;
		g->most = s.last;
		g->passes++;
	}
	journal_reader_close(r);
	return NULL;
}

static void
readers_see_whole_commits_while_the_writer_writes(void **state)
{
	struct journal *j = open_writer(*state);
	struct reading g[3];
	pthread_t ids[3];
	for (int i = 0; i < 3; i++) {
		g[i] = (struct reading){ .place = *state };
		pthread_create(&ids[i], NULL, read_on, &g[i]);
	}
	for (int i = 0; i < 1500; i++) {
		add(j, "a", i, "{\"some\":\"thing\"}");
		if (i % 5 == 4)
			assert_int_equal(journal_commit(j, NULL), OK);
		if (i % 100 == 99)
			journal_rest(j);
	}
	struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };
	nanosleep(&pause, NULL);
	for (int i = 0; i < 3; i++) {
		atomic_store(&g[i].stop, true);
		pthread_join(ids[i], NULL);
		assert_false(g[i].wrong);
		assert_true(g[i].passes > 0);
	}
	journal_close(j);
	assert_int_equal(verify(*state, "a", 1500, NULL), OK);
}

/* Writes for ever; tells each seq that is durable through the pipe. */
static void
write_until_killed(const struct place *p, int told)
{
	struct journal *j = NULL;
	if (journal_open(p->path, &j, NULL))
		_exit(1);
	for (int64_t seq = 0, n = 0; n < 10 * 1000 * 1000; n++) {
		if (journal_append(j, "a", n, "event", "s", "{\"k\":\"v\"}", NULL, &seq, NULL))
			_exit(2);
		if (n % 3 == 0 && journal_commit(j, NULL))
			_exit(3);
		if (n % 3 == 0 && write(told, &seq, sizeof seq) != sizeof seq)
			_exit(4);
		if (n % 64 == 63 && !journal_pending(j))
			journal_rest(j);
		if (n % 200 == 0)
			journal_rest(j);
	}
	_exit(5);
}

static void
a_killed_writer_loses_nothing_it_promised(void **state)
{
	int64_t promised = 0;
	for (int round = 0; round < 10; round++) {
		int ends[2];
		assert_int_equal(pipe(ends), 0);
		pid_t child = fork();
		if (!child) {
			close(ends[0]);
			write_until_killed(*state, ends[1]);
		}
		close(ends[1]);
		int wanted = 20 + 37 * round, got = 0;
		int64_t seq;
		while (got < wanted && read(ends[0], &seq, sizeof seq) == sizeof seq) {
			promised = seq;
			got++;
		}
		kill(child, SIGKILL);
		while (read(ends[0], &seq, sizeof seq) == sizeof seq)
			promised = seq;
		close(ends[0]);
		int status;
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(got, wanted);
		struct err_text e = { 0 };
		if (verify(*state, "a", promised, &e) || verify(*state, "a", 0, &e))
			fail_msg("round %d: %s", round, e.text);
	}
	struct journal *j = open_writer(*state); /* the lock went with the child */
	add(j, "a", 1, "{}");
	journal_close(j);
	assert_int_equal(verify(*state, "a", promised + 1, NULL), OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rows_come_back_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(chain_is_what_the_header_says, setup, teardown),
		cmocka_unit_test(tampering_is_found),
		cmocka_unit_test_setup_teardown(a_word_is_used_once, setup, teardown),
		cmocka_unit_test_setup_teardown(opening_again_continues_the_chain, setup, teardown),
		cmocka_unit_test_setup_teardown(runs_are_listed_newest_first, setup, teardown),
		cmocka_unit_test_setup_teardown(a_second_writer_is_kept_out, setup, teardown),
		cmocka_unit_test_setup_teardown(files_are_not_for_everybody, setup, teardown),
		cmocka_unit_test_setup_teardown(checkpoints_wait_for_rest, setup, teardown),
		cmocka_unit_test_setup_teardown(a_reader_never_checkpoints, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_missing_or_foreign_file_is_an_error, setup, teardown),
		cmocka_unit_test_setup_teardown(a_newer_schema_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_sync_error_is_final, setup, teardown),
		cmocka_unit_test_setup_teardown(
			readers_see_whole_commits_while_the_writer_writes, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_killed_writer_loses_nothing_it_promised, setup, teardown),
		cmocka_unit_test_setup_teardown(every_commit_is_synced, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
