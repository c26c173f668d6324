/* Talks with a Cisco TelePresence MCU about its feedback: how a receiver is registered, and what
 * may be posted. */
#include "adapters/adapter.h"

#include "adapters/cisco_mcu.h"
#include "adapters/internal.h"
#include "adapters/wire/http.h"
#include "adapters/wire/trace.h"
#include "adapters/wire/xml.h"
#include "base/str.h"
#include "tests/talk/peer.h"
#include "tests/talk/talk.h"
#include "tests/talk/xmlrpc.h"

#define SECRET "00112233445566778899aabbccddeeff"
#define URL "http://10.1.1.2:8091/push/" SECRET
#define RECEIVERS(items) REPLY(LIST("receivers", items))
#define RECEIVER(index, uri) \
	ITEM(I("index", index) S("receiverURI", uri) S("sourceIdentifier", "x"))
#define QUERY(body_) { CALL("feedbackReceiver.query"), .body = body_ }
#define CONFIGURE \
	CALL("feedbackReceiver.configure", \
		"<name>receiverURI</name><value><string>" URL "/RPC2</string>", \
		"<name>receiverIndex</name><value><int>-1</int>")
#define HELLO \
	{ \
		CALL("device.query"), .body = REPLY(S("model", "Codian MCU 4520") \
						      S("apiVersion", "2.9") I("uptime", "86400")) \
	}

static const struct mcu_adapter *const mcu = &cisco_mcu_adapter;
static const struct device box = { .name = "huyen",
	.adapter = "cisco-mcu",
	.url = "http://127.0.0.1:PORT/",
	.user = "admin",
	.password = "s3cret",
	.push_url = URL };
static const struct conference room = { .id = "giao ban", .name = "giao ban" };
enum { TALK_MS = 30000 };

#include "tests/talk/mcu.h"
#include "tests/talk/push_talk.h"

static void
registers_once_and_takes_no_slot_of_others(void **unused)
{
	int again = 0;
	struct trace trace = { 0 };
	OPENED(QUERY(RECEIVERS(RECEIVER("1", "http://tms.example/RPC2"))),
		{ CONFIGURE, .body = REPLY(I("receiverIndex", "2")) },
		QUERY(RECEIVERS(
			RECEIVER("1", "http://tms.example/RPC2") RECEIVER("2", URL "/RPC2"))));
	k.task.trace = &trace;
	assert_int_equal(mcu->subscribe(&k.task, &k.lane, &again), OK);
	assert_in_range(again, 60, 3600);
	assert_int_equal(mcu->subscribe(&k.task, &k.lane, &again), OK);
	assert_non_null(strstr(buf_str(&trace.out), "/push/"));
	assert_null(strstr(buf_str(&trace.out), SECRET));
	assert_null(strstr(buf_str(&trace.out), "s3cret"));
	k.task.trace = NULL;
	trace_free(&trace);
	finish(&k);
}

/* Without receivers there is no array in some versions, and an empty one in others. */
static void
an_empty_table_is_read_both_ways(void **unused)
{
	int again;
	OPENED(QUERY(REPLY("")), { CONFIGURE, .body = REPLY(I("receiverIndex", "1")) },
		QUERY(RECEIVERS("")), { CONFIGURE, .body = REPLY(I("receiverIndex", "1")) });
	assert_int_equal(mcu->subscribe(&k.task, &k.lane, &again), OK);
	assert_int_equal(mcu->subscribe(&k.task, &k.lane, &again), OK);
	finish(&k);
}

static void
takes_its_old_one_away(void **unused)
{
	int again;
	OPENED(QUERY(RECEIVERS(RECEIVER("1", "http://10.1.1.2:8091/RPC2")
			       RECEIVER("3", "http://10.1.1.2:8091/push/ffff/RPC2"))),
		{ CALL("feedbackReceiver.remove", "<name>receiverIndex</name><value><int>3</int>"),
			.body = REPLY("") },
		{ CONFIGURE, .body = REPLY(I("receiverIndex", "3")) });
	assert_int_equal(mcu->subscribe(&k.task, &k.lane, &again), OK);
	finish(&k);
}

static void
a_refusal_is_told(void **unused)
{
	int again;
	OPENED(QUERY(RECEIVERS("")), { CONFIGURE, .body = FAULT("35", "string too long") },
		QUERY(FAULT("1", "no such method")), QUERY(FAULT("15", "insufficient privileges")));
	assert_int_not_equal(mcu->subscribe(&k.task, &k.lane, &again), OK);
	assert_non_null(strstr(k.task.why, "string too long"));
	task_forgive(&k.task);
	assert_int_equal(mcu->subscribe(&k.task, &k.lane, &again), ERR_UNSUPPORTED);
	task_forgive(&k.task);
	assert_int_not_equal(mcu->subscribe(&k.task, &k.lane, &again), OK);
	finish(&k);
}

static void
registration_fails_in_its_class(void **unused)
{
	static const struct registration cases[] = {
		{ { .how = PEER_HANG }, ERR_TIMEOUT },
		{ { .how = PEER_CANCEL }, ERR_CANCELED },
		{ { .body = FAULT("14", "authorization failed") }, ERR_AUTH },
		{ { .body = "<html>no</html>" }, ERR_PROTOCOL },
		{ { .how = PEER_GARBAGE }, ERR_PROTOCOL },
	};
	registrations_end(cases, sizeof cases / sizeof *cases);
}

/* Registered twice it would be told twice: a cut answer is no reason to ask again. */
static void
a_registration_cut_off_is_not_repeated(void **unused)
{
	int again;
	OPENED(QUERY(RECEIVERS("")), { CONFIGURE, .how = PEER_DROP },
		QUERY(RECEIVERS(RECEIVER("1", URL "/RPC2"))));
	assert_int_equal(mcu->subscribe(&k.task, &k.lane, &again), ERR_TIMEOUT);
	task_forgive(&k.task);
	assert_int_equal(mcu->subscribe(&k.task, &k.lane, &again), OK);
	finish(&k);
}

#define NEWS(method, names) POSTED(method, S("sourceIdentifier", "tongduyet") LIST("events", names))

static void
only_notifications_are_understood(void **unused)
{
	static const struct {
		const char *body;
		enum err e;
	} cases[] = {
		{ NEWS("eventNotification",
			  "<value><string>participantLeft</string></value><value>restart</value>"),
			OK },
		{ NEWS("eventNotification", ""), OK },
		{ NEWS("participantDiagnosticResponse", ""), ERR_PROTOCOL },
		{ "", ERR_PROTOCOL },
		{ "<methodCall/>", ERR_PROTOCOL },
		{ "<records session=\"s\"/>", ERR_PROTOCOL },
		{ "<!DOCTYPE a><methodCall><methodName>eventNotification</methodName></methodCall>",
			ERR_PROTOCOL },
	};
	OPENED(HELLO);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(
			mcu->pushed(&k.task, &k.lane, cases[i].body, strlen(cases[i].body)),
			cases[i].e);
		task_forgive(&k.task);
	}
	struct identity who;
	assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK); /* nothing came of it */
	finish(&k);
}

int
main(void)
{
	http_global_init();
	xml_global_init();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers_once_and_takes_no_slot_of_others),
		cmocka_unit_test(an_empty_table_is_read_both_ways),
		cmocka_unit_test(takes_its_old_one_away),
		cmocka_unit_test(a_refusal_is_told),
		cmocka_unit_test(registration_fails_in_its_class),
		cmocka_unit_test(a_registration_cut_off_is_not_repeated),
		cmocka_unit_test(only_notifications_are_understood),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
