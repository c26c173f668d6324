/* FreeSWITCH mod_conference: what is pure (values in, nouns out; tests and the fuzzer call it with
 * any bytes), the table of legs that its event socket feeds, and what the files of this adapter
 * share. */
#ifndef TD_ADAPTERS_FREESWITCH_H
#define TD_ADAPTERS_FREESWITCH_H

#include "adapters/adapter.h"
#include "adapters/legtable.h"
#include "adapters/wire/esl.h"
#include "adapters/wire/http.h"
#include "adapters/wire/json.h"
#include "base/buf.h"

enum {
	FS_UUID_SIZE = 37,
	FS_LISTED_MOST = 10000,
	FS_ESL_PORT = 8021,
	FS_MEDIA_TIMEOUT_S = 300
};

/* ---- words (freeswitch_parse.c) ---- */

struct fs_where { /* from the device's URL */
	char host[256];
	int esl_port; /* 0: no event socket wanted */
	char profile[64];
	char esl_secret[128]; /* "" = the device's password */
	int media_timeout_s;  /* without a packet so long, a leg is given up */
};
/* "http://host:8080/?esl=8021&profile=internal": false with a sentence when it cannot be used. */
bool fs_where(const char *url, struct fs_where *out, char *why, size_t why_size);

/* A conference's name as one safe word, the same each time; another name gives another word. */
void fs_conference_id(char *out, size_t size, const char *name);
/* May stand in a command as it is: no blank, brace, quote, comma, control character ... */
bool fs_is_word(const char *s);
/* "sip:user@host[:port][;transport=..]" without the scheme, or NULL and the class with a sentence.
 */
const char *fs_target(const char *address, enum err *out_class, const char **out_why);
/* A channel's uuid made of our attempt and the conference: the same order gives the same uuid. */
void fs_uuid(char out[FS_UUID_SIZE], const char *attempt, const char *conference_id);
bool fs_is_ours(const char *uuid);
bool fs_is_ours_in(const char *uuid, const char *conference_id);
/* "{vars}sofia/profile/sip:.." of words that were checked before. */
void fs_dial_string(
	struct buf *out, const struct fs_where *w, const char *uuid, const struct dial *d);
/* Text as %XX: nothing in it splits or ends an argument. */
void fs_escape(struct buf *out, const char *text);

/* The class of an answer's text: OK for everything that is no refusal. "+OK" alone proves nothing.
 */
enum err fs_said(const char *text);
bool fs_says_ok(const char *text); /* one of its lines begins with +OK */
/* "+OK Job-UUID: u" -> u. */
bool fs_job(const char *text, char *out, size_t size);
/* `status`: false if it is not FreeSWITCH's. */
bool fs_status(const char *text, struct identity *out);
/* "equal", "speaker", "1+5", "1+7", "group:name" or a layout's own name -> arguments of vid-layout;
 * NULL: none. */
const char *fs_layout(const char *value, char *out, size_t size);

/* What is known about an end. */
struct fs_end {
	char cause[48]; /* NORMAL_CLEARING ... */
	char sip[8];	/* status, or "" */
	char disposition[24];
	enum tri rang, answered, replied; /* replied: a SIP answer came from the other side */
};
struct ending fs_ending(const struct fs_end *end);

/* ---- answers ---- */

struct fs_member {
	int64_t id;
	const char *uuid, *name, *number;
	enum tri can_speak, talking, has_video;
	enum tri mute_detect; /* it is listened to while it is muted */
};
/* Callers of one conference of json_list's answer, on the arena. ERR_PROTOCOL with a sentence, also
 * of more than FS_LISTED_MOST: each is looked for among the others. */
enum err fs_members(struct arena *a, const char *text, const char *conference_id,
	struct fs_member **out, size_t *out_n, struct err_text *why);

struct fs_channel {
	const char *uuid, *name, *callstate, *shown, *ip, *codec;
	bool incoming;
	bool elsewhere; /* it is in another conference or application */
};
/* `show channels as json`. */
enum err fs_channels(struct arena *a, const char *text, const char *conference_id,
	struct fs_channel **out, size_t *out_n, struct err_text *why);
/* mediaStats. false: the device has no figures for this leg. */
bool fs_media(struct arena *a, const char *text, struct media_sample *out);

/* ---- the table of legs (freeswitch_table.c) ---- */

struct fs_report { /* what the site says by RTCP about what it receives */
	bool told;
	int64_t at_us;		      /* device's clock */
	int64_t high, received, lost; /* highest sequence number; since the first report; as told */
	int64_t rtt_ms, jitter_ms;
	bool rtt_settled, jitter_known;
};

struct fs_leg {
	struct known_leg k; /* its id is the channel's uuid */
	char job[40];
	bool was_muted; /* in a list, once */
	struct fs_report rtcp[MEDIA_N];
};

struct fs_table {
	struct leg_table legs; /* of struct fs_leg */
	int64_t device_us;     /* the newest event's time, device's clock */
};

/* One event. */
void fs_table_event(struct fs_table *t, const struct esl_message *m);
/* Adds the site's own reports to a sample; nothing where there is none or it is old. */
void fs_table_reports(const struct fs_table *t, const struct fs_leg *leg, struct media_sample *out);

/* ---- one request (freeswitch.c), shared with freeswitch_legs.c ---- */

struct fs_session {
	struct http *http;
	struct esl *esl; /* NULL: lost, refused, or not wanted */
	struct fs_where where;
	bool esl_final; /* never to be opened again: refused, or not wanted */
	int esl_pause;	/* operations until it is tried again */
	struct fs_table table;
};

/* freeswitch.api(command, arguments). Asks a second time, once, when cut off and `again`. A refusal
 * in the text is a failure of its class; *out_text is never NULL with OK. */
enum err fs_ask(struct task *t, struct lane *l, bool again, const char *command,
	const char *arguments, const char *what, const char **out_text);
/* Reads what events have come; opens the socket again where it was lost. Never fails for the
 * socket's sake: only ERR_CANCELED and ERR_TIMEOUT of the task. */
enum err fs_listen(struct task *t, struct lane *l);
/* The same, waiting at most that long for a first event. */
enum err fs_listen_for(struct task *t, struct lane *l, int64_t at_most_ms, bool *out_any);
enum err fs_list(struct task *t, struct lane *l, const char *conference_id, struct fs_member **out,
	size_t *out_n); /* ERR_GONE: no such conference */
enum err fs_check_conference(struct task *t, const struct lane *l, const struct conference *c);

/* ---- one leg (freeswitch_legs.c), shared with freeswitch_roster.c ---- */

enum err fs_check_leg(
	struct task *t, const struct lane *l, const struct leg *leg, const char *what);
enum err fs_kill(struct task *t, struct lane *l, const char *uuid,
	const char *what); /* ERR_GONE: no such channel */

/* ---- operations (freeswitch_legs.c, freeswitch_roster.c) ---- */
enum err freeswitch_dial(struct task *t, struct lane *l, const struct conference *c,
	const struct dial *d, struct leg *out);
enum err freeswitch_roster(
	struct task *t, struct lane *l, const struct conference *c, struct roster *out);
enum err freeswitch_look(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, struct leg *out);
enum err freeswitch_media(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, struct media_sample *out);
enum err freeswitch_reason(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, struct ending *out);
enum err freeswitch_hangup(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg);
/* Legs of ours that are still being dialled into this conference. */
enum err freeswitch_hangup_dialling(struct task *t, struct lane *l, const struct conference *c);

#endif
