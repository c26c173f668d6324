/* Any bytes as lines of an external program: through the reader of replies, identities and
 * statuses. */
#include "adapters/exec.h"

#include "tests/fuzz/text.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct exec_reply r;
	struct identity who;
	struct endpoint_status s;
	const char *path, *address, *line = utf8_repair(a, (const char *)bytes, n);
	bool good = exec_read(a, line, &r);
	if (!r.why || (good && (unsigned)r.result > ERR_SYSTEM))
		abort();
	const struct json *parts[] = { r.all, json_get(r.all, "status"),
		json_get(r.all, "identity") };
	for (int i = 0; i < 3; i++) {
		exec_identity(parts[i], &who);
		fuzz_text(who.model, sizeof who.model);
		fuzz_text(who.alarms, sizeof who.alarms);
		struct leg leg;
		struct history past;
		bool known = exec_leg(parts[i], &leg);
		if (known && !leg.id[0])
			abort();
		fuzz_text(leg.name, sizeof leg.name);
		fuzz_text(leg.ending.device_words, sizeof leg.ending.device_words);
		exec_history(a, parts[i], &past);
		for (size_t k = 0; k < past.n; k++)
			fuzz_text(past.at[k].far_address, sizeof past.at[k].far_address);
		exec_status(parts[i], &s);
		fuzz_text(s.far_address, sizeof s.far_address);
		if (who.uptime_s.v < 0 || s.uptime_s.v < 0 || s.uptime_step_s <= 0)
			abort();
		for (int m = 0; m < MEDIA_N; m++)
			for (int d = 0; d < DIRECTIONS_N; d++) {
				fuzz_text(s.media.s[m][d].codec, sizeof s.media.s[m][d].codec);
				if (s.media.s[m][d].packets.v < 0 || s.media.s[m][d].kbps.v < 0)
					abort();
			}
	}
	if (exec_url(a, line, &path, &address) && *path != '/')
		abort();
	arena_free(a);
	return 0;
}
