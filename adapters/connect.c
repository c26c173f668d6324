/* The connection to a device as its configuration says: what every family that speaks HTTP or SSH
 * hands to the wire. Called by the adapters' open(). Owns nothing: who asked closes the connection.
 * Must never log in where the family has words of its own for it, nor know a family. */
#include "adapters/connect.h"

#include "base/str.h"

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
