/* Sites by the addresses of their legs.
 *
 * Called for legs that an MCU lists, by the run for those it expects and by the coordinator for
 * those it does not. Owns nothing.
 * It must never take one of several sites behind an address for the right one. */
#include "schedules/sites.h"

#include "base/net.h"
#include "base/str.h"

#include <string.h>

void
sites_plain_address(const char *address, char *out, size_t size)
{
	const char *colon = strchr(address, ':');
	char scheme[8] = "";
	for (size_t i = 0; colon && i < sizeof scheme - 1 && address + i < colon; i++)
		scheme[i] = (char)(address[i] >= 'A' && address[i] <= 'Z' ? address[i] + 32
									  : address[i]);
	bool ours = str_eq(scheme, "sip") || str_eq(scheme, "h323") || str_eq(scheme, "sips");
	const char *from = ours ? colon + 1 : address;
	size_t n = strcspn(from, ";>?");
	if (n >= size)
		n = size - 1;
	for (size_t i = 0; i < n; i++)
		out[i] = (char)(from[i] >= 'A' && from[i] <= 'Z' ? from[i] + 32 : from[i]);
	out[n] = '\0';
}

bool
sites_same_address(const char *a, const char *b)
{
	char x[160], y[160];
	if (!a || !b || !*a || !*b)
		return false;
	sites_plain_address(a, x, sizeof x);
	sites_plain_address(b, y, sizeof y);
	return str_eq(x, y);
}

/* "sip:chu-tuc@10.9.8.7:5060" lies at 10.9.8.7. */
static bool
lies_at(const char *address, const char *ip)
{
	char plain[160], host[64];
	if (str_empty(address) || !net_is_address(ip))
		return false;
	sites_plain_address(address, plain, sizeof plain);
	const char *at = strrchr(plain, '@');
	net_host(at ? at + 1 : plain, host, sizeof host);
	return str_eq(host, ip);
}

const struct site *
sites_by_address(const struct sites *s, const char *address, const char *ip)
{
	for (int host = 0; host < 2; host++) {
		const struct site *found = NULL;
		size_t n = 0;
		for (size_t i = 0; i < s->n; i++) {
			bool hit = false;
			for (int k = 0; k < 2; k++)
				hit = hit ||
				      (host ? lies_at(s->at[i].address[k], ip)
					    : sites_same_address(s->at[i].address[k], address));
			if (hit) {
				found = &s->at[i];
				n++;
			}
		}
		if (n)
			return n == 1 ? found : NULL;
	}
	return NULL;
}
