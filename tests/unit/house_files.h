/* What tests of the coordinator share: the folders and files of a workspace, and counting rows of
 * its journal. */
#ifndef TD_TESTS_UNIT_HOUSE_FILES_H
#define TD_TESTS_UNIT_HOUSE_FILES_H

#include "base/clock.h"
#include "base/str.h"
#include "journal.h"
#include "playbooks/vault.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static inline void
put(const char *dir, const char *name, const char *text)
{
	char path[400];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	chmod(path, 0600);
}

/* `dir` is a template of mkdtemp(); the vault holds one playbook, "ngan". */
static inline void
make_folders(char *dir, const char *playbook)
{
	static const char *const folders[] = { "schedules", "playbooks", "state", "reports" };
	struct err_text e = { 0 };
	char path[400];
	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s/%s", dir, folders[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	put(dir, "playbooks/ngan.xml", playbook);
	snprintf(path, sizeof path, "%s/playbooks", dir);
	assert_int_equal(vault_init(path, "test", clock_now(), &e), OK);
}

static inline int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *where)
{
	return remove(path);
}

static inline void
remove_workspace(const char *dir)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

struct count {
	const char *kind, *holds;
	size_t n;
};

static inline bool
count_row(const struct row *row, void *arg)
{
	struct count *c = arg;
	c->n += str_eq(row->kind, c->kind) && (!c->holds || strstr(row->body, c->holds));
	return true;
}

/* Rows of a kind in a run's chain; those whose body holds the text, or all of them (NULL). */
static inline size_t
count_rows(struct journal_reader *r, const char *run, const char *kind, const char *holds)
{
	struct count c = { .kind = kind, .holds = holds };
	struct err_text e = { 0 };
	journal_rows(r, run, 1, count_row, &c, &e);
	return c.n;
}

#endif
