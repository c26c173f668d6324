/* A run told again from rows that are not as they were written. */
#include "story.h"

#include "adapters/wire/xml.h"
#include "tests/unit/journal_place.h"

/* The spec of a run, as tests/fuzz/corpus/story has it: "spec AT BODY". */
static char spec[16384];

static void
append(struct journal *j, const char *kind, const char *body)
{
	int64_t seq;
	struct err_text e = { 0 };
	assert_int_equal(journal_append(j, "r", 1000, kind, "", body, NULL, &seq, &e), OK);
}

static void
tell(struct place *p, const char *const *kinds, enum err expected, const char *words)
{
	struct journal *j = open_writer(p);
	struct journal_reader *r;
	struct story s;
	struct err_text e = { 0 };
	for (size_t i = 0; kinds[i]; i++)
		append(j, kinds[i], str_eq(kinds[i], "spec") ? spec : "{\"kind\":\"begin\"}");
	assert_int_equal(journal_commit(j, &e), OK);
	assert_int_equal(journal_reader_open(p->path, &r, &e), OK);
	assert_int_equal(story_read(r, "r", 0, &s, &e), expected);
	assert_string_equal(e.text, words);
	story_free(&s);
	journal_reader_close(r);
	journal_close(j);
}

static void
as_it_was(void **state)
{
	tell(*state, (const char *const[]){ "spec", "event", NULL }, OK, "");
}

/* The run that was begun with the first one would be lost. */
static void
a_second_spec(void **state)
{
	tell(*state, (const char *const[]){ "spec", "event", "spec", NULL }, ERR_PROTOCOL,
		"a second spec (row 3)");
}

static void
no_spec(void **state)
{
	tell(*state, (const char *const[]){ "event", "spec", NULL }, ERR_PROTOCOL,
		"its first row is no spec (row 1)");
}

int
main(void)
{
	FILE *f = fopen("tests/fuzz/corpus/story/two-specs", "r");
	if (!f || !fgets(spec, sizeof spec, f))
		return 1;
	fclose(f);
	spec[strcspn(spec, "\n")] = '\0';
	const char *body = strchr(spec, '{');
	memmove(spec, body, strlen(body) + 1);
	xml_global_init();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(as_it_was, setup, teardown),
		cmocka_unit_test_setup_teardown(a_second_spec, setup, teardown),
		cmocka_unit_test_setup_teardown(no_spec, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
