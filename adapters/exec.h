/* An external program as adapter: what is pure, a line in, nouns out (talks and the fuzzer call
 * these), and the session that the endpoint's and the MCU's verbs share. */
#ifndef TD_ADAPTERS_EXEC_H
#define TD_ADAPTERS_EXEC_H

#include "adapters/adapter.h"
#include "adapters/wire/json.h"
#include "base/buf.h"

struct exec_reply {
	int64_t id; /* of the request it answers; -1: none */
	enum err result;
	const char *word; /* or NULL */
	const char *why;  /* never NULL */
	const struct json *all;
};

/* false: not a line of this protocol. */
bool exec_read(struct arena *a, const char *line, struct exec_reply *out);
void exec_identity(const struct json *j, struct identity *out);
void exec_status(const struct json *j, struct endpoint_status *out);
/* One leg of a list; false: without an id, or in no known state. */
bool exec_leg(const struct json *j, struct leg *out);
/* {"cause","words"} */
void exec_ending(const struct json *j, struct ending *out);
void exec_media(const struct json *j, struct media_sample *out);
/* The newest calls of "history", cut to HISTORY_MOST. */
void exec_history(struct arena *a, const struct json *j, struct history *out);
/* "exec:///path/to/program[#address of the device]"; false: not such an address. */
bool exec_url(struct arena *a, const char *url, const char **out_path, const char **out_address);

/* ---- exec.c: the session ---- */
enum err exec_open(struct task *t, struct lane *l);
void exec_close(struct task *t, struct lane *l);
enum err exec_probe(struct task *t, struct lane *l, struct identity *out);
/* Opens a request in w; the caller puts what belongs to the verb, and exec_ask() sends it and takes
 * the line. */
enum err exec_begin(
	struct task *t, struct lane *l, const char *verb, struct buf *b, struct json_out *w);
enum err exec_ask(struct task *t, struct lane *l, const char *verb, struct json_out *w,
	struct exec_reply *out);

#endif
