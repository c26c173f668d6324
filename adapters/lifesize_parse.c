/* LifeSize command line: its nouns. Called by lifesize.c, the talks and the fuzzer. Owns nothing,
 * does no I/O. Must never give a column a meaning that no source gives it. */
#include "adapters/lifesize.h"

#include "adapters/dialogue.h"
#include "base/str.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

char *
lifesize_clean(char *line)
{
	line = str_trim(line);
	while (str_starts(line, "$ "))
		line = str_trim(line + 2);
	return str_eq(line, "$") ? line + 1 : line;
}

/* ---- verdicts -------------------------------------------------------------------------------- */

static const struct {
	int code;
	enum err class;
	const char *name;
} errors[] = {
	{ 0x01, ERR_BUSY, "no memory" },
	{ 0x02, ERR_REFUSED, "file error" },
	{ 0x03, ERR_REFUSED, "invalid instance" },
	{ 0x04, ERR_REFUSED, "invalid parameter" },
	{ 0x05, ERR_REFUSED, "argument is not repeatable" },
	{ 0x06, ERR_REFUSED, "invalid selection" },
	{ 0x07, ERR_REFUSED, "missing argument" },
	{ 0x08, ERR_REFUSED, "extra arguments" },
	{ 0x09, ERR_UNSUPPORTED, "invalid command" },
	{ 0x0a, ERR_UNSUPPORTED, "ambiguous command" },
	{ 0x0b, ERR_REFUSED, "conflicting parameter" },
	{ 0x0c, ERR_REFUSED, "operational error" },
	{ 0x0d, ERR_REFUSED, "no data available" },
	{ 0x0e, ERR_GONE, "not in call" },
	{ 0x0f, ERR_REFUSED, "interrupted" },
	{ 0x10, ERR_REFUSED, "ambiguous selection" },
	{ 0x11, ERR_REFUSED, "no matching entries" },
	{ 0x12, ERR_UNSUPPORTED, "not supported" },
};

bool
lifesize_parse_verdict(const char *line, int *out_code)
{
	const char *hex = str_starts(line, "ok,")      ? line + 3
			  : str_starts(line, "error,") ? line + 6
						       : "";
	if (!isxdigit((unsigned char)hex[0]) || !isxdigit((unsigned char)hex[1]) || hex[2])
		return false;
	*out_code = 0;
	for (int i = 0; i < 2; i++)
		*out_code = *out_code * 16 + (isdigit((unsigned char)hex[i])
							     ? hex[i] - '0'
							     : (hex[i] | 0x20) - 'a' + 10);
	return true;
}

enum err
lifesize_class(int code)
{
	for (size_t i = 0; i < COUNT(errors); i++)
		if (errors[i].code == code)
			return errors[i].class;
	return code ? ERR_REFUSED : OK;
}

const char *
lifesize_error(int code)
{
	for (size_t i = 0; i < COUNT(errors); i++)
		if (errors[i].code == code)
			return errors[i].name;
	return "a code that no guide names";
}

bool
lifesize_unasked(const char *line)
{
	static const char *const kinds[] = { "CS,", "IC,", "PS,", "MS,", "SS,", "FC,", "VC," };
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (str_starts(line, kinds[i]))
			return true;
	return false;
}

/* ---- columns --------------------------------------------------------------------------------- */

bool
lifesize_column(const char *line, char delimiter, int n, char *out, size_t size)
{
	for (; n > 0; n--) {
		line = strchr(line, delimiter);
		if (!line)
			return false;
		line++;
	}
	char column[256];
	const char *end = strchrnul(line, delimiter);
	str_copy_span(column, sizeof column, line, (size_t)(end - line));
	str_copy(out, size, str_trim(column));
	return true;
}

static const struct {
	const char *word;
	enum lifesize_state state;
} states[] = {
	{ "Connected", LIFESIZE_CONNECTED },
	{ "Call Encrypted", LIFESIZE_CONNECTED },
	{ "Call Not Encrypted", LIFESIZE_CONNECTED },
	{ "Far End Mute", LIFESIZE_CONNECTED },
	{ "Far End Unmute", LIFESIZE_CONNECTED },
	{ "Far End Hold", LIFESIZE_CONNECTED },
	{ "Far End Resume", LIFESIZE_CONNECTED },
	{ "Valid Number", LIFESIZE_SETTING_UP },
	{ "Dialing", LIFESIZE_SETTING_UP },
	{ "Proceeding", LIFESIZE_SETTING_UP },
	{ "Ringing", LIFESIZE_SETTING_UP },
	{ "Ringback", LIFESIZE_SETTING_UP },
	{ "Ring Incoming", LIFESIZE_SETTING_UP },
	{ "Answered Number", LIFESIZE_SETTING_UP },
	{ "Answered Consult", LIFESIZE_SETTING_UP },
	{ "On Hook", LIFESIZE_ENDING },
	{ "Off Hook", LIFESIZE_ENDING },
	{ "Terminating", LIFESIZE_ENDING },
	{ "Terminated", LIFESIZE_ENDING },
};

/*  0 id, 1 conference, 2 state, 3 incoming Yes|No, 4 Video|Audio|Unknown, 5 remote ... : these come
 * before any name, so a delimiter in a name does not reach them.  */
bool
lifesize_parse_call(const char *line, char delimiter, struct lifesize_call *out)
{
	char id[24], state[40], incoming[8], type[16];
	*out = (struct lifesize_call){ 0 };
	if (!lifesize_column(line, delimiter, 0, id, sizeof id) ||
		!lifesize_column(line, delimiter, 2, state, sizeof state) ||
		!lifesize_column(line, delimiter, 3, incoming, sizeof incoming) ||
		!lifesize_column(line, delimiter, 4, type, sizeof type) ||
		!str_to_int(id, 0, INT32_MAX, &out->id))
		return false;
	out->incoming = str_eq_nocase(incoming, "Yes");
	if ((!out->incoming && !str_eq_nocase(incoming, "No")) ||
		(!str_eq(type, "Video") && !str_eq(type, "Audio") && !str_eq(type, "Unknown")))
		return false;
	for (size_t i = 0; i < COUNT(states); i++)
		if (str_eq_nocase(states[i].word, state))
			out->state = states[i].state;
	lifesize_column(line, delimiter, 5, out->remote, sizeof out->remote);
	return true;
}

bool
lifesize_parse_uptime(const char *line, int64_t *out_s)
{
	static const struct {
		int most, s;
	} parts[] = { { 100000, 86400 }, { 23, 3600 }, { 59, 60 }, { 59, 1 } };
	char part[24];
	int64_t sum = 0, v;
	for (int i = 0; i < 4; i++) {
		if (!lifesize_column(line, ',', i, part, sizeof part) ||
			!str_to_int(part, 0, parts[i].most, &v))
			return false;
		sum += v * parts[i].s;
	}
	*out_s = sum;
	return !lifesize_column(line, ',', 4, part, sizeof part);
}

/*  "00:10:02"  */
static bool
duration(const char *text, int64_t *out_s)
{
	static const int most[3] = { 9999, 59, 59 };
	char part[24];
	int64_t sum = 0, v;
	for (int i = 0; i < 3; i++) {
		if (!lifesize_column(text, ':', i, part, sizeof part) ||
			!str_to_int(part, 0, most[i], &v))
			return false;
		sum = sum * 60 + v;
	}
	*out_s = sum;
	return !lifesize_column(text, ':', 3, part, sizeof part);
}

/*  0 id, 1 conference, 2, 3 local, 4 remote name, 5 remote number, 6 dialled, 7 begun, 8 ended, 9
 * duration, 10 direction ... 24 code of the end. A name with a stroke in it moves the rest: then 9
 * is no duration.  */
bool
lifesize_parse_past(const char *line, int64_t *out_id, struct past_call *out)
{
	char id[24], lasted[24], code[24];
	int64_t s;
	*out = (struct past_call){ 0 };
	if (!lifesize_column(line, '|', 0, id, sizeof id) ||
		!str_to_int(id, 0, INT32_MAX, out_id) ||
		!lifesize_column(line, '|', 9, lasted, sizeof lasted) || !duration(lasted, &s) ||
		!lifesize_column(line, '|', 24, code, sizeof code))
		return false;
	out->duration_s = figure_of(s);
	lifesize_column(line, '|', 5, out->far_address, sizeof out->far_address);
	if (*code)
		snprintf(out->ending.device_words, sizeof out->ending.device_words, "TermCode %s",
			code);
	return true;
}

enum tri
lifesize_on(const char *word)
{
	return str_eq_nocase(word, "on") ? YES : str_eq_nocase(word, "off") ? NO : UNKNOWN;
}

/* The command takes an address, not the protocol to reach it by; how a rate is said is not told. */
bool
lifesize_dial_command(char *out, size_t size, const char *address)
{
	const char *unused;
	address = dialogue_number(address, &unused);
	if (!dialogue_sayable(address) || strchr(address, ' ') || *address == '-')
		return false;
	int n = snprintf(out, size, "control call dial %s", address);
	return n > 0 && (size_t)n < size;
}
