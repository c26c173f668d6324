/* An interactive shell over SSH: host key checked against a pin, password or keyboard-interactive
 * login, a byte stream both ways. Owner of libssh2 and of libssh, which is used when libssh2 and
 * the server have no algorithm in common. Asks once, decides nothing. */
#ifndef TD_WIRE_SSH_H
#define TD_WIRE_SSH_H

#include "adapters/wire/stream.h"
#include "base/task.h"

#include <stdbool.h>
#include <stddef.h>

enum { SSH_PIN_SIZE = 64 };

struct ssh;

struct ssh_options {
	const char *host;
	int port; /* 0 = 22 */
	const char *user, *password;
	const char *pin; /* "SHA256:base64-without-padding" as OpenSSH prints it; NULL = first use:
			  * accept, report by ssh_host_key() */
	bool legacy;     /* old key exchange, ciphers and MACs allowed */
	bool pty;        /* ask for a terminal */
};

/* Once per process, before threads. Ignores SIGPIPE from then on. */
void ssh_global_init(void);

/* Connects, checks the host key before any credential leaves, logs in, opens the shell.
 * ERR_UNREACHABLE; ERR_TIMEOUT; ERR_AUTH with word "login-refused" or "host-key-changed";
 * ERR_PROTOCOL no common algorithm or not SSH; ERR_CANCELED. */
enum err ssh_open(struct task *t, const struct ssh_options *o, struct ssh **out);
/* The server's key as a pin. */
const char *ssh_host_key(const struct ssh *s);
/* For struct lines; s stays the caller's. */
struct byte_stream ssh_stream(struct ssh *s);
void ssh_close(struct ssh *s); /* NULL is fine; bounded time */

#endif
