/* The journal: the chain and what breaks it, words used once, opening again, the list of runs. */
#include "tests/unit/journal_place.h"

#include "base/hash.h"

#include <fcntl.h>

static void
tamper(const struct place *p, const char *sql)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
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
		cmocka_unit_test_setup_teardown(
			a_missing_or_foreign_file_is_an_error, setup, teardown),
		cmocka_unit_test_setup_teardown(a_newer_schema_is_refused, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
