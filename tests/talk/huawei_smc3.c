/* Talks with a Huawei SMC 3.0: the adapter against a scripted peer on loopback, one test per way in
 * which such a talk goes, and one per trap of this family. */
#include "adapters/huawei_smc3.h"

#include "adapters/internal.h"
#include "adapters/wire/http.h"
#include "tests/talk/peer.h"
#include "tests/talk/talk.h"

#define BASE "/conf-portal"
#define JSON .head = "200 OK\r\nContent-Type: application/json"
#define NO(status, no, why) \
	.head = status "\r\nContent-Type: application/json", \
	.body = "{\"errorType\":\"ERROR\",\"errorNo\":\"" no "\",\"errorDesc\":\"" why "\"}"
#define BASIC "Authorization: Basic YXBpOnMzY3JldA==" /* api:s3cret */
#define LOGIN(uuid) \
	{ \
		.expect = { "GET " BASE "/tokens?clientType=smcportal ", BASIC }, JSON, \
		.never = "token: ", \
		.body = "{\"uuid\":\"" uuid "\",\"userType\":\"ADMIN\",\"expire\":1200}" \
	}
#define HELLO LOGIN("u-1")
#define CONF "c0000000-0000-4000-8000-000000000001"
#define P1 "a94332fc-0000-4000-8000-000000000001"
#define P2 "a94332fc-0000-4000-8000-000000000002"
#define ONLINE BASE "/online/conferences/" CONF
#define PAGE_OF(last, items) \
	"{\"content\":[" items "],\"totalElements\":9,\"totalPages\":9,\"last\":" last "}"
#define LIST(items) \
	{ \
		.expect = { "POST " ONLINE "/participants/conditions?page=0&size=100 ", \
			"token: u-1" }, \
		.never = "Authorization", JSON, .body = PAGE_OF("true", items) \
	}
#define SITE(id, uri, online, calling, reason) \
	"{\"generalParam\":{\"id\":\"" id "\",\"name\":\"Chu T\\u00fac\",\"uri\":\"" uri \
	"\",\"mcuName\":\"m\"}," \
	"\"state\":{\"participantId\":\"" id "\",\"online\":" online ",\"calling\":" calling \
	",\"mute\":false," \
	"\"callFailReason\":" reason "}}"
#define FIRST "chutuc@10.2.0.5"
#define ADD "POST " ONLINE "/participants "
#define STATUS(id) "PATCH " ONLINE "/participants/" id "/status "

static const struct mcu_adapter *const mcu = &huawei_smc3_adapter;

static const struct device box = { .name = "tinh",
	.adapter = "huawei-smc3",
	.url = "http://127.0.0.1:PORT/",
	.user = "api",
	.password = "s3cret" };
static const struct conference room = { .id = CONF, .name = "giao ban" };
enum { TALK_MS = 30000 };

#include "tests/talk/mcu.h"

static const struct dial a_dial = { .site_name = "Xã Chu Túc",
	.leg_name = "chu-tuc",
	.address = "sip:" FIRST,
	.attempt = "run/chu-tuc/1",
	.muted = true,
	.kbps = 1920 };

/* ---- it works -------------------------------------------------------------------------------- */

/* Of those of that subject the one that runs; pages begin at 0 and are read to the last. */
static void
finds_the_conference_that_runs(void **unused)
{
	OPENED({ .expect = { "POST " BASE "/conferences/conditions?page=0&size=100 ",
			 "token: u-1" },
		       JSON,
		       .body = PAGE_OF("false", "{\"id\":\"old\",\"subject\":\"giao "
						"ban\"},{\"id\":\"x\",\"subject\":\"khac\"}") },
		{ .expect = { "conferences/conditions?page=1&size=100" },
			JSON,
			.body = PAGE_OF("true", "{\"id\":\"" CONF "\",\"subject\":\"giao ban\"}") },
		{ .expect = { "GET " BASE "/online/conferences/old/detail " },
			NO("400 Bad Request", "0x2003d", "CONFERENCE_NOT_EXIST") },
		{ .expect = { "GET " ONLINE "/detail " }, JSON, .body = "{}" });
	struct conference c;
	assert_int_equal(mcu->find(&k.task, &k.lane, "giao ban", &c), OK);
	assert_string_equal(c.id, CONF);
	assert_false(c.created);
	finish(&k);
}

static void
opens_and_ends_one_of_its_own(void **unused)
{
	OPENED({ .expect = { "/conferences/conditions?" }, JSON, .body = PAGE_OF("true", "") },
		{ .expect = { "POST " BASE "/conferences ",
			  "{\"conference\":{\"subject\":\"giao ban\",\"conferenceTimeType\":"
			  "\"INSTANT_CONFERENCE\"" },
			JSON,
			.body = "{\"conference\":{\"id\":\"" CONF "\"}}" },
		{ .expect = { "POST " ONLINE "/textTips ", "\"opType\":\"SET\"", "xin chào" },
			JSON },
		{ .expect = { "DELETE " ONLINE " " }, JSON });
	struct conference c;
	assert_int_equal(
		mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "giao ban" }, &c),
		OK);
	assert_true(c.created);
	assert_int_equal(mcu->message(&k.task, &k.lane, &c, NULL, "xin chào", 30), OK);
	assert_int_equal(mcu->end(&k.task, &k.lane, &c), OK);
	finish(&k);
}

/* Adding calls; what comes back names no id, so the list is asked. */
static void
adds_who_is_not_listed(void **unused)
{
	OPENED(LIST(""),
		{ .expect = { ADD,
			  "\"uri\":\"" FIRST
			  "\",\"ipProtocolType\":1,\"dialMode\":\"OUT\",\"rate\":1920",
			  "Chu Túc" },
			JSON },
		LIST(SITE(P1, FIRST, "false", "true", "0")),
		LIST(SITE(P1, FIRST, "true", "false", "0")),
		{ .expect = { STATUS(P1), "{\"isMute\":true}" }, JSON },
		LIST(SITE(P1, FIRST, "true", "false", "0") "," SITE(
			P2, "khach@10.9.9.9", "true", "false", "0")));
	struct leg leg;
	struct roster all;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, P1);
	assert_int_equal(leg.state, LEG_DIALING);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].state, LEG_UP);
	assert_int_equal(all.legs[0].muted, YES); /* the order to call has no word for it */
	assert_string_equal(all.legs[0].name, "chu-tuc");
	assert_string_equal(all.legs[0].address, "sip:" FIRST);
	assert_true(all.legs[0].configured);
	assert_false(all.legs[0].sampled);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 2);
	assert_false(all.legs[1].configured);
	assert_string_equal(all.legs[1].address, "khach@10.9.9.9");
	finish(&k);
}

/* ---- traps ----------------------------------------------------------------------------------- */

/* Who failed stays in the list: called again under its id, and the reason before is not the end of
 * the new call. */
static void
an_old_reason_is_not_the_new_end(void **unused)
{
	OPENED(LIST(SITE(P1, "sip:" FIRST, "false", "false", "117")),
		{ .expect = { STATUS(P1), "{\"isOnline\":true}" }, JSON },
		LIST(SITE(P1, FIRST, "false", "false", "117")),
		LIST(SITE(P1, FIRST, "false", "true", "117")),
		LIST(SITE(P1, FIRST, "false", "false", "129")),
		LIST(SITE(P1, FIRST, "false", "false", "129")));
	struct leg leg;
	struct roster all;
	struct ending why;
	static const enum leg_state told[] = { LEG_DIALING, LEG_DIALING, LEG_GONE };
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
		assert_int_equal(all.legs[0].state, told[i]);
	}
	assert_int_equal(all.legs[0].ending.cause, CAUSE_NO_ANSWER);
	assert_string_equal(all.legs[0].ending.device_words, "callFailReason 129");
	assert_int_equal(mcu->reason(&k.task, &k.lane, &k.conference, &leg, &why), OK);
	assert_int_equal(why.cause, CAUSE_NO_ANSWER);
	finish(&k);
}

/* It was in and the platform calls it again by itself: that was an end, told once. */
static void
a_drop_that_is_called_again_is_an_end_first(void **unused)
{
	OPENED(LIST(SITE(P1, FIRST, "true", "false", "0")),
		LIST(SITE(P1, FIRST, "false", "true", "0")),
		LIST(SITE(P1, FIRST, "false", "true", "0")));
	static const enum leg_state told[] = { LEG_UP, LEG_GONE, LEG_DIALING };
	struct roster all;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
		assert_int_equal(all.legs[0].state, told[i]);
	}
	finish(&k);
}

/* The same order twice: it is being called. */
static void
twice_is_one_leg(void **unused)
{
	OPENED(LIST(SITE(P1, FIRST, "false", "true", "0")),
		LIST(SITE(P1, FIRST, "true", "false", "0")));
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_int_equal(leg.state, LEG_DIALING);
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_int_equal(leg.state, LEG_UP);
	finish(&k);
}

/* Invited and never called is no call that ended; hung up by us without a reason is ours. */
static void
listed_is_not_called(void **unused)
{
	OPENED(LIST(SITE(P2, "x@y", "false", "false", "0") "," SITE(
		       P1, FIRST, "true", "false", "0")),
		{ .expect = { STATUS(P1), "{\"isOnline\":false}" }, JSON },
		LIST(SITE(P2, "x@y", "false", "false", "0") "," SITE(
			P1, FIRST, "false", "false", "0")));
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].state, LEG_NEW);
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &k.conference, &all.legs[1]), OK);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].state, LEG_NEW);
	assert_int_equal(all.legs[1].state, LEG_GONE);
	assert_int_equal(all.legs[1].ending.cause, CAUSE_OUR_HANGUP);
	finish(&k);
}

/* A token that is not known any more: one login, and once more; by either way of saying so. */
/* A list that does not say whether it is in says nothing of its end. */
static void
what_is_not_told_is_as_it_was(void **unused)
{
#define MUTE_ONLY(id, reason) \
	"{\"generalParam\":{\"id\":\"" id "\",\"uri\":\"" FIRST "\"},\"state\":{" reason "}}"
	OPENED(LIST(SITE(P1, FIRST, "true", "false", "0") "," MUTE_ONLY(P2, "")),
		LIST(MUTE_ONLY(P1, "") "," MUTE_ONLY(P2, "\"callFailReason\":0")),
		LIST(MUTE_ONLY(P1, "\"callFailReason\":196634") "," MUTE_ONLY(P2, "")));
	struct roster all;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
		assert_int_equal(all.n, 2);
		assert_int_equal(all.legs[0].state, LEG_UP);
		assert_int_equal(all.legs[0].ending.cause, CAUSE_UNKNOWN);
		assert_int_equal(all.legs[1].state, LEG_NEW);
	}
	finish(&k);
}

static void
a_token_that_ended_is_renewed(void **unused)
{
	OPENED({ .expect = { "participants/conditions", "token: u-1" },
		       NO("400 Bad Request", "0x1", "token not exist") },
		LOGIN("u-2"),
		{ .expect = { "participants/conditions", "token: u-2" },
			JSON,
			.body = PAGE_OF("true", "") },
		{ .expect = { "participants/conditions" }, NO("401 Unauthorized", "0x1", "x") },
		LOGIN("u-3"),
		{ .expect = { "participants/conditions", "token: u-3" },
			NO("401 Unauthorized", "0x1", "x") });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), ERR_AUTH);
	finish(&k);
}

static void
reasons_have_causes(void **unused)
{
	static const struct {
		int64_t reason;
		bool ours;
		enum cause cause;
	} cases[] = {
		{ 117, true, CAUSE_BUSY },
		{ 110, true, CAUSE_WRONG_ADDRESS },
		{ 115, true, CAUSE_REJECTED },
		{ 131076, true, CAUSE_UNREACHABLE },
		{ 131081, true, CAUSE_UNREACHABLE },
		{ 131089, true, CAUSE_INCOMPATIBLE },
		{ 196609, true, CAUSE_REJECTED },
		{ 196613, true, CAUSE_NETWORK },
		{ 196622, true, CAUSE_SITE_HANGUP },
		{ 196623, true, CAUSE_OUR_HANGUP },
		{ 196623, false, CAUSE_UNKNOWN },
		{ 196634, true, CAUSE_NETWORK },
		{ 65540, true, CAUSE_GATEKEEPER },
		{ 10086, true, CAUSE_MCU },
		{ 224, true, CAUSE_UNKNOWN },
		{ 0, true, CAUSE_UNKNOWN },
		{ -5, true, CAUSE_UNKNOWN },
		{ INT64_MAX, true, CAUSE_UNKNOWN },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(smc3_ending(cases[i].reason, cases[i].ours).cause, cases[i].cause);
	assert_string_equal(smc3_ending(0, true).device_words, "");
}

/* A meeting of every week has been many times: where it cannot be seen which one runs none is
 * made. */
static void
too_many_of_one_name_make_no_other(void **unused)
{
	enum { SOME = 64 };
	static struct peer_step steps[SOME + 2] = { HELLO };
	struct buf b = { 0 };
	buf_puts(&b, "{\"content\":[");
	for (int i = 0; i < SOME + 1; i++)
		buf_printf(&b, "%s{\"id\":\"c-%d\",\"subject\":\"giao ban\"}", i ? "," : "", i);
	buf_puts(&b, "],\"last\":true}");
	steps[1] = (struct peer_step){
		.expect = { "/conferences/conditions?page=0" }, JSON, .body = b.at
	};
	for (int i = 0; i < SOME; i++)
		steps[2 + i] =
			(struct peer_step){ .expect = { "GET " BASE "/online/conferences/c-" },
				NO("400 Bad Request", "0x2003d", "CONFERENCE_NOT_EXIST") };
	struct talk k;
	struct conference c;
	begin(&k, steps, SOME + 2);
	assert_int_equal(mcu->open(&k.task, &k.lane), OK);
	assert_int_equal(
		mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "giao ban" }, &c),
		ERR_REFUSED);
	finish(&k);
	buf_free(&b);
}

/* ---- it refuses, hangs, drops, lies ---------------------------------------------------------- */

static void
a_wrong_password_is_tried_once(void **unused)
{
	BEGIN({ .expect = { "/tokens?", BASIC },
		NO("401 Unauthorized", "0x1002000c", "PASSWORD_ERROR") });
	mcu_refuses_login(&k);
}

/* By its own number, under another status. */
static void
a_locked_account_is_a_refused_login(void **unused)
{
	BEGIN({ .expect = { "/tokens?" }, NO("400 Bad Request", "0x1002001D", "USER_LOCKED") });
	mcu_refuses_login(&k);
}

static void
a_refusal_keeps_the_words(void **unused)
{
	OPENED(LIST(""), { .expect = { ADD }, NO("400 Bad Request", "0x20000001", "PARAM_ERROR") },
		LIST(""), { .expect = { ADD }, NO("400 Bad Request", "0x2003b", "TOO_MANY") },
		{ .expect = { "participants/conditions" },
			NO("400 Bad Request", "0x2003d", "no conference") });
	struct leg leg;
	struct roster all;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_REFUSED);
	assert_string_equal(k.task.why, "dial " FIRST " on tinh: PARAM_ERROR 0x20000001");
	task_forgive(&k.task);
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_BUSY);
	task_forgive(&k.task);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), ERR_GONE);
	finish(&k);
}

static void
silence_ends_at_the_deadline(void **unused)
{
	OPENED({ .expect = { "participants/conditions" }, .how = PEER_HANG });
	mcu_is_silent(&k);
}

static void
a_cancelled_dial_comes_back(void **unused)
{
	OPENED(LIST(""), { .expect = { ADD }, .how = PEER_CANCEL });
	mcu_dial_is_cancelled(&k, &a_dial);
}

static void
garbage_is_not_understood(void **unused)
{
	OPENED({ .expect = { "participants/conditions" }, .body = "<html/>" },
		{ .expect = { "participants/conditions" }, JSON, .body = "{\"content\":{}}" },
		{ .expect = { "participants/conditions" }, JSON, .body = "" },
		{ .expect = { "participants/conditions" }, .how = PEER_GARBAGE });
	mcu_talks_garbage(&k, 4);
}

static void
an_answer_cut_off_is_asked_again_once(void **unused)
{
	OPENED({ .expect = { "participants/conditions" },
		       .how = PEER_CUT,
		       .body = PAGE_OF("true", "") },
		LIST(""), { .expect = { "participants/conditions" }, .how = PEER_DROP },
		{ .expect = { "participants/conditions" }, .how = PEER_DROP });
	mcu_is_cut_off(&k);
}

/* The answer to the order was lost: who is listed was added, who is not is added once more. */
static void
a_dial_without_answer_is_looked_up(void **unused)
{
	OPENED(LIST(""), { .expect = { ADD }, .how = PEER_DROP },
		LIST(SITE(P1, FIRST, "false", "true", "0")));
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, P1);
	finish(&k);
}

static void
a_dial_that_never_arrived_is_made_once_more(void **unused)
{
	OPENED(LIST(""), { .expect = { ADD }, .how = PEER_DROP }, LIST(""),
		{ .expect = { ADD }, JSON }, LIST(SITE(P1, FIRST, "false", "false", "131081")));
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_int_equal(leg.state, LEG_DIALING);
	finish(&k);
}

static void
an_endless_list_is_left(void **unused)
{
	OPENED({ .expect = { "/participants/conditions?page=" },
		.endless = true,
		JSON,
		.body = PAGE_OF("false", SITE(P1, FIRST, "true", "false", "0")) });
	mcu_lists_without_end(&k);
}

static void
a_leg_of_two_pages_is_one_leg(void **unused)
{
	OPENED({ .expect = { "/participants/conditions?page=0" },
		       JSON,
		       .body = PAGE_OF("false", SITE(P1, FIRST, "false", "true", "0")) },
		{ .expect = { "/participants/conditions?page=1" },
			JSON,
			.body = PAGE_OF("true", SITE(P1, FIRST, "true", "false", "0")) });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 1);
	assert_int_equal(all.legs[0].state, LEG_UP);
	finish(&k);
}

static void
an_endless_list_ends(void **unused)
{
	struct smc3_page p;
	struct arena *a = arena_new();
	static const struct {
		const char *text;
		int64_t page;
		bool good, last;
	} cases[] = {
		{ "{\"content\":[1],\"last\":false,\"totalPages\":1}", 0, true, false },
		{ "{\"content\":[],\"last\":false}", 0, true, true },
		{ "{\"content\":[1],\"totalPages\":2}", 0, true, false },
		{ "{\"content\":[1],\"totalPages\":2}", 1, true, true },
		{ "{\"content\":[1]}", 0, true, true },
		{ "{\"content\":1}", 0, false, true },
		{ "[]", 0, false, true },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct json *j;
		assert_int_equal(json_parse(a, cases[i].text, strlen(cases[i].text), &j, NULL), OK);
		assert_int_equal(smc3_page(j, cases[i].page, &p), cases[i].good);
		assert_int_equal(p.last, cases[i].last);
	}
	/* A full page that says nothing of others is not the last one. */
	struct buf b = { 0 };
	const struct json *j;
	for (int i = 0; i < SMC3_PAGE; i++)
		buf_puts(&b, i ? ",1" : "{\"content\":[1");
	buf_puts(&b, "]}");
	assert_int_equal(json_parse(a, b.at, b.n, &j, NULL), OK);
	assert_true(smc3_page(j, 0, &p));
	assert_int_equal(p.n, SMC3_PAGE);
	assert_false(p.last);
	buf_free(&b);
	arena_free(a);
}

static void
what_it_does_not_take(void **unused)
{
	OPENED({ .expect = { "participants/conditions" }, NO("503 Service Unavailable", "", "") });
	struct leg leg, strange = { .id = "../x" };
	struct roster all;
	struct dial d = a_dial;
	char longest[160] = "sip:";
	memset(longest + 4, 'a', 130);
	d.address = longest;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), ERR_INPUT);
	task_forgive(&k.task);
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &k.conference, &strange), ERR_INPUT);
	task_forgive(&k.task);
	assert_int_equal(
		mcu->message(&k.task, &k.lane, &k.conference, &strange, "x", 5), ERR_UNSUPPORTED);
	task_forgive(&k.task);
	struct conference c;
	assert_int_equal(mcu->start(&k.task, &k.lane,
				 &(struct conference_spec){ .name = "x", .layout = "equal" }, &c),
		ERR_UNSUPPORTED);
	task_forgive(&k.task);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), ERR_BUSY);
	assert_null(mcu->media);
	finish(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_conference_that_runs),
		cmocka_unit_test(opens_and_ends_one_of_its_own),
		cmocka_unit_test(adds_who_is_not_listed),
		cmocka_unit_test(an_old_reason_is_not_the_new_end),
		cmocka_unit_test(a_drop_that_is_called_again_is_an_end_first),
		cmocka_unit_test(twice_is_one_leg),
		cmocka_unit_test(listed_is_not_called),
		cmocka_unit_test(what_is_not_told_is_as_it_was),
		cmocka_unit_test(a_token_that_ended_is_renewed),
		cmocka_unit_test(reasons_have_causes),
		cmocka_unit_test(too_many_of_one_name_make_no_other),
		cmocka_unit_test(a_wrong_password_is_tried_once),
		cmocka_unit_test(a_locked_account_is_a_refused_login),
		cmocka_unit_test(a_refusal_keeps_the_words),
		cmocka_unit_test(silence_ends_at_the_deadline),
		cmocka_unit_test(a_cancelled_dial_comes_back),
		cmocka_unit_test(garbage_is_not_understood),
		cmocka_unit_test(an_answer_cut_off_is_asked_again_once),
		cmocka_unit_test(a_dial_without_answer_is_looked_up),
		cmocka_unit_test(a_dial_that_never_arrived_is_made_once_more),
		cmocka_unit_test(an_endless_list_is_left),
		cmocka_unit_test(a_leg_of_two_pages_is_one_leg),
		cmocka_unit_test(an_endless_list_ends),
		cmocka_unit_test(what_it_does_not_take),
	};
	http_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
