/* Any bytes as an answer of a Huawei box: the outer JSON, the JSON in its strings, figures with
 * units. */
#include "adapters/huawei_te.h"

#include "tests/fuzz/text.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct huawei_answer r;
	struct media_sample m;
	struct identity who;
	char alarms[160];
	huawei_read(a, (const char *)bytes, n, &r);
	huawei_read_media(r.data, &m);
	for (int k = 0; k < MEDIA_N; k++)
		for (int d = 0; d < DIRECTIONS_N; d++) {
			const struct stream *s = &m.s[k][d];
			if (s->kbps.v < 0 || s->lost.v < 0 || s->loss_permille.v < 0 ||
				s->fps.v < 0)
				abort();
		}
	huawei_in_call(r.data);
	huawei_mic_muted(r.data, r.data);
	huawei_read_version(r.data, &who);
	fuzz_text(who.model, sizeof who.model);
	fuzz_text(who.serial, sizeof who.serial);
	struct figure up = huawei_read_line(r.data, alarms, sizeof alarms);
	fuzz_text(alarms, sizeof alarms);
	if (up.v < 0)
		abort();
	arena_free(a);
	return 0;
}
