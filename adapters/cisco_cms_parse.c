/* Cisco Meeting Server: its nouns. Tables of words, fields and refusals, and the pure functions
 * that turn an answer into a leg, a sample or a class of error.
 *
 * Called by the other files of this adapter, the talks and the fuzzer. Owns nothing, does no I/O.
 * Must never read an absent section as zero loss, or a missing figure as nought. */
#include "adapters/cisco_cms.h"

#include "adapters/connect.h"
#include "adapters/wire/query.h"
#include "base/hash.h"
#include "base/str.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* ---- words of the device ------------------------------------------------------------------- */

/* Our words for pictures -> the device's; its own are taken in any case of letters. */
static const struct {
	const char *word, *layout;
} layouts[] = {
	{ "equal", "allEqual" },
	{ "speaker", "speakerOnly" },
	{ "1+5", "onePlusFive" },
	{ "1+7", "onePlusSeven" },
	{ "1+9", "onePlusNine" },
	{ "1+n", "onePlusN" },
	{ "allEqual", "allEqual" },
	{ "speakerOnly", "speakerOnly" },
	{ "telepresence", "telepresence" },
	{ "stacked", "stacked" },
	{ "allEqualQuarters", "allEqualQuarters" },
	{ "allEqualNinths", "allEqualNinths" },
	{ "allEqualSixteenths", "allEqualSixteenths" },
	{ "allEqualTwentyFifths", "allEqualTwentyFifths" },
	{ "onePlusFive", "onePlusFive" },
	{ "onePlusSeven", "onePlusSeven" },
	{ "onePlusNine", "onePlusNine" },
	{ "automatic", "automatic" },
	{ "onePlusN", "onePlusN" },
};

static const struct {
	const char *word;
	enum leg_state state;
} states[] = {
	{ "initial", LEG_DIALING },
	{ "ringing", LEG_RINGING },
	{ "connected", LEG_UP },
	{ "onHold", LEG_UP },
};

/* Tag of <failureDetails> -> class, and what it means for the site that was dialled. What is not
 * listed goes by its HTTP status. */
static const struct {
	const char *tag;
	enum err err;
	enum cause cause;
} tags[] = {
	{ "callDoesNotExist", ERR_GONE, CAUSE_MCU },
	{ "callLegDoesNotExist", ERR_GONE, CAUSE_UNKNOWN },
	{ "participantDoesNotExist", ERR_GONE, CAUSE_UNKNOWN },
	{ "coSpaceDoesNotExist", ERR_GONE, CAUSE_MCU },
	{ "databaseNotReady", ERR_BUSY, CAUSE_MCU },
	{ "callBridgeUnavailable", ERR_BUSY, CAUSE_MCU },
	{ "callBridgeGroupUnavailable", ERR_BUSY, CAUSE_MCU },
	{ "participantLimitReached", ERR_BUSY, CAUSE_MCU },
	{ "tenantParticipantLimitReached", ERR_BUSY, CAUSE_MCU },
	{ "invalidVersion", ERR_UNSUPPORTED, CAUSE_MCU },
	{ "unrecognizedObject", ERR_UNSUPPORTED, CAUSE_MCU },
	{ "duplicateCoSpaceUri", ERR_REFUSED, CAUSE_MCU },
	{ "duplicateCoSpaceId", ERR_REFUSED, CAUSE_MCU },
	{ "invalidOperation", ERR_REFUSED, CAUSE_MCU },
	{ "loadBalancingDisabled", ERR_REFUSED, CAUSE_MCU },
	{ "callLegCannotBeDeleted", ERR_REFUSED, CAUSE_MCU },
	{ "participantCannotBeDeleted", ERR_REFUSED, CAUSE_MCU },
	{ "participantCannotBeModified", ERR_REFUSED, CAUSE_MCU },
	{ "parameterError", ERR_REFUSED, CAUSE_MCU },
};

/* ---- names and ids ------------------------------------------------------------------------- */

bool
cms_is_id(const char *s)
{
	return !str_empty(s) && strlen(s) < CMS_ID_SIZE && str_only(s, "-");
}

bool
cms_location(const char *location, char out[CMS_ID_SIZE])
{
	out[0] = '\0';
	const char *slash = location ? strrchr(location, '/') : NULL;
	if (!slash || !cms_is_id(slash + 1))
		return false;
	return str_copy(out, CMS_ID_SIZE, slash + 1);
}

void
cms_put(struct buf *form, const char *name, const char *value)
{
	if (form->n)
		buf_putc(form, '&');
	buf_puts(form, name);
	buf_putc(form, '=');
	query_escape(form, value);
}

const char *
cms_target(const char *address, enum err *out_class, const char **out_why)
{
	const char *rest = address ? address : "";
	*out_class = OK;
	*out_why = "";
	if (strncasecmp(rest, "h323:", 5) == 0) {
		*out_class = ERR_UNSUPPORTED;
		*out_why = "this MCU dials SIP only";
		return NULL;
	}
	if (strncasecmp(rest, "sips:", 5) == 0)
		rest += 5;
	else if (strncasecmp(rest, "sip:", 4) == 0)
		rest += 4;
	if (*rest)
		return rest;
	*out_class = ERR_INPUT;
	*out_why = "no address";
	return NULL;
}

const char *
cms_layout(const char *value)
{
	for (size_t i = 0; value && i < COUNT(layouts); i++)
		if (str_eq_nocase(layouts[i].word, value))
			return layouts[i].layout;
	return NULL;
}

/* ---- ownerId ------------------------------------------------------------------------------- */

/* Two bytes of mark, fourteen of name: up to 21 letters as a number of base 40, the first letter
 * its lowest digit. A longer name, or one with other letters, gives its hash behind another
 * mark. */
static const char letters[] = "?abcdefghijklmnopqrstuvwxyz0123456789-~_";
enum {
	NAME_BYTES = 14,
	NAME_LETTERS = 21,
	BASE = 40,
	MARK = 't',
	MARK_NAME = 'd',
	MARK_HASH = 'h'
};

static int
digit_of(char c)
{
	const char *p = c ? strchr(letters + 1, c) : NULL;
	return p ? (int)(p - letters) : 0;
}

static bool
pack(const char *name, uint8_t out[NAME_BYTES])
{
	size_t n = strlen(name);
	memset(out, 0, NAME_BYTES);
	if (n == 0 || n > NAME_LETTERS)
		return false;
	while (n--) {
		unsigned carry = (unsigned)digit_of(name[n]);
		if (!carry)
			return false;
		for (int i = NAME_BYTES - 1; i >= 0; i--) {
			carry += out[i] * (unsigned)BASE;
			out[i] = (uint8_t)carry;
			carry >>= 8;
		}
	}
	return true;
}

/* Leaves `number` empty. false: no name is packed in it. */
static bool
unpack(uint8_t number[NAME_BYTES], char out[NAME_LETTERS + 1])
{
	for (size_t n = 0; n <= NAME_LETTERS; n++) {
		unsigned rest = 0;
		bool any = false;
		for (int i = 0; i < NAME_BYTES; i++) {
			any |= number[i] != 0;
			rest = rest << 8 | number[i];
			number[i] = (uint8_t)(rest / BASE);
			rest %= BASE;
		}
		out[n] = '\0';
		if (!any)
			return n > 0;
		if (!rest || n == NAME_LETTERS)
			return false;
		out[n] = letters[rest];
	}
	return false;
}

void
cms_owner(const char *leg_name, char out[CMS_ID_SIZE])
{
	uint8_t b[16] = { MARK, MARK_NAME }, hash[32];
	if (!pack(leg_name, b + 2)) {
		hash_raw(leg_name, strlen(leg_name), hash);
		b[1] = MARK_HASH;
		memcpy(b + 2, hash, NAME_BYTES);
	}
	snprintf(out, CMS_ID_SIZE,
		"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
		b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
		b[15]);
}

bool
cms_owner_name(const char *owner, char *out_name, size_t size)
{
	uint8_t b[16] = { 0 };
	size_t n = 0;
	char name[NAME_LETTERS + 1];
	out_name[0] = '\0';
	for (const char *p = owner ? owner : ""; *p; p++) {
		if (*p == '-')
			continue;
		if (n == 32 || !isxdigit((unsigned char)*p))
			return false;
		int v = isdigit((unsigned char)*p) ? *p - '0'
						   : tolower((unsigned char)*p) - 'a' + 10;
		b[n / 2] = (uint8_t)(b[n / 2] << 4 | v);
		n++;
	}
	if (n != 32 || b[0] != MARK)
		return false;
	if (b[1] == MARK_HASH)
		return true;
	if (b[1] != MARK_NAME || !unpack(b + 2, name))
		return false;
	str_copy(out_name, size, name);
	return true;
}

/* ---- conferences --------------------------------------------------------------------------- */

void
cms_conference_id(char *out, size_t size, const struct cms_where *w)
{
	char whole[2 * CMS_ID_SIZE + 4];
	snprintf(whole, sizeof whole, "%s/%s%s", w->call, w->space, w->own_space ? "/n" : "");
	str_copy(out, size, whole);
}

bool
cms_conference(const char *id, struct cms_where *out)
{
	char part[2][CMS_ID_SIZE];
	*out = (struct cms_where){ 0 };
	for (int i = 0; i < 2; i++) {
		size_t n = strcspn(id, "/");
		if (n == 0 || n >= CMS_ID_SIZE)
			return false;
		memcpy(part[i], id, n);
		part[i][n] = '\0';
		id += n + (id[n] == '/');
	}
	if (!cms_is_id(part[0]) || !cms_is_id(part[1]) || (*id && !str_eq(id, "n")))
		return false;
	str_copy(out->call, sizeof out->call, part[0]);
	str_copy(out->space, sizeof out->space, part[1]);
	out->own_space = *id == 'n';
	return true;
}

/* ---- refusals ------------------------------------------------------------------------------ */

/*  <failureDetails><parameterError parameter="remoteParty"
 * error="invalidValue"/></failureDetails> */
enum err
cms_refusal(struct arena *a, int status, const char *body, size_t n, const char **out_words,
	enum cause *out_cause)
{
	struct xml *root = NULL;
	enum err class = device_refusal(status);
	*out_cause = CAUSE_MCU;
	*out_words = arena_printf(a, "HTTP status %d", status);
	if (status == 503 || n == 0 || xml_parse(a, body, n, 0, &root, NULL) != OK)
		return class;
	const struct xml *tag = xml_child(root, NULL);
	if (!str_eq_nocase(root->name, "failureDetails") || !tag)
		return class;
	const char *parameter = xml_attr(tag, "parameter"), *error = xml_attr(tag, "error");
	*out_words = parameter ? arena_printf(a, "%.60s %.60s %.60s", tag->name, parameter,
					 error ? error : "")
			       : arena_printf(a, "%.120s", tag->name);
	for (size_t i = 0; i < COUNT(tags); i++) {
		if (!str_eq_nocase(tags[i].tag, tag->name))
			continue;
		class = tags[i].err;
		*out_cause = tags[i].cause;
	}
	if (str_eq_nocase(parameter, "remoteParty"))
		*out_cause = CAUSE_WRONG_ADDRESS;
	return class;
}

/* ---- one leg ------------------------------------------------------------------------------- */

/* A decimal text times `by`, rounded; empty, negative or no number: not told. */
static struct figure
figure(const struct xml *from, const char *name, double by)
{
	double d;
	const char *text = xml_text(from, name);
	if (str_empty(text) || !str_to_double(text, &d) || !(d >= 0) || d * by > 1e12)
		return (struct figure){ 0 };
	return figure_of((int64_t)llround(d * by));
}

/* Of several streams of one kind the rates add up, and the worst of the rest counts. */
static void
worst(struct figure *kept, struct figure f)
{
	if (f.known && (!kept->known || f.v > kept->v))
		*kept = f;
}

/*  <rxVideo role="main"><codec/><bitRate/> bit/s <packetLossPercentage/> <jitter/> ms ...  */
static void
take_stream(const struct xml *section, struct stream *s)
{
	struct figure bps = figure(section, "bitRate", 1);
	s->open = YES;
	if (bps.known) {
		/* What flows is not rounded down to nothing. */
		int64_t kbps = bps.v > 0 && bps.v < 1000 ? 1 : bps.v / 1000;
		s->kbps = figure_of((s->kbps.known ? s->kbps.v : 0) + kbps);
	}
	worst(&s->loss_permille, figure(section, "packetLossPercentage", 10));
	worst(&s->jitter_ms, figure(section, "jitter", 1));
	worst(&s->rtt_ms, figure(section, "roundTripTime", 1));
	worst(&s->width, figure(section, "width", 1));
	worst(&s->height, figure(section, "height", 1));
	worst(&s->fps, figure(section, "frameRate", 1));
	if (!*s->codec)
		str_copy(s->codec, sizeof s->codec,
			xml_text(section, "codec") ? xml_text(section, "codec") : "");
}

/* A section is there while its stream is. Neither direction: the medium was not negotiated. One
 * of the two: it was, and nothing flows the other way, which is a rate of zero and not "not
 * negotiated". */
static void
settle(struct stream *from, struct stream *to)
{
	if (!from->open && !to->open) {
		from->open = to->open = NO;
		return;
	}
	if (!from->open)
		from->kbps = figure_of(0);
	if (!to->open)
		to->kbps = figure_of(0);
}

static bool
take_media(const struct xml *status, struct media_sample *out)
{
	static const struct {
		const char *name;
		enum medium medium;
		enum direction direction;
	} sections[] = {
		{ "rxAudio", AUDIO, FROM_SITE },
		{ "txAudio", AUDIO, TO_SITE },
		{ "rxVideo", VIDEO, FROM_SITE },
		{ "txVideo", VIDEO, TO_SITE },
	};
	bool any = false;
	for (size_t i = 0; i < COUNT(sections); i++) {
		struct stream *s = &out->s[sections[i].medium][sections[i].direction];
		for (const struct xml *x = xml_child(status, sections[i].name); x;
			x = xml_next(x, sections[i].name)) {
			const char *role = xml_attr(x, "role");
			if (role && !str_eq_nocase(role, "main"))
				continue;
			take_stream(x, s);
			any = true;
		}
	}
	if (!any)
		return false; /* connected a moment ago: nothing is told yet */
	settle(&out->s[AUDIO][FROM_SITE], &out->s[AUDIO][TO_SITE]);
	settle(&out->s[VIDEO][FROM_SITE], &out->s[VIDEO][TO_SITE]);
	return true;
}

static const char *
text_of(const struct xml *n, const char *path)
{
	const char *s = xml_text(n, path);
	return s ? s : "";
}

static enum tri
bool_of(const struct xml *n, const char *path)
{
	const char *s = text_of(n, path);
	return str_eq_nocase(s, "true") ? YES : str_eq_nocase(s, "false") ? NO : UNKNOWN;
}

static void
put_address(struct leg *out, const char *address)
{
	char whole[sizeof out->address + 8];
	if (!*address)
		return;
	bool scheme = strncasecmp(address, "sip:", 4) == 0 || strncasecmp(address, "sips:", 5) == 0;
	snprintf(whole, sizeof whole, "%s%s", scheme ? "" : "sip:", address);
	str_copy(out->address, sizeof out->address, whole);
}

/* The reference spells it in two ways. */
bool
cms_is_link(const struct xml *item)
{
	const char *kind = text_of(item, "subType");
	if (!*kind)
		kind = text_of(item, "subtype");
	return str_eq_nocase(kind, "distributionLink") || str_eq_nocase(kind, "lyncDistribution");
}

/*  <callLeg id><name/><remoteParty/><originalRemoteParty/><type/><direction/>
 *    <configuration><ownerId/><rxAudioMute/></configuration> <status><state/> sections
 * </status></callLeg> */
bool
cms_leg(const struct xml *item, struct leg *out, char owner[CMS_ID_SIZE])
{
	const struct xml *status = xml_at(item, "status");
	const char *id = xml_attr(item, "id");
	*out = (struct leg){ .state = LEG_NEW };
	owner[0] = '\0';
	if (!cms_is_id(id))
		return false;
	str_copy(out->id, sizeof out->id, id);
	str_copy(out->name, sizeof out->name, text_of(item, "name"));
	str_copy(out->protocol, sizeof out->protocol, text_of(item, "type"));
	const char *direction = text_of(item, "direction");
	out->incoming =
		str_eq_nocase(*direction ? direction : text_of(status, "direction"), "incoming");
	const char *first = text_of(item, "originalRemoteParty");
	put_address(out, !out->incoming && *first ? first : text_of(item, "remoteParty"));
	const char *told = text_of(item, "configuration/ownerId");
	if (!*told)
		told = text_of(item, "ownerId");
	if (cms_is_id(told))
		str_copy(owner, CMS_ID_SIZE, told);
	char name[sizeof out->name];
	out->configured = !out->incoming && cms_owner_name(owner, name, sizeof name);
	if (out->configured && *name)
		str_copy(out->name, sizeof out->name, name);
	/* Only what was set for this leg is told; what a profile sets is not. */
	out->muted = bool_of(item, "configuration/rxAudioMute");
	for (size_t i = 0; i < COUNT(states); i++)
		if (str_eq_nocase(states[i].word, text_of(status, "state")))
			out->state = states[i].state;
	if (out->state == LEG_UP)
		out->sampled = take_media(status, &out->media);
	return true;
}
