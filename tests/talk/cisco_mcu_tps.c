/* Talks with a Cisco TelePresence Server in standalone mode that works: opening, conferences,
 * dialling, the roster, and the figures that it posts. */
#include "tests/talk/cisco_mcu_tps.h"

/* ---- it works -------------------------------------------------------------------------------- */

static void
opens_and_introduces_itself(void **unused)
{
	OPENED(QUERY);
	struct identity who;
	assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.model, "Telepresence Server 8710");
	assert_int_equal(who.ports.v, 48);
	assert_int_equal(who.uptime_s.v, 77);
	finish(&k);
}

/* Before there were modes there was nothing to tell: fault 1, or no such member. */
static void
a_version_without_modes_is_standalone(void **unused)
{
	BEGIN(QUERY, { CALL("system.info"), .body = FAULT("1", "method not supported") },
		{ CALL("conference.enumerate"), .body = REPLY("") });
	struct conference c;
	assert_int_equal(mcu->open(&k.task, &k.lane), OK);
	assert_int_equal(mcu->find(&k.task, &k.lane, "giao ban", &c), ERR_GONE);
	finish(&k);
}

static void
starts_finds_and_ends_a_conference(void **unused)
{
	OPENED({ CALL("conference.enumerate"), .body = REPLY("") },
		{ CALL("conference.create", "<string>giao ban</string>",
			  "<name>persistent</name><value><boolean>1</boolean>"),
			.body = REPLY(I("conferenceID", "10000") S("conferenceGUID", ROOM)) },
		{ CALL("conference.enumerate"),
			.body = REPLY(LIST("conferences",
				ITEM(S("conferenceName", "khac") S("conferenceGUID", "x")))
					S("enumerateID", "1")) },
		{ CALL("conference.enumerate", "<name>enumerateID</name><value><string>1</string>"),
			.body = REPLY(LIST("conferences",
				ITEM(S("conferenceName", "giao ban") S("conferenceGUID", ROOM)))) },
		{ CALL("conference.delete", IN_ROOM), .body = REPLY("") });
	struct conference c;
	assert_int_equal(
		mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "giao ban" }, &c),
		OK);
	assert_true(c.created);
	assert_string_equal(c.id, ROOM);
	assert_int_equal(mcu->find(&k.task, &k.lane, "giao ban", &c), OK);
	assert_false(c.created);
	assert_string_equal(c.id, ROOM);
	assert_int_equal(mcu->end(&k.task, &k.lane, &c), OK);
	finish(&k);
}

static void
dials_mutes_tells_and_hangs_up(void **unused)
{
	OPENED(NOBODY, { INVITE, .body = INVITED },
		{ CALL("participant.set", "<string>" ONE "</string>",
			  "<name>rxAudioMute</name><value><boolean>1</boolean>"),
			.body = REPLY("") },
		{ CALL("conference.sendmessage", "<string>" ONE "</string>", "<string>alo</string>",
			  "<name>duration</name><value><int>9</int>"),
			.body = REPLY("") },
		{ CALL("conference.sendmessage"), .never = "participantGUID", .body = REPLY("") },
		{ CALL("conference.uninvite", IN_ROOM,
			  "<name>participantListGUID</name><value><string>" ONE "</string>"),
			.body = REPLY("") });
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, ONE);
	assert_string_equal(leg.protocol, "sip");
	assert_int_equal(leg.state, LEG_DIALING);
	assert_int_equal(leg.muted, UNKNOWN); /* an invitation has no word for it */
	assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &leg, true), OK);
	assert_int_equal(mcu->message(&k.task, &k.lane, &k.conference, &leg, "alo", 9), OK);
	assert_int_equal(mcu->message(&k.task, &k.lane, &k.conference, NULL, "alo", 0), OK);
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &k.conference, &leg), OK);
	assert_non_null(strstr(talk_requests(&k), "<name>maxBitRate</name><value><int>1024</int>"));
	finish(&k);
}

/* ---- the roster ------------------------------------------------------------------------------ */

/* An invitation has no word for it: who was dialled to be muted is muted when the list shows it up,
 * once, and a refusal of that spoils no list. */
static void
mutes_who_was_dialled_to_be_muted(void **unused)
{
	static const char up[] =
		REPLY(LIST("participantList", PERSON(ONE, "sip:chutuc@10.2.0.5", UP)));
	OPENED(NOBODY, { INVITE, .body = INVITED },
		STATUS(REPLY(LIST("participantList", PERSON(ONE, "sip:chutuc@10.2.0.5", "")))),
		STATUS(up),
		{ CALL("participant.set", "<string>" ONE "</string>", "<boolean>1</boolean>"),
			.body = REPLY("") },
		STATUS(up), NOBODY, { INVITE, .body = INVITED }, STATUS(up),
		{ CALL("participant.set"), .body = FAULT("201", "operation failed") });
	struct leg leg;
	struct roster all;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].state, LEG_DIALING);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].muted, YES);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.legs[0].muted, UNKNOWN);
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference, &one, &leg), OK);
	assert_int_equal(leg.muted, UNKNOWN);
	finish(&k);
}

/* Two pages, texts without a type, an item without an id, one that moved between the pages; of the
 * states only "connected" is known, the others are never taken for up. */
static void
reads_the_roster_of_two_pages(void **unused)
{
	OPENED({ CALL("conference.status", IN_ROOM), .never = "enumerateID",
		       .body = REPLY(LIST("participantList",
			       ITEM(BARE("participantGUID", ONE) BARE("address", "h323:10.2.0.5")
					       BARE("connectionState", "connected") BARE(
						       "displayName", "Chu Túc") BARE("rxAudioMute",
						       "1")) ITEM(S("address", "sip:nobody"))
				       PERSON(TWO, "sip:b@c", S("connectionState", "alerting")))
				       BARE("enumerateID", "p2")) },
		{ CALL("conference.status", IN_ROOM,
			  "<name>enumerateID</name><value><string>p2</string>"),
			.body = REPLY(LIST("participantList",
				PERSON(TWO, "sip:b@c", "")
					PERSON("t", "d", S("connectionState", "disconnected")))) });
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 3);
	assert_int_equal(all.legs[0].state, LEG_UP);
	assert_int_equal(all.legs[0].muted, YES);
	assert_string_equal(all.legs[0].name, "Chu Túc");
	assert_string_equal(all.legs[0].address, "h323:10.2.0.5");
	assert_false(all.legs[0].sampled);
	assert_int_equal(all.legs[1].state, LEG_DIALING);
	assert_int_equal(all.legs[1].muted, UNKNOWN);
	assert_int_equal(all.legs[2].state, LEG_DIALING);
	assert_string_equal(all.legs[2].address, "h323:d"); /* without a word it is H.323 */
	finish(&k);
}

/* Up, and then anything else: that was an end, told once, whatever the word means. */
static void
who_was_up_and_is_not_any_more_ended(void **unused)
{
#define IN(more) STATUS(REPLY(LIST("participantList", PERSON(ONE, "sip:chutuc@10.2.0.5", more))))
	OPENED(IN(UP), IN(S("connectionState", "disconnected")), IN(""), IN(""), IN(UP));
	static const enum leg_state told[] = { LEG_UP, LEG_GONE, LEG_DIALING, LEG_UP };
	struct roster all;
	struct ending end;
	for (int i = 0; i < 4; i++) {
		assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
		assert_int_equal(all.legs[0].state, told[i]);
		assert_int_equal(all.legs[0].ending.cause, CAUSE_UNKNOWN);
		if (i == 1) {
			assert_int_equal(
				mcu->reason(&k.task, &k.lane, &k.conference, &one, &end), ERR_GONE);
			task_forgive(&k.task);
		}
	}
	finish(&k);
}

/* An address may be listed without the scheme it was dialled with: it is the same leg, and not
 * called a second time. */
static void
an_address_without_its_scheme_is_the_same(void **unused)
{
	OPENED(STATUS(REPLY(LIST("participantList", PERSON(ONE, "ChuTuc@10.2.0.5", UP)))));
	struct leg leg;
	assert_int_equal(mcu->dial(&k.task, &k.lane, &k.conference, &a_dial, &leg), OK);
	assert_string_equal(leg.id, ONE);
	finish(&k);
}

static void
looks_for_one_leg_and_its_end(void **unused)
{
	assert_true(tps_is_standalone(""));
	assert_true(tps_is_standalone("Standalone"));
	assert_false(tps_is_standalone("flexible"));
	assert_false(tps_is_standalone("something new"));
	OPENED(STATUS(REPLY(LIST("participantList", PERSON(ONE, "sip:a@b", UP)))), NOBODY, NOBODY);
	struct leg now;
	struct ending end;
	assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference, &one, &now), OK);
	assert_int_equal(now.state, LEG_UP);
	assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference, &one, &now), ERR_GONE);
	task_forgive(&k.task);
	assert_int_equal(mcu->reason(&k.task, &k.lane, &k.conference, &one, &end), ERR_GONE);
	assert_int_equal(end.cause, CAUSE_UNKNOWN);
	assert_non_null(strstr(k.task.why, "tells no reasons"));
	finish(&k);
}

/* ---- figures, which it posts ----------------------------------------------------------------- */

#define STREAMS \
	LIST("audioRx", ITEM(S("codec", "AAC-LD") I("channelBitRate", "64000") I("jitter", "4") \
					I("energy", "-25") I("packetsReceived", "11400") \
						I("packetErrors", "9") I("packetsMissing", "3"))) \
	LIST("audioTx", \
		ITEM(S("codec", "AAC-LD") I("packetsSent", "11500") I("packetsLost", "2"))) \
	LIST("videoRx", ITEM(S("codec", "H.264") I("height", "288") I("width", "352") I( \
				"actualBitRate", "143892") I("packetsReceived", "2863") \
					I("frameRate", "8")) ITEM(I("packetsReceived", "1"))) \
	LIST("videoTx", "")
#define DIAGNOSE \
	{ \
		CALL("participant.diagnostics", \
			"<name>participantGUID</name><value><string>" ONE "</string>", \
			"<name>receiverURI</name><value><string>" URL "/RPC2</string>", \
			"<name>sourceIdentifier</name><value><string>" ONE "</string>"), \
			.body = REPLY(S("status", "operation successful")) \
	}

static void
is_measured(const struct media_sample *m)
{
	const struct stream *a = &m->s[AUDIO][FROM_SITE], *v = &m->s[VIDEO][FROM_SITE];
	assert_int_equal(a->packets.v, 11400);
	assert_int_equal(a->lost.v, 3);
	assert_int_equal(a->jitter_ms.v, 4);
	assert_int_equal(a->open, YES);
	assert_string_equal(a->codec, "AAC-LD");
	assert_false(a->level_mdb.known); /* its unit is told nowhere */
	assert_false(a->kbps.known);	  /* what was agreed is not what came */
	assert_int_equal(v->packets.v, 2863);
	assert_int_equal(v->kbps.v, 143);
	assert_int_equal(v->width.v, 352);
	assert_int_equal(v->fps.v, 8);
	assert_false(v->lost.known);
	assert_int_equal(m->s[AUDIO][TO_SITE].packets.v, 11500);
	assert_int_equal(m->s[AUDIO][TO_SITE].far_lost.v, 2);
	assert_int_equal(
		m->s[VIDEO][TO_SITE].open, UNKNOWN); /* an empty array is not told to mean closed */
}

static void
post(struct talk *k, const char *body, enum err e)
{
	assert_int_equal(mcu->pushed(&k->task, &k->lane, body, strlen(body)), e);
	task_forgive(&k->task);
}

static void
figures_come_by_post_and_are_told_once(void **unused)
{
	struct media_sample m;
	struct roster all;
	struct trace trace = { 0 };
	static const char up[] = REPLY(LIST("participantList", PERSON(ONE, "sip:a@b", UP)));
	OPENED(DIAGNOSE, STATUS(up), STATUS(up), DIAGNOSE);
	k.task.trace = &trace;
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &one, &m), OK);
	assert_false(m.s[AUDIO][FROM_SITE].packets.known);
	assert_null(strstr(buf_str(&trace.out), SECRET));
	assert_null(strstr(buf_str(&trace.out), "s3cret"));
	k.task.trace = NULL;
	trace_free(&trace);

	post(&k,
		POSTED("participantDiagnosticResponse",
			S("participantGUID", ONE) S("sourceIdentifier", ONE) STREAMS),
		OK);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_true(all.legs[0].sampled);
	is_measured(&all.legs[0].media);
	/* the same figures again would look like counters that stand still */
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_false(all.legs[0].sampled);

	post(&k, POSTED("participantDiagnosticResponse", S("sourceIdentifier", ONE) STREAMS), OK);
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &one, &m), OK);
	is_measured(&m);
	finish(&k);
}

static void
what_nobody_asked_for_is_not_taken(void **unused)
{
	OPENED(NOBODY);
	struct roster all;
	post(&k, POSTED("participantDiagnosticResponse", S("sourceIdentifier", TWO) STREAMS),
		ERR_PROTOCOL);
	post(&k, POSTED("participantDiagnosticResponse", STREAMS), ERR_PROTOCOL);
	post(&k, POSTED("somethingElse", S("sourceIdentifier", ONE) STREAMS), ERR_PROTOCOL);
	post(&k, POSTED("eventNotification", LIST("events", "<value>participantConnected</value>")),
		OK);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 0);
	finish(&k);
}

static void
figures_in_the_answer_itself_count_too(void **unused)
{
	struct media_sample m;
	OPENED({ CALL("participant.diagnostics"), .body = REPLY(STREAMS) });
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &one, &m), OK);
	is_measured(&m);
	finish(&k);
}

static void
without_a_listener_or_with_two_sessions_there_are_no_figures(void **unused)
{
	struct media_sample m;
	OPENED(QUERY);
	struct identity who;
	k.device.push_url = NULL;
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &one, &m), ERR_UNSUPPORTED);
	assert_non_null(strstr(k.task.why, "there is no <listen>"));
	task_forgive(&k.task);
	k.device.push_url = URL;
	k.device.width = 2;
	assert_int_equal(mcu->media(&k.task, &k.lane, &k.conference, &one, &m), ERR_UNSUPPORTED);
	assert_non_null(strstr(k.task.why, "width=\"1\""));
	task_forgive(&k.task);
	assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK); /* it was not asked */
	finish(&k);
}

/* The name of its table of receivers is told nowhere: what is not found in it is registered once a
 * session. */
static void
registers_once_a_session(void **unused)
{
	int again = 0;
	OPENED({ CALL("feedbackReceiver.query"), .body = REPLY(LIST("somethingElse", "")) },
		{ CALL("feedbackReceiver.configure", "<string>" URL "/RPC2</string>"),
			.body = REPLY(I("receiverIndex", "4")) });
	assert_int_equal(mcu->subscribe(&k.task, &k.lane, &again), OK);
	assert_int_equal(mcu->subscribe(&k.task, &k.lane, &again), OK);
	assert_in_range(again, 60, 3600);
	finish(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_and_introduces_itself),
		cmocka_unit_test(a_version_without_modes_is_standalone),
		cmocka_unit_test(starts_finds_and_ends_a_conference),
		cmocka_unit_test(dials_mutes_tells_and_hangs_up),
		cmocka_unit_test(mutes_who_was_dialled_to_be_muted),
		cmocka_unit_test(reads_the_roster_of_two_pages),
		cmocka_unit_test(who_was_up_and_is_not_any_more_ended),
		cmocka_unit_test(an_address_without_its_scheme_is_the_same),
		cmocka_unit_test(looks_for_one_leg_and_its_end),
		cmocka_unit_test(figures_come_by_post_and_are_told_once),
		cmocka_unit_test(what_nobody_asked_for_is_not_taken),
		cmocka_unit_test(figures_in_the_answer_itself_count_too),
		cmocka_unit_test(without_a_listener_or_with_two_sessions_there_are_no_figures),
		cmocka_unit_test(registers_once_a_session),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
