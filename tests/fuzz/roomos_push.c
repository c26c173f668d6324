/* Any bytes as a post of a Cisco codec, XML or JSON, and as what it says of its slots. What comes
 * out is bounded valid text, no figure is below nought, and no slot is chosen that is somebody's.
 */
#include "adapters/cisco_roomos.h"

#include "tests/fuzz/text.h"

static void
slots(struct arena *a, const uint8_t *bytes, size_t n)
{
	enum roomos_slot at[ROOMOS_SLOTS];
	struct xml *root = NULL;
	if (xml_parse(a, (const char *)bytes, n, 0, &root, NULL) != OK ||
		!roomos_read_slots(root, "http://10.1.1.2:8091/push/00", at))
		return;
	int chosen = roomos_choose_slot(at);
	if (chosen < 0 || chosen > ROOMOS_SLOTS || (chosen && at[chosen - 1] == ROOMOS_THEIRS))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena *a = arena_new();
	struct roomos_post p;
	struct err_text why = { 0 };
	enum err e = roomos_read_post(a, (const char *)bytes, n, &p, &why);
	if (e == OK) {
		fuzz_text(p.serial, sizeof p.serial);
		if (p.told.ends_n > TOLD_ENDS_MOST || p.told.posts != 1)
			abort();
		for (size_t i = 0; i < p.told.ends_n; i++) {
			const struct told_end *t = &p.told.ends[i];
			fuzz_text(t->call_id, sizeof t->call_id);
			fuzz_text(t->call.far_address, sizeof t->call.far_address);
			fuzz_text(t->call.ending.device_words, sizeof t->call.ending.device_words);
			if (t->call.duration_s.v < 0 || t->call.ending.cause >= CAUSE_N)
				abort();
		}
	} else if (e != ERR_PROTOCOL || !why.text[0]) {
		abort();
	}
	slots(a, bytes, n);
	arena_free(a);
	return 0;
}
