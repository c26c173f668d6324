/* All faults of the files that people write, collected in one pass and shown in reading order.
 *
 * Used by the readers of the workspace, the site directory and playbooks. Everything lies on the
 * owner's arena. Printing escapes what the file said: it may hold anything. */
#include "base/faults.h"

#include "base/str.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "base/vis.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void
faults_add(struct faults *f, const char *file, int line, const char *fmt, ...)
{
	const char *last = f->n ? f->at[f->n - 1].file : NULL;
	const char *kept = str_eq(last, file) ? last : arena_strdup(f->arena, file);
	va_list ap;
	va_start(ap, fmt);
	char *text = arena_vprintf(f->arena, fmt, ap);
	va_end(ap);
	/* It quotes the file, perhaps in another encoding; so do parsers. */
	if (!utf8_valid(text, strlen(text)))
		text = utf8_repair(f->arena, text, strlen(text));
	struct fault *fault = vec_add_in(f->arena, f);
	*fault = (struct fault){ .file = kept, .line = line, .text = text };
}

/* By file and line, then as they were found, which is their order in memory. */
static int
compare(const void *a, const void *b)
{
	const struct fault *x = *(const struct fault *const *)a,
			   *y = *(const struct fault *const *)b;
	int c = strcmp(x->file ? x->file : "", y->file ? y->file : "");
	if (c)
		return c;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return (x > y) - (x < y);
}

void
faults_print(const struct faults *f, struct buf *out)
{
	const struct fault **sorted = xalloc(f->n * sizeof *sorted);
	for (size_t i = 0; i < f->n; i++)
		sorted[i] = &f->at[i];
	if (f->n)
		qsort(sorted, f->n, sizeof *sorted, compare);
	for (size_t i = 0; i < f->n; i++) {
		vis_terminal(out, sorted[i]->file);
		if (sorted[i]->line > 0)
			buf_printf(out, ":%d", sorted[i]->line);
		buf_puts(out, ": ");
		vis_terminal(out, sorted[i]->text);
		buf_putc(out, '\n');
	}
	free(sorted);
}

const char *
fault_say(struct arena *a, const char *file, const struct fault *f)
{
	return f->line > 0 ? arena_printf(a, "%s:%d: %s", file, f->line, f->text)
			   : arena_printf(a, "%s: %s", file, f->text);
}

const char *
faults_hint(struct faults *f, const char *word, const char *const *list)
{
	const char *nearest = str_nearest(word, list);
	return nearest ? arena_printf(f->arena, ", perhaps \"%s\"", nearest) : "";
}
