/* Talks with a Cisco codec's shell: the adapter against a scripted SSH peer on loopback. What the
 * answers mean is tried in cisco_roomos.c; here it is how they come. */
#include "adapters/adapter.h"

#include "adapters/cisco_roomos.h"
#include "adapters/internal.h"
#include "adapters/wire/place.h"
#include "adapters/wire/ssh.h"
#include "base/clock.h"
#include "base/str.h"
#include "tests/talk/ssh_peer.h"

#define WELCOME \
	"Welcome to room-sx20\nCisco Codec Release ce8.1.0 PreAlpha1\nSW Release Date: " \
	"2015-08-10 18:28:24\n" \
	"*r Login successful\n\nOK\n\nLast login from 192.0.2.7 at 2026-01-01\n"
#define PREPARED { "echo off", "echo off\n\033[?1034hOK\n" }, { "xPreferences outputmode xml", "" }
#define DOC(n, inner) "<XmlDoc resultId=\"td" n "\">\n<Status>\n" inner "\n</Status>\n</XmlDoc>\n"
#define UNIT(active) \
	"<SystemUnit><ProductId>Cisco TelePresence " \
	"SX20</ProductId>\n<Software><Version>ce8.1.0</Version></Software>" \
	"<State><NumberOfActiveCalls>" active \
	"</NumberOfActiveCalls></State><Uptime>29038</Uptime></SystemUnit>"
#define NO_MATCH(n) \
	"<XmlDoc resultId=\"td" n \
	"\">\n<Status status=\"Error\">\n<Reason>No match on address expression</Reason>\n" \
	"<XPath>Status/Call</XPath>\n</Status>\n</XmlDoc>\n"
#define ASK(n, path, answer) { "xStatus " path " | resultId=\"td" n "\"", answer }

static const struct endpoint_adapter *const box = &cisco_roomos_adapter;

static const struct device codec = { .name = "site:chu-tuc",
	.adapter = "cisco-roomos",
	.url = "ssh://127.0.0.1:PORT",
	.user = "admin",
	.password = "s3cret" };

static const struct peer far_end = { .password = "s3cret", .tsh = true };

#include "tests/talk/ssh_stage.h"

#define OPENED(...) \
	BEGIN(WELCOME, PREPARED, __VA_ARGS__); \
	open_it(&k)

/* ---- it works -------------------------------------------------------------------------------- */

static void
introduces_itself_and_says_goodbye(void **unused)
{
	OPENED(ASK("1", "SystemUnit", DOC("1", UNIT("0"))), ASK("2", "Diagnostics", NO_MATCH("2")),
		ASK("3", "Network", NO_MATCH("3")));
	struct identity who;
	assert_true(str_starts(k.lane.learned_pin, "SHA256:"));
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.model, "Cisco TelePresence SX20");
	assert_string_equal(who.software, "ce8.1.0");
	assert_int_equal(who.uptime_s.v, 29038);
	finish(&k);
	assert_int_equal(k.peer.byes, 1); /* a shell left open is a session less */
}

static void
tells_its_status(void **unused)
{
	OPENED(ASK("1", "Call",
		       DOC("1", "<Call "
				"item=\"7\"><Status>Connected</Status><CallbackNumber>h323:7001</"
				"CallbackNumber></Call>")),
		ASK("2", "SystemUnit", DOC("2", UNIT("1"))),
		ASK("3", "MediaChannels",
			DOC("3", "<MediaChannels><Call item=\"7\"><Channel "
				 "item=\"1\"><Type>Audio</Type><Direction>Incoming"
				 "</Direction><Audio><Protocol>G722</Protocol></"
				 "Audio>\n<Netstat><Packets>55</Packets></Netstat>"
				 "</Channel></Call></MediaChannels>")),
		ASK("4", "Audio Microphones Mute",
			DOC("4", "<Audio><Microphones><Mute>On</Mute></Microphones></Audio>")),
		{ "xConfiguration Conference AutoAnswer | resultId=\"td5\"",
			"<XmlDoc "
			"resultId=\"td5\">\n<Configuration><Conference><AutoAnswer><Mode>Off</"
			"Mode></AutoAnswer>"
			"</Conference></Configuration></XmlDoc>\n" });
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, YES);
	assert_string_equal(s.far_address, "h323:7001");
	assert_int_equal(s.media.s[AUDIO][TO_SITE].packets.v, 55);
	assert_int_equal(s.media.s[VIDEO][TO_SITE].open, NO);
	assert_int_equal(s.mic_muted, YES);
	assert_int_equal(s.auto_answer, NO);
	finish(&k);
}

static void
dials_and_is_refused(void **unused)
{
	OPENED(ASK("1", "Call", NO_MATCH("1")), ASK("2", "SystemUnit", DOC("2", UNIT("0"))),
		{ "xCommand Dial Number: \"7001@10.1.1.1\" Protocol: \"H323\" CallRate: \"768\" | "
		  "resultId=\"td3\"",
			"<XmlDoc resultId=\"td3\"><DialResult "
			"status=\"OK\"><CallId>2</CallId></DialResult></XmlDoc>\n" },
		ASK("4", "Call", NO_MATCH("4")), ASK("5", "SystemUnit", DOC("5", UNIT("0"))),
		{ "xCommand Dial Number: \"x\" | resultId=\"td6\"",
			"<XmlDoc resultId=\"td6\">\n<DialResult "
			"status=\"ParameterError\"/>\n</XmlDoc>\n" });
	assert_int_equal(box->dial(&k.task, &k.lane, "h323:7001@10.1.1.1", 768), OK);
	assert_int_equal(box->dial(&k.task, &k.lane, "x", 0), ERR_REFUSED);
	finish(&k);
}

/* ---- traps ----------------------------------------------------------------------------------- */

/* Feedback, late answers of an earlier question, blank lines: none of it is this answer. */
static void
other_documents_stand_in_between(void **unused)
{
	OPENED(ASK("1", "Call",
		"\nOK\n<XmlDoc resultId=\"\">\n<Status><Call "
		"item=\"1\"><Status>Connected</Status></Call></Status>\n</XmlDoc>\n"
		"<XmlDoc resultId=\"td0\">\n<Status><Call "
		"item=\"2\"><Status>Connected</Status></Call></Status>\n</XmlDoc>\n"
		"<XmlDoc>\n<Event><CallDisconnect/></Event>\n</XmlDoc>\n*e CallDisconnect CallId: "
		"89\n** end\n" NO_MATCH("1")));
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	finish(&k);
}

static void
a_document_may_stand_on_one_line(void **unused)
{
	OPENED(ASK("1", "Call", "<XmlDoc resultId=\"td1\"/>\n"));
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	finish(&k);
}

static void
a_command_it_does_not_know(void **unused)
{
	OPENED({ "xCommand Audio Microphones Mute | resultId=\"td1\"",
		       "Command not recognized.\nERROR\n" },
		{ "xCommand Audio Microphones Unmute | resultId=\"td2\"", "ERROR\n" });
	assert_int_equal(box->mute(&k.task, &k.lane, true), ERR_UNSUPPORTED);
	task_forgive(&k.task);
	assert_int_equal(box->mute(&k.task, &k.lane, false), ERR_REFUSED);
	finish(&k);
}

static void
it_has_no_session_left(void **unused)
{
	BEGIN("Maximum number of sessions reached\n", { 0 });
	k.peer.n = 0;
	assert_int_equal(box->open(&k.task, &k.lane), ERR_BUSY);
	finish(&k);
}

/* An address comes from a file people write: no second command rides on it, and no release can say
 * a quote. */
static void
an_address_stays_an_address(void **unused)
{
	struct buf b = { 0 };
	assert_false(roomos_command_line(
		&b, &(struct roomos_command){
			    "Dial", { { "Number", "a\" | resultId=\"x\nxCommand Boot" } } }));
	buf_clear(&b);
	assert_false(roomos_command_line(
		&b, &(struct roomos_command){ "Dial", { { "Number", "a\\b" } } }));
	buf_clear(&b);
	assert_true(roomos_command_line(&b, &(struct roomos_command){ "Call/Disconnect",
						    { { "CallId", "2" }, { "Why", "x | y" } } }));
	assert_string_equal(b.at, "xCommand Call Disconnect CallId: \"2\" Why: \"x | y\"");
	buf_free(&b);
}

/* ---- it does not work ------------------------------------------------------------------------ */

static void
a_wrong_password_is_tried_once(void **unused)
{
	BEGIN(NULL, { 0 });
	has_a_wrong_password(&k);
}

static void
silence_ends_at_the_deadline(void **unused)
{
	OPENED({ "xStatus Call | resultId=\"td1\"", "", SSH_HANG });
	k.task.deadline = clock_mono() + 1500;
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_TIMEOUT);
	finish(&k);
}

static void
a_cancelled_dial_comes_back(void **unused)
{
	OPENED(ASK("1", "Call", NO_MATCH("1")), ASK("2", "SystemUnit", DOC("2", UNIT("0"))),
		{ "xCommand Dial Number: \"x\" | resultId=\"td3\"", "", SSH_CANCEL });
	assert_int_equal(box->dial(&k.task, &k.lane, "x", 0), ERR_CANCELED);
	finish(&k);
}

static void
the_line_drops_in_the_middle(void **unused)
{
	OPENED({ "xStatus Call | resultId=\"td1\"", "<XmlDoc resultId=\"td1\">\n<Status><Ca",
		SSH_DROP });
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_TIMEOUT);
	finish(&k);
}

static void
garbage_is_not_understood(void **unused)
{
	OPENED(ASK("1", "Call", "<XmlDoc resultId=\"td1\">\n<Status><Call>\n</XmlDoc>\n"));
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_PROTOCOL);
	finish(&k);
}

/* Over the shell it is registered by the same command, and posts to the same place. */
static void
registers_for_feedback(void **unused)
{
	int again;
	struct endpoint_status s;
	static const char post[] =
		"<Event><CallDisconnect item=\"1\"><CauseType item=\"1\">LocalDisconnect"
		"</CauseType><CallId item=\"1\">7</CallId></CallDisconnect></Event>";
	OPENED(ASK("1", "SystemUnit Hardware Module", NO_MATCH("1")),
		ASK("2", "HttpFeedback",
			DOC("2", "<HttpFeedback item=\"3\"><Expression item=\"1\">/Event"
				 "</Expression><URL>http://tms.example/x</URL></HttpFeedback>")),
		{ "xCommand HttpFeedback Register FeedbackSlot: \"2\" ServerUrl: "
		  "\"http://10.1.1.2:8091/push/0011\" Expression[1]: \"/Event/CallDisconnect\" "
		  "Expression[2]: \"/Status/Call\" Expression[3]: "
		  "\"/Status/Audio/Microphones/Mute\" | resultId=\"td3\"",
			"<XmlDoc resultId=\"td3\">\n<HttpFeedbackRegisterResult status=\"OK\"/>\n"
			"</XmlDoc>\n" },
		ASK("4", "Call", NO_MATCH("4")), ASK("5", "SystemUnit", DOC("5", UNIT("0"))),
		ASK("6", "Audio Microphones Mute", NO_MATCH("6")),
		{ "xConfiguration Conference AutoAnswer | resultId=\"td7\"", NO_MATCH("7") },
		{ "xCommand HttpFeedback Deregister FeedbackSlot: \"2\" | resultId=\"td8\"",
			"<XmlDoc resultId=\"td8\">\n<HttpFeedbackDeregisterResult "
			"status=\"OK\"/>\n</XmlDoc>\n" });
	k.device.push_url = "http://10.1.1.2:8091/push/0011";
	assert_int_equal(box->subscribe(&k.task, &k.lane, &again), OK);
	assert_int_equal(box->pushed(&k.task, &k.lane, post, sizeof post - 1, 0), OK);
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.told.ends_n, 1);
	assert_int_equal(s.told.ends[0].call.ending.cause, CAUSE_SITE_HANGUP);
	finish(&k);
}

static void
an_address_is_read_as_a_whole(void **unused)
{
	static const struct {
		const char *url, *host;
		int port;
	} t[] = {
		{ "ssh://10.1.1.1", "10.1.1.1", 22 },
		{ "ssh://10.1.1.1:2222/", "10.1.1.1", 2222 },
		{ "ssh://[2001:db8::7]", "2001:db8::7", 22 },
		{ "ssh://[2001:db8::7]:2222", "2001:db8::7", 2222 },
		{ "ssh://", NULL, 0 },
		{ "ssh://a:b", NULL, 0 },
		{ "ssh://a:0", NULL, 0 },
		{ "ssh://[::1", NULL, 0 },
		{ "ssh://[::1]x", NULL, 0 },
		{ "ssh://user@host", NULL, 0 },
		{ "telnet://a", NULL, 0 },
		{ NULL, NULL, 0 },
	};
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct task task = { .cancel_fd = -1 };
		struct place at;
		assert_int_equal(place_read(&task, "x", t[i].url, "ssh://", 22, &at),
			t[i].host ? OK : ERR_INPUT);
		if (t[i].host)
			assert_string_equal(at.host, t[i].host);
		assert_int_equal(at.port, t[i].port);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(introduces_itself_and_says_goodbye),
		cmocka_unit_test(tells_its_status),
		cmocka_unit_test(dials_and_is_refused),
		cmocka_unit_test(other_documents_stand_in_between),
		cmocka_unit_test(a_document_may_stand_on_one_line),
		cmocka_unit_test(a_command_it_does_not_know),
		cmocka_unit_test(registers_for_feedback),
		cmocka_unit_test(it_has_no_session_left),
		cmocka_unit_test(an_address_stays_an_address),
		cmocka_unit_test(a_wrong_password_is_tried_once),
		cmocka_unit_test(silence_ends_at_the_deadline),
		cmocka_unit_test(a_cancelled_dial_comes_back),
		cmocka_unit_test(the_line_drops_in_the_middle),
		cmocka_unit_test(garbage_is_not_understood),
		cmocka_unit_test(an_address_is_read_as_a_whole),
	};
	ssh_init();
	ssh_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	ssh_finalize();
	return rc;
}
