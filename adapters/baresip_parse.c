/* baresip's answers, which are texts for people inside JSON, as nouns. Called by baresip.c, and by
 * its talks with garbage.
 *
 * Owns nothing. Must never take a word that it does not know for a fault: other versions say more.
 */
#include "adapters/baresip.h"

#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_MOST = 6, NO_MEMBER = 0x50494e47 /* "PING": a keep-alive that was counted as RTP */ };

enum baresip_taken
baresip_take(const char *bytes, size_t n, const char **out, size_t *out_n, size_t *out_used)
{
	size_t i = 0, size = 0;
	*out = NULL;
	*out_n = *out_used = 0;
	for (; i < n && bytes[i] >= '0' && bytes[i] <= '9'; i++) {
		if (i == DIGITS_MOST)
			return BARESIP_GARBAGE;
		size = size * 10 + (size_t)(bytes[i] - '0');
	}
	if (i == n)
		return BARESIP_PART;
	if (i == 0 || bytes[i] != ':' || size > BARESIP_MESSAGE_MOST)
		return BARESIP_GARBAGE;
	i++;
	if (n - i < size + 1)
		return BARESIP_PART;
	if (bytes[i + size] != ',')
		return BARESIP_GARBAGE;
	*out = bytes + i;
	*out_n = size;
	*out_used = i + size + 1;
	return BARESIP_WHOLE;
}

/* Copies the next line of *text, without blanks around it. false: the end. */
static bool
next_line(const char **text, char *out, size_t size)
{
	const char *at = *text;
	if (!*at)
		return false;
	size_t n = strcspn(at, "\n");
	*text = at + n + (at[n] == '\n');
	while (n && (*at == ' ' || *at == '\t'))
		at++, n--;
	while (n && (at[n - 1] == ' ' || at[n - 1] == '\r'))
		n--;
	str_copy_span(out, size, at, n);
	return true;
}

static bool
is_not_up(const char *state)
{
	static const char *const words[] = { "IDLE", "INCOMING", "OUTGOING", "RINGING", "EARLY",
		"TERMINATED" };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_eq(words[i], state))
			return true;
	return false;
}

/* "> [line 2]  0:00:35  ESTABLISHED             sip:site02@127.0.1.2" */
static bool
read_call(const char *line, struct baresip_calls *out)
{
	int number = 0, used = 0;
	/* As long as a line: cut in the middle of a letter, what follows would begin with its rest. */
	char word[320], peer[320];
	bool current = *line == '>';
	line += current;
	if (sscanf(line, " [line %9d] %*s %319s %319s%n", &number, word, peer, &used) != 3)
		return false;
	bool up = str_eq(word, "ESTABLISHED");
	out->n++;
	if (up || (out->up == NO && !is_not_up(word)))
		out->up = up ? YES : UNKNOWN;
	if (out->line && (out->established > up || (out->established == up && !current)))
		return true;
	out->line = number;
	out->current = current;
	out->established = up;
	str_copy(out->peer, sizeof out->peer, peer);
	return true;
}

bool
baresip_calls(const char *text, struct baresip_calls *out)
{
	char line[320];
	bool headed = false;
	*out = (struct baresip_calls){ .up = NO };
	while (next_line(&text, line, sizeof line)) {
		headed = headed || str_starts(line, "--- Active calls");
		if (headed && strstr(line, "[line ") && !read_call(line, out))
			return false;
	}
	return headed;
}

static bool
number_behind(const char *line, const char *key, int64_t *out)
{
	const char *at = strstr(line, key);
	char digits[24];
	if (!at)
		return false;
	at += strlen(key);
	size_t n = strspn(at, "-0123456789");
	if (n >= sizeof digits)
		return false;
	memcpy(digits, at, n);
	digits[n] = '\0';
	return str_to_int(digits, INT32_MIN, UINT32_MAX, out);
}

static void
add(struct figure *f, int64_t v)
{
	*f = figure_of(f->known ? f->v + v : v);
}

static void
read_direction(const char *line, struct stream out[DIRECTIONS_N])
{
	const char *dir = strstr(line, " dir=");
	if (!dir)
		return;
	dir += 5;
	bool both = str_starts(dir, "sendrecv"), none = str_starts(dir, "inactive");
	if (!both && !none && !str_starts(dir, "sendonly") && !str_starts(dir, "recvonly"))
		return;
	out[FROM_SITE].open = tri_of(both || str_starts(dir, "sendonly"));
	out[TO_SITE].open = tri_of(both || str_starts(dir, "recvonly"));
}

/*  tx:   encode: PCMU 8000Hz/1ch ...
 *  audio dir=sendrecv pt_enc=0
 *    member 0x7f848e64: lost=0 Jitter=1.5ms RTT=0.0ms         what the far end reports of us
 *                   IP=127.0.0.1:20050 psent=250 rcvd=401     what the far end sent; what came here
 *    TX: packets=401, octets=64160
 * A far end that changed its SSRC is two members: what came from both counts. */
bool
baresip_debug(const char *text, struct stream out[DIRECTIONS_N])
{
	char line[320];
	bool any = false, real = false;
	unsigned member;
	int64_t v;
	memset(out, 0, DIRECTIONS_N * sizeof *out);
	while (next_line(&text, line, sizeof line)) {
		char *codec = strstr(line, "encode: ");
		read_direction(line, out);
		if (codec && str_starts(line, "tx:")) {
			codec += 8;
			codec[strcspn(codec, " ")] = '\0';
			str_copy(out[FROM_SITE].codec, sizeof out[FROM_SITE].codec, codec);
		} else if (sscanf(line, "member 0x%8x:", &member) == 1) {
			real = member != NO_MEMBER;
			if (real && number_behind(line, " lost=", &v))
				add(&out[FROM_SITE].far_lost, v < 0 ? 0 : v);
		} else if (str_starts(line, "IP=") && real && number_behind(line, " rcvd=", &v) &&
			   v >= 0) {
			add(&out[TO_SITE].packets, v);
			any = true;
		} else if (str_starts(line, "TX: ") && number_behind(line, "packets=", &v) &&
			   v >= 0) {
			out[FROM_SITE].packets = figure_of(v);
			any = true;
			/* In a call, and no member: nothing has come. */
			if (!out[TO_SITE].packets.known)
				out[TO_SITE].packets = figure_of(0);
		}
	}
	return any;
}

bool
baresip_call_id(const char *text, char *out, size_t size)
{
	const char *at = strstr(text, " id=");
	out[0] = '\0';
	if (!at)
		return false;
	str_copy_span(out, size, at + 4, strcspn(at + 4, " \r\n"));
	return *out;
}

/* "2 days 1 hour 8 mins 1 sec" */
static bool
read_duration(const char *at, int64_t *out_s)
{
	static const struct {
		const char *unit;
		int64_t s;
	} units[] = { { "day", 86400 }, { "hour", 3600 }, { "min", 60 }, { "sec", 1 } };
	int64_t total = 0;
	bool any = false;
	unsigned n;
	char unit[8];
	int used;
	for (; sscanf(at, " %6u %7[a-z]%n", &n, unit, &used) == 2; at += used) {
		for (size_t i = 0; i < sizeof units / sizeof *units; i++)
			if (str_starts(unit, units[i].unit)) {
				total += (int64_t)n * units[i].s;
				any = true;
			}
		at += at[used] == ',';
	}
	*out_s = total;
	return any;
}

bool
baresip_uptime(const char *text, int64_t *out_s)
{
	char line[320];
	while (next_line(&text, line, sizeof line))
		if (str_starts(line, "Uptime:"))
			return read_duration(line + 7, out_s);
	return false;
}

bool
baresip_version(const char *text, char *out, size_t size)
{
	char line[320];
	out[0] = '\0';
	while (next_line(&text, line, sizeof line))
		if (str_starts(line, "Version:")) {
			char *at = line + 8;
			at += strspn(at, " ");
			at[strcspn(at, " ")] = '\0';
			str_copy(out, size, at);
			return *out;
		}
	return false;
}

/*  {"sip:a@h:5060":{"selected_ua":true,"settings":{"answer_mode":"auto"}}} */
enum tri
baresip_auto_answer(struct arena *a, const char *text)
{
	const struct json *all;
	struct err_text why = { 0 };
	if (json_parse(a, text, strlen(text), &all, &why) || all->kind != JSON_IS_OBJECT)
		return UNKNOWN;
	for (const struct json *ua = all->first; ua; ua = ua->next) {
		if (all->count > 1 && !json_bool(ua, "selected_ua", false))
			continue;
		const char *mode = json_text(json_get(ua, "settings"), "answer_mode");
		return str_eq(mode, "auto")				     ? YES
		       : str_eq(mode, "manual") || str_starts(mode, "early") ? NO
									     : UNKNOWN;
	}
	return UNKNOWN;
}

static struct figure
count(const struct json *j, const char *key)
{
	struct figure f = json_figure(j, key);
	if (f.known && f.v < 0)
		f.v = 0; /* more came than was due: doubled packets */
	return f;
}

bool
baresip_event(const struct json *event, enum medium *out_medium, struct baresip_report *out)
{
	const char *medium = json_text(event, "param"), *id = json_text(event, "id");
	const struct json *stats = json_get(event, "rtcp_stats"), *tx = json_get(stats, "tx"),
			  *rx = json_get(stats, "rx");
	if (!str_eq(json_text(event, "type"), "CALL_RTCP") || !medium || !id || !stats ||
		!medium_from_name(medium, out_medium))
		return false;
	*out = (struct baresip_report){ .tx_jitter_us = count(tx, "jit"),
		.rx_lost = count(rx, "lost"),
		.rx_jitter_us = count(rx, "jit"),
		.rtt_us = count(stats, "rtt") };
	str_copy(out->id, sizeof out->id, id);
	/* All zero before the first report came: nothing is known of the way there and back. */
	if (out->rtt_us.v == 0)
		out->rtt_us.known = false;
	return true;
}

static struct figure
ms(struct figure us)
{
	return us.known ? figure_of(us.v / 1000 + (us.v % 1000 >= 500)) : us;
}

void
baresip_join(const struct baresip_report *r, struct stream out[DIRECTIONS_N])
{
	out[TO_SITE].lost = r->rx_lost;
	out[TO_SITE].jitter_ms = ms(r->rx_jitter_us);
	out[TO_SITE].rtt_ms = ms(r->rtt_us);
	out[FROM_SITE].jitter_ms = ms(r->tx_jitter_us);
	out[FROM_SITE].rtt_ms = ms(r->rtt_us);
}
