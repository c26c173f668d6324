/* `meeting add`: a meeting whose plan arrived as a letter becomes a file of schedules/. Without
 * options, at a terminal, it asks for what it needs. What was written is read back, as the daemon
 * will, before it stays. */
#include "cmd/cmd.h"

#include "base/clock.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/utf8.h"
#include "schedules/meeting.h"
#include "workspace.h"
#include "workspace_files.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MODE = 0640, NAME_MOST = 48 };

/* "20190210-0700-hop-giao-ban.ics" */
static const char *
file_name(const struct cmd_line *l, const struct meeting_new *m)
{
	char slug[NAME_MOST + 1], when[INSTANT_SIZE];
	size_t n = 0;
	for (const char *p = utf8_plain(l->arena, m->summary); *p && n < NAME_MOST; p++)
		if (isalnum((unsigned char)*p))
			slug[n++] = *p;
		else if (n && slug[n - 1] != '-')
			slug[n++] = '-';
	while (n && slug[n - 1] == '-')
		n--;
	slug[n] = '\0';
	return arena_printf(l->arena, "%s-%s.ics",
		instant_local(m->start, "%Y%m%d-%H%M", when, sizeof when), n ? slug : "hop");
}

static int
keep(const struct cmd_line *l, const struct workspace *w, const struct meeting_new *m,
	const struct buf *ics)
{
	struct err_text e = { 0 };
	struct buf b = { 0 };
	size_t n = 0;
	const char *path = arena_printf(l->arena, "%s/%s", w->schedules_dir, file_name(l, m));
	enum err code = workspace_create(path, ics->at, ics->n, FILE_MODE, &e);
	if (code != OK)
		return cmd_fail(code, "%s", e.text);
	int exit = cmd_calendar_preview(l, path, &n);
	if (exit != CMD_DONE) {
		unlink(path);
		return cmd_fail(ERR_INPUT, T("the meeting was not kept"));
	}
	buf_printf(&b, "%s\n", path);
	cmd_print(&b);
	buf_free(&b);
	return CMD_DONE;
}

/* One answer, without its line end; "" when nothing was typed. NULL: the input ended. */
static const char *
ask(struct arena *a, const char *question)
{
	enum { LINE_MOST = 1000 };
	char line[LINE_MOST];
	fprintf(stderr, "%s: ", question);
	fflush(stderr);
	if (!fgets(line, sizeof line, stdin))
		return NULL;
	if (!strchr(line, '\n'))
		for (int ch; (ch = getchar()) != EOF && ch != '\n';)
			;
	return str_trim(arena_strdup(a, line));
}

/* The answers as options, so that what was typed goes the way of what was written. False: the input
 * ended, or the same question was answered wrongly three times. */
static bool
ask_all(struct cmd_line *l)
{
	static const struct {
		const char *option, *vi, *en;
		bool needed;
	} questions[] = {
		{ "title", "Tên cuộc họp", "Title of the meeting", true },
		{ "start", "Bắt đầu (02/03/2026 08:00)", "Begins (2026-03-02T08:00)", true },
		{ "length", "Kéo dài (PT2H)", "Lasts (PT2H)", false },
		{ "sites", "Điểm cầu (bỏ trống: theo lịch)", "Sites (empty: the calendar's own)",
			false },
		{ "chair", "Chủ trì", "Chair", false },
		{ "people", "Số người mỗi điểm", "People per site", false },
		{ "rule", "Lặp lại (FREQ=WEEKLY; bỏ trống: một lần)",
			"Repeats (FREQ=WEEKLY; empty: once)", false },
	};
	bool en = str_eq(cmd_lang(l), "en");
	for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
		for (int turn = 0;; turn++) {
			int64_t ms;
			const char *answer = ask(l->arena, en ? questions[i].en : questions[i].vi);
			if (!answer || turn == 3)
				return false;
			bool wrong = str_empty(answer) ? questions[i].needed
				     : str_eq(questions[i].option, "start")
					     ? !cmd_instant_read(l->arena, answer, &ms)
				     : str_eq(questions[i].option, "length")
					     ? !duration_parse(answer, &ms) || ms <= 0
					     : str_eq(questions[i].option, "people") &&
						       !str_to_int(answer, 0, 100000, &ms);
			if (wrong) {
				cmd_fail(ERR_INPUT,
					str_empty(answer)
						? T("this cannot be left out")
						: T("\"%s\" is not understood: as in the brackets"),
					answer);
				continue;
			}
			if (*answer) {
				l->options[l->options_n].name = questions[i].option;
				l->options[l->options_n++].value = answer;
			}
			break;
		}
	}
	return true;
}

static int
run_meeting(const struct cmd_line *given)
{
	struct cmd_line asked = *given;
	const struct cmd_line *l = &asked;
	struct workspace w;
	struct faults faults = { .arena = l->arena };
	struct err_text e = { 0 };
	struct buf b = { 0 };
	int64_t people = 0, length;
	if (!str_eq(l->words[0], "add"))
		return cmd_fail(
			ERR_INPUT, T("meeting %s: `meeting add` is what there is"), l->words[0]);
	bool preview = cmd_flag(l, "preview");
	if (l->options_n == (preview ? 1u : 0u) && isatty(STDIN_FILENO) && !ask_all(&asked))
		return cmd_fail(ERR_INPUT, T("meeting add: no meeting was described"));
	struct meeting_new m = { .summary = cmd_value(l, "title"),
		.location = cmd_value(l, "location"),
		.notes = cmd_value(l, "notes"),
		.rule = cmd_value(l, "rule"),
		.sites = cmd_value(l, "sites"),
		.playbook = cmd_value(l, "playbook"),
		.chair = cmd_value(l, "chair"),
		.related_to = cmd_value(l, "for"),
		.rehearsal = cmd_flag(l, "rehearsal") };
	cmd_zone(l);
	if (workspace_read(l->workspace, l->arena, &faults, &w) != OK)
		return cmd_fail(ERR_SYSTEM, "%s",
			faults.n ? faults.at[0].text : T("the workspace cannot be read"));
	m.zone = w.zone;
	if (!cmd_value(l, "title") || !cmd_value(l, "start"))
		return cmd_fail(ERR_INPUT,
			T("meeting add needs --title and --start, or a terminal to ask at"));
	if (!cmd_instant(l, "start", 0, &m.start) ||
		!cmd_instant(l, "end", m.start + 2 * 3600 * 1000, &m.end))
		return CMD_USAGE;
	if (cmd_value(l, "length")) {
		if (!duration_parse(cmd_value(l, "length"), &length) || length <= 0)
			return cmd_fail(ERR_INPUT, T("--length %s: a duration as PT2H"),
				cmd_value(l, "length"));
		m.end = m.start + length;
	}
	if (cmd_value(l, "people") && !str_to_int(cmd_value(l, "people"), 0, 100000, &people))
		return cmd_fail(ERR_INPUT, T("--people %s: a number"), cmd_value(l, "people"));
	m.people = (int)people;
	enum err code = meeting_ics(&m, clock_now(), &b, &e);
	int exit = CMD_DONE;
	if (code != OK)
		exit = cmd_fail(code, "%s", e.text);
	else if (preview)
		cmd_print(&b);
	else
		exit = keep(l, &w, &m, &b);
	buf_free(&b);
	return exit;
}

const struct cmd cmd_meeting = { .name = "meeting",
	.usage = "meeting add --title TEXT --start INSTANT [--end INSTANT | --length PT2H] [--rule "
		 "RRULE] [--sites NAMES] [--playbook NAME] "
		 "[--chair NAME] [--people N] [--location TEXT] [--notes TEXT] [--rehearsal] "
		 "[--for UID] [--preview]",
	.help = T("Writes a meeting into the schedules, for plans that arrive as a letter; without "
		"options "
		"it asks; --preview shows the file only."),
	.flags = "rehearsal preview",
	.values = "title start end length rule sites playbook chair people location notes for",
	.min = 1,
	.max = 1,
	.run = run_meeting };
