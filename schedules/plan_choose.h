/* Who takes part in a run: by a selector or an invitation, at an instant. */
#ifndef TD_PLAN_CHOOSE_H
#define TD_PLAN_CHOOSE_H

#include "base/vec.h"
#include "schedules/invite.h"
#include "schedules/occurrence.h"

struct plan_wrongs {
	struct plan_wrong *at;
	size_t n, cap;
};

struct plan_choice {		 /* the same for all runs that ask alike; not to be changed */
	struct selection sites;	 /* each once; some perhaps disabled */
	struct selection merged; /* invited under the name of a site that another one took over */
	struct unknowns unknown;
	struct plan_wrongs wrong; /* with its sites */
	/* asked for, and while no row of the directory begins or ends */
	const char *selector;
	const struct invitation *by;
	int64_t from, to;
};

struct plan_chooser {
	const struct sites *sites;
	struct arena *a;
	VEC(struct plan_choice) choices;
};

/* Borrowed until the next call; what it points to lies on the arena. */
const struct plan_choice *plan_choose(struct plan_chooser *c, const char *selector, int64_t at);
/* A site that was merged into another is invited as that one. */
const struct plan_choice *plan_choose_invited(
	struct plan_chooser *c, const struct invitation *by, int64_t at);

#endif
