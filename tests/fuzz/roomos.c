/* Any bytes as an answer of a Cisco codec: as a tree through every reader, and as lines of its
 * shell. What comes out is bounded valid text, no figure is below nought, and an order stays one
 * line. */
#include "adapters/cisco_roomos.h"

#include "tests/fuzz/text.h"

static void
one_tree(struct arena *a, const struct xml *root)
{
	struct roomos_calls calls;
	struct roomos_unit unit;
	struct media_sample m;
	const char *words;
	char alarms[160];
	roomos_read_calls(root, &calls);
	for (size_t i = 0; i < calls.n; i++) {
		fuzz_text(calls.at[i].id, sizeof calls.at[i].id);
		fuzz_text(calls.at[i].far, sizeof calls.at[i].far);
	}
	roomos_read_media(root, calls.n ? calls.at[0].id : NULL, &m);
	for (int k = 0; k < MEDIA_N; k++)
		for (int d = 0; d < DIRECTIONS_N; d++) {
			const struct stream *s = &m.s[k][d];
			fuzz_text(s->codec, sizeof s->codec);
			if (s->kbps.v < 0 || s->packets.v < 0 || s->lost.v < 0 || s->width.v < 0)
				abort();
		}
	roomos_read_unit(root, &unit);
	fuzz_text(unit.who.model, sizeof unit.who.model);
	fuzz_text(unit.who.software, sizeof unit.who.software);
	roomos_read_alarms(root, alarms, sizeof alarms);
	fuzz_text(alarms, sizeof alarms);
	roomos_read_switch(root, "Mute");
	struct history past;
	roomos_read_history(a, root, "2019-02-10T07:30:00+07:00", &past);
	for (size_t i = 0; i < past.n; i++) {
		fuzz_text(past.at[i].far_address, sizeof past.at[i].far_address);
		fuzz_text(past.at[i].ending.device_words, sizeof past.at[i].ending.device_words);
		if (past.at[i].duration_s.v < 0 || past.at[i].ended_ago_s.v < 0)
			abort();
	}
	roomos_answered(root);
	enum err e = roomos_verdict(a, root, &words);
	if (e != OK && e != ERR_REFUSED && e != ERR_UNSUPPORTED && e != ERR_PROTOCOL)
		abort();
	fuzz_text(words, strlen(words) + 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct xml *root = NULL;
	struct buf b = { 0 };
	if (xml_parse(a, (const char *)bytes, n, 0, &root, NULL) == OK)
		one_tree(a, root);
	char *text = utf8_repair(a, (const char *)bytes, n);
	roomos_read_greeting(text);
	roomos_same_address(text, "sip:a");
	if (roomos_command_line(&b, &(struct roomos_command){ "Dial", { { "Number", text } } }) &&
		strpbrk(b.at, "\r\n"))
		abort();
	buf_free(&b);
	arena_free(a);
	return 0;
}
