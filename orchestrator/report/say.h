/* What the head and the rows of a report say of a run and of a site, figure by figure: one wording
 * for the plain text and for every document. Pure; results on the arena or constant. */
#ifndef TD_REPORT_SAY_H
#define TD_REPORT_SAY_H

#include "report/model.h"

/* "REPORT OF THE TRIAL CONNECTION" */
const char *say_title(const struct report *r, const char *lang);
/* "" for 0. */
const char *say_date(int64_t ms, const char *lang, struct arena *a);
/* "from 07:00:00 to 07:40:00", with who stopped it and where its connections went. */
const char *say_took_place(const struct report *r, const char *lang, struct arena *a);
/* "" where the playbook announces no end and none was given. */
const char *say_allclear(const struct report *r, const char *lang, struct arena *a);
/* That a drill counts nowhere; "" of any other run. */
const char *say_drill(const struct report *r, const char *lang);
const char *say_playbook(const struct report *r, struct arena *a);
/* Its id and revision. */
const char *say_run(const struct report *r, const char *lang, struct arena *a);
/* A note with its instant and kind. */
const char *say_note(
	const struct report *r, const struct report_note *n, const char *lang, struct arena *a);

/* Of a site; "-" does not apply, "?" could not be measured. */
const char *say_connected(
	const struct report *r, const struct report_site *s, const char *lang, struct arena *a);
/* "0:04", "12:00–12:30" where it is not known to the second. */
const char *say_late(const struct report *r, const struct report_site *s, struct arena *a);
/* "1:02:03" or "12:30". */
void say_minutes(struct buf *b, int64_t seconds);
const char *say_tri(const struct report_site *s, enum tri t, const char *lang);
/* "yes / no": from the site, to the site. */
const char *say_media(
	const struct report_site *s, enum medium m, const char *lang, struct arena *a);
/* Of a participant that was not invited: when, and who the directory says it is. */
const char *say_extra_connected(
	const struct report *r, const struct report_extra *e, const char *lang, struct arena *a);
const char *say_extra_who(const struct report_extra *e, const char *lang, struct arena *a);
const char *say_roll(const struct report *r, const struct report_site *s, const char *lang);

/* What was corrected, and what was said of it. */
const char *say_corrected(const struct correction *c, const char *lang);
const char *say_correction_value(const struct correction *c, const char *value, const char *lang);
/* "cause: operation, instead of line; by NAME (why)" */
const char *say_correction(const struct correction *c, const char *lang, struct arena *a);

#endif
