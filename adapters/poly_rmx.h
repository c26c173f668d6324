/* Polycom RMX, RealPresence Collaboration Server: what is pure (values in, nouns out; tests and
 * the fuzzer call it with any bytes), the parties kept between two increments of a list, and what
 * the files share. */
#ifndef TD_ADAPTERS_POLY_RMX_H
#define TD_ADAPTERS_POLY_RMX_H

#include "adapters/adapter.h"
#include "adapters/wire/http.h"
#include "adapters/wire/xml.h"
#include "base/buf.h"

enum { RMX_ID_SIZE = 16, RMX_PARTIES_MOST = 512, RMX_ROOMS = 4 };

/* ---- documents (poly_rmx_parse.c) ---------------------------------------------------------- */

/* Whatever makes a document unreadable is replaced: control characters, bare ampersands,
 * references to characters that XML does not have. The text grows on the arena. */
char *rmx_clean(struct arena *a, const char *bytes, size_t n, size_t *out_n);
/* A document without passwords and tokens, for traces. */
void rmx_redact(struct buf *out, const char *bytes, size_t n);
/* First element of that name anywhere below, or NULL. */
const struct xml *rmx_find(const struct xml *top, const char *name);
/* A number that stands for a conference or party. */
bool rmx_is_id(const char *s);

struct rmx_answer {
	int64_t status;	   /* 0 done, 1 in progress, else refused; -1: none told */
	const char *words; /* DESCRIPTION, with DESCRIPTION_EX where it says more */
	const struct xml *root;
};
/* ERR_PROTOCOL with a sentence: not XML, or an answer to something else than trans
 * ("TRANS_CONF_2"). */
enum err rmx_answer(struct arena *a, const char *bytes, size_t n, const char *trans,
	struct rmx_answer *out, struct err_text *why);

/* ---- words --------------------------------------------------------------------------------- */

struct rmx_target {
	const char *interface, *ip, *alias, *alias_type, *sip;
	int port;
};
/* "sip:a@b", "h323:10.0.0.1", "h323:e164@gk", without a scheme h323. false: nothing to dial. */
bool rmx_target(struct arena *a, const char *address, struct rmx_target *out);
/* "equal" gives *out_auto; NULL: not one of them. */
const char *rmx_layout(const char *value, bool *out_auto);
struct ending rmx_ending(int64_t id, const char *description, const char *more);

/* ---- parties ------------------------------------------------------------------------------- */

enum rmx_state {
	RMX_IDLE = 0,
	RMX_CONNECTED = 1,
	RMX_DISCONNECTED = 2,
	RMX_WAITING = 3,
	RMX_CONNECTING = 4,
	RMX_DISCONNECTING = 5,
	RMX_PARTIALLY = 6,
	RMX_DELETED = 7,
	RMX_SECONDARY = 8, /* audio only: its video failed */
	RMX_PROBLEM = 10,  /* connected with problem */
	RMX_REDIALING = 11,
};

struct rmx_party {
	struct leg leg; /* without figures */
	int64_t state;	/* enum rmx_state, or what a newer version says */
	enum tri video_muted;
	bool removed; /* from the list */
	bool was_up;  /* since it was dialled last */
	bool dropped; /* it stood and is being called again: an end that roster() is to tell */
	int told;     /* times told after it was removed */
	unsigned seen, measured;
};

/* One ONGOING_PARTY on top of what was known of it (zero at first). false: no id. */
bool rmx_party(const struct xml *ongoing, struct rmx_party *io);
/* A number from the table above; what came before decides what 5, 6, 9 and above 11 mean. */
enum leg_state rmx_leg_state(int64_t state, bool was_up, enum leg_state before);
/* IP_MONITOR_CHANNELs of one party. false: none is told. remote_ip: where its media come from, or
 * "". */
bool rmx_media(const struct xml *answer, int64_t state, struct media_sample *out, char *remote_ip,
	size_t size);

/* ---- rooms and one request (poly_rmx.c) ---------------------------------------------------- */

struct rmx_room { /* a conference as its increments add up */
	char id[RMX_ID_SIZE], token[24], layout[24];
	struct rmx_party *parties; /* RMX_PARTIES_MOST */
	size_t n;
	unsigned round, used;
};

struct rmx_session {
	struct http *http;
	char mcu_token[32], user_token[32], product[64], api[24], profile[RMX_ID_SIZE];
	int message_id;
	unsigned clock;
	struct rmx_room rooms[RMX_ROOMS];
};

struct rmx_party *rmx_known(struct rmx_room *room, const char *party_id); /* or NULL */
/* One GET of a conference into its room. */
void rmx_merge(struct rmx_room *room, const struct xml *answer, bool whole);

/* One transaction: action is the element inside <ACTION>. Refused: a failure, after it was made
 * sure that the session is still good. again: asked a second time, once, when cut off. */
enum err rmx_ask(struct task *t, struct lane *l, const char *trans, const char *action, bool again,
	const char *what, struct rmx_answer *out);
/* The conference's room, brought up to date. */
enum err rmx_refresh(
	struct task *t, struct lane *l, const struct conference *c, struct rmx_room **out);
enum err rmx_find_conference(
	struct task *t, struct lane *l, const char *name, const char *id, struct conference *out);

/* ---- operations ---------------------------------------------------------------------------- */

/* poly_rmx_legs.c */
enum err rmx_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out);
enum err rmx_roster(struct task *t, struct lane *l, const struct conference *c, struct roster *out);
enum err rmx_look(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct leg *out);
enum err rmx_media_of(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, struct media_sample *out);
enum err rmx_reason(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, struct ending *out);
enum err rmx_hangup(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg);
enum err rmx_mute(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg, bool on);

/* poly_rmx_room.c */
enum err rmx_find_named(
	struct task *t, struct lane *l, const char *conference, struct conference *out);
enum err rmx_start(
	struct task *t, struct lane *l, const struct conference_spec *spec, struct conference *out);
enum err rmx_end(struct task *t, struct lane *l, const struct conference *c);
enum err rmx_set_layout(
	struct task *t, struct lane *l, const struct conference *c, const char *value);
enum err rmx_focus(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg);
enum err rmx_message(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, const char *text, int seconds);

#endif
