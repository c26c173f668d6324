/* `init`: a new workspace that can be started at once. */
#include "cmd/cmd.h"

#include "base/clock.h"
#include "workspace.h"

static int
run_init(const struct cmd_line *l)
{
	struct err_text e = { 0 };
	struct buf b = { 0 };
	const char *dir = l->words_n ? l->words[0] : l->workspace, *name = cmd_value(l, "name");
	enum err code = workspace_init(dir, name ? name : "Phòng họp trực tuyến", clock_now(), &e);
	if (code != OK)
		return cmd_fail(code, "%s", e.text);
	buf_printf(&b, "made the workspace %s\n"
		       "next: edit tongduyet.xml (MCUs), sites.csv (sites) and secrets.xml (passwords), put calendars into schedules/,\n"
		       "then `tongduyet --workspace %s check` and `tongduyet --workspace %s serve`\n", dir, dir, dir);
	cmd_print(&b);
	buf_free(&b);
	return CMD_DONE;
}

const struct cmd cmd_init = { .name = "init", .usage = "init [DIR] [--name NAME]", .help = "Makes a new workspace.", .values = "name",
	.max = 1, .run = run_init };
