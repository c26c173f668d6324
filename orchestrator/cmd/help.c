/* `help`, `version`: what there is. */
#include "cmd/cmd.h"

#include "base/str.h"
#include "table.h"

#include <string.h>

enum { WIDTH = 100, NAMES = 15 };

static void
tell(struct buf *out, const struct cmd *c, const char *lang)
{
	buf_printf(out, "  %-*s", NAMES - 2, c->name);
	table_paragraph(out, text_get(lang, c->help), WIDTH, NAMES, NAMES);
}

static int
run_help(const struct cmd_line *l)
{
	struct buf b = { 0 };
	const char *lang = cmd_lang(l);
	for (size_t i = 0; l->words_n && cmds[i]; i++)
		if (!cmds[i]->hidden && str_eq(cmds[i]->name, l->words[0])) {
			cmd_usage(cmds[i], lang, &b);
			cmd_print(&b);
			buf_free(&b);
			return CMD_DONE;
		}
	buf_printf(&b, "%s\n\n%s tongduyet [--workspace DIR] [--json] [--lang vi|en] VERB ...\n\n",
		text_get(lang, T("tongduyet: rehearses video conferences from the calendar and "
				 "reports on every site")),
		text_get(lang, T("usage:")));
	for (size_t i = 0; cmds[i]; i++)
		if (!cmds[i]->hidden)
			tell(&b, cmds[i], lang);
	static const char *const below[] = {
		T("`tongduyet VERB --help` tells the words and options of a verb."),
		T("RUN is a run's id, its beginning, or \"last\"."),
		T("exit: 0 done; 1 done, and something is not as it should be; 2 wrong usage; 3 "
		  "could not; 4 refused"),
		T("serve and run: --clock INSTANT[@UNIXTIME] --speed N run on another clock, for "
		  "trials against the lab"),
	};
	buf_putc(&b, '\n');
	for (size_t i = 0; i < sizeof below / sizeof *below; i++)
		table_paragraph(&b, text_get(lang, below[i]), WIDTH, 0, 4);
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
	.help = T("Lists the verbs, or tells one."),
	.max = 1,
	.run = run_help };
const struct cmd cmd_version = {
	.name = "version", .usage = "version", .help = T("Prints the version."), .run = run_version
};
