/* Huawei SMC 2.0: what is pure (SOAP in, nouns out; talks and the fuzzer call these with any
 * bytes), and what the files of this adapter share. */
#ifndef TD_ADAPTERS_HUAWEI_SMC2_H
#define TD_ADAPTERS_HUAWEI_SMC2_H

#include "adapters/adapter.h"
#include "adapters/internal.h"
#include "adapters/wire/cookies.h"
#include "adapters/wire/http.h"
#include "adapters/wire/xml.h"

/* ---- words (huawei_smc2_parse.c) ------------------------------------------------------------ */

enum { SMC2_NO_RIGHT = 1344274435 };

struct smc2_answer {
	int64_t code;	      /* resultCode; 0 done */
	const struct xml *in; /* the answer's element */
	const char *fault;    /* of SOAP, or NULL */
};
/* Envelope, Body, <operation>Response, whatever the prefixes. ERR_PROTOCOL with a sentence. */
enum err smc2_read(struct arena *a, const char *bytes, size_t n, const char *operation,
	struct smc2_answer *out, struct err_text *why);
/* Class of a resultCode that is not 0. Never OK. */
enum err smc2_class(int64_t code);
/* What is sent instead of the password: base64(SHA256(hex(SHA256(password)) hex(random))), random
 * in base64. false: random is no base64. */
bool smc2_proof(const char *password, const char *random, char out[48]);
/* One <conferenceStatuses>: it is not over, nor one that never was. */
bool smc2_runs(const struct xml *x);
/* One <siteStatuses>. false: it has no address, or one that is too long to be an id. */
bool smc2_leg(const struct xml *x, const struct leg_notes *notes, struct leg *out);
extern const struct cause_word huawei_smc2_causes[];
struct ending smc2_ending(int64_t code, const char *words);

/* ---- session and requests (huawei_smc2.c) --------------------------------------------------- */

struct smc2_session {
	struct http *http;
	const char *base; /* "" or, where the url names no path, the usual one */
	struct cookies cookies;
	struct leg_notes notes;
	bool in;	 /* logged in */
	bool unknown;	 /* the last answer: it does not know us, or we may not */
	bool zero_mutes; /* in orders isMute 0 closes, as it turned out */
	bool barred;	 /* refused again after a new login: the account's right is missing */
};

/* Services: conferences, and what is done in one. */
extern const char smc2_manager[], smc2_control[];
/* One operation; inner: within its element, or NULL. again: it only reads or sets.
 * out NULL: not wanted. A session that ended is made anew, once. */
enum err smc2_ask(struct task *t, struct lane *l, const char *service, const char *operation,
	const struct buf *inner, bool again, const char *what, const struct xml **out);
/* smc2_ask() on one conference and, uri not NULL, one of its sites; more: further elements. */
enum err smc2_order(struct task *t, struct lane *l, const char *service, const char *operation,
	const struct conference *c, const char *uri, const char *more, const char *what);
/* One of its conferences, and perhaps one of its sites, as they stand in every order. */
enum err smc2_put_where(struct task *t, const struct lane *l, const struct conference *c,
	const char *uri, const char *what, struct buf *out);
/* <name>text</name>, text escaped. */
void smc2_element(struct buf *b, const char *name, const char *text);
/* A name as this platform is given it. On the task's arena. */
const char *smc2_cut(struct task *t, const char *name);

/* ---- operations (huawei_smc2_legs.c) -------------------------------------------------------- */

enum err smc2_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out);
enum err smc2_roster(
	struct task *t, struct lane *l, const struct conference *c, struct roster *out);
enum err smc2_reason(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, struct ending *out);
enum err smc2_hangup(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg);
enum err smc2_mute(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg, bool on);
#endif
