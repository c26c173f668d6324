/* Everything the workspace's files say at one moment: configuration, directory, playbooks at one
 * commit, calendars; and from them the plan, and what a run is given. Read afresh whenever a file
 * changes; never changed once read. */
#ifndef TD_HOUSE_H
#define TD_HOUSE_H

#include "base/vec.h"
#include "playbooks/playbook.h"
#include "schedules/feed.h"
#include "schedules/occurrence.h"
#include "workspace.h"

struct house_playbook {
	const char *name;          /* file name without .xml */
	const char *path, *xml;    /* inside the repository; the very bytes */
	const struct playbook *playbook; /* NULL: broken */
	const char *broken;        /* why, or NULL */
	int broken_line;
};

struct letterhead;

struct house_stale { /* a calendar behind an address whose copy is old, or that has none */
	const char *calendar, *why;
};

struct house {
	struct arena *arena;       /* owned: everything lies here */
	int64_t now;               /* when it was read */
	struct faults faults;      /* of all files, in reading order */
	struct workspace ws;
	bool signs; /* it has the key that results for other offices are signed
		     * with */
	struct sites sites;
	bool have_sites;
	const char *commit;        /* of the playbooks, "" = none */
	bool dirty;                /* the playbooks' work tree differs from it */
	const char *profile_xml;   /* "" = defaults */
	VEC(struct house_playbook) playbooks;
	struct calendar_source *sources;
	struct plan_rule *rules;   /* one per usable calendar, as sources */
	size_t rules_n;
	VEC(struct house_stale) stale;
	struct occurrences meetings; /* of house_plan(): all instances around its window, the
				      * cancelled ones as well */
};

/* ERR_INPUT: cannot start; faults of *out say why (*out is given even then; house_free() it). */
enum err house_read(const char *dir, int64_t now, struct house **out, struct err_text *e);
void house_free(struct house *h); /* NULL is fine */
const struct house_playbook *house_playbook(const struct house *h, const char *name); /* or NULL */
/* Adds the calendars' faults to h->faults. On h's arena. */
enum err house_occurrences(
	struct house *h, int64_t from, int64_t to, bool all, struct occurrences *out);
/* Did the calendar come through whole: no fault in its files, its server answered? Behind
 * house_plan(). */
bool house_calendar_sound(const struct house *h, const char *calendar);
/* The runs of a plan have generation 0 unless house_past() looked. */
enum err house_plan(
	struct house *h, int64_t from, int64_t to, struct plan *out, struct err_text *e);
/* house_past.c: what the journal says of the runs of a plan: a run that began keeps its generation,
 * one that was moved since has the next; keys and ids accordingly. Without a journal nothing
 * changes. */
enum err house_past(const struct house *h, struct plan *p, struct err_text *e);
/* A calendar behind an address, and the folder where copies lie. */
struct feed_source house_feed(const struct workspace_calendar *c);
const char *house_feeds_dir(const struct workspace *w, struct arena *a);
/* The device of a name ("tinh", "site:chu-tuc"); false: none such. */
bool house_device(const struct house *h, const char *name, struct arena *a, struct device *out);
/* Changes whenever a file of the workspace was touched. */
void house_signature(const char *dir, char out[65]);

/* house_spec.c: what a run is given, as its first row. Without a usable playbook it has a report
 * only. base_key: its key in generation 0. start_now: 0, or the instant at which a person starts it
 * by hand: its first step is then now and what was planned follows. */
const char *house_spec(const struct house *h, const struct plan_run *run, const char *base_key,
	int64_t start_now, struct arena *a);
/* The entry of a site that was added while the run of this spec is under way. False: its MCU has no
 * part in the run. */
struct spec;
struct spec_site;
bool house_invited(const struct house *h, const struct plan_run *run, const struct site *site,
	const struct spec *s, struct arena *a, struct spec_site *out);

#endif
