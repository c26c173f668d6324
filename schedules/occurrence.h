/* From instances of meetings to runs: which rehearsals and sessions start when, with which sites
 * and which playbook. Pure: no files, no time. */
#ifndef TD_OCCURRENCE_H
#define TD_OCCURRENCE_H

#include "base/buf.h"
#include "base/faults.h"
#include "schedules/calendar.h"
#include "schedules/sites.h"

struct plan_playbook { /* what the plan must know of a playbook; filled by the caller from
			  playbooks/ */
	const char *name, *commit;
	bool session_phase;	   /* phase="session" */
	bool drill;		   /* phase="drill" */
	bool anchor_event;	   /* anchor="event" */
	int64_t first_at, last_at; /* offsets of its first and last step, ms */
	const char *broken; /* NULL, or why it cannot be used */
	int broken_line;
	const char *file; /* for faults; NULL = playbooks/NAME.xml */
};

struct plan_rule { /* one <calendar> of tongduyet.xml */
	const char *calendar;
	struct plan_playbook rehearsal;
	struct plan_playbook session; /* name "" = no session runs */
	const char *sites;	      /* selector */
	/* Further rehearsals of every session ("the day before"), told apart by name; and every
	 * playbook an event may ask for with a line "Kịch bản: NAME". Both may be empty. */
	const struct plan_playbook *more;
	size_t more_n;
	const struct plan_playbook *known;
	size_t known_n;
};

struct plan_wrong { /* a bad row, event or playbook this run has to do with */
	const char *file;
	int line;
	const char *why;
};

struct plan_mcu {
	const char *name;
	int ports; /* 0 = not known */
};

struct plan_conflict {
	const char *kind;	  /* "site-twice" "mcu-twice" "ports-short" */
	const char *with;	  /* the other run's key */
	const char *const *sites; /* NULL-terminated */
};

struct plan_run {
	char key[72]; /* "calendar|uid|recurrence|name|generation" hashed: 64 hex */
	char id[96];  /* local start + rehearsal name + 6 hex: 20190210-0700-tong-duyet-3fa2c1 */
	const char *calendar, *uid;
	int64_t recurrence_id;
	const char *name; /* the playbook's name = rehearsal name */
	bool session;	  /* phase */
	int generation;
	int64_t anchor;			    /* the instant its step offsets count from */
	int64_t start, end;		    /* first step; end of the event (0 unknown) */
	int64_t session_start, session_end; /* of the linked session; 0 = none */
	const char *session_key;	    /* key of the session's run, or NULL */
	const char *summary;
	struct plan_playbook playbook;
	struct selection sites;
	struct selection merged; /* invited under the name of a site that another one took over */
	struct unknowns unknown;
	struct plan_conflict *conflicts;
	size_t conflicts_n, conflicts_cap;
	bool short_notice;
	int64_t known_since;
	const char *disabled; /* NULL, or why it will not run */
	const char *file;     /* of the event */
	int line;
	struct plan_wrong *wrong; /* everything that is disabled or doubtful about it; it may run
				     all the same */
	size_t wrong_n, wrong_cap;
	int people_expected; /* "Số người:" per site, 0 = not said */
	const char *chair;   /* "Chủ trì:", "" = not said */
	bool from_event;     /* a rehearsal event of its own, not the automatic one */
};

struct plan_alarm {
	const char *kind; /* "session-without-rehearsal" "rehearsal-without-session"
			     "rehearsal-without-playbook" "all-day-event" "broken-event"
			     "conflicts-not-all" */
	const char *uid, *why;
};

struct plan {
	struct plan_run *runs;
	size_t runs_n, runs_cap;
	struct plan_alarm *alarms;
	size_t alarms_n, alarms_cap;
};

/* Runs whose start lies in [from, to), sorted by start. generation is 0 here: the caller raises it
 * from the journal. */
void plan_make(const struct occurrences *o, const struct plan_rule *rules, size_t rules_n,
	const struct sites *sites, int64_t from, int64_t to, struct arena *a, struct plan *out);
/* Key and id for a generation; fills run->key and run->id. */
void plan_key(struct plan_run *run);
/* Runs that overlap and ask together for more ports than an MCU has: "ports-short". */
void plan_ports(struct plan *p, const struct plan_mcu *mcus, size_t n, struct arena *a);
/* Faults of calendars as alarms "broken-event", so that no plan is shown without them. */
void plan_add_faults(struct plan *p, const struct faults *faults, struct arena *a);

/* Shapes for people and programs (plan_json.c). One object, pretty, as FORMATS says. */
void plan_json(const struct plan *p, int64_t from, int64_t to, struct buf *out);
/* One object per line. */
void occurrences_json(const struct occurrences *o, struct buf *out);
/* The rehearsals as a calendar that sites subscribe to (plan_ics.c); stamp = DTSTAMP of all of
 * them. */
void plan_ics(const struct plan *p, const char *name, int64_t stamp, struct buf *out);

#endif
