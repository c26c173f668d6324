/* Random fleets again, and this time the world is asked what really was: no verdict may accuse
 * somebody whom the truth clears, or clear somebody whom it accuses, and "unknown" is counted where
 * the world had shown it. `run_truth SEED` plays one and tells, `run_truth FROM TO` counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "run_fleet.h"
#include "truth_check.h"

enum { SITES = 10, SEEDS = 300 };

static unsigned only_seed;

/* Counters, uptimes and words of this room's devices. */
static void
random_devices(struct behaviour *b)
{
	b->uptime_step_s = (int[]){ 0, 0, 1, 1, 3600, -1 }[next_random(6)];
	b->slow_ms = next_random(6) ? 0 : 2000 + (int)next_random(20000);
	b->noisy = !next_random(12);
	b->talks = !next_random(8);
	b->no_video = !next_random(12);
	b->other_password = !next_random(10);
	b->skips = !next_random(6);
	b->loss_permille = next_random(8) ? 0 : (int)next_random(200);
	b->from_wraps = !next_random(12);
	b->one_way_video_from = !next_random(16);
	b->mic_muted_to = next_random(10) ? 0 : some_minute(20);
	b->person_mutes_at = next_random(12) ? 0 : some_minute(10);
	b->coughs_at = next_random(8) ? 0 : some_minute(14);
	b->mcu_knows_not = !next_random(4);
	b->undated = !next_random(3);
	b->codec_says = CAUSE_N;
	b->on_at = next_random(3) ? 0 : b->on_at;
}

static void
random_outages(struct world *w)
{
	switch (next_random(8)) {
	case 0:
		w->mcu_down_from = WORLD_START + next_random(20) * MINUTE - 1;
		w->mcu_down_to = w->mcu_down_from + some_minute(next_random(2) ? 4 : 30);
		break;
	case 1: /* it is started again, which takes it a while */
		w->mcu_forgets_at = WORLD_START + some_minute(16);
		w->mcu_down_from = w->mcu_forgets_at - next_random(2) * 5000;
		w->mcu_down_to = w->mcu_down_from + 20000 + next_random(180) * 1000;
		w->mcu_booted = next_random(3) ? WORLD_START - 3600000 : 0;
		w->mcu_boot_ms = next_random(2) ? 0 : w->mcu_down_to - w->mcu_forgets_at;
		break;
	case 2:
		w->line_down_from = WORLD_START + next_random(16) * MINUTE;
		w->line_down_to = w->line_down_from + some_minute(next_random(2) ? 3 : 12);
		break;
	case 3:
		if (next_random(2))
			break;
		w->stale_from = WORLD_START + some_minute(14);
		w->stale_to = w->stale_from + some_minute(4);
		break;
	default: break;
	}
}

static void
random_world(struct world *w, struct guest *guests)
{
	struct spec_mcu *first = (struct spec_mcu *)w->spec.mcus;

	first->plays = next_random(2);
	w->play = next_random(4) ? OK : ERR_UNSUPPORTED;
	w->message = next_random(4) ? OK : ERR_UNSUPPORTED;
	w->message_alone = next_random(5) ? OK : ERR_UNSUPPORTED;
	if (next_random(2))
		first->evidence |= EVIDENCE_LEVEL_MUTED;
	w->cut_off = !next_random(12);
	w->hides_call = !next_random(8);
	w->keep_alive = next_random(4) ? 0 : next_random(2) ? 20000 : 60 * MINUTE;
	w->list_reason_late = next_random(6) ? 0 : 12000;
	w->lose_dial_answers = next_random(6) ? 0 : 1 + (int)next_random(3);
	w->lose_mutes = next_random(8) ? 0 : (int)next_random(4);
	w->lose_every = next_random(5) ? 0 : 3 + (int)next_random(12);
	w->latency = 200 + next_random(3000);
	if (next_random(2)) {
		w->spec.session_start = WORLD_START + 30 * MINUTE;
		w->spec.session_key = "s";
	}
	random_outages(w);
	random_guests(w, guests);
}

static void
play_seed(unsigned seed)
{
	static const char *const ids[SITES] = { "a", "b", "c", "d", "e", "f", "g", "h", "i",
		"mcu:huyen" };
	struct behaviour b[SITES];
	struct world w;
	struct truth t;
	struct guest guests[GUESTS];
	struct judgement j;

	random_state = seed * 104729u + 5;
	for (int i = 0; i < SITES; i++) {
		random_site(&b[i], ids[i]);
		random_devices(&b[i]);
	}
	bool quiet = !next_random(3); /* a run in which nobody meddles */

	world_new(&w, playbook, b, SITES, next_random(4));
	if (next_random(2))
		world_two_mcus(&w, 1);
	if (!next_random(3))
		world_second_mcu(&w);
	random_world(&w, guests);
	truth_begin(&t, &w);
	world_begin(&w);
	for (int i = 0; i < 40 && !w.run->finished; i++) {
		world_until(&w, w.now - WORLD_START + 1000 + next_random(60000));
		if (quiet)
			continue;
		if (!next_random(8))
			random_command(&w);
		if (!next_random(20))
			crash(&w);
		if (!next_random(40))
			set_clock(&w);
	}
	world_command(&w, COMMAND_RELEASE, "", "operator", "", 0);
	world_until(&w, 300 * MINUTE);
	assert_true(w.run->finished);
	judge(w.run, w.arena, &j);
	truth_check(&t, &j, seed);
	truth_free(&t);
	world_free(&w);
}

static void
test_no_verdict_is_refuted_by_the_truth(void **state)
{
	for (unsigned seed = only_seed ? only_seed : 1; seed <= (only_seed ? only_seed : SEEDS);
		seed++)
		play_seed(seed);
	if (only_seed || truth_wrongs())
		truth_print();
	assert_int_equal(truth_wrongs(), 0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(
		test_no_verdict_is_refuted_by_the_truth) };

	only_seed = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
	if (argc > 2) {
		for (unsigned last = (unsigned)strtoul(argv[2], NULL, 10); only_seed <= last;
			only_seed++)
			play_seed(only_seed);
		truth_print();
		return truth_wrongs() != 0;
	}
	truth_tells = only_seed != 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
