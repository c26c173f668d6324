/* Worker threads: up to `most`, started when needed, some kept for urgent work, at most a quarter
 * lent to devices that already timed out. Knows jobs, not devices. */
#ifndef TD_POOL_H
#define TD_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

enum job_class { JOB_NORMAL, JOB_URGENT, JOB_SLOW };

struct pool *pool_new(size_t most, size_t kept_for_urgent);
/* Runs job(arg) on a worker as soon as one is free for its class; keeps order within a class. */
void pool_submit(struct pool *p, enum job_class class, void (*job)(void *), void *arg);
/* Takes back a job that no worker has begun; false: it runs or has ended. */
bool pool_withdraw(struct pool *p, void (*job)(void *), void *arg);
/* Waits for running jobs to end (their owner cancels them first) and frees. */
void pool_free(struct pool *p);
size_t pool_threads(struct pool *p);

#endif
