/* What several documents have in common: facts of the run, sentences, notes, the grid of all sites.
 *
 * Called by the builders. Owns nothing but what it puts on the document's arena. It must never name
 * a site that the judgement does not, or mix our own failures with the sites'. */
#include "report/parts.h"

#include "report/letter.h"
#include "report/say.h"
#include "report/words.h"

#include "base/instant.h"
#include "base/str.h"
#include "text.h"

static const char *
take(struct document *d, struct buf *b)
{
	const char *text = arena_strdup(d->arena, buf_str(b));
	buf_free(b);
	return text;
}

const struct column *
parts_columns(struct document *d, const struct column *columns, size_t n)
{
	struct column *c = arena_memdup(d->arena, columns, n * sizeof *c);
	for (size_t i = 0; i < n; i++)
		c[i].title = c[i].data ? c[i].title : text_get(d->lang, c[i].title);
	return c;
}

const char *
parts_say(struct document *d, const char *msgid, ...)
{
	struct buf b = { 0 };
	va_list ap;
	va_start(ap, msgid);
	buf_vprintf(&b, text_get(d->lang, msgid), ap);
	va_end(ap);
	return take(d, &b);
}

const char *
parts_event(const struct report *r)
{
	return str_empty(r->spec->summary) ? r->spec->title : r->spec->summary;
}

const char *
parts_tier(const char *lang, const char *tier)
{
	static const struct text_word words[] = { { "central", T("central level") },
		{ "province", T("provincial level") }, { "commune", T("commune level") },
		{ "other", T("other sites") }, { 0 } };
	return text_word(lang, words, tier);
}

const char *
parts_period(struct document *d, int64_t from, int64_t to)
{
	char a[16], b[16];
	instant_local(from, "%d/%m/%Y", a, sizeof a);
	instant_local(to - 1, "%d/%m/%Y", b, sizeof b);
	return str_eq(a, b) ? parts_say(d, T("on %s"), a)
			    : parts_say(d, T("from %s to %s, both days included"), a, b);
}

const char *
parts_share(struct document *d, int least, int most)
{
	if (least < 0)
		return "?";
	if (least == most)
		return parts_say(d, T("%d.%d %%"), least / 10, least % 10);
	return parts_say(d, T("%d.%d-%d.%d %%"), least / 10, least % 10, most / 10, most % 10);
}

const char *
parts_span(struct document *d, int64_t least_s, int64_t most_s)
{
	struct buf b = { 0 };
	say_minutes(&b, least_s);
	if (most_s > least_s) {
		buf_puts(&b, "–");
		say_minutes(&b, most_s);
	}
	return take(d, &b);
}

const char *
parts_rows(struct document *d, const int64_t *seq, int n)
{
	struct buf b = { 0 };
	for (int i = 0; i < n; i++)
		if (seq[i])
			buf_printf(&b, "%s%lld", b.n ? ", " : "", (long long)seq[i]);
	return take(d, &b);
}

const char *
parts_time(struct document *d, struct report_time t, int64_t day)
{
	struct buf b = { 0 };
	if (!t.to)
		return "-";
	if (t.from && t.to - t.from >= 1000) {
		words_clock(&b, t.from, day);
		buf_puts(&b, "–");
	}
	words_clock(&b, t.to, day);
	return take(d, &b);
}

/* Twelve digits name a version to git and to people; the data carries them all. */
static const char *
playbook_of(struct document *d, const struct report *r)
{
	const struct playbook *p = r->spec->playbook;
	const char *name = p ? p->name : r->spec->name, *title = p ? p->title : "";
	if (str_empty(r->spec->commit))
		return str_empty(title) ? name : parts_say(d, "%s (%s)", title, name);
	if (str_empty(title))
		return parts_say(d, T("%s, version %.12s"), name, r->spec->commit);
	return parts_say(d, T("%s (%s, version %.12s)"), title, name, r->spec->commit);
}

struct facts *
parts_facts(struct document *d, const struct report *r)
{
	const struct spec *s = r->spec;
	struct facts *f = document_facts(d);
	facts_add(d, f, T("Content"), parts_event(r));
	facts_add(d, f, T("Planned start"), say_date(s->planned_start, d->lang, d->arena));
	facts_add(d, f, T("Took place"), say_took_place(r, d->lang, d->arena));
	if (s->phase != PHASE_SESSION) {
		facts_add(d, f, T("Completion announced"), say_allclear(r, d->lang, d->arena));
		facts_add(
			d, f, T("Official session"), say_date(s->session_start, d->lang, d->arena));
	}
	if (s->short_notice)
		facts_add(d, f, T("Short notice"),
			text_get(d->lang, T("the run entered the calendar late: punctuality is not "
					    "charged to any site")));
	facts_add(d, f, T("Drill"), say_drill(r, d->lang));
	facts_add(d, f, T("Playbook followed"), playbook_of(d, r));
	return f;
}

void
parts_summary(struct document *d, const struct report *r)
{
	struct letter l;
	letter_write(r, d->lang, d->arena, &l);
	document_paragraph(d, l.summary);
}

void
parts_sentences(struct document *d, const struct report *r)
{
	struct letter l;
	int n = 0;
	letter_write(r, d->lang, d->arena, &l);
	for (size_t i = 0; i < l.n; i++)
		if (!l.at[i].ours)
			document_item(d, ++n, l.at[i].text);
	if (!n && !r->run->missed)
		document_paragraph(d, text_get(d->lang, T("No site is to be named.")));
}

void
parts_not_done(struct document *d, const struct report *r)
{
	struct letter l;
	int n = 0;
	letter_write(r, d->lang, d->arena, &l);
	for (size_t i = 0; i < l.n; i++)
		if (l.at[i].ours)
			document_item(d, ++n, l.at[i].text);
	for (size_t i = 0; i < r->notes_n; i++)
		if (!str_eq(r->notes[i].kind, "extra")) /* told as a participant */
			document_item(d, ++n, say_note(r, &r->notes[i], d->lang, d->arena));
	if (!n)
		document_paragraph(d, text_get(d->lang, T("Nothing to note.")));
}

enum { SITE_COLUMNS = 18 };

static const struct column *
site_columns(struct document *d)
{
	const struct column columns[SITE_COLUMNS] = {
		{ T("No."), 5, COLUMN_RIGHT, false },
		{ T("Site"), 17, COLUMN_LEFT, false },
		{ T("Result"), 13, COLUMN_LEFT, false },
		{ T("Connected"), 19, COLUMN_CENTER, false },
		{ T("Late"), 9, COLUMN_RIGHT, false },
		{ T("Sound"), 10, COLUMN_CENTER, false },
		{ T("Picture"), 10, COLUMN_CENTER, false },
		{ T("Roll call"), 12, COLUMN_CENTER, false },
		{ T("Reason, remarks"), 40, COLUMN_LEFT, false },
		{ "id", 0, COLUMN_LEFT, true },
		{ "tier", 0, COLUMN_LEFT, true },
		{ "district", 0, COLUMN_LEFT, true },
		{ "parent", 0, COLUMN_LEFT, true },
		{ "headline", 0, COLUMN_LEFT, true },
		{ "sub_reason", 0, COLUMN_LEFT, true },
		{ "late_s", 0, COLUMN_RIGHT, true },
		{ "late_uncertainty_s", 0, COLUMN_RIGHT, true },
		{ "drops", 0, COLUMN_RIGHT, true },
	};
	struct column *c = arena_memdup(d->arena, columns, sizeof columns);
	for (int i = 0; i < SITE_COLUMNS; i++)
		c[i].title = c[i].data ? c[i].title : text_get(d->lang, c[i].title);
	return c;
}

static struct cell
figure_or_none(const struct report_site *s, struct figure f)
{
	return s->first_up ? cell_figure(f) : cell_text("-");
}

void
parts_sites(struct document *d, const struct report *r, const char *title, const bool *marked)
{
	struct grid *g = document_grid(d, title, site_columns(d), SITE_COLUMNS, r->n);
	for (size_t i = 0; i < r->n; i++) {
		const struct report_site *s = &r->sites[i];
		struct cell *c = grid_row(g);
		bool mark = marked && marked[i];
		*c++ = cell_number((int64_t)i + 1);
		*c++ = cell_text(mark ? arena_printf(d->arena, "%s (*)", s->name) : s->name);
		*c++ = cell_text(words_headline(d->lang, s->verdict->headline));
		*c++ = cell_text(say_connected(r, s, d->lang, d->arena));
		*c++ = cell_text(say_late(r, s, d->arena));
		*c++ = cell_text(s->first_up ? say_media(s, AUDIO, d->lang, d->arena) : "-");
		*c++ = cell_text(s->first_up ? say_media(s, VIDEO, d->lang, d->arena) : "-");
		*c++ = cell_text(say_roll(r, s, d->lang));
		*c++ = cell_text(letter_remark(r, s, d->lang, d->arena));
		*c++ = cell_text(s->spec->id);
		*c++ = cell_text(s->spec->tier);
		*c++ = cell_text(s->spec->district);
		*c++ = cell_text(s->spec->parent);
		*c++ = cell_text(headline_name(s->verdict->headline));
		*c++ = cell_text(s->verdict->sub_reason);
		*c++ = figure_or_none(s, s->verdict->late_s);
		*c++ = figure_or_none(s, s->verdict->late_uncertainty_s);
		*c++ = s->first_up ? cell_number(s->drops) : cell_text("-");
	}
	document_note(
		d, text_get(d->lang,
			   T("Late in minutes:seconds, two figures where the instant is known "
			     "to lie between them; sound and picture from / to the site; ? = "
			     "could not be measured; - = does not apply.")));
}

void
parts_extras(struct document *d, const struct report *r)
{
	static const struct column titles[] = {
		{ T("No."), 5, COLUMN_RIGHT, false },
		{ T("Participant"), 20, COLUMN_LEFT, false },
		{ T("Connected"), 22, COLUMN_CENTER, false },
		{ T("Present"), 9, COLUMN_RIGHT, false },
		{ T("Address"), 28, COLUMN_LEFT, false },
		{ T("Who it is"), 40, COLUMN_LEFT, false },
		{ "id", 0, COLUMN_LEFT, true },
		{ "shown_name", 0, COLUMN_LEFT, true },
		{ "remote_ip", 0, COLUMN_LEFT, true },
		{ "mcu", 0, COLUMN_LEFT, true },
		{ "flag", 0, COLUMN_LEFT, true },
		{ "present_s", 0, COLUMN_RIGHT, true },
	};
	enum { N = sizeof titles / sizeof *titles };
	if (!r->extras_n)
		return;
	struct column *columns = arena_memdup(d->arena, titles, sizeof titles);
	for (int i = 0; i < N; i++)
		columns[i].title =
			columns[i].data ? columns[i].title : text_get(d->lang, columns[i].title);
	struct grid *g = document_grid(
		d, text_get(d->lang, T("Present and not invited")), columns, N, r->extras_n);
	for (size_t i = 0; i < r->extras_n; i++) {
		const struct report_extra *e = &r->extras[i];
		struct cell *c = grid_row(g);
		*c++ = cell_number((int64_t)i + 1);
		*c++ = cell_text(e->name);
		*c++ = cell_text(say_extra_connected(r, e, d->lang, d->arena));
		*c++ = cell_text(parts_span(d, e->present_s, e->present_s));
		*c++ = cell_text(e->extra->address);
		*c++ = cell_text(say_extra_who(e, d->lang, d->arena));
		*c++ = cell_text(e->extra->site);
		*c++ = cell_text(e->extra->shown_name);
		*c++ = cell_text(e->extra->remote_ip);
		*c++ = cell_text(e->mcu);
		*c++ = cell_text(e->is_mcu ? "" : "extra");
		*c++ = cell_number(e->present_s);
	}
}

void
parts_chart(struct document *d, const struct report *r, const char *title)
{
	const struct chart *c = chart_build(r, NULL, d->arena);
	if (!c)
		return;
	document_appendix(d, true, title);
	document_chart(d, c);
}

static size_t
corrections_n(const struct report *r, const struct report_site *only)
{
	size_t n = 0;
	for (size_t i = 0; i < r->n; i++)
		n += !only || only == &r->sites[i] ? r->sites[i].site->corrections.n : 0;
	return n;
}

static void
put_correction(struct document *d, struct grid *g, const struct report *r,
	const struct report_site *s, const struct correction *c)
{
	struct cell *cell = grid_row(g);
	*cell++ = cell_text(s->name);
	*cell++ = cell_text(say_corrected(c, d->lang));
	*cell++ = cell_text(say_correction_value(c, c->old, d->lang));
	*cell++ = cell_text(say_correction_value(c, c->value, d->lang));
	*cell++ = cell_text(c->by);
	*cell++ = cell_text(
		parts_time(d, (struct report_time){ c->at, c->at }, r->spec->planned_start));
	*cell++ = cell_text(c->why);
	*cell++ = cell_text(parts_rows(d, &c->seq, 1));
}

void
parts_corrections(struct document *d, const struct report *r, const struct report_site *only)
{
	static const struct column columns[] = { { T("Site"), 16, COLUMN_LEFT, false },
		{ T("Corrected"), 16, COLUMN_LEFT, false }, { T("Before"), 12, COLUMN_LEFT, false },
		{ T("Now"), 12, COLUMN_LEFT, false }, { T("By"), 14, COLUMN_LEFT, false },
		{ T("At"), 10, COLUMN_CENTER, false }, { T("Why"), 22, COLUMN_LEFT, false },
		{ T("Journal rows"), 11, COLUMN_LEFT, false } };
	enum { N = sizeof columns / sizeof *columns };
	size_t n = corrections_n(r, only);
	if (!n)
		return;
	struct column *c = arena_memdup(d->arena, columns, sizeof columns);
	for (int i = 0; i < N; i++)
		c[i].title = c[i].data ? c[i].title : text_get(d->lang, c[i].title);
	struct grid *g = document_grid(d, text_get(d->lang, T("Corrections by people")), c, N, n);
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0;
			(!only || only == &r->sites[i]) && k < r->sites[i].site->corrections.n; k++)
			put_correction(d, g, r, &r->sites[i], &r->sites[i].site->corrections.at[k]);
}

void
parts_revision(struct document *d, const struct report *r)
{
	if (r->revision > 1)
		document_paragraph(
			d, parts_say(d, T("This is revision %d; it replaces revision %d."),
				   r->revision, r->revision - 1));
}
