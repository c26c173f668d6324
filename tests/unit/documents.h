/* Helpers of the tests of documents: writing one, running a program over it, reading text back. */
#ifndef TD_TESTS_DOCUMENTS_H
#define TD_TESTS_DOCUMENTS_H

#include "report/documents.h"
#include "vanquan.h"

#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const seal = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

static inline const struct report *
report_of(struct vanquan *f)
{
	return report_build(&f->run, &f->judgement, 1, seal, f->arena);
}

static inline struct letterhead *
example(struct vanquan *f)
{
	size_t n;
	const char *bytes = letterhead_example(&n);
	struct faults faults = { .arena = f->arena };
	struct letterhead *l = arena_alloc(f->arena, sizeof *l);
	assert_int_equal(letterhead_read(bytes, n, "letterhead.xml", f->arena, &faults, l), OK);
	assert_int_equal(faults.n, 0);
	return l;
}

/* One document; the caller frees. */
static inline struct buf
written(struct vanquan *f, const char *kind, const char *format, const char *lang)
{
	struct buf b = { 0 };
	struct err_text e = { 0 };
	enum err code = documents_write(report_of(f), example(f), kind, format, lang, &b, &e);
	if (code != OK)
		fail_msg("%s as %s: %s", kind, format, e.text);
	assert_true(b.n > 0);
	return b;
}

/* Runs a program; what it says on stdout. It has to end with 0. */
static inline void
run_program(const char *const *argv, struct buf *out)
{
	int ends[2], status = -1;
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(ends[1], 1);
		close(ends[0]);
		close(ends[1]);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(ends[1]);
	char block[65536];
	for (ssize_t n; (n = read(ends[0], block, sizeof block)) > 0;)
		buf_add(out, block, (size_t)n);
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status)
		fail_msg("%s ended with %d", argv[0], status);
}

/* Puts bytes into a file of its own; the caller frees the name and unlinks it. */
static inline char *
put_file(const struct buf *b)
{
	char path[] = "/tmp/td-documents-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	for (size_t done = 0; done < b->n;) {
		ssize_t n = write(fd, b->at + done, b->n - done);
		assert_true(n > 0);
		done += (size_t)n;
	}
	close(fd);
	return xstrdup(path);
}

/* The program with the file's name in place of "@". On the arena. */
static inline char *
read_by(struct vanquan *f, const struct buf *b, const char *const *argv)
{
	const char *with[16];
	struct buf out = { 0 };
	char *path = put_file(b);
	size_t n = 0;
	for (; argv[n]; n++)
		with[n] = str_eq(argv[n], "@") ? path : argv[n];
	with[n] = NULL;
	run_program(with, &out);
	unlink(path);
	free(path);
	char *text = arena_strndup(f->arena, buf_str(&out), out.n);
	buf_free(&out);
	return text;
}

static inline void
assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%.6000s", part, text);
}

static inline void
assert_has_not(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" is in:\n%.6000s", part, text);
}

static inline size_t
times_in(const char *text, const char *part)
{
	size_t n = 0;
	for (const char *p = text; (p = strstr(p, part)); p += strlen(part))
		n++;
	return n;
}

#endif
