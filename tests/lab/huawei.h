/* Bodies of the simulated Huawei TE, for its dispatcher and the unit test. */
#ifndef TD_LAB_HUAWEI_H
#define TD_LAB_HUAWEI_H

#include "codec.h"

enum { HUAWEI_KEEPALIVE_MS = 60 * 1000 }; /* real: without the mailbox polled a session ends */

/* {"success":1,"data":"..."}: the data, a JSON text, once more as a string. */
void huawei_wrap(const char *data, struct buf *out);
/* The figures of the call; only in one. */
void huawei_call_status(const struct site *s, int64_t now, struct buf *out);

#endif
