/* Polycom RMX: its nouns. Tables of states, words and channels, and the pure functions that turn
 * a document into a party, a sample, an ending.
 *
 * Called by the other files of this adapter, the talks and the fuzzer. Owns nothing, does no I/O.
 * Must never lose a whole answer to one dirty text in it: remote capabilities come with whatever
 * the far end sent. */
#include "adapters/poly_rmx.h"

#include "adapters/internal.h"
#include "base/str.h"
#include "base/utf8.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

enum { MOST_DOCUMENT = 8 << 20 };

/* ---- documents ----------------------------------------------------------------------------- */

/* Length of a reference that XML knows, at '&'; 0: it is a bare ampersand; *out_bad: a character
 * that XML does not have. */
static size_t
reference(const char *s, const char *end, bool *out_bad)
{
	static const char *const names[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&apos;" };
	size_t left = (size_t)(end - s);
	*out_bad = false;
	for (size_t i = 0; i < COUNT(names); i++)
		if (left >= strlen(names[i]) && memcmp(s, names[i], strlen(names[i])) == 0)
			return strlen(names[i]);
	if (left < 4 || s[1] != '#')
		return 0;
	bool hex = s[2] == 'x';
	size_t n = hex ? 3 : 2, from = n;
	unsigned long v = 0;
	for (; n < left && n < from + 8 && isxdigit((unsigned char)s[n]); n++) {
		if (!hex && !isdigit((unsigned char)s[n]))
			return 0;
		int d = isdigit((unsigned char)s[n]) ? s[n] - '0'
						     : tolower((unsigned char)s[n]) - 'a' + 10;
		v = v * (hex ? 16 : 10) + (unsigned long)d;
	}
	if (n == from || n >= left || s[n] != ';')
		return 0;
	*out_bad = (v < 0x20 && v != 9 && v != 10 && v != 13) || (v >= 0xd800 && v < 0xe000) ||
		   v == 0xfffe || v == 0xffff || v > 0x10ffff;
	return n + 1;
}

char *
rmx_clean(struct arena *a, const char *bytes, size_t n, size_t *out_n)
{
	struct buf b = { 0 };
	const char *end = bytes + n;
	for (const char *p = bytes; p < end; p++) {
		unsigned char c = (unsigned char)*p;
		bool bad;
		size_t len;
		if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') {
			buf_putc(&b, ' ');
		} else if (c != '&') {
			buf_putc(&b, *p);
		} else if ((len = reference(p, end, &bad)) == 0) {
			buf_puts(&b, "&amp;");
		} else {
			if (bad)
				buf_putc(&b, ' ');
			else
				buf_add(&b, p, len);
			p += len - 1;
		}
	}
	*out_n = b.n;
	char *clean = arena_strndup(a, buf_str(&b), b.n);
	buf_free(&b);
	return clean;
}

static bool
is_secret(const char *tag, size_t n)
{
	static const char *const tokens[] = { "MCU_TOKEN", "MCU_USER_TOKEN" };
	for (size_t i = 0; i < COUNT(tokens); i++)
		if (n == strlen(tokens[i]) && strncasecmp(tag, tokens[i], n) == 0)
			return true;
	return memmem(tag, n, "PASSWORD", 8) || memmem(tag, n, "password", 8);
}

void
rmx_redact(struct buf *out, const char *bytes, size_t n)
{
	const char *end = bytes + n, *last = n ? memrchr(bytes, '>', n) : NULL;
	for (const char *p = bytes; p < end;) {
		const char *close =
			*p == '<' && last && p < last ? memchr(p, '>', (size_t)(end - p)) : NULL;
		if (!close) {
			buf_putc(out, *p++);
			continue;
		}
		size_t name = 0;
		while (p + 1 + name < close && !strchr(" \t\r\n/", p[1 + name]))
			name++;
		buf_add(out, p, (size_t)(close - p) + 1);
		bool secret = p[1] != '/' && close[-1] != '/' && is_secret(p + 1, name);
		p = close + 1;
		if (!secret)
			continue;
		const char *next = memchr(p, '<', (size_t)(end - p));
		next = next ? next : end;
		if (next > p)
			buf_puts(out, "***");
		p = next;
	}
}

const struct xml *
rmx_find(const struct xml *top, const char *name)
{
	for (const struct xml *n = top; n;) {
		if (str_eq(n->name, name))
			return n;
		if (n->first) {
			n = n->first;
			continue;
		}
		while (n != top && !n->next)
			n = n->parent;
		if (n == top)
			return NULL;
		n = n->next;
	}
	return NULL;
}

bool
rmx_is_id(const char *s)
{
	int64_t n;
	return s && strlen(s) < RMX_ID_SIZE && str_to_int(s, 0, INT64_MAX, &n);
}

static const char *
text(const struct xml *n, const char *path)
{
	const char *s = xml_text(n, path);
	return s ? s : "";
}

static struct figure
number(const struct xml *n, const char *path)
{
	int64_t v;
	return str_to_int(text(n, path), 0, (int64_t)1 << 53, &v) ? figure_of(v)
								  : (struct figure){ 0 };
}

/* "TRANS_CONF_2" -> "RESPONSE_TRANS_CONF" */
static bool
answers(const char *root, const char *trans)
{
	size_t n = strlen(trans);
	if (n > 2 && trans[n - 2] == '_' && isdigit((unsigned char)trans[n - 1]))
		n -= 2;
	return str_starts(root, "RESPONSE_") && strlen(root) == n + 9 &&
	       strncmp(root + 9, trans, n) == 0;
}

enum err
rmx_answer(struct arena *a, const char *bytes, size_t n, const char *trans, struct rmx_answer *out,
	struct err_text *why)
{
	struct xml *root;
	size_t clean_n;
	*out = (struct rmx_answer){ .status = -1, .words = "" };
	if (n > MOST_DOCUMENT)
		return err_set(why, ERR_PROTOCOL, "a document of %zu bytes", n);
	const char *clean = rmx_clean(a, bytes, n, &clean_n);
	enum err e = xml_parse(a, clean, clean_n, 2 * MOST_DOCUMENT, &root, why);
	if (e)
		return e;
	if (!answers(root->name, trans))
		return err_set(why, ERR_PROTOCOL, "<%.40s> is no answer to %s", root->name, trans);
	struct figure id = number(root, "RETURN_STATUS/ID");
	const char *words = text(root, "RETURN_STATUS/DESCRIPTION");
	const char *more = text(root, "RETURN_STATUS/DESCRIPTION_EX");
	out->root = root;
	out->status = id.known ? id.v : -1;
	out->words = *more && !str_eq(more, "0") ? arena_printf(a, "%.120s: %.120s", words, more)
						 : arena_printf(a, "%.160s", words);
	return OK;
}

/* ---- words --------------------------------------------------------------------------------- */

static bool
is_ip(const char *s)
{
	int dots = 0;
	for (const char *p = s; *p; p++) {
		if (!isdigit((unsigned char)*p) && *p != '.')
			return false;
		dots += *p == '.';
	}
	return dots == 3;
}

bool
rmx_target(struct arena *a, const char *address, struct rmx_target *out)
{
	const char *rest = address ? address : "";
	bool sip = strncasecmp(rest, "sip:", 4) == 0;
	*out = (struct rmx_target){ .interface = sip ? "sip" : "h323",
		.ip = "0.0.0.0",
		.alias = "",
		.alias_type = "323_id",
		.sip = "",
		.port = sip ? 5060 : 1720 };
	rest += sip ? 4 : strncasecmp(rest, "h323:", 5) == 0 ? 5 : 0;
	if (!*rest)
		return false;
	if (sip) {
		out->sip = out->alias = rest;
		return true;
	}
	if (is_ip(rest)) {
		out->ip = rest;
		return true;
	}
	/* The gatekeeper is the MCU's own: the alias alone is told. */
	out->alias = arena_strndup(a, rest, strcspn(rest, "@"));
	size_t digits = strspn(out->alias, "0123456789");
	if (digits && !out->alias[digits])
		out->alias_type = "e164";
	return *out->alias != '\0';
}

const char *
rmx_layout(const char *value, bool *out_auto)
{
	static const struct {
		const char *word, *layout;
	} ours[] = { { "equal", "2x2" }, { "speaker", "1x1" }, { "1+5", "1and5" },
		{ "1+7", "1and7" } };
	static const char *const own[] = { "1x1", "1x2", "2x1", "2x2", "1and5", "1and7", "3x3",
		"4x4" };
	*out_auto = str_eq_nocase(value, "equal");
	for (size_t i = 0; i < COUNT(ours); i++)
		if (str_eq_nocase(ours[i].word, value))
			return ours[i].layout;
	for (size_t i = 0; i < COUNT(own); i++)
		if (str_eq_nocase(own[i], value))
			return own[i];
	return NULL;
}

/* DISCONNECTION_CAUSE by its number ... */
static const struct {
	int64_t id;
	enum cause cause;
} causes[] = {
	{ 1, CAUSE_SITE_HANGUP },
	{ 2, CAUSE_OUR_HANGUP },
	{ 5, CAUSE_MCU },  /* resources */
	{ 20, CAUSE_MCU }, /* no audio, video, far camera, control, content port */
	{ 21, CAUSE_MCU },
	{ 22, CAUSE_MCU },
	{ 23, CAUSE_MCU },
	{ 25, CAUSE_MCU },
	{ 51, CAUSE_INCOMPATIBLE }, /* encryption: key, channel, algorithm */
	{ 53, CAUSE_INCOMPATIBLE },
	{ 59, CAUSE_INCOMPATIBLE },
	{ 141, CAUSE_UNREACHABLE }, /* the called party is not registered: off, most of all */
	{ 145, CAUSE_GATEKEEPER },  /* we are not */
	{ 152, CAUSE_GATEKEEPER },
	{ 153, CAUSE_GATEKEEPER },
	{ 154, CAUSE_GATEKEEPER },
};

/* ... and by its words, where the number is not published. The word begins or equals the
 * description. "SIP request terminated" (487) ends what was called off, whether it rang or not. */
const struct cause_word poly_rmx_causes[] = {
	{ "SIP busy", CAUSE_BUSY },
	{ "SIP capabilities don't match", CAUSE_INCOMPATIBLE },
	{ "SIP forbidden", CAUSE_REJECTED },
	{ "SIP global failure 603", CAUSE_REJECTED },
	{ "SIP global failure 604", CAUSE_WRONG_ADDRESS },
	{ "SIP global failure 606", CAUSE_INCOMPATIBLE },
	{ "SIP gone", CAUSE_WRONG_ADDRESS },
	{ "SIP not found", CAUSE_WRONG_ADDRESS },
	{ "SIP client error 404", CAUSE_WRONG_ADDRESS },
	{ "SIP client error 410", CAUSE_WRONG_ADDRESS },
	{ "SIP client error 484", CAUSE_WRONG_ADDRESS },
	{ "SIP client error 403", CAUSE_REJECTED },
	{ "SIP client error 408", CAUSE_UNREACHABLE },
	{ "SIP client error 486", CAUSE_BUSY },
	{ "SIP client error 488", CAUSE_INCOMPATIBLE },
	{ "SIP remote cancelled call", CAUSE_SITE_HANGUP },
	{ "SIP remote closed call", CAUSE_SITE_HANGUP },
	{ "SIP remote stopped responding", CAUSE_NETWORK },
	{ "SIP remote unreachable", CAUSE_UNREACHABLE },
	{ "SIP request timeout", CAUSE_UNREACHABLE },
	{ NULL, CAUSE_UNKNOWN },
};

struct ending
rmx_ending(int64_t id, const char *description, const char *more)
{
	struct ending e = { 0 };
	char words[sizeof e.device_words];
	str_copy(words, sizeof words, description);
	for (size_t i = 0; i < COUNT(causes); i++)
		if (causes[i].id == id)
			e.cause = causes[i].cause;
	for (size_t i = 0; !e.cause && poly_rmx_causes[i].word; i++)
		if (strncasecmp(description ? description : "", poly_rmx_causes[i].word,
			    strlen(poly_rmx_causes[i].word)) == 0)
			e.cause = poly_rmx_causes[i].cause;
	bool none = id == 0 && (!*words || str_eq_nocase(words, "none"));
	bool extra = !str_empty(more) && !str_eq(more, "0");
	char whole[sizeof words + 80];
	snprintf(whole, sizeof whole, "%s%s%.*s (%lld)", words, extra ? ": " : "",
		extra ? (int)utf8_cut(more, 40) : 0, extra ? more : "", (long long)id);
	str_copy(e.device_words, sizeof e.device_words, none ? "" : whole);
	return e;
}

/* ---- parties ------------------------------------------------------------------------------- */

enum leg_state
rmx_leg_state(int64_t state, bool was_up, enum leg_state before)
{
	switch (state) {
	case RMX_IDLE:
	case RMX_WAITING: return LEG_NEW;
	case RMX_CONNECTED:
	case RMX_SECONDARY:
	case RMX_PROBLEM: return LEG_UP;
	case RMX_DISCONNECTED:
	case RMX_DELETED: return LEG_GONE;
	case RMX_PARTIALLY: return was_up ? before : LEG_DIALING;
	case RMX_CONNECTING:
	case RMX_REDIALING: return LEG_DIALING;
	default: return was_up || before == LEG_GONE ? before : LEG_DIALING;
	}
}

static enum tri
flag(const struct xml *n, const char *path)
{
	const char *s = text(n, path);
	return str_eq_nocase(s, "true") ? YES : str_eq_nocase(s, "false") ? NO : UNKNOWN;
}

/* AUDIO_MUTE says that somebody muted it: the site itself, the MCU or an operator, who has no flag
 * of his own. Likewise VIDEO_MUTE, which goes with every order about the sound: a picture that the
 * site itself turned off is not to be held off by us. What monitors one party (TRANS_PARTY) tells
 * no mutes: they are in the list of the conference. */
static void
take_mutes(const struct xml *ongoing, struct rmx_party *io)
{
	enum tri sound = flag(ongoing, "AUDIO_MUTE"), picture = flag(ongoing, "VIDEO_MUTE");
	if (sound == YES && flag(ongoing, "AUDIO_MCU_MUTE") != YES &&
		flag(ongoing, "AUDIO_SELF_MUTE") != NO)
		sound = UNKNOWN;
	if (picture == YES && flag(ongoing, "VIDEO_MCU_MUTE") != YES &&
		flag(ongoing, "VIDEO_SELF_MUTE") == YES)
		picture = NO;
	if (xml_at(ongoing, "AUDIO_MUTE"))
		io->leg.muted = sound;
	if (xml_at(ongoing, "VIDEO_MUTE"))
		io->video_muted = picture;
}

static void
put_address(struct leg *out, const struct xml *party)
{
	const char *sip = text(party, "SIP_ADDRESS"), *alias = text(party, "ALIAS/NAME");
	const char *ip = text(party, "IP");
	bool is_sip = str_eq_nocase(out->protocol, "sip");
	const char *at = is_sip && *sip		 ? sip
			 : !is_sip && *alias	 ? alias
			 : str_eq(ip, "0.0.0.0") ? ""
						 : ip;
	char whole[sizeof out->address + 8];
	if (!*at)
		at = *alias ? alias : sip;
	bool scheme = strncasecmp(at, "sip:", 4) == 0 || strncasecmp(at, "h323:", 5) == 0;
	snprintf(whole, sizeof whole, "%s%s%s", scheme ? "" : out->protocol, scheme ? "" : ":", at);
	if (*at) /* an increment may leave it out */
		str_copy(out->address, sizeof out->address, whole);
}

/*  <ONGOING_PARTY><PARTY><NAME/><ID/><INTERFACE/><CONNECTION/><SIP_ADDRESS/>..</PARTY>
 *    <ONGOING_PARTY_STATUS><ID/><DESCRIPTION/></..> <DISCONNECTION_CAUSE>..</..> <AUDIO_MUTE/>.. */
bool
rmx_party(const struct xml *ongoing, struct rmx_party *io)
{
	const struct xml *party = xml_at(ongoing, "PARTY");
	const char *id = text(party, "ID");
	struct leg *leg = &io->leg;
	if (!rmx_is_id(id))
		return false;
	enum leg_state before = leg->state;
	str_copy(leg->id, sizeof leg->id, id);
	if (*text(party, "NAME"))
		str_copy(leg->name, sizeof leg->name, text(party, "NAME"));
	if (*text(party, "INTERFACE"))
		str_copy(leg->protocol, sizeof leg->protocol, text(party, "INTERFACE"));
	put_address(leg, party);
	if (*text(party, "CONNECTION"))
		leg->incoming = str_eq_nocase(text(party, "CONNECTION"), "dial_in");
	leg->configured = !leg->incoming;
	take_mutes(ongoing, io);
	struct figure state = number(ongoing, "ONGOING_PARTY_STATUS/ID");
	if (!state.known)
		return true;
	io->state = state.v;
	/* It stood, and the MCU calls it again: an end, and what follows is another call. */
	if (io->was_up && (state.v == RMX_CONNECTING || state.v == RMX_REDIALING)) {
		io->dropped = true;
		io->was_up = false;
	}
	leg->state = rmx_leg_state(state.v, io->was_up, before);
	leg->ending = (struct ending){ 0 };
	if (leg->state == LEG_UP || leg->state == LEG_GONE)
		io->was_up = leg->state == LEG_UP;
	if (leg->state == LEG_GONE)
		leg->ending = rmx_ending(number(ongoing, "DISCONNECTION_CAUSE/ID").v,
			text(ongoing, "DISCONNECTION_CAUSE/DESCRIPTION"),
			text(ongoing, "DISCONNECTION_CAUSE/DESCRIPTION_EX"));
	if (state.v == RMX_DELETED && !leg->ending.cause)
		leg->ending.cause = CAUSE_OUR_HANGUP;
	if (state.v == RMX_SECONDARY || state.v == RMX_PROBLEM)
		str_copy(leg->ending.device_words, sizeof leg->ending.device_words,
			text(ongoing, "ONGOING_PARTY_STATUS/DESCRIPTION"));
	return true;
}

/* ---- figures ------------------------------------------------------------------------------- */

static struct figure
take(const struct xml *top, const char *name)
{
	const struct xml *x = rmx_find(top, name);
	return x ? number(x, "") : (struct figure){ 0 };
}

/* One IP_MONITOR_CHANNEL in any of its shapes. What the MCU receives is FROM_SITE; of what it
 * sends only the count is taken: whose the losses are is not settled. The percentages are often
 * -1 and are not read. */
static void
take_channel(const struct xml *channel, struct stream *s, bool received)
{
	const struct xml *basic = rmx_find(channel, "BASIC_PARAM");
	const char *status = text(basic, "CONNECTION_STATUS");
	struct figure bps = number(basic, "BIT_RATE");
	if (s->open != YES && *status) /* recorded: 0 and 1 */
		s->open = str_eq(status, "1") ? YES : str_eq(status, "0") ? NO : UNKNOWN;
	if (str_eq(status, "0"))
		return;
	if (bps.known)
		s->kbps = figure_of(bps.v > 0 && bps.v < 1000 ? 1 : bps.v / 1000);
	s->packets = take(channel, "NUMBER_OF_PACKETS");
	if (received) {
		s->lost = take(channel, "PACKET_LOSS");
		s->jitter_ms = take(channel, "JITTER");
	}
	s->fps = take(channel, "VIDEO_FRAME_RATE");
	s->width = take(channel, "RESOLUTION_WIDTH");
	s->height = take(channel, "RESOLUTION_HEIGHT");
	if (!s->width.v || !s->height.v) /* recorded of a picture that never came: 0 by 0 */
		s->width = s->height = (struct figure){ 0 };
	if (!str_eq_nocase(text(basic, "PROTOCOL"), "UnknownAlgorithm"))
		str_copy(s->codec, sizeof s->codec, text(basic, "PROTOCOL"));
}

/* Closed one way and open the other: it was negotiated, and nothing flows there. */
static void
settle(struct stream *from, struct stream *to)
{
	struct stream *closed = from->open == NO && to->open == YES   ? from
				: to->open == NO && from->open == YES ? to
								      : NULL;
	if (!closed)
		return;
	closed->open = UNKNOWN;
	closed->kbps = figure_of(0);
}

bool
rmx_media(const struct xml *answer, int64_t state, struct media_sample *out, char *remote_ip,
	size_t size)
{
	static const struct {
		const char *type;
		enum medium medium;
		enum direction direction;
	} types[] = {
		{ "audio_in", AUDIO, FROM_SITE },
		{ "audio_out", AUDIO, TO_SITE },
		{ "video_in", VIDEO, FROM_SITE },
		{ "video_out", VIDEO, TO_SITE },
	};
	bool any = false;
	*out = (struct media_sample){ 0 };
	remote_ip[0] = '\0';
	for (const struct xml *c = rmx_find(answer, "IP_MONITOR_CHANNEL"); c;
		c = xml_next(c, "IP_MONITOR_CHANNEL")) {
		const struct xml *basic = rmx_find(c, "BASIC_PARAM");
		const char *from = text(basic, "PARTY_ADDRESS");
		for (size_t i = 0; i < COUNT(types); i++) {
			if (!str_eq_nocase(types[i].type, text(basic, "CHANNEL_TYPE")))
				continue;
			any = true;
			take_channel(c, &out->s[types[i].medium][types[i].direction],
				types[i].direction == FROM_SITE);
			if (is_ip(from) && !str_eq(from, "0.0.0.0") && !*remote_ip)
				str_copy(remote_ip, size, from);
		}
	}
	settle(&out->s[AUDIO][FROM_SITE], &out->s[AUDIO][TO_SITE]);
	settle(&out->s[VIDEO][FROM_SITE], &out->s[VIDEO][TO_SITE]);
	if (state == RMX_SECONDARY) { /* the device says that video failed */
		out->s[VIDEO][FROM_SITE] = out->s[VIDEO][TO_SITE] =
			(struct stream){ .kbps = figure_of(0) };
		any = true;
	}
	return any;
}
