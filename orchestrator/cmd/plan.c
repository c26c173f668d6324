/* `plan`: which rehearsals and sessions would start when, with which sites and which playbook; and what is wrong with them. */
#include "cmd/cmd.h"

#include "base/clock.h"
#include "base/instant.h"
#include "base/str.h"
#include "house.h"
#include "table.h"

enum { DAYS = 14 };

static void
put_instant(struct json_out *w, const char *key, int64_t ms)
{
	char text[INSTANT_SIZE];
	if (ms)
		json_put_text(w, key, instant_rfc3339(ms, text));
}

static void
put_ids(struct json_out *w, const char *key, const char *const *ids)
{
	json_open(w, key, '[');
	for (size_t i = 0; ids && ids[i]; i++)
		json_put_text(w, NULL, ids[i]);
	json_close(w, ']');
}

static void
put_troubles(struct json_out *w, const struct plan_run *r)
{
	json_open(w, "unknown", '[');
	for (size_t i = 0; i < r->unknown.n; i++) {
		json_open(w, NULL, '{');
		json_put_text(w, "text", r->unknown.at[i].text);
		put_ids(w, "nearest", r->unknown.at[i].nearest);
		json_close(w, '}');
	}
	json_close(w, ']');
	json_open(w, "conflicts", '[');
	for (size_t i = 0; i < r->conflicts_n; i++) {
		json_open(w, NULL, '{');
		json_put_text(w, "kind", r->conflicts[i].kind);
		json_put_text(w, "with", r->conflicts[i].with);
		put_ids(w, "sites", r->conflicts[i].sites);
		json_close(w, '}');
	}
	json_close(w, ']');
	json_put_bool(w, "short_notice", r->short_notice);
	json_open(w, "disabled", '[');
	for (size_t i = 0; i < r->wrong_n; i++) {
		json_open(w, NULL, '{');
		json_put_text(w, "file", r->wrong[i].file);
		json_put_int(w, "line", r->wrong[i].line);
		json_put_text(w, "why", r->wrong[i].why);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static void
put_run(struct json_out *w, const struct plan_run *r, const struct house *h)
{
	char text[INSTANT_SIZE];
	const struct house_playbook *p = house_playbook(h, r->playbook.name);
	bool drill = p && p->playbook && p->playbook->phase == PHASE_DRILL;
	json_open(w, NULL, '{');
	json_put_text(w, "key", r->key);
	json_put_text(w, "calendar", r->calendar);
	json_put_text(w, "uid", r->uid);
	json_put_text(w, "recurrence_id", r->recurrence_id == OCCURRENCE_NO_RECURRENCE ? "-" : instant_rfc3339(r->recurrence_id, text));
	json_put_text(w, "name", r->name);
	json_put_text(w, "phase", r->session ? "session" : drill ? "drill" : "rehearsal");
	json_put_int(w, "generation", r->generation);
	put_instant(w, "start", r->start);
	put_instant(w, "session_start", r->session_start);
	put_instant(w, "session_end", r->session_end);
	json_put_text(w, "summary", r->summary);
	json_open(w, "playbook", '{');
	json_put_text(w, "name", r->playbook.name);
	json_put_text(w, "commit", r->playbook.commit);
	json_close(w, '}');
	json_open(w, "sites", '[');
	for (size_t i = 0; i < r->sites.n; i++)
		json_put_text(w, NULL, r->sites.at[i]->id);
	json_close(w, ']');
	put_troubles(w, r);
	json_close(w, '}');
}

/* Broken events, rows, elements and playbooks: what is not planned because of them is not there to be seen. */
static void
put_faults(struct json_out *w, const struct house *h)
{
	json_open(w, "faults", '[');
	for (size_t i = 0; i < h->faults.n; i++) {
		json_open(w, NULL, '{');
		json_put_text(w, "file", h->faults.at[i].file);
		json_put_int(w, "line", h->faults.at[i].line);
		json_put_text(w, "text", h->faults.at[i].text);
		json_close(w, '}');
	}
	json_close(w, ']');
}

static void
put_json(const struct plan *p, const struct house *h, int64_t from, int64_t to, struct buf *out)
{
	struct json_out w = { .out = out, .pretty = true };
	json_open(&w, NULL, '{');
	put_instant(&w, "from", from);
	put_instant(&w, "to", to);
	json_open(&w, "runs", '[');
	for (size_t i = 0; i < p->runs_n; i++)
		put_run(&w, &p->runs[i], h);
	json_close(&w, ']');
	json_open(&w, "alarms", '[');
	for (size_t i = 0; i < p->alarms_n; i++) {
		json_open(&w, NULL, '{');
		json_put_text(&w, "kind", p->alarms[i].kind);
		json_put_text(&w, "uid", p->alarms[i].uid);
		json_put_text(&w, "why", p->alarms[i].why);
		json_close(&w, '}');
	}
	json_close(&w, ']');
	put_faults(&w, h);
	json_close(&w, '}');
}

static const char *
remark(const struct plan_run *r, struct arena *a)
{
	if (r->disabled)
		return arena_printf(a, "will not run: %s", r->disabled);
	if (r->unknown.n)
		return arena_printf(a, "unknown: %s%s", r->unknown.at[0].text, r->unknown.n > 1 ? " ..." : "");
	if (r->conflicts_n)
		return arena_printf(a, "%s with %.12s", r->conflicts[0].kind, r->conflicts[0].with);
	return r->short_notice ? "short notice" : "";
}

static void
put_text(const struct plan *p, const struct house *h, struct arena *a, struct buf *out)
{
	static const struct table_column columns[] = { { .title = "START" }, { .title = "KEY" }, { .title = "PLAYBOOK" },
		{ .title = "SITES", .align = ALIGN_RIGHT }, { .title = "MEETING", .max = 50 }, { .title = "", .max = 60 } };
	struct table *t = table_new(a, columns, sizeof columns / sizeof columns[0]);
	char when[INSTANT_SIZE];
	for (size_t i = 0; i < p->runs_n; i++) {
		const struct plan_run *r = &p->runs[i];
		const char *cells[] = { arena_strdup(a, instant_local(r->start, "%a %Y-%m-%d %H:%M", when, sizeof when)),
			arena_strndup(a, r->key, 12), r->name, arena_printf(a, "%zu", r->sites.n), r->summary, remark(r, a) };
		table_row(t, cells, NULL);
	}
	if (p->runs_n)
		table_write(t, 0, 0, false, out);
	else
		buf_puts(out, "nothing is planned\n");
	for (size_t i = 0; i < p->alarms_n; i++)
		buf_printf(out, "%s: %s\n", p->alarms[i].kind, p->alarms[i].why);
	if (h->faults.n)
		buf_puts(out, "\nnot used, or not as written:\n");
	faults_print(&h->faults, out);
}

static bool
has_trouble(const struct house *h, const struct plan *p)
{
	for (size_t i = 0; i < p->runs_n; i++)
		if (p->runs[i].disabled || p->runs[i].unknown.n || p->runs[i].conflicts_n)
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
		return cmd_fail(ERR_INPUT, "--days %s: a number from 1 to 3700", cmd_value(l, "days"));
	if (!cmd_instant(l, "from", clock_now(), &from) || !cmd_instant(l, "to", from + days * 24 * 3600 * 1000, &to))
		return CMD_USAGE;
	enum err code = house_read(l->workspace, &h, &e);
	if (code == OK)
		code = house_plan(h, from, to, &plan, &e);
	if (code == OK) {
		if (l->json)
			put_json(&plan, h, from, to, &b);
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

const struct cmd cmd_plan = { .name = "plan", .usage = "plan [--from DAY] [--to DAY] [--days N] [--json]",
	.help = "Shows the rehearsals and sessions that the calendars ask for.", .values = "from to days", .run = run_plan };
