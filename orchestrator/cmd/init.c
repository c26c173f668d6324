/* `init`: a new workspace that can be started at once; `init --key` gives an older one the key it
 * signs results with. */
#include "cmd/cmd.h"

#include "base/clock.h"
#include "base/hash.h"
#include "workspace.h"

#include <string.h>

static int
make_key(const struct cmd_line *l, const char *dir)
{
	struct workspace w;
	struct sign_key key;
	struct err_text e = { 0 };
	struct buf b = { 0 };
	char text[SIGN_TEXT_SIZE];
	workspace_paths(dir, l->arena, &w);
	enum err code = workspace_key_new(&w, &key, &e);
	if (code != OK)
		return cmd_fail(code, "%s", e.text);
	text_printf(&b, cmd_lang(l), T("made %s; tell those above: %s\n"), w.key_path,
		sign_text(key.open, text));
	explicit_bzero(&key, sizeof key);
	cmd_print(&b);
	buf_free(&b);
	return CMD_DONE;
}

static int
run_init(const struct cmd_line *l)
{
	struct err_text e = { 0 };
	struct buf b = { 0 };
	const char *dir = l->words_n ? l->words[0] : l->workspace, *name = cmd_value(l, "name");
	if (cmd_flag(l, "key"))
		return make_key(l, dir);
	enum err code = workspace_init(dir, name ? name : "Phòng họp trực tuyến", clock_now(), &e);
	if (code != OK)
		return cmd_fail(code, "%s", e.text);
	struct cmd_line made = *l;
	made.workspace = dir;
	text_printf(&b, cmd_lang(&made),
		T("made the workspace %s\n"
		  "next: edit tongduyet.xml (MCUs), sites.csv (sites) and secrets.xml (passwords), "
		  "put calendars into schedules/,\n"
		  "then `tongduyet --workspace %s check` and `tongduyet --workspace %s serve`\n"),
		dir, dir, dir);
	cmd_print(&b);
	buf_free(&b);
	return CMD_DONE;
}

const struct cmd cmd_init = { .name = "init",
	.usage = "init [DIR] [--name NAME] | init [DIR] --key",
	.help = T("Makes a new workspace; --key makes only the key that results for other offices "
		"are signed with."),
	.flags = "key",
	.values = "name",
	.max = 1,
	.run = run_init };
