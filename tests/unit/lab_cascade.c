/* A simulated MCU dials another: one leg at each end, told from one call. */
#include "tests/lab/cascade.c"
#include "tests/lab/codian_feedback.c"
#include "tests/lab/codian_state.c"
#include "tests/lab/fleet.c"
#include "tests/lab/log.c"
#include "tests/lab/post.c"
#include "tests/lab/scenario.c"
#include "tests/lab/scenario_mcu.c"
#include "tests/lab/words.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { S = 1000 };
#define START 1550000000000LL

bool (*cli_dial)(struct site *s, const char *address, int64_t now);

void
tps_post(struct mcu *m)
{ /* no TelePresence Server here */
}

static struct arena *arena;
static struct scenario plan;
static struct mcu both[2];
static struct conf *above, *below;

/* "tinh" above "huyen", each with a conference; `more` belongs to huyen's line. */
static void
lab(const char *more)
{
	struct faults faults = { .arena = arena };
	assert_true(scenario_parse(arena, "x.lab",
		arena_printf(arena,
			"mcu tinh cisco-mcu https://127.10.0.1:8443\n"
			"mcu huyen cisco-mcu https://127.11.0.1:8443 parent tinh %s\nsite a on mcu "
			"huyen\n",
			more),
		&plan, &faults));
	assert_string_equal(plan.mcus.at[1].parent, "tinh");
	fleet_open(&plan, arena, START);
	for (int i = 0; i < 2; i++)
		both[i] = (struct mcu){ .plan = &plan.mcus.at[i], .started = START };
	cascade_open(&plan, both, 2);
	above = mcu_conf_add(&both[0], "họp tỉnh", START);
	below = mcu_conf_add(&both[1], "họp huyện", START);
}

static int
setup(void **state)
{
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	for (int i = 0; i < 2; i++) {
		for (size_t k = 0; k < both[i].parts.n; k++)
			free(both[i].parts.at[k]);
		for (size_t k = 0; k < both[i].confs.n; k++)
			free(both[i].confs.at[k]);
		vec_free(&both[i].parts);
		vec_free(&both[i].confs);
	}
	for (size_t i = 0; i < trunks.n; i++)
		free(trunks.at[i]);
	vec_free(&trunks);
	arena_free(arena);
	return 0;
}

static void
until(int64_t ms)
{
	for (int i = 0; i < 2; i++)
		mcu_tick(&both[i], START + ms);
	cascade_tick(START + ms);
	for (int i = 0; i < 2; i++)
		mcu_tick(&both[i], START + ms);
}

static struct part *
dial_below(const char *address)
{
	struct part *p = mcu_part_add(&both[0], above, "huyen");
	p->by_api = true;
	str_copy(p->protocol, sizeof p->protocol, "sip");
	str_copy(p->address, sizeof p->address, address);
	mcu_part_dial(&both[0], p, START);
	return p;
}

static struct part *
guest(void)
{
	for (size_t i = 0; i < both[1].parts.n; i++)
		if (!both[1].parts.at[i]->dead && str_eq(both[1].parts.at[i]->type, "ad_hoc"))
			return both[1].parts.at[i];
	return NULL;
}

static void
both_ends(void **state)
{
	lab("");
	struct part *p = dial_below("họp huyện@127.11.0.1");
	until(S);
	assert_int_equal(p->leg.phase, PHASE_ALERTING);
	assert_null(guest());
	until(1800);
	struct part *q = guest();
	assert_int_equal(p->leg.phase, PHASE_CONNECTED);
	assert_non_null(q);
	assert_ptr_equal(q->conf, below);
	assert_string_equal(q->address, "127.10.0.1");
	assert_string_equal(q->display, "tinh");
	struct media up, down;
	leg_media(&p->leg, START + 11800, &up);
	leg_media(&q->leg, START + 11800, &down);
	assert_int_equal(up.packets[0][0], 500);
	assert_int_equal(down.packets[1][0], 1000);
	mcu_part_hang(&both[0], p, START + 12 * S, "disconnectAll");
	until(12 * S);
	assert_null(guest());
	mcu_part_dial(&both[0], p, START + 20 * S); /* and again, ended from below */
	until(22 * S);
	assert_non_null(guest());
	mcu_conf_end(&both[1], below, START + 30 * S, false);
	until(30 * S);
	assert_int_equal(p->leg.phase, PHASE_DISCONNECTED);
	assert_string_equal(p->leg.why, "remoteTeardown");
}

static void
nobody_there(void **state)
{
	static const struct {
		const char *address, *more, *why;
		int64_t after;
	} table[] = { { "khác@127.11.0.1", "", "rejected", 2 * S },
		{ "họp huyện@127.99.0.1", "", "destinationUnreachable", 20 * S },
		{ "họp huyện@127.11.0.1", "cut-off", "destinationUnreachable", 20 * S },
		{ "x@127.10.0.1", "", "destinationUnreachable", 20 * S } };
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		lab(table[i].more);
		struct part *p = dial_below(table[i].address);
		until(table[i].after);
		assert_int_equal(p->leg.phase, PHASE_DISCONNECTED);
		assert_string_equal(p->leg.why, table[i].why);
		assert_null(guest());
		if (i + 1 < sizeof table / sizeof *table) {
			teardown(NULL);
			setup(NULL);
		}
	}
}

/* The line of the MCU below is dead: its counters stand above as well, and both ends give up
 * together. */
static void
dead_line(void **state)
{
	lab("uplink-down +60s");
	struct part *p = dial_below("@127.11.0.1");
	until(1800);
	assert_non_null(guest());
	struct media md;
	leg_media(&p->leg, START + 100 * S, &md);
	assert_int_equal(md.packets[0][0], 60 * 50);
	assert_false(md.flowing[0][0]);
	until(151 * S);
	assert_int_equal(p->leg.phase, PHASE_CONNECTED);
	until(152 * S);
	assert_string_equal(p->leg.why, "networkError");
	assert_null(guest());
	mcu_part_dial(&both[0], p, START + 160 * S);
	until(180 * S);
	assert_string_equal(p->leg.why, "destinationUnreachable");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(both_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_there, setup, teardown),
		cmocka_unit_test_setup_teardown(dead_line, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
