/* The simulated RMX without its sockets: documents in and out, sessions, object tokens, states,
 * channels. */
#include "tests/lab/bridge.c"
#include "tests/lab/fleet.c"
#include "tests/lab/log.c"
#include "tests/lab/rmx.c"
#include "tests/lab/rmx_actions.c"
#include "tests/lab/rmx_text.c"
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

static struct arena *arena;
static struct scenario scenario;
static struct rmx *box;
static struct buf reply;
static int token;

static int
setup(void **state)
{
	arena = arena_new();
	token = 0;
	return 0;
}

static int
teardown(void **state)
{
	for (size_t i = 0; box && i < box->b.legs.n; i++)
		free(box->b.legs.at[i]);
	for (size_t i = 0; box && i < box->confs.n; i++)
		free(box->confs.at[i]);
	if (box) {
		vec_free(&box->b.legs);
		vec_free(&box->confs);
	}
	free(boxes);
	boxes = box = NULL;
	boxes_n = 0;
	buf_free(&reply);
	arena_free(arena);
	return 0;
}

static void
lab(const char *mcu, const char *who)
{
	struct faults faults = { .arena = arena };
	assert_true(scenario_parse(arena, "x.lab",
		arena_printf(arena, "mcu m poly-rmx http://127.10.0.1:80 %s\n%s", mcu, who),
		&scenario, &faults));
	fleet_open(&scenario, arena, START);
	assert_true(rmx_start(&scenario, ".", START));
	box = &boxes[0];
}

/* The answer to one document; all that happens until `at` ms has happened. */
static const char *
ask(int64_t at, const char *root, const char *action, const char *inner)
{
	char *d = arena_printf(arena,
		"<%s><TRANS_COMMON_PARAMS><MCU_TOKEN>%d</MCU_TOKEN><MCU_USER_TOKEN>%d"
		"</MCU_USER_TOKEN><MESSAGE_ID>5</MESSAGE_ID></TRANS_COMMON_PARAMS><ACTION><%s>%s</"
		"%s></ACTION></%s>",
		root, token, token, action, inner, action, root);
	rmx_tick(START + at);
	buf_clear(&reply);
	rmx_document(box, d, strlen(d), START + at, at, &reply);
	return buf_str(&reply);
}

static int64_t
figure(const char *text, const char *before)
{
	const char *p = strstr(text, before);
	assert_non_null(p);
	return strtoll(p + strlen(before), NULL, 10);
}

static int64_t
returned(const char *text)
{
	return figure(text, "<RETURN_STATUS>\n<ID>");
}

static const char *
login_as(int64_t at, const char *password)
{
	const char *r = ask(at, "TRANS_MCU", "LOGIN",
		arena_printf(
			arena, "<USER_NAME>dieuhanh</USER_NAME><PASSWORD>%s</PASSWORD>", password));
	if (returned(r) == 0)
		token = (int)figure(r, "<MCU_TOKEN>");
	return r;
}

/* Logged in, a conference, one party for each site's address; the conference's id. */
static int
rehearse(const char *mcu, const char *who)
{
	lab(mcu, who);
	assert_int_equal(returned(login_as(0, "tongduyet")), 0);
	const char *r =
		ask(0, "TRANS_RES_1", "START", "<RESERVATION><NAME>td</NAME></RESERVATION>");
	assert_non_null(strstr(r, "<RESPONSE_TRANS_RES>"));
	int id = (int)figure(r, "<NAME>td</NAME>\n<ID>");
	for (size_t i = 0; i < scenario.sites.n; i++)
		ask(0, "TRANS_CONF_1", "ADD_PARTY",
			arena_printf(arena,
				"<ID>%d</ID><PARTY><NAME>%s</NAME><INTERFACE>sip"
				"</INTERFACE><CONNECTION>dial_out</CONNECTION><SIP_ADDRESS>%s</"
				"SIP_ADDRESS></PARTY>",
				id, scenario.sites.at[i].id, scenario.sites.at[i].address));
	return id;
}

static const char *
conference(int64_t at, int id, int64_t since)
{
	return ask(at, "TRANS_CONF_2", "GET",
		arena_printf(
			arena, "<ID>%d</ID><OBJ_TOKEN>%lld</OBJ_TOKEN>", id, (long long)since));
}

static void
sessions(void **state)
{
	lab("drop-idle", "site a on\n");
	assert_int_equal(returned(ask(0, "TRANS_MCU", "GET_STATE", "")), RMX_NO_SESSION);
	assert_non_null(strstr(login_as(0, "tongduyet"), "<SESSION_TIMEOUT_IN_MINUTES>"));
	const char *r = ask(4 * S, "TRANS_MCU", "GET_STATE", "");
	assert_int_equal(returned(r), 0);
	assert_non_null(strstr(r, "<MESSAGE_ID>5</MESSAGE_ID>"));
	/* it was kept alive */
	assert_int_equal(returned(ask(8 * S, "TRANS_MCU", "GET_STATE", "")), 0);
	assert_int_equal(returned(ask(14 * S, "TRANS_MCU", "GET_STATE", "")), RMX_NO_SESSION);
	int first = token;
	assert_int_equal(returned(login_as(14 * S, "tongduyet")), 0);
	assert_int_not_equal(token, first);
}

static void
lockout(void **state)
{
	lab("", "site a on\n");
	assert_int_equal(returned(login_as(0, "sai")), RMX_LOGIN_FAILED);
	/* a right one forgets the wrong ones */
	assert_int_equal(returned(login_as(0, "tongduyet")), 0);
	for (int i = 0; i < RMX_TRIES; i++)
		assert_int_equal(returned(login_as(0, "sai")), RMX_LOGIN_FAILED);
	assert_int_equal(returned(login_as(0, "tongduyet")), RMX_LOCKED);
}

static void
states(void **state)
{
	static const struct {
		const char *behaviour;
		int64_t ms;
		int status;
		const char *has;
	} table[] = {
		{ "on", 500, 4, "None" },
		{ "on", 3500, 6, "None" },
		{ "on", 9000, 1, "None" },
		{ "off", 30 * S, 2, "SIP remote unreachable" },
		{ "unanswered", 60 * S, 2, "SIP request timeout" },
		{ "busy", 9000, 2, "SIP busy here" },
		{ "rejected", 9000, 2, "SIP global failure 603" },
		{ "wrong-address", 9000, 2, "SIP not found" },
		{ "incompatible", 9000, 2, "capabilities" },
		{ "hangup +4s", 9000, 2, "SIP remote closed call" },
		{ "poweroff +4s", 200 * S, 2, "SIP remote stopped responding" },
		{ "operator hangs-up +2s", 9000, 2, "Disconnected by user" },
		{ "loss 8%", 9000, 10, "None" },
		{ "one-way video to-site one-way video from-site", 9000, 8, "<SECONDARY_CAUSE>18" },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		int id = rehearse("", arena_printf(arena, "site a %s\n", table[i].behaviour));
		for (int64_t t = 0; t < table[i].ms; t += 500)
			rmx_tick(START + t);
		const char *r = conference(table[i].ms, id, -1);
		assert_int_equal(figure(r, "<ONGOING_PARTY_STATUS><ID>"), table[i].status);
		assert_non_null(strstr(r, table[i].has));
		teardown(state);
		setup(state);
	}
}

static void
tokens(void **state)
{
	int id = rehearse("", "site a on silent\nsite b busy\n");
	const char *r = conference(9 * S, id, -1);
	int64_t seen = figure(r, "<OBJ_TOKEN>");
	assert_non_null(strstr(r, "<ONGOING_PARTY_CHANGE>new<"));
	r = conference(10 * S, id, seen);
	assert_non_null(strstr(r, "<CHANGED>false<"));
	assert_null(strstr(r, "<ONGOING_PARTY>"));
	int b = box->b.legs.n == 2 ? ((struct rmx_party *)box->b.legs.at[1])->id : -1;
	ask(10 * S, "TRANS_CONF_2", "DELETE_PARTY",
		arena_printf(arena, "<ID>%d</ID><PARTY_ID>%d</PARTY_ID>", id, b));
	r = conference(11 * S, id, seen);
	assert_non_null(strstr(r, arena_printf(arena, "<DELETED_PARTIES>\n<PARTY_ID>%d<", b)));
	assert_null(strstr(r, "<ONGOING_PARTY>"));
	seen = figure(r, "<OBJ_TOKEN>");
	int a = ((struct rmx_party *)box->b.legs.at[0])->id;
	ask(11 * S, "TRANS_CONF_2", "SET_AUDIO_VIDEO_MUTE",
		arena_printf(arena,
			"<ID>%d</ID><AUDIO_MUTE>true</AUDIO_MUTE>"
			"<VIDEO_MUTE>false</VIDEO_MUTE><PARTY_ID>%d</PARTY_ID>",
			id, a));
	r = conference(11 * S, id, seen);
	assert_non_null(strstr(r, "<ONGOING_PARTY_CHANGE>updated<"));
	/* by an operator: neither the site's nor the box's own flag */
	assert_non_null(strstr(r, "<AUDIO_MUTE>true<"));
	assert_non_null(strstr(r, "<AUDIO_SELF_MUTE>false<"));
	assert_non_null(strstr(r, "<AUDIO_MCU_MUTE>false<"));
}

static void
progress(void **state)
{
	/* START, then a is the second order, b the third */
	int id = rehearse("", "site a on\nsite b on\nsite c on\n");
	assert_int_equal(box->b.legs.n, 3);
	int64_t code = returned(
		ask(S, "TRANS_CONF_2", "TERMINATE_CONF", arena_printf(arena, "<ID>%d</ID>", id)));
	assert_int_equal(code, RMX_IN_PROGRESS);
	assert_int_equal(returned(conference(S + 500, id, -1)), 0); /* not done yet */
	assert_int_equal(returned(conference(3 * S, id, -1)), RMX_NO_CONFERENCE);
	assert_non_null(strstr(ask(3 * S, "TRANS_CONF_LIST", "GET_LS", "<OBJ_TOKEN>1</OBJ_TOKEN>"),
		arena_printf(arena, "<DELETED_CONF_LIST>\n<CONF_ID>%d<", id)));
}

static void
speaking(void **state)
{
	int id = rehearse("", "site a on speaks 5s for 10s\nsite b on silent\n");
	assert_non_null(strstr(conference(4 * S, id, -1), "<AUDIO_SOURCE_ID>-1<"));
	rmx_tick(START + 9 * S);
	assert_int_equal(figure(conference(9 * S, id, -1), "<AUDIO_SOURCE_ID>"),
		((struct rmx_party *)box->b.legs.at[0])->id);
	rmx_tick(START + 30 * S);
	assert_int_equal(figure(conference(30 * S, id, -1), "<AUDIO_SOURCE_ID>"), -1);
}

/* Dirty text and forty kilobytes; a party whose number divides by three is not UTF-8. */
static void
documents(void **state)
{
	int id = rehearse("", "site a loss 4%\nsite b on\nsite c on\n");
	int dirty = 0;
	for (size_t i = 0; i < 3; i++) {
		struct rmx_party *p = (struct rmx_party *)box->b.legs.at[i];
		const char *r = ask(20 * S, "TRANS_PARTY", "GET",
			arena_printf(
				arena, "<CONF_ID>%d</CONF_ID><PARTY_ID>%d</PARTY_ID>", id, p->id));
		assert_in_range(strlen(r), 35000, 41000);
		assert_int_equal(utf8_valid(r, strlen(r)), p->id % 3 != 0);
		/* who it is, and no more of what the list tells */
		assert_null(strstr(r, "ONGOING_PARTY_STATUS"));
		assert_null(strstr(r, "AUDIO_MUTE"));
		assert_null(strstr(r, "SIP_ADDRESS"));
		dirty += p->id % 3 == 0;
		if (i > 0)
			continue;
		const char *in = strstr(r, "<ADVANCED_AUDIO_IN>");
		assert_non_null(in);
		int64_t packets = figure(in, "<NUMBER_OF_PACKETS>"),
			lost = figure(in, "<PACKET_LOSS>");
		assert_true(packets > 0);
		assert_in_range(lost * 1000 / (packets + lost), 38, 42);
		assert_int_equal(figure(r, "<BIT_RATE>"), -1);
	}
	assert_int_equal(dirty, 1);
}

static void
nobody_joins(void **state)
{
	int id = rehearse("", "site a off\n");
	assert_int_equal(returned(conference(9 * 60 * S, id, -1)), 0);
	rmx_tick(START + 10 * 60 * S);
	assert_int_equal(returned(conference(10 * 60 * S, id, -1)), RMX_NO_CONFERENCE);
}

static void
nonsense(void **state)
{
	static const char *const bodies[] = { "", "<", "<TRANS_MCU/>",
		"<a><ACTION><GET/></ACTION></a>", "\xff\xfe" };
	lab("fault 77 every 7", "site a on\n");
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		buf_clear(&reply);
		rmx_document(box, bodies[i], strlen(bodies[i]), START, 0, &reply);
		assert_int_equal(returned(buf_str(&reply)), RMX_MALFORMED);
	}
	assert_int_equal(returned(login_as(0, "tongduyet")), 0);
	assert_int_equal(returned(ask(0, "TRANS_MCU", "GET_STATE", "")), 77);
	assert_int_equal(returned(ask(0, "TRANS_MCU", "SING", "")), RMX_UNKNOWN_ACTION);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sessions, setup, teardown),
		cmocka_unit_test_setup_teardown(lockout, setup, teardown),
		cmocka_unit_test_setup_teardown(states, setup, teardown),
		cmocka_unit_test_setup_teardown(tokens, setup, teardown),
		cmocka_unit_test_setup_teardown(progress, setup, teardown),
		cmocka_unit_test_setup_teardown(speaking, setup, teardown),
		cmocka_unit_test_setup_teardown(documents, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_joins, setup, teardown),
		cmocka_unit_test_setup_teardown(nonsense, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
