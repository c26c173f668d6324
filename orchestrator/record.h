/* The record of every site over many runs: attendance and punctuality, class by a published rule, faults that come again, what gets
 * worse, and who comes first. Pure: one report after the other in, figures out; the same runs give the same record. */
#ifndef TD_RECORD_H
#define TD_RECORD_H

#include "base/map.h"
#include "base/vec.h"
#include "report/model.h"

enum {
	RECORD_LAST = 10,        /* tested runs that the class looks at */
	RECORD_LEAST = 3,        /* fewer tested: no class */
	RECORD_TREND = 3,        /* runs that are compared with those before */
	RECORD_AGAIN = 3,        /* a fault this often is one that comes again */
	RECORD_FAULTS_MOST = 16,
};

enum record_class { RECORD_UNKNOWN, RECORD_STABLE, RECORD_UNSTABLE, RECORD_UNFIT };
const char *record_class_name(enum record_class c); /* "unknown" "stable" "unstable" "unfit" */
const char *record_class_title(enum record_class c); /* msgid */
const char *record_rule(void); /* msgid: the rule, to be printed with every class */

enum { TREND_LOSS = 1, TREND_JITTER = 2, TREND_DROPS = 4 };

struct record_run {          /* one site in one run; texts on the records' arena */
	const char *run, *fault, *cause;
	bool session;
	int64_t start;
	enum headline headline;
	bool late;
	struct figure late_s, late_uncertainty_s;
	int share_least, share_most; /* permille of the window, -1 not known */
	int drops;
	int64_t loss_permille, jitter_ms; /* worst, -1 not measured */
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
	int failing;                 /* its last tested runs that failed, in a row */
	int64_t failing_since;       /* 0 */
};

struct records {
	struct arena *arena;
	struct map *by_id;
	VEC(struct record_site *) sites; /* order of appearance; behind record_finish() those to be looked at first */
	size_t runs_n, rehearsals_n, sessions_n;
};

void record_new(struct records *r, struct arena *a);
void record_free(struct records *r); /* the map; the rest lies on the arena */
/* Oldest first. Drills are passed over. */
void record_add(struct records *r, const struct report *report);
void record_finish(struct records *r);
void record_counts_add(struct record_counts *to, const struct record_counts *c);
bool record_failed(enum headline h);
/* The fault that came most often, at least RECORD_AGAIN times; NULL. */
const char *record_again(const struct record_site *s, int *out_times);

#endif
