/* The simulated codecs that are spoken to over HTTPS: what cisco-roomos, poly-rest and huawei-te
 * have in common. */
#ifndef TD_LAB_CODEC_H
#define TD_LAB_CODEC_H

#include "base/buf.h"
#include "fleet.h"

#include <stdbool.h>
#include <stdint.h>

enum { CODEC_SESSIONS = 8 };

struct codec_session {
	char id[40], token[40];
	int64_t boot, last; /* of the box that gave it; last use, monotonic */
	bool authorised;
};

struct codec_box {
	struct site *site;
	struct codec_session sessions[CODEC_SESSIONS];
	unsigned drawn; /* names given to sessions */
	struct codec_socket *socket;
};

struct codec_request {
	const char *method, *path;
	char location[300], action[80];		 /* of the query: "location" and "ActionID" */
	char cookie[600], xsrf[80], session[80]; /* headers Cookie, x-xsrf-token, Sessionid */
	bool login;				 /* a Basic login came */
	char user[80], password[80];
	struct buf body;
	bool too_large;
};

struct codec_reply {
	unsigned status;
	const char *type, *realm; /* realm: of a Basic challenge, or NULL */
	char cookies[2][160], location[80];
	struct buf body;
};

/* Called with the fleet's lock held; `mono` is real time for what a device's own clock counts. */
typedef void codec_answer_fn(struct codec_box *box, const struct codec_request *rq, int64_t now,
	int64_t mono, struct codec_reply *out);
codec_answer_fn roomos_answer, poly_rest_answer, huawei_answer, mxp_answer;

/* The value of one cookie of a Cookie header; false: it is not there. */
bool codec_cookie(const char *header, const char *name, char *out, size_t size);
/* Right user and password for this box; a wrong one is written to the log. */
bool codec_login(const struct codec_box *box, const char *user, const char *password, int64_t now);
/* A new session with a name of its own; NULL: all are taken, and the log says so. */
struct codec_session *codec_session_begin(struct codec_box *box, int64_t now, int64_t mono);
/* The session of that name that this boot of the box has given; NULL: none. */
struct codec_session *codec_session_find(struct codec_box *box, const char *id, int64_t now);
void codec_session_end(struct codec_box *box, struct codec_session *s, int64_t now);
/* Names a session anew, as if it were another. */
void codec_session_rename(struct codec_box *box, struct codec_session *s);

/* What the boxes tell alike of their call. */
bool codec_in_call(const struct site *s);
/* Sent by the box so far, by medium: what it sends it counts, whether or not it arrives. */
int64_t codec_sent(const struct leg *l, const struct media *md, int medium, int64_t now);
/* Whether those counters move: a frozen box has stopped. */
bool codec_sends(const struct leg *l, int64_t now);
void codec_set_mic(struct site *s, bool muted, int64_t now);
/* The person or the program at the box: both accepted at once, whatever comes of it. */
void codec_dial(struct site *s, const char *address, int64_t now);
void codec_hang_up(struct site *s, int64_t now);

/* ---- codec.c: sockets and hooks of main() ---- */
bool codec_start(const struct scenario *s, const char *dir, int64_t now);
/* Opens and closes sockets as power and network of the sites want it; without the lock. */
void codec_follow(int64_t now);
void codec_stop(void);

#endif
