/* `calendar`: where meetings come from. Lists the calendars of tongduyet.xml, adds and removes
 * their elements, asks servers now, and takes over a file that somebody sent, or shows first what
 * it means.
 *
 * An element is put in or cut out as text, so that the comments of whoever wrote the file stay;
 * what comes out is read as a whole before it is kept. It must never take a password: those stand
 * in secrets.xml. */
#include "cmd/cmd.h"

#include "base/clock.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/vis.h"
#include "house.h"
#include "report/words.h"
#include "sentence.h"
#include "table.h"
#include "workspace_files.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FETCH_MS = 30000, PREVIEW_DAYS = 60, FILE_MODE = 0640 };

static int
read_house(const struct cmd_line *l, struct house **out)
{
	struct err_text e = { 0 };
	cmd_zone(l);
	if (house_read(l->workspace, clock_now(), out, &e) == OK)
		return CMD_DONE;
	house_free(*out);
	return cmd_fail(ERR_SYSTEM, "%s", e.text);
}

/* ---- list, refresh --------------------------------------------------------------------------- */

static void
put_calendar(const struct house *h, const struct workspace_calendar *c, const char *lang,
	struct table *t, struct json_out *w, struct arena *a)
{
	char when[INSTANT_SIZE];
	struct buf files = { 0 };
	const char *from = str_empty(c->url) ? c->folder : c->url,
		   *remark = c->disabled ? c->disabled_why : "", *copy = "";
	for (size_t i = 0; c->files && c->files[i]; i++)
		buf_printf(&files, "%s%s", i ? " " : "", c->files[i]);
	if (str_empty(from))
		from = arena_strdup(a, buf_str(&files));
	buf_free(&files);
	for (size_t i = 0; i < h->stale.n && !remark[0]; i++)
		if (str_eq(h->stale.at[i].calendar, c->id))
			remark = h->stale.at[i].why;
	json_open(w, NULL, '{');
	json_put_text(w, "id", c->id);
	json_put_text(w, "from", from);
	if (!str_empty(c->url)) {
		struct feed_source s = house_feed(c);
		struct feed_state st;
		feed_last(&s, house_feeds_dir(&h->ws, a), h->now, a, &st);
		if (st.fetched_at) {
			json_put_text(w, "copy_of", instant_rfc3339(st.fetched_at, when));
			copy = arena_strdup(a, words_stamp(lang, st.fetched_at, when, sizeof when));
		} else {
			json_put_null(w, "copy_of");
			copy = text_get(lang, T("none yet"));
		}
	}
	json_put_text(w, "playbook", c->playbook);
	if (!str_empty(c->session_playbook))
		json_put_text(w, "session_playbook", c->session_playbook);
	json_put_text(w, "sites", c->sites);
	if (remark[0])
		json_put_text(w, "trouble", remark);
	json_close(w, '}');
	table_row(t,
		(const char *const[]){
			c->id, from, copy, c->playbook, c->sites, sentence_say(a, lang, remark) },
		NULL);
}

static int
list(const struct cmd_line *l)
{
	const char *lang = cmd_lang(l);
	const struct table_column columns[] = { { .title = text_get(lang, T("Calendar")) },
		{ .title = text_get(lang, T("Where from")),
			.min = 12,
			.max = 60,
			.shrink = true,
			.wrap = true },
		{ .title = text_get(lang, T("Copy of")) },
		{ .title = text_get(lang, T("Playbook")) },
		{ .title = text_get(lang, T("Sites")), .max = 30 },
		{ .title = text_get(lang, T("Remark")),
			.min = 12,
			.max = 60,
			.shrink = true,
			.wrap = true } };
	struct house *h;
	struct buf b = { 0 };
	struct json_out w = { .out = &b, .pretty = true };
	struct table *t = table_new(l->arena, columns, sizeof columns / sizeof columns[0]);
	int exit = read_house(l, &h);
	if (exit != CMD_DONE)
		return exit;
	json_open(&w, NULL, '[');
	for (size_t i = 0; i < h->ws.calendars_n; i++) {
		put_calendar(h, &h->ws.calendars[i], lang, t, &w, l->arena);
		if (h->ws.calendars[i].disabled)
			exit = CMD_FAULTS;
	}
	json_close(&w, ']');
	if (h->stale.n)
		exit = CMD_FAULTS;
	cmd_print_list(l, t, &b);
	house_free(h);
	return exit;
}

/* Here, also beside a daemon: copies appear whole, and the daemon sees that they changed. */
static int
refresh(const struct cmd_line *l)
{
	const char *only = l->words_n > 1 ? l->words[1] : NULL;
	struct house *h;
	struct buf b = { 0 };
	size_t asked = 0;
	int exit = read_house(l, &h);
	if (exit != CMD_DONE)
		return exit;
	for (size_t i = 0; i < h->ws.calendars_n; i++) {
		const struct workspace_calendar *c = &h->ws.calendars[i];
		if (c->disabled || str_empty(c->url) || (only && !str_eq(only, c->id)))
			continue;
		struct feed_source s = house_feed(c);
		struct feed_state st;
		struct task t = {
			.arena = l->arena, .cancel_fd = -1, .deadline = clock_mono() + FETCH_MS
		};
		const char *dir = house_feeds_dir(&h->ws, l->arena);
		asked++;
		if (only)
			feed_forgive(&s, dir); /* a person has acted */
		enum err code = feed_refresh(&t, &s, dir, clock_now(), &st);
		if (code != OK)
			exit = cmd_fail(code, "%s", st.why);
		else
			buf_printf(&b, "%s: %s\n", c->id,
				text_get(
					cmd_lang(l), st.changed ? T("read anew") : T("as before")));
	}
	cmd_print(&b);
	buf_free(&b);
	house_free(h);
	if (!asked)
		return only ? cmd_fail(ERR_INPUT, T("no calendar \"%s\" behind an address"), only)
			    : cmd_fail(OK,
				      T("no calendar of this workspace lies behind an address"));
	return exit;
}

/* ---- add, remove
 * ------------------------------------------------------------------------------------------------
 */

/* Keeps the new text, unless the file says less than before when it is read: then the old one is
 * put back. */
static int
keep(const struct cmd_line *l, const struct workspace *w, const char *old, size_t old_n,
	const struct buf *now)
{
	struct err_text e = { 0 };
	struct workspace before, after;
	struct faults was = { .arena = l->arena }, is = { .arena = l->arena };
	workspace_read(l->workspace, l->arena, &was, &before);
	if (workspace_replace(w->config_path, now->at, now->n, FILE_MODE, &e) != OK)
		return cmd_fail(ERR_SYSTEM, "%s", e.text);
	if (workspace_read(l->workspace, l->arena, &is, &after) == OK && is.n <= was.n)
		return CMD_DONE;
	const char *why = is.n ? is.at[is.n - 1].text : "it could not be read";
	if (workspace_replace(w->config_path, old, old_n, FILE_MODE, &e) != OK)
		return cmd_fail(ERR_SYSTEM, "%s", e.text);
	return cmd_fail(ERR_INPUT, T("tongduyet.xml stays as it was: %s"), why);
}

static void
put_attribute(struct buf *b, const char *name, const char *value)
{
	if (str_empty(value))
		return;
	buf_printf(b, " %s=\"", name);
	vis_xml(b, value);
	buf_putc(b, '"');
}

static int
read_config(const struct cmd_line *l, struct workspace *w, const char **out, size_t *out_n)
{
	struct err_text e = { 0 };
	int mode;
	workspace_paths(l->workspace, l->arena, w);
	enum err code = workspace_file(w->config_path, l->arena, out, out_n, &mode, &e);
	return code == OK ? CMD_DONE : cmd_fail(ERR_SYSTEM, "%s", e.text);
}

static int
add(const struct cmd_line *l)
{
	static const char *const options[] = { "playbook", "session-playbook", "rehearsals",
		"sites", "every", "secret", "pin", "ca" };
	struct workspace w;
	const char *old, *end = NULL;
	size_t n;
	struct buf b = { 0 };
	if (l->words_n != 3)
		return cmd_fail(ERR_INPUT, T("calendar add ID URL|FOLDER|FILE.ics"));
	int exit = read_config(l, &w, &old, &n);
	if (exit != CMD_DONE)
		return exit;
	for (const char *p = old; (p = strstr(p, "</tongduyet>")); p++)
		end = p;
	if (!end)
		return cmd_fail(ERR_INPUT, T("tongduyet.xml has no end of its root element"));
	const char *from = l->words[2];
	buf_add(&b, old, (size_t)(end - old));
	buf_puts(&b, "\t<calendar");
	put_attribute(&b, "id", l->words[1]);
	put_attribute(&b,
		strstr(from, "://")	 ? "url"
		: str_ends(from, ".ics") ? "files"
					 : "folder",
		from);
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		put_attribute(&b, options[i], cmd_value(l, options[i]));
	buf_puts(&b, "/>\n");
	buf_puts(&b, end);
	exit = keep(l, &w, old, n, &b);
	buf_clear(&b);
	if (exit == CMD_DONE) {
		text_printf(&b, cmd_lang(l), T("%s: added to tongduyet.xml\n"), l->words[1]);
		if (strstr(from, "://"))
			text_printf(&b, cmd_lang(l),
				T("`tongduyet calendar refresh %s` reads it now\n"), l->words[1]);
	}
	cmd_print(&b);
	buf_free(&b);
	return exit;
}

/* The element with that id: comments are passed over. False: none. */
static bool
find_element(const char *text, const char *id, struct arena *a, const char **out_from,
	const char **out_to)
{
	const char *one = arena_printf(a, "id=\"%s\"", id), *other = arena_printf(a, "id='%s'", id);
	for (const char *p = text; (p = strchr(p, '<'));) {
		if (str_starts(p, "<!--")) {
			p = strstr(p, "-->");
			if (!p)
				return false;
			continue;
		}
		const char *end = p;
		for (char quote = 0; *end && (quote || *end != '>'); end++)
			if (*end == quote)
				quote = 0;
			else if (!quote && (*end == '"' || *end == '\''))
				quote = *end;
		if (!*end)
			return false;
		const char *tag = arena_strndup(a, p, (size_t)(end - p)), *at = strstr(tag, one);
		if (!at)
			at = strstr(tag, other);
		if (str_starts(tag, "<calendar") && at && strchr(" \t\r\n", at[-1])) {
			const char *close = end[-1] == '/' ? NULL : strstr(end, "</calendar>");
			*out_from = p;
			*out_to = close ? close + strlen("</calendar>") : end + 1;
			return true;
		}
		p = end;
	}
	return false;
}

static int
cut(const struct cmd_line *l)
{
	struct workspace w;
	const char *old, *from, *to;
	size_t n;
	struct buf b = { 0 };
	if (l->words_n != 2)
		return cmd_fail(ERR_INPUT, T("calendar remove ID"));
	int exit = read_config(l, &w, &old, &n);
	if (exit != CMD_DONE)
		return exit;
	if (!find_element(old, l->words[1], l->arena, &from, &to))
		return cmd_fail(ERR_INPUT, T("no calendar \"%s\" in tongduyet.xml"), l->words[1]);
	while (from > old && (from[-1] == '\t' || from[-1] == ' '))
		from--;
	while (*to == ' ' || *to == '\t' || *to == '\r')
		to++;
	to += *to == '\n';
	buf_add(&b, old, (size_t)(from - old));
	buf_puts(&b, to);
	exit = keep(l, &w, old, n, &b);
	buf_free(&b);
	struct feed_source s = { .id = l->words[1], .url = "" };
	if (exit != CMD_DONE)
		return exit;
	feed_remove(&s, house_feeds_dir(&w, l->arena));
	struct buf said = { 0 };
	text_printf(&said, cmd_lang(l), T("%s: taken out of tongduyet.xml\n"), l->words[1]);
	cmd_print(&said);
	buf_free(&said);
	return exit;
}

/* ---- import
 * -------------------------------------------------------------------------------------------------------
 */

/* What a file would bring in the next weeks: its instances and its faults. The exit code. */
int
cmd_calendar_preview(const struct cmd_line *l, const char *path, size_t *out_n)
{
	struct occurrences o = { 0 };
	struct faults faults = { .arena = l->arena };
	const char *const files[] = { path, NULL };
	struct calendar_source source = { .id = "import", .files = files };
	struct workspace w;
	struct faults unused = { .arena = l->arena };
	struct buf b = { 0 };
	int64_t now = clock_now();
	workspace_read(l->workspace, l->arena, &unused, &w);
	enum err code =
		calendar_read(&source, 1, now, now + (int64_t)PREVIEW_DAYS * 24 * 3600 * 1000,
			w.zone, false, l->arena, &faults, &o);
	*out_n = o.n;
	if (code != OK)
		return cmd_fail(ERR_SYSTEM, T("read %s: %s"), path, err_name(code));
	if (l->json) {
		occurrences_json(&o, &b);
	} else {
		for (size_t i = 0; i < o.n; i++) {
			cmd_meeting_put(&b, cmd_lang(l), &o.at[i]);
			buf_putc(&b, '\n');
		}
		if (!o.n)
			text_printf(&b, cmd_lang(l), T("no meeting in the next %d days\n"),
				PREVIEW_DAYS);
	}
	cmd_print(&b);
	buf_clear(&b);
	sentence_faults(&faults, cmd_lang(l), &b);
	if (b.n)
		fputs(buf_str(&b), stderr);
	buf_free(&b);
	return faults.n ? CMD_FAULTS : CMD_DONE;
}

static int
import(const struct cmd_line *l)
{
	struct workspace w;
	struct err_text e = { 0 };
	const char *bytes;
	size_t n, meetings;
	int mode;
	if (l->words_n != 2)
		return cmd_fail(ERR_INPUT, T("calendar import FILE.ics [--preview]"));
	cmd_zone(l);
	workspace_paths(l->workspace, l->arena, &w);
	enum err code = workspace_file(l->words[1], l->arena, &bytes, &n, &mode, &e);
	if (code != OK)
		return cmd_fail(ERR_INPUT, "%s", e.text);
	int exit = cmd_calendar_preview(l, l->words[1], &meetings);
	if (cmd_flag(l, "preview") || exit == CMD_COULD_NOT)
		return exit;
	const char *name = strrchr(l->words[1], '/') ? strrchr(l->words[1], '/') + 1 : l->words[1];
	if (!str_ends(name, ".ics") || name[0] == '.')
		return cmd_fail(ERR_INPUT, T("%s: the name of a calendar file ends in .ics"), name);
	code = workspace_create(
		arena_printf(l->arena, "%s/%s", w.schedules_dir, name), bytes, n, FILE_MODE, &e);
	return code == OK ? exit : cmd_fail(code, "%s", e.text);
}

static int
run_calendar(const struct cmd_line *l)
{
	static const struct {
		const char *word;
		int (*run)(const struct cmd_line *);
	} words[] = { { "list", list }, { "add", add }, { "remove", cut }, { "refresh", refresh },
		{ "import", import } };
	if (!l->words_n)
		return list(l);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (str_eq(words[i].word, l->words[0]))
			return words[i].run(l);
	return cmd_fail(ERR_INPUT, T("calendar %s: one of list, add, remove, refresh, import"),
		l->words[0]);
}

const struct cmd cmd_calendar = { .name = "calendar",
	.usage = "calendar [list | add ID URL|FOLDER|FILE.ics [--playbook NAME --session-playbook "
		 "NAME --rehearsals NAMES --sites S --every PT10M --secret NAME "
		 "--pin PIN --ca FILE] | remove ID | refresh [ID] | import FILE.ics [--preview]] "
		 "[--json]",
	.help = T(
		"Shows and changes where meetings come from, asks their servers now, or takes over "
		"a file that somebody sent."),
	.flags = "preview",
	.values = "playbook session-playbook rehearsals sites every secret pin ca",
	.max = 3,
	.run = run_calendar };
