/* The step that tries again: only the sites it is for, of these only who did not pass, and what was
 * proven of the others stays proven. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run_inner.h"
#include "world.h"

#define PLAYBOOK(retest)                                                                           \
	"<playbook name='tong-duyet' title='T' phase='rehearsal' anchor='event'>\n"                 \
	"<open at='PT0S' muted='yes'/>\n"                                                          \
	"<dial at='PT0S' attempts='2' every='PT1M' probe-every='PT10M'/>\n"                        \
	"<verify at='PT3M' within='PT3M'/>\n"                                                      \
	"<retest at='PT10M' " retest "/>\n"                                                        \
	"<allclear at='PT15M' by='rule' latest='PT18M'/>\n"                                        \
	"<close at='PT22M'/>\n"                                                                    \
	"<report at='PT24M'/>\n"                                                                   \
	"</playbook>\n"

/* Switched on after its attempts were used up; there and proven; there, and no sound comes. */
enum { AWAKE_LATE, GOOD_ONE, DEAF, SITES };

static const struct behaviour b[] = { { .id = "late", .on_at = 8 * MINUTE }, { .id = "good" },
	{ .id = "deaf", .one_way_audio_from = true } };

struct tried {
	bool again[SITES]; /* dialled, or measured from the beginning */
};

static bool
has_base(const struct run_site *s)
{
	return s->proof[BY_MCU][AUDIO][FROM_SITE].have_base;
}

static struct tried
play(const char *playbook)
{
	struct world w;
	struct tried t = { 0 };
	int dials[SITES];
	bool based[SITES];

	world_new(&w, playbook, b, N(b), true);
	world_begin(&w);
	world_until(&w, 10 * MINUTE - 1000);
	assert_false(run_site_up(&w.run->sites[AWAKE_LATE]));
	assert_true(media_proven(&w.run->sites[GOOD_ONE], BY_MCU, FROM_SITE));
	assert_false(media_proven(&w.run->sites[DEAF], BY_MCU, FROM_SITE));
	for (int i = 0; i < SITES; i++) {
		dials[i] = w.sites[i].dials;
		based[i] = has_base(&w.run->sites[i]);
	}
	assert_true(based[GOOD_ONE] && based[DEAF]);
	world_until(&w, 10 * MINUTE + 500);
	for (int i = 0; i < SITES; i++)
		t.again[i] = based[i] && !has_base(&w.run->sites[i]);
	world_until(&w, 10 * MINUTE + 2000);
	for (int i = 0; i < SITES; i++)
		t.again[i] = t.again[i] || w.sites[i].dials > dials[i];
	assert_true(media_proven(&w.run->sites[GOOD_ONE], BY_MCU, FROM_SITE));
	world_free(&w);
	return t;
}

static void
who_did_not_pass_is_tried_again(void **state)
{
	struct tried t = play(PLAYBOOK("of='failed'"));

	assert_true(t.again[AWAKE_LATE]);
	assert_true(t.again[DEAF]);
	assert_false(t.again[GOOD_ONE]);
}

static void
only_who_is_not_there(void **state)
{
	struct tried t = play(PLAYBOOK("of='absent'"));

	assert_true(t.again[AWAKE_LATE]);
	assert_false(t.again[DEAF]);
	assert_false(t.again[GOOD_ONE]);
}

static void
only_the_sites_of_the_step(void **state)
{
	struct tried t = play(PLAYBOOK("sites='deaf good'"));

	assert_false(t.again[AWAKE_LATE]);
	assert_true(t.again[DEAF]);
	assert_false(t.again[GOOD_ONE]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_did_not_pass_is_tried_again),
		cmocka_unit_test(only_who_is_not_there),
		cmocka_unit_test(only_the_sites_of_the_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
