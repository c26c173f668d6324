/* Huawei TE and its kin: its nouns. The pure functions that take an answer apart: JSON whose "data"
 * is a text that is JSON again, and figures that carry their unit.
 *
 * Called by huawei_te.c, the talks and the fuzzer. Owns nothing, does no I/O. Must never rest a
 * verdict on callstate: its numbers differ between models. */
#include "adapters/huawei_te.h"

#include "adapters/internal.h"
#include "base/buf.h"
#include "base/net.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

enum { DATA_DEPTH = 3 /* of texts that are JSON again */, CONFTYPE_MOST = 4 };

bool
huawei_read(struct arena *a, const char *bytes, size_t n, struct huawei_answer *out)
{
	const struct json *j = NULL;
	*out = (struct huawei_answer){ 0 };
	if (json_parse(a, bytes, n, &j, NULL) || !json_get(j, "success"))
		return false;
	out->good = json_int(j, "success", 0) == 1 || json_bool(j, "success", false);
	out->error = json_int(json_get(j, "error"), "code", 0);
	const struct json *data = json_get(j, "data");
	for (int i = 0; data && data->kind == JSON_IS_TEXT && i < DATA_DEPTH; i++) {
		const struct json *inner = NULL;
		if (json_parse(a, data->text, strlen(data->text), &inner, NULL))
			return *data->text == '\0';
		data = inner;
	}
	out->data = data;
	return true;
}

struct figure
huawei_figure(const struct json *j, const char *key, double by)
{
	static const struct {
		const char *unit;
		double factor;
	} units[] = { { "", 1 }, { "k", 1 }, { "kbps", 1 }, { "kbit/s", 1 }, { "M", 1000 },
		{ "Mbps", 1000 }, { "%", 1 }, { "ms", 1 }, { "fps", 1 } };
	const struct json *x = json_get(j, key);
	double v = 0, factor = 0;
	if (x && (x->kind == JSON_IS_INT || x->kind == JSON_IS_REAL)) {
		v = x->real;
		factor = 1;
	} else if (x && x->kind == JSON_IS_TEXT) {
		char digits[32];
		size_t n = strspn(x->text, "0123456789.");
		const char *unit = x->text + n + strspn(x->text + n, " ");
		if (n == 0 || n >= sizeof digits)
			return (struct figure){ 0 };
		memcpy(digits, x->text, n);
		digits[n] = '\0';
		for (size_t i = 0; i < COUNT(units); i++)
			if (str_eq_nocase(unit, units[i].unit))
				factor = units[i].factor;
		if (!str_to_double(digits, &v))
			return (struct figure){ 0 };
	}
	bool rate = factor != 0 && by == 1 && v > 0 && v * factor < 1;
	v *= factor * by;
	if (factor == 0 || !(v >= 0 && v < 9e15))
		return (struct figure){ 0 };
	return figure_of(rate ? 1 : (int64_t)(v + 0.5)); /* a rate of some bits is not none */
}

/* ---- media ----------------------------------------------------------------------------------- */

/* Send = from the site, Rev = received. auxAudioRate is the plain sound's: with the picture's it
 * makes the sum. */
#define AT(medium, direction, field) (medium), (direction), offsetof(struct stream, field)
static const struct {
	const char *key;
	enum medium medium;
	enum direction direction;
	size_t at;
	double by;
} figures[] = {
	{ "auxAudioRateSend", AT(AUDIO, FROM_SITE, kbps), 1 },
	{ "auxAudioRateRev", AT(AUDIO, TO_SITE, kbps), 1 },
	{ "videoRateSend", AT(VIDEO, FROM_SITE, kbps), 1 },
	{ "videoRateRev", AT(VIDEO, TO_SITE, kbps), 1 },
	{ "videoFrameSend", AT(VIDEO, FROM_SITE, fps), 1 },
	{ "videoFrameRev", AT(VIDEO, TO_SITE, fps), 1 },
	{ "audioLossNumRev", AT(AUDIO, TO_SITE, lost), 1 },
	{ "videoLossNumRev", AT(VIDEO, TO_SITE, lost), 1 },
	{ "audioLossPerRev", AT(AUDIO, TO_SITE, loss_permille), 10 },
	{ "videoLossPerRev", AT(VIDEO, TO_SITE, loss_permille), 10 },
};

static bool
none(const struct json *j, const char *key)
{
	return str_starts(json_text(j, key), "--");
}

bool
huawei_read_media(const struct json *j, struct media_sample *out)
{
	static const struct {
		const char *key, *format;
		enum medium medium;
		enum direction direction;
	} channels[] = {
		{ "auxAudioRateSend", NULL, AUDIO, FROM_SITE },
		{ "auxAudioRateRev", NULL, AUDIO, TO_SITE },
		{ "videoRateSend", "mainFormatSend", VIDEO, FROM_SITE },
		{ "videoRateRev", "mainFormatRev", VIDEO, TO_SITE },
	};
	bool any = false;
	*out = (struct media_sample){ 0 };
	for (size_t i = 0; i < COUNT(figures); i++) {
		struct figure f = huawei_figure(j, figures[i].key, figures[i].by);
		memcpy((char *)&out->s[figures[i].medium][figures[i].direction] + figures[i].at, &f,
			sizeof f);
		any |= f.known;
	}
	for (size_t i = 0; i < COUNT(channels); i++) {
		struct stream *s = &out->s[channels[i].medium][channels[i].direction];
		if (s->kbps.known)
			s->open = YES;
		else if (none(j, channels[i].key))
			s->open = NO;
		any |= s->open != UNKNOWN;
		if (channels[i].format && s->open == YES)
			picture_size(json_text(j, channels[i].format), &s->width, &s->height);
	}
	return any;
}

/* ---- states ---------------------------------------------------------------------------------- */

/* What looks like a number, whether it came as one or as a text. */
static int64_t
number(const struct json *j, const char *key)
{
	struct figure f = json_figure(j, key);
	return f.known ? f.v : -1;
}

/* The mailbox's values lie in "state", or at once in it. */
static const struct json *
state_of(const struct json *mailbox)
{
	const struct json *state = json_get(mailbox, "state");
	return state && state->kind == JSON_IS_OBJECT ? state : mailbox;
}

/* conftype 0 none, 1 two sites, 2 on an MCU, 3 own MCU, 4 cascaded; another number is in no guide.
 */
enum tri
huawei_in_call(const struct json *j)
{
	int64_t kind = number(state_of(j), "conftype");
	return kind < 0 || kind > CONFTYPE_MOST ? UNKNOWN : tri_of(kind != 0);
}

/* mic 1 open, 0 muted; MicSwitch 0 muted. The loudspeaker's switch is the other way round, and not
 * asked. */
enum tri
huawei_mic_muted(const struct json *mailbox, const struct json *audio)
{
	int64_t open = number(audio, "MicSwitch");
	if (open < 0)
		open = number(state_of(mailbox), "mic");
	return open == 0 ? YES : open == 1 ? NO : UNKNOWN;
}

/* "lisence" holds the serial number, and is spelt so. */
void
huawei_read_version(const struct json *j, struct identity *out)
{
	*out = (struct identity){ 0 };
	str_copy(out->vendor, sizeof out->vendor, "Huawei");
	json_text_in(j, "model", out->model, sizeof out->model);
	json_text_in(j, "softVersion", out->software, sizeof out->software);
	json_text_in(j, "lisence", out->serial, sizeof out->serial);
}

/* One of two sockets has the address; the other may be told empty. */
void
huawei_read_mac(const struct json *j, char out[18])
{
	if (!net_mac(json_text(j, "system_wanMAC_addr"), out))
		net_mac(json_text(j, "system_lanMAC_addr"), out);
}

/* runDay, runHour, runMin; texts like "SIP_STATE_OK". */
struct figure
huawei_read_line(const struct json *j, char *alarms, size_t size)
{
	int64_t day = number(j, "runDay"), hour = number(j, "runHour"),
		minute = number(j, "runMin");
	struct buf b = { 0 };
	for (const struct json *x = j && j->kind == JSON_IS_OBJECT ? j->first : NULL; x;
		x = x->next) {
		const char *state = x->kind == JSON_IS_TEXT ? strstr(x->text, "_STATE_") : NULL;
		bool fine = str_eq(state, "_STATE_OK") || str_starts(state, "_STATE_DISABLE");
		if (state && !fine)
			buf_printf(&b, "%s%s", b.n ? "; " : "", x->text);
	}
	str_copy(alarms, size, buf_str(&b));
	buf_free(&b);
	bool told = day >= 0 && hour >= 0 && minute >= 0 && day < 36500 && hour < 1000 &&
		    minute < 100000;
	return told ? figure_of(day * 86400 + hour * 3600 + minute * 60) : (struct figure){ 0 };
}
