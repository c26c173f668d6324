/* `run --dry-run`: what a playbook would order, with its instants, if every device did as it is
 * told. Nothing is sent. */
#ifndef TD_DRY_H
#define TD_DRY_H

#include "run.h"

/* Calls fn for every order of a run from its first step to its end, polls left out; `now` is the
 * instant it would leave. */
void dry_run(const struct spec *spec,
	void (*fn)(const struct run *r, const struct order *o, int64_t now, void *arg), void *arg);

#endif
