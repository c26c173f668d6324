/* What the simulated management platforms (pexip, huawei-smc3, huawei-smc2, bigbluebutton) have in
 * common beyond bridge.h: conferences, legs in them, JSON out. State is touched with fleet_lock()
 * held. */
#ifndef TD_LAB_HALL_H
#define TD_LAB_HALL_H

#include "base/buf.h"
#include "bridge.h"
#include "web.h"

#include <jansson.h>

/* Reasons of an end that are not the fleet's own words. */
#define HALL_BY_PERSON "byPerson"
#define HALL_MOVED "moved"
#define HALL_BY_ORDER "byOrder"
#define HALL_ALL_ENDED "allEnded"

enum { HALL_SESSIONS = 8 };

struct hall_room { /* a conference as the platform keeps it; whether anybody is in it is another
		      thing */
	char id[BRIDGE_ID], name[160], alias[160], layout[40], text[600];
	int number;
	bool gone;
	int64_t made;
};

struct hall_leg {
	struct bridge_leg b;			      /* first */
	char id[BRIDGE_ID], label[200], address[200]; /* address: as the order said it */
	struct hall_room *room;
	bool quiet;   /* its loudspeaker is closed */
	bool removed; /* no longer one of the conference's, by order */
};

struct hall_session {
	char id[BRIDGE_ID], user[80], challenge[48];
	bool in;      /* the answer to the challenge was right */
	int64_t last; /* monotonic */
};

struct hall;

struct hall_kind {
	const char *adapter;
	bool keeps_ended; /* legs that ended stay in the lists */
	const char *room; /* a conference that somebody configured long ago, or NULL */
	/* One request; with the lock. */
	void (*answer)(struct hall *h, const struct web_request *rq, int64_t now, int64_t mono,
		struct web_reply *out);
};

struct hall {
	struct bridge b; /* first */
	struct web web;
	const struct hall_kind *kind;
	VEC(struct hall_room *) rooms;
	struct hall_session sessions[HALL_SESSIONS];
	int numbers, tries;
};

extern const struct hall_kind *const hall_kinds[]; /* NULL ends */
extern const struct hall_kind pexip_kind, smc3_kind, smc2_kind, bbb_kind;

/* ---- hall.c ---- */

void hall_open(
	struct hall *h, const struct hall_kind *kind, const struct lab_mcu *plan, int64_t now);
void hall_free(struct hall *h);				     /* of a unit test */
struct hall_room *hall_room(struct hall *h, const char *id); /* NULL: none; likewise: */
struct hall_room *hall_room_named(struct hall *h, const char *name);
struct hall_room *hall_room_numbered(struct hall *h, int64_t number);
struct hall_room *hall_room_add(struct hall *h, const char *name, int64_t now);
/* Everybody in it is dropped. */
void hall_room_empty(struct hall *h, struct hall_room *r, int64_t now);
/* i-th leg that the lists show, in order of their making; room NULL: of all. NULL: past the end. */
struct hall_leg *hall_leg_at(struct hall *h, const struct hall_room *r, size_t i);
struct hall_leg *hall_leg(struct hall *h, const char *id); /* shown or not; NULL: none */
/* Rings it. label: how it is called in the lists. */
struct hall_leg *hall_dial(struct hall *h, struct hall_room *r, const char *address,
	const char *label, bool muted, int64_t now);
bool hall_is_live(const struct hall_leg *l); /* being set up, or connected */

struct hall_session *hall_session_add(struct hall *h, const char *user, int64_t mono);
/* NULL: there is none of that id, or it was silent for `patience` real ms. */
struct hall_session *hall_session(struct hall *h, const char *id, int64_t patience, int64_t mono);

/* One member of an object, with the comma that it needs. */
void hall_text(struct buf *b, const char *key, const char *value); /* NULL: null */
void hall_number(struct buf *b, const char *key, int64_t value);
void hall_bool(struct buf *b, const char *key, bool value);
void hall_open_part(struct buf *b, const char *key, char bracket); /* key NULL: an item */
const char *hall_string(json_t *from, const char *key);		   /* "" if it is no text */
int hall_huawei_number(const char *why); /* what SMC 2.0 and 3.0 call the end the fleet tells so */

/* ---- hall_doors.c: the lab's hooks ---- */

bool hall_start(const struct scenario *s, const char *dir, int64_t now);
void hall_tick(int64_t now);   /* with the lock */
void hall_follow(int64_t now); /* without it */
bool hall_dial_in(struct site *s, const char *name, const char *address, int64_t now);
void hall_stop(void);

#endif
