/* The survey as a document and as data. Pure. */
#ifndef TD_REPORT_SURVEY_REPORT_H
#define TD_REPORT_SURVEY_REPORT_H

#include "report/document.h"
#include "survey.h"

struct survey_period {
	int64_t from, to; /* [from, to): the runs it rests on */
	const char *scope;
	const struct survey *survey;
};

struct document *survey_build(const struct survey_period *p, const struct letterhead *l,
	const char *lang, struct arena *a);
void survey_json(const struct survey_period *p, struct buf *out);

#endif
