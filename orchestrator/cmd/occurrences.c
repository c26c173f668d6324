/* `occurrences`: the instances of meetings that calendar files give, one per line; without a file,
 * those of the workspace's calendars. The bench of correctness: what is shown here is what is
 * planned from. It needs no workspace and changes nothing. */
#include "cmd/cmd.h"

#include "base/clock.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/vis.h"
#include "house.h"
#include "report/words.h"
#include "sentence.h"

#include <stdio.h>
#include <sys/stat.h>

enum { DAYS = 14 };

static void
put_text(const struct occurrence *o, const char *lang, struct buf *out)
{
	cmd_meeting_put(out, lang, o);
	buf_puts(out, "  ");
	vis_terminal(out, o->uid);
	buf_putc(out, '\n');
}

/* A meeting in one line, without its end: day, hours, title. */
void
cmd_meeting_put(struct buf *out, const char *lang, const struct occurrence *o)
{
	char from[24], to[INSTANT_SIZE];
	buf_printf(out, "%s  %s - %s  ", words_weekday(lang, o->start),
		words_stamp(lang, o->start, from, sizeof from),
		instant_local(o->end, "%H:%M", to, sizeof to));
	vis_terminal(out, o->summary);
	if (o->cancelled || o->rehearsal)
		buf_printf(out, "  (%s)",
			text_get(lang, o->cancelled ? T("cancelled") : T("rehearsal")));
}

/* Files that are named are one calendar; a folder stands for the calendars in it. */
static const char *const *
files_of(const struct cmd_line *l)
{
	VEC(const char *) files = { 0 };
	for (size_t i = 0; i < l->words_n; i++) {
		struct stat st;
		const char *const *inside = stat(l->words[i], &st) == 0 && S_ISDIR(st.st_mode)
						    ? feed_folder(l->words[i], l->arena)
						    : NULL;
		if (!inside)
			*vec_add_in(l->arena, &files) = l->words[i];
		for (size_t k = 0; inside && inside[k]; k++)
			*vec_add_in(l->arena, &files) = inside[k];
	}
	*vec_add_in(l->arena, &files) = NULL;
	return files.at;
}

/* The zone of floating times and of what is shown: as asked for, else the workspace's. NULL:
 * said. */
static const char *
zone_of(const struct cmd_line *l)
{
	struct workspace w;
	struct faults unused = { .arena = l->arena };
	struct err_text e = { 0 };
	const char *zone = cmd_value(l, "zone");
	if (!zone)
		zone = workspace_read(l->workspace, l->arena, &unused, &w) == OK
			       ? w.zone
			       : "Asia/Ho_Chi_Minh";
	if (clock_set_zone(zone, &e) == OK)
		return zone;
	cmd_fail(e.code, "%s", e.text);
	return NULL;
}

static int
show(const struct cmd_line *l, enum err code, const struct occurrences *o,
	const struct faults *faults, const char *why)
{
	struct buf b = { 0 };
	if (code == OK && l->json)
		occurrences_json(o, &b);
	for (size_t i = 0; code == OK && !l->json && i < o->n; i++)
		put_text(&o->at[i], cmd_lang(l), &b);
	cmd_print(&b);
	buf_clear(&b);
	if (code != OK)
		cmd_fail(code, T("read the calendars: %s"), str_empty(why) ? err_name(code) : why);
	sentence_faults(faults, cmd_lang(l), &b);
	fputs(buf_str(&b), stderr);
	buf_free(&b);
	return code != OK ? CMD_COULD_NOT : faults->n ? CMD_FAULTS : CMD_DONE;
}

static int
of_files(const struct cmd_line *l, const char *zone, int64_t from, int64_t to)
{
	struct occurrences o = { 0 };
	struct faults faults = { .arena = l->arena };
	struct calendar_source source = { .id = "-", .files = files_of(l) };
	enum err code = calendar_read(
		&source, 1, from, to, zone, cmd_flag(l, "all"), l->arena, &faults, &o);
	return show(l, code, &o, &faults, NULL);
}

static int
of_workspace(const struct cmd_line *l, const char *zone, int64_t from, int64_t to)
{
	struct house *h;
	struct occurrences o = { 0 };
	struct err_text e = { 0 };
	enum err code = house_read(l->workspace, clock_now(), &h, &e);
	h->ws.zone = zone;
	if (code == OK)
		code = house_occurrences(h, from, to, cmd_flag(l, "all"), &o);
	int exit = show(l, code, &o, &h->faults, e.text);
	house_free(h);
	return exit;
}

static int
run_occurrences(const struct cmd_line *l)
{
	int64_t from, to;
	const char *zone = zone_of(l);
	if (!zone || !cmd_instant(l, "from", clock_now(), &from) ||
		!cmd_instant(l, "to", from + (int64_t)DAYS * 24 * 3600 * 1000, &to))
		return CMD_USAGE;
	if (to <= from)
		return cmd_fail(ERR_INPUT, T("--to is not behind --from"));
	return l->words_n ? of_files(l, zone, from, to) : of_workspace(l, zone, from, to);
}

const struct cmd cmd_occurrences = { .name = "occurrences",
	.usage = "occurrences [FILE...] [--from DAY] [--to DAY] [--zone ZONE] [--all] [--json]",
	.help = T(
		"Lists the meetings of calendar files, or of the workspace's calendars; --all with "
		"the cancelled ones."),
	.flags = "all",
	.values = "from to zone",
	.max = CMD_WORDS_MOST,
	.run = run_occurrences };
