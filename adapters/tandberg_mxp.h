/* Tandberg MXP: what is pure, lines in, nouns out; tests and the fuzzer call these with any bytes.
 */
#ifndef TD_ADAPTERS_TANDBERG_MXP_H
#define TD_ADAPTERS_TANDBERG_MXP_H

#include "adapters/adapter.h"

struct xml;

enum { MXP_CALLS_MOST = 12 }; /* the guide: 1..11 */

enum mxp_state { MXP_OTHER, MXP_IDLE, MXP_SETTING_UP, MXP_UP, MXP_ENDING };

struct mxp_call {
	int64_t id;
	enum mxp_state state;
	char number[160];
	int figures; /* known ones in media */
	struct media_sample media;
};

struct mxp_calls {
	struct mxp_call call[MXP_CALLS_MOST];
	size_t n;
	bool too_many;
	/* where the next line belongs: */
	struct mxp_call *at;   /* NULL: to no call */
	int direction, medium; /* -1: to none */
};

struct mxp_unit {
	struct identity who;
	bool begun; /* inside it */
	bool whole; /* it came and ended */
};

/* "*s Call 1 (status=Synced, ...):" and the lines behind it, by what they are named and not by
 * their indentation. false: the line belongs to no call. */
bool mxp_read_call(struct mxp_calls *c, const char *line);
/* The call that is up, else one being set up, else one that cannot be read; NULL: all are idle. */
const struct mxp_call *mxp_main_call(const struct mxp_calls *c);
/* "*s SystemUnit:" and the lines behind it. */
bool mxp_read_unit(struct mxp_unit *u, const char *line);
/* "*c xConfiguration Audio Microphones Mode: Off". UNKNOWN: another line. */
enum tri mxp_muted(const char *line);
/* The elements of a status document as the lines that the command line has for them. */
typedef void (*mxp_line_fn)(void *of, const char *line);
void mxp_walk(const struct xml *root, mxp_line_fn line, void *of);
/* The device said no: OK = it did not. */
enum err mxp_refusal(const char *line);
/* false: the address cannot be said safely. */
bool mxp_dial_command(char *out, size_t size, const char *address, int kbps);

/* ---- over HTTP(S): tandberg_mxp_http.c ---- */
struct mxp_http;
/* Asks once without a login and, where the box wants one, once with it. Also after an error *out is
 * to be closed. ERR_AUTH "login-refused". */
enum err mxp_http_open(struct task *t, struct lane *l, struct mxp_http **out);
void mxp_http_close(struct mxp_http *h); /* NULL is fine */
/* "Call", "SystemUnit" of the status document, line by line. ERR_UNSUPPORTED: this model has none.
 */
enum err mxp_http_read(struct task *t, struct lane *l, struct mxp_http *h, const char *what,
	mxp_line_fn line, void *of);

#endif
