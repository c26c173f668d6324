/* Signed results of other offices, for runs of ours.
 *
 * Called by the loop. A worker opens the document, checks its signature and finds the run of ours
 * that it belongs to; what comes back is a row of that run like any other, and its report gets a
 * new revision. A document is taken only from a sender that tongduyet.xml names, once, and never in
 * place of a newer one. It must never mix another office's figures with ours. */
#include "coordinator_inner.h"

#include "adapters/wire/json.h"
#include "base/hash.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/str.h"
#include "exchange.h"
#include "mailbox.h"
#include "pool.h"
#include "workspace_files.h"

#include <stdlib.h>
#include <string.h>

enum {
	APART_MS = 2 * 3600 * 1000,      /* two plans of one meeting lie no further apart */
	LOOK_BACK_MS = 24 * 3600 * 1000, /* runs that began longer before the result's are not
					  * looked at */
	RUNS_MOST = 500,
	FITTING_MOST = 8,
};

struct import { /* the job; owns its arena, on which everything lies */
	struct arena *arena;
	struct mailbox *back, *bell;
	struct workspace ws;
	uint64_t client;
	const char *sha256, *word, *by; /* word: the run that a person named, "" = look for it */
	bool replace;
	struct imported in;
	const char *run;                /* of ours */
	struct err_text e;
};

static void
import_free(void *import)
{
	arena_free(((struct import *)import)->arena);
}

/* ---- the worker ------------------------------------------------------------------------------ */

struct first_row {
	struct arena *arena;
	struct spec *spec;
};

static bool
take_spec(const struct row *row, void *arg)
{
	struct first_row *f = arg;
	if (str_eq(row->kind, "spec"))
		spec_read(row->body, strlen(row->body), f->arena, &f->spec, NULL);
	return false;
}

static const struct spec *
spec_of(struct journal_reader *r, const char *run, struct arena *a)
{
	struct first_row f = { .arena = a };
	journal_rows(r, run, 1, take_spec, &f, NULL);
	return f.spec;
}

/* 2: the same instance of the same event; 1: at the same time, with the sender's MCU above or below
 * one of ours. */
static int
fits(const struct spec *s, const struct exchange *x, const struct exchange_sender *sender)
{
	int64_t apart = llabs(s->planned_start - x->planned_start);
	if (!str_eq(phase_name(s->phase), x->phase) || apart > APART_MS)
		return 0;
	if (str_eq(s->uid, x->uid) && str_eq(s->recurrence_id, x->recurrence_id))
		return 2;
	for (size_t i = 0; i < s->mcus_n && !str_empty(sender->mcu); i++)
		if (str_eq(s->mcus[i].name, sender->mcu) || str_eq(s->mcus[i].parent, sender->mcu))
			return 1;
	return 0;
}

/* Newest first, until they are too old to be meant. */
static const struct spec *
look_for(struct import *m, struct journal_reader *r, const struct exchange *x,
	const struct exchange_sender *sender)
{
	const char *const *runs = NULL, *shown = "";
	const struct spec *found = NULL;
	int best = 0, n = 0;
	if (journal_runs(r, "", m->arena, &runs, &m->e) != OK)
		return NULL;
	for (size_t i = 0; runs[i] && i < RUNS_MOST; i++) {
		const struct spec *s = spec_of(r, runs[i], m->arena);
		int how = s ? fits(s, x, sender) : 0;
		if (s && s->planned_start < x->planned_start - LOOK_BACK_MS)
			break;
		if (!how || how < best)
			continue;
		n = how > best ? 1 : n + 1;
		shown = how > best || n > FITTING_MOST
				? s->id
				: arena_printf(m->arena, "%s, %s", shown, s->id);
		best = how;
		found = s;
	}
	if (n == 1)
		return found;
	if (n)
		err_set(&m->e, ERR_INPUT, T("%d runs fit: %.300s; --run says which is meant"), n,
			shown);
	else
		err_set(&m->e, ERR_INPUT, T("no run of ours fits %s (%s); --run names one"), x->run,
			x->phase);
	return NULL;
}

static const struct spec *
named(struct import *m, struct journal_reader *r, const struct exchange *x)
{
	const char *id;
	if (story_find(r, m->word, m->arena, &id, &m->e) != OK)
		return NULL;
	const struct spec *s = spec_of(r, id, m->arena);
	if (!s)
		err_set(&m->e, ERR_PROTOCOL, T("%s has no readable first row"), id);
	else if (!str_eq(phase_name(s->phase), x->phase)) {
		err_set(&m->e, ERR_REFUSED, T("%s is a %s, the result is of a %s"), id,
			phase_name(s->phase), x->phase);
		s = NULL;
	}
	return s;
}

static enum err
open_document(struct import *m, struct exchange *x, struct exchange_sender *out)
{
	const char *bytes;
	char sha[HASH_HEX_SIZE];
	size_t n;
	int mode;
	enum err code = workspace_file(workspace_import_path(&m->ws, m->sha256, m->arena), m->arena,
		&bytes, &n, &mode, &m->e);
	if (code != OK)
		return code;
	hash_hex(bytes, n, sha);
	if (!str_eq(sha, m->sha256))
		return err_set(&m->e, ERR_INPUT,
			T("state/imports/%s.json is not what its name says"), m->sha256);
	if ((code = exchange_open(bytes, n, m->arena, x, &m->e)) != OK)
		return code;
	const struct workspace_sender *s = workspace_sender(&m->ws, x->key);
	if (!s)
		return err_set(
			&m->e, ERR_REFUSED, T("nobody in tongduyet.xml signs with %s"), x->key);
	*out = (struct exchange_sender){ .name = s->name, .mcu = s->mcu, .as = s->as };
	return OK;
}

static void
work(void *arg)
{
	struct import *m = arg;
	struct journal_reader *r = NULL;
	struct exchange x;
	struct exchange_sender sender;
	const struct spec *ours = NULL;
	enum err code = open_document(m, &x, &sender);
	if (code == OK)
		code = journal_reader_open(m->ws.journal_path, &r, &m->e);
	if (code == OK) {
		ours = m->word[0] ? named(m, r, &x) : look_for(m, r, &x, &sender);
		code = ours ? exchange_import(&x, &sender, ours, m->arena, &m->in, &m->e)
			    : m->e.code;
	}
	if (code == OK)
		m->run = ours->id;
	else if (m->e.code == OK)
		m->e.code = code;
	if (r)
		journal_reader_close(r);
	mailbox_post(m->back, m);
	mailbox_wake(m->bell);
}

/* ---- the loop -------------------------------------------------------------------------------- */

void
import_begin(struct coordinator *c, const char *sha256, const char *run, bool replace,
	const char *by, uint64_t client)
{
	struct arena *a = arena_new();
	struct faults unused = { .arena = a };
	struct import *m = arena_alloc(a, sizeof *m);
	*m = (struct import){ .arena = a,
		.back = c->imports,
		.bell = c->answers,
		.client = client,
		.replace = replace,
		.sha256 = arena_strdup(a, sha256),
		.word = arena_strdup(a, run),
		.by = arena_strdup(a, by) };
	workspace_read(c->dir, a, &unused, &m->ws); /* a sender that was added just now counts */
	pool_submit(c->pool, JOB_NORMAL, work, m);
}

static struct live *
run_of(struct coordinator *c, const char *id, struct err_text *e)
{
	struct live *l = live_find(c, id);
	struct begun *b = l ? NULL : plan_begun(c, id);
	if (!l && !b)
		err_set(e, ERR_INPUT, T("no run \"%s\""), id);
	else if (!l)
		live_restore(c, b, false, &l, e);
	return l;
}

/* Once, and never an older one in place of a newer. */
static enum err
check_again(const struct live *l, const struct import *m, struct err_text *e)
{
	for (size_t i = 0; i < l->run->imports.n; i++) {
		const struct imported *had = l->run->imports.at[i];
		bool same_run = str_eq(had->run_key, m->in.run_key);
		if (!str_eq(had->from, m->in.from) || m->replace)
			continue;
		if (str_eq(had->sha256, m->in.sha256))
			return err_set(e, ERR_REFUSED, T("%s has this very document of %s already"),
				l->spec->id, had->from);
		if (!same_run)
			return err_set(e, ERR_REFUSED,
				T("%s has the result of %s from %s; --replace takes %s instead"),
				l->spec->id, had->run, had->from, m->in.run);
		if (had->revision > m->in.revision)
			return err_set(e, ERR_REFUSED,
				T("%s has revision %d of %s already, which is newer than %d"),
				l->spec->id, had->revision, had->run, m->in.revision);
		if (had->revision == m->in.revision)
			return err_set(e, ERR_REFUSED,
				T("%s has another revision %d of %s: one of the two is not the "
				  "sender's last word; "
				  "--replace takes this one"),
				l->spec->id, had->revision, had->run);
	}
	return OK;
}

static void
take(struct coordinator *c, struct import *m)
{
	struct control_client *client = control_find(c->control, m->client);
	struct event event = { .kind = EVENT_IMPORTED, .at = c->now, .imported = &m->in };
	struct live *l = m->run ? run_of(c, m->run, &m->e) : NULL;
	if (l && check_again(l, m, &m->e) == OK) {
		str_copy(event.by, sizeof event.by, m->by);
		live_feed(c, l, &event);
		if (l->revision)
			l->report_wanted = true;
		if (!coordinator_commit(c))
			m->e = c->why;
		else
			log_info("coordinator",
				"%s: the result of %s (%s revision %d) was imported by %s",
				l->spec->id, m->in.from, m->in.run, m->in.revision, m->by);
	}
	if (!client)
		return;
	if (m->e.code != OK)
		people_say(client, m->e.code, "%s", m->e.text);
	else
		people_say(client, OK, T("%s: %s revision %d of %s, %zu sites"), l->spec->id,
			m->in.run, m->in.revision, m->in.from, m->in.sites_n);
}

void
import_take(struct coordinator *c)
{
	for (struct import *m; (m = mailbox_take(c->imports));) {
		take(c, m);
		import_free(m);
	}
}

void
import_close(struct coordinator *c)
{
	if (c->imports)
		mailbox_free(c->imports, import_free);
}
