/* Text of devices and people made safe for the place where it is shown: the last moment before
 * output. */
#ifndef TD_BASE_VIS_H
#define TD_BASE_VIS_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* Control characters (line ends, C1 and bidirectional overrides too) and invalid UTF-8 as \xNN per
 * byte, so that a terminal or a log line is never steered. */
void vis_terminal(struct buf *out, const char *s);
/* JSON string body without the quotes; invalid UTF-8 becomes U+FFFD. */
void vis_json(struct buf *out, const char *s);
/* XML text and attribute values; characters XML 1.0 does not allow become U+FFFD. */
void vis_xml(struct buf *out, const char *s);
/* Whether vis_terminal() escapes this code point. */
bool vis_is_control(uint32_t c);

#endif
