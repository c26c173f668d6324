/* Huawei SMC 3.0: what is pure, JSON in, nouns out; talks and the fuzzer call these with any bytes. */
#ifndef TD_ADAPTERS_HUAWEI_SMC3_H
#define TD_ADAPTERS_HUAWEI_SMC3_H

#include "adapters/adapter.h"
#include "adapters/internal.h"
#include "adapters/wire/json.h"

enum { SMC3_ID_SIZE = 64, SMC3_URI_MOST = 127 };

struct smc3_page {
	const struct json *first; /* of its content; NULL: it is empty */
	size_t n;
	bool last;
};
/* Page `page` (from 0) of a list. false: not such an answer. */
bool smc3_page(const struct json *j, int64_t page, struct smc3_page *out);
/* One participant: state NEW where it was never called, GONE with its reason where that is told.
 * notes: which are ours, or NULL. false: it has no id that can stand in a path. */
bool smc3_leg(const struct json *j, const struct leg_notes *notes, struct leg *out);
/* callFailReason. ours: the platform called it. */
struct ending smc3_ending(int64_t reason, bool ours);
/* Class of a refusal: status and { errorNo, errorDesc }. *out_words: one line, never NULL;
 * *out_again: the token is not known any more. Never OK. */
enum err smc3_refusal(
	struct arena *a, const struct json *j, int status, const char **out_words, bool *out_again);
#endif
