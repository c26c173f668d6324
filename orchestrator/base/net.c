/* Addresses against networks: for the rule that sites stay on the permitted ones. Pure; asks no
 * name server. */
#include "base/net.h"

#include "base/str.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

struct address {
	unsigned char at[16];
	int bits; /* 32 or 128; 0: not an address */
};

void
net_host(const char *url, char *out, size_t size)
{
	const char *from = url ? strstr(url, "://") : NULL;
	size_t n;

	from = from ? from + 3 : url ? url : "";
	const char *end = from + strcspn(from, "/?#");
	const char *at = memchr(from, '@', (size_t)(end - from));

	if (at)
		from = at + 1;
	if (*from == '[') {
		from++;
		n = strcspn(from, "]/");
	} else {
		const char *colon = memchr(from, ':', (size_t)(end - from));

		/* More than one colon without brackets is a bare IPv6 address. */
		n = colon && !memchr(colon + 1, ':', (size_t)(end - colon - 1))
			    ? (size_t)(colon - from)
			    : (size_t)(end - from);
	}
	if (!size)
		return;
	if (n >= size)
		n = size - 1;
	memcpy(out, from, n);
	out[n] = '\0';
}

static struct address
read_address(const char *text)
{
	static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	struct address a = { 0 };
	char host[64];

	net_host(text, host, sizeof host);
	if (inet_pton(AF_INET, host, a.at) == 1) {
		a.bits = 32;
	} else if (inet_pton(AF_INET6, host, a.at) == 1) {
		a.bits = 128;
		if (!memcmp(a.at, mapped, sizeof mapped)) {
			memmove(a.at, a.at + 12, 4);
			a.bits = 32;
		}
	}
	return a;
}

bool
net_is_address(const char *ip)
{
	return ip && *ip && read_address(ip).bits != 0;
}

bool
net_contains(const char *cidr, const char *ip)
{
	char network[64];
	const char *slash = cidr ? strchr(cidr, '/') : NULL;
	int64_t prefix;

	if (!slash || !ip || (size_t)(slash - cidr) >= sizeof network)
		return false;
	memcpy(network, cidr, (size_t)(slash - cidr));
	network[slash - cidr] = '\0';
	struct address n = read_address(network), a = read_address(ip);

	if (!n.bits || n.bits != a.bits || !str_to_int(slash + 1, 0, n.bits, &prefix))
		return false;
	for (int bit = 0; bit < prefix; bit += 8) {
		unsigned mask = prefix - bit >= 8 ? 0xff : 0xff & (0xff << (8 - (prefix - bit)));

		if ((n.at[bit / 8] & mask) != (a.at[bit / 8] & mask))
			return false;
	}
	return true;
}

bool
net_mac(const char *text, char out[18])
{
	enum { DIGITS = 12 };
	size_t n = 0;
	for (const char *p = text ? text : ""; *p; p++) {
		if (isxdigit((unsigned char)*p) && n < DIGITS)
			out[n / 2 * 3 + n % 2] = (char)toupper((unsigned char)*p), n++;
		else if (isxdigit((unsigned char)*p) || !strchr(":-. ", *p))
			n = DIGITS + 1;
		if (n > DIGITS)
			break;
	}
	for (size_t i = 1; i < DIGITS / 2; i++)
		out[i * 3 - 1] = ':';
	out[n == DIGITS ? DIGITS / 2 * 3 - 1 : 0] = 0;
	return n == DIGITS;
}
