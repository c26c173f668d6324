/* A mail as bytes (RFC 5322, 2045, 2047, 2231): text and attachments in base64, lines end with CR
 * LF. Pure: the same mail gives the same bytes. Names come from people and devices: no line end or
 * quote of theirs reaches a header. */
#ifndef TD_MIME_H
#define TD_MIME_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct mail_part {
	const char *name, *media; /* "minutes.vi.pdf", "application/pdf" */
	const void *bytes;
	size_t n;
};

struct mail {
	const char *from, *reply_to, *to; /* plain addresses; reply_to "" = none */
	const char *message_id;           /* "word@host" without brackets */
	const char *subject, *text;
	int64_t date;
	const struct mail_part *parts;
	size_t parts_n;
};

void mime_write(const struct mail *m, struct buf *out);
/* One plain address, printable ASCII, that may stand in a header and in an SMTP command. */
bool mime_address(const char *text);

#endif
