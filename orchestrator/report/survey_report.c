/* The survey for those above: sums, groups of equipment, what is below the minimum, old servers,
 * lines paid twice, equipment that moved, and every site with its proposal and the evidence.
 *
 * Called by `report --document survey`. Owns nothing. Each site stands in each sum once. What was
 * never asked or measured is said to be so. */
#include "report/survey_report.h"

#include "adapters/wire/json.h"
#include "advice.h"
#include "base/instant.h"
#include "base/str.h"
#include "report/parts.h"
#include "text.h"

enum { CLASS_COLUMNS = 6, PROPOSAL_COLUMNS = 7, SITE_COLUMNS = 11, DATA_COLUMNS = 6 };

static const char *
group_name(struct document *d, const char *name)
{
	return str_empty(name) ? text_get(d->lang, T("not known")) : name;
}

static const char *
total_name(struct document *d)
{
	return text_get(d->lang, T("Total"));
}

/* How each group works, by its sites' records. */
static void
write_classes(struct document *d, const struct survey *s)
{
	static const struct column columns[CLASS_COLUMNS] = { { T("Group of equipment"), 26,
								      COLUMN_LEFT, false },
		{ T("Number of sites"), 9, COLUMN_RIGHT, false },
		{ T("stable"), 10, COLUMN_RIGHT, false },
		{ T("works, but not stable"), 12, COLUMN_RIGHT, false },
		{ T("no longer fit"), 10, COLUMN_RIGHT, false },
		{ T("not enough runs"), 11, COLUMN_RIGHT, false } };
	static const enum record_class order[] = { RECORD_STABLE, RECORD_UNSTABLE, RECORD_UNFIT,
		RECORD_UNKNOWN };
	enum { N = sizeof order / sizeof *order };
	int all[N] = { 0 }, sites = 0;
	struct grid *g = document_grid(d, text_get(d->lang, T("By group of equipment")),
		parts_columns(d, columns, CLASS_COLUMNS), CLASS_COLUMNS, s->groups_n + 1);
	for (size_t i = 0; i < s->groups_n; i++) {
		struct cell *c = grid_row(g);
		*c++ = cell_text(group_name(d, s->groups[i].name));
		*c++ = cell_number(s->groups[i].sites);
		sites += s->groups[i].sites;
		for (int k = 0; k < N; k++) {
			*c++ = cell_number(s->groups[i].by_class[order[k]]);
			all[k] += s->groups[i].by_class[order[k]];
		}
	}
	struct cell *c = grid_row(g);
	*c++ = cell_text(total_name(d));
	*c++ = cell_number(sites);
	for (int k = 0; k < N; k++)
		*c++ = cell_number(all[k]);
	g->totals = 1;
}

/* What is proposed for each. */
static void
write_proposals(struct document *d, const struct survey *s)
{
	static const struct column columns[PROPOSAL_COLUMNS] = {
		{ T("Group of equipment"), 26, COLUMN_LEFT, false },
		{ T("Number of sites"), 9, COLUMN_RIGHT, false },
		{ T("keep in use"), 10, COLUMN_RIGHT, false },
		{ T("set up anew"), 10, COLUMN_RIGHT, false },
		{ T("add a small part"), 11, COLUMN_RIGHT, false },
		{ T("replace"), 9, COLUMN_RIGHT, false }, { T("not known"), 9, COLUMN_RIGHT, false }
	};
	static const enum proposal order[] = { PROPOSAL_KEEP, PROPOSAL_RECONFIGURE, PROPOSAL_PART,
		PROPOSAL_REPLACE, PROPOSAL_UNKNOWN };
	enum { N = sizeof order / sizeof *order };
	int all[N] = { 0 }, sites = 0;
	struct grid *g = document_grid(d, text_get(d->lang, T("Proposals by group of equipment")),
		parts_columns(d, columns, PROPOSAL_COLUMNS), PROPOSAL_COLUMNS, s->groups_n + 1);
	for (size_t i = 0; i < s->groups_n; i++) {
		struct cell *c = grid_row(g);
		*c++ = cell_text(group_name(d, s->groups[i].name));
		*c++ = cell_number(s->groups[i].sites);
		sites += s->groups[i].sites;
		for (int k = 0; k < N; k++) {
			*c++ = cell_number(s->groups[i].by_proposal[order[k]]);
			all[k] += s->groups[i].by_proposal[order[k]];
		}
	}
	struct cell *c = grid_row(g);
	*c++ = cell_text(total_name(d));
	*c++ = cell_number(sites);
	for (int k = 0; k < N; k++)
		*c++ = cell_number(all[k]);
	g->totals = 1;
}

/* "A, B, C" of the sites for which `wanted` holds, with what it says of each behind it. */
static int
write_list(struct document *d, const struct survey *s, int number, const char *title,
	const char *(*wanted)(struct document *d, const struct survey_site *s))
{
	struct buf b = { 0 };
	int n = 0;
	for (size_t i = 0; i < s->n; i++) {
		const char *what = wanted(d, &s->sites[i]);
		if (!what)
			continue;
		buf_printf(&b, "%s%s", n++ ? "; " : "", s->sites[i].site->name);
		if (*what)
			buf_printf(&b, " (%s)", what);
	}
	if (n)
		document_item(d, number, parts_say(d, T("%s (%d): %s."), title, n, buf_str(&b)));
	buf_free(&b);
	return n ? number + 1 : number;
}

static const char *
picture(struct document *d, const struct survey_site *s)
{
	if (s->height < 0 && s->kbps < 0)
		return s->measured ? text_get(d->lang, T("no picture")) : "?";
	const char *size = s->height < 0 ? "?"
					 : arena_printf(d->arena, "%lldx%lld", (long long)s->width,
						   (long long)s->height);
	return s->kbps < 0 ? size
			   : arena_printf(d->arena, "%s, %lld kbit/s", size, (long long)s->kbps);
}

static const char *
is_below(struct document *d, const struct survey_site *s)
{
	if (!s->minimum || !s->below)
		return NULL;
	return arena_printf(d->arena, "%s; %d/%d", picture(d, s), s->below, s->measured);
}

static const char *
is_retired(struct document *d, const struct survey_site *s)
{
	(void)d;
	return s->retired ? s->server : NULL;
}

static const char *
has_same_line(struct document *d, const struct survey_site *s)
{
	(void)d;
	return s->same_line_twice ? s->site->line : NULL;
}

static const char *
has_line_beside(struct document *d, const struct survey_site *s)
{
	(void)d;
	return s->beside_dedicated && !s->same_line_twice ? s->site->line : NULL;
}

static const char *
shares(struct document *d, const struct survey_site *s)
{
	(void)d;
	return s->shares_address;
}

static const char *
drifted(struct document *d, const struct survey_site *s)
{
	const struct inventory *i = s->inventory;
	if (!i || !i->changes.n)
		return NULL;
	const struct inventory_change *c = &i->changes.at[i->changes.n - 1];
	char when[16];
	return arena_printf(d->arena, "%s: %s → %s, %s", inventory_what(d->lang, c->what), c->from,
		c->to, instant_local(c->at, "%d/%m/%Y", when, sizeof when));
}

static const char *
never_asked(struct document *d, const struct survey_site *s)
{
	(void)d;
	return !s->inventory && !str_empty(s->site->adapter) ? "" : NULL;
}

static const char *
was_replaced(struct document *d, const struct survey_site *s)
{
	return s->proposal == PROPOSAL_REPLACE ? text_get(d->lang, s->evidence) : NULL;
}

static const char *
needs_part(struct document *d, const struct survey_site *s)
{
	return s->proposal == PROPOSAL_PART ? text_get(d->lang, s->evidence) : NULL;
}

static const char *
needs_setting(struct document *d, const struct survey_site *s)
{
	return s->proposal == PROPOSAL_RECONFIGURE ? text_get(d->lang, s->evidence) : NULL;
}

static const char *
lines_of(struct document *d, const struct survey_site *s)
{
	const char *line = str_empty(s->site->line) ? "?" : s->site->line;
	return str_empty(s->site->provider)
		       ? line
		       : arena_printf(d->arena, "%s; %s", line, s->site->provider);
}

static const char *
evidence_of(struct document *d, const struct survey_site *s)
{
	struct buf b = { 0 };
	buf_puts(&b, text_get(d->lang, s->evidence));
	if (s->times)
		buf_printf(&b, " (%d)", s->times);
	if (!str_empty(s->besides))
		buf_printf(&b, "; %s: %s", text_get(d->lang, T("besides")),
			advice_say_cause(d->lang, s->besides));
	const char *text = arena_strdup(d->arena, buf_str(&b));
	buf_free(&b);
	return text;
}

static void
write_sites(struct document *d, const struct survey *s)
{
	static const struct column columns[SITE_COLUMNS + DATA_COLUMNS] = {
		{ T("No."), 5, COLUMN_RIGHT, false }, { T("Site"), 16, COLUMN_LEFT, false },
		{ T("District"), 11, COLUMN_LEFT, false },
		{ T("Equipment"), 15, COLUMN_LEFT, false },
		{ T("Software"), 13, COLUMN_LEFT, false },
		{ T("Serial number"), 15, COLUMN_LEFT, false },
		{ T("Line, provider"), 15, COLUMN_LEFT, false },
		{ T("Picture measured"), 13, COLUMN_LEFT, false },
		{ T("Class"), 12, COLUMN_LEFT, false }, { T("Proposal"), 11, COLUMN_LEFT, false },
		{ T("Evidence"), 20, COLUMN_LEFT, false }, { "id", 0, COLUMN_LEFT, true },
		{ "server", 0, COLUMN_LEFT, true }, { "below_minimum", 0, COLUMN_RIGHT, true },
		{ "measured", 0, COLUMN_RIGHT, true }, { "class", 0, COLUMN_LEFT, true },
		{ "proposal", 0, COLUMN_LEFT, true }
	};
	struct grid *g = document_grid(d, text_get(d->lang, T("Sites")),
		parts_columns(d, columns, SITE_COLUMNS + DATA_COLUMNS), SITE_COLUMNS + DATA_COLUMNS,
		s->n);
	for (size_t i = 0; i < s->n; i++) {
		const struct survey_site *one = &s->sites[i];
		enum record_class class = one->record ? one->record->class : RECORD_UNKNOWN;
		struct cell *c = grid_row(g);
		*c++ = cell_number((int64_t)i + 1);
		*c++ = cell_text(one->site->name);
		*c++ = cell_text(one->site->district);
		*c++ = cell_text(str_empty(one->group) ? "?" : one->group);
		*c++ = cell_text(one->inventory && *one->inventory->software
					 ? one->inventory->software
					 : "?");
		*c++ = cell_text(
			one->inventory && *one->inventory->serial ? one->inventory->serial : "?");
		*c++ = cell_text(lines_of(d, one));
		*c++ = cell_text(picture(d, one));
		*c++ = cell_text(text_get(d->lang, record_class_title(class)));
		*c++ = cell_text(text_get(d->lang, proposal_title(one->proposal)));
		*c++ = cell_text(evidence_of(d, one));
		*c++ = cell_text(one->site->id);
		*c++ = cell_text(one->server);
		*c++ = cell_number(one->below);
		*c++ = cell_number(one->measured);
		*c++ = cell_text(record_class_name(class));
		*c++ = cell_text(proposal_name(one->proposal));
	}
}

struct document *
survey_build(const struct survey_period *p, const struct letterhead *l, const char *lang,
	struct arena *a)
{
	char from[16], to[16];
	const char *days =
		arena_printf(a, "%s – %s", instant_local(p->from, "%d/%m/%Y", from, sizeof from),
			instant_local(p->to - 1, "%d/%m/%Y", to, sizeof to));
	const struct survey *s = p->survey;
	struct document *d = document_blank(p->to, days, l, "survey", lang, a);
	const char *when = parts_period(d, p->from, p->to);
	int next = 1;
	d->title = text_get(d->lang, T("SURVEY OF SITES AND EQUIPMENT"));
	d->subject = parts_say(d, T("By what was measured %s%s%s"), when,
		str_empty(p->scope) ? "" : ", ", p->scope ? p->scope : "");
	document_heading(d, text_get(d->lang, T("I. STATE BY GROUP OF EQUIPMENT")));
	write_classes(d, s);
	document_note(d, text_get(d->lang, record_rule()));
	document_heading(d, text_get(d->lang, T("II. PROPOSALS")));
	write_proposals(d, s);
	next = write_list(d, s, next, text_get(d->lang, T("To be replaced")), was_replaced);
	next = write_list(d, s, next,
		text_get(d->lang, T("Needing a small part (microphone, camera, cable)")),
		needs_part);
	next = write_list(d, s, next, text_get(d->lang, T("To be set up anew")), needs_setting);
	document_note(d, text_get(d->lang, survey_rule()));
	document_heading(
		d, text_get(d->lang, T("III. MINIMUM, SERVERS, LINES, CHANGES OF EQUIPMENT")));
	next = write_list(
		d, s, 1, text_get(d->lang, T("Below the minimum of their class")), is_below);
	next = write_list(
		d, s, next, text_get(d->lang, T("Still at a server to be left")), is_retired);
	next = write_list(
		d, s, next, text_get(d->lang, T("The same line listed twice")), has_same_line);
	next = write_list(d, s, next,
		text_get(d->lang, T("Another line beside the dedicated state network")),
		has_line_beside);
	next = write_list(
		d, s, next, text_get(d->lang, T("The same address as another site")), shares);
	next = write_list(
		d, s, next, text_get(d->lang, T("Equipment that is not what it was")), drifted);
	next = write_list(
		d, s, next, text_get(d->lang, T("Equipment never asked what it is")), never_asked);
	if (next == 1)
		document_paragraph(d, text_get(d->lang, T("Nothing.")));
	document_signatures(d);
	document_appendix(d, true, text_get(d->lang, T("Annex. SITE BY SITE")));
	write_sites(d, s);
	return d;
}

/* ---- for programs ---------------------------------------------------------------------------- */

static void
put_size(struct json_out *w, const char *key, int64_t v)
{
	json_put_figure(w, key, v < 0 ? (struct figure){ 0 } : figure_of(v));
}

static void
put_inventory(struct json_out *w, const struct inventory *i)
{
	char when[INSTANT_SIZE];
	if (!i)
		return;
	json_open(w, "inventory", '{');
	json_put_text(w, "vendor", i->vendor);
	json_put_text(w, "model", i->model);
	json_put_text(w, "software", i->software);
	json_put_text(w, "serial", i->serial);
	json_put_tri(w, "auto_answer", i->auto_answer);
	json_put_text(w, "asked", instant_rfc3339(i->at, when));
	json_open(w, "changes", '[');
	for (size_t k = 0; k < i->changes.n; k++) {
		json_open(w, NULL, '{');
		json_put_text(w, "what", i->changes.at[k].what);
		json_put_text(w, "from", i->changes.at[k].from);
		json_put_text(w, "to", i->changes.at[k].to);
		json_put_text(w, "at", instant_rfc3339(i->changes.at[k].at, when));
		json_close(w, '}');
	}
	json_close(w, ']');
	json_close(w, '}');
}

static void
put_site(struct json_out *w, const struct survey_site *s)
{
	json_open(w, NULL, '{');
	json_put_text(w, "id", s->site->id);
	json_put_text(w, "name", s->site->name);
	json_put_text(w, "group", str_empty(s->group) ? NULL : s->group);
	json_put_text(w, "class", record_class_name(s->record ? s->record->class : RECORD_UNKNOWN));
	json_put_text(w, "proposal", proposal_name(s->proposal));
	json_put_text(w, "evidence", s->evidence);
	json_put_int(w, "rests_on", s->times);
	if (!str_empty(s->besides))
		json_put_text(w, "besides", s->besides);
	json_put_text(w, "server", s->server);
	json_put_bool(w, "retired_server", s->retired);
	json_open(w, "lines", '[');
	for (size_t i = 0; i < s->lines_n; i++)
		json_put_text(w, NULL, s->lines[i]);
	json_close(w, ']');
	json_put_text(w, "provider", s->site->provider);
	json_put_bool(w, "same_line_twice", s->same_line_twice);
	json_put_bool(w, "beside_dedicated", s->beside_dedicated);
	if (s->shares_address)
		json_put_text(w, "shares_address", s->shares_address);
	if (s->minimum) {
		json_open(w, "minimum", '{');
		json_put_int(w, "kbps", s->minimum->min_kbps);
		json_put_int(w, "width", s->minimum->min_width);
		json_put_int(w, "height", s->minimum->min_height);
		json_put_bool(w, "video", s->minimum->video);
		json_close(w, '}');
	}
	json_open(w, "measured", '{');
	json_put_int(w, "runs", s->measured);
	json_put_int(w, "below", s->below);
	put_size(w, "kbps", s->kbps);
	put_size(w, "width", s->width);
	put_size(w, "height", s->height);
	json_close(w, '}');
	put_inventory(w, s->inventory);
	json_close(w, '}');
}

void
survey_json(const struct survey_period *p, struct buf *out)
{
	struct json_out w = { .out = out, .pretty = true };
	char when[INSTANT_SIZE];
	json_open(&w, NULL, '{');
	json_put_text(&w, "from", instant_rfc3339(p->from, when));
	json_put_text(&w, "to", instant_rfc3339(p->to, when));
	json_put_text(&w, "scope", p->scope);
	json_put_text(&w, "rule", survey_rule());
	json_put_text(&w, "class_rule", record_rule());
	json_open(&w, "sites", '[');
	for (size_t i = 0; i < p->survey->n; i++)
		put_site(&w, &p->survey->sites[i]);
	json_close(&w, ']');
	json_open(&w, "groups", '[');
	for (size_t i = 0; i < p->survey->groups_n; i++) {
		const struct survey_group *g = &p->survey->groups[i];
		json_open(&w, NULL, '{');
		json_put_text(&w, "name", str_empty(g->name) ? NULL : g->name);
		json_put_int(&w, "sites", g->sites);
		json_put_int(&w, "runs", g->runs);
		json_put_int(&w, "failed", g->failed);
		for (int k = 0; k < PROPOSALS_N; k++)
			json_put_int(&w, proposal_name((enum proposal)k), g->by_proposal[k]);
		json_close(&w, '}');
	}
	json_close(&w, ']');
	json_close(&w, '}');
}
