/* Any lines as the head of an HTTP answer, and as addresses: cookies that are kept are few, short
 * and cannot break a line of ours; a redirect never leads elsewhere than to a server, nor down from
 * https; hosts and options of an address stay in their room. */
#include "adapters/wire/cookies.h"

#include "adapters/wire/place.h"
#include "adapters/wire/query.h"
#include "base/net.h"
#include "base/str.h"
#include "schedules/feed_internal.h"
#include "tests/fuzz/text.h"

enum { MOST = 40 };

static void
cookies(struct arena *a, const struct http_reply *r)
{
	struct cookies c = { 0 };
	cookies_take(a, &c, r);
	const char *line = cookies_line(a, &c);
	if (c.n > COOKIES_MOST || (line != NULL) != (c.n > 0) || (line && strpbrk(line, "\r\n")))
		abort();
	for (size_t i = 0; i < c.n; i++) {
		if (strlen(c.at[i].name) + strlen(c.at[i].value) > COOKIE_BYTES || !*c.at[i].name ||
			cookies_value(&c, c.at[i].name) != c.at[i].value)
			abort();
	}
}

static void
address(struct arena *a, const char *text)
{
	static const char *const bases[] = { "https://lich.example/dav/a.ics?x=1",
		"http://lich.example", "webcal://u:p@lich.example:8443/x/y" };
	char host[48], option[20] = "", mac[18];
	for (size_t i = 0; i < sizeof bases / sizeof *bases; i++) {
		const char *to = feed_resolve(bases[i], text, a), *origin, *path;
		if (!to)
			continue;
		if (!feed_split(to, a, &origin, &path) || (*path != '/' && *path != '?') ||
			strpbrk(origin + 8, "/?#") || (i == 0 && !str_starts(to, "https://")) ||
			!(str_starts(to, "https://") || str_starts(to, "http://")))
			abort();
	}
	net_host(text, host, sizeof host);
	if (!memchr(host, '\0', sizeof host) || strchr(host, '/'))
		abort();
	if (query_option(text, "app", option, sizeof option) &&
		!memchr(option, '\0', sizeof option))
		abort();
	if (net_mac(text, mac) != (strlen(mac) == 17))
		abort();
	net_contains("10.0.0.0/8", text);
	net_contains(text, "10.0.0.1");
	struct task t = { .arena = a, .cancel_fd = -1 };
	struct place p;
	enum err e = place_read(&t, "box", text, "ssh://", 22, &p);
	fuzz_text(t.why, sizeof t.why);
	if (e == OK &&
		(!*p.host || !memchr(p.host, '\0', sizeof p.host) || p.port < 1 || p.port > 65535))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct http_header heads[MOST];
	struct http_reply r = { .headers = heads };
	char *rest = utf8_repair(a, (const char *)bytes, n), *line;
	while ((line = strsep(&rest, "\n")) && r.headers_n < MOST) {
		address(a, line);
		char *colon = strchr(line, ':');
		if (!colon)
			continue;
		*colon = '\0';
		heads[r.headers_n++] = (struct http_header){ line, str_trim(colon + 1) };
	}
	cookies(a, &r);
	http_header(&r, "Location");
	arena_free(a);
	return 0;
}
