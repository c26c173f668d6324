/* Named causes: no word of any adapter for an end, and no class, is without a sentence in
 * Vietnamese and in English and a first thing to try. */
#include "adapters/adapter.h"
#include "advice.h"
#include "base/str.h"
#include "causes.h"
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* What is nobody's fault needs nothing tried. */
static bool
is_ours(enum cause c)
{
	return c == CAUSE_UNKNOWN || c == CAUSE_OUR_HANGUP;
}

static void
said_in_both(const char *who, const char *word, enum cause c)
{
	const char *says = causes_say(c, word), *first = causes_first(c, word);
	if (str_empty(says) || str_empty(text_get("vi", says)) ||
		str_eq(text_get("vi", says), text_get("en", says)))
		fail_msg("%s: %s (%s) has no sentence in both languages", who, word ? word : "-",
			cause_name(c));
	if (!is_ours(c) &&
		(str_empty(first) || str_eq(text_get("vi", first), text_get("en", first))))
		fail_msg("%s: %s (%s) has nothing to try first in both languages", who,
			word ? word : "-", cause_name(c));
}

static void
test_every_class_is_said(void **state)
{
	for (int c = CAUSE_UNKNOWN + 1; c < CAUSE_N; c++)
		said_in_both("class", NULL, (enum cause)c);
	assert_string_equal(causes_class(CAUSE_UNKNOWN), "");
	assert_string_equal(causes_class(CAUSE_N), "");
}

static size_t
every_word(const char *name, const struct cause_word *w)
{
	size_t n = 0;
	for (; w && w->word; w++, n++)
		said_in_both(name, w->word, w->cause);
	return n;
}

static void
test_every_word_of_every_adapter_is_said(void **state)
{
	size_t n = 0;
	for (size_t i = 0; mcu_adapters[i]; i++)
		n += every_word(mcu_adapters[i]->name, mcu_adapters[i]->causes);
	for (size_t i = 0; endpoint_adapters[i]; i++)
		n += every_word(endpoint_adapters[i]->name, endpoint_adapters[i]->causes);
	assert_true(n > 90);
	assert_non_null(mcu_adapter_find("cisco-mcu")->causes);
	assert_non_null(endpoint_adapter_find("cisco-roomos")->causes);
}

static void
test_a_word_says_more_than_its_class(void **state)
{
	assert_string_equal(causes_say(CAUSE_WRONG_ADDRESS, "noGatekeeperForDN"),
		"the gatekeeper knows no such number");
	assert_string_equal(causes_say(CAUSE_WRONG_ADDRESS, "NOGATEKEEPERFORDN"),
		"the gatekeeper knows no such number");
	assert_string_equal(causes_word("NetworkRejected: Media timeout (SIP 408)"),
		"the call was ended by the network on the way");
	assert_string_equal(causes_word("NetworkRejectedToo"), ""); /* a word of its own */
	assert_string_equal(causes_word(""), "");
	assert_string_equal(causes_word(NULL), "");
	assert_string_equal(causes_say(CAUSE_BUSY, "whatever"), "the line was busy");
}

/* Who telephones is told what to try for what the device said, not for the headline alone. */
static void
test_the_call_list_tries_what_the_word_says(void **state)
{
	struct attempt tries[] = {
		{ .result = ATTEMPT_FAILED, .cause = CAUSE_WRONG_ADDRESS, .words = "dnsFailed" },
		{ .result = ATTEMPT_OURS, .words = "portAllocationExceeded" }
	};
	struct spec_site spec = { .id = "a" };
	struct run_site s = { .spec = &spec, .attempts = { .at = tries, .n = 2 } };
	struct verdict v = { .site = &s, .headline = UNCONNECTED, .sub_reason = "wrong-address" };
	assert_string_equal(advice_device(&v), "dnsFailed");
	assert_true(str_starts(advice_first(&v), "Write the IP address"));
	str_copy(tries[0].words, sizeof tries[0].words, "some other word");
	assert_true(str_starts(advice_first(&v), "Ask for the number or address"));
	v.headline = GOOD;
	assert_string_equal(advice_device(&v), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_class_is_said),
		cmocka_unit_test(test_every_word_of_every_adapter_is_said),
		cmocka_unit_test(test_a_word_says_more_than_its_class),
		cmocka_unit_test(test_the_call_list_tries_what_the_word_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
