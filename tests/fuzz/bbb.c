/* Any bytes as an answer of a BigBlueButton server, through every reader: every text is bounded and
 * valid, a flag never becomes a figure or a "no". */
#include "adapters/bigbluebutton.h"

#include "tests/fuzz/text.h"

static void
check_attendee(const struct xml *x)
{
	struct leg leg;
	if (!bbb_attendee(x, &leg))
		return;
	fuzz_text(leg.id, sizeof leg.id);
	fuzz_text(leg.name, sizeof leg.name);
	fuzz_text(leg.address, sizeof leg.address);
	if (!*leg.id || leg.state != LEG_UP || leg.configured)
		abort();
	for (int m = 0; m < MEDIA_N; m++)
		for (int d = 0; d < DIRECTIONS_N; d++) {
			const struct stream *s = &leg.media.s[m][d];
			if (s->open == NO || s->packets.known || s->kbps.known)
				abort();
		}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct bbb_answer said;
	struct err_text why = { 0 };
	struct xml *root = NULL;
	char sum[BBB_SUM_SIZE];
	const char *text = utf8_repair(a, (const char *)bytes, n);
	if (bbb_read(a, (const char *)bytes, n, &said, &why) == OK && said.failed &&
		said.class == OK)
		abort();
	if (xml_parse(a, (const char *)bytes, n, 0, &root, NULL) == OK)
		for (const struct xml *x = root; x; x = x->first)
			for (const struct xml *y = x; y; y = y->next) {
				check_attendee(y);
				bbb_is_meeting(y, "giao ban");
			}
	if (!bbb_checksum("getMeetings", text, "secret", n % 2 ? "sha512" : "sha1", sum) ||
		strlen(sum) != (n % 2 ? 128u : 40u) ||
		bbb_checksum("getMeetings", text, "secret", "md5", sum))
		abort();
	arena_free(a);
	return 0;
}
