/* CalDAV (RFC 4791): find the calendars behind an address, then ask only for what changed: by
 * sync-token (RFC 6578) where the server has one, else by ctag and ETags. Called by feed.c. Only
 * reads; hrefs that lead to another server are left out.
 *
 *   PROPFIND url, depth 0        is it a calendar? else its calendar-home-set, else the
 * current-user-principal's PROPFIND home, depth 1       the calendars in it REPORT sync-collection
 * what changed since the token; refused: PROPFIND depth 1 for ETags REPORT calendar-multiget the
 * changed resources, fifty at a time
 */
#include "schedules/feed_internal.h"

#include "adapters/wire/xml.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vis.h"

#include <string.h>

enum { COLLECTIONS_MAX = 20, ITEMS_MAX = 20000, CHUNK = 50, ROUNDS_MAX = 50 };

#define HEAD "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
#define NAMES \
	"xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\" " \
	"xmlns:S=\"http://calendarserver.org/ns/\""
static const char ask_what[] = HEAD
	"<D:propfind " NAMES "><D:prop><D:resourcetype/><D:displayname/><D:sync-token/><S:getctag/>"
	"<D:current-user-principal/><C:calendar-home-set/></D:prop></D:propfind>";
static const char ask_etags[] =
	HEAD "<D:propfind " NAMES "><D:prop><D:getetag/><D:resourcetype/></D:prop></D:propfind>";

struct found { /* one <response> with what it said with success */
	const char *href;
	int status; /* of the response itself, 0 = none */
	bool calendar;
	const char *name, *token, *ctag, *principal, *home, *etag, *data;
};
struct answer {
	VEC(struct found) at;
	const char *token; /* sync-token of the whole */
};

static int
status_of(const char *line)
{
	/* "HTTP/1.1 200 OK" */
	const char *blank = line ? strchr(line, ' ') : NULL;
	int64_t n = 0;
	struct arena *a = arena_new();
	if (blank && strlen(blank) >= 4)
		str_to_int(arena_strndup(a, blank + 1, 3), 100, 599, &n);
	arena_free(a);
	return (int)n;
}

static const char *
text_at(const struct xml *n, const char *path)
{
	const char *s = xml_text(n, path);
	return s ? s : "";
}

static void
take_props(const struct xml *prop, struct found *f)
{
	const struct xml *type = xml_child(prop, "resourcetype");
	f->calendar = f->calendar || (type && xml_child(type, "calendar"));
	const struct {
		const char *path, **out;
	} texts[] = {
		{ "displayname", &f->name },
		{ "sync-token", &f->token },
		{ "getctag", &f->ctag },
		{ "getetag", &f->etag },
		{ "current-user-principal/href", &f->principal },
		{ "calendar-home-set/href", &f->home },
		{ "calendar-data", &f->data },
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (*text_at(prop, texts[i].path))
			*texts[i].out = text_at(prop, texts[i].path);
}

/* One WebDAV request. A status that is none of success is *status with an empty answer, not an
 * error. */
static enum err
ask(struct feed_link *l, const char *url, const char *method, const char *depth, const char *body,
	int *status, struct answer *out)
{
	const char *headers[] = { arena_printf(l->t->arena, "Depth: %s", depth), NULL };
	struct http_request q = { .method = method,
		.content_type = "application/xml; charset=utf-8",
		.body = body,
		.body_len = strlen(body),
		.headers = headers };
	struct http_reply r;
	*out = (struct answer){ .token = "" };
	enum err code = feed_ask(l, url, &q, &r);
	*status = r.status;
	if (code != OK || r.status != 207)
		return code;
	struct xml *root;
	struct err_text e = { 0 };
	if (xml_parse(l->t->arena, r.body, r.len, FEED_MAX + 1024 * 1024, &root, &e) != OK)
		return task_fail(
			l->t, ERR_PROTOCOL, T("the server's answer is not understood: %s"), e.text);
	out->token = text_at(root, "sync-token");
	for (const struct xml *x = xml_child(root, "response"); x; x = xml_next(x, "response")) {
		struct found *f = vec_add_in(l->t->arena, &out->at);
		*f = (struct found){ .name = "",
			.token = "",
			.ctag = "",
			.principal = "",
			.home = "",
			.etag = "",
			.data = "" };
		f->href = feed_resolve(l->url, text_at(x, "href"), l->t->arena);
		f->status = status_of(xml_text(x, "status"));
		for (const struct xml *p = xml_child(x, "propstat"); p; p = xml_next(p, "propstat"))
			if (status_of(xml_text(p, "status")) == 200 && xml_child(p, "prop"))
				take_props(xml_child(p, "prop"), f);
	}
	return OK;
}

/* Same server, or nothing is sent there. */
static bool
at_home(struct feed_link *l, const char *url)
{
	const char *origin, *path;
	return url && feed_split(url, l->t->arena, &origin, &path) && str_eq(origin, l->home);
}

static struct feed_collection *
collection_of(struct feed_link *l, const char *href)
{
	struct feed_meta *m = l->meta;
	for (size_t i = 0; i < m->collections.n; i++)
		if (str_eq(m->collections.at[i].href, href))
			return &m->collections.at[i];
	struct feed_collection *c = vec_add_in(l->t->arena, &m->collections);
	*c = (struct feed_collection){ .href = href, .name = "", .ctag = "", .token = "" };
	return c;
}

/* The calendars behind the address: itself, or those in its owner's home. */
static enum err
discover(struct feed_link *l, struct answer *calendars)
{
	const char *origin, *path;
	feed_split(l->s->url, l->t->arena, &origin, &path);
	const char *url = arena_printf(l->t->arena, "%s%s", origin, path);
	*calendars = (struct answer){ .token = "" };
	bool well_known = false;
	for (int hops = 0; hops < 4; hops++) {
		struct answer got;
		int status;
		enum err code = ask(l, url, "PROPFIND", "0", ask_what, &status, &got);
		if (code != OK)
			return code;
		const struct found *f = got.at.n ? &got.at.at[0] : NULL;
		if (f && f->calendar) {
			*calendars = got;
			return OK;
		}
		const char *next = NULL;
		if (f && *f->home) {
			next = feed_resolve(l->url, f->home, l->t->arena);
			if (!at_home(l, next))
				return task_fail(l->t, ERR_PROTOCOL,
					T("its calendars lie on another server"));
			code = ask(l, next, "PROPFIND", "1", ask_what, &status, calendars);
			return code == OK && status != 207
				       ? task_fail(l->t, ERR_PROTOCOL,
						 T("the calendars cannot be listed (%d)"), status)
				       : code;
		}
		if (f && *f->principal)
			next = feed_resolve(l->url, f->principal, l->t->arena);
		else if (!well_known) {
			next = arena_printf(l->t->arena, "%s/.well-known/caldav", origin);
			well_known = true;
		}
		if (!at_home(l, next) || str_eq(next, url))
			return task_fail(l->t, ERR_PROTOCOL,
				T("no calendar was found behind the address (%d)"), status);
		url = next;
	}
	return task_fail(l->t, ERR_PROTOCOL, T("no calendar was found behind the address"));
}

static struct feed_item *
item_of(struct feed_collection *c, const struct map *by_href, const char *href)
{
	size_t n = (size_t)(uintptr_t)map_get(by_href, href);
	return n ? &c->items.at[n - 1] : NULL;
}

static struct map *
index_items(const struct feed_collection *c)
{
	struct map *m = map_new();
	for (size_t i = 0; i < c->items.n; i++)
		map_set(m, c->items.at[i].href, (void *)(uintptr_t)(i + 1));
	return m;
}

/* Resources with an empty href are gone. */
static void
drop_gone(struct feed_collection *c)
{
	size_t kept = 0;
	for (size_t i = 0; i < c->items.n; i++)
		if (*c->items.at[i].href)
			c->items.at[kept++] = c->items.at[i];
	c->items.n = kept;
}

struct wanted {
	VEC(const char *) hrefs;
	bool changed;
};

/* What the server lists: resources whose ETag is another one are wanted, those with 404 are gone.
 */
static void
compare(struct feed_link *l, struct feed_collection *c, const struct answer *got, bool whole,
	struct wanted *w)
{
	struct map *by_href = index_items(c), *listed = map_new();
	for (size_t i = 0; i < got->at.n && i < ITEMS_MAX; i++) {
		const struct found *f = &got->at.at[i];
		if (!at_home(l, f->href) || str_eq(f->href, c->href))
			continue;
		struct feed_item *known = item_of(c, by_href, f->href);
		if (f->status == 404 || f->status == 410) {
			if (known)
				known->href = "";
			w->changed = w->changed || known;
			continue;
		}
		if (!*f->etag)
			continue; /* a collection inside, or something unreadable */
		map_set(listed, f->href, c);
		if (!known || !str_eq(known->etag, f->etag) || !*known->data)
			*vec_add_in(l->t->arena, &w->hrefs) = f->href;
	}
	for (size_t i = 0; whole && i < c->items.n; i++)
		if (!map_has(listed, c->items.at[i].href)) {
			c->items.at[i].href = "";
			w->changed = true;
		}
	map_free(listed);
	map_free(by_href);
}

/* By sync-token; false: the server does not, or does not know our token any more. */
static enum err
sync_by_token(struct feed_link *l, struct feed_collection *c, struct wanted *w, bool *done)
{
	*done = false;
	for (int round = 0; round < ROUNDS_MAX; round++) {
		struct buf body = { 0 };
		buf_puts(&body, HEAD "<D:sync-collection " NAMES "><D:sync-token>");
		vis_xml(&body, c->token);
		buf_puts(&body, "</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:getetag/"
				"></D:prop></D:sync-collection>");
		const char *text = arena_strdup(l->t->arena, buf_str(&body));
		buf_free(&body);
		struct answer got;
		int status;
		enum err code = ask(l, c->href, "REPORT", "0", text, &status, &got);
		if (code != OK)
			return code;
		if (status != 207 || !*got.token)
			return OK;
		bool first = !*c->token && round == 0, more = false;
		for (size_t i = 0; i < got.at.n; i++)
			more = more ||
			       (got.at.at[i].status == 507 && str_eq(got.at.at[i].href, c->href));
		compare(l, c, &got, first && !more, w);
		c->token = got.token;
		*done = true;
		if (!more)
			return OK;
	}
	return OK;
}

static enum err
sync_by_etags(struct feed_link *l, struct feed_collection *c, struct wanted *w)
{
	struct answer got;
	int status;
	enum err code = ask(l, c->href, "PROPFIND", "1", ask_etags, &status, &got);
	if (code == OK && status != 207)
		code = task_fail(
			l->t, ERR_PROTOCOL, T("the calendar cannot be listed (%d)"), status);
	if (code == OK)
		compare(l, c, &got, true, w);
	return code;
}

static enum err
fetch_wanted(struct feed_link *l, struct feed_collection *c, struct wanted *w)
{
	struct map *by_href = index_items(c);
	enum err code = OK;
	for (size_t i = 0; i < w->hrefs.n && code == OK; i += CHUNK) {
		struct buf body = { 0 };
		buf_puts(&body, HEAD "<C:calendar-multiget " NAMES
				     "><D:prop><D:getetag/><C:calendar-data/></D:prop>");
		for (size_t k = i; k < w->hrefs.n && k < i + CHUNK; k++) {
			const char *origin, *path;
			feed_split(w->hrefs.at[k], l->t->arena, &origin, &path);
			buf_puts(&body, "<D:href>");
			vis_xml(&body, path);
			buf_puts(&body, "</D:href>");
		}
		buf_puts(&body, "</C:calendar-multiget>");
		const char *text = arena_strdup(l->t->arena, buf_str(&body));
		buf_free(&body);
		struct answer got;
		int status;
		code = ask(l, c->href, "REPORT", "1", text, &status, &got);
		if (code == OK && status != 207)
			code = task_fail(l->t, ERR_PROTOCOL,
				T("the calendar's events cannot be read (%d)"), status);
		for (size_t k = 0; code == OK && k < got.at.n; k++) {
			const struct found *f = &got.at.at[k];
			if (!*f->data || !at_home(l, f->href))
				continue;
			struct feed_item *item = item_of(c, by_href, f->href);
			if (!item) {
				item = vec_add_in(l->t->arena, &c->items);
				map_set(by_href, f->href, (void *)(uintptr_t)c->items.n);
			}
			*item = (struct feed_item){ f->href, f->etag, f->data };
			w->changed = true;
		}
	}
	map_free(by_href);
	return code;
}

static enum err
read_collection(struct feed_link *l, const struct found *f, bool *changed)
{
	struct feed_collection *c = collection_of(l, f->href);
	bool fresh = !*c->ctag && !*c->token && !c->items.n;
	c->seen = true;
	c->name = f->name;
	if (!fresh && ((*f->token && str_eq(f->token, c->token)) ||
			      (!*f->token && *f->ctag && str_eq(f->ctag, c->ctag))))
		return OK;
	struct wanted w = { 0 };
	bool done = false;
	enum err code = *f->token ? sync_by_token(l, c, &w, &done) : OK;
	if (code == OK && !done) {
		code = sync_by_etags(l, c, &w);
		c->token = f->token; /* told before the list: nothing falls between both */
	}
	if (code == OK)
		code = fetch_wanted(l, c, &w);
	drop_gone(c);
	c->ctag = f->ctag;
	*changed = *changed || w.changed;
	return code;
}

enum err
feed_dav(struct feed_link *l, bool *changed)
{
	struct answer calendars;
	enum err code = discover(l, &calendars);
	if (code != OK)
		return code;
	size_t read = 0;
	for (size_t i = 0; i < calendars.at.n && code == OK; i++) {
		const struct found *f = &calendars.at.at[i];
		if (!f->calendar || !at_home(l, f->href))
			continue;
		if (++read > COLLECTIONS_MAX)
			return task_fail(l->t, ERR_PROTOCOL,
				T("more than %d calendars lie behind the address: name one"),
				COLLECTIONS_MAX);
		if (!*l->meta->name)
			l->meta->name = f->name;
		code = read_collection(l, f, changed);
	}
	if (code == OK && !read)
		return task_fail(l->t, ERR_PROTOCOL, T("no calendar was found behind the address"));
	size_t kept = 0;
	for (size_t i = 0; i < l->meta->collections.n && code == OK; i++) {
		if (l->meta->collections.at[i].seen)
			l->meta->collections.at[kept++] = l->meta->collections.at[i];
		else
			*changed = true;
	}
	if (code == OK)
		l->meta->collections.n = kept;
	return code;
}
