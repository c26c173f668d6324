/* The simulated BigBlueButton without its sockets. */
#include "tests/lab/bbb.c"
#include "tests/unit/hall.h"

/* Signed by SHA-1 of the right secret, or of another. */
static unsigned
ask_by(int64_t at, const char *call, const char *query, const char *secret)
{
	uint8_t raw[20];
	char hex[41];
	const char *text = arena_printf(arena, "%s%s%s", call, query, secret);
	hash_sha1(text, strlen(text), raw);
	for (size_t i = 0; i < sizeof raw; i++)
		snprintf(hex + 2 * i, 3, "%02x", raw[i]);
	return ask_with(at, "GET",
		arena_printf(arena, "/bigbluebutton/api/%s?%s%schecksum=%s", call, query,
			*query ? "&" : "", hex),
		NULL, (struct web_request){ 0 });
}

static unsigned
ask(int64_t at, const char *call, const char *query)
{
	return ask_by(at, call, query, "tongduyet");
}

static void
checksums(void **state)
{
	lab(&bbb_kind, "", "site a on\n");
	ask_with(0, "GET", "/bigbluebutton/api", NULL, (struct web_request){ 0 });
	assert_true(says("<bbbVersion>"));
	ask_by(0, "getMeetings", "", "sai");
	assert_true(says("checksumError"));
	ask(0, "getMeetings", "");
	assert_true(says("SUCCESS") && says("noMeetings"));
	const char *query = "meetingID=giao%20ban&name=giao+ban"; /* as it was sent, not decoded */
	ask(0, "create", query);
	assert_true(says("<meetingID>giao ban<"));
	ask(0, "create", query);
	assert_true(says("duplicateWarning"));
	ask(0, "create", "meetingID=giao%20ban&name=khac");
	assert_true(says("idNotUnique"));
	char hex[HASH_HEX_SIZE];
	hash_hex("getMeetingstongduyet", strlen("getMeetingstongduyet"), hex);
	ask_with(0, "GET", arena_printf(arena, "/bigbluebutton/api/getMeetings?checksum=%s", hex),
		NULL, (struct web_request){ 0 });
	assert_true(says("<meetingName>giao ban<"));
}

static void
who_is_there(void **state)
{
	lab(&bbb_kind, "", "site a on one-way video to-site\nsite b on\n");
	ask(0, "create", "meetingID=td&name=td");
	struct site *a = fleet_site(0);
	assert_true(bridge_dial_in(&box->b, a, START + 1000));
	ask(5000, "getMeetingInfo", "meetingID=td");
	assert_true(says("<userID>a@127.20.0.1<") && says("<hasJoinedVoice>true<") &&
		    says("<hasVideo>false<"));
	assert_string_equal(between("<participantCount>"), "1");
	bridge_hang(&box->b, box->b.legs.at[0], START + 6000, "remoteTeardown");
	ask(7000, "getMeetingInfo", "meetingID=td");
	assert_true(says("<participantCount>0<"));
	ask(6000 + ALL_LEFT_MS, "getMeetingInfo", "meetingID=td"); /* all left: it is gone */
	assert_true(says("notFound"));
	ask(80000, "create", "meetingID=td&name=td");
	ask(80000, "end", "meetingID=td");
	assert_true(says("sentEndMeetingRequest"));
	ask(80000, "create", "meetingID=td&name=td");
	ask(80000 + NOBODY_CAME_MS, "getMeetings", "");
	assert_true(says("noMeetings"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(checksums, setup, teardown),
		cmocka_unit_test_setup_teardown(who_is_there, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
