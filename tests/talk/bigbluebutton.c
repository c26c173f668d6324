/* Talks with a BigBlueButton server: the adapter against a scripted peer on loopback, one test per
 * way in which such a talk goes, and one per trap of this family. */
#include "adapters/bigbluebutton.h"

#include "adapters/internal.h"
#include "adapters/wire/http.h"
#include "adapters/wire/xml.h"
#include "tests/talk/peer.h"
#include "tests/talk/talk.h"

#define API "/bigbluebutton/api"
#define GOOD(inner) \
	"<response><returncode>SUCCESS</returncode>" inner \
	"<messageKey></messageKey><message></message></response>"
#define BAD(key, words) \
	"<response><returncode>FAILED</returncode><messageKey>" key "</messageKey><message>" words \
	"</message></response>"
/* sha1("getMeetings" "s3cret") */
#define HELLO \
	{ \
		.expect = { "GET " API \
			    "/getMeetings?checksum=b69fea52f706633b55074bc375a8ddb913e28cfa " }, \
		.never = "s3cret", .body = GOOD("<meetings/>") \
	}
#define MEETING(id, name, more) \
	"<meeting><meetingName>" name "</meetingName><meetingID>" id "</meetingID>" more \
	"</meeting>"
#define INFO "GET " API "/getMeetingInfo?meetingID=giao%20ban&checksum="
#define WHO(attendees) \
	{ \
		.expect = { INFO }, \
		.body = GOOD("<meetingName>giao ban</meetingName><meetingID>giao " \
			     "ban</meetingID><attendees>" attendees "</attendees>") \
	}
#define SOMEBODY(id, listens, voice, video) \
	"<attendee><userID>" id \
	"</userID><fullName>X\u00e3 Chu " \
	"T\u00fac</fullName><role>VIEWER</role><isPresenter>false</isPresenter>" \
	"<isListeningOnly>" listens "</isListeningOnly><hasJoinedVoice>" voice \
	"</hasJoinedVoice><hasVideo>" video "</hasVideo><clientType>HTML5</clientType></attendee>"

static const struct mcu_adapter *const mcu = &bigbluebutton_adapter;

static const struct device box = { .name = "web",
	.adapter = "bigbluebutton",
	.url = "http://127.0.0.1:PORT/",
	.password = "s3cret" };
static const struct conference room = { .id = "giao ban", .name = "giao ban" };
enum { TALK_MS = 30000 };

#include "tests/talk/mcu.h"

/* ---- it works -------------------------------------------------------------------------------- */

/* Over the query as it is sent, not as it is meant; sums reckoned by other means. */
static void
signs_what_it_sends(void **unused)
{
	char sum[BBB_SUM_SIZE];
	assert_true(bbb_checksum("getMeetings", "", "s3cret", "sha1", sum));
	assert_string_equal(sum, "b69fea52f706633b55074bc375a8ddb913e28cfa");
	assert_true(bbb_checksum("getMeetings", "", "s3cret", "sha256", sum));
	assert_string_equal(
		sum, "906e86f32a18b084ac7b80d787b0490d86fe8db222a054630fb772e7b4fabf13");
	assert_true(bbb_checksum("getMeetings", "", "s3cret", "sha384", sum));
	assert_string_equal(sum, "cd7679709e3ae70a65b63535e375a1da80e80d9d4ee5f362cedb129d11bdfce2"
				 "ddf4ca44c1abc42248e1b195b8c60345");
	assert_true(bbb_checksum("getMeetings", "", "s3cret", "SHA512", sum));
	assert_string_equal(sum,
		"64151217738db4e25f25dada4f2eabf361526bc75fe0ddcf83a51e3a090d54a5"
		"4f36fa90d31c5fdf81c2716469b27b21f106e8700610fa8c5d828718bfa0b4c2");
	assert_false(bbb_checksum("getMeetings", "", "s3cret", "md5", sum));
	OPENED({ .expect = { INFO "f43421dda0eae12ef6a3a88eaf8473b8ef7faef4 " },
		       .body = GOOD("<meetingID>giao ban</meetingID><attendees/>") },
		{ .expect = { "GET " API " " },
			.never = "checksum",
			.body = GOOD("<version>2.0</version><bbbVersion>2.7.1</bbbVersion>") },
		{ .expect = { "GET " API " " }, .body = GOOD("<version>0.9</version>") });
	struct roster all;
	struct identity who;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 0);
	assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.software, "2.7.1");
	assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK);
	assert_string_equal(who.software, "0.9");
	finish(&k);
}

static void
finds_by_id_or_name(void **unused)
{
	OPENED({ .expect = { "/getMeetings?" },
		       .body = GOOD("<meetings>" MEETING("a", "khac", "") MEETING(
			       "b", "giao ban", "<hasBeenForciblyEnded>true</hasBeenForciblyEnded>")
				       MEETING("c", "giao ban", "") "</meetings>") },
		{ .expect = { "/getMeetings?" },
			.body = GOOD("<meetings>" MEETING(
				"giao ban", "Giao ban tuan", "") "</meetings>") },
		{ .expect = { "/getMeetings?" }, .body = GOOD("<meetings></meetings>") });
	struct conference c;
	assert_int_equal(mcu->find(&k.task, &k.lane, "giao ban", &c), OK);
	assert_string_equal(c.id, "c");
	assert_int_equal(mcu->find(&k.task, &k.lane, "giao ban", &c), OK);
	assert_string_equal(c.id, "giao ban");
	assert_int_equal(mcu->find(&k.task, &k.lane, "giao ban", &c), ERR_GONE);
	finish(&k);
}

/* Its answer was lost: made twice is made once. */
static void
makes_one_and_ends_it(void **unused)
{
	OPENED({ .expect = { "/getMeetings?" }, .body = GOOD("<meetings/>") },
		{ .expect = { "/create?meetingID=giao%20ban&name=giao%20ban&muteOnStart=true&"
			      "checksum=" },
			.how = PEER_DROP },
		{ .expect = { "/create?meetingID=giao%20ban" },
			.body = "<response><returncode>SUCCESS</returncode>"
				"<meetingID>giao "
				"ban</meetingID><messageKey>duplicateWarning</messageKey></"
				"response>" },
		{ .expect = { "/end?meetingID=giao%20ban&checksum=" }, .body = GOOD("") },
		{ .expect = { "/end?" }, .body = BAD("notFound", "gone") });
	struct conference c;
	assert_int_equal(
		mcu->start(&k.task, &k.lane,
			&(struct conference_spec){ .name = "giao ban", .muted = true }, &c),
		OK);
	assert_true(c.created);
	assert_int_equal(mcu->end(&k.task, &k.lane, &c), OK);
	assert_int_equal(mcu->end(&k.task, &k.lane, &c), ERR_GONE);
	assert_string_equal(k.task.why, "end meeting on web: notFound: gone");
	finish(&k);
}

/* Somebody was quicker: it is not ours to end. */
static void
one_that_was_there_is_not_ours(void **unused)
{
	OPENED({ .expect = { "/getMeetings?" }, .body = GOOD("<meetings/>") },
		{ .expect = { "/create?meetingID=giao%20ban" },
			.body = "<response><returncode>SUCCESS</returncode><meetingID>giao "
				"ban</meetingID><messageKey>duplicateWarning</messageKey>"
				"</response>" });
	struct conference c;
	assert_int_equal(
		mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "giao ban" }, &c),
		OK);
	assert_false(c.created);
	finish(&k);
}

/* In with two browsers, one for the sound and one for the picture: one site. */
static void
one_site_with_two_browsers_is_one_leg(void **unused)
{
	OPENED(WHO(SOMEBODY("s1", "false", "true", "false") SOMEBODY(
		"s2", "false", "false", "false") SOMEBODY("s1", "false", "false", "true")));
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 2);
	assert_string_equal(all.legs[0].id, "s1");
	assert_int_equal(all.legs[0].media.s[AUDIO][FROM_SITE].open, YES);
	assert_int_equal(all.legs[0].media.s[VIDEO][FROM_SITE].open, YES);
	assert_string_equal(all.legs[1].id, "s2");
	finish(&k);
}

/* A joined microphone was begun: nothing says that it is heard. What is not told is not "no". */
static void
flags_are_no_figures(void **unused)
{
	OPENED(WHO(SOMEBODY("chu-tuc", "false", "true", "true") SOMEBODY(
		"w_2", "true", "false", "false") SOMEBODY("w_3", "false", "false", "false")
			SOMEBODY("w_4", "true", "true", "false")));
	struct roster all;
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_int_equal(all.n, 4);
	const struct leg *one = &all.legs[0];
	assert_string_equal(one->id, "chu-tuc");
	assert_string_equal(one->address, "chu-tuc");
	assert_string_equal(one->name, "Xã Chu Túc");
	assert_true(one->incoming && !one->configured);
	assert_int_equal(one->state, LEG_UP);
	assert_int_equal(one->muted, UNKNOWN);
	assert_int_equal(one->media.s[AUDIO][FROM_SITE].open, YES);
	assert_int_equal(one->media.s[VIDEO][FROM_SITE].open, YES);
	assert_int_equal(one->media.s[VIDEO][TO_SITE].open, UNKNOWN);
	assert_false(one->media.s[AUDIO][FROM_SITE].packets.known ||
		     one->media.s[AUDIO][FROM_SITE].kbps.known);
	assert_int_equal(all.legs[1].media.s[AUDIO][FROM_SITE].open, UNKNOWN);
	assert_int_equal(all.legs[1].media.s[AUDIO][TO_SITE].open, YES);
	assert_false(all.legs[2].sampled);
	assert_int_equal(
		all.legs[3].media.s[AUDIO][FROM_SITE].open, UNKNOWN); /* joined to listen */
	assert_null(mcu->dial);
	assert_null(mcu->hangup);
	assert_null(mcu->mute);
	assert_int_equal(mcu->evidence, 0);
	finish(&k);
}

/* ---- it refuses, hangs, drops, lies ---------------------------------------------------------- */

static void
a_wrong_secret_is_tried_once(void **unused)
{
	BEGIN({ .expect = { "/getMeetings?checksum=" },
		.body = BAD("checksumError", "Checksums do not match") });
	mcu_refuses_login(&k);
}

static void
a_refusal_keeps_the_words(void **unused)
{
	OPENED({ .expect = { "/getMeetings?" }, .body = GOOD("<meetings/>") },
		{ .expect = { "/create?" },
			.body = BAD(
				"idNotUnique", "A meeting already exists with that meeting ID.") },
		{ .expect = { INFO }, .body = BAD("notFound", "") },
		{ .expect = { INFO }, .body = "x", .head = "503 Service Unavailable" });
	struct conference c;
	struct roster all;
	assert_int_equal(
		mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "giao ban" }, &c),
		ERR_REFUSED);
	assert_string_equal(k.task.why, "open a meeting on web: idNotUnique: A meeting already "
					"exists with that meeting ID.");
	task_forgive(&k.task);
	assert_int_equal(mcu->start(&k.task, &k.lane,
				 &(struct conference_spec){ .name = "x", .layout = "equal" }, &c),
		ERR_UNSUPPORTED);
	task_forgive(&k.task);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), ERR_GONE);
	task_forgive(&k.task);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), ERR_BUSY);
	finish(&k);
}

static void
silence_ends_at_the_deadline(void **unused)
{
	OPENED({ .expect = { INFO }, .how = PEER_HANG });
	mcu_is_silent(&k);
}

static void
a_cancelled_order_comes_back(void **unused)
{
	OPENED({ .expect = { "/getMeetings?" }, .how = PEER_CANCEL });
	struct conference c;
	assert_int_equal(
		mcu->start(&k.task, &k.lane, &(struct conference_spec){ .name = "giao ban" }, &c),
		ERR_CANCELED);
	finish(&k);
}

/* Another meeting's answer, another server's page, an entity, half a document, nothing, no HTTP. */
static void
garbage_is_not_understood(void **unused)
{
#define SAID(text) { .expect = { INFO }, .body = text }
	OPENED(SAID(GOOD("<meetingID>khac</meetingID><attendees/>")),
		SAID("<html><returncode>SUCCESS</returncode></html>"),
		SAID("<response><returncode>MAYBE</returncode></response>"),
		SAID("<!DOCTYPE a [<!ENTITY b \"c\">]><response>&b;</response>"),
		SAID("<response><returncode>SUCC"), SAID(""),
		SAID(GOOD("<meetingID>giao ban</meetingID>")),
		{ .expect = { INFO }, .how = PEER_GARBAGE });
	mcu_talks_garbage(&k, 8);
}

static void
an_answer_cut_off_is_asked_again_once(void **unused)
{
	OPENED({ .expect = { INFO },
		       .how = PEER_CUT,
		       .body = GOOD("<meetingID>giao ban</meetingID><attendees/>") },
		WHO(""), { .expect = { INFO }, .how = PEER_DROP },
		{ .expect = { INFO }, .how = PEER_DROP });
	mcu_is_cut_off(&k);
}

/* A path of its own in the url, and the other hash. */
static void
the_url_may_say_more(void **unused)
{
	static const struct peer_step steps[] = {
		{ .expect = { "GET "
			      "/b/api/"
			      "getMeetings?checksum="
			      "906e86f32a18b084ac7b80d787b0490d86fe8db222a054630fb772e7b4fabf13 " },
			.body = GOOD("<meetings/>") }
	};
	struct talk k;
	struct device other = box;
	other.url = "http://127.0.0.1:PORT/b?checksum=sha256";
	talk_begin(&k, &other, &(struct peer){ .steps = steps, .n = 1 }, TALK_MS);
	assert_int_equal(mcu->open(&k.task, &k.lane), OK);
	finish(&k);
}

/* A word that is no hash would be a refused login, and perhaps a lock: it is never sent. */
static void
another_hash_is_not_guessed(void **unused)
{
	struct talk k;
	struct device other = box;
	other.url = "http://127.0.0.1:PORT/?checksum=md5";
	talk_begin(&k, &other, &(struct peer){ .n = 0 }, TALK_MS);
	assert_int_equal(mcu->open(&k.task, &k.lane), ERR_INPUT);
	assert_non_null(strstr(k.task.why, "checksum=md5"));
	finish(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_what_it_sends),
		cmocka_unit_test(finds_by_id_or_name),
		cmocka_unit_test(makes_one_and_ends_it),
		cmocka_unit_test(one_that_was_there_is_not_ours),
		cmocka_unit_test(one_site_with_two_browsers_is_one_leg),
		cmocka_unit_test(flags_are_no_figures),
		cmocka_unit_test(a_wrong_secret_is_tried_once),
		cmocka_unit_test(a_refusal_keeps_the_words),
		cmocka_unit_test(silence_ends_at_the_deadline),
		cmocka_unit_test(a_cancelled_order_comes_back),
		cmocka_unit_test(garbage_is_not_understood),
		cmocka_unit_test(an_answer_cut_off_is_asked_again_once),
		cmocka_unit_test(the_url_may_say_more),
		cmocka_unit_test(another_hash_is_not_guessed),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
