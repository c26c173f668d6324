/* Asterisk by its REST interface (ARI): what is pure (values in, nouns out; tests and the fuzzer
 * call it with any bytes), the table of legs that its events feed, and what the files of this
 * adapter share. */
#ifndef TD_ADAPTERS_ASTERISK_H
#define TD_ADAPTERS_ASTERISK_H

#include "adapters/adapter.h"
#include "adapters/legtable.h"
#include "adapters/wire/http.h"
#include "adapters/wire/json.h"
#include "adapters/wire/ws.h"
#include "base/buf.h"

enum { ARI_ID_SIZE = 128, ARI_LISTED_MOST = 10000 };

/* ---- words (asterisk_parse.c) ---- */

struct ari_where { /* from the device's URL */
	char app[64];	   /* the application that our legs are in */
	char endpoint[64]; /* of PJSIP, through which sites are dialled */
};
/* "http://host:8088/?app=tongduyet&endpoint=sites": false with a sentence when it cannot be
 * used. */
bool ari_where(const char *url, struct ari_where *out, char *why, size_t why_size);
/* May stand in a path, a query or an argument as it is. */
bool ari_is_word(const char *s);
/* A conference's name as the id of a bridge, the same each time; another name gives another one. */
void ari_bridge_id(char *out, size_t size, const char *name);
/* The id of a channel of ours: conference, mute wish and leg can be read back from it, and the same
 * order gives the same id. */
void ari_channel_id(char out[ARI_ID_SIZE], const char *attempt, const char *bridge_id, bool muted,
	const char *leg_name);
struct ari_own { /* what an id of ours says */
	const char *leg_name; /* inside the id */
	bool muted;
};
bool ari_is_ours_in(const char *id, const char *bridge_id, struct ari_own *out);
bool ari_is_ours(const char *id);
/* "channels/" and an id, escaped, and what follows it. */
const char *ari_path(struct arena *a, const char *kind, const char *id, const char *rest);
/* "sip:user@host" as PJSIP wants it, or NULL and the class with a sentence. */
const char *ari_target(const char *address, enum err *out_class, const char **out_why);
/* Words of a refusal: {"message"} or {"error"}. Never NULL. */
const char *ari_words(const struct json *j, const char *otherwise);
/* "2026-11-20T17:48:28.034+0000" in ms; false: it is none. */
bool ari_instant(const char *text, int64_t *out);
/* "(nothing)" or "(h264|vp8)": is there a picture? */
enum tri ari_picture(const char *formats);
/* "127.0.1.1:20060", "[::1]:20060" -> the host. */
void ari_host(const char *from, char *out, size_t size);
/* "\"An\" <sip:s3@127.0.1.3>" -> "sip:s3@127.0.1.3"; "" if it holds none. */
void ari_uri(const char *from, char *out, size_t size);

/* What is known about an end. */
struct ari_end {
	int64_t q850, sip; /* 0: not told */
	char text[48];
	bool soft, bye; /* asked for at the device; said by the other side */
	bool rang, up;
};
struct ending ari_ending(const struct ari_end *end);

/* ---- answers ---- */

struct ari_channel {
	const char *id, *name, *number, *shown;
	const char *app, *argument; /* of Stasis: application and first argument; "" */
	enum leg_state state;
	bool waits; /* it came in and rings here */
};
bool ari_channel(struct arena *a, const struct json *j, struct ari_channel *out);
/* An array of at most ARI_LISTED_MOST: channels are looked for among the members one by one. */
bool ari_is_list(const struct json *j);
/* RTPstat. Of the sound alone. */
void ari_media(const struct json *j, struct media_sample *out);

/* ---- the table of legs (asterisk_table.c) ---- */

struct ari_leg {
	struct known_leg k;
	enum tri muted, picture;
	bool joined;  /* it was in the bridge */
	bool asked;   /* for what is asked of a leg once */
	bool detects; /* talk detection was set in this session */
	bool talking;
	int vain; /* times not let in */
	struct ari_end end;
};

/* One event, parsed. false: another session has taken our application. */
bool ari_table_event(struct leg_table *t, const struct json *event);

/* ---- one request (asterisk.c) ---- */

struct ari_session {
	struct http *http;
	struct ws *ws; /* NULL: lost, or taken by another one */
	struct ari_where where;
	bool taken;   /* another session listens for our application: never open it again */
	int ws_pause; /* operations until it is tried again */
	struct leg_table table; /* of struct ari_leg */
};

/* One request; `path` without "/ari/". again: asked a second time, once, when cut off. out may be
 * NULL.
 * A refusal is a failure of its class: 404 GONE. */
enum err ari_ask(struct task *t, struct lane *l, const char *method, const char *path,
	const char *body, bool again, const char *what, const struct json **out);
/* Reads what events have come; opens the stream again where it was lost. Only ERR_CANCELED and
 * ERR_TIMEOUT of the task. */
enum err ari_listen(struct task *t, struct lane *l);
enum err ari_listen_for(struct task *t, struct lane *l, int64_t at_most_ms, bool *out_any);
enum err ari_check_conference(struct task *t, const struct lane *l, const struct conference *c);
/* Makes the bridge; *out_made false: it was there. */
enum err ari_make_bridge(
	struct task *t, struct lane *l, const char *id, const char *name, bool *out_made);

/* ---- operations (asterisk_legs.c, asterisk_roster.c) ---- */
enum err asterisk_dial(struct task *t, struct lane *l, const struct conference *c,
	const struct dial *d, struct leg *out);
enum err asterisk_roster(
	struct task *t, struct lane *l, const struct conference *c, struct roster *out);
enum err asterisk_look(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, struct leg *out);
enum err asterisk_media(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, struct media_sample *out);
enum err asterisk_reason(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, struct ending *out);
enum err asterisk_hangup(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg);
enum err asterisk_mute(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, bool on);
enum err asterisk_end(struct task *t, struct lane *l, const struct conference *c);
void ari_put_leg(struct leg *out, const struct ari_leg *f);
/* Mute and talk detection of one channel, in the order in which neither leaves a stale flag. */
enum err ari_set_mute(struct task *t, struct lane *l, struct ari_leg *f, bool on, const char *what);

#endif
