/* The queue between workers and the coordinator: a locked list with an eventfd beside it.
 *
 * Workers post, the coordinator polls the descriptor and takes. The descriptor is written and
 * cleared under the lock, so it is readable exactly while something waits (or somebody asked for a
 * look with mailbox_wake()), and so that the taker may free the mailbox as soon as it holds the
 * last item. It owns waiting items until they are taken; it must never block but for its own short
 * lock. */
#include "mailbox.h"

#include "base/arena.h"
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct letter {
	struct letter *next;
	void *item;
};

struct mailbox {
	pthread_mutex_t lock;
	struct letter *first, **last;
	int fd;
};

static void
raise_flag(struct mailbox *m)
{
	uint64_t one = 1;
	ssize_t n = write(
		m->fd, &one, sizeof one); /* fails only when already at its limit: readable then */
	(void)n;
}

static void
lower_flag(struct mailbox *m)
{
	uint64_t count;
	ssize_t n = read(m->fd, &count, sizeof count);
	(void)n;
}

struct mailbox *
mailbox_new(void)
{
	struct mailbox *m = xalloc(sizeof *m);
	m->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (m->fd < 0) {
		log_error("mailbox", "eventfd: %s", strerror(errno));
		abort();
	}
	pthread_mutex_init(&m->lock, NULL);
	m->last = &m->first;
	return m;
}

int
mailbox_fd(const struct mailbox *m)
{
	return m->fd;
}

void
mailbox_post(struct mailbox *m, void *item)
{
	struct letter *l = xalloc(sizeof *l);
	l->item = item;
	pthread_mutex_lock(&m->lock);
	*m->last = l;
	m->last = &l->next;
	raise_flag(m);
	pthread_mutex_unlock(&m->lock);
}

void
mailbox_wake(struct mailbox *m)
{
	pthread_mutex_lock(&m->lock);
	raise_flag(m);
	pthread_mutex_unlock(&m->lock);
}

void *
mailbox_take(struct mailbox *m)
{
	pthread_mutex_lock(&m->lock);
	struct letter *l = m->first;
	if (l) {
		m->first = l->next;
		if (!m->first)
			m->last = &m->first;
	}
	if (!m->first)
		lower_flag(m);
	pthread_mutex_unlock(&m->lock);
	void *item = l ? l->item : NULL;
	free(l);
	return item;
}

void
mailbox_free(struct mailbox *m, void (*free_item)(void *))
{
	if (!m)
		return;
	for (struct letter *l = m->first, *next; l; l = next) {
		next = l->next;
		if (free_item)
			free_item(l->item);
		free(l);
	}
	pthread_mutex_destroy(&m->lock);
	close(m->fd);
	free(m);
}
