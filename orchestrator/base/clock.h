/* The only scaled clock, and the only asker of the time. Instants are UTC milliseconds since 1970.
 * Device I/O never uses it: deadlines there are real (clock_mono). */
#ifndef TD_BASE_CLOCK_H
#define TD_BASE_CLOCK_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Scaled time: at real UNIX time origin_real_ms it was `instant`, and it runs `speed` times faster.
 * Without a call: real time. Call before threads. */
void clock_scale(int64_t instant, int64_t origin_real_ms, double speed);
/* "2019-02-10T06:55:00+07:00[@1700000000[.5]]" and speed as given on the command line (either may
 * be NULL). "...@/a/file": the instant is where the 64-bit number in that file is 0, which another
 * process counts up, a millisecond at most for each real one. */
enum err clock_options(const char *instant_at, const char *speed, struct err_text *e);
double clock_speed(void);
/* Scaled now, UTC ms. */
int64_t clock_now(void);
/* Real CLOCK_REALTIME and CLOCK_MONOTONIC, ms. */
int64_t clock_real(void);
int64_t clock_mono(void);
/* As clock_mono(), and it goes on while the machine sleeps. */
int64_t clock_boot(void);
/* Real ms until a scaled instant, rounded up, 0 if past; at most INT_MAX. At least so long where
 * another process keeps the time. */
int64_t clock_real_until(int64_t instant);
/* The zone in which instants are shown and floating times are read (IANA name). Call before
 * threads. */
enum err clock_set_zone(const char *zone, struct err_text *e);

#endif
