/* The simulated codecs that speak SSH: what happens behind their doors. */
#ifndef TD_LAB_POLYCOM_H
#define TD_LAB_POLYCOM_H

#include "base/buf.h"
#include "fleet.h"

#include <stdbool.h>
#include <stdint.h>

/* Finds or makes the host keys in `dir` and adds the doors of all sites whose codec speaks SSH.
 * False: said. */
bool polycom_start(const struct scenario *s, const char *dir);

/* ---- polycom_cli.c: what the box says ---- */

enum { CLI_NOTIFY = 4 };

struct cli { /* one session */
	struct site *site;
	unsigned commands;
	bool notify[CLI_NOTIFY], registered;
	enum phase seen; /* of the leg, for notifications */
	int seen_call;
	int late_ms;     /* real: this answer lags */
};

/* The intro block without a prompt. Called with the fleet's lock held, as the others. */
void cli_intro(const struct site *s, struct buf *out);
/* The answer to one line, without echo and prompt. */
void cli_command(struct cli *c, const char *line, int64_t now, struct buf *out);
/* Lines nobody asked for: call state for who registered, and now and then others. */
void cli_unasked(struct cli *c, int64_t now, struct buf *out);
/* The site wants to dial this address: set by main(). */
extern bool (*cli_dial)(struct site *s, const char *address, int64_t now);

#endif
