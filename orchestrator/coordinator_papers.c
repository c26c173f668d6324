/* Documents for print, made by a worker from the journal on a connection of its own: they take
 * long.
 *
 * Called when a report is sealed, and after a restart for what is missing. Owns the list of those
 * under way, so that letters which carry them wait. It must never write over a document. */
#include "coordinator_inner.h"

#include "base/log.h"
#include "base/str.h"
#include "mailbox.h"
#include "outbox.h"
#include "paper.h"
#include "pool.h"

#include <stdlib.h>
#include <string.h>

struct papers { /* the job; owns its arena, on which everything lies */
	struct arena *arena;
	struct workspace ws;
	const char *run, *dir, *seal;
	int revision;
	int64_t seq; /* of the report's row */
	struct mailbox *back, *wake;
	int cancel_fd;
};

static const struct story_report *
report_of(const struct story *s, int revision)
{
	for (size_t i = 0; i < s->reports.n; i++)
		if (s->reports.at[i].revision == revision)
			return &s->reports.at[i];
	return NULL;
}

/* The letters to chiefs and contacts carry a sheet each: one reading of the run makes all of them.
 */
static bool
wants_sheets(const struct spec *s)
{
	const char *roles = s->letters ? outbox_roles_named(s) : "";
	return strstr(roles, "chief") || strstr(roles, "contact");
}

static enum err
make(struct papers *p, struct journal_reader *r, const struct story *s, struct err_text *e)
{
	struct faults unused = { .arena = p->arena }; /* the house named them */
	const struct letterhead *head = paper_letterhead(&p->ws, p->arena, &unused);
	const struct story_report *report = report_of(s, p->revision);
	enum err code = paper_documents(s->run, p->dir, p->revision, p->seal, head, e);
	if (code == OK)
		code = paper_write_signed(s->run, p->dir, p->revision, p->seal, &p->ws, e);
	if (code == OK && report && wants_sheets(s->spec))
		code = paper_sheets(r, s->run, report, head, p->dir, p->cancel_fd, e);
	return code;
}

static void
work(void *arg)
{
	struct papers *p = arg;
	struct err_text e = { 0 };
	struct journal_reader *r;
	struct story s;
	enum err code = journal_reader_open(p->ws.journal_path, &r, &e);
	if (code == OK) {
		code = story_read(r, p->run, p->seq - 1, &s, &e);
		if (code == OK)
			code = make(p, r, &s, &e);
		story_free(&s);
		journal_reader_close(r);
	}
	if (code != OK && code != ERR_CANCELED)
		log_error("coordinator",
			"documents of %s: %s; `tongduyet report` makes them from the journal",
			p->run, e.text);
	mailbox_post(p->back, p);
	mailbox_wake(p->wake);
}

void
papers_order(struct coordinator *c, const char *run, int revision, const char *seal, int64_t seq)
{
	struct arena *a = arena_new();
	struct papers *p = arena_alloc(a, sizeof *p);
	*p = (struct papers){ .arena = a,
		.run = arena_strdup(a, run),
		.dir = report_folder(c, run, a),
		.seal = arena_strdup(a, seal),
		.revision = revision,
		.seq = seq,
		.back = c->papered,
		.wake = c->answers,
		.cancel_fd = c->feed_cancel };
	workspace_paths(c->dir, a, &p->ws);
	p->ws.name = arena_strdup(a, c->house->ws.name);
	p->ws.organization = arena_strdup(a, c->house->ws.organization);
	p->ws.place = arena_strdup(a, c->house->ws.place);
	str_copy(vec_add(&c->papering)->run, sizeof c->papering.at[0].run, run);
	pool_submit(c->pool, JOB_NORMAL, work, p);
}

bool
papers_under_way(const struct coordinator *c, const char *run)
{
	for (size_t i = 0; i < c->papering.n; i++)
		if (str_eq(c->papering.at[i].run, run))
			return true;
	return false;
}

void
papers_take(struct coordinator *c)
{
	for (struct papers *p; (p = mailbox_take(c->papered));) {
		size_t i = 0;
		while (i < c->papering.n && !str_eq(c->papering.at[i].run, p->run))
			i++;
		if (i < c->papering.n) /* one entry for each job */
			c->papering.at[i] = c->papering.at[--c->papering.n];
		arena_free(p->arena);
		arena_give_back(); /* a whole run was read again */
	}
}

void
papers_open(struct coordinator *c)
{
	c->papered = mailbox_new();
}

void
papers_close(struct coordinator *c)
{
	if (!c->papered)
		return;
	papers_take(c);
	mailbox_free(c->papered, NULL);
	vec_free(&c->papering);
}
