/* What a schema cannot say about a playbook: order, room, meaning. Used by playbook.c only. */
#ifndef TD_PLAYBOOK_CHECK_H
#define TD_PLAYBOOK_CHECK_H

#include "playbooks/playbook.h"

/* What the author wrote himself, beside each step. */
struct given {
	bool at;     /* a good offset */
	bool faulty; /* the schema refused something of this step: its values are not judged */
	bool within, latest;
};

void playbook_check(const struct playbook *p, const struct given *given, bool handover_given,
	int root_line, struct faults *faults);

#endif
