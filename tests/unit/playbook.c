/* The playbook language: broken playbooks and the very sentences they get, defaults, the shipped
 * playbooks, the profile. */
#include "playbooks/playbook.h"

#include "adapters/wire/xml.h"
#include "base/buf.h"
#include "base/embed.h"
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

EMBED(tong_duyet, "playbooks/examples/tong-duyet.xml");
EMBED(tong_duyet_3_cap, "playbooks/examples/tong-duyet-3-cap.xml");
EMBED(hom_truoc, "playbooks/examples/tong-duyet-hom-truoc.xml");
EMBED(phien_hop, "playbooks/examples/phien-hop.xml");
EMBED(dien_tap, "playbooks/examples/dien-tap.xml");
EMBED(profile_example, "playbooks/examples/profile.xml");

#define EVENT "<playbook name=\"x\" anchor=\"event\">\n"
#define OPEN "<open at=\"PT0S\"/>\n"
#define DIAL "<dial at=\"PT0S\"/>\n"
#define END "</playbook>\n"

static const struct broken {
	const char *what, *xml;
	const char *faults[5]; /* each must be there, and no more */
} broken[] = {
	{ "out of order", EVENT OPEN DIAL "<rollcall at=\"PT9M\"/>\n<verify at=\"PT4M\"/>\n" END,
		{ "p.xml:5: <verify> at PT4M stands after <rollcall> at PT9M of line 4: write the "
		  "steps in "
		  "the order of at" } },
	{ "dial before open", EVENT DIAL "<open at=\"PT1M\"/>\n" END,
		{ "p.xml:2: <dial> before <open>: there is no conference yet" } },
	{ "roll call after close",
		EVENT OPEN DIAL "<close at=\"PT5M\"/>\n<rollcall at=\"PT6M\"/>\n" END,
		{ "p.xml:5: <rollcall> after <close> of line 4: nobody is connected any more" } },
	{ "verify before dial", EVENT OPEN "<verify at=\"PT1M\"/>\n<dial at=\"PT2M\"/>\n" END,
		{ "p.xml:3: <verify> before <dial> of line 4: nobody has been called yet" } },
	{ "two opens", EVENT OPEN OPEN DIAL END,
		{ "p.xml:3: a second <open>: the first is in line 2" } },
	{ "ids", EVENT "<open at=\"PT0S\" id=\"a\"/>\n<dial at=\"PT0S\" id=\"a\"/>\n" END,
		{ "p.xml:3: id \"a\" is used already in line 2" } },
	{ "latest before at",
		EVENT OPEN DIAL "<allclear at=\"PT25M\" by=\"operator\" latest=\"PT20M\"/>\n" END,
		{ "p.xml:4: latest PT20M lies before at PT25M" } },
	{ "operator without latest",
		EVENT OPEN DIAL "<allclear at=\"PT25M\" by=\"operator\"/>\n" END,
		{ "p.xml:4: by=\"operator\" needs latest: until when the operator may give the "
		  "all-clear" } },
	{ "report before the latest all-clear",
		EVENT OPEN DIAL
		"<allclear at=\"PT5M\" latest=\"PT9M\"/>\n<report at=\"PT8M\"/>\n" END,
		{ "p.xml:5: <report> at PT8M comes before the latest all-clear, PT9M of line 4" } },
	{ "handover of a session",
		"<playbook name=\"x\" phase=\"session\" handover=\"PT10M\">\n" OPEN DIAL END,
		{ "p.xml:1: handover belongs to a rehearsal: a session has no session after it" } },
	{ "selector prefix", EVENT OPEN "<dial at=\"PT0S\" sites=\"teir:commune\"/>\n" END,
		{ "p.xml:3: sites: unknown selector \"teir:\", perhaps \"tier\"" } },
	{ "selector tier", EVENT OPEN "<dial at=\"PT0S\" sites=\"chu-tuc tier:comune\"/>\n" END,
		{ "p.xml:3: sites: unknown tier \"comune\", perhaps \"commune\"" } },
	{ "selector word", EVENT OPEN DIAL "<verify at=\"PT1M\" sites=\"faild\"/>\n" END,
		{ "p.xml:4: sites: unknown word \"faild\", perhaps \"failed\"" } },
	{ "empty group", EVENT OPEN "<dial at=\"PT0S\" sites=\"district:\"/>\n" END,
		{ "p.xml:3: sites: \"district:\" without a name behind it" } },
	{ "failed before dial",
		EVENT OPEN "<message at=\"PT0S\" text=\"a\" sites=\"failed\"/>\n" DIAL END,
		{ "p.xml:3: sites=\"failed\" before <dial>: nobody has been called yet" } },
	{ "unknown attribute", EVENT OPEN "<dial at=\"PT0S\" probe-evry=\"PT30S\"/>\n" END,
		{ "p.xml:3: <dial> has no attribute \"probe-evry\", perhaps \"probe-every\"" } },
	{ "attribute of the playbook",
		"<playbook name=\"x\" ancor=\"event\">\n<open at=\"-PT1M\"/>\n" END,
		{ "p.xml:1: <playbook> has no attribute \"ancor\", perhaps \"anchor\"" } },
	{ "no room for one call",
		EVENT OPEN DIAL
		"<rollcall at=\"PT9M\" answer-within=\"PT30S\"/>\n<message at=\"PT9M20S\" "
		"text=\"a\"/>\n" END,
		{ "p.xml:4: answer-within PT30S: not one call can end before <message> at PT9M20S "
		  "of line 5" } },
	{ "verify too long",
		EVENT OPEN DIAL "<verify at=\"PT1M\" within=\"PT9M\"/>\n<close at=\"PT5M\"/>\n" END,
		{ "p.xml:4: within PT9M ends at PT10M, later than <close> at PT5M of line 5" } },
	{ "nothing to verify",
		EVENT OPEN DIAL "<verify at=\"PT1M\" audio=\"no\" video=\"no\"/>\n" END,
		{ "p.xml:4: audio=\"no\" and video=\"no\": nothing is left to verify" } },
	{ "watch over at once", EVENT OPEN DIAL "<watch at=\"PT3M\" until=\"PT2M\"/>\n" END,
		{ "p.xml:4: until PT2M is over before at PT3M" } },
	{ "no pause between attempts", EVENT OPEN "<dial at=\"PT0S\" every=\"PT0S\"/>\n" END,
		{ "p.xml:3: every PT0S: at least PT1S" } },
	{ "rehearsal after its session",
		"<playbook name=\"x\">\n<open at=\"-PT5M\"/>\n<dial at=\"PT5M\"/>\n" END,
		{ "p.xml:3: <dial> at PT5M lies after the start of the session: a rehearsal with "
		  "anchor=\"session\" counts down to it, perhaps -PT5M" } },
	{ "form of a duration", EVENT OPEN "<dial at=\"5 minutes\"/>\n" END,
		{ "p.xml:3: <dial at>: \"5 minutes\" has not the expected form: an offset such as "
		  "-PT60M or "
		  "PT4M30S" } },
	{ "word of an enumeration",
		EVENT OPEN DIAL "<allclear at=\"PT1M\" by=\"operater\" latest=\"PT2M\"/>\n" END,
		{ "p.xml:4: <allclear by>: \"operater\" is not one of rule or operator, perhaps "
		  "\"operator\"" } },
	{ "all at once",
		EVENT "<dial at=\"PT0S\" evry=\"PT1M\"/>\n<open at=\"PT1M\"/>\n<verify at=\"PT2M\" "
		      "sites=\"tier:x\"/>\n<close at=\"PT1M\"/>\n" END,
		{ "p.xml:2: <dial> has no attribute \"evry\", perhaps \"every\"",
			"p.xml:2: <dial> before <open>: there is no conference yet",
			"p.xml:4: sites: unknown tier \"x\"",
			"p.xml:5: <close> at PT1M stands after <verify> at PT2M of line 4: write "
			"the steps in "
			"the order of at" } },
};

struct fixture {
	struct arena *a;
	struct faults faults;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	f->a = arena_new();
	f->faults.arena = f->a;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	arena_free(f->a);
	free(f);
	return 0;
}

static const char *
printed(struct fixture *f)
{
	struct buf b = { 0 };
	faults_print(&f->faults, &b);
	char *s = arena_strdup(f->a, buf_str(&b));
	buf_free(&b);
	return s;
}

static void
test_broken(void **state)
{
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		f->faults.n = 0;
		const char *xml = broken[i].xml;
		assert_null(playbook_parse(xml, strlen(xml), "p.xml", f->a, &f->faults));
		struct buf want = { 0 };
		for (int k = 0; k < 5 && broken[i].faults[k]; k++)
			buf_printf(&want, "%s\n", broken[i].faults[k]);
		if (!str_eq(printed(f), buf_str(&want)))
			fail_msg("%s: got\n%swanted\n%s", broken[i].what, printed(f),
				buf_str(&want));
		buf_free(&want);
	}
}

static void
test_refused_by_schema(void **state)
{
	struct fixture *f = *state;
	static const char *const bad[] = {
		"", "x", "<playbook name='x'/>", "<other/>",
		"<playbook><open at='PT0S'/></playbook>",
		"<playbook name='X Y'><open at='PT0S'/></playbook>",
		"<playbook name='x'><open/></playbook>",
		"<playbook name='x'><jump at='PT0S'/></playbook>",
		("<!DOCTYPE playbook [<!ENTITY a 'b'>]><playbook name='x'><open "
		 "at='-PT1M'/></playbook>"),
		"<playbook name='x'><open at='P1Y'/></playbook>",
		"<playbook name='x'><open at='PT'/></playbook>",
		"<playbook name='x'><open at='-PT1M'/><report at='PT0S' formats='doc'/></playbook>"
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		f->faults.n = 0;
		assert_null(playbook_parse(bad[i], strlen(bad[i]), "p.xml", f->a, &f->faults));
		assert_true(f->faults.n > 0);
	}
}

static void
test_defaults(void **state)
{
	struct fixture *f = *state;
	static const char xml[] = EVENT OPEN DIAL
		"<verify at=\"PT1M\"/>\n<rollcall at=\"PT2M\"/>\n<mute at=\"PT3M\"/>\n"
		"<watch at=\"PT3M\"/><allclear at=\"PT3M\"/>\n" END;
	struct playbook *p = playbook_parse(xml, sizeof xml - 1, "p.xml", f->a, &f->faults);
	assert_string_equal(printed(f), "");
	assert_non_null(p);
	assert_string_equal(p->title, "x");
	assert_int_equal(p->phase, PHASE_REHEARSAL);
	assert_int_equal(p->anchor, ANCHOR_EVENT);
	assert_int_equal(p->n, 7);
	assert_string_equal(p->steps[0].sites, "invited");
	assert_true(p->steps[0].muted);
	assert_false(p->steps[0].attach);
	assert_int_equal(p->steps[1].attempts, 3);
	assert_int_equal(p->steps[1].every_ms, 60000);
	assert_int_equal(p->steps[1].probe_every_ms, 30000);
	assert_int_equal(p->steps[2].within_ms,
		120000); /* three minutes, but the all-clear is given at PT3M */
	assert_true(p->steps[2].audio && p->steps[2].video && !p->steps[2].sound);
	assert_int_equal(p->steps[3].answer_within_ms, 20000);
	assert_int_equal(p->steps[3].calls, 2);
	assert_string_equal(p->steps[3].order, "directory");
	assert_string_equal(p->steps[4].value, "on");
	assert_string_equal(p->steps[5].until, "allclear");
	assert_int_equal(p->steps[6].latest_ms, 180000);
	assert_int_equal(playbook_first(p), 0);
	assert_int_equal(playbook_last(p), 180000);
	int64_t at = -1;
	assert_true(playbook_at(p, STEP_ROLLCALL, &at));
	assert_int_equal(at, 120000);
	assert_false(playbook_at(p, STEP_CLOSE, &at));
}

static void
test_examples(void **state)
{
	struct fixture *f = *state;
	const struct {
		const char *name, *at;
		size_t n;
		enum phase phase;
	} shipped[] = {
		{ "tong-duyet", tong_duyet, EMBED_SIZE(tong_duyet), PHASE_REHEARSAL },
		{ "tong-duyet-3-cap", tong_duyet_3_cap, EMBED_SIZE(tong_duyet_3_cap),
			PHASE_REHEARSAL },
		{ "tong-duyet-hom-truoc", hom_truoc, EMBED_SIZE(hom_truoc), PHASE_REHEARSAL },
		{ "phien-hop", phien_hop, EMBED_SIZE(phien_hop), PHASE_SESSION },
		{ "dien-tap", dien_tap, EMBED_SIZE(dien_tap), PHASE_DRILL },
	};
	for (size_t i = 0; i < sizeof shipped / sizeof *shipped; i++) {
		struct playbook *p = playbook_parse(
			shipped[i].at, shipped[i].n, shipped[i].name, f->a, &f->faults);
		assert_string_equal(printed(f), "");
		assert_non_null(p);
		assert_string_equal(p->name, shipped[i].name);
		assert_int_equal(p->phase, shipped[i].phase);
	}
	struct playbook *p = playbook_parse(
		tong_duyet, EMBED_SIZE(tong_duyet), "tong-duyet.xml", f->a, &f->faults);
	assert_string_equal(p->title, "Tổng duyệt, kết nối thử");
	assert_int_equal(p->steps[1].fallback_n, 2);
	assert_int_equal(p->steps[1].fallback[1], FALLBACK_LOWER_RATE);
	int64_t at;
	assert_true(playbook_at(p, STEP_ALLCLEAR, &at));
	assert_int_equal(at, 25 * 60000);
	assert_true(playbook_at(p, STEP_REPORT, &at));
	assert_true(at >
		    32 * 60000); /* a box switched on again at +32 min is asked before the report */
	p = playbook_parse(tong_duyet_3_cap, EMBED_SIZE(tong_duyet_3_cap), "3", f->a, &f->faults);
	assert_int_equal(playbook_first(p), -3600000);
	assert_int_equal(p->handover_ms, 3600000);
	assert_int_equal(p->anchor, ANCHOR_SESSION);
}

static void
test_names(void **state)
{
	assert_string_equal(phase_name(PHASE_DRILL), "drill");
	assert_string_equal(step_name(STEP_OPEN), "open");
	assert_string_equal(step_name(STEP_CLOSE), "close");
}

static void
test_profile(void **state)
{
	struct fixture *f = *state;
	struct profile p, d;
	profile_default(&d);
	profile_parse(
		profile_example, EMBED_SIZE(profile_example), "profile.xml", f->a, &f->faults, &p);
	assert_string_equal(printed(f), "");
	assert_int_equal(p.classes_n, 2);
	assert_string_equal(p.classes[0].name, "xa");
	assert_int_equal(p.classes[0].min_kbps, 512);
	assert_int_equal(p.classes[1].min_height, 1080);
	/* the shipped file says what the defaults are */
	assert_int_equal(p.grace_ms, d.grace_ms);
	assert_int_equal(p.window_ms, d.window_ms);
	assert_int_equal(p.loss_good, d.loss_good);
	assert_int_equal(p.loss_fair, d.loss_fair);
	assert_int_equal(p.loss_poor, d.loss_poor);
	assert_int_equal(p.jitter_step_ms, d.jitter_step_ms);
	assert_int_equal(p.rtt_good_ms, d.rtt_good_ms);
	assert_int_equal(p.rtt_bad_ms, d.rtt_bad_ms);
	assert_int_equal(p.speech_rise_mdb, d.speech_rise_mdb);
	assert_int_equal(p.speech_samples, d.speech_samples);

	static const char mixed[] =
		"<profile>\n<grace late-after=\"PT5M\"/>\n<loss good=\"5%\" fair=\"3%\"/>\n"
		"<jitter worse-above=\"50\"/>\n<rtt good-below=\"400ms\"/>\n"
		"<speech rise=\"6.5dB\"/>\n<clas name=\"a\"/>\n<class name=\"a\" video=\"no\"/>\n"
		"<class name=\"a\"/>\n</profile>\n";
	profile_parse(mixed, sizeof mixed - 1, "profile.xml", f->a, &f->faults, &p);
	assert_int_equal(p.grace_ms, 300000);
	assert_int_equal(p.speech_rise_mdb, 6500);
	assert_int_equal(p.loss_good, 10);
	assert_int_equal(p.jitter_step_ms, 40);
	assert_int_equal(p.rtt_good_ms, 200);
	assert_int_equal(p.classes_n, 1);
	assert_false(p.classes[0].video);
	const char *s = printed(f);
	static const char *const said[] = {
		"profile.xml:3: loss must rise from good to fair to poor, here 5.0%, 3.0%, 10.0%\n",
		("profile.xml:4: <jitter worse-above>: \"50\" has not the expected form: such as "
		 "40ms\n"),
		"profile.xml:5: rtt: good-below 400ms is above bad-above 300ms\n",
		"profile.xml:7: ", "perhaps \"class\"\n",
		"profile.xml:9: class \"a\" stands here twice\n"
	};
	for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
		if (!strstr(s, said[i]))
			fail_msg("not said: %s in\n%s", said[i], s);
	}
	assert_int_equal(f->faults.n, 5);
}

int
main(void)
{
	xml_global_init();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_broken, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused_by_schema, setup, teardown),
		cmocka_unit_test_setup_teardown(test_defaults, setup, teardown),
		cmocka_unit_test_setup_teardown(test_examples, setup, teardown),
		cmocka_unit_test(test_names),
		cmocka_unit_test_setup_teardown(test_profile, setup, teardown),
	};
	return cmocka_run_group_tests_name("playbook", tests, NULL, NULL);
}
