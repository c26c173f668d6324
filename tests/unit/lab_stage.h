/* What tests of the lab without its sockets share: a scenario, a leg, and the text that was
 * answered. The program includes the lab's sources before. */
#ifndef TD_TESTS_UNIT_LAB_STAGE_H
#define TD_TESTS_UNIT_LAB_STAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define START 1550000000000LL

static struct arena *arena;
static struct scenario scenario;
static struct leg leg;
static struct buf told;

static inline int
setup(void **state)
{
	arena = arena_new();
	leg = (struct leg){ 0 };
	return 0;
}

static inline int
teardown(void **state)
{
	buf_free(&told);
	arena_free(arena);
	return 0;
}

/* The fleet of this scenario at START; the leg is the first MCU's. */
static inline void
lab_opens(const char *text)
{
	struct faults faults = { .arena = arena };
	assert_true(scenario_parse(arena, "x.lab", text, &scenario, &faults));
	fleet_open(&scenario, arena, START);
	leg = (struct leg){ .mcu = &scenario.mcus.at[0] };
}

#endif
