/* A WebSocket to one device (RFC 6455), as client: text messages both ways over http_link.c. Asks
 * once, decides nothing. */
#ifndef TD_WIRE_WS_H
#define TD_WIRE_WS_H

#include "adapters/wire/http.h"
#include "base/buf.h"
#include "base/task.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ws;

struct ws_options {
	const struct http_options *http; /* url with http or https; its login goes as Basic, if
					  * asked for */
	const char *path;                /* "/events/v1?authToken=..", put behind the url's own
					  * path */
	const char *protocol;            /* Sec-WebSocket-Protocol, or NULL */
	const char *secret;              /* a token in the path that no trace may show, or NULL */
	size_t max_message;              /* 0 = 1 MiB; more is ERR_PROTOCOL */
	int at_most_ms;                  /* for connecting and the handshake; 0 = the task's
					  * deadline */
};

/* Connects and shakes hands. Errors of http_link_open(), and: ERR_AUTH 401 (word "login-refused");
 * ERR_REFUSED another refusal, with its status; ERR_BUSY 503; ERR_PROTOCOL no WebSocket;
 * ERR_TIMEOUT silence. */
enum err ws_open(struct task *t, const struct ws_options *o, struct ws **out);
/* One text message. ERR_GONE: closed. */
enum err ws_say(struct task *t, struct ws *w, const char *text, size_t n);
/* The next whole text message, NUL-terminated valid UTF-8 that holds until the next call; waits at
 * most at_most_ms (-1:
 * until the deadline, 0: only what is there). *out NULL with OK: none came. Pings are answered,
 * binary messages passed over.
 * ERR_GONE: the device closed, or the connection ended; ERR_PROTOCOL: not RFC 6455, or over the
 * cap. After an error nothing but ws_close() is of use. */
enum err ws_next(struct task *t, struct ws *w, int64_t at_most_ms, const char **out, size_t *out_n);
/* Says goodbye if that can be sent at once; waits for nothing. NULL is fine. */
void ws_close(struct task *t, struct ws *w);

/* ---- pure: frames, for tests and the fuzzer ---- */

enum ws_opcode { WS_MORE = 0, WS_TEXT = 1, WS_BINARY = 2, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10 };

struct ws_frame {
	bool last;
	enum ws_opcode opcode;
	const char *payload; /* inside the bytes given */
	size_t n;
};

enum ws_taken { WS_PART, WS_WHOLE, WS_GARBAGE };

/* The first frame of a server; most: of a payload. *out_used: bytes of a whole one. */
enum ws_taken ws_take(const char *bytes, size_t n, size_t most, struct ws_frame *out,
	size_t *out_used, const char **out_why);
/* One whole frame of a client. */
void ws_put(struct buf *out, enum ws_opcode opcode, const uint8_t mask[4], const void *payload,
	size_t n);
/* Sec-WebSocket-Accept for a Sec-WebSocket-Key. */
void ws_accept(const char *key, char out[32]);

#endif
