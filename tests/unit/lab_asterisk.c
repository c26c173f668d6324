/* The simulated Asterisk without its sockets: channels into bridges, events, causes, talk
 * detection. */
#include "tests/lab/asterisk.c"
#include "tests/lab/asterisk_calls.c"
#include "tests/lab/asterisk_events.c"
#include "tests/lab/asterisk_text.c"
#include "tests/lab/bridge.c"
#include "tests/lab/fleet.c"
#include "tests/lab/log.c"
#include "tests/lab/scenario.c"
#include "tests/lab/scenario_mcu.c"
#include "tests/lab/words.c"

#include "tests/unit/lab_web.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { S = 1000 };
#define START 1550000000000LL

const char *
web_form_get(const struct web_form *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_eq(f->at[i].name, name))
			return f->at[i].value;
	return NULL;
}

static struct arena *arena;
static struct scenario scenario;
static struct asterisk *box;
static struct web_reply reply;

static void
lab(const char *who)
{
	struct faults faults = { .arena = arena };
	assert_true(scenario_parse(arena, "x.lab",
		arena_printf(arena, "mcu m asterisk http://127.10.0.1:8088\n%s", who), &scenario,
		&faults));
	fleet_open(&scenario, arena, START);
	assert_true(asterisk_start(&scenario, ".", START));
	box = &boxes[0];
	str_copy(box->expected, sizeof box->expected, "tongduyet");
	assert_non_null(register_listener(box, START));
}

static int
setup(void **state)
{
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	for (size_t i = 0; i < box->b.legs.n; i++)
		free(box->b.legs.at[i]);
	for (size_t i = 0; i < box->rooms.n; i++)
		free(box->rooms.at[i]);
	vec_free(&box->b.legs);
	vec_free(&box->rooms);
	buf_free(&box->listeners[0].out);
	free(boxes);
	boxes = NULL;
	boxes_n = 0;
	buf_free(&reply.body);
	arena_free(arena);
	return 0;
}

/* One request; all that happens until `at` ms has happened. The query's pairs end with NULL. */
static const char *
ask(int64_t at, const char *method, const char *path, ...)
{
	struct web_pair pairs[8];
	struct web_request rq = { .method = method,
		.path = arena_printf(arena, "/ari/%s", path),
		.login = true,
		.user = "dieuhanh",
		.password = "tongduyet" };
	va_list ap;
	va_start(ap, path);
	for (const char *name; (name = va_arg(ap, const char *));)
		pairs[rq.query.n++] =
			(struct web_pair){ (char *)name, (char *)va_arg(ap, const char *) };
	va_end(ap);
	rq.query.at = pairs;
	for (int64_t t = at > 60 * S ? at - 60 * S : 0; t <= at; t += 100)
		asterisk_tick(START + t);
	buf_free(&reply.body);
	reply = (struct web_reply){ .status = 200 };
	ast_request(box, &rq, START + at, &reply);
	return buf_str(&reply.body);
}

static bool
told(const char *type, const char *also)
{
	struct buf *b = &box->listeners[0].out;
	const char *word = arena_printf(arena, "\"type\":\"%s\"", type);
	for (size_t i = 0; i < b->n; i += strlen(b->at + i) + 1)
		if (strstr(b->at + i, word) && strstr(b->at + i, also))
			return true;
	return false;
}

static void
dial(int64_t at, const char *id, const char *uri)
{
	ask(at, "POST", arena_printf(arena, "channels/%s", id), "endpoint",
		arena_printf(arena, "PJSIP/sites/%s", uri), "app", "tongduyet", "appArgs",
		"phong,x", "timeout", "40", NULL);
	assert_int_equal(reply.status, 200);
}

static void
from_dial_to_goodbye(void **state)
{
	lab("site a on speaks 2s for 4s hangup +60s\n");
	ask(0, "GET", "bridges/phong", NULL);
	assert_int_equal(reply.status, 404);
	ask(0, "POST", "bridges/phong", "name", "Phòng", NULL);
	assert_non_null(strstr(buf_str(&reply.body), "\"video_mode\":\"talker\""));
	ask(0, "POST", "bridges/phong", NULL);
	assert_int_equal(reply.status, 409);
	dial(0, "a1", "sip:a@127.20.0.1");
	ask(0, "POST", "channels/a1", "endpoint", "PJSIP/sites/sip:a@127.20.0.1", "app",
		"tongduyet", NULL);
	assert_int_equal(reply.status, 409);
	assert_non_null(strstr(ask(900, "GET", "channels/a1", NULL), "\"state\":\"Ringing\""));
	ask(900, "POST", "bridges/phong/addChannel", "channel", "a1", NULL);
	assert_int_equal(reply.status, 422);
	assert_non_null(strstr(ask(5 * S, "GET", "channels/a1", NULL), "tongduyet,phong,x"));
	assert_true(told("StasisStart", "\"args\":[\"phong\",\"x\"]"));
	ask(5 * S, "POST", "bridges/phong/addChannel", "channel", "a1", NULL);
	assert_int_equal(reply.status, 204);
	assert_non_null(strstr(ask(5 * S, "GET", "bridges/phong", NULL), "\"channels\":[\"a1\"]"));
	assert_non_null(
		strstr(ask(11 * S, "GET", "channels/a1/rtp_statistics", NULL), "\"rxcount\":"));
	ask(70 * S, "GET", "channels/a1", NULL);
	assert_int_equal(reply.status, 404);
	assert_true(told("ChannelHangupRequest", "a1"));
	assert_false(told("ChannelHangupRequest", "soft"));
	assert_true(told("ChannelDestroyed", "\"cause\":16"));
}

static void
causes_of_failures(void **state)
{
	lab("site a busy\nsite b rejected\nsite c unanswered\nsite d off\n");
	dial(0, "a1", "sip:a@127.20.0.1");
	dial(0, "b1", "sip:b@127.20.0.2");
	dial(0, "c1", "sip:c@127.20.0.3");
	dial(0, "d1", "sip:d@127.20.0.4");
	assert_string_equal(ask(50 * S, "GET", "channels", NULL), "[]");
	assert_true(told(
		"ChannelDestroyed", "\"cause\":17,\"cause_txt\":\"User busy\",\"tech_cause\":486"));
	assert_true(told("ChannelDestroyed", "\"tech_cause\":603"));
	assert_true(told("ChannelStateChange", "\"id\":\"c1\""));
	assert_false(told("ChannelStateChange", "\"id\":\"d1\"")); /* it never rang */
	assert_true(told("ChannelDestroyed", "\"cause\":19"));
}

static void
nobody_listens_and_nothing_stays(void **state)
{
	lab("site a on\n");
	box->listeners[0].used = false;
	dial(0, "a1", "sip:a@127.20.0.1");
	ask(5 * S, "GET", "channels/a1", NULL);
	assert_int_equal(reply.status, 404);
}

static void
a_muted_channel_tells_no_speech(void **state)
{
	lab("site a on speaks 5s for 3s\n");
	dial(0, "a1", "sip:a@127.20.0.1");
	ask(6 * S, "POST", "channels/a1/variable", "variable", "TALK_DETECT(set)", "value", "",
		NULL);
	ask(6 * S, "POST", "channels/a1/mute", "direction", "in", NULL);
	assert_int_equal(reply.status, 204);
	ask(20 * S, "GET", "channels", NULL);
	assert_false(told("ChannelTalkingStarted", "a1"));
	ask(20 * S, "DELETE", "channels/a1/mute", "direction", "in", NULL);
	ask(40 * S, "GET", "channels", NULL);
	assert_true(told("ChannelTalkingStarted", "a1"));
	assert_true(told("ChannelTalkingFinished", "a1"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(from_dial_to_goodbye, setup, teardown),
		cmocka_unit_test_setup_teardown(causes_of_failures, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_listens_and_nothing_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(a_muted_channel_tells_no_speech, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
