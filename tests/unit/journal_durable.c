/* What durability of the journal rests on: the lock, readers beside the writer, a writer killed in
 * the middle, syncs, and the settings of SQLite. */
#include "tests/unit/journal_place.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

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

/* An error of the disk is final: nothing is taken after it, although the next write would
 * succeed. */
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
		cmocka_unit_test_setup_teardown(a_second_writer_is_kept_out, setup, teardown),
		cmocka_unit_test_setup_teardown(files_are_not_for_everybody, setup, teardown),
		cmocka_unit_test_setup_teardown(checkpoints_wait_for_rest, setup, teardown),
		cmocka_unit_test_setup_teardown(a_reader_never_checkpoints, setup, teardown),
		cmocka_unit_test_setup_teardown(a_sync_error_is_final, setup, teardown),
		cmocka_unit_test_setup_teardown(
			readers_see_whole_commits_while_the_writer_writes, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_killed_writer_loses_nothing_it_promised, setup, teardown),
		cmocka_unit_test_setup_teardown(every_commit_is_synced, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
