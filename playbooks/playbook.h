/* The language of rehearsals and sessions: XML in, struct playbook out. Every error has file:line
 * and a suggestion.
 * The language is playbook.xsd; offsets are relative to the anchor (see playbooks/README.md). */
#ifndef TD_PLAYBOOK_H
#define TD_PLAYBOOK_H

#include "base/arena.h"
#include "base/faults.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum phase { PHASE_REHEARSAL, PHASE_SESSION, PHASE_DRILL };
enum anchor { ANCHOR_SESSION, ANCHOR_EVENT };
enum step_kind {
	STEP_OPEN,
	STEP_DIAL,
	STEP_VERIFY,
	STEP_ROLLCALL,
	STEP_MESSAGE,
	STEP_MUTE,
	STEP_LAYOUT,
	STEP_FOCUS,
	STEP_WATCH,
	STEP_RETEST,
	STEP_ESCALATE,
	STEP_ALLCLEAR,
	STEP_REPORT,
	STEP_CLOSE,
	STEP_N
};
const char *phase_name(enum phase p);
const char *step_name(enum step_kind k);

enum fallback {
	FALLBACK_SECOND_ADDRESS,
	FALLBACK_OTHER_PROTOCOL,
	FALLBACK_LOWER_RATE,
	FALLBACK_AUDIO_ONLY,
	FALLBACK_SECOND_MCU
};
const char *fallback_name(enum fallback f);

struct step {
	enum step_kind kind;
	int line;
	const char *id;           /* a name given by the author, or "" */
	int64_t at_ms;            /* offset from the anchor */
	const char *sites;        /* selector, "invited" by default */
	/* open */
	const char *conference;   /* "" = made from the run */
	bool muted;               /* default yes */
	const char *layout;       /* also layout's value; "" = leave */
	int kbps;                 /* 0 = default of the MCU */
	bool attach;
	/* dial */
	int attempts;             /* fast attempts, default 3 */
	int64_t every_ms;         /* between them, default PT1M */
	int64_t probe_every_ms;   /* afterwards, default PT30S */
	enum fallback fallback[5];
	int fallback_n;
	bool exercise;            /* the first attempt goes by the site's first fallback, default
				   * no */
	/* verify */
	bool audio, video;        /* default yes */
	int64_t within_ms;        /* default PT3M, or less if the playbook leaves less until the
				   * all-clear or the close */
	bool sound;
	/* rollcall */
	bool silent;              /* a silent round first, default no */
	bool spoken;		  /* somebody reads the names aloud while they are called, default
				   * no */
	int64_t answer_within_ms; /* default PT20S */
	int calls;                /* per site, default 2 */
	const char *order;        /* "directory" (default) or "importance" */
	/* message, mute, focus; text also rollcall: in place of the question */
	const char *text;
	int seconds;              /* default 30 */
	const char *value;        /* mute: "on"/"off"; layout; focus: a site, "" = back to normal */
	/* watch */
	bool redial;
	const char *until;        /* "allclear" "end" or an offset */
	/* retest, escalate, report */
	const char *of;
	const char *to;
	const char *formats;
	/* allclear */
	bool by_operator;
	int64_t latest_ms;        /* offset from the anchor; default at_ms */
};

struct playbook {
	const char *name, *title;
	enum phase phase;
	enum anchor anchor;
	int64_t handover_ms;      /* how long after its end a session on the same conference still
				   * takes over the legs */
	struct step *steps;
	size_t n;
	const char *file;
};

/* All faults in one pass. NULL if it cannot be used (faults say why). file is shown in faults
 * only. */
struct playbook *playbook_parse(
	const char *bytes, size_t n, const char *file, struct arena *a, struct faults *faults);
/* Offsets of first and last step. */
int64_t playbook_first(const struct playbook *p);
int64_t playbook_last(const struct playbook *p);
/* Offset of the first step of a kind; false if there is none. */
bool playbook_at(const struct playbook *p, enum step_kind kind, int64_t *out);

/* The profile: thresholds of the judgement, one file versioned with the playbooks. */
struct site_class {
	const char *name;
	int min_kbps, min_width, min_height; /* 0 = no demand */
	bool video;                          /* must have video; default yes */
};
struct profile {
	int64_t grace_ms;            /* late beyond this, default 120,000 */
	int64_t window_ms;           /* media windows, default 20,000 */
	int loss_good, loss_fair, loss_poor; /* permille below which: 10, 30, 100 */
	int jitter_step_ms;          /* 40 */
	int rtt_good_ms, rtt_bad_ms; /* 200, 300 */
	int64_t speech_rise_mdb;     /* 10,000 */
	int speech_samples;          /* 2 */
	struct site_class *classes;
	size_t classes_n;
};
void profile_default(struct profile *out);
/* Faults in one pass; what is sound replaces the default. */
void profile_parse(const char *bytes, size_t n, const char *file, struct arena *a,
	struct faults *faults, struct profile *out);

#endif
