/* Talks with a Cisco Meeting Server: the adapter against a scripted peer on loopback, one test per
 * way in which such a talk goes well. */
#include "tests/talk/cisco_cms.h"

#include "base/utf8.h"

static void
opens_and_introduces_itself(void **unused)
{
	OPENED(HELLO,
		{ .expect = { "GET " API "/system/alarms " },
			.body = "<alarms total=\"2\"><alarm "
				"id=\"a\"><type>cdrConnectionFailure</type></alarm>"
				"<alarm "
				"id=\"b\"><type>licence</type><failureReason>error</"
				"failureReason></alarm></alarms>" },
		HELLO,
		{ .expect = { "/system/alarms" }, NO("404 Not Found", "<unrecognizedObject/>") });
	struct identity who;
	assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.software, "2.9.5");
	assert_int_equal(who.uptime_s.v, 86400);
	assert_string_equal(who.alarms, "cdrConnectionFailure, licence error");
	assert_false(who.ports.known);
	assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.alarms, "");
	finish(&k);
}

/* The filter finds parts of names; the space is there, the call is made; ids come in Location
 * only. */
static void
starts_a_call_in_the_space_of_that_name(void **unused)
{
	OPENED({ .expect = { "GET " API "/coSpaces?filter=giao%20ban&offset=0" },
		       .body = "<coSpaces total=\"2\"><coSpace id=\"5-x\"><name>giao ban "
			       "tuan</name></coSpace>"
			       "<coSpace id=\"" SPACE_ID
			       "\"><name>giao ban</name></coSpace></coSpaces>" },
		{ .expect = { "GET " API "/calls?coSpaceFilter=" SPACE_ID },
			.body = "<calls total=\"0\"/>" },
		{ .expect = { "POST " API "/calls ", "coSpace=" SPACE_ID,
			  "application/x-www-form-urlencoded" },
			MADE("/calls/" CALL_ID) },
		{ .expect = { "PUT " API "/calls/" CALL_ID, "joinAudioMuteOverride=true" } });
	struct conference c;
	assert_int_equal(
		mcu->start(&k.task, &k.lane,
			&(struct conference_spec){ .name = "giao ban", .muted = true }, &c),
		OK);
	assert_true(c.created);
	assert_string_equal(c.id, CALL_ID "/" SPACE_ID);
	finish(&k);
}

static void
makes_the_space_and_removes_it_again(void **unused)
{
	OPENED({ .expect = { "GET " API "/coSpaces?filter=giao%20ban" },
		       .body = "<coSpaces total=\"0\"></coSpaces>" },
		{ .expect = { "POST " API "/coSpaces ", "name=giao%20ban",
			  "defaultLayout=onePlusFive" },
			MADE("/coSpaces/" SPACE_ID) },
		{ .expect = { "POST " API "/calls " }, MADE("/calls/" CALL_ID) },
		{ .expect = { "DELETE " API "/calls/" CALL_ID " " },
			NO("404 Not Found", "<callDoesNotExist/>") },
		{ .expect = { "DELETE " API "/coSpaces/" SPACE_ID " " } });
	struct conference c;
	assert_int_equal(
		mcu->start(&k.task, &k.lane,
			&(struct conference_spec){ .name = "giao ban", .layout = "1+5" }, &c),
		OK);
	assert_string_equal(c.id, CALL_ID "/" SPACE_ID "/n");
	assert_int_equal(mcu->end(&k.task, &k.lane, &c), OK);
	finish(&k);
}

/* A call that went on before is not ours, and of a space that was there only the call is ended. */
static void
leaves_a_space_that_was_there(void **unused)
{
	OPENED({ .expect = { "/coSpaces?filter=" },
		       .body = "<coSpaces total=\"1\"><coSpace id=\"" SPACE_ID
			       "\"><name>giao ban</name></coSpace></coSpaces>" },
		{ .expect = { "/calls?coSpaceFilter=" },
			.body = "<calls total=\"1\"><call id=\"" CALL_ID "\"><coSpace>" SPACE_ID
				"</coSpace></call></calls>" },
		{ .expect = { "DELETE " API "/calls/" CALL_ID " " } });
	struct conference c;
	assert_int_equal(
		mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "giao ban" }, &c),
		OK);
	assert_false(c.created);
	assert_int_equal(mcu->end(&k.task, &k.lane, &c), OK);
	finish(&k);
}

static void
an_empty_space_is_no_conference(void **unused)
{
	OPENED({ .expect = { "/coSpaces?filter=" },
		       .body = "<coSpaces total=\"1\"><coSpace id=\"" SPACE_ID
			       "\"><name>giao ban</name></coSpace></coSpaces>" },
		{ .expect = { "/calls?coSpaceFilter=" }, .body = "<calls total=\"0\"/>" });
	struct conference c;
	assert_int_equal(mcu->find(&k.task, &k.lane, "giao ban", &c), ERR_GONE);
	finish(&k);
}

/* Bandwidth in bit/s, label of at most 50 bytes, owner told, id out of Location. */
static void
dials_and_returns_at_once(void **unused)
{
	OPENED(EMPTY_CALL,
		{ .expect = { DIAL_1, "remoteParty=chutuc%4010.2.0.5&ownerId=" OWNER,
			  "rxAudioMute=true&nameLabelOverride=X%C3%A3%20Chu%20T%C3%BAc&bandwidth="
			  "1024000" },
			MADE("/callLegs/" LEG_1) },
		{ GET_LEG(LEG_1), .body = LEG(LEG_1, "ringing", "") });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, LEG_1);
	assert_int_equal(leg.state, LEG_DIALING);
	assert_int_equal(leg.muted, YES);
	/* The same order again: it is there. */
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, LEG_1);
	assert_int_equal(leg.state, LEG_RINGING);
	finish(&k);
}

static void
labels_end_on_a_whole_letter(void **unused)
{
	OPENED(EMPTY_CALL, { .expect = { DIAL_1 }, MADE("/callLegs/" LEG_1) });
	struct dial d = a_dial;
	d.site_name = "Ủy ban nhân dân xã Trấn Ninh huyện Văn Quan";
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), OK);
	const char *label = strstr(talk_requests(&k), "nameLabelOverride=");
	assert_non_null(label);
	char text[64];
	size_t n = 0;
	for (const char *p = label + 18; *p && *p != '&' && *p != '\n' && n < 63; n++) {
		unsigned byte = (unsigned char)*p;
		if (*p == '%')
			sscanf(p + 1, "%2x", &byte);
		p += *p == '%' ? 3 : 1;
		text[n] = (char)byte;
	}
	text[n] = '\0';
	assert_true(n <= 50 && n > 44 && utf8_valid(text, n));
	finish(&k);
}

#define FLOWING \
	"<rxAudio><codec>aac</codec><packetLossPercentage>1.5</packetLossPercentage><jitter>9</" \
	"jitter>" \
	"<bitRate>38539</bitRate></rxAudio><txAudio><codec>aac</codec><bitRate>64000</bitRate>" \
	"<roundTripTime>12</roundTripTime></txAudio><rxVideo " \
	"role=\"main\"><codec>h264</codec><bitRate>900</bitRate>" \
	"<packetLossPercentage/></rxVideo><rxVideo " \
	"role=\"presentation\"><bitRate>5000000</bitRate></rxVideo>"

/* Two pages whose second begins with the last of the first; a cap below what was asked for. */
static void
reads_pages_and_counts_nobody_twice(void **unused)
{
	OPENED({ .expect = { LEGS_OF_CALL }, .body = LIST("4", LISTED(LEG_1) LISTED(LEG_2)) },
		{ .expect = { "/callLegs?offset=2" },
			.body = LIST("4", LISTED(LEG_2) LISTED(LEG_3)) },
		{ .expect = { LEGS_OF_CALL },
			.body = LIST("3", LISTED(LEG_1) LISTED(LEG_2)) }, /* it moved: once more */
		{ .expect = { "/callLegs?offset=2" }, .body = LIST("3", LISTED(LEG_3)) },
		{ GET_LEG(LEG_1), .body = LEG(LEG_1, "connected", FLOWING) },
		{ GET_LEG(LEG_2), NO("404 Not Found", "<callLegDoesNotExist/>") },
		{ GET_LEG(LEG_3), .body = LEG(LEG_3, "initial", "") });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 3);
	const struct leg *a = &all.legs[0];
	assert_int_equal(a->state, LEG_UP);
	assert_string_equal(
		a->name, "chu-tuc"); /* by its owner, without having been dialled here */
	assert_string_equal(a->address, "sip:chutuc@10.2.0.5");
	assert_true(a->configured && !a->incoming && a->sampled);
	assert_int_equal(a->muted, YES);
	assert_int_equal(a->media.s[AUDIO][FROM_SITE].kbps.v, 38);
	assert_int_equal(a->media.s[AUDIO][FROM_SITE].loss_permille.v, 15);
	assert_int_equal(a->media.s[AUDIO][FROM_SITE].jitter_ms.v, 9);
	assert_int_equal(a->media.s[AUDIO][TO_SITE].rtt_ms.v, 12);
	assert_int_equal(a->media.s[VIDEO][FROM_SITE].kbps.v,
		1); /* 900 bit/s flow, and content does not count */
	assert_false(a->media.s[VIDEO][FROM_SITE].loss_permille.known);
	assert_int_equal(all.legs[1].state, LEG_DIALING);
	assert_int_equal(all.legs[2].state, LEG_GONE); /* between list and question */
	assert_string_equal(all.legs[2].id, LEG_2);
	finish(&k);
}

static const struct stream *
stream_of(const struct roster *all, enum medium m, enum direction d)
{
	return &all->legs[0].media.s[m][d];
}

/* No section in either direction: not negotiated. One of the two: nothing flows the other way. None
 * at all: nothing is told. */
/* The server says that there are more than it lists, twice: whoever was there and is not on the
 * list is asked for by name, and only who is nowhere is gone. */
static void
a_list_that_is_too_short_ends_nobody(void **unused)
{
	OPENED({ .expect = { LEGS_OF_CALL },
		       .body = LIST("3", LISTED(LEG_1) LISTED(LEG_2) LISTED(LEG_3)) },
		{ GET_LEG(LEG_1), .body = LEG(LEG_1, "connected", FLOWING) },
		{ GET_LEG(LEG_2), .body = LEG(LEG_2, "connected", FLOWING) },
		{ GET_LEG(LEG_3), .body = LEG(LEG_3, "connected", FLOWING) },
		{ .expect = { LEGS_OF_CALL }, .body = LIST("2", LISTED(LEG_1)) },
		{ .expect = { "/callLegs?offset=1" }, .body = LIST("2", "") },
		{ .expect = { LEGS_OF_CALL }, .body = LIST("2", LISTED(LEG_1)) },
		{ .expect = { "/callLegs?offset=1" }, .body = LIST("2", "") },
		{ GET_LEG(LEG_1), .body = LEG(LEG_1, "connected", FLOWING) },
		{ GET_LEG(LEG_2), .body = LEG(LEG_2, "connected", FLOWING) },
		{ GET_LEG(LEG_3), NO("404 Not Found", "<callLegDoesNotExist/>") });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 3);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 3);
	assert_int_equal(all.legs[0].state, LEG_UP);
	assert_string_equal(all.legs[1].id, LEG_2);
	assert_int_equal(all.legs[1].state, LEG_UP);
	assert_true(all.legs[1].sampled);
	assert_string_equal(all.legs[2].id, LEG_3);
	assert_int_equal(all.legs[2].state, LEG_GONE);
	finish(&k);
}

static void
a_missing_section_is_no_stream(void **unused)
{
	OPENED({ .expect = { LEGS_OF_CALL }, .body = LIST("1", LISTED(LEG_1)) },
		{ GET_LEG(LEG_1), .body = LEG(LEG_1, "connected",
					  "<rxAudio><bitRate>0</bitRate></rxAudio>") },
		{ .expect = { LEGS_OF_CALL }, .body = LIST("1", LISTED(LEG_1)) },
		{ GET_LEG(LEG_1), .body = LEG(LEG_1, "connected",
					  "<rxAudio/><txVideo "
					  "role=\"main\"><bitRate>9000</bitRate></txVideo>") },
		{ .expect = { LEGS_OF_CALL }, .body = LIST("1", LISTED(LEG_1)) },
		{ GET_LEG(LEG_1), .body = LEG(LEG_1, "connected", "") });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(stream_of(&all, AUDIO, FROM_SITE)->open, YES);
	assert_true(stream_of(&all, AUDIO, FROM_SITE)->kbps.known);
	assert_int_equal(stream_of(&all, AUDIO, FROM_SITE)->kbps.v, 0);
	assert_int_equal(stream_of(&all, VIDEO, FROM_SITE)->open, NO);
	assert_int_equal(stream_of(&all, VIDEO, TO_SITE)->open, NO);
	assert_false(stream_of(&all, VIDEO, FROM_SITE)->loss_permille.known);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(stream_of(&all, VIDEO, TO_SITE)->open, YES);
	assert_int_equal(stream_of(&all, VIDEO, FROM_SITE)->open, UNKNOWN);
	assert_true(stream_of(&all, VIDEO, FROM_SITE)->kbps.known);
	assert_int_equal(stream_of(&all, VIDEO, FROM_SITE)->kbps.v, 0);
	assert_false(stream_of(&all, AUDIO, FROM_SITE)->kbps.known);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_false(all.legs[0].sampled);
	assert_int_equal(stream_of(&all, VIDEO, FROM_SITE)->open, UNKNOWN);
	finish(&k);
}

/* Half an answer, or a word of a newer version, ends nothing: it is as it was. */
static void
a_state_that_is_not_told_is_as_it_was(void **unused)
{
#define AGAIN(state) \
	{ .expect = { LEGS_OF_CALL }, .body = LIST("1", LISTED(LEG_1)) }, \
		{ GET_LEG(LEG_1), .body = LEG(LEG_1, state, "") }
	OPENED(AGAIN("initial"), AGAIN("somethingNew"), AGAIN("connected"), AGAIN(""),
		AGAIN("somethingNew"));
	static const enum leg_state told[] = { LEG_DIALING, LEG_DIALING, LEG_UP, LEG_UP, LEG_UP };
	struct roster all;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
		assert_int_equal(all.legs[0].state, told[i]);
		assert_false(all.legs[0].sampled);
	}
	finish(&k);
}

/* In a cluster a call has legs that join its bridges: they are nobody's, are asked for once, and
 * are not told as gone. */
static void
a_line_between_bridges_is_no_leg(void **unused)
{
#define LINK(id, kind) \
	{ GET_LEG(id), .body = "<callLeg id=\"" id "\"><name>cb2</name><call>" CALL_ID \
			       "</call><type>acano</type>" kind "<direction>outgoing</direction>" \
			       "<status><state>connected</state></status></callLeg>" }
	OPENED({ .expect = { LEGS_OF_CALL },
		       .body = LIST("3", LISTED(LEG_1) LISTED(LEG_2) LISTED(LEG_3)) },
		{ GET_LEG(LEG_1), .body = LEG(LEG_1, "connected", "") },
		LINK(LEG_2, "<subType>distributionLink</subType>"),
		LINK(LEG_3, "<subtype>lyncDistribution</subtype>"),
		{ .expect = { LEGS_OF_CALL },
			.body = LIST("3", LISTED(LEG_1) LISTED(LEG_2) LISTED(LEG_3)) },
		{ GET_LEG(LEG_1), .body = LEG(LEG_1, "connected", "") },
		{ .expect = { LEGS_OF_CALL }, .body = LIST("1", LISTED(LEG_1)) },
		{ GET_LEG(LEG_1), .body = LEG(LEG_1, "connected", "") });
	struct roster all;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
		assert_int_equal(all.n, 1);
		assert_string_equal(all.legs[0].id, LEG_1);
	}
	finish(&k);
}

/* Dialled, then neither in the list nor anywhere: told as gone twice, without a reason. */
static void
a_leg_that_vanished_is_remembered(void **unused)
{
	OPENED(EMPTY_CALL, { .expect = { DIAL_1 }, MADE("/callLegs/" LEG_1) }, EMPTY_CALL,
		EMPTY_CALL, EMPTY_CALL,
		{ GET_LEG(LEG_1), NO("404 Not Found", "<callLegDoesNotExist/>") }, EMPTY_CALL);
	struct leg leg;
	struct roster all;
	struct ending why;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
		assert_int_equal(all.n, i < 2);
		if (i == 2)
			break;
		assert_int_equal(all.legs[0].state, LEG_GONE);
		assert_int_equal(all.legs[0].ending.cause, CAUSE_UNKNOWN);
		assert_string_equal(all.legs[0].name, "chu-tuc");
	}
	assert_int_equal(mcu->reason(&k.task, &k.lane, &k.conference, &leg, &why), ERR_GONE);
	task_forgive(&k.task);
	/* A record came: it is told again, now with the reason. */
	struct cms_ended end = { .leg = LEG_1, .ending = cms_ending("remoteBusy", 0) };
	cms_take_ended(k.lane.session, &end);
	assert_int_equal(mcu->reason(&k.task, &k.lane, &k.conference, &leg, &why), OK);
	assert_int_equal(why.cause, CAUSE_BUSY);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 1);
	assert_string_equal(all.legs[0].ending.device_words, "remoteBusy");
	finish(&k);
}

static void
a_leg_we_hung_up_is_ours(void **unused)
{
	OPENED({ .expect = { LEGS_OF_CALL }, .body = LIST("1", LISTED(LEG_1)) },
		{ GET_LEG(LEG_1), .body = LEG(LEG_1, "onHold", "") },
		{ .expect = { "DELETE " API "/callLegs/" LEG_1 " " } }, EMPTY_CALL,
		{ .expect = { "DELETE " API "/callLegs/" LEG_1 " " },
			NO("404 Not Found", "<callLegDoesNotExist/>") });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	struct leg leg = all.legs[0];
	assert_int_equal(leg.state, LEG_UP);
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &k.conference, &leg), OK);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 1);
	assert_int_equal(all.legs[0].ending.cause, CAUSE_OUR_HANGUP);
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &k.conference, &leg), ERR_GONE);
	finish(&k);
}

/* Busy for one leg: as it was, without figures. Busy for the list: later. */
static void
busy_is_later(void **unused)
{
	OPENED({ .expect = { LEGS_OF_CALL }, .body = LIST("1", LISTED(LEG_1)) },
		{ GET_LEG(LEG_1), .body = LEG(LEG_1, "connected", FLOWING) },
		{ .expect = { LEGS_OF_CALL }, .body = LIST("1", LISTED(LEG_1)) },
		{ GET_LEG(LEG_1), .head = "503 Service Unavailable" },
		{ .expect = { LEGS_OF_CALL }, .head = "503 Service Unavailable" },
		{ .expect = { LEGS_OF_CALL }, NO("404 Not Found", "<callDoesNotExist/>") });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_true(all.legs[0].sampled);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].state, LEG_UP);
	assert_false(all.legs[0].sampled);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), ERR_BUSY);
	task_forgive(&k.task);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), ERR_GONE);
	finish(&k);
}

static void
looks_at_one_leg(void **unused)
{
	OPENED({ GET_LEG(LEG_1), .body = LEG(LEG_1, "connected", FLOWING) },
		{ GET_LEG(LEG_1), .body = LEG(LEG_1, "connected", FLOWING) },
		{ GET_LEG(LEG_1), .body = LEG(LEG_2, "connected", FLOWING) });
	struct leg leg = { .id = LEG_1 }, now;
	struct media_sample m;
	assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference, &leg, &now), OK);
	assert_int_equal(now.state, LEG_UP);
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &leg, &m), OK);
	assert_string_equal(m.s[VIDEO][FROM_SITE].codec, "h264");
	/* An answer to another question. */
	assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference, &leg, &now), ERR_PROTOCOL);
	task_forgive(&k.task);
	assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference,
				 &(struct leg){ .id = "../system" }, &now),
		ERR_INPUT);
	finish(&k);
}

static void
mutes_places_and_tells(void **unused)
{
	OPENED({ .expect = { "PUT " API "/callLegs/" LEG_1 " ", "rxAudioMute=false" } },
		{ .expect = { "PUT " API "/calls/" CALL_ID "/participants/* ",
			  "layout=onePlusSeven" } },
		{ .expect = { "PUT " API "/calls/" CALL_ID " ",
			  "messageText=Xin%20ch%C3%A0o&messagePosition=middle&messageDuration="
			  "10" } },
		{ .expect = { "PUT " API "/calls/" CALL_ID " ", "messageText=&",
			  "messageDuration=0" } });
	struct leg leg = { .id = LEG_1 };
	assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &leg, false), OK);
	assert_int_equal(mcu->layout(&k.task, &k.lane, &k.conference, "1+7"), OK);
	assert_int_equal(mcu->message(&k.task, &k.lane, &k.conference, NULL, "Xin chào", 10), OK);
	assert_int_equal(mcu->message(&k.task, &k.lane, &k.conference, NULL, "", 0), OK);
	assert_int_equal(mcu->message(&k.task, &k.lane, &k.conference, &leg, "Xin chào", 10),
		ERR_UNSUPPORTED);
	task_forgive(&k.task);
	assert_int_equal(mcu->layout(&k.task, &k.lane, &k.conference, "9+9"), ERR_UNSUPPORTED);
	finish(&k);
}

/* Two participants at one address: the one that has the leg. */
static void
focus_goes_by_participant(void **unused)
{
	OPENED({ GET_LEG(LEG_1), .body = LEG(LEG_1, "connected", "") },
		{ .expect = { "GET " API "/calls/" CALL_ID "/participants?offset=0" },
			.body = "<participants total=\"3\"><participant "
				"id=\"p-1\"><uri>z@10.2.0.9</uri></participant>"
				"<participant id=\"p-2\"><uri>a@10.2.0.5</uri></participant>"
				"<participant "
				"id=\"p-3\"><uri>a@10.2.0.5</uri></participant></participants>" },
		{ .expect = { "GET " API "/participants/p-2/callLegs" },
			.body = LIST("1", LISTED(LEG_2)) },
		{ .expect = { "GET " API "/participants/p-3/callLegs" },
			.body = LIST("1", LISTED(LEG_1)) },
		{ .expect = { "PUT " API "/calls/" CALL_ID "/participants/* ", "importance=" } },
		{ .expect = { "PUT " API "/participants/p-3 ", "importance=1" } },
		{ .expect = { "PUT " API "/calls/" CALL_ID " ",
			  "panePlacementHighestImportance=1" } },
		{ .expect = { "PUT " API "/calls/" CALL_ID "/participants/* ", "importance=" } },
		{ .expect = { "PUT " API "/calls/" CALL_ID " ", "panePlacementHighestImportance=" },
			.never = "panePlacementHighestImportance=1" });
	struct leg leg = { .id = LEG_1 };
	assert_int_equal(mcu->focus(&k.task, &k.lane, &k.conference, &leg), OK);
	assert_int_equal(mcu->focus(&k.task, &k.lane, &k.conference, NULL), OK);
	finish(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_and_introduces_itself),
		cmocka_unit_test(starts_a_call_in_the_space_of_that_name),
		cmocka_unit_test(makes_the_space_and_removes_it_again),
		cmocka_unit_test(leaves_a_space_that_was_there),
		cmocka_unit_test(an_empty_space_is_no_conference),
		cmocka_unit_test(dials_and_returns_at_once),
		cmocka_unit_test(labels_end_on_a_whole_letter),
		cmocka_unit_test(reads_pages_and_counts_nobody_twice),
		cmocka_unit_test(a_list_that_is_too_short_ends_nobody),
		cmocka_unit_test(a_missing_section_is_no_stream),
		cmocka_unit_test(a_state_that_is_not_told_is_as_it_was),
		cmocka_unit_test(a_line_between_bridges_is_no_leg),
		cmocka_unit_test(a_leg_that_vanished_is_remembered),
		cmocka_unit_test(a_leg_we_hung_up_is_ours),
		cmocka_unit_test(busy_is_later),
		cmocka_unit_test(looks_at_one_leg),
		cmocka_unit_test(mutes_places_and_tells),
		cmocka_unit_test(focus_goes_by_participant),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
