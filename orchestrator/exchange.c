/* Signed results between offices: written from a report, opened and checked on the other side.
 *
 * Called by paper.c (writing) and by the import job of the coordinator and `import` (reading). Owns
 * nothing. It must never take a document whose signature does not hold, nor figures that its own
 * sites do not give. */
#include "exchange.h"

#include "adapters/wire/json.h"
#include "base/instant.h"
#include "base/str.h"

#include <string.h>

/* As large a file is read: 10,000 sites are 23 MiB, 1.2 million values. */
enum { RESULT_MIB = 32 };

static const char format_word[] = "tongduyet-result", type_word[] = "tongduyet-result+json";

/* ---- writing ---- */

bool
exchange_write(const struct report *r, const char *from, const struct sign_key *k, struct buf *out)
{
	struct buf payload = { 0 }, head = { 0 }, input = { 0 }, signature = { 0 };
	struct json_out p = { .out = &payload }, h = { .out = &head }, w = { .out = out };
	char key[SIGN_TEXT_SIZE];
	uint8_t raw[SIGN_SIZE];
	json_open(&p, NULL, '{');
	json_put_text(&p, "format", format_word);
	json_put_int(&p, "version", EXCHANGE_VERSION);
	json_put_text(&p, "from", from);
	report_json_put(&p, "report", r);
	json_close(&p, '}');
	json_open(&h, NULL, '{');
	json_put_text(&h, "alg", "EdDSA");
	json_put_text(&h, "kid", sign_text(k->open, key));
	json_put_text(&h, "typ", type_word);
	json_close(&h, '}');
	hash_base64url(&input, buf_str(&head), head.n);
	size_t head_n = input.n;
	buf_putc(&input, '.');
	hash_base64url(&input, buf_str(&payload), payload.n);
	bool done = sign_bytes(k, buf_str(&input), input.n, raw);
	if (done) {
		hash_base64url(&signature, raw, sizeof raw);
		input.at[head_n] = '\0'; /* the two texts stand one behind the other */
		json_open(&w, NULL, '{');
		json_put_text(&w, "protected", input.at);
		json_put_text(&w, "payload", input.at + head_n + 1);
		json_put_text(&w, "signature", buf_str(&signature));
		json_close(&w, '}');
		buf_putc(out, '\n');
	}
	buf_free(&payload);
	buf_free(&head);
	buf_free(&input);
	buf_free(&signature);
	return done;
}

/* ---- opening ---- */

/* A member in base64url, and what it stands for, on the arena. */
static const char *
member(const struct json *j, const char *name, struct arena *a, const char **out_text,
	size_t *out_n)
{
	const char *text = json_text(j, name), *copy = NULL;
	struct buf b = { 0 };
	*out_text = text;
	if (text && hash_base64url_read(&b, text, strlen(text))) {
		copy = arena_memdup(a, buf_str(&b), b.n + 1); /* bytes, among them noughts */
		*out_n = b.n;
	}
	buf_free(&b);
	return copy;
}

static enum err
check_signature(const struct json *j, struct arena *a, const char **out_payload, size_t *out_n,
	const char **out_key, struct err_text *e)
{
	const char *head_text, *payload_text, *signature_text;
	size_t head_n = 0, payload_n = 0, signature_n = 0;
	const char *head = member(j, "protected", a, &head_text, &head_n),
		   *payload = member(j, "payload", a, &payload_text, &payload_n),
		   *signature = member(j, "signature", a, &signature_text, &signature_n);
	const struct json *h = NULL;
	uint8_t open[SIGN_KEY_SIZE];
	if (!head || !payload || !signature || json_parse(a, head, head_n, &h, e) != OK)
		return err_set(e, ERR_INPUT, T("not a signed result"));
	if (!str_eq(json_text(h, "alg"), "EdDSA") || !str_eq(json_text(h, "typ"), type_word))
		return err_set(e, ERR_INPUT,
			T("not a signed result: algorithm \"%s\", type \"%s\""),
			json_text(h, "alg") ? json_text(h, "alg") : "",
			json_text(h, "typ") ? json_text(h, "typ") : "");
	/* RFC 7515, 4.1.11: what must be understood and is not makes the whole invalid. */
	if (json_get(h, "crit"))
		return err_set(
			e, ERR_INPUT, T("a signed result with conditions that are not known here"));
	*out_key = json_text(h, "kid") ? json_text(h, "kid") : "";
	if (!sign_text_read(*out_key, open))
		return err_set(e, ERR_INPUT, T("a signed result that names no key"));
	const char *input = arena_printf(a, "%s.%s", head_text, payload_text);
	if (signature_n != SIGN_SIZE ||
		!sign_holds(open, input, strlen(input), (const uint8_t *)signature))
		return err_set(e, ERR_AUTH,
			T("the signature does not hold: the document was changed on its way"));
	*out_payload = payload;
	*out_n = payload_n;
	return OK;
}

static int64_t
instant_of(const struct json *run, const char *key)
{
	const char *text = json_text(run, key);
	int64_t at = 0;
	return text && instant_parse(text, &at) ? at : 0;
}

/* What is counted must be what is listed. */
static enum err
check_figures(const struct json *report, struct err_text *e)
{
	const struct json *counts = json_get(report, "counts"), *sites = json_get(report, "sites");
	int64_t good = 0, n = 0;
	for (const struct json *s = sites ? sites->first : NULL; s; s = s->next) {
		n++;
		good += str_eq(json_text(s, "headline"), headline_name(GOOD));
	}
	if (json_int(counts, "expected", -1) != n || json_int(counts, "good", -1) != good)
		return err_set(e, ERR_INPUT,
			T("its figures do not add up: %lld sites and %lld good are listed"),
			(long long)n, (long long)good);
	return OK;
}

enum err
exchange_open(
	const char *bytes, size_t n, struct arena *a, struct exchange *out, struct err_text *e)
{
	const struct json *j, *payload;
	const char *inner = "";
	char sha[HASH_HEX_SIZE];
	size_t inner_n = 0;
	*out = (struct exchange){ 0 };
	if (json_parse_most(a, bytes, n, RESULT_MIB, &j, e) != OK || j->kind != JSON_IS_OBJECT)
		return err_set(e, ERR_INPUT, T("not a signed result"));
	enum err code = check_signature(j, a, &inner, &inner_n, &out->key, e);
	if (code != OK)
		return code;
	if (json_parse_most(a, inner, inner_n, RESULT_MIB, &payload, e) != OK ||
		!str_eq(json_text(payload, "format"), format_word))
		return err_set(e, ERR_INPUT, T("not a result of a run"));
	int64_t version = json_int(payload, "version", 0);
	if (version != EXCHANGE_VERSION)
		return err_set(e, ERR_INPUT,
			T("version %lld of the format; this program reads version %d"),
			(long long)version, EXCHANGE_VERSION);
	hash_hex(bytes, n, sha);
	out->sha256 = arena_strdup(a, sha);
	out->from = json_text(payload, "from");
	out->report = json_get(payload, "report");
	const struct json *run = json_get(out->report, "run");
	out->run = json_text(run, "id");
	out->run_key = json_text(run, "key");
	out->uid = json_text(run, "uid");
	out->recurrence_id = json_text(run, "recurrence_id");
	out->phase = json_text(run, "phase");
	out->revision = (int)json_int(run, "revision", 0);
	out->planned_start = instant_of(run, "planned_start");
	if (str_empty(out->from) || str_empty(out->run) || str_empty(out->run_key) ||
		str_empty(out->phase) || !out->planned_start || out->revision < 1)
		return err_set(e, ERR_INPUT, T("a result that does not tell its run"));
	return check_figures(out->report, e);
}

/* ---- for a run of ours ---- */

/* The sender's hop that is the one between its MCU and ours, whichever of the two is above. */
static const struct json *
find_hop(const struct exchange *x, const struct exchange_sender *sender, const struct spec *ours,
	const char **out_lower, const char **out_upper)
{
	const struct json *hops = json_get(x->report, "hops");
	for (size_t i = 0; i < ours->mcus_n && !str_empty(sender->mcu); i++) {
		const struct spec_mcu *m = &ours->mcus[i];
		bool below = str_eq(m->name, sender->mcu), above = str_eq(m->parent, sender->mcu);
		if (str_empty(m->parent) || (!below && !above))
			continue;
		const char *own = below ? m->parent : m->name;
		const char *wanted = str_empty(sender->as) ? own : sender->as;
		for (const struct json *h = hops ? hops->first : NULL; h; h = h->next) {
			if (!str_eq(json_text(h, below ? "upper" : "lower"), wanted))
				continue;
			*out_lower = m->name;
			*out_upper = m->parent;
			return h;
		}
	}
	return NULL;
}

enum err
exchange_import(const struct exchange *x, const struct exchange_sender *sender,
	const struct spec *ours, struct arena *a, struct imported *out, struct err_text *e)
{
	const struct json *run = json_get(x->report, "run"), *hop;
	const char *lower = "", *upper = "", *summary = json_text(run, "summary");
	/* a report names its sites as a row does */
	enum err code = imported_read(x->report, a, out, e);
	if (code != OK)
		return code;
	out->from = arena_strdup(a, sender->name);
	out->key = arena_strdup(a, x->key);
	out->sha256 = arena_strdup(a, x->sha256);
	out->run = arena_strdup(a, x->run);
	out->run_key = arena_strdup(a, x->run_key);
	out->phase = arena_strdup(a, x->phase);
	out->summary = arena_strdup(a, summary ? summary : "");
	out->planned_start = x->planned_start;
	out->revision = x->revision;
	out->drill = json_bool(run, "drill", false);
	hop = find_hop(x, sender, ours, &lower, &upper);
	imported_read_hop(hop, out);
	out->lower = arena_strdup(a, lower);
	out->upper = arena_strdup(a, upper);
	return OK;
}
