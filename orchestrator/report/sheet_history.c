/* The sheet's part on the site's own history: class with its rule, what comes again, what gets
 * worse, the last runs; rehearsals and sessions apart.
 *
 * Called by sheet.c. Owns nothing but what it puts on the document's arena. It must never show a
 * run in which the site was not tested as a fault of the site. */
#include "report/sheet.h"

#include "advice.h"
#include "record.h"
#include "report/parts.h"
#include "report/period.h"
#include "report/words.h"

#include "base/instant.h"
#include "base/str.h"
#include "text.h"

enum { SHOWN = 10, RUN_COLUMNS = 7, FAULT_COLUMNS = 4, COUNT_COLUMNS = 8 };

static const char *
day_of(struct document *d, int64_t at)
{
	char text[32];
	return arena_strdup(d->arena, instant_local(at, "%d/%m/%Y %H:%M", text, sizeof text));
}

static void
write_class(struct document *d, const struct record_site *s)
{
	struct facts *f = document_facts(d);
	facts_add(d, f, T("Class"), text_get(d->lang, record_class_title(s->class)));
	facts_add(d, f, T("Rests on"),
		parts_say(d, T("%d tested runs, %d of them failed, %d with a dropped connection"),
			s->class_tested, s->class_failed, s->class_drops));
	if (s->failing)
		facts_add(d, f, T("Failing in a row"),
			parts_say(d, T("%d runs, since %s"), s->failing,
				day_of(d, s->failing_since)));
	facts_add(d, f, T("Getting worse"),
		s->trend ? period_trend(d->lang, s->trend, d->arena)
			 : text_get(d->lang, T("nothing")));
	document_note(d, text_get(d->lang, record_rule()));
}

static void
put_counts(struct grid *g, const char *what, const struct record_counts *c)
{
	struct cell *cell = grid_row(g);
	*cell++ = cell_text(what);
	*cell++ = cell_number(c->expected);
	*cell++ = cell_number(c->untested);
	*cell++ = cell_number(c->good);
	*cell++ = cell_number(c->late);
	*cell++ = cell_number(c->unverified);
	*cell++ = cell_number(c->failed);
	*cell++ = cell_number(c->drops);
}

static void
write_counts(struct document *d, const struct record_site *s)
{
	static const struct column columns[COUNT_COLUMNS] = { { T("Kind of run"), 20, COLUMN_LEFT,
								      false },
		{ T("Expected"), 10, COLUMN_RIGHT, false },
		{ T("Not tested"), 10, COLUMN_RIGHT, false }, { T("Good"), 8, COLUMN_RIGHT, false },
		{ T("Late"), 8, COLUMN_RIGHT, false },
		{ T("Not measured"), 10, COLUMN_RIGHT, false },
		{ T("Failed"), 8, COLUMN_RIGHT, false }, { T("Drops"), 8, COLUMN_RIGHT, false } };
	struct grid *g =
		document_grid(d, text_get(d->lang, T("Rehearsals and sessions of the year before")),
			parts_columns(d, columns, COUNT_COLUMNS), COUNT_COLUMNS, 3);
	put_counts(g, words_phase(d->lang, PHASE_REHEARSAL), &s->rehearsals);
	put_counts(g, words_phase(d->lang, PHASE_SESSION), &s->sessions);
	put_counts(g, text_get(d->lang, T("Total")), &s->all);
	g->totals = 1;
}

static bool
had(const struct record_run *r, const char *fault)
{
	return r->headline != UNTESTED && str_eq(r->fault, fault);
}

static void
write_faults(struct document *d, const struct record_site *s)
{
	static const struct column columns[FAULT_COLUMNS] = {
		{ T("Fault"), 30, COLUMN_LEFT, false }, { T("Times"), 8, COLUMN_RIGHT, false },
		{ T("First"), 16, COLUMN_CENTER, false }, { T("Last"), 16, COLUMN_CENTER, false }
	};
	size_t rows = 0;
	for (int i = 0; advice_faults[i] && i < RECORD_FAULTS_MOST; i++)
		rows += s->faults[i] > 0;
	if (!rows)
		return;
	struct grid *g = document_grid(d, text_get(d->lang, T("Faults that came")),
		parts_columns(d, columns, FAULT_COLUMNS), FAULT_COLUMNS, rows);
	for (int i = 0; advice_faults[i] && i < RECORD_FAULTS_MOST; i++) {
		int64_t first = 0, last = 0;
		for (size_t k = 0; s->faults[i] && k < s->runs.n; k++)
			if (had(&s->runs.at[k], advice_faults[i])) {
				first = first ? first : s->runs.at[k].start;
				last = s->runs.at[k].start;
			}
		if (!s->faults[i])
			continue;
		struct cell *c = grid_row(g);
		*c++ = cell_text(advice_say_fault(d->lang, advice_faults[i]));
		*c++ = cell_number(s->faults[i]);
		*c++ = cell_text(day_of(d, first));
		*c++ = cell_text(day_of(d, last));
	}
	int times;
	const char *again = record_again(s, &times);
	if (again)
		document_note(d, parts_say(d, T("Comes again: %s (%d times)."),
					 advice_say_fault(d->lang, again), times));
}

static void
put_run(struct document *d, struct grid *g, const struct record_run *r)
{
	struct cell *c = grid_row(g);
	struct buf late = { 0 };
	if (r->late_s.known)
		words_duration(&late, d->lang, r->late_s.v);
	*c++ = cell_text(day_of(d, r->start));
	*c++ = cell_text(words_headline(d->lang, r->headline));
	*c++ = cell_text(r->late_s.known ? arena_strdup(d->arena, buf_str(&late))
			 : r->share_least >= 0 && r->share_most > 0 ? "?"
								    : "-");
	*c++ = cell_text(parts_share(d, r->share_least, r->share_most));
	*c++ = cell_number(r->drops);
	*c++ = cell_text(r->loss_permille < 0
				 ? "?"
				 : parts_say(d, T("%d.%d %%"), (int)r->loss_permille / 10,
					   (int)r->loss_permille % 10));
	*c++ = cell_text(str_empty(r->fault) || r->headline == UNTESTED
				 ? "-"
				 : parts_say(d, "%s (%s)", advice_say_fault(d->lang, r->fault),
					   advice_say_cause(d->lang, r->cause)));
	buf_free(&late);
}

/* The newest first. */
static void
write_runs(struct document *d, const struct record_site *s, bool sessions, const char *title)
{
	static const struct column columns[RUN_COLUMNS] = { { T("Planned start"), 17, COLUMN_CENTER,
								    false },
		{ T("Result"), 16, COLUMN_LEFT, false }, { T("Late"), 13, COLUMN_RIGHT, false },
		{ T("Present"), 15, COLUMN_RIGHT, false }, { T("Drops"), 7, COLUMN_RIGHT, false },
		{ T("Loss"), 9, COLUMN_RIGHT, false },
		{ T("Fault (cause)"), 25, COLUMN_LEFT, false } };
	size_t n = 0, put = 0;
	for (size_t i = 0; i < s->runs.n; i++)
		n += s->runs.at[i].session == sessions;
	n = n > SHOWN ? SHOWN : n;
	if (!n)
		return;
	struct grid *g =
		document_grid(d, title, parts_columns(d, columns, RUN_COLUMNS), RUN_COLUMNS, n);
	for (size_t i = s->runs.n; i > 0 && put < n; i--)
		if (s->runs.at[i - 1].session == sessions) {
			put_run(d, g, &s->runs.at[i - 1]);
			put++;
		}
}

void
sheet_history(struct document *d, const struct report *r)
{
	const struct record_site *s = r->history;
	if (!s)
		return;
	document_heading(d, text_get(d->lang, T("III. RECORD OF THE SITE, THIS RUN INCLUDED")));
	write_class(d, s);
	write_counts(d, s);
	write_faults(d, s);
	write_runs(d, s, false, text_get(d->lang, T("Last rehearsals")));
	write_runs(d, s, true, text_get(d->lang, T("Last sessions")));
}
