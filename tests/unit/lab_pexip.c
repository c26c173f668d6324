/* The simulated Pexip Management Node without its sockets. */
#include "tests/lab/pexip.c"
#include "tests/unit/hall.h"

#define API "/api/admin/"

static unsigned
ask(int64_t at, const char *method, const char *path, const char *body)
{
	struct web_request rq = { .login = true };
	str_copy(rq.user, sizeof rq.user, "dieuhanh");
	str_copy(rq.password, sizeof rq.password, "tongduyet");
	return ask_with(at, method, arena_printf(arena, API "%s", path), body, rq);
}

/* A room that the nodes know, and a leg for each site; the id of the first. */
static const char *
rehearse(const char *mcu, const char *who)
{
	const char *first = NULL;
	lab(&pexip_kind, mcu, who);
	assert_int_equal(ask(0, "POST", "configuration/v1/conference/",
				 "{\"name\":\"td\",\"service_type\":\"conference\",\"aliases\":[{"
				 "\"alias\":\"td\"}]}"),
		201);
	assert_true(str_starts(reply.location, API "configuration/v1/conference/"));
	for (size_t i = 0; i < scenario.sites.n; i++) {
		const char *order = arena_printf(arena,
			"{\"conference_alias\":\"td\",\"destination\":\"%s\","
			"\"system_location\":\"Lab\",\"remote_display_name\":\"X\"}",
			scenario.sites.at[i].address + 4);
		assert_int_equal(
			ask(REPLICATION_MS, "POST", "command/v1/participant/dial/", order), 202);
		first = first ? first : between("\"participant_id\":\"");
	}
	return first;
}

static void
refusals(void **state)
{
	lab(&pexip_kind, "", "site a on\n");
	struct web_request rq = { .login = true, .user = "ai-do" };
	assert_int_equal(ask_with(0, "GET", API "status/v1/participant/", NULL, rq), 401);
	assert_int_equal(ask(0, "GET", "status/v1/participant", NULL), 404); /* the slash */
	assert_int_equal(ask(0, "GET", "status/v1/nothing/", NULL), 404);
	assert_int_equal(ask(0, "GET", "command/v1/participant/dial/", NULL), 405);
	assert_int_equal(ask(0, "POST", "configuration/v1/conference/", "{"), 400);
	assert_int_equal(ask(0, "POST", "configuration/v1/conference/", "{\"name\":\"td\"}"), 400);
	assert_true(says("\"service_type\""));
	assert_int_equal(ask(0, "POST", "configuration/v1/conference/",
				 "{\"name\":\"td\",\"service_type\":\"conference\",\"aliases\":[{"
				 "\"alias\":\"td\"}]}"),
		201);
	assert_int_equal(ask(0, "POST", "configuration/v1/conference/",
				 "{\"name\":\"td\",\"service_type\":\"conference\"}"),
		400);
	assert_true(says("\"name\""));
	/* not replicated yet; no location */
	assert_int_equal(ask(1000, "POST", "command/v1/participant/dial/",
				 "{\"conference_alias\":\"td\",\"destination\":\"a@x\",\"system_"
				 "location\":\"Lab\"}"),
		400);
	assert_true(says("Neither conference"));
	assert_int_equal(ask(REPLICATION_MS, "POST", "command/v1/participant/dial/",
				 "{\"conference_alias\":\"td\",\"destination\":\"a@x\"}"),
		400);
	assert_true(says("\"system_location\""));
	assert_int_equal(ask(1000, "GET", "status/v1/conference/?name=td", NULL), 200);
	assert_true(says("\"total_count\":0")); /* nobody is in it */
}

static void
one_life(void **state)
{
	const char *id = rehearse("", "site a on loss 4% hangup +60s\n");
	const char *status = arena_printf(arena, "status/v1/participant/%s/", id);
	const char *past = arena_printf(arena, "history/v1/participant/%s/", id);
	int64_t t = REPLICATION_MS;
	assert_int_equal(ask(t, "GET", status, NULL), 200);
	assert_true(says("\"service_type\":\"connecting\"") && says("\"has_media\":false"));
	assert_true(says("\"destination_alias\":\"a@127.20.0.1\""));
	assert_int_equal(ask(t + 20000, "GET", status, NULL), 200);
	assert_true(says("\"service_type\":\"conference\"") && says("\"has_media\":true"));
	assert_true(says("\"remote_address\":\"127.20.0.1\""));
	assert_int_equal(
		ask(t + 20000, "GET", arena_printf(arena, "%smedia_stream/", status), NULL), 200);
	assert_true(says("\"type\":\"audio\"") && says("\"type\":\"video\"") &&
		    says("\"rx_packet_loss\":4.00"));
	const char *first = between("\"rx_packets_received\":");
	ask(t + 30000, "GET", arena_printf(arena, "%smedia_stream/", status), NULL);
	assert_string_not_equal(first, between("\"rx_packets_received\":"));
	const char *order = arena_printf(arena, "{\"participant_id\":\"%s\"}", id);
	assert_int_equal(ask(t + 30000, "POST", "command/v1/participant/mute/", order), 202);
	ask(t + 30000, "GET", status, NULL);
	assert_true(says("\"is_muted\":true"));
	/* gone from the status at once, in the history later */
	assert_int_equal(ask(t + 70000, "GET", status, NULL), 404);
	assert_int_equal(ask(t + 70000, "POST", "command/v1/participant/disconnect/", order), 404);
	int64_t end = hall_leg(box, id)->b.leg.ended - START;
	assert_int_equal(ask(end + HISTORY_MS - 1, "GET", past, NULL), 404);
	assert_int_equal(ask(end + HISTORY_MS, "GET", past, NULL), 200);
	assert_true(says("\"disconnect_reason\":\"Call disconnected\""));
}

static void
reasons(void **state)
{
	static const struct {
		const char *site, *words;
	} table[] = {
		{ "busy", "Busy Here" },
		{ "rejected", "Call rejected" },
		{ "wrong-address", "Not Found" },
		{ "off", "Request Timeout" },
		{ "unanswered", "Call failed" },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const char *id = rehearse("", arena_printf(arena, "site a %s\n", table[i].site));
		assert_int_equal(
			ask(200000, "GET", arena_printf(arena, "history/v1/participant/%s/", id),
				NULL),
			200);
		assert_true(says(table[i].words));
		hall_free(box);
		box = NULL;
	}
}

static void
pages(void **state)
{
	rehearse("page 3", "fleet 8 x on\n");
	int seen = 0;
	for (int offset = 0; offset < 9; offset += 3) {
		ask(30000, "GET",
			arena_printf(arena,
				"status/v1/participant/?conference=td&limit=50&offset=%d", offset),
			NULL);
		assert_true(says("\"total_count\":8"));
		assert_int_equal(says("\"next\":null"), offset == 6);
		for (const char *p = buf_str(&reply.body); (p = strstr(p, "\"call_uuid\"")); p++)
			seen++;
	}
	assert_int_equal(seen, 8);
	ask(30000, "GET", "status/v1/participant/?conference=other", NULL);
	assert_true(says("\"total_count\":0"));
	assert_int_equal(ask(30000, "GET", "status/v1/conference/?name=td", NULL), 200);
	const char *order = arena_printf(
		arena, "{\"conference_id\":\"%s\",\"layout\":\"2x2\"}", between("\"id\":\""));
	assert_int_equal(ask(30000, "POST", "command/v1/conference/transform_layout/", order), 202);
	assert_int_equal(ask(30000, "POST", "command/v1/conference/disconnect/", order), 202);
	ask(30000, "GET", "status/v1/participant/", NULL);
	assert_true(says("\"total_count\":0"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(one_life, setup, teardown),
		cmocka_unit_test_setup_teardown(reasons, setup, teardown),
		cmocka_unit_test_setup_teardown(pages, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
