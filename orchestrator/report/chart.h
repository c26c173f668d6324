/* The presence chart: one line per site over time, as shapes that any writer can draw and that are
 * told apart without colours. Pure. */
#ifndef TD_REPORT_CHART_H
#define TD_REPORT_CHART_H

#include "report/model.h"

enum chart_shape {
	CHART_EXPECTED, /* span: when the site was to be there */
	CHART_UP,	/* span: connected */
	CHART_MAYBE,	/* span: gone at an instant in here */
	CHART_DROP,	/* span: gone and back */
	CHART_ANSWERED, /* mark: called in the roll call, answered */
	CHART_SILENT,	/* mark: called, no answer */
	CHART_CALLED,	/* mark: called, not known whether it answered */
	CHART_LEFT,	/* mark: left on its own before the end was announced */
	CHART_ALLCLEAR, /* rule: the end of the trial was announced */
	CHART_END,	/* rule: the run ended */
	CHART_SHAPES_N
};
const char *chart_word(const char *lang, enum chart_shape s);

struct chart_item {
	enum chart_shape shape;
	int64_t from, to; /* equal for a mark */
};

struct chart_line {
	const char *name;
	VEC(struct chart_item) items; /* in the order of drawing */
};

struct chart_tick {
	int64_t at;
	const char *text; /* 07:10 */
};

struct chart {
	int64_t from, to; /* from < to */
	const struct chart_line *lines;
	size_t n;
	struct chart_item rules[2];
	int rules_n;
	const struct chart_tick *ticks;
	size_t ticks_n;
	bool used[CHART_SHAPES_N]; /* for the legend */
};

/* All sites, or only `only` (not NULL). NULL: the run never began, there is nothing to draw. */
const struct chart *chart_build(
	const struct report *r, const struct report_site *only, struct arena *a);
/* 0..1 along the axis; what lies outside is put on its end. */
double chart_place(const struct chart *c, int64_t at);

#endif
