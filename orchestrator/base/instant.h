/* Instants and durations as text. Pure but for the zone set in clock.h. */
#ifndef TD_BASE_INSTANT_H
#define TD_BASE_INSTANT_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INSTANT_SIZE = 40 };

/* RFC 3339 with the zone's offset, whole seconds: 2019-02-10T07:00:00+07:00. */
char *instant_rfc3339(int64_t ms, char out[INSTANT_SIZE]);
/* The same in UTC with Z. */
char *instant_utc(int64_t ms, char out[INSTANT_SIZE]);
/* strftime in the zone. */
char *instant_local(int64_t ms, const char *format, char *out, size_t size);
/* RFC 3339 with offset or Z, seconds optional, fraction allowed; without offset in the zone. */
bool instant_parse(const char *s, int64_t *out);
/* ISO 8601 durations of weeks, days, hours, minutes, seconds, signed: -PT60M, P1D, PT1H30M. */
bool duration_parse(const char *s, int64_t *out_ms);
char *duration_iso(int64_t ms, char out[INSTANT_SIZE]);

#endif
