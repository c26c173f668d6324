/* A clock for rehearsals that run faster than life, kept in a file. */
#ifndef TD_LAB_PACE_H
#define TD_LAB_PACE_H

/* Counts the 64-bit number at the start of the file up until the process that started it ends.
 * Returns an exit status. */
int pace_run(const char *path);

#endif
