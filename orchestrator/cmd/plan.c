/* `plan`: which rehearsals and sessions would start when, with which sites and which playbook; and
 * what is wrong with them. */
#include "cmd/cmd.h"

#include "base/clock.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/vis.h"
#include "house.h"
#include "table.h"

enum { DAYS = 14 };

static const char *
remark(const struct plan_run *r, struct arena *a)
{
	if (r->disabled)
		return arena_printf(a, "will not run: %s", r->disabled);
	if (r->unknown.n)
		return arena_printf(
			a, "unknown: %s%s", r->unknown.at[0].text, r->unknown.n > 1 ? " ..." : "");
	if (r->conflicts_n)
		return arena_printf(a, "%s with %.12s", r->conflicts[0].kind, r->conflicts[0].with);
	if (r->wrong_n)
		return r->wrong[0].why;
	return r->short_notice ? "short notice"
	       : r->generation ? arena_printf(a, "generation %d", r->generation)
			       : "";
}

/* Who is called in a run: one paragraph, as ids. */
static void
put_sites(const struct plan_run *r, struct arena *a, struct buf *out)
{
	struct buf b = { 0 };
	buf_printf(&b, "%.12s: ", r->key);
	for (size_t i = 0; i < r->sites.n; i++)
		buf_printf(&b, "%s%s", i ? " " : "", r->sites.at[i]->id);
	if (!r->sites.n)
		buf_puts(&b, "nobody");
	table_paragraph(out, arena_strdup(a, buf_str(&b)), 100, 0, 14);
	buf_free(&b);
}

static void
put_text(const struct plan *p, const struct house *h, struct arena *a, struct buf *out)
{
	static const struct table_column columns[] = { { .title = "START" }, { .title = "KEY" },
		{ .title = "PLAYBOOK" }, { .title = "SITES", .align = ALIGN_RIGHT },
		{ .title = "MEETING", .max = 50 }, { .title = "", .max = 60 } };
	struct table *t = table_new(a, columns, sizeof columns / sizeof columns[0]);
	char when[INSTANT_SIZE];
	for (size_t i = 0; i < p->runs_n; i++) {
		const struct plan_run *r = &p->runs[i];
		const char *playbook =
			str_empty(r->playbook.commit)
				? r->name
				: arena_printf(a, "%s @ %.7s", r->name, r->playbook.commit);
		const char *cells[] = { arena_strdup(a, instant_local(r->start, "%a %Y-%m-%d %H:%M",
								when, sizeof when)),
			arena_strndup(a, r->key, 12), playbook, arena_printf(a, "%zu", r->sites.n),
			r->summary, remark(r, a) };
		table_row(t, cells, NULL);
	}
	if (p->runs_n)
		table_write(t, 0, 0, false, out);
	else
		buf_puts(out, "nothing is planned\n");
	for (size_t i = 0; i < p->runs_n; i++)
		put_sites(&p->runs[i], a, out);
	for (size_t i = 0; i < p->alarms_n; i++) {
		buf_printf(out, "%s: ", p->alarms[i].kind);
		vis_terminal(out, p->alarms[i].why);
		buf_putc(out, '\n');
	}
	if (h->faults.n)
		buf_puts(out, "\nnot used, or not as written:\n");
	faults_print(&h->faults, out);
}

static bool
has_trouble(const struct house *h, const struct plan *p)
{
	for (size_t i = 0; i < p->runs_n; i++)
		if (p->runs[i].disabled || p->runs[i].unknown.n || p->runs[i].conflicts_n ||
			p->runs[i].wrong_n)
			return true;
	return h->faults.n || p->alarms_n;
}

static int
run_plan(const struct cmd_line *l)
{
	struct house *h;
	struct plan plan;
	struct err_text e = { 0 };
	struct buf b = { 0 };
	int64_t from, to, days = DAYS;
	cmd_zone(l);
	if (cmd_value(l, "days") && !str_to_int(cmd_value(l, "days"), 1, 3700, &days))
		return cmd_fail(
			ERR_INPUT, "--days %s: a number from 1 to 3700", cmd_value(l, "days"));
	if (!cmd_instant(l, "from", clock_now(), &from) ||
		!cmd_instant(l, "to", from + days * 24 * 3600 * 1000, &to))
		return CMD_USAGE;
	enum err code = house_read(l->workspace, clock_now(), &h, &e);
	if (code == OK)
		code = house_plan(h, from, to, &plan, &e);
	if (code == OK)
		code = house_past(h, &plan, &e);
	if (code == OK) {
		if (cmd_flag(l, "ics"))
			plan_ics(&plan, h->ws.name, clock_now(), &b);
		else if (l->json)
			plan_json(&plan, from, to, &b);
		else
			put_text(&plan, h, l->arena, &b);
		cmd_print(&b);
	} else {
		cmd_fail(code, "%s", e.text);
	}
	int exit = code != OK ? CMD_COULD_NOT : has_trouble(h, &plan) ? CMD_FAULTS : CMD_DONE;
	buf_free(&b);
	house_free(h);
	return exit;
}

const struct cmd cmd_plan = { .name = "plan",
	.usage = "plan [--from DAY] [--to DAY] [--days N] [--json | --ics]",
	.help = T("Shows the rehearsals and sessions that the calendars ask for; --ics as a calendar "
		"for the sites to subscribe to."),
	.flags = "ics",
	.values = "from to days",
	.run = run_plan };
