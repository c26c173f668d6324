/* Polycom command line: its nouns. Tables of words and keys, and the pure functions that recognise
 * a line.
 *
 * Called by poly_cli.c, the talks and the fuzzer. Owns nothing, does no I/O. Must never depend on
 * which line came before: other lines may stand between any two lines of an answer. */
#include "adapters/poly_cli.h"

#include "adapters/dialogue.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

enum { CALL_LINE_MAX = 512, DEFAULT_KBPS = 1920 };

/* ---- lines ----------------------------------------------------------------------------------- */

/* An echo ends LF CR, so a line may begin with CR; a prompt has no line end and sticks to what
 * follows. */
char *
poly_clean(char *line)
{
	for (int i = 0; i < 8; i++) {
		line = str_trim(line);
		if (str_eq(line, "->"))
			return line + 2;
		if (!str_starts(line, "-> "))
			return line;
		line += 3;
	}
	return line;
}

enum err
poly_refusal(const char *line)
{
	if (str_starts(line, "error:"))
		return strstr(line, "command not found") ? ERR_UNSUPPORTED : ERR_REFUSED;
	if (str_starts(line, "this feature is only supported"))
		return ERR_UNSUPPORTED;
	if (str_starts(line, "info:") || str_ends(line, " failed"))
		return ERR_REFUSED;
	return OK;
}

/* ---- callinfo -------------------------------------------------------------------------------- */

static const struct {
	const char *word;
	enum poly_call_state state;
} call_states[] = {
	{ "connected", POLY_CALL_CONNECTED },
	{ "connecting", POLY_CALL_SETTING_UP },
	{ "ringing", POLY_CALL_SETTING_UP },
	{ "opened", POLY_CALL_SETTING_UP },
	{ "bonding", POLY_CALL_SETTING_UP },
	{ "allocated", POLY_CALL_SETTING_UP },
	{ "disconnecting", POLY_CALL_ENDING },
	{ "disconnected", POLY_CALL_ENDING },
	{ "inactive", POLY_CALL_ENDING },
};

/* Cuts the text behind the last colon off. */
static char *
last_field(char *line)
{
	char *colon = strrchr(line, ':');
	if (!colon)
		return NULL;
	*colon = '\0';
	return colon + 1;
}

static bool
one_of(const char *word, const char *a, const char *b)
{
	return str_eq_nocase(word, a) || str_eq_nocase(word, b);
}

static bool
all_digits(const char *s, size_t most)
{
	size_t n = strspn(s, "0123456789");
	return n && n <= most && !s[n];
}

/* Could the whole of it be something that is dialled? Colons are allowed where an address has
 * them. */
static bool
like_number(const char *s)
{
	struct in6_addr unused;
	const char *colon = strchr(s, ':'), *at = strchr(s, '@'), *dot = strchr(s, '.');
	if (str_empty(s) || strchr(s, ' '))
		return false;
	if (!colon || *s == '[' || (at && at < colon) || inet_pton(AF_INET6, s, &unused) == 1)
		return true;
	if (!strncasecmp(s, "sip:", 4) || !strncasecmp(s, "sips:", 5) ||
		!strncasecmp(s, "h323:", 5) || !strncasecmp(s, "tel:", 4))
		return true;
	return dot && dot < colon && all_digits(colon + 1, 5);
}

/* "Name:number", ":number" or "number": the first split whose right side is a number wins, so a
 * name may hold colons and so may a number. */
static void
split_name(const char *both, struct poly_call *out)
{
	const char *number = both;
	while (!like_number(number)) {
		const char *colon = strchr(number, ':');
		if (!colon)
			break;
		number = colon + 1;
	}
	if (number > both && !like_number(number))
		number = strchr(both, ':') + 1;
	size_t n = number > both ? (size_t)(number - both) - 1 : 0;
	str_copy_span(out->name, sizeof out->name, both, n);
	str_copy(out->number, sizeof out->number, number);
}

/*  callinfo : id : [[name] :] number : speed : status : mute : direction : type
 *  The last five are closed sets, so the line is taken apart from the right. */
bool
poly_parse_callinfo(const char *line, struct poly_call *out)
{
	char copy[CALL_LINE_MAX];
	*out = (struct poly_call){ 0 };
	if (!str_starts(line, "callinfo:") || strlen(line) >= sizeof copy)
		return false;
	str_copy(copy, sizeof copy, line + strlen("callinfo:"));
	char *type = last_field(copy), *direction = type ? last_field(copy) : NULL;
	char *mute = direction ? last_field(copy) : NULL, *status = mute ? last_field(copy) : NULL;
	char *speed = status ? last_field(copy) : NULL;
	char *rest = speed ? strchr(copy, ':') : NULL;
	if (!rest || !one_of(direction, "incoming", "outgoing") ||
		!one_of(mute, "muted", "notmuted"))
		return false;
	*rest++ = '\0';
	if (!str_to_int(copy, 0, INT32_MAX, &out->id))
		return false;
	if (!str_to_int(speed, 0, 1000000, &out->kbps))
		out->kbps = 0;
	for (size_t i = 0; i < COUNT(call_states); i++)
		if (str_eq_nocase(call_states[i].word, status))
			out->state = call_states[i].state;
	out->incoming = str_eq_nocase(direction, "incoming");
	split_name(rest, out);
	return true;
}

/* ---- advnetstats ----------------------------------------------------------------------------- */

/* t = transmit = from the site, r = receive = to the site; a, v = audio, video; r, ru = rate, rate
 * used; fr = frames, j = jitter, pl = packets lost: received ones the codec saw, sent ones the far
 * end reported. */
#define AT(medium, direction, field) (medium), (direction), offsetof(struct stream, field)
static const struct {
	const char *key;
	enum medium medium;
	enum direction direction;
	size_t at;
} netstats[] = {
	{ "tar", AT(AUDIO, FROM_SITE, kbps) },
	{ "rar", AT(AUDIO, TO_SITE, kbps) },
	{ "tvru", AT(VIDEO, FROM_SITE, kbps) },
	{ "rvru", AT(VIDEO, TO_SITE, kbps) },
	{ "tvfr", AT(VIDEO, FROM_SITE, fps) },
	{ "rvfr", AT(VIDEO, TO_SITE, fps) },
	{ "tapl", AT(AUDIO, FROM_SITE, far_lost) },
	{ "rapl", AT(AUDIO, TO_SITE, lost) },
	{ "tvpl", AT(VIDEO, FROM_SITE, far_lost) },
	{ "rvpl", AT(VIDEO, TO_SITE, lost) },
	{ "taj", AT(AUDIO, FROM_SITE, jitter_ms) },
	{ "raj", AT(AUDIO, TO_SITE, jitter_ms) },
	{ "tvj", AT(VIDEO, FROM_SITE, jitter_ms) },
	{ "rvj", AT(VIDEO, TO_SITE, jitter_ms) },
};

/* The negotiated rate says whether there is a channel: "---" none. */
static const struct {
	const char *key;
	enum medium medium;
	enum direction direction;
} channels[] = {
	{ "tar", AUDIO, FROM_SITE },
	{ "rar", AUDIO, TO_SITE },
	{ "tvr", VIDEO, FROM_SITE },
	{ "rvr", VIDEO, TO_SITE },
};

static size_t
key_length(const char *p)
{
	size_t n = 0;
	while (islower((unsigned char)p[n]))
		n++;
	return n && p[n] == ':' ? n : 0;
}

static bool
is_key(const char *p, size_t n, const char *key)
{
	return strlen(key) == n && memcmp(p, key, n) == 0;
}

/* "16 K" is a rate in kbit/s, "3 ms" a time, "29" a count; with another unit it is not a number of
 * ours. false leaves *out as it was. */
static bool
read_number(const char *value, int64_t *out)
{
	char *end, unit[8] = "";
	if (!isdigit((unsigned char)*value))
		return false;
	int64_t v = strtoll(value, &end, 10);
	if (*end == '.')
		end += 1 + strspn(end + 1, "0123456789");
	end += strspn(end, " ");
	size_t n = strcspn(end, " ");
	bool next = memchr(end, ':', n) != NULL; /* no unit: there the next key begins */
	if (!next && n < sizeof unit)
		str_copy_span(unit, sizeof unit, end, n);
	bool told = next || !n || str_eq(unit, "K") || str_eq(unit, "ms");
	if (!told || v > UINT32_MAX)
		return false;
	*out = v;
	return true;
}

/* value: "16 K", "3 ms", "29", "---". */
static int
take_value(const char *key, size_t n, const char *value, struct media_sample *out)
{
	int known = 0;
	int64_t v = 0;
	value += strspn(value, " ");
	bool none = str_starts(value, "---"), number = read_number(value, &v);
	for (size_t i = 0; number && i < COUNT(netstats); i++) {
		if (!is_key(key, n, netstats[i].key))
			continue;
		struct figure f = figure_of(v);
		memcpy((char *)&out->s[netstats[i].medium][netstats[i].direction] + netstats[i].at,
			&f, sizeof f);
		known++;
	}
	for (size_t i = 0; (none || v > 0) && i < COUNT(channels); i++) {
		if (!is_key(key, n, channels[i].key))
			continue;
		out->s[channels[i].medium][channels[i].direction].open = none ? NO : YES;
		known++;
	}
	return known;
}

/*  call:0 tar:16 K rar:16 K tvr:48 K rvr:48 K
 *                                                blanks inside values: a token begins at "key:"  */
int
poly_parse_netstats(const char *line, struct media_sample *out)
{
	int known = 0;
	for (const char *p = line; *p; p++) {
		bool begins = p == line || p[-1] == ' ';
		size_t n = begins ? key_length(p) : 0;
		if (!n)
			continue;
		known += take_value(p, n, p + n + 1, out);
		p += n;
	}
	return known;
}

/* ---- uptime, introduction, dialling ---------------------------------------------------------- */

bool
poly_parse_uptime(const char *line, int64_t *out_s, int *out_step_s)
{
	static const struct {
		const char *one, *many;
		int s;
	} units[] = {
		{ "Day", "Days", 86400 },
		{ "Hour", "Hours", 3600 },
		{ "Minute", "Minutes", 60 },
		{ "Second", "Seconds", 1 },
	};
	int64_t sum = 0;
	int step = 0;
	const char *p = line;
	while (*p) {
		size_t digits = strspn(p, "0123456789");
		if (!digits || digits > 6)
			return false;
		int64_t n = strtoll(p, NULL, 10);
		p += digits;
		p += strspn(p, " ");
		char word[12] = "";
		size_t letters = 0;
		while (isalpha((unsigned char)p[letters]) && letters < sizeof word - 1) {
			word[letters] = p[letters];
			letters++;
		}
		size_t u = 0;
		while (u < COUNT(units) && !one_of(word, units[u].one, units[u].many))
			u++;
		if (u == COUNT(units))
			return false;
		sum += n * units[u].s;
		step = units[u].s;
		p += letters;
		p += strspn(p, ", ");
	}
	*out_s = sum;
	*out_step_s = step;
	return step != 0;
}

/* Several "Key: value" may share a line, set apart by blanks. */
bool
poly_parse_intro(const char *line, struct identity *out)
{
	static const char *const keys[] = { "Model:", "Serial Number:", "Software Version:",
		"Build Information:" };
	struct {
		char *at;
		size_t size;
	} into[] = { { out->model, sizeof out->model }, { out->serial, sizeof out->serial },
		{ out->software, sizeof out->software }, { NULL, 0 } };
	for (size_t i = 0; i < COUNT(keys); i++) {
		const char *at = strstr(line, keys[i]);
		if (!at || !into[i].at || (at != line && at[-1] != ' '))
			continue;
		at += strlen(keys[i]);
		const char *end = at + strlen(at);
		for (size_t k = 0; k < COUNT(keys); k++) {
			const char *next = strstr(at, keys[k]);
			if (next && next < end)
				end = next;
		}
		char value[128];
		at += strspn(at, " ");
		str_copy_span(value, sizeof value, at, at < end ? (size_t)(end - at) : 0);
		str_copy(into[i].at, into[i].size, str_trim(value));
	}
	return str_starts(line, "SNMP Enabled:");
}

bool
poly_dial_command(char *out, size_t size, const char *address, int kbps)
{
	const char *type, *rest = dialogue_number(address, &type);
	if (!dialogue_sayable(rest))
		return false;
	int n = snprintf(out, size, "dial manual %d \"%s\" %s", kbps > 0 ? kbps : DEFAULT_KBPS,
		rest, type ? type : "h323");
	return n > 0 && (size_t)n < size;
}
