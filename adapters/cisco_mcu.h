/* Cisco TelePresence MCU (Codian): what is pure. Values in, nouns out; no I/O, so tests and the
 * fuzzer call them with any bytes. */
#ifndef TD_ADAPTERS_CISCO_MCU_H
#define TD_ADAPTERS_CISCO_MCU_H

#include "adapters/adapter.h"
#include "adapters/wire/xmlrpc.h"

enum { CISCO_NAME_MAX = 31, CISCO_MESSAGE_MAX = 255, CISCO_LAYOUT_SIZE = 24 };

/* A participant is addressed by three words everywhere; leg.id is "protocol/type/name". */
struct cisco_party {
	char protocol[8], type[16], name[128];
};

enum cisco_item {
	CISCO_LEG,     /* *out is filled */
	CISCO_STUB,    /* known to be there, but the list left its state out: ask for it */
	CISCO_NOT_OURS /* dead, of another conference, or without a name */
};

/* Cuts to the device's limit on a code point boundary. Returns out. */
const char *cisco_cut(char *out, size_t size, size_t limit, const char *text);
void cisco_leg_id(char *out, size_t size, const struct cisco_party *p);
/* false: no id of ours. */
bool cisco_leg_party(const char *id, struct cisco_party *out);
/* "sip:a@b" -> protocol "sip", rest "a@b"; without a scheme h323. */
void cisco_address(const char *address, const char **out_protocol, const char **out_rest);

/* A leg of that name about which nothing is known yet. */
void cisco_leg_name(struct leg *out, const struct cisco_party *who);
/* A currentState struct on top of it. */
void cisco_leg_state(struct leg *out, const struct xmlrpc *now);
/* One item of participant.enumerate. */
enum cisco_item cisco_leg(const struct xmlrpc *item, const char *conference, struct leg *out);
/* Puts a leg into the roster; one that is there already (it moved between two pages) is
 * replaced. */
void cisco_roster_add(struct arena *a, struct roster *r, size_t *cap, const struct leg *leg);
/* participant.diagnostics on top of what the list told. */
void cisco_diagnostics(const struct xmlrpc *answer, struct media_sample *out);
/* "12", "layout12", "family2", "default", "conferenceCustom" -> the device's word, cpLayout. false:
 * none of them. */
bool cisco_layout(const char *value, char out[CISCO_LAYOUT_SIZE]);
/* Fault code -> class. */
enum err cisco_fault(int code);

/* ---- the session of a lane ---- */
struct cisco_session {
	struct http *http;
	char server[64]; /* the model of a TelePresence Server (below), or "": an MCU */
	char mode[24];	 /* its mode if we do not speak it, or "" */
	bool receiver;	 /* of it: registered for feedback in this session */
	struct cisco_known *known; /* on the lane's arena */
	size_t known_n;
};
/* What a session remembers of a leg. */
struct cisco_known {
	char id[sizeof((struct leg *)0)->id];
	bool was_up;		   /* when it was listed last */
	bool asked, fresh;	   /* a Server: for a diagnosis; one came that is not told yet */
	bool to_mute;		   /* a Server: dialled to be muted, and not seen up yet */
	struct media_sample media; /* a Server: as it was posted */
	struct cisco_known *next;
};
struct cisco_known *cisco_known(const struct lane *l, const char *id); /* or NULL */
struct cisco_known *cisco_keep(const struct lane *l, const char *id);  /* NULL: too many */
/* A leg that roster() is about to tell: one that was up and is being called again ended in between,
 * which is told first, once. */
void cisco_settle(const struct lane *l, struct leg *leg);
/* Logged in to a TelePresence Server. */
bool cisco_is_tps(const struct lane *l);

/* ---- one request (cisco_mcu.c), shared with cisco_mcu_legs.c ---- */
void cisco_begin(const struct lane *l, struct buf *call, const char *method);
void cisco_put_party(struct buf *call, const struct conference *c, const struct cisco_party *who);
/* A call that addresses one leg. ERR_INPUT: its id is none of ours. */
enum err cisco_begin_leg(struct task *t, const struct lane *l, struct buf *call, const char *method,
	const struct conference *c, const struct leg *leg);
/* Sends once. A fault is OK with fault->code. The call stays the caller's. */
enum err cisco_once(struct task *t, struct lane *l, struct buf *call, const struct xmlrpc **out,
	struct xmlrpc_fault *fault);
/* Reads, and orders whose second time changes nothing: asked twice when cut off. Takes the call. */
enum err cisco_again(struct task *t, struct lane *l, struct buf *call, const char *what,
	const struct xmlrpc **out);
/* Lists come in pages. Takes the call, which is all but for the page it asks for; begin with
 * { 0 }. *out_items: the first item, of the list of that name, which is left out where there is
 * none; *out_more: there are more pages. ERR_PROTOCOL: what came back is no list. */
struct cisco_pages {
	const char *next;
	int n;
};
enum err cisco_page(struct task *t, struct lane *l, struct cisco_pages *p, struct buf *call,
	const char *list, const char *what, const struct xmlrpc **out_items, bool *out_more);
/* ERR_PROTOCOL: more than anybody has. */
enum err cisco_endless(struct task *t, const struct lane *l, const char *what);
enum err cisco_deny(
	struct task *t, const struct lane *l, const struct xmlrpc_fault *f, const char *what);

/* ---- operations (cisco_mcu_room.c) ---- */
enum err cisco_find(struct task *t, struct lane *l, const char *conference, struct conference *out);
enum err cisco_start(
	struct task *t, struct lane *l, const struct conference_spec *spec, struct conference *out);
enum err cisco_end(struct task *t, struct lane *l, const struct conference *c);
/* "layout12" as the number conference.* wants; 0: a family or default, which conferences cannot
 * hold. */
int64_t cisco_custom_layout(const char *value);
void cisco_put_custom_layout(struct buf *call, int64_t n);

/* ---- operations (cisco_mcu_push.c) ---- */
enum err cisco_subscribe(struct task *t, struct lane *l, int *out_again_s);
enum err cisco_pushed(struct task *t, struct lane *l, const char *bytes, size_t n);

/* ---- operations (cisco_mcu_legs.c) ---- */
enum err cisco_dial(struct task *t, struct lane *l, const struct conference *c,
	const struct dial *d, struct leg *out);
enum err cisco_roster(
	struct task *t, struct lane *l, const struct conference *c, struct roster *out);
/* An MCU's list as it is, for our own use. */
enum err cisco_list(struct task *t, struct lane *l, const struct conference *c, struct roster *out);
enum err cisco_look(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, struct leg *out);
enum err cisco_media(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, struct media_sample *out);
enum err cisco_reason(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, struct ending *out);
enum err cisco_hangup(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg);

/* ==== TelePresence Server (cisco_mcu_tps*.c): a variant of the family, reached through the
 * operations above ==== */
enum { TPS_NAME_MAX = 79, TPS_ADDRESS_MAX = 80, TPS_MESSAGE_MAX = 500 };

/* "sip:a@b", "h323:1234", "sips:a@b" as the box takes it. false: empty, too long, or with a comma,
 * which would call several. */
bool tps_address(const char *address, char out[TPS_ADDRESS_MAX + 1]);
/* One item of participantList. false: it has no participantGUID. */
bool tps_leg(const struct xmlrpc *item, struct leg *out);
/* audioRx, audioTx, videoRx, videoTx of a diagnosis. false: none of them is there. */
bool tps_media(const struct xmlrpc *from, struct media_sample *out);
/* Whether the method that was posted brings a diagnosis. */
bool tps_is_diagnosis(const char *method);
/* system.info's operationMode: the standalone mode, or a version that has no modes. */
bool tps_is_standalone(const char *mode);

/* ---- operations (cisco_mcu_tps.c): as those of adapters/adapter.h ---- */
/* A part of the login: a mode we do not speak goes into the session. */
enum err tps_mode(struct task *t, struct lane *l);
enum err tps_end(struct task *t, struct lane *l, const struct conference *c);
enum err tps_message(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, const char *text, int seconds);
/* ... (cisco_mcu_tps_legs.c) */
enum err tps_dial(struct task *t, struct lane *l, const struct conference *c, const struct dial *d,
	struct leg *out);
enum err tps_roster(struct task *t, struct lane *l, const struct conference *c, struct roster *out);
enum err tps_look(struct task *t, struct lane *l, const struct conference *c, const struct leg *leg,
	struct leg *out);
enum err tps_sample(
	struct task *t, struct lane *l, const struct leg *leg, struct media_sample *out);
enum err tps_reason(struct task *t, struct lane *l, const struct conference *c,
	const struct leg *leg, struct ending *out);
enum err tps_hangup(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg);
enum err tps_mute(struct task *t, struct lane *l, const struct leg *leg, bool on);
/* A diagnosis that was posted, into the session. */
enum err tps_take(struct task *t, struct lane *l, const struct xmlrpc *posted);

#endif
