/* The whole life of a rehearsal or session as a pure function: run_step(run, event) changes the run
 * and gives orders.
 * No I/O, no clock: `event->at` is now. A saved journal, fed again, gives the same orders and the
 * same state, on which judge.h builds facts and headline. Memory: the run owns an arena. */
#ifndef TD_RUN_H
#define TD_RUN_H

#include "base/vec.h"
#include "event.h"
#include "spec.h"

enum ended_by {
	ENDED_OPEN,
	ENDED_SITE,
	ENDED_POWER,
	ENDED_NETWORK,
	ENDED_MCU,
	ENDED_OPERATOR,
	ENDED_US,
	ENDED_UNKNOWN
};
const char *ended_by_name(enum ended_by e);

struct interval {        /* one stretch of presence */
	int64_t from, to;    /* to: first instant it was seen gone */
	int64_t seen;        /* last instant it was seen up: gone between seen and to */
	bool dead;	     /* its leg was dead, and taken down by us */
	int64_t silent_from;     /* nothing arrived any more from here on although the leg was still
				  * listed; 0 */
	int64_t begin_seq, end_seq, silent_seq;
	enum ended_by ended_by; /* ENDED_OPEN while up */
	struct ending ending;
	int mcu;             /* index of the MCU that carried it */
	int64_t uptime_seq;  /* row of the box uptime that told power from network, 0 */
	int64_t history_seq; /* row of the codec's own word on how the call ended, 0 */
	int64_t told_seq;    /* row in which it brought what it had posted about that, 0 */
};

struct silence {	  /* a stretch in which nothing came although the leg was listed */
	int64_t from, to; /* to: it was so at least until then */
	int64_t seq;
	int64_t lives_at; /* its codec said last that it is in the call; 0 */
};

struct listening { /* a whole call of the roll in which it was asked and listened to */
	int64_t from, to;
	bool text; /* asked by a text, not by sound alone */
};

struct attempt {
	int number;
	int mcu;             /* index of the MCU that dialled */
	const char *address;
	int variant;         /* 0, or 1 + index of the playbook's fallback that it tried */
	int fallback;        /* 0, or 1 + that enum fallback: dial steps may have different lists */
	int64_t at;          /* ordered */
	int64_t ended;       /* outcome known; 0 = under way */
	int64_t vain_at;     /* last instant at which it was known to be tried in vain: a list tells
			      * of an end after it happened */
	int64_t seq;         /* row of the outcome */
	enum { ATTEMPT_UNDER_WAY, ATTEMPT_UP, ATTEMPT_FAILED, ATTEMPT_OURS /* our failure: tells nothing about the site */, ATTEMPT_INCOMING } result;
	bool unwilling;      /* the site was not there, or did not want */
	bool rang;
	enum cause cause;
	char words[64];
};

struct phone_call {      /* somebody was telephoned: what was said */
	int64_t at, seq;
	const char *by, *said;
};

struct correction { /* a person's word on a fact: what was said of it before stays */
	int64_t at, seq;
	const char *what; /* "stayed" "answered" "fault" "cause" "people" */
	const char *old, *value, *by, *why;
};

enum site_phase { SITE_WAITING, SITE_DIALING, SITE_UP, SITE_AWAY /* gone, may come back */, SITE_LEFT /* not to be dialled again */ };

struct proof {            /* one medium and direction on the hop site-mcu, as one teller sees it */
	enum tri value;       /* of the last whole window */
	enum tri open;        /* negotiated? */
	int windows_yes, windows_no;
	int64_t yes_seq[2];   /* the two rows of the first proof */
	int64_t no_seq[2];    /* the rows of the last window without growth */
	int64_t last_yes;     /* when it was seen to flow last */
	int64_t doubt_from;   /* begin of a window without growth that was too long to tell; 0 */
	int64_t last_no_from; /* begin of the unbroken stretch of windows without growth; 0 =
			       * none */
	int64_t newest_loss_permille; /* of the newest window, begun at newest_from: counts unless
				       * the stream stopped in it; -1 */
	int64_t newest_from;
	/* over whole windows in the verify step; -1 unknown */
	int64_t worst_loss_permille, worst_jitter_ms, worst_rtt_ms;
	int64_t kbps, width, height; /* last told; -1 */
	int still;            /* samples in a row without a frame although the stream flows */
	int64_t still_seq;
	struct figure sent;  /* told by the sender of this direction */
	bool sends;          /* and growing, or at a rate */
	/* the open window */
	int64_t base_at, base_seq;
	struct stream base;
	bool have_base;
};

enum teller { BY_MCU, BY_ENDPOINT, TELLERS_N };

struct rollcall_mark {
	int called;           /* times */
	int64_t first_called, answered_at;
	bool answered;
	bool by_person, person_says;
	const char *person, *why;
	int64_t seq;          /* row of the answer or of the mark */
	int64_t called_seq;   /* row that showed the last call's end */
	bool not_made;        /* a call that no longer fitted */
	int unmute_failed;    /* calls that could not begin: its MCU did not let it be heard */
	bool sound;           /* a sound was played */
	bool heard;           /* and it was the sound that was answered */
	bool silent;          /* answered in the silent round, and not yet aloud */
};

struct run_site {
	const struct spec_site *spec;
	int index;
	enum site_phase phase;
	int mcu;                  /* index of the MCU that has, had last or dials its leg; before
				   * the first dial its first MCU; -1 none */
	VEC(struct attempt) attempts;
	VEC(struct interval) intervals;
	int variant;              /* what the next dial tries: 0 the first address as planned, else
				   * 1 + fallback index */
	int carried_by;           /* the variant whose leg was up last, 0 */
	bool exercising;          /* the next attempt rehearses a fallback */
	int fast_left;            /* fast attempts not yet made */
	int64_t next_dial;        /* 0 = none planned */
	int64_t next_status;      /* next question to the codec; 0 = never */
	int64_t next_media;       /* next question to the MCU for the figures its list lacks; 0 =
				   * none */
	int media_asked;          /* how often, of this leg */
	bool status_under_way, dial_under_way, reason_under_way, hangup_by_us, hangup_by_person;
	int64_t dialing_since;    /* phase SITE_DIALING */
	int64_t unknown_since;    /* a dial's outcome is not known: a list read after this tells;
				   * 0 */
	char leg_id[128];         /* of the current or last leg */
	enum leg_state leg_state;
	bool incoming;
	/* signs of life */
	int64_t alive_seq, alive_at; /* row of the first sign, and when; 0 */
	int64_t dead_seq;         /* row of the last attempt that could have told and showed none,
				   * 0 */
	bool rang;
	int64_t first_up, first_up_seq;
	int64_t first_willing;    /* first instant it was reachable and willing: bounds below */
	int64_t not_before;       /* last instant it was known not to be reachable (0: none) */
	int not_before_mcu;       /* by the word of this MCU */
	/* the codec asked directly */
	bool endpoint_final;      /* refused for good: not asked any more */
	char endpoint_word[40];
	int64_t probe_silent;	  /* last time nothing listened at its control port, while others
				   * answered us */
	int64_t probe_doubt;	  /* the same, before anybody else has answered since; 0 */
	int64_t endpoint_seen;    /* last time its control port answered */
	enum tri endpoint_in_call; /* what it said of its call while we let that stand */
	int64_t call_told;	   /* and when */
	int64_t dead_seq_of_leg;  /* row in which it said that it is in no call while its leg was
				   * listed, and silent; 0 */
	int none_told;		  /* so often in a row that it is in none, while listed */
	int out_of_call;          /* so often in a row that it is in none, while its MCU is
				   * silent */
	bool gone_by_codec;       /* by that its leg is over, whatever its MCU lists when it is
				   * back */
	/* by its uptime it was started then, or up to a step of it before; 0 */
	int64_t endpoint_booted, endpoint_booted_seq;
	bool uptime_wanted;       /* gone without goodbye: ask until the report */
	bool history_wanted,
		history_under_way; /* the MCU does not know how a leg ended: the codec may */
	int64_t next_history;	   /* 0 = never */
	int history_asked;	   /* times, of this leg */
	/* the call that ended last by what the codec posted, and that its answer did not deny */
	struct told_end posted;
	int64_t posted_at, posted_seq; /* seq 0: none, or it is worked off */
	bool posted_sure;	       /* asked after it came, it was in no call */
	int64_t status_asked;
	bool status_again; /* it posted more while it was being asked */
	enum tri mic_muted, auto_answer;
	/* media */
	struct proof proof[TELLERS_N][MEDIA_N][DIRECTIONS_N];
	VEC(struct silence) silences;  /* of sound and picture from it, as its MCU counts */
	VEC(struct silence) soundless; /* of sound alone */
	/* roll call */
	struct rollcall_mark roll;
	int64_t levels[48];       /* unmuted levels of the call under way, milli-dB */
	int levels_n;
	int64_t listened_at, longest_gap; /* of the call under way: last heard sample, longest
					   * stretch without one */
	int even_calls;           /* whole calls in which the level stood still: nothing of the room
				   * was picked up */
	/* of the call under way, behind its tone: looked at, quiet, then a voice */
	bool sound_flushed, sound_quiet, sound_voice;
	bool voice_last;	       /* of the call under way: the last sample was one */
	bool heard_voice, heard_quiet; /* of the call under way: what the device's voice flag
				        * said */
	bool asked_text;	       /* of the call under way: its text was shown */
	bool asked;	    /* of the call under way: its text was shown, its tone sounded, or
			     * the operator called it and speaks */
	bool muted_in_call; /* its microphone was off by its own setting during a whole call */
	VEC(struct listening) listened; /* without a gap */
	int64_t quiet[8];         /* levels under mute while nobody is asked, a ring; quiet_n:
				   * written so far */
	int quiet_n, silent_hits;
	bool muted_voice;         /* its device says that it spoke since it was muted */
	bool silent_quiet;        /* and did not when everybody was asked */
	struct figure floor_mdb;  /* lowest unmuted level of all calls */
	bool could_hear;          /* the MCU told a level or a voice flag during a call */
	enum tri muted;           /* at the MCU, as listed */
	enum tri wanted_muted;    /* what we ordered last */
	int64_t muted_ordered;    /* when */
	int mute_repeats;         /* orders in a row that the list did not confirm */
	int64_t open_microphone_seq; /* spoke uncalled, unmuted: the row, 0 */
	int64_t uncalled_floor_mdb; bool uncalled_floor; int uncalled_hits;
	int64_t invited_at;       /* added to the meeting while the run was under way; 0 = from the
				   * beginning */
	bool passed;              /* the operator passed it over in the roll call */
	bool call_next;           /* the operator wants it called next */
	VEC(struct phone_call) calls;
	bool ended_by_person, muted_by_person;
	bool dial_by_person;      /* a person ordered its next dial: neither a hold nor the
				   * all-clear keeps it */
	char remote_ip[48];       /* the last one */
	VEC(const char *) came_from; /* every one, once; the first few */
	int people_actual;        /* -1 */
	const char *people_by, *people_chair;
	VEC(struct correction) corrections;
	const char *fault_confirmed,
		*cause_confirmed;	    /* words of advice.h, "none"; NULL: nobody did */
	bool settled_present, settled_left; /* a person settled an unknown */
	const char *settled_by, *settled_why;
	int64_t settled_seq, settled_at; /* of what had happened by then */
};

enum mcu_phase { MCU_CLOSED, MCU_OPENING, MCU_READY, MCU_LOST /* was ready, does not answer */, MCU_REFUSED /* final */, MCU_ENDED };

struct run_leg {             /* what an MCU's list says, kept between lists */
	struct leg leg;
	int site;                /* index, -1 = nobody we expected */
	bool below;              /* the lower MCU's end of a cascade leg: a second view of it, never
				  * a leg of its own */
	int64_t since, sampled_at;
	int64_t gone_at;         /* when it was seen gone; 0 */
	int64_t doubted;         /* up while another MCU lists its site as well: that one is asked
				  * first; 0 */
	int reason_asked;        /* so often on news */
};

struct run_mcu {
	const struct spec_mcu *spec;
	int index;
	int *sites;              /* indexes of the sites and cascade legs that it dials or may dial,
				  * in the spec's order */
	size_t sites_n;
	enum mcu_phase phase;
	struct conference conference;
	bool have_conference, created;
	bool without_layout;     /* it does not have the one that the playbook opens with */
	int64_t next_poll, next_open, last_seen, polled_at, looked_at;
	int64_t list_asked;      /* when the last list that was read had been asked for */
	int64_t opened_at;       /* the conference was made or found then */
	int64_t restarted_at, restart_seq; /* its uptime told that it was started again then, during
					    * the run; 0 */
	int64_t restart_from;    /* that restart began then: with the silence that it ended, if any */
	int64_t next_look;       /* at the leg that is called */
	bool no_media;           /* it has no figures beyond its list */
	bool poll_again;         /* it told of news while its list was under way */
	/* reconcile: dials wait until a list was read */
	bool look_under_way, poll_under_way, open_under_way, reconcile;
	bool ever_ready, noted;
	bool reserve;            /* nobody's first MCU: opened when a site needs it */
	bool down;               /* it did not answer, or not as it should, and has not since */
	char word[40], why[480]; /* of the last failure */
	int64_t fail_seq;
	int64_t away_from, away_to; /* its last silence: from the last answer before it to the first
				     * after it; 0: none yet, or not over */
	VEC(struct run_leg) legs;
	/* roll call of this conference */
	int roll_site;           /* index being called, -1 */
	int64_t roll_until, roll_since;
	int64_t silent_since, silent_until; /* the silent round under way; until 0: none */
	bool roll_message_sent;
	bool texts_to_all; /* of a call of the roll: it shows none to one site alone */
	bool sound_asked, sound_failed; /* of the call under way: a tone was ordered; it cannot be
					 * played */
	int64_t sound_until;     /* it, or its echo, may be heard until then; 0: none was played */
	bool start_unanswered;   /* a start left before a crash: what it made is ours */
	bool ending;             /* the order to end it is under way, or will be given again at
				  * next_end */
	int64_t next_end;        /* 0 */
	int end_tries;
	/* run_due.c: this event may have changed it or one of its sites; whom it calls next
	 * (next_call, -1 nobody), if that is known */
	bool stirred, next_known;
	int next_call;
};

struct imported;

struct run_note {
	const char *kind, *text; /* kind: "mcu-login-refused" "mcu-unreachable" "bad-certificate"
				  * "host-key-changed" ... */
	int64_t at, seq;
};

struct run_extra {           /* somebody in a conference whom nobody invited */
	int mcu;
	const char *address, *shown_name; /* as the MCU shows them */
	char leg_id[128], remote_ip[48];  /* of its last leg */
	bool incoming;
	bool adopted;            /* it was invited later: a site of the run */
	VEC(struct interval) intervals;
	/* what the directory says, "" = nothing; known_by "address" "name" or "mcu" (an MCU of ours
	 * or of another tier) */
	const char *site, *site_name, *tier, *district, *known_by;
	int64_t known_seq;
};

struct due_block { /* of some sites: the earliest instant, and whether one was stirred */
	int64_t due;
	bool stirred;
};

struct due_stage { /* what every site depends on, run_due.c */
	size_t step_next;
	int64_t held_since, allclear_at, verify_until;
	const struct step *dial_step, *allclear_step;
	unsigned flags;
};

struct run {
	struct arena *arena;
	const struct spec *spec;
	struct run_site *sites;  /* as in the spec: the expected sites, then the cascade legs
				  * between MCUs of ours */
	size_t legs_n;           /* both together */
	struct run_mcu *mcus;
	int64_t begun, ended;    /* 0 */
	int64_t wake_at;         /* when a tick is due; INT64_MAX = never */
	int64_t now, seq;        /* of the event being worked off */
	int64_t asked;		 /* when what it tells had been asked for; now, where nothing was */
	int64_t ahead_ms, ahead_at; /* it was set forward by so much, in all, the first time then */
	int64_t back_ms;         /* the clock was set back by so much, in all: the time of the run
				  * is the clock's plus this */
	size_t step_next;        /* index of the next step of the playbook */
	int64_t shift_ms;        /* by extend, hold and a late start */
	int64_t late_ms;         /* the part of it that a late start made */
	int64_t held_since;      /* 0 */
	int64_t allclear_at, allclear_latest; /* 0 = not given / no limit */
	const char *allclear_by; /* "rule" "latest" or a person */
	bool allclear_not_given;
	bool finished;           /* nothing more to do: report may be written */
	bool report_due;         /* the report step was reached */
	bool stopped, missed;
	const char *stopped_by, *missed_why;
	bool handed_over;
	/* windows of steps that the judgement looks at */
	int64_t dial_at, verify_from, verify_until, roll_until;
	bool dialing, verifying, rolling, watching, redial;
	/* allclear: while it waits */
	const struct step *open_step, *dial_step, *verify_step, *roll_step, *allclear_step;
	int64_t allclear_until;  /* its latest instant */
	bool closing;
	int64_t closed_at;       /* 0 */
	bool roll_by_hand;       /* the operator took the roll call: nothing is called unasked */
	VEC(struct run_note) notes;
	VEC(const struct imported *) imports; /* signed results of other offices, one per sender */
	VEC(struct escalation) escalations;
	VEC(struct run_extra) extras;
	int doubts;		 /* sites with a probe_doubt */
	bool line_doubted;	 /* the last that we heard of an MCU was that nobody answers */
	int64_t last_number;     /* of orders */
	/* run_due.c: when each site has work by itself, INT64_MAX never; whether this event may
	 * have changed that, of each and of all */
	int64_t *due;
	bool *stirred, all_stirred;
	struct due_block *blocks;
	size_t blocks_n;
	struct due_stage stage;
	bool thorough; /* every site is asked at every event: for tests, which hold one
			* against the other */
};

struct escalation {          /* the failed sites at an escalate step: for the outbox and the call
			      * list */
	int64_t at, seq;
	const char *to;          /* rungs of the ladder: "contact chief provider upper" */
	const int *sites;        /* indexes, most important first */
	size_t n;
};

struct orders {
	struct order *at;        /* on the heap */
	size_t n, cap;
};

/* spec is borrowed and outlives the run. */
struct run *run_new(const struct spec *spec);
void run_free(struct run *r);
/* One event; orders are appended. Never fails: what cannot be is noted. */
void run_step(struct run *r, const struct event *e, struct orders *out);
/* The difference between an MCU's list and what the run knows of it, as an event (on the arena):
 * only what changed, and figures of legs whose sample is due. False: nothing to tell (the caller
 * still steps with an empty one to end the poll). */
void run_diff(const struct run *r, const char *mcu, const struct roster *roster, int64_t now,
	struct arena *a, struct event *out);
/* What this run hands to the session that follows on the same conference: one event per MCU. False:
 * this MCU has nothing to hand over. */
bool run_handover(const struct run *r, size_t mcu, int64_t now, struct arena *a, struct event *out);
const struct run_site *run_site(const struct run *r, const char *id); /* or NULL */
/* Since when nothing of what had flowed arrives from the site any more, with the row that showed
 * it; 0: something does. */
int64_t media_silent_since(const struct run_site *s, int64_t *out_seq);
/* Every MCU by which this site was tried reaches nobody: that tells nothing about the site. */
bool run_tried_in_vain(const struct run *r, const struct run_site *s);
/* Whom `rollcall next` would call, NULL: nobody is left; and who is called now (NULL: nobody, or on
 * more than one MCU). */
const struct run_site *run_roll_next(const struct run *r);
const struct run_site *run_roll_now(const struct run *r);
/* Present now, and was ever reached. */
bool run_site_up(const struct run_site *s);
/* From when on nothing came for two windows and more, nor did its codec say that it is in the call;
 * 0: no such. */
int64_t run_silence_from(const struct run *r, const struct silence *z);
/* In the silence that began then its codec said that it is in the call, until about that instant.
 */
bool run_silence_lives(const struct run_site *s, int64_t from, int64_t until);
/* Such a stretch around this instant, or NULL. */
const struct silence *run_silence_at(const struct run *r, const struct run_site *s, int64_t at);
/* In at least one whole call of the roll it was asked, and an answer of it would have been heard;
 * deaf: no sound came to it. */
bool run_was_listened_to(const struct run *r, const struct run_site *s, bool deaf);
/* Most sites of its MCU fell silent with it then: that is the MCU, or an old list of it. */
bool run_silent_with_all(const struct run *r, const struct run_site *s, int64_t from);

#endif
