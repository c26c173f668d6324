/* Huawei SMC 2.0: what is pure, SOAP in, nouns out; talks and the fuzzer call these with any bytes. */
#ifndef TD_ADAPTERS_HUAWEI_SMC2_H
#define TD_ADAPTERS_HUAWEI_SMC2_H

#include "adapters/adapter.h"
#include "adapters/internal.h"
#include "adapters/wire/xml.h"

enum { SMC2_NO_RIGHT = 1344274435 };

struct smc2_answer {
	int64_t code;	      /* resultCode; 0 done */
	const struct xml *in; /* the answer's element */
	const char *fault;    /* of SOAP, or NULL */
};
/* Envelope, Body, <operation>Response, whatever the prefixes. ERR_PROTOCOL with a sentence. */
enum err smc2_read(struct arena *a, const char *bytes, size_t n, const char *operation,
	struct smc2_answer *out, struct err_text *why);
/* Class of a resultCode that is not 0. Never OK. */
enum err smc2_class(int64_t code);
/* What is sent instead of the password: base64(SHA256(hex(SHA256(password)) hex(random))), random in
 * base64. false: random is no base64. */
bool smc2_proof(const char *password, const char *random, char out[48]);
/* One <conferenceStatuses>: it is not over, nor one that never was. */
bool smc2_runs(const struct xml *x);
/* One <siteStatuses>. false: it has no address, or one that is too long to be an id. */
bool smc2_leg(const struct xml *x, const struct leg_notes *notes, struct leg *out);
extern const struct cause_word huawei_smc2_causes[];
struct ending smc2_ending(int64_t code, const char *words);
#endif
