/* The words and records of a Cisco Meeting Server: owners, ids, call detail records and their
 * reasons. */
#include "tests/talk/cisco_cms.h"

static void
owners_go_both_ways(void **unused)
{
	static const struct {
		const char *name;
		bool told;
	} cases[] = {
		{ "a", true },
		{ "chu-tuc", true },
		{ "chu-tuc~2", true },
		{ "abcdefghijklmnopqrstu", true },   /* 21 */
		{ "zzzzzzzzzzzzzzzzzzz~_", true },   /* the largest digits */
		{ "abcdefghijklmnopqrstuv", false }, /* 22: its hash */
		{ "Chu-Tuc", false },
		{ "", false },
	};
	char owner[CMS_ID_SIZE], other[CMS_ID_SIZE], name[80];
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		cms_owner(cases[i].name, owner);
		assert_int_equal(strlen(owner), 36);
		assert_true(cms_owner_name(owner, name, sizeof name));
		assert_string_equal(name, cases[i].told ? cases[i].name : "");
		for (size_t n = 0; n < i; n++) {
			cms_owner(cases[n].name, other);
			assert_string_not_equal(owner, other);
		}
	}
	cms_owner("chu-tuc", owner);
	assert_string_equal(owner, OWNER);
	static const char *const others[] = { "", "43dfe9c0-834f-42bd-aa1c-bbf5017706ba", "7464",
		"74640000-0000-0000-0000-000000000000", "7464ffff-ffff-ffff-ffff-ffffffffffff",
		"no" };
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_false(cms_owner_name(others[i], name, sizeof name));
}

static void
ids_are_checked(void **unused)
{
	struct cms_where w;
	char id[80];
	assert_true(cms_conference(CALL_ID "/" SPACE_ID "/n", &w));
	assert_true(w.own_space);
	cms_conference_id(id, sizeof id, &w);
	assert_string_equal(id, CALL_ID "/" SPACE_ID "/n");
	static const char *const wrong[] = { "", "a", "a/", "/b", "a/b/x", "a/b/n/n", "a?x/b",
		"a/b%2e", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/b" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(cms_conference(wrong[i], &w));
	char at[CMS_ID_SIZE];
	assert_true(cms_location("https://10.0.0.1:445/api/v1/calllegs/ab-1", at));
	assert_string_equal(at, "ab-1");
	assert_false(cms_location("/api/v1/callLegs/", at));
	assert_false(cms_location("/api/v1/callLegs/a?b", at));
	assert_false(cms_location(NULL, at));
	assert_ptr_equal(mcu_adapter_find("cisco-cms"), mcu);
}

#define RECORD(index, more, id, reason, seconds) \
	"<record type=\"callLegEnd\" time=\"2023-07-06T01:07:08Z\" recordIndex=\"" index "\"" more \
	"><callLeg id=\"" id "\"><reason>" reason "</reason><durationSeconds>" seconds \
	"</durationSeconds></callLeg></record>"
#define RECORDS(session, records) \
	"<?xml version=\"1.0\"?><records session=\"" session "\" callBridge=\"b\">" records \
	"</records>"

static struct cms_cdr
read_records(struct arena *a, struct cms_cdr_seen *seen, const char *text)
{
	struct cms_cdr out;
	struct err_text why = { 0 };
	assert_int_equal(cms_cdr(a, text, strlen(text), seen, &out, &why), OK);
	return out;
}

static void
records_tell_why(void **unused)
{
	struct arena *a = arena_new();
	struct cms_cdr_seen seen = { 0 };
	struct cms_cdr c = read_records(a, &seen,
		RECORDS("s-1",
			"<record type=\"callStart\" time=\"2023-07-06T01:07:00Z\" "
			"recordIndex=\"1\"><call id=\"c\"/></record>" RECORD("2", "", LEG_1,
				"ringingTimeout", "0") RECORD("3", "", LEG_2, "timeout", "57")));
	assert_int_equal(c.n, 2);
	assert_int_equal(c.records, 3);
	assert_false(c.gap);
	assert_string_equal(c.ended[0].leg, LEG_1);
	assert_int_equal(c.ended[0].ending.cause, CAUSE_NO_ANSWER);
	assert_string_equal(c.ended[0].ending.device_words, "ringingTimeout");
	assert_int_equal(c.ended[0].at, 1688605628000);
	assert_int_equal(c.ended[1].ending.cause, CAUSE_NETWORK);
	/* Posted again, with a new one behind. */
	c = read_records(a, &seen,
		RECORDS("s-1", RECORD("3", "", LEG_2, "timeout", "57")
				       RECORD("4", "", LEG_3, "timeout", "0")));
	assert_int_equal(c.n, 1);
	assert_int_equal(c.duplicates, 1);
	assert_int_equal(c.ended[0].ending.cause, CAUSE_UNREACHABLE);
	assert_false(c.gap);
	arena_free(a);
}

/* The count of lost records, misspelt as the device does it or not; a hole; another session. */
static void
gaps_are_seen(void **unused)
{
	static const struct {
		const char *text;
		bool gap, restarted;
	} cases[] = {
		{ RECORDS("s-1", RECORD("5", "", LEG_1, "error", "0")), false, false },
		{ RECORDS("s-1",
			  RECORD("5", " numPreceedingRecordsMissing=\"2\"", LEG_1, "error", "0")),
			true, false },
		{ RECORDS("s-1",
			  RECORD("5", " numPrecedingRecordsMissing=\"2\"", LEG_1, "error", "0")),
			true, false },
		{ RECORDS("s-1",
			  RECORD("5", " numPreceedingRecordsMissing=\"0\"", LEG_1, "error", "0")),
			false, false },
		{ RECORDS("s-1", RECORD("7", "", LEG_1, "error", "0")), true, false },
		{ RECORDS("s-2", RECORD("1", "", LEG_1, "error", "0")), true, true },
		{ RECORDS("s-1", ""), false, false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct arena *a = arena_new();
		struct cms_cdr_seen seen = { .session = "s-1", .index = 4 };
		struct cms_cdr c = read_records(a, &seen, cases[i].text);
		assert_int_equal(c.gap, cases[i].gap);
		assert_int_equal(c.restarted, cases[i].restarted);
		arena_free(a);
	}
	/* What came before we listened is missing too. */
	struct arena *a = arena_new();
	struct cms_cdr_seen none = { 0 };
	assert_true(read_records(a, &none, cases[0].text).gap);
	struct cms_cdr_seen kept = { .session = "s-1", .index = 4 };
	struct cms_cdr out;
	struct err_text why = { 0 };
	static const char *const wrong[] = { "", "<records/>", "<html session=\"s-9\"/>",
		"<records session=\"s-9\">" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(
			cms_cdr(a, wrong[i], strlen(wrong[i]), &kept, &out, &why), ERR_PROTOCOL);
	assert_string_equal(kept.session, "s-1");
	arena_free(a);
}

static void
reasons_have_causes(void **unused)
{
	static const struct {
		const char *word;
		enum cause cause;
	} cases[] = {
		{ "remoteTeardown", CAUSE_SITE_HANGUP },
		{ "apiInitiatedTeardown", CAUSE_OUR_HANGUP },
		{ "remoteRejected", CAUSE_REJECTED },
		{ "dnsFailure", CAUSE_WRONG_ADDRESS },
		{ "encryptionRequired", CAUSE_INCOMPATIBLE },
		{ "participantLimitReached", CAUSE_MCU },
		{ "localTeardown", CAUSE_UNKNOWN },
		{ "confirmationTimeOut",
			CAUSE_UNKNOWN }, /* it was answered, so it did not ring on */
		{ "sunspots", CAUSE_UNKNOWN },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(cms_ending(cases[i].word, 5).cause, cases[i].cause);
	assert_string_equal(cms_ending(NULL, 0).device_words, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owners_go_both_ways),
		cmocka_unit_test(ids_are_checked),
		cmocka_unit_test(records_tell_why),
		cmocka_unit_test(gaps_are_seen),
		cmocka_unit_test(reasons_have_causes),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
