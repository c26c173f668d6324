/* What simulated devices post to a receiver. */
#ifndef TD_LAB_POST_H
#define TD_LAB_POST_H

#include "base/buf.h"

#include <stdbool.h>

/* "http://127.x.y.z[:port]/path" and no other place. path points into uri. */
bool lab_post_place(const char *uri, char host[64], int *port, const char **path);
/* One POST of text/xml on a connection of its own, from the device's own address; the status, 0:
 * none came. Blocks for seconds:
 * never with the fleet's lock. */
int lab_post(const char *own, const char *uri, const struct buf *body);

#endif
