/* The forms of the lab's FreeSWITCH, against what a real one was seen to write; and its line in a
 * scenario. */
#include "tests/lab/freeswitch_text.c"
#include "tests/lab/scenario.c"
#include "tests/lab/scenario_mcu.c"
#include "tests/lab/words.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const struct lab_mcu sound_only = { .audio_only = true }, with_picture = { 0 };

/* Compares and empties the buffer. */
static void
expect(struct buf *b, const char *want)
{
	assert_string_equal(buf_str(b), want);
	buf_free(b);
}

static void
coding(void **state)
{
	struct buf b = { 0 };
	fs_url_encode(&b, "sofia/lab/x@127.0.1.2:5060");
	expect(&b, "sofia/lab/x%40127.0.1.2%3A5060");
	fs_url_encode(&b, "INVITE, ACK (x86_64/linux) \"A\" <s>;t=1");
	expect(&b, "INVITE,%20ACK%20(x86_64/linux)%20%22A%22%20%3Cs%3E%3Bt%3D1");
	fs_url_encode(&b, "Tràng");
	expect(&b, "Tr%C3%A0ng");
	fs_xml_text(&b, "<a b=\"c\">&\r\n");
	expect(&b, "&lt;a b=\"c\"&gt;&amp;&#x0d;\n");
}

static void
scores(void **state)
{
	static const struct {
		double quality, mos;
	} seen[] = { { 100, 4.5 }, { 99, 4.492027 }, { 78, 3.946216 }, { 56, 2.891008 } };
	for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) {
		double off = fs_mos(seen[i].quality) - seen[i].mos;
		assert_true(off < 0.000001 && off > -0.000001);
	}
	assert_int_equal(fs_score(-30000), 0);
	assert_true(fs_score(-28100) < 100);  /* a still room does not talk */
	assert_true(fs_score(-11900) > 1000); /* a voice does */
	struct media never = { .open = true, .live_ms = 60000 };
	assert_true(fs_quality(&never, 0, 60000) == 100);
	struct media stopped = { .packets = { { 500, 500 } }, .live_ms = 10000 };
	assert_true(fs_quality(&stopped, 0, 0) == 100);
	assert_true(fs_quality(&stopped, 0, 5000) < 80);
	assert_true(fs_quality(&stopped, 0, 600000) == 4);
}

static void
causes_of(void **state)
{
	static const struct {
		const char *why, *name;
		int sip;
	} table[] = { { "busy", "USER_BUSY", 486 }, { "rejected", "CALL_REJECTED", 603 },
		{ "noAnswer", "NO_ANSWER", 487 },
		{ "destinationUnreachable", "NORMAL_TEMPORARY_FAILURE", 503 },
		{ "capabilityNegotiationError", "INCOMPATIBLE_DESTINATION", 488 },
		{ "dnsFailed", "UNALLOCATED_NUMBER", 404 },
		{ "notRegistered", "NO_USER_RESPONSE", 480 },
		{ "networkError", "MEDIA_TIMEOUT", 0 }, { "USER_BUSY", "USER_BUSY", 486 } };
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		assert_string_equal(fs_cause_of(table[i].why)->name, table[i].name);
		assert_int_equal(fs_cause_of(table[i].why)->sip, table[i].sip);
	}
}

static void
dial_strings(void **state)
{
	struct fs_chan c = { 0 };
	assert_string_equal(fs_dial_string(&c, "sofia/lab/sip:x@h"), "sofia/lab/sip:x@h");
	assert_int_equal(c.vars_n, 0);
	assert_string_equal(
		fs_dial_string(
			&c, "{origination_uuid=u1,name='Trang, Son',a=b=c}sofia/lab/sip:x@h"),
		"sofia/lab/sip:x@h");
	assert_string_equal(fs_var(&c, "origination_uuid"), "u1");
	assert_string_equal(fs_var(&c, "name"), "Trang, Son");
	assert_string_equal(fs_var(&c, "a"), "b=c");
	assert_null(fs_var(&c, "b"));
	assert_string_equal(fs_dial_string(&c, "{^^:codecs=PCMU,PCMA:x=1}y"), "y");
	assert_string_equal(fs_var(&c, "codecs"), "PCMU,PCMA");
	assert_null(fs_dial_string(&c, "{a=b"));
	assert_null(fs_dial_string(&c, "{a=b}"));
	assert_null(fs_dial_string(&c, ""));
	assert_string_equal(fs_dial_string(&c, "{}z"), "z");
	fs_vars_free(&c);
}

static struct fs_chan
member(struct fs_conf *conf, const struct lab_mcu *mcu)
{
	struct fs_chan c = { .uuid = "11111111-aaaa-4bbb-8ccc-000000000001",
		.name = "sofia/lab/s1@127.0.1.1",
		.cid_name = "Outbound Call",
		.cid_number = "s1",
		.member = 6,
		.energy_level = 100,
		.conf = conf,
		.joined = 1000,
		.leg = { .mcu = mcu, .phase = PHASE_CONNECTED, .connected = 1000 } };
	return c;
}

static void
lists(void **state)
{
	struct fs_conf conf = { .floor = 6, .video_floor = 6 };
	struct fs_chan c = member(&conf, &sound_only);
	struct buf b = { 0 };
	c.talking = true;
	fs_list_line(&c, &b);
	expect(&b, "6;sofia/lab/s1@127.0.1.1;11111111-aaaa-4bbb-8ccc-000000000001;Outbound Call;s1;"
		   "hear|speak|talking|floor|vid-floor;0;0;100\n");
	conf.floor = conf.video_floor = 1;
	c.talking = false;
	c.leg.muted = true;
	fs_list_line(&c, &b);
	assert_non_null(strstr(buf_str(&b), ";s1;hear;0;0;100\n"));
	buf_free(&b);
	c.deaf = true;
	fs_list_line(&c, &b);
	assert_non_null(strstr(buf_str(&b), ";s1;;0;0;100\n"));
	buf_free(&b);
	fs_xml_member(&c, 6000, &b);
	assert_non_null(strstr(buf_str(&b), "<caller_id_name>Outbound%20Call</caller_id_name>"));
	assert_non_null(strstr(buf_str(&b), "<can_speak>false</can_speak>"));
	assert_non_null(strstr(buf_str(&b), "<join_time>5</join_time>"));
	assert_null(strstr(buf_str(&b), "sofia/")); /* nothing names the channel */
	buf_free(&b);
	fs_json_member(&c, 6000, &b);
	assert_non_null(strstr(buf_str(&b), "\"caller_id_name\":\t\"Outbound Call\""));
	assert_non_null(strstr(buf_str(&b), "\"has_video\":\tfalse"));
	buf_free(&b);
}

static void
counters(void **state)
{
	struct fs_conf conf = { 0 };
	struct fs_chan c = member(&conf, &with_picture);
	struct buf b = { 0 };
	struct media none = { .open = true, .live_ms = 10000 }, some = none;
	fs_json_media(&c, &none, 0, 11000, &b);
	assert_non_null(strstr(buf_str(&b), "\"in_packet_count\":0,"));
	assert_non_null(strstr(buf_str(&b), "\"in_skip_packet_count\":500,"));
	assert_non_null(strstr(buf_str(&b), "\"in_quality_percentage\":100,\"in_mos\":4.5,"));
	assert_non_null(strstr(buf_str(&b), "\"out_packet_count\":500,"));
	assert_non_null(strstr(buf_str(&b), "\"rtcp_packet_count\":0,"));
	buf_free(&b);
	some.packets[0][0] = 450;
	some.lost[0][0] = 50;
	some.loss_permille = 100;
	fs_json_media(&c, &some, 0, 11000, &b);
	/* no reports unless asked for */
	assert_non_null(strstr(buf_str(&b), "\"rtcp_packet_count\":0,"));
	buf_free(&b);
	/* seen with 1.11.3: muted for four of its ten seconds: read half as often, and each turn
	 * skipped. */
	c.muted_ms = 4000;
	fs_json_media(&c, &some, 0, 11000, &b);
	assert_non_null(strstr(buf_str(&b), "\"in_packet_count\":350,"));
	assert_non_null(strstr(buf_str(&b), "\"in_skip_packet_count\":250,"));
	buf_free(&b);
	fs_set_var(&c, "media_timeout", "300000");
	fs_set_var(&c, "rtcp_audio_interval_msec", "5000");
	fs_json_media(&c, &some, 0, 11000, &b);
	assert_non_null(strstr(buf_str(&b), "\"in_media_bytes\":77400,"));
	assert_non_null(strstr(buf_str(&b), "\"in_skip_packet_count\":50,"));
	assert_non_null(
		strstr(buf_str(&b), "\"in_quality_percentage\":93,")); /* as measured at 10 % */
	assert_non_null(
		strstr(buf_str(&b), "\"rtcp_packet_count\":500,\"rtcp_octet_count\":80000}"));
	buf_free(&b);
	struct fs_headers h = { 0 };
	c.stats = some;
	c.stats_at = 11000;
	fs_put_media(&h, &c);
	assert_string_equal(fs_get(&h, "variable_rtp_audio_in_packet_count"), "450");
	assert_string_equal(fs_get(&h, "variable_rtp_audio_in_quality_percentage"), "93.00");
	assert_string_equal(fs_get(&h, "variable_rtp_video_in_packet_count"), "0");
	fs_headers_free(&h);
	fs_vars_free(&c);
}

static void
headers(void **state)
{
	struct fs_headers h = { 0 };
	struct buf b = { 0 };
	fs_put(&h, "Event-Name", "%s", "CUSTOM");
	fs_put(&h, "Name", "%s", "a b\"\n");
	fs_put(&h, "Event-Name", "%s", "AGAIN");
	fs_write_plain(&h, &b);
	expect(&b, "Event-Name: CUSTOM\nName: a%20b%22%0A\nEvent-Name: AGAIN\n");
	fs_write_json(&h, &b);
	expect(&b, "{\"Event-Name\":\"CUSTOM\",\"Name\":\"a b\\\"\\n\"}");
	assert_string_equal(fs_get(&h, "Event-Name"), "CUSTOM");
	assert_null(fs_get(&h, "Other"));
	fs_headers_free(&h);
	assert_int_equal(h.n, 0);
}

static void
scenario_line(void **state)
{
	struct arena *a = arena_new();
	struct faults faults = { .arena = a };
	struct scenario s;
	assert_true(scenario_parse(a, "x.lab",
		"mcu m freeswitch http://127.10.0.1:8080 esl 127.10.0.2:8021 profile p "
		"esl-password e allowed-api conference,json audio-only ports 9\nmcu n cisco-mcu "
		"http://127.10.0.3:80\n"
		"site a on\nsite b mcu n\nsite c address h323:127.20.0.9\n",
		&s, &faults));
	assert_string_equal(s.mcus.at[0].esl_host, "127.10.0.2");
	assert_int_equal(s.mcus.at[0].esl_port, 8021);
	assert_string_equal(s.mcus.at[0].profile, "p");
	assert_string_equal(s.mcus.at[0].allowed, "conference,json");
	assert_true(s.mcus.at[0].audio_only);
	assert_string_equal(s.sites.at[0].address, "sip:a@127.20.0.1"); /* it dials SIP */
	assert_string_equal(s.sites.at[1].address, "h323:127.20.0.2");
	assert_string_equal(s.sites.at[2].address, "h323:127.20.0.9");
	scenario_shift(&s, a, 3);
	assert_string_equal(s.mcus.at[0].esl_host, "127.13.0.2");
	assert_false(scenario_parse(a, "x.lab",
		"mcu m freeswitch http://127.10.0.1:80 esl 10.0.0.1:8021\n", &s, &faults));
	assert_false(scenario_parse(a, "x.lab",
		"mcu m cisco-mcu http://127.10.0.1:80 esl 127.0.0.1:8021\n", &s, &faults));
	arena_free(a);
}

/* A leg with real RTP: what was counted is told, nothing is reckoned out of the clock. */
static void
counted(void **state)
{
	struct buf b = { 0 };
	struct fs_chan c = { .leg = { .mcu = &sound_only, .connected = 1000 } };
	struct media md = { .open = true, .is_counted = true, .packets = { { 7, 9 } },
		.live_ms = 60000,
		.counted = { .in_bytes = 1204, .out_bytes = 1548, .skipped = 3, .jitter_ms = 2,
			.sent_packets = 250, .sent_bytes = 40000 } };
	fs_json_media(&c, &md, 0, 61000, &b);
	const char *const wants[] = { "\"in_raw_bytes\":1204,", "\"in_packet_count\":7,",
		"\"in_skip_packet_count\":3,", "\"in_jitter_max_variance\":4,",
		"\"out_raw_bytes\":1548,", "\"out_packet_count\":9,", "\"rtcp_packet_count\":250,",
		"\"rtcp_octet_count\":40000" };
	for (size_t i = 0; i < sizeof wants / sizeof *wants; i++)
		if (!strstr(buf_str(&b), wants[i]))
			fail_msg("no %s in %s", wants[i], buf_str(&b));
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(coding), cmocka_unit_test(scores),
		cmocka_unit_test(causes_of), cmocka_unit_test(dial_strings),
		cmocka_unit_test(lists), cmocka_unit_test(counters), cmocka_unit_test(headers),
		cmocka_unit_test(counted), cmocka_unit_test(scenario_line) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
