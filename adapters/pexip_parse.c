/* Pexip Infinity: its nouns. The pure functions that turn one JSON answer into legs, figures, an
 * end, and our words into its own.
 *
 * Called by pexip*.c, the talks and the fuzzer. Owns nothing, does no I/O. Must never take what the
 * platform sends for what arrived, nor a reason that it does not name for one that it does. */
#include "adapters/pexip.h"

#include "adapters/connect.h"
#include "adapters/internal.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

enum { NEST_MOST = 4 }; /* of a refusal's fields */

/* ---- tables -------------------------------------------------------------------------------- */

/* The first word that is found in the text decides. Named by the vendor's page of disconnection
 * reasons, or phrases of RFC 3261 section 21 (the page says that some come from the endpoint). */
const struct cause_word pexip_causes[] = {
	{ "by an administrator", CAUSE_OUR_HANGUP },
	{ "by another participant", CAUSE_OUR_HANGUP },
	{ "by a host participant", CAUSE_OUR_HANGUP },
	{ "with a dtmf command", CAUSE_OUR_HANGUP },
	{ "transferred", CAUSE_OUR_HANGUP },
	{ "waiting for conference host", CAUSE_MCU },
	{ "insufficient", CAUSE_MCU },
	{ "license", CAUSE_MCU },
	{ "no direct route", CAUSE_MCU },
	{ "neither conference nor gateway", CAUSE_MCU },
	{ "busy", CAUSE_BUSY },
	{ "decline", CAUSE_REJECTED },
	{ "rejected", CAUSE_REJECTED },
	{ "forbidden", CAUSE_REJECTED },
	{ "not found", CAUSE_WRONG_ADDRESS },
	{ "does not exist", CAUSE_WRONG_ADDRESS },
	{ "address incomplete", CAUSE_WRONG_ADDRESS },
	{ "not acceptable", CAUSE_INCOMPATIBLE },
	{ "unsupported media", CAUSE_INCOMPATIBLE },
	{ "no answer", CAUSE_NO_ANSWER },
	{ "request timeout", CAUSE_UNREACHABLE },
	{ "media timeout", CAUSE_NETWORK },
	{ "call disconnected", CAUSE_SITE_HANGUP },
	{ "participant disconnected", CAUSE_SITE_HANGUP },
	{ "user initiated disconnect", CAUSE_SITE_HANGUP },
	{ NULL, CAUSE_UNKNOWN },
};

/* Words that newer versions replaced still work, and older ones know nothing else. */
static const struct {
	const char *word, *layout, *view;
} layouts[] = {
	{ "equal", "25:0", NULL },
	{ "speaker", "1:0", "one_main_zero_pips" },
	{ "1+7", "1:7", "one_main_seven_pips" },
	{ "1:0", "1:0", "one_main_zero_pips" },
	{ "1:7", "1:7", "one_main_seven_pips" },
	{ "1:21", "1:21", NULL },
	{ "2:21", "2:21", NULL },
	{ "1:33", "1:33", NULL },
	{ "4:0", "4:0", "four_mains_zero_pips" },
	{ "2x2", "2x2", "four_mains_zero_pips" },
	{ "9:0", "9:0", NULL },
	{ "3x3", "3x3", NULL },
	{ "16:0", "16:0", NULL },
	{ "4x4", "4x4", NULL },
	{ "25:0", "25:0", NULL },
	{ "5x5", "5x5", NULL },
	{ "ac", "ac", NULL },
	{ "teams", "teams", NULL },
};

const char *
pexip_layout(const char *value, const char **out_view)
{
	*out_view = NULL;
	for (size_t i = 0; value && i < COUNT(layouts); i++)
		if (str_eq_nocase(layouts[i].word, value)) {
			*out_view = layouts[i].view;
			return layouts[i].layout;
		}
	return NULL;
}

struct ending
pexip_ending(const char *words, bool was_up)
{
	struct ending e = { .cause = CAUSE_UNKNOWN };
	str_copy(e.device_words, sizeof e.device_words, words ? words : "");
	for (size_t i = 0; words && pexip_causes[i].word && e.cause == CAUSE_UNKNOWN; i++)
		if (strcasestr(words, pexip_causes[i].word))
			e.cause = pexip_causes[i].cause;
	/* Nobody hung up what never stood, and no media ran out of it. */
	if (!was_up && (e.cause == CAUSE_SITE_HANGUP || e.cause == CAUSE_NETWORK))
		e.cause = CAUSE_UNKNOWN;
	return e;
}

/* ---- lists --------------------------------------------------------------------------------- */

/*  { "meta": { "limit", "offset", "total_count", "next" }, "objects": [ {..}, .. ] }  */
bool
pexip_list(const struct json *j, struct pexip_list *out)
{
	const struct json *objects = json_get(j, "objects");
	*out = (struct pexip_list){ .total = json_int(json_get(j, "meta"), "total_count", -1) };
	if (!objects || objects->kind != JSON_IS_ARRAY || out->total < 0)
		return false;
	out->first = objects->first;
	out->n = objects->count;
	return true;
}

/* ---- participants -------------------------------------------------------------------------- */

static const char *
told(const struct json *j, const char *key, const char *otherwise)
{
	const char *text = json_text(j, key);
	return str_empty(text) ? otherwise : text;
}

static void
put_address(struct leg *out, const char *alias)
{
	bool named = strncasecmp(alias, "sip:", 4) == 0 || strncasecmp(alias, "sips:", 5) == 0 ||
		     strncasecmp(alias, "h323:", 5) == 0;
	bool known = str_eq(out->protocol, "sip") || str_eq(out->protocol, "h323");
	char whole[sizeof out->address + 8];
	snprintf(whole, sizeof whole, "%s%s%s", named || !known ? "" : out->protocol,
		named || !known ? "" : ":", alias);
	str_copy(out->address, sizeof out->address, *alias ? whole : "");
}

/*  { "id", "call_direction": "out", "destination_alias", "source_alias", "participant_alias",
 *    "display_name", "protocol": "SIP", "remote_address", "service_type": "connecting"
 *    | "conference" | .., "is_muted", "has_media" }  */
bool
pexip_leg(const struct json *j, struct leg *out)
{
	const char *id = json_text(j, "id");
	*out = (struct leg){ .state = LEG_UP };
	if (!device_is_id(id, PEXIP_ID_SIZE))
		return false;
	str_copy(out->id, sizeof out->id, id);
	json_text_in(j, "display_name", out->name, sizeof out->name);
	json_text_in(j, "protocol", out->protocol, sizeof out->protocol);
	for (char *p = out->protocol; *p; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
	json_text_in(j, "remote_address", out->remote_ip, sizeof out->remote_ip);
	out->incoming = str_eq_nocase(told(j, "call_direction", ""), "in");
	const char *alias = told(j, out->incoming ? "source_alias" : "destination_alias", "");
	put_address(out, told(j, "participant_alias", alias));
	/* What still rings is "connecting"; a waiting room or a lobby is a call that stands. */
	if (str_eq_nocase(told(j, "service_type", "connecting"), "connecting"))
		out->state = LEG_DIALING;
	out->muted = json_tri(j, "is_muted");
	return true;
}

/* ---- streams ------------------------------------------------------------------------------- */

static void
worst(struct figure *kept, struct figure f)
{
	if (f.known && (!kept->known || f.v > kept->v))
		*kept = f;
}

static void
add(struct figure *sum, struct figure f)
{
	if (f.known)
		*sum = figure_of((sum->known ? sum->v : 0) + f.v);
}

/* rx: what the node receives of the site. Of the other direction the counter of packets is what the
 * node sent, which proves nothing; its losses are the endpoint's. */
static void
take(const struct json *j, const char *way, struct stream *s)
{
	char key[40];
	const char *codec;
	bool rx = way[0] == 'r';
#define KEY(name) (snprintf(key, sizeof key, "%s_%s", way, name), key)
	s->open = YES;
	add(&s->kbps, json_scaled(j, KEY("bitrate"), 1));
	worst(&s->jitter_ms, json_scaled(j, KEY("jitter"), 1));
	struct figure windowed = json_scaled(j, KEY("windowed_packet_loss"), 10);
	worst(&s->loss_permille,
		windowed.known ? windowed : json_scaled(j, KEY("packet_loss"), 10));
	if (rx) {
		add(&s->packets, json_scaled(j, "rx_packets_received", 1));
		add(&s->lost, json_scaled(j, "rx_packets_lost", 1));
	} else {
		add(&s->far_lost, json_scaled(j, "tx_packets_lost", 1));
	}
	struct figure fps = json_scaled(j, KEY("fps"), 1), width, height;
	if (rx && fps.known && fps.v > 0)
		worst(&s->fps, fps);
	picture_size(told(j, KEY("resolution"), ""), &width, &height);
	if (height.known && (!s->height.known || height.v > s->height.v)) {
		s->width = width;
		s->height = height;
	}
	codec = told(j, KEY("codec"), "");
	if (!*s->codec)
		str_copy(s->codec, sizeof s->codec, codec);
#undef KEY
}

/*  "objects": [ { "type": "audio" | "video" | "presentation", "end_time", "rx_bitrate" kbit/s,
 *     "rx_jitter" ms, "rx_packet_loss" percent, "rx_packets_received", "rx_resolution", .. } ]  */
bool
pexip_media(const struct json *j, struct media_sample *out)
{
	struct pexip_list all;
	bool any = false;
	*out = (struct media_sample){ 0 };
	if (!pexip_list(j, &all))
		return false;
	for (const struct json *x = all.first; x; x = x->next) {
		const char *type = told(x, "type", told(x, "stream_type", ""));
		bool audio = str_eq_nocase(type, "audio");
		if ((!audio && !str_eq_nocase(type, "video")) || *told(x, "end_time", ""))
			continue;
		take(x, "rx", &out->s[audio ? AUDIO : VIDEO][FROM_SITE]);
		take(x, "tx", &out->s[audio ? AUDIO : VIDEO][TO_SITE]);
		any = true;
	}
	return any;
}

/* ---- refusals ------------------------------------------------------------------------------ */

/* { "conference": { "name": ["taken"] } }: the names on the way, and the first text. */
static const char *
deep(struct arena *a, const struct json *j, int depth)
{
	const char *path = "";
	for (; j && depth < NEST_MOST; depth++, j = j->first) {
		if (j->key)
			path = arena_printf(a, "%s%.40s: ", path, j->key);
		if (j->kind == JSON_IS_TEXT)
			return arena_printf(a, "%s%.160s", path, j->text);
	}
	return NULL;
}

/*  {"status":"failure","error":".."} | {"error":".."} | {"error_message":".."}
 *  | {"dial":{"destination":[".."]}}  */
const char *
pexip_words(struct arena *a, const struct json *j, int status)
{
	static const char *const keys[] = { "error", "error_message", "message" };
	for (size_t i = 0; i < COUNT(keys); i++)
		if (*told(j, keys[i], ""))
			return arena_printf(a, "%.200s", json_text(j, keys[i]));
	const char *text = j && j->kind == JSON_IS_OBJECT ? deep(a, j->first, 0) : NULL;
	return text ? text : arena_printf(a, "HTTP status %d", status);
}

/* ---- ours to theirs ------------------------------------------------------------------------ */

bool
pexip_conference(const char *id, int64_t *out_room, bool *out_own)
{
	char number[24];
	size_t n = strcspn(id, "/");
	*out_room = 0;
	*out_own = str_eq(id + n, "/n");
	if (n == 0 || n >= sizeof number || (id[n] && !*out_own))
		return false;
	memcpy(number, id, n);
	number[n] = '\0';
	return str_to_int(number, 1, INT64_MAX, out_room);
}
