/* TLS of one curl handle: which versions, which CAs or which key. Called by http.c. Owns nothing.
 * Must never let a handshake pass that neither a CA nor a pin vouches for. */
#include "adapters/wire/http_tls.h"

#include "base/hash.h"
#include "base/str.h"

static const char system_ca[] = "/etc/ssl/certs/ca-certificates.crt";

void
http_tls_pin(CURL *c, const char *pin)
{
	curl_easy_setopt(c, CURLOPT_PINNEDPUBLICKEY, pin);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(c, CURLOPT_CERTINFO, 1L);
}

void
http_tls_set(CURL *c, const struct http_options *o)
{
	/* Debian's default directory of CAs is read anew for each connection, at 25 ms each. */
	curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(c, CURLOPT_CAINFO, o->ca_file ? o->ca_file : system_ca);
	curl_easy_setopt(c, CURLOPT_SSLVERSION,
		o->legacy ? (long)CURL_SSLVERSION_TLSv1_0 : (long)CURL_SSLVERSION_TLSv1_2);
	if (o->legacy)
		curl_easy_setopt(c, CURLOPT_SSL_CIPHER_LIST, "DEFAULT@SECLEVEL=0");
	if (o->pin)
		http_tls_pin(c, o->pin);
}

void
http_tls_seen(CURL *c, char out[HTTP_PIN_SIZE])
{
	static const char key[] = "Cert:";
	struct curl_certinfo *info = NULL;
	char pin[HASH_PIN_SIZE];
	out[0] = 0;
	if (curl_easy_getinfo(c, CURLINFO_CERTINFO, &info) != CURLE_OK || !info ||
		info->num_of_certs < 1)
		return;
	for (struct curl_slist *s = info->certinfo[0]; s; s = s->next)
		if (str_starts(s->data, key) && hash_key_pin(s->data + sizeof key - 1, pin))
			str_copy(out, HTTP_PIN_SIZE, pin);
}
