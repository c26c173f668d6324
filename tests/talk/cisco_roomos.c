/* Talks with a Cisco codec over HTTP: the adapter against a scripted peer on loopback, what it
 * tells and is told, and one test per trap of this family. The shell's talks are in
 * cisco_roomos_tsh.c. */
#include "tests/talk/cisco_roomos.h"

#define CHANNELS \
	DOC("<MediaChannels><Call item=\"3\" maxOccurrence=\"n\">" CHANNEL("1", "Audio", \
		"Incoming", "<Protocol>Opus</Protocol>", "812", "3", "64000") CHANNEL("2", \
		"Audio", "Outgoing", "<Protocol>Opus</Protocol>", "800", "9", \
		"63100") CHANNEL("3", "Video", "Incoming", PICTURE("H264"), "9000", "0", \
		"2600") CHANNEL("4", "Video", "Outgoing", PICTURE("H264"), "8000", "0", "1920000") \
			CHANNEL("5", "Video", "Incoming", \
				"<ChannelRole>Presentation</ChannelRole><Protocol>Off</Protocol>", \
				"0", "0", "0") "</Call></MediaChannels>")
#define MUTE(word) DOC("<Audio><Microphones><Mute>" word "</Mute></Microphones></Audio>")
#define AUTO(mode, mute) \
	XML "<Configuration><Conference item=\"1\"><AutoAnswer><Delay>0</Delay><Mode>" mode \
	    "</Mode><Mute>" mute "</Mute></AutoAnswer></Conference></Configuration>"
#define PUT(what, answer) \
	{ \
		.expect = { "POST /putxml ", "text/xml", what }, .body = answer \
	}
#define SETTINGS \
	ASK("Status/Audio/Microphones/Mute", MUTE("Off")), \
		ASK("Configuration/Conference/AutoAnswer", AUTO("On", "Off"))
#define DONE(name) XML "<Command><" name "Result status=\"OK\"/></Command>"

static void
introduces_itself_in_a_session(void **unused)
{
	OPENED({ .expect = { "GET /getxml?location=/Status/SystemUnit ", "Cookie: SessionId=abc" },
		       .never = "Authorization",
		       .body = UNIT("0") },
		ASK("Status/Diagnostics",
			DOC("<Diagnostics><Message item=\"1\"><Description>Latency is "
			    "high</Description>"
			    "<Level>Warning</Level><Type>AudioLatency</Type></Message><Message "
			    "item=\"2\"><Level>Error"
			    "</Level><Type>NoMicrophone</Type></Message><Message "
			    "item=\"3\"><Level>OK</Level>"
			    "<Type>TCPMediaFallback</Type></Message></Diagnostics>")),
		ASK("Status/Network", DOC("<Network "
					  "item=\"1\"><Ethernet><MacAddress>02:00:00:01:00:0a</"
					  "MacAddress></Ethernet></Network>")));
	struct identity who;
	assert_int_equal(box->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.vendor, "Cisco");
	assert_string_equal(who.model, "Cisco Room Bar");
	assert_string_equal(who.software, "RoomOS 26.7.1.12 67c6e508983");
	assert_string_equal(who.serial, "FOC12345678");
	assert_int_equal(who.uptime_s.v, 61273);
	assert_string_equal(who.alarms, "NoMicrophone; AudioLatency: Latency is high");
	assert_string_equal(who.mac, "02:00:00:01:00:0A");
	finish(&k);
}

static void
tells_its_status_in_a_call(void **unused)
{
	OPENED(ASK("Status/Call", DOC(UP)), ASK("Status/SystemUnit", UNIT("1")),
		ASK("Status/MediaChannels", CHANNELS),
		ASK("Status/Audio/Microphones/Mute", MUTE("On")),
		ASK("Configuration/Conference/AutoAnswer", AUTO("On", "On")));
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, YES);
	assert_string_equal(s.far_address, "sip:hop@mcu.example");
	assert_int_equal(s.mic_muted, YES);
	assert_int_equal(s.auto_answer, YES);
	assert_int_equal(s.auto_answer_muted, YES);
	assert_int_equal(s.uptime_s.v, 61273);
	assert_int_equal(s.uptime_step_s, 1);
	assert_true(s.sampled);
	const struct stream *heard = &s.media.s[AUDIO][TO_SITE], *seen = &s.media.s[VIDEO][TO_SITE];
	assert_int_equal(heard->packets.v, 812);
	assert_int_equal(heard->lost.v, 3);
	assert_int_equal(heard->jitter_ms.v, 4);
	assert_int_equal(heard->rtt_ms.v, 12);
	assert_int_equal(heard->kbps.v, 64); /* told in bit/s */
	assert_string_equal(heard->codec, "Opus");
	assert_int_equal(
		seen->open, YES); /* the presentation's channel is Off, and is another thing */
	assert_int_equal(seen->packets.v, 9000);
	assert_int_equal(seen->kbps.v, 3); /* a still picture is a picture */
	assert_int_equal(seen->width.v, 1920);
	assert_int_equal(seen->height.v, 1080);
	assert_int_equal(seen->fps.v, 30);
	assert_int_equal(s.media.s[AUDIO][FROM_SITE].packets.v, 800);
	assert_false(s.media.s[AUDIO][FROM_SITE].lost.known);
	assert_int_equal(s.media.s[VIDEO][FROM_SITE].kbps.v, 1920);
	finish(&k);
}

#define ENTRY(n, end, type, code, origin) \
	"<Entry item=\"" n "\" " \
	"maxOccurrence=\"n\"><CallId>159</" \
	"CallId><CallbackNumber>sip:hop@mcu.example</CallbackNumber>" \
	"<Duration>600</Duration>" end \
	"<DisconnectCause>Normal</DisconnectCause><DisconnectCauseCode>" code \
	"</DisconnectCauseCode><DisconnectCauseOrigin>" origin \
	"</DisconnectCauseOrigin><DisconnectCauseType>" type "</DisconnectCauseType></Entry>"
#define ENDED(at) "<EndTimeUTC>" at "</EndTimeUTC>"
#define PAST(inner) \
	XML "<Command><CallHistoryGetResult status=\"OK\">" inner \
	    "</CallHistoryGetResult></Command>"
#define CLOCK(text) \
	ASK("Status/Time/SystemTime", DOC("<Time><SystemTime>" text "</SystemTime></Time>"))

/* Times are compared on the box's own clock, whatever it shows. */
static void
tells_how_its_calls_ended(void **unused)
{
	OPENED(PUT("<Command><CallHistory><Get "
		   "command=\"True\"><Limit>5</Limit><DetailLevel>Full</DetailLevel></Get></"
		   "CallHistory>",
		       PAST(ENTRY("0", ENDED("2001-01-01T00:00:30Z"), "LocalDisconnect", "0",
			       "Internal") ENTRY("1", ENDED("2000-12-31T23:00:00Z"),
			       "RemoteDisconnect", "16",
			       "Q850") ENTRY("2", "", "NetworkRejected", "404", "SIP") ENTRY("3",
			       ENDED("2001-01-01T00:00:30"), "OtherLocal", "102", "Q850") ENTRY("4",
			       ENDED("2001-01-02T00:00:00Z"), "OtherRemote", "16", "Q850")
				       ENTRY("5", "", "LocalReject", "0", "Internal"))),
		CLOCK("2001-01-01T07:01:00+07:00"), PUT("CallHistory", PAST("")), CLOCK("soon"),
		PUT("CallHistory", XML "<Command><Result status=\"Error\"><Reason>Unknown "
				       "command</Reason></Result></Command>"));
	struct history h;
	assert_int_equal(box->history(&k.task, &k.lane, &h), OK);
	assert_int_equal(h.n, 5);
	assert_string_equal(h.at[0].far_address, "sip:hop@mcu.example");
	assert_int_equal(h.at[0].duration_s.v, 600);
	assert_int_equal(h.at[0].ended_ago_s.v, 30);
	assert_int_equal(h.at[0].ending.cause, CAUSE_SITE_HANGUP);
	assert_string_equal(h.at[0].ending.device_words, "LocalDisconnect: Normal (Internal 0)");
	assert_int_equal(h.at[1].ended_ago_s.v, 3660);
	assert_int_equal(
		h.at[1].ending.cause, CAUSE_MCU); /* an MCU says so too of a leg that it gives up */
	assert_false(h.at[2].ended_ago_s.known);
	assert_int_equal(h.at[2].ending.cause, CAUSE_NETWORK);
	assert_false(h.at[3].ended_ago_s.known); /* in which zone, it does not say */
	assert_int_equal(h.at[3].ending.cause, CAUSE_NETWORK);
	assert_false(h.at[4].ended_ago_s.known); /* not over yet, by its own clock */
	assert_int_equal(h.at[4].ending.cause, CAUSE_UNKNOWN);
	assert_int_equal(box->history(&k.task, &k.lane, &h), OK);
	assert_int_equal(h.n, 0);
	assert_int_equal(box->history(&k.task, &k.lane, &h),
		ERR_UNSUPPORTED); /* TC has a log of another name */
	finish(&k);
}

static void
asks_no_media_outside_a_call(void **unused)
{
	OPENED(ASK("Status/Call", NOBODY), ASK("Status/SystemUnit", UNIT("0")), SETTINGS,
		ASK("Status/Call", DOC(CALL("4", "Ringing", "<Direction>Incoming</Direction>"))),
		ASK("Status/SystemUnit", UNIT("0")), SETTINGS);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, NO);
	assert_false(s.sampled);
	assert_int_equal(s.mic_muted, NO);
	assert_int_equal(s.auto_answer_muted, NO);
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, NO);
	finish(&k);
}

/* Whatever order a release lists them in; one without a time stays where it stands. */
static void
the_newest_call_comes_first(void **unused)
{
	struct arena *a = arena_new();
	struct history h;
	struct xml *root;
	static const char text[] = PAST(ENTRY("0", ENDED("2001-01-01T00:10:00Z"), "OtherRemote",
		"16", "Q850") ENTRY("1", ENDED("2001-01-01T00:50:00Z"), "LocalDisconnect", "0",
		"Internal") ENTRY("2", "", "NetworkRejected", "404", "SIP")
			ENTRY("3", ENDED("2001-01-01T00:59:00Z"), "LocalBusy", "17", "Q850"));
	assert_int_equal(xml_parse(a, text, strlen(text), 0, &root, NULL), OK);
	roomos_read_history(a, root, "2001-01-01T01:00:00Z", &h);
	assert_int_equal(h.n, 4);
	assert_int_equal(h.at[0].ended_ago_s.v, 600);
	assert_int_equal(h.at[0].ending.cause, CAUSE_SITE_HANGUP);
	assert_int_equal(h.at[1].ended_ago_s.v, 3000);
	assert_int_equal(h.at[2].ending.cause, CAUSE_NETWORK);
	assert_int_equal(h.at[3].ending.cause, CAUSE_BUSY);
	arena_free(a);
}

#define DIALLED \
	XML "<Command><DialResult " \
	    "status=\"OK\"><CallId>2</CallId><ConferenceId>1</ConferenceId></DialResult></" \
	    "Command>"

static void
dials_answers_mutes_and_hangs_up(void **unused)
{
	OPENED(ASK("Status/Call", NOBODY), ASK("Status/SystemUnit", UNIT("0")),
		PUT("<Command><Dial "
		    "command=\"True\"><Number>a&amp;b@mcu.example</Number><Protocol>Sip</Protocol>"
		    "<CallRate>1920</CallRate></Dial></Command>",
			DIALLED),
		ASK("Status/Call", DOC(CALL("5", "Ringing", "<Direction>Incoming</Direction>"))),
		PUT("<Command><Call><Accept "
		    "command=\"True\"><CallId>5</CallId></Accept></Call></Command>",
			DONE("CallAccept")),
		PUT("<Audio><Microphones><Mute command=\"True\"></Mute></Microphones></Audio>",
			DONE("MicrophonesMute")),
		PUT("<Unmute command=\"True\">", DONE("MicrophonesUnmute")),
		ASK("Status/Call", DOC(UP)),
		PUT("<Call><Disconnect command=\"True\"><CallId>3</CallId></Disconnect></Call>",
			DONE("CallDisconnect")),
		ASK("Status/Call", NOBODY), ASK("Status/Call", NOBODY));
	assert_int_equal(box->dial(&k.task, &k.lane, "sip:a&b@mcu.example", 1920), OK);
	assert_int_equal(box->answer(&k.task, &k.lane), OK);
	assert_int_equal(box->mute(&k.task, &k.lane, true), OK);
	assert_int_equal(box->mute(&k.task, &k.lane, false), OK);
	assert_int_equal(box->hangup(&k.task, &k.lane), OK);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	task_forgive(&k.task);
	assert_int_equal(box->answer(&k.task, &k.lane), ERR_GONE);
	finish(&k);
}

#define TWO CALL("3", "Connected", "") CALL("4", "OnHold", "")
#define CUT(n, result) \
	PUT("<Call><Disconnect command=\"True\"><CallId>" n "</CallId>", \
		XML "<Command><CallDisconnectResult status=\"" result "\"/></Command>")

/* One of two ended by itself before its turn, and so refused; the other is taken down all the
 * same. A call that is still listed was refused in earnest. */
static void
every_call_is_hung_up(void **unused)
{
	OPENED(ASK("Status/Call", DOC(TWO)), CUT("3", "Error"), CUT("4", "OK"),
		ASK("Status/Call", NOBODY), ASK("Status/Call", DOC(TWO)), CUT("3", "Error"),
		CUT("4", "OK"), ASK("Status/Call", DOC(CALL("3", "Connected", ""))));
	assert_int_equal(box->hangup(&k.task, &k.lane), OK);
	assert_int_equal(k.task.code, OK);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "Call/Disconnect"));
	finish(&k);
}

/* TC knows the command by its older name. */
static void
shows_a_text(void **unused)
{
	OPENED(PUT("<UserInterface><Message><Alert><Display command=\"True\"><Text>Chu Túc: "
		   "&#39;nói&#39; </Text>"
		   "<Duration>10</Duration></Display>",
		       XML "<ActionError>\n  <Reason>No action detected in "
			   "document</Reason>\n</ActionError>"),
		PUT("<Command><Message><Alert><Display command=\"True\">",
			DONE("MessageAlertDisplay")));
	assert_int_equal(box->message(&k.task, &k.lane, "Chu Túc: \"nói\"\n", 10), OK);
	finish(&k);
}

/* Dialled twice, a room howls. */
static void
does_not_dial_into_a_call(void **unused)
{
	OPENED(ASK("Status/Call", DOC(UP)), ASK("Status/Call", DOC(UP)), ASK("Status/Call", NOBODY),
		ASK("Status/SystemUnit", UNIT("1")));
	assert_int_equal(
		box->dial(&k.task, &k.lane, "sip:HOP@mcu.example", 0), OK); /* it is there */
	assert_int_equal(box->dial(&k.task, &k.lane, "sip:other@mcu.example", 0), ERR_BUSY);
	assert_non_null(strstr(k.task.why, "sip:hop@mcu.example"));
	task_forgive(&k.task);
	assert_int_equal(box->dial(&k.task, &k.lane, "sip:hop@mcu.example", 0),
		ERR_BUSY); /* not listed yet */
	finish(&k);
}

/* A Teams call is up, and nothing of it is shown: nothing is known of its media, which is not
 * "none". */
static void
a_teams_call_is_not_measurable(void **unused)
{
	OPENED(ASK("Status/Call", NOBODY), ASK("Status/SystemUnit", UNIT("1")),
		ASK("Status/MicrosoftTeams/Calling/InCall",
			DOC("<MicrosoftTeams><Calling><InCall>True</InCall></Calling></"
			    "MicrosoftTeams>")),
		SETTINGS);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, YES);
	assert_false(s.sampled);
	assert_int_equal(s.media.s[VIDEO][TO_SITE].open, UNKNOWN);
	finish(&k);
}

/* For some seconds the box counts a call that it does not list. */
static void
a_call_that_is_not_listed_yet_is_neither(void **unused)
{
	OPENED(ASK("Status/Call", NOBODY), ASK("Status/SystemUnit", UNIT("1")),
		ASK("Status/MicrosoftTeams/Calling/InCall", NOBODY), SETTINGS,
		/* Nor does it count for this user: a Teams call is listed nowhere else. */
		ASK("Status/Call", NOBODY),
		ASK("Status/SystemUnit", DOC("<SystemUnit><Uptime>7</Uptime></SystemUnit>")),
		ASK("Status/MicrosoftTeams/Calling/InCall", NOBODY), SETTINGS,
		/* One on hold counts as suspended, and not as active. */
		ASK("Status/Call", NOBODY),
		ASK("Status/SystemUnit",
			DOC("<SystemUnit><State><NumberOfActiveCalls>0</NumberOfActiveCalls>"
			    "<NumberOfInProgressCalls>0</NumberOfInProgressCalls>"
			    "<NumberOfSuspendedCalls>1</NumberOfSuspendedCalls></State>"
			    "</SystemUnit>")),
		ASK("Status/MicrosoftTeams/Calling/InCall", NOBODY), SETTINGS);
	struct endpoint_status s;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
		assert_int_equal(s.in_call, UNKNOWN);
	}
	finish(&k);
}

static void
errors_come_with_status_200(void **unused)
{
	OPENED(ASK("Status/Call", NOBODY), ASK("Status/SystemUnit", UNIT("0")),
		PUT("<Dial ", XML
			"<Command><DialResult "
			"status=\"Error\"><Cause>11</Cause><Description>Missing or invalid number"
			"</Description></DialResult></Command>"),
		PUT("<Mute ", XML
			"<Command><MicrophonesMuteResult status=\"ParameterError\"/></Command>"),
		PUT("<Mute ", XML "<ActionError><Reason>No action detected in "
				  "document</Reason></ActionError>"),
		PUT("<Mute ", XML "<Command/>"));
	assert_int_equal(box->dial(&k.task, &k.lane, "sip:x", 0), ERR_REFUSED);
	assert_non_null(strstr(k.task.why, "invalid number"));
	task_forgive(&k.task);
	assert_int_equal(box->mute(&k.task, &k.lane, true), ERR_REFUSED);
	task_forgive(&k.task);
	assert_int_equal(box->mute(&k.task, &k.lane, true), ERR_UNSUPPORTED);
	task_forgive(&k.task);
	assert_int_equal(box->mute(&k.task, &k.lane, true), ERR_PROTOCOL);
	finish(&k);
}

/* What this user's role may not see stays unknown. */
static void
a_role_that_sees_less_leaves_figures_unknown(void **unused)
{
	OPENED(ASK("Status/Call", DOC(UP)), ASK("Status/SystemUnit", UNIT("1")),
		{ .expect = { "/Status/MediaChannels " }, .head = "403 Forbidden" },
		{ .expect = { "/Status/Audio/Microphones/Mute " }, .head = "403 Forbidden" },
		ASK("Configuration/Conference/AutoAnswer", XML "<Fault><XPathError/></Fault>"));
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, YES);
	assert_false(s.sampled);
	assert_int_equal(s.mic_muted, UNKNOWN);
	assert_int_equal(s.auto_answer, UNKNOWN);
	assert_int_equal(k.task.code, OK);
	finish(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(introduces_itself_in_a_session),
		cmocka_unit_test(tells_its_status_in_a_call),
		cmocka_unit_test(tells_how_its_calls_ended),
		cmocka_unit_test(asks_no_media_outside_a_call),
		cmocka_unit_test(dials_answers_mutes_and_hangs_up),
		cmocka_unit_test(the_newest_call_comes_first),
		cmocka_unit_test(every_call_is_hung_up),
		cmocka_unit_test(shows_a_text),
		cmocka_unit_test(does_not_dial_into_a_call),
		cmocka_unit_test(a_teams_call_is_not_measurable),
		cmocka_unit_test(a_call_that_is_not_listed_yet_is_neither),
		cmocka_unit_test(errors_come_with_status_200),
		cmocka_unit_test(a_role_that_sees_less_leaves_figures_unknown),
	};
	http_global_init();
	xml_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
