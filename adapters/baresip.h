/* baresip's control port: what is pure, bytes in, nouns out; tests call these with anything. */
#ifndef TD_ADAPTERS_BARESIP_H
#define TD_ADAPTERS_BARESIP_H

#include "adapters/adapter.h"
#include "adapters/wire/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BARESIP_MESSAGE_MOST = 256 << 10, BARESIP_COMMAND_MOST = 1024 };

enum baresip_taken { BARESIP_WHOLE, BARESIP_PART, BARESIP_GARBAGE };

/* The first netstring ("5:hello,") of the bytes, and how many of them it is. */
enum baresip_taken baresip_take(
	const char *bytes, size_t n, const char **out, size_t *out_n, size_t *out_used);

struct baresip_calls { /* `listcalls` */
	int n;
	int line;     /* of the one that counts: the established one, else the current one */
	bool current; /* commands in a call mean that one */
	bool established;
	enum tri up; /* some call is; unknown: some call's state is a word that is not known */
	char peer[160];
};
bool baresip_calls(const char *text, struct baresip_calls *out); /* false: not understood */

/* `audio_debug`, `video_debug`: counters and direction of one medium. false: there are none. */
bool baresip_debug(const char *text, struct stream out[DIRECTIONS_N]);
/* `callstat`: the call's id; false: none. */
bool baresip_call_id(const char *text, char *out, size_t size);
/* `sysinfo`: "Uptime:   1 hour 2 mins 3 secs". */
bool baresip_uptime(const char *text, int64_t *out_s);
bool baresip_version(const char *text, char *out, size_t size);
/* `apistate`, which is JSON: does the selected account answer by itself? */
enum tri baresip_auto_answer(struct arena *a, const char *text);

struct baresip_report { /* of a CALL_RTCP event: the site's own view */
	char id[64];
	struct figure tx_jitter_us, rx_lost, rx_jitter_us, rtt_us;
};
/* false: some other event, or none of a call. */
bool baresip_event(const struct json *event, enum medium *out_medium, struct baresip_report *out);
/* Adds it to counters of the same call. */
void baresip_join(const struct baresip_report *r, struct stream out[DIRECTIONS_N]);

#endif
