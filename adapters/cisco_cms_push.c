/* Cisco Meeting Server: call detail records posted to our listener.
 *
 * Called through the operations in cisco_cms.c. Owns nothing. Must never touch a receiver of
 * somebody else's: a server has four places for them.
 *
 *   > GET  /system/cdrReceivers           < <cdrReceivers total="N"><cdrReceiver
 *     id="R"><uri>http://..</uri>..
 *   > POST /system/cdrReceivers  uri=U    < Location: /api/v1/system/cdrReceivers/R | 4xx
 *     <tooManyCdrReceivers/>
 *
 * Receivers are kept by the server over restarts of both sides: it is asked for its list first. One
 * with our address and another secret is of an earlier life of this workspace, and is taken away.
 * Source: Cisco Meeting Server API reference and Call Detail Records guide. */
#include "adapters/cisco_cms.h"

#include "adapters/wire/trace.h"
#include "base/str.h"

#include <string.h>

enum { AGAIN_S = 300 };

/* The part before the secret: "http://10.1.1.2:8091/push/". */
static bool
is_ours(const char *uri, const char *url)
{
	const char *secret = strrchr(url, '/');
	return secret && strncmp(uri, url, (size_t)(secret - url) + 1) == 0;
}

enum err
cms_subscribe(struct task *t, struct lane *l, int *out_again_s)
{
	const char *url = l->device->push_url, *secret = strrchr(url, '/');
	struct cms_list all;
	bool there = false;
	trace_secret(t->trace, secret ? secret + 1 : url);
	enum err e = cms_all(
		t, l, "/system/cdrReceivers", "cdrReceiver", "list receivers of records", &all);
	for (size_t i = 0; e == OK && i < all.n; i++) {
		const char *uri = xml_text(all.items[i], "uri");
		if (str_eq(uri, url)) {
			there = true;
		} else if (uri && is_ours(uri, url)) {
			e = cms_ask(t, l, "DELETE",
				arena_printf(t->arena, "/system/cdrReceivers/%s",
					xml_attr(all.items[i], "id")),
				NULL, true, "take an old receiver away", NULL);
			if (e == ERR_GONE) {
				task_forgive(t);
				e = OK;
			}
		}
	}
	if (e == OK && !there) {
		struct buf form = { 0 };
		cms_put(&form, "uri", url);
		e = cms_ask(t, l, "POST", "/system/cdrReceivers", &form, false,
			"register for records", NULL);
		buf_free(&form);
	}
	*out_again_s = AGAIN_S;
	return e;
}

enum err
cms_pushed(struct task *t, struct lane *l, const char *bytes, size_t n)
{
	struct cms_session *s = l->session;
	struct cms_cdr told;
	struct err_text why = { 0 };
	if (!s)
		return OK;
	enum err e = cms_cdr(t->arena, bytes, n, &s->records, &told, &why);
	if (e)
		return task_fail(t, e, "records of %s: %s", l->device->name, why.text);
	for (size_t i = 0; i < told.n; i++)
		cms_take_ended(s, &told.ended[i]);
	if (told.gap) /* what is missing may be the end of a leg: who is there is read anew before
		       * the next dial */
		s->synced[0] = '\0';
	return OK;
}
