/* What happened in the lab: one JSON line per event in STATEDIR/log, so that tests can count. */
#ifndef TD_LAB_LOG_H
#define TD_LAB_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* Appends to `path`; false with errno. Before it is called, lines go nowhere. */
bool lab_log_open(const char *path);
void lab_log_close(void);
/* {"at":...,"event":event,"device":device, then pairs of key and value}; pairs end with NULL; a
 * NULL value leaves its key out. `at` is scaled. Thread-safe; one write per line. */
void lab_log(int64_t at, const char *event, const char *device, ...) __attribute__((sentinel));

#endif
