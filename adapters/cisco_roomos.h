/* Cisco RoomOS, CE and TC: the xAPI's nouns, which are pure (a tree in, nouns out; talks and the
 * fuzzer call these with any tree), and the two ways on which it is asked. Both give the same tree.
 */
#ifndef TD_ADAPTERS_CISCO_ROOMOS_H
#define TD_ADAPTERS_CISCO_ROOMOS_H

#include "adapters/adapter.h"
#include "adapters/wire/lines.h"
#include "adapters/wire/xml.h"
#include "base/buf.h"

struct http;
struct http_reply;
struct ssh;

enum { ROOMOS_CALLS_MOST = 16, ROOMOS_SILENCE_MS = 15000 };

struct roomos_param {
	const char *name, *value; /* "Expression[2]": the second of that name */
};

/* What is asked or ordered: path without its first word, words apart by '/':
 * "Audio/Microphones/Mute". */
struct roomos_command {
	const char *path;
	struct roomos_param params[6]; /* name NULL ends */
};

/* ---- pure: cisco_roomos_parse.c ---- */

enum roomos_state { ROOMOS_NONE, ROOMOS_COMING, ROOMOS_RINGING, ROOMOS_UP, ROOMOS_UNSURE };

struct roomos_call {
	char id[16];
	char far[160]; /* as one would dial it, with scheme where told */
	enum roomos_state state;
	bool incoming;
};

struct roomos_calls {
	struct roomos_call at[ROOMOS_CALLS_MOST];
	size_t n;
};

struct roomos_unit { /* Status/SystemUnit */
	struct identity who;
	struct figure active, coming, held; /* calls */
};

/* The element itself or the first one below it of that name; NULL. */
const struct xml *roomos_find(const struct xml *root, const char *name);
/* Calls that exist, best first: one that is up before one that comes. */
void roomos_read_calls(const struct xml *root, struct roomos_calls *out);
/* Channels of that call, whatever they are called in this release; never those of a call with
 * another number. false: nothing is told. */
bool roomos_read_media(const struct xml *root, const char *call_id, struct media_sample *out);
void roomos_read_unit(const struct xml *root, struct roomos_unit *out);
/* Diagnostics worth a word, the worst first, cut to size. */
void roomos_read_alarms(const struct xml *root, char *out, size_t size);
/* Its past calls, newest first, on the arena; now: its own Time/SystemTime, or NULL. */
void roomos_read_history(
	struct arena *a, const struct xml *root, const char *now, struct history *out);
/* As CallHistory and the event CallDisconnect tell it; any may be NULL. */
struct roomos_cause {
	const char *type, *words, *origin, *code;
};
void roomos_ending(const struct roomos_cause *c, struct ending *out);
/* On|Off and True|False of the first element of that name. */
enum tri roomos_read_switch(const struct xml *root, const char *name);
/* What became of an order: OK, ERR_REFUSED, ERR_UNSUPPORTED (no such command), ERR_PROTOCOL (no
 * verdict in it); the device's words, on the arena. */
enum err roomos_verdict(struct arena *a, const struct xml *root, const char **out_words);
/* Whether a status or configuration is in it: OK; ERR_GONE no such node (nothing to tell);
 * ERR_PROTOCOL. */
enum err roomos_answered(const struct xml *root);
/* "sip:a@b" and "A@B" are the same far end. */
bool roomos_same_address(const char *a, const char *b);
/* <Command><Dial command="True">...; and: xCommand Dial Number: "..." false: a value cannot be said
 * safely. */
void roomos_command_xml(struct buf *out, const struct roomos_command *c);
bool roomos_command_line(struct buf *out, const struct roomos_command *c);
/* A line of what tsh says after login. */
enum roomos_greeting { ROOMOS_GREETS, ROOMOS_READY, ROOMOS_FULL };
enum roomos_greeting roomos_read_greeting(const char *line);

/* ---- pure: cisco_roomos_push.c ---- */

enum { ROOMOS_SLOTS = 4 };
/* STALE: of our listener, but not as it should be. */
enum roomos_slot { ROOMOS_FREE, ROOMOS_OURS, ROOMOS_STALE, ROOMOS_THEIRS };

struct roomos_post {	 /* one body */
	char serial[64]; /* of whom it says it is, or "" */
	struct told told;
};

/* Whose they are, seen from url; root NULL: nobody's. false: it cannot be told. */
bool roomos_read_slots(const struct xml *root, const char *url, enum roomos_slot out[ROOMOS_SLOTS]);
/* From 1, where url is not registered as it should be; 0: none is free. */
int roomos_choose_slot(const enum roomos_slot slots[ROOMOS_SLOTS]);
/* XML or JSON. ERR_PROTOCOL with a sentence. */
enum err roomos_read_post(struct arena *a, const char *bytes, size_t n, struct roomos_post *out,
	struct err_text *why);

/* ---- the session ---- */

struct roomos {
	struct http *http;
	const char *basic;  /* "Authorization: Basic ..." */
	const char *cookie; /* "Cookie: ..."; NULL: this release knows no sessions */
	struct ssh *ssh;
	struct lines lines;
	unsigned ids;
	char serial[64];  /* "": not known */
	int slot;	  /* where it posts to us; 0: nowhere, as far as we know */
	struct told told; /* posted, and not yet in an answer */
};

/* cisco_roomos.c: status or configuration (*out NULL: no such node), and an order. */
enum err roomos_asked(struct task *t, struct lane *l, const char *path, const struct xml **out);
/* What this release or this user's role lacks stays unknown. */
enum err roomos_asked_if_there(
	struct task *t, struct lane *l, const char *path, const struct xml **out);
enum err roomos_order(struct task *t, struct lane *l, const struct roomos_command *c);
/* cisco_roomos_push.c */
enum err roomos_subscribe(struct task *t, struct lane *l, int *out_again_s);
/* Gives its slot back; what becomes of it is forgiven, and it takes half of the time left. */
void roomos_unsubscribe(struct task *t, struct lane *l);
enum err roomos_pushed(struct task *t, struct lane *l, const char *bytes, size_t n, int64_t ago_ms);

/* cisco_roomos_http.c. open: ERR_AUTH once; ERR_BUSY no session left. */
enum err roomos_http_open(struct task *t, struct lane *l, struct roomos *s);
enum err roomos_http_get(struct task *t, struct lane *l, const char *path, const struct xml **out);
enum err roomos_http_order(
	struct task *t, struct lane *l, const struct roomos_command *c, const struct xml **out);
void roomos_http_close(struct task *t, struct roomos *s);
/* cisco_roomos_tsh.c */
enum err roomos_tsh_open(struct task *t, struct lane *l, struct roomos *s);
enum err roomos_tsh_get(struct task *t, struct lane *l, const char *path, const struct xml **out);
enum err roomos_tsh_order(
	struct task *t, struct lane *l, const struct roomos_command *c, const struct xml **out);
void roomos_tsh_close(struct task *t, struct roomos *s);

#endif
