/* Worker threads of the sandbox. */

#include "daemon/sandbox/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/queue.h>

#define MAX_THREADS 8

struct task {
	STAILQ_ENTRY(task) link;
	rcd_sb_task_fn *fn;
	void *arg;
};

struct rcd_sb_pool {
	pthread_t thread[MAX_THREADS];
	size_t n_threads, waiting, max_waiting;
	pthread_mutex_t lock;
	pthread_cond_t more;
	STAILQ_HEAD(tasks, task) queue;
	atomic_bool stopping;
};

static struct task *take_next_task(struct rcd_sb_pool *c)
{
	struct task *t;

	(void)pthread_mutex_lock(&c->lock);
	while (STAILQ_EMPTY(&c->queue) && !atomic_load(&c->stopping))
		(void)pthread_cond_wait(&c->more, &c->lock);
	t = STAILQ_FIRST(&c->queue);
	if (t != NULL) {
		STAILQ_REMOVE_HEAD(&c->queue, link);
		c->waiting--;
	}
	(void)pthread_mutex_unlock(&c->lock);
	return t;
}

static void *run_tasks(void *arg)
{
	struct rcd_sb_pool *c = arg;
	struct task *t;

	while ((t = take_next_task(c)) != NULL) {
		t->fn(t->arg, &c->stopping);
		free(t);
	}
	return NULL;
}

int rcd_sb_pool_open(struct rcd_sb_pool **out, size_t threads, size_t max_waiting,
                     struct rcd_err *err)
{
	struct rcd_sb_pool *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return rcd_fail_nomem(err);
	STAILQ_INIT(&c->queue);
	c->max_waiting = max_waiting;
	(void)pthread_mutex_init(&c->lock, NULL);
	(void)pthread_cond_init(&c->more, NULL);
	for (; c->n_threads < threads && c->n_threads < MAX_THREADS; c->n_threads++) {
		if (pthread_create(&c->thread[c->n_threads], NULL, run_tasks, c) != 0) {
			(void)rcd_sb_pool_close(c);
			return rcd_fail(err, RCD_IO, 0, "cannot start a worker thread");
		}
	}
	*out = c;
	return 0;
}

int rcd_sb_pool_add(struct rcd_sb_pool *c, rcd_sb_task_fn *fn, void *arg)
{
	struct task *t = malloc(sizeof(*t));
	int ret = -1;

	if (t == NULL)
		return -1;
	*t = (struct task){.fn = fn, .arg = arg};
	(void)pthread_mutex_lock(&c->lock);
	if (!atomic_load(&c->stopping) && c->waiting < c->max_waiting) {
		STAILQ_INSERT_TAIL(&c->queue, t, link);
		c->waiting++;
		(void)pthread_cond_signal(&c->more);
		ret = 0;
	}
	(void)pthread_mutex_unlock(&c->lock);
	if (ret != 0)
		free(t);
	return ret;
}

struct rcd_sb_pool *rcd_sb_pool_close(struct rcd_sb_pool *c)
{
	if (c == NULL)
		return NULL;
	(void)pthread_mutex_lock(&c->lock);
	atomic_store(&c->stopping, true);
	(void)pthread_cond_broadcast(&c->more);
	(void)pthread_mutex_unlock(&c->lock);
	for (size_t i = 0; i < c->n_threads; i++)
		(void)pthread_join(c->thread[i], NULL);
	(void)pthread_cond_destroy(&c->more);
	(void)pthread_mutex_destroy(&c->lock);
	free(c);
	return NULL;
}
