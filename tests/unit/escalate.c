/* Escalation: at the playbook's instants, those that are not there or not proven, most important
 * first, up the rungs it names; and never from a drill. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "record.h"
#include "report/model.h"
#include "world.h"

#define BOOK(phase) \
	"<playbook name='t' title='T' phase='" phase "' anchor='event'>\n" \
	"<open at='PT0S' muted='yes'/>\n" \
	"<dial at='PT0S' attempts='3' every='PT1M' probe-every='PT30S'/>\n" \
	"<verify at='PT2M' within='PT2M'/>\n" \
	"<escalate at='PT5M' to='contact' sites='failed'/>\n" \
	"<escalate at='PT10M' to='chief provider upper' sites='failed'/>\n" \
	"<watch at='PT11M' redial='yes' until='allclear'/>\n" \
	"<allclear at='PT25M' by='rule' latest='PT30M'/>\n" \
	"<close at='PT36M'/>\n" \
	"<report at='PT38M' to='upper'/>\n" \
	"</playbook>\n"

static const char rehearsal[] = BOOK("rehearsal"), drill[] = BOOK("drill");
static const struct behaviour sites[] = { { .id = "off", .kind = W_OFF },
	{ .id = "later", .on_at = 8 * MINUTE }, { .id = "chief-seat", .kind = W_OFF },
	{ .id = "fine" } };

static void
play(struct world *w, const char *xml)
{
	world_new(w, xml, sites, N(sites), true);
	w->spec.sites[2].importance = 9;
	w->spec.drill = w->spec.phase == PHASE_DRILL;
	world_begin(w);
	world_until(w, 60 * MINUTE);
	assert_true(w->run->finished);
}

static const char *
ids(struct world *w, size_t step)
{
	const struct escalation *e = &w->run->escalations.at[step];
	const char *all = "";

	for (size_t i = 0; i < e->n; i++)
		all = arena_printf(
			w->arena, "%s%s%s", all, *all ? " " : "", w->spec.sites[e->sites[i]].id);
	return all;
}

static void
at_its_instants_the_most_important_first(void **state)
{
	struct world w;
	struct judgement j;
	struct buf b = { 0 };
	const struct json *doc;

	play(&w, rehearsal);
	assert_int_equal(w.run->escalations.n, 2);
	assert_int_equal(w.run->escalations.at[0].at, WORLD_START + 5 * MINUTE);
	assert_int_equal(w.run->escalations.at[1].at, WORLD_START + 10 * MINUTE);
	assert_string_equal(w.run->escalations.at[0].to, "contact");
	assert_string_equal(w.run->escalations.at[1].to, "chief provider upper");
	assert_string_equal(ids(&w, 0), "chief-seat off later");
	assert_string_equal(ids(&w, 1), "chief-seat off"); /* the other one came */
	judge(w.run, w.arena, &j);
	report_json(report_build(w.run, &j, 1, "seal", w.arena), &b);
	assert_int_equal(json_parse(w.arena, buf_str(&b), b.n, &doc, NULL), OK);
	const struct json *e = json_get(doc, "escalations");

	assert_int_equal(e->count, 2);
	assert_string_equal(json_get(e->first, "sites")->first->text, "chief-seat");
	buf_free(&b);
	world_free(&w);
}

static const char after_the_roll[] =
	"<playbook name='t' title='T' phase='rehearsal' anchor='event'>\n"
	"<open at='PT0S' muted='yes'/>\n"
	"<dial at='PT0S' attempts='3' every='PT1M' probe-every='PT30S'/>\n"
	"<verify at='PT2M' within='PT2M'/>\n"
	"<rollcall at='PT5M' answer-within='PT20S' calls='1'/>\n"
	"<escalate at='PT10M' to='contact' sites='failed'/>\n"
	"<allclear at='PT25M' by='rule' latest='PT30M'/>\n"
	"<close at='PT36M'/>\n"
	"<report at='PT38M'/>\n"
	"</playbook>\n";

/* Not those alone that never came: nobody there, gone home, a medium that does not arrive. Whom a
 * person at the desk hung up is known to him. */
static void
who_is_there_and_fails_is_named_too(void **state)
{
	static const struct behaviour b[] = { { .id = "fine" }, { .id = "nobody", .silent = true },
		{ .id = "home", .hangup_at = 6 * MINUTE },
		{ .id = "dark", .one_way_video_from = true },
		{ .id = "deaf", .one_way_audio_to = true }, { .id = "desk" } };
	struct world w;

	world_new(&w, after_the_roll, b, N(b), true);
	world_begin(&w);
	world_until(&w, 8 * MINUTE);
	world_command(&w, COMMAND_HANGUP, "desk", "operator", "", 0);
	world_until(&w, 60 * MINUTE);
	assert_int_equal(w.run->escalations.n, 1);
	assert_string_equal(ids(&w, 0), "nobody home dark deaf");
	world_free(&w);
}

static void
a_drill_informs_nobody_and_counts_nowhere(void **state)
{
	struct world w;
	struct judgement j;
	struct records r;
	int said = 0;

	play(&w, drill);
	assert_int_equal(w.run->escalations.n, 0);
	for (size_t i = 0; i < w.run->notes.n; i++)
		said += strstr(w.run->notes.at[i].text, "a drill informs nobody") != NULL;
	assert_int_equal(said, 2); /* of the steps, once; of the report */
	judge(w.run, w.arena, &j);
	assert_int_equal(j.count[ABSENT], 2); /* it judges as ever */
	const struct report *report = report_build(w.run, &j, 1, "seal", w.arena);
	struct buf text = { 0 };

	report_text(report, "en", &text);
	assert_non_null(strstr(buf_str(&text), "practice only"));
	buf_free(&text);
	record_new(&r, w.arena);
	record_add(&r, report);
	record_finish(&r);
	assert_int_equal(r.rehearsals_n + r.sessions_n + r.sites.n, 0);
	assert_int_equal(r.drills_n, 1);
	record_free(&r);
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_its_instants_the_most_important_first),
		cmocka_unit_test(who_is_there_and_fails_is_named_too),
		cmocka_unit_test(a_drill_informs_nobody_and_counts_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
