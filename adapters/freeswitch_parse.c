/* FreeSWITCH: words and answers, pure. Names that may stand in a command, uuids, causes, lists and
 * figures.
 *
 * Called by freeswitch.c and freeswitch_legs.c, by tests and by the fuzzer with any bytes. Owns
 * nothing. Must never let through into a command what splits arguments, opens variables or forks a
 * dial string. */
#include "adapters/freeswitch.h"

#include "adapters/connect.h"
#include "adapters/internal.h"
#include "adapters/wire/query.h"
#include "base/hash.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>

/* Q.850 and FreeSWITCH's own words; what depends on more than the word is in fs_ending().
 * DESTINATION_OUT_OF_ORDER is its answer to a uuid that is in use. 480 (NO_USER_RESPONSE) may come
 * from a registrar or from the codec. */
const struct cause_word freeswitch_causes[] = {
	{ "USER_BUSY", CAUSE_BUSY },
	{ "CALL_REJECTED", CAUSE_REJECTED },
	{ "NO_ANSWER", CAUSE_NO_ANSWER },
	{ "UNALLOCATED_NUMBER", CAUSE_WRONG_ADDRESS },
	{ "NO_ROUTE_DESTINATION", CAUSE_WRONG_ADDRESS },
	{ "INVALID_NUMBER_FORMAT", CAUSE_WRONG_ADDRESS },
	{ "NUMBER_CHANGED", CAUSE_WRONG_ADDRESS },
	{ "INVALID_URL", CAUSE_WRONG_ADDRESS },
	{ "INCOMPATIBLE_DESTINATION", CAUSE_INCOMPATIBLE },
	{ "BEARERCAPABILITY_NOTIMPL", CAUSE_INCOMPATIBLE },
	{ "NORMAL_TEMPORARY_FAILURE", CAUSE_UNREACHABLE },
	{ "RECOVERY_ON_TIMER_EXPIRE", CAUSE_UNREACHABLE },
	{ "NETWORK_OUT_OF_ORDER", CAUSE_UNREACHABLE },
	{ "PROGRESS_TIMEOUT", CAUSE_UNREACHABLE },
	{ "USER_NOT_REGISTERED", CAUSE_UNREACHABLE },
	{ "SUBSCRIBER_ABSENT", CAUSE_UNREACHABLE },
	{ "MEDIA_TIMEOUT", CAUSE_NETWORK },
	{ "ORIGINATOR_CANCEL", CAUSE_OUR_HANGUP },
	{ "MANAGER_REQUEST", CAUSE_OUR_HANGUP },
	{ "GATEWAY_DOWN", CAUSE_GATEKEEPER },
	{ "INVALID_GATEWAY", CAUSE_MCU },
	{ "INVALID_PROFILE", CAUSE_MCU },
	{ "CHAN_NOT_IMPLEMENTED", CAUSE_MCU },
	{ "DESTINATION_OUT_OF_ORDER", CAUSE_MCU },
	{ "REQUESTED_CHAN_UNAVAIL", CAUSE_MCU },
	{ "NORMAL_CIRCUIT_CONGESTION", CAUSE_MCU },
	{ "SWITCH_CONGESTION", CAUSE_MCU },
	{ "SYSTEM_SHUTDOWN", CAUSE_MCU },
	{ "CRASH", CAUSE_MCU },
	{ NULL, CAUSE_UNKNOWN },
};

enum { RTCP_MS = 5000 };

/* ---- where ---- */

bool
fs_where(const char *url, struct fs_where *out, char *why, size_t why_size)
{
	char port[16];
	int64_t n;
	*out = (struct fs_where){ .esl_port = FS_ESL_PORT, .media_timeout_s = FS_MEDIA_TIMEOUT_S };
	str_copy(out->profile, sizeof out->profile, "internal");
	why[0] = '\0';
	const char *at = url ? strstr(url, "://") : NULL;
	at = at ? at + 3 : "";
	size_t authority = strcspn(at, "/?#");
	for (size_t i = 0; i < authority; i++)
		if (at[i] == '@') {
			at += i + 1;
			authority -= i + 1;
			i = 0;
		}
	size_t len = *at == '[' ? strcspn(++at, "]") : strcspn(at, ":/?#");
	if (len == 0 || len >= sizeof out->host || len > authority) {
		snprintf(why, why_size, "the url names no host");
		return false;
	}
	memcpy(out->host, at, len);
	out->host[len] = '\0';
	if (query_option(at, "esl", port, sizeof port)) {
		if (!str_to_int(port, 0, 65535, &n)) {
			snprintf(why, why_size, "esl=%s in the url is no port", port);
			return false;
		}
		out->esl_port = (int)n;
	}
	if (query_option(at, "media-timeout", port, sizeof port)) {
		if (!str_to_int(port, 5, 86400, &n)) {
			snprintf(why, why_size,
				"media-timeout=%s in the url is not 5 to 86400 seconds", port);
			return false;
		}
		out->media_timeout_s = (int)n;
	}
	query_option(at, "profile", out->profile, sizeof out->profile);
	if (!fs_is_word(out->profile)) {
		snprintf(why, why_size, "profile=%s in the url is no name of a profile",
			out->profile);
		return false;
	}
	query_option(at, "esl-secret", out->esl_secret, sizeof out->esl_secret);
	return true;
}

/* ---- names ---- */

bool
fs_is_word(const char *s)
{
	return !str_empty(s) && str_only(s, "-_.~") && *s != '-';
}

/* Words that stand where a conference's name would. */
static bool
is_reserved(const char *s)
{
	static const char *const words[] = { "list", "xml_list", "json_list", "help", "all", NULL };
	for (size_t i = 0; words[i]; i++)
		if (str_eq_nocase(words[i], s))
			return true;
	return false;
}

void
fs_conference_id(char *out, size_t size, const char *name)
{
	if (fs_is_word(name) && strlen(name) < size && !is_reserved(name)) {
		str_copy(out, size, name);
		return;
	}
	device_word(out, size, name);
}

/* The first four bytes: "td" and the conference; version 8 is the one for such uses (RFC
 * 9562, 5.8). */
void
fs_uuid(char out[FS_UUID_SIZE], const char *attempt, const char *conference_id)
{
	struct buf both = { 0 };
	uint8_t room[32], h[32];
	hash_raw(conference_id, strlen(conference_id), room);
	buf_add(&both, attempt, strlen(attempt) + 1);
	buf_puts(&both, conference_id);
	hash_raw(both.at, both.n, h);
	buf_free(&both);
	snprintf(out, FS_UUID_SIZE,
		"7464%02x%02x-%02x%02x-8%01x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", room[0],
		room[1], h[0], h[1], h[2] & 15, h[3], (h[4] & 0x3f) | 0x80, h[5], h[6], h[7], h[8],
		h[9], h[10], h[11]);
}

bool
fs_is_ours(const char *uuid)
{
	if (!uuid || strlen(uuid) != FS_UUID_SIZE - 1 || !str_starts(uuid, "7464") ||
		uuid[14] != '8')
		return false;
	for (size_t i = 0; i < FS_UUID_SIZE - 1; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? uuid[i] != '-'
							    : !strchr("0123456789abcdef", uuid[i]))
			return false;
	return strchr("89ab", uuid[19]) != NULL;
}

bool
fs_is_ours_in(const char *uuid, const char *conference_id)
{
	char mine[FS_UUID_SIZE];
	fs_uuid(mine, "", conference_id);
	return fs_is_ours(uuid) && strncmp(uuid, mine, 8) == 0;
}

const char *
fs_target(const char *address, enum err *out_class, const char **out_why)
{
	*out_class = ERR_INPUT;
	if (str_empty(address)) {
		*out_why = "no address";
		return NULL;
	}
	if (!str_starts(address, "sip:")) {
		*out_class = ERR_UNSUPPORTED;
		*out_why = "only sip: addresses can be dialled from here";
		return NULL;
	}
	const char *rest = address + 4;
	/* ":_:" forks a dial string as a comma does. */
	if (str_empty(rest) || strlen(rest) > 150 || !str_only(rest, "-_.+*~=;:@") ||
		strstr(rest, ":_:") || !str_is_alnum(rest[strlen(rest) - 1])) {
		*out_why = "an address with characters that cannot be dialled";
		return NULL;
	}
	return rest;
}

/*  > conference NAME bgdial {origination_uuid=U,...}sofia/PROFILE/sip:user@host
 * Without a media_timeout of its own a muted leg is read half as often as packets come, and each
 * turn counts as skipped: its figures would be wrong. As it comes, a profile neither sends nor
 * reads RTCP. */
void
fs_dial_string(struct buf *out, const struct fs_where *w, const char *uuid, const struct dial *d)
{
	buf_printf(out, "{origination_uuid=%s,ignore_early_media=true,originate_timeout=40", uuid);
	buf_printf(out,
		",origination_caller_id_name=%s,origination_callee_id_name=%s,tongduyet_leg=%s",
		d->leg_name, d->leg_name, d->leg_name);
	buf_printf(out,
		",media_timeout=%d000,rtcp_audio_interval_msec=%d,rtcp_video_interval_msec=%d",
		w->media_timeout_s, RTCP_MS, RTCP_MS);
	if (d->muted)
		buf_puts(out, ",conference_member_flags=mute|mute-detect");
	if (d->kbps > 0)
		buf_printf(out, ",rtp_video_max_bandwidth_in=%dkb,rtp_video_max_bandwidth_out=%dkb",
			d->kbps, d->kbps);
	if (d->audio_only)
		buf_puts(out, ",absolute_codec_string=^^:G722:PCMU:PCMA");
	buf_printf(out, "}sofia/%s/%s", w->profile, d->address);
}

void
fs_escape(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (str_is_alnum(*text))
			buf_putc(out, *text);
		else
			buf_printf(out, "%%%02X", (unsigned char)*text);
	}
}

/* ---- what was said ---- */

enum err
fs_said(const char *text)
{
	static const struct {
		const char *part;
		enum err code;
	} no[] = { { " not found.", ERR_GONE }, { "Conference command", ERR_UNSUPPORTED },
		{ "not in mixing mode", ERR_UNSUPPORTED }, { "Invalid layout", ERR_UNSUPPORTED },
		{ "Non-Existant ID", ERR_GONE }, { "No such channel", ERR_GONE },
		{ "not found", ERR_GONE }, { "Bad Args", ERR_PROTOCOL },
		{ "Parse error", ERR_PROTOCOL } };
	if (str_starts(text, "UNAUTHORIZED!"))
		return ERR_REFUSED; /* the user may not: other commands it may */
	if (str_starts(text, "ERROR!"))
		return ERR_UNSUPPORTED;
	if (str_starts(text, "-USAGE"))
		return ERR_PROTOCOL;
	if (!str_starts(text, "-ERR"))
		return OK;
	if (strstr(text, "Conference command"))
		return ERR_UNSUPPORTED;
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		if (strstr(text, no[i].part))
			return no[i].code;
	return ERR_REFUSED;
}

bool
fs_says_ok(const char *text)
{
	for (; text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (str_starts(text, "+OK"))
			return true;
	}
	return false;
}

bool
fs_job(const char *text, char *out, size_t size)
{
	static const char before[] = "+OK Job-UUID: ";
	out[0] = '\0';
	if (!str_starts(text, before))
		return false;
	const char *job = text + sizeof before - 1;
	size_t n = strspn(job, "0123456789abcdefABCDEF-");
	if (n == 0 || n >= size || (job[n] && job[n] != '\n' && job[n] != '\r'))
		return false;
	memcpy(out, job, n);
	out[n] = '\0';
	return true;
}

/* "UP 0 years, 1 day, 2 hours, 3 minutes, 26 seconds, ..." */
static struct figure
uptime(const char *text)
{
	static const struct {
		const char *unit;
		int64_t seconds;
	} units[] = { { " year", 365 * 86400 }, { " day", 86400 }, { " hour", 3600 },
		{ " minute", 60 }, { " second", 1 } };
	int64_t sum = 0, n;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		const char *end = strstr(text, units[i].unit), *from = end;
		char number[12];
		while (from && from > text && from[-1] >= '0' && from[-1] <= '9')
			from--;
		if (!end || end - from >= (int)sizeof number)
			return (struct figure){ 0 };
		memcpy(number, from, (size_t)(end - from));
		number[end - from] = '\0';
		if (!str_to_int(number, 0, 1000000, &n))
			return (struct figure){ 0 };
		sum += n * units[i].seconds;
	}
	return figure_of(sum);
}

bool
fs_status(const char *text, struct identity *out)
{
	*out = (struct identity){ 0 };
	const char *line = strstr(text, "FreeSWITCH (Version ");
	if (!str_starts(text, "UP ") || !line)
		return false;
	char up[200];
	size_t n = strcspn(text, "\n");
	str_copy_span(up, sizeof up, text, n);
	out->uptime_s = uptime(up);
	line += sizeof "FreeSWITCH (Version " - 1;
	n = strcspn(line, " )\n");
	str_copy_span(out->software, sizeof out->software, line, n);
	str_copy(out->vendor, sizeof out->vendor, "SignalWire");
	str_copy(out->model, sizeof out->model, "FreeSWITCH");
	const char *most = strstr(text, " session(s) max");
	char number[12];
	int64_t ports;
	n = 0;
	while (most && most - n > text && most[-(ptrdiff_t)n - 1] >= '0' &&
		most[-(ptrdiff_t)n - 1] <= '9')
		n++;
	if (n > 0 && n < sizeof number) {
		memcpy(number, most - n, n);
		number[n] = '\0';
		if (str_to_int(number, 0, 1000000, &ports))
			out->ports = figure_of(ports);
	}
	return true;
}

const char *
fs_layout(const char *value, char *out, size_t size)
{
	static const char *const ours[][2] = { { "equal", "group grid" }, { "speaker", "1x1" },
		{ "1+5", "1up_top_left+5" }, { "1+7", "1up_top_left+7" } };
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (str_eq(value, ours[i][0]))
			return ours[i][1];
	const char *name = str_starts(value, "group:") ? value + 6 : value;
	if (str_empty(name) || strlen(name) > 60 || !str_only(name, "-_+.") || !str_is_alnum(*name))
		return NULL;
	snprintf(out, size, "%s%s", name == value ? "" : "group ", name);
	return out;
}

/* NORMAL_TEMPORARY_FAILURE is a 503 from the other side and a dead address alike; NO_ANSWER is our
 * timeout, whether it rang or not; NORMAL_CLEARING is either side's goodbye. */
struct ending
fs_ending(const struct fs_end *end)
{
	struct ending e = { .cause = cause_lookup(freeswitch_causes, end->cause) };
	char words[80];
	snprintf(words, sizeof words, "%s%s%s", end->cause, *end->sip ? " " : "", end->sip);
	str_copy(e.device_words, sizeof e.device_words, words);
	if (str_eq(end->sip, "401") || str_eq(end->sip, "407"))
		e.cause = CAUSE_AUTH;
	else if (str_eq(end->cause, "NORMAL_TEMPORARY_FAILURE") && end->replied != NO)
		e.cause = end->replied == YES ? CAUSE_REJECTED : CAUSE_UNKNOWN;
	else if (str_eq(end->cause, "DESTINATION_OUT_OF_ORDER") && end->replied == YES)
		e.cause = CAUSE_UNKNOWN; /* 502: somebody on the way */
	else if (str_eq(end->cause, "NO_ANSWER") && end->rang == NO)
		e.cause = CAUSE_UNREACHABLE;
	else if (str_eq(end->cause, "NO_USER_RESPONSE") && end->rang == YES)
		e.cause = CAUSE_NO_ANSWER;
	else if (str_eq(end->cause, "RECOVERY_ON_TIMER_EXPIRE") && end->answered == YES)
		e.cause = CAUSE_NETWORK;
	else if (str_eq(end->cause, "NORMAL_CLEARING") && str_starts(end->disposition, "recv_"))
		e.cause = CAUSE_SITE_HANGUP;
	else if (str_eq(end->cause, "NORMAL_CLEARING") && str_starts(end->disposition, "send_"))
		e.cause = CAUSE_OUR_HANGUP;
	return e;
}
