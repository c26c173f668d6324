/* The simulated Cisco Meeting Server: REST in forms and XML, CDRs posted to receivers. State is
 * touched with fleet_lock() held. "CMS API" and "CDR guide" in comments name what a behaviour
 * follows; "not known" marks what those do not say and where the simulator does the least. */
#ifndef TD_LAB_CMS_H
#define TD_LAB_CMS_H

#include "base/buf.h"
#include "bridge.h"
#include "web.h"

#include <pthread.h>

enum {
	CMS_ID = BRIDGE_ID,
	CMS_RECEIVERS = 4,    /* CMS API: then tooManyCdrReceivers */
	CMS_PARALLEL = 20,    /* not known where 503 begins */
	CMS_LABEL_BYTES = 50, /* CMS API: bytes, not characters */
	CMS_QUEUE = 60,	      /* records kept for a receiver that does not answer; not known */
	CMS_PER_POST = 8,
	CMS_ALARM_PERMILLE = 50, /* loss from which a leg has an alarm; not known */
	CMS_FILTER_IDS = 20,
	CMS_TOKENS = 16,
};

struct cms_space {
	char id[CMS_ID], name[160], uri[100], call_id[40], passcode[40], layout[32];
	bool gone;
};

struct cms_call {
	char id[CMS_ID], correlator[CMS_ID], name[160], layout[32], text[600], position[12],
		highest[8], self_pane[8];
	struct cms_space *space;
	bool over;
	int64_t started, text_until; /* 0: no text; INT64_MAX: permanent */
	int legs_done, legs_max;
};

struct cms_leg {
	struct bridge_leg b;
	char id[CMS_ID], participant[CMS_ID], owner[200], layout[32], label[CMS_LABEL_BYTES + 1];
	struct cms_call *call;
	bool tx_audio_mute, rx_video_mute, tx_video_mute;
	int importance;
};

struct cms_record {
	uint64_t index, correlator, missing;
	char *xml; /* `<record type=".." time=".."` without its end, then NUL, then what it holds */
};

struct cms_receiver {
	char id[CMS_ID], uri[240]; /* id "": free */
	VEC(struct cms_record) queue;
	uint64_t index, missing;
	int64_t retry_at; /* monotonic */
	int failures;
};

struct cms {
	struct bridge b; /* first */
	struct web web;
	VEC(struct cms_space *) spaces;
	VEC(struct cms_call *) calls;
	struct cms_receiver receivers[CMS_RECEIVERS];
	char session[CMS_ID], tokens[CMS_TOKENS][CMS_ID]; /* of event streams; the oldest goes */
	unsigned tokens_n;
	uint64_t correlator;
	int legs_max;
	pthread_t poster;
	atomic_bool stopping;
};

/* One request on its way through the routes. */
struct cms_ask {
	struct cms *m;
	const char *id; /* of the path */
	const struct web_form *form;
	int64_t now;
	struct web_reply *out;
};

/* ---- cms_text.c: pure forms ---- */

struct cms_window { /* which items of a list are shown */
	size_t offset, count;
};
/* CMS API: offset and limit as asked, but the server caps the page. NULL: not asked. */
struct cms_window cms_page(size_t total, const char *offset, const char *limit, size_t cap);
/* Whether a path fits "calls/@/callLegs": the case of letters does not matter, '@' takes one
 * segment. */
bool cms_path(const char *pattern, const char *path, char ids[2][80]);
bool cms_layout_known(const char *name);
/* The end reason for the fleet's word. */
const char *cms_reason(const char *why, const char *address);
/* <status> of a call leg. */
void cms_write_status(const struct cms_leg *l, const char *layout, int64_t now, struct buf *out);
void cms_element(struct buf *out, const char *name, const char *text); /* left out when empty */
void cms_fail(struct web_reply *out, const char *tag);
void cms_fail_parameter(struct web_reply *out, const char *parameter, const char *error);
/* "true", "false" or "": unset, which is false; anything else is refused. */
bool cms_bool(const char *text, bool *out);
/* One POST: all records of the queue's beginning, `taken` of them. */
void cms_write_records(
	const struct cms_receiver *r, const char *session, size_t taken, struct buf *out);
/* http://127.x.y.z[:port]/path; false: not one that the lab may call. */
bool cms_receiver_uri(const char *uri, char host[64], int *port, const char **path);

/* ---- cms_objects.c, cms_legs.c: what the paths do ---- */

typedef void cms_route_fn(struct cms_ask *a);
struct cms_route {
	const char *method, *pattern;
	cms_route_fn *run;
};
extern const struct cms_route cms_objects[], cms_legs[]; /* method NULL ends */
void cms_id(struct cms *m, char out[CMS_ID]);
struct cms_call *cms_call(struct cms *m, const char *id);   /* NULL: gone */
struct cms_call *cms_call_add(struct cms *m, struct cms_space *s, const char *name, int64_t now);
void cms_created(struct cms_ask *a, const char *kind, const char *id);
void cms_list_open(struct cms_ask *a, const char *tag, size_t total, struct cms_window *w);
extern const struct bridge_kind cms_kind;
/* Runs one request; with the lock. */
void cms_request(struct cms *m, const struct web_request *rq, int64_t now, struct web_reply *out);

/* ---- cms_cdr.c ---- */

void cms_tell_call(struct cms *m, const struct cms_call *c, bool end, int64_t now);
void cms_tell_leg(struct cms *m, const struct cms_leg *l, const char *type, int64_t now);
void cms_forget_records(struct cms *m); /* a restart */
void cms_receiver_clear(struct cms_receiver *r);
void *cms_post_main(void *m); /* a thread: posts what waits */

/* ---- cms_roster.c: the event stream, on a thread of its own ---- */

void cms_listen(void *m, int fd, const char *early, size_t early_n, const atomic_bool *stop);

/* ---- cms.c: the lab's hooks ---- */

bool cms_start(const struct scenario *s, const char *dir, int64_t now); /* all MCUs of this kind */
void cms_tick(int64_t now);   /* with the lock */
void cms_follow(int64_t now); /* without it */
/* The site calls the MCU of this name, or the one whose host the address holds; with the lock. */
bool cms_dial_in(struct site *s, const char *name, const char *address, int64_t now);
void cms_stop(void);

#endif
