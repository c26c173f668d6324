/* Poly VideoOS: its nouns. The pure functions that turn one JSON answer into conferences, streams,
 * an identity.
 *
 * Called by poly_rest.c, the talks and the fuzzer. Owns nothing, does no I/O. Must never trust a
 * kind: figures come as integers and with a decimal point, several bodies are bare words. */
#include "adapters/poly_rest.h"

#include "adapters/internal.h"
#include "base/buf.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

const struct json *
poly_rest_parse(struct arena *a, const char *bytes, size_t n)
{
	const struct json *j = NULL;
	if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
		bytes += 3;
		n -= 3;
	}
	return json_parse(a, bytes, n, &j, NULL) == OK ? j : NULL;
}

const char *
poly_rest_reason(const struct json *j)
{
	static const char *const keys[] = { "reason", "message", "error", "loginStatus" };
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const char *text = json_text(j, keys[i]);
		if (!str_empty(text))
			return text;
	}
	return j && j->kind == JSON_IS_TEXT && *j->text ? j->text : "no reason given";
}

/* ---- conferences ----------------------------------------------------------------------------- */

/* Not up yet, or no more. Another word than these and CONNECTED leaves it unknown. */
static bool
is_not_up(const char *state)
{
	static const char *const words[] = { "RINGING", "ALERTING", "DIALING", "CONNECTING",
		"DISCONNECTING", "DISCONNECTED" };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_eq_nocase(words[i], state))
			return true;
	return false;
}

/* A connection that tells its state outweighs the conference's flag: a conference stands while it
 * still rings. */
static enum tri
up_of(const struct json *conference)
{
	enum tri up = json_tri(conference, "isActive");
	bool told = false, unsure = false;
	const struct json *list = json_get(conference, "connections");
	for (const struct json *c = list ? list->first : NULL; c; c = c->next) {
		const char *state = json_text(c, "state");
		if (!state)
			continue;
		told = true;
		if (str_eq_nocase(state, "CONNECTED"))
			return YES;
		unsure |= !is_not_up(state);
	}
	return unsure ? UNKNOWN : told ? NO : up;
}

static const char *
far_of(const struct json *conference)
{
	static const char *const lists[] = { "terminals", "connections" };
	for (size_t i = 0; i < 2; i++) {
		const struct json *list = json_get(conference, lists[i]);
		for (const struct json *x = list ? list->first : NULL; x; x = x->next)
			if (!str_empty(json_text(x, "address")))
				return json_text(x, "address");
	}
	return "";
}

static bool
is_empty(const struct json *conference, const char *list)
{
	const struct json *j = json_get(conference, list);
	return j && j->kind == JSON_IS_ARRAY && !j->first;
}

/* Beside a call the box shows an empty conference for the next one. */
static bool
is_nobodys(const struct json *x)
{
	return json_tri(x, "isActive") == NO && is_empty(x, "connections") &&
	       is_empty(x, "terminals");
}

/* It stands in a path: a number, or a text that can do no harm there. */
static bool
read_id(const struct json *x, char *out, size_t size)
{
	const struct json *id = json_get(x, "id");
	if (id && id->kind == JSON_IS_INT && id->number >= 0)
		return snprintf(out, size, "%lld", (long long)id->number) < (int)size;
	return id && id->kind == JSON_IS_TEXT && *id->text && str_only(id->text, "-_") &&
	       str_copy(out, size, id->text);
}

static bool
is_sound_only(const struct json *x)
{
	const struct json *list = json_get(x, "connections");
	bool any = false;
	for (const struct json *c = list ? list->first : NULL; c; c = c->next) {
		if (!str_eq_nocase(json_text(c, "mediaType"), "AUDIOONLY"))
			return false;
		any = true;
	}
	return any;
}

bool
poly_rest_read_conferences(const struct json *j, struct poly_rest_conferences *out)
{
	*out = (struct poly_rest_conferences){ 0 };
	if (!j || j->kind != JSON_IS_ARRAY)
		return false;
	for (const struct json *x = j->first; x && out->n < POLY_REST_CONFERENCES_MOST;
		x = x->next) {
		struct poly_rest_conference one = { .up = up_of(x),
			.sound_only = is_sound_only(x) };
		if (!read_id(x, one.id, sizeof one.id))
			return false;
		if (is_nobodys(x))
			continue;
		one.pending = str_eq(one.id, "PENDING");
		str_copy(one.far, sizeof one.far, far_of(x));
		size_t i = out->n++;
		for (; i > 0 && one.up == YES && out->at[i - 1].up != YES; i--)
			out->at[i] = out->at[i - 1];
		out->at[i] = one;
	}
	return true;
}

/* ---- media ----------------------------------------------------------------------------------- */

/*  { "mediaDirection":"RX", "mediaType":"VIDEO", "mediaStream":"videoRx", "mediaAlgorithm":"H.264",
 * "mediaFormat":"1080p", "actualBitRate": kbit/s, "actualFrameRate", "jitter": ms, "packetLoss",
 * "percentPacketLoss" }  */
static bool
place_stream(const struct json *x, enum medium *out_m, enum direction *out_d)
{
	const char *type = json_text(x, "mediaType"), *way = json_text(x, "mediaDirection");
	const char *stream = json_text(x, "mediaStream");
	bool audio = str_eq_nocase(type, "AUDIO"), in = str_eq_nocase(way, "RX");
	*out_m = audio ? AUDIO : VIDEO;
	*out_d = in ? TO_SITE : FROM_SITE;
	return (audio || str_eq_nocase(type, "VIDEO")) && (in || str_eq_nocase(way, "TX")) &&
	       !(stream && strcasestr(stream, "content"));
}

static void
add_up(struct figure *sum, struct figure more)
{
	if (more.known)
		*sum = figure_of(sum->v + more.v);
}

bool
poly_rest_read_media(const struct json *j, struct media_sample *out)
{
	bool any = false;
	*out = (struct media_sample){ 0 };
	for (const struct json *x = j && j->kind == JSON_IS_ARRAY ? j->first : NULL; x;
		x = x->next) {
		enum medium m;
		enum direction d;
		if (!place_stream(x, &m, &d))
			continue;
		struct stream *s = &out->s[m][d];
		const char *codec = json_text(x, "mediaAlgorithm");
		any = true;
		/* A stream without a codec is there in name only: whether it was agreed on is not
		 * told. */
		if (!str_empty(codec) && *codec != '-' && !str_eq_nocase(codec, "NONE") &&
			!str_eq_nocase(codec, "OFF")) {
			s->open = YES;
			str_copy(s->codec, sizeof s->codec, codec);
		}
		add_up(&s->kbps, json_scaled(x, "actualBitRate", 1));
		if (m == VIDEO && !s->height.known) {
			picture_size(json_text(x, "mediaFormat"), &s->width, &s->height);
			s->fps = json_scaled(x, "actualFrameRate", 1);
		}
		s->jitter_ms = json_scaled(x, "jitter", 1);
		if (d == FROM_SITE)
			continue; /* whose loss that is, is not told */
		add_up(&s->lost, json_scaled(x, "packetLoss", 1));
		s->loss_permille = json_scaled(x, "percentPacketLoss", 10);
	}
	return any;
}

void
poly_rest_sound_only(struct media_sample *m)
{
	for (int d = 0; d < DIRECTIONS_N; d++)
		if (m->s[VIDEO][d].open == UNKNOWN && m->s[VIDEO][d].kbps.v == 0)
			m->s[VIDEO][d].open = NO;
}

/* ---- the box --------------------------------------------------------------------------------- */

static void
add_alarm(char *alarms, size_t size, const char *what, const char *more)
{
	struct buf b = { 0 };
	buf_printf(&b, "%s%s%s%s%s", alarms, *alarms ? "; " : "", what, *more ? ": " : "", more);
	str_copy(alarms, size, b.at);
	buf_free(&b);
}

void
poly_rest_read_system(const struct json *j, struct identity *out)
{
	*out = (struct identity){ .uptime_s = json_scaled(j, "uptime", 1) };
	str_copy(out->vendor, sizeof out->vendor, "Poly");
	json_text_in(j, "model", out->model, sizeof out->model);
	json_text_in(j, "serialNumber", out->serial, sizeof out->serial);
	json_text_in(j, "softwareVersion", out->software, sizeof out->software);
	if (json_bool(j, "rebootNeeded", false))
		add_alarm(out->alarms, sizeof out->alarms, "reboot needed", "");
}

struct figure
poly_rest_own_time(const struct json *j)
{
	return json_scaled(j, "systemTime", 1);
}

/*  [ { "name":"system.status.autoanswerp2p", "stateList":["up"] }, ... ]   up, all_up, off are as
 * they should be  */
enum tri
poly_rest_read_status(const struct json *j, char *alarms, size_t size)
{
	enum tri answers = UNKNOWN;
	for (const struct json *x = j && j->kind == JSON_IS_ARRAY ? j->first : NULL; x;
		x = x->next) {
		const char *name = json_text(x, "name");
		const struct json *list = json_get(x, "stateList");
		const char *state = list && list->first && list->first->kind == JSON_IS_TEXT
					    ? list->first->text
					    : "";
		bool up = str_eq_nocase(state, "up") || str_eq_nocase(state, "all_up");
		bool off = str_eq_nocase(state, "off");
		if (!name || !*state)
			continue;
		if (str_eq(name, "system.status.autoanswerp2p"))
			answers = up ? YES : off ? NO : UNKNOWN;
		else if (!up && !off)
			add_alarm(alarms, size,
				str_starts(name, "system.status.") ? name + 14 : name, state);
	}
	return answers;
}

/* ---- past calls ------------------------------------------------------------------------------ */

/* [{"address","causeCode":0,"connected":true,"duration":29,"endTime":1664470183000,...}]: how long
 * a call lasted, and when it ended by the box's own clock, held against its own now. What causeCode
 * counts is not documented, so it is kept as words and no cause is made of it. In which order the
 * list comes is not told either: where ends are told they count, newest first. */
bool
poly_rest_read_history(
	struct arena *a, const struct json *j, struct figure now, struct history *out)
{
	struct figure ended[HISTORY_MOST];
	*out = (struct history){ .at = arena_alloc(a, HISTORY_MOST * sizeof *out->at) };
	if (!j || j->kind != JSON_IS_ARRAY)
		return false;
	for (const struct json *e = j->first; e && out->n < HISTORY_MOST; e = e->next) {
		struct figure when = json_scaled(e, "endTime", 1);
		size_t at = out->n++;
		for (; at > 0 && when.known && ended[at - 1].known && ended[at - 1].v < when.v;
			at--) {
			out->at[at] = out->at[at - 1];
			ended[at] = ended[at - 1];
		}
		ended[at] = when;
		struct past_call *p = &out->at[at];
		struct figure code = json_scaled(e, "causeCode", 1);
		const char *far = json_text(e, "address");
		*p = (struct past_call){ .duration_s = json_scaled(e, "duration", 1) };
		if (when.known && now.known && when.v <= now.v)
			p->ended_ago_s = figure_of((now.v - when.v) / 1000);
		str_copy(p->far_address, sizeof p->far_address, far ? far : "");
		if (code.known)
			snprintf(p->ending.device_words, sizeof p->ending.device_words,
				"causeCode %lld", (long long)code.v);
	}
	return true;
}
