/* Devices as lanes know them, what is learned of them, and those that are left alone after a
 * refusal.
 *
 * Called by the loop and the planning. A refusal is remembered in the house's chain with a
 * fingerprint of what was tried, so that a restart does not try a wrong password again and lock the
 * account; another password lifts it. The fingerprint is keyed with a file of the state folder, so
 * that the journal does not help to guess a password. It must never log one. */
#include "coordinator_inner.h"

#include "adapters/wire/json.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/str.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* The key of this workspace's fingerprints; made once. Without it (disk, rights) a refusal is
 * forgotten at a restart. */
static bool
fingerprint_key(struct coordinator *c)
{
	unsigned char raw[32];
	char path[4200];
	if (c->key[0])
		return true;
	snprintf(path, sizeof path, "%s/fingerprint.key", c->house->ws.state_dir);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd >= 0 ? read(fd, c->key, 64) : 0;
	if (fd >= 0)
		close(fd);
	if (n == 64)
		return true;
	c->key[0] = '\0';
	fd = getrandom(raw, sizeof raw, 0) == sizeof raw
		     ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)
		     : -1;
	if (fd < 0)
		return false;
	hash_hex(raw, sizeof raw, c->key);
	bool whole = write(fd, c->key, 64) == 64 && fsync(fd) == 0;
	if (close(fd) || !whole)
		c->key[0] = '\0';
	return c->key[0] != '\0';
}

/* What was refused: address and login; for a certificate or host key also the pin that was
 * expected. */
static bool
fingerprint(struct coordinator *c, const char *device, const char *word, char out[65])
{
	struct arena *a = arena_new();
	struct device d;
	bool known = fingerprint_key(c) && house_device(c->house, device, a, &d);
	if (known) {
		bool login = str_eq(word, "login-refused");
		const char *text = arena_printf(a, "%s|%s|%s|%s|%s", c->key, d.url ? d.url : "",
			d.user ? d.user : "", d.password ? d.password : "",
			login || !d.pin ? "" : d.pin);
		hash_hex(text, strlen(text), out);
	}
	arena_free(a);
	return known;
}

static struct refusal *
refusal_of(struct coordinator *c, const char *device)
{
	for (size_t i = 0; i < c->refusals.n; i++)
		if (str_eq(c->refusals.at[i].device, device))
			return &c->refusals.at[i];
	return NULL;
}

static void
forget(struct coordinator *c, struct refusal *r)
{
	*r = c->refusals.at[--c->refusals.n];
}

/* A row of the house's chain, at the start. */
void
device_remember(struct coordinator *c, const char *kind, const char *body)
{
	struct arena *a = arena_new();
	const struct json *j = NULL;
	json_parse(a, body, strlen(body), &j, NULL);
	const char *device = json_text(j, "device");
	struct refusal *r = device ? refusal_of(c, device) : NULL;
	if (device && str_eq(kind, "device-refused")) {
		if (!r)
			r = vec_add(&c->refusals);
		str_copy(r->device, sizeof r->device, device);
		str_copy(r->fingerprint, sizeof r->fingerprint,
			json_text(j, "fingerprint") ? json_text(j, "fingerprint") : "");
		str_copy(r->word, sizeof r->word,
			json_text(j, "word") ? json_text(j, "word") : "login-refused");
		str_copy(r->why, sizeof r->why, json_text(j, "why") ? json_text(j, "why") : "");
	} else if (r) {
		forget(c, r);
	}
	arena_free(a);
}

static void
tell(struct coordinator *c, const char *kind, const struct refusal *r, const char *by)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	json_open(&w, NULL, '{');
	json_put_text(&w, "device", r->device);
	json_put_text(&w, "word", r->word);
	json_put_text(&w, "why", r->why);
	json_put_text(&w, "fingerprint", r->fingerprint);
	if (by)
		json_put_text(&w, "by", by);
	json_close(&w, '}');
	coordinator_house_row(c, kind, buf_str(&b), NULL);
	buf_free(&b);
}

bool
device_pardon(struct coordinator *c, const char *device, const char *by)
{
	struct refusal *r = refusal_of(c, device);
	bool refused = lanes_refused(c->lanes, device, NULL) != NULL;
	lanes_pardon(c->lanes, device);
	if (r) {
		tell(c, "device-pardoned", r, by);
		forget(c, r);
	}
	return refused || r;
}

bool
device_secret(struct coordinator *c, const char *device, char out[65])
{
	char inner[65];
	struct buf b = { 0 };
	if (!fingerprint_key(c))
		return false;
	buf_printf(&b, "push|%s|%s", c->key, device);
	hash_hex(b.at, b.n, inner);
	buf_clear(&b);
	buf_printf(&b, "push|%s|%s", c->key, inner);
	hash_hex(b.at, b.n, out);
	explicit_bzero(b.at, b.n);
	buf_free(&b);
	return true;
}

static void
register_one(struct coordinator *c, struct device *d, struct arena *a)
{
	d->sheet = ask_sheet(c, d->name);
	d->push_url = push_url(c, d, a);
	lanes_device(c->lanes, d);
}

/* All devices of the workspace, and the refusals that still stand. */
void
device_register(struct coordinator *c)
{
	struct arena *a = arena_new();
	const struct house *h = c->house;
	struct device d;
	for (size_t i = 0; i < h->ws.mcus_n; i++)
		if (workspace_mcu_device(&h->ws, &h->ws.mcus[i], a, &d))
			register_one(c, &d, a);
	for (size_t i = 0; h->have_sites && i < h->sites.n; i++)
		if (workspace_site_device(&h->ws, &h->sites.at[i], a, &d))
			register_one(c, &d, a);
	for (size_t i = c->refusals.n; i > 0; i--) {
		struct refusal r = c->refusals.at[i - 1];
		char now[65];
		if (!fingerprint(c, r.device, r.word, now))
			continue;
		if (str_eq(now, r.fingerprint))
			lanes_refuse(c->lanes, r.device, r.word, r.why);
		else if (device_pardon(c, r.device, "changed configuration"))
			log_info("coordinator",
				"%s has another address or password: it may be tried again",
				r.device);
	}
	arena_free(a);
}

/* A person takes the key that it shows now for its own: the one that was learned is forgotten, and
 * the next is kept. */
const char *
device_forget_key(struct coordinator *c, const char *device, struct arena *a)
{
	struct err_text e = { 0 };
	struct device d;
	const char *word = NULL;
	bool stranger = lanes_refused(c->lanes, device, &word) &&
			(str_eq(word, "bad-certificate") || str_eq(word, "host-key-changed"));
	if (!stranger || !house_device(c->house, device, a, &d) || !d.pin)
		return "";
	const char *was = arena_strdup(a, workspace_pin(&c->house->ws, device));
	if (!str_eq(was, d.pin))
		return arena_printf(a,
			"; the key it is known by, %s, was given by hand: correct it there", d.pin);
	if (workspace_pin_forget(&c->house->ws, device, &e) != OK)
		return arena_printf(a, "; its old key could not be forgotten: %s", e.text);
	if (house_device(c->house, device, a, &d))
		register_one(c, &d, a);
	log_info("coordinator", "%s: key %s forgotten by order, the one it shows next is kept",
		device, was);
	return arena_printf(a, "; the key it shows next is kept instead of %s", was);
}

static void
learn_pin(struct coordinator *c, const struct answer *a)
{
	struct err_text e = { 0 };
	struct arena *arena = arena_new();
	struct device d;
	const char *known = workspace_pin(&c->house->ws, a->order.device);
	if (!str_eq(known, a->learned_pin)) {
		if (workspace_pin_save(&c->house->ws, a->order.device, a->learned_pin, &e) != OK)
			log_error("coordinator", "keep the key of %s: %s", a->order.device, e.text);
		else
			log_info("coordinator", "%s: key %s seen for the first time, kept",
				a->order.device, a->learned_pin);
		if (house_device(c->house, a->order.device, arena, &d))
			register_one(c, &d, arena);
	}
	arena_free(arena);
}

/* Each answer, behind lanes_answered(). */
void
device_answered(struct coordinator *c, const struct answer *a)
{
	const char *word, *why;
	if (a->learned_pin[0])
		learn_pin(c, a);
	if (a->code != ERR_AUTH || !(why = lanes_refused(c->lanes, a->order.device, &word)) ||
		refusal_of(c, a->order.device))
		return;
	struct refusal r = { 0 };
	str_copy(r.device, sizeof r.device, a->order.device);
	str_copy(r.word, sizeof r.word, word);
	str_copy(r.why, sizeof r.why, why);
	if (!fingerprint(c, r.device, r.word, r.fingerprint))
		return;
	*vec_add(&c->refusals) = r;
	tell(c, "device-refused", &r, NULL);
}
