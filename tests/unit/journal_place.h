/* A journal in a folder of its own, shared by the tests of the journal. */
#ifndef TD_TESTS_UNIT_JOURNAL_PLACE_H
#define TD_TESTS_UNIT_JOURNAL_PLACE_H

#include "journal.h"

#include "base/clock.h"
#include "base/str.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
	char folder[64], path[96], lock[104];
};

static inline int
setup(void **state)
{
	struct place *p = xalloc(sizeof *p);
	str_copy(p->folder, sizeof p->folder, "/tmp/journal-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->path, sizeof p->path, "%s/journal.db", p->folder);
	snprintf(p->lock, sizeof p->lock, "%s.lock", p->path);
	*state = p;
	return 0;
}

static inline int
teardown(void **state)
{
	struct place *p = *state;
	const char *ends[] = { "", "-wal", "-shm", ".lock" };
	for (size_t i = 0; i < 4; i++) {
		char name[128];
		snprintf(name, sizeof name, "%s%s", p->path, ends[i]);
		unlink(name);
	}
	rmdir(p->folder);
	free(p);
	return 0;
}

static inline struct journal *
open_writer(const struct place *p)
{
	struct err_text e = { 0 };
	struct journal *j = NULL;
	if (journal_open(p->path, &j, &e))
		fail_msg("%s", e.text);
	return j;
}

static inline struct journal_reader *
open_reader(const struct place *p)
{
	struct err_text e = { 0 };
	struct journal_reader *r = NULL;
	if (journal_reader_open(p->path, &r, &e))
		fail_msg("%s", e.text);
	return r;
}

static inline void
add(struct journal *j, const char *run, int64_t at, const char *body)
{
	struct err_text e = { 0 };
	if (journal_append(j, run, at, "note", "xa-an", body, NULL, NULL, &e))
		fail_msg("%s", e.text);
}

static inline enum err
verify(const struct place *p, const char *run, int64_t upto, struct err_text *e)
{
	struct journal_reader *r = open_reader(p);
	char head[65];
	enum err rc = journal_verify(r, run, upto, head, e);
	journal_reader_close(r);
	return rc;
}

struct seen {
	size_t n, stop_after;
	int64_t first, last;
	char text[1000];
};

static inline bool
see(const struct row *r, void *arg)
{
	struct seen *s = arg;
	if (!s->n++)
		s->first = r->seq;
	s->last = r->seq;
	size_t used = strlen(s->text);
	snprintf(s->text + used, sizeof s->text - used, "%d %s %s %s;", (int)r->at, r->kind,
		r->site, r->body);
	return !s->stop_after || s->n < s->stop_after;
}

#endif
