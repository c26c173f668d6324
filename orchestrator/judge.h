/* From what a run saw to facts, one headline per site, and lists. Pure. The law is written at the
 * top of judge.c. */
#ifndef TD_JUDGE_H
#define TD_JUDGE_H

#include "run.h"

enum headline { /* exactly one per site, the first that holds */
	UNTESTED,
	ABSENT,
	UNCONNECTED,
	LEFT_EARLY,
	LOST,
	UNATTENDED,
	ONE_WAY,
	POOR,
	UNVERIFIED,
	LATE,
	GOOD,
	HEADLINE_N
};
const char *headline_name(enum headline h); /* "left-early" */
bool headline_failed(enum headline h);	    /* not so: good, late, unverified, untested */

enum grade_value { GRADE_NONE, GRADE_GOOD, GRADE_FAIR, GRADE_POOR, GRADE_BAD };
const char *grade_value_name(enum grade_value g); /* "" "good" ... */

struct evidence_rows { /* journal rows a fact rests on */
	int64_t seq[4];
	int n;
};

struct media_fact {
	enum medium medium;
	enum direction direction;
	const char *hop;      /* "site-mcu" */
	enum tri value;
	enum grade_value grade;
	const char *seen_by;  /* "mcu" "endpoint" "rollcall" (a sound was answered) "" */
	bool contradiction;   /* the two ends disagree */
	struct evidence_rows evidence;
	int64_t loss_permille, jitter_ms, kbps, width, height; /* -1 unknown */
};

enum { MEDIA_FACTS_MAX = 8, FLAGS_MAX = 16 };

struct verdict {
	const struct run_site *site;
	const char *hop;                  /* "site-mcu", or "LOWER-UPPER" for a cascade leg */
	enum headline headline;
	const char *sub_reason; /* "" */
	const char *flags[FLAGS_MAX];
	int flags_n;
	enum tri alive, reached, answered, heard, stayed;
	enum tri network;                 /* came from a network permitted for its tier; unknown
					   * where the MCU does not tell */
	const char *network_ip;		  /* of the last leg; of the first that came from elsewhere,
					   * if one did; "" */
	struct evidence_rows alive_rows, reached_rows, late_rows, answered_rows, stayed_rows;
	struct figure late_s;             /* lower bound; unknown if never reached or not charged */
	struct figure late_uncertainty_s; /* it came between late_s and late_s + this */
	struct media_fact media[MEDIA_FACTS_MAX];
	int media_n;
	const char *common_cause;         /* NULL, "power-cut" (neighbours went off together) or
					   * "line" (most of an MCU's sites at once) */
	int64_t silent_since;             /* still listed, and nothing comes from it since then, nor
					   * is it known to live; 0 */
	int64_t left_at;                  /* when it was seen gone for good before the all-clear;
					   * 0 */
	/* connection equipment sound picture line power; value "yes" "no" "unknown" */
	struct { const char *value, *by; } checklist[6];
};
/* How often its connection went and came back, not counting what an MCU, a person at it, or we
 * ended. */
int judge_drops(const struct run_site *s);
/* Until when a stretch of presence that ended then, or has not, was seen: what its MCU could not be
 * asked about for long is not proven. */
int64_t judge_seen_until(const struct interval *i, int64_t end);
bool verdict_has_flag(const struct verdict *v, const char *flag); /* "frozen-picture" */
extern const char *const checklist_names[6];

enum list {
	LIST_ABSENT,
	LIST_UNCONNECTED,
	LIST_UNATTENDED,
	LIST_LEFT_EARLY,
	LIST_LATE,
	LIST_ONE_WAY,
	LIST_LOST,
	LIST_UNVERIFIED,
	LIST_UNTESTED,
	LIST_WRONG_NETWORK,
	LIST_N
};
extern const char *const list_names[LIST_N]; /* JSON keys */

struct imported;

/* The hop between an MCU and the one above it: reported with the MCU, never charged to a site. */
struct hop {
	const char *name;                 /* "LOWER-UPPER" */
	const char *lower, *upper;
	bool foreign;                     /* the upper MCU belongs to another tier: what it receives
					   * is unknown until its result is imported */
	const struct imported *import;    /* what the office at the other end says of it, or NULL */
	struct verdict verdict;           /* site NULL when we see nothing of it; only reached,
					   * media and presence count */
};

struct judgement {
	struct hop *hops;
	size_t hops_n;
	struct verdict *verdicts; /* one per site of the spec, same order */
	size_t n;
	size_t count[HEADLINE_N];
	struct { const char **ids; size_t n; } lists[LIST_N];
};

/* On the arena. May be asked at any moment (live board) and at the end (report). */
void judge(const struct run *r, struct arena *a, struct judgement *out);

#endif
