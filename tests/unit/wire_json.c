/* adapters/wire/json.c: what is refused, what is kept exactly, and the bytes that are written. */
#include "tests/unit/wire_test.h"

#include "adapters/wire/json.h"
#include "base/buf.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

static const struct json *
parse(struct arena *a, const char *s, size_t n, struct err_text *e)
{
	const struct json *j = NULL;
	*e = (struct err_text){ 0 };
	enum err rc = json_parse(a, s, n, &j, e);
	assert_true((rc == OK) == (j != NULL));
	assert_true(rc == OK || (rc == ERR_PROTOCOL && e->text[0]));
	return j;
}

static void
refused(void **state)
{
	static const char *const bad[] = { "", "{", "[1,]", "{\"a\":1,\"a\":2}",
		"{\"a\":{\"b\":1,\"b\":1}}", "[1] x", "\"\xff\"", "\"a\\u0000b\"",
		"[9223372036854775808]", "[1e999]", "nan", "{'a':1}", "[01]", "\"\n\"", NULL };
	struct arena *a = arena_new();
	struct err_text e;
	for (size_t i = 0; bad[i]; i++)
		if (parse(a, bad[i], strlen(bad[i]), &e))
			fail_msg("%s was accepted", bad[i]);
	assert_null(parse(a, "[1]\0", 4, &e));
	char deep[2000];
	memset(deep, '[', 1000);
	memset(deep + 1000, ']', 1000);
	assert_null(parse(a, deep, 2000, &e));
	assert_non_null(parse(a, deep + 900, 200, &e));
	/* Three bytes on the wire are some hundred while they are read. In a text they are text. */
	enum { MANY = 1100000 };
	char *many = xalloc(3 * MANY + 2);
	for (size_t i = 0; i < MANY; i++)
		memcpy(many + 1 + 3 * i, i + 1 < MANY ? "{}," : "{}]", 3);
	many[0] = '[';
	assert_null(parse(a, many, 3 * MANY + 1, &e));
	assert_has(e.text, "values");
	/* A result of 10,000 sites has more, and is asked for by its size. */
	const struct json *most;
	struct err_text small = { 0 };
	assert_int_equal(json_parse_most(a, many, 3 * MANY + 1, 40, &most, &e), OK);
	assert_int_equal(most->count, MANY);
	assert_int_equal(json_parse_most(a, many, 3 * MANY + 1, 1, &most, &small), ERR_PROTOCOL);
	assert_has(small.text, "1 MiB");
	/* A large document of ours, 16 MiB of short members, is none of these. */
	struct buf large = { 0 };
	for (int i = 0; i < 800000; i++)
		buf_printf(&large, "%c\"k%06d\":%d", i ? ',' : '{', i, i % 1000000);
	buf_putc(&large, '}');
	assert_in_range(large.n, 10 << 20, 16 << 20);
	assert_non_null(parse(a, large.at, large.n, &e));
	buf_free(&large);
	memset(many, ',', 3 * MANY);
	many[1] = '\\';
	many[2] = '"';
	many[0] = many[3 * MANY - 1] = '"';
	assert_non_null(parse(a, many, 3 * MANY, &e));
	free(many);
	arena_free(a);
}

static void
values(void **state)
{
	struct arena *a = arena_new();
	struct err_text e;
	static const char s[] = "{\"big\":9007199254740993,\"min\":-9223372036854775808,\"r\":2.75,"
				"\"t\":\"x\xe1\xba\xa3\","
				"\"yes\":true,\"no\":false,\"tri\":\"yes\",\"huge\":1e300,\"num\":"
				"\"12\",\"nil\":null,"
				"\"list\":[1,\"two\",{\"k\":3}]}";
	const struct json *j = parse(a, s, sizeof s - 1, &e);
	assert_int_equal(j->count, 11);
	assert_string_equal(j->first->key, "big"); /* in the order of the text */
	assert_true(json_int(j, "big", 0) == 9007199254740993);
	assert_true(json_int(j, "min", 0) == INT64_MIN);
	assert_true(json_get(j, "r")->real > 2.74 && json_get(j, "r")->real < 2.76);
	assert_int_equal(json_figure(j, "r").v, 2);
	assert_true(json_figure(j, "huge").v == INT64_MAX);
	assert_true(json_figure(j, "num").known && json_figure(j, "num").v == 12);
	assert_false(json_figure(j, "t").known);
	assert_false(json_figure(j, "nil").known);
	assert_string_equal(json_text(j, "t"), "x\xe1\xba\xa3");
	assert_null(json_text(j, "big"));
	assert_int_equal(json_int(j, "t", -7), -7);
	assert_true(json_bool(j, "yes", false));
	assert_true(json_bool(j, "t", true));
	assert_int_equal(json_tri(j, "yes"), YES);
	assert_int_equal(json_tri(j, "no"), NO);
	assert_int_equal(json_tri(j, "tri"), YES);
	assert_int_equal(json_tri(j, "nil"), UNKNOWN);
	const struct json *list = json_get(j, "list");
	assert_int_equal(list->count, 3);
	assert_null(list->first->key);
	assert_int_equal(json_int(list->first->next->next, "k", 0), 3);
	assert_null(json_get(NULL, "x"));
	assert_null(json_get(list, "x"));
	assert_string_equal(parse(a, "\"x\"", 3, &e)->text, "x");
	arena_free(a);
}

static void
writing(void **state)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	for (int i = 0; i < 2; i++) {
		json_open(&w, NULL, '{');
		json_put_text(&w, "a\"", "x\n\x01\xff</");
		json_put_text(&w, "n", NULL);
		json_put_int(&w, "i", INT64_MIN);
		json_put_bool(&w, "b", true);
		json_put_figure(&w, "f", figure_of(3));
		json_put_figure(&w, "u", (struct figure){ 0 });
		json_put_tri(&w, "t", NO);
		json_open(&w, "e", '[');
		json_close(&w, ']');
		json_open(&w, "l", '[');
		json_put_int(&w, NULL, 1);
		json_open(&w, NULL, '{');
		json_close(&w, '}');
		json_put_raw(&w, NULL, "[1,2]");
		json_close(&w, ']');
		json_close(&w, '}');
		assert_int_equal(w.depth, 0);
		if (i == 0) {
			assert_string_equal(b.at,
				"{\"a\\\"\":\"x\\n\\u0001\xef\xbf\xbd</\",\"n\":null,"
				"\"i\":-9223372036854775808,\"b\":true,\"f\":3,\"u\":null,\"t\":"
				"\"no\","
				"\"e\":[],\"l\":[1,{},[1,2]]}");
			buf_clear(&b);
			w = (struct json_out){ .out = &b, .pretty = true };
		}
	}
	assert_has(b.at, "{\n  \"a\\\"\": \"x");
	assert_has(b.at, "\n  \"e\": [],\n  \"l\": [\n    1,\n    {},\n    [1,2]\n  ]\n}\n");
	struct arena *a = arena_new();
	struct err_text e;
	assert_non_null(parse(a, b.at, b.n, &e)); /* what we write, we read */
	arena_free(a);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused),
		cmocka_unit_test(values),
		cmocka_unit_test(writing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
