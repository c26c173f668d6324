/* Cisco RoomOS, CE, TC: what CallHistory says of calls that are over. Pure.
 *
 * Called by cisco_roomos.c, the talks and the fuzzer. Owns nothing. Must never take the goodbye of
 * the other side for a person's: an MCU that gives a leg up says it too.
 *
 *   <CallHistoryGetResult status="OK"><Entry item="0"> CallId, CallbackNumber, RemoteNumber,
 *     Duration (s), StartTimeUTC, EndTimeUTC, DisconnectCause "Normal",
 *     DisconnectCauseType "RemoteDisconnect", DisconnectCauseCode 16,
 *     DisconnectCauseOrigin Q850|SIP|Internal
 *
 * Type says which side it was: Local this room, Remote the other, Network the path. Where it leaves
 * that open ("Other...") the code may name the path, read by its origin. Sources: vendor's API
 * guide of TC7.3 (disconnect cause types), answers of a DX80 with CE9, drivers in use for the
 * times; ITU-T Q.850, RFC 3261. */
#include "adapters/cisco_roomos.h"

#include "adapters/internal.h"
#include "base/instant.h"
#include "base/str.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

const struct cause_word cisco_roomos_causes[] = {
	{ "LocalDisconnect", CAUSE_SITE_HANGUP },
	{ "LocalReject", CAUSE_REJECTED },
	{ "LocalBusy", CAUSE_BUSY },
	{ "RemoteDisconnect", CAUSE_MCU },
	{ "NetworkRejected", CAUSE_NETWORK },
	{ "InsufficientSecurity", CAUSE_INCOMPATIBLE },
	{ NULL, CAUSE_UNKNOWN },
};

/* Codes that are about the path whoever noticed it. */
static const struct {
	const char *origin;
	int code;
} path_codes[] = {
	{ "Q850", 38 },	 /* network out of order */
	{ "Q850", 102 }, /* recovery on expiry of a timer */
	{ "SIP", 408 },	 /* request timeout */
	{ "SIP", 504 },	 /* server time-out */
};

static const char *
text_of(const struct xml *entry, const char *name)
{
	const char *text = xml_text(entry, name);
	return text ? text : "";
}

void
roomos_ending(const struct roomos_cause *c, struct ending *out)
{
	const char *type = c->type ? c->type : "", *origin = c->origin ? c->origin : "";
	struct buf all = { 0 };
	int64_t number = -1;
	*out = (struct ending){ .cause = cause_lookup(cisco_roomos_causes, type) };
	str_to_int(c->code, 0, 9999, &number);
	for (size_t i = 0; out->cause == CAUSE_UNKNOWN && i < COUNT(path_codes); i++)
		if (str_eq_nocase(origin, path_codes[i].origin) && number == path_codes[i].code)
			out->cause = CAUSE_NETWORK;
	buf_printf(&all, "%s%s%s", type, str_empty(c->words) ? "" : ": ", c->words ? c->words : "");
	if (!str_empty(c->code))
		buf_printf(&all, " (%s%s%s)", origin, *origin ? " " : "", c->code);
	str_copy(out->device_words, sizeof out->device_words, buf_str(&all));
	buf_free(&all);
}

/* Only times that say which zone they are in. */
static bool
instant_of(const char *text, int64_t *out)
{
	size_t n = text ? strlen(text) : 0;
	bool zoned = n > 10 && (text[n - 1] == 'Z' || strpbrk(text + 10, "+-"));
	return zoned && instant_parse(text, out);
}

static void
take_entry(const struct xml *entry, const char *now, struct past_call *out)
{
	int64_t seconds, there = 0, ended = 0;
	const char *far = text_of(entry, "CallbackNumber");
	*out = (struct past_call){ 0 };
	str_copy(out->far_address, sizeof out->far_address,
		*far ? far : text_of(entry, "RemoteNumber"));
	if (str_to_int(text_of(entry, "Duration"), 0, INT32_MAX, &seconds))
		out->duration_s = figure_of(seconds);
	if (instant_of(now, &there) && instant_of(text_of(entry, "EndTimeUTC"), &ended) &&
		ended <= there)
		out->ended_ago_s = figure_of((there - ended) / 1000);
	roomos_ending(
		&(struct roomos_cause){ text_of(entry, "DisconnectCauseType"),
			text_of(entry, "DisconnectCause"), text_of(entry, "DisconnectCauseOrigin"),
			text_of(entry, "DisconnectCauseCode") },
		&out->ending);
}

/* Newest first, whatever order a release lists them in; a call whose end is not told stays where
 * it is listed, and so do those behind it. */
static void
put_in_order(struct history *h)
{
	for (size_t i = 1; i < h->n; i++)
		for (size_t k = i; k > 0; k--) {
			struct past_call *a = &h->at[k - 1], *b = &h->at[k], kept = *a;
			if (!a->ended_ago_s.known || !b->ended_ago_s.known ||
				a->ended_ago_s.v <= b->ended_ago_s.v)
				break;
			*a = *b;
			*b = kept;
		}
}

void
roomos_read_history(struct arena *a, const struct xml *root, const char *now, struct history *out)
{
	const struct xml *result = roomos_find(root, "CallHistoryGetResult");
	*out = (struct history){ .at = arena_alloc(a, HISTORY_MOST * sizeof *out->at) };
	for (const struct xml *e = result ? xml_child(result, "Entry") : NULL;
		e && out->n < HISTORY_MOST; e = xml_next(e, "Entry"))
		take_entry(e, now, &out->at[out->n++]);
	put_in_order(out);
}
