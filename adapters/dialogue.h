/* Dialogues with devices that speak lines, over SSH, telnet or bare TCP: connection, login, one
 * command at a time. What poly-cli, lifesize, tandberg-mxp, yealink-vc and sony-pcs have in common.
 */
#ifndef TD_ADAPTERS_DIALOGUE_H
#define TD_ADAPTERS_DIALOGUE_H

#include "adapters/adapter.h"
#include "adapters/wire/lines.h"

struct telnet;

enum carrier {
	CARRIER_SSH,
	CARRIER_TELNET,
	CARRIER_TCP, /* no login; texts in UTF-8, which never hold the telnet byte 0xFF */
};

struct way {
	const char *scheme; /* "ssh://"; NULL ends the list */
	int port;	    /* where the address names none */
	enum carrier carrier;
};

struct manners { /* of a family; constant */
	const struct way *ways;
	const char *ready;	/* telnet: the prompt behind the login, without blanks */
	const char *ready_line; /* or a whole line instead; lines before it are then dropped */
	const char *end, *telnet_end; /* behind a command */
	int spacing_ms;		      /* between two commands */
	int silence_ms;		      /* before an answer is given up */
	int settle_ms;		      /* behind LOOK_ENOUGH */
	char *(*clean)(char *line);   /* takes prompts off, in place; NULL: blanks only */
	enum err (*refusal)(
		const char *line); /* of lines that are NOT_MINE; OK: it is none. NULL: never */
};

struct dialogue {
	const struct manners *manners;
	const char *name; /* of the device */
	struct ssh *ssh;  /* one of the two */
	struct telnet *telnet;
	struct lines lines;
	/* Hears each line that belongs to no answer, or NULL. */
	void (*hear)(void *of, const char *line);
	void *hear_of;
};

/* Is this line part of the answer? What it holds goes to `into`. ENOUGH: whole, unless more of it
 * comes soon. */
enum look { LOOK_NOT_MINE, LOOK_MORE, LOOK_ENOUGH, LOOK_DONE };
typedef enum look (*look_fn)(const char *line, void *into);

/* Connects and logs in as the url says; the password is said once. The lane's session then has
 * `size` bytes and begins with a struct dialogue. SSH: behind it comes whatever the device greets
 * with; telnet: the ready prompt is consumed, whole lines before it stay. ERR_UNSUPPORTED another
 * scheme; ERR_INPUT a pin where there is no key; ERR_AUTH "login-refused" also when it asks again
 * or hangs up on the password; ERR_UNREACHABLE, ERR_TIMEOUT, ERR_PROTOCOL, ERR_CANCELED. After an
 * error there is no session. */
enum err dialogue_open(struct task *t, struct lane *l, const struct manners *m, size_t size);
/* Fits endpoint_adapter.close. */
void dialogue_close(struct task *t, struct lane *l);

/* The next whole line, cleaned, on the task's arena; NULL with OK: none within at_most_ms. */
enum err dialogue_line(struct task *t, struct dialogue *d, int64_t at_most_ms, const char **out);
/* Hears out what came late, sends, and looks at lines until one ends the answer. ERR_TIMEOUT after
 * silence_ms without any line (0: the manners'); the class of a refusal; ERR_SYSTEM there is no
 * session. */
enum err dialogue_ask(struct task *t, struct lane *l, const char *command, look_fn look, void *into,
	int64_t silence_ms);
/* An answer that only this model or version lacks leaves its figure unknown. */
enum err dialogue_may_lack(struct task *t, enum err e);
/* A command that some boxes do not answer, or of which only the echo comes. */
enum err dialogue_may_be_silent(struct task *t, enum err e);

/* May it stand in a command, between quotes: no control characters, no quote, no backslash. */
bool dialogue_sayable(const char *text);

/* The number in "sip:..", "h323:.."; *out_protocol is "sip", "h323" or NULL: not said. */
const char *dialogue_number(const char *address, const char **out_protocol);
/* An order to dial while the device is in a call with far ("": it does not tell): a second call
 * into the same conference howls. OK, *out_there: that call is the one; ERR_BUSY: another. */
enum err dialogue_free(struct task *t, const struct lane *l, const char *address, const char *far,
	bool *out_there);
/* ERR_INPUT: this address cannot be dialled here. */
enum err dialogue_undiallable(struct task *t, const struct lane *l, const char *address);
/* An order to mute, held against what the device says when asked: OK, or ERR_REFUSED it stayed as
 * it was. */
enum err dialogue_muted(struct task *t, const struct lane *l, bool wanted, enum tri now);

#endif
