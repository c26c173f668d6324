/* The words of FreeSWITCH: commands, causes of ends, URLs, uuids, the table of legs and the event
 * socket's messages. */
#include "tests/talk/freeswitch.h"

#include "adapters/freeswitch.h"

/* Nothing that would split arguments or open a variable reaches the device: no request is made at
 * all. */
static void
what_must_not_be_in_a_command(void **unused)
{
	OPENED(HELLO);
	static const struct {
		const char *address, *leg_name;
		enum err want;
	} rows[] = {
		{ "h323:1234@10.0.0.1", "a", ERR_UNSUPPORTED },
		{ "1234", "a", ERR_UNSUPPORTED },
		{ "", "a", ERR_INPUT },
		{ "sip:a b@c", "a", ERR_INPUT },
		{ "sip:a@b,sofia/lab/sip:c@d", "a", ERR_INPUT },
		{ "sip:a@b|error/x", "a", ERR_INPUT },
		{ "sip:${x}@b", "a", ERR_INPUT },
		{ "sip:a@b}c", "a", ERR_INPUT },
		{ "sip:a@b\nc", "a", ERR_INPUT },
		{ "sip:a@b'c", "a", ERR_INPUT },
		{ "sip:a@b:_:c", "a", ERR_INPUT },
		{ "sip:a@[b]", "a", ERR_INPUT },
		{ "sip:ã@b", "a", ERR_INPUT },
		{ "sip:", "a", ERR_INPUT },
		{ "sip:a@b", "a b", ERR_INPUT },
		{ "sip:a@b", "a,b=c", ERR_INPUT },
		{ "sip:a@b", "a}b", ERR_INPUT },
		{ "sip:a@b", "Chu Túc", ERR_INPUT },
		{ "sip:a@b", "", ERR_INPUT },
	};
	struct leg leg;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dial d = {
			.address = rows[i].address, .leg_name = rows[i].leg_name, .attempt = "x"
		};
		assert_int_equal(
			mcu->dial(&k.task, &k.lane, &k.conference, &d, &leg), rows[i].want);
		task_forgive(&k.task);
	}
	struct conference bad = { .id = "a b" };
	assert_int_equal(mcu->dial(&k.task, &k.lane, &bad, &a_dial, &leg), ERR_INPUT);
	task_forgive(&k.task);
	struct leg wrong = { .id = "x y" };
	assert_int_equal(mcu->hangup(&k.task, &k.lane, &k.conference, &wrong), ERR_INPUT);
	task_forgive(&k.task);
	struct identity who;
	assert_int_equal(mcu->probe(&k.task, &k.lane, &who), OK);
	finish(&k);
}

static void
words_of_ends(void **unused)
{
	static const struct {
		struct fs_end end;
		enum cause want;
	} rows[] = {
		{ { .cause = "USER_BUSY", .sip = "486" }, CAUSE_BUSY },
		{ { .cause = "CALL_REJECTED", .sip = "603" }, CAUSE_REJECTED },
		{ { .cause = "CALL_REJECTED", .sip = "407" }, CAUSE_AUTH },
		{ { .cause = "NO_ANSWER", .rang = YES }, CAUSE_NO_ANSWER },
		{ { .cause = "NO_ANSWER" }, CAUSE_NO_ANSWER },
		{ { .cause = "NO_ANSWER", .rang = NO }, CAUSE_UNREACHABLE },
		{ { .cause = "UNALLOCATED_NUMBER", .sip = "404" }, CAUSE_WRONG_ADDRESS },
		/* 503 told by the other side, and 503 made here for a dead address. */
		{ { .cause = "NORMAL_TEMPORARY_FAILURE", .sip = "503", .replied = YES },
			CAUSE_REJECTED },
		{ { .cause = "NORMAL_TEMPORARY_FAILURE", .sip = "503", .replied = NO },
			CAUSE_UNREACHABLE },
		{ { .cause = "NORMAL_TEMPORARY_FAILURE" }, CAUSE_UNKNOWN }, /* which, nobody told */
		{ { .cause = "INCOMPATIBLE_DESTINATION", .sip = "488" }, CAUSE_INCOMPATIBLE },
		{ { .cause = "NO_USER_RESPONSE", .sip = "480" }, CAUSE_UNKNOWN },
		{ { .cause = "NO_USER_RESPONSE", .sip = "480", .rang = YES }, CAUSE_NO_ANSWER },
		{ { .cause = "INVALID_PROFILE" }, CAUSE_MCU },
		{ { .cause = "CHAN_NOT_IMPLEMENTED" }, CAUSE_MCU },
		{ { .cause = "DESTINATION_OUT_OF_ORDER" }, CAUSE_MCU },
		{ { .cause = "RECOVERY_ON_TIMER_EXPIRE" }, CAUSE_UNREACHABLE },
		{ { .cause = "RECOVERY_ON_TIMER_EXPIRE", .answered = YES }, CAUSE_NETWORK },
		{ { .cause = "MEDIA_TIMEOUT" }, CAUSE_NETWORK },
		{ { .cause = "NORMAL_CLEARING", .disposition = "recv_bye" }, CAUSE_SITE_HANGUP },
		{ { .cause = "NORMAL_CLEARING", .disposition = "send_bye" }, CAUSE_OUR_HANGUP },
		{ { .cause = "NORMAL_CLEARING" }, CAUSE_UNKNOWN },
		{ { .cause = "SUNSPOTS" }, CAUSE_UNKNOWN },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (fs_ending(&rows[i].end).cause != rows[i].want)
			fail_msg("%s %s: %s", rows[i].end.cause, rows[i].end.sip,
				cause_name(fs_ending(&rows[i].end).cause));
}

static void
words_of_urls(void **unused)
{
	struct fs_where w;
	char why[120];
	assert_true(fs_where("http://10.1.1.1:8080/?esl=8022&profile=lab&esl-secret=Clue%20Con", &w,
		why, sizeof why));
	assert_string_equal(w.host, "10.1.1.1");
	assert_int_equal(w.esl_port, 8022);
	assert_string_equal(w.profile, "lab");
	assert_string_equal(w.esl_secret, "Clue Con");
	assert_true(fs_where("https://mcu.example", &w, why, sizeof why));
	assert_int_equal(w.esl_port, FS_ESL_PORT);
	assert_string_equal(w.profile, "internal");
	assert_true(fs_where("http://[::1]:8080?esl=0", &w, why, sizeof why));
	assert_string_equal(w.host, "::1");
	assert_int_equal(w.esl_port, 0);
	assert_int_equal(w.media_timeout_s, 300);
	assert_true(fs_where("http://a/?media-timeout=15", &w, why, sizeof why));
	assert_int_equal(w.media_timeout_s, 15);
	assert_false(fs_where("http://a/?media-timeout=4", &w, why, sizeof why));
	assert_false(fs_where("http://a/?media-timeout=5s", &w, why, sizeof why));
	assert_false(fs_where("http://a/?esl=x", &w, why, sizeof why));
	assert_false(fs_where("http://a/?profile=a/b", &w, why, sizeof why));
	assert_false(fs_where("http:///", &w, why, sizeof why));
	assert_false(fs_where(NULL, &w, why, sizeof why));
}

static void
uuids_carry_order_and_conference(void **unused)
{
	char a[FS_UUID_SIZE], b[FS_UUID_SIZE];
	fs_uuid(a, "run/chu-tuc/1", "giao-ban");
	assert_string_equal(a, MINE);
	fs_uuid(b, "run/chu-tuc/2", "giao-ban");
	assert_string_equal(b, SECOND);
	assert_true(fs_is_ours_in(a, "giao-ban") && fs_is_ours_in(b, "giao-ban"));
	assert_false(fs_is_ours_in(a, "other"));
	assert_false(fs_is_ours(OTHER));
	assert_false(fs_is_ours("7464"));
	assert_false(fs_is_ours(NULL));
	struct buf out = { 0 };
	struct dial d = a_dial;
	d.kbps = 768;
	d.audio_only = true;
	fs_dial_string(&out, &(struct fs_where){ .profile = "lab", .media_timeout_s = 300 }, a, &d);
	assert_non_null(strstr(out.at, "rtp_video_max_bandwidth_in=768kb,"));
	assert_non_null(strstr(
		out.at, "absolute_codec_string=^^:G722:PCMU:PCMA}")); /* no comma inside a value */
	/* A muted leg is counted right only with this; reports come only with those. */
	assert_non_null(strstr(out.at, ",media_timeout=300000,rtcp_audio_interval_msec=5000,rtcp_"
				       "video_interval_msec=5000,"));
	buf_free(&out);
	assert_ptr_equal(mcu_adapter_find("freeswitch"), mcu);
}

/* An answer to something else is no empty list; one without end is none at all. */
static void
lists_are_lists(void **unused)
{
	static const char *const none[] = { "{}", "[]", "{\"row_count\":2}", "{\"rows\":{}}",
		"{\"status\":\"success\"}", "7" };
	struct arena *a = arena_new();
	struct fs_channel *channels;
	struct fs_member *members;
	struct err_text why = { 0 };
	struct buf b = { 0 };
	size_t n;
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_int_equal(fs_channels(a, none[i], "c", &channels, &n, &why), ERR_PROTOCOL);
	assert_int_equal(fs_channels(a, "{\"row_count\":0}", "c", &channels, &n, &why), OK);
	buf_puts(&b, "{\"row_count\":1,\"rows\":[{}");
	for (int i = 0; i < FS_LISTED_MOST; i++)
		buf_puts(&b, ",{}");
	buf_puts(&b, "]}");
	assert_int_equal(fs_channels(a, b.at, "c", &channels, &n, &why), ERR_PROTOCOL);
	buf_clear(&b);
	buf_puts(&b, "[{\"conference_name\":\"c\",\"members\":[{}");
	for (int i = 0; i < FS_LISTED_MOST; i++)
		buf_puts(&b, ",{}");
	buf_puts(&b, "]}]");
	assert_int_equal(fs_members(a, b.at, "c", &members, &n, &why), ERR_PROTOCOL);
	buf_free(&b);
	arena_free(a);
}

/* Messages cut anywhere are a part, never a wrong message. */
static void
messages_in_pieces(void **unused)
{
	static const char whole[] = "\nContent-Length: 30\r\nContent-Type: "
				    "text/event-plain\r\n\r\nEvent-Name: A%3Ab\nB: x%0Ay%FF\n\n..";
	struct esl_message m;
	size_t used;
	char text[32];
	size_t n = sizeof whole - 1, need = (size_t)(strstr(whole, "Event-Name") - whole) + 30;
	for (size_t i = 0; i < need; i++)
		assert_int_equal(esl_take(whole, i, &m, &used), ESL_PART);
	assert_int_equal(esl_take(whole, n, &m, &used), ESL_WHOLE);
	assert_int_equal(used, need);
	assert_true(esl_value(&m, "event-name", text, sizeof text));
	assert_string_equal(text, "A:b");
	assert_true(esl_value(&m, "B", text, sizeof text));
	assert_string_equal(text, "x y?");
	assert_false(esl_value(&m, "C", text, sizeof text));
	assert_int_equal(esl_take("Content-Length: -1\n\n", 20, &m, &used), ESL_GARBAGE);
	assert_int_equal(esl_take("Content-Length: 99999999999\n\n", 29, &m, &used), ESL_GARBAGE);
	assert_int_equal(esl_take("hello\n\n", 7, &m, &used), ESL_GARBAGE);
	/* Blank lines before a head are passed over, and no head is behind so many. */
	char blank[70000];
	memset(blank, '\n', sizeof blank);
	assert_int_equal(esl_take(blank, 100, &m, &used), ESL_PART);
	assert_int_equal(esl_take(blank, sizeof blank, &m, &used), ESL_GARBAGE);
	memset(blank, 'x', sizeof blank);
	assert_int_equal(esl_take(blank, sizeof blank, &m, &used), ESL_GARBAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_must_not_be_in_a_command),
		cmocka_unit_test(words_of_ends),
		cmocka_unit_test(words_of_urls),
		cmocka_unit_test(uuids_carry_order_and_conference),
		cmocka_unit_test(lists_are_lists),
		cmocka_unit_test(messages_in_pieces),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
