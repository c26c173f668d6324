/* What the files of the feeds share: the copy on disk, one question over HTTP, CalDAV. */
#ifndef TD_FEED_INTERNAL_H
#define TD_FEED_INTERNAL_H

#include "adapters/wire/http.h"
#include "base/buf.h"
#include "base/vec.h"
#include "schedules/feed.h"

enum { FEED_MAX = 9 * 1024 * 1024, FEED_REDIRECTS = 5 };

struct feed_item { /* one resource of a CalDAV collection */
	const char *href, *etag, *data;
};

struct feed_collection {
	const char *href, *name, *ctag, *token;
	VEC(struct feed_item) items;
	bool seen;
};

struct feed_meta { /* texts never NULL */
	const char *name;
	const char *etag, *modified;
	const char *auth;    /* "basic" "digest": what worked */
	const char *refused; /* digest of a login that was refused */
	int64_t fetched_at, refresh_ms;
	bool dav;
	VEC(struct feed_collection) collections;
};

void feed_meta_read(
	const struct feed_source *s, const char *dir, struct arena *a, struct feed_meta *out);
enum err feed_meta_write(const struct feed_source *s, const char *dir, const struct feed_meta *m,
	struct err_text *e);
const char *feed_copy_path(const struct feed_source *s, const char *dir, struct arena *a);
/* Durable, all or nothing. */
enum err feed_write(const char *path, const void *bytes, size_t n, struct err_text *e);

/* A server's origin and the rest of an address; webcal and caldav become http(s). False: no such
 * address. */
bool feed_split(const char *url, struct arena *a, const char **origin, const char **path);
/* A Location or href against the address it came from; NULL: leads elsewhere than to http(s), or
 * down from https. */
const char *feed_resolve(const char *base, const char *to, struct arena *a);

struct feed_link { /* to one origin at a time */
	struct task *t;
	const struct feed_source *s;
	struct feed_meta *meta;
	struct http *http;
	const char *origin,
		*home;	  /* home: the source's own origin, the only one that gets credentials */
	const char *url;  /* asked last, after redirects */
	bool tried_other; /* the second way of logging in was tried */
};
/* One request and its redirects (same method). Errors recorded in the task. */
enum err feed_ask(
	struct feed_link *l, const char *url, const struct http_request *q, struct http_reply *out);
void feed_link_close(struct feed_link *l);
/* The sentence for a status that is no success; sets the task's error. */
enum err feed_status(struct feed_link *l, const struct http_reply *r);

/* Reads the collections behind meta->url into meta; *changed: some resource did. */
enum err feed_dav(struct feed_link *l, bool *changed);

#endif
