/* One message to one recipient: by SMTP, or as a file in a folder (mail url file:///dir). Asks
 * once: it never retries and never decides. The only file besides adapters/wire/http.c that knows
 * libcurl. */
#ifndef TD_NOTIFY_H
#define TD_NOTIFY_H

#include "base/task.h"

#include <stddef.h>

struct notify {
	const char *url;            /* smtp://host:port smtps://host:port file:///dir */
	const char *from, *to;      /* plain addresses (mime_address) */
	const char *user, *password; /* NULL = no login; with one, TLS is demanded */
	const char *pin, *ca;       /* NULL = none */
	const char *name;           /* of the file, without path */
	const void *bytes;          /* mime_write() */
	size_t n;
};

/* ERR_UNREACHABLE, ERR_BUSY: nothing was taken, later it may be. ERR_REFUSED: this recipient or
 * message is refused for good.
 * ERR_AUTH: login, certificate or missing TLS: final until a person acts. ERR_TIMEOUT: all of it
 * was given away, and then there was silence: nobody knows. ERR_SYSTEM, ERR_INPUT, ERR_CANCELED. A
 * file that is there already counts as delivered. */
enum err notify_send(struct task *t, const struct notify *n);

#endif
