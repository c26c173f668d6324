/* The record of every site over many runs: attendance and punctuality, class by a published rule,
 * faults that come again, what gets worse, and who comes first. Pure: one report after the other
 * in, figures out; the same runs give the same record. */
#ifndef TD_RECORD_H
#define TD_RECORD_H

#include "adapters/wire/json.h"
#include "base/map.h"
#include "base/vec.h"
#include "journal.h"
#include "report/model.h"

enum {
	RECORD_LAST = 10, /* tested runs that the class looks at */
	RECORD_LEAST = 3, /* fewer tested: no class */
	RECORD_TREND = 3, /* runs that are compared with those before */
	RECORD_AGAIN = 3, /* a fault this often is one that comes again */
	RECORD_FAULTS_MOST = 16,
};

enum record_class { RECORD_UNKNOWN, RECORD_STABLE, RECORD_UNSTABLE, RECORD_UNFIT };
const char *record_class_name(enum record_class c);  /* "unknown" "stable" "unstable" "unfit" */
const char *record_class_title(enum record_class c); /* msgid */
const char *record_rule(void); /* msgid: the rule, to be printed with every class */

enum { TREND_LOSS = 1, TREND_JITTER = 2, TREND_DROPS = 4 };

struct record_run { /* one site in one run, as the last revision of its report has it; texts on the
		       records' arena */
	const char *run, *fault,
		*cause; /* fault, cause: as confirmed by a person, else as proposed */
	const char *fault_proposed, *cause_proposed, *sub_reason;
	const char *name, *district, *provider, *tier; /* as they were then; NULL not known */
	int importance, revision;
	enum phase phase;
	bool session;
	int64_t start;
	enum headline headline;
	bool late;
	struct figure late_s, late_uncertainty_s;
	int share_least, share_most; /* permille of the window, -1 not known */
	int drops;
	int64_t loss_permille, jitter_ms; /* worst, -1 not measured */
	int64_t kbps, width, height;	  /* of the picture from the site, -1 not measured */
	bool below;			  /* the minimum of its class */
};

struct record_counts { /* expected = untested + good + late + unverified + failed */
	int expected, untested, good, late, unverified, failed;
	int drops;
};

struct record_site {
	const char *id, *name, *district, *provider, *tier;
	int importance;
	VEC(struct record_run) runs; /* oldest first */
	/* by record_finish() */
	struct record_counts rehearsals, sessions, all;
	int faults[RECORD_FAULTS_MOST]; /* as advice_faults[] */
	enum record_class class;
	int class_tested, class_failed, class_drops; /* what the class rests on */
	unsigned trend;
	int failing;	       /* its last tested runs that failed, in a row */
	int64_t failing_since; /* 0 */
};

struct records {
	struct arena *arena;
	struct map *by_id, *by_run, *words;
	VEC(struct record_site *)
	sites; /* order of appearance; behind record_finish() those to be looked at first */
	size_t rehearsals_n, sessions_n;
	size_t drills_n; /* passed over */
};

void record_new(struct records *r, struct arena *a);
void record_free(struct records *r); /* the map; the rest lies on the arena */
/* All sites of a report, in any order of runs. A later one of the same run takes the place of the
 * one before. Drills are passed over. */
void record_add(struct records *r, const struct report *report);
void record_put(struct records *r, const char *site, const struct record_run *run);
void record_finish(struct records *r);
void record_count(struct record_counts *c, const struct record_run *run);
void record_counts_add(struct record_counts *to, const struct record_counts *c);
/* The fault that came most often, at least RECORD_AGAIN times; NULL. */
const char *record_again(const struct record_site *s, int *out_times);

/* ---- record_row.c: kept in the journal, so that a year is not told again --------------------- */

/* One site of a report; texts borrowed. */
void record_of(const struct report *report, const struct report_site *s, struct record_run *out);
/* The body of a row of kind "record", written with the report; and back, if its run starts within
 * [from, to). A row that cannot be read is passed over. */
void record_write(const struct record_run *run, struct json_out *w);
void record_take(
	struct records *r, const char *run, const struct row *row, int64_t from, int64_t to);
/* Of one site ("" all): what was sealed before `before` (0: until now) of runs that start within
 * [from, to). */
enum err record_read(struct journal_reader *j, const char *site, int64_t from, int64_t to,
	int64_t before, struct records *out, struct err_text *e);

#endif
