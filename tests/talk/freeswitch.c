/* Talks with FreeSWITCH that go well: the adapter logs in, starts, dials, lists, looks, mutes,
 * places, tells, plays and ends. */
#include "tests/talk/freeswitch.h"

#include "adapters/freeswitch.h"

#define LISTENED(talks) \
	"\"can_speak\":false,\"mute_detect\":true,\"talking\":" talks ",\"has_video\":true"

static bool
events_heard(struct events *e, const char *word)
{
	pthread_mutex_lock(&e->lock);
	bool heard = strstr(buf_str(&e->heard), word) != NULL;
	pthread_mutex_unlock(&e->lock);
	return heard;
}

static void
opens_and_introduces_itself(void **unused)
{
	OPENED(HELLO);
	struct identity who;
	assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.model, "FreeSWITCH");
	assert_string_equal(who.software, "1.11.1-release");
	assert_int_equal(who.uptime_s.v, 86400 + 2 * 3600 + 3 * 60 + 26);
	assert_int_equal(who.ports.v, 1000);
	assert_int_equal(events.logins, 1);
	assert_true(events_heard(&events, "auth labpass\n\n"));
	assert_true(events_heard(&events, "CHANNEL_HANGUP_COMPLETE"));
	finish(&k);
}

static void
start_makes_nothing(void **unused)
{
	OPENED({ CALL("conference", "giao-ban-thang-3-e96b859d json_list"),
		       .body = REPLY("-ERR Conference giao-ban-thang-3-e96b859d not found\n") },
		ROOM(MEMBER("7", OTHER, "An", QUIET)), NO_ROOM);
	struct conference c;
	assert_int_equal(mcu->start(&k.task, &k.lane,
				 &(struct conference_spec){ .name = "Giao ban tháng 3" }, &c),
		OK);
	assert_true(c.created);
	assert_string_equal(c.id, "giao-ban-thang-3-e96b859d");
	assert_string_equal(c.name, "Giao ban tháng 3");
	assert_int_equal(
		mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "giao-ban" }, &c),
		OK);
	assert_false(c.created);
	assert_int_equal(mcu->find(&k.task, &k.lane, "giao-ban", &c), ERR_GONE);
	finish(&k);
}

static void
dials_and_returns_at_once(void **unused)
{
	OPENED(NOBODY_YET,
		{ CALL("conference",
			  "giao-ban bgdial {origination_uuid=" MINE ",ignore_early_media=true,",
			  "origination_caller_id_name=chu-tuc,",
			  "conference_member_flags=mute|mute-detect}sofia/lab/"
			  "sip:chutuc@10.2.0.5<"),
			.body = REPLY("+OK Job-UUID: " JOB "\n") });
	struct leg leg, again;
	dial_it(&k, &leg);
	assert_int_equal(leg.state, LEG_DIALING);
	assert_string_equal(leg.name, "chu-tuc");
	assert_string_equal(leg.address, "sip:chutuc@10.2.0.5");
	assert_int_equal(leg.muted, UNKNOWN);
	assert_true(leg.configured);
	dial_it(&k, &again); /* no second order */
	const char *sent = talk_requests(&k);
	assert_non_null(strstr(sent, "tongduyet_leg=chu-tuc,"));
	assert_null(strstr(sent, "Chu Túc")); /* a site's name never stands in a command */
	finish(&k);
}

static void
the_same_order_after_a_restart_of_ours_is_not_given_twice(void **unused)
{
	OPENED({ CALL("uuid_exists", MINE), .body = REPLY("true") });
	struct leg leg;
	dial_it(&k, &leg);
	finish(&k);
}

static void
reads_the_roster_of_two_lists(void **unused)
{
	OPENED(ROOM(MEMBER("5", MINE, "Outbound Call", MUTED) "," MEMBER("4", OTHER,
		       "Outbound Call",
		       SPEAKS) ",{\"type\":\"recording_node\",\"record_path\":\"x\"}"),
		CHANNELS(ROW(MINE, "chutuc@10.2.0.5", "ACTIVE", "conference", "chu-tuc") "," ROW(
			OTHER, "site01@127.0.1.1:5060", "ACTIVE", "conference", "") "," ROW(SECOND,
			"chutuc@10.2.0.5", "RINGING", "",
			"chu-tuc~2") "," ROW("7464d929-0a2e-8013-9279-7ac1a4608971", "x@10.2.0.6",
			"RINGING", "", "foreign")),
		STATS(MINE, "\"audio\":" FIGURES("1867", "16", "0", "1872") ",\"video\":" FIGURES(
				    "90", "0", "0", "80")),
		AUDIO_OF(OTHER, "254", "58", "309"));
	/* Nothing was dialled in this session: it is another one than the one that gave the
	 * orders. */
	struct roster all = list(&k);
	assert_int_equal(all.n, 3);
	const struct leg *a = &all.legs[0], *b = &all.legs[1], *c = &all.legs[2];
	assert_string_equal(a->id, MINE);
	assert_string_equal(a->name, "chu-tuc");
	assert_string_equal(a->address, "sip:chutuc@10.2.0.5");
	assert_string_equal(a->protocol, "sip");
	assert_true(a->configured);
	assert_int_equal(a->state, LEG_UP);
	assert_int_equal(a->muted, YES);
	assert_int_equal(a->media.speech, UNKNOWN); /* a muted one never talks */
	assert_true(a->sampled);
	assert_int_equal(a->media.s[AUDIO][FROM_SITE].packets.v, 1867);
	assert_int_equal(a->media.s[AUDIO][FROM_SITE].lost.v, 16);
	assert_int_equal(a->media.s[AUDIO][TO_SITE].packets.v, 1872);
	assert_string_equal(a->media.s[AUDIO][TO_SITE].codec, "PCMU");
	assert_int_equal(a->media.s[VIDEO][FROM_SITE].open, YES);
	assert_int_equal(a->media.s[VIDEO][FROM_SITE].packets.v, 90);
	assert_false(a->media.s[AUDIO][TO_SITE].far_received.known);
	assert_false(a->media.s[AUDIO][FROM_SITE].level_mdb.known); /* energy 100 is a threshold */

	assert_false(b->configured);
	assert_string_equal(b->name, "site01");
	assert_int_equal(b->muted, NO);
	assert_int_equal(b->media.speech, YES);
	assert_int_equal(b->media.s[VIDEO][TO_SITE].open, NO);

	assert_string_equal(c->id, SECOND);
	assert_int_equal(c->state, LEG_RINGING);
	assert_string_equal(c->name, "chu-tuc~2");
	finish(&k);
}

/* Who is called is looked at without the rest: two requests. */
static void
looks_at_one_leg(void **unused)
{
	OPENED(ROOM(MEMBER("4", OTHER, "An", QUIET) "," MEMBER("5", MINE, "chu-tuc", SPEAKS)),
		AUDIO_OF(MINE, "100", "0", "99"), ROOM(MEMBER("4", OTHER, "An", QUIET)), NO_ROOM);
	struct leg leg = { .id = MINE }, out;
	assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference, &leg, &out), OK);
	assert_string_equal(out.id, MINE);
	assert_int_equal(out.state, LEG_UP);
	assert_int_equal(out.media.speech, YES);
	assert_true(out.sampled);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference, &leg, &out), ERR_GONE);
		task_forgive(&k.task);
	}
	finish(&k);
}

static void
mutes_places_and_tells(void **unused)
{
	OPENED(ROOM(MEMBER("12", OTHER, "An", QUIET)),
		{ CALL("conference", "giao-ban mute 12<"), .body = REPLY("+OK mute 12\n") },
		/* It was dialled again meanwhile: another number. */
		ROOM(MEMBER("13", OTHER, "An", MUTED)),
		{ CALL("conference", "giao-ban unmute 13<"), .body = REPLY("+OK unmute 13\n") },
		{ CALL("conference", "giao-ban vid-layout group grid<"),
			.body = REPLY("+OK Change canvas 1 to group [grid]\n") },
		ROOM(MEMBER("13", OTHER, "An", MUTED)),
		{ CALL("conference", "giao-ban vid-floor 13 force<"),
			.body = REPLY("+OK video floor 13 An\n") },
		{ CALL("conference", "giao-ban clear-vid-floor<"), .body = REPLY("") },
		{ CALL("conference", "giao-ban vid-banner all Xin%20ch%C3%A0o%7D<"),
			.body = REPLY("+OK\n+OK\n") });
	struct leg leg = { .id = OTHER, .name = "An" };
	assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &leg, true), OK);
	assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &leg, false), OK);
	assert_int_equal(mcu->layout(&k.task, &k.lane, &k.conference, "equal"), OK);
	assert_int_equal(mcu->focus(&k.task, &k.lane, &k.conference, &leg), OK);
	assert_int_equal(mcu->focus(&k.task, &k.lane, &k.conference, NULL), OK);
	assert_int_equal(mcu->message(&k.task, &k.lane, &k.conference, NULL, "Xin chào}", 10), OK);
	finish(&k);
}

/* A muted one that is listened to tells whether it spoke since; that is taken out before it is
 * unmuted, or it would look like an answer. */
static void
hears_a_muted_one(void **unused)
{
	OPENED(ROOM(MEMBER("4", OTHER, "An", LISTENED("false"))),
		AUDIO_OF(OTHER, "585", "158", "740"),
		ROOM(MEMBER("4", OTHER, "An", LISTENED("true"))),
		AUDIO_OF(OTHER, "685", "158", "840"),
		ROOM(MEMBER("4", OTHER, "An", LISTENED("true"))),
		{ CALL("conference", "giao-ban mute 4 quiet<"), .body = REPLY("+OK mute 4\n") },
		{ CALL("conference", "giao-ban unmute 4<"), .body = REPLY("+OK unmute 4\n") },
		ROOM(MEMBER("4", OTHER, "An", LISTENED("false"))),
		{ CALL("conference", "giao-ban unmute 4<"), .body = REPLY("+OK unmute 4\n") });
	struct leg leg = { .id = OTHER, .name = "An" }, out;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(mcu->look(&k.task, &k.lane, &k.conference, &leg, &out), OK);
		assert_int_equal(out.muted, YES);
		assert_int_equal(out.media.speech, tri_of(i));
	}
	for (int i = 0; i < 2; i++)
		assert_int_equal(mcu->mute(&k.task, &k.lane, &k.conference, &leg, false), OK);
	finish(&k);
}

static void
plays_tones(void **unused)
{
	OPENED({ CALL("conference", "giao-ban play tone_stream://%(1000,1000,800);loops=5<"),
		       .body = REPLY("+OK (play) Playing file "
				     "tone_stream://%(1000,1000,800);loops=5\n") },
		ROOM(MEMBER("4", OTHER, "An", QUIET)),
		{ CALL("conference", "giao-ban play tone_stream://%(1000,0,800) 4<"),
			.body = REPLY("+OK (play) Playing file tone_stream://%(1000,0,800) to "
				      "member 4\n") },
		{ CALL("conference", "giao-ban play"),
			.body = REPLY(
				"-ERR (play) File: tone_stream://%(1000,0,800) not found.\n") },
		NO_ROOM);
	struct leg leg = { .id = OTHER, .name = "An" };
	assert_int_equal(mcu->play(&k.task, &k.lane, &k.conference, NULL, 10), OK);
	assert_int_equal(mcu->play(&k.task, &k.lane, &k.conference, &leg, 1), OK);
	assert_true(mcu->play(&k.task, &k.lane, &k.conference, NULL, 1) != OK);
	task_forgive(&k.task);
	assert_int_equal(mcu->play(&k.task, &k.lane, &k.conference, &leg, 1), ERR_GONE);
	finish(&k);
}

static void
ends_with_those_on_the_way(void **unused)
{
	OPENED(ROOM(MEMBER("1", OTHER, "An", QUIET)),
		CHANNELS(ROW(OTHER, "a@b", "ACTIVE", "conference", "") "," ROW(
			MINE, "a@b", "RINGING", "", "chu-tuc")),
		{ CALL("uuid_kill", MINE), .body = REPLY("+OK\n") },
		{ CALL("conference", "giao-ban hup all<"), .body = REPLY("+OK hup 1\n") }, NO_ROOM,
		NO_CHANNELS,
		{ CALL("conference", "giao-ban hup all<"),
			.body = REPLY("-ERR Conference giao-ban not found\n") });
	assert_int_equal(mcu->end(&k.task, &k.lane, &k.conference), OK);
	assert_int_equal(mcu->end(&k.task, &k.lane, &k.conference), OK); /* it ended by itself */
	finish(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_and_introduces_itself),
		cmocka_unit_test(start_makes_nothing),
		cmocka_unit_test(dials_and_returns_at_once),
		cmocka_unit_test(the_same_order_after_a_restart_of_ours_is_not_given_twice),
		cmocka_unit_test(reads_the_roster_of_two_lists),
		cmocka_unit_test(looks_at_one_leg),
		cmocka_unit_test(mutes_places_and_tells),
		cmocka_unit_test(hears_a_muted_one),
		cmocka_unit_test(plays_tones),
		cmocka_unit_test(ends_with_those_on_the_way),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
