/* The command line: which exit code for which words, and that every verb describes itself. */
#include "cmd/cmd.h"

#include "base/clock.h"
#include "base/str.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { ARGS = 10 };

static const struct row {
	const char *what, *args[ARGS];
	int exit;
} rows[] = {
	{ "nothing", { "tongduyet" }, CMD_USAGE },
	{ "help", { "tongduyet", "help" }, CMD_DONE },
	{ "help of a verb", { "tongduyet", "help", "serve" }, CMD_DONE },
	{ "a verb's --help", { "tongduyet", "allclear", "--help" }, CMD_DONE },
	{ "version", { "tongduyet", "version" }, CMD_DONE },
	{ "adapters", { "tongduyet", "adapters", "--json" }, CMD_DONE },
	{ "no such verb", { "tongduyet", "sreve" }, CMD_USAGE },
	{ "a verb of a later version", { "tongduyet", "incident" }, CMD_USAGE },
	{ "no such option", { "tongduyet", "version", "--fast" }, CMD_USAGE },
	{ "an option of another verb", { "tongduyet", "status", "--again" }, CMD_USAGE },
	{ "a value is missing", { "tongduyet", "plan", "--days" }, CMD_USAGE },
	{ "a flag with a value", { "tongduyet", "run", "x", "--again=yes" }, CMD_USAGE },
	{ "a word is missing", { "tongduyet", "extend", "last" }, CMD_USAGE },
	{ "a word too many", { "tongduyet", "version", "please" }, CMD_USAGE },
	{ "no such language", { "tongduyet", "version", "--lang", "fr" }, CMD_USAGE },
	{ "a bad clock", { "tongduyet", "version", "--clock", "noon" }, CMD_USAGE },
	{ "no workspace to serve", { "tongduyet", "--workspace", "/nonexistent/w", "serve" },
		CMD_COULD_NOT },
	{ "no workspace to check", { "tongduyet", "check", "--workspace=/nonexistent/w" },
		CMD_COULD_NOT },
	{ "no daemon", { "tongduyet", "--workspace", "/nonexistent/w", "status" }, CMD_COULD_NOT },
	{ "no daemon to steer",
		{ "tongduyet", "--workspace", "/nonexistent/w", "allclear", "last" },
		CMD_COULD_NOT },
	{ "no journal", { "tongduyet", "--workspace", "/nonexistent/w", "report" }, CMD_COULD_NOT },
	{ "no such sub-verb", { "tongduyet", "playbook", "burn" }, CMD_USAGE },
	{ "a device's test without a name", { "tongduyet", "device", "test" }, CMD_USAGE },
	{ "no such test", { "tongduyet", "device", "paint", "x" }, CMD_USAGE },
	{ "no such operation", { "tongduyet", "trace", "x", "paint" }, CMD_USAGE },
	{ "an answer without a text", { "tongduyet", "devices", "answer", "x" }, CMD_USAGE },
	{ "an answer without a daemon",
		{ "tongduyet", "--workspace", "/nonexistent/w", "devices", "answer", "x", "xong" },
		CMD_COULD_NOT },
	{ "a probe without a workspace",
		{ "tongduyet", "--workspace", "/nonexistent/w", "devices", "--probe" },
		CMD_COULD_NOT },
	{ "no such calendar verb", { "tongduyet", "calendar", "burn" }, CMD_USAGE },
	{ "a calendar without an address", { "tongduyet", "calendar", "add", "x" }, CMD_USAGE },
	{ "calendars of no workspace", { "tongduyet", "--workspace", "/nonexistent/w", "calendar" },
		CMD_COULD_NOT },
	{ "no such meeting verb", { "tongduyet", "meeting", "burn" }, CMD_USAGE },
	{ "no such form", { "tongduyet", "report", "--format", "clay" }, CMD_USAGE },
};

static void
test_exit_codes(void **state)
{
	int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO),
	    null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	const char *wrong = NULL;
	int got = 0;
	fflush(stdout);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0] && !wrong; i++) {
		char *argv[ARGS + 1] = { 0 };
		int argc = 0;
		for (; argc < ARGS && rows[i].args[argc]; argc++)
			argv[argc] = (char *)(uintptr_t)rows[i].args[argc];
		got = cmd_main(argc, argv);
		if (got != rows[i].exit)
			wrong = rows[i].what;
	}
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close(out);
	close(err);
	close(null);
	if (wrong)
		fail_msg("%s: exit %d", wrong, got);
}

static void
test_verbs_describe_themselves(void **state)
{
	for (size_t i = 0; cmds[i]; i++) {
		const struct cmd *c = cmds[i];
		assert_non_null(c->run);
		for (size_t k = i + 1; cmds[k]; k++)
			assert_string_not_equal(c->name, cmds[k]->name);
		if (c->hidden)
			continue;
		assert_true(str_starts(c->usage, c->name));
		assert_true(str_ends(c->help, "."));
		assert_true(c->max >= c->min);
	}
}

/* 07:00 of 2 March 2026 here is midnight in UTC. */
static void
test_instants_as_people_write_them(void **state)
{
	static const struct {
		const char *text;
		int64_t at; /* -1: none */
	} table[] = {
		{ "2026-03-02T07:00", 1772409600000 },
		{ "02/03/2026 07:00", 1772409600000 },
		{ "2/3/2026 07:00", 1772409600000 },
		{ "2026-03-02", 1772384400000 },
		{ "02/03/2026", 1772384400000 },
		{ "32/03/2026", -1 },
		{ "29/02/2026", -1 },
		{ "02/03/26", -1 },
		{ "02/03/2026 25:00", -1 },
		{ "02/03/2026 07:00 ", -1 },
		{ "02/03/2026x", -1 },
		{ "02-03-2026", -1 },
		{ "", -1 },
	};
	struct arena *a = arena_new();
	struct err_text e = { 0 };
	assert_int_equal(clock_set_zone("Asia/Ho_Chi_Minh", &e), OK);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		int64_t at = -1;
		bool read = cmd_instant_read(a, table[i].text, &at);
		if (read != (table[i].at >= 0) || (read && at != table[i].at))
			fail_msg("\"%s\": %lld", table[i].text, (long long)at);
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exit_codes),
		cmocka_unit_test(test_verbs_describe_themselves),
		cmocka_unit_test(test_instants_as_people_write_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
