/* The attendance and punctuality log of a run: who came when, how late, how long they stayed, how
 * many people were in the room.
 *
 * Called through documents_write(). Owns nothing. It must never charge lateness or absence to a
 * site that the judgement does not charge, nor count people nobody counted. */
#include "report/documents.h"

#include "report/letter.h"
#include "report/parts.h"
#include "report/presence.h"
#include "report/say.h"
#include "report/words.h"

#include "base/str.h"
#include "text.h"

enum { COLUMNS = 19 };

static const struct column *
columns_of(struct document *d)
{
	const struct column columns[COLUMNS] = {
		{ T("No."), 5, COLUMN_RIGHT, false },
		{ T("Site"), 17, COLUMN_LEFT, false },
		{ T("Arrived"), 15, COLUMN_CENTER, false },
		{ T("Late"), 10, COLUMN_RIGHT, false },
		{ T("Left"), 15, COLUMN_CENTER, false },
		{ T("Present"), 12, COLUMN_RIGHT, false },
		{ T("Share"), 12, COLUMN_RIGHT, false },
		{ T("Drops"), 7, COLUMN_RIGHT, false },
		{ T("People invited / present"), 11, COLUMN_CENTER, false },
		{ T("Chair"), 14, COLUMN_LEFT, false },
		{ T("Result"), 13, COLUMN_LEFT, false },
		{ T("Reason, remarks"), 30, COLUMN_LEFT, false },
		{ "id", 0, COLUMN_LEFT, true },
		{ "late_s", 0, COLUMN_RIGHT, true },
		{ "late_uncertainty_s", 0, COLUMN_RIGHT, true },
		{ "present_least_s", 0, COLUMN_RIGHT, true },
		{ "present_most_s", 0, COLUMN_RIGHT, true },
		{ "share_least_permille", 0, COLUMN_RIGHT, true },
		{ "headline", 0, COLUMN_LEFT, true },
	};
	struct column *c = arena_memdup(d->arena, columns, sizeof columns);
	for (int i = 0; i < COLUMNS; i++)
		c[i].title = c[i].data ? c[i].title : text_get(d->lang, c[i].title);
	return c;
}

static const char *
people_of(struct document *d, const struct report_site *s)
{
	int invited = s->spec->people, came = s->site->people_actual;
	const char *a = invited < 0 ? "?" : arena_printf(d->arena, "%d", invited);
	const char *b = came < 0 ? "?" : arena_printf(d->arena, "%d", came);
	return arena_printf(d->arena, "%s / %s", a, b);
}

static const char *
left_of(struct document *d, const struct report *r, const struct report_site *s)
{
	if (!s->first_up)
		return "-";
	if (s->left.to)
		return parts_time(d, s->left, r->spec->planned_start);
	if (!s->last_up)
		return text_get(d->lang, T("still connected"));
	struct report_time t = { s->last_up, s->last_up };
	return parts_time(d, t, r->spec->planned_start);
}

static void
add_row(struct document *d, struct grid *g, const struct report *r, const struct report_site *s,
	size_t i)
{
	struct presence p;
	presence_of(r, s, &p);
	struct cell *c = grid_row(g);
	bool up = s->first_up != 0;
	*c++ = cell_number((int64_t)i + 1);
	*c++ = cell_text(s->name);
	*c++ = cell_text(parts_time(d, s->came, r->spec->planned_start));
	*c++ = cell_text(say_late(r, s, d->arena));
	*c++ = cell_text(left_of(d, r, s));
	*c++ = cell_text(p.known ? parts_span(d, p.least_s, p.most_s) : "?");
	*c++ = cell_text(p.known ? parts_share(d, p.least_permille, p.most_permille) : "?");
	*c++ = up ? cell_number(s->drops) : cell_text("-");
	*c++ = cell_text(people_of(d, s));
	*c++ = cell_text(str_empty(s->site->people_chair) ? "?" : s->site->people_chair);
	*c++ = cell_text(words_headline(d->lang, s->verdict->headline));
	*c++ = cell_text(letter_remark(r, s, d->lang, d->arena));
	*c++ = cell_text(s->spec->id);
	*c++ = up ? cell_figure(s->verdict->late_s) : cell_text("-");
	*c++ = up ? cell_figure(s->verdict->late_uncertainty_s) : cell_text("-");
	*c++ = p.known ? cell_number(p.least_s) : cell_text("?");
	*c++ = p.known ? cell_number(p.most_s) : cell_text("?");
	*c++ = p.known && p.least_permille >= 0 ? cell_number(p.least_permille) : cell_text("?");
	*c++ = cell_text(headline_name(s->verdict->headline));
}

static void
say_punctuality(struct document *d, const struct report *r)
{
	int on_time = 0, late = (int)r->lists[LIST_LATE].n, never = 0, unknown = 0;
	for (size_t i = 0; i < r->n; i++) {
		const struct report_site *s = &r->sites[i];
		if (s->lists & 1u << LIST_LATE)
			continue;
		if (s->verdict->late_s.known)
			on_time++;
		else if (s->verdict->headline == UNTESTED || s->first_up)
			unknown++;
		else
			never++;
	}
	document_paragraph(d, parts_say(d,
				      T("Of %d sites invited: %d connected on time, %d late, %d "
					"never connected, of %d "
					"punctuality was not measured or is not charged."),
				      (int)r->n, on_time, late, never, unknown));
}

static void
say_window(struct document *d, const struct report *r)
{
	struct presence_window w = presence_window(r);
	if (!w.from)
		return;
	struct buf from = { 0 }, to = { 0 };
	words_clock(&from, w.from, r->spec->planned_start);
	words_clock(&to, w.to, r->spec->planned_start);
	document_paragraph(d,
		parts_say(d,
			T("Lateness is counted from the planned start to the first instant at "
			  "which "
			  "the site could be connected. Presence is the union of all stretches of "
			  "connection from %s to %s; two figures mean that the instant is not "
			  "known "
			  "more exactly; shares are cut after one decimal, not rounded. A later "
			  "correction makes a new revision."),
			buf_str(&from), buf_str(&to)));
	buf_free(&from);
	buf_free(&to);
}

struct document *
attendance_build(const struct report *r, const struct letterhead *l, const struct report_site *site,
	const char *lang, struct arena *a)
{
	struct document *d = document_new(r, l, "attendance", lang, a);
	d->title = text_get(lang, T("ATTENDANCE LOG"));
	d->subject =
		r->spec->phase == PHASE_SESSION
			? text_get(lang, T("Attendance and punctuality in the official session"))
			: text_get(lang, T("Attendance and punctuality in the trial connection"));
	parts_facts(d, r);
	parts_revision(d, r);
	document_heading(d, text_get(lang, T("I. PUNCTUALITY")));
	if (!r->run->missed)
		say_punctuality(d, r);
	else
		parts_summary(d, r);
	say_window(d, r);
	document_heading(d, text_get(lang, T("II. SITES TO BE NAMED")));
	parts_sentences(d, r);
	document_heading(d, text_get(lang, T("III. NOT DONE, NOT MEASURED, AND NOTES")));
	parts_not_done(d, r);
	parts_corrections(d, r, NULL);
	document_signatures(d);
	document_appendix(d, true, text_get(lang, T("Annex I. ATTENDANCE OF EACH SITE")));
	struct grid *g =
		document_grid(d, text_get(lang, T("Attendance")), columns_of(d), COLUMNS, r->n);
	for (size_t i = 0; i < r->n; i++)
		add_row(d, g, r, &r->sites[i], i);
	document_note(d,
		text_get(lang,
			T("Times in hours:minutes:seconds, durations in minutes:seconds; people "
			  "and chair as entered by a person; ? = not known; - = does not apply.")));
	parts_extras(d, r);
	parts_chart(d, r, text_get(lang, T("Annex II. PRESENCE OF THE SITES")));
	return d;
}
