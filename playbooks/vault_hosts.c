/* Is this the host key that a person accepted? Reads OpenSSH's known_hosts: "host,host2 type key",
 * "[host]:port type key", "@revoked ..." and comments. Hashed names and patterns never match: a key
 * is accepted for a name written out.
 *
 * Called by vault_child.c. Pure. Must never answer HOST_KNOWN for anything but the same bytes. */
#include "playbooks/vault_hosts.h"

#include "base/arena.h"
#include "base/str.h"

static bool
names_host(struct arena *a, const char *list, const char *host, int port)
{
	const char *bracketed = arena_printf(a, "[%s]:%d", host, port);
	char **names = str_split(a, list, ",", NULL);
	for (; *names; names++) {
		if (str_eq_nocase(*names, bracketed) || (port == 22 && str_eq_nocase(*names, host)))
			return true;
	}
	return false;
}

enum host_key
vault_host_check(const char *text, const char *host, int port, const char *type, const char *key)
{
	struct arena *a = arena_new();
	enum host_key answer = HOST_UNKNOWN;
	char **lines = str_split(a, text, "\r\n", NULL);
	for (; *lines; lines++) {
		size_t n;
		char **words = str_split(a, *lines, " \t", &n);
		bool revoked = n > 0 && str_eq(words[0], "@revoked");
		if (n == 0 || words[0][0] == '#' || (words[0][0] == '@' && !revoked))
			continue;
		words += revoked;
		n -= revoked;
		if (n < 3 || !names_host(a, words[0], host, port) || !str_eq(words[1], type))
			continue;
		bool same = str_eq(words[2], key);
		if (revoked && same) {
			answer = HOST_CHANGED;
			break;
		}
		if (!revoked && same)
			answer = HOST_KNOWN;
		else if (!revoked && answer == HOST_UNKNOWN)
			answer = HOST_CHANGED;
	}
	arena_free(a);
	return answer;
}
