#include "base/cancel.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

static _Thread_local struct rcd_cancel *mine;

void rcd_cancel_init(struct rcd_cancel *c)
{
	*c = (struct rcd_cancel){.set = false};
	(void)pthread_mutex_init(&c->lock, NULL);
}

void rcd_cancel_free(struct rcd_cancel *c)
{
	(void)pthread_mutex_destroy(&c->lock);
}

void rcd_cancel_set(struct rcd_cancel *c)
{
	(void)pthread_mutex_lock(&c->lock);
	if (!c->set)
		for (struct rcd_cancel_wait *w = c->waits; w != NULL; w = w->next)
			w->wake(w->arg);
	c->set = true;
	(void)pthread_mutex_unlock(&c->lock);
}

bool rcd_cancel_is_set(struct rcd_cancel *c)
{
	bool set;

	(void)pthread_mutex_lock(&c->lock);
	set = c->set;
	(void)pthread_mutex_unlock(&c->lock);
	return set;
}

struct rcd_cancel *rcd_cancel_under(struct rcd_cancel *c)
{
	struct rcd_cancel *was = mine;

	mine = c;
	return was;
}

struct rcd_cancel *rcd_cancel_mine(void)
{
	return mine;
}

/* --- waiting ---------------------------------------------------------------------------- */

bool rcd_cancel_wait_begin(struct rcd_cancel_wait *w, void (*wake)(void *arg), void *arg)
{
	bool set;

	*w = (struct rcd_cancel_wait){.of = mine, .wake = wake, .arg = arg};
	if (w->of == NULL)
		return true;
	(void)pthread_mutex_lock(&w->of->lock);
	set = w->of->set;
	w->next = w->of->waits;
	w->prev = &w->of->waits;
	if (w->next != NULL)
		w->next->prev = &w->next;
	w->of->waits = w;
	(void)pthread_mutex_unlock(&w->of->lock);
	return !set;
}

void rcd_cancel_wait_end(struct rcd_cancel_wait *w)
{
	if (w->of == NULL)
		return;
	(void)pthread_mutex_lock(&w->of->lock);
	*w->prev = w->next;
	if (w->next != NULL)
		w->next->prev = w->prev;
	(void)pthread_mutex_unlock(&w->of->lock);
}

struct nap {
	pthread_mutex_t lock;
	pthread_cond_t woken;
	bool over;
};

static void wake(void *arg)
{
	struct nap *n = arg;

	(void)pthread_mutex_lock(&n->lock);
	n->over = true;
	(void)pthread_cond_signal(&n->woken);
	(void)pthread_mutex_unlock(&n->lock);
}

static struct timespec in_ms(int64_t ms)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += (time_t)(ms / 1000);
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

bool rcd_cancel_sleep(int64_t ms)
{
	struct nap n = {.lock = PTHREAD_MUTEX_INITIALIZER};
	struct timespec until = in_ms(ms > 0 ? ms : 0);
	struct rcd_cancel_wait w;
	pthread_condattr_t attr;
	bool slept;

	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&n.woken, &attr);
	(void)pthread_condattr_destroy(&attr);
	slept = rcd_cancel_wait_begin(&w, wake, &n);
	(void)pthread_mutex_lock(&n.lock);
	while (slept && !n.over)
		if (pthread_cond_timedwait(&n.woken, &n.lock, &until) == ETIMEDOUT)
			break;
	slept = slept && !n.over;
	(void)pthread_mutex_unlock(&n.lock);
	rcd_cancel_wait_end(&w);
	(void)pthread_cond_destroy(&n.woken);
	(void)pthread_mutex_destroy(&n.lock);
	return slept;
}
