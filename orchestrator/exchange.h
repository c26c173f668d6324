/* A run's result as one signed document that another office can import: JWS in its flattened JSON
 * form (RFC 7515 section 7.2.2) with EdDSA over Ed25519 (RFC 8037 section 3.1). The payload is
 * {"format":"tongduyet-result","version":1,"from":NAME,"report":{as `report --format json`}}.
 * Pure. */
#ifndef TD_EXCHANGE_H
#define TD_EXCHANGE_H

#include "imported.h"
#include "report/model.h"

#include "base/hash.h"

enum { EXCHANGE_VERSION = 1 };

/* Appends the document, one line. False: libcrypto could not sign. The same report and key give the
 * same bytes. */
bool exchange_write(
	const struct report *r, const char *from, const struct sign_key *k, struct buf *out);

struct exchange { /* an opened document; on the arena */
	const char *from, *key, *sha256; /* from: as it calls itself; sha256: of the document's
					  * bytes */
	const struct json *report;
	const char *run, *run_key, *uid, *recurrence_id, *phase;
	int64_t planned_start;
	int revision;
};

/* The signature is checked with the key that the document names: who owns that key is for the
 * caller to know. ERR_INPUT: no such document, another version, figures that do not add up;
 * ERR_AUTH: the signature does not hold. */
enum err exchange_open(
	const char *bytes, size_t n, struct arena *a, struct exchange *out, struct err_text *e);

/* Who may send: an element of tongduyet.xml. */
struct exchange_sender {
	const char *name;
	const char *mcu; /* our name of its MCU, "" */
	const char *as;  /* its name of ours, "" = the same */
};

/* As a run of ours keeps it; the hop between the sender's MCU and ours, if both tell of one. On the
 * arena. */
enum err exchange_import(const struct exchange *x, const struct exchange_sender *sender,
	const struct spec *ours, struct arena *a, struct imported *out, struct err_text *e);

#endif
