/* Talks with a LifeSize command line over SSH: the way in. What is said afterwards:
 * tests/talk/lifesize.c. */
#include "adapters/adapter.h"

#include "adapters/internal.h"

#include "tests/talk/ssh_peer.h"

#include <signal.h>

static const struct endpoint_adapter *const box = &lifesize_adapter;
static const struct device codec = { .name = "site:chu-tuc",
	.adapter = "lifesize",
	.url = "ssh://127.0.0.1:PORT",
	.user = "auto",
	.password = "s3cret" };

/* The shell of ssh_peer.h that echoes nothing by itself: the box writes its echo behind the
 * prompt. */
#define SAYS(command, data) { command, command "\n" data "\nok,00\n$ " }

static const struct peer far_end = { .password = "s3cret", .tsh = true };

#include "tests/talk/ssh_stage.h"

static void
the_prompt_comes_first(void **unused)
{
	BEGIN("Welcome\n$ ", SAYS("set help-mode off", ""), SAYS("get audio mute-device", "all\n"),
		SAYS("set audio mute off", ""), SAYS("get audio mute", "off\n"));
	open_it(&k);
	assert_true(str_starts(k.lane.learned_pin, "SHA256:"));
	assert_int_equal(box->mute(&k.task, &k.lane, false), OK);
	finish(&k);
	assert_int_equal(k.peer.logins, 1);
}

static void
a_wrong_password_is_said_once(void **unused)
{
	BEGIN("$ ", { 0 });
	has_a_wrong_password(&k);
}

static void
another_key_is_a_stranger(void **unused)
{
	BEGIN("$ ", { 0 });
	has_another_key(&k);
}

static void
a_shell_without_a_prompt(void **unused)
{
	BEGIN("Busy, come again\n", { 0 });
	k.peer.n = 0;
	k.task.deadline = clock_mono() + 2000;
	assert_int_equal(box->open(&k.task, &k.lane), ERR_TIMEOUT);
	finish(&k);
}

static void
the_line_drops_in_the_middle(void **unused)
{
	BEGIN("$ ", SAYS("set help-mode off", ""),
		{ "status call active -D |", "status call active -D |\n4|1|Co", SSH_DROP });
	struct endpoint_status s;
	assert_int_equal(box->open(&k.task, &k.lane), OK);
	assert_int_equal(box->status(&k.task, &k.lane, &s), ERR_GONE);
	finish(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_prompt_comes_first),
		cmocka_unit_test(a_wrong_password_is_said_once),
		cmocka_unit_test(another_key_is_a_stranger),
		cmocka_unit_test(a_shell_without_a_prompt),
		cmocka_unit_test(the_line_drops_in_the_middle),
	};
	signal(SIGPIPE, SIG_IGN);
	ssh_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
