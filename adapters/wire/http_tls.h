/* What one curl handle demands of the other side's key. For http.c only. */
#ifndef TD_WIRE_HTTP_TLS_H
#define TD_WIRE_HTTP_TLS_H

#include "adapters/wire/http.h"

#include <curl/curl.h>

/* The digest of nothing known: no key fits it. */
#define HTTP_PIN_OF_NOBODY "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

/* Versions, ciphers, CAs or pin, as the options say. */
void http_tls_set(CURL *c, const struct http_options *o);
/* This key, whoever signed it. */
void http_tls_pin(CURL *c, const char *pin);
/* The key shown in the handshake that just ended, as a pin; "" if there was none. */
void http_tls_seen(CURL *c, char out[HTTP_PIN_SIZE]);

#endif
