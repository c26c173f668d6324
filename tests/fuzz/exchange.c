/* libFuzzer: another office's document (orchestrator/exchange.c): as it comes, and any payload
 * rightly signed, so that what lies behind the signature is reached. */
#include "exchange.h"

#include "adapters/wire/json.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const char head[] = "{\"alg\":\"EdDSA\",\"kid\":\"ed25519//11qYAYKxCrfVS/"
			   "7TyWQHOg7hcvPapiMlrwIaaPcHURo=\",\"typ\":\"tongduyet-result+json\"}";
static const char pem[] = "-----BEGIN PRIVATE "
			  "KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/"
			  "VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";

static void
sign_payload(const uint8_t *bytes, size_t n, struct buf *out)
{
	struct buf input = { 0 }, signature = { 0 };
	static struct sign_key key; /* read once: libcrypto takes its time for it */
	static bool read;
	uint8_t raw[SIGN_SIZE];
	if (!read && !sign_key_read(pem, sizeof pem - 1, &key))
		abort();
	read = true;
	hash_base64url(&input, head, sizeof head - 1);
	size_t dot = input.n;
	buf_putc(&input, '.');
	hash_base64url(&input, bytes, n);
	if (!sign_bytes(&key, input.at, input.n, raw))
		abort();
	hash_base64url(&signature, raw, sizeof raw);
	buf_printf(out, "{\"protected\":\"%.*s\",\"payload\":\"%s\",\"signature\":\"%s\"}",
		(int)dot, input.at, input.at + dot + 1, signature.at);
	buf_free(&input);
	buf_free(&signature);
}

static void
take(const char *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct spec_mcu mcu = { .name = "huyen", .parent = "tren", .adapter = "", .host = "" };
	struct spec ours = { .mcus = &mcu, .mcus_n = 1 };
	struct exchange_sender sender = { .name = "T", .mcu = "tren", .as = "" };
	struct err_text e = { 0 };
	struct exchange x;
	struct imported in, again;
	enum err code = exchange_open(bytes, n, a, &x, &e);
	if (code != OK && code != ERR_INPUT && code != ERR_AUTH)
		abort();
	if (code == OK && exchange_import(&x, &sender, &ours, a, &in, &e) == OK) {
		struct buf row = { 0 };
		struct json_out w = { .out = &row };
		const struct json *j;
		imported_write(&w, NULL, &in);
		if (json_parse(a, buf_str(&row), row.n, &j, &e) != OK ||
			imported_read(j, a, &again, &e) != OK || again.sites_n != in.sites_n ||
			!str_eq(again.run_key, in.run_key))
			abort();
		buf_free(&row);
	}
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct buf signed_one = { 0 };
	take((const char *)bytes, n);
	sign_payload(bytes, n, &signed_one);
	take(buf_str(&signed_one), signed_one.n);
	buf_free(&signed_one);
	return 0;
}
