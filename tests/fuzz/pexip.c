/* Any bytes as an answer of a Pexip Management Node, through every reader. No figure is below
 * nought, every text is bounded and valid, an id can stand in a path. */
#include "adapters/pexip.h"

#include "adapters/connect.h"

#include "tests/fuzz/text.h"

static void
check_media(const struct json *j)
{
	struct media_sample m;
	pexip_media(j, &m);
	for (int k = 0; k < MEDIA_N; k++)
		for (int d = 0; d < DIRECTIONS_N; d++) {
			const struct stream *s = &m.s[k][d];
			fuzz_text(s->codec, sizeof s->codec);
			if (s->kbps.v < 0 || s->packets.v < 0 || s->lost.v < 0 ||
				s->loss_permille.v < 0 || s->jitter_ms.v < 0 || s->far_lost.v < 0 ||
				s->far_received.known)
				abort();
		}
}

static void
check_leg(const struct json *j)
{
	struct leg leg;
	if (!pexip_leg(j, &leg))
		return;
	fuzz_text(leg.name, sizeof leg.name);
	fuzz_text(leg.address, sizeof leg.address);
	fuzz_text(leg.protocol, sizeof leg.protocol);
	fuzz_text(leg.remote_ip, sizeof leg.remote_ip);
	if (!device_is_id(leg.id, sizeof leg.id) || leg.state == LEG_GONE || leg.configured)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	const struct json *j = NULL;
	const char *text = utf8_repair(a, (const char *)bytes, n), *view;
	if (json_parse(a, (const char *)bytes, n, &j, NULL) != OK)
		j = NULL;
	struct pexip_list list;
	size_t seen = 0;
	if (pexip_list(j, &list))
		for (const struct json *x = list.first; x; x = x->next, seen++)
			check_leg(x);
	if (seen != list.n)
		abort();
	check_leg(j);
	check_media(j);
	for (int up = 0; up < 2; up++) {
		struct ending e = pexip_ending(up ? text : json_text(j, "disconnect_reason"), up);
		fuzz_text(e.device_words, sizeof e.device_words);
		if (e.cause >= CAUSE_N)
			abort();
	}
	if (strlen(pexip_words(a, j, 400)) > 600)
		abort();
	int64_t room;
	bool own;
	if (pexip_conference(text, &room, &own) && room <= 0)
		abort();
	pexip_layout(text, &view);
	arena_free(a);
	return 0;
}
