/* What devices said of themselves when they were asked (`devices --probe`): rows of the house's
 * chain, the newest per device, and what changed from one to the next. Equipment may not be moved
 * or exchanged unseen. */
#ifndef TD_INVENTORY_H
#define TD_INVENTORY_H

#include "adapters/adapter.h"
#include "base/arena.h"
#include "base/vec.h"
#include "journal.h"

struct json_out;

struct inventory_change {
	const char *what; /* "address" "adapter" "vendor" "model" "software" "serial" "mac" */
	const char *from, *to;
	int64_t since, at; /* it was `from` at since, and `to` at at */
};

struct inventory { /* texts never NULL, "" = not told */
	const char *device, *address, *adapter;
	const char *vendor, *model, *software, *serial, *mac, *alarms;
	struct figure uptime_s, ports;
	enum tri auto_answer, auto_answer_muted, microphone_muted;
	int64_t at;
	VEC(struct inventory_change) changes; /* oldest first */
};

struct inventories {
	struct arena *arena;
	VEC(struct inventory) at;
};

/* A row's body. status may be NULL. */
void inventory_write(const struct device *d, const struct identity *id,
	const struct endpoint_status *status, struct json_out *w);
/* Takes one row of the house's chain; other kinds are passed over. */
void inventory_take(struct inventories *all, const struct row *row);
/* All rows of a journal; none is fine. */
enum err inventory_read(
	struct journal_reader *r, struct arena *a, struct inventories *out, struct err_text *e);
const struct inventory *inventory_of(
	const struct inventories *all, const char *device); /* or NULL */
/* What people read for the `what` of a change. */
const char *inventory_what(const char *lang, const char *what);
/* The newest row differs from the one before. */
bool inventory_drifted(const struct inventory *i);

#endif
