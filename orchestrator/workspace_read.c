/* What the elements of tongduyet.xml have in common: attributes, files, secrets, and what is wrong
 * with them.
 *
 * Called by workspace.c and workspace_elements.c. Owns nothing. It must never put a password into a
 * fault. */
#include "workspace_read.h"

#include "adapters/wire/xml.h"
#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

void
element_bad(struct reader *r, struct state s, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	const char *text = arena_vprintf(r->a, fmt, ap);
	va_end(ap);
	faults_add(r->faults, r->file, s.line, "%s", text);
	if (!*s.disabled)
		*s.why = text;
	*s.disabled = true;
}

/* What the schema refused is disabled with the schema's words. */
void
element_schema_fault(struct reader *r, struct state s)
{
	for (size_t i = r->since; i < r->schema && !*s.disabled; i++) {
		if (r->faults->at[i].line == s.line && str_eq(r->faults->at[i].file, r->file)) {
			*s.disabled = true;
			*s.why = r->faults->at[i].text;
		}
	}
}

/* An attribute, trimmed; NULL = not given. */
const char *
element_given(struct reader *r, const struct xml *el, const char *name)
{
	const char *raw = xml_attr(el, name);
	return raw ? str_trim(arena_strdup(r->a, raw)) : NULL;
}

const char *
element_text(struct reader *r, const struct xml *el, const char *name, const char *otherwise)
{
	const char *s = element_given(r, el, name);
	return s ? s : otherwise;
}

const char *
element_below(struct reader *r, const char *path)
{
	return *path == '/' ? path : arena_printf(r->a, "%s/%s", r->w->dir, path);
}

/* A file in PEM: absolute, and there. */
const char *
element_pem(struct reader *r, const struct xml *el, const char *name, struct state s)
{
	const char *path = element_given(r, el, name);
	if (!path)
		return NULL;
	path = element_below(r, path);
	if (access(path, R_OK) != 0)
		element_bad(r, s, "%s=\"%s\": %s", name, path, strerror(errno));
	return path;
}

const char *
element_ca(struct reader *r, const struct xml *el, struct state s)
{
	return element_pem(r, el, "ca", s);
}

void
element_secret(struct reader *r, const char *secret, const char *fallback, struct state s,
	const char **user, const char **password)
{
	const struct workspace_secret *found = workspace_secret(r->w, secret ? secret : fallback);
	if (found) {
		*user = found->user;
		*password = found->password;
	} else if (secret) {
		const char **names = arena_alloc(r->a, (r->w->secrets_n + 1) * sizeof *names);
		for (size_t i = 0; i < r->w->secrets_n; i++)
			names[i] = r->w->secrets[i].name;
		element_bad(r, s, T("no secret \"%s\" in secrets.xml%s"), secret,
			faults_hint(r->faults, secret, names));
	}
}
