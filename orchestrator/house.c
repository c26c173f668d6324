/* Reading the workspace whole: configuration, directory, playbooks at HEAD, calendars.
 *
 * Called by the coordinator's planning job and by the verbs that show or check something. A struct
 * house owns its arena and is not changed after reading, so it may be handed from a worker to the
 * coordinator. A fault in one file disables what it is about and nothing else. It must never
 * decide, contact a device or ask the time. */
#include "house.h"

#include "base/hash.h"
#include "base/instant.h"
#include "base/str.h"
#include "paper.h"
#include "playbooks/vault.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PLAYBOOKS_MOST = 500, FILES_MOST = 2000, FEED_GRACE_MS = 5 * 60 * 1000 };

/* ---- playbooks ------------------------------------------------------------------------------- */

static void
add_playbook(struct house *h, const char *path, const char *xml, size_t n)
{
	size_t before = h->faults.n;
	const char *file = arena_printf(h->arena, "playbooks/%s", path);
	struct house_playbook *p = vec_add_in(h->arena, &h->playbooks);
	p->path = arena_strdup(h->arena, path);
	p->name = arena_strndup(h->arena, path, strlen(path) - strlen(".xml"));
	p->xml = xml;
	p->playbook = playbook_parse(xml, n, file, h->arena, &h->faults);
	if (p->playbook && !str_eq(p->playbook->name, p->name)) {
		faults_add(&h->faults, file, 2,
			T("the playbook calls itself \"%s\": name and file name must be the same"),
			p->playbook->name);
		p->playbook = NULL;
	}
	if (p->playbook)
		return;
	p->broken = h->faults.n > before ? h->faults.at[before].text : "cannot be read";
	p->broken_line = h->faults.n > before ? h->faults.at[before].line : 0;
}

static void
read_profile(struct house *h, struct vault *v)
{
	struct err_text e = { 0 };
	const char *bytes;
	size_t n;
	struct profile unused;
	if (str_empty(h->ws.profile))
		return;
	const char *file = arena_printf(h->arena, "playbooks/%s", h->ws.profile);
	if (vault_read(v, h->commit, h->ws.profile, h->arena, &bytes, &n, &e) != OK) {
		faults_add(&h->faults, file, 0, T("%s: the defaults are used"), e.text);
		return;
	}
	profile_parse(bytes, n, file, h->arena, &h->faults, &unused);
	h->profile_xml = bytes;
}

static void
read_playbooks(struct house *h)
{
	struct err_text e = { 0 };
	struct vault *v = NULL;
	struct vault_entry *entries;
	size_t n;
	h->commit = h->profile_xml = "";
	if (vault_open(h->ws.playbooks_dir, &v, &e) != OK ||
		vault_resolve(v, "HEAD", h->arena, &h->commit, &e) != OK ||
		vault_list(v, h->commit, h->arena, &entries, &n, &e) != OK) {
		faults_add(&h->faults, "playbooks", 0, "%s", e.text);
		if (v)
			vault_close(v);
		h->commit = "";
		return;
	}
	for (size_t i = 0; i < n && i < PLAYBOOKS_MOST; i++) {
		const char *path = entries[i].path, *bytes;
		size_t size;
		if (!str_ends(path, ".xml") || strchr(path, '/') || str_eq(path, h->ws.profile) ||
			str_eq(path, "profile.xml"))
			continue;
		if (vault_read(v, h->commit, path, h->arena, &bytes, &size, &e) == OK)
			add_playbook(h, path, bytes, size);
	}
	read_profile(h, v);
	h->dirty = vault_dirty(v);
	vault_close(v);
}

const struct house_playbook *
house_playbook(const struct house *h, const char *name)
{
	for (size_t i = 0; i < h->playbooks.n; i++)
		if (str_eq(h->playbooks.at[i].name, name))
			return &h->playbooks.at[i];
	return NULL;
}

/* What the plan must know of a playbook; a missing one is a broken one. */
static struct plan_playbook
plan_playbook_of(struct house *h, const struct workspace_calendar *c, const char *name)
{
	struct plan_playbook out = { .name = name, .commit = h->commit };
	const struct house_playbook *p = house_playbook(h, name);
	if (str_empty(name))
		return (struct plan_playbook){ .name = "", .commit = "" };
	if (!p) {
		const char **names = arena_alloc(h->arena, (h->playbooks.n + 1) * sizeof *names);
		for (size_t i = 0; i < h->playbooks.n; i++)
			names[i] = h->playbooks.at[i].name;
		out.broken = arena_printf(h->arena, T("no playbook \"%s\" is committed%s"), name,
			faults_hint(&h->faults, name, names));
		faults_add(&h->faults, "tongduyet.xml", c->line, T("calendar %s: %s"), c->id,
			out.broken);
		return out;
	}
	if (!p->playbook) {
		out.broken = p->broken;
		out.broken_line = p->broken_line;
		return out;
	}
	out.drill = p->playbook->phase == PHASE_DRILL;
	out.session_phase = p->playbook->phase == PHASE_SESSION;
	out.anchor_event = p->playbook->anchor == ANCHOR_EVENT;
	out.first_at = playbook_first(p->playbook);
	out.last_at = playbook_last(p->playbook);
	return out;
}

/* ---- calendars ------------------------------------------------------------------------------- */

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The .ics files of a folder, sorted, behind the files that are named one by one. */
static const char *const *
calendar_files(struct house *h, const struct workspace_calendar *c)
{
	VEC(const char *) files = { 0 };
	for (size_t i = 0; c->files && c->files[i]; i++)
		*vec_add_in(h->arena, &files) = c->files[i];
	size_t named = files.n;
	DIR *dir = str_empty(c->folder) ? NULL : opendir(c->folder);
	if (!str_empty(c->folder) && !dir)
		faults_add(&h->faults, "tongduyet.xml", c->line,
			T("calendar %s: folder %s cannot be read"), c->id, c->folder);
	for (struct dirent *d; dir && files.n < FILES_MOST && (d = readdir(dir));)
		if (str_ends(d->d_name, ".ics") && d->d_name[0] != '.')
			*vec_add_in(h->arena, &files) =
				arena_printf(h->arena, "%s/%s", c->folder, d->d_name);
	if (dir)
		closedir(dir);
	if (files.n > named)
		qsort(files.at + named, files.n - named, sizeof *files.at, by_text);
	*vec_add_in(h->arena, &files) = NULL;
	return files.at;
}

struct feed_source
house_feed(const struct workspace_calendar *c)
{
	return (struct feed_source){ .id = c->id,
		.url = c->url,
		.user = c->user,
		.password = c->password,
		.pin = c->pin,
		.ca_file = c->ca,
		.every_ms = c->every_ms };
}

const char *
house_feeds_dir(const struct workspace *w, struct arena *a)
{
	return arena_printf(a, "%s/feeds", w->state_dir);
}

/* The last good copy; whatever is wrong with it is named in `check`, in every plan and in every
 * report. */
static const char *const *
feed_files(struct house *h, const struct workspace_calendar *c)
{
	struct feed_source source = house_feed(c);
	struct feed_state st;
	char when[INSTANT_SIZE];
	const char *why = NULL;
	feed_last(&source, house_feeds_dir(&h->ws, h->arena), h->now, h->arena, &st);
	if (st.code == ERR_AUTH)
		why = T("its server refused our login; correct it, or `tongduyet calendar refresh` "
			"to try again");
	else if (!st.fetched_at)
		why = T("was never read from its server; `tongduyet calendar refresh` does it now");
	else if (h->now - st.fetched_at > 2 * c->every_ms + FEED_GRACE_MS)
		why = T("its server has not answered");
	if (why && st.fetched_at)
		why = arena_printf(h->arena, T("%s; the copy of %s is used, %lld minutes old"), why,
			instant_rfc3339(st.fetched_at, when),
			(long long)((h->now - st.fetched_at) / 60000));
	if (why) {
		*vec_add_in(h->arena, &h->stale) =
			(struct house_stale){ .calendar = c->id, .why = why };
		faults_add(&h->faults, "tongduyet.xml", c->line, T("calendar %s: %s"), c->id, why);
	}
	return st.files;
}

/* What events may ask for by name. */
static struct plan_playbook *
known_playbooks(struct house *h, const struct workspace_calendar *c)
{
	struct plan_playbook *known = arena_alloc(h->arena, (h->playbooks.n + 1) * sizeof *known);
	for (size_t i = 0; i < h->playbooks.n; i++)
		known[i] = plan_playbook_of(h, c, h->playbooks.at[i].name);
	return known;
}

/* "The day before" and the like. A playbook of a session, or one named twice, is no further
 * rehearsal. */
static struct plan_playbook *
more_playbooks(struct house *h, const struct workspace_calendar *c, size_t *out_n)
{
	size_t n = 0;
	while (c->rehearsals && c->rehearsals[n])
		n++;
	struct plan_playbook *more = arena_alloc(h->arena, (n + 1) * sizeof *more);
	*out_n = 0;
	for (size_t i = 0; i < n; i++) {
		struct plan_playbook p = plan_playbook_of(h, c, c->rehearsals[i]);
		if (p.session_phase)
			faults_add(&h->faults, "tongduyet.xml", c->line,
				T("calendar %s: %s in rehearsals is the playbook of a session"),
				c->id, p.name);
		else
			more[(*out_n)++] = p;
	}
	return more;
}

static void
read_rules(struct house *h)
{
	h->rules = arena_alloc(h->arena, (h->ws.calendars_n + 1) * sizeof *h->rules);
	h->sources = arena_alloc(h->arena, (h->ws.calendars_n + 1) * sizeof *h->sources);
	for (size_t i = 0; i < h->ws.calendars_n; i++) {
		const struct workspace_calendar *c = &h->ws.calendars[i];
		if (c->disabled)
			continue;
		h->sources[h->rules_n] = (struct calendar_source){ .id = c->id,
			.files = str_empty(c->url) ? calendar_files(h, c) : feed_files(h, c) };
		size_t more_n;
		const struct plan_playbook *more = more_playbooks(h, c, &more_n);
		h->rules[h->rules_n++] = (struct plan_rule){
			.more = more,
			.more_n = more_n,
			.calendar = c->id,
			.rehearsal = plan_playbook_of(h, c, c->playbook),
			.session = plan_playbook_of(h, c, c->session_playbook),
			.sites = c->sites,
			.known = known_playbooks(h, c),
			.known_n = h->playbooks.n,
		};
	}
}

enum err
house_occurrences(struct house *h, int64_t from, int64_t to, bool all, struct occurrences *out)
{
	*out = (struct occurrences){ 0 };
	return calendar_read(
		h->sources, h->rules_n, from, to, h->ws.zone, all, h->arena, &h->faults, out);
}

bool
house_calendar_sound(const struct house *h, const char *calendar)
{
	for (size_t i = 0; i < h->stale.n; i++)
		if (str_eq(h->stale.at[i].calendar, calendar))
			return false;
	for (size_t i = 0; i < h->rules_n; i++) {
		if (!str_eq(h->sources[i].id, calendar))
			continue;
		for (size_t k = 0; k < h->faults.n; k++)
			for (size_t f = 0; h->sources[i].files && h->sources[i].files[f]; f++)
				if (str_eq(h->faults.at[k].file, h->sources[i].files[f]))
					return false;
		return true;
	}
	return false;
}

/* A rehearsal starts before its session, perhaps days before: instances are read further than runs
 * are wanted. */
static int64_t
longest_lead(const struct house *h)
{
	int64_t lead = (int64_t)48 * 3600 * 1000;
	for (size_t i = 0; i < h->playbooks.n; i++) {
		int64_t first = h->playbooks.at[i].playbook
					? playbook_first(h->playbooks.at[i].playbook)
					: 0;
		first = first < 0 ? -first : first;
		lead = first >= lead ? first + 1 : lead;
	}
	return lead;
}

enum err
house_plan(struct house *h, int64_t from, int64_t to, struct plan *out, struct err_text *e)
{
	int64_t lead = longest_lead(h);
	size_t before = h->faults.n;
	*out = (struct plan){ 0 };
	enum err code = house_occurrences(h, from - lead, to + lead, true, &h->meetings);
	if (code != OK)
		return err_set(e, code, T("read the calendars: %s"), err_name(code));
	plan_make(&h->meetings, h->rules, h->rules_n, &h->sites, from, to, h->arena, out);
	struct plan_mcu *mcus = arena_alloc(h->arena, (h->ws.mcus_n + 1) * sizeof *mcus);
	for (size_t i = 0; i < h->ws.mcus_n; i++)
		mcus[i] = (struct plan_mcu){ .name = h->ws.mcus[i].name,
			.ports = h->ws.mcus[i].ports };
	plan_ports(out, mcus, h->ws.mcus_n, h->arena);
	plan_add_faults(out,
		&(struct faults){ .arena = h->arena,
			.at = h->faults.n > before ? h->faults.at + before : NULL,
			.n = h->faults.n - before },
		h->arena);
	for (size_t i = 0; i < h->stale.n; i++) {
		out->alarms = vec_grow(h->arena, out->alarms, out->alarms_n, &out->alarms_cap,
			sizeof *out->alarms);
		out->alarms[out->alarms_n++] = (struct plan_alarm){ .kind = "stale-calendar",
			.uid = "",
			.why = arena_printf(h->arena, "calendar %s: %s", h->stale.at[i].calendar,
				h->stale.at[i].why) };
	}
	return OK;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* The first fault of the configuration; `check` tells all. */
static enum err
cannot_start(const struct house *h, const char *dir, enum err code, struct err_text *e)
{
	const struct fault *first = NULL;
	for (size_t i = 0; i < h->faults.n && !first; i++)
		if (str_eq(h->faults.at[i].file, "tongduyet.xml"))
			first = &h->faults.at[i];
	return err_set(e, code, T("read the workspace %s: %s%s"), dir,
		first ? fault_say(h->arena, first->file, first) : err_name(code),
		h->faults.n > 1 ? " (`tongduyet check` tells all faults)" : "");
}

enum err
house_read(const char *dir, int64_t now, struct house **out, struct err_text *e)
{
	struct arena *a = arena_new();
	struct house *h = arena_alloc(a, sizeof *h);
	h->arena = a;
	h->now = now;
	h->faults.arena = a;
	h->commit = h->profile_xml = "";
	*out = h;
	enum err code = workspace_read(dir, a, &h->faults, &h->ws);
	if (code != OK)
		return cannot_start(h, dir, code, e);
	struct sign_key key;
	h->signs = workspace_key(&h->ws, &key, NULL) == OK;
	explicit_bzero(&key, sizeof key);
	paper_letterhead(&h->ws, a, &h->faults); /* each document reads it again */
	struct err_text pins = { 0 };
	if (workspace_pin_load(&h->ws, &pins) != OK)
		faults_add(&h->faults, "state/pins.csv", 0, "%s", pins.text);
	h->have_sites = sites_read(h->ws.sites_path, workspace_mcu_names(&h->ws, a), a, &h->faults,
				&h->sites) == OK;
	read_playbooks(h);
	read_rules(h);
	return OK;
}

void
house_free(struct house *h)
{
	if (!h)
		return;
	if (h->have_sites)
		sites_free(&h->sites);
	arena_free(h->arena);
}

bool
house_device(const struct house *h, const char *name, struct arena *a, struct device *out)
{
	if (str_starts(name, "site:")) {
		const struct site *s =
			h->have_sites ? sites_find(&h->sites, name + strlen("site:")) : NULL;
		return s && workspace_site_device(&h->ws, s, a, out);
	}
	const struct workspace_mcu *m = workspace_mcu(&h->ws, name);
	return m && workspace_mcu_device(&h->ws, m, a, out);
}

static void
sign(struct buf *b, const char *path)
{
	struct stat st;
	if (stat(path, &st) == 0)
		buf_printf(b, "%s %lld %lld.%09ld %llu\n", path, (long long)st.st_size,
			(long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
			(unsigned long long)st.st_ino);
}

static void
sign_folder(struct buf *b, const char *path)
{
	struct dirent **names;
	sign(b, path);
	int n = scandir(path, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		struct buf one = { 0 };
		buf_printf(&one, "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.' && i < FILES_MOST)
			sign(b, buf_str(&one));
		buf_free(&one);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

void
house_signature(const char *dir, char out[65])
{
	struct arena *a = arena_new();
	struct workspace w;
	struct buf b = { 0 };
	workspace_paths(dir, a, &w);
	sign(&b, w.config_path);
	sign(&b, w.sites_path);
	sign(&b, w.secrets_path);
	sign(&b, arena_printf(a, "%s/letterhead.xml", w.dir));
	sign_folder(&b, w.schedules_dir);
	sign_folder(&b, house_feeds_dir(&w, a));
	sign(&b, arena_printf(a, "%s/.git/HEAD", w.playbooks_dir));
	sign(&b, arena_printf(a, "%s/.git/packed-refs", w.playbooks_dir));
	sign_folder(&b, arena_printf(a, "%s/.git/refs/heads", w.playbooks_dir));
	hash_hex(buf_str(&b), b.n, out);
	buf_free(&b);
	arena_free(a);
}
