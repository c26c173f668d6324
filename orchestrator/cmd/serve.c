/* `serve` and `run`: the daemon, and one run without it. */
#include "cmd/cmd.h"

#include "base/clock.h"
#include "base/str.h"
#include "control.h"
#include "coordinator.h"
#include "workspace.h"

enum { BEGIN_MS = 60000 };

static int
open_coordinator(const struct cmd_line *l, struct coordinator **out)
{
	struct err_text e = { 0 };
	cmd_zone(l);
	enum err code = coordinator_open(l->workspace, out, &e);
	if (code == OK)
		return CMD_DONE;
	cmd_fail(code, "%s", e.text);
	return code == ERR_REFUSED ? CMD_REFUSED : CMD_COULD_NOT;
}

static int
run_serve(const struct cmd_line *l)
{
	struct coordinator *c;
	struct err_text e = { 0 };
	int exit = open_coordinator(l, &c);
	if (exit != CMD_DONE)
		return exit;
	if (coordinator_serve(c, &e) != OK)
		exit = cmd_fail(ERR_SYSTEM, "%s", e.text);
	coordinator_close(c);
	return exit;
}

static int
run_in_daemon(const struct cmd_line *l, struct control_call *call)
{
	control_hangup(call);
	return cmd_tell(l, cmd_request(l, "run", 0), BEGIN_MS, l->json);
}

static int
run_run(const struct cmd_line *l)
{
	struct workspace w;
	struct coordinator *c;
	struct control_call *call;
	struct err_text e = { 0 };
	struct buf b = { 0 };
	char report[4096] = "";
	bool good = false;
	if (cmd_flag(l, "dry-run"))
		return cmd_dry_run(l);
	workspace_paths(l->workspace, l->arena, &w);
	if (control_connect(w.socket_path, &call, &e) == OK)
		return run_in_daemon(l, call);
	int exit = open_coordinator(l, &c);
	if (exit != CMD_DONE)
		return exit;
	e = (struct err_text){ 0 };
	enum err code = coordinator_run(
		c, l->words[0], cmd_flag(l, "again"), &good, report, sizeof report, &e);
	coordinator_close(c);
	if (code != OK)
		return cmd_fail(code, "%s", e.text);
	buf_printf(&b, "%s\n", report);
	cmd_print(&b);
	buf_free(&b);
	return good ? CMD_DONE : CMD_FAULTS;
}

const struct cmd cmd_serve = { .name = "serve",
	.usage = "serve [--clock INSTANT[@UNIXTIME] --speed N]",
	.help = T("Runs the daemon: follows the calendars, rehearses, reports."),
	.run = run_serve };
const struct cmd cmd_run = { .name = "run",
	.usage = "run KEY|UID [--again | --dry-run]",
	.help = T("Begins a planned run now: in the daemon, or here until it ends when there is "
		"none; --dry-run tells every order and its instant."),
	.flags = "again dry-run",
	.min = 1,
	.max = 1,
	.run = run_run };
