/* adapters/wire/trace.c: no form of a secret gets into a trace; nothing else gets lost but what is
 * oldest. */
#include "tests/unit/wire_test.h"

#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char secret[] = "p&s<w\"rd'1/ \xc3\xa9+";

static void
put(struct trace *t, const char *s)
{
	trace_bytes(t, '>', s, strlen(s));
}

static void
forms(void **state)
{
	static const char *const escaped[] = {
		"p&s<w\"rd'1/ \xc3\xa9+",
		"p&amp;s&lt;w&quot;rd&#39;1/ \xc3\xa9+",
		"p&amp;s&lt;w\"rd'1/ \xc3\xa9+",
		"p&amp;s&lt;w&quot;rd&apos;1/ \xc3\xa9+",
		"p%26s%3Cw%22rd%271%2F%20%C3%A9%2B",
		"p%26s%3cw%22rd%271%2f%20%c3%a9%2b",
		"p%26s%3Cw%22rd%271%2F+%C3%A9%2B",
		"p&s<w\\\"rd'1/ \xc3\xa9+",
		NULL,
	};
	for (size_t i = 0; escaped[i]; i++) {
		struct trace t = { 0 };
		trace_secret(&t, secret);
		char line[200];
		snprintf(line, sizeof line, "<user>a</user><password>%s</password> and %s again",
			escaped[i], escaped[i]);
		put(&t, line);
		assert_string_equal(
			t.out.at, "> <user>a</user><password>***</password> and *** again\n");
		trace_free(&t);
	}
}

/* For sentences: the text itself where there is nothing to hide. */
static void
words_without_it(void **state)
{
	struct arena *a = arena_new();
	const char *plain = "user unreachable";
	assert_ptr_equal(trace_without(a, "s3cret", plain), plain);
	assert_ptr_equal(trace_without(a, NULL, plain), plain);
	assert_ptr_equal(trace_without(a, "", plain), plain);
	assert_null(trace_without(a, "s3cret", NULL));
	assert_string_equal(trace_without(a, "s3cret", "https://admin:s3cret@x/ s3cret"),
		"https://admin:***@x/ ***");
	assert_string_equal(
		trace_without(a, "p\"1", "{\"password\":\"p\\\"1\"}"), "{\"password\":\"***\"}");
	arena_free(a);
}

static void
base64(void **state)
{
	static const char *const users[] = { "a", "ab", "abc", "admin" };
	for (size_t i = 0; i < sizeof users / sizeof users[0]; i++) {
		char both[100], text[200], line[300];
		snprintf(both, sizeof both, "%s:s3cretWord%s", users[i], i % 2 ? "" : ";tail");
		hash_base64(both, strlen(both), text);
		snprintf(line, sizeof line, "x-login: %s.", text);
		struct trace t = { 0 };
		trace_secret(&t, "s3cretWord");
		put(&t, line);
		assert_string_equal(t.out.at, "> x-login: ***.\n");
		trace_free(&t);
	}
}

static void
lines(void **state)
{
	struct trace t = { 0 };
	trace_secret(&t, "");
	trace_secret(&t, NULL);
	trace_secret(NULL, "x");
	trace_bytes(NULL, '>', "x", 1);
	trace_bytes(&t, '<', "a\r\nb\rc\x1b[2J\\\n\nd\0e", 16);
	trace_bytes(&t, '>', "go\r", 3);
	trace_bytes(&t, '>', "", 0);
	assert_string_equal(t.out.at, "< a\n< b\\x0dc\\x1b[2J\\x5c\n< \n< d\\x00e\n> go\\x0d\n");
	trace_free(&t);
	assert_int_equal(t.out.n, 0);
}

static void
secrets_are_copies(void **state)
{
	struct trace t = { 0 };
	char word[20] = "hidden-0";
	for (int i = 0; i < 8; i++) {
		word[7] = (char)('0' + i);
		trace_secret(&t, word);
		trace_secret(&t, word);
	}
	memset(word, 'x', 8);
	put(&t, "hidden-0 hidden-1 hidden-7");
	assert_string_equal(t.out.at, "> *** *** ***\n");
	assert_int_equal(t.secrets_n, 8);
	trace_free(&t);
}

static void
bounds(void **state)
{
	struct trace t = { 0 };
	char line[100];
	for (int i = 0; i < 20000; i++) {
		snprintf(line, sizeof line, "line %d of many, long enough to fill", i);
		put(&t, line);
		assert_true(t.out.n <= 256 << 10);
	}
	assert_has(t.out.at, "line 19999 of");
	assert_lacks(t.out.at, "line 0 of");
	assert_has(t.out.at, "older lines dropped");
	char *huge = xalloc(1 << 20);
	trace_bytes(&t, '<', huge, 1 << 20); /* a megabyte of NULs: four bytes each */
	assert_true(t.out.n <= 256 << 10);
	assert_has(t.out.at, "\\x00\\x00");
	assert_has(t.out.at, "bytes more");
	free(huge);
	trace_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(words_without_it),
		cmocka_unit_test(base64),
		cmocka_unit_test(lines),
		cmocka_unit_test(secrets_are_copies),
		cmocka_unit_test(bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
