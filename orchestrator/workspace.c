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

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

struct reader {
	struct arena *a;
	struct faults *faults;
	struct workspace *w;
	const char *file;
	size_t since, schema; /* the schema's faults are [since, schema) */
};

/* Where an element keeps that it is disabled. */
struct state {
	bool *disabled;
	const char **why;
	int line;
};

static void bad(struct reader *r, struct state s, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void
bad(struct reader *r, struct state s, const char *fmt, ...)
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

#define STATE(x) ((struct state){ &(x)->disabled, &(x)->disabled_why, (x)->line })

/* What the schema refused is disabled with the schema's words. */
static void
take_schema_fault(struct reader *r, struct state s)
{
	for (size_t i = r->since; i < r->schema && !*s.disabled; i++) {
		if (r->faults->at[i].line == s.line && str_eq(r->faults->at[i].file, r->file)) {
			*s.disabled = true;
			*s.why = r->faults->at[i].text;
		}
	}
}

/* An attribute, trimmed; NULL = not given. */
static const char *
given(struct reader *r, const struct xml *el, const char *name)
{
	const char *raw = xml_attr(el, name);
	return raw ? str_trim(arena_strdup(r->a, raw)) : NULL;
}

static const char *
text(struct reader *r, const struct xml *el, const char *name, const char *otherwise)
{
	const char *s = given(r, el, name);
	return s ? s : otherwise;
}

static const char *
below(struct reader *r, const char *path)
{
	return *path == '/' ? path : arena_printf(r->a, "%s/%s", r->w->dir, path);
}

/* A file in PEM: absolute, and there. */
static const char *
pem_file(struct reader *r, const struct xml *el, const char *name, struct state s)
{
	const char *path = given(r, el, name);
	if (!path)
		return NULL;
	path = below(r, path);
	if (access(path, R_OK) != 0)
		bad(r, s, "%s=\"%s\": %s", name, path, strerror(errno));
	return path;
}

static const char *
ca_file(struct reader *r, const struct xml *el, struct state s)
{
	return pem_file(r, el, "ca", s);
}

static void
resolve_secret(struct reader *r, const char *secret, const char *fallback, struct state s,
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
		bad(r, s, "no secret \"%s\" in secrets.xml%s", secret,
			faults_hint(r->faults, secret, names));
	}
}

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
		bad(r, STATE(m), "mcu \"%s\" needs adapter=\"...\"", m->name);
	else if (*m->adapter && !mcu_adapter_find(m->adapter))
		bad(r, STATE(m), "mcu \"%s\": no adapter \"%s\"%s", m->name, m->adapter,
			faults_hint(r->faults, m->adapter, names));
	if (*m->url && !has_scheme(m->url))
		bad(r, STATE(m),
			"mcu \"%s\": url \"%s\" does not begin with https:, ssh: or the like",
			m->name, m->url);
	bool needs_url = *m->adapter && !str_eq(m->adapter, "manual") &&
			 !str_eq(m->adapter, "fake") && !str_eq(m->adapter, "skel");
	if (!*m->url && needs_url)
		bad(r, STATE(m), "mcu \"%s\" needs url=\"...\"", m->name);
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
	take_schema_fault(r, STATE(m));
	m->name = text(r, el, "name", "");
	m->adapter = text(r, el, "adapter", "");
	m->url = text(r, el, "url", "");
	m->secret = text(r, el, "secret", "");
	m->pin = given(r, el, "pin");
	m->parent = text(r, el, "parent", "");
	m->cascade = text(r, el, "cascade", "");
	m->foreign = str_eq(given(r, el, "owner"), "foreign");
	m->legacy = str_eq(given(r, el, "legacy"), "yes");
	if (str_to_int(text(r, el, "width", ""), 1, 64, &number))
		m->width = (int)number;
	if (str_to_int(text(r, el, "ports", ""), 1, 100000, &number))
		m->ports = (int)number;
	/* What the schema refused is read on: its other faults are told in the same pass. */
	m->ca = ca_file(r, el, STATE(m));
	for (size_t i = 0; i + 1 < w->mcus_n; i++) {
		if (*m->name && str_eq(w->mcus[i].name, m->name)) {
			bad(r, STATE(m), "mcu \"%s\" is there already, in line %d", m->name,
				w->mcus[i].line);
			break;
		}
	}
	check_adapter(r, m);
	if (!m->foreign)
		resolve_secret(
			r, given(r, el, "secret"), m->name, STATE(m), &m->user, &m->password);
	if (*m->cascade && !has_scheme(m->cascade))
		bad(r, STATE(m),
			"mcu \"%s\": cascade \"%s\" does not begin with sip: or h323:", m->name,
			m->cascade);
}

static void
read_files(struct reader *r, struct workspace_calendar *c, const char *list)
{
	size_t n;
	char **parts = str_split(r->a, list, " ,;", &n);
	const char **files = arena_alloc(r->a, (n + 1) * sizeof *files);
	for (size_t i = 0; i < n; i++) {
		files[i] = below(r, parts[i]);
		if (access(files[i], R_OK) != 0)
			bad(r, STATE(c), "calendar \"%s\": %s: %s", c->id, files[i],
				strerror(errno));
	}
	c->files = files;
}

/* Names of playbooks, each once: two runs of one name would be one run. */
static const char *const *
read_rehearsals(struct reader *r, const struct workspace_calendar *c, const char *list)
{
	size_t n, kept = 0;
	char **parts = str_split(r->a, list, " ,;", &n);
	const char **out = arena_alloc(r->a, (n + 1) * sizeof *out);
	for (size_t i = 0; i < n; i++) {
		bool twice = str_eq(parts[i], c->playbook) || str_eq(parts[i], c->session_playbook);
		for (size_t k = 0; k < kept; k++)
			twice = twice || str_eq(out[k], parts[i]);
		if (twice)
			faults_add(r->faults, r->file, c->line,
				"calendar \"%s\": rehearsals names %s, which it has already: it is used once", c->id,
				parts[i]);
		else
			out[kept++] = parts[i];
	}
	return out;
}

static void
read_calendar(struct reader *r, const struct xml *el)
{
	static const char *const none[] = { NULL };
	struct workspace *w = r->w;
	struct workspace_calendar *c = (w->calendars = vec_grow(r->a, w->calendars, w->calendars_n,
						&w->calendars_cap, sizeof *w->calendars),
		&w->calendars[w->calendars_n++]);
	*c = (struct workspace_calendar){
		.line = el->line, .files = none, .rehearsals = none, .every_ms = 600000, .disabled_why = ""
	};
	take_schema_fault(r, STATE(c));
	const char *folder = given(r, el, "folder"), *files = given(r, el, "files"),
		   *every = given(r, el, "every");
	c->id = text(r, el, "id", "");
	c->url = text(r, el, "url", "");
	c->folder = folder ? below(r, folder) : "";
	c->secret = text(r, el, "secret", "");
	c->pin = given(r, el, "pin");
	c->playbook = text(r, el, "playbook", "tong-duyet");
	c->session_playbook = text(r, el, "session-playbook", "");
	c->rehearsals = read_rehearsals(r, c, text(r, el, "rehearsals", ""));
	c->sites = text(r, el, "sites", "all");
	c->ca = ca_file(r, el, STATE(c));
	if (files)
		read_files(r, c, files);
	int64_t ms;
	if (every && duration_parse(every, &ms) && ms < 10000)
		bad(r, STATE(c), "calendar \"%s\": every %s is shorter than PT10S", c->id, every);
	else if (every && duration_parse(every, &ms))
		c->every_ms = ms;
	if (!!*c->url + !!folder + !!files != 1)
		bad(r, STATE(c), "calendar \"%s\" needs exactly one of url, folder, files", c->id);
	if (*c->url && !str_starts(c->url, "http://") && !str_starts(c->url, "https://"))
		bad(r, STATE(c), "calendar \"%s\": url \"%s\" is not https: or http:", c->id,
			c->url);
	struct stat st;
	if (folder && (stat(c->folder, &st) != 0 || !S_ISDIR(st.st_mode)))
		bad(r, STATE(c), "calendar \"%s\": no folder %s", c->id, c->folder);
	for (size_t i = 0; i + 1 < w->calendars_n; i++) {
		if (*c->id && str_eq(w->calendars[i].id, c->id)) {
			bad(r, STATE(c), "calendar \"%s\" is there already, in line %d", c->id,
				w->calendars[i].line);
			break;
		}
	}
	resolve_secret(r, given(r, el, "secret"), c->id, STATE(c), &c->user, &c->password);
}

static void
read_network(struct reader *r, const struct xml *el)
{
	static const char *const tiers[] = { "central", "province", "commune", "other" };
	struct workspace *w = r->w;
	struct workspace_network *n = (w->networks = vec_grow(r->a, w->networks, w->networks_n,
					       &w->networks_cap, sizeof *w->networks),
		&w->networks[w->networks_n++]);
	*n = (struct workspace_network){ .line = el->line, .disabled_why = "" };
	take_schema_fault(r, STATE(n));
	n->name = text(r, el, "name", "");
	n->cidr = text(r, el, "cidr", "");
	char **words = str_split(
		r->a, text(r, el, "tiers", "central province commune other"), " \t\r\n", NULL);
	for (; *words; words++) {
		for (unsigned i = 0; i < 4; i++)
			n->tiers |= str_eq(*words, tiers[i]) ? 1u << i : 0;
	}
	if (n->disabled)
		return;
	char *address = arena_strdup(r->a, n->cidr), *slash = strchr(address, '/');
	int64_t prefix = -1;
	if (slash)
		*slash = 0;
	n->family = strchr(address, ':') ? AF_INET6 : AF_INET;
	int most = n->family == AF_INET6 ? 128 : 32;
	if (inet_pton(n->family, address, n->address) != 1 ||
		(slash && !str_to_int(slash + 1, 0, most, &prefix)))
		bad(r, STATE(n), "network \"%s\": \"%s\" is not like 10.0.0.0/8 or fd00::/8",
			n->name, n->cidr);
	n->prefix = prefix < 0 ? most : (int)prefix;
}

static void
read_mail(struct reader *r, const struct xml *el)
{
	struct workspace_mail *m = &r->w->mail;
	if (*m->url) {
		faults_add(r->faults, r->file, el->line, "a second <mail>: the first is in line %d",
			m->line);
		return;
	}
	m->line = el->line;
	take_schema_fault(r, STATE(m));
	m->url = text(r, el, "url", "");
	m->from = text(r, el, "from", "");
	m->reply_to = text(r, el, "reply-to", "");
	m->secret = text(r, el, "secret", "");
	m->pin = given(r, el, "pin");
	m->department = text(r, el, "department", "");
	m->upper = text(r, el, "upper", "");
	if (m->disabled)
		return;
	m->ca = ca_file(r, el, STATE(m));
	if (!str_starts(m->url, "smtp://") && !str_starts(m->url, "smtps://") && !str_starts(m->url, "file:///"))
		bad(r, STATE(m), "mail: url \"%s\" is not smtp:, smtps: or file:///FOLDER", m->url);
	if (!strchr(m->from, '@'))
		bad(r, STATE(m), "mail: from \"%s\" is not an address", m->from);
	resolve_secret(r, given(r, el, "secret"), "mail", STATE(m), &m->user, &m->password);
}

static void
read_board(struct reader *r, const struct xml *el)
{
	struct workspace_board *b = &r->w->board;
	int64_t port;
	if (*b->listen) {
		faults_add(r->faults, r->file, el->line,
			"a second <board>: the first is in line %d", b->line);
		return;
	}
	b->line = el->line;
	take_schema_fault(r, STATE(b));
	b->listen = text(r, el, "listen", "");
	b->url = text(r, el, "url", "");
	const char *colon = strrchr(b->listen, ':');
	if (b->disabled)
		return;
	if (!colon || !str_to_int(colon + 1, 1, 65535, &port))
		bad(r, STATE(b), "board: listen \"%s\" is not like 127.0.0.1:8090", b->listen);
	else if (!str_starts(b->listen, "127.") && !str_starts(b->listen, "[::1]:"))
		bad(r, STATE(b),
			"board: listen \"%s\" is not on this machine alone, perhaps "
			"\"127.0.0.1%s\"",
			b->listen, colon);
}

static void
read_listen(struct reader *r, const struct xml *el)
{
	struct workspace_listen *l = &r->w->listen;
	if (*l->url) {
		faults_add(r->faults, r->file, el->line, "a second <listen>: the first is in line %d", l->line);
		return;
	}
	l->line = el->line;
	take_schema_fault(r, STATE(l));
	l->url = text(r, el, "url", "");
	if (l->disabled)
		return;
	l->cert = pem_file(r, el, "cert", STATE(l));
	l->key = pem_file(r, el, "key", STATE(l));
	const char *why = workspace_listen_take(l, given(r, el, "reach"), r->a);
	if (why && !l->disabled)
		bad(r, STATE(l), "%s", why);
}

/* Whose posts are expected and cannot be told from others'. */
static void
check_posts(struct reader *r)
{
	const struct workspace *w = r->w;
	char host[64];
	for (size_t i = 0; *w->listen.url && !w->listen.disabled && i < w->mcus_n; i++) {
		const struct workspace_mcu *m = &w->mcus[i];
		const struct mcu_adapter *adapter = m->disabled || m->foreign ? NULL : mcu_adapter_find(m->adapter);
		if (adapter && adapter->subscribe && !workspace_posts(w, m->adapter, m->url, host))
			faults_add(r->faults, r->file, m->line,
				"mcu \"%s\": its url has a name; a device that posts is known by its number, so nothing of it is taken", m->name);
	}
}

static void
read_sender(struct reader *r, const struct xml *el)
{
	struct workspace *w = r->w;
	struct workspace_sender *s = (w->senders = vec_grow(r->a, w->senders, w->senders_n, &w->senders_cap,
					      sizeof *w->senders),
		&w->senders[w->senders_n++]);
	*s = (struct workspace_sender){ .line = el->line, .disabled_why = "" };
	take_schema_fault(r, STATE(s));
	s->name = text(r, el, "name", "");
	s->key = text(r, el, "key", "");
	s->mcu = text(r, el, "mcu", "");
	s->as = text(r, el, "as", "");
	for (size_t i = 0; i + 1 < w->senders_n; i++)
		if (str_eq(w->senders[i].key, s->key) || str_eq(w->senders[i].name, s->name))
			bad(r, STATE(s), "sender \"%s\": name and key are of one sender; see line %d", s->name,
				w->senders[i].line);
}

/* The list ends with NULL at all times. */
static void
read_retired(struct reader *r, const struct xml *el)
{
	struct workspace *w = r->w;
	const char *server = text(r, el, "server", "");
	if (!*server)
		return;
	const char **more = arena_alloc(r->a, (w->retired_n + 2) * sizeof *more);
	if (w->retired_n)
		memcpy(more, w->retired, w->retired_n * sizeof *more);
	more[w->retired_n++] = server;
	w->retired = more;
}

/* When all MCUs are known. */
static void
check_senders(struct reader *r)
{
	for (size_t i = 0; i < r->w->senders_n; i++) {
		struct workspace_sender *s = &r->w->senders[i];
		if (*s->mcu && !workspace_mcu(r->w, s->mcu))
			bad(r, STATE(s), "sender \"%s\": no mcu \"%s\"%s", s->name, s->mcu,
				faults_hint(r->faults, s->mcu, workspace_mcu_names(r->w, r->a)));
	}
}

static void
read_profile(struct reader *r, const struct xml *el)
{
	const char *file = text(r, el, "file", "");
	if (*r->w->profile)
		faults_add(r->faults, r->file, el->line, "a second <profile>");
	else if (str_starts(file, "playbooks/") && file[10])
		r->w->profile = file + 10;
	else if (*file)
		faults_add(r->faults, r->file, el->line,
			"profile \"%s\" is not in playbooks/: it is versioned with the playbooks",
			file);
}

/* Parents must be there, and nobody his own. */
static void
check_parents(struct reader *r)
{
	struct workspace *w = r->w;
	const char *const *names = workspace_mcu_names(w, r->a);
	for (size_t i = 0; i < w->mcus_n; i++) {
		struct workspace_mcu *m = &w->mcus[i];
		const struct workspace_mcu *up = m;
		if (*m->parent && !workspace_mcu(w, m->parent))
			bad(r, STATE(m), "mcu \"%s\": no mcu \"%s\" to be its parent%s", m->name,
				m->parent, faults_hint(r->faults, m->parent, names));
		for (size_t step = 0; up && *up->parent && step <= w->mcus_n; step++) {
			up = workspace_mcu(w, up->parent);
			if (up == m) {
				bad(r, STATE(m), "mcu \"%s\" is above itself", m->name);
				break;
			}
		}
	}
}

static void
read_root(struct reader *r, const struct xml *root)
{
	struct workspace *w = r->w;
	w->name = text(r, root, "name", "");
	const char *zone = text(r, root, "zone", w->zone);
	const char *lang = text(r, root, "lang", "vi");
	w->lang = str_eq(lang, "en") ? "en" : "vi";
	w->organization = text(r, root, "organization", "");
	w->place = text(r, root, "place", "");
	const char *file = arena_printf(r->a, "/usr/share/zoneinfo/%s", zone);
	struct stat st;
	if (*zone == '/' || strstr(zone, "..") || strlen(zone) > 128 || stat(file, &st) != 0 ||
		!S_ISREG(st.st_mode))
		faults_add(r->faults, r->file, root->line, "no zone \"%s\", %s is used", zone,
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
		read_calendar(r, el);
	else if (str_eq(el->name, "network"))
		read_network(r, el);
	else if (str_eq(el->name, "mail"))
		read_mail(r, el);
	else if (str_eq(el->name, "board"))
		read_board(r, el);
	else if (str_eq(el->name, "sender"))
		read_sender(r, el);
	else if (str_eq(el->name, "retired"))
		read_retired(r, el);
	else if (str_eq(el->name, "listen"))
		read_listen(r, el);
	else if (str_eq(el->name, "profile"))
		read_profile(r, el);
}

static void
hints(struct reader *r, const struct xml *el)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (!str_eq(el->name, known[i].name))
			continue;
		hint_attributes(r->faults, r->since, el, r->file, known[i].attributes);
		hint_form(r->faults, r->since, el, "pin",
			"sha256//BASE64= (TLS) or SHA256:BASE64 (SSH)");
		hint_form(r->faults, r->since, el, "key", "ed25519//BASE64=, as the sender's `check` prints it");
		hint_form(r->faults, r->since, el, "every", "such as PT10M");
		hint_form(r->faults, r->since, el, "name", "A-Z a-z 0-9 . _ -, no blanks or marks");
		hint_form(r->faults, r->since, el, "id", "A-Z a-z 0-9 . _ -, no blanks or marks");
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
			faults_add(faults, r.file, 0, "the root must be <tongduyet>");
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
	check_posts(&r);
	check_senders(&r);
	workspace_pin_load(out, NULL); /* what is wrong there tells who loads it by name */
	if (strlen(out->socket_path) > 107)
		faults_add(faults, r.file, 0,
			"the path of the workspace is too long for its socket, at most 90 bytes");
	for (size_t i = 0; i < out->mcus_n; i++) {
		if (!out->mcus[i].disabled)
			return OK;
	}
	faults_add(faults, r.file, root->line, "no usable <mcu>: nothing can be rehearsed");
	return ERR_INPUT;
}
