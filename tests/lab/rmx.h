/* The simulated Poly RMX (RealPresence Collaboration Server): XML documents over HTTP(S). State is
 * touched with fleet_lock() held. "RMX capture" and "RMX guide" in comments name what a behaviour
 * follows; "not known" marks what those do not say and where the simulator does the least. */
#ifndef TD_LAB_RMX_H
#define TD_LAB_RMX_H

#include "base/buf.h"
#include "bridge.h"
#include "web.h"

#include <libxml/tree.h>

enum {
	RMX_SESSIONS = 20,
	RMX_SESSION_MIN = 10,         /* real minutes of silence; the box says how many */
	RMX_SHORT_SESSION_MS = 5000,  /* the same with `drop-idle` */
	RMX_TRIES = 3,                /* wrong passwords until the account is locked; not known */
	RMX_SETTLE_MS = 1500,         /* partially connected so long, scaled; not known */
	RMX_LEAVE_MS = 1000,          /* disconnecting, terminating so long, scaled; not known */
	RMX_EMPTY_MS = 10 * 60 * 1000, /* RMX capture: a conference nobody joins ends */
	RMX_BAD_PERMILLE = 50,        /* loss from which a party has a problem; not known */
	RMX_PROGRESS_EVERY = 3,       /* every n-th order is answered "In progress" */
};

enum rmx_status { /* RMX guide, participant status */
	RMX_IDLE = 0,
	RMX_CONNECTED = 1,
	RMX_DISCONNECTED = 2,
	RMX_WAITING = 3,
	RMX_CONNECTING = 4,
	RMX_DISCONNECTING = 5,
	RMX_PARTIAL = 6,
	RMX_DELETED = 7,
	RMX_SECONDARY = 8,
	RMX_PROBLEM = 10,
};

/* RETURN_STATUS: 0 and 1 are captured, the others are not known and only differ from those. */
enum rmx_return {
	RMX_OK = 0,
	RMX_IN_PROGRESS = 1,
	RMX_NO_SESSION = 1001,
	RMX_LOGIN_FAILED,
	RMX_LOCKED,
	RMX_NO_CONFERENCE,
	RMX_NO_PARTY,
	RMX_NAME_TAKEN,
	RMX_MALFORMED,
	RMX_UNKNOWN_ACTION,
	RMX_BAD_VALUE,
};

struct rmx_conf {
	int id, speaker; /* party id; -1: nobody */
	char name[160], display[160], numeric[32], layout[20], text[600];
	bool over, overlay, auto_terminate, joined, by_people;
	int64_t started, terminate_at; /* 0: not */
	int64_t token, born, gone;     /* object tokens */
};

struct rmx_party {
	struct bridge_leg b;
	int id;
	struct rmx_conf *conf;
	char interface[8];
	bool dial_in, by_order, video_mute, self_mute;
	int told_status;
	int64_t token, born, gone;
};

struct rmx_session {
	int token, user_token; /* 0: free */
	int64_t last;          /* monotonic */
};

struct rmx {
	struct bridge b; /* first */
	struct web web;
	VEC(struct rmx_conf *) confs;
	struct rmx_session sessions[RMX_SESSIONS];
	int ids, tries, orders;
	int64_t token; /* the last object token given */
};

/* One document on its way. */
struct rmx_ask {
	struct rmx *m;
	xmlNode *args; /* the action's element */
	int64_t now;
	enum rmx_return code;
	struct buf out; /* what the action answers, within its element */
};

/* ---- rmx_text.c: pure forms ---- */

xmlNode *rmx_child(xmlNode *n, const char *name); /* NULL name: the first; NULL: none */
/* Text at a path "PARTY/ALIAS/NAME" under n, cut to size; "" if it is not there. */
const char *rmx_get(xmlNode *n, const char *path, char *out, size_t size);
bool rmx_is_true(xmlNode *n, const char *path);
/* RESPONSE_ and the name without _1, _2. */
void rmx_response_name(const char *request, char *out, size_t size);
enum rmx_status rmx_status(const struct rmx_party *p, int64_t now);
const char *rmx_return_text(enum rmx_return code);
void rmx_element(struct buf *out, const char *name, const char *text);
/* One ONGOING_PARTY in the answer to TRANS_PARTY, forty kilobytes long. */
void rmx_write_monitored(const struct rmx_party *p, int64_t now, struct buf *out);
/* One ONGOING_PARTY in the list of its conference. */
void rmx_write_party(const struct rmx_party *p, const char *change, int64_t now, struct buf *out);

/* ---- rmx_actions.c ---- */

typedef void rmx_action_fn(struct rmx_ask *a);
struct rmx_action {
	const char *transaction, *name; /* without _1, _2 */
	rmx_action_fn *run;
};
extern const struct rmx_action rmx_actions[]; /* name NULL ends */
extern const struct bridge_kind rmx_kind;
/* What conferences do by themselves: settle, end, name their speaker. */
void rmx_conferences_tick(struct rmx *m, int64_t now);

/* ---- rmx.c: documents, sessions and the lab's hooks ---- */

void rmx_document(
	struct rmx *m, const char *body, size_t n, int64_t now, int64_t mono, struct buf *out);
bool rmx_start(const struct scenario *s, const char *dir, int64_t now); /* all MCUs of this kind */
void rmx_tick(int64_t now);   /* with the lock */
void rmx_follow(int64_t now); /* without it */
/* The site calls the MCU of this name, or the one whose host the address holds; with the lock. */
bool rmx_dial_in(struct site *s, const char *name, const char *address, int64_t now);
void rmx_stop(void);

#endif
