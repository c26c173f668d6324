/* BigBlueButton: its nouns. The pure functions that sign a call and turn an answer into meetings
 * and attendees.
 *
 * Called by bigbluebutton.c, the talks and the fuzzer. Owns nothing, does no I/O. Must never take
 * the flags of voice and picture for proof that anything arrives. */
#include "adapters/bigbluebutton.h"

#include "base/buf.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

bool
bbb_checksum(const char *call, const char *query, const char *secret, const char *kind,
	char out[BBB_SUM_SIZE])
{
	struct buf b = { 0 };
	uint8_t raw[HASH_MOST];
	buf_printf(&b, "%s%s%s", call, query, secret);
	size_t n = hash_named(kind, b.at, b.n, raw);
	out[0] = '\0';
	for (size_t i = 0; i < n; i++)
		snprintf(out + 2 * i, 3, "%02x", raw[i]);
	explicit_bzero(b.at, b.n);
	buf_free(&b);
	return n > 0;
}

static const struct {
	const char *key;
	enum err err;
} keys[] = {
	{ "checksumError", ERR_AUTH },
	{ "notFound", ERR_GONE },
	{ "idNotUnique", ERR_REFUSED },
	{ "invalidPassword", ERR_REFUSED },
	{ "maxConcurrent", ERR_BUSY },
	{ "unsupportedRequest", ERR_UNSUPPORTED },
};

enum err
bbb_read(struct arena *a, const char *bytes, size_t n, struct bbb_answer *out, struct err_text *why)
{
	struct xml *root = NULL;
	*out = (struct bbb_answer){ .class = OK };
	enum err e = xml_parse(a, bytes, n, 0, &root, why);
	if (e)
		return e;
	const char *code = xml_text(root, "returncode"), *key = xml_text(root, "messageKey"),
		   *words = xml_text(root, "message");
	bool good = str_eq(code, "SUCCESS");
	if (!str_eq(root->name, "response") || (!good && !str_eq(code, "FAILED")))
		return err_set(
			why, ERR_PROTOCOL, "<%.40s> is no answer of BigBlueButton", root->name);
	out->root = root;
	out->twice = good && str_eq(key, "duplicateWarning");
	if (good)
		return OK;
	out->class = ERR_REFUSED;
	out->failed = arena_printf(a, "%.60s%s%.140s", str_empty(key) ? "refused" : key,
		str_empty(words) ? "" : ": ", words ? words : "");
	for (size_t i = 0; i < COUNT(keys); i++)
		if (str_eq(keys[i].key, key))
			out->class = keys[i].err;
	return OK;
}

/*  <meeting><meetingName/><meetingID/><hasBeenForciblyEnded>false</..></meeting>  */
bool
bbb_is_meeting(const struct xml *x, const char *name)
{
	const char *id = xml_text(x, "meetingID");
	return !str_empty(id) && strlen(id) < sizeof((struct conference *)0)->id &&
	       !str_eq(xml_text(x, "hasBeenForciblyEnded"), "true") &&
	       (str_eq(id, name) || str_eq(xml_text(x, "meetingName"), name));
}

/*  <attendee><userID/><fullName/><isListeningOnly/><hasJoinedVoice/><hasVideo/></attendee>  */
bool
bbb_attendee(const struct xml *x, struct leg *out)
{
	const char *id = xml_text(x, "userID"), *name = xml_text(x, "fullName");
	*out = (struct leg){ .state = LEG_UP, .incoming = true };
	if (str_empty(id) || strlen(id) >= sizeof out->id)
		return false;
	str_copy(out->id, sizeof out->id, id);
	str_copy(out->address, sizeof out->address, id);
	str_copy(out->name, sizeof out->name, name ? name : "");
	bool listens = str_eq(xml_text(x, "isListeningOnly"), "true");
	bool voice = str_eq(xml_text(x, "hasJoinedVoice"), "true");
	if (voice && !listens)
		out->media.s[AUDIO][FROM_SITE].open = YES;
	if (voice || listens)
		out->media.s[AUDIO][TO_SITE].open = YES;
	if (str_eq(xml_text(x, "hasVideo"), "true"))
		out->media.s[VIDEO][FROM_SITE].open = YES;
	out->sampled = voice || listens || out->media.s[VIDEO][FROM_SITE].open == YES;
	return true;
}

void
bbb_roster_add(struct roster *r, const struct leg *leg)
{
	for (size_t i = 0; i < r->n; i++) {
		struct leg *there = &r->legs[i];
		if (!str_eq(there->id, leg->id))
			continue;
		for (int m = 0; m < MEDIA_N; m++)
			for (int d = 0; d < DIRECTIONS_N; d++)
				if (leg->media.s[m][d].open == YES)
					there->media.s[m][d].open = YES;
		there->sampled |= leg->sampled;
		return;
	}
	r->legs[r->n++] = *leg;
}
