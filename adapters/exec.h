/* An external program as endpoint adapter: what is pure, a line in, nouns out; talks and the fuzzer
 * call these. */
#ifndef TD_ADAPTERS_EXEC_H
#define TD_ADAPTERS_EXEC_H

#include "adapters/adapter.h"
#include "adapters/wire/json.h"

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
/* The newest calls of "history", cut to HISTORY_MOST. */
void exec_history(struct arena *a, const struct json *j, struct history *out);
/* "exec:///path/to/program[#address of the device]"; false: not such an address. */
bool exec_url(struct arena *a, const char *url, const char **out_path, const char **out_address);

#endif
