/* `plan`: which rehearsals and sessions would start when, with which sites and which playbook; and
 * what is wrong with them. */
#include "cmd/cmd.h"

#include "base/clock.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/vis.h"
#include "house.h"
#include "report/words.h"
#include "sentence.h"
#include "table.h"

enum { DAYS = 14, ALL_LEAST = 30 /* fewer are named one by one */ };

static const char *
remark(const struct plan_run *r, const char *lang, struct arena *a)
{
	if (r->disabled)
		return arena_printf(a, "%s: %s", text_get(lang, T("will not run")),
			sentence_say(a, lang, r->disabled));
	if (r->unknown.n)
		return arena_printf(a, "%s: %s%s", text_get(lang, T("unknown names")),
			r->unknown.at[0].text, r->unknown.n > 1 ? " ..." : "");
	if (r->conflicts_n)
		return arena_printf(a, "%s with %.12s", r->conflicts[0].kind, r->conflicts[0].with);
	if (r->wrong_n)
		return sentence_say(a, lang, r->wrong[0].why);
	return r->short_notice ? text_get(lang, T("Short notice"))
	       : r->generation ? arena_printf(a, text_get(lang, T("generation %d")), r->generation)
			       : "";
}

/* Who is called in a run: one paragraph, as ids; everybody is said so. */
static void
put_sites(
	const struct plan_run *r, size_t usable, const char *lang, struct arena *a, struct buf *out)
{
	struct buf b = { 0 };
	buf_printf(&b, "%.12s: ", r->key);
	bool all = r->sites.n > ALL_LEAST && r->sites.n == usable;
	if (all)
		text_printf(&b, lang, T("all %zu sites of sites.csv"), r->sites.n);
	for (size_t i = 0; i < r->sites.n && !all; i++)
		buf_printf(&b, "%s%s", i ? " " : "", r->sites.at[i]->id);
	if (!r->sites.n)
		buf_puts(&b, text_get(lang, T("nobody")));
	size_t width = cmd_width();
	table_paragraph(out, arena_strdup(a, buf_str(&b)), width ? width : 100, 0, 14);
	buf_free(&b);
}

/* The first run of a meeting; NULL: none is planned. */
static const struct plan_run *
run_of(const struct plan *p, const char *uid)
{
	for (size_t i = 0; i < p->runs_n && !str_empty(uid); i++)
		if (str_eq(p->runs[i].uid, uid))
			return &p->runs[i];
	return NULL;
}

/* How many rows of sites.csv count at that instant. */
static size_t
usable_at(const struct house *h, int64_t at)
{
	size_t n = 0;
	for (size_t i = 0; h->have_sites && i < h->sites.n; i++) {
		const struct site *s = &h->sites.at[i];
		n += (!s->valid_from || s->valid_from <= at) && (!s->valid_to || at < s->valid_to);
	}
	return n;
}

static const char *
say_alarm(const char *lang, const char *kind)
{
	static const struct text_word words[] = { { "rehearsal-without-playbook",
							  T("a rehearsal without a playbook") },
		{ "rehearsal-without-session", T("a rehearsal without a session behind it") },
		{ "session-without-rehearsal", T("a session without a rehearsal") },
		{ "all-day-event", T("an event without an hour") },
		{ "broken-event", T("an event that cannot be used") },
		{ "conflicts-not-all", T("overlaps that were not all looked at") },
		{ "stale-calendar", T("a calendar that could not be read anew") }, { 0 } };
	return text_word(lang, words, kind);
}

static void
put_text(const struct plan *p, const struct house *h, const char *lang, struct arena *a,
	struct buf *out)
{
	const struct table_column columns[] = { { .title = text_get(lang, T("Planned start")),
							.min = 16,
							.shrink = true,
							.wrap = true },
		{ .title = text_get(lang, T("Key")) }, { .title = text_get(lang, T("Playbook")) },
		{ .title = text_get(lang, T("Sites, number")),
			.align = ALIGN_RIGHT,
			.min = 5,
			.shrink = true,
			.wrap = true },
		{ .title = text_get(lang, T("Meeting")),
			.min = 12,
			.max = 50,
			.shrink = true,
			.wrap = true },
		{ .title = text_get(lang, T("Remark")),
			.min = 10,
			.max = 60,
			.shrink = true,
			.wrap = true } };
	struct table *t = table_new(a, columns, sizeof columns / sizeof columns[0]);
	char when[INSTANT_SIZE];
	for (size_t i = 0; i < p->runs_n; i++) {
		const struct plan_run *r = &p->runs[i];
		const char *playbook =
			str_empty(r->playbook.commit)
				? r->name
				: arena_printf(a, "%s @ %.7s", r->name, r->playbook.commit);
		const char *cells[] = { arena_strdup(
						a, words_stamp(lang, r->start, when, sizeof when)),
			arena_strndup(a, r->key, 12), playbook, arena_printf(a, "%zu", r->sites.n),
			r->summary, remark(r, lang, a) };
		table_row(t, cells, NULL);
	}
	if (p->runs_n)
		table_write(t, cmd_width(), 0, false, out);
	else
		buf_printf(out, "%s\n", text_get(lang, T("nothing is planned")));
	for (size_t i = 0; i < p->runs_n; i++)
		put_sites(&p->runs[i], usable_at(h, p->runs[i].start), lang, a, out);
	for (size_t i = 0; i < p->alarms_n; i++) {
		const struct plan_run *about = run_of(p, p->alarms[i].uid);
		if (about) {
			buf_printf(out, "%s  ", words_stamp(lang, about->start, when, sizeof when));
			vis_terminal(out, about->summary);
			buf_puts(out, ": ");
		}
		buf_printf(out, "%s: ", say_alarm(lang, p->alarms[i].kind));
		vis_terminal(out, sentence_say(a, lang, p->alarms[i].why));
		buf_putc(out, '\n');
	}
	if (h->faults.n)
		buf_printf(out, "\n%s\n", text_get(lang, T("not used, or not as written:")));
	sentence_faults(&h->faults, lang, out);
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
			ERR_INPUT, T("--days %s: a number from 1 to 3700"), cmd_value(l, "days"));
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
			put_text(&plan, h, cmd_lang(l), l->arena, &b);
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
	.help = T(
		"Shows the rehearsals and sessions that the calendars ask for; --ics as a calendar "
		"for the sites to subscribe to."),
	.flags = "ics",
	.values = "from to days",
	.run = run_plan };
