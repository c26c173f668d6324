/* An order to a device and its answer: what travels between the coordinator, the lanes and the
 * workers. Both are blocks that own their memory (an arena of their own); posting one gives it
 * away. */
#ifndef TD_ORDER_H
#define TD_ORDER_H

#include "adapters/adapter.h"
#include "base/arena.h"

enum verb {
	/* to an MCU */
	VERB_PROBE,
	VERB_START,
	VERB_FIND,
	VERB_DIAL,
	VERB_ROSTER,
	VERB_LOOK,
	VERB_MEDIA,
	VERB_REASON,
	VERB_HANGUP,
	VERB_END,
	VERB_MUTE,
	VERB_LAYOUT,
	VERB_FOCUS,
	VERB_MESSAGE,
	VERB_PLAY,
	/* to an endpoint */
	VERB_STATUS,
	VERB_IDENTIFY,
	VERB_HISTORY,
	VERB_N
};
const char *verb_name(enum verb v);         /* "dial" ... */
enum verb verb_from_name(const char *name); /* VERB_N if none */
/* True for verbs that change something: their intent is journalled before they leave. */
bool verb_acts(enum verb v);

struct order {
	int64_t number;        /* per run, from 1, in the order run_step made them */
	char run[100];         /* run id */
	enum verb verb;
	char device[100];      /* MCU name or "site:ID" */
	char site[64];         /* "" if about no site */
	int attempt;           /* dial */
	bool urgent;           /* hang-ups and operator commands: reserved workers */
	int timeout_ms;        /* real; 0 = 30,000 */
	/* arguments, by verb */
	struct conference conference;      /* all but start, find, probe */
	struct leg leg;                    /* reason, media, hangup, mute, focus, message: id, name,
					    * protocol, address; id "" = none/all */
	char conference_name[80], layout[40];
	int kbps, ports;
	bool on;                           /* mute: on/off; start: open muted; dial: muted */
	bool audio_only;
	char site_name[160], leg_name[80], address[160], attempt_word[200];
	char text[300];
	int seconds;           /* message, play */
};

struct answer { /* arena owned by the answer: answer_free() */
	struct arena *arena;
	struct order order;    /* the order it answers */
	enum err code;
	char word[40];         /* machine word of the error, or "" */
	char why[480];
	char learned_pin[64]; /* an SSH host key or TLS key seen for the first time */
	/* payload by verb, valid with OK */
	struct conference conference;
	struct leg leg;
	struct roster roster;
	struct media_sample media;
	struct ending ending;
	struct endpoint_status status;
	struct identity identity;
	struct history history;
	const char *ask;       /* with ERR_BUSY of `manual`: id of the question a person must
			        * answer; else NULL */
	const char *trace;     /* redacted dialogue, kept when code is ERR_PROTOCOL; else NULL */
	/* for lanes_answered() only */
	void *slot;            /* the place in the lane that worked on it; NULL: it never left the
			        * queue */
	bool closing;          /* its worker is still closing the session */
};
struct answer *answer_new(const struct order *o);
void answer_free(struct answer *a); /* NULL is fine */

#endif
