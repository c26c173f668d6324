/* Words that steer a run that lives in the daemon: sent as they are, checked there, said back in
 * one line.
 *
 * One table of verbs, because they differ only in their words. It must never touch a device or the
 * journal itself. */
#include "cmd/cmd.h"

#include "base/str.h"

enum { ANSWER_MS = 10000 };

static int
steer(const struct cmd_line *l)
{
	return cmd_tell(l, cmd_request(l, l->cmd->name, 0), ANSWER_MS, l->json);
}

const struct cmd cmd_allclear = { .name = "allclear",
	.usage = "allclear RUN [--by NAME] [--why TEXT]",
	.help = T("Announces the end of the trial: nobody who leaves after it left early."),
	.values = "by why",
	.min = 1,
	.max = 1,
	.run = steer };
const struct cmd cmd_hold = { .name = "hold",
	.usage = "hold RUN [--release] [--by NAME] [--why TEXT]",
	.help = T("Stops the steps of a run until it is released; legs stay up."),
	.flags = "release",
	.values = "by why",
	.min = 1,
	.max = 1,
	.run = steer };
const struct cmd cmd_extend = { .name = "extend",
	.usage = "extend RUN PT10M [--by NAME] [--why TEXT]",
	.help = T("Moves all later steps of a run."),
	.values = "by why",
	.min = 2,
	.max = 2,
	.run = steer };
const struct cmd cmd_stop = { .name = "stop",
	.usage = "stop RUN [--by NAME] [--why TEXT]",
	.help = T("Ends a run now: its conference is taken down and its report written."),
	.values = "by why",
	.min = 1,
	.max = 1,
	.run = steer };
const struct cmd cmd_hangup = { .name = "hangup",
	.usage = "hangup RUN SITE [--by NAME]",
	.help = T("Hangs up a site; it is not dialled again unless a person does."),
	.values = "by why",
	.min = 2,
	.max = 2,
	.run = steer };
const struct cmd cmd_dial = { .name = "dial",
	.usage = "dial RUN SITE [--by NAME]",
	.help = T("Dials a site now, also while the run is held and after the all-clear."),
	.values = "by why",
	.min = 2,
	.max = 2,
	.run = steer };
const struct cmd cmd_mute = { .name = "mute",
	.usage = "mute RUN SITE|all [--off] [--by NAME]",
	.help = T("Mutes a site at the MCU, or with --off lets it be heard."),
	.flags = "off",
	.values = "by why",
	.min = 2,
	.max = 2,
	.run = steer };
const struct cmd cmd_message = { .name = "message",
	.usage = "message RUN TEXT [--site SITE] [--by NAME]",
	.help = T("Shows a text on the screens of all sites, or of one."),
	.values = "by site",
	.min = 2,
	.max = 2,
	.run = steer };
const struct cmd cmd_layout = { .name = "layout",
	.usage = "layout RUN VALUE [--mcu NAME] [--by NAME]",
	.help = T("Sets the layout of the conference, in the words of the MCU."),
	.values = "by mcu",
	.min = 2,
	.max = 2,
	.run = steer };
const struct cmd cmd_focus = { .name = "focus",
	.usage = "focus RUN SITE|normal [--by NAME]",
	.help = T(
		"Shows one site in the large picture of its conference, or with normal the layout "
		"as it was."),
	.values = "by why",
	.min = 2,
	.max = 2,
	.run = steer };
const struct cmd cmd_rollcall = { .name = "rollcall",
	.usage = "rollcall RUN next | call SITE | pass [SITE] | repeat [SITE] | mark SITE yes|no "
		 "--why TEXT [--by NAME]",
	.help = T(
		"Leads the roll call by hand (without SITE: the one that is called now), or marks "
		"whether a site answered, with the reason (also after the run has ended)."),
	.values = "by why",
	.min = 2,
	.max = 4,
	.run = steer };
const struct cmd cmd_settle = { .name = "settle",
	.usage = "settle RUN SITE stayed=yes|stayed=no|fault=FAULT|cause=CAUSE --why TEXT [--by "
		 "NAME]",
	.help = T(
		"Settles what the program could not know, also after the run has ended: the report "
		"gets a new revision."),
	.values = "by why",
	.min = 3,
	.max = 3,
	.run = steer };
const struct cmd cmd_people = { .name = "people",
	.usage = "people RUN SITE N [--chair NAME] [--by NAME]",
	.help = T("Says how many people are in the room of a site, and who chairs."),
	.values = "by chair",
	.min = 3,
	.max = 3,
	.run = steer };
