/* Shared by the files of run.c only: run.c (life), run_steps.c (playbook, all-clear), run_people.c
 * (commands), run_select.c (whom a step is for), run_mcu.c (conferences), run_list.c (legs as
 * listed), run_diff.c (what is new in a list), run_cascade.c (between MCUs), run_extra.c (who was
 * not invited), run_cause.c (an MCU restarted), run_uplink.c (an MCU that reaches nobody),
 * run_site.c (presence), run_dial.c (attempts), run_way.c (by which way),
 * run_codec.c (a site's codec), run_told.c (what that posted), run_media.c (proof windows),
 * run_silence.c (nothing comes from a listed leg), run_roll.c and run_silent.c (roll call),
 * run_sound.c (tones), run_due.c (whom an event concerns). */
#ifndef TD_RUN_INNER_H
#define TD_RUN_INNER_H

#include "run.h"

enum {
	POLL_MS = 5000,            /* an MCU's list */
	END_TRIES = 5,             /* to end a conference on an MCU that says later, each time a
				    * little later */
	NEWS_REASON_MS = 600000,   /* news may tell why a leg ended so long after it did */
	REASON_TIMES = 5,
	NEWS_MS = 2000,            /* between a list and the next that news ask for: each is many
				    * questions to some MCUs */
	POLL_ROLL_MS = 2000,       /* while somebody is called there, and his leg cannot be looked
				    * at alone */
	LOOK_MS = 1000,            /* at the leg that is called */
	LISTEN_GAP_MS = 5000,      /* a call with a longer stretch without a sample, or half of a
				    * brief one, was not listened
				    * to */
	REOPEN_MS = 30000,         /* after an MCU did not answer */
	SAMPLE_MS = 10000,         /* figures of a leg that is up */
	PROOF_APART_MS = 5000,     /* two moments of one proof */
	WINDOW_MOST_MS = 180000,   /* of a longer one we know too little to say that nothing came:
				    * the clock was set, or nobody looked */
	MEDIA_APART_MS = 10000,    /* between questions for the figures of one leg */
	MEDIA_TIMES = 3,           /* so many while it is verified */
	FRESH_MS = 60000,          /* a leg that is up no longer than this is measured more often,
				    * until it is proven */
	SAMPLE_FRESH_MS = 5000,    /* figures of such a leg */
	STATUS_FRESH_MS = 6000,    /* and its codec */
	STATUS_VERIFY_MS = 15000,  /* the codec, until its figures are proven */
	STATUS_MS = 60000,         /* the codec, afterwards */
	HISTORY_TIMES = 3,         /* it is asked for its past calls, until it tells of the one that
				    * ended */
	HISTORY_APART_MS = 60000,  /* its word on when a call began or ended, and ours */
	DIAL_GIVE_UP_MS = 180000,  /* a dial that never ends */
	UNMUTE_TIMES = 2,          /* calls of one site that its MCU does not let begin */
	ADDRESSES_MOST = 8,        /* of one site, kept */
	HOLD_MOST_MS = 43200000,   /* a hold that nobody ends: as long as a run may be extended */
};

/* A new order, zeroed but for number, run and verb. */
struct order *run_order(struct run *r, struct orders *out, enum verb verb);
struct order *run_order_mcu(struct run *r, struct orders *out, enum verb verb, struct run_mcu *m);
struct order *run_order_leg(struct run *r, struct orders *out, enum verb verb, struct run_site *s);
void run_note(struct run *r, int64_t seq, const char *kind, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Once per kind and text. */
/* Of its leg, or of its next dial; NULL: none. */
struct run_mcu *run_mcu_of(struct run *r, const struct run_site *s);
struct run_mcu *run_mcu_named(struct run *r, const char *name);

/* run_due.c */
/* After the sites are there, and again when their number changed. */
void due_new(struct run *r);
/* Before an event is worked off: what it may change. */
void due_begin(struct run *r, const struct event *e);
/* Has anything changed that all depend on? */
void due_look(struct run *r);
void due_stir_mcu(struct run *r, struct run_mcu *m);
void due_stir(struct run *r, int site);
/* The first site from i on that may have work; legs_n: none. */
size_t due_next(struct run *r, size_t i);
/* May it have to do with the roll call? */
bool due_mcu(const struct run *r, const struct run_mcu *m);
/* The event is worked off; when the next site has work, INT64_MAX: none. */
int64_t due_end(struct run *r);

/* run_select.c */
void run_select(struct run *r, const char *selector, bool *mask);
/* Everything that was not good is tried again. */
void steps_retest(struct run *r, const struct step *s);
/* Who is to be called by telephone now. */
void steps_escalate(struct run *r, const struct step *s);

/* run_steps.c */
int64_t steps_instant(const struct run *r, const struct step *s);
void steps_work(struct run *r, struct orders *out);
/* When a run without a close step is over; INT64_MAX if it has one. */
int64_t steps_end(const struct run *r);
/* When the run is over by itself: its end, or the session that begins. */
int64_t steps_wake(const struct run *r);
void steps_work_end(struct run *r, struct orders *out);
void steps_work_allclear(struct run *r, struct orders *out);
void steps_give_allclear(struct run *r, const char *by, struct orders *out);
void steps_message_all(struct run *r, const char *text, int seconds, struct orders *out);
/* One site in the large picture of its MCU's conference; "": the layout as it was, on every MCU. */
void steps_focus(struct run *r, const char *site, struct orders *out);
void steps_mute_site(struct run *r, struct run_site *s, bool on, struct orders *out);

/* run_people.c */
void people_command(struct run *r, const struct event *e, struct orders *out);

/* An order to hang up was refused, or never left: whatever ends that leg now, it was not that. */
void people_hangup_failed(struct run *r, const struct event *e);

/* run_mcu.c */
void mcu_work(struct run *r, struct run_mcu *m, struct orders *out);
/* Somebody needs its conference: it is opened, with those above it that carry it further. */
void mcu_want(struct run *r, struct run_mcu *m);
/* Nothing can be dialled there: it does not answer, refused us, or its element cannot be used. */
bool mcu_failed(const struct run_mcu *m);
void mcu_answer(struct run *r, const struct event *e, struct orders *out);
void mcu_roster(struct run *r, const struct event *e, struct orders *out);
void mcu_conference_gone(
	struct run *r, struct run_mcu *m, const struct event *e, struct orders *out);
void mcu_inherit(struct run *r, const struct event *e);
void mcu_news(struct run *r, const struct event *e, struct orders *out);
/* Its list is wanted soon. */
void mcu_hurry(struct run *r, struct run_mcu *m);
void mcu_close(struct run *r, struct run_mcu *m, struct orders *out);
struct run_leg *mcu_leg(struct run_mcu *m, const char *id);
struct run_leg *mcu_leg_add(struct run *r, struct run_mcu *m, const struct leg *leg, int site);
/* The leg that is called, looked at alone. */
void mcu_look(struct run *r, struct run_mcu *m, const struct event *e, struct orders *out);
int64_t mcu_wake(const struct run *r, const struct run_mcu *m);

/* run_uplink.c */
/* A device answered us, or could not be reached. */
void uplink_told(struct run *r, const struct event *e);
/* A control port did not answer, which tells of its box only while our own line stands. */
void uplink_unanswered(struct run *r, struct run_site *s);
/* Says before the report which MCUs reached nobody. */
void uplink_note(struct run *r);

/* run_list.c */
/* Whose leg is it: the handle we gave, then the address; never the shown name alone. -1: nobody's
 * that we expected. */
int list_leg_owner(const struct run *r, const struct run_mcu *m, const struct leg *leg);
/* Is this the leg that the site has now, or is dialled as. Handles are unique on one MCU only. */
bool list_is_its_leg(const struct run_site *s, const struct run_mcu *m, const char *id);
void list_told(struct run *r, struct run_mcu *m, const struct event *e, struct orders *out);
void list_news(struct run *r, struct run_mcu *m, struct orders *out);
/* Why a leg of a site ended, told after it was seen gone. */
void list_reason(struct run *r, const struct run_mcu *m, const struct run_leg *l,
	const struct ending *why, int64_t seq);

/* run_cause.c */
/* It answers again: how long has it been up? */
void cause_ask(struct run *r, struct run_mcu *m, struct orders *out);
/* Its conference is gone: what went with it did not go by its line. */
void cause_conference_gone(struct run *r, struct run_mcu *m);
/* It answers again, and shows its list. */
void cause_stood(struct run *r, struct run_mcu *m);
void cause_told(struct run *r, struct run_mcu *m, const struct event *e);
void cause_of_last(struct run *r, struct run_site *s);

/* run_cascade.c */
/* The lower end of a cascade leg, by its index; -1: it is none. */
int cascade_to_above(const struct run *r, const struct run_mcu *m, const struct leg *leg);
/* The upper end of one that was dialled from below; -1. */
int cascade_from_below(const struct run *r, const struct run_mcu *m, const struct leg *leg);
void cascade_end_told(struct run *r, const struct run_mcu *m, const struct run_leg *l, int64_t seq);

/* run_extra.c */
void extra_told(struct run *r, struct run_mcu *m, int64_t seq);
void extra_known(struct run *r, const struct event *e);
/* Somebody of them is this site, which was invited meanwhile. */
void extra_adopt(struct run *r, struct run_site *s, int64_t seq);

/* run_site.c */
void site_work(struct run *r, struct run_site *s, struct orders *out);
void site_answer(struct run *r, const struct event *e, struct orders *out);
void site_alive(const struct run *r, struct run_site *s, int64_t seq);
/* Who ends a leg with that cause; ENDED_UNKNOWN: it does not tell. */
enum ended_by site_ended_by(const struct run_site *s, enum cause cause);
/* Its leg comes from there, as its MCU tells; "" tells nothing. */
void site_came_from(struct run *r, struct run_site *s, const char *ip);
void site_ringing(const struct run *r, struct run_site *s, int64_t seq);
void site_up(struct run *r, struct run_site *s, const struct leg *leg, int64_t seq);
void site_down(struct run *r, struct run_site *s, const struct ending *ending, enum ended_by by,
	int64_t seq);
int64_t site_wake(const struct run *r, const struct run_site *s);

/* run_dial.c */
void dial_work(struct run *r, struct run_site *s, struct orders *out);
int64_t dial_wake(const struct run *r, const struct run_site *s);
void dial_answered(struct run *r, struct run_site *s, const struct event *e, struct orders *out);
struct attempt *dial_last(struct run_site *s);    /* or NULL */
struct attempt *dial_attempt(struct run_site *s); /* the one under way, or NULL */
void site_failed(struct run *r, struct run_site *s, const struct ending *ending, int64_t seq);
void site_outcome_unknown(struct run *r, struct run_site *s);
/* The same, told after the attempt was seen to have ended at that instant without a word. */
void site_failed_because(
	struct run *r, struct run_site *s, int64_t ended, const struct ending *ending, int64_t seq);
void site_settle_unknown(struct run *r, struct run_site *s);
void site_redial(struct run_site *s, int64_t at);
bool site_may_dial(const struct run *r);

/* run_way.c */
/* The fallback that follows the one that failed, or the planned way. */
void way_next(struct run *r, struct run_site *s);
/* A rehearsal of the fallback: the next attempt goes by the first one that this site has. */
void site_exercise(struct run *r, struct run_site *s);
/* The MCU that the next dial goes to, -1: none. */
int way_mcu(const struct run *r, const struct run_site *s);
/* The variant that leads to the other MCU, if the one of the next dial has failed and the other has
 * not; -1. */
int way_detour(const struct run *r, const struct run_site *s);
/* Address, rate and handle of this attempt. */
void way_take(struct run *r, struct run_site *s, struct attempt *a, struct order *o);

/* run_codec.c */
void codec_work(struct run *r, struct run_site *s, struct orders *out);
/* The MCU went silent: its sites' codecs know whether their calls stand. */
void codec_mcu_lost(struct run *r, struct run_mcu *m);
int64_t codec_wake(const struct run *r, const struct run_site *s);
void codec_answered(struct run *r, struct run_site *s, const struct event *e);
/* Its state is wanted now, if it can be asked. */
void codec_ask_now(struct run *r, struct run_site *s);
/* Nobody has told how this stretch ended, or its uptime alone. */
bool codec_is_guess(const struct interval *i);
/* The codec's word on how it ended; history_seq says whether it counted. */
void codec_ended_so(struct run *r, struct run_site *s, struct interval *i,
	const struct past_call *p, int64_t seq);

/* run_told.c */
/* A codec posted something: it is asked soon. */
void told_news(struct run *r, const struct event *e);
void told_take(struct run *r, struct run_site *s, const struct endpoint_status *st, int64_t seq);
/* Its leg is gone, and what it posted may say why. */
void told_apply(struct run *r, struct run_site *s);

/* run_media.c */
void media_reset(struct run_site *s, bool forget);
void media_feed(struct run *r, struct run_site *s, enum teller teller, const struct media_sample *m,
	int64_t at, int64_t seq);
/* Figures without counters (rate, frames, jitter): noted beside the windows, which they never begin
 * or end. */
void media_note(struct run *r, struct run_site *s, enum teller teller, const struct media_sample *m,
	int64_t at, int64_t seq);
bool media_proven(const struct run_site *s, enum teller teller, enum direction d);

/* run_silence.c */
void silence_feed(struct run *r, struct run_site *s);
/* Its codec says that it is in the call. */
void silence_denied(struct run *r, struct run_site *s);
/* This stretch of presence ended without a goodbye: it went when its packets stopped. False: its
 * codec was in the call all the same. */
bool silence_ends(const struct run *r, const struct run_site *s, struct interval *i);

/* run_silent.c */
/* False: at least one MCU cannot tell levels under mute. */
bool silent_begin(struct run *r, struct orders *out);
void silent_level(struct run *r, struct run_site *s, const struct leg *leg, int64_t seq);
bool silent_over(struct run *r, struct run_mcu *m);
/* Nobody was asked: the text could not be shown. */
void silent_void(struct run *r, struct run_mcu *m, int64_t seq);

/* run_sound.c */
void sound_verify(struct run *r, struct orders *out);
/* Is the roll called by a tone there? */
bool sound_calls(const struct run *r, const struct run_mcu *m);
void sound_begin(struct run_mcu *m, struct run_site *s);
void sound_call(struct run *r, struct run_mcu *m, struct run_site *s, struct orders *out);
int64_t sound_text_at(const struct run *r, const struct run_mcu *m);
void sound_answered(struct run *r, struct run_mcu *m, const struct event *e);
/* A sample of the site that is called: true if it may be the tone's own echo and tells nothing. */
bool sound_hides(const struct run *r, const struct run_mcu *m, struct run_site *s, bool voice);

/* run_roll.c */
void roll_work(struct run *r, struct run_mcu *m, struct orders *out);
void roll_level(
	struct run *r, struct run_site *s, const struct leg *leg, int64_t seq, struct orders *out);
void roll_end_call(struct run *r, struct run_mcu *m, struct orders *out);
void roll_over(struct run *r, struct orders *out);
bool roll_complete(struct run *r);
/* The site that is called there was asked: a text was shown, a tone sounded. */
void roll_asked(struct run *r, struct run_mcu *m, const struct event *e);
/* The MCU shows no text to one site alone: the call under way, and those to come, are shown to
 * all. */
bool roll_text_to_all(struct run *r, struct run_mcu *m, const struct event *e, struct orders *out);
/* The site that is called there could not be unmuted. */
void roll_unmute_failed(struct run *r, struct run_mcu *m, const struct event *e);
/* The operator's hand: this site now (call, repeat), or not at all (pass); the next one (next).
 * From then on nothing is called unasked. */
void roll_by_hand(struct run *r, struct run_site *s, enum command c, struct orders *out);
void roll_next(struct run *r, struct orders *out);
/* An unmuted site that nobody called speaks: noted, and muted again unless a person unmuted it. */
void roll_keep_muted(struct run *r, struct run_site *s, struct orders *out);
void roll_uncalled(
	struct run *r, struct run_site *s, const struct leg *leg, int64_t seq, struct orders *out);

#endif
