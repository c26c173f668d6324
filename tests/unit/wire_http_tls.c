/* adapters/wire/http.c against a small server with TLS: certificates, keys that are learned,
 * handshakes that break, and devices that speak old versions only. */
#include "tests/unit/wire_http_server.h"

#include "base/hash.h"

#include <signal.h>

static X509 *
make_certificate(EVP_PKEY *key, const EVP_MD *digest)
{
	X509 *x = X509_new();
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	X509_NAME *name = X509_get_subject_name(x);
	X509_NAME_add_entry_by_txt(
		name, "CN", MBSTRING_ASC, (const unsigned char *)"device", -1, -1, 0);
	X509_set_issuer_name(x, name);
	assert_true(X509_sign(x, key, digest) > 0);
	return x;
}

static char *
pin_of(struct task *t, EVP_PKEY *key)
{
	unsigned char *der = NULL;
	uint8_t raw[32];
	char text[64];
	int n = i2d_PUBKEY(key, &der);
	hash_raw(der, (size_t)n, raw);
	hash_base64(raw, 32, text);
	OPENSSL_free(der);
	return arena_printf(t->arena, "sha256//%s", text);
}

static SSL_CTX *
make_tls(EVP_PKEY *key, const EVP_MD *digest, bool old)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_security_level(tls, 0);
	if (old) {
		SSL_CTX_set_min_proto_version(tls, TLS1_VERSION);
		SSL_CTX_set_max_proto_version(tls, TLS1_VERSION);
		SSL_CTX_set_cipher_list(tls, "ALL:@SECLEVEL=0");
	}
	X509 *x = make_certificate(key, digest);
	assert_int_equal(SSL_CTX_use_certificate(tls, x), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(tls, key), 1);
	X509_free(x);
	return tls;
}

static void
certificates(void **state)
{
	struct server s;
	struct fixture f;
	struct http_reply r;
	struct task *t = task_begin(&f, 30000);
	EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
	SSL_CTX *tls = make_tls(key, EVP_sha256(), false);
	server_start(&s, tls);
	struct http *h = open_at(t, &s, (struct http_options){ 0 });
	assert_int_equal(get(t, h, "/ok", &r), ERR_AUTH); /* self-signed */
	assert_string_equal(t->word, "bad-certificate");
	http_close(h);
	h = open_at(t, &s, (struct http_options){ .pin = pin_of(t, other) });
	assert_int_equal(get(t, h, "/ok", &r), ERR_AUTH);
	assert_string_equal(t->word, "bad-certificate");
	assert_has(t->why, "pinned");
	http_close(h);
	/* Legacy widens algorithms, never trust. */
	h = open_at(t, &s, (struct http_options){ .legacy = true });
	assert_int_equal(get(t, h, "/ok", &r), ERR_AUTH);
	http_close(h);
	assert_int_equal(s.hits, 0);
	h = open_at(t, &s, (struct http_options){ .pin = pin_of(t, key) });
	assert_int_equal(get(t, h, "/ok", &r), OK);
	assert_int_equal(get(t, h, "/ok", &r), OK);
	assert_int_equal(s.hits, 2);
	int connections = s.connections;
	assert_int_equal(get(t, h, "/drop", &r), ERR_TIMEOUT);
	assert_has(t->why, "connection was closed by the device");
	assert_int_equal(s.hits, 3);
	assert_int_equal(s.connections, connections);
	http_close(h);
	h = open_at(t, &s, (struct http_options){ .ca_file = "/nonexistent/ca.pem" });
	assert_int_equal(get(t, h, "/ok", &r), ERR_INPUT);
	http_close(h);
	server_stop(&s);
	SSL_CTX_free(tls);

	/* A server that speaks no TLS at all: nothing is sent, and it will be the same tomorrow. */
	server_start(&s, NULL);
	struct http_options o = { .pin = pin_of(t, key) };
	o.url = arena_printf(t->arena, "https://127.0.0.1:%d", s.port);
	assert_int_equal(http_open(t, &o, &h), OK);
	assert_int_equal(get(t, h, "/ok", &r), ERR_PROTOCOL);
	assert_int_equal(s.hits, 0);
	http_close(h);
	server_stop(&s);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
	task_end(&f);
}

/* The key met first is demanded from then on; a word is said to that key only. */
static void
key_learned(void **state)
{
	struct server s;
	struct fixture f;
	struct http_reply r;
	char learned[HTTP_PIN_SIZE] = "";
	struct task *t = task_begin(&f, 30000);
	EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
	SSL_CTX *tls = make_tls(key, EVP_sha256(), false),
		*new_tls = make_tls(other, EVP_sha256(), false);
	server_start(&s, tls);
	struct http *h = open_at(t, &s,
		(struct http_options){ .learned = learned,
			.auth = HTTP_AUTH_BASIC,
			.user = "u",
			.password = "p" });
	assert_string_equal(learned, "");
	assert_int_equal(get(t, h, "/ok", &r), OK);
	assert_string_equal(learned, pin_of(t, key));
	assert_int_equal(s.hits, 1); /* nothing went over the connection that only looked */
	assert_int_equal(s.connections, 2);
	assert_int_equal(get(t, h, "/ok", &r), OK);
	assert_int_equal(s.connections, 2);
	/* The box comes back with another key, while the handle lives: nothing is said to it. */
	assert_int_equal(get(t, h, "/drop", &r), ERR_TIMEOUT);
	int hits = s.hits;
	s.tls = new_tls;
	assert_int_equal(get(t, h, "/ok", &r), ERR_AUTH);
	assert_string_equal(t->word, "bad-certificate");
	assert_has(t->why, pin_of(t, other)); /* so that a person can compare it */
	assert_int_equal(s.hits, hits);
	assert_string_equal(learned, pin_of(t, key));
	http_close(h);
	/* A pin that was given is never learned anew. */
	learned[0] = 0;
	h = open_at(t, &s, (struct http_options){ .learned = learned, .pin = pin_of(t, key) });
	assert_int_equal(get(t, h, "/ok", &r), ERR_AUTH);
	assert_string_equal(learned, "");
	http_close(h);
	server_stop(&s);
	/* Nobody there: unreachable, as without learning. */
	h = open_at(t, &s, (struct http_options){ .learned = learned });
	assert_int_equal(get(t, h, "/ok", &r), ERR_UNREACHABLE);
	assert_string_equal(learned, "");
	http_close(h);
	server_start(&s, NULL); /* no TLS at all */
	h = open_at(t, &s, (struct http_options){ .learned = learned });
	assert_int_equal(http_ask(t, h, &(struct http_request){ .path = "/ok" }, &r), OK);
	assert_string_equal(learned, "");
	http_close(h);
	server_stop(&s);
	SSL_CTX_free(tls);
	SSL_CTX_free(new_tls);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
	task_end(&f);
}

/* A handshake that the device breaks off while we speak must not end the process (SIGPIPE). */
static void
broken_pipes(void **state)
{
	struct server s;
	struct fixture f;
	struct http_reply r;
	struct sigaction now;
	sigaction(SIGPIPE, NULL, &now);
	assert_ptr_equal(now.sa_handler, SIG_IGN);
	struct task *t = task_begin(&f, 30000);
	EVP_PKEY *key = EVP_EC_gen("P-256");
	SSL_CTX *tls = make_tls(key, EVP_sha256(), false);
	server_start(&s, tls);
	struct http *h = open_at(t, &s, (struct http_options){ .pin = pin_of(t, key) });
	for (int i = 0; i < 5; i++) {
		assert_int_equal(get(t, h, "/ok", &r), OK);
		struct http_request q = { .path = "/reset", .body = "x", .body_len = 1 };
		task_forgive(t);
		assert_int_equal(http_ask(t, h, &q, &r), ERR_TIMEOUT);
	}
	assert_int_equal(s.hits, 10);
	http_close(h);
	server_stop(&s);
	SSL_CTX_free(tls);
	EVP_PKEY_free(key);
	task_end(&f);
}

static void
old_devices(void **state)
{
	struct server s;
	struct fixture f;
	struct http_reply r;
	struct task *t = task_begin(&f, 30000);
	EVP_PKEY *key = EVP_RSA_gen(1024);
	SSL_CTX *tls = make_tls(key, EVP_sha1(), true);
	server_start(&s, tls);
	char *pin = pin_of(t, key);
	struct http *h = open_at(t, &s, (struct http_options){ .pin = pin });
	assert_int_equal(get(t, h, "/ok", &r), ERR_PROTOCOL);
	struct http *old = open_at(t, &s, (struct http_options){ .pin = pin, .legacy = true });
	assert_int_equal(get(t, old, "/ok", &r), OK);
	assert_string_equal(r.body, "hello");
	http_close(old);
	assert_int_equal(get(t, h, "/ok", &r), ERR_PROTOCOL); /* the other handle stays strict */
	http_close(h);
	server_stop(&s);
	SSL_CTX_free(tls);
	EVP_PKEY_free(key);
	task_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates),
		cmocka_unit_test(key_learned),
		cmocka_unit_test(broken_pipes),
		cmocka_unit_test(old_devices),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
