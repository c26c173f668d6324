/* Yealink VC command lines: what is pure, lines in, nouns out; tests and the fuzzer call these with
 * any bytes. */
#ifndef TD_ADAPTERS_YEALINK_VC_H
#define TD_ADAPTERS_YEALINK_VC_H

#include "adapters/adapter.h"

enum yealink_state {
	YEALINK_OTHER,
	YEALINK_IDLE,
	YEALINK_OUTGOING,
	YEALINK_RINGING,
	YEALINK_TALKING,
	YEALINK_FINISHED, /* told when it happens, never when asked */
};

struct yealink_status {
	enum yealink_state state;
	char far_address[160];
	char call_id[24]; /* "": not told */
};

struct yealink_call {
	char id[24];
	char far_address[160];
	int figures; /* that were known */
	struct media_sample media;
};

/* "sysstatus get talking "dialstr:..." ..."; false: another line. */
bool yealink_read_status(const char *line, struct yealink_status *out);
/* "version "model:..." ..." */
bool yealink_read_version(const char *line, struct identity *out);
/* "callinfo video ..." or "callinfo audio ..."; false: another line. */
bool yealink_read_callinfo(const char *line, struct yealink_call *out);
/* "HEAD on" or "HEAD off"; UNKNOWN: another line. */
enum tri yealink_switch(const char *line, const char *head);
/* The device said no: OK = it did not. */
enum err yealink_refusal(const char *line);
/* dial manual video h323 "1024" "10.1.2.3"; false: the address cannot be said safely. */
bool yealink_dial_command(char *out, size_t size, const char *address, int kbps);

#endif
