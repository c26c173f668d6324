/* SHA-256, hex and base64; the only file that knows libcrypto. */
#ifndef TD_BASE_HASH_H
#define TD_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

enum { HASH_HEX_SIZE = 65 };

/* 64 lower-case hex digits and NUL. */
void hash_hex(const void *bytes, size_t n, char out[HASH_HEX_SIZE]);
/* 32 raw bytes. */
void hash_raw(const void *bytes, size_t n, uint8_t out[32]);
/* Base64 with padding into out, which holds at least 4*((n+2)/3)+1 bytes. */
void hash_base64(const void *bytes, size_t n, char *out);

#endif
