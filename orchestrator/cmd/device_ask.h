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
	bool opened, broken; /* broken: its last answer may still be on its way */
	const char *conference_name, *address;
	const char *site_name; /* of the directory, whose address that is; else "tongduyet" */
	int stop_fd; /* a signal came when readable: what is under way is given up, what was
		      * begun is still ended; -1: none */
	bool stopped;
	struct person *person; /* device_person.c: what was answered to this operation */
	/* answers, on arena */
	struct arena *arena;
	struct conference conference;
	bool have_conference;
	struct identity identity;
	struct roster roster;
	struct leg leg; /* dialled, or the first one that is up */
	struct media_sample media_before, media; /* MEDIA_APART_MS apart */
	struct ending ending;
	struct endpoint_status status;
	struct history history;
	/* of the last operation */
	struct trace trace; /* since the last trace_free() */
	enum err code;
	const char *why; /* "" */
	const char *word; /* its machine word, or NULL */
	int64_t took_ms;
};

enum { BENCH_LOOK_MS = 1000, BENCH_UP_MS = 60000, BENCH_MEDIA_APART_MS = 5000, BENCH_SHOW_S = 10 };
extern const char bench_text[]; /* shown on screens by OP_MESSAGE */

/* Finds the device and its adapter. CMD_REFUSED: a daemon has the workspace. bench_close() in any
 * case. From here to bench_close() SIGINT and SIGTERM end questions and not the program. */
int bench_open(const struct cmd_line *l, const char *name, struct bench *b);
/* What this kind of device has at all. */
bool bench_can(const struct bench *b, enum op op);
/* Does it; the session is opened by OP_OPEN only. Fills code, why, took_ms and the answer. A
 * signal ends it with ERR_CANCELED, but OP_HANGUP and OP_END. A person who is the device is asked
 * on the terminal. */
enum err bench_ask(struct bench *b, enum op op);
/* Before what must not fail: a session that may be out of step is closed and opened anew. */
enum err bench_mend(struct bench *b);
/* An MCU: does a leg with our address stand by the last list? */
bool bench_stands(const struct bench *b);
/* An MCU, after an order whose outcome is not known: is the leg, the conference there? Then it is
 * ours, and is to be ended. */
bool bench_was_dialled(struct bench *b);
bool bench_was_started(struct bench *b);
void bench_close(struct bench *b);

/* device_codec.c: the operations of an endpoint. */
bool codec_can(const struct endpoint_adapter *p, enum op op);
enum err codec_ask(struct bench *b, enum op op, struct task *t);

/* device_person.c: a device that is a person. Asks what the task ended with on the terminal and
 * puts the answer on the device's sheet; false: nobody answered. */
bool person_answers(struct bench *b, const struct task *t);
/* What was seen no longer holds. */
void person_forget(struct bench *b);
void person_free(struct bench *b);

#endif
