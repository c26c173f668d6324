/* Refreshing a calendar behind an address: one question, the copy on disk replaced only by a whole
 * calendar, the age of what is used always said. Called by the coordinator's timer (as a job of the
 * pool) and by `calendar refresh`. Owns the decision whether a server may be asked at all; must
 * never ask again after a refused login until a person acts. */
#include "schedules/feed_internal.h"

#include "base/hash.h"
#include "base/str.h"
#include "schedules/calendar.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MINUTE_MS = 60000,
	RETRY_MS = 5 * MINUTE_MS,
	DEFAULT_MS = 10 * MINUTE_MS,
	DAY_MS = 86400000
};

/* Some servers put the secret into the path of the address: shown is the server alone. */
static const char *
without_path(const char *why, const char *url, struct arena *a)
{
	const char *origin, *path;
	if (!feed_split(url, a, &origin, &path))
		return why;
	const char *shown = arena_printf(a, "%s%.*s", origin, (int)strcspn(path, "?"), path),
		   *at = strstr(why, shown);
	if (!at || path[0] != '/' || path[1] == '\0')
		return why;
	return arena_printf(a, "%.*s%s/...%s", (int)(at - why), why, origin, at + strlen(shown));
}

/* Recognises a login without keeping it. */
static const char *
login_digest(const struct feed_source *s, struct arena *a)
{
	char hex[HASH_HEX_SIZE];
	const char *text = arena_printf(
		a, "%s\n%s\n%s", s->url, s->user ? s->user : "", s->password ? s->password : "");
	hash_hex(text, strlen(text), hex);
	return arena_strndup(a, hex, 24);
}

static int64_t
interval(const struct feed_source *s, const struct feed_meta *m)
{
	int64_t ms = s->every_ms > 0 ? s->every_ms : m->refresh_ms > 0 ? m->refresh_ms : DEFAULT_MS;
	return ms < MINUTE_MS ? MINUTE_MS : ms > DAY_MS ? DAY_MS : ms;
}

/* "3 days", "2 hours", "5 minutes" */
static const char *
age_of(int64_t ms, struct arena *a)
{
	if (ms >= 2 * DAY_MS)
		return arena_printf(a, T("%lld days"), (long long)(ms / DAY_MS));
	if (ms >= 2 * 60 * MINUTE_MS)
		return arena_printf(a, T("%lld hours"), (long long)(ms / (60 * MINUTE_MS)));
	if (ms / MINUTE_MS == 1)
		return T("1 minute");
	return arena_printf(a, T("%lld minutes"), (long long)(ms / MINUTE_MS));
}

static void
fill_state(const struct feed_source *s, const char *dir, const struct feed_meta *m, struct arena *a,
	struct feed_state *out)
{
	const char **files = arena_alloc(a, 2 * sizeof *files);
	const char *path = feed_copy_path(s, dir, a);
	/* A copy of another address is nobody's copy. */
	if (m->fetched_at && access(path, R_OK) == 0)
		files[0] = path;
	out->files = files;
	out->name = m->name;
	out->fetched_at = files[0] ? m->fetched_at : 0;
	out->why = out->why ? out->why : "";
}

void
feed_last(const struct feed_source *s, const char *dir, int64_t now, struct arena *a,
	struct feed_state *out)
{
	struct feed_meta m;
	*out = (struct feed_state){ .why = "" };
	feed_meta_read(s, dir, a, &m);
	fill_state(s, dir, &m, a, out);
	out->next_at = out->fetched_at ? out->fetched_at + interval(s, &m) : now;
	if (*m.refused && str_eq(m.refused, login_digest(s, a))) {
		out->code = ERR_AUTH;
		out->next_at = INT64_MAX;
	}
}

/* NULL, or why these bytes are not a whole calendar. */
static const char *
not_calendar(const char *bytes, size_t n)
{
	const char *c = bytes, *end = bytes + n;
	if (n >= 3 && memcmp(c, "\xEF\xBB\xBF", 3) == 0)
		c += 3;
	while (c < end && (*c == ' ' || *c == '\t' || *c == '\r' || *c == '\n'))
		c++;
	if (c == end)
		return T("the answer is empty");
	if (*c == '<')
		return T("the answer is a web page, not a calendar: the address perhaps asks for a "
			 "login");
	if (end - c < 15 || strncasecmp(c, "BEGIN:VCALENDAR", 15) != 0)
		return T("the answer is not a calendar");
	while (end > c && (end[-1] == ' ' || end[-1] == '\r' || end[-1] == '\n' || end[-1] == '\0'))
		end--;
	if (end - c < 28 || strncasecmp(end - 13, "END:VCALENDAR", 13) != 0)
		return T("the answer is cut off: it does not end with END:VCALENDAR");
	return n > FEED_MAX ? T("the calendar is larger than 9 MB") : NULL;
}

/* Whether the server says of itself that it speaks CalDAV. */
static bool
speaks_dav(struct feed_link *l, const char *url)
{
	struct http_reply r;
	struct http_request q = { .method = "OPTIONS" };
	if (feed_ask(l, url, &q, &r) != OK) {
		task_forgive(l->t);
		return false;
	}
	for (size_t i = 0; i < r.headers_n; i++)
		if (str_eq_nocase(r.headers[i].name, "DAV") &&
			strstr(r.headers[i].value, "calendar-access"))
			return true;
	return false;
}

/* A plain file behind an address. *bytes NULL: not modified. *dav: it is none, but the server
 * speaks CalDAV. */
static enum err
fetch_file(struct feed_link *l, bool have_copy, const char **bytes, size_t *n, bool *dav)
{
	struct arena *a = l->t->arena;
	const char *headers[4] = { "Accept: text/calendar, text/plain;q=0.5, */*;q=0.1" };
	int k = 1;
	if (have_copy && *l->meta->etag)
		headers[k++] = arena_printf(a, "If-None-Match: %s", l->meta->etag);
	if (have_copy && *l->meta->modified)
		headers[k++] = arena_printf(a, "If-Modified-Since: %s", l->meta->modified);
	struct http_reply r;
	struct http_request q = { .headers = headers };
	*bytes = NULL;
	*dav = false;
	enum err code = feed_ask(l, l->s->url, &q, &r);
	if (code != OK)
		return code;
	if (r.status == 304 && have_copy)
		return OK;
	const char *wrong = r.status == 200 ? not_calendar(r.body, r.len) : NULL;
	if ((r.status != 200 || wrong) && r.status < 500 && r.status != 429 &&
		speaks_dav(l, l->s->url)) {
		*dav = true;
		return OK;
	}
	if (r.status != 200)
		return feed_status(l, &r);
	if (wrong)
		return task_fail(l->t, ERR_PROTOCOL, "%s", wrong);
	const char *etag = http_header(&r, "ETag"), *modified = http_header(&r, "Last-Modified");
	l->meta->etag = etag ? etag : "";
	l->meta->modified = modified ? modified : "";
	*bytes = r.body;
	*n = r.len;
	return OK;
}

/* Every resource of every collection, one behind the other: a file may hold several calendars. */
static const char *
join_collections(const struct feed_meta *m, struct arena *a, size_t *n)
{
	struct buf b = { 0 };
	for (size_t i = 0; i < m->collections.n; i++)
		for (size_t k = 0; k < m->collections.at[i].items.n; k++) {
			const char *data = m->collections.at[i].items.at[k].data;
			if (not_calendar(data, strlen(data)))
				continue;
			buf_puts(&b, data);
			buf_puts(&b, "\r\n");
		}
	if (b.n == 0) /* an empty collection is a calendar without events, not a missing one */
		buf_puts(&b, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tongduyet//feed//"
			     "VI\r\nEND:VCALENDAR\r\n");
	*n = b.n;
	const char *out = arena_strndup(a, buf_str(&b), b.n);
	buf_free(&b);
	return out;
}

/* Ask; on OK *bytes is what to keep, or NULL when the copy is still right. */
static enum err
ask_server(struct feed_link *l, bool have_copy, const char **bytes, size_t *n)
{
	bool changed = false, dav = l->meta->dav || strncasecmp(l->s->url, "caldav", 6) == 0;
	enum err code = dav ? OK : fetch_file(l, have_copy, bytes, n, &dav);
	if (code != OK || !dav)
		return code;
	l->meta->dav = true;
	code = feed_dav(l, &changed);
	*bytes = NULL;
	if (code == OK && (changed || !have_copy))
		*bytes = join_collections(l->meta, l->t->arena, n);
	if (code == OK && *bytes && *n > FEED_MAX)
		return task_fail(
			l->t, ERR_PROTOCOL, T("the calendars are larger than 9 MB together"));
	return code;
}

static enum err
keep(struct feed_link *l, const char *dir, const char *bytes, size_t n, struct feed_state *out)
{
	struct err_text e = { 0 };
	struct arena *a = l->t->arena;
	if (bytes) {
		if (feed_write(feed_copy_path(l->s, dir, a), bytes, n, &e) != OK)
			return task_fail(l->t, ERR_SYSTEM, "%s", e.text);
		const char *name;
		calendar_about(bytes, n, a, &name, &l->meta->refresh_ms);
		if (!l->meta->dav)
			l->meta->name = name;
		out->changed = true;
	}
	if (feed_meta_write(l->s, dir, l->meta, &e) != OK)
		return task_fail(l->t, ERR_SYSTEM, "%s", e.text);
	return OK;
}

enum err
feed_refresh(struct task *t, const struct feed_source *s, const char *dir, int64_t now,
	struct feed_state *out)
{
	struct feed_meta m;
	struct arena *a = t->arena;
	const char *path;
	*out = (struct feed_state){ 0 };
	mkdir(dir, 0700);
	feed_meta_read(s, dir, a, &m);
	bool have_copy = m.fetched_at && access(feed_copy_path(s, dir, a), R_OK) == 0;
	struct feed_link l = { .t = t, .s = s, .meta = &m };
	const char *bytes = NULL;
	size_t n = 0;
	enum err code;
	if (!feed_split(s->url, a, &l.home, &path)) {
		code = task_fail(t, ERR_INPUT, T("\"%.100s\" is no address of a calendar"), s->url);
	} else if (*m.refused && str_eq(m.refused, login_digest(s, a))) {
		code = task_fail_as(t, ERR_AUTH, "login-refused",
			T("the login was refused before: not asked again until it is changed"));
	} else {
		code = ask_server(&l, have_copy, &bytes, &n);
	}
	feed_link_close(&l);
	if (code == OK) {
		m.refused = "";
		m.fetched_at = now;
		code = keep(&l, dir, bytes, n, out);
	}
	if (code != OK) {
		feed_meta_read(
			s, dir, a, &m); /* what is known stays as it was before the question */
		if (code == ERR_AUTH && str_eq(t->word, "login-refused") && !*m.refused) {
			struct err_text e = { 0 };
			m.refused = login_digest(s, a);
			feed_meta_write(s, dir, &m, &e);
		}
		const char *copy = have_copy ? arena_printf(a, T("the copy of %s ago is used"),
						       age_of(now - m.fetched_at, a))
					     : T("there is no earlier copy");
		out->why = arena_printf(a, "calendar %s: %s; %s", s->id,
			without_path(t->why, l.url ? l.url : s->url, a), copy);
	}
	fill_state(s, dir, &m, a, out);
	out->code = code;
	int64_t wait = interval(s, &m);
	out->next_at = code == ERR_AUTH ? INT64_MAX
					: now + (code == OK || wait < RETRY_MS ? wait : RETRY_MS);
	return code;
}

void
feed_forgive(const struct feed_source *s, const char *dir)
{
	struct arena *a = arena_new();
	struct feed_meta m;
	struct err_text e;
	feed_meta_read(s, dir, a, &m);
	if (*m.refused) {
		m.refused = "";
		feed_meta_write(s, dir, &m, &e);
	}
	arena_free(a);
}
