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
/* A session over HTTP: `session` begins with its struct http *, which is connected as above, and
 * becomes the lane's. If the hello fails it is closed again. */
typedef enum err device_hello_fn(struct task *t, struct lane *l);
typedef void device_close_fn(struct task *t, struct lane *l);
enum err device_session(struct task *t, struct lane *l, enum http_auth auth, size_t max_body,
	void *session, device_hello_fn *hello, device_close_fn *close);
/* Fits mcu_adapter.close and endpoint_adapter.close, where no logout is known. */
void device_close(struct task *t, struct lane *l);
/* "Authorization: Basic ..", for those who log in by it once. On the lane's arena; kept out of
 * traces. */
const char *device_basic(struct task *t, struct lane *l);
/* The answer was cut off, and there is time to ask what became of it. */
bool device_cut_off(struct task *t, enum err e);
/* One request. again: asked a second time, once, when cut off: only for what changes nothing the
 * second time. Any status but 401 is an answer. */
enum err device_ask(struct task *t, struct http *h, const struct http_request *q, bool again,
	struct http_reply *out);
/* A conference by its name: looked for, made, and after an order to make one whose answer was cut
 * off looked for again before the order is given once more. out->created says that it was made
 * now. */
typedef enum err device_find_fn(
	struct task *t, struct lane *l, const char *name, struct conference *out);
typedef enum err device_make_fn(
	struct task *t, struct lane *l, const struct conference_spec *spec, struct conference *out);
enum err device_start(struct task *t, struct lane *l, const struct conference_spec *spec,
	device_find_fn *find, device_make_fn *make, struct conference *out);
void device_conference(struct conference *out, const char *id, const char *name, bool created);
/* Asked why it ended, the leg is still there: ERR_BUSY. */
enum err device_not_ended(struct task *t, const struct lane *l, const struct leg *leg);
/* Class of an HTTP status that is no success, where the device says nothing better. Never OK. */
enum err device_refusal(int status);
/* May stand in a path as it is, and fits: letters, digits, '-' and '_'. */
bool device_is_id(const char *s, size_t size);
/* A name of people as one word of letters, digits and '-' for the device: the same each time,
 * another name gives another one. size: more than 10. */
void device_word(char *out, size_t size, const char *name);
/* "sip:a@b" -> "a@b", "h323:e" -> "e"; NULL: nothing to dial. */
const char *device_target(const char *address, bool *out_h323);
/* Logs in to a shell with a terminal; an unpinned host's key is noted in the lane. */
enum err device_ssh(struct task *t, struct lane *l, const struct place *at, struct ssh **out);

#endif
