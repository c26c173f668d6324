/* Shared by http.c (requests) and http_link.c (a connection that goes on as something else): nobody
 * else includes this, and nobody else knows libcurl. */
#ifndef TD_WIRE_HTTP_INNER_H
#define TD_WIRE_HTTP_INNER_H

#include "adapters/wire/http.h"

#include "base/buf.h"
#include "base/vec.h"

#include <curl/curl.h>

struct http {
	CURLM *multi;
	CURL *easy;
	char *base;   /* scheme://host:port/path without the last slash */
	char *secret; /* password, for traces */
	char *login;  /* base64 of user:password */
	bool tls;
	char seen[HTTP_PIN_SIZE];
	char *learn; /* where the first key goes; NULL: there is a pin, or a CA must vouch */
	size_t max_body;
	char why[CURL_ERROR_SIZE];

	/* of the request under way */
	struct task *task;
	size_t sent;	     /* bytes of request that left */
	size_t sent_unheard; /* of these, since the last byte that came back */
	const struct http_request *untold; /* its body is on its way and not traced yet */
	bool resend_refused, body_over, head_over;
	struct buf head, body;
	VEC(struct http_header) headers;
};

/* Forgets the request before; the callbacks of curl speak to this task from now on. */
void http_reset(struct http *h, struct task *t);
/* Drives the transfer to its end, the deadline or the cancel; *out_done tells the first from the
 * others. */
enum err http_drive(struct task *t, struct http *h, bool *out_done, CURLcode *out_code);
/* What happened, in the classes on which the caller acts. `what` is "POST https://host/path". Never
 * OK. */
enum err http_judge(struct task *t, struct http *h, const char *what, CURLcode code);

#endif
