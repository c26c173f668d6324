/* The connection to a device as its configuration says. The caller closes it. */
#ifndef TD_ADAPTERS_CONNECT_H
#define TD_ADAPTERS_CONNECT_H

#include "adapters/adapter.h"
#include "adapters/wire/http.h"
#include "adapters/wire/place.h"
#include "adapters/wire/ssh.h"

/* Asks nothing yet. With HTTP_AUTH_NONE too the password stays out of traces. max_body 0: the
 * wire's own. The key of a codec without a pin is noted in the lane when it is met. */
enum err device_http(
	struct task *t, struct lane *l, enum http_auth auth, size_t max_body, struct http **out);
/* Logs in to a shell with a terminal; an unpinned host's key is noted in the lane. */
enum err device_ssh(struct task *t, struct lane *l, const struct place *at, struct ssh **out);

#endif
