/* The last good copy of a calendar and what is known about it: ID.ics and ID.json in the folder of
 * the copies. Called by feed.c. A copy is replaced as a whole or not at all; what is known about it
 * is written after it, so that a crash between both costs one more question and never a calendar.
 */
#include "schedules/feed_internal.h"

#include "adapters/wire/json.h"
#include "base/hash.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Ids are XML names, but a file name is made of safe signs only. */
static const char *
path_of(const struct feed_source *s, const char *dir, const char *ending, struct arena *a)
{
	bool safe = s->id[0] && s->id[0] != '.' && strlen(s->id) <= 64;
	for (const char *c = s->id; *c; c++)
		safe = safe &&
		       strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.",
			       *c);
	if (safe)
		return arena_printf(a, "%s/%s.%s", dir, s->id, ending);
	char hex[HASH_HEX_SIZE];
	hash_hex(s->id, strlen(s->id), hex);
	return arena_printf(a, "%s/%.32s.%s", dir, hex, ending);
}

const char *
feed_copy_path(const struct feed_source *s, const char *dir, struct arena *a)
{
	return path_of(s, dir, "ics", a);
}

enum err
feed_write(const char *path, const void *bytes, size_t n, struct err_text *e)
{
	struct arena *a = arena_new();
	const char *part = arena_printf(a, "%s.part", path);
	unlink(part);
	int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	enum err code =
		fd < 0 ? err_set(e, ERR_SYSTEM, T("write %s: %s"), part, strerror(errno)) : OK;
	for (size_t at = 0; code == OK && at < n;) {
		ssize_t k = write(fd, (const char *)bytes + at, n - at);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			code = err_set(e, ERR_SYSTEM, T("write %s: %s"), part, strerror(errno));
		else
			at += (size_t)k;
	}
	if (code == OK && fsync(fd) != 0)
		code = err_set(e, ERR_SYSTEM, T("write %s: %s"), part, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (code == OK && rename(part, path) != 0)
		code = err_set(e, ERR_SYSTEM, T("rename %s: %s"), part, strerror(errno));
	if (code != OK)
		unlink(part);
	const char *slash = strrchr(path, '/');
	int dir = code == OK && slash ? open(arena_strndup(a, path, (size_t)(slash - path)),
						O_RDONLY | O_CLOEXEC | O_DIRECTORY)
				      : -1;
	if (dir >= 0) {
		fsync(dir);
		close(dir);
	}
	arena_free(a);
	return code;
}

static const char *
text_of(const struct json *j, const char *key)
{
	const char *s = json_text(j, key);
	return s ? s : "";
}

static void
read_collections(const struct json *list, struct arena *a, struct feed_meta *out)
{
	for (const struct json *j = list ? list->first : NULL; j; j = j->next) {
		struct feed_collection *c = vec_add_in(a, &out->collections);
		c->href = text_of(j, "href");
		c->name = text_of(j, "name");
		c->ctag = text_of(j, "ctag");
		c->token = text_of(j, "token");
		const struct json *items = json_get(j, "items");
		for (const struct json *i = items ? items->first : NULL; i; i = i->next)
			*vec_add_in(a, &c->items) = (struct feed_item){ text_of(i, "href"),
				text_of(i, "etag"), text_of(i, "data") };
	}
}

void
feed_meta_read(const struct feed_source *s, const char *dir, struct arena *a, struct feed_meta *out)
{
	*out = (struct feed_meta){
		.name = "", .etag = "", .modified = "", .auth = "", .refused = ""
	};
	FILE *f = fopen(path_of(s, dir, "json", a), "re");
	if (!f)
		return;
	struct buf b = { 0 };
	char chunk[65536];
	size_t n;
	while (b.n <= 4 * (size_t)FEED_MAX && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
		buf_add(&b, chunk, n);
	fclose(f);
	const struct json *j = NULL;
	/* What is known of another address says nothing about this one. */
	if (json_parse(a, buf_str(&b), b.n, &j, NULL) == OK && str_eq(text_of(j, "url"), s->url)) {
		out->name = text_of(j, "name");
		out->etag = text_of(j, "etag");
		out->modified = text_of(j, "modified");
		out->auth = text_of(j, "auth");
		out->refused = text_of(j, "refused");
		out->fetched_at = json_int(j, "fetched_at", 0);
		out->refresh_ms = json_int(j, "refresh_ms", 0);
		out->dav = json_bool(j, "dav", false);
		read_collections(json_get(j, "collections"), a, out);
	}
	buf_free(&b);
}

enum err
feed_meta_write(
	const struct feed_source *s, const char *dir, const struct feed_meta *m, struct err_text *e)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	json_open(&w, NULL, '{');
	json_put_text(&w, "url", s->url);
	json_put_text(&w, "name", m->name);
	json_put_text(&w, "etag", m->etag);
	json_put_text(&w, "modified", m->modified);
	json_put_text(&w, "auth", m->auth);
	json_put_text(&w, "refused", m->refused);
	json_put_int(&w, "fetched_at", m->fetched_at);
	json_put_int(&w, "refresh_ms", m->refresh_ms);
	json_put_bool(&w, "dav", m->dav);
	json_open(&w, "collections", '[');
	for (size_t i = 0; i < m->collections.n; i++) {
		const struct feed_collection *c = &m->collections.at[i];
		json_open(&w, NULL, '{');
		json_put_text(&w, "href", c->href);
		json_put_text(&w, "name", c->name);
		json_put_text(&w, "ctag", c->ctag);
		json_put_text(&w, "token", c->token);
		json_open(&w, "items", '[');
		for (size_t k = 0; k < c->items.n; k++) {
			json_open(&w, NULL, '{');
			json_put_text(&w, "href", c->items.at[k].href);
			json_put_text(&w, "etag", c->items.at[k].etag);
			json_put_text(&w, "data", c->items.at[k].data);
			json_close(&w, '}');
		}
		json_close(&w, ']');
		json_close(&w, '}');
	}
	json_close(&w, ']');
	json_close(&w, '}');
	struct arena *a = arena_new();
	enum err code = feed_write(path_of(s, dir, "json", a), buf_str(&b), b.n, e);
	arena_free(a);
	buf_free(&b);
	return code;
}

void
feed_remove(const struct feed_source *s, const char *dir)
{
	struct arena *a = arena_new();
	unlink(path_of(s, dir, "ics", a));
	unlink(path_of(s, dir, "json", a));
	arena_free(a);
}
