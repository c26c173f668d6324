/* Huawei SMC 3.0: its nouns. The pure functions that turn one answer into legs, ends, refusals.
 *
 * Called by huawei_smc3.c, the talks and the fuzzer. Owns nothing, does no I/O. Must never read a
 * participant that is merely listed as one that was called. */
#include "adapters/huawei_smc3.h"

#include "adapters/connect.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* The vendor's list of call reasons; 0x20000 + n is registration and set-up, 0x30000 + n an end of
 * a call, 0x40000 + n the signalling server's. What may be either end's doing is not listed. */
const struct cause_word huawei_smc3_causes[] = {
	{ "callFailReason 106", CAUSE_GATEKEEPER },    /* registrar busy */
	{ "callFailReason 107", CAUSE_WRONG_ADDRESS }, /* illegal address */
	{ "callFailReason 109", CAUSE_UNREACHABLE },   /* the called one is not online */
	{ "callFailReason 110", CAUSE_WRONG_ADDRESS }, /* no such number */
	{ "callFailReason 111", CAUSE_MCU },	       /* no resource; likewise: */
	{ "callFailReason 113", CAUSE_UNREACHABLE },   /* network unreachable */
	{ "callFailReason 114", CAUSE_GATEKEEPER },
	{ "callFailReason 115", CAUSE_REJECTED },
	{ "callFailReason 116", CAUSE_GATEKEEPER },
	{ "callFailReason 117", CAUSE_BUSY },
	{ "callFailReason 118", CAUSE_UNREACHABLE },
	{ "callFailReason 121", CAUSE_MCU }, /* no such conference; dialling by address forbidden */
	{ "callFailReason 122", CAUSE_MCU },
	{ "callFailReason 125", CAUSE_MCU },
	{ "callFailReason 126", CAUSE_MCU },
	{ "callFailReason 127", CAUSE_UNREACHABLE }, /* out of service */
	{ "callFailReason 129", CAUSE_NO_ANSWER },
	{ "callFailReason 130", CAUSE_OUR_HANGUP },
	{ "callFailReason 132", CAUSE_MCU }, /* the conference has not begun */
	{ "callFailReason 309", CAUSE_MCU },
	{ "callFailReason 10086", CAUSE_MCU },	      /* MCU offline */
	{ "callFailReason 65537", CAUSE_GATEKEEPER }, /* a number was not registered */
	{ "callFailReason 65538", CAUSE_GATEKEEPER },
	{ "callFailReason 65539", CAUSE_GATEKEEPER },
	{ "callFailReason 65540", CAUSE_GATEKEEPER },
	{ "callFailReason 65541", CAUSE_GATEKEEPER },
	{ "callFailReason 65542", CAUSE_GATEKEEPER },
	{ "callFailReason 131073", CAUSE_GATEKEEPER }, /* ARQ timeout */
	{ "callFailReason 131075", CAUSE_MCU },
	{ "callFailReason 131076", CAUSE_UNREACHABLE }, /* the called one is not registered */
	{ "callFailReason 131077", CAUSE_GATEKEEPER },	/* the MCU is not */
	{ "callFailReason 131081", CAUSE_UNREACHABLE }, /* network or peer does not respond */
	{ "callFailReason 131082", CAUSE_MCU },
	{ "callFailReason 131083", CAUSE_MCU },
	{ "callFailReason 131084", CAUSE_MCU },
	{ "callFailReason 131085", CAUSE_WRONG_ADDRESS },
	{ "callFailReason 131088", CAUSE_INCOMPATIBLE }, /* capability negotiation */
	{ "callFailReason 131089", CAUSE_INCOMPATIBLE },
	{ "callFailReason 131090", CAUSE_INCOMPATIBLE },
	{ "callFailReason 131091", CAUSE_INCOMPATIBLE },
	{ "callFailReason 131092", CAUSE_NETWORK }, /* link set-up */
	{ "callFailReason 131093", CAUSE_NETWORK },
	{ "callFailReason 131094", CAUSE_NETWORK },
	{ "callFailReason 131095", CAUSE_NETWORK },
	{ "callFailReason 131096", CAUSE_NETWORK },
	{ "callFailReason 131097", CAUSE_MCU },
	{ "callFailReason 131113", CAUSE_MCU },
	{ "callFailReason 131114", CAUSE_MCU },
	{ "callFailReason 131121", CAUSE_NETWORK },
	{ "callFailReason 131122", CAUSE_GATEKEEPER },
	{ "callFailReason 131123", CAUSE_INCOMPATIBLE },
	{ "callFailReason 131127", CAUSE_GATEKEEPER }, /* flow control */
	{ "callFailReason 196609", CAUSE_REJECTED },   /* do not disturb */
	{ "callFailReason 196612",
		CAUSE_NETWORK }, /* no round trip; no sound or picture received */
	{ "callFailReason 196613", CAUSE_NETWORK },
	{ "callFailReason 196614", CAUSE_MCU },	       /* cleared for a new call */
	{ "callFailReason 196619", CAUSE_OUR_HANGUP }, /* by administrator, by chair */
	{ "callFailReason 196620", CAUSE_OUR_HANGUP },
	{ "callFailReason 196622", CAUSE_SITE_HANGUP }, /* the called one hung up */
	{ "callFailReason 196626", CAUSE_MCU },		/* restart; loop */
	{ "callFailReason 196627", CAUSE_MCU },
	{ "callFailReason 196628", CAUSE_NETWORK },
	{ "callFailReason 196630", CAUSE_MCU },
	{ "callFailReason 196632", CAUSE_MCU },
	{ "callFailReason 196633", CAUSE_MCU },
	{ "callFailReason 196634", CAUSE_NETWORK }, /* keep-alive timeout */
	{ "callFailReason 196689", CAUSE_GATEKEEPER },
	{ "callFailReason 262149", CAUSE_GATEKEEPER },
	{ "callFailReason 262150", CAUSE_GATEKEEPER },
	{ "callFailReason 262151", CAUSE_GATEKEEPER },
	{ "callFailReason 262161", CAUSE_GATEKEEPER }, /* unregistered by the gatekeeper */
	{ "callFailReason 262184", CAUSE_GATEKEEPER },
	{ "callFailReason 262194", CAUSE_GATEKEEPER },
	{ "callFailReason 262199", CAUSE_GATEKEEPER },
	{ "callFailReason 262228", CAUSE_GATEKEEPER },
	{ "callFailReason 262230", CAUSE_SITE_HANGUP },
	{ "callFailReason 262231", CAUSE_GATEKEEPER },
	{ "callFailReason 262233", CAUSE_GATEKEEPER },
	{ "callFailReason 262245", CAUSE_MCU },
	{ "callFailReason 16711681", CAUSE_GATEKEEPER },
	{ "callFailReason 50331672", CAUSE_WRONG_ADDRESS }, /* no such site */
	{ "callFailReason 50331674", CAUSE_MCU },
	{ "callFailReason 50331703", CAUSE_MCU },
	{ "callFailReason 50331733", CAUSE_MCU }, /* no video port */
	{ "callFailReason 50331735", CAUSE_MCU },
	{ "callFailReason 50331788", CAUSE_INCOMPATIBLE }, /* TLS */
	{ NULL, CAUSE_UNKNOWN },
};

/* "The caller hung up": that is the platform where it called. */
enum { CALLER_HUNG_UP = 196623, CALLER_HUNG_UP_SC = 262229 };

struct ending
smc3_ending(int64_t reason, bool ours)
{
	struct ending e = { .cause = CAUSE_UNKNOWN };
	if (!reason)
		return e;
	snprintf(e.device_words, sizeof e.device_words, "callFailReason %lld", (long long)reason);
	e.cause = cause_lookup(huawei_smc3_causes, e.device_words);
	if (ours && (reason == CALLER_HUNG_UP || reason == CALLER_HUNG_UP_SC))
		e.cause = CAUSE_OUR_HANGUP;
	return e;
}

/* ---- lists --------------------------------------------------------------------------------- */

/*  { "content": [..], "totalElements", "totalPages", "last" }  */
bool
smc3_page(const struct json *j, int64_t page, struct smc3_page *out)
{
	const struct json *content = json_get(j, "content");
	*out = (struct smc3_page){ .last = true };
	if (!content || content->kind != JSON_IS_ARRAY)
		return false;
	out->first = content->first;
	out->n = content->count;
	int64_t pages = json_int(j, "totalPages", -1);
	enum tri last = json_tri(j, "last");
	/* A full page that does not say whether it is the last is not taken for it. */
	bool end = pages < 0 ? out->n < SMC3_PAGE : page + 1 >= pages;
	out->last = last == YES || out->n == 0 || (last == UNKNOWN && end);
	return true;
}

/*  { "generalParam": { "id", "name", "uri", "mcuName" },
 *    "state": { "online", "calling", "mute", "callFailReason" } }  */
bool
smc3_leg(const struct json *j, const struct leg_notes *notes, struct leg *out)
{
	const struct json *who = json_get(j, "generalParam"), *state = json_get(j, "state");
	const char *id = json_text(who, "id");
	*out = (struct leg){ .state = LEG_NEW };
	if (!device_is_id(id, SMC3_ID_SIZE))
		return false;
	str_copy(out->id, sizeof out->id, id);
	json_text_in(who, "name", out->name, sizeof out->name);
	json_text_in(who, "uri", out->address, sizeof out->address);
	out->muted = json_tri(state, "mute");
	int64_t reason = json_int(state, "callFailReason", 0);
	enum tri online = json_tri(state, "online");
	const struct leg_note *n = notes ? leg_note(notes, id) : NULL;
	if (json_tri(state, "calling") == YES)
		out->state = LEG_DIALING;
	else if (online == YES)
		out->state = LEG_UP;
	else if (online == UNKNOWN) /* as it was, whatever reason stands there of a call before */
		out->state = n && n->was_up ? LEG_UP : n && n->ours ? LEG_DIALING : LEG_NEW;
	else if (reason > 0) {
		out->state = LEG_GONE;
		out->ending = smc3_ending(reason, n && n->ours);
	}
	return true;
}

/* ---- refusals ------------------------------------------------------------------------------ */

static const struct {
	int64_t number;
	enum err err;
} refusals[] = {
	{ 0x2003a, ERR_REFUSED },	/* locked */
	{ 0x2003b, ERR_BUSY },		/* as many participants as it may have */
	{ 0x2003d, ERR_GONE },		/* no such conference */
	{ 0x2003e, ERR_BUSY },		/* no resource */
	{ 0x20020028, ERR_BUSY },
	{ 0x20040001, ERR_BUSY },
	{ 0x20040002, ERR_BUSY },
	{ 0x20040003, ERR_BUSY },
	{ 0x20040004, ERR_BUSY },
	{ 0x20040010, ERR_BUSY },
	{ 0x1002000c, ERR_AUTH },	/* password */
	{ 0x1002001d, ERR_AUTH },	/* locked out */
	{ 0x10040037, ERR_BUSY },	/* MCU offline */
};

/* "0x2003b" */
static int64_t
hex_of(const char *text)
{
	int64_t v = 0;
	if (!str_starts(text, "0x") || strlen(text) > 14)
		return -1;
	for (const char *p = text + 2; *p; p++) {
		const char *digits = "0123456789abcdef";
		const char *at = strchr(digits, *p >= 'A' && *p <= 'F' ? *p + 32 : *p);
		if (!at)
			return -1;
		v = v * 16 + (at - digits);
	}
	return v;
}

enum err
smc3_refusal(struct arena *a, const struct json *j, int status, const char **out_words,
	bool *out_again)
{
	const char *no = json_text(j, "errorNo"), *why = json_text(j, "errorDesc");
	enum err class = device_refusal(status);
	int64_t number = hex_of(no);
	for (size_t i = 0; i < COUNT(refusals); i++)
		if (refusals[i].number == number)
			class = refusals[i].err;
	if (why && strcasestr(why, "CONFERENCE_NOT_EXIST"))
		class = ERR_GONE;
	*out_again = why && strcasestr(why, "token") && strcasestr(why, "not exist");
	if (!str_empty(why) || !str_empty(no))
		*out_words = arena_printf(a, "%.120s%s%.20s", str_empty(why) ? "refused" : why,
			str_empty(no) ? "" : " ", str_empty(no) ? "" : no);
	else
		*out_words = arena_printf(a, "HTTP status %d", status);
	return class;
}
