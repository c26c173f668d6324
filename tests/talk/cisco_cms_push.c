/* Talks with a Cisco Meeting Server about its call detail records: how a receiver is registered,
 * and what posted records do to what the next list tells. */
/* The event stream has talks of its own. */
#define PEER_ASIDE "POST /api/v1/authTokens "

#include "adapters/adapter.h"

#include "adapters/cisco_cms.h"
#include "adapters/internal.h"
#include "adapters/wire/http.h"
#include "adapters/wire/trace.h"
#include "adapters/wire/xml.h"
#include "base/str.h"
#include "tests/talk/peer.h"
#include "tests/talk/talk.h"

#define API "/api/v1"
#define CALL_ID "c0000000-0000-4000-8000-000000000001"
#define SPACE_ID "50000000-0000-4000-8000-000000000001"
#define LEG_1 "10000000-0000-4000-8000-000000000001"
#define LEG_2 "10000000-0000-4000-8000-000000000002"
#define SECRET "00112233445566778899aabbccddeeff"
#define URL "http://10.1.1.2:8091/push/" SECRET
#define HELLO \
	{ \
		.expect = { "GET " API "/system/status " }, \
		.body = "<status><softwareVersion>3.8</softwareVersion><uptimeSeconds>9</" \
			"uptimeSeconds></status>" \
	}
#define RECEIVERS(n, items) { .expect = { "GET " API "/system/cdrReceivers?offset=0" }, \
	.body = "<cdrReceivers total=\"" n "\">" items "</cdrReceivers>" }
#define RECEIVER(id, uri) "<cdrReceiver id=\"" id "\"><uri>" uri "</uri></cdrReceiver>"
#define REGISTER "POST " API "/system/cdrReceivers "
#define ESCAPED "uri=http%3A%2F%2F10.1.1.2%3A8091%2Fpush%2F" SECRET
#define MADE(path) .head = "200 OK\r\nLocation: " API path
#define NO(status, tag) \
	.head = status "\r\nContent-Type: text/xml", \
	.body = "<failureDetails>" tag "</failureDetails>"
#define RECORDS(session, records) "<records session=\"" session "\">" records "</records>"
#define ENDED(index, leg, reason, seconds) \
	"<record type=\"callLegEnd\" time=\"2026-03-02T00:10:00Z\" recordIndex=\"" index \
	"\" correlatorIndex=\"4\">" \
	"<callLeg id=\"" leg "\"><reason>" reason "</reason><durationSeconds>" seconds \
	"</durationSeconds></callLeg></record>"
#define LEGS(total, items) { .expect = { "GET " API "/calls/" CALL_ID "/callLegs?offset=0" }, \
	.body = "<callLegs total=\"" total "\">" items "</callLegs>" }
#define LISTED(id) "<callLeg id=\"" id "\"><name>x</name><call>" CALL_ID "</call></callLeg>"
#define LEG(id) \
	{ \
		.expect = { "GET " API "/callLegs/" id " " }, \
		.body = "<callLeg id=\"" id "\"><name>x</name>" \
			"<remoteParty>a@10.2.0.5</remoteParty><call>" CALL_ID \
			"</call><status><state>connected</state></status></callLeg>" \
	}

static const struct mcu_adapter *const mcu = &cisco_cms_adapter;
static const struct device box = { .name = "tinh",
	.adapter = "cisco-cms",
	.url = "http://127.0.0.1:PORT/",
	.user = "api",
	.password = "s3cret",
	.push_url = URL };
static const struct conference room = { .id = CALL_ID "/" SPACE_ID, .name = "giao ban" };
enum { TALK_MS = 30000 };

#include "tests/talk/mcu.h"
#include "tests/talk/push_talk.h"

/* ---- registering ----------------------------------------------------------------------------- */

static void
registers_once(void **unused)
{
	int again = 0;
	OPENED(RECEIVERS("1", RECEIVER("r-other", "http://10.9.9.9/cdr")),
		{ .expect = { REGISTER, ESCAPED, "application/x-www-form-urlencoded" },
			MADE("/system/cdrReceivers/r-1") },
		RECEIVERS("2", RECEIVER("r-other", "http://10.9.9.9/cdr") RECEIVER("r-1", URL)));
	struct trace trace = { 0 };
	k.task.trace = &trace;
	assert_int_equal(mcu->subscribe(&k.task, &k.lane, &again), OK);
	assert_in_range(again, 60, 3600);
	assert_int_equal(mcu->subscribe(&k.task, &k.lane, &again), OK);
	assert_non_null(strstr(buf_str(&trace.out), "/push/"));
	assert_null(strstr(buf_str(&trace.out), SECRET));
	k.task.trace = NULL;
	trace_free(&trace);
	finish(&k);
}

/* The same listener under another secret was ours; what only begins alike was not. */
static void
takes_its_old_one_away(void **unused)
{
	int again;
	OPENED(RECEIVERS("3", RECEIVER("r-old", "http://10.1.1.2:8091/push/ffff")
				      RECEIVER("r-far", "http://10.1.1.2:8091/cdr")
					      RECEIVER("r-gone", "http://10.1.1.2:8091/push/eeee")),
		{ .expect = { "DELETE " API "/system/cdrReceivers/r-old " } },
		{ .expect = { "DELETE " API "/system/cdrReceivers/r-gone " },
			NO("404 Not Found", "<cdrReceiverDoesNotExist/>") },
		{ .expect = { REGISTER, ESCAPED }, MADE("/system/cdrReceivers/r-1") });
	assert_int_equal(mcu->subscribe(&k.task, &k.lane, &again), OK);
	finish(&k);
}

static void
is_told_when_there_is_no_place(void **unused)
{
	int again;
	OPENED(RECEIVERS("0", ""),
		{ .expect = { REGISTER }, NO("400 Bad Request", "<tooManyCdrReceivers/>") });
	assert_int_equal(mcu->subscribe(&k.task, &k.lane, &again), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "tooManyCdrReceivers"));
	finish(&k);
}

static void
registration_fails_in_its_class(void **unused)
{
	static const struct registration cases[] = {
		{ { .how = PEER_HANG }, ERR_TIMEOUT },
		{ { .how = PEER_CANCEL }, ERR_CANCELED },
		{ { .head = "401 Unauthorized" }, ERR_AUTH },
		{ { .head = "503 Busy" }, ERR_BUSY },
		{ { .body = "<html>no</html>" }, ERR_PROTOCOL },
		{ { .body = "not xml" }, ERR_PROTOCOL },
	};
	registrations_end(cases, sizeof cases / sizeof *cases);
}

/* Registering twice does no harm, but a server has four places: asked first, then once. Cut off,
 * nothing is sent again. */
static void
a_registration_cut_off_is_not_repeated(void **unused)
{
	int again;
	OPENED(RECEIVERS("0", ""), { .expect = { REGISTER }, .how = PEER_DROP },
		RECEIVERS("1", RECEIVER("r-1", URL)));
	assert_int_equal(mcu->subscribe(&k.task, &k.lane, &again), ERR_TIMEOUT);
	task_forgive(&k.task);
	assert_int_equal(mcu->subscribe(&k.task, &k.lane, &again), OK);
	finish(&k);
}

/* ---- records --------------------------------------------------------------------------------- */

static enum err
post(struct talk *k, const char *text)
{
	return mcu->pushed(&k->task, &k->lane, text, strlen(text));
}

/* The list told that it is gone; the record tells why, and the next list says it once more. */
static void
an_end_gets_its_reason(void **unused)
{
	struct roster list;
	struct ending why;
	OPENED(LEGS("2", LISTED(LEG_1) LISTED(LEG_2)), LEG(LEG_1), LEG(LEG_2), LEGS("0", ""),
		LEGS("0", ""), LEGS("0", ""), LEGS("0", ""));
	assert_int_equal(mcu->roster(&k.task, &k.lane, &room, &list), OK);
	assert_int_equal(list.n, 2);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &room, &list), OK);
	assert_int_equal(list.n, 2);
	assert_int_equal(list.legs[0].state, LEG_GONE);
	assert_int_equal(list.legs[0].ending.cause, CAUSE_UNKNOWN);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &room, &list), OK);
	/* Both ended, one with goodbye and one into silence; posted twice, as after a lost
	 * answer. */
	const char *both = RECORDS("s-1",
		ENDED("1", LEG_1, "remoteTeardown", "60") ENDED("2", LEG_2, "timeout", "60"));
	assert_int_equal(post(&k, both), OK);
	assert_int_equal(post(&k, both), OK);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &room, &list), OK);
	assert_int_equal(list.n, 2);
	for (size_t i = 0; i < 2; i++) {
		bool first = str_eq(list.legs[i].id, LEG_1);
		assert_int_equal(list.legs[i].state, LEG_GONE);
		assert_int_equal(
			list.legs[i].ending.cause, first ? CAUSE_SITE_HANGUP : CAUSE_NETWORK);
	}
	assert_int_equal(
		mcu->reason(&k.task, &k.lane, &room, &(struct leg){ .id = LEG_1 }, &why), OK);
	assert_int_equal(why.cause, CAUSE_SITE_HANGUP);
	assert_string_equal(why.device_words, "remoteTeardown");
	/* the second time that it is told */
	assert_int_equal(mcu->roster(&k.task, &k.lane, &room, &list), OK);
	finish(&k);
}

/* After a restart of ours the session knows no leg, and the server posts what it had kept. */
static void
a_leg_of_an_earlier_session_has_a_reason(void **unused)
{
	struct roster list;
	struct ending why;
	OPENED(LEGS("0", ""));
	assert_int_equal(post(&k, RECORDS("s-1", ENDED("7", LEG_1, "remoteTeardown", "60"))), OK);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &room, &list), OK);
	assert_int_equal(list.n, 0); /* whose call it was is not told */
	assert_int_equal(
		mcu->reason(&k.task, &k.lane, &room, &(struct leg){ .id = LEG_1 }, &why), OK);
	assert_int_equal(why.cause, CAUSE_SITE_HANGUP);
	finish(&k);
}

static void
a_gap_has_the_legs_read_anew(void **unused)
{
	struct roster list;
	OPENED(LEGS("0", ""));
	struct cms_session *s = k.lane.session;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &room, &list), OK);
	assert_string_equal(s->synced, CALL_ID);
	assert_int_equal(post(&k, RECORDS("s-1", ENDED("1", LEG_1, "remoteTeardown", "1"))), OK);
	assert_string_equal(s->synced, CALL_ID);
	assert_int_equal(post(&k, RECORDS("s-1", "<record type=\"callEnd\" recordIndex=\"2\" "
						 "numPreceedingRecordsMissing=\"3\"/>")),
		OK);
	assert_string_equal(s->synced, "");
	finish(&k);
}

static void
garbage_changes_nothing(void **unused)
{
	static const char *const wrong[] = { "", "x", "<records/>", "<records session=\"s 1\"/>",
		"<callLegs total=\"0\"/>",
		"<!DOCTYPE a [<!ENTITY b \"c\">]><records session=\"s-1\">&b;</records>" };
	OPENED(LEGS("1", LISTED(LEG_1)), LEG(LEG_1), LEGS("1", LISTED(LEG_1)), LEG(LEG_1));
	struct roster list;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &room, &list), OK);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_equal(post(&k, wrong[i]), ERR_PROTOCOL);
		task_forgive(&k.task);
	}
	assert_int_equal(mcu->roster(&k.task, &k.lane, &room, &list), OK);
	assert_int_equal(list.n, 1);
	assert_int_equal(list.legs[0].state, LEG_UP);
	finish(&k);
}

/* Records of other conferences of a busy server do not push out the legs of ours. */
static void
strangers_do_not_fill_the_table(void **unused)
{
	struct roster list;
	struct buf b = { 0 };
	OPENED(LEGS("1", LISTED(LEG_1)), LEG(LEG_1), LEGS("1", LISTED(LEG_1)), LEG(LEG_1));
	assert_int_equal(mcu->roster(&k.task, &k.lane, &room, &list), OK);
	buf_puts(&b, "<records session=\"s-1\">");
	for (int i = 1; i <= 3 * CMS_LEGS_MOST; i++)
		buf_printf(&b,
			"<record type=\"callLegEnd\" recordIndex=\"%d\"><callLeg "
			"id=\"2-%d\"><reason>error</reason>"
			"</callLeg></record>",
			i, i);
	buf_puts(&b, "</records>");
	assert_int_equal(post(&k, buf_str(&b)), OK);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &room, &list), OK);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.legs[0].id, LEG_1);
	assert_int_equal(list.legs[0].state, LEG_UP);
	buf_free(&b);
	finish(&k);
}

int
main(void)
{
	http_global_init();
	xml_global_init();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers_once),
		cmocka_unit_test(takes_its_old_one_away),
		cmocka_unit_test(is_told_when_there_is_no_place),
		cmocka_unit_test(registration_fails_in_its_class),
		cmocka_unit_test(a_registration_cut_off_is_not_repeated),
		cmocka_unit_test(an_end_gets_its_reason),
		cmocka_unit_test(a_leg_of_an_earlier_session_has_a_reason),
		cmocka_unit_test(a_gap_has_the_legs_read_anew),
		cmocka_unit_test(garbage_changes_nothing),
		cmocka_unit_test(strangers_do_not_fill_the_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
