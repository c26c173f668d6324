/* Shared by the files of the coordinator only: coordinator.c (the loop), coordinator_live.c (runs
 * in memory), coordinator_plan.c (what begins when), coordinator_people.c (requests of the control
 * socket), coordinator_device.c (lanes, refused devices, pins), coordinator_ask.c (devices operated
 * by people), coordinator_probe.c (the inventory), coordinator_push.c (what devices post to us),
 * coordinator_change.c (changes while runs are under way, clock jumps), coordinator_feed.c
 * (calendars behind an address), coordinator_import.c (results of other offices),
 * coordinator_report.c (reports and snapshots). */
#ifndef TD_COORDINATOR_INNER_H
#define TD_COORDINATOR_INNER_H

#include "control.h"
#include "coordinator.h"
#include "house.h"
#include "journal.h"
#include "lane.h"
#include "run.h"
#include "story.h"

#include <poll.h>

struct json_out;
struct incident;
struct incidents;
struct outgoings;
struct listener;
struct sheet;

enum {
	CATCH_UP_MS = 15 * 60 * 1000, /* scaled: a run may begin so much late */
	PLAN_BACK_MS = 3600 * 1000,
	LATE_BACK_MS = 26 * 3600 * 1000, /* so far back starts what may still be of use at short
					  * notice */
	WATCHED_MOST = 32,		 /* folders; what lies elsewhere is looked at with every
					  * plan */
	JUMP_MS = 2000,			 /* real: by more the clock does not drift within a turn */
	PLAN_AHEAD_MS = 48 * 3600 * 1000,
	PLAN_EVERY_MS = 60 * 1000, /* real */
	LOOK_EVERY_MS = 1000,	   /* real: has a file changed? */
	SNAPSHOT_EVERY_MS = 250,   /* real */
	SNAPSHOT_SHARE = 10,	   /* of the loop's time at most a tenth */
	ORDERS_KEPT = 1024,	   /* room for so many stays when they have left */
	LINGER_MS = 60 * 1000,	   /* real: how long answers of an ended run are waited for */
};

struct begun { /* what the house's chain says of a run that began */
	char base[65];    /* hash of calendar, UID, instance and name: the run in all its
			   * generations */
	char base_key[72];
	char key[72], run[100];
	int generation;
	int64_t start;    /* as planned */
	int64_t at;
	bool ended;
	size_t good, expected; /* counted when it ended, by this process */
	char session_key[72]; /* it left a conference to this session */
	int64_t keep_until;
};

struct coordinator;
/* When the newest run began, if that lies in the future: the machine's clock is behind. Else 0. */
int64_t coordinator_clock_behind(const struct coordinator *c);

struct live { /* a run in memory */
	struct arena *arena;
	struct spec *spec;
	struct run *run;
	struct orders orders;
	char base_key[72];
	int64_t last_seq;
	int revision;          /* of its last report */
	size_t escalated;      /* of its escalations, how many are in the outbox */
	size_t extras;         /* of its participants nobody invited, for how many the directory was
			        * asked */
	bool report_wanted;    /* a person changed something after it */
	bool ended;            /* its end is in the house's chain */
	bool passed_on;        /* a session took its conference over */
	size_t outstanding;    /* orders without an answer */
	int64_t ended_mono;
	bool changed;          /* since the last snapshot */
};

struct refusal {
	char device[100], fingerprint[65], word[40], why[480];
};

struct question {  /* of a device operated by a person: an order that waits for somebody's answer */
	int number;        /* for people; never used twice */
	char *id;          /* the device's */
	char text[480];
	struct order order;
	int64_t asked_at;
	bool sent;         /* answered: its order is on its way once more */
};

struct said {      /* an answer that holds; texts on ask_arena */
	char device[100], run[100];
	const char *id, *text;
	enum verb verb;
	struct order order; /* that asked */
};

struct sheet_of {
	char device[100];
	const struct sheet *sheet;
};

struct probe {     /* a device that is asked who it is, for no run */
	char device[100];
	uint64_t client;   /* who waits; 0: coordinator_probe() */
	int64_t number;    /* of the order under way */
	bool site, have_status;
	bool asks;         /* it is a person, who has not answered yet */
	bool done, told;
	enum err code;
	char word[40], why[480];
	struct identity identity;
	struct endpoint_status status;
};

struct feeding {   /* a calendar behind an address */
	char id[128];
	int64_t next_at;   /* scaled; INT64_MAX: not before a person acts */
	bool under_way, failing;
};

struct posting {   /* a device that posted to us */
	char device[100];
	int64_t told_mono; /* when the runs were told last */
	bool news;         /* since then */
};

struct watched {   /* a folder in which calendars lie */
	char *folder;
	int fd;
	bool wanted;
};

struct planning;

struct coordinator {
	char *dir;
	struct house *house;
	struct plan plan;      /* lies in the house */
	bool have_plan;
	bool *tried;           /* per run of the plan: it was begun or told missed */
	bool *came;            /* per run of the plan: it came into it, or was moved, when its start
			        * was past */
	int64_t plan_to;       /* of the window of the plan */
	int64_t missed_from;   /* what started before is not told as missed */
	int64_t apart, apart_boot; /* the clock minus the one that cannot be set, and minus the one
				    * that does not sleep */
	int64_t jumped_from, jumped_to; /* scaled: what the last jump passed over */
	bool slept;            /* it was the machine's sleep */
	char signature[65], key[65];
	struct journal *journal;
	struct journal_reader *reader;
	struct mailbox *answers, *plannings;
	struct pool *pool;
	struct lanes *lanes;
	struct control *control;
	int signals;
	VEC(struct live *) lives;
	VEC(struct order) leaving;
	VEC(struct begun) begun;
	VEC(struct refusal) refusals;
	VEC(struct question) questions;
	VEC(struct said) said;
	VEC(struct sheet_of) sheets;
	struct arena *ask_arena;
	int asked;
	VEC(struct probe) probes;
	VEC(struct feeding) feedings;
	struct incidents *incidents;
	struct outgoings *outbox;  /* letters of the house's chain */
	struct mailbox *posted, *papered;
	VEC(struct { char run[100]; })
	papering; /* runs whose documents are being made, once for each job */
	size_t posting;
	char mail_refused[65];     /* the mail server refused us for good: signature of the files
				    * then, "" = it did not */
	struct listener *listener; /* NULL: nothing listens */
	struct mailbox *pushes;
	char listening[700];       /* as what it was opened */
	VEC(struct posting) postings;
	int push_again_ms;         /* news that wait to be told */
	VEC(struct watched) watched;
	struct mailbox *fetched, *imports;
	int feed_cancel;
	int64_t probed;
	int64_t now;           /* scaled, once per turn */
	int64_t plan_from;     /* scaled: runs since then may have been missed */
	int64_t planned_mono, looked_mono, shown_mono, showing_ms;
	bool planning;
	bool broken, stopping, alone;
	bool looks_only;       /* interrupted runs stay as they are */
	struct err_text why;
};

/* coordinator.c */
void coordinator_break(struct coordinator *c, const struct err_text *e);
bool coordinator_commit(struct coordinator *c);
/* A row of the house's chain; body JSON. ERR_REFUSED: idem is there already. */
enum err coordinator_house_row(
	struct coordinator *c, const char *kind, const char *body, const char *idem);

/* coordinator_live.c */
void live_feed(struct coordinator *c, struct live *l, const struct event *e);
struct live *live_find(struct coordinator *c, const char *run);
/* The newest run in memory that has not ended, or NULL. */
struct live *live_newest(struct coordinator *c);
/* From its first row. missed: why it could not take place, or NULL. */
enum err live_begin(struct coordinator *c, const struct begun *b, const char *spec_json,
	const char *missed, struct live **out);
enum err live_restore(struct coordinator *c, const struct begun *b, bool restart, struct live **out,
	struct err_text *e);
void live_answer(struct coordinator *c, const struct answer *a);
void live_tick(struct coordinator *c);
void live_settle(struct coordinator *c); /* reports, ends, drops what is over */
void live_free(struct live *l);

/* coordinator_plan.c */
void plan_restore(struct coordinator *c); /* the house's chain into c->begun and c->refusals */
void plan_look(struct coordinator *c, int64_t mono);
void plan_take(struct coordinator *c);
void plan_start_due(struct coordinator *c);
/* Answers the client (0: none; then the run of coordinator_run()) when it is found. */
void plan_begin_by_hand(struct coordinator *c, const char *word, bool again, uint64_t client);
int64_t plan_next_start(const struct coordinator *c);
enum err plan_read_now(struct coordinator *c, struct err_text *e);
struct begun *plan_begun(struct coordinator *c, const char *run);
enum err plan_hand(
	struct coordinator *c, const char *word, bool again, struct live **out, struct err_text *e);
void plan_drop(struct coordinator *c); /* what the mailbox still holds */

/* coordinator_device.c */
void device_register(struct coordinator *c);
void device_answered(struct coordinator *c, const struct answer *a);
bool device_pardon(struct coordinator *c, const char *device, const char *by);
/* Before a pardon by a person: what becomes of its key, as the end of a sentence; "" = it was no
 * matter of keys. */
const char *device_forget_key(struct coordinator *c, const char *device, struct arena *a);
void device_remember(struct coordinator *c, const char *kind, const char *body);

/* What the device posts under, from a key of this workspace. False: no key. */
bool device_secret(struct coordinator *c, const char *device, char out[65]);

/* coordinator_push.c: what devices post to us */
void push_open(struct coordinator *c);
void push_adopt(struct coordinator *c); /* the files changed; before device_register() */
/* Where this device may post to, on the arena; NULL: nowhere. */
const char *push_url(struct coordinator *c, const struct device *d, struct arena *a);
/* Gives posts to their lanes and tells the runs; returns real ms until it wants to be called
 * again. */
int push_take(struct coordinator *c, int64_t mono);
void push_close(struct coordinator *c);

/* coordinator_change.c */
/* What the calendars say anew about runs under way: cancelled, moved away, prolonged. Behind a new
 * plan. */
void change_look(struct coordinator *c);
/* A new generation begins: the run before it, if it still lives, is stopped. */
void change_begins_anew(struct coordinator *c, const struct begun *b);
/* Each turn, with the old c->now: a row when the clock was set or the machine slept. */
void change_clock(struct coordinator *c, int64_t before);

/* coordinator_ask.c */
/* Each answer, before anybody else reads it. True: it is a question; the order stays under way. */
bool ask_park(struct coordinator *c, struct answer *a);
/* A person's answer to a question of a device: by number, id, a verb for all of that kind, or ""
 * for the only one. How many were answered; 0: e says why. */
size_t ask_answer(struct coordinator *c, const char *device, const char *word, const char *text,
	const char *by, struct err_text *e);
const struct sheet *ask_sheet(const struct coordinator *c, const char *device); /* or NULL */
void ask_settle(struct coordinator *c);
void ask_put(const struct coordinator *c, struct json_out *w);
void ask_note(const struct coordinator *c, const char *run, struct buf *snapshot);
void ask_free(struct coordinator *c);

/* coordinator_feed.c */
enum err feeds_open(struct coordinator *c, struct err_text *e);
void feeds_adopt(struct coordinator *c);
void feeds_look(struct coordinator *c);
void feeds_take(struct coordinator *c);
/* Folders of calendars, watched: descriptors for poll, and what they tell. */
int feeds_fds(const struct coordinator *c, struct pollfd *fds);
void feeds_watched(struct coordinator *c, const struct pollfd *fds, int n);
void feeds_cancel(struct coordinator *c);
void feeds_close(struct coordinator *c);

/* coordinator_outbox.c: mail */
void outbox_open(struct coordinator *c);
void outbox_restored(struct coordinator *c); /* reads the house's chain */
void outbox_settle(struct coordinator *c);   /* escalations of runs, results, what is due; before
					      * the commit */
void outbox_leave(struct coordinator *c);    /* behind it */
/* A revision is sealed: what the playbook sends by itself, and what replaces letters about older
 * ones. Behind the row, before its commit. */
void outbox_sealed(struct coordinator *c, struct live *l, const char *seal);
void outbox_adopt(struct coordinator *c);    /* the files changed */
/* Puts a run's report into the outbox. How many letters are new; 0: e says why. */
size_t outbox_send(struct coordinator *c, struct live *l, const char *roles, bool again,
	size_t *out_without, struct err_text *e);
/* A letter of this run is on its way, or could leave now. */
bool outbox_leaves(const struct coordinator *c, const char *run);
void outbox_close(struct coordinator *c);    /* behind the pool's end */

/* coordinator_import.c: signed results of other offices */
/* The document lies in state/imports. Answers the client when it is taken, or why not. */
void import_begin(struct coordinator *c, const char *sha256, const char *run, bool replace,
	const char *by, uint64_t client);
void import_take(struct coordinator *c);
void import_close(struct coordinator *c); /* behind the pool's end */

/* coordinator_incident.c */
struct incident_order { /* a person's word; "" not given */
	const char *action, *word, *text, *by, *fault, *cause, *owner;
};
void incident_restored(struct coordinator *c); /* reads the house's chain */
void incident_of_run(struct coordinator *c, const struct live *l); /* it ends */
/* A person settled the fault or the cause of a site of this run: its open incidents say so. Their
 * numbers, on the arena; "" none. */
const char *incident_settled(
	struct coordinator *c, const struct live *l, const char *site, struct arena *a);
const struct incident *incident_order(
	struct coordinator *c, const struct incident_order *o, struct arena *a, struct err_text *e);
void incident_close(struct coordinator *c);

/* coordinator_probe.c */
/* How many devices are asked ("" or NULL: all); 0: e says why. */
size_t probe_begin(struct coordinator *c, const char *device, uint64_t client, struct err_text *e);
void probe_answered(struct coordinator *c, const struct answer *a);
void probe_asked(struct coordinator *c, const struct order *o);
bool probe_waits(const struct coordinator *c, uint64_t client);
void probe_settle(struct coordinator *c);
void probe_result(const struct coordinator *c, struct buf *out); /* of client 0 */

/* coordinator_extra.c */
void extra_look(struct coordinator *c);

/* coordinator_report.c */
void report_if_due(struct coordinator *c, struct live *l);
/* Real ms from one live view to the next: longer where it takes long to make. */
int64_t report_show_every(const struct coordinator *c);
void report_show(struct coordinator *c, int64_t mono);
/* Tells those who watch that the run is over, and where its report is. */
void report_over(struct coordinator *c, struct live *l);
/* After a crash between a report's row and its files. */
void report_ensure(
	struct coordinator *c, const char *run, const struct story_report *reports, size_t n);
void report_snapshot(const struct coordinator *c, const struct live *l, struct buf *out);
const char *report_folder(const struct coordinator *c, const char *run, struct arena *a);

/* coordinator_papers.c: documents for print */
void papers_open(struct coordinator *c);
/* Those of a sealed revision that are missing, by a worker. */
void papers_order(
	struct coordinator *c, const char *run, int revision, const char *seal, int64_t seq);
bool papers_under_way(const struct coordinator *c, const char *run);
void papers_take(struct coordinator *c);
void papers_close(struct coordinator *c); /* behind the pool's end */

/* coordinator_people.c */
void people_request(struct control_client *client, const char *line, void *coordinator);
void people_say(struct control_client *client, enum err code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
