/* Arena, vector, byte string and map: growth, zeroing, order, removal, and the end without memory.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void
arena_pieces(void **state)
{
	struct arena *a = arena_new();
	unsigned char *kept[400];
	size_t sum = 0;
	for (size_t i = 0; i < 400; i++) {
		size_t size = i % 50 == 49 ? 100000 : i;
		kept[i] = arena_alloc(a, size);
		assert_non_null(kept[i]);
		assert_int_equal((uintptr_t)kept[i] % _Alignof(max_align_t), 0);
		for (size_t j = 0; j < size; j++)
			assert_int_equal(kept[i][j], 0);
		memset(kept[i], (int)(i & 255), size);
		sum += size;
	}
	assert_int_equal(arena_used(a), sum);
	for (size_t i = 0; i < 400; i++) {
		size_t size = i % 50 == 49 ? 100000 : i;
		for (size_t j = 0; j < size; j++)
			assert_int_equal(kept[i][j], i & 255);
	}
	assert_null(arena_strdup(a, NULL));
	assert_string_equal(arena_strndup(a, "abcdef", 3), "abc");
	assert_string_equal(arena_strndup(a, "ab", 30), "ab");
	assert_string_equal(arena_printf(a, "%s-%05d", "x", 42), "x-00042");
	char *large = arena_printf(a, "%0*d", 70000, 1);
	assert_int_equal(strlen(large), 70000);
	arena_free(a);
	arena_free(NULL);
}

struct pair {
	int a, b;
};

static void
vec_growth(void **state)
{
	struct arena *a = arena_new();
	VEC(struct pair) heap = { 0 };
	VEC(struct pair) lent = { 0 };
	for (int i = 0; i < 1000; i++) {
		struct pair *p = vec_add(&heap), *q = vec_add_in(a, &lent);
		assert_int_equal(p->a + p->b + q->a + q->b, 0);
		*p = *q = (struct pair){ i, -i };
	}
	assert_int_equal(heap.n, 1000);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(heap.at[i].a, i);
		assert_int_equal(lent.at[i].b, -i);
	}
	heap.n = 1;
	assert_int_equal(vec_add(&heap)->a, 0); /* a used slot comes back as zero */
	vec_free(&heap);
	assert_null(heap.at);
	arena_free(a);
}

static void
buf_text(void **state)
{
	struct buf b = { 0 };
	assert_string_equal(buf_str(&b), "");
	buf_add(&b, "", 0);
	assert_string_equal(b.at, "");
	buf_puts(&b, "ab");
	buf_putc(&b, 'c');
	buf_printf(&b, "%d", 12);
	assert_string_equal(b.at, "abc12");
	buf_drop(&b, 3);
	assert_string_equal(b.at, "12");
	for (int i = 0; i < 8; i++)
		buf_add(&b, b.at, b.n); /* from itself, across growth */
	assert_int_equal(b.n, 512);
	assert_int_equal(strlen(b.at), 512);
	assert_memory_equal(b.at + 500, "121212121212", 12);
	buf_drop(&b, 9999);
	assert_int_equal(b.n, 0);
	buf_puts(&b, "end");
	char *s = buf_take(&b);
	assert_string_equal(s, "end");
	free(s);
	assert_null(b.at);
	s = buf_take(&b);
	assert_string_equal(s, "");
	free(s);
	buf_free(&b);
}

static void
map_order(void **state)
{
	static const char *const keys[] = { "zeta", "", "alpha", "mid", "Tràng Cúc" };
	struct map *m = map_new();
	int values[5];
	assert_null(map_get(m, "zeta"));
	for (int i = 0; i < 5; i++)
		map_set(m, keys[i], &values[i]);
	map_set(m, "alpha", &values[0]); /* replaced in place */
	static const char *const want[] = { "zeta", "", "alpha", "mid", "Tràng Cúc" };
	const char *key;
	void *value;
	size_t i = 0, n = 0;
	while (map_next(m, &i, &key, &value))
		assert_string_equal(key, want[n++]);
	assert_int_equal(n, 5);
	assert_ptr_equal(map_get(m, "alpha"), &values[0]);
	map_set(m, "none", NULL);
	assert_true(map_has(m, "none"));
	assert_null(map_get(m, "none"));
	map_free(m);
	map_free(NULL);
}

/* It grows many times, and nothing is lost or doubled. */
static void
map_many(void **state)
{
	struct map *m = map_new();
	char key[32];
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 2000; i++) {
			snprintf(key, sizeof key, "site-%d", i);
			map_set(m, key, &m);
		}
	size_t at = 0;
	int n = 0;
	while (map_next(m, &at, NULL, NULL))
		n++;
	assert_int_equal(n, 2000);
	for (int i = 0; i < 2000; i++) {
		snprintf(key, sizeof key, "site-%d", i);
		assert_true(map_has(m, key));
	}
	assert_false(map_has(m, "site-2000"));
	map_free(m);
}

/* What no machine can give ends the process with code 3 and one line. */
static void
out_of_memory(void **state)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		dup2(ends[1], STDERR_FILENO);
		volatile size_t size = SIZE_MAX / 2 + 1;
		xalloc(size);
		_exit(0);
	}
	close(ends[1]);
	char line[200] = { 0 };
	size_t n = 0;
	for (ssize_t r;
		n < sizeof line - 1 && (r = read(ends[0], line + n, sizeof line - 1 - n)) > 0;)
		n += (size_t)r;
	close(ends[0]);
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
	assert_non_null(strstr(line, "out of memory"));
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_pieces),
		cmocka_unit_test(vec_growth),
		cmocka_unit_test(buf_text),
		cmocka_unit_test(map_order),
		cmocka_unit_test(map_many),
		cmocka_unit_test(out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
