/* Calendars from anywhere: scan, parse and expand bytes as the child does, without the process.
 * Seeds are in tests/fuzz/corpus/calendar; the first byte chooses window and zone. */
#include "schedules/calendar.h"
#include "schedules/calendar_internal.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	size_t n;
	int64_t from, to;
};

static void
count(void *arg, const struct cal_instance *i)
{
	struct seen *s = arg;
	s->n++;
	assert(i->end >= i->start);
	assert(i->start < s->to && (i->end > s->from || i->start >= s->from));
	assert(i->event && i->event->uid && *i->event->uid);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	static const char *const zones[] = { "Asia/Ho_Chi_Minh", "America/New_York", "UTC",
		"Australia/Lord_Howe" };
	struct arena *a = arena_new();
	struct faults faults = { .arena = a };
	struct cal c = { .arena = a, .faults = &faults, .budget = 200000 };
	c.local = cal_zone_system(zones[data[0] & 3], a);
	if (!c.local)
		abort(); /* the zone database is not installed: nothing would be tested */
	/* 2026 or, with bit 2, the years 2000 to 2100. */
	struct seen seen = { .from = data[0] & 4 ? INT64_C(946684800000) : INT64_C(1767225600000),
		.to = data[0] & 4 ? INT64_C(4102444800000) : INT64_C(1798761600000) };
	struct cal_scan scan;
	cal_scan((const char *)data + 1, size - 1, "fuzz.ics", a, &faults, &scan);
	cal_parse(&c, &scan, "fuzz.ics");
	cal_expand(&c, seen.from, seen.to, count, &seen);
	arena_free(a);
	return 0;
}
