/* Any bytes as what a Cisco MCU or a TelePresence Server posts to our listener. It is taken or
 * refused with a sentence; what was not asked for leaves nothing in the session, however much is
 * posted. */
#include "adapters/cisco_mcu.h"

#include "base/arena.h"
#include "tests/fuzz/text.h"

static void
post(const char *bytes, size_t n, const char *server)
{
	static const struct device box = { .name = "huyen", .adapter = "cisco-mcu", .url = "" };
	struct cisco_session session = { 0 };
	struct lane lane = { .device = &box, .arena = arena_new(), .session = &session };
	struct task t = { .arena = arena_new(), .cancel_fd = -1 };
	memcpy(session.server, server, strlen(server) + 1);
	size_t before = arena_used(lane.arena);
	enum err e = cisco_pushed(&t, &lane, bytes, n);
	fuzz_text(t.why, sizeof t.why);
	if ((e != OK && e != ERR_PROTOCOL) || (e != OK) != (t.why[0] != '\0') ||
		arena_used(lane.arena) != before || session.known_n)
		abort();
	arena_free(t.arena);
	arena_free(lane.arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	post((const char *)bytes, n, "");
	post((const char *)bytes, n, "TelePresence Server 7010");
	return 0;
}
