/* The checklist of a site: value and what it rests on, for one behaviour per row; and never a
 * finding where only a sign is missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "world.h"

static void
each_item_has_a_value_and_says_how_it_is_known(void **state)
{
	static const struct {
		struct behaviour b;
		bool endpoints;
		const char *items; /* "value by" of connection, equipment, sound, picture, line,
				    * power; "-" unknown, "." does not apply */
	} rows[] = {
		{ { .id = "good" }, true,
			"yes mcu, yes endpoint, yes rollcall, yes counters, yes mcu, yes "
			"endpoint" },
		{ { .id = "no codec" }, false, "yes mcu, -, -, -, yes mcu, yes mcu" },
		{ { .id = "off", .kind = W_OFF }, true, "no mcu, -, -, -, -, -" },
		{ { .id = "busy", .kind = W_BUSY }, false, "no mcu, -, -, -, -, yes mcu" },
		{ { .id = "incompatible", .kind = W_INCOMPATIBLE }, true,
			"no mcu, no mcu, -, -, -, yes endpoint" },
		{ { .id = "silent", .silent = true }, true,
			"yes mcu, yes endpoint, no rollcall, yes counters, yes mcu, yes endpoint" },
		{ { .id = "one-way", .one_way_video_from = true }, true,
			"yes mcu, yes endpoint, yes rollcall, no counters, yes mcu, yes endpoint" },
		{ { .id = "audio only", .no_video = true }, true,
			"yes mcu, yes endpoint, yes rollcall, ., yes mcu, yes endpoint" },
		{ { .id = "lossy", .loss_permille = 60 }, true,
			"yes mcu, yes endpoint, yes rollcall, yes counters, no counters, yes "
			"endpoint" },
		{ { .id = "switched off", .poweroff_at = 18 * MINUTE, .on_again_at = 30 * MINUTE },
			true,
			"yes mcu, yes endpoint, yes rollcall, yes counters, yes mcu, no endpoint" },
		{ { .id = "line", .network_down_at = 18 * MINUTE, .network_back_at = 27 * MINUTE },
			true,
			"yes mcu, yes endpoint, yes rollcall, yes counters, no endpoint, yes "
			"endpoint" },
		{ { .id = "password", .other_password = true }, true,
			"yes mcu, yes endpoint, -, -, yes mcu, yes endpoint" },
	};

	for (size_t i = 0; i < N(rows); i++) {
		struct world w;
		struct judgement j;
		struct buf b = { 0 };

		world_new(&w, world_playbook, &rows[i].b, 1, rows[i].endpoints);
		world_begin(&w);
		world_until(&w, 60 * MINUTE);
		judge(w.run, w.arena, &j);
		for (int k = 0; k < 6; k++) {
			const char *value = j.verdicts[0].checklist[k].value,
				   *by = j.verdicts[0].checklist[k].by;

			assert_int_equal(!*by, !*value || str_eq(value, "unknown"));
			buf_printf(&b, "%s%s%s%s", k ? ", " : "",
				!*value			   ? "."
				: str_eq(value, "unknown") ? "-"
							   : value,
				*by ? " " : "", by);
		}
		if (!str_eq(buf_str(&b), rows[i].items))
			fail_msg("%s: %s, not %s", rows[i].b.id, buf_str(&b), rows[i].items);
		buf_free(&b);
		world_free(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(
		each_item_has_a_value_and_says_how_it_is_known) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
