/* Polycom command line: what is pure, lines in, nouns out; tests and the fuzzer call these with any
 * bytes. */
#ifndef TD_ADAPTERS_POLY_CLI_H
#define TD_ADAPTERS_POLY_CLI_H

#include "adapters/adapter.h"

enum poly_call_state {
	POLY_CALL_OTHER,
	POLY_CALL_SETTING_UP,
	POLY_CALL_CONNECTED,
	POLY_CALL_ENDING
};

struct poly_call {
	int64_t id, kbps;
	char name[80];
	char number[160];
	enum poly_call_state state;
	bool incoming;
};

/* Takes prompts, carriage returns and blanks off both ends, in place. */
char *poly_clean(char *line);
/* "callinfo:43:Name:192.168.1.101:384:connected:notmuted:outgoing:videocall", the name possibly
 * empty or left out with its colon. false: not such a line. */
bool poly_parse_callinfo(const char *line, struct poly_call *out);
/* One line of advnetstats, from the codec's side turned to the site's. Returns how many values it
 * knew. */
int poly_parse_netstats(const char *line, struct media_sample *out);
/* "2 Days, 1 Hour, 10 Minutes": seconds and the resolution told. false: not such a line. */
bool poly_parse_uptime(const char *line, int64_t *out_s, int *out_step_s);
/* A line of the block that comes after login and on whoami. true: it was the last one. */
bool poly_parse_intro(const char *line, struct identity *out);
/* The device said no: OK = it did not. */
enum err poly_refusal(const char *line);
/* "dial manual 1920 "10.1.2.3" h323" into out; false: the address cannot be said safely. */
bool poly_dial_command(char *out, size_t size, const char *address, int kbps);

#endif
