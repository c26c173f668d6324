/* Where a device listens, out of the address a person wrote for it. Pure. */
#ifndef TD_WIRE_PLACE_H
#define TD_WIRE_PLACE_H

#include "base/task.h"

struct place {
	char host[256]; /* without the brackets of an IPv6 address */
	int port;
};

/* "ssh://host[:port][/...]", "[v6]:port" too. scheme: "ssh://". ERR_INPUT with a sentence about
 * `device`. */
enum err place_read(struct task *t, const char *device, const char *url, const char *scheme,
	int default_port, struct place *out);

#endif
