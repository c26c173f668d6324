/* adapters/wire/lines.c over a stream that is in memory: what a device may say between two line
 * ends, and what it may not. Over a real connection: wire_telnet.c and the talks. */
#include "tests/unit/wire_test.h"

#include "adapters/wire/lines.h"
#include "base/buf.h"
#include "base/str.h"

#include <string.h>

/* Bytes in pieces; behind them silence, the same once more without end, or the end. */
struct source {
	const char *say;
	size_t n, at, piece;
	bool forever, hang_up;
	int reads;
};

static enum err
source_read(struct task *t, void *of, void *into, size_t cap, int64_t at_most_ms, size_t *out_n)
{
	struct source *s = of;
	s->reads++;
	*out_n = 0;
	if (s->at == s->n && s->forever)
		s->at = 0;
	if (s->at == s->n)
		return s->hang_up ? task_fail(t, ERR_GONE, "closed")
				  : task_sleep(t, at_most_ms < 0 ? 60000 : at_most_ms);
	size_t n = s->n - s->at;
	n = s->piece && s->piece < n ? s->piece : n;
	n = n < cap ? n : cap;
	memcpy(into, s->say + s->at, n);
	s->at += n;
	*out_n = n;
	return OK;
}

static struct lines
lines_of(struct source *s)
{
	return (struct lines){ .stream = { .of = s, .read = source_read } };
}

static void
whatever_ends_a_line(void **state)
{
	static const char all[] = "a\r\nb\n\r\r\nc\0d\r\r\n\xe1\xba\xa3\n\xff\xfe\n\xe1\xba\nrest";
	static const char *const lines[] = { "a", "b", "", "cd", "\xe1\xba\xa3",
		"\xef\xbf\xbd\xef\xbf\xbd", "\xef\xbf\xbd\xef\xbf\xbd" };
	for (size_t piece = 1; piece < sizeof all; piece++) {
		struct fixture f;
		struct task *t = task_begin(&f, 5000);
		struct source s = { .say = all, .n = sizeof all - 1, .piece = piece };
		struct lines l = lines_of(&s);
		const char *line;
		for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
			assert_int_equal(lines_next(t, &l, 2000, &line), OK);
			assert_string_equal(line, lines[i]);
		}
		assert_int_equal(lines_next(t, &l, 1, &line), OK);
		assert_null(line); /* what has no end is no line */
		lines_free(&l);
		task_end(&f);
	}
}

/* A prompt is what stands behind the last line end: in a line it is text. */
static void
a_prompt_in_a_line_is_text(void **state)
{
	static const char all[] = "name: -> x\nlogin: nobody\n-> ";
	struct fixture f;
	struct task *t = task_begin(&f, 5000);
	struct source s = { .say = all, .n = sizeof all - 1, .piece = 1 };
	struct lines l = lines_of(&s);
	const char *line;
	bool seen;
	assert_int_equal(lines_next(t, &l, 2000, &line), OK);
	assert_string_equal(line, "name: -> x");
	int which;
	static const char *const asks[] = { "login:", "->", NULL };
	assert_int_equal(lines_prompt_of(t, &l, asks, 2000, &which), OK);
	/* "login:" stood alone for a moment, as it does when the network cuts a line there; what
	 * follows it then begins a line of its own, and the dialogue above is to know it. */
	assert_int_equal(which, 0);
	assert_int_equal(lines_next(t, &l, 2000, &line), OK);
	assert_string_equal(line, " nobody");
	assert_int_equal(lines_prompt(t, &l, "-> ", 2000, &seen), OK);
	assert_true(seen);
	lines_free(&l);
	task_end(&f);
}

static void
no_line_end_is_refused(void **state)
{
	struct fixture f;
	struct task *t = task_begin(&f, 5000);
	struct source s = { .say = "xxxxxxxxxxxxxxxx", .n = 16, .forever = true };
	struct lines l = lines_of(&s);
	const char *line;
	bool seen;
	assert_int_equal(lines_next(t, &l, -1, &line), ERR_PROTOCOL);
	assert_has(t->why, "256 KiB");
	assert_true(l.pending.n < 300 << 10);
	lines_clear(&l);
	task_forgive(t);
	assert_int_equal(lines_prompt(t, &l, "-> ", -1, &seen), ERR_PROTOCOL);
	lines_free(&l);
	task_end(&f);
}

/* Whoever waits for one line among many is told when that is all the memory a task may have. */
static void
lines_without_end_are_refused(void **state)
{
	struct fixture f;
	struct task *t = task_begin(&f, 60000);
	struct source s = { .say = "event\r\n", .n = 7, .forever = true };
	struct lines l = lines_of(&s);
	const char *line;
	arena_alloc(t->arena, TASK_BYTES_MOST - 4096);
	enum err e = OK;
	int n = 0;
	while (e == OK && n < 100000) {
		e = lines_next(t, &l, -1, &line);
		n++;
	}
	assert_int_equal(e, ERR_PROTOCOL);
	assert_true(n < 10000);
	lines_free(&l);
	task_end(&f);
}

static void
the_end_is_told_behind_the_last_line(void **state)
{
	struct fixture f;
	struct task *t = task_begin(&f, 5000);
	struct source s = { .say = "last\nha", .n = 7, .hang_up = true };
	struct lines l = lines_of(&s);
	const char *line;
	assert_int_equal(lines_next(t, &l, -1, &line), OK);
	assert_string_equal(line, "last");
	assert_int_equal(lines_next(t, &l, -1, &line), ERR_GONE);
	assert_has(f.trace.out.at, "ha"); /* half a line is seen by who looks for the fault */
	lines_free(&l);
	task_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_ends_a_line),
		cmocka_unit_test(a_prompt_in_a_line_is_text),
		cmocka_unit_test(no_line_end_is_refused),
		cmocka_unit_test(lines_without_end_are_refused),
		cmocka_unit_test(the_end_is_told_behind_the_last_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
