/* The simulated Huawei SMC 3.0 without its sockets. */
#include "tests/lab/smc3.c"
#include "tests/unit/hall.h"

#define BASE "/conf-portal/"

static char token[64];

static unsigned
ask(int64_t at, const char *method, const char *path, const char *body)
{
	struct web_request rq = { 0 };
	str_copy(rq.token, sizeof rq.token, token);
	return ask_with(at, method, arena_printf(arena, BASE "%s", path), body, rq);
}

static void
log_in(const char *mcu, const char *who)
{
	struct web_request rq = { .login = true };
	lab(&smc3_kind, mcu, who);
	str_copy(rq.user, sizeof rq.user, "dieuhanh");
	str_copy(rq.password, sizeof rq.password, "tongduyet");
	assert_int_equal(ask_with(0, "GET", BASE "tokens?clientType=smcportal", NULL, rq), 200);
	str_copy(token, sizeof token, between("\"uuid\":\""));
}

/* A conference, and everybody in it; its path. */
static const char *
rehearse(const char *mcu, const char *who)
{
	log_in(mcu, who);
	assert_int_equal(ask(0, "POST", "conferences",
				 "{\"conference\":{\"subject\":\"td\",\"conferenceTimeType\":"
				 "\"INSTANT_CONFERENCE\",\"duration\":60}}"),
		200);
	const char *path = arena_printf(arena, "online/conferences/%s", between("\"id\":\""));
	for (size_t i = 0; i < scenario.sites.n; i++)
		assert_int_equal(ask(0, "POST", arena_printf(arena, "%s/participants", path),
					 arena_printf(arena,
						 "[{\"name\":\"X\",\"uri\":\"%s\","
						 "\"ipProtocolType\":1,\"dialMode\":\"OUT\"}]",
						 scenario.sites.at[i].address + 4)),
			200);
	return path;
}

static void
tokens(void **state)
{
	log_in("drop-idle", "site a on\n");
	assert_int_equal(ask(1000, "POST", "conferences/conditions?page=0&size=10", "{}"), 200);
	assert_int_equal(ask(1000 + SHORT_TOKEN_MS + 1, "POST",
				 "conferences/conditions?page=0&size=10", "{}"),
		401);
	assert_true(says("token not exist"));
	struct web_request wrong = { .login = true, .user = "dieuhanh", .password = "sai" };
	assert_int_equal(ask_with(0, "GET", BASE "tokens?clientType=smcportal", NULL, wrong), 401);
	assert_true(says("0x1002000c"));
}

static void
one_life(void **state)
{
	const char *path = rehearse("page 2", "site a on hangup +60s\nsite b busy\nsite c on\n");
	const char *list = arena_printf(arena, "%s/participants/conditions?page=0&size=100", path);
	assert_int_equal(ask(500, "POST", list, "{}"), 200);
	assert_true(
		says("\"calling\":true") && says("\"totalElements\":3") && says("\"last\":false"));
	const char *id = between("\"id\":\"");
	ask(20000, "POST", list, "{}");
	assert_true(says("\"online\":true") && says("\"callFailReason\":117"));
	ask(20000, "POST", arena_printf(arena, "%s/participants/conditions?page=1&size=100", path),
		"{}");
	assert_true(says("\"last\":true"));
	const char *one = arena_printf(arena, "%s/participants/%s/status", path, id);
	assert_int_equal(ask(20000, "PATCH", one, "{\"isMute\":true}"), 200);
	assert_true(box->b.legs.at[0]->leg.muted);
	assert_int_equal(ask(20000, "PATCH", one, "{\"isOnline\":true}"), 400); /* it is in */
	ask(80000, "POST", list, "{}");
	assert_true(says("\"callFailReason\":196622")); /* who hung up stays in the list */
	assert_int_equal(ask(80000, "PATCH", one, "{\"isOnline\":true}"), 200);
	assert_true(hall_is_live((struct hall_leg *)box->b.legs.at[0]));
	assert_int_equal(ask(80000, "POST", arena_printf(arena, "%s/textTips", path),
		"{\"content\":\"xin chao\",\"opType\":\"SET\",\"type\":\"BANNER\"}"), 200);
	assert_int_equal(ask(80000, "DELETE", path, NULL), 200);
	assert_int_equal(ask(80000, "GET", arena_printf(arena, "%s/detail", path), NULL), 404);
	assert_true(says("CONFERENCE_NOT_EXIST"));
}

static void
removed(void **state)
{
	const char *path = rehearse("", "site a on\n");
	const char *list = arena_printf(arena, "%s/participants/conditions?page=0&size=100", path);
	ask(20000, "POST", list, "{}");
	const char *id = between("\"id\":\"");
	assert_int_equal(ask(20000, "DELETE", arena_printf(arena, "%s/participants", path),
		arena_printf(arena, "[\"%s\"]", id)), 200);
	ask(20000, "POST", list, "{}");
	assert_true(says("\"totalElements\":0"));
	assert_int_equal(ask(20000, "PATCH",
				 arena_printf(arena, "%s/participants/%s/status", path, id), "{}"),
		404);
	assert_int_equal(
		ask(20000, "POST", arena_printf(arena, "%s/participants", path), "{}"), 400);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tokens, setup, teardown),
		cmocka_unit_test_setup_teardown(one_life, setup, teardown),
		cmocka_unit_test_setup_teardown(removed, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
