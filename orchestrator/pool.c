/* Worker threads for jobs that block.
 *
 * Lanes and reports submit; a thread is started when a job could run and nobody is free, up to
 * `most`. Normal and slow jobs together leave `kept` threads alone, which only urgent ones may use;
 * slow ones take at most a quarter of all threads, so that dead devices cannot keep live ones
 * waiting. Between normal and slow the older job goes first. The pool owns its threads and the
 * queue, never what a job points to, and knows nothing of devices. Signals stay with the thread
 * that made the pool. */
#include "pool.h"

#include "base/arena.h"
#include "base/log.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES = JOB_SLOW + 1, STACK_BYTES = 1 << 20 };

struct job {
	struct job *next;
	void (*run)(void *);
	void *arg;
	uint64_t ticket;
};

struct queue {
	struct job *first, **last;
	size_t waiting, running;
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work;
	struct queue q[CLASSES];
	size_t most, kept, slow_most;
	size_t threads, busy;
	pthread_t *ids;
	uint64_t tickets;
	bool ending;
};

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t
common_room(const struct pool *p)
{
	size_t used = p->q[JOB_NORMAL].running + p->q[JOB_SLOW].running;
	size_t room = p->most - p->kept;
	return used < room ? room - used : 0;
}

static size_t
slow_room(const struct pool *p)
{
	size_t used = p->q[JOB_SLOW].running;
	return smaller(used < p->slow_most ? p->slow_most - used : 0, common_room(p));
}

/* How many of the waiting jobs could run at once. */
static size_t
runnable(const struct pool *p)
{
	size_t slow = smaller(p->q[JOB_SLOW].waiting, slow_room(p));
	size_t common = smaller(p->q[JOB_NORMAL].waiting + slow, common_room(p));
	return p->q[JOB_URGENT].waiting + common;
}

static int
choose(const struct pool *p)
{
	if (p->q[JOB_URGENT].first)
		return JOB_URGENT;
	const struct job *normal = common_room(p) ? p->q[JOB_NORMAL].first : NULL;
	const struct job *slow = slow_room(p) ? p->q[JOB_SLOW].first : NULL;
	if (normal && slow)
		return normal->ticket < slow->ticket ? JOB_NORMAL : JOB_SLOW;
	if (normal)
		return JOB_NORMAL;
	return slow ? JOB_SLOW : -1;
}

static struct job *
unlink_job(struct queue *q, struct job **at)
{
	struct job *j = *at;
	*at = j->next;
	if (!*at)
		q->last = at;
	q->waiting--;
	return j;
}

static void *
worker(void *arg)
{
	struct pool *p = arg;
	pthread_mutex_lock(&p->lock);
	for (;;) {
		int class = choose(p);
		if (class < 0 && p->ending)
			break;
		if (class < 0) {
			pthread_cond_wait(&p->work, &p->lock);
			continue;
		}
		struct queue *q = &p->q[class];
		struct job *j = unlink_job(q, &q->first);
		q->running++;
		p->busy++;
		pthread_mutex_unlock(&p->lock);
		j->run(j->arg);
		free(j);
		pthread_mutex_lock(&p->lock);
		q->running--;
		p->busy--;
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* With the lock held. A refused thread is no harm while others live: the job waits for them. */
static void
start_worker(struct pool *p)
{
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(&p->ids[p->threads], &attr, worker, p);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	if (!rc) {
		p->threads++;
		return;
	}
	log_error("pool", "start worker %zu of %zu: %s", p->threads + 1, p->most, strerror(rc));
	if (!p->threads)
		abort();
}

struct pool *
pool_new(size_t most, size_t kept_for_urgent)
{
	struct pool *p = xalloc(sizeof *p);
	p->most = most ? most : 1;
	p->kept = smaller(kept_for_urgent, p->most - 1);
	p->slow_most = p->most / 4 ? p->most / 4 : 1;
	p->ids = xalloc(p->most * sizeof *p->ids);
	for (int i = 0; i < CLASSES; i++)
		p->q[i].last = &p->q[i].first;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	return p;
}

void
pool_submit(struct pool *p, enum job_class class, void (*run)(void *), void *arg)
{
	struct job *j = xalloc(sizeof *j);
	j->run = run;
	j->arg = arg;
	pthread_mutex_lock(&p->lock);
	j->ticket = ++p->tickets;
	struct queue *q = &p->q[class];
	*q->last = j;
	q->last = &j->next;
	q->waiting++;
	if (p->threads - p->busy < runnable(p) && p->threads < p->most)
		start_worker(p);
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
}

bool
pool_withdraw(struct pool *p, void (*run)(void *), void *arg)
{
	struct job *found = NULL;
	pthread_mutex_lock(&p->lock);
	for (int i = 0; i < CLASSES && !found; i++)
		for (struct job **at = &p->q[i].first; *at; at = &(*at)->next)
			if ((*at)->run == run && (*at)->arg == arg) {
				found = unlink_job(&p->q[i], at);
				break;
			}
	pthread_mutex_unlock(&p->lock);
	free(found);
	return found != NULL;
}

size_t
pool_threads(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	size_t n = p->threads;
	pthread_mutex_unlock(&p->lock);
	return n;
}

void
pool_free(struct pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->ending = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->threads; i++)
		pthread_join(p->ids[i], NULL);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	free(p->ids);
	free(p);
}
