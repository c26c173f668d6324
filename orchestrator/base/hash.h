/* SHA-256, Ed25519 (RFC 8032), hex, base64 and base64url (RFC 4648), the pin of a certificate, and
 * SHA-1 where a protocol asks for it; the only file that knows libcrypto. */
#ifndef TD_BASE_HASH_H
#define TD_BASE_HASH_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HASH_HEX_SIZE = 65, HASH_PIN_SIZE = 53, HASH_MOST = 64 };

/* 64 lower-case hex digits and NUL. */
void hash_hex(const void *bytes, size_t n, char out[HASH_HEX_SIZE]);
/* 32 raw bytes. */
void hash_raw(const void *bytes, size_t n, uint8_t out[32]);
/* SHA-1, 20 raw bytes: for WebSocket's handshake (RFC 6455 4.2.2), never for trust. */
void hash_sha1(const void *bytes, size_t n, uint8_t out[20]);
/* "sha1", "sha256", "sha384", "sha512", where a protocol lets choose: raw bytes. Their number; 0:
 * no such word, and nothing is written. */
size_t hash_named(const char *name, const void *bytes, size_t n, uint8_t out[HASH_MOST]);
/* Base64 with padding into out, which holds at least 4*((n+2)/3)+1 bytes. */
void hash_base64(const void *bytes, size_t n, char *out);
/* "sha256//BASE64": SHA-256 of the public key of a certificate in PEM (RFC 7469, section 2.4).
 * False: it is none. */
bool hash_key_pin(const char *pem, char out[HASH_PIN_SIZE]);

/* Appends base64url without padding. */
void hash_base64url(struct buf *out, const void *bytes, size_t n);
/* Appends what base64url (no padding, nothing else) stands for. False: it is none, nothing is
 * appended. */
bool hash_base64url_read(struct buf *out, const char *text, size_t n);
/* The same for base64 with its padding. */
bool hash_unbase64(struct buf *out, const char *text);

/* ---- signatures ---- */

enum { SIGN_KEY_SIZE = 32, SIGN_SIZE = 64, SIGN_TEXT_SIZE = 9 + 44 + 1 };

struct sign_key { /* a pair */
	uint8_t secret[SIGN_KEY_SIZE], open[SIGN_KEY_SIZE];
};

/* A new pair, from the system's random bytes; the secret as PKCS#8 PEM into pem. False: libcrypto
 * could not. */
bool sign_key_new(struct sign_key *out, struct buf *pem);
/* From PKCS#8 PEM. False: it holds no Ed25519 secret. */
bool sign_key_read(const char *pem, size_t n, struct sign_key *out);
/* Deterministic: the same bytes give the same signature. */
bool sign_bytes(const struct sign_key *k, const void *bytes, size_t n, uint8_t out[SIGN_SIZE]);
bool sign_holds(const uint8_t open[SIGN_KEY_SIZE], const void *bytes, size_t n,
	const uint8_t sig[SIGN_SIZE]);
/* "ed25519//BASE64", as people write an open key into a file; and back. */
const char *sign_text(const uint8_t open[SIGN_KEY_SIZE], char out[SIGN_TEXT_SIZE]);
bool sign_text_read(const char *text, uint8_t open[SIGN_KEY_SIZE]);

#endif
