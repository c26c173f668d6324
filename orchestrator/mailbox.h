/* Many workers post, the coordinator takes: the one queue between threads, with an eventfd to
 * poll. */
#ifndef TD_MAILBOX_H
#define TD_MAILBOX_H

#include <stddef.h>

struct mailbox;

struct mailbox *mailbox_new(void);
void mailbox_free(struct mailbox *m, void (*free_item)(void *));
int mailbox_fd(const struct mailbox *m); /* readable while something waits */
/* Gives the item away. Any thread. */
void mailbox_post(struct mailbox *m, void *item);
/* Makes the descriptor readable once without an item: for a look at something else (lanes_tick()).
 * Any thread. */
void mailbox_wake(struct mailbox *m);
/* The oldest item, or NULL. Coordinator only. */
void *mailbox_take(struct mailbox *m);

#endif
