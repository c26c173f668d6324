/* Any bytes from baresip's control port: as netstrings, the messages in them as JSON, their texts
 * and the bytes themselves through every function that reads an answer. A message lies within the
 * bytes, texts are bounded and terminated, counters not negative. */
#include "adapters/baresip.h"

#include "base/arena.h"
#include "tests/fuzz/text.h"

static void
figures(const struct stream s[DIRECTIONS_N])
{
	for (int d = 0; d < DIRECTIONS_N; d++) {
		fuzz_text(s[d].codec, sizeof s[d].codec);
		if (s[d].packets.v < 0 || s[d].lost.v < 0 || s[d].kbps.v < 0 ||
			s[d].jitter_ms.v < 0)
			abort();
	}
}

static void
one_text(struct arena *a, const char *text)
{
	struct baresip_calls calls = { 0 };
	struct stream streams[DIRECTIONS_N] = { 0 };
	char id[64] = "", version[80] = "";
	int64_t up = 0;
	if (baresip_calls(text, &calls) && calls.n < 0)
		abort();
	fuzz_text(calls.peer, sizeof calls.peer);
	baresip_debug(text, streams);
	figures(streams);
	baresip_call_id(text, id, sizeof id);
	fuzz_text(id, sizeof id);
	baresip_version(text, version, sizeof version);
	fuzz_text(version, sizeof version);
	if (baresip_uptime(text, &up) && up < 0)
		abort();
	baresip_auto_answer(a, text);
}

static void
one_message(struct arena *a, const char *bytes, size_t n)
{
	const struct json *j = NULL;
	struct baresip_report r = { 0 };
	struct stream streams[DIRECTIONS_N] = { 0 };
	enum medium m;
	if (json_parse(a, bytes, n, &j, NULL) != OK)
		return;
	if (baresip_event(j, &m, &r)) {
		fuzz_text(r.id, sizeof r.id);
		baresip_join(&r, streams);
		figures(streams);
	}
	const char *data = json_text(j, "data");
	if (data)
		one_text(a, data);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	const char *p = (const char *)bytes, *message;
	size_t left = n, size, used;
	one_text(a, utf8_repair(a, p, n));
	while (baresip_take(p, left, &message, &size, &used) == BARESIP_WHOLE) {
		if (!used || used > left || message < p || size > left || message + size > p + used)
			abort();
		one_message(a, message, size);
		p += used;
		left -= used;
	}
	arena_free(a);
	return 0;
}
