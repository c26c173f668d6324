/* What the files about run.c share: the Văn Quan case, one play of the world. */
#ifndef TD_TESTS_RUN_PLAY_H
#define TD_TESTS_RUN_PLAY_H

#include "world.h"

static const struct behaviour van_quan[] __attribute__((unused)) = {
	{ .id = "chu-tuc", .kind = W_OFF },
	{ .id = "xuan-mai", .kind = W_OFF },
	{ .id = "tri-le", .silent = true },
	{ .id = "van-an", .silent = true },
	{ .id = "trang-cuc", .silent = true },
	{ .id = "binh-phuc", .hangup_at = 18 * MINUTE },
	{ .id = "yen-phuc", .poweroff_at = 20 * MINUTE, .on_again_at = 32 * MINUTE },
	{ .id = "a" },
	{ .id = "b" },
	{ .id = "c" },
	{ .id = "d" },
	{ .id = "e" },
	{ .id = "f" },
	{ .id = "g" },
	{ .id = "h" },
	{ .id = "i" },
	{ .id = "j" },
	{ .id = "k" },
	{ .id = "l" },
	{ .id = "m" },
	{ .id = "n" },
	{ .id = "o" },
	{ .id = "p" },
	{ .id = "q" },
};

static inline void
assert_list(const struct judgement *j, enum list l, const char *expected)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < j->lists[l].n; i++)
		buf_printf(&b, "%s%s", i ? " " : "", j->lists[l].ids[i]);
	assert_string_equal(buf_str(&b), expected);
	buf_free(&b);
}

static inline void
play(struct world *w, struct judgement *j)
{
	world_begin(w);
	world_until(w, 60 * MINUTE);
	assert_true(w->run->finished);
	assert_true(w->run->report_due);
	judge(w->run, w->arena, j);
}

#endif
