/* A workspace skeleton that matches a scenario, so that tests and the demo need no hand-made
 * files. */
#ifndef TD_LAB_WORKSPACE_H
#define TD_LAB_WORKSPACE_H

#include "scenario.h"

#include <stdbool.h>

/* Writes tongduyet.xml, sites.csv, secrets.xml (0600) and empty schedules/ into `dir`, which is
 * made; keys and pins of the MCUs go into `state`. With `endpoints` false no codec is named. False:
 * said on stderr. */
bool lab_workspace(const struct scenario *s, const char *dir, const char *state, bool endpoints);
/* mkdir that takes an existing folder; false with errno. */
bool lab_folder(const char *path);

#endif
