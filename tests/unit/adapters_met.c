/* Proven is who met a real peer: `grade` and `met` of each adapter, and the table that says so in
 * adapters/FAMILIES.md, with a test that is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "adapters/adapter.h"
#include "adapters/internal.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char families[128 << 10];

static int
read_families(void **state)
{
	FILE *f = fopen("adapters/FAMILIES.md", "r");
	size_t n = f ? fread(families, 1, sizeof families - 1, f) : 0;
	if (f)
		fclose(f);
	families[n] = '\0';
	return n ? 0 : -1;
}

/* "| NAME | GRADE | PEER | TEST |" */
static void
check(const char *name, enum grade grade, const char *met)
{
	char row[200], test[120] = "";
	if (str_eq(name, fake_mcu_adapter.name))
		return;
	if ((grade == GRADE_PROVEN) != (met && *met))
		fail_msg("%s: %s, and met %s", name, grade_name(grade), met ? met : "nobody");
	snprintf(row, sizeof row, "\n| %s | %s | %s | ", name, grade_name(grade), met ? met : "-");
	const char *at = strstr(families, row);
	if (!at)
		fail_msg("adapters/FAMILIES.md has no row \"%s\"", row + 1);
	at += strlen(row);
	snprintf(test, sizeof test, "%.*s", (int)strcspn(at, " |\n"), at);
	if (met ? access(test, X_OK) != 0 : !str_eq(test, "-"))
		fail_msg("%s: its test is \"%s\"", name, test);
}

static void
proven_names_a_peer(void **state)
{
	for (size_t i = 0; mcu_adapters[i]; i++)
		check(mcu_adapters[i]->name, mcu_adapters[i]->grade, mcu_adapters[i]->met);
	for (size_t i = 0; endpoint_adapters[i]; i++)
		check(endpoint_adapters[i]->name, endpoint_adapters[i]->grade,
			endpoint_adapters[i]->met);
}

/* A peer without a version proves nothing that could be asked again. */
static void
a_peer_has_a_version(void **state)
{
	for (size_t i = 0; mcu_adapters[i]; i++)
		if (mcu_adapters[i]->met)
			assert_non_null(strpbrk(mcu_adapters[i]->met, "0123456789"));
	for (size_t i = 0; endpoint_adapters[i]; i++)
		if (endpoint_adapters[i]->met)
			assert_non_null(strpbrk(endpoint_adapters[i]->met, "0123456789"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proven_names_a_peer),
		cmocka_unit_test(a_peer_has_a_version),
	};
	return cmocka_run_group_tests(tests, read_families, NULL);
}
