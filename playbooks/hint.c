/* What was perhaps meant. A schema check says that a name is not allowed, never which name was
 * near. Here the nearest known name is written behind that sentence, so that a person reads one
 * fault, not two.
 *
 * Called by the readers of playbooks, profiles and tongduyet.xml after xml_check(). Owns nothing;
 * changes only texts of faults. Never decides whether something is wrong: a name that the schema
 * let pass is reported all the same, because then the schema and the reader's table disagree. */
#include "playbooks/hint.h"

#include "base/str.h"

#include <string.h>

/* The schema's fault about that name at that line, or NULL. */
static struct fault *
about(const struct faults *f, size_t since, size_t until, int line, const char *name)
{
	for (size_t i = since; i < until; i++) {
		if (f->at[i].line == line && strstr(f->at[i].text, name))
			return &f->at[i];
	}
	return NULL;
}

static bool
listed(const char *word, const char *const *known)
{
	for (; *known; known++) {
		if (str_eq(word, *known))
			return true;
	}
	return false;
}

static void
hint(struct faults *f, size_t since, const struct xml *el, const char *file, const char *kind,
	const char *word, const char *const *known)
{
	const char *nearest = faults_hint(f, word, known);
	const char *quoted = arena_printf(f->arena, "\"%s\"", word);
	struct fault *fault = about(f, since, f->n, el->line, quoted);
	if (!fault)
		fault = about(f, since, f->n, el->line, word);
	if (!fault)
		faults_add(f, file, el->line, T("unknown %s \"%s\"%s"), kind, word, nearest);
	else if (*nearest) {
		/* The schema check guesses among all names of the file: this element's own are
		 * better. */
		const char *guess = strstr(fault->text, ", perhaps ");
		size_t n = guess ? (size_t)(guess - fault->text) : strlen(fault->text);
		fault->text = arena_printf(f->arena, "%.*s%s", (int)n, fault->text, nearest);
	}
}

void
hint_attributes(struct faults *f, size_t since, const struct xml *el, const char *file,
	const char *const *known)
{
	for (size_t i = 0; i < el->attrs_n; i++) {
		if (!listed(el->attrs[i].name, known))
			hint(f, since, el, file, "attribute", el->attrs[i].name, known);
	}
}

void
hint_element(struct faults *f, size_t since, const struct xml *el, const char *file,
	const char *const *known)
{
	if (!listed(el->name, known))
		hint(f, since, el, file, "element", el->name, known);
}

void
hint_form(struct faults *f, size_t since, const struct xml *el, const char *attribute,
	const char *form)
{
	static const char unsaid[] = " has not the expected form";
	const char *where = arena_printf(f->arena, "<%s %s>", el->name, attribute);
	for (size_t i = since; i < f->n; i++) {
		if (f->at[i].line == el->line && str_starts(f->at[i].text, where) &&
			str_ends(f->at[i].text, unsaid))
			f->at[i].text = arena_printf(f->arena, "%s: %s", f->at[i].text, form);
	}
}

bool
hint_faulty(const struct faults *f, size_t since, size_t until, int line)
{
	for (size_t i = since; i < until; i++) {
		if (f->at[i].line == line)
			return true;
	}
	return false;
}
