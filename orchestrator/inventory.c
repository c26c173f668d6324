/* The inventory as rows and back.
 *
 * Written by the coordinator, read by `devices`. Pure but for the reader it is given. A figure that
 * a device does not tell is left out, and a device that stops telling something has not changed:
 * only two told values differ. It must never keep a password, and an address is kept without its
 * user part. */
#include "inventory.h"

#include "adapters/wire/json.h"
#include "base/str.h"
#include "text.h"

#include <stddef.h>
#include <string.h>

static void
put(struct json_out *w, const char *key, const char *text)
{
	if (!str_empty(text))
		json_put_text(w, key, text);
}

/* An address as ssh://name@host: without the name. */
static const char *
without_user(const char *url, struct buf *b)
{
	const char *host = url ? strstr(url, "://") : NULL,
		   *at = host ? strchr(host + 3, '@') : NULL;
	if (!at || at > host + 3 + strcspn(host + 3, "/?#"))
		return url;
	buf_add(b, url, (size_t)(host + 3 - url));
	buf_puts(b, at + 1);
	return buf_str(b);
}

void
inventory_write(const struct device *d, const struct identity *id,
	const struct endpoint_status *status, struct json_out *w)
{
	struct buf b = { 0 };
	json_open(w, NULL, '{');
	json_put_text(w, "device", d->name);
	put(w, "adapter", d->adapter);
	put(w, "address", without_user(d->url, &b));
	put(w, "vendor", id->vendor);
	put(w, "model", id->model);
	put(w, "software", id->software);
	put(w, "serial", id->serial);
	put(w, "mac", id->mac);
	put(w, "alarms", id->alarms);
	if (id->uptime_s.known)
		json_put_figure(w, "uptime_s", id->uptime_s);
	if (id->ports.known)
		json_put_figure(w, "ports", id->ports);
	if (status && status->auto_answer != UNKNOWN)
		json_put_tri(w, "auto_answer", status->auto_answer);
	if (status && status->auto_answer_muted != UNKNOWN)
		json_put_tri(w, "auto_answer_muted", status->auto_answer_muted);
	if (status && status->mic_muted != UNKNOWN)
		json_put_tri(w, "microphone_muted", status->mic_muted);
	json_close(w, '}');
	buf_free(&b);
}

static const struct field {
	const char *key;
	size_t at;
	bool compared;
} fields[] = {
	{ "address", offsetof(struct inventory, address), true },
	{ "adapter", offsetof(struct inventory, adapter), true },
	{ "vendor", offsetof(struct inventory, vendor), true },
	{ "model", offsetof(struct inventory, model), true },
	{ "software", offsetof(struct inventory, software), true },
	{ "serial", offsetof(struct inventory, serial), true },
	{ "mac", offsetof(struct inventory, mac), true },
	{ "alarms", offsetof(struct inventory, alarms), false },
};

static const char **
text_of(struct inventory *i, const struct field *f)
{
	return (const char **)(void *)((char *)i + f->at);
}

static struct inventory *
find(const struct inventories *all, const char *device)
{
	for (size_t i = 0; i < all->at.n; i++)
		if (str_eq(all->at.at[i].device, device))
			return &all->at.at[i];
	return NULL;
}

static void
take_texts(struct inventories *all, struct inventory *i, const struct json *j, int64_t at)
{
	for (size_t k = 0; k < sizeof fields / sizeof fields[0]; k++) {
		const struct field *f = &fields[k];
		const char **text = text_of(i, f), *told = json_text(j, f->key);
		if (f->compared && told && **text && !str_eq(*text, told))
			*vec_add_in(all->arena, &i->changes) =
				(struct inventory_change){ .what = f->key,
					.from = *text,
					.to = arena_strdup(all->arena, told),
					.since = i->at,
					.at = at };
		if (told || !f->compared)
			*text = arena_strdup(all->arena, told ? told : "");
	}
}

void
inventory_take(struct inventories *all, const struct row *row)
{
	if (!str_eq(row->kind, "inventory"))
		return;
	const struct json *j = NULL;
	struct arena *a = arena_new();
	json_parse(a, row->body, strlen(row->body), &j, NULL);
	const char *device = json_text(j, "device");
	struct inventory *i = device ? find(all, device) : NULL;
	if (device && !i) {
		i = vec_add_in(all->arena, &all->at);
		i->device = arena_strdup(all->arena, device);
		for (size_t k = 0; k < sizeof fields / sizeof fields[0]; k++)
			*text_of(i, &fields[k]) = "";
	}
	if (i) {
		take_texts(all, i, j, row->at);
		i->uptime_s = json_figure(j, "uptime_s");
		i->ports = json_figure(j, "ports");
		i->auto_answer = json_tri(j, "auto_answer");
		i->auto_answer_muted = json_tri(j, "auto_answer_muted");
		i->microphone_muted = json_tri(j, "microphone_muted");
		i->at = row->at;
	}
	arena_free(a);
}

static bool
take_row(const struct row *row, void *all)
{
	inventory_take(all, row);
	return true;
}

enum err
inventory_read(
	struct journal_reader *r, struct arena *a, struct inventories *out, struct err_text *e)
{
	*out = (struct inventories){ .arena = a };
	enum err code = journal_rows(r, JOURNAL_HOUSE, 1, take_row, out, e);
	return code == ERR_GONE ? OK : code;
}

const struct inventory *
inventory_of(const struct inventories *all, const char *device)
{
	return find(all, device);
}

const char *
inventory_what(const char *lang, const char *what)
{
	static const struct text_word words[] = { { "vendor", T("vendor") },
		{ "model", T("model") }, { "serial", T("serial number") },
		{ "software", T("software") }, { "mac", T("MAC address") },
		{ "address", T("address") }, { "adapter", T("kind of equipment") }, { 0 } };
	return text_word(lang, words, what);
}

bool
inventory_drifted(const struct inventory *i)
{
	return i->changes.n && i->changes.at[i->changes.n - 1].at == i->at;
}
