/* The <listen> element: what its attributes mean together, and whose posts may be expected. Called
 * by workspace.c and the coordinator. Pure but for the arena. Must never resolve a name: who posts
 * is known by a number. */
#include "workspace.h"
#include "workspace_files.h"

#include "base/net.h"
#include "base/str.h"

#include <string.h>

/* "http://10.1.1.2:8091" and no more behind it than a slash. */
static bool
is_place(const char *url, char host[64], int *out_port)
{
	int64_t port = 0;
	net_host(url, host, 64);
	const char *colon = strrchr(url, ':');
	char digits[8] = "";
	if (colon && colon[1] != '/')
		str_copy(digits, sizeof digits, colon + 1);
	digits[strcspn(digits, "/")] = '\0';
	bool bare = colon && strlen(colon + 1) - strlen(digits) <= 1;
	if (!*host || !bare || !str_to_int(digits, 1, 65535, &port))
		return false;
	*out_port = (int)port;
	return str_starts(url, "http://") || str_starts(url, "https://");
}

const char *
workspace_listen_take(struct workspace_listen *l, const char *reach, struct arena *a)
{
	char host[64];
	int port;
	l->tls = str_starts(l->url, "https://");
	if (!is_place(l->url, l->host, &l->port) || !net_is_address(l->host))
		return arena_printf(a,
			T("listen: url \"%s\" is not like http://10.1.1.2:8091: a number of this "
			  "machine and a port"),
			l->url);
	if (l->tls != (l->cert && l->key))
		return l->tls ? T("listen: https needs cert=\"...\" and key=\"...\"")
			      : T("listen: cert and key are for https");
	if (!reach && (str_eq(l->host, "0.0.0.0") || str_eq(l->host, "::")))
		return arena_printf(a,
			T("listen: url \"%s\" is no address that a device could call: give "
			  "reach=\"http://...\""),
			l->url);
	if (reach && !is_place(reach, host, &port))
		return arena_printf(
			a, T("listen: reach \"%s\" is not like http://10.1.1.2:8091"), reach);
	char *bare = arena_strdup(a, reach ? reach : l->url);
	for (size_t n = strlen(bare); n > 0 && bare[n - 1] == '/'; n--)
		bare[n - 1] = '\0';
	l->reach = bare;
	return NULL;
}

static bool
posts(const struct workspace *w, bool asked, const char *url, char out_host[64])
{
	out_host[0] = '\0';
	if (!*w->listen.url || w->listen.disabled || !asked)
		return false;
	net_host(url ? url : "", out_host, 64);
	return net_is_address(out_host);
}

bool
workspace_posts(const struct workspace *w, const char *adapter, const char *url, char out_host[64])
{
	const struct mcu_adapter *m = mcu_adapter_find(adapter);
	return posts(w, m && m->subscribe, url, out_host);
}

bool
workspace_site_posts(
	const struct workspace *w, const char *adapter, const char *url, char out_host[64])
{
	const struct endpoint_adapter *e = endpoint_adapter_find(adapter);
	return posts(w, e && e->subscribe, url, out_host);
}
