/* Random fleets, outages, crashes and commands of people: whatever happens, the invariants of a run
 * hold. The seed of a failing case is printed; run it alone with the seed as argument. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "run_fleet.h"

static const char session[] =
	"<playbook name='phien-hop' title='T' phase='session' anchor='event'>\n"
	"<open at='PT0S' attach='yes'/>\n"
	"<dial at='PT1M' attempts='1' every='PT1M' probe-every='PT1M'/>\n"
	"<watch at='PT2M' redial='yes' until='end'/>\n"
	"<close at='PT12M'/>\n"
	"<report at='PT13M'/>\n"
	"</playbook>\n";

/* The last one is a cascade leg where there are two MCUs. */
enum { SITES = 10, SEEDS = 150 };

static unsigned only_seed, playing;

static void
check_presence(const struct run *r, const struct run_site *s)
{
	for (size_t i = 0; i < s->intervals.n; i++) {
		const struct interval *k = &s->intervals.at[i];

		assert_true(k->from >= r->begun);
		assert_true(k->ended_by == ENDED_OPEN ? k->to == 0
						      : k->to >= k->from && k->to <= r->now);
		assert_true(k->begin_seq > 0);
		if (i + 1 < s->intervals.n)
			assert_true(k->to && k->to <= s->intervals.at[i + 1].from);
	}
	assert_int_equal(s->first_up != 0, s->intervals.n > 0);
}

/* Tried, and nobody looked at it for longer than anybody had, or called it since it woke. */
static void
check_looked_too_short(const struct run *r, const struct run_site *s)
{
	int64_t told = 0, until = r->allclear_at ? r->allclear_at : r->closed_at;

	assert_false(s->first_up);
	for (size_t i = 0; i < s->attempts.n; i++)
		if (s->attempts.at[i].result == ATTEMPT_FAILED)
			told = s->attempts.at[i].ended;
	if (s->alive_at > told && until - s->alive_at > MINUTE)
		return;
	assert_true(until - told > r->spec->profile.grace_ms);
	assert_true(until - told > told - r->dial_at);
}

static void
check_verdict(const struct run *r, const struct verdict *v, const struct world_site *box)
{
	const struct run_site *s = v->site;
	bool told = false;

	for (size_t i = 0; i < s->attempts.n; i++)
		told = told || s->attempts.at[i].result == ATTEMPT_FAILED ||
		       s->attempts.at[i].result == ATTEMPT_UP ||
		       s->attempts.at[i].result == ATTEMPT_INCOMING;
	assert_true(v->alive == UNKNOWN || v->alive_rows.n > 0);
	assert_true(v->reached != YES || v->reached_rows.n > 0);
	assert_true(v->answered == UNKNOWN || v->answered_rows.n > 0);
	assert_true(v->stayed != NO || v->stayed_rows.n > 0);
	for (int m = 0; m < v->media_n; m++)
		assert_true(v->media[m].value == UNKNOWN || v->media[m].evidence.n > 0);
	if (!told || (!s->first_up && run_tried_in_vain(r, s)))
		assert_int_equal(v->headline, UNTESTED);
	else if (v->headline == UNTESTED)
		check_looked_too_short(r, s);
	if (!box->dials && !box->legs_made) /* no order ever came to its MCU: whatever it was, it
					     * was not the site */
		assert_int_equal(v->headline, UNTESTED);
	assert_true(v->heard != YES || (s->roll.answered && s->roll.sound && box->tones > 0));
	assert_true(
		v->headline != GOOD || (v->alive == YES && v->reached == YES && v->media_n > 0));
	assert_true(v->headline != GOOD || v->answered == YES || r->spec->phase == PHASE_SESSION);
	assert_true(v->headline != ABSENT || (v->alive == NO && !s->first_up));
	assert_true(v->headline != UNATTENDED || v->answered == NO || s->rang || !s->first_up);
	if (s->ended_by_person && s->phase == SITE_LEFT && s->intervals.n &&
		s->intervals.at[s->intervals.n - 1].ended_by == ENDED_OPERATOR)
		assert_true(v->headline != LEFT_EARLY);
}

/* What was proven once stays, whatever comes after it. */
struct proven {
	bool alive, reached;
};

static void
check_proven(const struct world *w, struct proven *p, const struct judgement *j)
{
	for (size_t i = 0; i < w->spec.sites_n; i++) {
		assert_true(!p[i].alive || j->verdicts[i].alive == YES);
		assert_true(!p[i].reached || j->verdicts[i].reached == YES);
		p[i].alive = j->verdicts[i].alive == YES;
		p[i].reached = j->verdicts[i].reached == YES;
	}
}

/* Seen inside the run, never ordered about, never among the expected. */
static void
check_extras(const struct world *w, const struct judgement *j)
{
	const struct run *r = w->run;

	for (size_t i = 0; i < r->extras.n; i++) {
		const struct run_extra *x = &r->extras.at[i];

		assert_null(run_site(r, x->leg_id));
		assert_true(x->intervals.n > 0);
		for (size_t k = 0; k < x->intervals.n; k++) {
			const struct interval *t = &x->intervals.at[k];

			assert_true(t->from >= r->begun && t->begin_seq > 0);
			assert_true(t->ended_by == ENDED_OPEN
					    ? t->to == 0
					    : t->to >= t->from && t->to <= r->now);
			assert_true(t->ended_by != ENDED_OPEN || k + 1 == x->intervals.n);
		}
	}
	for (size_t i = 0; i < w->orders.n; i++)
		assert_false(str_starts(w->orders.at[i].leg.id, "guest"));
	assert_int_equal(j->n, w->spec.sites_n);
}

/* Every expected site in one headline, every fact with rows, no order twice. */
static void
check_run(struct world *w, struct proven *p, size_t orders_from)
{
	struct judgement j;
	size_t sum = 0;

	assert_true(w->run->finished);
	judge(w->run, w->arena, &j);
	for (int h = 0; h < HEADLINE_N; h++)
		sum += j.count[h];
	assert_int_equal(sum, w->spec.sites_n);
	check_extras(w, &j);
	if (p)
		check_proven(w, p, &j);
	for (size_t i = 0; i < j.n; i++) {
		check_presence(w->run, &w->run->sites[i]);
		check_verdict(w->run, &j.verdicts[i], &w->sites[i]);
	}
	for (size_t i = 0; i < j.hops_n; i++) {
		assert_false(j.hops[i].foreign);
		for (int m = 0; m < j.hops[i].verdict.media_n; m++)
			assert_true(j.hops[i].verdict.media[m].value == UNKNOWN ||
				    j.hops[i].verdict.media[m].evidence.n > 0);
	}
	assert_int_equal(w->against_person, 0);
	assert_int_equal(w->double_dials, 0);
	for (size_t i = orders_from; i < w->orders.n; i++)
		for (size_t k = i + 1; k < w->orders.n && w->orders.at[i].verb == VERB_DIAL; k++)
			if (w->orders.at[k].verb == VERB_DIAL)
				assert_string_not_equal(
					w->orders.at[i].attempt_word, w->orders.at[k].attempt_word);
}

/* The session follows on the same conference: legs stay up and pass to it. */
static void
play_session(struct world *w)
{
	struct faults faults = { .arena = w->arena };
	struct spec *next = arena_alloc(w->arena, sizeof *next);
	struct run *before = w->run;
	size_t orders_from = w->orders.n;
	int up = 0, taken = 0;

	*next = w->spec;
	next->id = "20190210-0730-phien-hop-abcdef";
	next->phase = PHASE_SESSION;
	next->playbook_xml = session;
	next->playbook = playbook_parse(session, strlen(session), "session.xml", w->arena, &faults);
	assert_non_null(next->playbook);
	next->anchor = next->planned_start = w->now + w->skew;
	next->session_key = "";
	next->session_start = 0;
	for (size_t i = orders_from; i > 0; i--)
		assert_true(w->orders.at[i - 1].verb != VERB_END);
	w->pending.n = 0;
	w->run = run_new(next);
	w->spec = *next;
	world_begin(w);
	for (size_t m = 0; m < w->spec.mcus_n; m++) {
		struct event e;

		if (run_handover(before, m, w->now + w->skew, w->arena, &e))
			world_feed(w, &e);
	}
	for (size_t i = 0; i < w->run->legs_n; i++) {
		up += run_site_up(&before->sites[i]);
		taken += run_site_up(&w->run->sites[i]);
	}
	assert_int_equal(up, taken);
	for (size_t i = orders_from; i < w->orders.n; i++)
		assert_true(
			w->orders.at[i].verb != VERB_DIAL && w->orders.at[i].verb != VERB_HANGUP);
	world_until(w, w->now - WORLD_START + 300 * MINUTE);
	check_run(w, NULL, orders_from);
	run_free(before);
}

static void
play_seed(unsigned seed)
{
	static const char *const ids[SITES] = { "a", "b", "c", "d", "e", "f", "g", "h", "i",
		"mcu:huyen" };
	struct behaviour b[SITES];
	struct world w;
	struct proven proven[SITES] = { { 0 } };
	struct judgement j;
	struct guest guests[GUESTS];

	random_state = seed * 7919u + 17;
	for (int i = 0; i < SITES; i++)
		random_site(&b[i], ids[i]);
	/* In one of three, somebody below dials up. */
	b[SITES - 1].dials_in = !next_random(3);
	b[SITES - 1].dials_in_at = some_minute(3);
	world_new(&w, playbook, b, SITES, next_random(2));
	if (next_random(2))
		world_two_mcus(&w, 1);
	if (next_random(2))
		world_second_mcu(&w);
	((struct spec_mcu *)w.spec.mcus)[0].plays = next_random(2);
	w.play = next_random(4) ? OK : ERR_UNSUPPORTED;
	w.message = next_random(4) ? OK : ERR_UNSUPPORTED;
	if (next_random(2))
		((struct spec_mcu *)w.spec.mcus)[0].evidence |= EVIDENCE_LEVEL_MUTED;
	w.cut_off = !next_random(10);
	w.lose_dial_answers = next_random(6) ? 0 : 1 + next_random(3);
	if (next_random(2)) {
		w.spec.session_start = WORLD_START + 30 * MINUTE;
		w.spec.session_key = "s";
	}
	if (!next_random(4)) {
		w.mcu_down_from = WORLD_START + next_random(20) * MINUTE - 1;
		w.mcu_down_to = w.mcu_down_from + some_minute(30);
	}
	w.latency = 200 + next_random(3000);
	random_guests(&w, guests);
	world_begin(&w);
	for (int i = 0; i < 40 && !w.run->finished; i++) {
		world_until(&w, w.now - WORLD_START + 1000 + next_random(60000));
		if (!next_random(6))
			random_command(&w);
		if (!next_random(15))
			crash(&w);
		if (!next_random(30))
			set_clock(&w);
		judge(w.run, w.arena, &j);
		check_proven(&w, proven, &j);
	}
	world_command(&w, COMMAND_RELEASE, "", "operator", "", 0);
	world_until(&w, 300 * MINUTE);
	check_run(&w, proven, 0);
	if (w.run->handed_over)
		play_session(&w);
	world_free(&w);
}

static void
test_random_runs(void **state)
{
	for (unsigned seed = only_seed ? only_seed : 1; seed <= (only_seed ? only_seed : SEEDS);
		seed++) {
		playing = seed;
		play_seed(seed);
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random_runs) };

	only_seed = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	if (failed)
		fprintf(stderr, "# seed %u\n", playing);
	return failed;
}
