/* Host and port out of an address like "ssh://host:port".
 *
 * Called by adapters that open a connection of their own (HTTP leaves this to libcurl). Owns
 * nothing. Must never look a name up, or guess what a broken address was meant to be. */
#include "adapters/wire/place.h"

#include "base/str.h"

#include <string.h>

enum err
place_read(struct task *t, const char *device, const char *url, const char *scheme,
	int default_port, struct place *out)
{
	char whole[256];
	int64_t n = default_port;
	*out = (struct place){ 0 };
	if (!str_starts(url, scheme))
		return task_fail(t, ERR_INPUT, T("connect to %s: %s does not begin with %s"),
			device, url ? url : "no address", scheme);
	bool fits = str_copy(whole, sizeof whole, url + strlen(scheme));
	whole[strcspn(whole, "/?")] = '\0';
	char *from = whole, *end = NULL, *colon = strrchr(whole, ':');
	if (*whole == '[') {
		from = whole + 1;
		end = strchr(whole, ']');
		colon = end && end[1] ? end + 1 : NULL;
		fits = fits && end && (!colon || *colon == ':');
	}
	if (end)
		*end = '\0';
	else if (colon)
		*colon = '\0';
	if (!fits || !*from || strchr(from, '@') || (colon && !str_to_int(colon + 1, 1, 65535, &n)))
		return task_fail(t, ERR_INPUT, T("connect to %s: %s is no %shost:port"), device,
			url, scheme);
	str_copy(out->host, sizeof out->host, from);
	out->port = (int)n;
	return OK;
}
