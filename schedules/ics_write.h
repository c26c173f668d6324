/* Lines of an .ics file. */
#ifndef TD_ICS_WRITE_H
#define TD_ICS_WRITE_H

#include "base/buf.h"

#include <stdint.h>

/* "NAME:value" as it stands, folded; name may carry parameters. */
void ics_line(struct buf *out, const char *name, const char *value);
/* Escapes backslash, semicolon, comma and line ends; drops other control characters. */
void ics_text(struct buf *out, const char *name, const char *text);
void ics_utc(struct buf *out, const char *name, int64_t ms);

#endif
