/* tongduyet.xml into struct workspace. The schema says which words are allowed;
 * here is what they mean together: adapters that exist, secrets that are there, parents that are
 * MCUs, one source per calendar.
 *
 * Called once at the start of the daemon and by every verb of the command line. Everything lies on
 * the caller's arena. Must never stop at the first fault, refuse to start for a bad element, or put
 * a password into a fault. */
#include "workspace.h"

#include "adapters/wire/xml.h"
#include "base/embed.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/vec.h"
#include "playbooks/hint.h"
#include "workspace_files.h"
#include "workspace_read.h"

#include <string.h>
#include <sys/stat.h>

EMBED(workspace_xsd, "orchestrator/workspace.xsd");

static const char *const elements[] = { "mcu", "calendar", "network", "profile", "mail", "board",
	"listen", "sender", "retired", NULL };
static const struct element {
	const char *name;
	const char *attributes[16];
} known[] = {
	{ "tongduyet", { "name", "zone", "lang", "organization", "place" } },
	{ "mcu", { "name", "adapter", "url", "secret", "pin", "ca", "width", "ports", "parent",
			 "owner", "cascade", "legacy" } },
	{ "calendar", { "id", "url", "folder", "files", "secret", "pin", "ca", "every", "playbook",
			      "session-playbook", "rehearsals", "sites" } },
	{ "network", { "name", "cidr", "tiers" } },
	{ "profile", { "file" } },
	{ "mail", { "url", "from", "reply-to", "secret", "pin", "ca", "department", "upper" } },
	{ "board", { "listen", "url" } },
	{ "sender", { "name", "key", "mcu", "as" } },
	{ "retired", { "server" } },
	{ "listen", { "url", "reach", "cert", "key" } },
};

/* "scheme:" at the front. */
static bool
has_scheme(const char *url)
{
	size_t n = strspn(url, "abcdefghijklmnopqrstuvwxyz0123456789+-.");
	return n > 1 && url[n] == ':';
}

/* ---- elements ---- */

static void
check_adapter(struct reader *r, struct workspace_mcu *m)
{
	size_t n = 0;
	while (mcu_adapters[n])
		n++;
	const char **names = arena_alloc(r->a, (n + 1) * sizeof *names);
	for (size_t i = 0; i < n; i++)
		names[i] = mcu_adapters[i]->name;
	if (!*m->adapter && !m->foreign)
		element_bad(r, STATE(m), T("mcu \"%s\" needs adapter=\"...\""), m->name);
	else if (*m->adapter && !mcu_adapter_find(m->adapter))
		element_bad(r, STATE(m), T("mcu \"%s\": no adapter \"%s\"%s"), m->name, m->adapter,
			faults_hint(r->faults, m->adapter, names));
	if (*m->url && !has_scheme(m->url))
		element_bad(r, STATE(m),
			T("mcu \"%s\": url \"%s\" does not begin with https:, ssh: or the like"),
			m->name, m->url);
	bool needs_url = *m->adapter && !str_eq(m->adapter, "manual") &&
			 !str_eq(m->adapter, "fake") && !str_eq(m->adapter, "skel");
	if (!*m->url && needs_url)
		element_bad(r, STATE(m), T("mcu \"%s\" needs url=\"...\""), m->name);
}

static void
read_mcu(struct reader *r, const struct xml *el)
{
	struct workspace *w = r->w;
	struct workspace_mcu *m =
		(w->mcus = vec_grow(r->a, w->mcus, w->mcus_n, &w->mcus_cap, sizeof *w->mcus),
			&w->mcus[w->mcus_n++]);
	int64_t number;
	*m = (struct workspace_mcu){ .line = el->line, .width = 1, .disabled_why = "" };
	element_schema_fault(r, STATE(m));
	m->name = element_text(r, el, "name", "");
	m->adapter = element_text(r, el, "adapter", "");
	m->url = element_text(r, el, "url", "");
	m->pin = element_given(r, el, "pin");
	m->parent = element_text(r, el, "parent", "");
	m->cascade = element_text(r, el, "cascade", "");
	m->foreign = str_eq(element_given(r, el, "owner"), "foreign");
	m->legacy = str_eq(element_given(r, el, "legacy"), "yes");
	if (str_to_int(element_text(r, el, "width", ""), 1, 64, &number))
		m->width = (int)number;
	if (str_to_int(element_text(r, el, "ports", ""), 1, 100000, &number))
		m->ports = (int)number;
	/* What the schema refused is read on: its other faults are told in the same pass. */
	m->ca = element_ca(r, el, STATE(m));
	for (size_t i = 0; i + 1 < w->mcus_n; i++) {
		if (*m->name && str_eq(w->mcus[i].name, m->name)) {
			element_bad(r, STATE(m), T("mcu \"%s\" is there already, in line %d"),
				m->name, w->mcus[i].line);
			break;
		}
	}
	check_adapter(r, m);
	if (!m->foreign)
		element_secret(r, element_given(r, el, "secret"), m->name, STATE(m), &m->user,
			&m->password);
	if (*m->cascade && !has_scheme(m->cascade))
		element_bad(r, STATE(m),
			T("mcu \"%s\": cascade \"%s\" does not begin with sip: or h323:"), m->name,
			m->cascade);
}

/* Parents must be there, and nobody his own. */
static void
check_parents(struct reader *r)
{
	struct workspace *w = r->w;
	const char *const *names = workspace_mcu_names(w, r->a);
	const struct workspace_mcu **above = arena_alloc(r->a, (w->mcus_n + 1) * sizeof *above);
	for (size_t i = 0; i < w->mcus_n; i++)
		above[i] = *w->mcus[i].parent ? workspace_mcu(w, w->mcus[i].parent) : NULL;
	for (size_t i = 0; i < w->mcus_n; i++) {
		struct workspace_mcu *m = &w->mcus[i];
		const struct workspace_mcu *up = m;
		if (*m->parent && !above[i])
			element_bad(r, STATE(m), T("mcu \"%s\": no mcu \"%s\" to be its parent%s"),
				m->name, m->parent, faults_hint(r->faults, m->parent, names));
		for (size_t step = 0; up && step <= w->mcus_n; step++) {
			up = above[up - w->mcus];
			if (up == m) {
				element_bad(r, STATE(m), T("mcu \"%s\" is above itself"), m->name);
				break;
			}
		}
	}
}

static void
read_root(struct reader *r, const struct xml *root)
{
	struct workspace *w = r->w;
	w->name = element_text(r, root, "name", "");
	const char *zone = element_text(r, root, "zone", w->zone);
	const char *lang = element_text(r, root, "lang", "vi");
	w->lang = str_eq(lang, "en") ? "en" : "vi";
	w->organization = element_text(r, root, "organization", "");
	w->place = element_text(r, root, "place", "");
	const char *file = arena_printf(r->a, "/usr/share/zoneinfo/%s", zone);
	struct stat st;
	if (*zone == '/' || strstr(zone, "..") || strlen(zone) > 128 || stat(file, &st) != 0 ||
		!S_ISREG(st.st_mode))
		faults_add(r->faults, r->file, root->line, T("no zone \"%s\", %s is used"), zone,
			w->zone);
	else
		w->zone = zone;
}

static void
read_element(struct reader *r, const struct xml *el)
{
	if (str_eq(el->name, "mcu"))
		read_mcu(r, el);
	else if (str_eq(el->name, "calendar"))
		element_calendar(r, el);
	else if (str_eq(el->name, "network"))
		element_network(r, el);
	else if (str_eq(el->name, "mail"))
		element_mail(r, el);
	else if (str_eq(el->name, "board"))
		element_board(r, el);
	else if (str_eq(el->name, "sender"))
		element_sender(r, el);
	else if (str_eq(el->name, "retired"))
		element_retired(r, el);
	else if (str_eq(el->name, "listen"))
		element_listen(r, el);
	else if (str_eq(el->name, "profile"))
		element_profile(r, el);
}

static void
hints(struct reader *r, const struct xml *el)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (!str_eq(el->name, known[i].name))
			continue;
		hint_attributes(r->faults, r->since, el, r->file, known[i].attributes);
		hint_form(r->faults, r->since, el, "pin",
			T("sha256//BASE64= (TLS) or SHA256:BASE64 (SSH)"));
		hint_form(r->faults, r->since, el, "key",
			T("ed25519//BASE64=, as the sender's `check` prints it"));
		hint_form(r->faults, r->since, el, "every", T("such as PT10M"));
		hint_form(r->faults, r->since, el, "name",
			T("A-Z a-z 0-9 . _ -, no blanks or marks"));
		hint_form(
			r->faults, r->since, el, "id", T("A-Z a-z 0-9 . _ -, no blanks or marks"));
	}
}

enum err
workspace_read(const char *dir, struct arena *a, struct faults *faults, struct workspace *out)
{
	workspace_paths(dir, a, out);
	struct reader r = { .a = a, .faults = faults, .w = out, .file = "tongduyet.xml" };
	struct err_text e = { .code = OK };
	const char *bytes = NULL;
	size_t n = 0;
	int mode;
	if (workspace_file(out->config_path, a, &bytes, &n, &mode, &e)) {
		faults_add(faults, r.file, 0, "%s", e.text);
		return ERR_INPUT;
	}
	workspace_secrets_read(out, faults);
	r.since = faults->n;
	const struct xml *root =
		xml_check(a, bytes, n, r.file, workspace_xsd, EMBED_SIZE(workspace_xsd), faults);
	r.schema = faults->n;
	if (!root || !str_eq(root->name, "tongduyet")) {
		if (faults->n == r.since)
			faults_add(faults, r.file, 0, T("the root must be <tongduyet>"));
		return ERR_INPUT;
	}
	hints(&r, root);
	read_root(&r, root);
	for (const struct xml *el = root->first; el; el = el->next) {
		hint_element(faults, r.since, el, r.file, elements);
		hints(&r, el);
		read_element(&r, el);
	}
	check_parents(&r);
	elements_check_posts(&r);
	elements_check_senders(&r);
	workspace_pin_load(out, NULL); /* what is wrong there tells who loads it by name */
	if (strlen(out->socket_path) > 107)
		faults_add(faults, r.file, 0,
			T("the path of the workspace is too long for its socket, at most 90 "
			  "bytes"));
	for (size_t i = 0; i < out->mcus_n; i++) {
		if (!out->mcus[i].disabled)
			return OK;
	}
	faults_add(faults, r.file, root->line, T("no usable <mcu>: nothing can be rehearsed"));
	return ERR_INPUT;
}
