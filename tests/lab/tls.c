/* Keys and certificates for the simulated MCUs: EC P-256, self-signed, as such boxes carry them.
 * Called by main() before the sockets open and by workspace.c for the pin. Once made they stay in
 * the state folder, so that a workspace written earlier keeps its pin. Must never print a key. */
#include "tls.h"

#include "base/buf.h"
#include "base/hash.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A whole small file, NUL-terminated, on the heap; NULL: unreadable. */
static char *
read_small_file(const char *path)
{
	FILE *f = fopen(path, "re");
	if (!f)
		return NULL;
	struct buf b = { 0 };
	char part[4096];
	for (size_t n; b.n < 1 << 20 && (n = fread(part, 1, sizeof part, f)) > 0;)
		buf_add(&b, part, n);
	fclose(f);
	return buf_take(&b);
}

bool
write_small_file(const char *path, const char *text, unsigned mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0)
		return false;
	size_t n = strlen(text), done = 0;
	while (done < n) {
		ssize_t w = write(fd, text + done, n - done);
		if (w <= 0)
			break;
		done += (size_t)w;
	}
	bool ok = fchmod(fd, mode) == 0 && done == n;
	return close(fd) == 0 && ok;
}

static char *
bio_text(BIO *b)
{
	char *at;
	long n = BIO_get_mem_data(b, &at);
	struct buf out = { 0 };
	buf_add(&out, at, (size_t)n);
	BIO_free(b);
	return buf_take(&out);
}

static X509 *
make_certificate(EVP_PKEY *key, const char *name, const char *host)
{
	X509 *x = X509_new();
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -86400);
	X509_gmtime_adj(X509_getm_notAfter(x), 20L * 365 * 86400);
	X509_set_pubkey(x, key);
	X509_NAME *subject = X509_get_subject_name(x);
	X509_NAME_add_entry_by_txt(
		subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, subject);
	char alt[120];
	snprintf(alt, sizeof alt, "IP:%s", host);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alt);
	if (e) {
		X509_add_ext(x, e, -1);
		X509_EXTENSION_free(e);
	}
	if (!X509_sign(x, key, EVP_sha256())) {
		X509_free(x);
		return NULL;
	}
	return x;
}

static bool
make(const char *name, const char *host, struct tls_identity *out)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = key ? make_certificate(key, name, host) : NULL;
	if (x) {
		BIO *k = BIO_new(BIO_s_mem()), *c = BIO_new(BIO_s_mem());
		PEM_write_bio_PrivateKey(k, key, NULL, NULL, 0, NULL, NULL);
		PEM_write_bio_X509(c, x);
		out->key_pem = bio_text(k);
		out->cert_pem = bio_text(c);
		X509_free(x);
	}
	EVP_PKEY_free(key);
	return out->cert_pem != NULL;
}

/* The pin as curl understands it: SHA-256 of the public key's DER form. */
static bool
pin_of(struct tls_identity *id)
{
	BIO *b = BIO_new_mem_buf(id->cert_pem, -1);
	X509 *x = PEM_read_bio_X509(b, NULL, NULL, NULL);
	BIO_free(b);
	if (!x)
		return false;
	unsigned char *der = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
	X509_free(x);
	if (n <= 0)
		return false;
	uint8_t digest[32];
	char text[48];
	hash_raw(der, (size_t)n, digest);
	hash_base64(digest, sizeof digest, text);
	OPENSSL_free(der);
	snprintf(id->pin, sizeof id->pin, "sha256//%s", text);
	return true;
}

bool
tls_identity(const char *dir, const char *name, const char *host, struct tls_identity *out)
{
	char key[600], cert[600], pin[600];
	snprintf(key, sizeof key, "%s/%s.key", dir, name);
	snprintf(cert, sizeof cert, "%s/%s.pem", dir, name);
	snprintf(pin, sizeof pin, "%s/%s.pin", dir, name);
	*out = (struct tls_identity){ .key_pem = read_small_file(key),
		.cert_pem = read_small_file(cert) };
	bool old = out->key_pem && out->cert_pem;
	if (!old) {
		free(out->key_pem);
		free(out->cert_pem);
		*out = (struct tls_identity){ 0 };
		if (!make(name, host, out)) {
			fprintf(stderr, "lab: %s: no certificate could be made\n", name);
			return false;
		}
	}
	if (!pin_of(out)) {
		fprintf(stderr, "lab: %s: not a certificate\n", cert);
		return false;
	}
	char line[TLS_PIN_SIZE + 2];
	snprintf(line, sizeof line, "%s\n", out->pin);
	bool ok = write_small_file(pin, line, 0644);
	if (!old)
		ok = ok && write_small_file(key, out->key_pem, 0600) &&
		     write_small_file(cert, out->cert_pem, 0644);
	if (!ok)
		fprintf(stderr, "lab: write into %s: %s\n", dir, strerror(errno));
	return ok;
}

void
tls_identity_free(struct tls_identity *id)
{
	free(id->key_pem);
	free(id->cert_pem);
	*id = (struct tls_identity){ 0 };
}
