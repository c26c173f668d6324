/* Builds the summary of a period.
 *
 * Called by `report --from --to`. Owns nothing but what lies on the arena. Every site stands in
 * each table's sum exactly once, so the sums of the tables are the same. It must never charge a
 * site with a run that was not tested. */
#include "report/period.h"

#include "adapters/wire/json.h"
#include "advice.h"
#include "base/instant.h"
#include "base/str.h"
#include "report/parts.h"
#include "report/say.h"
#include "text.h"

enum { SUM_COLUMNS = 9, SITE_COLUMNS = 19, FIGURE_COLUMNS = 7 };

struct sum {
	const char *name;
	int sites;
	const struct record_site *last; /* that was counted here */
	struct record_counts counts;
};

/* ---- sums ------------------------------------------------------------------------------------ */

/* Printed beneath the sums. */
static const char share_rule[] = T(
	"Connected well = (good + late) of (expected - not tested), cut after one decimal and not "
	"rounded: 100 per cent means all. What could not be measured counts as tested and not as "
	"connected well; not tested is charged to nobody.");

static const char *
share(struct document *d, const struct record_counts *c)
{
	int tested = c->expected - c->untested;
	if (!tested)
		return "?";
	int permille = (int)((int64_t)1000 * (c->good + c->late) / tested);
	return parts_say(d, T("%d.%d %%"), permille / 10, permille % 10);
}

static void
add_sum(struct document *d, struct grid *g, const struct sum *s)
{
	struct cell *c = grid_row(g);
	*c++ = cell_text(s->name);
	*c++ = cell_number(s->sites);
	*c++ = cell_number(s->counts.expected);
	*c++ = cell_number(s->counts.untested);
	*c++ = cell_number(s->counts.good);
	*c++ = cell_number(s->counts.late);
	*c++ = cell_number(s->counts.unverified);
	*c++ = cell_number(s->counts.failed);
	*c++ = cell_text(share(d, &s->counts));
}

/* As it was in that run: who carried a line then is measured by it. */
static const char *
name_of(struct document *d, const struct record_site *s, const struct record_run *r, int by)
{
	const char *tier = r->tier ? r->tier : s->tier,
		   *district = r->district ? r->district : s->district;
	const char *text = by == 0	 ? parts_tier(d->lang, tier)
			   : by == 1	 ? district
			   : r->provider ? r->provider
					 : s->provider;
	return str_empty(text) ? text_get(d->lang, T("not stated")) : text;
}

static struct sum *
sum_of(struct sum *sums, size_t *used, const char *name)
{
	size_t k = 0;
	while (k < *used && !str_eq(sums[k].name, name))
		k++;
	*used += k == *used;
	sums[k].name = name;
	return &sums[k];
}

static void
put_sums(struct document *d, const struct period *p, const char *title, const char *label, int by)
{
	const struct column columns[SUM_COLUMNS] = { { label, 24, COLUMN_LEFT, false },
		{ T("Number of sites"), 8, COLUMN_RIGHT, false },
		{ T("Expected"), 10, COLUMN_RIGHT, false },
		{ T("Not tested"), 10, COLUMN_RIGHT, false }, { T("Good"), 8, COLUMN_RIGHT, false },
		{ T("Late"), 8, COLUMN_RIGHT, false },
		{ T("Not measured"), 10, COLUMN_RIGHT, false },
		{ T("Failed"), 8, COLUMN_RIGHT, false },
		{ T("Connected well"), 10, COLUMN_RIGHT, false } };
	size_t n = p->records->sites.n, used = 0, places = 0;
	for (size_t i = 0; i < n; i++)
		places += p->records->sites.at[i]->runs.n;
	struct sum *sums = arena_alloc(d->arena, (places + 1) * sizeof *sums),
		   all = { .name = text_get(d->lang, T("Total")) };
	bool moved = false;
	for (size_t i = 0; i < n; i++) {
		const struct record_site *s = p->records->sites.at[i];
		int groups = 0;
		for (size_t k = 0; k < s->runs.n; k++) {
			struct sum *to = sum_of(sums, &used, name_of(d, s, &s->runs.at[k], by));
			to->sites += to->last != s;
			groups += to->last != s;
			to->last = s;
			record_count(&to->counts, &s->runs.at[k]);
		}
		moved = moved || groups > 1;
		all.sites++;
		record_counts_add(&all.counts, &s->all);
	}
	struct grid *g = document_grid(
		d, title, parts_columns(d, columns, SUM_COLUMNS), SUM_COLUMNS, used + 1);
	for (size_t k = 0; k < used; k++)
		add_sum(d, g, &sums[k]);
	add_sum(d, g, &all);
	g->totals = 1;
	if (moved)
		document_note(
			d, text_get(d->lang, T("A site that moved within the period is counted "
					       "with each, for the runs of that time; the "
					       "total has every site once.")));
}

/* ---- sites ----------------------------------------------------------------------------------- */

const char *
period_trend(const char *lang, unsigned trend, struct arena *a)
{
	const char *loss = trend & TREND_LOSS ? text_get(lang, T("loss grows")) : NULL;
	const char *jitter = trend & TREND_JITTER ? text_get(lang, T("jitter grows")) : NULL;
	const char *drops = trend & TREND_DROPS ? text_get(lang, T("drops grow")) : NULL;
	const char *text = "";
	if (loss)
		text = loss;
	if (jitter)
		text = *text ? arena_printf(a, "%s, %s", text, jitter) : jitter;
	if (drops)
		text = *text ? arena_printf(a, "%s, %s", text, drops) : drops;
	return text;
}

static const char *
again_of(struct document *d, const struct record_site *s)
{
	int times;
	const char *fault = record_again(s, &times);
	return fault ? arena_printf(d->arena, "%s (%d)", advice_say_fault(d->lang, fault), times)
		     : "-";
}

static void
put_sites(struct document *d, const struct period *p)
{
	static const struct column columns[SITE_COLUMNS] = { { T("No."), 5, COLUMN_RIGHT, false },
		{ T("Site"), 16, COLUMN_LEFT, false }, { T("District"), 12, COLUMN_LEFT, false },
		{ T("Provider"), 10, COLUMN_LEFT, false },
		{ T("Expected"), 8, COLUMN_RIGHT, false },
		{ T("Not tested"), 8, COLUMN_RIGHT, false }, { T("Good"), 7, COLUMN_RIGHT, false },
		{ T("Late"), 7, COLUMN_RIGHT, false },
		{ T("Not measured"), 8, COLUMN_RIGHT, false },
		{ T("Failed"), 7, COLUMN_RIGHT, false },
		{ T("Failing in a row"), 8, COLUMN_RIGHT, false },
		{ T("Fault that comes again"), 15, COLUMN_LEFT, false },
		{ T("Getting worse"), 12, COLUMN_LEFT, false },
		{ T("Class"), 19, COLUMN_LEFT, false }, { "id", 0, COLUMN_LEFT, true },
		{ "untested", 0, COLUMN_RIGHT, true }, { "unverified", 0, COLUMN_RIGHT, true },
		{ "drops", 0, COLUMN_RIGHT, true }, { "class", 0, COLUMN_LEFT, true } };
	size_t n = p->records->sites.n;
	struct grid *g = document_grid(d, text_get(d->lang, T("Record of each site")),
		parts_columns(d, columns, SITE_COLUMNS), SITE_COLUMNS, n);
	for (size_t i = 0; i < n; i++) {
		const struct record_site *s = p->records->sites.at[i];
		struct cell *c = grid_row(g);
		*c++ = cell_number((int64_t)i + 1);
		*c++ = cell_text(s->name);
		*c++ = cell_text(s->district);
		*c++ = cell_text(s->provider);
		*c++ = cell_number(s->all.expected);
		*c++ = cell_number(s->all.untested);
		*c++ = cell_number(s->all.good);
		*c++ = cell_number(s->all.late);
		*c++ = cell_number(s->all.unverified);
		*c++ = cell_number(s->all.failed);
		*c++ = cell_number(s->failing);
		*c++ = cell_text(again_of(d, s));
		*c++ = cell_text(period_trend(d->lang, s->trend, d->arena));
		*c++ = cell_text(text_get(d->lang, record_class_title(s->class)));
		*c++ = cell_text(s->id);
		*c++ = cell_number(s->all.untested);
		*c++ = cell_number(s->all.unverified);
		*c++ = cell_number(s->all.drops);
		*c++ = cell_text(record_class_name(s->class));
	}
}

static void
put_ends(struct document *d, const struct period *p)
{
	for (size_t i = 0; i < p->ends_n; i++) {
		const struct period_end *n = &p->ends[i];
		char day[16];
		instant_local(n->last_day, "%d/%m/%Y", day, sizeof day);
		document_note(d, *n->successor ? parts_say(d,
							 T("%s existed until %s and was merged "
							   "into %s; its history stays its own."),
							 n->name, day, n->successor)
					       : parts_say(d, T("%s was closed, last day %s."),
							 n->name, day));
	}
}

static const char *
mean(struct document *d, int n, int64_t sum, int64_t most)
{
	struct buf b = { 0 };
	if (!n)
		return "-";
	say_minutes(&b, sum / n);
	buf_puts(&b, " / ");
	say_minutes(&b, most);
	const char *text = arena_printf(d->arena, "%s (%d)", buf_str(&b), n);
	buf_free(&b);
	return text;
}

static void
put_figures(struct document *d, const struct period *p)
{
	static const struct column columns[FIGURE_COLUMNS] = { { T("Provider"), 20, COLUMN_LEFT,
								       false },
		{ T("Incidents"), 10, COLUMN_RIGHT, false },
		{ T("Closed"), 8, COLUMN_RIGHT, false },
		{ T("Received after"), 18, COLUMN_CENTER, false },
		{ T("Responded after"), 18, COLUMN_CENTER, false },
		{ T("Fixed after"), 18, COLUMN_CENTER, false }, { "open", 0, COLUMN_RIGHT, true } };
	struct grid *g = document_grid(d, text_get(d->lang, T("Incidents by provider")),
		parts_columns(d, columns, FIGURE_COLUMNS), FIGURE_COLUMNS, p->figures_n);
	for (size_t i = 0; i < p->figures_n; i++) {
		const struct incident_figures *f = &p->figures[i];
		struct cell *c = grid_row(g);
		*c++ = cell_text(
			str_empty(f->provider) ? text_get(d->lang, T("not stated")) : f->provider);
		*c++ = cell_number(f->opened);
		*c++ = cell_number(f->closed);
		*c++ = cell_text(mean(d, f->received_n, f->received_s, f->received_most_s));
		*c++ = cell_text(mean(d, f->responded_n, f->responded_s, f->responded_most_s));
		*c++ = cell_text(mean(d, f->fixed_n, f->fixed_s, f->fixed_most_s));
		*c++ = cell_number(f->opened - f->closed);
	}
	document_note(
		d, text_get(d->lang, T("Mean / longest, of how many in brackets; in "
				       "hours:minutes:seconds from the opening; - = none yet.")));
}

static struct document *
begin(const struct period *p, const struct letterhead *l, const char *lang, struct arena *a)
{
	char from[16], to[16];
	const char *days =
		arena_printf(a, "%s – %s", instant_local(p->from, "%d/%m/%Y", from, sizeof from),
			instant_local(p->to - 1, "%d/%m/%Y", to, sizeof to));
	struct document *d = document_blank(p->to, days, l, "period", lang, a);
	const char *when = parts_period(d, p->from, p->to);
	d->title = text_get(d->lang, T("SUMMARY OF A PERIOD"));
	d->subject = parts_say(d,
		T("Trial connections and sessions of the video conference system, "
		  "%s%s%s"),
		when, str_empty(p->scope) ? "" : ", ", p->scope ? p->scope : "");
	document_paragraph(
		d, parts_say(d, T("In the period: %d rehearsals and %d sessions, %d sites."),
			   (int)p->records->rehearsals_n, (int)p->records->sessions_n,
			   (int)p->records->sites.n));
	if (p->records->drills_n)
		document_paragraph(
			d, parts_say(d, T("%d drills took place as well; a drill counts nowhere."),
				   (int)p->records->drills_n));
	return d;
}

struct document *
period_sites(const struct period *p, const char *lang, struct arena *a)
{
	struct document *d = begin(p, NULL, lang, a);
	put_sites(d, p);
	document_note(d, text_get(d->lang, record_rule()));
	put_ends(d, p);
	return d;
}

struct document *
period_build(const struct period *p, const struct letterhead *l, const char *lang, struct arena *a)
{
	struct document *d = begin(p, l, lang, a);
	document_heading(d, text_get(d->lang, T("I. SUMS")));
	put_sums(d, p, text_get(d->lang, T("By level")), T("Level"), 0);
	put_sums(d, p, text_get(d->lang, T("By district")), T("District"), 1);
	put_sums(d, p, text_get(d->lang, T("By provider")), T("Provider"), 2);
	document_note(d, text_get(d->lang, share_rule));
	document_heading(d, text_get(d->lang, T("II. INCIDENTS")));
	if (p->figures_n)
		put_figures(d, p);
	else
		document_paragraph(d, text_get(d->lang, T("No incident was opened.")));
	document_signatures(d);
	document_appendix(d, true, text_get(d->lang, T("Annex. RECORD OF EACH SITE")));
	put_sites(d, p);
	document_note(d, text_get(d->lang, record_rule()));
	put_ends(d, p);
	return d;
}

/* ---- for programs ---------------------------------------------------------------------------- */

static void
put_counts(struct json_out *w, const char *key, const struct record_counts *c)
{
	json_open(w, key, '{');
	json_put_int(w, "expected", c->expected);
	json_put_int(w, "untested", c->untested);
	json_put_int(w, "good", c->good);
	json_put_int(w, "late", c->late);
	json_put_int(w, "unverified", c->unverified);
	json_put_int(w, "failed", c->failed);
	json_put_int(w, "drops", c->drops);
	json_close(w, '}');
}

static void
put_site(struct json_out *w, const struct record_site *s, struct arena *a)
{
	int times;
	const char *again = record_again(s, &times);
	json_open(w, NULL, '{');
	json_put_text(w, "id", s->id);
	json_put_text(w, "name", s->name);
	json_put_text(w, "district", s->district);
	json_put_text(w, "provider", s->provider);
	json_put_text(w, "tier", s->tier);
	put_counts(w, "rehearsals", &s->rehearsals);
	put_counts(w, "sessions", &s->sessions);
	json_put_text(w, "class", record_class_name(s->class));
	json_open(w, "class_rests_on", '{');
	json_put_int(w, "tested", s->class_tested);
	json_put_int(w, "failed", s->class_failed);
	json_put_int(w, "with_drops", s->class_drops);
	json_close(w, '}');
	json_put_int(w, "failing_in_a_row", s->failing);
	json_put_text(w, "comes_again", again);
	json_open(w, "faults", '{');
	for (int i = 0; advice_faults[i] && i < RECORD_FAULTS_MOST; i++)
		if (s->faults[i])
			json_put_int(w, advice_faults[i], s->faults[i]);
	json_close(w, '}');
	json_put_text(w, "getting_worse", period_trend("en", s->trend, a));
	json_close(w, '}');
}

void
period_json(const struct period *p, struct buf *out)
{
	struct json_out w = { .out = out, .pretty = true };
	struct arena *a = arena_new();
	struct record_counts all = { 0 };
	char when[INSTANT_SIZE];
	for (size_t i = 0; i < p->records->sites.n; i++)
		record_counts_add(&all, &p->records->sites.at[i]->all);
	json_open(&w, NULL, '{');
	json_put_text(&w, "from", instant_rfc3339(p->from, when));
	json_put_text(&w, "to", instant_rfc3339(p->to, when));
	json_put_text(&w, "scope", p->scope);
	json_put_text(&w, "rule", record_rule());
	json_put_int(&w, "rehearsals", (int64_t)p->records->rehearsals_n);
	json_put_int(&w, "sessions", (int64_t)p->records->sessions_n);
	json_put_int(&w, "drills_not_counted", (int64_t)p->records->drills_n);
	put_counts(&w, "counts", &all);
	json_open(&w, "sites", '[');
	for (size_t i = 0; i < p->records->sites.n; i++)
		put_site(&w, p->records->sites.at[i], a);
	json_close(&w, ']');
	json_open(&w, "ended", '[');
	for (size_t i = 0; i < p->ends_n; i++) {
		json_open(&w, NULL, '{');
		json_put_text(&w, "id", p->ends[i].site);
		json_put_text(&w, "last_day",
			instant_local(p->ends[i].last_day, "%Y-%m-%d", when, sizeof when));
		json_put_text(&w, "successor", *p->ends[i].successor ? p->ends[i].successor : NULL);
		json_close(&w, '}');
	}
	json_close(&w, ']');
	json_open(&w, "incidents", '[');
	for (size_t i = 0; i < p->figures_n; i++) {
		const struct incident_figures *f = &p->figures[i];
		json_open(&w, NULL, '{');
		json_put_text(&w, "provider", f->provider);
		json_put_int(&w, "opened", f->opened);
		json_put_int(&w, "closed", f->closed);
		json_put_figure(&w, "received_s",
			f->received_n ? figure_of(f->received_s / f->received_n)
				      : (struct figure){ 0 });
		json_put_figure(&w, "responded_s",
			f->responded_n ? figure_of(f->responded_s / f->responded_n)
				       : (struct figure){ 0 });
		json_put_figure(&w, "fixed_s",
			f->fixed_n ? figure_of(f->fixed_s / f->fixed_n) : (struct figure){ 0 });
		json_close(&w, '}');
	}
	json_close(&w, ']');
	json_close(&w, '}');
	arena_free(a);
}
