/* Talks with a Huawei SMC 2.0: the adapter against a scripted peer on loopback, one test per way in
 * which such a talk goes, and one per trap of this family. */
#include "adapters/huawei_smc2.h"

#include "adapters/internal.h"
#include "adapters/wire/http.h"
#include "adapters/wire/xml.h"
#include "tests/talk/peer.h"
#include "tests/talk/talk.h"

/* The prefixes of answers are others than those of requests. */
#define SAID(op, code, inner) \
	"<soap:Envelope " \
	"xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><ns2:" op \
	"Response xmlns:ns2=\"http://smc.huawei.com/\"><resultCode>" code "</resultCode>" inner \
	"</ns2:" op "Response></soap:Body></soap:Envelope>"
#define POST(service, op) \
	"POST /esdk/services/" service " ", "SOAPAction: \"http://smc.huawei.com/" op "\"", \
		"<smc:" op ">"
#define COMMON(op) POST("tpCommon", op)
#define CONF(op) POST("tpProfessionalConfMgr", op)
#define CTRL(op) POST("tpProfessionalConfCtrl", op)
#define RANDOM "AAECAwQFBgcICQoLDA0ODw==" /* 00 01 .. 0f */
#define ASKED(cookie) \
	{ \
		.expect = { COMMON("LoginRequest"), "<userName>api</userName>" }, \
		.never = "s3cret", \
		.head = "200 OK\r\nContent-Type: text/xml\r\nSet-Cookie: JSESSIONID=" cookie \
			"; Path=/; HttpOnly", \
		.body = SAID("LoginRequest", "0", \
			"<randomSequence>" RANDOM "</randomSequence><hashType>SHA256</hashType>") \
	}
#define PROOF "<encryptPassword>++5CfLGSshjPiMnJ8H9Chme11G7ywxtt+WAV3vEvcAE=</encryptPassword>"
#define PROVEN(cookie) \
	{ \
		.expect = { COMMON("Authenticate"), "Cookie: JSESSIONID=" cookie }, \
		.never = "s3cret", .body = SAID("Authenticate", "0", "") \
	}
#define HELLO ASKED("c1"), PROVEN("c1")
#define BYE { .expect = { COMMON("Logout") }, .body = SAID("Logout", "0", "") }
#define LIST(items) { .expect = { CONF("queryConfSitesStatusEx"), "<confId>17</confId>" }, \
	.body = SAID("queryConfSitesStatusEx", "0", items) }
#define SITE(uri, status, more) \
	"<siteStatuses><uri>" uri "</uri><name>Chu T\u00fac</name><status>" status \
	"</status><isMute>0</isMute><isQuiet>0</isQuiet><type>7</type>" more "</siteStatuses>"
#define MUTED(uri) \
	"<siteStatuses><uri>" uri \
	"</uri><name>a</name><status>2</status><isMute>1</isMute></siteStatuses>"
#define MUTE(n) \
	{ \
		.expect = { CTRL("setSitesMuteEx"), \
			"<siteUris>" FIRST "</siteUris><isMute>" n "</isMute>" }, \
		.body = SAID("setSitesMuteEx", "0", "") \
	}
#define FAILED(code, text) \
	"<callFailedReason><errCode>" code "</errCode><discription>" text \
	"</discription></callFailedReason>"
#define FIRST "chutuc@10.2.0.5"
#define ADD CONF("addSiteToConfEx")

static const struct mcu_adapter *const mcu = &huawei_smc2_adapter;

static const struct device box = { .name = "tinh",
	.adapter = "huawei-smc2",
	.url = "http://127.0.0.1:PORT/",
	.user = "api",
	.password = "s3cret" };
static const struct conference room = { .id = "17", .name = "giao ban" };
enum { TALK_MS = 30000 };

#include "tests/talk/mcu.h"

static const struct dial a_dial = { .site_name = "Xã Chu Túc",
	.leg_name = "chu-tuc",
	.address = "sip:" FIRST,
	.attempt = "run/chu-tuc/1",
	.muted = true,
	.kbps = 1920 };

/* ---- it works -------------------------------------------------------------------------------- */

/* The proof, reckoned by other means: SHA-256 of hex(SHA-256("s3cret")) and hex(random). */
static void
the_password_is_never_sent(void **unused)
{
	char proof[48];
	assert_true(smc2_proof("s3cret", RANDOM, proof));
	assert_non_null(strstr(PROOF, proof));
	assert_false(smc2_proof("s3cret", "no base64", proof));
	assert_false(smc2_proof("s3cret", "", proof));
	assert_false(smc2_proof("s3cret", NULL, proof));
	BEGIN(ASKED("c1"),
		{ .expect = { COMMON("Authenticate"), PROOF },
			.body = SAID("Authenticate", "0", "") },
		{ .expect = { COMMON("KeepAlive"), "Cookie: JSESSIONID=c1" },
			.body = SAID("KeepAlive", "0", "") },
		BYE);
	struct identity who;
	assert_int_equal(mcu->open(&k.task, &k.lane), OK);
	assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.vendor, "Huawei");
	finish(&k);
}

#define ENDED(id, status) \
	"<conferenceStatuses><id>" id "</id><name>giao ban</name><status>" status \
	"</status></conferenceStatuses>"
static void
opens_and_ends_one_of_its_own(void **unused)
{
	OPENED({ .expect = { CONF("queryConferencesStatusEx") },
		       .body = SAID("queryConferencesStatusEx", "0",
			       "<conferenceStatuses><id>16</id><name>khac</name></"
			       "conferenceStatuses>" ENDED("14", "1") ENDED("15", "4")) },
		{ .expect = { CONF("scheduleConfEx"),
			  "<scheduleConf><name>giao "
			  "ban</name><duration>P0Y0M0DT12H0M0.000S</duration>" },
			.never = "beginTime",
			.body = SAID("scheduleConfEx", "0",
				"<conferenceInfo><confId>17</confId></conferenceInfo>") },
		{ .expect = { CONF("delScheduledConfEx"), "<confId>17</confId>" },
			.body = SAID("delScheduledConfEx", "0", "") },
		BYE);
	struct conference c;
	assert_int_equal(
		mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "giao ban" }, &c),
		OK);
	assert_string_equal(c.id, "17");
	assert_true(c.created);
	assert_int_equal(mcu->end(&k.task, &k.lane, &c), OK);
	finish(&k);
}

/* dialingMode 0, or nobody is called. What was ordered muted is muted once it is up. */
static void
adds_who_is_not_listed(void **unused)
{
	OPENED(LIST(""),
		{ .expect = { ADD,
			  "<uri>" FIRST "</uri><type>7</type><from>1</from><dialingMode>0</"
			  "dialingMode><rate>1920k</rate>" },
			.body = SAID("addSiteToConfEx", "0", "") },
		LIST(SITE(FIRST, "5", "")), LIST(SITE(FIRST, "2", "")), MUTE("1"),
		LIST(MUTED(FIRST)), BYE);
	struct leg leg;
	struct roster all;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, FIRST);
	assert_int_equal(leg.state, LEG_DIALING);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].state, LEG_RINGING);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].state, LEG_UP);
	assert_int_equal(all.legs[0].muted, YES);
	assert_string_equal(all.legs[0].name, "chu-tuc");
	assert_false(all.legs[0].sampled);
	finish(&k);
}

/* ---- traps ----------------------------------------------------------------------------------- */

/* The order's number is contradicted between sources, the list's is not: what happened is looked at
 * and remembered. */
static void
which_number_mutes_is_seen(void **unused)
{
#define OPEN LIST(SITE(FIRST, "2", ""))
#define CLOSED LIST(MUTED(FIRST))
	OPENED(OPEN, MUTE("1"), OPEN, CLOSED, /* it took a moment */
		CLOSED, MUTE("0"), CLOSED, CLOSED, CLOSED, MUTE("1"),
		OPEN,				 /* it has the other reading */
		OPEN, MUTE("0"), CLOSED, CLOSED, /* as it is: nothing is ordered */
		LIST(""), CLOSED, MUTE("1"), CLOSED, CLOSED, CLOSED, MUTE("0"), CLOSED, CLOSED,
		CLOSED, /* it does not obey */
		BYE);
	struct leg leg = { .id = FIRST };
	assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &leg, true), OK);
	assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &leg, false), OK);
	assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &leg, true), OK);
	assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &leg, true), OK);
	assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &leg, true), ERR_GONE);
	task_forgive(&k.task);
	assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &leg, false), ERR_REFUSED);
	finish(&k);
}

/* Its numbers of failed calls are those of SMC 3.0, and some more. */
static void
numbers_of_failed_calls(void **unused)
{
	static const struct {
		int64_t code;
		enum cause cause;
	} table[] = { { 117, CAUSE_BUSY }, { 115, CAUSE_REJECTED }, { 129, CAUSE_NO_ANSWER },
		{ 110, CAUSE_WRONG_ADDRESS }, { 117375024, CAUSE_BUSY },
		{ 1345323009, CAUSE_WRONG_ADDRESS }, { 4242, CAUSE_UNKNOWN },
		{ -117, CAUSE_UNKNOWN } };
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		assert_int_equal(smc2_ending(table[i].code, "x").cause, table[i].cause);
}

static void
an_old_reason_is_not_the_new_end(void **unused)
{
	OPENED(LIST(SITE(FIRST, "3", FAILED("77", "busy"))),
		{ .expect = { CONF("connectSitesEx"), "<siteUris>" FIRST "</siteUris>" },
			.body = SAID("connectSitesEx", "0", "") },
		LIST(SITE(FIRST, "3", FAILED("77", "busy"))), LIST(SITE(FIRST, "4", "")),
		LIST(SITE(FIRST, "3", FAILED("1345323009", "no site"))),
		LIST(SITE(FIRST, "3", FAILED("1345323009", "no site"))), BYE);
	static const enum leg_state told[] = { LEG_DIALING, LEG_DIALING, LEG_GONE };
	struct leg leg;
	struct roster all;
	struct ending why;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
		assert_int_equal(all.legs[0].state, told[i]);
	}
	assert_int_equal(all.legs[0].ending.cause, CAUSE_WRONG_ADDRESS);
	assert_int_equal(mcu->reason(&k.task, &k.lane, &k.conference, &leg, &why), OK);
	assert_string_equal(why.device_words, "1345323009 no site");
	finish(&k);
}

/* Status 1 is "no such site", not "in"; 0 is "not known": as it was. Either spelling of the text is
 * read. */
static void
states_are_not_what_they_seem(void **unused)
{
	OPENED(LIST(SITE("a", "1", "") SITE("b", "2", "") SITE("c", "0", "") SITE("d", "3", "")
			       SITE("e", "3",
				       "<callFailedReason><errCode>5</errCode><description>x</"
				       "description></callFailedReason>")),
		LIST(SITE("a", "1", "") SITE("b", "0", "") SITE("c", "0", "") SITE("d", "9", "")),
		BYE);
	static const enum leg_state first[] = { LEG_GONE, LEG_UP, LEG_NEW, LEG_NEW, LEG_GONE };
	static const enum leg_state then[] = { LEG_GONE, LEG_UP, LEG_NEW, LEG_NEW };
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 5);
	for (int i = 0; i < 5; i++)
		assert_int_equal(all.legs[i].state, first[i]);
	assert_int_equal(all.legs[0].ending.cause, CAUSE_WRONG_ADDRESS);
	assert_string_equal(all.legs[4].ending.device_words, "5 x");
	assert_string_equal(all.legs[1].address, "sip:b");
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	for (int i = 0; i < 4; i++)
		assert_int_equal(all.legs[i].state, then[i]);
	finish(&k);
}

/* What the platform does not know of is not under way: it is called, once, and then it is. */
static void
who_is_not_known_of_is_called(void **unused)
{
	OPENED(LIST(SITE(FIRST, "0", "")),
		{ .expect = { CONF("connectSitesEx"), "<siteUris>" FIRST "</siteUris>" },
			.body = SAID("connectSitesEx", "0", "") },
		LIST(SITE(FIRST, "0", "")), LIST(SITE(FIRST, "0", "")), BYE);
	struct leg leg;
	struct roster all;
	struct dial d = a_dial;
	d.muted = false;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), OK);
	assert_int_equal(leg.state, LEG_DIALING);
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), OK);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].state, LEG_DIALING);
	finish(&k);
}

/* It was in and the platform calls it again by itself: that was an end, told once. */
static void
a_drop_that_is_called_again_is_an_end_first(void **unused)
{
	OPENED(LIST(SITE(FIRST, "2", "")), LIST(SITE(FIRST, "4", "")), LIST(SITE(FIRST, "5", "")),
		LIST(SITE(FIRST, "2", "")), BYE);
	static const enum leg_state told[] = { LEG_UP, LEG_GONE, LEG_RINGING, LEG_UP };
	struct roster all;
	for (int i = 0; i < 4; i++) {
		assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
		assert_int_equal(all.legs[0].state, told[i]);
	}
	finish(&k);
}

static void
a_leg_we_hung_up_is_ours(void **unused)
{
	OPENED(LIST(SITE(FIRST, "2", "")),
		{ .expect = { CONF("disconnectSitesEx") },
			.body = SAID("disconnectSitesEx", "0", "") },
		LIST(SITE(FIRST, "3", "")), BYE);
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	struct leg leg = all.legs[0];
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &k.conference, &leg), OK);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].state, LEG_GONE);
	assert_int_equal(all.legs[0].ending.cause, CAUSE_OUR_HANGUP);
	finish(&k);
}

/* Which code a session has that ended is not documented: one new login, and if that does not help
 * no second one. */
static void
a_session_that_ended_is_renewed_once(void **unused)
{
#define BARRED \
	{ .expect = { CONF("queryConfSitesStatusEx") }, \
		.body = SAID("queryConfSitesStatusEx", "1344274435", "") }
	OPENED(BARRED, ASKED("c2"), PROVEN("c2"), LIST(""), BARRED, ASKED("c3"), PROVEN("c3"),
		BARRED, BARRED, BYE);
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), ERR_REFUSED);
		task_forgive(&k.task);
	}
	finish(&k);
}

/* Nobody logs in to log out. */
static void
a_session_that_ended_is_not_renewed_to_leave(void **unused)
{
	OPENED({ .expect = { COMMON("Logout") }, .body = SAID("Logout", "1344274435", "") });
	finish(&k);
}

/* ---- it refuses, hangs, drops, lies ---------------------------------------------------------- */

static void
a_wrong_password_is_tried_once(void **unused)
{
	static const char *const codes[] = { "1344274433", "1344274490" };
	for (int i = 0; i < 2; i++) {
		char body[600];
		snprintf(body, sizeof body, SAID("Authenticate", "%s", ""), codes[i]);
		const struct peer_step steps[] = { ASKED("c1"),
			{ .expect = { COMMON("Authenticate") }, .body = body } };
		struct talk k;
		begin(&k, steps, 2);
		assert_int_equal(mcu->open(&k.task, &k.lane), ERR_AUTH);
		assert_string_equal(k.task.word, "login-refused");
		assert_null(k.lane.session);
		finish(&k);
	}
}

static void
another_hash_is_not_guessed(void **unused)
{
	BEGIN({ .expect = { COMMON("LoginRequest") },
		.body = SAID("LoginRequest", "0",
			"<randomSequence>" RANDOM "</randomSequence><hashType>SM3</hashType>") });
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_UNSUPPORTED);
	finish(&k);
}

static void
a_refusal_keeps_the_code(void **unused)
{
	OPENED(LIST(""), { .expect = { ADD }, .body = SAID("addSiteToConfEx", "1345323009", "") },
		LIST(""), { .expect = { ADD }, .body = SAID("addSiteToConfEx", "1347444739", "") },
		{ .expect = { CONF("queryConfSitesStatusEx") },
			.body = SAID("queryConfSitesStatusEx", "1347420162", "") },
		{ .expect = { CONF("queryConfSitesStatusEx") },
			.head = "500 Internal Server Error\r\nContent-Type: text/xml",
			.body = "<s:Envelope "
				"xmlns:s=\"x\"><s:Body><s:Fault><faultcode>s:Client</"
				"faultcode><faultstring>bad type</faultstring>"
				"</s:Fault></s:Body></s:Envelope>" },
		BYE);
	struct leg leg;
	struct roster all;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_REFUSED);
	assert_string_equal(k.task.word, "wrong-address");
	assert_string_equal(k.task.why, "dial " FIRST " on tinh: resultCode 1345323009");
	task_forgive(&k.task);
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_BUSY);
	task_forgive(&k.task);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), ERR_GONE);
	task_forgive(&k.task);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), ERR_REFUSED);
	assert_string_equal(k.task.why, "list legs on tinh: bad type");
	finish(&k);
}

static void
silence_ends_at_the_deadline(void **unused)
{
	OPENED({ .expect = { CONF("queryConfSitesStatusEx") }, .how = PEER_HANG }, BYE);
	mcu_is_silent(&k);
}

static void
a_cancelled_dial_comes_back(void **unused)
{
	OPENED(LIST(""), { .expect = { ADD }, .how = PEER_CANCEL }, BYE);
	mcu_dial_is_cancelled(&k, &a_dial);
}

/* Another question's answer, no SOAP, no code, an entity, half a document, no HTTP. */
static void
garbage_is_not_understood(void **unused)
{
#define LISTED(text) { .expect = { CONF("queryConfSitesStatusEx") }, .body = text }
	OPENED(LISTED(SAID("KeepAlive", "0", "")), LISTED("<html/>"),
		LISTED(SAID("queryConfSitesStatusEx", "x", "")),
		LISTED("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"),
		LISTED("<s:Envelope xmlns:s=\"x\"><s:Body>"), LISTED(""),
		{ .expect = { CONF("queryConfSitesStatusEx") }, .how = PEER_GARBAGE }, BYE);
	mcu_talks_garbage(&k, 7);
}

static void
an_answer_cut_off_is_asked_again_once(void **unused)
{
	OPENED({ .expect = { CONF("queryConfSitesStatusEx") },
		       .how = PEER_CUT,
		       .body = SAID("queryConfSitesStatusEx", "0", "") },
		LIST(""), { .expect = { CONF("queryConfSitesStatusEx") }, .how = PEER_DROP },
		{ .expect = { CONF("queryConfSitesStatusEx") }, .how = PEER_DROP }, BYE);
	mcu_is_cut_off(&k);
}

static void
a_dial_without_answer_is_looked_up(void **unused)
{
	OPENED(LIST(""), { .expect = { ADD }, .how = PEER_DROP }, LIST(SITE(FIRST, "4", "")),
		LIST(""), { .expect = { ADD }, .how = PEER_DROP }, LIST(""),
		{ .expect = { ADD }, .how = PEER_DROP }, BYE);
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_int_equal(leg.state, LEG_DIALING);
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), ERR_TIMEOUT);
	assert_non_null(strstr(k.task.why, "twice"));
	finish(&k);
}

/* The same of one that is listed: looked at before it is called once more. */
static void
a_call_without_answer_is_looked_up(void **unused)
{
	OPENED(LIST(SITE(FIRST, "3", "")),
		{ .expect = { CONF("connectSitesEx") }, .how = PEER_DROP },
		LIST(SITE(FIRST, "4", "")), LIST(SITE(FIRST, "3", "")),
		{ .expect = { CONF("connectSitesEx") }, .how = PEER_DROP },
		LIST(SITE(FIRST, "3", "")),
		{ .expect = { CONF("connectSitesEx") }, .body = SAID("connectSitesEx", "0", "") },
		BYE);
	struct leg leg;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
		assert_int_equal(leg.state, LEG_DIALING);
	}
	finish(&k);
}

static void
what_it_does_not_take(void **unused)
{
	OPENED(BYE);
	struct dial d = a_dial;
	struct leg leg;
	struct conference c, strange = { .id = "1<2" };
	struct roster all;
	d.audio_only = true;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), ERR_UNSUPPORTED);
	task_forgive(&k.task);
	d.address = "sip:";
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), ERR_INPUT);
	task_forgive(&k.task);
	assert_int_equal(mcu->start(&k.task, &k.lane,
				 &(struct conference_spec){ .name = "x", .layout = "equal" }, &c),
		ERR_UNSUPPORTED);
	task_forgive(&k.task);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &strange, &all), ERR_INPUT);
	assert_null(mcu->media);
	assert_null(mcu->message);
	finish(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_password_is_never_sent),
		cmocka_unit_test(opens_and_ends_one_of_its_own),
		cmocka_unit_test(adds_who_is_not_listed),
		cmocka_unit_test(which_number_mutes_is_seen),
		cmocka_unit_test(numbers_of_failed_calls),
		cmocka_unit_test(an_old_reason_is_not_the_new_end),
		cmocka_unit_test(states_are_not_what_they_seem),
		cmocka_unit_test(who_is_not_known_of_is_called),
		cmocka_unit_test(a_drop_that_is_called_again_is_an_end_first),
		cmocka_unit_test(a_leg_we_hung_up_is_ours),
		cmocka_unit_test(a_session_that_ended_is_renewed_once),
		cmocka_unit_test(a_session_that_ended_is_not_renewed_to_leave),
		cmocka_unit_test(a_wrong_password_is_tried_once),
		cmocka_unit_test(another_hash_is_not_guessed),
		cmocka_unit_test(a_refusal_keeps_the_code),
		cmocka_unit_test(silence_ends_at_the_deadline),
		cmocka_unit_test(a_cancelled_dial_comes_back),
		cmocka_unit_test(garbage_is_not_understood),
		cmocka_unit_test(an_answer_cut_off_is_asked_again_once),
		cmocka_unit_test(a_dial_without_answer_is_looked_up),
		cmocka_unit_test(a_call_without_answer_is_looked_up),
		cmocka_unit_test(what_it_does_not_take),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
