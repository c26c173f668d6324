/* Faults that somebody has to put right: rows of kind "incident" of the house's chain and what they
 * add up to. Pure. One incident per cause, with one owner at any time, and the instants at which it
 * was received, responded to and fixed. */
#ifndef TD_INCIDENT_H
#define TD_INCIDENT_H

#include "adapters/wire/json.h"
#include "base/vec.h"
#include "journal.h"
#include "judge.h"

enum incident_action {
	INCIDENT_OPEN,
	INCIDENT_AGAIN /* seen in another run: what was called fixed is not */,
	INCIDENT_ASSIGN,
	INCIDENT_ACK,
	INCIDENT_RESPOND,
	INCIDENT_FIX,
	INCIDENT_CLOSE,
	INCIDENT_COMMENT,
	INCIDENT_WORKS /* its site was good in a later run */,
	INCIDENT_SETTLE /* a person settled the fault or the cause of its site in a run */,
	INCIDENT_ACTION_N
};
const char *incident_action_name(enum incident_action a);	  /* "ack" */
enum incident_action incident_action_from_name(const char *name); /* INCIDENT_ACTION_N: none */

struct incident_entry {
	int64_t at;
	enum incident_action action;
	const char *by, *text, *run; /* "" */
	const char *fault, *cause;   /* as settled or fixed; "" nothing was said of it */
};

struct incident { /* texts never NULL */
	int number;
	const char *key; /* what it is about: a second one is not opened while one with it is */
	const char *site, *name, *device; /* a site with its name, or a device, "" */
	const char *fault, *cause, *evidence, *provider, *owner;
	const char *settled_cause; /* as a person confirmed it; the proposal stays beside it */
	int64_t opened, received, responded, fixed, closed; /* 0 = not yet */
	VEC(struct incident_entry) entries;
};

struct incidents {
	struct arena *arena;
	VEC(struct incident) at;
};

void incident_take(struct incidents *all, const struct row *row);
enum err incidents_read(
	struct journal_reader *r, struct arena *a, struct incidents *out, struct err_text *e);
struct incident *incident_find(const struct incidents *all, int number); /* or NULL */
struct incident *incident_open_with(
	const struct incidents *all, const char *key); /* not closed; or NULL */
const char *incident_say_state(const char *lang, const struct incident *i);
const char *incident_say_action(const char *lang, enum incident_action a);
const char *incident_state(
	const struct incident *i); /* "open" "received" "responded" "fixed" "closed" */

/* Rows. open: number, key, site ... of i; otherwise i's number only. */
void incident_write(const struct incident *i, enum incident_action action, const char *by,
	const char *text, const char *run, struct json_out *w);
/* settle: the fault or the cause that a person confirmed, "" for the other one. */
void incident_write_settled(const struct incident *i, const char *fault, const char *cause,
	const char *by, const char *why, const char *run, struct json_out *w);
/* What is settled of this site in this run is about this incident: not closed, and opened or seen
 * again in that run or about the same fault. */
bool incident_concerns(
	const struct incident *i, const char *site, const char *run, const char *fault);
/* The last run in which it was seen; "" none. */
const char *incident_run(const struct incident *i);
/* Whether this may follow; e says why not. */
enum err incident_may(const struct incident *i, enum incident_action action, struct err_text *e);

/* The incident's site took part in this run and was as it should be: the fault was not seen. */
bool incident_works(const struct incident *i, const struct judgement *j);

/* What the end of a run opens: one per cause, never for what failed once and came back, nor for a
 * run on short notice. On the arena; numbers are not given yet. */
void incidents_of_run(
	const struct run *r, const struct judgement *j, struct arena *a, struct incidents *out);

struct incident_figures { /* of one provider; seconds, of those that came so far */
	const char *provider;
	int opened, closed, received_n, responded_n, fixed_n;
	int64_t received_s, responded_s, fixed_s; /* sums */
	int64_t received_most_s, responded_most_s, fixed_most_s;
};
/* Opened within [from, to), by provider in order of appearance ("" = none). On the arena. */
struct incident_figures *incidents_figures(
	const struct incidents *all, int64_t from, int64_t to, struct arena *a, size_t *out_n);

#endif
