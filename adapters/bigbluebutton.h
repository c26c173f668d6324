/* BigBlueButton: what is pure, XML in, nouns out; talks and the fuzzer call these with any
 * bytes. */
#ifndef TD_ADAPTERS_BIGBLUEBUTTON_H
#define TD_ADAPTERS_BIGBLUEBUTTON_H

#include "adapters/adapter.h"
#include "adapters/wire/xml.h"
#include "base/hash.h"

enum { BBB_SUM_SIZE = 2 * HASH_MOST + 1 };

/* Hash over call, query without the checksum, and secret, as lower-case hex. kind: "sha1",
 * "sha256", "sha384", "sha512". false: none of them. */
bool bbb_checksum(const char *call, const char *query, const char *secret, const char *kind,
	char out[BBB_SUM_SIZE]);

struct bbb_answer {
	const struct xml *root;
	const char *failed; /* its messageKey and words, or NULL: it succeeded */
	enum err class;	    /* of a failure */
	bool twice;	    /* "duplicateWarning": what was to be made was there */
};
/* <response><returncode>SUCCESS|FAILED</returncode>.. ERR_PROTOCOL with a sentence. */
enum err bbb_read(struct arena *a, const char *bytes, size_t n, struct bbb_answer *out,
	struct err_text *why);
/* Whether a <meeting> is the one of that id or name, and can be: not ended, an id that fits. */
bool bbb_is_meeting(const struct xml *x, const char *name);
/* One <attendee>, who came by himself: UP. What is told of voice and picture says that they were
 * begun, never that they were not. false: no userID, or one that does not fit. */
bool bbb_attendee(const struct xml *x, struct leg *out);
/* A userID is the site's, and a site may be in with two browsers: that is one leg. r->legs has room
 * for one more. */
void bbb_roster_add(struct roster *r, const struct leg *leg);

#endif
