/* The simulated Asterisk: its REST interface (ARI) with channels and mixing bridges, and the events
 * of its applications over a WebSocket. State is touched with fleet_lock() held. "ARI" in comments:
 * the interface's own published description (rest-api/api-docs); "source": the published program;
 * "seen": at a running 22.10.1. */
#ifndef TD_LAB_ASTERISK_H
#define TD_LAB_ASTERISK_H

#include "base/buf.h"
#include "bridge.h"
#include "web.h"

#include <jansson.h>

enum {
	AST_ID = 150, /* source: the longest id that a caller may choose, and its end */
	AST_APP = 64,
	AST_PARALLEL = 50,
	AST_DIAL_S = 30,	/* ARI: timeout of originate, where none is given */
	AST_DUMB_MS = 86400000, /* source: without rtp_timeout a dumb leg stays */
	AST_BACKLOG = 4 << 20,	/* unread events of a listener, bytes */
	AST_LISTENERS = 8,
	AST_TALK_MS = 2500, /* source: silence that ends a talk, real */
};

struct ast_room { /* a bridge */
	char id[AST_ID], name[160];
	char seen[AST_ID]; /* the channel whose picture all see; "": who talks */
	bool gone;
	int64_t created;
};

struct ast_chan {
	struct bridge_leg b; /* first */
	char id[AST_ID], name[200], app[AST_APP], args[240];
	bool in_app;  /* StasisStart was told */
	bool detects; /* TALK_DETECT is set */
	bool talking;
	struct ast_room *in; /* NULL: in no bridge, hears and is heard by nobody */
	int64_t created, last_talk;
};

struct ast_listener { /* one WebSocket */
	char app[AST_APP];
	bool used, replaced; /* another one took its application: it is closed */
	char allowed[600];   /* event filter: " Type Type ", "" all */
	struct buf out;	     /* events, each ended by NUL; with the lock */
};

struct asterisk {
	struct bridge b; /* first */
	struct web web;
	VEC(struct ast_room *) rooms;
	struct ast_listener listeners[AST_LISTENERS];
	char expected[AST_APP]; /* the application of the handshake that was just accepted */
	int serials;
};

/* One request on its way through the routes. */
struct ast_ask {
	struct asterisk *m;
	const char *id, *id2; /* of the path */
	const struct web_request *rq;
	int64_t now;
	struct web_reply *out;
};

/* ---- asterisk_text.c: pure forms ---- */

struct ast_cause {
	const char *why; /* the fleet's word */
	int q850, sip;	 /* sip 0: none is told */
};
const struct ast_cause *ast_cause_of(const char *why); /* never NULL */
const char *ast_cause_text(int q850);
/* "2026-03-02T07:00:00.000+0000" */
const char *ast_time(int64_t at, char out[40]);
json_t *ast_json_channel(const struct ast_chan *c);
json_t *ast_json_room(const struct asterisk *m, const struct ast_room *r);
json_t *ast_json_statistics(const struct ast_chan *c, int64_t now);
/* Whether a path fits "channels/@/mute"; '@' takes one segment. */
bool ast_path(const char *pattern, const char *path, char ids[2][AST_ID]);
/* Body of an error. */
void ast_fail(struct web_reply *out, unsigned status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void ast_send(struct web_reply *out, json_t *body); /* takes it */

/* ---- asterisk_calls.c: channels and bridges ---- */

typedef void ast_route_fn(struct ast_ask *a);
struct ast_route {
	const char *method, *pattern;
	ast_route_fn *run;
};
extern const struct ast_route ast_routes[]; /* method NULL ends */
extern const struct bridge_kind ast_kind;
/* Who talks is told when it changes. */
void ast_voices(struct asterisk *m, int64_t now);

/* ---- asterisk_events.c ---- */

/* Tells the application; takes `event`, adds what every event has. */
void ast_tell(struct asterisk *m, const char *app, const char *type, int64_t now, json_t *event);
bool ast_listens(const struct asterisk *m, const char *app);
/* A WebSocket, on a thread of its own. */
void ast_listen(void *m, int fd, const char *early, size_t early_n, const atomic_bool *stop);

/* ---- asterisk.c: requests and the lab's hooks ---- */

void ast_request(
	struct asterisk *m, const struct web_request *rq, int64_t now, struct web_reply *out);
bool asterisk_start(const struct scenario *s, const char *dir, int64_t now);
void asterisk_tick(int64_t now);   /* with the lock */
void asterisk_follow(int64_t now); /* without it */
bool asterisk_dial_in(struct site *s, const char *name, const char *address, int64_t now);
void asterisk_stop(void);

#endif
