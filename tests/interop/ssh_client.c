/* One shell through adapters/wire/ssh.h, for the scripts in this folder: logs in, asks one thing,
 * says what came.
 *
 *   SSH_CLIENT_PASSWORD=... ssh_client PORT USER PIN|- modern|legacy [COMMAND]
 *   key SHA256:...
 *   line 1 Hour, 10 Minutes
 *   ok | auth host-key-changed ssh 127.0.0.1: key ...
 *
 * The last line is the outcome: class of the error, its word or "-", its sentence. */
#include "adapters/wire/lines.h"
#include "adapters/wire/ssh.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>

enum { GIVEN_MS = 20000, SILENCE_MS = 5000, LINES_MOST = 100 };

static enum err
until_prompt(struct task *t, struct lines *l, bool tell)
{
	bool seen;
	const char *line = "";
	enum err e = lines_prompt(t, l, "-> ", SILENCE_MS, &seen);
	if (e == OK && !seen)
		return task_fail(t, ERR_TIMEOUT, "no prompt");
	for (int i = 0; e == OK && line && i < LINES_MOST; i++) {
		e = lines_next(t, l, 0, &line);
		if (e == OK && line && tell)
			printf("line %s\n", line);
	}
	return e;
}

static enum err
talk(struct task *t, struct ssh *ssh, const char *command)
{
	struct lines l = { .ssh = ssh };
	enum err e = until_prompt(t, &l, false);
	if (e == OK && command)
		e = lines_send(t, &l, command, "\r");
	if (e == OK && command)
		e = until_prompt(t, &l, true);
	lines_free(&l);
	return e;
}

int
main(int argc, char **argv)
{
	int64_t port;
	struct ssh *ssh = NULL;
	if (argc < 5 || !str_to_int(argv[1], 1, 65535, &port)) {
		fprintf(stderr, "usage: ssh_client PORT USER PIN|- modern|legacy [COMMAND]\n");
		return 2;
	}
	ssh_global_init();
	struct task t = {
		.arena = arena_new(), .cancel_fd = -1, .deadline = clock_mono() + GIVEN_MS
	};
	struct ssh_options o = {
		.host = "127.0.0.1",
		.port = (int)port,
		.user = argv[2],
		.password = getenv("SSH_CLIENT_PASSWORD"),
		.pin = str_eq(argv[3], "-") ? NULL : argv[3],
		.legacy = str_eq(argv[4], "legacy"),
		.pty = true,
	};
	enum err e = ssh_open(&t, &o, &ssh);
	if (e == OK) {
		printf("key %s\n", ssh_host_key(ssh));
		e = talk(&t, ssh, argc > 5 ? argv[5] : NULL);
	}
	if (e == OK)
		printf("ok\n");
	else
		printf("%s %s %s\n", err_name(e), t.word ? t.word : "-", t.why);
	ssh_close(ssh);
	arena_free(t.arena);
	return e == OK ? 0 : 1;
}
