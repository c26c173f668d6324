/* BigBlueButton: what is pure, XML in, nouns out; talks and the fuzzer call these with any
 * bytes. */
#ifndef TD_ADAPTERS_BIGBLUEBUTTON_H
#define TD_ADAPTERS_BIGBLUEBUTTON_H

#include "adapters/adapter.h"
#include "adapters/wire/xml.h"
#include "base/hash.h"

/* Hash over call, query without the checksum, and secret, as lower-case hex; SHA-1, or SHA-256. */
void bbb_checksum(const char *call, const char *query, const char *secret, bool sha256,
	char out[HASH_HEX_SIZE]);

struct bbb_answer {
	const struct xml *root;
	const char *failed; /* its messageKey and words, or NULL: it succeeded */
	enum err class;	    /* of a failure */
};
/* <response><returncode>SUCCESS|FAILED</returncode>.. ERR_PROTOCOL with a sentence. */
enum err bbb_read(struct arena *a, const char *bytes, size_t n, struct bbb_answer *out,
	struct err_text *why);
/* Whether a <meeting> is the one of that id or name, and can be: not ended, an id that fits. */
bool bbb_is_meeting(const struct xml *x, const char *name);
/* One <attendee>, who came by himself: UP. What is told of voice and picture says that they were
 * begun, never that they were not. false: no userID, or one that does not fit. */
bool bbb_attendee(const struct xml *x, struct leg *out);

#endif
