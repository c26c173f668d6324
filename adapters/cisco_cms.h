/* Cisco Meeting Server: what is pure (values in, nouns out; tests and the fuzzers call it with any
 * bytes), the table of legs that makes up for a device which forgets a leg the moment it ends, and
 * what the files of this adapter share. */
#ifndef TD_ADAPTERS_CISCO_CMS_H
#define TD_ADAPTERS_CISCO_CMS_H

#include "adapters/adapter.h"
#include "adapters/wire/http.h"
#include "adapters/wire/xml.h"
#include "base/buf.h"

enum {
	CMS_ID_SIZE = 39,   /* a GUID has 36 */
	CMS_LABEL_MAX = 50, /* bytes of nameLabelOverride */
	CMS_LEGS_MOST = 1024,
};

/* ---- words (cisco_cms_parse.c) ------------------------------------------------------------- */

/* May stand in a path as it is: letters, digits, hyphens. */
bool cms_is_id(const char *s);
/* "/api/v1/callLegs/ID", or a whole URL, in any case of letters: its ID. */
bool cms_location(const char *location, char out[CMS_ID_SIZE]);
/* "a=b&c=d": adds one field, escaped. */
void cms_put(struct buf *form, const char *name, const char *value);
/* "sip:a@b" -> "a@b"; NULL with the class and a sentence: not for this device. */
const char *cms_target(const char *address, enum err *out_class, const char **out_why);
/* "equal", "speaker", "1+5", "1+7", "1+9" or the device's own word -> its word; NULL: none. */
const char *cms_layout(const char *value);

/* ownerId must be a GUID. This one says that the leg is ours and, where it has room, its name. */
void cms_owner(const char *leg_name, char out[CMS_ID_SIZE]);
/* false: not ours. name "": ours, but the name did not fit. */
bool cms_owner_name(const char *owner, char *out_name, size_t size);

/* conference.id is "call/space", with "/n" where the space was made by us. */
struct cms_where {
	char call[CMS_ID_SIZE], space[CMS_ID_SIZE];
	bool own_space;
};
void cms_conference_id(char *out, size_t size, const struct cms_where *w);
bool cms_conference(const char *id, struct cms_where *out);

/* Class of a refusal: HTTP status and body. *out_words: what the device said; *out_cause: what it
 * means for a dial. Never OK. */
enum err cms_refusal(struct arena *a, int status, const char *body, size_t n,
	const char **out_words, enum cause *out_cause);

/* One <callLeg> of GET /callLegs/ID; state NEW: none that is known was told. false: it has no id.
 * owner: its ownerId or "". */
bool cms_leg(const struct xml *item, struct leg *out, char owner[CMS_ID_SIZE]);
/* A line between two bridges of a cluster, or to a Lync conference: nobody's site. */
bool cms_is_link(const struct xml *item);

/* ---- call detail records (cisco_cms_cdr.c) ------------------------------------------------- */

/* The device's end reason; seconds: how long the leg stood. */
struct ending cms_ending(const char *reason, int64_t seconds);

struct cms_cdr_seen { /* what the receiver knows from before; zero at first */
	char session[CMS_ID_SIZE];
	int64_t index; /* of the newest record */
};

struct cms_ended {
	char leg[CMS_ID_SIZE];
	struct ending ending;
	int64_t at; /* UTC ms, device's clock; 0 = not told */
};

struct cms_cdr {
	struct cms_ended *ended;
	size_t n;
	size_t records;	   /* new ones */
	size_t duplicates; /* posted before: the device posts again when no answer reached it */
	bool gap;	   /* records are missing: ask for the lists again */
	bool restarted;	   /* another session of the device: its legs are gone */
};

/* One posted <records> document. ERR_PROTOCOL with a sentence: nothing was taken, and `seen` is
 * as it was. */
enum err cms_cdr(struct arena *a, const char *bytes, size_t n, struct cms_cdr_seen *seen,
	struct cms_cdr *out, struct err_text *why);

/* ---- the event stream (cisco_cms_events.c) ------------------------------------------------- */

enum { CMS_NEWS_MOST = 4096 };

struct cms_told {
	char participant[CMS_ID_SIZE], uri[160]; /* uri "": not told */
	bool gone;
	enum tri speaks; /* UNKNOWN: not told this time */
};

struct cms_news { /* one message */
	bool acknowledge, refused; /* refused: what we asked for */
	int64_t id;
	enum tri state; /* of the subscription: active or not; UNKNOWN: not told */
	struct cms_told *told;
	size_t n;
};

/* ERR_PROTOCOL with a sentence: no JSON. What is not known is passed over. */
enum err cms_news(
	struct arena *a, const char *text, size_t n, struct cms_news *out, struct err_text *why);

struct cms_session;
/* Opens the stream for the legs of this call if there is none, and takes in what it told meanwhile;
 * address: of the one leg that matters, or NULL. Waits for no event; what goes wrong leaves voices
 * unknown. */
void cms_hear(struct task *t, struct lane *l, const char *call, const char *address);
/* Does this leg speak, or did it since that was told last? */
enum tri cms_voice(struct cms_session *s, const char *leg, bool told);
void cms_deafen(struct task *t, struct cms_session *s);

/* ---- the table of legs, and one request (cisco_cms.c) -------------------------------------- */

struct cms_known {
	char id[CMS_ID_SIZE], call[CMS_ID_SIZE], owner[CMS_ID_SIZE];
	struct leg leg;	    /* as last seen, without figures */
	bool ours, hung_up; /* hung_up: by an order of ours */
	bool ended;	    /* a record told its end */
	bool looked_once;
	bool link;	 /* between bridges: told to nobody */
	unsigned seen;	 /* round of the list it was last in */
	unsigned looked; /* round in which it was last asked for */
	int told;	 /* times told as gone */
};

struct cms_events;

struct cms_session {
	struct http *http;
	struct cms_known *legs; /* CMS_LEGS_MOST */
	size_t n;
	unsigned round;
	struct cms_cdr_seen records; /* of those posted to us */
	struct cms_events *events; /* NULL until a list was asked for */
	char synced[CMS_ID_SIZE]; /* the call whose legs are all in the table */
	bool partial;		  /* the last list of legs left some out */
};

struct cms_known *cms_known(struct cms_session *s, const char *leg_id); /* or NULL */
/* Finds or makes; when full one that was told as gone goes, else the one unseen longest. */
struct cms_known *cms_know(struct cms_session *s, const char *leg_id, const char *call);
/* What a record told: reason() and roster() give it from then on. Of a leg that this session never
 * saw only reason() does. */
void cms_take_ended(struct cms_session *s, const struct cms_ended *e);

struct cms_reply {
	const struct xml *xml; /* NULL: no body */
	char id[CMS_ID_SIZE];  /* of Location, or "" */
	enum cause cause;      /* of a refusal */
};
/* One request. form NULL: no body. again: asked a second time, once, when cut off: only for what
 * changes nothing the second time. A refusal is a failure of its class. */
enum err cms_ask(struct task *t, struct lane *l, const char *method, const char *path,
	struct buf *form, bool again, const char *what, struct cms_reply *out);

struct cms_list {
	const struct xml **items;
	size_t n;
	bool partial; /* there are more, and they are not listed */
};
/* Every item of a list, page by page, each id once. path may hold a query. */
enum err cms_all(struct task *t, struct lane *l, const char *path, const char *item,
	const char *what, struct cms_list *out);
enum err cms_check(struct task *t, const struct lane *l, const struct conference *c,
	const char *what, struct cms_where *out);
enum err cms_check_leg(
	struct task *t, const struct lane *l, const struct leg *leg, const char *what);

/* ---- operations ---------------------------------------------------------------------------- */

/* cisco_cms_legs.c */
enum err cms_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out);
enum err cms_roster(struct task *t, struct lane *l, const struct conference *c, struct roster *out);
enum err cms_look(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct leg *out);
enum err cms_media(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, struct media_sample *out);
enum err cms_reason(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, struct ending *out);
enum err cms_hangup(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg);

/* cisco_cms_push.c */
enum err cms_subscribe(struct task *t, struct lane *l, int *out_again_s);
enum err cms_pushed(struct task *t, struct lane *l, const char *bytes, size_t n);

/* cisco_cms_room.c */
enum err cms_find(struct task *t, struct lane *l, const char *conference, struct conference *out);
enum err cms_start(
	struct task *t, struct lane *l, const struct conference_spec *spec, struct conference *out);
enum err cms_end(struct task *t, struct lane *l, const struct conference *c);
enum err cms_mute(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg, bool on);
enum err cms_set_layout(
	struct task *t, struct lane *l, const struct conference *c, const char *value);
enum err cms_focus(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg);
enum err cms_message(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, const char *text, int seconds);

#endif
