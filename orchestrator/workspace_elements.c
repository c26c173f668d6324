/* The elements of tongduyet.xml beside the MCUs: calendars, networks, mail, board, listener,
 * senders of signed results, servers to be left, profile.
 *
 * Called by workspace_read() for each element. Everything lies on its arena. What is wrong disables
 * the element and is named. */
#include "workspace_read.h"

#include "adapters/wire/xml.h"
#include "base/instant.h"
#include "base/net.h"
#include "base/str.h"
#include "base/vec.h"
#include "workspace_files.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
read_files(struct reader *r, struct workspace_calendar *c, const char *list)
{
	size_t n;
	char **parts = str_split(r->a, list, " ,;", &n);
	const char **files = arena_alloc(r->a, (n + 1) * sizeof *files);
	for (size_t i = 0; i < n; i++) {
		files[i] = element_below(r, parts[i]);
		if (access(files[i], R_OK) != 0)
			element_bad(r, STATE(c), T("calendar \"%s\": %s: %s"), c->id, files[i],
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
				T("calendar \"%s\": rehearsals names %s, which it has already: it "
				  "is "
				  "used once"),
				c->id, parts[i]);
		else
			out[kept++] = parts[i];
	}
	return out;
}

void
element_calendar(struct reader *r, const struct xml *el)
{
	static const char *const none[] = { NULL };
	struct workspace *w = r->w;
	struct workspace_calendar *c = (w->calendars = vec_grow(r->a, w->calendars, w->calendars_n,
						&w->calendars_cap, sizeof *w->calendars),
		&w->calendars[w->calendars_n++]);
	*c = (struct workspace_calendar){ .line = el->line,
		.files = none,
		.rehearsals = none,
		.every_ms = 600000,
		.disabled_why = "" };
	element_schema_fault(r, STATE(c));
	const char *folder = element_given(r, el, "folder"), *files = element_given(r, el, "files"),
		   *every = element_given(r, el, "every");
	c->id = element_text(r, el, "id", "");
	c->url = element_text(r, el, "url", "");
	c->folder = folder ? element_below(r, folder) : "";
	c->pin = element_given(r, el, "pin");
	c->playbook = element_text(r, el, "playbook", "tong-duyet");
	c->session_playbook = element_text(r, el, "session-playbook", "");
	c->rehearsals = read_rehearsals(r, c, element_text(r, el, "rehearsals", ""));
	c->sites = element_text(r, el, "sites", "all");
	c->ca = element_ca(r, el, STATE(c));
	if (files)
		read_files(r, c, files);
	int64_t ms;
	if (every && duration_parse(every, &ms) && ms < 10000)
		element_bad(r, STATE(c), T("calendar \"%s\": every %s is shorter than PT10S"),
			c->id, every);
	else if (every && duration_parse(every, &ms))
		c->every_ms = ms;
	if (!!*c->url + !!folder + !!files != 1)
		element_bad(r, STATE(c),
			T("calendar \"%s\" needs exactly one of url, folder, files"), c->id);
	const char *host = strstr(c->url, "://");
	if (*c->url && ((!str_starts(c->url, "http://") && !str_starts(c->url, "https://")) ||
			       !host[3] || strchr("/?#", host[3])))
		element_bad(r, STATE(c), T("calendar \"%s\": url \"%s\" is not https: or http:"),
			c->id, c->url);
	struct stat st;
	if (folder && (stat(c->folder, &st) != 0 || !S_ISDIR(st.st_mode)))
		element_bad(r, STATE(c), T("calendar \"%s\": no folder %s"), c->id, c->folder);
	for (size_t i = 0; i + 1 < w->calendars_n; i++) {
		if (*c->id && str_eq(w->calendars[i].id, c->id)) {
			element_bad(r, STATE(c), T("calendar \"%s\" is there already, in line %d"),
				c->id, w->calendars[i].line);
			break;
		}
	}
	element_secret(r, element_given(r, el, "secret"), c->id, STATE(c), &c->user, &c->password);
}

void
element_network(struct reader *r, const struct xml *el)
{
	static const char *const tiers[] = { "central", "province", "commune", "other" };
	struct workspace *w = r->w;
	struct workspace_network *n = (w->networks = vec_grow(r->a, w->networks, w->networks_n,
					       &w->networks_cap, sizeof *w->networks),
		&w->networks[w->networks_n++]);
	*n = (struct workspace_network){ .line = el->line, .disabled_why = "" };
	element_schema_fault(r, STATE(n));
	n->name = element_text(r, el, "name", "");
	n->cidr = element_text(r, el, "cidr", "");
	char **words = str_split(r->a,
		element_text(r, el, "tiers", "central province commune other"), " \t\r\n", NULL);
	for (; *words; words++) {
		for (unsigned i = 0; i < 4; i++)
			n->tiers |= str_eq(*words, tiers[i]) ? 1u << i : 0;
	}
	if (n->disabled)
		return;
	const char *first = arena_strndup(r->a, n->cidr, strcspn(n->cidr, "/"));
	if (!net_contains(n->cidr, first))
		element_bad(r, STATE(n),
			T("network \"%s\": \"%s\" is not like 10.0.0.0/8 or fd00::/8"), n->name,
			n->cidr);
}

void
element_mail(struct reader *r, const struct xml *el)
{
	struct workspace_mail *m = &r->w->mail;
	if (*m->url) {
		faults_add(r->faults, r->file, el->line,
			T("a second <mail>: the first is in line %d"), m->line);
		return;
	}
	m->line = el->line;
	element_schema_fault(r, STATE(m));
	m->url = element_text(r, el, "url", "");
	m->from = element_text(r, el, "from", "");
	m->reply_to = element_text(r, el, "reply-to", "");
	m->pin = element_given(r, el, "pin");
	m->department = element_text(r, el, "department", "");
	m->upper = element_text(r, el, "upper", "");
	if (m->disabled)
		return;
	m->ca = element_ca(r, el, STATE(m));
	if (!str_starts(m->url, "smtp://") && !str_starts(m->url, "smtps://") &&
		!str_starts(m->url, "file:///"))
		element_bad(r, STATE(m),
			T("mail: url \"%s\" is not smtp:, smtps: or file:///FOLDER"), m->url);
	if (!strchr(m->from, '@'))
		element_bad(r, STATE(m), T("mail: from \"%s\" is not an address"), m->from);
	element_secret(r, element_given(r, el, "secret"), "mail", STATE(m), &m->user, &m->password);
}

void
element_board(struct reader *r, const struct xml *el)
{
	struct workspace_board *b = &r->w->board;
	int64_t port;
	if (*b->listen) {
		faults_add(r->faults, r->file, el->line,
			T("a second <board>: the first is in line %d"), b->line);
		return;
	}
	b->line = el->line;
	element_schema_fault(r, STATE(b));
	b->listen = element_text(r, el, "listen", "");
	b->url = element_text(r, el, "url", "");
	const char *colon = strrchr(b->listen, ':');
	if (b->disabled)
		return;
	if (!colon || !str_to_int(colon + 1, 1, 65535, &port))
		element_bad(r, STATE(b), T("board: listen \"%s\" is not like 127.0.0.1:8090"),
			b->listen);
	else if (!str_starts(b->listen, "127.") && !str_starts(b->listen, "[::1]:"))
		element_bad(r, STATE(b),
			T("board: listen \"%s\" is not on this machine alone, perhaps "
			  "\"127.0.0.1%s\""),
			b->listen, colon);
}

void
element_listen(struct reader *r, const struct xml *el)
{
	struct workspace_listen *l = &r->w->listen;
	if (*l->url) {
		faults_add(r->faults, r->file, el->line,
			T("a second <listen>: the first is in line %d"), l->line);
		return;
	}
	l->line = el->line;
	element_schema_fault(r, STATE(l));
	l->url = element_text(r, el, "url", "");
	if (l->disabled)
		return;
	l->cert = element_pem(r, el, "cert", STATE(l));
	l->key = element_pem(r, el, "key", STATE(l));
	const char *why = workspace_listen_take(l, element_given(r, el, "reach"), r->a);
	if (why && !l->disabled)
		element_bad(r, STATE(l), "%s", why);
}

/* Whose posts are expected and cannot be told from others'. */
void
elements_check_posts(struct reader *r)
{
	const struct workspace *w = r->w;
	char host[64];
	for (size_t i = 0; *w->listen.url && !w->listen.disabled && i < w->mcus_n; i++) {
		const struct workspace_mcu *m = &w->mcus[i];
		const struct mcu_adapter *adapter =
			m->disabled || m->foreign ? NULL : mcu_adapter_find(m->adapter);
		if (adapter && adapter->subscribe && !workspace_posts(w, m->adapter, m->url, host))
			faults_add(r->faults, r->file, m->line,
				T("mcu \"%s\": its url has a name; a device that posts is known by "
				  "its number, so nothing of it is taken"),
				m->name);
	}
}

void
element_sender(struct reader *r, const struct xml *el)
{
	struct workspace *w = r->w;
	struct workspace_sender *s = (w->senders = vec_grow(r->a, w->senders, w->senders_n,
					      &w->senders_cap, sizeof *w->senders),
		&w->senders[w->senders_n++]);
	*s = (struct workspace_sender){ .line = el->line, .disabled_why = "" };
	element_schema_fault(r, STATE(s));
	s->name = element_text(r, el, "name", "");
	s->key = element_text(r, el, "key", "");
	s->mcu = element_text(r, el, "mcu", "");
	s->as = element_text(r, el, "as", "");
	for (size_t i = 0; i + 1 < w->senders_n; i++)
		if (str_eq(w->senders[i].key, s->key) || str_eq(w->senders[i].name, s->name))
			element_bad(r, STATE(s),
				T("sender \"%s\": name and key are of one sender; see line %d"),
				s->name, w->senders[i].line);
}

/* The list ends with NULL at all times. */
void
element_retired(struct reader *r, const struct xml *el)
{
	struct workspace *w = r->w;
	const char *server = element_text(r, el, "server", "");
	if (!*server)
		return;
	const char **more = arena_alloc(r->a, (w->retired_n + 2) * sizeof *more);
	if (w->retired_n)
		memcpy(more, w->retired, w->retired_n * sizeof *more);
	more[w->retired_n++] = server;
	w->retired = more;
}

/* When all MCUs are known. */
void
elements_check_senders(struct reader *r)
{
	for (size_t i = 0; i < r->w->senders_n; i++) {
		struct workspace_sender *s = &r->w->senders[i];
		if (*s->mcu && !workspace_mcu(r->w, s->mcu))
			element_bad(r, STATE(s), T("sender \"%s\": no mcu \"%s\"%s"), s->name,
				s->mcu,
				faults_hint(r->faults, s->mcu, workspace_mcu_names(r->w, r->a)));
	}
}

void
element_profile(struct reader *r, const struct xml *el)
{
	const char *file = element_text(r, el, "file", "");
	if (*r->w->profile)
		faults_add(r->faults, r->file, el->line, T("a second <profile>"));
	else if (str_starts(file, "playbooks/") && file[10])
		r->w->profile = file + 10;
	else if (*file)
		faults_add(r->faults, r->file, el->line,
			T("profile \"%s\" is not in playbooks/: it is versioned with the "
			  "playbooks"),
			file);
}
