/* Reading the command line: options for all verbs, the verb, its own options and words; then its
 * function.
 *
 * Called by main. The verbs describe themselves; nothing here knows what one does. An option may
 * stand before or behind the verb, as --name VALUE or --name=VALUE; -- ends options. It must never
 * take a secret: argv can be read by everybody. */
#include "cmd/cmd.h"

#include "adapters/wire/http.h"
#include "adapters/wire/ssh.h"
#include "adapters/wire/xml.h"
#include "base/clock.h"
#include "base/instant.h"
#include "base/log.h"
#include "base/str.h"
#include "base/vis.h"
#include "playbooks/vault.h"
#include "sentence.h"
#include "table.h"
#include "workspace.h"
#include "workspace_files.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

const struct cmd *const cmds[] = {
	&cmd_init,
	&cmd_check,
	&cmd_serve,
	&cmd_run,
	&cmd_plan,
	&cmd_occurrences,
	&cmd_calendar,
	&cmd_meeting,
	&cmd_status,
	&cmd_watch,
	&cmd_allclear,
	&cmd_hold,
	&cmd_extend,
	&cmd_stop,
	&cmd_dial,
	&cmd_hangup,
	&cmd_mute,
	&cmd_message,
	&cmd_layout,
	&cmd_focus,
	&cmd_rollcall,
	&cmd_settle,
	&cmd_people,
	&cmd_calls,
	&cmd_called,
	&cmd_report,
	&cmd_incident,
	&cmd_import,
	&cmd_sites,
	&cmd_replay,
	&cmd_verify,
	&cmd_devices,
	&cmd_device,
	&cmd_trace,
	&cmd_adapters,
	&cmd_playbook,
	&cmd_version,
	&cmd_help,
	&cmd_calendar_child,
	&cmd_vault_child,
	NULL,
};

/* ---- saying ---------------------------------------------------------------------------------- */

static int
exit_of(enum err code)
{
	switch (code) {
	case OK: return CMD_DONE;
	case ERR_INPUT: return CMD_USAGE;
	case ERR_REFUSED: case ERR_UNSUPPORTED: case ERR_AUTH: return CMD_REFUSED;
	case ERR_UNREACHABLE:
	case ERR_TIMEOUT:
	case ERR_BUSY:
	case ERR_GONE:
	case ERR_PROTOCOL:
	case ERR_CANCELED:
	case ERR_SYSTEM: return CMD_COULD_NOT;
	}
	return CMD_COULD_NOT;
}

/* The line that is being carried out, for the language of what goes wrong: set once, at the start.
 */
static const struct cmd_line *carried_out;

const char *
cmd_sentence(const char *english)
{
	return carried_out ? sentence_say(carried_out->arena, cmd_lang(carried_out), english)
			   : english;
}

int
cmd_fail(enum err code, const char *fmt, ...)
{
	struct buf text = { 0 }, line = { 0 };
	va_list ap;
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	vis_terminal(&line, cmd_sentence(buf_str(&text)));
	fprintf(stderr, "tongduyet: %s\n", buf_str(&line));
	buf_free(&text);
	buf_free(&line);
	return exit_of(code);
}

size_t
cmd_width(void)
{
	struct winsize size = { 0 };
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ? 0 : size.ws_col;
}

void
cmd_line_put(struct buf *out, const char *text, size_t indent)
{
	size_t width = cmd_width();
	table_paragraph(out, text, width ? width : SIZE_MAX / 2, 0, indent);
}

void
cmd_doing(const char *what)
{
	struct buf b = { 0 };
	if (!isatty(STDERR_FILENO))
		return;
	vis_terminal(&b, what ? what : "");
	fprintf(stderr, "\r%s%s\033[K", buf_str(&b), what ? " ..." : "");
	fflush(stderr);
	buf_free(&b);
}

void
cmd_print(const struct buf *b)
{
	if (b->n)
		fwrite(b->at, 1, b->n, stdout);
	fflush(stdout);
}

void
cmd_print_list(const struct cmd_line *l, const struct table *t, struct buf *json)
{
	if (!l->json) {
		buf_clear(json);
		table_write(t, 0, 0, false, json);
	}
	cmd_print(json);
	buf_free(json);
}

bool
cmd_flag(const struct cmd_line *l, const char *name)
{
	for (size_t i = 0; i < l->options_n; i++)
		if (str_eq(l->options[i].name, name))
			return true;
	return false;
}

const char *
cmd_value(const struct cmd_line *l, const char *name)
{
	for (size_t i = l->options_n; i > 0; i--)
		if (str_eq(l->options[i - 1].name, name))
			return l->options[i - 1].value;
	return NULL;
}

bool
cmd_instant_read(struct arena *a, const char *text, int64_t *out)
{
	int day, month, year, hour = 0, minute = 0, used = 0;
	if (instant_parse(text, out))
		return true;
	if (strlen(text) == 10 && instant_parse(arena_printf(a, "%sT00:00:00", text), out))
		return true;
	int n = sscanf(
		text, "%2d/%2d/%4d%n %2d:%2d%n", &day, &month, &year, &used, &hour, &minute, &used);
	return (n == 3 || n == 5) && !text[used] && year >= 1000 &&
	       instant_parse(arena_printf(a, "%04d-%02d-%02dT%02d:%02d:00", year, month, day, hour,
				     minute),
		       out);
}

bool
cmd_instant(const struct cmd_line *l, const char *name, int64_t otherwise, int64_t *out)
{
	const char *text = cmd_value(l, name);
	*out = otherwise;
	if (!text || cmd_instant_read(l->arena, text, out))
		return true;
	cmd_fail(ERR_INPUT,
		T("--%s %s: an instant as 2026-03-02T07:00 or \"02/03/2026 07:00\", a day as "
		  "2026-03-02 "
		  "or 02/03/2026"),
		name, text);
	return false;
}

void
cmd_zone(const struct cmd_line *l)
{
	struct workspace w;
	struct faults faults = { .arena = l->arena };
	struct err_text e = { 0 };
	if (workspace_read(l->workspace, l->arena, &faults, &w) != OK ||
		clock_set_zone(w.zone, &e) != OK)
		clock_set_zone("Asia/Ho_Chi_Minh", &e);
}

/* ---- reading --------------------------------------------------------------------------------- */

struct globals {
	const char *clock, *speed;
	bool help;
};

static bool
listed(const char *list, const char *name)
{
	size_t n = strlen(name);
	for (const char *p = list ? list : ""; *p; p += strcspn(p, " "), p += *p == ' ')
		if (!strncmp(p, name, n) && (p[n] == ' ' || !p[n]))
			return true;
	return false;
}

/* 1: taken, 0: not one of these, -1: wrong. */
static int
global(struct cmd_line *l, struct globals *g, const char *name, const char *value)
{
	const char **to = str_eq(name, "workspace") ? &l->workspace
			  : str_eq(name, "lang")    ? &l->lang
			  : str_eq(name, "clock")   ? &g->clock
			  : str_eq(name, "speed")   ? &g->speed
						    : NULL;
	if (to) {
		if (!value) {
			cmd_fail(ERR_INPUT, T("--%s needs a value"), name);
			return -1;
		}
		*to = value;
		return 1;
	}
	if (str_eq(name, "json"))
		l->json = true;
	else if (str_eq(name, "help") || str_eq(name, "h"))
		g->help = true;
	else
		return 0;
	return 1;
}

static bool
is_valued(const struct cmd *c, const char *name)
{
	return listed("workspace lang clock speed", name) || (c && listed(c->values, name));
}

static const struct cmd *
find(const char *name)
{
	for (size_t i = 0; cmds[i]; i++)
		if (str_eq(cmds[i]->name, name))
			return cmds[i];
	return NULL;
}

/* What decides the language in which a wrong verb is told. */
static void
early(struct cmd_line *l, const char *name, const char *value)
{
	if (str_eq(name, "workspace"))
		l->workspace = value;
	else if (str_eq(name, "lang"))
		l->lang = value;
}

/* The first word that is no option and no option's value. */
static const struct cmd *
find_verb(struct cmd_line *l, int *out_at)
{
	const char *names[64];
	size_t n = 0;
	for (int i = 1; i < l->argc; i++) {
		const char *a = l->argv[i];
		if (str_starts(a, "-")) {
			if (!strchr(a, '=') && str_starts(a, "--") && is_valued(NULL, a + 2) &&
				++i < l->argc)
				early(l, a + 2, l->argv[i]);
			continue;
		}
		*out_at = i;
		const struct cmd *c = find(a);
		if (c)
			return c;
		for (size_t k = 0; cmds[k] && n < 63; k++)
			if (!cmds[k]->hidden)
				names[n++] = cmds[k]->name;
		names[n] = NULL;
		const char *near = str_nearest(a, names);
		cmd_fail(ERR_INPUT,
			near ? T("no verb \"%s\", perhaps \"%s\"")
			     : T("no verb \"%s\"%s; `tongduyet help` lists them"),
			a, near ? near : "");
		return NULL;
	}
	*out_at = 0;
	return NULL;
}

static bool
take_option(struct cmd_line *l, struct globals *g, int *i)
{
	const char *name = l->argv[*i] + strspn(l->argv[*i], "-"), *value = strchr(name, '=');
	name = value ? arena_strndup(l->arena, name, (size_t)(value++ - name)) : name;
	bool valued = is_valued(l->cmd, name);
	if (valued && !value && *i + 1 < l->argc)
		value = l->argv[++*i];
	int taken = global(l, g, name, value);
	if (taken)
		return taken > 0;
	if (!valued && !listed(l->cmd->flags, name)) {
		cmd_fail(ERR_INPUT,
			T("%s: no option --%s; `tongduyet %s --help` tells its options"),
			l->cmd->name, name, l->cmd->name);
		return false;
	}
	if (valued != (value != NULL) || l->options_n == CMD_OPTIONS_MOST) {
		cmd_fail(ERR_INPUT, valued ? T("--%s needs a value") : T("--%s takes no value"),
			name);
		return false;
	}
	l->options[l->options_n].name = name;
	l->options[l->options_n++].value = value;
	return true;
}

static bool
parse(struct cmd_line *l, struct globals *g, int verb_at)
{
	bool only_words = false;
	for (int i = 1; i < l->argc; i++) {
		const char *a = l->argv[i];
		if (i == verb_at)
			continue;
		if (!only_words && str_eq(a, "--")) {
			only_words = true;
			continue;
		}
		if (!only_words && a[0] == '-' && a[1] && !(a[1] >= '0' && a[1] <= '9')) {
			if (!take_option(l, g, &i))
				return false;
			continue;
		}
		if (l->words_n == CMD_WORDS_MOST) {
			cmd_fail(ERR_INPUT, T("more than %d words"), CMD_WORDS_MOST);
			return false;
		}
		l->words[l->words_n++] = a;
	}
	return true;
}

/* The language of a tongduyet.xml that cannot be used: whoever broke it reads no other for that. */
static const char *
lang_of_broken(const struct cmd_line *l, const struct workspace *w)
{
	const char *bytes;
	size_t n;
	int mode;
	if (workspace_file(w->config_path, l->arena, &bytes, &n, &mode, NULL) != OK)
		return NULL;
	return strstr(bytes, " lang=\"vi\"") ? "vi" : strstr(bytes, " lang=\"en\"") ? "en" : NULL;
}

const char *
cmd_lang(const struct cmd_line *l)
{
	struct workspace w;
	struct faults unused = { .arena = l->arena };
	if (l->lang)
		return str_eq(l->lang, "vi") ? "vi" : "en";
	if (workspace_read(l->workspace, l->arena, &unused, &w) == OK && !str_empty(w.lang))
		return w.lang;
	const char *broken = lang_of_broken(l, &w);
	if (broken)
		return broken;
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!str_empty(getenv(names[i])))
			return str_starts(getenv(names[i]), "vi") ? "vi" : "en";
	return "en";
}

void
cmd_usage(const struct cmd *c, const char *lang, struct buf *out)
{
	buf_printf(out, "%s tongduyet [--workspace DIR] %s\n\n", text_get(lang, T("usage:")),
		c->usage);
	table_paragraph(out, text_get(lang, c->help), 100, 0, 0);
}

static int
say_usage(const struct cmd_line *l, bool asked)
{
	struct buf b = { 0 };
	cmd_usage(l->cmd, cmd_lang(l), &b);
	fputs(buf_str(&b), asked ? stdout : stderr);
	buf_free(&b);
	return asked ? CMD_DONE : CMD_USAGE;
}

static int
start(struct cmd_line *l, const struct globals *g)
{
	struct err_text e = { 0 };
	if (l->lang && !str_eq(l->lang, "vi") && !str_eq(l->lang, "en"))
		return cmd_fail(ERR_INPUT, T("--lang %s: vi or en"), l->lang);
	if ((g->clock || g->speed) && clock_options(g->clock, g->speed, &e) != OK)
		return cmd_fail(ERR_INPUT, "%s", e.text);
	log_plain(isatty(STDERR_FILENO));
	http_global_init(); /* all of them before threads */
	ssh_global_init();
	xml_global_init();
	vault_global_init();
	return l->cmd->run(l);
}

int
cmd_main(int argc, char **argv)
{
	struct cmd_line l = { .argc = argc, .argv = argv, .arena = arena_new(), .workspace = "." };
	struct globals g = { 0 };
	int at = 0, code = CMD_USAGE;
	carried_out = &l;
	l.cmd = find_verb(&l, &at);
	if (l.cmd && l.cmd->hidden)
		code = l.cmd->run(&l);
	else if (!l.cmd && !at)
		code = cmd_help.run(&l);
	else if (l.cmd && parse(&l, &g, at))
		code = g.help						  ? say_usage(&l, true)
		       : l.words_n < l.cmd->min || l.words_n > l.cmd->max ? say_usage(&l, false)
									  : start(&l, &g);
	carried_out = NULL;
	arena_free(l.arena);
	return code;
}
