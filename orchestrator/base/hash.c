/* SHA-256, hexadecimal and base64, for the journal's chain, seals, pins and run keys; Ed25519, for
 * results that another office reads.
 *
 * The only file that knows libcrypto. It owns nothing; a digest that cannot be computed ends the
 * process, because a chain with a made-up link would be worse than a restart. */
#include "base/hash.h"

#include "base/str.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <string.h>
#include <unistd.h>

enum { EXIT_DIGEST = 3 };

static void
digest(const EVP_MD *kind, const void *bytes, size_t n, uint8_t *out)
{
	if (EVP_Digest(n ? bytes : "", n, out, NULL, kind, NULL) == 1)
		return;
	static const char line[] = "tongduyet: a digest is missing in libcrypto\n";
	ssize_t wrote = write(STDERR_FILENO, line, sizeof line - 1);
	(void)wrote;
	_exit(EXIT_DIGEST);
}

void
hash_raw(const void *bytes, size_t n, uint8_t out[32])
{
	digest(EVP_sha256(), bytes, n, out);
}

void
hash_sha1(const void *bytes, size_t n, uint8_t out[20])
{
	digest(EVP_sha1(), bytes, n, out);
}

size_t
hash_named(const char *name, const void *bytes, size_t n, uint8_t out[HASH_MOST])
{
	static const struct {
		const char *name;
		const EVP_MD *(*kind)(void);
	} all[] = { { "sha1", EVP_sha1 }, { "sha256", EVP_sha256 }, { "sha384", EVP_sha384 },
		{ "sha512", EVP_sha512 } };
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (!str_eq_nocase(all[i].name, name))
			continue;
		digest(all[i].kind(), bytes, n, out);
		return (size_t)EVP_MD_get_size(all[i].kind());
	}
	return 0;
}

void
hash_hex(const void *bytes, size_t n, char out[HASH_HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t raw[32];
	hash_raw(bytes, n, raw);
	for (size_t i = 0; i < sizeof raw; i++) {
		out[2 * i] = digits[raw[i] >> 4];
		out[2 * i + 1] = digits[raw[i] & 15];
	}
	out[HASH_HEX_SIZE - 1] = '\0';
}

void
hash_base64(const void *bytes, size_t n, char *out)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *b = bytes;
	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i;
		uint32_t three = (uint32_t)b[i] << 16 | (left > 1 ? (uint32_t)b[i + 1] << 8 : 0) |
				 (left > 2 ? b[i + 2] : 0);
		*out++ = digits[three >> 18];
		*out++ = digits[three >> 12 & 63];
		*out++ = left > 1 ? digits[three >> 6 & 63] : '=';
		*out++ = left > 2 ? digits[three & 63] : '=';
	}
	*out = '\0';
}

bool
hash_key_pin(const char *pem, char out[HASH_PIN_SIZE])
{
	static const char head[] = "sha256//";
	unsigned char *der = NULL;
	uint8_t raw[32];
	BIO *in = BIO_new_mem_buf(pem, -1);
	X509 *x = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
	int n = x ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der) : 0;
	bool read = n > 0;
	if (read) {
		hash_raw(der, (size_t)n, raw);
		memcpy(out, head, sizeof head);
		hash_base64(raw, sizeof raw, out + sizeof head - 1);
	}
	OPENSSL_free(der);
	X509_free(x);
	BIO_free(in);
	return read;
}

static const char url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void
hash_base64url(struct buf *out, const void *bytes, size_t n)
{
	const uint8_t *b = bytes;
	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i;
		uint32_t three = (uint32_t)b[i] << 16 | (left > 1 ? (uint32_t)b[i + 1] << 8 : 0) |
				 (left > 2 ? b[i + 2] : 0);
		char four[4] = { url_digits[three >> 18], url_digits[three >> 12 & 63],
			url_digits[three >> 6 & 63], url_digits[three & 63] };
		buf_add(out, four, left > 2 ? 4 : left + 1);
	}
}

static int
url_value(char c)
{
	const char *at = c ? strchr(url_digits, c) : NULL;
	return at ? (int)(at - url_digits) : -1;
}

/* Bits behind the last byte must be nought: one text for the same bytes, no second one. */
bool
hash_base64url_read(struct buf *out, const char *text, size_t n)
{
	size_t before = out->n;
	uint32_t bits = 0;
	int have = 0;
	bool good = n % 4 != 1;
	for (size_t i = 0; good && i < n; i++) {
		int v = url_value(text[i]);
		good = v >= 0;
		bits = bits << 6 | (uint32_t)(v & 63);
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		buf_putc(out, (char)(bits >> have & 255));
	}
	good = good && !(bits & ((1u << have) - 1));
	if (!good && out->at) {
		out->n = before;
		out->at[before] = '\0';
	}
	return good;
}

bool
hash_unbase64(struct buf *out, const char *text)
{
	struct buf url = { 0 };
	size_t n = strlen(text), bare = strcspn(text, "=");
	bool good = n % 4 == 0 && n - bare <= 2 && strspn(text + bare, "=") == n - bare;
	for (size_t i = 0; good && i < bare; i++) {
		good = text[i] != '-' && text[i] != '_';
		buf_putc(&url, text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i]);
	}
	good = good && hash_base64url_read(out, buf_str(&url), url.n);
	buf_free(&url);
	return good;
}

/* ---- signatures ---- */

static bool
key_of(EVP_PKEY *key, struct sign_key *out)
{
	size_t secret = SIGN_KEY_SIZE, open = SIGN_KEY_SIZE;
	return key && EVP_PKEY_id(key) == EVP_PKEY_ED25519 &&
	       EVP_PKEY_get_raw_private_key(key, out->secret, &secret) == 1 &&
	       EVP_PKEY_get_raw_public_key(key, out->open, &open) == 1;
}

bool
sign_key_new(struct sign_key *out, struct buf *pem)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	BIO *text = BIO_new(BIO_s_mem());
	char *at;
	bool made = key_of(key, out) && text &&
		    PEM_write_bio_PKCS8PrivateKey(text, key, NULL, NULL, 0, NULL, NULL) == 1;
	if (made) {
		long n = BIO_get_mem_data(text, &at);
		buf_add(pem, at, (size_t)n);
	}
	BIO_free(text);
	EVP_PKEY_free(key);
	return made;
}

bool
sign_key_read(const char *pem, size_t n, struct sign_key *out)
{
	BIO *text = BIO_new_mem_buf(pem, (int)n);
	EVP_PKEY *key = text ? PEM_read_bio_PrivateKey(text, NULL, NULL, NULL) : NULL;
	bool good = key_of(key, out);
	EVP_PKEY_free(key);
	BIO_free(text);
	return good;
}

bool
sign_bytes(const struct sign_key *k, const void *bytes, size_t n, uint8_t out[SIGN_SIZE])
{
	size_t size = SIGN_SIZE;
	EVP_PKEY *key =
		EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, k->secret, SIGN_KEY_SIZE);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool done = key && ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1 &&
		    EVP_DigestSign(ctx, out, &size, bytes, n) == 1 && size == SIGN_SIZE;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return done;
}

bool
sign_holds(const uint8_t open[SIGN_KEY_SIZE], const void *bytes, size_t n,
	const uint8_t sig[SIGN_SIZE])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, open, SIGN_KEY_SIZE);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool holds = key && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
		     EVP_DigestVerify(ctx, sig, SIGN_SIZE, bytes, n) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return holds;
}

static const char text_head[] = "ed25519//";

const char *
sign_text(const uint8_t open[SIGN_KEY_SIZE], char out[SIGN_TEXT_SIZE])
{
	memcpy(out, text_head, sizeof text_head - 1);
	hash_base64(open, SIGN_KEY_SIZE, out + sizeof text_head - 1);
	return out;
}

bool
sign_text_read(const char *text, uint8_t open[SIGN_KEY_SIZE])
{
	struct buf url = { 0 }, raw = { 0 };
	size_t n = strlen(text);
	bool good = str_starts(text, text_head) && n == SIGN_TEXT_SIZE - 1 && text[n - 1] == '=';
	for (size_t i = sizeof text_head - 1; good && i < n - 1; i++)
		buf_putc(&url, text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i]);
	good = good && hash_base64url_read(&raw, buf_str(&url), url.n) && raw.n == SIGN_KEY_SIZE;
	if (good)
		memcpy(open, raw.at, SIGN_KEY_SIZE);
	buf_free(&url);
	buf_free(&raw);
	return good;
}
