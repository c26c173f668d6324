/* Any bytes as the answer or the post of a TelePresence Server: taken for a roster and a diagnosis.
 * What comes out is valid text within its bounds, no figure is negative, and nothing but its one
 * word makes a leg up. */
#include "adapters/cisco_mcu.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void
check(const char *text, size_t size)
{
	if (!memchr(text, '\0', size) || !utf8_valid(text, strlen(text)))
		abort();
}

static void
check_media(const struct xmlrpc *v)
{
	struct media_sample sample = { 0 };
	tps_media(v, &sample);
	for (int m = 0; m < MEDIA_N; m++)
		for (int d = 0; d < DIRECTIONS_N; d++) {
			const struct stream *s = &sample.s[m][d];
			check(s->codec, sizeof s->codec);
			if (s->packets.v < 0 || s->lost.v < 0 || s->kbps.v < 0 ||
				s->jitter_ms.v < 0)
				abort();
		}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct task t = { .arena = arena_new(), .cancel_fd = -1 };
	const struct xmlrpc *v = NULL;
	const char *method = "";
	struct xmlrpc_fault fault = { 0 };
	if (xmlrpc_parse(&t, (const char *)bytes, n, &v, &fault) == OK && v) {
		const struct xmlrpc *list = xmlrpc_get(v, "participantList");
		for (const struct xmlrpc *i = list ? list->first : NULL; i; i = i->next) {
			struct leg leg;
			char address[TPS_ADDRESS_MAX + 1];
			if (!tps_leg(i, &leg))
				continue;
			check(leg.id, sizeof leg.id);
			check(leg.name, sizeof leg.name);
			check(leg.address, sizeof leg.address);
			check(leg.protocol, sizeof leg.protocol);
			if (!*leg.id || (leg.state == LEG_UP) !=
						str_eq_nocase(xmlrpc_text(i, "connectionState", ""),
							"connected"))
				abort();
			if (tps_address(leg.address, address))
				check(address, sizeof address);
		}
		check_media(v);
	} else if (xmlrpc_parse_call(&t, (const char *)bytes, n, &method, &v) == OK &&
		   tps_is_diagnosis(method)) {
		check_media(v);
	}
	arena_free(t.arena);
	return 0;
}
