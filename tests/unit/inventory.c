/* The inventory: what devices said of themselves, as rows and back, and what counts as changed. */
#include "inventory.h"

#include "adapters/wire/json.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct identity
identity(const char *model, const char *software, const char *serial)
{
	struct identity id = { .vendor = "V" };
	str_copy(id.model, sizeof id.model, model);
	str_copy(id.software, sizeof id.software, software);
	str_copy(id.serial, sizeof id.serial, serial);
	return id;
}

static void
told(struct inventories *all, int64_t at, const char *url, struct identity id,
	const struct endpoint_status *st)
{
	struct buf b = { 0 };
	struct json_out w = { .out = &b };
	struct device d = { .name = "site:a",
		.adapter = "poly-cli",
		.url = url,
		.user = "admin",
		.password = "geheim" };
	inventory_write(&d, &id, st, &w);
	assert_null(strstr(buf_str(&b), "geheim"));
	assert_null(strstr(buf_str(&b), "admin"));
	inventory_take(all, &(struct row){ .at = at, .kind = "inventory", .body = buf_str(&b) });
	buf_free(&b);
}

static void
test_drift(void **state)
{
	(void)state;
	static const struct {
		const char *what, *url, *model, *software, *serial, *changed, *mac;
	} rows[] = {
		{ "first", "ssh://h:22", "G7", "1.0", "A1", "" },
		{ "the same", "ssh://h:22", "G7", "1.0", "A1", "" },
		{ "new software", "ssh://h:22", "G7", "1.1", "A1", "software" },
		{ "another box", "ssh://h:22", "G7", "1.1", "B2", "serial" },
		{ "moved, with another user", "ssh://admin@k:22/", "G7", "1.1", "B2", "address" },
		{ "another user only", "ssh://k:22/", "G7", "1.1", "B2", "" },
		{ "it does not tell its serial any more", "ssh://k:22/", "G7", "1.1", "", "" },
		{ "it tells it again", "ssh://k:22/", "G7", "1.1", "B2", "" },
		{ "all at once", "ssh://h:22", "G8", "2", "C", "address model software serial" },
		{ "it tells its address", "ssh://h:22", "G8", "2", "C", "", "02:00:00:00:00:01" },
		{ "another board behind the same number", "ssh://h:22", "G8", "2", "C", "mac",
			"02:00:00:00:00:02" },
	};
	struct inventories all = { .arena = arena_new() };
	size_t seen = 0;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf got = { 0 };
		struct identity id = identity(rows[i].model, rows[i].software, rows[i].serial);
		str_copy(id.mac, sizeof id.mac, rows[i].mac ? rows[i].mac : "");
		told(&all, (int64_t)(i + 1) * 1000, rows[i].url, id, NULL);
		const struct inventory *v = inventory_of(&all, "site:a");
		assert_non_null(v);
		for (; seen < v->changes.n; seen++) {
			assert_int_equal(v->changes.at[seen].at, (int64_t)(i + 1) * 1000);
			assert_int_equal(v->changes.at[seen].since, (int64_t)i * 1000);
			buf_printf(&got, "%s%s", got.n ? " " : "", v->changes.at[seen].what);
		}
		if (!str_eq(buf_str(&got), rows[i].changed))
			fail_msg("%s: %s", rows[i].what, buf_str(&got));
		assert_int_equal(inventory_drifted(v), rows[i].changed[0] != '\0');
		buf_free(&got);
	}
	assert_int_equal(all.at.n, 1);
	assert_null(inventory_of(&all, "site:b"));
	arena_free(all.arena);
}

static void
test_settings(void **state)
{
	(void)state;
	struct inventories all = { .arena = arena_new() };
	struct identity id = identity("G7", "", "");
	struct endpoint_status st = { .auto_answer = NO, .mic_muted = YES };
	id.uptime_s = (struct figure){ .known = true, .v = 60 };
	str_copy(id.alarms, sizeof id.alarms, "fan");
	told(&all, 1, "ssh://h", id, &st);
	const struct inventory *v = inventory_of(&all, "site:a");
	assert_int_equal(v->auto_answer, NO);
	assert_int_equal(v->microphone_muted, YES);
	assert_int_equal(v->auto_answer_muted, UNKNOWN);
	assert_true(v->uptime_s.known);
	assert_false(v->ports.known);
	assert_string_equal(v->alarms, "fan");
	/* An alarm that is over is over; a setting that is not told any more is unknown. */
	told(&all, 2, "ssh://h", identity("G7", "", ""), NULL);
	v = inventory_of(&all, "site:a");
	assert_string_equal(v->alarms, "");
	assert_int_equal(v->auto_answer, UNKNOWN);
	arena_free(all.arena);
}

static void
test_bad_rows(void **state)
{
	(void)state;
	static const char *const bodies[] = { "", "{", "[]", "{}", "{\"device\":5}", "null" };
	struct inventories all = { .arena = arena_new() };
	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
		inventory_take(&all, &(struct row){ .kind = "inventory", .body = bodies[i] });
	inventory_take(&all, &(struct row){ .kind = "run-begun", .body = "{\"device\":\"x\"}" });
	assert_int_equal(all.at.n, 0);
	arena_free(all.arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drift),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_bad_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
