/* Talks with a Cisco codec over HTTP: the adapter against a scripted peer on loopback, one test per way in which such a
 * talk goes, and one per trap of this family. The shell's talks are in cisco_roomos_tsh.c. */
#include "adapters/adapter.h"

#include "adapters/cisco_roomos.h"
#include "adapters/internal.h"
#include "adapters/wire/http.h"
#include "base/str.h"
#include "tests/talk/peer.h"
#include "tests/talk/codec_talk.h"

static const struct endpoint_adapter *const box = &cisco_roomos_adapter;

#define XML "<?xml version=\"1.0\"?>\n"
#define DOC(inner) XML "<Status product=\"Cisco Codec\" version=\"ce26.7\" apiVersion=\"4\">" inner "</Status>"
#define UNIT(active) \
	DOC("<SystemUnit><Hardware><Module><SerialNumber>FOC12345678</SerialNumber></Module></Hardware>" \
	    "<ProductId>Cisco Room Bar</ProductId><Software><DisplayName>RoomOS 26.7.1.12 67c6e508983</DisplayName>" \
	    "<Version>ce26.7.1.12.67c6e508983</Version></Software><State><NumberOfActiveCalls>" active \
	    "</NumberOfActiveCalls><NumberOfInProgressCalls>0</NumberOfInProgressCalls></State>" \
	    "<Uptime>61273</Uptime></SystemUnit>")
#define CALL(n, state, extra) \
	"<Call item=\"" n "\" maxOccurrence=\"n\"><Status>" state "</Status>" extra "</Call>"
#define UP CALL("3", "Connected", \
	"<AnswerState>Autoanswered</AnswerState><CallbackNumber>sip:hop@mcu.example</CallbackNumber>" \
	"<Direction>Incoming</Direction><RemoteNumber>hop@mcu.example</RemoteNumber>")
#define NOBODY XML "<EmptyResult/>"
#define CHANNEL(n, type, direction, inside, packets, lost, rate) \
	"<Channel item=\"" n "\" maxOccurrence=\"n\"><" type ">" inside "</" type "><Direction>" direction \
	"</Direction><Encryption>On</Encryption><Netstat><ChannelRate>" rate "</ChannelRate><Jitter>4</Jitter><Loss>" \
	lost "</Loss><Packets>" packets "</Packets><RoundTripTime>12</RoundTripTime></Netstat><Type>" type \
	"</Type></Channel>"
#define PICTURE(protocol) \
	"<ChannelRole>Main</ChannelRole><FrameRate>30</FrameRate><Protocol>" protocol \
	"</Protocol><ResolutionX>1920</ResolutionX><ResolutionY>1080</ResolutionY>"
#define CHANNELS \
	DOC("<MediaChannels><Call item=\"3\" maxOccurrence=\"n\">" \
	    CHANNEL("1", "Audio", "Incoming", "<Protocol>Opus</Protocol>", "812", "3", "64000") \
	    CHANNEL("2", "Audio", "Outgoing", "<Protocol>Opus</Protocol>", "800", "9", "63100") \
	    CHANNEL("3", "Video", "Incoming", PICTURE("H264"), "9000", "0", "2600") \
	    CHANNEL("4", "Video", "Outgoing", PICTURE("H264"), "8000", "0", "1920000") \
	    CHANNEL("5", "Video", "Incoming", "<ChannelRole>Presentation</ChannelRole><Protocol>Off</Protocol>", "0", "0", "0") \
	    "</Call></MediaChannels>")
#define MUTE(word) DOC("<Audio><Microphones><Mute>" word "</Mute></Microphones></Audio>")
#define AUTO(mode, mute) \
	XML "<Configuration><Conference item=\"1\"><AutoAnswer><Delay>0</Delay><Mode>" mode "</Mode><Mute>" mute \
	    "</Mute></AutoAnswer></Conference></Configuration>"
#define ASK(path, answer) { .expect = { "GET /getxml?location=/" path " " }, .body = answer }
#define PUT(what, answer) { .expect = { "POST /putxml ", "text/xml", what }, .body = answer }
#define SETTINGS ASK("Status/Audio/Microphones/Mute", MUTE("Off")), \
	ASK("Configuration/Conference/AutoAnswer", AUTO("On", "Off"))
#define BEGIN_SESSION(cookie) \
	{ .expect = { "POST /xmlapi/session/begin ", "Authorization: Basic YWRtaW46czNjcmV0" }, \
		.head = "204 No Content\r\nSet-Cookie: SessionId=" cookie "; Path=/; Secure; HttpOnly" }
#define END_SESSION(cookie) \
	{ .expect = { "POST /xmlapi/session/end ", "Cookie: SessionId=" cookie }, .never = "Authorization", \
		.head = "204 No Content" }
#define DONE(name) XML "<Command><" name "Result status=\"OK\"/></Command>"

static const struct device codec = { .name = "site:chu-tuc", .adapter = "cisco-roomos",
	.url = "http://127.0.0.1:PORT/", .user = "admin", .password = "s3cret" };

CODEC_STAGE(box, codec)

/* A talk inside a session that is begun and ended. */
#define OPENED(...) \
	BEGIN(BEGIN_SESSION("abc"), __VA_ARGS__, END_SESSION("abc")); \
	if (box->open(&k.task, &k.lane)) \
		fail_msg("open: %s", k.task.why)

/* ---- it works ------------------------------------------------------------------------------------------- */

static void
introduces_itself_in_a_session(void **unused)
{
	OPENED({ .expect = { "GET /getxml?location=/Status/SystemUnit ", "Cookie: SessionId=abc" },
		       .never = "Authorization", .body = UNIT("0") },
		ASK("Status/Diagnostics",
			DOC("<Diagnostics><Message item=\"1\"><Description>Latency is high</Description>"
			    "<Level>Warning</Level><Type>AudioLatency</Type></Message><Message item=\"2\"><Level>Error"
			    "</Level><Type>NoMicrophone</Type></Message><Message item=\"3\"><Level>OK</Level>"
			    "<Type>TCPMediaFallback</Type></Message></Diagnostics>")),
		ASK("Status/Network", DOC("<Network item=\"1\"><Ethernet><MacAddress>02:00:00:01:00:0a</MacAddress></Ethernet></Network>")));
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
		ASK("Status/MediaChannels", CHANNELS), ASK("Status/Audio/Microphones/Mute", MUTE("On")),
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
	assert_int_equal(seen->open, YES); /* the presentation's channel is Off, and is another thing */
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

#define DIALLED \
	XML "<Command><DialResult status=\"OK\"><CallId>2</CallId><ConferenceId>1</ConferenceId></DialResult></Command>"

static void
dials_answers_mutes_and_hangs_up(void **unused)
{
	OPENED(ASK("Status/Call", NOBODY), ASK("Status/SystemUnit", UNIT("0")),
		PUT("<Command><Dial command=\"True\"><Number>a&amp;b@mcu.example</Number><Protocol>Sip</Protocol>"
		    "<CallRate>1920</CallRate></Dial></Command>",
			DIALLED),
		ASK("Status/Call", DOC(CALL("5", "Ringing", "<Direction>Incoming</Direction>"))),
		PUT("<Command><Call><Accept command=\"True\"><CallId>5</CallId></Accept></Call></Command>",
			DONE("CallAccept")),
		PUT("<Audio><Microphones><Mute command=\"True\"></Mute></Microphones></Audio>",
			DONE("MicrophonesMute")),
		PUT("<Unmute command=\"True\">", DONE("MicrophonesUnmute")), ASK("Status/Call", DOC(UP)),
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

/* TC knows the command by its older name. */
static void
shows_a_text(void **unused)
{
	OPENED(PUT("<UserInterface><Message><Alert><Display command=\"True\"><Text>Chu Túc: &#39;nói&#39; </Text>"
		   "<Duration>10</Duration></Display>",
		       XML "<ActionError>\n  <Reason>No action detected in document</Reason>\n</ActionError>"),
		PUT("<Command><Message><Alert><Display command=\"True\">", DONE("MessageAlertDisplay")));
	assert_int_equal(box->message(&k.task, &k.lane, "Chu Túc: \"nói\"\n", 10), OK);
	finish(&k);
}

/* ---- traps ------------------------------------------------------------------------------------------------ */

/* Dialled twice, a room howls. */
static void
does_not_dial_into_a_call(void **unused)
{
	OPENED(ASK("Status/Call", DOC(UP)), ASK("Status/Call", DOC(UP)), ASK("Status/Call", NOBODY),
		ASK("Status/SystemUnit", UNIT("1")));
	assert_int_equal(box->dial(&k.task, &k.lane, "sip:HOP@mcu.example", 0), OK); /* it is there */
	assert_int_equal(box->dial(&k.task, &k.lane, "sip:other@mcu.example", 0), ERR_BUSY);
	assert_non_null(strstr(k.task.why, "sip:hop@mcu.example"));
	task_forgive(&k.task);
	assert_int_equal(box->dial(&k.task, &k.lane, "sip:hop@mcu.example", 0), ERR_BUSY); /* not listed yet */
	finish(&k);
}

/* A Teams call is up, and nothing of it is shown: nothing is known of its media, which is not "none". */
static void
a_teams_call_is_not_measurable(void **unused)
{
	OPENED(ASK("Status/Call", NOBODY), ASK("Status/SystemUnit", UNIT("1")),
		ASK("Status/MicrosoftTeams/Calling/InCall",
			DOC("<MicrosoftTeams><Calling><InCall>True</InCall></Calling></MicrosoftTeams>")),
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
		ASK("Status/MicrosoftTeams/Calling/InCall", NOBODY), SETTINGS);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), OK);
	assert_int_equal(s.in_call, UNKNOWN);
	finish(&k);
}

static void
errors_come_with_status_200(void **unused)
{
	OPENED(ASK("Status/Call", NOBODY), ASK("Status/SystemUnit", UNIT("0")),
		PUT("<Dial ",
			XML "<Command><DialResult status=\"Error\"><Cause>11</Cause><Description>Missing or invalid number"
			    "</Description></DialResult></Command>"),
		PUT("<Mute ", XML "<Command><MicrophonesMuteResult status=\"ParameterError\"/></Command>"),
		PUT("<Mute ", XML "<ActionError><Reason>No action detected in document</Reason></ActionError>"),
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

/* An old TC redirects whoever begins a session: it gets the login with each request, and ends none. */
static void
an_old_release_has_no_sessions(void **unused)
{
	BEGIN({ .expect = { "POST /xmlapi/session/begin " }, .head = "302 Found\r\nLocation: /web/signin" },
		{ .expect = { "GET /getxml?location=/Status/SystemUnit/Software ",
			  "Authorization: Basic YWRtaW46czNjcmV0" },
			.body = DOC("<SystemUnit/>") },
		{ .expect = { "GET /getxml?location=/Status/Call ", "Authorization: Basic" }, .never = "Cookie",
			.body = NOBODY });
	assert_int_equal(box->open(&k.task, &k.lane), OK);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	finish(&k);
}

static void
an_old_release_takes_a_wrong_password_once(void **unused)
{
	BEGIN({ .expect = { "POST /xmlapi/session/begin " }, .head = "303 See Other" },
		{ .expect = { "/Status/SystemUnit/Software " }, .head = "401 Unauthorized" });
	assert_int_equal(box->open(&k.task, &k.lane), ERR_AUTH);
	assert_string_equal(k.task.word, "login-refused");
	finish(&k);
}

/* The box restarted and forgot its sessions: that is no wrong password. */
static void
a_forgotten_session_is_begun_anew(void **unused)
{
	BEGIN(BEGIN_SESSION("old"),
		{ .expect = { "/Status/Call ", "SessionId=old" }, .head = "401 Unauthorized" },
		BEGIN_SESSION("new"), { .expect = { "/Status/Call ", "SessionId=new" }, .body = NOBODY },
		END_SESSION("new"));
	assert_int_equal(box->open(&k.task, &k.lane), OK);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	finish(&k);
}

static void
no_session_is_left(void **unused)
{
	BEGIN({ .expect = { "POST /xmlapi/session/begin " }, .head = "503 Service Unavailable" });
	assert_int_equal(box->open(&k.task, &k.lane), ERR_BUSY);
	finish(&k);
}

/* Newer releases give two cookies and want both back. */
static void
every_cookie_goes_back(void **unused)
{
	BEGIN({ .expect = { "POST /xmlapi/session/begin " },
		      .head = "204 No Content\r\nSet-Cookie: SessionId=a; Path=/\r\nSet-Cookie: SecureSessionId=b; Secure" },
		{ .expect = { "/Status/Call ", "Cookie: SessionId=a; SecureSessionId=b" }, .body = NOBODY },
		{ .expect = { "/session/end" } });
	assert_int_equal(box->open(&k.task, &k.lane), OK);
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
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

/* A box that closed an idle connection is asked again; an order is not given again. */
static void
an_order_is_not_given_twice(void **unused)
{
	OPENED({ .expect = { "/Status/Call " }, .how = PEER_DROP }, ASK("Status/Call", NOBODY),
		{ .expect = { "POST /putxml " }, .how = PEER_DROP });
	assert_int_equal(box->hangup(&k.task, &k.lane), ERR_GONE);
	task_forgive(&k.task);
	assert_int_equal(box->mute(&k.task, &k.lane, true), ERR_TIMEOUT);
	finish(&k);
}

/* ---- it does not work ------------------------------------------------------------------------------------- */

static void
a_wrong_password_is_tried_once(void **unused)
{
	BEGIN({ .expect = { "POST /xmlapi/session/begin " },
		.head = "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"CISCO-Endpoint\"" });
	codec_refuses_login(&k, box, "YWRtaW46");
	finish(&k);
}

static void
silence_ends_at_the_deadline(void **unused)
{
	OPENED({ .expect = { "/Status/Call " }, .how = PEER_HANG });
	codec_is_silent(&k, box);
	finish(&k);
}

static void
a_cancelled_dial_comes_back(void **unused)
{
	OPENED(ASK("Status/Call", NOBODY), ASK("Status/SystemUnit", UNIT("0")),
		{ .expect = { "POST /putxml ", "<Dial " }, .how = PEER_CANCEL });
	assert_int_equal(box->dial(&k.task, &k.lane, "sip:hop@mcu.example", 0), ERR_CANCELED);
	finish(&k);
}

static void
the_line_drops_in_the_middle(void **unused)
{
	OPENED({ .expect = { "/Status/Call " }, .how = PEER_CUT, .body = DOC(UP) },
		{ .expect = { "/Status/Call " }, .how = PEER_CUT, .body = DOC(UP) });
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), ERR_TIMEOUT);
	finish(&k);
}

static void
garbage_is_not_understood(void **unused)
{
	OPENED(ASK("Status/Call", "<html><body>Sign in</html>"), ASK("Status/Call", XML "<html><p>Sign in</p></html>"),
		{ .expect = { "/Status/Call " }, .how = PEER_GARBAGE });
	codec_talks_garbage(&k, box, 3);
	finish(&k);
}

static void
no_other_transport_is_pretended(void **unused)
{
	BEGIN({ .body = NULL });
	k.peer.n = 0;
	k.device.url = "telnet://127.0.0.1:23";
	assert_int_equal(box->open(&k.task, &k.lane), ERR_UNSUPPORTED);
	task_forgive(&k.task);
	k.device.url = "http://127.0.0.1:1/";
	assert_int_equal(box->open(&k.task, &k.lane), ERR_UNREACHABLE);
	task_forgive(&k.task);
	struct endpoint_status s;
	assert_int_equal(box->status(&k.task, &k.lane, &s), ERR_SYSTEM);
	finish(&k);
}

/* ---- trees -------------------------------------------------------------------------------------------------- */

static const struct xml *
tree(struct arena *a, const char *text)
{
	struct xml *root = NULL;
	struct err_text why = { 0 };
	if (xml_parse(a, text, strlen(text), 0, &root, &why))
		fail_msg("%s", why.text);
	return root;
}

/* Before CE9 the channel's name says what it is, and its depth differs. */
static void
channels_of_old_releases_are_read_by_name(void **unused)
{
	struct arena *a = arena_new();
	struct media_sample m;
	assert_true(roomos_read_media(
		tree(a, DOC("<Diagnostics><Call item=\"1\"><Channels><IncomingVideoChannel item=\"1\"><Protocol>H263"
			    "</Protocol><Netstat item=\"1\"><ChannelRate>384000</ChannelRate><Loss>1</Loss><Packets>77"
			    "</Packets></Netstat></IncomingVideoChannel><OutgoingAudioChannel item=\"1\"><Netstat>"
			    "<Packets>5</Packets></Netstat></OutgoingAudioChannel></Channels></Call></Diagnostics>")),
		"9", &m));
	assert_int_equal(m.s[VIDEO][TO_SITE].packets.v, 77);
	assert_int_equal(m.s[VIDEO][TO_SITE].kbps.v, 384);
	assert_int_equal(m.s[AUDIO][FROM_SITE].open, UNKNOWN); /* it is there, its protocol is not told */
	assert_int_equal(m.s[AUDIO][TO_SITE].open, NO);
	arena_free(a);
}

static void
channels_belong_to_their_call(void **unused)
{
	struct arena *a = arena_new();
	struct media_sample m;
	const struct xml *two = tree(a, DOC("<MediaChannels><Call item=\"1\">" CHANNEL("1", "Audio", "Incoming",
		"<Protocol>G722</Protocol>", "1", "0", "64000") "</Call><Call item=\"2\">" CHANNEL("1", "Audio", "Incoming",
		"<Protocol>AACLD</Protocol>", "2", "0", "64000") "</Call></MediaChannels>"));
	assert_true(roomos_read_media(two, "2", &m));
	assert_int_equal(m.s[AUDIO][TO_SITE].packets.v, 2);
	assert_false(roomos_read_media(two, "7", &m));
	assert_int_equal(m.s[AUDIO][TO_SITE].open, UNKNOWN);
	/* Nothing carries anything: what is not listed is not told. */
	assert_true(roomos_read_media(tree(a, DOC("<MediaChannels><Call item=\"1\">" CHANNEL("1", "Audio", "Incoming",
		"<Protocol>Off</Protocol>", "0", "0", "0") "</Call></MediaChannels>")), "1", &m));
	assert_int_equal(m.s[AUDIO][TO_SITE].open, NO);
	assert_int_equal(m.s[VIDEO][TO_SITE].open, UNKNOWN);
	arena_free(a);
}

/* It sends a picture and its own receiving channel carries nothing: one-way, not "no picture wanted". */
static void
a_channel_that_is_off_exists(void **unused)
{
	struct arena *a = arena_new();
	struct media_sample m;
	assert_true(roomos_read_media(tree(a, DOC("<MediaChannels><Call item=\"1\">" CHANNEL("1", "Video", "Incoming",
		"<Protocol>Off</Protocol>", "0", "0", "0") CHANNEL("2", "Video", "Outgoing", PICTURE("H264"), "7", "0", "9000")
		"</Call></MediaChannels>")), "1", &m));
	assert_int_equal(m.s[VIDEO][TO_SITE].open, YES);
	assert_true(m.s[VIDEO][TO_SITE].packets.known && m.s[VIDEO][TO_SITE].kbps.known);
	assert_int_equal(m.s[VIDEO][TO_SITE].packets.v, 0);
	assert_int_equal(m.s[VIDEO][TO_SITE].kbps.v, 0);
	assert_int_equal(m.s[AUDIO][TO_SITE].open, NO);
	arena_free(a);
}

static void
calls_have_many_words(void **unused)
{
	static const struct {
		const char *word, *answer;
		enum roomos_state state;
	} t[] = {
		{ "Connected", "<AnswerState>Answered</AnswerState>", ROOMOS_UP },
		{ "Connected", "", ROOMOS_UP },
		{ "Connected", "<AnswerState>Unanswered</AnswerState>", ROOMOS_UNSURE },
		{ "OnHold", "", ROOMOS_UP },
		{ "Dialling", "", ROOMOS_COMING },
		{ "EarlyMedia", "", ROOMOS_COMING },
		{ "Ringing", "", ROOMOS_RINGING },
		{ "RemotePreserved", "", ROOMOS_UNSURE },
		{ "Something", "", ROOMOS_UNSURE },
	};
	struct arena *a = arena_new();
	struct roomos_calls c;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		roomos_read_calls(tree(a, arena_printf(a, DOC("<Call item=\"1\"><Status>%s</Status>%s</Call>"),
						  t[i].word, t[i].answer)), &c);
		assert_int_equal(c.n, 1);
		assert_int_equal(c.at[0].state, t[i].state);
	}
	roomos_read_calls(tree(a, DOC(CALL("1", "Disconnecting", "") CALL("2", "Dialling", "") UP
				     "<Call item=\"9\" ghost=\"True\"><Status>Connected</Status></Call>")), &c);
	assert_int_equal(c.n, 2); /* one goes, one is gone */
	assert_string_equal(c.at[0].id, "3");
	assert_string_equal(c.at[1].id, "2");
	arena_free(a);
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
		cmocka_unit_test(shows_a_text),
		cmocka_unit_test(does_not_dial_into_a_call),
		cmocka_unit_test(a_teams_call_is_not_measurable),
		cmocka_unit_test(a_call_that_is_not_listed_yet_is_neither),
		cmocka_unit_test(errors_come_with_status_200),
		cmocka_unit_test(an_old_release_has_no_sessions),
		cmocka_unit_test(an_old_release_takes_a_wrong_password_once),
		cmocka_unit_test(a_forgotten_session_is_begun_anew),
		cmocka_unit_test(no_session_is_left),
		cmocka_unit_test(every_cookie_goes_back),
		cmocka_unit_test(a_role_that_sees_less_leaves_figures_unknown),
		cmocka_unit_test(an_order_is_not_given_twice),
		cmocka_unit_test(a_wrong_password_is_tried_once),
		cmocka_unit_test(silence_ends_at_the_deadline),
		cmocka_unit_test(a_cancelled_dial_comes_back),
		cmocka_unit_test(the_line_drops_in_the_middle),
		cmocka_unit_test(garbage_is_not_understood),
		cmocka_unit_test(no_other_transport_is_pretended),
		cmocka_unit_test(channels_of_old_releases_are_read_by_name),
		cmocka_unit_test(channels_belong_to_their_call),
		cmocka_unit_test(a_channel_that_is_off_exists),
		cmocka_unit_test(calls_have_many_words),
	};
	http_global_init();
	xml_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
