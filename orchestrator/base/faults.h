/* Everything that is wrong with a file a person wrote, in one pass: file:line, what is wrong, what
 * was perhaps meant. */
#ifndef TD_BASE_FAULTS_H
#define TD_BASE_FAULTS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>

struct fault {
	const char *file;
	int line; /* 0: the whole file */
	const char *text;
};

struct faults {
	struct arena *arena; /* borrowed, set by the owner before the first use */
	struct fault *at;
	size_t n, cap;
};

void faults_add(struct faults *f, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Sorted by file and line: "file:line: text\n" each. */
void faults_print(const struct faults *f, struct buf *out);
/* "file:line: text", or "file: text" of a whole file. `file` as it is to be shown. On the arena. */
const char *fault_say(struct arena *a, const char *file, const struct fault *f);
/* ", perhaps \"X\"" for the nearest word of the list, or "": to end a sentence with. On the
 * arena. */
const char *faults_hint(struct faults *f, const char *word, const char *const *list);

#endif
