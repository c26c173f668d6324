/* Verbs that only our own processes use: children that read calendars and speak with git servers
 * under limits. */
#include "cmd/cmd.h"

#include "playbooks/vault.h"
#include "schedules/calendar.h"

static int
run_calendar(const struct cmd_line *l)
{
	return calendar_child(l->argc, l->argv);
}

static int
run_vault(const struct cmd_line *l)
{
	return vault_child(l->argc, l->argv);
}

const struct cmd cmd_calendar_child = {
	.name = "calendar-child", .usage = "", .help = "", .run = run_calendar, .hidden = true
};
const struct cmd cmd_vault_child = {
	.name = "vault-child", .usage = "", .help = "", .run = run_vault, .hidden = true
};
