/* FreeSWITCH's event socket: a login, one subscription, then a stream of messages. Plain TCP; who
 * must not read it on the way is kept off by the network. Asks once, decides nothing. */
#ifndef TD_WIRE_ESL_H
#define TD_WIRE_ESL_H

#include "base/task.h"

#include <stdbool.h>
#include <stddef.h>

struct esl;

struct esl_options {
	const char *host;
	int port;
	const char *password;
	const char *events; /* "CHANNEL_HANGUP_COMPLETE CUSTOM conference::maintenance" */
	int at_most_ms;	    /* for the whole opening, 0 = until the task's deadline */
};

/* Points into the connection's buffer: good until the next call. */
struct esl_message {
	char type[48];	  /* Content-Type: "text/event-plain", "command/reply",
			     "text/disconnect-notice" */
	const char *head; /* "Name: value" lines */
	size_t head_n;
	const char *body;
	size_t body_n;
};

enum esl_taken { ESL_WHOLE, ESL_PART, ESL_GARBAGE };

/* Pure: the first message of the bytes, and how many of them it is. */
enum esl_taken esl_take(const char *bytes, size_t n, struct esl_message *out, size_t *out_used);
/* Pure: a header of an event's body (else of the head) without its %XX, cut to size, valid UTF-8
 * without control characters. false, and "", if it is not there. */
bool esl_value(const struct esl_message *m, const char *name, char *out, size_t size);

/* Connects, logs in with exactly one attempt, subscribes.
 * ERR_UNREACHABLE; ERR_TIMEOUT; ERR_AUTH with word "login-refused" (password, or the address is not
 * in the access list); ERR_PROTOCOL no event socket; ERR_INPUT a password that cannot be sent;
 * ERR_CANCELED. */
enum err esl_open(struct task *t, const struct esl_options *o, struct esl **out);
/* The next event within at_most_ms (0: only what has come). *out_any false with OK: none.
 * Everything that is no event is passed over. ERR_GONE: the other side closed; ERR_PROTOCOL;
 * ERR_TIMEOUT, ERR_CANCELED of the task. */
enum err esl_next(
	struct task *t, struct esl *s, int64_t at_most_ms, struct esl_message *out, bool *out_any);
void esl_close(struct esl *s); /* NULL is fine */

#endif
