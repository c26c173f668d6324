/* Any bytes as an answer of a Poly VideoOS box, through every reader. No figure is below nought,
 * every text is bounded. */
#include "adapters/poly_rest.h"

#include "adapters/internal.h"

#include "tests/fuzz/text.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct poly_rest_conferences c;
	struct media_sample m;
	struct identity who;
	struct figure w, h;
	const struct json *j = poly_rest_parse(a, (const char *)bytes, n);
	if (poly_rest_read_conferences(j, &c))
		for (size_t i = 0; i < c.n; i++) {
			fuzz_text(c.at[i].far, sizeof c.at[i].far);
			fuzz_text(c.at[i].id, sizeof c.at[i].id);
			if (!*c.at[i].id || strpbrk(c.at[i].id, "/?#. %"))
				abort();
		}
	poly_rest_read_media(j, &m);
	for (int k = 0; k < MEDIA_N; k++)
		for (int d = 0; d < DIRECTIONS_N; d++) {
			const struct stream *s = &m.s[k][d];
			fuzz_text(s->codec, sizeof s->codec);
			if (s->kbps.v < 0 || s->lost.v < 0 || s->loss_permille.v < 0 ||
				s->fps.v < 0)
				abort();
		}
	poly_rest_read_system(j, &who);
	poly_rest_read_status(j, who.alarms, sizeof who.alarms);
	fuzz_text(who.model, sizeof who.model);
	fuzz_text(who.alarms, sizeof who.alarms);
	if (!poly_rest_reason(j) || who.uptime_s.v < 0)
		abort();
	picture_size(utf8_repair(a, (const char *)bytes, n), &w, &h);
	if (w.known != h.known || w.v < 0 || h.v < 0)
		abort();
	arena_free(a);
	return 0;
}
