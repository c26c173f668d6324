/* Runs of a plan that stand in each other's way. */
#ifndef TD_PLAN_CONFLICTS_H
#define TD_PLAN_CONFLICTS_H

#include "schedules/occurrence.h"

/* "site-twice", and "mcu-twice" where two runs share an MCU but no site; runs sorted by start. A
 * rehearsal and the session it is for are no conflict. */
void plan_conflicts(struct plan *p, struct arena *a);

#endif
