/* Huawei SMC 3.0: what is pure (JSON in, nouns out; talks and the fuzzer call these with any
 * bytes), and what the files of this adapter share. */
#ifndef TD_ADAPTERS_HUAWEI_SMC3_H
#define TD_ADAPTERS_HUAWEI_SMC3_H

#include "adapters/adapter.h"
#include "adapters/internal.h"
#include "adapters/wire/http.h"
#include "adapters/wire/json.h"

enum { SMC3_ID_SIZE = 64, SMC3_URI_MOST = 127 };

/* ---- words (huawei_smc3_parse.c) ------------------------------------------------------------ */

struct smc3_page {
	const struct json *first; /* of its content; NULL: it is empty */
	size_t n;
	bool last;
};
enum { SMC3_PAGE = 100 }; /* items asked for at a time */
/* Page `page` (from 0) of a list. false: not such an answer. */
bool smc3_page(const struct json *j, int64_t page, struct smc3_page *out);
/* One participant: state NEW where it was never called, GONE with its reason where that is told.
 * notes: which are ours, or NULL. false: it has no id that can stand in a path. */
bool smc3_leg(const struct json *j, const struct leg_notes *notes, struct leg *out);
/* callFailReason. ours: the platform called it. */
struct ending smc3_ending(int64_t reason, bool ours);
/* Class of a refusal: status and { errorNo, errorDesc }. *out_words: one line, never NULL;
 * *out_again: the token is not known any more. Never OK. */
enum err smc3_refusal(
	struct arena *a, const struct json *j, int status, const char **out_words, bool *out_again);

/* ---- session and requests (huawei_smc3.c) --------------------------------------------------- */

struct smc3_session {
	struct http *http;
	const char *basic;
	char token[80];
	struct leg_notes notes;
};

/* One request below /conf-portal. body NULL: none. again: it only reads or sets. out NULL: not
 * wanted; *out NULL where nothing came. A token that ran out is renewed, once. */
enum err smc3_ask(struct task *t, struct lane *l, const char *method, const char *path,
	const struct buf *body, bool again, const char *what, const struct json **out);
/* Every item of a list, page by page; `take` false: enough. */
typedef bool smc3_take_fn(void *to, const struct json *item);
enum err smc3_all(struct task *t, struct lane *l, const char *list, const char *what,
	smc3_take_fn *take, void *to);
/* Logged in, and the conference's and the leg's ids can stand in a path. leg may be NULL. */
enum err smc3_check(struct task *t, const struct lane *l, const struct conference *c,
	const struct leg *leg, const char *what);

/* ---- operations (huawei_smc3_legs.c) -------------------------------------------------------- */

enum err smc3_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out);
enum err smc3_roster(
	struct task *t, struct lane *l, const struct conference *c, struct roster *out);
enum err smc3_reason(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, struct ending *out);
enum err smc3_hangup(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg);
enum err smc3_mute(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg, bool on);
#endif
