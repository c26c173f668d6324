/* What stands in a Cisco codec's status documents: channels and calls, as releases tell them. */
#include "tests/talk/cisco_roomos.h"

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
		tree(a, DOC("<Diagnostics><Call item=\"1\"><Channels><IncomingVideoChannel "
			    "item=\"1\"><Protocol>H263"
			    "</Protocol><Netstat "
			    "item=\"1\"><ChannelRate>384000</ChannelRate><Loss>1</Loss><Packets>77"
			    "</Packets></Netstat></IncomingVideoChannel><OutgoingAudioChannel "
			    "item=\"1\"><Netstat>"
			    "<Packets>5</Packets></Netstat></OutgoingAudioChannel></Channels></"
			    "Call></Diagnostics>")),
		"1", &m));
	assert_int_equal(m.s[VIDEO][TO_SITE].packets.v, 77);
	assert_int_equal(m.s[VIDEO][TO_SITE].kbps.v, 384);
	assert_int_equal(
		m.s[AUDIO][FROM_SITE].open, UNKNOWN); /* it is there, its protocol is not told */
	assert_int_equal(m.s[AUDIO][TO_SITE].open, NO);
	arena_free(a);
}

static void
channels_belong_to_their_call(void **unused)
{
	struct arena *a = arena_new();
	struct media_sample m;
	const struct xml *two = tree(a, DOC("<MediaChannels><Call item=\"1\">" CHANNEL("1", "Audio",
						"Incoming", "<Protocol>G722</Protocol>", "1", "0",
						"64000") "</Call><Call item=\"2\">" CHANNEL("1",
						"Audio", "Incoming", "<Protocol>AACLD</Protocol>",
						"2", "0", "64000") "</Call></MediaChannels>"));
	assert_true(roomos_read_media(two, "2", &m));
	assert_int_equal(m.s[AUDIO][TO_SITE].packets.v, 2);
	assert_false(roomos_read_media(two, "7", &m));
	assert_int_equal(m.s[AUDIO][TO_SITE].open, UNKNOWN);
	/* One call is listed, and it is another one: a call that came or went between two
	 * questions. What flows there proves nothing of ours. */
	assert_false(
		roomos_read_media(tree(a, DOC("<MediaChannels><Call item=\"8\">" CHANNEL("1",
						  "Audio", "Incoming", "<Protocol>G722</Protocol>",
						  "900", "0", "64000") "</Call></MediaChannels>")),
			"7", &m));
	assert_false(m.s[AUDIO][TO_SITE].packets.known);
	/* Nothing carries anything: what is not listed is not told. */
	assert_true(
		roomos_read_media(tree(a, DOC("<MediaChannels><Call item=\"1\">" CHANNEL("1",
						  "Audio", "Incoming", "<Protocol>Off</Protocol>",
						  "0", "0", "0") "</Call></MediaChannels>")),
			"1", &m));
	assert_int_equal(m.s[AUDIO][TO_SITE].open, NO);
	assert_int_equal(m.s[VIDEO][TO_SITE].open, UNKNOWN);
	arena_free(a);
}

/* It sends a picture and its own receiving channel carries nothing: one-way, not "no picture
 * wanted". */
static void
a_channel_that_is_off_exists(void **unused)
{
	struct arena *a = arena_new();
	struct media_sample m;
	assert_true(roomos_read_media(
		tree(a, DOC("<MediaChannels><Call item=\"1\">" CHANNEL(
				"1", "Video", "Incoming", "<Protocol>Off</Protocol>", "0", "0", "0")
					CHANNEL("2", "Video", "Outgoing", PICTURE("H264"), "7", "0",
						"9000") "</Call></MediaChannels>")),
		"1", &m));
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
		roomos_read_calls(
			tree(a, arena_printf(a,
					DOC("<Call item=\"1\"><Status>%s</Status>%s</Call>"),
					t[i].word, t[i].answer)),
			&c);
		assert_int_equal(c.n, 1);
		assert_int_equal(c.at[0].state, t[i].state);
	}
	roomos_read_calls(tree(a, DOC(CALL("1", "Disconnecting", "") CALL("2", "Dialling", "") UP
					  "<Call item=\"9\" "
					  "ghost=\"True\"><Status>Connected</Status></Call>")),
		&c);
	assert_int_equal(c.n, 2); /* one goes, one is gone */
	assert_string_equal(c.at[0].id, "3");
	assert_string_equal(c.at[1].id, "2");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(channels_of_old_releases_are_read_by_name),
		cmocka_unit_test(channels_belong_to_their_call),
		cmocka_unit_test(a_channel_that_is_off_exists),
		cmocka_unit_test(calls_have_many_words),
	};
	http_global_init();
	xml_global_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
