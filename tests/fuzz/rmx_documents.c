/* Any bytes as an answer of an RMX: cleaned, parsed, merged into a room twice, measured, redacted.
 * Parties are known by one number each, texts are valid within their bounds, and redacting hides
 * nothing but what lies between tags. */
#include "adapters/poly_rmx.h"

#include "base/str.h"

#include "tests/fuzz/text.h"

static void
check_room(const struct rmx_room *room)
{
	for (size_t i = 0; i < room->n; i++) {
		const struct leg *l = &room->parties[i].leg;
		fuzz_text(l->name, sizeof l->name);
		fuzz_text(l->address, sizeof l->address);
		fuzz_text(l->protocol, sizeof l->protocol);
		fuzz_text(l->ending.device_words, sizeof l->ending.device_words);
		if (!rmx_is_id(l->id) || l->state > LEG_GONE || l->ending.cause >= CAUSE_N)
			abort();
		for (size_t k = i + 1; k < room->n && k < i + 8; k++)
			if (str_eq(room->parties[k].leg.id, l->id))
				abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const char *const kinds[] = { "TRANS_CONF_2", "TRANS_PARTY", "TRANS_CONF_LIST",
		"TRANS_MCU" };
	struct arena *a = arena_new();
	struct rmx_room room = { .parties =
					 arena_alloc(a, RMX_PARTIES_MOST * sizeof *room.parties) };
	struct err_text why = { 0 };
	struct rmx_target w;
	struct buf b = { 0 };
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct rmx_answer r;
		struct media_sample m;
		char ip[48];
		if (rmx_answer(a, (const char *)bytes, n, kinds[i], &r, &why) != OK)
			continue;
		rmx_merge(&room, r.root, true);
		check_room(&room);
		rmx_merge(&room, r.root, false);
		check_room(&room);
		rmx_media(r.root, (int64_t)(n % 12), &m, ip, sizeof ip);
		fuzz_text(ip, sizeof ip);
		for (int x = 0; x < MEDIA_N; x++)
			for (int d = 0; d < DIRECTIONS_N; d++) {
				fuzz_text(m.s[x][d].codec, sizeof m.s[x][d].codec);
				if (m.s[x][d].packets.v < 0 || m.s[x][d].lost.v < 0 ||
					m.s[x][d].kbps.v < 0)
					abort();
			}
	}
	rmx_redact(&b, (const char *)bytes, n);
	buf_free(&b);
	rmx_target(a, arena_strndup(a, (const char *)bytes, n), &w);
	arena_free(a);
	return 0;
}
