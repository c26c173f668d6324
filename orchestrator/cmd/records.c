/* Summaries of many runs: `report --from --to` and `sites --record`, from what each sealed report
 * says of its sites (record_row.c). A run whose journal has no such rows is told again. What they
 * add up to is record.c's and report/period.c's.
 *
 * It must never write the journal, nor take a run that has no report. */
#include "cmd/cmd.h"

#include "advice.h"
#include "base/clock.h"
#include "base/instant.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/vis.h"
#include "house.h"
#include "paper.h"
#include "report/documents.h"
#include "report/parts.h"
#include "report/period.h"
#include "report/survey_report.h"
#include "report/words.h"
#include "story.h"
#include "table.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static const int64_t day_ms = (int64_t)24 * 3600 * 1000;

struct reading {
	const struct cmd_line *l;
	struct journal_reader *reader;
	struct workspace ws;
	int64_t from, to;
	struct records records;
};

/* Its id begins with its local start: other days are not told again. */
static bool
may_lie_in(const struct reading *r, const char *id)
{
	char from[16], to[16];
	instant_local(r->from - day_ms, "%Y%m%d", from, sizeof from);
	instant_local(r->to + day_ms, "%Y%m%d", to, sizeof to);
	return strncmp(id, from, 8) >= 0 && strncmp(id, to, 8) <= 0;
}

static enum err
read_run(struct reading *r, const char *id, struct err_text *e)
{
	struct story s;
	enum err code = story_read(r->reader, id, 0, &s, e);
	if (code == OK && s.reports.n && s.run->finished && s.spec->planned_start >= r->from &&
		s.spec->planned_start < r->to) {
		struct arena *a = arena_new();
		struct judgement j;
		judge(s.run, a, &j);
		record_add(&r->records,
			report_build(s.run, &j, s.reports.at[s.reports.n - 1].revision, NULL, a));
		arena_free(a);
	}
	story_free(&s);
	return code;
}

static bool
is_it(struct arena *a, const char *wanted, const char *was)
{
	return !wanted || str_eq(utf8_fold(a, was ? was : ""), utf8_fold(a, wanted));
}

/* By id, or by any name it had. */
static bool
is_named(struct arena *a, const struct record_site *s, const char *wanted)
{
	bool named = !wanted || str_eq_nocase(s->id, wanted);
	for (size_t i = s->runs.n; i > 0 && !named; i--)
		named = is_it(a, wanted, s->runs.at[i - 1].name);
	return named;
}

/* Sites that are not asked for go, and of the others the runs in which they belonged elsewhere. */
static void
keep_scope(struct reading *r, const char *site)
{
	const char *district = cmd_value(r->l, "district"), *provider = cmd_value(r->l, "provider");
	struct arena *a = r->l->arena;
	size_t kept = 0;
	for (size_t i = 0; i < r->records.sites.n; i++) {
		struct record_site *s = r->records.sites.at[i];
		size_t runs = 0;
		for (size_t k = 0; k < s->runs.n; k++)
			if (is_it(a, district, s->runs.at[k].district) &&
				is_it(a, provider, s->runs.at[k].provider))
				s->runs.at[runs++] = s->runs.at[k];
		s->runs.n = runs;
		if (runs && is_named(a, s, site))
			r->records.sites.at[kept++] = s;
	}
	r->records.sites.n = kept;
}

static enum err
read_all(struct reading *r, const char *site, struct err_text *e)
{
	const char *const *ids;
	size_t n = 0;
	enum err code = journal_reader_open(r->ws.journal_path, &r->reader, e);
	if (code != OK)
		return code;
	code = journal_runs(r->reader, "", r->l->arena, &ids, e);
	if (code == OK)
		code = record_read(r->reader, "", r->from, r->to, 0, &r->records, e);
	while (code == OK && ids[n])
		n++;
	for (; code == OK && n > 0; n--) /* older than such rows */
		if (may_lie_in(r, ids[n - 1]) && !map_has(r->records.by_run, ids[n - 1]))
			code = read_run(r, ids[n - 1], e);
	keep_scope(r, site);
	record_finish(&r->records);
	return code;
}

static bool
read_options(struct reading *r, int64_t days)
{
	struct faults faults = { .arena = r->l->arena };
	workspace_read(r->l->workspace, r->l->arena, &faults, &r->ws);
	cmd_zone(r->l);
	if (!cmd_instant(r->l, "to", clock_now(), &r->to) ||
		!cmd_instant(r->l, "from", r->to - days * day_ms, &r->from))
		return false;
	/* A day that is named is part of the period. */
	if (cmd_value(r->l, "to") && strlen(cmd_value(r->l, "to")) == 10)
		r->to += day_ms;
	if (r->from < r->to)
		return true;
	cmd_fail(ERR_INPUT, T("--from must lie before --to"));
	return false;
}

static const char *
lang_of(const struct reading *r)
{
	return r->l->lang ? r->l->lang : str_empty(r->ws.lang) ? "vi" : r->ws.lang;
}

static enum err
write_period(struct reading *r, const char *form, const struct period *p, struct buf *out,
	struct err_text *e)
{
	struct faults unused = { .arena = r->l->arena };
	const struct document_format *f = document_format(form);
	if (str_eq(form, "json")) {
		period_json(p, out);
		return OK;
	}
	struct document *d = period_build(
		p, paper_letterhead(&r->ws, r->l->arena, &unused), lang_of(r), r->l->arena);
	if (f)
		return f->write(d, out, e);
	plain_write(d, cmd_width(), out);
	return OK;
}

static struct incident_figures *
figures_of(struct reading *r, const char *site, size_t *out_n, struct err_text *e)
{
	const char *provider = cmd_value(r->l, "provider"), *district = cmd_value(r->l, "district");
	struct incidents all = { .arena = r->l->arena };
	size_t kept = 0;
	*out_n = 0;
	if (incidents_read(r->reader, r->l->arena, &all, e) != OK)
		return NULL;
	for (size_t i = 0; i < all.at.n; i++) {
		const struct incident *n = &all.at.at[i];
		bool in = !site && !district;
		for (size_t k = 0; !in && k < r->records.sites.n; k++)
			in = str_eq(r->records.sites.at[k]->id, n->site);
		if (in && (!provider || str_eq(utf8_fold(r->l->arena, n->provider),
						utf8_fold(r->l->arena, provider))))
			all.at.at[kept++] = *n;
	}
	all.at.n = kept;
	return incidents_figures(&all, r->from, r->to, r->l->arena, out_n);
}

/* The sites of the directory that the options name; those that no run knows stand there as well. */
static void
keep_sites(const struct reading *r, struct sites *sites, const char *site)
{
	const char *district = cmd_value(r->l, "district"), *provider = cmd_value(r->l, "provider");
	struct arena *a = r->l->arena;
	size_t kept = 0;
	for (size_t i = 0; i < sites->n; i++) {
		const struct site *s = &sites->at[i];
		bool named = !site || str_eq_nocase(s->id, site) ||
			     str_eq(utf8_fold(a, s->name), utf8_fold(a, site));
		named = named &&
			(!district || str_eq(utf8_fold(a, s->district), utf8_fold(a, district)));
		if (named &&
			(!provider || str_eq(utf8_fold(a, s->provider), utf8_fold(a, provider))))
			sites->at[kept++] = *s;
	}
	sites->n = kept;
}

/* `report --document survey`: the directory as it is today, with the record of the period. */
static enum err
write_survey(struct reading *r, const char *form, const char *site, const char *scope,
	struct buf *out, struct err_text *e)
{
	struct house *h;
	struct inventories inventories;
	struct survey survey;
	struct profile profile;
	struct faults unused = { .arena = r->l->arena };
	const struct document_format *f = document_format(form);
	enum err code = house_read(r->l->workspace, clock_now(), &h, e);
	if (code == OK)
		code = inventory_read(r->reader, r->l->arena, &inventories, e);
	if (code == OK) {
		profile_default(&profile);
		if (!str_empty(h->profile_xml))
			profile_parse(h->profile_xml, strlen(h->profile_xml), "profile.xml",
				r->l->arena, &unused, &profile);
		keep_sites(r, &h->sites, site);
		survey_make(&h->sites, &r->records, &inventories, &profile, r->ws.retired,
			r->to - 1, r->l->arena, &survey);
		struct survey_period p = {
			.from = r->from, .to = r->to, .scope = scope, .survey = &survey
		};
		if (str_eq(form, "json")) {
			survey_json(&p, out);
		} else {
			struct document *d =
				survey_build(&p, paper_letterhead(&r->ws, r->l->arena, &unused),
					lang_of(r), r->l->arena);
			if (f)
				code = f->write(d, out, e);
			else
				plain_write(d, cmd_width(), out);
		}
	}
	house_free(h);
	return code;
}

/* Sites of the summary that the directory has closed or merged before its end. */
static void
find_ends(struct reading *r, struct period *p)
{
	struct faults unused = { .arena = r->l->arena };
	struct period_end *ends = arena_alloc(r->l->arena, (r->records.sites.n + 1) * sizeof *ends);
	struct sites all = { 0 };
	if (sites_read(r->ws.sites_path, NULL, r->l->arena, &unused, &all) != OK)
		return;
	for (size_t i = 0; i < r->records.sites.n; i++) {
		const struct site *s = sites_find(&all, r->records.sites.at[i]->id);
		if (!s || !s->valid_to || s->valid_to >= p->to)
			continue;
		const struct site *next = sites_find(&all, s->successor);
		ends[p->ends_n++] = (struct period_end){ .site = s->id,
			.name = r->records.sites.at[i]->name,
			.last_day = s->valid_to - 1,
			.successor = next		       ? next->name
				     : str_empty(s->successor) ? ""
							       : s->successor };
	}
	p->ends = ends;
	sites_free(&all);
}

int
cmd_period(const struct cmd_line *l)
{
	struct reading r = { .l = l };
	struct err_text e = { 0 };
	struct buf b = { 0 };
	const char *form = cmd_value(l, "format"), *site = cmd_value(l, "site");
	form = form ? form : l->json ? "json" : "text";
	if (!str_eq(form, "json") && !str_eq(form, "text") && !document_format(form))
		return cmd_fail(
			ERR_INPUT, T("--format %s: text, json, html, csv, xlsx or pdf"), form);
	bool survey = str_eq(cmd_value(l, "document"), "survey");
	if (l->words_n || (cmd_value(l, "document") && !survey) || cmd_value(l, "revision"))
		return cmd_fail(ERR_INPUT,
			T("a period has no run or revision, and no document but survey"));
	if (!read_options(&r, survey ? 365 : 31))
		return CMD_USAGE;
	record_new(&r.records, l->arena);
	enum err code = read_all(&r, site, &e);
	if (code == OK) {
		const char *scope[] = { site, cmd_value(l, "district"), cmd_value(l, "provider") };
		struct period p = {
			.from = r.from, .to = r.to, .scope = "", .records = &r.records
		};
		for (int i = 0; i < 3; i++)
			if (scope[i])
				p.scope = *p.scope ? arena_printf(
							     l->arena, "%s, %s", p.scope, scope[i])
						   : scope[i];
		if (survey) {
			code = write_survey(&r, form, site, p.scope, &b, &e);
		} else {
			p.figures = figures_of(&r, site, &p.figures_n, &e);
			find_ends(&r, &p);
			code = write_period(&r, form, &p, &b, &e);
		}
	}
	if (code == OK)
		cmd_print(&b);
	buf_free(&b);
	record_free(&r.records);
	journal_reader_close(r.reader);
	return code != OK ? cmd_fail(code, "%s", e.text) : CMD_DONE;
}

/* ---- sites ----------------------------------------------------------------------------------- */

static void
put_history(const struct record_site *s, const char *lang, struct buf *out)
{
	char when[INSTANT_SIZE];
	for (size_t i = 0; i < s->runs.n; i++) {
		const struct record_run *r = &s->runs.at[i];
		struct buf line = { 0 };
		buf_printf(&line, "%s  %s  %s",
			words_stamp(lang, r->start, when, sizeof when),
			words_phase(lang, r->session ? PHASE_SESSION : PHASE_REHEARSAL),
			words_headline(lang, r->headline));
		if (r->late_s.known && r->late) {
			buf_puts(&line, ", ");
			words_duration(&line, lang, r->late_s.v);
		}
		if (r->share_least >= 0)
			text_printf(&line, lang, T("  %d.%d %%"), r->share_least / 10,
				r->share_least % 10);
		if (r->loss_permille >= 0)
			text_printf(&line, lang, T("; loss %d.%d %%"), (int)(r->loss_permille / 10),
				(int)(r->loss_permille % 10));
		if (*r->fault)
			buf_printf(&line, "  %s (%s)", advice_say_fault(lang, r->fault),
				advice_say_cause(lang, r->cause));
		cmd_line_put(out, buf_str(&line), 4);
		buf_free(&line);
	}
}

static struct table *
sites_table(const struct cmd_line *l, const char *lang, const struct sites *all)
{
	const struct table_column columns[] = { { .title = text_get(lang, T("Id")) },
		{ .title = text_get(lang, T("Level")) },
		{ .title = text_get(lang, T("Site")), .min = 12, .shrink = true, .wrap = true },
		{ .title = text_get(lang, T("MCU")) },
		{ .title = text_get(lang, T("Provider")), .min = 10, .shrink = true, .wrap = true },
		{ .title = text_get(lang, T("Technical contact")),
			.min = 10,
			.shrink = true,
			.wrap = true },
		{ .title = text_get(lang, T("Telephone")),
			.min = 10,
			.shrink = true,
			.wrap = true },
		{ .title = text_get(lang, T("Cannot be used because")),
			.min = 12,
			.shrink = true,
			.wrap = true } };
	size_t n = sizeof columns / sizeof *columns - 1;
	for (size_t i = 0; i < all->n; i++)
		if (all->at[i].disabled)
			n = sizeof columns / sizeof *columns; /* why they are */
	return table_new(l->arena, columns, n);
}

static void
put_listed(struct json_out *w, const struct site *s)
{
	json_open(w, NULL, '{');
	json_put_text(w, "id", s->id);
	json_put_text(w, "name", s->name);
	json_put_text(w, "tier", tier_name(s->tier));
	json_put_text(w, "district", s->district);
	json_put_text(w, "mcu", s->mcu);
	json_put_text(w, "provider", s->provider);
	json_put_text(w, "contact", s->contact);
	json_put_text(w, "phone", s->contact_phone);
	if (s->disabled)
		json_put_text(w, "disabled", s->disabled_why);
	json_close(w, '}');
}

/* The directory as it is; only NULL: all of it. */
static void
show_sites(
	const struct cmd_line *l, const struct sites *all, const struct site *only, struct buf *out)
{
	struct json_out w = { .out = out, .pretty = true };
	const char *lang = cmd_lang(l);
	struct table *t = sites_table(l, lang, all);
	size_t shown = 0;
	if (l->json)
		json_open(&w, NULL, '[');
	for (size_t i = 0; i < all->n; i++) {
		const struct site *s = &all->at[i];
		if (only && s != only)
			continue;
		shown++;
		const char *cells[] = { s->id, parts_tier(lang, tier_name(s->tier)), s->name,
			s->mcu, s->provider, s->contact, s->contact_phone,
			s->disabled ? s->disabled_why : "" };
		if (l->json)
			put_listed(&w, s);
		else
			table_row(t, cells, NULL);
	}
	if (l->json)
		json_close(&w, ']');
	else if (shown)
		table_write(t, cmd_width(), 0, false, out);
}

static int
list_sites(const struct cmd_line *l)
{
	struct house *h;
	struct err_text e = { 0 };
	struct buf b = { 0 };
	cmd_zone(l);
	enum err code = house_read(l->workspace, clock_now(), &h, &e);
	const struct site *only = code == OK && l->words_n
					  ? sites_match(&h->sites, l->words[0], l->arena, NULL)
					  : NULL;
	if (code == OK && l->words_n && !only)
		code = err_set(&e, ERR_INPUT, T("no site \"%s\" in sites.csv"), l->words[0]);
	if (code == OK) {
		show_sites(l, &h->sites, only, &b);
		cmd_print(&b);
	}
	buf_free(&b);
	int exit = code == OK ? CMD_DONE : cmd_fail(code, "%s", e.text);
	house_free(h);
	return exit;
}

static int
run_sites(const struct cmd_line *l)
{
	struct reading r = { .l = l };
	struct err_text e = { 0 };
	struct buf b = { 0 };
	size_t found = 0, failing = 0;
	if (cmd_value(l, "readdress"))
		return cmd_readdress(l);
	if (!cmd_flag(l, "record"))
		return list_sites(l);
	if (!read_options(&r, 365))
		return CMD_USAGE;
	record_new(&r.records, l->arena);
	enum err code = read_all(&r, l->words_n ? l->words[0] : NULL, &e);
	if (code == OK) {
		struct period p = { .from = r.from,
			.to = r.to,
			.scope = l->words_n ? l->words[0] : "",
			.records = &r.records };
		find_ends(&r, &p);
		found = r.records.sites.n;
		for (size_t i = 0; i < found; i++)
			failing += r.records.sites.at[i]->failing > 0;
		if (l->json) {
			period_json(&p, &b);
		} else {
			plain_write(period_sites(&p, lang_of(&r), l->arena), cmd_width(), &b);
			if (l->words_n && found == 1)
				put_history(r.records.sites.at[0], lang_of(&r), &b);
		}
	}
	if (code == OK && l->words_n && !found)
		code = err_set(
			&e, ERR_INPUT, T("no run of that time knows a site \"%s\""), l->words[0]);
	if (code == OK)
		cmd_print(&b);
	buf_free(&b);
	record_free(&r.records);
	journal_reader_close(r.reader);
	return code != OK ? cmd_fail(code, "%s", e.text) : failing ? CMD_FAULTS : CMD_DONE;
}

const struct cmd cmd_sites = { .name = "sites",
	.usage = "sites [SITE] [--record [--from DAY] [--to DAY] [--district D] [--provider P]] "
		 "[--json] | "
		 "--readdress OLD --with NEW [--write]",
	.help = T("Lists the directory; with --record how each site did: class, faults that come "
		"again, what gets worse, most urgent first; with "
		"--readdress who is still at a server to be left, and with --write its addresses "
		"at another."),
	.flags = "record write",
	.values = "from to district provider readdress with",
	.max = 1,
	.run = run_sites };
