/* Asterisk: words and answers, pure. Ids that carry what the device does not keep, causes,
 * channels, figures.
 *
 * Called by the other files of this adapter, by tests and by the fuzzer with any bytes. Owns
 * nothing.
 * Must never let through into a path or a query what ends an argument there. */
#include "adapters/asterisk.h"

#include "adapters/connect.h"
#include "adapters/internal.h"
#include "adapters/wire/query.h"
#include "base/hash.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>

bool
ari_is_word(const char *s)
{
	return !str_empty(s) && str_only(s, "-_.~") && *s != '.';
}

bool
ari_where(const char *url, struct ari_where *out, char *why, size_t why_size)
{
	*out = (struct ari_where){ .app = "tongduyet", .endpoint = "sites" };
	why[0] = '\0';
	url = url ? url : "";
	query_option(url, "app", out->app, sizeof out->app);
	query_option(url, "endpoint", out->endpoint, sizeof out->endpoint);
	if (!ari_is_word(out->app))
		snprintf(why, why_size, "app=%s in the url is no name of an application", out->app);
	else if (!ari_is_word(out->endpoint))
		snprintf(why, why_size, "endpoint=%s in the url is no name of an endpoint",
			out->endpoint);
	return !*why;
}

/* ---- ids ---- */

void
ari_bridge_id(char *out, size_t size, const char *name)
{
	if (ari_is_word(name) && strlen(name) < size) {
		str_copy(out, size, name);
		return;
	}
	device_word(out, size, name);
}

/* "td-" conference "-m" or "-s", attempt "-" leg: 3 + 8 + 2 + 12 + 1 + at most 80 */
enum { ROOM_AT = 3, WISH_AT = 12, NAME_AT = 26 };

static void
room_word(char out[9], const char *bridge_id)
{
	char hash[HASH_HEX_SIZE];
	hash_hex(bridge_id, strlen(bridge_id), hash);
	snprintf(out, 9, "%.8s", hash);
}

void
ari_channel_id(char out[ARI_ID_SIZE], const char *attempt, const char *bridge_id, bool muted,
	const char *leg_name)
{
	char room[9], hash[HASH_HEX_SIZE];
	struct buf both = { 0 };
	room_word(room, bridge_id);
	buf_add(&both, attempt, strlen(attempt) + 1);
	buf_puts(&both, bridge_id);
	hash_hex(both.at, both.n, hash);
	buf_free(&both);
	snprintf(out, ARI_ID_SIZE, "td-%s-%c%.12s-%.80s", room, muted ? 'm' : 's', hash, leg_name);
}

bool
ari_is_ours(const char *id)
{
	if (!id || strlen(id) <= NAME_AT || strlen(id) >= ARI_ID_SIZE || !str_starts(id, "td-") ||
		id[ROOM_AT + 8] != '-' || id[NAME_AT - 1] != '-' ||
		(id[WISH_AT] != 'm' && id[WISH_AT] != 's') || !ari_is_word(id + NAME_AT))
		return false;
	for (int i = ROOM_AT; i < NAME_AT - 1; i++)
		if (i != ROOM_AT + 8 && i != WISH_AT && !strchr("0123456789abcdef", id[i]))
			return false;
	return true;
}

bool
ari_is_ours_in(const char *id, const char *bridge_id, struct ari_own *out)
{
	char room[9];
	room_word(room, bridge_id);
	if (!ari_is_ours(id) || strncmp(id + ROOM_AT, room, 8) != 0)
		return false;
	*out = (struct ari_own){ .leg_name = id + NAME_AT, .muted = id[WISH_AT] == 'm' };
	return true;
}

const char *
ari_path(struct arena *a, const char *kind, const char *id, const char *rest)
{
	struct buf b = { 0 };
	buf_puts(&b, kind);
	query_escape(&b, id);
	buf_puts(&b, rest);
	const char *path = arena_strdup(a, buf_str(&b));
	buf_free(&b);
	return path;
}

const char *
ari_target(const char *address, enum err *out_class, const char **out_why)
{
	*out_class = ERR_INPUT;
	*out_why = "no address";
	if (str_empty(address))
		return NULL;
	*out_class = ERR_UNSUPPORTED;
	*out_why = "only sip: addresses can be dialled from here";
	if (!str_starts(address, "sip:") && !str_starts(address, "sips:"))
		return NULL;
	*out_class = ERR_INPUT;
	*out_why = "an address with characters that cannot be dialled";
	/* '&' forks a dial, ',' and '^' end arguments, '/' ends the resource */
	const char *rest = strchr(address, ':') + 1;
	if (str_empty(rest) || strlen(rest) > 150 || !str_only(rest, "-_.+*~=;:@[]"))
		return NULL;
	return address;
}

const char *
ari_words(const struct json *j, const char *otherwise)
{
	const char *s = json_text(j, "message");
	s = s ? s : json_text(j, "error");
	return s ? s : otherwise;
}

bool
ari_instant(const char *text, int64_t *out)
{
	int y, mo, d, h, mi, s, ms, zone;
	char sign;
	if (!text ||
		sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%3d%c%4d", &y, &mo, &d, &h, &mi, &s, &ms,
			&sign, &zone) != 9 ||
		(sign != '+' && sign != '-') || y < 1970 || mo < 1 || mo > 12 || d < 1 || d > 31)
		return false;
	/* days since 1970, by the count of March-based years */
	int64_t years = y - (mo <= 2), era = years / 400, of = years - era * 400;
	int64_t day = (153 * (mo + (mo > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	int64_t days = era * 146097 + of * 365 + of / 4 - of / 100 + day - 719468;
	int64_t off = (zone / 100 * 60 + zone % 100) * (sign == '-' ? -60 : 60);
	*out = (((days * 24 + h) * 60 + mi) * 60 + s - off) * 1000 + ms;
	return true;
}

enum tri
ari_picture(const char *formats)
{
	if (str_empty(formats))
		return UNKNOWN;
	return tri_of(!str_eq(formats, "(nothing)"));
}

void
ari_host(const char *from, char *out, size_t size)
{
	from = from ? from : "";
	bool six = *from == '[';
	const char *end = six ? strchr(from, ']') : strrchr(from, ':');
	size_t n = end ? (size_t)(end - from) - six : 0;
	if (n == 0 || n >= size)
		n = 0;
	memcpy(out, from + six, n);
	out[n] = '\0';
	if (!str_only(out, ".:") || str_eq(out, "0.0.0.0"))
		out[0] = '\0';
}

void
ari_uri(const char *from, char *out, size_t size)
{
	const char *at = from ? strstr(from, "sip") : NULL;
	size_t n = at ? strcspn(at, "<> ;\"") : 0;
	out[0] = '\0';
	if (n < 5 || n >= size || !strchr(at, ':'))
		return;
	memcpy(out, at, n);
	out[n] = '\0';
	if (!str_starts(out, "sip:") && !str_starts(out, "sips:"))
		out[0] = '\0';
}

/* ---- ends ---- */

/* Q.850, as SIP answers and the device's own troubles become it. What depends on more is below. */
static const struct {
	int64_t q850;
	enum cause cause;
} causes[] = {
	{ 1, CAUSE_WRONG_ADDRESS },
	{ 3, CAUSE_WRONG_ADDRESS },
	{ 17, CAUSE_BUSY },
	{ 18, CAUSE_UNREACHABLE },
	{ 20, CAUSE_UNREACHABLE },
	{ 21, CAUSE_REJECTED },
	{ 22, CAUSE_WRONG_ADDRESS },
	{ 28, CAUSE_WRONG_ADDRESS },
	{ 58, CAUSE_INCOMPATIBLE },
	{ 65, CAUSE_INCOMPATIBLE },
	{ 88, CAUSE_INCOMPATIBLE },
};

/* 16 is either side's goodbye; 19 is our time that ran out, or a 480, whether it rang or not; 34,
 * 38 and 42 with a 5xx beside them came from the other side; 44 ends a leg that was up and sent
 * nothing for the endpoint's rtp_timeout, which is "soft" as well. */
struct ending
ari_ending(const struct ari_end *end)
{
	struct ending e = { .cause = CAUSE_UNKNOWN };
	char words[80];
	for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
		if (causes[i].q850 == end->q850)
			e.cause = causes[i].cause;
	if (end->sip == 401 || end->sip == 407)
		e.cause = CAUSE_AUTH;
	else if (end->q850 == 19)
		e.cause = end->rang ? CAUSE_NO_ANSWER : CAUSE_UNREACHABLE;
	else if (end->up && (end->q850 == 44 || end->q850 == 102))
		e.cause = CAUSE_NETWORK;
	else if (end->soft)
		e.cause = CAUSE_OUR_HANGUP;
	else if (end->up && (end->q850 == 16 || end->q850 == 0) && end->bye)
		e.cause = CAUSE_SITE_HANGUP;
	else if (end->q850 == 102)
		e.cause = CAUSE_UNREACHABLE;
	else if (end->q850 == 34 || end->q850 == 38 || end->q850 == 41 || end->q850 == 42 ||
		 end->q850 == 44)
		e.cause = end->sip >= 500 ? CAUSE_REJECTED : CAUSE_MCU;
	if (end->sip > 0 && end->sip < 1000)
		snprintf(words, sizeof words, "%s %d", end->text, (int)end->sip);
	else
		snprintf(words, sizeof words, "%s", end->text);
	str_copy(e.device_words, sizeof e.device_words, words);
	return e;
}

/* ---- answers ---- */

static const char *
text_of(const struct json *j, const char *key)
{
	const char *s = json_text(j, key);
	return s ? s : "";
}

/* ARI, Channel.state */
static enum leg_state
state_of(const char *word)
{
	return str_eq(word, "Up")			       ? LEG_UP
	       : str_eq(word, "Ringing") || str_eq(word, "Ring") ? LEG_RINGING
							       : LEG_DIALING;
}

bool
ari_is_list(const struct json *j)
{
	return j && j->kind == JSON_IS_ARRAY && j->count <= ARI_LISTED_MOST;
}

/*  { "id", "name": "PJSIP/sites-00000001", "state": "Up", "caller": { "name", "number" },
 *    "dialplan": { "app_name": "Stasis", "app_data": "tongduyet,room,leg" } }  */
bool
ari_channel(struct arena *a, const struct json *j, struct ari_channel *out)
{
	const struct json *caller = json_get(j, "caller"), *plan = json_get(j, "dialplan");
	const char *word = text_of(j, "state");
	*out = (struct ari_channel){ .id = text_of(j, "id"),
		.name = text_of(j, "name"),
		.number = text_of(caller, "number"),
		.shown = text_of(caller, "name"),
		.app = "",
		.argument = "",
		.state = state_of(word),
		.waits = str_eq(word, "Ring") };
	if (str_eq(text_of(plan, "app_name"), "Stasis")) {
		size_t n;
		char **words = str_split(a, text_of(plan, "app_data"), ",", &n);
		out->app = n > 0 ? words[0] : "";
		out->argument = n > 1 ? words[1] : "";
	}
	return *out->id && strlen(out->id) < ARI_ID_SIZE;
}

/* Names of fields lie: txjitter is measured on what arrives here, rxjitter and txploss are what the
 * far end reports, and are 0 until it does, as rtt is. Seconds. */
void
ari_media(const struct json *j, struct media_sample *out)
{
	struct stream *from = &out->s[AUDIO][FROM_SITE], *to = &out->s[AUDIO][TO_SITE];
	from->open = to->open = YES;
	from->packets = json_scaled(j, "rxcount", 1);
	from->lost = json_scaled(j, "rxploss", 1);
	from->jitter_ms = json_scaled(j, "txjitter", 1000);
	to->packets = json_scaled(j, "txcount", 1);
	const struct json *rtt = json_get(j, "rtt");
	if (!rtt || rtt->kind != JSON_IS_REAL || rtt->real <= 0)
		return;
	to->rtt_ms = json_scaled(j, "rtt", 1000);
	to->far_lost = json_scaled(j, "txploss", 1);
	to->jitter_ms = json_scaled(j, "rxjitter", 1000);
}
