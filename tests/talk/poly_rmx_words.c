/* The words of a Polycom RMX: secrets kept out of traces, states, causes, dirty texts. */
#include "tests/talk/poly_rmx.h"

#include "adapters/wire/trace.h"
#include "base/utf8.h"

#include <unistd.h>

/* Passwords of conferences come in clear, and tokens are as good as passwords. */
static void
traces_hold_no_secrets(void **unused)
{
	BEGIN(HELLO, { GET("-1"), .body = CONF("1", "true", PARTIES("")) });
	struct trace trace = { 0 };
	struct roster all;
	k.task.trace = &trace;
	assert_int_equal(mcu->open(&k.task, &k.lane), OK);
	assert_int_equal(mcu->roster(&k.task, &k.lane, &k.conference, &all), OK);
	assert_non_null(strstr(buf_str(&trace.out), "<PASSWORD>***</PASSWORD>"));
	assert_non_null(strstr(buf_str(&trace.out), "<MCU_TOKEN>***</MCU_TOKEN>"));
	assert_non_null(strstr(buf_str(&trace.out), "<OBJ_TOKEN>-1</OBJ_TOKEN>"));
	assert_null(strstr(buf_str(&trace.out), "847111"));
	assert_null(strstr(buf_str(&trace.out), "s3cret"));
	assert_null(strstr(buf_str(&trace.out), ">77<")); /* a port or an hour may hold 77 */
	assert_null(strstr(buf_str(&trace.out), ">78<"));
	trace_free(&trace);
	k.task.trace = NULL;
	finish(&k);
}

static void
states_become_legs(void **unused)
{
	static const struct {
		int64_t state;
		bool was_up;
		enum leg_state before, after;
	} cases[] = {
		{ 0, false, LEG_NEW, LEG_NEW },
		{ 1, false, LEG_DIALING, LEG_UP },
		{ 2, true, LEG_UP, LEG_GONE },
		{ 3, false, LEG_NEW, LEG_NEW },
		{ 4, false, LEG_NEW, LEG_DIALING },
		{ 4, true, LEG_UP, LEG_DIALING }, /* rmx_party() notes the end before */
		{ 5, true, LEG_UP, LEG_UP },
		{ 5, false, LEG_DIALING, LEG_DIALING }, /* never reached: not up for a moment */
		{ 6, false, LEG_DIALING, LEG_DIALING },
		{ 6, true, LEG_UP, LEG_UP },
		{ 7, true, LEG_UP, LEG_GONE },
		{ 8, false, LEG_DIALING, LEG_UP },
		{ 9, false, LEG_DIALING, LEG_DIALING },
		{ 9, true, LEG_UP, LEG_UP },
		{ 10, false, LEG_DIALING, LEG_UP },
		{ 11, true, LEG_UP, LEG_DIALING },
		{ 11, false, LEG_DIALING, LEG_DIALING },
		{ 99, false, LEG_NEW, LEG_DIALING },
		{ 99, false, LEG_GONE, LEG_GONE },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(rmx_leg_state(cases[i].state, cases[i].was_up, cases[i].before),
			cases[i].after);
}

static void
causes_go_by_number_then_by_words(void **unused)
{
	static const struct {
		int64_t id;
		const char *words;
		enum cause cause;
	} cases[] = {
		{ 1, "Participant hung up", CAUSE_SITE_HANGUP },
		{ 2, "Disconnected by user", CAUSE_OUR_HANGUP },
		{ 21, "no video port", CAUSE_MCU },
		{ 59, "", CAUSE_INCOMPATIBLE },
		{ 141, "", CAUSE_UNREACHABLE },
		{ 152, "ARQ timeout", CAUSE_GATEKEEPER },
		{ 403, "SIP busy everywhere", CAUSE_BUSY },
		{ 403, "sip NOT FOUND", CAUSE_WRONG_ADDRESS },
		{ 9, "SIP client error 404", CAUSE_WRONG_ADDRESS },
		{ 9, "SIP client error 499", CAUSE_UNKNOWN },
		{ 9, "SIP global failure 603", CAUSE_REJECTED },
		{ 9, "SIP remote stopped responding", CAUSE_NETWORK },
		{ 9, "SIP request terminated", CAUSE_UNKNOWN },
		{ 0, "None", CAUSE_UNKNOWN },
		{ 6, "password failure", CAUSE_UNKNOWN },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(
			rmx_ending(cases[i].id, cases[i].words, "0").cause, cases[i].cause);
	assert_string_equal(rmx_ending(0, "None", "0").device_words, "");
	assert_string_equal(
		rmx_ending(6, "password failure", "x").device_words, "password failure: x (6)");
	assert_true(
		strlen(rmx_ending(
			1, "a very long description of what happened to this call in the end", NULL)
				.device_words) < 64);
	/* 39 bytes and half a letter: the letter is left out. */
	assert_string_equal(
		rmx_ending(6, "no", "thirty-nine bytes stand before a letterộ").device_words,
		"no: thirty-nine bytes stand before a letter (6)");
}

static void
dirty_texts_are_cleaned(void **unused)
{
	static const struct {
		const char *dirty, *clean;
	} cases[] = {
		{ "<a>x & y</a>", "<a>x &amp; y</a>" },
		{ "<a>&amp;&#65;&#x41;</a>", "<a>&amp;&#65;&#x41;</a>" },
		{ "<a>&#0;&#x1f;&#xD800;&#1114112;</a>", "<a>    </a>" },
		{ "<a>\x01\x1b\t</a>", "<a>  \t</a>" },
		{ "<a>&nbsp;&</a>", "<a>&amp;nbsp;&amp;</a>" },
		{ "&#", "&amp;#" },
		{ "&#99999999999;", "&amp;#99999999999;" },
		{ "&#12x;", "&amp;#12x;" },
	};
	struct arena *a = arena_new();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t n;
		assert_string_equal(
			rmx_clean(a, cases[i].dirty, strlen(cases[i].dirty), &n), cases[i].clean);
		assert_int_equal(n, strlen(cases[i].clean));
	}
	arena_free(a);
	assert_ptr_equal(mcu_adapter_find("poly-rmx"), mcu);
}

/* What goes into the trace costs no more than reading it, whatever it is: every answer does. */
static void
brackets_without_end_do_not_hold_us_up(void **unused)
{
	enum { MANY = 4 << 20 };
	struct buf b = { 0 };
	char *bytes = xalloc(MANY);
	memset(bytes, '<', MANY);
	alarm(30);
	rmx_redact(&b, bytes, MANY);
	alarm(0);
	assert_int_equal(b.n, MANY);
	buf_clear(&b);
	rmx_redact(&b, "<PASSWORD>x<<<", 14);
	assert_string_equal(buf_str(&b), "<PASSWORD>***<<<");
	buf_free(&b);
	free(bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(traces_hold_no_secrets),
		cmocka_unit_test(states_become_legs),
		cmocka_unit_test(causes_go_by_number_then_by_words),
		cmocka_unit_test(dirty_texts_are_cleaned),
		cmocka_unit_test(brackets_without_end_do_not_hold_us_up),
	};
	http_global_init();
	xml_global_init();
	int rc = cmocka_run_group_tests(tests, NULL, NULL);
	http_global_done();
	return rc;
}
