/* Self-signed certificates of the simulated devices, kept in the state folder. */
#ifndef TD_LAB_TLS_H
#define TD_LAB_TLS_H

#include <stdbool.h>

enum { TLS_PIN_SIZE = 64 };

struct tls_identity {
	char *key_pem, *cert_pem;   /* heap: tls_identity_free() */
	char pin[TLS_PIN_SIZE];     /* sha256//base64 of the public key */
};

/* Reads DIR/NAME.key and DIR/NAME.pem, or makes and writes them; writes DIR/NAME.pin. False: said
 * on stderr. */
bool tls_identity(const char *dir, const char *name, const char *host, struct tls_identity *out);
void tls_identity_free(struct tls_identity *id);
/* Writes a whole file with this mode; false with errno. */
bool write_small_file(const char *path, const char *text, unsigned mode);

#endif
