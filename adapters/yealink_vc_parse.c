/* Yealink VC command lines: their nouns. Called by yealink_vc.c, the talks and the fuzzer. Owns
 * nothing, does no I/O. Must never read a number with a unit that it does not know. */
#include "adapters/yealink_vc.h"

#include "adapters/dialogue.h"
#include "adapters/internal.h"
#include "base/str.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* The value of "key:value" among the quoted fields of a line; false: there is none. */
static bool
field_of(const char *line, const char *key, char *out, size_t size)
{
	size_t n = strlen(key);
	for (const char *p = strchr(line, '"'); p;) {
		const char *end = strchr(++p, '"');
		if (!end)
			return false;
		if (strncmp(p, key, n) == 0 && p[n] == ':') {
			char value[256];
			str_copy_span(value, sizeof value, p + n + 1, (size_t)(end - p) - n - 1);
			str_copy(out, size, str_trim(value));
			return true;
		}
		p = strchr(end + 1, '"');
	}
	return false;
}

/* The word or words between `head` and the first quote. */
static bool
word_behind(const char *line, const char *head, char *out, size_t size)
{
	char word[64];
	if (!str_starts(line, head))
		return false;
	line += strlen(head);
	size_t n = strcspn(line, "\"");
	if (!str_copy_span(word, sizeof word, line, n))
		return false;
	str_copy(out, size, str_trim(word));
	return true;
}

bool
yealink_read_status(const char *line, struct yealink_status *out)
{
	static const struct {
		const char *word;
		enum yealink_state state;
	} states[] = {
		{ "sleeping", YEALINK_IDLE },
		{ "idle", YEALINK_IDLE },
		{ "outgoing", YEALINK_OUTGOING },
		{ "ringing", YEALINK_RINGING },
		{ "talking", YEALINK_TALKING },
		{ "talking max", YEALINK_TALKING },
		{ "finished", YEALINK_FINISHED },
	};
	char word[64];
	*out = (struct yealink_status){ 0 };
	if (!word_behind(line, "sysstatus get ", word, sizeof word))
		return false;
	for (size_t i = 0; i < COUNT(states); i++)
		if (str_eq(states[i].word, word))
			out->state = states[i].state;
	field_of(line, "dialstr", out->far_address, sizeof out->far_address);
	field_of(line, "callid", out->call_id, sizeof out->call_id);
	return true;
}

bool
yealink_read_version(const char *line, struct identity *out)
{
	if (!str_starts(line, "version "))
		return false;
	*out = (struct identity){ .vendor = "Yealink" };
	field_of(line, "model", out->model, sizeof out->model);
	field_of(line, "firmware", out->software, sizeof out->software);
	return true;
}

/* ---- callinfo -------------------------------------------------------------------------------- */

/* "48", "48 kb/s", "0.5%", in thousandths; false: not a number, or a unit that is not told. */
static bool
number(const char *text, const char *const *units, int64_t *out_milli)
{
	int64_t v = 0, part = 0;
	int digits = 0, scale = 1000;
	for (; digits < 12 && isdigit((unsigned char)*text); text++, digits++)
		v = v * 10 + (*text - '0');
	if (!digits || isdigit((unsigned char)*text))
		return false;
	if (*text == '.')
		for (text++; isdigit((unsigned char)*text); text++)
			if (scale > 1) {
				scale /= 10;
				part += (*text - '0') * scale;
			}
	text += strspn(text, " ");
	for (size_t i = 0; units[i]; i++)
		if (str_eq_nocase(units[i], text)) {
			*out_milli = v * 1000 + part;
			return true;
		}
	return false;
}

#define AT(field) offsetof(struct stream, field)
static const char *const no_unit[] = { "", NULL },
			 *const rates[] = { "", "kb/s", "kbps", "kbit/s", "k", NULL },
			 *const frames[] = { "", "fps", "f/s", NULL },
			 *const times[] = { "", "ms", NULL }, *const shares[] = { "", "%", NULL };

/* Recv is what the box receives. Of what is told for Send only rate and frames are its own; losses
 * and jitter there would be the far end's, which the guide does not say. */
static const struct {
	const char *key;
	bool both;
	size_t at;
	const char *const *units;
	int divide; /* of thousandths */
} figures[] = {
	{ "Bw", true, AT(kbps), rates, 1000 },
	{ "Fr", true, AT(fps), frames, 1000 },
	{ "Jr", false, AT(jitter_ms), times, 1000 },
	{ "tpl", false, AT(lost), no_unit, 1000 },
	{ "tplp", false, AT(loss_permille), shares, 100 },
};

static int
take_stream(const char *line, char medium, enum direction d, struct stream *s)
{
	const char *way = d == TO_SITE ? "Recv" : "Send";
	char key[24], value[64];
	int known = 0;
	for (size_t i = 0; i < COUNT(figures); i++) {
		int64_t milli;
		snprintf(key, sizeof key, "%c%s%s", medium, figures[i].key, way);
		if ((d == FROM_SITE && !figures[i].both) ||
			!field_of(line, key, value, sizeof value) ||
			!number(value, figures[i].units, &milli))
			continue;
		struct figure f = figure_of(milli / figures[i].divide);
		memcpy((char *)s + figures[i].at, &f, sizeof f);
		known++;
	}
	snprintf(key, sizeof key, "%s%s", medium == 'V' ? "VCodec" : "Acodec", way);
	if (field_of(line, key, s->codec, sizeof s->codec) && isalnum((unsigned char)s->codec[0]))
		s->open = YES;
	snprintf(key, sizeof key, "VRes%s", way);
	if (medium == 'V' && field_of(line, key, value, sizeof value))
		picture_size(value, &s->width, &s->height);
	return known;
}

bool
yealink_read_callinfo(const char *line, struct yealink_call *out)
{
	bool video = str_starts(line, "callinfo video ");
	*out = (struct yealink_call){ 0 };
	if (!video && !str_starts(line, "callinfo audio "))
		return false;
	field_of(line, "callid", out->id, sizeof out->id);
	field_of(line, "RemoteStr", out->far_address, sizeof out->far_address);
	for (int d = 0; d < DIRECTIONS_N; d++) {
		struct stream *sound = &out->media.s[AUDIO][d], *picture = &out->media.s[VIDEO][d];
		out->figures += take_stream(line, 'A', (enum direction)d, sound);
		if (video)
			out->figures += take_stream(line, 'V', (enum direction)d, picture);
		else
			picture->open = NO; /* the call is one of sound */
	}
	return true;
}

/* ---- the rest -------------------------------------------------------------------------------- */

enum tri
yealink_switch(const char *line, const char *head)
{
	if (!str_starts(line, head))
		return UNKNOWN;
	line += strlen(head);
	return str_eq(line, " on") ? YES : str_eq(line, " off") ? NO : UNKNOWN;
}

enum err
yealink_refusal(const char *line)
{
	if (!str_starts(line, "error:"))
		return OK;
	return strstr(line, "command not found") ? ERR_UNSUPPORTED : ERR_REFUSED;
}

bool
yealink_dial_command(char *out, size_t size, const char *address, int kbps)
{
	const char *protocol;
	char speed[16] = "auto";
	address = dialogue_number(address, &protocol);
	if (kbps > 0)
		snprintf(speed, sizeof speed, "%d", kbps);
	int n = snprintf(out, size, "dial manual video %s \"%s\" \"%s\"",
		protocol ? protocol : "auto", speed, address);
	return dialogue_sayable(address) && n > 0 && (size_t)n < size;
}
