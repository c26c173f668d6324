/* Huawei SMC 2.0: its nouns. The pure functions that turn one answer into legs, ends, refusals, and
 * a password into what is sent of it.
 *
 * Called by huawei_smc2.c, the talks and the fuzzer. Owns nothing, does no I/O. Must never go by a
 * namespace's prefix: it differs between requests and answers. */
#include "adapters/huawei_smc2.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

enum { RANDOM_MOST = 256, ADDRESS_SIZE = sizeof((struct leg *)0)->id + 8 };

/* ---- answers ------------------------------------------------------------------------------- */

static int64_t
number(const struct xml *x, const char *path, int64_t otherwise)
{
	int64_t v;
	const char *text = xml_text(x, path);
	return text && str_to_int(text, INT64_MIN, INT64_MAX, &v) ? v : otherwise;
}

/*  <Envelope><Body><ns2:OPResponse><resultCode>0</resultCode>..  |
 *    <Fault><faultstring/></Fault> */
enum err
smc2_read(struct arena *a, const char *bytes, size_t n, const char *operation,
	struct smc2_answer *out, struct err_text *why)
{
	struct xml *root = NULL;
	*out = (struct smc2_answer){ .code = -1 };
	enum err e = xml_parse(a, bytes, n, 0, &root, why);
	if (e)
		return e;
	const struct xml *body = xml_child(root, "Body"), *in = xml_child(body, NULL);
	if (!str_eq(root->name, "Envelope") || !in)
		return err_set(why, ERR_PROTOCOL, "<%.40s> is no SOAP answer", root->name);
	if (str_eq(in->name, "Fault")) {
		const char *text = xml_text(in, "faultstring");
		out->fault = str_empty(text) ? "a fault without a word" : text;
		return OK;
	}
	size_t op = strlen(operation);
	if (strncmp(in->name, operation, op) != 0 || !str_eq(in->name + op, "Response"))
		return err_set(why, ERR_PROTOCOL, "<%.60s> answers another question", in->name);
	out->code = number(in, "resultCode", -1);
	out->in = in;
	return out->code < 0 ? err_set(why, ERR_PROTOCOL, "<%.60s> without a resultCode", in->name)
			     : OK;
}

static const struct {
	int64_t code;
	enum err err;
} codes[] = {
	{ 1344274433, ERR_AUTH },	/* password */
	{ 1344274490, ERR_AUTH },	/* password, and locked */
	{ SMC2_NO_RIGHT, ERR_REFUSED }, /* no permission */
	{ 1345323009, ERR_REFUSED },	/* no such site */
	{ 1346371585, ERR_REFUSED },	/* no such MCU */
	{ 1346371607, ERR_TIMEOUT },	/* the MCU did not answer it: outcome unknown */
	{ 1346379777, ERR_BUSY },	/* MCU not connected */
	{ 1346379779, ERR_TIMEOUT },
	{ 1346379780, ERR_REFUSED },	 /* it refuses the platform's login */
	{ 1347420162, ERR_GONE },	 /* conference gone */
	{ 1347424259, ERR_UNSUPPORTED }, /* the MCU cannot */
	{ 1347444739, ERR_BUSY },	 /* no resources */
	{ 1350566001, ERR_TIMEOUT },
};

enum err
smc2_class(int64_t code)
{
	for (size_t i = 0; i < COUNT(codes); i++)
		if (codes[i].code == code)
			return codes[i].err;
	return ERR_REFUSED;
}

/* The codes that say something of a site, or of why it could not be called, beyond those which
 * SMC 3.0 has too. */
const struct cause_word huawei_smc2_causes[] = {
	{ "1345323009", CAUSE_WRONG_ADDRESS },
	{ "1346371585", CAUSE_MCU },
	{ "1346371607", CAUSE_MCU },
	{ "1346379777", CAUSE_MCU },
	{ "1346379779", CAUSE_MCU },
	{ "1346379780", CAUSE_MCU },
	{ "1347424259", CAUSE_MCU },
	{ "1347444739", CAUSE_MCU },
	{ "16711686", CAUSE_WRONG_ADDRESS },
	{ "100663411", CAUSE_REJECTED },
	{ "100663413", CAUSE_BUSY },
	{ "117375016", CAUSE_WRONG_ADDRESS }, /* Q.850 behind a gateway; likewise: */
	{ "117375018", CAUSE_UNREACHABLE },
	{ "117375024", CAUSE_BUSY },
	{ "117375025", CAUSE_NO_ANSWER },
	{ "117375026", CAUSE_NO_ANSWER },
	{ "117375027", CAUSE_REJECTED },
	{ "117375031", CAUSE_WRONG_ADDRESS },
	{ "117375060", CAUSE_INCOMPATIBLE },
	{ NULL, CAUSE_UNKNOWN },
};

struct ending
smc2_ending(int64_t code, const char *words)
{
	struct ending e = { .cause = CAUSE_UNKNOWN };
	char number[24], shared[40], text[sizeof e.device_words + 24];
	if (code <= 0)
		return e;
	snprintf(number, sizeof number, "%lld", (long long)code);
	snprintf(text, sizeof text, "%s %s", number, words ? words : "");
	snprintf(shared, sizeof shared, "callFailReason %s", number);
	e.cause = cause_lookup(huawei_smc2_causes, number);
	if (e.cause == CAUSE_UNKNOWN)
		e.cause = cause_lookup(huawei_smc3_causes, shared);
	str_copy(e.device_words, sizeof e.device_words, str_trim(text));
	return e;
}

/* ---- password ------------------------------------------------------------------------------ */

bool
smc2_proof(const char *password, const char *random, char out[48])
{
	struct buf both = { 0 }, bytes = { 0 };
	char hex[HASH_HEX_SIZE];
	uint8_t raw[32];
	bool good = !str_empty(random) && strlen(random) <= RANDOM_MOST &&
		    hash_unbase64(&bytes, random);
	if (good) {
		hash_hex(password, strlen(password), hex);
		buf_puts(&both, hex);
		for (size_t i = 0; i < bytes.n; i++)
			buf_printf(&both, "%02x", (unsigned char)bytes.at[i]);
		hash_raw(both.at, both.n, raw);
		hash_base64(raw, sizeof raw, out);
		explicit_bzero(hex, sizeof hex);
		explicit_bzero(both.at, both.n);
	}
	buf_free(&both);
	buf_free(&bytes);
	return good;
}

/* ---- conferences --------------------------------------------------------------------------- */

enum { NONE_SUCH = 1, OVER = 4 }; /* 2 is scheduled, 3 runs */

bool
smc2_runs(const struct xml *x)
{
	int64_t status = number(x, "status", 0);
	return status != NONE_SUCH && status != OVER;
}

/* ---- sites --------------------------------------------------------------------------------- */

enum { UNKNOWN_YET = 0, NO_SITE = 1, IN = 2, NOT_JOINED = 3, CALLING = 4, RINGS = 5 };

/*  <uri/><name/><status>2</status><isMute>1: its microphone is closed</isMute><type>7</type>
 *  <callFailedReason><errCode/><discription/></callFailedReason>
 *                                                              spelt so; both spellings are read */
bool
smc2_leg(const struct xml *x, const struct leg_notes *notes, struct leg *out)
{
	const char *uri = xml_text(x, "uri"), *name = xml_text(x, "name");
	*out = (struct leg){ .state = LEG_NEW };
	if (str_empty(uri) || strlen(uri) >= sizeof out->id)
		return false;
	str_copy(out->id, sizeof out->id, uri);
	str_copy(out->name, sizeof out->name, name ? name : "");
	int64_t type = number(x, "type", 0);
	bool h323 = type == 4 || type == 9 || type == 11,
	     sip = type == 7 || type == 8 || type == 10;
	str_copy(out->protocol, sizeof out->protocol, h323 ? "h323" : sip ? "sip" : "");
	char address[ADDRESS_SIZE];
	snprintf(address, sizeof address, "%s%s%s", out->protocol, *out->protocol ? ":" : "", uri);
	str_copy(out->address, sizeof out->address, address);
	int64_t mute = number(x, "isMute", -1);
	out->muted = mute == 1 ? YES : mute == 0 ? NO : UNKNOWN;
	int64_t code = number(x, "callFailedReason/errCode", 0);
	const char *words = xml_text(x, "callFailedReason/discription");
	words = words ? words : xml_text(x, "callFailedReason/description");
	const struct leg_note *n = notes ? leg_note(notes, uri) : NULL;
	switch (number(x, "status", UNKNOWN_YET)) {
	case IN: out->state = LEG_UP; break;
	case CALLING: out->state = LEG_DIALING; break;
	case RINGS: out->state = LEG_RINGING; break;
	case NO_SITE:
		out->state = LEG_GONE;
		out->ending = (struct ending){ .cause = CAUSE_WRONG_ADDRESS };
		str_copy(out->ending.device_words, sizeof out->ending.device_words,
			"status 1: no such site");
		break;
	case NOT_JOINED:
		if (code > 0) {
			out->state = LEG_GONE;
			out->ending = smc2_ending(code, words);
		}
		break;
	default: /* the platform does not know: as it was, and one that nobody called was not called
		  */
		out->state = n && n->was_up ? LEG_UP : n && n->ours ? LEG_DIALING : LEG_NEW;
		break;
	}
	return true;
}
