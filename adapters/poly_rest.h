/* Poly G7500 and Studio X: what is pure, JSON in, nouns out; talks and the fuzzer call these with
 * any tree. */
#ifndef TD_ADAPTERS_POLY_REST_H
#define TD_ADAPTERS_POLY_REST_H

#include "adapters/adapter.h"
#include "adapters/wire/json.h"

enum { POLY_REST_CONFERENCES_MOST = 8 };

struct poly_rest_conference {
	char id[24];	 /* a number, or a text of letters and digits */
	bool pending;	 /* it only rings: there is no conference yet */
	bool sound_only; /* no picture was agreed on */
	enum tri up;
	char far[160];
};

struct poly_rest_conferences {
	struct poly_rest_conference at[POLY_REST_CONFERENCES_MOST];
	size_t n;
};

/* Strict JSON behind an optional byte order mark; also a bare scalar. NULL: not JSON. */
const struct json *poly_rest_parse(struct arena *a, const char *bytes, size_t n);
/* /rest/conferences, best first, without those that nobody is in. false: not a list. */
bool poly_rest_read_conferences(const struct json *j, struct poly_rest_conferences *out);
/* /rest/conferences/N/mediastats. false: no stream of ours in it. */
bool poly_rest_read_media(const struct json *j, struct media_sample *out);
/* A call without a picture: what is not listed then is none. */
void poly_rest_sound_only(struct media_sample *m);
/* /rest/system */
void poly_rest_read_system(const struct json *j, struct identity *out);
/* Its own clock in it, in ms; unknown where this release does not tell. */
struct figure poly_rest_own_time(const struct json *j);
/* /rest/system/status: does it answer by itself, and what is not as it should be (added to alarms).
 */
enum tri poly_rest_read_status(const struct json *j, char *alarms, size_t size);
/* /rest/calllog/entries, newest first; now: its own time. false: not a list. */
bool poly_rest_read_history(
	struct arena *a, const struct json *j, struct figure now, struct history *out);
/* Words of a refusal, never NULL. */
const char *poly_rest_reason(const struct json *j);

#endif
