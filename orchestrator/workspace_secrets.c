/* secrets.xml: passwords by name. It is used even when others can read it, but that is a fault.
 *
 * Called by workspace_read(). Everything lies on the workspace's arena. Must never put a password
 * into a fault. */
#include "workspace.h"
#include "workspace_files.h"

#include "adapters/wire/xml.h"
#include "base/embed.h"
#include "base/str.h"
#include "base/vec.h"

#include <string.h>

EMBED(secrets_xsd, "orchestrator/secrets.xsd");

static const char file[] = "secrets.xml";

static const char *
trimmed(struct workspace *w, const char *s)
{
	return s ? str_trim(arena_strdup(w->arena, s)) : "";
}

static void
read_secret(struct workspace *w, const struct xml *el, struct faults *faults)
{
	const char *name = trimmed(w, xml_attr(el, "name")), *password = xml_attr(el, "password");
	if (!*name || !password)
		return; /* the schema said so */
	const struct workspace_secret *same = workspace_secret(w, name);
	if (same) {
		faults_add(faults, file, el->line, T("secret \"%s\" is there already, in line %d"),
			name, same->line);
		return;
	}
	w->secrets =
		vec_grow(w->arena, w->secrets, w->secrets_n, &w->secrets_cap, sizeof *w->secrets);
	w->secrets[w->secrets_n++] = (struct workspace_secret){ .name = name,
		.user = trimmed(w, xml_attr(el, "user")),
		.password = password,
		.line = el->line };
}

/* The sentences of the schema and of the parser may quote what stands in the file, a password too.
 */
static void
unquote(struct faults *faults, size_t since, bool well_formed)
{
	for (size_t i = since; i < faults->n; i++) {
		const char *text = faults->at[i].text, *colon = strstr(text, ">: ");
		if (!well_formed)
			faults->at[i].text =
				T("not XML here: in a password & is written &amp;, < is "
				  "&lt; and \" is &quot;");
		else if (colon)
			faults->at[i].text = arena_printf(faults->arena,
				"%.*s: this value is not allowed", (int)(colon + 1 - text), text);
	}
}

void
workspace_secrets_read(struct workspace *w, struct faults *faults)
{
	size_t n, since = faults->n;
	int mode;
	struct err_text e = { .code = OK };
	const char *bytes = NULL;
	enum err code = workspace_file(w->secrets_path, w->arena, &bytes, &n, &mode, &e);
	if (code == ERR_GONE)
		return; /* who names a secret will miss it */
	if (code) {
		faults_add(faults, file, 0, "%s", e.text);
		return;
	}
	const struct xml *root =
		xml_check(w->arena, bytes, n, file, secrets_xsd, EMBED_SIZE(secrets_xsd), faults);
	unquote(faults, since, root != NULL);
	if (mode & 077)
		faults_add(faults, file, 0,
			T("others can read the passwords (mode %04o): chmod 600 %s"),
			(unsigned)mode, w->secrets_path);
	for (const struct xml *el = root ? xml_child(root, "secret") : NULL; el;
		el = xml_next(el, "secret"))
		read_secret(w, el, faults);
}
