/* SHA-256, hexadecimal and base64, for the journal's chain, seals, pins and run keys.
 *
 * The only file that knows libcrypto. It owns nothing; a digest that cannot be computed ends the
 * process, because a chain with a made-up link would be worse than a restart. */
#include "base/hash.h"

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
