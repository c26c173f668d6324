/* Calls from one simulated MCU to another: one leg at each end, which begin and end together. */
#ifndef TD_LAB_CASCADE_H
#define TD_LAB_CASCADE_H

#include "codian.h"

/* Lets the cisco-mcus of the scenario reach all its MCUs; all borrowed. */
void cascade_open(const struct scenario *s, struct mcu *mcus, size_t n);
/* Puts through what was answered, takes down what the other end has left. With the fleet's lock,
 * after the MCUs'. */
void cascade_tick(int64_t now);

#endif
