/* What an MCU's no means: every fault, tag, code and sentence that its documents give for a refusal,
 * and what may be done next; and the words of states and layouts. Written from the documents, not
 * from the adapters' tables. */
#include "adapters/bigbluebutton.h"
#include "adapters/cisco_cms.h"
#include "adapters/cisco_mcu.h"
#include "adapters/freeswitch.h"
#include "adapters/huawei_smc2.h"
#include "adapters/huawei_smc3.h"
#include "adapters/internal.h"
#include "adapters/pexip.h"
#include "adapters/poly_rmx.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct no {
	const char *word;
	enum err class;
	enum cause cause;
};

static int
setup(void **state)
{
	xml_global_init();
	*state = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

/* Fault codes of the MCU API; what is not named here is a plain no. */
static void
codian(void **unused)
{
	static const struct {
		int code;
		enum err class;
	} documented[] = {
		{ 1, ERR_UNSUPPORTED }, /* unsupported method */
		{ 2, ERR_REFUSED },	/* duplicate conference name */
		{ 3, ERR_REFUSED },	/* duplicate participant name */
		{ 4, ERR_GONE },	/* no such conference */
		{ 5, ERR_GONE },	/* no such participant */
		{ 6, ERR_BUSY },	/* too many conferences, participants */
		{ 7, ERR_BUSY },
		{ 8, ERR_REFUSED },
		{ 9, ERR_REFUSED },
		{ 10, ERR_REFUSED },
		{ 11, ERR_REFUSED },
		{ 12, ERR_REFUSED },
		{ 13, ERR_REFUSED },
		{ 14, ERR_AUTH },	/* authorization failed */
		{ 15, ERR_REFUSED },	/* insufficient privileges; at the login: the password */
		{ 16, ERR_BUSY },	/* invalid enumerateID: the list moved */
		{ 17, ERR_BUSY },	/* port reservation */
		{ 18, ERR_REFUSED },
		{ 20, ERR_UNSUPPORTED }, /* participant type */
		{ 25, ERR_REFUSED },
		{ 34, ERR_REFUSED },	 /* internal */
		{ 35, ERR_REFUSED },	 /* string too long */
		{ 101, ERR_REFUSED },
		{ 102, ERR_REFUSED },
		{ 103, ERR_PROTOCOL }, /* malformed */
		{ 105, ERR_REFUSED },
		{ 201, ERR_REFUSED },
		{ 202, ERR_UNSUPPORTED }, /* needs a feature key */
		{ 203, ERR_BUSY },	  /* too many requests at a time */
		{ -1, ERR_REFUSED },
	};
	for (size_t i = 0; i < sizeof documented / sizeof *documented; i++)
		if (cisco_fault(documented[i].code) != documented[i].class)
			fail_msg("fault %d", documented[i].code);
}

/* failureDetails of the API reference, under the status that comes with most of them. */
static void
meeting_server(void **state)
{
	static const struct no documented[] = {
		{ "accessMethodDoesNotExist", ERR_REFUSED, CAUSE_MCU },
		{ "callBridgeUnavailable", ERR_BUSY, CAUSE_MCU },
		{ "callBridgeGroupUnavailable", ERR_BUSY, CAUSE_MCU },
		{ "callDoesNotExist", ERR_GONE, CAUSE_MCU },
		{ "callLegCannotBeDeleted", ERR_REFUSED, CAUSE_MCU },
		{ "callLegDoesNotExist", ERR_GONE, CAUSE_UNKNOWN },
		{ "callLegProfileDoesNotExist", ERR_REFUSED, CAUSE_MCU },
		{ "callProfileDoesNotExist", ERR_REFUSED, CAUSE_MCU },
		{ "cdrReceiverDoesNotExist", ERR_REFUSED, CAUSE_MCU },
		{ "coSpaceDoesNotExist", ERR_GONE, CAUSE_MCU },
		{ "databaseNotReady", ERR_BUSY, CAUSE_MCU },
		{ "duplicateCoSpaceUri", ERR_REFUSED, CAUSE_MCU },
		{ "duplicateCoSpaceId", ERR_REFUSED, CAUSE_MCU },
		{ "invalidOperation", ERR_REFUSED, CAUSE_MCU },
		{ "invalidVersion", ERR_UNSUPPORTED, CAUSE_MCU },
		{ "layoutTemplateDoesNotExist", ERR_REFUSED, CAUSE_MCU },
		{ "loadBalancingDisabled", ERR_REFUSED, CAUSE_MCU },
		{ "participantDoesNotExist", ERR_GONE, CAUSE_UNKNOWN },
		{ "participantCannotBeDeleted", ERR_REFUSED, CAUSE_MCU },
		{ "participantCannotBeModified", ERR_REFUSED, CAUSE_MCU },
		{ "participantLimitReached", ERR_BUSY, CAUSE_MCU },
		{ "tenantParticipantLimitReached", ERR_BUSY, CAUSE_MCU },
		{ "tenantDoesNotExist", ERR_REFUSED, CAUSE_MCU },
		{ "tooManyCdrReceivers", ERR_REFUSED, CAUSE_MCU },
		{ "unrecognizedObject", ERR_UNSUPPORTED, CAUSE_MCU },
		{ "userDoesNotExist", ERR_REFUSED, CAUSE_MCU },
		{ "parameterError parameter=\"bandwidth\" error=\"valueOutOfRange\"", ERR_REFUSED,
			CAUSE_MCU },
		{ "parameterError parameter=\"remoteParty\" error=\"invalidValue\"", ERR_REFUSED,
			CAUSE_WRONG_ADDRESS },
	};
	for (size_t i = 0; i < sizeof documented / sizeof *documented; i++) {
		const char *words;
		enum cause cause;
		char body[200];
		int n = snprintf(body, sizeof body, "<failureDetails><%s/></failureDetails>",
			documented[i].word);
		enum err e = cms_refusal(*state, 400, body, (size_t)n, &words, &cause);
		if (e != documented[i].class || cause != documented[i].cause)
			fail_msg("%s: %s %s", documented[i].word, err_name(e), cause_name(cause));
		/* 503 is "later" whatever stands in it. */
		assert_int_equal(cms_refusal(*state, 503, body, (size_t)n, &words, &cause),
			ERR_BUSY);
	}
}

static void
smc2(void **unused)
{
	static const struct {
		int64_t code;
		enum err class;
	} documented[] = {
		{ 1344274433, ERR_AUTH },	 /* password */
		{ 1344274490, ERR_AUTH },	 /* password, and locked */
		{ 1344274435, ERR_REFUSED },	 /* no permission */
		{ 1345323009, ERR_REFUSED },	 /* no such site */
		{ 1346371585, ERR_REFUSED },	 /* no such MCU */
		{ 1346371607, ERR_TIMEOUT },	 /* MCU command timeout: outcome unknown */
		{ 1346379777, ERR_BUSY },	 /* MCU connect error */
		{ 1346379779, ERR_TIMEOUT },
		{ 1346379780, ERR_REFUSED },	 /* the MCU's login, not ours */
		{ 1347420162, ERR_GONE },	 /* conference gone */
		{ 1347424259, ERR_UNSUPPORTED }, /* the MCU lacks the capability */
		{ 1347444739, ERR_BUSY },	 /* resources exhausted */
		{ 1347440674, ERR_REFUSED },	 /* volume out of range */
		{ 1350566001, ERR_TIMEOUT },	 /* eSDK timeout */
		{ 42, ERR_REFUSED },
	};
	for (size_t i = 0; i < sizeof documented / sizeof *documented; i++)
		if (smc2_class(documented[i].code) != documented[i].class)
			fail_msg("%lld", (long long)documented[i].code);
}

static void
smc3(void **state)
{
	static const struct no documented[] = {
		{ "0x2003a", ERR_REFUSED, 0 },	/* locked */
		{ "0x2003b", ERR_BUSY, 0 },	/* participant limit */
		{ "0x2003d", ERR_GONE, 0 },	/* conference id */
		{ "0x2003e", ERR_BUSY, 0 },	/* no resource */
		{ "0x20020028", ERR_BUSY, 0 },	/* system resources */
		{ "0x20040001", ERR_BUSY, 0 },	/* MCU resources */
		{ "0x20040002", ERR_BUSY, 0 },
		{ "0x20040003", ERR_BUSY, 0 },
		{ "0x20040004", ERR_BUSY, 0 },
		{ "0x20040010", ERR_BUSY, 0 },
		{ "0x1002000c", ERR_AUTH, 0 },	/* password */
		{ "0x1002001D", ERR_AUTH, 0 },	/* user locked */
		{ "0x10040003", ERR_REFUSED, 0 }, /* no such MCU */
		{ "0x10040037", ERR_BUSY, 0 },	/* MCU offline */
		{ "0xzz", ERR_REFUSED, 0 },
		{ "2003d", ERR_REFUSED, 0 },
	};
	const char *words;
	bool again;
	for (size_t i = 0; i < sizeof documented / sizeof *documented; i++) {
		char text[200];
		const struct json *j;
		snprintf(text, sizeof text, "{\"errorNo\":\"%s\",\"errorDesc\":\"x\"}",
			documented[i].word);
		assert_int_equal(json_parse(*state, text, strlen(text), &j, NULL), OK);
		enum err e = smc3_refusal(*state, j, 400, &words, &again);
		if (e != documented[i].class || again)
			fail_msg("%s: %s", documented[i].word, err_name(e));
	}
	static const char gone[] = "{\"errorDesc\":\"CONFERENCE_NOT_EXIST\"}",
			  token[] = "{\"errorDesc\":\"token not exist\"}";
	const struct json *j;
	assert_int_equal(json_parse(*state, gone, strlen(gone), &j, NULL), OK);
	assert_int_equal(smc3_refusal(*state, j, 400, &words, &again), ERR_GONE);
	assert_int_equal(json_parse(*state, token, strlen(token), &j, NULL), OK);
	smc3_refusal(*state, j, 400, &words, &again);
	assert_true(again);
}

/* Failures are strings. */
static void
freeswitch(void **unused)
{
	static const struct no documented[] = {
		{ "+OK mute 2\n", OK, 0 },
		{ "", OK, 0 },
		{ "UNAUTHORIZED!", ERR_REFUSED, 0 },
		{ "ERROR!", ERR_UNSUPPORTED, 0 },
		{ "-USAGE: [<id>|all]", ERR_PROTOCOL, 0 },
		{ "-ERR Conference nosuch not found", ERR_GONE, 0 },
		{ "-ERR Member: 7 not found.", ERR_GONE, 0 },
		{ "-ERR Non-Existant ID 99", ERR_GONE, 0 },
		{ "-ERR No such channel!", ERR_GONE, 0 },
		{ "-ERR Invalid layout [nosuch]", ERR_UNSUPPORTED, 0 },
		{ "-ERR Conference is not in mixing mode", ERR_UNSUPPORTED, 0 },
		{ "-ERR Conference command 'x' not found.", ERR_UNSUPPORTED, 0 },
		{ "-ERR Bad Args", ERR_PROTOCOL, 0 },
		{ "-ERR Parse error", ERR_PROTOCOL, 0 },
		{ "-ERR floor is held by 1", ERR_REFUSED, 0 },
		{ "-ERR USER_BUSY", ERR_REFUSED, 0 },
	};
	for (size_t i = 0; i < sizeof documented / sizeof *documented; i++)
		if (fs_said(documented[i].word) != documented[i].class)
			fail_msg("%s: %s", documented[i].word,
				err_name(fs_said(documented[i].word)));
}

static void
bigbluebutton(void **state)
{
	static const struct no documented[] = {
		{ "checksumError", ERR_AUTH, 0 },
		{ "notFound", ERR_GONE, 0 },
		{ "idNotUnique", ERR_REFUSED, 0 },
		{ "invalidPassword", ERR_REFUSED, 0 },
		{ "missingParamMeetingID", ERR_REFUSED, 0 },
		{ "maxConcurrent", ERR_BUSY, 0 },
		{ "unsupportedRequest", ERR_UNSUPPORTED, 0 },
	};
	for (size_t i = 0; i < sizeof documented / sizeof *documented; i++) {
		struct bbb_answer a;
		char body[200];
		int n = snprintf(body, sizeof body,
			"<response><returncode>FAILED</returncode><messageKey>%s</messageKey>"
			"</response>",
			documented[i].word);
		assert_int_equal(bbb_read(*state, body, (size_t)n, &a, NULL), OK);
		if (a.class != documented[i].class || !a.failed)
			fail_msg("%s", documented[i].word);
	}
}

/* cpLayout and customLayout; layouts of the API reference and of the stock file. */
static void
layouts(void **unused)
{
	static const char *const cms[] = { "allEqual", "speakerOnly", "telepresence", "stacked",
		"allEqualQuarters", "allEqualNinths", "allEqualSixteenths", "allEqualTwentyFifths",
		"onePlusFive", "onePlusSeven", "onePlusNine", "automatic", "onePlusN" };
	static const char *const ours[][2] = { { "equal", "allEqual" }, { "speaker", "speakerOnly" },
		{ "1+5", "onePlusFive" }, { "1+7", "onePlusSeven" }, { "1+9", "onePlusNine" },
		{ "1+n", "onePlusN" }, { "ALLEQUAL", "allEqual" } };
	static const char *const rmx[] = { "1x1", "1x2", "2x1", "2x2", "1and5", "1and7", "3x3",
		"4x4" };
	static const char *const rmx_ours[][2] = { { "equal", "2x2" }, { "speaker", "1x1" },
		{ "1+5", "1and5" }, { "1+7", "1and7" } };
	static const char *const fs[][2] = { { "equal", "group grid" }, { "speaker", "1x1" },
		{ "1+5", "1up_top_left+5" }, { "1+7", "1up_top_left+7" }, { "3x3", "3x3" },
		{ "group:grid-zoom", "group grid-zoom" } };
	static const char *const codian[][2] = { { "1", "layout1" }, { "59", "layout59" },
		{ "layout12", "layout12" }, { "family1", "family1" }, { "family5", "family5" },
		{ "default", "default" }, { "conferenceCustom", "conferenceCustom" } };
	static const char *const no_codian[] = { "0", "60", "layout60", "family6", "family0",
		"speaker", "equal", "" };
	char word[CISCO_LAYOUT_SIZE], room[80];
	bool automatic;
	for (size_t i = 0; i < sizeof cms / sizeof *cms; i++)
		assert_string_equal(cms_layout(cms[i]), cms[i]);
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		assert_string_equal(cms_layout(ours[i][0]), ours[i][1]);
	assert_null(cms_layout("3x3"));
	for (size_t i = 0; i < sizeof rmx / sizeof *rmx; i++) {
		assert_string_equal(rmx_layout(rmx[i], &automatic), rmx[i]);
		assert_false(automatic);
	}
	for (size_t i = 0; i < sizeof rmx_ours / sizeof *rmx_ours; i++) {
		assert_string_equal(rmx_layout(rmx_ours[i][0], &automatic), rmx_ours[i][1]);
		assert_int_equal(automatic, i == 0);
	}
	for (size_t i = 0; i < sizeof fs / sizeof *fs; i++)
		assert_string_equal(fs_layout(fs[i][0], room, sizeof room), fs[i][1]);
	for (size_t i = 0; i < sizeof codian / sizeof *codian; i++) {
		assert_true(cisco_layout(codian[i][0], word));
		assert_string_equal(word, codian[i][1]);
	}
	for (size_t i = 0; i < sizeof no_codian / sizeof *no_codian; i++)
		assert_false(cisco_layout(no_codian[i], word));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codian),
		cmocka_unit_test(meeting_server),
		cmocka_unit_test(smc2),
		cmocka_unit_test(smc3),
		cmocka_unit_test(freeswitch),
		cmocka_unit_test(bigbluebutton),
		cmocka_unit_test(layouts),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
