/* `help`, `version`: what there is. */
#include "cmd/cmd.h"

#include "base/str.h"

#include <string.h>

static int
run_help(const struct cmd_line *l)
{
	struct buf b = { 0 };
	if (l->words_n)
		for (size_t i = 0; cmds[i]; i++)
			if (!cmds[i]->hidden && str_eq(cmds[i]->name, l->words[0])) {
				buf_printf(&b, "usage: tongduyet [--workspace DIR] %s\n\n%s\n",
					cmds[i]->usage, cmds[i]->help);
				cmd_print(&b);
				buf_free(&b);
				return CMD_DONE;
			}
	buf_puts(&b, "tongduyet: rehearses video conferences from the calendar and reports on "
		     "every site\n\n"
		     "usage: tongduyet [--workspace DIR] [--json] [--lang vi|en] VERB ...\n\n");
	for (size_t i = 0; cmds[i]; i++)
		if (!cmds[i]->hidden)
			buf_printf(&b, "  %-12s %s\n", cmds[i]->name, cmds[i]->help);
	buf_puts(&b, "\n`tongduyet VERB --help` tells the words and options of a verb.\n"
		     "RUN is a run's id, its beginning, or \"last\".\n"
		     "exit: 0 done; 1 done, and something is not as it should be; 2 wrong usage; 3 "
		     "could not; 4 refused\n"
		     "serve and run: --clock INSTANT[@UNIXTIME] --speed N run on another clock, "
		     "for trials against the lab\n");
	cmd_print(&b);
	buf_free(&b);
	return l->cmd ? CMD_DONE : CMD_USAGE;
}

static int
run_version(const struct cmd_line *l)
{
	struct buf b = { 0 };
	buf_printf(&b, "tongduyet %s\n", TD_VERSION[0] ? TD_VERSION : "(unreleased)");
	cmd_print(&b);
	buf_free(&b);
	return CMD_DONE;
}

const struct cmd cmd_help = { .name = "help",
	.usage = "help [VERB]",
	.help = "Lists the verbs, or tells one.",
	.max = 1,
	.run = run_help };
const struct cmd cmd_version = {
	.name = "version", .usage = "version", .help = "Prints the version.", .run = run_version
};
