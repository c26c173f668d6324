/* Query strings: percent signs on the way out, one option of a device's URL on the way in. Pure. */
#ifndef TD_WIRE_QUERY_H
#define TD_WIRE_QUERY_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* RFC 3986 section 2.3: what is not unreserved becomes %XX. */
void query_escape(struct buf *out, const char *text);
/* Adds NAME=VALUE, escaped, behind "&" or, where there is no "?" yet, behind "?". */
void query_put(struct buf *path, const char *name, const char *value);
/* "https://host/?name=value&..": the value, decoded and cut to size. false: it is not there, and
 * out is as it was. */
bool query_option(const char *url, const char *name, char *out, size_t size);

#endif
