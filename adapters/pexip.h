/* Pexip Infinity: what is pure (JSON in, nouns out; talks and the fuzzer call these with any
 * bytes), the table of legs that makes up for a status which forgets a leg the moment it ends, and
 * what the files of this adapter share. */
#ifndef TD_ADAPTERS_PEXIP_H
#define TD_ADAPTERS_PEXIP_H

#include "adapters/adapter.h"
#include "adapters/wire/http.h"
#include "adapters/wire/json.h"

enum { PEXIP_ID_SIZE = 64, PEXIP_ALIAS_SIZE = 251, PEXIP_LEGS_MOST = 1024 };

/* ---- words (pexip_parse.c) ----------------------------------------------------------------- */

struct pexip_list {
	const struct json *first; /* of its objects; NULL: this page is empty */
	size_t n;
	int64_t total;
};
/* false: not such an answer. */
bool pexip_list(const struct json *j, struct pexip_list *out);
/* One participant of the status. false: it has no id that can stand in a path. */
bool pexip_leg(const struct json *j, struct leg *out);
/* The list media_stream of a participant. false: no stream that is running is in it. */
bool pexip_media(const struct json *j, struct media_sample *out);
/* disconnect_reason of the history: free text, kept as it is, and its class as far as words tell.
 * was_up: the leg stood before. */
extern const struct cause_word pexip_causes[]; /* parts of its texts */
struct ending pexip_ending(const char *words, bool was_up);
/* What a refusal says, in one line, whatever its shape. Never NULL. */
const char *pexip_words(struct arena *a, const struct json *j, int status);
/* "equal", "speaker", "1+7" or the platform's own word -> its word for a running conference;
 * *out_view: its word in the configuration of a room, NULL where that is not known. NULL: none. */
const char *pexip_layout(const char *value, const char **out_view);

/* conference.id is the number of the room's configuration, with "/n" where it was made by us. */
bool pexip_conference(const char *id, int64_t *out_room, bool *out_own);

/* ---- session and requests (pexip.c) -------------------------------------------------------- */

struct pexip_known {
	char id[PEXIP_ID_SIZE], room[80];
	struct leg leg; /* as last seen, without figures */
	bool ours, hung_up, to_mute;
	bool ended;	 /* the history told its end */
	bool was_up;
	unsigned seen;	 /* round of the list that it was last in */
	unsigned looked; /* round in which it was last measured */
	int missing;	 /* lists without it */
	int told;	 /* times told as gone */
};

struct pexip_session {
	struct http *http;
	struct pexip_known *legs; /* PEXIP_LEGS_MOST */
	size_t n;
	unsigned round;
	char synced[80]; /* the conference whose legs are all in the table */
	char location[PEXIP_ALIAS_SIZE];
	char alias[PEXIP_ALIAS_SIZE];
	int64_t alias_of; /* the room whose alias that is, 0: none */
};

/* One request below /api/admin/. body NULL: GET. *out NULL where nothing came. */
enum err pexip_ask(struct task *t, struct lane *l, const char *method, const char *path,
	const struct buf *body, bool again, const char *what, const struct json **out);
struct pexip_items {
	const struct json **at;
	size_t n;
};
/* Every object of a list, page by page. path ends with "/" or holds a query. */
enum err pexip_all(struct task *t, struct lane *l, const char *path, const char *what,
	struct pexip_items *out);
/* Sends an order that is one object of texts: key, value, key, value, NULL. */
enum err pexip_order(struct task *t, struct lane *l, const char *path, bool again,
	const char *what, const struct json **out, ...) __attribute__((sentinel));

/* ---- operations (pexip_legs.c) ------------------------------------------------------------- */

enum err pexip_dial(struct task *t, struct lane *l, const struct conference *c,
	const struct dial *d, struct leg *out);
enum err pexip_roster(
	struct task *t, struct lane *l, const struct conference *c, struct roster *out);
enum err pexip_look(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, struct leg *out);
enum err pexip_sample(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, struct media_sample *out);
enum err pexip_reason(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, struct ending *out);
enum err pexip_hangup(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg);
enum err pexip_mute(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, bool on);
/* The alias under which the room is dialled from. */
enum err pexip_alias(struct task *t, struct lane *l, const struct conference *c);

#endif
