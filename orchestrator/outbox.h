/* What is to be sent, and what became of it: rows of kind "outbox" of the house's chain. Pure. A
 * letter is a row once (its id is the row's idempotent word and its Message-ID); what happens to it
 * are rows behind it. */
#ifndef TD_OUTBOX_H
#define TD_OUTBOX_H

#include "adapters/wire/json.h"
#include "base/vec.h"
#include "house.h"
#include "journal.h"
#include "report/model.h"

enum outgoing_state {
	OUT_WAITING,
	OUT_SENDING /* on its way; after a crash nobody knows */,
	OUT_SENT,
	OUT_FAILED,
	OUT_UNKNOWN,
	OUT_REPLACED /* never left: a newer revision goes instead */
};
const char *outgoing_state_name(enum outgoing_state s);

struct outgoing {
	const char *id, *run, *kind;		/* kind "report" or "escalation" */
	const char *role, *site, *to;		/* site "" = none */
	const char *subject, *text, *documents; /* documents: kinds of documents.h, separated by
						   blanks, as PDF, and "signed" */
	const char *digest;			/* of what it says, whichever revision says so */
	int revision, replaces; /* replaces: revision of the letter that this one takes the place
				   of, 0 none */
	int64_t at, next_at;	/* next_at: not before */
	enum outgoing_state state;
	int tries;
	const char *why;    /* of the last failure, "" */
	bool only_replaces; /* says only that an older one no longer holds */
	bool leaving;	    /* the coordinator's: it leaves behind the commit of its row */
};

struct outgoings {
	struct arena *arena;
	VEC(struct outgoing) at;
};

struct strings { /* on the arena of the letters */
	VEC(const char *) at;
};

/* One row; other kinds are passed over. */
void outbox_take(struct outgoings *all, const struct row *row);
enum err outbox_read(
	struct journal_reader *r, struct arena *a, struct outgoings *out, struct err_text *e);
struct outgoing *outbox_find(struct outgoings *all, const char *id); /* or NULL */
/* The body of its first row; of what happened to it. */
void outbox_write(const struct outgoing *o, struct json_out *w);
void outbox_write_state(const struct outgoing *o, struct json_out *w);
/* Ms until the next try after `tries` ones; 0: none any more. */
int64_t outbox_pause(int tries);

#define OUTBOX_ROLES "contact chief provider department upper"
/* Leaves only the letters about a run's reports. */
void outbox_of_run(struct outgoings *all, const char *run);

/* Who gets what. roles: "contact chief provider department upper", separated by blanks. Sites
 * without an address get none: as many are counted in *out_without. */
void outbox_report(const struct house *h, const struct report *r, const char *roles,
	struct outgoings *out, size_t *out_without);
void outbox_escalation(const struct house *h, const struct report *r, const struct escalation *e,
	struct outgoings *out, size_t *out_without);
/* The roles that the playbook's report step names, else "chief department upper". */
const char *outbox_roles(const struct spec *s);
/* Those it names, to whom the report goes by itself; "" none. */
const char *outbox_roles_named(const struct spec *s);

/* outbox_again.c: a new revision, and those who have an older one. before: all letters of the run
 * so far. */
/* Each letter of made whose recipient has, or may have, an older one says that it replaces that;
 * one that says nothing else and replaces nothing leaves made. */
void outbox_replacing(const struct outgoings *before, const char *lang, struct outgoings *made);
/* Of a new revision, what goes by itself: letters that say something else than the last one, to
 * those who have one, and to the roles named. The others leave made. *out_stale: ids of letters
 * that must not leave any more. */
void outbox_correct(const struct outgoings *before, const char *named, const char *lang,
	struct outgoings *made, struct strings *out_stale);
/* The first word that is no role, or NULL. */
const char *outbox_roles_wrong(const char *roles, struct arena *a);

#endif
