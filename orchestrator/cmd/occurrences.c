/* `occurrences`: the instances of meetings that the calendars give, one per line. */
#include "cmd/cmd.h"

#include "base/clock.h"
#include "base/instant.h"
#include "base/vis.h"
#include "house.h"

#include <stdio.h>

enum { DAYS = 14 };

static void
put_json(const struct occurrence *o, struct buf *out)
{
	struct json_out w = { .out = out };
	char text[INSTANT_SIZE];
	json_open(&w, NULL, '{');
	json_put_text(&w, "uid", o->uid);
	json_put_text(&w, "recurrence_id", o->recurrence_id == OCCURRENCE_NO_RECURRENCE ? "-" : instant_rfc3339(o->recurrence_id, text));
	json_put_text(&w, "start", instant_rfc3339(o->start, text));
	json_put_text(&w, "end", instant_rfc3339(o->end, text));
	json_put_bool(&w, "all_day", o->all_day);
	json_put_text(&w, "summary", o->summary);
	json_put_text(&w, "status", o->status);
	json_open(&w, "categories", '[');
	for (size_t i = 0; o->categories && o->categories[i]; i++)
		json_put_text(&w, NULL, o->categories[i]);
	json_close(&w, ']');
	json_put_text(&w, "location", o->location);
	json_put_text(&w, "calendar", o->calendar);
	json_close(&w, '}');
	buf_putc(out, '\n');
}

static void
put_text(const struct occurrence *o, struct buf *out)
{
	char from[INSTANT_SIZE], to[INSTANT_SIZE];
	buf_printf(out, "%s  %s  ", instant_local(o->start, "%a %Y-%m-%d %H:%M", from, sizeof from),
		instant_local(o->end, "%H:%M", to, sizeof to));
	vis_terminal(out, o->summary);
	buf_puts(out, o->cancelled ? "  (cancelled)  " : o->rehearsal ? "  (rehearsal)  " : "  ");
	vis_terminal(out, o->uid);
	buf_putc(out, '\n');
}

static int
run_occurrences(const struct cmd_line *l)
{
	struct house *h;
	struct occurrences o;
	struct err_text e = { 0 };
	struct buf b = { 0 };
	int64_t from, to;
	cmd_zone(l);
	if (!cmd_instant(l, "from", clock_now(), &from) || !cmd_instant(l, "to", from + (int64_t)DAYS * 24 * 3600 * 1000, &to))
		return CMD_USAGE;
	enum err code = house_read(l->workspace, clock_now(), &h, &e);
	if (code == OK)
		code = house_occurrences(h, from, to, cmd_flag(l, "all"), &o, &e);
	for (size_t i = 0; code == OK && i < o.n; i++) {
		if (l->json)
			put_json(&o.at[i], &b);
		else
			put_text(&o.at[i], &b);
	}
	cmd_print(&b);
	buf_clear(&b);
	if (code != OK)
		cmd_fail(code, "read the calendars: %s", e.text[0] ? e.text : err_name(code));
	faults_print(&h->faults, &b);
	fputs(buf_str(&b), stderr);
	int exit = code != OK ? CMD_COULD_NOT : h->faults.n ? CMD_FAULTS : CMD_DONE;
	buf_free(&b);
	house_free(h);
	return exit;
}

const struct cmd cmd_occurrences = { .name = "occurrences", .usage = "occurrences [--from DAY] [--to DAY] [--all] [--json]",
	.help = "Lists the meetings that the calendars give; --all with the cancelled ones.", .flags = "all", .values = "from to",
	.run = run_occurrences };
