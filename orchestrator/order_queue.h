/* Orders that wait for one device: urgent ones first, each kind in the order of its coming. One
 * owner. */
#ifndef TD_ORDER_QUEUE_H
#define TD_ORDER_QUEUE_H

#include "order.h"

struct order_queue { /* zero is empty */
	struct waiting *urgent, *urgent_last, *normal, *normal_last;
};

bool order_queue_empty(const struct order_queue *q);
void order_queue_add(struct order_queue *q, const struct order *o);
/* To the front of its kind: it had been taken and was not begun. */
void order_queue_return(struct order_queue *q, const struct order *o);
/* Takes the first order of a run (NULL: of any); false: none. */
bool order_queue_remove(struct order_queue *q, const char *run, struct order *out);
/* Takes the first order that may be begun while those in `busy` (n of them) are at work: of two
 * orders to mute one site the second waits for the first. False: none. */
bool order_queue_take(
	struct order_queue *q, const struct order *const *busy, size_t n, struct order *out);
void order_queue_clear(struct order_queue *q);

#endif
