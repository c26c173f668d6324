/* The cookies of one session with one device, kept by whoever logs in: path, age and the rest of
 * their rules are left out, because a device has one site and a session one life. */
#ifndef TD_WIRE_COOKIES_H
#define TD_WIRE_COOKIES_H

#include "adapters/wire/http.h"
#include "base/arena.h"

enum { COOKIES_MOST = 8, COOKIE_BYTES = 1024 };

struct cookies {
	struct {
		const char *name, *value;
	} at[COOKIES_MOST];
	size_t n;
};

/* A cookie of that name is replaced. One that is too long, or one too many, is left out. Copies. */
void cookies_set(struct arena *a, struct cookies *c, const char *name, const char *value);
/* Every Set-Cookie of the answer; an empty value takes the cookie away. Returns how many were set.
 */
size_t cookies_take(struct arena *a, struct cookies *c, const struct http_reply *r);
/* "Cookie: a=b; c=d" on the arena, or NULL. */
const char *cookies_line(struct arena *a, const struct cookies *c);
/* NULL: none of that name. */
const char *cookies_value(const struct cookies *c, const char *name);

#endif
