/* The minutes of a trial connection (biên bản chạy thử): what is signed and attached to the letter
 * to the sites.
 *
 * Called through documents_write(). Owns nothing. It must never name a site outside the judgement's
 * lists. */
#include "report/documents.h"

#include "report/parts.h"
#include "report/say.h"

#include "base/str.h"
#include "text.h"

static const char *
subject_of(const struct document *d, const struct report *r)
{
	switch (r->spec->phase) {
	case PHASE_REHEARSAL:
		return text_get(d->lang, T("Trial connection of the video conference system"));
	case PHASE_SESSION: return text_get(d->lang, T("Session of the video conference system"));
	case PHASE_DRILL: return text_get(d->lang, T("Drill of the video conference system"));
	}
	return "";
}

/* Minutes name who was there; a program does not know: by hand. */
static const char to_fill_in[] = "........................................................";

struct document *
minutes_build(const struct report *r, const struct letterhead *l, const struct report_site *site,
	const char *lang, struct arena *a)
{
	struct document *d = document_new(r, l, "minutes", lang, a);
	d->title = text_get(lang, T("MINUTES"));
	d->subject = subject_of(d, r);
	struct facts *f = parts_facts(d, r);
	facts_add(d, f, T("Place"), to_fill_in);
	facts_add(d, f, T("Chaired by"), to_fill_in);
	facts_add(d, f, T("Minutes written by"), to_fill_in);
	parts_revision(d, r);
	document_heading(d, text_get(lang, T("I. RESULT")));
	parts_summary(d, r);
	parts_sentences(d, r);
	document_heading(d, text_get(lang, T("II. NOT DONE, NOT MEASURED, AND NOTES")));
	parts_not_done(d, r);
	parts_corrections(d, r, NULL);
	document_paragraph(
		d, text_get(lang,
			   T("The result of each site is in annex I, its presence over time in "
			     "annex II. All figures were recorded by the system during the run; "
			     "each rests on rows of its journal.")));
	if (r->run->ended && !r->run->missed)
		document_paragraph(d, parts_say(d, T("The minutes were closed at %s."),
					      say_date(r->run->ended, lang, a)));
	document_signatures(d);
	const char *title = text_get(lang, T("Annex I. SITE BY SITE"));
	document_appendix(d, true, title);
	parts_sites(d, r, text_get(lang, T("Sites")), NULL);
	parts_extras(d, r);
	parts_chart(d, r, text_get(lang, T("Annex II. PRESENCE OF THE SITES")));
	return d;
}
