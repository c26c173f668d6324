/* Slow devices, a slow network, a machine of ours that stands still: what a site is, the verdict
 * says, or it says that it does not know. Never anything else, and nobody is accused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "world.h"

enum { SEEDS = 12 };

struct truth {
	struct behaviour b;
	bool listed;             /* its MCU lists a dead leg for ever */
	enum headline headline;
	bool certain;            /* also where nobody answers in time */
};

static const struct truth boxes[] = {
	{ { .id = "good" }, false, GOOD, false },
	{ { .id = "off", .kind = W_OFF }, false, ABSENT, true },
	{ { .id = "unanswered", .kind = W_UNANSWERED }, false, UNATTENDED, true },
	{ { .id = "busy", .kind = W_BUSY }, false, UNCONNECTED, true },
	{ { .id = "silent", .silent = true }, false, UNATTENDED, false },
	{ { .id = "hang-up", .hangup_at = 12 * MINUTE }, false, LEFT_EARLY, true },
	{ { .id = "power", .poweroff_at = 15 * MINUTE, .on_again_at = 30 * MINUTE }, false,
		LEFT_EARLY, true },
	{ { .id = "power", .poweroff_at = 15 * MINUTE, .on_again_at = 30 * MINUTE }, true,
		LEFT_EARLY, true },
	{ { .id = "gone", .network_down_at = 15 * MINUTE }, false, LOST, true },
	{ { .id = "gone", .network_down_at = 15 * MINUTE }, true, LOST, true },
	{ { .id = "returns", .network_down_at = 14 * MINUTE, .network_back_at = 17 * MINUTE },
		false, GOOD, false },
	{ { .id = "one-way-to", .one_way_audio_to = true }, false, ONE_WAY, true },
	{ { .id = "one-way-from", .one_way_video_from = true }, false, ONE_WAY, true },
	{ { .id = "frozen", .frozen_at = 3 * MINUTE }, false, ONE_WAY, true },
	{ { .id = "frozen", .frozen_at = 12 * MINUTE }, false, ONE_WAY, true },
	{ { .id = "lossy", .loss_permille = 60 }, false, POOR, true },
	{ { .id = "person", .person_hangs_up = true, .person_at = 12 * MINUTE }, false, GOOD,
		false },
};

struct pressure {
	int64_t before_ms, after_ms, stall_ms, stall_every_ms;
};

static enum headline
play(const struct truth *t, const struct pressure *p, unsigned seed)
{
	struct world w;
	struct judgement j;

	world_new(&w, world_playbook, &t->b, 1, true);
	w.dice = seed;
	w.keep_alive = t->listed ? 120 * MINUTE : 0;
	w.before_ms = p->before_ms;
	w.after_ms = p->after_ms;
	w.stall_ms = p->stall_ms;
	w.stall_every_ms = p->stall_every_ms;
	world_begin(&w);
	world_until(&w, 60 * MINUTE);
	assert_true(w.run->finished);
	judge(w.run, w.arena, &j);
	enum headline told = j.verdicts[0].headline;

	world_free(&w);
	return told;
}

static void
who_is_slow_is_not_misjudged(void **state)
{
	static const struct pressure pressures[] = { { 0, 0, 0, 1 }, { 0, 8000, 0, 1 },
		{ 8000, 8000, 0, 1 }, { 25000, 0, 0, 1 }, { 4000, 4000, 20000, 90000 } };
	int wrong = 0;

	for (size_t i = 0; i < N(boxes); i++)
		for (size_t p = 0; p < N(pressures); p++)
			for (unsigned seed = 1; seed <= SEEDS; seed++) {
				const struct truth *t = &boxes[i];
				enum headline told = play(t, &pressures[p], seed);

				if (told == t->headline ||
					(!t->certain && p && told == UNVERIFIED))
					continue;
				print_error("%s under pressure %zu, seed %u: %s\n", t->b.id, p,
					seed, headline_name(told));
				wrong++;
			}
	assert_int_equal(wrong, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(who_is_slow_is_not_misjudged) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
