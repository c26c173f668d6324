/* Tandberg MXP over HTTP(S): the documents that hold what its command line shows. Called by
 * tandberg_mxp.c. Owns the handle in the lane's session. Must never say the password before the box
 * has asked, nor more than once.
 *
 *   > GET /getxml?location=/Status/Call          < 401 WWW-Authenticate: Basic | Digest ...
 *   > the same with the login                    < 200 <Status><Call item="1" status="Synced" ...>
 *                                                    or <Fault><XPathError>
 *
 * Questions only: how a command looks as a document for /formputxml is not in our sources.
 *
 * Sources: TANDBERG D13887 p. 63 (getxml, Fault), D13639 2.2 (documents and command line hold the
 * same). */
#include "adapters/tandberg_mxp.h"

#include "adapters/connect.h"
#include "adapters/wire/xml.h"
#include "base/str.h"

#include <strings.h>

struct mxp_http {
	struct http *http;
	const char *basic; /* header, once the box asked for it; or NULL */
};

static enum err
get(struct task *t, struct mxp_http *h, const char *path, struct http_reply *out)
{
	const char *headers[] = { h->basic, NULL };
	struct http_request q = { .path = path, .headers = h->basic ? headers : NULL };
	return device_ask(t, h->http, &q, true, out);
}

/* Digest never shows the password, so it may begin anew; Basic goes where the first request went.
 */
static enum err
log_in(struct task *t, struct lane *l, struct mxp_http *h, const char *challenge)
{
	task_forgive(t);
	if (!challenge || strncasecmp(challenge, "Digest", 6) != 0) {
		h->basic = device_basic(t, l);
		return OK;
	}
	http_close(h->http);
	h->http = NULL;
	return device_http(t, l, HTTP_AUTH_DIGEST, 0, &h->http);
}

enum err
mxp_http_open(struct task *t, struct lane *l, struct mxp_http **out)
{
	struct mxp_http *h = *out = arena_alloc(l->arena, sizeof *h);
	struct http_reply r = { 0 };
	static const char path[] = "/getxml?location=/Status/SystemUnit";
	enum err e = device_http(t, l, HTTP_AUTH_NONE, 0, &h->http);
	if (e)
		return e;
	e = get(t, h, path, &r);
	if (e == ERR_AUTH && r.status == 401) {
		e = log_in(t, l, h, http_header(&r, "WWW-Authenticate"));
		if (e == OK)
			e = get(t, h, path, &r);
	}
	if (e == OK && r.status != 200)
		return task_fail(t, device_refusal(r.status), "log in to %s: HTTP status %d",
			l->device->name, r.status);
	return e;
}

void
mxp_http_close(struct mxp_http *h)
{
	if (h)
		http_close(h->http);
}

enum err
mxp_http_read(struct task *t, struct lane *l, struct mxp_http *h, const char *what,
	mxp_line_fn line, void *of)
{
	struct http_reply r;
	struct err_text why = { 0 };
	struct xml *root = NULL;
	enum err e = get(t, h, arena_printf(t->arena, "/getxml?location=/Status/%s", what), &r);
	if (e)
		return e;
	if (r.status != 200)
		return task_fail(t, device_refusal(r.status), "%s of %s: HTTP status %d", what,
			l->device->name, r.status);
	if (xml_parse(t->arena, r.body, r.len, 0, &root, &why))
		return task_fail(t, ERR_PROTOCOL, "%s of %s: %s", what, l->device->name, why.text);
	if (str_eq(root->name, "Fault"))
		return task_fail(
			t, ERR_UNSUPPORTED, "%s of %s: it has none", what, l->device->name);
	if (!str_eq(root->name, "Status"))
		return task_fail(t, ERR_PROTOCOL, "%s of %s: an answer to something else", what,
			l->device->name);
	mxp_walk(root, line, of);
	return OK;
}
