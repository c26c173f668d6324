/* Sony PCS control lines: what is pure, lines in, nouns out; tests and the fuzzer call these with
 * any bytes. */
#ifndef TD_ADAPTERS_SONY_PCS_H
#define TD_ADAPTERS_SONY_PCS_H

#include "adapters/adapter.h"

/* What is known of the call: only what was told since we are connected. */
struct sony_call {
	enum tri up;
	char far_address[160];
	enum { SONY_NOTHING, SONY_CALLER, SONY_STATE } awaits; /* the next line that is not empty */
};

/* Takes "CNTR>" and blanks off both ends, in place. */
char *sony_clean(char *line);
/* "ring manual", "connect status", "connect complete", "disconnect", "dial cancel" and the lines
 * behind them. false: none of these. */
bool sony_hear(struct sony_call *c, const char *line);
/* Our own command was echoed: who calls was not told. */
void sony_echoed(struct sony_call *c);
/* An error word of this family, alone on its line. OK = it is none. */
enum err sony_refusal(const char *line);
/* "status power power-on": YES; "status power stand-by": NO; UNKNOWN: another line. */
enum tri sony_power(const char *line);
/* dial /10.1.2.3/; false: the address cannot be said safely. */
bool sony_dial_command(char *out, size_t size, const char *address);

#endif
