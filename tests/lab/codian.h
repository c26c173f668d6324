/* The simulated Cisco Codian MCU: its state, and the methods that read and change it.
 * All state is touched with fleet_lock() held. */
#ifndef TD_LAB_CODIAN_H
#define TD_LAB_CODIAN_H

#include "fleet.h"
#include "rpc.h"
#include "web.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
	CODIAN_PANES = 20,
	CODIAN_RECEIVERS = 20,
	CODIAN_PARTICIPANTS_MAX = 500, /* MCU API: so many participants may be added through it */
	CODIAN_RESTART_MS = 90 * 1000, /* scaled */
	CODIAN_DEAD_SHOWN_MS = 60 * 1000,
	CODIAN_PARALLEL = 20,
};

enum codian_fault { /* MCU API, fault codes */
	FAULT_NONE = 0,
	FAULT_METHOD = 1,
	FAULT_DUP_CONFERENCE = 2,
	FAULT_DUP_PARTICIPANT = 3,
	FAULT_NO_CONFERENCE = 4,
	FAULT_NO_PARTICIPANT = 5,
	FAULT_MANY_PARTICIPANTS = 7,
	FAULT_CONFERENCE_NAME = 8,
	FAULT_PARTICIPANT_NAME = 9,
	FAULT_ADDRESS = 10,
	FAULT_AUTH = 14,
	FAULT_PRIVILEGES = 15,
	FAULT_ENUMERATE_ID = 16,
	FAULT_TYPE = 20,
	FAULT_TOO_LONG = 35,
	FAULT_MISSING = 101,
	FAULT_INVALID = 102,
	FAULT_MALFORMED = 103,
	FAULT_TOO_LARGE = 105,
	FAULT_FAILED = 201,
	FAULT_ASYNC = 203,
};

struct pane {
	char type[16], participant[160], protocol[8], kind[16];
};

struct conf {
	int64_t id;
	char name[160], numeric[32], description[160], layout[32];
	bool active, join_muted, panes_on;
	int64_t started, duration_s;
	struct pane panes[CODIAN_PANES];
};

struct part {
	int64_t uid;
	struct conf *conf;
	char name[160], protocol[8], type[16], address[200], display[160], layout[32];
	bool by_api, muted_configured, dead;
	int64_t dead_at, rev;
	enum phase told; /* the phase last reported */
	struct leg leg;
};

enum codian_event {
	CODIAN_RESTART,
	CODIAN_CONFIGURED,
	CODIAN_STARTED,
	CODIAN_FINISHED,
	CODIAN_JOINED,
	CODIAN_LEFT,
	CODIAN_EVENTS
};

struct receiver {
	char uri[200], source[160];
	unsigned told; /* bits 1 << enum codian_event that wait to be posted */
};

enum { TPS_DUE = 64 };
struct tps_due { /* a diagnosis asked for, not yet posted */
	char uri[256], source[256];
	int64_t uid; /* of the participant; 0: none */
};

struct MHD_Daemon;

struct mcu {
	const struct lab_mcu *plan;
	int64_t started;   /* last restart */
	int64_t first_leg; /* first connected leg; 0: none */
	VEC(struct conf *) confs;
	VEC(struct part *) parts; /* by uid, the dead among them */
	int64_t revision, next_uid;
	struct receiver receivers[CODIAN_RECEIVERS];
	struct tps_due due[TPS_DUE];
	unsigned requests;
	bool rebooted;
	struct web web;
	pthread_t poster;
	atomic_bool posting;
};

/* codian_state.c */
struct conf *mcu_conf(const struct mcu *m, const char *name); /* NULL */
struct conf *mcu_conf_add(struct mcu *m, const char *name, int64_t now);
/* Ends all its legs, forgets its participants; with `forget` the conference too. */
void mcu_conf_end(struct mcu *m, struct conf *c, int64_t now, bool forget);
/* protocol and type may be "": any. NULL: none that is not dead. */
struct part *mcu_part(const struct mcu *m, const struct conf *c, const char *name,
	const char *protocol, const char *type);
struct part *mcu_part_add(struct mcu *m, struct conf *c, const char *name);
void mcu_part_dial(struct mcu *m, struct part *p, int64_t now);
void mcu_part_hang(struct mcu *m, struct part *p, int64_t now, const char *why);
void mcu_part_remove(struct mcu *m, struct part *p, int64_t now);
void mcu_part_mute(struct mcu *m, struct part *p, bool on, int64_t now, const char *by);
/* The site calls the MCU's running conference; false: there is none, or the site is busy. */
bool mcu_dial_in(struct mcu *m, struct site *s, int64_t now);
/* The same into this conference, without asking. */
void mcu_join(struct mcu *m, struct conf *c, struct site *s, int64_t now);
/* Set by cascade_open(): what stands for another MCU at the address that `p` dials; NULL: none
 * lives there. */
extern struct site *(*mcu_trunk)(struct mcu *m, struct part *p, int64_t now);
bool mcu_restarting(const struct mcu *m, int64_t now);
/* Brings all legs to `now`; acts of people at the MCU's own page; a restart. */
void mcu_tick(struct mcu *m, int64_t now);
/* Whether its interface answers at `now`. */
bool mcu_api_up(const struct mcu *m, int64_t now);

/* codian_methods.c, codian_people.c: one method each; 0 or a fault code. */
typedef int codian_method_fn(struct mcu *m, xmlNode *args, int64_t now, struct rpc_out *o);
struct codian_method {
	const char *name;
	codian_method_fn *call;
};
extern const struct codian_method codian_people[]; /* participant.*, name NULL ends */
extern const struct codian_method
	tps_methods[]; /* tps.c: of a TelePresence Server instead of the MCU's; name NULL ends */
extern const struct codian_method
	codian_box[];	      /* device.*, feedbackReceiver.*: both have them; name NULL ends */
void tps_post(struct mcu *m); /* posts one diagnosis that is due, without the lock */
/* Runs one request body; the answer is a response or a fault. */
void codian_request(
	struct mcu *m, const char *body, size_t n, bool latin1, int64_t now, struct buf *out);
/* Conference named by the arguments; NULL sets *fault. */
struct conf *codian_conf(struct mcu *m, xmlNode *args, int *fault);
/* Text of at most the device's name length; 0, `missing` or FAULT_TOO_LONG. */
int codian_name(const struct mcu *m, xmlNode *args, const char *member, int missing, char *out,
	size_t size);
size_t codian_length(const char *s); /* characters */

/* codian_feedback.c: what is posted to feedback receivers. */
/* with the lock: every receiver is told, soon */
void codian_tell(struct mcu *m, enum codian_event e);
bool codian_post_start(struct mcu *m);
void codian_post_stop(struct mcu *m);

/* codian.c: the sockets. */
bool codian_start(struct mcu *m, const char *dir);
void codian_stop(struct mcu *m);
/* Opens and closes its listening socket as the scenario says; called by the ticker without the
 * lock. */
void codian_follow(struct mcu *m, int64_t now);

#endif
