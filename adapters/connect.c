/* The connection to a device as its configuration says: what every family that speaks HTTP or SSH
 * hands to the wire. Called by the adapters' open(). Owns nothing: who asked closes the connection.
 * Must never log in where the family has words of its own for it, nor know a family. */
#include "adapters/connect.h"

#include "adapters/wire/trace.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum err
device_http(struct task *t, struct lane *l, enum http_auth auth, size_t max_body, struct http **out)
{
	const struct device *d = l->device;
	return http_open(t,
		&(struct http_options){
			.url = d->url,
			.auth = auth,
			.user = d->user,
			.password = d->password,
			.pin = d->pin,
			.ca_file = d->ca_file,
			.learned = d->learn ? l->learned_pin : NULL,
			.legacy = d->legacy,
			.max_body = max_body,
		},
		out);
}

enum err
device_session(struct task *t, struct lane *l, enum http_auth auth, size_t max_body, void *session,
	device_hello_fn *hello, device_close_fn *close)
{
	struct http **http = session;
	enum err e = device_http(t, l, auth, max_body, http);
	if (e)
		return e;
	l->session = session;
	e = hello(t, l);
	if (e)
		close(t, l);
	return e;
}

void
device_close(struct task *t, struct lane *l)
{
	struct http **http = l->session;
	if (http)
		http_close(*http);
	l->session = NULL;
}

const char *
device_basic(struct task *t, struct lane *l)
{
	const struct device *d = l->device;
	struct buf login = { 0 };
	buf_printf(&login, "%s:%s", d->user ? d->user : "", d->password ? d->password : "");
	char *coded = arena_alloc(l->arena, 4 * ((login.n + 2) / 3) + 1);
	hash_base64(login.at, login.n, coded);
	explicit_bzero(login.at, login.n);
	buf_free(&login);
	trace_secret(t->trace, coded);
	return arena_printf(l->arena, "Authorization: Basic %s", coded);
}

bool
device_cut_off(struct task *t, enum err e)
{
	return e == ERR_TIMEOUT && task_left(t) > 0 && !task_canceled(t);
}

enum err
device_ask(struct task *t, struct http *h, const struct http_request *q, bool again,
	struct http_reply *out)
{
	enum err e = http_ask(t, h, q, out);
	if (again && device_cut_off(t, e)) {
		task_forgive(t);
		e = http_ask(t, h, q, out);
	}
	return e;
}

enum err
device_start(struct task *t, struct lane *l, const struct conference_spec *spec,
	device_find_fn *find, device_make_fn *make, struct conference *out)
{
	for (int round = 0; round < 2; round++) {
		enum err e = find(t, l, spec->name, out);
		if (e != ERR_GONE) {
			out->created = round > 0; /* by the order whose answer was lost */
			return e;
		}
		task_forgive(t);
		e = make(t, l, spec, out);
		if (!device_cut_off(t, e))
			return e;
		task_forgive(t);
	}
	return task_fail(t, ERR_TIMEOUT, "open %s on %s: the device closed the connection twice",
		spec->name, l->device->name);
}

void
device_conference(struct conference *out, const char *id, const char *name, bool created)
{
	*out = (struct conference){ .created = created };
	str_copy(out->id, sizeof out->id, id);
	str_copy(out->name, sizeof out->name, name);
}

enum err
device_not_ended(struct task *t, const struct lane *l, const struct leg *leg)
{
	return task_fail(
		t, ERR_BUSY, "why %s ended on %s: it has not ended", leg->name, l->device->name);
}

enum err
device_refusal(int status)
{
	switch (status) {
	case 404:
	case 410: return ERR_GONE;
	case 405:
	case 501: return ERR_UNSUPPORTED;
	case 408:
	case 429:
	case 503: return ERR_BUSY;
	default: return status >= 400 && status < 500 ? ERR_REFUSED : ERR_PROTOCOL;
	}
}

bool
device_is_id(const char *s, size_t size)
{
	return !str_empty(s) && strlen(s) < size && str_only(s, "-_");
}

void
device_word(char *out, size_t size, const char *name)
{
	char hash[HASH_HEX_SIZE];
	struct arena *a = arena_new();
	hash_hex(name, strlen(name), hash);
	const char *plain = utf8_plain(a, utf8_repair(a, name, strlen(name)));
	size_t k = 0, most = size - 1 - 9;
	for (; *plain && k < most; plain++) {
		if (str_is_alnum(*plain))
			out[k++] = *plain;
		else if (k && out[k - 1] != '-')
			out[k++] = '-';
	}
	snprintf(out + k, size - k, "%s%.8s", k && out[k - 1] != '-' ? "-" : "", hash);
	arena_free(a);
}

const char *
device_target(const char *address, bool *out_h323)
{
	const char *rest = address ? address : "";
	*out_h323 = strncasecmp(rest, "h323:", 5) == 0;
	if (*out_h323 || strncasecmp(rest, "sips:", 5) == 0)
		rest += 5;
	else if (strncasecmp(rest, "sip:", 4) == 0)
		rest += 4;
	return *rest ? rest : NULL;
}

enum err
device_ssh(struct task *t, struct lane *l, const struct place *at, struct ssh **out)
{
	const struct device *d = l->device;
	enum err e = ssh_open(t,
		&(struct ssh_options){
			.host = at->host,
			.port = at->port,
			.user = d->user,
			.password = d->password,
			.pin = d->pin,
			.legacy = d->legacy,
			.pty = true,
		},
		out);
	if (e == OK && !d->pin)
		str_copy(l->learned_pin, sizeof l->learned_pin, ssh_host_key(*out));
	return e;
}
