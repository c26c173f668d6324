/* Addresses against networks. Pure. */
#ifndef TD_BASE_NET_H
#define TD_BASE_NET_H

#include <stdbool.h>
#include <stddef.h>

/* Is this text an IPv4 or IPv6 address (brackets and a port behind it are ignored)? */
bool net_is_address(const char *ip);
/* Does "10.0.0.0/8" (RFC 4632; RFC 4291 for IPv6) contain the address? False if either cannot be
 * read. IPv4 written as ::ffff:10.1.1.1 is compared as IPv4. */
bool net_contains(const char *cidr, const char *ip);
/* "02-00-00-01-00-0a", "0200.0001.000a" ... as "02:00:00:01:00:0A"; false: no such address, out is
 * "". */
bool net_mac(const char *text, char out[18]);
/* Host of "https://10.1.1.10:8443/x", "ssh://[::1]:22", "10.1.1.10:80"; "" if there is none. out is
 * always terminated. */
void net_host(const char *url, char *out, size_t size);

#endif
