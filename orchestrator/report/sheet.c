/* The sheet of one site, for its chief: everything this run knows of it, with the journal rows
 * behind each figure.
 *
 * Called through documents_write(). Owns nothing. It must never show another site's name or
 * contact, nor call a thing the site's fault that the judgement does not. */
#include "report/documents.h"

#include "advice.h"
#include "causes.h"

#include "report/letter.h"
#include "report/notes.h"
#include "report/parts.h"
#include "report/presence.h"
#include "report/say.h"
#include "report/sheet.h"
#include "report/words.h"

#include "base/str.h"
#include "text.h"

static const char *
ended_word(const char *lang, enum ended_by e)
{
	switch (e) {
	case ENDED_OPEN: return text_get(lang, T("still connected"));
	case ENDED_SITE: return text_get(lang, T("hung up by the site"));
	case ENDED_POWER: return text_get(lang, T("switched off or without power"));
	case ENDED_NETWORK: return text_get(lang, T("line interrupted"));
	case ENDED_MCU: return text_get(lang, T("ended by the MCU"));
	case ENDED_OPERATOR: return text_get(lang, T("ended by an operator at the MCU"));
	case ENDED_US: return text_get(lang, T("ended by this program"));
	case ENDED_UNKNOWN: return "?";
	}
	return "?";
}

static const char *
cause_word(const char *lang, enum cause c)
{
	const char *says = causes_class(c);
	return *says ? text_get(lang, says) : "?";
}

/* The device's own words, and what they mean where they are known. */
static const char *
device_words(struct document *d, const char *said)
{
	const char *means = causes_word(said), *ours = notes_own_words(d->lang, said);
	if (ours)
		return ours;
	return *means ? parts_say(d, "%s: %s", said, text_get(d->lang, means)) : said;
}

static const char *
outcome_of(struct document *d, const struct attempt *t)
{
	switch (t->result) {
	case ATTEMPT_UNDER_WAY: return "?";
	case ATTEMPT_UP: return text_get(d->lang, T("connected"));
	case ATTEMPT_INCOMING: return text_get(d->lang, T("the site called by itself"));
	case ATTEMPT_FAILED: return cause_word(d->lang, t->cause);
	case ATTEMPT_OURS:
		return parts_say(d, T("failed at our end: %s"), cause_word(d->lang, t->cause));
	}
	return "?";
}

static const char *
clock_of(struct document *d, int64_t at, int64_t day)
{
	return parts_time(d, (struct report_time){ at, at }, day);
}

/* Translated titles, on the arena. */
static const struct column *
columns_of(struct document *d, const struct column *columns, size_t n)
{
	struct column *c = arena_memdup(d->arena, columns, n * sizeof *c);
	for (size_t i = 0; i < n; i++)
		c[i].title = c[i].data ? c[i].title : text_get(d->lang, c[i].title);
	return c;
}

static void
write_who(struct document *d, const struct report *r, const struct report_site *s)
{
	struct facts *f = document_facts(d);
	const struct spec_site *p = s->spec;
	facts_add(d, f, T("Site"), s->name);
	facts_add(d, f, T("Level"), parts_tier(d->lang, p->tier));
	facts_add(d, f, T("District"), p->district);
	facts_add(d, f, T("Technical contact"),
		str_empty(p->contact_phone)
			? p->contact
			: arena_printf(d->arena, "%s%s%s", str_empty(p->contact) ? "" : p->contact,
				  str_empty(p->contact) ? "" : ", ", p->contact_phone));
	facts_add(d, f, T("Provider"), p->provider);
	facts_add(d, f, T("Kind of run"), words_phase(d->lang, r->spec->phase));
	facts_add(d, f, T("Content"), parts_event(r));
	facts_add(d, f, T("Planned start"), say_date(r->spec->planned_start, d->lang, d->arena));
	if (r->spec->phase != PHASE_SESSION)
		facts_add(d, f, T("Completion announced"), say_allclear(r, d->lang, d->arena));
}

static const char *
lateness_of(struct document *d, const struct report *r, const struct report_site *s)
{
	const struct verdict *v = s->verdict;
	if (!v->late_s.known) {
		if (r->spec->short_notice)
			return text_get(d->lang, T("short notice: punctuality is not charged"));
		return s->first_up ? text_get(d->lang, T("could not be measured")) : "";
	}
	struct buf b = { 0 };
	words_duration(&b, d->lang, v->late_s.v);
	if (v->late_uncertainty_s.known && v->late_uncertainty_s.v > 0) {
		buf_puts(&b, " – ");
		words_duration(&b, d->lang, v->late_s.v + v->late_uncertainty_s.v);
	}
	const char *text = arena_strdup(d->arena, buf_str(&b));
	buf_free(&b);
	return text;
}

/* Proposed from evidence; what a person confirmed stands beside it. */
static void
write_fault(struct document *d, struct facts *f, const struct verdict *v)
{
	const struct run_site *s = v->site;
	if (!str_empty(advice_fault(v))) {
		facts_add(d, f, T("Fault, proposed"), advice_say_fault(d->lang, advice_fault(v)));
		facts_add(d, f, T("Cause, proposed"),
			parts_say(d, "%s (%s)", advice_say_cause(d->lang, advice_cause(v)),
				text_get(d->lang, advice_evidence(v))));
		facts_add(d, f, T("First thing to try"), text_get(d->lang, advice_first(v)));
	}
	if (s->fault_confirmed)
		facts_add(
			d, f, T("Fault, confirmed"), advice_say_fault(d->lang, s->fault_confirmed));
	if (s->cause_confirmed)
		facts_add(
			d, f, T("Cause, confirmed"), advice_say_cause(d->lang, s->cause_confirmed));
}

static void
write_result(struct document *d, const struct report *r, const struct report_site *s)
{
	struct facts *f = document_facts(d);
	struct presence p;
	presence_of(r, s, &p);
	facts_add(d, f, T("Result"), words_headline(d->lang, s->verdict->headline));
	facts_add(d, f, T("Reason, remarks"), letter_remark(r, s, d->lang, d->arena));
	write_fault(d, f, s->verdict);
	if (s->came.to)
		facts_add(d, f, T("Arrived"), parts_time(d, s->came, r->spec->planned_start));
	facts_add(d, f, T("Lateness"), lateness_of(d, r, s));
	facts_add(d, f, T("Present"),
		!p.known ? text_get(d->lang, T("could not be measured"))
			 : arena_printf(d->arena, "%s (%s)", parts_span(d, p.least_s, p.most_s),
				   parts_share(d, p.least_permille, p.most_permille)));
	if (s->left.to)
		facts_add(d, f, T("Left"), parts_time(d, s->left, r->spec->planned_start));
	facts_add(d, f, T("Roll call"), say_roll(r, s, d->lang));
	facts_add(d, f, T("Address seen"), s->verdict->network_ip);
	if (s->site->people_actual >= 0)
		facts_add(d, f, T("People in the room"),
			parts_say(d, T("%d, entered by %s"), s->site->people_actual,
				s->site->people_by ? s->site->people_by : "?"));
}

static void
write_presence(struct document *d, const struct report *r, const struct report_site *s)
{
	static const struct column columns[] = { { T("From"), 10, COLUMN_CENTER, false },
		{ T("To"), 17, COLUMN_CENTER, false }, { T("Ended"), 20, COLUMN_LEFT, false },
		{ T("Words of the device"), 24, COLUMN_LEFT, false },
		{ T("Journal rows"), 12, COLUMN_LEFT, false } };
	enum { N = sizeof columns / sizeof *columns };
	if (!s->site->intervals.n)
		return;
	struct grid *g = document_grid(d, text_get(d->lang, T("Presence")),
		columns_of(d, columns, N), N, s->site->intervals.n);
	for (size_t i = 0; i < s->site->intervals.n; i++) {
		const struct interval *t = &s->site->intervals.at[i];
		struct cell *c = grid_row(g);
		int64_t rows[3] = { t->begin_seq, t->end_seq,
			t->history_seq ? t->history_seq
			: t->told_seq  ? t->told_seq
				       : t->uptime_seq };
		bool open = t->ended_by == ENDED_OPEN;
		struct report_time to = { t->to, t->to };
		if (t->seen && t->ended_by != ENDED_US)
			to.from = t->seen;
		*c++ = cell_text(clock_of(d, t->from, r->spec->planned_start));
		*c++ = cell_text(open ? "-" : parts_time(d, to, r->spec->planned_start));
		*c++ = cell_text(ended_word(d->lang, t->ended_by));
		*c++ = cell_text(device_words(d, t->ending.device_words));
		*c++ = cell_text(parts_rows(d, rows, 3));
	}
}

/* The address, and by which MCU where there are two. */
static const char *
way_of(const struct document *d, const struct report *r, const struct report_site *s,
	const struct attempt *t)
{
	if (!s->spec->mcu2 || t->mcu < 0 || (size_t)t->mcu >= r->spec->mcus_n)
		return t->address;
	return arena_printf(
		d->arena, "%s (MCU %s)", t->address ? t->address : "", r->spec->mcus[t->mcu].name);
}

static void
write_attempts(struct document *d, const struct report *r, const struct report_site *s)
{
	static const struct column columns[] = { { T("At"), 11, COLUMN_CENTER, false },
		{ T("Address"), 20, COLUMN_LEFT, false }, { T("Outcome"), 20, COLUMN_LEFT, false },
		{ T("Words of the device"), 26, COLUMN_LEFT, false },
		{ T("Journal rows"), 10, COLUMN_LEFT, false } };
	enum { N = sizeof columns / sizeof *columns };
	if (!s->site->attempts.n)
		return;
	struct grid *g = document_grid(d, text_get(d->lang, T("Calls")), columns_of(d, columns, N),
		N, s->site->attempts.n);
	for (size_t i = 0; i < s->site->attempts.n; i++) {
		const struct attempt *t = &s->site->attempts.at[i];
		struct cell *c = grid_row(g);
		*c++ = cell_text(clock_of(d, t->at, r->spec->planned_start));
		*c++ = cell_text(way_of(d, r, s, t));
		*c++ = cell_text(outcome_of(d, t));
		*c++ = cell_text(device_words(d, t->words));
		*c++ = cell_text(parts_rows(d, &t->seq, 1));
	}
}

static struct cell
measured(int64_t v)
{
	return v < 0 ? cell_text("?") : cell_number(v);
}

static void
write_media(struct document *d, const struct report_site *s)
{
	static const struct column columns[] = { { T("Hop"), 18, COLUMN_LEFT, false },
		{ T("Medium"), 22, COLUMN_LEFT, false }, { T("Works"), 8, COLUMN_CENTER, false },
		{ T("Grade"), 9, COLUMN_CENTER, false }, { T("Loss"), 9, COLUMN_RIGHT, false },
		{ T("Jitter, ms"), 8, COLUMN_RIGHT, false },
		{ T("kbit/s"), 8, COLUMN_RIGHT, false },
		{ T("Resolution"), 13, COLUMN_CENTER, false },
		{ T("Journal rows"), 12, COLUMN_LEFT, false } };
	enum { N = sizeof columns / sizeof *columns };
	if (!s->verdict->media_n || !s->first_up)
		return;
	struct grid *g = document_grid(d, text_get(d->lang, T("Sound and picture")),
		columns_of(d, columns, N), N, (size_t)s->verdict->media_n);
	for (int i = 0; i < s->verdict->media_n; i++) {
		const struct media_fact *m = &s->verdict->media[i];
		struct cell *c = grid_row(g);
		int loss = (int)m->loss_permille;
		*c++ = cell_text(
			str_eq(m->hop, "site-mcu") ? text_get(d->lang, T("site - MCU")) : m->hop);
		*c++ = cell_text(words_media(d->lang, m->medium, m->direction));
		*c++ = cell_text(say_tri(s, m->value, d->lang));
		*c++ = cell_text(m->grade == GRADE_NONE ? "?" : words_grade(d->lang, m->grade));
		*c++ = cell_text(
			loss < 0 ? "?" : parts_say(d, T("%d.%d %%"), loss / 10, loss % 10));
		*c++ = measured(m->jitter_ms);
		*c++ = measured(m->kbps);
		*c++ = cell_text(m->medium != VIDEO ? "-"
				 : m->width <= 0    ? "?"
						 : arena_printf(d->arena, "%d×%d", (int)m->width,
							   (int)m->height));
		*c++ = cell_text(parts_rows(d, m->evidence.seq, m->evidence.n));
	}
}

static const char *
teller_word(const char *lang, const char *by)
{
	static const struct text_word words[] = { { "mcu", T("the MCU") },
		{ "endpoint", T("the equipment itself") }, { "counters", T("packet counters") },
		{ "person", T("a person") }, { "rollcall", T("roll call") }, { 0 } };
	return text_word(lang, words, by);
}

static void
write_checklist(struct document *d, const struct report_site *s)
{
	static const struct column columns[] = { { T("Checked"), 30, COLUMN_LEFT, false },
		{ T("Result"), 30, COLUMN_CENTER, false },
		{ T("Told by"), 30, COLUMN_LEFT, false } };
	static const char *const names[] = { T("connection"), T("equipment"), T("sound"),
		T("picture"), T("line"), T("power") };
	enum { N = sizeof columns / sizeof *columns, ITEMS = sizeof names / sizeof *names };
	struct grid *g = document_grid(
		d, text_get(d->lang, T("Checklist")), columns_of(d, columns, N), N, ITEMS);
	for (int i = 0; i < ITEMS; i++) {
		struct cell *c = grid_row(g);
		const char *value = s->verdict->checklist[i].value;
		*c++ = cell_text(text_get(d->lang, names[i]));
		*c++ = cell_text(str_empty(value)	? "-"
				 : str_eq(value, "yes") ? text_get(d->lang, T("yes"))
				 : str_eq(value, "no")	? text_get(d->lang, T("no"))
							: "?");
		*c++ = cell_text(teller_word(d->lang, s->verdict->checklist[i].by));
	}
}

struct document *
sheet_build(const struct report *r, const struct letterhead *l, const struct report_site *s,
	const char *lang, struct arena *a)
{
	struct document *d = document_new(r, l, "site", lang, a);
	d->title = text_get(lang, T("RESULT SHEET OF A SITE"));
	d->subject = s->name;
	write_who(d, r, s);
	parts_revision(d, r);
	document_heading(d, text_get(lang, T("I. RESULT")));
	write_result(d, r, s);
	document_chart(d, chart_build(r, s, a));
	document_heading(d, text_get(lang, T("II. EVIDENCE")));
	write_presence(d, r, s);
	write_attempts(d, r, s);
	write_media(d, s);
	write_checklist(d, s);
	parts_corrections(d, r, s);
	sheet_history(d, r);
	document_note(
		d, text_get(lang,
			   T("? = could not be measured; - = does not apply; shares are cut after "
			     "one decimal, not rounded. What failed at our end is not charged to "
			     "the site.")));
	document_signatures(d);
	return d;
}
