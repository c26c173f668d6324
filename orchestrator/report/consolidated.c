/* The consolidated report for department, People's Committee and centre: sums by tier and by the
 * unit above, the sites to be named, what we could not do, and what exceeds our authority.
 *
 * Called through documents_write(). Owns nothing. It must never let a site stand in two sums or in
 * none: the rows of each table add up to the sites expected. */
#include "report/documents.h"

#include "report/imports.h"
#include "report/hops.h"
#include "report/notes.h"
#include "report/parts.h"
#include "report/words.h"

#include "base/map.h"
#include "base/str.h"
#include "text.h"

enum { COLUMNS = 2 + HEADLINE_N };

struct sum {
	const char *name;
	int expected, by[HEADLINE_N];
};

struct sums {
	struct sum *at;
	size_t n, cap;
};

static void
count(struct sum *s, const struct report_site *site)
{
	s->expected++;
	s->by[site->verdict->headline]++;
}

/* Best first, as a reader looks for it. */
static enum headline
column_headline(int i)
{
	return (enum headline)(HEADLINE_N - 1 - i);
}

/* A column that is nought everywhere is left to the programs. */
static const struct column *
columns_of(struct document *d, const char *label, const struct report *r)
{
	struct column *c = arena_alloc(d->arena, COLUMNS * sizeof *c);
	c[0] = (struct column){ .title = label, .width = 24, .align = COLUMN_LEFT };
	c[1] = (struct column){
		.title = text_get(d->lang, T("Expected")), .width = 10, .align = COLUMN_RIGHT
	};
	for (int i = 0; i < HEADLINE_N; i++) {
		enum headline h = column_headline(i);
		c[2 + i] = (struct column){ .title = words_headline(d->lang, h),
			.width = 10,
			.align = COLUMN_RIGHT,
			.data = h != GOOD && !r->by_headline[h].n };
	}
	return c;
}

static void
add_sum(struct grid *g, const struct sum *s)
{
	struct cell *c = grid_row(g);
	*c++ = cell_text(s->name);
	*c++ = cell_number(s->expected);
	for (int i = 0; i < HEADLINE_N; i++)
		*c++ = cell_number(s->by[column_headline(i)]);
}

static void
write_sums(struct document *d, const struct report *r, const char *title, const char *label,
	const struct sums *sums)
{
	struct grid *g = document_grid(d, title, columns_of(d, label, r), COLUMNS, sums->n + 1);
	struct sum all = { .name = text_get(d->lang, T("Total")) };
	for (size_t i = 0; i < sums->n; i++) {
		add_sum(g, &sums->at[i]);
		all.expected += sums->at[i].expected;
		for (int h = 0; h < HEADLINE_N; h++)
			all.by[h] += sums->at[i].by[h];
	}
	add_sum(g, &all);
	g->totals = 1;
}

static void
write_tiers(struct document *d, const struct report *r)
{
	static const char *const tiers[] = { "central", "province", "commune", "other" };
	enum { N = sizeof tiers / sizeof *tiers };
	struct sum all[N] = { 0 };
	struct sums sums = { 0 };
	for (size_t i = 0; i < r->n; i++) {
		int t = 0;
		while (t < N - 1 && !str_eq(tiers[t], r->sites[i].spec->tier))
			t++;
		count(&all[t], &r->sites[i]);
	}
	for (int t = 0; t < N; t++) {
		all[t].name = parts_tier(d->lang, tiers[t]);
		if (all[t].expected)
			*vec_add_in(d->arena, &sums) = all[t];
	}
	write_sums(d, r, text_get(d->lang, T("By level")), text_get(d->lang, T("Level")), &sums);
}

/* The name of the unit a site is counted with: the site above it, else its district, else the MCU
 * above it, else its own MCU. */
static const char *
unit_of(const struct report *r, const struct report_site *s, struct map *names, struct arena *a)
{
	const struct spec_site *p = s->spec;
	const struct report_site *above = str_empty(p->parent) ? NULL : map_get(names, p->parent);
	if (above)
		return above->name;
	if (!str_empty(p->district))
		return p->district;
	if (!str_empty(p->parent))
		return p->parent;
	if (p->mcu < 0 || (size_t)p->mcu >= r->spec->mcus_n)
		return "";
	return arena_printf(a, "MCU %s", r->spec->mcus[p->mcu].name);
}

static void
write_units(struct document *d, const struct report *r)
{
	struct map *names = map_new(), *index = map_new();
	struct sums sums = { 0 };
	for (size_t i = 0; i < r->n; i++)
		map_set(names, r->sites[i].spec->id, &r->sites[i]);
	for (size_t i = 0; i < r->n; i++) {
		const char *unit = unit_of(r, &r->sites[i], names, d->arena);
		size_t at = (size_t)(uintptr_t)map_get(index, unit);
		if (!at) {
			struct sum *s = vec_add_in(d->arena, &sums);
			s->name = str_empty(unit) ? text_get(d->lang, T("no unit given")) : unit;
			at = sums.n;
			map_set(index, unit, (void *)(uintptr_t)at);
		}
		count(&sums.at[at - 1], &r->sites[i]);
	}
	map_free(names);
	map_free(index);
	write_sums(d, r, text_get(d->lang, T("By unit")), text_get(d->lang, T("Unit")), &sums);
}

/* What exceeds our authority: the rule is printed with the result. */
enum beyond { BEYOND_NOT, BEYOND_LINE, BEYOND_POWER, BEYOND_NETWORK, BEYOND_MCU, BEYOND_N };

static enum beyond
beyond_of(const struct report *r, const struct report_site *s)
{
	int mcu = s->spec->mcu;
	if (str_eq(s->verdict->common_cause, "line"))
		return BEYOND_LINE;
	if (str_eq(s->verdict->common_cause, "power-cut"))
		return BEYOND_POWER;
	if (s->lists & 1u << LIST_WRONG_NETWORK)
		return BEYOND_NETWORK;
	if (s->verdict->headline == UNTESTED && mcu >= 0 && (size_t)mcu < r->spec->mcus_n &&
		r->spec->mcus[mcu].foreign)
		return BEYOND_MCU;
	return BEYOND_NOT;
}

static int
write_beyond_sites(struct document *d, const struct report *r)
{
	static const char *const frames[BEYOND_N] = {
		[BEYOND_LINE] = T("Fault of a common line, for the telecommunications provider"),
		[BEYOND_POWER] = T("Power cut, for the electricity company"),
		[BEYOND_NETWORK] =
			T("Sites outside the dedicated state network, to be moved onto it"),
		[BEYOND_MCU] = T("Sites on an MCU of another level, not tested"),
	};
	int items = 0;
	for (int k = BEYOND_NOT + 1; k < BEYOND_N; k++) {
		struct buf names = { 0 };
		int n = 0;
		for (size_t i = 0; i < r->n; i++)
			if (beyond_of(r, &r->sites[i]) == (enum beyond)k) {
				buf_printf(&names, "%s%s", n ? ", " : "", r->sites[i].name);
				n++;
			}
		if (n)
			document_item(d, ++items,
				parts_say(d, T("%s (%d): %s."), text_get(d->lang, frames[k]), n,
					buf_str(&names)));
		buf_free(&names);
	}
	return items;
}

static bool
hop_known(const struct report *r, const char *lower)
{
	for (size_t i = 0; i < r->judgement->hops_n; i++)
		if (str_eq(r->judgement->hops[i].lower, lower) &&
			r->judgement->hops[i].verdict.reached != UNKNOWN)
			return true;
	return false;
}

static int
write_beyond_mcus(struct document *d, const struct report *r, int items)
{
	for (size_t i = 0; i < r->spec->mcus_n; i++) {
		const struct run_mcu *m = &r->run->mcus[i];
		const struct spec_mcu *s = &r->spec->mcus[i];
		if (!s->foreign || (m->ever_ready && m->phase != MCU_LOST) || hop_known(r, s->name))
			continue;
		struct buf why = { 0 };
		if (*m->why)
			notes_quote(&why, d->lang, m->why);
		document_item(d, ++items,
			parts_say(d,
				T("MCU %s belongs to another level: its hop could not be "
				  "verified%s%s."),
				s->name, why.n ? ": " : "", buf_str(&why)));
		buf_free(&why);
	}
	return items;
}

static void
write_beyond(struct document *d, const struct report *r)
{
	if (!write_beyond_mcus(d, r, write_beyond_sites(d, r)))
		document_paragraph(d,
			text_get(d->lang,
				T("Nothing: no probable fault of a common line, no power cut, no "
				  "site outside the dedicated state network, no MCU of another "
				  "level that could not be verified.")));
	else
		document_note(
			d, text_get(d->lang,
				   T("Counted here: probable faults of a common line, power cuts, "
				     "sites outside the dedicated state network, and MCUs of "
				     "another level. Sites concerned carry a (*) in the annex.")));
}

struct document *
consolidated_build(const struct report *r, const struct letterhead *l,
	const struct report_site *site, const char *lang, struct arena *a)
{
	struct document *d = document_new(r, l, "consolidated", lang, a);
	d->title = text_get(lang, T("REPORT"));
	d->subject =
		r->spec->phase == PHASE_SESSION
			? text_get(lang, T("Consolidated result of the video conference session"))
			: text_get(lang, T("Consolidated result of the trial connection"));
	parts_facts(d, r);
	parts_revision(d, r);
	document_heading(d, text_get(lang, T("I. CONSOLIDATED RESULT")));
	parts_summary(d, r);
	write_tiers(d, r);
	write_units(d, r);
	hops_write(d, r);
	imports_write(d, r);
	document_heading(d, text_get(lang, T("II. SITES TO BE NAMED")));
	parts_sentences(d, r);
	document_heading(d, text_get(lang, T("III. NOT DONE, NOT MEASURED, AND NOTES")));
	parts_not_done(d, r);
	parts_corrections(d, r, NULL);
	document_heading(d, text_get(lang, T("IV. BEYOND OUR AUTHORITY, FOR DECISION ABOVE")));
	write_beyond(d, r);
	document_signatures(d);
	bool *marked = arena_alloc(a, (r->n + 1) * sizeof *marked);
	for (size_t i = 0; i < r->n; i++)
		marked[i] = beyond_of(r, &r->sites[i]) != BEYOND_NOT;
	document_appendix(d, true, text_get(lang, T("Annex. SITE BY SITE")));
	parts_sites(d, r, text_get(lang, T("Sites")), marked);
	parts_extras(d, r);
	return d;
}
