/* Everything the workspace's files say at one moment: configuration, directory, playbooks at one commit, calendars; and
 * from them the plan, and what a run is given. Read afresh whenever a file changes; never changed once read. */
#ifndef TD_HOUSE_H
#define TD_HOUSE_H

#include "base/vec.h"
#include "playbooks/playbook.h"
#include "schedules/occurrence.h"
#include "workspace.h"

struct house_playbook {
	const char *name;          /* file name without .xml */
	const char *path, *xml;    /* inside the repository; the very bytes */
	const struct playbook *playbook; /* NULL: broken */
	const char *broken;        /* why, or NULL */
	int broken_line;
};

struct house {
	struct arena *arena;       /* owned: everything lies here */
	struct faults faults;      /* of all files, in reading order */
	struct workspace ws;
	struct sites sites;
	bool have_sites;
	const char *commit;        /* of the playbooks, "" = none */
	bool dirty;                /* the playbooks' work tree differs from it */
	const char *profile_xml;   /* "" = defaults */
	VEC(struct house_playbook) playbooks;
	struct calendar_source *sources;
	struct plan_rule *rules;   /* one per usable calendar, as sources */
	size_t rules_n;
};

/* ERR_INPUT: cannot start; faults of *out say why (*out is given even then; house_free() it). */
enum err house_read(const char *dir, struct house **out, struct err_text *e);
void house_free(struct house *h); /* NULL is fine */
const struct house_playbook *house_playbook(const struct house *h, const char *name); /* or NULL */
/* Adds the calendars' faults to h->faults. On h's arena. */
enum err house_occurrences(struct house *h, int64_t from, int64_t to, bool all, struct occurrences *out, struct err_text *e);
enum err house_plan(struct house *h, int64_t from, int64_t to, struct plan *out, struct err_text *e);
/* The device of a name ("tinh", "site:chu-tuc"); false: none such. */
bool house_device(const struct house *h, const char *name, struct arena *a, struct device *out);
/* Changes whenever a file of the workspace was touched. */
void house_signature(const char *dir, char out[65]);

/* house_spec.c: what a run is given, as its first row. base_key: its key in generation 0. start_now: 0, or the instant
 * at which a person starts it by hand: its first step is then now and what was planned follows. */
const char *house_spec(const struct house *h, const struct plan_run *run, const char *base_key, int64_t start_now, struct arena *a);

#endif
