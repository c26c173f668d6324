/* SHA-256, hex, base64, the pin of a certificate, and SHA-1 where a protocol asks for it; the only file that knows libcrypto. */
#ifndef TD_BASE_HASH_H
#define TD_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HASH_HEX_SIZE = 65, HASH_PIN_SIZE = 53 };

/* 64 lower-case hex digits and NUL. */
void hash_hex(const void *bytes, size_t n, char out[HASH_HEX_SIZE]);
/* 32 raw bytes. */
void hash_raw(const void *bytes, size_t n, uint8_t out[32]);
/* SHA-1, 20 raw bytes: for WebSocket's handshake (RFC 6455 4.2.2), never for trust. */
void hash_sha1(const void *bytes, size_t n, uint8_t out[20]);
/* Base64 with padding into out, which holds at least 4*((n+2)/3)+1 bytes. */
void hash_base64(const void *bytes, size_t n, char *out);
/* "sha256//BASE64": SHA-256 of the public key of a certificate in PEM (RFC 7469, section 2.4).
 * False: it is none. */
bool hash_key_pin(const char *pem, char out[HASH_PIN_SIZE]);

#endif
