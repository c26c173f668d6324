/* What the head and the rows of a report say of a run and of a site, figure by figure.
 *
 * Called by the plain text and by the builders of documents. Owns nothing but what it puts on the
 * caller's arena. It must never judge, and never print an unknown as a figure. */
#include "report/say.h"

#include "report/notes.h"
#include "report/words.h"

#include "advice.h"

#include "base/str.h"
#include "text.h"

static const char *
take(struct arena *a, struct buf *b)
{
	const char *text = arena_strdup(a, buf_str(b));
	buf_free(b);
	return text;
}

const char *
say_title(const struct report *r, const char *lang)
{
	switch (r->spec->phase) {
	case PHASE_REHEARSAL: return text_get(lang, T("REPORT OF THE TRIAL CONNECTION"));
	case PHASE_SESSION:
		return text_get(lang, T("REPORT OF THE SESSION: ATTENDANCE AND PUNCTUALITY"));
	case PHASE_DRILL: return text_get(lang, T("REPORT OF THE DRILL"));
	}
	return "";
}

const char *
say_date(int64_t ms, const char *lang, struct arena *a)
{
	if (!ms)
		return "";
	struct buf b = { 0 };
	words_date(&b, lang, ms);
	return take(a, &b);
}

const char *
say_took_place(const struct report *r, const char *lang, struct arena *a)
{
	const struct run *run = r->run;
	if (run->missed || !run->begun)
		return text_get(lang, T("did not take place"));
	struct buf b = { 0 }, from = { 0 }, to = { 0 };
	words_clock(&from, run->begun, r->spec->planned_start);
	if (run->ended) {
		words_clock(&to, run->ended, r->spec->planned_start);
		text_printf(&b, lang, T("from %s to %s"), buf_str(&from), buf_str(&to));
	} else {
		text_printf(&b, lang, T("from %s, not ended yet"), buf_str(&from));
	}
	if (run->stopped) {
		buf_puts(&b, "; ");
		text_printf(&b, lang, T("stopped by %s"), run->stopped_by ? run->stopped_by : "?");
	}
	if (run->handed_over) {
		buf_puts(&b, "; ");
		buf_puts(&b, text_get(lang, T("connections handed over to the session")));
	}
	buf_free(&from);
	buf_free(&to);
	return take(a, &b);
}

const char *
say_allclear(const struct report *r, const char *lang, struct arena *a)
{
	const struct run *run = r->run;
	if (!run->allclear_at)
		return r->allclear || run->allclear_not_given ? text_get(lang, T("not given")) : "";
	struct buf b = { 0 };
	words_when(&b, lang, (struct report_time){ run->allclear_at, run->allclear_at },
		r->spec->planned_start);
	buf_puts(&b, " (");
	if (str_empty(run->allclear_by) || str_eq(run->allclear_by, "rule"))
		buf_puts(&b, text_get(lang, T("by the playbook's rule")));
	else if (str_eq(run->allclear_by, "latest"))
		buf_puts(&b, text_get(lang, T("at the latest instant the playbook allows")));
	else
		text_printf(&b, lang, T("by %s"), run->allclear_by);
	buf_putc(&b, ')');
	return take(a, &b);
}

const char *
say_drill(const struct report *r, const char *lang)
{
	return r->spec->drill ? text_get(lang, T("practice only: it counts in no record, summary "
						 "or incident, and nobody is informed by itself"))
			      : "";
}

const char *
say_playbook(const struct report *r, struct arena *a)
{
	return arena_printf(a, "%s @ %s",
		r->spec->playbook ? r->spec->playbook->name : r->spec->name, r->spec->commit);
}

const char *
say_run(const struct report *r, const char *lang, struct arena *a)
{
	struct buf b = { 0 };
	if (r->revision < 1) /* under way: there is no report yet that could be the first */
		return r->spec->id;
	text_printf(&b, lang, T("%s, revision %d"), r->spec->id, r->revision);
	return take(a, &b);
}

const char *
say_note(const struct report *r, const struct report_note *n, const char *lang, struct arena *a)
{
	struct buf b = { 0 };
	if (n->at) {
		words_clock(&b, n->at, r->spec->planned_start);
		buf_putc(&b, ' ');
	}
	buf_printf(&b, "%s: ", words_note(lang, n->kind));
	notes_say(&b, lang, n->kind, n->text);
	return take(a, &b);
}

static const char *
from_to(const struct report *r, int64_t from, int64_t to, const char *lang, struct arena *a)
{
	struct buf b = { 0 };
	words_clock(&b, from, r->spec->planned_start);
	buf_puts(&b, " – ");
	if (to)
		words_clock(&b, to, r->spec->planned_start);
	else
		buf_puts(&b, text_get(lang, T("still connected")));
	return take(a, &b);
}

const char *
say_connected(
	const struct report *r, const struct report_site *s, const char *lang, struct arena *a)
{
	return s->first_up ? from_to(r, s->first_up, s->last_up, lang, a) : "-";
}

const char *
say_extra_connected(
	const struct report *r, const struct report_extra *e, const char *lang, struct arena *a)
{
	return from_to(r, e->from, e->to, lang, a);
}

const char *
say_extra_who(const struct report_extra *e, const char *lang, struct arena *a)
{
	const struct run_extra *x = e->extra;
	struct buf b = { 0 };
	if (str_empty(x->known_by))
		text_printf(&b, lang, T("not in the directory; shown on %s as \"%s\""), e->mcu,
			x->shown_name);
	else if (e->is_mcu)
		text_printf(&b, lang, T("an MCU of the configuration, calling %s"), e->mcu);
	else if (e->bears_invited_name)
		text_printf(&b, lang,
			T("shows the name of the invited site %s, from another address"), x->site);
	else if (e->elsewhere)
		text_printf(&b, lang,
			T("the invited site %s, by its address, in the conference of another MCU "
			  "than its own"),
			x->site);
	else if (str_eq(x->known_by, "name"))
		text_printf(
			&b, lang, T("site %s of the directory, by its shown name only"), x->site);
	else
		text_printf(&b, lang, T("site %s of the directory, by its address"), x->site);
	return take(a, &b);
}

void
say_minutes(struct buf *b, int64_t s)
{
	if (s >= 3600)
		buf_printf(b, "%d:%02d:%02d", (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
	else
		buf_printf(b, "%d:%02d", (int)(s / 60), (int)(s % 60));
}

const char *
say_late(const struct report *r, const struct report_site *s, struct arena *a)
{
	const struct verdict *v = s->verdict;
	if (!v->late_s.known)
		return s->first_up && !r->spec->short_notice ? "?" : "-";
	struct buf b = { 0 };
	say_minutes(&b, v->late_s.v);
	if (v->late_uncertainty_s.known && v->late_uncertainty_s.v > 0) {
		buf_puts(&b, "–");
		say_minutes(&b, v->late_s.v + v->late_uncertainty_s.v);
	}
	return take(a, &b);
}

const char *
say_tri(const struct report_site *s, enum tri t, const char *lang)
{
	switch (t) {
	case YES: return text_get(lang, T("yes"));
	case NO: return text_get(lang, T("no"));
	case UNKNOWN: return s->first_up ? "?" : "-";
	}
	return "?";
}

const char *
say_media(const struct report_site *s, enum medium m, const char *lang, struct arena *a)
{
	if (m == VIDEO && s->audio_only)
		return text_get(lang, T("audio only"));
	if (s->first_up && !s->media[m][FROM_SITE].judged && !s->media[m][TO_SITE].judged)
		return "-"; /* the playbook does not verify it, or it was not negotiated */
	return arena_printf(a, "%s / %s", say_tri(s, s->media[m][FROM_SITE].value, lang),
		say_tri(s, s->media[m][TO_SITE].value, lang));
}

const char *
say_roll(const struct report *r, const struct report_site *s, const char *lang)
{
	const struct rollcall_mark *m = &s->site->roll;
	if (!r->rollcall && !m->called && !m->by_person)
		return "-";
	if (s->verdict->answered == YES)
		return text_get(lang, T("answered"));
	if (s->verdict->answered == NO)
		return text_get(lang, T("no answer"));
	if (!m->called && !s->first_up)
		return "-"; /* who never came could not be called */
	return m->called ? "?" : text_get(lang, T("not called"));
}

const char *
say_corrected(const struct correction *c, const char *lang)
{
	static const struct text_word facts[] = { { "stayed",
							  T("stayed until the end was announced") },
		{ "answered", T("answered the roll call") }, { "fault", T("fault") },
		{ "cause", T("cause") }, { "people", T("people in the room") }, { 0 } };
	return text_word(lang, facts, c->what);
}

const char *
say_correction_value(const struct correction *c, const char *value, const char *lang)
{
	const char *what = c->what;
	if (str_eq(what, "fault"))
		return str_empty(value) ? text_get(lang, T("no fault"))
					: advice_say_fault(lang, value);
	if (str_eq(what, "cause"))
		return advice_say_cause(lang, value);
	return str_eq(value, "yes")	  ? text_get(lang, T("yes"))
	       : str_eq(value, "no")	  ? text_get(lang, T("no"))
	       : str_eq(value, "unknown") ? text_get(lang, T("not known"))
					  : value;
}

const char *
say_correction(const struct correction *c, const char *lang, struct arena *a)
{
	struct buf b = { 0 };
	text_printf(&b, lang, T("%s: %s, instead of %s; corrected by %s"), say_corrected(c, lang),
		say_correction_value(c, c->value, lang), say_correction_value(c, c->old, lang),
		str_empty(c->by) ? "?" : c->by);
	if (!str_empty(c->why))
		buf_printf(&b, " (%s)", c->why);
	return take(a, &b);
}
