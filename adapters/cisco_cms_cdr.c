/* Cisco Meeting Server: call detail records, the only place where it says why a leg ended. A pure
 * parser of what the device posts to a receiver: ended legs with their causes, duplicates, gaps.
 *
 * Called by the receiver of pushes and the fuzzer. Owns nothing. Must never take a record twice,
 * or hide that some are missing.
 *
 *   <records session="S"> <record type="callLegEnd" time="..Z" recordIndex="9"
 *      [numPreceedingRecordsMissing="2"]>
 *      <callLeg id="G"><reason/><durationSeconds/></callLeg> </record> ...
 *
 * recordIndex runs from 1 in each session and shows no hole where records were dropped: the count
 * of missing ones (misspelt by the device) does. Another session: the device was restarted. */
#include "adapters/cisco_cms.h"

#include "adapters/internal.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/vec.h"

enum { MOST_POST = 4 << 20, MOST_SECONDS = 100000000 };

/* The list grows with versions: unknown is no error. localTeardown, error, callDeactivated,
 * ivrTimeout, incorrectPasscode: the word does not tell whose doing it was. confirmationTimeOut:
 * somebody or something answered, and no key was pressed, which we never ask for. */
const struct cause_word cisco_cms_causes[] = {
	{ "remoteTeardown", CAUSE_SITE_HANGUP },
	{ "apiInitiatedTeardown", CAUSE_OUR_HANGUP },
	{ "clientInitiatedTeardown", CAUSE_OUR_HANGUP },
	{ "callEnded", CAUSE_OUR_HANGUP },
	{ "callMoved", CAUSE_OUR_HANGUP },
	{ "ringingTimeout", CAUSE_NO_ANSWER },
	{ "remoteBusy", CAUSE_BUSY },
	{ "remoteRejected", CAUSE_REJECTED },
	{ "dnsFailure", CAUSE_WRONG_ADDRESS },
	{ "unknownDestination", CAUSE_WRONG_ADDRESS },
	{ "ivrUnknownCall", CAUSE_WRONG_ADDRESS },
	{ "encryptionRequired", CAUSE_INCOMPATIBLE },
	{ "participantLimitReached", CAUSE_MCU },
	{ "tenantParticipantLimitReached", CAUSE_MCU },
	{ NULL, CAUSE_UNKNOWN },
};

struct ending
cms_ending(const char *reason, int64_t seconds)
{
	struct ending e = { .cause = cause_lookup(cisco_cms_causes, reason) };
	/* Silence: of a leg that stood, or of an address that never answered. */
	if (str_eq_nocase(reason, "timeout"))
		e.cause = seconds > 0 ? CAUSE_NETWORK : CAUSE_UNREACHABLE;
	str_copy(e.device_words, sizeof e.device_words, reason ? reason : "");
	return e;
}

static int64_t
number(const char *text, int64_t most)
{
	int64_t n;
	return text && str_to_int(text, 0, most, &n) ? n : 0;
}

static int64_t
missing_before(const struct xml *record)
{
	const char *n = xml_attr(record, "numPreceedingRecordsMissing");
	return number(n ? n : xml_attr(record, "numPrecedingRecordsMissing"), INT64_MAX);
}

static void
take_end(struct arena *a, const struct xml *record, struct cms_cdr *out, size_t *cap)
{
	const struct xml *leg = xml_at(record, "callLeg");
	const char *id = xml_attr(leg, "id"), *reason = xml_text(leg, "reason");
	const char *time = xml_attr(record, "time");
	if (!cms_is_id(id))
		return;
	VEC(struct cms_ended) list = { .at = out->ended, .n = out->n, .cap = *cap };
	struct cms_ended *e = vec_add_in(a, &list);
	str_copy(e->leg, sizeof e->leg, id);
	e->ending = cms_ending(reason, number(xml_text(leg, "durationSeconds"), MOST_SECONDS));
	if (time && !instant_parse(time, &e->at))
		e->at = 0;
	out->ended = list.at;
	out->n = list.n;
	*cap = list.cap;
}

enum err
cms_cdr(struct arena *a, const char *bytes, size_t n, struct cms_cdr_seen *seen,
	struct cms_cdr *out, struct err_text *why)
{
	struct xml *root;
	size_t cap = 0;
	*out = (struct cms_cdr){ 0 };
	enum err e = xml_parse(a, bytes, n, MOST_POST, &root, why);
	if (e)
		return e;
	const char *session = xml_attr(root, "session");
	if (!str_eq_nocase(root->name, "records") || !cms_is_id(session))
		return err_set(why, ERR_PROTOCOL, "no call detail records: <%.40s>", root->name);
	if (!str_eq(seen->session, session)) {
		out->restarted = *seen->session != '\0';
		str_copy(seen->session, sizeof seen->session, session);
		seen->index = 0;
	}
	for (const struct xml *r = xml_child(root, "record"); r; r = xml_next(r, "record")) {
		int64_t index = number(xml_attr(r, "recordIndex"), INT64_MAX);
		if (index && index <= seen->index) {
			out->duplicates++;
			continue;
		}
		/* A hole in the numbers is none by the guide; if it comes all the same something
		 * is missing. */
		out->gap |= missing_before(r) > 0 || (index && index - 1 > seen->index);
		if (index)
			seen->index = index;
		out->records++;
		if (str_eq_nocase(xml_attr(r, "type"), "callLegEnd"))
			take_end(a, r, out, &cap);
	}
	out->gap |= out->restarted;
	return OK;
}
