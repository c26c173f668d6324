/* One device asked directly, for `device test` and `trace`: no daemon, no lanes, no journal. */
#ifndef TD_CMD_DEVICE_ASK_H
#define TD_CMD_DEVICE_ASK_H

#include "cmd/cmd.h"

#include "adapters/adapter.h"
#include "adapters/wire/trace.h"
#include "house.h"

enum op {
	OP_OPEN,
	OP_PROBE,
	OP_FIND,
	OP_START,
	OP_ROSTER,
	OP_DIAL,
	OP_UP,
	OP_MEDIA,
	OP_MUTE,
	OP_UNMUTE,
	OP_MESSAGE,
	OP_PLAY,
	OP_HANGUP,
	OP_REASON,
	OP_END,
	OP_STATUS,
	OP_HISTORY,
	OP_N
};
const char *op_name(enum op op);
enum op op_from_name(const char *name); /* OP_N: none */

struct bench {
	struct house *house;
	struct device device;
	const struct mcu_adapter *mcu; /* one of the two */
	const struct endpoint_adapter *endpoint;
	struct lane lane;
	bool opened;
	const char *conference_name, *address;
	/* answers, on arena */
	struct arena *arena;
	struct conference conference;
	bool have_conference;
	struct identity identity;
	struct roster roster;
	struct leg leg; /* dialled, or the first one that is up */
	struct media_sample media;
	struct ending ending;
	struct endpoint_status status;
	struct history history;
	/* of the last operation */
	struct trace trace; /* since the last trace_free() */
	enum err code;
	const char *why; /* "" */
	int64_t took_ms;
};

/* Finds the device and its adapter. CMD_REFUSED: a daemon has the workspace. bench_close() in any
 * case. */
int bench_open(const struct cmd_line *l, const char *name, struct bench *b);
/* What this kind of device has at all. */
bool bench_can(const struct bench *b, enum op op);
/* Does it; the session is opened by OP_OPEN only. Fills code, why, took_ms and the answer. */
enum err bench_ask(struct bench *b, enum op op);
void bench_close(struct bench *b);

#endif
