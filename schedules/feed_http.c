/* One question to a calendar server: addresses, redirects, logging in. Called by feed.c and
 * feed_dav.c. Owns the connection of one refresh. Must never send credentials to another server
 * than the one that was configured, nor follow a redirect from https down to http, nor log in a
 * second time after a refusal. */
#include "schedules/feed_internal.h"

#include "base/str.h"

#include <string.h>
#include <strings.h>

static const char *const schemes[][2] = {
	{ "https://", "https://" },
	{ "http://", "http://" },
	{ "webcals://", "https://" },
	{ "webcal://", "https://" },
	{ "caldavs://", "https://" },
	{ "caldav://", "http://" },
};

bool
feed_split(const char *url, struct arena *a, const char **origin, const char **path)
{
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
		size_t n = strlen(schemes[i][0]);
		if (strncasecmp(url, schemes[i][0], n) != 0)
			continue;
		const char *host = url + n;
		size_t end = strcspn(host, "/?#");
		if (end == 0)
			return false;
		*origin = arena_printf(a, "%s%.*s", schemes[i][1], (int)end, host);
		const char *rest = host + end;
		size_t path_n = strcspn(rest, "#");
		*path = arena_printf(a, "%s%.*s", *rest == '/' ? "" : "/", (int)path_n, rest);
		return true;
	}
	return false;
}

const char *
feed_resolve(const char *base, const char *to, struct arena *a)
{
	const char *origin, *path, *other, *rest;
	if (!feed_split(base, a, &origin, &path))
		return NULL;
	bool tls = str_starts(origin, "https");
	if (str_starts(to, "//"))
		to = arena_printf(a, "%s%s", tls ? "https:" : "http:", to);
	if (strstr(to, "://") && !str_starts(to, "/")) {
		if (!feed_split(to, a, &other, &rest) || (tls && !str_starts(other, "https")))
			return NULL;
		return arena_printf(a, "%s%s", other, rest);
	}
	if (*to == '/')
		return arena_printf(a, "%s%s", origin, to);
	const char *slash = strrchr(arena_strndup(a, path, strcspn(path, "?")), '/');
	size_t keep = strcspn(path, "?");
	while (slash && keep && path[keep - 1] != '/')
		keep--;
	return arena_printf(a, "%s%.*s%s", origin, (int)keep, path, to);
}

static bool
is_loopback(const char *origin)
{
	const char *host = strstr(origin, "://") + 3;
	return str_starts(host, "127.") || str_starts(host, "localhost") ||
	       str_starts(host, "[::1]");
}

void
feed_link_close(struct feed_link *l)
{
	http_close(l->http);
	l->http = NULL;
	l->origin = NULL;
}

static enum err
connect_to(struct feed_link *l, const char *origin)
{
	if (l->http && str_eq(l->origin, origin))
		return OK;
	feed_link_close(l);
	l->origin = origin;
	struct http_options o = {
		.url = origin, .max_body = FEED_MAX + 1024 * 1024, .connect_ms = 15000
	};
	bool own = str_eq(origin, l->home);
	o.pin = own && str_starts(origin, "https") ? l->s->pin : NULL;
	o.ca_file = l->s->ca_file;
	if (own && l->s->user) {
		o.auth = str_eq(l->meta->auth, "basic") ? HTTP_AUTH_BASIC : HTTP_AUTH_DIGEST;
		o.user = l->s->user;
		o.password = l->s->password;
	}
	return http_open(l->t, &o, &l->http);
}

/* Digest is tried first: a server that does not know it refuses without having seen the password.
 * Then basic, but in the clear only to ourselves. */
static bool
other_login(struct feed_link *l)
{
	if (l->tried_other || !l->s->user || !str_eq(l->origin, l->home) ||
		l->t->code != ERR_AUTH || !str_eq(l->t->word, "login-refused") || *l->meta->auth)
		return false;
	if (!str_starts(l->home, "https") && !is_loopback(l->home))
		return false;
	l->tried_other = true;
	l->meta->auth = "basic";
	task_forgive(l->t);
	feed_link_close(l);
	return true;
}

enum err
feed_ask(struct feed_link *l, const char *url, const struct http_request *q, struct http_reply *out)
{
	for (int hops = 0;;) {
		const char *origin, *path;
		if (!feed_split(url, l->t->arena, &origin, &path))
			return task_fail(
				l->t, ERR_INPUT, T("\"%.100s\" is no address of a calendar"), url);
		struct http_request ask = *q;
		ask.path = path;
		l->url = url;
		enum err code = connect_to(l, origin);
		if (code == OK)
			code = http_ask(l->t, l->http, &ask, out);
		if (code == ERR_AUTH && other_login(l))
			continue;
		if (code != OK) {
			if (l->tried_other && code == ERR_AUTH)
				l->meta->auth = "";
			return code;
		}
		if (l->s->user && str_eq(origin, l->home) && !*l->meta->auth)
			l->meta->auth = "digest";
		bool redirect = out->status == 301 || out->status == 302 || out->status == 303 ||
				out->status == 307 || out->status == 308;
		if (!redirect)
			return OK;
		const char *to = http_header(out, "Location");
		const char *next = to ? feed_resolve(url, to, l->t->arena) : NULL;
		if (!next)
			return task_fail(l->t, ERR_PROTOCOL,
				T("the server redirects to a place that is not followed"));
		if (++hops > FEED_REDIRECTS)
			return task_fail(l->t, ERR_PROTOCOL,
				T("the server redirects more than %d times"), FEED_REDIRECTS);
		url = next;
	}
}

enum err
feed_status(struct feed_link *l, const struct http_reply *r)
{
	int s = r->status;
	enum err code = s == 403	       ? ERR_REFUSED
			: s == 404 || s == 410 ? ERR_GONE
			: s == 429 || s == 503 ? ERR_BUSY
			: s >= 500	       ? ERR_BUSY
					       : ERR_PROTOCOL;
	return task_fail(l->t, code, T("the server answered %d%s"), s,
		s == 404 || s == 410 ? ": there is no such calendar"
		: s == 403	     ? ": this account may not read it"
				     : "");
}
